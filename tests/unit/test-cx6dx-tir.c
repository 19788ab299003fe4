/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the life of a TIR and what it holds
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/tir.h"

#define CREATE_BYTES (CX6DX_create_obj_in_BYTES + CX6DX_tirc_BYTES)
#define MODIFY_BYTES (CX6DX_modify_obj_in_BYTES + CX6DX_tirc_BYTES)

typedef struct Rig {
    Cx6dxFake *fake;
    uint32_t rqn, rqtn;
} Rig;

static Rig rig_new(void)
{
    Rig rig = { .fake = cx6dx_fake_new() };
    Cx6dxFakeQueue eq, cq;

    cx6dx_fake_start(rig.fake);
    eq = cx6dx_fake_eq(rig.fake, 4, 1, 0);
    cq = cx6dx_fake_cq(rig.fake, 4, eq.number);
    rig.rqn = cx6dx_fake_rq(rig.fake, 2, 4, cq.number).number;
    rig.rqtn = cx6dx_fake_rqt(rig.fake, &rig.rqn, 1);
    return rig;
}

static const Cx6dxTir *get(Rig *rig, uint32_t tirn)
{
    return (Cx6dxTir *)cx6dx_obj_get(&rig->fake->nic.tirs, tirn);
}

static void test_life(void)
{
    Rig rig = rig_new();
    uint32_t direct = cx6dx_fake_tir(rig.fake, rig.rqn, 0, false);
    uint32_t indirect = cx6dx_fake_tir(rig.fake, 0, rig.rqtn, true);

    g_assert_null(get(&rig, direct)->tls);
    g_assert_nonnull(get(&rig, indirect)->tls);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_RQT,
                                      rig.rqtn), ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_TIR,
                                      indirect), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_RQT,
                                      rig.rqtn), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_RQ,
                                      rig.rqn), ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake,
                                      CX6DX_CMD_DEALLOC_TRANSPORT_DOMAIN,
                                      rig.fake->tdn), ==,
                    CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_TIR,
                                      direct), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_RQ,
                                      rig.rqn), ==, CX6DX_STATUS_OK);
    cx6dx_fake_free(rig.fake);
}

static void test_refused(void)
{
    Rig rig = rig_new();
    uint8_t in[CREATE_BYTES];
    uint8_t *tirc = in + CX6DX_create_obj_in_BYTES;

#define REFUSED(change, status)                                         \
    do {                                                                \
        memset(in, 0, sizeof(in));                                      \
        CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_TIR);            \
        CX6DX_SET(tirc, tirc, disp_type, CX6DX_TIR_INDIRECT);           \
        CX6DX_SET(tirc, tirc, indirect_table, rig.rqtn);                \
        CX6DX_SET(tirc, tirc, transport_domain, rig.fake->tdn);         \
        change;                                                         \
        g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), \
                        ==, status);                                    \
        g_assert_cmpuint(rig.fake->nic.tirs.used, ==, 0);               \
    } while (0)
    REFUSED(CX6DX_SET(tirc, tirc, disp_type, 2), CX6DX_STATUS_BAD_PARAM);
    REFUSED(CX6DX_SET(tirc, tirc, disp_type, 0), CX6DX_STATUS_BAD_RES);
    REFUSED(CX6DX_SET(tirc, tirc, indirect_table, 999), CX6DX_STATUS_BAD_RES);
    REFUSED(CX6DX_SET(tirc, tirc, transport_domain, 0), CX6DX_STATUS_BAD_RES);
    REFUSED(CX6DX_SET(tirc, tirc, rx_hash_fn, 3), CX6DX_STATUS_BAD_PARAM);
    REFUSED(CX6DX_SET(tirc, tirc, selected_fields, 0x20),
            CX6DX_STATUS_BAD_PARAM);
    REFUSED(CX6DX_SET(tirc, tirc, packet_merge_mask, 4),
            CX6DX_STATUS_BAD_PARAM);
    REFUSED(CX6DX_SET(tirc, tirc, tunneled_offload_en, 1),
            CX6DX_STATUS_BAD_PARAM);
#undef REFUSED
    /* what mlx5 asks for in the TIRs of ESP: addresses and SPI */
    CX6DX_SET(tirc, tirc, tunneled_offload_en, 0);
    CX6DX_SET(tirc, tirc, rx_hash_fn, CX6DX_HASH_TOEPLITZ);
    CX6DX_SET(tirc, tirc, selected_fields, 0x13);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_OK);
    cx6dx_fake_free(rig.fake);
}

static uint8_t modify(Rig *rig, uint32_t tirn, uint32_t bits, uint8_t fn)
{
    uint8_t in[MODIFY_BYTES] = { 0 };
    uint8_t *tirc = in + CX6DX_modify_obj_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_TIR);
    CX6DX_SET(modify_obj_in, in, number, tirn);
    CX6DX_SET(modify_obj_in, in, modify_bitmask_l, bits);
    CX6DX_SET(tirc, tirc, self_lb_block, 3);
    CX6DX_SET(tirc, tirc, rx_hash_fn, fn);
    CX6DX_SET(tirc, tirc, rx_hash_symmetric, 1);
    CX6DX_SET(tirc, tirc, selected_fields,
              CX6DX_HASH_SRC_IP | CX6DX_HASH_DST_IP);
    memset(CX6DX_AREA(tirc, tirc, rx_hash_toeplitz_key), 0x6d, 40);
    return cx6dx_fake_cmd(rig->fake, in, sizeof(in), NULL, 16);
}

static void test_modify(void)
{
    Rig rig = rig_new();
    uint32_t tirn = cx6dx_fake_tir(rig.fake, 0, rig.rqtn, false);

    g_assert_cmphex(modify(&rig, tirn, CX6DX_MODIFY_TIR_SELF_LB, 2), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(get(&rig, tirn)->self_lb_block, ==, 3);
    g_assert_cmpuint(get(&rig, tirn)->hash.fn, ==, CX6DX_HASH_INVERTED_XOR8);
    g_assert_cmphex(modify(&rig, tirn, CX6DX_MODIFY_TIR_HASH, 2), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(get(&rig, tirn)->hash.fn, ==, CX6DX_HASH_TOEPLITZ);
    g_assert_cmpuint(get(&rig, tirn)->hash.key[39], ==, 0x6d);
    g_assert_true(get(&rig, tirn)->hash.symmetric);
    g_assert_cmphex(modify(&rig, tirn, CX6DX_MODIFY_TIR_HASH, 9), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(modify(&rig, tirn, 1 << 9, 0), ==, CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(modify(&rig, 4000, CX6DX_MODIFY_TIR_SELF_LB, 0), ==,
                    CX6DX_STATUS_BAD_RES);
    cx6dx_fake_free(rig.fake);
}

static void test_merge(void)
{
    uint8_t in[MODIFY_BYTES] = { 0 };
    uint8_t *tirc = in + CX6DX_modify_obj_in_BYTES;
    Rig rig = rig_new();
    uint32_t tirn = cx6dx_fake_tir(rig.fake, 0, rig.rqtn, false);

    g_assert_cmpuint(get(&rig, tirn)->lro_mask, ==, 0);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_TIR);
    CX6DX_SET(modify_obj_in, in, number, tirn);
    CX6DX_SET(modify_obj_in, in, modify_bitmask_l,
              CX6DX_MODIFY_TIR_PACKET_MERGE);
    CX6DX_SET(tirc, tirc, packet_merge_mask, CX6DX_LRO_IPV6);
    CX6DX_SET(tirc, tirc, lro_timeout_period_usecs, 32);
    CX6DX_SET(tirc, tirc, lro_max_ip_payload_size, 255);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(get(&rig, tirn)->lro_mask, ==, CX6DX_LRO_IPV6);
    g_assert_cmpuint(get(&rig, tirn)->lro_timeout_us, ==, 32);
    g_assert_cmpuint(get(&rig, tirn)->lro_max_ip_payload, ==, 65280);
    CX6DX_SET(tirc, tirc, packet_merge_mask, 8);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmpuint(get(&rig, tirn)->lro_mask, ==, CX6DX_LRO_IPV6);
    cx6dx_fake_free(rig.fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/tir/life", test_life);
    g_test_add_func("/cx6dx/tir/refused", test_refused);
    g_test_add_func("/cx6dx/tir/modify", test_modify);
    g_test_add_func("/cx6dx/tir/merge", test_merge);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the life of a TIS
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/tis.h"

#define IN_BYTES (CX6DX_create_obj_in_BYTES + CX6DX_tisc_BYTES)

static void fill(Cx6dxFake *fake, uint8_t in[IN_BYTES], bool tls)
{
    uint8_t *tisc = in + CX6DX_create_obj_in_BYTES;

    memset(in, 0, IN_BYTES);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_TIS);
    CX6DX_SET(tisc, tisc, tls_en, tls);
    CX6DX_SET(tisc, tisc, transport_domain, fake->tdn);
    CX6DX_SET(tisc, tisc, pd, fake->pdn);
}

static void test_life(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint32_t plain, tls, sqn;
    const Cx6dxTis *tis;
    Cx6dxFakeQueue eq, cq;

    cx6dx_fake_start(fake);
    plain = cx6dx_fake_tis(fake, false);
    tls = cx6dx_fake_tis(fake, true);
    tis = (Cx6dxTis *)cx6dx_obj_get(&fake->nic.tises, plain);
    g_assert_null(tis->tls);
    tis = (Cx6dxTis *)cx6dx_obj_get(&fake->nic.tises, tls);
    g_assert_nonnull(tis->tls);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DEALLOC_TRANSPORT_DOMAIN,
                                      fake->tdn), ==, CX6DX_STATUS_RES_BUSY);

    eq = cx6dx_fake_eq(fake, 4, 1, 0);
    cq = cx6dx_fake_cq(fake, 4, eq.number);
    sqn = cx6dx_fake_sq(fake, 4, cq.number, plain).number;
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_TIS, plain), ==,
                    CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_SQ, sqn), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_TIS, plain), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_TIS, tls), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DEALLOC_TRANSPORT_DOMAIN,
                                      fake->tdn), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_TIS, tls), ==,
                    CX6DX_STATUS_BAD_RES);
    cx6dx_fake_free(fake);
}

static void test_refused(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[IN_BYTES];
    uint8_t *tisc = in + CX6DX_create_obj_in_BYTES;

    cx6dx_fake_start(fake);
    fill(fake, in, false);
    CX6DX_SET(tisc, tisc, transport_domain, 0);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, IN_BYTES, NULL, 16), ==,
                    CX6DX_STATUS_BAD_RES);
    fill(fake, in, true);
    CX6DX_SET(tisc, tisc, pd, 77);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, IN_BYTES, NULL, 16), ==,
                    CX6DX_STATUS_BAD_RES);
    /* the PD counts with TLS only */
    CX6DX_SET(tisc, tisc, tls_en, 0);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, IN_BYTES, NULL, 16), ==,
                    CX6DX_STATUS_OK);
    cx6dx_fake_free(fake);
}

static void test_off_without_tls(void)
{
    Cx6dxNicParams params;
    Cx6dxFake *fake;
    uint8_t in[IN_BYTES];

    cx6dx_fake_params(&params);
    params.tls_tx = false;
    fake = cx6dx_fake_new_with(&params);
    cx6dx_fake_start(fake);
    fill(fake, in, true);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, IN_BYTES, NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/tis/life", test_life);
    g_test_add_func("/cx6dx/tis/refused", test_refused);
    g_test_add_func("/cx6dx/tis/off-without-tls", test_off_without_tls);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of temperature, beacon, PCIe counters and the vNIC environment
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-reg.h"

#define ENV_OUT CX6DX_query_vnic_env_out_BYTES

static void test_temperature(void)
{
    uint8_t mtcap[CX6DX_mtcap_reg_BYTES] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MTCAP, false, mtcap,
                                   sizeof(mtcap)), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(mtcap[3], ==, 1);          /* one sensor, */
    g_assert_cmphex(mtcap[15], ==, 1);          /* number 0 */
    for (int write = 0; write < 2; write++) {
        uint8_t mtmp[CX6DX_mtmp_reg_BYTES] = { 0 };

        CX6DX_SET(mtmp_reg, mtmp, mte, 1);
        g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MTMP, write, mtmp,
                                       sizeof(mtmp)), ==, CX6DX_STATUS_OK);
        g_assert_cmphex(cx6dx_prm_load(mtmp + 4), ==, 55 * 8);
        g_assert_cmphex(cx6dx_prm_load(mtmp + 8) & 0xffff, ==, 55 * 8);
        g_assert_cmphex(cx6dx_prm_load(mtmp + 0xc), ==, 105 * 8);
        g_assert_cmpmem(mtmp + 0x18, 8, "asic\0\0\0", 8);
        /* the cable has no sensor */
        memset(mtmp, 0, sizeof(mtmp));
        CX6DX_SET(mtmp_reg, mtmp, sensor_index, 64);
        g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MTMP, write, mtmp,
                                       sizeof(mtmp)), ==, CX6DX_STATUS_OK);
        g_assert_cmphex(cx6dx_prm_load(mtmp + 4), ==, 0);
        CX6DX_SET(mtmp_reg, mtmp, sensor_index, 1);
        g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MTMP, write, mtmp,
                                       sizeof(mtmp)), ==,
                        CX6DX_STATUS_BAD_PARAM);
    }
    cx6dx_fake_free(fake);
}

static void test_beacon_and_pcie(void)
{
    uint8_t mlcr[CX6DX_mlcr_reg_BYTES] = { 0, 1, 0, 0, 0, 0, 0, 7 };
    uint8_t mpcnt[CX6DX_mpcnt_reg_BYTES] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MLCR, true, mlcr,
                                   sizeof(mlcr)), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MPCNT, false, mpcnt,
                                   sizeof(mpcnt)), ==, CX6DX_STATUS_OK);
    g_assert_true(g_str_equal((char *)mpcnt, ""));
    mpcnt[3] = 2;               /* a group that there is not */
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MPCNT, false, mpcnt,
                                   sizeof(mpcnt)), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

static uint8_t env(Cx6dxFake *fake, uint16_t vport, uint8_t out[ENV_OUT])
{
    uint8_t in[16] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_VNIC_ENV);
    CX6DX_SET(query_vnic_env_in, in, vport_number, vport);
    return cx6dx_fake_cmd(fake, in, sizeof(in), out, ENV_OUT);
}

static void test_vnic_env(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxFakeQueue eq, cq, sq;
    uint8_t out[ENV_OUT];
    uint32_t before;

    cx6dx_fake_start(fake);
    g_assert_cmphex(env(fake, 0, out), ==, CX6DX_STATUS_OK);
    before = cx6dx_prm_load(out + 0x44);
    g_assert_cmpuint(cx6dx_prm_load(out + 0x14), ==, 0);
    fake->nic.stats.rx_steering_drops = 0x100000002;
    eq = cx6dx_fake_eq(fake, 6, 1, 0);
    cq = cx6dx_fake_cq(fake, 6, eq.number);
    sq = cx6dx_fake_sq(fake, 6, cq.number, cx6dx_fake_tis(fake, false));
    for (uint8_t state = CX6DX_QUEUE_RST; state != CX6DX_QUEUE_ERR;) {
        uint8_t next = state == CX6DX_QUEUE_RST ? CX6DX_QUEUE_RDY
                                                : CX6DX_QUEUE_ERR;

        g_assert_cmphex(cx6dx_fake_modify_queue(fake, CX6DX_CMD_MODIFY_SQ,
                                                sq.number, state, next), ==,
                        CX6DX_STATUS_OK);
        state = next;
    }
    cx6dx_fake_simple(fake, 0x7ff, 0);
    cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_TIS, 77);
    g_assert_cmphex(env(fake, 0, out), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(cx6dx_prm_load(out + 0x14), ==, 1);    /* error queues */
    g_assert_cmphex(cx6dx_prm_load(out + 0x20), ==, 1);     /* no rule */
    g_assert_cmphex(cx6dx_prm_load(out + 0x24), ==, 2);
    g_assert_cmpuint(cx6dx_prm_load(out + 0x44), ==, before + 2);
    g_assert_cmphex(env(fake, 1, out), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/diag/temperature", test_temperature);
    g_test_add_func("/cx6dx/diag/beacon-and-pcie", test_beacon_and_pcie);
    g_test_add_func("/cx6dx/diag/vnic-environment", test_vnic_env);
    return g_test_run();
}

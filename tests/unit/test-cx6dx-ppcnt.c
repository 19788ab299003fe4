/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the counters of the physical port; offsets are those of the
 * kernel's header, not of the layouts that wrote them
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"

enum { HEAD = 0x10, SET = 0x18, BYTES = CX6DX_ppcnt_reg_BYTES };

static uint8_t query(Cx6dxFake *fake, uint32_t group, uint32_t prio,
                     uint8_t out[HEAD + BYTES])
{
    uint8_t in[HEAD + BYTES] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ACCESS_REG);
    CX6DX_SET(access_register_in, in, op_mod, CX6DX_REG_READ);
    CX6DX_SET(access_register_in, in, register_id, CX6DX_REG_PPCNT);
    CX6DX_SET(ppcnt_reg, in + HEAD, local_port, 1);
    CX6DX_SET(ppcnt_reg, in + HEAD, grp, group);
    CX6DX_SET(ppcnt_reg, in + HEAD, prio_tc, prio);
    return cx6dx_fake_cmd(fake, in, sizeof(in), out, HEAD + BYTES);
}

static uint64_t counter(Cx6dxFake *fake, uint32_t group, uint32_t prio,
                        unsigned offset)
{
    uint8_t out[HEAD + BYTES];

    g_assert_cmphex(query(fake, group, prio, out), ==, CX6DX_STATUS_OK);
    return (uint64_t)cx6dx_prm_load(out + SET + offset) << 32 |
           cx6dx_prm_load(out + SET + offset + 4);
}

static void receive(Cx6dxFake *fake, size_t len, int prio)
{
    uint8_t buf[10240] = { 2 };

    if (prio >= 0) {
        buf[12] = 0x81;
        buf[14] = prio << 5;
    }
    cx6dx_nic_receive(&fake->nic, buf, len);
}

/* The last length of each class and the first of the next; without FCS */
static void test_sizes(void)
{
    static const uint16_t last[] = { 60, 123, 251, 507, 1019, 1514, 2043, 4091,
                                     8187 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    receive(fake, 14, -1);
    for (unsigned i = 0; i < ARRAY_SIZE(last); i++) {
        receive(fake, last[i], -1);
        receive(fake, last[i] + 1, -1);
        g_assert_cmpuint(counter(fake, 2, 0, 0x58 + 8 * i), ==, 2);
        g_assert_cmpuint(counter(fake, 2, 0, 0x60 + 8 * i), ==, 1);
    }
    g_assert_cmpuint(counter(fake, 2, 0, 0x10), ==, 19);
    cx6dx_fake_free(fake);
}

static void test_priorities(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t out[HEAD + BYTES], buf[100] = { 2 };

    cx6dx_fake_start(fake);
    receive(fake, 100, -1);
    for (int prio = 0; prio < 8; prio++) {
        for (int n = 0; n <= prio; n++) {
            receive(fake, 200, prio);
        }
        buf[12] = 0x81;
        buf[14] = prio << 5;
        cx6dx_ppcnt_tx(&fake->nic, buf, sizeof(buf));
    }
    for (uint32_t prio = 0; prio < 8; prio++) {
        g_assert_cmpuint(counter(fake, 0x10, prio, 0x20), ==,
                         prio + 1 + (prio == 0));
        g_assert_cmpuint(counter(fake, 0x10, prio, 0x00), ==,
                         (prio + 1) * 204 + (prio == 0 ? 104 : 0));
        g_assert_cmpuint(counter(fake, 0x10, prio, 0x48), ==, 1);
        g_assert_cmpuint(counter(fake, 0x10, prio, 0x28), ==, 104);
    }
    g_assert_cmphex(query(fake, 0x10, 8, out), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

static void test_interface(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxStats *stats = &fake->nic.stats;

    cx6dx_fake_start(fake);
    stats->rx_frames = 100;
    stats->rx_bytes = 0x100000000;
    stats->rx_multicast_frames = 20;
    stats->rx_broadcast_frames = 30;
    stats->tx_frames = 7;
    stats->tx_bytes = 700;
    stats->tx_multicast_frames = 2;
    stats->tx_broadcast_frames = 1;
    stats->rx_oversize = 3;
    stats->tx_dropped = 4;
    g_assert_cmpuint(counter(fake, 1, 0, 0x00), ==, 0x100000000 + 400);
    g_assert_cmpuint(counter(fake, 1, 0, 0x08), ==, 50);
    g_assert_cmpuint(counter(fake, 1, 0, 0x18), ==, 3);
    g_assert_cmpuint(counter(fake, 1, 0, 0x28), ==, 728);
    g_assert_cmpuint(counter(fake, 1, 0, 0x30), ==, 4);
    g_assert_cmpuint(counter(fake, 1, 0, 0x40), ==, 4);
    g_assert_cmpuint(counter(fake, 1, 0, 0x48), ==, 20);
    g_assert_cmpuint(counter(fake, 1, 0, 0x60), ==, 1);
    cx6dx_fake_free(fake);
}

static void test_link_downs(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t out[HEAD + BYTES];

    cx6dx_fake_start(fake);
    for (unsigned i = 0; i < 3; i++) {
        cx6dx_port_set_backend(&fake->nic, false);
        cx6dx_port_set_backend(&fake->nic, true);
    }
    g_assert_cmphex(query(fake, 0x12, 0, out), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(cx6dx_prm_load(out + SET + 0xc0), ==, 3);
    g_assert_cmphex(query(fake, 0x3f, 0, out), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_nic_reset(&fake->nic);
    g_assert_cmpuint(fake->nic.ppcnt.link_downs, ==, 0);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/ppcnt/sizes", test_sizes);
    g_test_add_func("/cx6dx/ppcnt/priorities", test_priorities);
    g_test_add_func("/cx6dx/ppcnt/interface", test_interface);
    g_test_add_func("/cx6dx/ppcnt/link-downs", test_link_downs);
    return g_test_run();
}

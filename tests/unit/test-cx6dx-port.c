/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the port: registers, link events, vport context, counters
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"

#define REG_OFF 0x10

static uint8_t reg(Cx6dxFake *fake, uint16_t id, bool write, uint8_t *data,
                   uint32_t bytes)
{
    uint8_t in[REG_OFF + 0x100] = { 0 }, out[REG_OFF + 0x100];
    uint8_t status;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ACCESS_REG);
    CX6DX_SET(access_register_in, in, op_mod,
              write ? CX6DX_REG_WRITE : CX6DX_REG_READ);
    CX6DX_SET(access_register_in, in, register_id, id);
    memcpy(in + REG_OFF, data, bytes);
    status = cx6dx_fake_cmd(fake, in, REG_OFF + bytes, out, REG_OFF + bytes);
    memcpy(data, out + REG_OFF, bytes);
    return status;
}

static uint8_t vport_state(Cx6dxFake *fake)
{
    uint8_t in[16] = { 0 }, out[16];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_VPORT_STATE);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, 16), ==, CX6DX_STATUS_OK);
    return CX6DX_GET(query_vport_state_out, out, state);
}

static void admin(Cx6dxFake *fake, uint8_t status)
{
    uint8_t paos[CX6DX_paos_reg_BYTES] = { 0 };

    CX6DX_SET(paos_reg, paos, local_port, 1);
    CX6DX_SET(paos_reg, paos, admin_status, status);
    CX6DX_SET(paos_reg, paos, ase, 1);
    g_assert_cmphex(reg(fake, CX6DX_REG_PAOS, true, paos, sizeof(paos)), ==,
                    CX6DX_STATUS_OK);
}

/* Sub-types of the events on the queue from `*ci` on; 0 when there is none */
static uint8_t next_event(Cx6dxFake *fake, const Cx6dxFakeQueue *eq,
                          uint32_t *ci)
{
    const uint8_t *eqe = cx6dx_fake_ptr(fake, eq->buf + *ci * CX6DX_eqe_BYTES);

    if (CX6DX_GET(eqe, eqe, owner)) {
        return 0;
    }
    (*ci)++;
    return CX6DX_GET(eqe, eqe, sub_type);
}

/* The link is up when both sides want it, and only changes are reported */
static void test_link(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxNic *nic = &fake->nic;
    Cx6dxFakeQueue eq;
    uint32_t ci = 0;

    cx6dx_fake_start(fake);
    eq = cx6dx_fake_eq(fake, 6, 1, 1ull << CX6DX_EVENT_PORT_CHANGE);
    g_assert_cmpuint(vport_state(fake), ==, CX6DX_VPORT_STATE_UP);
    cx6dx_port_set_backend(nic, true);
    g_assert_cmpuint(next_event(fake, &eq, &ci), ==, 0);
    cx6dx_port_set_backend(nic, false);
    g_assert_cmpuint(next_event(fake, &eq, &ci), ==, CX6DX_EVENT_PORT_DOWN);
    g_assert_cmpuint(vport_state(fake), ==, CX6DX_VPORT_STATE_DOWN);
    admin(fake, CX6DX_PORT_DOWN);
    cx6dx_port_set_backend(nic, true);
    g_assert_cmpuint(next_event(fake, &eq, &ci), ==, 0);
    g_assert_cmpuint(vport_state(fake), ==, CX6DX_VPORT_STATE_DOWN);
    admin(fake, CX6DX_PORT_UP);
    g_assert_cmpuint(next_event(fake, &eq, &ci), ==, CX6DX_EVENT_PORT_ACTIVE);
    g_assert_cmpuint(vport_state(fake), ==, CX6DX_VPORT_STATE_UP);
    /* the backend's link is not the guest's to reset */
    cx6dx_port_set_backend(nic, false);
    cx6dx_nic_reset(nic);
    g_assert_false(cx6dx_port_up(nic));
    cx6dx_port_set_backend(nic, true);
    g_assert_true(cx6dx_port_up(nic));
    cx6dx_fake_free(fake);
}

static void test_mtu(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t pmtu[CX6DX_pmtu_reg_BYTES] = { 0 };

    cx6dx_fake_start(fake);
    g_assert_cmphex(reg(fake, CX6DX_REG_PMTU, false, pmtu, sizeof(pmtu)), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(pmtu_reg, pmtu, max_mtu), ==, 10000);
    g_assert_cmpuint(CX6DX_GET(pmtu_reg, pmtu, oper_mtu), ==, 1522);
    CX6DX_SET(pmtu_reg, pmtu, admin_mtu, 9022);
    g_assert_cmphex(reg(fake, CX6DX_REG_PMTU, true, pmtu, sizeof(pmtu)), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(pmtu_reg, pmtu, oper_mtu), ==, 9022);
    g_assert_cmpuint(fake->nic.port.mtu, ==, 9022);
    CX6DX_SET(pmtu_reg, pmtu, admin_mtu, 10001);
    g_assert_cmphex(reg(fake, CX6DX_REG_PMTU, true, pmtu, sizeof(pmtu)), ==,
                    CX6DX_STATUS_BAD_PARAM);
    memset(pmtu, 0, sizeof(pmtu));
    g_assert_cmphex(reg(fake, CX6DX_REG_PMTU, true, pmtu, sizeof(pmtu)), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmpuint(fake->nic.port.mtu, ==, 9022);
    cx6dx_fake_free(fake);
}

/* One mode for each speed that has one; the rate in any case */
static void test_speeds(void)
{
    static const struct { uint32_t mbps; uint32_t mode; } cases[] = {
        { 1000, 1u << 0 }, { 10000, 1u << 12 }, { 25000, 1u << 27 },
        { 40000, 1u << 6 }, { 50000, 1u << 30 }, { 100000, 1u << 20 },
        { 200000, 0 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint8_t ptys[CX6DX_ptys_reg_BYTES] = { 0 };
        Cx6dxNicParams params;
        Cx6dxFake *fake;

        cx6dx_fake_params(&params);
        params.timing.link_mbps = cases[i].mbps;
        fake = cx6dx_fake_new_with(&params);
        cx6dx_fake_start(fake);
        g_assert_cmphex(reg(fake, CX6DX_REG_PTYS, false, ptys, sizeof(ptys)),
                        ==, CX6DX_STATUS_OK);
        g_assert_cmphex(CX6DX_GET(ptys_reg, ptys, eth_proto_capability), ==,
                        cases[i].mode);
        g_assert_cmphex(CX6DX_GET(ptys_reg, ptys, eth_proto_oper), ==,
                        cases[i].mode);
        g_assert_cmpuint(CX6DX_GET(ptys_reg, ptys, data_rate_oper) * 100, ==,
                         cases[i].mbps);
        /* what it is may be asked for */
        g_assert_cmphex(reg(fake, CX6DX_REG_PTYS, true, ptys, sizeof(ptys)), ==,
                        CX6DX_STATUS_OK);
        cx6dx_fake_free(fake);
    }
}

/* Negotiation can be switched off; the one mode stays what it was */
static void test_negotiation(void)
{
    uint8_t ptys[CX6DX_ptys_reg_BYTES] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    reg(fake, CX6DX_REG_PTYS, false, ptys, sizeof(ptys));
    g_assert_true(CX6DX_GET(ptys_reg, ptys, an_disable_cap));
    g_assert_false(CX6DX_GET(ptys_reg, ptys, an_disable_admin));
    g_assert_cmpuint(CX6DX_GET(ptys_reg, ptys, an_status), ==, 1);
    for (int off = 1; off >= 0; off--) {
        CX6DX_SET(ptys_reg, ptys, an_disable_admin, off);
        g_assert_cmphex(reg(fake, CX6DX_REG_PTYS, true, ptys, sizeof(ptys)), ==,
                        CX6DX_STATUS_OK);
        memset(ptys, 0, sizeof(ptys));
        reg(fake, CX6DX_REG_PTYS, false, ptys, sizeof(ptys));
        g_assert_cmpint(CX6DX_GET(ptys_reg, ptys, an_disable_admin), ==, off);
        g_assert_cmpuint(CX6DX_GET(ptys_reg, ptys, an_status), ==,
                         off ? 3 : 1);
        g_assert_cmphex(CX6DX_GET(ptys_reg, ptys, eth_proto_oper), ==,
                        1u << 20);
    }
    /* what is refused changes nothing */
    CX6DX_SET(ptys_reg, ptys, an_disable_admin, 1);
    CX6DX_SET(ptys_reg, ptys, eth_proto_admin, 1u << 27);
    g_assert_cmphex(reg(fake, CX6DX_REG_PTYS, true, ptys, sizeof(ptys)), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_false(fake->nic.port.an_disabled);
    cx6dx_fake_free(fake);
}

/* A port as it comes from the factory pauses and lets itself be paused */
static void test_pause_default(void)
{
    uint8_t pfcc[CX6DX_pfcc_reg_BYTES] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();

    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_ENABLE_HCA, 0), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(reg(fake, CX6DX_REG_PFCC, false, pfcc, sizeof(pfcc)), ==,
                    CX6DX_STATUS_OK);
    g_assert_true(CX6DX_GET(pfcc_reg, pfcc, pptx));
    g_assert_true(CX6DX_GET(pfcc_reg, pfcc, pprx));
    cx6dx_fake_free(fake);
}

static uint8_t set_list(Cx6dxFake *fake, uint8_t type, unsigned n,
                        uint32_t in_bytes)
{
    uint8_t in[0x200 + 129 * 8] = { 0 };
    uint8_t *ctx = in + CX6DX_modify_nic_vport_context_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_NIC_VPORT_CONTEXT);
    CX6DX_SET(modify_nic_vport_context_in, in, addresses_list, 1);
    CX6DX_SET(nic_vport_context, ctx, allowed_list_type, type);
    CX6DX_SET(nic_vport_context, ctx, allowed_list_size, n);
    for (unsigned i = 0; i < MIN(n, 129); i++) {
        uint8_t *mac = in + 0x200 + i * 8;

        mac[2] = 2;
        mac[7] = i;
    }
    return cx6dx_fake_cmd(fake, in, in_bytes, NULL, 16);
}

static void test_unicast_list(void)
{
    static const uint8_t first[6] = { 2, 0, 0, 0, 0, 0 };
    static const uint8_t last[6] = { 2, 0, 0, 0, 0, 127 };
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxNic *nic = &fake->nic;

    cx6dx_fake_start(fake);
    g_assert_false(cx6dx_port_owns(nic, first));
    g_assert_cmphex(set_list(fake, CX6DX_VPORT_LIST_UC, 128, 0x200 + 128 * 8),
                    ==, CX6DX_STATUS_OK);
    g_assert_true(cx6dx_port_owns(nic, first));
    g_assert_true(cx6dx_port_owns(nic, last));
    /* one too many, and more than the command holds: the old list stays */
    g_assert_cmphex(set_list(fake, CX6DX_VPORT_LIST_UC, 129, 0x200 + 129 * 8),
                    ==, CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(set_list(fake, CX6DX_VPORT_LIST_UC, 2, 0x200 + 8), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_true(cx6dx_port_owns(nic, last));
    g_assert_cmphex(set_list(fake, CX6DX_VPORT_LIST_MC, 0, 0x200), ==,
                    CX6DX_STATUS_OK);
    g_assert_true(cx6dx_port_owns(nic, last));
    g_assert_cmphex(set_list(fake, CX6DX_VPORT_LIST_UC, 1, 0x200 + 8), ==,
                    CX6DX_STATUS_OK);
    g_assert_true(cx6dx_port_owns(nic, first));
    g_assert_false(cx6dx_port_owns(nic, last));
    cx6dx_nic_reset(nic);
    g_assert_false(cx6dx_port_owns(nic, first));
    cx6dx_fake_free(fake);
}

static void test_other_registers(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t ptys[CX6DX_ptys_reg_BYTES] = { 0 };
    uint8_t pfcc[CX6DX_pfcc_reg_BYTES] = { 0 };
    uint8_t pmlp[CX6DX_pmlp_reg_BYTES] = { 0 };
    uint8_t he[16] = { 0 };

    cx6dx_fake_start(fake);
    g_assert_cmphex(reg(fake, CX6DX_REG_HOST_ENDIANNESS, true, he, 16), ==,
                    CX6DX_STATUS_OK);
    CX6DX_SET(ptys_reg, ptys, local_port, 1);
    CX6DX_SET(ptys_reg, ptys, proto_mask, CX6DX_PTYS_PROTO_ETH);
    g_assert_cmphex(reg(fake, CX6DX_REG_PTYS, false, ptys, sizeof(ptys)), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(CX6DX_GET(ptys_reg, ptys, eth_proto_oper), ==, 1 << 20);
    g_assert_cmpuint(CX6DX_GET(ptys_reg, ptys, local_port), ==, 1);
    cx6dx_port_set_backend(&fake->nic, false);
    reg(fake, CX6DX_REG_PTYS, false, ptys, sizeof(ptys));
    g_assert_cmphex(CX6DX_GET(ptys_reg, ptys, eth_proto_oper), ==, 0);
    CX6DX_SET(ptys_reg, ptys, eth_proto_admin, 1 << 27);
    g_assert_cmphex(reg(fake, CX6DX_REG_PTYS, true, ptys, sizeof(ptys)), ==,
                    CX6DX_STATUS_BAD_PARAM);

    CX6DX_SET(pfcc_reg, pfcc, pprx, 1);
    g_assert_cmphex(reg(fake, CX6DX_REG_PFCC, true, pfcc, sizeof(pfcc)), ==,
                    CX6DX_STATUS_OK);
    memset(pfcc, 0, sizeof(pfcc));
    g_assert_cmphex(reg(fake, CX6DX_REG_PFCC, false, pfcc, sizeof(pfcc)), ==,
                    CX6DX_STATUS_OK);
    g_assert_true(CX6DX_GET(pfcc_reg, pfcc, pprx));
    g_assert_false(CX6DX_GET(pfcc_reg, pfcc, pptx));
    g_assert_cmphex(reg(fake, CX6DX_REG_PMLP, false, pmlp, sizeof(pmlp)), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(pmlp_reg, pmlp, width), ==, 4);

    /* unknown ones, and data that are too short */
    g_assert_cmphex(reg(fake, 0xc00e, false, he, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_UNKNOWN_REGISTER);
    g_assert_cmphex(reg(fake, CX6DX_REG_PTYS, false, ptys, 0x3f), ==,
                    CX6DX_STATUS_BAD_INP_LEN);
    cx6dx_fake_free(fake);
}

static void test_vport_context(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[0x200] = { 0 }, query[16] = { 0 }, out[0x110];
    uint8_t *ctx = in + 0x100;
    static const uint8_t mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

    cx6dx_fake_start(fake);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_NIC_VPORT_CONTEXT);
    CX6DX_SET(modify_nic_vport_context_in, in, mtu, 1);
    CX6DX_SET(modify_nic_vport_context_in, in, promisc, 1);
    CX6DX_SET(nic_vport_context, ctx, mtu, 4022);
    CX6DX_SET(nic_vport_context, ctx, promisc_all, 1);
    CX6DX_SET(nic_vport_context, ctx, disable_uc_local_lb, 1);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_OK);
    CX6DX_SET(cmd_in, query, opcode, CX6DX_CMD_QUERY_NIC_VPORT_CONTEXT);
    g_assert_cmphex(cx6dx_fake_cmd(fake, query, 16, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    ctx = out + 0x10;
    g_assert_cmpuint(CX6DX_GET(nic_vport_context, ctx, mtu), ==, 4022);
    g_assert_true(CX6DX_GET(nic_vport_context, ctx, promisc_all));
    g_assert_false(CX6DX_GET(nic_vport_context, ctx, disable_uc_local_lb));
    g_assert_cmpuint(CX6DX_GET(nic_vport_context, ctx, sd_group), ==, 0);
    g_assert_cmpmem(ctx + 0xf6, 6, mac, 6);
    g_assert_cmphex(CX6DX_GET64(nic_vport_context, ctx, node_guid), ==,
                    0x525400fffe123456ull);

    /* a list longer than what came with it */
    ctx = in + 0x100;
    CX6DX_SET(modify_nic_vport_context_in, in, addresses_list, 1);
    CX6DX_SET(nic_vport_context, ctx, allowed_list_size, 1);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    CX6DX_SET(nic_vport_context, ctx, allowed_list_size, 0);
    CX6DX_SET(nic_vport_context, ctx, mtu, 0xffff);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

static void test_counters(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[0x20] = { 0 }, out[0x210];
    uint8_t ppcnt[CX6DX_ppcnt_reg_BYTES] = { 0 };
    const uint8_t *set = ppcnt + 8;
    Cx6dxStats *s = &fake->nic.stats;

    cx6dx_fake_start(fake);
    s->rx_frames = 10;
    s->rx_bytes = 0x500000000ull;
    s->rx_multicast_frames = 3;
    s->rx_broadcast_frames = 2;
    s->tx_frames = 7;
    s->tx_bytes = 700;
    s->tx_dropped = 4;
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_VPORT_COUNTER);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET64(query_vport_counter_out, out,
                                 received_eth_unicast_packets), ==, 5);
    g_assert_cmphex(CX6DX_GET64(query_vport_counter_out, out,
                                received_eth_unicast_octets), ==,
                    0x500000000ull);
    g_assert_cmpuint(CX6DX_GET64(query_vport_counter_out, out,
                                 transmit_errors_packets), ==, 4);
    CX6DX_SET(query_vport_counter_in, in, clear, 1);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_BAD_PARAM);

    g_assert_cmphex(reg(fake, CX6DX_REG_PPCNT, false, ppcnt, sizeof(ppcnt)),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(cx6dx_prm_load(set + 0x0c), ==, 10);
    g_assert_cmphex(cx6dx_prm_load(set + 0x28), ==, 5);
    g_assert_cmpuint(cx6dx_prm_load(set + 0x2c), ==, 10 * 4);
    g_assert_cmpuint(cx6dx_prm_load(set + 0x24), ==, 700 + 7 * 4);
    CX6DX_SET(ppcnt_reg, ppcnt, grp, 0x3f);
    g_assert_cmphex(reg(fake, CX6DX_REG_PPCNT, false, ppcnt, sizeof(ppcnt)),
                    ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/port/speeds", test_speeds);
    g_test_add_func("/cx6dx/port/negotiation", test_negotiation);
    g_test_add_func("/cx6dx/port/pause-default", test_pause_default);
    g_test_add_func("/cx6dx/port/unicast-list", test_unicast_list);
    g_test_add_func("/cx6dx/port/link", test_link);
    g_test_add_func("/cx6dx/port/mtu", test_mtu);
    g_test_add_func("/cx6dx/port/other-registers", test_other_registers);
    g_test_add_func("/cx6dx/port/vport-context", test_vport_context);
    g_test_add_func("/cx6dx/port/counters", test_counters);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The port: access registers and vport commands; see port.h
 * (PRM "Ports Registers", "Virtual NIC")
 */
#include "qemu/osdep.h"
#include "nic/eq.h"
#include "nic/nic.h"
#include "nic/port.h"
#include "trace.h"

#define DATA_RATE_MBPS 100          /* unit of data_rate_oper */
#define DEFAULT_MTU (1500 + CX6DX_HW_MTU_EXTRA)
#define MIN_MTU (68 + CX6DX_HW_MTU_EXTRA)
#define AN_COMPLETE 1
#define AN_NOT_DONE 3               /* the link is up without it */

void cx6dx_port_reset(Cx6dxNic *nic)
{
    bool backend_up = nic->port.backend_up;

    nic->port = (Cx6dxPort) {
        .backend_up = backend_up,
        .admin_up = true,
        .pause_tx = true,
        .pause_rx = true,
        .mtu = DEFAULT_MTU,
        .vport_mtu = DEFAULT_MTU,
    };
    memcpy(nic->port.mac, nic->params.mac, sizeof(nic->port.mac));
}

bool cx6dx_port_up(const Cx6dxNic *nic)
{
    return nic->port.backend_up && nic->port.admin_up;
}

static void report_change(Cx6dxNic *nic, bool was_up)
{
    bool up = cx6dx_port_up(nic);

    if (up != was_up) {
        nic->ppcnt.link_downs += !up;
        trace_cx6dx_port_link(nic->params.id, up);
        cx6dx_eq_post_port(nic, up ? CX6DX_EVENT_PORT_ACTIVE
                                   : CX6DX_EVENT_PORT_DOWN);
    }
}

void cx6dx_port_set_backend(Cx6dxNic *nic, bool up)
{
    bool was_up = cx6dx_port_up(nic);

    nic->port.backend_up = up;
    report_change(nic, was_up);
}

bool cx6dx_port_owns(const Cx6dxNic *nic, const uint8_t mac[6])
{
    for (unsigned i = 0; i < nic->port.uc_entries; i++) {
        if (!memcmp(nic->port.uc_list[i], mac, 6)) {
            return true;
        }
    }
    return false;
}

/* ---- Access registers ---- */

uint8_t cx6dx_port_paos(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    if (write && CX6DX_GET(paos_reg, in, ase)) {
        bool was_up = cx6dx_port_up(nic);

        nic->port.admin_up =
            CX6DX_GET(paos_reg, in, admin_status) != CX6DX_PORT_DOWN;
        report_change(nic, was_up);
    }
    CX6DX_SET(paos_reg, out, admin_status,
              nic->port.admin_up ? CX6DX_PORT_UP : CX6DX_PORT_DOWN);
    CX6DX_SET(paos_reg, out, oper_status,
              cx6dx_port_up(nic) ? CX6DX_PORT_UP : CX6DX_PORT_DOWN);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_port_pmtu(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    if (write) {
        uint32_t mtu = CX6DX_GET(pmtu_reg, in, admin_mtu);

        if (mtu < MIN_MTU || mtu > CX6DX_PORT_MAX_MTU) {
            return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                                  CX6DX_SYND_FIELD);
        }
        nic->port.mtu = mtu;
    }
    CX6DX_SET(pmtu_reg, out, max_mtu, CX6DX_PORT_MAX_MTU);
    CX6DX_SET(pmtu_reg, out, admin_mtu, nic->port.mtu);
    CX6DX_SET(pmtu_reg, out, oper_mtu, nic->port.mtu);
    return CX6DX_STATUS_OK;
}

/* The one mode of the port's speed; 0 for speeds that have none here */
static uint32_t link_mode(const Cx6dxNic *nic)
{
    static const struct { uint32_t mbps; uint8_t bit; } modes[] = {
        { 1000, CX6DX_PTYS_1000BASE_CX }, { 10000, CX6DX_PTYS_10GBASE_CR },
        { 25000, CX6DX_PTYS_25GBASE_CR }, { 40000, CX6DX_PTYS_40GBASE_CR4 },
        { 50000, CX6DX_PTYS_50GBASE_CR2 }, { 100000, CX6DX_PTYS_100GBASE_CR4 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        if (modes[i].mbps == nic->params.timing.link_mbps) {
            return 1u << modes[i].bit;
        }
    }
    return 0;
}

uint8_t cx6dx_port_ptys(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    const uint32_t mode = link_mode(nic);

    if (write && mode && !(CX6DX_GET(ptys_reg, in, eth_proto_admin) & mode)) {
        /* there is no other mode to fall back to */
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (write) {
        nic->port.an_disabled = CX6DX_GET(ptys_reg, in, an_disable_admin);
    }
    CX6DX_SET(ptys_reg, out, an_disable_cap, 1);
    CX6DX_SET(ptys_reg, out, an_disable_admin, nic->port.an_disabled);
    CX6DX_SET(ptys_reg, out, eth_proto_capability, mode);
    CX6DX_SET(ptys_reg, out, eth_proto_admin, mode);
    CX6DX_SET(ptys_reg, out, connector_type, CX6DX_PTYS_COPPER);
    if (cx6dx_port_up(nic)) {
        CX6DX_SET(ptys_reg, out, an_status,
                  nic->port.an_disabled ? AN_NOT_DONE : AN_COMPLETE);
        CX6DX_SET(ptys_reg, out, data_rate_oper,
                  nic->params.timing.link_mbps / DATA_RATE_MBPS);
        CX6DX_SET(ptys_reg, out, eth_proto_oper, mode);
    }
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_port_pfcc(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    if (write) {
        nic->port.pause_tx = CX6DX_GET(pfcc_reg, in, pptx);
        nic->port.pause_rx = CX6DX_GET(pfcc_reg, in, pprx);
    }
    CX6DX_SET(pfcc_reg, out, pptx, nic->port.pause_tx);
    CX6DX_SET(pfcc_reg, out, aptx, nic->port.pause_tx);
    CX6DX_SET(pfcc_reg, out, pprx, nic->port.pause_rx);
    CX6DX_SET(pfcc_reg, out, aprx, nic->port.pause_rx);
    return CX6DX_STATUS_OK;
}

/* ---- Vport ---- */

uint8_t cx6dx_cmd_query_vport_state(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    CX6DX_SET(query_vport_state_out, cmd->out, admin_state,
              nic->port.admin_up ? CX6DX_VPORT_STATE_UP
                                 : CX6DX_VPORT_STATE_DOWN);
    CX6DX_SET(query_vport_state_out, cmd->out, state,
              cx6dx_port_up(nic) ? CX6DX_VPORT_STATE_UP
                                 : CX6DX_VPORT_STATE_DOWN);
    return CX6DX_STATUS_OK;
}

/* EUI-64 from a MAC, as IEEE does it */
static uint64_t guid(const uint8_t mac[6])
{
    return (uint64_t)mac[0] << 56 | (uint64_t)mac[1] << 48 |
           (uint64_t)mac[2] << 40 | 0xfffeull << 24 |
           (uint64_t)mac[3] << 16 | mac[4] << 8 | mac[5];
}

uint8_t cx6dx_cmd_query_nic_vport(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint8_t *ctx = cmd->out + CX6DX_BYTES(query_nic_vport_context_out);
    const Cx6dxPort *port = &nic->port;
    const uint8_t *mac = port->mac;

    CX6DX_SET(nic_vport_context, ctx, min_wqe_inline_mode, port->min_inline);
    CX6DX_SET(nic_vport_context, ctx, disable_mc_local_lb,
              port->disable_mc_local_lb);
    CX6DX_SET(nic_vport_context, ctx, disable_uc_local_lb,
              port->disable_uc_local_lb);
    CX6DX_SET(nic_vport_context, ctx, mtu, port->vport_mtu);
    CX6DX_SET64(nic_vport_context, ctx, system_image_guid,
                guid(nic->params.mac));
    CX6DX_SET64(nic_vport_context, ctx, port_guid, guid(nic->params.mac));
    CX6DX_SET64(nic_vport_context, ctx, node_guid, guid(nic->params.mac));
    CX6DX_SET(nic_vport_context, ctx, promisc_uc, port->promisc_uc);
    CX6DX_SET(nic_vport_context, ctx, promisc_mc, port->promisc_mc);
    CX6DX_SET(nic_vport_context, ctx, promisc_all, port->promisc_all);
    CX6DX_SET(nic_vport_context, ctx, allowed_list_type,
              CX6DX_GET(query_nic_vport_context_in, cmd->in,
                        allowed_list_type));
    /* lists are not given back: their size is 0 */
    CX6DX_SET(nic_vport_context, ctx, permanent_mac_47_32,
              mac[0] << 8 | mac[1]);
    CX6DX_SET(nic_vport_context, ctx, permanent_mac_31_0,
              cx6dx_prm_load(mac + 2));
    return CX6DX_STATUS_OK;
}

/* Flow tables filter; the unicast list says what is not for the wire */
static void set_uc_list(Cx6dxPort *port, const uint8_t *list, uint32_t n)
{
    port->uc_entries = n;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *mac = list + i * CX6DX_BYTES(mac_address_layout);
        uint32_t high = CX6DX_GET(mac_address_layout, mac, mac_addr_47_32);

        port->uc_list[i][0] = high >> 8;
        port->uc_list[i][1] = high & 0xff;
        cx6dx_prm_store(port->uc_list[i] + 2,
                        CX6DX_GET(mac_address_layout, mac, mac_addr_31_0));
    }
}

uint8_t cx6dx_cmd_modify_nic_vport(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *in = cmd->in;
    const uint8_t *ctx = in + CX6DX_BYTES(modify_nic_vport_context_in);
    Cx6dxPort *port = &nic->port;

#define SELECTED(name) CX6DX_GET(modify_nic_vport_context_in, in, name)
#define VALUE(name) CX6DX_GET(nic_vport_context, ctx, name)
    if (SELECTED(mtu) && VALUE(mtu) > CX6DX_PORT_MAX_MTU) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (SELECTED(addresses_list)) {
        uint32_t entry_bytes = VALUE(allowed_list_type) ==
                               CX6DX_VPORT_LIST_VLAN ? 4 : 8;
        uint32_t room = cmd->in_bytes - (ctx - in) -
                        CX6DX_BYTES(nic_vport_context);

        if (VALUE(allowed_list_type) > CX6DX_VPORT_LIST_VLAN ||
            VALUE(allowed_list_size) > room / entry_bytes ||
            (VALUE(allowed_list_type) == CX6DX_VPORT_LIST_UC &&
             VALUE(allowed_list_size) > CX6DX_MAX_UC_LIST)) {
            return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                                  CX6DX_SYND_FIELD);
        }
        if (VALUE(allowed_list_type) == CX6DX_VPORT_LIST_UC) {
            set_uc_list(port, ctx + CX6DX_BYTES(nic_vport_context),
                        VALUE(allowed_list_size));
        }
    }
    if (SELECTED(mtu)) {
        port->vport_mtu = VALUE(mtu);
    }
    if (SELECTED(min_inline)) {
        port->min_inline = VALUE(min_wqe_inline_mode);
    }
    if (SELECTED(disable_uc_local_lb)) {
        port->disable_uc_local_lb = VALUE(disable_uc_local_lb);
    }
    if (SELECTED(disable_mc_local_lb)) {
        port->disable_mc_local_lb = VALUE(disable_mc_local_lb);
    }
    if (SELECTED(promisc)) {
        port->promisc_uc = VALUE(promisc_uc);
        port->promisc_mc = VALUE(promisc_mc);
        port->promisc_all = VALUE(promisc_all);
    }
    if (SELECTED(permanent_address)) {
        uint32_t high = VALUE(permanent_mac_47_32);

        port->mac[0] = high >> 8;
        port->mac[1] = high & 0xff;
        cx6dx_prm_store(port->mac + 2, VALUE(permanent_mac_31_0));
    }
#undef SELECTED
#undef VALUE
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_query_vport_counter(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const Cx6dxStats *s = &nic->stats;

    if (CX6DX_GET(query_vport_counter_in, cmd->in, clear)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
#define OUT(name, value) \
    CX6DX_SET64(query_vport_counter_out, cmd->out, name, value)
#define UNICAST(dir, what) \
    (s->dir##_##what - s->dir##_multicast_##what - s->dir##_broadcast_##what)
    OUT(received_errors_packets, s->rx_oversize);
    OUT(transmit_errors_packets, s->tx_dropped);
    OUT(received_eth_broadcast_packets, s->rx_broadcast_frames);
    OUT(received_eth_broadcast_octets, s->rx_broadcast_bytes);
    OUT(transmitted_eth_broadcast_packets, s->tx_broadcast_frames);
    OUT(transmitted_eth_broadcast_octets, s->tx_broadcast_bytes);
    OUT(received_eth_unicast_packets, UNICAST(rx, frames));
    OUT(received_eth_unicast_octets, UNICAST(rx, bytes));
    OUT(transmitted_eth_unicast_packets, UNICAST(tx, frames));
    OUT(transmitted_eth_unicast_octets, UNICAST(tx, bytes));
    OUT(received_eth_multicast_packets, s->rx_multicast_frames);
    OUT(received_eth_multicast_octets, s->rx_multicast_bytes);
    OUT(transmitted_eth_multicast_packets, s->tx_multicast_frames);
    OUT(transmitted_eth_multicast_octets, s->tx_multicast_bytes);
#undef OUT
#undef UNICAST
    return CX6DX_STATUS_OK;
}

/* ---- Snapshots ---- */

void cx6dx_port_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    Cx6dxPort *port = &nic->port;
    uint32_t n = port->uc_entries;

    cx6dx_ar_bytes(ar, port->mac, sizeof(port->mac));
    cx6dx_ar(ar, &port->backend_up);
    cx6dx_ar(ar, &port->admin_up);
    cx6dx_ar(ar, &port->mtu);
    cx6dx_ar(ar, &port->vport_mtu);
    if (!cx6dx_ar_check(ar, port->mtu >= MIN_MTU &&
                            port->mtu <= CX6DX_PORT_MAX_MTU &&
                            port->vport_mtu <= CX6DX_PORT_MAX_MTU,
                        "no port has such an MTU")) {
        return;
    }
    cx6dx_ar(ar, &port->pause_tx);
    cx6dx_ar(ar, &port->pause_rx);
    cx6dx_ar(ar, &port->an_disabled);
    cx6dx_ar(ar, &port->fec_10g_40g);
    cx6dx_ar(ar, &port->fec_25g);
    cx6dx_ar(ar, &port->fec_50g);
    cx6dx_ar(ar, &port->fec_100g);
    cx6dx_ar(ar, &port->min_inline);
    cx6dx_ar(ar, &port->disable_uc_local_lb);
    cx6dx_ar(ar, &port->disable_mc_local_lb);
    cx6dx_ar(ar, &port->promisc_uc);
    cx6dx_ar(ar, &port->promisc_mc);
    cx6dx_ar(ar, &port->promisc_all);
    cx6dx_ar_count(ar, &n, CX6DX_MAX_UC_LIST, "too many addresses");
    port->uc_entries = n;
    cx6dx_ar_bytes(ar, port->uc_list, n * sizeof(port->uc_list[0]));
}

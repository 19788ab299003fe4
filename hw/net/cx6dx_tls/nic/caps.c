/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Capabilities, start and stop of the function; see caps.h
 * (PRM "Device Initialization", "HCA Capabilities")
 *
 * The TLS bits go together: a driver that sees one without the others takes a
 * path that real cards never send it down.
 */
#include "qemu/osdep.h"
#include "nic/caps.h"
#include "nic/dek.h"
#include "nic/flow.h"
#include "nic/nic.h"
#include "nic/pages.h"
#include "nic/res.h"
#include "pure/cqe_comp.h"
#include "pure/lro.h"

#define ISSI_SUPPORTED 0x3          /* 0 and 1 */
#define MAX_ISSI 1
#define LOG_MAX_LSO_BYTES 18
#define MAX_WQE_SQ_BYTES 1024
#define MAX_WQE_RQ_BYTES 512
#define LOG_MAX_RQ_STRIDE 13
#define MAX_FT_LEVEL 96
#define LOG_MAX_FT_SIZE 22
#define LOG_MAX_MSG_BYTES 30
#define LOG_MAX_MRW_BYTES 32
#define LOG_MAX_VLAN_LIST 12
#define TRAFFIC_CLASSES 8
#define UMR_FENCE_NONE 2
#define IEEE_VENDOR_ID 0x02c9
#define INLINE_MODE_NONE 2          /* no inline header is required */

static const char psid[] = CX6DX_PSID;

/* No document has them: assumed */
static const uint32_t lro_periods_us[] = { 8, 16, 32, 1024 };

QEMU_BUILD_BUG_ON(sizeof(lro_periods_us) !=
                  CX6DX_AREA_BYTES(eth_offload_caps,
                                   lro_timer_supported_periods));

QEMU_BUILD_BUG_ON(sizeof(psid) != CX6DX_AREA_BYTES(query_adapter_out,
                                                   vsd_contd_psid));

#define CAP(name, value) CX6DX_SET(cmd_hca_cap, cap, name, value)

static void fill_general_sizes(uint8_t *cap)
{
    CAP(log_max_srq_sz, 16);
    CAP(log_max_qp_sz, 16);
    CAP(log_max_qp, CX6DX_LOG_MAX_SQ);
    CAP(log_max_cq_sz, CX6DX_LOG_MAX_EQ_CQ_ENTRIES);
    CAP(log_max_cq, CX6DX_LOG_MAX_CQ);
    CAP(log_max_eq_sz, CX6DX_LOG_MAX_EQ_CQ_ENTRIES);
    CAP(log_max_eq, CX6DX_LOG_MAX_EQ);
    CAP(max_num_eqs, 1 << CX6DX_LOG_MAX_EQ);
    CAP(log_max_mkey, CX6DX_LOG_MAX_MKEY);
    CAP(log_max_mrw_sz, LOG_MAX_MRW_BYTES);
    CAP(log_max_msg, LOG_MAX_MSG_BYTES);
    CAP(log_max_transport_domain, CX6DX_LOG_MAX_TD);
    CAP(log_max_pd, CX6DX_LOG_MAX_PD);
    CAP(max_flow_counter_15_0, 1 << CX6DX_LOG_MAX_FLOW_COUNTERS);
    CAP(log_max_rq, CX6DX_LOG_MAX_RQ);
    CAP(log_max_sq, CX6DX_LOG_MAX_SQ);
    CAP(log_max_tir, CX6DX_LOG_MAX_TIR);
    CAP(log_max_tis, CX6DX_LOG_MAX_TIS);
    CAP(log_max_rqt, CX6DX_LOG_MAX_RQT);
    CAP(log_max_rqt_size, CX6DX_LOG_MAX_RQT_ENTRIES);
    CAP(log_max_wq_sz, CX6DX_LOG_MAX_QUEUE_ENTRIES);
    CAP(log_max_stride_sz_rq, LOG_MAX_RQ_STRIDE);
    CAP(log_min_stride_sz_rq, 4);
    CAP(log_max_stride_sz_sq, CX6DX_LOG_SEND_WQE_BB);
    CAP(log_min_stride_sz_sq, CX6DX_LOG_SEND_WQE_BB);
    CAP(max_wqe_sz_sq, MAX_WQE_SQ_BYTES);
    CAP(max_wqe_sz_rq, MAX_WQE_RQ_BYTES);
    CAP(log_max_vlan_list, LOG_MAX_VLAN_LIST);
    CAP(log_max_current_mc_list, CX6DX_LOG_MAX_MAC_LIST);
    CAP(log_max_current_uc_list, CX6DX_LOG_MAX_MAC_LIST);
    CAP(log_pg_sz, 12);
    CAP(log_bf_reg_size, CX6DX_LOG_BF_REG_BYTES);
}

static void fill_general(const Cx6dxNic *nic, uint8_t *cap)
{
    memset(cap, 0, CX6DX_BYTES(cmd_hca_cap));
    fill_general_sizes(cap);
    CAP(hca_cap_2, 1);
    CAP(page_request_disable, !nic->params.fw_pages);
    CAP(vhca_id, 1);
    CAP(fast_teardown, 1);
    CAP(force_teardown, 1);
    CAP(vport_counters, 1);
    /* it owns the port: a driver may set pause.  No e-switch comes with that. */
    CAP(vport_group_manager, 1);
    CAP(nic_flow_table, 1);
    CAP(mcam_reg, 1);
    CAP(pcam_reg, 1);
    CAP(beacon_led, 1);
    CAP(vnic_env_queue_counters, 1);
    CAP(vnic_env_cq_overrun, 1);
    CAP(invalid_command_count, 1);
    CAP(nic_receive_steering_discard, 1);
    CAP(port_type, CX6DX_PORT_TYPE_ETH);
    CAP(num_ports, 1);
    CAP(native_port_num, 1);
    CAP(max_tc, TRAFFIC_CLASSES);
    CAP(cqe_version, 1);
    CAP(umr_fence, UMR_FENCE_NONE);
    CAP(eth_net_offloads, 1);
    CAP(cq_oi, 1);
    CAP(cq_moderation, 1);
    CAP(cq_period_mode_modify, 1);
    CAP(cq_period_start_from_cqe, 1);
    CAP(cqe_compression, 1);
    CAP(enhanced_cqe_compression, 1);
    CAP(mini_cqe_resp_stride_index, 1);
    CAP(cqe_compression_max_num, CX6DX_CQE_COMP_MAX);
    CAP(striding_rq, 1);
    CAP(ext_stride_num_range, 1);
    CAP(umr_ptr_rlky, 1);
    CAP(driver_version, 1);
    CAP(device_frequency_khz, CX6DX_TIMER_KHZ);
    CAP(basic_cyclic_rcv_wqe, 1);
    if (nic->params.tls_tx || nic->params.tls_rx) {
        CAP(tls_tx, nic->params.tls_tx);
        CAP(tls_rx, nic->params.tls_rx);
        CAP(log_max_dek, CX6DX_LOG_MAX_DEK);
        CAP(crypto, 1);
        CAP(general_obj_types_l, 1u << CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
    }
}

#undef CAP

static void fill_eth(uint8_t *cap)
{
    CX6DX_SET(eth_offload_caps, cap, csum_cap, 1);
    CX6DX_SET(eth_offload_caps, cap, vlan_cap, 1);
    CX6DX_SET(eth_offload_caps, cap, self_lb_en_modifiable, 1);
    CX6DX_SET(eth_offload_caps, cap, max_lso_cap, LOG_MAX_LSO_BYTES);
    CX6DX_SET(eth_offload_caps, cap, wqe_inline_mode, INLINE_MODE_NONE);
    CX6DX_SET(eth_offload_caps, cap, rss_ind_tbl_cap,
              CX6DX_LOG_MAX_RQT_ENTRIES);
    CX6DX_SET(eth_offload_caps, cap, reg_umr_sq, 1);
    CX6DX_SET(eth_offload_caps, cap, scatter_fcs, 1);
    CX6DX_SET(eth_offload_caps, cap, enhanced_multi_pkt_send_wqe, 1);
    CX6DX_SET(eth_offload_caps, cap, lro_cap, 1);
    CX6DX_SET(eth_offload_caps, cap, lro_psh_flag, 1);
    CX6DX_SET(eth_offload_caps, cap, lro_time_stamp, 1);
    CX6DX_SET(eth_offload_caps, cap, lro_min_mss_size, CX6DX_LRO_MIN_MSS);
    for (unsigned i = 0; i < ARRAY_SIZE(lro_periods_us); i++) {
        cx6dx_prm_store(CX6DX_AREA(eth_offload_caps, cap,
                                   lro_timer_supported_periods) + 4 * i,
                        lro_periods_us[i]);
    }
}

static void fill_match_fields(uint8_t *cap)
{
#define FIELD(name) CX6DX_SET(flow_table_fields_supported, cap, name, 1)
    FIELD(outer_dmac);
    FIELD(outer_smac);
    FIELD(outer_ether_type);
    FIELD(outer_ip_version);
    FIELD(outer_first_prio);
    FIELD(outer_first_cfi);
    FIELD(outer_first_vid);
    FIELD(outer_sip);
    FIELD(outer_dip);
    FIELD(outer_frag);
    FIELD(outer_ip_protocol);
    FIELD(outer_udp_sport);
    FIELD(outer_udp_dport);
    FIELD(outer_tcp_sport);
    FIELD(outer_tcp_dport);
    FIELD(outer_tcp_flags);
#undef FIELD
}

static void fill_flow(uint8_t *cap)
{
    uint8_t *rx = CX6DX_AREA(flow_table_nic_cap, cap, nic_receive);

#define PROP(name, value) CX6DX_SET(flow_table_prop_layout, rx, name, value)
    PROP(ft_support, 1);
    PROP(flow_counter, 1);
    PROP(flow_modify_en, 1);
    PROP(modify_root, 1);
    PROP(identified_miss_table_mode, 1);
    PROP(flow_table_modify, 1);
    PROP(reset_root_to_default, 1);
    PROP(log_max_ft_size, LOG_MAX_FT_SIZE);
    PROP(max_ft_level, MAX_FT_LEVEL);
    PROP(log_max_ft_num, CX6DX_LOG_MAX_FLOW_TABLES);
    PROP(log_max_flow_counter, CX6DX_LOG_MAX_FLOW_COUNTERS);
    PROP(log_max_destination, 0);
    PROP(log_max_flow, __builtin_ctz(CX6DX_FLOW_MAX_ENTRIES));
#undef PROP
    fill_match_fields(CX6DX_AREA(flow_table_prop_layout, rx,
                                 ft_field_support));
    fill_match_fields(CX6DX_AREA(flow_table_prop_layout, rx,
                                 ft_field_bitmask_support));
}

static void fill_tls(uint8_t *cap)
{
    CX6DX_SET(tls_cap, cap, tls_1_2_aes_gcm_128, 1);
    CX6DX_SET(tls_cap, cap, tls_1_2_aes_gcm_256, 1);
    CX6DX_SET(tls_cap, cap, tls_1_3_aes_gcm_128, 1);
    CX6DX_SET(tls_cap, cap, tls_1_3_aes_gcm_256, 1);
}

static void fill_crypto(uint8_t *cap)
{
    CX6DX_SET(crypto_cap, cap, synchronize_dek, 1);
    CX6DX_SET(crypto_cap, cap, log_dek_max_alloc, CX6DX_DEK_LOG_BULK);
    CX6DX_SET(crypto_cap, cap, log_max_num_deks, CX6DX_LOG_MAX_DEK);
}

static void fill_general_2(uint8_t *cap)
{
    CX6DX_SET(cmd_hca_cap_2, cap, log_min_mkey_entity_size,
              CX6DX_LOG_MIN_MKEY_PAGE_BYTES);
}

void cx6dx_caps_reset(Cx6dxNic *nic)
{
    fill_general(nic, nic->caps.general_max);
    memcpy(nic->caps.general_cur, nic->caps.general_max,
           sizeof(nic->caps.general_cur));
}

uint8_t cx6dx_cmd_query_hca_cap(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint8_t *cap = CX6DX_AREA(query_hca_cap_out, cmd->out, capability);
    bool current = cmd->op_mod & CX6DX_CAP_MODE_CURRENT;
    bool tls = nic->params.tls_tx || nic->params.tls_rx;
    bool known = true;

    switch (cmd->op_mod >> 1) {
    case CX6DX_CAP_GENERAL:
        memcpy(cap, current ? nic->caps.general_cur : nic->caps.general_max,
               CX6DX_BYTES(cmd_hca_cap));
        break;
    case CX6DX_CAP_ETH_OFFLOADS:
        fill_eth(cap);
        break;
    case CX6DX_CAP_FLOW_TABLE:
        fill_flow(cap);
        break;
    case CX6DX_CAP_GENERAL_2:
        fill_general_2(cap);
        break;
    case CX6DX_CAP_TLS:
        known = tls;
        if (tls) {
            fill_tls(cap);
        }
        break;
    case CX6DX_CAP_CRYPTO:
        known = tls;
        if (tls) {
            fill_crypto(cap);
        }
        break;
    default:
        known = false;
    }
    return known ? CX6DX_STATUS_OK
                 : cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                                  CX6DX_SYND_UNKNOWN_CAP_GROUP);
}

/* What a driver may change; the rest keeps its value */
static void take_settable(uint8_t *cur, const uint8_t *cap)
{
#define TAKE(name) \
    CX6DX_SET(cmd_hca_cap, cur, name, CX6DX_GET(cmd_hca_cap, cap, name))
    TAKE(log_max_qp);
    TAKE(pkey_table_size);
    TAKE(log_uar_page_sz);
    TAKE(cmdif_checksum);
#undef TAKE
}

void cx6dx_caps_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    uint8_t cap[CX6DX_cmd_hca_cap_BYTES];

    memcpy(cap, nic->caps.general_cur, sizeof(cap));
    cx6dx_ar_bytes(ar, cap, sizeof(cap));
    if (cx6dx_ar_check(ar, CX6DX_GET(cmd_hca_cap, cap, log_max_qp) <=
                           CX6DX_GET(cmd_hca_cap, nic->caps.general_max,
                                     log_max_qp),
                       "a capability is beyond what there is")) {
        take_settable(nic->caps.general_cur, cap);
    }
    cx6dx_ar_check(ar, !memcmp(cap, nic->caps.general_cur, sizeof(cap)),
                   "the device's capabilities are others");
}

uint8_t cx6dx_cmd_set_hca_cap(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *cap = CX6DX_AREA(set_hca_cap_in, cmd->in, capability);
    uint8_t *cur = nic->caps.general_cur;
    uint32_t log_max_qp = CX6DX_GET(cmd_hca_cap, cap, log_max_qp);

    if (nic->cmd.hca_inited) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_SYS_STATE,
                              CX6DX_SYND_HCA_STATE);
    }
    if (cmd->op_mod >> 1 != CX6DX_CAP_GENERAL) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_UNKNOWN_CAP_GROUP);
    }
    if (log_max_qp > CX6DX_GET(cmd_hca_cap, nic->caps.general_max,
                               log_max_qp)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    take_settable(cur, cap);
    return CX6DX_STATUS_OK;
}

/* ---- Start and stop ---- */

/*
 * A second ENABLE_HCA comes from a kernel that started after another one died;
 * it finds nothing of the past.
 */
uint8_t cx6dx_cmd_enable_hca(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    cx6dx_nic_drop_objects(nic);
    cx6dx_caps_reset(nic);
    cx6dx_pages_boot(nic);
    nic->cmd.hca_inited = false;
    nic->cmd.hca_enabled = true;
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_disable_hca(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    cx6dx_nic_drop_objects(nic);
    cx6dx_pages_forget(nic);
    nic->cmd.hca_inited = false;
    nic->cmd.hca_enabled = false;
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_init_hca(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    if (nic->cmd.hca_inited) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_SYS_STATE,
                              CX6DX_SYND_HCA_STATE);
    }
    if (!cx6dx_pages_enough(nic)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_NO_RES_ERR,
                              CX6DX_SYND_PAGE_LIST);
    }
    nic->cmd.hca_inited = true;
    return CX6DX_STATUS_OK;
}

/*
 * Graceful: the driver takes its pages back next.  Forced: it does not, and uses
 * the function no more until the next reset or ENABLE_HCA; that is how a driver
 * stops the device at a shutdown.  Preparing a fast one is only the question
 * whether the device may be stopped by writing nic_interface, which it may.
 */
uint8_t cx6dx_cmd_teardown_hca(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    switch (CX6DX_GET(teardown_hca_in, cmd->in, profile)) {
    case CX6DX_TEARDOWN_GRACEFUL:
        cx6dx_nic_drop_objects(nic);
        cx6dx_pages_teardown(nic);
        nic->cmd.hca_inited = false;
        break;
    case CX6DX_TEARDOWN_FORCE:
        return cx6dx_cmd_disable_hca(nic, cmd);
    case CX6DX_TEARDOWN_PREPARE_FAST:
        break;
    default:
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    CX6DX_SET(teardown_hca_out, cmd->out, state, 0);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_query_issi(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    CX6DX_SET(query_issi_out, cmd->out, current_issi, nic->cmd.issi);
    CX6DX_SET(query_issi_out, cmd->out, supported_issi_dw0, ISSI_SUPPORTED);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_set_issi(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t issi = CX6DX_GET(set_issi_in, cmd->in, current_issi);

    if (issi > MAX_ISSI) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    nic->cmd.issi = issi;
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_query_adapter(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    CX6DX_SET(query_adapter_out, cmd->out, ieee_vendor_id, IEEE_VENDOR_ID);
    CX6DX_SET(query_adapter_out, cmd->out, vsd_vendor_id,
              CX6DX_PCI_VENDOR_ID);
    memcpy(CX6DX_AREA(query_adapter_out, cmd->out, vsd_contd_psid), psid,
           sizeof(psid));
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_set_driver_version(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return CX6DX_STATUS_OK;
}

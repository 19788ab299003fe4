/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ConnectX-6 Dx interface: layouts of
 * capability groups and port registers
 *
 * Facts about the hardware only; no tuning constant.  Included through
 * cx6dx_tls_prm.h, which explains the notation and gives the accessors.
 * Where a layout has the name of a structure in the kernel's mlx5_ifc.h, the
 * unit suite compares each field with that header.
 */
#ifndef HW_NET_CX6DX_TLS_PRM_CAP_H
#define HW_NET_CX6DX_TLS_PRM_CAP_H

/* ---- Vendor specific capability in configuration space ---- */

/* Its words are little endian there; here they are values */
#define CX6DX_LIST_vsc(F, A, L)  \
    F(L, length,     0x00, 23, 16) \
    F(L, status,     0x04, 31, 29) \
    F(L, size_valid, 0x04, 28, 28) \
    F(L, space,      0x04, 15,  0) \
    F(L, counter,    0x08, 31,  0) \
    F(L, semaphore,  0x0c, 31,  0) \
    F(L, flag,       0x10, 31, 31) \
    F(L, syndrome,   0x10, 30, 30) \
    F(L, address,    0x10, 29,  0) \
    F(L, data,       0x14, 31,  0)
CX6DX_LAYOUT(vsc, 0x18)

/* Control word of the tools' command interface, address 0 of its space */
#define CX6DX_LIST_icmd_ctrl(F, A, L) \
    F(L, opcode, 0x00, 31, 16) \
    F(L, status, 0x00, 15,  8) \
    F(L, exmb,   0x00,  1,  1) \
    F(L, busy,   0x00,  0,  0)
CX6DX_LAYOUT(icmd_ctrl, 0x04)

/* Its access to a register: this, a head of four bytes, the register */
#define CX6DX_LIST_icmd_reg(F, A, L) \
    F(L, type,        0x00, 31, 27) \
    F(L, len,         0x00, 26, 16) \
    F(L, status,      0x00, 14,  8) \
    F(L, register_id, 0x04, 31, 16) \
    F(L, response,    0x04, 15, 15) \
    F(L, method,      0x04, 14,  8) \
    F(L, class,       0x04,  7,  0) \
    F(L, reg_type,    0x10, 31, 27) \
    F(L, reg_len,     0x10, 26, 16)
CX6DX_LAYOUT(icmd_reg, 0x14)

/* ---- Capability groups ---- */

#define CX6DX_LIST_cmd_hca_cap(F, A, L)             \
    F(L, page_request_disable,        0x00, 25, 25) \
    F(L, hca_cap_2,                   0x04, 31, 31) \
    F(L, vhca_id,                     0x04, 15,  0) \
    F(L, log_max_srq_sz,              0x10, 31, 24) \
    F(L, log_max_qp_sz,               0x10, 23, 16) \
    F(L, log_max_qp,                  0x10,  4,  0) \
    F(L, log_max_cq_sz,               0x18, 23, 16) \
    F(L, log_max_cq,                  0x18,  4,  0) \
    F(L, log_max_eq_sz,               0x1c, 31, 24) \
    F(L, log_max_mkey,                0x1c, 21, 16) \
    F(L, terminate_scatter_list_mkey, 0x1c,  9,  9) \
    F(L, fast_teardown,               0x1c,  4,  4) \
    F(L, log_max_eq,                  0x1c,  3,  0) \
    F(L, log_max_mrw_sz,              0x20, 22, 16) \
    F(L, force_teardown,              0x20, 15, 15) \
    F(L, log_max_klm_list_size,       0x20,  5,  0) \
    F(L, eth_wqe_too_small,           0x24, 13, 13) \
    F(L, vnic_env_cq_overrun,         0x24,  6,  6) \
    F(L, vport_counters,              0x30, 30, 30) \
    F(L, pkey_table_size,             0x30, 15,  0) \
    F(L, vport_group_manager,         0x34, 31, 31) \
    F(L, vnic_env_queue_counters,     0x34, 27, 27) \
    F(L, ets,                         0x34, 26, 26) \
    F(L, nic_flow_table,              0x34, 25, 25) \
    F(L, mcam_reg,                    0x34, 22, 22) \
    F(L, pcam_reg,                    0x34, 21, 21) \
    F(L, ports_check,                 0x34, 13, 13) \
    F(L, beacon_led,                  0x34, 10, 10) \
    F(L, port_type,                   0x34,  9,  8) \
    F(L, num_ports,                   0x34,  7,  0) \
    F(L, log_max_msg,                 0x38, 28, 24) \
    F(L, max_tc,                      0x38, 19, 16) \
    F(L, cqe_version,                 0x3c,  3,  0) \
    F(L, striding_rq,                 0x40, 30, 30) \
    F(L, umr_fence,                   0x40, 21, 20) \
    F(L, cmdif_checksum,              0x40, 15, 14) \
    F(L, eth_net_offloads,            0x40,  3,  3) \
    F(L, cq_oi,                       0x44, 31, 31) \
    F(L, cq_moderation,               0x44, 29, 29) \
    F(L, cq_period_mode_modify,       0x44, 28, 28) \
    F(L, cq_period_start_from_cqe,    0x44, 20, 20) \
    F(L, umr_ptr_rlky,                0x44, 15, 15) \
    F(L, log_pg_sz,                   0x48,  7,  0) \
    F(L, driver_version,              0x4c, 30, 30) \
    F(L, log_bf_reg_size,             0x4c, 20, 16) \
    F(L, num_lag_ports,               0x4c,  3,  0) \
    F(L, max_wqe_sz_sq,               0x50, 15,  0) \
    F(L, max_wqe_sz_rq,               0x54, 15,  0) \
    F(L, flow_counter_bulk_alloc,     0x60, 15,  8) \
    F(L, log_max_transport_domain,    0x64, 28, 24) \
    F(L, log_max_pd,                  0x64, 20, 16) \
    F(L, nic_receive_steering_discard, 0x68, 31, 31) \
    F(L, invalid_command_count,       0x68, 26, 26) \
    F(L, max_flow_counter_15_0,       0x68, 15,  0) \
    F(L, log_max_rq,                  0x6c, 28, 24) \
    F(L, log_max_sq,                  0x6c, 20, 16) \
    F(L, log_max_tir,                 0x6c, 12,  8) \
    F(L, log_max_tis,                 0x6c,  4,  0) \
    F(L, basic_cyclic_rcv_wqe,        0x70, 31, 31) \
    F(L, log_max_rqt,                 0x70, 20, 16) \
    F(L, log_max_rqt_size,            0x70, 12,  8) \
    F(L, ext_stride_num_range,        0x74, 31, 31) \
    F(L, log_max_stride_sz_rq,        0x74, 28, 24) \
    F(L, log_min_stride_sz_rq,        0x74, 20, 16) \
    F(L, log_max_stride_sz_sq,        0x74, 12,  8) \
    F(L, log_min_stride_sz_sq,        0x74,  4,  0) \
    F(L, log_max_wq_sz,               0x78,  4,  0) \
    F(L, log_max_vlan_list,           0x7c, 20, 16) \
    F(L, log_max_current_mc_list,     0x7c, 12,  8) \
    F(L, log_max_current_uc_list,     0x7c,  4,  0) \
    F(L, general_obj_types_h,         0x80, 31,  0) \
    F(L, general_obj_types_l,         0x84, 31,  0) \
    F(L, log_max_uctx,                0x8c, 28, 24) \
    F(L, crypto,                      0x8c, 22, 22) \
    F(L, max_num_eqs,                 0x8c, 15,  0) \
    F(L, tls_tx,                      0x90, 30, 30) \
    F(L, tls_rx,                      0x90, 29, 29) \
    F(L, log_uar_page_sz,             0x90, 15,  0) \
    F(L, device_frequency_khz,        0x9c, 31,  0) \
    F(L, enhanced_cqe_compression,    0xb4, 15, 15) \
    F(L, log_max_dek,                 0xb4, 12,  8) \
    F(L, mini_cqe_resp_stride_index,  0xb4,  3,  3) \
    F(L, cqe_compression,             0xb4,  0,  0) \
    F(L, cqe_compression_max_num,     0xb8, 15,  0) \
    F(L, native_port_num,             0xc0, 23, 16)
CX6DX_LAYOUT(cmd_hca_cap, 0x100)

/* the periods are four words of microseconds, in ascending order */
#define CX6DX_LIST_eth_offload_caps(F, A, L)        \
    F(L, csum_cap,                    0x00, 31, 31) \
    F(L, vlan_cap,                    0x00, 30, 30) \
    F(L, lro_cap,                     0x00, 29, 29) \
    F(L, lro_psh_flag,                0x00, 28, 28) \
    F(L, lro_time_stamp,              0x00, 27, 27) \
    F(L, wqe_vlan_insert,             0x00, 24, 24) \
    F(L, self_lb_en_modifiable,       0x00, 23, 23) \
    F(L, max_lso_cap,                 0x00, 20, 16) \
    F(L, multi_pkt_send_wqe,          0x00, 15, 14) \
    F(L, wqe_inline_mode,             0x00, 13, 12) \
    F(L, rss_ind_tbl_cap,             0x00, 11,  8) \
    F(L, reg_umr_sq,                  0x00,  7,  7) \
    F(L, scatter_fcs,                 0x00,  6,  6) \
    F(L, enhanced_multi_pkt_send_wqe, 0x00,  5,  5) \
    F(L, swp,                         0x04, 31, 31) \
    F(L, cqe_checksum_full,           0x04, 28, 28) \
    F(L, lro_min_mss_size,            0x08, 15,  0) \
    A(L, lro_timer_supported_periods, 0x30, 0x10)
CX6DX_LAYOUT(eth_offload_caps, 0x100)

/* head, then one flow_table_prop_layout for each table type */
#define CX6DX_LIST_flow_table_nic_cap(F, A, L) \
    F(L, nic_rx_multi_path_tirs, 0x00, 31, 31) \
    A(L, nic_receive,            0x40, 0x40)   \
    A(L, nic_transmit,           0x100, 0x40)
CX6DX_LAYOUT(flow_table_nic_cap, 0x1000)

#define CX6DX_LIST_flow_table_prop_layout(F, A, L) \
    F(L, ft_support,                 0x00, 31, 31) \
    F(L, flow_counter,               0x00, 29, 29) \
    F(L, flow_modify_en,             0x00, 28, 28) \
    F(L, modify_root,                0x00, 27, 27) \
    F(L, identified_miss_table_mode, 0x00, 26, 26) \
    F(L, flow_table_modify,          0x00, 25, 25) \
    F(L, reset_root_to_default,      0x00, 22, 22) \
    F(L, log_max_ft_size,            0x04, 29, 24) \
    F(L, max_modify_header_actions,  0x04, 15,  8) \
    F(L, max_ft_level,               0x04,  7,  0) \
    F(L, log_max_ft_num,             0x0c,  7,  0) \
    F(L, log_max_flow_counter,       0x10, 15,  8) \
    F(L, log_max_destination,        0x10,  7,  0) \
    F(L, log_max_flow,               0x14,  7,  0) \
    A(L, ft_field_support,           0x20, 0x10)   \
    A(L, ft_field_bitmask_support,   0x30, 0x10)
CX6DX_LAYOUT(flow_table_prop_layout, 0x40)

/* two of these lie in flow_table_prop_layout */
#define CX6DX_LIST_flow_table_fields_supported(F, A, L)\
    F(L, outer_dmac,        0x00, 31, 31) \
    F(L, outer_smac,        0x00, 30, 30) \
    F(L, outer_ether_type,  0x00, 29, 29) \
    F(L, outer_ip_version,  0x00, 28, 28) \
    F(L, outer_first_prio,  0x00, 27, 27) \
    F(L, outer_first_cfi,   0x00, 26, 26) \
    F(L, outer_first_vid,   0x00, 25, 25) \
    F(L, outer_sip,         0x00, 19, 19) \
    F(L, outer_dip,         0x00, 18, 18) \
    F(L, outer_frag,        0x00, 17, 17) \
    F(L, outer_ip_protocol, 0x00, 16, 16) \
    F(L, outer_udp_sport,   0x00, 13, 13) \
    F(L, outer_udp_dport,   0x00, 12, 12) \
    F(L, outer_tcp_sport,   0x00, 11, 11) \
    F(L, outer_tcp_dport,   0x00, 10, 10) \
    F(L, outer_tcp_flags,   0x00,  9,  9)
CX6DX_LAYOUT(flow_table_fields_supported, 0x10)

#define CX6DX_LIST_tls_cap(F, A, L)         \
    F(L, tls_1_2_aes_gcm_128, 0x00, 31, 31) \
    F(L, tls_1_3_aes_gcm_128, 0x00, 30, 30) \
    F(L, tls_1_2_aes_gcm_256, 0x00, 29, 29) \
    F(L, tls_1_3_aes_gcm_256, 0x00, 28, 28)
CX6DX_LAYOUT(tls_cap, 0x100)

#define CX6DX_LIST_crypto_cap(F, A, L)    \
    F(L, synchronize_dek,   0x00, 28, 28) \
    F(L, log_dek_max_alloc, 0x04, 28, 24) \
    F(L, log_max_num_deks,  0x04, 20, 16)
CX6DX_LAYOUT(crypto_cap, 0x100)

#define CX6DX_LIST_cmd_hca_cap_2(F, A, L) \
    F(L, log_min_mkey_entity_size, 0x34, 20, 16)
CX6DX_LAYOUT(cmd_hca_cap_2, 0x100)

/* ---- Management registers ---- */

/* Which of them there are: bit 0 of the last word of the mask is 0x9000 */
#define CX6DX_LIST_mcam_reg(F, A, L)       \
    F(L, feature_group,          0x00, 23, 16) \
    F(L, access_reg_group,       0x00,  7,  0) \
    A(L, mng_access_reg_cap_mask, 0x08, 0x10)  \
    F(L, mcia_32dwords,          0x30,  2,  2) \
    F(L, pcie_performance_group, 0x34,  0,  0)
CX6DX_LAYOUT(mcam_reg, 0x48)

/* What the device is: chip, firmware, identity of the board */
#define CX6DX_LIST_mgir_reg(F, A, L)        \
    F(L, device_id,              0x00, 15,  0) \
    F(L, num_ports,              0x04, 27, 16) \
    F(L, hw_dev_id,              0x08, 15,  0) \
    F(L, base_mac_47_32,         0x10, 15,  0) \
    F(L, base_mac_31_0,          0x14, 31,  0) \
    F(L, uptime,                 0x1c, 31,  0) \
    F(L, major,                  0x20, 23, 16) \
    F(L, minor,                  0x20, 15,  8) \
    F(L, sub_minor,              0x20,  7,  0) \
    A(L, psid,                   0x30, 0x10)   \
    F(L, extended_major,         0x44, 31,  0) \
    F(L, extended_minor,         0x48, 31,  0) \
    F(L, extended_sub_minor,     0x4c, 31,  0)
CX6DX_LAYOUT(mgir_reg, 0xa0)

/* A piece of a text about the device */
#define CX6DX_LIST_mqis_reg(F, A, L) \
    F(L, info_type,   0x00,  7,  0) \
    F(L, info_length, 0x04, 15,  0) \
    F(L, read_offset, 0x08, 31, 16) \
    F(L, read_length, 0x08, 15,  0) \
    A(L, info_string, 0x10, 0x08)
CX6DX_LAYOUT(mqis_reg, 0x18)

#define CX6DX_LIST_mcc_reg(F, A, L) \
    F(L, instruction,      0x00,  7,  0) \
    F(L, component_index,  0x04, 15,  0) \
    F(L, update_handle,    0x08, 23,  0) \
    F(L, error_code,       0x0c, 15,  8) \
    F(L, control_state,    0x0c,  3,  0)
CX6DX_LAYOUT(mcc_reg, 0x20)

#define CX6DX_LIST_mcqi_cap(F, A, L) \
    F(L, supported_info_bitmask, 0x00, 31,  0) \
    F(L, component_size,         0x04, 31,  0) \
    F(L, max_component_size,     0x08, 31,  0) \
    F(L, log_mcda_word_size,     0x0c, 31, 28) \
    F(L, mcda_max_write_size,    0x0c, 15,  0)
CX6DX_LAYOUT(mcqi_cap, 0x14)

#define CX6DX_LIST_mcqs_reg(F, A, L)        \
    F(L, last_index_flag,        0x00, 31, 31) \
    F(L, component_index,        0x00, 15,  0) \
    F(L, identifier,             0x04, 15,  0) \
    F(L, component_status,       0x08,  8,  4) \
    F(L, component_update_state, 0x08,  3,  0)
CX6DX_LAYOUT(mcqs_reg, 0x10)

/* what info_type asks for follows at 0x18 */
#define CX6DX_LIST_mcqi_reg(F, A, L)        \
    F(L, read_pending_component, 0x00, 31, 31) \
    F(L, component_index,        0x00, 15,  0) \
    F(L, info_type,              0x08,  4,  0) \
    F(L, info_size,              0x0c, 31,  0) \
    F(L, offset,                 0x10, 31,  0) \
    F(L, data_size,              0x14, 15,  0)
CX6DX_LAYOUT(mcqi_reg, 0x18)

#define CX6DX_LIST_mcqi_version(F, A, L) \
    F(L, version, 0x04, 31, 0)
CX6DX_LAYOUT(mcqi_version, 0x7c)

/* Temperatures are in eighths of a degree Celsius */
#define CX6DX_LIST_mtcap_reg(F, A, L) \
    F(L, sensor_count, 0x00,  6,  0) \
    F(L, sensor_map_h, 0x08, 31,  0) \
    F(L, sensor_map_l, 0x0c, 31,  0)
CX6DX_LAYOUT(mtcap_reg, 0x10)

#define CX6DX_LIST_mtmp_reg(F, A, L)    \
    F(L, sensor_index,      0x00, 11,  0) \
    F(L, temperature,       0x04, 15,  0) \
    F(L, mte,               0x08, 31, 31) \
    F(L, mtr,               0x08, 30, 30) \
    F(L, max_temperature,   0x08, 15,  0) \
    F(L, temp_threshold_hi, 0x0c, 15,  0) \
    F(L, temp_threshold_lo, 0x10, 15,  0) \
    F(L, sensor_name_hi,    0x18, 31,  0) \
    F(L, sensor_name_lo,    0x1c, 31,  0)
CX6DX_LAYOUT(mtmp_reg, 0x20)

#define CX6DX_LIST_mlcr_reg(F, A, L) \
    F(L, local_port,      0x00, 23, 16) \
    F(L, beacon_duration, 0x04, 15,  0) \
    F(L, beacon_remain,   0x08, 15,  0)
CX6DX_LAYOUT(mlcr_reg, 0x0c)

#define CX6DX_LIST_mpcnt_reg(F, A, L) \
    F(L, grp, 0x00,  5,  0) \
    F(L, clr, 0x04, 31, 31)
CX6DX_LAYOUT(mpcnt_reg, 0x100)

/* A piece of the module's EEPROM */
#define CX6DX_LIST_mcia_reg(F, A, L)     \
    F(L, module,             0x00, 23, 16) \
    F(L, status,             0x00,  7,  0) \
    F(L, i2c_device_address, 0x04, 31, 24) \
    F(L, page_number,        0x04, 23, 16) \
    F(L, device_address,     0x04, 15,  0) \
    F(L, size,               0x08, 15,  0) \
    A(L, dwords,             0x10, 0x80)
CX6DX_LAYOUT(mcia_reg, 0x90)

/*
 * No register of the card: what the model of time has counted, a few numbers at
 * a time, beginning with `first`, each with its name.
 */
#define CX6DX_LIST_model_reg(F, A, L) \
    F(L, first,   0x00, 31, 16) \
    F(L, count,   0x00, 15,  0) \
    F(L, total,   0x04, 15,  0) \
    A(L, numbers, 0x10, 0xf0)
CX6DX_LAYOUT(model_reg, 0x100)

/* The name is ASCII and ends with a zero byte */
#define CX6DX_LIST_model_number(F, A, L) \
    A(L, name,    0x00, 0x20) \
    F(L, value_h, 0x20, 31,  0) \
    F(L, value_l, 0x24, 31,  0)
CX6DX_LAYOUT(model_number, 0x28)

/* ---- Port access registers ---- */

/* Which of them there are: bit 0 of the last word of the mask is 0x5000 */
#define CX6DX_LIST_pcam_reg(F, A, L)        \
    F(L, feature_group,           0x00, 23, 16) \
    F(L, access_reg_group,        0x00,  7,  0) \
    A(L, port_access_reg_cap_mask, 0x08, 0x10)  \
    F(L, per_lane_error_counters, 0x34,  5,  5) \
    F(L, ptys_connector_type,     0x34,  3,  3) \
    F(L, ppcnt_statistical_group, 0x34,  0,  0)
CX6DX_LAYOUT(pcam_reg, 0x50)

/* Forward error correction: bit masks of CX6DX_FEC_* */
#define CX6DX_LIST_pplm_reg(F, A, L)         \
    F(L, local_port,             0x00, 23, 16) \
    F(L, fec_mode_active,        0x0c, 23,  0) \
    F(L, fec_override_cap_100g,    0x10, 15, 12) \
    F(L, fec_override_cap_50g,     0x10, 11,  8) \
    F(L, fec_override_cap_25g,     0x10,  7,  4) \
    F(L, fec_override_cap_10g_40g, 0x10,  3,  0) \
    F(L, fec_override_admin_100g,    0x14, 15, 12) \
    F(L, fec_override_admin_50g,     0x14, 11,  8) \
    F(L, fec_override_admin_25g,     0x14,  7,  4) \
    F(L, fec_override_admin_10g_40g, 0x14,  3,  0)
CX6DX_LAYOUT(pplm_reg, 0x50)

#define CX6DX_LIST_ptys_reg(F, A, L)             \
    F(L, an_disable_admin,         0x00, 30, 30) \
    F(L, an_disable_cap,           0x00, 29, 29) \
    F(L, local_port,               0x00, 23, 16) \
    F(L, proto_mask,               0x00,  2,  0) \
    F(L, an_status,                0x04, 31, 28) \
    F(L, data_rate_oper,           0x04, 15,  0) \
    F(L, ext_eth_proto_capability, 0x08, 31,  0) \
    F(L, eth_proto_capability,     0x0c, 31,  0) \
    F(L, ext_eth_proto_admin,      0x14, 31,  0) \
    F(L, eth_proto_admin,          0x18, 31,  0) \
    F(L, ext_eth_proto_oper,       0x20, 31,  0) \
    F(L, eth_proto_oper,           0x24, 31,  0) \
    F(L, connector_type,           0x2c,  3,  0)
CX6DX_LAYOUT(ptys_reg, 0x40)

#define CX6DX_LIST_paos_reg(F, A, L) \
    F(L, local_port,   0x00, 23, 16) \
    F(L, admin_status, 0x00, 11,  8) \
    F(L, oper_status,  0x00,  3,  0) \
    F(L, ase,          0x04, 31, 31) \
    F(L, ee,           0x04, 30, 30) \
    F(L, e,            0x04,  1,  0)
CX6DX_LAYOUT(paos_reg, 0x10)

#define CX6DX_LIST_pmtu_reg(F, A, L)\
    F(L, local_port, 0x00, 23, 16) \
    F(L, max_mtu,    0x04, 31, 16) \
    F(L, admin_mtu,  0x08, 31, 16) \
    F(L, oper_mtu,   0x0c, 31, 16)
CX6DX_LAYOUT(pmtu_reg, 0x10)

#define CX6DX_LIST_pfcc_reg(F, A, L)\
    F(L, local_port, 0x00, 23, 16) \
    F(L, pptx,       0x08, 31, 31) \
    F(L, aptx,       0x08, 30, 30) \
    F(L, pfctx,      0x08, 23, 16) \
    F(L, pprx,       0x0c, 31, 31) \
    F(L, aprx,       0x0c, 30, 30) \
    F(L, pfcrx,      0x0c, 23, 16)
CX6DX_LAYOUT(pfcc_reg, 0x20)

#define CX6DX_LIST_pmlp_reg(F, A, L)\
    F(L, local_port, 0x00, 23, 16) \
    F(L, width,      0x00,  7,  0) \
    A(L, lane0_module_mapping, 0x04, 0x04) \
    A(L, lane1_module_mapping, 0x08, 0x04) \
    A(L, lane2_module_mapping, 0x0c, 0x04) \
    A(L, lane3_module_mapping, 0x10, 0x04)
CX6DX_LAYOUT(pmlp_reg, 0x40)

#define CX6DX_LIST_lane_2_module_mapping(F, A, L) \
    F(L, rx_lane, 0x00, 27, 24) \
    F(L, tx_lane, 0x00, 19, 16) \
    F(L, module,  0x00,  7,  0)
CX6DX_LAYOUT(lane_2_module_mapping, 0x04)

#define CX6DX_LIST_ppcnt_reg(F, A, L)\
    F(L, local_port,  0x00, 23, 16) \
    F(L, grp,         0x00,  5,  0) \
    F(L, clr,         0x04, 31, 31) \
    F(L, prio_tc,     0x04,  4,  0) \
    A(L, counter_set, 0x08, 0xf8)
CX6DX_LAYOUT(ppcnt_reg, 0x100)

/* counter_set of PPCNT group 0 */
#define CX6DX_LIST_ppcnt_802_3(F, A, L)                     \
    F(L, a_frames_transmitted_ok_high,        0x00, 31,  0) \
    F(L, a_frames_transmitted_ok_low,         0x04, 31,  0) \
    F(L, a_frames_received_ok_high,           0x08, 31,  0) \
    F(L, a_frames_received_ok_low,            0x0c, 31,  0) \
    F(L, a_frame_check_sequence_errors_high,  0x10, 31,  0) \
    F(L, a_frame_check_sequence_errors_low,   0x14, 31,  0) \
    F(L, a_octets_transmitted_ok_high,        0x20, 31,  0) \
    F(L, a_octets_transmitted_ok_low,         0x24, 31,  0) \
    F(L, a_octets_received_ok_high,           0x28, 31,  0) \
    F(L, a_octets_received_ok_low,            0x2c, 31,  0) \
    F(L, a_multicast_frames_xmitted_ok_high,  0x30, 31,  0) \
    F(L, a_multicast_frames_xmitted_ok_low,   0x34, 31,  0) \
    F(L, a_broadcast_frames_xmitted_ok_high,  0x38, 31,  0) \
    F(L, a_broadcast_frames_xmitted_ok_low,   0x3c, 31,  0) \
    F(L, a_multicast_frames_received_ok_high, 0x40, 31,  0) \
    F(L, a_multicast_frames_received_ok_low,  0x44, 31,  0) \
    F(L, a_broadcast_frames_received_ok_high, 0x48, 31,  0) \
    F(L, a_broadcast_frames_received_ok_low,  0x4c, 31,  0) \
    F(L, a_frame_too_long_errors_high,        0x60, 31,  0) \
    F(L, a_frame_too_long_errors_low,         0x64, 31,  0)
CX6DX_LAYOUT(ppcnt_802_3, 0xf8)

/* of group 1 */
#define CX6DX_LIST_ppcnt_2863(F, A, L)                      \
    F(L, if_in_octets_high,          0x00, 31, 0) \
    F(L, if_in_octets_low,           0x04, 31, 0) \
    F(L, if_in_ucast_pkts_high,      0x08, 31, 0) \
    F(L, if_in_ucast_pkts_low,       0x0c, 31, 0) \
    F(L, if_in_errors_high,          0x18, 31, 0) \
    F(L, if_in_errors_low,           0x1c, 31, 0) \
    F(L, if_out_octets_high,         0x28, 31, 0) \
    F(L, if_out_octets_low,          0x2c, 31, 0) \
    F(L, if_out_ucast_pkts_high,     0x30, 31, 0) \
    F(L, if_out_ucast_pkts_low,      0x34, 31, 0) \
    F(L, if_out_errors_high,         0x40, 31, 0) \
    F(L, if_out_errors_low,          0x44, 31, 0) \
    F(L, if_in_multicast_pkts_high,  0x48, 31, 0) \
    F(L, if_in_multicast_pkts_low,   0x4c, 31, 0) \
    F(L, if_in_broadcast_pkts_high,  0x50, 31, 0) \
    F(L, if_in_broadcast_pkts_low,   0x54, 31, 0) \
    F(L, if_out_multicast_pkts_high, 0x58, 31, 0) \
    F(L, if_out_multicast_pkts_low,  0x5c, 31, 0) \
    F(L, if_out_broadcast_pkts_high, 0x60, 31, 0) \
    F(L, if_out_broadcast_pkts_low,  0x64, 31, 0)
CX6DX_LAYOUT(ppcnt_2863, 0xf8)

/* of group 2: what was received */
#define CX6DX_LIST_ppcnt_2819(F, A, L)                      \
    F(L, ether_stats_octets_high,                0x08, 31, 0) \
    F(L, ether_stats_octets_low,                 0x0c, 31, 0) \
    F(L, ether_stats_pkts_high,                  0x10, 31, 0) \
    F(L, ether_stats_pkts_low,                   0x14, 31, 0) \
    F(L, ether_stats_broadcast_pkts_high,        0x18, 31, 0) \
    F(L, ether_stats_broadcast_pkts_low,         0x1c, 31, 0) \
    F(L, ether_stats_multicast_pkts_high,        0x20, 31, 0) \
    F(L, ether_stats_multicast_pkts_low,         0x24, 31, 0) \
    F(L, ether_stats_oversize_pkts_high,         0x38, 31, 0) \
    F(L, ether_stats_oversize_pkts_low,          0x3c, 31, 0) \
    F(L, ether_stats_pkts64octets_high,          0x58, 31, 0) \
    F(L, ether_stats_pkts64octets_low,           0x5c, 31, 0) \
    F(L, ether_stats_pkts65to127octets_high,     0x60, 31, 0) \
    F(L, ether_stats_pkts65to127octets_low,      0x64, 31, 0) \
    F(L, ether_stats_pkts128to255octets_high,    0x68, 31, 0) \
    F(L, ether_stats_pkts128to255octets_low,     0x6c, 31, 0) \
    F(L, ether_stats_pkts256to511octets_high,    0x70, 31, 0) \
    F(L, ether_stats_pkts256to511octets_low,     0x74, 31, 0) \
    F(L, ether_stats_pkts512to1023octets_high,   0x78, 31, 0) \
    F(L, ether_stats_pkts512to1023octets_low,    0x7c, 31, 0) \
    F(L, ether_stats_pkts1024to1518octets_high,  0x80, 31, 0) \
    F(L, ether_stats_pkts1024to1518octets_low,   0x84, 31, 0) \
    F(L, ether_stats_pkts1519to2047octets_high,  0x88, 31, 0) \
    F(L, ether_stats_pkts1519to2047octets_low,   0x8c, 31, 0) \
    F(L, ether_stats_pkts2048to4095octets_high,  0x90, 31, 0) \
    F(L, ether_stats_pkts2048to4095octets_low,   0x94, 31, 0) \
    F(L, ether_stats_pkts4096to8191octets_high,  0x98, 31, 0) \
    F(L, ether_stats_pkts4096to8191octets_low,   0x9c, 31, 0) \
    F(L, ether_stats_pkts8192to10239octets_high, 0xa0, 31, 0) \
    F(L, ether_stats_pkts8192to10239octets_low,  0xa4, 31, 0)
CX6DX_LAYOUT(ppcnt_2819, 0xf8)

/* of group 0x10 */
#define CX6DX_LIST_ppcnt_per_prio(F, A, L)                  \
    F(L, rx_octets_high, 0x00, 31, 0) \
    F(L, rx_octets_low,  0x04, 31, 0) \
    F(L, rx_frames_high, 0x20, 31, 0) \
    F(L, rx_frames_low,  0x24, 31, 0) \
    F(L, tx_octets_high, 0x28, 31, 0) \
    F(L, tx_octets_low,  0x2c, 31, 0) \
    F(L, tx_frames_high, 0x48, 31, 0) \
    F(L, tx_frames_low,  0x4c, 31, 0)
CX6DX_LAYOUT(ppcnt_per_prio, 0xf8)

/* of group 0x12 */
#define CX6DX_LIST_ppcnt_phys(F, A, L) \
    F(L, link_down_events, 0xc0, 31, 0)
CX6DX_LAYOUT(ppcnt_phys, 0xf8)

#endif

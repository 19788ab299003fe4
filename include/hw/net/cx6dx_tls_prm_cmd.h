/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ConnectX-6 Dx interface: layouts of commands
 * and of the contexts that they carry
 *
 * Facts about the hardware only; no tuning constant.  Included through
 * cx6dx_tls_prm.h, which explains the notation and gives the accessors.
 * Where a layout has the name of a structure in the kernel's mlx5_ifc.h, the
 * unit suite compares each field with that header.
 */
#ifndef HW_NET_CX6DX_TLS_PRM_CMD_H
#define HW_NET_CX6DX_TLS_PRM_CMD_H

/* ---- Command interface: queue entry, mailbox, common headers ---- */

/* command queue entry, one for each slot */
#define CX6DX_LIST_cmd_entry(F, A, L)   \
    F(L, type,            0x00, 31, 24) \
    F(L, inlen,           0x04, 31,  0) \
    F(L, in_ptr_h,        0x08, 31,  0) \
    F(L, in_ptr_l,        0x0c, 31,  0) \
    A(L, in,              0x10, 0x10)   \
    A(L, out,             0x20, 0x10)   \
    F(L, out_ptr_h,       0x30, 31,  0) \
    F(L, out_ptr_l,       0x34, 31,  0) \
    F(L, outlen,          0x38, 31,  0) \
    F(L, token,           0x3c, 31, 24) \
    F(L, sig,             0x3c, 23, 16) \
    F(L, delivery_status, 0x3c,  7,  1) \
    F(L, hw_owned,        0x3c,  0,  0)
CX6DX_LAYOUT(cmd_entry, 0x40)

/* mailbox block; 1024-byte aligned in guest memory */
#define CX6DX_LIST_cmd_mailbox(F, A, L)\
    A(L, data,      0x00, 0x200)   \
    F(L, next_h,    0x230, 31,  0) \
    F(L, next_l,    0x234, 31,  0) \
    F(L, block_num, 0x238, 31,  0) \
    F(L, token,     0x23c, 23, 16)
CX6DX_LAYOUT(cmd_mailbox, 0x240)

/* what every command input starts with */
#define CX6DX_LIST_cmd_in(F, A, L)\
    F(L, opcode, 0x00, 31, 16) \
    F(L, uid,    0x00, 15,  0) \
    F(L, op_mod, 0x04, 15,  0) \
    F(L, number, 0x08, 23,  0)
CX6DX_LAYOUT(cmd_in, 0x10)

/* what every command output starts with */
#define CX6DX_LIST_cmd_out(F, A, L)\
    F(L, status,   0x00, 31, 24) \
    F(L, syndrome, 0x04, 31,  0) \
    F(L, number,   0x08, 23,  0)
CX6DX_LAYOUT(cmd_out, 0x10)

/* ---- Start, stop, pages, capabilities ---- */

#define CX6DX_LIST_query_issi_out(F, A, L) \
    F(L, current_issi,       0x08, 15,  0) \
    F(L, supported_issi_dw0, 0x6c, 31,  0)
CX6DX_LAYOUT(query_issi_out, 0x70)

#define CX6DX_LIST_set_issi_in(F, A, L)\
    F(L, current_issi, 0x08, 15,  0)
CX6DX_LAYOUT(set_issi_in, 0x10)

#define CX6DX_LIST_query_pages_in(F, A, L)\
    F(L, op_mod,      0x04, 15,  0) \
    F(L, function_id, 0x08, 15,  0)
CX6DX_LAYOUT(query_pages_in, 0x10)

#define CX6DX_LIST_query_pages_out(F, A, L)\
    F(L, function_id, 0x08, 15,  0) \
    F(L, num_pages,   0x0c, 31,  0)
CX6DX_LAYOUT(query_pages_out, 0x10)

#define CX6DX_LIST_manage_pages_in(F, A, L)\
    F(L, op_mod,            0x04, 15,  0) \
    F(L, function_id,       0x08, 15,  0) \
    F(L, input_num_entries, 0x0c, 31,  0)
CX6DX_LAYOUT(manage_pages_in, 0x10)

#define CX6DX_LIST_manage_pages_out(F, A, L)\
    F(L, output_num_entries, 0x08, 31,  0)
CX6DX_LAYOUT(manage_pages_out, 0x10)

#define CX6DX_LIST_query_adapter_out(F, A, L)\
    F(L, ieee_vendor_id, 0x28, 23,  0) \
    F(L, vsd_vendor_id,  0x2c, 15,  0) \
    A(L, vsd_contd_psid, 0x100, 0x10)
CX6DX_LAYOUT(query_adapter_out, 0x110)

#define CX6DX_LIST_query_hca_cap_in(F, A, L)\
    F(L, op_mod,      0x04, 15,  0) \
    F(L, function_id, 0x08, 15,  0)
CX6DX_LAYOUT(query_hca_cap_in, 0x10)

#define CX6DX_LIST_query_hca_cap_out(F, A, L)\
    A(L, capability, 0x10, 0x1000)
CX6DX_LAYOUT(query_hca_cap_out, 0x1010)

#define CX6DX_LIST_set_hca_cap_in(F, A, L)\
    F(L, op_mod,     0x04, 15,  0) \
    A(L, capability, 0x10, 0x1000)
CX6DX_LAYOUT(set_hca_cap_in, 0x1010)

#define CX6DX_LIST_init_hca_in(F, A, L)\
    F(L, op_mod, 0x04, 15,  0)
CX6DX_LAYOUT(init_hca_in, 0x20)

#define CX6DX_LIST_teardown_hca_in(F, A, L)\
    F(L, profile, 0x08, 15,  0)
CX6DX_LAYOUT(teardown_hca_in, 0x10)

enum {                              /* teardown_hca_in.profile */
    CX6DX_TEARDOWN_GRACEFUL = 0,
    CX6DX_TEARDOWN_FORCE = 1,
    CX6DX_TEARDOWN_PREPARE_FAST = 2,
};

#define CX6DX_LIST_teardown_hca_out(F, A, L)\
    F(L, state, 0x0c,  0,  0)
CX6DX_LAYOUT(teardown_hca_out, 0x10)

#define CX6DX_LIST_set_driver_version_in(F, A, L)\
    A(L, driver_version, 0x10, 0x40)
CX6DX_LAYOUT(set_driver_version_in, 0x50)

/* register data follow at 0x10 */
#define CX6DX_LIST_access_register_in(F, A, L)\
    F(L, op_mod,      0x04, 15,  0) \
    F(L, register_id, 0x08, 15,  0) \
    F(L, argument,    0x0c, 31,  0)
CX6DX_LAYOUT(access_register_in, 0x10)

/* register data follow at 0x10 */
#define CX6DX_LIST_access_register_out(F, A, L)\
    F(L, status, 0x00, 31, 24)
CX6DX_LAYOUT(access_register_out, 0x10)

/* ---- Vport and counters ---- */

#define CX6DX_LIST_query_vport_state_out(F, A, L)\
    F(L, admin_state, 0x0c,  7,  4) \
    F(L, state,       0x0c,  3,  0)
CX6DX_LAYOUT(query_vport_state_out, 0x10)

#define CX6DX_LIST_query_nic_vport_context_in(F, A, L)\
    F(L, allowed_list_type, 0x0c, 26, 24)
CX6DX_LAYOUT(query_nic_vport_context_in, 0x10)

/* nic_vport_context follows at 0x10 */
#define CX6DX_LIST_query_nic_vport_context_out(F, A, L)\
    F(L, status, 0x00, 31, 24)
CX6DX_LAYOUT(query_nic_vport_context_out, 0x10)

/* nic_vport_context follows at 0x100 */
#define CX6DX_LIST_modify_nic_vport_context_in(F, A, L)\
    F(L, disable_uc_local_lb, 0x0c, 11, 11) \
    F(L, disable_mc_local_lb, 0x0c, 10, 10) \
    F(L, min_inline,          0x0c,  7,  7) \
    F(L, mtu,                 0x0c,  6,  6) \
    F(L, promisc,             0x0c,  4,  4) \
    F(L, permanent_address,   0x0c,  3,  3) \
    F(L, addresses_list,      0x0c,  2,  2)
CX6DX_LAYOUT(modify_nic_vport_context_in, 0x100)

/* the address list follows at 0x100 */
#define CX6DX_LIST_nic_vport_context(F, A, L)\
    F(L, min_wqe_inline_mode, 0x00, 26, 24) \
    F(L, disable_mc_local_lb, 0x00,  2,  2) \
    F(L, disable_uc_local_lb, 0x00,  1,  1) \
    F(L, sd_group,            0x20, 30, 28) \
    F(L, mtu,                 0x24, 15,  0) \
    F(L, system_image_guid_h, 0x28, 31,  0) \
    F(L, system_image_guid_l, 0x2c, 31,  0) \
    F(L, port_guid_h,         0x30, 31,  0) \
    F(L, port_guid_l,         0x34, 31,  0) \
    F(L, node_guid_h,         0x38, 31,  0) \
    F(L, node_guid_l,         0x3c, 31,  0) \
    F(L, promisc_uc,          0xf0, 31, 31) \
    F(L, promisc_mc,          0xf0, 30, 30) \
    F(L, promisc_all,         0xf0, 29, 29) \
    F(L, allowed_list_type,   0xf0, 26, 24) \
    F(L, allowed_list_size,   0xf0, 11,  0) \
    F(L, permanent_mac_47_32, 0xf4, 15,  0) \
    F(L, permanent_mac_31_0,  0xf8, 31,  0)
CX6DX_LAYOUT(nic_vport_context, 0x100)

#define CX6DX_LIST_mac_address_layout(F, A, L)\
    F(L, mac_addr_47_32, 0x00, 15,  0) \
    F(L, mac_addr_31_0,  0x04, 31,  0)
CX6DX_LAYOUT(mac_address_layout, 0x08)

#define CX6DX_LIST_query_vnic_env_in(F, A, L)\
    F(L, other_vport,  0x08, 31, 31) \
    F(L, vport_number, 0x08, 15,  0)
CX6DX_LAYOUT(query_vnic_env_in, 0x10)

#define CX6DX_LIST_query_vnic_env_out(F, A, L)        \
    F(L, total_error_queues,             0x14, 31,  0) \
    F(L, nic_receive_steering_discard_h, 0x20, 31,  0) \
    F(L, nic_receive_steering_discard_l, 0x24, 31,  0) \
    F(L, invalid_command,                0x44, 31,  0) \
    F(L, cq_overrun,                     0x50, 31,  0)
CX6DX_LAYOUT(query_vnic_env_out, 0x210)

#define CX6DX_LIST_query_vport_counter_in(F, A, L)\
    F(L, clear, 0x18, 31, 31)
CX6DX_LAYOUT(query_vport_counter_in, 0x20)

#define CX6DX_LIST_query_vport_counter_out(F, A, L)         \
    F(L, received_errors_packets_h,           0x10, 31,  0) \
    F(L, received_errors_packets_l,           0x14, 31,  0) \
    F(L, received_errors_octets_h,            0x18, 31,  0) \
    F(L, received_errors_octets_l,            0x1c, 31,  0) \
    F(L, transmit_errors_packets_h,           0x20, 31,  0) \
    F(L, transmit_errors_packets_l,           0x24, 31,  0) \
    F(L, transmit_errors_octets_h,            0x28, 31,  0) \
    F(L, transmit_errors_octets_l,            0x2c, 31,  0) \
    F(L, received_eth_broadcast_packets_h,    0x70, 31,  0) \
    F(L, received_eth_broadcast_packets_l,    0x74, 31,  0) \
    F(L, received_eth_broadcast_octets_h,     0x78, 31,  0) \
    F(L, received_eth_broadcast_octets_l,     0x7c, 31,  0) \
    F(L, transmitted_eth_broadcast_packets_h, 0x80, 31,  0) \
    F(L, transmitted_eth_broadcast_packets_l, 0x84, 31,  0) \
    F(L, transmitted_eth_broadcast_octets_h,  0x88, 31,  0) \
    F(L, transmitted_eth_broadcast_octets_l,  0x8c, 31,  0) \
    F(L, received_eth_unicast_packets_h,      0x90, 31,  0) \
    F(L, received_eth_unicast_packets_l,      0x94, 31,  0) \
    F(L, received_eth_unicast_octets_h,       0x98, 31,  0) \
    F(L, received_eth_unicast_octets_l,       0x9c, 31,  0) \
    F(L, transmitted_eth_unicast_packets_h,   0xa0, 31,  0) \
    F(L, transmitted_eth_unicast_packets_l,   0xa4, 31,  0) \
    F(L, transmitted_eth_unicast_octets_h,    0xa8, 31,  0) \
    F(L, transmitted_eth_unicast_octets_l,    0xac, 31,  0) \
    F(L, received_eth_multicast_packets_h,    0xb0, 31,  0) \
    F(L, received_eth_multicast_packets_l,    0xb4, 31,  0) \
    F(L, received_eth_multicast_octets_h,     0xb8, 31,  0) \
    F(L, received_eth_multicast_octets_l,     0xbc, 31,  0) \
    F(L, transmitted_eth_multicast_packets_h, 0xc0, 31,  0) \
    F(L, transmitted_eth_multicast_packets_l, 0xc4, 31,  0) \
    F(L, transmitted_eth_multicast_octets_h,  0xc8, 31,  0) \
    F(L, transmitted_eth_multicast_octets_l,  0xcc, 31,  0)
CX6DX_LAYOUT(query_vport_counter_out, 0x210)

#define CX6DX_LIST_query_q_counter_in(F, A, L)\
    F(L, clear,          0x18, 31, 31) \
    F(L, counter_set_id, 0x1c,  7,  0)
CX6DX_LAYOUT(query_q_counter_in, 0x20)

#define CX6DX_LIST_query_q_counter_out(F, A, L)\
    F(L, out_of_buffer, 0x30, 31,  0)
CX6DX_LAYOUT(query_q_counter_out, 0x100)

/* ---- Event and completion queues ---- */

/* the list of page addresses follows at 0x110 */
#define CX6DX_LIST_create_eq_in(F, A, L)\
    A(L, eq_context_entry, 0x10, 0x40) \
    A(L, event_bitmask,    0x58, 0x20)
CX6DX_LAYOUT(create_eq_in, 0x110)

/* EQ numbers have eight bits */
#define CX6DX_LIST_eq_out(F, A, L)\
    F(L, eq_number, 0x08,  7,  0)
CX6DX_LAYOUT(eq_out, 0x10)

#define CX6DX_LIST_query_eq_out(F, A, L)\
    A(L, eq_context_entry, 0x10, 0x40)
CX6DX_LAYOUT(query_eq_out, 0x110)

#define CX6DX_LIST_eqc(F, A, L)          \
    F(L, status,           0x00, 31, 28) \
    F(L, oi,               0x00, 17, 17) \
    F(L, st,               0x00, 11,  8) \
    F(L, log_eq_size,      0x0c, 28, 24) \
    F(L, uar_page,         0x0c, 23,  0) \
    F(L, intr,             0x14, 11,  0) \
    F(L, log_page_size,    0x18, 28, 24) \
    F(L, consumer_counter, 0x28, 23,  0) \
    F(L, producer_counter, 0x2c, 23,  0)
CX6DX_LAYOUT(eqc, 0x40)

/* the list of page addresses follows at 0x110 */
#define CX6DX_LIST_create_cq_in(F, A, L)\
    A(L, cq_context, 0x10, 0x40)
CX6DX_LAYOUT(create_cq_in, 0x110)

#define CX6DX_LIST_query_cq_out(F, A, L)\
    A(L, cq_context, 0x10, 0x40)
CX6DX_LAYOUT(query_cq_out, 0x110)

#define CX6DX_LIST_modify_cq_in(F, A, L)\
    F(L, cqn,          0x08, 23,  0) \
    F(L, field_select, 0x0c, 31,  0) \
    A(L, cq_context,   0x10, 0x40)
CX6DX_LAYOUT(modify_cq_in, 0x110)

#define CX6DX_LIST_cqc(F, A, L)              \
    F(L, status,               0x00, 31, 28) \
    F(L, cqe_sz,               0x00, 23, 21) \
    F(L, cc,                   0x00, 20, 20) \
    F(L, oi,                   0x00, 17, 17) \
    F(L, cq_period_mode,       0x00, 16, 15) \
    F(L, cqe_comp_en,          0x00, 14, 14) \
    F(L, mini_cqe_res_format,  0x00, 13, 12) \
    F(L, st,                   0x00, 11,  8) \
    F(L, cqe_compression_layout, 0x00, 1, 0) \
    F(L, log_cq_size,          0x0c, 28, 24) \
    F(L, uar_page,             0x0c, 23,  0) \
    F(L, cq_period,            0x10, 27, 16) \
    F(L, cq_max_count,         0x10, 15,  0) \
    F(L, c_eqn_or_apu_element, 0x14, 31,  0) \
    F(L, log_page_size,        0x18, 28, 24) \
    F(L, last_notified_index,  0x20, 23,  0) \
    F(L, consumer_counter,     0x28, 23,  0) \
    F(L, producer_counter,     0x2c, 23,  0) \
    F(L, dbr_addr_h,           0x38, 31,  0) \
    F(L, dbr_addr_l,           0x3c, 31,  0)
CX6DX_LAYOUT(cqc, 0x40)

/* ---- Memory keys ---- */

/* translation entries follow at 0x110 */
#define CX6DX_LIST_create_mkey_in(F, A, L)               \
    A(L, memory_key_mkey_entry,            0x10, 0x40)   \
    F(L, translations_octword_actual_size, 0x60, 31,  0)
CX6DX_LAYOUT(create_mkey_in, 0x110)

#define CX6DX_LIST_mkc(F, A, L)                   \
    F(L, free,                      0x00, 30, 30) \
    F(L, relaxed_ordering_write,    0x00, 18, 18) \
    F(L, umr_en,                    0x00, 15, 15) \
    F(L, lw,                        0x00, 11, 11) \
    F(L, lr,                        0x00, 10, 10) \
    F(L, access_mode_1_0,           0x00,  9,  8) \
    F(L, qpn,                       0x04, 31,  8) \
    F(L, mkey_7_0,                  0x04,  7,  0) \
    F(L, length64,                  0x0c, 31, 31) \
    F(L, pd,                        0x0c, 23,  0) \
    F(L, start_addr_h,              0x10, 31,  0) \
    F(L, start_addr_l,              0x14, 31,  0) \
    F(L, len_h,                     0x18, 31,  0) \
    F(L, len_l,                     0x1c, 31,  0) \
    F(L, translations_octword_size, 0x34, 31,  0) \
    F(L, relaxed_ordering_read,     0x38,  6,  6) \
    F(L, log_page_size,             0x38,  5,  0)
CX6DX_LAYOUT(mkc, 0x40)

/* ---- Send and receive objects ---- */

/* TIS, SQ, RQ, RQT, TIR: the context follows at 0x20 */
#define CX6DX_LIST_create_obj_in(F, A, L)\
    F(L, opcode, 0x00, 31, 16)
CX6DX_LAYOUT(create_obj_in, 0x20)

/* SQ, RQ, RQT, TIR, TIS: the context follows at 0x20 */
#define CX6DX_LIST_modify_obj_in(F, A, L)\
    F(L, state,            0x08, 31, 28) \
    F(L, number,           0x08, 23,  0) \
    F(L, modify_bitmask_h, 0x10, 31,  0) \
    F(L, modify_bitmask_l, 0x14, 31,  0)
CX6DX_LAYOUT(modify_obj_in, 0x20)

#define CX6DX_LIST_tisc(F, A, L)             \
    F(L, tls_en,               0x00, 30, 30) \
    F(L, lag_tx_port_affinity, 0x00, 27, 24) \
    F(L, prio,                 0x00, 19, 16) \
    F(L, transport_domain,     0x24, 23,  0) \
    F(L, pd,                   0x2c, 23,  0)
CX6DX_LAYOUT(tisc, 0xa0)

#define CX6DX_LIST_sqc(F, A, L)                  \
    F(L, flush_in_error_en,        0x00, 28, 28) \
    F(L, allow_multi_pkt_send_wqe, 0x00, 27, 27) \
    F(L, min_wqe_inline_mode,      0x00, 26, 24) \
    F(L, state,                    0x00, 23, 20) \
    F(L, reg_umr,                  0x00, 19, 19) \
    F(L, allow_swp,                0x00, 18, 18) \
    F(L, cqn,                      0x08, 23,  0) \
    F(L, tis_lst_sz,               0x20, 31, 16) \
    F(L, tis_num_0,                0x2c, 23,  0) \
    A(L, wq,                       0x30, 0xc0)
CX6DX_LAYOUT(sqc, 0xf0)

/* page addresses follow at 0xc0 */
#define CX6DX_LIST_wq(F, A, L)                 \
    F(L, wq_type,                0x00, 31, 28) \
    F(L, end_padding_mode,       0x00, 26, 25) \
    F(L, pd,                     0x08, 23,  0) \
    F(L, uar_page,               0x0c, 23,  0) \
    F(L, dbr_addr_h,             0x10, 31,  0) \
    F(L, dbr_addr_l,             0x14, 31,  0) \
    F(L, hw_counter,             0x18, 31,  0) \
    F(L, sw_counter,             0x1c, 31,  0) \
    F(L, log_wq_stride,          0x20, 19, 16) \
    F(L, log_wq_pg_sz,           0x20, 12,  8) \
    F(L, log_wq_sz,              0x20,  4,  0) \
    F(L, log_wqe_num_of_strides, 0x24, 11,  8) \
    F(L, log_wqe_stride_size,    0x24,  2,  0)
CX6DX_LAYOUT(wq, 0xc0)

#define CX6DX_LIST_rqc(F, A, L)           \
    F(L, scatter_fcs,       0x00, 29, 29) \
    F(L, vsd,               0x00, 28, 28) \
    F(L, mem_rq_type,       0x00, 27, 24) \
    F(L, state,             0x00, 23, 20) \
    F(L, flush_in_error_en, 0x00, 18, 18) \
    F(L, cqn,               0x08, 23,  0) \
    F(L, counter_set_id,    0x0c, 31, 24) \
    A(L, wq,                0x30, 0xc0)
CX6DX_LAYOUT(rqc, 0xf0)

/* 4-byte RQ numbers follow at 0xf0 */
#define CX6DX_LIST_rqtc(F, A, L)        \
    F(L, list_q_type,     0x14, 26, 24) \
    F(L, rqt_max_size,    0x14, 15,  0) \
    F(L, rqt_actual_size, 0x18, 15,  0)
CX6DX_LAYOUT(rqtc, 0xf0)

/* lro_max_ip_payload_size counts units of 256 bytes */
#define CX6DX_LIST_tirc(F, A, L)                 \
    F(L, disp_type,                0x04, 31, 28) \
    F(L, tls_en,                   0x04, 27, 27) \
    F(L, lro_timeout_period_usecs, 0x10, 27, 12) \
    F(L, packet_merge_mask,        0x10, 11,  8) \
    F(L, lro_max_ip_payload_size,  0x10,  7,  0) \
    F(L, inline_rqn,               0x1c, 23,  0) \
    F(L, rx_hash_symmetric,        0x20, 31, 31) \
    F(L, tunneled_offload_en,      0x20, 29, 29) \
    F(L, indirect_table,           0x20, 23,  0) \
    F(L, rx_hash_fn,               0x24, 31, 28) \
    F(L, self_lb_block,            0x24, 25, 24) \
    F(L, transport_domain,         0x24, 23,  0) \
    A(L, rx_hash_toeplitz_key,     0x28, 0x28)   \
    F(L, l3_prot_type,             0x50, 31, 31) \
    F(L, l4_prot_type,             0x50, 30, 30) \
    F(L, selected_fields,          0x50, 29,  0)
CX6DX_LAYOUT(tirc, 0xf0)

/* ---- Flow steering ---- */

/* the fields that all steering commands share */
#define CX6DX_LIST_flow_cmd_in(F, A, L)\
    F(L, op_mod,      0x04, 15,  0) \
    F(L, other_vport, 0x08, 31, 31) \
    F(L, table_type,  0x10, 31, 24) \
    F(L, table_id,    0x14, 23,  0)
CX6DX_LAYOUT(flow_cmd_in, 0x40)

#define CX6DX_LIST_create_flow_table_in(F, A, L)\
    F(L, table_type,         0x10, 31, 24) \
    A(L, flow_table_context, 0x18, 0x28)
CX6DX_LAYOUT(create_flow_table_in, 0x40)

#define CX6DX_LIST_flow_table_context(F, A, L)\
    F(L, reformat_en,       0x00, 31, 31) \
    F(L, decap_en,          0x00, 30, 30) \
    F(L, table_miss_action, 0x00, 27, 24) \
    F(L, level,             0x00, 23, 16) \
    F(L, log_size,          0x00,  7,  0) \
    F(L, table_miss_id,     0x04, 23,  0)
CX6DX_LAYOUT(flow_table_context, 0x28)

#define CX6DX_LIST_modify_flow_table_in(F, A, L)\
    F(L, modify_field_select, 0x0c, 15,  0) \
    F(L, table_type,          0x10, 31, 24) \
    F(L, table_id,            0x14, 23,  0) \
    A(L, flow_table_context,  0x18, 0x28)
CX6DX_LAYOUT(modify_flow_table_in, 0x40)

#define CX6DX_LIST_set_flow_table_root_in(F, A, L)\
    F(L, op_mod,     0x04, 15,  0) \
    F(L, table_type, 0x10, 31, 24) \
    F(L, table_id,   0x14, 23,  0)
CX6DX_LAYOUT(set_flow_table_root_in, 0x40)

#define CX6DX_LIST_create_flow_group_in(F, A, L)\
    F(L, group_type,            0x10, 19, 16) \
    F(L, table_id,              0x14, 23,  0) \
    F(L, start_flow_index,      0x1c, 31,  0) \
    F(L, end_flow_index,        0x24, 31,  0) \
    F(L, match_criteria_enable, 0x3c,  7,  0) \
    A(L, match_criteria,        0x40, 0x200)
CX6DX_LAYOUT(create_flow_group_in, 0x400)

#define CX6DX_LIST_destroy_flow_group_in(F, A, L)\
    F(L, table_type, 0x10, 31, 24) \
    F(L, table_id,   0x14, 23,  0) \
    F(L, group_id,   0x18, 31,  0)
CX6DX_LAYOUT(destroy_flow_group_in, 0x40)

#define CX6DX_LIST_set_fte_in(F, A, L)         \
    F(L, op_mod,                 0x04, 15,  0) \
    F(L, table_type,             0x10, 31, 24) \
    F(L, table_id,               0x14, 23,  0) \
    F(L, modify_enable_mask,     0x18,  7,  0) \
    F(L, flow_index,             0x20, 31,  0) \
    F(L, group_id,               0x44, 31,  0) \
    F(L, flow_tag,               0x48, 23,  0) \
    F(L, action,                 0x4c, 15,  0) \
    F(L, extended_destination,   0x50, 31, 31) \
    F(L, destination_list_size,  0x50, 23,  0) \
    F(L, flow_counter_list_size, 0x54, 23,  0) \
    A(L, match_value,            0x80, 0x200)
CX6DX_LAYOUT(set_fte_in, 0x340)

#define CX6DX_LIST_delete_fte_in(F, A, L)\
    F(L, table_type, 0x10, 31, 24) \
    F(L, table_id,   0x14, 23,  0) \
    F(L, flow_index, 0x20, 31,  0)
CX6DX_LAYOUT(delete_fte_in, 0x40)

#define CX6DX_LIST_dest_format(F, A, L)  \
    F(L, destination_type, 0x00, 31, 24) \
    F(L, destination_id,   0x00, 23,  0)
CX6DX_LAYOUT(dest_format, 0x08)

#define CX6DX_LIST_fte_match_param(F, A, L)\
    A(L, outer_headers, 0x00, 0x40)
CX6DX_LAYOUT(fte_match_param, 0x200)

#define CX6DX_LIST_fte_match_set_lyr_2_4(F, A, L)\
    F(L, smac_47_16,        0x00, 31,  0) \
    F(L, smac_15_0,         0x04, 31, 16) \
    F(L, ethertype,         0x04, 15,  0) \
    F(L, dmac_47_16,        0x08, 31,  0) \
    F(L, dmac_15_0,         0x0c, 31, 16) \
    F(L, first_prio,        0x0c, 15, 13) \
    F(L, first_cfi,         0x0c, 12, 12) \
    F(L, first_vid,         0x0c, 11,  0) \
    F(L, ip_protocol,       0x10, 31, 24) \
    F(L, ip_dscp,           0x10, 23, 18) \
    F(L, ip_ecn,            0x10, 17, 16) \
    F(L, cvlan_tag,         0x10, 15, 15) \
    F(L, svlan_tag,         0x10, 14, 14) \
    F(L, frag,              0x10, 13, 13) \
    F(L, ip_version,        0x10, 12,  9) \
    F(L, tcp_flags,         0x10,  8,  0) \
    F(L, tcp_sport,         0x14, 31, 16) \
    F(L, tcp_dport,         0x14, 15,  0) \
    F(L, ttl_hoplimit,      0x18,  7,  0) \
    F(L, udp_sport,         0x1c, 31, 16) \
    F(L, udp_dport,         0x1c, 15,  0) \
    A(L, src_ipv4_src_ipv6, 0x20, 0x10)   \
    F(L, src_ipv4,          0x2c, 31,  0) \
    A(L, dst_ipv4_dst_ipv6, 0x30, 0x10)   \
    F(L, dst_ipv4,          0x3c, 31,  0)
CX6DX_LAYOUT(fte_match_set_lyr_2_4, 0x40)

#define CX6DX_LIST_alloc_flow_counter_in(F, A, L)\
    F(L, flow_counter_bulk, 0x0c,  7,  0)
CX6DX_LAYOUT(alloc_flow_counter_in, 0x10)

#define CX6DX_LIST_alloc_flow_counter_out(F, A, L)\
    F(L, flow_counter_id, 0x08, 31,  0)
CX6DX_LAYOUT(alloc_flow_counter_out, 0x10)

#define CX6DX_LIST_query_flow_counter_in(F, A, L)\
    F(L, clear,           0x18, 31, 31) \
    F(L, num_of_counters, 0x18, 15,  0) \
    F(L, flow_counter_id, 0x1c, 31,  0)
CX6DX_LAYOUT(query_flow_counter_in, 0x20)

#define CX6DX_LIST_traffic_counter(F, A, L)\
    F(L, packets_h, 0x00, 31,  0) \
    F(L, packets_l, 0x04, 31,  0) \
    F(L, octets_h,  0x08, 31,  0) \
    F(L, octets_l,  0x0c, 31,  0)
CX6DX_LAYOUT(traffic_counter, 0x10)

/* ---- General objects: encryption keys ---- */

#define CX6DX_LIST_general_obj_in(F, A, L)\
    F(L, obj_type,      0x04, 15,  0) \
    F(L, obj_id,        0x08, 31,  0) \
    F(L, obj_offset,    0x0c, 30,  0) \
    F(L, log_obj_range, 0x0c, 28, 24)
CX6DX_LAYOUT(general_obj_in, 0x10)

#define CX6DX_LIST_general_obj_out(F, A, L)\
    F(L, obj_id, 0x08, 31,  0)
CX6DX_LAYOUT(general_obj_out, 0x10)

#define CX6DX_LIST_create_encryption_key_in(F, A, L)\
    A(L, encryption_key_object, 0x10, 0x200)
CX6DX_LAYOUT(create_encryption_key_in, 0x210)

#define CX6DX_LIST_encryption_key_obj(F, A, L)\
    F(L, modify_field_select_h, 0x00, 31,  0) \
    F(L, modify_field_select_l, 0x04, 31,  0) \
    F(L, state,                 0x08, 31, 24) \
    F(L, sw_wrapped,            0x08, 23, 23) \
    F(L, key_size,              0x08, 11,  8) \
    F(L, key_purpose,           0x08,  3,  0) \
    F(L, pd,                    0x0c, 23,  0) \
    A(L, key,                   0x40, 0x80)
CX6DX_LAYOUT(encryption_key_obj, 0x200)

#define CX6DX_LIST_sync_crypto_in(F, A, L)\
    F(L, crypto_type, 0x0c, 15,  0)
CX6DX_LAYOUT(sync_crypto_in, 0x20)

#endif

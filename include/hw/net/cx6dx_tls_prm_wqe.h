/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ConnectX-6 Dx interface: layouts of queue entries,
 * doorbells and TLS parameters
 *
 * Facts about the hardware only; no tuning constant.  Included through
 * cx6dx_tls_prm.h, which explains the notation and gives the accessors.
 * Where a layout has the name of a structure in the kernel's mlx5_ifc.h, the
 * unit suite compares each field with that header.
 */
#ifndef HW_NET_CX6DX_TLS_PRM_WQE_H
#define HW_NET_CX6DX_TLS_PRM_WQE_H

/* ---- Queue entries ---- */

/* event queue entry */
#define CX6DX_LIST_eqe(F, A, L)         \
    F(L, type,            0x00, 23, 16) \
    F(L, sub_type,        0x00,  7,  0) \
    F(L, cmd_vector,      0x20, 31,  0) \
    F(L, cq_err_cqn,      0x20, 23,  0) \
    A(L, data,            0x20, 0x1c)   \
    F(L, port_num,        0x28, 31, 28) \
    F(L, cq_err_syndrome, 0x28,  7,  0) \
    F(L, cqn,             0x38, 23,  0) \
    F(L, owner,           0x3c,  0,  0)
CX6DX_LAYOUT(eqe, 0x40)

/* The same, of type PAGE_REQUEST; a negative number is to be taken back */
#define CX6DX_LIST_eqe_page_request(F, A, L) \
    F(L, func_id,   0x20, 15, 0) \
    F(L, num_pages, 0x24, 31, 0)
CX6DX_LAYOUT(eqe_page_request, 0x40)

/* completion queue entry */
#define CX6DX_LIST_cqe(F, A, L)         \
    F(L, tls_offload,     0x00, 28, 27) \
    F(L, wqe_id,          0x00, 15,  0) \
    F(L, lro_tcp_psh,     0x04, 30, 30) \
    F(L, lro_min_ttl,     0x04, 23, 16) \
    F(L, lro_tcp_win,     0x04, 15,  0) \
    F(L, lro_ack_sn,      0x08, 31,  0) \
    F(L, rss_hash_result, 0x0c, 31,  0) \
    F(L, rss_hash_l4,     0x10, 31, 30) \
    F(L, rss_hash_ip,     0x10, 27, 26) \
    F(L, check_sum,       0x14, 31, 16) \
    F(L, l4_ok,           0x1c, 26, 26) \
    F(L, l3_ok,           0x1c, 25, 25) \
    F(L, l2_ok,           0x1c, 24, 24) \
    F(L, l4_hdr_type,     0x1c, 22, 20) \
    F(L, l3_hdr_type,     0x1c, 19, 18) \
    F(L, vlan_stripped,   0x1c, 16, 16) \
    F(L, vlan_info,       0x1c, 15,  0) \
    F(L, lro_num_seg,     0x20, 31, 24) \
    F(L, byte_cnt,        0x2c, 31,  0) \
    F(L, timestamp_h,     0x30, 31,  0) \
    F(L, timestamp_l,     0x34, 31,  0) \
    F(L, wqe_opcode,      0x38, 31, 24) \
    F(L, flow_tag,        0x38, 23,  0) \
    F(L, sqn,             0x38, 23,  0) \
    F(L, wqe_counter,     0x3c, 31, 16) \
    F(L, signature,       0x3c, 15,  8) \
    F(L, opcode,          0x3c,  7,  4) \
    F(L, format,          0x3c,  3,  2) \
    F(L, solicited,       0x3c,  1,  1) \
    F(L, owner,           0x3c,  0,  0)
CX6DX_LAYOUT(cqe, 0x40)

/* byte_cnt of a striding receive queue; a filler delivers no frame */
#define CX6DX_LIST_cqe_strides(F, A, L) \
    F(L, filler,          0x2c, 31, 31) \
    F(L, strides,         0x2c, 30, 16) \
    F(L, bytes,           0x2c, 15,  0)
CX6DX_LAYOUT(cqe_strides, 0x40)

/*
 * An entry of the array that stands for several completions, as a queue's
 * mini_cqe_res_format says: the hash, or the checksum with or without the stride
 */
#define CX6DX_LIST_mini_cqe(F, A, L)    \
    F(L, rx_hash_result,  0x00, 31,  0) \
    F(L, checksum,        0x00, 31, 16) \
    F(L, stridx,          0x00, 15,  0) \
    F(L, byte_cnt,        0x04, 31,  0)
CX6DX_LAYOUT(mini_cqe, 0x08)

/* completion with error; the rest as in cqe */
#define CX6DX_LIST_err_cqe(F, A, L)     \
    F(L, vendor_syndrome, 0x34, 15,  8) \
    F(L, syndrome,        0x34,  7,  0) \
    F(L, wqe_opcode,      0x38, 31, 24) \
    F(L, qpn,             0x38, 23,  0) \
    F(L, wqe_counter,     0x3c, 31, 16) \
    F(L, opcode,          0x3c,  7,  4) \
    F(L, owner,           0x3c,  0,  0)
CX6DX_LAYOUT(err_cqe, 0x40)

/* control segment, the first of every send work request */
#define CX6DX_LIST_wqe_ctrl(F, A, L)\
    F(L, opmod,       0x00, 31, 24) \
    F(L, wqe_index,   0x00, 23,  8) \
    F(L, opcode,      0x00,  7,  0) \
    F(L, qpn,         0x04, 31,  8) \
    F(L, ds,          0x04,  5,  0) \
    F(L, signature,   0x08, 31, 24) \
    F(L, fence,       0x08,  7,  5) \
    F(L, completion,  0x08,  3,  2) \
    F(L, solicited,   0x08,  1,  1) \
    F(L, general_id,  0x0c, 31,  0) \
    F(L, tis_tir_num, 0x0c, 31,  8)
CX6DX_LAYOUT(wqe_ctrl, 0x10)

/* Ethernet segment at 0x10 of SEND, LSO; the inline header starts inside it */
#define CX6DX_LIST_wqe_eth(F, A, L)   \
    F(L, l4_csum,       0x04, 31, 31) \
    F(L, l3_csum,       0x04, 30, 30) \
    F(L, mss,           0x04, 15,  0) \
    F(L, inline_hdr_sz, 0x0c, 31, 16) \
    F(L, vlan_insert,   0x0c, 31, 31) \
    F(L, svlan,         0x0c, 16, 16) \
    F(L, vlan_tci,      0x0c, 15,  0) \
    A(L, inline_hdr,    0x0e, 0x02)
CX6DX_LAYOUT(wqe_eth, 0x10)

/* first segment of a receive work request in a linked list */
#define CX6DX_LIST_wqe_next(F, A, L)\
    F(L, next_wqe_index, 0x00, 15, 0)
CX6DX_LAYOUT(wqe_next, 0x10)

/* data segment */
#define CX6DX_LIST_wqe_data(F, A, L)\
    F(L, inline_data, 0x00, 31, 31) \
    F(L, byte_count,  0x00, 30,  0) \
    F(L, lkey,        0x04, 31,  0) \
    F(L, addr_h,      0x08, 31,  0) \
    F(L, addr_l,      0x0c, 31,  0)
CX6DX_LAYOUT(wqe_data, 0x10)

/* UMR control segment at 0x10 of a UMR work request */
#define CX6DX_LIST_wqe_umr_ctrl(F, A, L)\
    F(L, inline_,        0x00, 31, 31) \
    F(L, translation_en, 0x00, 28, 28) \
    F(L, xlt_octowords,  0x04, 31, 16) \
    F(L, bsf_octowords,  0x04, 15,  0) \
    F(L, xlt_offset,     0x04, 15,  0) \
    F(L, mkey_mask_h,    0x08, 31,  0) \
    F(L, mkey_mask_l,    0x0c, 31,  0)
CX6DX_LAYOUT(wqe_umr_ctrl, 0x30)

/* GET_PSV segment at 0x10 */
#define CX6DX_LIST_wqe_get_psv(F, A, L)\
    F(L, num_psv,   0x10,  7,  4) \
    F(L, lkey,      0x14, 31,  0) \
    F(L, va_h,      0x18, 31,  0) \
    F(L, va_l,      0x1c, 31,  0) \
    F(L, psv_index, 0x20, 31,  0)
CX6DX_LAYOUT(wqe_get_psv, 0x30)

/* SET_PSV segment at 0x10: object number, then tls_progress_params */
#define CX6DX_LIST_wqe_set_psv(F, A, L)\
    F(L, number, 0x00, 31,  0) \
    A(L, params, 0x04, 0x0c)
CX6DX_LAYOUT(wqe_set_psv, 0x10)

/* CQ doorbell record in guest memory */
#define CX6DX_LIST_cq_dbrec(F, A, L)   \
    F(L, consumer_index, 0x00, 23,  0) \
    F(L, arm_sn,         0x04, 29, 28) \
    F(L, arm_cmd,        0x04, 24, 24) \
    F(L, arm_ci,         0x04, 23,  0)
CX6DX_LAYOUT(cq_dbrec, 0x08)

/* SQ and RQ doorbell record in guest memory */
#define CX6DX_LIST_wq_dbrec(F, A, L)\
    F(L, rq_counter, 0x00, 15,  0) \
    F(L, sq_counter, 0x04, 15,  0)
CX6DX_LAYOUT(wq_dbrec, 0x08)

/* UAR register CX6DX_UAR_EQ_* */
#define CX6DX_LIST_eq_doorbell(F, A, L)\
    F(L, eqn,            0x00, 31, 24) \
    F(L, consumer_index, 0x00, 23,  0)
CX6DX_LAYOUT(eq_doorbell, 0x04)

/* ---- TLS ---- */

#define CX6DX_LIST_tls_static_params(F, A, L)   \
    F(L, const_2,                 0x00, 31, 30) \
    F(L, tls_version,             0x00, 29, 26) \
    F(L, const_1,                 0x00, 25, 24) \
    F(L, encryption_standard,     0x00,  3,  0) \
    F(L, initial_record_number_h, 0x08, 31,  0) \
    F(L, initial_record_number_l, 0x0c, 31,  0) \
    F(L, resync_tcp_sn,           0x10, 31,  0) \
    F(L, gcm_iv,                  0x14, 31,  0) \
    F(L, implicit_iv_h,           0x18, 31,  0) \
    F(L, implicit_iv_l,           0x1c, 31,  0) \
    F(L, dek_index,               0x20, 23,  0)
CX6DX_LAYOUT(tls_static_params, 0x40)

#define CX6DX_LIST_tls_progress_params(F, A, L) \
    F(L, next_record_tcp_sn,      0x00, 31,  0) \
    F(L, hw_resync_tcp_sn,        0x04, 31,  0) \
    F(L, record_tracker_state,    0x08, 31, 30) \
    F(L, auth_state,              0x08, 29, 28) \
    F(L, hw_offset_record_number, 0x08, 23,  0)
CX6DX_LAYOUT(tls_progress_params, 0x0c)

/* what GET_PSV writes to guest memory */
#define CX6DX_LIST_psv_dump(F, A, L)\
    F(L, tirn,   0x00, 23,  0) \
    A(L, params, 0x04, 0x0c)
CX6DX_LAYOUT(psv_dump, 0x10)

#endif

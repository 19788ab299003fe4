/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Completion queue entries: plain values to 64 bytes, and back for tests
 */
#include "qemu/osdep.h"
#include "pure/cqe.h"

void cx6dx_cqe_encode_rx(const Cx6dxRxCqe *cqe, uint8_t buf[CX6DX_cqe_BYTES])
{
    memset(buf, 0, CX6DX_cqe_BYTES);
    CX6DX_SET(cqe, buf, tls_offload, cqe->tls_offload);
    CX6DX_SET(cqe, buf, wqe_id, cqe->wqe_id);
    CX6DX_SET(cqe, buf, rss_hash_result, cqe->rss_hash);
    CX6DX_SET(cqe, buf, rss_hash_l4, cqe->rss_hash_l4);
    CX6DX_SET(cqe, buf, rss_hash_ip, cqe->rss_hash_ip);
    CX6DX_SET(cqe, buf, check_sum, cqe->check_sum);
    CX6DX_SET(cqe, buf, l4_ok, cqe->l4_ok);
    CX6DX_SET(cqe, buf, l3_ok, cqe->l3_ok);
    CX6DX_SET(cqe, buf, l2_ok, 1);
    CX6DX_SET(cqe, buf, l4_hdr_type, cqe->l4_hdr_type);
    CX6DX_SET(cqe, buf, l3_hdr_type, cqe->l3_hdr_type);
    CX6DX_SET(cqe, buf, vlan_stripped, cqe->vlan_stripped);
    CX6DX_SET(cqe, buf, vlan_info, cqe->vlan_tci);
    CX6DX_SET(cqe, buf, lro_num_seg, cqe->lro_num_seg);
    if (cqe->lro_num_seg) {
        CX6DX_SET(cqe, buf, lro_tcp_psh, cqe->lro_tcp_psh);
        CX6DX_SET(cqe, buf, lro_min_ttl, cqe->lro_min_ttl);
        CX6DX_SET(cqe, buf, lro_tcp_win, cqe->lro_tcp_win);
        CX6DX_SET(cqe, buf, lro_ack_sn, cqe->lro_ack_sn);
    }
    CX6DX_SET(cqe, buf, byte_cnt, cqe->byte_cnt);
    if (cqe->strides) {
        CX6DX_SET(cqe_strides, buf, strides, cqe->strides);
        CX6DX_SET(cqe_strides, buf, filler, cqe->filler);
    }
    CX6DX_SET64(cqe, buf, timestamp, cqe->timestamp);
    CX6DX_SET(cqe, buf, flow_tag, cqe->flow_tag);
    CX6DX_SET(cqe, buf, wqe_counter, cqe->wqe_counter);
    CX6DX_SET(cqe, buf, opcode, CX6DX_CQE_RESP_SEND);
}

void cx6dx_cqe_decode_rx(const uint8_t buf[CX6DX_cqe_BYTES], Cx6dxRxCqe *cqe)
{
    memset(cqe, 0, sizeof(*cqe));
    cqe->tls_offload = CX6DX_GET(cqe, buf, tls_offload);
    cqe->wqe_id = CX6DX_GET(cqe, buf, wqe_id);
    cqe->rss_hash = CX6DX_GET(cqe, buf, rss_hash_result);
    cqe->rss_hash_l4 = CX6DX_GET(cqe, buf, rss_hash_l4);
    cqe->rss_hash_ip = CX6DX_GET(cqe, buf, rss_hash_ip);
    cqe->check_sum = CX6DX_GET(cqe, buf, check_sum);
    cqe->l4_ok = CX6DX_GET(cqe, buf, l4_ok);
    cqe->l3_ok = CX6DX_GET(cqe, buf, l3_ok);
    cqe->l4_hdr_type = CX6DX_GET(cqe, buf, l4_hdr_type);
    cqe->l3_hdr_type = CX6DX_GET(cqe, buf, l3_hdr_type);
    cqe->vlan_stripped = CX6DX_GET(cqe, buf, vlan_stripped);
    cqe->vlan_tci = CX6DX_GET(cqe, buf, vlan_info);
    cqe->byte_cnt = CX6DX_GET(cqe, buf, byte_cnt);
    cqe->lro_num_seg = CX6DX_GET(cqe, buf, lro_num_seg);
    if (cqe->lro_num_seg) {
        cqe->lro_tcp_psh = CX6DX_GET(cqe, buf, lro_tcp_psh);
        cqe->lro_min_ttl = CX6DX_GET(cqe, buf, lro_min_ttl);
        cqe->lro_tcp_win = CX6DX_GET(cqe, buf, lro_tcp_win);
        cqe->lro_ack_sn = CX6DX_GET(cqe, buf, lro_ack_sn);
    }
    cqe->timestamp = CX6DX_GET64(cqe, buf, timestamp);
    cqe->flow_tag = CX6DX_GET(cqe, buf, flow_tag);
    cqe->wqe_counter = CX6DX_GET(cqe, buf, wqe_counter);
}

void cx6dx_cqe_encode_tx(uint32_t sqn, uint8_t wqe_opcode, uint16_t wqe_counter,
                         uint64_t timestamp, uint8_t buf[CX6DX_cqe_BYTES])
{
    memset(buf, 0, CX6DX_cqe_BYTES);
    CX6DX_SET64(cqe, buf, timestamp, timestamp);
    CX6DX_SET(cqe, buf, wqe_opcode, wqe_opcode);
    CX6DX_SET(cqe, buf, sqn, sqn);
    CX6DX_SET(cqe, buf, wqe_counter, wqe_counter);
    CX6DX_SET(cqe, buf, opcode, CX6DX_CQE_REQ);
}

void cx6dx_cqe_encode_err(uint8_t opcode, uint32_t qpn, uint8_t wqe_opcode,
                          uint16_t wqe_counter, uint8_t syndrome,
                          uint8_t vendor_syndrome,
                          uint8_t buf[CX6DX_cqe_BYTES])
{
    memset(buf, 0, CX6DX_cqe_BYTES);
    CX6DX_SET(err_cqe, buf, vendor_syndrome, vendor_syndrome);
    CX6DX_SET(err_cqe, buf, syndrome, syndrome);
    CX6DX_SET(err_cqe, buf, wqe_opcode, wqe_opcode);
    CX6DX_SET(err_cqe, buf, qpn, qpn);
    CX6DX_SET(err_cqe, buf, wqe_counter, wqe_counter);
    CX6DX_SET(err_cqe, buf, opcode, opcode);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Completion queue entries: plain values to 64 bytes, and back for tests
 *
 * The owner bit is the queue's business: encoders leave it 0.
 */
#ifndef CX6DX_PURE_CQE_H
#define CX6DX_PURE_CQE_H

#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"

typedef struct Cx6dxRxCqe {
    uint16_t wqe_counter;
    uint16_t wqe_id;
    uint32_t byte_cnt;
    uint16_t strides;       /* striding queues: taken up, never 0 */
    bool filler;            /* and no frame in them */
    uint32_t rss_hash;
    uint8_t rss_hash_l4;    /* CX6DX_CQE_RSS_L4_* */
    uint8_t rss_hash_ip;    /* CX6DX_CQE_RSS_IP_* */
    uint16_t check_sum;
    bool l3_ok, l4_ok;
    uint8_t l4_hdr_type;    /* CX6DX_CQE_L4_* */
    uint8_t l3_hdr_type;    /* CX6DX_CQE_L3_* */
    bool vlan_stripped;
    uint16_t vlan_tci;
    uint8_t tls_offload;    /* CX6DX_CQE_TLS_* */
    uint32_t flow_tag;
    uint64_t timestamp;
    uint8_t lro_num_seg;    /* frames in the packet; 0: not merged */
    bool lro_tcp_psh;       /* this and the next three: with lro_num_seg */
    uint8_t lro_min_ttl;
    uint16_t lro_tcp_win;
    uint32_t lro_ack_sn;
} Cx6dxRxCqe;

void cx6dx_cqe_encode_rx(const Cx6dxRxCqe *cqe, uint8_t buf[CX6DX_cqe_BYTES]);
void cx6dx_cqe_decode_rx(const uint8_t buf[CX6DX_cqe_BYTES], Cx6dxRxCqe *cqe);

void cx6dx_cqe_encode_tx(uint32_t sqn, uint8_t wqe_opcode, uint16_t wqe_counter,
                         uint64_t timestamp, uint8_t buf[CX6DX_cqe_BYTES]);

/* `opcode`: CX6DX_CQE_REQ_ERR or _RESP_ERR; `syndrome`: CX6DX_CQE_SYNDROME_* */
void cx6dx_cqe_encode_err(uint8_t opcode, uint32_t qpn, uint8_t wqe_opcode,
                          uint16_t wqe_counter, uint8_t syndrome,
                          uint8_t vendor_syndrome,
                          uint8_t buf[CX6DX_cqe_BYTES]);

#endif

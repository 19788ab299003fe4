/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Work requests as a driver writes them, for unit tests, fuzzers and qtests
 *
 * Each function writes one work request at `buf`, which holds WQE_BUILD_MAX_BYTES,
 * and returns its length in bytes, a multiple of 16.  The ring's part (rounding
 * to 64, padding at its end) is the caller's.
 */
#ifndef TESTS_CX6DX_WQE_BUILD_H
#define TESTS_CX6DX_WQE_BUILD_H

#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"

enum { WQE_BUILD_MAX_BYTES = 64 * CX6DX_WQE_DS_BYTES };

typedef struct WqeCtrl {
    uint16_t index;
    uint32_t qpn;
    uint32_t tis_tir_num;       /* or 0 */
    bool cqe;
} WqeCtrl;

typedef struct WqeData {
    uint64_t addr;
    uint32_t lkey;
    uint32_t bytes;
    const uint8_t *inline_data; /* instead of address and key */
} WqeData;

typedef struct WqeEth {
    bool l3_csum, l4_csum;
    uint16_t mss;               /* nonzero: LSO */
    const uint8_t *inline_hdr;
    uint16_t inline_hdr_bytes;
    bool vlan_insert, svlan;
    uint16_t vlan_tci;
} WqeEth;

/* The control segment alone: `opcode`, and `bytes` as its length */
void wqe_build_ctrl(uint8_t *buf, const WqeCtrl *ctrl, uint8_t opcode,
                    uint8_t opmod, size_t bytes);

size_t wqe_build_nop(uint8_t *buf, const WqeCtrl *ctrl);
/* SEND, or LSO when there is an mss */
size_t wqe_build_send(uint8_t *buf, const WqeCtrl *ctrl, const WqeEth *eth,
                      const WqeData *data, unsigned n);
/* ENHANCED_MPSW: each data segment is a frame */
size_t wqe_build_mpsw(uint8_t *buf, const WqeCtrl *ctrl, const WqeEth *eth,
                      const WqeData *data, unsigned n);
size_t wqe_build_dump(uint8_t *buf, const WqeCtrl *ctrl, const WqeData *data);
/* UMR with TLS static params; `opmod` is CX6DX_OPMOD_TIS or _TIR */
size_t wqe_build_static(uint8_t *buf, const WqeCtrl *ctrl, uint8_t opmod,
                        const uint8_t params[CX6DX_tls_static_params_BYTES]);
/* UMR of a memory key: `n` translation entries, placed at `xlt_offset` */
size_t wqe_build_mtt(uint8_t *buf, const WqeCtrl *ctrl, uint32_t mkey,
                     uint16_t xlt_offset, const uint64_t *entries, unsigned n);
size_t wqe_build_set_psv(uint8_t *buf, const WqeCtrl *ctrl, uint8_t opmod,
                         uint32_t number,
                         const uint8_t params[CX6DX_tls_progress_params_BYTES]);
size_t wqe_build_get_psv(uint8_t *buf, const WqeCtrl *ctrl, uint32_t tirn,
                         uint32_t lkey, uint64_t addr);

#endif

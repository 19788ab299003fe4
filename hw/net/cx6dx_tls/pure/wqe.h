/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Work requests: bytes of a send queue to plain values, and back for tests
 *
 * Decoding takes a private copy of the work request, looks at no other memory
 * and refuses what does not fit into its own length.
 */
#ifndef CX6DX_PURE_WQE_H
#define CX6DX_PURE_WQE_H

#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/tls_params.h"

#define CX6DX_WQE_MAX_BYTES (63 * CX6DX_WQE_DS_BYTES)
#define CX6DX_WQE_MAX_SEGS 61

typedef struct Cx6dxWqeSeg {
    uint64_t addr;
    uint32_t lkey;
    uint32_t bytes;
    const uint8_t *inline_data; /* points into the work request, or NULL */
} Cx6dxWqeSeg;

typedef struct Cx6dxWqe {
    uint8_t opcode;
    uint8_t opmod;
    uint16_t index;
    uint32_t qpn;
    uint8_t ds;             /* length in 16-byte units */
    bool cqe;               /* completion wanted */
    bool solicited;
    uint32_t general_id;    /* last word of the control segment */
    uint32_t tis_tir_num;   /* the same, shifted */

    /* SEND, LSO, ENHANCED_MPSW */
    bool l3_csum, l4_csum;
    bool vlan_insert;
    bool svlan;             /* the tag to insert is 0x88a8 */
    uint16_t vlan_tci;
    uint16_t mss;
    const uint8_t *inline_hdr;
    uint16_t inline_hdr_bytes;

    /* UMR: the area at CX6DX_WQE_UMR_INLINE_OFF; PSV: object number and params */
    const uint8_t *inline_params;
    size_t inline_params_bytes;
    uint16_t xlt_octowords, xlt_offset, bsf_octowords;
    uint32_t psv_number;
    uint32_t psv_lkey;
    uint64_t psv_addr;

    /* SEND, LSO, ENHANCED_MPSW, DUMP; the last: only `nsegs` are written */
    unsigned nsegs;
    Cx6dxWqeSeg segs[CX6DX_WQE_MAX_SEGS];
} Cx6dxWqe;

typedef enum Cx6dxWqeError {
    CX6DX_WQE_OK,
    CX6DX_WQE_BAD_DS,           /* length 0, or shorter than its segments */
    CX6DX_WQE_BAD_OPCODE,
    CX6DX_WQE_BAD_OPMOD,
    CX6DX_WQE_BAD_INLINE,       /* inline header or data beyond the end */
    CX6DX_WQE_BAD_SEGMENT,      /* data segment of zero length, none, too many */
    CX6DX_WQE_BAD_PARAMS,       /* TLS or UMR segment too short */
} Cx6dxWqeError;

const char *cx6dx_wqe_error_str(Cx6dxWqeError err);

/*
 * `buf` holds `len` bytes from the control segment on and outlives `wqe`.  On an
 * error the fields of the control segment are valid when `len` covers it, and
 * nothing else is.
 */
Cx6dxWqeError cx6dx_wqe_decode(const uint8_t *buf, size_t len, Cx6dxWqe *wqe);

/* Length that the control segment claims, in bytes; 0 is malformed */
size_t cx6dx_wqe_bytes(const uint8_t *ctrl);

/* TLS parameters; the key is left out and dek_index given instead */
bool cx6dx_wqe_decode_static(const uint8_t params[CX6DX_tls_static_params_BYTES],
                             Cx6dxTlsStatic *out, uint32_t *dek_index);
void cx6dx_wqe_encode_static(const Cx6dxTlsStatic *in, uint32_t dek_index,
                             uint8_t params[CX6DX_tls_static_params_BYTES]);
void cx6dx_wqe_decode_progress(const uint8_t *params, Cx6dxTlsProgress *out);
void cx6dx_wqe_encode_progress(const Cx6dxTlsProgress *in, uint8_t *params);

#endif

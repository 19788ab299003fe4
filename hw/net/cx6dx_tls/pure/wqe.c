/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Work requests: bytes of a send queue to plain values (PRM "Send WQE Format")
 *
 * The control segment says how long the work request is; that length, checked
 * against the bytes given, bounds everything else.
 */
#include "qemu/osdep.h"
#include "pure/wqe.h"

static const char *const error_names[] = {
    [CX6DX_WQE_OK] = "ok",
    [CX6DX_WQE_BAD_DS] = "bad length",
    [CX6DX_WQE_BAD_OPCODE] = "unknown opcode",
    [CX6DX_WQE_BAD_OPMOD] = "opcode modifier that the opcode has not",
    [CX6DX_WQE_BAD_INLINE] = "inline bytes beyond the end",
    [CX6DX_WQE_BAD_SEGMENT] = "bad data segment",
    [CX6DX_WQE_BAD_PARAMS] = "parameters missing or malformed",
};

const char *cx6dx_wqe_error_str(Cx6dxWqeError err)
{
    return (size_t)err < ARRAY_SIZE(error_names) ? error_names[err] : "?";
}

size_t cx6dx_wqe_bytes(const uint8_t *ctrl)
{
    return CX6DX_GET(wqe_ctrl, ctrl, ds) * CX6DX_WQE_DS_BYTES;
}

/* Segments from `off` to `end`; at least `min` of them */
static Cx6dxWqeError decode_segs(const uint8_t *buf, size_t off, size_t end,
                                 unsigned min, Cx6dxWqe *wqe)
{
    const uint8_t *data;
    Cx6dxWqeSeg *seg;

    /* everything is a multiple of 16 bytes: a rest is a whole segment */
    while (off < end) {
        if (wqe->nsegs == CX6DX_WQE_MAX_SEGS) {
            return CX6DX_WQE_BAD_SEGMENT;
        }
        data = buf + off;
        seg = &wqe->segs[wqe->nsegs++];
        seg->bytes = CX6DX_GET(wqe_data, data, byte_count);
        if (!seg->bytes) {
            return CX6DX_WQE_BAD_SEGMENT;
        }
        if (CX6DX_GET(wqe_data, data, inline_data)) {
            /* the bytes follow the word with their number */
            if (seg->bytes > end - off - 4) {
                return CX6DX_WQE_BAD_INLINE;
            }
            seg->inline_data = data + 4;
            seg->addr = 0;
            seg->lkey = 0;
            off += ROUND_UP((size_t)seg->bytes + 4, CX6DX_WQE_DS_BYTES);
        } else {
            seg->inline_data = NULL;
            seg->lkey = CX6DX_GET(wqe_data, data, lkey);
            seg->addr = CX6DX_GET64(wqe_data, data, addr);
            off += CX6DX_WQE_DS_BYTES;
        }
    }
    return wqe->nsegs >= min ? CX6DX_WQE_OK : CX6DX_WQE_BAD_SEGMENT;
}

/* SEND, LSO, ENHANCED_MPSW: Ethernet segment, inline header, data segments */
static Cx6dxWqeError decode_eth(const uint8_t *buf, size_t end, Cx6dxWqe *wqe)
{
    const uint8_t *eth = buf + CX6DX_WQE_ETH_OFF;
    size_t off = CX6DX_WQE_ETH_OFF + CX6DX_wqe_eth_BYTES;
    bool multi = wqe->opcode == CX6DX_WQE_ENHANCED_MPSW;
    unsigned min_segs = multi ? 1 : 0;

    if (wqe->opmod) {
        return CX6DX_WQE_BAD_OPMOD;
    }
    if (end < off) {
        return CX6DX_WQE_BAD_DS;
    }
    wqe->l3_csum = CX6DX_GET(wqe_eth, eth, l3_csum);
    wqe->l4_csum = CX6DX_GET(wqe_eth, eth, l4_csum);
    wqe->mss = CX6DX_GET(wqe_eth, eth, mss);
    wqe->vlan_insert = CX6DX_GET(wqe_eth, eth, vlan_insert);
    if (wqe->vlan_insert) {
        /* the field that counts inline bytes says this instead */
        wqe->svlan = CX6DX_GET(wqe_eth, eth, svlan);
        wqe->vlan_tci = CX6DX_GET(wqe_eth, eth, vlan_tci);
    } else {
        wqe->inline_hdr_bytes = CX6DX_GET(wqe_eth, eth, inline_hdr_sz);
    }
    if (wqe->inline_hdr_bytes) {
        if (multi || wqe->inline_hdr_bytes > end - CX6DX_WQE_INLINE_HDR_OFF) {
            return CX6DX_WQE_BAD_INLINE;
        }
        wqe->inline_hdr = buf + CX6DX_WQE_INLINE_HDR_OFF;
        off = ROUND_UP((size_t)CX6DX_WQE_INLINE_HDR_OFF + wqe->inline_hdr_bytes,
                       CX6DX_WQE_DS_BYTES);
    } else {
        min_segs = 1;
    }
    return decode_segs(buf, off, end, min_segs, wqe);
}

/* DUMP: data segments right behind the control segment */
static Cx6dxWqeError decode_dump(const uint8_t *buf, size_t end, Cx6dxWqe *wqe)
{
    if (wqe->opmod) {
        return CX6DX_WQE_BAD_OPMOD;
    }
    return decode_segs(buf, CX6DX_wqe_ctrl_BYTES, end, 1, wqe);
}

/* UMR: of a memory key, or TLS static params of a TIS or TIR */
static Cx6dxWqeError decode_umr(const uint8_t *buf, size_t end, Cx6dxWqe *wqe)
{
    const uint8_t *umr = buf + CX6DX_WQE_UMR_CTRL_OFF;
    size_t want;

    if (wqe->opmod > CX6DX_OPMOD_TIR) {
        return CX6DX_WQE_BAD_OPMOD;
    }
    if (end < CX6DX_WQE_UMR_INLINE_OFF) {
        return CX6DX_WQE_BAD_DS;
    }
    if (!CX6DX_GET(wqe_umr_ctrl, umr, inline_)) {
        return CX6DX_WQE_BAD_PARAMS;
    }
    wqe->inline_params = buf + CX6DX_WQE_UMR_INLINE_OFF;
    wqe->inline_params_bytes = end - CX6DX_WQE_UMR_INLINE_OFF;
    wqe->xlt_octowords = CX6DX_GET(wqe_umr_ctrl, umr, xlt_octowords);
    if (CX6DX_GET(wqe_umr_ctrl, umr, translation_en)) {
        wqe->xlt_offset = CX6DX_GET(wqe_umr_ctrl, umr, xlt_offset);
    } else {
        wqe->bsf_octowords = CX6DX_GET(wqe_umr_ctrl, umr, bsf_octowords);
    }
    if (wqe->opmod == CX6DX_OPMOD_UMR_MKEY) {
        want = (size_t)wqe->xlt_octowords * 16;
    } else {
        want = CX6DX_tls_static_params_BYTES;
        if (wqe->bsf_octowords * 16 != want) {
            return CX6DX_WQE_BAD_PARAMS;
        }
    }
    return want <= wqe->inline_params_bytes ? CX6DX_WQE_OK
                                            : CX6DX_WQE_BAD_PARAMS;
}

static bool is_tls_opmod(uint8_t opmod)
{
    return opmod == CX6DX_OPMOD_TIS || opmod == CX6DX_OPMOD_TIR;
}

static Cx6dxWqeError decode_set_psv(const uint8_t *buf, size_t end,
                                    Cx6dxWqe *wqe)
{
    const uint8_t *psv = buf + CX6DX_WQE_PSV_OFF;

    if (!is_tls_opmod(wqe->opmod)) {
        return CX6DX_WQE_BAD_OPMOD;
    }
    if (end < CX6DX_WQE_PSV_OFF + CX6DX_wqe_set_psv_BYTES) {
        return CX6DX_WQE_BAD_DS;
    }
    wqe->psv_number = CX6DX_GET(wqe_set_psv, psv, number);
    wqe->inline_params = CX6DX_AREA(wqe_set_psv, psv, params);
    wqe->inline_params_bytes = CX6DX_AREA_BYTES(wqe_set_psv, params);
    return CX6DX_WQE_OK;
}

static Cx6dxWqeError decode_get_psv(const uint8_t *buf, size_t end,
                                    Cx6dxWqe *wqe)
{
    const uint8_t *psv = buf + CX6DX_WQE_PSV_OFF;

    if (!is_tls_opmod(wqe->opmod)) {
        return CX6DX_WQE_BAD_OPMOD;
    }
    if (end < CX6DX_WQE_PSV_OFF + CX6DX_wqe_get_psv_BYTES) {
        return CX6DX_WQE_BAD_DS;
    }
    if (CX6DX_GET(wqe_get_psv, psv, num_psv) != 1) {
        return CX6DX_WQE_BAD_PARAMS;
    }
    wqe->psv_number = CX6DX_GET(wqe_get_psv, psv, psv_index);
    wqe->psv_lkey = CX6DX_GET(wqe_get_psv, psv, lkey);
    wqe->psv_addr = CX6DX_GET64(wqe_get_psv, psv, va);
    return CX6DX_WQE_OK;
}

static void decode_ctrl(const uint8_t *buf, Cx6dxWqe *wqe)
{
    uint32_t completion = CX6DX_GET(wqe_ctrl, buf, completion);

    wqe->opcode = CX6DX_GET(wqe_ctrl, buf, opcode);
    wqe->opmod = CX6DX_GET(wqe_ctrl, buf, opmod);
    wqe->index = CX6DX_GET(wqe_ctrl, buf, wqe_index);
    wqe->qpn = CX6DX_GET(wqe_ctrl, buf, qpn);
    wqe->ds = CX6DX_GET(wqe_ctrl, buf, ds);
    wqe->cqe = completion == CX6DX_CE_ALWAYS ||
               completion == CX6DX_CE_ALWAYS_EVENT;
    wqe->solicited = CX6DX_GET(wqe_ctrl, buf, solicited);
    wqe->general_id = CX6DX_GET(wqe_ctrl, buf, general_id);
    wqe->tis_tir_num = CX6DX_GET(wqe_ctrl, buf, tis_tir_num);
}

Cx6dxWqeError cx6dx_wqe_decode(const uint8_t *buf, size_t len, Cx6dxWqe *wqe)
{
    size_t end;

    /* the segments are two kilobytes and written as they come */
    memset(wqe, 0, offsetof(Cx6dxWqe, segs));
    if (len < CX6DX_wqe_ctrl_BYTES) {
        return CX6DX_WQE_BAD_DS;
    }
    decode_ctrl(buf, wqe);
    end = cx6dx_wqe_bytes(buf);
    if (end == 0 || end > len) {
        return CX6DX_WQE_BAD_DS;
    }
    switch (wqe->opcode) {
    case CX6DX_WQE_NOP:
        return wqe->opmod ? CX6DX_WQE_BAD_OPMOD : CX6DX_WQE_OK;
    case CX6DX_WQE_SEND:
    case CX6DX_WQE_LSO:
    case CX6DX_WQE_ENHANCED_MPSW:
        return decode_eth(buf, end, wqe);
    case CX6DX_WQE_DUMP:
        return decode_dump(buf, end, wqe);
    case CX6DX_WQE_UMR:
        return decode_umr(buf, end, wqe);
    case CX6DX_WQE_SET_PSV:
        return decode_set_psv(buf, end, wqe);
    case CX6DX_WQE_GET_PSV:
        return decode_get_psv(buf, end, wqe);
    default:
        return CX6DX_WQE_BAD_OPCODE;
    }
}

/* ---- TLS parameters ---- */

bool cx6dx_wqe_decode_static(const uint8_t params[CX6DX_tls_static_params_BYTES],
                             Cx6dxTlsStatic *out, uint32_t *dek_index)
{
    memset(out, 0, sizeof(*out));
    out->tls_version = CX6DX_GET(tls_static_params, params, tls_version);
    out->initial_record_number = CX6DX_GET64(tls_static_params, params,
                                             initial_record_number);
    out->resync_tcp_sn = CX6DX_GET(tls_static_params, params, resync_tcp_sn);
    cx6dx_prm_store(out->iv, CX6DX_GET(tls_static_params, params, gcm_iv));
    cx6dx_prm_store(out->iv + 4,
                    CX6DX_GET(tls_static_params, params, implicit_iv_h));
    cx6dx_prm_store(out->iv + 8,
                    CX6DX_GET(tls_static_params, params, implicit_iv_l));
    *dek_index = CX6DX_GET(tls_static_params, params, dek_index);
    return CX6DX_GET(tls_static_params, params, const_1) == CX6DX_TLS_CONST_1 &&
           CX6DX_GET(tls_static_params, params, const_2) == CX6DX_TLS_CONST_2 &&
           CX6DX_GET(tls_static_params, params, encryption_standard) ==
           CX6DX_ENCRYPTION_STANDARD_TLS;
}

void cx6dx_wqe_encode_static(const Cx6dxTlsStatic *in, uint32_t dek_index,
                             uint8_t params[CX6DX_tls_static_params_BYTES])
{
    memset(params, 0, CX6DX_tls_static_params_BYTES);
    CX6DX_SET(tls_static_params, params, const_1, CX6DX_TLS_CONST_1);
    CX6DX_SET(tls_static_params, params, const_2, CX6DX_TLS_CONST_2);
    CX6DX_SET(tls_static_params, params, tls_version, in->tls_version);
    CX6DX_SET(tls_static_params, params, encryption_standard,
              CX6DX_ENCRYPTION_STANDARD_TLS);
    CX6DX_SET64(tls_static_params, params, initial_record_number,
                in->initial_record_number);
    CX6DX_SET(tls_static_params, params, resync_tcp_sn, in->resync_tcp_sn);
    CX6DX_SET(tls_static_params, params, gcm_iv, cx6dx_prm_load(in->iv));
    CX6DX_SET(tls_static_params, params, implicit_iv_h,
              cx6dx_prm_load(in->iv + 4));
    CX6DX_SET(tls_static_params, params, implicit_iv_l,
              cx6dx_prm_load(in->iv + 8));
    CX6DX_SET(tls_static_params, params, dek_index, dek_index);
}

void cx6dx_wqe_decode_progress(const uint8_t *params, Cx6dxTlsProgress *out)
{
    out->next_record_tcp_sn = CX6DX_GET(tls_progress_params, params,
                                        next_record_tcp_sn);
    out->hw_resync_tcp_sn = CX6DX_GET(tls_progress_params, params,
                                      hw_resync_tcp_sn);
    out->record_tracker_state = CX6DX_GET(tls_progress_params, params,
                                          record_tracker_state);
    out->auth_state = CX6DX_GET(tls_progress_params, params, auth_state);
    out->hw_offset_record_number = CX6DX_GET(tls_progress_params, params,
                                             hw_offset_record_number);
}

void cx6dx_wqe_encode_progress(const Cx6dxTlsProgress *in, uint8_t *params)
{
    memset(params, 0, CX6DX_tls_progress_params_BYTES);
    CX6DX_SET(tls_progress_params, params, next_record_tcp_sn,
              in->next_record_tcp_sn);
    CX6DX_SET(tls_progress_params, params, hw_resync_tcp_sn,
              in->hw_resync_tcp_sn);
    CX6DX_SET(tls_progress_params, params, record_tracker_state,
              in->record_tracker_state);
    CX6DX_SET(tls_progress_params, params, auth_state, in->auth_state);
    CX6DX_SET(tls_progress_params, params, hw_offset_record_number,
              in->hw_offset_record_number);
}

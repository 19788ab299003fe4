/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Work requests as a driver writes them, for unit tests, fuzzers and qtests
 */
#include "qemu/osdep.h"
#include "cx6dx-wqe-build.h"

void wqe_build_ctrl(uint8_t *buf, const WqeCtrl *ctrl, uint8_t opcode,
                    uint8_t opmod, size_t bytes)
{
    CX6DX_SET(wqe_ctrl, buf, opmod, opmod);
    CX6DX_SET(wqe_ctrl, buf, wqe_index, ctrl->index);
    CX6DX_SET(wqe_ctrl, buf, opcode, opcode);
    CX6DX_SET(wqe_ctrl, buf, qpn, ctrl->qpn);
    CX6DX_SET(wqe_ctrl, buf, ds, bytes / CX6DX_WQE_DS_BYTES);
    CX6DX_SET(wqe_ctrl, buf, completion,
              ctrl->cqe ? CX6DX_CE_ALWAYS : CX6DX_CE_ERROR_ONLY);
    CX6DX_SET(wqe_ctrl, buf, tis_tir_num, ctrl->tis_tir_num);
}

size_t wqe_build_nop(uint8_t *buf, const WqeCtrl *ctrl)
{
    memset(buf, 0, CX6DX_wqe_ctrl_BYTES);
    wqe_build_ctrl(buf, ctrl, CX6DX_WQE_NOP, 0, CX6DX_wqe_ctrl_BYTES);
    return CX6DX_wqe_ctrl_BYTES;
}

static size_t put_data(uint8_t *buf, size_t off, const WqeData *data,
                       unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        uint8_t *seg = buf + off;

        memset(seg, 0, CX6DX_wqe_data_BYTES);
        CX6DX_SET(wqe_data, seg, byte_count, data[i].bytes);
        if (data[i].inline_data) {
            size_t all = ROUND_UP((size_t)data[i].bytes + 4,
                                  CX6DX_WQE_DS_BYTES);

            memset(seg + 4, 0, all - 4);
            CX6DX_SET(wqe_data, seg, inline_data, 1);
            memcpy(seg + 4, data[i].inline_data, data[i].bytes);
            off += all;
        } else {
            CX6DX_SET(wqe_data, seg, lkey, data[i].lkey);
            CX6DX_SET64(wqe_data, seg, addr, data[i].addr);
            off += CX6DX_wqe_data_BYTES;
        }
    }
    return off;
}

static size_t build_eth(uint8_t *buf, const WqeCtrl *ctrl, uint8_t opcode,
                        const WqeEth *eth, const WqeData *data, unsigned n)
{
    uint8_t *seg = buf + CX6DX_WQE_ETH_OFF;
    size_t off = CX6DX_WQE_ETH_OFF + CX6DX_wqe_eth_BYTES;

    if (eth->inline_hdr_bytes > 2) {
        off += ROUND_UP((size_t)eth->inline_hdr_bytes - 2, CX6DX_WQE_DS_BYTES);
    }
    memset(buf, 0, off);
    CX6DX_SET(wqe_eth, seg, l4_csum, eth->l4_csum);
    CX6DX_SET(wqe_eth, seg, l3_csum, eth->l3_csum);
    CX6DX_SET(wqe_eth, seg, mss, eth->mss);
    if (eth->vlan_insert) {
        CX6DX_SET(wqe_eth, seg, vlan_insert, 1);
        CX6DX_SET(wqe_eth, seg, svlan, eth->svlan);
        CX6DX_SET(wqe_eth, seg, vlan_tci, eth->vlan_tci);
    } else if (eth->inline_hdr_bytes) {
        CX6DX_SET(wqe_eth, seg, inline_hdr_sz, eth->inline_hdr_bytes);
        memcpy(buf + CX6DX_WQE_INLINE_HDR_OFF, eth->inline_hdr,
               eth->inline_hdr_bytes);
    }
    off = put_data(buf, off, data, n);
    wqe_build_ctrl(buf, ctrl, opcode, 0, off);
    return off;
}

size_t wqe_build_send(uint8_t *buf, const WqeCtrl *ctrl, const WqeEth *eth,
                      const WqeData *data, unsigned n)
{
    return build_eth(buf, ctrl, eth->mss ? CX6DX_WQE_LSO : CX6DX_WQE_SEND, eth,
                     data, n);
}

size_t wqe_build_mpsw(uint8_t *buf, const WqeCtrl *ctrl, const WqeEth *eth,
                      const WqeData *data, unsigned n)
{
    return build_eth(buf, ctrl, CX6DX_WQE_ENHANCED_MPSW, eth, data, n);
}

size_t wqe_build_dump(uint8_t *buf, const WqeCtrl *ctrl, const WqeData *data)
{
    size_t off;

    memset(buf, 0, CX6DX_wqe_ctrl_BYTES);
    off = put_data(buf, CX6DX_wqe_ctrl_BYTES, data, 1);
    wqe_build_ctrl(buf, ctrl, CX6DX_WQE_DUMP, 0, off);
    return off;
}

size_t wqe_build_static(uint8_t *buf, const WqeCtrl *ctrl, uint8_t opmod,
                        const uint8_t params[CX6DX_tls_static_params_BYTES])
{
    size_t bytes = CX6DX_WQE_STATIC_PARAMS_DS * CX6DX_WQE_DS_BYTES;
    uint8_t *umr = buf + CX6DX_WQE_UMR_CTRL_OFF;

    memset(buf, 0, bytes);
    CX6DX_SET(wqe_umr_ctrl, umr, inline_, 1);
    CX6DX_SET(wqe_umr_ctrl, umr, bsf_octowords,
              CX6DX_tls_static_params_BYTES / 16);
    memcpy(buf + CX6DX_WQE_UMR_INLINE_OFF, params,
           CX6DX_tls_static_params_BYTES);
    wqe_build_ctrl(buf, ctrl, CX6DX_WQE_UMR, opmod, bytes);
    return bytes;
}

size_t wqe_build_mtt(uint8_t *buf, const WqeCtrl *ctrl, uint32_t mkey,
                     uint16_t xlt_offset, const uint64_t *entries, unsigned n)
{
    size_t bytes = CX6DX_WQE_UMR_INLINE_OFF + ROUND_UP((size_t)n * 8, 16);
    uint8_t *umr = buf + CX6DX_WQE_UMR_CTRL_OFF;
    unsigned i;

    memset(buf, 0, bytes);
    CX6DX_SET(wqe_umr_ctrl, umr, inline_, 1);
    CX6DX_SET(wqe_umr_ctrl, umr, translation_en, 1);
    CX6DX_SET(wqe_umr_ctrl, umr, xlt_octowords, DIV_ROUND_UP(n, 2));
    CX6DX_SET(wqe_umr_ctrl, umr, xlt_offset, xlt_offset);
    for (i = 0; i < n; i++) {
        uint8_t *p = buf + CX6DX_WQE_UMR_INLINE_OFF + i * 8;

        cx6dx_prm_store(p, (uint32_t)(entries[i] >> 32));
        cx6dx_prm_store(p + 4, (uint32_t)entries[i]);
    }
    wqe_build_ctrl(buf, ctrl, CX6DX_WQE_UMR, CX6DX_OPMOD_UMR_MKEY, bytes);
    CX6DX_SET(wqe_ctrl, buf, general_id, mkey);
    return bytes;
}

size_t wqe_build_set_psv(uint8_t *buf, const WqeCtrl *ctrl, uint8_t opmod,
                         uint32_t number,
                         const uint8_t params[CX6DX_tls_progress_params_BYTES])
{
    size_t bytes = CX6DX_WQE_PROGRESS_PARAMS_DS * CX6DX_WQE_DS_BYTES;
    uint8_t *psv = buf + CX6DX_WQE_PSV_OFF;

    memset(buf, 0, bytes);
    CX6DX_SET(wqe_set_psv, psv, number, number);
    memcpy(CX6DX_AREA(wqe_set_psv, psv, params), params,
           CX6DX_AREA_BYTES(wqe_set_psv, params));
    wqe_build_ctrl(buf, ctrl, CX6DX_WQE_SET_PSV, opmod, bytes);
    return bytes;
}

size_t wqe_build_get_psv(uint8_t *buf, const WqeCtrl *ctrl, uint32_t tirn,
                         uint32_t lkey, uint64_t addr)
{
    size_t bytes = CX6DX_WQE_GET_PSV_DS * CX6DX_WQE_DS_BYTES;
    uint8_t *psv = buf + CX6DX_WQE_PSV_OFF;

    memset(buf, 0, bytes);
    CX6DX_SET(wqe_get_psv, psv, num_psv, 1);
    CX6DX_SET(wqe_get_psv, psv, lkey, lkey);
    CX6DX_SET64(wqe_get_psv, psv, va, addr);
    CX6DX_SET(wqe_get_psv, psv, psv_index, tirn);
    wqe_build_ctrl(buf, ctrl, CX6DX_WQE_GET_PSV, CX6DX_OPMOD_TIR, bytes);
    return bytes;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzer of ring 0 room "wqe"
 *
 * Input: a work request.  What is decoded points inside it, and a work request
 * of SEND, LSO, ENHANCED_MPSW or DUMP built again from the values decoded
 * decodes to the same values.
 */
#include "qemu/osdep.h"
#include "pure/wqe.h"
#include "cx6dx-wqe-build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(const uint8_t *p, size_t bytes, const uint8_t *buf,
                         size_t len)
{
    if (bytes) {
        g_assert_true(p >= buf && bytes <= len && p <= buf + len - bytes);
    }
}

static void check_segs(const Cx6dxWqe *wqe, const uint8_t *buf, size_t len)
{
    unsigned i;

    g_assert_cmpuint(wqe->nsegs, <=, CX6DX_WQE_MAX_SEGS);
    for (i = 0; i < wqe->nsegs; i++) {
        g_assert_cmpuint(wqe->segs[i].bytes, >, 0);
        if (wqe->segs[i].inline_data) {
            check_inside(wqe->segs[i].inline_data, wqe->segs[i].bytes, buf,
                         len);
        }
    }
}

static size_t rebuild(const Cx6dxWqe *wqe, uint8_t *out)
{
    WqeCtrl ctrl = {
        .index = wqe->index, .qpn = wqe->qpn, .cqe = wqe->cqe,
        .tis_tir_num = wqe->tis_tir_num,
    };
    WqeEth eth = {
        .l3_csum = wqe->l3_csum, .l4_csum = wqe->l4_csum, .mss = wqe->mss,
        .inline_hdr = wqe->inline_hdr,
        .inline_hdr_bytes = wqe->inline_hdr_bytes,
        .vlan_insert = wqe->vlan_insert, .svlan = wqe->svlan,
        .vlan_tci = wqe->vlan_tci,
    };
    WqeData data[CX6DX_WQE_MAX_SEGS];
    unsigned i;

    for (i = 0; i < wqe->nsegs; i++) {
        data[i] = (WqeData) {
            .addr = wqe->segs[i].addr, .lkey = wqe->segs[i].lkey,
            .bytes = wqe->segs[i].bytes,
            .inline_data = wqe->segs[i].inline_data,
        };
    }
    if (wqe->opcode == CX6DX_WQE_DUMP) {
        return wqe->nsegs == 1 ? wqe_build_dump(out, &ctrl, data) : 0;
    }
    if (wqe->opcode == CX6DX_WQE_ENHANCED_MPSW) {
        return wqe_build_mpsw(out, &ctrl, &eth, data, wqe->nsegs);
    }
    /* the builder says LSO by the mss; a SEND's mss means nothing */
    if ((wqe->opcode == CX6DX_WQE_LSO) != (wqe->mss != 0)) {
        return 0;
    }
    return wqe_build_send(out, &ctrl, &eth, data, wqe->nsegs);
}

static void check_again(const Cx6dxWqe *wqe)
{
    uint8_t again[WQE_BUILD_MAX_BYTES];
    size_t len = rebuild(wqe, again);
    Cx6dxWqe b;
    unsigned i;

    if (!len) {
        return;
    }
    g_assert_cmpint(cx6dx_wqe_decode(again, len, &b), ==, CX6DX_WQE_OK);
    g_assert_cmpuint(b.ds, ==, wqe->ds);
    g_assert_cmpuint(b.opcode, ==, wqe->opcode);
    g_assert_cmpuint(b.index, ==, wqe->index);
    g_assert_cmpuint(b.qpn, ==, wqe->qpn);
    g_assert_cmpuint(b.mss, ==, wqe->mss);
    g_assert_cmpuint(b.vlan_tci, ==, wqe->vlan_tci);
    g_assert_cmpmem(b.inline_hdr, b.inline_hdr_bytes, wqe->inline_hdr,
                    wqe->inline_hdr_bytes);
    g_assert_cmpuint(b.nsegs, ==, wqe->nsegs);
    for (i = 0; i < b.nsegs; i++) {
        g_assert_cmpuint(b.segs[i].bytes, ==, wqe->segs[i].bytes);
        g_assert_cmphex(b.segs[i].addr, ==, wqe->segs[i].addr);
        g_assert_cmphex(b.segs[i].lkey, ==, wqe->segs[i].lkey);
        if (b.segs[i].inline_data) {
            g_assert_cmpmem(b.segs[i].inline_data, b.segs[i].bytes,
                            wqe->segs[i].inline_data, b.segs[i].bytes);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *buf = g_memdup2(data, size);
    Cx6dxTlsProgress progress;
    Cx6dxTlsStatic tls;
    uint32_t dek;
    Cx6dxWqe wqe;

    if (cx6dx_wqe_decode(buf, size, &wqe) != CX6DX_WQE_OK) {
        return 0;
    }
    g_assert_cmpuint(cx6dx_wqe_bytes(buf), <=, size);
    check_inside(wqe.inline_hdr, wqe.inline_hdr_bytes, buf, size);
    check_inside(wqe.inline_params, wqe.inline_params_bytes, buf, size);
    switch (wqe.opcode) {
    case CX6DX_WQE_SEND:
    case CX6DX_WQE_LSO:
    case CX6DX_WQE_ENHANCED_MPSW:
    case CX6DX_WQE_DUMP:
        check_segs(&wqe, buf, size);
        check_again(&wqe);
        break;
    case CX6DX_WQE_UMR:
        if (wqe.opmod != CX6DX_OPMOD_UMR_MKEY) {
            cx6dx_wqe_decode_static(wqe.inline_params, &tls, &dek);
        }
        break;
    case CX6DX_WQE_SET_PSV:
        cx6dx_wqe_decode_progress(wqe.inline_params, &progress);
        break;
    }
    return 0;
}

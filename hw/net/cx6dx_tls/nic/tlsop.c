/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS work requests; see tlsop.h (PRM "TLS Offload")
 *
 * Translates between the bytes of a queue and the contexts in TIS and TIR; what
 * the parameters mean is the contexts' business.
 */
#include "qemu/osdep.h"
#include "nic/dek.h"
#include "nic/fault.h"
#include "nic/nic.h"
#include "nic/res.h"
#include "nic/sight.h"
#include "nic/tir.h"
#include "nic/tis.h"
#include "nic/tlsop.h"
#include "nic/txpath.h"
#include "trace.h"

/* NULL when `number` is no TIS with TLS; that is the guest's mistake */
static Cx6dxTis *tls_tis(Cx6dxNic *nic, uint32_t number)
{
    Cx6dxTis *tis = (Cx6dxTis *)cx6dx_obj_get(&nic->tises, number);

    if (!tis || !tis->tls_en) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_TLS_PLAIN_TIS, number);
        return NULL;
    }
    return tis;
}

static Cx6dxTir *tls_tir(Cx6dxNic *nic, uint32_t number)
{
    Cx6dxTir *tir = (Cx6dxTir *)cx6dx_obj_get(&nic->tirs, number);

    return tir && tir->tls_en ? tir : NULL;
}

/* Receive contexts are touched through queues that may register memory only */
static bool may_touch_tir(Cx6dxNic *nic, Cx6dxSq *sq)
{
    if (!sq->reg_umr) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_MALFORMED, sq->obj.id);
    }
    return sq->reg_umr;
}

static uint8_t static_tir(Cx6dxNic *nic, uint32_t tirn,
                          const Cx6dxTlsStatic *params)
{
    Cx6dxTir *tir = tls_tir(nic, tirn);
    Cx6dxTlsRxInfo before, after;
    Cx6dxTrackerState state;
    Cx6dxFaultRule rule;
    bool confirmed;

    if (!tir) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_TLS_PLAIN_TIS, tirn);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    cx6dx_tls_rx_info(tir->tls, &before);
    state = cx6dx_tls_rx_tracker(tir->tls)->state;
    if (state == CX6DX_TRACKER_TRACKING &&
        cx6dx_fault(nic, CX6DX_FAULT_RX_ANSWER_LOST, tirn, &rule)) {
        return 0;
    }
    if (!cx6dx_tls_rx_set_static(tir->tls, params)) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_TLS_PARAMS, tirn);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    cx6dx_tls_rx_info(tir->tls, &after);
    /* without progress params only an answer can start decryption */
    confirmed = !before.offloading && after.offloading;
    nic->stats.tls_rx_resync_confirmed += confirmed;
    trace_cx6dx_tls_rx_static(cx6dx_nic_now(nic), nic->params.id, tirn,
                              params->initial_record_number,
                              params->resync_tcp_sn, confirmed);
    cx6dx_sight_rx_state(nic, tir, state, "answer");
    return 0;
}

uint8_t cx6dx_tlsop_static(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe)
{
    uint32_t number = wqe->tis_tir_num;
    bool is_tis = wqe->opmod == CX6DX_OPMOD_TIS;
    const Cx6dxDek *dek;
    Cx6dxTlsStatic params;
    uint32_t dek_index;
    Cx6dxTis *tis = NULL;

    if (is_tis) {
        tis = tls_tis(nic, number);
    }
    if (is_tis ? !tis : !may_touch_tir(nic, sq)) {
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    if (!cx6dx_wqe_decode_static(wqe->inline_params, &params, &dek_index)) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_TLS_PARAMS, number);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    dek = cx6dx_dek_get(nic, dek_index, sq->pdn);
    if (!dek) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_TLS_PARAMS, number);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    params.key = dek->key;
    params.key_bytes = dek->key_bytes;
    if (!is_tis) {
        return static_tir(nic, number, &params);
    }
    if (!cx6dx_tls_tx_set_static(tis->tls, &params)) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_TLS_PARAMS, number);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    trace_cx6dx_tls_tx_static(cx6dx_nic_now(nic), nic->params.id, number,
                              params.initial_record_number, dek_index);
    return 0;
}

uint8_t cx6dx_tlsop_set_psv(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe)
{
    uint32_t number = wqe->psv_number;
    Cx6dxTlsProgress progress;
    Cx6dxTlsTxInfo tx_info;
    Cx6dxTrackerState state;
    Cx6dxTlsRxInfo rx_info;
    Cx6dxTis *tis;
    Cx6dxTir *tir;

    cx6dx_wqe_decode_progress(wqe->inline_params, &progress);
    if (wqe->opmod == CX6DX_OPMOD_TIS) {
        tis = tls_tis(nic, number);
        if (!tis) {
            return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
        }
        cx6dx_tls_tx_set_progress(tis->tls);
        cx6dx_tls_tx_info(tis->tls, &tx_info);
        trace_cx6dx_tls_tx_progress(cx6dx_nic_now(nic), nic->params.id, number,
                                    tx_info.rec_sn);
        return 0;
    }
    if (!may_touch_tir(nic, sq)) {
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    tir = tls_tir(nic, number);
    if (!tir) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_TLS_PLAIN_TIS, number);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    state = cx6dx_tls_rx_tracker(tir->tls)->state;
    cx6dx_tls_rx_set_progress(tir->tls, &progress);
    cx6dx_tls_rx_info(tir->tls, &rx_info);
    trace_cx6dx_tls_rx_progress(cx6dx_nic_now(nic), nic->params.id, number,
                                rx_info.rec_sn, progress.next_record_tcp_sn);
    cx6dx_sight_rx_state(nic, tir, state, "progress");
    return 0;
}

/* What GET_PSV of `tir` says, and how: the word for the trace */
static const char *read_psv(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxTir *tir,
                            Cx6dxTlsProgress *progress)
{
    Cx6dxFaultRule rule;

    if (sq->psv_held) {
        sq->psv_held = false;
        *progress = sq->psv;
        return "late";
    }
    cx6dx_tls_rx_get_progress(tir->tls, progress);
    if (cx6dx_fault(nic, CX6DX_FAULT_GET_PSV_NOT_TRACKING, tir->obj.id,
                    &rule)) {
        *progress = (Cx6dxTlsProgress) {
            .record_tracker_state = CX6DX_PSV_TRACKER_SEARCHING,
            .auth_state = CX6DX_PSV_AUTH_NO_OFFLOAD,
        };
        return "not-tracking";
    }
    return cx6dx_fault(nic, CX6DX_FAULT_GET_PSV_NEVER, tir->obj.id, &rule)
           ? NULL : "ok";
}

static void trace_psv(Cx6dxNic *nic, uint32_t tirn, bool found,
                      const Cx6dxTlsProgress *progress, const char *answer)
{
    trace_cx6dx_tls_rx_get_psv(cx6dx_nic_now(nic), nic->params.id, tirn, found,
                               progress->record_tracker_state,
                               progress->auth_state,
                               progress->hw_resync_tcp_sn,
                               answer ?: "never");
}

uint8_t cx6dx_tlsop_get_psv(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                            uint64_t *when_ns)
{
    uint8_t dump[CX6DX_psv_dump_BYTES] = { 0 };
    uint32_t tirn = wqe->psv_number;
    Cx6dxTlsProgress progress = { 0 };
    const char *answer = "ok";
    Cx6dxMkeyResult result;
    Cx6dxTir *tir;

    if (wqe->opmod != CX6DX_OPMOD_TIR) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_MALFORMED, sq->obj.id);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    if (!may_touch_tir(nic, sq)) {
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    tir = tls_tir(nic, tirn);
    if (tir) {
        answer = read_psv(nic, sq, tir, &progress);
        CX6DX_SET(psv_dump, dump, tirn, tirn);
        cx6dx_wqe_encode_progress(&progress, CX6DX_AREA(psv_dump, dump, params));
    }
    trace_psv(nic, tirn, tir != NULL, &progress, answer);
    if (!answer) {
        *when_ns = CX6DX_SQ_NEVER;
        return 0;
    }
    result = cx6dx_mkey_write(nic, wqe->psv_lkey, sq->pdn, wqe->psv_addr, dump,
                              sizeof(dump));
    if (result == CX6DX_MKEY_PROTECTION) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_LKEY, wqe->psv_lkey);
        return CX6DX_CQE_SYNDROME_LOCAL_PROT;
    }
    if (result == CX6DX_MKEY_DMA) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_DMA, wqe->psv_addr);
        return CX6DX_CQE_SYNDROME_LOCAL_ACCESS;
    }
    if (cx6dx_timing_on(&nic->timing)) {
        *when_ns = cx6dx_timing_dma_write(&nic->timing, CX6DX_TIMING_PSV,
                                          *when_ns, sizeof(dump));
    }
    return 0;
}

uint8_t cx6dx_tlsop_dump(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                         uint64_t *when_ns, size_t *moved_bytes)
{
    uint32_t tisn = wqe->tis_tir_num;
    Cx6dxTis *tis = tls_tis(nic, tisn);
    Cx6dxTlsTxVerdict verdict;
    Cx6dxTlsTxInfo info;
    uint8_t syndrome;
    size_t bytes;

    if (!tis) {
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    syndrome = cx6dx_txpath_gather(nic, sq, wqe, 0, wqe->nsegs, nic->tx_buf,
                                   CX6DX_TX_MAX_PAYLOAD, &bytes, when_ns);
    if (syndrome) {
        return syndrome;
    }
    *moved_bytes += bytes;
    cx6dx_tls_tx_info(tis->tls, &info);
    verdict = cx6dx_tls_tx_dump(tis->tls, nic->tx_buf, bytes);
    trace_cx6dx_tls_tx_dump(cx6dx_nic_now(nic), nic->params.id, tisn,
                            info.rec_sn, info.record_offset, bytes,
                            verdict == CX6DX_TLS_TX_ENCRYPTED
                            ? "dumped" : cx6dx_tls_tx_verdict_str(verdict));
    if (verdict != CX6DX_TLS_TX_ENCRYPTED) {
        /* the context says no to all that follows: nothing goes out in clear */
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_TLS_TX, tisn);
        return 0;
    }
    nic->stats.tls_tx_dump_bytes += bytes;
    if (cx6dx_timing_on(&nic->timing)) {
        *when_ns = cx6dx_timing_context(&nic->timing, *when_ns,
                                        CX6DX_TIMING_TIS(tisn), &tis->flow);
        *when_ns = cx6dx_timing_recover(&nic->timing, *when_ns, bytes,
                                        &tis->flow);
    }
    return 0;
}

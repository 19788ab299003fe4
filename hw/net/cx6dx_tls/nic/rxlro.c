/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions of large receive offload; see rxlro.h (PRM "Large Receive Offload")
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/rxlro.h"
#include "trace.h"

bool cx6dx_rxlro_begins(Cx6dxRq *rq, const Cx6dxTir *tir, uint32_t max_bytes,
                        const uint8_t *buf, size_t len, const Cx6dxFrame *frame,
                        const Cx6dxFrameCsum *csum)
{
    uint8_t kind = frame->ip_version == 4 ? CX6DX_LRO_IPV4 :
                   frame->ip_version == 6 ? CX6DX_LRO_IPV6 : 0;

    /* a checksum of Ethernet belongs to one frame */
    if (!(tir->lro_mask & kind) || rq->scatter_fcs) {
        return false;
    }
    if (!rq->lro) {
        rq->lro = g_new0(Cx6dxRxLro, 1);
    }
    return cx6dx_lro_begin(&rq->lro->lro, buf, len, frame, csum, max_bytes,
                           tir->lro_max_ip_payload);
}

void cx6dx_rxlro_hold(Cx6dxNic *nic, Cx6dxRq *rq, const Cx6dxTir *tir,
                      const Cx6dxRqWqe *wqe, const Cx6dxRxCqe *cqe,
                      const Cx6dxRxTimes *times)
{
    Cx6dxRxLro *session = rq->lro;

    session->open = true;
    session->tirn = tir->obj.id;
    session->wqe.index = wqe->index;
    session->wqe.stride = wqe->stride;
    session->wqe.nsegs = wqe->nsegs;
    session->wqe.bytes = wqe->bytes;
    memcpy(session->wqe.segs, wqe->segs, wqe->nsegs * sizeof(wqe->segs[0]));
    session->cqe = *cqe;
    session->placed_bytes = cqe->byte_cnt;
    g_ptr_array_add(nic->lro_open, rq);
    if (cx6dx_timing_on(&nic->timing)) {
        session->first_ns = times->wire_ns;
        session->placed_ns = times->ready_ns;
        session->deadline_ns = times->wire_ns + tir->lro_timeout_us * 1000ull;
    } else {
        cx6dx_nic_kick(nic);
    }
}

bool cx6dx_rxlro_follows(const Cx6dxRq *rq, const Cx6dxTir *tir,
                         uint32_t flow_tag, const uint8_t *buf, size_t len,
                         const Cx6dxFrame *frame, const Cx6dxFrameCsum *csum)
{
    const Cx6dxRxLro *session = rq->lro;

    return session->tirn == tir->obj.id && session->cqe.flow_tag == flow_tag &&
           cx6dx_lro_follows(&session->lro, buf, len, frame, csum);
}

void cx6dx_rxlro_add(Cx6dxNic *nic, Cx6dxRq *rq, const uint8_t *buf,
                     const Cx6dxFrame *frame, const Cx6dxFrameCsum *csum,
                     uint64_t ready_ns)
{
    Cx6dxRxLro *session = rq->lro;
    bool last;

    if (!cx6dx_rxplace_write(nic, rq, &session->wqe, session->placed_bytes,
                             buf + frame->payload_off, frame->payload_bytes,
                             &ready_ns)) {
        cx6dx_rxlro_drop(nic, rq);
        return;
    }
    session->placed_bytes += frame->payload_bytes;
    session->placed_ns = MAX(session->placed_ns, ready_ns);
    last = cx6dx_lro_add(&session->lro, buf, frame, csum);
    if (last) {
        cx6dx_rxlro_close(nic, rq);
    }
}

static void forget(Cx6dxNic *nic, Cx6dxRq *rq)
{
    rq->lro->open = false;
    rq->lro->lro.segs = 0;
    g_ptr_array_remove(nic->lro_open, rq);
}

void cx6dx_rxlro_drop(Cx6dxNic *nic, Cx6dxRq *rq)
{
    if (cx6dx_rxlro_is_open(rq)) {
        forget(nic, rq);
    }
}

/* What the completion of several frames says more than that of the first */
static void describe(const Cx6dxLro *lro, Cx6dxRxCqe *cqe)
{
    cqe->check_sum = cx6dx_lro_payload_sum(lro);
    cqe->lro_num_seg = lro->segs;
    cqe->lro_tcp_psh = lro->psh;
    cqe->lro_min_ttl = lro->ttl;
    cqe->lro_tcp_win = lro->window;
    cqe->lro_ack_sn = lro->ack_sn;
}

void cx6dx_rxlro_close(Cx6dxNic *nic, Cx6dxRq *rq)
{
    Cx6dxRxLro *session = rq->lro;
    Cx6dxRxTimes times = { 0 };
    uint32_t segs;
    Cx6dxTir *tir;

    if (!cx6dx_rxlro_is_open(rq)) {
        return;
    }
    segs = session->lro.segs;
    session->cqe.byte_cnt = session->placed_bytes;
    if (rq->striding) {
        session->cqe.strides = cx6dx_rq_strides(rq, session->placed_bytes);
    }
    if (segs > 1) {
        describe(&session->lro, &session->cqe);
        nic->stats.rx_lro_packets++;
        nic->stats.rx_lro_frames += segs;
    }
    if (cx6dx_timing_on(&nic->timing)) {
        tir = (Cx6dxTir *)cx6dx_obj_get(&nic->tirs, session->tirn);
        times.wire_ns = session->first_ns;
        times.ready_ns = MAX(session->placed_ns, cx6dx_nic_now(nic));
        times.flow = tir && tir->tls_en ? &tir->flow : NULL;
    }
    forget(nic, rq);
    trace_cx6dx_rxlro_close(nic->params.id, rq->obj.id, segs,
                            session->placed_bytes);
    cx6dx_rxplace_consume(rq, session->placed_bytes);
    cx6dx_rxplace_complete(nic, rq, &session->cqe, &times);
}

void cx6dx_rxlro_close_all(Cx6dxNic *nic)
{
    while (nic->lro_open->len) {
        cx6dx_rxlro_close(nic, g_ptr_array_index(nic->lro_open, 0));
    }
}

void cx6dx_rxlro_turn(Cx6dxNic *nic)
{
    if (!cx6dx_timing_on(&nic->timing)) {
        cx6dx_rxlro_close_all(nic);
    }
}

uint64_t cx6dx_rxlro_timer(Cx6dxNic *nic, uint64_t now_ns)
{
    uint64_t next_ns = UINT64_MAX;
    guint i = 0;

    if (!cx6dx_timing_on(&nic->timing)) {
        return next_ns;
    }
    while (i < nic->lro_open->len) {
        Cx6dxRq *rq = g_ptr_array_index(nic->lro_open, i);

        if (rq->lro->deadline_ns <= now_ns) {
            /* takes itself off the list; the order of the rest stays */
            cx6dx_rxlro_close(nic, rq);
        } else {
            next_ns = MIN(next_ns, rq->lro->deadline_ns);
            i++;
        }
    }
    return next_ns;
}

/* ---- Snapshots ---- */

static void archive_cqe(Cx6dxRxCqe *cqe, Cx6dxArchive *ar)
{
    uint8_t buf[CX6DX_cqe_BYTES] = { 0 };

    /* strides and length are known when it closes */
    cqe->strides = 0;
    cqe->filler = false;
    cx6dx_cqe_encode_rx(cqe, buf);
    cx6dx_ar_bytes(ar, buf, sizeof(buf));
    cx6dx_cqe_decode_rx(buf, cqe);
}

static void archive_wqe(Cx6dxRqWqe *wqe, Cx6dxArchive *ar)
{
    uint32_t nsegs = wqe->nsegs;
    uint64_t bytes = 0;

    cx6dx_ar(ar, &wqe->index);
    cx6dx_ar(ar, &wqe->stride);
    cx6dx_ar(ar, &wqe->bytes);
    cx6dx_ar_count(ar, &nsegs, CX6DX_RQ_MAX_SEGS,
                   "a work request has too many segments");
    wqe->nsegs = nsegs;
    for (unsigned i = 0; i < nsegs; i++) {
        cx6dx_ar(ar, &wqe->segs[i].addr);
        cx6dx_ar(ar, &wqe->segs[i].lkey);
        cx6dx_ar(ar, &wqe->segs[i].bytes);
        bytes += wqe->segs[i].bytes;
    }
    cx6dx_ar_check(ar, wqe->bytes == MIN(bytes, UINT32_MAX),
                   "the segments of a work request do not add up");
}

static void archive_session(Cx6dxNic *nic, Cx6dxRq *rq, Cx6dxArchive *ar)
{
    Cx6dxRxLro *session = rq->lro;

    cx6dx_lro_archive(&session->lro, ar);
    cx6dx_ar(ar, &session->tirn);
    archive_wqe(&session->wqe, ar);
    archive_cqe(&session->cqe, ar);
    cx6dx_ar(ar, &session->placed_bytes);
    cx6dx_ar(ar, &session->first_ns);
    cx6dx_ar(ar, &session->placed_ns);
    cx6dx_ar(ar, &session->deadline_ns);
    /* what the TIR's number is for is looked up when it is needed */
    cx6dx_ar_check(ar, session->placed_bytes <= session->wqe.bytes &&
                       session->lro.max_bytes - session->lro.bytes <=
                       session->wqe.bytes - session->placed_bytes,
                   "a session is longer than its work request");
    cx6dx_ar_check(ar, rq->state == CX6DX_QUEUE_RDY && rq->pc != rq->cc &&
                       rq->cached &&
                       (!rq->striding ||
                        cx6dx_rq_strides(rq, session->wqe.bytes) <=
                        cx6dx_rq_strides_left(rq)),
                   "a session has no work request");
}

void cx6dx_rxlro_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    uint32_t n = nic->lro_open->len;

    cx6dx_ar_count(ar, &n, nic->rqs.used, "more sessions than queues");
    for (uint32_t i = 0; i < n && cx6dx_ar_good(ar); i++) {
        Cx6dxRq *rq = ar->loading ? NULL : g_ptr_array_index(nic->lro_open, i);
        uint32_t rqn = rq ? rq->obj.id : 0;

        cx6dx_ar(ar, &rqn);
        rq = (Cx6dxRq *)cx6dx_obj_get(&nic->rqs, rqn);
        if (!cx6dx_ar_check(ar, rq && cx6dx_rxlro_is_open(rq) != ar->loading,
                            "a session is of no queue")) {
            return;
        }
        if (ar->loading) {
            rq->lro = g_new0(Cx6dxRxLro, 1);
            rq->lro->open = true;
            g_ptr_array_add(nic->lro_open, rq);
        }
        archive_session(nic, rq, ar);
    }
}

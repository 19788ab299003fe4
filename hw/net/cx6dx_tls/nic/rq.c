/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive queues: work requests and commands; see rq.h (PRM "Receive Queue")
 *
 * Tables of queues and counters are in rqt.c.
 */
#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/nic.h"
#include "nic/rq.h"
#include "nic/rxlro.h"
#include "nic/wq.h"
#include "pure/cqe.h"
#include "trace.h"

/* ---- Work requests ---- */

static void fail_memory(Cx6dxNic *nic, Cx6dxRq *rq)
{
    cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQ_DMA, rq->obj.id);
    rq->state = CX6DX_QUEUE_ERR;
}

/* Reads the producer counter; false when it makes no sense */
static bool read_pc(Cx6dxNic *nic, Cx6dxRq *rq)
{
    uint8_t rec[CX6DX_wq_dbrec_BYTES];
    uint16_t pc;

    if (!cx6dx_nic_dma_read(nic, rq->dbr_addr + CX6DX_OFF_(wq_dbrec, rq_counter),
                            rec + CX6DX_OFF_(wq_dbrec, rq_counter), 4)) {
        fail_memory(nic, rq);
        return false;
    }
    pc = CX6DX_GET(wq_dbrec, rec, rq_counter);
    if ((uint16_t)(pc - rq->cc) > 1u << rq->log_wqes) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DB_RANGE, rq->obj.id);
        return false;
    }
    rq->pc = pc;
    rq->starved = rq->starved && rq->pc == rq->cc;
    return true;
}

bool cx6dx_rq_ready(Cx6dxNic *nic, Cx6dxRq *rq)
{
    return rq->pc != rq->cc || (read_pc(nic, rq) && rq->pc != rq->cc);
}

bool cx6dx_rq_has_next(Cx6dxNic *nic, Cx6dxRq *rq)
{
    return (uint16_t)(rq->pc - rq->cc) > 1 ||
           (read_pc(nic, rq) && (uint16_t)(rq->pc - rq->cc) > 1);
}

/* Reads work requests ahead: posted ones belong to the device */
static bool fill_cache(Cx6dxNic *nic, Cx6dxRq *rq)
{
    unsigned ring = 1u << rq->log_wqes;
    unsigned slot = rq->cc & (ring - 1);
    uint64_t off = (uint64_t)slot << rq->log_stride;
    uint64_t page = 1ull << rq->pages.log_page_bytes;
    unsigned n = MIN((uint16_t)(rq->pc - rq->cc), ring - slot);
    size_t bytes;

    n = MIN(n, (unsigned)CX6DX_RQ_CACHE_BYTES >> rq->log_stride);
    bytes = (size_t)n << rq->log_stride;
    bytes = MIN(bytes, page - (off & (page - 1)));
    if (!cx6dx_nic_dma_read(nic, cx6dx_pages_addr(&rq->pages, off), rq->cache,
                            bytes)) {
        fail_memory(nic, rq);
        return false;
    }
    if (cx6dx_timing_on(&nic->timing)) {
        cx6dx_timing_dma_read(&nic->timing, CX6DX_TIMING_RECV_WQE,
                              cx6dx_nic_now(nic), bytes);
    }
    rq->cached = bytes >> rq->log_stride;
    rq->cache_off = 0;
    return true;
}

/* Striding: reads the work request at `head` unless it is known */
static bool fill_striding(Cx6dxNic *nic, Cx6dxRq *rq)
{
    uint64_t off = (uint64_t)rq->head << rq->log_stride;

    if (!cx6dx_nic_dma_read(nic, cx6dx_pages_addr(&rq->pages, off), rq->cache,
                            1u << rq->log_stride)) {
        fail_memory(nic, rq);
        return false;
    }
    if (cx6dx_timing_on(&nic->timing)) {
        cx6dx_timing_dma_read(&nic->timing, CX6DX_TIMING_RECV_WQE,
                              cx6dx_nic_now(nic), 1u << rq->log_stride);
    }
    rq->next = CX6DX_GET(wqe_next, rq->cache, next_wqe_index);
    if (rq->next >> rq->log_wqes) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_MALFORMED, rq->obj.id);
        cx6dx_rq_fail(nic, rq, CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
        return false;
    }
    rq->cached = 1;
    return true;
}

/* What is left of the memory of the current work request */
static bool peek_striding(Cx6dxNic *nic, Cx6dxRq *rq, Cx6dxRqWqe *wqe)
{
    const uint8_t *data = rq->cache + CX6DX_wqe_next_BYTES;
    Cx6dxRqSeg *seg = &wqe->segs[0];

    if (!rq->cached && !fill_striding(nic, rq)) {
        return false;
    }
    seg->bytes = cx6dx_rq_strides_left(rq) << rq->log_stride_bytes;
    seg->lkey = CX6DX_GET(wqe_data, data, lkey);
    seg->addr = CX6DX_GET64(wqe_data, data, addr) +
                ((uint64_t)rq->stride << rq->log_stride_bytes);
    wqe->index = rq->head;
    wqe->stride = rq->stride;
    wqe->nsegs = 1;
    wqe->bytes = seg->bytes;
    return true;
}

void cx6dx_rq_consume_strides(Cx6dxRq *rq, uint32_t n)
{
    rq->stride += n;
    if (rq->stride >> rq->log_strides) {
        rq->stride = 0;
        rq->head = rq->next;
        rq->cc++;
        rq->cached = 0;
    }
}

bool cx6dx_rq_peek(Cx6dxNic *nic, Cx6dxRq *rq, Cx6dxRqWqe *wqe)
{
    unsigned most = MIN((1u << rq->log_stride) / CX6DX_wqe_data_BYTES,
                        CX6DX_RQ_MAX_SEGS);
    const uint8_t *data;
    uint64_t bytes = 0;
    unsigned i;

    if (rq->striding) {
        return peek_striding(nic, rq, wqe);
    }
    if (!rq->cached && !fill_cache(nic, rq)) {
        return false;
    }
    data = rq->cache + rq->cache_off;
    for (i = 0; i < most; i++, data += CX6DX_wqe_data_BYTES) {
        Cx6dxRqSeg *seg = &wqe->segs[i];

        /* bit 31, "start padding", is no part of the number */
        seg->bytes = CX6DX_GET(wqe_data, data, byte_count);
        seg->lkey = CX6DX_GET(wqe_data, data, lkey);
        if (!seg->bytes || seg->lkey == CX6DX_TERMINATE_LKEY) {
            break;
        }
        seg->addr = CX6DX_GET64(wqe_data, data, addr);
        bytes += seg->bytes;
    }
    wqe->index = rq->cc;
    wqe->stride = 0;
    wqe->nsegs = i;
    wqe->bytes = MIN(bytes, UINT32_MAX);
    return true;
}

void cx6dx_rq_consume(Cx6dxRq *rq)
{
    rq->cc++;
    rq->cached--;
    rq->cache_off += 1u << rq->log_stride;
}

void cx6dx_rq_fail(Cx6dxNic *nic, Cx6dxRq *rq, uint8_t syndrome)
{
    uint8_t cqe[CX6DX_cqe_BYTES];

    trace_cx6dx_rq_err_wqe(nic->params.id, rq->obj.id, rq->cc, syndrome);
    rq->state = CX6DX_QUEUE_ERR;
    cx6dx_cqe_encode_err(CX6DX_CQE_RESP_ERR, rq->obj.id, 0, rq->cc, syndrome, 0,
                         cqe);
    if (cx6dx_timing_on(&nic->timing)) {
        rq->done_ns = cx6dx_timing_dma_write(&nic->timing, CX6DX_TIMING_CQE,
                                             MAX(cx6dx_nic_now(nic),
                                                 rq->done_ns),
                                             CX6DX_cqe_BYTES);
        rq->seen_ns = MAX(cx6dx_timing_seen(&nic->timing, rq->done_ns),
                          rq->seen_ns);
        cx6dx_defer_cqe(nic, rq->seen_ns, rq->cqn, cqe, true,
                        CX6DX_DEFER_RQ(rq->obj.id));
    } else {
        cx6dx_cq_post(nic, rq->cqn, cqe, true);
    }
}

/* ---- Commands ---- */

static void stop(Cx6dxNic *nic, Cx6dxRq *rq)
{
    cx6dx_rxlro_drop(nic, rq);
    cx6dx_defer_forget(nic, CX6DX_DEFER_RQ(rq->obj.id));
    rq->pc = 0;
    rq->cc = 0;
    rq->cached = 0;
    rq->head = 0;
    rq->stride = 0;
    rq->starved = false;
}

void cx6dx_rq_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    Cx6dxRq *rq = (Cx6dxRq *)obj;

    stop(nic, rq);
    g_free(rq->lro);
    cx6dx_obj_unref(&nic->cqs, rq->cqn);
    cx6dx_obj_unref(&nic->pds, rq->pdn);
    if (rq->counter_set) {
        cx6dx_obj_unref(&nic->q_counters, rq->counter_set);
    }
    cx6dx_pages_free(&rq->pages);
    g_free(rq);
}

static uint8_t read_context(Cx6dxNic *nic, Cx6dxCmd *cmd, const uint8_t *rqc,
                            Cx6dxRq *rq)
{
    rq->state = CX6DX_GET(rqc, rqc, state);
    rq->cqn = CX6DX_GET(rqc, rqc, cqn);
    rq->vsd = CX6DX_GET(rqc, rqc, vsd);
    rq->scatter_fcs = CX6DX_GET(rqc, rqc, scatter_fcs);
    rq->counter_set = CX6DX_GET(rqc, rqc, counter_set_id);
    if (rq->state != CX6DX_QUEUE_RST || CX6DX_GET(rqc, rqc, mem_rq_type)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (!cx6dx_obj_get(&nic->cqs, rq->cqn) ||
        (rq->counter_set &&
         !cx6dx_obj_get(&nic->q_counters, rq->counter_set))) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_create_rq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *rqc = cmd->in + CX6DX_BYTES(create_obj_in);
    g_autofree Cx6dxRq *rq = g_new0(Cx6dxRq, 1);
    Cx6dxWqInfo info;
    uint8_t status;
    uint32_t rqn;

    status = read_context(nic, cmd, rqc, rq);
    if (status == CX6DX_STATUS_OK) {
        /*
         * A queue of which nobody expects anything but to drop has entries of
         * one byte: no data segment fits, no frame either.
         */
        status = cx6dx_wq_parse(nic, cmd, 0, CX6DX_RQ_MAX_LOG_STRIDE, true,
                                &info);
    }
    if (status != CX6DX_STATUS_OK) {
        return status;
    }
    rq->pages = info.pages;
    rq->log_wqes = info.log_entries;
    rq->log_stride = info.log_stride;
    rq->striding = info.type == CX6DX_WQ_LINKED_LIST_STRIDING;
    rq->log_strides = info.log_strides;
    rq->log_stride_bytes = info.log_stride_bytes;
    rq->pdn = info.pdn;
    rq->dbr_addr = info.dbr_addr;
    rqn = cx6dx_cmd_add_obj(nic, cmd, &nic->rqs, &rq->obj);
    if (!rqn) {
        cx6dx_pages_free(&rq->pages);
        return CX6DX_STATUS_LIM_ERR;
    }
    cx6dx_obj_ref(&nic->cqs, rq->cqn);
    cx6dx_obj_ref(&nic->pds, rq->pdn);
    if (rq->counter_set) {
        cx6dx_obj_ref(&nic->q_counters, rq->counter_set);
    }
    g_steal_pointer(&rq);
    CX6DX_SET(cmd_out, cmd->out, number, rqn);
    return CX6DX_STATUS_OK;
}

static uint8_t modify_counter_set(Cx6dxNic *nic, Cx6dxCmd *cmd, Cx6dxRq *rq,
                                  uint32_t counter_set)
{
    if (counter_set && !cx6dx_obj_ref(&nic->q_counters, counter_set)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if (rq->counter_set) {
        cx6dx_obj_unref(&nic->q_counters, rq->counter_set);
    }
    rq->counter_set = counter_set;
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_modify_rq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *rqc = cmd->in + CX6DX_BYTES(modify_obj_in);
    uint32_t rqn = CX6DX_GET(modify_obj_in, cmd->in, number);
    uint32_t mask = CX6DX_GET(modify_obj_in, cmd->in, modify_bitmask_l);
    uint8_t expected = CX6DX_GET(modify_obj_in, cmd->in, state);
    Cx6dxRq *rq = (Cx6dxRq *)cx6dx_obj_get(&nic->rqs, rqn);
    uint8_t to = CX6DX_GET(rqc, rqc, state);
    uint8_t status;

    if (!rq) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if (rq->state != expected || !cx6dx_wq_may_become(rq->state, to)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES_STATE,
                              CX6DX_SYND_QUEUE_STATE);
    }
    if (mask & CX6DX_MODIFY_RQ_COUNTER_SET) {
        status = modify_counter_set(nic, cmd, rq,
                                    CX6DX_GET(rqc, rqc, counter_set_id));
        if (status != CX6DX_STATUS_OK) {
            return status;
        }
    }
    if (mask & CX6DX_MODIFY_RQ_VSD) {
        rq->vsd = CX6DX_GET(rqc, rqc, vsd);
    }
    if (mask & CX6DX_MODIFY_RQ_SCATTER_FCS) {
        rq->scatter_fcs = CX6DX_GET(rqc, rqc, scatter_fcs);
    }
    trace_cx6dx_rq_state(nic->params.id, rqn, rq->state, to);
    if (to == CX6DX_QUEUE_RST) {
        stop(nic, rq);
    }
    rq->state = to;
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_rq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return cx6dx_cmd_del_obj(nic, cmd, &nic->rqs,
                             CX6DX_GET(cmd_in, cmd->in, number));
}

uint8_t cx6dx_cmd_query_rq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t rqn = CX6DX_GET(cmd_in, cmd->in, number);
    const Cx6dxRq *rq = (const Cx6dxRq *)cx6dx_obj_get(&nic->rqs, rqn);
    uint8_t *rqc = cmd->out + CX6DX_BYTES(modify_obj_in);
    Cx6dxWqInfo info;

    if (!rq) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    info = (Cx6dxWqInfo) {
        .type = rq->striding ? CX6DX_WQ_LINKED_LIST_STRIDING : CX6DX_WQ_CYCLIC,
        .pages = rq->pages,
        .log_stride = rq->log_stride,
        .log_entries = rq->log_wqes,
        .pdn = rq->pdn,
        .dbr_addr = rq->dbr_addr,
        .log_strides = rq->log_strides,
        .log_stride_bytes = rq->log_stride_bytes,
    };
    CX6DX_SET(rqc, rqc, scatter_fcs, rq->scatter_fcs);
    CX6DX_SET(rqc, rqc, vsd, rq->vsd);
    CX6DX_SET(rqc, rqc, state, rq->state);
    CX6DX_SET(rqc, rqc, cqn, rq->cqn);
    CX6DX_SET(rqc, rqc, counter_set_id, rq->counter_set);
    cx6dx_wq_fill(CX6DX_AREA(rqc, rqc, wq), &info, rq->cc, rq->pc);
    return CX6DX_STATUS_OK;
}

/* ---- Snapshots ---- */

static void archive_shape(Cx6dxRq *rq, Cx6dxArchive *ar)
{
    cx6dx_ar(ar, &rq->log_wqes);
    cx6dx_ar(ar, &rq->log_stride);
    cx6dx_ar(ar, &rq->striding);
    cx6dx_ar(ar, &rq->log_strides);
    cx6dx_ar(ar, &rq->log_stride_bytes);
    cx6dx_ar_check(ar, rq->log_wqes <= CX6DX_LOG_MAX_QUEUE_ENTRIES &&
                       rq->log_stride <= CX6DX_RQ_MAX_LOG_STRIDE,
                   "the size of an RQ can not be");
    cx6dx_ar_check(ar, rq->striding
                       ? rq->log_stride == CX6DX_RQ_LOG_STRIDING_WQE &&
                         rq->log_strides <= CX6DX_RQ_MAX_LOG_STRIDES &&
                         rq->log_stride_bytes <= CX6DX_RQ_MAX_LOG_STRIDE_BYTES
                       : !rq->log_strides && !rq->log_stride_bytes,
                   "the strides of an RQ can not be");
}

/* Work requests that were read ahead; and with strides, the place in the ring */
static void archive_cache(Cx6dxRq *rq, Cx6dxArchive *ar)
{
    uint32_t n = rq->cached;
    uint32_t most = rq->striding ? 1 : CX6DX_RQ_CACHE_BYTES >> rq->log_stride;

    cx6dx_ar_count(ar, &n, most, "too much is read ahead of an RQ");
    if (ar->loading) {
        rq->cached = n;
        rq->cache_off = 0;
    }
    cx6dx_ar_bytes(ar, rq->cache + (n ? rq->cache_off : 0),
                   (size_t)n << rq->log_stride);
    if (!rq->striding) {
        return;
    }
    cx6dx_ar(ar, &rq->head);
    cx6dx_ar(ar, &rq->stride);
    if (n) {
        cx6dx_ar(ar, &rq->next);
    }
    cx6dx_ar_check(ar, !(rq->head >> rq->log_wqes) &&
                       !(rq->stride >> rq->log_strides) &&
                       (!n || !(rq->next >> rq->log_wqes)),
                   "the place in an RQ can not be");
}

void cx6dx_rq_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    Cx6dxRq *rq = (Cx6dxRq *)obj;

    archive_shape(rq, ar);
    if (!cx6dx_ar_good(ar)) {
        return;
    }
    cx6dx_pages_archive(&rq->pages, 1ull << (rq->log_wqes + rq->log_stride),
                        ar);
    cx6dx_wq_archive_state(ar, &rq->state);
    cx6dx_obj_archive_ref(ar, &nic->cqs, &rq->cqn);
    cx6dx_obj_archive_ref_or_none(ar, &nic->pds, &rq->pdn);
    cx6dx_obj_archive_ref_or_none(ar, &nic->q_counters, &rq->counter_set);
    cx6dx_ar(ar, &rq->dbr_addr);
    cx6dx_ar(ar, &rq->vsd);
    cx6dx_ar(ar, &rq->scatter_fcs);
    cx6dx_ar(ar, &rq->pc);
    cx6dx_ar(ar, &rq->cc);
    cx6dx_ar_check(ar, (uint16_t)(rq->pc - rq->cc) <= 1u << rq->log_wqes,
                   "more is posted than an RQ holds");
    cx6dx_ar(ar, &rq->starved);
    cx6dx_ar(ar, &rq->done_ns);
    cx6dx_ar(ar, &rq->seen_ns);
    archive_cache(rq, ar);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Send queues: doorbells, fetching and dispatch of work requests; see sq.h
 * (PRM "Send Queue", "Send WQE Format")
 *
 * Knows where work requests lie and in which order they complete, not what they
 * do: that is txpath and tlsop.  The commands are in sq_cmd.c.
 */
#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/fault.h"
#include "nic/nic.h"
#include "nic/sq.h"
#include "nic/tlsop.h"
#include "nic/txpath.h"
#include "pure/cqe.h"
#include "trace.h"

/* Read from the ring at once */
#define FETCH_BYTES CX6DX_PAGE_BYTES
/* One queue's turn before the next one is served */
#define TURN_BYTES (64 * 1024)
/* What a work request counts besides the bytes it moves */
#define WQE_COST_BYTES 256

static void schedule(Cx6dxNic *nic, Cx6dxSq *sq)
{
    if (!sq->scheduled && !sq->frozen) {
        sq->scheduled = true;
        g_queue_push_tail(&nic->sq_work, sq);
    }
}

void cx6dx_sq_doorbell(Cx6dxNic *nic, uint32_t uar, uint32_t ctrl_word1)
{
    uint32_t sqn = ctrl_word1 >> CX6DX_LSB_(wqe_ctrl, qpn);
    Cx6dxSq *sq = (Cx6dxSq *)cx6dx_obj_get(&nic->sqs, sqn);

    if (!sq || sq->uar_page != uar || sq->state == CX6DX_QUEUE_RST) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DB_SQ, sqn);
        return;
    }
    if (cx6dx_timing_on(&nic->timing)) {
        sq->fetch_ns = cx6dx_timing_doorbell(&nic->timing, cx6dx_nic_now(nic));
        if (!sq->scheduled) {
            sq->doorbell_ns = cx6dx_nic_now(nic);
        }
        sq->op = nic->timing.op;
    }
    schedule(nic, sq);
    cx6dx_nic_kick(nic);
}

void cx6dx_sq_thaw(Cx6dxNic *nic, uint32_t sqn)
{
    Cx6dxSq *sq = (Cx6dxSq *)cx6dx_obj_get(&nic->sqs, sqn);

    if (sq && sq->frozen) {
        sq->frozen = false;
        schedule(nic, sq);
        cx6dx_nic_kick(nic);
    }
}

/* Completions of one queue come in order, also in modelled time */
static void post(Cx6dxNic *nic, Cx6dxSq *sq, uint8_t *cqe, bool solicited,
                 uint64_t when_ns)
{
    if (!cx6dx_timing_on(&nic->timing)) {
        cx6dx_cq_post(nic, sq->cqn, cqe, solicited);
        return;
    }
    sq->done_ns = cx6dx_timing_dma_write(&nic->timing, CX6DX_TIMING_CQE,
                                         MAX(when_ns, sq->done_ns),
                                         CX6DX_cqe_BYTES);
    /* also when the latency became shorter meanwhile */
    sq->seen_ns = MAX(cx6dx_timing_seen(&nic->timing, sq->done_ns),
                      sq->seen_ns);
    cx6dx_defer_cqe(nic, sq->seen_ns, sq->cqn, cqe, solicited,
                    CX6DX_DEFER_SQ(sq->obj.id));
}

static void post_error(Cx6dxNic *nic, Cx6dxSq *sq, uint8_t opcode,
                       uint16_t index, uint8_t syndrome)
{
    uint8_t cqe[CX6DX_cqe_BYTES];

    cx6dx_cqe_encode_err(CX6DX_CQE_REQ_ERR, sq->obj.id, opcode, index, syndrome,
                         0, cqe);
    post(nic, sq, cqe, true,
         cx6dx_timing_on(&nic->timing) ? cx6dx_nic_now(nic) : 0);
}

void cx6dx_sq_fail(Cx6dxNic *nic, Cx6dxSq *sq, uint8_t opcode, uint16_t index,
                   uint8_t syndrome)
{
    trace_cx6dx_sq_err_wqe(nic->params.id, sq->obj.id, index, opcode, syndrome);
    sq->state = CX6DX_QUEUE_ERR;
    post_error(nic, sq, opcode, index, syndrome);
}

/* The ring or its record cannot be read: nothing posted can be served */
static void fail_memory(Cx6dxNic *nic, Cx6dxSq *sq)
{
    cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQ_DMA, sq->obj.id);
    if (sq->state == CX6DX_QUEUE_RDY) {
        cx6dx_sq_fail(nic, sq, CX6DX_WQE_NOP, sq->cc,
                      CX6DX_CQE_SYNDROME_LOCAL_PROT);
    }
    sq->pc = sq->cc;
}

static void read_counter(Cx6dxNic *nic, Cx6dxSq *sq)
{
    uint8_t rec[CX6DX_wq_dbrec_BYTES];
    uint16_t pc;

    if (!cx6dx_nic_dma_read(nic, sq->dbr_addr + CX6DX_OFF_(wq_dbrec, sq_counter),
                            rec + CX6DX_OFF_(wq_dbrec, sq_counter), 4)) {
        fail_memory(nic, sq);
        return;
    }
    pc = CX6DX_GET(wq_dbrec, rec, sq_counter);
    if ((uint16_t)(pc - sq->cc) > 1u << sq->log_wqebbs) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DB_RANGE, sq->obj.id);
        return;
    }
    sq->pc = pc;
}

/* ---- One work request ---- */

/* UMR of a memory key */
static uint8_t umr_mkey(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe)
{
    if (!sq->reg_umr) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_MALFORMED, sq->obj.id);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    /* sizes and offsets are in units of two entries */
    if (!cx6dx_mkey_update(nic, wqe->general_id, wqe->xlt_offset * 2u,
                           wqe->inline_params, wqe->xlt_octowords * 2u)) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_LKEY, wqe->general_id);
        return CX6DX_CQE_SYNDROME_LOCAL_PROT;
    }
    return 0;
}

static uint8_t execute(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                       uint64_t *when_ns, size_t *moved_bytes)
{
    switch (wqe->opcode) {
    case CX6DX_WQE_SEND:
    case CX6DX_WQE_LSO:
    case CX6DX_WQE_ENHANCED_MPSW:
        return cx6dx_txpath_send(nic, sq, wqe, when_ns, moved_bytes);
    case CX6DX_WQE_DUMP:
        return cx6dx_tlsop_dump(nic, sq, wqe, when_ns, moved_bytes);
    case CX6DX_WQE_UMR:
        return wqe->opmod == CX6DX_OPMOD_UMR_MKEY
                   ? umr_mkey(nic, sq, wqe)
                   : cx6dx_tlsop_static(nic, sq, wqe);
    case CX6DX_WQE_SET_PSV:
        return cx6dx_tlsop_set_psv(nic, sq, wqe);
    case CX6DX_WQE_GET_PSV:
        return cx6dx_tlsop_get_psv(nic, sq, wqe, when_ns);
    default:
        return 0;
    }
}

/* `buf` holds the whole work request */
static void serve_wqe(Cx6dxNic *nic, Cx6dxSq *sq, const uint8_t *buf,
                      size_t bytes, uint64_t when_ns, size_t *moved_bytes)
{
    uint16_t index = sq->cc;
    uint8_t cqe[CX6DX_cqe_BYTES];
    uint8_t syndrome;
    Cx6dxWqe wqe;

    sq->cc += DIV_ROUND_UP(bytes, CX6DX_WQE_BB_BYTES);
    if (cx6dx_wqe_decode(buf, bytes, &wqe) != CX6DX_WQE_OK) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_MALFORMED, sq->obj.id);
        syndrome = CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    } else {
        syndrome = execute(nic, sq, &wqe, &when_ns, moved_bytes);
    }
    if (syndrome) {
        cx6dx_sq_fail(nic, sq, wqe.opcode, index, syndrome);
    } else if (wqe.cqe && when_ns != CX6DX_SQ_NEVER) {
        cx6dx_cqe_encode_tx(sq->obj.id, wqe.opcode, index,
                            cx6dx_timing_on(&nic->timing) ? when_ns
                                                       : cx6dx_nic_now(nic),
                            cqe);
        post(nic, sq, cqe, wqe.solicited, when_ns);
    }
}

/* In ERR: the driver wants to see each of them come back */
static void flush_wqe(Cx6dxNic *nic, Cx6dxSq *sq, const uint8_t *buf,
                      unsigned wqebbs)
{
    post_error(nic, sq, CX6DX_GET(wqe_ctrl, buf, opcode), sq->cc,
               CX6DX_CQE_SYNDROME_WR_FLUSH);
    sq->cc += wqebbs;
}

/* ---- Fetching ---- */

/* WQEBBs from the consumer counter to the end of what is posted or contiguous */
static unsigned contiguous(const Cx6dxSq *sq)
{
    unsigned ring = 1u << sq->log_wqebbs;
    unsigned slot = sq->cc & (ring - 1);
    unsigned page = 1u << MIN(sq->pages.log_page_bytes - CX6DX_LOG_SEND_WQE_BB,
                              16);
    unsigned n = MIN((uint16_t)(sq->pc - sq->cc), ring - slot);

    return MIN(n, page - (slot & (page - 1)));
}

/* Returns the number of bytes read into `buf`, or 0 */
static size_t fetch(Cx6dxNic *nic, Cx6dxSq *sq, uint8_t *buf, uint64_t *when_ns)
{
    uint64_t slot = sq->cc & ((1u << sq->log_wqebbs) - 1);
    size_t bytes = MIN(contiguous(sq) * CX6DX_WQE_BB_BYTES, FETCH_BYTES);

    if (!cx6dx_nic_dma_read(nic, cx6dx_pages_addr(&sq->pages,
                                                  slot * CX6DX_WQE_BB_BYTES),
                            buf, bytes)) {
        return 0;
    }
    if (cx6dx_timing_on(&nic->timing)) {
        if (sq->op) {
            nic->timing.op = sq->op;
            sq->op = 0;
        } else {
            cx6dx_timing_begin(&nic->timing);
        }
        *when_ns = cx6dx_timing_dma_read(&nic->timing, CX6DX_TIMING_SEND_WQE,
                                         MAX(sq->fetch_ns, cx6dx_nic_now(nic)),
                                         bytes);
    }
    return bytes;
}

/* A fault: an answer that comes late holds up the queue */
static bool stops_before(Cx6dxNic *nic, Cx6dxSq *sq, const uint8_t *buf,
                         size_t bytes)
{
    Cx6dxWqe wqe;

    return cx6dx_faults_armed(&nic->faults, CX6DX_FAULT_GET_PSV_LATE) &&
           cx6dx_wqe_decode(buf, bytes, &wqe) == CX6DX_WQE_OK &&
           wqe.opcode == CX6DX_WQE_GET_PSV &&
           cx6dx_fault_psv_late(nic, sq, wqe.psv_number);
}

/*
 * Serves the work request at the start of `buf`; returns its size, or 0 when it
 * goes beyond `len` and must be fetched again, or the queue stops here.
 */
static size_t serve_next(Cx6dxNic *nic, Cx6dxSq *sq, const uint8_t *buf,
                         size_t len, uint64_t when_ns, size_t *moved_bytes)
{
    size_t bytes = cx6dx_wqe_bytes(buf);
    unsigned wqebbs = DIV_ROUND_UP(bytes, CX6DX_WQE_BB_BYTES);
    unsigned most = contiguous(sq);

    if (sq->state == CX6DX_QUEUE_ERR) {
        wqebbs = wqebbs && wqebbs <= most ? wqebbs : 1;
        flush_wqe(nic, sq, buf, wqebbs);
        return wqebbs * CX6DX_WQE_BB_BYTES;
    }
    if (wqebbs > most || !wqebbs) {
        /* over the end of the ring, the page, or what was posted */
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_MALFORMED, sq->obj.id);
        cx6dx_sq_fail(nic, sq, CX6DX_GET(wqe_ctrl, buf, opcode), sq->cc,
                      CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
        sq->cc++;
        return CX6DX_WQE_BB_BYTES;
    }
    if (wqebbs * CX6DX_WQE_BB_BYTES > len || stops_before(nic, sq, buf, bytes)) {
        return 0;
    }
    serve_wqe(nic, sq, buf, bytes, when_ns, moved_bytes);
    return wqebbs * CX6DX_WQE_BB_BYTES;
}

/* One turn of a queue */
static void serve(Cx6dxNic *nic, Cx6dxSq *sq, size_t *moved_bytes)
{
    size_t end = *moved_bytes + TURN_BYTES;
    uint8_t buf[FETCH_BYTES];
    uint64_t when_ns = 0;
    size_t len, off, bytes;

    while (sq->cc != sq->pc && *moved_bytes < end && !sq->frozen &&
           cx6dx_defer_room(nic)) {
        if (sq->state == CX6DX_QUEUE_ERR && !sq->flush_in_error) {
            sq->cc = sq->pc;
            return;
        }
        len = fetch(nic, sq, buf, &when_ns);
        if (!len) {
            fail_memory(nic, sq);
            return;
        }
        off = 0;
        do {
            if (off) {
                cx6dx_timing_begin(&nic->timing);
            }
            bytes = serve_next(nic, sq, buf + off, len - off, when_ns,
                               moved_bytes);
            off += bytes;
            *moved_bytes += bytes ? WQE_COST_BYTES : 0;
        } while (bytes && off < len && *moved_bytes < end &&
                 (sq->state == CX6DX_QUEUE_RDY || sq->flush_in_error) &&
                 cx6dx_defer_room(nic));
    }
}

/* The queue at `link` of the list of those with work */
static void take_turn(Cx6dxNic *nic, GList *link, size_t *moved_bytes)
{
    Cx6dxSq *sq = link->data;

    g_queue_delete_link(&nic->sq_work, link);
    sq->scheduled = false;
    read_counter(nic, sq);
    serve(nic, sq, moved_bytes);
    if (sq->cc != sq->pc) {
        schedule(nic, sq);
    }
}

void cx6dx_sq_work_internal(Cx6dxNic *nic, size_t budget_bytes)
{
    GList *link = nic->sq_work.head, *next;
    size_t moved_bytes = 0;

    while (link && moved_bytes < budget_bytes && cx6dx_defer_room(nic)) {
        next = link->next;
        if (((Cx6dxSq *)link->data)->reg_umr) {
            take_turn(nic, link, &moved_bytes);
        }
        link = next;
    }
}

bool cx6dx_sq_work(Cx6dxNic *nic, size_t budget_bytes)
{
    size_t moved_bytes = 0;

    while (moved_bytes < budget_bytes && !g_queue_is_empty(&nic->sq_work)) {
        if (!cx6dx_defer_room(nic)) {
            return false;
        }
        take_turn(nic, nic->sq_work.head, &moved_bytes);
    }
    return !g_queue_is_empty(&nic->sq_work) && cx6dx_defer_room(nic);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Send queues: commands and life cycle; see sq.h
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/sq.h"
#include "nic/wq.h"
#include "trace.h"

static void stop(Cx6dxNic *nic, Cx6dxSq *sq)
{
    if (sq->scheduled) {
        g_queue_remove(&nic->sq_work, sq);
        sq->scheduled = false;
    }
    cx6dx_defer_forget(nic, CX6DX_DEFER_SQ(sq->obj.id));
    sq->pc = 0;
    sq->cc = 0;
    sq->done_ns = 0;
    sq->seen_ns = 0;
    sq->op = 0;
    sq->frozen = false;
    sq->psv_held = false;
}

void cx6dx_sq_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    Cx6dxSq *sq = (Cx6dxSq *)obj;

    stop(nic, sq);
    cx6dx_obj_unref(&nic->cqs, sq->cqn);
    cx6dx_obj_unref(&nic->pds, sq->pdn);
    cx6dx_obj_unref(&nic->uars, sq->uar_page);
    if (sq->tisn) {
        cx6dx_obj_unref(&nic->tises, sq->tisn);
    }
    cx6dx_pages_free(&sq->pages);
    g_free(sq);
}

static uint8_t read_context(Cx6dxNic *nic, Cx6dxCmd *cmd, const uint8_t *sqc,
                            Cx6dxSq *sq)
{
    const uint8_t *wq = CX6DX_AREA(sqc, sqc, wq);
    uint32_t ntis = CX6DX_GET(sqc, sqc, tis_lst_sz);

    sq->state = CX6DX_GET(sqc, sqc, state);
    sq->cqn = CX6DX_GET(sqc, sqc, cqn);
    sq->reg_umr = CX6DX_GET(sqc, sqc, reg_umr);
    sq->flush_in_error = CX6DX_GET(sqc, sqc, flush_in_error_en);
    sq->uar_page = CX6DX_GET(wq, wq, uar_page);
    sq->tisn = ntis ? CX6DX_GET(sqc, sqc, tis_num_0) : 0;
    if (ntis > 1 || sq->state != CX6DX_QUEUE_RST) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (!cx6dx_obj_get(&nic->cqs, sq->cqn) ||
        !cx6dx_obj_get(&nic->uars, sq->uar_page) ||
        (ntis && !cx6dx_obj_get(&nic->tises, sq->tisn))) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_create_sq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *sqc = cmd->in + CX6DX_BYTES(create_obj_in);
    g_autofree Cx6dxSq *sq = g_new0(Cx6dxSq, 1);
    Cx6dxWqInfo info;
    uint8_t status;
    uint32_t sqn;

    status = read_context(nic, cmd, sqc, sq);
    if (status == CX6DX_STATUS_OK) {
        status = cx6dx_wq_parse(nic, cmd, CX6DX_LOG_SEND_WQE_BB,
                                CX6DX_LOG_SEND_WQE_BB, false, &info);
    }
    if (status != CX6DX_STATUS_OK) {
        return status;
    }
    sq->pages = info.pages;
    sq->log_wqebbs = info.log_entries;
    sq->pdn = info.pdn;
    sq->dbr_addr = info.dbr_addr;
    sqn = cx6dx_cmd_add_obj(nic, cmd, &nic->sqs, &sq->obj);
    if (!sqn) {
        cx6dx_pages_free(&sq->pages);
        return CX6DX_STATUS_LIM_ERR;
    }
    cx6dx_obj_ref(&nic->cqs, sq->cqn);
    cx6dx_obj_ref(&nic->pds, sq->pdn);
    cx6dx_obj_ref(&nic->uars, sq->uar_page);
    if (sq->tisn) {
        cx6dx_obj_ref(&nic->tises, sq->tisn);
    }
    g_steal_pointer(&sq);
    CX6DX_SET(cmd_out, cmd->out, number, sqn);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_modify_sq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *sqc = cmd->in + CX6DX_BYTES(modify_obj_in);
    uint32_t sqn = CX6DX_GET(modify_obj_in, cmd->in, number);
    uint8_t expected = CX6DX_GET(modify_obj_in, cmd->in, state);
    Cx6dxSq *sq = (Cx6dxSq *)cx6dx_obj_get(&nic->sqs, sqn);
    uint8_t to = CX6DX_GET(sqc, sqc, state);

    if (!sq) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if (sq->state != expected || !cx6dx_wq_may_become(sq->state, to)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES_STATE,
                              CX6DX_SYND_QUEUE_STATE);
    }
    trace_cx6dx_sq_state(nic->params.id, sqn, sq->state, to);
    if (to == CX6DX_QUEUE_RST) {
        stop(nic, sq);
    }
    sq->state = to;
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_sq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return cx6dx_cmd_del_obj(nic, cmd, &nic->sqs,
                             CX6DX_GET(cmd_in, cmd->in, number));
}

uint8_t cx6dx_cmd_query_sq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t sqn = CX6DX_GET(cmd_in, cmd->in, number);
    const Cx6dxSq *sq = (const Cx6dxSq *)cx6dx_obj_get(&nic->sqs, sqn);
    uint8_t *sqc = cmd->out + CX6DX_BYTES(modify_obj_in);
    Cx6dxWqInfo info;

    if (!sq) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    info = (Cx6dxWqInfo) {
        .type = CX6DX_WQ_CYCLIC,
        .pages = sq->pages,
        .log_stride = CX6DX_LOG_SEND_WQE_BB,
        .log_entries = sq->log_wqebbs,
        .pdn = sq->pdn,
        .dbr_addr = sq->dbr_addr,
    };
    CX6DX_SET(sqc, sqc, flush_in_error_en, sq->flush_in_error);
    CX6DX_SET(sqc, sqc, state, sq->state);
    CX6DX_SET(sqc, sqc, reg_umr, sq->reg_umr);
    CX6DX_SET(sqc, sqc, cqn, sq->cqn);
    CX6DX_SET(sqc, sqc, tis_lst_sz, sq->tisn != 0);
    CX6DX_SET(sqc, sqc, tis_num_0, sq->tisn);
    cx6dx_wq_fill(CX6DX_AREA(sqc, sqc, wq), &info, sq->cc, sq->pc);
    CX6DX_SET(wq, CX6DX_AREA(sqc, sqc, wq), uar_page, sq->uar_page);
    return CX6DX_STATUS_OK;
}

/* ---- Snapshots ---- */

static void archive_psv(Cx6dxTlsProgress *psv, Cx6dxArchive *ar)
{
    cx6dx_ar(ar, &psv->next_record_tcp_sn);
    cx6dx_ar(ar, &psv->hw_resync_tcp_sn);
    cx6dx_ar(ar, &psv->record_tracker_state);
    cx6dx_ar(ar, &psv->auth_state);
    cx6dx_ar(ar, &psv->hw_offset_record_number);
}

void cx6dx_sq_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    Cx6dxSq *sq = (Cx6dxSq *)obj;

    cx6dx_ar(ar, &sq->log_wqebbs);
    if (!cx6dx_ar_check(ar, sq->log_wqebbs <= CX6DX_LOG_MAX_QUEUE_ENTRIES,
                        "the size of an SQ can not be")) {
        return;
    }
    cx6dx_pages_archive(&sq->pages,
                        (uint64_t)CX6DX_WQE_BB_BYTES << sq->log_wqebbs, ar);
    cx6dx_wq_archive_state(ar, &sq->state);
    cx6dx_obj_archive_ref(ar, &nic->cqs, &sq->cqn);
    cx6dx_obj_archive_ref_or_none(ar, &nic->pds, &sq->pdn);
    cx6dx_obj_archive_ref_or_none(ar, &nic->tises, &sq->tisn);
    cx6dx_obj_archive_ref(ar, &nic->uars, &sq->uar_page);
    cx6dx_ar(ar, &sq->dbr_addr);
    cx6dx_ar(ar, &sq->reg_umr);
    cx6dx_ar(ar, &sq->flush_in_error);
    cx6dx_ar(ar, &sq->pc);
    cx6dx_ar(ar, &sq->cc);
    cx6dx_ar_check(ar, (uint16_t)(sq->pc - sq->cc) <= 1u << sq->log_wqebbs,
                   "more is posted than an SQ holds");
    cx6dx_ar(ar, &sq->frozen);
    cx6dx_ar(ar, &sq->psv_held);
    if (sq->psv_held) {
        archive_psv(&sq->psv, ar);
    }
    cx6dx_ar(ar, &sq->doorbell_ns);
    cx6dx_ar(ar, &sq->fetch_ns);
    cx6dx_ar(ar, &sq->done_ns);
    cx6dx_ar(ar, &sq->seen_ns);
    cx6dx_ar(ar, &sq->wire_ps);
    cx6dx_ar(ar, &sq->op);
}

void cx6dx_sq_archive_work(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    uint32_t n = g_queue_get_length(&nic->sq_work);
    const GList *next = nic->sq_work.head;

    cx6dx_ar_count(ar, &n, nic->sqs.used, "too many SQs with work");
    while (n-- && cx6dx_ar_good(ar)) {
        uint32_t sqn = 0;
        Cx6dxSq *sq;

        if (!ar->loading) {
            sqn = ((const Cx6dxSq *)next->data)->obj.id;
            next = next->next;
        }
        cx6dx_ar(ar, &sqn);
        if (!ar->loading) {
            continue;
        }
        sq = (Cx6dxSq *)cx6dx_obj_get(&nic->sqs, sqn);
        if (cx6dx_ar_check(ar, sq && !sq->scheduled,
                           "an SQ with work is not there")) {
            sq->scheduled = true;
            g_queue_push_tail(&nic->sq_work, sq);
        }
    }
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Completion queues; see cq.h (PRM "Completion Queues", "CQ Doorbell")
 */
#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/eq.h"
#include "nic/fault.h"
#include "nic/nic.h"
#include "trace.h"

#define INDEX_MASK 0xffffffu
/* Of all CQs together: 4 GiB of entries, 8 MiB of addresses here */
#define MAX_CQ_PAGES (1u << 20)
#define PERIOD_MODE_CQE 1           /* cq_period_mode: counts from the entry */
#define MODIFY_MASK (CX6DX_MODIFY_CQ_PERIOD | CX6DX_MODIFY_CQ_COUNT | \
                     CX6DX_MODIFY_CQ_OVERRUN | CX6DX_MODIFY_CQ_PERIOD_MODE)

static Cx6dxCq *cq_get(Cx6dxNic *nic, uint32_t cqn)
{
    return (Cx6dxCq *)cx6dx_obj_get(&nic->cqs, cqn);
}

static void cq_set_deadline(Cx6dxNic *nic, Cx6dxCq *cq, uint64_t deadline_ns)
{
    if (!cq->deadline_ns) {
        g_ptr_array_add(nic->cq_moderated, cq);
    }
    cq->deadline_ns = deadline_ns;
}

static void cq_clear_deadline(Cx6dxNic *nic, Cx6dxCq *cq)
{
    if (cq->deadline_ns) {
        g_ptr_array_remove(nic->cq_moderated, cq);
        cq->deadline_ns = 0;
    }
}

static void cq_clear_due(Cx6dxNic *nic, Cx6dxCq *cq)
{
    if (cq->due) {
        g_ptr_array_remove(nic->cq_due, cq);
        cq->due = false;
    }
}

static void cq_fire(Cx6dxNic *nic, Cx6dxCq *cq)
{
    cq_clear_deadline(nic, cq);
    cq_clear_due(nic, cq);
    cq->armed = false;
    cq->unreported = 0;
    cq->last_notified = cq->pi & INDEX_MASK;
    if (cq->period_us) {
        cq->last_event_ns = cx6dx_nic_now(nic);
    }
    trace_cx6dx_cq_event(nic->params.id, cq->obj.id, cq->pi);
    cx6dx_eq_post_completion(nic, cq);
}

/* Fires at the end of the turn: what the turn still brings comes with it */
static void cq_fire_soon(Cx6dxNic *nic, Cx6dxCq *cq)
{
    if (cx6dx_timing_on(&nic->timing)) {
        cq_fire(nic, cq);
    } else if (!cq->due) {
        cq->due = true;
        g_ptr_array_add(nic->cq_due, cq);
        cx6dx_nic_kick(nic);
    }
}

/* The queue is armed and holds entries not reported: now or later? */
static void cq_notify(Cx6dxNic *nic, Cx6dxCq *cq)
{
    uint64_t now_ns, due_ns;

    if (!cq->period_us || (cq->max_count && cq->unreported >= cq->max_count)) {
        cq_fire_soon(nic, cq);
        return;
    }
    if (cq->deadline_ns || cq->due) {
        return;
    }
    now_ns = cx6dx_nic_now(nic);
    due_ns = (cq->period_from_cqe ? now_ns : cq->last_event_ns) +
             cq->period_us * 1000ull;
    if (due_ns <= now_ns) {
        cq_fire_soon(nic, cq);
    } else {
        cq_set_deadline(nic, cq, due_ns);
    }
}

/* `more` entries fit; reads the guest's index again if need be */
static bool cq_has_room(Cx6dxNic *nic, Cx6dxCq *cq, uint32_t more)
{
    const uint32_t size = 1u << cq->log_entries;
    uint8_t record[4];

    if (cq->overrun_ignore || ((cq->pi - cq->ci) & INDEX_MASK) + more <= size) {
        return true;
    }
    if (!cx6dx_nic_dma_read(nic, cq->dbr_addr, record, sizeof(record))) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_CQ_DMA, cq->obj.id);
        return false;
    }
    cq->ci = CX6DX_GET(cq_dbrec, record, consumer_index);
    return ((cq->pi - cq->ci) & INDEX_MASK) + more <= size;
}

static bool cq_fail(Cx6dxNic *nic, Cx6dxCq *cq, Cx6dxGuestErr err)
{
    cq->failed = true;
    cq_clear_deadline(nic, cq);
    cq_clear_due(nic, cq);
    cx6dx_guest_err(nic, err, cq->obj.id);
    cx6dx_eq_post_cq_error(nic, cq->obj.id, CX6DX_CQ_ERR_OVERRUN);
    return false;
}

static uint64_t cq_slot_addr(const Cx6dxCq *cq, uint32_t pi)
{
    uint32_t index = pi & ((1u << cq->log_entries) - 1);

    return cx6dx_pages_addr(&cq->pages, (uint64_t)index * CX6DX_cqe_BYTES);
}

/* Writes the slot of `pi` */
static bool cq_write(Cx6dxNic *nic, const Cx6dxCq *cq, uint32_t pi,
                     uint8_t cqe[CX6DX_cqe_BYTES])
{
    const size_t body = CX6DX_cqe_BYTES - 2;
    uint64_t addr = cq_slot_addr(cq, pi);

    CX6DX_SET(cqe, cqe, owner, pi >> cq->log_entries & 1);
    if (cq->comp && cq->comp->enhanced) {
        /* there the guest looks at a count of rounds, in this place */
        CX6DX_SET(cqe, cqe, signature, pi >> cq->log_entries & 0xff);
    }
    /* the guest looks at the last two bytes: they come last */
    return cx6dx_nic_dma_write(nic, addr, cqe, body) &&
           cx6dx_nic_dma_write(nic, addr + body, cqe + body, 2);
}

static void cq_written(Cx6dxNic *nic, Cx6dxCq *cq, uint32_t n, bool solicited)
{
    cq->pi += n;
    cq->unreported = MIN(cq->unreported + n, UINT16_MAX);
    if (cq->armed && (solicited || !cq->solicited_only)) {
        cq_notify(nic, cq);
    }
}

/* ---- Compression ---- */

/*
 * Slots of a session that hold nothing are stamped with this round: left as they
 * are, what they say would be true again 256 rounds later.
 */
static bool cq_stamp_unused(Cx6dxNic *nic, const Cx6dxCq *cq, unsigned from,
                            unsigned to)
{
    bool good = true;

    for (; from < to; from++) {
        uint8_t round = (cq->pi + from) >> cq->log_entries & 0xff;

        good &= cx6dx_nic_dma_write(nic, cq_slot_addr(cq, cq->pi + from) +
                                    CX6DX_CQE_ROUND_OFF, &round, 1);
    }
    return good;
}

/* Writes what the session holds; from its end, so that the guest sees it whole */
static bool cq_close(Cx6dxNic *nic, Cx6dxCq *cq)
{
    Cx6dxCqeSlot slots[CX6DX_CQE_COMP_SLOTS];
    unsigned n = cx6dx_cqe_comp_encode(cq->comp, slots);
    unsigned count = cq->comp->count, end = count;
    bool good = true;

    if (!n) {
        return true;
    }
    g_ptr_array_remove(nic->cq_open, cq);
    cx6dx_cqe_comp_clear(cq->comp);
    while (good && n--) {
        Cx6dxCqeSlot *slot = &slots[n];
        uint32_t pi = cq->pi + slot->offset;

        if (cq->comp->enhanced) {
            good = cq_stamp_unused(nic, cq, slot->offset + 1, end);
        }
        good = good && (slot->plain_end
                        ? cq_write(nic, cq, pi, slot->bytes)
                        : cx6dx_nic_dma_write(nic, cq_slot_addr(cq, pi),
                                              slot->bytes, CX6DX_cqe_BYTES));
        end = slot->offset;
    }
    if (!good) {
        return cq_fail(nic, cq, CX6DX_GUEST_ERR_CQ_DMA);
    }
    if (count > 1) {
        nic->stats.cqe_sessions++;
        nic->stats.cqe_compressed += count;
    }
    trace_cx6dx_cq_session(nic->params.id, cq->obj.id, cq->pi, count);
    cq_written(nic, cq, count, false);
    return true;
}

/* True when the session took the entry: it is written at the end of the batch */
static bool cq_hold(Cx6dxNic *nic, Cx6dxCq *cq, const uint8_t *cqe,
                    bool solicited)
{
    if (!solicited && cq_has_room(nic, cq, cq->comp->count + 1)) {
        if (cq->comp->count && cx6dx_cqe_comp_add(cq->comp, cqe)) {
            return true;
        }
        if (cq_close(nic, cq) && cx6dx_cqe_comp_add(cq->comp, cqe)) {
            g_ptr_array_add(nic->cq_open, cq);
            cx6dx_nic_kick(nic);
            return true;
        }
        return false;
    }
    cq_close(nic, cq);
    return false;
}

void cx6dx_cq_close_all(Cx6dxNic *nic)
{
    while (nic->cq_open->len) {
        cq_close(nic, g_ptr_array_index(nic->cq_open, 0));
    }
}

bool cx6dx_cq_post(Cx6dxNic *nic, uint32_t cqn, uint8_t cqe[CX6DX_cqe_BYTES],
                   bool solicited)
{
    Cx6dxCq *cq = cq_get(nic, cqn);

    if (!cq || cq->failed) {
        return false;
    }
    if (cx6dx_fault_takes_cqe(nic, cqn, cqe, solicited)) {
        return true;
    }
    if (cq->comp && cq_hold(nic, cq, cqe, solicited)) {
        return true;
    }
    if (cq->failed) {
        return false;
    }
    if (!cq_has_room(nic, cq, 1)) {
        return cq_fail(nic, cq, CX6DX_GUEST_ERR_CQ_OVERRUN);
    }
    if (!cq_write(nic, cq, cq->pi, cqe)) {
        return cq_fail(nic, cq, CX6DX_GUEST_ERR_CQ_DMA);
    }
    cq_written(nic, cq, 1, solicited);
    return true;
}

void cx6dx_cq_doorbell(Cx6dxNic *nic, uint32_t uar, uint32_t arm,
                       uint32_t cqn)
{
    uint8_t record[CX6DX_cq_dbrec_BYTES] = { 0 };
    Cx6dxCq *cq = cq_get(nic, cqn & INDEX_MASK);
    uint32_t ci;

    if (!cx6dx_obj_get(&nic->uars, uar)) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DB_UAR, uar);
        return;
    }
    if (!cq || cq->uar_page != uar) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DB_CQ, cqn & INDEX_MASK);
        return;
    }
    cx6dx_prm_store(record + 4, arm);
    ci = CX6DX_GET(cq_dbrec, record, arm_ci);
    if (!cq->overrun_ignore &&
        ((cq->pi - ci) & INDEX_MASK) > 1u << cq->log_entries) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DB_RANGE, arm);
        return;
    }
    cq->ci = ci;
    cq->armed = true;
    cq->solicited_only = CX6DX_GET(cq_dbrec, record, arm_cmd);
    cq->unreported = MIN((cq->pi - ci) & INDEX_MASK, UINT16_MAX);
    if (cq->unreported && !cq->failed && !cq->solicited_only) {
        cq_notify(nic, cq);
        if (cq->deadline_ns) {
            cx6dx_nic_update_timer(nic);
        }
    }
}

void cx6dx_cq_work(Cx6dxNic *nic)
{
    while (nic->cq_due->len) {
        /* takes itself off the list */
        cq_fire(nic, g_ptr_array_index(nic->cq_due, 0));
    }
}

uint64_t cx6dx_cq_timer(Cx6dxNic *nic, uint64_t now_ns)
{
    uint64_t next_ns = UINT64_MAX;
    guint i = 0;

    while (i < nic->cq_moderated->len) {
        Cx6dxCq *cq = g_ptr_array_index(nic->cq_moderated, i);

        if (cq->deadline_ns <= now_ns) {
            /* takes itself off the list; the order of the rest stays */
            cq_fire(nic, cq);
        } else {
            next_ns = MIN(next_ns, cq->deadline_ns);
            i++;
        }
    }
    return next_ns;
}

/* ---- Commands ---- */

void cx6dx_cq_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    Cx6dxCq *cq = (Cx6dxCq *)obj;

    cq_clear_deadline(nic, cq);
    cq_clear_due(nic, cq);
    if (cq->comp && cq->comp->count) {
        g_ptr_array_remove(nic->cq_open, cq);
    }
    g_free(cq->comp);
    cx6dx_eq_forget_cq(nic, cq);
    cx6dx_defer_forget(nic, CX6DX_DEFER_CQ(cq->obj.id));
    cx6dx_obj_unref(&nic->eqs, cq->eqn);
    cx6dx_obj_unref(&nic->uars, cq->uar_page);
    nic->cq_pages -= cq->pages.npages;
    cx6dx_pages_free(&cq->pages);
    g_free(cq);
}

/* 0, or the syndrome and `*status` */
static uint32_t cq_check(Cx6dxNic *nic, const Cx6dxCq *cq, const uint8_t *cqc,
                         uint8_t *status)
{
    *status = CX6DX_STATUS_BAD_PARAM;
    if (cq->log_entries > CX6DX_LOG_MAX_EQ_CQ_ENTRIES) {
        return CX6DX_SYND_QUEUE_SIZE;
    }
    /* larger and collapsed entries are not offered */
    if (CX6DX_GET(cqc, cqc, cqe_sz) || CX6DX_GET(cqc, cqc, cc) ||
        (cq->dbr_addr & 7)) {
        return CX6DX_SYND_FIELD;
    }
    *status = CX6DX_STATUS_BAD_RES;
    if (!cx6dx_obj_get(&nic->eqs, cq->eqn) ||
        !cx6dx_obj_get(&nic->uars, cq->uar_page)) {
        return CX6DX_SYND_NO_SUCH_OBJECT;
    }
    return CX6DX_SYND_NONE;
}

uint8_t cx6dx_cmd_create_cq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *cqc = CX6DX_AREA(create_cq_in, cmd->in, cq_context);
    g_autofree Cx6dxCq *cq = g_new0(Cx6dxCq, 1);
    uint32_t cqn, syndrome;
    Cx6dxCqeComp comp;
    uint8_t status;

    cq->log_entries = CX6DX_GET(cqc, cqc, log_cq_size);
    cq->eqn = CX6DX_GET(cqc, cqc, c_eqn_or_apu_element) & 0xff;
    cq->uar_page = CX6DX_GET(cqc, cqc, uar_page);
    cq->dbr_addr = CX6DX_GET64(cqc, cqc, dbr_addr);
    cq->overrun_ignore = CX6DX_GET(cqc, cqc, oi);
    cq->period_us = CX6DX_GET(cqc, cqc, cq_period);
    cq->max_count = CX6DX_GET(cqc, cqc, cq_max_count);
    cq->period_from_cqe =
        CX6DX_GET(cqc, cqc, cq_period_mode) == PERIOD_MODE_CQE;
    syndrome = cq_check(nic, cq, cqc, &status);
    if (syndrome) {
        return cx6dx_cmd_fail(cmd, status, syndrome);
    }
    if (CX6DX_GET(cqc, cqc, cqe_comp_en) &&
        !cx6dx_cqe_comp_init(&comp,
                             CX6DX_GET(cqc, cqc, mini_cqe_res_format),
                             CX6DX_GET(cqc, cqc, cqe_compression_layout),
                             1u << cq->log_entries)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (!cx6dx_pages_init(&cq->pages, cmd->in + CX6DX_BYTES(create_cq_in),
                          cmd->in_bytes - CX6DX_BYTES(create_cq_in),
                          (uint64_t)CX6DX_cqe_BYTES << cq->log_entries,
                          CX6DX_GET(cqc, cqc, log_page_size) + 12)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_PAGE_LIST);
    }
    cqn = nic->cq_pages + cq->pages.npages > MAX_CQ_PAGES
              ? 0 : cx6dx_cmd_add_obj(nic, cmd, &nic->cqs, &cq->obj);
    if (!cqn) {
        cx6dx_pages_free(&cq->pages);
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_LIM_ERR,
                              CX6DX_SYND_TABLE_FULL);
    }
    nic->cq_pages += cq->pages.npages;
    cx6dx_obj_ref(&nic->eqs, cq->eqn);
    cx6dx_obj_ref(&nic->uars, cq->uar_page);
    if (CX6DX_GET(cqc, cqc, cqe_comp_en)) {
        cq->comp = g_memdup2(&comp, sizeof(comp));
    }
    g_steal_pointer(&cq);
    CX6DX_SET(cmd_out, cmd->out, number, cqn);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_cq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return cx6dx_cmd_del_obj(nic, cmd, &nic->cqs,
                             CX6DX_GET(cmd_in, cmd->in, number));
}

uint8_t cx6dx_cmd_query_cq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint8_t *cqc = CX6DX_AREA(query_cq_out, cmd->out, cq_context);
    const Cx6dxCq *cq = cq_get(nic, CX6DX_GET(cmd_in, cmd->in, number));

    if (!cq) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    CX6DX_SET(cqc, cqc, status, cq->failed ? CX6DX_EQ_STATUS_FAILED : 0);
    CX6DX_SET(cqc, cqc, oi, cq->overrun_ignore);
    CX6DX_SET(cqc, cqc, cq_period_mode, cq->period_from_cqe);
    if (cq->comp) {
        CX6DX_SET(cqc, cqc, cqe_comp_en, 1);
        CX6DX_SET(cqc, cqc, mini_cqe_res_format, cq->comp->format);
        CX6DX_SET(cqc, cqc, cqe_compression_layout, cq->comp->enhanced);
    }
    CX6DX_SET(cqc, cqc, st, cq->armed ? CX6DX_EQ_ARMED : CX6DX_EQ_FIRED);
    CX6DX_SET(cqc, cqc, log_cq_size, cq->log_entries);
    CX6DX_SET(cqc, cqc, uar_page, cq->uar_page);
    CX6DX_SET(cqc, cqc, cq_period, cq->period_us);
    CX6DX_SET(cqc, cqc, cq_max_count, cq->max_count);
    CX6DX_SET(cqc, cqc, c_eqn_or_apu_element, cq->eqn);
    CX6DX_SET(cqc, cqc, log_page_size, cq->pages.log_page_bytes - 12);
    CX6DX_SET(cqc, cqc, last_notified_index, cq->last_notified);
    CX6DX_SET(cqc, cqc, consumer_counter, cq->ci & INDEX_MASK);
    CX6DX_SET(cqc, cqc, producer_counter, cq->pi & INDEX_MASK);
    CX6DX_SET64(cqc, cqc, dbr_addr, cq->dbr_addr);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_modify_cq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *cqc = CX6DX_AREA(modify_cq_in, cmd->in, cq_context);
    uint32_t select = CX6DX_GET(modify_cq_in, cmd->in, field_select);
    Cx6dxCq *cq = cq_get(nic, CX6DX_GET(modify_cq_in, cmd->in, cqn));

    if (!cq) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if (cmd->op_mod || (select & ~MODIFY_MASK)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (select & CX6DX_MODIFY_CQ_PERIOD) {
        cq->period_us = CX6DX_GET(cqc, cqc, cq_period);
    }
    if (select & CX6DX_MODIFY_CQ_COUNT) {
        cq->max_count = CX6DX_GET(cqc, cqc, cq_max_count);
    }
    if (select & CX6DX_MODIFY_CQ_OVERRUN) {
        cq->overrun_ignore = CX6DX_GET(cqc, cqc, oi);
    }
    if (select & CX6DX_MODIFY_CQ_PERIOD_MODE) {
        cq->period_from_cqe =
            CX6DX_GET(cqc, cqc, cq_period_mode) == PERIOD_MODE_CQE;
    }
    if (cq->deadline_ns) {
        /* what waits under the old rule is judged by the new one */
        cq_clear_deadline(nic, cq);
        cq_notify(nic, cq);
    }
    return CX6DX_STATUS_OK;
}

/* ---- Snapshots ---- */

void cx6dx_cq_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    Cx6dxCq *cq = (Cx6dxCq *)obj;
    bool comp = cq->comp != NULL;

    cx6dx_ar(ar, &cq->log_entries);
    if (!cx6dx_ar_check(ar, cq->log_entries <= CX6DX_LOG_MAX_EQ_CQ_ENTRIES,
                        "the size of a CQ can not be")) {
        return;
    }
    cx6dx_pages_archive(&cq->pages, (uint64_t)CX6DX_cqe_BYTES
                                    << cq->log_entries, ar);
    if (ar->loading) {
        nic->cq_pages += cq->pages.npages;
        cx6dx_ar_check(ar, nic->cq_pages <= MAX_CQ_PAGES,
                       "too many pages of CQs");
    }
    cx6dx_obj_archive_ref(ar, &nic->eqs, &cq->eqn);
    cx6dx_obj_archive_ref(ar, &nic->uars, &cq->uar_page);
    cx6dx_ar(ar, &cq->dbr_addr);
    cx6dx_ar_check(ar, !(cq->dbr_addr & 7), "a record is not aligned");
    cx6dx_ar(ar, &cq->pi);
    cx6dx_ar(ar, &cq->ci);
    cx6dx_ar(ar, &cq->armed);
    cx6dx_ar(ar, &cq->solicited_only);
    cx6dx_ar(ar, &cq->overrun_ignore);
    cx6dx_ar(ar, &cq->failed);
    cx6dx_ar(ar, &cq->period_us);
    cx6dx_ar(ar, &cq->max_count);
    cx6dx_ar(ar, &cq->period_from_cqe);
    cx6dx_ar(ar, &cq->last_event_ns);
    cx6dx_ar(ar, &cq->unreported);
    cx6dx_ar(ar, &cq->last_notified);
    cx6dx_ar(ar, &comp);
    if (comp && ar->loading) {
        cq->comp = g_new0(Cx6dxCqeComp, 1);
    }
    if (comp) {
        cx6dx_cqe_comp_archive(cq->comp, 1u << cq->log_entries, ar);
    }
}

Cx6dxCq *cx6dx_cq_archive_number(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxCq *cq)
{
    uint32_t cqn = cq ? cq->obj.id : 0;

    cx6dx_ar(ar, &cqn);
    return cq_get(nic, cqn);
}

/* A list in its order; `mark` notes in a CQ that it is on it, once */
static void archive_list(Cx6dxNic *nic, Cx6dxArchive *ar, GPtrArray *list,
                         bool (*mark)(Cx6dxNic *nic, Cx6dxArchive *ar,
                                      Cx6dxCq *cq))
{
    uint32_t n = list->len;

    cx6dx_ar_count(ar, &n, nic->cqs.used, "too many CQs on a list");
    for (uint32_t i = 0; i < n && cx6dx_ar_good(ar); i++) {
        Cx6dxCq *cq = ar->loading ? NULL : g_ptr_array_index(list, i);

        cq = cx6dx_cq_archive_number(nic, ar, cq);
        if (cx6dx_ar_check(ar, cq && mark(nic, ar, cq),
                           "a CQ can not be on a list") && ar->loading) {
            g_ptr_array_add(list, cq);
        }
    }
}

static bool mark_moderated(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxCq *cq)
{
    bool fresh = !cq->deadline_ns;

    cx6dx_ar(ar, &cq->deadline_ns);
    return cq->deadline_ns && (fresh || !ar->loading);
}

static bool mark_due(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxCq *cq)
{
    bool fresh = !cq->due;

    cq->due = true;
    return fresh || !ar->loading;
}

static bool mark_open(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxCq *cq)
{
    return cq->comp && cq->comp->count &&
           (!ar->loading || !g_ptr_array_find(nic->cq_open, cq, NULL));
}

void cx6dx_cq_archive_lists(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    uint32_t open = 0;

    archive_list(nic, ar, nic->cq_moderated, mark_moderated);
    archive_list(nic, ar, nic->cq_due, mark_due);
    archive_list(nic, ar, nic->cq_open, mark_open);
    for (uint32_t cqn = nic->cqs.first; cqn < nic->cqs.size; cqn++) {
        const Cx6dxCq *cq = cq_get(nic, cqn);

        open += cq && cq->comp && cq->comp->count;
    }
    cx6dx_ar_check(ar, open == nic->cq_open->len,
                   "a session is on no list");
}

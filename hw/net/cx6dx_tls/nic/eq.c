/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Event queues; see eq.h (PRM "Event Queues", "EQ Doorbell")
 */
#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/eq.h"
#include "nic/fault.h"
#include "nic/nic.h"
#include "trace.h"

#define INDEX_MASK 0xffffffu
#define PORT_NUM 1

static Cx6dxEq *eq_get(Cx6dxNic *nic, uint32_t eqn)
{
    return (Cx6dxEq *)cx6dx_obj_get(&nic->eqs, eqn);
}

static Cx6dxEq *eq_for_type(Cx6dxNic *nic, unsigned type)
{
    if (!nic->eqs.used) {
        return NULL;
    }
    for (uint32_t eqn = nic->eqs.first; eqn < nic->eqs.size; eqn++) {
        Cx6dxEq *eq = eq_get(nic, eqn);

        if (eq && eq->event_mask >> type & 1) {
            return eq;
        }
    }
    return NULL;
}

static bool eq_full(const Cx6dxEq *eq)
{
    return eq->frozen ||
           ((eq->pi - eq->ci) & INDEX_MASK) >= 1u << eq->log_entries;
}

/* True when a fault takes the event; it may also stop the queue */
static bool eq_fault(Cx6dxNic *nic, Cx6dxEq *eq)
{
    return __builtin_expect(nic->faults.armed, 0) && cx6dx_fault_eqe(nic, eq);
}

/* An EQ whose memory is gone takes nothing any more, and holds nothing back */
static void eq_fail(Cx6dxNic *nic, Cx6dxEq *eq)
{
    eq->failed = true;
    cx6dx_guest_err(nic, CX6DX_GUEST_ERR_EQ_DMA, eq->obj.id);
}

static void eq_fire(Cx6dxNic *nic, Cx6dxEq *eq)
{
    eq->armed = false;
    if (__builtin_expect(nic->faults.armed, 0) &&
        cx6dx_fault_irq(nic, eq->vector)) {
        return;
    }
    trace_cx6dx_eq_fire(nic->params.id, eq->obj.id, eq->vector);
    if (cx6dx_timing_on(&nic->timing)) {
        uint64_t when_ns = MAX(cx6dx_nic_now(nic), eq->written_ns);

        cx6dx_defer_vector(nic, cx6dx_timing_interrupt(&nic->timing, when_ns),
                           eq->vector);
        return;
    }
    nic->host.raise_vector(nic->host.opaque, eq->vector);
}

/* There is room; the owner bit is written last */
static void eq_write(Cx6dxNic *nic, Cx6dxEq *eq, uint8_t *eqe)
{
    uint32_t index = eq->pi & ((1u << eq->log_entries) - 1);
    uint64_t addr = cx6dx_pages_addr(&eq->pages,
                                     (uint64_t)index * CX6DX_BYTES(eqe));
    const size_t body = CX6DX_BYTES(eqe) - 1;

    CX6DX_SET(eqe, eqe, owner, eq->pi >> eq->log_entries & 1);
    if (!cx6dx_nic_dma_write(nic, addr, eqe, body) ||
        !cx6dx_nic_dma_write(nic, addr + body, eqe + body, 1)) {
        eq_fail(nic, eq);
        return;
    }
    trace_cx6dx_eq_event(nic->params.id, eq->obj.id,
                         CX6DX_GET(eqe, eqe, type), eq->pi);
    eq->pi++;
    if (cx6dx_timing_on(&nic->timing)) {
        eq->written_ns = cx6dx_timing_dma_write(&nic->timing,
                                                CX6DX_TIMING_EQE,
                                                MAX(cx6dx_nic_now(nic),
                                                    eq->written_ns),
                                                CX6DX_BYTES(eqe));
    }
    if (eq->armed) {
        eq_fire(nic, eq);
    }
}

/* ---- Kinds of events ---- */

static void write_completion(Cx6dxNic *nic, Cx6dxEq *eq, uint32_t cqn)
{
    uint8_t eqe[CX6DX_eqe_BYTES] = { 0 };

    CX6DX_SET(eqe, eqe, type, CX6DX_EVENT_COMP);
    CX6DX_SET(eqe, eqe, cqn, cqn);
    eq_write(nic, eq, eqe);
}

static void write_cmd(Cx6dxNic *nic, Cx6dxEq *eq, uint32_t slots)
{
    uint8_t eqe[CX6DX_eqe_BYTES] = { 0 };

    CX6DX_SET(eqe, eqe, type, CX6DX_EVENT_CMD);
    CX6DX_SET(eqe, eqe, cmd_vector, slots);
    eq_write(nic, eq, eqe);
}

static void write_port(Cx6dxNic *nic, Cx6dxEq *eq, uint8_t sub_type)
{
    uint8_t eqe[CX6DX_eqe_BYTES] = { 0 };

    CX6DX_SET(eqe, eqe, type, CX6DX_EVENT_PORT_CHANGE);
    CX6DX_SET(eqe, eqe, sub_type, sub_type);
    CX6DX_SET(eqe, eqe, port_num, PORT_NUM);
    eq_write(nic, eq, eqe);
}

static bool eq_holds(const Cx6dxEq *eq)
{
    return eq->held_cmd_vector || eq->held_port_event ||
           !g_queue_is_empty((GQueue *)&eq->held_cqs);
}

/* Commands go first: nobody can destroy or query anything while they wait */
static void eq_flush_held(Cx6dxNic *nic, Cx6dxEq *eq)
{
    while (eq_holds(eq) && !eq->failed && !eq_full(eq)) {
        if (eq->held_cmd_vector) {
            uint32_t slots = eq->held_cmd_vector;

            eq->held_cmd_vector = 0;
            write_cmd(nic, eq, slots);
        } else if (eq->held_port_event) {
            uint8_t sub_type = eq->held_port_event;

            eq->held_port_event = 0;
            write_port(nic, eq, sub_type);
        } else {
            Cx6dxCq *cq = g_queue_pop_head(&eq->held_cqs);

            cq->event_held = false;
            write_completion(nic, eq, cq->obj.id);
        }
    }
}

void cx6dx_eq_post_completion(Cx6dxNic *nic, Cx6dxCq *cq)
{
    Cx6dxEq *eq = eq_get(nic, cq->eqn);

    if (!eq || eq->failed || cq->event_held || eq_fault(nic, eq)) {
        return;
    }
    if (eq_full(eq)) {
        cq->event_held = true;
        g_queue_push_tail(&eq->held_cqs, cq);
        return;
    }
    write_completion(nic, eq, cq->obj.id);
}

void cx6dx_eq_forget_cq(Cx6dxNic *nic, Cx6dxCq *cq)
{
    Cx6dxEq *eq = eq_get(nic, cq->eqn);

    if (eq && cq->event_held) {
        g_queue_remove(&eq->held_cqs, cq);
        cq->event_held = false;
    }
}

bool cx6dx_eq_takes_cmd(Cx6dxNic *nic)
{
    return eq_for_type(nic, CX6DX_EVENT_CMD) != NULL;
}

bool cx6dx_eq_post_cmd(Cx6dxNic *nic, uint32_t slots)
{
    Cx6dxEq *eq = eq_for_type(nic, CX6DX_EVENT_CMD);

    if (!eq || eq->failed) {
        return false;
    }
    if (eq_fault(nic, eq)) {
        return true;
    }
    if (eq_full(eq)) {
        eq->held_cmd_vector |= slots;
    } else {
        write_cmd(nic, eq, slots);
    }
    return true;
}

void cx6dx_eq_post_port(Cx6dxNic *nic, uint8_t sub_type)
{
    Cx6dxEq *eq = eq_for_type(nic, CX6DX_EVENT_PORT_CHANGE);

    if (!eq || eq->failed || eq_fault(nic, eq)) {
        return;
    }
    if (eq_full(eq)) {
        eq->held_port_event = sub_type;
    } else {
        write_port(nic, eq, sub_type);
    }
}

bool cx6dx_eq_post_pages(Cx6dxNic *nic, int32_t num_pages)
{
    Cx6dxEq *eq = eq_for_type(nic, CX6DX_EVENT_PAGE_REQUEST);
    uint8_t eqe[CX6DX_eqe_BYTES] = { 0 };

    if (!eq || eq->failed || eq_full(eq)) {
        return false;
    }
    CX6DX_SET(eqe, eqe, type, CX6DX_EVENT_PAGE_REQUEST);
    CX6DX_SET(eqe_page_request, eqe, num_pages, (uint32_t)num_pages);
    eq_write(nic, eq, eqe);
    return true;
}

/* Not held back: the CQ shows that it failed to whoever queries it */
void cx6dx_eq_post_cq_error(Cx6dxNic *nic, uint32_t cqn, uint8_t syndrome)
{
    Cx6dxEq *eq = eq_for_type(nic, CX6DX_EVENT_CQ_ERROR);
    uint8_t eqe[CX6DX_eqe_BYTES] = { 0 };

    if (!eq || eq->failed || eq_fault(nic, eq) || eq_full(eq)) {
        return;
    }
    CX6DX_SET(eqe, eqe, type, CX6DX_EVENT_CQ_ERROR);
    CX6DX_SET(eqe, eqe, cq_err_cqn, cqn);
    CX6DX_SET(eqe, eqe, cq_err_syndrome, syndrome);
    eq_write(nic, eq, eqe);
}

void cx6dx_eq_thaw(Cx6dxNic *nic, uint32_t eqn)
{
    Cx6dxEq *eq = eq_get(nic, eqn);

    if (eq) {
        eq->frozen = false;
        eq_flush_held(nic, eq);
    }
}

/* ---- Doorbell ---- */

void cx6dx_eq_doorbell(Cx6dxNic *nic, uint32_t uar, uint32_t value, bool arm)
{
    uint32_t eqn = value >> 24;
    Cx6dxEq *eq = eq_get(nic, eqn);

    if (!cx6dx_obj_get(&nic->uars, uar)) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DB_UAR, uar);
        return;
    }
    if (!eq || eq->uar_page != uar) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DB_EQ, eqn);
        return;
    }
    if (((eq->pi - value) & INDEX_MASK) > 1u << eq->log_entries) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DB_RANGE, value);
        return;
    }
    eq->ci = value & INDEX_MASK;
    if (arm) {
        eq->armed = true;
        if (((eq->pi - eq->ci) & INDEX_MASK) != 0) {
            cx6dx_timing_begin(&nic->timing);
            eq_fire(nic, eq);
        }
    }
    if (eq_holds(eq)) {
        nic->eq_work = true;
        cx6dx_nic_kick(nic);
    }
}

void cx6dx_eq_work(Cx6dxNic *nic)
{
    nic->eq_work = false;
    for (uint32_t eqn = nic->eqs.first; eqn < nic->eqs.size; eqn++) {
        Cx6dxEq *eq = eq_get(nic, eqn);

        if (eq && eq_holds(eq)) {
            eq_flush_held(nic, eq);
        }
    }
}

/* ---- Commands ---- */

void cx6dx_eq_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    Cx6dxEq *eq = (Cx6dxEq *)obj;

    cx6dx_obj_unref(&nic->uars, eq->uar_page);
    g_queue_clear(&eq->held_cqs);
    cx6dx_pages_free(&eq->pages);
    g_free(eq);
}

uint8_t cx6dx_cmd_create_eq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *eqc = CX6DX_AREA(create_eq_in, cmd->in, eq_context_entry);
    const uint8_t *mask = CX6DX_AREA(create_eq_in, cmd->in, event_bitmask);
    const uint8_t *list = cmd->in + CX6DX_BYTES(create_eq_in);
    g_autofree Cx6dxEq *eq = g_new0(Cx6dxEq, 1);
    uint32_t eqn;

    eq->log_entries = CX6DX_GET(eqc, eqc, log_eq_size);
    eq->uar_page = CX6DX_GET(eqc, eqc, uar_page);
    eq->vector = CX6DX_GET(eqc, eqc, intr);
    eq->event_mask = (uint64_t)cx6dx_prm_load(mask) << 32 |
                     cx6dx_prm_load(mask + 4);
    if (eq->log_entries > CX6DX_LOG_MAX_EQ_CQ_ENTRIES) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_QUEUE_SIZE);
    }
    if (eq->vector >= nic->params.vectors) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (!cx6dx_obj_get(&nic->uars, eq->uar_page)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if (!cx6dx_pages_init(&eq->pages, list,
                          cmd->in_bytes - CX6DX_BYTES(create_eq_in),
                          (uint64_t)CX6DX_BYTES(eqe) << eq->log_entries,
                          CX6DX_GET(eqc, eqc, log_page_size) + 12)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_PAGE_LIST);
    }
    g_queue_init(&eq->held_cqs);
    eqn = cx6dx_cmd_add_obj(nic, cmd, &nic->eqs, &eq->obj);
    if (!eqn) {
        cx6dx_pages_free(&eq->pages);
        return CX6DX_STATUS_LIM_ERR;
    }
    cx6dx_obj_ref(&nic->uars, eq->uar_page);
    g_steal_pointer(&eq);
    CX6DX_SET(eq_out, cmd->out, eq_number, eqn);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_eq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return cx6dx_cmd_del_obj(nic, cmd, &nic->eqs,
                             CX6DX_GET(eq_out, cmd->in, eq_number));
}

uint8_t cx6dx_cmd_query_eq(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint8_t *eqc = CX6DX_AREA(query_eq_out, cmd->out, eq_context_entry);
    const Cx6dxEq *eq = eq_get(nic, CX6DX_GET(eq_out, cmd->in, eq_number));

    if (!eq) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    CX6DX_SET(eqc, eqc, status, eq->failed ? CX6DX_EQ_STATUS_FAILED : 0);
    CX6DX_SET(eqc, eqc, st, eq->armed ? CX6DX_EQ_ARMED : CX6DX_EQ_FIRED);
    CX6DX_SET(eqc, eqc, log_eq_size, eq->log_entries);
    CX6DX_SET(eqc, eqc, uar_page, eq->uar_page);
    CX6DX_SET(eqc, eqc, intr, eq->vector);
    CX6DX_SET(eqc, eqc, log_page_size, eq->pages.log_page_bytes - 12);
    CX6DX_SET(eqc, eqc, consumer_counter, eq->ci);
    CX6DX_SET(eqc, eqc, producer_counter, eq->pi & INDEX_MASK);
    return CX6DX_STATUS_OK;
}

/* ---- Snapshots ---- */

void cx6dx_eq_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    Cx6dxEq *eq = (Cx6dxEq *)obj;

    cx6dx_ar(ar, &eq->log_entries);
    if (!cx6dx_ar_check(ar, eq->log_entries <= CX6DX_LOG_MAX_EQ_CQ_ENTRIES,
                        "the size of an EQ can not be")) {
        return;
    }
    cx6dx_pages_archive(&eq->pages, (uint64_t)CX6DX_BYTES(eqe)
                                    << eq->log_entries, ar);
    cx6dx_obj_archive_ref(ar, &nic->uars, &eq->uar_page);
    cx6dx_ar(ar, &eq->vector);
    cx6dx_ar_check(ar, eq->vector < nic->params.vectors, "no such vector");
    cx6dx_ar(ar, &eq->event_mask);
    cx6dx_ar(ar, &eq->pi);
    cx6dx_ar(ar, &eq->ci);
    cx6dx_ar(ar, &eq->armed);
    cx6dx_ar(ar, &eq->failed);
    cx6dx_ar(ar, &eq->frozen);
    cx6dx_ar(ar, &eq->written_ns);
    cx6dx_ar(ar, &eq->held_cmd_vector);
    cx6dx_ar(ar, &eq->held_port_event);
}

void cx6dx_eq_archive_held(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    for (uint32_t eqn = nic->eqs.first; eqn < nic->eqs.size; eqn++) {
        Cx6dxEq *eq = eq_get(nic, eqn);
        const GList *next;
        uint32_t n;

        if (!eq) {
            continue;
        }
        n = g_queue_get_length(&eq->held_cqs);
        next = eq->held_cqs.head;
        cx6dx_ar_count(ar, &n, nic->cqs.used, "too many events held back");
        while (n-- && cx6dx_ar_good(ar)) {
            Cx6dxCq *cq = next ? next->data : NULL;

            next = next ? next->next : NULL;
            cq = cx6dx_cq_archive_number(nic, ar, cq);
            if (!ar->loading ||
                !cx6dx_ar_check(ar, cq && cq->eqn == eqn && !cq->event_held,
                                "an event held back is of no such CQ")) {
                continue;
            }
            cq->event_held = true;
            g_queue_push_tail(&eq->held_cqs, cq);
        }
    }
}

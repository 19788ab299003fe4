/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The modelled NIC as a whole: life of its tables, turns of work, deadlines; see
 * nic.h
 */
#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/cq.h"
#include "nic/defer.h"
#include "nic/dek.h"
#include "nic/eq.h"
#include "nic/flow.h"
#include "nic/nic.h"
#include "nic/res.h"
#include "nic/rq.h"
#include "nic/rxlro.h"
#include "nic/rxpath.h"
#include "nic/sq.h"
#include "nic/tir.h"
#include "nic/tis.h"
#include "nic/txpath.h"
#include "trace.h"

#define CMD_BUDGET 16
#define SQ_BUDGET_BYTES (256 * 1024)
/* An lkey of index 1 would be the one that ends a list of segments */
#define FIRST_MKEY 0x10

/*
 * All tables, users before what they use: clearing in this order leaves no
 * reference behind at any moment.
 */
static const struct {
    size_t offset;
    const char *name;
    uint32_t first;
    uint8_t log_max;
    Cx6dxObjRelease release;
} tables[] = {
#define T(field, name, first, log_max, release) \
    { offsetof(Cx6dxNic, field), name, first, log_max, release }
    T(flow_tables, "flow_table", 1, CX6DX_LOG_MAX_FLOW_TABLES,
      cx6dx_flow_table_release),
    T(flow_groups, "flow_group", 1, CX6DX_LOG_MAX_FLOW_GROUPS,
      cx6dx_flow_group_release),
    T(flow_counters, "flow_counter", 1, CX6DX_LOG_MAX_FLOW_COUNTERS,
      cx6dx_flow_counter_release),
    T(tirs, "tir", 1, CX6DX_LOG_MAX_TIR, cx6dx_tir_release),
    T(rqts, "rqt", 1, CX6DX_LOG_MAX_RQT, cx6dx_rqt_release),
    T(rqs, "rq", 1, CX6DX_LOG_MAX_RQ, cx6dx_rq_release),
    T(q_counters, "q_counter", 1, 0, cx6dx_res_plain_release),
    T(sqs, "sq", 1, CX6DX_LOG_MAX_SQ, cx6dx_sq_release),
    T(tises, "tis", 1, CX6DX_LOG_MAX_TIS, cx6dx_tis_release),
    T(cqs, "cq", 1, CX6DX_LOG_MAX_CQ, cx6dx_cq_release),
    T(eqs, "eq", 1, CX6DX_LOG_MAX_EQ, cx6dx_eq_release),
    T(mkeys, "mkey", FIRST_MKEY, CX6DX_LOG_MAX_MKEY, cx6dx_mkey_release),
    T(deks, "dek", 1, CX6DX_LOG_MAX_DEK, cx6dx_dek_release),
    T(tds, "transport_domain", 1, CX6DX_LOG_MAX_TD, cx6dx_res_plain_release),
    T(pds, "pd", 1, CX6DX_LOG_MAX_PD, cx6dx_res_plain_release),
    T(uars, "uar", CX6DX_UAR_FIRST, 0, cx6dx_res_plain_release),
#undef T
};

/* and the flow entries, which are in no table of their own */
QEMU_BUILD_BUG_ON(ARRAY_SIZE(tables) + 2 != CX6DX_NIC_TABLES);

#define MAX_Q_COUNTERS 255          /* the number has eight bits */

static void trace_span(void *opaque, const Cx6dxTimingSpan *span)
{
    Cx6dxNic *nic = opaque;

    if (trace_event_get_state_backends(TRACE_CX6DX_TIMING_SPAN)) {
        trace_cx6dx_timing_span(cx6dx_nic_now(nic), nic->params.id,
                                cx6dx_timing_res_str(span->res),
                                cx6dx_timing_use_str(span->use), span->op,
                                span->ps.begin, span->ps.end, span->units);
    }
}

static Cx6dxObjTable *nth_table(const Cx6dxNic *nic, size_t i)
{
    return (Cx6dxObjTable *)((char *)nic + tables[i].offset);
}

static uint32_t table_max(const Cx6dxNic *nic, size_t i)
{
    const Cx6dxObjTable *table = nth_table(nic, i);

    if (table == &nic->uars) {
        return CX6DX_UAR_FIRST + nic->params.uar_pages - 1;
    }
    if (table == &nic->q_counters) {
        return MAX_Q_COUNTERS;
    }
    return tables[i].first - 1 + (1u << tables[i].log_max);
}

void cx6dx_nic_init(Cx6dxNic *nic, const Cx6dxHost *host,
                    const Cx6dxNicParams *params)
{
    nic->host = *host;
    nic->params = *params;
    g_queue_init(&nic->sq_work);
    nic->cq_moderated = g_ptr_array_new();
    nic->cq_due = g_ptr_array_new();
    nic->cq_open = g_ptr_array_new();
    nic->lro_open = g_ptr_array_new();
    nic->timer_deadline_ns = UINT64_MAX;
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        cx6dx_obj_table_init(nth_table(nic, i), tables[i].name,
                             tables[i].first, table_max(nic, i),
                             tables[i].release);
    }
    cx6dx_timing_init(&nic->timing, &params->timing);
    cx6dx_timing_watch(&nic->timing, trace_span, nic);
    cx6dx_defer_init(nic);
    nic->tx_buf = g_malloc(CX6DX_TX_MAX_BYTES);
    nic->rx_buf = g_malloc(CX6DX_RX_MAX_BYTES);
    cx6dx_caps_reset(nic);
    cx6dx_port_reset(nic);
}

void cx6dx_nic_free(Cx6dxNic *nic)
{
    cx6dx_nic_drop_objects(nic);
    cx6dx_pages_forget(nic);
    cx6dx_defer_free(nic);
    cx6dx_timing_free(&nic->timing);
    g_ptr_array_free(nic->cq_moderated, true);
    g_ptr_array_free(nic->cq_due, true);
    nic->cq_due = NULL;
    nic->cq_moderated = NULL;
    g_ptr_array_free(nic->cq_open, true);
    nic->cq_open = NULL;
    g_ptr_array_free(nic->lro_open, true);
    nic->lro_open = NULL;
    g_free(nic->tx_buf);
    g_free(nic->rx_buf);
    nic->tx_buf = NULL;
    nic->rx_buf = NULL;
}

void cx6dx_nic_drop_objects(Cx6dxNic *nic)
{
    cx6dx_defer_clear(nic);
    cx6dx_flow_reset(nic);
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        cx6dx_obj_table_clear(nic, nth_table(nic, i));
    }
    g_queue_clear(&nic->sq_work);
    g_ptr_array_set_size(nic->cq_moderated, 0);
    g_ptr_array_set_size(nic->cq_due, 0);
    g_ptr_array_set_size(nic->cq_open, 0);
    g_ptr_array_set_size(nic->lro_open, 0);
    nic->eq_work = false;
    if (nic->rx_wait_since_ns) {
        /* the queue that they waited for is gone */
        nic->rx_wait_since_ns = 0;
        nic->host.rx_ready(nic->host.opaque);
    }
    cx6dx_nic_update_timer(nic);
}

void cx6dx_nic_reset(Cx6dxNic *nic)
{
    cx6dx_nic_drop_objects(nic);
    cx6dx_pages_forget(nic);
    memset(&nic->cmd, 0, sizeof(nic->cmd));
    memset(&nic->stats, 0, sizeof(nic->stats));
    memset(nic->guest_errs, 0, sizeof(nic->guest_errs));
    cx6dx_timing_reset(&nic->timing);
    cx6dx_caps_reset(nic);
    cx6dx_port_reset(nic);
    cx6dx_ppcnt_reset(nic);
    cx6dx_vsc_reset(nic);
}

void cx6dx_nic_counts(const Cx6dxNic *nic,
                      Cx6dxNicCount counts[CX6DX_NIC_TABLES + 1])
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        counts[n++] = (Cx6dxNicCount) {
            .name = tables[i].name,
            .used = nth_table(nic, i)->used,
        };
    }
    counts[n++] = (Cx6dxNicCount) { "flow_table_entry", nic->flow_entries };
    counts[n++] = (Cx6dxNicCount) { "page", nic->pages.given };
    counts[n] = (Cx6dxNicCount) { NULL, 0 };
}

uint32_t cx6dx_nic_objects(const Cx6dxNic *nic)
{
    Cx6dxNicCount counts[CX6DX_NIC_TABLES + 1];
    uint32_t sum = 0;

    cx6dx_nic_counts(nic, counts);
    for (size_t i = 0; counts[i].name; i++) {
        sum += counts[i].used;
    }
    return sum;
}

/* ---- Turns ---- */

/* True when there are more */
static bool work_commands(Cx6dxNic *nic)
{
    cx6dx_sq_work_internal(nic, SQ_BUDGET_BYTES);
    return cx6dx_cmd_work(nic, CMD_BUDGET);
}

void cx6dx_nic_work(Cx6dxNic *nic)
{
    bool more;

    cx6dx_rxlro_turn(nic);
    cx6dx_cq_close_all(nic);
    if (nic->eq_work) {
        cx6dx_eq_work(nic);
    }
    more = work_commands(nic);
    more |= cx6dx_sq_work(nic, SQ_BUDGET_BYTES);
    cx6dx_cq_work(nic);
    cx6dx_nic_update_timer(nic);
    if (more || nic->eq_work) {
        cx6dx_nic_kick(nic);
    }
}

void cx6dx_nic_timer(Cx6dxNic *nic)
{
    uint64_t now_ns = cx6dx_nic_now(nic);

    nic->timer_deadline_ns = UINT64_MAX;
    cx6dx_defer_timer(nic, now_ns);
    cx6dx_timing_begin(&nic->timing);
    cx6dx_rxlro_timer(nic, now_ns);
    cx6dx_cq_timer(nic, now_ns);
    if (nic->cmd.due_ns && nic->cmd.due_ns <= now_ns && work_commands(nic)) {
        cx6dx_nic_kick(nic);
    }
    cx6dx_cq_work(nic);
    if (nic->rx_wait_since_ns) {
        nic->host.rx_ready(nic->host.opaque);
    }
    cx6dx_nic_update_timer(nic);
}

void cx6dx_nic_update_timer(Cx6dxNic *nic)
{
    /* asked with time 0 it says when, without doing anything */
    uint64_t deadline_ns = MIN(cx6dx_defer_next(nic), cx6dx_cq_timer(nic, 0));

    deadline_ns = MIN(deadline_ns, cx6dx_rxlro_timer(nic, 0));
    if (nic->cmd.due_ns) {
        deadline_ns = MIN(deadline_ns, nic->cmd.due_ns);
    }

    if (nic->rx_wait_since_ns) {
        uint64_t now_ns = cx6dx_nic_now(nic);
        uint64_t poll_ns = nic->rx_wait_since_ns + CX6DX_RX_POLL_NS;

        if (poll_ns <= now_ns) {
            poll_ns = now_ns + CX6DX_RX_POLL_NS -
                      (now_ns - poll_ns) % CX6DX_RX_POLL_NS;
        }
        deadline_ns = MIN(deadline_ns, poll_ns);
    }
    if (deadline_ns != nic->timer_deadline_ns) {
        nic->timer_deadline_ns = deadline_ns;
        nic->host.arm_timer(nic->host.opaque, deadline_ns);
    }
}

void cx6dx_nic_resume(Cx6dxNic *nic)
{
    nic->stop = false;
    cx6dx_nic_timer(nic);       /* held frames, before others come */
    cx6dx_nic_kick(nic);
}

Cx6dxRxResult cx6dx_nic_receive(Cx6dxNic *nic, const uint8_t *buf, size_t len)
{
    Cx6dxRxResult result;

    if (nic->stop) {
        return cx6dx_defer_hold_frame(nic, buf, len) ? CX6DX_RX_TAKEN
                                                     : CX6DX_RX_WAIT;
    }
    result = cx6dx_rxpath_receive(nic, buf, len);
    cx6dx_nic_update_timer(nic);
    return result;
}

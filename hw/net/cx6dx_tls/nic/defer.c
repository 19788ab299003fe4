/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What happens at a later virtual time; see defer.h
 *
 * Used only while time is modelled, and by faults.  An action owns a copy of its
 * bytes.
 */
#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/eq.h"
#include "nic/nic.h"
#include "nic/rxpath.h"
#include "nic/sq.h"
#include "nic/txpath.h"
#include "pure/frame.h"

typedef enum ActionKind {
    ACTION_FRAME_OUT,
    ACTION_FRAME_IN,
    ACTION_CQE,
    ACTION_IRQ,
    ACTION_LATE_CQE,            /* these three belong to faults */
    ACTION_THAW_EQ,
    ACTION_THAW_SQ,
    ACTION_LOOP_BACK,           /* a frame for the NIC itself */
} ActionKind;

typedef struct Action {
    uint64_t when_ns;
    uint64_t order;
    uint64_t op;                /* of the timing model, for its trace */
    ActionKind kind;
    uint32_t cqn;               /* or vector */
    uint32_t queue;
    bool solicited;
    size_t len;
    uint8_t data[];
} Action;

static int compare(gconstpointer a, gconstpointer b, gpointer opaque)
{
    const Action *x = a, *y = b;

    if (x->when_ns != y->when_ns) {
        return x->when_ns < y->when_ns ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

void cx6dx_defer_init(Cx6dxNic *nic)
{
    memset(&nic->defer, 0, sizeof(nic->defer));
    nic->defer.actions = g_sequence_new(g_free);
}

void cx6dx_defer_clear(Cx6dxNic *nic)
{
    Cx6dxDefer *d = &nic->defer;

    if (d->actions) {
        g_sequence_remove_range(g_sequence_get_begin_iter(d->actions),
                                g_sequence_get_end_iter(d->actions));
    }
    d->pending = 0;
    d->pending_bytes = 0;
    d->next_order = 0;
    d->late_cqes = 0;
    nic->faults.holding = false;
}

void cx6dx_defer_free(Cx6dxNic *nic)
{
    g_clear_pointer(&nic->defer.actions, g_sequence_free);
    nic->defer.pending = 0;
    nic->defer.pending_bytes = 0;
}

bool cx6dx_defer_room(const Cx6dxNic *nic)
{
    const Cx6dxDefer *d = &nic->defer;
    size_t bytes = CX6DX_TX_MAX_PAYLOAD +
                   CX6DX_TX_MAX_SEGMENTS * CX6DX_TX_HEADROOM;

    return !nic->stop &&
           d->pending + CX6DX_TX_MAX_SEGMENTS < CX6DX_DEFER_MAX_ACTIONS &&
           d->pending_bytes + bytes <= CX6DX_DEFER_MAX_BYTES;
}

static Action *action_new(ActionKind kind, const uint8_t *data, size_t len)
{
    Action *a = g_malloc(sizeof(*a) + len);

    *a = (Action) { .kind = kind, .len = len };
    if (len) {
        memcpy(a->data, data, len);
    }
    return a;
}

static void push(Cx6dxNic *nic, uint64_t when_ns, Action *a)
{
    Cx6dxDefer *d = &nic->defer;
    GSequenceIter *iter;

    a->when_ns = when_ns;
    a->order = d->next_order++;
    a->op = nic->timing.op;
    d->pending++;
    d->pending_bytes += a->len;
    iter = g_sequence_insert_sorted(d->actions, a, compare, NULL);
    if (!d->running && g_sequence_iter_is_begin(iter)) {
        cx6dx_nic_update_timer(nic);
    }
}

static void forget(Cx6dxNic *nic, GSequenceIter *iter)
{
    const Action *a = g_sequence_get(iter);

    nic->defer.pending--;
    nic->defer.pending_bytes -= a->len;
    if (a->kind == ACTION_LATE_CQE) {
        nic->defer.late_cqes--;
        nic->faults.holding = nic->defer.late_cqes != 0;
    }
    g_sequence_remove(iter);
}

/* Senders that were stopped for lack of room go on */
static void resume_senders(Cx6dxNic *nic)
{
    if (!g_queue_is_empty(&nic->sq_work) && cx6dx_defer_room(nic)) {
        cx6dx_nic_kick(nic);
    }
}

/* Nothing that was given before is left to be done before this one */
static bool at_once(Cx6dxNic *nic, uint64_t when_ns)
{
    return nic->defer.pending == 0 && when_ns <= cx6dx_nic_now(nic);
}

void cx6dx_defer_frame_out(Cx6dxNic *nic, uint64_t when_ns, const uint8_t *buf,
                           size_t len)
{
    if (at_once(nic, when_ns)) {
        nic->host.frame_out(nic->host.opaque, buf, len);
    } else {
        push(nic, when_ns, action_new(ACTION_FRAME_OUT, buf, len));
    }
}

void cx6dx_defer_frame_in(Cx6dxNic *nic, uint64_t when_ns, const uint8_t *buf,
                          size_t len)
{
    if (!at_once(nic, when_ns) ||
        cx6dx_rxpath_arrived(nic, buf, len) == CX6DX_RX_WAIT) {
        push(nic, when_ns, action_new(ACTION_FRAME_IN, buf, len));
    }
}

void cx6dx_defer_loop_back(Cx6dxNic *nic, uint64_t when_ns, const uint8_t *buf,
                           size_t len)
{
    if (at_once(nic, when_ns)) {
        cx6dx_rxpath_loop_back(nic, buf, len);
    } else {
        push(nic, when_ns, action_new(ACTION_LOOP_BACK, buf, len));
    }
}

void cx6dx_defer_cqe(Cx6dxNic *nic, uint64_t when_ns, uint32_t cqn,
                     const uint8_t cqe[CX6DX_cqe_BYTES], bool solicited,
                     uint32_t queue)
{
    uint8_t copy[CX6DX_cqe_BYTES];
    Action *a;

    if (at_once(nic, when_ns)) {
        memcpy(copy, cqe, sizeof(copy));
        cx6dx_cq_post(nic, cqn, copy, solicited);
        return;
    }
    a = action_new(ACTION_CQE, cqe, CX6DX_cqe_BYTES);
    a->cqn = cqn;
    a->queue = queue;
    a->solicited = solicited;
    push(nic, when_ns, a);
}

/* ---- For faults ---- */

bool cx6dx_defer_hold_frame(Cx6dxNic *nic, const uint8_t *buf, size_t len)
{
    Cx6dxDefer *d = &nic->defer;

    if (d->pending >= CX6DX_DEFER_MAX_ACTIONS ||
        d->pending_bytes + len > CX6DX_DEFER_MAX_BYTES) {
        return false;
    }
    push(nic, cx6dx_nic_now(nic), action_new(ACTION_FRAME_IN, buf, len));
    return true;
}

/* Beyond what may be pending otherwise: nobody asks for room here */
static bool late_room(const Cx6dxNic *nic)
{
    return nic->defer.pending < 4 * CX6DX_DEFER_MAX_ACTIONS;
}

static bool push_late(Cx6dxNic *nic, uint64_t when_ns, ActionKind kind,
                      uint32_t number)
{
    Action *a;

    if (!late_room(nic)) {
        return false;
    }
    a = action_new(kind, NULL, 0);
    a->cqn = number;
    push(nic, when_ns, a);
    return true;
}

bool cx6dx_defer_irq(Cx6dxNic *nic, uint64_t when_ns, uint32_t vector)
{
    return push_late(nic, when_ns, ACTION_IRQ, vector);
}

bool cx6dx_defer_thaw_eq(Cx6dxNic *nic, uint64_t when_ns, uint32_t eqn)
{
    return push_late(nic, when_ns, ACTION_THAW_EQ, eqn);
}

bool cx6dx_defer_thaw_sq(Cx6dxNic *nic, uint64_t when_ns, uint32_t sqn)
{
    return push_late(nic, when_ns, ACTION_THAW_SQ, sqn);
}

bool cx6dx_defer_late_cqe(Cx6dxNic *nic, uint64_t when_ns, uint32_t cqn,
                          const uint8_t cqe[CX6DX_cqe_BYTES], bool solicited)
{
    Action *a;

    if (late_room(nic)) {
        a = action_new(ACTION_LATE_CQE, cqe, CX6DX_cqe_BYTES);
        a->cqn = cqn;
        a->queue = CX6DX_DEFER_CQ(cqn);
        a->solicited = solicited;
        nic->defer.late_cqes++;
        push(nic, when_ns, a);
    }
    return true;
}

uint64_t cx6dx_defer_late(const Cx6dxNic *nic, uint32_t cqn)
{
    GSequenceIter *iter = g_sequence_get_end_iter(nic->defer.actions);
    const Action *a;

    while (!g_sequence_iter_is_begin(iter)) {
        iter = g_sequence_iter_prev(iter);
        a = g_sequence_get(iter);
        if (a->kind == ACTION_LATE_CQE && a->cqn == cqn) {
            return a->when_ns;
        }
    }
    return 0;
}

static void write_late(Cx6dxNic *nic, Action *a)
{
    nic->defer.late = true;
    cx6dx_cq_post(nic, a->cqn, a->data, a->solicited);
    nic->defer.late = false;
}

/*
 * An interrupt that takes modelled time.  A guest may arm as often as it likes:
 * with too many on their way one comes at once.
 */
void cx6dx_defer_vector(Cx6dxNic *nic, uint64_t when_ns, uint32_t vector)
{
    if (at_once(nic, when_ns) || !cx6dx_defer_irq(nic, when_ns, vector)) {
        nic->host.raise_vector(nic->host.opaque, vector);
    }
}

/* ---- Life of an action ---- */

void cx6dx_defer_forget(Cx6dxNic *nic, uint32_t queue)
{
    GSequenceIter *iter, *next;
    const Action *a;

    if (!nic->defer.pending) {
        return;
    }
    iter = g_sequence_get_begin_iter(nic->defer.actions);
    while (!g_sequence_iter_is_end(iter)) {
        next = g_sequence_iter_next(iter);
        a = g_sequence_get(iter);
        if ((a->kind == ACTION_CQE || a->kind == ACTION_LATE_CQE) &&
            a->queue == queue) {
            forget(nic, iter);
        }
        iter = next;
    }
    resume_senders(nic);
}

/* False when it is a frame that has to wait */
static bool run(Cx6dxNic *nic, Action *a)
{
    nic->timing.op = a->op;
    switch (a->kind) {
    case ACTION_FRAME_OUT:
        nic->host.frame_out(nic->host.opaque, a->data, a->len);
        return true;
    case ACTION_FRAME_IN:
        return cx6dx_rxpath_arrived(nic, a->data, a->len) == CX6DX_RX_TAKEN;
    case ACTION_LATE_CQE:
        write_late(nic, a);
        return true;
    case ACTION_IRQ:
        nic->host.raise_vector(nic->host.opaque, a->cqn);
        return true;
    case ACTION_LOOP_BACK:
        cx6dx_rxpath_loop_back(nic, a->data, a->len);
        return true;
    case ACTION_THAW_EQ:
        cx6dx_eq_thaw(nic, a->cqn);
        return true;
    case ACTION_THAW_SQ:
        cx6dx_sq_thaw(nic, a->cqn);
        return true;
    default:
        cx6dx_cq_post(nic, a->cqn, a->data, a->solicited);
        return true;
    }
}

static void run_due(Cx6dxNic *nic, uint64_t now_ns)
{
    GSequenceIter *iter = g_sequence_get_begin_iter(nic->defer.actions);
    GSequenceIter *next;
    bool rx_blocked = false;
    Action *a;

    while (!g_sequence_iter_is_end(iter)) {
        a = g_sequence_get(iter);

        if (a->when_ns > now_ns || nic->stop) {
            break;
        }
        if (a->kind == ACTION_FRAME_IN) {
            rx_blocked = rx_blocked || !run(nic, a);
            if (rx_blocked) {
                iter = g_sequence_iter_next(iter);
                continue;
            }
        } else {
            run(nic, a);
        }
        /* what was added meanwhile comes behind this one */
        next = g_sequence_iter_next(iter);
        forget(nic, iter);
        iter = next;
    }
}

uint64_t cx6dx_defer_timer(Cx6dxNic *nic, uint64_t now_ns)
{
    if (nic->defer.running) {
        return UINT64_MAX;
    }
    if (nic->defer.pending) {
        nic->defer.running = true;
        run_due(nic, now_ns);
        nic->defer.running = false;
        resume_senders(nic);
    }
    return cx6dx_defer_next(nic);
}

uint64_t cx6dx_defer_next(Cx6dxNic *nic)
{
    GSequenceIter *iter;
    const Action *a;

    if (!nic->defer.pending || nic->stop) {
        return UINT64_MAX;
    }
    iter = g_sequence_get_begin_iter(nic->defer.actions);
    while (!g_sequence_iter_is_end(iter)) {
        a = g_sequence_get(iter);
        /* while a frame waits, its own deadline tries all of them again */
        if (a->kind != ACTION_FRAME_IN || !nic->rx_wait_since_ns) {
            return a->when_ns;
        }
        iter = g_sequence_iter_next(iter);
    }
    return UINT64_MAX;
}

/* ---- Snapshots ---- */

/* More than can be at a time, late ones included */
enum { MOST_ACTIONS = 8 * CX6DX_DEFER_MAX_ACTIONS };

static bool length_ok(ActionKind kind, uint32_t len)
{
    switch (kind) {
    case ACTION_FRAME_OUT:
    case ACTION_LOOP_BACK:
        return len >= CX6DX_FRAME_ETH_BYTES && len <= CX6DX_RX_MAX_BYTES;
    case ACTION_FRAME_IN:
        return len <= CX6DX_RX_MAX_BYTES;
    case ACTION_CQE:
    case ACTION_LATE_CQE:
        return len == CX6DX_cqe_BYTES;
    default:
        return kind <= ACTION_THAW_SQ && !len;
    }
}

/* `a` NULL: loads one, which is NULL too if something is wrong */
static Action *archive_action(Cx6dxArchive *ar, Action *a)
{
    Action head = a ? *a : (Action) { 0 };
    uint8_t kind = head.kind;
    uint32_t len = head.len;

    cx6dx_ar(ar, &head.when_ns);
    cx6dx_ar(ar, &head.op);
    cx6dx_ar(ar, &kind);
    cx6dx_ar(ar, &head.cqn);
    cx6dx_ar(ar, &head.queue);
    cx6dx_ar(ar, &head.solicited);
    cx6dx_ar(ar, &len);
    if (!cx6dx_ar_check(ar, length_ok(kind, len),
                        "no deferred action is like that")) {
        return NULL;
    }
    if (!a) {
        head.kind = kind;
        head.len = len;
        a = g_malloc0(sizeof(*a) + len);
        memcpy(a, &head, sizeof(head));
    }
    cx6dx_ar_bytes(ar, a->data, len);
    return a;
}

static void load_action(Cx6dxNic *nic, Cx6dxArchive *ar, uint64_t *last_ns)
{
    Cx6dxDefer *d = &nic->defer;
    Action *a = archive_action(ar, NULL);

    if (!a || !cx6dx_ar_check(ar, a->when_ns >= *last_ns,
                              "deferred actions are not in order")) {
        g_free(a);
        return;
    }
    *last_ns = a->when_ns;
    a->order = d->next_order++;
    d->pending++;
    d->pending_bytes += a->len;
    d->late_cqes += a->kind == ACTION_LATE_CQE;
    nic->faults.holding = d->late_cqes != 0;
    g_sequence_append(d->actions, a);
    cx6dx_ar_check(ar, d->pending_bytes <= CX6DX_DEFER_MAX_BYTES +
                       (size_t)MOST_ACTIONS * CX6DX_cqe_BYTES,
                   "too much is deferred");
}

void cx6dx_defer_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    GSequenceIter *iter = g_sequence_get_begin_iter(nic->defer.actions);
    uint32_t n = nic->defer.pending;
    uint64_t last_ns = 0;

    cx6dx_ar_count(ar, &n, MOST_ACTIONS, "too many deferred actions");
    while (n-- && cx6dx_ar_good(ar)) {
        if (ar->loading) {
            load_action(nic, ar, &last_ns);
        } else {
            archive_action(ar, g_sequence_get(iter));
            iter = g_sequence_iter_next(iter);
        }
    }
}

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

enum { LANE_FRAME_IN = 2 };

typedef struct Action {
    Cx6dxAgendaItem item;
    uint64_t op;                /* of the timing model, for its trace */
    ActionKind kind;
    uint32_t cqn;               /* or vector */
    uint32_t queue;
    bool solicited;
    size_t len;
    uint8_t data[];
} Action;

/* One for each source whose times only grow; see agenda.h */
static uint8_t lane_of(const Action *a)
{
    switch (a->kind) {
    case ACTION_FRAME_OUT:
        return 0;
    case ACTION_LOOP_BACK:
        return 1;
    case ACTION_FRAME_IN:
        return LANE_FRAME_IN;
    case ACTION_CQE:
        return a->queue & CX6DX_DEFER_RQ(0) ? 4 : 3;
    case ACTION_IRQ:
        return 5;
    default:
        return CX6DX_AGENDA_NO_LANE;
    }
}

static Action *first(const Cx6dxNic *nic, bool rx_blocked)
{
    return (Action *)cx6dx_agenda_first(&nic->defer.agenda,
                                        rx_blocked << LANE_FRAME_IN);
}

void cx6dx_defer_init(Cx6dxNic *nic)
{
    memset(&nic->defer, 0, sizeof(nic->defer));
    cx6dx_agenda_init(&nic->defer.agenda);
}

void cx6dx_defer_clear(Cx6dxNic *nic)
{
    Cx6dxDefer *d = &nic->defer;

    cx6dx_agenda_clear(&d->agenda);
    d->pending = 0;
    d->pending_bytes = 0;
    d->late_cqes = 0;
    nic->faults.holding = false;
}

void cx6dx_defer_free(Cx6dxNic *nic)
{
    cx6dx_agenda_free(&nic->defer.agenda);
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

static void enter(Cx6dxDefer *d, uint64_t when_ns, Action *a)
{
    cx6dx_agenda_add(&d->agenda, &a->item, when_ns, lane_of(a));
    d->pending++;
    d->pending_bytes += a->len;
}

static void push(Cx6dxNic *nic, uint64_t when_ns, Action *a)
{
    a->op = nic->timing.op;
    enter(&nic->defer, when_ns, a);
    if (!nic->defer.running && first(nic, false) == a) {
        cx6dx_nic_update_timer(nic);
    }
}

/* Counts `a`, which goes away */
static void leave(Cx6dxNic *nic, const Action *a)
{
    nic->defer.pending--;
    nic->defer.pending_bytes -= a->len;
    if (a->kind == ACTION_LATE_CQE) {
        nic->defer.late_cqes--;
        nic->faults.holding = nic->defer.late_cqes != 0;
    }
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
    g_autoptr(GPtrArray) all = cx6dx_agenda_sorted(&nic->defer.agenda);
    const Action *a;

    for (guint i = all->len; i > 0; i--) {
        a = g_ptr_array_index(all, i - 1);
        if (a->kind == ACTION_LATE_CQE && a->cqn == cqn) {
            return a->item.when_ns;
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

typedef struct Forgotten {
    Cx6dxNic *nic;
    uint32_t queue;
} Forgotten;

static bool is_of(Cx6dxAgendaItem *item, void *opaque)
{
    const Action *a = (const Action *)item;
    const Forgotten *f = opaque;

    if ((a->kind != ACTION_CQE && a->kind != ACTION_LATE_CQE) ||
        a->queue != f->queue) {
        return false;
    }
    leave(f->nic, a);
    return true;
}

void cx6dx_defer_forget(Cx6dxNic *nic, uint32_t queue)
{
    Forgotten f = { nic, queue };

    if (nic->defer.pending) {
        cx6dx_agenda_remove_if(&nic->defer.agenda, is_of, &f);
        resume_senders(nic);
    }
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
    bool rx_blocked = false;
    Action *a;

    while (!nic->stop && (a = first(nic, rx_blocked)) &&
           a->item.when_ns <= now_ns) {
        if (!run(nic, a)) {
            rx_blocked = true;
            continue;
        }
        /* what was added meanwhile comes behind this one */
        leave(nic, a);
        cx6dx_agenda_remove(&nic->defer.agenda, &a->item);
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
    const Action *a;

    if (!nic->defer.pending || nic->stop) {
        return UINT64_MAX;
    }
    /* while a frame waits, its own deadline tries all of them again */
    a = first(nic, nic->rx_wait_since_ns != 0);
    return a ? a->item.when_ns : UINT64_MAX;
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

    cx6dx_ar(ar, &head.item.when_ns);
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

    if (!a || !cx6dx_ar_check(ar, a->item.when_ns >= *last_ns,
                              "deferred actions are not in order")) {
        g_free(a);
        return;
    }
    *last_ns = a->item.when_ns;
    enter(d, *last_ns, a);
    d->late_cqes += a->kind == ACTION_LATE_CQE;
    nic->faults.holding = d->late_cqes != 0;
    cx6dx_ar_check(ar, d->pending_bytes <= CX6DX_DEFER_MAX_BYTES +
                       (size_t)MOST_ACTIONS * CX6DX_cqe_BYTES,
                   "too much is deferred");
}

void cx6dx_defer_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    g_autoptr(GPtrArray) all = cx6dx_agenda_sorted(&nic->defer.agenda);
    uint32_t n = nic->defer.pending;
    uint64_t last_ns = 0;

    cx6dx_ar_count(ar, &n, MOST_ACTIONS, "too many deferred actions");
    for (uint32_t i = 0; i < n && cx6dx_ar_good(ar); i++) {
        if (ar->loading) {
            load_action(nic, ar, &last_ns);
        } else {
            archive_action(ar, g_ptr_array_index(all, i));
        }
    }
}

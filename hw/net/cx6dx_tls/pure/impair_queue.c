/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The impaired wire of one direction: packets on their way, in virtual time
 */
#include "qemu/osdep.h"
#include "pure/impair_queue.h"

#define NS_PER_SECOND 1000000000ull

Cx6dxImpairQueued *cx6dx_impair_queue_copy(const uint8_t *bytes, size_t len,
                                           unsigned flags)
{
    Cx6dxImpairQueued *packet = g_malloc(sizeof(*packet) + len);

    *packet = (Cx6dxImpairQueued) { .flags = flags, .len = len };
    memcpy(packet->bytes, bytes, len);
    return packet;
}

/* When a packet that comes to the line at `now_ns` has left it */
static int64_t leave_ns(const Cx6dxImpairQueue *q, int64_t now_ns,
                        int64_t delay_ns, size_t len)
{
    int64_t at = now_ns + delay_ns;

    if (q->line.head) {
        at = MAX(at, q->busy_ns);
    }
    if (q->rate_bps) {
        /* a packet of 64 KB has 2^49 bit nanoseconds: no overflow */
        at += len * 8 * NS_PER_SECOND / q->rate_bps;
    }
    return at;
}

static void to_line(Cx6dxImpairQueue *q, Cx6dxImpairQueued *packet,
                    int64_t now_ns, int64_t delay_ns)
{
    packet->at_ns = leave_ns(q, now_ns, delay_ns, packet->len);
    q->busy_ns = packet->at_ns;
    g_queue_push_tail(&q->line, packet);
}

static void count_in(Cx6dxImpairQueue *q, const Cx6dxImpairQueued *packet)
{
    q->packets++;
    q->bytes += packet->len;
}

static Cx6dxImpairQueued *count_out(Cx6dxImpairQueue *q,
                                    Cx6dxImpairQueued *packet)
{
    if (packet) {
        q->packets--;
        q->bytes -= packet->len;
    }
    return packet;
}

/* Held packet that is let go first, if that is not after `now_ns` */
static GList *first_held(const Cx6dxImpairQueue *q, int64_t now_ns)
{
    GList *link, *first = NULL;

    for (link = q->held.head; link; link = link->next) {
        const Cx6dxImpairQueued *packet = link->data;

        if (packet->at_ns <= now_ns &&
            (!first ||
             packet->at_ns < ((Cx6dxImpairQueued *)first->data)->at_ns)) {
            first = link;
        }
    }
    return first;
}

/* What had been held long enough goes to the line, at the moment it was to */
static void let_go(Cx6dxImpairQueue *q, int64_t now_ns)
{
    GList *link;

    while ((link = first_held(q, now_ns))) {
        Cx6dxImpairQueued *packet = link->data;

        g_queue_delete_link(&q->held, link);
        to_line(q, packet, packet->at_ns, packet->delay_ns);
    }
}

bool cx6dx_impair_queue_through(Cx6dxImpairQueue *q, int64_t now_ns,
                                int64_t delay_ns, size_t len)
{
    int64_t at;
    GList *link;

    let_go(q, now_ns);
    at = leave_ns(q, now_ns, delay_ns, len);
    if (q->line.head || at > now_ns) {
        return false;
    }
    for (link = q->held.head; link; link = link->next) {
        if (((Cx6dxImpairQueued *)link->data)->overtakers == 1) {
            return false;
        }
    }
    for (link = q->held.head; link; link = link->next) {
        Cx6dxImpairQueued *packet = link->data;

        packet->overtakers -= packet->overtakers > 0;
    }
    return true;
}

void cx6dx_impair_queue_append(Cx6dxImpairQueue *q, Cx6dxImpairQueued *packet,
                               int64_t now_ns, int64_t delay_ns)
{
    let_go(q, now_ns);
    count_in(q, packet);
    to_line(q, packet, now_ns, delay_ns);
}

void cx6dx_impair_queue_send(Cx6dxImpairQueue *q, Cx6dxImpairQueued *packet,
                             int64_t now_ns, int64_t delay_ns)
{
    GList *link, *next;

    cx6dx_impair_queue_append(q, packet, now_ns, delay_ns);
    for (link = q->held.head; link; link = next) {
        Cx6dxImpairQueued *held = link->data;

        next = link->next;
        if (held->overtakers && --held->overtakers == 0) {
            g_queue_delete_link(&q->held, link);
            to_line(q, held, now_ns, held->delay_ns);
        }
    }
}

void cx6dx_impair_queue_hold(Cx6dxImpairQueue *q, Cx6dxImpairQueued *packet,
                             int64_t now_ns, int64_t delay_ns,
                             uint32_t overtakers, int64_t until_ns)
{
    let_go(q, now_ns);
    count_in(q, packet);
    packet->at_ns = until_ns;
    packet->delay_ns = delay_ns;
    packet->overtakers = overtakers;
    g_queue_push_tail(&q->held, packet);
}

Cx6dxImpairQueued *cx6dx_impair_queue_pop(Cx6dxImpairQueue *q, int64_t now_ns)
{
    Cx6dxImpairQueued *packet;

    let_go(q, now_ns);
    packet = g_queue_peek_head(&q->line);
    if (!packet || packet->at_ns > now_ns) {
        return NULL;
    }
    return count_out(q, g_queue_pop_head(&q->line));
}

Cx6dxImpairQueued *cx6dx_impair_queue_flush(Cx6dxImpairQueue *q)
{
    Cx6dxImpairQueued *packet = g_queue_pop_head(&q->line);

    if (!packet) {
        packet = g_queue_pop_head(&q->held);
    }
    return count_out(q, packet);
}

int64_t cx6dx_impair_queue_next_ns(const Cx6dxImpairQueue *q)
{
    const Cx6dxImpairQueued *head = q->line.head ? q->line.head->data : NULL;
    int64_t next_ns = head ? head->at_ns : -1;
    GList *link;

    for (link = q->held.head; link; link = link->next) {
        const Cx6dxImpairQueued *packet = link->data;

        if (next_ns < 0 || packet->at_ns < next_ns) {
            next_ns = packet->at_ns;
        }
    }
    return next_ns;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The impaired wire of one direction: packets on their way, in virtual time
 *
 * A packet goes through two places.  In the first, those that others are to
 * overtake are held back: until so many packets have passed, or until a moment.
 * In the second, the line, packets leave in the order in which they came, each
 * after its delay and, with a rate, when the ones before have been sent.
 *
 * Knows no clock and no packet: the caller says what time it is, and bytes are
 * only counted.  Equal moments come out in the order of arrival.
 */
#ifndef CX6DX_PURE_IMPAIR_QUEUE_H
#define CX6DX_PURE_IMPAIR_QUEUE_H

#include "qemu/osdep.h"

typedef struct Cx6dxImpairQueued {
    int64_t at_ns;              /* it leaves the place where it is */
    int64_t delay_ns;           /* on the line; of one that is held */
    uint32_t overtakers;        /* still to come; 0: by time only */
    unsigned flags;             /* the caller's */
    size_t len;
    uint8_t bytes[];
} Cx6dxImpairQueued;

/* All zeros is empty */
typedef struct Cx6dxImpairQueue {
    GQueue line, held;
    int64_t busy_ns;            /* when the last one on the line leaves it; valid
                                   while one is there */
    uint64_t packets, bytes;    /* in both places */
    uint64_t rate_bps;          /* bits a second; 0: no limit */
} Cx6dxImpairQueue;

/* A packet to be given to one of the following, which take it over */
Cx6dxImpairQueued *cx6dx_impair_queue_copy(const uint8_t *bytes, size_t len,
                                           unsigned flags);

/*
 * True when a packet of `len` bytes with this delay need not wait: nothing is
 * before it, and nothing is to come right behind.  It then counts as sent.
 */
bool cx6dx_impair_queue_through(Cx6dxImpairQueue *q, int64_t now_ns,
                                int64_t delay_ns, size_t len);

/* Onto the line, and behind it whatever has now been overtaken enough */
void cx6dx_impair_queue_send(Cx6dxImpairQueue *q, Cx6dxImpairQueued *packet,
                             int64_t now_ns, int64_t delay_ns);

/* A further packet right behind the one just sent: it overtakes nothing */
void cx6dx_impair_queue_append(Cx6dxImpairQueue *q, Cx6dxImpairQueued *packet,
                               int64_t now_ns, int64_t delay_ns);

/* Held until `overtakers`, if not 0, have been sent, at most until `until_ns` */
void cx6dx_impair_queue_hold(Cx6dxImpairQueue *q, Cx6dxImpairQueued *packet,
                             int64_t now_ns, int64_t delay_ns,
                             uint32_t overtakers, int64_t until_ns);

/* The next packet that has left the line by now, for g_free(); or NULL */
Cx6dxImpairQueued *cx6dx_impair_queue_pop(Cx6dxImpairQueue *q, int64_t now_ns);

/* Any packet that is left: those on the line first; or NULL */
Cx6dxImpairQueued *cx6dx_impair_queue_flush(Cx6dxImpairQueue *q);

/* When something happens next; -1 when the queue is empty */
int64_t cx6dx_impair_queue_next_ns(const Cx6dxImpairQueue *q);

#endif

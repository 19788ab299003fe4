/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A resource that serves one operation at a time: its timeline
 *
 * Picoseconds, modulo 2^64 (213 days); a resource that was idle for less than
 * 160 days is known to be idle.  Costs are fractions, and what a division leaves
 * is owed to the next operation: any number of them takes as long as their sum.
 *
 * Operations are given in any order of their times, since a packet's whole life
 * is laid out when its first step begins.  One takes the earliest free interval
 * that is long enough and not before `at`, so that an answer due in a
 * microsecond does not hold up a request of now.  Among operations for the same
 * time the one given first is served first.  The last 32 free intervals before
 * the end are remembered; older ones are lost, which is only ever slower.
 */
#ifndef CX6DX_PURE_TIMING_PIPELINE_H
#define CX6DX_PURE_TIMING_PIPELINE_H

#include "qemu/osdep.h"
#include "pure/archive.h"

#define CX6DX_TIMELINE_GAPS 32      /* a power of two */

/* num / den picoseconds for one unit; num 0: takes no time */
typedef struct Cx6dxRate {
    uint64_t num, den;
} Cx6dxRate;

/* Begin and end, ps */
typedef struct Cx6dxSpan {
    uint64_t begin, end;
} Cx6dxSpan;

/* Is told of each operation that takes time, when it is given its place */
typedef struct Cx6dxTimelineWatch {
    void (*taken)(void *opaque, uint32_t line, Cx6dxSpan span, uint64_t units);
    void *opaque;
} Cx6dxTimelineWatch;

/* All of it is state but `watch` and `line`, which say who looks on */
typedef struct Cx6dxTimeline {
    const Cx6dxTimelineWatch *watch;    /* or NULL */
    uint32_t line;              /* its name for the watch */

    uint64_t free_at_ps;        /* end of the last operation */
    uint64_t rem;               /* of the last division, below one ps */
    uint32_t first_gap, gaps;   /* ring: oldest, and how many */
    Cx6dxSpan gap[CX6DX_TIMELINE_GAPS];

    uint64_t busy_ps;
    uint64_t operations;
    uint64_t bytes;             /* or other units */
    uint64_t stall_ps;          /* operations waited for it, in all */
    uint64_t max_stall_ps;      /* and the longest */
} Cx6dxTimeline;

/* Is `a` after `b`?  Right for times that are less than 53 days apart */
static inline bool cx6dx_ps_after(uint64_t a, uint64_t b)
{
    return a - b - 1 < (1ull << 62) - 1;
}

static inline uint64_t cx6dx_ps_max(uint64_t a, uint64_t b)
{
    return cx6dx_ps_after(a, b) ? a : b;
}

/* Picoseconds that a byte takes at `mbps`; 0: no limit */
Cx6dxRate cx6dx_rate_mbps(uint32_t mbps);
/* `ps` for each unit */
Cx6dxRate cx6dx_rate_ps(uint64_t ps);

/* Serves `units` at `at_ps` or later */
Cx6dxSpan cx6dx_timeline_take(Cx6dxTimeline *line, uint64_t at_ps,
                              uint64_t units, Cx6dxRate rate);

/* As take, for what has ended at `end_ps` if the resource was free before */
Cx6dxSpan cx6dx_timeline_take_until(Cx6dxTimeline *line, uint64_t end_ps,
                                    uint64_t units, Cx6dxRate rate);

void cx6dx_timeline_archive(Cx6dxTimeline *line, Cx6dxArchive *ar);

#endif

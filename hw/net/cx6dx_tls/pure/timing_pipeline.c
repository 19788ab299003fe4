/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The timeline of a resource; see timing_pipeline.h
 */
#include "qemu/osdep.h"
#include "pure/timing_pipeline.h"

#define GAP_MASK (CX6DX_TIMELINE_GAPS - 1)

Cx6dxRate cx6dx_rate_mbps(uint32_t mbps)
{
    return mbps ? (Cx6dxRate) { .num = 8000000, .den = mbps }
                : (Cx6dxRate) { .num = 0, .den = 1 };
}

Cx6dxRate cx6dx_rate_ps(uint64_t ps)
{
    return (Cx6dxRate) { .num = ps, .den = 1 };
}

static Cx6dxSpan *nth_gap(Cx6dxTimeline *line, uint32_t n)
{
    return &line->gap[(line->first_gap + n) & GAP_MASK];
}

/* Before the n-th; with all in use the oldest is forgotten */
static void add_gap(Cx6dxTimeline *line, uint32_t n, uint64_t begin,
                    uint64_t end)
{
    if (line->gaps == CX6DX_TIMELINE_GAPS) {
        if (n == 0) {
            return;
        }
        line->first_gap = (line->first_gap + 1) & GAP_MASK;
        line->gaps--;
        n--;
    }
    for (uint32_t i = line->gaps++; i > n; i--) {
        *nth_gap(line, i) = *nth_gap(line, i - 1);
    }
    *nth_gap(line, n) = (Cx6dxSpan) { begin, end };
}

static void remove_gap(Cx6dxTimeline *line, uint32_t n)
{
    line->gaps--;
    for (uint32_t i = n; i < line->gaps; i++) {
        *nth_gap(line, i) = *nth_gap(line, i + 1);
    }
}

/* Takes `cost` out of the n-th gap, from `begin` on */
static void split_gap(Cx6dxTimeline *line, uint32_t n, uint64_t begin,
                      uint64_t cost)
{
    Cx6dxSpan *gap = nth_gap(line, n);
    uint64_t before = gap->begin;

    gap->begin = begin + cost;
    if (gap->begin == gap->end) {
        remove_gap(line, n);
    }
    if (before != begin) {
        add_gap(line, n, before, begin);
    }
}

/* The begin: in the first gap that is long enough, or behind all */
static uint64_t place(Cx6dxTimeline *line, uint64_t at_ps, uint64_t cost)
{
    uint32_t found = CX6DX_TIMELINE_GAPS;
    uint64_t begin = 0;

    if (!line->busy_ps || !cx6dx_ps_after(line->free_at_ps, at_ps)) {
        if (line->busy_ps && line->free_at_ps != at_ps) {
            add_gap(line, line->gaps, line->free_at_ps, at_ps);
        }
        line->free_at_ps = at_ps + cost;
        return at_ps;
    }
    for (uint32_t n = line->gaps; n-- > 0;) {
        const Cx6dxSpan *gap = nth_gap(line, n);
        uint64_t from = cx6dx_ps_max(gap->begin, at_ps);

        if (!cx6dx_ps_after(gap->end, at_ps)) {
            break;
        }
        if (gap->end - from >= cost) {
            found = n;
            begin = from;
        }
    }
    if (found == CX6DX_TIMELINE_GAPS) {
        begin = line->free_at_ps;
        line->free_at_ps += cost;
    } else {
        split_gap(line, found, begin, cost);
    }
    return begin;
}

/* `*rem` is what is left of a division by rate.den */
static uint64_t cost_of(uint64_t units, Cx6dxRate rate, uint64_t *rem)
{
    uint64_t part = units * (rate.num % rate.den) + *rem;

    *rem = part % rate.den;
    return units * (rate.num / rate.den) + part / rate.den;
}

static Cx6dxSpan take(Cx6dxTimeline *line, uint64_t at_ps, uint64_t units,
                      uint64_t cost)
{
    uint64_t begin = cost ? place(line, at_ps, cost) : at_ps;
    Cx6dxSpan span = { begin, begin + cost };

    line->busy_ps += cost;
    line->operations++;
    line->bytes += units;
    line->stall_ps += begin - at_ps;
    line->max_stall_ps = MAX(line->max_stall_ps, begin - at_ps);
    if (line->watch && cost) {
        line->watch->taken(line->watch->opaque, line->line, span, units);
    }
    return span;
}

Cx6dxSpan cx6dx_timeline_take(Cx6dxTimeline *line, uint64_t at_ps,
                              uint64_t units, Cx6dxRate rate)
{
    return take(line, at_ps, units, cost_of(units, rate, &line->rem));
}

Cx6dxSpan cx6dx_timeline_take_until(Cx6dxTimeline *line, uint64_t end_ps,
                                    uint64_t units, Cx6dxRate rate)
{
    uint64_t cost = cost_of(units, rate, &line->rem);

    return take(line, end_ps - cost, units, cost);
}

void cx6dx_timeline_archive(Cx6dxTimeline *line, Cx6dxArchive *ar)
{
    cx6dx_ar(ar, &line->free_at_ps);
    cx6dx_ar(ar, &line->rem);
    cx6dx_ar_count(ar, &line->gaps, CX6DX_TIMELINE_GAPS,
                   "too many gaps in a timeline");
    if (ar->loading) {
        line->first_gap = 0;
    }
    for (uint32_t n = 0; n < line->gaps; n++) {
        cx6dx_ar(ar, &nth_gap(line, n)->begin);
        cx6dx_ar(ar, &nth_gap(line, n)->end);
    }
    cx6dx_ar(ar, &line->busy_ps);
    cx6dx_ar(ar, &line->operations);
    cx6dx_ar(ar, &line->bytes);
    cx6dx_ar(ar, &line->stall_ps);
    cx6dx_ar(ar, &line->max_stall_ps);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How often each byte of a stream has passed: the list of ranges
 */
#include "qemu/osdep.h"
#include "pure/impair_seen.h"

/* One more range cuts two at most, and can lie between and beside them */
enum { MAX_MADE = 2 * CX6DX_IMPAIR_MAX_RANGES + 4 };

typedef struct Made {
    Cx6dxImpairRange ranges[MAX_MADE];
    unsigned n;
} Made;

static void make(Made *made, int64_t start, int64_t end, uint32_t count)
{
    Cx6dxImpairRange *last = made->n ? &made->ranges[made->n - 1] : NULL;

    if (start >= end) {
        return;
    }
    if (last && last->end == start && last->count == count) {
        last->end = end;
        return;
    }
    made->ranges[made->n++] = (Cx6dxImpairRange) { start, end, count };
}

static void keep(Cx6dxImpairSeen *seen, Made *made)
{
    Cx6dxImpairRange *r = made->ranges;

    while (made->n > CX6DX_IMPAIR_MAX_RANGES) {
        r[1].start = r[0].start;
        r[1].count = MAX(r[0].count, r[1].count);
        r++;
        made->n--;
    }
    if (!seen->ranges) {
        seen->ranges = g_new(Cx6dxImpairRange, CX6DX_IMPAIR_MAX_RANGES);
    }
    memcpy(seen->ranges, r, made->n * sizeof(*r));
    seen->n = made->n;
}

uint32_t cx6dx_impair_seen_add(Cx6dxImpairSeen *seen, int64_t start,
                               int64_t end)
{
    Cx6dxImpairRange *last = seen->n ? &seen->ranges[seen->n - 1] : NULL;
    Made made = { .n = 0 };
    uint32_t before = 0;
    int64_t at = start;
    unsigned i;

    if (start >= end) {
        return 0;
    }
    if (last && last->end == start && last->count == 1) {
        last->end = end;        /* the next new bytes, as most often */
        return 0;
    }
    for (i = 0; i < seen->n; i++) {
        const Cx6dxImpairRange *r = &seen->ranges[i];
        int64_t from = MAX(r->start, start), to = MIN(r->end, end);

        if (from >= to) {
            if (r->start >= end) {
                make(&made, at, end, 1);
                at = end;
            }
            make(&made, r->start, r->end, r->count);
            continue;
        }
        before = MAX(before, r->count);
        make(&made, at, from, 1);
        make(&made, r->start, from, r->count);
        make(&made, from, to, r->count + (r->count < UINT32_MAX));
        make(&made, to, r->end, r->count);
        at = to;
    }
    make(&made, at, end, 1);
    keep(seen, &made);
    return before;
}

void cx6dx_impair_seen_clear(Cx6dxImpairSeen *seen)
{
    g_free(seen->ranges);
    *seen = (Cx6dxImpairSeen) { NULL, 0 };
}

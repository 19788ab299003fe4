/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How often each byte of a stream has passed
 *
 * A short list of ranges with a count each.  When it is full, the two oldest
 * ranges become one that has the larger count: memory stays bounded, and what is
 * new stays exact.
 */
#ifndef CX6DX_PURE_IMPAIR_SEEN_H
#define CX6DX_PURE_IMPAIR_SEEN_H

#include "qemu/osdep.h"

#define CX6DX_IMPAIR_MAX_RANGES 64

typedef struct Cx6dxImpairRange {
    int64_t start, end;         /* end is behind the last byte */
    uint32_t count;
} Cx6dxImpairRange;

/* All zeros is empty */
typedef struct Cx6dxImpairSeen {
    Cx6dxImpairRange *ranges;   /* sorted, not touching with equal counts */
    unsigned n;
} Cx6dxImpairSeen;

/*
 * [start, end) passes once more.  Returns how often its most seen byte had passed
 * before; 0 for an empty range.
 */
uint32_t cx6dx_impair_seen_add(Cx6dxImpairSeen *seen, int64_t start,
                               int64_t end);
void cx6dx_impair_seen_clear(Cx6dxImpairSeen *seen);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which TLS contexts are on the NIC, and which are in the host's memory
 *
 * Least recently used goes first.  The paper names size and capacity but not the
 * policy, which is therefore assumed.  A context changes with every packet, so
 * one that goes is written back, and one that comes is read: both as one DMA of
 * the size of a context, which the caller accounts for.
 *
 * Contexts are numbered 0 to max_ids - 1.  All operations take constant time.
 */
#ifndef CX6DX_PURE_TIMING_CTXCACHE_H
#define CX6DX_PURE_TIMING_CTXCACHE_H

#include "qemu/osdep.h"
#include "pure/archive.h"

typedef struct Cx6dxCtxLink {
    uint32_t older, newer;          /* number + 1; 0: none */
    bool resident;
} Cx6dxCtxLink;

typedef struct Cx6dxCtxCache {
    uint32_t max_ids;
    uint32_t capacity;              /* contexts; 0: no limit */
    uint32_t resident;
    uint32_t oldest, newest;        /* number + 1; 0: none */
    uint64_t hits, misses, evictions, most_resident;
    Cx6dxCtxLink *links;
} Cx6dxCtxCache;

/* What a context costs that was asked for */
typedef enum Cx6dxCtxResult {
    CX6DX_CTX_HIT,
    CX6DX_CTX_MISS,                 /* read it */
    CX6DX_CTX_MISS_EVICT,           /* write another one back, and read it */
} Cx6dxCtxResult;

/* Empty; cx6dx_ctxcache_free() frees */
void cx6dx_ctxcache_init(Cx6dxCtxCache *cache, uint32_t max_ids);
void cx6dx_ctxcache_free(Cx6dxCtxCache *cache);
/* Empty, and counters 0 */
void cx6dx_ctxcache_reset(Cx6dxCtxCache *cache);

/* With less room than contexts the oldest go now; returns how many */
uint32_t cx6dx_ctxcache_resize(Cx6dxCtxCache *cache, uint32_t capacity);

Cx6dxCtxResult cx6dx_ctxcache_touch(Cx6dxCtxCache *cache, uint32_t id);
/* The context is gone, nothing is written */
void cx6dx_ctxcache_drop(Cx6dxCtxCache *cache, uint32_t id);

/* What is resident and the counters; loading begins with an empty cache */
void cx6dx_ctxcache_archive(Cx6dxCtxCache *cache, Cx6dxArchive *ar);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS contexts on the NIC, in the order of their last use; see timing_ctxcache.h
 */
#include "qemu/osdep.h"
#include "pure/timing_ctxcache.h"

void cx6dx_ctxcache_init(Cx6dxCtxCache *cache, uint32_t max_ids)
{
    *cache = (Cx6dxCtxCache) { .max_ids = max_ids };
    cache->links = g_new0(Cx6dxCtxLink, max_ids);
}

void cx6dx_ctxcache_free(Cx6dxCtxCache *cache)
{
    g_free(cache->links);
    memset(cache, 0, sizeof(*cache));
}

void cx6dx_ctxcache_reset(Cx6dxCtxCache *cache)
{
    while (cache->oldest) {
        cx6dx_ctxcache_drop(cache, cache->oldest - 1);
    }
    cache->most_resident = 0;
    cache->hits = 0;
    cache->misses = 0;
    cache->evictions = 0;
}

static void unlink_ctx(Cx6dxCtxCache *cache, uint32_t id)
{
    Cx6dxCtxLink *link = &cache->links[id];

    *(link->older ? &cache->links[link->older - 1].newer : &cache->oldest) =
        link->newer;
    *(link->newer ? &cache->links[link->newer - 1].older : &cache->newest) =
        link->older;
    *link = (Cx6dxCtxLink) { 0 };
    cache->resident--;
}

static void link_newest(Cx6dxCtxCache *cache, uint32_t id)
{
    cache->links[id] = (Cx6dxCtxLink) {
        .older = cache->newest,
        .resident = true,
    };
    *(cache->newest ? &cache->links[cache->newest - 1].newer
                    : &cache->oldest) = id + 1;
    cache->newest = id + 1;
    cache->resident++;
}

uint32_t cx6dx_ctxcache_resize(Cx6dxCtxCache *cache, uint32_t capacity)
{
    uint32_t gone = 0;

    cache->capacity = capacity;
    while (capacity && cache->resident > capacity) {
        unlink_ctx(cache, cache->oldest - 1);
        gone++;
    }
    cache->evictions += gone;
    return gone;
}

Cx6dxCtxResult cx6dx_ctxcache_touch(Cx6dxCtxCache *cache, uint32_t id)
{
    Cx6dxCtxResult result = CX6DX_CTX_HIT;

    if (cache->newest == id + 1) {
        cache->hits++;
        return result;
    }
    if (cache->links[id].resident) {
        cache->hits++;
        unlink_ctx(cache, id);
    } else {
        cache->misses++;
        result = CX6DX_CTX_MISS;
        if (cache->capacity && cache->resident >= cache->capacity) {
            unlink_ctx(cache, cache->oldest - 1);
            cache->evictions++;
            result = CX6DX_CTX_MISS_EVICT;
        }
    }
    link_newest(cache, id);
    cache->most_resident = MAX(cache->most_resident, cache->resident);
    return result;
}

void cx6dx_ctxcache_drop(Cx6dxCtxCache *cache, uint32_t id)
{
    if (cache->links[id].resident) {
        unlink_ctx(cache, id);
    }
}

void cx6dx_ctxcache_archive(Cx6dxCtxCache *cache, Cx6dxArchive *ar)
{
    uint32_t most = MIN(cache->capacity ? cache->capacity : UINT32_MAX,
                        cache->max_ids);
    uint32_t n = cache->resident, next = cache->oldest, id;

    cx6dx_ar_count(ar, &n, most, "too many contexts in the cache");
    while (n-- && cx6dx_ar_good(ar)) {
        id = next - 1;
        cx6dx_ar(ar, &id);
        if (!ar->loading) {
            next = cache->links[id].newer;
        } else if (cx6dx_ar_check(ar, id < cache->max_ids &&
                                      !cache->links[id].resident,
                                  "no such context in the cache")) {
            link_newest(cache, id);
        }
    }
    cx6dx_ar(ar, &cache->most_resident);
    cx6dx_ar(ar, &cache->hits);
    cx6dx_ar(ar, &cache->misses);
    cx6dx_ar(ar, &cache->evictions);
}

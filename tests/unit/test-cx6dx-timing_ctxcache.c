/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "timing_ctxcache", against a list that is searched
 */
#include "qemu/osdep.h"
#include "pure/timing_ctxcache.h"

enum { IDS = 50 };

/* Oldest first */
typedef struct Oracle {
    uint32_t id[IDS];
    uint32_t n, capacity;
} Oracle;

static bool take_out(Oracle *o, uint32_t id)
{
    for (uint32_t i = 0; i < o->n; i++) {
        if (o->id[i] == id) {
            memmove(&o->id[i], &o->id[i + 1],
                    (--o->n - i) * sizeof(o->id[0]));
            return true;
        }
    }
    return false;
}

static Cx6dxCtxResult oracle_touch(Oracle *o, uint32_t id)
{
    Cx6dxCtxResult result = CX6DX_CTX_HIT;

    if (!take_out(o, id)) {
        result = CX6DX_CTX_MISS;
        if (o->capacity && o->n >= o->capacity) {
            take_out(o, o->id[0]);
            result = CX6DX_CTX_MISS_EVICT;
        }
    }
    o->id[o->n++] = id;
    return result;
}

static void test_oracle(void)
{
    Oracle o = { .capacity = 20 };
    uint64_t counts[3] = { 0 };
    Cx6dxCtxCache cache;
    GRand *rand = g_rand_new_with_seed(5);

    cx6dx_ctxcache_init(&cache, IDS);
    cx6dx_ctxcache_resize(&cache, o.capacity);
    for (unsigned i = 0; i < 200000; i++) {
        uint32_t id = g_rand_int_range(rand, 0, IDS);
        uint32_t most;

        switch (g_rand_int_range(rand, 0, 50)) {
        case 0:
            cx6dx_ctxcache_drop(&cache, id);
            take_out(&o, id);
            break;
        case 1:
            o.capacity = g_rand_int_range(rand, 0, IDS + 5);
            most = o.capacity ? o.capacity : IDS;
            counts[2] += o.n > most ? o.n - most : 0;
            g_assert_cmpuint(cx6dx_ctxcache_resize(&cache, o.capacity), ==,
                             o.n > most ? o.n - most : 0);
            while (o.n > most) {
                take_out(&o, o.id[0]);
            }
            break;
        default:
            most = oracle_touch(&o, id);
            g_assert_cmpuint(cx6dx_ctxcache_touch(&cache, id), ==, most);
            counts[0] += most == CX6DX_CTX_HIT;
            counts[1] += most != CX6DX_CTX_HIT;
            counts[2] += most == CX6DX_CTX_MISS_EVICT;
            break;
        }
        g_assert_cmpuint(cache.resident, ==, o.n);
        g_assert_cmpuint(cache.oldest, ==, o.n ? o.id[0] + 1 : 0);
        g_assert_cmpuint(cache.newest, ==, o.n ? o.id[o.n - 1] + 1 : 0);
    }
    g_assert_cmpuint(cache.hits, ==, counts[0]);
    g_assert_cmpuint(cache.misses, ==, counts[1]);
    g_assert_cmpuint(cache.evictions, ==, counts[2]);
    cx6dx_ctxcache_reset(&cache);
    g_assert_cmpuint(cache.resident + cache.hits + cache.misses, ==, 0);
    g_assert_cmpuint(cx6dx_ctxcache_touch(&cache, 7), ==, CX6DX_CTX_MISS);
    cx6dx_ctxcache_free(&cache);
    g_rand_free(rand);
}

/* As many as fit always hit; one more, in turn, never does */
static void test_cliff(void)
{
    Cx6dxCtxCache cache;

    cx6dx_ctxcache_init(&cache, IDS);
    cx6dx_ctxcache_resize(&cache, 20);
    for (unsigned i = 0; i < 2000; i++) {
        g_assert_cmpuint(cx6dx_ctxcache_touch(&cache, i % 20) == CX6DX_CTX_HIT,
                         ==, i >= 20);
    }
    g_assert_cmpuint(cache.most_resident, ==, 20);
    cx6dx_ctxcache_reset(&cache);
    for (unsigned i = 0; i < 2100; i++) {
        g_assert_cmpuint(cx6dx_ctxcache_touch(&cache, i % 21), !=,
                         CX6DX_CTX_HIT);
    }
    cx6dx_ctxcache_free(&cache);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/timing_ctxcache/like-the-oracle", test_oracle);
    g_test_add_func("/cx6dx/timing_ctxcache/capacity", test_cliff);
    return g_test_run();
}

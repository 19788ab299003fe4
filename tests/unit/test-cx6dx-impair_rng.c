/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "impair_rng"
 */
#include "qemu/osdep.h"
#include "pure/impair_rng.h"

enum { DRAWS = 200000 };

/* xoshiro256** from state 1, 2, 3, 4: the figures of its authors' program */
static void test_published(void)
{
    static const uint64_t want[] = {
        11520, 0, 1509978240, 1215971899390074240,
        1216172134540287360, 607988272756665600,
    };
    Cx6dxImpairRng rng = { { 1, 2, 3, 4 } };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(want); i++) {
        g_assert_cmphex(cx6dx_impair_rng_next(&rng), ==, want[i]);
    }
}

static void test_same_seed(void)
{
    Cx6dxImpairRng a, b, other_seed, other_stream;
    unsigned i, same = 0;

    cx6dx_impair_rng_seed(&a, 42, 7);
    cx6dx_impair_rng_seed(&b, 42, 7);
    cx6dx_impair_rng_seed(&other_seed, 43, 7);
    cx6dx_impair_rng_seed(&other_stream, 42, 8);
    for (i = 0; i < 1000; i++) {
        uint64_t x = cx6dx_impair_rng_next(&a);

        g_assert_cmphex(x, ==, cx6dx_impair_rng_next(&b));
        same += x == cx6dx_impair_rng_next(&other_seed);
        same += x == cx6dx_impair_rng_next(&other_stream);
    }
    g_assert_cmpuint(same, ==, 0);
}

/* The first draw of seeds 0, 1, 2 ... is as good as any other draw */
static void test_small_seeds(void)
{
    unsigned seed, lost = 0;

    for (seed = 0; seed < 20000; seed++) {
        Cx6dxImpairRng rng;

        cx6dx_impair_rng_seed(&rng, seed, 0);
        lost += cx6dx_impair_rng_chance(&rng, 10);
    }
    g_assert_cmpuint(lost, >, 1800);
    g_assert_cmpuint(lost, <, 2200);
}

static void test_chance(void)
{
    static const double percents[] = { 0.5, 1, 2, 5, 33, 50, 99.5 };
    Cx6dxImpairRng rng;
    unsigned i, n;

    cx6dx_impair_rng_seed(&rng, 1, 1);
    for (i = 0; i < ARRAY_SIZE(percents); i++) {
        double p = percents[i] / 100, expected = p * DRAWS;
        double sigma = 0, hits = 0;

        for (n = 0; n < DRAWS; n++) {
            hits += cx6dx_impair_rng_chance(&rng, percents[i]);
        }
        sigma = DRAWS * p * (1 - p);        /* squared */
        g_assert_true((hits - expected) * (hits - expected) < 25 * sigma);
    }
    for (n = 0; n < 1000; n++) {
        g_assert_false(cx6dx_impair_rng_chance(&rng, 0));
        g_assert_true(cx6dx_impair_rng_chance(&rng, 100));
    }
}

static void test_below(void)
{
    unsigned count[7] = { 0 }, n;
    Cx6dxImpairRng rng;

    cx6dx_impair_rng_seed(&rng, 3, 0);
    g_assert_cmpuint(cx6dx_impair_rng_below(&rng, 0), ==, 0);
    g_assert_cmpuint(cx6dx_impair_rng_below(&rng, 1), ==, 0);
    for (n = 0; n < 70000; n++) {
        uint64_t x = cx6dx_impair_rng_below(&rng, 7);

        g_assert_cmpuint(x, <, 7);
        count[x]++;
    }
    for (n = 0; n < 7; n++) {
        g_assert_cmpuint(count[n], >, 9500);
        g_assert_cmpuint(count[n], <, 10500);
    }
    /* a limit that leaves out nearly half of all numbers */
    for (n = 0; n < 1000; n++) {
        g_assert_cmpuint(cx6dx_impair_rng_below(&rng, (1ull << 63) + 1), <=,
                         1ull << 63);
    }
}

/* Share of the bad state and mean length of a burst, as the model's formulas */
static void test_bursts(void)
{
    Cx6dxImpairBurst burst = { .enter = 1, .leave = 20, .bad_loss = 100 };
    unsigned n, lost = 0, bursts = 0;
    bool bad = false, before = false;
    Cx6dxImpairRng rng;

    cx6dx_impair_rng_seed(&rng, 5, 0);
    for (n = 0; n < DRAWS; n++) {
        Cx6dxImpairLoss loss = cx6dx_impair_rng_lose(&rng, &bad, &burst);

        g_assert_true((loss == CX6DX_IMPAIR_LOSS_BAD) == bad);
        lost += bad;
        bursts += bad && !before;
        before = bad;
    }
    /* 1 / 21 of the packets, in bursts of 5 */
    g_assert_cmpfloat(lost * 21.0 / DRAWS, >, 0.9);
    g_assert_cmpfloat(lost * 21.0 / DRAWS, <, 1.1);
    g_assert_cmpfloat((double)lost / bursts, >, 4.7);
    g_assert_cmpfloat((double)lost / bursts, <, 5.3);
}

static void test_no_bursts(void)
{
    Cx6dxImpairBurst burst = { .good_loss = 50, .bad_loss = 100 };
    unsigned n, lost = 0;
    bool bad = true;            /* as left behind by other settings */
    Cx6dxImpairRng rng;

    cx6dx_impair_rng_seed(&rng, 6, 0);
    for (n = 0; n < 1000; n++) {
        Cx6dxImpairLoss loss = cx6dx_impair_rng_lose(&rng, &bad, &burst);

        g_assert_cmpint(loss, !=, CX6DX_IMPAIR_LOSS_BAD);
        g_assert_false(bad);
        lost += loss == CX6DX_IMPAIR_LOSS_GOOD;
    }
    g_assert_cmpuint(lost, >, 400);
    g_assert_cmpuint(lost, <, 600);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/impair_rng/published-numbers", test_published);
    g_test_add_func("/cx6dx/impair_rng/a-seed-repeats-itself", test_same_seed);
    g_test_add_func("/cx6dx/impair_rng/small-seeds-are-mixed",
                    test_small_seeds);
    g_test_add_func("/cx6dx/impair_rng/chance-is-the-percentage", test_chance);
    g_test_add_func("/cx6dx/impair_rng/below-is-even", test_below);
    g_test_add_func("/cx6dx/impair_rng/bursts-as-gilbert-elliott",
                    test_bursts);
    g_test_add_func("/cx6dx/impair_rng/no-bursts-without-enter",
                    test_no_bursts);
    return g_test_run();
}

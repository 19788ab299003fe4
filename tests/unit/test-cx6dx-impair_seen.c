/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "impair_seen"
 */
#include "qemu/osdep.h"
#include "pure/impair_seen.h"
#include "cx6dx-oracle.h"

static void test_repeats(void)
{
    Cx6dxImpairSeen seen = { 0 };

    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, -1, 0), ==, 0);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 0, 100), ==, 0);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 100, 200), ==, 0);
    g_assert_cmpuint(seen.n, ==, 1);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 50, 150), ==, 1);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 149, 160), ==, 2);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 160, 200), ==, 1);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, -1, 0), ==, 1);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 200, 200), ==, 0);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 300, 400), ==, 0);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 190, 310), ==, 2);
    cx6dx_impair_seen_clear(&seen);
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 0, 100), ==, 0);
    cx6dx_impair_seen_clear(&seen);
}

/* Against one counter a byte, as long as the list has room */
static void test_oracle(void)
{
    enum { BYTES = 200 };
    Cx6dxDice dice = { 1 };
    unsigned run, i;

    for (run = 0; run < 300; run++) {
        Cx6dxImpairSeen seen = { 0 };
        uint32_t count[BYTES] = { 0 };

        for (i = 0; i < 20; i++) {
            uint32_t start = cx6dx_dice_below(&dice, BYTES);
            uint32_t end = start + cx6dx_dice_below(&dice, BYTES - start + 1);
            uint32_t at, most = 0;

            for (at = start; at < end; at++) {
                most = MAX(most, count[at]);
                count[at]++;
            }
            g_assert_cmpuint(cx6dx_impair_seen_add(&seen, start, end), ==,
                             most);
        }
        cx6dx_impair_seen_clear(&seen);
    }
}

/* Old ranges grow together and are never taken for new; new bytes stay exact */
static void test_full(void)
{
    Cx6dxImpairSeen seen = { 0 };
    int64_t at;

    for (at = 0; at < 10000; at += 10) {
        g_assert_cmpuint(cx6dx_impair_seen_add(&seen, at, at + 5), ==, 0);
        g_assert_cmpuint(seen.n, <=, CX6DX_IMPAIR_MAX_RANGES);
    }
    for (at = 0; at < 10000; at += 10) {
        g_assert_cmpuint(cx6dx_impair_seen_add(&seen, at, at + 5), >=, 1);
    }
    g_assert_cmpuint(cx6dx_impair_seen_add(&seen, 10000, 10010), ==, 0);
    cx6dx_impair_seen_clear(&seen);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/impair_seen/repeats", test_repeats);
    g_test_add_func("/cx6dx/impair_seen/as-one-counter-a-byte", test_oracle);
    g_test_add_func("/cx6dx/impair_seen/a-full-list-forgets-no-byte",
                    test_full);
    return g_test_run();
}

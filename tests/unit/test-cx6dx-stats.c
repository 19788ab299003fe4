/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "stats"
 */
#include "qemu/osdep.h"
#include "pure/stats.h"

static void test_table_covers_struct(void)
{
    const Cx6dxStatDesc *desc = cx6dx_stats_table();
    size_t n = 0;

    for (; desc->name; desc++, n++) {
        g_assert_cmpuint(desc->offset, ==, n * sizeof(uint64_t));
        g_assert_cmpuint(strlen(desc->name), >, 0);
        g_assert_cmpuint(strlen(desc->meaning), >, 0);
    }
    g_assert_cmpuint(n * sizeof(uint64_t), ==, sizeof(Cx6dxStats));
}

static void test_names_are_unique(void)
{
    const Cx6dxStatDesc *a, *b;

    for (a = cx6dx_stats_table(); a->name; a++) {
        for (b = a + 1; b->name; b++) {
            g_assert_cmpstr(a->name, !=, b->name);
        }
    }
}

static void test_read_by_name(void)
{
    Cx6dxStats stats = { .tx_frames = 7, .guest_errors = UINT64_MAX };
    const Cx6dxStatDesc *desc;
    unsigned seen = 0;

    for (desc = cx6dx_stats_table(); desc->name; desc++) {
        uint64_t want = 0;

        if (g_str_equal(desc->name, "tx_frames")) {
            want = 7;
            seen++;
        } else if (g_str_equal(desc->name, "guest_errors")) {
            want = UINT64_MAX;
            seen++;
        }
        g_assert_cmpuint(cx6dx_stats_read(&stats, desc), ==, want);
    }
    g_assert_cmpuint(seen, ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/stats/table-covers-struct",
                    test_table_covers_struct);
    g_test_add_func("/cx6dx/stats/names-are-unique", test_names_are_unique);
    g_test_add_func("/cx6dx/stats/read-by-name", test_read_by_name);
    return g_test_run();
}

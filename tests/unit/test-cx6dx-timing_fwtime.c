/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "timing_fwtime"
 *
 * Published: 11.6 K connections/s with four commands each, 16.5 K without the
 * two of the TIS.
 */
#include "qemu/osdep.h"
#include "pure/timing_fwtime.h"

static uint64_t ns(const Cx6dxTimingParams *params, Cx6dxFwClass class)
{
    return cx6dx_fwtime_ns(params, class, 1);
}

static void test_published_rates(void)
{
    Cx6dxTimingParams params;
    uint64_t tis, dek;

    cx6dx_timing_default_params(&params);
    tis = ns(&params, CX6DX_FW_TIS_CREATE) + ns(&params, CX6DX_FW_TIS_DESTROY);
    dek = ns(&params, CX6DX_FW_DEK_CREATE) + ns(&params, CX6DX_FW_DEK_DESTROY);
    /* connections a second, within 5 % and in fact 0.1 % */
    g_assert_cmpuint(1000000000 / (tis + dek), >=, 11588);
    g_assert_cmpuint(1000000000 / (tis + dek), <=, 11612);
    g_assert_cmpuint(1000000000 / dek, >=, 16483);
    g_assert_cmpuint(1000000000 / dek, <=, 16517);
}

static void test_bulk(void)
{
    Cx6dxTimingParams params;

    cx6dx_timing_default_params(&params);
    g_assert_cmpuint(cx6dx_fwtime_ns(&params, CX6DX_FW_DEK_CREATE, 128), ==,
                     30300 + 127 * 500);
    g_assert_cmpuint(cx6dx_fwtime_ns(&params, CX6DX_FW_DEK_MODIFY, 1), ==,
                     10000);
    g_assert_cmpuint(cx6dx_fwtime_ns(&params, CX6DX_FW_OTHER, 1), ==, 10000);
    /* no command is for nothing, none of the profile "ideal" costs anything */
    for (unsigned i = 0; i < CX6DX_FW_CLASSES; i++) {
        cx6dx_timing_use_profile(&params, CX6DX_TIMING_CX6DX_GEN3X16);
        g_assert_cmpuint(ns(&params, i), >, 0);
        cx6dx_timing_use_profile(&params, CX6DX_TIMING_IDEAL);
        g_assert_cmpuint(cx6dx_fwtime_ns(&params, i, 1u << 17), ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/timing_fwtime/published-rates",
                    test_published_rates);
    g_test_add_func("/cx6dx/timing_fwtime/bulk", test_bulk);
    return g_test_run();
}

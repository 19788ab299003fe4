/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "timing_params"
 */
#include "qemu/osdep.h"
#include "pure/timing_params.h"

/* Every parameter: described, with a source; every profile within its limits */
static void test_table(void)
{
    unsigned n = 0;

    for (const Cx6dxTimingParam *param = cx6dx_timing_table(); param->name;
         param++, n++) {
        g_autofree char *limits = cx6dx_timing_limits(param);

        g_assert_cmpuint(strlen(param->what), >, 5);
        g_assert_cmpuint(strlen(param->source), >, 5);
        g_assert_cmpuint(strlen(limits), >, 5);
        g_assert_nonnull(cx6dx_timing_mark_str(param->mark));
        g_assert_true(cx6dx_timing_find(param->name) == param);
        for (unsigned i = 0; i < CX6DX_TIMING_PROFILES; i++) {
            g_assert_true(cx6dx_timing_value_ok(param, param->value[i]));
        }
    }
    /* one for each field but `enabled` */
    g_assert_cmpuint(n, ==, sizeof(Cx6dxTimingParams) / 4 - 1);
    g_assert_null(cx6dx_timing_find("no-such-parameter"));
}

static void test_profiles(void)
{
    Cx6dxTimingParams params;

    for (unsigned i = 0; i < CX6DX_TIMING_PROFILES; i++) {
        const char *name = cx6dx_timing_profile_str(i);

        g_assert_cmpuint(cx6dx_timing_profile_find(name), ==, i);
        params.enabled = true;
        cx6dx_timing_use_profile(&params, i);
        g_assert_true(params.enabled);
        g_assert_null(cx6dx_timing_check_params(&params));
    }
    g_assert_cmpuint(cx6dx_timing_profile_find("cx6dx"), ==,
                     CX6DX_TIMING_PROFILES);
    cx6dx_timing_default_params(&params);
    g_assert_false(params.enabled);
    g_assert_cmpuint(params.pcie_gen, ==, 4);
    g_assert_cmpuint(params.pcie_lanes, ==, 16);
    g_assert_cmpuint(params.link_mbps, ==, 100000);
    cx6dx_timing_use_profile(&params, CX6DX_TIMING_CX6DX_GEN3X16);
    g_assert_cmpuint(params.pcie_gen, ==, 3);
}

static void test_limits(void)
{
    static const struct {
        const char *name;
        uint32_t good[4], bad[4];
        const char *limits;
    } rows[] = {
        { "pcie-gen", { 3, 4, 5, 5 }, { 0, 2, 6, 255 }, "3 to 5" },
        { "pcie-lanes", { 1, 4, 8, 16 }, { 0, 3, 17, 32 },
          "a power of two, 1 to 16" },
        { "pcie-mps", { 128, 512, 2048, 4096 }, { 0, 64, 129, 8192 },
          "a power of two, 128 to 4096" },
        { "pcie-rcb", { 0, 64, 128, 128 }, { 1, 63, 256, 65535 },
          "0 or a power of two, 64 to 128" },
        { "dma-read-latency", { 0, 1, 543, 1000000 },
          { 1000001, UINT32_MAX, UINT32_MAX, UINT32_MAX }, "0 to 1000000" },
        { "link-speed", { 1000, 10000, 100000, 400000 },
          { 0, 999, 400001, UINT32_MAX }, "1000 to 400000" },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        const Cx6dxTimingParam *param = cx6dx_timing_find(rows[i].name);
        g_autofree char *limits = cx6dx_timing_limits(param);

        g_assert_cmpstr(limits, ==, rows[i].limits);
        for (unsigned k = 0; k < 4; k++) {
            Cx6dxTimingParams params;

            cx6dx_timing_default_params(&params);
            cx6dx_timing_set(&params, param, rows[i].good[k]);
            g_assert_cmpuint(cx6dx_timing_get(&params, param), ==,
                             rows[i].good[k]);
            g_assert_null(cx6dx_timing_check_params(&params));
            cx6dx_timing_set(&params, param, rows[i].bad[k]);
            g_assert_cmpstr(cx6dx_timing_check_params(&params), ==,
                            rows[i].name);
        }
    }
    g_assert_false(cx6dx_timing_value_ok(cx6dx_timing_find("pcie-gen"),
                                         (1ull << 32) + 4));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/timing_params/table", test_table);
    g_test_add_func("/cx6dx/timing_params/profiles", test_profiles);
    g_test_add_func("/cx6dx/timing_params/limits", test_limits);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "timing"
 *
 * Golden figures: effective bandwidths that the pcie-model program of
 * "Understanding PCIe performance for end host networking" (SIGCOMM 2018)
 * prints, to the digits that it prints.
 */
#include "qemu/osdep.h"
#include "pure/timing.h"

static Cx6dxTimingParams params_of(uint8_t gen, uint8_t lanes, uint16_t mps,
                                   uint16_t mrrs)
{
    Cx6dxTimingParams params;

    cx6dx_timing_default_params(&params);
    params.enabled = true;
    params.pcie_gen = gen;
    params.pcie_lanes = lanes;
    params.pcie_mps_bytes = mps;
    params.pcie_mrrs_bytes = mrrs;
    params.dma_read_latency_ns = 0;
    g_assert_null(cx6dx_timing_check_params(&params));
    return params;
}

static uint64_t busiest_ps(const Cx6dxTiming *timing)
{
    return MAX(timing->lines[CX6DX_TIMING_PCIE_UP].busy_ps,
               timing->lines[CX6DX_TIMING_PCIE_DOWN].busy_ps);
}

enum { OPERATIONS = 100000 };

/* Gb/s of `size` bytes again and again, as text with two digits */
static char *bandwidth(const Cx6dxTimingParams *params, uint32_t size,
                       bool write, bool read)
{
    Cx6dxTiming timing;
    unsigned i;

    cx6dx_timing_init(&timing, params);
    for (i = 0; i < OPERATIONS; i++) {
        if (write) {
            cx6dx_timing_dma_write(&timing, 0, size);
        }
        if (read) {
            cx6dx_timing_dma_read(&timing, 0, size);
        }
    }
    return g_strdup_printf("%.2f", 8000.0 * size * OPERATIONS /
                           busiest_ps(&timing));
}

static void test_published_bandwidth(void)
{
    static const struct {
        uint32_t size;
        const char *write, *read, *both;
    } rows[] = {
        { 16, "45.48", "50.53", "28.43" },
        { 64, "82.69", "86.63", "64.97" },
        { 256, "103.95", "105.46", "95.75" },
        { 512, "103.95", "105.46", "99.68" },
        { 1448, "103.42", "105.00", "98.94" },
        { 4096, "103.95", "105.46", "99.68" },
    };
    Cx6dxTimingParams params = params_of(3, 16, 256, 512);
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *write = bandwidth(&params, rows[i].size, true, false);
        g_autofree char *read = bandwidth(&params, rows[i].size, false, true);
        g_autofree char *both = bandwidth(&params, rows[i].size, true, true);

        g_assert_cmpstr(write, ==, rows[i].write);
        g_assert_cmpstr(read, ==, rows[i].read);
        g_assert_cmpstr(both, ==, rows[i].both);
    }
}

/*
 * Bytes of TLPs per DLLP of either kind, as the specification's tables give them
 * for 8 GT/s and more.
 */
static void test_published_dllp_limits(void)
{
    static const uint8_t lanes[] = { 1, 2, 4, 8, 16 };
    static const uint16_t mps[] = { 128, 256, 512, 1024, 2048, 4096 };
    static const uint16_t limit[5][6] = {
        { 333, 512, 655, 1167, 2191, 4239 },
        { 224, 313, 385, 641, 1153, 2177 },
        { 169, 214, 250, 378, 634, 1146 },
        { 163, 203, 182, 246, 374, 630 },
        { 144, 168, 182, 246, 374, 630 },
    };
    unsigned gen, l, m;

    for (gen = 3; gen <= 5; gen++) {
        for (l = 0; l < 5; l++) {
            for (m = 0; m < 6; m++) {
                Cx6dxTimingParams params = params_of(gen, lanes[l], mps[m],
                                                     4096);
                double raw = (8 << (gen - 3)) * 128.0 / 130.0 * lanes[l];
                double tlp = raw * (1 - 16.0 / limit[l][m] - 4.0 / 1538);
                double want = tlp * mps[m] / (mps[m] + 24);
                g_autofree char *w = g_strdup_printf("%.2f", want);
                g_autofree char *is = bandwidth(&params, mps[m], true, false);

                g_assert_cmpstr(is, ==, w);
            }
        }
    }
}

static void test_bytes_on_the_link(void)
{
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    uint64_t up, down;

    g_assert_cmpuint(cx6dx_timing_pcie_write_bytes(&params, 0), ==, 0);
    g_assert_cmpuint(cx6dx_timing_pcie_write_bytes(&params, 4), ==, 28);
    g_assert_cmpuint(cx6dx_timing_pcie_write_bytes(&params, 256), ==, 280);
    g_assert_cmpuint(cx6dx_timing_pcie_write_bytes(&params, 257), ==, 305);
    g_assert_cmpuint(cx6dx_timing_pcie_write_bytes(&params, UINT32_MAX), ==,
                     UINT32_MAX + 24 * (1ull << 24));
    cx6dx_timing_pcie_read_bytes(&params, 513, &up, &down);
    g_assert_cmpuint(up, ==, 48);
    g_assert_cmpuint(down, ==, 513 + 3 * 20);
    params.pcie_rcb_bytes = 64;
    cx6dx_timing_pcie_read_bytes(&params, 513, &up, &down);
    g_assert_cmpuint(up, ==, 48);
    g_assert_cmpuint(down, ==, 513 + 9 * 20);
}

static void test_wire(void)
{
    static const struct {
        uint32_t mbps, bytes;
        uint64_t first, second;     /* ends of two frames sent at 1000 */
    } rows[] = {
        /* 84 bytes with preamble, FCS and gap: the smallest there is */
        { 100000, 0, 1007, 1014 },
        { 100000, 60, 1007, 1014 },
        { 100000, 61, 1007, 1014 },
        { 100000, 1514, 1124, 1247 },
        { 1000, 1514, 1000 + 12304, 1000 + 24608 },
        { 10000, 1514, 2231, 3461 },
        { 400000, 60, 1002, 1004 },
        { 25000, 9014, 1000 + 2893, 1000 + 5785 },
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(rows); i++) {
        Cx6dxTimingParams params = params_of(4, 16, 256, 512);
        Cx6dxTiming timing;

        params.link_mbps = rows[i].mbps;
        cx6dx_timing_init(&timing, &params);
        g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 1000, rows[i].bytes),
                         ==, rows[i].first);
        g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 1000, rows[i].bytes),
                         ==, rows[i].second);
        /* the other direction is another resource */
        g_assert_cmpuint(cx6dx_timing_wire_rx(&timing, 1000, rows[i].bytes),
                         ==, rows[i].first);
    }
}

static void test_no_drift(void)
{
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    Cx6dxTimeline *line;
    Cx6dxTiming timing;
    unsigned i;

    /* 84 bytes at 30011 Mb/s take 22391.78967... ps: no whole number */
    params.link_mbps = 30011;
    cx6dx_timing_init(&timing, &params);
    line = &timing.lines[CX6DX_TIMING_WIRE_TX];
    for (i = 0; i < 30011; i++) {
        cx6dx_timing_wire_tx(&timing, 0, 60);
    }
    g_assert_cmpuint(line->busy_ps, ==, 84ull * 8000000);
    g_assert_cmpuint(line->free_at_ps, ==, 84ull * 8000000);
    g_assert_cmpuint(line->operations, ==, 30011);
    g_assert_cmpuint(line->bytes, ==, 84ull * 30011);
    g_assert_cmpuint(line->rem, ==, 0);
}

static void test_order_and_idle(void)
{
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    Cx6dxTiming timing;

    params.link_mbps = 1000;
    cx6dx_timing_init(&timing, &params);
    g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 0, 60), ==, 672);
    g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 100, 60), ==, 1344);
    /* after a pause the resource begins at once */
    g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 5000, 60), ==, 5672);
    g_assert_cmpuint(timing.lines[CX6DX_TIMING_WIRE_TX].busy_ps, ==,
                     3 * 672000);
    cx6dx_timing_reset(&timing);
    g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 0, 60), ==, 672);
}

static void test_read_latency(void)
{
    Cx6dxTimingParams params = params_of(3, 16, 256, 512);
    Cx6dxTiming timing;
    uint64_t without, with;

    cx6dx_timing_init(&timing, &params);
    without = cx6dx_timing_dma_read(&timing, 0, 64);
    params.dma_read_latency_ns = 543;
    cx6dx_timing_init(&timing, &params);
    with = cx6dx_timing_dma_read(&timing, 0, 64);
    g_assert_cmpuint(with, ==, without + 543);
    /* reads overlap: the second waits for the link, not for the latency */
    g_assert_cmpuint(cx6dx_timing_dma_read(&timing, 0, 64), <, with + 20);
    /* and writes do not wait for reads */
    g_assert_cmpuint(cx6dx_timing_dma_write(&timing, 0, 64), <, 20);
}

static void test_long_uptime(void)
{
    const uint64_t day_ns = 86400ull * 1000000000;
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    Cx6dxTiming timing;
    unsigned day;

    params.link_mbps = 1000;
    cx6dx_timing_init(&timing, &params);
    for (day = 0; day < 1000; day += 37) {
        uint64_t now = day * day_ns + 12345;

        g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, now, 60), ==, now + 672);
        g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, now, 60), ==,
                         now + 1344);
        g_assert_cmpuint(cx6dx_timing_dma_read(&timing, now, 4096), >, now);
        g_assert_cmpuint(cx6dx_timing_dma_read(&timing, now, 4096), <,
                         now + 2000);
    }
}

static void test_off(void)
{
    Cx6dxTimingParams params;
    Cx6dxTiming timing, fresh;

    cx6dx_timing_default_params(&params);
    g_assert_false(params.enabled);
    g_assert_cmpuint(params.pcie_gen, ==, 4);
    g_assert_cmpuint(params.pcie_lanes, ==, 16);
    g_assert_cmpuint(params.pcie_mps_bytes, ==, 256);
    g_assert_cmpuint(params.pcie_mrrs_bytes, ==, 512);
    g_assert_cmpuint(params.pcie_rcb_bytes, ==, 0);
    g_assert_cmpuint(params.dma_read_latency_ns, ==, 543);
    g_assert_cmpuint(params.link_mbps, ==, 100000);
    g_assert_null(cx6dx_timing_check_params(&params));
    memset(&timing, 0, sizeof(timing));
    memset(&fresh, 0, sizeof(fresh));
    cx6dx_timing_init(&timing, &params);
    cx6dx_timing_init(&fresh, &params);
    g_assert_cmpuint(cx6dx_timing_dma_read(&timing, 77, 4096), ==, 77);
    g_assert_cmpuint(cx6dx_timing_dma_write(&timing, 78, 4096), ==, 78);
    g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 79, 4096), ==, 79);
    g_assert_cmpuint(cx6dx_timing_wire_rx(&timing, 80, 4096), ==, 80);
    g_assert_cmpmem(timing.lines, sizeof(timing.lines), fresh.lines,
                    sizeof(fresh.lines));
    timing.params.enabled = true;
    g_assert_cmpuint(cx6dx_timing_dma_read(&timing, 77, 0), ==, 77);
    g_assert_cmpuint(cx6dx_timing_dma_write(&timing, 78, 0), ==, 78);
}

static void test_huge_operation(void)
{
    Cx6dxTimingParams params = params_of(3, 1, 128, 128);
    Cx6dxTiming timing;
    uint64_t end;

    cx6dx_timing_init(&timing, &params);
    end = cx6dx_timing_dma_write(&timing, 0, UINT32_MAX);
    /* 5.1e9 bytes at 0.937 GB/s of TLPs */
    g_assert_cmpuint(end, >, 5400000000);
    g_assert_cmpuint(end, <, 5600000000);
    g_assert_cmpuint(cx6dx_timing_dma_read(&timing, 0, UINT32_MAX), >, end);
}

static void test_limits_of_params(void)
{
    static const struct {
        const char *name;
        size_t offset, bytes;
        uint32_t good[4], bad[4];
    } rows[] = {
#define ROW(field, ...)                                                 \
    { #field, offsetof(Cx6dxTimingParams, field),                       \
      sizeof(((Cx6dxTimingParams *)0)->field), __VA_ARGS__ }
        ROW(pcie_gen, { 3, 4, 5, 5 }, { 0, 2, 6, 255 }),
        ROW(pcie_lanes, { 1, 4, 8, 16 }, { 0, 3, 17, 32 }),
        ROW(pcie_mps_bytes, { 128, 512, 2048, 4096 }, { 0, 64, 129, 8192 }),
        ROW(pcie_mrrs_bytes, { 128, 512, 2048, 4096 }, { 0, 64, 129, 8192 }),
        ROW(pcie_rcb_bytes, { 0, 64, 128, 128 }, { 1, 63, 256, 65535 }),
        ROW(dma_read_latency_ns, { 0, 1, 543, 1000000 },
            { 1000001, UINT32_MAX, UINT32_MAX, UINT32_MAX }),
        ROW(link_mbps, { 1000, 10000, 100000, 400000 },
            { 0, 999, 400001, UINT32_MAX }),
#undef ROW
    };
    unsigned i, k;

    for (i = 0; i < ARRAY_SIZE(rows); i++) {
        for (k = 0; k < 4; k++) {
            Cx6dxTimingParams params = params_of(4, 16, 256, 512);
            uint8_t *field = (uint8_t *)&params + rows[i].offset;

            memcpy(field, &rows[i].good[k], rows[i].bytes);
            g_assert_null(cx6dx_timing_check_params(&params));
            memcpy(field, &rows[i].bad[k], rows[i].bytes);
            g_assert_cmpstr(cx6dx_timing_check_params(&params), ==,
                            rows[i].name);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/timing/pcie/published-bandwidth",
                    test_published_bandwidth);
    g_test_add_func("/cx6dx/timing/pcie/published-dllp-limits",
                    test_published_dllp_limits);
    g_test_add_func("/cx6dx/timing/pcie/bytes-on-the-link",
                    test_bytes_on_the_link);
    g_test_add_func("/cx6dx/timing/pcie/reads-overlap", test_read_latency);
    g_test_add_func("/cx6dx/timing/pcie/huge-operation", test_huge_operation);
    g_test_add_func("/cx6dx/timing/wire/golden", test_wire);
    g_test_add_func("/cx6dx/timing/line/no-drift", test_no_drift);
    g_test_add_func("/cx6dx/timing/line/order-and-idle", test_order_and_idle);
    g_test_add_func("/cx6dx/timing/line/years-of-uptime", test_long_uptime);
    g_test_add_func("/cx6dx/timing/off-changes-nothing", test_off);
    g_test_add_func("/cx6dx/timing/params/limits", test_limits_of_params);
    return g_test_run();
}

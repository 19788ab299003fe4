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

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Cx6dxTiming, cx6dx_timing_free)

static uint64_t dma_read(Cx6dxTiming *timing, uint64_t at_ns, uint32_t bytes)
{
    return cx6dx_timing_dma_read(timing, CX6DX_TIMING_SEND_DATA, at_ns, bytes);
}

static uint64_t dma_write(Cx6dxTiming *timing, uint64_t at_ns, uint32_t bytes)
{
    return cx6dx_timing_dma_write(timing, CX6DX_TIMING_RECV_DATA, at_ns, bytes);
}

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
    return MAX(timing->pcie.up.busy_ps,
               timing->pcie.down.busy_ps);
}

enum { OPERATIONS = 100000 };

/* Gb/s of `size` bytes again and again, as text with two digits */
static char *bandwidth(const Cx6dxTimingParams *params, uint32_t size,
                       bool write, bool read)
{
    g_auto(Cx6dxTiming) timing = { 0 };
    unsigned i;

    cx6dx_timing_init(&timing, params);
    for (i = 0; i < OPERATIONS; i++) {
        if (write) {
            dma_write(&timing, 0, size);
        }
        if (read) {
            dma_read(&timing, 0, size);
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
        g_auto(Cx6dxTiming) timing = { 0 };

        params.link_mbps = rows[i].mbps;
        cx6dx_timing_init(&timing, &params);
        g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 1000, rows[i].bytes),
                         ==, rows[i].first);
        g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 1000, rows[i].bytes),
                         ==, rows[i].second);
        /* what has come was on the wire before: the next one is waited for */
        g_assert_cmpuint(cx6dx_timing_wire_rx(&timing, 1000, rows[i].bytes),
                         ==, 1000);
        g_assert_cmpuint(cx6dx_timing_wire_rx(&timing, 1000, rows[i].bytes),
                         ==, rows[i].first);
    }
}

static void test_no_drift(void)
{
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    Cx6dxTimeline *line;
    g_auto(Cx6dxTiming) timing = { 0 };
    unsigned i;

    /* 84 bytes at 30011 Mb/s take 22391.78967... ps: no whole number */
    params.link_mbps = 30011;
    cx6dx_timing_init(&timing, &params);
    line = &timing.wire_tx;
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
    g_auto(Cx6dxTiming) timing = { 0 };

    params.link_mbps = 1000;
    cx6dx_timing_init(&timing, &params);
    g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 0, 60), ==, 672);
    g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 100, 60), ==, 1344);
    /* after a pause the resource begins at once */
    g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 5000, 60), ==, 5672);
    g_assert_cmpuint(timing.wire_tx.busy_ps, ==,
                     3 * 672000);
    cx6dx_timing_reset(&timing);
    g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, 0, 60), ==, 672);
}

static void test_read_latency(void)
{
    Cx6dxTimingParams params = params_of(3, 16, 256, 512);
    g_auto(Cx6dxTiming) timing = { 0 };
    uint64_t without, with;

    cx6dx_timing_init(&timing, &params);
    without = dma_read(&timing, 0, 64);
    params.dma_read_latency_ns = 543;
    cx6dx_timing_free(&timing);
    cx6dx_timing_init(&timing, &params);
    with = dma_read(&timing, 0, 64);
    g_assert_cmpuint(with, ==, without + 543);
    /* reads overlap: the second waits for the link, not for the latency */
    g_assert_cmpuint(dma_read(&timing, 0, 64), <, with + 20);
    /* and writes do not wait for reads */
    g_assert_cmpuint(dma_write(&timing, 0, 64), <, 20);
}

static void test_long_uptime(void)
{
    const uint64_t day_ns = 86400ull * 1000000000;
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    g_auto(Cx6dxTiming) timing = { 0 };
    unsigned day;

    params.link_mbps = 1000;
    cx6dx_timing_init(&timing, &params);
    for (day = 0; day < 1000; day += 37) {
        uint64_t now = day * day_ns + 12345;

        g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, now, 60), ==, now + 672);
        g_assert_cmpuint(cx6dx_timing_wire_tx(&timing, now, 60), ==,
                         now + 1344);
        g_assert_cmpuint(dma_read(&timing, now, 4096), >, now);
        g_assert_cmpuint(dma_read(&timing, now, 4096), <,
                         now + 2000);
    }
}

/* Every operation, at 77 */
static uint64_t all_operations(Cx6dxTiming *timing, Cx6dxTimingFlow *flow)
{
    uint64_t order = 0, latest = 0;
    const uint64_t ends[] = {
        cx6dx_timing_doorbell(timing, 77),
        dma_read(timing, 77, 4096),
        dma_write(timing, 77, 4096),
        cx6dx_timing_seen(timing, 77),
        cx6dx_timing_interrupt(timing, 77),
        cx6dx_timing_command(timing, 77, CX6DX_FW_TIS_CREATE, 1),
        cx6dx_timing_wire_tx(timing, 77, 4096),
        cx6dx_timing_wire_rx(timing, 77, 4096),
        cx6dx_timing_context(timing, 77, 5, flow),
        cx6dx_timing_recover(timing, 77, 4096, flow),
        (cx6dx_timing_tx_begin(timing, 77, 77, &order),
         cx6dx_timing_tx_frame(timing, 77, 1500)),
        cx6dx_timing_rx_frame(timing, 77),
        cx6dx_timing_rx_tls(timing, 77, 6, 1000, flow),
        cx6dx_timing_rx_done(timing, 77, dma_write(timing, 77, 1500), &order,
                             64, flow),
    };

    for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
        g_assert_cmpuint(ends[i], >=, 77);
        latest = MAX(latest, ends[i]);
    }
    cx6dx_timing_context_gone(timing, 5);
    return latest;
}

static void test_off(void)
{
    g_autofree Cx6dxTiming *timing = g_new0(Cx6dxTiming, 1);
    g_autofree Cx6dxTiming *fresh = g_new0(Cx6dxTiming, 1);
    Cx6dxTimingParams params;
    Cx6dxTimingFlow flow = { 0 };

    cx6dx_timing_default_params(&params);
    g_assert_false(params.enabled);
    cx6dx_timing_init(timing, &params);
    cx6dx_timing_init(fresh, &params);
    g_assert_null(timing->contexts.links);
    g_assert_cmpuint(all_operations(timing, &flow), ==, 77);
    memset(&timing->tx, 0, sizeof(timing->tx));
    g_assert_cmpmem(timing, sizeof(*timing), fresh, sizeof(*fresh));
    g_assert_cmpuint(flow.latency.count + flow.cache_misses, ==, 0);
    params.enabled = true;
    cx6dx_timing_init(timing, &params);
    g_assert_cmpuint(dma_read(timing, 77, 0), ==, 77);
    g_assert_cmpuint(dma_write(timing, 78, 0), ==, 78);
    g_assert_cmpuint(all_operations(timing, &flow), >, 77 + 543);
    g_assert_cmpuint(flow.latency.count, ==, 1);
    cx6dx_timing_free(timing);
}

/* After a reset everything is as in the beginning, memory included */
static void test_reset(void)
{
    g_autofree Cx6dxTiming *timing = g_new0(Cx6dxTiming, 1);
    Cx6dxTimingFlow flow = { 0 };
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    Cx6dxTimingNumber number;
    uint64_t latest;

    cx6dx_timing_init(timing, &params);
    latest = all_operations(timing, &flow);
    g_assert_cmpuint(all_operations(timing, &flow), >, latest);
    cx6dx_timing_reset(timing);
    for (size_t n = 0; cx6dx_timing_number(timing, n, &number); n++) {
        g_assert_cmpuint(number.value, ==, 0);
    }
    g_assert_cmpuint(all_operations(timing, &flow), ==, latest);
    cx6dx_timing_free(timing);
}

static uint64_t number_of(const Cx6dxTiming *timing, const char *name)
{
    Cx6dxTimingNumber number;

    for (size_t n = 0; cx6dx_timing_number(timing, n, &number); n++) {
        if (!strcmp(number.name, name)) {
            return number.value;
        }
    }
    g_assert_not_reached();
}

static void test_accounts(void)
{
    g_autofree Cx6dxTiming *timing = g_new0(Cx6dxTiming, 1);
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    Cx6dxTimingFlow flow = { 0 };
    uint64_t order = 0, end;

    params.link_mbps = 1000;
    cx6dx_timing_init(timing, &params);
    cx6dx_timing_tx_begin(timing, 0, 100, &order);
    cx6dx_timing_tx_tls(timing, CX6DX_TIMING_TIS(7), 54, &flow);
    cx6dx_timing_tx_frame(timing, 100, 1514);
    end = cx6dx_timing_tx_frame(timing, 100, 1514);
    g_assert_cmpuint(DIV_ROUND_UP(order, 1000), ==, end);
    g_assert_cmpstr(cx6dx_timing_res_str(CX6DX_TIMING_WIRE_TX), ==, "wire_tx");
    g_assert_cmpuint(number_of(timing, "wire_tx_busy_ns"), ==, 24608);
    g_assert_cmpuint(number_of(timing, "wire_tx_operations"), ==, 2);
    g_assert_cmpuint(number_of(timing, "wire_tx_bytes"), ==, 2 * 1538);
    g_assert_cmpuint(number_of(timing, "crypto_tx_bytes"), ==, 2 * 1460);
    g_assert_cmpuint(number_of(timing, "ctx_misses"), ==, 1);
    g_assert_cmpuint(number_of(timing, "dma_read_bytes"), ==, 208);
    g_assert_cmpuint(number_of(timing, "doorbell_to_wire_max_ns"), ==, end);
    g_assert_cmpuint(flow.latency.count, ==, 2);
    g_assert_cmpuint(flow.latency.max_ns, ==, end);
    /* 14 and 26 microseconds */
    g_assert_cmpuint(flow.latency.bucket[13], ==, 1);
    g_assert_cmpuint(flow.latency.bucket[14], ==, 1);
    cx6dx_timing_recover(timing, 0, 5000, &flow);
    g_assert_cmpuint(flow.recovery_bytes, ==, 5000);
    g_assert_cmpuint(number_of(timing, "recovery_bytes"), ==, 5000);
    cx6dx_timing_free(timing);
}

/* With room for two contexts the third one costs a read and a write */
static void test_contexts(void)
{
    g_autofree Cx6dxTiming *timing = g_new0(Cx6dxTiming, 1);
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    Cx6dxTimingFlow flow = { 0 };

    params.ctx_cache_bytes = 2 * 208 + 100;
    params.dma_read_latency_ns = 543;
    cx6dx_timing_init(timing, &params);
    g_assert_cmpuint(cx6dx_timing_context(timing, 10, 1, &flow), >, 10 + 543);
    g_assert_cmpuint(cx6dx_timing_context(timing, 9000, 1, &flow), ==, 9000);
    cx6dx_timing_context(timing, 9000, 2, &flow);
    g_assert_cmpuint(timing->pcie.write_bytes, ==, 0);
    cx6dx_timing_context(timing, 9000, 3, &flow);
    g_assert_cmpuint(timing->pcie.write_bytes, ==, 208);
    g_assert_cmpuint(timing->pcie.read_bytes, ==, 3 * 208);
    g_assert_cmpuint(flow.cache_misses, ==, 3);
    /* one that is gone makes room without a write */
    cx6dx_timing_context_gone(timing, 3);
    cx6dx_timing_context(timing, 9000, 4, &flow);
    g_assert_cmpuint(timing->pcie.write_bytes, ==, 208);
    /* room below one context is room for one */
    params.ctx_cache_bytes = 1;
    cx6dx_timing_set_params(timing, &params);
    g_assert_cmpuint(timing->contexts.capacity, ==, 1);
    g_assert_cmpuint(timing->contexts.resident, ==, 1);
    cx6dx_timing_free(timing);
}

/* A change of parameters while work goes on */
static void test_change(void)
{
    g_autofree Cx6dxTiming *timing = g_new0(Cx6dxTiming, 1);
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    uint64_t first;

    params.link_mbps = 1000;
    cx6dx_timing_init(timing, &params);
    first = cx6dx_timing_wire_tx(timing, 0, 1514);
    g_assert_cmpuint(first, ==, 12304);
    params.link_mbps = 100000;
    params.enabled = false;
    cx6dx_timing_set_params(timing, &params);
    g_assert_true(timing->params.enabled);
    g_assert_cmpuint(cx6dx_timing_wire_tx(timing, 0, 1514), ==, first + 124);
    cx6dx_timing_free(timing);
}

/* As fast as the slowest stage, and frames of a queue in order */
static void test_packet_rate(void)
{
    enum { N = 10000 };
    g_autofree Cx6dxTiming *timing = g_new0(Cx6dxTiming, 1);
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    uint64_t order = 0, last = 0, end = 0, rx = 0;

    params.link_mbps = 400000;
    cx6dx_timing_init(timing, &params);
    cx6dx_timing_tx_begin(timing, 0, 0, &order);
    for (unsigned i = 0; i < N; i++, last = end) {
        end = cx6dx_timing_tx_frame(timing, 0, 60);
        g_assert_cmpuint(end, >, last);
        rx = cx6dx_timing_rx_frame(timing, 0);
    }
    /* 10 ns each, and the length of the pipeline */
    g_assert_cmpuint(end, ==, 10 * N + 300 + 2);
    g_assert_cmpuint(rx, ==, 10 * N + 300);
    cx6dx_timing_free(timing);
}

/* Small frames of one queue fill a fast wire: nothing is lost to rounding */
static void test_line_rate_of_a_queue(void)
{
    enum { N = 10000 };
    g_autofree Cx6dxTiming *timing = g_new0(Cx6dxTiming, 1);
    Cx6dxTimingParams params = params_of(4, 16, 256, 512);
    Cx6dxTimingFlow flow = { 0 };
    uint64_t order = 0, end = 0;

    params.link_mbps = 200000;
    params.crypto_mbps = 400000;
    params.tx_packet_ps = 0;
    cx6dx_timing_init(timing, &params);
    cx6dx_timing_tx_begin(timing, 0, 0, &order);
    cx6dx_timing_context(timing, 0, 1, &flow);
    cx6dx_timing_tx_tls(timing, 1, 54, &flow);
    for (unsigned i = 0; i < N; i++) {
        end = cx6dx_timing_tx_frame(timing, 0, 60);
    }
    /* 3.36 ns each; and the pipelines' length */
    g_assert_cmpuint(end, >=, 3.36 * N);
    g_assert_cmpuint(end, <=, 3.36 * N + 300 + 100 + 60);
    cx6dx_timing_free(timing);
}

static void test_huge_operation(void)
{
    Cx6dxTimingParams params = params_of(3, 1, 128, 128);
    g_auto(Cx6dxTiming) timing = { 0 };
    uint64_t end;

    cx6dx_timing_init(&timing, &params);
    end = dma_write(&timing, 0, UINT32_MAX);
    /* 5.1e9 bytes at 0.937 GB/s of TLPs */
    g_assert_cmpuint(end, >, 5400000000);
    g_assert_cmpuint(end, <, 5600000000);
    g_assert_cmpuint(dma_read(&timing, 0, UINT32_MAX), >, end);
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
    g_test_add_func("/cx6dx/timing/reset-forgets-all", test_reset);
    g_test_add_func("/cx6dx/timing/accounts", test_accounts);
    g_test_add_func("/cx6dx/timing/contexts/cost", test_contexts);
    g_test_add_func("/cx6dx/timing/params/change-while-running", test_change);
    g_test_add_func("/cx6dx/timing/packets/line-rate-of-one-queue",
                    test_line_rate_of_a_queue);
    g_test_add_func("/cx6dx/timing/packets/rate-of-the-slowest-stage",
                    test_packet_rate);
    return g_test_run();
}

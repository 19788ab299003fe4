/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "timing_pipeline": properties under random load
 */
#include "qemu/osdep.h"
#include "pure/timing_pipeline.h"

enum { OPERATIONS = 4000, ROUNDS = 20 };

static int by_begin(gconstpointer a, gconstpointer b)
{
    const Cx6dxSpan *x = a, *y = b;

    return x->begin < y->begin ? -1 : x->begin > y->begin;
}

/*
 * Random operations, whose times go on but not in order: never two at once, none
 * before it was asked for, and the time spent is the sum of what each takes.
 */
static void test_random_load(void)
{
    GRand *rand = g_rand_new_with_seed(17);

    for (unsigned round = 0; round < ROUNDS; round++) {
        Cx6dxTimeline line = { 0 };
        Cx6dxRate rate = { 1 + g_rand_int_range(rand, 0, 100000),
                           1 + g_rand_int_range(rand, 0, 100) };
        GArray *spans = g_array_new(false, false, sizeof(Cx6dxSpan));
        uint64_t units = 0, busy = 0, stall = 0, now = 0;

        for (unsigned i = 0; i < OPERATIONS; i++) {
            uint64_t at = now + g_rand_int_range(rand, 0, 3000000);
            uint32_t n = g_rand_int_range(rand, 0, 2000);
            Cx6dxSpan span = cx6dx_timeline_take(&line, at, n, rate);

            now += g_rand_int_range(rand, 0, 2 * 1000 * rate.num / rate.den +
                                    2);
            g_assert_cmpuint(span.begin, >=, at);
            g_assert_cmpuint(span.end, >=, span.begin);
            if (span.end > span.begin) {
                g_array_append_val(spans, span);
            }
            units += n;
            busy += span.end - span.begin;
            stall += span.begin - at;
        }
        g_array_sort(spans, by_begin);
        for (unsigned i = 1; i < spans->len; i++) {
            g_assert_cmpuint(g_array_index(spans, Cx6dxSpan, i).begin, >=,
                             g_array_index(spans, Cx6dxSpan, i - 1).end);
        }
        g_assert_cmpuint(line.busy_ps, ==, busy);
        g_assert_cmpuint(line.stall_ps, ==, stall);
        g_assert_cmpuint(line.bytes, ==, units);
        g_assert_cmpuint(line.operations, ==, OPERATIONS);
        /* no drift: rounded once, not four thousand times */
        g_assert_cmpuint(busy, ==, units * rate.num / rate.den);
        g_array_unref(spans);
    }
    g_rand_free(rand);
}

/* More work never ends sooner, and a later time never begins sooner */
static void test_monotone(void)
{
    const Cx6dxRate rate = { 1000, 3 };
    uint64_t last = 0;

    for (uint32_t units = 0; units < 5000; units += 7) {
        Cx6dxTimeline line = { 0 };
        uint64_t end;

        cx6dx_timeline_take(&line, 1000, 50, rate);
        end = cx6dx_timeline_take(&line, 1000, units, rate).end;
        g_assert_cmpuint(end, >=, last);
        last = end;
    }
    last = 0;
    for (uint64_t at = 0; at < 100000; at += 99) {
        Cx6dxTimeline line = { 0 };
        uint64_t end;

        cx6dx_timeline_take(&line, 1000, 50, rate);
        end = cx6dx_timeline_take(&line, at, 10, rate).end;
        g_assert_cmpuint(end, >=, last);
        last = end;
    }
}

static void test_gaps(void)
{
    const Cx6dxRate rate = cx6dx_rate_ps(1);
    Cx6dxTimeline line = { 0 };

    /* an answer at 1000 leaves the time before it to others */
    g_assert_cmpuint(cx6dx_timeline_take(&line, 0, 10, rate).begin, ==, 0);
    g_assert_cmpuint(cx6dx_timeline_take(&line, 1000, 50, rate).begin, ==,
                     1000);
    g_assert_cmpuint(cx6dx_timeline_take(&line, 5, 10, rate).begin, ==, 10);
    g_assert_cmpuint(cx6dx_timeline_take(&line, 500, 10, rate).begin, ==, 500);
    /* equal times: the first come is the first served */
    g_assert_cmpuint(cx6dx_timeline_take(&line, 5, 10, rate).begin, ==, 20);
    g_assert_cmpuint(cx6dx_timeline_take(&line, 5, 10, rate).begin, ==, 30);
    /* exactly what is left of a gap, then behind it */
    g_assert_cmpuint(cx6dx_timeline_take(&line, 0, 460, rate).begin, ==, 40);
    g_assert_cmpuint(cx6dx_timeline_take(&line, 0, 490, rate).begin, ==, 510);
    g_assert_cmpuint(line.gaps, ==, 0);
    g_assert_cmpuint(cx6dx_timeline_take(&line, 0, 1, rate).begin, ==, 1050);
    g_assert_cmpuint(line.max_stall_ps, ==, 1050);
}

/* With all gaps in use the oldest is lost; what is given is still right */
static void test_many_gaps(void)
{
    const Cx6dxRate rate = cx6dx_rate_ps(1);
    Cx6dxTimeline line = { 0 };
    unsigned n = 3 * CX6DX_TIMELINE_GAPS;

    for (unsigned i = 0; i <= n; i++) {
        cx6dx_timeline_take(&line, 1000 * i, 10, rate);
    }
    g_assert_cmpuint(line.gaps, ==, CX6DX_TIMELINE_GAPS);
    g_assert_cmpuint(cx6dx_timeline_take(&line, 0, 10, rate).begin, ==,
                     1000 * (n - CX6DX_TIMELINE_GAPS) + 10);
    /* splits a gap in the middle: the oldest goes for it */
    g_assert_cmpuint(cx6dx_timeline_take(&line, 1000 * (n - 3) + 500, 10,
                                         rate).begin, ==, 1000 * (n - 3) + 500);
    g_assert_cmpuint(line.gaps, ==, CX6DX_TIMELINE_GAPS);
    g_assert_cmpuint(cx6dx_timeline_take(&line, 0, 10, rate).begin, ==,
                     1000 * (n - CX6DX_TIMELINE_GAPS + 1) + 10);
    /* the oldest one is split, and there is no room for its first part */
    g_assert_cmpuint(cx6dx_timeline_take(&line, line.gap[line.first_gap].begin
                                         + 5, 10, rate).begin % 1000, ==, 25);
    g_assert_cmpuint(line.gaps, ==, CX6DX_TIMELINE_GAPS);
}

static void test_until(void)
{
    const Cx6dxRate rate = cx6dx_rate_mbps(1000);
    Cx6dxTimeline line = { 0 };
    Cx6dxSpan span;

    /* 100 bytes take 800 ns */
    span = cx6dx_timeline_take_until(&line, 1000000, 100, rate);
    g_assert_cmpuint(span.begin, ==, 200000);
    g_assert_cmpuint(span.end, ==, 1000000);
    span = cx6dx_timeline_take_until(&line, 1000000, 100, rate);
    g_assert_cmpuint(span.end, ==, 1800000);
    /* no limit: no time */
    span = cx6dx_timeline_take(&line, 5, 100, cx6dx_rate_mbps(0));
    g_assert_cmpuint(span.begin, ==, 5);
    g_assert_cmpuint(span.end, ==, 5);
    g_assert_cmpuint(cx6dx_ps_max(5, (uint64_t)-5), ==, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/timing_pipeline/random-load", test_random_load);
    g_test_add_func("/cx6dx/timing_pipeline/monotone", test_monotone);
    g_test_add_func("/cx6dx/timing_pipeline/gaps", test_gaps);
    g_test_add_func("/cx6dx/timing_pipeline/more-gaps-than-kept",
                    test_many_gaps);
    g_test_add_func("/cx6dx/timing_pipeline/until", test_until);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "timing_pcie": closed form, tag law, latency, order
 */
#include "qemu/osdep.h"
#include "pure/timing_pcie.h"

static Cx6dxTimingParams params_of(unsigned gen, unsigned lanes, unsigned mps,
                                   unsigned mrrs)
{
    Cx6dxTimingParams params;

    cx6dx_timing_default_params(&params);
    cx6dx_timing_use_profile(&params, CX6DX_TIMING_IDEAL);
    params.pcie_gen = gen;
    params.pcie_lanes = lanes;
    params.pcie_mps_bytes = mps;
    params.pcie_mrrs_bytes = mrrs;
    g_assert_null(cx6dx_timing_check_params(&params));
    return params;
}

/*
 * Effective Gb/s of the paper's formula, in floating point and not by way of
 * the room's own rates: GT/s * 128/130 * lanes * (1 - 16/limit - 4/1538) times
 * payload over bytes of TLPs.
 */
static double formula(const Cx6dxTimingParams *p, uint32_t size, bool write)
{
    /* lanes 4, 8, 16 by MPS 128, 256, 512 */
    static const uint16_t limits[3][3] = {
        { 169, 214, 250 }, { 163, 203, 182 }, { 144, 168, 182 },
    };
    unsigned l = p->pcie_lanes == 4 ? 0 : p->pcie_lanes == 8 ? 1 : 2;
    unsigned m = p->pcie_mps_bytes == 128 ? 0 : p->pcie_mps_bytes == 256 ? 1 : 2;
    double rate = (8 << (p->pcie_gen - 3)) * 128.0 / 130.0 * p->pcie_lanes *
                  (1 - 16.0 / limits[l][m] - 4.0 / 1538);
    double tlps = (size + p->pcie_mps_bytes - 1) / p->pcie_mps_bytes;
    double requests = (size + p->pcie_mrrs_bytes - 1) / p->pcie_mrrs_bytes;
    double bytes = write ? size + tlps * 24
                         : MAX(size + tlps * 20, requests * 24);

    return rate * size / bytes;
}

static double measured(Cx6dxPcie *pcie, uint32_t size, bool write)
{
    uint64_t n = MAX(20, 200000 / size), end = 0;

    cx6dx_pcie_reset(pcie);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t one = write ? cx6dx_pcie_write(pcie, 0, size)
                             : cx6dx_pcie_read(pcie, 0, size);

        end = MAX(end, one);
    }
    return 8000.0 * size * n / end;
}

/* Every combination that is asked for; 0.1 % */
static void test_closed_form(void)
{
    static const unsigned gens[] = { 3, 4, 5 }, lanes[] = { 4, 8, 16 };
    static const unsigned mps[] = { 128, 256, 512 };
    static const uint32_t sizes[] = {
        1, 2, 3, 4, 7, 8, 16, 31, 32, 63, 64, 65, 100, 127, 128, 129, 200, 255,
        256, 257, 300, 511, 512, 513, 777, 1000, 1024, 1448, 1500, 2048, 3000,
        4096, 5000, 8192, 9000, 16384, 16400, 32768, 40000, 65535, 65536,
    };
    g_autofree Cx6dxPcie *pcie = g_new0(Cx6dxPcie, 1);
    unsigned combinations = 0;

    for (unsigned i = 0; i < 81 * 6; i++) {
        unsigned mrrs = 128u << i % 6;
        Cx6dxTimingParams params;

        if (i / 6 % 3 != 0) {
            continue;
        }
        params = params_of(gens[i / 18 % 3], lanes[i / 54 % 3],
                           mps[i / 162 % 3], mrrs);
        cx6dx_pcie_set(pcie, &params);
        combinations++;
        for (unsigned s = 0; s < ARRAY_SIZE(sizes); s++) {
            for (int write = 0; write < 2; write++) {
                double want = formula(&params, sizes[s], write);
                double is = measured(pcie, sizes[s], write);
                /* the first request of a read goes before its answer */
                double slack = write ? 0.001 : 0.02;

                g_assert_cmpfloat(is, <, want * 1.001);
                g_assert_cmpfloat(is, >, want * (1 - slack));
            }
        }
    }
    g_assert_cmpuint(combinations, ==, 3 * 3 * 3 * 6);
}

/* With the first request's time taken off, reads are as exact as writes */
static void test_closed_form_of_reads(void)
{
    g_autofree Cx6dxPcie *pcie = g_new0(Cx6dxPcie, 1);

    for (unsigned mrrs = 128; mrrs <= 4096; mrrs *= 2) {
        for (uint32_t size = 1; size <= 65536; size = size * 3 / 2 + 1) {
            Cx6dxTimingParams params = params_of(4, 16, 256, mrrs);
            double want = formula(&params, size, false);
            uint64_t n = 2000, busy;

            cx6dx_pcie_set(pcie, &params);
            cx6dx_pcie_reset(pcie);
            for (uint64_t i = 0; i < n; i++) {
                cx6dx_pcie_read(pcie, 0, size);
            }
            busy = MAX(pcie->up.busy_ps, pcie->down.busy_ps);
            g_assert_cmpfloat(8000.0 * size * n / busy, <, want * 1.0001);
            g_assert_cmpfloat(8000.0 * size * n / busy, >, want * 0.9999);
            g_assert_cmpuint(pcie->read_bytes, ==, n * size);
        }
    }
}

/* Bandwidth is tags * MRRS / latency, where that is below the link's: 2 % */
static void test_tag_law(void)
{
    static const unsigned tags[] = { 1, 2, 8, 16, 32, 64 };
    static const unsigned mrrs[] = { 128, 256, 512 };
    g_autofree Cx6dxPcie *pcie = g_new0(Cx6dxPcie, 1);

    for (unsigned i = 0; i < ARRAY_SIZE(tags) * ARRAY_SIZE(mrrs); i++) {
        Cx6dxTimingParams params = params_of(5, 16, 512, mrrs[i % 3]);
        const uint64_t n = 20000;
        double law, is, alone;
        uint64_t end = 0;

        params.pcie_tags = tags[i / 3];
        params.dma_read_latency_ns = 1000;
        cx6dx_pcie_set(pcie, &params);
        cx6dx_pcie_reset(pcie);
        /* of one request, on a link that is free */
        alone = cx6dx_pcie_read(pcie, 0, mrrs[i % 3]);
        cx6dx_pcie_reset(pcie);
        for (uint64_t k = 0; k < n; k++) {
            end = cx6dx_pcie_read(pcie, 0, mrrs[i % 3]);
        }
        law = 8000.0 * tags[i / 3] * mrrs[i % 3] / alone;
        is = 8000.0 * mrrs[i % 3] * n / end;
        g_assert_cmpfloat(law, <, 300);
        g_assert_cmpfloat(is, <, law * 1.02);
        g_assert_cmpfloat(is, >, law * 0.98);
        g_assert_cmpuint(pcie->tag_stalls, ==, n - tags[i / 3]);
        g_assert_cmpuint(pcie->tag_stall_ps, >, 0);
    }
}

static void note_begin(void *opaque, uint32_t line, Cx6dxSpan span,
                       uint64_t units)
{
    *(uint64_t *)opaque = span.begin;
}

/* Never more reads under way than tags, whatever is asked for and when */
static void test_tags_in_use(void)
{
    enum { N = 3000 };
    g_autofree Cx6dxPcie *pcie = g_new0(Cx6dxPcie, 1);
    g_autofree Cx6dxSpan *spans = g_new(Cx6dxSpan, N);
    GRand *rand = g_rand_new_with_seed(5);
    uint64_t begin = 0, now = 0;
    const Cx6dxTimelineWatch watch = { note_begin, &begin };

    for (unsigned tags = 1; tags <= 64; tags *= 4) {
        Cx6dxTimingParams params = params_of(4, 8, 256, 512);
        unsigned most = 0;

        params.pcie_tags = tags;
        params.dma_read_latency_ns = 500;
        cx6dx_pcie_reset(pcie);
        cx6dx_pcie_set(pcie, &params);
        pcie->up.watch = &watch;
        for (unsigned i = 0; i < N; i++) {
            now += g_rand_int_range(rand, 0, i % 500 < 250 ? 5000 : 900000);
            /* some for later, as a packet's life is laid out at once */
            spans[i].end = cx6dx_pcie_read(pcie, now + g_rand_int_range(rand, 0,
                                                                        300000),
                                           g_rand_int_range(rand, 1, 513));
            spans[i].begin = begin;
            g_assert_cmpuint(begin, >=, now);
            g_assert_cmpuint(spans[i].end, >, begin + 500000);
        }
        for (unsigned i = 0; i < N; i++) {
            unsigned under_way = 0;

            for (unsigned k = 0; k < N; k++) {
                under_way += spans[k].begin <= spans[i].begin &&
                             spans[k].end > spans[i].begin;
            }
            most = MAX(most, under_way);
        }
        g_assert_cmpuint(most, ==, tags);
        g_assert_cmpuint(pcie->most_tags, ==, tags);
    }
    g_rand_free(rand);
}

/* The published row for another card, by the profile for it: 5 % */
static void test_published_latency(void)
{
    static const struct {
        uint32_t bytes, ns;
    } rows[] = {
        { 8, 546 }, { 64, 546 }, { 128, 573 }, { 256, 626 }, { 512, 706 },
        { 1024, 853 }, { 1520, 986 }, { 2048, 1133 },
    };
    g_autofree Cx6dxPcie *pcie = g_new0(Cx6dxPcie, 1);
    Cx6dxTimingParams params;

    params.enabled = true;
    cx6dx_timing_use_profile(&params, CX6DX_TIMING_NFP_GEN3X8);
    cx6dx_pcie_set(pcie, &params);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t ps;

        cx6dx_pcie_reset(pcie);
        ps = cx6dx_pcie_read(pcie, 0, rows[i].bytes);
        g_assert_cmpuint(ps, >=, rows[i].ns * 950);
        g_assert_cmpuint(ps, <=, rows[i].ns * 1050);
    }
}

/* Other widths while work goes on: nothing is lost, tags begin anew */
static void test_change(void)
{
    g_autofree Cx6dxPcie *pcie = g_new0(Cx6dxPcie, 1);
    Cx6dxTimingParams params = params_of(3, 8, 256, 512);
    uint64_t one, two;

    params.pcie_tags = 2;
    params.dma_read_latency_ns = 1000;
    cx6dx_pcie_set(pcie, &params);
    one = cx6dx_pcie_write(pcie, 0, 4096);
    cx6dx_pcie_read(pcie, 0, 4096);
    params.pcie_lanes = 4;
    params.pcie_tags = 0;
    cx6dx_pcie_set(pcie, &params);
    two = cx6dx_pcie_write(pcie, 1ull << 40, 4096) - (1ull << 40);
    g_assert_cmpuint(two, >, one * 19 / 10);
    g_assert_cmpuint(two, <, one * 21 / 10);
    g_assert_cmpuint(pcie->write_bytes, ==, 8192);
    /* without a limit nothing waits for a tag */
    pcie->tag_stalls = 0;
    cx6dx_pcie_read(pcie, 1ull << 41, 65536);
    g_assert_cmpuint(pcie->tag_stalls, ==, 0);
    g_assert_cmpuint(cx6dx_pcie_doorbell(pcie, 1ull << 42), >, 1ull << 42);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/timing_pcie/closed-form", test_closed_form);
    g_test_add_func("/cx6dx/timing_pcie/closed-form-of-reads",
                    test_closed_form_of_reads);
    g_test_add_func("/cx6dx/timing_pcie/tag-law", test_tag_law);
    g_test_add_func("/cx6dx/timing_pcie/no-more-reads-than-tags",
                    test_tags_in_use);
    g_test_add_func("/cx6dx/timing_pcie/published-latency",
                    test_published_latency);
    g_test_add_func("/cx6dx/timing_pcie/change-while-running", test_change);
    return g_test_run();
}

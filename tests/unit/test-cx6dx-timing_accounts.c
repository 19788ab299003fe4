/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "timing" as a whole, by what its watch sees: random
 * loads of all operations, as a device gives them, keep the rules of resources,
 * of PCIe and of queues, and the accounts add up to what was seen
 */
#include "qemu/osdep.h"
#include "pure/timing.h"

enum { QUEUES = 4, FLOWS = 6, ROUNDS = 12, STEPS = 3000 };

typedef struct Load {
    Cx6dxTiming timing;
    GRand *rand;
    GArray *spans;              /* Cx6dxTimingSpan, as they were given */
    uint64_t now_ns;
    uint64_t earliest_ns;       /* nothing now may begin before */
    uint64_t tx_order[QUEUES], tx_done[QUEUES], rx_done[QUEUES];
    uint64_t eq_written;
    Cx6dxTimingFlow flow[FLOWS];
    uint64_t dma_bytes[CX6DX_TIMING_DMA_USES];
} Load;

static void seen(void *opaque, const Cx6dxTimingSpan *span)
{
    Load *load = opaque;

    g_assert_cmpuint(span->ps.begin, >=, load->earliest_ns * 1000);
    g_assert_cmpuint(span->ps.end, >, span->ps.begin);
    g_array_append_val(load->spans, *span);
}

static uint32_t below(Load *load, uint32_t n)
{
    return g_rand_int_range(load->rand, 0, n);
}

static Cx6dxTimingParams random_params(Load *load)
{
    Cx6dxTimingParams params;

    cx6dx_timing_use_profile(&params, below(load, CX6DX_TIMING_PROFILES));
    params.enabled = true;
    params.pcie_gen = 3 + below(load, 3);
    params.pcie_lanes = 1 << below(load, 5);
    params.pcie_mps_bytes = 128 << below(load, 6);
    params.pcie_mrrs_bytes = 128 << below(load, 6);
    params.pcie_rcb_bytes = below(load, 2) ? 64 << below(load, 2) : 0;
    params.pcie_tags = below(load, 4) ? 1 + below(load, 64) : 0;
    params.link_mbps = 1000 + below(load, 200000);
    params.ctx_cache_bytes = below(load, 2) ? 3 * params.ctx_bytes : 0;
    g_assert_null(cx6dx_timing_check_params(&params));
    return params;
}

static Load *load_new(uint32_t seed)
{
    Load *load = g_new0(Load, 1);
    Cx6dxTimingParams params;

    load->now_ns = 1000000;
    load->rand = g_rand_new_with_seed(seed);
    load->spans = g_array_new(false, false, sizeof(Cx6dxTimingSpan));
    params = random_params(load);
    cx6dx_timing_init(&load->timing, &params);
    cx6dx_timing_watch(&load->timing, seen, load);
    return load;
}

static void load_free(Load *load)
{
    cx6dx_timing_free(&load->timing);
    g_array_unref(load->spans);
    g_rand_free(load->rand);
    g_free(load);
}

static const Cx6dxTimingSpan *nth(const Load *load, unsigned i)
{
    return &g_array_index(load->spans, Cx6dxTimingSpan, i);
}

/* ---- Operations, each checked for its own order ---- */

static uint64_t dma(Load *load, Cx6dxTimingUse use, bool write, uint64_t at_ns,
                    uint32_t bytes)
{
    uint64_t end_ns;

    load->dma_bytes[use] += bytes;
    end_ns = write ? cx6dx_timing_dma_write(&load->timing, use, at_ns, bytes)
                   : cx6dx_timing_dma_read(&load->timing, use, at_ns, bytes);
    g_assert_cmpuint(end_ns, >=, at_ns);
    return end_ns;
}

static void event(Load *load, uint64_t at_ns)
{
    uint64_t written = dma(load, CX6DX_TIMING_EQE, true,
                           MAX(at_ns, load->eq_written), 64);
    unsigned first = load->spans->len;

    /* entries of an event queue in order, the message behind its event */
    g_assert_cmpuint(written, >=, load->eq_written);
    load->eq_written = written;
    g_assert_cmpuint(cx6dx_timing_interrupt(&load->timing, written), >=,
                     written);
    load->dma_bytes[CX6DX_TIMING_MSIX] += 4;
    g_assert_cmpuint(nth(load, first)->ps.begin, >=, written * 1000 - 999);
}

static void send(Load *load)
{
    unsigned q = below(load, QUEUES), frames = 1 + below(load, 6);
    Cx6dxTimingFlow *flow = below(load, 2) ? &load->flow[below(load, FLOWS / 2)]
                                           : NULL;
    Cx6dxTiming *timing = &load->timing;
    uint64_t fetched, ready, done, bell;

    bell = cx6dx_timing_doorbell(timing, load->now_ns);
    g_assert_cmpuint(bell, >=, load->now_ns);
    fetched = dma(load, CX6DX_TIMING_SEND_WQE, false, bell,
                  64 * (1 + below(load, 16)));
    cx6dx_timing_tx_begin(timing, load->now_ns, fetched, &load->tx_order[q]);
    ready = dma(load, CX6DX_TIMING_SEND_DATA, false, fetched,
                1 + below(load, 20000));
    if (flow) {
        uint64_t misses = timing->contexts.misses;
        uint64_t gone = timing->contexts.evictions;

        cx6dx_timing_tx_tls(timing, flow - load->flow, 54, flow);
        load->dma_bytes[CX6DX_TIMING_CONTEXT] +=
            timing->params.ctx_bytes * (timing->contexts.misses - misses +
                                        timing->contexts.evictions - gone);
        g_assert_cmpuint(timing->tx.context_ns, >=, fetched);
    }
    while (frames--) {
        uint64_t last = load->tx_order[q], end;
        unsigned first = load->spans->len;

        end = cx6dx_timing_tx_frame(timing, ready, 60 + below(load, 1455));
        /* frames of a queue one after the other, none before its data */
        g_assert_cmpuint(end * 1000, >, last);
        g_assert_cmpuint(nth(load, first)->ps.begin, >=, ready * 1000);
        g_assert_cmpuint(nth(load, load->spans->len - 1)->ps.begin, >=, last);
    }
    done = dma(load, CX6DX_TIMING_CQE, true, MAX(ready, load->tx_done[q]), 64);
    g_assert_cmpuint(done, >=, load->tx_done[q]);
    load->tx_done[q] = done;
    event(load, cx6dx_timing_seen(timing, done));
}

static void receive(Load *load)
{
    unsigned q = below(load, QUEUES);
    Cx6dxTimingFlow *flow = below(load, 2)
        ? &load->flow[FLOWS / 2 + below(load, FLOWS / 2)] : NULL;
    Cx6dxTiming *timing = &load->timing;
    uint64_t bytes = 60 + below(load, 1455), at, placed, last;

    load->earliest_ns = 0;      /* it was on the wire before */
    at = cx6dx_timing_wire_rx(timing, load->now_ns, bytes);
    load->earliest_ns = load->now_ns;
    g_assert_cmpuint(at, >=, load->now_ns);
    placed = cx6dx_timing_rx_frame(timing, at);
    if (flow) {
        uint64_t before = flow->cipher_ps;
        uint64_t misses = timing->contexts.misses;
        uint64_t gone = timing->contexts.evictions;

        placed = cx6dx_timing_rx_tls(timing, placed, flow - load->flow,
                                     bytes - 54, flow);
        load->dma_bytes[CX6DX_TIMING_CONTEXT] +=
            timing->params.ctx_bytes * (timing->contexts.misses - misses +
                                        timing->contexts.evictions - gone);
        /* a connection's bytes pass the cipher in order */
        g_assert_cmpuint(flow->cipher_ps, >=, before);
    }
    placed = dma(load, CX6DX_TIMING_RECV_DATA, true, placed, bytes);
    last = load->rx_done[q];
    load->dma_bytes[CX6DX_TIMING_CQE] += 64;
    at = cx6dx_timing_rx_done(timing, load->now_ns, placed, &load->rx_done[q],
                              64, flow);
    /* the completion behind the data, and behind the last completion */
    g_assert_cmpuint(load->rx_done[q], >=, MAX(placed, last));
    g_assert_cmpuint(nth(load, load->spans->len - 1)->ps.begin, >=,
                     MAX(placed, last) * 1000);
    event(load, at);
}

static void recover(Load *load)
{
    Cx6dxTimingFlow *flow = &load->flow[below(load, FLOWS / 2)];
    uint64_t before = flow->cipher_ps, at;
    uint32_t bytes = 1 + below(load, 1448);

    at = dma(load, CX6DX_TIMING_RECOVERY, false, load->now_ns, bytes);
    g_assert_cmpuint(cx6dx_timing_recover(&load->timing, at, bytes, flow), >=,
                     at);
    g_assert_cmpuint(flow->cipher_ps, >=, before);
}

/* More of one kind than of another for a while, so that things pile up */
static void step(Load *load, unsigned i)
{
    load->now_ns += below(load, i % 700 < 400 ? 50 : 4000);
    load->earliest_ns = load->now_ns;
    switch (below(load, 8)) {
    case 0:
        recover(load);
        break;
    case 1:
        cx6dx_timing_command(&load->timing, load->now_ns,
                             below(load, CX6DX_FW_CLASSES), 1);
        break;
    case 2:
    case 3:
    case 4:
        receive(load);
        break;
    default:
        send(load);
        break;
    }
}

/* ---- What holds over all ---- */

static int by_begin(gconstpointer a, gconstpointer b)
{
    const Cx6dxTimingSpan *x = a, *y = b;

    if (x->res != y->res) {
        return x->res < y->res ? -1 : 1;
    }
    return x->ps.begin < y->ps.begin ? -1 : x->ps.begin > y->ps.begin;
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

/* One at a time; and busy for as long as it was seen to be */
static void check_resources(Load *load)
{
    uint64_t busy[CX6DX_TIMING_RESOURCES] = { 0 };
    uint64_t units[CX6DX_TIMING_RESOURCES] = { 0 };

    g_array_sort(load->spans, by_begin);
    for (unsigned i = 0; i < load->spans->len; i++) {
        const Cx6dxTimingSpan *span = nth(load, i);

        if (i && nth(load, i - 1)->res == span->res) {
            g_assert_cmpuint(span->ps.begin, >=, nth(load, i - 1)->ps.end);
        }
        busy[span->res] += span->ps.end - span->ps.begin;
        units[span->res] += span->units;
    }
    for (unsigned res = 0; res < CX6DX_TIMING_RESOURCES; res++) {
        const Cx6dxTimeline *line = cx6dx_timing_line(&load->timing, res);
        g_autofree char *name = g_strdup_printf("%s_busy_ns",
                                                cx6dx_timing_res_str(res));

        g_assert_cmpuint(line->busy_ps, ==, busy[res]);
        g_assert_cmpuint(number_of(&load->timing, name), ==, busy[res] / 1000);
        if (busy[res]) {
            /* what takes no time is not seen */
            g_assert_cmpuint(line->bytes, >=, units[res]);
            g_assert_cmpuint(line->stall_ps, >=, line->max_stall_ps);
        }
    }
}

static void check_bytes(const Load *load)
{
    const Cx6dxTiming *timing = &load->timing;
    uint64_t sum = 0;

    for (unsigned use = 0; use < CX6DX_TIMING_DMA_USES; use++) {
        g_autofree char *name = g_strdup_printf("dma_%s_bytes",
                                                cx6dx_timing_use_str(use));

        g_assert_cmpuint(number_of(timing, name), ==, load->dma_bytes[use]);
        sum += load->dma_bytes[use];
    }
    g_assert_cmpuint(sum, ==, timing->pcie.read_bytes +
                              timing->pcie.write_bytes);
    g_assert_cmpuint(timing->recovery_bytes, ==,
                     load->dma_bytes[CX6DX_TIMING_RECOVERY]);
    if (timing->params.pcie_tags) {
        g_assert_cmpuint(timing->pcie.most_tags, >, 0);
        g_assert_cmpuint(timing->pcie.most_tags, <=, timing->params.pcie_tags);
    }
}

static void check_latencies(const Load *load)
{
    uint64_t count = 0, misses = 0;

    for (unsigned i = 0; i < FLOWS; i++) {
        const Cx6dxTimingHist *hist = &load->flow[i].latency;
        uint64_t sum = 0;

        for (unsigned b = 0; b < CX6DX_TIMING_BUCKETS; b++) {
            sum += hist->bucket[b];
        }
        g_assert_cmpuint(sum, ==, hist->count);
        g_assert_cmpuint(hist->sum_ns, >=, hist->max_ns);
        g_assert_cmpuint(hist->sum_ns, <=, hist->count * hist->max_ns);
        count += hist->count;
        misses += load->flow[i].cache_misses;
    }
    g_assert_cmpuint(count, <=, load->timing.doorbell_to_wire.count +
                                load->timing.wire_to_cqe.count);
    g_assert_cmpuint(misses, ==, load->timing.contexts.misses);
}

static void test_random_load(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        Load *load = load_new(round + 1);

        for (unsigned i = 0; i < STEPS; i++) {
            step(load, i);
        }
        check_bytes(load);
        check_latencies(load);
        check_resources(load);
        load_free(load);
    }
}

/* Other parameters again and again: the rules hold all the same */
static void test_changes(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        Load *load = load_new(round + 100);

        for (unsigned i = 0; i < STEPS; i++) {
            if (i % 50 == 49) {
                Cx6dxTimingParams params = random_params(load);

                params.ctx_bytes = load->timing.params.ctx_bytes;
                cx6dx_timing_set_params(&load->timing, &params);
            }
            step(load, i);
        }
        check_resources(load);
        load_free(load);
    }
}

/* Twice the same load is twice the same, to the last span */
static void test_repeatable(void)
{
    Load *one = load_new(7), *two = load_new(7);

    for (unsigned i = 0; i < STEPS; i++) {
        step(one, i);
        step(two, i);
    }
    g_assert_cmpmem(one->spans->data,
                    one->spans->len * sizeof(Cx6dxTimingSpan),
                    two->spans->data,
                    two->spans->len * sizeof(Cx6dxTimingSpan));
    load_free(one);
    load_free(two);
}

/* What belongs together has one number, from the doorbell to the completion */
static void test_operations(void)
{
    Load *load = load_new(1);
    Cx6dxTiming *timing = &load->timing;
    uint64_t order = 0, op;
    unsigned first;

    cx6dx_timing_doorbell(timing, 0);
    op = timing->op;
    cx6dx_timing_tx_begin(timing, 0, 0, &order);
    cx6dx_timing_tx_frame(timing, 0, 1000);
    for (unsigned i = 0; i < load->spans->len; i++) {
        g_assert_cmpuint(nth(load, i)->op, ==, op);
    }
    first = load->spans->len;
    cx6dx_timing_command(timing, 0, CX6DX_FW_TIS_CREATE, 1);
    cx6dx_timing_wire_rx(timing, 100000, 1000);
    for (unsigned i = first; i < load->spans->len; i++) {
        g_assert_cmpuint(nth(load, i)->op, >, op);
        op = nth(load, i)->op;
    }
    g_assert_cmpuint(cx6dx_timing_begin(timing), ==, op + 1);
    /* a reset keeps who looks on */
    cx6dx_timing_reset(timing);
    first = load->spans->len;
    cx6dx_timing_doorbell(timing, 200000);
    g_assert_cmpuint(load->spans->len, ==, first + 1);
    load_free(load);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/timing_accounts/random-load", test_random_load);
    g_test_add_func("/cx6dx/timing_accounts/random-changes", test_changes);
    g_test_add_func("/cx6dx/timing_accounts/repeatable", test_repeatable);
    g_test_add_func("/cx6dx/timing_accounts/operations", test_operations);
    return g_test_run();
}

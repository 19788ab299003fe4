/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The seam of the timing model: operations of the device on modelled resources;
 * see timing.h
 */
#include "qemu/osdep.h"
#include "pure/timing.h"

enum {
    MSIX_BYTES = 4,

    /* IEEE 802.3 */
    WIRE_PREAMBLE_BYTES = 8,
    WIRE_FCS_BYTES = 4,
    WIRE_GAP_BYTES = 12,
    WIRE_MIN_FRAME_BYTES = 60,  /* without FCS */
};

/* 18 minutes */
#define LONGEST_WAIT_PS (1ull << 50)

/* ---- Watching ---- */

static void taken(void *opaque, uint32_t line, Cx6dxSpan span, uint64_t units)
{
    const Cx6dxTiming *timing = opaque;
    const Cx6dxTimingSpan told = {
        .res = line,
        .use = timing->use,
        .op = timing->op,
        .ps = span,
        .units = units,
    };

    timing->watch(timing->watch_opaque, &told);
}

static void watch_lines(Cx6dxTiming *timing)
{
    for (unsigned res = 0; res < CX6DX_TIMING_RESOURCES; res++) {
        Cx6dxTimeline *line = (Cx6dxTimeline *)cx6dx_timing_line(timing, res);

        line->watch = timing->watch ? &timing->lines : NULL;
        line->line = res;
    }
}

void cx6dx_timing_watch(Cx6dxTiming *timing, Cx6dxTimingWatch *watch,
                        void *opaque)
{
    timing->lines = (Cx6dxTimelineWatch) { taken, timing };
    timing->watch = watch;
    timing->watch_opaque = opaque;
    watch_lines(timing);
}

uint64_t cx6dx_timing_begin(Cx6dxTiming *timing)
{
    if (cx6dx_timing_on(timing)) {
        timing->op = ++timing->last_op;
    }
    return timing->op;
}

/* ---- Life ---- */

void cx6dx_timing_set_params(Cx6dxTiming *timing,
                             const Cx6dxTimingParams *params)
{
    bool enabled = timing->params.enabled;

    timing->params = *params;
    timing->params.enabled = enabled;
    timing->wire_rate = cx6dx_rate_mbps(params->link_mbps);
    timing->crypto_rate = cx6dx_rate_mbps(params->crypto_mbps);
    timing->wire_tx.rem = 0;
    timing->wire_rx.rem = 0;
    timing->crypto_tx.rem = 0;
    timing->crypto_rx.rem = 0;
    cx6dx_pcie_set(&timing->pcie, params);
    if (enabled) {
        uint32_t room = params->ctx_cache_bytes / params->ctx_bytes;

        cx6dx_ctxcache_resize(&timing->contexts,
                              params->ctx_cache_bytes ? MAX(room, 1) : 0);
    }
}

void cx6dx_timing_init(Cx6dxTiming *timing, const Cx6dxTimingParams *params)
{
    memset(timing, 0, sizeof(*timing));
    timing->params.enabled = params->enabled;
    if (params->enabled) {
        cx6dx_ctxcache_init(&timing->contexts, 2 * CX6DX_TIMING_MAX_NUMBER);
    }
    cx6dx_timing_set_params(timing, params);
}

void cx6dx_timing_free(Cx6dxTiming *timing)
{
    cx6dx_ctxcache_free(&timing->contexts);
}

void cx6dx_timing_reset(Cx6dxTiming *timing)
{
    cx6dx_pcie_reset(&timing->pcie);
    cx6dx_ctxcache_reset(&timing->contexts);
    memset(&timing->tx_pipe, 0, offsetof(Cx6dxTiming, contexts) -
                                offsetof(Cx6dxTiming, tx_pipe));
    memset(&timing->tx, 0, offsetof(Cx6dxTiming, lines) -
                           offsetof(Cx6dxTiming, tx));
    watch_lines(timing);
}

/* ---- Units ---- */

/* A time in ps, seen from `from_ns`; part of a nanosecond is a whole one */
static uint64_t to_ns(uint64_t ps, uint64_t from_ns)
{
    uint64_t from_ps = from_ns * 1000;

    return cx6dx_ps_after(ps, from_ps)
               ? from_ns + DIV_ROUND_UP(ps - from_ps, 1000) : from_ns;
}

static uint64_t pass(Cx6dxTiming *timing, Cx6dxTimeline *line,
                     Cx6dxTimingUse use, uint64_t at_ns, uint64_t units,
                     Cx6dxRate rate)
{
    timing->use = use;
    return to_ns(cx6dx_timeline_take(line, at_ns * 1000, units, rate).end,
                 at_ns);
}

/* When something can begin that comes behind an earlier one, in ps; 0: none */
static uint64_t in_order(uint64_t at_ns, uint64_t order_ps)
{
    uint64_t at_ps = at_ns * 1000;

    /* one that seems to be far ahead was long ago */
    return order_ps && cx6dx_ps_after(order_ps, at_ps) &&
           order_ps - at_ps < LONGEST_WAIT_PS ? order_ps : at_ps;
}

/* As pass(), but behind `*order_ps`, to the picosecond; which becomes the end */
static uint64_t pass_in_order(Cx6dxTiming *timing, Cx6dxTimeline *line,
                              Cx6dxTimingUse use, uint64_t at_ns,
                              uint64_t units, Cx6dxRate rate,
                              uint64_t *order_ps)
{
    timing->use = use;
    *order_ps = cx6dx_timeline_take(line, in_order(at_ns, *order_ps), units,
                                    rate).end;
    return to_ns(*order_ps, at_ns);
}

static void count_latency(Cx6dxTimingHist *hist, uint64_t ns)
{
    hist->count++;
    hist->sum_ns += ns;
    hist->max_ns = MAX(hist->max_ns, ns);
    hist->bucket[MIN(63 - __builtin_clzll(ns | 1),
                     CX6DX_TIMING_BUCKETS - 1)]++;
}

/* ---- PCIe ---- */

uint64_t cx6dx_timing_doorbell(Cx6dxTiming *timing, uint64_t now_ns)
{
    uint64_t end_ps;

    if (!cx6dx_timing_on(timing)) {
        return now_ns;
    }
    cx6dx_timing_begin(timing);
    timing->use = CX6DX_TIMING_DOORBELL;
    end_ps = cx6dx_pcie_doorbell(&timing->pcie, now_ns * 1000);
    return to_ns(end_ps, now_ns) + timing->params.doorbell_ns;
}

uint64_t cx6dx_timing_dma_read(Cx6dxTiming *timing, Cx6dxTimingUse use,
                               uint64_t at_ns, uint32_t bytes)
{
    if (!cx6dx_timing_on(timing) || !bytes) {
        return at_ns;
    }
    timing->use = use;
    timing->dma_bytes[use] += bytes;
    return to_ns(cx6dx_pcie_read(&timing->pcie, at_ns * 1000, bytes), at_ns);
}

uint64_t cx6dx_timing_dma_write(Cx6dxTiming *timing, Cx6dxTimingUse use,
                                uint64_t at_ns, uint32_t bytes)
{
    if (!cx6dx_timing_on(timing) || !bytes) {
        return at_ns;
    }
    timing->use = use;
    timing->dma_bytes[use] += bytes;
    return to_ns(cx6dx_pcie_write(&timing->pcie, at_ns * 1000, bytes), at_ns);
}

uint64_t cx6dx_timing_seen(const Cx6dxTiming *timing, uint64_t at_ns)
{
    return cx6dx_timing_on(timing) ? at_ns + timing->params.dma_write_latency_ns
                                  : at_ns;
}

uint64_t cx6dx_timing_interrupt(Cx6dxTiming *timing, uint64_t at_ns)
{
    if (!cx6dx_timing_on(timing)) {
        return at_ns;
    }
    timing->interrupts++;
    at_ns = cx6dx_timing_dma_write(timing, CX6DX_TIMING_MSIX, at_ns,
                                   MSIX_BYTES);
    return at_ns + timing->params.irq_latency_ns;
}

uint64_t cx6dx_timing_command(Cx6dxTiming *timing, uint64_t now_ns,
                              Cx6dxFwClass class, uint32_t keys)
{
    if (!cx6dx_timing_on(timing)) {
        return now_ns;
    }
    cx6dx_timing_begin(timing);
    return pass(timing, &timing->firmware, CX6DX_TIMING_COMMAND, now_ns,
                cx6dx_fwtime_ns(&timing->params, class, keys),
                cx6dx_rate_ps(1000));
}

/* ---- Wire ---- */

static uint64_t wire_bytes(uint32_t frame_bytes)
{
    return MAX(frame_bytes, WIRE_MIN_FRAME_BYTES) + WIRE_PREAMBLE_BYTES +
           WIRE_FCS_BYTES + WIRE_GAP_BYTES;
}

uint64_t cx6dx_timing_wire_tx(Cx6dxTiming *timing, uint64_t at_ns,
                              uint32_t frame_bytes)
{
    if (!cx6dx_timing_on(timing)) {
        return at_ns;
    }
    return pass(timing, &timing->wire_tx, CX6DX_TIMING_FRAME, at_ns,
                wire_bytes(frame_bytes), timing->wire_rate);
}

uint64_t cx6dx_timing_wire_rx(Cx6dxTiming *timing, uint64_t now_ns,
                              uint32_t frame_bytes)
{
    Cx6dxSpan span;

    if (!cx6dx_timing_on(timing)) {
        return now_ns;
    }
    cx6dx_timing_begin(timing);
    timing->use = CX6DX_TIMING_FRAME;
    span = cx6dx_timeline_take_until(&timing->wire_rx, now_ns * 1000,
                                     wire_bytes(frame_bytes),
                                     timing->wire_rate);
    return to_ns(span.end, now_ns);
}

/* ---- TLS contexts ---- */

uint64_t cx6dx_timing_context(Cx6dxTiming *timing, uint64_t at_ns, uint32_t id,
                              Cx6dxTimingFlow *flow)
{
    uint32_t bytes = timing->params.ctx_bytes;
    Cx6dxCtxResult result;

    if (!cx6dx_timing_on(timing)) {
        return at_ns;
    }
    result = cx6dx_ctxcache_touch(&timing->contexts, id);
    if (result == CX6DX_CTX_HIT) {
        return at_ns;
    }
    flow->cache_misses++;
    if (result == CX6DX_CTX_MISS_EVICT) {
        cx6dx_timing_dma_write(timing, CX6DX_TIMING_CONTEXT, at_ns, bytes);
    }
    return cx6dx_timing_dma_read(timing, CX6DX_TIMING_CONTEXT, at_ns, bytes);
}

void cx6dx_timing_context_gone(Cx6dxTiming *timing, uint32_t id)
{
    if (cx6dx_timing_on(timing)) {
        cx6dx_ctxcache_drop(&timing->contexts, id);
    }
}

/* Bytes of one connection go through in their order */
static uint64_t cipher(Cx6dxTiming *timing, Cx6dxTimeline *line,
                       Cx6dxTimingUse use, uint64_t at_ns, uint32_t bytes,
                       Cx6dxTimingFlow *flow)
{
    return pass_in_order(timing, line, use, at_ns, bytes, timing->crypto_rate,
                         &flow->cipher_ps) + timing->params.crypto_latency_ns;
}

uint64_t cx6dx_timing_recover(Cx6dxTiming *timing, uint64_t at_ns,
                              uint32_t bytes, Cx6dxTimingFlow *flow)
{
    if (!cx6dx_timing_on(timing)) {
        return at_ns;
    }
    flow->recovery_bytes += bytes;
    timing->recovery_bytes += bytes;
    return cipher(timing, &timing->crypto_tx, CX6DX_TIMING_RECOVERY, at_ns,
                  bytes, flow);
}

/* ---- Packets ---- */

void cx6dx_timing_tx_begin(Cx6dxTiming *timing, uint64_t doorbell_ns,
                           uint64_t fetched_ns, uint64_t *order_ps)
{
    timing->tx = (Cx6dxTimingTx) {
        .doorbell_ns = doorbell_ns,
        .fetched_ns = fetched_ns,
        .order_ps = order_ps,
    };
}

void cx6dx_timing_tx_tls(Cx6dxTiming *timing, uint32_t id,
                         uint32_t clear_bytes, Cx6dxTimingFlow *flow)
{
    Cx6dxTimingTx *tx = &timing->tx;

    tx->context_ns = cx6dx_timing_context(timing, tx->fetched_ns, id, flow);
    tx->clear_bytes = clear_bytes;
    tx->flow = flow;
}

/* From what is gathered to a frame that can leave */
static uint64_t make_frame(Cx6dxTiming *timing, uint64_t at_ns,
                           uint32_t frame_bytes)
{
    Cx6dxTimingTx *tx = &timing->tx;

    if (tx->flow && frame_bytes > tx->clear_bytes) {
        at_ns = cipher(timing, &timing->crypto_tx, CX6DX_TIMING_CIPHER,
                       MAX(at_ns, tx->context_ns),
                       frame_bytes - tx->clear_bytes, tx->flow);
    }
    return pass(timing, &timing->tx_pipe, CX6DX_TIMING_SEGMENT, at_ns, 1,
                cx6dx_rate_ps(timing->params.tx_packet_ps)) +
           timing->params.tx_latency_ns;
}

uint64_t cx6dx_timing_tx_frame(Cx6dxTiming *timing, uint64_t at_ns,
                               uint32_t frame_bytes)
{
    Cx6dxTimingTx *tx = &timing->tx;

    if (!cx6dx_timing_on(timing)) {
        return at_ns;
    }
    at_ns = make_frame(timing, at_ns, frame_bytes);
    at_ns = pass_in_order(timing, &timing->wire_tx, CX6DX_TIMING_FRAME, at_ns,
                          wire_bytes(frame_bytes), timing->wire_rate,
                          tx->order_ps);
    count_latency(&timing->doorbell_to_wire, at_ns - tx->doorbell_ns);
    if (tx->flow) {
        count_latency(&tx->flow->latency, at_ns - tx->doorbell_ns);
    }
    return at_ns;
}

uint64_t cx6dx_timing_tx_loop(Cx6dxTiming *timing, uint64_t at_ns,
                              uint32_t frame_bytes)
{
    if (!cx6dx_timing_on(timing)) {
        return at_ns;
    }
    at_ns = make_frame(timing, at_ns, frame_bytes);
    *timing->tx.order_ps = in_order(at_ns, *timing->tx.order_ps);
    return to_ns(*timing->tx.order_ps, at_ns);
}

uint64_t cx6dx_timing_rx_frame(Cx6dxTiming *timing, uint64_t now_ns)
{
    if (!cx6dx_timing_on(timing)) {
        return now_ns;
    }
    return pass(timing, &timing->rx_pipe, CX6DX_TIMING_PLACE, now_ns, 1,
                cx6dx_rate_ps(timing->params.rx_packet_ps)) +
           timing->params.rx_latency_ns;
}

uint64_t cx6dx_timing_rx_tls(Cx6dxTiming *timing, uint64_t at_ns, uint32_t id,
                             uint32_t bytes, Cx6dxTimingFlow *flow)
{
    if (!cx6dx_timing_on(timing)) {
        return at_ns;
    }
    at_ns = cx6dx_timing_context(timing, at_ns, id, flow);
    return cipher(timing, &timing->crypto_rx, CX6DX_TIMING_CIPHER, at_ns,
                  bytes, flow);
}

uint64_t cx6dx_timing_rx_done(Cx6dxTiming *timing, uint64_t wire_ns,
                              uint64_t at_ns, uint64_t *order_ns,
                              uint32_t cqe_bytes, Cx6dxTimingFlow *flow)
{
    if (!cx6dx_timing_on(timing)) {
        return at_ns;
    }
    at_ns = cx6dx_timing_dma_write(timing, CX6DX_TIMING_CQE,
                                   MAX(at_ns, *order_ns), cqe_bytes);
    *order_ns = at_ns;
    at_ns = cx6dx_timing_seen(timing, at_ns);
    count_latency(&timing->wire_to_cqe, at_ns - wire_ns);
    if (flow) {
        count_latency(&flow->latency, at_ns - wire_ns);
    }
    return at_ns;
}

/* ---- Snapshots ---- */

static void hist_archive(Cx6dxTimingHist *hist, Cx6dxArchive *ar)
{
    cx6dx_ar(ar, &hist->count);
    cx6dx_ar(ar, &hist->sum_ns);
    cx6dx_ar(ar, &hist->max_ns);
    for (unsigned i = 0; i < CX6DX_TIMING_BUCKETS; i++) {
        cx6dx_ar(ar, &hist->bucket[i]);
    }
}

void cx6dx_timing_flow_archive(Cx6dxTimingFlow *flow, Cx6dxArchive *ar)
{
    cx6dx_ar(ar, &flow->recovery_bytes);
    cx6dx_ar(ar, &flow->cache_misses);
    cx6dx_ar(ar, &flow->cipher_ps);
    hist_archive(&flow->latency, ar);
}

void cx6dx_timing_archive(Cx6dxTiming *timing, Cx6dxArchive *ar)
{
    cx6dx_pcie_archive(&timing->pcie, ar);
    cx6dx_timeline_archive(&timing->tx_pipe, ar);
    cx6dx_timeline_archive(&timing->crypto_tx, ar);
    cx6dx_timeline_archive(&timing->wire_tx, ar);
    cx6dx_timeline_archive(&timing->wire_rx, ar);
    cx6dx_timeline_archive(&timing->rx_pipe, ar);
    cx6dx_timeline_archive(&timing->crypto_rx, ar);
    cx6dx_timeline_archive(&timing->firmware, ar);
    cx6dx_ctxcache_archive(&timing->contexts, ar);
    cx6dx_ar(ar, &timing->op);
    cx6dx_ar(ar, &timing->last_op);
    cx6dx_ar(ar, &timing->interrupts);
    cx6dx_ar(ar, &timing->recovery_bytes);
    for (unsigned use = 0; use < CX6DX_TIMING_DMA_USES; use++) {
        cx6dx_ar(ar, &timing->dma_bytes[use]);
    }
    hist_archive(&timing->doorbell_to_wire, ar);
    hist_archive(&timing->wire_to_cqe, ar);
}

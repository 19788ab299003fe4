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
    memset(&timing->tx, 0, sizeof(*timing) - offsetof(Cx6dxTiming, tx));
}

/* ---- Units ---- */

/* A time in ps, seen from `from_ns`; part of a nanosecond is a whole one */
static uint64_t to_ns(uint64_t ps, uint64_t from_ns)
{
    uint64_t from_ps = from_ns * 1000;

    return cx6dx_ps_after(ps, from_ps)
               ? from_ns + DIV_ROUND_UP(ps - from_ps, 1000) : from_ns;
}

static uint64_t pass(Cx6dxTimeline *line, uint64_t at_ns, uint64_t units,
                     Cx6dxRate rate)
{
    return to_ns(cx6dx_timeline_take(line, at_ns * 1000, units, rate).end,
                 at_ns);
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

    if (!timing->params.enabled) {
        return now_ns;
    }
    end_ps = cx6dx_pcie_doorbell(&timing->pcie, now_ns * 1000);
    return to_ns(end_ps, now_ns) + timing->params.doorbell_ns;
}

uint64_t cx6dx_timing_dma_read(Cx6dxTiming *timing, uint64_t at_ns,
                               uint32_t bytes)
{
    if (!timing->params.enabled || !bytes) {
        return at_ns;
    }
    return to_ns(cx6dx_pcie_read(&timing->pcie, at_ns * 1000, bytes), at_ns);
}

uint64_t cx6dx_timing_dma_write(Cx6dxTiming *timing, uint64_t at_ns,
                                uint32_t bytes)
{
    if (!timing->params.enabled || !bytes) {
        return at_ns;
    }
    return to_ns(cx6dx_pcie_write(&timing->pcie, at_ns * 1000, bytes), at_ns);
}

uint64_t cx6dx_timing_seen(const Cx6dxTiming *timing, uint64_t at_ns)
{
    return timing->params.enabled ? at_ns + timing->params.dma_write_latency_ns
                                  : at_ns;
}

uint64_t cx6dx_timing_interrupt(Cx6dxTiming *timing, uint64_t at_ns)
{
    if (!timing->params.enabled) {
        return at_ns;
    }
    timing->interrupts++;
    at_ns = cx6dx_timing_dma_write(timing, at_ns, MSIX_BYTES);
    return at_ns + timing->params.irq_latency_ns;
}

uint64_t cx6dx_timing_command(Cx6dxTiming *timing, uint64_t now_ns,
                              Cx6dxFwClass class, uint32_t keys)
{
    if (!timing->params.enabled) {
        return now_ns;
    }
    return pass(&timing->firmware, now_ns,
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
    if (!timing->params.enabled) {
        return at_ns;
    }
    return pass(&timing->wire_tx, at_ns, wire_bytes(frame_bytes),
                timing->wire_rate);
}

uint64_t cx6dx_timing_wire_rx(Cx6dxTiming *timing, uint64_t now_ns,
                              uint32_t frame_bytes)
{
    Cx6dxSpan span;

    if (!timing->params.enabled) {
        return now_ns;
    }
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

    if (!timing->params.enabled) {
        return at_ns;
    }
    result = cx6dx_ctxcache_touch(&timing->contexts, id);
    if (result == CX6DX_CTX_HIT) {
        return at_ns;
    }
    flow->cache_misses++;
    if (result == CX6DX_CTX_MISS_EVICT) {
        cx6dx_timing_dma_write(timing, at_ns, bytes);
    }
    return cx6dx_timing_dma_read(timing, at_ns, bytes);
}

void cx6dx_timing_context_gone(Cx6dxTiming *timing, uint32_t id)
{
    if (timing->params.enabled) {
        cx6dx_ctxcache_drop(&timing->contexts, id);
    }
}

static uint64_t cipher(Cx6dxTiming *timing, Cx6dxTimeline *line, uint64_t at_ns,
                       uint32_t bytes)
{
    return pass(line, at_ns, bytes, timing->crypto_rate) +
           timing->params.crypto_latency_ns;
}

uint64_t cx6dx_timing_recover(Cx6dxTiming *timing, uint64_t at_ns,
                              uint32_t bytes, Cx6dxTimingFlow *flow)
{
    if (!timing->params.enabled) {
        return at_ns;
    }
    flow->recovery_bytes += bytes;
    timing->recovery_bytes += bytes;
    return cipher(timing, &timing->crypto_tx, at_ns, bytes);
}

/* ---- Packets ---- */

void cx6dx_timing_tx_begin(Cx6dxTiming *timing, uint64_t doorbell_ns,
                           uint64_t fetched_ns, uint64_t *order_ns)
{
    timing->tx = (Cx6dxTimingTx) {
        .doorbell_ns = doorbell_ns,
        .fetched_ns = fetched_ns,
        .order_ns = order_ns,
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

uint64_t cx6dx_timing_tx_frame(Cx6dxTiming *timing, uint64_t at_ns,
                               uint32_t frame_bytes)
{
    Cx6dxTimingTx *tx = &timing->tx;

    if (!timing->params.enabled) {
        return at_ns;
    }
    if (tx->flow && frame_bytes > tx->clear_bytes) {
        at_ns = cipher(timing, &timing->crypto_tx, MAX(at_ns, tx->context_ns),
                       frame_bytes - tx->clear_bytes);
    }
    at_ns = pass(&timing->tx_pipe, at_ns, 1,
                 cx6dx_rate_ps(timing->params.tx_packet_ps)) +
            timing->params.tx_latency_ns;
    at_ns = cx6dx_timing_wire_tx(timing, MAX(at_ns, *tx->order_ns),
                                 frame_bytes);
    *tx->order_ns = at_ns;
    count_latency(&timing->doorbell_to_wire, at_ns - tx->doorbell_ns);
    if (tx->flow) {
        count_latency(&tx->flow->latency, at_ns - tx->doorbell_ns);
    }
    return at_ns;
}

uint64_t cx6dx_timing_rx_frame(Cx6dxTiming *timing, uint64_t now_ns)
{
    if (!timing->params.enabled) {
        return now_ns;
    }
    return pass(&timing->rx_pipe, now_ns, 1,
                cx6dx_rate_ps(timing->params.rx_packet_ps)) +
           timing->params.rx_latency_ns;
}

uint64_t cx6dx_timing_rx_tls(Cx6dxTiming *timing, uint64_t at_ns, uint32_t id,
                             uint32_t bytes, Cx6dxTimingFlow *flow)
{
    if (!timing->params.enabled) {
        return at_ns;
    }
    at_ns = cx6dx_timing_context(timing, at_ns, id, flow);
    return cipher(timing, &timing->crypto_rx, at_ns, bytes);
}

uint64_t cx6dx_timing_rx_done(Cx6dxTiming *timing, uint64_t wire_ns,
                              uint64_t at_ns, uint32_t data_bytes,
                              uint32_t cqe_bytes, Cx6dxTimingFlow *flow)
{
    if (!timing->params.enabled) {
        return at_ns;
    }
    at_ns = cx6dx_timing_dma_write(timing, at_ns, data_bytes);
    at_ns = cx6dx_timing_dma_write(timing, at_ns, cqe_bytes);
    at_ns = cx6dx_timing_seen(timing, at_ns);
    count_latency(&timing->wire_to_cqe, at_ns - wire_ns);
    if (flow) {
        count_latency(&flow->latency, at_ns - wire_ns);
    }
    return at_ns;
}

/* ---- What it has cost ---- */

static const struct {
    const char *name;
    size_t offset;
} resources[CX6DX_TIMING_RESOURCES] = {
#define R(res, name, field) \
    [CX6DX_TIMING_##res] = { name, offsetof(Cx6dxTiming, field) }
    R(PCIE_UP, "pcie_up", pcie.up),
    R(PCIE_DOWN, "pcie_down", pcie.down),
    R(DMA_ENGINE, "dma_engine", pcie.engine),
    R(TX_PIPE, "tx_pipe", tx_pipe),
    R(CRYPTO_TX, "crypto_tx", crypto_tx),
    R(WIRE_TX, "wire_tx", wire_tx),
    R(WIRE_RX, "wire_rx", wire_rx),
    R(RX_PIPE, "rx_pipe", rx_pipe),
    R(CRYPTO_RX, "crypto_rx", crypto_rx),
    R(FIRMWARE, "firmware", firmware),
#undef R
};

const Cx6dxTimeline *cx6dx_timing_line(const Cx6dxTiming *timing,
                                       Cx6dxTimingRes res)
{
    return (const void *)((const char *)timing + resources[res].offset);
}

const char *cx6dx_timing_res_str(Cx6dxTimingRes res)
{
    return resources[res].name;
}

/* Of each resource; then what is of the whole device */
static const struct {
    const char *name;
    size_t offset;
    uint32_t unit;              /* ps are given in ns */
} line_numbers[] = {
    { "busy_ns", offsetof(Cx6dxTimeline, busy_ps), 1000 },
    { "operations", offsetof(Cx6dxTimeline, operations), 1 },
    { "bytes", offsetof(Cx6dxTimeline, bytes), 1 },
    { "stall_ns", offsetof(Cx6dxTimeline, stall_ps), 1000 },
    { "max_stall_ns", offsetof(Cx6dxTimeline, max_stall_ps), 1000 },
}, device_numbers[] = {
#define N(name, field, unit) { name, offsetof(Cx6dxTiming, field), unit }
    N("dma_read_bytes", pcie.read_bytes, 1),
    N("dma_write_bytes", pcie.write_bytes, 1),
    N("tag_stalls", pcie.tag_stalls, 1),
    N("tag_stall_ns", pcie.tag_stall_ps, 1000),
    N("ctx_hits", contexts.hits, 1),
    N("ctx_misses", contexts.misses, 1),
    N("ctx_evictions", contexts.evictions, 1),
    N("recovery_bytes", recovery_bytes, 1),
    N("interrupts", interrupts, 1),
    N("doorbell_to_wire_frames", doorbell_to_wire.count, 1),
    N("doorbell_to_wire_ns", doorbell_to_wire.sum_ns, 1),
    N("doorbell_to_wire_max_ns", doorbell_to_wire.max_ns, 1),
    N("wire_to_cqe_frames", wire_to_cqe.count, 1),
    N("wire_to_cqe_ns", wire_to_cqe.sum_ns, 1),
    N("wire_to_cqe_max_ns", wire_to_cqe.max_ns, 1),
#undef N
};

bool cx6dx_timing_number(const Cx6dxTiming *timing, size_t n,
                         Cx6dxTimingNumber *number)
{
    const size_t each = ARRAY_SIZE(line_numbers);
    const size_t of_lines = CX6DX_TIMING_RESOURCES * each;
    const void *base = timing;
    size_t offset;
    uint32_t unit;

    if (n < of_lines) {
        base = cx6dx_timing_line(timing, n / each);
        offset = line_numbers[n % each].offset;
        unit = line_numbers[n % each].unit;
        g_snprintf(number->name, sizeof(number->name), "%s_%s",
                   resources[n / each].name, line_numbers[n % each].name);
    } else if (n - of_lines < ARRAY_SIZE(device_numbers)) {
        offset = device_numbers[n - of_lines].offset;
        unit = device_numbers[n - of_lines].unit;
        g_strlcpy(number->name, device_numbers[n - of_lines].name,
                  sizeof(number->name));
    } else {
        return false;
    }
    memcpy(&number->value, (const char *)base + offset, sizeof(number->value));
    number->value /= unit;
    return true;
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
    cx6dx_ar(ar, &timing->interrupts);
    cx6dx_ar(ar, &timing->recovery_bytes);
    hist_archive(&timing->doorbell_to_wire, ar);
    hist_archive(&timing->wire_to_cqe, ar);
}

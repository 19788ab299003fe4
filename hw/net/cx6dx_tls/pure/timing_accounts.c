/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What modelled time was spent on: names and numbers; see timing.h
 */
#include "qemu/osdep.h"
#include "pure/timing.h"

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

const char *cx6dx_timing_use_str(Cx6dxTimingUse use)
{
    static const char *const names[CX6DX_TIMING_USES] = {
        [CX6DX_TIMING_SEND_WQE] = "send_wqe",
        [CX6DX_TIMING_SEND_DATA] = "send_data",
        [CX6DX_TIMING_RECV_WQE] = "recv_wqe",
        [CX6DX_TIMING_RECV_DATA] = "recv_data",
        [CX6DX_TIMING_RECOVERY] = "recovery",
        [CX6DX_TIMING_CONTEXT] = "context",
        [CX6DX_TIMING_PSV] = "psv",
        [CX6DX_TIMING_CQE] = "cqe",
        [CX6DX_TIMING_EQE] = "eqe",
        [CX6DX_TIMING_MSIX] = "msix",
        [CX6DX_TIMING_DOORBELL] = "doorbell",
        [CX6DX_TIMING_CIPHER] = "cipher",
        [CX6DX_TIMING_SEGMENT] = "segment",
        [CX6DX_TIMING_FRAME] = "frame",
        [CX6DX_TIMING_PLACE] = "place",
        [CX6DX_TIMING_COMMAND] = "command",
    };

    return names[use];
}

const char *cx6dx_timing_res_str(Cx6dxTimingRes res)
{
    return resources[res].name;
}

/* Of each resource; of the whole device; behind them bytes of DMA by use */
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
    N("tags_most", pcie.most_tags, 1),
    N("ctx_hits", contexts.hits, 1),
    N("ctx_misses", contexts.misses, 1),
    N("ctx_evictions", contexts.evictions, 1),
    N("ctx_most", contexts.most_resident, 1),
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
    size_t offset, of_dma = n - of_lines - ARRAY_SIZE(device_numbers);
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
    } else if (of_dma < CX6DX_TIMING_DMA_USES) {
        offset = offsetof(Cx6dxTiming, dma_bytes) + of_dma * sizeof(uint64_t);
        unit = 1;
        g_snprintf(number->name, sizeof(number->name), "dma_%s_bytes",
                   cx6dx_timing_use_str(of_dma));
    } else {
        return false;
    }
    memcpy(&number->value, (const char *)base + offset, sizeof(number->value));
    number->value /= unit;
    return true;
}

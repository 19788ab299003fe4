/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When an operation of the device ends: PCIe link and wire
 *
 * Where the numbers come from.  "published": TLP overheads, DLLP and SKP rates
 * of the pcie-model program of the SIGCOMM 2018 paper, which takes them from the
 * PCI Express Base Specification (tables of the ACK latency limit and of the
 * guideline for flow control updates); Ethernet overheads of IEEE 802.3.
 * "derived": the read latency, the intercept of that paper's data for another
 * vendor's card.  "assumed": nothing in this file.
 */
#include "qemu/osdep.h"
#include "pure/timing.h"

enum {
    /* framing 2 + sequence 2 + header + LCRC 4, 64-bit addresses (published) */
    MWR_BYTES = 24,
    MRD_BYTES = 24,
    CPLD_BYTES = 20,

    WIRE_PREAMBLE_BYTES = 8,
    WIRE_FCS_BYTES = 4,
    WIRE_GAP_BYTES = 12,
    WIRE_MIN_FRAME_BYTES = 60,  /* without FCS */

    DMA_READ_LATENCY_NS = 543,
};

/* A cost of num / den picoseconds a byte */
typedef struct Rate {
    uint64_t num, den;
} Rate;

void cx6dx_timing_default_params(Cx6dxTimingParams *params)
{
    *params = (Cx6dxTimingParams) {
        .enabled = false,
        .pcie_gen = 4,
        .pcie_lanes = 16,
        .pcie_mps_bytes = 256,
        .pcie_mrrs_bytes = 512,
        .pcie_rcb_bytes = 0,
        .dma_read_latency_ns = DMA_READ_LATENCY_NS,
        .link_mbps = 100000,
    };
}

static bool is_power(uint32_t n)
{
    return n && !(n & (n - 1));
}

static bool is_payload_size(uint16_t bytes)
{
    return bytes >= 128 && bytes <= 4096 && is_power(bytes);
}

const char *cx6dx_timing_check_params(const Cx6dxTimingParams *params)
{
    if (params->pcie_gen < 3 || params->pcie_gen > 5) {
        return "pcie_gen";
    }
    if (params->pcie_lanes > 16 || !is_power(params->pcie_lanes)) {
        return "pcie_lanes";
    }
    if (!is_payload_size(params->pcie_mps_bytes)) {
        return "pcie_mps_bytes";
    }
    if (!is_payload_size(params->pcie_mrrs_bytes)) {
        return "pcie_mrrs_bytes";
    }
    if (params->pcie_rcb_bytes != 0 && params->pcie_rcb_bytes != 64 &&
        params->pcie_rcb_bytes != 128) {
        return "pcie_rcb_bytes";
    }
    if (params->dma_read_latency_ns > 1000000) {
        return "dma_read_latency_ns";
    }
    if (params->link_mbps < 1000 || params->link_mbps > 400000) {
        return "link_mbps";
    }
    return NULL;
}

void cx6dx_timing_init(Cx6dxTiming *timing, const Cx6dxTimingParams *params)
{
    timing->params = *params;
    cx6dx_timing_reset(timing);
}

void cx6dx_timing_reset(Cx6dxTiming *timing)
{
    memset(timing->lines, 0, sizeof(timing->lines));
}

/* ---- Rates ---- */

/*
 * Bytes of TLPs for each ACK, and as many for each flow control update
 * (published): (MPS + 28) * factor / lanes + 115 symbol times of the receiver.
 * The factor, here in tenths, falls with the payload and grows with the width.
 */
static uint32_t dllp_limit_bytes(const Cx6dxTimingParams *params)
{
    bool small = params->pcie_mps_bytes <= 256;
    uint32_t tenths;

    switch (params->pcie_lanes) {
    case 16:
        tenths = small ? 30 : 20;
        break;
    case 8:
        tenths = small ? 25 : 10;
        break;
    default:
        tenths = small ? 14 : 10;
        break;
    }
    return (params->pcie_mps_bytes + 28) * tenths / 10 / params->pcie_lanes +
           115;
}

/*
 * Of the raw rate, GT/s * 128/130 * lanes, an 8-byte ACK and an 8-byte update in
 * every `limit` bytes and 4 bytes of SKP in 1538 are lost:
 *
 *     8 bits * 130/128 / (GT/s * lanes) / (1 - 16/limit - 4/1538)  ns a byte
 *
 * as a fraction of whole numbers, in ps, with the common factors taken out.
 */
static Rate pcie_rate(const Cx6dxTimingParams *params)
{
    uint64_t limit = dllp_limit_bytes(params);
    uint64_t gts = 8u << (params->pcie_gen - 3);

    return (Rate) {
        .num = 8125 * 769 * limit,
        .den = gts * params->pcie_lanes * (767 * limit - 16 * 769),
    };
}

static Rate wire_rate(const Cx6dxTimingParams *params)
{
    return (Rate) { .num = 8000000, .den = params->link_mbps };
}

/* ---- Timelines ---- */

/*
 * Takes a resource for `bytes` at no sooner than `now_ps`.  The result is the
 * begin; the end is free_at_ps.  What a division leaves is owed to the next
 * operation, so that any number of them takes as long as their sum.
 */
static uint64_t occupy(Cx6dxTimeline *line, uint64_t now_ps, uint64_t bytes,
                       Rate rate)
{
    uint64_t begin = now_ps;
    uint64_t backlog = line->free_at_ps - now_ps;
    uint64_t part, cost;

    if (backlog && backlog < 1ull << 62) {
        begin = line->free_at_ps;
    }
    part = bytes * (rate.num % rate.den) + line->rem;
    cost = bytes * (rate.num / rate.den) + part / rate.den;
    line->rem = part % rate.den;
    line->free_at_ps = begin + cost;
    line->busy_ps += cost;
    line->operations++;
    line->bytes += bytes;
    return begin;
}

/* End of a line in ns, seen from `now_ns`; part of a nanosecond is a whole one */
static uint64_t end_ns(const Cx6dxTimeline *line, uint64_t now_ns)
{
    return now_ns + DIV_ROUND_UP(line->free_at_ps - now_ns * 1000, 1000);
}

uint64_t cx6dx_timing_pcie_write_bytes(const Cx6dxTimingParams *params,
                                       uint32_t bytes)
{
    uint64_t tlps = DIV_ROUND_UP((uint64_t)bytes, params->pcie_mps_bytes);

    return bytes + tlps * MWR_BYTES;
}

void cx6dx_timing_pcie_read_bytes(const Cx6dxTimingParams *params,
                                  uint32_t bytes, uint64_t *up_bytes,
                                  uint64_t *down_bytes)
{
    uint32_t piece = params->pcie_rcb_bytes ? params->pcie_rcb_bytes
                                            : params->pcie_mps_bytes;

    *up_bytes = DIV_ROUND_UP((uint64_t)bytes, params->pcie_mrrs_bytes) *
                MRD_BYTES;
    *down_bytes = bytes + DIV_ROUND_UP((uint64_t)bytes, piece) * CPLD_BYTES;
}

uint64_t cx6dx_timing_dma_read(Cx6dxTiming *timing, uint64_t now_ns,
                               uint32_t bytes)
{
    const Cx6dxTimingParams *params = &timing->params;
    Cx6dxTimeline *down = &timing->lines[CX6DX_TIMING_PCIE_DOWN];
    uint64_t up_bytes, down_bytes, begin;
    Rate rate;

    if (!params->enabled || !bytes) {
        return now_ns;
    }
    rate = pcie_rate(params);
    cx6dx_timing_pcie_read_bytes(params, bytes, &up_bytes, &down_bytes);
    begin = occupy(&timing->lines[CX6DX_TIMING_PCIE_UP], now_ns * 1000,
                   up_bytes, rate);
    /* the first request is on its way while the others are still sent */
    begin += MRD_BYTES * rate.num / rate.den;
    begin += (uint64_t)params->dma_read_latency_ns * 1000;
    occupy(down, begin, down_bytes, rate);
    return end_ns(down, now_ns);
}

uint64_t cx6dx_timing_dma_write(Cx6dxTiming *timing, uint64_t now_ns,
                                uint32_t bytes)
{
    const Cx6dxTimingParams *params = &timing->params;
    Cx6dxTimeline *up = &timing->lines[CX6DX_TIMING_PCIE_UP];

    if (!params->enabled || !bytes) {
        return now_ns;
    }
    occupy(up, now_ns * 1000, cx6dx_timing_pcie_write_bytes(params, bytes),
           pcie_rate(params));
    return end_ns(up, now_ns);
}

static uint64_t wire(Cx6dxTiming *timing, Cx6dxTimingRes res, uint64_t now_ns,
                     uint32_t frame_bytes)
{
    uint64_t bytes = MAX(frame_bytes, WIRE_MIN_FRAME_BYTES);

    if (!timing->params.enabled) {
        return now_ns;
    }
    bytes += WIRE_PREAMBLE_BYTES + WIRE_FCS_BYTES + WIRE_GAP_BYTES;
    occupy(&timing->lines[res], now_ns * 1000, bytes,
           wire_rate(&timing->params));
    return end_ns(&timing->lines[res], now_ns);
}

uint64_t cx6dx_timing_wire_tx(Cx6dxTiming *timing, uint64_t now_ns,
                              uint32_t frame_bytes)
{
    return wire(timing, CX6DX_TIMING_WIRE_TX, now_ns, frame_bytes);
}

uint64_t cx6dx_timing_wire_rx(Cx6dxTiming *timing, uint64_t now_ns,
                              uint32_t frame_bytes)
{
    return wire(timing, CX6DX_TIMING_WIRE_RX, now_ns, frame_bytes);
}

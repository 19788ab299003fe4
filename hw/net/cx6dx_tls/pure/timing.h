/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When an operation of the device ends: modelled resources with own timelines
 *
 * Integer nanoseconds of virtual time in and out; remainders are carried in
 * picoseconds so that nothing drifts.  Never reads a clock.  A resource serves
 * one operation at a time, in the order of the calls: an operation that asks at
 * `now_ns` begins at max(now_ns, end of the one before) and the answer is its
 * end.  With `enabled` false every answer is `now_ns` and no state changes.
 *
 * Time counts modulo 2^64 ps (213 days); a resource that was idle for less than
 * 160 days is known to be idle.
 *
 * First model: the PCIe link as in "Understanding PCIe performance for end host
 * networking" (SIGCOMM 2018), one timeline for each direction, and the wire at
 * link rate with preamble, FCS and gap (IEEE 802.3).
 */
#ifndef CX6DX_PURE_TIMING_H
#define CX6DX_PURE_TIMING_H

#include "qemu/osdep.h"

typedef struct Cx6dxTimingParams {
    bool enabled;
    uint8_t pcie_gen;           /* 3, 4 or 5 */
    uint8_t pcie_lanes;         /* 1, 2, 4, 8 or 16 */
    uint16_t pcie_mps_bytes;    /* 128 .. 4096, a power of two */
    uint16_t pcie_mrrs_bytes;   /* 128 .. 4096, a power of two */
    uint16_t pcie_rcb_bytes;    /* 64 or 128: host answers reads in such pieces;
                                   0: in pieces of MPS */
    uint32_t dma_read_latency_ns;
    uint32_t link_mbps;         /* 1000 .. 400000 */
} Cx6dxTimingParams;

typedef enum Cx6dxTimingRes {
    CX6DX_TIMING_PCIE_UP,       /* device to host: writes, read requests */
    CX6DX_TIMING_PCIE_DOWN,     /* host to device: read completions */
    CX6DX_TIMING_WIRE_TX,
    CX6DX_TIMING_WIRE_RX,
    CX6DX_TIMING_RESOURCES
} Cx6dxTimingRes;

typedef struct Cx6dxTimeline {
    uint64_t free_at_ps;        /* end of the last operation */
    uint64_t busy_ps;
    uint64_t operations;
    uint64_t bytes;             /* on the link, overhead included */
    uint64_t rem;               /* of the last division, below one ps */
} Cx6dxTimeline;

typedef struct Cx6dxTiming {
    Cx6dxTimingParams params;
    Cx6dxTimeline lines[CX6DX_TIMING_RESOURCES];
} Cx6dxTiming;

void cx6dx_timing_default_params(Cx6dxTimingParams *params);

/* Name of the first parameter out of its limits, or NULL */
const char *cx6dx_timing_check_params(const Cx6dxTimingParams *params);

/* `params` have been checked */
void cx6dx_timing_init(Cx6dxTiming *timing, const Cx6dxTimingParams *params);
void cx6dx_timing_reset(Cx6dxTiming *timing);

/* Each returns the virtual time, in ns, at which the operation has ended */
uint64_t cx6dx_timing_dma_read(Cx6dxTiming *timing, uint64_t now_ns,
                               uint32_t bytes);
uint64_t cx6dx_timing_dma_write(Cx6dxTiming *timing, uint64_t now_ns,
                                uint32_t bytes);
/* `frame_bytes` without FCS */
uint64_t cx6dx_timing_wire_tx(Cx6dxTiming *timing, uint64_t now_ns,
                              uint32_t frame_bytes);
uint64_t cx6dx_timing_wire_rx(Cx6dxTiming *timing, uint64_t now_ns,
                              uint32_t frame_bytes);

/*
 * Bytes on the link for one operation, per direction (closed form): TLPs with
 * their framing.  DLLPs and SKP ordered sets lower the rate instead.
 */
uint64_t cx6dx_timing_pcie_write_bytes(const Cx6dxTimingParams *params,
                                       uint32_t bytes);
void cx6dx_timing_pcie_read_bytes(const Cx6dxTimingParams *params,
                                  uint32_t bytes, uint64_t *up_bytes,
                                  uint64_t *down_bytes);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When an operation of the device ends: the seam of the timing model
 *
 * Nanoseconds of virtual time in and out, picoseconds inside.  Never reads a
 * clock.  With `enabled` false every answer is the time that was given and no
 * state changes.  The rooms behind it:
 *
 *     timing_params     what is modelled, with unit, limits, source, mark
 *     timing_pipeline   a resource and its timeline
 *     timing_pcie       link, tags, latency
 *     timing_ctxcache   which TLS contexts are on the NIC
 *     timing_fwtime     commands
 *
 * A packet that is sent takes, in this order: doorbell, fetch of the work
 * request, gather reads all at once; with TLS its context, at the same time as
 * the reads, and the cipher; checksum and segmentation; the wire; then the
 * completion is written.  One that is received: wire, steering and placement,
 * with TLS context and cipher, the write of its data, the write of the
 * completion, the write of the event, the interrupt.  Frames of one send queue
 * keep their order on the wire, completions of one queue theirs.
 */
#ifndef CX6DX_PURE_TIMING_H
#define CX6DX_PURE_TIMING_H

#include "qemu/osdep.h"
#include "pure/timing_ctxcache.h"
#include "pure/timing_fwtime.h"
#include "pure/timing_params.h"
#include "pure/timing_pcie.h"
#include "pure/timing_pipeline.h"

typedef enum Cx6dxTimingRes {
    CX6DX_TIMING_PCIE_UP,       /* device to host: writes, read requests */
    CX6DX_TIMING_PCIE_DOWN,     /* host to device: completions, doorbells */
    CX6DX_TIMING_DMA_ENGINE,
    CX6DX_TIMING_TX_PIPE,       /* checksum, segmentation */
    CX6DX_TIMING_CRYPTO_TX,
    CX6DX_TIMING_WIRE_TX,
    CX6DX_TIMING_WIRE_RX,
    CX6DX_TIMING_RX_PIPE,       /* steering, placement */
    CX6DX_TIMING_CRYPTO_RX,
    CX6DX_TIMING_FIRMWARE,
    CX6DX_TIMING_RESOURCES
} Cx6dxTimingRes;

/* Latencies by size: bucket n counts those of 2^n to 2^(n+1) - 1 ns */
#define CX6DX_TIMING_BUCKETS 32

typedef struct Cx6dxTimingHist {
    uint64_t count, sum_ns, max_ns;
    uint32_t bucket[CX6DX_TIMING_BUCKETS];
} Cx6dxTimingHist;

/* One TLS connection in one direction */
typedef struct Cx6dxTimingFlow {
    uint64_t recovery_bytes;    /* read again to rebuild a record's state */
    uint64_t cache_misses;
    Cx6dxTimingHist latency;    /* doorbell to wire, or wire to CQE */
} Cx6dxTimingFlow;

/* The work request that is being served */
typedef struct Cx6dxTimingTx {
    uint64_t doorbell_ns;
    uint64_t fetched_ns;
    uint64_t *order_ns;         /* end of the queue's last frame */
    Cx6dxTimingFlow *flow;      /* with TLS */
    uint64_t context_ns;        /* with TLS: when its context is there */
    uint32_t clear_bytes;       /* with TLS: headers in front */
} Cx6dxTimingTx;

typedef struct Cx6dxTiming {
    Cx6dxTimingParams params;
    Cx6dxRate wire_rate, crypto_rate;
    Cx6dxPcie pcie;
    Cx6dxTimeline tx_pipe, crypto_tx, wire_tx;
    Cx6dxTimeline wire_rx, rx_pipe, crypto_rx;
    Cx6dxTimeline firmware;
    Cx6dxCtxCache contexts;     /* memory only while enabled */
    Cx6dxTimingTx tx;           /* valid while a work request is served */
    uint64_t interrupts;
    uint64_t recovery_bytes;
    Cx6dxTimingHist doorbell_to_wire, wire_to_cqe;
} Cx6dxTiming;

/* TLS contexts: numbers of TIS and TIR, below CX6DX_TIMING_MAX_NUMBER */
#define CX6DX_TIMING_MAX_NUMBER (1u << 17)
#define CX6DX_TIMING_TIS(tisn) ((tisn) << 1)
#define CX6DX_TIMING_TIR(tirn) ((tirn) << 1 | 1)

/* `params` have been checked; `timing` is zeroed memory or was freed */
void cx6dx_timing_init(Cx6dxTiming *timing, const Cx6dxTimingParams *params);
void cx6dx_timing_free(Cx6dxTiming *timing);
/* Forgets all work and counters, keeps the parameters */
void cx6dx_timing_reset(Cx6dxTiming *timing);
/* Other values from now on, checked; work goes on.  `enabled` stays. */
void cx6dx_timing_set_params(Cx6dxTiming *timing,
                             const Cx6dxTimingParams *params);

/* ---- Each returns the virtual time, ns, at which it has ended ---- */

/* From the write of the CPU to when the fetch can begin */
uint64_t cx6dx_timing_doorbell(Cx6dxTiming *timing, uint64_t now_ns);
uint64_t cx6dx_timing_dma_read(Cx6dxTiming *timing, uint64_t at_ns,
                               uint32_t bytes);
/* On the link; see cx6dx_timing_seen() */
uint64_t cx6dx_timing_dma_write(Cx6dxTiming *timing, uint64_t at_ns,
                                uint32_t bytes);
/* When the host sees what was on the link at `at_ns` */
uint64_t cx6dx_timing_seen(const Cx6dxTiming *timing, uint64_t at_ns);
/* An event's interrupt: a message behind the event; reaches the CPU */
uint64_t cx6dx_timing_interrupt(Cx6dxTiming *timing, uint64_t at_ns);
uint64_t cx6dx_timing_command(Cx6dxTiming *timing, uint64_t now_ns,
                              Cx6dxFwClass class, uint32_t keys);

/*
 * `frame_bytes` without FCS.  The receive side is told of a frame that has come:
 * it was on the wire before, unless another one was.
 */
uint64_t cx6dx_timing_wire_tx(Cx6dxTiming *timing, uint64_t at_ns,
                              uint32_t frame_bytes);
uint64_t cx6dx_timing_wire_rx(Cx6dxTiming *timing, uint64_t now_ns,
                              uint32_t frame_bytes);

/* ---- TLS contexts ---- */

/* When context `id` is on the NIC, asked for at `at_ns` */
uint64_t cx6dx_timing_context(Cx6dxTiming *timing, uint64_t at_ns, uint32_t id,
                              Cx6dxTimingFlow *flow);
void cx6dx_timing_context_gone(Cx6dxTiming *timing, uint32_t id);
/* `bytes` read at `at_ns` go through the cipher only to rebuild its state */
uint64_t cx6dx_timing_recover(Cx6dxTiming *timing, uint64_t at_ns,
                              uint32_t bytes, Cx6dxTimingFlow *flow);

/* ---- Packets ---- */

/* A work request rung for at `doorbell_ns` has been fetched */
void cx6dx_timing_tx_begin(Cx6dxTiming *timing, uint64_t doorbell_ns,
                           uint64_t fetched_ns, uint64_t *order_ns);
/* What follows is of a TLS connection, behind `clear_bytes` of headers */
void cx6dx_timing_tx_tls(Cx6dxTiming *timing, uint32_t id,
                         uint32_t clear_bytes, Cx6dxTimingFlow *flow);
/* A frame gathered at `at_ns`: end on the wire */
uint64_t cx6dx_timing_tx_frame(Cx6dxTiming *timing, uint64_t at_ns,
                               uint32_t frame_bytes);

/* A frame off the wire is to be placed; then cx6dx_timing_rx_tls() */
uint64_t cx6dx_timing_rx_frame(Cx6dxTiming *timing, uint64_t now_ns);
uint64_t cx6dx_timing_rx_tls(Cx6dxTiming *timing, uint64_t at_ns, uint32_t id,
                             uint32_t bytes, Cx6dxTimingFlow *flow);
/* Its data and its completion are written; `flow` NULL: no TLS */
uint64_t cx6dx_timing_rx_done(Cx6dxTiming *timing, uint64_t wire_ns,
                              uint64_t at_ns, uint32_t data_bytes,
                              uint32_t cqe_bytes, Cx6dxTimingFlow *flow);

/* ---- What it has cost ---- */

const Cx6dxTimeline *cx6dx_timing_line(const Cx6dxTiming *timing,
                                       Cx6dxTimingRes res);
/* As in the properties and in counters: "pcie_up" */
const char *cx6dx_timing_res_str(Cx6dxTimingRes res);

typedef struct Cx6dxTimingNumber {
    char name[40];
    uint64_t value;
} Cx6dxTimingNumber;

/* The n-th of all numbers of the model; false: there is none */
bool cx6dx_timing_number(const Cx6dxTiming *timing, size_t n,
                         Cx6dxTimingNumber *number);

/* ---- Snapshots: between two work requests ---- */

void cx6dx_timing_flow_archive(Cx6dxTimingFlow *flow, Cx6dxArchive *ar);
/* Everything but the parameters, which have been set; loading: after a reset */
void cx6dx_timing_archive(Cx6dxTiming *timing, Cx6dxArchive *ar);

#endif

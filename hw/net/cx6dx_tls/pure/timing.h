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
 * keep their order on the wire, completions of one queue theirs, and so do the
 * bytes of a TLS connection in the cipher.
 *
 * All that is remembered is in structs of integers: of the device in Cx6dxTiming
 * (`contexts` points to memory of its own, `watch` and what was worked out from
 * the parameters are no state), of a connection in Cx6dxTimingFlow, of queues in
 * what their owners keep: Cx6dxSq, Cx6dxRq, Cx6dxEq, and what is deferred.
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

/* What a resource was taken for */
typedef enum Cx6dxTimingUse {
    CX6DX_TIMING_SEND_WQE,      /* a sender's work requests are read */
    CX6DX_TIMING_SEND_DATA,
    CX6DX_TIMING_RECV_WQE,
    CX6DX_TIMING_RECV_DATA,
    CX6DX_TIMING_RECOVERY,      /* read, or enciphered, once more */
    CX6DX_TIMING_CONTEXT,       /* of TLS, in or out */
    CX6DX_TIMING_PSV,           /* answer to GET_PSV */
    CX6DX_TIMING_CQE,
    CX6DX_TIMING_EQE,
    CX6DX_TIMING_MSIX,
    CX6DX_TIMING_DMA_USES,      /* those above are DMA */
    CX6DX_TIMING_DOORBELL = CX6DX_TIMING_DMA_USES,
    CX6DX_TIMING_CIPHER,
    CX6DX_TIMING_SEGMENT,
    CX6DX_TIMING_FRAME,
    CX6DX_TIMING_PLACE,
    CX6DX_TIMING_COMMAND,
    CX6DX_TIMING_USES
} Cx6dxTimingUse;

/*
 * A resource is taken.  `op` is the same for all that belongs together: of a
 * doorbell up to the completion of the first work request that it brought, of
 * each further work request, of a frame from the wire to the interrupt, of a
 * command.
 */
typedef struct Cx6dxTimingSpan {
    Cx6dxTimingRes res;
    Cx6dxTimingUse use;
    uint64_t op;
    Cx6dxSpan ps;
    uint64_t units;
} Cx6dxTimingSpan;

typedef void Cx6dxTimingWatch(void *opaque, const Cx6dxTimingSpan *span);

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
    uint64_t cipher_ps;         /* its last bytes left the cipher; 0: none */
    Cx6dxTimingHist latency;    /* doorbell to wire, or wire to CQE */
} Cx6dxTimingFlow;

/* The work request that is being served */
typedef struct Cx6dxTimingTx {
    uint64_t doorbell_ns;
    uint64_t fetched_ns;
    uint64_t *order_ps;         /* end of the queue's last frame; 0: none */
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
    Cx6dxTimingUse use;         /* of what is being done, for the watch */
    uint64_t op, last_op;
    uint64_t interrupts;
    uint64_t recovery_bytes;
    uint64_t dma_bytes[CX6DX_TIMING_DMA_USES];
    Cx6dxTimingHist doorbell_to_wire, wire_to_cqe;

    Cx6dxTimelineWatch lines;   /* set up by cx6dx_timing_watch() */
    Cx6dxTimingWatch *watch;
    void *watch_opaque;
} Cx6dxTiming;

/*
 * Whether time is modelled: what every path asks first.  Built without the
 * model, to see what the question costs: scripts/cx6dx bench timing --cost.
 */
static inline bool cx6dx_timing_on(const Cx6dxTiming *timing)
{
#ifdef CX6DX_WITHOUT_TIMING
    return false;
#else
    return timing->params.enabled;
#endif
}

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

/* `watch` is told of every span from now on; it may not call the model */
void cx6dx_timing_watch(Cx6dxTiming *timing, Cx6dxTimingWatch *watch,
                        void *opaque);
/* What follows belongs to a new operation; its number, 0 without a model */
uint64_t cx6dx_timing_begin(Cx6dxTiming *timing);

/* ---- Each returns the virtual time, ns, at which it has ended ---- */

/* From the write of the CPU to when the fetch can begin; a new operation */
uint64_t cx6dx_timing_doorbell(Cx6dxTiming *timing, uint64_t now_ns);
uint64_t cx6dx_timing_dma_read(Cx6dxTiming *timing, Cx6dxTimingUse use,
                               uint64_t at_ns, uint32_t bytes);
/* On the link; see cx6dx_timing_seen() */
uint64_t cx6dx_timing_dma_write(Cx6dxTiming *timing, Cx6dxTimingUse use,
                                uint64_t at_ns, uint32_t bytes);
/* When the host sees what was on the link at `at_ns` */
uint64_t cx6dx_timing_seen(const Cx6dxTiming *timing, uint64_t at_ns);
/* An event's interrupt: a message behind the event; reaches the CPU */
uint64_t cx6dx_timing_interrupt(Cx6dxTiming *timing, uint64_t at_ns);
/* A new operation */
uint64_t cx6dx_timing_command(Cx6dxTiming *timing, uint64_t now_ns,
                              Cx6dxFwClass class, uint32_t keys);

/*
 * `frame_bytes` without FCS.  The receive side is told of a frame that has come:
 * it was on the wire before, unless another one was; a new operation.
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
                           uint64_t fetched_ns, uint64_t *order_ps);
/* What follows is of a TLS connection, behind `clear_bytes` of headers */
void cx6dx_timing_tx_tls(Cx6dxTiming *timing, uint32_t id,
                         uint32_t clear_bytes, Cx6dxTimingFlow *flow);
/* A frame gathered at `at_ns`: end on the wire */
uint64_t cx6dx_timing_tx_frame(Cx6dxTiming *timing, uint64_t at_ns,
                               uint32_t frame_bytes);
/* The same of one that is for the NIC itself and never gets to the wire */
uint64_t cx6dx_timing_tx_loop(Cx6dxTiming *timing, uint64_t at_ns,
                              uint32_t frame_bytes);

/* A frame off the wire is to be placed; then cx6dx_timing_rx_tls() */
uint64_t cx6dx_timing_rx_frame(Cx6dxTiming *timing, uint64_t now_ns);
uint64_t cx6dx_timing_rx_tls(Cx6dxTiming *timing, uint64_t at_ns, uint32_t id,
                             uint32_t bytes, Cx6dxTimingFlow *flow);
/*
 * Its data has been written, its completion is; `flow` NULL: no TLS.  `order_ns`
 * is when the queue's last completion was on the link, and changes.
 */
uint64_t cx6dx_timing_rx_done(Cx6dxTiming *timing, uint64_t wire_ns,
                              uint64_t at_ns, uint64_t *order_ns,
                              uint32_t cqe_bytes, Cx6dxTimingFlow *flow);

/* ---- What it has cost ---- */

const Cx6dxTimeline *cx6dx_timing_line(const Cx6dxTiming *timing,
                                       Cx6dxTimingRes res);
/* As in the properties and in counters: "pcie_up" */
const char *cx6dx_timing_res_str(Cx6dxTimingRes res);
const char *cx6dx_timing_use_str(Cx6dxTimingUse use);

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

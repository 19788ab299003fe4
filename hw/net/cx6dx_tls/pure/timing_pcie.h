/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The PCIe link, DMA reads with a limited number of tags, and posted writes
 *
 * The model of "Understanding PCIe performance for end host networking"
 * (SIGCOMM 2018): TLPs with their framing occupy the direction that they go in;
 * ACK and flow control DLLPs and SKP ordered sets lower the rate instead.
 *
 *     write   ceil(size / MPS) MWr up
 *     read    ceil(size / MRRS) MRd up, each with a tag; after the latency
 *             ceil(size / MPS) CplD down, or one for each RCB
 *
 * A request without a free tag waits until the oldest one is complete; so no
 * more than tags * MRRS bytes come in one latency.  Completions of one read come
 * in order.  Writes are posted: they end when their last byte is on the link,
 * and are seen by the host some time later, in the same order if the caller
 * gives the second one the end of the first.
 */
#ifndef CX6DX_PURE_TIMING_PCIE_H
#define CX6DX_PURE_TIMING_PCIE_H

#include "qemu/osdep.h"
#include "pure/timing_params.h"
#include "pure/timing_pipeline.h"

#define CX6DX_PCIE_MAX_TAGS 1024

typedef struct Cx6dxPcie {
    /* worked out from the parameters */
    Cx6dxRate rate, engine_rate;
    uint32_t mps, mrrs, piece, tags;
    uint64_t read_latency_ps;

    Cx6dxTimeline up;           /* device to host: writes, read requests */
    Cx6dxTimeline down;         /* host to device: completions, doorbells */
    Cx6dxTimeline engine;       /* takes in what is read; often without cost */
    uint32_t next_tag;
    uint64_t tag_free_ps[CX6DX_PCIE_MAX_TAGS];
    bool tag_used[CX6DX_PCIE_MAX_TAGS];
    uint64_t tag_stall_ps;      /* requests waited for a tag, in all */
    uint64_t tag_stalls;
    uint32_t oldest_tag;        /* of those that are in use, or next_tag */
    uint32_t tags_in_use;       /* when the last request went */
    uint64_t most_tags;         /* at any time */
    uint64_t read_bytes, write_bytes;       /* payload */
} Cx6dxPcie;

/* Keeps the timelines: parameters may change while work goes on */
void cx6dx_pcie_set(Cx6dxPcie *pcie, const Cx6dxTimingParams *params);
/* Forgets all work and counters */
void cx6dx_pcie_reset(Cx6dxPcie *pcie);

/* When the last byte is there; `bytes` at least 1 */
uint64_t cx6dx_pcie_read(Cx6dxPcie *pcie, uint64_t at_ps, uint32_t bytes);
/* When the last byte is on the link */
uint64_t cx6dx_pcie_write(Cx6dxPcie *pcie, uint64_t at_ps, uint32_t bytes);
/* A write of the CPU to the device */
uint64_t cx6dx_pcie_doorbell(Cx6dxPcie *pcie, uint64_t at_ps);

/* Closed form: bytes of TLPs for one operation, in each direction */
uint64_t cx6dx_timing_pcie_write_bytes(const Cx6dxTimingParams *params,
                                       uint32_t bytes);
void cx6dx_timing_pcie_read_bytes(const Cx6dxTimingParams *params,
                                  uint32_t bytes, uint64_t *up_bytes,
                                  uint64_t *down_bytes);
/* ps for a byte of TLPs, as a fraction */
Cx6dxRate cx6dx_timing_pcie_rate(const Cx6dxTimingParams *params);

/* Timelines, tags and counters; cx6dx_pcie_set() has said what there is */
void cx6dx_pcie_archive(Cx6dxPcie *pcie, Cx6dxArchive *ar);

#endif

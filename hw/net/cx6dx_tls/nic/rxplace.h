/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes into the memory of a receive work request, completions of a receive queue
 *
 * Knows nothing of frames: rxpath and rxlro decide what is placed and when it is
 * complete.
 */
#ifndef CX6DX_NIC_RXPLACE_H
#define CX6DX_NIC_RXPLACE_H

#include "qemu/osdep.h"
#include "nic/rq.h"
#include "pure/cqe.h"
#include "pure/timing.h"

/* Modelled: when what is completed was on its way */
typedef struct Cx6dxRxTimes {
    uint64_t wire_ns;           /* its first byte's frame had come */
    uint64_t ready_ns;          /* it has been placed */
    Cx6dxTimingFlow *flow;      /* with TLS, else NULL */
} Cx6dxRxTimes;

/*
 * Writes bytes at offset `at` of what the work request at rq->cc describes; it
 * has room for them.  False when it is broken: the queue is in ERR then.
 * Modelled: from `*ready_ns` on, which becomes when they are on the link.
 */
bool cx6dx_rxplace_write(Cx6dxNic *nic, Cx6dxRq *rq, const Cx6dxRqWqe *wqe,
                         size_t at, const uint8_t *buf, size_t len,
                         uint64_t *ready_ns);

/* A packet of `len` bytes lies in the work request at rq->cc */
void cx6dx_rxplace_consume(Cx6dxRq *rq, size_t len);

/* The completion; `times` counts only while time is modelled */
void cx6dx_rxplace_complete(Cx6dxNic *nic, Cx6dxRq *rq, const Cx6dxRxCqe *cqe,
                            const Cx6dxRxTimes *times);

/* Gives back the strides that are left: the next packet needs more */
void cx6dx_rxplace_filler(Cx6dxNic *nic, Cx6dxRq *rq);

#endif

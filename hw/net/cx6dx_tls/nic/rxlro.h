/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Large receive offload: the session of a receive queue
 *
 * What may be merged is decided in pure/lro.h.  A queue has at most one session,
 * in the memory of its next work request: the first frame is placed with its
 * headers as they came, of the others only the payload, behind it.  The
 * completion is written when the session closes.  Nothing else is delivered to
 * the queue while its session is open, so that completions and work requests
 * keep their order, and frames of a connection theirs.
 *
 * A session closes
 *     with its last frame (PSH, a shorter one, no room for more);
 *     before a frame for the same queue that does not follow on;
 *     at the beginning of the next turn of work, which follows at once; with
 *         modelled time instead after the TIR's timeout, counted from the first
 *         frame;
 *     before a command is executed.
 * A queue that is stopped or broken drops its session, as other frames that it
 * has not completed.
 */
#ifndef CX6DX_NIC_RXLRO_H
#define CX6DX_NIC_RXLRO_H

#include "qemu/osdep.h"
#include "nic/rq.h"
#include "nic/rxplace.h"
#include "nic/tir.h"
#include "pure/lro.h"

typedef struct Cx6dxRxLro {
    Cx6dxLro lro;
    bool open;                  /* on the list nic->lro_open */
    uint32_t tirn;
    Cx6dxRqWqe wqe;
    Cx6dxRxCqe cqe;             /* of the first frame alone */
    uint32_t placed_bytes;
    uint64_t first_ns;          /* modelled: it had come */
    uint64_t placed_ns;         /* modelled: all that came is in memory */
    uint64_t deadline_ns;
} Cx6dxRxLro;

static inline bool cx6dx_rxlro_is_open(const Cx6dxRq *rq)
{
    return rq->lro && rq->lro->open;
}

/*
 * True when the frame, not yet touched, begins a session; then
 * cx6dx_rxlro_hold() follows, or nothing if the frame could not be placed.
 */
bool cx6dx_rxlro_begins(Cx6dxRq *rq, const Cx6dxTir *tir, uint32_t max_bytes,
                        const uint8_t *buf, size_t len, const Cx6dxFrame *frame,
                        const Cx6dxFrameCsum *csum);

/* Opens the session: the frame's `bytes` lie in `wqe`, which is not consumed */
void cx6dx_rxlro_hold(Cx6dxNic *nic, Cx6dxRq *rq, const Cx6dxTir *tir,
                      const Cx6dxRqWqe *wqe, const Cx6dxRxCqe *cqe,
                      const Cx6dxRxTimes *times);

/* True when the frame follows on in the queue's open session */
bool cx6dx_rxlro_follows(const Cx6dxRq *rq, const Cx6dxTir *tir,
                         uint32_t flow_tag, const uint8_t *buf, size_t len,
                         const Cx6dxFrame *frame, const Cx6dxFrameCsum *csum);

/* Adds it; `buf` is what is delivered, its payload where it was on the wire */
void cx6dx_rxlro_add(Cx6dxNic *nic, Cx6dxRq *rq, const uint8_t *buf,
                     const Cx6dxFrame *frame, const Cx6dxFrameCsum *csum,
                     uint64_t ready_ns);

/* Writes the completion, if there is a session */
void cx6dx_rxlro_close(Cx6dxNic *nic, Cx6dxRq *rq);
/* The same for all queues: nothing is left half done */
void cx6dx_rxlro_close_all(Cx6dxNic *nic);
/* Forgets it */
void cx6dx_rxlro_drop(Cx6dxNic *nic, Cx6dxRq *rq);

/* The open sessions; after queues and TIRs */
void cx6dx_rxlro_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

/* A turn of work begins */
void cx6dx_rxlro_turn(Cx6dxNic *nic);
/* Closes what is due; returns the next deadline or UINT64_MAX */
uint64_t cx6dx_rxlro_timer(Cx6dxNic *nic, uint64_t now_ns);

#endif

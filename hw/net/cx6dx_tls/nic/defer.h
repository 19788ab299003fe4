/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What happens at a later virtual time: frames on the wire, frames that arrive,
 * completions, interrupts
 *
 * Actions happen in the order of their times, and equal times in the order in
 * which they were given.  With nothing pending, an action whose time has come
 * happens at once.  The number of actions and bytes is bounded: senders ask
 * cx6dx_defer_room() first and stop fetching without it.  A frame that arrives
 * and has to wait for a receive work request holds up those behind it, and
 * nothing else.
 */
#ifndef CX6DX_NIC_DEFER_H
#define CX6DX_NIC_DEFER_H

#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/agenda.h"
#include "pure/archive.h"

typedef struct Cx6dxNic Cx6dxNic;

#define CX6DX_DEFER_MAX_ACTIONS 8192
#define CX6DX_DEFER_MAX_BYTES (8 * 1024 * 1024)

typedef struct Cx6dxDefer {
    Cx6dxAgenda agenda;
    uint32_t pending;
    size_t pending_bytes;
    bool running;               /* inside cx6dx_defer_timer() */
    bool late;                  /* writing an entry that a fault held up */
    uint32_t late_cqes;
} Cx6dxDefer;

/* Which queue a completion belongs to */
#define CX6DX_DEFER_SQ(sqn) (sqn)
#define CX6DX_DEFER_RQ(rqn) ((rqn) | 1u << 31)
#define CX6DX_DEFER_CQ(cqn) ((cqn) | 1u << 30)  /* entries that are late */

void cx6dx_defer_init(Cx6dxNic *nic);
void cx6dx_defer_clear(Cx6dxNic *nic);          /* drops what is pending */
void cx6dx_defer_free(Cx6dxNic *nic);

/* Room for what the largest work request becomes; none while nic->stop */
bool cx6dx_defer_room(const Cx6dxNic *nic);

void cx6dx_defer_frame_out(Cx6dxNic *nic, uint64_t when_ns, const uint8_t *buf,
                           size_t len);
void cx6dx_defer_frame_in(Cx6dxNic *nic, uint64_t when_ns, const uint8_t *buf,
                          size_t len);
/* A frame that the NIC sends to itself */
void cx6dx_defer_loop_back(Cx6dxNic *nic, uint64_t when_ns, const uint8_t *buf,
                           size_t len);
void cx6dx_defer_cqe(Cx6dxNic *nic, uint64_t when_ns, uint32_t cqn,
                     const uint8_t cqe[CX6DX_cqe_BYTES], bool solicited,
                     uint32_t queue);

/*
 * For faults: what comes late.  False when too much does already; an entry that
 * may not overtake others is lost then, and the result is true.
 */
bool cx6dx_defer_late_cqe(Cx6dxNic *nic, uint64_t when_ns, uint32_t cqn,
                          const uint8_t cqe[CX6DX_cqe_BYTES], bool solicited);
bool cx6dx_defer_irq(Cx6dxNic *nic, uint64_t when_ns, uint32_t vector);
bool cx6dx_defer_thaw_eq(Cx6dxNic *nic, uint64_t when_ns, uint32_t eqn);
bool cx6dx_defer_thaw_sq(Cx6dxNic *nic, uint64_t when_ns, uint32_t sqn);
/* A frame that came while nic->stop; false: no room */
bool cx6dx_defer_hold_frame(Cx6dxNic *nic, const uint8_t *buf, size_t len);
/* When the last late entry of the CQ comes; 0: none is late */
uint64_t cx6dx_defer_late(const Cx6dxNic *nic, uint32_t cqn);
/* An interrupt */
void cx6dx_defer_vector(Cx6dxNic *nic, uint64_t when_ns, uint32_t vector);

/* Queue `queue` is reset or gone: its completions do not come any more */
void cx6dx_defer_forget(Cx6dxNic *nic, uint32_t queue);

/* Does what is due; returns the next deadline or UINT64_MAX */
uint64_t cx6dx_defer_timer(Cx6dxNic *nic, uint64_t now_ns);

/* What is pending, in its order; not from inside an action */
void cx6dx_defer_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

/* The next deadline or UINT64_MAX; does nothing */
uint64_t cx6dx_defer_next(Cx6dxNic *nic);

#endif

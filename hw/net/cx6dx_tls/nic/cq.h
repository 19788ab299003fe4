/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Completion queues: owner bit, arming, moderation, overrun, compression
 *
 * An armed queue fires one completion event when an entry is written: at the
 * end of the turn in which that happens (a turn may bring many entries; for the
 * first of them alone the guest would look too early), or under moderation
 * (cq_period is not 0) after cq_max_count entries or cq_period microseconds of
 * virtual time, whichever comes first.  The period counts from the last event,
 * or from the first entry after it, as cq_period_mode says.  Arming with entries
 * that the guest has not seen counts as if they were written now.
 *
 * A queue with compression holds entries back (pure/cqe_comp.h) until the next
 * turn of work: what arrives in one batch goes into one session.  Such entries
 * are not there yet for arming and moderation; they count for overrun.
 */
#ifndef CX6DX_NIC_CQ_H
#define CX6DX_NIC_CQ_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/obj.h"
#include "nic/res.h"
#include "pure/cqe_comp.h"

typedef struct Cx6dxCq {
    Cx6dxObj obj;
    Cx6dxPageList pages;
    uint8_t log_entries;
    uint32_t eqn;
    uint32_t uar_page;
    uint64_t dbr_addr;
    uint32_t pi;                /* counts without limit */
    uint32_t ci;                /* last one read from the doorbell record */
    bool armed;
    bool solicited_only;
    bool overrun_ignore;
    bool failed;                /* overrun, or its memory is not there */
    bool due;                   /* on the list nic->cq_due */
    bool event_held;            /* on its EQ's list */
    uint16_t period_us;
    uint16_t max_count;
    bool period_from_cqe;       /* else the period counts from the last event */
    uint64_t last_event_ns;
    uint16_t unreported;        /* entries since the last event */
    uint64_t deadline_ns;       /* of moderation; 0: none pending */
    uint32_t last_notified;
    Cx6dxCqeComp *comp;         /* NULL: does not compress */
} Cx6dxCq;

void cx6dx_cq_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_cq_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);
/* Lists of the NIC on which CQs are */
void cx6dx_cq_archive_lists(Cx6dxNic *nic, Cx6dxArchive *ar);
/* Moves the number of `cq`, returns it or the one that was loaded; may be NULL */
Cx6dxCq *cx6dx_cq_archive_number(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxCq *cq);

/*
 * Writes an entry, or holds it back; the owner bit is filled in.  False when the
 * queue is full, failed or its memory is not there (the guest gets a CQ error
 * event).
 */
bool cx6dx_cq_post(Cx6dxNic *nic, uint32_t cqn, uint8_t cqe[CX6DX_cqe_BYTES],
                   bool solicited);

/* Writes what is held back, in all queues; before work that may look at them */
void cx6dx_cq_close_all(Cx6dxNic *nic);

/* Doorbell on UAR `uar`: arm word and cqn word */
void cx6dx_cq_doorbell(Cx6dxNic *nic, uint32_t uar, uint32_t arm,
                       uint32_t cqn);

/* Fires what became due in this turn */
void cx6dx_cq_work(Cx6dxNic *nic);

/* Fires what moderation held until now; returns the next deadline or UINT64_MAX */
uint64_t cx6dx_cq_timer(Cx6dxNic *nic, uint64_t now_ns);

uint8_t cx6dx_cmd_create_cq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_cq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_cq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_modify_cq(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Event queues: producer index, owner bit, arming, interrupt
 *
 * An event for a full queue is held back, not lost: completion events by a mark
 * on their CQ, command completions by a vector of slots, port events by the last
 * state.  They are written when the consumer index moves.
 */
#ifndef CX6DX_NIC_EQ_H
#define CX6DX_NIC_EQ_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/obj.h"
#include "nic/res.h"

/* eqc.status and cqc.status of a queue that takes no more entries */
#define CX6DX_EQ_STATUS_FAILED 0xa

typedef struct Cx6dxEq {
    Cx6dxObj obj;
    Cx6dxPageList pages;
    uint8_t log_entries;
    uint32_t uar_page;
    uint32_t vector;
    uint64_t event_mask;        /* event types 0..63 */
    uint32_t pi;                /* counts without limit */
    uint32_t ci;                /* 24 bits as written by the guest */
    bool armed;
    bool failed;                /* its memory was not writable */
    bool frozen;                /* by a fault: as if it were full */
    uint64_t written_ns;        /* modelled time of the last entry */
    uint32_t held_cmd_vector;
    uint8_t held_port_event;    /* sub_type, 0: none */
    GQueue held_cqs;            /* Cx6dxCq, each at most once */
} Cx6dxEq;

typedef struct Cx6dxCq Cx6dxCq;

void cx6dx_eq_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_eq_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);
/* Events held back for CQs, of all EQs; the CQs are there */
void cx6dx_eq_archive_held(Cx6dxNic *nic, Cx6dxArchive *ar);

/* Doorbell on UAR `uar`: 32-bit value of CX6DX_UAR_EQ_ARM or _CI */
void cx6dx_eq_doorbell(Cx6dxNic *nic, uint32_t uar, uint32_t value, bool arm);

/* The end of eq->frozen */
void cx6dx_eq_thaw(Cx6dxNic *nic, uint32_t eqn);

/* Writes held events where there is room again; asked for by nic->eq_work */
void cx6dx_eq_work(Cx6dxNic *nic);

void cx6dx_eq_post_completion(Cx6dxNic *nic, Cx6dxCq *cq);
/* `cq` goes away: forget what is held for it */
void cx6dx_eq_forget_cq(Cx6dxNic *nic, Cx6dxCq *cq);
/* Has an EQ asked for command events? */
bool cx6dx_eq_takes_cmd(Cx6dxNic *nic);
/* False when no EQ takes command events: the driver polls */
bool cx6dx_eq_post_cmd(Cx6dxNic *nic, uint32_t slots);
void cx6dx_eq_post_port(Cx6dxNic *nic, uint8_t sub_type);
/* More pages, or less; false when no EQ takes such events now */
bool cx6dx_eq_post_pages(Cx6dxNic *nic, int32_t num_pages);
void cx6dx_eq_post_cq_error(Cx6dxNic *nic, uint32_t cqn, uint8_t syndrome);

uint8_t cx6dx_cmd_create_eq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_eq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_eq(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

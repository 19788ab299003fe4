/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive queues (cyclic), tables of them (RQT), and their counters
 *
 * Life cycle as in sq.h.  The producer counter is in guest memory only; it is
 * read again whenever the known entries are used up.  Posted entries belong to
 * the device, so several are read ahead.
 *
 * Two shapes.  Cyclic: each frame takes one entry.  Striding: entries are a
 * linked list, the memory of each is cut into strides, and a frame takes as many
 * strides as it needs, all of one entry.  What is left of an entry when the next
 * frame does not fit is given back with a filler completion.
 */
#ifndef CX6DX_NIC_RQ_H
#define CX6DX_NIC_RQ_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/obj.h"
#include "nic/res.h"

#define CX6DX_RQ_MAX_SEGS 32
#define CX6DX_RQ_MAX_LOG_STRIDE 10
#define CX6DX_RQ_CACHE_BYTES 1024
#define CX6DX_RQ_MAX_LOG_STRIDES 15     /* a completion counts up to that */
#define CX6DX_RQ_MAX_LOG_STRIDE_BYTES 13
#define CX6DX_RQ_LOG_STRIDING_WQE 5     /* link and one data segment */

typedef struct Cx6dxRq {
    Cx6dxObj obj;
    Cx6dxPageList pages;
    uint8_t log_wqes;
    uint8_t log_stride;     /* bytes of a work request */
    uint8_t state;          /* CX6DX_QUEUE_* */
    bool striding;
    uint8_t log_strides;    /* of an entry's memory */
    uint8_t log_stride_bytes;
    bool vsd;               /* do not strip VLAN tags */
    bool scatter_fcs;
    uint32_t cqn;
    uint32_t pdn;
    uint32_t counter_set;   /* 0: none */
    uint64_t dbr_addr;
    uint16_t pc;            /* producer counter as read last */
    uint16_t cc;            /* next work request */
    uint16_t head;          /* striding: its place in the ring */
    uint16_t next;          /* striding: and that of the one after it */
    uint32_t stride;        /* striding: strides used up of it */
    bool starved;           /* a frame has waited in vain: wait no more */
    /* Modelled times of the last completion: on the link, in memory */
    uint64_t done_ns, seen_ns;
    struct Cx6dxRxLro *lro; /* rxlro.h; NULL until one was needed */
    uint16_t cached;        /* work requests from cc on that are in `cache` */
    uint16_t cache_off;     /* of the one at cc, bytes */
    uint8_t cache[CX6DX_RQ_CACHE_BYTES];
} Cx6dxRq;

typedef struct Cx6dxRqSeg {
    uint64_t addr;
    uint32_t lkey;
    uint32_t bytes;
} Cx6dxRqSeg;

/* A receive work request: where the next frame goes */
typedef struct Cx6dxRqWqe {
    uint16_t index;         /* cyclic: counter; striding: place in the ring */
    uint16_t stride;        /* striding: the first one that is free */
    unsigned nsegs;
    uint32_t bytes;         /* of all segments */
    Cx6dxRqSeg segs[CX6DX_RQ_MAX_SEGS];
} Cx6dxRqWqe;

typedef struct Cx6dxQCounter {
    Cx6dxObj obj;
    uint64_t out_of_buffer;
} Cx6dxQCounter;

typedef struct Cx6dxRqt {
    Cx6dxObj obj;
    uint32_t max_entries;
    uint32_t entries;       /* actual */
    uint32_t *rqns;         /* each referenced */
} Cx6dxRqt;

void cx6dx_rq_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_rqt_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_rq_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);
void cx6dx_rqt_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);
void cx6dx_q_counter_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);

/* True when a work request is there; reads the doorbell record if need be */
bool cx6dx_rq_ready(Cx6dxNic *nic, Cx6dxRq *rq);

/* True when another one is there, behind the one at rq->cc */
bool cx6dx_rq_has_next(Cx6dxNic *nic, Cx6dxRq *rq);

/*
 * Decodes the work request at rq->cc; the queue is ready.  False when its memory
 * is not there: the queue is in ERR then.
 */
bool cx6dx_rq_peek(Cx6dxNic *nic, Cx6dxRq *rq, Cx6dxRqWqe *wqe);
/* The work request that was peeked at is used up */
void cx6dx_rq_consume(Cx6dxRq *rq);

/* Strides that `bytes` take up; and those left of the current work request */
static inline uint32_t cx6dx_rq_strides(const Cx6dxRq *rq, size_t bytes)
{
    return (bytes >> rq->log_stride_bytes) +
           ((bytes & ((1u << rq->log_stride_bytes) - 1)) != 0);
}

static inline uint32_t cx6dx_rq_strides_left(const Cx6dxRq *rq)
{
    return (1u << rq->log_strides) - rq->stride;
}

/* `n` strides of the work request that was peeked at are used up */
void cx6dx_rq_consume_strides(Cx6dxRq *rq, uint32_t n);
/* Error completion for the work request at rq->cc, and state ERR */
void cx6dx_rq_fail(Cx6dxNic *nic, Cx6dxRq *rq, uint8_t syndrome);

/* RQ for a hash; 0 when the table is gone or empty */
uint32_t cx6dx_rqt_lookup(Cx6dxNic *nic, uint32_t rqtn, uint32_t hash);

uint8_t cx6dx_cmd_create_rq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_modify_rq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_rq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_rq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_create_rqt(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_modify_rqt(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_rqt(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_alloc_q_counter(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_dealloc_q_counter(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_q_counter(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

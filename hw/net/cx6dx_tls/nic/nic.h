/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The modelled NIC: all its objects, and the calls of the front
 *
 * One NIC is used by one thread at a time.  Doorbells and initialization segment
 * writes only mark work and ask the host for a kick; the work is done in
 * cx6dx_nic_work() and cx6dx_nic_timer().  The one exception is arming: an EQ or
 * CQ with entries that the guest has not seen fires at once, which is at most
 * one event and one interrupt.
 */
#ifndef CX6DX_NIC_NIC_H
#define CX6DX_NIC_NIC_H

#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/faults.h"
#include "pure/stats.h"
#include "pure/timing.h"
#include "nic/caps.h"
#include "nic/cmd.h"
#include "nic/defer.h"
#include "nic/guest_err.h"
#include "nic/host.h"
#include "nic/obj.h"
#include "nic/pages.h"
#include "nic/port.h"
#include "nic/ppcnt.h"
#include "nic/vsc.h"

/* Limits of the model; capabilities are derived from them */
#define CX6DX_LOG_MAX_EQ 6
#define CX6DX_LOG_MAX_CQ 12
#define CX6DX_LOG_MAX_SQ 11
#define CX6DX_LOG_MAX_RQ 11
#define CX6DX_LOG_MAX_RQT 12
#define CX6DX_LOG_MAX_RQT_ENTRIES 11
#define CX6DX_LOG_MAX_TIR 16
#define CX6DX_LOG_MAX_TIS 16
#define CX6DX_LOG_MAX_DEK 17
#define CX6DX_LOG_MAX_MKEY 16
#define CX6DX_LOG_MAX_PD 8
#define CX6DX_LOG_MAX_TD 8
#define CX6DX_LOG_MAX_QUEUE_ENTRIES 15      /* SQ WQEBBs, RQ work requests */
#define CX6DX_LOG_MAX_EQ_CQ_ENTRIES 20
#define CX6DX_LOG_MAX_FLOW_TABLES 10
#define CX6DX_MAX_VECTORS 64

/* The internal timer, and timestamps in CQEs, count ns of virtual time */
#define CX6DX_TIMER_KHZ 1000000

typedef struct Cx6dxNicParams {
    uint32_t id;                /* first argument of every trace event */
    uint8_t mac[6];
    uint32_t vectors;           /* MSI-X vectors, 2..CX6DX_MAX_VECTORS */
    uint32_t uar_pages;         /* doorbell pages in the BAR */
    bool tls_tx, tls_rx;        /* capabilities on or off */
    uint32_t fw_pages;          /* borrowed from the host, see nic/pages.h */
    Cx6dxTimingParams timing;
} Cx6dxNicParams;

typedef enum Cx6dxRxResult {
    CX6DX_RX_TAKEN,             /* delivered or dropped; counted either way */
    CX6DX_RX_WAIT,              /* pause: try again after host.rx_ready() */
} Cx6dxRxResult;

/* A frame that waits was steered, and counted by its rules, once already */
typedef struct Cx6dxRxSteered {
    size_t len;
    uint8_t head[128];          /* its first bytes: is this the same one? */
    uint32_t tirn, flow_tag;
} Cx6dxRxSteered;

typedef struct Cx6dxNic {
    Cx6dxHost host;
    Cx6dxNicParams params;
    Cx6dxStats stats;
    Cx6dxTiming timing;
    Cx6dxCmdIf cmd;
    Cx6dxCaps caps;
    Cx6dxPort port;
    Cx6dxPpcnt ppcnt;
    Cx6dxVsc vsc;
    Cx6dxPages pages;
    Cx6dxDefer defer;
    Cx6dxFaults faults;         /* not the guest's: they outlive resets */
    bool stop;                  /* one of them: nothing is fetched for now */

    Cx6dxObjTable uars;         /* Cx6dxObj */
    Cx6dxObjTable pds;          /* Cx6dxObj */
    Cx6dxObjTable tds;          /* Cx6dxObj */
    Cx6dxObjTable mkeys;        /* Cx6dxMkey */
    Cx6dxObjTable deks;         /* Cx6dxDek */
    Cx6dxObjTable eqs;          /* Cx6dxEq */
    Cx6dxObjTable cqs;          /* Cx6dxCq */
    Cx6dxObjTable sqs;          /* Cx6dxSq */
    Cx6dxObjTable rqs;          /* Cx6dxRq */
    Cx6dxObjTable q_counters;   /* Cx6dxQCounter */
    Cx6dxObjTable rqts;         /* Cx6dxRqt */
    Cx6dxObjTable tirs;         /* Cx6dxTir */
    Cx6dxObjTable tises;        /* Cx6dxTis */
    Cx6dxObjTable flow_tables;
    Cx6dxObjTable flow_groups;
    Cx6dxObjTable flow_counters;
    uint32_t flow_root;         /* table number, 0: none */
    uint32_t flow_entries;      /* in all tables */

    uint32_t mtt_entries;       /* of all memory keys */
    uint32_t cq_pages;          /* of all completion queues */
    uint64_t guest_errs[CX6DX_GUEST_ERRS];

    GQueue sq_work;             /* Cx6dxSq with work, each at most once */
    GPtrArray *cq_moderated;    /* Cx6dxCq with a deadline */
    GPtrArray *cq_due;          /* Cx6dxCq to fire at the end of the turn */
    GPtrArray *cq_open;         /* Cx6dxCq that hold entries back */
    GPtrArray *lro_open;        /* Cx6dxRq with an open session */
    uint64_t timer_deadline_ns; /* as last given to the host */
    bool eq_work;               /* an EQ may have room for held events */
    uint64_t rx_wait_since_ns;  /* a frame waits for a work request; 0: none */
    Cx6dxRxSteered rx_waiting;  /* valid while one waits */
    uint8_t *tx_buf;            /* scratch of txpath */
    uint8_t *rx_buf;            /* scratch of rxpath */
} Cx6dxNic;

/* `nic` is zeroed memory; params have been checked by the caller */
void cx6dx_nic_init(Cx6dxNic *nic, const Cx6dxHost *host,
                    const Cx6dxNicParams *params);
void cx6dx_nic_free(Cx6dxNic *nic);

/* As new: no objects, no pending work, counters 0.  The backend's link stays. */
void cx6dx_nic_reset(Cx6dxNic *nic);

/* Destroys every object and forgets all work; link, counters, caps stay */
void cx6dx_nic_drop_objects(Cx6dxNic *nic);

/* How many objects there are, by table; ended by an entry with a NULL name */
typedef struct Cx6dxNicCount {
    const char *name;
    uint32_t used;
} Cx6dxNicCount;

#define CX6DX_NIC_TABLES 18

void cx6dx_nic_counts(const Cx6dxNic *nic,
                      Cx6dxNicCount counts[CX6DX_NIC_TABLES + 1]);

/* Objects alive in all tables, flow entries included */
uint32_t cx6dx_nic_objects(const Cx6dxNic *nic);

/* Does pending work within a budget and asks for another kick if some is left */
void cx6dx_nic_work(Cx6dxNic *nic);

/* A deadline has passed: moderation, deferred actions, waiting frames */
void cx6dx_nic_timer(Cx6dxNic *nic);

/* Re-computes the next deadline and tells the host */
void cx6dx_nic_update_timer(Cx6dxNic *nic);

/* A frame off the wire, without FCS */
Cx6dxRxResult cx6dx_nic_receive(Cx6dxNic *nic, const uint8_t *buf, size_t len);

/*
 * A fault has set `stop`, and the host has stopped the machine: it runs again.
 * Work that was left lying goes on.
 */
void cx6dx_nic_resume(Cx6dxNic *nic);

static inline uint64_t cx6dx_nic_now(Cx6dxNic *nic)
{
    return nic->host.now_ns(nic->host.opaque);
}

static inline bool cx6dx_nic_dma_read(Cx6dxNic *nic, uint64_t addr, void *buf,
                                      size_t len)
{
    return nic->host.dma_read(nic->host.opaque, addr, buf, len);
}

static inline bool cx6dx_nic_dma_write(Cx6dxNic *nic, uint64_t addr,
                                       const void *buf, size_t len)
{
    return nic->host.dma_write(nic->host.opaque, addr, buf, len);
}

static inline void cx6dx_nic_kick(Cx6dxNic *nic)
{
    nic->host.kick(nic->host.opaque);
}

#endif

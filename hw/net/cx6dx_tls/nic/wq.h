/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What send and receive queues have in common: the ring in guest memory, its
 * counters in a doorbell record, and the states (PRM "Work Queue Context")
 */
#ifndef CX6DX_NIC_WQ_H
#define CX6DX_NIC_WQ_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/res.h"

/* A work queue context, checked; page list held */
typedef struct Cx6dxWqInfo {
    Cx6dxPageList pages;
    uint8_t type;           /* CX6DX_WQ_* */
    uint8_t log_stride;     /* bytes of an entry */
    uint8_t log_entries;
    uint32_t pdn;
    uint64_t dbr_addr;
    uint8_t log_strides;    /* striding: strides of an entry's memory */
    uint8_t log_stride_bytes;
} Cx6dxWqInfo;

/*
 * Checks the `wq` at the end of the create command's context, with entries of
 * 2^min_log_stride .. 2^max_log_stride bytes, and takes the list of pages that
 * follows it.  A striding linked list is taken if `striding` allows it.  Returns
 * CX6DX_STATUS_*; only with OK there is something to free.
 */
uint8_t cx6dx_wq_parse(Cx6dxNic *nic, Cx6dxCmd *cmd, uint8_t min_log_stride,
                       uint8_t max_log_stride, bool striding,
                       Cx6dxWqInfo *info);

/* The same fields back, for queries */
void cx6dx_wq_fill(uint8_t *wq, const Cx6dxWqInfo *info, uint16_t hw_counter,
                   uint16_t sw_counter);

/* State of a queue in a snapshot */
void cx6dx_wq_archive_state(Cx6dxArchive *ar, uint8_t *state);

/* Whether MODIFY may lead from `from` to `to` */
bool cx6dx_wq_may_become(uint8_t from, uint8_t to);

#endif

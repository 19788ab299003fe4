/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Faults of pure/faults.h, made to happen in the NIC
 *
 * The places where one may strike ask cx6dx_fault(); this room counts, traces,
 * and does what is more than a line: entries and interrupts that get lost or
 * come late.  Nothing here runs while no fault is armed and nothing is late.
 */
#ifndef CX6DX_NIC_FAULT_H
#define CX6DX_NIC_FAULT_H

#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/eq.h"
#include "nic/nic.h"
#include "nic/sq.h"
#include "pure/faults.h"

/* As cx6dx_faults_set(), with a trace; NULL, or what is wrong, to be freed */
char *cx6dx_fault_set(Cx6dxNic *nic, const char *spec);

/* Counts an occasion of an armed fault and traces it when it strikes */
bool cx6dx_fault_fire(Cx6dxNic *nic, Cx6dxFaultId id, uint32_t object,
                      Cx6dxFaultRule *rule);

static inline bool cx6dx_fault(Cx6dxNic *nic, Cx6dxFaultId id, uint32_t object,
                               Cx6dxFaultRule *rule)
{
    return cx6dx_faults_armed(&nic->faults, id) &&
           cx6dx_fault_fire(nic, id, object, rule);
}

/* ---- Completions ---- */

bool cx6dx_fault_cqe(Cx6dxNic *nic, uint32_t cqn, const uint8_t *cqe,
                     bool solicited);

/* True when the entry is dropped, or written later: the caller does nothing */
static inline bool cx6dx_fault_takes_cqe(Cx6dxNic *nic, uint32_t cqn,
                                         const uint8_t *cqe, bool solicited)
{
    return __builtin_expect(nic->faults.armed || nic->faults.holding, 0) &&
           cx6dx_fault_cqe(nic, cqn, cqe, solicited);
}

/* ---- Events and interrupts ---- */

/* True when the event is dropped.  May stop the queue for a while: eq->frozen. */
bool cx6dx_fault_eqe(Cx6dxNic *nic, Cx6dxEq *eq);
/* True when the interrupt does not come now */
bool cx6dx_fault_irq(Cx6dxNic *nic, uint32_t vector);

/* ---- Contexts ---- */

/* A packet for context `object`: empties the cache of contexts if that is due */
void cx6dx_fault_evict(Cx6dxNic *nic, uint32_t object);

/* ---- Records ---- */

void cx6dx_fault_stop(Cx6dxNic *nic, Cx6dxFaultId id, uint32_t object,
                      uint64_t record);

/* The header of `record` went by: the NIC, and so the machine, may stop here */
static inline void cx6dx_fault_record(Cx6dxNic *nic, Cx6dxFaultId id,
                                      uint32_t object, uint64_t record)
{
    if (cx6dx_faults_armed(&nic->faults, id)) {
        cx6dx_fault_stop(nic, id, object, record);
    }
}

/* ---- GET_PSV ---- */

/* True when the queue stops before this request: its answer of now comes later */
bool cx6dx_fault_psv_late(Cx6dxNic *nic, Cx6dxSq *sq, uint32_t tirn);

#endif

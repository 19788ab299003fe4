/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Faults of pure/faults.h, made to happen in the NIC; see fault.h
 */
#include "qemu/osdep.h"
#include "nic/defer.h"
#include "nic/fault.h"
#include "nic/tir.h"
#include "trace.h"

char *cx6dx_fault_set(Cx6dxNic *nic, const char *spec)
{
    char *error = cx6dx_faults_set(&nic->faults, spec);
    g_autofree char *all = cx6dx_faults_str(&nic->faults);

    if (!error) {
        trace_cx6dx_fault_arm(cx6dx_nic_now(nic), nic->params.id, all);
    }
    return error;
}

bool cx6dx_fault_fire(Cx6dxNic *nic, Cx6dxFaultId id, uint32_t object,
                      Cx6dxFaultRule *rule)
{
    if (!cx6dx_faults_fire(&nic->faults, id, object, rule)) {
        return false;
    }
    trace_cx6dx_fault(cx6dx_nic_now(nic), nic->params.id,
                      cx6dx_fault_desc(id)->name, object, rule->seen);
    return true;
}

bool cx6dx_fault_cqe(Cx6dxNic *nic, uint32_t cqn, const uint8_t *cqe,
                     bool solicited)
{
    uint64_t when_ns = 0;
    Cx6dxFaultRule rule;

    if (nic->defer.late) {
        return false;               /* this one was late, and is now written */
    }
    if (cx6dx_fault(nic, CX6DX_FAULT_CQE_DROP, cqn, &rule)) {
        return true;
    }
    if (nic->faults.holding) {
        when_ns = cx6dx_defer_late(nic, cqn);
    }
    if (cx6dx_fault(nic, CX6DX_FAULT_CQE_DELAY, cqn, &rule)) {
        when_ns = MAX(when_ns, cx6dx_nic_now(nic) + rule.delay_ns);
        nic->faults.holding = true;
    }
    return when_ns && cx6dx_defer_late_cqe(nic, when_ns, cqn, cqe, solicited);
}

bool cx6dx_fault_eqe(Cx6dxNic *nic, Cx6dxEq *eq)
{
    Cx6dxFaultRule rule;

    if (cx6dx_fault(nic, CX6DX_FAULT_EQE_DROP, eq->obj.id, &rule)) {
        return true;
    }
    if (cx6dx_fault(nic, CX6DX_FAULT_EQE_DELAY, eq->obj.id, &rule)) {
        eq->frozen = cx6dx_defer_thaw_eq(nic, cx6dx_nic_now(nic) +
                                         rule.delay_ns, eq->obj.id);
    }
    return false;
}

bool cx6dx_fault_irq(Cx6dxNic *nic, uint32_t vector)
{
    Cx6dxFaultRule rule;

    if (cx6dx_fault(nic, CX6DX_FAULT_IRQ_DROP, vector, &rule)) {
        return true;
    }
    return cx6dx_fault(nic, CX6DX_FAULT_IRQ_DELAY, vector, &rule) &&
           cx6dx_defer_irq(nic, cx6dx_nic_now(nic) + rule.delay_ns, vector);
}

void cx6dx_fault_stop(Cx6dxNic *nic, Cx6dxFaultId id, uint32_t object,
                      uint64_t record)
{
    Cx6dxFaultRule rule;

    if (cx6dx_faults_fire_record(&nic->faults, id, object, record, &rule)) {
        trace_cx6dx_fault(cx6dx_nic_now(nic), nic->params.id,
                          cx6dx_fault_desc(id)->name, object, rule.seen);
        nic->stop = true;
    }
}

void cx6dx_fault_evict(Cx6dxNic *nic, uint32_t object)
{
    Cx6dxCtxCache *cache = &nic->timing.contexts;
    uint32_t capacity = cache->capacity;
    Cx6dxFaultRule rule;

    if (cx6dx_fault(nic, CX6DX_FAULT_CACHE_EVICT, object, &rule)) {
        cx6dx_ctxcache_resize(cache, 1);
        if (cache->newest) {
            cx6dx_ctxcache_drop(cache, cache->newest - 1);
        }
        cx6dx_ctxcache_resize(cache, capacity);
    }
}

bool cx6dx_fault_psv_late(Cx6dxNic *nic, Cx6dxSq *sq, uint32_t tirn)
{
    Cx6dxTir *tir = (Cx6dxTir *)cx6dx_obj_get(&nic->tirs, tirn);
    Cx6dxFaultRule rule;

    if (sq->psv_held) {
        return false;               /* the request that was stopped */
    }
    if (!cx6dx_fault(nic, CX6DX_FAULT_GET_PSV_LATE, tirn, &rule)) {
        return false;
    }
    if (!cx6dx_defer_thaw_sq(nic, cx6dx_nic_now(nic) + rule.delay_ns,
                             sq->obj.id)) {
        return false;
    }
    sq->frozen = true;
    sq->psv_held = true;
    sq->psv = (Cx6dxTlsProgress) { 0 };
    if (tir && tir->tls_en) {
        cx6dx_tls_rx_get_progress(tir->tls, &sq->psv);
    }
    return true;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tables of receive queues, and counters of queues; see rq.h (PRM "RQ Table",
 * "Q Counters")
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/rq.h"
#include "trace.h"

#define LIST_OFF (CX6DX_BYTES(create_obj_in) + CX6DX_BYTES(rqtc))
#define ENTRY_BYTES 4
#define RQN_MASK 0xffffff

static void drop_list(Cx6dxNic *nic, uint32_t *rqns, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        cx6dx_obj_unref(&nic->rqs, rqns[i]);
    }
    g_free(rqns);
}

void cx6dx_rqt_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    Cx6dxRqt *rqt = (Cx6dxRqt *)obj;

    drop_list(nic, rqt->rqns, rqt->entries);
    g_free(rqt);
}

uint32_t cx6dx_rqt_lookup(Cx6dxNic *nic, uint32_t rqtn, uint32_t hash)
{
    const Cx6dxRqt *rqt = (const Cx6dxRqt *)cx6dx_obj_get(&nic->rqts, rqtn);

    return rqt && rqt->entries ? rqt->rqns[hash % rqt->entries] : 0;
}

/* Replaces the list of `rqt` by that of the command; all queues exist */
static uint8_t take_list(Cx6dxNic *nic, Cx6dxCmd *cmd, Cx6dxRqt *rqt)
{
    const uint8_t *rqtc = cmd->in + CX6DX_BYTES(create_obj_in);
    uint32_t n = CX6DX_GET(rqtc, rqtc, rqt_actual_size);
    uint32_t *rqns;

    if (n > rqt->max_entries ||
        n > (cmd->in_bytes - LIST_OFF) / ENTRY_BYTES) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_QUEUE_SIZE);
    }
    rqns = g_new(uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        rqns[i] = cx6dx_prm_load(cmd->in + LIST_OFF + i * ENTRY_BYTES) &
                  RQN_MASK;
        if (!cx6dx_obj_ref(&nic->rqs, rqns[i])) {
            drop_list(nic, rqns, i);
            return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                                  CX6DX_SYND_NO_SUCH_OBJECT);
        }
    }
    drop_list(nic, rqt->rqns, rqt->entries);
    rqt->rqns = rqns;
    rqt->entries = n;
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_create_rqt(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *rqtc = cmd->in + CX6DX_BYTES(create_obj_in);
    g_autofree Cx6dxRqt *rqt = g_new0(Cx6dxRqt, 1);
    uint8_t status;
    uint32_t rqtn;

    rqt->max_entries = CX6DX_GET(rqtc, rqtc, rqt_max_size);
    if (CX6DX_GET(rqtc, rqtc, list_q_type) || !rqt->max_entries ||
        rqt->max_entries > 1u << CX6DX_LOG_MAX_RQT_ENTRIES) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    status = take_list(nic, cmd, rqt);
    if (status != CX6DX_STATUS_OK) {
        return status;
    }
    rqtn = cx6dx_cmd_add_obj(nic, cmd, &nic->rqts, &rqt->obj);
    if (!rqtn) {
        drop_list(nic, rqt->rqns, rqt->entries);
        return CX6DX_STATUS_LIM_ERR;
    }
    g_steal_pointer(&rqt);
    CX6DX_SET(cmd_out, cmd->out, number, rqtn);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_modify_rqt(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t rqtn = CX6DX_GET(modify_obj_in, cmd->in, number);
    uint32_t mask = CX6DX_GET(modify_obj_in, cmd->in, modify_bitmask_l);
    Cx6dxRqt *rqt = (Cx6dxRqt *)cx6dx_obj_get(&nic->rqts, rqtn);

    if (!rqt) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    return mask & CX6DX_MODIFY_RQT_LIST ? take_list(nic, cmd, rqt)
                                        : CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_rqt(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return cx6dx_cmd_del_obj(nic, cmd, &nic->rqts,
                             CX6DX_GET(cmd_in, cmd->in, number));
}

/* ---- Counters ---- */

uint8_t cx6dx_cmd_alloc_q_counter(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    Cx6dxQCounter *counter = g_new0(Cx6dxQCounter, 1);
    uint32_t id = cx6dx_cmd_add_obj(nic, cmd, &nic->q_counters, &counter->obj);

    if (!id) {
        g_free(counter);
        return CX6DX_STATUS_LIM_ERR;
    }
    CX6DX_SET(cmd_out, cmd->out, number, id);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_dealloc_q_counter(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return cx6dx_cmd_del_obj(nic, cmd, &nic->q_counters,
                             CX6DX_GET(cmd_in, cmd->in, number) & 0xff);
}

uint8_t cx6dx_cmd_query_q_counter(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t id = CX6DX_GET(query_q_counter_in, cmd->in, counter_set_id);
    Cx6dxQCounter *counter = (Cx6dxQCounter *)cx6dx_obj_get(&nic->q_counters,
                                                            id);

    if (!counter) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    CX6DX_SET(query_q_counter_out, cmd->out, out_of_buffer,
              (uint32_t)counter->out_of_buffer);
    if (CX6DX_GET(query_q_counter_in, cmd->in, clear)) {
        counter->out_of_buffer = 0;
    }
    return CX6DX_STATUS_OK;
}

/* ---- Snapshots ---- */

void cx6dx_rqt_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    Cx6dxRqt *rqt = (Cx6dxRqt *)obj;
    uint32_t n = rqt->entries;

    cx6dx_ar(ar, &rqt->max_entries);
    cx6dx_ar_check(ar, rqt->max_entries &&
                       rqt->max_entries <= 1u << CX6DX_LOG_MAX_RQT_ENTRIES,
                   "the size of an RQT can not be");
    cx6dx_ar_count(ar, &n, rqt->max_entries, "too many queues in an RQT");
    if (ar->loading) {
        rqt->rqns = g_new0(uint32_t, n);
        rqt->entries = n;
    }
    for (uint32_t i = 0; i < n && cx6dx_ar_good(ar); i++) {
        cx6dx_obj_archive_ref(ar, &nic->rqs, &rqt->rqns[i]);
    }
}

void cx6dx_q_counter_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    cx6dx_ar(ar, &((Cx6dxQCounter *)obj)->out_of_buffer);
}

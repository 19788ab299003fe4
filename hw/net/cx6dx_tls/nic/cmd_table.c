/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of commands; see cmd_table.h
 *
 * Lengths are what the handlers touch, not what a driver would send: drivers of
 * different ages send shorter or longer structures.
 */
#include "qemu/osdep.h"
#include "nic/caps.h"
#include "nic/cmd_table.h"
#include "nic/cq.h"
#include "nic/dek.h"
#include "nic/diag.h"
#include "nic/eq.h"
#include "nic/flow.h"
#include "nic/nic.h"
#include "nic/pages.h"
#include "nic/port.h"
#include "nic/reg.h"
#include "nic/res.h"
#include "nic/rq.h"
#include "nic/sq.h"
#include "nic/tir.h"
#include "nic/tis.h"

#define CTX_IN(context) (CX6DX_create_obj_in_BYTES + CX6DX_##context##_BYTES)
#define MOD_IN(context) (CX6DX_modify_obj_in_BYTES + CX6DX_##context##_BYTES)

/* must be in the order of the opcodes */
static const Cx6dxCmdDesc table[] = {
#define D(NAME, handler, in, out) \
    { CX6DX_CMD_##NAME, #NAME, cx6dx_cmd_##handler, in, out }
    D(QUERY_HCA_CAP, query_hca_cap, 16, CX6DX_query_hca_cap_out_BYTES),
    D(QUERY_ADAPTER, query_adapter, 16, CX6DX_query_adapter_out_BYTES),
    D(INIT_HCA, init_hca, 16, 16),
    D(TEARDOWN_HCA, teardown_hca, 16, 16),
    D(ENABLE_HCA, enable_hca, 16, 16),
    D(DISABLE_HCA, disable_hca, 16, 16),
    D(QUERY_PAGES, query_pages, 16, 16),
    D(MANAGE_PAGES, manage_pages, 16, 16),
    D(SET_HCA_CAP, set_hca_cap, 0x10 + CX6DX_cmd_hca_cap_BYTES, 16),
    D(QUERY_ISSI, query_issi, 16, CX6DX_query_issi_out_BYTES),
    D(SET_ISSI, set_issi, 16, 16),
    D(SET_DRIVER_VERSION, set_driver_version, 16, 16),
    D(CREATE_MKEY, create_mkey, CX6DX_create_mkey_in_BYTES, 16),
    D(DESTROY_MKEY, destroy_mkey, 16, 16),
    D(QUERY_SPECIAL_CONTEXTS, query_special_contexts, 16, 16),
    D(CREATE_EQ, create_eq, CX6DX_create_eq_in_BYTES, 16),
    D(DESTROY_EQ, destroy_eq, 16, 16),
    D(QUERY_EQ, query_eq, 16, 0x10 + CX6DX_eqc_BYTES),
    D(CREATE_CQ, create_cq, CX6DX_create_cq_in_BYTES, 16),
    D(DESTROY_CQ, destroy_cq, 16, 16),
    D(QUERY_CQ, query_cq, 16, 0x10 + CX6DX_cqc_BYTES),
    D(MODIFY_CQ, modify_cq, 0x10 + CX6DX_cqc_BYTES, 16),
    D(QUERY_VPORT_STATE, query_vport_state, 16, 16),
    D(QUERY_NIC_VPORT_CONTEXT, query_nic_vport, 16,
      0x10 + CX6DX_nic_vport_context_BYTES),
    D(MODIFY_NIC_VPORT_CONTEXT, modify_nic_vport,
      CX6DX_modify_nic_vport_context_in_BYTES +
      CX6DX_nic_vport_context_BYTES, 16),
    D(QUERY_VNIC_ENV, query_vnic_env, 16, CX6DX_query_vnic_env_out_BYTES),
    D(QUERY_VPORT_COUNTER, query_vport_counter,
      CX6DX_query_vport_counter_in_BYTES, 0xd0),
    D(ALLOC_Q_COUNTER, alloc_q_counter, 16, 16),
    D(DEALLOC_Q_COUNTER, dealloc_q_counter, 16, 16),
    D(QUERY_Q_COUNTER, query_q_counter, CX6DX_query_q_counter_in_BYTES,
      CX6DX_query_q_counter_out_BYTES),
    D(ALLOC_PD, alloc_pd, 16, 16),
    D(DEALLOC_PD, dealloc_pd, 16, 16),
    D(ALLOC_UAR, alloc_uar, 16, 16),
    D(DEALLOC_UAR, dealloc_uar, 16, 16),
    D(ACCESS_REG, access_reg, 16, 16),
    D(ALLOC_TRANSPORT_DOMAIN, alloc_td, 16, 16),
    D(DEALLOC_TRANSPORT_DOMAIN, dealloc_td, 16, 16),
    D(CREATE_TIR, create_tir, CTX_IN(tirc), 16),
    D(MODIFY_TIR, modify_tir, MOD_IN(tirc), 16),
    D(DESTROY_TIR, destroy_tir, 16, 16),
    D(CREATE_SQ, create_sq, CTX_IN(sqc), 16),
    D(MODIFY_SQ, modify_sq, MOD_IN(sqc), 16),
    D(DESTROY_SQ, destroy_sq, 16, 16),
    D(QUERY_SQ, query_sq, 16, 0x20 + CX6DX_sqc_BYTES),
    D(CREATE_RQ, create_rq, CTX_IN(rqc), 16),
    D(MODIFY_RQ, modify_rq, MOD_IN(rqc), 16),
    D(DESTROY_RQ, destroy_rq, 16, 16),
    D(QUERY_RQ, query_rq, 16, 0x20 + CX6DX_rqc_BYTES),
    D(CREATE_TIS, create_tis, CTX_IN(tisc), 16),
    D(DESTROY_TIS, destroy_tis, 16, 16),
    D(CREATE_RQT, create_rqt, CTX_IN(rqtc), 16),
    D(MODIFY_RQT, modify_rqt, MOD_IN(rqtc), 16),
    D(DESTROY_RQT, destroy_rqt, 16, 16),
    D(SET_FLOW_TABLE_ROOT, set_flow_table_root,
      CX6DX_set_flow_table_root_in_BYTES, 16),
    D(CREATE_FLOW_TABLE, create_flow_table, CX6DX_create_flow_table_in_BYTES,
      16),
    D(DESTROY_FLOW_TABLE, destroy_flow_table, CX6DX_flow_cmd_in_BYTES, 16),
    D(CREATE_FLOW_GROUP, create_flow_group, CX6DX_create_flow_group_in_BYTES,
      16),
    D(DESTROY_FLOW_GROUP, destroy_flow_group,
      CX6DX_destroy_flow_group_in_BYTES, 16),
    D(SET_FLOW_TABLE_ENTRY, set_fte, CX6DX_set_fte_in_BYTES, 16),
    D(DELETE_FLOW_TABLE_ENTRY, delete_fte, CX6DX_delete_fte_in_BYTES, 16),
    D(ALLOC_FLOW_COUNTER, alloc_flow_counter, 16, 16),
    D(DEALLOC_FLOW_COUNTER, dealloc_flow_counter, 16, 16),
    D(QUERY_FLOW_COUNTER, query_flow_counter,
      CX6DX_query_flow_counter_in_BYTES, 16),
    D(MODIFY_FLOW_TABLE, modify_flow_table, CX6DX_modify_flow_table_in_BYTES,
      16),
    D(CREATE_GENERAL_OBJECT, create_general_obj,
      CX6DX_create_encryption_key_in_BYTES, 16),
    D(MODIFY_GENERAL_OBJECT, modify_general_obj,
      CX6DX_create_encryption_key_in_BYTES, 16),
    D(QUERY_GENERAL_OBJECT, query_general_obj, 16,
      0x10 + CX6DX_encryption_key_obj_BYTES),
    D(DESTROY_GENERAL_OBJECT, destroy_general_obj, 16, 16),
    D(SYNC_CRYPTO, sync_crypto, 16, 16),
#undef D
};

const Cx6dxCmdDesc *cx6dx_cmd_table_all(size_t *n)
{
    *n = ARRAY_SIZE(table);
    return table;
}

const Cx6dxCmdDesc *cx6dx_cmd_table_find(uint16_t opcode)
{
    size_t low = 0, high = ARRAY_SIZE(table);

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (table[mid].opcode == opcode) {
            return &table[mid];
        }
        if (table[mid].opcode < opcode) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

bool cx6dx_cmd_table_allowed(const Cx6dxNic *nic, uint16_t opcode)
{
    switch (opcode) {
    case CX6DX_CMD_ENABLE_HCA:
    case CX6DX_CMD_QUERY_ISSI:
    case CX6DX_CMD_SET_ISSI:
        return true;
    case CX6DX_CMD_DISABLE_HCA:
    case CX6DX_CMD_INIT_HCA:
    case CX6DX_CMD_TEARDOWN_HCA:
    case CX6DX_CMD_QUERY_PAGES:
    case CX6DX_CMD_MANAGE_PAGES:
    case CX6DX_CMD_QUERY_HCA_CAP:
    case CX6DX_CMD_SET_HCA_CAP:
    case CX6DX_CMD_QUERY_ADAPTER:
    case CX6DX_CMD_ACCESS_REG:
        return nic->cmd.hca_enabled;
    default:
        return nic->cmd.hca_enabled && nic->cmd.hca_inited;
    }
}

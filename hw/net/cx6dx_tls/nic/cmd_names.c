/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names of the commands that a card has and the model has not; see cmd_names.h
 */
#include "qemu/osdep.h"
#include "nic/cmd_names.h"
#include "nic/cmd_table.h"

/* must be in the order of the opcodes, and have none of cmd_table.c */
static const struct {
    uint16_t opcode;
    const char *name;
} absent[CX6DX_CMD_NAMES_ABSENT] = {
    { 0x111, "QUERY_SF_PARTITION" },
    { 0x113, "ALLOC_SF" },
    { 0x114, "DEALLOC_SF" },
    { 0x115, "SUSPEND_VHCA" },
    { 0x116, "RESUME_VHCA" },
    { 0x117, "QUERY_VHCA_MIGRATION_STATE" },
    { 0x118, "SAVE_VHCA_STATE" },
    { 0x119, "LOAD_VHCA_STATE" },
    { 0x201, "QUERY_MKEY" },
    { 0x204, "PAGE_FAULT_RESUME" },
    { 0x205, "ALLOC_MEMIC" },
    { 0x206, "DEALLOC_MEMIC" },
    { 0x207, "MODIFY_MEMIC" },
    { 0x304, "GEN_EQE" },
    { 0x500, "CREATE_QP" },
    { 0x501, "DESTROY_QP" },
    { 0x502, "RST2INIT_QP" },
    { 0x503, "INIT2RTR_QP" },
    { 0x504, "RTR2RTS_QP" },
    { 0x505, "RTS2RTS_QP" },
    { 0x506, "SQERR2RTS_QP" },
    { 0x507, "2ERR_QP" },
    { 0x50a, "2RST_QP" },
    { 0x50b, "QUERY_QP" },
    { 0x50c, "SQD_RTS_QP" },
    { 0x50d, "MAD_IFC" },
    { 0x50e, "INIT2INIT_QP" },
    { 0x600, "CREATE_PSV" },
    { 0x601, "DESTROY_PSV" },
    { 0x700, "CREATE_SRQ" },
    { 0x701, "DESTROY_SRQ" },
    { 0x702, "QUERY_SRQ" },
    { 0x703, "ARM_RQ" },
    { 0x705, "CREATE_XRC_SRQ" },
    { 0x706, "DESTROY_XRC_SRQ" },
    { 0x707, "QUERY_XRC_SRQ" },
    { 0x708, "ARM_XRC_SRQ" },
    { 0x710, "CREATE_DCT" },
    { 0x711, "DESTROY_DCT" },
    { 0x712, "DRAIN_DCT" },
    { 0x713, "QUERY_DCT" },
    { 0x714, "ARM_DCT_FOR_KEY_VIOLATION" },
    { 0x717, "CREATE_XRQ" },
    { 0x718, "DESTROY_XRQ" },
    { 0x719, "QUERY_XRQ" },
    { 0x71a, "ARM_XRQ" },
    { 0x725, "QUERY_XRQ_DC_PARAMS_ENTRY" },
    { 0x726, "SET_XRQ_DC_PARAMS_ENTRY" },
    { 0x727, "QUERY_XRQ_ERROR_PARAMS" },
    { 0x729, "RELEASE_XRQ_ERROR" },
    { 0x72a, "MODIFY_XRQ" },
    { 0x740, "QUERY_ESW_FUNCTIONS" },
    { 0x751, "MODIFY_VPORT_STATE" },
    { 0x752, "QUERY_ESW_VPORT_CONTEXT" },
    { 0x753, "MODIFY_ESW_VPORT_CONTEXT" },
    { 0x760, "QUERY_ROCE_ADDRESS" },
    { 0x761, "SET_ROCE_ADDRESS" },
    { 0x762, "QUERY_HCA_VPORT_CONTEXT" },
    { 0x763, "MODIFY_HCA_VPORT_CONTEXT" },
    { 0x764, "QUERY_HCA_VPORT_GID" },
    { 0x765, "QUERY_HCA_VPORT_PKEY" },
    { 0x774, "SET_MONITOR_COUNTER" },
    { 0x775, "ARM_MONITOR_COUNTER" },
    { 0x780, "SET_PP_RATE_LIMIT" },
    { 0x781, "QUERY_RATE_LIMIT" },
    { 0x782, "CREATE_SCHEDULING_ELEMENT" },
    { 0x783, "DESTROY_SCHEDULING_ELEMENT" },
    { 0x784, "QUERY_SCHEDULING_ELEMENT" },
    { 0x785, "MODIFY_SCHEDULING_ELEMENT" },
    { 0x786, "CREATE_QOS_PARA_VPORT" },
    { 0x787, "DESTROY_QOS_PARA_VPORT" },
    { 0x804, "CONFIG_INT_MODERATION" },
    { 0x806, "ATTACH_TO_MCG" },
    { 0x807, "DETACH_FROM_MCG" },
    { 0x80a, "GET_DROPPED_PACKET_LOG" },
    { 0x80b, "QUERY_MAD_DEMUX" },
    { 0x80c, "SET_MAD_DEMUX" },
    { 0x80d, "NOP" },
    { 0x80e, "ALLOC_XRCD" },
    { 0x80f, "DEALLOC_XRCD" },
    { 0x822, "QUERY_CONG_STATUS" },
    { 0x823, "MODIFY_CONG_STATUS" },
    { 0x824, "QUERY_CONG_PARAMS" },
    { 0x825, "MODIFY_CONG_PARAMS" },
    { 0x826, "QUERY_CONG_STATISTICS" },
    { 0x827, "ADD_VXLAN_UDP_DPORT" },
    { 0x828, "DELETE_VXLAN_UDP_DPORT" },
    { 0x829, "SET_L2_TABLE_ENTRY" },
    { 0x82a, "QUERY_L2_TABLE_ENTRY" },
    { 0x82b, "DELETE_L2_TABLE_ENTRY" },
    { 0x830, "SET_WOL_ROL" },
    { 0x831, "QUERY_WOL_ROL" },
    { 0x840, "CREATE_LAG" },
    { 0x841, "MODIFY_LAG" },
    { 0x842, "QUERY_LAG" },
    { 0x843, "DESTROY_LAG" },
    { 0x844, "CREATE_VPORT_LAG" },
    { 0x845, "DESTROY_VPORT_LAG" },
    { 0x903, "QUERY_TIR" },
    { 0x90c, "CREATE_RMP" },
    { 0x90d, "MODIFY_RMP" },
    { 0x90e, "DESTROY_RMP" },
    { 0x90f, "QUERY_RMP" },
    { 0x910, "SET_DELAY_DROP_PARAMS" },
    { 0x913, "MODIFY_TIS" },
    { 0x915, "QUERY_TIS" },
    { 0x919, "QUERY_RQT" },
    { 0x932, "QUERY_FLOW_TABLE" },
    { 0x935, "QUERY_FLOW_GROUP" },
    { 0x937, "QUERY_FLOW_TABLE_ENTRY" },
    { 0x93d, "ALLOC_PACKET_REFORMAT_CONTEXT" },
    { 0x93e, "DEALLOC_PACKET_REFORMAT_CONTEXT" },
    { 0x93f, "QUERY_PACKET_REFORMAT_CONTEXT" },
    { 0x940, "ALLOC_MODIFY_HEADER_CONTEXT" },
    { 0x941, "DEALLOC_MODIFY_HEADER_CONTEXT" },
    { 0x942, "QUERY_MODIFY_HEADER_CONTEXT" },
    { 0x960, "FPGA_CREATE_QP" },
    { 0x961, "FPGA_MODIFY_QP" },
    { 0x962, "FPGA_QUERY_QP" },
    { 0x963, "FPGA_DESTROY_QP" },
    { 0x964, "FPGA_QUERY_QP_COUNTERS" },
    { 0xa04, "CREATE_UCTX" },
    { 0xa06, "DESTROY_UCTX" },
    { 0xa08, "CREATE_UMEM" },
    { 0xa0a, "DESTROY_UMEM" },
    { 0xb00, "SYNC_STEERING" },
    { 0xb0d, "QUERY_VHCA_STATE" },
    { 0xb0e, "MODIFY_VHCA_STATE" },
    { 0xb16, "ALLOW_OTHER_VHCA_ACCESS" },
    { 0xb17, "GENERATE_WQE" },
};

const char *cx6dx_cmd_name(uint16_t opcode)
{
    const Cx6dxCmdDesc *desc = cx6dx_cmd_table_find(opcode);
    size_t low = 0, high = ARRAY_SIZE(absent);

    if (desc) {
        return desc->name;
    }
    while (low < high) {
        size_t mid = (low + high) / 2;

        if (absent[mid].opcode == opcode) {
            return absent[mid].name;
        }
        if (absent[mid].opcode < opcode) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return "UNKNOWN";
}

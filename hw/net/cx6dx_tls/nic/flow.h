/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Flow steering of the receive side: tables, groups, entries, counters
 *
 * A packet starts at the root table.  In a table the matching entry with the
 * lowest index wins; without one the miss action counts.  An entry forwards to
 * a table or a TIR, or drops.  A walk ends after CX6DX_FLOW_MAX_STEPS tables.
 * Matching is on the outer headers only; other criteria are refused.  Memory
 * follows the entries that exist, never the size that a table claims.
 */
#ifndef CX6DX_NIC_FLOW_H
#define CX6DX_NIC_FLOW_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/obj.h"
#include "pure/frame.h"

#define CX6DX_FLOW_MAX_STEPS 128
#define CX6DX_FLOW_MAX_ENTRIES (1 << 18)    /* in all tables together */
/* A rule has one destination: nic_rx_multi_path_tirs is not offered */
#define CX6DX_FLOW_MAX_DESTS 1
#define CX6DX_FLOW_MAX_COUNTERS 4           /* of one rule */
#define CX6DX_LOG_MAX_FLOW_GROUPS 12        /* in all tables together */
#define CX6DX_LOG_MAX_FLOW_COUNTERS 10

typedef struct Cx6dxFlowResult {
    uint32_t tirn;          /* 0: dropped */
    uint32_t flow_tag;
} Cx6dxFlowResult;

/* Where a frame goes; counts in flow counters on its way */
Cx6dxFlowResult cx6dx_flow_lookup(Cx6dxNic *nic, const uint8_t *buf, size_t len,
                                  const Cx6dxFrame *frame);

void cx6dx_flow_reset(Cx6dxNic *nic);
void cx6dx_flow_table_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_flow_group_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_flow_counter_release(Cx6dxNic *nic, Cx6dxObj *obj);
/* Counters, tables, groups and entries; TIRs are there */
void cx6dx_flow_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

uint8_t cx6dx_cmd_set_flow_table_root(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_create_flow_table(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_flow_table(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_modify_flow_table(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_create_flow_group(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_flow_group(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_set_fte(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_delete_fte(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_alloc_flow_counter(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_dealloc_flow_counter(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_flow_counter(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Objects of flow steering, for the files of room flow and nobody else
 */
#ifndef CX6DX_NIC_FLOW_OBJ_H
#define CX6DX_NIC_FLOW_OBJ_H

#include "qemu/osdep.h"
#include "nic/flow.h"
#include "nic/flow_match.h"

#define FLOW_MAX_LOG_SIZE 22
#define FLOW_KNOWN_ACTIONS (CX6DX_FTE_ALLOW | CX6DX_FTE_DROP | \
                            CX6DX_FTE_FWD | CX6DX_FTE_COUNT)

typedef struct FlowTable {
    Cx6dxObj obj;
    uint32_t miss_table;        /* 0: drop */
    uint32_t n_entries_max;
    GPtrArray *groups;          /* FlowGroup, by start index; not empty: busy */
    GHashTable *entries;        /* index -> FlowEntry */
} FlowTable;

typedef struct FlowGroup {
    Cx6dxObj obj;
    uint32_t table_id;
    uint32_t start, end;        /* inclusive */
    Cx6dxFlowMatcher matcher;
} FlowGroup;

typedef struct FlowCounter {
    Cx6dxObj obj;
    uint64_t packets, octets;
} FlowCounter;

/* What an entry does; the part of it that commands may change */
typedef struct FlowRule {
    uint16_t action;
    uint8_t dest_type;          /* CX6DX_FT_DEST_*, 0: none */
    uint8_t n_counters;
    uint32_t dest;
    uint32_t flow_tag;
    uint32_t counters[CX6DX_FLOW_MAX_COUNTERS];
} FlowRule;

typedef struct FlowEntry {
    Cx6dxFlowItem item;
    FlowGroup *group;
    FlowRule rule;
} FlowEntry;

/* What a rule points at is there; then it may be held */
bool cx6dx_flow_rule_targets_exist(const Cx6dxNic *nic, const FlowRule *rule);
void cx6dx_flow_rule_hold(Cx6dxNic *nic, const FlowRule *rule);

/* Where a group that begins at `start` belongs; false when it would overlap */
bool cx6dx_flow_group_place(const FlowTable *table, uint32_t start,
                            uint32_t end, guint *place);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Flow steering: tables, groups, entries, counters, and the walk; see flow.h
 * (PRM "Flow Table", "Flow Group", "Flow Table Entry")
 *
 * References: a group holds its table; an entry holds its group's place, its
 * destination and its counters; a table holds the table that it misses to.  The
 * root is no reference: destroying the root table leaves no root, as drivers
 * expect when they stop.
 */
#include "qemu/osdep.h"
#include "nic/flow.h"
#include "nic/flow_match.h"
#include "nic/flow_obj.h"
#include "nic/nic.h"
#include "nic/res.h"
#include "trace.h"

#define KNOWN_MODIFY (CX6DX_FTE_MODIFY_ACTION | CX6DX_FTE_MODIFY_TAG | \
                      CX6DX_FTE_MODIFY_DEST | CX6DX_FTE_MODIFY_COUNTERS)
#define LIST_ENTRY_BYTES CX6DX_BYTES(dest_format)

static FlowTable *table_get(const Cx6dxNic *nic, uint32_t id)
{
    return (FlowTable *)cx6dx_obj_get(&nic->flow_tables, id);
}

/* ---- The walk ---- */

static void count_packet(Cx6dxNic *nic, const FlowRule *rule, size_t len)
{
    for (unsigned i = 0; i < rule->n_counters; i++) {
        FlowCounter *counter = (FlowCounter *)cx6dx_obj_get(
            &nic->flow_counters, rule->counters[i]);

        if (counter) {
            counter->packets++;
            counter->octets += len;
        }
    }
}

/* The groups are in the order of their indices, so the first hit is the lowest */
static const FlowEntry *table_find(const FlowTable *table,
                                   const Cx6dxFlowKey *key)
{
    for (guint i = 0; i < table->groups->len; i++) {
        const FlowGroup *group = g_ptr_array_index(table->groups, i);
        Cx6dxFlowItem *item = cx6dx_flow_matcher_find(&group->matcher, key);

        if (item) {
            return (const FlowEntry *)item;
        }
    }
    return NULL;
}

Cx6dxFlowResult cx6dx_flow_lookup(Cx6dxNic *nic, const uint8_t *buf, size_t len,
                                  const Cx6dxFrame *frame)
{
    Cx6dxFlowResult result = { 0, 0 };
    const FlowTable *table = table_get(nic, nic->flow_root);
    Cx6dxFlowKey key;

    if (!table) {
        return result;
    }
    cx6dx_flow_key(buf, frame, &key);
    for (int step = 0; table && step < CX6DX_FLOW_MAX_STEPS; step++) {
        const FlowEntry *entry = table_find(table, &key);

        if (!entry) {
            table = table_get(nic, table->miss_table);
            continue;
        }
        if (entry->rule.action & CX6DX_FTE_COUNT) {
            count_packet(nic, &entry->rule, len);
        }
        if (!(entry->rule.action & CX6DX_FTE_FWD)) {
            break;
        }
        if (entry->rule.flow_tag) {
            result.flow_tag = entry->rule.flow_tag;
        }
        if (entry->rule.dest_type == CX6DX_FT_DEST_TIR) {
            result.tirn = entry->rule.dest;
            break;
        }
        table = table_get(nic, entry->rule.dest);
    }
    return result;
}

/* ---- References of a rule ---- */

bool cx6dx_flow_rule_targets_exist(const Cx6dxNic *nic, const FlowRule *rule)
{
    if (rule->dest_type == CX6DX_FT_DEST_TIR &&
        !cx6dx_obj_get(&nic->tirs, rule->dest)) {
        return false;
    }
    if (rule->dest_type == CX6DX_FT_DEST_FLOW_TABLE &&
        !table_get(nic, rule->dest)) {
        return false;
    }
    for (unsigned i = 0; i < rule->n_counters; i++) {
        if (!cx6dx_obj_get(&nic->flow_counters, rule->counters[i])) {
            return false;
        }
    }
    return true;
}

void cx6dx_flow_rule_hold(Cx6dxNic *nic, const FlowRule *rule)
{
    if (rule->dest_type == CX6DX_FT_DEST_TIR) {
        cx6dx_obj_ref(&nic->tirs, rule->dest);
    } else if (rule->dest_type == CX6DX_FT_DEST_FLOW_TABLE) {
        cx6dx_obj_ref(&nic->flow_tables, rule->dest);
    }
    for (unsigned i = 0; i < rule->n_counters; i++) {
        cx6dx_obj_ref(&nic->flow_counters, rule->counters[i]);
    }
}

static void rule_drop(Cx6dxNic *nic, const FlowRule *rule)
{
    if (rule->dest_type == CX6DX_FT_DEST_TIR) {
        cx6dx_obj_unref(&nic->tirs, rule->dest);
    } else if (rule->dest_type == CX6DX_FT_DEST_FLOW_TABLE) {
        cx6dx_obj_unref(&nic->flow_tables, rule->dest);
    }
    for (unsigned i = 0; i < rule->n_counters; i++) {
        cx6dx_obj_unref(&nic->flow_counters, rule->counters[i]);
    }
}

static void entry_delete(Cx6dxNic *nic, FlowTable *table, FlowEntry *entry)
{
    g_hash_table_remove(table->entries, GUINT_TO_POINTER(entry->item.index));
    cx6dx_flow_matcher_remove(&entry->group->matcher, &entry->item);
    entry->group->obj.refs--;
    rule_drop(nic, &entry->rule);
    nic->flow_entries--;
    g_free(entry);
}

/* ---- Release ---- */

void cx6dx_flow_table_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    FlowTable *table = (FlowTable *)obj;

    cx6dx_obj_unref(&nic->flow_tables, table->miss_table);
    if (nic->flow_root == obj->id) {
        nic->flow_root = 0;
    }
    g_ptr_array_free(table->groups, true);
    g_hash_table_destroy(table->entries);
    g_free(table);
}

void cx6dx_flow_group_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    FlowGroup *group = (FlowGroup *)obj;
    FlowTable *table = table_get(nic, group->table_id);

    if (table) {
        g_ptr_array_remove(table->groups, group);
        cx6dx_obj_unref(&nic->flow_tables, group->table_id);
    }
    cx6dx_flow_matcher_free(&group->matcher);
    g_free(group);
}

void cx6dx_flow_counter_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    g_free(obj);
}

/* Entries first, then groups: nothing may be matched any more */
void cx6dx_flow_reset(Cx6dxNic *nic)
{
    for (uint32_t id = 0; id < nic->flow_tables.size; id++) {
        FlowTable *table = table_get(nic, id);
        g_autoptr(GList) entries = NULL;

        if (!table) {
            continue;
        }
        entries = g_hash_table_get_values(table->entries);
        for (GList *l = entries; l; l = l->next) {
            entry_delete(nic, table, l->data);
        }
    }
    cx6dx_obj_table_clear(nic, &nic->flow_groups);
    nic->flow_root = 0;
}

/* ---- Tables ---- */

/* Only the receive side of this function is steered; a status */
static uint8_t check_header(Cx6dxCmd *cmd)
{
    if (CX6DX_GET(flow_cmd_in, cmd->in, table_type) != CX6DX_FT_NIC_RX ||
        CX6DX_GET(flow_cmd_in, cmd->in, other_vport)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    return CX6DX_STATUS_OK;
}

/* As check_header, and the table that the command names */
static FlowTable *named_table(Cx6dxNic *nic, Cx6dxCmd *cmd, uint8_t *status)
{
    FlowTable *table = NULL;

    *status = check_header(cmd);
    if (*status == CX6DX_STATUS_OK) {
        table = table_get(nic, CX6DX_GET(flow_cmd_in, cmd->in, table_id));
        if (!table) {
            *status = cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                                     CX6DX_SYND_NO_SUCH_OBJECT);
        }
    }
    return table;
}

/* What a table context says about misses; a status */
static uint8_t read_miss(Cx6dxNic *nic, Cx6dxCmd *cmd, const uint8_t *ctx,
                         uint32_t *miss_table)
{
    switch (CX6DX_GET(flow_table_context, ctx, table_miss_action)) {
    case CX6DX_FT_MISS_DEFAULT:
        *miss_table = 0;
        return CX6DX_STATUS_OK;
    case CX6DX_FT_MISS_TABLE:
        *miss_table = CX6DX_GET(flow_table_context, ctx, table_miss_id);
        return table_get(nic, *miss_table)
                   ? CX6DX_STATUS_OK
                   : cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                                    CX6DX_SYND_NO_SUCH_OBJECT);
    default:
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
}

uint8_t cx6dx_cmd_create_flow_table(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *ctx = CX6DX_AREA(create_flow_table_in, cmd->in,
                                    flow_table_context);
    uint32_t log_size = CX6DX_GET(flow_table_context, ctx, log_size);
    uint8_t status = check_header(cmd);
    uint32_t miss_table, id;
    FlowTable *table;

    if (status == CX6DX_STATUS_OK) {
        status = read_miss(nic, cmd, ctx, &miss_table);
    }
    if (status != CX6DX_STATUS_OK) {
        return status;
    }
    if (cmd->op_mod || log_size > FLOW_MAX_LOG_SIZE ||
        CX6DX_GET(flow_table_context, ctx, reformat_en) ||
        CX6DX_GET(flow_table_context, ctx, decap_en)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    table = g_new0(FlowTable, 1);
    id = cx6dx_cmd_add_obj(nic, cmd, &nic->flow_tables, &table->obj);
    if (!id) {
        g_free(table);
        return CX6DX_STATUS_LIM_ERR;
    }
    table->n_entries_max = 1u << log_size;
    table->miss_table = miss_table;
    cx6dx_obj_ref(&nic->flow_tables, miss_table);
    table->groups = g_ptr_array_new();
    table->entries = g_hash_table_new(NULL, NULL);
    CX6DX_SET(cmd_out, cmd->out, number, id);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_flow_table(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint8_t status;
    FlowTable *table = named_table(nic, cmd, &status);

    return table ? cx6dx_cmd_del_obj(nic, cmd, &nic->flow_tables,
                                     table->obj.id)
                 : status;
}

uint8_t cx6dx_cmd_modify_flow_table(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *ctx = CX6DX_AREA(modify_flow_table_in, cmd->in,
                                    flow_table_context);
    uint8_t status;
    FlowTable *table = named_table(nic, cmd, &status);
    uint32_t miss_table;

    if (!table) {
        return status;
    }
    if (CX6DX_GET(modify_flow_table_in, cmd->in, modify_field_select) !=
        CX6DX_FT_MODIFY_MISS) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    status = read_miss(nic, cmd, ctx, &miss_table);
    if (status == CX6DX_STATUS_OK) {
        cx6dx_obj_ref(&nic->flow_tables, miss_table);
        cx6dx_obj_unref(&nic->flow_tables, table->miss_table);
        table->miss_table = miss_table;
    }
    return status;
}

uint8_t cx6dx_cmd_set_flow_table_root(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint8_t status;
    FlowTable *table = NULL;

    switch (cmd->op_mod) {
    case CX6DX_FT_ROOT_SET:
        table = named_table(nic, cmd, &status);
        break;
    case CX6DX_FT_ROOT_RESET:
        status = check_header(cmd);
        break;
    default:
        status = cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (status == CX6DX_STATUS_OK) {
        nic->flow_root = table ? table->obj.id : 0;
        trace_cx6dx_flow_root(nic->params.id, nic->flow_root);
    }
    return status;
}

/* ---- Groups ---- */

bool cx6dx_flow_group_place(const FlowTable *table, uint32_t start,
                            uint32_t end, guint *place)
{
    for (*place = 0; *place < table->groups->len; (*place)++) {
        const FlowGroup *other = g_ptr_array_index(table->groups, *place);

        if (end < other->start) {
            return true;
        }
        if (start <= other->end) {
            return false;
        }
    }
    return true;
}

/* The mask of a new group: outer headers only; a syndrome */
static uint32_t read_criteria(const Cx6dxCmd *cmd, Cx6dxFlowMatcher *matcher)
{
    const uint8_t *mask = CX6DX_AREA(create_flow_group_in, cmd->in,
                                     match_criteria);
    uint32_t enabled = CX6DX_GET(create_flow_group_in, cmd->in,
                                 match_criteria_enable);
    static const uint8_t nothing[CX6DX_fte_match_set_lyr_2_4_BYTES];

    if (CX6DX_GET(create_flow_group_in, cmd->in, group_type)) {
        return CX6DX_SYND_FIELD;
    }
    if (enabled & ~(uint32_t)CX6DX_FG_MATCH_OUTER) {
        return CX6DX_SYND_MATCH_CRITERIA;
    }
    for (size_t i = CX6DX_BYTES(fte_match_set_lyr_2_4);
         i < CX6DX_BYTES(fte_match_param); i++) {
        if (mask[i]) {
            return CX6DX_SYND_MATCH_CRITERIA;
        }
    }
    return cx6dx_flow_matcher_init(matcher, enabled ? mask : nothing)
               ? CX6DX_SYND_NONE : CX6DX_SYND_MATCH_CRITERIA;
}

uint8_t cx6dx_cmd_create_flow_group(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t start = CX6DX_GET(create_flow_group_in, cmd->in,
                               start_flow_index);
    uint32_t end = CX6DX_GET(create_flow_group_in, cmd->in, end_flow_index);
    g_autofree FlowGroup *group = g_new0(FlowGroup, 1);
    uint8_t status;
    FlowTable *table = named_table(nic, cmd, &status);
    uint32_t syndrome, id;
    guint place;

    if (!table) {
        return status;
    }
    syndrome = read_criteria(cmd, &group->matcher);
    if (syndrome) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, syndrome);
    }
    if (start > end || end >= table->n_entries_max ||
        !cx6dx_flow_group_place(table, start, end, &place)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    group->table_id = table->obj.id;
    group->start = start;
    group->end = end;
    id = cx6dx_cmd_add_obj(nic, cmd, &nic->flow_groups, &group->obj);
    if (!id) {
        return CX6DX_STATUS_LIM_ERR;
    }
    cx6dx_obj_ref(&nic->flow_tables, group->table_id);
    g_ptr_array_insert(table->groups, place, g_steal_pointer(&group));
    CX6DX_SET(cmd_out, cmd->out, number, id);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_flow_group(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t id = CX6DX_GET(destroy_flow_group_in, cmd->in, group_id);
    const FlowGroup *group =
        (FlowGroup *)cx6dx_obj_get(&nic->flow_groups, id);
    uint8_t status;
    const FlowTable *table = named_table(nic, cmd, &status);

    if (!table) {
        return status;
    }
    if (!group || group->table_id != table->obj.id) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    return cx6dx_cmd_del_obj(nic, cmd, &nic->flow_groups, id);
}

/* ---- Entries ---- */

/* The destination: one table or TIR; a syndrome */
static uint32_t read_dest(const Cx6dxCmd *cmd, uint32_t n, FlowRule *rule)
{
    const uint8_t *dest = cmd->in + CX6DX_BYTES(set_fte_in);

    rule->dest_type = 0;
    rule->dest = 0;
    if (!n) {
        return CX6DX_SYND_NONE;
    }
    if (n > CX6DX_FLOW_MAX_DESTS ||
        CX6DX_GET(set_fte_in, cmd->in, extended_destination)) {
        return CX6DX_SYND_FIELD;
    }
    rule->dest_type = CX6DX_GET(dest_format, dest, destination_type);
    rule->dest = CX6DX_GET(dest_format, dest, destination_id);
    if (rule->dest_type != CX6DX_FT_DEST_FLOW_TABLE &&
        rule->dest_type != CX6DX_FT_DEST_TIR) {
        return CX6DX_SYND_FIELD;
    }
    return CX6DX_SYND_NONE;
}

/* Changes in `rule` what `select` names; a syndrome */
static uint32_t read_rule(const Cx6dxCmd *cmd, uint32_t select, FlowRule *rule)
{
    uint32_t n_dests = CX6DX_GET(set_fte_in, cmd->in, destination_list_size);
    uint32_t n_counters = CX6DX_GET(set_fte_in, cmd->in,
                                    flow_counter_list_size);
    uint32_t room = (cmd->in_bytes - CX6DX_BYTES(set_fte_in)) /
                    LIST_ENTRY_BYTES;
    const uint8_t *counter = cmd->in + CX6DX_BYTES(set_fte_in) +
                             n_dests * LIST_ENTRY_BYTES;
    uint32_t syndrome;

    if (n_dests > room || n_counters > room - n_dests ||
        n_counters > CX6DX_FLOW_MAX_COUNTERS || (select & ~KNOWN_MODIFY)) {
        return CX6DX_SYND_FIELD;
    }
    if (select & CX6DX_FTE_MODIFY_DEST) {
        syndrome = read_dest(cmd, n_dests, rule);
        if (syndrome) {
            return syndrome;
        }
    }
    if (select & CX6DX_FTE_MODIFY_ACTION) {
        rule->action = CX6DX_GET(set_fte_in, cmd->in, action);
    }
    if (select & CX6DX_FTE_MODIFY_TAG) {
        rule->flow_tag = CX6DX_GET(set_fte_in, cmd->in, flow_tag);
    }
    if (select & CX6DX_FTE_MODIFY_COUNTERS) {
        rule->n_counters = n_counters;
        for (uint32_t i = 0; i < n_counters; i++) {
            rule->counters[i] =
                cx6dx_prm_load(counter + i * LIST_ENTRY_BYTES);
        }
    }
    if ((rule->action & ~FLOW_KNOWN_ACTIONS) ||
        !(rule->action & CX6DX_FTE_FWD) != !rule->dest_type) {
        return CX6DX_SYND_FIELD;
    }
    return CX6DX_SYND_NONE;
}

static uint8_t entry_create(Cx6dxNic *nic, Cx6dxCmd *cmd, FlowTable *table,
                            uint32_t index, const FlowRule *rule)
{
    uint32_t group_id = CX6DX_GET(set_fte_in, cmd->in, group_id);
    FlowGroup *group = (FlowGroup *)cx6dx_obj_get(&nic->flow_groups, group_id);
    FlowEntry *entry;

    if (!group || group->table_id != table->obj.id) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if (index < group->start || index > group->end) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_IX_ERR, CX6DX_SYND_FIELD);
    }
    if (nic->flow_entries >= CX6DX_FLOW_MAX_ENTRIES) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_LIM_ERR,
                              CX6DX_SYND_TABLE_FULL);
    }
    entry = g_new0(FlowEntry, 1);
    entry->group = group;
    entry->item.index = index;
    entry->rule = *rule;
    cx6dx_flow_rule_hold(nic, rule);
    group->obj.refs++;
    cx6dx_flow_matcher_add(&group->matcher, &entry->item,
                           CX6DX_AREA(set_fte_in, cmd->in, match_value));
    g_hash_table_insert(table->entries, GUINT_TO_POINTER(index), entry);
    nic->flow_entries++;
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_set_fte(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t index = CX6DX_GET(set_fte_in, cmd->in, flow_index);
    bool modify = cmd->op_mod == CX6DX_FTE_MODIFY;
    uint32_t select = modify ? CX6DX_GET(set_fte_in, cmd->in,
                                         modify_enable_mask) : KNOWN_MODIFY;
    uint8_t status;
    FlowTable *table = named_table(nic, cmd, &status);
    FlowRule rule = { 0 };
    FlowEntry *entry;
    uint32_t syndrome;

    if (!table) {
        return status;
    }
    entry = g_hash_table_lookup(table->entries, GUINT_TO_POINTER(index));
    if (modify != (entry != NULL) || cmd->op_mod > CX6DX_FTE_MODIFY) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES_STATE,
                              modify ? CX6DX_SYND_NO_SUCH_OBJECT
                                     : CX6DX_SYND_OBJECT_BUSY);
    }
    if (modify) {
        rule = entry->rule;
    }
    syndrome = read_rule(cmd, select, &rule);
    if (syndrome) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, syndrome);
    }
    if (!cx6dx_flow_rule_targets_exist(nic, &rule)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if (modify) {
        cx6dx_flow_rule_hold(nic, &rule);
        rule_drop(nic, &entry->rule);
        entry->rule = rule;
    } else {
        status = entry_create(nic, cmd, table, index, &rule);
    }
    if (status == CX6DX_STATUS_OK) {
        trace_cx6dx_flow_fte_set(nic->params.id, table->obj.id, index,
                                 rule.action, rule.dest);
    }
    return status;
}

uint8_t cx6dx_cmd_delete_fte(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t index = CX6DX_GET(delete_fte_in, cmd->in, flow_index);
    uint8_t status;
    FlowTable *table = named_table(nic, cmd, &status);
    FlowEntry *entry;

    if (!table) {
        return status;
    }
    entry = g_hash_table_lookup(table->entries, GUINT_TO_POINTER(index));
    if (!entry) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    entry_delete(nic, table, entry);
    trace_cx6dx_flow_fte_delete(nic->params.id, table->obj.id, index);
    return CX6DX_STATUS_OK;
}

/* ---- Counters ---- */

uint8_t cx6dx_cmd_alloc_flow_counter(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    FlowCounter *counter;
    uint32_t id;

    if (CX6DX_GET(alloc_flow_counter_in, cmd->in, flow_counter_bulk)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    counter = g_new0(FlowCounter, 1);
    id = cx6dx_cmd_add_obj(nic, cmd, &nic->flow_counters, &counter->obj);
    if (!id) {
        g_free(counter);
        return CX6DX_STATUS_LIM_ERR;
    }
    CX6DX_SET(alloc_flow_counter_out, cmd->out, flow_counter_id, id);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_dealloc_flow_counter(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return cx6dx_cmd_del_obj(nic, cmd, &nic->flow_counters,
                             CX6DX_GET(alloc_flow_counter_out, cmd->in,
                                       flow_counter_id));
}

uint8_t cx6dx_cmd_query_flow_counter(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t id = CX6DX_GET(query_flow_counter_in, cmd->in, flow_counter_id);
    uint32_t n = CX6DX_GET(query_flow_counter_in, cmd->in, num_of_counters);
    bool clear = CX6DX_GET(query_flow_counter_in, cmd->in, clear);
    uint8_t *out = cmd->out + CX6DX_BYTES(cmd_out);

    n = MAX(n, 1);
    if (n > (cmd->out_bytes - CX6DX_BYTES(cmd_out)) /
            CX6DX_BYTES(traffic_counter)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_OUTP_LEN,
                              CX6DX_SYND_OUTPUT_LENGTH);
    }
    for (uint32_t i = 0; i < n; i++, out += CX6DX_BYTES(traffic_counter)) {
        FlowCounter *counter = (FlowCounter *)cx6dx_obj_get(
            &nic->flow_counters, id + i);

        if (!counter && n > 1) {
            continue;           /* drivers ask for ranges with gaps */
        }
        if (!counter) {
            return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                                  CX6DX_SYND_NO_SUCH_OBJECT);
        }
        CX6DX_SET64(traffic_counter, out, packets, counter->packets);
        CX6DX_SET64(traffic_counter, out, octets, counter->octets);
        if (clear) {
            counter->packets = 0;
            counter->octets = 0;
        }
    }
    return CX6DX_STATUS_OK;
}

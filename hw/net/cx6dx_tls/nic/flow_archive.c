/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Flow steering in a snapshot; see flow.h
 *
 * Entries are written by table and index.  The order in which a hash has them
 * is nothing that a reader could know.
 */
#include "qemu/osdep.h"
#include "nic/flow.h"
#include "nic/flow_match.h"
#include "nic/flow_obj.h"
#include "nic/nic.h"

static void archive_counter(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    FlowCounter *counter = (FlowCounter *)obj;

    cx6dx_ar(ar, &counter->packets);
    cx6dx_ar(ar, &counter->octets);
}

static void archive_table(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    FlowTable *table = (FlowTable *)obj;

    if (ar->loading) {
        table->groups = g_ptr_array_new();
        table->entries = g_hash_table_new(NULL, NULL);
    }
    cx6dx_ar(ar, &table->n_entries_max);
    cx6dx_ar_check(ar, table->n_entries_max &&
                       table->n_entries_max <= 1u << FLOW_MAX_LOG_SIZE,
                   "the size of a flow table can not be");
    /* the reference follows when all tables are there */
    cx6dx_ar(ar, &table->miss_table);
}

static void hold_miss_tables(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    for (uint32_t id = 0; id < nic->flow_tables.size; id++) {
        const FlowTable *table =
            (FlowTable *)cx6dx_obj_get(&nic->flow_tables, id);

        if (table && table->miss_table) {
            cx6dx_ar_check(ar, cx6dx_obj_ref(&nic->flow_tables,
                                             table->miss_table),
                           "a flow table misses to none");
        }
    }
}

static void archive_group(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    FlowGroup *group = (FlowGroup *)obj;
    uint8_t mask[CX6DX_fte_match_set_lyr_2_4_BYTES];
    FlowTable *table;
    guint place;

    memcpy(mask, group->matcher.mask.words, sizeof(mask));
    cx6dx_obj_archive_ref(ar, &nic->flow_tables, &group->table_id);
    cx6dx_ar(ar, &group->start);
    cx6dx_ar(ar, &group->end);
    cx6dx_ar_bytes(ar, mask, sizeof(mask));
    if (!ar->loading || !cx6dx_ar_good(ar)) {
        return;
    }
    table = (FlowTable *)cx6dx_obj_get(&nic->flow_tables, group->table_id);
    if (cx6dx_ar_check(ar, group->start <= group->end &&
                           group->end < table->n_entries_max &&
                           cx6dx_flow_group_place(table, group->start,
                                                  group->end, &place) &&
                           cx6dx_flow_matcher_init(&group->matcher, mask),
                       "a flow group can not be like that")) {
        g_ptr_array_insert(table->groups, place, group);
    }
}

/* ---- Entries ---- */

static void archive_rule(Cx6dxNic *nic, Cx6dxArchive *ar, FlowRule *rule)
{
    cx6dx_ar(ar, &rule->action);
    cx6dx_ar(ar, &rule->dest_type);
    cx6dx_ar(ar, &rule->dest);
    cx6dx_ar(ar, &rule->flow_tag);
    cx6dx_ar_check(ar, rule->flow_tag <= CX6DX_FIELD_MAX(cqe, flow_tag),
                   "a tag is too large");
    cx6dx_ar(ar, &rule->n_counters);
    if (!cx6dx_ar_check(ar, rule->n_counters <= CX6DX_FLOW_MAX_COUNTERS,
                        "too many counters of a rule")) {
        rule->n_counters = 0;
    }
    for (unsigned i = 0; i < rule->n_counters; i++) {
        cx6dx_ar(ar, &rule->counters[i]);
    }
    cx6dx_ar_check(ar, !(rule->action & ~FLOW_KNOWN_ACTIONS) &&
                       !(rule->action & CX6DX_FTE_FWD) == !rule->dest_type &&
                       (!rule->dest_type ||
                        rule->dest_type == CX6DX_FT_DEST_TIR ||
                        rule->dest_type == CX6DX_FT_DEST_FLOW_TABLE) &&
                       cx6dx_flow_rule_targets_exist(nic, rule),
                   "a rule can not be like that");
}

/* `entry` NULL: it is loaded */
static void archive_entry(Cx6dxNic *nic, Cx6dxArchive *ar, FlowTable *table,
                          FlowEntry *entry)
{
    uint8_t value[CX6DX_fte_match_set_lyr_2_4_BYTES] = { 0 };
    uint32_t index = entry ? entry->item.index : 0;
    uint32_t group_id = entry ? entry->group->obj.id : 0;
    FlowRule rule = { 0 };
    FlowGroup *group;

    if (entry) {
        memcpy(value, entry->item.value.words, sizeof(value));
        rule = entry->rule;
    }
    cx6dx_ar(ar, &index);
    cx6dx_ar(ar, &group_id);
    cx6dx_ar_bytes(ar, value, sizeof(value));
    archive_rule(nic, ar, &rule);
    group = (FlowGroup *)cx6dx_obj_get(&nic->flow_groups, group_id);
    if (entry ||
        !cx6dx_ar_check(ar, group && group->table_id == table->obj.id &&
                            index >= group->start && index <= group->end &&
                            !g_hash_table_contains(table->entries,
                                                   GUINT_TO_POINTER(index)),
                        "an entry of a flow table is out of place")) {
        return;
    }
    entry = g_new0(FlowEntry, 1);
    entry->group = group;
    entry->item.index = index;
    entry->rule = rule;
    cx6dx_flow_rule_hold(nic, &rule);
    group->obj.refs++;
    cx6dx_flow_matcher_add(&group->matcher, &entry->item, value);
    g_hash_table_insert(table->entries, GUINT_TO_POINTER(index), entry);
    nic->flow_entries++;
}

static gint by_index(gconstpointer a, gconstpointer b)
{
    uint32_t x = ((const FlowEntry *)a)->item.index;
    uint32_t y = ((const FlowEntry *)b)->item.index;

    return x < y ? -1 : x > y;
}

static void archive_entries(Cx6dxNic *nic, Cx6dxArchive *ar, FlowTable *table)
{
    uint32_t n = g_hash_table_size(table->entries);
    g_autoptr(GList) entries = NULL;

    cx6dx_ar_count(ar, &n, CX6DX_FLOW_MAX_ENTRIES -
                           (ar->loading ? nic->flow_entries : 0),
                   "too many entries of flow tables");
    if (!ar->loading) {
        entries = g_list_sort(g_hash_table_get_values(table->entries),
                              by_index);
        for (GList *l = entries; l; l = l->next) {
            archive_entry(nic, ar, table, l->data);
        }
    }
    while (ar->loading && n-- && cx6dx_ar_good(ar)) {
        archive_entry(nic, ar, table, NULL);
    }
}

void cx6dx_flow_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    cx6dx_obj_table_archive(nic, ar, &nic->flow_counters, sizeof(FlowCounter),
                            archive_counter);
    cx6dx_obj_table_archive(nic, ar, &nic->flow_tables, sizeof(FlowTable),
                            archive_table);
    if (ar->loading) {
        hold_miss_tables(nic, ar);
    }
    cx6dx_obj_table_archive(nic, ar, &nic->flow_groups, sizeof(FlowGroup),
                            archive_group);
    cx6dx_ar_section(ar, "flow_entries", 1);
    for (uint32_t id = 0; id < nic->flow_tables.size; id++) {
        FlowTable *table = (FlowTable *)cx6dx_obj_get(&nic->flow_tables, id);

        if (table && cx6dx_ar_good(ar)) {
            archive_entries(nic, ar, table);
        }
    }
    cx6dx_ar(ar, &nic->flow_root);
    cx6dx_ar_check(ar, !nic->flow_root ||
                       cx6dx_obj_get(&nic->flow_tables, nic->flow_root),
                   "the root is no flow table");
}

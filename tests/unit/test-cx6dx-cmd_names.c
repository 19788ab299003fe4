/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the names of commands
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/cmd_names.h"
#include "nic/cmd_table.h"

static void test_names(void)
{
    static const struct { uint16_t opcode; const char *name; } cases[] = {
        { 0x100, "QUERY_HCA_CAP" },     /* one that there is */
        { 0x111, "QUERY_SF_PARTITION" },    /* the first that is absent */
        { 0x50b, "QUERY_QP" },
        { 0x829, "SET_L2_TABLE_ENTRY" },
        { 0xb17, "GENERATE_WQE" },      /* the last one */
        { 0x000, "UNKNOWN" }, { 0x106, "UNKNOWN" }, { 0xffff, "UNKNOWN" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        g_assert_cmpstr(cx6dx_cmd_name(cases[i].opcode), ==, cases[i].name);
    }
}

/* Each name stands for one opcode, so that the tables are in order and disjoint */
static void test_once(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t implemented;

    cx6dx_cmd_table_all(&implemented);
    for (unsigned opcode = 0; opcode <= UINT16_MAX; opcode++) {
        const char *name = cx6dx_cmd_name(opcode);

        if (!g_str_equal(name, "UNKNOWN")) {
            g_assert_true(g_hash_table_add(seen, (void *)name));
        }
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==,
                     implemented + CX6DX_CMD_NAMES_ABSENT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/cmd_names/names", test_names);
    g_test_add_func("/cx6dx/cmd_names/each-once", test_once);
    return g_test_run();
}

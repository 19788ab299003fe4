/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of tables of numbered objects
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "nic/obj.h"

#define MAX_NUMBER 40

static unsigned released;

static void release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    released++;
    g_free(obj);
}

static void table_new(Cx6dxObjTable *table, uint32_t first, uint32_t max)
{
    released = 0;
    cx6dx_obj_table_init(table, "test", first, max, release);
}

static uint32_t add(Cx6dxObjTable *table)
{
    Cx6dxObj *obj = g_new0(Cx6dxObj, 1);
    uint32_t id = cx6dx_obj_add(table, obj);

    if (!id) {
        g_free(obj);
    }
    return id;
}

static void test_lowest_free(void)
{
    Cx6dxObjTable table;

    table_new(&table, 1, MAX_NUMBER);
    for (uint32_t i = 1; i <= MAX_NUMBER; i++) {
        g_assert_cmpuint(add(&table), ==, i);
    }
    g_assert_cmpuint(add(&table), ==, 0);
    g_assert_cmpuint(table.used, ==, MAX_NUMBER);
    g_assert_cmphex(cx6dx_obj_del(NULL, &table, 17), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_obj_del(NULL, &table, 5), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(add(&table), ==, 5);
    g_assert_cmpuint(add(&table), ==, 17);
    g_assert_cmpuint(add(&table), ==, 0);
    cx6dx_obj_table_clear(NULL, &table);
    g_assert_cmpuint(released, ==, MAX_NUMBER + 2);
    g_assert_cmpuint(table.used, ==, 0);
    g_assert_cmpuint(add(&table), ==, 1);
    cx6dx_obj_table_clear(NULL, &table);
}

static void test_numbers_from_a_guest(void)
{
    Cx6dxObjTable table;

    table_new(&table, 16, 20);
    g_assert_null(cx6dx_obj_get(&table, 0));
    g_assert_cmpuint(add(&table), ==, 16);
    g_assert_null(cx6dx_obj_get(&table, 0));
    g_assert_null(cx6dx_obj_get(&table, 15));
    g_assert_nonnull(cx6dx_obj_get(&table, 16));
    g_assert_null(cx6dx_obj_get(&table, 17));
    g_assert_null(cx6dx_obj_get(&table, 21));
    g_assert_null(cx6dx_obj_get(&table, UINT32_MAX));
    g_assert_null(cx6dx_obj_ref(&table, UINT32_MAX));
    cx6dx_obj_unref(&table, UINT32_MAX);
    g_assert_cmphex(cx6dx_obj_del(NULL, &table, 0xffffff), ==,
                    CX6DX_STATUS_BAD_RES);
    /* memory follows what is used, not what is asked for */
    g_assert_cmpuint(table.size, <=, 21);
    cx6dx_obj_table_clear(NULL, &table);
}

static void test_in_use(void)
{
    Cx6dxObjTable table;
    uint32_t id;

    table_new(&table, 1, MAX_NUMBER);
    id = add(&table);
    g_assert_nonnull(cx6dx_obj_ref(&table, id));
    g_assert_nonnull(cx6dx_obj_ref(&table, id));
    g_assert_cmphex(cx6dx_obj_del(NULL, &table, id), ==,
                    CX6DX_STATUS_RES_BUSY);
    cx6dx_obj_unref(&table, id);
    g_assert_cmphex(cx6dx_obj_del(NULL, &table, id), ==,
                    CX6DX_STATUS_RES_BUSY);
    cx6dx_obj_unref(&table, id);
    g_assert_cmphex(cx6dx_obj_del(NULL, &table, id), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_obj_del(NULL, &table, id), ==, CX6DX_STATUS_BAD_RES);
    g_assert_cmpuint(released, ==, 1);
    cx6dx_obj_table_clear(NULL, &table);
}

static uint32_t add_range(Cx6dxObjTable *table, uint32_t n)
{
    g_autofree Cx6dxObj **objs = g_new(Cx6dxObj *, n);
    uint32_t id;

    for (uint32_t i = 0; i < n; i++) {
        objs[i] = g_new0(Cx6dxObj, 1);
    }
    id = cx6dx_obj_add_range(table, objs, n);
    for (uint32_t i = 0; i < n; i++) {
        if (id) {
            g_assert_cmpuint(objs[i]->id, ==, id + i);
        } else {
            g_free(objs[i]);
        }
    }
    return id;
}

static void test_ranges(void)
{
    Cx6dxObjTable table;

    table_new(&table, 1, MAX_NUMBER);
    for (int i = 0; i < 10; i++) {
        add(&table);
    }
    cx6dx_obj_del(NULL, &table, 3);
    cx6dx_obj_del(NULL, &table, 6);
    cx6dx_obj_del(NULL, &table, 7);
    g_assert_cmpuint(add_range(&table, 2), ==, 6);
    g_assert_cmpuint(add_range(&table, 16), ==, 11);
    g_assert_cmpuint(add_range(&table, 16), ==, 0);
    g_assert_cmpuint(add_range(&table, 14), ==, 27);
    g_assert_cmpuint(add(&table), ==, 3);
    g_assert_cmpuint(add(&table), ==, 0);
    cx6dx_obj_table_clear(NULL, &table);
}

/* Any order of adding and deleting: the lowest free number, and no number twice */
static void test_random(void)
{
    Cx6dxObjTable table;
    bool alive[MAX_NUMBER + 1] = { false };

    table_new(&table, 1, MAX_NUMBER);
    for (int step = 0; step < 20000; step++) {
        uint32_t id = g_test_rand_int_range(1, MAX_NUMBER + 1);
        uint32_t lowest = 1;

        if (g_test_rand_bit()) {
            g_assert_cmphex(cx6dx_obj_del(NULL, &table, id), ==,
                            alive[id] ? CX6DX_STATUS_OK
                                      : CX6DX_STATUS_BAD_RES);
            alive[id] = false;
            continue;
        }
        while (lowest <= MAX_NUMBER && alive[lowest]) {
            lowest++;
        }
        id = add(&table);
        g_assert_cmpuint(id, ==, lowest <= MAX_NUMBER ? lowest : 0);
        alive[id] = true;
    }
    cx6dx_obj_table_clear(NULL, &table);
    g_assert_cmpuint(table.used, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/obj/lowest-free-number", test_lowest_free);
    g_test_add_func("/cx6dx/obj/any-number-may-be-asked",
                    test_numbers_from_a_guest);
    g_test_add_func("/cx6dx/obj/in-use-is-busy", test_in_use);
    g_test_add_func("/cx6dx/obj/ranges-are-consecutive", test_ranges);
    g_test_add_func("/cx6dx/obj/random", test_random);
    return g_test_run();
}

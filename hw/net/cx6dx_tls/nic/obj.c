/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tables of numbered objects with reference counts; see obj.h
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "nic/obj.h"

void cx6dx_obj_table_init(Cx6dxObjTable *table, const char *name,
                          uint32_t first, uint32_t max,
                          Cx6dxObjRelease release)
{
    *table = (Cx6dxObjTable) {
        .name = name,
        .first = first,
        .max = max,
        .hint = first,
        .release = release,
    };
}

void cx6dx_obj_table_clear(Cx6dxNic *nic, Cx6dxObjTable *table)
{
    for (uint32_t id = 0; id < table->size; id++) {
        Cx6dxObj *obj = table->slots[id];

        if (obj) {
            table->slots[id] = NULL;
            table->used--;
            table->release(nic, obj);
        }
    }
    g_free(table->slots);
    table->slots = NULL;
    table->size = 0;
    table->hint = table->first;
}

/* Makes room for number `id`, which is not above the limit */
static void table_grow(Cx6dxObjTable *table, uint32_t id)
{
    uint32_t size = MAX(table->size, 16);

    while (size <= id) {
        size *= 2;
    }
    size = MIN(size, table->max + 1);
    if (size > table->size) {
        table->slots = g_renew(Cx6dxObj *, table->slots, size);
        memset(table->slots + table->size, 0,
               (size - table->size) * sizeof(table->slots[0]));
        table->size = size;
    }
}

uint32_t cx6dx_obj_add_range(Cx6dxObjTable *table, Cx6dxObj **objs, uint32_t n)
{
    uint32_t start = table->hint;
    uint32_t run = 0;

    for (uint32_t id = start; run < n; id++) {
        if (id > table->max) {
            return 0;
        }
        if (cx6dx_obj_get(table, id)) {
            start = id + 1;
            run = 0;
        } else {
            run++;
        }
    }
    table_grow(table, start + n - 1);
    for (uint32_t i = 0; i < n; i++) {
        objs[i]->id = start + i;
        objs[i]->refs = 0;
        table->slots[start + i] = objs[i];
    }
    table->used += n;
    if (start == table->hint) {
        table->hint = start + n;
    }
    return start;
}

uint32_t cx6dx_obj_add(Cx6dxObjTable *table, Cx6dxObj *obj)
{
    return cx6dx_obj_add_range(table, &obj, 1);
}

Cx6dxObj *cx6dx_obj_ref(Cx6dxObjTable *table, uint32_t id)
{
    Cx6dxObj *obj = cx6dx_obj_get(table, id);

    if (obj) {
        obj->refs++;
    }
    return obj;
}

void cx6dx_obj_unref(Cx6dxObjTable *table, uint32_t id)
{
    Cx6dxObj *obj = cx6dx_obj_get(table, id);

    /* while everything is torn down the one referred to may be gone first */
    if (obj && obj->refs) {
        obj->refs--;
    }
}

uint8_t cx6dx_obj_del(Cx6dxNic *nic, Cx6dxObjTable *table, uint32_t id)
{
    Cx6dxObj *obj = cx6dx_obj_get(table, id);

    if (!obj) {
        return CX6DX_STATUS_BAD_RES;
    }
    if (obj->refs) {
        return CX6DX_STATUS_RES_BUSY;
    }
    table->slots[id] = NULL;
    table->used--;
    table->hint = MIN(table->hint, id);
    table->release(nic, obj);
    return CX6DX_STATUS_OK;
}

/* ---- Snapshots ---- */

/* Room for an object of the stream; the numbers ascend */
static Cx6dxObj *table_put(Cx6dxArchive *ar, Cx6dxObjTable *table, uint32_t id,
                           size_t bytes)
{
    Cx6dxObj *obj;

    if (!cx6dx_ar_check(ar, id >= table->first && id <= table->max &&
                            !cx6dx_obj_get(table, id),
                        "the number of an object can not be")) {
        return NULL;
    }
    table_grow(table, id);
    obj = g_malloc0(bytes);
    obj->id = id;
    table->slots[id] = obj;
    table->used++;
    if (id == table->hint) {
        table->hint++;
    }
    return obj;
}

static void load_objects(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObjTable *table,
                         uint32_t n, size_t bytes, Cx6dxObjArchive move)
{
    uint32_t last = 0;

    while (n-- && cx6dx_ar_good(ar)) {
        Cx6dxObj *obj = NULL;
        uint32_t id = 0;

        cx6dx_ar(ar, &id);
        if (cx6dx_ar_check(ar, id > last, "objects are not in order")) {
            obj = table_put(ar, table, id, bytes);
        }
        if (obj && move) {
            move(nic, ar, obj);
        }
        last = id;
    }
}

void cx6dx_obj_table_archive(Cx6dxNic *nic, Cx6dxArchive *ar,
                             Cx6dxObjTable *table, size_t bytes,
                             Cx6dxObjArchive move)
{
    uint32_t n = table->used;

    cx6dx_ar_section(ar, table->name, 1);
    cx6dx_ar_count(ar, &n, table->max - table->first + 1, "too many objects");
    if (ar->loading) {
        load_objects(nic, ar, table, n, bytes, move);
        return;
    }
    for (uint32_t id = table->first; id < table->size; id++) {
        if (table->slots[id]) {
            cx6dx_ar(ar, &id);
            if (move) {
                move(nic, ar, table->slots[id]);
            }
        }
    }
}

void cx6dx_obj_archive_ref(Cx6dxArchive *ar, Cx6dxObjTable *table, uint32_t *id)
{
    cx6dx_ar(ar, id);
    if (ar->loading) {
        cx6dx_ar_check(ar, cx6dx_obj_ref(table, *id),
                       "an object that is referred to is not there");
    }
}

void cx6dx_obj_archive_ref_or_none(Cx6dxArchive *ar, Cx6dxObjTable *table,
                                   uint32_t *id)
{
    cx6dx_ar(ar, id);
    if (ar->loading && *id) {
        cx6dx_ar_check(ar, cx6dx_obj_ref(table, *id),
                       "an object that is referred to is not there");
    }
}

void cx6dx_conn_archive(Cx6dxConn *conn, Cx6dxArchive *ar)
{
    cx6dx_ar(ar, &conn->ip_version);
    cx6dx_ar(ar, &conn->sport);
    cx6dx_ar(ar, &conn->dport);
    cx6dx_ar_bytes(ar, conn->saddr, sizeof(conn->saddr));
    cx6dx_ar_bytes(ar, conn->daddr, sizeof(conn->daddr));
}

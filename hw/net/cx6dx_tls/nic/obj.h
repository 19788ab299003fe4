/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tables of numbered objects with reference counts
 *
 * Every object that a guest creates lives in one of these.  Numbers begin at 1,
 * the lowest free one is given out, and a table never grows beyond its limit.
 * Others hold a number plus a reference, never a pointer that came from a guest.
 */
#ifndef CX6DX_NIC_OBJ_H
#define CX6DX_NIC_OBJ_H

#include "qemu/osdep.h"
#include "pure/archive.h"

typedef struct Cx6dxNic Cx6dxNic;

/* First member of every object */
typedef struct Cx6dxObj {
    uint32_t id;
    uint32_t refs;          /* held by other objects */
} Cx6dxObj;

/* A TCP connection, as the packets of one direction name it */
typedef struct Cx6dxConn {
    uint8_t ip_version;     /* 4, 6; 0: not known */
    uint16_t sport, dport;
    uint8_t saddr[16], daddr[16];   /* as in Cx6dxFrame */
} Cx6dxConn;

typedef void (*Cx6dxObjRelease)(Cx6dxNic *nic, Cx6dxObj *obj);

typedef struct Cx6dxObjTable {
    const char *name;       /* the manual's word, for queries */
    Cx6dxObj **slots;       /* index is the number; grows up to max + 1 */
    uint32_t size;          /* slots allocated */
    uint32_t first;         /* lowest number */
    uint32_t max;           /* highest number */
    uint32_t used;          /* objects alive */
    uint32_t hint;          /* no free number below */
    Cx6dxObjRelease release;/* frees the object and what it holds */
} Cx6dxObjTable;

void cx6dx_obj_table_init(Cx6dxObjTable *table, const char *name,
                          uint32_t first, uint32_t max,
                          Cx6dxObjRelease release);

/* Releases all objects whatever their references, and the table's memory */
void cx6dx_obj_table_clear(Cx6dxNic *nic, Cx6dxObjTable *table);

/* Gives `obj` a number and takes ownership; 0 when the table is full */
uint32_t cx6dx_obj_add(Cx6dxObjTable *table, Cx6dxObj *obj);

/* Consecutive numbers from the result on, one for each of `objs`; 0 when full */
uint32_t cx6dx_obj_add_range(Cx6dxObjTable *table, Cx6dxObj **objs, uint32_t n);

static inline Cx6dxObj *cx6dx_obj_get(const Cx6dxObjTable *table, uint32_t id)
{
    return id < table->size ? table->slots[id] : NULL;
}

/* As get, and takes a reference */
Cx6dxObj *cx6dx_obj_ref(Cx6dxObjTable *table, uint32_t id);
void cx6dx_obj_unref(Cx6dxObjTable *table, uint32_t id);

/*
 * CX6DX_STATUS_OK and the object is released; BAD_RES when there is none;
 * RES_BUSY while others hold it.
 */
uint8_t cx6dx_obj_del(Cx6dxNic *nic, Cx6dxObjTable *table, uint32_t id);

/* ---- Snapshots ---- */

/*
 * Moves one object.  Loading: `obj` is zeroed but for its number, and in its
 * table already; the function fills in what the release function can free at
 * any moment, and takes the references.  When something is wrong it may stop
 * anywhere: then the whole NIC is reset.
 */
typedef void (*Cx6dxObjArchive)(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);

/* All objects of the table, `bytes` each; loading: the table is empty */
void cx6dx_obj_table_archive(Cx6dxNic *nic, Cx6dxArchive *ar,
                             Cx6dxObjTable *table, size_t bytes,
                             Cx6dxObjArchive move);

/* The number of an object that is referred to; loading takes the reference */
void cx6dx_obj_archive_ref(Cx6dxArchive *ar, Cx6dxObjTable *table,
                           uint32_t *id);
/* As that; 0: none */
void cx6dx_obj_archive_ref_or_none(Cx6dxArchive *ar, Cx6dxObjTable *table,
                                   uint32_t *id);

void cx6dx_conn_archive(Cx6dxConn *conn, Cx6dxArchive *ar);

#endif

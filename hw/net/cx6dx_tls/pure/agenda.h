/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Items in the order of their times, equal times in the order of arrival
 *
 * Most items come from a few sources whose times only grow: frames of one wire,
 * completions of one direction.  Each such source has a lane, first in, first
 * out; an item that is earlier than the last of its lane, or has none, goes into
 * a balanced tree.  Adding to a lane and taking the first of all take constant
 * time.
 *
 * An item is the first member of what its user keeps, allocated with g_malloc();
 * the agenda owns it until it is removed, which frees it.
 */
#ifndef CX6DX_PURE_AGENDA_H
#define CX6DX_PURE_AGENDA_H

#include "qemu/osdep.h"

#define CX6DX_AGENDA_LANES 6
#define CX6DX_AGENDA_NO_LANE CX6DX_AGENDA_LANES

typedef struct Cx6dxAgendaItem {
    uint64_t when_ns;
    uint64_t order;                 /* of arrival */
    struct Cx6dxAgendaItem *next;   /* in its lane */
    GSequenceIter *place;           /* in the tree; NULL: in its lane */
    uint8_t lane;                   /* that was asked for */
} Cx6dxAgendaItem;

typedef struct Cx6dxAgendaLane {
    Cx6dxAgendaItem *head, *tail;
} Cx6dxAgendaLane;

typedef struct Cx6dxAgenda {
    Cx6dxAgendaLane lanes[CX6DX_AGENDA_LANES];
    GSequence *others;
    uint64_t next_order;
} Cx6dxAgenda;

void cx6dx_agenda_init(Cx6dxAgenda *agenda);
void cx6dx_agenda_clear(Cx6dxAgenda *agenda);   /* orders begin again */
void cx6dx_agenda_free(Cx6dxAgenda *agenda);

/* `lane`: at most CX6DX_AGENDA_NO_LANE */
void cx6dx_agenda_add(Cx6dxAgenda *agenda, Cx6dxAgendaItem *item,
                      uint64_t when_ns, uint8_t lane);

/* The first of all items whose lane is not in the mask `except`, or NULL */
Cx6dxAgendaItem *cx6dx_agenda_first(const Cx6dxAgenda *agenda, uint32_t except);

/* Frees an item that is the first of all or the first of its lane */
void cx6dx_agenda_remove(Cx6dxAgenda *agenda, Cx6dxAgendaItem *item);

/* Frees all items of which `gone` says so; it is asked once of each, in no order */
void cx6dx_agenda_remove_if(Cx6dxAgenda *agenda,
                            bool (*gone)(Cx6dxAgendaItem *item, void *opaque),
                            void *opaque);

/* All items in their order; the caller frees the array, not the items */
GPtrArray *cx6dx_agenda_sorted(const Cx6dxAgenda *agenda);

#endif

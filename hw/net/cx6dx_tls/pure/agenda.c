/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Items in the order of their times; see agenda.h
 */
#include "qemu/osdep.h"
#include "pure/agenda.h"

static bool before(const Cx6dxAgendaItem *a, const Cx6dxAgendaItem *b)
{
    return a->when_ns != b->when_ns ? a->when_ns < b->when_ns
                                    : a->order < b->order;
}

static int compare(gconstpointer a, gconstpointer b, gpointer opaque)
{
    return before(a, b) ? -1 : before(b, a);
}

static int compare_pointers(gconstpointer a, gconstpointer b)
{
    return compare(*(Cx6dxAgendaItem *const *)a, *(Cx6dxAgendaItem *const *)b,
                   NULL);
}

void cx6dx_agenda_init(Cx6dxAgenda *agenda)
{
    *agenda = (Cx6dxAgenda) { .others = g_sequence_new(g_free) };
}

void cx6dx_agenda_clear(Cx6dxAgenda *agenda)
{
    Cx6dxAgendaItem *item, *next;

    for (size_t i = 0; i < CX6DX_AGENDA_LANES; i++) {
        for (item = agenda->lanes[i].head; item; item = next) {
            next = item->next;
            g_free(item);
        }
        agenda->lanes[i] = (Cx6dxAgendaLane) { NULL, NULL };
    }
    if (agenda->others) {
        g_sequence_remove_range(g_sequence_get_begin_iter(agenda->others),
                                g_sequence_get_end_iter(agenda->others));
    }
    agenda->next_order = 0;
}

void cx6dx_agenda_free(Cx6dxAgenda *agenda)
{
    cx6dx_agenda_clear(agenda);
    g_clear_pointer(&agenda->others, g_sequence_free);
}

void cx6dx_agenda_add(Cx6dxAgenda *agenda, Cx6dxAgendaItem *item,
                      uint64_t when_ns, uint8_t lane)
{
    Cx6dxAgendaLane *l = &agenda->lanes[MIN(lane, CX6DX_AGENDA_LANES - 1)];

    item->when_ns = when_ns;
    item->order = agenda->next_order++;
    item->next = NULL;
    item->place = NULL;
    item->lane = lane;
    if (lane >= CX6DX_AGENDA_LANES ||
        (l->tail && when_ns < l->tail->when_ns)) {
        item->place = g_sequence_insert_sorted(agenda->others, item, compare,
                                               NULL);
    } else if (l->tail) {
        l->tail = l->tail->next = item;
    } else {
        l->head = l->tail = item;
    }
}

static Cx6dxAgendaItem *first_other(const Cx6dxAgenda *agenda, uint32_t except)
{
    GSequenceIter *iter;
    Cx6dxAgendaItem *item;

    if (g_sequence_is_empty(agenda->others)) {
        return NULL;
    }
    for (iter = g_sequence_get_begin_iter(agenda->others);
         !g_sequence_iter_is_end(iter); iter = g_sequence_iter_next(iter)) {
        item = g_sequence_get(iter);
        if (!(except & 1u << item->lane)) {
            return item;
        }
    }
    return NULL;
}

Cx6dxAgendaItem *cx6dx_agenda_first(const Cx6dxAgenda *agenda, uint32_t except)
{
    Cx6dxAgendaItem *found = first_other(agenda, except), *head;

    for (size_t i = 0; i < CX6DX_AGENDA_LANES; i++) {
        head = agenda->lanes[i].head;
        if (head && !(except & 1u << i) && (!found || before(head, found))) {
            found = head;
        }
    }
    return found;
}

void cx6dx_agenda_remove(Cx6dxAgenda *agenda, Cx6dxAgendaItem *item)
{
    Cx6dxAgendaLane *l;

    if (item->place) {
        g_sequence_remove(item->place);
        return;
    }
    l = &agenda->lanes[item->lane];
    g_assert(l->head == item);
    l->head = item->next;
    if (!l->head) {
        l->tail = NULL;
    }
    g_free(item);
}

static void remove_from_lane(Cx6dxAgendaLane *l,
                             bool (*gone)(Cx6dxAgendaItem *, void *),
                             void *opaque)
{
    Cx6dxAgendaItem *item, *next;

    item = l->head;
    *l = (Cx6dxAgendaLane) { NULL, NULL };
    for (; item; item = next) {
        next = item->next;
        item->next = NULL;
        if (gone(item, opaque)) {
            g_free(item);
        } else if (l->tail) {
            l->tail = l->tail->next = item;
        } else {
            l->head = l->tail = item;
        }
    }
}

void cx6dx_agenda_remove_if(Cx6dxAgenda *agenda,
                            bool (*gone)(Cx6dxAgendaItem *, void *),
                            void *opaque)
{
    GSequenceIter *iter = g_sequence_get_begin_iter(agenda->others), *next;

    for (; !g_sequence_iter_is_end(iter); iter = next) {
        next = g_sequence_iter_next(iter);
        if (gone(g_sequence_get(iter), opaque)) {
            g_sequence_remove(iter);
        }
    }
    for (size_t i = 0; i < CX6DX_AGENDA_LANES; i++) {
        remove_from_lane(&agenda->lanes[i], gone, opaque);
    }
}

GPtrArray *cx6dx_agenda_sorted(const Cx6dxAgenda *agenda)
{
    GPtrArray *all = g_ptr_array_new();
    GSequenceIter *iter = g_sequence_get_begin_iter(agenda->others);

    for (; !g_sequence_iter_is_end(iter); iter = g_sequence_iter_next(iter)) {
        g_ptr_array_add(all, g_sequence_get(iter));
    }
    for (size_t i = 0; i < CX6DX_AGENDA_LANES; i++) {
        for (Cx6dxAgendaItem *item = agenda->lanes[i].head; item;
             item = item->next) {
            g_ptr_array_add(all, item);
        }
    }
    g_ptr_array_sort(all, compare_pointers);
    return all;
}

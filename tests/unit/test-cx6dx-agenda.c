/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Order of what is to happen, against a list that is searched from end to end
 */
#include "qemu/osdep.h"
#include "pure/agenda.h"
#include "cx6dx-oracle.h"

typedef struct Entry {
    Cx6dxAgendaItem item;
    uint32_t mark;
} Entry;

/* The same, kept in the simplest manner: in the order of arrival */
typedef struct Copy {
    uint64_t when_ns;
    uint32_t mark;
    uint8_t lane;
} Copy;

static int first_copy(const GArray *copies, uint32_t except)
{
    int found = -1;

    for (guint i = 0; i < copies->len; i++) {
        const Copy *c = &g_array_index(copies, Copy, i);

        if (!(except & 1u << c->lane) &&
            (found < 0 ||
             c->when_ns < g_array_index(copies, Copy, found).when_ns)) {
            found = i;
        }
    }
    return found;
}

static void add(Cx6dxAgenda *agenda, GArray *copies, uint64_t when_ns,
                uint8_t lane, uint32_t mark)
{
    Entry *entry = g_new0(Entry, 1);
    Copy copy = { when_ns, mark, lane };

    entry->mark = mark;
    cx6dx_agenda_add(agenda, &entry->item, when_ns, lane);
    g_array_append_val(copies, copy);
}

/* Takes the first that may be taken from both; false when there is none */
static bool take(Cx6dxAgenda *agenda, GArray *copies, uint32_t except)
{
    Cx6dxAgendaItem *item = cx6dx_agenda_first(agenda, except);
    int i = first_copy(copies, except);

    if (i < 0) {
        g_assert_null(item);
        return false;
    }
    g_assert_nonnull(item);
    g_assert_cmpuint(((Entry *)item)->mark, ==,
                     g_array_index(copies, Copy, i).mark);
    g_assert_cmpuint(item->when_ns, ==,
                     g_array_index(copies, Copy, i).when_ns);
    cx6dx_agenda_remove(agenda, item);
    g_array_remove_index(copies, i);
    return true;
}

static bool is_third(Cx6dxAgendaItem *item, void *opaque)
{
    uint32_t *n = opaque;

    *n += ((Entry *)item)->mark % 3 == 0;
    return ((Entry *)item)->mark % 3 == 0;
}

static void remove_thirds(Cx6dxAgenda *agenda, GArray *copies)
{
    uint32_t asked = 0, n = 0;

    cx6dx_agenda_remove_if(agenda, is_third, &asked);
    for (guint i = copies->len; i > 0; i--) {
        if (g_array_index(copies, Copy, i - 1).mark % 3 == 0) {
            g_array_remove_index(copies, i - 1);
            n++;
        }
    }
    g_assert_cmpuint(asked, ==, n);
}

static void check_sorted(const Cx6dxAgenda *agenda, const GArray *copies)
{
    g_autoptr(GPtrArray) all = cx6dx_agenda_sorted(agenda);
    const Cx6dxAgendaItem *last = NULL;

    g_assert_cmpuint(all->len, ==, copies->len);
    for (guint i = 0; i < all->len; i++) {
        const Cx6dxAgendaItem *item = g_ptr_array_index(all, i);

        g_assert_true(!last || last->when_ns < item->when_ns ||
                      (last->when_ns == item->when_ns &&
                       last->order < item->order));
        last = item;
    }
}

/* Times of a lane mostly grow, as they do on a wire, and sometimes do not */
static void test_random(void)
{
    Cx6dxDice dice = { .state = 11 };
    GArray *copies = g_array_new(false, false, sizeof(Copy));
    uint64_t times[CX6DX_AGENDA_NO_LANE + 1] = { 0 };
    Cx6dxAgenda agenda;

    cx6dx_agenda_init(&agenda);
    for (uint32_t i = 0; i < 60000; i++) {
        uint8_t lane = cx6dx_dice_below(&dice, CX6DX_AGENDA_NO_LANE + 1);
        uint32_t what = cx6dx_dice_below(&dice, 1000);

        if (what < 480 && copies->len < 300) {
            times[lane] += cx6dx_dice_below(&dice, 4);
            add(&agenda, copies, times[lane], lane, i);
        } else if (what < 500) {
            add(&agenda, copies, cx6dx_dice_below(&dice, times[lane] + 1), lane,
                i);
        } else if (what < 900) {
            take(&agenda, copies, 0);
        } else if (what < 990) {
            take(&agenda, copies, cx6dx_dice_below(&dice, 1 << 7));
        } else if (what < 995) {
            remove_thirds(&agenda, copies);
        } else {
            check_sorted(&agenda, copies);
        }
    }
    while (take(&agenda, copies, 0)) {
        ;
    }
    g_assert_cmpuint(copies->len, ==, 0);
    cx6dx_agenda_free(&agenda);
    g_array_free(copies, true);
}

static void test_clear(void)
{
    GArray *copies = g_array_new(false, false, sizeof(Copy));
    Cx6dxAgenda agenda;

    cx6dx_agenda_init(&agenda);
    g_assert_null(cx6dx_agenda_first(&agenda, 0));
    for (uint8_t lane = 0; lane <= CX6DX_AGENDA_NO_LANE; lane++) {
        add(&agenda, copies, 7, lane, lane);
        add(&agenda, copies, 5, lane, lane);
    }
    cx6dx_agenda_clear(&agenda);
    g_assert_null(cx6dx_agenda_first(&agenda, 0));
    g_array_set_size(copies, 0);
    add(&agenda, copies, 1, 0, 1);
    g_assert_cmpuint(cx6dx_agenda_first(&agenda, 0)->order, ==, 0);
    cx6dx_agenda_free(&agenda);
    g_array_free(copies, true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/agenda/random", test_random);
    g_test_add_func("/agenda/clear", test_clear);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive contexts on any network: thousands of streams that are cut, lost,
 * repeated, reordered and corrupted, with a small model of the kernel that
 * answers resync requests: truthfully, late, wrongly or never
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/tls_rx.h"
#include "cx6dx-rx-link.h"

#define SEED 0x51a9

typedef struct Parcel {
    size_t from, to;
    uint32_t order;
} Parcel;

static int by_order(const void *a, const void *b)
{
    const Parcel *x = a, *y = b;

    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return x->from < y->from ? -1 : x->from > y->from;
}

typedef enum Honesty {
    TRUTHFUL,       /* answers as soon as the stream is complete so far */
    LATE,           /* answers some packets later than that */
    LYING,          /* talks about wrong places all the time, too */
    SILENT,
    HONESTIES
} Honesty;

typedef struct Kernel {
    Honesty honesty;
    uint8_t *seen;          /* which bytes arrived */
    size_t complete;        /* all before this one */
    bool asked;
    size_t candidate;
    bool deaf;              /* the request came too late to be answered */
    unsigned wait;          /* packets until the answer */
    unsigned requests, answers;
} Kernel;

/*
 * Cuts the stream and lets the network at the first two thirds of it; the rest
 * comes in order, after all of that
 */
static GArray *make_parcels(Cx6dxDice *dice, const Cx6dxOracle *o,
                            unsigned badness, unsigned max_cut,
                            size_t *clean_from)
{
    GArray *parcels = g_array_new(FALSE, FALSE, sizeof(Parcel));
    uint32_t order = 0;
    size_t at = 0;

    *clean_from = o->len * 2 / 3;
    while (at < o->len) {
        size_t n = cx6dx_dice_size(dice, 1, max_cut);
        Parcel p = { at, MIN(at + n, o->len), order++ * 16 };

        if (at >= *clean_from) {
            p.order += 1000000;
        }
        if (at < *clean_from && cx6dx_dice_below(dice, 100) < badness) {
            Parcel extra = p;

            switch (cx6dx_dice_below(dice, 4)) {
            case 0:     /* lost and sent again */
                p.order += 16 * (3 + cx6dx_dice_below(dice, 30));
                break;
            case 1:     /* overtaken */
                p.order += 16 + cx6dx_dice_below(dice, 40);
                break;
            case 2:     /* twice */
                extra.order += cx6dx_dice_below(dice, 600);
                g_array_append_val(parcels, extra);
                break;
            default:    /* sent again, cut in another way */
                extra.order += cx6dx_dice_below(dice, 200);
                extra.from -= cx6dx_dice_below(dice, MIN(extra.from, 200) + 1);
                extra.to += cx6dx_dice_below(dice,
                                             MIN(o->len - extra.to, 200) + 1);
                g_array_append_val(parcels, extra);
                break;
            }
        }
        g_array_append_val(parcels, p);
        at = p.to;
    }
    qsort(parcels->data, parcels->len, sizeof(Parcel), by_order);
    return parcels;
}

/* Checks what a verdict promises, and remembers what was asked */
static void kernel_sees(Kernel *k, const RxLink *link, const Parcel *p,
                        Cx6dxTlsRxVerdict verdict, Cx6dxDice *dice)
{
    Cx6dxTlsProgress now = rx_psv(link);
    size_t candidate = now.hw_resync_tcp_sn - link->o->first_tcp_sn;
    bool asking = now.record_tracker_state == CX6DX_PSV_TRACKER_TRACKING &&
                  now.auth_state == CX6DX_PSV_AUTH_NO_OFFLOAD;

    if (verdict == CX6DX_TLS_RX_RESYNC) {
        /* records whose header was read before the flag are not looked at */
        k->deaf = k->complete >= candidate + 5;
    }
    memset(k->seen + p->from, 1, p->to - p->from);
    while (k->complete < link->o->len && k->seen[k->complete]) {
        k->complete++;
    }
    if (verdict == CX6DX_TLS_RX_RESYNC) {
        g_assert_true(asking);
        g_assert_cmpuint(candidate, >=, p->from);
        g_assert_cmpuint(candidate + 5, <=, p->to);
        k->asked = true;
        k->candidate = candidate;
        k->wait = k->honesty == LATE ? cx6dx_dice_below(dice, 30) : 0;
        k->requests++;
    } else if (asking) {
        /* what was flagged is what reads back, until the next flag */
        g_assert_true(k->asked);
        g_assert_cmpuint(candidate, ==, k->candidate);
    }
    if (verdict == CX6DX_TLS_RX_DECRYPTED) {
        g_assert_cmpuint(now.auth_state, ==, CX6DX_PSV_AUTH_OFFLOAD);
    }
}

static void kernel_answers(Kernel *k, const RxLink *link, Cx6dxDice *dice)
{
    const Cx6dxOracle *o = link->o;
    unsigned n;

    if (k->honesty == LYING && cx6dx_dice_below(dice, 3) == 0) {
        size_t offset = cx6dx_dice_below(dice, o->len);

        if (!k->asked || offset != k->candidate) {
            rx_answer(link->ctx, o, offset, cx6dx_dice_below(dice, 100));
        }
    }
    if (!k->asked || k->honesty == SILENT || k->deaf ||
        k->complete < k->candidate + 5) {
        return;
    }
    if (k->wait) {
        k->wait--;
        return;
    }
    n = cx6dx_oracle_record_at(o, k->candidate);
    if (o->records[n].start == k->candidate) {
        rx_answer(link->ctx, o, k->candidate, n);
        k->answers++;
    }
    k->asked = false;
}

static size_t max_record(const Cx6dxOracle *o)
{
    size_t max = 0;

    for (unsigned i = 0; i < o->nrecords; i++) {
        max = MAX(max, o->records[i].bytes);
    }
    return max;
}

static void run_network(Cx6dxDice *dice, Cx6dxOracle *o, Honesty honesty,
                        unsigned badness, unsigned max_cut)
{
    RxLink link = { o, rx_make_context(o) };
    Kernel k = { .honesty = honesty, .seen = g_malloc0(o->len) };
    size_t clean_from, last_lost = 0;
    GArray *parcels = make_parcels(dice, o, badness, max_cut, &clean_from);

    for (unsigned i = 0; i < parcels->len; i++) {
        Parcel *p = &g_array_index(parcels, Parcel, i);
        Cx6dxTlsRxVerdict v = rx_deliver(link.ctx, o, p->from, p->to);

        g_assert_cmpint(v, !=, CX6DX_TLS_RX_AUTH_FAILED);
        if (v != CX6DX_TLS_RX_DECRYPTED && !badness) {
            g_assert_not_reached();
        }
        kernel_sees(&k, &link, p, v, dice);
        if (p->from >= clean_from) {
            k.wait = MIN(k.wait, 3);
        }
        kernel_answers(&k, &link, dice);
        if (v != CX6DX_TLS_RX_DECRYPTED) {
            last_lost = MAX(last_lost, p->to);
        }
    }
    /*
     * Once the stream flows: one record to the next header, three packets to the
     * answer, and one record from there to the next boundary
     */
    if (honesty != SILENT) {
        g_assert_cmpuint(last_lost, <, clean_from + 2 * max_record(o) +
                         5 * max_cut);
        g_assert_cmpuint(k.answers, <=, k.requests);
    }
    g_array_free(parcels, TRUE);
    g_free(k.seen);
    cx6dx_tls_rx_free(link.ctx);
}

static void test_any_network(void)
{
    Cx6dxDice dice = { SEED + 80 };

    for (int i = 0; i < 40; i++) {
        bool small = i % 3 == 0;
        Cx6dxOracle *o = rx_make_stream(&dice, i % 4, small ? 200 : 100, 0,
                                        small ? 60 : 400);

        for (int k = 0; k < 80; k++) {
            run_network(&dice, o, k % HONESTIES, k / 4 % 5 * 8,
                        small ? 80 : 300);
        }
        cx6dx_oracle_free(o);
    }
}

/* Corruption on top: records that fail are reported, and never decrypted whole */
static void test_any_corruption(void)
{
    Cx6dxDice dice = { SEED + 81 };

    for (int i = 0; i < 200; i++) {
        Cx6dxOracle *o = rx_make_stream(&dice, i % 4, 30, 0, 300);
        Cx6dxTlsRx *ctx = rx_make_context(o);
        unsigned bad = cx6dx_dice_below(&dice, o->nrecords);
        size_t end = o->records[bad].start + o->records[bad].bytes;
        unsigned failures = 0;

        cx6dx_oracle_corrupt(o, bad, cx6dx_dice_below(&dice, 1 << 20));
        for (size_t at = 0; at < o->len;) {
            size_t n = cx6dx_dice_size(&dice, 1, MIN(o->len - at, 300));
            Cx6dxTlsRxVerdict v = rx_deliver(ctx, o, at, at + n);

            if (at + n < end) {
                g_assert_cmpint(v, ==, CX6DX_TLS_RX_DECRYPTED);
            } else {
                g_assert_cmpint(v, !=, CX6DX_TLS_RX_DECRYPTED);
            }
            failures += v == CX6DX_TLS_RX_AUTH_FAILED;
            at += n;
        }
        g_assert_cmpuint(failures, ==, 1);
        cx6dx_tls_rx_free(ctx);
        cx6dx_oracle_free(o);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "any-network/agrees-with-the-oracle", test_any_network },
    { "any-network/corruption-is-never-decrypted", test_any_corruption },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        g_autofree char *path = g_strconcat("/cx6dx/tls_rx/", tests[i].name,
                                            NULL);

        g_test_add_func(path, tests[i].run);
    }
    return g_test_run();
}

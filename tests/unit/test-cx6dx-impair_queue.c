/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "impair_queue"
 *
 * A packet is one byte, its name.
 */
#include "qemu/osdep.h"
#include "pure/impair_queue.h"
#include "cx6dx-oracle.h"

static Cx6dxImpairQueued *packet(char name)
{
    return cx6dx_impair_queue_copy((uint8_t *)&name, 1, name);
}

/* All that comes out, as "name@time "; moves from moment to moment */
static char *drain(Cx6dxImpairQueue *q)
{
    GString *text = g_string_new(NULL);
    int64_t now_ns, last_ns = -1;

    while ((now_ns = cx6dx_impair_queue_next_ns(q)) >= 0) {
        Cx6dxImpairQueued *p;

        /* nothing happens twice at the same moment, nothing goes back */
        g_assert_cmpint(now_ns, >, last_ns);
        last_ns = now_ns;
        while ((p = cx6dx_impair_queue_pop(q, now_ns))) {
            g_assert_cmpuint(p->len, ==, 1);
            g_assert_cmpuint(p->flags, ==, p->bytes[0]);
            g_string_append_printf(text, "%c@%d ", p->bytes[0], (int)now_ns);
            g_free(p);
        }
    }
    g_assert_cmpuint(q->packets, ==, 0);
    g_assert_cmpuint(q->bytes, ==, 0);
    return g_string_free(text, false);
}

static void check(Cx6dxImpairQueue *q, const char *want)
{
    g_autofree char *text = drain(q);

    g_assert_cmpstr(text, ==, want);
}

static void test_delay_keeps_order(void)
{
    Cx6dxImpairQueue q = { .packets = 0 };

    g_assert_true(cx6dx_impair_queue_through(&q, 5, 0, 1));
    g_assert_false(cx6dx_impair_queue_through(&q, 5, 100, 1));
    cx6dx_impair_queue_send(&q, packet('a'), 5, 100);
    g_assert_false(cx6dx_impair_queue_through(&q, 6, 0, 1));
    cx6dx_impair_queue_send(&q, packet('b'), 6, 0);
    cx6dx_impair_queue_send(&q, packet('c'), 10, 200);
    g_assert_null(cx6dx_impair_queue_pop(&q, 104));
    check(&q, "a@105 b@105 c@210 ");
    g_assert_true(cx6dx_impair_queue_through(&q, 210, 0, 1));
    g_assert_cmpint(cx6dx_impair_queue_next_ns(&q), ==, -1);
}

static void test_rate(void)
{
    Cx6dxImpairQueue q = { .rate_bps = 80000000 };      /* 100 ns a byte */

    g_assert_false(cx6dx_impair_queue_through(&q, 0, 0, 1));
    cx6dx_impair_queue_send(&q, packet('a'), 0, 0);
    cx6dx_impair_queue_send(&q, packet('b'), 0, 0);
    cx6dx_impair_queue_send(&q, packet('c'), 1000, 50);
    check(&q, "a@100 b@200 c@1150 ");
}

static void test_overtaken(void)
{
    Cx6dxImpairQueue q = { .packets = 0 };

    cx6dx_impair_queue_hold(&q, packet('h'), 0, 0, 2, 1000);
    g_assert_true(cx6dx_impair_queue_through(&q, 1, 0, 1));     /* the first */
    g_assert_false(cx6dx_impair_queue_through(&q, 2, 0, 1));
    cx6dx_impair_queue_send(&q, packet('b'), 2, 0);
    cx6dx_impair_queue_append(&q, packet('B'), 2, 0);
    check(&q, "b@2 h@2 B@2 ");

    /* further copies overtake nothing */
    cx6dx_impair_queue_hold(&q, packet('h'), 10, 0, 1, 1000);
    cx6dx_impair_queue_append(&q, packet('B'), 11, 0);
    check(&q, "B@11 h@1000 ");
}

static void test_held_for_time(void)
{
    Cx6dxImpairQueue q = { .packets = 0 };
    Cx6dxImpairQueued *p;

    cx6dx_impair_queue_hold(&q, packet('x'), 0, 7, 0, 50);
    cx6dx_impair_queue_hold(&q, packet('y'), 1, 0, 0, 40);
    g_assert_true(cx6dx_impair_queue_through(&q, 30, 0, 1));
    cx6dx_impair_queue_send(&q, packet('a'), 39, 0);
    g_assert_cmpint(cx6dx_impair_queue_next_ns(&q), ==, 39);
    /* late by ten: y has gone before b all the same */
    cx6dx_impair_queue_send(&q, packet('b'), 49, 0);
    p = cx6dx_impair_queue_pop(&q, 49);
    g_assert_cmpint(p->bytes[0], ==, 'a');
    g_free(p);
    p = cx6dx_impair_queue_pop(&q, 49);
    g_assert_cmpint(p->bytes[0], ==, 'y');
    g_free(p);
    check(&q, "b@49 x@57 ");
}

static void test_flush(void)
{
    Cx6dxImpairQueue q = { .packets = 0 };
    g_autoptr(GString) seen = g_string_new(NULL);
    Cx6dxImpairQueued *p;

    cx6dx_impair_queue_hold(&q, packet('h'), 0, 0, 9, 1000);
    cx6dx_impair_queue_send(&q, packet('a'), 1, 500);
    cx6dx_impair_queue_send(&q, packet('b'), 2, 500);
    while ((p = cx6dx_impair_queue_flush(&q))) {
        g_string_append_c(seen, p->bytes[0]);
        g_free(p);
    }
    g_assert_cmpstr(seen->str, ==, "abh");
    g_assert_cmpuint(q.packets + q.bytes, ==, 0);
    g_assert_true(cx6dx_impair_queue_through(&q, 3, 0, 1));
}

/* Any traffic: what is not held keeps its order, everything comes out once */
static void test_property(void)
{
    Cx6dxDice dice = { 4 };
    unsigned run;

    for (run = 0; run < 300; run++) {
        Cx6dxImpairQueue q = { .rate_bps = run & 1 ? 1000000000 : 0 };
        bool held[100] = { false }, out[100] = { false };
        unsigned i, count = 0, last = 0;
        int64_t now_ns = 0;

        for (i = 0; i < 100; i++) {
            uint32_t delay_ns = cx6dx_dice_below(&dice, 300);

            now_ns += cx6dx_dice_below(&dice, 50);
            held[i] = !cx6dx_dice_below(&dice, 5);
            if (held[i]) {
                cx6dx_impair_queue_hold(&q, packet(i), now_ns, delay_ns,
                                        cx6dx_dice_below(&dice, 4),
                                        now_ns + cx6dx_dice_below(&dice, 400));
            } else {
                cx6dx_impair_queue_send(&q, packet(i), now_ns, delay_ns);
            }
        }
        while ((now_ns = cx6dx_impair_queue_next_ns(&q)) >= 0) {
            Cx6dxImpairQueued *p = cx6dx_impair_queue_pop(&q, now_ns);

            if (!p) {
                continue;       /* one has gone from its place to the line */
            }
            i = p->bytes[0];
            g_assert_false(out[i]);
            out[i] = true;
            count++;
            if (!held[i]) {
                g_assert_true(!count || i >= last);
                last = i;
            }
            g_free(p);
        }
        g_assert_cmpuint(count, ==, 100);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/impair_queue/delay-keeps-order",
                    test_delay_keeps_order);
    g_test_add_func("/cx6dx/impair_queue/rate", test_rate);
    g_test_add_func("/cx6dx/impair_queue/overtaken-by-packets",
                    test_overtaken);
    g_test_add_func("/cx6dx/impair_queue/held-for-a-time", test_held_for_time);
    g_test_add_func("/cx6dx/impair_queue/flush", test_flush);
    g_test_add_func("/cx6dx/impair_queue/order-and-nothing-lost",
                    test_property);
    return g_test_run();
}

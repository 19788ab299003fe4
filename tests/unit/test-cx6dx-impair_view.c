/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "impair_view"
 *
 * The oracle knows the whole stream and where its records lie; the view sees
 * packets.
 */
#include "qemu/osdep.h"
#include "pure/impair_view.h"
#include "cx6dx-frame-build.h"
#include "cx6dx-oracle.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, MAX_STREAM = 60000 };

/* One end of a connection, as it sends */
typedef struct End {
    FrameSpec spec;
    uint32_t isn;
} End;

static End end_of(unsigned conn, bool server, uint8_t ip_version)
{
    End end = {
        .spec = { .ip_version = ip_version, .protocol = 6,
                  .sport = server ? 443 : 40000 + conn,
                  .dport = server ? 40000 + conn : 443 },
        .isn = server ? 0xfffffff0u : 7000 + conn,
    };

    end.spec.saddr[ip_version == 4 ? 3 : 15] = server ? 2 : 1;
    end.spec.daddr[ip_version == 4 ? 3 : 15] = server ? 1 : 2;
    return end;
}

/* Sends bytes at an offset of the stream; what the view says */
static Cx6dxImpairSight send_at(Cx6dxImpairView *view, const End *end,
                                int64_t offset, uint8_t flags,
                                const uint8_t *bytes, size_t len)
{
    g_autofree uint8_t *buf = g_malloc(FRAME_SPEC_MAX_HDR_BYTES + len);
    FrameSpec spec = end->spec;
    Cx6dxImpairSight sight;
    BuiltFrame built;

    spec.tcp_sn = end->isn + 1 + (uint32_t)offset;
    spec.tcp_flags = flags;
    spec.payload_bytes = len;
    built = frame_build(&spec, buf);
    if (len) {
        memcpy(buf + built.payload_off, bytes, len);
    }
    g_assert_true(cx6dx_impair_view_packet(view, buf, built.bytes, false,
                                           &sight));
    return sight;
}

static size_t put_record(uint8_t *at, uint8_t type, size_t length)
{
    memcpy(at, (uint8_t[]) { type, 3, 3, length >> 8, length & 255 }, 5);
    memset(at + 5, 0xee, length);
    return 5 + length;
}

static void test_connections(void)
{
    Cx6dxImpairView *view = cx6dx_impair_view_new();
    End a = end_of(1, false, 4), b = end_of(1, true, 4);
    End c = end_of(2, false, 6), d = end_of(2, true, 6);
    Cx6dxImpairSight s;

    s = send_at(view, &a, -1, SYN, NULL, 0);
    g_assert_cmpuint(s.conn, ==, 1);
    g_assert_true(s.from_client);
    g_assert_cmpuint(s.copy, ==, 1);
    s = send_at(view, &a, -1, SYN, NULL, 0);
    g_assert_cmpuint(s.conn, ==, 1);
    g_assert_cmpuint(s.copy, ==, 2);
    g_assert_cmpuint(s.nth, ==, 2);
    s = send_at(view, &b, -1, SYN | ACK, NULL, 0);
    g_assert_cmpuint(s.conn, ==, 1);
    g_assert_false(s.from_client);
    g_assert_cmpuint(s.nth, ==, 1);

    /* the answer seen first: the other one opened */
    s = send_at(view, &d, -1, SYN | ACK, NULL, 0);
    g_assert_cmpuint(s.conn, ==, 2);
    g_assert_false(s.from_client);
    s = send_at(view, &c, 0, ACK, NULL, 0);
    g_assert_true(s.from_client);

    /* the same ends again */
    a.isn += 12345;
    s = send_at(view, &a, -1, SYN, NULL, 0);
    g_assert_cmpuint(s.conn, ==, 3);
    g_assert_cmpuint(s.copy, ==, 1);

    cx6dx_impair_view_restart(view);
    s = send_at(view, &c, 0, ACK, NULL, 0);
    g_assert_cmpuint(s.conn, ==, 0);
    a.isn += 12345;
    s = send_at(view, &a, -1, SYN, NULL, 0);
    g_assert_cmpuint(s.conn, ==, 1);
    g_assert_cmpuint(cx6dx_impair_view_stats(view)->connections, ==, 4);
    cx6dx_impair_view_free(view);
}

static void test_copies(void)
{
    Cx6dxImpairView *view = cx6dx_impair_view_new();
    End b = end_of(1, true, 6);     /* its numbers wrap */
    uint8_t bytes[100] = { 0 };
    Cx6dxImpairSight s;

    send_at(view, &b, -1, SYN | ACK, NULL, 0);
    s = send_at(view, &b, 0, ACK, bytes, 100);
    g_assert_cmpint(s.start, ==, 0);
    g_assert_cmpint(s.end, ==, 100);
    g_assert_cmpuint(s.copy, ==, 1);
    s = send_at(view, &b, 100, ACK, NULL, 0);
    g_assert_cmpuint(s.copy, ==, 1);
    s = send_at(view, &b, 100, ACK | FIN, bytes, 20);
    g_assert_cmpuint(s.copy, ==, 1);
    s = send_at(view, &b, 50, ACK, bytes, 50);
    g_assert_cmpuint(s.copy, ==, 2);
    s = send_at(view, &b, 120, ACK | FIN, NULL, 0);
    g_assert_cmpuint(s.copy, ==, 2);
    s = send_at(view, &b, 120, ACK | FIN, NULL, 0);
    g_assert_cmpuint(s.copy, ==, 3);
    s = send_at(view, &b, 0, ACK, bytes, 100);
    g_assert_cmpuint(s.copy, ==, 3);
    cx6dx_impair_view_free(view);
}

static void test_numbers(void)
{
    Cx6dxImpairView *view = cx6dx_impair_view_new();
    End a = end_of(1, false, 4);
    uint8_t buf[1000];
    size_t len = 0;
    Cx6dxImpairSight s;

    send_at(view, &a, -1, SYN, NULL, 0);
    len += put_record(buf + len, CX6DX_IMPAIR_TLS_HANDSHAKE, 100);
    len += put_record(buf + len, CX6DX_IMPAIR_TLS_CCS, 1);
    len += put_record(buf + len, CX6DX_IMPAIR_TLS_HANDSHAKE, 40);
    len += put_record(buf + len, CX6DX_IMPAIR_TLS_DATA, 50);
    len += put_record(buf + len, CX6DX_IMPAIR_TLS_ALERT, 26);
    s = send_at(view, &a, 0, ACK, buf, len);
    g_assert_cmpuint(s.nrecords, ==, 5);
    g_assert_cmpuint(s.records[0].tls_number, ==, 1);
    g_assert_cmpuint(s.records[0].number, ==, 0);
    g_assert_false(s.records[0].has_tag);
    g_assert_false(s.records[1].has_tag);
    g_assert_true(s.records[2].has_tag);
    g_assert_cmpuint(s.records[3].number, ==, 1);
    g_assert_cmpuint(s.records[4].number, ==, 2);
    g_assert_cmpuint(s.records[4].tls_number, ==, 5);
    g_assert_cmpuint(s.records[4].type, ==, CX6DX_IMPAIR_TLS_ALERT);
    g_assert_true(s.offload);
    g_assert_cmpint(s.offload_start, ==, 105 + 6 + 45);
    /* a repeat of one byte inside a record */
    s = send_at(view, &a, 200, ACK, buf + 200, 1);
    g_assert_cmpuint(s.nrecords, ==, 1);
    g_assert_cmpuint(s.records[0].number, ==, 1);
    g_assert_cmpuint(cx6dx_impair_view_stats(view)->records, ==, 5);
    cx6dx_impair_view_free(view);
}

/* Plain text first, then TLS; and what only looks like a header */
static void test_not_tls(void)
{
    Cx6dxImpairView *view = cx6dx_impair_view_new();
    End a = end_of(1, false, 4);
    uint8_t buf[200] = { 23, 3, 3, 0xff, 0xff };
    Cx6dxImpairSight s;

    s = send_at(view, &a, 0, ACK, (const uint8_t *)"EHLO x", 6);
    g_assert_cmpuint(s.nrecords, ==, 0);
    s = send_at(view, &a, 6, ACK, buf, 20);
    g_assert_cmpuint(s.nrecords, ==, 0);
    /* a first byte that fits, and then does not go on */
    s = send_at(view, &a, 26, ACK, buf, 1);
    g_assert_cmpuint(s.nrecords, ==, 1);
    s = send_at(view, &a, 27, ACK, (const uint8_t *)"xyz", 3);
    g_assert_cmpuint(s.nrecords, ==, 0);
    g_assert_false(s.offload);
    put_record(buf, CX6DX_IMPAIR_TLS_DATA, 100);
    s = send_at(view, &a, 30, ACK, buf, 105);
    g_assert_cmpuint(s.nrecords, ==, 1);
    g_assert_cmpuint(s.records[0].number, ==, 1);
    g_assert_cmpuint(s.records[0].bytes, ==, 105);
    g_assert_cmpuint(cx6dx_impair_view_stats(view)->records, ==, 1);
    cx6dx_impair_view_free(view);
}

/* ---- any cut and any repeat, against the whole stream ---- */

typedef struct Story {
    uint8_t bytes[MAX_STREAM];
    size_t len;
    Cx6dxImpairRecord records[400];
    unsigned n;
} Story;

static void story_make(Story *story, Cx6dxDice *dice)
{
    uint32_t number = 0;

    story->len = story->n = 0;
    while (story->n < 300) {
        size_t length = cx6dx_dice_size(dice, 1, 400);
        uint8_t type = cx6dx_dice_below(dice, 8) ? CX6DX_IMPAIR_TLS_DATA
                                                 : CX6DX_IMPAIR_TLS_ALERT;
        Cx6dxImpairRecord *r = &story->records[story->n++];

        if (story->len + length + 5 > MAX_STREAM) {
            story->n--;
            return;
        }
        number += number || type == CX6DX_IMPAIR_TLS_DATA;
        *r = (Cx6dxImpairRecord) {
            .start = story->len, .bytes = length + 5, .type = type,
            .tls_number = story->n, .number = number,
        };
        story->len += put_record(story->bytes + story->len, type, length);
        cx6dx_dice_fill(dice, story->bytes + story->len - length, length);
    }
}

/* The records that [start, end) touches are those, with their numbers */
static void story_check(const Story *story, const Cx6dxImpairSight *s,
                        int64_t start, int64_t end, int64_t sent)
{
    unsigned i, k = 0;

    g_assert_cmpint(s->start, ==, start);
    g_assert_cmpint(s->end, ==, end);
    for (i = 0; i < story->n; i++) {
        const Cx6dxImpairRecord *r = &story->records[i];

        if (r->start >= end || r->start + r->bytes <= start) {
            continue;
        }
        g_assert_cmpuint(k, <, s->nrecords);
        g_assert_cmpint(s->records[k].start, ==, r->start);
        g_assert_cmpuint(s->records[k].number, ==, r->number);
        g_assert_cmpuint(s->records[k].tls_number, ==, r->tls_number);
        g_assert_cmpuint(s->records[k].type, ==, r->type);
        g_assert_cmpuint(s->records[k].bytes, ==,
                         r->start + 5 <= sent ? r->bytes : 0);
        k++;
    }
    g_assert_cmpuint(k, ==, s->nrecords);
}

static void test_oracle(void)
{
    g_autofree Story *story = g_new(Story, 1);
    Cx6dxDice dice = { 99 };
    unsigned run;

    for (run = 0; run < 60; run++) {
        Cx6dxImpairView *view = cx6dx_impair_view_new();
        End end = end_of(run, run & 1, run & 2 ? 4 : 6);
        size_t sent = 0;

        story_make(story, &dice);
        send_at(view, &end, -1, SYN | (run & 1 ? ACK : 0), NULL, 0);
        while (sent < story->len) {
            size_t n = cx6dx_dice_size(&dice, 1, 1448);
            size_t start = sent, stop = MIN(sent + n, story->len);
            Cx6dxImpairSight s;

            if (sent && !cx6dx_dice_below(&dice, 4)) {
                start = cx6dx_dice_below(&dice, sent);
                stop = MIN(start + n, story->len);
            }
            s = send_at(view, &end, start, ACK, story->bytes + start,
                        stop - start);
            sent = MAX(sent, stop);
            story_check(story, &s, start, stop, sent);
            g_assert_true(s.copy > 1 || start + n >= sent);
        }
        cx6dx_impair_view_free(view);
    }
}

/* A hole over a header: no guesses behind it; when it is closed all is known */
static void test_hole(void)
{
    Cx6dxImpairView *view = cx6dx_impair_view_new();
    End a = end_of(1, false, 4);
    uint8_t buf[500];
    Cx6dxImpairSight s;

    put_record(buf, CX6DX_IMPAIR_TLS_DATA, 95);
    put_record(buf + 100, CX6DX_IMPAIR_TLS_DATA, 95);
    put_record(buf + 200, CX6DX_IMPAIR_TLS_DATA, 195);
    put_record(buf + 400, CX6DX_IMPAIR_TLS_DATA, 95);
    send_at(view, &a, -1, SYN, NULL, 0);
    send_at(view, &a, 0, ACK, buf, 90);
    s = send_at(view, &a, 120, ACK, buf + 120, 200);
    g_assert_cmpuint(s.nrecords, ==, 0);
    s = send_at(view, &a, 402, ACK, buf + 402, 50);
    g_assert_cmpuint(s.nrecords, ==, 0);
    s = send_at(view, &a, 90, ACK, buf + 90, 12);
    g_assert_cmpuint(s.nrecords, ==, 2);
    g_assert_cmpuint(s.records[1].bytes, ==, 0);
    s = send_at(view, &a, 102, ACK, buf + 102, 18);
    g_assert_cmpuint(s.nrecords, ==, 1);
    g_assert_cmpuint(s.records[0].number, ==, 2);
    /* the third was read from what had been kept, the fourth has a hole */
    s = send_at(view, &a, 320, ACK, buf + 320, 81);
    g_assert_cmpuint(s.nrecords, ==, 2);
    g_assert_cmpuint(s.records[0].number, ==, 3);
    g_assert_cmpuint(s.records[1].number, ==, 4);
    s = send_at(view, &a, 401, ACK, buf + 401, 1);
    g_assert_cmpuint(s.records[0].bytes, ==, 100);
    g_assert_cmpuint(cx6dx_impair_view_stats(view)->records, ==, 4);
    cx6dx_impair_view_free(view);
}

/* Any order of arrival: once all has come, every record is known rightly */
static void test_any_order(void)
{
    g_autofree Story *story = g_new(Story, 1);
    Cx6dxDice dice = { 17 };
    unsigned run;

    for (run = 0; run < 60; run++) {
        Cx6dxImpairView *view = cx6dx_impair_view_new();
        End end = end_of(run, run & 1, 4);
        size_t starts[500], n = 0, at, first;
        unsigned i;

        story_make(story, &dice);
        send_at(view, &end, -1, SYN | (run & 1 ? ACK : 0), NULL, 0);
        first = MIN(story->len, 3);
        send_at(view, &end, 0, ACK, story->bytes, first);
        for (at = first; at < story->len; at += 700) {
            starts[n++] = at;
        }
        for (i = n; i > 1; i--) {
            unsigned other = cx6dx_dice_below(&dice, i);
            size_t swap = starts[i - 1];

            starts[i - 1] = starts[other];
            starts[other] = swap;
        }
        for (i = 0; i < n; i++) {
            send_at(view, &end, starts[i], ACK, story->bytes + starts[i],
                    MIN(700, story->len - starts[i]));
        }
        for (i = 0; i < n; i++) {
            size_t stop = MIN(starts[i] + 700, story->len);
            Cx6dxImpairSight s = send_at(view, &end, starts[i], ACK,
                                         story->bytes + starts[i],
                                         stop - starts[i]);

            story_check(story, &s, starts[i], stop, story->len);
            g_assert_cmpuint(s.copy, ==, 2);
        }
        g_assert_cmpuint(cx6dx_impair_view_stats(view)->records, ==, story->n);
        cx6dx_impair_view_free(view);
    }
}

/* What is kept of a stream behind a hole has a bound, and goes with it */
static void test_hole_for_ever(void)
{
    Cx6dxImpairView *view = cx6dx_impair_view_new();
    End a = end_of(1, false, 4);
    uint8_t buf[1000] = { 0 };
    unsigned i;

    put_record(buf, CX6DX_IMPAIR_TLS_DATA, 95);
    send_at(view, &a, -1, SYN, NULL, 0);
    send_at(view, &a, 0, ACK, buf, 90);
    for (i = 1; i < 1000; i++) {
        Cx6dxImpairSight s = send_at(view, &a, i * 1000, ACK, buf, 1000);

        g_assert_cmpuint(s.nrecords, ==, 0);
    }
    /* no header after all: nothing is kept any more */
    memset(buf, 0, sizeof(buf));
    send_at(view, &a, 90, ACK, buf, 20);
    g_assert_cmpuint(cx6dx_impair_view_stats(view)->records_lost, ==, 1);
    cx6dx_impair_view_free(view);
}

static void test_bounded(void)
{
    Cx6dxImpairView *view = cx6dx_impair_view_new();
    uint8_t buf[6000];
    Cx6dxImpairSight s;
    End a = end_of(0, false, 4);
    unsigned i;

    for (i = 0; i < CX6DX_IMPAIR_MAX_CONNS + 10; i++) {
        End end = end_of(i, false, 4);

        s = send_at(view, &end, -1, SYN, NULL, 0);
        g_assert_cmpuint(s.conn, ==, i + 1);
    }
    g_assert_cmpuint(cx6dx_impair_view_stats(view)->connections_forgotten, ==,
                     10);
    /* the first one is new again */
    s = send_at(view, &a, -1, SYN, NULL, 0);
    g_assert_cmpuint(s.conn, ==, i + 1);

    for (i = 0; i < sizeof(buf) / 6; i++) {
        put_record(buf + i * 6, CX6DX_IMPAIR_TLS_DATA, 1);
    }
    s = send_at(view, &a, 0, ACK, buf, i * 6);
    g_assert_cmpuint(s.nrecords, <=, CX6DX_IMPAIR_MAX_RECORDS);
    g_assert_cmpuint(s.records[s.nrecords - 1].number, ==, i);
    cx6dx_impair_view_free(view);
}

static void test_others(void)
{
    Cx6dxImpairView *view = cx6dx_impair_view_new();
    uint8_t buf[200] = { 0 };
    Cx6dxImpairSight sight;
    FrameSpec udp = { .ip_version = 4, .protocol = 17, .payload_bytes = 10 };
    BuiltFrame built = frame_build(&udp, buf);

    g_assert_true(cx6dx_impair_view_packet(view, buf, built.bytes, true,
                                           &sight));
    g_assert_true(sight.rx && sight.frame.udp && !sight.frame.tcp);
    g_assert_cmpuint(sight.nrecords, ==, 0);
    g_assert_false(cx6dx_impair_view_packet(view, buf, 13, true, &sight));
    g_assert_cmpuint(cx6dx_impair_view_stats(view)->connections, ==, 0);
    cx6dx_impair_view_free(view);
    cx6dx_impair_view_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/impair_view/connections-are-numbered",
                    test_connections);
    g_test_add_func("/cx6dx/impair_view/copies-are-counted", test_copies);
    g_test_add_func("/cx6dx/impair_view/records-are-numbered", test_numbers);
    g_test_add_func("/cx6dx/impair_view/what-is-not-tls", test_not_tls);
    g_test_add_func("/cx6dx/impair_view/any-cut-as-the-oracle", test_oracle);
    g_test_add_func("/cx6dx/impair_view/no-guess-behind-a-hole", test_hole);
    g_test_add_func("/cx6dx/impair_view/any-order-as-the-oracle",
                    test_any_order);
    g_test_add_func("/cx6dx/impair_view/a-hole-for-ever", test_hole_for_ever);
    g_test_add_func("/cx6dx/impair_view/memory-is-bounded", test_bounded);
    g_test_add_func("/cx6dx/impair_view/others-are-left-alone", test_others);
    return g_test_run();
}

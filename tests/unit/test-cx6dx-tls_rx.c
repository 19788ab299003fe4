/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive contexts against the oracle, with a small model of the kernel that
 * answers resync requests: truthfully, late, wrongly or never
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/tls_rx.h"
#include "cx6dx-broken-gcrypt.h"
#include "cx6dx-oracle.h"

#define SEED 0x51a9

static const struct {
    uint8_t tls_version, key_bytes;
} suites[] = {
    { CX6DX_TLS_VERSION_1_2, 16 },
    { CX6DX_TLS_VERSION_1_2, 32 },
    { CX6DX_TLS_VERSION_1_3, 16 },
    { CX6DX_TLS_VERSION_1_3, 32 },
};

/* ---- one connection: oracle and context ---- */

typedef struct Link {
    Cx6dxOracle *o;
    Cx6dxTlsRx *ctx;
} Link;

static Cx6dxOracle *make_stream(Cx6dxDice *dice, int suite, unsigned nrecords,
                                uint32_t min_payload, uint32_t max_payload)
{
    Cx6dxOracleSpec spec = {
        .tls_version = suites[suite].tls_version,
        .key_bytes = suites[suite].key_bytes,
        .nrecords = nrecords,
        .min_payload = min_payload,
        .max_payload = max_payload,
        .first_rec_sn = cx6dx_dice_below(dice, 2) ? 0 : 0xfffffffd,
        .first_tcp_sn = cx6dx_dice_below(dice, 2) ? 77 : UINT32_MAX - 900,
    };

    return cx6dx_oracle_new(&spec, dice);
}

static Cx6dxTlsRx *make_context(const Cx6dxOracle *o)
{
    Cx6dxTlsStatic params = cx6dx_oracle_static(o);
    Cx6dxTlsProgress progress = { .next_record_tcp_sn = o->first_tcp_sn };
    Cx6dxTlsRx *ctx = cx6dx_tls_rx_new();

    g_assert_true(cx6dx_tls_rx_set_static(ctx, &params));
    cx6dx_tls_rx_set_progress(ctx, &progress);
    return ctx;
}

static Link open_link(uint64_t seed, int suite, unsigned nrecords,
                      uint32_t min_payload, uint32_t max_payload)
{
    Cx6dxDice dice = { seed };
    Link link;

    link.o = make_stream(&dice, suite, nrecords, min_payload, max_payload);
    link.ctx = make_context(link.o);
    return link;
}

static void close_link(Link *link)
{
    cx6dx_tls_rx_free(link->ctx);
    cx6dx_oracle_free(link->o);
}

/*
 * Delivers [from, to) of the stream as one packet.  Whatever the verdict, the
 * packet as received stays as it is; when it is DECRYPTED, the result must be
 * the oracle's.
 */
static Cx6dxTlsRxVerdict deliver(Cx6dxTlsRx *ctx, const Cx6dxOracle *o,
                                 size_t from, size_t to)
{
    size_t len = to - from;
    uint8_t *in = g_memdup2(o->wire + from, len);
    uint8_t *out = g_malloc0(len);
    Cx6dxTlsRxVerdict verdict;

    verdict = cx6dx_tls_rx_packet(ctx, o->first_tcp_sn + from, in, out, len);
    g_assert_cmpmem(in, len, o->wire + from, len);
    if (verdict == CX6DX_TLS_RX_DECRYPTED) {
        g_assert_cmpmem(out, len, o->delivered + from, len);
    }
    g_free(in);
    g_free(out);
    return verdict;
}

#define EXPECT(link, from, to, verdict)                                 \
    g_assert_cmpstr(cx6dx_tls_rx_verdict_str(                           \
                        deliver((link)->ctx, (link)->o, from, to)), ==, \
                    cx6dx_tls_rx_verdict_str(CX6DX_TLS_RX_ ## verdict))

static Cx6dxTlsProgress psv(const Link *link)
{
    Cx6dxTlsProgress p;

    cx6dx_tls_rx_get_progress(link->ctx, &p);
    return p;
}

static void expect_psv(const Link *link, unsigned tracker, unsigned auth)
{
    Cx6dxTlsProgress p = psv(link);

    g_assert_cmpuint(p.record_tracker_state, ==, tracker);
    g_assert_cmpuint(p.auth_state, ==, auth);
}

static void expect_searching(const Link *link)
{
    expect_psv(link, CX6DX_PSV_TRACKER_SEARCHING, CX6DX_PSV_AUTH_NO_OFFLOAD);
}

static void expect_asking(const Link *link, size_t candidate)
{
    expect_psv(link, CX6DX_PSV_TRACKER_TRACKING, CX6DX_PSV_AUTH_NO_OFFLOAD);
    g_assert_cmphex(psv(link).hw_resync_tcp_sn, ==,
                    (uint32_t)(link->o->first_tcp_sn + candidate));
}

static void expect_offloading(const Link *link)
{
    expect_psv(link, CX6DX_PSV_TRACKER_TRACKING, CX6DX_PSV_AUTH_OFFLOAD);
}

/* Software says: record `n` begins at `offset` */
static void answer(Cx6dxTlsRx *ctx, const Cx6dxOracle *o, size_t offset,
                   unsigned n)
{
    Cx6dxTlsStatic params = cx6dx_oracle_static(o);

    params.initial_record_number += n;
    params.resync_tcp_sn = o->first_tcp_sn + offset;
    g_assert_true(cx6dx_tls_rx_set_static(ctx, &params));
}

/* ---- in order ---- */

static void test_every_cut(void)
{
    for (int i = 0; i < 4; i++) {
        Link link = open_link(SEED + i, i, 4, 0, 60);
        size_t len = link.o->len;

        for (size_t a = 1; a < len; a++) {
            size_t b = MIN(a + 1 + a * 7 % 31, len);
            Cx6dxTlsRx *ctx = link.ctx;

            EXPECT(&link, 0, a, DECRYPTED);
            EXPECT(&link, a, b, DECRYPTED);
            if (b < len) {
                EXPECT(&link, b, len, DECRYPTED);
            }
            cx6dx_tls_rx_free(ctx);
            link.ctx = make_context(link.o);
        }
        close_link(&link);
    }
}

static void test_byte_by_byte(void)
{
    for (int i = 0; i < 4; i++) {
        Link link = open_link(SEED + 10 + i, i, 8, 0, 100);
        Cx6dxTlsRxInfo info;

        expect_psv(&link, CX6DX_PSV_TRACKER_START, CX6DX_PSV_AUTH_NO_OFFLOAD);
        for (size_t at = 0; at < link.o->len; at++) {
            EXPECT(&link, at, at + 1, DECRYPTED);
            expect_offloading(&link);
        }
        cx6dx_tls_rx_info(link.ctx, &info);
        g_assert_cmpuint(info.records_decrypted, ==, 8);
        g_assert_cmpuint(info.records_lost, ==, 0);
        g_assert_cmphex(info.rec_sn, ==, link.o->first_rec_sn + 8);
        g_assert_cmphex(info.expected_tcp_sn, ==,
                        (uint32_t)(link.o->first_tcp_sn + link.o->len));
        close_link(&link);
    }
}

static void test_large_records(void)
{
    for (int i = 0; i < 4; i++) {
        Link link = open_link(SEED + 20 + i, i, 4, 16383, 16383);

        for (size_t at = 0; at < link.o->len; at += 1448) {
            EXPECT(&link, at, MIN(at + 1448, link.o->len), DECRYPTED);
        }
        close_link(&link);
    }
}

/* ---- repeats and holes whose boundary is known ---- */

static void test_repeat(void)
{
    Link link = open_link(SEED + 30, 0, 4, 200, 200);

    EXPECT(&link, 0, 100, DECRYPTED);
    EXPECT(&link, 0, 100, PASSED);
    EXPECT(&link, 50, 100, PASSED);
    EXPECT(&link, 0, 1, PASSED);
    EXPECT(&link, 100, 400, DECRYPTED);
    EXPECT(&link, 100, 400, PASSED);
    EXPECT(&link, 400, link.o->len, DECRYPTED);
    close_link(&link);
}

static void test_overlap(void)
{
    Link link = open_link(SEED + 31, 1, 4, 200, 200);
    size_t rec = link.o->records[1].start;

    EXPECT(&link, 0, 100, DECRYPTED);
    EXPECT(&link, 90, rec + 3, PASSED);
    EXPECT(&link, rec, rec + 60, PASSED);
    EXPECT(&link, rec + 60, link.o->len, DECRYPTED);
    close_link(&link);
}

/* the kernel document's first figure, "Reorder of non-header segment" */
static void test_hole_in_record(void)
{
    Link link = open_link(SEED + 32, 0, 3, 400, 400);
    size_t rec = link.o->records[1].start;
    Cx6dxTlsRxInfo info;

    EXPECT(&link, 0, 150, DECRYPTED);
    EXPECT(&link, 300, rec + 50, PASSED);
    cx6dx_tls_rx_info(link.ctx, &info);
    g_assert_cmphex(info.rec_sn, ==, link.o->first_rec_sn + 1);
    g_assert_cmpuint(info.records_lost, ==, 1);
    EXPECT(&link, rec + 50, rec + 200, DECRYPTED);
    EXPECT(&link, rec + 200, link.o->len, DECRYPTED);
    EXPECT(&link, 150, 300, PASSED);
    cx6dx_tls_rx_info(link.ctx, &info);
    g_assert_cmpuint(info.records_decrypted, ==, 2);
    close_link(&link);
}

static void test_lost_records(void)
{
    Link link = open_link(SEED + 35, 0, 8, 200, 200);
    const Cx6dxOracleRecord *r = link.o->records;
    Cx6dxTlsRxInfo info;

    EXPECT(&link, 0, r[3].start + 30, DECRYPTED);
    EXPECT(&link, r[3].start + 50, r[4].start + 10, PASSED);
    EXPECT(&link, r[4].start + 10, r[6].start + 10, DECRYPTED);
    EXPECT(&link, r[6].start + 30, r[7].start + 10, PASSED);
    cx6dx_tls_rx_info(link.ctx, &info);
    g_assert_cmpuint(info.records_decrypted, ==, 5);
    g_assert_cmpuint(info.records_lost, ==, 2);
    close_link(&link);
}

static void test_boundary_awaited(void)
{
    Link link = open_link(SEED + 33, 2, 3, 900, 900);
    size_t rec = link.o->records[1].start;
    Cx6dxTlsRxInfo info;

    EXPECT(&link, 0, 100, DECRYPTED);
    EXPECT(&link, 200, 300, PASSED);
    expect_offloading(&link);
    cx6dx_tls_rx_info(link.ctx, &info);
    g_assert_cmphex(info.rec_sn, ==, link.o->first_rec_sn + 1);
    EXPECT(&link, 100, 200, PASSED);
    EXPECT(&link, 500, 600, PASSED);
    EXPECT(&link, 250, 550, PASSED);
    EXPECT(&link, 600, rec, PASSED);
    /* the boundary is at a packet's first byte: nothing of it is lost */
    EXPECT(&link, rec, rec + 2, DECRYPTED);
    EXPECT(&link, rec + 2, link.o->len, DECRYPTED);
    close_link(&link);
}

static void test_gap_to_boundary(void)
{
    Link link = open_link(SEED + 34, 3, 3, 500, 500);
    size_t rec = link.o->records[1].start;

    EXPECT(&link, 0, 100, DECRYPTED);
    EXPECT(&link, rec, link.o->len, DECRYPTED);
    EXPECT(&link, 100, rec, PASSED);
    close_link(&link);
}

/* ---- lost headers ---- */

/* A link whose record 1 lost its header, and which was asked about record 2 */
static Link open_asking(uint64_t seed, int suite)
{
    Link link = open_link(seed, suite, 8, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    EXPECT(&link, 0, 100, DECRYPTED);
    EXPECT(&link, r[1].start + 2, r[1].start + 200, PASSED);
    expect_searching(&link);
    EXPECT(&link, r[1].start + 200, r[2].start + 40, RESYNC);
    expect_asking(&link, r[2].start);
    return link;
}

static void test_resync(void)
{
    for (int i = 0; i < 4; i++) {
        Link link = open_asking(SEED + 40 + i, i);
        const Cx6dxOracleRecord *r = link.o->records;
        Cx6dxTlsRxInfo info;

        answer(link.ctx, link.o, r[2].start, 2);
        expect_offloading(&link);
        EXPECT(&link, r[2].start + 40, r[3].start + 10, PASSED);
        EXPECT(&link, r[3].start + 10, link.o->len, DECRYPTED);
        cx6dx_tls_rx_info(link.ctx, &info);
        g_assert_cmpuint(info.records_decrypted, ==, 5);
        g_assert_cmpuint(info.records_lost, ==, 3);
        close_link(&link);
    }
}

static void test_late_answer(void)
{
    Link link = open_asking(SEED + 44, 0);
    const Cx6dxOracleRecord *r = link.o->records;

    EXPECT(&link, r[2].start + 40, r[4].start + 100, PASSED);
    g_assert_cmpuint(psv(&link).hw_offset_record_number, ==, 3);
    EXPECT(&link, r[4].start + 120, r[5].start, PASSED);
    expect_asking(&link, r[2].start);
    answer(link.ctx, link.o, r[2].start, 2);
    EXPECT(&link, r[5].start, link.o->len, DECRYPTED);
    close_link(&link);
}

/* The answer comes when part of the next header has gone by */
static void test_answer_inside_header(void)
{
    for (size_t cut = 0; cut < 20; cut++) {
        Link link = open_asking(SEED + 45, cut % 4);
        const Cx6dxOracleRecord *r = link.o->records;

        EXPECT(&link, r[2].start + 40, r[3].start + cut, PASSED);
        answer(link.ctx, link.o, r[2].start, 2);
        if (cut < 5) {
            EXPECT(&link, r[3].start + cut, link.o->len, DECRYPTED);
        } else {
            EXPECT(&link, r[3].start + cut, r[4].start, PASSED);
            EXPECT(&link, r[4].start, link.o->len, DECRYPTED);
        }
        close_link(&link);
    }
}

static void test_wrong_answers(void)
{
    Link link = open_asking(SEED + 46, 0);
    const Cx6dxOracleRecord *r = link.o->records;

    answer(link.ctx, link.o, r[1].start, 1);
    answer(link.ctx, link.o, r[3].start, 3);
    expect_asking(&link, r[2].start);
    EXPECT(&link, r[2].start + 40, r[3].start + 10, PASSED);
    answer(link.ctx, link.o, r[2].start, 2);
    EXPECT(&link, r[3].start + 10, r[4].start + 10, PASSED);
    /* in sync, nobody waits for an answer */
    answer(link.ctx, link.o, r[2].start, 7);
    answer(link.ctx, link.o, r[4].start, 7);
    EXPECT(&link, r[4].start + 10, link.o->len, DECRYPTED);
    close_link(&link);
}

static void test_old_answer(void)
{
    Link link = open_asking(SEED + 47, 1);
    const Cx6dxOracleRecord *r = link.o->records;

    /* the header of record 3 is lost too: the count is worth nothing */
    EXPECT(&link, r[3].start + 1, r[4].start + 50, RESYNC);
    expect_asking(&link, r[4].start);
    answer(link.ctx, link.o, r[2].start, 2);
    expect_asking(&link, r[4].start);
    answer(link.ctx, link.o, r[4].start, 4);
    EXPECT(&link, r[4].start + 50, r[5].start, PASSED);
    EXPECT(&link, r[5].start, link.o->len, DECRYPTED);
    close_link(&link);
}

/* Software may answer with params of another version: nothing comes apart */
static void test_answer_of_another_version(void)
{
    Link link = open_asking(SEED + 52, 0);
    const Cx6dxOracleRecord *r = link.o->records;
    Cx6dxTlsStatic params = cx6dx_oracle_static(link.o);

    params.tls_version = CX6DX_TLS_VERSION_1_3;
    params.resync_tcp_sn = link.o->first_tcp_sn + r[2].start;
    g_assert_true(cx6dx_tls_rx_set_static(link.ctx, &params));
    /* no header of TLS 1.3, so the search begins behind it at once */
    link.o->wire[r[3].start] = 0x16;
    link.o->wire[r[4].start] = 0x17;
    EXPECT(&link, r[2].start + 40, r[4].start + 10, RESYNC);
    expect_asking(&link, r[4].start);
    close_link(&link);
}

static void test_flag_once(void)
{
    Link link = open_asking(SEED + 48, 0);
    const Cx6dxOracleRecord *r = link.o->records;

    EXPECT(&link, r[1].start + 200, r[2].start + 40, PASSED);
    EXPECT(&link, r[2].start, r[2].start + 60, PASSED);
    for (unsigned i = 2; i < 7; i++) {
        EXPECT(&link, r[i].start, r[i + 1].start, PASSED);
        expect_asking(&link, r[2].start);
    }
    close_link(&link);
}

static void test_false_candidate(void)
{
    Link link = open_asking(SEED + 49, 0);
    const Cx6dxOracleRecord *r = link.o->records;
    size_t fake = r[3].start + 150;

    /* five bytes of ciphertext that look like a header */
    link.o->wire[fake] = 0x17;
    link.o->wire[fake + 1] = 3;
    link.o->wire[fake + 2] = 3;
    link.o->wire[fake + 3] = 0;
    link.o->wire[fake + 4] = 90;
    EXPECT(&link, r[3].start + 20, r[3].start + 100, PASSED);
    expect_searching(&link);
    EXPECT(&link, fake - 10, fake + 50, RESYNC);
    expect_asking(&link, fake);
    /* where its successor would be, there is none: asks for the true one */
    EXPECT(&link, fake + 50, r[4].start + 20, RESYNC);
    expect_asking(&link, r[4].start);
    close_link(&link);
}

static void test_header_in_two_packets(void)
{
    Link link = open_link(SEED + 50, 0, 5, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    EXPECT(&link, 0, 100, DECRYPTED);
    EXPECT(&link, r[1].start + 20, r[2].start + 4, PASSED);
    expect_searching(&link);
    EXPECT(&link, r[2].start + 4, r[3].start + 5, RESYNC);
    expect_asking(&link, r[3].start);
    close_link(&link);
}

/* A hole right behind a part of a header: the boundary went with it */
static void test_hole_in_header(void)
{
    Link link = open_link(SEED + 51, 0, 5, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    EXPECT(&link, 0, r[1].start + 3, DECRYPTED);
    EXPECT(&link, r[1].start + 4, r[1].start + 200, PASSED);
    expect_searching(&link);
    close_link(&link);
}

/* ---- the beginning ---- */

static void test_before_start(void)
{
    Link link = open_link(SEED + 60, 0, 3, 300, 300);
    uint8_t in[200], out[200];
    uint32_t sn = link.o->first_tcp_sn;

    memset(in, 0x5a, sizeof(in));
    g_assert_cmpint(cx6dx_tls_rx_packet(link.ctx, sn - 200, in, out, 200), ==,
                    CX6DX_TLS_RX_PASSED);
    expect_psv(&link, CX6DX_PSV_TRACKER_START, CX6DX_PSV_AUTH_NO_OFFLOAD);
    /* the first record begins inside a packet */
    memcpy(in + 50, link.o->wire, 150);
    g_assert_cmpint(cx6dx_tls_rx_packet(link.ctx, sn - 50, in, out, 200), ==,
                    CX6DX_TLS_RX_PASSED);
    EXPECT(&link, 150, link.o->len, DECRYPTED);
    close_link(&link);
}

static void test_rule_came_late(void)
{
    Link link = open_link(SEED + 61, 1, 6, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    EXPECT(&link, r[1].start - 30, r[1].start + 30, RESYNC);
    answer(link.ctx, link.o, r[1].start, 1);
    EXPECT(&link, r[1].start + 30, r[2].start + 30, PASSED);
    EXPECT(&link, r[2].start + 30, link.o->len, DECRYPTED);
    close_link(&link);
}

static void test_no_params(void)
{
    Link link = open_link(SEED + 62, 0, 2, 100, 100);
    Cx6dxTlsProgress progress = { .next_record_tcp_sn = link.o->first_tcp_sn };
    Cx6dxTlsStatic params = cx6dx_oracle_static(link.o);

    cx6dx_tls_rx_free(link.ctx);
    cx6dx_tls_rx_free(NULL);
    link.ctx = cx6dx_tls_rx_new();
    EXPECT(&link, 0, 50, PASSED);
    cx6dx_tls_rx_set_progress(link.ctx, &progress);
    EXPECT(&link, 0, 50, PASSED);
    g_assert_true(cx6dx_tls_rx_set_static(link.ctx, &params));
    EXPECT(&link, 0, 50, PASSED);
    cx6dx_tls_rx_set_progress(link.ctx, &progress);
    EXPECT(&link, 0, 50, DECRYPTED);
    EXPECT(&link, 50, 50, PASSED);
    params.key_bytes = 0;
    g_assert_false(cx6dx_tls_rx_set_static(link.ctx, &params));
    EXPECT(&link, 50, 100, PASSED);
    expect_psv(&link, CX6DX_PSV_TRACKER_START, CX6DX_PSV_AUTH_NO_OFFLOAD);
    close_link(&link);
}

static void test_start_over(void)
{
    Link a = open_link(SEED + 63, 0, 3, 200, 200);
    Link b = open_link(SEED + 64, 3, 3, 200, 200);
    Cx6dxTlsProgress progress = { .next_record_tcp_sn = b.o->first_tcp_sn };
    Cx6dxTlsStatic params = cx6dx_oracle_static(b.o);

    cx6dx_tls_rx_free(b.ctx);
    EXPECT(&a, 0, 300, DECRYPTED);
    g_assert_true(cx6dx_tls_rx_set_static(a.ctx, &params));
    EXPECT(&a, 300, 310, DECRYPTED);
    cx6dx_tls_rx_set_progress(a.ctx, &progress);
    b.ctx = a.ctx;
    EXPECT(&b, 0, b.o->len - 20, DECRYPTED);
    /* and once more, with the same static params */
    cx6dx_tls_rx_set_progress(a.ctx, &progress);
    EXPECT(&b, 0, b.o->len, DECRYPTED);
    cx6dx_oracle_free(a.o);
    close_link(&b);
}

/* ---- records that do not authenticate ---- */

static void test_bad_tag(void)
{
    for (size_t at = 0; at < 340; at += 3) {
        Link link = open_link(SEED + 70, at % 4, 5, 300, 300);
        const Cx6dxOracleRecord *r = link.o->records;

        cx6dx_oracle_corrupt(link.o, 1, at);
        EXPECT(&link, 0, r[1].start + 100, DECRYPTED);
        EXPECT(&link, r[1].start + 100, r[2].start - 9, DECRYPTED);
        EXPECT(&link, r[2].start - 9, r[2].start - 1, DECRYPTED);
        EXPECT(&link, r[2].start - 1, r[2].start + 70, AUTH_FAILED);
        expect_searching(&link);
        EXPECT(&link, r[2].start + 70, r[3].start + 20, RESYNC);
        answer(link.ctx, link.o, r[3].start, 3);
        EXPECT(&link, r[3].start + 20, r[4].start, PASSED);
        EXPECT(&link, r[4].start, link.o->len, DECRYPTED);
        close_link(&link);
    }
}

static void test_bad_tag_unseen(void)
{
    Link link = open_link(SEED + 71, 0, 4, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    cx6dx_oracle_corrupt(link.o, 1, 50);
    EXPECT(&link, 0, 100, DECRYPTED);
    /* the packet itself could not be decrypted anyway; the error still shows */
    EXPECT(&link, 90, r[2].start + 10, AUTH_FAILED);
    close_link(&link);
}

static void test_wrong_header(void)
{
    Link link = open_link(SEED + 72, 0, 4, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    link.o->wire[r[1].start + 1] = 2;
    EXPECT(&link, 0, r[1].start - 10, DECRYPTED);
    EXPECT(&link, r[1].start - 10, r[1].start + 200, PASSED);
    expect_searching(&link);
    EXPECT(&link, r[1].start + 200, r[2].start + 5, RESYNC);
    close_link(&link);
}

/* A cipher that does not work is no peer's fault: the packet just passes */
static void test_provider_refuses(void)
{
    static const unsigned calls[] = {
        CX6DX_GCRYPT_SETIV, CX6DX_GCRYPT_CRYPT, CX6DX_GCRYPT_GETTAG
    };

    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        Link link = open_link(SEED + 73, i, 5, 300, 300);
        const Cx6dxOracleRecord *r = link.o->records;

        cx6dx_gcrypt_refuse(calls[i]);
        EXPECT(&link, 0, r[1].start + 20, PASSED);
        cx6dx_gcrypt_refuse(0);
        expect_searching(&link);
        EXPECT(&link, r[1].start + 20, r[2].start + 5, RESYNC);
        answer(link.ctx, link.o, r[2].start, 2);
        EXPECT(&link, r[2].start + 5, r[3].start, PASSED);
        EXPECT(&link, r[3].start, link.o->len, DECRYPTED);
        close_link(&link);
    }
}

/* ---- any network ---- */

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
static void kernel_sees(Kernel *k, const Link *link, const Parcel *p,
                        Cx6dxTlsRxVerdict verdict, Cx6dxDice *dice)
{
    Cx6dxTlsProgress now = psv(link);
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

static void kernel_answers(Kernel *k, const Link *link, Cx6dxDice *dice)
{
    const Cx6dxOracle *o = link->o;

    if (k->honesty == LYING && cx6dx_dice_below(dice, 3) == 0) {
        size_t offset = cx6dx_dice_below(dice, o->len);

        if (!k->asked || offset != k->candidate) {
            answer(link->ctx, o, offset, cx6dx_dice_below(dice, 100));
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
    unsigned n = cx6dx_oracle_record_at(o, k->candidate);
    if (o->records[n].start == k->candidate) {
        answer(link->ctx, o, k->candidate, n);
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
    Link link = { o, make_context(o) };
    Kernel k = { .honesty = honesty, .seen = g_malloc0(o->len) };
    size_t clean_from, last_lost = 0;
    GArray *parcels = make_parcels(dice, o, badness, max_cut, &clean_from);

    for (unsigned i = 0; i < parcels->len; i++) {
        Parcel *p = &g_array_index(parcels, Parcel, i);
        Cx6dxTlsRxVerdict v = deliver(link.ctx, o, p->from, p->to);

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
        Cx6dxOracle *o = make_stream(&dice, i % 4, small ? 200 : 100, 0,
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
        Cx6dxOracle *o = make_stream(&dice, i % 4, 30, 0, 300);
        Cx6dxTlsRx *ctx = make_context(o);
        unsigned bad = cx6dx_dice_below(&dice, o->nrecords);
        size_t end = o->records[bad].start + o->records[bad].bytes;
        unsigned failures = 0;

        cx6dx_oracle_corrupt(o, bad, cx6dx_dice_below(&dice, 1 << 20));
        for (size_t at = 0; at < o->len;) {
            size_t n = cx6dx_dice_size(&dice, 1, MIN(o->len - at, 300));
            Cx6dxTlsRxVerdict v = deliver(ctx, o, at, at + n);

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

/* ---- snapshots ---- */

static void move_context(Link *link)
{
    Cx6dxTlsRxSaved *saved = g_new(Cx6dxTlsRxSaved, 1);
    Cx6dxTlsProgress before = psv(link), after;
    Cx6dxTlsRxInfo a, b;

    cx6dx_tls_rx_info(link->ctx, &a);
    cx6dx_tls_rx_save(link->ctx, saved);
    cx6dx_tls_rx_free(link->ctx);
    link->ctx = cx6dx_tls_rx_new();
    g_assert_true(cx6dx_tls_rx_restore(link->ctx, saved));
    after = psv(link);
    cx6dx_tls_rx_info(link->ctx, &b);
    g_assert_cmphex(before.next_record_tcp_sn, ==, after.next_record_tcp_sn);
    g_assert_cmphex(before.hw_resync_tcp_sn, ==, after.hw_resync_tcp_sn);
    g_assert_cmpuint(before.record_tracker_state, ==,
                     after.record_tracker_state);
    g_assert_cmpuint(before.auth_state, ==, after.auth_state);
    g_assert_cmpuint(before.hw_offset_record_number, ==,
                     after.hw_offset_record_number);
    g_assert_cmphex(a.rec_sn, ==, b.rec_sn);
    g_assert_cmpuint(a.record_offset, ==, b.record_offset);
    g_assert_cmpuint(a.records_decrypted, ==, b.records_decrypted);
    g_assert_cmpuint(a.records_lost, ==, b.records_lost);
    cx6dx_aead_wipe(saved, sizeof(*saved));
    g_free(saved);
}

static void test_save_every_byte(void)
{
    for (int i = 0; i < 4; i++) {
        Link link = open_link(SEED + 90 + i, i, 4, 0, 60);

        for (size_t at = 0; at < link.o->len; at++) {
            move_context(&link);
            EXPECT(&link, at, at + 1, DECRYPTED);
        }
        close_link(&link);
    }
}

static void test_save_asking(void)
{
    for (size_t cut = 0; cut < 6; cut++) {
        Link link = open_asking(SEED + 94, cut % 4);
        const Cx6dxOracleRecord *r = link.o->records;

        move_context(&link);
        EXPECT(&link, r[2].start + 40, r[3].start + cut, PASSED);
        move_context(&link);
        answer(link.ctx, link.o, r[2].start, 2);
        move_context(&link);
        if (cut < 5) {
            EXPECT(&link, r[3].start + cut, r[3].start + 30, DECRYPTED);
        } else {
            EXPECT(&link, r[3].start + cut, r[3].start + 30, PASSED);
        }
        move_context(&link);
        EXPECT(&link, r[4].start, link.o->len, DECRYPTED);
        close_link(&link);
    }
}

static void test_save_unused(void)
{
    Link link = { cx6dx_oracle_new(&(Cx6dxOracleSpec) {
        .tls_version = CX6DX_TLS_VERSION_1_2, .key_bytes = 16, .nrecords = 1,
        .max_payload = 50 }, &(Cx6dxDice) { 1 }), cx6dx_tls_rx_new() };
    Cx6dxTlsStatic params = cx6dx_oracle_static(link.o);
    Cx6dxTlsProgress progress = { 0 };

    move_context(&link);
    g_assert_true(cx6dx_tls_rx_set_static(link.ctx, &params));
    move_context(&link);
    cx6dx_tls_rx_set_progress(link.ctx, &progress);
    move_context(&link);
    EXPECT(&link, 0, link.o->len, DECRYPTED);
    close_link(&link);
}

static void refuse(const Cx6dxTlsRxSaved *saved)
{
    Cx6dxTlsRx *ctx = cx6dx_tls_rx_new();
    Cx6dxTlsRxInfo info;

    g_assert_false(cx6dx_tls_rx_restore(ctx, saved));
    cx6dx_tls_rx_info(ctx, &info);
    g_assert_false(info.offloading);
    g_assert_cmpuint(info.records_decrypted, ==, 0);
    cx6dx_tls_rx_free(ctx);
}

static void test_restore_hostile(void)
{
    Link link = open_link(SEED + 95, 0, 3, 100, 100);
    Cx6dxTlsRxSaved *good = g_new(Cx6dxTlsRxSaved, 1);
    Cx6dxTlsRxSaved *bad = g_new(Cx6dxTlsRxSaved, 1);

    EXPECT(&link, 0, 60, DECRYPTED);
    cx6dx_tls_rx_save(link.ctx, good);

#define REFUSE(change) do { *bad = *good; bad->change; refuse(bad); } while (0)
    REFUSE(live.key_bytes = 1);
    REFUSE(live.key_bytes = 0);
    REFUSE(stored.key_bytes = 99);
    REFUSE(wire_bytes = sizeof(bad->wire) + 1);
    REFUSE(wire_bytes = 4);
    REFUSE(wire_bytes = 59);
    REFUSE(wire[2] = 4);
    REFUSE(wire_bytes = link.o->records[0].bytes + 1);
    REFUSE(tracker.state = CX6DX_TRACKER_STATES);
    REFUSE(tracker.state = CX6DX_TRACKER_SEARCHING);
    REFUSE(tracker.hdr_bytes = 5);
    REFUSE(tracker.hdr_bytes = 3);
    REFUSE(tracker.next_hdr_tcp_sn -= 1);
    REFUSE(tracker.next_hdr_tcp_sn = bad->tracker.expect_tcp_sn - 1);
    EXPECT(&link, 60, link.o->records[1].start + 3, DECRYPTED);
    cx6dx_tls_rx_save(link.ctx, good);
    /* what a header can be follows from the suite, not from the stream */
    *bad = *good;
    memset(&bad->tracker.rule, 0, sizeof(bad->tracker.rule));
    g_assert_true(cx6dx_tls_rx_restore(link.ctx, bad));
    EXPECT(&link, link.o->records[1].start + 3, link.o->len, DECRYPTED);
    REFUSE(tracker.hdr[1] = 0);
    REFUSE(tracker.expect_tcp_sn += 1);
#undef REFUSE
    g_free(good);
    g_free(bad);
    close_link(&link);
}

static void test_names(void)
{
    for (int i = 0; i < CX6DX_TLS_RX_VERDICTS; i++) {
        for (int k = 0; k < i; k++) {
            g_assert_cmpstr(cx6dx_tls_rx_verdict_str(i), !=,
                            cx6dx_tls_rx_verdict_str(k));
        }
    }
    g_assert_cmpstr(cx6dx_tls_rx_verdict_str(CX6DX_TLS_RX_VERDICTS), ==, "?");
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "cut/every-place-decrypts", test_every_cut },
    { "cut/single-bytes-decrypt", test_byte_by_byte },
    { "cut/full-records-at-packet-size", test_large_records },
    { "repeat/passes-and-changes-nothing", test_repeat },
    { "repeat/overlap-keeps-the-record-alive", test_overlap },
    { "hole/resumes-at-the-known-boundary", test_hole_in_record },
    { "hole/lost-records-are-counted", test_lost_records },
    { "hole/boundary-is-awaited-in-any-order", test_boundary_awaited },
    { "hole/that-ends-at-the-boundary-loses-no-packet", test_gap_to_boundary },
    { "hole/inside-a-header-loses-the-boundary", test_hole_in_header },
    { "resync/answer-resumes-at-the-next-boundary", test_resync },
    { "resync/late-answer-counts-what-went-by", test_late_answer },
    { "resync/answer-inside-a-header", test_answer_inside_header },
    { "resync/wrong-answers-are-ignored", test_wrong_answers },
    { "resync/answer-to-an-old-request-is-ignored", test_old_answer },
    { "resync/answer-of-another-version-is-survived",
      test_answer_of_another_version },
    { "resync/one-flag-a-request", test_flag_once },
    { "resync/false-candidate-is-given-up", test_false_candidate },
    { "resync/candidate-lies-inside-its-packet", test_header_in_two_packets },
    { "start/earlier-bytes-pass", test_before_start },
    { "start/packets-before-the-rule-are-a-hole", test_rule_came_late },
    { "start/nothing-happens-without-params", test_no_params },
    { "start/progress-starts-over", test_start_over },
    { "auth/last-packet-of-a-bad-record-reports", test_bad_tag },
    { "auth/bad-record-reports-in-a-passed-packet", test_bad_tag_unseen },
    { "auth/impossible-header-stops-decryption", test_wrong_header },
    { "provider/refusal-passes-packets-and-searches", test_provider_refuses },
    { "any-network/agrees-with-the-oracle", test_any_network },
    { "any-network/corruption-is-never-decrypted", test_any_corruption },
    { "save/goes-on-at-every-byte", test_save_every_byte },
    { "save/goes-on-while-asking", test_save_asking },
    { "save/goes-on-without-params", test_save_unused },
    { "save/hostile-contents-are-refused", test_restore_hostile },
    { "verdicts-have-names", test_names },
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

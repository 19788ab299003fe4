/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive contexts, scenario by scenario: what every packet of a story is told
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/tls_rx.h"
#include "cx6dx-broken-gcrypt.h"
#include "cx6dx-rx-link.h"

#define SEED 0x51a9

/* ---- in order ---- */

static void test_every_cut(void)
{
    for (int i = 0; i < 4; i++) {
        RxLink link = rx_open(SEED + i, i, 4, 0, 60);
        size_t len = link.o->len;

        for (size_t a = 1; a < len; a++) {
            size_t b = MIN(a + 1 + a * 7 % 31, len);
            Cx6dxTlsRx *ctx = link.ctx;

            RX_EXPECT(&link, 0, a, DECRYPTED);
            RX_EXPECT(&link, a, b, DECRYPTED);
            if (b < len) {
                RX_EXPECT(&link, b, len, DECRYPTED);
            }
            cx6dx_tls_rx_free(ctx);
            link.ctx = rx_make_context(link.o);
        }
        rx_close(&link);
    }
}

static void test_byte_by_byte(void)
{
    for (int i = 0; i < 4; i++) {
        RxLink link = rx_open(SEED + 10 + i, i, 8, 0, 100);
        Cx6dxTlsRxInfo info;

        rx_expect_psv(&link, CX6DX_PSV_TRACKER_START, CX6DX_PSV_AUTH_NO_OFFLOAD);
        for (size_t at = 0; at < link.o->len; at++) {
            RX_EXPECT(&link, at, at + 1, DECRYPTED);
            rx_expect_offloading(&link);
        }
        cx6dx_tls_rx_info(link.ctx, &info);
        g_assert_cmpuint(info.records_decrypted, ==, 8);
        g_assert_cmpuint(info.records_lost, ==, 0);
        g_assert_cmphex(info.rec_sn, ==, link.o->first_rec_sn + 8);
        g_assert_cmphex(info.expected_tcp_sn, ==,
                        (uint32_t)(link.o->first_tcp_sn + link.o->len));
        rx_close(&link);
    }
}

static void test_large_records(void)
{
    for (int i = 0; i < 4; i++) {
        RxLink link = rx_open(SEED + 20 + i, i, 4, 16383, 16383);

        for (size_t at = 0; at < link.o->len; at += 1448) {
            RX_EXPECT(&link, at, MIN(at + 1448, link.o->len), DECRYPTED);
        }
        rx_close(&link);
    }
}

/* ---- repeats and holes whose boundary is known ---- */

static void test_repeat(void)
{
    RxLink link = rx_open(SEED + 30, 0, 4, 200, 200);

    RX_EXPECT(&link, 0, 100, DECRYPTED);
    RX_EXPECT(&link, 0, 100, PASSED);
    RX_EXPECT(&link, 50, 100, PASSED);
    RX_EXPECT(&link, 0, 1, PASSED);
    RX_EXPECT(&link, 100, 400, DECRYPTED);
    RX_EXPECT(&link, 100, 400, PASSED);
    RX_EXPECT(&link, 400, link.o->len, DECRYPTED);
    rx_close(&link);
}

static void test_overlap(void)
{
    RxLink link = rx_open(SEED + 31, 1, 4, 200, 200);
    size_t rec = link.o->records[1].start;

    RX_EXPECT(&link, 0, 100, DECRYPTED);
    RX_EXPECT(&link, 90, rec + 3, PASSED);
    RX_EXPECT(&link, rec, rec + 60, PASSED);
    RX_EXPECT(&link, rec + 60, link.o->len, DECRYPTED);
    rx_close(&link);
}

/* the kernel document's first figure, "Reorder of non-header segment" */
static void test_hole_in_record(void)
{
    RxLink link = rx_open(SEED + 32, 0, 3, 400, 400);
    size_t rec = link.o->records[1].start;
    Cx6dxTlsRxInfo info;

    RX_EXPECT(&link, 0, 150, DECRYPTED);
    RX_EXPECT(&link, 300, rec + 50, PASSED);
    cx6dx_tls_rx_info(link.ctx, &info);
    g_assert_cmphex(info.rec_sn, ==, link.o->first_rec_sn + 1);
    g_assert_cmpuint(info.records_lost, ==, 1);
    RX_EXPECT(&link, rec + 50, rec + 200, DECRYPTED);
    RX_EXPECT(&link, rec + 200, link.o->len, DECRYPTED);
    RX_EXPECT(&link, 150, 300, PASSED);
    cx6dx_tls_rx_info(link.ctx, &info);
    g_assert_cmpuint(info.records_decrypted, ==, 2);
    rx_close(&link);
}

static void test_lost_records(void)
{
    RxLink link = rx_open(SEED + 35, 0, 8, 200, 200);
    const Cx6dxOracleRecord *r = link.o->records;
    Cx6dxTlsRxInfo info;

    RX_EXPECT(&link, 0, r[3].start + 30, DECRYPTED);
    RX_EXPECT(&link, r[3].start + 50, r[4].start + 10, PASSED);
    RX_EXPECT(&link, r[4].start + 10, r[6].start + 10, DECRYPTED);
    RX_EXPECT(&link, r[6].start + 30, r[7].start + 10, PASSED);
    cx6dx_tls_rx_info(link.ctx, &info);
    g_assert_cmpuint(info.records_decrypted, ==, 5);
    g_assert_cmpuint(info.records_lost, ==, 2);
    rx_close(&link);
}

static void test_boundary_awaited(void)
{
    RxLink link = rx_open(SEED + 33, 2, 3, 900, 900);
    size_t rec = link.o->records[1].start;
    Cx6dxTlsRxInfo info;

    RX_EXPECT(&link, 0, 100, DECRYPTED);
    RX_EXPECT(&link, 200, 300, PASSED);
    rx_expect_offloading(&link);
    cx6dx_tls_rx_info(link.ctx, &info);
    g_assert_cmphex(info.rec_sn, ==, link.o->first_rec_sn + 1);
    RX_EXPECT(&link, 100, 200, PASSED);
    RX_EXPECT(&link, 500, 600, PASSED);
    RX_EXPECT(&link, 250, 550, PASSED);
    RX_EXPECT(&link, 600, rec, PASSED);
    /* the boundary is at a packet's first byte: nothing of it is lost */
    RX_EXPECT(&link, rec, rec + 2, DECRYPTED);
    RX_EXPECT(&link, rec + 2, link.o->len, DECRYPTED);
    rx_close(&link);
}

static void test_gap_to_boundary(void)
{
    RxLink link = rx_open(SEED + 34, 3, 3, 500, 500);
    size_t rec = link.o->records[1].start;

    RX_EXPECT(&link, 0, 100, DECRYPTED);
    RX_EXPECT(&link, rec, link.o->len, DECRYPTED);
    RX_EXPECT(&link, 100, rec, PASSED);
    rx_close(&link);
}

/* ---- lost headers ---- */

static void test_resync(void)
{
    for (int i = 0; i < 4; i++) {
        RxLink link = rx_open_asking(SEED + 40 + i, i);
        const Cx6dxOracleRecord *r = link.o->records;
        Cx6dxTlsRxInfo info;

        rx_answer(link.ctx, link.o, r[2].start, 2);
        rx_expect_offloading(&link);
        RX_EXPECT(&link, r[2].start + 40, r[3].start + 10, PASSED);
        RX_EXPECT(&link, r[3].start + 10, link.o->len, DECRYPTED);
        cx6dx_tls_rx_info(link.ctx, &info);
        g_assert_cmpuint(info.records_decrypted, ==, 5);
        g_assert_cmpuint(info.records_lost, ==, 3);
        rx_close(&link);
    }
}

static void test_late_answer(void)
{
    RxLink link = rx_open_asking(SEED + 44, 0);
    const Cx6dxOracleRecord *r = link.o->records;

    RX_EXPECT(&link, r[2].start + 40, r[4].start + 100, PASSED);
    g_assert_cmpuint(rx_psv(&link).hw_offset_record_number, ==, 3);
    RX_EXPECT(&link, r[4].start + 120, r[5].start, PASSED);
    rx_expect_asking(&link, r[2].start);
    rx_answer(link.ctx, link.o, r[2].start, 2);
    RX_EXPECT(&link, r[5].start, link.o->len, DECRYPTED);
    rx_close(&link);
}

/* The answer comes when part of the next header has gone by */
static void test_answer_inside_header(void)
{
    for (size_t cut = 0; cut < 20; cut++) {
        RxLink link = rx_open_asking(SEED + 45, cut % 4);
        const Cx6dxOracleRecord *r = link.o->records;

        RX_EXPECT(&link, r[2].start + 40, r[3].start + cut, PASSED);
        rx_answer(link.ctx, link.o, r[2].start, 2);
        if (cut < 5) {
            RX_EXPECT(&link, r[3].start + cut, link.o->len, DECRYPTED);
        } else {
            RX_EXPECT(&link, r[3].start + cut, r[4].start, PASSED);
            RX_EXPECT(&link, r[4].start, link.o->len, DECRYPTED);
        }
        rx_close(&link);
    }
}

static void test_wrong_answers(void)
{
    RxLink link = rx_open_asking(SEED + 46, 0);
    const Cx6dxOracleRecord *r = link.o->records;

    rx_answer(link.ctx, link.o, r[1].start, 1);
    rx_answer(link.ctx, link.o, r[3].start, 3);
    rx_expect_asking(&link, r[2].start);
    RX_EXPECT(&link, r[2].start + 40, r[3].start + 10, PASSED);
    rx_answer(link.ctx, link.o, r[2].start, 2);
    RX_EXPECT(&link, r[3].start + 10, r[4].start + 10, PASSED);
    /* in sync, nobody waits for an answer */
    rx_answer(link.ctx, link.o, r[2].start, 7);
    rx_answer(link.ctx, link.o, r[4].start, 7);
    RX_EXPECT(&link, r[4].start + 10, link.o->len, DECRYPTED);
    rx_close(&link);
}

static void test_old_answer(void)
{
    RxLink link = rx_open_asking(SEED + 47, 1);
    const Cx6dxOracleRecord *r = link.o->records;

    /* the header of record 3 is lost too: the count is worth nothing */
    RX_EXPECT(&link, r[3].start + 1, r[4].start + 50, RESYNC);
    rx_expect_asking(&link, r[4].start);
    rx_answer(link.ctx, link.o, r[2].start, 2);
    rx_expect_asking(&link, r[4].start);
    rx_answer(link.ctx, link.o, r[4].start, 4);
    RX_EXPECT(&link, r[4].start + 50, r[5].start, PASSED);
    RX_EXPECT(&link, r[5].start, link.o->len, DECRYPTED);
    rx_close(&link);
}

/* Software may answer with params of another version: nothing comes apart */
static void test_answer_of_another_version(void)
{
    RxLink link = rx_open_asking(SEED + 52, 0);
    const Cx6dxOracleRecord *r = link.o->records;
    Cx6dxTlsStatic params = cx6dx_oracle_static(link.o);

    params.tls_version = CX6DX_TLS_VERSION_1_3;
    params.resync_tcp_sn = link.o->first_tcp_sn + r[2].start;
    g_assert_true(cx6dx_tls_rx_set_static(link.ctx, &params));
    /* no header of TLS 1.3, so the search begins behind it at once */
    link.o->wire[r[3].start] = 0x16;
    link.o->wire[r[4].start] = 0x17;
    RX_EXPECT(&link, r[2].start + 40, r[4].start + 10, RESYNC);
    rx_expect_asking(&link, r[4].start);
    rx_close(&link);
}

static void test_flag_once(void)
{
    RxLink link = rx_open_asking(SEED + 48, 0);
    const Cx6dxOracleRecord *r = link.o->records;

    RX_EXPECT(&link, r[1].start + 200, r[2].start + 40, PASSED);
    RX_EXPECT(&link, r[2].start, r[2].start + 60, PASSED);
    for (unsigned i = 2; i < 7; i++) {
        RX_EXPECT(&link, r[i].start, r[i + 1].start, PASSED);
        rx_expect_asking(&link, r[2].start);
    }
    rx_close(&link);
}

static void test_false_candidate(void)
{
    RxLink link = rx_open_asking(SEED + 49, 0);
    const Cx6dxOracleRecord *r = link.o->records;
    size_t fake = r[3].start + 150;

    /* five bytes of ciphertext that look like a header */
    link.o->wire[fake] = 0x17;
    link.o->wire[fake + 1] = 3;
    link.o->wire[fake + 2] = 3;
    link.o->wire[fake + 3] = 0;
    link.o->wire[fake + 4] = 90;
    RX_EXPECT(&link, r[3].start + 20, r[3].start + 100, PASSED);
    rx_expect_searching(&link);
    RX_EXPECT(&link, fake - 10, fake + 50, RESYNC);
    rx_expect_asking(&link, fake);
    /* where its successor would be, there is none: asks for the true one */
    RX_EXPECT(&link, fake + 50, r[4].start + 20, RESYNC);
    rx_expect_asking(&link, r[4].start);
    rx_close(&link);
}

static void test_header_in_two_packets(void)
{
    RxLink link = rx_open(SEED + 50, 0, 5, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    RX_EXPECT(&link, 0, 100, DECRYPTED);
    RX_EXPECT(&link, r[1].start + 20, r[2].start + 4, PASSED);
    rx_expect_searching(&link);
    RX_EXPECT(&link, r[2].start + 4, r[3].start + 5, RESYNC);
    rx_expect_asking(&link, r[3].start);
    rx_close(&link);
}

/* A hole right behind a part of a header: the boundary went with it */
static void test_hole_in_header(void)
{
    RxLink link = rx_open(SEED + 51, 0, 5, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    RX_EXPECT(&link, 0, r[1].start + 3, DECRYPTED);
    RX_EXPECT(&link, r[1].start + 4, r[1].start + 200, PASSED);
    rx_expect_searching(&link);
    rx_close(&link);
}

/* ---- the beginning ---- */

static void test_before_start(void)
{
    RxLink link = rx_open(SEED + 60, 0, 3, 300, 300);
    uint8_t in[200], out[200];
    uint32_t sn = link.o->first_tcp_sn;

    memset(in, 0x5a, sizeof(in));
    g_assert_cmpint(cx6dx_tls_rx_packet(link.ctx, sn - 200, in, out, 200), ==,
                    CX6DX_TLS_RX_PASSED);
    rx_expect_psv(&link, CX6DX_PSV_TRACKER_START, CX6DX_PSV_AUTH_NO_OFFLOAD);
    /* the first record begins inside a packet */
    memcpy(in + 50, link.o->wire, 150);
    g_assert_cmpint(cx6dx_tls_rx_packet(link.ctx, sn - 50, in, out, 200), ==,
                    CX6DX_TLS_RX_PASSED);
    RX_EXPECT(&link, 150, link.o->len, DECRYPTED);
    rx_close(&link);
}

static void test_rule_came_late(void)
{
    RxLink link = rx_open(SEED + 61, 1, 6, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    RX_EXPECT(&link, r[1].start - 30, r[1].start + 30, RESYNC);
    rx_answer(link.ctx, link.o, r[1].start, 1);
    RX_EXPECT(&link, r[1].start + 30, r[2].start + 30, PASSED);
    RX_EXPECT(&link, r[2].start + 30, link.o->len, DECRYPTED);
    rx_close(&link);
}

static void test_no_params(void)
{
    RxLink link = rx_open(SEED + 62, 0, 2, 100, 100);
    Cx6dxTlsProgress progress = { .next_record_tcp_sn = link.o->first_tcp_sn };
    Cx6dxTlsStatic params = cx6dx_oracle_static(link.o);

    cx6dx_tls_rx_free(link.ctx);
    cx6dx_tls_rx_free(NULL);
    link.ctx = cx6dx_tls_rx_new();
    RX_EXPECT(&link, 0, 50, PASSED);
    cx6dx_tls_rx_set_progress(link.ctx, &progress);
    RX_EXPECT(&link, 0, 50, PASSED);
    g_assert_true(cx6dx_tls_rx_set_static(link.ctx, &params));
    RX_EXPECT(&link, 0, 50, PASSED);
    cx6dx_tls_rx_set_progress(link.ctx, &progress);
    RX_EXPECT(&link, 0, 50, DECRYPTED);
    RX_EXPECT(&link, 50, 50, PASSED);
    params.key_bytes = 0;
    g_assert_false(cx6dx_tls_rx_set_static(link.ctx, &params));
    RX_EXPECT(&link, 50, 100, PASSED);
    rx_expect_psv(&link, CX6DX_PSV_TRACKER_START, CX6DX_PSV_AUTH_NO_OFFLOAD);
    rx_close(&link);
}

static void test_start_over(void)
{
    RxLink a = rx_open(SEED + 63, 0, 3, 200, 200);
    RxLink b = rx_open(SEED + 64, 3, 3, 200, 200);
    Cx6dxTlsProgress progress = { .next_record_tcp_sn = b.o->first_tcp_sn };
    Cx6dxTlsStatic params = cx6dx_oracle_static(b.o);

    cx6dx_tls_rx_free(b.ctx);
    RX_EXPECT(&a, 0, 300, DECRYPTED);
    g_assert_true(cx6dx_tls_rx_set_static(a.ctx, &params));
    RX_EXPECT(&a, 300, 310, DECRYPTED);
    cx6dx_tls_rx_set_progress(a.ctx, &progress);
    b.ctx = a.ctx;
    RX_EXPECT(&b, 0, b.o->len - 20, DECRYPTED);
    /* and once more, with the same static params */
    cx6dx_tls_rx_set_progress(a.ctx, &progress);
    RX_EXPECT(&b, 0, b.o->len, DECRYPTED);
    cx6dx_oracle_free(a.o);
    rx_close(&b);
}

/* ---- records that do not authenticate ---- */

static void test_bad_tag(void)
{
    for (size_t at = 0; at < 340; at += 3) {
        RxLink link = rx_open(SEED + 70, at % 4, 5, 300, 300);
        const Cx6dxOracleRecord *r = link.o->records;

        cx6dx_oracle_corrupt(link.o, 1, at);
        RX_EXPECT(&link, 0, r[1].start + 100, DECRYPTED);
        RX_EXPECT(&link, r[1].start + 100, r[2].start - 9, DECRYPTED);
        RX_EXPECT(&link, r[2].start - 9, r[2].start - 1, DECRYPTED);
        RX_EXPECT(&link, r[2].start - 1, r[2].start + 70, AUTH_FAILED);
        rx_expect_searching(&link);
        RX_EXPECT(&link, r[2].start + 70, r[3].start + 20, RESYNC);
        rx_answer(link.ctx, link.o, r[3].start, 3);
        RX_EXPECT(&link, r[3].start + 20, r[4].start, PASSED);
        RX_EXPECT(&link, r[4].start, link.o->len, DECRYPTED);
        rx_close(&link);
    }
}

static void test_bad_tag_unseen(void)
{
    RxLink link = rx_open(SEED + 71, 0, 4, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    cx6dx_oracle_corrupt(link.o, 1, 50);
    RX_EXPECT(&link, 0, 100, DECRYPTED);
    /* the packet itself could not be decrypted anyway; the error still shows */
    RX_EXPECT(&link, 90, r[2].start + 10, AUTH_FAILED);
    rx_close(&link);
}

static void test_wrong_header(void)
{
    RxLink link = rx_open(SEED + 72, 0, 4, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    link.o->wire[r[1].start + 1] = 2;
    RX_EXPECT(&link, 0, r[1].start - 10, DECRYPTED);
    RX_EXPECT(&link, r[1].start - 10, r[1].start + 200, PASSED);
    rx_expect_searching(&link);
    RX_EXPECT(&link, r[1].start + 200, r[2].start + 5, RESYNC);
    rx_close(&link);
}

/* A cipher that does not work is no peer's fault: the packet just passes */
static void test_provider_refuses(void)
{
    static const unsigned calls[] = {
        CX6DX_GCRYPT_SETIV, CX6DX_GCRYPT_CRYPT, CX6DX_GCRYPT_GETTAG
    };

    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        RxLink link = rx_open(SEED + 73, i, 5, 300, 300);
        const Cx6dxOracleRecord *r = link.o->records;

        cx6dx_gcrypt_refuse(calls[i]);
        RX_EXPECT(&link, 0, r[1].start + 20, PASSED);
        cx6dx_gcrypt_refuse(0);
        rx_expect_searching(&link);
        RX_EXPECT(&link, r[1].start + 20, r[2].start + 5, RESYNC);
        rx_answer(link.ctx, link.o, r[2].start, 2);
        RX_EXPECT(&link, r[2].start + 5, r[3].start, PASSED);
        RX_EXPECT(&link, r[3].start, link.o->len, DECRYPTED);
        rx_close(&link);
    }
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

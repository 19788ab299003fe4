/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tracker on streams that are nothing but headers and filling
 *
 * First every row of the table in tracker.h, then what the table forbids, then
 * any sequence of packets at all.
 */
#include "qemu/osdep.h"
#include "pure/tracker.h"
#include "cx6dx-oracle.h"

#define SEED 0x7ac4
#define RECORDS 12
#define RECORD_BYTES 105    /* header included */
#define STREAM_BYTES (RECORDS * RECORD_BYTES)
#define FIRST_SN 0xfffffe00u    /* wraps in the third record */
#define FIRST_REC 1000

static const Cx6dxTrackerRule rule = { 0x14, 0x18, 24, 16408 };

/* A stream of records of equal size; header n begins at n * RECORD_BYTES */
typedef struct Rig {
    Cx6dxTracker trk;
    uint8_t bytes[STREAM_BYTES];
} Rig;

static void put_header(uint8_t *p, uint16_t length)
{
    p[0] = 0x17;
    p[1] = 3;
    p[2] = 3;
    p[3] = length >> 8;
    p[4] = length;
}

static Rig *new_rig(void)
{
    Rig *rig = g_new0(Rig, 1);

    memset(rig->bytes, 0xee, STREAM_BYTES);
    for (int i = 0; i < RECORDS; i++) {
        put_header(rig->bytes + i * RECORD_BYTES, RECORD_BYTES - 5);
    }
    cx6dx_tracker_start(&rig->trk, &rule, FIRST_SN, FIRST_REC);
    return rig;
}

static size_t hdr(unsigned n)
{
    return n * RECORD_BYTES;
}

static uint32_t hdr_sn(unsigned n)
{
    return FIRST_SN + hdr(n);
}

static Cx6dxTrackerStep feed(Rig *rig, size_t from, size_t to)
{
    Cx6dxTrackerStep step = cx6dx_tracker_packet(&rig->trk, FIRST_SN + from,
                                                 rig->bytes + from, to - from);

    g_assert_true(cx6dx_tracker_valid(&rig->trk));
    return step;
}

#define EXPECT(rig, from, to, want, next)                               \
    do {                                                                \
        Cx6dxTrackerStep step_ = feed(rig, from, to);                   \
        g_assert_cmpstr(cx6dx_tracker_verdict_str(step_.verdict), ==,   \
            cx6dx_tracker_verdict_str(CX6DX_TRACKER_ ## want));         \
        g_assert_cmpstr(cx6dx_tracker_state_str((rig)->trk.state), ==,  \
            cx6dx_tracker_state_str(CX6DX_TRACKER_ ## next));           \
    } while (0)

/* ---- the table, row by row ---- */

static void test_idle(void)
{
    g_autofree Rig *rig = new_rig();

    memset(&rig->trk, 0, sizeof(rig->trk));
    EXPECT(rig, 0, 300, BYPASS, IDLE);
    g_assert_false(cx6dx_tracker_answer(&rig->trk, 0, 0));
    cx6dx_tracker_start(&rig->trk, &rule, FIRST_SN, FIRST_REC);
    EXPECT(rig, 0, 300, CONTINUE, SYNCED);
}

static void test_start(void)
{
    g_autofree Rig *rig = new_rig();
    Cx6dxTrackerStep step;
    uint8_t old[40] = { 0 };

    step = cx6dx_tracker_packet(&rig->trk, FIRST_SN - 40, old, 40);
    g_assert_cmpint(step.verdict, ==, CX6DX_TRACKER_BYPASS);
    g_assert_cmpint(rig->trk.state, ==, CX6DX_TRACKER_START);
    EXPECT(rig, 0, 0, BYPASS, START);
    put_header(old + 25, 100);
    step = cx6dx_tracker_packet(&rig->trk, FIRST_SN - 25, old, 40);
    g_assert_cmpint(step.verdict, ==, CX6DX_TRACKER_CONTINUE);
    g_assert_cmpuint(step.offset, ==, 25);
    g_assert_cmpint(rig->trk.state, ==, CX6DX_TRACKER_SYNCED);
    g_assert_cmphex(rig->trk.next_hdr_tcp_sn, ==, hdr_sn(1));
}

static void test_start_hole(void)
{
    g_autofree Rig *rig = new_rig();

    EXPECT(rig, 10, 90, LOST_SYNC, SEARCHING);
    cx6dx_tracker_start(&rig->trk, &rule, FIRST_SN, FIRST_REC);
    EXPECT(rig, 10, hdr(1) + 5, REQUEST, TRACKING);
    g_assert_cmphex(rig->trk.candidate_tcp_sn, ==, hdr_sn(1));
}

static void test_synced(void)
{
    g_autofree Rig *rig = new_rig();

    EXPECT(rig, 0, 50, CONTINUE, SYNCED);
    EXPECT(rig, 0, 50, BYPASS, SYNCED);
    EXPECT(rig, 10, 20, BYPASS, SYNCED);
    g_assert_cmpuint(feed(rig, 40, 60).offset, ==, 10);
    g_assert_cmpuint(feed(rig, 60, hdr(3) + 2).offset, ==, 0);
    g_assert_cmpuint(rig->trk.records, ==, 3);
    g_assert_cmpuint(rig->trk.next_rec_sn, ==, FIRST_REC + 3);
    g_assert_cmpuint(rig->trk.hdr_bytes, ==, 2);
    EXPECT(rig, hdr(3) + 2, STREAM_BYTES, CONTINUE, SYNCED);
    g_assert_cmpuint(rig->trk.records, ==, RECORDS);
}

static void test_hole_known(void)
{
    g_autofree Rig *rig = new_rig();
    Cx6dxTrackerStep step;

    EXPECT(rig, 0, 50, CONTINUE, SYNCED);
    EXPECT(rig, 60, 70, AWAIT, BOUNDARY);
    EXPECT(rig, 50, 60, BYPASS, BOUNDARY);
    EXPECT(rig, 80, 90, AWAIT, BOUNDARY);
    step = feed(rig, 90, hdr(2) + 7);
    g_assert_cmpint(step.verdict, ==, CX6DX_TRACKER_RESUME);
    g_assert_cmpuint(step.offset, ==, hdr(1) - 90);
    g_assert_cmpuint(step.rec_sn, ==, FIRST_REC + 1);
    g_assert_cmpint(rig->trk.state, ==, CX6DX_TRACKER_SYNCED);
    /* one packet of a hole that already holds the boundary */
    step = feed(rig, hdr(2) + 20, hdr(3) + 4);
    g_assert_cmpint(step.verdict, ==, CX6DX_TRACKER_RESUME);
    g_assert_cmpuint(step.offset, ==, hdr(3) - hdr(2) - 20);
    g_assert_cmpuint(step.rec_sn, ==, FIRST_REC + 3);
    g_assert_cmpuint(rig->trk.hdr_bytes, ==, 4);
}

static void test_hole_lost(void)
{
    g_autofree Rig *rig = new_rig();

    EXPECT(rig, 0, 50, CONTINUE, SYNCED);
    EXPECT(rig, hdr(1) + 1, hdr(1) + 90, LOST_SYNC, SEARCHING);
    cx6dx_tracker_start(&rig->trk, &rule, FIRST_SN, FIRST_REC);
    EXPECT(rig, 0, hdr(1), CONTINUE, SYNCED);
    EXPECT(rig, hdr(1) + 1, hdr(2) + 20, REQUEST, TRACKING);
    cx6dx_tracker_start(&rig->trk, &rule, FIRST_SN, FIRST_REC);
    EXPECT(rig, 0, 50, CONTINUE, SYNCED);
    EXPECT(rig, 60, 70, AWAIT, BOUNDARY);
    EXPECT(rig, hdr(1) + 50, hdr(1) + 60, LOST_SYNC, SEARCHING);
}

static void test_bad_tag(void)
{
    g_autofree Rig *rig = new_rig();

    EXPECT(rig, 0, hdr(1) + 2, CONTINUE, SYNCED);
    cx6dx_tracker_distrust(&rig->trk);
    g_assert_cmpint(rig->trk.state, ==, CX6DX_TRACKER_SEARCHING);
    EXPECT(rig, hdr(1) + 2, hdr(2) + 5, REQUEST, TRACKING);
    g_assert_cmphex(rig->trk.candidate_tcp_sn, ==, hdr_sn(2));
}

/* Header 1 is lost, header 2 is the candidate, seen up to `to` */
static Rig *asking_rig(size_t to)
{
    Rig *rig = new_rig();

    EXPECT(rig, 0, 50, CONTINUE, SYNCED);
    EXPECT(rig, hdr(1) + 1, hdr(1) + 50, LOST_SYNC, SEARCHING);
    EXPECT(rig, hdr(1) + 50, to, REQUEST, TRACKING);
    g_assert_cmphex(rig->trk.candidate_tcp_sn, ==, hdr_sn(2));
    return rig;
}

static void test_tracking(void)
{
    g_autofree Rig *rig = asking_rig(hdr(2) + 30);

    EXPECT(rig, hdr(2), hdr(2) + 30, BYPASS, TRACKING);
    EXPECT(rig, hdr(2) + 30, hdr(4) + 3, AWAIT, TRACKING);
    EXPECT(rig, hdr(4) + 3, hdr(4) + 20, AWAIT, TRACKING);
    EXPECT(rig, hdr(4) + 40, hdr(5) + 1, AWAIT, TRACKING);
    g_assert_cmpuint(rig->trk.records, ==, 3);
    g_assert_cmphex(rig->trk.candidate_tcp_sn, ==, hdr_sn(2));
    EXPECT(rig, hdr(5) + 2, hdr(6) + 9, REQUEST, TRACKING);
    g_assert_cmphex(rig->trk.candidate_tcp_sn, ==, hdr_sn(6));
    g_assert_cmpuint(rig->trk.records, ==, 1);
}

static void test_answer(void)
{
    for (unsigned extra = 0; extra < 8; extra++) {
        g_autofree Rig *rig = asking_rig(hdr(4) + extra);
        bool next_is_header = extra < 5;

        g_assert_true(cx6dx_tracker_answer(&rig->trk, hdr_sn(2), 70));
        g_assert_cmpint(rig->trk.state, ==, next_is_header ?
                        CX6DX_TRACKER_SYNCED : CX6DX_TRACKER_BOUNDARY);
        g_assert_cmpuint(rig->trk.next_rec_sn, ==, next_is_header ? 72 : 73);
        g_assert_cmpuint(rig->trk.hdr_bytes, ==, next_is_header ? extra : 0);
        if (next_is_header) {
            EXPECT(rig, hdr(4) + extra, hdr(6), CONTINUE, SYNCED);
        } else {
            EXPECT(rig, hdr(4) + extra, hdr(6), RESUME, SYNCED);
        }
        g_assert_cmpuint(rig->trk.next_rec_sn, ==, 74);
        /* an answer is taken once */
        g_assert_false(cx6dx_tracker_answer(&rig->trk, hdr_sn(2), 70));
    }
}

static void test_no_header(void)
{
    g_autofree Rig *rig = new_rig();

    rig->bytes[hdr(2) + 1] = 2;
    EXPECT(rig, 0, hdr(1) + 20, CONTINUE, SYNCED);
    EXPECT(rig, hdr(1) + 20, hdr(2) + 4, CONTINUE, SYNCED);
    /* the byte that completes the header says that it is none */
    EXPECT(rig, hdr(2) + 4, hdr(2) + 50, LOST_SYNC, SEARCHING);
    cx6dx_tracker_start(&rig->trk, &rule, FIRST_SN, FIRST_REC);
    /* the search begins in the same packet */
    EXPECT(rig, 0, hdr(3) + 50, REQUEST, TRACKING);
    g_assert_cmphex(rig->trk.candidate_tcp_sn, ==, hdr_sn(3));
}

/* ---- what the table forbids ---- */

static void test_wrong_answer(void)
{
    g_autofree Rig *rig = asking_rig(hdr(2) + 30);

    g_assert_false(cx6dx_tracker_answer(&rig->trk, hdr_sn(1), 70));
    g_assert_false(cx6dx_tracker_answer(&rig->trk, hdr_sn(3), 70));
    g_assert_cmpint(rig->trk.state, ==, CX6DX_TRACKER_TRACKING);
    cx6dx_tracker_distrust(&rig->trk);
    g_assert_false(cx6dx_tracker_answer(&rig->trk, hdr_sn(2), 70));
    g_assert_cmpint(rig->trk.state, ==, CX6DX_TRACKER_SEARCHING);
}

static void test_repeated_bytes(void)
{
    g_autofree Rig *rig = new_rig();

    EXPECT(rig, 0, 50, CONTINUE, SYNCED);
    EXPECT(rig, hdr(1) + 1, hdr(1) + 50, LOST_SYNC, SEARCHING);
    /* the lost header comes, but software may have it already */
    EXPECT(rig, 50, hdr(1) + 40, LOST_SYNC, SEARCHING);
    EXPECT(rig, hdr(1), hdr(1) + 80, LOST_SYNC, SEARCHING);
    EXPECT(rig, hdr(1), hdr(2) + 4, LOST_SYNC, SEARCHING);
    EXPECT(rig, hdr(2), hdr(3) + 5, REQUEST, TRACKING);
    g_assert_cmphex(rig->trk.candidate_tcp_sn, ==, hdr_sn(3));
}

static void test_candidate_whole(void)
{
    g_autofree Rig *rig = new_rig();

    EXPECT(rig, 0, 50, CONTINUE, SYNCED);
    for (unsigned n = 1; n < 5; n++) {
        EXPECT(rig, hdr(n) + n, hdr(n + 1) + n, LOST_SYNC, SEARCHING);
    }
    EXPECT(rig, hdr(6), hdr(6) + 5, REQUEST, TRACKING);
}

/* A false header whose successor in the same packet is none is not asked about */
static void test_lookahead(void)
{
    g_autofree Rig *rig = new_rig();

    put_header(rig->bytes + hdr(2) + 20, 24);
    EXPECT(rig, 0, 50, CONTINUE, SYNCED);
    EXPECT(rig, hdr(2) + 10, hdr(3) + 90, REQUEST, TRACKING);
    g_assert_cmphex(rig->trk.candidate_tcp_sn, ==, hdr_sn(3));
}

/* Chains of false headers that break only after the lookahead */
static void test_long_false_chain(void)
{
    uint8_t bytes[40 * 29 + 200];
    Cx6dxTracker trk;
    Cx6dxTrackerStep step;

    memset(bytes, 0xee, sizeof(bytes));
    for (int i = 0; i < 40; i++) {
        put_header(bytes + 29 * i, 24);
    }
    put_header(bytes + 40 * 29 + 100, 300);
    cx6dx_tracker_start(&trk, &rule, 0, 0);
    step = cx6dx_tracker_packet(&trk, 5, bytes, sizeof(bytes));
    g_assert_cmpint(step.verdict, ==, CX6DX_TRACKER_REQUEST);
    g_assert_cmpuint(trk.candidate_tcp_sn, ==, 5 + 40 * 29 + 100);
}

/* ---- giving up ---- */

static void test_give_up_records(void)
{
    Cx6dxTracker trk;
    uint8_t rec[29];
    uint32_t sn = 500;
    unsigned requests = 0;

    memset(rec, 0xee, sizeof(rec));
    put_header(rec, 24);
    cx6dx_tracker_start(&trk, &rule, 0, 0);
    for (unsigned i = 0; i < 2 * CX6DX_TRACKER_GIVE_UP_RECORDS + 20; i++) {
        Cx6dxTrackerStep step = cx6dx_tracker_packet(&trk, sn, rec, 29);

        if (step.verdict == CX6DX_TRACKER_REQUEST) {
            g_assert_cmphex(trk.candidate_tcp_sn, ==, sn);
            requests++;
        } else {
            g_assert_cmpint(step.verdict, ==, CX6DX_TRACKER_AWAIT);
        }
        sn += 29;
    }
    g_assert_cmpuint(requests, ==, 3);
}

static void test_give_up_bytes(void)
{
    Cx6dxTracker trk;
    uint32_t sn = 0, bytes = 16413, total = 0;
    g_autofree uint8_t *rec = g_malloc0(bytes);
    unsigned requests = 0;

    put_header(rec, bytes - 5);
    cx6dx_tracker_start(&trk, &rule, 1000, 0);
    sn = 5000;
    while (requests < 2) {
        if (cx6dx_tracker_packet(&trk, sn, rec, bytes).verdict ==
            CX6DX_TRACKER_REQUEST) {
            requests++;
        } else {
            total += bytes;
        }
        sn += bytes;
    }
    g_assert_cmpuint(total, <=, CX6DX_TRACKER_GIVE_UP_BYTES);
    g_assert_cmpuint(total, >, CX6DX_TRACKER_GIVE_UP_BYTES - bytes);
}

/* A forged packet far ahead does not end the offload for good */
static void test_stray(bool with_header)
{
    Cx6dxTracker trk;
    uint32_t bytes = 16413, sn = 0, total = 0;
    g_autofree uint8_t *rec = g_malloc0(bytes);

    put_header(rec, bytes - 5);
    cx6dx_tracker_start(&trk, &rule, sn, 0);
    cx6dx_tracker_packet(&trk, sn, rec, bytes);
    sn += bytes;
    cx6dx_tracker_packet(&trk, sn + 0x40000000, rec + (with_header ? 0 : 5),
                         1000);
    g_assert_cmpint(trk.state, ==, with_header ? CX6DX_TRACKER_TRACKING :
                    CX6DX_TRACKER_SEARCHING);
    while (cx6dx_tracker_packet(&trk, sn, rec, bytes).verdict !=
           CX6DX_TRACKER_REQUEST) {
        sn += bytes;
        total += bytes;
        g_assert_cmpuint(total, <=, 2 * CX6DX_TRACKER_GIVE_UP_BYTES);
    }
    g_assert_cmphex(trk.candidate_tcp_sn, ==, sn);
}

static void test_strays(void)
{
    test_stray(true);
    test_stray(false);
}

static void test_too_long(void)
{
    g_autofree Rig *rig = new_rig();
    Cx6dxTrackerStep step;

    step = cx6dx_tracker_packet(&rig->trk, FIRST_SN, rig->bytes,
                                CX6DX_TRACKER_MAX_PACKET_BYTES + 1);
    g_assert_cmpint(step.verdict, ==, CX6DX_TRACKER_BYPASS);
    g_assert_cmpint(rig->trk.state, ==, CX6DX_TRACKER_START);
}

/* ---- any packets at all ---- */

/*
 * Pieces of a true stream in any order: whatever the tracker lets the cipher
 * work on is what it says it is.
 */
static void test_any_order(void)
{
    Cx6dxDice dice = { SEED };

    for (int i = 0; i < 3000; i++) {
        g_autofree Rig *rig = new_rig();
        size_t followed = 0;    /* stream offset where the cipher stands */
        size_t at = 0;

        for (int k = 0; k < 60; k++) {
            size_t from = at, to;
            Cx6dxTrackerStep step;

            if (cx6dx_dice_below(&dice, 4) == 0) {
                from = cx6dx_dice_below(&dice, STREAM_BYTES);
            }
            to = from + cx6dx_dice_size(&dice, 1, 150);
            to = MIN(to, STREAM_BYTES);
            step = feed(rig, from, to);
            switch (step.verdict) {
            case CX6DX_TRACKER_CONTINUE:
                g_assert_cmpuint(from + step.offset, ==, followed);
                followed = to;
                break;
            case CX6DX_TRACKER_RESUME:
                g_assert_cmpuint((from + step.offset) % RECORD_BYTES, ==, 0);
                g_assert_cmpuint(step.rec_sn, ==, FIRST_REC +
                                 (from + step.offset) / RECORD_BYTES);
                followed = to;
                break;
            default:
                break;
            }
            if (rig->trk.state == CX6DX_TRACKER_TRACKING &&
                cx6dx_dice_below(&dice, 3) == 0) {
                size_t cand = rig->trk.candidate_tcp_sn - FIRST_SN;

                g_assert_cmpuint(cand % RECORD_BYTES, ==, 0);
                g_assert_true(cx6dx_tracker_answer(&rig->trk, FIRST_SN + cand,
                              FIRST_REC + cand / RECORD_BYTES));
                followed = rig->trk.expect_tcp_sn - FIRST_SN;
            }
            at = to < STREAM_BYTES ? to : 0;
        }
    }
}

/* Headers everywhere, sequence numbers from anywhere: it stays consistent */
static void test_noise(void)
{
    Cx6dxDice dice = { SEED + 1 };
    uint8_t bytes[400];
    Cx6dxTracker trk;

    cx6dx_tracker_start(&trk, &rule, 0, 0);
    for (int i = 0; i < 60000; i++) {
        size_t len = cx6dx_dice_size(&dice, 0, sizeof(bytes));
        uint32_t sn = trk.expect_tcp_sn;
        Cx6dxTrackerStep step;

        memset(bytes, 3, sizeof(bytes));
        for (int k = 0; k < 40; k++) {
            bytes[cx6dx_dice_below(&dice, sizeof(bytes))] =
                cx6dx_dice_below(&dice, 2) ? 0x17 : 0;
        }
        if (cx6dx_dice_below(&dice, 3) == 0) {
            sn += cx6dx_dice_below(&dice, 2000) - 1000;
        } else if (cx6dx_dice_below(&dice, 50) == 0) {
            sn = cx6dx_dice_roll(&dice);
        }
        step = cx6dx_tracker_packet(&trk, sn, bytes, len);
        g_assert_cmpint(step.verdict, <, CX6DX_TRACKER_VERDICTS);
        g_assert_true(cx6dx_tracker_valid(&trk));
        if (step.verdict == CX6DX_TRACKER_CONTINUE ||
            step.verdict == CX6DX_TRACKER_RESUME) {
            g_assert_cmpuint(step.offset, <, len);
        }
        if (step.verdict == CX6DX_TRACKER_REQUEST) {
            g_assert_cmpuint(trk.candidate_tcp_sn - sn + 5, <=, len);
        }
        if (cx6dx_dice_below(&dice, 20) == 0) {
            cx6dx_tracker_answer(&trk, trk.candidate_tcp_sn, i);
        }
        if (cx6dx_dice_below(&dice, 500) == 0) {
            cx6dx_tracker_start(&trk, &rule, cx6dx_dice_roll(&dice), i);
        }
    }
}

static void test_valid(void)
{
    g_autofree Rig *rig = asking_rig(hdr(2) + 30);
    Cx6dxTracker bad = rig->trk;

    g_assert_true(cx6dx_tracker_valid(&bad));
    bad.state = CX6DX_TRACKER_STATES;
    g_assert_false(cx6dx_tracker_valid(&bad));
    bad = rig->trk;
    bad.hdr_bytes = 5;
    g_assert_false(cx6dx_tracker_valid(&bad));
    bad.hdr_bytes = 2;
    g_assert_false(cx6dx_tracker_valid(&bad));
    bad = rig->trk;
    bad.next_hdr_tcp_sn = bad.expect_tcp_sn - 1;
    g_assert_false(cx6dx_tracker_valid(&bad));
    bad.state = CX6DX_TRACKER_SEARCHING;
    g_assert_true(cx6dx_tracker_valid(&bad));
}

static void test_names(void)
{
    for (int i = 0; i < CX6DX_TRACKER_STATES; i++) {
        for (int k = 0; k < i; k++) {
            g_assert_cmpstr(cx6dx_tracker_state_str(i), !=,
                            cx6dx_tracker_state_str(k));
        }
    }
    for (int i = 0; i < CX6DX_TRACKER_VERDICTS; i++) {
        for (int k = 0; k < i; k++) {
            g_assert_cmpstr(cx6dx_tracker_verdict_str(i), !=,
                            cx6dx_tracker_verdict_str(k));
        }
    }
    g_assert_cmpstr(cx6dx_tracker_state_str(CX6DX_TRACKER_STATES), ==, "?");
    g_assert_cmpstr(cx6dx_tracker_verdict_str(CX6DX_TRACKER_VERDICTS), ==, "?");
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "idle/waits-for-progress", test_idle },
    { "start/begins-in-order-even-inside-a-packet", test_start },
    { "start/first-packet-behind-the-start-is-a-hole", test_start_hole },
    { "synced/in-order-past-and-overlap", test_synced },
    { "synced/hole-with-known-boundary-resumes-there", test_hole_known },
    { "synced/hole-with-a-header-in-it-loses-sync", test_hole_lost },
    { "synced/bad-tag-begins-a-search", test_bad_tag },
    { "synced/impossible-header-begins-a-search", test_no_header },
    { "tracking/counts-until-the-chain-breaks", test_tracking },
    { "resync/answer-resumes-wherever-it-comes", test_answer },
    { "resync/wrong-or-late-answer-is-ignored", test_wrong_answer },
    { "resync/gives-up-after-many-records", test_give_up_records },
    { "resync/gives-up-after-many-bytes", test_give_up_bytes },
    { "searching/repeated-bytes-are-not-searched", test_repeated_bytes },
    { "searching/candidate-lies-whole-in-one-packet", test_candidate_whole },
    { "searching/candidate-needs-its-successors", test_lookahead },
    { "searching/goes-on-behind-a-false-chain", test_long_false_chain },
    { "stray/forged-sequence-number-is-survived", test_strays },
    { "stray/impossible-length-is-not-looked-at", test_too_long },
    { "any-order/says-only-what-is-true", test_any_order },
    { "any-order/noise-leaves-it-consistent", test_noise },
    { "snapshot/contradictions-are-noticed", test_valid },
    { "names-are-distinct", test_names },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        g_autofree char *path = g_strconcat("/cx6dx/tracker/", tests[i].name,
                                            NULL);

        g_test_add_func(path, tests[i].run);
    }
    return g_test_run();
}

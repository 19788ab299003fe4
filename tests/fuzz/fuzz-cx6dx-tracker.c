/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz entry for tracker: pieces of a true stream of headers, in any order, and
 * pieces of pure noise
 *
 * As long as only true pieces came, all that the tracker says is checked against
 * the places where records really begin; with noise, that it stays consistent.
 */
#include "tape.h"
#include "pure/tracker.h"

#define MAX_RECORDS 24
#define MAX_BYTES 4096

static const Cx6dxTrackerRule rule = { 0x14, 0x18, 24, 16408 };

typedef struct World {
    Cx6dxTracker trk;
    uint8_t bytes[MAX_BYTES];
    size_t starts[MAX_RECORDS];
    unsigned nrecords;
    size_t len;
    uint32_t first_sn;
    size_t followed;        /* offset where the cipher stands */
    bool noisy;
} World;

static void make_world(Tape *tape, World *w)
{
    memset(w, 0, sizeof(*w));
    memset(w->bytes, 0xee, sizeof(w->bytes));
    w->first_sn = tape_u8(tape) & 1 ? 0xffffff00u : 4711;
    w->nrecords = 1 + tape_below(tape, MAX_RECORDS);
    for (unsigned i = 0; i < w->nrecords; i++) {
        uint8_t *p = w->bytes + w->len;
        unsigned length = 24 + tape_below(tape, 140);

        w->starts[i] = w->len;
        p[0] = 0x17;
        p[1] = 3;
        p[2] = 3;
        p[3] = 0;
        p[4] = length;
        w->len += 5 + length;
    }
    cx6dx_tracker_start(&w->trk, &rule, w->first_sn, 0);
}

/* Number of the record that begins here, or -1 */
static int record_at(const World *w, size_t offset)
{
    for (unsigned i = 0; i < w->nrecords; i++) {
        if (w->starts[i] == offset) {
            return i;
        }
    }
    return -1;
}

static void check(World *w, Cx6dxTrackerStep step, uint32_t sn, size_t len)
{
    size_t at = sn - w->first_sn + step.offset;

    FUZZ_CHECK(cx6dx_tracker_valid(&w->trk));
    FUZZ_CHECK(step.verdict < CX6DX_TRACKER_VERDICTS);
    if (step.verdict == CX6DX_TRACKER_REQUEST) {
        FUZZ_CHECK((uint64_t)(w->trk.candidate_tcp_sn - sn) + 5 <= len);
        FUZZ_CHECK(w->trk.state == CX6DX_TRACKER_TRACKING);
        FUZZ_CHECK(w->noisy ||
                   record_at(w, w->trk.candidate_tcp_sn - w->first_sn) >= 0);
    }
    if (step.verdict == CX6DX_TRACKER_RESUME) {
        FUZZ_CHECK(step.offset < len);
        FUZZ_CHECK(w->noisy || record_at(w, at) == (int)step.rec_sn);
        w->followed = sn - w->first_sn + len;
    }
    if (step.verdict == CX6DX_TRACKER_CONTINUE) {
        FUZZ_CHECK(step.offset < len);
        FUZZ_CHECK(w->noisy || at == w->followed);
        w->followed = sn - w->first_sn + len;
    }
}

static void true_packet(Tape *tape, World *w, size_t from)
{
    size_t n = 1 + tape_below(tape, 200);
    uint32_t sn = w->first_sn + from;

    n = MIN(n, w->len - from);
    check(w, cx6dx_tracker_packet(&w->trk, sn, w->bytes + from, n), sn, n);
}

static void noise(Tape *tape, World *w)
{
    uint32_t sn = tape_u8(tape) & 1 ? w->trk.expect_tcp_sn + tape_u8(tape) - 128
                                    : tape_u32(tape);
    size_t n = tape_below(tape, 120);
    const uint8_t *bytes = tape_bytes(tape, n, &n);

    w->noisy = true;
    check(w, cx6dx_tracker_packet(&w->trk, sn, bytes, n), sn, n);
}

static void answer(World *w, bool right)
{
    size_t offset = w->trk.candidate_tcp_sn - w->first_sn;
    int n = record_at(w, offset);

    if (!right) {
        FUZZ_CHECK(!cx6dx_tracker_answer(&w->trk, w->trk.candidate_tcp_sn + 1,
                                         5));
        return;
    }
    if (w->trk.state != CX6DX_TRACKER_TRACKING || n < 0) {
        return;
    }
    FUZZ_CHECK(cx6dx_tracker_answer(&w->trk, w->trk.candidate_tcp_sn, n));
    w->followed = w->trk.expect_tcp_sn - w->first_sn;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Tape tape = { data, size };
    World w;

    make_world(&tape, &w);
    while (tape.left) {
        uint32_t expect = w.trk.expect_tcp_sn - w.first_sn;

        switch (tape_u8(&tape) % 8) {
        case 0:
            true_packet(&tape, &w, tape_below(&tape, w.len));
            break;
        case 1:
            answer(&w, true);
            break;
        case 2:
            answer(&w, false);
            break;
        case 3:
            cx6dx_tracker_distrust(&w.trk);
            break;
        case 4:
            noise(&tape, &w);
            break;
        default:
            true_packet(&tape, &w, expect < w.len ? expect : 0);
            break;
        }
    }
    return 0;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzer of ring 0 room "impair_view"
 *
 * Input: packets.  Each is raw bytes, or a TCP segment of one of a few connections
 * with a place, flags and payload.  What the view says must be possible, and the
 * count of copies is held against a count for each byte, as far as that is exact.
 */
#include "tape.h"
#include "pure/impair_view.h"

enum { CONNS = 4, STREAM = 4096, HEADERS = 54 };

typedef struct Ends {
    uint8_t seen[CONNS][2][STREAM];
    bool begun[CONNS];
    unsigned ranges[CONNS][2];      /* repeats and gaps: the list may be full */
    bool wild;                      /* raw bytes may have changed any connection */
} Ends;

static void check_sight(const Cx6dxImpairSight *s)
{
    unsigned i;

    FUZZ_CHECK(s->nrecords <= CX6DX_IMPAIR_MAX_RECORDS);
    if (!s->frame.tcp) {
        FUZZ_CHECK(!s->nrecords && !s->conn);
        return;
    }
    FUZZ_CHECK(s->copy >= 1 && s->nth >= 1 && s->end >= s->start);
    FUZZ_CHECK(s->end - s->start == s->frame.payload_bytes);
    for (i = 0; i < s->nrecords; i++) {
        const Cx6dxImpairRecord *r = &s->records[i];

        FUZZ_CHECK(r->type >= 20 && r->type <= 23);
        FUZZ_CHECK(r->tls_number >= MAX(r->number, 1));
        FUZZ_CHECK(r->start < s->end);
        FUZZ_CHECK(r->start + (r->bytes ? r->bytes : 5) > s->start);
        FUZZ_CHECK(!r->number || s->offload);
        FUZZ_CHECK(!i || r->start > r[-1].start);
        FUZZ_CHECK(!i || r->tls_number == r[-1].tls_number + 1);
    }
}

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = v >> 24;
    p[1] = v >> 16;
    p[2] = v >> 8;
    p[3] = v;
}

/* A segment whose numbers begin shortly before they wrap */
static void segment(Tape *tape, Cx6dxImpairView *view, Ends *ends)
{
    uint8_t buf[HEADERS + 256] = { [12] = 8, [14] = 0x45, [23] = 6 };
    uint8_t op = tape_u8(tape);
    unsigned conn = op & 3, back = op >> 2 & 1;
    uint32_t at = tape_below(tape, STREAM - 256);
    size_t len, i;
    const uint8_t *payload = tape_bytes(tape, tape_u8(tape), &len);
    Cx6dxImpairSight sight;
    unsigned most = 0;

    if (!ends->begun[conn]) {
        ends->begun[conn] = true;
        for (i = 0; i < 2; i++) {       /* a SYN each way */
            buf[17] = 40;
            buf[29] = i ? 2 : 1;
            buf[33] = i ? 1 : 2;
            buf[i ? 37 : 35] = conn;
            put32(buf + 38, 0xfffffc00u - 1);
            buf[46] = 0x50;
            buf[47] = i ? 0x12 : 0x02;
            FUZZ_CHECK(cx6dx_impair_view_packet(view, buf, HEADERS, i,
                                                &sight));
            buf[35] = buf[37] = 0;
        }
    }
    buf[16] = (40 + len) >> 8;
    buf[17] = 40 + len;
    buf[29] = back ? 2 : 1;
    buf[33] = back ? 1 : 2;
    buf[back ? 37 : 35] = conn;
    put32(buf + 38, 0xfffffc00u + at);
    buf[46] = 0x50;
    buf[47] = 0x10;
    if (len) {
        memcpy(buf + HEADERS, payload, len);
    }
    FUZZ_CHECK(cx6dx_impair_view_packet(view, buf, HEADERS + len, back,
                                        &sight));
    check_sight(&sight);
    if (ends->wild) {
        return;
    }
    FUZZ_CHECK(sight.from_client == !back);
    FUZZ_CHECK(sight.start == at);
    for (i = 0; i < len; i++) {
        uint8_t *seen = &ends->seen[conn][back][at + i];

        most = MAX(most, *seen);
        *seen += *seen < 255;
    }
    /* every packet makes two more ranges at most */
    ends->ranges[conn][back] += 2;
    if (ends->ranges[conn][back] < 60 && most < 255) {
        FUZZ_CHECK(sight.copy == most + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cx6dxImpairView *view = cx6dx_impair_view_new();
    Ends *ends = g_new0(Ends, 1);
    Tape tape = { data, size };

    while (tape.left) {
        if (tape_u8(&tape) % 8 == 0) {
            size_t len;
            const uint8_t *frame = tape_bytes(&tape, tape_u8(&tape), &len);
            /* of its own, so that a read behind its end is found */
            uint8_t *copy = g_memdup2(frame, len);
            Cx6dxImpairSight sight;

            if (cx6dx_impair_view_packet(view, copy, len, false, &sight) &&
                sight.frame.tcp) {
                check_sight(&sight);
                ends->wild = true;
            }
            g_free(copy);
        } else {
            segment(&tape, view, ends);
        }
    }
    cx6dx_impair_view_free(view);
    g_free(ends);
    return 0;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive tracker: states, transitions and their reasons are in tracker.h
 *
 * Two facts hold in START, SYNCED, BOUNDARY and TRACKING, and the code leans on
 * them: with hdr_bytes > 0, next_hdr_tcp_sn + hdr_bytes is expect_tcp_sn; with
 * hdr_bytes == 0, next_hdr_tcp_sn does not lie before expect_tcp_sn.
 */
#include "qemu/osdep.h"
#include "pure/tcp_sn.h"
#include "pure/tracker.h"

/* Headers behind a candidate, in the same packet, that must be headers too */
#define SCAN_LOOKAHEAD 8

const char *cx6dx_tracker_state_str(Cx6dxTrackerState state)
{
    static const char *const names[CX6DX_TRACKER_STATES] = {
        [CX6DX_TRACKER_IDLE] = "idle",
        [CX6DX_TRACKER_START] = "start",
        [CX6DX_TRACKER_SYNCED] = "synced",
        [CX6DX_TRACKER_BOUNDARY] = "boundary",
        [CX6DX_TRACKER_SEARCHING] = "searching",
        [CX6DX_TRACKER_TRACKING] = "tracking",
    };

    return (unsigned)state < CX6DX_TRACKER_STATES ? names[state] : "?";
}

const char *cx6dx_tracker_verdict_str(Cx6dxTrackerVerdict verdict)
{
    static const char *const names[CX6DX_TRACKER_VERDICTS] = {
        [CX6DX_TRACKER_BYPASS] = "bypass",
        [CX6DX_TRACKER_CONTINUE] = "continue",
        [CX6DX_TRACKER_RESUME] = "resume",
        [CX6DX_TRACKER_AWAIT] = "await",
        [CX6DX_TRACKER_LOST_SYNC] = "lost-sync",
        [CX6DX_TRACKER_REQUEST] = "request",
    };

    return (unsigned)verdict < CX6DX_TRACKER_VERDICTS ? names[verdict] : "?";
}

static uint16_t hdr_length(const uint8_t *hdr)
{
    return hdr[3] << 8 | hdr[4];
}

static bool plausible(const Cx6dxTrackerRule *rule, const uint8_t *hdr)
{
    return hdr[1] == 3 && hdr[2] == 3 &&
           hdr[0] >= rule->min_type && hdr[0] <= rule->max_type &&
           hdr_length(hdr) >= rule->min_length &&
           hdr_length(hdr) <= rule->max_length;
}

void cx6dx_tracker_start(Cx6dxTracker *trk, const Cx6dxTrackerRule *rule,
                         uint32_t tcp_sn, uint64_t rec_sn)
{
    *trk = (Cx6dxTracker) {
        .state = CX6DX_TRACKER_START,
        .rule = *rule,
        .expect_tcp_sn = tcp_sn,
        .next_hdr_tcp_sn = tcp_sn,
        .next_rec_sn = rec_sn,
    };
}

/*
 * Goes from header to header through the packet, as far as it reaches.  The
 * next byte wanted does not lie before the packet.  False at something that is no
 * header; *bad is its place then.
 */
static bool follow(Cx6dxTracker *trk, uint32_t tcp_sn, const uint8_t *in,
                   size_t len, size_t *bad)
{
    for (;;) {
        size_t pos = trk->next_hdr_tcp_sn + trk->hdr_bytes - tcp_sn;
        size_t n;

        if (pos >= len) {
            break;
        }
        n = MIN(len - pos, (size_t)CX6DX_TRACKER_HDR_BYTES - trk->hdr_bytes);
        memcpy(trk->hdr + trk->hdr_bytes, in + pos, n);
        trk->hdr_bytes += n;
        if (trk->hdr_bytes < CX6DX_TRACKER_HDR_BYTES) {
            break;
        }
        if (!plausible(&trk->rule, trk->hdr)) {
            *bad = pos;
            return false;
        }
        trk->next_hdr_tcp_sn += CX6DX_TRACKER_HDR_BYTES + hdr_length(trk->hdr);
        trk->hdr_bytes = 0;
        trk->next_rec_sn++;
        trk->records++;
    }
    trk->expect_tcp_sn = tcp_sn + len;
    return true;
}

/* First place at or behind `from` where a header and its successors can be */
static bool scan(const Cx6dxTracker *trk, const uint8_t *in, size_t len,
                 size_t from, size_t *place)
{
    for (size_t p = from; p + CX6DX_TRACKER_HDR_BYTES <= len; p++) {
        size_t q = p;
        int ahead = 0;

        while (ahead <= SCAN_LOOKAHEAD && q + CX6DX_TRACKER_HDR_BYTES <= len &&
               plausible(&trk->rule, in + q)) {
            q += CX6DX_TRACKER_HDR_BYTES + hdr_length(in + q);
            ahead++;
        }
        if (ahead > SCAN_LOOKAHEAD ||
            (ahead && q + CX6DX_TRACKER_HDR_BYTES > len)) {
            *place = p;
            return true;
        }
    }
    return false;
}

/*
 * SEARCHING with this packet, from the first byte that is both new and at or
 * behind `from`: a record that began in old bytes may have been read by
 * software already, and then nobody answers.  Every round begins behind the end
 * of the last one.
 */
static Cx6dxTrackerStep search(Cx6dxTracker *trk, uint32_t tcp_sn,
                               const uint8_t *in, size_t len, size_t from)
{
    uint32_t end = tcp_sn + len;
    size_t place;

    if (cx6dx_tcp_sn_after(trk->expect_tcp_sn, tcp_sn + from)) {
        from = trk->expect_tcp_sn - tcp_sn;
    }
    while (scan(trk, in, len, from, &place)) {
        trk->candidate_tcp_sn = tcp_sn + place;
        trk->next_hdr_tcp_sn = trk->candidate_tcp_sn;
        trk->hdr_bytes = 0;
        trk->records = 0;
        trk->awaited_bytes = 0;
        if (follow(trk, tcp_sn, in, len, &from)) {
            trk->state = CX6DX_TRACKER_TRACKING;
            return (Cx6dxTrackerStep) { .verdict = CX6DX_TRACKER_REQUEST };
        }
        from++;
    }
    cx6dx_tracker_distrust(trk);
    if (cx6dx_tcp_sn_after(end, trk->expect_tcp_sn)) {
        trk->expect_tcp_sn = end;
    }
    return (Cx6dxTrackerStep) { .verdict = CX6DX_TRACKER_LOST_SYNC };
}

/*
 * A packet from nowhere, with a sequence number far ahead, makes all that
 * follows look old.  This far behind, the stream is taken at its word.
 */
static void forget_stray(Cx6dxTracker *trk, uint32_t tcp_sn)
{
    if (cx6dx_tcp_sn_diff(trk->expect_tcp_sn, tcp_sn) >
        CX6DX_TRACKER_GIVE_UP_BYTES) {
        trk->expect_tcp_sn = tcp_sn;
    }
}

/*
 * A packet with new bytes.  START and SYNCED: it holds the expected one.  Else:
 * the next header does not lie before it.
 */
static Cx6dxTrackerStep advance(Cx6dxTracker *trk, uint32_t tcp_sn,
                                const uint8_t *in, size_t len)
{
    Cx6dxTrackerStep step = { .verdict = CX6DX_TRACKER_AWAIT };
    size_t hdr_pos = trk->next_hdr_tcp_sn - tcp_sn;
    size_t bad = 0;

    switch (trk->state) {
    case CX6DX_TRACKER_START:
    case CX6DX_TRACKER_SYNCED:
        trk->state = CX6DX_TRACKER_SYNCED;
        step.verdict = CX6DX_TRACKER_CONTINUE;
        step.offset = trk->expect_tcp_sn - tcp_sn;
        break;
    case CX6DX_TRACKER_BOUNDARY:
        if (hdr_pos < len) {
            trk->state = CX6DX_TRACKER_SYNCED;
            step.verdict = CX6DX_TRACKER_RESUME;
            step.offset = hdr_pos;
            step.rec_sn = trk->next_rec_sn;
        }
        break;
    default:
        break;
    }
    if (!follow(trk, tcp_sn, in, len, &bad)) {
        return search(trk, tcp_sn, in, len, bad);
    }
    return step;
}

Cx6dxTrackerStep cx6dx_tracker_packet(Cx6dxTracker *trk, uint32_t tcp_sn,
                                      const uint8_t *in, size_t len)
{
    Cx6dxTrackerStep bypass = { .verdict = CX6DX_TRACKER_BYPASS };

    if (!len || len > CX6DX_TRACKER_MAX_PACKET_BYTES ||
        trk->state == CX6DX_TRACKER_IDLE) {
        return bypass;
    }
    if (trk->state == CX6DX_TRACKER_SEARCHING) {
        forget_stray(trk, tcp_sn);
        return search(trk, tcp_sn, in, len, 0);
    }
    if (trk->state == CX6DX_TRACKER_TRACKING) {
        /* old bytes count too: the candidate may be a stray packet's */
        trk->awaited_bytes += len;
        if (trk->awaited_bytes > CX6DX_TRACKER_GIVE_UP_BYTES ||
            trk->records > CX6DX_TRACKER_GIVE_UP_RECORDS) {
            return search(trk, tcp_sn, in, len, 0);
        }
    }
    if (!cx6dx_tcp_sn_after(tcp_sn + len, trk->expect_tcp_sn)) {
        return bypass;
    }
    if (cx6dx_tcp_sn_after(tcp_sn, trk->expect_tcp_sn)) {
        /* also true of a header that was seen in part */
        if (cx6dx_tcp_sn_before(trk->next_hdr_tcp_sn, tcp_sn)) {
            return search(trk, tcp_sn, in, len, 0);
        }
        if (trk->state != CX6DX_TRACKER_TRACKING) {
            trk->state = CX6DX_TRACKER_BOUNDARY;
        }
    }
    return advance(trk, tcp_sn, in, len);
}

bool cx6dx_tracker_answer(Cx6dxTracker *trk, uint32_t tcp_sn, uint64_t rec_sn)
{
    if (trk->state != CX6DX_TRACKER_TRACKING ||
        tcp_sn != trk->candidate_tcp_sn) {
        return false;
    }
    trk->next_rec_sn = rec_sn + trk->records;
    trk->state = trk->hdr_bytes || trk->next_hdr_tcp_sn == trk->expect_tcp_sn ?
                 CX6DX_TRACKER_SYNCED : CX6DX_TRACKER_BOUNDARY;
    return true;
}

void cx6dx_tracker_distrust(Cx6dxTracker *trk)
{
    trk->state = CX6DX_TRACKER_SEARCHING;
    trk->hdr_bytes = 0;
    trk->records = 0;
}

void cx6dx_tracker_mislead(Cx6dxTracker *trk, uint32_t tcp_sn, size_t len,
                           uint32_t gap)
{
    trk->state = CX6DX_TRACKER_TRACKING;
    trk->candidate_tcp_sn = tcp_sn + 1;
    trk->expect_tcp_sn = tcp_sn + len;
    trk->next_hdr_tcp_sn = tcp_sn + len + gap;
    trk->hdr_bytes = 0;
    trk->records = 1;
    trk->awaited_bytes = 0;
}

bool cx6dx_tracker_valid(const Cx6dxTracker *trk)
{
    uint32_t wanted = trk->next_hdr_tcp_sn + trk->hdr_bytes;

    if ((unsigned)trk->state >= CX6DX_TRACKER_STATES ||
        trk->hdr_bytes >= CX6DX_TRACKER_HDR_BYTES) {
        return false;
    }
    if (trk->state == CX6DX_TRACKER_IDLE ||
        trk->state == CX6DX_TRACKER_SEARCHING) {
        return true;
    }
    return trk->hdr_bytes ? wanted == trk->expect_tcp_sn :
           !cx6dx_tcp_sn_before(wanted, trk->expect_tcp_sn);
}

void cx6dx_tracker_archive(Cx6dxTracker *trk, Cx6dxArchive *ar)
{
    uint8_t state = trk->state;

    cx6dx_ar(ar, &state);
    trk->state = state;
    cx6dx_ar(ar, &trk->expect_tcp_sn);
    cx6dx_ar(ar, &trk->next_hdr_tcp_sn);
    cx6dx_ar(ar, &trk->next_rec_sn);
    cx6dx_ar(ar, &trk->candidate_tcp_sn);
    cx6dx_ar(ar, &trk->records);
    cx6dx_ar(ar, &trk->awaited_bytes);
    cx6dx_ar(ar, &trk->hdr_bytes);
    if (cx6dx_ar_check(ar, trk->hdr_bytes < sizeof(trk->hdr),
                       "a header is too long")) {
        cx6dx_ar_bytes(ar, trk->hdr, trk->hdr_bytes);
    }
}

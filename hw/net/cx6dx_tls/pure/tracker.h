/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive tracker: where do TLS records begin in a TCP stream that loses,
 * repeats and reorders packets, and may the cipher work on this packet?
 *
 * This is the kernel's Documentation/networking/tls-offload.rst, "Resync
 * handling, RX", as one small machine.  It sees sequence numbers, lengths and
 * five-byte headers, never a key, and it changes no byte.
 *
 * States
 *
 *   IDLE       no progress params yet
 *   START      software named a sequence number where a record begins; nothing
 *              at or behind it has been seen
 *   SYNCED     every byte since the beginning of the current record was seen:
 *              the cipher works
 *   BOUNDARY   bytes of the current record are missing, but it is known where
 *              the next one begins and which number it has
 *   SEARCHING  a header was missed: nothing is known
 *   TRACKING   something that looks like a header was found (the candidate) and
 *              software was asked about it.  Until it answers, headers are
 *              followed by their lengths and counted
 *
 * Events: IN-ORDER (begins at the expected byte, or before it and ends behind
 * it), PAST (ends at or before the expected byte), HOLE-K (begins later, next
 * header known to lie at or behind its first byte), HOLE-L (begins later, the
 * next header lies in the hole), ANSWER (static params whose resync_tcp_sn is
 * the candidate), PROGRESS, BAD-TAG (the cipher's report).
 *
 *   state      event             next       what is told to the caller
 *   any        PROGRESS          START
 *   START      IN-ORDER          SYNCED     CONTINUE
 *   START,
 *   SYNCED,
 *   BOUNDARY,
 *   TRACKING   PAST              same       BYPASS: a retransmission
 *   START      HOLE-L            *          packets went by before the steering
 *                                           rule was there
 *   SYNCED     IN-ORDER          SYNCED     CONTINUE
 *   SYNCED     HOLE-K            BOUNDARY   as for BOUNDARY IN-ORDER
 *   SYNCED     HOLE-L            *
 *   SYNCED     BAD-TAG           SEARCHING
 *   BOUNDARY   IN-ORDER, HOLE-K,
 *              header not in it  BOUNDARY   AWAIT
 *   BOUNDARY   IN-ORDER, HOLE-K,
 *              header in it      SYNCED     RESUME there: no help of software
 *   BOUNDARY   HOLE-L            *
 *   SEARCHING  any packet        TRACKING   REQUEST, if its new bytes hold a
 *                                           candidate
 *                                SEARCHING  LOST_SYNC, if not
 *   TRACKING   IN-ORDER, HOLE-K  TRACKING   AWAIT
 *   TRACKING   HOLE-L            *          the count is lost, so an answer for
 *                                           the old candidate is of no use
 *   TRACKING   too much awaited  *          see below
 *   TRACKING   ANSWER            SYNCED     if a header comes next
 *                                BOUNDARY   if not
 *   any        header that can not be one at a place where one must be:  *
 *
 *   * = SEARCHING, beginning with this very packet: so it ends in TRACKING with
 *       REQUEST or in SEARCHING with LOST_SYNC.
 *
 * Forbidden, and why
 *
 *   SEARCHING -> SYNCED without TRACKING: a guess is never a fact; five bytes
 *       of ciphertext look like a header once in some 17 MB.
 *   TRACKING -> SEARCHING because nothing comes: software reads the candidate
 *       back (GET_PSV) some time after the flagged packet, and must find the
 *       state and the candidate that the packet was flagged for.
 *   a second REQUEST for the same candidate: each flagged packet makes the
 *       kernel forget the record starts noted for the one before.
 *   a candidate in repeated bytes: software may have read that record before it
 *       is asked, and then it does not answer.
 *   taking an ANSWER for anything but the candidate: the count belongs to it.
 *
 * Giving up.  The kernel answers when its reader has passed the candidate, and
 * never says no.  A reader may lie a whole socket buffer behind, so asking anew
 * after a few records would throw away good requests again and again; and the
 * kernel counts at most 65535 records per request.  Hence the two limits below,
 * larger than usual buffers and smaller than that.
 */
#ifndef CX6DX_PURE_TRACKER_H
#define CX6DX_PURE_TRACKER_H

#include "qemu/osdep.h"
#include "pure/archive.h"

#define CX6DX_TRACKER_HDR_BYTES 5
#define CX6DX_TRACKER_GIVE_UP_RECORDS 32768
#define CX6DX_TRACKER_GIVE_UP_BYTES (16 * 1024 * 1024)
/* Longer packets do not exist and are not looked at */
#define CX6DX_TRACKER_MAX_PACKET_BYTES (1 << 28)

typedef enum Cx6dxTrackerState {
    CX6DX_TRACKER_IDLE,
    CX6DX_TRACKER_START,
    CX6DX_TRACKER_SYNCED,
    CX6DX_TRACKER_BOUNDARY,
    CX6DX_TRACKER_SEARCHING,
    CX6DX_TRACKER_TRACKING,
    CX6DX_TRACKER_STATES
} Cx6dxTrackerState;

/* What the cipher side does with the packet */
typedef enum Cx6dxTrackerVerdict {
    CX6DX_TRACKER_BYPASS,       /* nothing: the packet is not news */
    CX6DX_TRACKER_CONTINUE,     /* bytes from `offset` on follow on */
    CX6DX_TRACKER_RESUME,       /* at `offset` the record `rec_sn` begins */
    CX6DX_TRACKER_AWAIT,        /* nothing; a record in progress is lost */
    CX6DX_TRACKER_LOST_SYNC,    /* the same, and nothing is known any more */
    CX6DX_TRACKER_REQUEST,      /* the same, and this packet must be flagged */
    CX6DX_TRACKER_VERDICTS
} Cx6dxTrackerVerdict;

/* What a header can be; version bytes are 03 03 always */
typedef struct Cx6dxTrackerRule {
    uint8_t min_type, max_type;
    uint16_t min_length, max_length;
} Cx6dxTrackerRule;

typedef struct Cx6dxTrackerStep {
    Cx6dxTrackerVerdict verdict;
    size_t offset;              /* CONTINUE, RESUME */
    uint64_t rec_sn;            /* RESUME */
} Cx6dxTrackerStep;

/* Plain data: a copy of it is a snapshot.  All zeros is IDLE. */
typedef struct Cx6dxTracker {
    Cx6dxTrackerState state;
    Cx6dxTrackerRule rule;
    uint32_t expect_tcp_sn;     /* behind the newest byte seen */
    uint32_t next_hdr_tcp_sn;   /* first byte of the header not yet whole */
    uint64_t next_rec_sn;       /* its record's number; not while TRACKING */
    uint32_t candidate_tcp_sn;  /* TRACKING: what software was asked about */
    uint32_t records;           /* headers passed since START or candidate */
    uint32_t awaited_bytes;     /* TRACKING: bytes of all packets since then */
    uint8_t hdr_bytes;          /* part of that header already seen ... */
    uint8_t hdr[CX6DX_TRACKER_HDR_BYTES];   /* ... and what it was */
} Cx6dxTracker;

const char *cx6dx_tracker_state_str(Cx6dxTrackerState state);
const char *cx6dx_tracker_verdict_str(Cx6dxTrackerVerdict verdict);

/* PROGRESS: the record `rec_sn` begins at `tcp_sn` */
void cx6dx_tracker_start(Cx6dxTracker *trk, const Cx6dxTrackerRule *rule,
                         uint32_t tcp_sn, uint64_t rec_sn);

/* One packet, in the order of arrival; `len` 0 is no news */
Cx6dxTrackerStep cx6dx_tracker_packet(Cx6dxTracker *trk, uint32_t tcp_sn,
                                      const uint8_t *in, size_t len);

/*
 * ANSWER: `rec_sn` is the number of the record at `tcp_sn`.  False when nobody
 * asked for that; nothing changes then.  When true, next_rec_sn is valid, and
 * hdr_bytes > 0 means that the first bytes of its header have gone by already:
 * they are in `hdr` and the cipher begins with them.
 */
bool cx6dx_tracker_answer(Cx6dxTracker *trk, uint32_t tcp_sn, uint64_t rec_sn);

/* BAD-TAG, or a cipher that does not work */
void cx6dx_tracker_distrust(Cx6dxTracker *trk);

/*
 * A fault: takes the second byte of this packet for a header and software to be
 * asked about it (TRACKING).  The next one is believed to be `gap` bytes behind
 * the packet.
 */
void cx6dx_tracker_mislead(Cx6dxTracker *trk, uint32_t tcp_sn, size_t len,
                           uint32_t gap);

/* Whether the fields of a snapshot can belong together */
bool cx6dx_tracker_valid(const Cx6dxTracker *trk);

/* All but the rule, which follows from the suite; valid is the caller's to ask */
void cx6dx_tracker_archive(Cx6dxTracker *trk, Cx6dxArchive *ar);

#endif

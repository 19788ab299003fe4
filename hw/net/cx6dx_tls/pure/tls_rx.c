/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS receive context: the tracker says which bytes may be decrypted, the record
 * stream decrypts them, and this room joins both to one verdict per packet
 *
 * Static params are only stored, until progress params or the answer to a
 * resync request bring them into force.  So an answer that nobody waits for
 * disturbs nothing.
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/tls_rx.h"

#define OFFSET_RECORD_NUMBER_MASK 0xffffff

struct Cx6dxTlsRx {
    Cx6dxRecordKeys stored;     /* taken by the next progress or answer */
    Cx6dxRecordKeys live;
    Cx6dxTracker tracker;       /* IDLE without live keys */
    Cx6dxRecordStream stream;
    uint64_t unseen_rec_sn;     /* first record not counted yet, either way */
    uint64_t records_decrypted;
    uint64_t records_lost;
    Cx6dxTrackerVerdict last;   /* the tracker's on the last packet */
};

const char *cx6dx_tls_rx_verdict_str(Cx6dxTlsRxVerdict verdict)
{
    static const char *const names[CX6DX_TLS_RX_VERDICTS] = {
        [CX6DX_TLS_RX_PASSED] = "passed",
        [CX6DX_TLS_RX_DECRYPTED] = "decrypted",
        [CX6DX_TLS_RX_RESYNC] = "resync",
        [CX6DX_TLS_RX_AUTH_FAILED] = "auth-failed",
    };

    return (unsigned)verdict < CX6DX_TLS_RX_VERDICTS ? names[verdict] : "?";
}

Cx6dxTlsRx *cx6dx_tls_rx_new(void)
{
    return g_new0(Cx6dxTlsRx, 1);
}

/* Back to what cx6dx_tls_rx_new() gives */
static void clear(Cx6dxTlsRx *ctx)
{
    cx6dx_record_stream_wipe(&ctx->stream);
    cx6dx_record_keys_wipe(&ctx->live);
    cx6dx_record_keys_wipe(&ctx->stored);
    cx6dx_aead_wipe(ctx, sizeof(*ctx));
}

void cx6dx_tls_rx_free(Cx6dxTlsRx *ctx)
{
    if (ctx) {
        clear(ctx);
        g_free(ctx);
    }
}

void cx6dx_tls_rx_lose(Cx6dxTlsRx *ctx)
{
    clear(ctx);
}

static void take_stored(Cx6dxTlsRx *ctx)
{
    if (ctx->stored.suite) {
        cx6dx_record_keys_move(&ctx->live, &ctx->stored);
    }
}

/* The cipher's next byte is the first one of record `rec_sn` */
static void begin_record(Cx6dxTlsRx *ctx, uint64_t rec_sn)
{
    cx6dx_record_stream_reset(&ctx->stream, &ctx->live, CX6DX_AEAD_DECRYPT,
                              rec_sn);
    if (rec_sn > ctx->unseen_rec_sn) {
        ctx->records_lost += rec_sn - ctx->unseen_rec_sn;
        ctx->unseen_rec_sn = rec_sn;
    }
}

/* Forgets the record in progress; which one comes next is the tracker's say */
static void drop_record(Cx6dxTlsRx *ctx)
{
    cx6dx_record_stream_reset(&ctx->stream, &ctx->live, CX6DX_AEAD_DECRYPT,
                              ctx->stream.rec_sn);
}

void cx6dx_tls_rx_distrust(Cx6dxTlsRx *ctx)
{
    if (ctx->tracker.state != CX6DX_TRACKER_IDLE) {
        cx6dx_tracker_distrust(&ctx->tracker);
        drop_record(ctx);
    }
}

bool cx6dx_tls_rx_mislead(Cx6dxTlsRx *ctx, uint32_t tcp_sn, size_t len,
                          uint32_t gap)
{
    if (ctx->tracker.state == CX6DX_TRACKER_IDLE) {
        return false;
    }
    cx6dx_tracker_mislead(&ctx->tracker, tcp_sn, len, gap);
    ctx->last = CX6DX_TRACKER_REQUEST;
    drop_record(ctx);
    return true;
}

static Cx6dxTrackerRule rule_of(const Cx6dxSuite *suite)
{
    return (Cx6dxTrackerRule) {
        .min_type = suite->min_type,
        .max_type = suite->max_type,
        .min_length = suite->min_length,
        .max_length = suite->max_length,
    };
}

static void take_answer(Cx6dxTlsRx *ctx)
{
    uint8_t scratch[CX6DX_TRACKER_HDR_BYTES];

    take_stored(ctx);
    ctx->tracker.rule = rule_of(ctx->live.suite);
    begin_record(ctx, ctx->tracker.next_rec_sn);
    /* an incomplete header has not been judged yet, so it cannot fail */
    cx6dx_record_stream_run(&ctx->stream, ctx->tracker.hdr, scratch,
                            ctx->tracker.hdr_bytes);
}

bool cx6dx_tls_rx_set_static(Cx6dxTlsRx *ctx, const Cx6dxTlsStatic *params)
{
    if (!cx6dx_record_keys_set(&ctx->stored, params)) {
        clear(ctx);
        return false;
    }
    if (cx6dx_tracker_answer(&ctx->tracker, params->resync_tcp_sn,
                             params->initial_record_number)) {
        take_answer(ctx);
    }
    return true;
}

void cx6dx_tls_rx_set_progress(Cx6dxTlsRx *ctx,
                               const Cx6dxTlsProgress *progress)
{
    Cx6dxTrackerRule rule;

    take_stored(ctx);
    if (!ctx->live.suite) {
        return;
    }
    rule = rule_of(ctx->live.suite);
    cx6dx_tracker_start(&ctx->tracker, &rule, progress->next_record_tcp_sn,
                        ctx->live.initial_record_number);
    ctx->records_decrypted = 0;
    ctx->records_lost = 0;
    ctx->unseen_rec_sn = ctx->live.initial_record_number;
    begin_record(ctx, ctx->live.initial_record_number);
}

void cx6dx_tls_rx_get_progress(const Cx6dxTlsRx *ctx, Cx6dxTlsProgress *out)
{
    const Cx6dxTracker *trk = &ctx->tracker;

    *out = (Cx6dxTlsProgress) {
        .record_tracker_state = CX6DX_PSV_TRACKER_START,
        .auth_state = CX6DX_PSV_AUTH_NO_OFFLOAD,
    };
    switch (trk->state) {
    case CX6DX_TRACKER_SYNCED:
    case CX6DX_TRACKER_BOUNDARY:
        out->auth_state = CX6DX_PSV_AUTH_OFFLOAD;
        out->record_tracker_state = CX6DX_PSV_TRACKER_TRACKING;
        break;
    case CX6DX_TRACKER_TRACKING:
        out->record_tracker_state = CX6DX_PSV_TRACKER_TRACKING;
        out->hw_resync_tcp_sn = trk->candidate_tcp_sn;
        break;
    case CX6DX_TRACKER_SEARCHING:
        out->record_tracker_state = CX6DX_PSV_TRACKER_SEARCHING;
        return;
    default:
        break;
    }
    out->next_record_tcp_sn = trk->next_hdr_tcp_sn;
    out->hw_offset_record_number = trk->records & OFFSET_RECORD_NUMBER_MASK;
}

/*
 * Decrypts the part of a packet that the tracker allows.  When the packet has
 * more than that, it is passed on, and this was only to follow the record.
 */
static Cx6dxTlsRxVerdict decrypt(Cx6dxTlsRx *ctx, const uint8_t *in,
                                 uint8_t *out, size_t len, size_t offset)
{
    Cx6dxRecordResult result;
    uint64_t done = ctx->stream.records_done;

    result = cx6dx_record_stream_run(&ctx->stream, in + offset, out + offset,
                                     len - offset);
    ctx->records_decrypted += ctx->stream.records_done - done;
    if (ctx->stream.records_done != done) {
        ctx->unseen_rec_sn = ctx->stream.rec_sn;
    }
    switch (result) {
    case CX6DX_RECORD_OK:
        return offset ? CX6DX_TLS_RX_PASSED : CX6DX_TLS_RX_DECRYPTED;
    case CX6DX_RECORD_BAD_TAG:
        cx6dx_tracker_distrust(&ctx->tracker);
        drop_record(ctx);
        return CX6DX_TLS_RX_AUTH_FAILED;
    default:
        /* a bad header does not get past the tracker: the cipher failed */
        cx6dx_tracker_distrust(&ctx->tracker);
        drop_record(ctx);
        return CX6DX_TLS_RX_PASSED;
    }
}

Cx6dxTlsRxVerdict cx6dx_tls_rx_packet(Cx6dxTlsRx *ctx, uint32_t tcp_sn,
                                      const uint8_t *in, uint8_t *out,
                                      size_t len)
{
    Cx6dxTrackerStep step;

    step = cx6dx_tracker_packet(&ctx->tracker, tcp_sn, in, len);
    ctx->last = step.verdict;
    switch (step.verdict) {
    case CX6DX_TRACKER_CONTINUE:
        return decrypt(ctx, in, out, len, step.offset);
    case CX6DX_TRACKER_RESUME:
        begin_record(ctx, step.rec_sn);
        return decrypt(ctx, in, out, len, step.offset);
    case CX6DX_TRACKER_AWAIT:
    case CX6DX_TRACKER_LOST_SYNC:
        drop_record(ctx);
        return CX6DX_TLS_RX_PASSED;
    case CX6DX_TRACKER_REQUEST:
        drop_record(ctx);
        return CX6DX_TLS_RX_RESYNC;
    default:
        return CX6DX_TLS_RX_PASSED;
    }
}

const char *cx6dx_tls_rx_outcome(const Cx6dxTlsRx *ctx,
                                 Cx6dxTlsRxVerdict verdict)
{
    static const char *const passed[CX6DX_TRACKER_VERDICTS] = {
        [CX6DX_TRACKER_BYPASS] = "bypass",
        [CX6DX_TRACKER_CONTINUE] = "partial",
        [CX6DX_TRACKER_RESUME] = "partial",
        [CX6DX_TRACKER_AWAIT] = "awaiting",
        [CX6DX_TRACKER_LOST_SYNC] = "lost-sync",
        [CX6DX_TRACKER_REQUEST] = "passed",
    };

    if (verdict == CX6DX_TLS_RX_PASSED) {
        return ctx->tracker.state == CX6DX_TRACKER_IDLE ? "passed"
                                                        : passed[ctx->last];
    }
    return cx6dx_tls_rx_verdict_str(verdict);
}

const Cx6dxTracker *cx6dx_tls_rx_tracker(const Cx6dxTlsRx *ctx)
{
    return &ctx->tracker;
}

void cx6dx_tls_rx_info(const Cx6dxTlsRx *ctx, Cx6dxTlsRxInfo *info)
{
    const Cx6dxTracker *trk = &ctx->tracker;
    Cx6dxTlsProgress psv;

    cx6dx_tls_rx_get_progress(ctx, &psv);
    *info = (Cx6dxTlsRxInfo) {
        .rec_sn = trk->state == CX6DX_TRACKER_BOUNDARY ? trk->next_rec_sn :
                  ctx->stream.rec_sn,
        .expected_tcp_sn = trk->expect_tcp_sn,
        .record_offset = ctx->stream.offset,
        .candidate_tcp_sn = psv.hw_resync_tcp_sn,
        .records_decrypted = ctx->records_decrypted,
        .records_lost = ctx->records_lost,
        .tracker_state = psv.record_tracker_state,
        .offloading = psv.auth_state == CX6DX_PSV_AUTH_OFFLOAD,
    };
}

void cx6dx_tls_rx_save(const Cx6dxTlsRx *ctx, Cx6dxTlsRxSaved *out)
{
    memset(out, 0, sizeof(*out));
    cx6dx_record_keys_save(&ctx->stored, &out->stored);
    cx6dx_record_keys_save(&ctx->live, &out->live);
    out->tracker = ctx->tracker;
    out->rec_sn = ctx->stream.rec_sn;
    out->unseen_rec_sn = ctx->unseen_rec_sn;
    out->records_decrypted = ctx->records_decrypted;
    out->records_lost = ctx->records_lost;
    out->wire_bytes = ctx->stream.offset;
    if (ctx->stream.offset) {
        memcpy(out->wire, ctx->stream.wire, ctx->stream.offset);
    }
}

/*
 * Tracker and cipher must agree on the record in progress: otherwise they would
 * part ways at the next header.
 */
static bool agrees(const Cx6dxTlsRx *ctx)
{
    const Cx6dxTracker *trk = &ctx->tracker;
    const Cx6dxRecordStream *s = &ctx->stream;

    if (trk->state != CX6DX_TRACKER_SYNCED) {
        return s->offset == 0;
    }
    if (s->offset < CX6DX_RECORD_HDR_BYTES) {
        return trk->hdr_bytes == s->offset &&
               !memcmp(trk->hdr, s->head, s->offset) &&
               trk->next_hdr_tcp_sn + s->offset == trk->expect_tcp_sn;
    }
    return trk->hdr_bytes == 0 &&
           trk->next_hdr_tcp_sn - trk->expect_tcp_sn ==
           s->record_bytes - s->offset;
}

bool cx6dx_tls_rx_restore(Cx6dxTlsRx *ctx, const Cx6dxTlsRxSaved *in)
{
    clear(ctx);
    if (!cx6dx_record_keys_restore(&ctx->stored, &in->stored) ||
        !cx6dx_record_keys_restore(&ctx->live, &in->live) ||
        in->wire_bytes > sizeof(in->wire) ||
        !cx6dx_tracker_valid(&in->tracker)) {
        clear(ctx);
        return false;
    }
    ctx->tracker = in->tracker;
    ctx->unseen_rec_sn = in->unseen_rec_sn;
    ctx->records_decrypted = in->records_decrypted;
    ctx->records_lost = in->records_lost;
    if (!ctx->live.suite) {
        if (ctx->tracker.state == CX6DX_TRACKER_IDLE) {
            return true;
        }
        clear(ctx);
        return false;
    }
    ctx->tracker.rule = rule_of(ctx->live.suite);
    cx6dx_record_stream_reset(&ctx->stream, &ctx->live, CX6DX_AEAD_DECRYPT,
                              in->rec_sn);
    if (!cx6dx_record_stream_rebuild(&ctx->stream, in->wire, in->wire_bytes) ||
        !agrees(ctx)) {
        clear(ctx);
        return false;
    }
    return true;
}

void cx6dx_tls_rx_archive(Cx6dxTlsRx *ctx, Cx6dxArchive *ar)
{
    Cx6dxTlsRxSaved *saved = g_new0(Cx6dxTlsRxSaved, 1);

    if (!ar->loading) {
        cx6dx_tls_rx_save(ctx, saved);
    }
    cx6dx_record_keys_archive(ar, &saved->stored);
    cx6dx_record_keys_archive(ar, &saved->live);
    cx6dx_tracker_archive(&saved->tracker, ar);
    cx6dx_ar(ar, &saved->rec_sn);
    cx6dx_ar(ar, &saved->unseen_rec_sn);
    cx6dx_ar(ar, &saved->records_decrypted);
    cx6dx_ar(ar, &saved->records_lost);
    cx6dx_ar_count(ar, &saved->wire_bytes, sizeof(saved->wire),
                   "a record is too long");
    cx6dx_ar_bytes(ar, saved->wire, saved->wire_bytes);
    if (ar->loading && cx6dx_ar_good(ar)) {
        cx6dx_ar_check(ar, cx6dx_tls_rx_restore(ctx, saved),
                       "no receive context is like that");
    }
    cx6dx_aead_wipe(saved, sizeof(*saved));
    g_free(saved);
}

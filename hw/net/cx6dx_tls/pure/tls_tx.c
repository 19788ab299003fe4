/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS transmit context: the record stream, plus the rule that its bytes come in
 * order or not at all
 *
 * Static params are only stored; progress params bring them into force.  So a
 * pooled context starts its next connection without anything of the last one,
 * and progress params alone start over with the same static params.
 */
#include "qemu/osdep.h"
#include "pure/tls_tx.h"

struct Cx6dxTlsTx {
    Cx6dxRecordKeys stored;     /* key material taken by the next progress */
    Cx6dxRecordKeys live;
    Cx6dxRecordStream stream;   /* meaningful when `running` */
    uint32_t expected_tcp_sn;
    bool running;               /* static and progress params have come */
    bool synced;                /* expected_tcp_sn is known */
    bool broken;
    bool lost;                  /* by a fault, and so not running */
};

const char *cx6dx_tls_tx_verdict_str(Cx6dxTlsTxVerdict verdict)
{
    static const char *const names[CX6DX_TLS_TX_VERDICTS] = {
        [CX6DX_TLS_TX_ENCRYPTED] = "encrypted",
        [CX6DX_TLS_TX_NO_PARAMS] = "no-params",
        [CX6DX_TLS_TX_OUT_OF_ORDER] = "out-of-order",
        [CX6DX_TLS_TX_BAD_HEADER] = "bad-header",
        [CX6DX_TLS_TX_BROKEN] = "broken",
        [CX6DX_TLS_TX_CIPHER_FAILED] = "cipher-failed",
        [CX6DX_TLS_TX_LOST] = "state-lost",
    };

    return (unsigned)verdict < CX6DX_TLS_TX_VERDICTS ? names[verdict] : "?";
}

Cx6dxTlsTx *cx6dx_tls_tx_new(void)
{
    return g_new0(Cx6dxTlsTx, 1);
}

/* Back to what cx6dx_tls_tx_new() gives */
static void clear(Cx6dxTlsTx *ctx)
{
    cx6dx_record_stream_wipe(&ctx->stream);
    cx6dx_record_keys_wipe(&ctx->live);
    cx6dx_record_keys_wipe(&ctx->stored);
    cx6dx_aead_wipe(ctx, sizeof(*ctx));
}

void cx6dx_tls_tx_free(Cx6dxTlsTx *ctx)
{
    if (ctx) {
        clear(ctx);
        g_free(ctx);
    }
}

bool cx6dx_tls_tx_set_static(Cx6dxTlsTx *ctx, const Cx6dxTlsStatic *params)
{
    if (!cx6dx_record_keys_set(&ctx->stored, params)) {
        clear(ctx);
        return false;
    }
    return true;
}

void cx6dx_tls_tx_set_progress(Cx6dxTlsTx *ctx)
{
    if (ctx->stored.suite) {
        cx6dx_record_keys_move(&ctx->live, &ctx->stored);
    }
    ctx->running = ctx->live.suite != NULL;
    ctx->synced = false;
    ctx->broken = false;
    ctx->lost = false;
    if (ctx->running) {
        cx6dx_record_stream_reset(&ctx->stream, &ctx->live, CX6DX_AEAD_ENCRYPT,
                                  ctx->live.initial_record_number);
    }
}

void cx6dx_tls_tx_lose(Cx6dxTlsTx *ctx)
{
    ctx->lost = ctx->running;
    ctx->running = false;
}

/* Whether bytes may come at all */
static Cx6dxTlsTxVerdict readiness(const Cx6dxTlsTx *ctx)
{
    if (!ctx->running) {
        return ctx->lost ? CX6DX_TLS_TX_LOST : CX6DX_TLS_TX_NO_PARAMS;
    }
    return ctx->broken ? CX6DX_TLS_TX_BROKEN : CX6DX_TLS_TX_ENCRYPTED;
}

/* Nothing of the record in progress counts any more, but its number is shown */
static void give_up(Cx6dxTlsTx *ctx)
{
    ctx->broken = true;
    cx6dx_record_stream_reset(&ctx->stream, &ctx->live, CX6DX_AEAD_ENCRYPT,
                              ctx->stream.rec_sn);
}

static Cx6dxTlsTxVerdict run(Cx6dxTlsTx *ctx, uint8_t *data, size_t len)
{
    switch (cx6dx_record_stream_run(&ctx->stream, data, data, len)) {
    case CX6DX_RECORD_OK:
        ctx->expected_tcp_sn += len;
        return CX6DX_TLS_TX_ENCRYPTED;
    case CX6DX_RECORD_BAD_HEADER:
        give_up(ctx);
        return CX6DX_TLS_TX_BAD_HEADER;
    default:
        give_up(ctx);
        return CX6DX_TLS_TX_CIPHER_FAILED;
    }
}

Cx6dxTlsTxVerdict cx6dx_tls_tx_send(Cx6dxTlsTx *ctx, uint32_t tcp_sn,
                                    uint8_t *data, size_t len)
{
    Cx6dxTlsTxVerdict verdict = readiness(ctx);

    if (verdict != CX6DX_TLS_TX_ENCRYPTED) {
        return verdict;
    }
    if (ctx->synced && tcp_sn != ctx->expected_tcp_sn) {
        return CX6DX_TLS_TX_OUT_OF_ORDER;
    }
    ctx->synced = true;
    ctx->expected_tcp_sn = tcp_sn;
    return run(ctx, data, len);
}

Cx6dxTlsTxVerdict cx6dx_tls_tx_dump(Cx6dxTlsTx *ctx, uint8_t *data, size_t len)
{
    Cx6dxTlsTxVerdict verdict = readiness(ctx);

    return verdict == CX6DX_TLS_TX_ENCRYPTED ? run(ctx, data, len) : verdict;
}

void cx6dx_tls_tx_info(const Cx6dxTlsTx *ctx, Cx6dxTlsTxInfo *info)
{
    memset(info, 0, sizeof(*info));
    if (ctx->running) {
        info->running = true;
        info->rec_sn = ctx->stream.rec_sn;
        info->record_offset = ctx->stream.offset;
        if (ctx->stream.offset >= CX6DX_RECORD_HDR_BYTES) {
            info->record_bytes = ctx->stream.record_bytes;
        }
        memcpy(info->hdr, ctx->stream.head, sizeof(info->hdr));
        info->synced = ctx->synced;
        info->expected_tcp_sn = ctx->synced ? ctx->expected_tcp_sn : 0;
    }
}

void cx6dx_tls_tx_save(const Cx6dxTlsTx *ctx, Cx6dxTlsTxSaved *out)
{
    memset(out, 0, sizeof(*out));
    cx6dx_record_keys_save(&ctx->stored, &out->stored);
    cx6dx_record_keys_save(&ctx->live, &out->live);
    out->running = ctx->running;
    out->synced = ctx->synced;
    out->broken = ctx->broken;
    out->lost = ctx->lost;
    out->expected_tcp_sn = ctx->expected_tcp_sn;
    if (ctx->running) {
        out->rec_sn = ctx->stream.rec_sn;
        out->wire_bytes = ctx->stream.offset;
        if (ctx->stream.offset) {
            memcpy(out->wire, ctx->stream.wire, ctx->stream.offset);
        }
    }
}

bool cx6dx_tls_tx_restore(Cx6dxTlsTx *ctx, const Cx6dxTlsTxSaved *in)
{
    clear(ctx);
    if (!cx6dx_record_keys_restore(&ctx->stored, &in->stored) ||
        !cx6dx_record_keys_restore(&ctx->live, &in->live) ||
        in->wire_bytes > sizeof(in->wire) ||
        (in->running && (!ctx->live.suite || in->lost)) ||
        (in->broken && in->wire_bytes)) {
        clear(ctx);
        return false;
    }
    ctx->running = in->running;
    ctx->synced = in->synced;
    ctx->broken = in->broken;
    ctx->lost = in->lost;
    ctx->expected_tcp_sn = in->expected_tcp_sn;
    if (ctx->running) {
        cx6dx_record_stream_reset(&ctx->stream, &ctx->live, CX6DX_AEAD_ENCRYPT,
                                  in->rec_sn);
        if (!cx6dx_record_stream_rebuild(&ctx->stream, in->wire,
                                         in->wire_bytes)) {
            clear(ctx);
            return false;
        }
    }
    return true;
}

void cx6dx_tls_tx_archive(Cx6dxTlsTx *ctx, Cx6dxArchive *ar)
{
    Cx6dxTlsTxSaved *saved = g_new0(Cx6dxTlsTxSaved, 1);

    if (!ar->loading) {
        cx6dx_tls_tx_save(ctx, saved);
    }
    cx6dx_record_keys_archive(ar, &saved->stored);
    cx6dx_record_keys_archive(ar, &saved->live);
    cx6dx_ar(ar, &saved->rec_sn);
    cx6dx_ar(ar, &saved->expected_tcp_sn);
    cx6dx_ar(ar, &saved->running);
    cx6dx_ar(ar, &saved->synced);
    cx6dx_ar(ar, &saved->broken);
    cx6dx_ar(ar, &saved->lost);
    cx6dx_ar_count(ar, &saved->wire_bytes, sizeof(saved->wire),
                   "a record is too long");
    cx6dx_ar_bytes(ar, saved->wire, saved->wire_bytes);
    if (ar->loading && cx6dx_ar_good(ar)) {
        cx6dx_ar_check(ar, cx6dx_tls_tx_restore(ctx, saved),
                       "no transmit context is like that");
    }
    cx6dx_aead_wipe(saved, sizeof(*saved));
    g_free(saved);
}

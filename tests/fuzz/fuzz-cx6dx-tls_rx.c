/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz entry for tls_rx: a true stream that arrives in any order, cut, repeated
 * and corrupted, with answers to resync requests, snapshots, and forged packets
 *
 * As long as nothing was forged: what is DECRYPTED is what the oracle has, and a
 * failed authentication means a corrupt record.  Afterwards the context must
 * merely survive.
 */
#include "tape.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/tls_rx.h"
#include "cx6dx-oracle.h"

typedef struct World {
    Cx6dxOracle *o;
    Cx6dxTlsRx *ctx;
    size_t at;              /* where an orderly sender stands */
    bool corrupt;
    bool forged;
} World;

static void start(World *w, unsigned record)
{
    Cx6dxTlsStatic params = cx6dx_oracle_static(w->o);
    Cx6dxTlsProgress progress = {
        .next_record_tcp_sn = w->o->first_tcp_sn + w->o->records[record].start,
    };

    params.initial_record_number += record;
    FUZZ_CHECK(cx6dx_tls_rx_set_static(w->ctx, &params));
    cx6dx_tls_rx_set_progress(w->ctx, &progress);
    w->forged = false;
}

static void arrive(World *w, size_t from, size_t n)
{
    uint32_t sn = w->o->first_tcp_sn + from;
    g_autofree uint8_t *in = NULL, *out = NULL;
    Cx6dxTlsRxVerdict verdict;
    Cx6dxTlsProgress psv;

    n = MIN(n, w->o->len - from);
    in = g_memdup2(w->o->wire + from, n);
    out = g_malloc(n + 1);
    verdict = cx6dx_tls_rx_packet(w->ctx, sn, in, out, n);
    FUZZ_CHECK(!n || !memcmp(in, w->o->wire + from, n));
    cx6dx_tls_rx_get_progress(w->ctx, &psv);
    switch (verdict) {
    case CX6DX_TLS_RX_DECRYPTED:
        FUZZ_CHECK(w->forged || !memcmp(out, w->o->delivered + from, n));
        FUZZ_CHECK(psv.auth_state == CX6DX_PSV_AUTH_OFFLOAD);
        break;
    case CX6DX_TLS_RX_AUTH_FAILED:
        FUZZ_CHECK(w->forged || w->corrupt);
        break;
    case CX6DX_TLS_RX_RESYNC:
        FUZZ_CHECK((uint64_t)(psv.hw_resync_tcp_sn - sn) + 5 <= n);
        FUZZ_CHECK(psv.auth_state == CX6DX_PSV_AUTH_NO_OFFLOAD);
        break;
    default:
        FUZZ_CHECK(verdict == CX6DX_TLS_RX_PASSED);
        break;
    }
}

/* A record may be told by its number only where one begins */
static void answer(World *w, uint32_t sn, bool truthful, uint64_t number)
{
    Cx6dxTlsStatic params = cx6dx_oracle_static(w->o);
    size_t offset = sn - w->o->first_tcp_sn;
    unsigned n = cx6dx_oracle_record_at(w->o, offset);

    if (truthful) {
        if (n == w->o->nrecords || w->o->records[n].start != offset) {
            return;
        }
        number = n;
    } else {
        Cx6dxTlsProgress psv;

        cx6dx_tls_rx_get_progress(w->ctx, &psv);
        w->forged |= psv.hw_resync_tcp_sn == sn;
    }
    params.resync_tcp_sn = sn;
    params.initial_record_number += number;
    FUZZ_CHECK(cx6dx_tls_rx_set_static(w->ctx, &params));
}

static void answer_any(Tape *tape, World *w)
{
    Cx6dxTlsProgress psv;

    cx6dx_tls_rx_get_progress(w->ctx, &psv);
    switch (tape_u8(tape) % 4) {
    case 0:
        answer(w, w->o->first_tcp_sn + tape_below(tape, w->o->len), false,
               tape_u8(tape));
        break;
    default:
        answer(w, psv.hw_resync_tcp_sn, true, 0);
        break;
    }
}

static void forge(Tape *tape, World *w)
{
    Cx6dxTlsRxInfo info;
    uint32_t sn;
    const uint8_t *in;
    uint8_t out[256];
    size_t n;

    cx6dx_tls_rx_info(w->ctx, &info);
    sn = tape_u8(tape) & 1 ? info.expected_tcp_sn : tape_u32(tape);
    n = tape_below(tape, sizeof(out));
    in = tape_bytes(tape, n, &n);
    w->forged = true;
    cx6dx_tls_rx_packet(w->ctx, sn, in, out, n);
}

/* One bit of a snapshot is wrong: anything but a crash will do */
static void damaged_snapshot(Tape *tape, World *w, const Cx6dxTlsRxSaved *good)
{
    g_autofree Cx6dxTlsRxSaved *bad = g_memdup2(good, sizeof(*good));
    World copy = *w;
    uint8_t bit = 1 << tape_below(tape, 8);

    copy.ctx = cx6dx_tls_rx_new();
    copy.forged = true;
    switch (tape_u8(tape) % 5) {
    case 0:
        bad->wire[tape_below(tape, 40)] ^= bit;
        break;
    case 1:
        bad->wire_bytes ^= bit << tape_below(tape, 16);
        break;
    case 2:
        bad->live.key_bytes ^= bit;
        break;
    case 3:
        bad->tracker.next_hdr_tcp_sn ^= (uint32_t)bit << tape_below(tape, 25);
        break;
    default:
        bad->tracker.hdr_bytes ^= bit;
        break;
    }
    if (cx6dx_tls_rx_restore(copy.ctx, bad)) {
        arrive(&copy, w->at, 300);
    }
    cx6dx_tls_rx_free(copy.ctx);
}

static void snapshot(Tape *tape, World *w)
{
    g_autofree Cx6dxTlsRxSaved *saved = g_new(Cx6dxTlsRxSaved, 1);

    cx6dx_tls_rx_save(w->ctx, saved);
    if (tape_u8(tape) & 1) {
        damaged_snapshot(tape, w, saved);
    }
    cx6dx_tls_rx_free(w->ctx);
    w->ctx = cx6dx_tls_rx_new();
    FUZZ_CHECK(cx6dx_tls_rx_restore(w->ctx, saved));
}

static void next_event(Tape *tape, World *w)
{
    size_t n = 1 + tape_below(tape, 250);

    switch (tape_u8(tape) % 12) {
    case 0:
        w->at = tape_below(tape, w->o->len);
        break;
    case 1:
        w->at = MIN(w->at + n, w->o->len - 1);
        break;
    case 2:
        arrive(w, tape_below(tape, w->o->len), n);
        break;
    case 3:
        answer_any(tape, w);
        break;
    case 4:
        snapshot(tape, w);
        break;
    case 5:
        if (tape_u8(tape) % 4 == 0) {
            forge(tape, w);
        }
        break;
    case 6:
        if (tape_u8(tape) % 4 == 0) {
            start(w, tape_below(tape, w->o->nrecords));
        }
        break;
    default:
        arrive(w, w->at, n);
        w->at = (w->at + n) % w->o->len;
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Tape tape = { data, size };
    uint8_t mode = tape_u8(&tape);
    Cx6dxDice dice = { tape_u8(&tape) };
    Cx6dxOracleSpec spec = {
        .tls_version = mode & 1 ? 2 : 3,
        .key_bytes = mode & 2 ? 16 : 32,
        .nrecords = 1 + (mode >> 2) % 8,
        .max_payload = mode & 0x80 ? 20 : 200,
        .first_rec_sn = mode & 0x40 ? UINT64_MAX - 1 : 0,
        .first_tcp_sn = mode & 0x20 ? UINT32_MAX - 30 : 0,
    };
    World w = { cx6dx_oracle_new(&spec, &dice), cx6dx_tls_rx_new(), 0,
                false, false };

    if (tape_u8(&tape) % 4 == 0) {
        w.corrupt = true;
        cx6dx_oracle_corrupt(w.o, tape_below(&tape, w.o->nrecords),
                             tape_u16(&tape));
    }
    start(&w, 0);
    while (tape.left) {
        next_event(&tape, &w);
    }
    cx6dx_tls_rx_free(w.ctx);
    cx6dx_oracle_free(w.o);
    return 0;
}

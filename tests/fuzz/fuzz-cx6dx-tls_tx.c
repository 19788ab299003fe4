/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz entry for tls_tx: any cut, any retransmission, snapshots anywhere, packets
 * out of order and bytes that are no records, against the oracle
 */
#include "tape.h"
#include "pure/tls_tx.h"
#include "cx6dx-oracle.h"

typedef struct World {
    Cx6dxOracle *o;
    Cx6dxTlsTx *ctx;
    size_t at;              /* of the next byte in the stream */
} World;

static void start_at(World *w, unsigned record)
{
    Cx6dxTlsStatic params = cx6dx_oracle_static(w->o);

    params.initial_record_number += record;
    FUZZ_CHECK(cx6dx_tls_tx_set_static(w->ctx, &params));
    cx6dx_tls_tx_set_progress(w->ctx);
    w->at = w->o->records[record].start;
}

static void pass(World *w, size_t n, bool dump)
{
    uint8_t *buf;

    n = MIN(n, w->o->len - w->at);
    if (!n) {
        start_at(w, 0);
        return;
    }
    buf = g_memdup2(w->o->laid_out + w->at, n);
    if (dump) {
        FUZZ_CHECK(cx6dx_tls_tx_dump(w->ctx, buf, n) == CX6DX_TLS_TX_ENCRYPTED);
    } else {
        FUZZ_CHECK(cx6dx_tls_tx_send(w->ctx, w->o->first_tcp_sn + w->at, buf,
                                     n) == CX6DX_TLS_TX_ENCRYPTED);
        FUZZ_CHECK(!memcmp(buf, w->o->wire + w->at, n));
    }
    g_free(buf);
    w->at += n;
}

/* A packet that must not be sent, whatever it is */
static void misplaced(Tape *tape, World *w)
{
    uint32_t delta = 1 + tape_u8(tape);
    uint8_t buf[20] = { 0 };
    Cx6dxTlsTxInfo info;

    cx6dx_tls_tx_info(w->ctx, &info);
    if (info.synced) {
        FUZZ_CHECK(cx6dx_tls_tx_send(w->ctx, info.expected_tcp_sn + delta, buf,
                                     sizeof(buf)) == CX6DX_TLS_TX_OUT_OF_ORDER);
    }
}

static void noise(Tape *tape, World *w)
{
    size_t n = 1 + tape_below(tape, 60);
    const uint8_t *bytes = tape_bytes(tape, n, &n);
    uint8_t buf[60];

    memcpy(buf, bytes, n);
    start_at(w, 0);
    cx6dx_tls_tx_send(w->ctx, tape_u32(tape), buf, n);
    start_at(w, 0);
}

/* One bit of a snapshot is wrong: anything but a crash will do */
static void damaged_snapshot(Tape *tape, const Cx6dxTlsTxSaved *good)
{
    g_autofree Cx6dxTlsTxSaved *bad = g_memdup2(good, sizeof(*good));
    Cx6dxTlsTx *ctx = cx6dx_tls_tx_new();
    uint8_t bit = 1 << tape_below(tape, 8);
    uint8_t buf[300] = { 0 };

    switch (tape_u8(tape) % 4) {
    case 0:
        bad->wire[tape_below(tape, 40)] ^= bit;
        break;
    case 1:
        bad->wire_bytes ^= bit << tape_below(tape, 16);
        break;
    case 2:
        bad->live.key_bytes ^= bit;
        break;
    default:
        bad->live.tls_version ^= bit;
        break;
    }
    if (cx6dx_tls_tx_restore(ctx, bad)) {
        cx6dx_tls_tx_dump(ctx, buf, sizeof(buf));
    }
    cx6dx_tls_tx_free(ctx);
}

static void snapshot(Tape *tape, World *w)
{
    g_autofree Cx6dxTlsTxSaved *saved = g_new(Cx6dxTlsTxSaved, 1);

    cx6dx_tls_tx_save(w->ctx, saved);
    if (tape_u8(tape) & 1) {
        damaged_snapshot(tape, saved);
    }
    cx6dx_tls_tx_free(w->ctx);
    w->ctx = cx6dx_tls_tx_new();
    FUZZ_CHECK(cx6dx_tls_tx_restore(w->ctx, saved));
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
    World w = { cx6dx_oracle_new(&spec, &dice), cx6dx_tls_tx_new(), 0 };

    start_at(&w, 0);
    while (tape.left) {
        switch (tape_u8(&tape) % 8) {
        case 0:
            start_at(&w, tape_below(&tape, w.o->nrecords));
            break;
        case 1:
            pass(&w, 1 + tape_below(&tape, 100), true);
            break;
        case 2:
            snapshot(&tape, &w);
            break;
        case 3:
            misplaced(&tape, &w);
            break;
        case 4:
            noise(&tape, &w);
            break;
        default:
            pass(&w, 1 + tape_below(&tape, 250), false);
            break;
        }
    }
    cx6dx_tls_tx_free(w.ctx);
    cx6dx_oracle_free(w.o);
    return 0;
}

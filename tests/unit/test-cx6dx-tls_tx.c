/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transmit contexts against the oracle: how a stream is cut into packets and
 * DUMP work requests never changes a byte of it
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/tls_tx.h"
#include "cx6dx-broken-gcrypt.h"
#include "cx6dx-oracle.h"

#define SEED 0x7c31

static const struct {
    uint8_t tls_version, key_bytes;
} suites[] = {
    { CX6DX_TLS_VERSION_1_2, 16 },
    { CX6DX_TLS_VERSION_1_2, 32 },
    { CX6DX_TLS_VERSION_1_3, 16 },
    { CX6DX_TLS_VERSION_1_3, 32 },
};

static Cx6dxOracle *make_stream(Cx6dxDice *dice, int suite, unsigned nrecords,
                                uint32_t max_payload)
{
    Cx6dxOracleSpec spec = {
        .tls_version = suites[suite].tls_version,
        .key_bytes = suites[suite].key_bytes,
        .nrecords = nrecords,
        .max_payload = max_payload,
        .first_rec_sn = cx6dx_dice_below(dice, 2) ? 0 : UINT64_MAX - 2,
        .first_tcp_sn = cx6dx_dice_below(dice, 2) ? 1000 : UINT32_MAX - 50,
    };

    return cx6dx_oracle_new(&spec, dice);
}

static Cx6dxTlsTx *make_context(const Cx6dxOracle *o)
{
    Cx6dxTlsStatic params = cx6dx_oracle_static(o);
    Cx6dxTlsTx *ctx = cx6dx_tls_tx_new();

    g_assert_true(cx6dx_tls_tx_set_static(ctx, &params));
    cx6dx_tls_tx_set_progress(ctx);
    return ctx;
}

/* Sends [from, to) of the stream as one packet and checks what goes out */
static void send_part(Cx6dxTlsTx *ctx, const Cx6dxOracle *o, size_t from,
                      size_t to)
{
    uint8_t *buf = g_memdup2(o->laid_out + from, to - from);

    g_assert_cmpint(cx6dx_tls_tx_send(ctx, o->first_tcp_sn + from, buf,
                                      to - from), ==, CX6DX_TLS_TX_ENCRYPTED);
    g_assert_cmpmem(buf, to - from, o->wire + from, to - from);
    g_free(buf);
}

static void dump_part(Cx6dxTlsTx *ctx, const Cx6dxOracle *o, size_t from,
                      size_t to)
{
    uint8_t *buf = g_memdup2(o->laid_out + from, to - from);

    g_assert_cmpint(cx6dx_tls_tx_dump(ctx, buf, to - from), ==,
                    CX6DX_TLS_TX_ENCRYPTED);
    g_free(buf);
}

static void test_every_cut(void)
{
    Cx6dxDice dice = { SEED };

    for (int i = 0; i < 4; i++) {
        Cx6dxOracle *o = make_stream(&dice, i, 4, 70);

        for (size_t a = 1; a < o->len; a++) {
            Cx6dxTlsTx *ctx = make_context(o);
            size_t b = a + 1 + cx6dx_dice_below(&dice, 20);

            send_part(ctx, o, 0, a);
            if (b < o->len) {
                send_part(ctx, o, a, b);
                send_part(ctx, o, b, o->len);
            } else {
                send_part(ctx, o, a, o->len);
            }
            cx6dx_tls_tx_free(ctx);
        }
        cx6dx_oracle_free(o);
    }
}

static void test_byte_by_byte(void)
{
    Cx6dxDice dice = { SEED + 1 };

    for (int i = 0; i < 4; i++) {
        Cx6dxOracle *o = make_stream(&dice, i, 8, 100);
        Cx6dxTlsTx *ctx = make_context(o);

        for (size_t at = 0; at < o->len; at++) {
            send_part(ctx, o, at, at + 1);
        }
        cx6dx_tls_tx_free(ctx);
        cx6dx_oracle_free(o);
    }
}

static void test_large_records(void)
{
    Cx6dxDice dice = { SEED + 2 };

    for (int i = 0; i < 4; i++) {
        Cx6dxOracleSpec spec = {
            .tls_version = suites[i].tls_version,
            .key_bytes = suites[i].key_bytes,
            .nrecords = 3,
            .min_payload = 16384,
            .max_payload = 16384,
        };
        Cx6dxOracle *o = cx6dx_oracle_new(&spec, &dice);

        for (size_t mss = 1448; mss <= 65536; mss *= 3) {
            Cx6dxTlsTx *ctx = make_context(o);

            for (size_t at = 0; at < o->len; at += mss) {
                send_part(ctx, o, at, MIN(at + mss, o->len));
            }
            cx6dx_tls_tx_free(ctx);
        }
        cx6dx_oracle_free(o);
    }
}

/*
 * What a driver does: packets in order; now and then a retransmission, for which
 * it restarts the context at a record's beginning and dumps up to the packet.
 */
static void random_session(Cx6dxDice *dice, const Cx6dxOracle *o)
{
    Cx6dxTlsTx *ctx = make_context(o);
    size_t at = 0;

    while (at < o->len) {
        size_t n = cx6dx_dice_size(dice, 1, MIN(o->len - at, 600));

        if (cx6dx_dice_below(dice, 8) == 0) {
            size_t back = cx6dx_dice_below(dice, at + 1);
            unsigned rec = cx6dx_oracle_record_at(o, back);
            size_t start = o->records[rec].start;
            Cx6dxTlsStatic params = cx6dx_oracle_static(o);

            params.initial_record_number += rec;
            if (rec || cx6dx_dice_below(dice, 2)) {
                g_assert_true(cx6dx_tls_tx_set_static(ctx, &params));
            } else {
                params.initial_record_number = o->first_rec_sn;
                g_assert_true(cx6dx_tls_tx_set_static(ctx, &params));
                cx6dx_tls_tx_set_progress(ctx);
            }
            cx6dx_tls_tx_set_progress(ctx);
            while (start < back) {
                size_t d = cx6dx_dice_size(dice, 1, back - start);

                dump_part(ctx, o, start, start + d);
                start += d;
            }
            at = back;
            n = MIN(n, o->len - at);
        }
        send_part(ctx, o, at, at + n);
        at += n;
    }
    cx6dx_tls_tx_free(ctx);
}

static void test_any_retransmission(void)
{
    Cx6dxDice dice = { SEED + 3 };

    for (int i = 0; i < 24; i++) {
        Cx6dxOracle *o = make_stream(&dice, i % 4, 10, 300);

        for (int k = 0; k < 40; k++) {
            random_session(&dice, o);
        }
        cx6dx_oracle_free(o);
    }
}

static void test_dump_then_gap(void)
{
    Cx6dxDice dice = { SEED + 4 };
    Cx6dxOracle *o = make_stream(&dice, 0, 2, 300);
    Cx6dxTlsTx *ctx = make_context(o);
    Cx6dxTlsTxInfo info;

    cx6dx_tls_tx_info(ctx, &info);
    g_assert_false(info.synced);
    dump_part(ctx, o, 0, 20);
    send_part(ctx, o, 20, 30);
    /* the stream moves on by what is dumped after a packet, too */
    dump_part(ctx, o, 30, 35);
    cx6dx_tls_tx_info(ctx, &info);
    g_assert_true(info.synced);
    g_assert_cmphex(info.expected_tcp_sn, ==, o->first_tcp_sn + 35);
    g_assert_cmpuint(info.record_offset, ==, 35);
    g_assert_cmphex(info.rec_sn, ==, o->first_rec_sn);
    send_part(ctx, o, 35, o->len);
    cx6dx_tls_tx_free(ctx);
    cx6dx_oracle_free(o);
}

static void test_out_of_order(void)
{
    Cx6dxDice dice = { SEED + 5 };
    Cx6dxOracle *o = make_stream(&dice, 1, 3, 300);
    Cx6dxTlsTx *ctx = make_context(o);
    uint8_t buf[10] = { 0 };

    send_part(ctx, o, 0, 40);
    g_assert_cmpint(cx6dx_tls_tx_send(ctx, o->first_tcp_sn + 50, buf, 10), ==,
                    CX6DX_TLS_TX_OUT_OF_ORDER);
    g_assert_cmpint(cx6dx_tls_tx_send(ctx, o->first_tcp_sn + 30, buf, 10), ==,
                    CX6DX_TLS_TX_OUT_OF_ORDER);
    /* and the context did not move */
    send_part(ctx, o, 40, o->len);
    cx6dx_tls_tx_free(ctx);
    cx6dx_oracle_free(o);
}

static void test_no_params(void)
{
    Cx6dxDice dice = { SEED + 6 };
    Cx6dxOracle *o = make_stream(&dice, 0, 1, 30);
    Cx6dxTlsStatic params = cx6dx_oracle_static(o);
    Cx6dxTlsTx *ctx = cx6dx_tls_tx_new();
    Cx6dxTlsTxInfo info;
    uint8_t b = 0x17;

    g_assert_cmpint(cx6dx_tls_tx_send(ctx, 0, &b, 1), ==,
                    CX6DX_TLS_TX_NO_PARAMS);
    cx6dx_tls_tx_set_progress(ctx);
    g_assert_cmpint(cx6dx_tls_tx_dump(ctx, &b, 1), ==, CX6DX_TLS_TX_NO_PARAMS);
    g_assert_true(cx6dx_tls_tx_set_static(ctx, &params));
    g_assert_cmpint(cx6dx_tls_tx_send(ctx, 0, &b, 1), ==,
                    CX6DX_TLS_TX_NO_PARAMS);
    cx6dx_tls_tx_set_progress(ctx);
    g_assert_cmpint(cx6dx_tls_tx_send(ctx, 0, &b, 1), ==,
                    CX6DX_TLS_TX_ENCRYPTED);
    /* params that fit no suite leave nothing behind */
    params.key_bytes = 24;
    g_assert_false(cx6dx_tls_tx_set_static(ctx, &params));
    g_assert_cmpint(cx6dx_tls_tx_send(ctx, 1, &b, 1), ==,
                    CX6DX_TLS_TX_NO_PARAMS);
    cx6dx_tls_tx_info(ctx, &info);
    g_assert_false(info.synced);
    cx6dx_tls_tx_free(ctx);
    cx6dx_tls_tx_free(NULL);
    cx6dx_oracle_free(o);
}

static void test_bad_header(void)
{
    static const uint8_t bad[][5] = {
        { 0x13, 3, 3, 0, 40 }, { 0x19, 3, 3, 0, 40 }, { 0x17, 3, 1, 0, 40 },
        { 0x17, 2, 3, 0, 40 }, { 0x17, 3, 3, 0, 23 }, { 0x17, 3, 3, 0x40, 25 },
    };
    Cx6dxDice dice = { SEED + 7 };
    Cx6dxOracle *o = make_stream(&dice, 0, 2, 300);

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        Cx6dxTlsTx *ctx = make_context(o);
        size_t second = o->records[1].start;
        uint8_t buf[5];

        memcpy(buf, bad[i], 5);
        send_part(ctx, o, 0, second);
        g_assert_cmpint(cx6dx_tls_tx_send(ctx, o->first_tcp_sn + second, buf,
                                          5), ==, CX6DX_TLS_TX_BAD_HEADER);
        g_assert_cmpint(cx6dx_tls_tx_send(ctx, o->first_tcp_sn + second, buf,
                                          5), ==, CX6DX_TLS_TX_BROKEN);
        g_assert_cmpint(cx6dx_tls_tx_dump(ctx, buf, 5), ==,
                        CX6DX_TLS_TX_BROKEN);
        cx6dx_tls_tx_set_progress(ctx);
        send_part(ctx, o, 0, o->len);
        cx6dx_tls_tx_free(ctx);
    }
    cx6dx_oracle_free(o);
}

/* A TIS goes from one connection to the next without being destroyed */
static void test_reuse(void)
{
    Cx6dxDice dice = { SEED + 8 };
    Cx6dxTlsTx *ctx = cx6dx_tls_tx_new();

    for (int i = 0; i < 8; i++) {
        Cx6dxOracle *o = make_stream(&dice, (i * 3) % 4, 3, 100);
        Cx6dxTlsStatic params = cx6dx_oracle_static(o);

        g_assert_true(cx6dx_tls_tx_set_static(ctx, &params));
        cx6dx_tls_tx_set_progress(ctx);
        send_part(ctx, o, 0, o->len - 1 - i);
        cx6dx_oracle_free(o);
    }
    cx6dx_tls_tx_free(ctx);
}

/* New static params alone do not touch the record in progress */
static void test_static_waits(void)
{
    Cx6dxDice dice = { SEED + 9 };
    Cx6dxOracle *o = make_stream(&dice, 0, 2, 100);
    Cx6dxOracle *p = make_stream(&dice, 3, 2, 100);
    Cx6dxTlsStatic params = cx6dx_oracle_static(p);
    Cx6dxTlsTx *ctx = make_context(o);

    send_part(ctx, o, 0, 15);
    g_assert_true(cx6dx_tls_tx_set_static(ctx, &params));
    send_part(ctx, o, 15, o->len);
    cx6dx_tls_tx_set_progress(ctx);
    send_part(ctx, p, 0, p->len);
    cx6dx_tls_tx_free(ctx);
    cx6dx_oracle_free(o);
    cx6dx_oracle_free(p);
}

static void test_save_every_byte(void)
{
    Cx6dxDice dice = { SEED + 10 };
    Cx6dxTlsTxSaved *saved = g_new(Cx6dxTlsTxSaved, 1);

    for (int i = 0; i < 4; i++) {
        Cx6dxOracle *o = make_stream(&dice, i, 3, 70);

        for (size_t at = 0; at < o->len; at++) {
            Cx6dxTlsTx *ctx = make_context(o), *copy = cx6dx_tls_tx_new();

            if (at) {
                send_part(ctx, o, 0, at);
            }
            cx6dx_tls_tx_save(ctx, saved);
            cx6dx_tls_tx_free(ctx);
            g_assert_true(cx6dx_tls_tx_restore(copy, saved));
            if (at) {
                uint8_t b = 0;

                g_assert_cmpint(cx6dx_tls_tx_send(copy, o->first_tcp_sn + at + 1,
                                                  &b, 1), ==,
                                CX6DX_TLS_TX_OUT_OF_ORDER);
            }
            send_part(copy, o, at, o->len);
            cx6dx_tls_tx_set_progress(copy);
            send_part(copy, o, 0, o->len);
            cx6dx_tls_tx_free(copy);
        }
        cx6dx_oracle_free(o);
    }
    cx6dx_aead_wipe(saved, sizeof(*saved));
    g_free(saved);
}

/* What traces and queries show is the same */
static void same_info(const Cx6dxTlsTx *a, const Cx6dxTlsTx *b)
{
    Cx6dxTlsTxInfo x, y;

    cx6dx_tls_tx_info(a, &x);
    cx6dx_tls_tx_info(b, &y);
    g_assert_cmpuint(x.rec_sn, ==, y.rec_sn);
    g_assert_cmpuint(x.record_offset, ==, y.record_offset);
    g_assert_cmpuint(x.record_bytes, ==, y.record_bytes);
    g_assert_cmpuint(x.running, ==, y.running);
    g_assert_cmpuint(x.synced, ==, y.synced);
}

static void test_save_other_states(void)
{
    Cx6dxDice dice = { SEED + 11 };
    Cx6dxOracle *o = make_stream(&dice, 0, 2, 300);
    Cx6dxTlsStatic params = cx6dx_oracle_static(o);
    Cx6dxTlsTxSaved *saved = g_new(Cx6dxTlsTxSaved, 1);
    Cx6dxTlsTx *ctx = cx6dx_tls_tx_new(), *copy = cx6dx_tls_tx_new();
    uint8_t junk[5] = { 0 };

    cx6dx_tls_tx_save(ctx, saved);
    g_assert_true(cx6dx_tls_tx_restore(copy, saved));
    g_assert_cmpint(cx6dx_tls_tx_dump(copy, junk, 1), ==,
                    CX6DX_TLS_TX_NO_PARAMS);
    g_assert_true(cx6dx_tls_tx_set_static(ctx, &params));
    cx6dx_tls_tx_save(ctx, saved);
    g_assert_true(cx6dx_tls_tx_restore(copy, saved));
    cx6dx_tls_tx_set_progress(copy);
    send_part(copy, o, 0, o->len);
    cx6dx_tls_tx_set_progress(ctx);
    g_assert_cmpint(cx6dx_tls_tx_dump(ctx, junk, 5), ==,
                    CX6DX_TLS_TX_BAD_HEADER);
    cx6dx_tls_tx_save(ctx, saved);
    g_assert_true(cx6dx_tls_tx_restore(copy, saved));
    g_assert_cmpint(cx6dx_tls_tx_dump(copy, junk, 5), ==, CX6DX_TLS_TX_BROKEN);
    same_info(ctx, copy);
    cx6dx_tls_tx_set_progress(ctx);
    send_part(ctx, o, 0, 30);
    cx6dx_tls_tx_lose(ctx);
    cx6dx_tls_tx_save(ctx, saved);
    g_assert_true(cx6dx_tls_tx_restore(copy, saved));
    g_assert_cmpint(cx6dx_tls_tx_dump(copy, junk, 5), ==, CX6DX_TLS_TX_LOST);
    same_info(ctx, copy);
    /* and begins anew with what it has kept */
    cx6dx_tls_tx_set_progress(copy);
    send_part(copy, o, 0, o->len);
    cx6dx_tls_tx_free(ctx);
    cx6dx_tls_tx_free(copy);
    cx6dx_oracle_free(o);
    g_free(saved);
}

static void refuse(const Cx6dxTlsTxSaved *saved)
{
    Cx6dxTlsTx *ctx = cx6dx_tls_tx_new();
    uint8_t b = 0;

    g_assert_false(cx6dx_tls_tx_restore(ctx, saved));
    g_assert_cmpint(cx6dx_tls_tx_dump(ctx, &b, 1), ==, CX6DX_TLS_TX_NO_PARAMS);
    cx6dx_tls_tx_free(ctx);
}

static void test_restore_hostile(void)
{
    Cx6dxDice dice = { SEED + 12 };
    Cx6dxOracle *o = make_stream(&dice, 0, 2, 300);
    Cx6dxTlsTxSaved *good = g_new(Cx6dxTlsTxSaved, 1);
    Cx6dxTlsTxSaved *bad = g_new(Cx6dxTlsTxSaved, 1);
    Cx6dxTlsTx *ctx = make_context(o);

    send_part(ctx, o, 0, 20);
    cx6dx_tls_tx_save(ctx, good);
    *bad = *good;
    bad->live.key_bytes = 17;
    refuse(bad);
    *bad = *good;
    bad->live.key_bytes = 0;
    refuse(bad);
    *bad = *good;
    bad->stored.tls_version = 9;
    bad->stored.key_bytes = 16;
    refuse(bad);
    *bad = *good;
    bad->wire_bytes = sizeof(bad->wire) + 1;
    refuse(bad);
    *bad = *good;
    bad->wire[0] = 0;
    refuse(bad);
    *bad = *good;
    bad->wire_bytes = o->records[0].bytes;
    refuse(bad);
    *bad = *good;
    bad->lost = true;               /* and yet running */
    refuse(bad);
    *bad = *good;
    bad->broken = true;             /* and yet in the middle of a record */
    refuse(bad);
    cx6dx_tls_tx_free(ctx);
    cx6dx_oracle_free(o);
    g_free(good);
    g_free(bad);
}

/* What cannot be encrypted is never said to be */
static void test_provider_refuses(void)
{
    static const unsigned calls[] = {
        CX6DX_GCRYPT_SETIV, CX6DX_GCRYPT_CRYPT, CX6DX_GCRYPT_GETTAG
    };
    Cx6dxDice dice = { SEED + 13 };
    Cx6dxOracle *o = make_stream(&dice, 0, 3, 300);
    Cx6dxTlsStatic params = cx6dx_oracle_static(o);
    Cx6dxTlsTxSaved *saved = g_new(Cx6dxTlsTxSaved, 1);
    Cx6dxTlsTx *ctx, *copy = cx6dx_tls_tx_new();

    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        g_autofree uint8_t *buf = g_memdup2(o->laid_out, o->len);

        ctx = make_context(o);
        cx6dx_gcrypt_refuse(calls[i]);
        g_assert_cmpint(cx6dx_tls_tx_send(ctx, 5, buf, o->len), ==,
                        CX6DX_TLS_TX_CIPHER_FAILED);
        cx6dx_gcrypt_refuse(0);
        g_assert_cmpint(cx6dx_tls_tx_send(ctx, 5, buf, 1), ==,
                        CX6DX_TLS_TX_BROKEN);
        cx6dx_tls_tx_set_progress(ctx);
        send_part(ctx, o, 0, o->len);
        cx6dx_tls_tx_free(ctx);
    }
    for (size_t tag = 1; tag <= 2; tag++) {
        ctx = make_context(o);
        send_part(ctx, o, 0, o->records[0].bytes - 8 * tag - 4);
        cx6dx_tls_tx_save(ctx, saved);
        cx6dx_tls_tx_free(ctx);
        cx6dx_gcrypt_refuse(tag == 1 ? CX6DX_GCRYPT_GETTAG : CX6DX_GCRYPT_SETIV);
        g_assert_false(cx6dx_tls_tx_restore(copy, saved));
        cx6dx_gcrypt_refuse(0);
        g_assert_true(cx6dx_tls_tx_restore(copy, saved));
    }
    cx6dx_gcrypt_refuse(CX6DX_GCRYPT_OPEN);
    g_assert_false(cx6dx_tls_tx_set_static(copy, &params));
    cx6dx_gcrypt_refuse(0);
    cx6dx_tls_tx_free(copy);
    cx6dx_oracle_free(o);
    g_free(saved);
}

static void test_names(void)
{
    for (int i = 0; i < CX6DX_TLS_TX_VERDICTS; i++) {
        for (int k = 0; k < i; k++) {
            g_assert_cmpstr(cx6dx_tls_tx_verdict_str(i), !=,
                            cx6dx_tls_tx_verdict_str(k));
        }
    }
    g_assert_cmpstr(cx6dx_tls_tx_verdict_str(CX6DX_TLS_TX_VERDICTS), ==, "?");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/tls_tx/cut/every-place-gives-the-same-bytes",
                    test_every_cut);
    g_test_add_func("/cx6dx/tls_tx/cut/single-bytes-give-the-same-bytes",
                    test_byte_by_byte);
    g_test_add_func("/cx6dx/tls_tx/cut/full-records-at-packet-sizes",
                    test_large_records);
    g_test_add_func("/cx6dx/tls_tx/resync/any-retransmission-is-identical",
                    test_any_retransmission);
    g_test_add_func("/cx6dx/tls_tx/resync/dump-moves-the-stream-on",
                    test_dump_then_gap);
    g_test_add_func("/cx6dx/tls_tx/order/wrong-sequence-number-changes-nothing",
                    test_out_of_order);
    g_test_add_func("/cx6dx/tls_tx/params/nothing-is-sent-without-them",
                    test_no_params);
    g_test_add_func("/cx6dx/tls_tx/params/static-alone-waits-for-progress",
                    test_static_waits);
    g_test_add_func("/cx6dx/tls_tx/params/nothing-of-the-last-connection-stays",
                    test_reuse);
    g_test_add_func("/cx6dx/tls_tx/header/bad-one-breaks-until-progress",
                    test_bad_header);
    g_test_add_func("/cx6dx/tls_tx/save/goes-on-at-every-byte",
                    test_save_every_byte);
    g_test_add_func("/cx6dx/tls_tx/save/other-states-come-back",
                    test_save_other_states);
    g_test_add_func("/cx6dx/tls_tx/save/hostile-contents-are-refused",
                    test_restore_hostile);
    g_test_add_func("/cx6dx/tls_tx/provider/refusal-breaks-until-progress",
                    test_provider_refuses);
    g_test_add_func("/cx6dx/tls_tx/verdicts-have-names", test_names);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One receiving connection; see cx6dx-rx-link.h
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "cx6dx-rx-link.h"

static const struct {
    uint8_t tls_version, key_bytes;
} suites[] = {
    { CX6DX_TLS_VERSION_1_2, 16 },
    { CX6DX_TLS_VERSION_1_2, 32 },
    { CX6DX_TLS_VERSION_1_3, 16 },
    { CX6DX_TLS_VERSION_1_3, 32 },
};

Cx6dxOracle *rx_make_stream(Cx6dxDice *dice, int suite, unsigned nrecords,
                            uint32_t min_payload, uint32_t max_payload)
{
    Cx6dxOracleSpec spec = {
        .tls_version = suites[suite].tls_version,
        .key_bytes = suites[suite].key_bytes,
        .nrecords = nrecords,
        .min_payload = min_payload,
        .max_payload = max_payload,
        .first_rec_sn = cx6dx_dice_below(dice, 2) ? 0 : 0xfffffffd,
        .first_tcp_sn = cx6dx_dice_below(dice, 2) ? 77 : UINT32_MAX - 900,
    };

    return cx6dx_oracle_new(&spec, dice);
}

Cx6dxTlsRx *rx_make_context(const Cx6dxOracle *o)
{
    Cx6dxTlsStatic params = cx6dx_oracle_static(o);
    Cx6dxTlsProgress progress = { .next_record_tcp_sn = o->first_tcp_sn };
    Cx6dxTlsRx *ctx = cx6dx_tls_rx_new();

    g_assert_true(cx6dx_tls_rx_set_static(ctx, &params));
    cx6dx_tls_rx_set_progress(ctx, &progress);
    return ctx;
}

RxLink rx_open(uint64_t seed, int suite, unsigned nrecords,
               uint32_t min_payload, uint32_t max_payload)
{
    Cx6dxDice dice = { seed };
    RxLink link;

    link.o = rx_make_stream(&dice, suite, nrecords, min_payload, max_payload);
    link.ctx = rx_make_context(link.o);
    return link;
}

void rx_close(RxLink *link)
{
    cx6dx_tls_rx_free(link->ctx);
    cx6dx_oracle_free(link->o);
}

/*
 * Delivers [from, to) of the stream as one packet.  Whatever the verdict, the
 * packet as received stays as it is; when it is DECRYPTED, the result must be
 * the oracle's.
 */
Cx6dxTlsRxVerdict rx_deliver(Cx6dxTlsRx *ctx, const Cx6dxOracle *o,
                             size_t from, size_t to)
{
    size_t len = to - from;
    uint8_t *in = g_memdup2(o->wire + from, len);
    uint8_t *out = g_malloc0(len);
    Cx6dxTlsRxVerdict verdict;

    verdict = cx6dx_tls_rx_packet(ctx, o->first_tcp_sn + from, in, out, len);
    g_assert_cmpmem(in, len, o->wire + from, len);
    if (verdict == CX6DX_TLS_RX_DECRYPTED) {
        g_assert_cmpmem(out, len, o->delivered + from, len);
    }
    g_free(in);
    g_free(out);
    return verdict;
}

Cx6dxTlsProgress rx_psv(const RxLink *link)
{
    Cx6dxTlsProgress p;

    cx6dx_tls_rx_get_progress(link->ctx, &p);
    return p;
}

void rx_expect_psv(const RxLink *link, unsigned tracker, unsigned auth)
{
    Cx6dxTlsProgress p = rx_psv(link);

    g_assert_cmpuint(p.record_tracker_state, ==, tracker);
    g_assert_cmpuint(p.auth_state, ==, auth);
}

void rx_expect_searching(const RxLink *link)
{
    rx_expect_psv(link, CX6DX_PSV_TRACKER_SEARCHING, CX6DX_PSV_AUTH_NO_OFFLOAD);
}

void rx_expect_asking(const RxLink *link, size_t candidate)
{
    rx_expect_psv(link, CX6DX_PSV_TRACKER_TRACKING, CX6DX_PSV_AUTH_NO_OFFLOAD);
    g_assert_cmphex(rx_psv(link).hw_resync_tcp_sn, ==,
                    (uint32_t)(link->o->first_tcp_sn + candidate));
}

void rx_expect_offloading(const RxLink *link)
{
    rx_expect_psv(link, CX6DX_PSV_TRACKER_TRACKING, CX6DX_PSV_AUTH_OFFLOAD);
}

/* Software says: record `n` begins at `offset` */
void rx_answer(Cx6dxTlsRx *ctx, const Cx6dxOracle *o, size_t offset,
               unsigned n)
{
    Cx6dxTlsStatic params = cx6dx_oracle_static(o);

    params.initial_record_number += n;
    params.resync_tcp_sn = o->first_tcp_sn + offset;
    g_assert_true(cx6dx_tls_rx_set_static(ctx, &params));
}

/* A link whose record 1 lost its header, and which was asked about record 2 */
RxLink rx_open_asking(uint64_t seed, int suite)
{
    RxLink link = rx_open(seed, suite, 8, 300, 300);
    const Cx6dxOracleRecord *r = link.o->records;

    RX_EXPECT(&link, 0, 100, DECRYPTED);
    RX_EXPECT(&link, r[1].start + 2, r[1].start + 200, PASSED);
    rx_expect_searching(&link);
    RX_EXPECT(&link, r[1].start + 200, r[2].start + 40, RESYNC);
    rx_expect_asking(&link, r[2].start);
    return link;
}

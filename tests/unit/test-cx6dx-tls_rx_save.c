/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive contexts that are written down and restored, wherever they stand
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/tls_rx.h"
#include "cx6dx-rx-link.h"

#define SEED 0x51a9

static void move_context(RxLink *link)
{
    Cx6dxTlsRxSaved *saved = g_new(Cx6dxTlsRxSaved, 1);
    Cx6dxTlsProgress before = rx_psv(link), after;
    Cx6dxTlsRxInfo a, b;

    cx6dx_tls_rx_info(link->ctx, &a);
    cx6dx_tls_rx_save(link->ctx, saved);
    cx6dx_tls_rx_free(link->ctx);
    link->ctx = cx6dx_tls_rx_new();
    g_assert_true(cx6dx_tls_rx_restore(link->ctx, saved));
    after = rx_psv(link);
    cx6dx_tls_rx_info(link->ctx, &b);
    g_assert_cmphex(before.next_record_tcp_sn, ==, after.next_record_tcp_sn);
    g_assert_cmphex(before.hw_resync_tcp_sn, ==, after.hw_resync_tcp_sn);
    g_assert_cmpuint(before.record_tracker_state, ==,
                     after.record_tracker_state);
    g_assert_cmpuint(before.auth_state, ==, after.auth_state);
    g_assert_cmpuint(before.hw_offset_record_number, ==,
                     after.hw_offset_record_number);
    g_assert_cmphex(a.rec_sn, ==, b.rec_sn);
    g_assert_cmpuint(a.record_offset, ==, b.record_offset);
    g_assert_cmpuint(a.records_decrypted, ==, b.records_decrypted);
    g_assert_cmpuint(a.records_lost, ==, b.records_lost);
    cx6dx_aead_wipe(saved, sizeof(*saved));
    g_free(saved);
}

static void test_save_every_byte(void)
{
    for (int i = 0; i < 4; i++) {
        RxLink link = rx_open(SEED + 90 + i, i, 4, 0, 60);

        for (size_t at = 0; at < link.o->len; at++) {
            move_context(&link);
            RX_EXPECT(&link, at, at + 1, DECRYPTED);
        }
        rx_close(&link);
    }
}

static void test_save_asking(void)
{
    for (size_t cut = 0; cut < 6; cut++) {
        RxLink link = rx_open_asking(SEED + 94, cut % 4);
        const Cx6dxOracleRecord *r = link.o->records;

        move_context(&link);
        RX_EXPECT(&link, r[2].start + 40, r[3].start + cut, PASSED);
        move_context(&link);
        rx_answer(link.ctx, link.o, r[2].start, 2);
        move_context(&link);
        if (cut < 5) {
            RX_EXPECT(&link, r[3].start + cut, r[3].start + 30, DECRYPTED);
        } else {
            RX_EXPECT(&link, r[3].start + cut, r[3].start + 30, PASSED);
        }
        move_context(&link);
        RX_EXPECT(&link, r[4].start, link.o->len, DECRYPTED);
        rx_close(&link);
    }
}

static void test_save_unused(void)
{
    RxLink link = { cx6dx_oracle_new(&(Cx6dxOracleSpec) {
        .tls_version = CX6DX_TLS_VERSION_1_2, .key_bytes = 16, .nrecords = 1,
        .max_payload = 50 }, &(Cx6dxDice) { 1 }), cx6dx_tls_rx_new() };
    Cx6dxTlsStatic params = cx6dx_oracle_static(link.o);
    Cx6dxTlsProgress progress = { 0 };

    move_context(&link);
    g_assert_true(cx6dx_tls_rx_set_static(link.ctx, &params));
    move_context(&link);
    cx6dx_tls_rx_set_progress(link.ctx, &progress);
    move_context(&link);
    RX_EXPECT(&link, 0, link.o->len, DECRYPTED);
    rx_close(&link);
}

static void refuse(const Cx6dxTlsRxSaved *saved)
{
    Cx6dxTlsRx *ctx = cx6dx_tls_rx_new();
    Cx6dxTlsRxInfo info;

    g_assert_false(cx6dx_tls_rx_restore(ctx, saved));
    cx6dx_tls_rx_info(ctx, &info);
    g_assert_false(info.offloading);
    g_assert_cmpuint(info.records_decrypted, ==, 0);
    cx6dx_tls_rx_free(ctx);
}

static void test_restore_hostile(void)
{
    RxLink link = rx_open(SEED + 95, 0, 3, 100, 100);
    Cx6dxTlsRxSaved *good = g_new(Cx6dxTlsRxSaved, 1);
    Cx6dxTlsRxSaved *bad = g_new(Cx6dxTlsRxSaved, 1);

    RX_EXPECT(&link, 0, 60, DECRYPTED);
    cx6dx_tls_rx_save(link.ctx, good);

#define REFUSE(change) do { *bad = *good; bad->change; refuse(bad); } while (0)
    REFUSE(live.key_bytes = 1);
    REFUSE(live.key_bytes = 0);
    REFUSE(stored.key_bytes = 99);
    REFUSE(wire_bytes = sizeof(bad->wire) + 1);
    REFUSE(wire_bytes = 4);
    REFUSE(wire_bytes = 59);
    REFUSE(wire[2] = 4);
    REFUSE(wire_bytes = link.o->records[0].bytes + 1);
    REFUSE(tracker.state = CX6DX_TRACKER_STATES);
    REFUSE(tracker.state = CX6DX_TRACKER_SEARCHING);
    REFUSE(tracker.hdr_bytes = 5);
    REFUSE(tracker.hdr_bytes = 3);
    REFUSE(tracker.next_hdr_tcp_sn -= 1);
    REFUSE(tracker.next_hdr_tcp_sn = bad->tracker.expect_tcp_sn - 1);
    RX_EXPECT(&link, 60, link.o->records[1].start + 3, DECRYPTED);
    cx6dx_tls_rx_save(link.ctx, good);
    /* what a header can be follows from the suite, not from the stream */
    *bad = *good;
    memset(&bad->tracker.rule, 0, sizeof(bad->tracker.rule));
    g_assert_true(cx6dx_tls_rx_restore(link.ctx, bad));
    RX_EXPECT(&link, link.o->records[1].start + 3, link.o->len, DECRYPTED);
    REFUSE(tracker.hdr[1] = 0);
    REFUSE(tracker.expect_tcp_sn += 1);
#undef REFUSE
    g_free(good);
    g_free(bad);
    rx_close(&link);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "save/goes-on-at-every-byte", test_save_every_byte },
    { "save/goes-on-while-asking", test_save_asking },
    { "save/goes-on-without-params", test_save_unused },
    { "save/hostile-contents-are-refused", test_restore_hostile },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        g_autofree char *path = g_strconcat("/cx6dx/tls_rx/", tests[i].name,
                                            NULL);

        g_test_add_func(path, tests[i].run);
    }
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive side with TLS: what a guest finds, packet by packet, and which packets
 * the context never sees
 */
#include "qemu/osdep.h"
#include "nic/rxpath.h"
#include "nic/tir.h"
#include "pure/cqe.h"
#include "pure/wqe.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-oracle.h"
#include "cx6dx-wqe-build.h"

enum {
    BUF_BYTES = 2048,
    HDR_BYTES = 66,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
    TCP_RST = 0x04,
};

typedef struct Fixture {
    Cx6dxFake *fake;
    Cx6dxOracle *o;
    uint32_t eqn, tirn, dek;
    PathRq rq;
    PathSq sq;
} Fixture;

static FrameSpec tcp_spec(uint32_t payload_bytes)
{
    return (FrameSpec) {
        .ip_version = 4,
        .protocol = 6,
        .tcp_option_bytes = 12,
        .tcp_flags = TCP_ACK,
        .sport = 443,
        .dport = 50000,
        .saddr = { 10, 9, 0, 2 },
        .daddr = { 10, 9, 0, 1 },
        .payload_bytes = payload_bytes,
        .seed = 9,
    };
}

/* Frames go to the TIR with TLS, and from it to a queue of its own */
static void make_rx(Fixture *f)
{
    uint32_t rqtn;

    f->rq = path_rq(f->fake, f->eqn, 6, 4, BUF_BYTES);
    rqtn = cx6dx_fake_rqt(f->fake, &f->rq.q.number, 1);
    f->tirn = cx6dx_fake_tir(f->fake, 0, rqtn, true);
    cx6dx_fake_catch_all(f->fake, f->tirn);
}

static Cx6dxRxCqe next_cqe(Fixture *f)
{
    uint8_t buf[CX6DX_cqe_BYTES];
    Cx6dxRxCqe cqe;

    g_assert_true(path_poll(f->fake, &f->rq.cq, buf));
    g_assert_cmphex(CX6DX_GET(cqe, buf, opcode), ==, CX6DX_CQE_RESP_SEND);
    cx6dx_cqe_decode_rx(buf, &cqe);
    return cqe;
}

static Cx6dxRxResult receive(Fixture *f, const uint8_t *buf, size_t len)
{
    return cx6dx_nic_receive(&f->fake->nic, buf, len);
}

static void setup(Fixture *f, Cx6dxDice *dice, unsigned nrecords, bool timing)
{
    Cx6dxOracleSpec spec = {
        .tls_version = CX6DX_TLS_VERSION_1_2,
        .key_bytes = 16,
        .nrecords = nrecords,
        .min_payload = 1,
        .max_payload = 5000,
        .first_rec_sn = 5,
        .first_tcp_sn = 0xfffffff0,
    };
    uint8_t params[CX6DX_tls_static_params_BYTES];
    uint8_t progress[CX6DX_tls_progress_params_BYTES] = { 0 };
    uint8_t wqe[WQE_BUILD_MAX_BYTES];
    WqeCtrl ctrl = { 0 };
    Cx6dxTlsStatic st;

    f->fake = path_new(timing, &f->eqn);
    make_rx(f);
    f->o = cx6dx_oracle_new(&spec, dice);
    f->sq = path_sq(f->fake, f->eqn, 6, 0);
    f->dek = path_dek(f->fake, f->o->key, 16);
    st = cx6dx_oracle_static(f->o);
    cx6dx_wqe_encode_static(&st, f->dek, params);
    CX6DX_SET(tls_progress_params, progress, next_record_tcp_sn,
              f->o->first_tcp_sn);
    ctrl.tis_tir_num = f->tirn;
    path_push(f->fake, &f->sq, wqe,
              wqe_build_static(wqe, &ctrl, CX6DX_OPMOD_TIR, params));
    path_do(f->fake, &f->sq, wqe,
            wqe_build_set_psv(wqe, &ctrl, CX6DX_OPMOD_TIR, f->tirn,
                              progress));
}

static void teardown(Fixture *f)
{
    cx6dx_oracle_free(f->o);
    cx6dx_fake_free(f->fake);
}

/* A frame with the wire's bytes [from, from + len) */
static size_t stream_frame(Fixture *f, size_t from, size_t len,
                           uint8_t flags, uint8_t *buf)
{
    FrameSpec spec = tcp_spec(len);
    BuiltFrame b;

    spec.tcp_sn = f->o->first_tcp_sn + from;
    spec.tcp_flags = TCP_ACK | flags;
    spec.ip_id = from / 600;
    b = frame_build(&spec, buf);
    memcpy(buf + b.payload_off, f->o->wire + from, len);
    path_put_sums(buf, &spec, &b);
    return b.bytes;
}

static void test_tls_in_order(void)
{
    Cx6dxDice dice = { .state = 21 };

    for (unsigned round = 0; round < 40; round++) {
        size_t done = 0, n, len;
        uint8_t buf[2048];
        uint16_t i = 0;
        Fixture f;

        setup(&f, &dice, 1 + cx6dx_dice_below(&dice, 6), round & 1);
        while (done < f.o->len) {
            Cx6dxRxCqe cqe;

            n = cx6dx_dice_size(&dice, 1, 1448);
            n = MIN(n, f.o->len - done);
            len = stream_frame(&f, done, n, 0, buf);
            path_post(f.fake, &f.rq, 1);
            g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
            cx6dx_fake_advance(f.fake, 100 * 1000);
            cqe = next_cqe(&f);
            g_assert_cmpuint(cqe.tls_offload, ==, CX6DX_CQE_TLS_DECRYPTED);
            g_assert_true(cqe.l3_ok && cqe.l4_ok);
            g_assert_cmpmem(path_buf(f.fake, &f.rq, i), HDR_BYTES, buf,
                            HDR_BYTES);
            g_assert_cmpmem(path_buf(f.fake, &f.rq, i) + HDR_BYTES, n,
                            f.o->delivered + done, n);
            done += n;
            i++;
        }
        g_assert_cmpuint(f.fake->nic.stats.tls_rx_decrypted_bytes, ==,
                         f.o->len);
        g_assert_cmpuint(f.fake->nic.stats.tls_rx_decrypted_packets, ==, i);
        teardown(&f);
    }
}

/* A frame that waits is not shown to the context twice */
static void test_tls_waits_untouched(void)
{
    Cx6dxDice dice = { .state = 22 };
    uint8_t buf[2048];
    Fixture f;
    size_t len;

    setup(&f, &dice, 3, false);
    f.fake->nic.port.pause_tx = true;
    len = stream_frame(&f, 0, 20, 0, buf);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    g_assert_cmpuint(f.fake->nic.stats.tls_rx_packets, ==, 0);
    path_post(f.fake, &f.rq, 1);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpuint(next_cqe(&f).tls_offload, ==, CX6DX_CQE_TLS_DECRYPTED);
    g_assert_cmpuint(f.fake->nic.stats.tls_rx_packets, ==, 1);
    teardown(&f);
}

/* What may not be data of the connection goes by, and the stream goes on */
static void test_tls_passes_by(void)
{
    Cx6dxDice dice = { .state = 23 };
    uint8_t buf[2048];
    Fixture f;
    size_t len;

    setup(&f, &dice, 3, false);
    path_post(f.fake, &f.rq, 8);
    len = stream_frame(&f, 0, 40, TCP_RST, buf);
    receive(&f, buf, len);
    len = stream_frame(&f, 0, 40, TCP_URG, buf);
    receive(&f, buf, len);
    len = stream_frame(&f, 0, 40, 0, buf);
    buf[len - 1] ^= 0x80;
    receive(&f, buf, len);
    len = stream_frame(&f, 0, 0, 0, buf);
    receive(&f, buf, len);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpuint(next_cqe(&f).tls_offload, ==,
                         CX6DX_CQE_TLS_NOT_DECRYPTED);
    }
    g_assert_cmpuint(f.fake->nic.stats.tls_rx_packets, ==, 0);
    len = stream_frame(&f, 0, 40, 0, buf);
    receive(&f, buf, len);
    g_assert_cmpuint(next_cqe(&f).tls_offload, ==, CX6DX_CQE_TLS_DECRYPTED);
    teardown(&f);
}

/* The packet in which a tag turns out wrong is delivered as it came */
static void test_tls_auth_failure(void)
{
    Cx6dxDice dice = { .state = 24 };
    uint8_t buf[2048];
    size_t len = 0, done = 0, n, total;
    Fixture f;

    setup(&f, &dice, 1, false);
    path_post(f.fake, &f.rq, 8);
    total = f.o->records[0].bytes;
    cx6dx_oracle_corrupt(f.o, 0, 20);
    for (uint16_t i = 0; done < total; i++) {
        n = MIN(total - done, 1000);
        len = stream_frame(&f, done, n, 0, buf);
        receive(&f, buf, len);
        done += n;
        g_assert_cmpuint(next_cqe(&f).tls_offload, ==,
                         done < total ? CX6DX_CQE_TLS_DECRYPTED
                                      : CX6DX_CQE_TLS_ERROR);
        if (done == total) {
            g_assert_cmpmem(path_buf(f.fake, &f.rq, i), len, buf, len);
        }
    }
    g_assert_cmpuint(f.fake->nic.stats.tls_rx_auth_failures, ==, 1);
    teardown(&f);
}

/* A lost beginning: flagged once, and the guest reads the place back */
static void test_tls_resync(void)
{
    Cx6dxDice dice = { .state = 26 };
    uint8_t buf[2048], wqe[WQE_BUILD_MAX_BYTES];
    WqeCtrl ctrl = { .cqe = true };
    const uint8_t *psv;
    size_t start;
    uint64_t addr;
    Fixture f;

    setup(&f, &dice, 4, false);
    path_post(f.fake, &f.rq, 4);
    start = f.o->records[2].start;
    receive(&f, buf, stream_frame(&f, start, 60, 0, buf));
    g_assert_cmpuint(next_cqe(&f).tls_offload, ==, CX6DX_CQE_TLS_RESYNC);
    g_assert_cmpmem(path_buf(f.fake, &f.rq, 0) + HDR_BYTES, 60,
                    f.o->wire + start, 60);
    receive(&f, buf, stream_frame(&f, start + 60, 60, 0, buf));
    g_assert_cmpuint(next_cqe(&f).tls_offload, ==, CX6DX_CQE_TLS_NOT_DECRYPTED);
    g_assert_cmpuint(f.fake->nic.stats.tls_rx_resync_requests, ==, 1);
    addr = cx6dx_fake_alloc(f.fake, 64, 64);
    path_do(f.fake, &f.sq, wqe,
            wqe_build_get_psv(wqe, &ctrl, f.tirn, f.fake->lkey, addr));
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==, 0);
    psv = CX6DX_AREA(psv_dump, cx6dx_fake_ptr(f.fake, addr), params);
    g_assert_cmphex(CX6DX_GET(tls_progress_params, psv, hw_resync_tcp_sn), ==,
                    f.o->first_tcp_sn + (uint32_t)start);
    teardown(&f);
}

/* ---- Merged ---- */

static void merge(Fixture *f)
{
    Cx6dxTir *tir = (Cx6dxTir *)cx6dx_obj_get(&f->fake->nic.tirs, f->tirn);

    tir->lro_mask = CX6DX_LRO_IPV4;
    tir->lro_max_ip_payload = 65280;
}

/* The stream's bytes [from, to) in frames of `mss` */
static void send_part(Fixture *f, size_t from, size_t to, size_t mss)
{
    uint8_t buf[2048];

    for (; from < to; from += mss) {
        size_t n = MIN(mss, to - from);

        g_assert_cmpint(receive(f, buf, stream_frame(f, from, n, 0, buf)), ==,
                        CX6DX_RX_TAKEN);
    }
}

/* Decrypted packets merge with their kind; the others come alone, in order */
static void test_tls_merged(void)
{
    enum { MSS = 600, GAP = MSS };
    Cx6dxDice dice = { .state = 31 };
    size_t at = 0, decrypted = 0;
    unsigned merged = 0, resyncs = 0;
    Cx6dxRxCqe cqe;
    Fixture f;

    setup(&f, &dice, 12, false);
    merge(&f);
    path_post(f.fake, &f.rq, 64);
    send_part(&f, 0, 5 * MSS, MSS);
    /* one frame is lost, and with it may be the beginning of a record */
    send_part(&f, 5 * MSS + GAP, f.o->len, MSS);
    cx6dx_fake_run(f.fake);
    for (uint16_t i = 0; at < f.o->len; i++) {
        const uint8_t *got = path_buf(f.fake, &f.rq, i) + HDR_BYTES;
        size_t n;

        cqe = next_cqe(&f);
        g_assert_cmpuint(cqe.wqe_counter, ==, i);
        n = cqe.byte_cnt - HDR_BYTES;
        if (cqe.tls_offload == CX6DX_CQE_TLS_DECRYPTED) {
            g_assert_cmpmem(got, n, f.o->delivered + at, n);
            merged += cqe.lro_num_seg > 1;
            decrypted += MAX(cqe.lro_num_seg, 1);
        } else {
            g_assert_cmpuint(cqe.lro_num_seg, ==, 0);
            g_assert_cmpmem(got, n, f.o->wire + at, n);
            resyncs += cqe.tls_offload == CX6DX_CQE_TLS_RESYNC;
        }
        at += n;
        at += at == 5 * MSS ? GAP : 0;
    }
    g_assert_cmpuint(merged, >, 0);
    g_assert_cmpuint(decrypted, ==,
                     f.fake->nic.stats.tls_rx_decrypted_packets);
    g_assert_cmpuint(resyncs, ==, f.fake->nic.stats.tls_rx_resync_requests);
    teardown(&f);
}

/* A packet that could have to wait is not shown to the context */
static void test_tls_merged_waits(void)
{
    Cx6dxDice dice = { .state = 32 };
    uint8_t buf[2048];
    Fixture f;

    setup(&f, &dice, 4, false);
    merge(&f);
    f.fake->nic.port.pause_tx = true;
    path_post(f.fake, &f.rq, 1);
    send_part(&f, 0, 600, 600);
    g_assert_cmpint(receive(&f, buf, stream_frame(&f, 600, 600, 0, buf)), ==,
                    CX6DX_RX_WAIT);
    g_assert_cmpuint(f.fake->nic.stats.tls_rx_packets, ==, 1);
    g_assert_cmpuint(next_cqe(&f).byte_cnt, ==, HDR_BYTES + 600);
    path_post(f.fake, &f.rq, 2);
    send_part(&f, 600, 1800, 600);
    cx6dx_fake_run(f.fake);
    g_assert_cmpuint(next_cqe(&f).lro_num_seg, ==, 2);
    teardown(&f);
}

static void test_random_frames(void)
{
    Cx6dxDice dice = { .state = 25 };
    uint8_t buf[2048], cqe[CX6DX_cqe_BYTES];
    Fixture f;

    setup(&f, &dice, 1, false);
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = cx6dx_dice_size(&dice, 0, sizeof(buf));

        if (round & 1) {
            FrameSpec spec = tcp_spec(MIN(len, 1400));
            BuiltFrame built;

            spec.tag_type[0] = round & 2 ? 0x8100 : 0;
            built = frame_build(&spec, buf);
            path_put_sums(buf, &spec, &built);
            len = built.bytes;
            buf[cx6dx_dice_below(&dice, 70)] = cx6dx_dice_roll(&dice);
        } else {
            cx6dx_dice_fill(&dice, buf, len);
        }
        path_post(f.fake, &f.rq, 1);
        receive(&f, buf, len);
        if (!path_poll(f.fake, &f.rq.cq, cqe)) {
            f.rq.pc--;
        }
    }
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/rxpath/tls/any-cut-is-decrypted",
                    test_tls_in_order);
    g_test_add_func("/cx6dx/rxpath/tls/waiting-frame-is-not-seen-twice",
                    test_tls_waits_untouched);
    g_test_add_func("/cx6dx/rxpath/tls/doubtful-packets-pass-by",
                    test_tls_passes_by);
    g_test_add_func("/cx6dx/rxpath/tls/failed-record-is-delivered-as-it-came",
                    test_tls_auth_failure);
    g_test_add_func("/cx6dx/rxpath/tls/lost-header-asks-for-a-resync",
                    test_tls_resync);
    g_test_add_func("/cx6dx/rxpath/tls/decrypted-ones-merge", test_tls_merged);
    g_test_add_func("/cx6dx/rxpath/tls/what-may-wait-does-not-join",
                    test_tls_merged_waits);
    g_test_add_func("/cx6dx/rxpath/tls/random-frames-are-survived",
                    test_random_frames);
    return g_test_run();
}

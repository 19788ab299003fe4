/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a segment costs on its way from one NIC to another, in nanoseconds of CPU
 *
 * LSO work requests of 64 KiB on one fake host, buffers of 2 KiB on the other;
 * plain, and with TLS on both sides.  Host callbacks are as cheap as they can
 * be; how often they are called is printed, for a real one costs more.
 *
 * With "on" time is modelled; then both hosts share a clock that is moved from
 * deadline to deadline.
 *
 * usage: bench-cx6dx-path [WORK-REQUESTS [on]]
 */
#include "qemu/osdep.h"
#include "pure/wqe.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-frame-build.h"
#include "cx6dx-wqe-build.h"

enum {
    MSS = 1448,
    HDR_BYTES = 66,
    RECORDS = 4,
    RECORD_BYTES = 5 + 8 + 16384 + 16,
    PAYLOAD_BYTES = RECORDS * RECORD_BYTES,
    SEGMENTS = (PAYLOAD_BYTES + MSS - 1) / MSS,
    LOG_RQ = 8,
    TURN_NS = 100000,           /* longer than a work request takes */
};

typedef struct Bench {
    Cx6dxFake *tx, *rx;
    PathSq sq;
    PathRq rq;
    uint32_t tx_eqn, rx_eqn;
    uint32_t tisn;              /* of the packets */
    uint64_t payload;
    uint32_t tcp_sn;
    bool tls, timing;
} Bench;

static void nowhere(void *opaque, const uint8_t *buf, size_t len)
{
}

static Bench *current;      /* a host callback knows its own side only */

static void wire(void *opaque, const uint8_t *buf, size_t len)
{
    current->rx->now_ns = current->tx->now_ns;
    cx6dx_nic_receive(&current->rx->nic, buf, len);
}

static void set_params(Cx6dxFake *fake, PathSq *sq, uint8_t opmod,
                       uint32_t number, uint32_t tcp_sn)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    uint8_t progress[CX6DX_tls_progress_params_BYTES] = { 0 };
    uint8_t wqe[WQE_BUILD_MAX_BYTES], key[16] = { 1, 2, 3 };
    Cx6dxTlsStatic st = { .tls_version = CX6DX_TLS_VERSION_1_2 };
    WqeCtrl ctrl = { .tis_tir_num = number };

    cx6dx_wqe_encode_static(&st, path_dek(fake, key, sizeof(key)), params);
    CX6DX_SET(tls_progress_params, progress, next_record_tcp_sn, tcp_sn);
    path_push(fake, sq, wqe, wqe_build_static(wqe, &ctrl, opmod, params));
    path_do(fake, sq, wqe,
            wqe_build_set_psv(wqe, &ctrl, opmod, number, progress));
    g_assert_cmpuint(fake->nic.stats.guest_errors, ==, 0);
}

/* Lets modelled time pass on both sides, whoever is due first */
static void pass_time(Bench *b)
{
    const uint64_t end_ns = b->tx->now_ns + TURN_NS;

    for (;;) {
        Cx6dxFake *next = b->tx->deadline_ns <= b->rx->deadline_ns ? b->tx
                                                                   : b->rx;

        if (next->deadline_ns > end_ns) {
            break;
        }
        next->now_ns = MAX(next->now_ns, next->deadline_ns);
        next->deadline_ns = UINT64_MAX;
        cx6dx_nic_timer(&next->nic);
        cx6dx_fake_run(next);
    }
    b->tx->now_ns = end_ns;
    b->rx->now_ns = end_ns;
}

static void start(Bench *b, bool tls, bool with_rx, bool timing)
{
    uint32_t rqtn, tirn;

    *b = (Bench) { .tls = tls, .timing = timing, .tcp_sn = 1 };
    b->tx = path_new(timing, &b->tx_eqn);
    b->rx = path_new(timing, &b->rx_eqn);
    current = b;
    b->tx->nic.host.frame_out = with_rx ? wire : nowhere;
    b->tisn = cx6dx_fake_tis(b->tx, tls);
    b->sq = path_sq(b->tx, b->tx_eqn, 8, cx6dx_fake_tis(b->tx, false));
    b->rq = path_rq(b->rx, b->rx_eqn, LOG_RQ, 4, 2048);
    rqtn = cx6dx_fake_rqt(b->rx, &b->rq.q.number, 1);
    tirn = cx6dx_fake_tir(b->rx, 0, rqtn, tls);
    cx6dx_fake_catch_all(b->rx, tirn);
    path_post(b->rx, &b->rq, 1u << LOG_RQ);
    b->payload = cx6dx_fake_alloc(b->tx, PAYLOAD_BYTES, 4096);
    for (unsigned i = 0; i < RECORDS; i++) {
        uint8_t *rec = cx6dx_fake_ptr(b->tx, b->payload + i * RECORD_BYTES);

        memset(rec, 0x5a + i, RECORD_BYTES);
        rec[0] = 0x17;
        rec[1] = rec[2] = 3;
        rec[3] = (RECORD_BYTES - 5) >> 8;
        rec[4] = (RECORD_BYTES - 5) & 0xff;
    }
    if (tls) {
        PathSq icosq = path_sq(b->rx, b->rx_eqn, 6, 0);

        set_params(b->tx, &b->sq, CX6DX_OPMOD_TIS, b->tisn, 0);
        set_params(b->rx, &icosq, CX6DX_OPMOD_TIR, tirn, b->tcp_sn);
    }
}

static void stop(Bench *b)
{
    cx6dx_fake_free(b->tx);
    cx6dx_fake_free(b->rx);
}

static void push_lso(Bench *b)
{
    FrameSpec spec = {
        .ip_version = 4, .protocol = 6, .tcp_option_bytes = 12,
        .tcp_flags = 0x10, .sport = 443, .dport = 50000,
        .tcp_sn = b->tcp_sn, .saddr = { 10, 9, 0, 1 },
        .daddr = { 10, 9, 0, 2 },
    };
    uint8_t hdr[256], wqe[WQE_BUILD_MAX_BYTES];
    WqeEth eth = { .l3_csum = true, .l4_csum = true, .mss = MSS,
                   .inline_hdr = hdr, .inline_hdr_bytes = HDR_BYTES };
    WqeCtrl ctrl = { .tis_tir_num = b->tisn, .cqe = true };
    WqeData data[3];

    frame_build(&spec, hdr);
    for (unsigned i = 0; i < 3; i++) {
        uint32_t at = i * 32768;

        data[i] = (WqeData) { .addr = b->payload + at, .lkey = b->tx->lkey,
                              .bytes = MIN(32768, PAYLOAD_BYTES - at) };
    }
    path_do(b->tx, &b->sq, wqe, wqe_build_send(wqe, &ctrl, &eth, data, 3));
    b->tcp_sn += PAYLOAD_BYTES;
    if (b->timing) {
        pass_time(b);
    }
}

/* Other programs on the machine do not count */
static int64_t cpu_ns(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * 1000000000ll + used.tv_nsec;
}

static void run(const char *what, bool tls, bool with_rx, unsigned wqes,
                bool timing)
{
    uint64_t tx_dma, rx_dma;
    int64_t began, took = 0;
    uint8_t cqe[CX6DX_cqe_BYTES];
    Bench b;

    start(&b, tls, with_rx, timing);
    push_lso(&b);
    tx_dma = b.tx->dma_reads + b.tx->dma_writes;
    rx_dma = b.rx->dma_reads + b.rx->dma_writes;
    for (unsigned i = 1; i < wqes; i++) {
        /* the guests' part is not measured */
        while (path_poll(b.tx, &b.sq.cq, cqe)) {
            continue;
        }
        while (path_poll(b.rx, &b.rq.cq, cqe)) {
            path_post(b.rx, &b.rq, 1);
        }
        began = cpu_ns();
        push_lso(&b);
        took += cpu_ns() - began;
    }
    tx_dma = b.tx->dma_reads + b.tx->dma_writes - tx_dma;
    rx_dma = b.rx->dma_reads + b.rx->dma_writes - rx_dma;
    printf("%-22s %7.0f ns a segment, DMA calls %.2f tx %.2f rx\n", what,
           (double)took / ((wqes - 1) * (double)SEGMENTS),
           tx_dma / ((wqes - 1) * (double)SEGMENTS),
           rx_dma / ((wqes - 1) * (double)SEGMENTS));
    g_assert_cmpuint(b.tx->nic.stats.tx_frames, ==, wqes * SEGMENTS);
    if (with_rx) {
        g_assert_cmpuint(b.rx->nic.stats.rx_frames, ==, wqes * SEGMENTS);
        g_assert_cmpuint(b.rx->nic.stats.rx_out_of_buffer, ==, 0);
        g_assert_cmpuint(b.rx->nic.stats.tls_rx_decrypted_packets, ==,
                         tls ? wqes * SEGMENTS : 0);
    }
    stop(&b);
}

int main(int argc, char **argv)
{
    unsigned wqes = argc > 1 ? strtoul(argv[1], NULL, 0) : 2000;
    bool timing = argc > 2 && !strcmp(argv[2], "on");

    if (wqes < 2 || (argc > 2 && !timing) || argc > 3) {
        fprintf(stderr, "usage: bench-cx6dx-path [WORK-REQUESTS >= 2 [on]]\n");
        return 2;
    }
    run("plain, send", false, false, wqes, timing);
    run("plain, send+receive", false, true, wqes, timing);
    run("tls, send", true, false, wqes, timing);
    run("tls, send+receive", true, true, wqes, timing);
    return 0;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshots of the whole NIC: a stream goes on with not one byte lost, whatever
 * is in flight; a bad snapshot is refused, and the NIC is as after a reset
 *
 * That moving changes nothing for a guest that does anything is shown by the
 * fuzz entry of the same name, on its corpus.
 */
#include "qemu/osdep.h"
#include "nic/fault.h"
#include "nic/rq.h"
#include "nic/snapshot.h"
#include "nic/tir.h"
#include "pure/cqe.h"
#include "pure/wqe.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-fake-snapshot.h"
#include "cx6dx-oracle.h"
#include "cx6dx-wqe-build.h"

enum { BUF_BYTES = 2048, TCP_ACK = 0x10 };

typedef struct Fixture {
    Cx6dxFake *fake;
    Cx6dxOracle *o;
    uint32_t eqn, tirn, tisn;
    PathRq rq;
    PathSq sq, icosq;
    uint64_t data;              /* the stream in clear, placeholders for tags */
} Fixture;

/* ---- A NIC with one connection, both ways ---- */

static FrameSpec tcp_spec(const Fixture *f, size_t from, size_t len)
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
        .payload_bytes = len,
        .tcp_sn = f->o->first_tcp_sn + from,
        .seed = 9,
    };
}

static void start_context(Fixture *f, PathSq *sq, uint8_t opmod,
                          uint32_t number)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    uint8_t progress[CX6DX_tls_progress_params_BYTES] = { 0 };
    uint32_t dek = path_dek(f->fake, f->o->key, 16);
    Cx6dxTlsStatic st = cx6dx_oracle_static(f->o);
    uint8_t wqe[WQE_BUILD_MAX_BYTES];
    WqeCtrl ctrl = { .tis_tir_num = number };

    cx6dx_wqe_encode_static(&st, dek, params);
    CX6DX_SET(tls_progress_params, progress, next_record_tcp_sn,
              f->o->first_tcp_sn);
    path_push(f->fake, sq, wqe, wqe_build_static(wqe, &ctrl, opmod, params));
    path_do(f->fake, sq, wqe,
            wqe_build_set_psv(wqe, &ctrl, opmod, number, progress));
}

static void setup(Fixture *f, unsigned nrecords, uint32_t max_payload,
                  bool timing)
{
    Cx6dxOracleSpec spec = {
        .tls_version = CX6DX_TLS_VERSION_1_2,
        .key_bytes = 16,
        .nrecords = nrecords,
        .min_payload = 1,
        .max_payload = max_payload,
        .first_rec_sn = 5,
        .first_tcp_sn = 0xfffffff0,
    };
    Cx6dxDice dice = { .state = 77 };
    uint32_t rqtn;

    f->fake = path_new(timing, &f->eqn);
    f->rq = path_rq(f->fake, f->eqn, 6, 4, BUF_BYTES);
    rqtn = cx6dx_fake_rqt(f->fake, &f->rq.q.number, 1);
    f->tirn = cx6dx_fake_tir(f->fake, 0, rqtn, true);
    cx6dx_fake_catch_all(f->fake, f->tirn);
    f->tisn = cx6dx_fake_tis(f->fake, true);
    f->sq = path_sq(f->fake, f->eqn, 6, f->tisn);
    f->icosq = path_sq(f->fake, f->eqn, 6, 0);
    f->o = cx6dx_oracle_new(&spec, &dice);
    f->data = path_bytes(f->fake, f->o->laid_out, f->o->len);
    start_context(f, &f->icosq, CX6DX_OPMOD_TIR, f->tirn);
    start_context(f, &f->sq, CX6DX_OPMOD_TIS, f->tisn);
    cx6dx_fake_advance(f->fake, 1000000);
}

static void teardown(Fixture *f)
{
    cx6dx_oracle_free(f->o);
    cx6dx_fake_free(f->fake);
}

/* Rings for a packet with the stream's bytes from `from` on */
static void send_part(Fixture *f, size_t from, size_t len)
{
    FrameSpec spec = tcp_spec(f, from, 0);
    uint8_t hdr[FRAME_SPEC_MAX_HDR_BYTES], wqe[WQE_BUILD_MAX_BYTES];
    WqeCtrl ctrl = { .qpn = f->sq.q.number, .tis_tir_num = f->tisn };
    WqeEth eth = { .l3_csum = true, .l4_csum = true, .inline_hdr = hdr };
    WqeData data = {
        .addr = f->data + from, .lkey = f->fake->lkey, .bytes = len,
    };
    BuiltFrame b = frame_build(&spec, hdr);

    cx6dx_prm_store(hdr + 14, cx6dx_prm_load(hdr + 14) + len);
    eth.inline_hdr_bytes = b.payload_off;
    path_push(f->fake, &f->sq, wqe,
              wqe_build_send(wqe, &ctrl, &eth, &data, 1));
    path_ring(f->fake, &f->sq);
}

/* The next frame that left holds these bytes of the wire */
static void expect_sent(Fixture *f, unsigned n, size_t from, size_t len)
{
    const GByteArray *frame;

    g_assert_cmpuint(f->fake->frames->len, >, n);
    frame = f->fake->frames->pdata[n];
    g_assert_cmpuint(frame->len, >=, len);
    g_assert_cmpmem(frame->data + frame->len - len, len, f->o->wire + from,
                    len);
}

static size_t build_received(Fixture *f, size_t from, size_t len, uint8_t *buf)
{
    FrameSpec spec = tcp_spec(f, from, len);
    BuiltFrame b = frame_build(&spec, buf);

    memcpy(buf + b.payload_off, f->o->wire + from, len);
    path_put_sums(buf, &spec, &b);
    return b.bytes;
}

static Cx6dxRxResult receive_part(Fixture *f, size_t from, size_t len)
{
    uint8_t buf[4096];

    return cx6dx_nic_receive(&f->fake->nic, buf,
                             build_received(f, from, len, buf));
}

/* The next completion; the payload where it says */
static uint8_t next_received(Fixture *f, size_t from, size_t len, bool clear)
{
    uint8_t buf[CX6DX_cqe_BYTES];
    const uint8_t *expected = clear ? f->o->delivered : f->o->wire;
    const uint8_t *got;
    Cx6dxRxCqe cqe;

    g_assert_true(path_poll(f->fake, &f->rq.cq, buf));
    cx6dx_cqe_decode_rx(buf, &cqe);
    got = path_buf(f->fake, &f->rq, cqe.wqe_counter) + cqe.byte_cnt - len;
    g_assert_cmpmem(got, len, expected + from, len);
    return cqe.tls_offload;
}

/* ---- Streams ---- */

static void test_tx_every_byte(void)
{
    Fixture f;

    setup(&f, 3, 60, false);
    for (size_t at = 0; at < f.o->len; at++) {
        cx6dx_fake_move(f.fake);
        send_part(&f, at, 1);
        cx6dx_fake_move(f.fake);        /* rung for, not yet fetched */
        cx6dx_fake_run(f.fake);
        expect_sent(&f, at, at, 1);
    }
    teardown(&f);
}

static void test_rx_every_byte(void)
{
    Fixture f;

    setup(&f, 3, 60, false);
    for (size_t at = 0; at < f.o->len; at++) {
        path_post(f.fake, &f.rq, 1);
        cx6dx_fake_move(f.fake);
        g_assert_cmpint(receive_part(&f, at, 1), ==, CX6DX_RX_TAKEN);
        cx6dx_fake_move(f.fake);
        cx6dx_fake_run(f.fake);
        g_assert_cmpuint(next_received(&f, at, 1, true), ==,
                         CX6DX_CQE_TLS_DECRYPTED);
    }
    teardown(&f);
}

/* With modelled time: frames and completions are pending all the way */
static void test_in_flight(void)
{
    size_t at = 0, sent = 0, n, len;
    Fixture f;

    setup(&f, 12, 3000, true);
    path_post(f.fake, &f.rq, 32);
    for (n = 0; n < 20 && at < f.o->len; n++, at += len) {
        len = MIN(1000 + n, f.o->len - at);
        send_part(&f, at, len);
        receive_part(&f, at, len);
        cx6dx_fake_move(f.fake);
        cx6dx_fake_advance(f.fake, 37);
        cx6dx_fake_move(f.fake);
    }
    g_assert_cmpuint(f.fake->nic.defer.pending, >, 0);
    for (unsigned i = 0; i < 200; i++) {
        cx6dx_fake_advance(f.fake, 111);
        cx6dx_fake_move(f.fake);
    }
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 0);
    g_assert_cmpuint(f.fake->frames->len, ==, n);
    for (at = 0, sent = 0; sent < n; sent++, at += len) {
        len = MIN(1000 + sent, f.o->len - at);
        expect_sent(&f, sent, at, len);
        g_assert_cmpuint(next_received(&f, at, len, true), ==,
                         CX6DX_CQE_TLS_DECRYPTED);
    }
    teardown(&f);
}

/* A header is lost; request, GET_PSV, answer, and a move before and after each */
static void test_asking(void)
{
    const Cx6dxOracleRecord *r;
    uint8_t dump[CX6DX_psv_dump_BYTES], params[CX6DX_tls_static_params_BYTES];
    uint8_t wqe[WQE_BUILD_MAX_BYTES];
    WqeCtrl ctrl = { 0 };
    Cx6dxTlsStatic st;
    uint64_t psv;
    Fixture f;

    setup(&f, 5, 900, false);
    r = f.o->records;
    path_post(f.fake, &f.rq, 10);
    psv = cx6dx_fake_alloc(f.fake, CX6DX_psv_dump_BYTES, 64);
    receive_part(&f, 0, r[0].bytes);
    g_assert_cmpuint(next_received(&f, 0, r[0].bytes, true), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    /* the header of record 1 is lost, that of record 2 is found */
    cx6dx_fake_move(f.fake);
    receive_part(&f, r[2].start, r[2].bytes);
    cx6dx_fake_move(f.fake);
    g_assert_cmpuint(next_received(&f, r[2].start, r[2].bytes, false), ==,
                     CX6DX_CQE_TLS_RESYNC);
    path_do(f.fake, &f.icosq, wqe,
            wqe_build_get_psv(wqe, &ctrl, f.tirn, f.fake->lkey, psv));
    memcpy(dump, cx6dx_fake_ptr(f.fake, psv), sizeof(dump));
    g_assert_cmphex(CX6DX_GET(tls_progress_params,
                              CX6DX_AREA(psv_dump, dump, params),
                              hw_resync_tcp_sn), ==,
                    f.o->first_tcp_sn + (uint32_t)r[2].start);
    cx6dx_fake_move(f.fake);
    receive_part(&f, r[3].start, 3);
    g_assert_cmpuint(next_received(&f, r[3].start, 3, false), ==,
                     CX6DX_CQE_TLS_NOT_DECRYPTED);
    cx6dx_fake_move(f.fake);
    st = cx6dx_oracle_static(f.o);
    st.resync_tcp_sn = f.o->first_tcp_sn + r[2].start;
    st.initial_record_number += 2;
    cx6dx_wqe_encode_static(&st, 2, params);
    ctrl.tis_tir_num = f.tirn;
    path_do(f.fake, &f.icosq, wqe,
            wqe_build_static(wqe, &ctrl, CX6DX_OPMOD_TIR, params));
    cx6dx_fake_move(f.fake);
    g_assert_cmpuint(f.fake->nic.stats.tls_rx_resync_confirmed, ==, 1);
    receive_part(&f, r[3].start + 3, f.o->len - r[3].start - 3);
    g_assert_cmpuint(next_received(&f, r[3].start + 3,
                                   f.o->len - r[3].start - 3, true), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    teardown(&f);
}

/* ---- What else waits ---- */

static void test_commands_pending(void)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };
    Cx6dxNicParams params;
    Cx6dxFake *fake;
    uint32_t used;

    cx6dx_fake_params(&params);
    fake = cx6dx_fake_new_with(&params);
    cx6dx_fake_start(fake);
    used = fake->nic.pds.used;
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ALLOC_PD);
    for (unsigned slot = 0; slot < 4; slot++) {
        cx6dx_fake_cmd_write(fake, slot, in, sizeof(in), 16);
        cx6dx_cmd_iseg_write(&fake->nic, CX6DX_ISEG_CMD_DBELL, 1u << slot);
    }
    cx6dx_fake_move(fake);
    g_assert_cmpuint(fake->nic.pds.used, ==, used);
    cx6dx_fake_run(fake);
    g_assert_cmpuint(fake->nic.pds.used, ==, used + 4);
    cx6dx_fake_free(fake);
}

static void test_firmware_busy(void)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };
    Cx6dxNicParams params;
    Cx6dxFake *fake;
    uint32_t used;

    cx6dx_fake_params(&params);
    params.timing.enabled = true;
    fake = cx6dx_fake_new_with(&params);
    cx6dx_fake_start(fake);
    used = fake->nic.pds.used;
    fake->nic.timing.params.fw_other_ns = 5000;
    fake->nic.params.timing.fw_other_ns = 5000;
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ALLOC_PD);
    for (unsigned slot = 0; slot < 2; slot++) {
        cx6dx_fake_cmd_write(fake, slot, in, sizeof(in), 16);
        cx6dx_fake_cmd_ring(fake, slot);
    }
    for (unsigned n = 0; n < 20; n++) {
        cx6dx_fake_move(fake);
        g_assert_cmpuint(fake->nic.pds.used, ==, used + (n * 600) / 5000);
        cx6dx_fake_advance(fake, 600);
    }
    cx6dx_fake_free(fake);
}

/* A frame waits for a work request; pause is on */
static void test_waiting_frame(void)
{
    Fixture f;

    setup(&f, 1, 60, false);
    f.fake->nic.port.pause_tx = true;
    g_assert_cmpint(receive_part(&f, 0, 10), ==, CX6DX_RX_WAIT);
    cx6dx_fake_move(f.fake);
    cx6dx_fake_advance(f.fake, 50000);
    g_assert_cmpuint(f.fake->rx_ready, >=, 2);
    cx6dx_fake_move(f.fake);
    path_post(f.fake, &f.rq, 1);
    g_assert_cmpint(receive_part(&f, 0, 10), ==, CX6DX_RX_TAKEN);
    g_assert_cmpuint(f.fake->nic.rx_wait_since_ns, ==, 0);
    g_assert_cmpuint(next_received(&f, 0, 10, true), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    teardown(&f);
}

static void test_faults(void)
{
    static const char spec[] =
        "irq-delay:delay=5us;cqe-delay:delay=9us:count=3;rx-force-resync:skip=9";
    Fixture f;
    char *before, *after;

    setup(&f, 3, 900, false);
    g_assert_null(cx6dx_fault_set(&f.fake->nic, spec));
    path_post(f.fake, &f.rq, 10);
    receive_part(&f, 0, 100);
    cx6dx_fake_run(f.fake);
    g_assert_true(f.fake->nic.faults.holding);
    before = cx6dx_faults_str(&f.fake->nic.faults);
    cx6dx_fake_move(f.fake);
    after = cx6dx_faults_str(&f.fake->nic.faults);
    g_assert_cmpstr(before, ==, after);
    g_assert_true(f.fake->nic.faults.holding);
    cx6dx_fake_advance(f.fake, 20000);
    g_assert_cmpuint(next_received(&f, 0, 100, true), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    g_assert_false(f.fake->nic.faults.holding);
    g_free(before);
    g_free(after);
    teardown(&f);
}

/* A fault has stopped the NIC: what came behind it waits there, too */
static void test_stopped(void)
{
    Fixture f;

    setup(&f, 3, 60, false);
    g_assert_null(cx6dx_fault_set(&f.fake->nic, "rx-stop"));
    path_post(f.fake, &f.rq, 4);
    receive_part(&f, 0, 10);
    g_assert_true(f.fake->nic.stop);
    receive_part(&f, 10, 10);
    cx6dx_fake_move(f.fake);
    g_assert_true(f.fake->nic.stop);
    cx6dx_fake_advance(f.fake, 50000);
    g_assert_cmpuint(next_received(&f, 0, 10, true), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 1);
    cx6dx_nic_resume(&f.fake->nic);
    g_assert_cmpuint(next_received(&f, 10, 10, true), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    teardown(&f);
}

/* Numbers that no other test moves; cx6dx_fake_move() compares them */
static void test_every_number(void)
{
    static const char spec[] = "cmd-fail:opcode=0x100:status=7:syndrome=9:"
        "skip=3:every=2:count=5;rx-false-header:gap=77:object=4;"
        "irq-delay:delay=8ms;tx-stop:record=12";
    Cx6dxNic *nic;
    Cx6dxRq *rq;
    Fixture f;
    char *before, *after;

    setup(&f, 1, 60, true);
    nic = &f.fake->nic;
    g_assert_null(cx6dx_fault_set(nic, spec));
    memset(&nic->stats, 0x11, sizeof(nic->stats));
    memset(&nic->guest_errs, 0x22, sizeof(nic->guest_errs));
    memset(&nic->ppcnt.rx_sizes, 0x33, sizeof(nic->ppcnt.rx_sizes));
    memset(&nic->ppcnt.prio, 0x44, sizeof(nic->ppcnt.prio));
    nic->ppcnt.link_downs = 5;
    nic->vsc = (Cx6dxVsc) {
        .ticket = 1, .semaphore = 2, .space = 3, .addr = 4, .data = 5,
        .icmd_holder = 6, .reset_holder = 7,
        .icmd = { .ctrl = 8, .syndrome = 9, .box = { [99] = 10 } },
    };
    memset(&nic->timing.doorbell_to_wire, 0x55,
           sizeof(nic->timing.doorbell_to_wire));
    memset(&nic->timing.wire_to_cqe, 0x66, sizeof(nic->timing.wire_to_cqe));
    nic->timing.contexts.most_resident = 11;
    nic->timing.contexts.hits = 12;
    nic->timing.contexts.misses = 13;
    nic->timing.contexts.evictions = 14;
    nic->timing.interrupts = 15;
    nic->timing.recovery_bytes = 16;
    nic->timing.pcie.tag_stalls = 17;
    nic->timing.pcie.tag_stall_ps = 18;
    nic->port.an_disabled = nic->port.promisc_uc = nic->port.promisc_mc = true;
    nic->port.promisc_all = nic->port.disable_uc_local_lb = true;
    nic->port.disable_mc_local_lb = true;
    nic->port.vport_mtu = 1600;
    nic->port.min_inline = 2;
    rq = (Cx6dxRq *)cx6dx_obj_get(&nic->rqs, f.rq.q.number);
    rq->striding = rq->vsd = rq->scatter_fcs = rq->starved = true;
    rq->log_stride = CX6DX_RQ_LOG_STRIDING_WQE;
    rq->log_strides = 9;
    rq->log_stride_bytes = 6;
    rq->head = 3;
    rq->stride = 8;
    rq->done_ns = 19;
    before = cx6dx_faults_str(&nic->faults);
    cx6dx_fake_move(f.fake);
    after = cx6dx_faults_str(&f.fake->nic.faults);
    g_assert_cmpstr(before, ==, after);
    g_free(before);
    g_free(after);
    teardown(&f);
}

/* ---- Refusals ---- */

static GByteArray *busy_snapshot(Fixture *f)
{
    setup(f, 6, 900, true);
    path_post(f->fake, &f->rq, 20);
    send_part(f, 0, 700);
    receive_part(f, 0, 700);
    cx6dx_fake_run(f->fake);
    return cx6dx_fake_save(f->fake);
}

static void expect_empty(Cx6dxFake *fake)
{
    g_assert_cmpuint(cx6dx_nic_objects(&fake->nic), ==, 0);
    g_assert_cmpuint(fake->nic.defer.pending, ==, 0);
    g_assert_false(fake->nic.cmd.hca_enabled);
}

static void test_truncated(void)
{
    Fixture f;
    GByteArray *snapshot = busy_snapshot(&f);

    for (size_t len = 0; len < snapshot->len; len += 1 + len / 50) {
        g_assert_cmpstr(cx6dx_fake_load(f.fake, snapshot->data, len), ==,
                        "it ends too early");
        expect_empty(f.fake);
    }
    /* and then the whole of it is still good */
    g_assert_null(cx6dx_fake_load(f.fake, snapshot->data, snapshot->len));
    cx6dx_fake_advance(f.fake, 1000000);
    expect_sent(&f, 0, 0, 700);
    g_byte_array_unref(snapshot);
    teardown(&f);
}

static void test_flipped(void)
{
    Fixture f;
    GByteArray *snapshot = busy_snapshot(&f);
    Cx6dxDice dice = { .state = 4 };

    for (unsigned n = 0; n < 2000; n++) {
        size_t at = cx6dx_dice_below(&dice, snapshot->len);
        uint8_t bit = 1 << cx6dx_dice_below(&dice, 8);

        snapshot->data[at] ^= bit;
        g_assert_nonnull(cx6dx_fake_load(f.fake, snapshot->data,
                                         snapshot->len));
        expect_empty(f.fake);
        snapshot->data[at] ^= bit;
    }
    g_byte_array_unref(snapshot);
    teardown(&f);
}

/* With a checksum that is right: refused, or a NIC that works */
static void test_forged(void)
{
    Fixture f;
    GByteArray *snapshot = busy_snapshot(&f);
    Cx6dxDice dice = { .state = 5 };
    unsigned refused = 0;

    for (unsigned n = 0; n < 3000; n++) {
        g_autofree uint8_t *copy = g_memdup2(snapshot->data, snapshot->len);

        for (unsigned i = 0; i < 1 + n % 3; i++) {
            size_t at = cx6dx_dice_below(&dice, snapshot->len);

            copy[at] = cx6dx_dice_below(&dice, 256);
        }
        cx6dx_fake_fix_sum(copy, snapshot->len);
        refused += cx6dx_fake_load(f.fake, copy, snapshot->len) != NULL;
        cx6dx_fake_advance(f.fake, 10000);
    }
    g_assert_cmpuint(refused, >, 100);
    cx6dx_nic_reset(&f.fake->nic);
    expect_empty(f.fake);
    g_byte_array_unref(snapshot);
    teardown(&f);
}

/* What a guest knows of the device must be so on the other side */
static void test_other_device(void)
{
    static const char *const errors[] = {
        "property 'mac' differs",
        "property 'vectors' differs",
        "property 'tls-tx' differs",
        "property 'tls-rx' differs",
        "property 'timing' differs",
    };
    Fixture f;
    GByteArray *snapshot = busy_snapshot(&f);

    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        Cx6dxNicParams params = f.fake->params;
        Cx6dxFake *other;

        params.mac[5] ^= i == 0;
        params.vectors -= i == 1;
        params.tls_tx ^= i == 2;
        params.tls_rx ^= i == 3;
        params.timing.enabled ^= i == 4;
        other = cx6dx_fake_new_with(&params);
        g_assert_cmpstr(cx6dx_fake_load(other, snapshot->data, snapshot->len),
                        ==, errors[i]);
        expect_empty(other);
        cx6dx_fake_free(other);
    }
    g_byte_array_unref(snapshot);
    teardown(&f);
}

/* The running values of the timing model go along; those of before are gone */
static void test_params_go_along(void)
{
    Fixture f;
    GByteArray *snapshot = busy_snapshot(&f);
    Cx6dxNicParams params = f.fake->params;
    Cx6dxFake *other;

    params.timing.tx_latency_ns += 1000;
    params.timing.link_mbps = 10000;
    other = cx6dx_fake_new_with(&params);
    g_assert_null(cx6dx_fake_load(other, snapshot->data, snapshot->len));
    g_assert_cmpmem(&other->nic.timing.params, sizeof(Cx6dxTimingParams),
                    &f.fake->nic.timing.params, sizeof(Cx6dxTimingParams));
    g_assert_cmpmem(&other->nic.params.timing, sizeof(Cx6dxTimingParams),
                    &f.fake->nic.timing.params, sizeof(Cx6dxTimingParams));
    cx6dx_fake_free(other);
    g_byte_array_unref(snapshot);
    teardown(&f);
}

/* Everything of before is gone, as with a NIC that is new */
static void test_replaces_all(void)
{
    Fixture f;
    GByteArray *snapshot = busy_snapshot(&f), *again;

    for (size_t at = 700; at + 100 <= f.o->len; at += 100) {
        send_part(&f, at, 100);
        receive_part(&f, at, 100);
        cx6dx_fake_advance(f.fake, 1000);
    }
    cx6dx_fake_tis(f.fake, true);
    g_assert_null(cx6dx_fault_set(&f.fake->nic, "irq-drop"));
    g_assert_null(cx6dx_fake_load(f.fake, snapshot->data, snapshot->len));
    again = cx6dx_fake_save(f.fake);
    g_assert_cmpmem(snapshot->data, snapshot->len, again->data, again->len);
    g_byte_array_unref(again);
    g_byte_array_unref(snapshot);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/snapshot/transmit-goes-on-at-every-byte",
                    test_tx_every_byte);
    g_test_add_func("/cx6dx/snapshot/receive-goes-on-at-every-byte",
                    test_rx_every_byte);
    g_test_add_func("/cx6dx/snapshot/what-is-in-flight-arrives",
                    test_in_flight);
    g_test_add_func("/cx6dx/snapshot/resync-goes-on-at-every-step",
                    test_asking);
    g_test_add_func("/cx6dx/snapshot/commands-are-still-pending",
                    test_commands_pending);
    g_test_add_func("/cx6dx/snapshot/firmware-is-as-busy-as-before",
                    test_firmware_busy);
    g_test_add_func("/cx6dx/snapshot/a-waiting-frame-was-steered-once",
                    test_waiting_frame);
    g_test_add_func("/cx6dx/snapshot/faults-stay-armed", test_faults);
    g_test_add_func("/cx6dx/snapshot/stopped-by-a-fault", test_stopped);
    g_test_add_func("/cx6dx/snapshot/every-number-comes-along",
                    test_every_number);
    g_test_add_func("/cx6dx/snapshot/cut-anywhere-is-refused", test_truncated);
    g_test_add_func("/cx6dx/snapshot/any-flipped-bit-is-refused",
                    test_flipped);
    g_test_add_func("/cx6dx/snapshot/forged-ones-do-no-harm", test_forged);
    g_test_add_func("/cx6dx/snapshot/another-device-refuses-it",
                    test_other_device);
    g_test_add_func("/cx6dx/snapshot/parameters-of-time-go-along",
                    test_params_go_along);
    g_test_add_func("/cx6dx/snapshot/nothing-of-before-is-left",
                    test_replaces_all);
    return g_test_run();
}

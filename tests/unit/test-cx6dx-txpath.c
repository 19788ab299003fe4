/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Send side: what leaves on the wire for work requests of every kind
 *
 * Frames are held against bytes written by hand or by the builders, ciphertext
 * against the oracle of the TLS engine.
 */
#include "qemu/osdep.h"
#include "nic/port.h"
#include "nic/tis.h"
#include "nic/txpath.h"
#include "pure/wqe.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-frame-build.h"
#include "cx6dx-oracle.h"
#include "cx6dx-wqe-build.h"

enum { MSS = 1448, HDR_BYTES = 66, TCP_ACK = 0x10, TCP_PSH = 0x08 };

typedef struct Fixture {
    Cx6dxFake *fake;
    uint32_t eqn, tisn;
    PathSq sq;
    uint8_t wqe[WQE_BUILD_MAX_BYTES];
} Fixture;

static void setup(Fixture *f, bool timing)
{
    f->fake = path_new(timing, &f->eqn);
    f->tisn = cx6dx_fake_tis(f->fake, false);
    f->sq = path_sq(f->fake, f->eqn, 8, f->tisn);
}

static void teardown(Fixture *f)
{
    cx6dx_fake_free(f->fake);
}

static const GByteArray *frame_at(Fixture *f, guint i)
{
    g_assert_cmpuint(i, <, f->fake->frames->len);
    return g_ptr_array_index(f->fake->frames, i);
}

static FrameSpec tcp_spec(uint32_t payload_bytes)
{
    return (FrameSpec) {
        .ip_version = 4,
        .protocol = 6,
        .tcp_option_bytes = 12,
        .tcp_flags = TCP_ACK | TCP_PSH,
        .ip_id = 0x1234,
        .sport = 443,
        .dport = 50000,
        .tcp_sn = 0xfffffe00,
        .saddr = { 10, 9, 0, 1 },
        .daddr = { 10, 9, 0, 2 },
        .payload_bytes = payload_bytes,
        .seed = 7,
    };
}

/* Sends the bytes at `buf`, the first `hdr_bytes` inline; index of the WQE */
static uint16_t send_bytes(Fixture *f, PathSq *sq, uint32_t tisn,
                           const uint8_t *buf, size_t len, size_t hdr_bytes,
                           uint16_t mss)
{
    WqeEth eth = {
        .l3_csum = true,
        .l4_csum = true,
        .mss = mss,
        .inline_hdr = buf,
        .inline_hdr_bytes = hdr_bytes,
    };
    WqeCtrl ctrl = { .tis_tir_num = tisn, .cqe = true };
    WqeData data[3];
    unsigned n = 0;
    size_t done = hdr_bytes;

    /* in up to three pieces, wherever they lie */
    while (done < len) {
        data[n].bytes = n == 2 ? len - done : (len - done + 1) / 2;
        data[n].lkey = f->fake->lkey;
        data[n].addr = path_bytes(f->fake, buf + done, data[n].bytes);
        data[n].inline_data = NULL;
        done += data[n++].bytes;
    }
    return path_do(f->fake, sq, f->wqe,
                   wqe_build_send(f->wqe, &ctrl, &eth, data, n));
}

/* ---- Plain frames ---- */

static void own_address(Fixture *f, const uint8_t mac[6])
{
    uint8_t in[0x208] = { 0 };
    uint8_t *ctx = in + CX6DX_modify_nic_vport_context_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_NIC_VPORT_CONTEXT);
    CX6DX_SET(modify_nic_vport_context_in, in, addresses_list, 1);
    CX6DX_SET(nic_vport_context, ctx, allowed_list_size, 1);
    memcpy(in + 0x202, mac, 6);
    g_assert_cmphex(cx6dx_fake_cmd(f->fake, in, sizeof(in), NULL, 16), ==, 0);
}

/*
 * A frame to an address of the port itself: never on the wire, and received only
 * through a TIR that takes such
 */
static void test_loop_back(void)
{
    FrameSpec spec = tcp_spec(100);
    uint8_t buf[512], in[CX6DX_modify_obj_in_BYTES + CX6DX_tirc_BYTES] = { 0 };
    uint8_t *tirc = in + CX6DX_modify_obj_in_BYTES;
    uint8_t cqe[CX6DX_cqe_BYTES];
    BuiltFrame b = frame_build(&spec, buf);
    uint32_t rqtn, tirn;
    PathRq rq;
    Fixture f;

    setup(&f, false);
    rq = path_rq(f.fake, f.eqn, 4, 4, 2048);
    rqtn = cx6dx_fake_rqt(f.fake, &rq.q.number, 1);
    tirn = cx6dx_fake_tir(f.fake, 0, rqtn, false);
    cx6dx_fake_catch_all(f.fake, tirn);
    path_post(f.fake, &rq, 1);
    send_bytes(&f, &f.sq, 0, buf, b.bytes, 0, 0);
    g_assert_cmpuint(f.fake->frames->len, ==, 1);
    own_address(&f, buf);
    send_bytes(&f, &f.sq, 0, buf, b.bytes, 0, 0);
    g_assert_cmpuint(f.fake->frames->len, ==, 1);
    g_assert_false(path_poll(f.fake, &rq.cq, cqe));

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_TIR);
    CX6DX_SET(modify_obj_in, in, number, tirn);
    CX6DX_SET(modify_obj_in, in, modify_bitmask_l, CX6DX_MODIFY_TIR_SELF_LB);
    CX6DX_SET(tirc, tirc, self_lb_block, CX6DX_SELF_LB_UNICAST);
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), NULL, 16), ==, 0);
    send_bytes(&f, &f.sq, 0, buf, b.bytes, 0, 0);
    g_assert_true(path_poll(f.fake, &rq.cq, cqe));
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, byte_cnt), ==, b.bytes);
    g_assert_cmpmem(path_buf(f.fake, &rq, 0), 12, buf, 12);
    g_assert_cmpuint(f.fake->frames->len, ==, 1);
    /* no work request: dropped, it cannot wait */
    f.fake->nic.port.pause_tx = true;
    send_bytes(&f, &f.sq, 0, buf, b.bytes, 0, 0);
    g_assert_cmpuint(f.fake->nic.stats.rx_out_of_buffer, ==, 1);
    g_assert_cmpuint(f.fake->nic.rx_wait_since_ns, ==, 0);
    teardown(&f);
}

static void test_send(void)
{
    static const size_t splits[] = { 0, 14, 18, 66 };
    FrameSpec spec = tcp_spec(1000);
    uint8_t buf[2048];
    BuiltFrame built = frame_build(&spec, buf);
    Fixture f;

    setup(&f, false);
    for (unsigned i = 0; i < ARRAY_SIZE(splits); i++) {
        uint16_t counter, index = send_bytes(&f, &f.sq, 0, buf, built.bytes,
                                             splits[i], 0);

        g_assert_cmpuint(path_expect(f.fake, &f.sq.cq, &counter), ==, 0);
        g_assert_cmpuint(counter, ==, index);
    }
    path_put_sums(buf, &spec, &built);
    for (unsigned i = 0; i < ARRAY_SIZE(splits); i++) {
        g_assert_cmpmem(frame_at(&f, i)->data, frame_at(&f, i)->len, buf,
                        built.bytes);
    }
    g_assert_cmpuint(f.fake->nic.stats.tx_frames, ==, ARRAY_SIZE(splits));
    g_assert_cmpuint(f.fake->nic.stats.tx_bytes, ==,
                     ARRAY_SIZE(splits) * built.bytes);
    teardown(&f);
}

static void test_no_flags_no_change(void)
{
    uint8_t buf[200];
    WqeEth eth = { 0 };
    WqeCtrl ctrl = { 0 };
    WqeData data = { .bytes = sizeof(buf) };
    uint8_t cqe[CX6DX_cqe_BYTES];
    Fixture f;

    setup(&f, false);
    for (unsigned i = 0; i < sizeof(buf); i++) {
        buf[i] = i * 7 + 1;
    }
    memset(buf, 0xff, 6);
    data.lkey = f.fake->lkey;
    data.addr = path_bytes(f.fake, buf, sizeof(buf));
    path_do(f.fake, &f.sq, f.wqe, wqe_build_send(f.wqe, &ctrl, &eth, &data, 1));
    g_assert_cmpmem(frame_at(&f, 0)->data, frame_at(&f, 0)->len, buf,
                    sizeof(buf));
    g_assert_cmpuint(f.fake->nic.stats.tx_broadcast_frames, ==, 1);
    g_assert_cmpuint(f.fake->nic.stats.tx_broadcast_bytes, ==, sizeof(buf));
    /* nobody asked for a completion */
    g_assert_false(path_poll(f.fake, &f.sq.cq, cqe));
    teardown(&f);
}

static void test_vlan_insert(void)
{
    FrameSpec spec = tcp_spec(100);
    uint8_t buf[512], want[512];
    BuiltFrame built = frame_build(&spec, buf);
    WqeEth eth = { .l3_csum = true, .l4_csum = true, .vlan_insert = true,
                   .svlan = true, .vlan_tci = 0x2abc };
    WqeCtrl ctrl = { 0 };
    WqeData data = { .bytes = built.bytes };
    Fixture f;

    setup(&f, false);
    data.lkey = f.fake->lkey;
    data.addr = path_bytes(f.fake, buf, built.bytes);
    path_do(f.fake, &f.sq, f.wqe, wqe_build_send(f.wqe, &ctrl, &eth, &data, 1));
    path_put_sums(buf, &spec, &built);
    memcpy(want, buf, 12);
    memcpy(want + 12, "\x88\xa8\x2a\xbc", 4);
    memcpy(want + 16, buf + 12, built.bytes - 12);
    g_assert_cmpmem(frame_at(&f, 0)->data, frame_at(&f, 0)->len, want,
                    built.bytes + 4);
    teardown(&f);
}

static void test_multi_packet(void)
{
    WqeEth eth = { 0 };
    WqeCtrl ctrl = { .cqe = true };
    uint8_t bytes[3][64];
    WqeData data[3] = { 0 };
    uint16_t index, counter;
    Fixture f;

    setup(&f, false);
    for (unsigned i = 0; i < 3; i++) {
        memset(bytes[i], 0x10 + 2 * i, sizeof(bytes[i]));
        data[i].bytes = 60 + i;
        data[i].lkey = f.fake->lkey;
        data[i].addr = path_bytes(f.fake, bytes[i], data[i].bytes);
    }
    data[1].inline_data = bytes[1];
    index = path_do(f.fake, &f.sq, f.wqe,
                    wqe_build_mpsw(f.wqe, &ctrl, &eth, data, 3));
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpmem(frame_at(&f, i)->data, frame_at(&f, i)->len, bytes[i],
                        60 + i);
    }
    g_assert_cmpuint(path_expect(f.fake, &f.sq.cq, &counter), ==, 0);
    g_assert_cmpuint(counter, ==, index);
    teardown(&f);
}

/* The frames in front of a broken segment have left; then comes the error */
static void test_multi_packet_broken(void)
{
    WqeEth eth = { .l4_csum = true };
    WqeCtrl ctrl = { 0 };
    uint8_t bytes[60] = { 0 };
    WqeData data[3] = { 0 };
    Fixture f;

    setup(&f, false);
    for (unsigned i = 0; i < 3; i++) {
        data[i].bytes = i ? sizeof(bytes) : 10;
        data[i].lkey = f.fake->lkey + (i == 2 ? 0x100 : 0);
        data[i].addr = path_bytes(f.fake, bytes, sizeof(bytes));
    }
    path_do(f.fake, &f.sq, f.wqe,
            wqe_build_mpsw(f.wqe, &ctrl, &eth, data, 3));
    /* ten bytes are no frame */
    g_assert_cmpuint(f.fake->nic.stats.tx_dropped, ==, 1);
    g_assert_cmpuint(f.fake->nic.guest_errs[CX6DX_GUEST_ERR_WQE_SIZE], ==, 1);
    g_assert_cmpuint(f.fake->frames->len, ==, 1);
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_PROT);
    teardown(&f);
}

/* Each segment as the builder would have made it alone */
static void test_lso(void)
{
    FrameSpec spec = tcp_spec(10000);
    g_autofree uint8_t *buf = g_malloc(20000);
    g_autofree uint8_t *want = g_malloc(20000);
    BuiltFrame built = frame_build(&spec, buf);
    uint32_t done = 0;
    guint i = 0;
    Fixture f;

    setup(&f, false);
    send_bytes(&f, &f.sq, 0, buf, built.bytes, HDR_BYTES, MSS);
    while (done < 10000) {
        uint32_t bytes = MIN(MSS, 10000 - done);
        FrameSpec one = spec;
        BuiltFrame b;

        one.payload_bytes = bytes;
        one.tcp_sn += done;
        one.ip_id += i;
        if (done + bytes < 10000) {
            one.tcp_flags &= ~TCP_PSH;
        }
        b = frame_build(&one, want);
        memcpy(want + b.payload_off, buf + HDR_BYTES + done, bytes);
        path_put_sums(want, &one, &b);
        g_assert_cmpmem(frame_at(&f, i)->data, frame_at(&f, i)->len, want,
                        b.bytes);
        done += bytes;
        i++;
    }
    g_assert_cmpuint(f.fake->frames->len, ==, i);
    g_assert_cmpuint(f.fake->nic.stats.tx_lso_wqes, ==, 1);
    teardown(&f);
}

/* Many small frames are not done in one turn */
static void test_lso_budget(void)
{
    FrameSpec spec = tcp_spec(0);
    uint8_t hdr[256];
    WqeEth eth = { .mss = 1, .inline_hdr = hdr, .inline_hdr_bytes = HDR_BYTES };
    WqeCtrl ctrl = { 0 };
    WqeData data = { .bytes = 1000 };
    unsigned turns = 1;
    Fixture f;

    setup(&f, false);
    frame_build(&spec, hdr);
    data.lkey = f.fake->lkey;
    data.addr = cx6dx_fake_alloc(f.fake, data.bytes, 64);
    for (unsigned i = 0; i < 20; i++) {
        path_push(f.fake, &f.sq, f.wqe,
                  wqe_build_send(f.wqe, &ctrl, &eth, &data, 1));
    }
    path_ring(f.fake, &f.sq);
    while (cx6dx_sq_work(&f.fake->nic, 256 * 1024)) {
        turns++;
    }
    g_assert_cmpuint(f.fake->frames->len, ==, 20 * 1000);
    g_assert_cmpuint(turns, >=, 10);
    teardown(&f);
}

static void test_mtu_and_link(void)
{
    FrameSpec spec = tcp_spec(1000);
    uint8_t buf[2048];
    BuiltFrame built = frame_build(&spec, buf);
    Fixture f;

    setup(&f, false);
    f.fake->nic.port.mtu = built.bytes + 3;
    send_bytes(&f, &f.sq, 0, buf, built.bytes, 18, 0);
    g_assert_cmpuint(f.fake->frames->len, ==, 0);
    g_assert_cmpuint(f.fake->nic.stats.tx_dropped, ==, 1);
    g_assert_cmpuint(f.fake->nic.guest_errs[CX6DX_GUEST_ERR_WQE_SIZE], ==, 1);
    g_assert_cmpuint(path_expect(f.fake, &f.sq.cq, NULL), ==, 0);

    f.fake->nic.port.mtu = built.bytes + 4;
    send_bytes(&f, &f.sq, 0, buf, built.bytes, 18, 0);
    g_assert_cmpuint(f.fake->frames->len, ==, 1);

    cx6dx_port_set_backend(&f.fake->nic, false);
    send_bytes(&f, &f.sq, 0, buf, built.bytes, 18, 0);
    g_assert_cmpuint(f.fake->frames->len, ==, 1);
    g_assert_cmpuint(f.fake->nic.stats.tx_dropped, ==, 2);
    teardown(&f);
}

/* ---- Work requests that are wrong ---- */

typedef struct BadSend {
    const char *what;
    Cx6dxGuestErr err;
    uint8_t syndrome;
    uint16_t mss;
    uint32_t lkey;              /* added to the right one */
    uint64_t addr;              /* 0: the right one */
    uint32_t bytes;
    uint32_t tisn;              /* 0: the right one */
    size_t hdr_bytes;
} BadSend;

static const BadSend bad_sends[] = {
    { "lkey", CX6DX_GUEST_ERR_WQE_LKEY, CX6DX_CQE_SYNDROME_LOCAL_PROT,
      .lkey = 0x100, .bytes = 100 },
    { "address", CX6DX_GUEST_ERR_WQE_DMA, CX6DX_CQE_SYNDROME_LOCAL_ACCESS,
      .addr = FAKE_NOWHERE, .bytes = 100 },
    { "length", CX6DX_GUEST_ERR_WQE_SIZE, CX6DX_CQE_SYNDROME_LOCAL_LENGTH,
      .bytes = CX6DX_TX_MAX_PAYLOAD + 1 },
    { "tis", CX6DX_GUEST_ERR_WQE_TIS, CX6DX_CQE_SYNDROME_LOCAL_QP_OP,
      .tisn = 0xabcd, .bytes = 100 },
    { "lso-header", CX6DX_GUEST_ERR_WQE_MALFORMED,
      CX6DX_CQE_SYNDROME_LOCAL_QP_OP, .mss = 100, .bytes = 1000,
      .hdr_bytes = 60 },
    { "lso-without-header", CX6DX_GUEST_ERR_WQE_MALFORMED,
      CX6DX_CQE_SYNDROME_LOCAL_QP_OP, .mss = 100, .bytes = 1000 },
    { "lso-segments", CX6DX_GUEST_ERR_WQE_SIZE, CX6DX_CQE_SYNDROME_LOCAL_LENGTH,
      .mss = 1, .bytes = CX6DX_TX_MAX_SEGMENTS + 1, .hdr_bytes = HDR_BYTES },
};

static void test_bad_send(gconstpointer opaque)
{
    const BadSend *bad = opaque;
    FrameSpec spec = tcp_spec(8);
    uint8_t hdr[256];
    WqeEth eth = { .mss = bad->mss, .inline_hdr = hdr,
                   .inline_hdr_bytes = bad->hdr_bytes };
    WqeCtrl ctrl = { .tis_tir_num = bad->tisn };
    WqeData data = { .bytes = bad->bytes };
    uint16_t index, counter;
    Fixture f;

    setup(&f, false);
    frame_build(&spec, hdr);
    data.lkey = f.fake->lkey + bad->lkey;
    data.addr = bad->addr ? bad->addr
                          : cx6dx_fake_alloc(f.fake, bad->bytes, 64);
    index = path_do(f.fake, &f.sq, f.wqe,
                    wqe_build_send(f.wqe, &ctrl, &eth, &data, 1));
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, &counter), ==, bad->syndrome);
    g_assert_cmpuint(counter, ==, index);
    g_assert_cmpuint(f.fake->nic.guest_errs[bad->err], ==, 1);
    g_assert_cmpuint(f.fake->frames->len, ==, 0);
    /* the NIC goes on: another queue works */
    f.sq = path_sq(f.fake, f.eqn, 8, f.tisn);
    send_bytes(&f, &f.sq, 0, hdr, HDR_BYTES + 8, 18, 0);
    g_assert_cmpuint(f.fake->frames->len, ==, 1);
    teardown(&f);
}

/* ---- TLS ---- */

typedef struct TlsFixture {
    Fixture f;
    Cx6dxOracle *o;
    uint32_t tls_tisn;
    uint32_t dek;
} TlsFixture;

static void tls_start(TlsFixture *t)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    uint8_t progress[CX6DX_tls_progress_params_BYTES] = { 0 };
    Cx6dxTlsStatic st = cx6dx_oracle_static(t->o);
    WqeCtrl ctrl = { .tis_tir_num = t->tls_tisn };
    Fixture *f = &t->f;

    cx6dx_wqe_encode_static(&st, t->dek, params);
    path_push(f->fake, &f->sq, f->wqe,
              wqe_build_static(f->wqe, &ctrl, CX6DX_OPMOD_TIS, params));
    ctrl.tis_tir_num = 0;
    path_do(f->fake, &f->sq, f->wqe,
            wqe_build_set_psv(f->wqe, &ctrl, CX6DX_OPMOD_TIS, t->tls_tisn,
                              progress));
}

static void tls_setup(TlsFixture *t, Cx6dxDice *dice, unsigned nrecords,
                      uint8_t key_bytes, bool timing)
{
    Cx6dxOracleSpec spec = {
        .tls_version = CX6DX_TLS_VERSION_1_2,
        .key_bytes = key_bytes,
        .nrecords = nrecords,
        .min_payload = 0,
        .max_payload = 16384,
        .first_rec_sn = 0xfffffffe,
        .first_tcp_sn = 0xffffff00,
    };

    setup(&t->f, timing);
    t->o = cx6dx_oracle_new(&spec, dice);
    t->tls_tisn = cx6dx_fake_tis(t->f.fake, true);
    t->dek = path_dek(t->f.fake, t->o->key, key_bytes);
    tls_start(t);
}

static void tls_teardown(TlsFixture *t)
{
    cx6dx_oracle_free(t->o);
    teardown(&t->f);
}

/* A SEND or LSO with the stream's bytes [from, from + len) */
static void send_stream(TlsFixture *t, size_t from, size_t len, uint16_t mss)
{
    FrameSpec spec = tcp_spec(len);
    g_autofree uint8_t *buf = g_malloc(len + FRAME_SPEC_MAX_HDR_BYTES);
    BuiltFrame built;

    spec.tcp_sn = t->o->first_tcp_sn + from;
    built = frame_build(&spec, buf);
    memcpy(buf + built.payload_off, t->o->laid_out + from, len);
    send_bytes(&t->f, &t->f.sq, t->tls_tisn, buf, built.bytes,
               built.payload_off, mss);
}

/* Payloads of all frames, one behind the other; checksums are checked */
static GByteArray *wire_payload(Fixture *f)
{
    GByteArray *all = g_byte_array_new();

    for (guint i = 0; i < f->fake->frames->len; i++) {
        const GByteArray *frame = frame_at(f, i);
        FrameSpec spec = tcp_spec(frame->len - HDR_BYTES);
        g_autofree uint8_t *copy = g_memdup2(frame->data, frame->len);
        BuiltFrame built = { frame->len, 14, 34, HDR_BYTES };

        path_put_sums(copy, &spec, &built);
        g_assert_cmpmem(copy, frame->len, frame->data, frame->len);
        g_byte_array_append(all, frame->data + HDR_BYTES,
                            frame->len - HDR_BYTES);
    }
    return all;
}

/* How a stream is cut into work requests does not change a byte on the wire */
static void test_tls_any_cut(void)
{
    Cx6dxDice dice = { .state = 11 };

    for (unsigned round = 0; round < 60; round++) {
        g_autoptr(GByteArray) all = NULL;
        uint8_t cqe[CX6DX_cqe_BYTES];
        TlsFixture t;
        size_t done = 0, bytes;

        tls_setup(&t, &dice, 1 + cx6dx_dice_below(&dice, 6),
                  round & 1 ? 32 : 16, round % 5 == 4);
        while (done < t.o->len) {
            bytes = cx6dx_dice_size(&dice, 1, 30000);
            bytes = MIN(bytes, t.o->len - done);
            send_stream(&t, done, bytes,
                        bytes > MSS || cx6dx_dice_below(&dice, 2)
                            ? 1 + cx6dx_dice_below(&dice, MSS - 100) + 100
                            : 0);
            done += bytes;
            cx6dx_fake_advance(t.f.fake, 1000 * 1000);
            while (path_poll(t.f.fake, &t.f.sq.cq, cqe)) {
                g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_REQ);
            }
        }
        all = wire_payload(&t.f);
        g_assert_cmpmem(all->data, all->len, t.o->wire, t.o->len);
        g_assert_cmpuint(t.f.fake->nic.stats.tls_tx_bytes, ==, t.o->len);
        g_assert_cmpuint(t.f.fake->nic.stats.tls_tx_packets, ==,
                         t.f.fake->frames->len);
        g_assert_cmpuint(t.f.fake->nic.stats.tls_tx_records, ==,
                         t.o->nrecords);
        g_assert_cmpuint(t.f.fake->nic.stats.tls_tx_drops, ==, 0);
        tls_teardown(&t);
    }
}

static void assert_dropped(TlsFixture *t, uint64_t drops)
{
    g_assert_cmpuint(t->f.fake->frames->len, ==, 0);
    g_assert_cmpuint(t->f.fake->nic.stats.tls_tx_drops, ==, drops);
    g_assert_cmpuint(t->f.fake->nic.guest_errs[CX6DX_GUEST_ERR_TLS_TX], ==,
                     drops);
    /* no error for the driver: its packet is lost, as on any wire */
    g_assert_cmpuint(path_expect(t->f.fake, &t->f.sq.cq, NULL), ==, 0);
}

static void test_tls_never_clear(void)
{
    Cx6dxDice dice = { .state = 12 };
    FrameSpec spec = tcp_spec(500);
    uint8_t buf[1024];
    BuiltFrame built;
    TlsFixture t;

    tls_setup(&t, &dice, 3, 16, false);
    /* not the expected sequence number */
    send_stream(&t, 0, 100, 0);
    g_assert_cmpuint(path_expect(t.f.fake, &t.f.sq.cq, NULL), ==, 0);
    cx6dx_fake_clear_frames(t.f.fake);
    send_stream(&t, 150, 100, 0);
    assert_dropped(&t, 1);
    send_stream(&t, 0, 100, MSS);
    assert_dropped(&t, 2);
    /* not TCP: UDP, a fragment, something else */
    spec.protocol = 17;
    spec.tcp_option_bytes = 0;
    built = frame_build(&spec, buf);
    send_bytes(&t.f, &t.f.sq, t.tls_tisn, buf, built.bytes, 18, 0);
    assert_dropped(&t, 3);
    spec = tcp_spec(500);
    spec.frag_word = 0x2000;
    built = frame_build(&spec, buf);
    send_bytes(&t.f, &t.f.sq, t.tls_tisn, buf, built.bytes, 18, 0);
    assert_dropped(&t, 4);
    memset(buf, 0x42, 200);
    send_bytes(&t.f, &t.f.sq, t.tls_tisn, buf, 200, 18, 0);
    assert_dropped(&t, 5);
    /* more bytes than the IP header tells of */
    spec = tcp_spec(500);
    spec.tcp_sn = t.o->first_tcp_sn + 100;
    built = frame_build(&spec, buf);
    buf[built.l3_off + 2] = 0;
    buf[built.l3_off + 3] = 100;
    send_bytes(&t.f, &t.f.sq, t.tls_tisn, buf, built.bytes, 18, 0);
    assert_dropped(&t, 6);
    /* none of these has disturbed the stream */
    send_stream(&t, 100, 100, 0);
    g_assert_cmpmem(frame_at(&t.f, 0)->data + HDR_BYTES, 100,
                    t.o->wire + 100, 100);
    tls_teardown(&t);
}

static void test_tls_before_params(void)
{
    Cx6dxDice dice = { .state = 13 };
    TlsFixture t;

    tls_setup(&t, &dice, 1, 16, false);
    t.tls_tisn = cx6dx_fake_tis(t.f.fake, true);
    send_stream(&t, 0, 16, 0);
    assert_dropped(&t, 1);
    tls_teardown(&t);
}

static void test_tls_empty_segment(void)
{
    Cx6dxDice dice = { .state = 14 };
    TlsFixture t;

    tls_setup(&t, &dice, 1, 16, false);
    send_stream(&t, 0, 0, 0);
    g_assert_cmpuint(t.f.fake->frames->len, ==, 1);
    g_assert_cmpuint(t.f.fake->nic.stats.tls_tx_packets, ==, 0);
    tls_teardown(&t);
}

/* What was acknowledged is dumped, the rest sent again: the same bytes */
static void test_tls_dump(void)
{
    Cx6dxDice dice = { .state = 15 };

    for (unsigned round = 0; round < 30; round++) {
        WqeCtrl ctrl = { 0 };
        WqeData data = { 0 };
        size_t cut, done = 0;
        TlsFixture t;

        tls_setup(&t, &dice, 1, 16, false);
        cut = cx6dx_dice_below(&dice, t.o->len - 1) + 1;
        send_stream(&t, 0, t.o->len, MSS);
        cx6dx_fake_clear_frames(t.f.fake);
        tls_start(&t);
        ctrl.tis_tir_num = t.tls_tisn;
        while (done < cut) {
            data.bytes = 1 + cx6dx_dice_below(&dice, 4000);
            data.bytes = MIN(data.bytes, cut - done);
            data.lkey = t.f.fake->lkey;
            data.addr = path_bytes(t.f.fake, t.o->laid_out + done, data.bytes);
            path_push(t.f.fake, &t.f.sq, t.f.wqe,
                      wqe_build_dump(t.f.wqe, &ctrl, &data));
            done += data.bytes;
        }
        g_assert_cmpuint(t.f.fake->frames->len, ==, 0);
        if (cut < t.o->len) {
            g_autoptr(GByteArray) all = NULL;

            send_stream(&t, cut, t.o->len - cut, MSS);
            all = wire_payload(&t.f);
            g_assert_cmpmem(all->data, all->len, t.o->wire + cut,
                            t.o->len - cut);
            g_assert_cmpuint(t.f.fake->nic.stats.tls_tx_dump_bytes, ==, cut);
        }
        tls_teardown(&t);
    }
}

/* ---- Modelled time ---- */

static void test_timing(void)
{
    FrameSpec spec = tcp_spec(3 * MSS);
    g_autofree uint8_t *buf = g_malloc(3 * MSS + 200);
    BuiltFrame built = frame_build(&spec, buf);
    uint8_t cqe[CX6DX_cqe_BYTES];
    Fixture f;

    setup(&f, true);
    send_bytes(&f, &f.sq, 0, buf, built.bytes, HDR_BYTES, MSS);
    g_assert_cmpuint(f.fake->frames->len, ==, 0);
    g_assert_false(path_poll(f.fake, &f.sq.cq, cqe));
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 4);
    cx6dx_fake_advance(f.fake, 1000 * 1000);
    g_assert_cmpuint(f.fake->frames->len, ==, 3);
    g_assert_cmpuint(path_expect(f.fake, &f.sq.cq, NULL), ==, 0);
    g_assert_cmpuint(f.fake->nic.timing.wire_tx.operations, ==, 3);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/txpath/loop-back", test_loop_back);
    g_test_add_func("/cx6dx/txpath/send/checksums-are-filled", test_send);
    g_test_add_func("/cx6dx/txpath/send/without-flags-nothing-changes",
                    test_no_flags_no_change);
    g_test_add_func("/cx6dx/txpath/send/vlan-tag-is-inserted",
                    test_vlan_insert);
    g_test_add_func("/cx6dx/txpath/send/several-frames-in-one-request",
                    test_multi_packet);
    g_test_add_func("/cx6dx/txpath/send/several-frames-one-broken",
                    test_multi_packet_broken);
    g_test_add_func("/cx6dx/txpath/lso/segments-are-as-if-sent-alone",
                    test_lso);
    g_test_add_func("/cx6dx/txpath/lso/small-frames-take-turns",
                    test_lso_budget);
    g_test_add_func("/cx6dx/txpath/send/mtu-and-link-drop-and-complete",
                    test_mtu_and_link);
    for (unsigned i = 0; i < ARRAY_SIZE(bad_sends); i++) {
        g_autofree char *path = g_strdup_printf("/cx6dx/txpath/bad/%s",
                                                bad_sends[i].what);

        g_test_add_data_func(path, &bad_sends[i], test_bad_send);
    }
    g_test_add_func("/cx6dx/txpath/tls/any-cut-gives-the-same-wire",
                    test_tls_any_cut);
    g_test_add_func("/cx6dx/txpath/tls/nothing-leaves-in-clear",
                    test_tls_never_clear);
    g_test_add_func("/cx6dx/txpath/tls/nothing-leaves-before-params",
                    test_tls_before_params);
    g_test_add_func("/cx6dx/txpath/tls/segment-without-payload-passes",
                    test_tls_empty_segment);
    g_test_add_func("/cx6dx/txpath/tls/dumped-prefix-then-the-rest",
                    test_tls_dump);
    g_test_add_func("/cx6dx/txpath/timing/everything-comes-later",
                    test_timing);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive side: what a guest finds in its buffers and completions
 */
#include "qemu/osdep.h"
#include "nic/port.h"
#include "nic/rq.h"
#include "nic/rxpath.h"
#include "nic/tir.h"
#include "pure/cqe.h"
#include "pure/wqe.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-frame-build.h"
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
    uint32_t eqn, rqtn, tirn;
    PathRq rq;
} Fixture;

static void setup_with(Fixture *f, bool timing, bool tls)
{
    f->fake = path_new(timing, &f->eqn);
    f->rq = path_rq(f->fake, f->eqn, 6, 4, BUF_BYTES);
    f->rqtn = cx6dx_fake_rqt(f->fake, &f->rq.q.number, 1);
    f->tirn = cx6dx_fake_tir(f->fake, 0, f->rqtn, tls);
    cx6dx_fake_catch_all(f->fake, f->tirn);
}

static void setup(Fixture *f)
{
    setup_with(f, false, false);
}

static void teardown(Fixture *f)
{
    cx6dx_fake_free(f->fake);
}

static Cx6dxRq *rq_of(Fixture *f)
{
    return (Cx6dxRq *)cx6dx_obj_get(&f->fake->nic.rqs, f->rq.q.number);
}

static FrameSpec tcp_spec(uint32_t payload_bytes)
{
    return (FrameSpec) {
        .ip_version = 4,
        .protocol = 6,
        .tcp_option_bytes = 12,
        .tcp_flags = TCP_ACK,
        .sport = 443,
        .dport = 50000,
        .tcp_sn = 1000,
        .saddr = { 10, 9, 0, 2 },
        .daddr = { 10, 9, 0, 1 },
        .payload_bytes = payload_bytes,
        .seed = 9,
    };
}

/* Right checksums, by the slow sums of the builder */
static void put_sums(uint8_t *buf, const FrameSpec *spec, const BuiltFrame *b)
{
    unsigned field = b->l4_off + (spec->protocol == 6 ? 16 : 6);
    uint16_t sum;

    if (spec->ip_version == 4) {
        memset(buf + b->l3_off + 10, 0, 2);
        sum = ~frame_naive_sum(buf + b->l3_off, b->l4_off - b->l3_off, 0);
        buf[b->l3_off + 10] = sum >> 8;
        buf[b->l3_off + 11] = sum & 0xff;
    }
    memset(buf + field, 0, 2);
    sum = ~frame_naive_l4_sum(buf, spec, b);
    buf[field] = sum >> 8;
    buf[field + 1] = sum & 0xff;
}

static size_t make_frame(const FrameSpec *spec, uint8_t *buf)
{
    BuiltFrame b = frame_build(spec, buf);

    put_sums(buf, spec, &b);
    return b.bytes;
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

static void assert_no_cqe(Fixture *f)
{
    uint8_t buf[CX6DX_cqe_BYTES];

    g_assert_false(path_poll(f->fake, &f->rq.cq, buf));
}

static Cx6dxRxResult receive(Fixture *f, const uint8_t *buf, size_t len)
{
    return cx6dx_nic_receive(&f->fake->nic, buf, len);
}

/* ---- Plain frames ---- */

static void test_fields(void)
{
    static const struct {
        uint8_t ip_version, protocol, l3, l4, ip_hash, l4_hash;
    } cases[] = {
        { 4, 6, CX6DX_CQE_L3_IPV4, CX6DX_CQE_L4_TCP_ACK_DATA,
          CX6DX_CQE_RSS_IP_V4, CX6DX_CQE_RSS_L4_TCP },
        { 6, 6, CX6DX_CQE_L3_IPV6, CX6DX_CQE_L4_TCP_ACK_DATA,
          CX6DX_CQE_RSS_IP_V6, CX6DX_CQE_RSS_L4_TCP },
        { 4, 17, CX6DX_CQE_L3_IPV4, CX6DX_CQE_L4_UDP, CX6DX_CQE_RSS_IP_V4,
          CX6DX_CQE_RSS_L4_UDP },
        { 6, 17, CX6DX_CQE_L3_IPV6, CX6DX_CQE_L4_UDP, CX6DX_CQE_RSS_IP_V6,
          CX6DX_CQE_RSS_L4_UDP },
    };
    uint8_t buf[2048];
    Fixture f;

    setup(&f);
    path_toeplitz(f.fake, f.tirn);
    path_post(f.fake, &f.rq, 8);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        FrameSpec spec = tcp_spec(333);
        Cx6dxRxCqe cqe;
        size_t len;

        spec.ip_version = cases[i].ip_version;
        spec.protocol = cases[i].protocol;
        spec.ext[0] = 0xff;
        spec.tcp_option_bytes = spec.protocol == 6 ? 12 : 0;
        len = make_frame(&spec, buf);
        g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
        cqe = next_cqe(&f);
        g_assert_cmpuint(cqe.wqe_counter, ==, i);
        g_assert_cmpuint(cqe.byte_cnt, ==, len);
        g_assert_true(cqe.l3_ok && cqe.l4_ok);
        g_assert_cmpuint(cqe.l3_hdr_type, ==, cases[i].l3);
        g_assert_cmpuint(cqe.l4_hdr_type, ==, cases[i].l4);
        g_assert_cmpuint(cqe.rss_hash_ip, ==, cases[i].ip_hash);
        g_assert_cmpuint(cqe.rss_hash_l4, ==, cases[i].l4_hash);
        g_assert_cmpuint(cqe.rss_hash, !=, 0);
        g_assert_cmphex(cqe.check_sum, ==, frame_naive_sum(buf + 14, len - 14,
                                                           0));
        g_assert_cmpuint(cqe.tls_offload, ==, CX6DX_CQE_TLS_NOT_DECRYPTED);
        g_assert_cmpmem(path_buf(f.fake, &f.rq, i), len, buf, len);
    }
    g_assert_cmpuint(f.fake->nic.stats.rx_frames, ==, ARRAY_SIZE(cases));
    teardown(&f);
}

static void test_bad_checksum_is_told(void)
{
    FrameSpec spec = tcp_spec(100);
    uint8_t buf[512];
    size_t len = make_frame(&spec, buf);
    Cx6dxRxCqe cqe;
    Fixture f;

    setup(&f);
    path_post(f.fake, &f.rq, 2);
    buf[len - 1] ^= 1;
    receive(&f, buf, len);
    cqe = next_cqe(&f);
    g_assert_true(cqe.l3_ok);
    g_assert_false(cqe.l4_ok);
    buf[14 + 8] ^= 1;
    receive(&f, buf, len);
    cqe = next_cqe(&f);
    g_assert_false(cqe.l3_ok);
    teardown(&f);
}

static void test_vlan(void)
{
    FrameSpec spec = tcp_spec(100);
    uint8_t buf[512], want[512];
    Cx6dxRxCqe cqe;
    size_t len;
    Fixture f;

    setup(&f);
    path_post(f.fake, &f.rq, 3);
    spec.tag_type[0] = 0x8100;
    spec.tci[0] = 0x6123;
    len = make_frame(&spec, buf);
    memcpy(want, buf, 12);
    memcpy(want + 12, buf + 16, len - 16);
    receive(&f, buf, len);
    cqe = next_cqe(&f);
    g_assert_true(cqe.vlan_stripped);
    g_assert_cmphex(cqe.vlan_tci, ==, 0x6123);
    g_assert_cmpuint(cqe.byte_cnt, ==, len - 4);
    g_assert_true(cqe.l4_ok);
    g_assert_cmpmem(path_buf(f.fake, &f.rq, 0), len - 4, want, len - 4);

    rq_of(&f)->vsd = true;
    receive(&f, buf, len);
    cqe = next_cqe(&f);
    g_assert_false(cqe.vlan_stripped);
    g_assert_cmpmem(path_buf(f.fake, &f.rq, 1), len, buf, len);

    /* an S-tag stays */
    rq_of(&f)->vsd = false;
    buf[12] = 0x88;
    buf[13] = 0xa8;
    receive(&f, buf, len);
    g_assert_false(next_cqe(&f).vlan_stripped);
    g_assert_cmpmem(path_buf(f.fake, &f.rq, 2), len, buf, len);
    teardown(&f);
}

static void test_fcs(void)
{
    /* the check value of this CRC: nine digits give cbf43926 */
    uint8_t buf[60] = "123456789";
    uint8_t *got;
    Fixture f;

    setup(&f);
    path_post(f.fake, &f.rq, 1);
    rq_of(&f)->scatter_fcs = true;
    receive(&f, buf, sizeof(buf));
    g_assert_cmpuint(next_cqe(&f).byte_cnt, ==, sizeof(buf) + 4);
    got = path_buf(f.fake, &f.rq, 0);
    g_assert_cmpmem(got, sizeof(buf), buf, sizeof(buf));
    /* of a frame with its FCS the CRC is this constant (IEEE 802.3) */
    {
        uint32_t crc = 0xffffffff;

        for (unsigned i = 0; i < (sizeof(buf) + 4) * 8; i++) {
            unsigned bit = (got[i / 8] >> (i % 8) & 1) ^ (crc & 1);

            crc = crc >> 1 ^ (bit ? 0xedb88320 : 0);
        }
        g_assert_cmphex(crc, ==, 0xdebb20e3);
    }
    teardown(&f);
}

/* Frames run over the segments in order; an unused one ends the list */
static void test_scatter_segments(void)
{
    static const uint32_t sizes[] = { 100, 1, 700, 512 };
    FrameSpec spec = tcp_spec(900);
    uint8_t buf[2048];
    size_t len = make_frame(&spec, buf), done = 0;
    uint64_t addr[ARRAY_SIZE(sizes)];
    uint8_t *wqe;
    PathRq rq;
    Fixture f;

    setup(&f);
    rq = path_rq(f.fake, f.eqn, 4, 7, 64);
    f.rqtn = cx6dx_fake_rqt(f.fake, &rq.q.number, 1);
    cx6dx_fake_catch_all(f.fake, cx6dx_fake_tir(f.fake, 0, f.rqtn, false));
    wqe = cx6dx_fake_ptr(f.fake, rq.q.buf);
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++, wqe += 16) {
        addr[i] = cx6dx_fake_alloc(f.fake, sizes[i], 8);
        CX6DX_SET(wqe_data, wqe, inline_data, i & 1);   /* start padding */
        CX6DX_SET(wqe_data, wqe, byte_count, sizes[i]);
        CX6DX_SET(wqe_data, wqe, lkey, f.fake->lkey);
        CX6DX_SET64(wqe_data, wqe, addr, addr[i]);
    }
    CX6DX_SET(wqe_data, wqe, lkey, CX6DX_TERMINATE_LKEY);
    CX6DX_SET(wqe_data, wqe, byte_count, 5000);
    CX6DX_SET(wq_dbrec, cx6dx_fake_ptr(f.fake, rq.q.dbr), rq_counter, 1);
    receive(&f, buf, len);
    g_assert_cmpuint(path_expect(f.fake, &rq.cq, NULL), ==, 0);
    for (unsigned i = 0; done < len; i++) {
        size_t n = MIN(sizes[i], len - done);

        g_assert_cmpmem(cx6dx_fake_ptr(f.fake, addr[i]), n, buf + done, n);
        done += n;
    }
    teardown(&f);
}

static void test_rss_spreads(void)
{
    uint32_t rqns[4], tirn;
    unsigned hit[4] = { 0 };
    uint8_t buf[256], cqe[CX6DX_cqe_BYTES];
    PathRq rqs[4];
    Fixture f;

    setup(&f);
    for (unsigned i = 0; i < 4; i++) {
        rqs[i] = path_rq(f.fake, f.eqn, 7, 4, 512);
        path_post(f.fake, &rqs[i], 128);
        rqns[i] = rqs[i].q.number;
    }
    tirn = cx6dx_fake_tir(f.fake, 0, cx6dx_fake_rqt(f.fake, rqns, 4), false);
    path_toeplitz(f.fake, tirn);
    cx6dx_fake_catch_all(f.fake, tirn);
    for (unsigned i = 0; i < 128; i++) {
        FrameSpec spec = tcp_spec(10);

        spec.sport = 1000 + i;
        receive(&f, buf, make_frame(&spec, buf));
    }
    for (unsigned i = 0; i < 4; i++) {
        while (path_poll(f.fake, &rqs[i].cq, cqe)) {
            /* the queue is the one that the reported hash names */
            g_assert_cmpuint(CX6DX_GET(cqe, cqe, rss_hash_result) % 4, ==, i);
            hit[i]++;
        }
        g_assert_cmpuint(hit[i], >, 8);
    }
    g_assert_cmpuint(hit[0] + hit[1] + hit[2] + hit[3], ==, 128);
    teardown(&f);
}

/* ---- Nowhere to go ---- */

static uint32_t q_counter_value(Cx6dxFake *fake, uint32_t id)
{
    uint8_t in[CX6DX_query_q_counter_in_BYTES] = { 0 };
    uint8_t out[CX6DX_query_q_counter_out_BYTES];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_Q_COUNTER);
    CX6DX_SET(query_q_counter_in, in, counter_set_id, id);
    CX6DX_SET(query_q_counter_in, in, clear, 1);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    return CX6DX_GET(query_q_counter_out, out, out_of_buffer);
}

static void test_drops(void)
{
    FrameSpec spec = tcp_spec(100);
    uint8_t buf[4096];
    size_t len = make_frame(&spec, buf);
    const Cx6dxStats *stats;
    uint32_t counter;
    Fixture f;

    setup(&f);
    stats = &f.fake->nic.stats;
    counter = cx6dx_fake_alloc_obj(f.fake, CX6DX_CMD_ALLOC_Q_COUNTER);
    rq_of(&f)->counter_set = counter;
    cx6dx_obj_ref(&f.fake->nic.q_counters, counter);

    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpuint(stats->rx_out_of_buffer, ==, 1);
    g_assert_cmpuint(q_counter_value(f.fake, counter), ==, 1);
    g_assert_cmpuint(q_counter_value(f.fake, counter), ==, 0);

    path_post(f.fake, &f.rq, 4);
    receive(&f, buf, f.fake->nic.port.mtu - 3);
    g_assert_cmpuint(stats->rx_oversize, ==, 1);
    receive(&f, buf, 13);
    g_assert_cmpuint(stats->rx_no_queue, ==, 1);
    f.fake->nic.port.mtu = 4000;
    receive(&f, buf, BUF_BYTES + 1);
    g_assert_cmpuint(stats->rx_oversize, ==, 2);
    rq_of(&f)->state = CX6DX_QUEUE_ERR;
    receive(&f, buf, len);
    g_assert_cmpuint(stats->rx_no_queue, ==, 2);
    rq_of(&f)->state = CX6DX_QUEUE_RDY;
    f.fake->nic.flow_root = 0;
    receive(&f, buf, len);
    g_assert_cmpuint(stats->rx_steering_drops, ==, 1);
    assert_no_cqe(&f);
    g_assert_cmpuint(stats->rx_frames, ==, 6);
    teardown(&f);
}

static void test_pause_waits(void)
{
    FrameSpec spec = tcp_spec(100);
    uint8_t buf[512];
    size_t len = make_frame(&spec, buf);
    const Cx6dxStats *stats;
    uint32_t polls;
    Fixture f;

    setup(&f);
    stats = &f.fake->nic.stats;
    f.fake->nic.port.pause_tx = true;
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    g_assert_cmpuint(stats->rx_frames, ==, 0);
    cx6dx_fake_advance(f.fake, 100 * 1000);
    g_assert_cmpuint(f.fake->rx_ready, >=, 4);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    /* the guest posts, and the next try delivers */
    path_post(f.fake, &f.rq, 1);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpuint(next_cqe(&f).byte_cnt, ==, len);
    g_assert_cmpuint(f.fake->nic.rx_wait_since_ns, ==, 0);
    polls = f.fake->rx_ready;
    cx6dx_fake_advance(f.fake, 1000 * 1000);
    g_assert_cmpuint(f.fake->rx_ready, ==, polls);
    /* a guest that never posts: one millisecond, then drop without waiting */
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    cx6dx_fake_advance(f.fake, 999 * 1000);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    cx6dx_fake_advance(f.fake, 1000);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpuint(stats->rx_out_of_buffer, ==, 2);
    /* once it has posted it may be waited for again */
    path_post(f.fake, &f.rq, 1);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    teardown(&f);
}

typedef struct BadPost {
    const char *what;
    Cx6dxGuestErr err;
    uint8_t syndrome;
    uint32_t lkey;              /* added to the right one */
    bool nowhere;
} BadPost;

static const BadPost bad_posts[] = {
    { "lkey", CX6DX_GUEST_ERR_WQE_LKEY, CX6DX_CQE_SYNDROME_LOCAL_PROT, 0x100,
      false },
    { "address", CX6DX_GUEST_ERR_WQE_DMA, CX6DX_CQE_SYNDROME_LOCAL_ACCESS, 0,
      true },
};

static void test_bad_post(gconstpointer opaque)
{
    const BadPost *bad = opaque;
    FrameSpec spec = tcp_spec(100);
    uint8_t buf[512];
    size_t len = make_frame(&spec, buf);
    uint16_t counter;
    uint8_t *wqe;
    Fixture f;

    setup(&f);
    path_post(f.fake, &f.rq, 2);
    wqe = cx6dx_fake_ptr(f.fake, f.rq.q.buf);
    CX6DX_SET(wqe_data, wqe, lkey, f.fake->lkey + bad->lkey);
    if (bad->nowhere) {
        CX6DX_SET64(wqe_data, wqe, addr, FAKE_NOWHERE);
    }
    receive(&f, buf, len);
    g_assert_cmphex(path_expect(f.fake, &f.rq.cq, &counter), ==, bad->syndrome);
    g_assert_cmpuint(counter, ==, 0);
    g_assert_cmpuint(f.fake->nic.guest_errs[bad->err], ==, 1);
    g_assert_cmpuint(rq_of(&f)->state, ==, CX6DX_QUEUE_ERR);
    /* dropped from now on, nothing worse */
    receive(&f, buf, len);
    g_assert_cmpuint(f.fake->nic.stats.rx_no_queue, ==, 1);
    teardown(&f);
}

/* ---- TLS ---- */

typedef struct TlsFixture {
    Fixture f;
    Cx6dxOracle *o;
    PathSq sq;
    uint32_t dek;
} TlsFixture;

static void tls_setup(TlsFixture *t, Cx6dxDice *dice, unsigned nrecords,
                      bool timing)
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

    setup_with(&t->f, timing, true);
    t->o = cx6dx_oracle_new(&spec, dice);
    t->sq = path_sq(t->f.fake, t->f.eqn, 6, 0);
    t->dek = path_dek(t->f.fake, t->o->key, 16);
    st = cx6dx_oracle_static(t->o);
    cx6dx_wqe_encode_static(&st, t->dek, params);
    CX6DX_SET(tls_progress_params, progress, next_record_tcp_sn,
              t->o->first_tcp_sn);
    ctrl.tis_tir_num = t->f.tirn;
    path_push(t->f.fake, &t->sq, wqe,
              wqe_build_static(wqe, &ctrl, CX6DX_OPMOD_TIR, params));
    path_do(t->f.fake, &t->sq, wqe,
            wqe_build_set_psv(wqe, &ctrl, CX6DX_OPMOD_TIR, t->f.tirn,
                              progress));
}

static void tls_teardown(TlsFixture *t)
{
    cx6dx_oracle_free(t->o);
    teardown(&t->f);
}

/* A frame with the wire's bytes [from, from + len) */
static size_t stream_frame(TlsFixture *t, size_t from, size_t len,
                           uint8_t flags, uint8_t *buf)
{
    FrameSpec spec = tcp_spec(len);
    BuiltFrame b;

    spec.tcp_sn = t->o->first_tcp_sn + from;
    spec.tcp_flags = TCP_ACK | flags;
    b = frame_build(&spec, buf);
    memcpy(buf + b.payload_off, t->o->wire + from, len);
    put_sums(buf, &spec, &b);
    return b.bytes;
}

static void test_tls_in_order(void)
{
    Cx6dxDice dice = { .state = 21 };

    for (unsigned round = 0; round < 40; round++) {
        size_t done = 0, n, len;
        uint8_t buf[2048];
        uint16_t i = 0;
        TlsFixture t;

        tls_setup(&t, &dice, 1 + cx6dx_dice_below(&dice, 6), round & 1);
        while (done < t.o->len) {
            Cx6dxRxCqe cqe;

            n = cx6dx_dice_size(&dice, 1, 1448);
            n = MIN(n, t.o->len - done);
            len = stream_frame(&t, done, n, 0, buf);
            path_post(t.f.fake, &t.f.rq, 1);
            g_assert_cmpint(receive(&t.f, buf, len), ==, CX6DX_RX_TAKEN);
            cx6dx_fake_advance(t.f.fake, 100 * 1000);
            cqe = next_cqe(&t.f);
            g_assert_cmpuint(cqe.tls_offload, ==, CX6DX_CQE_TLS_DECRYPTED);
            g_assert_true(cqe.l3_ok && cqe.l4_ok);
            g_assert_cmpmem(path_buf(t.f.fake, &t.f.rq, i), HDR_BYTES, buf,
                            HDR_BYTES);
            g_assert_cmpmem(path_buf(t.f.fake, &t.f.rq, i) + HDR_BYTES, n,
                            t.o->delivered + done, n);
            done += n;
            i++;
        }
        g_assert_cmpuint(t.f.fake->nic.stats.tls_rx_decrypted_bytes, ==,
                         t.o->len);
        g_assert_cmpuint(t.f.fake->nic.stats.tls_rx_decrypted_packets, ==, i);
        tls_teardown(&t);
    }
}

/* A frame that waits is not shown to the context twice */
static void test_tls_waits_untouched(void)
{
    Cx6dxDice dice = { .state = 22 };
    uint8_t buf[2048];
    TlsFixture t;
    size_t len;

    tls_setup(&t, &dice, 3, false);
    t.f.fake->nic.port.pause_tx = true;
    len = stream_frame(&t, 0, 20, 0, buf);
    g_assert_cmpint(receive(&t.f, buf, len), ==, CX6DX_RX_WAIT);
    g_assert_cmpint(receive(&t.f, buf, len), ==, CX6DX_RX_WAIT);
    g_assert_cmpuint(t.f.fake->nic.stats.tls_rx_packets, ==, 0);
    path_post(t.f.fake, &t.f.rq, 1);
    g_assert_cmpint(receive(&t.f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpuint(next_cqe(&t.f).tls_offload, ==, CX6DX_CQE_TLS_DECRYPTED);
    g_assert_cmpuint(t.f.fake->nic.stats.tls_rx_packets, ==, 1);
    tls_teardown(&t);
}

/* What may not be data of the connection goes by, and the stream goes on */
static void test_tls_passes_by(void)
{
    Cx6dxDice dice = { .state = 23 };
    uint8_t buf[2048];
    TlsFixture t;
    size_t len;

    tls_setup(&t, &dice, 3, false);
    path_post(t.f.fake, &t.f.rq, 8);
    len = stream_frame(&t, 0, 40, TCP_RST, buf);
    receive(&t.f, buf, len);
    len = stream_frame(&t, 0, 40, TCP_URG, buf);
    receive(&t.f, buf, len);
    len = stream_frame(&t, 0, 40, 0, buf);
    buf[len - 1] ^= 0x80;
    receive(&t.f, buf, len);
    len = stream_frame(&t, 0, 0, 0, buf);
    receive(&t.f, buf, len);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpuint(next_cqe(&t.f).tls_offload, ==,
                         CX6DX_CQE_TLS_NOT_DECRYPTED);
    }
    g_assert_cmpuint(t.f.fake->nic.stats.tls_rx_packets, ==, 0);
    len = stream_frame(&t, 0, 40, 0, buf);
    receive(&t.f, buf, len);
    g_assert_cmpuint(next_cqe(&t.f).tls_offload, ==, CX6DX_CQE_TLS_DECRYPTED);
    tls_teardown(&t);
}

static void test_tls_auth_failure(void)
{
    Cx6dxDice dice = { .state = 24 };
    uint8_t buf[8192];
    TlsFixture t;
    size_t len, n;

    tls_setup(&t, &dice, 1, false);
    t.f.fake->nic.port.mtu = 9000;
    t.f.rq = path_rq(t.f.fake, t.f.eqn, 2, 4, 8192);
    t.f.rqtn = cx6dx_fake_rqt(t.f.fake, &t.f.rq.q.number, 1);
    ((Cx6dxTir *)cx6dx_obj_get(&t.f.fake->nic.tirs, t.f.tirn))->rqtn =
        t.f.rqtn;
    path_post(t.f.fake, &t.f.rq, 1);
    n = t.o->records[0].bytes;
    cx6dx_oracle_corrupt(t.o, 0, 20);
    len = stream_frame(&t, 0, n, 0, buf);
    receive(&t.f, buf, len);
    g_assert_cmpuint(next_cqe(&t.f).tls_offload, ==, CX6DX_CQE_TLS_ERROR);
    g_assert_cmpmem(path_buf(t.f.fake, &t.f.rq, 0), len, buf, len);
    g_assert_cmpuint(t.f.fake->nic.stats.tls_rx_auth_failures, ==, 1);
    tls_teardown(&t);
}

static void test_random_frames(void)
{
    Cx6dxDice dice = { .state = 25 };
    uint8_t buf[2048], cqe[CX6DX_cqe_BYTES];
    TlsFixture t;

    tls_setup(&t, &dice, 1, false);
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = cx6dx_dice_size(&dice, 0, sizeof(buf));

        if (round & 1) {
            FrameSpec spec = tcp_spec(MIN(len, 1400));

            spec.tag_type[0] = round & 2 ? 0x8100 : 0;
            len = make_frame(&spec, buf);
            buf[cx6dx_dice_below(&dice, 70)] = cx6dx_dice_roll(&dice);
        } else {
            cx6dx_dice_fill(&dice, buf, len);
        }
        path_post(t.f.fake, &t.f.rq, 1);
        receive(&t.f, buf, len);
        if (!path_poll(t.f.fake, &t.f.rq.cq, cqe)) {
            t.f.rq.pc--;
        }
    }
    tls_teardown(&t);
}

/* ---- Modelled time ---- */

static void test_timing(void)
{
    FrameSpec spec = tcp_spec(1000);
    uint8_t buf[2048];
    size_t len = make_frame(&spec, buf);
    Fixture f;

    setup_with(&f, true, false);
    path_post(f.fake, &f.rq, 2);
    receive(&f, buf, len);
    receive(&f, buf, len);
    assert_no_cqe(&f);
    cx6dx_fake_advance(f.fake, 100 * 1000);
    g_assert_cmpuint(next_cqe(&f).wqe_counter, ==, 0);
    g_assert_cmpuint(next_cqe(&f).wqe_counter, ==, 1);
    /* a frame without a work request waits in the NIC, those behind it too */
    f.fake->nic.port.pause_tx = true;
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    cx6dx_fake_advance(f.fake, 500 * 1000);
    assert_no_cqe(&f);
    path_post(f.fake, &f.rq, 2);
    cx6dx_fake_advance(f.fake, 100 * 1000);
    g_assert_cmpuint(next_cqe(&f).wqe_counter, ==, 2);
    g_assert_cmpuint(next_cqe(&f).wqe_counter, ==, 3);
    g_assert_cmpuint(f.fake->nic.stats.rx_out_of_buffer, ==, 0);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/rxpath/cqe/fields-tell-the-frame", test_fields);
    g_test_add_func("/cx6dx/rxpath/cqe/bad-checksum-is-told",
                    test_bad_checksum_is_told);
    g_test_add_func("/cx6dx/rxpath/vlan/stripped-unless-vsd", test_vlan);
    g_test_add_func("/cx6dx/rxpath/fcs/is-appended-on-demand", test_fcs);
    g_test_add_func("/cx6dx/rxpath/scatter/over-segments-in-order",
                    test_scatter_segments);
    g_test_add_func("/cx6dx/rxpath/rss/hash-names-the-queue", test_rss_spreads);
    g_test_add_func("/cx6dx/rxpath/drop/each-reason-is-counted", test_drops);
    g_test_add_func("/cx6dx/rxpath/pause/waits-a-millisecond",
                    test_pause_waits);
    for (unsigned i = 0; i < ARRAY_SIZE(bad_posts); i++) {
        g_autofree char *path = g_strdup_printf("/cx6dx/rxpath/bad/%s",
                                                bad_posts[i].what);

        g_test_add_data_func(path, &bad_posts[i], test_bad_post);
    }
    g_test_add_func("/cx6dx/rxpath/tls/any-cut-is-decrypted",
                    test_tls_in_order);
    g_test_add_func("/cx6dx/rxpath/tls/waiting-frame-is-not-seen-twice",
                    test_tls_waits_untouched);
    g_test_add_func("/cx6dx/rxpath/tls/doubtful-packets-pass-by",
                    test_tls_passes_by);
    g_test_add_func("/cx6dx/rxpath/tls/failed-record-is-delivered-as-it-came",
                    test_tls_auth_failure);
    g_test_add_func("/cx6dx/rxpath/random/any-bytes-are-survived",
                    test_random_frames);
    g_test_add_func("/cx6dx/rxpath/timing/everything-comes-later",
                    test_timing);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive side: what a guest finds in its buffers and completions
 */
#include "qemu/osdep.h"
#include "nic/port.h"
#include "nic/rq.h"
#include "nic/rxpath.h"
#include "pure/cqe.h"
#include "cx6dx-fake-path.h"

enum {
    BUF_BYTES = 2048,
    TCP_ACK = 0x10,
};

typedef struct Fixture {
    Cx6dxFake *fake;
    uint32_t eqn, rqtn, tirn;
    PathRq rq;
} Fixture;

static void setup_with(Fixture *f, bool timing)
{
    f->fake = path_new(timing, &f->eqn);
    f->rq = path_rq(f->fake, f->eqn, 6, 4, BUF_BYTES);
    f->rqtn = cx6dx_fake_rqt(f->fake, &f->rq.q.number, 1);
    f->tirn = cx6dx_fake_tir(f->fake, 0, f->rqtn, false);
    cx6dx_fake_catch_all(f->fake, f->tirn);
}

static void setup(Fixture *f)
{
    setup_with(f, false);
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

static size_t make_frame(const FrameSpec *spec, uint8_t *buf)
{
    BuiltFrame b = frame_build(spec, buf);

    path_put_sums(buf, spec, &b);
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
        f.fake->now_ns = 0x123456789abull + i;
        g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
        cqe = next_cqe(&f);
        g_assert_cmphex(cqe.timestamp, ==, 0x123456789abull + i);
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
    /* a guest that never posts: a tenth of a second, then drop at once */
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    cx6dx_fake_advance(f.fake, 99 * 1000 * 1000);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    cx6dx_fake_advance(f.fake, 1000 * 1000);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpuint(stats->rx_out_of_buffer, ==, 2);
    /* once it has posted it may be waited for again */
    path_post(f.fake, &f.rq, 1);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    teardown(&f);
}

static uint32_t add_flow_counter(Fixture *f)
{
    uint32_t id = cx6dx_fake_alloc_obj(f->fake, CX6DX_CMD_ALLOC_FLOW_COUNTER);
    uint8_t in[CX6DX_set_fte_in_BYTES + 16] = { 0 };
    uint8_t *dest = in + CX6DX_set_fte_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_SET_FLOW_TABLE_ENTRY);
    CX6DX_SET(cmd_in, in, op_mod, CX6DX_FTE_MODIFY);
    CX6DX_SET(set_fte_in, in, table_id, f->fake->nic.flow_root);
    CX6DX_SET(set_fte_in, in, modify_enable_mask,
              CX6DX_FTE_MODIFY_ACTION | CX6DX_FTE_MODIFY_DEST |
              CX6DX_FTE_MODIFY_COUNTERS);
    CX6DX_SET(set_fte_in, in, action, CX6DX_FTE_FWD | CX6DX_FTE_COUNT);
    CX6DX_SET(set_fte_in, in, destination_list_size, 1);
    CX6DX_SET(set_fte_in, in, flow_counter_list_size, 1);
    CX6DX_SET(dest_format, dest, destination_type, CX6DX_FT_DEST_TIR);
    CX6DX_SET(dest_format, dest, destination_id, f->tirn);
    cx6dx_prm_store(dest + CX6DX_dest_format_BYTES, id);
    g_assert_cmphex(cx6dx_fake_cmd(f->fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_OK);
    return id;
}

static uint32_t flow_count(Fixture *f, uint32_t id)
{
    uint8_t in[CX6DX_query_flow_counter_in_BYTES] = { 0 };
    uint8_t out[16 + CX6DX_traffic_counter_BYTES];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_FLOW_COUNTER);
    CX6DX_SET(query_flow_counter_in, in, flow_counter_id, id);
    g_assert_cmphex(cx6dx_fake_cmd(f->fake, in, sizeof(in), out, sizeof(out)),
                    ==, CX6DX_STATUS_OK);
    return CX6DX_GET(traffic_counter, out + 16, packets_l);
}

/* However often a frame is tried, its rule counts it once */
static void test_wait_counts_once(void)
{
    FrameSpec spec = tcp_spec(100);
    uint8_t buf[512];
    size_t len = make_frame(&spec, buf);
    uint32_t id;
    Fixture f;

    setup(&f);
    f.fake->nic.port.pause_tx = true;
    id = add_flow_counter(&f);
    for (unsigned i = 0; i < 5; i++) {
        g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_WAIT);
    }
    path_post(f.fake, &f.rq, 2);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpuint(flow_count(&f, id), ==, 1);
    g_assert_cmpint(receive(&f, buf, len), ==, CX6DX_RX_TAKEN);
    g_assert_cmpuint(flow_count(&f, id), ==, 2);
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

static void test_kinds_are_counted(void)
{
    uint8_t buf[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    const Cx6dxStats *stats;
    Fixture f;

    setup(&f);
    stats = &f.fake->nic.stats;
    path_post(f.fake, &f.rq, 3);
    receive(&f, buf, sizeof(buf));
    buf[1] = 0;
    receive(&f, buf, sizeof(buf));
    buf[0] = 0;
    receive(&f, buf, sizeof(buf));
    g_assert_cmpuint(stats->rx_frames, ==, 3);
    g_assert_cmpuint(stats->rx_bytes, ==, 3 * sizeof(buf));
    g_assert_cmpuint(stats->rx_broadcast_frames, ==, 1);
    g_assert_cmpuint(stats->rx_broadcast_bytes, ==, sizeof(buf));
    g_assert_cmpuint(stats->rx_multicast_frames, ==, 1);
    g_assert_cmpuint(stats->rx_multicast_bytes, ==, sizeof(buf));
    teardown(&f);
}

/* ---- Modelled time ---- */

/* More than is kept for frames on their way is dropped, and counted */
static void test_timing_bound(void)
{
    uint8_t buf[60] = { 0 };
    uint32_t n = 0;
    Fixture f;

    setup_with(&f, true);
    /* the first one has come when the NIC hears of it */
    path_post(f.fake, &f.rq, 1);
    while (f.fake->nic.stats.rx_out_of_buffer == 0) {
        g_assert_cmpuint(n++, <, CX6DX_DEFER_MAX_ACTIONS);
        receive(&f, buf, sizeof(buf));
    }
    g_assert_cmpuint(n, >, 1000);
    cx6dx_fake_advance(f.fake, 1000 * 1000);
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 0);
    g_assert_cmpuint(f.fake->nic.stats.rx_frames, ==, n);
    teardown(&f);
}

static void test_timing_error(void)
{
    FrameSpec spec = tcp_spec(100);
    uint8_t buf[512];
    size_t len = make_frame(&spec, buf);
    Fixture f;

    setup_with(&f, true);
    path_post(f.fake, &f.rq, 1);
    CX6DX_SET(wqe_data, cx6dx_fake_ptr(f.fake, f.rq.q.buf), lkey, 0);
    receive(&f, buf, len);
    cx6dx_fake_advance(f.fake, 1000 * 1000);
    g_assert_cmphex(path_expect(f.fake, &f.rq.cq, NULL), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_PROT);
    teardown(&f);
}

static void test_timing(void)
{
    FrameSpec spec = tcp_spec(1000);
    uint8_t buf[2048];
    size_t len = make_frame(&spec, buf);
    Fixture f;

    setup_with(&f, true);
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
    g_test_add_func("/cx6dx/rxpath/pause/waits-a-tenth-of-a-second",
                    test_pause_waits);
    g_test_add_func("/cx6dx/rxpath/pause/rules-count-once",
                    test_wait_counts_once);
    for (unsigned i = 0; i < ARRAY_SIZE(bad_posts); i++) {
        g_autofree char *path = g_strdup_printf("/cx6dx/rxpath/bad/%s",
                                                bad_posts[i].what);

        g_test_add_data_func(path, &bad_posts[i], test_bad_post);
    }
    g_test_add_func("/cx6dx/rxpath/count/kinds-of-frames",
                    test_kinds_are_counted);
    g_test_add_func("/cx6dx/rxpath/timing/no-more-than-the-port-holds",
                    test_timing_bound);
    g_test_add_func("/cx6dx/rxpath/timing/errors-come-later-too",
                    test_timing_error);
    g_test_add_func("/cx6dx/rxpath/timing/everything-comes-later",
                    test_timing);
    return g_test_run();
}

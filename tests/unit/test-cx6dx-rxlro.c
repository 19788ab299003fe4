/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Large receive offload as a guest sees it: completions, memory, order
 *
 * Work requests have four segments that do not lie side by side.  How frames
 * become packets is tested in test-cx6dx-lro.c.
 */
#include "qemu/osdep.h"
#include "nic/rxlro.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-fake-snapshot.h"

enum {
    LOG_WQES = 4, WQES = 1 << LOG_WQES,
    LOG_STRIDE = 6,
    SEGS = 4,
    WQE_BYTES = 16001,
    MSS = 1400,
    HDR_BYTES = 66,
    TIMEOUT_US = 32,
    PSH = 0x08,
    ACK = 0x10,
};

static const uint32_t seg_bytes[SEGS] = { 1000, 1, 5000, 10000 };

typedef struct Fixture {
    Cx6dxFake *fake;
    PathRq rq;
    uint32_t tirn;
    FrameSpec spec;             /* the stream's next frame */
} Fixture;

static Cx6dxRq *rq_of(Fixture *f)
{
    return (Cx6dxRq *)cx6dx_obj_get(&f->fake->nic.rqs, f->rq.q.number);
}

static const Cx6dxStats *stats(Fixture *f)
{
    return &f->fake->nic.stats;
}

static void set_merge(Fixture *f, uint32_t mask)
{
    uint8_t in[CX6DX_modify_obj_in_BYTES + CX6DX_tirc_BYTES] = { 0 };
    uint8_t *tirc = in + CX6DX_modify_obj_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_TIR);
    CX6DX_SET(modify_obj_in, in, number, f->tirn);
    CX6DX_SET(modify_obj_in, in, modify_bitmask_l,
              CX6DX_MODIFY_TIR_PACKET_MERGE);
    CX6DX_SET(tirc, tirc, packet_merge_mask, mask);
    CX6DX_SET(tirc, tirc, lro_timeout_period_usecs, TIMEOUT_US);
    CX6DX_SET(tirc, tirc, lro_max_ip_payload_size, 255);
    g_assert_cmphex(cx6dx_fake_cmd(f->fake, in, sizeof(in), NULL, 16), ==, 0);
}

static uint64_t seg_addr(Fixture *f, uint16_t index, unsigned seg)
{
    uint64_t addr = f->rq.bufs + (index % WQES) * (uint64_t)WQE_BYTES;

    /* the last one first */
    for (unsigned i = SEGS - 1; i > seg; i--) {
        addr += seg_bytes[i];
    }
    return addr;
}

static void post(Fixture *f, unsigned n)
{
    while (n--) {
        uint16_t index = f->rq.pc++;
        uint8_t *seg = cx6dx_fake_ptr(f->fake, f->rq.q.buf +
                                      ((index % WQES) << LOG_STRIDE));

        for (unsigned i = 0; i < SEGS; i++, seg += CX6DX_wqe_data_BYTES) {
            CX6DX_SET(wqe_data, seg, byte_count, seg_bytes[i]);
            CX6DX_SET(wqe_data, seg, lkey, f->fake->lkey);
            CX6DX_SET64(wqe_data, seg, addr, seg_addr(f, index, i));
        }
    }
    CX6DX_SET(wq_dbrec, cx6dx_fake_ptr(f->fake, f->rq.q.dbr), rq_counter,
              f->rq.pc);
}

static void setup_with(Fixture *f, uint8_t ip_version, bool timing)
{
    uint32_t eqn;

    f->fake = path_new(timing, &eqn);
    f->rq = path_rq(f->fake, eqn, LOG_WQES, LOG_STRIDE, WQE_BYTES);
    f->tirn = cx6dx_fake_tir(f->fake, 0,
                             cx6dx_fake_rqt(f->fake, &f->rq.q.number, 1),
                             false);
    cx6dx_fake_catch_all(f->fake, f->tirn);
    set_merge(f, CX6DX_LRO_IPV4 | CX6DX_LRO_IPV6);
    f->spec = (FrameSpec) {
        .ip_version = ip_version, .protocol = 6, .tcp_option_bytes = 12,
        .ext = { 0xff }, .tcp_flags = ACK, .ip_id = 0xfffe, .sport = 443,
        .dport = 50000, .tcp_sn = 0xfffffff0, .saddr = { 10, 9, 0, 2 },
        .daddr = { 10, 9, 0, 1 }, .payload_bytes = MSS, .seed = 9,
    };
}

static void setup(Fixture *f)
{
    setup_with(f, 4, false);
    post(f, WQES);
}

static void teardown(Fixture *f)
{
    cx6dx_fake_free(f->fake);
}

static size_t make(const FrameSpec *spec, uint8_t *buf)
{
    BuiltFrame b = frame_build(spec, buf);

    path_put_sums(buf, spec, &b);
    return b.bytes;
}

static Cx6dxRxResult receive(Fixture *f, const FrameSpec *spec)
{
    uint8_t buf[4096];

    return cx6dx_nic_receive(&f->fake->nic, buf, make(spec, buf));
}

static void step(FrameSpec *spec)
{
    spec->tcp_sn += spec->payload_bytes;
    spec->ip_id++;
    spec->seed++;
}

/* The next `n` frames of the stream */
static void stream(Fixture *f, unsigned n)
{
    while (n--) {
        g_assert_cmpint(receive(f, &f->spec), ==, CX6DX_RX_TAKEN);
        step(&f->spec);
    }
}

static bool poll(Fixture *f, Cx6dxRxCqe *cqe)
{
    uint8_t buf[CX6DX_cqe_BYTES];

    if (!path_poll(f->fake, &f->rq.cq, buf)) {
        return false;
    }
    g_assert_cmphex(CX6DX_GET(cqe, buf, opcode), ==, CX6DX_CQE_RESP_SEND);
    cx6dx_cqe_decode_rx(buf, cqe);
    return true;
}

static Cx6dxRxCqe next_cqe(Fixture *f)
{
    Cx6dxRxCqe cqe;

    g_assert_true(poll(f, &cqe));
    return cqe;
}

static void assert_no_cqe(Fixture *f)
{
    Cx6dxRxCqe cqe;

    g_assert_false(poll(f, &cqe));
}

/* What lies in a work request, put together; the caller frees */
static uint8_t *gather(Fixture *f, uint16_t index, size_t len)
{
    uint8_t *buf = g_malloc(len);
    size_t done = 0;

    for (unsigned i = 0; done < len; i++) {
        size_t n = MIN(seg_bytes[i], len - done);

        memcpy(buf + done, cx6dx_fake_ptr(f->fake, seg_addr(f, index, i)), n);
        done += n;
    }
    return buf;
}

/* The completion says `segs`, and its packet is the stream from `spec` on */
static void expect(Fixture *f, FrameSpec spec, unsigned segs)
{
    Cx6dxRxCqe cqe = next_cqe(f);
    g_autofree uint8_t *got = gather(f, cqe.wqe_counter, cqe.byte_cnt);
    g_autofree uint8_t *all = g_malloc(segs * spec.payload_bytes);
    uint8_t buf[4096];
    size_t done = 0, hdr_bytes = 0, payload;

    for (unsigned i = 0; i < segs; i++, step(&spec)) {
        size_t len = make(&spec, buf);

        hdr_bytes = len - spec.payload_bytes;
        payload = spec.payload_bytes;
        if (!i) {
            g_assert_cmpmem(got, hdr_bytes, buf, hdr_bytes);
        }
        memcpy(all + done, buf + hdr_bytes, payload);
        done += payload;
    }
    g_assert_cmpuint(cqe.byte_cnt, ==, hdr_bytes + done);
    g_assert_cmpmem(got + hdr_bytes, done, all, done);
    g_assert_true(cqe.l3_ok && cqe.l4_ok);
    g_assert_cmpuint(cqe.l4_hdr_type, ==, CX6DX_CQE_L4_TCP_ACK_DATA);
    if (segs == 1) {
        g_assert_cmpuint(cqe.lro_num_seg, ==, 0);
        g_assert_cmphex(cqe.check_sum, ==,
                        frame_naive_sum(got + 14, cqe.byte_cnt - 14, 0));
        return;
    }
    g_assert_cmpuint(cqe.lro_num_seg, ==, segs);
    g_assert_cmpuint(cqe.lro_min_ttl, ==, 64);
    g_assert_cmphex(cqe.lro_ack_sn, ==, 0x01020304);
    g_assert_cmphex(cqe.lro_tcp_win, ==, 0x7fff);
    g_assert_cmphex(cqe.check_sum, ==, frame_naive_sum(all, done, 0));
}

static void test_merged(void)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        FrameSpec first;
        Fixture f;

        setup_with(&f, version, false);
        post(&f, WQES);
        first = f.spec;
        stream(&f, 7);
        assert_no_cqe(&f);
        g_assert_true(f.fake->kicked);
        cx6dx_fake_run(f.fake);
        expect(&f, first, 7);
        assert_no_cqe(&f);
        first = f.spec;
        stream(&f, 1);
        cx6dx_fake_run(f.fake);
        expect(&f, first, 1);
        g_assert_cmpuint(stats(&f)->rx_lro_packets, ==, 1);
        g_assert_cmpuint(stats(&f)->rx_lro_frames, ==, 7);
        g_assert_cmpuint(stats(&f)->rx_frames, ==, 8);
        g_assert_cmpuint(rq_of(&f)->cc, ==, 2);
        teardown(&f);
    }
}

/* No more than the work request has room for; what closes itself needs no turn */
static void test_full(void)
{
    FrameSpec first, second;
    Fixture f;

    setup(&f);
    first = f.spec;
    stream(&f, 11);
    second = f.spec;
    stream(&f, 11);
    expect(&f, first, 11);
    expect(&f, second, 11);
    assert_no_cqe(&f);
    teardown(&f);
}

static void test_psh(void)
{
    FrameSpec first;
    Cx6dxRxCqe cqe;
    Fixture f;

    setup(&f);
    first = f.spec;
    stream(&f, 2);
    f.spec.tcp_flags |= PSH;
    stream(&f, 1);
    cqe = next_cqe(&f);
    g_assert_true(cqe.lro_tcp_psh);
    g_assert_cmpuint(cqe.lro_num_seg, ==, 3);
    g_assert_cmpuint(cqe.byte_cnt, ==, HDR_BYTES + 3 * MSS);
    first.tcp_flags |= PSH;
    stream(&f, 1);
    g_assert_cmpuint(next_cqe(&f).lro_num_seg, ==, 0);
    teardown(&f);
}

/* Of two connections, and of what does not merge: order and work requests stay */
static void test_order(void)
{
    FrameSpec other, ack, first;
    Fixture f;

    setup(&f);
    first = f.spec;
    other = f.spec;
    other.sport = 444;
    ack = f.spec;
    ack.payload_bytes = 0;
    stream(&f, 2);
    receive(&f, &other);
    expect(&f, first, 2);
    first = f.spec;
    stream(&f, 2);
    expect(&f, other, 1);
    receive(&f, &ack);
    expect(&f, first, 2);
    g_assert_cmpuint(next_cqe(&f).byte_cnt, ==, HDR_BYTES);
    /* a hole: what comes behind it is another packet */
    first = f.spec;
    stream(&f, 2);
    step(&f.spec);
    stream(&f, 1);
    expect(&f, first, 2);
    teardown(&f);
}

static void test_off(void)
{
    FrameSpec first;
    Fixture f;

    setup(&f);
    set_merge(&f, CX6DX_LRO_IPV6);
    first = f.spec;
    stream(&f, 2);
    expect(&f, first, 1);
    step(&first);
    expect(&f, first, 1);
    set_merge(&f, CX6DX_LRO_IPV4);
    rq_of(&f)->scatter_fcs = true;
    stream(&f, 2);
    g_assert_cmpuint(next_cqe(&f).byte_cnt, ==, HDR_BYTES + MSS + 4);
    g_assert_cmpuint(next_cqe(&f).byte_cnt, ==, HDR_BYTES + MSS + 4);
    teardown(&f);
}

static void test_vlan(void)
{
    uint8_t buf[4096];
    Cx6dxRxCqe cqe;
    Fixture f;

    setup(&f);
    f.spec.tag_type[0] = 0x8100;
    f.spec.tci[0] = 0x6123;
    make(&f.spec, buf);
    stream(&f, 3);
    cx6dx_fake_run(f.fake);
    cqe = next_cqe(&f);
    {
        g_autofree uint8_t *got = gather(&f, cqe.wqe_counter, cqe.byte_cnt);

        g_assert_cmpuint(cqe.lro_num_seg, ==, 3);
        g_assert_true(cqe.vlan_stripped);
        g_assert_cmphex(cqe.vlan_tci, ==, 0x6123);
        g_assert_cmpuint(cqe.byte_cnt, ==, HDR_BYTES + 3 * MSS);
        g_assert_cmpmem(got, 12, buf, 12);
        g_assert_cmpmem(got + 12, HDR_BYTES - 12 + MSS, buf + 16,
                        HDR_BYTES - 12 + MSS);
    }
    teardown(&f);
}

/* A command finds no packet half done, and none is left behind */
static void test_commands(void)
{
    FrameSpec first;
    Fixture f;

    setup(&f);
    first = f.spec;
    stream(&f, 3);
    cx6dx_rxlro_close_all(&f.fake->nic);
    expect(&f, first, 3);
    cx6dx_rxlro_close_all(&f.fake->nic);
    assert_no_cqe(&f);
    first = f.spec;
    stream(&f, 3);
    g_assert_cmphex(cx6dx_fake_modify_queue(f.fake, CX6DX_CMD_MODIFY_RQ,
                                            f.rq.q.number, CX6DX_QUEUE_RDY,
                                            CX6DX_QUEUE_ERR), ==, 0);
    expect(&f, first, 3);
    g_assert_cmpuint(f.fake->nic.lro_open->len, ==, 0);
    teardown(&f);
}

static void test_reset(void)
{
    Fixture f;

    setup(&f);
    stream(&f, 3);
    g_assert_cmpuint(f.fake->nic.lro_open->len, ==, 1);
    cx6dx_nic_reset(&f.fake->nic);
    g_assert_cmpuint(f.fake->nic.lro_open->len, ==, 0);
    teardown(&f);
}

/* Memory that is not there: the work request fails, and with it what it held */
static void test_bad_memory(void)
{
    uint16_t counter;
    uint8_t *seg;
    Fixture f;

    setup(&f);
    seg = cx6dx_fake_ptr(f.fake, f.rq.q.buf + 2 * CX6DX_wqe_data_BYTES);
    CX6DX_SET64(wqe_data, seg, addr, FAKE_NOWHERE);
    f.spec.payload_bytes = 900;
    stream(&f, 1);
    g_assert_cmpuint(f.fake->nic.lro_open->len, ==, 1);
    stream(&f, 1);
    g_assert_cmphex(path_expect(f.fake, &f.rq.cq, &counter), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_ACCESS);
    g_assert_cmpuint(counter, ==, 0);
    g_assert_cmpuint(rq_of(&f)->state, ==, CX6DX_QUEUE_ERR);
    g_assert_cmpuint(f.fake->nic.lro_open->len, ==, 0);
    cx6dx_fake_run(f.fake);
    assert_no_cqe(&f);
    teardown(&f);
}

/* The session has the last work request: what does not join it waits */
static void test_waits(void)
{
    FrameSpec first, other;
    Fixture f;

    setup_with(&f, 4, false);
    f.fake->nic.port.pause_tx = true;
    post(&f, 1);
    first = f.spec;
    other = f.spec;
    other.sport = 444;
    stream(&f, 3);
    g_assert_cmpint(receive(&f, &other), ==, CX6DX_RX_WAIT);
    expect(&f, first, 3);
    post(&f, 1);
    g_assert_cmpint(receive(&f, &other), ==, CX6DX_RX_TAKEN);
    cx6dx_fake_run(f.fake);
    expect(&f, other, 1);
    teardown(&f);
}

static void test_timeout(void)
{
    FrameSpec first;
    Fixture f;

    setup_with(&f, 4, true);
    post(&f, WQES);
    first = f.spec;
    stream(&f, 4);
    cx6dx_fake_advance(f.fake, TIMEOUT_US * 1000 / 2);
    assert_no_cqe(&f);
    /* not the turn of work but its time ends it */
    cx6dx_nic_work(&f.fake->nic);
    assert_no_cqe(&f);
    stream(&f, 2);
    cx6dx_fake_advance(f.fake, TIMEOUT_US * 1000 / 2 + 5000);
    expect(&f, first, 6);
    g_assert_cmpuint(f.fake->nic.lro_open->len, ==, 0);
    teardown(&f);
}

/* A NIC that is moved in the middle of a packet goes on with it */
static void test_moved(void)
{
    for (unsigned timing = 0; timing < 2; timing++) {
        FrameSpec first;
        Fixture f;

        setup_with(&f, 4, timing);
        post(&f, WQES);
        first = f.spec;
        stream(&f, 2);
        if (timing) {
            cx6dx_fake_advance(f.fake, 1000);
        }
        g_assert_cmpuint(f.fake->nic.lro_open->len, ==, 1);
        cx6dx_fake_move(f.fake);
        g_assert_cmpuint(f.fake->nic.lro_open->len, ==, 1);
        stream(&f, 3);
        cx6dx_fake_run(f.fake);
        cx6dx_fake_advance(f.fake, 1000 * 1000);
        expect(&f, first, 5);
        first = f.spec;
        stream(&f, 2);
        cx6dx_fake_run(f.fake);
        cx6dx_fake_advance(f.fake, 1000 * 1000);
        expect(&f, first, 2);
        teardown(&f);
    }
}

/* Every byte of a snapshot wrong: refused, or a NIC that goes on somehow */
static void test_moved_wrong(void)
{
    g_autoptr(GByteArray) good = NULL;
    Fixture f;

    setup(&f);
    stream(&f, 2);
    good = cx6dx_fake_save(f.fake);
    for (guint i = 0; i < good->len; i += 3) {
        g_autofree uint8_t *bad = g_memdup2(good->data, good->len);

        bad[i] ^= 1 << i % 8;
        cx6dx_fake_fix_sum(bad, good->len);
        if (!cx6dx_fake_load(f.fake, bad, good->len)) {
            stream(&f, 3);
            cx6dx_rxlro_close_all(&f.fake->nic);
        }
    }
    g_assert_null(cx6dx_fake_load(f.fake, good->data, good->len));
    teardown(&f);
}

/* Whatever comes in whatever order: all of it, in that order, and nothing else */
static void test_any_stream(void)
{
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());

    for (unsigned round = 0; round < 60; round++) {
        g_autoptr(GByteArray) sent = g_byte_array_new();
        g_autoptr(GByteArray) got = g_byte_array_new();
        unsigned frames = 0, counted = 0;
        FrameSpec flow[2];
        Cx6dxRxCqe cqe;
        Fixture f;

        setup_with(&f, round & 1 ? 4 : 6, round & 2);
        post(&f, WQES);
        flow[0] = flow[1] = f.spec;
        flow[1].sport++;
        flow[1].payload_bytes = 777;
        for (unsigned n = 0; n < 200; n++) {
            FrameSpec *spec = &flow[g_rand_int_range(rand, 0, 8) == 0];
            size_t hdr_bytes = spec->ip_version == 4 ? 66 : 86;
            uint8_t buf[4096];
            size_t len;

            if (g_rand_int_range(rand, 0, 10)) {
                len = make(spec, buf);
                cx6dx_nic_receive(&f.fake->nic, buf, len);
                g_byte_array_append(sent, buf + hdr_bytes, len - hdr_bytes);
                frames++;
            }
            step(spec);
            if (!g_rand_int_range(rand, 0, 20)) {
                cx6dx_fake_move(f.fake);
            }
            if (!g_rand_int_range(rand, 0, 5)) {
                cx6dx_fake_run(f.fake);
                cx6dx_fake_advance(f.fake, 1000 * g_rand_int_range(rand, 0, 50));
            }
            /* the ring is small */
            if (n % 8 == 7) {
                cx6dx_fake_run(f.fake);
                cx6dx_fake_advance(f.fake, 100 * 1000);
            }
            while (poll(&f, &cqe)) {
                g_autofree uint8_t *bytes = gather(&f, cqe.wqe_counter,
                                                   cqe.byte_cnt);

                g_byte_array_append(got, bytes + hdr_bytes,
                                    cqe.byte_cnt - hdr_bytes);
                counted += MAX(cqe.lro_num_seg, 1);
                post(&f, 1);
            }
        }
        g_assert_cmpuint(counted, ==, frames);
        g_assert_cmpmem(got->data, got->len, sent->data, sent->len);
        g_assert_cmpuint(stats(&f)->rx_out_of_buffer, ==, 0);
        teardown(&f);
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/rxlro/a-turn-gives-one-packet", test_merged);
    g_test_add_func("/cx6dx/rxlro/full-packets-close", test_full);
    g_test_add_func("/cx6dx/rxlro/psh-closes", test_psh);
    g_test_add_func("/cx6dx/rxlro/order-stays", test_order);
    g_test_add_func("/cx6dx/rxlro/only-on-demand", test_off);
    g_test_add_func("/cx6dx/rxlro/vlan-is-stripped-once", test_vlan);
    g_test_add_func("/cx6dx/rxlro/commands-close", test_commands);
    g_test_add_func("/cx6dx/rxlro/reset-drops", test_reset);
    g_test_add_func("/cx6dx/rxlro/bad-memory-fails-the-work-request",
                    test_bad_memory);
    g_test_add_func("/cx6dx/rxlro/others-wait-for-a-work-request", test_waits);
    g_test_add_func("/cx6dx/rxlro/modelled-timeout", test_timeout);
    g_test_add_func("/cx6dx/rxlro/moves-with-the-nic", test_moved);
    g_test_add_func("/cx6dx/rxlro/a-bad-snapshot-is-survived",
                    test_moved_wrong);
    g_test_add_func("/cx6dx/rxlro/any-stream", test_any_stream);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Striding receive queues: linked list, strides, fillers
 *
 * The reader here does what a driver does: a work request is free when the
 * strides of its completions add up to all that it has.
 */
#include "qemu/osdep.h"
#include "nic/rq.h"
#include "nic/tir.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-oracle.h"
#include "pure/cqe.h"

enum {
    LOG_WQES = 2, WQES = 1 << LOG_WQES,
    LOG_STRIDES = 3, STRIDES = 1 << LOG_STRIDES,
    LOG_STRIDE_BYTES = 8, STRIDE_BYTES = 1 << LOG_STRIDE_BYTES,
    WQE_BYTES = 1 << CX6DX_RQ_LOG_STRIDING_WQE,
    MEMORY_BYTES = STRIDES * STRIDE_BYTES,
};

typedef struct Fixture {
    Cx6dxFake *fake;
    PathCq cq;
    uint32_t rqn;
    uint64_t ring, dbr, memory;
    uint16_t pc;
} Fixture;

/* Status of CREATE_RQ with `strides` and `stride` as they stand in the context */
static uint8_t create(Fixture *f, uint8_t log_wq_stride, uint8_t strides,
                      uint8_t stride)
{
    uint8_t in[CX6DX_create_obj_in_BYTES + CX6DX_rqc_BYTES + 8] = { 0 };
    uint8_t *rqc = in + CX6DX_create_obj_in_BYTES;
    uint8_t *wq = CX6DX_AREA(rqc, rqc, wq);
    uint8_t out[16], status;

    CX6DX_SET(create_obj_in, in, opcode, CX6DX_CMD_CREATE_RQ);
    CX6DX_SET(rqc, rqc, cqn, f->cq.q.number);
    CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_LINKED_LIST_STRIDING);
    CX6DX_SET(wq, wq, pd, f->fake->pdn);
    CX6DX_SET64(wq, wq, dbr_addr, f->dbr);
    CX6DX_SET(wq, wq, log_wq_stride, log_wq_stride);
    CX6DX_SET(wq, wq, log_wq_sz, LOG_WQES);
    CX6DX_SET(wq, wq, log_wqe_num_of_strides, strides);
    CX6DX_SET(wq, wq, log_wqe_stride_size, stride);
    cx6dx_prm_store(wq + CX6DX_wq_BYTES, f->ring >> 32);
    cx6dx_prm_store(wq + CX6DX_wq_BYTES + 4, (uint32_t)f->ring);
    status = cx6dx_fake_cmd(f->fake, in, sizeof(in), out, sizeof(out));
    f->rqn = CX6DX_GET(cmd_out, out, number);
    return status;
}

static void setup(Fixture *f)
{
    uint32_t eqn, rqtn, tirn;

    memset(f, 0, sizeof(*f));
    f->fake = path_new(false, &eqn);
    f->cq.q = cx6dx_fake_cq(f->fake, 8, eqn);
    f->ring = cx6dx_fake_alloc(f->fake, 4096, 4096);
    f->dbr = cx6dx_fake_alloc(f->fake, 8, 8);
    f->memory = cx6dx_fake_alloc(f->fake, WQES * MEMORY_BYTES, 4096);
    /* 8 strides of 256 bytes: 3 - 9 in four bits, and 8 - 6 */
    g_assert_cmphex(create(f, CX6DX_RQ_LOG_STRIDING_WQE, 0xa, 2), ==, 0);
    g_assert_cmphex(cx6dx_fake_modify_queue(f->fake, CX6DX_CMD_MODIFY_RQ, f->rqn,
                                            CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY),
                    ==, 0);
    rqtn = cx6dx_fake_rqt(f->fake, &f->rqn, 1);
    tirn = cx6dx_fake_tir(f->fake, 0, rqtn, false);
    cx6dx_fake_catch_all(f->fake, tirn);
}

static void teardown(Fixture *f)
{
    cx6dx_fake_free(f->fake);
}

/* Writes the work request at place `i` with a link to `next` */
static void write_wqe(Fixture *f, unsigned i, uint16_t next)
{
    uint8_t *wqe = cx6dx_fake_ptr(f->fake, f->ring + i * WQE_BYTES);
    uint8_t *data = wqe + CX6DX_wqe_next_BYTES;

    CX6DX_SET(wqe_next, wqe, next_wqe_index, next);
    CX6DX_SET(wqe_data, data, byte_count, MEMORY_BYTES);
    CX6DX_SET(wqe_data, data, lkey, f->fake->lkey);
    CX6DX_SET64(wqe_data, data, addr, f->memory + i * MEMORY_BYTES);
}

static void post(Fixture *f, unsigned n)
{
    uint8_t *rec = cx6dx_fake_ptr(f->fake, f->dbr);

    f->pc += n;
    CX6DX_SET(wq_dbrec, rec, rq_counter, f->pc);
}

static size_t fill_frame(uint8_t *buf, size_t len, uint8_t seed)
{
    for (size_t i = 0; i < len; i++) {
        buf[i] = i * 7 + seed;
    }
    memset(buf, 2, 12);
    buf[12] = 0x88;             /* an ethertype that nobody parses */
    buf[13] = 0xb5;
    return len;
}

/* The next completion; a frame must lie where it says */
static void expect(Fixture *f, uint16_t wqe, uint16_t stride, uint16_t strides,
                   bool filler, const uint8_t *frame, size_t len)
{
    uint8_t buf[CX6DX_cqe_BYTES];
    Cx6dxRxCqe cqe;

    g_assert_true(path_poll(f->fake, &f->cq, buf));
    g_assert_cmphex(CX6DX_GET(cqe, buf, opcode), ==, CX6DX_CQE_RESP_SEND);
    cx6dx_cqe_decode_rx(buf, &cqe);
    g_assert_cmpuint(cqe.wqe_id, ==, wqe);
    g_assert_cmpuint(cqe.wqe_counter, ==, stride);
    g_assert_cmphex(cqe.byte_cnt, ==,
                    (uint32_t)filler << 31 | (uint32_t)strides << 16 | len);
    if (!filler) {
        g_assert_cmpmem(cx6dx_fake_ptr(f->fake, f->memory + wqe * MEMORY_BYTES +
                                       stride * STRIDE_BYTES), len, frame, len);
    }
}

static void receive(Fixture *f, const uint8_t *buf, size_t len)
{
    g_assert_cmpint(cx6dx_nic_receive(&f->fake->nic, buf, len), ==,
                    CX6DX_RX_TAKEN);
}

static void test_strides(void)
{
    static const struct {
        size_t len;
        uint16_t wqe, stride, strides;
        uint16_t filler;                /* strides given back before it */
    } steps[] = {
        { 300, 0, 0, 2, 0 }, { 1400, 0, 2, 6, 0 },      /* to the last stride */
        { 64, 2, 0, 1, 0 }, { 1500, 2, 1, 6, 0 },
        { 300, 1, 0, 2, 1 },                            /* does not fit into 1 */
        { 256, 1, 2, 1, 0 }, { 257, 1, 3, 2, 0 }, { 1500, 3, 0, 6, 3 },
    };
    uint8_t buf[2048], raw[CX6DX_cqe_BYTES];
    Fixture f;

    setup(&f);
    write_wqe(&f, 0, 2);
    write_wqe(&f, 2, 1);
    write_wqe(&f, 1, 3);
    write_wqe(&f, 3, 0);
    post(&f, 4);
    for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
        size_t len = fill_frame(buf, steps[i].len, i);

        receive(&f, buf, len);
        if (steps[i].filler) {
            expect(&f, steps[i - 1].wqe, STRIDES - steps[i].filler,
                   steps[i].filler, true, NULL, 0);
        }
        expect(&f, steps[i].wqe, steps[i].stride, steps[i].strides, false, buf,
               len);
        g_assert_false(path_poll(f.fake, &f.cq, raw));
    }
    teardown(&f);
}

/* Every stride is accounted for, whatever the lengths, around the ring */
static void test_random_lengths(void)
{
    Cx6dxDice dice = { .state = 77 };
    unsigned wqe = 0, stride = 0, need;
    uint8_t buf[2048];
    Fixture f;

    setup(&f);
    for (unsigned i = 0; i < WQES; i++) {
        write_wqe(&f, i, (i + 1) % WQES);
    }
    post(&f, WQES);
    for (unsigned i = 0; i < 5000; i++) {
        size_t len = fill_frame(buf, 60 + cx6dx_dice_below(&dice, 1440), i);

        need = DIV_ROUND_UP(len, STRIDE_BYTES);
        receive(&f, buf, len);
        if (stride + need > STRIDES) {
            expect(&f, wqe, stride, STRIDES - stride, true, NULL, 0);
            wqe = (wqe + 1) % WQES;
            stride = 0;
            post(&f, 1);
        }
        expect(&f, wqe, stride, need, false, buf, len);
        stride += need;
        if (stride == STRIDES) {
            wqe = (wqe + 1) % WQES;
            stride = 0;
            post(&f, 1);
        }
    }
    g_assert_cmpuint(f.fake->nic.stats.rx_out_of_buffer, ==, 0);
    teardown(&f);
}

/* The rest is given back even if nothing is posted behind it */
static void test_runs_dry(void)
{
    uint8_t buf[2048], raw[CX6DX_cqe_BYTES];
    Fixture f;

    setup(&f);
    write_wqe(&f, 0, 1);
    post(&f, 1);
    receive(&f, buf, fill_frame(buf, 1500, 1));
    expect(&f, 0, 0, 6, false, buf, 1500);
    receive(&f, buf, fill_frame(buf, 1500, 2));
    expect(&f, 0, 6, 2, true, NULL, 0);
    g_assert_false(path_poll(f.fake, &f.cq, raw));
    g_assert_cmpuint(f.fake->nic.stats.rx_out_of_buffer, ==, 1);
    write_wqe(&f, 1, 2);
    post(&f, 1);
    receive(&f, buf, fill_frame(buf, 1500, 3));
    expect(&f, 1, 0, 6, false, buf, 1500);
    teardown(&f);
}

/* Longer than all the strides of a work request: dropped, nothing used up */
static void test_too_long(void)
{
    uint8_t *buf = g_malloc(MEMORY_BYTES + 1);
    uint8_t raw[CX6DX_cqe_BYTES];
    Fixture f;

    setup(&f);
    f.fake->nic.port.mtu = 4000;
    write_wqe(&f, 0, 1);
    post(&f, 1);
    receive(&f, buf, fill_frame(buf, MEMORY_BYTES + 1, 1));
    g_assert_false(path_poll(f.fake, &f.cq, raw));
    g_assert_cmpuint(f.fake->nic.stats.rx_oversize, ==, 1);
    receive(&f, buf, fill_frame(buf, MEMORY_BYTES, 1));
    expect(&f, 0, 0, STRIDES, false, buf, MEMORY_BYTES);
    g_free(buf);
    teardown(&f);
}

static void test_link_beyond_the_ring(void)
{
    uint8_t buf[2048], raw[CX6DX_cqe_BYTES];
    Fixture f;

    setup(&f);
    write_wqe(&f, 0, WQES);
    post(&f, 1);
    receive(&f, buf, fill_frame(buf, 100, 1));
    g_assert_true(path_poll(f.fake, &f.cq, raw));
    g_assert_cmphex(CX6DX_GET(cqe, raw, opcode), ==, CX6DX_CQE_RESP_ERR);
    g_assert_cmpuint(f.fake->nic.guest_errs[CX6DX_GUEST_ERR_WQE_MALFORMED], ==,
                     1);
    receive(&f, buf, 100);      /* the queue is in ERR */
    g_assert_false(path_poll(f.fake, &f.cq, raw));
    teardown(&f);
}

static void test_context(void)
{
    uint8_t in[16] = { 0 };
    uint8_t out[CX6DX_modify_obj_in_BYTES + CX6DX_rqc_BYTES];
    const uint8_t *wq = out + CX6DX_modify_obj_in_BYTES + CX6DX_OFF_(rqc, wq);
    Fixture f;

    setup(&f);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_RQ);
    CX6DX_SET(cmd_in, in, number, f.rqn);
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), out, sizeof(out)), ==,
                    0);
    g_assert_cmpuint(CX6DX_GET(wq, wq, wq_type), ==,
                     CX6DX_WQ_LINKED_LIST_STRIDING);
    g_assert_cmphex(CX6DX_GET(wq, wq, log_wqe_num_of_strides), ==, 0xa);
    g_assert_cmphex(CX6DX_GET(wq, wq, log_wqe_stride_size), ==, 2);
    /* more strides than a completion can count; entries of another size */
    g_assert_cmphex(create(&f, CX6DX_RQ_LOG_STRIDING_WQE, 7, 0), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(create(&f, CX6DX_RQ_LOG_STRIDING_WQE + 1, 0, 0), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(create(&f, CX6DX_RQ_LOG_STRIDING_WQE, 6, 7), ==,
                    CX6DX_STATUS_OK);
    teardown(&f);
}

/* A packet of several frames takes strides as one frame of its length does */
static void test_merged(void)
{
    FrameSpec spec = {
        .ip_version = 4, .protocol = 6, .tcp_flags = 0x10, .sport = 1,
        .dport = 2, .payload_bytes = 700, .seed = 1,
    };
    uint8_t first[2048], next[2048], want[4096];
    size_t len, hdr_bytes;
    Cx6dxTir *tir;
    Fixture f;

    setup(&f);
    for (unsigned i = 0; i < WQES; i++) {
        write_wqe(&f, i, (i + 1) % WQES);
    }
    tir = (Cx6dxTir *)cx6dx_obj_get(&f.fake->nic.tirs, 1);
    tir->lro_mask = CX6DX_LRO_IPV4;
    tir->lro_max_ip_payload = 65280;
    post(&f, 2);
    for (unsigned i = 0; i < 4; i++) {
        BuiltFrame b = frame_build(&spec, i & 1 ? next : first);

        path_put_sums(i & 1 ? next : first, &spec, &b);
        receive(&f, i & 1 ? next : first, b.bytes);
        len = b.bytes;
        hdr_bytes = b.payload_off;
        spec.tcp_sn += spec.payload_bytes;
        spec.ip_id++;
        spec.seed++;
        if (i == 2) {
            /* there was no room for three; the third begins the next one */
            spec.tcp_flags |= 8;
        }
        if (i == 1) {
            memcpy(want, first, len);
            memcpy(want + len, next + hdr_bytes, 700);
            expect(&f, 0, 0, 6, false, want, len + 700);
        }
    }
    expect(&f, 0, 6, 2, true, NULL, 0);
    memcpy(want, first, len);
    memcpy(want + len, next + hdr_bytes, 700);
    expect(&f, 1, 0, 6, false, want, len + 700);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/rq_striding/strides", test_strides);
    g_test_add_func("/cx6dx/rq_striding/random-lengths", test_random_lengths);
    g_test_add_func("/cx6dx/rq_striding/runs-dry", test_runs_dry);
    g_test_add_func("/cx6dx/rq_striding/too-long", test_too_long);
    g_test_add_func("/cx6dx/rq_striding/link-beyond-the-ring",
                    test_link_beyond_the_ring);
    g_test_add_func("/cx6dx/rq_striding/context", test_context);
    g_test_add_func("/cx6dx/rq/striding/merged-packets", test_merged);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive queues, their tables and their counters
 */
#include "qemu/osdep.h"
#include "nic/rq.h"
#include "cx6dx-fake-path.h"

typedef struct Fixture {
    Cx6dxFake *fake;
    uint32_t eqn;
    PathRq rq;
} Fixture;

static void setup(Fixture *f)
{
    f->fake = path_new(false, &f->eqn);
    f->rq = path_rq(f->fake, f->eqn, 8, 4, 2048);
}

static void teardown(Fixture *f)
{
    cx6dx_fake_free(f->fake);
}

static Cx6dxRq *rq_of(Fixture *f)
{
    return (Cx6dxRq *)cx6dx_obj_get(&f->fake->nic.rqs, f->rq.q.number);
}

static uint64_t errs(Fixture *f, Cx6dxGuestErr err)
{
    return f->fake->nic.guest_errs[err];
}

/* ---- Work requests ---- */

static void test_consume_in_order(void)
{
    Cx6dxRqWqe wqe;
    Fixture f;

    setup(&f);
    g_assert_false(cx6dx_rq_ready(&f.fake->nic, rq_of(&f)));
    for (unsigned i = 0; i < 70000; i++) {
        if (!cx6dx_rq_ready(&f.fake->nic, rq_of(&f))) {
            path_post(f.fake, &f.rq, 1 + i % 256);
        }
        g_assert_true(cx6dx_rq_ready(&f.fake->nic, rq_of(&f)));
        g_assert_true(cx6dx_rq_peek(&f.fake->nic, rq_of(&f), &wqe));
        g_assert_cmpuint(wqe.index, ==, i & 0xffff);
        g_assert_cmpuint(wqe.nsegs, ==, 1);
        g_assert_cmpuint(wqe.bytes, ==, 2048);
        g_assert_cmpuint(wqe.segs[0].addr, ==, f.rq.bufs + i % 256 * 2048);
        cx6dx_rq_consume(rq_of(&f));
    }
    teardown(&f);
}

static void test_few_dma_reads(void)
{
    uint64_t before;
    Cx6dxRqWqe wqe;
    Fixture f;

    setup(&f);
    path_post(f.fake, &f.rq, 256);
    before = f.fake->dma_reads;
    for (unsigned i = 0; i < 256; i++) {
        g_assert_true(cx6dx_rq_ready(&f.fake->nic, rq_of(&f)));
        cx6dx_rq_peek(&f.fake->nic, rq_of(&f), &wqe);
        cx6dx_rq_consume(rq_of(&f));
    }
    g_assert_cmpuint(f.fake->dma_reads - before, <=, 5);
    teardown(&f);
}

/* What is read ahead was posted: later ones may be written until then */
static void test_reads_only_posted(void)
{
    Cx6dxRqWqe wqe;
    Fixture f;

    setup(&f);
    path_post(f.fake, &f.rq, 1);
    g_assert_true(cx6dx_rq_ready(&f.fake->nic, rq_of(&f)));
    cx6dx_rq_peek(&f.fake->nic, rq_of(&f), &wqe);
    cx6dx_rq_consume(rq_of(&f));
    path_post(f.fake, &f.rq, 1);
    g_assert_true(cx6dx_rq_ready(&f.fake->nic, rq_of(&f)));
    cx6dx_rq_peek(&f.fake->nic, rq_of(&f), &wqe);
    g_assert_cmpuint(wqe.bytes, ==, 2048);
    teardown(&f);
}

static void test_bad_counter(void)
{
    Fixture f;

    setup(&f);
    f.rq.pc = 256;
    path_post(f.fake, &f.rq, 1);
    g_assert_false(cx6dx_rq_ready(&f.fake->nic, rq_of(&f)));
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_DB_RANGE), ==, 1);
    g_assert_cmpuint(rq_of(&f)->state, ==, CX6DX_QUEUE_RDY);
    teardown(&f);
}

static void test_memory_gone(void)
{
    Cx6dxRqWqe wqe;
    Fixture f;

    setup(&f);
    path_post(f.fake, &f.rq, 1);
    rq_of(&f)->pages.pas[0] = FAKE_NOWHERE;
    g_assert_true(cx6dx_rq_ready(&f.fake->nic, rq_of(&f)));
    g_assert_false(cx6dx_rq_peek(&f.fake->nic, rq_of(&f), &wqe));
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_WQ_DMA), ==, 1);
    g_assert_cmpuint(rq_of(&f)->state, ==, CX6DX_QUEUE_ERR);
    rq_of(&f)->cc = rq_of(&f)->pc;
    rq_of(&f)->dbr_addr = FAKE_NOWHERE;
    g_assert_false(cx6dx_rq_ready(&f.fake->nic, rq_of(&f)));
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_WQ_DMA), ==, 2);
    teardown(&f);
}

/* As drivers make them to have a queue at all: no frame fits */
static void test_entries_without_segment(void)
{
    uint64_t before;
    Cx6dxRqWqe wqe;
    Fixture f;

    setup(&f);
    rq_of(&f)->log_stride = 0;
    rq_of(&f)->log_wqes = 0;
    f.rq.pc = 0;
    path_post(f.fake, &f.rq, 1);
    before = f.fake->dma_reads;
    g_assert_true(cx6dx_rq_ready(&f.fake->nic, rq_of(&f)));
    g_assert_true(cx6dx_rq_peek(&f.fake->nic, rq_of(&f), &wqe));
    g_assert_cmpuint(f.fake->dma_reads - before, ==, 2);
    g_assert_cmpuint(wqe.nsegs, ==, 0);
    g_assert_cmpuint(wqe.bytes, ==, 0);
    teardown(&f);
}

/* ---- Commands ---- */

static uint8_t modify(Fixture *f, uint8_t from, uint8_t to, uint32_t mask,
                      bool flag, uint32_t counter)
{
    uint8_t in[CX6DX_modify_obj_in_BYTES + CX6DX_rqc_BYTES] = { 0 };
    uint8_t *rqc = in + CX6DX_modify_obj_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_RQ);
    CX6DX_SET(modify_obj_in, in, number, f->rq.q.number);
    CX6DX_SET(modify_obj_in, in, state, from);
    CX6DX_SET(modify_obj_in, in, modify_bitmask_l, mask);
    CX6DX_SET(rqc, rqc, state, to);
    CX6DX_SET(rqc, rqc, vsd, flag);
    CX6DX_SET(rqc, rqc, scatter_fcs, flag);
    CX6DX_SET(rqc, rqc, counter_set_id, counter);
    return cx6dx_fake_cmd(f->fake, in, sizeof(in), NULL, 16);
}

static void test_modify(void)
{
    enum { RDY = CX6DX_QUEUE_RDY, RST = CX6DX_QUEUE_RST,
           ERR = CX6DX_QUEUE_ERR };
    uint32_t counter;
    Fixture f;

    setup(&f);
    g_assert_cmphex(modify(&f, RDY, RDY, CX6DX_MODIFY_RQ_VSD, true, 0), ==, 0);
    g_assert_true(rq_of(&f)->vsd);
    g_assert_false(rq_of(&f)->scatter_fcs);
    g_assert_cmphex(modify(&f, RDY, RDY, CX6DX_MODIFY_RQ_SCATTER_FCS, true, 0),
                    ==, 0);
    g_assert_true(rq_of(&f)->scatter_fcs);
    g_assert_cmphex(modify(&f, RDY, RDY, CX6DX_MODIFY_RQ_COUNTER_SET, false,
                           200), ==, CX6DX_STATUS_BAD_RES);
    counter = cx6dx_fake_alloc_obj(f.fake, CX6DX_CMD_ALLOC_Q_COUNTER);
    g_assert_cmphex(modify(&f, RDY, RDY, CX6DX_MODIFY_RQ_COUNTER_SET, false,
                           counter), ==, 0);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DEALLOC_Q_COUNTER,
                                      counter), ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(modify(&f, RDY, RDY, CX6DX_MODIFY_RQ_COUNTER_SET, false, 0),
                    ==, 0);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DEALLOC_Q_COUNTER,
                                      counter), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(modify(&f, ERR, RST, 0, false, 0), ==,
                    CX6DX_STATUS_BAD_RES_STATE);
    /* through reset everything begins anew */
    path_post(f.fake, &f.rq, 5);
    cx6dx_rq_ready(&f.fake->nic, rq_of(&f));
    g_assert_cmphex(modify(&f, RDY, ERR, 0, false, 0), ==, 0);
    g_assert_cmphex(modify(&f, ERR, RDY, 0, false, 0), ==,
                    CX6DX_STATUS_BAD_RES_STATE);
    g_assert_cmphex(modify(&f, ERR, RST, 0, false, 0), ==, 0);
    g_assert_cmpuint(rq_of(&f)->pc, ==, 0);
    g_assert_cmphex(modify(&f, RST, RDY, 0, false, 0), ==, 0);
    teardown(&f);
}

static void test_create_refuses(void)
{
    uint8_t good[CX6DX_create_obj_in_BYTES + CX6DX_rqc_BYTES + 8] = { 0 };
    uint8_t in[sizeof(good)];
    uint8_t *wq = CX6DX_AREA(rqc, in + CX6DX_create_obj_in_BYTES, wq);
    uint8_t *rqc = good + CX6DX_create_obj_in_BYTES;
    Fixture f;

    setup(&f);
    CX6DX_SET(cmd_in, good, opcode, CX6DX_CMD_CREATE_RQ);
    CX6DX_SET(rqc, rqc, cqn, f.rq.cq.q.number);
    CX6DX_SET(wq, rqc + CX6DX_OFF_(rqc, wq), wq_type, CX6DX_WQ_CYCLIC);
    CX6DX_SET(wq, rqc + CX6DX_OFF_(rqc, wq), pd, f.fake->pdn);
    CX6DX_SET(wq, rqc + CX6DX_OFF_(rqc, wq), log_wq_stride, 4);
    CX6DX_SET(wq, rqc + CX6DX_OFF_(rqc, wq), log_wq_sz, 5);
    rqc = in + CX6DX_create_obj_in_BYTES;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t want = CX6DX_STATUS_BAD_PARAM;

        memcpy(in, good, sizeof(in));
        switch (i) {
        case 0:
            CX6DX_SET(rqc, rqc, mem_rq_type, 1);
            break;
        case 1:
            CX6DX_SET(rqc, rqc, state, CX6DX_QUEUE_RDY);
            break;
        case 2:
            CX6DX_SET(rqc, rqc, cqn, 0xffff);
            want = CX6DX_STATUS_BAD_RES;
            break;
        case 3:
            CX6DX_SET(rqc, rqc, counter_set_id, 200);
            want = CX6DX_STATUS_BAD_RES;
            break;
        case 4:
            CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_LINKED_LIST_STRIDING);
            break;
        case 5:
            CX6DX_SET(wq, wq, log_wq_stride, 0);
            CX6DX_SET(wq, wq, log_wq_sz, 0);
            want = CX6DX_STATUS_OK;
            break;
        case 6:
            CX6DX_SET(wq, wq, log_wq_stride, CX6DX_RQ_MAX_LOG_STRIDE + 1);
            break;
        case 7:
            want = CX6DX_STATUS_OK;
            break;
        }
        g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), NULL, 16), ==,
                        want);
    }
    teardown(&f);
}

static void test_query(void)
{
    uint8_t in[16] = { 0 }, out[0x20 + CX6DX_rqc_BYTES];
    const uint8_t *rqc = out + 0x20;
    const uint8_t *wq = CX6DX_AREA(rqc, rqc, wq);
    Fixture f;

    setup(&f);
    path_post(f.fake, &f.rq, 3);
    cx6dx_rq_ready(&f.fake->nic, rq_of(&f));
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_RQ);
    CX6DX_SET(cmd_in, in, number, f.rq.q.number);
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), out, sizeof(out)),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(rqc, rqc, state), ==, CX6DX_QUEUE_RDY);
    g_assert_cmpuint(CX6DX_GET(rqc, rqc, cqn), ==, f.rq.cq.q.number);
    g_assert_cmpuint(CX6DX_GET(wq, wq, hw_counter), ==, 0);
    g_assert_cmpuint(CX6DX_GET(wq, wq, sw_counter), ==, 3);
    g_assert_cmpuint(CX6DX_GET(wq, wq, log_wq_stride), ==, 4);
    teardown(&f);
}

/* ---- Tables ---- */

static uint8_t rqt_cmd(Fixture *f, uint16_t opcode, uint32_t rqtn, uint32_t max,
                       uint32_t actual, const uint32_t *rqns, uint32_t n)
{
    uint8_t in[CX6DX_create_obj_in_BYTES + CX6DX_rqtc_BYTES + 4 * 8] = { 0 };
    uint8_t *rqtc = in + CX6DX_create_obj_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, opcode);
    CX6DX_SET(rqtc, rqtc, rqt_max_size, max);
    CX6DX_SET(rqtc, rqtc, rqt_actual_size, actual);
    if (rqtn) {
        CX6DX_SET(modify_obj_in, in, number, rqtn);
        CX6DX_SET(modify_obj_in, in, modify_bitmask_l, CX6DX_MODIFY_RQT_LIST);
    }
    for (uint32_t i = 0; i < n; i++) {
        cx6dx_prm_store(rqtc + CX6DX_rqtc_BYTES + 4 * i, rqns[i]);
    }
    return cx6dx_fake_cmd(f->fake, in, sizeof(in) - 4 * (8 - n), NULL, 16);
}

static void test_rqt(void)
{
    PathRq other;
    uint32_t rqns[4], rqtn;
    Fixture f;

    setup(&f);
    other = path_rq(f.fake, f.eqn, 4, 4, 64);
    rqns[0] = rqns[2] = f.rq.q.number;
    rqns[1] = rqns[3] = other.q.number;
    rqtn = cx6dx_fake_rqt(f.fake, rqns, 4);
    g_assert_cmpuint(cx6dx_rqt_lookup(&f.fake->nic, rqtn, 6), ==, rqns[2]);
    g_assert_cmpuint(cx6dx_rqt_lookup(&f.fake->nic, rqtn, 7), ==, rqns[3]);
    g_assert_cmpuint(cx6dx_rqt_lookup(&f.fake->nic, 0x999, 7), ==, 0);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_RQ,
                                      other.q.number), ==,
                    CX6DX_STATUS_RES_BUSY);
    /* all to the first queue: the other one is free to go */
    rqns[1] = rqns[3] = rqns[0];
    g_assert_cmphex(rqt_cmd(&f, CX6DX_CMD_MODIFY_RQT, rqtn, 0, 4, rqns, 4), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_RQ,
                                      other.q.number), ==, CX6DX_STATUS_OK);
    /* refused, and the table stays as it is */
    rqns[3] = other.q.number;
    g_assert_cmphex(rqt_cmd(&f, CX6DX_CMD_MODIFY_RQT, rqtn, 0, 4, rqns, 4), ==,
                    CX6DX_STATUS_BAD_RES);
    g_assert_cmphex(rqt_cmd(&f, CX6DX_CMD_MODIFY_RQT, rqtn, 0, 5, rqns, 4),
                    ==, CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(rqt_cmd(&f, CX6DX_CMD_MODIFY_RQT, rqtn, 0, 4, rqns, 3), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(rqt_cmd(&f, CX6DX_CMD_MODIFY_RQT, 0x999, 0, 1, rqns, 1),
                    ==, CX6DX_STATUS_BAD_RES);
    g_assert_cmpuint(rq_of(&f)->obj.refs, ==, 4);
    g_assert_cmphex(rqt_cmd(&f, CX6DX_CMD_CREATE_RQT, 0, 0, 0, rqns, 0), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(rqt_cmd(&f, CX6DX_CMD_CREATE_RQT, 0, 0xffff, 1, rqns, 1),
                    ==, CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_RQT, rqtn), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(rq_of(&f)->obj.refs, ==, 0);
    teardown(&f);
}

static void test_counters(void)
{
    uint8_t in[CX6DX_query_q_counter_in_BYTES] = { 0 };
    uint8_t out[CX6DX_query_q_counter_out_BYTES];
    uint32_t id = 0, n = 0;
    Fixture f;

    setup(&f);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_Q_COUNTER);
    CX6DX_SET(query_q_counter_in, in, counter_set_id, 1);
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), out, sizeof(out)),
                    ==, CX6DX_STATUS_BAD_RES);
    /* the number has eight bits: so many there are, and not one more */
    while (cx6dx_fake_simple(f.fake, CX6DX_CMD_ALLOC_Q_COUNTER, 0) ==
           CX6DX_STATUS_OK) {
        g_assert_cmpuint(++n, <=, 255);
    }
    g_assert_cmpuint(n, ==, 255);
    id = 255;
    ((Cx6dxQCounter *)cx6dx_obj_get(&f.fake->nic.q_counters, id))
        ->out_of_buffer = 42;
    CX6DX_SET(query_q_counter_in, in, counter_set_id, id);
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), out, sizeof(out)),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(query_q_counter_out, out, out_of_buffer), ==,
                     42);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DEALLOC_Q_COUNTER, id),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DEALLOC_Q_COUNTER, id),
                    ==, CX6DX_STATUS_BAD_RES);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/rq/wqe/used-up-in-order", test_consume_in_order);
    g_test_add_func("/cx6dx/rq/wqe/read-ahead-in-pieces", test_few_dma_reads);
    g_test_add_func("/cx6dx/rq/wqe/only-posted-ones-are-read",
                    test_reads_only_posted);
    g_test_add_func("/cx6dx/rq/wqe/counter-beyond-the-ring", test_bad_counter);
    g_test_add_func("/cx6dx/rq/wqe/ring-is-not-there", test_memory_gone);
    g_test_add_func("/cx6dx/rq/wqe/entries-without-a-segment",
                    test_entries_without_segment);
    g_test_add_func("/cx6dx/rq/create/refuses-what-does-not-fit",
                    test_create_refuses);
    g_test_add_func("/cx6dx/rq/modify/states-and-attributes", test_modify);
    g_test_add_func("/cx6dx/rq/query/tells-context-and-counters", test_query);
    g_test_add_func("/cx6dx/rq/rqt/holds-and-spreads", test_rqt);
    g_test_add_func("/cx6dx/rq/counter/counts-and-clears", test_counters);
    return g_test_run();
}

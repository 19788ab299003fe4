/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Send queues: commands, states, order of completions, work requests that are
 * broken, and bytes that are no work requests at all
 */
#include "qemu/osdep.h"
#include "nic/res.h"
#include "nic/sq.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-oracle.h"
#include "cx6dx-wqe-build.h"

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

static Cx6dxSq *sq_of(Fixture *f)
{
    return (Cx6dxSq *)cx6dx_obj_get(&f->fake->nic.sqs, f->sq.q.number);
}

static size_t nop(Fixture *f, bool cqe)
{
    WqeCtrl ctrl = { .cqe = cqe };

    return wqe_build_nop(f->wqe, &ctrl);
}

static uint64_t errs(Fixture *f, Cx6dxGuestErr err)
{
    return f->fake->nic.guest_errs[err];
}

static void assert_no_cqe(Fixture *f)
{
    uint8_t cqe[CX6DX_cqe_BYTES];

    g_assert_false(path_poll(f->fake, &f->sq.cq, cqe));
}

static uint8_t modify(Fixture *f, uint8_t from, uint8_t to)
{
    return cx6dx_fake_modify_queue(f->fake, CX6DX_CMD_MODIFY_SQ,
                                   f->sq.q.number, from, to);
}

/* ---- Commands ---- */

static void test_create_refuses(void)
{
    enum { LIST = CX6DX_create_obj_in_BYTES + CX6DX_sqc_BYTES };
    static const struct {
        unsigned off, lsb, width;
        uint32_t value;
        uint8_t status;
    } bad[] = {
#define IN_SQC(field, value, status) \
    { CX6DX_create_obj_in_BYTES + CX6DX_OFF_(sqc, field), \
      CX6DX_LSB_(sqc, field), CX6DX_WIDTH_(sqc, field), value, status }
#define IN_WQ(field, value, status) \
    { CX6DX_create_obj_in_BYTES + CX6DX_OFF_(sqc, wq) + \
      CX6DX_OFF_(wq, field), CX6DX_LSB_(wq, field), CX6DX_WIDTH_(wq, field), \
      value, status }
        IN_SQC(cqn, 0xffff, CX6DX_STATUS_BAD_RES),
        IN_SQC(state, CX6DX_QUEUE_RDY, CX6DX_STATUS_BAD_PARAM),
        IN_SQC(tis_lst_sz, 2, CX6DX_STATUS_BAD_PARAM),
        IN_SQC(tis_num_0, 0xffff, CX6DX_STATUS_BAD_RES),
        IN_WQ(wq_type, CX6DX_WQ_LINKED_LIST, CX6DX_STATUS_BAD_PARAM),
        IN_WQ(pd, 0xffff, CX6DX_STATUS_BAD_RES),
        IN_WQ(uar_page, 0xffff, CX6DX_STATUS_BAD_RES),
        IN_WQ(dbr_addr_l, 4, CX6DX_STATUS_BAD_PARAM),
        IN_WQ(log_wq_stride, 5, CX6DX_STATUS_BAD_PARAM),
        IN_WQ(log_wq_stride, 7, CX6DX_STATUS_BAD_PARAM),
        IN_WQ(log_wq_sz, CX6DX_LOG_MAX_QUEUE_ENTRIES + 1,
              CX6DX_STATUS_BAD_PARAM),
        IN_WQ(log_wq_sz, 10, CX6DX_STATUS_BAD_PARAM),   /* list too short */
    };
    uint8_t good[LIST + 16] = { 0 }, in[LIST + 16];
    uint8_t *sqc = good + CX6DX_create_obj_in_BYTES;
    uint8_t *wq = CX6DX_AREA(sqc, sqc, wq);
    uint32_t before;
    Fixture f;

    setup(&f, false);
    CX6DX_SET(cmd_in, good, opcode, CX6DX_CMD_CREATE_SQ);
    CX6DX_SET(sqc, sqc, cqn, f.sq.cq.q.number);
    CX6DX_SET(sqc, sqc, tis_lst_sz, 1);
    CX6DX_SET(sqc, sqc, tis_num_0, f.tisn);
    CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_CYCLIC);
    CX6DX_SET(wq, wq, pd, f.fake->pdn);
    CX6DX_SET(wq, wq, uar_page, f.fake->uar);
    CX6DX_SET(wq, wq, log_wq_stride, CX6DX_LOG_SEND_WQE_BB);
    CX6DX_SET(wq, wq, log_wq_sz, 7);
    before = cx6dx_nic_objects(&f.fake->nic);
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        memcpy(in, good, sizeof(in));
        cx6dx_prm_set(in + bad[i].off, bad[i].lsb, bad[i].width, bad[i].value);
        g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), NULL, 16), ==,
                        bad[i].status);
    }
    memcpy(in, good, sizeof(in));
    in[LIST + 7] = 1;           /* a page that is not aligned */
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmpuint(cx6dx_nic_objects(&f.fake->nic), ==, before);
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, good, sizeof(good), NULL, 16), ==,
                    CX6DX_STATUS_OK);
    teardown(&f);
}

static void test_holds_what_it_uses(void)
{
    Fixture f;

    setup(&f, false);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_TIS, f.tisn),
                    ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_CQ,
                                      f.sq.cq.q.number), ==,
                    CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_SQ,
                                      f.sq.q.number), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_SQ,
                                      f.sq.q.number), ==, CX6DX_STATUS_BAD_RES);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_TIS, f.tisn),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_CQ,
                                      f.sq.cq.q.number), ==, CX6DX_STATUS_OK);
    teardown(&f);
}

static void test_no_such_queue(void)
{
    uint8_t in[16] = { 0 }, out[0x20 + CX6DX_sqc_BYTES];
    Fixture f;

    setup(&f, false);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_SQ);
    CX6DX_SET(cmd_in, in, number, 0xffffff);
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), out, sizeof(out)),
                    ==, CX6DX_STATUS_BAD_RES);
    g_assert_cmphex(cx6dx_fake_modify_queue(f.fake, CX6DX_CMD_MODIFY_SQ, 0,
                                            CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY),
                    ==, CX6DX_STATUS_BAD_RES);
    teardown(&f);
}

static void test_states(void)
{
    static const uint8_t all[] = { CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY,
                                   CX6DX_QUEUE_ERR, 2 };
    Fixture f;

    setup(&f, false);
    for (unsigned from = 0; from < 3; from++) {
        for (unsigned to = 0; to < 4; to++) {
            bool allowed = (from == 0 && to == 1) ||
                           (from == 1 && to != 3) || (from == 2 && to == 0);

            sq_of(&f)->state = all[from];
            g_assert_cmphex(modify(&f, all[from], all[to]), ==,
                            allowed ? CX6DX_STATUS_OK
                                    : CX6DX_STATUS_BAD_RES_STATE);
            g_assert_cmpuint(sq_of(&f)->state, ==,
                             allowed ? all[to] : all[from]);
        }
    }
    sq_of(&f)->state = CX6DX_QUEUE_RDY;
    g_assert_cmphex(modify(&f, CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY), ==,
                    CX6DX_STATUS_BAD_RES_STATE);
    teardown(&f);
}

static void test_query(void)
{
    uint8_t in[16] = { 0 }, out[0x20 + CX6DX_sqc_BYTES];
    const uint8_t *sqc = out + 0x20;
    const uint8_t *wq = CX6DX_AREA(sqc, sqc, wq);
    Fixture f;

    setup(&f, false);
    path_push(f.fake, &f.sq, f.wqe, nop(&f, false));
    path_do(f.fake, &f.sq, f.wqe, nop(&f, false));
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_SQ);
    CX6DX_SET(cmd_in, in, number, f.sq.q.number);
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), out, sizeof(out)),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(sqc, sqc, state), ==, CX6DX_QUEUE_RDY);
    g_assert_cmpuint(CX6DX_GET(sqc, sqc, cqn), ==, f.sq.cq.q.number);
    g_assert_cmpuint(CX6DX_GET(sqc, sqc, tis_num_0), ==, f.tisn);
    g_assert_cmpuint(CX6DX_GET(wq, wq, hw_counter), ==, 2);
    g_assert_cmpuint(CX6DX_GET(wq, wq, sw_counter), ==, 2);
    g_assert_cmpuint(CX6DX_GET(wq, wq, log_wq_sz), ==, 8);
    g_assert_cmpuint(CX6DX_GET64(wq, wq, dbr_addr), ==, f.sq.q.dbr);
    teardown(&f);
}

/* ---- Doorbells and completions ---- */

static void test_order(void)
{
    Cx6dxDice dice = { .state = 31 };
    g_autoptr(GArray) want = g_array_new(false, false, sizeof(uint16_t));
    uint16_t index, counter;
    Fixture f;

    setup(&f, false);
    /* far beyond the end of the ring, and of the counter */
    for (unsigned round = 0; round < 40000; round++) {
        unsigned n = 1 + cx6dx_dice_below(&dice, 4);

        g_array_set_size(want, 0);
        while (n--) {
            bool cqe = cx6dx_dice_below(&dice, 3) == 0;

            index = path_push(f.fake, &f.sq, f.wqe, nop(&f, cqe));
            if (cqe) {
                g_array_append_val(want, index);
            }
        }
        path_ring(f.fake, &f.sq);
        cx6dx_fake_run(f.fake);
        for (guint i = 0; i < want->len; i++) {
            g_assert_cmpuint(path_expect(f.fake, &f.sq.cq, &counter), ==, 0);
            g_assert_cmpuint(counter, ==, g_array_index(want, uint16_t, i));
        }
        assert_no_cqe(&f);
    }
    teardown(&f);
}

/* Ticks of the internal timer, the same that the initialization segment shows */
static void test_timestamp(void)
{
    uint8_t cqe[CX6DX_cqe_BYTES];
    uint64_t timer;
    Fixture f;

    setup(&f, false);
    f.fake->now_ns = 0x3456789abcdeull;
    path_do(f.fake, &f.sq, f.wqe, nop(&f, true));
    g_assert_true(path_poll(f.fake, &f.sq.cq, cqe));
    timer = (uint64_t)cx6dx_cmd_iseg_read(&f.fake->nic, CX6DX_ISEG_TIMER_H) << 32;
    timer |= cx6dx_cmd_iseg_read(&f.fake->nic, CX6DX_ISEG_TIMER_L);
    g_assert_cmphex(timer, ==, 0x3456789abcdeull);
    g_assert_cmphex(CX6DX_GET64(cqe, cqe, timestamp), ==, timer);
    teardown(&f);
}

static void test_queues_take_turns(void)
{
    const Cx6dxSq *other;
    PathSq other_sq;
    size_t bytes;
    Fixture f;

    setup(&f, false);
    f.sq = path_sq(f.fake, f.eqn, 9, f.tisn);
    other_sq = path_sq(f.fake, f.eqn, 8, f.tisn);
    other = (Cx6dxSq *)cx6dx_obj_get(&f.fake->nic.sqs, other_sq.q.number);
    bytes = nop(&f, false);
    for (unsigned i = 0; i < 500; i++) {
        path_push(f.fake, &f.sq, f.wqe, bytes);
    }
    path_push(f.fake, &other_sq, f.wqe, bytes);
    path_ring(f.fake, &f.sq);
    path_ring(f.fake, &other_sq);
    g_assert_true(cx6dx_sq_work(&f.fake->nic, 1));
    g_assert_cmpuint(sq_of(&f)->cc, >, 0);
    g_assert_cmpuint(sq_of(&f)->cc, <, 500);
    /* nobody waits for the end of the first queue */
    g_assert_true(cx6dx_sq_work(&f.fake->nic, 1));
    g_assert_cmpuint(other->cc, ==, 1);
    g_assert_cmpuint(sq_of(&f)->cc, <, 500);
    while (cx6dx_sq_work(&f.fake->nic, 1)) {
        continue;
    }
    g_assert_cmpuint(sq_of(&f)->cc, ==, 500);
    teardown(&f);
}

static void test_bad_doorbells(void)
{
    Fixture f;

    setup(&f, false);
    cx6dx_sq_doorbell(&f.fake->nic, f.fake->uar, 0xffffff00);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_DB_SQ), ==, 1);
    cx6dx_sq_doorbell(&f.fake->nic, f.fake->uar + 1, f.sq.q.number << 8);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_DB_SQ), ==, 2);
    sq_of(&f)->state = CX6DX_QUEUE_RST;
    path_ring(f.fake, &f.sq);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_DB_SQ), ==, 3);
    sq_of(&f)->state = CX6DX_QUEUE_RDY;
    /* more than the ring holds: nothing happens, then all is well again */
    f.sq.pc = 257;
    path_ring(f.fake, &f.sq);
    cx6dx_fake_run(f.fake);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_DB_RANGE), ==, 1);
    g_assert_cmpuint(sq_of(&f)->cc, ==, 0);
    f.sq.pc = 0;
    path_do(f.fake, &f.sq, f.wqe, nop(&f, true));
    g_assert_cmpuint(path_expect(f.fake, &f.sq.cq, NULL), ==, 0);
    teardown(&f);
}

static void test_destroyed_with_work(void)
{
    Fixture f;

    setup(&f, true);
    path_push(f.fake, &f.sq, f.wqe, nop(&f, true));
    path_ring(f.fake, &f.sq);
    cx6dx_sq_work(&f.fake->nic, 1000);
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 1);
    path_push(f.fake, &f.sq, f.wqe, nop(&f, true));
    path_ring(f.fake, &f.sq);
    g_assert_cmphex(cx6dx_obj_del(&f.fake->nic, &f.fake->nic.sqs,
                                  f.sq.q.number), ==, CX6DX_STATUS_OK);
    g_assert_true(g_queue_is_empty(&f.fake->nic.sq_work));
    cx6dx_fake_advance(f.fake, 1000 * 1000);
    assert_no_cqe(&f);
    teardown(&f);
}

/* ---- Broken work requests ---- */

/* The error names the work request, what follows is flushed, reset revives */
static void test_error_flush_revive(void)
{
    uint16_t bad, counter;
    Fixture f;

    setup(&f, false);
    path_push(f.fake, &f.sq, f.wqe, nop(&f, true));
    nop(&f, false);
    CX6DX_SET(wqe_ctrl, f.wqe, opcode, 0x7f);
    bad = path_push(f.fake, &f.sq, f.wqe, 16);
    path_push(f.fake, &f.sq, f.wqe, nop(&f, false));
    path_push(f.fake, &f.sq, f.wqe, nop(&f, true));
    path_ring(f.fake, &f.sq);
    cx6dx_fake_run(f.fake);
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, &counter), ==, 0);
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, &counter), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
    g_assert_cmpuint(counter, ==, bad);
    for (unsigned i = 1; i <= 2; i++) {
        g_assert_cmphex(path_expect(f.fake, &f.sq.cq, &counter), ==,
                        CX6DX_CQE_SYNDROME_WR_FLUSH);
        g_assert_cmpuint(counter, ==, bad + i);
    }
    assert_no_cqe(&f);
    g_assert_cmpuint(sq_of(&f)->state, ==, CX6DX_QUEUE_ERR);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_WQE_MALFORMED), ==, 1);
    /* posted in ERR: flushed too */
    path_do(f.fake, &f.sq, f.wqe, nop(&f, false));
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==,
                    CX6DX_CQE_SYNDROME_WR_FLUSH);
    g_assert_cmphex(modify(&f, CX6DX_QUEUE_ERR, CX6DX_QUEUE_RST), ==, 0);
    g_assert_cmphex(modify(&f, CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY), ==, 0);
    f.sq.pc = 0;
    path_do(f.fake, &f.sq, f.wqe, nop(&f, true));
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, &counter), ==, 0);
    g_assert_cmpuint(counter, ==, 0);
    teardown(&f);
}

static void test_error_without_flush(void)
{
    Fixture f;

    setup(&f, false);
    sq_of(&f)->flush_in_error = false;
    nop(&f, false);
    CX6DX_SET(wqe_ctrl, f.wqe, opcode, 0x7f);
    path_push(f.fake, &f.sq, f.wqe, 16);
    path_push(f.fake, &f.sq, f.wqe, nop(&f, true));
    path_ring(f.fake, &f.sq);
    cx6dx_fake_run(f.fake);
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
    assert_no_cqe(&f);
    g_assert_cmpuint(sq_of(&f)->cc, ==, f.sq.pc);
    teardown(&f);
}

static void assert_malformed(Fixture *f)
{
    g_assert_cmphex(path_expect(f->fake, &f->sq.cq, NULL), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
    g_assert_cmpuint(errs(f, CX6DX_GUEST_ERR_WQE_MALFORMED), ==, 1);
}

static void test_longer_than_posted(void)
{
    WqeCtrl ctrl = { 0 };
    Fixture f;

    setup(&f, false);
    wqe_build_ctrl(f.wqe, &ctrl, CX6DX_WQE_NOP, 0, 128);
    path_do(f.fake, &f.sq, f.wqe, 64);
    assert_malformed(&f);
    teardown(&f);
}

static void test_length_zero(void)
{
    WqeCtrl ctrl = { 0 };
    Fixture f;

    setup(&f, false);
    wqe_build_ctrl(f.wqe, &ctrl, CX6DX_WQE_NOP, 0, 0);
    path_do(f.fake, &f.sq, f.wqe, 64);
    assert_malformed(&f);
    teardown(&f);
}

static void test_over_the_page(void)
{
    WqeCtrl ctrl = { 0 };
    Fixture f;

    setup(&f, false);
    for (unsigned i = 0; i < 63; i++) {
        path_push(f.fake, &f.sq, f.wqe, nop(&f, false));
    }
    wqe_build_ctrl(f.wqe, &ctrl, CX6DX_WQE_NOP, 0, 128);
    path_push(f.fake, &f.sq, f.wqe, 64);
    path_push(f.fake, &f.sq, f.wqe, nop(&f, false));
    path_ring(f.fake, &f.sq);
    cx6dx_fake_run(f.fake);
    assert_malformed(&f);
    teardown(&f);
}

static void test_memory_gone(void)
{
    Fixture f;

    setup(&f, false);
    sq_of(&f)->pages.pas[0] = FAKE_NOWHERE;
    path_do(f.fake, &f.sq, f.wqe, nop(&f, true));
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_PROT);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_WQ_DMA), ==, 1);
    sq_of(&f)->dbr_addr = FAKE_NOWHERE;
    path_do(f.fake, &f.sq, f.wqe, nop(&f, true));
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_WQ_DMA), ==, 2);
    assert_no_cqe(&f);
    teardown(&f);
}

/* ---- UMR of memory keys ---- */

static uint32_t make_mtt_key(Fixture *f)
{
    uint8_t in[CX6DX_create_mkey_in_BYTES] = { 0 }, out[16];
    uint8_t *mkc = CX6DX_AREA(create_mkey_in, in, memory_key_mkey_entry);

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_MKEY);
    CX6DX_SET(mkc, mkc, free, 1);
    CX6DX_SET(mkc, mkc, umr_en, 1);
    CX6DX_SET(mkc, mkc, lw, 1);
    CX6DX_SET(mkc, mkc, lr, 1);
    CX6DX_SET(mkc, mkc, access_mode_1_0, CX6DX_MKEY_MODE_MTT);
    CX6DX_SET(mkc, mkc, pd, f->fake->pdn);
    CX6DX_SET64(mkc, mkc, len, 8 * 4096);
    CX6DX_SET(mkc, mkc, translations_octword_size, 4);
    CX6DX_SET(mkc, mkc, log_page_size, 12);
    g_assert_cmphex(cx6dx_fake_cmd(f->fake, in, sizeof(in), out, 16), ==, 0);
    return CX6DX_GET(cmd_out, out, number) << 8;
}

static void test_umr(void)
{
    WqeCtrl ctrl = { .cqe = true };
    uint64_t page, entries[2];
    uint8_t bytes[8];
    uint32_t lkey;
    Fixture f;

    setup(&f, false);
    lkey = make_mtt_key(&f);
    page = cx6dx_fake_alloc(f.fake, 2 * 4096, 4096);
    entries[0] = page + 4096;
    entries[1] = page;
    memcpy(cx6dx_fake_ptr(f.fake, page + 4), "swapped", 8);
    path_do(f.fake, &f.sq, f.wqe,
            wqe_build_mtt(f.wqe, &ctrl, lkey, 1, entries, 2));
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==, 0);
    g_assert_cmpint(cx6dx_mkey_read(&f.fake->nic, lkey, f.fake->pdn,
                                    3 * 4096 + 4, bytes, 8), ==,
                    CX6DX_MKEY_OK);
    g_assert_cmpstr((char *)bytes, ==, "swapped");
    /* beyond the table */
    path_do(f.fake, &f.sq, f.wqe,
            wqe_build_mtt(f.wqe, &ctrl, lkey, 4, entries, 2));
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_PROT);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_WQE_LKEY), ==, 1);
    /* and not from any queue */
    f.sq = path_sq(f.fake, f.eqn, 8, f.tisn);
    sq_of(&f)->reg_umr = false;
    path_do(f.fake, &f.sq, f.wqe,
            wqe_build_mtt(f.wqe, &ctrl, lkey, 0, entries, 2));
    assert_malformed(&f);
    teardown(&f);
}

/* ---- Anything ---- */

static void revive(Fixture *f)
{
    uint8_t cqe[CX6DX_cqe_BYTES];

    while (path_poll(f->fake, &f->sq.cq, cqe)) {
        continue;
    }
    if (sq_of(f)->state == CX6DX_QUEUE_ERR) {
        g_assert_cmphex(modify(f, CX6DX_QUEUE_ERR, CX6DX_QUEUE_RST), ==, 0);
        g_assert_cmphex(modify(f, CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY), ==, 0);
        f->sq.pc = 0;
    }
}

static void random_wqes(bool timing)
{
    static const uint8_t opcodes[] = {
        CX6DX_WQE_SEND, CX6DX_WQE_LSO, CX6DX_WQE_ENHANCED_MPSW, CX6DX_WQE_DUMP,
        CX6DX_WQE_UMR, CX6DX_WQE_SET_PSV, CX6DX_WQE_GET_PSV,
    };
    Cx6dxDice dice = { .state = 32 };
    uint32_t tls_tisn;
    Fixture f;

    setup(&f, timing);
    tls_tisn = cx6dx_fake_tis(f.fake, true);
    for (unsigned round = 0; round < 20000; round++) {
        size_t bytes = 16 * (1 + cx6dx_dice_below(&dice, 63));

        cx6dx_dice_fill(&dice, f.wqe, bytes);
        CX6DX_SET(wqe_ctrl, f.wqe, ds, bytes / 16);
        if (cx6dx_dice_below(&dice, 8)) {
            CX6DX_SET(wqe_ctrl, f.wqe, opcode,
                      opcodes[cx6dx_dice_below(&dice, ARRAY_SIZE(opcodes))]);
            CX6DX_SET(wqe_ctrl, f.wqe, opmod, cx6dx_dice_below(&dice, 3));
            CX6DX_SET(wqe_ctrl, f.wqe, tis_tir_num,
                      cx6dx_dice_below(&dice, 2) ? 0 : tls_tisn);
            CX6DX_SET(wqe_eth, f.wqe + 16, inline_hdr_sz,
                      cx6dx_dice_below(&dice, 100));
        }
        if (cx6dx_dice_below(&dice, 2)) {
            /* segments that get further than the key */
            for (size_t off = 16; off + 16 <= bytes; off += 16) {
                CX6DX_SET(wqe_data, f.wqe + off, lkey, f.fake->lkey);
                CX6DX_SET(wqe_data, f.wqe + off, byte_count,
                          cx6dx_dice_below(&dice, 3000));
                CX6DX_SET64(wqe_data, f.wqe + off, addr,
                            FAKE_BASE + cx6dx_dice_below(&dice, 1 << 20));
            }
        }
        path_do(f.fake, &f.sq, f.wqe, bytes);
        cx6dx_fake_advance(f.fake, 50 * 1000);
        cx6dx_fake_clear_frames(f.fake);
        revive(&f);
    }
    /* after all this an honest one still works */
    f.sq = path_sq(f.fake, f.eqn, 4, f.tisn);
    path_do(f.fake, &f.sq, f.wqe, nop(&f, true));
    cx6dx_fake_advance(f.fake, 1000 * 1000);
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==, 0);
    teardown(&f);
}

static void test_random(void)
{
    random_wqes(false);
}

static void test_random_timing(void)
{
    random_wqes(true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/sq/create/refuses-what-does-not-fit",
                    test_create_refuses);
    g_test_add_func("/cx6dx/sq/create/holds-what-it-uses",
                    test_holds_what_it_uses);
    g_test_add_func("/cx6dx/sq/modify/no-such-queue", test_no_such_queue);
    g_test_add_func("/cx6dx/sq/modify/table-of-states", test_states);
    g_test_add_func("/cx6dx/sq/query/tells-context-and-counters", test_query);
    g_test_add_func("/cx6dx/sq/completion/as-asked-and-in-order", test_order);
    g_test_add_func("/cx6dx/sq/completion/timestamp", test_timestamp);
    g_test_add_func("/cx6dx/sq/turns/one-after-the-other", test_queues_take_turns);
    g_test_add_func("/cx6dx/sq/doorbell/bad-ones-do-nothing",
                    test_bad_doorbells);
    g_test_add_func("/cx6dx/sq/destroy/nothing-comes-after-it",
                    test_destroyed_with_work);
    g_test_add_func("/cx6dx/sq/error/flush-and-revive",
                    test_error_flush_revive);
    g_test_add_func("/cx6dx/sq/error/without-flush-all-is-silent",
                    test_error_without_flush);
    g_test_add_func("/cx6dx/sq/error/longer-than-posted",
                    test_longer_than_posted);
    g_test_add_func("/cx6dx/sq/error/length-zero", test_length_zero);
    g_test_add_func("/cx6dx/sq/error/over-the-end-of-a-page",
                    test_over_the_page);
    g_test_add_func("/cx6dx/sq/error/ring-is-not-there", test_memory_gone);
    g_test_add_func("/cx6dx/sq/umr/changes-translations", test_umr);
    g_test_add_func("/cx6dx/sq/random/any-bytes-are-survived", test_random);
    g_test_add_func("/cx6dx/sq/random/with-modelled-time", test_random_timing);
    return g_test_run();
}

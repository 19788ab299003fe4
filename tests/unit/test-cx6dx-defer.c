/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What happens later: order, bounds, what is dropped with its owner
 */
#include "qemu/osdep.h"
#include "nic/defer.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-oracle.h"

typedef struct Fixture {
    Cx6dxFake *fake;
    uint32_t eqn;
    PathCq cq;
} Fixture;

static void setup(Fixture *f)
{
    f->fake = path_new(true, &f->eqn);
    f->cq = (PathCq) { .q = cx6dx_fake_cq(f->fake, 10, f->eqn) };
}

static void teardown(Fixture *f)
{
    cx6dx_fake_free(f->fake);
}

static void out(Fixture *f, uint64_t after_ns, uint32_t mark)
{
    uint8_t frame[60] = { 0 };

    memcpy(frame + 20, &mark, sizeof(mark));
    cx6dx_defer_frame_out(&f->fake->nic, f->fake->now_ns + after_ns, frame,
                          sizeof(frame));
}

static uint32_t mark_at(Fixture *f, guint i)
{
    const GByteArray *frame = g_ptr_array_index(f->fake->frames, i);
    uint32_t mark;

    memcpy(&mark, frame->data + 20, sizeof(mark));
    return mark;
}

static void cqe(Fixture *f, uint64_t after_ns, uint16_t counter, uint32_t queue)
{
    uint8_t buf[CX6DX_cqe_BYTES] = { 0 };

    CX6DX_SET(cqe, buf, wqe_counter, counter);
    cx6dx_defer_cqe(&f->fake->nic, f->fake->now_ns + after_ns, f->cq.q.number,
                    buf, false, queue);
}

static void test_at_once(void)
{
    Fixture f;

    setup(&f);
    out(&f, 0, 1);
    g_assert_cmpuint(f.fake->frames->len, ==, 1);
    cqe(&f, 0, 7, 0);
    g_assert_cmpuint(path_expect(f.fake, &f.cq, NULL), ==, 0);
    /* but not in front of what was given before */
    out(&f, 100, 2);
    out(&f, 0, 3);
    g_assert_cmpuint(f.fake->frames->len, ==, 1);
    cx6dx_fake_advance(f.fake, 0);
    g_assert_cmpuint(f.fake->frames->len, ==, 2);
    g_assert_cmpuint(mark_at(&f, 1), ==, 3);
    cx6dx_fake_advance(f.fake, 100);
    g_assert_cmpuint(mark_at(&f, 2), ==, 2);
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 0);
    g_assert_cmpuint(f.fake->nic.defer.pending_bytes, ==, 0);
    teardown(&f);
}

static void test_order(void)
{
    Cx6dxDice dice = { .state = 41 };
    uint64_t when[1000], last = 0;
    uint32_t mark, last_mark = 0;
    Fixture f;

    setup(&f);
    for (uint32_t i = 0; i < ARRAY_SIZE(when); i++) {
        when[i] = 1 + cx6dx_dice_below(&dice, 200);
        out(&f, when[i], i);
    }
    for (unsigned step = 0; step < 25; step++) {
        cx6dx_fake_advance(f.fake, 8);
        for (guint i = 0; i < f.fake->frames->len; i++) {
            mark = mark_at(&f, i);
            g_assert_cmpuint(when[mark], <=, 8 * (step + 1));
            g_assert_true(when[mark] > last ||
                          (when[mark] == last && mark > last_mark) ||
                          last == 0);
            last = when[mark];
            last_mark = mark;
        }
        cx6dx_fake_clear_frames(f.fake);
    }
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 0);
    g_assert_cmpuint(cx6dx_defer_next(&f.fake->nic), ==, UINT64_MAX);
    teardown(&f);
}

static void test_bounds(void)
{
    Fixture f;
    uint32_t i;

    setup(&f);
    for (i = 0; cx6dx_defer_room(&f.fake->nic); i++) {
        g_assert_cmpuint(i, <, CX6DX_DEFER_MAX_ACTIONS);
        out(&f, 10, i);
    }
    g_assert_cmpuint(i, >, 1000);
    cx6dx_fake_advance(f.fake, 10);
    g_assert_cmpuint(f.fake->frames->len, ==, i);
    g_assert_true(cx6dx_defer_room(&f.fake->nic));
    teardown(&f);
}

/* A sender that was stopped for lack of room goes on by itself */
static void test_sender_resumes(void)
{
    uint32_t i;
    uint8_t wqe[64] = { 0 };
    PathSq sq;
    Fixture f;

    setup(&f);
    sq = path_sq(f.fake, f.eqn, 6, cx6dx_fake_tis(f.fake, false));
    for (i = 0; cx6dx_defer_room(&f.fake->nic); i++) {
        out(&f, 1000, i);
    }
    CX6DX_SET(wqe_ctrl, wqe, ds, 1);
    CX6DX_SET(wqe_ctrl, wqe, completion, CX6DX_CE_ALWAYS);
    path_do(f.fake, &sq, wqe, 16);
    g_assert_cmpuint(g_queue_get_length(&f.fake->nic.sq_work), ==, 1);
    cx6dx_fake_advance(f.fake, 100 * 1000);
    g_assert_cmpuint(path_expect(f.fake, &sq.cq, NULL), ==, 0);
    g_assert_true(g_queue_is_empty(&f.fake->nic.sq_work));
    teardown(&f);
}

/* A frame that waits holds up other frames, and nothing else */
static void test_waiting_frame(void)
{
    uint8_t frame[60] = { 0 };
    uint32_t rqtn;
    PathRq rq;
    Fixture f;

    setup(&f);
    rq = path_rq(f.fake, f.eqn, 4, 4, 2048);
    rqtn = cx6dx_fake_rqt(f.fake, &rq.q.number, 1);
    cx6dx_fake_catch_all(f.fake, cx6dx_fake_tir(f.fake, 0, rqtn, false));
    f.fake->nic.port.pause_tx = true;
    cx6dx_defer_frame_in(&f.fake->nic, f.fake->now_ns, frame, sizeof(frame));
    cx6dx_defer_frame_in(&f.fake->nic, f.fake->now_ns, frame, sizeof(frame));
    out(&f, 50 * 1000, 1);
    /* asking for deadlines again and again does not move them */
    for (unsigned i = 0; i < 100; i++) {
        cx6dx_fake_advance(f.fake, 1000);
        cx6dx_nic_update_timer(&f.fake->nic);
    }
    g_assert_cmpuint(f.fake->frames->len, ==, 1);
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 2);
    path_post(f.fake, &rq, 2);
    for (unsigned i = 0; i < 50; i++) {
        cx6dx_fake_advance(f.fake, 1000);
        cx6dx_nic_update_timer(&f.fake->nic);
    }
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 0);
    /* completions are modelled too */
    cx6dx_fake_advance(f.fake, 100 * 1000);
    g_assert_cmpuint(path_expect(f.fake, &rq.cq, NULL), ==, 0);
    g_assert_cmpuint(path_expect(f.fake, &rq.cq, NULL), ==, 0);
    teardown(&f);
}

static void test_forget(void)
{
    uint16_t counter;
    Fixture f;

    setup(&f);
    cqe(&f, 10, 1, CX6DX_DEFER_SQ(5));
    cqe(&f, 20, 2, CX6DX_DEFER_RQ(5));
    cqe(&f, 30, 3, CX6DX_DEFER_SQ(5));
    cx6dx_defer_forget(&f.fake->nic, CX6DX_DEFER_SQ(5));
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 1);
    cx6dx_fake_advance(f.fake, 100);
    path_expect(f.fake, &f.cq, &counter);
    g_assert_cmpuint(counter, ==, 2);
    teardown(&f);
}

static void test_clear(void)
{
    Fixture f;

    setup(&f);
    out(&f, 10, 1);
    cqe(&f, 10, 1, 0);
    cx6dx_defer_clear(&f.fake->nic);
    g_assert_cmpuint(f.fake->nic.defer.pending, ==, 0);
    g_assert_cmpuint(f.fake->nic.defer.pending_bytes, ==, 0);
    cx6dx_fake_advance(f.fake, 100);
    g_assert_cmpuint(f.fake->frames->len, ==, 0);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/defer/order/at-once-unless-others-wait",
                    test_at_once);
    g_test_add_func("/cx6dx/defer/order/by-time-then-by-arrival", test_order);
    g_test_add_func("/cx6dx/defer/bounds/room-ends-and-returns", test_bounds);
    g_test_add_func("/cx6dx/defer/bounds/stopped-sender-resumes",
                    test_sender_resumes);
    g_test_add_func("/cx6dx/defer/order/waiting-frame-holds-up-frames",
                    test_waiting_frame);
    g_test_add_func("/cx6dx/defer/drop/completions-of-one-queue", test_forget);
    g_test_add_func("/cx6dx/defer/drop/clear-leaves-nothing", test_clear);
    return g_test_run();
}

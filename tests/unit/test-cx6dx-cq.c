/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of completion queues: owner bits, arming, moderation, overrun
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/cq.h"
#include "nic/eq.h"

#define VECTOR 1
#define US 1000ull

typedef struct Rig {
    Cx6dxFake *fake;
    Cx6dxFakeQueue eq, cq;
    Cx6dxCq *obj;
    uint32_t eq_ci;
} Rig;

static Rig rig_new(uint8_t log_entries)
{
    Rig rig = { .fake = cx6dx_fake_new() };

    cx6dx_fake_start(rig.fake);
    rig.eq = cx6dx_fake_eq(rig.fake, 8, VECTOR, 1ull << CX6DX_EVENT_CQ_ERROR);
    rig.cq = cx6dx_fake_cq(rig.fake, log_entries, rig.eq.number);
    rig.obj = (Cx6dxCq *)cx6dx_obj_get(&rig.fake->nic.cqs, rig.cq.number);
    return rig;
}

static bool post(Rig *rig)
{
    uint8_t cqe[CX6DX_cqe_BYTES] = { 0 };

    return cx6dx_cq_post(&rig->fake->nic, rig->cq.number, cqe, false);
}

static void arm(Rig *rig, uint32_t ci)
{
    uint8_t record[CX6DX_cq_dbrec_BYTES] = { 0 };

    CX6DX_SET(cq_dbrec, record, arm_ci, ci);
    cx6dx_cq_doorbell(&rig->fake->nic, rig->fake->uar,
                      cx6dx_prm_load(record + 4), rig->cq.number);
    cx6dx_fake_run(rig->fake);
}

/* Ends the turn, takes one event off the EQ; its type, or -1: there is none */
static int next_event(Rig *rig)
{
    uint32_t mask = (1u << rig->eq.log_entries) - 1;
    const uint8_t *eqe = cx6dx_fake_ptr(
        rig->fake, rig->eq.buf + (rig->eq_ci & mask) * CX6DX_eqe_BYTES);

    cx6dx_fake_run(rig->fake);
    if (CX6DX_GET(eqe, eqe, owner) != (rig->eq_ci >> rig->eq.log_entries & 1)) {
        return -1;
    }
    rig->eq_ci++;
    return CX6DX_GET(eqe, eqe, type);
}

static void set_ci(Rig *rig, uint32_t ci)
{
    CX6DX_SET(cq_dbrec, cx6dx_fake_ptr(rig->fake, rig->cq.dbr), consumer_index,
              ci & 0xffffff);
}

static uint8_t modify(Rig *rig, uint32_t select, uint32_t period_us,
                      uint32_t count, bool from_cqe)
{
    uint8_t in[CX6DX_modify_cq_in_BYTES] = { 0 };
    uint8_t *cqc = CX6DX_AREA(modify_cq_in, in, cq_context);

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_CQ);
    CX6DX_SET(modify_cq_in, in, cqn, rig->cq.number);
    CX6DX_SET(modify_cq_in, in, field_select, select);
    CX6DX_SET(cqc, cqc, cq_period, period_us);
    CX6DX_SET(cqc, cqc, cq_max_count, count);
    CX6DX_SET(cqc, cqc, cq_period_mode, from_cqe);
    return cx6dx_fake_cmd(rig->fake, in, sizeof(in), NULL, 16);
}

static void moderate(Rig *rig, uint32_t period_us, uint32_t count,
                     bool from_cqe)
{
    g_assert_cmphex(modify(rig, CX6DX_MODIFY_CQ_PERIOD |
                           CX6DX_MODIFY_CQ_COUNT |
                           CX6DX_MODIFY_CQ_PERIOD_MODE, period_us, count,
                           from_cqe), ==, CX6DX_STATUS_OK);
}

static void test_owner_bit(void)
{
    Rig rig = rig_new(2);

    for (uint32_t ci = 0; ci < 12; ci++) {
        const uint8_t *cqe = cx6dx_fake_ptr(
            rig.fake, rig.cq.buf + (ci & 3) * CX6DX_cqe_BYTES);

        g_assert_cmpuint(CX6DX_GET(cqe, cqe, owner), !=, ci >> 2 & 1);
        g_assert_true(post(&rig));
        g_assert_cmpuint(CX6DX_GET(cqe, cqe, owner), ==, ci >> 2 & 1);
        set_ci(&rig, ci + 1);
    }
    g_assert_cmpint(next_event(&rig), ==, -1);
    cx6dx_fake_free(rig.fake);
}

/* 2^24 entries later the index of the doorbell record starts again */
static void test_index_wraps(void)
{
    Rig rig = rig_new(2);

    rig.obj->pi = 0xfffffe;
    rig.obj->ci = 0xfffffe;
    set_ci(&rig, 0xfffffe);
    for (int i = 0; i < 4; i++) {
        g_assert_true(post(&rig));
    }
    set_ci(&rig, 1);
    arm(&rig, 1);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    for (int i = 0; i < 3; i++) {
        g_assert_true(post(&rig));
    }
    g_assert_false(post(&rig));
    cx6dx_fake_free(rig.fake);
}

static void test_arming(void)
{
    Rig rig = rig_new(6);

    /* not armed: silence */
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, -1);
    /* armed with an entry not seen: at once, and once */
    arm(&rig, 0);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, -1);
    /* armed with all seen: upon the next entry */
    arm(&rig, 2);
    g_assert_cmpint(next_event(&rig), ==, -1);
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, -1);
    cx6dx_fake_free(rig.fake);
}

static void test_solicited(void)
{
    Rig rig = rig_new(6);
    uint8_t cqe[CX6DX_cqe_BYTES] = { 0 };

    cx6dx_cq_doorbell(&rig.fake->nic, rig.fake->uar, 1 << 24, rig.cq.number);
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, -1);
    g_assert_true(cx6dx_cq_post(&rig.fake->nic, rig.cq.number, cqe, true));
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    cx6dx_fake_free(rig.fake);
}

static void test_moderation_count(void)
{
    Rig rig = rig_new(6);

    moderate(&rig, 100, 3, true);
    arm(&rig, 0);
    post(&rig);
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, -1);
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    /* the deadline of the first one is gone */
    arm(&rig, 3);
    cx6dx_fake_advance(rig.fake, 1000 * US);
    g_assert_cmpint(next_event(&rig), ==, -1);
    cx6dx_fake_free(rig.fake);
}

static void test_moderation_period(void)
{
    Rig rig = rig_new(6);

    moderate(&rig, 100, 0, true);
    arm(&rig, 0);
    post(&rig);
    cx6dx_nic_update_timer(&rig.fake->nic);
    cx6dx_fake_advance(rig.fake, 99 * US);
    g_assert_cmpint(next_event(&rig), ==, -1);
    post(&rig);
    cx6dx_fake_advance(rig.fake, 1 * US);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    g_assert_cmpint(next_event(&rig), ==, -1);
    g_assert_cmpuint(rig.fake->deadline_ns, ==, UINT64_MAX);

    /* entries not seen when arming wait as new ones do */
    post(&rig);
    arm(&rig, 2);
    g_assert_cmpint(next_event(&rig), ==, -1);
    cx6dx_fake_advance(rig.fake, 100 * US);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    cx6dx_fake_free(rig.fake);
}

/* The period counts from the last event: after a pause the first goes at once */
static void test_moderation_from_event(void)
{
    Rig rig = rig_new(6);

    moderate(&rig, 100, 0, false);
    arm(&rig, 0);
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    arm(&rig, 1);
    cx6dx_fake_advance(rig.fake, 30 * US);
    post(&rig);
    cx6dx_nic_update_timer(&rig.fake->nic);
    cx6dx_fake_advance(rig.fake, 69 * US);
    g_assert_cmpint(next_event(&rig), ==, -1);
    cx6dx_fake_advance(rig.fake, 1 * US);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    cx6dx_fake_free(rig.fake);
}

static void test_destroy_while_moderated(void)
{
    Rig rig = rig_new(6);

    moderate(&rig, 100, 0, true);
    arm(&rig, 0);
    post(&rig);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_CQ,
                                      rig.cq.number), ==, CX6DX_STATUS_OK);
    cx6dx_fake_advance(rig.fake, 1000 * US);
    g_assert_cmpint(next_event(&rig), ==, -1);
    cx6dx_fake_free(rig.fake);
}

static void test_overrun(void)
{
    Rig rig = rig_new(1);

    g_assert_true(post(&rig));
    g_assert_true(post(&rig));
    set_ci(&rig, 1);
    g_assert_true(post(&rig));
    g_assert_false(post(&rig));
    g_assert_cmpuint(rig.fake->nic.guest_errs[CX6DX_GUEST_ERR_CQ_OVERRUN], ==,
                     1);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_CQ_ERROR);
    /* it stays in error, and says so once */
    set_ci(&rig, 3);
    g_assert_false(post(&rig));
    g_assert_cmpint(next_event(&rig), ==, -1);
    cx6dx_fake_free(rig.fake);
}

static void test_overrun_ignored(void)
{
    Rig rig = rig_new(1);

    rig.obj->overrun_ignore = true;
    for (int i = 0; i < 10; i++) {
        g_assert_true(post(&rig));
    }
    arm(&rig, 10);
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_COMP);
    cx6dx_fake_free(rig.fake);
}

static void test_memory_gone(void)
{
    Rig rig = rig_new(1);

    rig.obj->pages.pas[0] = FAKE_NOWHERE;
    g_assert_false(post(&rig));
    g_assert_cmpuint(rig.fake->nic.guest_errs[CX6DX_GUEST_ERR_CQ_DMA], ==, 1);
    g_assert_cmpint(next_event(&rig), ==, CX6DX_EVENT_CQ_ERROR);
    cx6dx_fake_free(rig.fake);
}

static void test_bad_doorbells(void)
{
    Rig rig = rig_new(2);
    Cx6dxNic *nic = &rig.fake->nic;

    cx6dx_cq_doorbell(nic, rig.fake->uar + 1, 0, rig.cq.number);
    g_assert_cmpuint(nic->guest_errs[CX6DX_GUEST_ERR_DB_UAR], ==, 1);
    cx6dx_cq_doorbell(nic, rig.fake->uar, 0, 0xffffff);
    g_assert_cmpuint(nic->guest_errs[CX6DX_GUEST_ERR_DB_CQ], ==, 1);
    arm(&rig, 1);
    g_assert_cmpuint(nic->guest_errs[CX6DX_GUEST_ERR_DB_RANGE], ==, 1);
    post(&rig);
    g_assert_cmpint(next_event(&rig), ==, -1);
    cx6dx_fake_free(rig.fake);
}

static void test_bad_commands(void)
{
    Rig rig = rig_new(2);
    uint8_t in[CX6DX_create_cq_in_BYTES + 8] = { 0 };
    uint8_t *cqc = CX6DX_AREA(create_cq_in, in, cq_context);

    g_assert_cmphex(modify(&rig, 1 << 9, 0, 0, false), ==,
                    CX6DX_STATUS_BAD_PARAM);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_CQ);
    CX6DX_SET(cqc, cqc, uar_page, rig.fake->uar);
    CX6DX_SET(cqc, cqc, c_eqn_or_apu_element, 77);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_RES);
    CX6DX_SET(cqc, cqc, c_eqn_or_apu_element, rig.eq.number);
    CX6DX_SET(cqc, cqc, log_cq_size, 31);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(rig.fake->syndrome, ==, CX6DX_SYND_QUEUE_SIZE);
    CX6DX_SET(cqc, cqc, log_cq_size, 7);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(rig.fake->syndrome, ==, CX6DX_SYND_PAGE_LIST);
    CX6DX_SET(cqc, cqc, log_cq_size, 6);
    CX6DX_SET(cqc, cqc, cqe_comp_en, 1);
    CX6DX_SET(cqc, cqc, mini_cqe_res_format, 2);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(rig.fake->syndrome, ==, CX6DX_SYND_FIELD);
    CX6DX_SET(cqc, cqc, mini_cqe_res_format, CX6DX_MINI_CQE_CSUM);
    CX6DX_SET(cqc, cqc, cqe_compression_layout, 2);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    CX6DX_SET(cqc, cqc, cqe_comp_en, 0);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_OK);
    cx6dx_fake_free(rig.fake);
}

static void test_in_use(void)
{
    Rig rig = rig_new(2);
    Cx6dxFakeQueue rq = cx6dx_fake_rq(rig.fake, 2, 4, rig.cq.number);

    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_CQ,
                                      rig.cq.number), ==,
                    CX6DX_STATUS_RES_BUSY);
    cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_RQ, rq.number);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_CQ,
                                      rig.cq.number), ==, CX6DX_STATUS_OK);
    cx6dx_fake_free(rig.fake);
}

/* A guest cannot make the device hold page lists without end */
static void test_pages_have_a_limit(void)
{
    Rig rig = rig_new(2);
    uint32_t bytes = CX6DX_create_cq_in_BYTES + 8 * 8;
    g_autofree uint8_t *in = g_malloc0(bytes);
    uint8_t *cqc = CX6DX_AREA(create_cq_in, in, cq_context);

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_CQ);
    CX6DX_SET(cqc, cqc, uar_page, rig.fake->uar);
    CX6DX_SET(cqc, cqc, c_eqn_or_apu_element, rig.eq.number);
    CX6DX_SET(cqc, cqc, log_cq_size, 9);
    rig.fake->nic.cq_pages = (1 << 20) - 7;
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, bytes, NULL, 16), ==,
                    CX6DX_STATUS_LIM_ERR);
    g_assert_cmphex(rig.fake->syndrome, ==, CX6DX_SYND_TABLE_FULL);
    rig.fake->nic.cq_pages = 1;
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, bytes, NULL, 16), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(rig.fake->nic.cq_pages, ==, 9);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_CQ,
                                      rig.cq.number), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(rig.fake->nic.cq_pages, ==, 8);
    cx6dx_fake_free(rig.fake);
}

static void test_query(void)
{
    Rig rig = rig_new(3);
    uint8_t in[16] = { 0 }, out[CX6DX_query_cq_out_BYTES];
    const uint8_t *cqc = CX6DX_AREA(query_cq_out, out, cq_context);

    post(&rig);
    post(&rig);
    arm(&rig, 1);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_CQ);
    CX6DX_SET(cmd_in, in, number, rig.cq.number);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, 16, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(cqc, cqc, producer_counter), ==, 2);
    g_assert_cmpuint(CX6DX_GET(cqc, cqc, consumer_counter), ==, 1);
    g_assert_cmpuint(CX6DX_GET(cqc, cqc, log_cq_size), ==, 3);
    g_assert_cmphex(CX6DX_GET(cqc, cqc, st), ==, CX6DX_EQ_FIRED);
    g_assert_cmphex(CX6DX_GET64(cqc, cqc, dbr_addr), ==, rig.cq.dbr);
    cx6dx_fake_free(rig.fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/cq/owner-bit-alternates", test_owner_bit);
    g_test_add_func("/cx6dx/cq/index-wraps-at-24-bits", test_index_wraps);
    g_test_add_func("/cx6dx/cq/arming", test_arming);
    g_test_add_func("/cx6dx/cq/solicited-only", test_solicited);
    g_test_add_func("/cx6dx/cq/moderation/count", test_moderation_count);
    g_test_add_func("/cx6dx/cq/moderation/period", test_moderation_period);
    g_test_add_func("/cx6dx/cq/moderation/period-from-event",
                    test_moderation_from_event);
    g_test_add_func("/cx6dx/cq/moderation/destroy",
                    test_destroy_while_moderated);
    g_test_add_func("/cx6dx/cq/overrun", test_overrun);
    g_test_add_func("/cx6dx/cq/overrun-ignored", test_overrun_ignored);
    g_test_add_func("/cx6dx/cq/memory-gone", test_memory_gone);
    g_test_add_func("/cx6dx/cq/bad-doorbells", test_bad_doorbells);
    g_test_add_func("/cx6dx/cq/bad-commands", test_bad_commands);
    g_test_add_func("/cx6dx/cq/in-use-is-busy", test_in_use);
    g_test_add_func("/cx6dx/cq/pages-have-a-limit", test_pages_have_a_limit);
    g_test_add_func("/cx6dx/cq/query", test_query);
    return g_test_run();
}

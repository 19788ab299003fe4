/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Completion queues that compress: what is held back, and when it is written
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/cq.h"
#include "nic/eq.h"
#include "pure/cqe.h"

#define VECTOR 1

typedef struct Rig {
    Cx6dxFake *fake;
    Cx6dxFakeQueue eq, cq;
    Cx6dxCq *obj;
    uint16_t counter;           /* of the next completion */
} Rig;

static Rig rig_new(uint8_t log_entries, uint8_t format, uint8_t layout)
{
    Rig rig = { .fake = cx6dx_fake_new() };

    cx6dx_fake_start(rig.fake);
    rig.eq = cx6dx_fake_eq(rig.fake, 8, VECTOR, 1ull << CX6DX_EVENT_CQ_ERROR);
    rig.cq = cx6dx_fake_cq_comp(rig.fake, log_entries, rig.eq.number, format,
                                layout);
    rig.obj = (Cx6dxCq *)cx6dx_obj_get(&rig.fake->nic.cqs, rig.cq.number);
    g_assert_nonnull(rig.obj->comp);
    return rig;
}

static bool post(Rig *rig, uint8_t tls)
{
    Cx6dxRxCqe rx = {
        .wqe_counter = rig->counter++, .byte_cnt = 60, .l3_ok = true,
        .l4_ok = true, .tls_offload = tls,
    };
    uint8_t cqe[CX6DX_cqe_BYTES];

    cx6dx_cqe_encode_rx(&rx, cqe);
    return cx6dx_cq_post(&rig->fake->nic, rig->cq.number, cqe, false);
}

static uint8_t *slot(Rig *rig, uint32_t pi)
{
    uint32_t mask = (1u << rig->cq.log_entries) - 1;

    return cx6dx_fake_ptr(rig->fake,
                          rig->cq.buf + (pi & mask) * CX6DX_cqe_BYTES);
}

static void set_ci(Rig *rig, uint32_t ci)
{
    CX6DX_SET(cq_dbrec, cx6dx_fake_ptr(rig->fake, rig->cq.dbr), consumer_index,
              ci & 0xffffff);
}

static void test_batch_becomes_session(void)
{
    Rig rig = rig_new(4, CX6DX_MINI_CQE_CSUM, CX6DX_CQE_COMP_BASIC);

    for (int i = 0; i < 5; i++) {
        g_assert_true(post(&rig, 0));
    }
    /* held back: the guest sees nothing before the turn of work */
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 0), owner), ==, 1);
    g_assert_cmpuint(rig.obj->pi, ==, 0);
    cx6dx_fake_run(rig.fake);
    g_assert_cmpuint(rig.obj->pi, ==, 5);
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 0), owner), ==, 0);
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 0), format), ==,
                     CX6DX_CQE_FORMAT_COMPRESSED);
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 0), byte_cnt), ==, 5);
    /* one alone is not compressed */
    g_assert_true(post(&rig, 0));
    cx6dx_fake_run(rig.fake);
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 5), format), ==, 0);
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 5), byte_cnt), ==, 60);
    g_assert_cmpuint(rig.fake->nic.stats.cqe_sessions, ==, 1);
    g_assert_cmpuint(rig.fake->nic.stats.cqe_compressed, ==, 5);
    cx6dx_fake_free(rig.fake);
}

/* What can not be compressed comes behind what came before it */
static void test_order(void)
{
    Rig rig = rig_new(4, CX6DX_MINI_CQE_CSUM, CX6DX_CQE_COMP_BASIC);

    post(&rig, 0);
    post(&rig, 0);
    post(&rig, CX6DX_CQE_TLS_DECRYPTED);
    g_assert_cmpuint(rig.obj->pi, ==, 3);
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 0), byte_cnt), ==, 2);
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 2), tls_offload), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 2), format), ==, 0);
    cx6dx_fake_free(rig.fake);
}

/* The number of the round is in every slot, written or not, whatever the round */
static void test_rounds(void)
{
    Rig rig = rig_new(4, CX6DX_MINI_CQE_CSUM_STRIDX, CX6DX_CQE_COMP_ENHANCED);
    uint32_t pi = 0;

    while (pi < 16 * 300) {
        unsigned n = 1 + pi % 11;

        for (unsigned i = 0; i < n; i++) {
            g_assert_true(post(&rig, 0));
        }
        cx6dx_fake_run(rig.fake);
        g_assert_cmpuint(rig.obj->pi, ==, pi + n);
        for (unsigned i = 0; i < n; i++) {
            g_assert_cmphex(CX6DX_GET(cqe, slot(&rig, pi + i), signature), ==,
                            (pi + i) >> 4 & 0xff);
        }
        g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, pi), format), ==, 0);
        if (n > 1) {
            g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, pi + 1), format), ==,
                             CX6DX_CQE_FORMAT_COMPRESSED);
            g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, pi + 1), opcode) + 1, ==,
                             MIN(n - 1, 7));
        }
        pi += n;
        set_ci(&rig, pi);
    }
    cx6dx_fake_free(rig.fake);
}

static void test_overrun(void)
{
    Rig rig = rig_new(2, CX6DX_MINI_CQE_CSUM, CX6DX_CQE_COMP_BASIC);

    for (int i = 0; i < 4; i++) {
        g_assert_true(post(&rig, 0));
    }
    /* the fifth finds no slot: what was held is written, then the queue fails */
    g_assert_false(post(&rig, 0));
    g_assert_true(rig.obj->failed);
    g_assert_cmpuint(rig.obj->pi, ==, 4);
    g_assert_cmpuint(CX6DX_GET(cqe, slot(&rig, 0), byte_cnt), ==, 4);
    cx6dx_fake_free(rig.fake);
}

/* A queue goes with what it holds; nothing is left for the next turn */
static void test_destroy(void)
{
    Rig rig = rig_new(4, CX6DX_MINI_CQE_HASH, CX6DX_CQE_COMP_ENHANCED);

    post(&rig, 0);
    g_assert_cmpuint(rig.fake->nic.cq_open->len, ==, 1);
    cx6dx_nic_drop_objects(&rig.fake->nic);
    g_assert_cmpuint(rig.fake->nic.cq_open->len, ==, 0);
    cx6dx_fake_run(rig.fake);
    cx6dx_fake_free(rig.fake);
}

static void test_query(void)
{
    Rig rig = rig_new(3, CX6DX_MINI_CQE_CSUM_STRIDX, CX6DX_CQE_COMP_ENHANCED);
    uint8_t in[16] = { 0 }, out[CX6DX_query_cq_out_BYTES];
    const uint8_t *cqc = CX6DX_AREA(query_cq_out, out, cq_context);

    post(&rig, 0);
    post(&rig, 0);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_CQ);
    CX6DX_SET(cmd_in, in, number, rig.cq.number);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, 16, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    /* commands come behind what was held back before them */
    g_assert_cmpuint(CX6DX_GET(cqc, cqc, producer_counter), ==, 2);
    g_assert_cmpuint(CX6DX_GET(cqc, cqc, cqe_comp_en), ==, 1);
    g_assert_cmpuint(CX6DX_GET(cqc, cqc, mini_cqe_res_format), ==,
                     CX6DX_MINI_CQE_CSUM_STRIDX);
    g_assert_cmpuint(CX6DX_GET(cqc, cqc, cqe_compression_layout), ==,
                     CX6DX_CQE_COMP_ENHANCED);
    cx6dx_fake_free(rig.fake);
}

static void test_memory_gone(void)
{
    Rig rig = rig_new(4, CX6DX_MINI_CQE_CSUM, CX6DX_CQE_COMP_ENHANCED);

    post(&rig, 0);
    post(&rig, 0);
    rig.obj->pages.pas[0] = FAKE_NOWHERE;
    cx6dx_cq_close_all(&rig.fake->nic);
    g_assert_true(rig.obj->failed);
    g_assert_cmpuint(rig.fake->nic.guest_errs[CX6DX_GUEST_ERR_CQ_DMA], ==, 1);
    cx6dx_fake_free(rig.fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/cq_comp/batch-becomes-session",
                    test_batch_becomes_session);
    g_test_add_func("/cx6dx/cq_comp/order-is-kept", test_order);
    g_test_add_func("/cx6dx/cq_comp/rounds", test_rounds);
    g_test_add_func("/cx6dx/cq_comp/overrun", test_overrun);
    g_test_add_func("/cx6dx/cq_comp/destroy", test_destroy);
    g_test_add_func("/cx6dx/cq_comp/query", test_query);
    g_test_add_func("/cx6dx/cq_comp/memory-gone", test_memory_gone);
    return g_test_run();
}

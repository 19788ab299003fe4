/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of event queues: owner bits, arming, held events, commands
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/cq.h"
#include "nic/eq.h"

#define PORT_EVENTS (1ull << CX6DX_EVENT_PORT_CHANGE)
#define CMD_EVENTS (1ull << CX6DX_EVENT_CMD)
#define VECTOR 3

typedef struct Rig {
    Cx6dxFake *fake;
    Cx6dxFakeQueue eq;
} Rig;

static Rig rig_new(uint8_t log_entries, uint64_t mask)
{
    Rig rig = { .fake = cx6dx_fake_new() };

    cx6dx_fake_start(rig.fake);
    rig.eq = cx6dx_fake_eq(rig.fake, log_entries, VECTOR, mask);
    return rig;
}

static void doorbell(Rig *rig, uint32_t ci, bool arm)
{
    cx6dx_eq_doorbell(&rig->fake->nic, rig->fake->uar,
                      rig->eq.number << 24 | (ci & 0xffffff), arm);
    cx6dx_fake_run(rig->fake);
}

static uint32_t vectors(Rig *rig)
{
    return rig->fake->vectors[VECTOR];
}

/* The entry at `ci` if it is valid for software, else NULL */
static const uint8_t *entry(Rig *rig, uint32_t ci)
{
    uint32_t size = 1u << rig->eq.log_entries;
    const uint8_t *eqe = cx6dx_fake_ptr(rig->fake, rig->eq.buf +
                                        (ci & (size - 1)) * CX6DX_eqe_BYTES);

    return CX6DX_GET(eqe, eqe, owner) == (ci >> rig->eq.log_entries & 1)
               ? eqe : NULL;
}

static void post(Rig *rig)
{
    cx6dx_eq_post_port(&rig->fake->nic, CX6DX_EVENT_PORT_ACTIVE);
}

static void test_owner_bit(void)
{
    Rig rig = rig_new(2, PORT_EVENTS);

    /* three times around */
    for (uint32_t ci = 0; ci < 12; ci++) {
        const uint8_t *eqe;

        g_assert_null(entry(&rig, ci));
        post(&rig);
        eqe = entry(&rig, ci);
        g_assert_nonnull(eqe);
        g_assert_cmphex(CX6DX_GET(eqe, eqe, type), ==,
                        CX6DX_EVENT_PORT_CHANGE);
        g_assert_cmphex(CX6DX_GET(eqe, eqe, sub_type), ==,
                        CX6DX_EVENT_PORT_ACTIVE);
        g_assert_cmphex(eqe[0x28], ==, 0x10);
        doorbell(&rig, ci + 1, false);
    }
    g_assert_cmpuint(vectors(&rig), ==, 0);
    cx6dx_fake_free(rig.fake);
}

static void test_arming(void)
{
    Rig rig = rig_new(4, PORT_EVENTS);

    post(&rig);
    g_assert_cmpuint(vectors(&rig), ==, 0);
    /* armed with an entry not seen: at once, and only once */
    doorbell(&rig, 0, true);
    g_assert_cmpuint(vectors(&rig), ==, 1);
    post(&rig);
    g_assert_cmpuint(vectors(&rig), ==, 1);
    /* armed with all seen: upon the next event */
    doorbell(&rig, 2, true);
    g_assert_cmpuint(vectors(&rig), ==, 1);
    post(&rig);
    g_assert_cmpuint(vectors(&rig), ==, 2);
    post(&rig);
    g_assert_cmpuint(vectors(&rig), ==, 2);
    cx6dx_fake_free(rig.fake);
}

static void test_only_subscribed(void)
{
    Rig rig = rig_new(4, CMD_EVENTS);
    bool ok;

    post(&rig);
    g_assert_null(entry(&rig, 0));
    ok = cx6dx_eq_post_cmd(&rig.fake->nic, 1);
    g_assert_true(ok);
    g_assert_nonnull(entry(&rig, 0));
    cx6dx_fake_free(rig.fake);
}

static void test_full_holds_back(void)
{
    Rig rig = rig_new(1, PORT_EVENTS | CMD_EVENTS);
    Cx6dxFakeQueue cq;
    const uint8_t *eqe;

    /* creating the CQ fills the first entry with its command event */
    cq = cx6dx_fake_cq(rig.fake, 4, rig.eq.number);
    post(&rig);
    cx6dx_eq_post_cmd(&rig.fake->nic, 1 << 3);
    cx6dx_eq_post_cmd(&rig.fake->nic, 1 << 5);
    cx6dx_eq_post_port(&rig.fake->nic, CX6DX_EVENT_PORT_ACTIVE);
    cx6dx_eq_post_port(&rig.fake->nic, CX6DX_EVENT_PORT_DOWN);
    for (int i = 0; i < 3; i++) {
        cx6dx_eq_post_completion(
            &rig.fake->nic,
            (Cx6dxCq *)cx6dx_obj_get(&rig.fake->nic.cqs, cq.number));
    }
    g_assert_null(entry(&rig, 2));

    /* commands first, all in one; then the last port state; then completions */
    doorbell(&rig, 1, false);
    eqe = entry(&rig, 2);
    g_assert_nonnull(eqe);
    g_assert_cmphex(CX6DX_GET(eqe, eqe, type), ==, CX6DX_EVENT_CMD);
    g_assert_cmphex(CX6DX_GET(eqe, eqe, cmd_vector), ==, 1 << 3 | 1 << 5);
    g_assert_null(entry(&rig, 3));
    doorbell(&rig, 3, false);
    eqe = entry(&rig, 3);
    g_assert_nonnull(eqe);
    g_assert_cmphex(CX6DX_GET(eqe, eqe, sub_type), ==, CX6DX_EVENT_PORT_DOWN);
    eqe = entry(&rig, 4);
    g_assert_nonnull(eqe);
    g_assert_cmphex(CX6DX_GET(eqe, eqe, type), ==, CX6DX_EVENT_COMP);
    g_assert_cmpuint(CX6DX_GET(eqe, eqe, cqn), ==, cq.number);
    doorbell(&rig, 5, false);
    g_assert_null(entry(&rig, 5));
    cx6dx_fake_free(rig.fake);
}

static void test_forget_cq(void)
{
    Rig rig = rig_new(0, 0);
    Cx6dxFakeQueue cq = cx6dx_fake_cq(rig.fake, 4, rig.eq.number);
    Cx6dxNic *nic = &rig.fake->nic;
    Cx6dxCq *obj = (Cx6dxCq *)cx6dx_obj_get(&nic->cqs, cq.number);

    cx6dx_eq_post_completion(nic, obj);
    cx6dx_eq_post_completion(nic, obj);
    g_assert_true(obj->event_held);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_CQ,
                                      cq.number), ==, CX6DX_STATUS_OK);
    doorbell(&rig, 1, true);
    g_assert_null(entry(&rig, 1));
    g_assert_cmpuint(vectors(&rig), ==, 0);
    cx6dx_fake_free(rig.fake);
}

/* ---- Mistakes ---- */

static void test_bad_doorbells(void)
{
    Rig rig = rig_new(4, PORT_EVENTS);
    Cx6dxNic *nic = &rig.fake->nic;
    uint32_t other = cx6dx_fake_alloc_obj(rig.fake, CX6DX_CMD_ALLOC_UAR);

    cx6dx_eq_doorbell(nic, rig.fake->uar + 5, rig.eq.number << 24, true);
    g_assert_cmpuint(nic->guest_errs[CX6DX_GUEST_ERR_DB_UAR], ==, 1);
    cx6dx_eq_doorbell(nic, rig.fake->uar, 0xff000000, true);
    cx6dx_eq_doorbell(nic, other, rig.eq.number << 24, true);
    g_assert_cmpuint(nic->guest_errs[CX6DX_GUEST_ERR_DB_EQ], ==, 2);
    cx6dx_eq_doorbell(nic, rig.fake->uar, rig.eq.number << 24 | 1, true);
    g_assert_cmpuint(nic->guest_errs[CX6DX_GUEST_ERR_DB_RANGE], ==, 1);
    post(&rig);
    g_assert_cmpuint(vectors(&rig), ==, 0);
    doorbell(&rig, 1, true);
    post(&rig);
    g_assert_cmpuint(vectors(&rig), ==, 1);
    cx6dx_fake_free(rig.fake);
}

static void test_memory_gone(void)
{
    Rig rig = rig_new(4, PORT_EVENTS);
    Cx6dxEq *eq = (Cx6dxEq *)cx6dx_obj_get(&rig.fake->nic.eqs, rig.eq.number);
    uint8_t in[16] = { 0 }, out[CX6DX_query_eq_out_BYTES];

    eq->pages.pas[0] = FAKE_NOWHERE;
    post(&rig);
    post(&rig);
    g_assert_cmpuint(rig.fake->nic.guest_errs[CX6DX_GUEST_ERR_EQ_DMA], ==, 1);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_EQ);
    CX6DX_SET(eq_out, in, eq_number, rig.eq.number);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, 16, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(CX6DX_GET(eqc, CX6DX_AREA(query_eq_out, out,
                                              eq_context_entry), status), ==,
                    CX6DX_EQ_STATUS_FAILED);
    cx6dx_fake_free(rig.fake);
}

typedef struct BadCreate {
    const char *name;
    uint32_t log_size, vector, uar_add, page_low, list_bytes;
    uint8_t status;
    uint32_t syndrome;
} BadCreate;

static const BadCreate bad_creates[] = {
    { "size", 21, 0, 0, 0, 8, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_QUEUE_SIZE },
    { "vector", 4, 8, 0, 0, 8, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD },
    { "uar", 4, 0, 1, 0, 8, CX6DX_STATUS_BAD_RES, CX6DX_SYND_NO_SUCH_OBJECT },
    { "page-not-aligned", 4, 0, 0, 8, 8, CX6DX_STATUS_BAD_PARAM,
      CX6DX_SYND_PAGE_LIST },
    { "page-list-short", 7, 0, 0, 0, 8, CX6DX_STATUS_BAD_PARAM,
      CX6DX_SYND_PAGE_LIST },
    { "page-list-missing", 4, 0, 0, 0, 0, CX6DX_STATUS_BAD_PARAM,
      CX6DX_SYND_PAGE_LIST },
    { "good", 4, 0, 0, 0, 8, CX6DX_STATUS_OK, 0 },
};

static void test_bad_create(const void *opaque)
{
    const BadCreate *b = opaque;
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[CX6DX_create_eq_in_BYTES + 8] = { 0 };
    uint8_t *eqc = CX6DX_AREA(create_eq_in, in, eq_context_entry);

    cx6dx_fake_start(fake);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_EQ);
    CX6DX_SET(eqc, eqc, log_eq_size, b->log_size);
    CX6DX_SET(eqc, eqc, intr, b->vector);
    CX6DX_SET(eqc, eqc, uar_page, fake->uar + b->uar_add);
    cx6dx_prm_store(in + CX6DX_create_eq_in_BYTES + 4, 0x200000 | b->page_low);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, CX6DX_create_eq_in_BYTES +
                                   b->list_bytes, NULL, 16), ==, b->status);
    g_assert_cmphex(fake->syndrome, ==, b->syndrome);
    g_assert_cmpuint(fake->nic.eqs.used, ==, b->status == CX6DX_STATUS_OK);
    cx6dx_fake_free(fake);
}

static void test_limit_and_use(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxFakeQueue eq = { 0 };
    uint8_t in[CX6DX_create_eq_in_BYTES + 8] = { 0 };
    uint8_t *eqc = CX6DX_AREA(create_eq_in, in, eq_context_entry);

    cx6dx_fake_start(fake);
    for (int i = 0; i < 1 << CX6DX_LOG_MAX_EQ; i++) {
        eq = cx6dx_fake_eq(fake, 0, 0, 0);
    }
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_EQ);
    CX6DX_SET(eqc, eqc, uar_page, fake->uar);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_LIM_ERR);
    g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_TABLE_FULL);

    cx6dx_fake_cq(fake, 0, eq.number);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_EQ, eq.number),
                    ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_OBJECT_BUSY);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DEALLOC_UAR, fake->uar),
                    ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_EQ, 200), ==,
                    CX6DX_STATUS_BAD_RES);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/eq/owner-bit-alternates", test_owner_bit);
    g_test_add_func("/cx6dx/eq/arming", test_arming);
    g_test_add_func("/cx6dx/eq/only-what-was-asked-for", test_only_subscribed);
    g_test_add_func("/cx6dx/eq/full-holds-back", test_full_holds_back);
    g_test_add_func("/cx6dx/eq/destroyed-cq-is-forgotten", test_forget_cq);
    g_test_add_func("/cx6dx/eq/bad-doorbells", test_bad_doorbells);
    g_test_add_func("/cx6dx/eq/memory-gone", test_memory_gone);
    g_test_add_func("/cx6dx/eq/limit-and-use", test_limit_and_use);
    for (size_t i = 0; i < ARRAY_SIZE(bad_creates); i++) {
        g_autofree char *path = g_strdup_printf("/cx6dx/eq/create/%s",
                                                bad_creates[i].name);

        g_test_add_data_func(path, &bad_creates[i], test_bad_create);
    }
    return g_test_run();
}

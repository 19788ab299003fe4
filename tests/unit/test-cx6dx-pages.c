/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the pages that the firmware borrows: all come back, none is taken
 * that was not asked for
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "cx6dx-fake-snapshot.h"

enum { WANT = 64, BOOT = 16, MANY = 400 };

static int32_t query(Cx6dxFake *fake, uint16_t what)
{
    uint8_t in[16] = { 0 }, out[16];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_PAGES);
    CX6DX_SET(query_pages_in, in, op_mod, what);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, 16), ==, CX6DX_STATUS_OK);
    return (int32_t)CX6DX_GET(query_pages_out, out, num_pages);
}

/* Gives `n` pages from address `first` on, in a list of `listed` */
static uint8_t give(Cx6dxFake *fake, uint64_t first, uint32_t n, uint32_t listed)
{
    uint8_t in[16 + 8 * MANY] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MANAGE_PAGES);
    CX6DX_SET(manage_pages_in, in, op_mod, CX6DX_PAGES_GIVE);
    CX6DX_SET(manage_pages_in, in, input_num_entries, n);
    for (uint32_t i = 0; i < listed; i++) {
        cx6dx_prm_store(in + 16 + 8 * i, (first + i * 4096ull) >> 32);
        cx6dx_prm_store(in + 20 + 8 * i, (uint32_t)(first + i * 4096ull));
    }
    return cx6dx_fake_cmd(fake, in, 16 + 8 * listed, NULL, 16);
}

/* Takes `n` back with room for `room`; how many came, their sum in `*sum` */
static uint32_t take(Cx6dxFake *fake, uint32_t n, uint32_t room, uint64_t *sum)
{
    uint8_t in[16] = { 0 }, out[16 + 8 * MANY];
    uint32_t got;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MANAGE_PAGES);
    CX6DX_SET(manage_pages_in, in, op_mod, CX6DX_PAGES_TAKE);
    CX6DX_SET(manage_pages_in, in, input_num_entries, n);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, 16 + 8 * room), ==,
                    CX6DX_STATUS_OK);
    got = CX6DX_GET(manage_pages_out, out, output_num_entries);
    for (uint32_t i = 0; i < got; i++) {
        *sum += (uint64_t)cx6dx_prm_load(out + 16 + 8 * i) << 32 |
                cx6dx_prm_load(out + 20 + 8 * i);
    }
    return got;
}

static Cx6dxFake *start(uint32_t fw_pages)
{
    Cx6dxNicParams params;
    Cx6dxFake *fake;

    cx6dx_fake_params(&params);
    params.fw_pages = fw_pages;
    fake = cx6dx_fake_new_with(&params);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_ENABLE_HCA, 0), ==,
                    CX6DX_STATUS_OK);
    return fake;
}

static uint8_t init_hca(Cx6dxFake *fake)
{
    return cx6dx_fake_simple(fake, CX6DX_CMD_INIT_HCA, 0);
}

/* Boot, initialization, teardown: the addresses that went in come out again */
static void test_life(void)
{
    const uint64_t first = 0x123400000000;
    Cx6dxFake *fake = start(WANT);
    uint64_t sum = 0, want = 0;
    uint32_t got = 0;

    g_assert_cmpint(query(fake, CX6DX_QUERY_PAGES_BOOT), ==, BOOT);
    g_assert_cmphex(give(fake, first, BOOT, BOOT), ==, CX6DX_STATUS_OK);
    g_assert_cmpint(query(fake, CX6DX_QUERY_PAGES_BOOT), ==, 0);
    g_assert_cmphex(init_hca(fake), ==, CX6DX_STATUS_NO_RES_ERR);
    g_assert_cmpint(query(fake, CX6DX_QUERY_PAGES_INIT), ==, WANT - BOOT);
    g_assert_cmphex(give(fake, first + BOOT * 4096ull, WANT - BOOT,
                         WANT - BOOT), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(init_hca(fake), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(take(fake, MANY, MANY, &sum), ==, 0);      /* in use */
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_TEARDOWN_HCA, 0), ==,
                    CX6DX_STATUS_OK);
    got = take(fake, 5, MANY, &sum);
    g_assert_cmpuint(got, ==, 5);
    got += take(fake, MANY, 7, &sum);
    g_assert_cmpuint(got, ==, 12);
    got += take(fake, MANY, MANY, &sum);
    g_assert_cmpuint(got, ==, WANT);
    g_assert_cmpuint(take(fake, MANY, MANY, &sum), ==, 0);
    for (uint32_t i = 0; i < WANT; i++) {
        want += first + i * 4096ull;
    }
    g_assert_cmphex(sum, ==, want);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DISABLE_HCA, 0), ==,
                    CX6DX_STATUS_OK);
    cx6dx_fake_free(fake);
}

static void test_refused(void)
{
    Cx6dxFake *fake = start(WANT);

    g_assert_cmphex(give(fake, 0, BOOT + 1, BOOT + 1), ==,
                    CX6DX_STATUS_BAD_PARAM);            /* more than asked for */
    g_assert_cmphex(give(fake, 0, 4, 3), ==, CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(give(fake, 0, 0xffffffff, 3), ==, CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(give(fake, 0x800, 1, 1), ==, CX6DX_STATUS_BAD_PARAM);
    g_assert_cmpuint(fake->nic.pages.given, ==, 0);
    cx6dx_fake_free(fake);

    fake = start(0);
    g_assert_cmpint(query(fake, CX6DX_QUERY_PAGES_BOOT), ==, 0);
    g_assert_cmpint(query(fake, CX6DX_QUERY_PAGES_INIT), ==, 0);
    g_assert_cmphex(give(fake, 0, 1, 1), ==, CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(init_hca(fake), ==, CX6DX_STATUS_OK);
    cx6dx_fake_free(fake);
}

/* What the newest event on `eq` asks for, or 0: there is none since `*ci` */
static int32_t asked(Cx6dxFake *fake, const Cx6dxFakeQueue *eq, uint32_t *ci)
{
    const uint8_t *eqe = cx6dx_fake_ptr(fake, eq->buf +
                                        *ci * CX6DX_eqe_BYTES);

    if (CX6DX_GET(eqe, eqe, owner)) {
        return 0;
    }
    g_assert_cmphex(CX6DX_GET(eqe, eqe, type), ==, CX6DX_EVENT_PAGE_REQUEST);
    ++*ci;
    return (int32_t)CX6DX_GET(eqe_page_request, eqe, num_pages);
}

/* More while objects are made, less when they are gone */
static void test_events(void)
{
    const unsigned n = CX6DX_PAGES_STEP * CX6DX_PAGES_OBJECTS;
    Cx6dxFake *fake = start(WANT);
    g_autofree uint32_t *tds = g_new(uint32_t, 3 * n);
    uint64_t sum = 0;
    Cx6dxFakeQueue eq;
    uint32_t ci = 0;

    query(fake, CX6DX_QUERY_PAGES_INIT);
    g_assert_cmphex(give(fake, 0, WANT, WANT), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(init_hca(fake), ==, CX6DX_STATUS_OK);
    fake->uar = cx6dx_fake_alloc_obj(fake, CX6DX_CMD_ALLOC_UAR);
    fake->tdn = cx6dx_fake_alloc_obj(fake, CX6DX_CMD_ALLOC_TRANSPORT_DOMAIN);
    eq = cx6dx_fake_eq(fake, 6, 0, 1ull << CX6DX_EVENT_PAGE_REQUEST);
    g_assert_cmpint(asked(fake, &eq, &ci), ==, 0);
    for (unsigned i = 0; i < 3 * n; i++) {
        tds[i] = cx6dx_fake_tis(fake, false);
    }
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(asked(fake, &eq, &ci), ==, CX6DX_PAGES_STEP);
    }
    g_assert_cmpint(asked(fake, &eq, &ci), ==, 0);
    g_assert_cmphex(give(fake, 0, 3 * CX6DX_PAGES_STEP, 3 * CX6DX_PAGES_STEP),
                    ==, CX6DX_STATUS_OK);
    for (unsigned i = 0; i < 3 * n; i++) {
        cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_TIS, tds[i]);
    }
    g_assert_cmpint(asked(fake, &eq, &ci), ==, -2 * CX6DX_PAGES_STEP);
    g_assert_cmpint(asked(fake, &eq, &ci), ==, 0);
    g_assert_cmpuint(take(fake, 2 * CX6DX_PAGES_STEP, MANY, &sum), ==,
                     2 * CX6DX_PAGES_STEP);
    g_assert_cmpuint(fake->nic.pages.given, ==, WANT + CX6DX_PAGES_STEP);
    cx6dx_fake_free(fake);
}

/* A kernel that begins anew, and one that is gone: nothing of theirs is kept */
static void test_forget(void)
{
    Cx6dxFake *fake = start(WANT);

    g_assert_cmphex(give(fake, 0, BOOT, BOOT), ==, CX6DX_STATUS_OK);
    cx6dx_fake_simple(fake, CX6DX_CMD_ENABLE_HCA, 0);
    g_assert_cmpuint(fake->nic.pages.given, ==, 0);
    g_assert_cmpint(query(fake, CX6DX_QUERY_PAGES_BOOT), ==, BOOT);
    g_assert_cmphex(give(fake, 0, BOOT, BOOT), ==, CX6DX_STATUS_OK);
    cx6dx_nic_reset(&fake->nic);
    g_assert_cmpuint(fake->nic.pages.given, ==, 0);
    cx6dx_fake_free(fake);
}

/* A snapshot has them, and a device with another number of them refuses it */
static void test_snapshot(void)
{
    const uint64_t first = 0x123400000000;
    Cx6dxFake *fake = start(WANT), *other = start(WANT + 1);
    uint64_t sum = 0, want = 0;
    GByteArray *saved;

    g_assert_cmphex(give(fake, first, BOOT, BOOT), ==, CX6DX_STATUS_OK);
    saved = cx6dx_fake_save(fake);
    g_assert_cmpstr(cx6dx_fake_load(other, saved->data, saved->len), ==,
                    "property 'fw-pages' differs");
    g_byte_array_unref(saved);
    cx6dx_fake_move(fake);
    g_assert_cmpuint(fake->nic.pages.given, ==, BOOT);
    g_assert_cmpuint(fake->nic.pages.asked, ==, BOOT);
    cx6dx_fake_simple(fake, CX6DX_CMD_TEARDOWN_HCA, 0);
    g_assert_cmpuint(take(fake, MANY, MANY, &sum), ==, BOOT);
    for (uint32_t i = 0; i < BOOT; i++) {
        want += first + i * 4096ull;
    }
    g_assert_cmphex(sum, ==, want);
    cx6dx_fake_free(other);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/pages/all-come-back", test_life);
    g_test_add_func("/cx6dx/pages/refused", test_refused);
    g_test_add_func("/cx6dx/pages/more-and-less-by-events", test_events);
    g_test_add_func("/cx6dx/pages/forgotten", test_forget);
    g_test_add_func("/cx6dx/pages/in-a-snapshot", test_snapshot);
    return g_test_run();
}

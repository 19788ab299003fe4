/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What send and receive queues have in common: states, and the context read and
 * written back
 */
#include "qemu/osdep.h"
#include "nic/wq.h"
#include "cx6dx-fake-path.h"

static void test_states(void)
{
    static const uint8_t allowed[][2] = {
        { CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY },
        { CX6DX_QUEUE_RDY, CX6DX_QUEUE_RDY },
        { CX6DX_QUEUE_RDY, CX6DX_QUEUE_ERR },
        { CX6DX_QUEUE_RDY, CX6DX_QUEUE_RST },
        { CX6DX_QUEUE_ERR, CX6DX_QUEUE_RST },
    };

    for (unsigned from = 0; from < 16; from++) {
        for (unsigned to = 0; to < 16; to++) {
            bool want = false;

            for (unsigned i = 0; i < ARRAY_SIZE(allowed); i++) {
                want |= allowed[i][0] == from && allowed[i][1] == to;
            }
            g_assert_true(cx6dx_wq_may_become(from, to) == want);
        }
    }
}

/* What a query gives back is what creation took */
static void test_round_trip(void)
{
    uint8_t in[0x110 + 2 * 8] = { 0 }, back[CX6DX_wq_BYTES] = { 0 };
    uint8_t *wq = in + CX6DX_create_obj_in_BYTES + CX6DX_OFF_(sqc, wq);
    Cx6dxCmd cmd = { .in = in, .in_bytes = sizeof(in) };
    Cx6dxWqInfo info;
    uint32_t eqn;
    Cx6dxFake *fake = path_new(false, &eqn);

    CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_CYCLIC);
    CX6DX_SET(wq, wq, pd, fake->pdn);
    CX6DX_SET64(wq, wq, dbr_addr, 0x123456789abcdef8);
    CX6DX_SET(wq, wq, log_wq_stride, 6);
    CX6DX_SET(wq, wq, log_wq_pg_sz, 1);
    CX6DX_SET(wq, wq, log_wq_sz, 8);
    cx6dx_prm_store(in + 0x110, 0xabcd);
    cx6dx_prm_store(in + 0x114, 0x2000);
    cx6dx_prm_store(in + 0x11c, 0x4000);
    g_assert_cmphex(cx6dx_wq_parse(&fake->nic, &cmd, 6, 6, false, &info), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(info.pages.npages, ==, 2);
    g_assert_cmphex(cx6dx_pages_addr(&info.pages, 0), ==, 0xabcd00002000);
    g_assert_cmphex(cx6dx_pages_addr(&info.pages, 0x2008), ==, 0x4008);
    cx6dx_wq_fill(back, &info, 17, 19);
    CX6DX_SET(wq, wq, hw_counter, 17);
    CX6DX_SET(wq, wq, sw_counter, 19);
    g_assert_cmpmem(back, sizeof(back), wq, CX6DX_wq_BYTES);
    cx6dx_pages_free(&info.pages);
    /* one byte less than the context */
    cmd.in_bytes = 0x10f;
    g_assert_cmphex(cx6dx_wq_parse(&fake->nic, &cmd, 6, 6, false, &info), ==,
                    CX6DX_STATUS_BAD_INP_LEN);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/wq/states/table", test_states);
    g_test_add_func("/cx6dx/wq/context/round-trip", test_round_trip);
    return g_test_run();
}

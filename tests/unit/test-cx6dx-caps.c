/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of capabilities, start and stop
 *
 * Capabilities are compared as bytes at the offsets of the interface dossier, not
 * through the layouts that wrote them.
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"

#define OUT_BYTES CX6DX_query_hca_cap_out_BYTES

static uint8_t query(Cx6dxFake *fake, uint16_t group, bool current,
                     uint8_t out[OUT_BYTES])
{
    uint8_t in[16] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_HCA_CAP);
    CX6DX_SET(cmd_in, in, op_mod, group << 1 | current);
    return cx6dx_fake_cmd(fake, in, sizeof(in), out, OUT_BYTES);
}

/* Bits [msb:lsb] of the word at `off` of the capability structure */
static uint32_t bits(const uint8_t *out, uint32_t off, unsigned msb,
                     unsigned lsb)
{
    const uint8_t *p = out + 0x10 + off;
    uint32_t word = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];

    return word >> lsb & (0xffffffffu >> (31 - (msb - lsb)));
}

static Cx6dxFake *enabled(bool tls_tx, bool tls_rx)
{
    Cx6dxNicParams params;
    Cx6dxFake *fake;

    cx6dx_fake_params(&params);
    params.tls_tx = tls_tx;
    params.tls_rx = tls_rx;
    fake = cx6dx_fake_new_with(&params);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_ENABLE_HCA, 0), ==,
                    CX6DX_STATUS_OK);
    return fake;
}

/* What mlx5_core refuses to work without */
static void test_needed(void)
{
    Cx6dxFake *fake = enabled(true, true);
    uint8_t out[OUT_BYTES];

    for (int current = 0; current < 2; current++) {
        g_assert_cmphex(query(fake, 0x00, current, out), ==, CX6DX_STATUS_OK);
        g_assert_cmpuint(bits(out, 0x34, 25, 25), ==, 1);   /* nic_flow_table */
        g_assert_cmpuint(bits(out, 0x34, 9, 8), ==, 1);     /* port_type */
        g_assert_cmpuint(bits(out, 0x34, 7, 0), ==, 1);     /* num_ports */
        g_assert_cmpuint(bits(out, 0x40, 30, 30), ==, 1);   /* striding_rq */
        g_assert_cmpuint(bits(out, 0x44, 15, 15), ==, 1);   /* umr_ptr_rlky */
        g_assert_cmpuint(bits(out, 0x74, 31, 31), ==, 1);   /* ext strides */
        g_assert_cmpuint(bits(out, 0x40, 3, 3), ==, 1);     /* eth offloads */
        g_assert_cmpuint(bits(out, 0x50, 15, 0), ==, 1024); /* max_wqe_sz_sq */
        g_assert_cmpuint(bits(out, 0x8c, 15, 0), ==, 64);   /* max_num_eqs */
        g_assert_cmpuint(bits(out, 0x9c, 31, 0), ==, 1000000);  /* kHz */
        g_assert_cmpuint(bits(out, 0xc0, 23, 16), ==, 1);   /* native_port */
    }
    g_assert_cmphex(query(fake, 0x01, true, out), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(bits(out, 0x0, 31, 31), ==, 1);        /* csum_cap */
    g_assert_cmpuint(bits(out, 0x0, 30, 30), ==, 1);        /* vlan_cap */
    g_assert_cmpuint(bits(out, 0x0, 20, 16), ==, 18);       /* max_lso_cap */
    g_assert_cmpuint(bits(out, 0x0, 13, 12), ==, 2);        /* inline mode */
    g_assert_cmpuint(bits(out, 0x0, 11, 8), !=, 0);         /* rss table */
    g_assert_cmpuint(bits(out, 0x0, 5, 5), ==, 1);          /* multi packet */
    g_assert_cmphex(query(fake, 0x07, true, out), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(bits(out, 0x40, 31, 31), ==, 1);       /* ft_support */
    g_assert_cmpuint(bits(out, 0x40, 28, 25), ==, 0xf);     /* modify ... */
    g_assert_cmpuint(bits(out, 0x44, 29, 24), >=, 16);      /* log_max_ft_size */
    g_assert_cmpuint(bits(out, 0x44, 7, 0), >=, 58);        /* max_ft_level */
    g_assert_cmpuint(bits(out, 0x60, 28, 28), ==, 1);       /* ip_version */
    g_assert_cmpuint(bits(out, 0x100, 31, 31), ==, 0);      /* nic transmit */
    g_assert_cmphex(query(fake, 0x20, true, out), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(bits(out, 0x34, 20, 16), ==, 11);      /* pages of mkeys */
    cx6dx_fake_free(fake);
}

/* The gates of groups that are not there, and of features that must stay off */
static void test_off(void)
{
    static const struct { uint16_t off; uint8_t bit; } off[] = {
        { 0x10, 15 },           /* event_cap */
        { 0x2c, 16 },           /* qcam_reg */
        { 0x30, 28 },           /* debug */
        { 0x34, 26 },           /* ets */
        { 0x40, 4 },            /* qos */
        { 0x44, 24 },           /* pg */
        { 0x44, 3 },            /* xrc */
        { 0xb4, 1 },            /* cqe_compression_128 */
    };
    Cx6dxFake *fake = enabled(true, true);
    uint8_t out[OUT_BYTES];

    query(fake, 0x00, false, out);
    for (size_t i = 0; i < ARRAY_SIZE(off); i++) {
        g_assert_cmpuint(bits(out, off[i].off, off[i].bit, off[i].bit), ==, 0);
    }
    for (uint16_t group = 0x02; group < 0x40; group++) {
        if (group != 0x07 && group != 0x11 && group != 0x1a && group != 0x20) {
            g_assert_cmphex(query(fake, group, true, out), ==,
                            CX6DX_STATUS_BAD_PARAM);
            g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_UNKNOWN_CAP_GROUP);
        }
    }
    cx6dx_fake_free(fake);
}

/* All of the TLS family or nothing: anything between crashes a driver */
static void test_tls_family(void)
{
    for (int mode = 0; mode < 4; mode++) {
        bool tx = mode & 1, rx = mode & 2, any = tx || rx;
        Cx6dxFake *fake = enabled(tx, rx);
        uint8_t out[OUT_BYTES];

        query(fake, 0x00, true, out);
        g_assert_cmpuint(bits(out, 0x90, 30, 30), ==, tx);
        g_assert_cmpuint(bits(out, 0x90, 29, 29), ==, rx);
        g_assert_cmpuint(bits(out, 0xb4, 12, 8) != 0, ==, any);
        g_assert_cmpuint(bits(out, 0x8c, 22, 22), ==, any);     /* crypto */
        g_assert_cmphex(bits(out, 0x80, 31, 0), ==, 0);
        g_assert_cmphex(bits(out, 0x84, 31, 0), ==, any ? 0x1000 : 0);
        g_assert_cmphex(query(fake, 0x11, true, out), ==,
                        any ? CX6DX_STATUS_OK : CX6DX_STATUS_BAD_PARAM);
        if (any) {
            g_assert_cmpuint(bits(out, 0x0, 31, 31), ==, 1);
            g_assert_cmpuint(bits(out, 0x0, 29, 29), ==, 1);
            query(fake, 0x1a, true, out);
            g_assert_cmpuint(bits(out, 0x0, 28, 28), ==, 1);    /* sync */
            g_assert_cmpuint(bits(out, 0x4, 28, 24), ==, 7);    /* a bulk */
        }
        cx6dx_fake_free(fake);
    }
}

static void test_set(void)
{
    Cx6dxFake *fake = enabled(true, true);
    uint8_t out[OUT_BYTES], in[OUT_BYTES];
    uint8_t *cap = in + 0x10;

    query(fake, 0x00, true, out);
    memcpy(in, out, sizeof(in));
    memset(in, 0, 16);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_SET_HCA_CAP);
    CX6DX_SET(cmd_hca_cap, cap, log_max_qp, 3);
    CX6DX_SET(cmd_hca_cap, cap, cqe_compression, 0);
    CX6DX_SET(cmd_hca_cap, cap, tls_tx, 0);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_OK);
    query(fake, 0x00, true, out);
    g_assert_cmpuint(bits(out, 0x10, 4, 0), ==, 3);
    g_assert_cmpuint(bits(out, 0xb4, 0, 0), ==, 1);
    g_assert_cmpuint(bits(out, 0x90, 30, 30), ==, 1);
    query(fake, 0x00, false, out);
    g_assert_cmpuint(bits(out, 0x10, 4, 0), ==, CX6DX_LOG_MAX_SQ);
    CX6DX_SET(cmd_hca_cap, cap, log_max_qp, 31);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);
    /* a new start forgets it */
    cx6dx_fake_simple(fake, CX6DX_CMD_DISABLE_HCA, 0);
    cx6dx_fake_simple(fake, CX6DX_CMD_ENABLE_HCA, 0);
    query(fake, 0x00, true, out);
    g_assert_cmpuint(bits(out, 0x10, 4, 0), ==, CX6DX_LOG_MAX_SQ);
    cx6dx_fake_simple(fake, CX6DX_CMD_INIT_HCA, 0);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_BAD_SYS_STATE);
    cx6dx_fake_free(fake);
}

static void test_pages_and_issi(void)
{
    Cx6dxFake *fake = enabled(true, true);
    uint8_t in[16] = { 0 }, out[CX6DX_query_issi_out_BYTES];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_PAGES);
    CX6DX_SET(query_pages_in, in, op_mod, CX6DX_QUERY_PAGES_BOOT);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, 16), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(query_pages_out, out, num_pages), ==, 0);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MANAGE_PAGES);
    CX6DX_SET(manage_pages_in, in, op_mod, CX6DX_PAGES_TAKE);
    CX6DX_SET(manage_pages_in, in, input_num_entries, 400);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, 16), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(manage_pages_out, out, output_num_entries), ==,
                     0);
    CX6DX_SET(manage_pages_in, in, op_mod, CX6DX_PAGES_GIVE);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, 16), ==,
                    CX6DX_STATUS_BAD_PARAM);

    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_SET_ISSI, 1), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_SET_ISSI, 2), ==,
                    CX6DX_STATUS_BAD_PARAM);
    memset(in, 0, sizeof(in));
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_ISSI);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(query_issi_out, out, current_issi), ==, 1);
    cx6dx_fake_free(fake);
}

/* However the driver left, the next start finds nothing of it */
static void test_stop_drops_objects(void)
{
    static const uint16_t stops[] = {
        CX6DX_CMD_TEARDOWN_HCA, CX6DX_CMD_DISABLE_HCA, CX6DX_CMD_ENABLE_HCA,
    };

    for (size_t i = 0; i < ARRAY_SIZE(stops); i++) {
        Cx6dxFake *fake = cx6dx_fake_new();
        Cx6dxFakeQueue eq, cq, rq;
        uint32_t tirn;

        cx6dx_fake_start(fake);
        eq = cx6dx_fake_eq(fake, 4, 1, ~0ull);
        cq = cx6dx_fake_cq(fake, 4, eq.number);
        rq = cx6dx_fake_rq(fake, 4, 4, cq.number);
        cx6dx_fake_sq(fake, 4, cq.number, cx6dx_fake_tis(fake, true));
        tirn = cx6dx_fake_tir(fake, 0, cx6dx_fake_rqt(fake, &rq.number, 1),
                              true);
        cx6dx_fake_catch_all(fake, tirn);
        g_assert_cmpuint(cx6dx_nic_objects(&fake->nic), >, 10);
        g_assert_cmphex(cx6dx_fake_simple(fake, stops[i], 0), ==,
                        CX6DX_STATUS_OK);
        g_assert_cmpuint(cx6dx_nic_objects(&fake->nic), ==, 0);
        g_assert_cmpuint(fake->nic.flow_root, ==, 0);
        cx6dx_fake_start(fake);
        cx6dx_fake_free(fake);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/caps/needed-by-the-driver", test_needed);
    g_test_add_func("/cx6dx/caps/off", test_off);
    g_test_add_func("/cx6dx/caps/tls-family-goes-together", test_tls_family);
    g_test_add_func("/cx6dx/caps/set", test_set);
    g_test_add_func("/cx6dx/caps/pages-and-issi", test_pages_and_issi);
    g_test_add_func("/cx6dx/caps/stop-drops-objects", test_stop_drops_objects);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "wqe"
 *
 * Golden work requests are typed from the tables of the interface description;
 * the builder that the other tests use must give the same bytes.
 */
#include "qemu/osdep.h"
#include "pure/wqe.h"
#include "cx6dx-wqe-build.h"

static const WqeCtrl ctrl = {
    .index = 0x1234, .qpn = 0x56789a, .tis_tir_num = 0x00beef, .cqe = true,
};
static uint8_t payload[600];

/* Decodes from memory that ends with the bytes given */
static Cx6dxWqeError decode(const uint8_t *buf, size_t len, Cx6dxWqe *wqe,
                            uint8_t **copy)
{
    *copy = g_memdup2(buf, len);
    memset(wqe, 0xa5, sizeof(*wqe));
    return cx6dx_wqe_decode(*copy, len, wqe);
}

/* Only the verdict */
static Cx6dxWqeError verdict(const uint8_t *buf, size_t len)
{
    Cx6dxWqe wqe;
    uint8_t *copy;
    Cx6dxWqeError err = decode(buf, len, &wqe, &copy);

    g_free(copy);
    return err;
}

static void set_ds(uint8_t *buf, unsigned ds)
{
    CX6DX_SET(wqe_ctrl, buf, ds, ds);
}

/* ---- Golden ---- */

static const uint8_t golden_send[0x50] = {
    0x00, 0x12, 0x34, 0x0a, 0x56, 0x78, 0x9a, 0x05,
    0x00, 0x00, 0x00, 0x08, 0x00, 0xbe, 0xef, 0x00,
    [0x14] = 0xc0,                                  /* L4 and L3 checksum */
    [0x1c] = 0x00, 0x12,                            /* 18 bytes inline */
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
    0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12,             /* 0x1e .. 0x2f */
    [0x30] = 0x00, 0x00, 0x05, 0xdc, 0x00, 0x00, 0x11, 0x22,
    0x00, 0x00, 0x00, 0x12, 0x34, 0x56, 0x70, 0x00,
    [0x40] = 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x11, 0x23,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

static void test_golden_send(void)
{
    static const WqeData data[] = {
        { .bytes = 1500, .lkey = 0x1122, .addr = 0x1234567000 },
        { .bytes = 1, .lkey = 0x1123, .addr = UINT64_MAX },
    };
    WqeEth eth = { .l3_csum = true, .l4_csum = true };
    uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
    Cx6dxWqe wqe;
    unsigned i;

    g_assert_cmpint(decode(golden_send, sizeof(golden_send), &wqe, &copy), ==,
                    CX6DX_WQE_OK);
    g_assert_cmphex(wqe.opcode, ==, CX6DX_WQE_SEND);
    g_assert_cmpuint(wqe.opmod, ==, 0);
    g_assert_cmphex(wqe.index, ==, 0x1234);
    g_assert_cmphex(wqe.qpn, ==, 0x56789a);
    g_assert_cmpuint(wqe.ds, ==, 5);
    g_assert_true(wqe.cqe && !wqe.solicited);
    g_assert_cmphex(wqe.general_id, ==, 0x00beef00);
    g_assert_cmphex(wqe.tis_tir_num, ==, 0xbeef);
    g_assert_true(wqe.l3_csum && wqe.l4_csum);
    g_assert_false(wqe.vlan_insert || wqe.svlan);
    g_assert_cmpuint(wqe.mss, ==, 0);
    g_assert_cmpuint(wqe.inline_hdr_bytes, ==, 18);
    for (i = 0; i < 18; i++) {
        g_assert_cmpuint(wqe.inline_hdr[i], ==, i + 1);
    }
    g_assert_cmpuint(wqe.nsegs, ==, 2);
    for (i = 0; i < 2; i++) {
        g_assert_cmpuint(wqe.segs[i].bytes, ==, data[i].bytes);
        g_assert_cmphex(wqe.segs[i].lkey, ==, data[i].lkey);
        g_assert_cmphex(wqe.segs[i].addr, ==, data[i].addr);
        g_assert_null(wqe.segs[i].inline_data);
    }
    eth.inline_hdr = wqe.inline_hdr;
    eth.inline_hdr_bytes = 18;
    g_assert_cmpuint(wqe_build_send(buf, &ctrl, &eth, data, 2), ==, 0x50);
    g_assert_cmpmem(buf, 0x50, golden_send, 0x50);
    g_free(copy);
}

static const uint8_t golden_static[0xc0] = {
    0x02, 0x12, 0x34, 0x25, 0x56, 0x78, 0x9a, 0x0c,
    0x00, 0x00, 0x00, 0x08, 0x00, 0xbe, 0xef, 0x00,
    [0x10] = 0x80, [0x17] = 0x04,
    [0x80] = 0x89, 0x00, 0x00, 0x01,        /* 2, TLS 1.2, 1; standard 1 */
    [0x88] = 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x02,
    [0x90] = 0xde, 0xad, 0xbe, 0xef,
    [0x94] = 0x01, 0x02, 0x03, 0x04,
    [0x98] = 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
    [0xa1] = 0x00, 0x00, 0x07,
};

static void test_golden_static(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
    Cx6dxTlsStatic tls;
    uint32_t dek;
    Cx6dxWqe wqe;
    unsigned i;

    g_assert_cmpint(decode(golden_static, sizeof(golden_static), &wqe, &copy),
                    ==, CX6DX_WQE_OK);
    g_assert_cmpuint(wqe.opmod, ==, CX6DX_OPMOD_TIR);
    g_assert_cmphex(wqe.tis_tir_num, ==, 0xbeef);
    g_assert_cmpuint(wqe.bsf_octowords, ==, 4);
    g_assert_cmpuint(wqe.xlt_offset | wqe.xlt_octowords, ==, 0);
    g_assert_cmpuint(wqe.inline_params_bytes, ==, 64);
    g_assert_true(cx6dx_wqe_decode_static(wqe.inline_params, &tls, &dek));
    g_assert_cmpuint(tls.tls_version, ==, CX6DX_TLS_VERSION_1_2);
    g_assert_cmphex(tls.initial_record_number, ==, 0x10002);
    g_assert_cmphex(tls.resync_tcp_sn, ==, 0xdeadbeef);
    for (i = 0; i < 12; i++) {
        g_assert_cmpuint(tls.iv[i], ==, i + 1);
    }
    g_assert_null(tls.key);
    g_assert_cmpuint(dek, ==, 7);
    memset(params, 0xff, sizeof(params));
    cx6dx_wqe_encode_static(&tls, dek, params);
    g_assert_cmpuint(wqe_build_static(buf, &ctrl, CX6DX_OPMOD_TIR, params), ==,
                     0xc0);
    g_assert_cmpmem(buf, 0xc0, golden_static, 0xc0);
    params[0] = 0x49;                       /* const_2 is 1 */
    g_assert_false(cx6dx_wqe_decode_static(params, &tls, &dek));
    params[0] = 0x8a;                       /* const_1 is 2 */
    g_assert_false(cx6dx_wqe_decode_static(params, &tls, &dek));
    params[0] = 0x89;
    params[3] = 2;                          /* another standard */
    g_assert_false(cx6dx_wqe_decode_static(params, &tls, &dek));
    g_free(copy);
}

static const uint8_t golden_set_psv[0x20] = {
    0x01, 0x12, 0x34, 0x20, 0x56, 0x78, 0x9a, 0x02,
    0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x33,
    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x60, 0x01, 0x02, 0x03,
};

static void test_golden_set_psv(void)
{
    WqeCtrl c = ctrl;
    uint8_t params[CX6DX_tls_progress_params_BYTES];
    uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
    Cx6dxTlsProgress progress;
    Cx6dxWqe wqe;

    c.tis_tir_num = 0;
    g_assert_cmpint(decode(golden_set_psv, 0x20, &wqe, &copy), ==,
                    CX6DX_WQE_OK);
    g_assert_cmphex(wqe.psv_number, ==, 0x33);
    g_assert_cmpuint(wqe.inline_params_bytes, ==, 12);
    cx6dx_wqe_decode_progress(wqe.inline_params, &progress);
    g_assert_cmphex(progress.next_record_tcp_sn, ==, 0x11223344);
    g_assert_cmphex(progress.hw_resync_tcp_sn, ==, 0x55667788);
    g_assert_cmpuint(progress.record_tracker_state, ==,
                     CX6DX_PSV_TRACKER_TRACKING);
    g_assert_cmpuint(progress.auth_state, ==, CX6DX_PSV_AUTH_AUTHENTICATION);
    g_assert_cmphex(progress.hw_offset_record_number, ==, 0x010203);
    memset(params, 0xff, sizeof(params));
    cx6dx_wqe_encode_progress(&progress, params);
    g_assert_cmpuint(wqe_build_set_psv(buf, &c, CX6DX_OPMOD_TIS, 0x33, params),
                     ==, 0x20);
    g_assert_cmpmem(buf, 0x20, golden_set_psv, 0x20);
    g_free(copy);
}

static const uint8_t golden_get_psv[0x40] = {
    0x02, 0x12, 0x34, 0x21, 0x56, 0x78, 0x9a, 0x04,
    0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00,
    [0x23] = 0x10, 0x00, 0x00, 0x11, 0x22,
    0x00, 0x00, 0x00, 0x12, 0x34, 0x56, 0x70, 0x40,
    0x00, 0x00, 0x00, 0x33,
};

static void test_golden_get_psv(void)
{
    WqeCtrl c = ctrl;
    uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
    Cx6dxWqe wqe;

    c.tis_tir_num = 0;
    g_assert_cmpint(decode(golden_get_psv, 0x40, &wqe, &copy), ==,
                    CX6DX_WQE_OK);
    g_assert_cmphex(wqe.psv_number, ==, 0x33);
    g_assert_cmphex(wqe.psv_lkey, ==, 0x1122);
    g_assert_cmphex(wqe.psv_addr, ==, 0x1234567040);
    g_free(copy);
    g_assert_cmpuint(wqe_build_get_psv(buf, &c, 0x33, 0x1122, 0x1234567040),
                     ==, 0x40);
    g_assert_cmpmem(buf, 0x40, golden_get_psv, 0x40);
    CX6DX_SET(wqe_get_psv, buf + 0x10, num_psv, 2);
    g_assert_cmpint(verdict(buf, 0x40), ==, CX6DX_WQE_BAD_PARAMS);
}

/* ---- Ethernet ---- */

static void test_inline_header_any_size(void)
{
    WqeData data = { .bytes = 100, .lkey = 1, .addr = 2 };
    unsigned n;

    for (n = 0; n <= 500; n++) {
        WqeEth eth = { .inline_hdr = payload, .inline_hdr_bytes = n };
        uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
        size_t len = wqe_build_send(buf, &ctrl, &eth, &data, 1);
        size_t at = 0x20 + (n > 2 ? ROUND_UP(n - 2, 16) : 0);
        Cx6dxWqe wqe;

        g_assert_cmpuint(len, ==, at + 16);
        g_assert_cmpint(decode(buf, len, &wqe, &copy), ==, CX6DX_WQE_OK);
        g_assert_cmpuint(wqe.inline_hdr_bytes, ==, n);
        g_assert_cmpmem(wqe.inline_hdr, n, payload, n);
        g_assert_cmpuint(wqe.nsegs, ==, 1);
        g_assert_cmphex(wqe.segs[0].addr, ==, 2);
        g_free(copy);
        if (n > 2) {
            /* without room for the header's last byte */
            set_ds(buf, 2 + (n - 3) / 16);
            g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_INLINE);
        }
    }
}

static void test_lso_and_vlan(void)
{
    WqeData data = { .bytes = 100, .lkey = 1, .addr = 2 };
    WqeEth eth = { .mss = 1448, .inline_hdr = payload, .inline_hdr_bytes = 66 };
    uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
    size_t len = wqe_build_send(buf, &ctrl, &eth, &data, 1);
    Cx6dxWqe wqe;

    g_assert_cmpint(decode(buf, len, &wqe, &copy), ==, CX6DX_WQE_OK);
    g_assert_cmphex(wqe.opcode, ==, CX6DX_WQE_LSO);
    g_assert_cmpuint(wqe.mss, ==, 1448);
    g_free(copy);

    eth = (WqeEth) { .vlan_insert = true, .svlan = true, .vlan_tci = 0x8123 };
    len = wqe_build_send(buf, &ctrl, &eth, &data, 1);
    g_assert_cmphex(buf[0x1c], ==, 0x80);
    g_assert_cmphex(buf[0x1d], ==, 0x01);
    g_assert_cmpint(decode(buf, len, &wqe, &copy), ==, CX6DX_WQE_OK);
    g_assert_true(wqe.vlan_insert && wqe.svlan);
    g_assert_cmphex(wqe.vlan_tci, ==, 0x8123);
    g_assert_cmpuint(wqe.inline_hdr_bytes, ==, 0);
    g_assert_cmpuint(wqe.nsegs, ==, 1);
    g_free(copy);
}

static void test_inline_only_send(void)
{
    WqeEth eth = { .inline_hdr = payload, .inline_hdr_bytes = 60 };
    uint8_t buf[WQE_BUILD_MAX_BYTES];
    size_t len = wqe_build_send(buf, &ctrl, &eth, NULL, 0);

    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_OK);
    eth.inline_hdr_bytes = 66;          /* its last byte is the last of all */
    len = wqe_build_send(buf, &ctrl, &eth, NULL, 0);
    g_assert_cmpuint(len, ==, 0x1e + 66);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_OK);
    eth.inline_hdr_bytes = 0;           /* a frame of nothing */
    len = wqe_build_send(buf, &ctrl, &eth, NULL, 0);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_SEGMENT);
}

static void test_mpsw(void)
{
    WqeEth eth = { .l3_csum = true, .l4_csum = true };
    WqeData data[61];
    uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
    Cx6dxWqe wqe;
    size_t len;
    unsigned i;

    for (i = 0; i < 61; i++) {
        data[i] = (WqeData) { .bytes = 60 + i, .lkey = i, .addr = 4096 * i };
    }
    len = wqe_build_mpsw(buf, &ctrl, &eth, data, 61);
    g_assert_cmpuint(len, ==, CX6DX_WQE_MAX_BYTES);
    g_assert_cmpint(decode(buf, len, &wqe, &copy), ==, CX6DX_WQE_OK);
    g_assert_cmpuint(wqe.nsegs, ==, CX6DX_WQE_MAX_SEGS);
    g_assert_cmphex(wqe.segs[60].addr, ==, 4096 * 60);
    g_free(copy);

    for (i = 1; i < 200; i += 7) {      /* inline, between two others */
        data[1] = (WqeData) { .bytes = i, .inline_data = payload };
        len = wqe_build_mpsw(buf, &ctrl, &eth, data, 3);
        g_assert_cmpint(decode(buf, len, &wqe, &copy), ==, CX6DX_WQE_OK);
        g_assert_cmpuint(wqe.nsegs, ==, 3);
        g_assert_cmpuint(wqe.segs[1].bytes, ==, i);
        g_assert_cmphex(wqe.segs[1].addr | wqe.segs[1].lkey, ==, 0);
        g_assert_cmpmem(wqe.segs[1].inline_data, i, payload, i);
        g_assert_cmphex(wqe.segs[2].addr, ==, 4096 * 2);
        g_free(copy);
    }
    CX6DX_SET(wqe_data, buf + 0x30, byte_count, len - 0x34 + 1);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_INLINE);
    CX6DX_SET(wqe_data, buf + 0x30, byte_count, len - 0x34);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_OK);
    CX6DX_SET(wqe_data, buf + 0x30, byte_count, 0x7fffffff);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_INLINE);

    len = wqe_build_mpsw(buf, &ctrl, &eth, data, 1);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_OK);
    CX6DX_SET(wqe_eth, buf + 0x10, inline_hdr_sz, 2);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_INLINE);
    len = wqe_build_mpsw(buf, &ctrl, &eth, data, 0);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_SEGMENT);
}

/* ---- The others ---- */

static void test_dump(void)
{
    WqeData data = { .bytes = 1460, .lkey = 0x99, .addr = 0x5000 };
    uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
    size_t len = wqe_build_dump(buf, &ctrl, &data);
    Cx6dxWqe wqe;

    g_assert_cmpuint(len, ==, 0x20);
    g_assert_cmpint(decode(buf, len, &wqe, &copy), ==, CX6DX_WQE_OK);
    g_assert_cmphex(wqe.tis_tir_num, ==, 0xbeef);
    g_assert_cmpuint(wqe.nsegs, ==, 1);
    g_assert_cmpuint(wqe.segs[0].bytes, ==, 1460);
    g_assert_cmphex(wqe.segs[0].addr, ==, 0x5000);
    g_free(copy);
    set_ds(buf, 1);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_SEGMENT);
    set_ds(buf, 2);
    CX6DX_SET(wqe_data, buf + 0x10, byte_count, 0);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_SEGMENT);
}

static void test_too_many_segments(void)
{
    uint8_t buf[WQE_BUILD_MAX_BYTES] = { 0 };
    unsigned i;

    wqe_build_ctrl(buf, &ctrl, CX6DX_WQE_DUMP, 0, CX6DX_WQE_MAX_BYTES);
    for (i = 1; i < 63; i++) {
        CX6DX_SET(wqe_data, buf + 16 * i, byte_count, 1);
    }
    g_assert_cmpint(verdict(buf, CX6DX_WQE_MAX_BYTES), ==,
                    CX6DX_WQE_BAD_SEGMENT);
    set_ds(buf, 62);
    g_assert_cmpint(verdict(buf, CX6DX_WQE_MAX_BYTES), ==, CX6DX_WQE_OK);
}

static void test_umr_mtt(void)
{
    uint64_t entries[6] = { 0x1002, 0x2002, 0x3002, 0x4002, 0x5002, 0x6002 };
    uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
    size_t len = wqe_build_mtt(buf, &ctrl, 0xabcd01, 8, entries, 6);
    Cx6dxWqe wqe;

    g_assert_cmphex(buf[0x10], ==, 0x90);
    g_assert_cmpint(decode(buf, len, &wqe, &copy), ==, CX6DX_WQE_OK);
    g_assert_cmphex(wqe.general_id, ==, 0xabcd01);
    g_assert_cmpuint(wqe.opmod, ==, CX6DX_OPMOD_UMR_MKEY);
    g_assert_cmpuint(wqe.xlt_octowords, ==, 3);
    g_assert_cmpuint(wqe.xlt_offset, ==, 8);
    g_assert_cmpuint(wqe.bsf_octowords, ==, 0);
    g_assert_cmpuint(wqe.inline_params_bytes, ==, 48);
    g_assert_cmphex(wqe.inline_params[46] << 8 | wqe.inline_params[47], ==,
                    0x6002);
    g_free(copy);
    CX6DX_SET(wqe_umr_ctrl, buf + 0x10, xlt_octowords, 4);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_PARAMS);
    CX6DX_SET(wqe_umr_ctrl, buf + 0x10, xlt_octowords, 0xffff);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_PARAMS);
    CX6DX_SET(wqe_umr_ctrl, buf + 0x10, xlt_octowords, 0);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_OK);
    set_ds(buf, 8);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_OK);
    CX6DX_SET(wqe_umr_ctrl, buf + 0x10, inline_, 0);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_PARAMS);
    set_ds(buf, 7);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_DS);
}

static void test_static_too_short(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES] = { 0 };
    uint8_t buf[WQE_BUILD_MAX_BYTES];
    size_t len = wqe_build_static(buf, &ctrl, CX6DX_OPMOD_TIS, params);

    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_OK);
    set_ds(buf, 11);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_PARAMS);
    set_ds(buf, 12);
    CX6DX_SET(wqe_umr_ctrl, buf + 0x10, bsf_octowords, 3);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_PARAMS);
}

static void test_lengths(void)
{
    uint8_t buf[WQE_BUILD_MAX_BYTES];
    size_t len = wqe_build_nop(buf, &ctrl);

    g_assert_cmpuint(cx6dx_wqe_bytes(buf), ==, 16);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_OK);
    g_assert_cmpint(verdict(buf, 15), ==, CX6DX_WQE_BAD_DS);
    g_assert_cmpint(verdict(buf, 0), ==, CX6DX_WQE_BAD_DS);
    set_ds(buf, 2);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_DS);
    set_ds(buf, 0);
    g_assert_cmpuint(cx6dx_wqe_bytes(buf), ==, 0);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_DS);
    set_ds(buf, 1);
    CX6DX_SET(wqe_ctrl, buf, opcode, CX6DX_WQE_SEND);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_DS);
    CX6DX_SET(wqe_ctrl, buf, opmod, CX6DX_OPMOD_TIR);
    CX6DX_SET(wqe_ctrl, buf, opcode, CX6DX_WQE_SET_PSV);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_DS);
    CX6DX_SET(wqe_ctrl, buf, opcode, CX6DX_WQE_GET_PSV);
    g_assert_cmpint(verdict(buf, len), ==, CX6DX_WQE_BAD_DS);
}

static void test_completion_bits(void)
{
    uint8_t buf[WQE_BUILD_MAX_BYTES], *copy;
    size_t len = wqe_build_nop(buf, &ctrl);
    unsigned completion, solicited;
    Cx6dxWqe wqe;

    for (completion = 0; completion < 4; completion++) {
        for (solicited = 0; solicited < 2; solicited++) {
            CX6DX_SET(wqe_ctrl, buf, completion, completion);
            CX6DX_SET(wqe_ctrl, buf, solicited, solicited);
            g_assert_cmpint(decode(buf, len, &wqe, &copy), ==, CX6DX_WQE_OK);
            g_assert_cmpint(wqe.cqe, ==, completion >= 2);
            g_assert_cmpint(wqe.solicited, ==, solicited);
            g_free(copy);
        }
    }
}

static void test_opcodes_and_modifiers(void)
{
    static const struct {
        uint8_t opcode;
        unsigned opmods;        /* bit set */
    } known[] = {
        { CX6DX_WQE_NOP, 1 }, { CX6DX_WQE_SEND, 1 }, { CX6DX_WQE_LSO, 1 },
        { CX6DX_WQE_DUMP, 1 }, { CX6DX_WQE_ENHANCED_MPSW, 1 },
        { CX6DX_WQE_UMR, 7 }, { CX6DX_WQE_SET_PSV, 6 },
        { CX6DX_WQE_GET_PSV, 6 },
    };
    uint8_t buf[WQE_BUILD_MAX_BYTES] = { 0 };
    unsigned opcode, opmod, i;

    for (opcode = 0; opcode < 256; opcode++) {
        unsigned opmods = 0;

        for (i = 0; i < ARRAY_SIZE(known); i++) {
            opmods |= known[i].opcode == opcode ? known[i].opmods : 0;
        }
        for (opmod = 0; opmod < 4; opmod++) {
            Cx6dxWqeError err;

            wqe_build_ctrl(buf, &ctrl, opcode, opmod, 0x200);
            err = verdict(buf, 0x200);
            g_assert_cmpint(err == CX6DX_WQE_BAD_OPCODE, ==, !opmods);
            g_assert_cmpint(err == CX6DX_WQE_BAD_OPMOD, ==,
                            opmods && !(opmods >> opmod & 1));
        }
    }
}

static bool inside(const void *p, size_t bytes, const uint8_t *buf, size_t len)
{
    const uint8_t *b = p;

    return b >= buf && bytes <= len && b - buf <= (ptrdiff_t)(len - bytes);
}

static void test_random_bytes_stay_inside(void)
{
    static const uint8_t opcodes[] = {
        CX6DX_WQE_SEND, CX6DX_WQE_LSO, CX6DX_WQE_SET_PSV, CX6DX_WQE_GET_PSV,
        CX6DX_WQE_DUMP, CX6DX_WQE_UMR, CX6DX_WQE_ENHANCED_MPSW,
    };
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());
    unsigned i, k, good = 0;

    for (i = 0; i < 40000; i++) {
        size_t len = 16 * g_rand_int_range(rand, 1, 64);
        uint8_t buf[CX6DX_WQE_MAX_BYTES], *copy;
        Cx6dxWqe wqe;

        for (k = 0; k < len; k++) {
            buf[k] = g_rand_int_range(rand, 0, 8) ? 0 : g_rand_int(rand);
        }
        buf[3] = opcodes[g_rand_int_range(rand, 0, ARRAY_SIZE(opcodes))];
        buf[0] = g_rand_int_range(rand, 0, 3);
        set_ds(buf, g_rand_boolean(rand) ? len / 16 : g_rand_int(rand) & 63);
        if (decode(buf, len, &wqe, &copy) == CX6DX_WQE_OK) {
            good++;
            g_assert_cmpuint(wqe.nsegs, <=, CX6DX_WQE_MAX_SEGS);
            for (k = 0; k < wqe.nsegs; k++) {
                g_assert_cmpuint(wqe.segs[k].bytes, >, 0);
                g_assert_true(!wqe.segs[k].inline_data ||
                              inside(wqe.segs[k].inline_data,
                                     wqe.segs[k].bytes, copy, len));
            }
            g_assert_true(!wqe.inline_hdr_bytes ||
                          inside(wqe.inline_hdr, wqe.inline_hdr_bytes, copy,
                                 len));
            g_assert_true(!wqe.inline_params_bytes ||
                          inside(wqe.inline_params, wqe.inline_params_bytes,
                                 copy, len));
        }
        g_free(copy);
    }
    g_assert_cmpuint(good, >, 1000);
    g_rand_free(rand);
}

static void test_names(void)
{
    unsigned i, k;

    for (i = 0; i <= CX6DX_WQE_BAD_PARAMS; i++) {
        for (k = 0; k < i; k++) {
            g_assert_cmpstr(cx6dx_wqe_error_str(i), !=, cx6dx_wqe_error_str(k));
        }
    }
    g_assert_cmpstr(cx6dx_wqe_error_str(99), ==, "?");
}

int main(int argc, char **argv)
{
    unsigned i;

    for (i = 0; i < sizeof(payload); i++) {
        payload[i] = i * 7 + 1;
    }
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/wqe/golden/send", test_golden_send);
    g_test_add_func("/cx6dx/wqe/golden/static-params", test_golden_static);
    g_test_add_func("/cx6dx/wqe/golden/set-psv", test_golden_set_psv);
    g_test_add_func("/cx6dx/wqe/golden/get-psv", test_golden_get_psv);
    g_test_add_func("/cx6dx/wqe/send/inline-header-of-any-size",
                    test_inline_header_any_size);
    g_test_add_func("/cx6dx/wqe/send/lso-and-vlan", test_lso_and_vlan);
    g_test_add_func("/cx6dx/wqe/send/inline-header-alone",
                    test_inline_only_send);
    g_test_add_func("/cx6dx/wqe/mpsw", test_mpsw);
    g_test_add_func("/cx6dx/wqe/dump", test_dump);
    g_test_add_func("/cx6dx/wqe/too-many-segments", test_too_many_segments);
    g_test_add_func("/cx6dx/wqe/umr/mtt", test_umr_mtt);
    g_test_add_func("/cx6dx/wqe/umr/static-params-too-short",
                    test_static_too_short);
    g_test_add_func("/cx6dx/wqe/lengths", test_lengths);
    g_test_add_func("/cx6dx/wqe/completion-bits", test_completion_bits);
    g_test_add_func("/cx6dx/wqe/opcodes-and-modifiers",
                    test_opcodes_and_modifiers);
    g_test_add_func("/cx6dx/wqe/random-bytes-stay-inside",
                    test_random_bytes_stay_inside);
    g_test_add_func("/cx6dx/wqe/error-names", test_names);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "cqe"
 *
 * Golden bytes: typed from the CQE table of the interface description, one
 * field after the other.
 */
#include "qemu/osdep.h"
#include "pure/cqe.h"

static const Cx6dxRxCqe sample = {
    .wqe_counter = 0x1234, .wqe_id = 0x5678, .byte_cnt = 0x000205ea,
    .rss_hash = 0x51ccc178, .rss_hash_l4 = CX6DX_CQE_RSS_L4_TCP,
    .rss_hash_ip = CX6DX_CQE_RSS_IP_V6, .check_sum = 0xbeef,
    .l3_ok = true, .l4_ok = true, .l4_hdr_type = CX6DX_CQE_L4_TCP_ACK_DATA,
    .l3_hdr_type = CX6DX_CQE_L3_IPV4, .vlan_stripped = true,
    .vlan_tci = 0x6064, .tls_offload = CX6DX_CQE_TLS_RESYNC,
    .flow_tag = 0xabcdef, .timestamp = 0x1122334455667788,
};

static const uint8_t sample_bytes[CX6DX_cqe_BYTES] = {
    [0x00] = 0x10,                              /* TLS bits [4:3] = 2 */
    [0x02] = 0x56, 0x78,
    [0x0c] = 0x51, 0xcc, 0xc1, 0x78,
    [0x10] = 0x48,                              /* TCP, IPv6 */
    [0x14] = 0xbe, 0xef,
    [0x1c] = 0x07,                              /* L2, L3, L4 ok */
    [0x1d] = 0x49,                              /* TCP ack data, IPv4, VLAN */
    [0x1e] = 0x60, 0x64,
    [0x2c] = 0x00, 0x02, 0x05, 0xea,
    [0x30] = 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
    [0x39] = 0xab, 0xcd, 0xef,
    [0x3c] = 0x12, 0x34,
    [0x3f] = 0x20,                              /* responder send */
};

static void test_rx_golden(void)
{
    uint8_t buf[CX6DX_cqe_BYTES];

    memset(buf, 0xff, sizeof(buf));
    cx6dx_cqe_encode_rx(&sample, buf);
    g_assert_cmpmem(buf, sizeof(buf), sample_bytes, sizeof(sample_bytes));
}

static void test_rx_merged(void)
{
    Cx6dxRxCqe cqe = sample;
    uint8_t buf[CX6DX_cqe_BYTES], want[CX6DX_cqe_BYTES];

    cqe.lro_num_seg = 45;
    cqe.lro_tcp_psh = true;
    cqe.lro_min_ttl = 63;
    cqe.lro_tcp_win = 0x1122;
    cqe.lro_ack_sn = 0x33445566;
    memcpy(want, sample_bytes, sizeof(want));
    memcpy(want + 0x04, "\x40\x3f\x11\x22\x33\x44\x55\x66", 8);
    want[0x20] = 45;
    cx6dx_cqe_encode_rx(&cqe, buf);
    g_assert_cmpmem(buf, sizeof(buf), want, sizeof(want));
}

static void test_rx_round_trip(void)
{
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());
    unsigned i;

    for (i = 0; i < 1000; i++) {
        uint8_t a[CX6DX_cqe_BYTES], b[CX6DX_cqe_BYTES];
        Cx6dxRxCqe cqe;
        unsigned k;

        for (k = 0; k < sizeof(a); k++) {
            a[k] = g_rand_int(rand);
        }
        /* whatever the bytes: decode, encode, decode gives the same values */
        cx6dx_cqe_decode_rx(a, &cqe);
        cx6dx_cqe_encode_rx(&cqe, b);
        cx6dx_cqe_decode_rx(b, &cqe);
        cx6dx_cqe_encode_rx(&cqe, a);
        g_assert_cmpmem(a, sizeof(a), b, sizeof(b));
    }
    cx6dx_cqe_decode_rx(sample_bytes, &(Cx6dxRxCqe) { 0 });
    g_rand_free(rand);
}

static void test_rx_decodes_golden(void)
{
    Cx6dxRxCqe cqe;

    cx6dx_cqe_decode_rx(sample_bytes, &cqe);
    g_assert_cmphex(cqe.wqe_counter, ==, 0x1234);
    g_assert_cmphex(cqe.wqe_id, ==, 0x5678);
    g_assert_cmphex(cqe.byte_cnt, ==, 0x205ea);
    g_assert_cmphex(cqe.rss_hash, ==, 0x51ccc178);
    g_assert_cmpuint(cqe.rss_hash_l4, ==, CX6DX_CQE_RSS_L4_TCP);
    g_assert_cmpuint(cqe.rss_hash_ip, ==, CX6DX_CQE_RSS_IP_V6);
    g_assert_cmphex(cqe.check_sum, ==, 0xbeef);
    g_assert_true(cqe.l3_ok && cqe.l4_ok && cqe.vlan_stripped);
    g_assert_cmpuint(cqe.l4_hdr_type, ==, CX6DX_CQE_L4_TCP_ACK_DATA);
    g_assert_cmpuint(cqe.l3_hdr_type, ==, CX6DX_CQE_L3_IPV4);
    g_assert_cmphex(cqe.vlan_tci, ==, 0x6064);
    g_assert_cmpuint(cqe.tls_offload, ==, CX6DX_CQE_TLS_RESYNC);
    g_assert_cmphex(cqe.flow_tag, ==, 0xabcdef);
    g_assert_cmphex(cqe.timestamp, ==, 0x1122334455667788);
}

static void test_tx_golden(void)
{
    static const uint8_t want[CX6DX_cqe_BYTES] = {
        [0x30] = 0, 0, 0, 1, 0, 0, 0, 2,
        [0x38] = 0x0e, 0x01, 0x02, 0x03, 0xff, 0xfe,
    };
    uint8_t buf[CX6DX_cqe_BYTES];

    memset(buf, 0xff, sizeof(buf));
    cx6dx_cqe_encode_tx(0x010203, CX6DX_WQE_LSO, 0xfffe, 0x100000002, buf);
    g_assert_cmpmem(buf, sizeof(buf), want, sizeof(want));
}

static void test_err_golden(void)
{
    static const uint8_t want[CX6DX_cqe_BYTES] = {
        [0x36] = 0x88, 0x02,
        [0x38] = 0x0a, 0x00, 0x00, 0x21, 0x00, 0x07, 0x00, 0xd0,
    };
    uint8_t buf[CX6DX_cqe_BYTES];

    memset(buf, 0xff, sizeof(buf));
    cx6dx_cqe_encode_err(CX6DX_CQE_REQ_ERR, 0x21, CX6DX_WQE_SEND, 7,
                         CX6DX_CQE_SYNDROME_LOCAL_QP_OP, 0x88, buf);
    g_assert_cmpmem(buf, sizeof(buf), want, sizeof(want));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/cqe/rx/golden", test_rx_golden);
    g_test_add_func("/cx6dx/cqe/rx/merged-packet", test_rx_merged);
    g_test_add_func("/cx6dx/cqe/rx/decodes-golden", test_rx_decodes_golden);
    g_test_add_func("/cx6dx/cqe/rx/round-trip", test_rx_round_trip);
    g_test_add_func("/cx6dx/cqe/tx/golden", test_tx_golden);
    g_test_add_func("/cx6dx/cqe/error/golden", test_err_golden);
    return g_test_run();
}

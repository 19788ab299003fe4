/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "frame": parsing and checksums
 */
#include "qemu/osdep.h"
#include "pure/frame.h"
#include "cx6dx-frame-build.h"

enum { ROUNDS = 3000, BUF_BYTES = FRAME_SPEC_MAX_HDR_BYTES + 70000 };

/* A plain TCP packet; tests change what they are about */
static const FrameSpec plain_tcp = {
    .ip_version = 4, .protocol = 6, .ext = { 0xff }, .tcp_flags = 0x18,
    .sport = 1000, .dport = 443, .tcp_sn = 0xfffffff0, .payload_bytes = 100,
    .saddr = { 10, 9, 0, 1 }, .daddr = { 10, 9, 0, 2 }, .seed = 1,
};

static GRand *test_rand(void)
{
    return g_rand_new_with_seed(g_test_rand_int());
}

/* Parses a copy that ends exactly at `len`, so that sanitizers see overruns */
static bool parse_copy(const uint8_t *buf, size_t len, Cx6dxFrame *frame)
{
    uint8_t *copy = g_memdup2(buf, len);
    bool ok = cx6dx_frame_parse(copy, len, frame);
    Cx6dxFrameCsum csum;

    if (ok) {
        g_assert_cmpuint(frame->payload_off, <=, len);
        g_assert_cmpuint(frame->payload_off + frame->payload_bytes, <=, len);
        cx6dx_frame_verify(copy, len, frame, &csum);
        cx6dx_frame_fill_csum(copy, len, frame, true, true);
    }
    g_free(copy);
    return ok;
}

static void test_parse_usual(void)
{
    FrameSpec spec = plain_tcp;
    uint8_t buf[512];
    Cx6dxFrame f;
    BuiltFrame b = frame_build(&spec, buf);

    g_assert_true(parse_copy(buf, b.bytes, &f));
    g_assert_cmphex(f.ethertype, ==, 0x0800);
    g_assert_false(f.cvlan || f.svlan || f.frag || f.udp);
    g_assert_true(f.tcp);
    g_assert_cmpuint(f.ip_version, ==, 4);
    g_assert_cmpuint(f.ip_protocol, ==, 6);
    g_assert_cmpuint(f.ip_dscp, ==, 0x2a);
    g_assert_cmpuint(f.ip_ecn, ==, 1);
    g_assert_cmpuint(f.ttl, ==, 64);
    g_assert_cmphex(f.tcp_flags, ==, 0x18);
    g_assert_cmpuint(f.sport, ==, 1000);
    g_assert_cmpuint(f.dport, ==, 443);
    g_assert_cmphex(f.tcp_sn, ==, 0xfffffff0);
    g_assert_cmpuint(f.l3_off, ==, 14);
    g_assert_cmpuint(f.l4_off, ==, 34);
    g_assert_cmpuint(f.payload_off, ==, 54);
    g_assert_cmpuint(f.payload_bytes, ==, 100);
    g_assert_cmpuint(f.l3_bytes, ==, 140);
    g_assert_cmpmem(f.saddr + 12, 4, spec.saddr, 4);
    g_assert_cmpmem(f.daddr + 12, 4, spec.daddr, 4);
    g_assert_cmpuint(f.saddr[0] | f.saddr[11] | f.daddr[0], ==, 0);
}

static void test_parse_shapes(void)
{
    g_autofree uint8_t *buf = g_malloc(BUF_BYTES);
    GRand *rand = test_rand();
    unsigned i;

    for (i = 0; i < ROUNDS; i++) {
        FrameSpec spec;
        BuiltFrame b;
        Cx6dxFrame f;

        frame_spec_random(&spec, rand, 200);
        b = frame_build(&spec, buf);
        g_assert_true(parse_copy(buf, b.bytes, &f));
        g_assert_cmpuint(f.ip_version, ==, spec.ip_version);
        g_assert_cmpuint(f.ip_protocol, ==, spec.protocol);
        g_assert_cmpuint(f.l3_off, ==, b.l3_off);
        g_assert_cmpuint(f.l4_off, ==, b.l4_off);
        g_assert_cmpuint(f.payload_off, ==, b.payload_off);
        g_assert_cmpuint(f.payload_bytes, ==, spec.payload_bytes);
        g_assert_cmpuint(f.l3_bytes, ==, b.bytes - b.l3_off);
        g_assert_cmpuint(f.tcp, ==, spec.protocol == 6);
        g_assert_cmpuint(f.udp, ==, spec.protocol == 17);
        g_assert_cmpuint(f.sport, ==, spec.sport);
        g_assert_cmpuint(f.dport, ==, spec.dport);
        g_assert_cmpuint(f.cvlan, ==, spec.tag_type[0] == 0x8100);
        g_assert_cmpuint(f.svlan, ==, spec.tag_type[0] == 0x88a8);
        g_assert_cmphex(f.vlan_tci, ==, spec.tci[0]);
        g_assert_cmpuint(f.ip_dscp, ==, 0x2a);
        g_assert_cmpuint(f.ip_ecn, ==, 1);
        g_assert_cmpuint(f.ttl, ==, 64);
    }
    g_rand_free(rand);
}

static void test_parse_every_length(void)
{
    uint8_t buf[FRAME_SPEC_MAX_HDR_BYTES + 64];
    GRand *rand = test_rand();
    unsigned i;

    for (i = 0; i < 100; i++) {
        FrameSpec spec;
        BuiltFrame b;
        Cx6dxFrame f;
        size_t len, ip_bytes;

        frame_spec_random(&spec, rand, 40);
        b = frame_build(&spec, buf);
        ip_bytes = spec.ip_version == 4 ? 20 + spec.ip_option_bytes : 40;
        for (len = 0; len <= b.bytes; len++) {
            g_assert_cmpint(parse_copy(buf, len, &f), ==, len >= 14);
            g_assert_cmpint(f.tcp || f.udp, ==, len >= b.payload_off);
            g_assert_cmpint(f.ip_version != 0, ==, len >= b.l3_off + ip_bytes);
            g_assert_cmpint(f.cvlan || f.svlan, ==,
                            len >= 18 && spec.tag_type[0]);
            if (len < b.payload_off) {
                g_assert_cmpuint(f.l4_off, ==, 0);
            }
        }
    }
    g_rand_free(rand);
}

static void test_parse_mutated(void)
{
    uint8_t buf[FRAME_SPEC_MAX_HDR_BYTES + 64];
    GRand *rand = test_rand();
    unsigned i, k;

    for (i = 0; i < ROUNDS; i++) {
        FrameSpec spec;
        BuiltFrame b;
        Cx6dxFrame f;

        frame_spec_random(&spec, rand, 40);
        b = frame_build(&spec, buf);
        for (k = 0; k < 8; k++) {
            buf[g_rand_int_range(rand, 12, b.bytes)] = g_rand_int(rand);
            parse_copy(buf, g_rand_int_range(rand, 0, b.bytes + 1), &f);
        }
    }
    g_rand_free(rand);
}

static void test_parse_no_ip(void)
{
    FrameSpec spec = { .ethertype = 0x0806, .payload_bytes = 46 };
    uint8_t buf[256];
    BuiltFrame b = frame_build(&spec, buf);
    Cx6dxFrameCsum csum;
    Cx6dxFrame f;

    g_assert_true(cx6dx_frame_parse(buf, b.bytes, &f));
    g_assert_cmphex(f.ethertype, ==, 0x0806);
    g_assert_cmpuint(f.ip_version | f.l3_off | f.l4_off, ==, 0);
    g_assert_cmpuint(f.payload_off, ==, 14);
    g_assert_cmpuint(f.payload_bytes, ==, 46);
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_false(csum.l3_ok || csum.l4_ok);
    g_assert_cmpuint(csum.ip_sum, ==, 0);
    g_assert_false(cx6dx_frame_parse(buf, 13, &f));
}

static void test_parse_third_tag(void)
{
    FrameSpec spec = plain_tcp;
    uint8_t buf[256];
    BuiltFrame b;
    Cx6dxFrame f;

    spec.tag_type[0] = 0x88a8;
    spec.tag_type[1] = spec.tag_type[2] = 0x8100;
    spec.tci[0] = 0x6005;
    b = frame_build(&spec, buf);
    g_assert_true(parse_copy(buf, b.bytes, &f));
    g_assert_true(f.svlan);
    g_assert_cmphex(f.vlan_tci, ==, 0x6005);
    g_assert_cmphex(f.ethertype, ==, 0x8100);
    g_assert_cmpuint(f.l3_off, ==, 0);
}

static void expect_no_l3(const uint8_t *buf, size_t len)
{
    Cx6dxFrame f;

    g_assert_true(parse_copy(buf, len, &f));
    g_assert_cmpuint(f.ip_version | f.l3_off | f.l4_off, ==, 0);
    g_assert_cmpuint(f.l3_bytes, ==, 0);
}

static void expect_no_l4(const uint8_t *buf, size_t len, bool frag)
{
    Cx6dxFrameCsum csum;
    Cx6dxFrame f;

    g_assert_true(parse_copy(buf, len, &f));
    g_assert_cmpuint(f.l3_off, ==, 14);
    g_assert_cmpuint(f.l4_off | f.sport | f.dport, ==, 0);
    g_assert_cmpint(f.frag, ==, frag);
    g_assert_false(f.tcp || f.udp);
    cx6dx_frame_verify(buf, len, &f, &csum);
    g_assert_false(csum.l4_ok);
}

static void test_parse_bad_headers(void)
{
    FrameSpec v4 = plain_tcp, v6 = plain_tcp;
    uint8_t buf[256];
    size_t len = frame_build(&v4, buf).bytes;

    v6.ip_version = 6;
    buf[14] = 0x65;                     /* version 6 under the IPv4 type */
    expect_no_l3(buf, len);
    buf[14] = 0x44;                     /* header of 16 bytes */
    expect_no_l3(buf, len);
    buf[14] = 0x45;
    buf[16] = 0;
    buf[17] = 19;                       /* total shorter than the header */
    expect_no_l3(buf, len);
    buf[17] = 39;                       /* the same for TCP's */
    expect_no_l4(buf, len, false);
    frame_build(&v4, buf);
    buf[34 + 12] = 0x40;                /* TCP header of 16 bytes */
    expect_no_l4(buf, len, false);
    buf[34 + 12] = 0xf0;
    buf[17] = 40 + 10;                  /* 60, but 30 are there */
    expect_no_l4(buf, len, false);
    v4.protocol = 1;                    /* ICMP */
    len = frame_build(&v4, buf).bytes;
    expect_no_l4(buf, len, false);
    len = frame_build(&v6, buf).bytes;
    buf[14] = 0x40;
    expect_no_l3(buf, len);
}

static void test_parse_fragments(void)
{
    FrameSpec spec = plain_tcp;
    uint8_t buf[512];
    size_t len;

    spec.frag_word = 0x2000;            /* the first one */
    len = frame_build(&spec, buf).bytes;
    expect_no_l4(buf, len, true);
    spec.frag_word = 0x0010;            /* the last one */
    len = frame_build(&spec, buf).bytes;
    expect_no_l4(buf, len, true);
    spec.ip_version = 6;
    spec.ext[0] = 0;
    spec.ext[1] = 44;
    spec.ext[2] = 0xff;
    len = frame_build(&spec, buf).bytes;
    expect_no_l4(buf, len, true);
}

/* A chain of `n` headers, each naming the next, with TCP at its end */
static size_t make_chain(uint8_t *buf, unsigned n)
{
    FrameSpec spec = plain_tcp;
    uint8_t tcp[120];
    BuiltFrame b = frame_build(&spec, buf);
    unsigned i;

    memcpy(tcp, buf + b.l4_off, sizeof(tcp));
    spec.ip_version = 6;
    spec.protocol = 60;
    spec.payload_bytes = 8 * n + sizeof(tcp);
    frame_build(&spec, buf);
    for (i = 0; i < n; i++) {
        buf[54 + 8 * i] = i == n - 1 ? 6 : 60;
        buf[54 + 8 * i + 1] = 0;
    }
    memcpy(buf + 54 + 8 * n, tcp, sizeof(tcp));
    return 54 + 8 * n + sizeof(tcp);
}

static void test_parse_extension_chain(void)
{
    uint8_t buf[512] = { 0 };
    size_t len = make_chain(buf, 8);
    Cx6dxFrame f;

    g_assert_true(parse_copy(buf, len, &f));
    g_assert_true(f.tcp);
    g_assert_cmpuint(f.l4_off, ==, 54 + 64);
    g_assert_cmpuint(f.dport, ==, 443);
    len = make_chain(buf, 9);
    expect_no_l4(buf, len, false);
}

/* Headers end where the bytes end, with nothing behind that we know */
static void test_parse_extension_last(void)
{
    uint8_t buf[512] = { 0 };
    size_t len = make_chain(buf, 1);
    Cx6dxFrame f;

    g_assert_true(parse_copy(buf, len, &f));
    buf[18] = 0;
    buf[19] = 8;                        /* IP says: only the header */
    g_assert_true(parse_copy(buf, 54 + 8, &f));
    g_assert_cmpuint(f.ip_protocol, ==, 6);
    g_assert_cmpuint(f.payload_off, ==, 54 + 8);
    g_assert_cmpuint(f.payload_bytes, ==, 0);
    g_assert_cmpuint(f.l4_off, ==, 0);
    buf[54] = 59;                       /* "no next header" */
    buf[19] = 8 + 20;
    g_assert_true(parse_copy(buf, len, &f));
    g_assert_cmpuint(f.ip_protocol, ==, 59);
    g_assert_cmpuint(f.payload_off, ==, 54 + 8);
    g_assert_cmpuint(f.payload_bytes, ==, 20);
}

/* The length in the header counts for nothing */
static void test_parse_template(void)
{
    GRand *rand = test_rand();
    uint8_t buf[FRAME_SPEC_MAX_HDR_BYTES + 40];
    unsigned i;

    for (i = 0; i < 300; i++) {
        FrameSpec spec;
        BuiltFrame b;
        Cx6dxFrame f;
        unsigned at;

        frame_spec_random(&spec, rand, 40);
        b = frame_build(&spec, buf);
        at = b.l3_off + (spec.ip_version == 4 ? 2 : 4);
        buf[at] = g_rand_int(rand);
        buf[at + 1] = g_rand_int(rand);
        g_assert_true(cx6dx_frame_parse_template(buf, b.bytes, &f));
        g_assert_cmpuint(f.l3_bytes, ==, b.bytes - b.l3_off);
        g_assert_cmpuint(f.payload_off, ==, b.payload_off);
        g_assert_cmpuint(f.payload_bytes, ==, spec.payload_bytes);
        g_assert_true(f.tcp || f.udp);
    }
    g_rand_free(rand);
}

static void test_parse_padding(void)
{
    FrameSpec spec = plain_tcp;
    uint8_t buf[256];
    Cx6dxFrameCsum csum;
    BuiltFrame b;
    Cx6dxFrame f;
    uint16_t want;

    spec.payload_bytes = 1;
    b = frame_build(&spec, buf);
    g_assert_true(cx6dx_frame_parse(buf, b.bytes, &f));
    cx6dx_frame_fill_csum(buf, b.bytes, &f, true, true);
    want = frame_naive_sum(buf + 14, b.bytes - 14, 0);
    memset(buf + b.bytes, 0xee, 20);    /* behind the IP packet */
    g_assert_true(cx6dx_frame_parse(buf, b.bytes + 20, &f));
    g_assert_cmpuint(f.payload_bytes, ==, 1);
    cx6dx_frame_verify(buf, b.bytes + 20, &f, &csum);
    g_assert_true(csum.l3_ok && csum.l4_ok);
    g_assert_cmphex(csum.ip_sum, ==, want);
}

/* ---- Checksums ---- */

static void test_sum_matches_naive(void)
{
    g_autofree uint8_t *buf = g_malloc(5000);
    GRand *rand = test_rand();
    unsigned i;

    for (i = 0; i < 5000; i++) {
        buf[i] = g_rand_int(rand);
    }
    for (i = 0; i < ROUNDS; i++) {
        size_t off = g_rand_int_range(rand, 0, 64);
        size_t len = g_rand_int_range(rand, 0, i < 1500 ? 80 : 4900);
        size_t cut = g_rand_int_range(rand, 0, len + 1) & ~(size_t)1;
        uint32_t start = g_rand_int_range(rand, 0, 0x10000);
        uint64_t sum = cx6dx_frame_sum(buf + off, cut, start);

        sum = cx6dx_frame_sum(buf + off + cut, len - cut, sum);
        g_assert_cmphex(cx6dx_frame_fold(sum), ==,
                        frame_naive_sum(buf + off, len, start));
    }
    g_rand_free(rand);
}

static void test_sum_carries(void)
{
    static uint8_t ones[65536];

    memset(ones, 0xff, sizeof(ones));
    g_assert_cmphex(cx6dx_frame_fold(cx6dx_frame_sum(ones, 65536, 0)), ==,
                    0xffff);
    g_assert_cmphex(cx6dx_frame_fold(cx6dx_frame_sum(ones, 65535, 0)), ==,
                    frame_naive_sum(ones, 65535, 0));
    g_assert_cmphex(cx6dx_frame_fold(UINT64_MAX), ==, 0xffff);
    g_assert_cmphex(cx6dx_frame_fold(0), ==, 0);
    g_assert_cmphex(cx6dx_frame_fold(
                        cx6dx_frame_sum(ones, 2, UINT64_MAX - 1)), ==, 0xfffe);
}

/* Folding keeps the remainder by 2^16 - 1, and gives 0 for nothing but 0 */
static void test_fold(void)
{
    GRand *rand = test_rand();
    unsigned i;

    for (i = 0; i < ROUNDS; i++) {
        uint64_t high = g_rand_boolean(rand) ? UINT32_MAX : g_rand_int(rand);
        uint64_t low = g_rand_boolean(rand) ? UINT32_MAX : g_rand_int(rand);
        uint64_t sum = (high << 32 | low) >> g_rand_int_range(rand, 0, 64);

        g_assert_cmphex(cx6dx_frame_fold(sum), ==,
                        sum && sum % 0xffff == 0 ? 0xffff : sum % 0xffff);
    }
    g_rand_free(rand);
}

/* The worked example of the usual textbooks: its checksum is b861 */
static void test_ipv4_known(void)
{
    uint8_t buf[14 + 20] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x00,
        0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
        0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
    };
    Cx6dxFrameCsum csum;
    Cx6dxFrame f;

    g_assert_true(cx6dx_frame_parse(buf, sizeof(buf), &f));
    cx6dx_frame_verify(buf, sizeof(buf), &f, &csum);
    g_assert_false(csum.l3_ok);
    cx6dx_frame_fill_csum(buf, sizeof(buf), &f, true, true);
    g_assert_cmphex(buf[24], ==, 0xb8);
    g_assert_cmphex(buf[25], ==, 0x61);
    cx6dx_frame_verify(buf, sizeof(buf), &f, &csum);
    g_assert_true(csum.l3_ok);
    g_assert_false(csum.l4_ok);
}

static void check_filled(uint8_t *buf, const FrameSpec *spec,
                         const BuiltFrame *b, GRand *rand)
{
    Cx6dxFrameCsum csum;
    Cx6dxFrame f;
    size_t at;
    unsigned bit;

    /* what a stack left in the fields does not count */
    at = b->l4_off + (spec->protocol == 6 ? 16 : 6);
    buf[at] = g_rand_int(rand);
    buf[at + 1] = g_rand_int(rand);
    if (spec->ip_version == 4) {
        buf[b->l3_off + 10] = g_rand_int(rand);
    }
    g_assert_true(cx6dx_frame_parse(buf, b->bytes, &f));
    cx6dx_frame_fill_csum(buf, b->bytes, &f, true, true);
    cx6dx_frame_verify(buf, b->bytes, &f, &csum);
    g_assert_true(csum.l3_ok && csum.l4_ok);
    g_assert_cmphex(frame_naive_l4_sum(buf, spec, b), ==, 0xffff);
    g_assert_cmphex(csum.ip_sum, ==,
                    frame_naive_sum(buf + b->l3_off, b->bytes - b->l3_off, 0));

    /* one wrong bit of the payload is seen */
    if (spec->payload_bytes) {
        at = g_rand_int_range(rand, b->payload_off, b->bytes);
        bit = 1u << g_rand_int_range(rand, 0, 8);
        buf[at] ^= bit;
        cx6dx_frame_verify(buf, b->bytes, &f, &csum);
        g_assert_true(csum.l3_ok);
        g_assert_false(csum.l4_ok);
        buf[at] ^= bit;
    }
    if (spec->ip_version == 4) {
        buf[b->l3_off + 8] ^= 1;        /* TTL: no part of the pseudo header */
        cx6dx_frame_verify(buf, b->bytes, &f, &csum);
        g_assert_false(csum.l3_ok);
        g_assert_true(csum.l4_ok);
    }
}

static void test_fill_then_verify(void)
{
    g_autofree uint8_t *buf = g_malloc(BUF_BYTES);
    GRand *rand = test_rand();
    unsigned i;

    for (i = 0; i < ROUNDS; i++) {
        FrameSpec spec;
        BuiltFrame b;

        frame_spec_random(&spec, rand, i % 50 ? 300 : 9000);
        b = frame_build(&spec, buf);
        check_filled(buf, &spec, &b, rand);
    }
    g_rand_free(rand);
}

static void test_fill_only_what_was_asked(void)
{
    FrameSpec spec = plain_tcp;
    uint8_t buf[256], before[256];
    BuiltFrame b = frame_build(&spec, buf);
    Cx6dxFrame f;

    memcpy(before, buf, sizeof(buf));
    g_assert_true(cx6dx_frame_parse(buf, b.bytes, &f));
    cx6dx_frame_fill_csum(buf, b.bytes, &f, false, false);
    g_assert_cmpmem(buf, b.bytes, before, b.bytes);
    cx6dx_frame_fill_csum(buf, b.bytes, &f, true, false);
    g_assert_cmpmem(buf + 26, b.bytes - 26, before + 26, b.bytes - 26);
    g_assert_cmpuint(buf[24] << 8 | buf[25], !=, 0);
    memcpy(before, buf, sizeof(buf));
    cx6dx_frame_fill_csum(buf, b.bytes, &f, false, true);
    g_assert_cmpmem(buf, 50, before, 50);
    g_assert_cmpuint(buf[50] << 8 | buf[51], !=, 0);
}

static void test_udp_zero(void)
{
    FrameSpec spec = plain_tcp;
    uint8_t buf[256];
    Cx6dxFrameCsum csum;
    BuiltFrame b;
    Cx6dxFrame f;
    uint16_t sum;

    spec.protocol = 17;
    spec.payload_bytes = 2;
    b = frame_build(&spec, buf);
    memset(buf + b.payload_off, 0, 2);
    sum = ~frame_naive_l4_sum(buf, &spec, &b);
    buf[b.payload_off] = sum >> 8;      /* now the checksum would be 0 */
    buf[b.payload_off + 1] = sum & 0xff;
    g_assert_true(cx6dx_frame_parse(buf, b.bytes, &f));
    cx6dx_frame_fill_csum(buf, b.bytes, &f, true, true);
    g_assert_cmphex(buf[b.l4_off + 6] << 8 | buf[b.l4_off + 7], ==, 0xffff);
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_true(csum.l4_ok);

    /* none at all: right for IPv4, wrong for IPv6 */
    buf[b.l4_off + 6] = buf[b.l4_off + 7] = 0;
    buf[b.payload_off] ^= 0x55;
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_true(csum.l4_ok);
    spec.ip_version = 6;
    b = frame_build(&spec, buf);
    g_assert_true(cx6dx_frame_parse(buf, b.bytes, &f));
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_true(csum.l3_ok);
    g_assert_false(csum.l4_ok);
}

static void test_udp_own_length(void)
{
    FrameSpec spec = plain_tcp;
    uint8_t buf[256];
    Cx6dxFrameCsum csum;
    BuiltFrame b;
    Cx6dxFrame f;

    spec.protocol = 17;
    b = frame_build(&spec, buf);
    buf[b.l4_off + 5] = 8 + 51;         /* IP says 100 bytes, UDP 51 */
    g_assert_true(cx6dx_frame_parse(buf, b.bytes, &f));
    cx6dx_frame_fill_csum(buf, b.bytes, &f, true, true);
    buf[b.bytes - 1] ^= 1;              /* not covered */
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_true(csum.l4_ok);
    g_assert_cmphex(csum.ip_sum, ==,
                    frame_naive_sum(buf + 14, b.bytes - 14, 0));
    buf[b.l4_off + 5] = 7;              /* no length that UDP can have */
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_false(csum.l4_ok);
    buf[b.l4_off + 5] = 109;
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_false(csum.l4_ok);
    /* not even with a sum that is right for the length of IP */
    cx6dx_frame_fill_csum(buf, b.bytes, &f, true, true);
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_false(csum.l4_ok);
    buf[b.l4_off + 5] = 108;
    cx6dx_frame_fill_csum(buf, b.bytes, &f, true, true);
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_true(csum.l4_ok);
    buf[b.l4_off + 5] = 8;              /* a header and nothing: still fits */
    cx6dx_frame_fill_csum(buf, b.bytes, &f, true, true);
    cx6dx_frame_verify(buf, b.bytes, &f, &csum);
    g_assert_true(csum.l4_ok);
}

static void test_cut_packet_is_not_ok(void)
{
    FrameSpec spec = plain_tcp;
    uint8_t buf[256];
    Cx6dxFrameCsum csum;
    BuiltFrame b;
    Cx6dxFrame f;

    b = frame_build(&spec, buf);
    memset(buf + b.bytes - 10, 0, 10);  /* bytes that do not change the sum */
    g_assert_true(cx6dx_frame_parse(buf, b.bytes, &f));
    cx6dx_frame_fill_csum(buf, b.bytes, &f, true, true);
    g_assert_true(cx6dx_frame_parse(buf, b.bytes - 10, &f));
    cx6dx_frame_verify(buf, b.bytes - 10, &f, &csum);
    g_assert_true(csum.l3_ok);
    g_assert_false(csum.l4_ok);
    /* not even with a sum that is right for what is there */
    cx6dx_frame_fill_csum(buf, b.bytes - 10, &f, true, true);
    cx6dx_frame_verify(buf, b.bytes - 10, &f, &csum);
    g_assert_false(csum.l4_ok);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/frame/parse/usual-tcp", test_parse_usual);
    g_test_add_func("/cx6dx/frame/parse/any-shape", test_parse_shapes);
    g_test_add_func("/cx6dx/frame/parse/cut-anywhere-stays-inside",
                    test_parse_every_length);
    g_test_add_func("/cx6dx/frame/parse/mutated-stays-inside",
                    test_parse_mutated);
    g_test_add_func("/cx6dx/frame/parse/not-ip", test_parse_no_ip);
    g_test_add_func("/cx6dx/frame/parse/third-tag-is-payload",
                    test_parse_third_tag);
    g_test_add_func("/cx6dx/frame/parse/bad-header-is-absent",
                    test_parse_bad_headers);
    g_test_add_func("/cx6dx/frame/parse/fragment-has-no-transport",
                    test_parse_fragments);
    g_test_add_func("/cx6dx/frame/parse/extension-chain-is-bounded",
                    test_parse_extension_chain);
    g_test_add_func("/cx6dx/frame/parse/extension-header-comes-last",
                    test_parse_extension_last);
    g_test_add_func("/cx6dx/frame/parse/template-ignores-length",
                    test_parse_template);
    g_test_add_func("/cx6dx/frame/parse/padding-is-not-payload",
                    test_parse_padding);
    g_test_add_func("/cx6dx/frame/sum/any-cut-matches-naive",
                    test_sum_matches_naive);
    g_test_add_func("/cx6dx/frame/sum/carries", test_sum_carries);
    g_test_add_func("/cx6dx/frame/sum/fold", test_fold);
    g_test_add_func("/cx6dx/frame/csum/published-ipv4-header",
                    test_ipv4_known);
    g_test_add_func("/cx6dx/frame/csum/filled-verifies-and-matches-naive",
                    test_fill_then_verify);
    g_test_add_func("/cx6dx/frame/csum/fills-only-what-was-asked",
                    test_fill_only_what_was_asked);
    g_test_add_func("/cx6dx/frame/csum/udp-zero-means-none", test_udp_zero);
    g_test_add_func("/cx6dx/frame/csum/udp-has-its-own-length",
                    test_udp_own_length);
    g_test_add_func("/cx6dx/frame/csum/cut-packet-is-not-ok",
                    test_cut_packet_is_not_ok);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "frame": receive-side hash
 *
 * Vectors: "Verifying the RSS hash calculation" of Microsoft's documentation of
 * receive-side scaling, key and all rows.
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/frame.h"
#include "cx6dx-frame-build.h"

enum {
    IPS = CX6DX_HASH_SRC_IP | CX6DX_HASH_DST_IP,
    PORTS = CX6DX_HASH_L4_SPORT | CX6DX_HASH_L4_DPORT,
};

static const uint8_t published_key[40] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
    0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
    0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
    0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

typedef struct Vector {
    uint8_t ip_version;
    uint8_t dst[16], src[16];
    uint16_t dport, sport;
    uint32_t ip_hash, tcp_hash;
} Vector;

static const Vector vectors[] = {
    { 4, { 161, 142, 100, 80 }, { 66, 9, 149, 187 }, 1766, 2794,
      0x323e8fc2, 0x51ccc178 },
    { 4, { 65, 69, 140, 83 }, { 199, 92, 111, 2 }, 4739, 14230,
      0xd718262a, 0xc626b0ea },
    { 4, { 12, 22, 207, 184 }, { 24, 19, 198, 95 }, 38024, 12898,
      0xd2d0a5de, 0x5c2b394a },
    { 4, { 209, 142, 163, 6 }, { 38, 27, 205, 30 }, 2217, 48228,
      0x82989176, 0xafc7327f },
    { 4, { 202, 188, 127, 2 }, { 153, 39, 163, 191 }, 1303, 44251,
      0x5d1809c5, 0x10e828a2 },
    { 6, { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0, 3, [15] = 1 },
      { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff, [15] = 7 },
      1766, 2794, 0x2cc18cd5, 0x40207d3d },
    { 6, { 0xff, 0x02, [15] = 1 },
      { 0x3f, 0xfe, 0x05, 0x01, 0, 8, 0, 0, 0x02, 0x60, 0x97, 0xff,
        0xfe, 0x40, 0xef, 0xab },
      4739, 14230, 0x0f0c461c, 0xdde51bbf },
    { 6, { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x02, 0x00, 0xf8, 0xff,
           0xfe, 0x21, 0x67, 0xcf },
      { 0x3f, 0xfe, 0x19, 0x00, 0x45, 0x45, 0, 3, 0x02, 0x00, 0xf8, 0xff,
        0xfe, 0x21, 0x67, 0xcf },
      38024, 44251, 0x4b61e985, 0x02d1feef },
};

static Cx6dxHashSpec toeplitz(uint32_t fields)
{
    Cx6dxHashSpec spec = {
        .fn = CX6DX_HASH_TOEPLITZ, .selected_fields = fields,
    };

    memcpy(spec.key, published_key, sizeof(spec.key));
    return spec;
}

static Cx6dxFrame parsed(const FrameSpec *spec)
{
    uint8_t buf[FRAME_SPEC_MAX_HDR_BYTES + 300];
    BuiltFrame b = frame_build(spec, buf);
    Cx6dxFrame frame;

    g_assert_true(cx6dx_frame_parse(buf, b.bytes, &frame));
    return frame;
}

static void test_published(void)
{
    Cx6dxHashSpec ips = toeplitz(IPS), all = toeplitz(IPS | PORTS);
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(vectors); i++) {
        const Vector *v = &vectors[i];
        FrameSpec spec = {
            .ip_version = v->ip_version, .protocol = 6, .ext = { 0xff },
            .sport = v->sport, .dport = v->dport,
        };
        Cx6dxFrame frame;

        memcpy(spec.saddr, v->src, 16);
        memcpy(spec.daddr, v->dst, 16);
        frame = parsed(&spec);
        g_assert_cmphex(cx6dx_frame_hash(&frame, &ips), ==, v->ip_hash);
        g_assert_cmphex(cx6dx_frame_hash(&frame, &all), ==, v->tcp_hash);
    }
}

/* One bit of the input after the other, as the definition says */
static uint32_t naive_toeplitz(const uint8_t *key, const uint8_t *in, size_t n)
{
    uint32_t hash = 0;
    size_t bit, k;

    for (bit = 0; bit < n * 8; bit++) {
        if (!(in[bit / 8] >> (7 - bit % 8) & 1)) {
            continue;
        }
        for (k = 0; k < 32; k++) {
            size_t at = bit + k;

            hash ^= (uint32_t)(key[at / 8] >> (7 - at % 8) & 1) << (31 - k);
        }
    }
    return hash;
}

static void test_random_keys(void)
{
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());
    unsigned i, k;

    for (i = 0; i < 300; i++) {
        Cx6dxHashSpec hash = toeplitz(IPS | PORTS);
        uint8_t in[36];
        FrameSpec spec;
        Cx6dxFrame frame;
        size_t a;

        for (k = 0; k < sizeof(hash.key); k++) {
            hash.key[k] = g_rand_int(rand);
        }
        frame_spec_random(&spec, rand, 10);
        frame = parsed(&spec);
        a = spec.ip_version == 4 ? 4 : 16;
        memcpy(in, spec.saddr, a);
        memcpy(in + a, spec.daddr, a);
        in[2 * a] = spec.sport >> 8;
        in[2 * a + 1] = spec.sport & 0xff;
        in[2 * a + 2] = spec.dport >> 8;
        in[2 * a + 3] = spec.dport & 0xff;
        g_assert_cmphex(cx6dx_frame_hash(&frame, &hash), ==,
                        naive_toeplitz(hash.key, in, 2 * a + 4));
        hash.selected_fields = CX6DX_HASH_DST_IP | CX6DX_HASH_L4_DPORT;
        memmove(in, in + a, a);
        memcpy(in + a, in + 2 * a + 2, 2);
        g_assert_cmphex(cx6dx_frame_hash(&frame, &hash), ==,
                        naive_toeplitz(hash.key, in, a + 2));
    }
    g_rand_free(rand);
}

static void test_symmetric(void)
{
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());
    unsigned i, differ = 0;

    for (i = 0; i < 300; i++) {
        Cx6dxHashSpec hash = toeplitz(IPS | PORTS);
        FrameSpec there, back;
        Cx6dxFrame a, b;

        frame_spec_random(&there, rand, 10);
        back = there;
        memcpy(back.saddr, there.daddr, 16);
        memcpy(back.daddr, there.saddr, 16);
        back.sport = there.dport;
        back.dport = there.sport;
        a = parsed(&there);
        b = parsed(&back);
        differ += cx6dx_frame_hash(&a, &hash) != cx6dx_frame_hash(&b, &hash);
        hash.symmetric = true;
        g_assert_cmphex(cx6dx_frame_hash(&a, &hash), ==,
                        cx6dx_frame_hash(&b, &hash));
    }
    g_assert_cmpuint(differ, >, 250);
    g_rand_free(rand);
}

/* OR, then XOR, in the places of source and destination */
static void test_symmetric_definition(void)
{
    FrameSpec spec = {
        .ip_version = 4, .protocol = 6, .ext = { 0xff },
        .saddr = { 0x12, 0x34, 0x56, 0x78 }, .daddr = { 0x0f, 0xf0, 0xaa, 0x55 },
        .sport = 0x1234, .dport = 0xff01,
    };
    const uint8_t both[12] = {
        0x1f, 0xf4, 0xfe, 0x7d, 0x1d, 0xc4, 0xfc, 0x2d,
        0xff, 0x35, 0xed, 0x35,
    };
    const uint8_t one[4] = { 0x12, 0x34, 0x56, 0x78 };
    Cx6dxHashSpec hash = toeplitz(IPS | PORTS);
    Cx6dxFrame frame = parsed(&spec);

    hash.symmetric = true;
    g_assert_cmphex(cx6dx_frame_hash(&frame, &hash), ==,
                    naive_toeplitz(hash.key, both, sizeof(both)));
    /* one of a pair alone stays what it is */
    hash.selected_fields = CX6DX_HASH_SRC_IP;
    g_assert_cmphex(cx6dx_frame_hash(&frame, &hash), ==,
                    naive_toeplitz(hash.key, one, sizeof(one)));
}

static void test_without_transport(void)
{
    FrameSpec spec = {
        .ip_version = 4, .protocol = 1, .ext = { 0xff },
        .daddr = { 161, 142, 100, 80 }, .saddr = { 66, 9, 149, 187 },
    };
    Cx6dxHashSpec all = toeplitz(IPS | PORTS);
    Cx6dxFrame frame = parsed(&spec);

    g_assert_cmphex(cx6dx_frame_hash(&frame, &all), ==, 0x323e8fc2);
    spec = (FrameSpec) { .ethertype = 0x0806, .payload_bytes = 46 };
    frame = parsed(&spec);
    g_assert_cmphex(cx6dx_frame_hash(&frame, &all), ==, 0);
}

static void test_xor8_and_none(void)
{
    FrameSpec spec = {
        .ip_version = 4, .protocol = 6, .ext = { 0xff },
        .saddr = { 0x01, 0, 0, 0 }, .daddr = { 0x06, 0, 0, 0 },
        .sport = 0x8000, .dport = 0x0010,
    };
    Cx6dxHashSpec hash = {
        .fn = CX6DX_HASH_INVERTED_XOR8, .selected_fields = IPS | PORTS,
    };
    Cx6dxFrame frame = parsed(&spec);

    /* 01 ^ 06 ^ 80 ^ 10 = 97, mirrored e9 */
    g_assert_cmphex(cx6dx_frame_hash(&frame, &hash), ==, 0xe9);
    hash.selected_fields = CX6DX_HASH_L4_SPORT;     /* 80 ^ 00, mirrored 01 */
    g_assert_cmphex(cx6dx_frame_hash(&frame, &hash), ==, 0x01);
    hash.selected_fields = CX6DX_HASH_L4_DPORT;     /* 00 ^ 10, mirrored 08 */
    g_assert_cmphex(cx6dx_frame_hash(&frame, &hash), ==, 0x08);
    hash.fn = CX6DX_HASH_NONE;
    g_assert_cmphex(cx6dx_frame_hash(&frame, &hash), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/rss/toeplitz/published-vectors", test_published);
    g_test_add_func("/cx6dx/rss/toeplitz/any-key-matches-definition",
                    test_random_keys);
    g_test_add_func("/cx6dx/rss/symmetric/both-directions-agree",
                    test_symmetric);
    g_test_add_func("/cx6dx/rss/symmetric/definition",
                    test_symmetric_definition);
    g_test_add_func("/cx6dx/rss/no-transport-hashes-addresses",
                    test_without_transport);
    g_test_add_func("/cx6dx/rss/xor8-and-none", test_xor8_and_none);
    return g_test_run();
}

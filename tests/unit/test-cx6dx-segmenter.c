/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "frame": segmentation
 *
 * Every segment is parsed and verified on its own and held against what a stack
 * would have sent without offload.
 */
#include "qemu/osdep.h"
#include "pure/frame.h"
#include "cx6dx-frame-build.h"

enum { ROUNDS = 600, MAX_PAYLOAD = 66000 };

typedef struct Cut {
    uint8_t *hdr;
    const FrameSpec *spec;
    const BuiltFrame *built;
    const uint8_t *payload;
    uint32_t payload_bytes;
    uint32_t mss;
} Cut;

static uint32_t be(const uint8_t *p, unsigned bytes)
{
    uint32_t v = 0;

    while (bytes--) {
        v = v << 8 | *p++;
    }
    return v;
}

static void check_segment(const Cut *cut, const uint8_t *frame, size_t len,
                          uint32_t index, uint32_t done, bool last)
{
    const FrameSpec *spec = cut->spec;
    const uint8_t *ip = frame + cut->built->l3_off;
    const uint8_t *l4 = frame + cut->built->l4_off;
    uint8_t flags = spec->tcp_flags;
    Cx6dxFrameCsum csum;
    Cx6dxFrame f;

    g_assert_true(cx6dx_frame_parse(frame, len, &f));
    cx6dx_frame_verify(frame, len, &f, &csum);
    g_assert_true(csum.l3_ok && csum.l4_ok);
    g_assert_cmpuint(f.payload_off, ==, cut->built->payload_off);
    g_assert_cmpuint(f.l3_off + f.l3_bytes, ==, len);
    if (spec->ip_version == 4) {
        g_assert_cmphex(be(ip + 4, 2), ==, (uint16_t)(spec->ip_id + index));
    }
    if (spec->protocol == 17) {
        g_assert_cmpuint(be(l4 + 4, 2), ==, len - cut->built->l4_off);
        g_assert_cmphex(be(l4 + 6, 2), !=, 0);
        return;
    }
    flags &= last ? 0xff : (uint8_t)~0x09;
    flags &= index ? (uint8_t)~0x80 : 0xff;
    g_assert_cmphex(f.tcp_flags, ==, flags);
    g_assert_cmphex(f.tcp_sn, ==, spec->tcp_sn + done);
    /* acknowledgement, offset, window and options as in the template */
    g_assert_cmpmem(l4 + 8, 5, cut->hdr + cut->built->l4_off + 8, 5);
    g_assert_cmpmem(l4 + 18, f.payload_off - f.l4_off - 18,
                    cut->hdr + cut->built->l4_off + 18,
                    f.payload_off - f.l4_off - 18);
}

static void run_cut(const Cut *cut)
{
    size_t hdr_bytes = cut->built->payload_off;
    g_autofree uint8_t *frame = g_malloc(hdr_bytes + cut->mss);
    uint32_t done = 0, index = 0;
    const uint8_t *part;
    size_t bytes;
    Cx6dxSegmenter seg;

    g_assert_true(cx6dx_segmenter_init(&seg, cut->hdr, hdr_bytes, cut->payload,
                                       cut->payload_bytes, cut->mss));
    while (cx6dx_segmenter_next(&seg, frame, &part, &bytes)) {
        bool last = done + bytes == cut->payload_bytes;

        g_assert_true(part == cut->payload + done);
        g_assert_cmpuint(bytes, <=, cut->mss);
        g_assert_true(last || bytes == cut->mss);
        memcpy(frame + hdr_bytes, part, bytes);
        check_segment(cut, frame, hdr_bytes + bytes, index, done, last);
        done += bytes;
        index++;
    }
    g_assert_cmpuint(done, ==, cut->payload_bytes);
    g_assert_cmpuint(index, ==, MAX(1, DIV_ROUND_UP(done, cut->mss)));
    g_assert_false(cx6dx_segmenter_next(&seg, frame, &part, &bytes));
}

static void test_any_cut(void)
{
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());
    g_autofree uint8_t *buf = g_malloc(FRAME_SPEC_MAX_HDR_BYTES + MAX_PAYLOAD);
    unsigned i;

    for (i = 0; i < ROUNDS; i++) {
        uint32_t max = i % 20 ? 3000 : MAX_PAYLOAD;
        FrameSpec spec;
        BuiltFrame b;
        Cut cut;

        frame_spec_random(&spec, rand, max);
        b = frame_build(&spec, buf);
        cut = (Cut) {
            .hdr = g_memdup2(buf, b.payload_off),
            .spec = &spec,
            .built = &b,
            .payload = buf + b.payload_off,
            .payload_bytes = spec.payload_bytes,
            .mss = g_rand_int_range(rand, i % 3 ? 1 : 500, 9000),
        };
        run_cut(&cut);
        g_free(cut.hdr);
    }
    g_rand_free(rand);
}

/* A driver that sends more than 64 KiB leaves the length of IP at 0 */
static void test_big_tcp(void)
{
    g_autofree uint8_t *payload = g_malloc0(200000);
    unsigned version;

    for (version = 4; version <= 6; version += 2) {
        FrameSpec spec = {
            .ip_version = version, .protocol = 6, .ext = { 0xff },
            .tcp_flags = 0x98, .tcp_sn = 0xffff0000, .tcp_option_bytes = 12,
        };
        uint8_t hdr[FRAME_SPEC_MAX_HDR_BYTES];
        BuiltFrame b = frame_build(&spec, hdr);
        Cut cut = { hdr, &spec, &b, payload, 200000, 1448 };

        memset(hdr + (version == 4 ? 16 : 18), 0, 2);
        run_cut(&cut);
    }
}

static void test_stale_template(void)
{
    static const uint8_t protocols[] = { 6, 17 };
    uint8_t hdr[FRAME_SPEC_MAX_HDR_BYTES], payload[100] = { 1, 2, 3 };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(protocols); i++) {
        FrameSpec spec = {
            .ip_version = 4, .protocol = protocols[i], .ext = { 0xff },
            .tcp_flags = 0x10,
        };
        BuiltFrame b = frame_build(&spec, hdr);
        Cut cut = { hdr, &spec, &b, payload, 100, 30 };

        /* what a stack leaves in lengths and checksums does not count */
        memset(hdr + 16, 0x77, 2);
        memset(hdr + 24, 0xab, 2);
        memset(hdr + 34 + (protocols[i] == 6 ? 16 : 4), 0xcd,
               protocols[i] == 6 ? 2 : 4);
        run_cut(&cut);
    }
}

/* No payload still is one frame */
static void test_no_payload(void)
{
    FrameSpec spec = {
        .ip_version = 6, .protocol = 6, .ext = { 0xff }, .tcp_flags = 0x99,
    };
    uint8_t hdr[FRAME_SPEC_MAX_HDR_BYTES];
    BuiltFrame b = frame_build(&spec, hdr);
    Cut cut = { hdr, &spec, &b, hdr, 0, 1448 };

    run_cut(&cut);
}

static bool refused(const uint8_t *hdr, size_t hdr_bytes, size_t payload_bytes,
                    uint32_t mss)
{
    uint8_t payload[1] = { 0 };
    Cx6dxSegmenter seg;

    return !cx6dx_segmenter_init(&seg, hdr, hdr_bytes, payload, payload_bytes,
                                 mss);
}

static void test_refusals(void)
{
    FrameSpec spec = { .ip_version = 4, .protocol = 6, .ext = { 0xff } };
    uint8_t hdr[FRAME_SPEC_MAX_HDR_BYTES + 8] = { 0 };
    BuiltFrame b = frame_build(&spec, hdr);

    g_assert_false(refused(hdr, b.bytes, 1, 1));
    g_assert_true(refused(hdr, b.bytes, 1, 0));
    g_assert_true(refused(hdr, b.bytes - 1, 1, 1));     /* cut header */
    g_assert_true(refused(hdr, b.bytes + 1, 1, 1));     /* payload in it */
    g_assert_true(refused(hdr, 10, 1, 1));
    g_assert_false(refused(hdr, b.bytes, 100000, 65535 - 40));
    g_assert_true(refused(hdr, b.bytes, 100000, 65535 - 39));
    g_assert_false(refused(hdr, b.bytes, 10, 100000));
    spec.protocol = 1;
    b = frame_build(&spec, hdr);
    g_assert_true(refused(hdr, b.bytes, 1, 1));
    spec.protocol = 6;
    spec.frag_word = 0x2000;
    b = frame_build(&spec, hdr);
    g_assert_true(refused(hdr, b.bytes, 1, 1));
    spec = (FrameSpec) { .ethertype = 0x0806, .payload_bytes = 46 };
    b = frame_build(&spec, hdr);
    g_assert_true(refused(hdr, b.bytes, 1, 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/segmenter/any-cut-verifies-and-reassembles",
                    test_any_cut);
    g_test_add_func("/cx6dx/segmenter/big-tcp", test_big_tcp);
    g_test_add_func("/cx6dx/segmenter/template-checksums-do-not-count",
                    test_stale_template);
    g_test_add_func("/cx6dx/segmenter/no-payload-is-one-frame",
                    test_no_payload);
    g_test_add_func("/cx6dx/segmenter/refuses-what-it-cannot-cut",
                    test_refusals);
    return g_test_run();
}

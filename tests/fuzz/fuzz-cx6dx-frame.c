/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzer of ring 0 room "frame"
 *
 * Input: two bytes of choices (checksums to fill, mss), then a frame.  Against
 * the slow sum of the frame builder: what the room verifies, fills and cuts.
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/frame.h"
#include "cx6dx-frame-build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bounds(const Cx6dxFrame *frame, size_t len)
{
    g_assert_cmpuint(frame->l3_off, <=, frame->payload_off);
    g_assert_cmpuint(frame->l4_off, <=, frame->payload_off);
    g_assert_cmpuint((size_t)frame->payload_off + frame->payload_bytes, <=,
                     len);
    g_assert_true(!frame->l4_off || frame->l4_off > frame->l3_off);
    g_assert_true((frame->l4_off != 0) == (frame->tcp || frame->udp));
    g_assert_true(!(frame->tcp && frame->udp));
    g_assert_true((frame->l3_off != 0) == (frame->ip_version != 0));
}

static void check_csum(const uint8_t *buf, size_t len, const Cx6dxFrame *frame)
{
    size_t end = (size_t)frame->payload_off + frame->payload_bytes;
    Cx6dxFrameCsum csum;

    cx6dx_frame_verify(buf, len, frame, &csum);
    if (frame->l3_off) {
        g_assert_cmphex(csum.ip_sum, ==,
                        frame_naive_sum(buf + frame->l3_off,
                                        end - frame->l3_off, 0));
    }
    g_assert_true(!csum.l4_ok || frame->l4_off);
}

/* What was filled is right, if the packet is as long as it says */
static void check_fill(uint8_t *buf, size_t len, const Cx6dxFrame *frame,
                       bool l3, bool l4)
{
    bool whole = frame->l3_off + frame->l3_bytes <= len;
    Cx6dxFrameCsum csum;

    cx6dx_frame_fill_csum(buf, len, frame, l3, l4);
    cx6dx_frame_verify(buf, len, frame, &csum);
    if (l3 && frame->ip_version) {
        g_assert_true(csum.l3_ok);
    }
    if (l4 && frame->tcp && whole) {
        g_assert_true(csum.l4_ok);
    }
}

static void check_cut(const uint8_t *buf, const Cx6dxFrame *frame, uint32_t mss)
{
    const uint8_t *payload = buf + frame->payload_off, *part;
    uint32_t hdr_bytes = frame->payload_off;
    g_autofree uint8_t *out = g_malloc(hdr_bytes + mss + 1);
    Cx6dxSegmenter seg;
    size_t bytes, done = 0;

    if (!cx6dx_segmenter_init(&seg, buf, hdr_bytes, payload,
                              frame->payload_bytes, mss)) {
        g_assert_true(mss == 0 || !frame->l4_off || frame->frag);
        return;
    }
    while (cx6dx_segmenter_next(&seg, out, &part, &bytes)) {
        Cx6dxFrameCsum csum;
        Cx6dxFrame cut;

        g_assert_true(part == payload + done);
        g_assert_cmpuint(bytes, <=, mss);
        memcpy(out + hdr_bytes, part, bytes);
        g_assert_true(cx6dx_frame_parse(out, hdr_bytes + bytes, &cut));
        g_assert_cmpuint(cut.payload_bytes, ==, bytes);
        cx6dx_frame_verify(out, hdr_bytes + bytes, &cut, &csum);
        g_assert_true(csum.l3_ok && csum.l4_ok);
        done += bytes;
    }
    g_assert_cmpuint(done, ==, frame->payload_bytes);
}

static void check_symmetric(const Cx6dxFrame *frame)
{
    Cx6dxHashSpec spec = {
        .fn = CX6DX_HASH_TOEPLITZ, .symmetric = true,
        .selected_fields = CX6DX_HASH_SRC_IP | CX6DX_HASH_DST_IP |
                           CX6DX_HASH_L4_SPORT | CX6DX_HASH_L4_DPORT,
    };
    Cx6dxFrame back = *frame;
    unsigned i;

    for (i = 0; i < sizeof(spec.key); i++) {
        spec.key[i] = i * 37 + 11;
    }
    memcpy(back.saddr, frame->daddr, sizeof(back.saddr));
    memcpy(back.daddr, frame->saddr, sizeof(back.daddr));
    back.sport = frame->dport;
    back.dport = frame->sport;
    g_assert_cmphex(cx6dx_frame_hash(frame, &spec), ==,
                    cx6dx_frame_hash(&back, &spec));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *buf = NULL;
    Cx6dxFrame frame;

    if (size < 2) {
        return 0;
    }
    buf = g_memdup2(data + 2, size - 2);
    if (!cx6dx_frame_parse(buf, size - 2, &frame)) {
        g_assert_cmpuint(size - 2, <, CX6DX_FRAME_ETH_BYTES);
        return 0;
    }
    check_bounds(&frame, size - 2);
    check_csum(buf, size - 2, &frame);
    check_cut(buf, &frame, (data[0] >> 2) + (data[1] & 0x80 ? data[1] * 8 : 0));
    check_symmetric(&frame);
    check_fill(buf, size - 2, &frame, data[0] & 1, data[0] & 2);
    return 0;
}

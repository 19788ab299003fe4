/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The wire: segmentation of TCP and UDP payloads behind a header template
 *
 * What all segments have in common is summed once, when the template is taken;
 * a segment then costs the sum of its payload and a handful of additions.
 */
#include "qemu/osdep.h"
#include "pure/frame.h"

enum {
    TCP_FIN = 0x01,
    TCP_PSH = 0x08,
    TCP_CWR = 0x80,
    IPV6_BYTES = 40,
    MAX_IP_BYTES = 65535,
};

static uint16_t load16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void store16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void store32(uint8_t *p, uint32_t v)
{
    store16(p, v >> 16);
    store16(p + 2, (uint16_t)v);
}

/* Clears in `ip` and `l4` the fields that differ between segments */
static void clear_varying(const Cx6dxFrame *frame, uint8_t *ip, uint8_t *l4)
{
    if (frame->ip_version == 4) {
        store16(ip + 2, 0);
        store16(ip + 4, 0);
        store16(ip + 10, 0);
    }
    if (frame->tcp) {
        store32(l4 + 4, 0);
        l4[13] = 0;
        store16(l4 + 16, 0);
    } else {
        store16(l4 + 4, 0);
        store16(l4 + 6, 0);
    }
}

/* Header bytes that the sums need: IPv4 with options, then TCP with options */
static void sum_template(Cx6dxSegmenter *seg)
{
    const Cx6dxFrame *frame = &seg->frame;
    uint32_t l4_hdr_bytes = frame->payload_off - frame->l4_off;
    uint8_t ip[60] = { 0 }, l4[60];

    if (frame->ip_version == 4) {
        memcpy(ip, seg->hdr + frame->l3_off, frame->l4_off - frame->l3_off);
    }
    memcpy(l4, seg->hdr + frame->l4_off, l4_hdr_bytes);
    clear_varying(frame, ip, l4);
    seg->l3_sum = cx6dx_frame_fold(cx6dx_frame_sum(ip, sizeof(ip), 0));
    seg->l4_sum = cx6dx_frame_fold(
        cx6dx_frame_sum(l4, l4_hdr_bytes, cx6dx_frame_pseudo_sum(frame, 0)));
}

bool cx6dx_segmenter_init(Cx6dxSegmenter *seg, const uint8_t *hdr,
                          size_t hdr_bytes, const uint8_t *payload,
                          size_t payload_bytes, uint32_t mss)
{
    memset(seg, 0, sizeof(*seg));
    if (mss == 0 || payload_bytes > UINT32_MAX ||
        !cx6dx_frame_parse_template(hdr, hdr_bytes, &seg->frame) ||
        !seg->frame.l4_off || seg->frame.payload_off != hdr_bytes ||
        hdr_bytes - seg->frame.l3_off + MIN(mss, payload_bytes) >
        MAX_IP_BYTES) {
        return false;
    }
    seg->hdr = hdr;
    seg->hdr_bytes = hdr_bytes;
    seg->payload = payload;
    seg->payload_bytes = payload_bytes;
    seg->mss = mss;
    sum_template(seg);
    return true;
}

static void fill_ip(const Cx6dxSegmenter *seg, uint8_t *ip, uint32_t bytes)
{
    uint16_t total = seg->hdr_bytes - seg->frame.l3_off + bytes;
    uint16_t id;

    if (seg->frame.ip_version == 4) {
        id = load16(ip + 4) + seg->index;
        store16(ip + 2, total);
        store16(ip + 4, id);
        store16(ip + 10, ~cx6dx_frame_fold((uint64_t)seg->l3_sum + total + id));
    } else {
        store16(ip + 4, total - IPV6_BYTES);
    }
}

static void fill_tcp(const Cx6dxSegmenter *seg, uint8_t *tcp, bool last,
                     uint64_t sum)
{
    uint32_t tcp_sn = seg->frame.tcp_sn + seg->done_bytes;
    uint8_t flags = seg->frame.tcp_flags;

    if (!last) {
        flags &= ~(TCP_FIN | TCP_PSH);
    }
    if (seg->index) {
        flags &= ~TCP_CWR;
    }
    store32(tcp + 4, tcp_sn);
    tcp[13] = flags;
    sum += (tcp_sn >> 16) + (tcp_sn & 0xffff) + flags;
    store16(tcp + 16, ~cx6dx_frame_fold(sum));
}

static void fill_udp(uint8_t *udp, uint16_t l4_bytes, uint64_t sum)
{
    uint16_t csum = ~cx6dx_frame_fold(sum + l4_bytes);

    store16(udp + 4, l4_bytes);
    store16(udp + 6, csum ? csum : 0xffff);
}

bool cx6dx_segmenter_next(Cx6dxSegmenter *seg, uint8_t *hdr_out,
                          const uint8_t **payload, size_t *payload_bytes)
{
    uint32_t left = seg->payload_bytes - seg->done_bytes;
    uint32_t bytes = MIN(left, seg->mss);
    uint32_t l4_bytes = seg->hdr_bytes - seg->frame.l4_off + bytes;
    const uint8_t *data = seg->payload + seg->done_bytes;
    uint64_t sum;

    /* a payload of no bytes still is one frame */
    if (left == 0 && seg->index > 0) {
        return false;
    }
    memcpy(hdr_out, seg->hdr, seg->hdr_bytes);
    fill_ip(seg, hdr_out + seg->frame.l3_off, bytes);
    sum = (uint64_t)seg->l4_sum + l4_bytes + cx6dx_frame_sum(data, bytes, 0);
    if (seg->frame.tcp) {
        fill_tcp(seg, hdr_out + seg->frame.l4_off, bytes == left, sum);
    } else {
        fill_udp(hdr_out + seg->frame.l4_off, l4_bytes, sum);
    }
    *payload = data;
    *payload_bytes = bytes;
    seg->done_bytes += bytes;
    seg->index++;
    return true;
}

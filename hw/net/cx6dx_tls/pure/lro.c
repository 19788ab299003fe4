/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Large receive offload; see lro.h (RFC 791, 8200, 9293 for the headers)
 */
#include "qemu/osdep.h"
#include "pure/lro.h"

enum {
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
    IPV4_HDR_BYTES = 20,
    IPV6_HDR_BYTES = 40,
    /* places in the IPv4 header, */
    IPV4_LEN = 2,
    IPV4_ID = 4,
    IPV4_FRAG = 6,
    IPV4_SUM = 10,
    IPV4_ADDRS = 12,
    /* in the IPv6 header, */
    IPV6_LEN = 4,
    IPV6_NEXT = 6,
    /* and in the TCP header */
    TCP_SN = 4,
    TCP_ACK_SN = 8,
    TCP_FLAGS = 13,
    TCP_WINDOW = 14,
    TCP_SUM = 16,
    TCP_URGENT = 18,
    TCP_HDR_BYTES = 20,
};

#define IP_MAX_BYTES 65535u

/* no packet has more frames than a completion can count */
QEMU_BUILD_BUG_ON(IP_MAX_BYTES / CX6DX_LRO_MIN_MSS + 1 > CX6DX_LRO_MAX_SEGS);

static uint16_t load16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)load16(p) << 16 | load16(p + 2);
}

/* Could be part of a session of its own flow */
static bool fits(size_t len, const Cx6dxFrame *frame, const Cx6dxFrameCsum *csum)
{
    uint32_t ip_bytes = frame->ip_version == 4 ? IPV4_HDR_BYTES
                                               : IPV6_HDR_BYTES;

    return frame->tcp && !frame->frag && csum->l3_ok && csum->l4_ok &&
           frame->l4_off == frame->l3_off + ip_bytes &&
           frame->payload_off <= CX6DX_LRO_MAX_HDR_BYTES &&
           frame->payload_bytes &&
           (frame->tcp_flags & ~TCP_PSH) == TCP_ACK &&
           len == (size_t)frame->payload_off + frame->payload_bytes;
}

/* The frame's payload, at its place in the packet's */
static void add_sum(Cx6dxLro *lro, const uint8_t *buf, const Cx6dxFrame *frame,
                    const Cx6dxFrameCsum *csum)
{
    uint64_t hdr_sum = cx6dx_frame_sum(buf + frame->l3_off,
                                       frame->payload_off - frame->l3_off, 0);
    uint16_t sum = cx6dx_frame_fold((uint64_t)csum->ip_sum +
                                    (uint16_t)~cx6dx_frame_fold(hdr_sum));

    /* behind an odd number of bytes the two of each word change places */
    if (lro->payload_bytes & 1) {
        sum = sum << 8 | sum >> 8;
    }
    lro->payload_sum += sum;
}

static void take(Cx6dxLro *lro, const uint8_t *buf, const Cx6dxFrame *frame,
                 const Cx6dxFrameCsum *csum)
{
    add_sum(lro, buf, frame, csum);
    lro->segs++;
    lro->payload_bytes += frame->payload_bytes;
    lro->bytes += frame->payload_bytes;
    lro->next_tcp_sn = frame->tcp_sn + frame->payload_bytes;
    lro->psh = frame->tcp_flags & TCP_PSH;
    if (frame->ip_version == 4) {
        lro->next_ip_id = load16(buf + frame->l3_off + IPV4_ID) + 1;
    }
}

bool cx6dx_lro_begin(Cx6dxLro *lro, const uint8_t *buf, size_t len,
                     const Cx6dxFrame *frame, const Cx6dxFrameCsum *csum,
                     uint32_t max_bytes, uint32_t max_ip_payload)
{
    uint32_t ip_max;

    lro->segs = 0;
    if (!fits(len, frame, csum) || (frame->tcp_flags & TCP_PSH) ||
        frame->payload_bytes < CX6DX_LRO_MIN_MSS) {
        return false;
    }
    /* IPv4 counts its header in its length; the completion all of the bytes */
    ip_max = frame->l4_off + MIN(max_ip_payload,
                                 IP_MAX_BYTES - frame->l4_off);
    *lro = (Cx6dxLro) {
        .bytes = frame->payload_off,
        .max_bytes = MIN(max_bytes, ip_max),
        .mss = frame->payload_bytes,
        .ack_sn = load32(buf + frame->l4_off + TCP_ACK_SN),
        .window = load16(buf + frame->l4_off + TCP_WINDOW),
        .ip_version = frame->ip_version,
        .ttl = frame->ttl,
        .l3_off = frame->l3_off,
        .l4_off = frame->l4_off,
        .hdr_bytes = frame->payload_off,
    };
    if ((uint64_t)lro->bytes + 2 * (uint64_t)lro->mss > lro->max_bytes) {
        return false;
    }
    memcpy(lro->hdr, buf, lro->hdr_bytes);
    take(lro, buf, frame, csum);
    return true;
}

static bool same(const Cx6dxLro *lro, const uint8_t *buf, size_t from, size_t to)
{
    return !memcmp(lro->hdr + from, buf + from, to - from);
}

static bool same_ip(const Cx6dxLro *lro, const uint8_t *buf)
{
    size_t ip = lro->l3_off;

    if (lro->ip_version == 4) {
        return same(lro, buf, 0, ip + IPV4_LEN) &&
               load16(buf + ip + IPV4_ID) == lro->next_ip_id &&
               same(lro, buf, ip + IPV4_FRAG, ip + IPV4_SUM) &&
               same(lro, buf, ip + IPV4_ADDRS, ip + IPV4_HDR_BYTES);
    }
    return same(lro, buf, 0, ip + IPV6_LEN) &&
           same(lro, buf, ip + IPV6_NEXT, ip + IPV6_HDR_BYTES);
}

static bool same_tcp(const Cx6dxLro *lro, const uint8_t *buf)
{
    size_t tcp = lro->l4_off;

    return same(lro, buf, tcp, tcp + TCP_SN) &&
           load32(buf + tcp + TCP_SN) == lro->next_tcp_sn &&
           same(lro, buf, tcp + TCP_ACK_SN, tcp + TCP_FLAGS) &&
           same(lro, buf, tcp + TCP_WINDOW, tcp + TCP_SUM) &&
           same(lro, buf, tcp + TCP_URGENT, lro->hdr_bytes);
}

bool cx6dx_lro_follows(const Cx6dxLro *lro, const uint8_t *buf, size_t len,
                       const Cx6dxFrame *frame, const Cx6dxFrameCsum *csum)
{
    return lro->segs && fits(len, frame, csum) &&
           frame->ip_version == lro->ip_version &&
           frame->l3_off == lro->l3_off &&
           frame->payload_off == lro->hdr_bytes &&
           frame->payload_bytes <= lro->mss &&
           lro->bytes + frame->payload_bytes <= lro->max_bytes &&
           same_ip(lro, buf) && same_tcp(lro, buf);
}

bool cx6dx_lro_add(Cx6dxLro *lro, const uint8_t *buf, const Cx6dxFrame *frame,
                   const Cx6dxFrameCsum *csum)
{
    take(lro, buf, frame, csum);
    return lro->psh || frame->payload_bytes < lro->mss ||
           lro->bytes + lro->mss > lro->max_bytes;
}

uint16_t cx6dx_lro_payload_sum(const Cx6dxLro *lro)
{
    return cx6dx_frame_fold(lro->payload_sum);
}

void cx6dx_lro_archive(Cx6dxLro *lro, Cx6dxArchive *ar)
{
    cx6dx_ar(ar, &lro->segs);
    cx6dx_ar(ar, &lro->bytes);
    cx6dx_ar(ar, &lro->payload_bytes);
    cx6dx_ar(ar, &lro->max_bytes);
    cx6dx_ar(ar, &lro->mss);
    cx6dx_ar(ar, &lro->next_tcp_sn);
    cx6dx_ar(ar, &lro->ack_sn);
    cx6dx_ar(ar, &lro->window);
    cx6dx_ar(ar, &lro->next_ip_id);
    cx6dx_ar(ar, &lro->ip_version);
    cx6dx_ar(ar, &lro->ttl);
    cx6dx_ar(ar, &lro->psh);
    cx6dx_ar(ar, &lro->l3_off);
    cx6dx_ar(ar, &lro->l4_off);
    cx6dx_ar(ar, &lro->hdr_bytes);
    cx6dx_ar(ar, &lro->payload_sum);
    cx6dx_ar_bytes(ar, lro->hdr, sizeof(lro->hdr));
    cx6dx_ar_check(ar, lro->segs && lro->segs <= CX6DX_LRO_MAX_SEGS &&
                       lro->mss >= CX6DX_LRO_MIN_MSS &&
                       lro->bytes <= lro->max_bytes &&
                       lro->max_bytes <= IP_MAX_BYTES,
                   "a session can not be like that");
    cx6dx_ar_check(ar, lro->hdr_bytes <= CX6DX_LRO_MAX_HDR_BYTES &&
                       lro->hdr_bytes >= lro->l4_off + TCP_HDR_BYTES &&
                       lro->l4_off >= lro->l3_off +
                       (lro->ip_version == 4 ? IPV4_HDR_BYTES
                                             : IPV6_HDR_BYTES),
                   "the headers of a session can not be like that");
}

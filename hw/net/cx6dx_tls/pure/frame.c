/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The wire: parsing of headers, and Internet checksums (RFC 791, 8200, 9293,
 * 768, 1071; IEEE 802.1Q)
 *
 * The usual packet, an untagged or tagged TCP segment without extension headers,
 * goes through without a loop.  Nothing here knows queues, rules or TLS.
 */
#include "qemu/osdep.h"
#include "pure/frame.h"

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_CVLAN = 0x8100,
    ETHERTYPE_SVLAN = 0x88a8,
    IPV4_MIN_BYTES = 20,
    IPV6_BYTES = 40,
    TCP_MIN_BYTES = 20,
    UDP_BYTES = 8,
    PROTO_HOP_BY_HOP = 0,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_ROUTING = 43,
    PROTO_FRAGMENT = 44,
    PROTO_DEST_OPTIONS = 60,
    MAX_VLAN_TAGS = 2,
    MAX_EXTENSION_HEADERS = 8,
};

static uint16_t load16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)load16(p) << 16 | load16(p + 2);
}

static void store16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* ---- Checksums ---- */

uint16_t cx6dx_frame_fold(uint64_t sum)
{
    sum = (sum >> 32) + (sum & 0xffffffff);     /* 33 bits */
    sum = (sum >> 16) + (sum & 0xffff);         /* 18 */
    sum = (sum >> 16) + (sum & 0xffff);         /* 17 */
    return (uint16_t)((sum >> 16) + sum);
}

static uint64_t add_carry(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

static uint64_t load_host64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

/* Up to seven bytes as the first ones of an eight byte load, the rest 0 */
static uint64_t load_host_tail(const uint8_t *p, size_t len)
{
    uint8_t bytes[8] = { 0 };

    memcpy(bytes, p, len);
    return load_host64(bytes);
}

/*
 * A one's complement sum may be taken in any byte order and turned at the end
 * (RFC 1071, 2.B): so the loads are those of the host, eight bytes wide, in four
 * chains that do not wait for each other.
 */
uint64_t cx6dx_frame_sum(const uint8_t *buf, size_t len, uint64_t sum)
{
    uint64_t a = 0, b = 0, c = 0, d = 0;
    uint16_t folded;

    while (len >= 32) {
        a = add_carry(a, load_host64(buf));
        b = add_carry(b, load_host64(buf + 8));
        c = add_carry(c, load_host64(buf + 16));
        d = add_carry(d, load_host64(buf + 24));
        buf += 32;
        len -= 32;
    }
    while (len >= 8) {
        a = add_carry(a, load_host64(buf));
        buf += 8;
        len -= 8;
    }
    if (len) {
        b = add_carry(b, load_host_tail(buf, len));
    }
    folded = cx6dx_frame_fold(add_carry(add_carry(a, b), add_carry(c, d)));
    return add_carry(sum, GUINT16_FROM_BE(folded));
}

/* ---- Parsing ---- */

static void parse_transport(const uint8_t *buf, size_t end, size_t off,
                            Cx6dxFrame *frame)
{
    size_t bytes;

    if (frame->ip_protocol == PROTO_TCP && end - off >= TCP_MIN_BYTES) {
        bytes = (buf[off + 12] >> 4) * 4;
        if (bytes < TCP_MIN_BYTES || bytes > end - off) {
            return;
        }
        frame->tcp = true;
        frame->tcp_sn = load32(buf + off + 4);
        frame->tcp_flags = buf[off + 13];
    } else if (frame->ip_protocol == PROTO_UDP && end - off >= UDP_BYTES) {
        bytes = UDP_BYTES;
        frame->udp = true;
    } else {
        return;
    }
    frame->sport = load16(buf + off);
    frame->dport = load16(buf + off + 2);
    frame->l4_off = off;
    frame->payload_off = off + bytes;
}

static void parse_ipv4(const uint8_t *buf, size_t len, size_t off,
                       bool is_template, Cx6dxFrame *frame)
{
    const uint8_t *ip = buf + off;
    size_t hdr_bytes, end;

    if (len - off < IPV4_MIN_BYTES || ip[0] >> 4 != 4) {
        return;
    }
    hdr_bytes = (ip[0] & 15) * 4;
    if (hdr_bytes < IPV4_MIN_BYTES || hdr_bytes > len - off) {
        return;
    }
    frame->l3_bytes = is_template ? len - off : load16(ip + 2);
    if (frame->l3_bytes < hdr_bytes) {
        return;
    }
    frame->ip_version = 4;
    frame->l3_off = off;
    frame->ip_dscp = ip[1] >> 2;
    frame->ip_ecn = ip[1] & 3;
    frame->frag = (load16(ip + 6) & 0x3fff) != 0;
    frame->ttl = ip[8];
    frame->ip_protocol = ip[9];
    memcpy(frame->saddr + 12, ip + 12, 4);
    memcpy(frame->daddr + 12, ip + 16, 4);

    end = off + MIN(len - off, frame->l3_bytes);
    frame->payload_off = off + hdr_bytes;
    if (!frame->frag) {
        parse_transport(buf, end, frame->payload_off, frame);
    }
    frame->payload_bytes = end - frame->payload_off;
}

/*
 * Walks the extension headers; on return ip_protocol is what follows the last
 * one that is whole.  Offset of what follows, or 0 when a header is cut off.
 */
static size_t skip_extensions(const uint8_t *buf, size_t end, size_t off,
                              Cx6dxFrame *frame)
{
    unsigned n;
    size_t bytes;

    for (n = 0;; n++) {
        switch (frame->ip_protocol) {
        case PROTO_HOP_BY_HOP:
        case PROTO_ROUTING:
        case PROTO_DEST_OPTIONS:
        case PROTO_FRAGMENT:
            break;
        default:
            return off;
        }
        if (n == MAX_EXTENSION_HEADERS || end - off < 8) {
            return 0;
        }
        bytes = 8;
        if (frame->ip_protocol == PROTO_FRAGMENT) {
            frame->frag = true;
        } else {
            bytes += buf[off + 1] * 8;
        }
        if (bytes > end - off) {
            return 0;
        }
        frame->ip_protocol = buf[off];
        off += bytes;
        frame->payload_off = off;
        if (frame->frag) {
            return off;
        }
    }
}

static void parse_ipv6(const uint8_t *buf, size_t len, size_t off,
                       bool is_template, Cx6dxFrame *frame)
{
    const uint8_t *ip = buf + off;
    size_t end, l4;

    if (len - off < IPV6_BYTES || ip[0] >> 4 != 6) {
        return;
    }
    frame->l3_bytes = IPV6_BYTES + load16(ip + 4);
    if (is_template) {
        frame->l3_bytes = len - off;
    }
    frame->ip_version = 6;
    frame->l3_off = off;
    frame->ip_dscp = (ip[0] & 15) << 2 | ip[1] >> 6;
    frame->ip_ecn = ip[1] >> 4 & 3;
    frame->ip_protocol = ip[6];
    frame->ttl = ip[7];
    memcpy(frame->saddr, ip + 8, 16);
    memcpy(frame->daddr, ip + 24, 16);

    end = off + MIN(len - off, frame->l3_bytes);
    frame->payload_off = off + IPV6_BYTES;
    l4 = skip_extensions(buf, end, frame->payload_off, frame);
    if (l4 && !frame->frag) {
        parse_transport(buf, end, l4, frame);
    }
    frame->payload_bytes = end - frame->payload_off;
}

/* Returns where the Ethernet headers end; sets type and tag */
static size_t parse_ethernet(const uint8_t *buf, size_t len, Cx6dxFrame *frame)
{
    size_t off = CX6DX_FRAME_ETH_BYTES;
    uint16_t type = load16(buf + 12);
    unsigned tags;

    for (tags = 0; tags < MAX_VLAN_TAGS; tags++) {
        if ((type != ETHERTYPE_CVLAN && type != ETHERTYPE_SVLAN) ||
            len - off < CX6DX_FRAME_VLAN_BYTES) {
            break;
        }
        if (tags == 0) {
            frame->vlan_tci = load16(buf + off);
            frame->cvlan = type == ETHERTYPE_CVLAN;
            frame->svlan = type == ETHERTYPE_SVLAN;
        }
        type = load16(buf + off + 2);
        off += CX6DX_FRAME_VLAN_BYTES;
    }
    frame->ethertype = type;
    return off;
}

static bool parse(const uint8_t *buf, size_t len, bool is_template,
                  Cx6dxFrame *frame)
{
    size_t off;

    memset(frame, 0, sizeof(*frame));
    if (len < CX6DX_FRAME_ETH_BYTES || len > UINT32_MAX) {
        return false;
    }
    off = parse_ethernet(buf, len, frame);
    frame->payload_off = off;
    frame->payload_bytes = len - off;
    if (frame->ethertype == ETHERTYPE_IPV4) {
        parse_ipv4(buf, len, off, is_template, frame);
    } else if (frame->ethertype == ETHERTYPE_IPV6) {
        parse_ipv6(buf, len, off, is_template, frame);
    }
    if (!frame->l3_off) {
        frame->l3_bytes = 0;
    }
    return true;
}

bool cx6dx_frame_parse(const uint8_t *buf, size_t len, Cx6dxFrame *frame)
{
    return parse(buf, len, false, frame);
}

bool cx6dx_frame_parse_template(const uint8_t *buf, size_t len,
                                Cx6dxFrame *frame)
{
    return parse(buf, len, true, frame);
}

/* ---- Verifying and filling checksums ---- */

uint64_t cx6dx_frame_pseudo_sum(const Cx6dxFrame *frame, uint32_t l4_bytes)
{
    uint64_t sum = (uint64_t)frame->ip_protocol + (l4_bytes >> 16) +
                   (l4_bytes & 0xffff);

    sum = cx6dx_frame_sum(frame->saddr, sizeof(frame->saddr), sum);
    return cx6dx_frame_sum(frame->daddr, sizeof(frame->daddr), sum);
}

/*
 * Bytes that the transport checksum covers.  UDP has a length of its own (RFC
 * 768): one that does not fit is replaced by what IP says.
 */
static uint32_t l4_bytes_of(const uint8_t *buf, const Cx6dxFrame *frame,
                            bool *fits)
{
    uint32_t bytes = frame->payload_off - frame->l4_off + frame->payload_bytes;
    uint16_t own;

    *fits = true;
    if (frame->udp) {
        own = load16(buf + frame->l4_off + 4);
        if (own >= UDP_BYTES && own <= bytes) {
            return own;
        }
        *fits = false;
    }
    return bytes;
}

void cx6dx_frame_verify(const uint8_t *buf, size_t len, const Cx6dxFrame *frame,
                        Cx6dxFrameCsum *csum)
{
    uint64_t hdr_sum, l4_sum;
    uint32_t hdr_end, l4_bytes, end, rest;
    bool fits;

    memset(csum, 0, sizeof(*csum));
    if (!frame->ip_version) {
        return;
    }
    end = frame->payload_off + frame->payload_bytes;
    hdr_end = frame->l4_off ? frame->l4_off : frame->payload_off;
    hdr_sum = cx6dx_frame_sum(buf + frame->l3_off, hdr_end - frame->l3_off, 0);
    csum->l3_ok = frame->ip_version == 6 || cx6dx_frame_fold(hdr_sum) == 0xffff;
    if (!frame->l4_off) {
        csum->ip_sum = cx6dx_frame_fold(cx6dx_frame_sum(buf + hdr_end,
                                                        end - hdr_end,
                                                        hdr_sum));
        return;
    }

    l4_bytes = l4_bytes_of(buf, frame, &fits);
    l4_sum = cx6dx_frame_sum(buf + frame->l4_off, l4_bytes, 0);
    if (fits && frame->l3_off + frame->l3_bytes <= len) {
        csum->l4_ok = frame->udp && frame->ip_version == 4 &&
                      load16(buf + frame->l4_off + 6) == 0;
        csum->l4_ok |= cx6dx_frame_fold(
            cx6dx_frame_pseudo_sum(frame, l4_bytes) + l4_sum) == 0xffff;
    }
    rest = end - frame->l4_off - l4_bytes;
    if (rest) {
        l4_sum = cx6dx_frame_sum(buf + frame->l4_off, l4_bytes + rest, 0);
    }
    csum->ip_sum = cx6dx_frame_fold(hdr_sum + l4_sum);
}

void cx6dx_frame_fill_csum(uint8_t *buf, size_t len, const Cx6dxFrame *frame,
                           bool l3, bool l4)
{
    uint8_t *field;
    uint16_t sum;
    uint32_t l4_bytes;
    bool fits;

    if (l3 && frame->ip_version == 4) {
        field = buf + frame->l3_off + 10;
        store16(field, 0);
        sum = cx6dx_frame_fold(cx6dx_frame_sum(buf + frame->l3_off,
                                               (buf[frame->l3_off] & 15) * 4,
                                               0));
        store16(field, ~sum);
    }
    if (l4 && frame->l4_off) {
        l4_bytes = l4_bytes_of(buf, frame, &fits);
        field = buf + frame->l4_off + (frame->tcp ? 16 : 6);
        store16(field, 0);
        sum = ~cx6dx_frame_fold(
            cx6dx_frame_sum(buf + frame->l4_off, l4_bytes,
                            cx6dx_frame_pseudo_sum(frame, l4_bytes)));
        /* a UDP checksum of 0 means that there is none */
        store16(field, sum == 0 && frame->udp ? 0xffff : sum);
    }
}

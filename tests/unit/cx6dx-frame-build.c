/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Frames for tests, written byte by byte from a short description
 */
#include "qemu/osdep.h"
#include "cx6dx-frame-build.h"

static uint8_t *put16(uint8_t *p, uint16_t v)
{
    p[0] = v >> 8;
    p[1] = v & 0xff;
    return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    return put16(put16(p, v >> 16), v & 0xffff);
}

static uint8_t *put_ethernet(const FrameSpec *spec, uint8_t *p)
{
    static const uint8_t macs[12] = {
        0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01
    };
    unsigned i;

    memcpy(p, macs, sizeof(macs));
    p += sizeof(macs);
    for (i = 0; i < 3 && spec->tag_type[i]; i++) {
        p = put16(put16(p, spec->tag_type[i]), spec->tci[i]);
    }
    return put16(p, spec->ip_version == 4 ? 0x0800 :
                    spec->ip_version == 6 ? 0x86dd : spec->ethertype);
}

static uint8_t *put_ipv4(const FrameSpec *spec, uint8_t *p, size_t l4_bytes)
{
    size_t hdr_bytes = 20 + spec->ip_option_bytes;

    *p++ = 0x40 | hdr_bytes / 4;
    *p++ = 0x2a << 2 | 1;
    p = put16(p, hdr_bytes + l4_bytes);
    p = put16(p, spec->ip_id);
    p = put16(p, spec->frag_word);
    *p++ = 64;
    *p++ = spec->protocol;
    p = put16(p, 0);
    memcpy(p, spec->saddr, 4);
    memcpy(p + 4, spec->daddr, 4);
    memset(p + 8, 1, spec->ip_option_bytes);    /* no-operation options */
    return p + 8 + spec->ip_option_bytes;
}

static size_t ext_bytes(uint8_t type, unsigned i)
{
    return type == 44 ? 8 : 8 + 8 * (i & 1);
}

static uint8_t *put_ipv6(const FrameSpec *spec, uint8_t *p, size_t l4_bytes)
{
    size_t all_ext = 0;
    uint8_t *ext = p + 40;
    unsigned i, n;

    for (n = 0; n < 4 && spec->ext[n] != 0xff; n++) {
        uint8_t next = n + 1 < 4 && spec->ext[n + 1] != 0xff ? spec->ext[n + 1]
                                                              : spec->protocol;
        size_t bytes = ext_bytes(spec->ext[n], n);

        memset(ext, 0, bytes);
        ext[0] = next;
        ext[1] = spec->ext[n] == 44 ? 0 : bytes / 8 - 1;
        ext += bytes;
        all_ext += bytes;
    }
    i = 0x2a << 2 | 1;
    p = put32(p, 6u << 28 | i << 20 | 0x12345);
    p = put16(p, all_ext + l4_bytes);
    *p++ = n ? spec->ext[0] : spec->protocol;
    *p++ = 64;
    memcpy(p, spec->saddr, 16);
    memcpy(p + 16, spec->daddr, 16);
    return ext;
}

static uint8_t *put_transport(const FrameSpec *spec, uint8_t *p)
{
    if (spec->protocol == 6) {
        p = put16(put16(p, spec->sport), spec->dport);
        p = put32(put32(p, spec->tcp_sn), 0x01020304);
        *p++ = (20 + spec->tcp_option_bytes) / 4 << 4;
        *p++ = spec->tcp_flags;
        p = put16(put16(put16(p, 0x7fff), 0), 0);
        memset(p, 1, spec->tcp_option_bytes);
        p += spec->tcp_option_bytes;
    } else if (spec->protocol == 17) {
        p = put16(put16(p, spec->sport), spec->dport);
        p = put16(put16(p, 8 + spec->payload_bytes), 0);
    }
    return p;
}

BuiltFrame frame_build(const FrameSpec *spec, uint8_t *buf)
{
    size_t l4_hdr = spec->protocol == 6 ? 20 + spec->tcp_option_bytes :
                    spec->protocol == 17 ? 8 : 0;
    BuiltFrame built = { 0 };
    uint32_t x = spec->seed;
    uint8_t *p = put_ethernet(spec, buf);
    uint32_t i;

    built.payload_off = p - buf;
    if (spec->ip_version) {
        built.l3_off = p - buf;
        l4_hdr += spec->payload_bytes;
        p = spec->ip_version == 4 ? put_ipv4(spec, p, l4_hdr)
                                  : put_ipv6(spec, p, l4_hdr);
        built.l4_off = p - buf;
        p = put_transport(spec, p);
        built.payload_off = p - buf;
    }
    for (i = 0; i < spec->payload_bytes; i++) {
        x = x * 1664525 + 1013904223;
        *p++ = x >> 24;
    }
    built.bytes = p - buf;
    return built;
}

static void random_tags(FrameSpec *spec, GRand *rand)
{
    unsigned n = g_rand_int_range(rand, 0, 3);
    unsigned i;

    for (i = 0; i < n; i++) {
        spec->tag_type[i] = g_rand_boolean(rand) ? 0x8100 : 0x88a8;
        spec->tci[i] = g_rand_int(rand);
    }
}

void frame_spec_random(FrameSpec *spec, GRand *rand, uint32_t max_payload)
{
    static const uint8_t kinds[] = { 0, 43, 60 };
    unsigned i, n;

    memset(spec, 0, sizeof(*spec));
    memset(spec->ext, 0xff, sizeof(spec->ext));
    random_tags(spec, rand);
    spec->ip_version = g_rand_boolean(rand) ? 4 : 6;
    spec->protocol = g_rand_boolean(rand) ? 6 : 17;
    if (spec->ip_version == 4) {
        spec->ip_option_bytes = 4 * g_rand_int_range(rand, 0, 11);
        spec->frag_word = g_rand_boolean(rand) ? 0x4000 : 0;
    } else {
        n = g_rand_int_range(rand, 0, 5);
        for (i = 0; i < n; i++) {
            spec->ext[i] = kinds[g_rand_int_range(rand, 0, 3)];
        }
    }
    spec->tcp_option_bytes = 4 * g_rand_int_range(rand, 0, 11);
    spec->tcp_flags = g_rand_int(rand);
    spec->ip_id = g_rand_int(rand);
    spec->sport = g_rand_int(rand);
    spec->dport = g_rand_int(rand);
    spec->tcp_sn = g_rand_int(rand);
    for (i = 0; i < 16; i++) {
        spec->saddr[i] = g_rand_int(rand);
        spec->daddr[i] = g_rand_int(rand);
    }
    spec->payload_bytes = g_rand_int_range(rand, 0, max_payload + 1);
    spec->seed = g_rand_int(rand);
}

uint16_t frame_naive_sum(const uint8_t *buf, size_t len, uint32_t start)
{
    uint32_t sum = start;
    size_t i;

    for (i = 0; i < len; i++) {
        sum += i & 1 ? buf[i] : (uint32_t)buf[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (sum & 0xffff) + (sum >> 16);
}

uint16_t frame_naive_l4_sum(const uint8_t *buf, const FrameSpec *spec,
                            const BuiltFrame *built)
{
    size_t addr_bytes = spec->ip_version == 4 ? 4 : 16;
    uint32_t l4_bytes = built->bytes - built->l4_off;
    uint32_t sum = spec->protocol + (l4_bytes >> 16) + (l4_bytes & 0xffff);

    sum = frame_naive_sum(spec->saddr, addr_bytes, sum);
    sum = frame_naive_sum(spec->daddr, addr_bytes, sum);
    return frame_naive_sum(buf + built->l4_off, l4_bytes, sum);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The oracle of LRO; see cx6dx-lro-check.h
 */
#include "qemu/osdep.h"
#include "cx6dx-lro-check.h"
#include "cx6dx-frame-build.h"

void lro_wire_init(LroWire *wire, uint32_t max_bytes, uint32_t max_ip_payload)
{
    *wire = (LroWire) {
        .max_bytes = max_bytes,
        .max_ip_payload = max_ip_payload,
        .packet = g_byte_array_new(),
        .came = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref),
    };
}

void lro_wire_free(LroWire *wire)
{
    g_byte_array_unref(wire->packet);
    g_ptr_array_unref(wire->came);
}

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = v >> 8;
    p[1] = v & 0xff;
}

/* What mlx5 writes into the headers, from the completion alone */
static void put_headers_right(const LroWire *wire, uint8_t *buf, size_t len)
{
    const Cx6dxLro *lro = &wire->lro;
    uint8_t *ip = buf + lro->l3_off, *tcp = buf + lro->l4_off;
    size_t addrs = lro->ip_version == 4 ? 8 : 32;
    uint32_t l4_bytes = len - lro->l4_off;
    uint16_t sum;

    if (lro->ip_version == 4) {
        put16(ip + 2, len - lro->l3_off);
        ip[8] = lro->ttl;
        put16(ip + 10, 0);
        put16(ip + 10, ~frame_naive_sum(ip, 20, 0));
    } else {
        put16(ip + 4, l4_bytes);
        ip[7] = lro->ttl;
    }
    tcp[13] = (tcp[13] & ~0x08) | (lro->psh ? 0x08 : 0);
    tcp[8] = lro->ack_sn >> 24;
    tcp[9] = lro->ack_sn >> 16;
    tcp[10] = lro->ack_sn >> 8;
    tcp[11] = lro->ack_sn;
    put16(tcp + 14, lro->window);
    put16(tcp + 16, 0);
    /* the payload is not read: its sum is in the completion */
    sum = frame_naive_sum(tcp, lro->hdr_bytes - lro->l4_off,
                          cx6dx_lro_payload_sum(lro));
    sum = frame_naive_sum(tcp - addrs, addrs, sum);
    put16(tcp + 16, ~frame_naive_sum((uint8_t[]) { 0, 6, l4_bytes >> 8,
                                                   l4_bytes & 0xff }, 4, sum));
}

/* Cut up again, the packet gives the frames that came */
static void check_cut(const LroWire *wire, const uint8_t *buf, size_t len)
{
    size_t hdr_bytes = wire->lro.hdr_bytes, bytes, size;
    g_autofree uint8_t *cut = g_malloc(hdr_bytes + wire->lro.mss);
    const uint8_t *part;
    Cx6dxSegmenter seg;
    guint n = 0;

    g_assert_true(cx6dx_segmenter_init(&seg, buf, hdr_bytes, buf + hdr_bytes,
                                       len - hdr_bytes, wire->lro.mss));
    while (cx6dx_segmenter_next(&seg, cut, &part, &bytes)) {
        const uint8_t *frame;

        g_assert_cmpuint(n, <, wire->came->len);
        frame = g_bytes_get_data(g_ptr_array_index(wire->came, n++), &size);
        memcpy(cut + hdr_bytes, part, bytes);
        g_assert_cmpmem(cut, hdr_bytes + bytes, frame, size);
    }
    g_assert_cmpuint(n, ==, wire->came->len);
}

void lro_wire_close(LroWire *wire)
{
    const Cx6dxLro *lro = &wire->lro;
    Cx6dxFrameCsum csum;
    Cx6dxFrame frame;

    if (!lro->segs) {
        return;
    }
    g_assert_cmpuint(lro->segs, ==, wire->came->len);
    g_assert_cmpuint(lro->segs, <=, CX6DX_LRO_MAX_SEGS);
    g_assert_cmpuint(lro->bytes, ==, wire->packet->len);
    g_assert_cmpuint(lro->bytes, <=, wire->max_bytes);
    g_assert_cmpuint(lro->bytes - lro->l4_off, <=, wire->max_ip_payload);
    put_headers_right(wire, wire->packet->data, wire->packet->len);
    g_assert_true(cx6dx_frame_parse(wire->packet->data, wire->packet->len,
                                    &frame));
    g_assert_cmpuint(frame.payload_off, ==, lro->hdr_bytes);
    g_assert_cmpuint(frame.payload_bytes, ==, lro->payload_bytes);
    cx6dx_frame_verify(wire->packet->data, wire->packet->len, &frame, &csum);
    g_assert_true(csum.l3_ok && csum.l4_ok);
    check_cut(wire, wire->packet->data, wire->packet->len);

    wire->alone += lro->segs == 1;
    wire->packets += lro->segs > 1;
    wire->frames += lro->segs > 1 ? lro->segs : 0;
    wire->lro.segs = 0;
    g_byte_array_set_size(wire->packet, 0);
    g_ptr_array_set_size(wire->came, 0);
}

static void place(LroWire *wire, const uint8_t *buf, size_t len, size_t from)
{
    g_byte_array_append(wire->packet, buf + from, len - from);
    g_ptr_array_add(wire->came, g_bytes_new(buf, len));
}

void lro_wire_frame(LroWire *wire, const uint8_t *buf, size_t len)
{
    Cx6dxFrameCsum csum;
    Cx6dxFrame frame;

    if (!cx6dx_frame_parse(buf, len, &frame)) {
        return;
    }
    cx6dx_frame_verify(buf, len, &frame, &csum);
    if (cx6dx_lro_follows(&wire->lro, buf, len, &frame, &csum)) {
        place(wire, buf, len, frame.payload_off);
        if (cx6dx_lro_add(&wire->lro, buf, &frame, &csum)) {
            lro_wire_close(wire);
        }
        return;
    }
    lro_wire_close(wire);
    if (cx6dx_lro_begin(&wire->lro, buf, len, &frame, &csum, wire->max_bytes,
                        wire->max_ip_payload)) {
        place(wire, buf, len, 0);
    } else {
        g_assert_cmpuint(wire->lro.segs, ==, 0);
        wire->alone++;
    }
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Damage to a packet
 */
#include "qemu/osdep.h"
#include "pure/frame.h"
#include "pure/impair_damage.h"

enum {
    /* virtio-net header: flags in byte 0, segmentation in byte 1 */
    VNET_NEEDS_CSUM = 1,
    VNET_DATA_VALID = 2,
    VNET_GSO_NONE = 0,
};

typedef struct Place {
    uint8_t *buf;           /* the frame */
    size_t len;
    Cx6dxFrame frame;
} Place;

static bool find_place(const Cx6dxImpairBytes *bytes, Place *place)
{
    if (bytes->len < bytes->vnet_bytes) {
        return false;
    }
    place->buf = bytes->buf + bytes->vnet_bytes;
    place->len = bytes->len - bytes->vnet_bytes;
    return cx6dx_frame_parse(place->buf, place->len, &place->frame);
}

static bool has_vnet(const Cx6dxImpairBytes *bytes)
{
    return bytes->vnet_bytes >= 2;
}

static bool to_be_segmented(const Cx6dxImpairBytes *bytes)
{
    return has_vnet(bytes) && bytes->buf[1] != VNET_GSO_NONE;
}

static bool to_be_summed(const Cx6dxImpairBytes *bytes)
{
    return has_vnet(bytes) && (bytes->buf[0] & VNET_NEEDS_CSUM);
}

/* Nobody is told any more that the checksum is right or will be made so */
static void sum_now(Cx6dxImpairBytes *bytes, Place *place)
{
    if (to_be_summed(bytes)) {
        cx6dx_frame_fill_csum(place->buf, place->len, &place->frame, false,
                              true);
    }
    if (has_vnet(bytes)) {
        bytes->buf[0] &= ~(VNET_NEEDS_CSUM | VNET_DATA_VALID);
    }
}

/* Checksums after a change; a field that was written on purpose stays */
static void repair(Cx6dxImpairBytes *bytes, bool l3, bool l4)
{
    Place place;

    if (find_place(bytes, &place)) {
        cx6dx_frame_fill_csum(place.buf, place.len, &place.frame, l3,
                              l4 && !to_be_summed(bytes));
    }
}

bool cx6dx_impair_damage_byte(Cx6dxImpairBytes *bytes, size_t at, uint8_t mask,
                              bool wrong_sum)
{
    Place place;

    if (!find_place(bytes, &place) || at >= place.len ||
        (wrong_sum && to_be_segmented(bytes))) {
        return false;
    }
    if (wrong_sum) {
        sum_now(bytes, &place);
    }
    place.buf[at] ^= mask;
    if (!wrong_sum) {
        repair(bytes, true, true);
    }
    return true;
}

bool cx6dx_impair_damage_payload(Cx6dxImpairBytes *bytes, Cx6dxImpairRng *rng,
                                 bool wrong_sum)
{
    Place place;
    size_t at;

    if (!find_place(bytes, &place) || !place.frame.payload_bytes) {
        return false;
    }
    at = place.frame.payload_off +
         cx6dx_impair_rng_below(rng, place.frame.payload_bytes);
    return cx6dx_impair_damage_byte(bytes, at,
                                    1 + cx6dx_impair_rng_below(rng, 255),
                                    wrong_sum);
}

/* ---- Fields ---- */

typedef struct FieldPlace {
    uint8_t v4, v6;         /* offset in the IP header; 0: not there */
    uint8_t tcp;            /* offset in the TCP header */
    uint8_t bytes;
    bool segmentable;       /* also of what will be cut into segments */
} FieldPlace;

static const FieldPlace fields[CX6DX_IMPAIR_NFIELDS] = {
    [CX6DX_IMPAIR_IP_TOS]       = { 1, 1, 0, 1, true },
    [CX6DX_IMPAIR_IP_TTL]       = { 8, 7, 0, 1, true },
    [CX6DX_IMPAIR_IP_ID]        = { 4, 0, 0, 2, true },
    [CX6DX_IMPAIR_IP_LENGTH]    = { 2, 4, 0, 2, false },
    [CX6DX_IMPAIR_IP_CHECKSUM]  = { 10, 0, 0, 2, false },
    [CX6DX_IMPAIR_TCP_SEQ]      = { 0, 0, 4, 4, true },
    [CX6DX_IMPAIR_TCP_ACK]      = { 0, 0, 8, 4, true },
    [CX6DX_IMPAIR_TCP_FLAGS]    = { 0, 0, 13, 1, true },
    [CX6DX_IMPAIR_TCP_WINDOW]   = { 0, 0, 14, 2, true },
    [CX6DX_IMPAIR_TCP_URGENT]   = { 0, 0, 18, 2, true },
    [CX6DX_IMPAIR_TCP_CHECKSUM] = { 0, 0, 16, 2, false },
};

static uint8_t *field_at(const Place *place, Cx6dxImpairField field)
{
    const FieldPlace *f = &fields[field];
    const Cx6dxFrame *frame = &place->frame;
    unsigned off = frame->ip_version == 4 ? f->v4 :
                   frame->ip_version == 6 ? f->v6 : 0;

    if (f->tcp) {
        return frame->tcp ? place->buf + frame->l4_off + f->tcp : NULL;
    }
    return off ? place->buf + frame->l3_off + off : NULL;
}

/* IPv6 keeps these eight bits across two bytes */
static bool is_traffic_class(const Place *place, Cx6dxImpairField field)
{
    return field == CX6DX_IMPAIR_IP_TOS && place->frame.ip_version == 6;
}

static uint32_t field_read(const Place *place, Cx6dxImpairField field)
{
    const uint8_t *p = field_at(place, field);
    uint32_t value = 0;
    unsigned i;

    if (is_traffic_class(place, field)) {
        return (p[-1] & 15) << 4 | p[0] >> 4;
    }
    for (i = 0; i < fields[field].bytes; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

static void field_write(const Place *place, Cx6dxImpairField field,
                        uint32_t value)
{
    uint8_t *p = field_at(place, field);
    unsigned i;

    if (is_traffic_class(place, field)) {
        p[-1] = (p[-1] & 0xf0) | (value >> 4 & 15);
        p[0] = (p[0] & 0x0f) | (value & 15) << 4;
        return;
    }
    for (i = fields[field].bytes; i; i--) {
        p[i - 1] = value;
        value >>= 8;
    }
}

bool cx6dx_impair_damage_field(Cx6dxImpairBytes *bytes, Cx6dxImpairField field,
                               uint32_t value, bool wrong_sum)
{
    Place place;

    if (!find_place(bytes, &place) || !field_at(&place, field)) {
        return false;
    }
    if (to_be_segmented(bytes) && (wrong_sum || !fields[field].segmentable)) {
        return false;
    }
    if (wrong_sum || field == CX6DX_IMPAIR_TCP_CHECKSUM ||
        field == CX6DX_IMPAIR_IP_LENGTH) {
        sum_now(bytes, &place);
    }
    field_write(&place, field, value);
    if (!wrong_sum) {
        repair(bytes, field != CX6DX_IMPAIR_IP_CHECKSUM,
               field != CX6DX_IMPAIR_TCP_CHECKSUM);
    }
    return true;
}

bool cx6dx_impair_damage_header(Cx6dxImpairBytes *bytes, Cx6dxImpairRng *rng)
{
    Cx6dxImpairField there[CX6DX_IMPAIR_NFIELDS];
    unsigned i, n = 0;
    uint32_t change;
    Place place;

    if (!find_place(bytes, &place)) {
        return false;
    }
    for (i = 0; i < CX6DX_IMPAIR_NFIELDS; i++) {
        /* the same choice for what will be segmented and what will not */
        if (fields[i].segmentable && field_at(&place, i)) {
            there[n++] = i;
        }
    }
    if (!n) {
        return false;
    }
    i = there[cx6dx_impair_rng_below(rng, n)];
    change = 1 + cx6dx_impair_rng_below(rng, fields[i].bytes == 1
                                             ? 0xff : 0xffff);
    return cx6dx_impair_damage_field(bytes, i, field_read(&place, i) ^ change,
                                     false);
}

/* ---- Cuts ---- */

bool cx6dx_impair_damage_cut(Cx6dxImpairBytes *bytes, size_t keep)
{
    Place place;

    if (!find_place(bytes, &place) || keep >= place.len ||
        keep < CX6DX_FRAME_ETH_BYTES || to_be_segmented(bytes)) {
        return false;
    }
    sum_now(bytes, &place);
    bytes->len = bytes->vnet_bytes + keep;
    return true;
}

bool cx6dx_impair_damage_truncate(Cx6dxImpairBytes *bytes,
                                  Cx6dxImpairRng *rng)
{
    Place place;

    if (!find_place(bytes, &place) || place.len <= CX6DX_FRAME_ETH_BYTES) {
        return false;
    }
    return cx6dx_impair_damage_cut(bytes, CX6DX_FRAME_ETH_BYTES +
                                   cx6dx_impair_rng_below(
                                       rng,
                                       place.len - CX6DX_FRAME_ETH_BYTES));
}

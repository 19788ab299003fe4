/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The wire: receive-side hash over addresses and ports
 *
 * Toeplitz as published with Microsoft's receive-side scaling.  The symmetric
 * form replaces a pair of source and destination by their OR and their XOR, so
 * that both directions of a connection give one hash.  "Inverted XOR8" is the
 * XOR of all bytes with its bits mirrored: drivers mirror the index when they
 * fill the indirection table for it.
 */
#include "qemu/osdep.h"
#include "pure/frame.h"
#include "hw/net/cx6dx_tls_prm.h"

enum { MAX_INPUT_BYTES = 36 };

static size_t put_pair(uint8_t *out, const uint8_t *src, const uint8_t *dst,
                       size_t bytes, bool use_src, bool use_dst, bool symmetric)
{
    size_t i, n = 0;

    if (symmetric && use_src && use_dst) {
        for (i = 0; i < bytes; i++) {
            out[i] = src[i] | dst[i];
            out[bytes + i] = src[i] ^ dst[i];
        }
        return 2 * bytes;
    }
    if (use_src) {
        memcpy(out, src, bytes);
        n = bytes;
    }
    if (use_dst) {
        memcpy(out + n, dst, bytes);
        n += bytes;
    }
    return n;
}

static size_t gather(const Cx6dxFrame *frame, const Cx6dxHashSpec *spec,
                     uint8_t input[MAX_INPUT_BYTES])
{
    size_t addr_bytes = frame->ip_version == 4 ? 4 : 16;
    uint8_t sport[2] = { frame->sport >> 8, frame->sport & 0xff };
    uint8_t dport[2] = { frame->dport >> 8, frame->dport & 0xff };
    size_t n;

    if (!frame->ip_version) {
        return 0;
    }
    n = put_pair(input, frame->saddr + 16 - addr_bytes,
                 frame->daddr + 16 - addr_bytes, addr_bytes,
                 spec->selected_fields & CX6DX_HASH_SRC_IP,
                 spec->selected_fields & CX6DX_HASH_DST_IP, spec->symmetric);
    if (frame->l4_off) {
        n += put_pair(input + n, sport, dport, 2,
                      spec->selected_fields & CX6DX_HASH_L4_SPORT,
                      spec->selected_fields & CX6DX_HASH_L4_DPORT,
                      spec->symmetric);
    }
    return n;
}

/* For each bit set in the input, the 32 bits of the key that begin there */
static uint32_t toeplitz(const uint8_t key[40], const uint8_t *input, size_t n)
{
    uint64_t window = 0;
    uint32_t hash = 0;
    unsigned bits;
    size_t i;
    int bit;

    for (i = 0; i < 4; i++) {
        window = window << 8 | key[i];
    }
    for (i = 0; i < n; i++) {
        /* 40 bits: those of this byte's eight positions */
        window = window << 8 | key[i + 4];
        for (bits = input[i]; bits; bits &= bits - 1) {
            bit = __builtin_ctz(bits);
            hash ^= (uint32_t)(window >> (bit + 1));
        }
    }
    return hash;
}

static uint32_t inverted_xor8(const uint8_t *input, size_t n)
{
    uint32_t mirrored = 0;
    uint8_t x = 0;
    size_t i;

    for (i = 0; i < n; i++) {
        x ^= input[i];
    }
    for (i = 0; i < 8; i++) {
        mirrored |= (x >> i & 1u) << (7 - i);
    }
    return mirrored;
}

uint32_t cx6dx_frame_hash(const Cx6dxFrame *frame, const Cx6dxHashSpec *spec)
{
    uint8_t input[MAX_INPUT_BYTES];
    size_t n;

    QEMU_BUILD_BUG_ON(sizeof(spec->key) < MAX_INPUT_BYTES + 4);

    n = gather(frame, spec, input);
    switch (spec->fn) {
    case CX6DX_HASH_TOEPLITZ:
        return toeplitz(spec->key, input, n);
    case CX6DX_HASH_INVERTED_XOR8:
        return inverted_xor8(input, n);
    default:
        return 0;
    }
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Frames for tests, written byte by byte from a short description
 *
 * Knows nothing of the frame room: a mistake there can not hide here.
 */
#ifndef TESTS_CX6DX_FRAME_BUILD_H
#define TESTS_CX6DX_FRAME_BUILD_H

#include "qemu/osdep.h"

typedef struct FrameSpec {
    uint16_t tag_type[3];       /* 0 ends the list */
    uint16_t tci[3];
    uint8_t ip_version;         /* 0: ethertype below and payload */
    uint16_t ethertype;
    uint8_t ip_option_bytes;    /* IPv4, multiple of 4 */
    uint8_t ext[4];             /* IPv6 extension headers in order, 0xff ends */
    uint8_t protocol;           /* 6, 17 or another */
    uint8_t tcp_option_bytes;   /* multiple of 4 */
    uint8_t tcp_flags;
    uint16_t ip_id;
    uint16_t frag_word;         /* IPv4 flags and fragment offset */
    uint16_t sport, dport;
    uint32_t tcp_sn;
    uint8_t saddr[16], daddr[16];   /* IPv4 uses the first four bytes */
    uint32_t payload_bytes;
    uint32_t seed;              /* of the payload's bytes */
} FrameSpec;

typedef struct BuiltFrame {
    size_t bytes;
    size_t l3_off, l4_off, payload_off;
} BuiltFrame;

enum { FRAME_SPEC_MAX_HDR_BYTES = 14 + 12 + 60 + 4 * 16 + 60 };

/* Checksums are left 0; `buf` has room for payload and largest header */
BuiltFrame frame_build(const FrameSpec *spec, uint8_t *buf);

/* A random description with TCP or UDP over IP and no fragment */
void frame_spec_random(FrameSpec *spec, GRand *rand, uint32_t max_payload);

/* RFC 1071 the slow way: big-endian words, an odd byte padded with 0 */
uint16_t frame_naive_sum(const uint8_t *buf, size_t len, uint32_t start);

/* Transport checksum as it must be, computed from the bytes alone */
uint16_t frame_naive_l4_sum(const uint8_t *buf, const FrameSpec *spec,
                            const BuiltFrame *built);

#endif

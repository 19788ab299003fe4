/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Damage to a packet: flipped payload bits, changed header fields, cut ends; with
 * the checksums made right again or left as they were
 *
 * A packet may carry a virtio-net header in front, as backends with vnet_hdr=on
 * have it: then its checksum may not be filled in yet, or it is to be cut into
 * segments later (virtio 1.2, 5.1.6).  A checksum that is still to be made is made
 * here before it is made wrong.  What can not be done to a packet that will be
 * segmented is refused.
 */
#ifndef CX6DX_PURE_IMPAIR_DAMAGE_H
#define CX6DX_PURE_IMPAIR_DAMAGE_H

#include "qemu/osdep.h"
#include "pure/impair_rng.h"
#include "pure/impair_rules.h"

typedef struct Cx6dxImpairBytes {
    uint8_t *buf;           /* virtio-net header, then the frame */
    size_t len;             /* of both; a cut makes it smaller */
    size_t vnet_bytes;      /* of the header; 0: there is none */
} Cx6dxImpairBytes;

/*
 * All return false, and change nothing, where the packet has no such place.
 *
 * Flips the bits of `mask`, not 0, in byte `at` of the frame; the caller took it
 * from a sight of this packet.
 */
bool cx6dx_impair_damage_byte(Cx6dxImpairBytes *bytes, size_t at, uint8_t mask,
                              bool wrong_sum);

/* The same for a byte of the payload of TCP, UDP or, without those, IP */
bool cx6dx_impair_damage_payload(Cx6dxImpairBytes *bytes, Cx6dxImpairRng *rng,
                                 bool wrong_sum);

/* Writes a field.  A checksum that was written stays so. */
bool cx6dx_impair_damage_field(Cx6dxImpairBytes *bytes, Cx6dxImpairField field,
                               uint32_t value, bool wrong_sum);

/* Changes a field that the packet has to something else, checksums right */
bool cx6dx_impair_damage_header(Cx6dxImpairBytes *bytes, Cx6dxImpairRng *rng);

/* Cuts the frame after `keep` bytes */
bool cx6dx_impair_damage_cut(Cx6dxImpairBytes *bytes, size_t keep);

/* Cuts it somewhere behind its Ethernet header */
bool cx6dx_impair_damage_truncate(Cx6dxImpairBytes *bytes,
                                  Cx6dxImpairRng *rng);

#endif

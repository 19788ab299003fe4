/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The oracle of LRO: a wire that delivers frames through sessions, and a guest
 * that puts headers right as mlx5 does, cuts the packet up again and compares
 * with the frames that came
 */
#ifndef TESTS_CX6DX_LRO_CHECK_H
#define TESTS_CX6DX_LRO_CHECK_H

#include "qemu/osdep.h"
#include "pure/lro.h"

typedef struct LroWire {
    Cx6dxLro lro;
    uint32_t max_bytes, max_ip_payload;
    GByteArray *packet;         /* as placed: first frame, then payloads */
    GPtrArray *came;            /* GBytes of the frames in the session */
    uint64_t alone, packets, frames;    /* delivered: single, merged, in them */
} LroWire;

void lro_wire_init(LroWire *wire, uint32_t max_bytes, uint32_t max_ip_payload);
void lro_wire_free(LroWire *wire);

/* A frame off the wire, delivered alone or into a session */
void lro_wire_frame(LroWire *wire, const uint8_t *buf, size_t len);
/* Ends the session, if there is one, and checks what the guest gets */
void lro_wire_close(LroWire *wire);

#endif

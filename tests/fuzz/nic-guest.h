/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A guest that does anything, for fuzzers of ring 1
 *
 * The input is a tape.  Its first byte chooses how the device is made; then come
 * steps: commands, work requests, doorbells, registers, frames, writes to guest
 * memory, time.  A device that a driver has started, with one of everything, is
 * the beginning, so that a few bytes lead deep.  Bodies are those that a driver
 * would send, with some words overwritten.
 */
#ifndef TESTS_FUZZ_NIC_GUEST_H
#define TESTS_FUZZ_NIC_GUEST_H

#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"

typedef struct Guest {
    Cx6dxFake *fake;
    const uint8_t *tape, *end;
    Cx6dxFakeQueue eq, cq, sq, icosq, rq;
    uint32_t tisn, tls_tisn, tirn, dek;
    uint16_t sq_pc, icosq_pc, rq_pc;
    uint64_t data;
    void (*at_rest)(struct Guest *g);   /* called twice a step, if not NULL */
    unsigned rests, every;
} Guest;

/* The next byte of the tape; 0 behind its end */
static inline uint8_t nic_guest_take8(Guest *g)
{
    return g->tape < g->end ? *g->tape++ : 0;
}

/* A new device; `how` has a bit for each manner in which it can be made */
void nic_guest_begin(Guest *g, uint8_t how);
void nic_guest_step(Guest *g);

#endif

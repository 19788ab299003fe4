/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzer of ring 1: a guest that does anything (nic-guest.h), on the fake host
 *
 * Nothing may crash, trap on an unchecked value, leak, work without end, or
 * leave an object behind after reset.
 */
#include "qemu/osdep.h"
#include "nic-guest.h"
#include "tape.h"

enum { MAX_STEPS = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Guest g = { .tape = data, .end = data + size };
    unsigned steps;

    nic_guest_begin(&g, nic_guest_take8(&g));
    for (steps = 0; steps < MAX_STEPS && g.tape < g.end; steps++) {
        nic_guest_step(&g);
    }
    cx6dx_fake_advance(g.fake, 1000000);
    cx6dx_fake_free(g.fake);
    return 0;
}

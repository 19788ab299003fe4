/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The vendor specific capability: a gateway in configuration space
 *
 * Software takes the semaphore, names an address space, then reads and writes
 * words of it.  The protocol is complete; the model has no address space behind
 * it, and says so for each that is asked for.
 */
#ifndef CX6DX_NIC_VSC_H
#define CX6DX_NIC_VSC_H

#include "qemu/osdep.h"

typedef struct Cx6dxNic Cx6dxNic;

typedef struct Cx6dxVsc {
    uint32_t ticket;        /* last number given out by the counter */
    uint32_t semaphore;     /* ticket of the holder, 0: free */
    uint32_t space;
    uint32_t addr;          /* with flag and syndrome */
} Cx6dxVsc;

void cx6dx_vsc_reset(Cx6dxNic *nic);

/* Words of the capability; `offset` < CX6DX_vsc_BYTES and a multiple of 4 */
uint32_t cx6dx_vsc_read(Cx6dxNic *nic, uint32_t offset);
void cx6dx_vsc_write(Cx6dxNic *nic, uint32_t offset, uint32_t value);

#endif

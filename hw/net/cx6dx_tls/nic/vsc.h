/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The vendor specific capability: a gateway in configuration space
 *
 * Software takes the semaphore, names an address space, then reads and writes
 * words of it.  There are these, as far as tools ask who is there:
 *
 *     CR           two words of the chip: its number, and that it is configured
 *     ICMD         the tools' command interface (room icmd), in two spaces
 *     semaphore    of the command interface, and of software reset
 *
 * Any other space is answered with status 0, any other address with the syndrome.
 */
#ifndef CX6DX_NIC_VSC_H
#define CX6DX_NIC_VSC_H

#include "qemu/osdep.h"
#include "nic/icmd.h"
#include "pure/archive.h"

typedef struct Cx6dxVsc {
    uint32_t ticket;        /* last number given out by the counter */
    uint32_t semaphore;     /* ticket of the holder, 0: free */
    uint32_t space;
    uint32_t addr;          /* with flag and syndrome */
    uint32_t data;
    uint32_t icmd_holder;   /* of the semaphores in their space; 0: free */
    uint32_t reset_holder;
    Cx6dxIcmd icmd;
} Cx6dxVsc;

void cx6dx_vsc_reset(Cx6dxNic *nic);
/* With the mailbox of room icmd */
void cx6dx_vsc_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

/* Words of the capability; `offset` < CX6DX_vsc_BYTES and a multiple of 4 */
uint32_t cx6dx_vsc_read(Cx6dxNic *nic, uint32_t offset);
void cx6dx_vsc_write(Cx6dxNic *nic, uint32_t offset, uint32_t value);

#endif

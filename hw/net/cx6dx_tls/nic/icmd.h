/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tools' command interface behind the vendor specific capability
 *
 * A mailbox and a control word.  Setting the busy bit executes what stands in
 * the mailbox; the bit is clear again when the write returns.  The one command
 * is the access to a register, and registers can only be read: what the driver
 * may change is not changed behind its back.
 *
 * Words are values here: the mailbox holds the bytes of the PRM's layouts, most
 * significant byte first.
 */
#ifndef CX6DX_NIC_ICMD_H
#define CX6DX_NIC_ICMD_H

#include "qemu/osdep.h"

typedef struct Cx6dxNic Cx6dxNic;

#define CX6DX_ICMD_BOX_BYTES 0x400

typedef struct Cx6dxIcmd {
    uint32_t ctrl;
    uint32_t syndrome;
    uint8_t box[CX6DX_ICMD_BOX_BYTES];
} Cx6dxIcmd;

/* Words of the space; false when there is none at `addr` */
bool cx6dx_icmd_read(Cx6dxNic *nic, uint32_t addr, uint32_t *value);
bool cx6dx_icmd_write(Cx6dxNic *nic, uint32_t addr, uint32_t value);

#endif

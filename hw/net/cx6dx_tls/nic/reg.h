/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Access registers: the command that reads and writes them, and their table
 *
 * A register's body lives with what it is about.  Those that say which registers
 * there are, PCAM and MCAM, are filled from the table.
 */
#ifndef CX6DX_NIC_REG_H
#define CX6DX_NIC_REG_H

#include "qemu/osdep.h"
#include "nic/cmd.h"

/* Register data follow the header of ACCESS_REG */
#define CX6DX_REG_OFF 0x10u

#define CX6DX_REG_MASK_BYTES 16

/*
 * `in` and `out` have as many bytes as the table of registers says.  The first
 * four of `out` are those of `in`.
 */
typedef uint8_t (*Cx6dxRegHandler)(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                                   const uint8_t *in, uint8_t *out);

/* As in the manual; "UNKNOWN" for a number that is no register's */
const char *cx6dx_reg_name(uint16_t id);

/* A bit for each of the 128 registers from `first` on, `first` in the last byte */
void cx6dx_reg_mask(uint16_t first, uint8_t mask[CX6DX_REG_MASK_BYTES]);

uint8_t cx6dx_cmd_access_reg(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

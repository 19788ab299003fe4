/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names of commands, for traces and the log: those that there are, and those of
 * a card that the model does not have
 */
#ifndef CX6DX_NIC_CMD_NAMES_H
#define CX6DX_NIC_CMD_NAMES_H

#include "qemu/osdep.h"

#define CX6DX_CMD_NAMES_ABSENT 130

/* As in the manual; "UNKNOWN" for a number that is no command's */
const char *cx6dx_cmd_name(uint16_t opcode);

#endif

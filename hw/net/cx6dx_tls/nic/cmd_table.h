/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of commands: opcode, handler, shortest input and output
 */
#ifndef CX6DX_NIC_CMD_TABLE_H
#define CX6DX_NIC_CMD_TABLE_H

#include "qemu/osdep.h"
#include "nic/cmd.h"

/* NULL: not implemented */
const Cx6dxCmdDesc *cx6dx_cmd_table_find(uint16_t opcode);

/* The table itself, for tests; `*n` entries in the order of their opcodes */
const Cx6dxCmdDesc *cx6dx_cmd_table_all(size_t *n);

/* Objects exist only between INIT_HCA and TEARDOWN_HCA */
bool cx6dx_cmd_table_allowed(const Cx6dxNic *nic, uint16_t opcode);

#endif

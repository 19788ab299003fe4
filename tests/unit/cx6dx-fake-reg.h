/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An access register, read or written through the command queue
 */
#ifndef CX6DX_FAKE_REG_H
#define CX6DX_FAKE_REG_H

#include "cx6dx-fake-host.h"

/* `data` goes in and out; the command's status */
static inline uint8_t cx6dx_fake_reg(Cx6dxFake *fake, uint16_t id, bool write,
                                     uint8_t *data, uint32_t bytes)
{
    uint8_t in[0x10 + 0x100] = { 0 }, out[0x10 + 0x100];
    uint8_t status;

    g_assert_cmpuint(bytes, <=, 0x100);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ACCESS_REG);
    CX6DX_SET(access_register_in, in, op_mod,
              write ? CX6DX_REG_WRITE : CX6DX_REG_READ);
    CX6DX_SET(access_register_in, in, register_id, id);
    memcpy(in + 0x10, data, bytes);
    status = cx6dx_fake_cmd(fake, in, 0x10 + bytes, out, 0x10 + bytes);
    memcpy(data, out + 0x10, bytes);
    return status;
}

#endif

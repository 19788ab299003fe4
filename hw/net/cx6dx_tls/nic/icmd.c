/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tools' command interface; see icmd.h
 */
#include "qemu/osdep.h"
#include "nic/icmd.h"
#include "nic/nic.h"
#include "nic/reg.h"
#include "trace.h"

enum {
    REG_HEAD_BYTES = 4,
    REG_MAX_BYTES = CX6DX_ICMD_BOX_BYTES - CX6DX_icmd_reg_BYTES,
};

/* The part of the mailbox that belongs to a register, or 0: malformed */
static uint32_t reg_bytes(const uint8_t *box)
{
    uint32_t bytes = CX6DX_GET(icmd_reg, box, reg_len) * 4;

    if (CX6DX_GET(icmd_reg, box, type) != CX6DX_ICMD_TLV_OPERATION ||
        CX6DX_GET(icmd_reg, box, reg_type) != CX6DX_ICMD_TLV_REG ||
        bytes <= REG_HEAD_BYTES || bytes - REG_HEAD_BYTES > REG_MAX_BYTES) {
        return 0;
    }
    return bytes - REG_HEAD_BYTES;
}

/* Runs the driver's command for registers on what is in the mailbox */
static uint8_t read_register(Cx6dxNic *nic, uint8_t *box, uint32_t bytes)
{
    uint8_t in[CX6DX_REG_OFF + REG_MAX_BYTES] = { 0 };
    uint8_t out[CX6DX_REG_OFF + REG_MAX_BYTES] = { 0 };
    uint8_t *data = box + CX6DX_icmd_reg_BYTES;
    Cx6dxCmd cmd = {
        .opcode = CX6DX_CMD_ACCESS_REG,
        .op_mod = CX6DX_REG_READ,
        .in = in,
        .in_bytes = CX6DX_REG_OFF + bytes,
        .out = out,
        .out_bytes = CX6DX_REG_OFF + bytes,
    };

    CX6DX_SET(access_register_in, in, register_id,
              CX6DX_GET(icmd_reg, box, register_id));
    memcpy(in + CX6DX_REG_OFF, data, bytes);
    if (cx6dx_cmd_access_reg(nic, &cmd) != CX6DX_STATUS_OK) {
        nic->vsc.icmd.syndrome = cmd.syndrome;
        return cmd.syndrome == CX6DX_SYND_UNKNOWN_REGISTER
            ? CX6DX_ICMD_REG_UNKNOWN : CX6DX_ICMD_REG_PARAM;
    }
    memcpy(data, out + CX6DX_REG_OFF, bytes);
    return 0;
}

static uint8_t execute(Cx6dxNic *nic, uint32_t opcode)
{
    uint8_t *box = nic->vsc.icmd.box;
    uint32_t bytes = reg_bytes(box);
    uint8_t status;

    if (opcode != CX6DX_ICMD_ACCESS_REG) {
        return CX6DX_ICMD_BAD_OPCODE;
    }
    if (!bytes) {
        return CX6DX_ICMD_BAD_PARAM;
    }
    status = CX6DX_GET(icmd_reg, box, method) == CX6DX_ICMD_QUERY
        ? read_register(nic, box, bytes) : CX6DX_ICMD_REG_METHOD;
    trace_cx6dx_icmd_reg(nic->params.id, CX6DX_GET(icmd_reg, box, register_id),
                         CX6DX_GET(icmd_reg, box, method), status);
    CX6DX_SET(icmd_reg, box, response, 1);
    CX6DX_SET(icmd_reg, box, status, status);
    return CX6DX_ICMD_OK;
}

static void write_ctrl(Cx6dxNic *nic, uint32_t value)
{
    uint8_t ctrl[CX6DX_icmd_ctrl_BYTES];

    cx6dx_prm_store(ctrl, value);
    if (CX6DX_GET(icmd_ctrl, ctrl, busy)) {
        nic->vsc.icmd.syndrome = 0;
        CX6DX_SET(icmd_ctrl, ctrl, status,
                  /* a mailbox in the guest's memory is not offered */
                  CX6DX_GET(icmd_ctrl, ctrl, exmb)
                  ? CX6DX_ICMD_BAD_PARAM
                  : execute(nic, CX6DX_GET(icmd_ctrl, ctrl, opcode)));
        CX6DX_SET(icmd_ctrl, ctrl, busy, 0);
    }
    nic->vsc.icmd.ctrl = cx6dx_prm_load(ctrl);
}

static uint8_t *box_word(Cx6dxNic *nic, uint32_t addr)
{
    if (addr < CX6DX_ICMD_BOX || addr - CX6DX_ICMD_BOX >= CX6DX_ICMD_BOX_BYTES) {
        return NULL;
    }
    return nic->vsc.icmd.box + (addr - CX6DX_ICMD_BOX);
}

bool cx6dx_icmd_read(Cx6dxNic *nic, uint32_t addr, uint32_t *value)
{
    const uint8_t *word = box_word(nic, addr);

    switch (addr) {
    case CX6DX_ICMD_CTRL:
        *value = nic->vsc.icmd.ctrl;
        return true;
    case CX6DX_ICMD_BOX_SIZE:
        *value = CX6DX_ICMD_BOX_BYTES;
        return true;
    case CX6DX_ICMD_SYNDROME:
        *value = nic->vsc.icmd.syndrome;
        return true;
    default:
        if (word) {
            *value = cx6dx_prm_load(word);
        }
        return word;
    }
}

bool cx6dx_icmd_write(Cx6dxNic *nic, uint32_t addr, uint32_t value)
{
    uint8_t *word = box_word(nic, addr);

    if (addr == CX6DX_ICMD_CTRL) {
        write_ctrl(nic, value);
        return true;
    }
    if (word) {
        cx6dx_prm_store(word, value);
    }
    return word;
}

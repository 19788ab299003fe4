/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Access registers; see reg.h (PRM "Registers")
 */
#include "qemu/osdep.h"
#include "nic/cable.h"
#include "nic/diag.h"
#include "nic/mgmt.h"
#include "nic/nic.h"
#include "nic/port.h"
#include "nic/ppcnt.h"
#include "nic/reg.h"
#include "trace.h"

static uint8_t reg_host_endianness(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                                   const uint8_t *in, uint8_t *out)
{
    return CX6DX_STATUS_OK;     /* the layouts are big endian for any host */
}

static uint8_t reg_pcam(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    if (write) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (CX6DX_GET(pcam_reg, in, access_reg_group) == 0) {
        cx6dx_reg_mask(CX6DX_REG_PORT_FIRST,
                       CX6DX_AREA(pcam_reg, out, port_access_reg_cap_mask));
    }
    if (CX6DX_GET(pcam_reg, in, feature_group) == 0) {
        CX6DX_SET(pcam_reg, out, ppcnt_statistical_group, 1);
        CX6DX_SET(pcam_reg, out, per_lane_error_counters, 1);
        CX6DX_SET(pcam_reg, out, ptys_connector_type, 1);
    }
    return CX6DX_STATUS_OK;
}

/* Tools look at a device without it in its flash memory; there is none to write */
static uint8_t reg_mcda(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
}

static const struct Reg {
    uint16_t id;
    const char *name;
    uint16_t bytes;
    Cx6dxRegHandler handler;
} regs[] = {
#define R(NAME, layout, handler) \
    { CX6DX_REG_##NAME, #NAME, CX6DX_##layout##_reg_BYTES, handler }
    R(PMLP, pmlp, cx6dx_cable_pmlp),
    R(PMTU, pmtu, cx6dx_port_pmtu),
    R(PTYS, ptys, cx6dx_port_ptys),
    R(PAOS, paos, cx6dx_port_paos),
    R(PFCC, pfcc, cx6dx_port_pfcc),
    R(PPCNT, ppcnt, cx6dx_ppcnt_reg),
    R(PPLM, pplm, cx6dx_cable_pplm),
    R(PCAM, pcam, reg_pcam),
    { CX6DX_REG_HOST_ENDIANNESS, "HOST_ENDIANNESS", 1, reg_host_endianness },
    R(MTCAP, mtcap, cx6dx_diag_mtcap),
    R(MTMP, mtmp, cx6dx_diag_mtmp),
    R(MCIA, mcia, cx6dx_cable_mcia),
    R(MGIR, mgir, cx6dx_mgmt_mgir),
    R(MLCR, mlcr, cx6dx_diag_mlcr),
    R(MPCNT, mpcnt, cx6dx_diag_mpcnt),
    R(MCQS, mcqs, cx6dx_mgmt_mcqs),
    R(MCQI, mcqi, cx6dx_mgmt_mcqi),
    R(MCC, mcc, cx6dx_mgmt_mcc),
    { CX6DX_REG_MCDA, "MCDA", 16, reg_mcda },
    R(MQIS, mqis, cx6dx_mgmt_mqis),
    R(MCAM, mcam, cx6dx_mgmt_mcam),
    R(MODEL, model, cx6dx_mgmt_model),
#undef R
};

/* Those of a card that drivers and tools ask for, and the model has not */
static const struct {
    uint16_t id;
    const char *name;
} absent[] = {
    { 0x4002, "QPTS" }, { 0x4005, "QETCR" }, { 0x400a, "QTCT" },
    { 0x4013, "QPDPM" }, { 0x4019, "QCAM" }, { 0x4020, "DCBX_PARAM" },
    { 0x5001, "PCAP" }, { 0x5009, "PUDE" }, { 0x500b, "PPTB" },
    { 0x500c, "PBMC" }, { 0x500e, "PELC" }, { 0x500f, "PVLC" },
    { 0x5010, "PMPE" }, { 0x5012, "PMAOS" }, { 0x5031, "PDDR" },
    { 0x5041, "PCMR" }, { 0x6001, "NODE_DESC" }, { 0x9028, "MFRL" },
    { 0x902d, "MRTC" }, { 0x9040, "MTRC_CAP" }, { 0x9041, "MTRC_CONF" },
    { 0x9042, "MTRC_STDB" }, { 0x9043, "MTRC_CTRL" }, { 0x9050, "MPEIN" },
    { 0x9053, "MTPPS" }, { 0x9054, "MTPPSE" }, { 0x9055, "MTUTC" },
    { 0x9056, "MPEGC" }, { 0x9059, "MPIR" }, { 0x9155, "MSECQ" },
    { 0x9156, "MSEES" }, { 0x9162, "MIRC" }, { 0x9180, "MTPTM" },
    { 0x9181, "MTCTR" }, { 0xb01f, "SBCAM" }, { 0xc000, "RESOURCE_DUMP" },
    { 0xc00e, "DTOR" },
};

static const struct Reg *find(uint16_t id)
{
    for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
        if (regs[i].id == id) {
            return &regs[i];
        }
    }
    return NULL;
}

const char *cx6dx_reg_name(uint16_t id)
{
    const struct Reg *reg = find(id);

    for (size_t i = 0; !reg && i < ARRAY_SIZE(absent); i++) {
        if (absent[i].id == id) {
            return absent[i].name;
        }
    }
    return reg ? reg->name : "UNKNOWN";
}

void cx6dx_reg_mask(uint16_t first, uint8_t mask[CX6DX_REG_MASK_BYTES])
{
    memset(mask, 0, CX6DX_REG_MASK_BYTES);
    for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
        unsigned bit = regs[i].id - first;

        if (regs[i].id >= first && bit < CX6DX_REG_MASK_BYTES * 8) {
            mask[CX6DX_REG_MASK_BYTES - 1 - bit / 8] |= 1u << bit % 8;
        }
    }
}

static uint8_t access_reg(Cx6dxNic *nic, Cx6dxCmd *cmd, uint16_t id, bool write)
{
    const uint8_t *in = cmd->in + CX6DX_REG_OFF;
    uint8_t *out = cmd->out + CX6DX_REG_OFF;
    const struct Reg *reg = find(id);

    if (!reg) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_UNKNOWN_REGISTER);
    }
    if (cmd->in_bytes < CX6DX_REG_OFF + reg->bytes) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_INP_LEN,
                              CX6DX_SYND_INPUT_LENGTH);
    }
    if (cmd->out_bytes < CX6DX_REG_OFF + reg->bytes) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_OUTP_LEN,
                              CX6DX_SYND_OUTPUT_LENGTH);
    }
    if (reg->bytes >= 4) {
        /* port, group and the like are echoed */
        memcpy(out, in, 4);
    }
    return reg->handler(nic, cmd, write, in, out);
}

uint8_t cx6dx_cmd_access_reg(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t id = CX6DX_GET(access_register_in, cmd->in, register_id);
    bool write = cmd->op_mod == CX6DX_REG_WRITE;
    uint8_t status = access_reg(nic, cmd, id, write);

    trace_cx6dx_cmd_reg(nic->params.id, write ? "write" : "read",
                        cx6dx_reg_name(id), id, status);
    return status;
}

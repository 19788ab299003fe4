/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Management registers; see mgmt.h (PRM "Management Registers")
 */
#include "qemu/osdep.h"
#include "nic/mgmt.h"
#include "nic/nic.h"

uint8_t cx6dx_mgmt_mcam(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    CX6DX_SET(mcam_reg, out, feature_group,
              CX6DX_GET(mcam_reg, in, feature_group));
    /* of the first group these; none of the others, and no feature */
    if (CX6DX_GET(mcam_reg, in, access_reg_group) == 0) {
        CX6DX_SET(mcam_reg, out, mcqi, 1);
        CX6DX_SET(mcam_reg, out, mcqs, 1);
    }
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_mgmt_mcqs(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    if (write || CX6DX_GET(mcqs_reg, in, component_index)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    CX6DX_SET(mcqs_reg, out, last_index_flag, 1);
    CX6DX_SET(mcqs_reg, out, identifier, CX6DX_MCQS_BOOT_IMG);
    /* component_update_state is 0: idle, nothing waits for a reset */
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_mgmt_mcqi(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    uint8_t info[CX6DX_mcqi_version_BYTES] = { 0 };
    uint32_t room = cmd->out_bytes - CX6DX_REG_OFF - CX6DX_BYTES(mcqi_reg);
    uint32_t bytes = MIN(CX6DX_GET(mcqi_reg, in, data_size), sizeof(info));

    if (write || CX6DX_GET(mcqi_reg, in, component_index) ||
        CX6DX_GET(mcqi_reg, in, offset) ||
        CX6DX_GET(mcqi_reg, in, info_type) != CX6DX_MCQI_VERSION ||
        bytes > room) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    CX6DX_SET(mcqi_version, info, version, CX6DX_FW_VERSION);
    CX6DX_SET(mcqi_reg, out, info_type, CX6DX_MCQI_VERSION);
    CX6DX_SET(mcqi_reg, out, info_size, sizeof(info));
    CX6DX_SET(mcqi_reg, out, data_size, bytes);
    memcpy(out + CX6DX_BYTES(mcqi_reg), info, bytes);
    return CX6DX_STATUS_OK;
}

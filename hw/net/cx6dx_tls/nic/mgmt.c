/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Management registers; see mgmt.h (PRM "Management Registers")
 */
#include "qemu/osdep.h"
#include "nic/mgmt.h"
#include "nic/nic.h"
#include "nic/reg.h"

uint8_t cx6dx_mgmt_mcam(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    if (CX6DX_GET(mcam_reg, in, access_reg_group) == 0) {
        cx6dx_reg_mask(CX6DX_REG_MGMT_FIRST,
                       CX6DX_AREA(mcam_reg, out, mng_access_reg_cap_mask));
    }
    if (CX6DX_GET(mcam_reg, in, feature_group) == 0) {
        CX6DX_SET(mcam_reg, out, mcia_32dwords, 1);
        CX6DX_SET(mcam_reg, out, pcie_performance_group, 1);
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
    uint32_t type = CX6DX_GET(mcqi_reg, in, info_type);
    uint32_t size = type == CX6DX_MCQI_CAP ? CX6DX_mcqi_cap_BYTES
                                           : CX6DX_mcqi_version_BYTES;
    uint32_t bytes = MIN(CX6DX_GET(mcqi_reg, in, data_size), size);

    if (write || CX6DX_GET(mcqi_reg, in, component_index) ||
        CX6DX_GET(mcqi_reg, in, offset) || type > CX6DX_MCQI_VERSION ||
        bytes > room) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (type == CX6DX_MCQI_CAP) {
        /* and nothing of it can be read or written: the sizes are 0 */
        CX6DX_SET(mcqi_cap, info, supported_info_bitmask,
                  1 << CX6DX_MCQI_CAP | 1 << CX6DX_MCQI_VERSION);
    } else {
        CX6DX_SET(mcqi_version, info, version, CX6DX_FW_VERSION);
    }
    CX6DX_SET(mcqi_reg, out, info_type, type);
    CX6DX_SET(mcqi_reg, out, info_size, size);
    CX6DX_SET(mcqi_reg, out, data_size, bytes);
    memcpy(out + CX6DX_BYTES(mcqi_reg), info, bytes);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_mgmt_mgir(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    const uint8_t *mac = nic->params.mac;

    if (write) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    memset(out, 0, CX6DX_BYTES(mgir_reg));
    CX6DX_SET(mgir_reg, out, device_id, CX6DX_PCI_DEVICE_ID);
    CX6DX_SET(mgir_reg, out, num_ports, 1);
    CX6DX_SET(mgir_reg, out, hw_dev_id, CX6DX_HW_ID);
    CX6DX_SET(mgir_reg, out, base_mac_47_32, mac[0] << 8 | mac[1]);
    CX6DX_SET(mgir_reg, out, base_mac_31_0, cx6dx_prm_load(mac + 2));
    CX6DX_SET(mgir_reg, out, uptime, cx6dx_nic_now(nic) / 1000000000);
    CX6DX_SET(mgir_reg, out, major, CX6DX_FW_MAJOR);
    CX6DX_SET(mgir_reg, out, minor, CX6DX_FW_MINOR);
    CX6DX_SET(mgir_reg, out, sub_minor, CX6DX_FW_SUBMINOR);
    CX6DX_SET(mgir_reg, out, extended_major, CX6DX_FW_MAJOR);
    CX6DX_SET(mgir_reg, out, extended_minor, CX6DX_FW_MINOR);
    CX6DX_SET(mgir_reg, out, extended_sub_minor, CX6DX_FW_SUBMINOR);
    memcpy(CX6DX_AREA(mgir_reg, out, psid), CX6DX_PSID, sizeof(CX6DX_PSID));
    return CX6DX_STATUS_OK;
}

/* Crypto is what the properties left of it */
static const char *describe(const Cx6dxNic *nic, uint32_t type)
{
    switch (type) {
    case CX6DX_MQIS_NAME:
        return "cx6dx-tls";
    case CX6DX_MQIS_DESCRIPTION:
        return nic->params.tls_tx || nic->params.tls_rx
            ? "ConnectX-6 Dx EN adapter card, a model in QEMU; Crypto enabled"
            : "ConnectX-6 Dx EN adapter card, a model in QEMU; No Crypto";
    default:
        return NULL;
    }
}

uint8_t cx6dx_mgmt_mqis(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    const char *text = describe(nic, CX6DX_GET(mqis_reg, in, info_type));
    uint32_t from = CX6DX_GET(mqis_reg, in, read_offset);
    uint32_t bytes = MIN(CX6DX_GET(mqis_reg, in, read_length),
                         CX6DX_AREA_BYTES(mqis_reg, info_string));

    if (write || !text || from > strlen(text)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    bytes = MIN(bytes, strlen(text) - from);
    CX6DX_SET(mqis_reg, out, info_length, strlen(text));
    CX6DX_SET(mqis_reg, out, read_offset, from);
    CX6DX_SET(mqis_reg, out, read_length, bytes);
    memcpy(CX6DX_AREA(mqis_reg, out, info_string), text + from, bytes);
    return CX6DX_STATUS_OK;
}

/* Idle for ever: there is no firmware to be written */
uint8_t cx6dx_mgmt_mcc(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                       const uint8_t *in, uint8_t *out)
{
    if (write) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_mgmt_model(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out)
{
    uint8_t *entry = CX6DX_AREA(model_reg, out, numbers);
    const uint32_t most = CX6DX_AREA_BYTES(model_reg, numbers) /
                          CX6DX_BYTES(model_number);
    uint32_t first = CX6DX_GET(model_reg, in, first), n = 0, total = 0;
    Cx6dxTimingNumber number;

    if (write) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    while (cx6dx_timing_on(&nic->timing) &&
           cx6dx_timing_number(&nic->timing, total, &number)) {
        if (total++ < first || n == most) {
            continue;
        }
        g_strlcpy((char *)CX6DX_AREA(model_number, entry, name), number.name,
                  CX6DX_AREA_BYTES(model_number, name));
        CX6DX_SET64(model_number, entry, value, number.value);
        entry += CX6DX_BYTES(model_number);
        n++;
    }
    CX6DX_SET(model_reg, out, count, n);
    CX6DX_SET(model_reg, out, total, total);
    return CX6DX_STATUS_OK;
}

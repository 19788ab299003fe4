/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Firmware time of commands; see timing_fwtime.h
 */
#include "qemu/osdep.h"
#include "pure/timing_fwtime.h"

uint64_t cx6dx_fwtime_ns(const Cx6dxTimingParams *params, Cx6dxFwClass class,
                         uint32_t keys)
{
    const uint32_t times[CX6DX_FW_CLASSES] = {
        [CX6DX_FW_OTHER] = params->fw_other_ns,
        [CX6DX_FW_TIS_CREATE] = params->fw_tis_create_ns,
        [CX6DX_FW_TIS_DESTROY] = params->fw_tis_destroy_ns,
        [CX6DX_FW_DEK_CREATE] = params->fw_dek_create_ns,
        [CX6DX_FW_DEK_DESTROY] = params->fw_dek_destroy_ns,
        [CX6DX_FW_DEK_MODIFY] = params->fw_dek_modify_ns,
    };

    return times[class] + (uint64_t)(keys - 1) * params->fw_bulk_key_ns;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Capabilities, derived from what the model implements; start and stop of the
 * function
 */
#ifndef CX6DX_NIC_CAPS_H
#define CX6DX_NIC_CAPS_H

#include "qemu/osdep.h"
#include "nic/cmd.h"

typedef struct Cx6dxCaps {
    /* general group: what can be had, and what SET_HCA_CAP made of it */
    uint8_t general_max[CX6DX_cmd_hca_cap_BYTES];
    uint8_t general_cur[CX6DX_cmd_hca_cap_BYTES];
} Cx6dxCaps;

void cx6dx_caps_reset(Cx6dxNic *nic);
/* What a driver may set; the rest follows from the device's properties */
void cx6dx_caps_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

uint8_t cx6dx_cmd_enable_hca(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_disable_hca(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_init_hca(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_teardown_hca(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_issi(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_set_issi(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_adapter(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_hca_cap(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_set_hca_cap(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_set_driver_version(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

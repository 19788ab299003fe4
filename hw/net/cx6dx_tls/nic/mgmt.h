/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Management registers: which there are, and the version of the firmware
 *
 * There is one component, the boot image; what runs is what is stored.
 */
#ifndef CX6DX_NIC_MGMT_H
#define CX6DX_NIC_MGMT_H

#include "qemu/osdep.h"
#include "nic/cmd.h"

/* Handlers for the table of registers in room reg */
uint8_t cx6dx_mgmt_mcam(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_mgmt_mcqs(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_mgmt_mcqi(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_mgmt_mgir(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_mgmt_mqis(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_mgmt_mcc(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                       const uint8_t *in, uint8_t *out);
/* Ours: the numbers of the timing model, none without it */
uint8_t cx6dx_mgmt_model(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out);

#endif

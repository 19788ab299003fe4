/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is asked for to find out how a card is: temperature, beacon, errors of
 * the PCIe link, counters of its virtual NIC
 *
 * The chip has 55 degrees Celsius for ever, the light cannot be seen, and the PCIe
 * link makes no errors.  The counters of the virtual NIC are true.
 */
#ifndef CX6DX_NIC_DIAG_H
#define CX6DX_NIC_DIAG_H

#include "qemu/osdep.h"
#include "nic/cmd.h"

/* Handlers for the table of registers in room reg */
uint8_t cx6dx_diag_mtcap(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out);
uint8_t cx6dx_diag_mtmp(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_diag_mlcr(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_diag_mpcnt(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out);

uint8_t cx6dx_cmd_query_vnic_env(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

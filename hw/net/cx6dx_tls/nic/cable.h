/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The cable in the port's cage: lanes, EEPROM, error correction
 *
 * A passive copper cable of type QSFP28 (SFF-8636) with four lanes, which is
 * there whatever the backend is.  It has no sensors and one page of memory.
 * Forward error correction is a setting without effect: no wire is modelled that
 * could flip a bit.
 */
#ifndef CX6DX_NIC_CABLE_H
#define CX6DX_NIC_CABLE_H

#include "qemu/osdep.h"
#include "nic/cmd.h"

#define CX6DX_CABLE_LANES 4
#define CX6DX_CABLE_EEPROM_BYTES 256

/* As a reader at I2C address 0x50 sees it, page 0 in the upper half */
void cx6dx_cable_eeprom(const Cx6dxNic *nic,
                        uint8_t bytes[CX6DX_CABLE_EEPROM_BYTES]);

/* Handlers for the table of registers in room reg */
uint8_t cx6dx_cable_pmlp(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out);
uint8_t cx6dx_cable_mcia(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out);
uint8_t cx6dx_cable_pplm(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out);

#endif

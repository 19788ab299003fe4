/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Vital product data: what is printed on the board, as PCI has it
 *
 * Read only.  Part numbers are the model's own, serial numbers are made from the
 * address of the port, so that they are the same at every start.
 */
#ifndef CX6DX_NIC_VPD_H
#define CX6DX_NIC_VPD_H

#include "qemu/osdep.h"

typedef struct Cx6dxNic Cx6dxNic;

#define CX6DX_VPD_MAX_BYTES 512

/* Writes all of it to `bytes`; how many there are */
size_t cx6dx_vpd_image(const Cx6dxNic *nic, uint8_t bytes[CX6DX_VPD_MAX_BYTES]);

/* The four bytes at `addr`, the first in the low bits; 0 behind the end */
uint32_t cx6dx_vpd_word(const Cx6dxNic *nic, uint32_t addr);

#endif

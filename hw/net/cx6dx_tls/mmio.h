/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * BAR0: the initialization segment and the doorbell (UAR) pages
 *
 * Address to call and nothing else.  Registers are big endian; sizes of access
 * other than a register's are taken apart here.  Needs the NIC initialized
 * before the guest can reach the BAR.
 */
#ifndef CX6DX_MMIO_H
#define CX6DX_MMIO_H

#include "qemu/osdep.h"
#include "pci.h"

/* Fills in dev->bar with its regions */
void cx6dx_mmio_init(Cx6dxDev *dev);
void cx6dx_mmio_exit(Cx6dxDev *dev);

/* Forgets halves of doorbells */
void cx6dx_mmio_reset(Cx6dxDev *dev);

#endif

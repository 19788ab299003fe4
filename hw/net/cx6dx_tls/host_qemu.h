/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The outside world of the modelled NIC (nic/host.h), made of QEMU: DMA, MSI-X,
 * virtual time, bottom halves
 *
 * Doorbells end in a kick; the work itself is done in a bottom half or when the
 * timer fires, never inside an access of the guest.
 */
#ifndef CX6DX_HOST_QEMU_H
#define CX6DX_HOST_QEMU_H

#include "qemu/osdep.h"
#include "pci.h"

/* The callbacks; they stand until cx6dx_host_exit() */
Cx6dxHost cx6dx_host_init(Cx6dxDev *dev);
void cx6dx_host_exit(Cx6dxDev *dev);

/* Forgets what was kicked and armed */
void cx6dx_host_stop(Cx6dxDev *dev);

/* The NIC has worked, and is left: a fault may want the machine to stop */
void cx6dx_host_worked(Cx6dxDev *dev);

/*
 * The device's reentrancy guard, as a bottom half has it; false when the NIC
 * works already
 */
bool cx6dx_host_enter(Cx6dxDev *dev);
void cx6dx_host_leave(Cx6dxDev *dev);

/* Frames that were told to wait are offered again, from the main loop */
void cx6dx_host_flush_rx(Cx6dxDev *dev);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshots and migration: the VMState description of the device
 */
#ifndef CX6DX_VMSTATE_H
#define CX6DX_VMSTATE_H

#include "qemu/osdep.h"
#include "migration/vmstate.h"

extern const VMStateDescription cx6dx_vmstate;

#endif

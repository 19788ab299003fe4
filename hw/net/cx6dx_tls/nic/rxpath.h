/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive side: steer, decrypt, choose a queue, scatter, complete
 */
#ifndef CX6DX_NIC_RXPATH_H
#define CX6DX_NIC_RXPATH_H

#include "qemu/osdep.h"
#include "nic/nic.h"

/* A frame off the wire, without FCS; see cx6dx_nic_receive() */
Cx6dxRxResult cx6dx_rxpath_receive(Cx6dxNic *nic, const uint8_t *buf,
                                   size_t len);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive side: steer, decrypt, choose a queue, place, complete
 */
#ifndef CX6DX_NIC_RXPATH_H
#define CX6DX_NIC_RXPATH_H

#include "qemu/osdep.h"
#include "nic/nic.h"

/* Size of nic->rx_buf: a frame, and its FCS */
#define CX6DX_RX_MAX_BYTES 16384
/*
 * How long a frame waits for a work request while pause is enabled: what the
 * card's own guard against endless pause allows at the least
 */
#define CX6DX_RX_WAIT_NS (100 * 1000 * 1000)
#define CX6DX_RX_POLL_NS (20 * 1000)

/* A frame off the wire, without FCS; see cx6dx_nic_receive() */
Cx6dxRxResult cx6dx_rxpath_receive(Cx6dxNic *nic, const uint8_t *buf,
                                   size_t len);

/* A frame of this port to itself: for a TIR that takes such, or for nobody */
void cx6dx_rxpath_loop_back(Cx6dxNic *nic, const uint8_t *buf, size_t len);

/* Its last byte is in: with modelled time this is later.  For defer.c. */
Cx6dxRxResult cx6dx_rxpath_arrived(Cx6dxNic *nic, const uint8_t *buf,
                                   size_t len);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Send side: gather, encrypt, checksum, segment, put on the wire
 */
#ifndef CX6DX_NIC_TXPATH_H
#define CX6DX_NIC_TXPATH_H

#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/sq.h"
#include "pure/wqe.h"

/* Largest packet of one work request: headers and 256 KiB of LSO payload */
#define CX6DX_TX_MAX_BYTES (256 * 1024 + 256)

/*
 * SEND, LSO, ENHANCED_MPSW.  Returns 0, or the CX6DX_CQE_SYNDROME_* of the error
 * completion.  A packet that cannot be encrypted is dropped and counted; that is
 * no error completion.  `*done_ns`: when the work request is complete.
 */
uint8_t cx6dx_txpath_send(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                          uint64_t *done_ns, size_t *moved_bytes);

#endif

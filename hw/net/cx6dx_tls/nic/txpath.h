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

/* Room in front of a payload in the scratch buffer for headers */
#define CX6DX_TX_HEADROOM 256
/* Largest packet of one work request: headers and 256 KiB of LSO payload */
#define CX6DX_TX_MAX_PAYLOAD (256 * 1024)
/* Size of nic->tx_buf */
#define CX6DX_TX_MAX_BYTES (CX6DX_TX_MAX_PAYLOAD + CX6DX_TX_HEADROOM)
/* Frames that one LSO work request may become */
#define CX6DX_TX_MAX_SEGMENTS 4096

/*
 * SEND, LSO, ENHANCED_MPSW.  Returns 0, or the CX6DX_CQE_SYNDROME_* of the error
 * completion.  A packet that cannot be encrypted is dropped and counted; that is
 * no error completion.  `*done_ns`: in, when the work request is there; out, when
 * it is complete, that is all its data were read.
 */
uint8_t cx6dx_txpath_send(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                          uint64_t *done_ns, size_t *moved_bytes);

/*
 * Copies the data segments from `first` on, `n` of them, to `to`, which has
 * `room_bytes`.  Returns 0 or the syndrome.
 */
uint8_t cx6dx_txpath_gather(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                            unsigned first, unsigned n, uint8_t *to,
                            size_t room_bytes, size_t *bytes,
                            uint64_t *when_ns);

#endif

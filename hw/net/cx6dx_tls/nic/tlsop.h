/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS work requests: set static params, set progress params, get progress, dump
 *
 * Each returns 0, or the CX6DX_CQE_SYNDROME_* of the error completion.  Where
 * guest memory is touched, `*when_ns` is moved on to the end of that.
 */
#ifndef CX6DX_NIC_TLSOP_H
#define CX6DX_NIC_TLSOP_H

#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/sq.h"
#include "pure/wqe.h"

uint8_t cx6dx_tlsop_static(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe);
uint8_t cx6dx_tlsop_set_psv(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe);
/* A TIR that is gone reads as zeros: the driver still waits for the answer */
uint8_t cx6dx_tlsop_get_psv(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                            uint64_t *when_ns);
uint8_t cx6dx_tlsop_dump(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                         uint64_t *when_ns, size_t *moved_bytes);

#endif

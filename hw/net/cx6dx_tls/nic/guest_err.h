/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every mistake of a guest that the model can notice
 *
 * One entry each; the macro counts it, traces it and logs it under
 * LOG_GUEST_ERROR.  What the guest itself sees (status, error CQE, nothing) is
 * the business of the room that noticed.
 */
#ifndef CX6DX_NIC_GUEST_ERR_H
#define CX6DX_NIC_GUEST_ERR_H

#include "qemu/osdep.h"
#include "qemu/log.h"

#define CX6DX_GUEST_ERR_LIST(X)                                         \
    X(CMDQ_DMA, "command queue entry is not readable")                  \
    X(CMDQ_NOT_OWNED, "doorbell for a slot that hardware does not own") \
    X(CMD_MAILBOX, "mailbox chain is short, looping or not readable")   \
    X(CMD_OPCODE, "unknown command")                                    \
    X(CMD_LENGTH, "command input or output too short")                  \
    X(CMD_PARAM, "command refused")                                     \
    X(DEK_NOT_SYNCED, "key replaced without SYNC_CRYPTO")               \
    X(DB_UAR, "doorbell on a page that is not allocated")               \
    X(DB_EQ, "doorbell for an EQ that does not exist")                  \
    X(DB_CQ, "doorbell for a CQ that does not exist")                   \
    X(DB_SQ, "doorbell for an SQ that does not exist or is not ready")  \
    X(DB_RANGE, "doorbell counter beyond the queue")                    \
    X(MMIO_OFFSET, "access to an offset that is not a register")        \
    X(EQ_DMA, "event queue is not writable")                            \
    X(CQ_DMA, "completion queue or its doorbell record not accessible") \
    X(CQ_OVERRUN, "completion queue overrun")                           \
    X(WQ_DMA, "work queue or its doorbell record not accessible")       \
    X(WQE_MALFORMED, "work request is malformed")                       \
    X(WQE_LKEY, "memory key does not fit")                              \
    X(WQE_DMA, "work request points to memory that is not there")       \
    X(WQE_TIS, "work request names a TIS that does not exist")          \
    X(WQE_SIZE, "frame is too short or too long")                       \
    X(TLS_PLAIN_TIS, "TLS work request for a TIS or TIR without TLS")   \
    X(TLS_PARAMS, "TLS parameters do not fit")                          \
    X(TLS_TX, "packet cannot be encrypted")

typedef enum Cx6dxGuestErr {
#define CX6DX_GUEST_ERR_ENUM_(name, what) CX6DX_GUEST_ERR_##name,
    CX6DX_GUEST_ERR_LIST(CX6DX_GUEST_ERR_ENUM_)
#undef CX6DX_GUEST_ERR_ENUM_
    CX6DX_GUEST_ERRS
} Cx6dxGuestErr;

const char *cx6dx_guest_err_str(Cx6dxGuestErr err);

typedef struct Cx6dxNic Cx6dxNic;

/* Counts, traces and logs; `number` is the object, slot or address at fault */
void cx6dx_guest_err(Cx6dxNic *nic, Cx6dxGuestErr err, uint64_t number);

/* Only counts: for what is told in another way */
void cx6dx_guest_err_count(Cx6dxNic *nic, Cx6dxGuestErr err);

#endif

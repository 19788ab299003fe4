/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A miniature driver for cx6dx-tls, for qtests
 *
 * Everything goes the way of a real driver: initialization segment, command
 * queue with mailboxes, queues in guest memory, doorbells.  Layouts come from
 * the PRM header.  Functions assert that the device does what it must; what a test
 * wants to see fail goes through qcx6dx_cmd() and the raw calls beside it.
 */
#ifndef LIBQOS_CX6DX_TLS_H
#define LIBQOS_CX6DX_TLS_H

#include "../libqtest.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pci.h"

enum {
    QCX6DX_CMD_SLOTS = 4,           /* slots that have mailboxes */
    QCX6DX_CMD_BOXES = 16,          /* input, and as many for output */
    QCX6DX_BOX_STRIDE = 1024,
    QCX6DX_RQ_STRIDE_BYTES = 16,    /* one data segment */
};

typedef struct QCx6dx {
    QTestState *qts;
    QPCIDevice *pci;
    QPCIBar regs;
    uint64_t heap, heap_end;        /* guest memory that is still free */
    uint64_t cmdq;                  /* the page of the command queue */
    uint64_t boxes;                 /* of all slots: input, then output */
    uint8_t token;
    uint32_t uar, pdn, tdn, lkey;   /* after qcx6dx_start() */
    uint32_t flow_table, flow_group;/* after qcx6dx_steer_all() */
} QCx6dx;

typedef struct QCx6dxEq {
    uint64_t buf;
    uint32_t eqn;
    uint8_t log_entries;
    uint32_t ci;
} QCx6dxEq;

typedef struct QCx6dxCq {
    uint64_t buf, dbr;
    uint32_t cqn;
    uint8_t log_entries;
    uint32_t ci;
    uint8_t arm_sn;
} QCx6dxCq;

typedef struct QCx6dxSq {
    uint64_t buf, dbr;
    uint32_t sqn;
    uint8_t log_wqebbs;
    uint16_t pc;
    uint8_t last[8];                /* head of the last work request */
} QCx6dxSq;

typedef struct QCx6dxRq {
    uint64_t buf, dbr;
    uint32_t rqn;
    uint8_t log_wqes;
    uint16_t pc;
} QCx6dxRq;

/* ---- Device ---- */

/* Maps the device in `slot` of bus 0, enables it, and has 16 MiB for it */
QCx6dx *qcx6dx_new(QTestState *qts, QPCIBus *bus, int slot);
void qcx6dx_free(QCx6dx *d);

uint32_t qcx6dx_readl(QCx6dx *d, uint64_t offset);
void qcx6dx_writel(QCx6dx *d, uint64_t offset, uint32_t value);

/* Zeroed, aligned to a page */
uint64_t qcx6dx_alloc(QCx6dx *d, size_t bytes);

/* Lets the device finish what it has begun, at the present virtual time */
void qcx6dx_settle(QCx6dx *d);

/* Hands over a command queue; then commands work */
void qcx6dx_open(QCx6dx *d);

/* From a fresh device to INIT_HCA, with a doorbell page, domains and a key */
void qcx6dx_start(QCx6dx *d);
/* The reverse; all other objects must be gone */
void qcx6dx_stop(QCx6dx *d);

/* ---- Commands ---- */

/* Writes queue entry and mailboxes of a command into guest memory */
void qcx6dx_cmd_put(QCx6dx *d, unsigned slot, const uint8_t *in,
                    size_t in_bytes, size_t out_bytes);
uint64_t qcx6dx_cmd_entry(const QCx6dx *d, unsigned slot);
/* Mailbox `k` of a slot; outputs follow the QCX6DX_CMD_BOXES inputs */
uint64_t qcx6dx_cmd_box(const QCx6dx *d, unsigned slot, unsigned k);
void qcx6dx_cmd_ring(QCx6dx *d, uint32_t slots);
/* Polls for the ownership bit; CX6DX_DELIVERY_* */
uint8_t qcx6dx_cmd_wait(QCx6dx *d, unsigned slot);
void qcx6dx_cmd_get(QCx6dx *d, unsigned slot, uint8_t *out, size_t out_bytes);

/* All of it in slot 0; CX6DX_STATUS_* */
uint8_t qcx6dx_cmd(QCx6dx *d, const uint8_t *in, size_t in_bytes,
                   uint8_t *out, size_t out_bytes);
/* Only opcode and number in 16 bytes; CX6DX_STATUS_* */
uint8_t qcx6dx_cmd_number(QCx6dx *d, uint16_t opcode, uint32_t number);
/* Fills in the opcode; the command must work; returns the number it gives */
uint32_t qcx6dx_cmd_create(QCx6dx *d, uint16_t opcode, uint8_t *in,
                           size_t in_bytes);
/* 16 bytes and must work */
void qcx6dx_cmd_ok(QCx6dx *d, uint16_t opcode, uint32_t number);

/* ---- Queues ---- */

void qcx6dx_eq_create(QCx6dx *d, QCx6dxEq *eq, uint8_t log_entries,
                      uint32_t vector, uint64_t event_mask);
/* Takes the next entry; false when there is none */
bool qcx6dx_eq_next(QCx6dx *d, QCx6dxEq *eq, uint8_t eqe[CX6DX_eqe_BYTES]);
void qcx6dx_eq_doorbell(QCx6dx *d, QCx6dxEq *eq, bool arm);

void qcx6dx_cq_create(QCx6dx *d, QCx6dxCq *cq, uint8_t log_entries,
                      uint32_t eqn);
bool qcx6dx_cq_next(QCx6dx *d, QCx6dxCq *cq, uint8_t cqe[CX6DX_cqe_BYTES]);
/* Waits for the next entry, which must come */
void qcx6dx_cq_wait(QCx6dx *d, QCx6dxCq *cq, uint8_t cqe[CX6DX_cqe_BYTES]);
void qcx6dx_cq_arm(QCx6dx *d, QCx6dxCq *cq);

/* In state RDY; tisn 0: a queue for parameters of receive contexts */
void qcx6dx_sq_create(QCx6dx *d, QCx6dxSq *sq, uint8_t log_wqebbs,
                      uint32_t cqn, uint32_t tisn);
/*
 * Puts a work request at the end of the queue; fills in index and queue number
 * of its control segment.  qcx6dx_sq_ring() makes the device see it.
 */
void qcx6dx_sq_post(QCx6dx *d, QCx6dxSq *sq, uint8_t *wqe, size_t bytes);
void qcx6dx_sq_ring(QCx6dx *d, QCx6dxSq *sq);

/* In state RDY, one data segment for each work request */
void qcx6dx_rq_create(QCx6dx *d, QCx6dxRq *rq, uint8_t log_wqes,
                      uint32_t cqn);
void qcx6dx_rq_post(QCx6dx *d, QCx6dxRq *rq, uint64_t addr, uint32_t bytes);

/* MODIFY_SQ or MODIFY_RQ; CX6DX_STATUS_* */
uint8_t qcx6dx_queue_modify(QCx6dx *d, uint16_t opcode, uint32_t number,
                            uint8_t from, uint8_t to);

/* ---- Transport, steering, keys ---- */

uint32_t qcx6dx_tis_create(QCx6dx *d, bool tls);
uint32_t qcx6dx_tir_create(QCx6dx *d, uint32_t rqn, bool tls);
/* Every frame goes to the TIR */
void qcx6dx_steer_all(QCx6dx *d, uint32_t tirn);
void qcx6dx_steer_none(QCx6dx *d);
uint32_t qcx6dx_dek_create(QCx6dx *d, const uint8_t *key, size_t key_bytes);
uint8_t qcx6dx_dek_destroy(QCx6dx *d, uint32_t dek);

/* ---- Work requests; each returns its size in bytes ---- */

/* Headers of `inline_bytes` (0 or at least 14) from `frame`, the rest by key */
size_t qcx6dx_wqe_send(QCx6dx *d, uint8_t *wqe, uint32_t tisn,
                       const uint8_t *frame, size_t inline_bytes,
                       uint64_t addr, size_t rest_bytes, uint16_t mss);
/* opmod: CX6DX_OPMOD_TIS or _TIR */
size_t qcx6dx_wqe_static(uint8_t *wqe, uint8_t opmod, uint32_t number,
                         const uint8_t params[CX6DX_tls_static_params_BYTES]);
size_t qcx6dx_wqe_progress(uint8_t *wqe, uint8_t opmod, uint32_t number,
                           uint32_t next_record_tcp_sn);
size_t qcx6dx_wqe_get_psv(QCx6dx *d, uint8_t *wqe, uint32_t tirn,
                          uint64_t addr);
size_t qcx6dx_wqe_dump(QCx6dx *d, uint8_t *wqe, uint32_t tisn, uint64_t addr,
                       size_t bytes);
/* Asks for a completion */
void qcx6dx_wqe_signal(uint8_t *wqe);

/* TLS 1.2 static parameters */
void qcx6dx_tls12_params(uint8_t params[CX6DX_tls_static_params_BYTES],
                         uint32_t dek, const uint8_t salt[4],
                         uint64_t rec_sn, uint32_t resync_tcp_sn);

#endif

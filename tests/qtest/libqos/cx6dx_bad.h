/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A cx6dx-tls with one of everything, for tests that make mistakes on it
 *
 * Mistakes of a guest are counted by name (property guest-errors) and logged;
 * at the end the log must hold exactly as many lines as mistakes were counted.
 */
#ifndef LIBQOS_CX6DX_BAD_H
#define LIBQOS_CX6DX_BAD_H

#include "cx6dx_tls.h"

enum {
    QCX6DX_BAD_LOG_WQEBBS = 6,
    QCX6DX_BAD_FRAME_BYTES = 64,
};

/* An address that no memory answers to */
#define QCX6DX_NOWHERE (1ull << 46)

typedef struct QCx6dxBad {
    QTestState *qts;
    QPCIBus *bus;
    QCx6dx *d;
    char *log;
    int wire;                       /* our end of it */
    QCx6dxEq eq;
    QCx6dxCq cq, rcq;
    QCx6dxSq sq;                    /* the one that mistakes are made on */
    QCx6dxSq good;
    QCx6dxRq rq;
    uint32_t tisn, tls_tisn, tirn;
    uint64_t buf;                   /* a page */
} QCx6dxBad;

/* A device that no driver has touched */
void qcx6dx_bad_boot(QCx6dxBad *f);
/* The same, started, with queues and steering */
void qcx6dx_bad_start(QCx6dxBad *f);
/* At least one mistake was made, and each was logged */
void qcx6dx_bad_end(QCx6dxBad *f);

/* One number of a structure that the device has as a property */
uint64_t qcx6dx_bad_number(QCx6dxBad *f, const char *property,
                           const char *field);
/* How often the mistake `name` was made */
uint64_t qcx6dx_bad_mistakes(QCx6dxBad *f, const char *name);

/* Big-endian words in guest memory */
void qcx6dx_bad_set32(QCx6dxBad *f, uint64_t addr, uint32_t value);
void qcx6dx_bad_set64(QCx6dxBad *f, uint64_t addr, uint64_t value);
void qcx6dx_bad_ring(QCx6dxBad *f, uint32_t uar, uint32_t sqn);

/* A frame without IP, and a work request that sends it */
size_t qcx6dx_bad_frame(uint8_t frame[QCX6DX_BAD_FRAME_BYTES]);
size_t qcx6dx_bad_send(QCx6dxBad *f, uint8_t *wqe);
/* Posts with a completion asked for, and waits for that */
void qcx6dx_bad_post(QCx6dxBad *f, QCx6dxSq *sq, uint8_t *wqe, size_t bytes,
                     uint8_t cqe[CX6DX_cqe_BYTES]);
/* A frame goes out whole through `sq`, and its completion comes */
void qcx6dx_bad_check_sends(QCx6dxBad *f, QCx6dxSq *sq);
/* Commands work, and the queue on which no mistake was made */
void qcx6dx_bad_check_goes_on(QCx6dxBad *f);

#endif

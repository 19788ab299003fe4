/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the qtests of cx6dx-tls share: a QEMU with the device and the far end of
 * its wire, a set of queues, TCP frames, one known TLS record
 */
#ifndef CX6DX_TLS_FIXTURE_H
#define CX6DX_TLS_FIXTURE_H

#include "libqos/cx6dx_tls.h"
#include "qobject/qdict.h"

enum {
    SLOT = 4,
    SLOT_B = 5,
    BUF_BYTES = 2048,
    ETH = 14, IP = 20, TCP = 20,
    HEADERS = ETH + IP + TCP,
};

typedef struct Fixture {
    QTestState *qts;
    QPCIBus *bus;
    QCx6dx *d;
    int wire;                       /* our end of the wire, or -1 */
} Fixture;

/* A started device: two ways with one queue each, and one for parameters */
typedef struct Ends {
    QCx6dxEq eq;
    QCx6dxCq scq, rcq, icq;
    QCx6dxSq sq, isq;
    QCx6dxRq rq;
    uint32_t tisn, tls_tisn, tirn;
    uint64_t tx_buf, rx_buf;
} Ends;

/* ---- QEMU ---- */

/* `devices` as on the command line; no wire, and d is the caller's business */
void fixture_boot(Fixture *f, const char *machine, const char *devices);
/* One device `nic0` in SLOT of q35, whose wire ends in the test */
void fixture_wire(Fixture *f, const char *props);
void fixture_end(Fixture *f);

/* A property of nic0 that is a struct of numbers; the caller unrefs */
QDict *get_struct(Fixture *f, const char *id, const char *property);
/* One number of it: get_number(f, "stats", "tx_frames") */
uint64_t get_number(Fixture *f, const char *property, const char *field);
/* All objects that the guest has */
uint64_t sum_objects(Fixture *f, const char *id);

/* ---- The wire ---- */

void wire_send(Fixture *f, const uint8_t *frame, size_t bytes);
/* Waits for the next frame; returns its length */
size_t wire_receive(Fixture *f, uint8_t frame[BUF_BYTES]);
/* Nothing comes, now that the device has done what it can at this time */
bool wire_silent(Fixture *f);

/* ---- Queues ---- */

/* Also starts the device; `tls_tir`: frames go to a TLS receive context */
void ends_create(QCx6dx *d, Ends *e, bool tls_tir);
/* All of it again, and stops the device */
void ends_destroy(QCx6dx *d, Ends *e);
/* Posts one work request that asks for a completion, and gets it */
void run_wqe(QCx6dx *d, QCx6dxSq *sq, QCx6dxCq *cq, uint8_t *wqe,
             size_t bytes);
/* Sends one frame to the device and returns what it gives the driver */
void receive_one(Fixture *f, Ends *e, const uint8_t *frame,
                 size_t bytes, uint8_t *seen,
                 uint8_t cqe[CX6DX_cqe_BYTES]);

/* ---- Frames ---- */

/* IPv4 and TCP; returns the length, checksums are right */
size_t make_frame(uint8_t *frame, uint32_t tcp_sn,
                  const uint8_t *payload, size_t bytes);
/* Asserts that lengths and checksums are right */
void check_frame(const uint8_t *frame, size_t bytes);
uint32_t frame_tcp_sn(const uint8_t *frame);

/* ---- TLS ---- */

enum {
    REC_SN = 5,
    REC_PLAIN = 200,
    REC_HEAD = 5 + 8,
    REC_TAG = 16,
    REC_BYTES = REC_HEAD + REC_PLAIN + REC_TAG,
    TCP_SN = 0xffffff80,            /* numbers wrap inside the record */
};

extern const uint8_t rec_salt[4];
extern const uint8_t rec_cipher[REC_BYTES];

/* The record as the stack hands it over: in clear, and zeros for the tag */
void make_plain(uint8_t rec[REC_BYTES]);
/* A DEK with the record's key */
uint32_t make_key(QCx6dx *d);
/* Static and progress parameters for the record at `tcp_sn` */
void tls_start(Fixture *f, QCx6dxSq *sq, QCx6dxCq *cq, uint8_t opmod,
               uint32_t number, uint32_t dek, uint32_t tcp_sn);
/* Receives bytes of a record, into their place; returns the CQE's TLS bits */
uint8_t rx_part(Fixture *f, Ends *e, const uint8_t *rec, size_t from,
                size_t to, uint8_t *out);

/* ---- Groups of tests, called by main() ---- */

void cx6dx_add_data_tests(void);
void cx6dx_add_life_tests(void);

#endif

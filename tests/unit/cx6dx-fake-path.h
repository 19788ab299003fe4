/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Queues as a driver uses them, on the fake host: for tests and benchmarks of
 * the data paths
 */
#ifndef TESTS_UNIT_CX6DX_FAKE_PATH_H
#define TESTS_UNIT_CX6DX_FAKE_PATH_H

#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "cx6dx-frame-build.h"

typedef struct PathCq {
    Cx6dxFakeQueue q;
    uint32_t ci;
} PathCq;

typedef struct PathSq {
    Cx6dxFakeQueue q;
    PathCq cq;
    uint16_t pc;
} PathSq;

typedef struct PathRq {
    Cx6dxFakeQueue q;
    PathCq cq;
    uint64_t bufs;              /* one buffer for each work request */
    uint32_t buf_bytes;
    uint8_t log_stride;
    uint16_t pc;
} PathRq;

/* A started NIC with one EQ; `eqn` for the queues below */
Cx6dxFake *path_new(bool timing, uint32_t *eqn);

/* An SQ in RDY with a CQ of 1024 entries */
PathSq path_sq(Cx6dxFake *fake, uint32_t eqn, uint8_t log_wqebbs,
               uint32_t tisn);
/* Puts a work request into the ring, NOPs before it at a page's end; its index */
uint16_t path_push(Cx6dxFake *fake, PathSq *sq, const uint8_t *wqe,
                   size_t bytes);
/* Doorbell record and doorbell */
void path_ring(Cx6dxFake *fake, PathSq *sq);
/* Both, and the work */
uint16_t path_do(Cx6dxFake *fake, PathSq *sq, const uint8_t *wqe, size_t bytes);

/* Next entry; false when there is none */
bool path_poll(Cx6dxFake *fake, PathCq *cq, uint8_t cqe[CX6DX_cqe_BYTES]);
/* The same for tests that know what comes: error syndrome or 0, and the index */
uint8_t path_expect(Cx6dxFake *fake, PathCq *cq, uint16_t *wqe_counter);

/* An RQ in RDY with a CQ of 1024 entries and no work request posted */
PathRq path_rq(Cx6dxFake *fake, uint32_t eqn, uint8_t log_wqes,
               uint8_t log_stride, uint32_t buf_bytes);
/* Posts `n` work requests of one segment each */
void path_post(Cx6dxFake *fake, PathRq *rq, unsigned n);
uint8_t *path_buf(Cx6dxFake *fake, const PathRq *rq, uint16_t index);

/* Memory with these bytes in it */
uint64_t path_bytes(Cx6dxFake *fake, const void *bytes, size_t len);
/* Right checksums for a built frame, by the slow sums of the builder */
void path_put_sums(uint8_t *buf, const FrameSpec *spec,
                   const BuiltFrame *built);
uint32_t path_dek(Cx6dxFake *fake, const uint8_t *key, size_t key_bytes);
/* Toeplitz over addresses and ports instead of what the TIR has */
void path_toeplitz(Cx6dxFake *fake, uint32_t tirn);

#endif

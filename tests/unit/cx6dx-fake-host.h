/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A host for one NIC in unit tests: memory, vectors, wire and clock that a test
 * can look into, and a driver's first steps on top
 *
 * Nothing here knows the rooms: commands go through the real command queue with
 * mailboxes, queues lie in the fake memory.
 */
#ifndef TESTS_UNIT_CX6DX_FAKE_HOST_H
#define TESTS_UNIT_CX6DX_FAKE_HOST_H

#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "nic/nic.h"

/* Bus addresses of the memory; everything else is nowhere */
#define FAKE_BASE 0x100000ull
#define FAKE_BYTES (16u << 20)
#define FAKE_NOWHERE 0xffff000000000000ull
#define FAKE_SLOTS 32

typedef struct Cx6dxFake {
    Cx6dxNic nic;
    Cx6dxNicParams params;
    uint8_t *mem;
    uint64_t next_free;             /* cx6dx_fake_alloc() */

    uint64_t now_ns;
    uint64_t deadline_ns;           /* as the NIC armed it */
    bool kicked;
    uint32_t vectors[CX6DX_MAX_VECTORS];    /* how often raised */
    uint32_t rx_ready;              /* how often called */
    GPtrArray *frames;              /* GByteArray, those that left */
    uint64_t dma_reads, dma_writes;

    uint64_t cmdq_addr;
    uint64_t in_box_addr, out_box_addr;     /* mailboxes, 1 KiB apart */
    uint32_t boxes;                 /* of each direction */
    uint8_t token;
    uint8_t delivery;               /* of the last command */
    uint32_t syndrome;              /* of the last command */

    uint32_t uar, pdn, tdn, lkey;   /* after cx6dx_fake_start() */
} Cx6dxFake;

/* NIC as new; TLS on, 8 vectors, 16 doorbell pages, timing off */
Cx6dxFake *cx6dx_fake_new(void);
void cx6dx_fake_params(Cx6dxNicParams *params);
Cx6dxFake *cx6dx_fake_new_with(const Cx6dxNicParams *params);
/* Also checks that the NIC is empty after a reset */
void cx6dx_fake_free(Cx6dxFake *fake);

/* Zeroed memory; `align` is a power of two.  The test fails when none is left. */
uint64_t cx6dx_fake_alloc(Cx6dxFake *fake, size_t bytes, size_t align);
uint8_t *cx6dx_fake_ptr(Cx6dxFake *fake, uint64_t addr);

/* Works until nobody kicks any more (a bounded number of turns) */
void cx6dx_fake_run(Cx6dxFake *fake);
/* Lets time pass; timers fire on the way at their deadlines */
void cx6dx_fake_advance(Cx6dxFake *fake, uint64_t ns);
void cx6dx_fake_clear_frames(Cx6dxFake *fake);

/*
 * Executes a command through slot 0 and returns its status.  `out` may be NULL
 * with out_bytes 16.  A delivery error gives 0xff.
 */
uint8_t cx6dx_fake_cmd(Cx6dxFake *fake, const void *in, uint32_t in_bytes,
                       void *out, uint32_t out_bytes);

/* Writes entry and mailboxes for `slot` without ringing */
void cx6dx_fake_cmd_write(Cx6dxFake *fake, uint32_t slot, const void *in,
                          uint32_t in_bytes, uint32_t out_bytes);
void cx6dx_fake_cmd_ring(Cx6dxFake *fake, uint32_t slot);
uint8_t *cx6dx_fake_entry(Cx6dxFake *fake, uint32_t slot);

/* Commands of 16 bytes: opcode, number at 8; the number that comes back */
uint8_t cx6dx_fake_simple(Cx6dxFake *fake, uint16_t opcode, uint32_t number);
uint32_t cx6dx_fake_alloc_obj(Cx6dxFake *fake, uint16_t opcode);

/*
 * ENABLE_HCA to INIT_HCA, one UAR, PD, TD and PA memory key, link up; no pause,
 * so that frames which nobody waits for are dropped
 */
void cx6dx_fake_start(Cx6dxFake *fake);

typedef struct Cx6dxFakeQueue {
    uint32_t number;
    uint64_t buf;
    uint64_t dbr;
    uint8_t log_entries;
} Cx6dxFakeQueue;

/* The tests' shapes of contexts; each asserts success */
Cx6dxFakeQueue cx6dx_fake_eq(Cx6dxFake *fake, uint8_t log_entries,
                             uint32_t vector, uint64_t event_mask);
Cx6dxFakeQueue cx6dx_fake_cq(Cx6dxFake *fake, uint8_t log_entries,
                             uint32_t eqn);
Cx6dxFakeQueue cx6dx_fake_cq_comp(Cx6dxFake *fake, uint8_t log_entries,
                                  uint32_t eqn, uint8_t format, uint8_t layout);
Cx6dxFakeQueue cx6dx_fake_sq(Cx6dxFake *fake, uint8_t log_wqebbs, uint32_t cqn,
                             uint32_t tisn);
Cx6dxFakeQueue cx6dx_fake_rq(Cx6dxFake *fake, uint8_t log_wqes,
                             uint8_t log_stride, uint32_t cqn);
uint32_t cx6dx_fake_rqt(Cx6dxFake *fake, const uint32_t *rqns, uint32_t n);
uint32_t cx6dx_fake_tis(Cx6dxFake *fake, bool tls);
/* rqn for a direct one, else the RQT */
uint32_t cx6dx_fake_tir(Cx6dxFake *fake, uint32_t rqn, uint32_t rqtn, bool tls);
/* MODIFY_SQ or MODIFY_RQ; the status */
uint8_t cx6dx_fake_modify_queue(Cx6dxFake *fake, uint16_t opcode,
                                uint32_t number, uint8_t from, uint8_t to);

/* A table of one catch-all rule to `tirn`, made the root */
uint32_t cx6dx_fake_catch_all(Cx6dxFake *fake, uint32_t tirn);

#endif

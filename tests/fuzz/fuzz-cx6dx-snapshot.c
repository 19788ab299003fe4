/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzer of snapshots: two devices with the same guest (nic-guest.h), of which
 * one moves at every few steps; and a device that gets a damaged snapshot
 *
 * Moving changes nothing that anybody sees: accesses to memory, frames,
 * interrupts, timers, and the snapshot at the end.  A damaged snapshot is refused
 * or gives a device that works; nothing crashes, leaks or works without end.
 *
 * The first byte: 0 to 127, both of that; the next one says how often the one
 * moves.  128 to 255: the rest is a snapshot, of a device made as the low bits
 * say, whose checksum is made right.
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-snapshot.h"
#include "nic-guest.h"
#include "tape.h"

enum {
    MAX_STEPS = 100,
    AFTER_STEPS = 20,
    DAMAGES = 4,
    FOREIGN = 0x80,
};

/* What the host of each has seen */
static void same(const Guest *a, const Guest *b)
{
    const Cx6dxFake *x = a->fake, *y = b->fake;

    FUZZ_CHECK(x->dma_reads == y->dma_reads);
    FUZZ_CHECK(x->dma_writes == y->dma_writes);
    FUZZ_CHECK(x->rx_ready == y->rx_ready);
    FUZZ_CHECK(x->kicked == y->kicked);
    FUZZ_CHECK(x->now_ns == y->now_ns);
    FUZZ_CHECK(x->deadline_ns == y->deadline_ns);
    FUZZ_CHECK(!memcmp(x->vectors, y->vectors, sizeof(x->vectors)));
    FUZZ_CHECK(x->frames->len == y->frames->len);
    for (unsigned i = 0; i < x->frames->len; i++) {
        const GByteArray *f = x->frames->pdata[i], *g = y->frames->pdata[i];

        FUZZ_CHECK(f->len == g->len && !memcmp(f->data, g->data, f->len));
    }
}

static void same_end(const Guest *a, const Guest *b)
{
    GByteArray *x = cx6dx_fake_save(a->fake), *y = cx6dx_fake_save(b->fake);

    FUZZ_CHECK(!memcmp(a->fake->mem, b->fake->mem, FAKE_BYTES));
    FUZZ_CHECK(x->len == y->len && !memcmp(x->data, y->data, x->len));
    g_byte_array_unref(x);
    g_byte_array_unref(y);
}

static void move_now_and_then(Guest *g)
{
    if (++g->rests % g->every == 0) {
        cx6dx_fake_move(g->fake);
    }
}

/* Flips bits of the guest's snapshot; `from` says which */
static void damage(Guest *g, Tape *from)
{
    GByteArray *snapshot = cx6dx_fake_save(g->fake);

    for (unsigned i = 0; i < DAMAGES; i++) {
        size_t at = tape_u32(from) % snapshot->len;

        snapshot->data[at] ^= tape_u8(from);
    }
    cx6dx_fake_fix_sum(snapshot->data, snapshot->len);
    cx6dx_fake_load(g->fake, snapshot->data, snapshot->len);
    g_byte_array_unref(snapshot);
}

static void go_on(Guest *g)
{
    for (unsigned i = 0; i < AFTER_STEPS && g->tape < g->end; i++) {
        nic_guest_step(g);
    }
    cx6dx_fake_advance(g->fake, 1000000);
    cx6dx_fake_free(g->fake);
}

static void foreign(uint8_t how, const uint8_t *data, size_t size)
{
    g_autofree uint8_t *copy = g_malloc(MAX(size, 1));
    Guest g = { .tape = data, .end = data + size };

    nic_guest_begin(&g, how);
    if (size) {
        memcpy(copy, data, size);
    }
    cx6dx_fake_fix_sum(copy, size);
    cx6dx_fake_load(g.fake, copy, size);
    go_on(&g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Tape from = { data, size };
    uint8_t how = tape_u8(&from);
    uint8_t every = tape_u8(&from);
    Guest a = { .tape = from.p, .end = from.p + from.left }, b = a;

    if (how & FOREIGN) {
        foreign(how & ~FOREIGN, from.p, from.left);
        return 0;
    }
    nic_guest_begin(&a, how);
    nic_guest_begin(&b, how);
    b.every = every % 8 + 1;
    b.at_rest = move_now_and_then;
    for (unsigned n = 0; n < MAX_STEPS && a.tape < a.end; n++) {
        nic_guest_step(&a);
        nic_guest_step(&b);
        same(&a, &b);
    }
    same_end(&a, &b);
    cx6dx_fake_advance(a.fake, 1000000);
    cx6dx_fake_advance(b.fake, 1000000);
    same(&a, &b);
    same_end(&a, &b);
    cx6dx_fake_free(a.fake);
    damage(&b, &from);
    b.tape = data;
    b.at_rest = NULL;
    go_on(&b);
    return 0;
}

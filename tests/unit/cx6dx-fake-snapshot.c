/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshots of the NIC on the fake host; see cx6dx-fake-snapshot.h
 */
#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/dek.h"
#include "nic/eq.h"
#include "nic/res.h"
#include "nic/rq.h"
#include "nic/snapshot.h"
#include "nic/sq.h"
#include "nic/tir.h"
#include "nic/tis.h"
#include "cx6dx-fake-snapshot.h"

enum { SUM_BYTES = 8 };

typedef struct Reader {
    const uint8_t *p;
    size_t left;
} Reader;

static size_t write_out(void *opaque, uint8_t *buf, size_t len)
{
    g_byte_array_append(opaque, buf, len);
    return len;
}

static size_t read_in(void *opaque, uint8_t *buf, size_t len)
{
    Reader *r = opaque;
    size_t n = MIN(len, r->left);

    memcpy(buf, r->p, n);
    r->p += n;
    r->left -= n;
    return n;
}

GByteArray *cx6dx_fake_save(Cx6dxFake *fake)
{
    GByteArray *out = g_byte_array_new();
    Cx6dxArchive ar;

    cx6dx_ar_begin(&ar, false, write_out, out);
    cx6dx_snapshot_archive(&fake->nic, &ar);
    if (!cx6dx_ar_end(&ar)) {
        g_error("not saved: %s: %s", ar.section, ar.error);
    }
    return out;
}

const char *cx6dx_fake_load(Cx6dxFake *fake, const uint8_t *data, size_t len)
{
    Reader r = { data, len };
    Cx6dxArchive ar;

    cx6dx_ar_begin(&ar, true, read_in, &r);
    cx6dx_snapshot_archive(&fake->nic, &ar);
    if (!cx6dx_ar_end(&ar)) {
        cx6dx_nic_reset(&fake->nic);
    }
    return ar.error;
}

/* ---- Moving ---- */

/* What has no pointers is equal to the last byte, saved or not */
static void same_words(const Cx6dxNic *a, const Cx6dxNic *b)
{
    Cx6dxPort x = a->port, y = b->port;

    /* addresses behind the end of the list are of no use */
    memset(x.uc_list[x.uc_entries], 0,
           sizeof(x.uc_list) - x.uc_entries * sizeof(x.uc_list[0]));
    memset(y.uc_list[y.uc_entries], 0,
           sizeof(y.uc_list) - y.uc_entries * sizeof(y.uc_list[0]));
    g_assert_cmpmem(&x, sizeof(x), &y, sizeof(y));
#define SAME(field) \
    g_assert_cmpmem(&a->field, sizeof(a->field), &b->field, sizeof(b->field))
    SAME(params.timing);
    SAME(cmd);
    SAME(caps);
    SAME(ppcnt);
    SAME(vsc);
    SAME(stats);
    SAME(guest_errs);
    SAME(faults.armed);
    SAME(faults.n);
    SAME(faults.seen);
    SAME(faults.fired);
    SAME(stop);
    SAME(flow_root);
    SAME(flow_entries);
    SAME(mtt_entries);
    SAME(cq_pages);
    SAME(timer_deadline_ns);
    SAME(eq_work);
    SAME(rx_wait_since_ns);
    SAME(defer.pending);
    SAME(defer.pending_bytes);
    SAME(defer.late_cqes);
    SAME(timing.wire_rate);
    SAME(timing.crypto_rate);
    SAME(timing.pcie.rate);
    SAME(timing.contexts.capacity);
    SAME(timing.contexts.resident);
    SAME(timing.contexts.newest);
    SAME(timing.contexts.most_resident);
    SAME(timing.contexts.hits);
    SAME(timing.contexts.misses);
    SAME(timing.contexts.evictions);
    SAME(timing.interrupts);
    SAME(timing.recovery_bytes);
    SAME(timing.doorbell_to_wire);
    SAME(timing.wire_to_cqe);
    SAME(timing.pcie.next_tag);
    SAME(timing.pcie.tag_stall_ps);
    SAME(timing.pcie.tag_stalls);
    SAME(timing.pcie.read_bytes);
    SAME(timing.pcie.write_bytes);
#undef SAME
}

/* References are not in the stream, and yet the same */
static void same_table(const Cx6dxObjTable *a, const Cx6dxObjTable *b)
{
    g_assert_cmpuint(a->used, ==, b->used);
    for (uint32_t id = 0; id < MAX(a->size, b->size); id++) {
        const Cx6dxObj *x = cx6dx_obj_get(a, id), *y = cx6dx_obj_get(b, id);

        g_assert_true(!x == !y);
        if (x && x->refs != y->refs) {
            g_error("%s %u: %u references, were %u", a->name, id, y->refs,
                    x->refs);
        }
    }
}

/*
 * All of an object but what is listed, which is pointers and what counts only
 * sometimes: a field that room forgot to save is noticed here.
 */
#define SAME_BUT(nic_a, nic_b, table, type, ...)                             \
    for (uint32_t id = 0; id < (nic_a)->table.size; id++) {                  \
        type *x = (type *)cx6dx_obj_get(&(nic_a)->table, id);                \
        type *y = (type *)cx6dx_obj_get(&(nic_b)->table, id);                \
                                                                             \
        if (x) {                                                             \
            type u = *x, v = *y;                                             \
                                                                             \
            for (type *o = &u; o; o = o == &u ? &v : NULL) {                 \
                __VA_ARGS__                                                  \
            }                                                                \
            g_assert_cmpmem(&u, sizeof(u), &v, sizeof(v));                   \
        }                                                                    \
    }

static void same_fields(const Cx6dxNic *a, const Cx6dxNic *b)
{
    SAME_BUT(a, b, deks, Cx6dxDek, )
    SAME_BUT(a, b, mkeys, Cx6dxMkey, o->mtt = NULL;)
    SAME_BUT(a, b, eqs, Cx6dxEq, o->pages.pas = NULL;
             memset(&o->held_cqs, 0, sizeof(o->held_cqs));)
    SAME_BUT(a, b, cqs, Cx6dxCq, o->pages.pas = NULL; o->comp = NULL;)
    SAME_BUT(a, b, sqs, Cx6dxSq, o->pages.pas = NULL;
             memset(&o->psv, 0, sizeof(o->psv));)
    SAME_BUT(a, b, rqs, Cx6dxRq, o->pages.pas = NULL; o->lro = NULL;
             o->cache_off = 0;
             o->next = 0; memset(o->cache, 0, sizeof(o->cache));)
    SAME_BUT(a, b, q_counters, Cx6dxQCounter, )
    SAME_BUT(a, b, rqts, Cx6dxRqt, o->rqns = NULL;)
    SAME_BUT(a, b, tises, Cx6dxTis, o->tls = NULL;
             memset(&o->conn, 0, sizeof(o->conn));)
    SAME_BUT(a, b, tirs, Cx6dxTir, o->tls = NULL; o->rqn = o->rqtn = 0;
             memset(&o->conn, 0, sizeof(o->conn));
             memset(&o->hash, 0, sizeof(o->hash));)
}

static void same_objects(const Cx6dxNic *a, const Cx6dxNic *b)
{
    const Cx6dxObjTable *x = &a->uars, *y = &b->uars;

    /* the tables lie side by side in the struct */
    for (; x <= &a->flow_counters; x++, y++) {
        same_table(x, y);
    }
    same_fields(a, b);
}

void cx6dx_fake_move(Cx6dxFake *fake)
{
    GByteArray *before = cx6dx_fake_save(fake), *after;
    const Cx6dxHost host = fake->nic.host;
    uint64_t deadline_ns = fake->deadline_ns;
    uint32_t rx_ready = fake->rx_ready;
    g_autofree Cx6dxNic *old = g_memdup2(&fake->nic, sizeof(fake->nic));
    const char *error;

    memset(&fake->nic, 0, sizeof(fake->nic));
    cx6dx_nic_init(&fake->nic, &host, &fake->params);
    error = cx6dx_fake_load(fake, before->data, before->len);
    if (error) {
        g_error("not loaded: %s", error);
    }
    g_assert_cmpuint(fake->deadline_ns, ==, deadline_ns);
    same_words(old, &fake->nic);
    same_objects(old, &fake->nic);
    cx6dx_nic_free(old);
    /* what the old one said on its way out */
    fake->deadline_ns = deadline_ns;
    fake->rx_ready = rx_ready;
    after = cx6dx_fake_save(fake);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
    g_byte_array_unref(before);
    g_byte_array_unref(after);
}

void cx6dx_fake_fix_sum(uint8_t *data, size_t len)
{
    uint64_t sum = 0xcbf29ce484222325ull;

    if (len < SUM_BYTES) {
        return;
    }
    for (size_t i = 0; i < len - SUM_BYTES; i++) {
        sum = (sum ^ data[i]) * 0x100000001b3ull;
    }
    for (unsigned i = 0; i < SUM_BYTES; i++) {
        data[len - 1 - i] = sum >> 8 * i;
    }
}

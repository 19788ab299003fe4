/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A miniature driver for cx6dx-tls, for qtests
 */
#include "qemu/osdep.h"
#include "cx6dx_tls.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"

enum {
    HEAP_BASE = 16 * 1024 * 1024,
    HEAP_BYTES = 16 * 1024 * 1024,
    /* answers come within a few turns of the main loop, one for each access */
    MAX_POLLS = 1000,
    POLLS_AT_ONE_TIME = 50,
    CMD_STEP_NS = 100 * 1000,
    SETTLE_TURNS = 8,
    SLOT_BOXES = 2 * QCX6DX_CMD_BOXES,
    INLINE_BYTES = CX6DX_AREA_BYTES(cmd_entry, in),
    BOX_BYTES = CX6DX_AREA_BYTES(cmd_mailbox, data),
};

/* ---- Device ---- */

QCx6dx *qcx6dx_new(QTestState *qts, QPCIBus *bus, int slot)
{
    QCx6dx *d = g_new0(QCx6dx, 1);

    d->qts = qts;
    d->pci = qpci_device_find(bus, QPCI_DEVFN(slot, 0));
    g_assert_nonnull(d->pci);
    qpci_device_enable(d->pci);
    d->regs = qpci_iomap(d->pci, 0, NULL);
    d->heap = HEAP_BASE + (uint64_t)slot * HEAP_BYTES;
    d->heap_end = d->heap + HEAP_BYTES;
    return d;
}

void qcx6dx_free(QCx6dx *d)
{
    qpci_iounmap(d->pci, d->regs);
    g_free(d->pci);
    g_free(d);
}

uint32_t qcx6dx_readl(QCx6dx *d, uint64_t offset)
{
    uint8_t bytes[4];

    qtest_memread(d->qts, d->regs.addr + offset, bytes, sizeof(bytes));
    return cx6dx_prm_load(bytes);
}

void qcx6dx_writel(QCx6dx *d, uint64_t offset, uint32_t value)
{
    uint8_t bytes[4];

    cx6dx_prm_store(bytes, value);
    qtest_memwrite(d->qts, d->regs.addr + offset, bytes, sizeof(bytes));
}

/* As one access of 8 bytes */
static void write_pair(QCx6dx *d, uint64_t offset, uint32_t first,
                       uint32_t second)
{
    uint64_t value;
    uint8_t bytes[8];

    cx6dx_prm_store(bytes, first);
    cx6dx_prm_store(bytes + 4, second);
    memcpy(&value, bytes, sizeof(value));
    qtest_writeq(d->qts, d->regs.addr + offset, le64_to_cpu(value));
}

static void write_mem32(QCx6dx *d, uint64_t addr, uint32_t value)
{
    uint8_t bytes[4];

    cx6dx_prm_store(bytes, value);
    qtest_memwrite(d->qts, addr, bytes, sizeof(bytes));
}

uint64_t qcx6dx_alloc(QCx6dx *d, size_t bytes)
{
    uint64_t addr = d->heap;

    bytes = ROUND_UP(bytes, CX6DX_PAGE_BYTES);
    d->heap += bytes;
    g_assert_cmpuint(d->heap, <=, d->heap_end);
    qtest_memset(d->qts, addr, 0, bytes);
    return addr;
}

void qcx6dx_settle(QCx6dx *d)
{
    for (int i = 0; i < SETTLE_TURNS; i++) {
        qcx6dx_readl(d, CX6DX_ISEG_FW_REV);
    }
}

void qcx6dx_open(QCx6dx *d)
{
    d->cmdq = qcx6dx_alloc(d, CX6DX_PAGE_BYTES);
    d->boxes = qcx6dx_alloc(d, QCX6DX_CMD_SLOTS * SLOT_BOXES *
                            QCX6DX_BOX_STRIDE);
    g_assert_cmphex(qcx6dx_readl(d, CX6DX_ISEG_INITIALIZING), ==, 0);
    qcx6dx_writel(d, CX6DX_ISEG_CMDQ_ADDR_H, d->cmdq >> 32);
    qcx6dx_writel(d, CX6DX_ISEG_CMDQ_ADDR_L_SZ, (uint32_t)d->cmdq);
}

static void set_issi(QCx6dx *d)
{
    uint8_t in[CX6DX_set_issi_in_BYTES] = { 0 };
    uint8_t out[CX6DX_cmd_out_BYTES];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_SET_ISSI);
    CX6DX_SET(set_issi_in, in, current_issi, 1);
    g_assert_cmphex(qcx6dx_cmd(d, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
}

static uint32_t alloc_number(QCx6dx *d, uint16_t opcode)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };

    return qcx6dx_cmd_create(d, opcode, in, sizeof(in));
}

static uint32_t create_mkey(QCx6dx *d)
{
    uint8_t in[CX6DX_create_mkey_in_BYTES] = { 0 };
    uint8_t *mkc = CX6DX_AREA(create_mkey_in, in, memory_key_mkey_entry);

    CX6DX_SET(mkc, mkc, access_mode_1_0, CX6DX_MKEY_MODE_PA);
    CX6DX_SET(mkc, mkc, lr, 1);
    CX6DX_SET(mkc, mkc, lw, 1);
    CX6DX_SET(mkc, mkc, length64, 1);
    CX6DX_SET(mkc, mkc, qpn, CX6DX_FIELD_MAX(mkc, qpn));
    CX6DX_SET(mkc, mkc, pd, d->pdn);
    return qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_MKEY, in, sizeof(in)) << 8;
}

void qcx6dx_start(QCx6dx *d)
{
    uint8_t init[CX6DX_init_hca_in_BYTES] = { 0 };

    if (!d->cmdq) {
        qcx6dx_open(d);
    }
    qcx6dx_cmd_ok(d, CX6DX_CMD_ENABLE_HCA, 0);
    set_issi(d);
    qcx6dx_cmd_create(d, CX6DX_CMD_INIT_HCA, init, sizeof(init));
    d->uar = alloc_number(d, CX6DX_CMD_ALLOC_UAR);
    d->pdn = alloc_number(d, CX6DX_CMD_ALLOC_PD);
    d->tdn = alloc_number(d, CX6DX_CMD_ALLOC_TRANSPORT_DOMAIN);
    d->lkey = create_mkey(d);
}

void qcx6dx_stop(QCx6dx *d)
{
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_MKEY, d->lkey >> 8);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DEALLOC_TRANSPORT_DOMAIN, d->tdn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DEALLOC_PD, d->pdn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DEALLOC_UAR, d->uar);
    qcx6dx_cmd_ok(d, CX6DX_CMD_TEARDOWN_HCA, 0);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DISABLE_HCA, 0);
}

/* ---- Commands ---- */

uint64_t qcx6dx_cmd_entry(const QCx6dx *d, unsigned slot)
{
    return d->cmdq + slot * CX6DX_cmd_entry_BYTES;
}

uint64_t qcx6dx_cmd_box(const QCx6dx *d, unsigned slot, unsigned k)
{
    return d->boxes +
           (uint64_t)(slot * SLOT_BOXES + k) * QCX6DX_BOX_STRIDE;
}

/* Mailboxes first .. first + n - 1 become a chain; returns its start, or 0 */
static uint64_t put_chain(QCx6dx *d, unsigned slot, unsigned first,
                          const uint8_t *data, size_t bytes)
{
    unsigned n = DIV_ROUND_UP(bytes, BOX_BYTES);

    g_assert_cmpuint(n, <=, QCX6DX_CMD_BOXES);
    for (unsigned k = 0; k < n; k++) {
        uint8_t box[CX6DX_cmd_mailbox_BYTES] = { 0 };
        uint64_t next = k + 1 < n ? qcx6dx_cmd_box(d, slot, first + k + 1) : 0;

        if (data) {
            memcpy(box, data + k * BOX_BYTES,
                   MIN(bytes - k * BOX_BYTES, BOX_BYTES));
        }
        CX6DX_SET64(cmd_mailbox, box, next, next);
        CX6DX_SET(cmd_mailbox, box, block_num, k);
        CX6DX_SET(cmd_mailbox, box, token, d->token);
        qtest_memwrite(d->qts, qcx6dx_cmd_box(d, slot, first + k), box,
                       sizeof(box));
    }
    return n ? qcx6dx_cmd_box(d, slot, first) : 0;
}

void qcx6dx_cmd_put(QCx6dx *d, unsigned slot, const uint8_t *in,
                    size_t in_bytes, size_t out_bytes)
{
    uint8_t entry[CX6DX_cmd_entry_BYTES] = { 0 };
    uint64_t in_ptr, out_ptr;

    g_assert_cmpuint(slot, <, QCX6DX_CMD_SLOTS);
    d->token = d->token % 255 + 1;
    in_ptr = put_chain(d, slot, 0, in + INLINE_BYTES, in_bytes - INLINE_BYTES);
    out_ptr = put_chain(d, slot, QCX6DX_CMD_BOXES, NULL,
                        out_bytes - INLINE_BYTES);

    CX6DX_SET(cmd_entry, entry, type, CX6DX_CMD_TYPE_PCI);
    CX6DX_SET(cmd_entry, entry, inlen, in_bytes);
    CX6DX_SET64(cmd_entry, entry, in_ptr, in_ptr);
    memcpy(CX6DX_AREA(cmd_entry, entry, in), in, INLINE_BYTES);
    CX6DX_SET64(cmd_entry, entry, out_ptr, out_ptr);
    CX6DX_SET(cmd_entry, entry, outlen, out_bytes);
    CX6DX_SET(cmd_entry, entry, token, d->token);
    CX6DX_SET(cmd_entry, entry, hw_owned, 1);
    qtest_memwrite(d->qts, qcx6dx_cmd_entry(d, slot), entry, sizeof(entry));
}

void qcx6dx_cmd_ring(QCx6dx *d, uint32_t slots)
{
    qcx6dx_writel(d, CX6DX_ISEG_CMD_DBELL, slots);
}

uint8_t qcx6dx_cmd_wait(QCx6dx *d, unsigned slot)
{
    uint8_t entry[CX6DX_cmd_entry_BYTES];
    int polls = 0;

    do {
        g_assert_cmpint(polls++, <, MAX_POLLS);
        if (polls % POLLS_AT_ONE_TIME == 0) {
            /* with timing=on a command takes its time */
            qtest_clock_step(d->qts, CMD_STEP_NS);
        }
        qtest_memread(d->qts, qcx6dx_cmd_entry(d, slot), entry, sizeof(entry));
    } while (CX6DX_GET(cmd_entry, entry, hw_owned));
    return CX6DX_GET(cmd_entry, entry, delivery_status);
}

void qcx6dx_cmd_get(QCx6dx *d, unsigned slot, uint8_t *out, size_t out_bytes)
{
    size_t done = INLINE_BYTES;

    qtest_memread(d->qts, qcx6dx_cmd_entry(d, slot) +
                  CX6DX_OFF_(cmd_entry, out), out, INLINE_BYTES);
    for (unsigned k = 0; done < out_bytes; k++) {
        size_t chunk = MIN(out_bytes - done, BOX_BYTES);

        qtest_memread(d->qts, qcx6dx_cmd_box(d, slot, QCX6DX_CMD_BOXES + k),
                      out + done, chunk);
        done += chunk;
    }
}

uint8_t qcx6dx_cmd(QCx6dx *d, const uint8_t *in, size_t in_bytes,
                   uint8_t *out, size_t out_bytes)
{
    qcx6dx_cmd_put(d, 0, in, in_bytes, out_bytes);
    qcx6dx_cmd_ring(d, 1);
    g_assert_cmphex(qcx6dx_cmd_wait(d, 0), ==, CX6DX_DELIVERY_OK);
    qcx6dx_cmd_get(d, 0, out, out_bytes);
    return CX6DX_GET(cmd_out, out, status);
}

uint8_t qcx6dx_cmd_number(QCx6dx *d, uint16_t opcode, uint32_t number)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };
    uint8_t out[CX6DX_cmd_out_BYTES];

    CX6DX_SET(cmd_in, in, opcode, opcode);
    CX6DX_SET(cmd_in, in, number, number);
    return qcx6dx_cmd(d, in, sizeof(in), out, sizeof(out));
}

void qcx6dx_cmd_ok(QCx6dx *d, uint16_t opcode, uint32_t number)
{
    g_assert_cmphex(qcx6dx_cmd_number(d, opcode, number), ==, CX6DX_STATUS_OK);
}

uint32_t qcx6dx_cmd_create(QCx6dx *d, uint16_t opcode, uint8_t *in,
                           size_t in_bytes)
{
    uint8_t out[CX6DX_cmd_out_BYTES];

    CX6DX_SET(cmd_in, in, opcode, opcode);
    g_assert_cmphex(qcx6dx_cmd(d, in, in_bytes, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    return CX6DX_GET(cmd_out, out, number);
}

/* ---- Event and completion queues ---- */

static void put_pas(uint8_t *pas, uint64_t addr, unsigned pages)
{
    for (unsigned i = 0; i < pages; i++) {
        cx6dx_prm_store(pas + 8 * i, addr >> 32);
        cx6dx_prm_store(pas + 8 * i + 4, (uint32_t)addr);
        addr += CX6DX_PAGE_BYTES;
    }
}

void qcx6dx_eq_create(QCx6dx *d, QCx6dxEq *eq, uint8_t log_entries,
                      uint32_t vector, uint64_t event_mask)
{
    size_t bytes = (size_t)CX6DX_eqe_BYTES << log_entries;
    unsigned pages = DIV_ROUND_UP(bytes, CX6DX_PAGE_BYTES);
    size_t in_bytes = CX6DX_create_eq_in_BYTES + 8 * pages;
    g_autofree uint8_t *in = g_malloc0(in_bytes);
    uint8_t *eqc = CX6DX_AREA(create_eq_in, in, eq_context_entry);
    uint8_t *mask = CX6DX_AREA(create_eq_in, in, event_bitmask);

    *eq = (QCx6dxEq) { .log_entries = log_entries };
    eq->buf = qcx6dx_alloc(d, bytes);
    for (unsigned i = 0; i < 1u << log_entries; i++) {
        /* belongs to hardware in its first round */
        qtest_writeb(d->qts, eq->buf + (i + 1) * CX6DX_eqe_BYTES - 1, 1);
    }
    CX6DX_SET(eqc, eqc, log_eq_size, log_entries);
    CX6DX_SET(eqc, eqc, uar_page, d->uar);
    CX6DX_SET(eqc, eqc, intr, vector);
    cx6dx_prm_store(mask, event_mask >> 32);
    cx6dx_prm_store(mask + 4, (uint32_t)event_mask);
    put_pas(in + CX6DX_create_eq_in_BYTES, eq->buf, pages);
    eq->eqn = qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_EQ, in, in_bytes) & 0xff;
}

bool qcx6dx_eq_next(QCx6dx *d, QCx6dxEq *eq, uint8_t eqe[CX6DX_eqe_BYTES])
{
    uint32_t mask = (1u << eq->log_entries) - 1;

    qtest_memread(d->qts, eq->buf + (eq->ci & mask) * CX6DX_eqe_BYTES, eqe,
                  CX6DX_eqe_BYTES);
    if (CX6DX_GET(eqe, eqe, owner) != (eq->ci >> eq->log_entries & 1)) {
        return false;
    }
    eq->ci++;
    return true;
}

void qcx6dx_eq_doorbell(QCx6dx *d, QCx6dxEq *eq, bool arm)
{
    uint8_t word[CX6DX_eq_doorbell_BYTES] = { 0 };

    CX6DX_SET(eq_doorbell, word, eqn, eq->eqn);
    CX6DX_SET(eq_doorbell, word, consumer_index,
              eq->ci & CX6DX_FIELD_MAX(eq_doorbell, consumer_index));
    qcx6dx_writel(d, (uint64_t)d->uar * CX6DX_PAGE_BYTES +
                  (arm ? CX6DX_UAR_EQ_ARM : CX6DX_UAR_EQ_CI),
                  cx6dx_prm_load(word));
}

void qcx6dx_cq_create(QCx6dx *d, QCx6dxCq *cq, uint8_t log_entries,
                      uint32_t eqn)
{
    size_t bytes = (size_t)CX6DX_cqe_BYTES << log_entries;
    unsigned pages = DIV_ROUND_UP(bytes, CX6DX_PAGE_BYTES);
    size_t in_bytes = CX6DX_create_cq_in_BYTES + 8 * pages;
    g_autofree uint8_t *in = g_malloc0(in_bytes);
    uint8_t *cqc = CX6DX_AREA(create_cq_in, in, cq_context);

    *cq = (QCx6dxCq) { .log_entries = log_entries };
    cq->buf = qcx6dx_alloc(d, bytes);
    cq->dbr = qcx6dx_alloc(d, CX6DX_cq_dbrec_BYTES);
    for (unsigned i = 0; i < 1u << log_entries; i++) {
        qtest_writeb(d->qts, cq->buf + (i + 1) * CX6DX_cqe_BYTES - 1,
                     CX6DX_CQE_INVALID << 4 | 1);
    }
    CX6DX_SET(cqc, cqc, log_cq_size, log_entries);
    CX6DX_SET(cqc, cqc, uar_page, d->uar);
    CX6DX_SET(cqc, cqc, c_eqn_or_apu_element, eqn);
    CX6DX_SET64(cqc, cqc, dbr_addr, cq->dbr);
    put_pas(in + CX6DX_create_cq_in_BYTES, cq->buf, pages);
    cq->cqn = qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_CQ, in, in_bytes);
}

bool qcx6dx_cq_next(QCx6dx *d, QCx6dxCq *cq, uint8_t cqe[CX6DX_cqe_BYTES])
{
    uint32_t mask = (1u << cq->log_entries) - 1;

    qtest_memread(d->qts, cq->buf + (cq->ci & mask) * CX6DX_cqe_BYTES, cqe,
                  CX6DX_cqe_BYTES);
    if (CX6DX_GET(cqe, cqe, opcode) == CX6DX_CQE_INVALID ||
        CX6DX_GET(cqe, cqe, owner) != (cq->ci >> cq->log_entries & 1)) {
        return false;
    }
    cq->ci++;
    write_mem32(d, cq->dbr, cq->ci & 0xffffff);
    return true;
}

void qcx6dx_cq_wait(QCx6dx *d, QCx6dxCq *cq, uint8_t cqe[CX6DX_cqe_BYTES])
{
    int polls = 0;

    while (!qcx6dx_cq_next(d, cq, cqe)) {
        g_assert_cmpint(polls++, <, MAX_POLLS);
    }
}

void qcx6dx_cq_arm(QCx6dx *d, QCx6dxCq *cq)
{
    uint8_t rec[CX6DX_cq_dbrec_BYTES] = { 0 };

    CX6DX_SET(cq_dbrec, rec, consumer_index, cq->ci & 0xffffff);
    CX6DX_SET(cq_dbrec, rec, arm_sn, cq->arm_sn & 3);
    CX6DX_SET(cq_dbrec, rec, arm_ci, cq->ci & 0xffffff);
    cq->arm_sn++;
    qtest_memwrite(d->qts, cq->dbr, rec, sizeof(rec));
    write_pair(d, (uint64_t)d->uar * CX6DX_PAGE_BYTES + CX6DX_UAR_CQ_DB,
               cx6dx_prm_load(rec + 4), cq->cqn);
}

/* ---- Work queues ---- */

static void put_wq(QCx6dx *d, uint8_t *wq, uint64_t buf, unsigned pages,
                   uint64_t dbr, uint8_t log_stride, uint8_t log_size)
{
    CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_CYCLIC);
    CX6DX_SET(wq, wq, pd, d->pdn);
    CX6DX_SET(wq, wq, uar_page, d->uar);
    CX6DX_SET64(wq, wq, dbr_addr, dbr);
    CX6DX_SET(wq, wq, log_wq_stride, log_stride);
    CX6DX_SET(wq, wq, log_wq_sz, log_size);
    put_pas(wq + CX6DX_wq_BYTES, buf, pages);
}

uint8_t qcx6dx_queue_modify(QCx6dx *d, uint16_t opcode, uint32_t number,
                            uint8_t from, uint8_t to)
{
    uint8_t in[CX6DX_modify_obj_in_BYTES + CX6DX_sqc_BYTES] = { 0 };
    uint8_t out[CX6DX_cmd_out_BYTES];

    QEMU_BUILD_BUG_ON((int)CX6DX_OFF_(sqc, state) !=
                      (int)CX6DX_OFF_(rqc, state));
    CX6DX_SET(cmd_in, in, opcode, opcode);
    CX6DX_SET(modify_obj_in, in, number, number);
    CX6DX_SET(modify_obj_in, in, state, from);
    CX6DX_SET(sqc, in + CX6DX_modify_obj_in_BYTES, state, to);
    return qcx6dx_cmd(d, in, sizeof(in), out, sizeof(out));
}

void qcx6dx_sq_create(QCx6dx *d, QCx6dxSq *sq, uint8_t log_wqebbs,
                      uint32_t cqn, uint32_t tisn)
{
    size_t bytes = (size_t)CX6DX_WQE_BB_BYTES << log_wqebbs;
    unsigned pages = DIV_ROUND_UP(bytes, CX6DX_PAGE_BYTES);
    size_t in_bytes = CX6DX_create_obj_in_BYTES + CX6DX_sqc_BYTES + 8 * pages;
    g_autofree uint8_t *in = g_malloc0(in_bytes);
    uint8_t *sqc = in + CX6DX_create_obj_in_BYTES;

    *sq = (QCx6dxSq) { .log_wqebbs = log_wqebbs };
    sq->buf = qcx6dx_alloc(d, bytes);
    sq->dbr = qcx6dx_alloc(d, CX6DX_wq_dbrec_BYTES);
    CX6DX_SET(sqc, sqc, flush_in_error_en, 1);
    CX6DX_SET(sqc, sqc, reg_umr, !tisn);
    CX6DX_SET(sqc, sqc, cqn, cqn);
    CX6DX_SET(sqc, sqc, tis_lst_sz, !!tisn);
    CX6DX_SET(sqc, sqc, tis_num_0, tisn);
    put_wq(d, CX6DX_AREA(sqc, sqc, wq), sq->buf, pages, sq->dbr,
           CX6DX_LOG_SEND_WQE_BB, log_wqebbs);
    sq->sqn = qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_SQ, in, in_bytes);
    g_assert_cmphex(qcx6dx_queue_modify(d, CX6DX_CMD_MODIFY_SQ, sq->sqn,
                                        CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY),
                    ==, CX6DX_STATUS_OK);
}

void qcx6dx_sq_post(QCx6dx *d, QCx6dxSq *sq, uint8_t *wqe, size_t bytes)
{
    uint32_t mask = (1u << sq->log_wqebbs) - 1;
    unsigned wqebbs = DIV_ROUND_UP(bytes, CX6DX_WQE_BB_BYTES);

    /* no work request may cross the end of the ring */
    g_assert_cmpuint((sq->pc & mask) + wqebbs, <=, mask + 1);
    CX6DX_SET(wqe_ctrl, wqe, wqe_index, sq->pc);
    CX6DX_SET(wqe_ctrl, wqe, qpn, sq->sqn);
    qtest_memwrite(d->qts, sq->buf + (sq->pc & mask) * CX6DX_WQE_BB_BYTES,
                   wqe, bytes);
    memcpy(sq->last, wqe, sizeof(sq->last));
    sq->pc += wqebbs;
}

void qcx6dx_sq_ring(QCx6dx *d, QCx6dxSq *sq)
{
    write_mem32(d, sq->dbr + CX6DX_OFF_(wq_dbrec, sq_counter), sq->pc);
    write_pair(d, (uint64_t)d->uar * CX6DX_PAGE_BYTES + CX6DX_UAR_SQ_DB,
               cx6dx_prm_load(sq->last), cx6dx_prm_load(sq->last + 4));
}

void qcx6dx_rq_create(QCx6dx *d, QCx6dxRq *rq, uint8_t log_wqes, uint32_t cqn)
{
    size_t bytes = (size_t)QCX6DX_RQ_STRIDE_BYTES << log_wqes;
    unsigned pages = DIV_ROUND_UP(bytes, CX6DX_PAGE_BYTES);
    size_t in_bytes = CX6DX_create_obj_in_BYTES + CX6DX_rqc_BYTES + 8 * pages;
    g_autofree uint8_t *in = g_malloc0(in_bytes);
    uint8_t *rqc = in + CX6DX_create_obj_in_BYTES;

    *rq = (QCx6dxRq) { .log_wqes = log_wqes };
    rq->buf = qcx6dx_alloc(d, bytes);
    rq->dbr = qcx6dx_alloc(d, CX6DX_wq_dbrec_BYTES);
    CX6DX_SET(rqc, rqc, cqn, cqn);
    CX6DX_SET(rqc, rqc, vsd, 1);
    put_wq(d, CX6DX_AREA(rqc, rqc, wq), rq->buf, pages, rq->dbr,
           ctz32(QCX6DX_RQ_STRIDE_BYTES), log_wqes);
    rq->rqn = qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_RQ, in, in_bytes);
    g_assert_cmphex(qcx6dx_queue_modify(d, CX6DX_CMD_MODIFY_RQ, rq->rqn,
                                        CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY),
                    ==, CX6DX_STATUS_OK);
}

static void put_data_seg(QCx6dx *d, uint8_t *seg, uint64_t addr,
                         uint32_t bytes)
{
    CX6DX_SET(wqe_data, seg, byte_count, bytes);
    CX6DX_SET(wqe_data, seg, lkey, d->lkey);
    CX6DX_SET64(wqe_data, seg, addr, addr);
}

void qcx6dx_rq_post(QCx6dx *d, QCx6dxRq *rq, uint64_t addr, uint32_t bytes)
{
    uint8_t seg[CX6DX_wqe_data_BYTES] = { 0 };
    uint32_t mask = (1u << rq->log_wqes) - 1;

    put_data_seg(d, seg, addr, bytes);
    qtest_memwrite(d->qts, rq->buf + (rq->pc & mask) * QCX6DX_RQ_STRIDE_BYTES,
                   seg, sizeof(seg));
    rq->pc++;
    write_mem32(d, rq->dbr + CX6DX_OFF_(wq_dbrec, rq_counter), rq->pc);
}

/* ---- Transport, steering, keys ---- */

uint32_t qcx6dx_tis_create(QCx6dx *d, bool tls)
{
    uint8_t in[CX6DX_create_obj_in_BYTES + CX6DX_tisc_BYTES] = { 0 };
    uint8_t *tisc = in + CX6DX_create_obj_in_BYTES;

    CX6DX_SET(tisc, tisc, transport_domain, d->tdn);
    CX6DX_SET(tisc, tisc, tls_en, tls);
    CX6DX_SET(tisc, tisc, pd, tls ? d->pdn : 0);
    return qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_TIS, in, sizeof(in));
}

uint32_t qcx6dx_tir_create(QCx6dx *d, uint32_t rqn, bool tls)
{
    uint8_t in[CX6DX_create_obj_in_BYTES + CX6DX_tirc_BYTES] = { 0 };
    uint8_t *tirc = in + CX6DX_create_obj_in_BYTES;

    CX6DX_SET(tirc, tirc, disp_type, CX6DX_TIR_DIRECT);
    CX6DX_SET(tirc, tirc, tls_en, tls);
    CX6DX_SET(tirc, tirc, inline_rqn, rqn);
    CX6DX_SET(tirc, tirc, transport_domain, d->tdn);
    CX6DX_SET(tirc, tirc, self_lb_block, CX6DX_FIELD_MAX(tirc, self_lb_block));
    return qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_TIR, in, sizeof(in));
}

static void set_root(QCx6dx *d, uint16_t op_mod, uint32_t table)
{
    uint8_t in[CX6DX_set_flow_table_root_in_BYTES] = { 0 };

    CX6DX_SET(set_flow_table_root_in, in, op_mod, op_mod);
    CX6DX_SET(set_flow_table_root_in, in, table_type, CX6DX_FT_NIC_RX);
    CX6DX_SET(set_flow_table_root_in, in, table_id, table);
    qcx6dx_cmd_create(d, CX6DX_CMD_SET_FLOW_TABLE_ROOT, in, sizeof(in));
}

void qcx6dx_steer_all(QCx6dx *d, uint32_t tirn)
{
    uint8_t table[CX6DX_create_flow_table_in_BYTES] = { 0 };
    uint8_t group[CX6DX_create_flow_group_in_BYTES] = { 0 };
    uint8_t fte[CX6DX_set_fte_in_BYTES + CX6DX_dest_format_BYTES] = { 0 };
    uint8_t *dest = fte + CX6DX_FTE_DEST_LIST_OFF;

    d->flow_table = qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_FLOW_TABLE, table,
                                      sizeof(table));
    CX6DX_SET(create_flow_group_in, group, table_id, d->flow_table);
    d->flow_group = qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_FLOW_GROUP, group,
                                      sizeof(group));
    CX6DX_SET(set_fte_in, fte, table_id, d->flow_table);
    CX6DX_SET(set_fte_in, fte, group_id, d->flow_group);
    CX6DX_SET(set_fte_in, fte, action, CX6DX_FTE_FWD);
    CX6DX_SET(set_fte_in, fte, destination_list_size, 1);
    CX6DX_SET(dest_format, dest, destination_type, CX6DX_FT_DEST_TIR);
    CX6DX_SET(dest_format, dest, destination_id, tirn);
    qcx6dx_cmd_create(d, CX6DX_CMD_SET_FLOW_TABLE_ENTRY, fte, sizeof(fte));
    set_root(d, CX6DX_FT_ROOT_SET, d->flow_table);
}

void qcx6dx_steer_none(QCx6dx *d)
{
    uint8_t fte[CX6DX_delete_fte_in_BYTES] = { 0 };
    uint8_t group[CX6DX_destroy_flow_group_in_BYTES] = { 0 };
    uint8_t table[CX6DX_flow_cmd_in_BYTES] = { 0 };

    set_root(d, CX6DX_FT_ROOT_RESET, d->flow_table);
    CX6DX_SET(delete_fte_in, fte, table_id, d->flow_table);
    qcx6dx_cmd_create(d, CX6DX_CMD_DELETE_FLOW_TABLE_ENTRY, fte, sizeof(fte));
    CX6DX_SET(destroy_flow_group_in, group, table_id, d->flow_table);
    CX6DX_SET(destroy_flow_group_in, group, group_id, d->flow_group);
    qcx6dx_cmd_create(d, CX6DX_CMD_DESTROY_FLOW_GROUP, group, sizeof(group));
    CX6DX_SET(flow_cmd_in, table, table_id, d->flow_table);
    qcx6dx_cmd_create(d, CX6DX_CMD_DESTROY_FLOW_TABLE, table, sizeof(table));
}

uint32_t qcx6dx_dek_create(QCx6dx *d, const uint8_t *key, size_t key_bytes)
{
    uint8_t in[CX6DX_create_encryption_key_in_BYTES] = { 0 };
    uint8_t *obj = CX6DX_AREA(create_encryption_key_in, in,
                              encryption_key_object);
    uint8_t *at = CX6DX_AREA(encryption_key_obj, obj, key);
    uint8_t out[CX6DX_general_obj_out_BYTES];

    g_assert_true(key_bytes == 16 || key_bytes == 32);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_GENERAL_OBJECT);
    CX6DX_SET(general_obj_in, in, obj_type, CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
    CX6DX_SET(encryption_key_obj, obj, key_size,
              key_bytes == 16 ? CX6DX_KEY_SIZE_128 : CX6DX_KEY_SIZE_256);
    CX6DX_SET(encryption_key_obj, obj, key_purpose, CX6DX_KEY_PURPOSE_TLS);
    CX6DX_SET(encryption_key_obj, obj, pd, d->pdn);
    memcpy(at + (key_bytes == 16 ? CX6DX_DEK_KEY_128_OFF
                                 : CX6DX_DEK_KEY_256_OFF), key, key_bytes);
    g_assert_cmphex(qcx6dx_cmd(d, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    return CX6DX_GET(general_obj_out, out, obj_id);
}

uint8_t qcx6dx_dek_destroy(QCx6dx *d, uint32_t dek)
{
    uint8_t in[CX6DX_general_obj_in_BYTES] = { 0 };
    uint8_t out[CX6DX_general_obj_out_BYTES];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_DESTROY_GENERAL_OBJECT);
    CX6DX_SET(general_obj_in, in, obj_type, CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
    CX6DX_SET(general_obj_in, in, obj_id, dek);
    return qcx6dx_cmd(d, in, sizeof(in), out, sizeof(out));
}

/* ---- Work requests ---- */

static void put_ctrl(uint8_t *wqe, uint8_t opmod, uint8_t opcode,
                     size_t bytes)
{
    memset(wqe, 0, ROUND_UP(bytes, CX6DX_WQE_DS_BYTES));
    CX6DX_SET(wqe_ctrl, wqe, opmod, opmod);
    CX6DX_SET(wqe_ctrl, wqe, opcode, opcode);
    CX6DX_SET(wqe_ctrl, wqe, ds, bytes / CX6DX_WQE_DS_BYTES);
}

void qcx6dx_wqe_signal(uint8_t *wqe)
{
    CX6DX_SET(wqe_ctrl, wqe, completion, CX6DX_CE_ALWAYS);
}

size_t qcx6dx_wqe_send(QCx6dx *d, uint8_t *wqe, uint32_t tisn,
                       const uint8_t *frame, size_t inline_bytes,
                       uint64_t addr, size_t rest_bytes, uint16_t mss)
{
    size_t seg = CX6DX_WQE_ETH_OFF + CX6DX_wqe_eth_BYTES +
                 (inline_bytes > 2 ? ROUND_UP(inline_bytes - 2,
                                              CX6DX_WQE_DS_BYTES) : 0);
    size_t bytes = seg + (rest_bytes ? CX6DX_wqe_data_BYTES : 0);
    uint8_t *eth = wqe + CX6DX_WQE_ETH_OFF;

    put_ctrl(wqe, 0, mss ? CX6DX_WQE_LSO : CX6DX_WQE_SEND, bytes);
    CX6DX_SET(wqe_ctrl, wqe, tis_tir_num, tisn);
    CX6DX_SET(wqe_eth, eth, l3_csum, 1);
    CX6DX_SET(wqe_eth, eth, l4_csum, 1);
    CX6DX_SET(wqe_eth, eth, mss, mss);
    CX6DX_SET(wqe_eth, eth, inline_hdr_sz, inline_bytes);
    memcpy(wqe + CX6DX_WQE_INLINE_HDR_OFF, frame, inline_bytes);
    if (rest_bytes) {
        put_data_seg(d, wqe + seg, addr, rest_bytes);
    }
    return bytes;
}

size_t qcx6dx_wqe_static(uint8_t *wqe, uint8_t opmod, uint32_t number,
                         const uint8_t params[CX6DX_tls_static_params_BYTES])
{
    size_t bytes = CX6DX_WQE_STATIC_PARAMS_DS * CX6DX_WQE_DS_BYTES;
    uint8_t *umr = wqe + CX6DX_WQE_UMR_CTRL_OFF;

    put_ctrl(wqe, opmod, CX6DX_WQE_UMR, bytes);
    CX6DX_SET(wqe_ctrl, wqe, tis_tir_num, number);
    CX6DX_SET(wqe_umr_ctrl, umr, inline_, 1);
    CX6DX_SET(wqe_umr_ctrl, umr, bsf_octowords, 4);
    memcpy(wqe + CX6DX_WQE_UMR_INLINE_OFF, params,
           CX6DX_tls_static_params_BYTES);
    return bytes;
}

size_t qcx6dx_wqe_progress(uint8_t *wqe, uint8_t opmod, uint32_t number,
                           uint32_t next_record_tcp_sn)
{
    size_t bytes = CX6DX_WQE_PROGRESS_PARAMS_DS * CX6DX_WQE_DS_BYTES;
    uint8_t *psv = wqe + CX6DX_WQE_PSV_OFF;

    put_ctrl(wqe, opmod, CX6DX_WQE_SET_PSV, bytes);
    CX6DX_SET(wqe_set_psv, psv, number, number);
    CX6DX_SET(tls_progress_params, CX6DX_AREA(wqe_set_psv, psv, params),
              next_record_tcp_sn, next_record_tcp_sn);
    return bytes;
}

size_t qcx6dx_wqe_get_psv(QCx6dx *d, uint8_t *wqe, uint32_t tirn,
                          uint64_t addr)
{
    size_t bytes = CX6DX_WQE_GET_PSV_DS * CX6DX_WQE_DS_BYTES;
    uint8_t *psv = wqe + CX6DX_WQE_PSV_OFF;

    put_ctrl(wqe, CX6DX_OPMOD_TIR, CX6DX_WQE_GET_PSV, bytes);
    CX6DX_SET(wqe_get_psv, psv, num_psv, 1);
    CX6DX_SET(wqe_get_psv, psv, lkey, d->lkey);
    CX6DX_SET64(wqe_get_psv, psv, va, addr);
    CX6DX_SET(wqe_get_psv, psv, psv_index, tirn);
    return bytes;
}

size_t qcx6dx_wqe_dump(QCx6dx *d, uint8_t *wqe, uint32_t tisn, uint64_t addr,
                       size_t bytes)
{
    put_ctrl(wqe, 0, CX6DX_WQE_DUMP, 2 * CX6DX_WQE_DS_BYTES);
    CX6DX_SET(wqe_ctrl, wqe, tis_tir_num, tisn);
    put_data_seg(d, wqe + CX6DX_WQE_DS_BYTES, addr, bytes);
    return 2 * CX6DX_WQE_DS_BYTES;
}

void qcx6dx_tls12_params(uint8_t params[CX6DX_tls_static_params_BYTES],
                         uint32_t dek, const uint8_t salt[4],
                         uint64_t rec_sn, uint32_t resync_tcp_sn)
{
    memset(params, 0, CX6DX_tls_static_params_BYTES);
    CX6DX_SET(tls_static_params, params, const_1, CX6DX_TLS_CONST_1);
    CX6DX_SET(tls_static_params, params, const_2, CX6DX_TLS_CONST_2);
    CX6DX_SET(tls_static_params, params, tls_version, CX6DX_TLS_VERSION_1_2);
    CX6DX_SET(tls_static_params, params, encryption_standard,
              CX6DX_ENCRYPTION_STANDARD_TLS);
    CX6DX_SET64(tls_static_params, params, initial_record_number, rec_sn);
    CX6DX_SET(tls_static_params, params, resync_tcp_sn, resync_tcp_sn);
    CX6DX_SET(tls_static_params, params, gcm_iv, cx6dx_prm_load(salt));
    CX6DX_SET(tls_static_params, params, dek_index, dek);
}

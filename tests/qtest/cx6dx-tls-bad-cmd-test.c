/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: a guest that gives wrong commands, and queues that are
 * too small or in no memory
 *
 * For each mistake: what the guest is told (delivery status, command status),
 * that it was counted under its own name and logged, and that the device goes
 * on.
 */
#include "qemu/osdep.h"
#include "libqos/cx6dx_bad.h"

enum { NO_SUCH_NUMBER = 0xabcde };

/* ---- Commands ---- */

static void test_unknown_opcode(void)
{
    static const uint16_t opcodes[] = {
        0, 1, 0x0ff, 0x10c, 0x500, 0x7ff, 0xabc, 0xfffe, 0xffff,
    };
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    for (int i = 0; i < ARRAY_SIZE(opcodes); i++) {
        g_assert_cmphex(qcx6dx_cmd_number(f.d, opcodes[i], 0), ==,
                        CX6DX_STATUS_BAD_OP);
        g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "CMD_OPCODE"), ==, i + 1);
    }
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

static void test_before_init(void)
{
    QCx6dxBad f;

    qcx6dx_bad_boot(&f);
    qcx6dx_open(f.d);
    g_assert_cmphex(qcx6dx_cmd_number(f.d, CX6DX_CMD_ALLOC_PD, 0), ==,
                    CX6DX_STATUS_BAD_SYS_STATE);
    qcx6dx_start(f.d);
    g_assert_cmphex(qcx6dx_cmd_number(f.d, CX6DX_CMD_ALLOC_PD, 0), ==,
                    CX6DX_STATUS_OK);
    qcx6dx_bad_end(&f);
}

static void test_short_command(void)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 }, out[CX6DX_cmd_out_BYTES];
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_CQ);
    g_assert_cmphex(qcx6dx_cmd(f.d, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_BAD_INP_LEN);
    g_assert_cmphex(CX6DX_GET(cmd_out, out, syndrome), !=, 0);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_HCA_CAP);
    g_assert_cmphex(qcx6dx_cmd(f.d, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_BAD_OUTP_LEN);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "CMD_LENGTH"), ==, 2);
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

/* ---- Mailboxes ---- */

enum { BIG_IN = 0x10 + 3 * 0x200, BIG_OUT = 0x10 + 0x1000, IN_BOX = 0,
       OUT_BOX = QCX6DX_CMD_BOXES };

/* Field `offset` of mailbox `k` of slot 0 */
static uint64_t box_at(QCx6dxBad *f, unsigned k, size_t offset)
{
    return qcx6dx_cmd_box(f->d, 0, k) + offset;
}

static void put_big_command(QCx6dxBad *f)
{
    static uint8_t in[BIG_IN];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_HCA_CAP);
    CX6DX_SET(cmd_in, in, op_mod,
              CX6DX_CAP_GENERAL << 1 | CX6DX_CAP_MODE_CURRENT);
    qcx6dx_cmd_put(f->d, 0, in, sizeof(in), BIG_OUT);
}

/* Runs the command that is in slot 0 and was broken since it was put there */
static void expect_delivery(QCx6dxBad *f, uint8_t delivery)
{
    uint64_t before = qcx6dx_bad_mistakes(f, "CMD_MAILBOX");
    uint64_t cmds = qcx6dx_bad_number(f, "stats", "cmds");

    qcx6dx_cmd_ring(f->d, 1);
    g_assert_cmphex(qcx6dx_cmd_wait(f->d, 0), ==, delivery);
    g_assert_cmpuint(qcx6dx_bad_mistakes(f, "CMD_MAILBOX"), ==,
                     before + (delivery != CX6DX_DELIVERY_OK));
    g_assert_cmpuint(qcx6dx_bad_number(f, "stats", "cmds"), ==,
                     cmds + (delivery == CX6DX_DELIVERY_OK));
}

static void test_mailbox_chain(void)
{
    const size_t next = CX6DX_OFF_(cmd_mailbox, next_h);
    const size_t number = CX6DX_OFF_(cmd_mailbox, block_num);
    const size_t token = CX6DX_OFF_(cmd_mailbox, token);
    const struct {
        size_t offset;
        unsigned box;
        bool wide;
        uint64_t value;
        uint8_t delivery;
    } rows[] = {
        /* too short for the length that the entry says */
        { next, IN_BOX, true, 0, CX6DX_DELIVERY_IN_LENGTH },
        { next, IN_BOX + 1, true, 0, CX6DX_DELIVERY_IN_LENGTH },
        { next, OUT_BOX + 3, true, 0, CX6DX_DELIVERY_OUT_LENGTH },
        /* not in memory, not aligned */
        { next, IN_BOX, true, QCX6DX_NOWHERE, CX6DX_DELIVERY_IN_LENGTH },
        { next, OUT_BOX, true, QCX6DX_NOWHERE, CX6DX_DELIVERY_OUT_LENGTH },
        { next, IN_BOX, true, 0x1000008, CX6DX_DELIVERY_IN_PTR_ALIGN },
        { next, OUT_BOX, true, 0x1000008, CX6DX_DELIVERY_OUT_PTR_ALIGN },
        { number, IN_BOX + 1, false, 7, CX6DX_DELIVERY_BAD_BLOCK_NUM },
        { number, OUT_BOX, false, 1, CX6DX_DELIVERY_BAD_BLOCK_NUM },
        { token, IN_BOX + 2, false, 0, CX6DX_DELIVERY_TOKEN_ERR },
        { token, OUT_BOX + 7, false, 0, CX6DX_DELIVERY_TOKEN_ERR },
    };
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    put_big_command(&f);
    expect_delivery(&f, CX6DX_DELIVERY_OK);
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t addr = box_at(&f, rows[i].box, rows[i].offset);

        put_big_command(&f);
        if (rows[i].wide) {
            qcx6dx_bad_set64(&f, addr, rows[i].value);
        } else {
            qcx6dx_bad_set32(&f, addr, rows[i].value);
        }
        expect_delivery(&f, rows[i].delivery);
    }
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

static void test_mailbox_loop(void)
{
    const size_t next = CX6DX_OFF_(cmd_mailbox, next_h);
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    for (unsigned from = 0; from < 2; from++) {
        put_big_command(&f);
        qcx6dx_bad_set64(&f, box_at(&f, IN_BOX + from, next),
                         qcx6dx_cmd_box(f.d, 0, IN_BOX));
        expect_delivery(&f, CX6DX_DELIVERY_BAD_BLOCK_NUM);
        put_big_command(&f);
        qcx6dx_bad_set64(&f, box_at(&f, OUT_BOX + from, next),
                         qcx6dx_cmd_box(f.d, 0, OUT_BOX));
        expect_delivery(&f, CX6DX_DELIVERY_BAD_BLOCK_NUM);
    }
    /* a loop behind what is needed is no mistake: it is never followed */
    put_big_command(&f);
    qcx6dx_bad_set64(&f, box_at(&f, IN_BOX + 2, next),
                     qcx6dx_cmd_box(f.d, 0, IN_BOX));
    expect_delivery(&f, CX6DX_DELIVERY_OK);
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

static void test_command_entry(void)
{
    const struct {
        size_t offset;
        uint32_t value;
        uint8_t delivery;
    } rows[] = {
        { CX6DX_OFF_(cmd_entry, type), 0x06000000, CX6DX_DELIVERY_CMD_DESCR },
        { CX6DX_OFF_(cmd_entry, inlen), 0, CX6DX_DELIVERY_IN_LENGTH },
        { CX6DX_OFF_(cmd_entry, inlen), 7, CX6DX_DELIVERY_IN_LENGTH },
        { CX6DX_OFF_(cmd_entry, inlen), UINT32_MAX, CX6DX_DELIVERY_IN_LENGTH },
        { CX6DX_OFF_(cmd_entry, outlen), 0, CX6DX_DELIVERY_OUT_LENGTH },
        { CX6DX_OFF_(cmd_entry, outlen), UINT32_MAX,
          CX6DX_DELIVERY_OUT_LENGTH },
        { CX6DX_OFF_(cmd_entry, in_ptr_l), 0x10, CX6DX_DELIVERY_IN_PTR_ALIGN },
        { CX6DX_OFF_(cmd_entry, out_ptr_l), 0x10,
          CX6DX_DELIVERY_OUT_PTR_ALIGN },
        { CX6DX_OFF_(cmd_entry, in_ptr_h), QCX6DX_NOWHERE >> 32,
          CX6DX_DELIVERY_IN_LENGTH },
    };
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        put_big_command(&f);
        qcx6dx_bad_set32(&f, qcx6dx_cmd_entry(f.d, 0) + rows[i].offset,
                         rows[i].value);
        expect_delivery(&f, rows[i].delivery);
    }
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

static void test_command_queue(void)
{
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    /* nothing in these slots belongs to the device */
    qcx6dx_cmd_ring(f.d, 0xfffffffe);
    qcx6dx_settle(f.d);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "CMDQ_NOT_OWNED"), ==, 31);
    qcx6dx_writel(f.d, CX6DX_ISEG_CMDQ_ADDR_H, QCX6DX_NOWHERE >> 32);
    qcx6dx_cmd_ring(f.d, 1);
    qcx6dx_settle(f.d);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "CMDQ_DMA"), ==, 1);
    qcx6dx_writel(f.d, CX6DX_ISEG_CMDQ_ADDR_H, f.d->cmdq >> 32);
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

/* ---- Objects ---- */

static void test_destroy_in_use(void)
{
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    {
        const struct {
            uint16_t opcode;
            uint32_t number;
        } rows[] = {
            { CX6DX_CMD_DESTROY_EQ, f.eq.eqn },
            { CX6DX_CMD_DESTROY_CQ, f.cq.cqn },
            { CX6DX_CMD_DESTROY_CQ, f.rcq.cqn },
            { CX6DX_CMD_DESTROY_RQ, f.rq.rqn },
            { CX6DX_CMD_DESTROY_TIS, f.tisn },
            { CX6DX_CMD_DESTROY_TIR, f.tirn },
            { CX6DX_CMD_DEALLOC_PD, f.d->pdn },
            { CX6DX_CMD_DEALLOC_TRANSPORT_DOMAIN, f.d->tdn },
            { CX6DX_CMD_DEALLOC_UAR, f.d->uar },
        };

        for (int i = 0; i < ARRAY_SIZE(rows); i++) {
            g_assert_cmphex(qcx6dx_cmd_number(f.d, rows[i].opcode,
                                              rows[i].number), ==,
                            CX6DX_STATUS_RES_BUSY);
            g_assert_cmphex(qcx6dx_cmd_number(f.d, rows[i].opcode,
                                              NO_SUCH_NUMBER & 0xff00), ==,
                            CX6DX_STATUS_BAD_RES);
        }
        g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "CMD_PARAM"), ==,
                         2 * ARRAY_SIZE(rows));
    }
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

typedef struct BadQueue {
    uint8_t log_entries;
    uint8_t log_stride;             /* work queues */
    uint32_t cqn_or_eqn;
    uint64_t dbr;
    unsigned pages;                 /* that the list has */
    uint64_t page;
    uint8_t status;
} BadQueue;

static uint8_t create_bad_cq(QCx6dxBad *f, const BadQueue *q)
{
    uint8_t in[CX6DX_create_cq_in_BYTES + 64] = { 0 };
    uint8_t out[CX6DX_cmd_out_BYTES];
    uint8_t *cqc = CX6DX_AREA(create_cq_in, in, cq_context);

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_CQ);
    CX6DX_SET(cqc, cqc, log_cq_size, q->log_entries);
    CX6DX_SET(cqc, cqc, uar_page, f->d->uar);
    CX6DX_SET(cqc, cqc, c_eqn_or_apu_element, q->cqn_or_eqn);
    CX6DX_SET64(cqc, cqc, dbr_addr, q->dbr);
    for (unsigned i = 0; i < q->pages; i++) {
        cx6dx_prm_store(in + CX6DX_create_cq_in_BYTES + 8 * i + 4,
                        (uint32_t)q->page);
    }
    return qcx6dx_cmd(f->d, in, CX6DX_create_cq_in_BYTES + 8 * q->pages, out,
                      sizeof(out));
}

static uint8_t create_bad_wq(QCx6dxBad *f, uint16_t opcode, const BadQueue *q)
{
    uint8_t in[CX6DX_create_obj_in_BYTES + CX6DX_sqc_BYTES + 64] = { 0 };
    uint8_t out[CX6DX_cmd_out_BYTES];
    uint8_t *ctx = in + CX6DX_create_obj_in_BYTES;
    uint8_t *wq = CX6DX_AREA(sqc, ctx, wq);

    CX6DX_SET(cmd_in, in, opcode, opcode);
    CX6DX_SET(sqc, ctx, cqn, q->cqn_or_eqn);
    CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_CYCLIC);
    CX6DX_SET(wq, wq, pd, f->d->pdn);
    CX6DX_SET(wq, wq, uar_page, f->d->uar);
    CX6DX_SET64(wq, wq, dbr_addr, q->dbr);
    CX6DX_SET(wq, wq, log_wq_stride, q->log_stride);
    CX6DX_SET(wq, wq, log_wq_sz, q->log_entries);
    for (unsigned i = 0; i < q->pages; i++) {
        cx6dx_prm_store(wq + CX6DX_wq_BYTES + 8 * i + 4, (uint32_t)q->page);
    }
    return qcx6dx_cmd(f->d, in, CX6DX_create_obj_in_BYTES + CX6DX_sqc_BYTES +
                      8 * q->pages, out, sizeof(out));
}

static void test_queue_shapes(void)
{
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    {
        const uint32_t eqn = f.eq.eqn, cqn = f.cq.cqn;
        const uint8_t bad = CX6DX_STATUS_BAD_PARAM;
        const BadQueue cqs[] = {
            { 31, 0, eqn, f.buf, 1, f.buf, bad },
            { 7, 0, eqn, f.buf, 1, f.buf, bad },        /* needs two pages */
            { 6, 0, eqn, f.buf, 0, f.buf, bad },
            { 6, 0, eqn, f.buf, 1, f.buf + 8, bad },
            { 6, 0, 0x7f, f.buf, 1, f.buf, CX6DX_STATUS_BAD_RES },
        };
        const BadQueue sqs[] = {
            { 31, 6, cqn, f.buf, 1, f.buf, bad },
            { 7, 6, cqn, f.buf, 1, f.buf, bad },
            { 6, 6, cqn, f.buf, 1, f.buf + 8, bad },
            { 6, 15, cqn, f.buf, 1, f.buf, bad },
            { 6, 6, cqn, f.buf + 1, 1, f.buf, bad },
            { 6, 6, NO_SUCH_NUMBER, f.buf, 1, f.buf, CX6DX_STATUS_BAD_RES },
        };

        for (int i = 0; i < ARRAY_SIZE(cqs); i++) {
            g_assert_cmphex(create_bad_cq(&f, &cqs[i]), ==, cqs[i].status);
        }
        for (int i = 0; i < ARRAY_SIZE(sqs); i++) {
            g_assert_cmphex(create_bad_wq(&f, CX6DX_CMD_CREATE_SQ, &sqs[i]),
                            ==, sqs[i].status);
            g_assert_cmphex(create_bad_wq(&f, CX6DX_CMD_CREATE_RQ, &sqs[i]),
                            ==, sqs[i].status);
        }
    }
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

static uint8_t create_key(QCx6dxBad *f, uint32_t type, uint32_t size,
                          uint32_t pdn, uint32_t log_range)
{
    uint8_t in[CX6DX_create_encryption_key_in_BYTES] = { 0 };
    uint8_t *obj = CX6DX_AREA(create_encryption_key_in, in,
                              encryption_key_object);
    uint8_t out[CX6DX_cmd_out_BYTES];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_GENERAL_OBJECT);
    CX6DX_SET(general_obj_in, in, obj_type, type);
    CX6DX_SET(general_obj_in, in, log_obj_range, log_range);
    CX6DX_SET(encryption_key_obj, obj, key_size, size);
    CX6DX_SET(encryption_key_obj, obj, key_purpose, CX6DX_KEY_PURPOSE_TLS);
    CX6DX_SET(encryption_key_obj, obj, pd, pdn);
    return qcx6dx_cmd(f->d, in, sizeof(in), out, sizeof(out));
}

static void test_keys(void)
{
    const uint32_t dek = CX6DX_OBJ_TYPE_ENCRYPTION_KEY;
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    for (uint32_t size = CX6DX_KEY_SIZE_256 + 1;
         size <= CX6DX_FIELD_MAX(encryption_key_obj, key_size); size++) {
        g_assert_cmphex(create_key(&f, dek, size, f.d->pdn, 0), ==,
                        CX6DX_STATUS_BAD_PARAM);
    }
    g_assert_cmphex(create_key(&f, dek + 1, 0, f.d->pdn, 0), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(create_key(&f, dek, 0, NO_SUCH_NUMBER, 0), ==,
                    CX6DX_STATUS_BAD_RES);
    g_assert_cmphex(create_key(&f, dek, 0, f.d->pdn, 31), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(qcx6dx_dek_destroy(f.d, NO_SUCH_NUMBER), ==,
                    CX6DX_STATUS_BAD_RES);
    g_assert_cmphex(create_key(&f, dek, CX6DX_KEY_SIZE_256, f.d->pdn, 0), ==,
                    CX6DX_STATUS_OK);
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

/* ---- Queues that are too small, or in no memory ---- */

/* A completion on a queue of its own whose entries go to `cqn` */
static void make_completions(QCx6dxBad *f, uint32_t cqn, int n)
{
    QCx6dxSq sq;

    qcx6dx_sq_create(f->d, &sq, QCX6DX_BAD_LOG_WQEBBS, cqn, f->tisn);
    for (int i = 0; i < n; i++) {
        uint8_t nop[CX6DX_wqe_ctrl_BYTES] = { 0 };

        CX6DX_SET(wqe_ctrl, nop, opcode, CX6DX_WQE_NOP);
        CX6DX_SET(wqe_ctrl, nop, ds, 1);
        qcx6dx_wqe_signal(nop);
        qcx6dx_sq_post(f->d, &sq, nop, sizeof(nop));
    }
    qcx6dx_sq_ring(f->d, &sq);
    qcx6dx_settle(f->d);
}

static void expect_cq_error(QCx6dxBad *f, QCx6dxEq *eq, uint32_t cqn)
{
    uint8_t eqe[CX6DX_eqe_BYTES];

    g_assert_true(qcx6dx_eq_next(f->d, eq, eqe));
    g_assert_cmphex(CX6DX_GET(eqe, eqe, type), ==, CX6DX_EVENT_CQ_ERROR);
    g_assert_cmpuint(CX6DX_GET(eqe, eqe, cq_err_cqn), ==, cqn);
    g_assert_cmpuint(CX6DX_GET(eqe, eqe, cq_err_syndrome), ==,
                     CX6DX_CQ_ERR_OVERRUN);
    g_assert_false(qcx6dx_eq_next(f->d, eq, eqe));
}

static void test_cq_overrun(void)
{
    uint8_t cqe[CX6DX_cqe_BYTES];
    QCx6dxBad f;
    QCx6dxEq eq;
    QCx6dxCq cq;

    qcx6dx_bad_start(&f);
    qcx6dx_eq_create(f.d, &eq, 4, 2, 1ull << CX6DX_EVENT_CQ_ERROR);
    qcx6dx_cq_create(f.d, &cq, 2, f.eq.eqn);
    make_completions(&f, cq.cqn, 7);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "CQ_OVERRUN"), ==, 1);
    expect_cq_error(&f, &eq, cq.cqn);
    for (int i = 0; i < 4; i++) {       /* what fitted is not overwritten */
        g_assert_true(qcx6dx_cq_next(f.d, &cq, cqe));
        g_assert_cmpuint(CX6DX_GET(cqe, cqe, wqe_counter), ==, i);
    }
    g_assert_false(qcx6dx_cq_next(f.d, &cq, cqe));
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

static void test_cq_nowhere(void)
{
    uint8_t in[CX6DX_create_cq_in_BYTES + 8] = { 0 };
    uint8_t *cqc = CX6DX_AREA(create_cq_in, in, cq_context);
    QCx6dxBad f;
    QCx6dxEq eq;
    uint32_t cqn;

    qcx6dx_bad_start(&f);
    qcx6dx_eq_create(f.d, &eq, 4, 2, 1ull << CX6DX_EVENT_CQ_ERROR);
    CX6DX_SET(cqc, cqc, log_cq_size, 4);
    CX6DX_SET(cqc, cqc, uar_page, f.d->uar);
    CX6DX_SET(cqc, cqc, c_eqn_or_apu_element, f.eq.eqn);
    CX6DX_SET64(cqc, cqc, dbr_addr, f.buf);
    cx6dx_prm_store(in + CX6DX_create_cq_in_BYTES, QCX6DX_NOWHERE >> 32);
    cqn = qcx6dx_cmd_create(f.d, CX6DX_CMD_CREATE_CQ, in, sizeof(in));
    make_completions(&f, cqn, 2);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "CQ_DMA"), ==, 1);
    expect_cq_error(&f, &eq, cqn);
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

static void test_eq_nowhere(void)
{
    uint8_t in[CX6DX_create_eq_in_BYTES + 8] = { 0 };
    uint8_t *eqc = CX6DX_AREA(create_eq_in, in, eq_context_entry);
    QCx6dxBad f;
    QCx6dxCq cq;
    uint32_t eqn;

    qcx6dx_bad_start(&f);
    CX6DX_SET(eqc, eqc, log_eq_size, 4);
    CX6DX_SET(eqc, eqc, uar_page, f.d->uar);
    cx6dx_prm_store(in + CX6DX_create_eq_in_BYTES, QCX6DX_NOWHERE >> 32);
    eqn = qcx6dx_cmd_create(f.d, CX6DX_CMD_CREATE_EQ, in, sizeof(in)) & 0xff;
    qcx6dx_cq_create(f.d, &cq, 4, eqn);
    qcx6dx_cq_arm(f.d, &cq);
    make_completions(&f, cq.cqn, 2);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "EQ_DMA"), ==, 1);
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cx6dx/bad/cmd/unknown-opcode", test_unknown_opcode);
    qtest_add_func("/cx6dx/bad/cmd/before-init", test_before_init);
    qtest_add_func("/cx6dx/bad/cmd/too-short", test_short_command);
    qtest_add_func("/cx6dx/bad/cmd/mailbox-chain", test_mailbox_chain);
    qtest_add_func("/cx6dx/bad/cmd/mailbox-loop", test_mailbox_loop);
    qtest_add_func("/cx6dx/bad/cmd/entry", test_command_entry);
    qtest_add_func("/cx6dx/bad/cmd/queue", test_command_queue);
    qtest_add_func("/cx6dx/bad/object/destroy-in-use", test_destroy_in_use);
    qtest_add_func("/cx6dx/bad/object/queue-shapes", test_queue_shapes);
    qtest_add_func("/cx6dx/bad/object/keys", test_keys);
    qtest_add_func("/cx6dx/bad/queue/cq-overrun", test_cq_overrun);
    qtest_add_func("/cx6dx/bad/queue/cq-nowhere", test_cq_nowhere);
    qtest_add_func("/cx6dx/bad/queue/eq-nowhere", test_eq_nowhere);
    return g_test_run();
}

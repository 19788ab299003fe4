/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: a guest that rings wrong doorbells and posts wrong work
 * requests
 *
 * For each mistake: what the guest is told (error completion or nothing),
 * that it was counted under its own name and logged, and that the device goes
 * on.
 */
#include "qemu/osdep.h"
#include "libqos/cx6dx_bad.h"
#include "qemu/bswap.h"

enum { NO_SUCH_NUMBER = 0xabcde, NO_SUCH_UAR = 0x1ff };

/* ---- Doorbells ---- */

static void test_doorbells_nobody_answers(void)
{
    QCx6dxEq no_eq = { .eqn = 0x7f };
    QCx6dxCq no_cq;
    uint64_t page;
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    page = (uint64_t)f.d->uar * CX6DX_PAGE_BYTES;
    qcx6dx_bad_ring(&f, f.d->uar, NO_SUCH_NUMBER);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "DB_SQ"), ==, 1);
    qcx6dx_bad_ring(&f, f.d->uar + 1, f.sq.sqn);        /* another's page */
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "DB_SQ"), ==, 2);
    no_cq = f.cq;
    no_cq.cqn = NO_SUCH_NUMBER;
    qcx6dx_cq_arm(f.d, &no_cq);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "DB_CQ"), ==, 1);
    qcx6dx_eq_doorbell(f.d, &no_eq, true);
    qcx6dx_eq_doorbell(f.d, &no_eq, false);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "DB_EQ"), ==, 2);
    qcx6dx_writel(f.d, (uint64_t)NO_SUCH_UAR * CX6DX_PAGE_BYTES +
                  CX6DX_UAR_EQ_ARM, f.eq.eqn << 24);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "DB_UAR"), ==, 1);
    qcx6dx_writel(f.d, page + 0x100, ~0u);      /* no doorbell there */
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "MMIO_OFFSET"), ==, 1);
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

static void test_counters_out_of_range(void)
{
    QCx6dxEq eq;
    QCx6dxCq cq;
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    qcx6dx_bad_set32(&f, f.sq.dbr + CX6DX_OFF_(wq_dbrec, sq_counter),
                     (1u << QCX6DX_BAD_LOG_WQEBBS) + 1);
    qcx6dx_bad_ring(&f, f.d->uar, f.sq.sqn);
    qcx6dx_settle(f.d);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "DB_RANGE"), ==, 1);
    eq = f.eq;
    eq.ci = 0x800000;
    qcx6dx_eq_doorbell(f.d, &eq, true);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "DB_RANGE"), ==, 2);
    cq = f.cq;
    cq.ci = 0x800000;
    qcx6dx_cq_arm(f.d, &cq);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "DB_RANGE"), ==, 3);
    /* the same queues with counters that are right */
    qcx6dx_bad_check_sends(&f, &f.sq);
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

/* ---- Work requests ---- */

typedef size_t BuildWqe(QCx6dxBad *f, uint8_t *wqe);

static size_t wqe_no_length(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_ctrl, wqe, ds, 0);
    return bytes;
}

static size_t wqe_beyond_posted(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_ctrl, wqe, ds, CX6DX_FIELD_MAX(wqe_ctrl, ds));
    return bytes;
}

static size_t wqe_too_short(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_ctrl, wqe, ds, 1);
    return bytes;
}

static size_t wqe_unknown_opcode(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_ctrl, wqe, opcode, 0x7e);
    return bytes;
}

static size_t wqe_bad_opmod(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_ctrl, wqe, opmod, 3);
    return bytes;
}

static size_t wqe_inline_beyond_end(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_eth, wqe + CX6DX_WQE_ETH_OFF, inline_hdr_sz, 0x7fff);
    return bytes;
}

static uint8_t *data_seg(uint8_t *wqe, size_t bytes)
{
    return wqe + bytes - CX6DX_wqe_data_BYTES;
}

static size_t wqe_empty_segment(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_data, data_seg(wqe, bytes), byte_count, 0);
    return bytes;
}

static size_t wqe_inline_data_beyond_end(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_data, data_seg(wqe, bytes), inline_data, 1);
    return bytes;
}

static size_t wqe_huge_segment(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_data, data_seg(wqe, bytes), byte_count, 0x7fffffff);
    return bytes;
}

static size_t wqe_unknown_key(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_data, data_seg(wqe, bytes), lkey, NO_SUCH_NUMBER << 8);
    return bytes;
}

static size_t wqe_to_nowhere(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET64(wqe_data, data_seg(wqe, bytes), addr, QCX6DX_NOWHERE);
    return bytes;
}

static size_t wqe_unknown_tis(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_ctrl, wqe, tis_tir_num, NO_SUCH_NUMBER);
    return bytes;
}

static size_t wqe_lso_without_mss(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = qcx6dx_bad_send(f, wqe);

    CX6DX_SET(wqe_ctrl, wqe, opcode, CX6DX_WQE_LSO);
    return bytes;
}

static size_t wqe_lso_of_no_tcp(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = wqe_lso_without_mss(f, wqe);

    CX6DX_SET(wqe_eth, wqe + CX6DX_WQE_ETH_OFF, mss, 1448);
    return bytes;
}

static size_t wqe_umr_of_key(QCx6dxBad *f, uint8_t *wqe)
{
    uint8_t params[CX6DX_tls_static_params_BYTES] = { 0 };

    return qcx6dx_wqe_static(wqe, CX6DX_OPMOD_UMR_MKEY, 0, params);
}

static size_t static_for(QCx6dxBad *f, uint8_t *wqe, uint8_t opmod,
                         uint32_t number, uint32_t dek, uint8_t version)
{
    static const uint8_t salt[4] = { 1, 2, 3, 4 };
    uint8_t params[CX6DX_tls_static_params_BYTES];

    qcx6dx_tls12_params(params, dek, salt, 0, 0);
    CX6DX_SET(tls_static_params, params, tls_version, version);
    return qcx6dx_wqe_static(wqe, opmod, number, params);
}

static uint32_t a_dek(QCx6dxBad *f)
{
    static const uint8_t key[16] = { 0x55 };

    return qcx6dx_dek_create(f->d, key, sizeof(key));
}

static size_t wqe_static_plain_tis(QCx6dxBad *f, uint8_t *wqe)
{
    return static_for(f, wqe, CX6DX_OPMOD_TIS, f->tisn, a_dek(f),
                      CX6DX_TLS_VERSION_1_2);
}

static size_t wqe_static_unknown_tis(QCx6dxBad *f, uint8_t *wqe)
{
    return static_for(f, wqe, CX6DX_OPMOD_TIS, NO_SUCH_NUMBER, a_dek(f),
                      CX6DX_TLS_VERSION_1_2);
}

static size_t wqe_static_unknown_dek(QCx6dxBad *f, uint8_t *wqe)
{
    return static_for(f, wqe, CX6DX_OPMOD_TIS, f->tls_tisn, NO_SUCH_NUMBER,
                      CX6DX_TLS_VERSION_1_2);
}

static size_t wqe_static_unknown_version(QCx6dxBad *f, uint8_t *wqe)
{
    return static_for(f, wqe, CX6DX_OPMOD_TIS, f->tls_tisn, a_dek(f), 9);
}

static size_t wqe_static_malformed(QCx6dxBad *f, uint8_t *wqe)
{
    size_t bytes = static_for(f, wqe, CX6DX_OPMOD_TIS, f->tls_tisn, a_dek(f),
                              CX6DX_TLS_VERSION_1_2);

    CX6DX_SET(tls_static_params, wqe + CX6DX_WQE_UMR_INLINE_OFF, const_1, 0);
    return bytes;
}

static size_t wqe_static_tir(QCx6dxBad *f, uint8_t *wqe)
{
    return static_for(f, wqe, CX6DX_OPMOD_TIR, f->tirn, a_dek(f),
                      CX6DX_TLS_VERSION_1_2);
}

static size_t wqe_progress_plain_tis(QCx6dxBad *f, uint8_t *wqe)
{
    return qcx6dx_wqe_progress(wqe, CX6DX_OPMOD_TIS, f->tisn, 0);
}

static size_t wqe_dump_plain_tis(QCx6dxBad *f, uint8_t *wqe)
{
    return qcx6dx_wqe_dump(f->d, wqe, f->tisn, f->buf, 100);
}

static size_t wqe_get_psv_of_send_queue(QCx6dxBad *f, uint8_t *wqe)
{
    return qcx6dx_wqe_get_psv(f->d, wqe, f->tirn, f->buf);
}

/* Through ERR and RST back to RDY, as a driver recovers a queue */
static void recover(QCx6dxBad *f, QCx6dxSq *sq)
{
    g_assert_cmphex(qcx6dx_queue_modify(f->d, CX6DX_CMD_MODIFY_SQ, sq->sqn,
                                        CX6DX_QUEUE_ERR, CX6DX_QUEUE_RST), ==,
                    CX6DX_STATUS_OK);
    sq->pc = 0;
    qcx6dx_bad_set64(f, sq->dbr, 0);
    g_assert_cmphex(qcx6dx_queue_modify(f->d, CX6DX_CMD_MODIFY_SQ, sq->sqn,
                                        CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY), ==,
                    CX6DX_STATUS_OK);
}

static void expect_err_cqe(const uint8_t *cqe, uint8_t opcode, uint32_t qpn,
                           uint16_t index, uint8_t syndrome)
{
    g_assert_cmphex(CX6DX_GET(err_cqe, cqe, opcode), ==, opcode);
    g_assert_cmphex(CX6DX_GET(err_cqe, cqe, qpn), ==, qpn);
    g_assert_cmpuint(CX6DX_GET(err_cqe, cqe, wqe_counter), ==, index);
    g_assert_cmphex(CX6DX_GET(err_cqe, cqe, syndrome), ==, syndrome);
}

static void check_bad_wqe(QCx6dxBad *f, BuildWqe *build, uint8_t syndrome,
                          const char *mistake)
{
    uint8_t wqe[CX6DX_WQE_BB_BYTES * 4] = { 0 };
    uint8_t cqe[CX6DX_cqe_BYTES];
    size_t bytes = build(f, wqe);
    uint64_t before = qcx6dx_bad_mistakes(f, mistake);
    uint64_t sent = qcx6dx_bad_number(f, "stats", "tx_frames");
    uint16_t index = f->sq.pc;

    qcx6dx_sq_post(f->d, &f->sq, wqe, bytes);
    qcx6dx_sq_ring(f->d, &f->sq);
    qcx6dx_cq_wait(f->d, &f->cq, cqe);
    expect_err_cqe(cqe, CX6DX_CQE_REQ_ERR, f->sq.sqn, index, syndrome);
    g_assert_cmpuint(qcx6dx_bad_mistakes(f, mistake), ==, before + 1);

    /* a multiple of 64 bytes behind a broken length is flushed */
    qcx6dx_settle(f->d);
    while (qcx6dx_cq_next(f->d, &f->cq, cqe)) {
        g_assert_cmphex(CX6DX_GET(err_cqe, cqe, syndrome), ==,
                        CX6DX_CQE_SYNDROME_WR_FLUSH);
    }
    /* and so is whatever is posted to the queue now */
    index = f->sq.pc;
    qcx6dx_bad_post(f, &f->sq, wqe, qcx6dx_bad_send(f, wqe), cqe);
    expect_err_cqe(cqe, CX6DX_CQE_REQ_ERR, f->sq.sqn, index,
                   CX6DX_CQE_SYNDROME_WR_FLUSH);
    qcx6dx_settle(f->d);
    while (qcx6dx_cq_next(f->d, &f->cq, cqe)) {
    }
    g_assert_cmpuint(qcx6dx_bad_number(f, "stats", "tx_frames"), ==, sent);

    qcx6dx_bad_check_goes_on(f);
    recover(f, &f->sq);
    qcx6dx_bad_check_sends(f, &f->sq);
}

static void test_bad_work_requests(void)
{
    static const struct {
        BuildWqe *build;
        uint8_t syndrome;
        const char *mistake;
    } rows[] = {
        { wqe_no_length, CX6DX_CQE_SYNDROME_LOCAL_QP_OP, "WQE_MALFORMED" },
        { wqe_beyond_posted, CX6DX_CQE_SYNDROME_LOCAL_QP_OP, "WQE_MALFORMED" },
        { wqe_too_short, CX6DX_CQE_SYNDROME_LOCAL_QP_OP, "WQE_MALFORMED" },
        { wqe_unknown_opcode, CX6DX_CQE_SYNDROME_LOCAL_QP_OP,
          "WQE_MALFORMED" },
        { wqe_bad_opmod, CX6DX_CQE_SYNDROME_LOCAL_QP_OP, "WQE_MALFORMED" },
        { wqe_inline_beyond_end, CX6DX_CQE_SYNDROME_LOCAL_QP_OP,
          "WQE_MALFORMED" },
        { wqe_empty_segment, CX6DX_CQE_SYNDROME_LOCAL_QP_OP, "WQE_MALFORMED" },
        { wqe_inline_data_beyond_end, CX6DX_CQE_SYNDROME_LOCAL_QP_OP,
          "WQE_MALFORMED" },
        { wqe_lso_without_mss, CX6DX_CQE_SYNDROME_LOCAL_QP_OP,
          "WQE_MALFORMED" },
        { wqe_lso_of_no_tcp, CX6DX_CQE_SYNDROME_LOCAL_QP_OP, "WQE_MALFORMED" },
        { wqe_umr_of_key, CX6DX_CQE_SYNDROME_LOCAL_QP_OP, "WQE_MALFORMED" },
        { wqe_huge_segment, CX6DX_CQE_SYNDROME_LOCAL_LENGTH, "WQE_SIZE" },
        { wqe_unknown_key, CX6DX_CQE_SYNDROME_LOCAL_PROT, "WQE_LKEY" },
        { wqe_to_nowhere, CX6DX_CQE_SYNDROME_LOCAL_ACCESS, "WQE_DMA" },
        { wqe_unknown_tis, CX6DX_CQE_SYNDROME_LOCAL_QP_OP, "WQE_TIS" },
    };
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        check_bad_wqe(&f, rows[i].build, rows[i].syndrome, rows[i].mistake);
    }
    qcx6dx_bad_end(&f);
}

static void test_bad_tls_work_requests(void)
{
    static const struct {
        BuildWqe *build;
        const char *mistake;
    } rows[] = {
        { wqe_static_plain_tis, "TLS_PLAIN_TIS" },
        { wqe_static_unknown_tis, "TLS_PLAIN_TIS" },
        { wqe_progress_plain_tis, "TLS_PLAIN_TIS" },
        { wqe_dump_plain_tis, "TLS_PLAIN_TIS" },
        { wqe_static_unknown_dek, "TLS_PARAMS" },
        { wqe_static_unknown_version, "TLS_PARAMS" },
        { wqe_static_malformed, "TLS_PARAMS" },
        /* receive contexts belong to queues with reg_umr */
        { wqe_static_tir, "WQE_MALFORMED" },
        { wqe_get_psv_of_send_queue, "WQE_MALFORMED" },
    };
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        check_bad_wqe(&f, rows[i].build, CX6DX_CQE_SYNDROME_LOCAL_QP_OP,
                      rows[i].mistake);
    }
    qcx6dx_bad_end(&f);
}

/* A frame that cannot be one is not sent, but the queue is all right */
static void test_frame_sizes(void)
{
    uint8_t wqe[CX6DX_WQE_BB_BYTES * 4] = { 0 };
    uint8_t cqe[CX6DX_cqe_BYTES], frame[QCX6DX_BAD_FRAME_BYTES];
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    qcx6dx_bad_frame(frame);
    qcx6dx_bad_post(&f, &f.sq, wqe,
                    qcx6dx_wqe_send(f.d, wqe, 0, frame, 10, 0, 0, 0), cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_REQ);
    qcx6dx_bad_post(&f, &f.sq, wqe,
                    qcx6dx_wqe_send(f.d, wqe, 0, frame, 14, f.buf, 60000, 0),
                   cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_REQ);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "WQE_SIZE"), ==, 2);
    g_assert_cmpuint(qcx6dx_bad_number(&f, "stats", "tx_dropped"), ==, 2);
    g_assert_cmpuint(qcx6dx_bad_number(&f, "stats", "tx_frames"), ==, 0);
    qcx6dx_bad_check_sends(&f, &f.sq);
    qcx6dx_bad_end(&f);
}

static void test_ring_to_nowhere(void)
{
    uint8_t in[CX6DX_create_obj_in_BYTES + CX6DX_sqc_BYTES + 8] = { 0 };
    uint8_t *sqc = in + CX6DX_create_obj_in_BYTES;
    uint8_t *wq = CX6DX_AREA(sqc, sqc, wq);
    uint8_t cqe[CX6DX_cqe_BYTES];
    uint32_t sqn;
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    CX6DX_SET(sqc, sqc, cqn, f.cq.cqn);
    CX6DX_SET(sqc, sqc, tis_lst_sz, 1);
    CX6DX_SET(sqc, sqc, tis_num_0, f.tisn);
    CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_CYCLIC);
    CX6DX_SET(wq, wq, pd, f.d->pdn);
    CX6DX_SET(wq, wq, uar_page, f.d->uar);
    CX6DX_SET64(wq, wq, dbr_addr, f.buf);
    CX6DX_SET(wq, wq, log_wq_stride, CX6DX_LOG_SEND_WQE_BB);
    CX6DX_SET(wq, wq, log_wq_sz, 6);
    cx6dx_prm_store(wq + CX6DX_wq_BYTES, QCX6DX_NOWHERE >> 32);
    sqn = qcx6dx_cmd_create(f.d, CX6DX_CMD_CREATE_SQ, in, sizeof(in));
    qcx6dx_bad_ring(&f, f.d->uar, sqn);     /* in RST it takes nothing */
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "DB_SQ"), ==, 1);
    g_assert_cmphex(qcx6dx_queue_modify(f.d, CX6DX_CMD_MODIFY_SQ, sqn,
                                        CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY), ==,
                    CX6DX_STATUS_OK);
    qcx6dx_bad_set32(&f, f.buf + CX6DX_OFF_(wq_dbrec, sq_counter), 3);
    qcx6dx_bad_ring(&f, f.d->uar, sqn);
    qcx6dx_cq_wait(f.d, &f.cq, cqe);
    expect_err_cqe(cqe, CX6DX_CQE_REQ_ERR, sqn, 0,
                   CX6DX_CQE_SYNDROME_LOCAL_PROT);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "WQ_DMA"), ==, 1);
    qcx6dx_bad_check_goes_on(&f);
    qcx6dx_bad_end(&f);
}

static void wire_send(QCx6dxBad *f)
{
    uint8_t frame[4 + QCX6DX_BAD_FRAME_BYTES];

    stl_be_p(frame, QCX6DX_BAD_FRAME_BYTES);
    qcx6dx_bad_frame(frame + 4);
    g_assert_cmpint(write(f->wire, frame, sizeof(frame)), ==, sizeof(frame));
}

static void test_receive_to_nowhere(void)
{
    uint8_t cqe[CX6DX_cqe_BYTES];
    QCx6dxBad f;

    qcx6dx_bad_start(&f);
    qcx6dx_rq_post(f.d, &f.rq, QCX6DX_NOWHERE, 2048);
    wire_send(&f);
    qcx6dx_cq_wait(f.d, &f.rcq, cqe);
    expect_err_cqe(cqe, CX6DX_CQE_RESP_ERR, f.rq.rqn, 0,
                   CX6DX_CQE_SYNDROME_LOCAL_ACCESS);
    g_assert_cmpuint(qcx6dx_bad_mistakes(&f, "WQE_DMA"), ==, 1);
    qcx6dx_bad_check_goes_on(&f);

    g_assert_cmphex(qcx6dx_queue_modify(f.d, CX6DX_CMD_MODIFY_RQ, f.rq.rqn,
                                        CX6DX_QUEUE_ERR, CX6DX_QUEUE_RST), ==,
                    CX6DX_STATUS_OK);
    f.rq.pc = 0;
    qcx6dx_bad_set64(&f, f.rq.dbr, 0);
    g_assert_cmphex(qcx6dx_queue_modify(f.d, CX6DX_CMD_MODIFY_RQ, f.rq.rqn,
                                        CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY), ==,
                    CX6DX_STATUS_OK);
    qcx6dx_rq_post(f.d, &f.rq, f.buf, 2048);
    wire_send(&f);
    qcx6dx_cq_wait(f.d, &f.rcq, cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_RESP_SEND);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, byte_cnt), ==, QCX6DX_BAD_FRAME_BYTES);
    qcx6dx_bad_end(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cx6dx/bad/doorbell/nobody-answers",
                   test_doorbells_nobody_answers);
    qtest_add_func("/cx6dx/bad/doorbell/counter-out-of-range",
                   test_counters_out_of_range);
    qtest_add_func("/cx6dx/bad/wqe/error-completion", test_bad_work_requests);
    qtest_add_func("/cx6dx/bad/wqe/tls", test_bad_tls_work_requests);
    qtest_add_func("/cx6dx/bad/wqe/frame-sizes", test_frame_sizes);
    qtest_add_func("/cx6dx/bad/wqe/ring-to-nowhere", test_ring_to_nowhere);
    qtest_add_func("/cx6dx/bad/wqe/receive-to-nowhere",
                   test_receive_to_nowhere);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Queues as a driver uses them; see cx6dx-fake-path.h
 */
#include "qemu/osdep.h"
#include "nic/sq.h"
#include "cx6dx-fake-path.h"

enum { LOG_CQ = 10, PAGE_WQEBBS = CX6DX_PAGE_BYTES / CX6DX_WQE_BB_BYTES };

Cx6dxFake *path_new(bool timing, uint32_t *eqn)
{
    Cx6dxNicParams params;
    Cx6dxFake *fake;

    cx6dx_fake_params(&params);
    params.timing.enabled = timing;
    fake = cx6dx_fake_new_with(&params);
    cx6dx_fake_start(fake);
    *eqn = cx6dx_fake_eq(fake, 6, 1, 0).number;
    return fake;
}

PathSq path_sq(Cx6dxFake *fake, uint32_t eqn, uint8_t log_wqebbs,
               uint32_t tisn)
{
    PathSq sq = { .cq.q = cx6dx_fake_cq(fake, LOG_CQ, eqn) };

    sq.q = cx6dx_fake_sq(fake, log_wqebbs, sq.cq.q.number, tisn);
    g_assert_cmphex(cx6dx_fake_modify_queue(fake, CX6DX_CMD_MODIFY_SQ,
                                            sq.q.number, CX6DX_QUEUE_RST,
                                            CX6DX_QUEUE_RDY), ==, 0);
    return sq;
}

static uint8_t *slot(Cx6dxFake *fake, const PathSq *sq)
{
    unsigned i = sq->pc & ((1u << sq->q.log_entries) - 1);

    return cx6dx_fake_ptr(fake, sq->q.buf + i * CX6DX_WQE_BB_BYTES);
}

uint16_t path_push(Cx6dxFake *fake, PathSq *sq, const uint8_t *wqe,
                   size_t bytes)
{
    unsigned n = DIV_ROUND_UP(bytes, CX6DX_WQE_BB_BYTES);
    unsigned page = MIN((unsigned)PAGE_WQEBBS, 1u << sq->q.log_entries);
    uint16_t index;
    uint8_t *to;

    while ((sq->pc & (page - 1)) + n > page) {
        to = slot(fake, sq);
        memset(to, 0, CX6DX_WQE_BB_BYTES);
        CX6DX_SET(wqe_ctrl, to, opcode, CX6DX_WQE_NOP);
        CX6DX_SET(wqe_ctrl, to, wqe_index, sq->pc);
        CX6DX_SET(wqe_ctrl, to, ds, 1);
        sq->pc++;
    }
    index = sq->pc;
    to = slot(fake, sq);
    memset(to, 0, n * CX6DX_WQE_BB_BYTES);
    memcpy(to, wqe, bytes);
    CX6DX_SET(wqe_ctrl, to, wqe_index, index);
    CX6DX_SET(wqe_ctrl, to, qpn, sq->q.number);
    sq->pc += n;
    return index;
}

void path_ring(Cx6dxFake *fake, PathSq *sq)
{
    CX6DX_SET(wq_dbrec, cx6dx_fake_ptr(fake, sq->q.dbr), sq_counter, sq->pc);
    cx6dx_sq_doorbell(&fake->nic, fake->uar, sq->q.number << 8);
}

uint16_t path_do(Cx6dxFake *fake, PathSq *sq, const uint8_t *wqe, size_t bytes)
{
    uint16_t index = path_push(fake, sq, wqe, bytes);

    path_ring(fake, sq);
    cx6dx_fake_run(fake);
    return index;
}

bool path_poll(Cx6dxFake *fake, PathCq *cq, uint8_t cqe[CX6DX_cqe_BYTES])
{
    uint32_t i = cq->ci & ((1u << cq->q.log_entries) - 1);
    const uint8_t *from = cx6dx_fake_ptr(fake, cq->q.buf + i * CX6DX_cqe_BYTES);

    if (CX6DX_GET(cqe, from, opcode) == CX6DX_CQE_INVALID ||
        CX6DX_GET(cqe, from, owner) != (cq->ci >> cq->q.log_entries & 1)) {
        return false;
    }
    memcpy(cqe, from, CX6DX_cqe_BYTES);
    cq->ci++;
    CX6DX_SET(cq_dbrec, cx6dx_fake_ptr(fake, cq->q.dbr), consumer_index,
              cq->ci & 0xffffff);
    return true;
}

uint8_t path_expect(Cx6dxFake *fake, PathCq *cq, uint16_t *wqe_counter)
{
    uint8_t cqe[CX6DX_cqe_BYTES];
    uint8_t opcode;

    g_assert_true(path_poll(fake, cq, cqe));
    opcode = CX6DX_GET(cqe, cqe, opcode);
    if (wqe_counter) {
        *wqe_counter = CX6DX_GET(cqe, cqe, wqe_counter);
    }
    return opcode == CX6DX_CQE_REQ_ERR || opcode == CX6DX_CQE_RESP_ERR
               ? CX6DX_GET(err_cqe, cqe, syndrome) : 0;
}

PathRq path_rq(Cx6dxFake *fake, uint32_t eqn, uint8_t log_wqes,
               uint8_t log_stride, uint32_t buf_bytes)
{
    PathRq rq = {
        .cq.q = cx6dx_fake_cq(fake, LOG_CQ, eqn),
        .buf_bytes = buf_bytes,
        .log_stride = log_stride,
    };

    rq.q = cx6dx_fake_rq(fake, log_wqes, log_stride, rq.cq.q.number);
    rq.bufs = cx6dx_fake_alloc(fake, (size_t)buf_bytes << log_wqes, 4096);
    g_assert_cmphex(cx6dx_fake_modify_queue(fake, CX6DX_CMD_MODIFY_RQ,
                                            rq.q.number, CX6DX_QUEUE_RST,
                                            CX6DX_QUEUE_RDY), ==, 0);
    return rq;
}

uint8_t *path_buf(Cx6dxFake *fake, const PathRq *rq, uint16_t index)
{
    unsigned i = index & ((1u << rq->q.log_entries) - 1);

    return cx6dx_fake_ptr(fake, rq->bufs + (uint64_t)i * rq->buf_bytes);
}

void path_post(Cx6dxFake *fake, PathRq *rq, unsigned n)
{
    while (n--) {
        unsigned i = rq->pc++ & ((1u << rq->q.log_entries) - 1);
        uint8_t *wqe = cx6dx_fake_ptr(fake, rq->q.buf +
                                      ((uint64_t)i << rq->log_stride));

        memset(wqe, 0, 1u << rq->log_stride);
        CX6DX_SET(wqe_data, wqe, byte_count, rq->buf_bytes);
        CX6DX_SET(wqe_data, wqe, lkey, fake->lkey);
        CX6DX_SET64(wqe_data, wqe, addr,
                    rq->bufs + (uint64_t)i * rq->buf_bytes);
        if (rq->log_stride > 4) {
            wqe += CX6DX_wqe_data_BYTES;
            CX6DX_SET(wqe_data, wqe, lkey, CX6DX_TERMINATE_LKEY);
        }
    }
    CX6DX_SET(wq_dbrec, cx6dx_fake_ptr(fake, rq->q.dbr), rq_counter, rq->pc);
}

uint64_t path_bytes(Cx6dxFake *fake, const void *bytes, size_t len)
{
    uint64_t addr = cx6dx_fake_alloc(fake, len, 64);

    memcpy(cx6dx_fake_ptr(fake, addr), bytes, len);
    return addr;
}

static void put16(uint8_t *to, uint16_t value)
{
    to[0] = value >> 8;
    to[1] = value & 0xff;
}

void path_put_sums(uint8_t *buf, const FrameSpec *spec,
                   const BuiltFrame *built)
{
    uint8_t *ip = buf + built->l3_off;
    uint8_t *field = buf + built->l4_off + (spec->protocol == 6 ? 16 : 6);

    if (spec->ip_version == 4) {
        put16(ip + 10, 0);
        put16(ip + 10,
              ~frame_naive_sum(ip, built->l4_off - built->l3_off, 0));
    }
    put16(field, 0);
    put16(field, ~frame_naive_l4_sum(buf, spec, built));
}

uint32_t path_dek(Cx6dxFake *fake, const uint8_t *key, size_t key_bytes)
{
    uint8_t in[CX6DX_create_encryption_key_in_BYTES] = { 0 };
    uint8_t out[16];
    uint8_t *obj = CX6DX_AREA(create_encryption_key_in, in,
                              encryption_key_object);
    bool is_256 = key_bytes == 32;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_GENERAL_OBJECT);
    CX6DX_SET(general_obj_in, in, obj_type, CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
    CX6DX_SET(encryption_key_obj, obj, key_size,
              is_256 ? CX6DX_KEY_SIZE_256 : CX6DX_KEY_SIZE_128);
    CX6DX_SET(encryption_key_obj, obj, key_purpose, CX6DX_KEY_PURPOSE_TLS);
    CX6DX_SET(encryption_key_obj, obj, pd, fake->pdn);
    memcpy(CX6DX_AREA(encryption_key_obj, obj, key) +
           (is_256 ? CX6DX_DEK_KEY_256_OFF : CX6DX_DEK_KEY_128_OFF), key,
           key_bytes);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    return CX6DX_GET(general_obj_out, out, obj_id);
}

void path_toeplitz(Cx6dxFake *fake, uint32_t tirn)
{
    uint8_t in[CX6DX_modify_obj_in_BYTES + CX6DX_tirc_BYTES] = { 0 };
    uint8_t *tirc = in + CX6DX_modify_obj_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_TIR);
    CX6DX_SET(modify_obj_in, in, number, tirn);
    CX6DX_SET(modify_obj_in, in, modify_bitmask_l, CX6DX_MODIFY_TIR_HASH);
    CX6DX_SET(tirc, tirc, rx_hash_fn, CX6DX_HASH_TOEPLITZ);
    CX6DX_SET(tirc, tirc, rx_hash_symmetric, 1);
    for (unsigned i = 0; i < 40; i++) {
        CX6DX_AREA(tirc, tirc, rx_hash_toeplitz_key)[i] = 0x6d + 5 * i;
    }
    CX6DX_SET(tirc, tirc, selected_fields,
              CX6DX_HASH_SRC_IP | CX6DX_HASH_DST_IP | CX6DX_HASH_L4_SPORT |
              CX6DX_HASH_L4_DPORT);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_OK);
}

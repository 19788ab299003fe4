/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the NIC as a whole: reset, deadlines, and a guest that sends
 * anything at all
 *
 * The random guest mixes commands with plausible and with random fields,
 * doorbells of every kind, frames, and time.  It must never crash the device,
 * and a reset must leave nothing.  Its seed is printed by the test harness.
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/cmd_table.h"
#include "nic/cq.h"
#include "nic/eq.h"
#include "nic/sq.h"

#define MAX_IN 0x1100
#define STEPS 4000
#define ROUNDS 8

static uint32_t pick(uint32_t n)
{
    return g_test_rand_int_range(0, n);
}

static bool chance(uint32_t percent)
{
    return pick(100) < percent;
}

/* A number that may well be an object's, or 0, or nonsense */
static uint32_t some_number(void)
{
    switch (pick(8)) {
    case 0:
        return 0;
    case 1:
        return g_test_rand_int() & 0xffffff;
    case 2:
        return CX6DX_UAR_FIRST + pick(4);
    default:
        return 1 + pick(6);
    }
}

static uint64_t some_page(void)
{
    uint64_t page = FAKE_BASE + pick(FAKE_BYTES / 4096) * 4096ull;

    return chance(3) ? FAKE_NOWHERE : page;
}

static void put_page(uint8_t *p, uint64_t page)
{
    cx6dx_prm_store(p, page >> 32);
    cx6dx_prm_store(p + 4, (uint32_t)page);
}

static void fill_pages(uint8_t *in, uint32_t off)
{
    for (int i = 0; i < 8; i++) {
        put_page(in + off + 8 * i, some_page());
    }
}

static void fill_wq(Cx6dxFake *fake, uint8_t *wq, bool send)
{
    CX6DX_SET(wq, wq, wq_type, chance(95) ? CX6DX_WQ_CYCLIC : pick(16));
    CX6DX_SET(wq, wq, pd, chance(90) ? fake->pdn : some_number());
    CX6DX_SET(wq, wq, uar_page, chance(90) ? fake->uar : some_number());
    CX6DX_SET64(wq, wq, dbr_addr, some_page());
    CX6DX_SET(wq, wq, log_wq_stride, chance(90) ? (send ? 6 : 5) : pick(16));
    CX6DX_SET(wq, wq, log_wq_sz, chance(90) ? 5 : pick(32));
}

/* Contexts that pass the checks often enough for objects to come to life */
static void fill_context(Cx6dxFake *fake, uint16_t opcode, uint8_t *in)
{
    uint8_t *ctx = in + 0x20;

    switch (opcode) {
    case CX6DX_CMD_CREATE_EQ:
        CX6DX_SET(eqc, in + 0x10, log_eq_size, chance(95) ? 4 : pick(32));
        CX6DX_SET(eqc, in + 0x10, uar_page, fake->uar);
        CX6DX_SET(eqc, in + 0x10, intr, pick(9));
        cx6dx_prm_store(in + 0x58 + 4, g_test_rand_int());
        fill_pages(in, 0x110);
        break;
    case CX6DX_CMD_CREATE_CQ:
        CX6DX_SET(cqc, in + 0x10, log_cq_size, chance(95) ? 5 : pick(32));
        CX6DX_SET(cqc, in + 0x10, uar_page, fake->uar);
        CX6DX_SET(cqc, in + 0x10, c_eqn_or_apu_element, some_number());
        CX6DX_SET(cqc, in + 0x10, cq_period, chance(50) ? pick(100) : 0);
        CX6DX_SET(cqc, in + 0x10, cq_max_count, pick(4));
        CX6DX_SET(cqc, in + 0x10, oi, pick(2));
        put_page(in + 0x10 + 0x38, some_page());
        fill_pages(in, 0x110);
        break;
    case CX6DX_CMD_CREATE_SQ:
    case CX6DX_CMD_CREATE_RQ:
        CX6DX_SET(sqc, ctx, cqn, some_number());
        CX6DX_SET(sqc, ctx, tis_lst_sz,
                  opcode == CX6DX_CMD_CREATE_SQ ? pick(2) : 0);
        CX6DX_SET(sqc, ctx, tis_num_0, some_number());
        fill_wq(fake, CX6DX_AREA(sqc, ctx, wq), opcode == CX6DX_CMD_CREATE_SQ);
        fill_pages(in, 0x110);
        break;
    case CX6DX_CMD_MODIFY_SQ:
    case CX6DX_CMD_MODIFY_RQ:
        CX6DX_SET(modify_obj_in, in, state, pick(4));
        CX6DX_SET(sqc, ctx, state, pick(4));
        break;
    case CX6DX_CMD_CREATE_RQT:
    case CX6DX_CMD_MODIFY_RQT:
        CX6DX_SET(rqtc, ctx, rqt_max_size, 4);
        CX6DX_SET(rqtc, ctx, rqt_actual_size, 1 + pick(6));
        CX6DX_SET(modify_obj_in, in, modify_bitmask_l,
                  opcode == CX6DX_CMD_MODIFY_RQT);
        for (int i = 0; i < 6; i++) {
            cx6dx_prm_store(ctx + CX6DX_rqtc_BYTES + 4 * i, 1 + pick(4));
        }
        break;
    case CX6DX_CMD_CREATE_TIR:
        CX6DX_SET(tirc, ctx, disp_type, pick(2));
        CX6DX_SET(tirc, ctx, inline_rqn, some_number());
        CX6DX_SET(tirc, ctx, indirect_table, some_number());
        CX6DX_SET(tirc, ctx, transport_domain, fake->tdn);
        CX6DX_SET(tirc, ctx, rx_hash_fn, pick(3));
        CX6DX_SET(tirc, ctx, selected_fields, pick(16));
        CX6DX_SET(tirc, ctx, tls_en, pick(2));
        break;
    case CX6DX_CMD_CREATE_TIS:
        CX6DX_SET(tisc, ctx, tls_en, pick(2));
        CX6DX_SET(tisc, ctx, transport_domain, fake->tdn);
        CX6DX_SET(tisc, ctx, pd, fake->pdn);
        break;
    default:
        break;
    }
}

static void fill_other(Cx6dxFake *fake, uint16_t opcode, uint8_t *in)
{
    uint8_t *dest = in + CX6DX_set_fte_in_BYTES;

    switch (opcode) {
    case CX6DX_CMD_CREATE_MKEY:
        CX6DX_SET(mkc, in + 0x10, access_mode_1_0, pick(2));
        CX6DX_SET(mkc, in + 0x10, pd, fake->pdn);
        CX6DX_SET(mkc, in + 0x10, length64, pick(2));
        CX6DX_SET(mkc, in + 0x10, translations_octword_size, pick(16));
        CX6DX_SET(mkc, in + 0x10, log_page_size, 12);
        break;
    case CX6DX_CMD_CREATE_FLOW_TABLE:
        CX6DX_SET(flow_table_context, in + 0x18, log_size, pick(24));
        CX6DX_SET(flow_table_context, in + 0x18, table_miss_action, pick(2));
        CX6DX_SET(flow_table_context, in + 0x18, table_miss_id,
                  some_number());
        break;
    case CX6DX_CMD_MODIFY_FLOW_TABLE:
        CX6DX_SET(flow_cmd_in, in, table_id, some_number());
        CX6DX_SET(modify_flow_table_in, in, modify_field_select, 1);
        CX6DX_SET(flow_table_context, in + 0x18, table_miss_action, 1);
        CX6DX_SET(flow_table_context, in + 0x18, table_miss_id,
                  some_number());
        break;
    case CX6DX_CMD_CREATE_FLOW_GROUP:
        CX6DX_SET(flow_cmd_in, in, table_id, some_number());
        CX6DX_SET(create_flow_group_in, in, start_flow_index, pick(8) * 8);
        CX6DX_SET(create_flow_group_in, in, end_flow_index, pick(16) * 8 + 7);
        CX6DX_SET(create_flow_group_in, in, match_criteria_enable, pick(2));
        in[0x40 + pick(64)] = pick(256);
        break;
    case CX6DX_CMD_SET_FLOW_TABLE_ENTRY:
        CX6DX_SET(flow_cmd_in, in, table_id, some_number());
        CX6DX_SET(set_fte_in, in, op_mod, pick(2));
        CX6DX_SET(set_fte_in, in, modify_enable_mask, pick(16));
        CX6DX_SET(set_fte_in, in, group_id, some_number());
        CX6DX_SET(set_fte_in, in, flow_index, pick(64));
        CX6DX_SET(set_fte_in, in, action, CX6DX_FTE_FWD | pick(16));
        CX6DX_SET(set_fte_in, in, destination_list_size, chance(90));
        CX6DX_SET(dest_format, dest, destination_type, 1 + pick(2));
        CX6DX_SET(dest_format, dest, destination_id, some_number());
        break;
    case CX6DX_CMD_DELETE_FLOW_TABLE_ENTRY:
        CX6DX_SET(flow_cmd_in, in, table_id, some_number());
        CX6DX_SET(delete_fte_in, in, flow_index, pick(64));
        break;
    case CX6DX_CMD_SET_FLOW_TABLE_ROOT:
    case CX6DX_CMD_DESTROY_FLOW_TABLE:
    case CX6DX_CMD_DESTROY_FLOW_GROUP:
        CX6DX_SET(flow_cmd_in, in, table_id, some_number());
        CX6DX_SET(destroy_flow_group_in, in, group_id, some_number());
        break;
    case CX6DX_CMD_CREATE_GENERAL_OBJECT:
    case CX6DX_CMD_MODIFY_GENERAL_OBJECT:
    case CX6DX_CMD_DESTROY_GENERAL_OBJECT:
        CX6DX_SET(general_obj_in, in, obj_type, CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
        CX6DX_SET(general_obj_in, in, log_obj_range,
                  opcode == CX6DX_CMD_CREATE_GENERAL_OBJECT ? pick(4) : 0);
        CX6DX_SET(encryption_key_obj, in + 0x10, pd, fake->pdn);
        CX6DX_SET(encryption_key_obj, in + 0x10, modify_field_select_l, 1);
        break;
    case CX6DX_CMD_ACCESS_REG:
        CX6DX_SET(access_register_in, in, register_id, 0x5001 + pick(8));
        break;
    default:
        break;
    }
}

/* Stopping the function ends the fun: rarely */
static bool is_stop(uint16_t opcode)
{
    return opcode == CX6DX_CMD_ENABLE_HCA ||
           opcode == CX6DX_CMD_DISABLE_HCA ||
           opcode == CX6DX_CMD_TEARDOWN_HCA;
}

static void random_command(Cx6dxFake *fake, uint8_t *in)
{
    const Cx6dxCmdDesc *table;
    const Cx6dxCmdDesc *desc;
    uint32_t in_bytes, out_bytes;
    uint16_t opcode;
    size_t n;

    table = cx6dx_cmd_table_all(&n);
    desc = &table[pick(n)];
    opcode = chance(1) ? g_test_rand_int() & 0xffff : desc->opcode;
    if (is_stop(opcode) && chance(98)) {
        return;
    }
    memset(in, 0, MAX_IN);
    cx6dx_prm_store(in + 8, some_number());
    fill_context(fake, opcode, in);
    fill_other(fake, opcode, in);
    for (uint32_t i = pick(20) ? 0 : pick(10); i; i--) {
        in[8 + pick(MAX_IN - 8)] = pick(256);
    }
    CX6DX_SET(cmd_in, in, opcode, opcode);
    in_bytes = MAX(16, desc->min_in_bytes) + (chance(90) ? 64 : pick(64));
    out_bytes = MAX(16, desc->min_out_bytes) + pick(64);
    cx6dx_fake_cmd(fake, in, in_bytes, NULL, out_bytes);
}

static void random_doorbell(Cx6dxFake *fake)
{
    uint32_t uar = chance(95) ? fake->uar : some_number();
    uint32_t value = chance(80) ? pick(8) : (uint32_t)g_test_rand_int();

    switch (pick(4)) {
    case 0:
        cx6dx_eq_doorbell(&fake->nic, uar,
                          (some_number() & 0xff) << 24 | (value & 0xffffff),
                          pick(2));
        break;
    case 1:
        cx6dx_cq_doorbell(&fake->nic, uar, value, some_number());
        break;
    case 2:
        cx6dx_sq_doorbell(&fake->nic, uar, some_number() << 8 | 2);
        break;
    default:
        cx6dx_cmd_iseg_write(&fake->nic, CX6DX_ISEG_CMD_DBELL,
                             1u << (1 + pick(31)));
    }
    cx6dx_fake_run(fake);
}

static void random_frame(Cx6dxFake *fake)
{
    uint8_t buf[256];
    size_t len = pick(sizeof(buf));

    for (size_t i = 0; i < len; i++) {
        buf[i] = g_test_rand_int();
    }
    if (len > 40 && chance(80)) {
        buf[12] = 0x08;
        buf[13] = 0x00;
        buf[14] = 0x45;
        buf[23] = chance(80) ? 6 : 17;
    }
    cx6dx_nic_receive(&fake->nic, buf, len);
}

/* ---- A data path that works, for the guest to abuse ---- */

typedef struct Base {
    Cx6dxFakeQueue eq, cq, sq, rq;
    uint32_t tisn, plain_tisn, tirn;
    uint16_t sq_pc, rq_pc;
    uint64_t data;
} Base;

#define BASE_LOG_QUEUE 6
#define RX_STRIDE 5
#define DATA_BYTES 65536

static Base base_new(Cx6dxFake *fake)
{
    Base b = { 0 };

    cx6dx_fake_start(fake);
    b.data = cx6dx_fake_alloc(fake, DATA_BYTES, 4096);
    b.eq = cx6dx_fake_eq(fake, 8, 1, 1ull << CX6DX_EVENT_CQ_ERROR);
    b.cq = cx6dx_fake_cq(fake, 10, b.eq.number);
    b.tisn = cx6dx_fake_tis(fake, true);
    b.plain_tisn = cx6dx_fake_tis(fake, false);
    b.sq = cx6dx_fake_sq(fake, BASE_LOG_QUEUE, b.cq.number, b.plain_tisn);
    b.rq = cx6dx_fake_rq(fake, BASE_LOG_QUEUE, RX_STRIDE, b.cq.number);
    b.tirn = cx6dx_fake_tir(fake, b.rq.number, 0, true);
    cx6dx_fake_catch_all(fake, b.tirn);
    cx6dx_fake_modify_queue(fake, CX6DX_CMD_MODIFY_SQ, b.sq.number,
                            CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY);
    cx6dx_fake_modify_queue(fake, CX6DX_CMD_MODIFY_RQ, b.rq.number,
                            CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY);
    return b;
}

static bool base_alive(Cx6dxFake *fake, const Base *b)
{
    return fake->nic.cmd.hca_inited &&
           cx6dx_obj_get(&fake->nic.sqs, b->sq.number) &&
           cx6dx_obj_get(&fake->nic.rqs, b->rq.number);
}

/*
 * A queue that failed is brought back, as a driver's recovery would, and what
 * has completed is taken.
 */
static void base_recover(Cx6dxFake *fake, Base *b)
{
    const Cx6dxCq *cq =
        (const Cx6dxCq *)cx6dx_obj_get(&fake->nic.cqs, b->cq.number);

    if (cq) {
        CX6DX_SET(cq_dbrec, cx6dx_fake_ptr(fake, b->cq.dbr), consumer_index,
                  cq->pi & 0xffffff);
    }
    cx6dx_fake_modify_queue(fake, CX6DX_CMD_MODIFY_SQ, b->sq.number,
                            CX6DX_QUEUE_ERR, CX6DX_QUEUE_RST);
    if (cx6dx_fake_modify_queue(fake, CX6DX_CMD_MODIFY_SQ, b->sq.number,
                                CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY) ==
        CX6DX_STATUS_OK) {
        b->sq_pc = 0;
    }
    cx6dx_fake_modify_queue(fake, CX6DX_CMD_MODIFY_RQ, b->rq.number,
                            CX6DX_QUEUE_ERR, CX6DX_QUEUE_RST);
    if (cx6dx_fake_modify_queue(fake, CX6DX_CMD_MODIFY_RQ, b->rq.number,
                                CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY) ==
        CX6DX_STATUS_OK) {
        b->rq_pc = 0;
    }
}

static void put_segment(Cx6dxFake *fake, const Base *b, uint8_t *seg)
{
    uint64_t addr = b->data + pick(DATA_BYTES / 2);

    cx6dx_prm_store(seg, chance(98) ? 1 + pick(300)
                                    : (uint32_t)g_test_rand_int());
    cx6dx_prm_store(seg + 4, chance(99) ? fake->lkey : some_number());
    put_page(seg + 8, chance(99) ? addr : FAKE_NOWHERE);
}

static void random_wqe(Cx6dxFake *fake, Base *b)
{
    static const uint8_t opcodes[] = {
        CX6DX_WQE_NOP, CX6DX_WQE_SEND, CX6DX_WQE_LSO, CX6DX_WQE_SET_PSV,
        CX6DX_WQE_GET_PSV, CX6DX_WQE_DUMP, CX6DX_WQE_UMR,
    };
    uint8_t opcode = chance(95) ? opcodes[pick(ARRAY_SIZE(opcodes))]
                                : pick(256);
    uint8_t opmod = opcode == CX6DX_WQE_UMR || opcode == CX6DX_WQE_SET_PSV
                        ? 1 + pick(2)
                        : opcode == CX6DX_WQE_GET_PSV ? CX6DX_OPMOD_TIR : 0;
    uint32_t ds = opcode == CX6DX_WQE_UMR ? CX6DX_WQE_STATIC_PARAMS_DS
                  : opcode == CX6DX_WQE_GET_PSV ? CX6DX_WQE_GET_PSV_DS
                  : opcode == CX6DX_WQE_SET_PSV || opcode == CX6DX_WQE_DUMP
                      ? 2 : 7 + pick(3);
    uint32_t bbs = DIV_ROUND_UP(MAX(ds, 1) * 16, 64);
    uint8_t wqe[256] = { 0 };
    uint32_t tis = (opmod == 2 ? b->tirn : b->tisn) << 8;

    if (opcode == CX6DX_WQE_SEND || opcode == CX6DX_WQE_LSO) {
        tis = chance(50) ? 0 : tis;
    }
    if (chance(2)) {
        ds = pick(64);
    }
    cx6dx_prm_store(wqe, (uint32_t)opmod << 24 | (uint32_t)b->sq_pc << 8 |
                    opcode);
    cx6dx_prm_store(wqe + 4, b->sq.number << 8 | ds);
    cx6dx_prm_store(wqe + 8, pick(4) << 2);
    cx6dx_prm_store(wqe + 12, chance(97) ? tis : some_number() << 8);
    for (uint32_t off = 32; off < 256; off += 16) {
        put_segment(fake, b, wqe + off);
    }
    if (opcode == CX6DX_WQE_DUMP) {
        put_segment(fake, b, wqe + 16);
    } else if (opcode == CX6DX_WQE_SET_PSV) {
        cx6dx_prm_store(wqe + 16, tis >> 8);
    } else {
        /* checksum flags, mss, and an inline header of Ethernet, IP and TCP */
        wqe[0x14] = pick(256);
        wqe[0x17] = pick(256);
        wqe[0x1d] = chance(95) ? 54 : pick(256);
        if (chance(95)) {
            memset(wqe + 0x1e, 0, 54);
            wqe[0x1e + 12] = 0x08;
            wqe[0x1e + 14] = 0x45;
            wqe[0x1e + 23] = 6;
            wqe[0x1e + 46] = 0x50;
        }
    }
    if (opcode == CX6DX_WQE_UMR) {
        uint8_t *params = wqe + CX6DX_WQE_UMR_INLINE_OFF;

        wqe[0x10] = 0x80;
        memset(params, 0, CX6DX_tls_static_params_BYTES);
        wqe[0x17] = 4;
        CX6DX_SET(tls_static_params, params, const_2, CX6DX_TLS_CONST_2);
        CX6DX_SET(tls_static_params, params, const_1, CX6DX_TLS_CONST_1);
        CX6DX_SET(tls_static_params, params, tls_version, 2 + pick(2));
        CX6DX_SET(tls_static_params, params, encryption_standard, 1);
        CX6DX_SET(tls_static_params, params, dek_index, some_number());
    }
    for (uint32_t i = 0; i < MIN(bbs, 4); i++) {
        uint32_t slot = (b->sq_pc + i) & ((1u << BASE_LOG_QUEUE) - 1);

        memcpy(cx6dx_fake_ptr(fake, b->sq.buf + slot * 64), wqe + i * 64, 64);
    }
    b->sq_pc += bbs;
    CX6DX_SET(wq_dbrec, cx6dx_fake_ptr(fake, b->sq.dbr), sq_counter,
              pick(500) ? b->sq_pc : pick(65536));
    cx6dx_sq_doorbell(&fake->nic, fake->uar, b->sq.number << 8 | ds);
    cx6dx_fake_run(fake);
}

static void random_rx_wqes(Cx6dxFake *fake, Base *b)
{
    for (uint32_t i = pick(8); i; i--) {
        uint32_t slot = b->rq_pc & ((1u << BASE_LOG_QUEUE) - 1);
        uint8_t *wqe = cx6dx_fake_ptr(fake, b->rq.buf + (slot << RX_STRIDE));

        put_segment(fake, b, wqe);
        cx6dx_prm_store(wqe + 16, 0);
        cx6dx_prm_store(wqe + 20, CX6DX_TERMINATE_LKEY);
        b->rq_pc++;
    }
    CX6DX_SET(wq_dbrec, cx6dx_fake_ptr(fake, b->rq.dbr), rq_counter, b->rq_pc);
}

/* Anything may be in the memory that queues are made of */
static void random_memory(Cx6dxFake *fake)
{
    uint64_t start = pick(FAKE_BYTES - 4096);

    /* not the command queue: the test waits for its own commands */
    if (FAKE_BASE + start < fake->out_box_addr + fake->boxes * 1024) {
        return;
    }
    for (int i = 0; i < 64; i++) {
        fake->mem[start + pick(4096)] = chance(50) ? pick(64) : pick(256);
    }
}

static void test_random_guest(void)
{
    g_autofree uint8_t *in = g_malloc0(MAX_IN);

    for (int round = 0; round < ROUNDS; round++) {
        Cx6dxNicParams params;
        Cx6dxFake *fake;
        uint32_t most = 0;
        Base base;

        cx6dx_fake_params(&params);
        params.timing.enabled = round & 1;
        fake = cx6dx_fake_new_with(&params);
        base = base_new(fake);

        for (int step = 0; step < STEPS; step++) {
            if (chance(10) && !base_alive(fake, &base)) {
                fake->next_free = base.data;    /* all of that is gone */
                base = base_new(fake);
            }
            if (chance(10)) {
                base_recover(fake, &base);
            }
            switch (pick(14)) {
            case 0:
                random_doorbell(fake);
                break;
            case 1:
                random_frame(fake);
                break;
            case 2:
                random_memory(fake);
                break;
            case 3:
                cx6dx_fake_advance(fake, pick(100000));
                break;
            case 4:
            case 5:
                random_wqe(fake, &base);
                break;
            case 6:
                random_rx_wqes(fake, &base);
                break;
            default:
                random_command(fake, in);
            }
            most = MAX(most, cx6dx_nic_objects(&fake->nic));
        }
        /* the guest got somewhere, or the test would show nothing */
        g_assert_cmpuint(most, >, 30);
        g_assert_cmpuint(fake->nic.stats.cmds - fake->nic.stats.cmds_failed, >,
                         100);
        g_assert_cmpuint(fake->nic.stats.guest_errors, >, 100);
        g_test_message("round %d: %u objects at most, %" PRIu64 " commands of "
                       "%" PRIu64 " done, %" PRIu64 " frames out, %" PRIu64
                       " in", round, most, fake->nic.stats.cmds -
                       fake->nic.stats.cmds_failed, fake->nic.stats.cmds,
                       fake->nic.stats.tx_frames, fake->nic.stats.rx_frames);
        cx6dx_fake_clear_frames(fake);
        cx6dx_fake_free(fake);      /* resets, and counts what is left */
    }
}

/* After a reset the device is as a new one, but for the backend's link */
static void test_reset(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxNicCount counts[CX6DX_NIC_TABLES + 1];
    Cx6dxFakeQueue eq, cq, rq;
    size_t n = 0;

    cx6dx_fake_start(fake);
    eq = cx6dx_fake_eq(fake, 4, 1, ~0ull);
    cq = cx6dx_fake_cq(fake, 4, eq.number);
    rq = cx6dx_fake_rq(fake, 4, 4, cq.number);
    cx6dx_fake_catch_all(fake, cx6dx_fake_tir(fake, rq.number, 0, true));
    cx6dx_nic_counts(&fake->nic, counts);
    while (counts[n].name) {
        n++;
    }
    g_assert_cmpuint(n, ==, CX6DX_NIC_TABLES);
    g_assert_cmpuint(cx6dx_nic_objects(&fake->nic), ==, 11);

    cx6dx_nic_reset(&fake->nic);
    g_assert_cmpuint(cx6dx_nic_objects(&fake->nic), ==, 0);
    g_assert_cmpuint(fake->nic.stats.cmds, ==, 0);
    g_assert_false(fake->nic.cmd.hca_enabled);
    g_assert_cmphex(cx6dx_cmd_iseg_read(&fake->nic,
                                        CX6DX_ISEG_CMDQ_ADDR_L_SZ), ==, 0x156);
    g_assert_cmpuint(fake->deadline_ns, ==, UINT64_MAX);
    g_assert_true(fake->nic.port.backend_up);
    cx6dx_fake_free(fake);
}

/* The two ways in which a driver stops a device that it will not use again */
static void test_fast_ends(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxNic *nic = &fake->nic;
    uint32_t eqs;

    cx6dx_fake_start(fake);
    cx6dx_fake_eq(fake, 4, 1, ~0ull);
    eqs = cx6dx_nic_objects(nic);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_TEARDOWN_HCA, 3), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_TEARDOWN_HCA,
                                      CX6DX_TEARDOWN_PREPARE_FAST), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(cx6dx_nic_objects(nic), ==, eqs);
    cx6dx_cmd_iseg_write(nic, CX6DX_ISEG_CMDQ_ADDR_L_SZ,
                         CX6DX_NIC_INTERFACE_DISABLED <<
                         CX6DX_NIC_INTERFACE_SHIFT);
    g_assert_cmpuint(cx6dx_nic_objects(nic), ==, 0);
    g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_CMDQ_ADDR_L_SZ) >>
                    CX6DX_NIC_INTERFACE_SHIFT & CX6DX_NIC_INTERFACE_MASK, ==,
                    CX6DX_NIC_INTERFACE_DISABLED);
    cx6dx_fake_free(fake);

    fake = cx6dx_fake_new();
    cx6dx_fake_start(fake);
    cx6dx_fake_eq(fake, 4, 1, ~0ull);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_TEARDOWN_HCA,
                                      CX6DX_TEARDOWN_FORCE), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(cx6dx_nic_objects(&fake->nic), ==, 0);
    g_assert_false(fake->nic.cmd.hca_inited);
    g_assert_false(fake->nic.cmd.hca_enabled);
    cx6dx_fake_free(fake);
}

/* While a frame waits for a work request, the host is asked to try again */
static void test_rx_poll(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    fake->nic.rx_wait_since_ns = fake->now_ns;
    cx6dx_nic_update_timer(&fake->nic);
    g_assert_cmpuint(fake->deadline_ns, ==, fake->now_ns + 20000);
    cx6dx_fake_advance(fake, 100000);
    g_assert_cmpuint(fake->rx_ready, ==, 5);
    fake->nic.rx_wait_since_ns = 0;
    cx6dx_nic_update_timer(&fake->nic);
    g_assert_cmpuint(fake->deadline_ns, ==, UINT64_MAX);
    cx6dx_fake_free(fake);
}

/* The queue that it waits for goes: the frame must not wait for ever */
static void test_rx_wait_ends(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    fake->nic.rx_wait_since_ns = fake->now_ns;
    cx6dx_nic_update_timer(&fake->nic);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_TEARDOWN_HCA, 0), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(fake->rx_ready, ==, 1);
    g_assert_cmpuint(fake->deadline_ns, ==, UINT64_MAX);
    cx6dx_fake_free(fake);
}

static void test_errors_have_names(void)
{
    for (int err = 0; err < CX6DX_GUEST_ERRS; err++) {
        g_assert_cmpuint(strlen(cx6dx_guest_err_str(err)), >, 10);
        for (int other = 0; other < err; other++) {
            g_assert_cmpstr(cx6dx_guest_err_str(err), !=,
                            cx6dx_guest_err_str(other));
        }
    }
    g_assert_cmpstr(cx6dx_guest_err_str(CX6DX_GUEST_ERRS), ==, "?");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/nic/reset-is-as-new", test_reset);
    g_test_add_func("/cx6dx/nic/fast-and-forced-teardown", test_fast_ends);
    g_test_add_func("/cx6dx/nic/waiting-frame-is-polled-for", test_rx_poll);
    g_test_add_func("/cx6dx/nic/waiting-frame-does-not-outlive-its-queue",
                    test_rx_wait_ends);
    g_test_add_func("/cx6dx/nic/errors-have-names", test_errors_have_names);
    g_test_add_func("/cx6dx/nic/random-guest", test_random_guest);
    return g_test_run();
}

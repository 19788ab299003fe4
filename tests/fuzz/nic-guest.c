/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A guest that does anything; see nic-guest.h
 */
#include "qemu/osdep.h"
#include "cx6dx-frame-build.h"
#include "cx6dx-wqe-build.h"
#include "nic-guest.h"
#include "nic/cmd_table.h"
#include "nic/cq.h"
#include "nic/eq.h"
#include "nic/sq.h"
#include "pure/wqe.h"

enum {
    MAX_PATCHES = 8,
    IN_BYTES = 0x600,
    OUT_BYTES = 0x1010,
    LOG_QUEUE = 4,
    DATA_BYTES = 32 * 1024,
    MAX_FRAMES = 64,
};

/* ---- Tape ---- */

static uint8_t take8(Guest *g)
{
    return nic_guest_take8(g);
}

static uint16_t take16(Guest *g)
{
    uint16_t high = take8(g);

    return high << 8 | take8(g);
}

static uint32_t take32(Guest *g)
{
    uint32_t high = take16(g);

    return high << 16 | take16(g);
}

/* Small numbers, object numbers, sizes and rare large ones */
static uint32_t take_value(Guest *g)
{
    uint8_t how = take8(g);

    switch (how >> 6) {
    case 0:
        return how & 0x3f;
    case 1:
        return (uint32_t)(how & 0x3f) << 8;
    case 2:
        return 1u << (how & 0x1f);
    default:
        return take32(g);
    }
}

/* Overwrites words of what a driver would have sent */
static void patch(Guest *g, uint8_t *buf, size_t bytes)
{
    unsigned n = take8(g) % (MAX_PATCHES + 1);

    while (n-- && bytes >= 4) {
        size_t off = take16(g) % (bytes / 4) * 4;

        cx6dx_prm_store(buf + off, take_value(g));
    }
}

/* ---- The beginning ---- */

static uint32_t make_dek(Cx6dxFake *fake)
{
    uint8_t in[CX6DX_create_encryption_key_in_BYTES] = { 0 };
    uint8_t out[CX6DX_general_obj_out_BYTES];
    uint8_t *obj = CX6DX_AREA(create_encryption_key_in, in,
                              encryption_key_object);

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_GENERAL_OBJECT);
    CX6DX_SET(general_obj_in, in, obj_type, CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
    CX6DX_SET(encryption_key_obj, obj, key_purpose, CX6DX_KEY_PURPOSE_TLS);
    CX6DX_SET(encryption_key_obj, obj, pd, fake->pdn);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    return CX6DX_GET(general_obj_out, out, obj_id);
}

static void make_ready(Cx6dxFake *fake, uint16_t opcode,
                       const Cx6dxFakeQueue *queue)
{
    g_assert_cmphex(cx6dx_fake_modify_queue(fake, opcode, queue->number,
                                            CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY),
                    ==, CX6DX_STATUS_OK);
}

void nic_guest_begin(Guest *g, uint8_t how)
{
    Cx6dxNicParams params;
    Cx6dxFake *fake;

    cx6dx_fake_params(&params);
    params.timing.enabled = how & 1;
    params.tls_tx = !(how & 2);
    params.tls_rx = !(how & 4);
    g->fake = fake = cx6dx_fake_new_with(&params);
    if (how & 8 || !params.tls_tx || !params.tls_rx) {
        return;                     /* as it comes out of the box */
    }
    cx6dx_fake_start(fake);
    g->eq = cx6dx_fake_eq(fake, LOG_QUEUE, 1, UINT64_MAX);
    g->cq = cx6dx_fake_cq(fake, 8, g->eq.number);
    g->tisn = cx6dx_fake_tis(fake, false);
    g->tls_tisn = cx6dx_fake_tis(fake, true);
    g->sq = cx6dx_fake_sq(fake, LOG_QUEUE, g->cq.number, g->tisn);
    g->icosq = cx6dx_fake_sq(fake, LOG_QUEUE, g->cq.number, 0);
    g->rq = cx6dx_fake_rq(fake, LOG_QUEUE, 4, g->cq.number);
    make_ready(fake, CX6DX_CMD_MODIFY_SQ, &g->sq);
    make_ready(fake, CX6DX_CMD_MODIFY_SQ, &g->icosq);
    make_ready(fake, CX6DX_CMD_MODIFY_RQ, &g->rq);
    g->tirn = cx6dx_fake_tir(fake, g->rq.number, 0, true);
    cx6dx_fake_catch_all(fake, g->tirn);
    g->dek = make_dek(fake);
    g->data = cx6dx_fake_alloc(fake, DATA_BYTES, 4096);
}

/* ---- Steps ---- */

static void fill_mkey(Guest *g, uint8_t *in)
{
    uint8_t *mkc = CX6DX_AREA(create_mkey_in, in, memory_key_mkey_entry);

    CX6DX_SET(mkc, mkc, access_mode_1_0, CX6DX_MKEY_MODE_MTT);
    CX6DX_SET(mkc, mkc, lr, 1);
    CX6DX_SET(mkc, mkc, lw, 1);
    CX6DX_SET(mkc, mkc, umr_en, 1);
    CX6DX_SET(mkc, mkc, pd, g->fake->pdn);
    CX6DX_SET(mkc, mkc, log_page_size, 12);
    CX6DX_SET(mkc, mkc, len_l, 8 * 4096);
    CX6DX_SET(mkc, mkc, translations_octword_size, 4);
    CX6DX_SET(create_mkey_in, in, translations_octword_actual_size, 4);
}

static void fill_rqt(Guest *g, uint8_t *rqtc)
{
    CX6DX_SET(rqtc, rqtc, rqt_max_size, 4);
    CX6DX_SET(rqtc, rqtc, rqt_actual_size, 2);
    cx6dx_prm_store(rqtc + CX6DX_rqtc_BYTES, g->rq.number);
    cx6dx_prm_store(rqtc + CX6DX_rqtc_BYTES + 4, g->rq.number);
}

/* Fields without which a command is refused at once */
static void fill_command(Guest *g, uint16_t opcode, uint8_t *in)
{
    static const uint16_t regs[] = {
        CX6DX_REG_PMLP, CX6DX_REG_PMTU, CX6DX_REG_PTYS, CX6DX_REG_PAOS,
        CX6DX_REG_PFCC, CX6DX_REG_PPCNT, CX6DX_REG_HOST_ENDIANNESS,
    };
    static const uint8_t groups[] = {
        CX6DX_CAP_GENERAL, CX6DX_CAP_ETH_OFFLOADS, CX6DX_CAP_FLOW_TABLE,
        CX6DX_CAP_TLS, CX6DX_CAP_CRYPTO, CX6DX_CAP_GENERAL_2,
    };
    uint8_t *tirc = in + CX6DX_create_obj_in_BYTES;

    switch (opcode) {
    case CX6DX_CMD_ACCESS_REG:
        CX6DX_SET(access_register_in, in, op_mod, take8(g) & 1);
        CX6DX_SET(access_register_in, in, register_id,
                  regs[take8(g) % ARRAY_SIZE(regs)]);
        CX6DX_SET(ptys_reg, in + CX6DX_access_register_in_BYTES, local_port, 1);
        break;
    case CX6DX_CMD_QUERY_HCA_CAP:
    case CX6DX_CMD_SET_HCA_CAP:
        CX6DX_SET(cmd_in, in, op_mod,
                  groups[take8(g) % ARRAY_SIZE(groups)] << 1 | (take8(g) & 1));
        break;
    case CX6DX_CMD_CREATE_MKEY:
        fill_mkey(g, in);
        break;
    case CX6DX_CMD_CREATE_RQT:
    case CX6DX_CMD_MODIFY_RQT:
        fill_rqt(g, in + CX6DX_create_obj_in_BYTES);
        CX6DX_SET(modify_obj_in, in, modify_bitmask_l, CX6DX_MODIFY_RQT_LIST);
        break;
    case CX6DX_CMD_CREATE_TIR:
    case CX6DX_CMD_MODIFY_TIR:
        CX6DX_SET(modify_obj_in, in, modify_bitmask_l, CX6DX_MODIFY_TIR_HASH);
        CX6DX_SET(tirc, tirc, disp_type, take8(g) & 1);
        CX6DX_SET(tirc, tirc, inline_rqn, g->rq.number);
        CX6DX_SET(tirc, tirc, indirect_table, 1);
        CX6DX_SET(tirc, tirc, rx_hash_fn, take8(g) & 3);
        CX6DX_SET(tirc, tirc, selected_fields, 0xf);
        CX6DX_SET(tirc, tirc, transport_domain, g->fake->tdn);
        break;
    }
}

static void step_command(Guest *g)
{
    uint8_t in[IN_BYTES] = { 0 };
    const Cx6dxCmdDesc *table;
    uint32_t in_bytes, out_bytes;
    size_t n;
    uint8_t which = take8(g);

    table = cx6dx_cmd_table_all(&n);
    in_bytes = MIN(table[which % n].min_in_bytes + take8(g) % 4 * 64,
                   IN_BYTES - 64);
    out_bytes = take8(g) & 0xc0 ? OUT_BYTES : 16;
    CX6DX_SET(cmd_in, in, opcode, table[which % n].opcode);
    CX6DX_SET(cmd_in, in, number, take8(g));
    fill_command(g, table[which % n].opcode, in);
    in_bytes += take8(g) & 1 ? 64 : 0;
    patch(g, in, in_bytes);
    cx6dx_fake_cmd_write(g->fake, take8(g) & 3, in, MAX(in_bytes, 16),
                         out_bytes);
    patch(g, cx6dx_fake_entry(g->fake, 0), CX6DX_cmd_entry_BYTES);
    cx6dx_cmd_iseg_write(&g->fake->nic, CX6DX_ISEG_CMD_DBELL, take8(g) | 1);
}

static size_t build_frame(Guest *g, uint8_t *buf, uint32_t max_payload)
{
    FrameSpec spec = {
        .ip_version = take8(g) & 1 ? 6 : 4, .protocol = 6, .ext = { 0xff },
        .tcp_flags = 0x10, .sport = 443, .dport = 5000,
        .tcp_sn = take_value(g), .seed = 3,
        .payload_bytes = take16(g) % (max_payload + 1),
    };

    return frame_build(&spec, buf).payload_off + spec.payload_bytes;
}

/* TLS records in clear, as a stack lays them out */
static void write_records(Guest *g)
{
    uint8_t *p = cx6dx_fake_ptr(g->fake, g->data);
    size_t off = 0;

    while (off + 300 < DATA_BYTES) {
        uint16_t length = 24 + (take8(g) & 0x7f);

        p[off] = 0x17;
        p[off + 1] = p[off + 2] = 3;
        p[off + 3] = length >> 8;
        p[off + 4] = length & 0xff;
        off += 5 + length;
    }
}

static size_t build_static(Guest *g, uint8_t *wqe, const WqeCtrl *ctrl,
                           uint8_t opmod)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    Cx6dxTlsStatic tls = {
        .tls_version = CX6DX_TLS_VERSION_1_2 + (take8(g) & 1),
        .resync_tcp_sn = take_value(g),
    };

    cx6dx_wqe_encode_static(&tls, g->dek, params);
    return wqe_build_static(wqe, ctrl, opmod, params);
}

static size_t build_send(Guest *g, uint8_t *wqe, const WqeCtrl *ctrl)
{
    uint8_t frame[FRAME_SPEC_MAX_HDR_BYTES + 64];
    WqeEth eth = { .l3_csum = true, .l4_csum = true, .inline_hdr = frame };
    WqeData data = { .addr = g->data + take16(g) % 1024, .lkey = g->fake->lkey };

    build_frame(g, frame, 0);
    eth.inline_hdr_bytes = (frame[12] == 0x08 ? 34 : 54) + 20;
    eth.mss = take8(g) & 1 ? 1 + take8(g) * 8 : 0;
    data.bytes = 1 + take16(g) % 4096;
    return wqe_build_send(wqe, ctrl, &eth, &data, 1);
}

static size_t build_wqe(Guest *g, uint8_t *wqe, const WqeCtrl *ctrl)
{
    uint8_t progress[CX6DX_tls_progress_params_BYTES] = { 0 };
    uint64_t mtt[4] = { g->data, g->data + 4096, UINT64_MAX, 0 };
    WqeData data[2] = {
        { .addr = g->data, .lkey = g->fake->lkey, .bytes = 200 },
        { .inline_data = progress, .bytes = 12 },
    };
    WqeEth eth = { .l3_csum = true };

    switch (take8(g) % 8) {
    case 0:
        return wqe_build_nop(wqe, ctrl);
    case 1:
    case 2:
        return build_send(g, wqe, ctrl);
    case 3:
        data[0].bytes = 1 + take16(g) % 9000;
        return wqe_build_dump(wqe, ctrl, data);
    case 4:
        return build_static(g, wqe, ctrl, 1 + take8(g) % 2);
    case 5:
        cx6dx_prm_store(progress, take_value(g));
        return wqe_build_set_psv(wqe, ctrl, 1 + take8(g) % 2,
                                 take8(g) & 1 ? g->tls_tisn : g->tirn,
                                 progress);
    case 6:
        return wqe_build_get_psv(wqe, ctrl, g->tirn, g->fake->lkey, g->data);
    default:
        return take8(g) & 1 ? wqe_build_mtt(wqe, ctrl, take_value(g), 0, mtt, 4)
                            : wqe_build_mpsw(wqe, ctrl, &eth, data, 2);
    }
}

static void step_post(Guest *g)
{
    bool ico = take8(g) & 1;
    Cx6dxFakeQueue *queue = ico ? &g->icosq : &g->sq;
    uint16_t *pc = ico ? &g->icosq_pc : &g->sq_pc;
    unsigned ring = 1u << queue->log_entries;
    uint8_t wqe[WQE_BUILD_MAX_BYTES] = { 0 };
    WqeCtrl ctrl = { .qpn = queue->number, .index = *pc, .cqe = true };
    size_t bytes, room;

    if (!queue->buf) {
        return;
    }
    ctrl.tis_tir_num = take8(g) & 1 ? g->tls_tisn : take8(g) & 7;
    bytes = build_wqe(g, wqe, &ctrl);
    patch(g, wqe, bytes);
    room = (ring - (*pc & (ring - 1))) * CX6DX_WQE_BB_BYTES;
    memcpy(cx6dx_fake_ptr(g->fake, queue->buf +
                          (*pc & (ring - 1)) * CX6DX_WQE_BB_BYTES),
           wqe, MIN(bytes, room));
    *pc += MIN(DIV_ROUND_UP(bytes, CX6DX_WQE_BB_BYTES),
               room / CX6DX_WQE_BB_BYTES);
    CX6DX_SET(wq_dbrec, cx6dx_fake_ptr(g->fake, queue->dbr), sq_counter, *pc);
    cx6dx_sq_doorbell(&g->fake->nic, g->fake->uar, queue->number << 8);
}

static void step_doorbell(Guest *g)
{
    Cx6dxNic *nic = &g->fake->nic;
    uint32_t uar = take8(g) & 1 ? g->fake->uar : take_value(g);

    switch (take8(g) % 4) {
    case 0:
        cx6dx_sq_doorbell(nic, uar, take_value(g));
        break;
    case 1:
        cx6dx_cq_doorbell(nic, uar, take_value(g), take_value(g));
        break;
    case 2:
        cx6dx_eq_doorbell(nic, uar, g->eq.number << 24 | take8(g), true);
        break;
    default:
        cx6dx_eq_doorbell(nic, uar, take_value(g), take8(g) & 1);
    }
}

static void step_register(Guest *g)
{
    uint32_t offset = take16(g) % CX6DX_ISEG_BYTES & ~3u;

    if (take8(g) & 1) {
        cx6dx_cmd_iseg_write(&g->fake->nic, offset, take_value(g));
    } else {
        cx6dx_cmd_iseg_read(&g->fake->nic, offset);
    }
}

/* A frame off the wire: one that was sent, or a new one */
static void step_receive(Guest *g)
{
    uint8_t frame[FRAME_SPEC_MAX_HDR_BYTES + 3000];
    GPtrArray *sent = g->fake->frames;
    size_t bytes;

    if (take8(g) & 1 && sent->len) {
        GByteArray *again = sent->pdata[take8(g) % sent->len];

        bytes = MIN(again->len, sizeof(frame));
        memcpy(frame, again->data, bytes);
    } else {
        bytes = build_frame(g, frame, 3000);
    }
    patch(g, frame, bytes);
    cx6dx_nic_receive(&g->fake->nic, frame, bytes);
    if (sent->len > MAX_FRAMES) {
        cx6dx_fake_clear_frames(g->fake);
    }
}

static void step_post_receive(Guest *g)
{
    uint8_t *seg;

    if (!g->rq.buf) {
        return;
    }
    seg = cx6dx_fake_ptr(g->fake, g->rq.buf +
                         (g->rq_pc & ((1 << LOG_QUEUE) - 1)) *
                         CX6DX_wqe_data_BYTES);
    CX6DX_SET(wqe_data, seg, byte_count, 2048);
    CX6DX_SET(wqe_data, seg, lkey, g->fake->lkey);
    CX6DX_SET64(wqe_data, seg, addr, g->data + 4096);
    patch(g, seg, CX6DX_wqe_data_BYTES);
    g->rq_pc++;
    CX6DX_SET(wq_dbrec, cx6dx_fake_ptr(g->fake, g->rq.dbr), rq_counter,
              g->rq_pc);
}

/* Takes all completions and events, as a driver does now and then */
static void step_consume(Guest *g)
{
    Cx6dxNic *nic = &g->fake->nic;
    Cx6dxCq *cq = (Cx6dxCq *)cx6dx_obj_get(&nic->cqs, g->cq.number);
    Cx6dxEq *eq = (Cx6dxEq *)cx6dx_obj_get(&nic->eqs, g->eq.number);
    uint8_t *rec;

    if (cq && g->cq.dbr) {
        rec = cx6dx_fake_ptr(g->fake, g->cq.dbr);
        CX6DX_SET(cq_dbrec, rec, consumer_index, cq->pi & 0xffffff);
        cx6dx_cq_doorbell(nic, g->fake->uar, cq->pi & 0xffffff, g->cq.number);
    }
    if (eq) {
        cx6dx_eq_doorbell(nic, g->fake->uar,
                          g->eq.number << 24 | (eq->pi & 0xffffff), true);
    }
}

static void step_memory(Guest *g)
{
    uint64_t used = g->fake->next_free - FAKE_BASE;
    uint64_t at = FAKE_BASE + take32(g) % (used - 256);

    patch(g, cx6dx_fake_ptr(g->fake, at), 256);
}

void nic_guest_step(Guest *g)
{
    switch (take8(g) % 12) {
    case 0:
    case 1:
        step_command(g);
        break;
    case 2:
    case 3:
        step_post(g);
        break;
    case 4:
        step_doorbell(g);
        break;
    case 5:
        step_register(g);
        break;
    case 6:
        step_receive(g);
        break;
    case 7:
        step_post_receive(g);
        break;
    case 8:
        step_memory(g);
        break;
    case 9:
        step_consume(g);
        break;
    case 10:
        step_post(g);
        break;
    default:
        if (take8(g) & 1) {
            cx6dx_fake_advance(g->fake, take_value(g) % 2000000);
        } else if (g->data) {
            write_records(g);
        }
    }
    if (g->at_rest) {
        g->at_rest(g);              /* with work that was only kicked */
    }
    cx6dx_fake_run(g->fake);
    if (g->at_rest) {
        g->at_rest(g);
    }
}

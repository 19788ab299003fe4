/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A host for one NIC in unit tests; see cx6dx-fake-host.h
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"

#define BOXES 80
#define BOX_BYTES 1024
#define BLOCK_BYTES CX6DX_AREA_BYTES(cmd_mailbox, data)
#define MAX_TURNS 100000

/* ---- Callbacks ---- */

static bool in_memory(uint64_t addr, size_t len)
{
    return addr >= FAKE_BASE && addr - FAKE_BASE <= FAKE_BYTES &&
           len <= FAKE_BYTES - (addr - FAKE_BASE);
}

static bool host_dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
    Cx6dxFake *fake = opaque;

    fake->dma_reads++;
    if (!in_memory(addr, len)) {
        return false;
    }
    memcpy(buf, fake->mem + (addr - FAKE_BASE), len);
    return true;
}

static bool host_dma_write(void *opaque, uint64_t addr, const void *buf,
                           size_t len)
{
    Cx6dxFake *fake = opaque;

    fake->dma_writes++;
    if (!in_memory(addr, len)) {
        return false;
    }
    memcpy(fake->mem + (addr - FAKE_BASE), buf, len);
    return true;
}

static void host_raise_vector(void *opaque, uint32_t vector)
{
    Cx6dxFake *fake = opaque;

    if (vector < CX6DX_MAX_VECTORS) {
        fake->vectors[vector]++;
    }
}

static void host_frame_out(void *opaque, const uint8_t *buf, size_t len)
{
    Cx6dxFake *fake = opaque;
    GByteArray *frame = g_byte_array_new();

    g_byte_array_append(frame, buf, len);
    g_ptr_array_add(fake->frames, frame);
}

static uint64_t host_now_ns(void *opaque)
{
    return ((Cx6dxFake *)opaque)->now_ns;
}

static void host_arm_timer(void *opaque, uint64_t deadline_ns)
{
    ((Cx6dxFake *)opaque)->deadline_ns = deadline_ns;
}

static void host_kick(void *opaque)
{
    ((Cx6dxFake *)opaque)->kicked = true;
}

static void host_rx_ready(void *opaque)
{
    ((Cx6dxFake *)opaque)->rx_ready++;
}

/* ---- Life ---- */

void cx6dx_fake_params(Cx6dxNicParams *params)
{
    static const uint8_t mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

    *params = (Cx6dxNicParams) {
        .id = 1,
        .vectors = 8,
        .uar_pages = 16,
        .tls_tx = true,
        .tls_rx = true,
    };
    memcpy(params->mac, mac, sizeof(mac));
    cx6dx_timing_default_params(&params->timing);
    params->timing.enabled = false;
    /* commands are done when they are rung for */
    params->timing.fw_tis_create_ns = 0;
    params->timing.fw_tis_destroy_ns = 0;
    params->timing.fw_dek_create_ns = 0;
    params->timing.fw_dek_destroy_ns = 0;
    params->timing.fw_dek_modify_ns = 0;
    params->timing.fw_bulk_key_ns = 0;
    params->timing.fw_other_ns = 0;
}

Cx6dxFake *cx6dx_fake_new_with(const Cx6dxNicParams *params)
{
    Cx6dxFake *fake = g_new0(Cx6dxFake, 1);
    const Cx6dxHost host = {
        .opaque = fake,
        .dma_read = host_dma_read,
        .dma_write = host_dma_write,
        .raise_vector = host_raise_vector,
        .frame_out = host_frame_out,
        .now_ns = host_now_ns,
        .arm_timer = host_arm_timer,
        .kick = host_kick,
        .rx_ready = host_rx_ready,
    };

    fake->params = *params;
    fake->mem = g_malloc0(FAKE_BYTES);
    fake->next_free = FAKE_BASE;
    fake->now_ns = 1000000;
    fake->deadline_ns = UINT64_MAX;
    fake->frames =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
    cx6dx_nic_init(&fake->nic, &host, params);

    fake->cmdq_addr = cx6dx_fake_alloc(fake, 4096, 4096);
    fake->in_box_addr = cx6dx_fake_alloc(fake, BOXES * BOX_BYTES, 4096);
    fake->out_box_addr = cx6dx_fake_alloc(fake, BOXES * BOX_BYTES, 4096);
    fake->boxes = BOXES;
    cx6dx_cmd_iseg_write(&fake->nic, CX6DX_ISEG_CMDQ_ADDR_H,
                         fake->cmdq_addr >> 32);
    cx6dx_cmd_iseg_write(&fake->nic, CX6DX_ISEG_CMDQ_ADDR_L_SZ,
                         (uint32_t)fake->cmdq_addr);
    return fake;
}

Cx6dxFake *cx6dx_fake_new(void)
{
    Cx6dxNicParams params;

    cx6dx_fake_params(&params);
    return cx6dx_fake_new_with(&params);
}

void cx6dx_fake_free(Cx6dxFake *fake)
{
    cx6dx_nic_reset(&fake->nic);
    g_assert_cmpuint(cx6dx_nic_objects(&fake->nic), ==, 0);
    cx6dx_nic_free(&fake->nic);
    g_ptr_array_free(fake->frames, true);
    g_free(fake->mem);
    g_free(fake);
}

uint64_t cx6dx_fake_alloc(Cx6dxFake *fake, size_t bytes, size_t align)
{
    uint64_t addr = (fake->next_free + align - 1) & ~(uint64_t)(align - 1);

    g_assert_true(in_memory(addr, bytes));
    fake->next_free = addr + bytes;
    memset(cx6dx_fake_ptr(fake, addr), 0, bytes);
    return addr;
}

uint8_t *cx6dx_fake_ptr(Cx6dxFake *fake, uint64_t addr)
{
    g_assert_true(in_memory(addr, 0));
    return fake->mem + (addr - FAKE_BASE);
}

void cx6dx_fake_run(Cx6dxFake *fake)
{
    for (int turn = 0; fake->kicked; turn++) {
        g_assert_cmpint(turn, <, MAX_TURNS);
        fake->kicked = false;
        cx6dx_nic_work(&fake->nic);
    }
}

void cx6dx_fake_advance(Cx6dxFake *fake, uint64_t ns)
{
    uint64_t end_ns = fake->now_ns + ns;

    cx6dx_fake_run(fake);
    for (int turn = 0; fake->deadline_ns <= end_ns; turn++) {
        g_assert_cmpint(turn, <, MAX_TURNS);
        fake->now_ns = MAX(fake->now_ns, fake->deadline_ns);
        fake->deadline_ns = UINT64_MAX;
        cx6dx_nic_timer(&fake->nic);
        cx6dx_fake_run(fake);
    }
    fake->now_ns = end_ns;
}

void cx6dx_fake_clear_frames(Cx6dxFake *fake)
{
    g_ptr_array_set_size(fake->frames, 0);
}

/* ---- Commands ---- */

uint8_t *cx6dx_fake_entry(Cx6dxFake *fake, uint32_t slot)
{
    return cx6dx_fake_ptr(fake, fake->cmdq_addr +
                          ((uint64_t)slot << CX6DX_CMD_LOG_STRIDE));
}

/* A chain for `bytes` beyond the inline ones; the address of its first box */
static uint64_t write_chain(Cx6dxFake *fake, uint64_t addr, const uint8_t *data,
                            uint32_t bytes)
{
    uint32_t n = bytes > 16 ? DIV_ROUND_UP(bytes - 16, BLOCK_BYTES) : 0;

    g_assert_cmpuint(n, <, fake->boxes);
    for (uint32_t k = 0; k < n; k++) {
        uint64_t here = addr + (uint64_t)k * BOX_BYTES;
        uint8_t *box = cx6dx_fake_ptr(fake, here);
        uint32_t off = 16 + k * BLOCK_BYTES;

        memset(box, 0, BOX_BYTES);
        if (data) {
            memcpy(box, data + off, MIN(bytes - off, BLOCK_BYTES));
        }
        /* like real drivers: the last one points on, to what does not count */
        CX6DX_SET64(cmd_mailbox, box, next, here + BOX_BYTES);
        CX6DX_SET(cmd_mailbox, box, block_num, k);
        CX6DX_SET(cmd_mailbox, box, token, fake->token);
    }
    return n ? addr : 0;
}

void cx6dx_fake_cmd_write(Cx6dxFake *fake, uint32_t slot, const void *in,
                          uint32_t in_bytes, uint32_t out_bytes)
{
    uint8_t *entry = cx6dx_fake_entry(fake, slot);

    fake->token = fake->token == 0xff ? 1 : fake->token + 1;
    memset(entry, 0, CX6DX_cmd_entry_BYTES);
    CX6DX_SET(cmd_entry, entry, type, CX6DX_CMD_TYPE_PCI);
    CX6DX_SET(cmd_entry, entry, inlen, in_bytes);
    CX6DX_SET(cmd_entry, entry, outlen, out_bytes);
    CX6DX_SET64(cmd_entry, entry, in_ptr,
                write_chain(fake, fake->in_box_addr, in, in_bytes));
    CX6DX_SET64(cmd_entry, entry, out_ptr,
                write_chain(fake, fake->out_box_addr, NULL, out_bytes));
    memcpy(CX6DX_AREA(cmd_entry, entry, in), in, MIN(in_bytes, 16));
    CX6DX_SET(cmd_entry, entry, token, fake->token);
    CX6DX_SET(cmd_entry, entry, hw_owned, 1);
}

void cx6dx_fake_cmd_ring(Cx6dxFake *fake, uint32_t slot)
{
    cx6dx_cmd_iseg_write(&fake->nic, CX6DX_ISEG_CMD_DBELL, 1u << slot);
    cx6dx_fake_run(fake);
}

uint8_t cx6dx_fake_cmd(Cx6dxFake *fake, const void *in, uint32_t in_bytes,
                       void *out, uint32_t out_bytes)
{
    const uint8_t *entry = cx6dx_fake_entry(fake, 0);
    const uint8_t *inline_out = CX6DX_AREA(cmd_entry, entry, out);

    cx6dx_fake_cmd_write(fake, 0, in, in_bytes, out_bytes);
    cx6dx_fake_cmd_ring(fake, 0);
    g_assert_cmpuint(CX6DX_GET(cmd_entry, entry, hw_owned), ==, 0);
    fake->delivery = CX6DX_GET(cmd_entry, entry, delivery_status);
    fake->syndrome = CX6DX_GET(cmd_out, inline_out, syndrome);
    if (fake->delivery) {
        return 0xff;
    }
    if (out) {
        memcpy(out, inline_out, MIN(out_bytes, 16));
        for (uint32_t off = 16; off < out_bytes; off += BLOCK_BYTES) {
            memcpy((uint8_t *)out + off,
                   cx6dx_fake_ptr(fake, fake->out_box_addr +
                                  (uint64_t)(off / BLOCK_BYTES) * BOX_BYTES),
                   MIN(out_bytes - off, BLOCK_BYTES));
        }
    }
    return CX6DX_GET(cmd_out, inline_out, status);
}

uint8_t cx6dx_fake_simple(Cx6dxFake *fake, uint16_t opcode, uint32_t number)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, opcode);
    cx6dx_prm_store(in + 8, number);
    return cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16);
}

/* Executes a create command, which must succeed */
static uint32_t create(Cx6dxFake *fake, uint8_t *in, uint32_t in_bytes,
                       uint16_t opcode)
{
    uint8_t out[CX6DX_cmd_out_BYTES];

    CX6DX_SET(cmd_in, in, opcode, opcode);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, in_bytes, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    return CX6DX_GET(cmd_out, out, number);
}

uint32_t cx6dx_fake_alloc_obj(Cx6dxFake *fake, uint16_t opcode)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };

    return create(fake, in, sizeof(in), opcode);
}

static uint32_t pa_mkey(Cx6dxFake *fake)
{
    uint8_t in[CX6DX_create_mkey_in_BYTES] = { 0 };
    uint8_t *mkc = CX6DX_AREA(create_mkey_in, in, memory_key_mkey_entry);

    CX6DX_SET(mkc, mkc, lw, 1);
    CX6DX_SET(mkc, mkc, lr, 1);
    CX6DX_SET(mkc, mkc, access_mode_1_0, CX6DX_MKEY_MODE_PA);
    CX6DX_SET(mkc, mkc, length64, 1);
    CX6DX_SET(mkc, mkc, pd, fake->pdn);
    CX6DX_SET(mkc, mkc, qpn, 0xffffff);
    return create(fake, in, sizeof(in), CX6DX_CMD_CREATE_MKEY) << 8;
}

void cx6dx_fake_start(Cx6dxFake *fake)
{
    static const uint16_t start[] = { CX6DX_CMD_ENABLE_HCA,
                                      CX6DX_CMD_INIT_HCA };

    for (size_t i = 0; i < ARRAY_SIZE(start); i++) {
        g_assert_cmphex(cx6dx_fake_simple(fake, start[i], 0), ==,
                        CX6DX_STATUS_OK);
    }
    fake->uar = cx6dx_fake_alloc_obj(fake, CX6DX_CMD_ALLOC_UAR);
    fake->pdn = cx6dx_fake_alloc_obj(fake, CX6DX_CMD_ALLOC_PD);
    fake->tdn = cx6dx_fake_alloc_obj(fake, CX6DX_CMD_ALLOC_TRANSPORT_DOMAIN);
    fake->lkey = pa_mkey(fake);
    cx6dx_port_set_backend(&fake->nic, true);
    fake->nic.port.pause_tx = false;
}

/* ---- Objects ---- */

/* A buffer of pages and their list at `list`; the number of pages */
static uint32_t alloc_pages(Cx6dxFake *fake, size_t bytes, uint64_t *buf,
                            uint8_t *list)
{
    uint32_t n = DIV_ROUND_UP(bytes, CX6DX_PAGE_BYTES);

    *buf = cx6dx_fake_alloc(fake, (size_t)n * CX6DX_PAGE_BYTES,
                            CX6DX_PAGE_BYTES);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t page = *buf + (uint64_t)i * CX6DX_PAGE_BYTES;

        cx6dx_prm_store(list + 8 * i, page >> 32);
        cx6dx_prm_store(list + 8 * i + 4, (uint32_t)page);
    }
    return n;
}

static uint32_t max_list_bytes(size_t bytes)
{
    return 8 * DIV_ROUND_UP(bytes, CX6DX_PAGE_BYTES);
}

Cx6dxFakeQueue cx6dx_fake_eq(Cx6dxFake *fake, uint8_t log_entries,
                             uint32_t vector, uint64_t event_mask)
{
    size_t bytes = (size_t)CX6DX_eqe_BYTES << log_entries;
    uint32_t in_bytes = CX6DX_create_eq_in_BYTES + max_list_bytes(bytes);
    g_autofree uint8_t *in = g_malloc0(in_bytes);
    uint8_t *eqc = CX6DX_AREA(create_eq_in, in, eq_context_entry);
    uint8_t *mask = CX6DX_AREA(create_eq_in, in, event_bitmask);
    Cx6dxFakeQueue q = { .log_entries = log_entries };

    CX6DX_SET(eqc, eqc, log_eq_size, log_entries);
    CX6DX_SET(eqc, eqc, uar_page, fake->uar);
    CX6DX_SET(eqc, eqc, intr, vector);
    cx6dx_prm_store(mask, event_mask >> 32);
    cx6dx_prm_store(mask + 4, (uint32_t)event_mask);
    alloc_pages(fake, bytes, &q.buf, in + CX6DX_create_eq_in_BYTES);
    for (size_t i = 0; i < bytes; i += CX6DX_eqe_BYTES) {
        CX6DX_SET(eqe, cx6dx_fake_ptr(fake, q.buf + i), owner, 1);
    }
    q.number = create(fake, in, in_bytes, CX6DX_CMD_CREATE_EQ);
    return q;
}

static Cx6dxFakeQueue make_cq(Cx6dxFake *fake, uint8_t log_entries,
                              uint32_t eqn, bool comp, uint8_t format,
                              uint8_t layout)
{
    size_t bytes = (size_t)CX6DX_cqe_BYTES << log_entries;
    uint32_t in_bytes = CX6DX_create_cq_in_BYTES + max_list_bytes(bytes);
    g_autofree uint8_t *in = g_malloc0(in_bytes);
    uint8_t *cqc = CX6DX_AREA(create_cq_in, in, cq_context);
    Cx6dxFakeQueue q = { .log_entries = log_entries };

    q.dbr = cx6dx_fake_alloc(fake, CX6DX_cq_dbrec_BYTES, 8);
    CX6DX_SET(cqc, cqc, log_cq_size, log_entries);
    CX6DX_SET(cqc, cqc, uar_page, fake->uar);
    CX6DX_SET(cqc, cqc, c_eqn_or_apu_element, eqn);
    CX6DX_SET64(cqc, cqc, dbr_addr, q.dbr);
    CX6DX_SET(cqc, cqc, cqe_comp_en, comp);
    CX6DX_SET(cqc, cqc, mini_cqe_res_format, format);
    CX6DX_SET(cqc, cqc, cqe_compression_layout, layout);
    alloc_pages(fake, bytes, &q.buf, in + CX6DX_create_cq_in_BYTES);
    for (size_t i = 0; i < bytes; i += CX6DX_cqe_BYTES) {
        uint8_t *cqe = cx6dx_fake_ptr(fake, q.buf + i);

        CX6DX_SET(cqe, cqe, opcode, CX6DX_CQE_INVALID);
        CX6DX_SET(cqe, cqe, owner, 1);
    }
    q.number = create(fake, in, in_bytes, CX6DX_CMD_CREATE_CQ);
    return q;
}

Cx6dxFakeQueue cx6dx_fake_cq(Cx6dxFake *fake, uint8_t log_entries,
                             uint32_t eqn)
{
    return make_cq(fake, log_entries, eqn, false, 0, 0);
}

Cx6dxFakeQueue cx6dx_fake_cq_comp(Cx6dxFake *fake, uint8_t log_entries,
                                  uint32_t eqn, uint8_t format, uint8_t layout)
{
    return make_cq(fake, log_entries, eqn, true, format, layout);
}

/* The part that SQ and RQ share; `wq` is inside `in`, its pages follow it */
static void fill_wq(Cx6dxFake *fake, uint8_t *wq, uint8_t log_entries,
                    uint8_t log_stride, Cx6dxFakeQueue *q)
{
    q->log_entries = log_entries;
    q->dbr = cx6dx_fake_alloc(fake, CX6DX_wq_dbrec_BYTES, 8);
    CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_CYCLIC);
    CX6DX_SET(wq, wq, pd, fake->pdn);
    CX6DX_SET(wq, wq, uar_page, fake->uar);
    CX6DX_SET64(wq, wq, dbr_addr, q->dbr);
    CX6DX_SET(wq, wq, log_wq_stride, log_stride);
    CX6DX_SET(wq, wq, log_wq_sz, log_entries);
    alloc_pages(fake, (size_t)1 << (log_entries + log_stride), &q->buf,
                wq + CX6DX_wq_BYTES);
}

Cx6dxFakeQueue cx6dx_fake_sq(Cx6dxFake *fake, uint8_t log_wqebbs, uint32_t cqn,
                             uint32_t tisn)
{
    uint32_t in_bytes = CX6DX_create_obj_in_BYTES + CX6DX_sqc_BYTES +
                        max_list_bytes((size_t)CX6DX_WQE_BB_BYTES
                                       << log_wqebbs);
    g_autofree uint8_t *in = g_malloc0(in_bytes);
    uint8_t *sqc = in + CX6DX_create_obj_in_BYTES;
    Cx6dxFakeQueue q;

    CX6DX_SET(sqc, sqc, flush_in_error_en, 1);
    CX6DX_SET(sqc, sqc, reg_umr, 1);
    CX6DX_SET(sqc, sqc, cqn, cqn);
    CX6DX_SET(sqc, sqc, tis_lst_sz, tisn ? 1 : 0);
    CX6DX_SET(sqc, sqc, tis_num_0, tisn);
    fill_wq(fake, CX6DX_AREA(sqc, sqc, wq), log_wqebbs, CX6DX_LOG_SEND_WQE_BB,
            &q);
    q.number = create(fake, in, in_bytes, CX6DX_CMD_CREATE_SQ);
    return q;
}

Cx6dxFakeQueue cx6dx_fake_rq(Cx6dxFake *fake, uint8_t log_wqes,
                             uint8_t log_stride, uint32_t cqn)
{
    uint32_t in_bytes = CX6DX_create_obj_in_BYTES + CX6DX_rqc_BYTES +
                        max_list_bytes((size_t)1 << (log_wqes + log_stride));
    g_autofree uint8_t *in = g_malloc0(in_bytes);
    uint8_t *rqc = in + CX6DX_create_obj_in_BYTES;
    Cx6dxFakeQueue q;

    CX6DX_SET(rqc, rqc, cqn, cqn);
    fill_wq(fake, CX6DX_AREA(rqc, rqc, wq), log_wqes, log_stride, &q);
    q.number = create(fake, in, in_bytes, CX6DX_CMD_CREATE_RQ);
    return q;
}

uint32_t cx6dx_fake_rqt(Cx6dxFake *fake, const uint32_t *rqns, uint32_t n)
{
    uint32_t in_bytes = CX6DX_create_obj_in_BYTES + CX6DX_rqtc_BYTES + 4 * n;
    g_autofree uint8_t *in = g_malloc0(in_bytes);
    uint8_t *rqtc = in + CX6DX_create_obj_in_BYTES;

    CX6DX_SET(rqtc, rqtc, rqt_max_size, n);
    CX6DX_SET(rqtc, rqtc, rqt_actual_size, n);
    for (uint32_t i = 0; i < n; i++) {
        cx6dx_prm_store(rqtc + CX6DX_rqtc_BYTES + 4 * i, rqns[i]);
    }
    return create(fake, in, in_bytes, CX6DX_CMD_CREATE_RQT);
}

uint32_t cx6dx_fake_tis(Cx6dxFake *fake, bool tls)
{
    uint8_t in[CX6DX_create_obj_in_BYTES + CX6DX_tisc_BYTES] = { 0 };
    uint8_t *tisc = in + CX6DX_create_obj_in_BYTES;

    CX6DX_SET(tisc, tisc, tls_en, tls);
    CX6DX_SET(tisc, tisc, transport_domain, fake->tdn);
    CX6DX_SET(tisc, tisc, pd, tls ? fake->pdn : 0);
    return create(fake, in, sizeof(in), CX6DX_CMD_CREATE_TIS);
}

uint32_t cx6dx_fake_tir(Cx6dxFake *fake, uint32_t rqn, uint32_t rqtn, bool tls)
{
    uint8_t in[CX6DX_create_obj_in_BYTES + CX6DX_tirc_BYTES] = { 0 };
    uint8_t *tirc = in + CX6DX_create_obj_in_BYTES;

    CX6DX_SET(tirc, tirc, disp_type,
              rqn ? CX6DX_TIR_DIRECT : CX6DX_TIR_INDIRECT);
    CX6DX_SET(tirc, tirc, inline_rqn, rqn);
    CX6DX_SET(tirc, tirc, indirect_table, rqtn);
    CX6DX_SET(tirc, tirc, transport_domain, fake->tdn);
    CX6DX_SET(tirc, tirc, tls_en, tls);
    CX6DX_SET(tirc, tirc, rx_hash_fn, CX6DX_HASH_INVERTED_XOR8);
    return create(fake, in, sizeof(in), CX6DX_CMD_CREATE_TIR);
}

uint8_t cx6dx_fake_modify_queue(Cx6dxFake *fake, uint16_t opcode,
                                uint32_t number, uint8_t from, uint8_t to)
{
    uint8_t in[CX6DX_modify_obj_in_BYTES + CX6DX_sqc_BYTES] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, opcode);
    CX6DX_SET(modify_obj_in, in, number, number);
    CX6DX_SET(modify_obj_in, in, state, from);
    /* the state is at the same place in both contexts */
    CX6DX_SET(sqc, in + CX6DX_modify_obj_in_BYTES, state, to);
    return cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16);
}

uint32_t cx6dx_fake_catch_all(Cx6dxFake *fake, uint32_t tirn)
{
    uint8_t table_in[CX6DX_create_flow_table_in_BYTES] = { 0 };
    uint8_t group_in[CX6DX_create_flow_group_in_BYTES] = { 0 };
    uint8_t fte_in[CX6DX_set_fte_in_BYTES + CX6DX_dest_format_BYTES] = { 0 };
    uint8_t root_in[CX6DX_set_flow_table_root_in_BYTES] = { 0 };
    uint8_t *dest = fte_in + CX6DX_set_fte_in_BYTES;
    uint32_t table = create(fake, table_in, sizeof(table_in),
                            CX6DX_CMD_CREATE_FLOW_TABLE);

    CX6DX_SET(create_flow_group_in, group_in, table_id, table);
    CX6DX_SET(set_fte_in, fte_in, table_id, table);
    CX6DX_SET(set_fte_in, fte_in, group_id,
              create(fake, group_in, sizeof(group_in),
                     CX6DX_CMD_CREATE_FLOW_GROUP));
    CX6DX_SET(set_fte_in, fte_in, action, CX6DX_FTE_FWD);
    CX6DX_SET(set_fte_in, fte_in, destination_list_size, 1);
    CX6DX_SET(dest_format, dest, destination_type, CX6DX_FT_DEST_TIR);
    CX6DX_SET(dest_format, dest, destination_id, tirn);
    create(fake, fte_in, sizeof(fte_in), CX6DX_CMD_SET_FLOW_TABLE_ENTRY);
    CX6DX_SET(set_flow_table_root_in, root_in, table_id, table);
    create(fake, root_in, sizeof(root_in), CX6DX_CMD_SET_FLOW_TABLE_ROOT);
    return table;
}

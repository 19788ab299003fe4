/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: PCIe bandwidth of the device's own DMA
 *
 * Real queues are driven under a clock that the test moves, and the time that
 * the link was taken for it is held against the closed form of "Understanding
 * PCIe performance for end host networking" (SIGCOMM 2018), in floating point:
 * every combination of generation, width, MPS and MRRS, set while the machine
 * runs, and of sizes from one byte on.  Reads are gathers, of up to 65536 bytes.
 * Writes are what is received, piece by piece of a scatter list; a NIC writes no
 * more at once than a frame has, 9996 bytes here.  0.1 %, rounding to whole
 * nanoseconds included.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "cx6dx-tls-fixture.h"
#include "qobject/qdict.h"
#include "qobject/qnum.h"

enum {
    MWR = 24, MRD = 24, CPLD = 20,      /* overheads of TLPs */
    DOORBELL = 8,
    MS = 1000 * 1000,
    BIG = 65536,
    LINKS = 3 * 3 * 3 * 6,
    WQE_DS = CX6DX_WQE_DS_BYTES,
    HEAD_DS = 6,                        /* control, Ethernet, headers */
    /* gathers: slots of the ring, each with the same work request */
    SLOTS = 64,
    SLOT_BYTES = 16 * CX6DX_WQE_BB_BYTES,
    MOST_SEGS = 57,
    /* scatter lists */
    RQ_STRIDE = 512,
    RQ_SEGS = RQ_STRIDE / WQE_DS,
    LOG_RQ = 7,
    FRAMES = 1 << LOG_RQ,
    MOST_FRAME = 9996,
    LEAST_FRAME = 60,
    /* time on the link for one measurement, in bytes: a microsecond and more */
    ENOUGH = 160000,
};

typedef struct Link {
    unsigned gen, lanes, mps, mrrs;
} Link;

/* ns for a byte of TLPs */
static double byte_ns(const Link *link)
{
    /* lanes 4, 8, 16 by MPS 128, 256, 512: bytes for each DLLP of a kind */
    static const unsigned limits[3][3] = {
        { 169, 214, 250 }, { 163, 203, 182 }, { 144, 168, 182 },
    };
    unsigned limit = limits[link->lanes / 8][link->mps / 256];
    double gbps = (8 << (link->gen - 3)) * 128.0 / 130.0 * link->lanes *
                  (1 - 16.0 / limit - 4.0 / 1538);

    return 8 / gbps;
}

static uint64_t tlps(uint64_t bytes, uint64_t size, uint64_t overhead)
{
    return (bytes + size - 1) / size * overhead;
}

static uint64_t completions(const Link *link, uint64_t bytes)
{
    return bytes + tlps(bytes, link->mps, CPLD);
}

static uint64_t writes(const Link *link, uint64_t bytes)
{
    return bytes + tlps(bytes, link->mps, MWR);
}

static void set_property(Fixture *f, const char *name, uint64_t value)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-set', 'arguments': "
                           "{'path': '/machine/peripheral/nic0', "
                           "'property': %s, 'value': %" PRIu64 "}}", name,
                           value);

    g_assert_true(qdict_haskey(rsp, "return"));
    qobject_unref(rsp);
}

/* Sets what is different from the one before */
static Link nth_link(Fixture *f, unsigned n)
{
    Link link = {
        .gen = 3 + n % 3,
        .lanes = 4 << n / 3 % 3,
        .mps = 128 << n / 9 % 3,
        .mrrs = 128 << n / 27 % 6,
    };

    set_property(f, "pcie-gen", link.gen);
    if (n % 3 == 0) {
        set_property(f, "pcie-lanes", link.lanes);
    }
    if (n % 9 == 0) {
        set_property(f, "pcie-mps", link.mps);
    }
    if (n % 27 == 0) {
        set_property(f, "pcie-mrrs", link.mrrs);
    }
    return link;
}

typedef struct Account {
    uint64_t up_bytes, up_ns, down_bytes, down_ns, read, written, wqes;
} Account;

static uint64_t number(QDict *dict, const char *name)
{
    return qnum_get_uint(qobject_to(QNum, qdict_get(dict, name)));
}

static Account account(Fixture *f)
{
    QDict *dict = get_struct(f, "nic0", "model");
    Account a = {
        .up_bytes = number(dict, "pcie_up_bytes"),
        .up_ns = number(dict, "pcie_up_busy_ns"),
        .down_bytes = number(dict, "pcie_down_bytes"),
        .down_ns = number(dict, "pcie_down_busy_ns"),
        .read = number(dict, "dma_read_bytes"),
        .written = number(dict, "dma_write_bytes"),
        .wqes = number(dict, "dma_send_wqe_bytes"),
    };

    qobject_unref(dict);
    return a;
}

/* What the link moved between two accounts, and how long that took */
static Account since(Fixture *f, const Account *before)
{
    Account a = account(f);

    return (Account) {
        .up_bytes = a.up_bytes - before->up_bytes,
        .up_ns = a.up_ns - before->up_ns,
        .down_bytes = a.down_bytes - before->down_bytes,
        .down_ns = a.down_ns - before->down_ns,
        .read = a.read - before->read,
        .written = a.written - before->written,
        .wqes = a.wqes - before->wqes,
    };
}

static void check(double is, double want)
{
    g_assert_cmpfloat(is, <, want * 1.001);
    g_assert_cmpfloat(is, >, want * 0.999);
}

/*
 * Gb/s of `n` operations of `size` bytes that occupied the two directions for so
 * long, the time of what else was on the link taken off.
 */
static double effective(uint64_t n, uint32_t size, double up_ns, double down_ns)
{
    return 8.0 * n * size / MAX(up_ns, down_ns);
}

static unsigned at_least(double enough, double each, unsigned most)
{
    return CLAMP((unsigned)(enough / each) + 1, 1, most);
}

/* ---- Reads ---- */

/*
 * One work request that gathers `n` times `size` bytes.  Most of the frames it
 * becomes are longer than the port allows: they are dropped after they were
 * read, and the wire does not matter.
 */
static size_t gather_wqe(Fixture *f, uint8_t *wqe, uint64_t buf, unsigned n,
                         uint32_t size)
{
    uint8_t frame[BUF_BYTES] = { 0 };
    size_t bytes;

    make_frame(frame, 1, frame, 0);
    bytes = qcx6dx_wqe_send(f->d, wqe, 0, frame, HEADERS, buf, size, 16000);
    g_assert_cmpuint(bytes, ==, (HEAD_DS + 1) * WQE_DS);
    for (unsigned i = 1; i < n; i++, bytes += WQE_DS) {
        memcpy(wqe + bytes, wqe + HEAD_DS * WQE_DS, WQE_DS);
    }
    CX6DX_SET(wqe_ctrl, wqe, ds, bytes / WQE_DS);
    return bytes;
}

/* The ring full of it: from then on the doorbell alone makes the device read */
static void fill_ring(Fixture *f, QCx6dxSq *sq, uint64_t buf, unsigned n,
                      uint32_t size)
{
    uint8_t wqe[SLOT_BYTES] = { 0 };
    size_t bytes = gather_wqe(f, wqe, buf, n, size);
    uint16_t pc = sq->pc;

    if (bytes <= SLOT_BYTES - CX6DX_WQE_BB_BYTES) {
        /* the rest of the slot is a work request that does nothing */
        uint8_t *nop = wqe + ROUND_UP(bytes, CX6DX_WQE_BB_BYTES);

        CX6DX_SET(wqe_ctrl, nop, opcode, CX6DX_WQE_NOP);
        CX6DX_SET(wqe_ctrl, nop, ds, (wqe + SLOT_BYTES - nop) / WQE_DS);
    }
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        qcx6dx_sq_post(f->d, sq, wqe, SLOT_BYTES);
        sq->pc = pc + (slot + 1) * SLOT_BYTES / CX6DX_WQE_BB_BYTES;
    }
    sq->pc = pc;
}

static void gather(Fixture *f, Ends *e, const Link *link, unsigned n,
                   uint32_t size)
{
    const double each = n * (completions(link, size) +
                             tlps(size, link->mrrs, MRD));
    const unsigned wqes = at_least(ENOUGH, each, SLOTS);
    const uint64_t reads = (uint64_t)n * wqes;
    Account before = account(f), sum;
    double closed, other;
    uint64_t up;

    e->sq.pc += wqes * SLOT_BYTES / CX6DX_WQE_BB_BYTES;
    qcx6dx_sq_ring(f->d, &e->sq);
    qcx6dx_settle(f->d);
    qtest_clock_step(f->qts, MS);
    sum = since(f, &before);
    /* slots are multiples of any MPS; a turn's end has some fetched again */
    g_assert_cmpuint(sum.wqes, >=, wqes * SLOT_BYTES);
    other = completions(link, sum.wqes) + DOORBELL + MWR;
    up = reads * tlps(size, link->mrrs, MRD);
    /* to the byte */
    g_assert_cmpuint(sum.read, ==, reads * size + sum.wqes);
    g_assert_cmpuint(sum.down_bytes, ==,
                     reads * completions(link, size) + other);
    g_assert_cmpuint(sum.up_bytes, >=, up + tlps(sum.wqes, CX6DX_PAGE_BYTES,
                                                 MRD));
    g_assert_cmpuint(sum.up_bytes, <=, up + tlps(sum.wqes, 128, MRD));
    closed = 8.0 * size / (byte_ns(link) * MAX(completions(link, size),
                                               tlps(size, link->mrrs, MRD)));
    check(effective(reads, size, sum.up_ns - (sum.up_bytes - up) *
                                             byte_ns(link),
                    sum.down_ns - other * byte_ns(link)), closed);
}

static void test_reads(void)
{
    static const struct {
        uint32_t size, n;       /* and how many of it a work request gathers */
    } gathers[] = {
        { 1, MOST_SEGS }, { 2, MOST_SEGS }, { 3, MOST_SEGS }, { 4, MOST_SEGS },
        { 8, MOST_SEGS }, { 16, MOST_SEGS }, { 63, MOST_SEGS },
        { 64, MOST_SEGS }, { 65, MOST_SEGS }, { 128, MOST_SEGS },
        { 200, MOST_SEGS }, { 256, MOST_SEGS }, { 257, MOST_SEGS },
        { 512, MOST_SEGS }, { 1000, MOST_SEGS }, { 1448, 26 }, { 2048, 26 },
        { 4096, 26 }, { 9000, 26 }, { 16384, 10 }, { 32768, 6 }, { BIG, 3 },
    };
    uint64_t buf;
    Fixture f;
    Ends e;

    fixture_boot(&f, "q35", "-device cx6dx-tls,id=nic0,addr=4,timing=on,"
                 "profile=ideal");
    f.d = qcx6dx_new(f.qts, f.bus, SLOT);
    ends_create(f.d, &e, false);
    qcx6dx_sq_create(f.d, &e.sq, 10, e.scq.cqn, e.tisn);
    buf = qcx6dx_alloc(f.d, BIG);
    for (unsigned i = 0; i < ARRAY_SIZE(gathers); i++) {
        fill_ring(&f, &e.sq, buf, gathers[i].n, gathers[i].size);
        for (unsigned k = 0; k < LINKS; k++) {
            Link link = nth_link(&f, k);

            gather(&f, &e, &link, gathers[i].n, gathers[i].size);
        }
    }
    fixture_end(&f);
}

/*
 * The completion of a long gather comes when the closed form says, seen by a
 * driver that looks at its queue while time goes on.
 */
static void test_completion_time(void)
{
    uint8_t wqe[64 * WQE_DS], cqe[CX6DX_cqe_BYTES];
    Fixture f;
    Ends e;

    fixture_boot(&f, "q35", "-device cx6dx-tls,id=nic0,addr=4,timing=on,"
                 "profile=ideal");
    f.d = qcx6dx_new(f.qts, f.bus, SLOT);
    ends_create(f.d, &e, false);
    for (unsigned i = 0; i < LINKS; i++) {
        Link link = nth_link(&f, i);
        uint64_t buf = e.tx_buf;
        size_t bytes = gather_wqe(&f, wqe, buf, 26, BUF_BYTES);
        double down = completions(&link, bytes) + DOORBELL + MWR +
                      26 * completions(&link, BUF_BYTES);
        /* two requests before their answers, and the completion's write */
        double up = 2 * MRD + writes(&link, CX6DX_cqe_BYTES);
        uint64_t ns = (down + up) * byte_ns(&link);

        qcx6dx_wqe_signal(wqe);
        qcx6dx_sq_post(f.d, &e.sq, wqe, bytes);
        qcx6dx_sq_ring(f.d, &e.sq);
        qcx6dx_settle(f.d);
        qtest_clock_step(f.qts, ns - ns / 1000);
        g_assert_false(qcx6dx_cq_next(f.d, &e.scq, cqe));
        /* each of the five steps ends at a whole nanosecond */
        qtest_clock_step(f.qts, ns / 500 + 5);
        g_assert_true(qcx6dx_cq_next(f.d, &e.scq, cqe));
        qtest_clock_step(f.qts, MS);
    }
    fixture_end(&f);
}

/* ---- Writes ---- */

/* Frames of one scatter list: `n` pieces of `size` bytes, and what is left */
typedef struct Shape {
    uint32_t size, n, rest;
} Shape;

static Shape shape_of(uint32_t size)
{
    Shape s = { .size = size, .n = MIN(RQ_SEGS - 1, MOST_FRAME / size) };

    s.rest = s.n * size < LEAST_FRAME ? LEAST_FRAME - s.n * size : 0;
    return s;
}

static uint32_t frame_bytes(const Shape *s)
{
    return s->n * s->size + s->rest;
}

static void modify(QCx6dx *d, uint8_t *in, size_t bytes, uint16_t opcode)
{
    uint8_t out[CX6DX_cmd_out_BYTES];

    CX6DX_SET(cmd_in, in, opcode, opcode);
    g_assert_cmphex(qcx6dx_cmd(d, in, bytes, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
}

/* Frames to `mac` come back; and frames may be long */
static void loop_back(QCx6dx *d, const uint8_t mac[6])
{
    uint8_t vport[CX6DX_modify_nic_vport_context_in_BYTES +
                  CX6DX_nic_vport_context_BYTES +
                  CX6DX_mac_address_layout_BYTES] = { 0 };
    uint8_t *ctx = vport + CX6DX_modify_nic_vport_context_in_BYTES;
    uint8_t reg[CX6DX_access_register_in_BYTES + CX6DX_pmtu_reg_BYTES] = { 0 };
    uint8_t *pmtu = reg + CX6DX_access_register_in_BYTES, out[sizeof(reg)];

    CX6DX_SET(modify_nic_vport_context_in, vport, addresses_list, 1);
    CX6DX_SET(nic_vport_context, ctx, allowed_list_size, 1);
    memcpy(ctx + CX6DX_nic_vport_context_BYTES + 2, mac, 6);
    modify(d, vport, sizeof(vport), CX6DX_CMD_MODIFY_NIC_VPORT_CONTEXT);
    CX6DX_SET(cmd_in, reg, opcode, CX6DX_CMD_ACCESS_REG);
    CX6DX_SET(access_register_in, reg, op_mod, CX6DX_REG_WRITE);
    CX6DX_SET(access_register_in, reg, register_id, CX6DX_REG_PMTU);
    CX6DX_SET(pmtu_reg, pmtu, admin_mtu, 9978 + CX6DX_HW_MTU_EXTRA);
    g_assert_cmphex(qcx6dx_cmd(d, reg, sizeof(reg), out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
}

/* Another queue for what is received, with lists of segments */
typedef struct Lists {
    QCx6dxCq cq;
    uint64_t buf, dbr, data;
    uint32_t rqn;
    uint16_t pc;
} Lists;

static void lists_create(QCx6dx *d, Lists *l, uint32_t eqn)
{
    const unsigned pages = FRAMES * RQ_STRIDE / CX6DX_PAGE_BYTES;
    uint8_t in[CX6DX_create_obj_in_BYTES + CX6DX_rqc_BYTES + 8 * 16] = { 0 };
    uint8_t *rqc = in + CX6DX_create_obj_in_BYTES;
    uint8_t *wq = CX6DX_AREA(rqc, rqc, wq);

    g_assert_cmpuint(pages, ==, 16);
    *l = (Lists) { 0 };
    qcx6dx_cq_create(d, &l->cq, LOG_RQ + 1, eqn);
    l->buf = qcx6dx_alloc(d, FRAMES * RQ_STRIDE);
    l->dbr = qcx6dx_alloc(d, CX6DX_wq_dbrec_BYTES);
    l->data = qcx6dx_alloc(d, 16384);
    CX6DX_SET(rqc, rqc, cqn, l->cq.cqn);
    CX6DX_SET(rqc, rqc, vsd, 1);
    CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_CYCLIC);
    CX6DX_SET(wq, wq, pd, d->pdn);
    CX6DX_SET64(wq, wq, dbr_addr, l->dbr);
    CX6DX_SET(wq, wq, log_wq_stride, ctz32(RQ_STRIDE));
    CX6DX_SET(wq, wq, log_wq_sz, LOG_RQ);
    for (unsigned i = 0; i < pages; i++) {
        stq_be_p(wq + CX6DX_wq_BYTES + 8 * i, l->buf + i * CX6DX_PAGE_BYTES);
    }
    l->rqn = qcx6dx_cmd_create(d, CX6DX_CMD_CREATE_RQ, in, sizeof(in));
    g_assert_cmphex(qcx6dx_queue_modify(d, CX6DX_CMD_MODIFY_RQ, l->rqn,
                                        CX6DX_QUEUE_RST, CX6DX_QUEUE_RDY),
                    ==, CX6DX_STATUS_OK);
}

static void lists_fill(Fixture *f, Lists *l, const Shape *s)
{
    uint8_t ring[FRAMES * RQ_STRIDE] = { 0 };

    for (unsigned i = 0; i < FRAMES; i++) {
        for (unsigned k = 0; k < s->n + !!s->rest; k++) {
            uint8_t *seg = ring + i * RQ_STRIDE + k * WQE_DS;

            CX6DX_SET(wqe_data, seg, byte_count, k < s->n ? s->size : s->rest);
            CX6DX_SET(wqe_data, seg, lkey, f->d->lkey);
            CX6DX_SET64(wqe_data, seg, addr, l->data);
        }
        if (s->n + !!s->rest < RQ_SEGS) {
            uint8_t *end = ring + i * RQ_STRIDE + (s->n + !!s->rest) * WQE_DS;

            CX6DX_SET(wqe_data, end, lkey, CX6DX_TERMINATE_LKEY);
        }
    }
    qtest_memwrite(f->qts, l->buf, ring, sizeof(ring));
}

/* `n` entries of the ring again; and completions until now were seen */
static void lists_post(Fixture *f, Lists *l, unsigned n)
{
    uint8_t rec[4];

    l->pc += n;
    stl_be_p(rec, l->pc);
    qtest_memwrite(f->qts, l->dbr + CX6DX_OFF_(wq_dbrec, rq_counter), rec, 4);
    stl_be_p(rec, l->cq.ci & 0xffffff);
    qtest_memwrite(f->qts, l->cq.dbr, rec, 4);
    l->cq.ci += n;
}

/* Requests for the lists: what the device's cache holds, pages, the ring */
static uint64_t list_requests(const Link *link, unsigned from, unsigned n)
{
    uint64_t up = 0;

    while (n) {
        unsigned slot = from % FRAMES;
        unsigned k = MIN(MIN(n, 1024 / RQ_STRIDE), FRAMES - slot);

        k = MIN(k, (CX6DX_PAGE_BYTES - slot * RQ_STRIDE % CX6DX_PAGE_BYTES) /
                   RQ_STRIDE);
        up += tlps(k * RQ_STRIDE, link->mrrs, MRD);
        from += k;
        n -= k;
    }
    return up;
}

static void scatter(Fixture *f, Ends *e, Lists *l, const Link *link,
                    const Shape *s)
{
    const uint32_t bytes = frame_bytes(s), mss = bytes - HEADERS;
    const double each = s->n * writes(link, s->size);
    const unsigned frames = at_least(MIN(ENOUGH, 250000.0 * each / bytes),
                                     each, FRAMES);
    const unsigned from = l->pc;
    uint8_t frame[BUF_BYTES] = { 0 }, wqe[2 * CX6DX_WQE_BB_BYTES];
    Account before = account(f), sum;
    double other;
    size_t len;

    make_frame(frame, 1, frame, 0);
    lists_post(f, l, frames);
    /* all of them are segments of one */
    len = qcx6dx_wqe_send(f->d, wqe, 0, frame, HEADERS, e->tx_buf, mss * frames,
                          mss);
    qcx6dx_sq_post(f->d, &e->sq, wqe, len);
    qcx6dx_sq_ring(f->d, &e->sq);
    qcx6dx_settle(f->d);
    qtest_clock_step(f->qts, MS);
    sum = since(f, &before);
    g_assert_cmpuint(sum.written, ==,
                     (uint64_t)frames * (bytes + CX6DX_cqe_BYTES));
    other = frames * (writes(link, s->rest) + writes(link, CX6DX_cqe_BYTES)) +
            tlps(ROUND_UP(len, CX6DX_WQE_BB_BYTES), link->mrrs, MRD) +
            tlps(mss * frames, link->mrrs, MRD) +
            list_requests(link, from, frames);
    g_assert_cmpuint(sum.up_bytes - other, ==,
                     (uint64_t)frames * s->n * writes(link, s->size));
    check(effective((uint64_t)frames * s->n, s->size,
                    sum.up_ns - other * byte_ns(link), 0),
          8.0 * s->size / (writes(link, s->size) * byte_ns(link)));
}

static void test_writes(void)
{
    static const uint32_t sizes[] = {
        1, 2, 3, 4, 8, 16, 63, 64, 65, 128, 200, 256, 257, 512, 1000, 1448,
        2048, 4096, 9000, MOST_FRAME,
    };
    uint8_t frame[BUF_BYTES] = { 0 };
    uint32_t tirn;
    Fixture f;
    Lists l;
    Ends e;

    fixture_boot(&f, "q35", "-netdev hubport,id=hub,hubid=0 -device cx6dx-tls,"
                 "id=nic0,addr=4,netdev=hub,timing=on,profile=ideal");
    f.d = qcx6dx_new(f.qts, f.bus, SLOT);
    ends_create(f.d, &e, false);
    qcx6dx_sq_create(f.d, &e.sq, 10, e.scq.cqn, e.tisn);
    e.tx_buf = qcx6dx_alloc(f.d, 256 * 1024);
    lists_create(f.d, &l, e.eq.eqn);
    qcx6dx_steer_none(f.d);
    tirn = qcx6dx_tir_create(f.d, l.rqn, false);
    qcx6dx_steer_all(f.d, tirn);
    make_frame(frame, 1, frame, 0);
    loop_back(f.d, frame);
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        Shape s = shape_of(sizes[i]);

        lists_fill(&f, &l, &s);
        for (unsigned k = 0; k < LINKS; k++) {
            Link link = nth_link(&f, k);

            scatter(&f, &e, &l, &link, &s);
        }
    }
    fixture_end(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cx6dx/pcie/closed-form/reads", test_reads);
    qtest_add_func("/cx6dx/pcie/closed-form/writes", test_writes);
    qtest_add_func("/cx6dx/pcie/closed-form/completion", test_completion_time);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: what a guest sees of the device in QEMU
 *
 * Configuration space, initialization segment, commands in polling and event
 * mode, frames in and out, TLS with known records, resets, hot-plug.  Bytes of
 * TLS records come from an implementation that is not ours (python3-cryptography).
 * Time is moved with qtest_clock_step() only.
 */
#include "qemu/osdep.h"
#include <poll.h>
#include "libqos/cx6dx_tls.h"
#include "libqos/pci-pc.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "qobject/qnum.h"
#include "standard-headers/linux/pci_regs.h"

enum {
    SLOT = 4,
    SLOT_B = 5,
    VECTORS = 64,
    WIRE_TIMEOUT_MS = 10000,        /* only a failing test waits so long */
    BUF_BYTES = 2048,
};

typedef struct Fixture {
    QTestState *qts;
    QPCIBus *bus;
    QCx6dx *d;
    int wire;                       /* our end of the wire, or -1 */
} Fixture;

/* ---- Fixture ---- */

static void fixture_boot(Fixture *f, const char *machine, const char *devices)
{
    f->qts = qtest_initf("-M %s -m 512 -nodefaults %s", machine, devices);
    f->bus = qpci_new_pc(f->qts, NULL);
    f->wire = -1;
    f->d = NULL;
}

/* One device `nic0` whose wire ends in the test */
static void fixture_wire(Fixture *f, const char *props)
{
    g_autofree char *args = NULL;
    int fds[2];

    g_assert_cmpint(socketpair(PF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    args = g_strdup_printf("-netdev socket,id=n0,fd=%d "
                           "-device cx6dx-tls,id=nic0,addr=%d,netdev=n0,"
                           "mac=02:00:00:00:00:01%s", fds[1], SLOT, props);
    fixture_boot(f, "q35", args);
    close(fds[1]);
    f->wire = fds[0];
    f->d = qcx6dx_new(f->qts, f->bus, SLOT);
}

static void fixture_end(Fixture *f)
{
    if (f->d) {
        qcx6dx_free(f->d);
    }
    qpci_free_pc(f->bus);
    qtest_quit(f->qts);
    if (f->wire >= 0) {
        close(f->wire);
    }
}

static QDict *get_struct(Fixture *f, const char *id, const char *property)
{
    g_autofree char *path = g_strdup_printf("/machine/peripheral/%s", id);
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-get', 'arguments': "
                           "{'path': %s, 'property': %s}}", path, property);
    QDict *dict = qdict_get_qdict(rsp, "return");

    g_assert_nonnull(dict);
    qobject_ref(dict);
    qobject_unref(rsp);
    return dict;
}

static uint64_t get_number(Fixture *f, const char *property, const char *field)
{
    QDict *dict = get_struct(f, "nic0", property);
    uint64_t value = qnum_get_uint(qobject_to(QNum, qdict_get(dict, field)));

    qobject_unref(dict);
    return value;
}

static uint64_t sum_objects(Fixture *f, const char *id)
{
    QDict *dict = get_struct(f, id, "objects");
    uint64_t sum = 0;

    for (const QDictEntry *e = qdict_first(dict); e; e = qdict_next(dict, e)) {
        sum += qnum_get_uint(qobject_to(QNum, qdict_entry_value(e)));
    }
    qobject_unref(dict);
    return sum;
}

/* ---- The wire: 4 bytes of length before each frame ---- */

static void wire_send(Fixture *f, const uint8_t *frame, size_t bytes)
{
    uint32_t length = cpu_to_be32(bytes);

    g_assert_cmpint(write(f->wire, &length, 4), ==, 4);
    g_assert_cmpint(write(f->wire, frame, bytes), ==, bytes);
}

static void wire_read(Fixture *f, void *buf, size_t bytes)
{
    struct pollfd pfd = { .fd = f->wire, .events = POLLIN };
    size_t done = 0;

    while (done < bytes) {
        ssize_t n;

        g_assert_cmpint(poll(&pfd, 1, WIRE_TIMEOUT_MS), ==, 1);
        n = read(f->wire, (uint8_t *)buf + done, bytes - done);
        g_assert_cmpint(n, >, 0);
        done += n;
    }
}

static size_t wire_receive(Fixture *f, uint8_t frame[BUF_BYTES])
{
    uint32_t length;

    wire_read(f, &length, 4);
    length = be32_to_cpu(length);
    g_assert_cmpuint(length, <=, BUF_BYTES);
    wire_read(f, frame, length);
    return length;
}

static bool wire_silent(Fixture *f)
{
    struct pollfd pfd = { .fd = f->wire, .events = POLLIN };

    qcx6dx_settle(f->d);
    return poll(&pfd, 1, 0) == 0;
}

/* ---- A started device with one queue each way ---- */

typedef struct Ends {
    QCx6dxEq eq;
    QCx6dxCq scq, rcq, icq;
    QCx6dxSq sq, isq;
    QCx6dxRq rq;
    uint32_t tisn, tls_tisn, tirn;
    uint64_t tx_buf, rx_buf;
} Ends;

static void ends_create(QCx6dx *d, Ends *e, bool tls_tir)
{
    qcx6dx_start(d);
    qcx6dx_eq_create(d, &e->eq, 6, 1, 1ull << CX6DX_EVENT_PORT_CHANGE);
    qcx6dx_cq_create(d, &e->scq, 6, e->eq.eqn);
    qcx6dx_cq_create(d, &e->rcq, 6, e->eq.eqn);
    qcx6dx_cq_create(d, &e->icq, 6, e->eq.eqn);
    e->tisn = qcx6dx_tis_create(d, false);
    e->tls_tisn = qcx6dx_tis_create(d, true);
    qcx6dx_sq_create(d, &e->sq, 6, e->scq.cqn, e->tisn);
    qcx6dx_sq_create(d, &e->isq, 6, e->icq.cqn, 0);
    qcx6dx_rq_create(d, &e->rq, 6, e->rcq.cqn);
    e->tirn = qcx6dx_tir_create(d, e->rq.rqn, tls_tir);
    qcx6dx_steer_all(d, e->tirn);
    e->tx_buf = qcx6dx_alloc(d, BUF_BYTES);
    e->rx_buf = qcx6dx_alloc(d, BUF_BYTES);
}

static void ends_destroy(QCx6dx *d, Ends *e)
{
    qcx6dx_steer_none(d);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_TIR, e->tirn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_RQ, e->rq.rqn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_SQ, e->isq.sqn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_SQ, e->sq.sqn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_TIS, e->tls_tisn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_TIS, e->tisn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_CQ, e->icq.cqn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_CQ, e->rcq.cqn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_CQ, e->scq.cqn);
    qcx6dx_cmd_ok(d, CX6DX_CMD_DESTROY_EQ, e->eq.eqn);
    qcx6dx_stop(d);
}

/* Posts one work request that asks for a completion, and gets it */
static void run_wqe(QCx6dx *d, QCx6dxSq *sq, QCx6dxCq *cq, uint8_t *wqe,
                    size_t bytes)
{
    uint8_t cqe[CX6DX_cqe_BYTES];
    uint16_t index = sq->pc;

    qcx6dx_wqe_signal(wqe);
    qcx6dx_sq_post(d, sq, wqe, bytes);
    qcx6dx_sq_ring(d, sq);
    qcx6dx_cq_wait(d, cq, cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_REQ);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, wqe_counter), ==, index);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, sqn), ==, sq->sqn);
}

/* ---- Frames ---- */

enum { ETH = 14, IP = 20, TCP = 20, HEADERS = ETH + IP + TCP };

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        sum += (uint32_t)p[i] << (i & 1 ? 0 : 8);
    }
    return sum;
}

static uint16_t fold(uint32_t sum)
{
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* Sum over pseudo header and segment: 0xffff when the checksum is right */
static uint16_t tcp_sum(const uint8_t *frame, size_t bytes)
{
    uint32_t sum = 6 + (bytes - ETH - IP);

    sum = sum16(sum, frame + ETH + 12, 8);
    return fold(sum16(sum, frame + ETH + IP, bytes - ETH - IP));
}

/* IPv4 and TCP; returns the length, checksums are right */
static size_t make_frame(uint8_t *frame, uint32_t tcp_sn,
                         const uint8_t *payload, size_t bytes)
{
    static const uint8_t head[HEADERS] = {
        0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01, 0x08, 0x00,
        0x45, 0, 0, 0, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0,
        10, 9, 0, 1, 10, 9, 0, 2,
        0x30, 0x39, 0x01, 0xbb, 0, 0, 0, 0, 0, 0, 0, 1, 0x50, 0x18,
        0x10, 0x00, 0, 0, 0, 0,
    };
    size_t length = HEADERS + bytes;

    memcpy(frame, head, sizeof(head));
    memcpy(frame + HEADERS, payload, bytes);
    stw_be_p(frame + ETH + 2, length - ETH);
    stl_be_p(frame + ETH + IP + 4, tcp_sn);
    stw_be_p(frame + ETH + 10, ~fold(sum16(0, frame + ETH, IP)));
    stw_be_p(frame + ETH + IP + 16, ~tcp_sum(frame, length));
    return length;
}

static void check_frame(const uint8_t *frame, size_t bytes)
{
    g_assert_cmpuint(lduw_be_p(frame + ETH + 2), ==, bytes - ETH);
    g_assert_cmphex(fold(sum16(0, frame + ETH, IP)), ==, 0xffff);
    g_assert_cmphex(tcp_sum(frame, bytes), ==, 0xffff);
}

/* ---- PCI ---- */

static void test_pci_identity(void)
{
    Fixture f;
    QPCIDevice *pci;
    uint8_t exp;

    fixture_wire(&f, "");
    pci = f.d->pci;
    g_assert_cmphex(qpci_config_readw(pci, PCI_VENDOR_ID), ==,
                    CX6DX_PCI_VENDOR_ID);
    g_assert_cmphex(qpci_config_readw(pci, PCI_DEVICE_ID), ==,
                    CX6DX_PCI_DEVICE_ID);
    g_assert_cmphex(qpci_config_readw(pci, PCI_SUBSYSTEM_VENDOR_ID), ==,
                    CX6DX_PCI_SUBVENDOR_ID);
    g_assert_cmphex(qpci_config_readw(pci, PCI_SUBSYSTEM_ID), ==,
                    CX6DX_PCI_SUBDEVICE_ID);
    g_assert_cmphex(qpci_config_readl(pci, PCI_CLASS_REVISION), ==,
                    0x02000000);
    g_assert_cmphex(qpci_config_readb(pci, PCI_INTERRUPT_PIN), ==, 0);
    g_assert_cmphex(qpci_config_readl(pci, PCI_BASE_ADDRESS_0) & 0xf, ==,
                    PCI_BASE_ADDRESS_MEM_TYPE_64 |
                    PCI_BASE_ADDRESS_MEM_PREFETCH);
    g_assert_cmphex(qpci_find_capability(pci, PCI_CAP_ID_PM, 0), !=, 0);
    exp = qpci_find_capability(pci, PCI_CAP_ID_EXP, 0);
    g_assert_cmphex(exp, !=, 0);
    g_assert_cmphex(qpci_config_readl(pci, exp + PCI_EXP_DEVCAP) &
                    PCI_EXP_DEVCAP_FLR, !=, 0);
    g_assert_cmphex(qpci_config_readl(pci, exp + PCI_EXP_LNKCAP) &
                    (PCI_EXP_LNKCAP_SLS | PCI_EXP_LNKCAP_MLW), ==,
                    PCI_EXP_LNKCAP_SLS_16_0GB | 16 << 4);
    qpci_msix_enable(pci);
    g_assert_cmpuint(qpci_msix_table_size(pci), ==, VECTORS);
    qpci_msix_disable(pci);
    fixture_end(&f);
}

static void test_pci_bad_properties(void)
{
    static const struct { const char *prop; int value; } bad[] = {
        { "vectors", 1 }, { "vectors", 65 }, { "pcie-gen", 2 },
        { "pcie-lanes", 3 }, { "pcie-mps", 100 }, { "pcie-mrrs", 8192 },
        { "pcie-rcb", 32 }, { "dma-read-latency", 1000001 },
        { "link-speed", 999 },
    };
    Fixture f;

    fixture_boot(&f, "pc", "");
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        g_autofree char *quoted = g_strdup_printf("'%s'", bad[i].prop);
        QDict *args = qdict_new(), *rsp, *error;

        qdict_put_str(args, "driver", "cx6dx-tls");
        qdict_put_str(args, "id", "bad");
        qdict_put_int(args, bad[i].prop, bad[i].value);
        rsp = qtest_qmp(f.qts, "{'execute': 'device_add', 'arguments': %p}",
                        args);
        error = qdict_get_qdict(rsp, "error");
        g_assert_nonnull(error);
        g_assert_nonnull(strstr(qdict_get_str(error, "desc"), quoted));
        qobject_unref(rsp);
    }
    /* and QEMU is none the worse for it */
    qtest_qmp_device_add(f.qts, "cx6dx-tls", "nic0", "{'addr': '4.0'}");
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, 0);
    fixture_end(&f);
}

/* ---- MMIO ---- */

static void test_iseg_registers(void)
{
    uint64_t base;
    uint32_t counter;
    Fixture f;

    fixture_wire(&f, "");
    base = f.d->regs.addr;
    g_assert_cmphex(qcx6dx_readl(f.d, CX6DX_ISEG_CMDIF_REV_FW_SUB) >> 16, ==,
                    CX6DX_CMDIF_REV);
    g_assert_cmphex(qcx6dx_readl(f.d, CX6DX_ISEG_INITIALIZING), ==, 0);
    g_assert_cmphex(qcx6dx_readl(f.d, CX6DX_ISEG_CMDQ_ADDR_L_SZ), ==, 0x56);
    /* byte by byte, as health words are read; big endian */
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmphex(qtest_readb(f.qts, base + CX6DX_ISEG_FW_REV + i), ==,
                        (uint8_t)(qcx6dx_readl(f.d, CX6DX_ISEG_FW_REV) >>
                                  (24 - 8 * i)));
        g_assert_cmphex(qtest_readb(f.qts, base + CX6DX_ISEG_HEALTH_SYND + i),
                        ==, 0);
    }
    g_assert_cmphex(bswap16(qtest_readw(f.qts, base + CX6DX_ISEG_FW_REV)), ==,
                    qcx6dx_readl(f.d, CX6DX_ISEG_FW_REV) >> 16);
    g_assert_cmphex(bswap64(qtest_readq(f.qts, base + CX6DX_ISEG_FW_REV)), ==,
                    (uint64_t)qcx6dx_readl(f.d, CX6DX_ISEG_FW_REV) << 32 |
                    qcx6dx_readl(f.d, CX6DX_ISEG_FW_REV + 4));
    /* the address comes back, the sizes stay */
    qcx6dx_writel(f.d, CX6DX_ISEG_CMDQ_ADDR_L_SZ, 0x12345000);
    g_assert_cmphex(qcx6dx_readl(f.d, CX6DX_ISEG_CMDQ_ADDR_L_SZ), ==,
                    0x12345056);
    /* alive, as far as time passes */
    counter = qcx6dx_readl(f.d, CX6DX_ISEG_HEALTH_COUNTER);
    g_assert_cmphex(qcx6dx_readl(f.d, CX6DX_ISEG_HEALTH_COUNTER), ==, counter);
    qtest_clock_step(f.qts, 10 * 1000 * 1000);
    g_assert_cmphex(qcx6dx_readl(f.d, CX6DX_ISEG_HEALTH_COUNTER), !=, counter);
    fixture_end(&f);
}

static void test_mmio_strange_accesses(void)
{
    uint64_t base, uar;
    Fixture f;

    fixture_wire(&f, "");
    base = f.d->regs.addr;
    uar = base + CX6DX_UAR_FIRST * CX6DX_PAGE_BYTES;
    /* between the segment and the first page, inside a page, a byte, the end */
    qtest_writel(f.qts, base + 0x8000, ~0u);
    qtest_writel(f.qts, uar + 0x100, ~0u);
    qtest_writeb(f.qts, base + CX6DX_ISEG_CMD_DBELL, 0xff);
    qtest_writeb(f.qts, uar + CX6DX_UAR_EQ_ARM, 0xff);
    g_assert_cmpuint(get_number(&f, "guest-errors", "MMIO_OFFSET"), ==, 4);
    g_assert_cmphex(qtest_readl(f.qts, base + 0x8000), ==, 0);
    g_assert_cmphex(qtest_readq(f.qts, uar + CX6DX_UAR_SQ_DB), ==, 0);
    g_assert_cmphex(qtest_readq(f.qts, base + 2 * 1024 * 1024 - 8), ==, 0);
    /* a work request pushed through BlueFlame is no doorbell but at its head */
    for (unsigned i = 8; i < 256; i += 8) {
        qtest_writeq(f.qts, uar + CX6DX_UAR_SQ_DB + i, ~0ull);
    }
    g_assert_cmpuint(get_number(&f, "stats", "guest_errors"), ==, 4);
    qtest_writeq(f.qts, uar + CX6DX_UAR_SQ_DB + 256, ~0ull);
    g_assert_cmpuint(get_number(&f, "stats", "guest_errors"), ==, 5);
    qcx6dx_start(f.d);
    fixture_end(&f);
}

/* ---- Commands ---- */

static void test_cmd_start_and_stop(void)
{
    Fixture f;

    fixture_wire(&f, "");
    for (int i = 0; i < 3; i++) {
        qcx6dx_start(f.d);
        g_assert_cmpuint(sum_objects(&f, "nic0"), ==, 4);
        qcx6dx_stop(f.d);
        g_assert_cmpuint(sum_objects(&f, "nic0"), ==, 0);
    }
    g_assert_cmpuint(get_number(&f, "stats", "cmds_failed"), ==, 0);
    fixture_end(&f);
}

/* A vector that writes `data` to guest memory at `addr` */
static void set_vector(QCx6dx *d, unsigned vector, uint64_t addr, uint32_t data)
{
    uint64_t entry = d->pci->msix_table_off + vector * PCI_MSIX_ENTRY_SIZE;
    QPCIBar bar = d->pci->msix_table_bar;

    qpci_io_writel(d->pci, bar, entry + PCI_MSIX_ENTRY_LOWER_ADDR, addr);
    qpci_io_writel(d->pci, bar, entry + PCI_MSIX_ENTRY_UPPER_ADDR, addr >> 32);
    qpci_io_writel(d->pci, bar, entry + PCI_MSIX_ENTRY_DATA, data);
    qpci_io_writel(d->pci, bar, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
}

static void test_cmd_event_mode(void)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 }, out[CX6DX_cmd_out_BYTES];
    uint8_t eqe[CX6DX_eqe_BYTES];
    uint64_t message;
    QCx6dxEq eq;
    Fixture f;

    fixture_wire(&f, "");
    qcx6dx_start(f.d);
    qpci_msix_enable(f.d->pci);
    message = qcx6dx_alloc(f.d, 8);
    set_vector(f.d, 0, message, 0x600d);
    qcx6dx_eq_create(f.d, &eq, 6, 0, 1ull << CX6DX_EVENT_CMD);
    g_assert_false(qcx6dx_eq_next(f.d, &eq, eqe));
    qcx6dx_eq_doorbell(f.d, &eq, true);

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ALLOC_PD);
    qcx6dx_cmd_put(f.d, 2, in, sizeof(in), sizeof(out));
    qcx6dx_cmd_ring(f.d, 1 << 2);
    g_assert_cmphex(qcx6dx_cmd_wait(f.d, 2), ==, CX6DX_DELIVERY_OK);
    qcx6dx_settle(f.d);
    g_assert_true(qcx6dx_eq_next(f.d, &eq, eqe));
    g_assert_cmphex(CX6DX_GET(eqe, eqe, type), ==, CX6DX_EVENT_CMD);
    g_assert_cmphex(CX6DX_GET(eqe, eqe, cmd_vector), ==, 1 << 2);
    g_assert_cmphex(qtest_readl(f.qts, message), ==, 0x600d);

    /* not armed: the event is written, the interrupt is not */
    qtest_writel(f.qts, message, 0);
    qcx6dx_cmd_put(f.d, 0, in, sizeof(in), sizeof(out));
    qcx6dx_cmd_put(f.d, 1, in, sizeof(in), sizeof(out));
    qcx6dx_cmd_ring(f.d, 3);
    qcx6dx_cmd_wait(f.d, 1);
    qcx6dx_settle(f.d);
    g_assert_cmphex(qtest_readl(f.qts, message), ==, 0);
    /* armed behind what is there: at once */
    qcx6dx_eq_doorbell(f.d, &eq, true);
    qcx6dx_settle(f.d);
    g_assert_cmphex(qtest_readl(f.qts, message), ==, 0x600d);
    g_assert_true(qcx6dx_eq_next(f.d, &eq, eqe));
    g_assert_cmpuint(get_number(&f, "objects", "pd"), ==, 4);
    fixture_end(&f);
}

static void test_msix_masked_is_pending(void)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };
    uint64_t message;
    QCx6dxEq eq;
    Fixture f;

    fixture_wire(&f, "");
    qcx6dx_start(f.d);
    qpci_msix_enable(f.d->pci);
    message = qcx6dx_alloc(f.d, 8);
    qcx6dx_eq_create(f.d, &eq, 6, 7, 1ull << CX6DX_EVENT_CMD);
    qcx6dx_eq_doorbell(f.d, &eq, true);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ALLOC_PD);
    qcx6dx_cmd_put(f.d, 0, in, sizeof(in), CX6DX_cmd_out_BYTES);
    qcx6dx_cmd_ring(f.d, 1);
    qcx6dx_cmd_wait(f.d, 0);
    qcx6dx_settle(f.d);
    g_assert_true(qpci_msix_pending(f.d->pci, 7));
    set_vector(f.d, 7, message, 0x7007);
    g_assert_cmphex(qtest_readl(f.qts, message), ==, 0x7007);
    g_assert_false(qpci_msix_pending(f.d->pci, 7));
    fixture_end(&f);
}

/* ---- Frames ---- */

static void test_net_send(void)
{
    uint8_t payload[300], frame[BUF_BYTES], seen[BUF_BYTES], wqe[256];
    uint64_t polled;
    size_t bytes;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    memset(payload, 0x5a, sizeof(payload));
    bytes = make_frame(frame, 1, payload, sizeof(payload));
    qtest_memwrite(f.qts, e.tx_buf, frame + HEADERS, sizeof(payload));
    polled = qcx6dx_wqe_send(f.d, wqe, 0, frame, HEADERS, e.tx_buf,
                             sizeof(payload), 0);
    run_wqe(f.d, &e.sq, &e.scq, wqe, polled);
    g_assert_cmpuint(wire_receive(&f, seen), ==, bytes);
    g_assert_cmpmem(seen, bytes, frame, bytes);
    g_assert_cmpuint(get_number(&f, "stats", "tx_frames"), ==, 1);
    g_assert_cmpuint(get_number(&f, "stats", "tx_bytes"), ==, bytes);

    /* segmented: 3 frames, all payload, numbers in sequence */
    polled = qcx6dx_wqe_send(f.d, wqe, 0, frame, HEADERS, e.tx_buf,
                             sizeof(payload), 120);
    run_wqe(f.d, &e.sq, &e.scq, wqe, polled);
    for (unsigned i = 0; i < 3; i++) {
        size_t part = i < 2 ? 120 : 60;

        g_assert_cmpuint(wire_receive(&f, seen), ==, HEADERS + part);
        check_frame(seen, HEADERS + part);
        g_assert_cmpuint(ldl_be_p(seen + ETH + IP + 4), ==, 1 + 120 * i);
        g_assert_cmpmem(seen + HEADERS, part, payload, part);
    }
    g_assert_true(wire_silent(&f));
    ends_destroy(f.d, &e);
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, 0);
    fixture_end(&f);
}

/* Receives one frame into rx_buf; returns its completion */
static void receive_one(Fixture *f, Ends *e, const uint8_t *frame,
                        size_t bytes, uint8_t *seen,
                        uint8_t cqe[CX6DX_cqe_BYTES])
{
    qcx6dx_rq_post(f->d, &e->rq, e->rx_buf, BUF_BYTES);
    wire_send(f, frame, bytes);
    qcx6dx_cq_wait(f->d, &e->rcq, cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_RESP_SEND);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, byte_cnt), ==, bytes);
    qtest_memread(f->qts, e->rx_buf, seen, bytes);
}

static void test_net_receive(void)
{
    uint8_t payload[100], frame[BUF_BYTES], seen[BUF_BYTES];
    uint8_t cqe[CX6DX_cqe_BYTES], eqe[CX6DX_eqe_BYTES];
    size_t bytes;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    memset(payload, 0x33, sizeof(payload));
    bytes = make_frame(frame, 1, payload, sizeof(payload));
    qcx6dx_cq_arm(f.d, &e.rcq);
    receive_one(&f, &e, frame, bytes, seen, cqe);
    g_assert_cmpmem(seen, bytes, frame, bytes);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, l3_ok), ==, 1);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, l4_ok), ==, 1);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, tls_offload), ==,
                     CX6DX_CQE_TLS_NOT_DECRYPTED);
    /* the armed CQ told its EQ, once */
    g_assert_true(qcx6dx_eq_next(f.d, &e.eq, eqe));
    g_assert_cmphex(CX6DX_GET(eqe, eqe, type), ==, CX6DX_EVENT_COMP);
    g_assert_cmphex(CX6DX_GET(eqe, eqe, cqn), ==, e.rcq.cqn);
    receive_one(&f, &e, frame, bytes, seen, cqe);
    g_assert_false(qcx6dx_eq_next(f.d, &e.eq, eqe));
    ends_destroy(f.d, &e);
    fixture_end(&f);
}

/* Frames that find no driver are dropped, not kept for the next one */
static void test_net_without_driver(void)
{
    uint8_t payload[100] = { 0 }, frame[BUF_BYTES], seen[BUF_BYTES];
    uint8_t cqe[CX6DX_cqe_BYTES];
    size_t bytes;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    bytes = make_frame(frame, 1, payload, sizeof(payload));
    for (int i = 0; i < 20; i++) {
        wire_send(&f, frame, bytes);
        qcx6dx_settle(f.d);
    }
    ends_create(f.d, &e, false);
    bytes = make_frame(frame, 2, payload, sizeof(payload));
    receive_one(&f, &e, frame, bytes, seen, cqe);
    g_assert_cmpmem(seen, bytes, frame, bytes);
    ends_destroy(f.d, &e);
    fixture_end(&f);
}

static void set_link(Fixture *f, bool up)
{
    qtest_qmp_assert_success(f->qts, "{'execute': 'set_link', 'arguments': "
                             "{'name': 'nic0', 'up': %i}}", up);
}

static void test_net_link(void)
{
    uint8_t payload[64] = { 0 }, frame[BUF_BYTES], wqe[256];
    uint8_t eqe[CX6DX_eqe_BYTES];
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    make_frame(frame, 1, payload, sizeof(payload));
    set_link(&f, false);
    qcx6dx_settle(f.d);
    g_assert_true(qcx6dx_eq_next(f.d, &e.eq, eqe));
    g_assert_cmphex(CX6DX_GET(eqe, eqe, type), ==, CX6DX_EVENT_PORT_CHANGE);
    g_assert_cmphex(CX6DX_GET(eqe, eqe, sub_type), ==, CX6DX_EVENT_PORT_DOWN);
    /* what is sent now completes and is lost */
    run_wqe(f.d, &e.sq, &e.scq, wqe,
            qcx6dx_wqe_send(f.d, wqe, 0, frame, HEADERS, e.tx_buf,
                            sizeof(payload), 0));
    g_assert_true(wire_silent(&f));
    set_link(&f, true);
    qcx6dx_settle(f.d);
    g_assert_true(qcx6dx_eq_next(f.d, &e.eq, eqe));
    g_assert_cmphex(CX6DX_GET(eqe, eqe, sub_type), ==,
                    CX6DX_EVENT_PORT_ACTIVE);
    run_wqe(f.d, &e.sq, &e.scq, wqe,
            qcx6dx_wqe_send(f.d, wqe, 0, frame, HEADERS, e.tx_buf,
                            sizeof(payload), 0));
    wire_receive(&f, frame);
    g_assert_true(wire_silent(&f));
    fixture_end(&f);
}

static void test_net_pair(void)
{
    uint8_t payload[1000], frame[BUF_BYTES], seen[BUF_BYTES], wqe[256];
    uint8_t cqe[CX6DX_cqe_BYTES];
    size_t bytes;
    QCx6dx *b;
    Fixture f;
    Ends ea, eb;

    fixture_boot(&f, "q35",
                 "-netdev hubport,hubid=1,id=h0 -netdev hubport,hubid=1,id=h1 "
                 "-device cx6dx-tls,id=nic0,addr=4,netdev=h0 "
                 "-device cx6dx-tls,id=nic1,addr=5,netdev=h1");
    f.d = qcx6dx_new(f.qts, f.bus, SLOT);
    b = qcx6dx_new(f.qts, f.bus, SLOT_B);
    ends_create(f.d, &ea, false);
    ends_create(b, &eb, false);
    for (unsigned i = 0; i < 40; i++) {
        memset(payload, i, sizeof(payload));
        bytes = make_frame(frame, i, payload, sizeof(payload));
        qcx6dx_rq_post(b, &eb.rq, eb.rx_buf, BUF_BYTES);
        qtest_memwrite(f.qts, ea.tx_buf, payload, sizeof(payload));
        run_wqe(f.d, &ea.sq, &ea.scq, wqe,
                qcx6dx_wqe_send(f.d, wqe, 0, frame, HEADERS, ea.tx_buf,
                                sizeof(payload), 0));
        qcx6dx_cq_wait(b, &eb.rcq, cqe);
        qtest_memread(f.qts, eb.rx_buf, seen, bytes);
        g_assert_cmpmem(seen, bytes, frame, bytes);
    }
    qcx6dx_free(b);
    fixture_end(&f);
}

/* ---- TLS ---- */

enum {
    REC_SN = 5,
    REC_PLAIN = 200,
    REC_HEAD = 5 + 8,
    REC_TAG = 16,
    REC_BYTES = REC_HEAD + REC_PLAIN + REC_TAG,
    TCP_SN = 0xffffff80,            /* numbers wrap inside the record */
};

/*
 * Record 5 of a TLS 1.2 connection with AES-128-GCM, key 00 01 .. 0f, salt
 * a0..a3, explicit nonce b0..b7, plaintext byte i is 7 * i + 3; encrypted by
 * python3-cryptography.
 */
static const uint8_t rec_salt[4] = { 0xa0, 0xa1, 0xa2, 0xa3 };
static const uint8_t rec_cipher[REC_BYTES] = {
    0x17, 0x03, 0x03, 0x00, 0xe0, 0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6,
    0xb7, 0x73, 0xe5, 0x33, 0x6c, 0x9d, 0xf9, 0x1a, 0x48, 0x09, 0xa6, 0xbe,
    0xdf, 0xc2, 0xf6, 0x82, 0xdb, 0xb8, 0x1e, 0x05, 0x1d, 0x61, 0x41, 0xbc,
    0xd0, 0x6f, 0xf5, 0xcf, 0x66, 0xea, 0x26, 0xc4, 0x51, 0xf4, 0xa5, 0xa6,
    0xda, 0x8f, 0xaa, 0x32, 0x4d, 0x9f, 0x15, 0x9e, 0xf0, 0xaa, 0x9e, 0xc3,
    0xa4, 0x5b, 0x09, 0xb9, 0x9e, 0x4f, 0x96, 0xe9, 0xaa, 0x24, 0xa0, 0x8c,
    0x63, 0x93, 0x7c, 0x80, 0xa5, 0x36, 0x29, 0x86, 0x76, 0x9b, 0xa4, 0x09,
    0x4a, 0xd7, 0x9a, 0x13, 0x5a, 0x56, 0x2b, 0xd4, 0x42, 0xb1, 0xb0, 0xcc,
    0x03, 0xe4, 0x4d, 0x37, 0xc0, 0xae, 0xce, 0xd9, 0x67, 0x01, 0xf0, 0x38,
    0xf0, 0x66, 0xf8, 0x47, 0x74, 0x96, 0x78, 0x3a, 0x81, 0x39, 0x76, 0x1a,
    0xe0, 0xe4, 0xd3, 0x67, 0xe1, 0xba, 0x24, 0xb4, 0x97, 0x06, 0x38, 0x16,
    0xfa, 0xbb, 0x05, 0x93, 0x07, 0x9f, 0x4c, 0x8e, 0x50, 0x2f, 0xdb, 0x39,
    0xbc, 0x0c, 0x75, 0x95, 0x1a, 0x59, 0xd5, 0xbe, 0xfe, 0x4e, 0x0d, 0x93,
    0x54, 0x4a, 0x32, 0x9e, 0xcc, 0xa8, 0x5a, 0xa7, 0xa3, 0x79, 0x93, 0xfe,
    0x72, 0xda, 0xba, 0xbb, 0xef, 0x5a, 0x84, 0x3b, 0xa0, 0xbe, 0xf5, 0x7b,
    0x9b, 0x81, 0x07, 0x38, 0x17, 0x7b, 0x34, 0x85, 0x35, 0x9f, 0x97, 0xcb,
    0x5a, 0xad, 0xfe, 0x47, 0xb7, 0x9f, 0x8c, 0x64, 0x3c, 0x10, 0xf0, 0x02,
    0x02, 0xb7, 0xb1, 0x3d, 0xaa, 0xa2, 0xdb, 0xbb, 0x75, 0x1e, 0x0a, 0xbb,
    0x6b, 0x11, 0xa8, 0xf7, 0x07, 0xfb, 0x78, 0x0c, 0x21, 0xbc, 0x21, 0xb2,
    0x57,
};

/* The record as the stack hands it over: in clear, and zeros for the tag */
static void make_plain(uint8_t rec[REC_BYTES])
{
    memcpy(rec, rec_cipher, REC_HEAD);
    for (unsigned i = 0; i < REC_PLAIN; i++) {
        rec[REC_HEAD + i] = 7 * i + 3;
    }
    memset(rec + REC_HEAD + REC_PLAIN, 0, REC_TAG);
}

static uint32_t make_key(QCx6dx *d)
{
    uint8_t key[16];

    for (unsigned i = 0; i < sizeof(key); i++) {
        key[i] = i;
    }
    return qcx6dx_dek_create(d, key, sizeof(key));
}

/* Static and progress parameters; the second asks for a completion */
static void tls_start(Fixture *f, QCx6dxSq *sq, QCx6dxCq *cq, uint8_t opmod,
                      uint32_t number, uint32_t dek, uint32_t tcp_sn)
{
    uint8_t params[CX6DX_tls_static_params_BYTES], wqe[256];

    qcx6dx_tls12_params(params, dek, rec_salt, REC_SN, 0);
    qcx6dx_sq_post(f->d, sq, wqe,
                   qcx6dx_wqe_static(wqe, opmod, number, params));
    run_wqe(f->d, sq, cq, wqe,
            qcx6dx_wqe_progress(wqe, opmod, number, tcp_sn));
}

/* The next frames on the wire are the record, and their sums are right */
static void expect_record(Fixture *f, size_t from)
{
    uint8_t seen[BUF_BYTES];

    while (from < REC_BYTES) {
        size_t part = wire_receive(f, seen) - HEADERS;

        check_frame(seen, HEADERS + part);
        g_assert_cmphex(ldl_be_p(seen + ETH + IP + 4), ==,
                        (uint32_t)(TCP_SN + from));
        g_assert_cmpuint(from + part, <=, REC_BYTES);
        g_assert_cmpmem(seen + HEADERS, part, rec_cipher + from, part);
        from += part;
    }
    g_assert_true(wire_silent(f));
}

static void send_plain(Fixture *f, Ends *e, size_t from, uint16_t mss)
{
    uint8_t rec[REC_BYTES], frame[BUF_BYTES], wqe[256];

    make_plain(rec);
    make_frame(frame, TCP_SN + from, rec + from, REC_BYTES - from);
    qtest_memwrite(f->qts, e->tx_buf, rec, REC_BYTES);
    run_wqe(f->d, &e->sq, &e->scq, wqe,
            qcx6dx_wqe_send(f->d, wqe, e->tls_tisn, frame, HEADERS,
                            e->tx_buf + from, REC_BYTES - from, mss));
}

static void test_tls_tx_known_record(void)
{
    static const uint16_t cuts[] = { 0, 100, 13, 1, 5, 213, 220 };
    uint32_t dek;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    dek = make_key(f.d);
    for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
        tls_start(&f, &e.sq, &e.scq, CX6DX_OPMOD_TIS, e.tls_tisn, dek, 0);
        send_plain(&f, &e, 0, cuts[i]);
        expect_record(&f, 0);
    }
    g_assert_cmpuint(get_number(&f, "stats", "tls_tx_bytes"), ==,
                     ARRAY_SIZE(cuts) * REC_BYTES);
    g_assert_cmpuint(get_number(&f, "stats", "tls_tx_records"), ==,
                     ARRAY_SIZE(cuts));
    g_assert_cmpuint(get_number(&f, "stats", "tls_tx_drops"), ==, 0);
    g_assert_cmphex(qcx6dx_dek_destroy(f.d, dek), ==, CX6DX_STATUS_OK);
    ends_destroy(f.d, &e);
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, 0);
    fixture_end(&f);
}

/* The rest of a record, after the part before it went in by DUMP */
static void test_tls_tx_resync_by_dump(void)
{
    static const size_t froms[] = { 1, 5, 13, 100, 213, 228 };
    uint8_t wqe[256];
    uint32_t dek;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    dek = make_key(f.d);
    for (size_t i = 0; i < ARRAY_SIZE(froms); i++) {
        uint8_t rec[REC_BYTES];

        make_plain(rec);
        qtest_memwrite(f.qts, e.tx_buf, rec, REC_BYTES);
        tls_start(&f, &e.sq, &e.scq, CX6DX_OPMOD_TIS, e.tls_tisn, dek, 0);
        qcx6dx_sq_post(f.d, &e.sq, wqe,
                       qcx6dx_wqe_dump(f.d, wqe, e.tls_tisn, e.tx_buf,
                                       froms[i]));
        g_assert_true(wire_silent(&f));
        send_plain(&f, &e, froms[i], 0);
        expect_record(&f, froms[i]);
    }
    fixture_end(&f);
}

/* What cannot be encrypted is not sent: no key in the context, a gap */
static void test_tls_tx_never_in_clear(void)
{
    uint32_t dek;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    send_plain(&f, &e, 0, 0);
    g_assert_true(wire_silent(&f));
    g_assert_cmpuint(get_number(&f, "stats", "tls_tx_drops"), ==, 1);
    dek = make_key(f.d);
    tls_start(&f, &e.sq, &e.scq, CX6DX_OPMOD_TIS, e.tls_tisn, dek, 0);
    send_plain(&f, &e, 0, 0);
    expect_record(&f, 0);
    /* once more without parameters: out of order */
    send_plain(&f, &e, 0, 0);
    g_assert_true(wire_silent(&f));
    g_assert_cmpuint(get_number(&f, "stats", "tls_tx_drops"), ==, 2);
    fixture_end(&f);
}

static void rx_start(Fixture *f, Ends *e)
{
    fixture_wire(f, "");
    ends_create(f->d, e, true);
    tls_start(f, &e->isq, &e->icq, CX6DX_OPMOD_TIR, e->tirn, make_key(f->d),
              TCP_SN);
}

static uint8_t rx_part(Fixture *f, Ends *e, const uint8_t *rec, size_t from,
                       size_t to, uint8_t *out)
{
    uint8_t frame[BUF_BYTES], seen[BUF_BYTES], cqe[CX6DX_cqe_BYTES];
    size_t bytes = make_frame(frame, TCP_SN + from, rec + from, to - from);

    receive_one(f, e, frame, bytes, seen, cqe);
    g_assert_cmpmem(seen, HEADERS, frame, HEADERS);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, l3_ok), ==, 1);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, l4_ok), ==, 1);
    memcpy(out + from, seen + HEADERS, to - from);
    return CX6DX_GET(cqe, cqe, tls_offload);
}

static void test_tls_rx_known_record(void)
{
    static const size_t cuts[][4] = {
        { 0, REC_BYTES }, { 0, 3, REC_BYTES }, { 0, 13, 150, REC_BYTES },
        { 0, 100, 220, REC_BYTES },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
        uint8_t plain[REC_BYTES], seen[REC_BYTES];
        Fixture f;
        Ends e;

        rx_start(&f, &e);
        for (size_t k = 0; cuts[i][k] < REC_BYTES; k++) {
            g_assert_cmpuint(rx_part(&f, &e, rec_cipher, cuts[i][k],
                                     cuts[i][k + 1], seen), ==,
                             CX6DX_CQE_TLS_DECRYPTED);
        }
        /* header, nonce and tag stay as they came */
        make_plain(plain);
        memcpy(plain + REC_HEAD + REC_PLAIN,
               rec_cipher + REC_HEAD + REC_PLAIN, REC_TAG);
        g_assert_cmpmem(seen, REC_BYTES, plain, REC_BYTES);
        fixture_end(&f);
    }
}

static void test_tls_rx_bad_tag(void)
{
    uint8_t rec[REC_BYTES], seen[REC_BYTES];
    Fixture f;
    Ends e;

    rx_start(&f, &e);
    memcpy(rec, rec_cipher, REC_BYTES);
    rec[REC_BYTES - 1] ^= 1;
    g_assert_cmpuint(rx_part(&f, &e, rec, 0, REC_BYTES, seen), ==,
                     CX6DX_CQE_TLS_ERROR);
    g_assert_cmpmem(seen, REC_BYTES, rec, REC_BYTES);
    g_assert_cmpuint(get_number(&f, "stats", "tls_rx_auth_failures"), ==, 1);
    fixture_end(&f);
}

/* The read-back of the tracker, as the driver does it upon a resync request */
static void test_tls_rx_get_psv(void)
{
    uint8_t wqe[256], psv[CX6DX_psv_dump_BYTES], seen[REC_BYTES];
    const uint8_t *params = CX6DX_AREA(psv_dump, psv, params);
    Fixture f;
    Ends e;

    rx_start(&f, &e);
    /* a hole, and behind it a record: a candidate for a resync */
    g_assert_cmpuint(rx_part(&f, &e, rec_cipher, 0, 3, seen), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    {
        uint8_t frame[BUF_BYTES], back[BUF_BYTES], cqe[CX6DX_cqe_BYTES];
        size_t bytes = make_frame(frame, TCP_SN + REC_BYTES, rec_cipher,
                                  REC_BYTES);

        receive_one(&f, &e, frame, bytes, back, cqe);
        g_assert_cmpmem(back, bytes, frame, bytes);
        g_assert_cmpuint(CX6DX_GET(cqe, cqe, tls_offload), ==,
                         CX6DX_CQE_TLS_RESYNC);
    }
    run_wqe(f.d, &e.isq, &e.icq, wqe,
            qcx6dx_wqe_get_psv(f.d, wqe, e.tirn, e.tx_buf));
    qtest_memread(f.qts, e.tx_buf, psv, sizeof(psv));
    g_assert_cmpuint(CX6DX_GET(psv_dump, psv, tirn), ==, e.tirn);
    g_assert_cmpuint(CX6DX_GET(tls_progress_params, params,
                               record_tracker_state), ==,
                     CX6DX_PSV_TRACKER_TRACKING);
    g_assert_cmpuint(CX6DX_GET(tls_progress_params, params, auth_state), ==,
                     CX6DX_PSV_AUTH_NO_OFFLOAD);
    g_assert_cmphex(CX6DX_GET(tls_progress_params, params, hw_resync_tcp_sn),
                    ==, (uint32_t)(TCP_SN + REC_BYTES));
    fixture_end(&f);
}

/* ---- Resets and hot-plug ---- */

typedef struct Snapshot {
    uint8_t config[256];
    uint8_t iseg[CX6DX_ISEG_BYTES];
    char *stats, *objects, *guest_errors;
} Snapshot;

static char *struct_text(Fixture *f, const char *property)
{
    QDict *dict = get_struct(f, "nic0", property);
    GString *text = g_string_new("");

    for (const QDictEntry *e = qdict_first(dict); e; e = qdict_next(dict, e)) {
        g_string_append_printf(text, "%s %" PRIu64 "\n", qdict_entry_key(e),
                               qnum_get_uint(qobject_to(QNum,
                                             qdict_entry_value(e))));
    }
    qobject_unref(dict);
    return g_string_free(text, false);
}

static void snapshot_take(Fixture *f, Snapshot *s)
{
    for (unsigned i = 0; i < sizeof(s->config); i++) {
        s->config[i] = qpci_config_readb(f->d->pci, i);
    }
    qtest_memread(f->qts, f->d->regs.addr, s->iseg, sizeof(s->iseg));
    s->stats = struct_text(f, "stats");
    s->objects = struct_text(f, "objects");
    s->guest_errors = struct_text(f, "guest-errors");
}

static void snapshot_free(Snapshot *s)
{
    g_free(s->stats);
    g_free(s->objects);
    g_free(s->guest_errors);
}

/* Puts the BARs where they were and turns the device on */
static void reconfigure(Fixture *f, const Snapshot *s)
{
    static const uint8_t bars[] = { PCI_BASE_ADDRESS_0, PCI_BASE_ADDRESS_1,
                                    PCI_BASE_ADDRESS_2 };

    for (unsigned i = 0; i < ARRAY_SIZE(bars); i++) {
        qpci_config_writel(f->d->pci, bars[i], ldl_le_p(s->config + bars[i]));
    }
    qpci_config_writew(f->d->pci, PCI_COMMAND,
                       lduw_le_p(s->config + PCI_COMMAND));
    f->d->cmdq = 0;
}

static void system_reset(Fixture *f)
{
    qtest_system_reset(f->qts);
}

static void function_reset(Fixture *f)
{
    uint8_t exp = qpci_find_capability(f->d->pci, PCI_CAP_ID_EXP, 0);
    uint16_t control = qpci_config_readw(f->d->pci, exp + PCI_EXP_DEVCTL);

    qpci_config_writew(f->d->pci, exp + PCI_EXP_DEVCTL,
                       control | PCI_EXP_DEVCTL_BCR_FLR);
    g_assert_cmphex(qpci_config_readw(f->d->pci, exp + PCI_EXP_DEVCTL), ==,
                    control);
}

/* In the middle of everything: objects, TLS context, waiting work, a mistake */
static void make_busy(Fixture *f)
{
    uint8_t wqe[256], seen[REC_BYTES];
    Ends e;

    ends_create(f->d, &e, true);
    tls_start(f, &e.isq, &e.icq, CX6DX_OPMOD_TIR, e.tirn, make_key(f->d),
              TCP_SN);
    rx_part(f, &e, rec_cipher, 0, 100, seen);
    qpci_msix_enable(f->d->pci);
    g_assert_cmphex(qcx6dx_cmd_number(f->d, CX6DX_CMD_DESTROY_CQ, 0xffffff),
                    !=, CX6DX_STATUS_OK);
    qcx6dx_cq_arm(f->d, &e.rcq);
    qcx6dx_sq_post(f->d, &e.sq, wqe, qcx6dx_wqe_progress(wqe, 1, 1, 0));
    qcx6dx_sq_ring(f->d, &e.sq);
    qcx6dx_cmd_ring(f->d, ~0u);
}

static void check_reset(void (*reset)(Fixture *f))
{
    Snapshot before, after;
    Fixture f;

    fixture_wire(&f, "");
    snapshot_take(&f, &before);
    for (int i = 0; i < 3; i++) {
        make_busy(&f);
        reset(&f);
        reconfigure(&f, &before);
        qcx6dx_settle(f.d);
        snapshot_take(&f, &after);
        g_assert_cmpmem(before.config, sizeof(before.config), after.config,
                        sizeof(after.config));
        g_assert_cmpmem(before.iseg, sizeof(before.iseg), after.iseg,
                        sizeof(after.iseg));
        g_assert_cmpstr(before.stats, ==, after.stats);
        g_assert_cmpstr(before.objects, ==, after.objects);
        g_assert_cmpstr(before.guest_errors, ==, after.guest_errors);
        snapshot_free(&after);
    }
    snapshot_free(&before);
    fixture_end(&f);
}

static void test_reset_system(void)
{
    check_reset(system_reset);
}

static void test_reset_function_level(void)
{
    check_reset(function_reset);
}

/* Unplugged in the middle of work and plugged in again, on the same wire */
static void test_hotplug(void)
{
    int fds[2];
    g_autofree char *args = NULL;
    Fixture f;

    g_assert_cmpint(socketpair(PF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    args = g_strdup_printf("-netdev socket,id=n0,fd=%d", fds[1]);
    fixture_boot(&f, "pc", args);
    close(fds[1]);
    f.wire = fds[0];
    for (int i = 0; i < 4; i++) {
        qtest_qmp_device_add(f.qts, "cx6dx-tls", "nic0",
                             "{'addr': '4.0', 'netdev': 'n0'}");
        f.d = qcx6dx_new(f.qts, f.bus, SLOT);
        make_busy(&f);
        qcx6dx_free(f.d);
        f.d = NULL;
        qpci_unplug_acpi_device_test(f.qts, "nic0", SLOT);
    }
    fixture_end(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);

    qtest_add_func("/cx6dx/pci/identity", test_pci_identity);
    qtest_add_func("/cx6dx/pci/bad-properties-are-named",
                   test_pci_bad_properties);
    qtest_add_func("/cx6dx/mmio/initialization-segment", test_iseg_registers);
    qtest_add_func("/cx6dx/mmio/strange-accesses-do-nothing",
                   test_mmio_strange_accesses);
    qtest_add_func("/cx6dx/cmd/start-and-stop", test_cmd_start_and_stop);
    qtest_add_func("/cx6dx/cmd/event-mode", test_cmd_event_mode);
    qtest_add_func("/cx6dx/msix/masked-vector-is-pending",
                   test_msix_masked_is_pending);
    qtest_add_func("/cx6dx/net/send", test_net_send);
    qtest_add_func("/cx6dx/net/receive", test_net_receive);
    qtest_add_func("/cx6dx/net/without-driver-frames-are-dropped",
                   test_net_without_driver);
    qtest_add_func("/cx6dx/net/link-changes-are-told", test_net_link);
    qtest_add_func("/cx6dx/net/pair", test_net_pair);
    qtest_add_func("/cx6dx/tls/tx/known-record", test_tls_tx_known_record);
    qtest_add_func("/cx6dx/tls/tx/resync-by-dump", test_tls_tx_resync_by_dump);
    qtest_add_func("/cx6dx/tls/tx/never-in-clear", test_tls_tx_never_in_clear);
    qtest_add_func("/cx6dx/tls/rx/known-record", test_tls_rx_known_record);
    qtest_add_func("/cx6dx/tls/rx/bad-tag", test_tls_rx_bad_tag);
    qtest_add_func("/cx6dx/tls/rx/get-psv", test_tls_rx_get_psv);
    qtest_add_func("/cx6dx/reset/system-gives-a-new-device",
                   test_reset_system);
    qtest_add_func("/cx6dx/reset/function-level-gives-a-new-device",
                   test_reset_function_level);
    qtest_add_func("/cx6dx/hotplug/in-the-middle-of-work", test_hotplug);

    return g_test_run();
}

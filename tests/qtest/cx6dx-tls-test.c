/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: what a guest sees of the device in QEMU
 *
 * Configuration space, initialization segment, commands in polling and event
 * mode, resets, hot-plug; more tests in files beside this one.  Time is moved
 * with qtest_clock_step() only.
 */
#include "qemu/osdep.h"
#include "cx6dx-tls-fixture.h"
#include "qemu/bswap.h"
#include "qobject/qnum.h"
#include "standard-headers/linux/pci_regs.h"

enum {
    VECTORS = 64,
};

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

/* The gateway in configuration space: whole words act, parts can be read */
static void test_pci_vendor_capability(void)
{
    QPCIDevice *pci;
    uint32_t ticket;
    uint8_t vsc;
    Fixture f;

    fixture_wire(&f, "");
    pci = f.d->pci;
    vsc = qpci_find_capability(pci, PCI_CAP_ID_VNDR, 0);
    g_assert_cmphex(vsc, !=, 0);
    g_assert_cmphex(qpci_config_readb(pci, vsc + 2), ==, CX6DX_vsc_BYTES);
    ticket = qpci_config_readl(pci, vsc + 0x8);
    g_assert_cmphex(qpci_config_readl(pci, vsc + 0x8), !=, ticket);
    qpci_config_writel(pci, vsc + 0xc, 0x12345678);
    g_assert_cmphex(qpci_config_readl(pci, vsc + 0xc), ==, 0x12345678);
    g_assert_cmphex(qpci_config_readw(pci, vsc + 0xe), ==, 0x1234);
    g_assert_cmphex(qpci_config_readb(pci, vsc + 0xd), ==, 0x56);
    /* part of a word releases nothing */
    qpci_config_writew(pci, vsc + 0xc, 0);
    qpci_config_writeb(pci, vsc + 0xf, 0);
    g_assert_cmphex(qpci_config_readl(pci, vsc + 0xc), ==, 0x12345678);
    qpci_config_writel(pci, vsc + 0xc, 0);
    g_assert_cmphex(qpci_config_readl(pci, vsc + 0xc), ==, 0);
    /* space 7 is not there; an access ends with a syndrome */
    qpci_config_writel(pci, vsc + 0x4, 7);
    g_assert_cmphex(qpci_config_readl(pci, vsc + 0x4), ==, 7);
    qpci_config_writel(pci, vsc + 0x10, 0x100);
    g_assert_cmphex(qpci_config_readl(pci, vsc + 0x10), ==, 0xc0000100);
    fixture_end(&f);
}

/* Product data word by word; what is written there stays without effect */
static void test_pci_product_data(void)
{
    uint8_t data[512] = { 0 };
    QPCIDevice *pci;
    Fixture f;
    uint8_t vpd;

    fixture_wire(&f, "");
    pci = f.d->pci;
    vpd = qpci_find_capability(pci, PCI_CAP_ID_VPD, 0);
    g_assert_cmphex(vpd, !=, 0);
    for (int round = 0; round < 2; round++) {
        for (unsigned at = 0; at < sizeof(data); at += 4) {
            uint32_t word;

            qpci_config_writew(pci, vpd + PCI_VPD_ADDR, at);
            g_assert_cmphex(qpci_config_readw(pci, vpd + PCI_VPD_ADDR), ==,
                            at | PCI_VPD_ADDR_F);
            word = qpci_config_readl(pci, vpd + PCI_VPD_DATA);
            data[at] = word;
            data[at + 1] = word >> 8;
            data[at + 2] = word >> 16;
            data[at + 3] = word >> 24;
        }
        g_assert_cmphex(data[0], ==, 0x82);
        g_assert_cmpmem(data + 3, 13, "ConnectX-6 Dx", 13);
        qpci_config_writel(pci, vpd + PCI_VPD_DATA, 0xdeadbeef);
        qpci_config_writew(pci, vpd + PCI_VPD_ADDR, PCI_VPD_ADDR_F);
        g_assert_cmphex(qpci_config_readw(pci, vpd + PCI_VPD_ADDR), ==, 0);
    }
    fixture_end(&f);
}

/* Registers say what the properties do */
static void test_pci_properties(void)
{
    QPCIDevice *pci;
    Fixture f;
    uint8_t exp;

    fixture_wire(&f, ",pcie-gen=3,pcie-lanes=8,vectors=5");
    pci = f.d->pci;
    exp = qpci_find_capability(pci, PCI_CAP_ID_EXP, 0);
    g_assert_cmphex(qpci_config_readl(pci, exp + PCI_EXP_LNKCAP) &
                    (PCI_EXP_LNKCAP_SLS | PCI_EXP_LNKCAP_MLW), ==,
                    PCI_EXP_LNKCAP_SLS_8_0GB | 8 << 4);
    g_assert_cmphex(qpci_config_readw(pci, exp + PCI_EXP_LNKSTA) &
                    (PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW), ==,
                    PCI_EXP_LNKSTA_CLS_8_0GB | 8 << 4);
    qpci_msix_enable(pci);
    g_assert_cmpuint(qpci_msix_table_size(pci), ==, 5);
    qpci_msix_disable(pci);
    fixture_end(&f);
}

static void test_pci_bad_properties(void)
{
    static const struct { const char *prop; int value; } bad[] = {
        { "vectors", 1 }, { "vectors", 65 }, { "pcie-gen", 2 },
        { "pcie-lanes", 3 }, { "pcie-mps", 100 }, { "pcie-mrrs", 8192 },
        { "pcie-rcb", 32 }, { "dma-read-latency", 1000001 },
        { "link-speed", 999 }, { "timer-slack", 1000001 },
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
    /* the interface is disabled (1) until a driver writes an address */
    g_assert_cmphex(qcx6dx_readl(f.d, CX6DX_ISEG_CMDQ_ADDR_L_SZ), ==, 0x156);
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
    qtest_add_func("/cx6dx/pci/vendor-capability", test_pci_vendor_capability);
    qtest_add_func("/cx6dx/pci/product-data", test_pci_product_data);
    qtest_add_func("/cx6dx/pci/properties-show", test_pci_properties);
    qtest_add_func("/cx6dx/pci/bad-properties-are-named",
                   test_pci_bad_properties);
    qtest_add_func("/cx6dx/mmio/initialization-segment", test_iseg_registers);
    qtest_add_func("/cx6dx/mmio/strange-accesses-do-nothing",
                   test_mmio_strange_accesses);
    qtest_add_func("/cx6dx/cmd/start-and-stop", test_cmd_start_and_stop);
    qtest_add_func("/cx6dx/cmd/event-mode", test_cmd_event_mode);
    qtest_add_func("/cx6dx/msix/masked-vector-is-pending",
                   test_msix_masked_is_pending);
    qtest_add_func("/cx6dx/reset/system-gives-a-new-device",
                   test_reset_system);
    qtest_add_func("/cx6dx/reset/function-level-gives-a-new-device",
                   test_reset_function_level);
    qtest_add_func("/cx6dx/hotplug/in-the-middle-of-work", test_hotplug);
    cx6dx_add_data_tests();
    cx6dx_add_life_tests();

    return g_test_run();
}

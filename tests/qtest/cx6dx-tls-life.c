/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: the device among others in a machine
 *
 * Without a bus master bit, without a backend, with frames that have to wait,
 * unplugged while they wait, with modelled time, and with a guest that writes
 * anything anywhere.
 */
#include "qemu/osdep.h"
#include "cx6dx-tls-fixture.h"
#include "qemu/bswap.h"
#include "standard-headers/linux/pci_regs.h"

enum { US = 1000, FRAMES = 3 };

/* ---- PCI ---- */

static void set_bus_master(Fixture *f, bool on)
{
    uint16_t command = qpci_config_readw(f->d->pci, PCI_COMMAND);

    command = on ? command | PCI_COMMAND_MASTER
                 : command & ~PCI_COMMAND_MASTER;
    qpci_config_writew(f->d->pci, PCI_COMMAND, command);
}

/* No DMA then: a command is not even seen, and nothing is broken */
static void test_no_bus_master(void)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };
    Fixture f;

    fixture_wire(&f, "");
    qcx6dx_start(f.d);
    set_bus_master(&f, false);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ALLOC_PD);
    qcx6dx_cmd_put(f.d, 0, in, sizeof(in), CX6DX_cmd_out_BYTES);
    qcx6dx_cmd_ring(f.d, 1);
    qcx6dx_settle(f.d);
    g_assert_cmpuint(get_number(&f, "guest-errors", "CMDQ_DMA"), ==, 1);
    g_assert_cmpuint(get_number(&f, "objects", "pd"), ==, 1);
    set_bus_master(&f, true);
    qcx6dx_cmd_ring(f.d, 1);
    g_assert_cmphex(qcx6dx_cmd_wait(f.d, 0), ==, CX6DX_DELIVERY_OK);
    g_assert_cmpuint(get_number(&f, "objects", "pd"), ==, 2);
    fixture_end(&f);
}

/* Descriptors that point into registers, the device's own and others' */
static void test_dma_reaches_memory_only(void)
{
    uint8_t wqe[256], frame[BUF_BYTES] = { 0 }, cqe[CX6DX_cqe_BYTES];
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    qcx6dx_sq_post(f.d, &e.sq, wqe,
                   qcx6dx_wqe_send(f.d, wqe, 0, frame, HEADERS,
                                   f.d->regs.addr, 64, 0));
    qcx6dx_sq_ring(f.d, &e.sq);
    qcx6dx_cq_wait(f.d, &e.scq, cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_REQ_ERR);
    g_assert_cmpuint(get_number(&f, "guest-errors", "WQE_DMA"), ==, 1);

    /* a frame that would ring the doorbell of commands */
    qcx6dx_rq_post(f.d, &e.rq, f.d->regs.addr + CX6DX_ISEG_CMD_DBELL, 2048);
    wire_send(&f, frame, make_frame(frame, 1, wqe, sizeof(wqe)));
    qcx6dx_cq_wait(f.d, &e.rcq, cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_RESP_ERR);
    g_assert_cmpuint(get_number(&f, "guest-errors", "WQE_DMA"), ==, 2);
    g_assert_cmpuint(get_number(&f, "guest-errors", "CMDQ_NOT_OWNED"), ==, 0);
    fixture_end(&f);
}

/* A fixed sequence that looks random (Numerical Recipes' generator) */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void random_register(Fixture *f, uint32_t *state)
{
    static const uint16_t registers[] = {
        CX6DX_ISEG_CMDQ_ADDR_H, CX6DX_ISEG_CMDQ_ADDR_L_SZ,
        CX6DX_ISEG_CMD_DBELL, CX6DX_ISEG_INITIALIZING, CX6DX_ISEG_HEALTH_SYND,
    };
    static const uint16_t doorbells[] = {
        CX6DX_UAR_CQ_DB, CX6DX_UAR_CQ_DB + 4, CX6DX_UAR_EQ_ARM,
        CX6DX_UAR_EQ_CI, CX6DX_UAR_SQ_DB, CX6DX_UAR_SQ_DB + 4,
        CX6DX_UAR_SQ_DB + 0x104, 0,
    };
    uint32_t r = next_random(state);
    uint64_t at = f->d->regs.addr + registers[r % ARRAY_SIZE(registers)];
    uint64_t value = (uint64_t)next_random(state) << 40 | next_random(state);

    if (r & 0x100) {
        at = f->d->regs.addr + (CX6DX_UAR_FIRST + (r >> 9) % 4) *
             CX6DX_PAGE_BYTES + doorbells[r % ARRAY_SIZE(doorbells)];
    }
    switch (r >> 12 & 3) {
    case 0:
        qtest_writeq(f->qts, at, value);
        break;
    case 1:
        /* small numbers are more likely to be somebody's */
        qtest_writel(f->qts, at, bswap32((uint32_t)value & 0x0f000fff));
        break;
    default:
        qtest_writel(f->qts, at, (uint32_t)value);
        break;
    }
}

/* Registers in any order with any value, then configuration space as well */
static void test_hostile_registers(void)
{
    uint32_t state = 1;
    uint16_t before;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, true);
    before = qpci_config_readw(f.d->pci, PCI_COMMAND);
    for (int i = 0; i < 4000; i++) {
        random_register(&f, &state);
        if (i % 16 == 0) {
            /* everything behind the BARs and the ROM's address */
            qpci_config_writel(f.d->pci,
                               0x3c + next_random(&state) % 0x30 * 4,
                               next_random(&state));
        }
    }
    qtest_system_reset(f.qts);
    qpci_config_writel(f.d->pci, PCI_BASE_ADDRESS_0, f.d->regs.addr);
    qpci_config_writew(f.d->pci, PCI_COMMAND, before);
    f.d->cmdq = 0;
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, 0);
    ends_create(f.d, &e, true);
    ends_destroy(f.d, &e);
    fixture_end(&f);
}

/* ---- Frames ---- */

static void test_no_netdev(void)
{
    uint8_t payload[64] = { 0 }, frame[BUF_BYTES], wqe[256];
    Fixture f;
    Ends e;

    fixture_boot(&f, "q35", "-device cx6dx-tls,id=nic0,addr=4");
    f.d = qcx6dx_new(f.qts, f.bus, SLOT);
    ends_create(f.d, &e, false);
    make_frame(frame, 1, payload, sizeof(payload));
    run_wqe(f.d, &e.sq, &e.scq, wqe,
            qcx6dx_wqe_send(f.d, wqe, 0, frame, HEADERS, e.tx_buf,
                            sizeof(payload), 0));
    ends_destroy(f.d, &e);
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, 0);
    fixture_end(&f);
}

/* Of every length that a backend could come up with, then a good one */
static void test_odd_frames(void)
{
    static const size_t lengths[] = {
        1, 5, 6, 12, 13, 14, 15, 17, 18, 33, 34, 53, 54, 59, 60, 1514, 1518,
        1519, 2049, 9978, 10000, 16383, 16384, 16385, 65535, 69000,
    };
    uint8_t payload[100] = { 0 }, seen[BUF_BYTES], cqe[CX6DX_cqe_BYTES];
    g_autofree uint8_t *frame = g_malloc0(69000);
    size_t bytes;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, true);
    for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
        /* as much of a TCP frame as there is room for */
        make_frame(frame, i, payload, 0);
        qcx6dx_rq_post(f.d, &e.rq, e.rx_buf, BUF_BYTES);
        wire_send(&f, frame, lengths[i]);
        qcx6dx_settle(f.d);
        while (qcx6dx_cq_next(f.d, &e.rcq, cqe)) {
            g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==,
                            CX6DX_CQE_RESP_SEND);
            g_assert_cmpuint(CX6DX_GET(cqe, cqe, byte_cnt), <=, BUF_BYTES);
        }
    }
    bytes = make_frame(frame, 1, payload, sizeof(payload));
    wire_send(&f, frame, bytes);
    qcx6dx_cq_wait(f.d, &e.rcq, cqe);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, byte_cnt), ==, bytes);
    qtest_memread(f.qts, e.rx_buf, seen, bytes);
    g_assert_cmpmem(seen, bytes, frame, bytes);
    fixture_end(&f);
}

static void set_pause(QCx6dx *d)
{
    uint8_t in[CX6DX_access_register_in_BYTES + CX6DX_pfcc_reg_BYTES] = { 0 };
    uint8_t out[sizeof(in)];
    uint8_t *reg = in + CX6DX_access_register_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ACCESS_REG);
    CX6DX_SET(access_register_in, in, op_mod, CX6DX_REG_WRITE);
    CX6DX_SET(access_register_in, in, register_id, CX6DX_REG_PFCC);
    CX6DX_SET(pfcc_reg, reg, local_port, 1);
    CX6DX_SET(pfcc_reg, reg, pptx, 1);
    g_assert_cmphex(qcx6dx_cmd(d, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
}

/* With pause, frames wait for work requests, in order; but not for ever */
static void test_frames_wait(void)
{
    uint8_t payload[100] = { 0 }, frame[BUF_BYTES], seen[BUF_BYTES];
    uint8_t cqe[CX6DX_cqe_BYTES];
    size_t bytes = 0;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    set_pause(f.d);
    for (uint32_t i = 0; i < 8; i++) {
        bytes = make_frame(frame, i, payload, sizeof(payload));
        wire_send(&f, frame, bytes);
        qcx6dx_settle(f.d);
    }
    for (uint32_t i = 0; i < 8; i++) {
        g_assert_false(qcx6dx_cq_next(f.d, &e.rcq, cqe));
        qcx6dx_rq_post(f.d, &e.rq, e.rx_buf, BUF_BYTES);
        qtest_clock_step(f.qts, 50 * US);
        qcx6dx_cq_wait(f.d, &e.rcq, cqe);
        qtest_memread(f.qts, e.rx_buf, seen, bytes);
        g_assert_cmpuint(frame_tcp_sn(seen), ==, i);
        qcx6dx_settle(f.d);
    }
    g_assert_cmpuint(get_number(&f, "stats", "rx_out_of_buffer"), ==, 0);
    wire_send(&f, frame, bytes);
    qcx6dx_settle(f.d);
    for (int i = 0; i < 100; i++) {
        qtest_clock_step(f.qts, 2000 * US);
        qcx6dx_settle(f.d);
    }
    g_assert_cmpuint(get_number(&f, "stats", "rx_out_of_buffer"), ==, 1);
    fixture_end(&f);
}

/* Goes away while frames wait, commands are pending and a timer is armed */
static void test_unplug_while_waiting(void)
{
    g_autofree char *args = NULL;
    uint8_t frame[BUF_BYTES], payload[100] = { 0 };
    int fds[2];
    Fixture f;
    Ends e;

    g_assert_cmpint(socketpair(PF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    args = g_strdup_printf("-netdev socket,id=n0,fd=%d", fds[1]);
    fixture_boot(&f, "pc", args);
    close(fds[1]);
    f.wire = fds[0];
    for (int i = 0; i < 3; i++) {
        qtest_qmp_device_add(f.qts, "cx6dx-tls", "nic0",
                             "{'addr': '4.0', 'netdev': 'n0'}");
        f.d = qcx6dx_new(f.qts, f.bus, SLOT);
        ends_create(f.d, &e, false);
        set_pause(f.d);
        for (int k = 0; k < 5; k++) {
            wire_send(&f, frame,
                      make_frame(frame, 1, payload, sizeof(payload)));
        }
        qcx6dx_settle(f.d);
        qcx6dx_cmd_ring(f.d, ~0u);
        qcx6dx_free(f.d);
        f.d = NULL;
        qpci_unplug_acpi_device_test(f.qts, "nic0", SLOT);
        qtest_clock_step(f.qts, 100 * US);
    }
    fixture_end(&f);
}

/* ---- Time ---- */

/*
 * A frame of 354 bytes takes (354 + 24) * 8 = 3024 ns on a wire of 1 Gb/s; work
 * request and data are read from memory before, in somewhat more than 543 ns
 * each, after a doorbell of 250, and the send pipeline is 310 long.
 */
static void test_timing(void)
{
    uint8_t payload[300] = { 0 }, frame[BUF_BYTES], wqe[256];
    uint8_t cqe[CX6DX_cqe_BYTES];
    Fixture f;
    Ends e;

    fixture_wire(&f, ",timing=on,link-speed=1000");
    ends_create(f.d, &e, false);
    make_frame(frame, 1, payload, sizeof(payload));
    for (int i = 0; i < FRAMES; i++) {
        size_t bytes = qcx6dx_wqe_send(f.d, wqe, 0, frame, HEADERS, e.tx_buf,
                                       sizeof(payload), 0);

        if (i == FRAMES - 1) {
            qcx6dx_wqe_signal(wqe);
        }
        qcx6dx_sq_post(f.d, &e.sq, wqe, bytes);
    }
    qcx6dx_sq_ring(f.d, &e.sq);
    g_assert_true(wire_silent(&f));
    qtest_clock_step(f.qts, 3024);
    g_assert_true(wire_silent(&f));
    qtest_clock_step(f.qts, 2000);
    wire_receive(&f, frame);
    g_assert_true(wire_silent(&f));
    /* all have been read: complete, as far as the driver is concerned */
    qcx6dx_cq_wait(f.d, &e.scq, cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_REQ);
    for (int i = 1; i < FRAMES; i++) {
        qtest_clock_step(f.qts, 3024);
        wire_receive(&f, frame);
        g_assert_true(wire_silent(&f));
    }
    fixture_end(&f);
}

void cx6dx_add_life_tests(void)
{
    qtest_add_func("/cx6dx/pci/no-bus-master-no-dma", test_no_bus_master);
    qtest_add_func("/cx6dx/pci/dma-reaches-memory-only",
                   test_dma_reaches_memory_only);
    qtest_add_func("/cx6dx/mmio/hostile-registers", test_hostile_registers);
    qtest_add_func("/cx6dx/net/without-netdev", test_no_netdev);
    qtest_add_func("/cx6dx/net/odd-frames", test_odd_frames);
    qtest_add_func("/cx6dx/net/frames-wait-with-pause", test_frames_wait);
    qtest_add_func("/cx6dx/hotplug/while-frames-wait",
                   test_unplug_while_waiting);
    qtest_add_func("/cx6dx/timing/frames-take-their-time", test_timing);
}

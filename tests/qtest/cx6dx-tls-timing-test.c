/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: modelled time on the device's own DMA
 *
 * Real queues are driven, and what the model has counted for them is held
 * against the closed form of "Understanding PCIe performance for end host
 * networking" (SIGCOMM 2018), in floating point: for each width, generation, MPS
 * and MRRS, set while the machine runs, and sizes from 1 to 65536 bytes.
 */
#include "qemu/osdep.h"
#include "cx6dx-tls-fixture.h"
#include "qapi/error.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "qobject/qnum.h"

enum {
    MWR = 24, MRD = 24, CPLD = 20,      /* overheads of TLPs */
    DOORBELL = 8,
    MS = 1000 * 1000,
    BIG = 65536,
    WQE_DS = CX6DX_WQE_DS_BYTES,
    HEAD_DS = 6,                        /* control, Ethernet, headers */
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

static Link nth_link(Fixture *f, unsigned n)
{
    Link link = {
        .gen = 3 + n % 3,
        .lanes = 4 << n / 3 % 3,
        .mps = 128 << n / 9 % 3,
        .mrrs = 128 << n / 27 % 6,
    };

    set_property(f, "pcie-gen", link.gen);
    set_property(f, "pcie-lanes", link.lanes);
    set_property(f, "pcie-mps", link.mps);
    set_property(f, "pcie-mrrs", link.mrrs);
    return link;
}

typedef struct Account {
    uint64_t up_bytes, up_ns, down_bytes, down_ns, read, written;
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
    };

    qobject_unref(dict);
    return a;
}

/* Time is bytes by the rate, but for the ns that both counters round down */
static void check_time(double ns, double want)
{
    g_assert_cmpfloat(ns, <, want * 1.001 + 1.001);
    g_assert_cmpfloat(ns, >, want * 0.999 - 1.001);
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

/* Sizes, and how many of it a work request gathers: sums of 16 WQEBBs */
static const struct {
    uint32_t size, n;
} gathers[] = {
    { 1, 26 }, { 2, 26 }, { 8, 26 }, { 16, 26 }, { 63, 26 }, { 64, 26 },
    { 65, 26 }, { 128, 26 }, { 200, 26 }, { 256, 26 }, { 257, 26 },
    { 512, 26 }, { 1000, 26 }, { 1448, 26 }, { 2048, 26 }, { 4096, 26 },
    { 9000, 26 }, { 16384, 10 }, { 32768, 2 }, { BIG, 2 },
};

static void gather_all(Fixture *f, Ends *e, uint64_t buf, const Link *link,
                       Account *sum)
{
    for (unsigned i = 0; i < ARRAY_SIZE(gathers); i++) {
        uint32_t size = gathers[i].size, n = gathers[i].n;
        uint8_t wqe[64 * WQE_DS];
        size_t bytes = gather_wqe(f, wqe, buf, n, size);
        Account before = account(f), after;
        double effective, closed, fetch;

        qcx6dx_sq_post(f->d, &e->sq, wqe, bytes);
        qcx6dx_sq_ring(f->d, &e->sq);
        qcx6dx_settle(f->d);
        after = account(f);
        /* the doorbell, the fetch and the gather; to the byte */
        fetch = completions(link, bytes) + DOORBELL + MWR;
        g_assert_cmpuint(after.read - before.read, ==, bytes + n * size);
        g_assert_cmpuint(after.down_bytes - before.down_bytes, ==,
                         n * completions(link, size) + fetch);
        g_assert_cmpuint(after.up_bytes - before.up_bytes, ==,
                         n * tlps(size, link->mrrs, MRD) +
                         tlps(bytes, link->mrrs, MRD));
        /* so bandwidth, without what else was on the link, is the formula's */
        effective = 8.0 * n * size /
                    ((after.down_bytes - before.down_bytes - fetch) *
                     byte_ns(link));
        closed = 8.0 * size / (completions(link, size) * byte_ns(link));
        g_assert_cmpfloat(effective, <, closed * 1.001);
        g_assert_cmpfloat(effective, >, closed * 0.999);
        check_time(after.down_ns - before.down_ns,
                   (after.down_bytes - before.down_bytes) * byte_ns(link));
        sum->down_bytes += after.down_bytes - before.down_bytes;
        sum->down_ns += after.down_ns - before.down_ns;
        qtest_clock_step(f->qts, MS);
    }
}

static void test_reads(void)
{
    uint64_t buf;
    Fixture f;
    Ends e;

    fixture_boot(&f, "q35", "-device cx6dx-tls,id=nic0,addr=4,timing=on,"
                 "profile=ideal");
    f.d = qcx6dx_new(f.qts, f.bus, SLOT);
    ends_create(f.d, &e, false);
    buf = qcx6dx_alloc(f.d, BIG);
    for (unsigned i = 0; i < 3 * 3 * 3 * 6; i++) {
        Link link = nth_link(&f, i);
        Account sum = { 0 };

        gather_all(&f, &e, buf, &link, &sum);
        /* more than a microsecond in all: to 0.1 %, rounding included */
        g_assert_cmpfloat(sum.down_ns, <,
                          sum.down_bytes * byte_ns(&link) * 1.001);
        g_assert_cmpfloat(sum.down_ns, >,
                          sum.down_bytes * byte_ns(&link) * 0.999);
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
    for (unsigned i = 0; i < 27; i++) {
        Link link = nth_link(&f, i + 54);
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

static void test_writes(void)
{
    static const unsigned sizes[] = { 60, 64, 128, 256, 257, 300, 512, 1000,
                                      1454, 1500 };
    uint8_t frame[BUF_BYTES] = { 0 }, cqe[CX6DX_cqe_BYTES];
    Fixture f;
    Ends e;

    fixture_wire(&f, ",timing=on,profile=ideal");
    ends_create(f.d, &e, false);
    for (unsigned i = 0; i < 27; i++) {
        Link link = nth_link(&f, i + 54);

        for (unsigned s = 0; s < ARRAY_SIZE(sizes); s++) {
            Account before = account(&f), after;
            uint64_t bytes;

            make_frame(frame, 1, frame + HEADERS, sizes[s] - HEADERS);
            qcx6dx_rq_post(f.d, &e.rq, e.rx_buf, BUF_BYTES);
            wire_send(&f, frame, sizes[s]);
            for (int polls = 0; !qcx6dx_cq_next(f.d, &e.rcq, cqe); polls++) {
                g_assert_cmpint(polls, <, 10000);
                qtest_clock_step(f.qts, 100);
            }
            after = account(&f);
            /* data, completion, and the request for the work request */
            bytes = writes(&link, sizes[s]) + writes(&link, CX6DX_cqe_BYTES) +
                    MRD;
            g_assert_cmpuint(after.written - before.written, ==,
                             sizes[s] + CX6DX_cqe_BYTES);
            g_assert_cmpuint(after.up_bytes - before.up_bytes, ==, bytes);
            check_time(after.up_ns - before.up_ns, bytes * byte_ns(&link));
        }
    }
    fixture_end(&f);
}

/* ---- Parameters ---- */

static char *refusal(Fixture *f, const char *name, const char *value)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-set', 'arguments': "
                           "{'path': '/machine/peripheral/nic0', "
                           "'property': %s, 'value': %p}}", name,
                           qobject_from_json(value, &error_abort));
    char *text = g_strdup(qdict_get_str(qdict_get_qdict(rsp, "error"),
                                        "desc"));

    qobject_unref(rsp);
    return text;
}

static uint64_t get_property(Fixture *f, const char *name)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-get', 'arguments': "
                           "{'path': '/machine/peripheral/nic0', "
                           "'property': %s}}", name);
    uint64_t value = qnum_get_uint(qobject_to(QNum, qdict_get(rsp, "return")));

    qobject_unref(rsp);
    return value;
}

/* What is given by itself wins over the profile, wherever it stands */
static void test_profile(void)
{
    g_autofree char *lanes = NULL, *profile = NULL, *large = NULL;
    QDict *rsp;
    Fixture f;

    fixture_wire(&f, ",pcie-lanes=8,profile=cx6dx-gen3x16,link-speed=25000");
    g_assert_cmpuint(get_property(&f, "pcie-gen"), ==, 3);
    g_assert_cmpuint(get_property(&f, "pcie-lanes"), ==, 8);
    g_assert_cmpuint(get_property(&f, "link-speed"), ==, 25000);
    g_assert_cmpuint(get_property(&f, "dma-read-latency"), ==, 543);
    lanes = refusal(&f, "pcie-lanes", "3");
    g_assert_cmpstr(lanes, ==, "property 'pcie-lanes' must be a power of two, "
                    "1 to 16");
    large = refusal(&f, "pcie-lanes", "4294967304");
    g_assert_cmpstr(large, ==, lanes);
    profile = refusal(&f, "profile", "'cx7'");
    g_assert_nonnull(strstr(profile, "must be cx6dx-gen4x16"));
    g_assert_cmpuint(get_property(&f, "pcie-lanes"), ==, 8);
    rsp = qtest_qmp(f.qts, "{'execute': 'qom-set', 'arguments': "
                    "{'path': '/machine/peripheral/nic0', "
                    "'property': 'profile', 'value': 'ideal'}}");
    g_assert_true(qdict_haskey(rsp, "return"));
    qobject_unref(rsp);
    g_assert_cmpuint(get_property(&f, "pcie-lanes"), ==, 16);
    g_assert_cmpuint(get_property(&f, "dma-read-latency"), ==, 0);
    fixture_end(&f);
}

/* ---- Firmware ---- */

/* A TIS takes 12.8 us: not a nanosecond less, and events wait for it too */
static void test_firmware(void)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 }, entry[CX6DX_cmd_entry_BYTES];
    Fixture f;

    fixture_wire(&f, ",timing=on");
    qcx6dx_start(f.d);
    for (unsigned i = 0; i < 5; i++) {
        CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_DESTROY_TIS);
        CX6DX_SET(cmd_in, in, number, 0x77);
        qcx6dx_cmd_put(f.d, 0, in, sizeof(in), CX6DX_cmd_out_BYTES);
        qcx6dx_cmd_ring(f.d, 1);
        qcx6dx_settle(f.d);
        qtest_clock_step(f.qts, 12799);
        qtest_memread(f.qts, qcx6dx_cmd_entry(f.d, 0), entry, sizeof(entry));
        g_assert_cmpuint(CX6DX_GET(cmd_entry, entry, hw_owned), ==, 1);
        qtest_clock_step(f.qts, 1);
        qtest_memread(f.qts, qcx6dx_cmd_entry(f.d, 0), entry, sizeof(entry));
        g_assert_cmpuint(CX6DX_GET(cmd_entry, entry, hw_owned), ==, 0);
    }
    g_assert_cmpuint(get_number(&f, "model", "firmware_max_stall_ns"), ==, 0);
    fixture_end(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cx6dx/timing/closed-form/reads", test_reads);
    qtest_add_func("/cx6dx/timing/closed-form/writes", test_writes);
    qtest_add_func("/cx6dx/timing/closed-form/completion",
                   test_completion_time);
    qtest_add_func("/cx6dx/timing/profile", test_profile);
    qtest_add_func("/cx6dx/timing/firmware", test_firmware);
    return g_test_run();
}

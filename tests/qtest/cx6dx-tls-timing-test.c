/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: modelled time of wire and firmware, latencies, parameters;
 * of PCIe see cx6dx-tls-pcie-test.c
 */
#include "qemu/osdep.h"
#include "cx6dx-tls-fixture.h"
#include "qapi/error.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "qobject/qnum.h"

enum {
    MS = 1000 * 1000,
    FRAMES = 64,
    PREAMBLE_FCS_GAP = 8 + 4 + 12,
};

static void set_property(Fixture *f, const char *name, uint64_t value)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-set', 'arguments': "
                           "{'path': '/machine/peripheral/nic0', "
                           "'property': %s, 'value': %" PRIu64 "}}", name,
                           value);

    g_assert_true(qdict_haskey(rsp, "return"));
    qobject_unref(rsp);
}

static void check(double is, double want, double share)
{
    g_assert_cmpfloat(is, <=, want * (1 + share));
    g_assert_cmpfloat(is, >=, want * (1 - share));
}

/* A device on a hub, whose frames nobody receives */
static void fixture_alone(Fixture *f, const char *props)
{
    g_autofree char *devices =
        g_strdup_printf("-netdev hubport,id=hub,hubid=0 -device cx6dx-tls,"
                        "id=nic0,addr=4,netdev=hub,timing=on%s", props);

    fixture_boot(f, "q35", devices);
    f->d = qcx6dx_new(f->qts, f->bus, SLOT);
}

static void allow_long_frames(QCx6dx *d)
{
    uint8_t in[CX6DX_access_register_in_BYTES + CX6DX_pmtu_reg_BYTES] = { 0 };
    uint8_t *pmtu = in + CX6DX_access_register_in_BYTES, out[sizeof(in)];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ACCESS_REG);
    CX6DX_SET(access_register_in, in, op_mod, CX6DX_REG_WRITE);
    CX6DX_SET(access_register_in, in, register_id, CX6DX_REG_PMTU);
    CX6DX_SET(pmtu_reg, pmtu, admin_mtu, 9978 + CX6DX_HW_MTU_EXTRA);
    g_assert_cmphex(qcx6dx_cmd(d, in, sizeof(in), out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
}

/* Sends `n` frames of `bytes` with FCS, segments of one or two */
static void send_frames(Fixture *f, Ends *e, unsigned n, uint32_t bytes)
{
    const uint32_t mss = bytes - 4 - HEADERS;
    uint8_t frame[BUF_BYTES] = { 0 }, wqe[2 * CX6DX_WQE_BB_BYTES];
    size_t len;

    make_frame(frame, 1, frame, 0);
    while (n) {
        unsigned k = MIN(n, 200000 / mss);

        len = qcx6dx_wqe_send(f->d, wqe, 0, frame, HEADERS, e->tx_buf, mss * k,
                              mss);
        qcx6dx_sq_post(f->d, &e->sq, wqe, len);
        n -= k;
    }
    qcx6dx_sq_ring(f->d, &e->sq);
    qcx6dx_settle(f->d);
}

/* ---- Wire ---- */

/*
 * Frames of 64 to 9000 bytes at 10 to 200 Gb/s: by the time that the wire was
 * taken, and by the clock, which has to move that far before the last one has
 * left; 0.5 %.
 */
static void test_wire(void)
{
    static const uint32_t sizes[] = { 64, 65, 128, 256, 512, 1024, 1280, 1518,
                                      4096, 9000 };
    static const uint32_t gbps[] = { 10, 25, 40, 50, 100, 200 };
    Fixture f;
    Ends e;

    /* links and pipes that hold nothing up */
    fixture_alone(&f, ",profile=ideal");
    ends_create(f.d, &e, false);
    e.tx_buf = qcx6dx_alloc(f.d, 256 * 1024);
    allow_long_frames(f.d);
    for (unsigned i = 0; i < ARRAY_SIZE(gbps) * ARRAY_SIZE(sizes); i++) {
        uint32_t rate = gbps[i / ARRAY_SIZE(sizes)];
        uint32_t bytes = sizes[i % ARRAY_SIZE(sizes)];
        double formula = 8.0 * (bytes - 4 + PREAMBLE_FCS_GAP) / rate;
        uint64_t busy, sum;
        double first;

        set_property(&f, "link-speed", rate * 1000);
        busy = get_number(&f, "model", "wire_tx_busy_ns");
        sum = get_number(&f, "model", "doorbell_to_wire_ns");
        send_frames(&f, &e, FRAMES, bytes);
        busy = get_number(&f, "model", "wire_tx_busy_ns") - busy;
        sum = get_number(&f, "model", "doorbell_to_wire_ns") - sum;
        check(busy, FRAMES * formula, 0.005);
        /* one after the other without a pause: the k-th leaves after k of them,
           plus what it took until the first one could */
        first = 1.0 * sum / FRAMES - formula * (FRAMES + 1) / 2;
        g_assert_cmpfloat(first, >=, 0);
        g_assert_cmpfloat(first, <, 4000 + FRAMES * formula * 0.005);
        qtest_clock_step(f.qts, MS);
    }
    fixture_end(&f);
}

/* ---- Latency ---- */

/*
 * The published row of another card, by the profile for it: a read of so many
 * bytes by the device ends when the completion says it did.  5 %.
 */
static void test_latency(void)
{
    static const struct {
        uint32_t bytes, ns;
    } rows[] = {
        { 8, 546 }, { 64, 546 }, { 128, 573 }, { 256, 626 }, { 512, 706 },
        { 1024, 853 }, { 1520, 986 }, { 2048, 1133 },
    };
    uint8_t frame[BUF_BYTES] = { 0 }, wqe[4 * CX6DX_WQE_BB_BYTES];
    uint8_t cqe[CX6DX_cqe_BYTES];
    uint64_t begin = 0;
    Fixture f;
    Ends e;

    fixture_alone(&f, ",profile=nfp-gen3x8,doorbell-latency=0");
    ends_create(f.d, &e, false);
    make_frame(frame, 1, frame, 0);
    for (unsigned i = 0; i <= ARRAY_SIZE(rows); i++) {
        /* first all inline: when the work request is there */
        uint32_t bytes = i ? rows[i - 1].bytes : 0;
        uint64_t at = qtest_clock_step(f.qts, MS), ns;
        size_t len = qcx6dx_wqe_send(f.d, wqe, 0, frame, HEADERS, e.tx_buf,
                                     bytes, 0);

        qcx6dx_wqe_signal(wqe);
        qcx6dx_sq_post(f.d, &e.sq, wqe, len);
        qcx6dx_sq_ring(f.d, &e.sq);
        qcx6dx_settle(f.d);
        qtest_clock_step(f.qts, MS);
        g_assert_true(qcx6dx_cq_next(f.d, &e.scq, cqe));
        ns = CX6DX_GET64(cqe, cqe, timestamp) - at;
        if (i) {
            check(ns - begin, rows[i - 1].ns, 0.05);
        } else {
            begin = ns;
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
    qtest_add_func("/cx6dx/timing/wire", test_wire);
    qtest_add_func("/cx6dx/timing/read-latency", test_latency);
    qtest_add_func("/cx6dx/timing/profile", test_profile);
    qtest_add_func("/cx6dx/timing/firmware", test_firmware);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: migration to a new QEMU, wherever the device stands
 *
 * A migration to a file and from it: the state goes the same way as in a
 * snapshot.  The new QEMU has another wire and no driver; what the test had of
 * the device goes on with it.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "cx6dx-tls-fixture.h"
#include "libqos/pci-pc.h"

enum {
    US = 1000,
    MS = 1000 * 1000,
};

/* Virtual time, as the device's own timer shows it */
static int64_t clock_ns(Fixture *f)
{
    uint64_t high = qcx6dx_readl(f->d, CX6DX_ISEG_TIMER_H);

    return high << 32 | qcx6dx_readl(f->d, CX6DX_ISEG_TIMER_L);
}

/* ---- Moving ---- */

/* And no frames by which QEMU itself announces a guest that has come */
static void want_events(QTestState *qts)
{
    qtest_qmp_assert_success(qts, "{'execute': 'migrate-set-parameters', "
                             "'arguments': {'announce-rounds': 0}}");
    qtest_qmp_assert_success(qts, "{'execute': 'migrate-set-capabilities', "
                             "'arguments': {'capabilities': [{'capability': "
                             "'events', 'state': true}]}}");
}

/* Waits for the end of a migration; whether it was a good one */
static bool migration_ended(QTestState *qts)
{
    for (;;) {
        QDict *event = qtest_qmp_eventwait_ref(qts, "MIGRATION");
        QDict *data = qdict_get_qdict(event, "data");
        g_autofree char *status = g_strdup(qdict_get_str(data, "status"));

        qobject_unref(event);
        if (!strcmp(status, "completed") || !strcmp(status, "failed")) {
            return !strcmp(status, "completed");
        }
    }
}

static char *new_file(void)
{
    char *path = g_build_filename(g_get_tmp_dir(), "cx6dx-snapshot-XXXXXX",
                                  NULL);
    int fd = g_mkstemp(path);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    return path;
}

static bool has_status(QTestState *qts, const char *status)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'query-status'}");
    bool has = !strcmp(qdict_get_str(qdict_get_qdict(rsp, "return"), "status"),
                       status);

    qobject_unref(rsp);
    return has;
}

/* The machine is stopped afterwards, and could go on */
static void save(Fixture *f, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);

    want_events(f->qts);
    qtest_qmp_assert_success(f->qts, "{'execute': 'migrate', 'arguments': "
                             "{'uri': %s}}", uri);
    g_assert_true(migration_ended(f->qts));
    while (has_status(f->qts, "finish-migrate")) {
        /* QEMU's main loop has still to put it away */
    }
}

/* A QEMU that waits for a stream, and its wire; the clock as it was at A */
static void boot_waiting(Fixture *f, const char *props, int64_t now_ns)
{
    g_autofree char *waiting = g_strdup_printf("%s -incoming defer", props);

    fixture_wire(f, waiting);
    want_events(f->qts);
    if (now_ns) {
        qtest_clock_set(f->qts, now_ns);
    }
}

static bool load(Fixture *f, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);

    qtest_qmp_assert_success(f->qts, "{'execute': 'migrate-incoming', "
                             "'arguments': {'uri': %s, "
                             "'exit-on-error': false}}", uri);
    return migration_ended(f->qts);
}

/* The test's view of the device, with another QEMU behind it */
static void adopt(Fixture *f, const QCx6dx *d)
{
    QPCIDevice *pci = f->d->pci;

    *f->d = *d;
    f->d->qts = f->qts;
    f->d->pci = pci;
}

/* To a new QEMU, running or stopped as it was; the old one is gone */
static void move_with(Fixture *f, const char *props)
{
    g_autofree char *path = new_file();
    int64_t now_ns = clock_ns(f);
    QCx6dx d = *f->d;

    save(f, path);
    fixture_end(f);
    boot_waiting(f, props, now_ns);
    g_assert_true(load(f, path));
    adopt(f, &d);
    g_unlink(path);
}


static void move(Fixture *f)
{
    move_with(f, "");
}

/* ---- TLS ---- */

static void post_plain(Fixture *f, Ends *e, size_t from, size_t to)
{
    uint8_t rec[REC_BYTES], frame[BUF_BYTES], wqe[256];
    size_t bytes;

    make_plain(rec);
    make_frame(frame, TCP_SN + from, rec + from, to - from);
    qtest_memwrite(f->qts, e->tx_buf, rec, REC_BYTES);
    bytes = qcx6dx_wqe_send(f->d, wqe, e->tls_tisn, frame, HEADERS,
                            e->tx_buf + from, to - from, 0);
    qcx6dx_wqe_signal(wqe);
    qcx6dx_sq_post(f->d, &e->sq, wqe, bytes);
    qcx6dx_sq_ring(f->d, &e->sq);
}

static void expect_part(Fixture *f, size_t from, size_t to)
{
    uint8_t seen[BUF_BYTES];

    g_assert_cmpuint(wire_receive(f, seen), ==, HEADERS + to - from);
    check_frame(seen, HEADERS + to - from);
    g_assert_cmphex(frame_tcp_sn(seen), ==, (uint32_t)(TCP_SN + from));
    g_assert_cmpmem(seen + HEADERS, to - from, rec_cipher + from, to - from);
}

static void expect_completion(Fixture *f, Ends *e)
{
    uint8_t cqe[CX6DX_cqe_BYTES];

    qcx6dx_cq_wait(f->d, &e->scq, cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_REQ);
}

/* In the middle of header, nonce, payload and tag */
static void test_tx_mid_record(void)
{
    static const size_t at[] = { 0, 3, 9, 100, 220, REC_BYTES };
    uint32_t dek;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    dek = make_key(f.d);
    tls_start(&f, &e.sq, &e.scq, CX6DX_OPMOD_TIS, e.tls_tisn, dek, 0);
    for (size_t i = 0; i + 1 < ARRAY_SIZE(at); i++) {
        post_plain(&f, &e, at[i], at[i + 1]);
        expect_part(&f, at[i], at[i + 1]);
        expect_completion(&f, &e);
        move(&f);
    }
    g_assert_cmpuint(get_number(&f, "stats", "tls_tx_records"), ==, 1);
    g_assert_cmpuint(get_number(&f, "stats", "tls_tx_bytes"), ==, REC_BYTES);
    g_assert_cmpuint(get_number(&f, "stats", "tls_tx_drops"), ==, 0);
    g_assert_cmphex(qcx6dx_dek_destroy(f.d, dek), ==, CX6DX_STATUS_OK);
    ends_destroy(f.d, &e);
    fixture_end(&f);
}

static void test_rx_mid_record(void)
{
    static const size_t at[] = { 0, 3, 9, 100, 220, REC_BYTES };
    uint8_t plain[REC_BYTES], seen[REC_BYTES];
    uint32_t dek;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, true);
    dek = make_key(f.d);
    tls_start(&f, &e.isq, &e.icq, CX6DX_OPMOD_TIR, e.tirn, dek, TCP_SN);
    for (size_t i = 0; i + 1 < ARRAY_SIZE(at); i++) {
        g_assert_cmpuint(rx_part(&f, &e, rec_cipher, at[i], at[i + 1], seen),
                         ==, CX6DX_CQE_TLS_DECRYPTED);
        move(&f);
    }
    make_plain(plain);
    memcpy(plain + REC_HEAD + REC_PLAIN, rec_cipher + REC_HEAD + REC_PLAIN,
           REC_TAG);
    g_assert_cmpmem(seen, REC_BYTES, plain, REC_BYTES);
    g_assert_cmphex(qcx6dx_dek_destroy(f.d, dek), ==, CX6DX_STATUS_OK);
    ends_destroy(f.d, &e);
    fixture_end(&f);
}

static uint8_t rx_whole(Fixture *f, Ends *e, uint32_t tcp_sn)
{
    uint8_t frame[BUF_BYTES], seen[BUF_BYTES], cqe[CX6DX_cqe_BYTES];
    size_t bytes = make_frame(frame, tcp_sn, rec_cipher, REC_BYTES);

    receive_one(f, e, frame, bytes, seen, cqe);
    return CX6DX_GET(cqe, cqe, tls_offload);
}

/* Searching; asked, and software has not read it; read, and not answered */
static void test_rx_resync(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES], wqe[256];
    uint8_t psv[CX6DX_psv_dump_BYTES], seen[REC_BYTES];
    const uint8_t *progress = CX6DX_AREA(psv_dump, psv, params);
    uint32_t candidate = TCP_SN + 2 * REC_BYTES, dek;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, true);
    dek = make_key(f.d);
    tls_start(&f, &e.isq, &e.icq, CX6DX_OPMOD_TIR, e.tirn, dek, TCP_SN);
    rx_part(&f, &e, rec_cipher, 0, 3, seen);
    /* the rest of the header is lost, and no header is in this one */
    rx_part(&f, &e, rec_cipher, 20, 100, seen);
    g_assert_cmpuint(get_number(&f, "stats", "tls_rx_resync_requests"), ==, 0);
    move(&f);
    g_assert_cmpuint(rx_whole(&f, &e, candidate), ==, CX6DX_CQE_TLS_RESYNC);
    move(&f);
    run_wqe(f.d, &e.isq, &e.icq, wqe,
            qcx6dx_wqe_get_psv(f.d, wqe, e.tirn, e.tx_buf));
    qtest_memread(f.qts, e.tx_buf, psv, sizeof(psv));
    g_assert_cmphex(CX6DX_GET(tls_progress_params, progress,
                              hw_resync_tcp_sn), ==, candidate);
    move(&f);
    qcx6dx_tls12_params(params, dek, rec_salt, REC_SN - 1, candidate);
    run_wqe(f.d, &e.isq, &e.icq, wqe,
            qcx6dx_wqe_static(wqe, CX6DX_OPMOD_TIR, e.tirn, params));
    move(&f);
    g_assert_cmpuint(rx_whole(&f, &e, candidate + REC_BYTES), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    g_assert_cmpuint(get_number(&f, "stats", "tls_rx_resync_requests"), ==, 1);
    g_assert_cmpuint(get_number(&f, "stats", "tls_rx_resync_confirmed"), ==,
                     1);
    fixture_end(&f);
}

/* ---- Work in flight ---- */

static void stop(Fixture *f)
{
    qtest_qmp_assert_success(f->qts, "{'execute': 'stop'}");
}

/* What is rung for while the machine is stopped is done by the new one */
static void test_rung_for(void)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };
    uint64_t objects;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    tls_start(&f, &e.sq, &e.scq, CX6DX_OPMOD_TIS, e.tls_tisn, make_key(f.d),
              0);
    objects = sum_objects(&f, "nic0");
    stop(&f);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ALLOC_PD);
    for (unsigned slot = 0; slot < QCX6DX_CMD_SLOTS; slot++) {
        qcx6dx_cmd_put(f.d, slot, in, sizeof(in), 16);
    }
    qcx6dx_cmd_ring(f.d, (1 << QCX6DX_CMD_SLOTS) - 1);
    post_plain(&f, &e, 0, 100);
    g_assert_true(wire_silent(&f));
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, objects);

    /* stopped here, and so there */
    move_with(&f, "");
    g_assert_true(wire_silent(&f));
    qtest_qmp_assert_success(f.qts, "{'execute': 'cont'}");
    for (unsigned slot = 0; slot < QCX6DX_CMD_SLOTS; slot++) {
        g_assert_cmphex(qcx6dx_cmd_wait(f.d, slot), ==, CX6DX_DELIVERY_OK);
    }
    expect_part(&f, 0, 100);
    expect_completion(&f, &e);
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, objects + QCX6DX_CMD_SLOTS);
    fixture_end(&f);
}

/* As tls_start(), for a device in which that takes time */
static void start_unseen(Fixture *f, Ends *e, uint32_t dek)
{
    uint8_t params[CX6DX_tls_static_params_BYTES], wqe[256];

    qcx6dx_tls12_params(params, dek, rec_salt, REC_SN, 0);
    qcx6dx_sq_post(f->d, &e->sq, wqe,
                   qcx6dx_wqe_static(wqe, CX6DX_OPMOD_TIS, e->tls_tisn,
                                     params));
    qcx6dx_sq_post(f->d, &e->sq, wqe,
                   qcx6dx_wqe_progress(wqe, CX6DX_OPMOD_TIS, e->tls_tisn, 0));
    qcx6dx_sq_ring(f->d, &e->sq);
    qcx6dx_settle(f->d);
    qtest_clock_step(f->qts, MS);
}

/* Virtual times of the next frame and its completion, from now on */
static void times_of_send(Fixture *f, Ends *e, bool moves, int64_t *frame_ns,
                          int64_t *cqe_ns)
{
    uint8_t cqe[CX6DX_cqe_BYTES];
    int64_t begin_ns = clock_ns(f);

    post_plain(f, e, 0, 150);
    *frame_ns = *cqe_ns = 0;
    for (int64_t ns = 0; !*frame_ns || !*cqe_ns; ns += 50) {
        g_assert_cmpint(ns, <, MS);
        if (!*cqe_ns && qcx6dx_cq_next(f->d, &e->scq, cqe)) {
            *cqe_ns = clock_ns(f) - begin_ns;
        }
        if (!*frame_ns && !wire_silent(f)) {
            *frame_ns = clock_ns(f) - begin_ns;
            expect_part(f, 0, 150);
        }
        if (moves && ns % 600 == 0) {
            move_with(f, ",timing=on");
        }
        qtest_clock_step(f->qts, 50);
    }
}

/* With modelled time, frames and completions come when they would have come */
static void test_times(void)
{
    int64_t frame_ns[2], cqe_ns[2];

    for (unsigned moves = 0; moves < 2; moves++) {
        Fixture f;
        Ends e;

        fixture_wire(&f, ",timing=on");
        ends_create(f.d, &e, false);
        start_unseen(&f, &e, make_key(f.d));
        times_of_send(&f, &e, moves, &frame_ns[moves], &cqe_ns[moves]);
        fixture_end(&f);
    }
    g_assert_cmpint(frame_ns[0], >, 0);
    g_assert_cmpint(frame_ns[0], ==, frame_ns[1]);
    g_assert_cmpint(cqe_ns[0], ==, cqe_ns[1]);
}

/* A command that the firmware works at, and one behind it */
static void test_firmware(void)
{
    uint8_t in[CX6DX_cmd_in_BYTES] = { 0 };
    uint64_t objects;
    Fixture f;

    fixture_wire(&f, ",timing=on,fw-other=1000000");
    qcx6dx_start(f.d);
    objects = sum_objects(&f, "nic0");
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ALLOC_PD);
    qcx6dx_cmd_put(f.d, 0, in, sizeof(in), 16);
    qcx6dx_cmd_put(f.d, 1, in, sizeof(in), 16);
    qcx6dx_cmd_ring(f.d, 3);
    qcx6dx_settle(f.d);
    qtest_clock_step(f.qts, MS / 2);
    /* the parameter goes along, whatever the command line says there */
    move_with(&f, ",timing=on,fw-other=7");
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, objects);
    qtest_clock_step(f.qts, MS / 2);
    qcx6dx_settle(f.d);
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, objects + 1);
    move_with(&f, ",timing=on");
    qtest_clock_step(f.qts, MS - US);
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, objects + 1);
    qtest_clock_step(f.qts, US);
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, objects + 2);
    fixture_end(&f);
}

/* Frames for which there is no work request yet wait, and are not lost */
static void test_waiting_frames(void)
{
    uint8_t payload[100], frame[BUF_BYTES], seen[BUF_BYTES];
    uint8_t cqe[CX6DX_cqe_BYTES];
    size_t bytes = 0;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    for (unsigned i = 0; i < 3; i++) {
        memset(payload, i, sizeof(payload));
        bytes = make_frame(frame, i, payload, sizeof(payload));
        wire_send(&f, frame, bytes);
    }
    qcx6dx_settle(f.d);
    move(&f);
    stop(&f);
    qtest_qmp_assert_success(f.qts, "{'execute': 'cont'}");
    move(&f);
    for (unsigned i = 0; i < 3; i++) {
        qcx6dx_rq_post(f.d, &e.rq, e.rx_buf, BUF_BYTES);
        qtest_clock_step(f.qts, 25 * US);
        qcx6dx_cq_wait(f.d, &e.rcq, cqe);
        qtest_memread(f.qts, e.rx_buf, seen, bytes);
        memset(payload, i, sizeof(payload));
        make_frame(frame, i, payload, sizeof(payload));
        g_assert_cmpmem(seen, bytes, frame, bytes);
    }
    g_assert_cmpuint(get_number(&f, "stats", "rx_frames"), ==, 3);
    g_assert_cmpuint(get_number(&f, "stats", "rx_out_of_buffer"), ==, 0);
    fixture_end(&f);
}

/* Half of a doorbell, the second half of which is rung there */
static void test_front(void)
{
    uint8_t payload[64] = { 0 }, frame[BUF_BYTES], seen[BUF_BYTES];
    uint8_t eqe[CX6DX_eqe_BYTES], cqe[CX6DX_cqe_BYTES];
    uint64_t db;
    size_t bytes;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    db = (uint64_t)f.d->uar * CX6DX_PAGE_BYTES + CX6DX_UAR_CQ_DB;
    qcx6dx_writel(f.d, db, 0);
    move(&f);
    qcx6dx_writel(f.d, db + 4, e.rcq.cqn);
    bytes = make_frame(frame, 1, payload, sizeof(payload));
    receive_one(&f, &e, frame, bytes, seen, cqe);
    /* the two halves have armed the queue */
    g_assert_true(qcx6dx_eq_next(f.d, &e.eq, eqe));
    g_assert_cmphex(CX6DX_GET(eqe, eqe, cqn), ==, e.rcq.cqn);
    fixture_end(&f);
}

/* Saving changes nothing for who stays */
static void test_source_goes_on(void)
{
    g_autofree char *path = new_file();
    uint32_t dek;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    dek = make_key(f.d);
    tls_start(&f, &e.sq, &e.scq, CX6DX_OPMOD_TIS, e.tls_tisn, dek, 0);
    for (size_t at = 0; at < REC_BYTES; at += 50) {
        size_t to = MIN(at + 50, REC_BYTES);

        post_plain(&f, &e, at, to);
        save(&f, path);
        qtest_qmp_assert_success(f.qts, "{'execute': 'cont'}");
        expect_part(&f, at, to);
        expect_completion(&f, &e);
    }
    g_unlink(path);
    g_assert_cmphex(qcx6dx_dek_destroy(f.d, dek), ==, CX6DX_STATUS_OK);
    ends_destroy(f.d, &e);
    fixture_end(&f);
}

/* ---- Refusals ---- */

/* A device that has refused a stream is one that is new */
static void expect_fresh(Fixture *f)
{
    g_assert_cmpuint(sum_objects(f, "nic0"), ==, 0);
    g_assert_cmpuint(get_number(f, "stats", "cmds"), ==, 0);
}

static void test_other_device(void)
{
    static const char *const props[] = {
        ",vectors=32", ",tls-tx=off", ",tls-rx=off", ",timing=on",
    };
    g_autofree char *path = new_file();
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    save(&f, path);
    fixture_end(&f);
    for (size_t i = 0; i < ARRAY_SIZE(props); i++) {
        boot_waiting(&f, props[i], 0);
        g_assert_false(load(&f, path));
        expect_fresh(&f);
        fixture_end(&f);
    }
    g_unlink(path);
}

/* Where the NIC's own stream begins, behind the length of its first chunk */
static size_t find_stream(const char *data, size_t bytes)
{
    static const char head[] = "cx6dparams";

    for (size_t i = 0; i + sizeof(head) < bytes; i++) {
        if (!memcmp(data + i, head, sizeof(head) - 1)) {
            return i;
        }
    }
    g_assert_not_reached();
}

static void test_damaged(void)
{
    static const size_t at[] = { 0, 4, 40, 500, 9000, 15000 };
    g_autofree char *path = new_file(), *data = NULL;
    size_t bytes, start;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, false);
    save(&f, path);
    fixture_end(&f);
    g_assert_true(g_file_get_contents(path, &data, &bytes, NULL));
    start = find_stream(data, bytes);
    for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
        data[start + at[i]] ^= 0x10;
        g_assert_true(g_file_set_contents(path, data, bytes, NULL));
        data[start + at[i]] ^= 0x10;
        boot_waiting(&f, "", 0);
        g_assert_false(load(&f, path));
        expect_fresh(&f);
        fixture_end(&f);
    }
    /* a chunk that is too long, and one that is cut off */
    data[start - 2] ^= 0x40;
    g_assert_true(g_file_set_contents(path, data, bytes, NULL));
    boot_waiting(&f, "", 0);
    g_assert_false(load(&f, path));
    fixture_end(&f);
    data[start - 2] ^= 0x40;
    g_assert_true(g_file_set_contents(path, data, start + 5000, NULL));
    boot_waiting(&f, "", 0);
    g_assert_false(load(&f, path));
    fixture_end(&f);
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cx6dx/snapshot/tx-mid-record", test_tx_mid_record);
    qtest_add_func("/cx6dx/snapshot/rx-mid-record", test_rx_mid_record);
    qtest_add_func("/cx6dx/snapshot/rx-resync-at-each-step", test_rx_resync);
    qtest_add_func("/cx6dx/snapshot/rung-for-and-stopped", test_rung_for);
    qtest_add_func("/cx6dx/snapshot/modelled-times-stay", test_times);
    qtest_add_func("/cx6dx/snapshot/firmware-is-busy", test_firmware);
    qtest_add_func("/cx6dx/snapshot/waiting-frames-are-kept",
                   test_waiting_frames);
    qtest_add_func("/cx6dx/snapshot/front", test_front);
    qtest_add_func("/cx6dx/snapshot/source-goes-on", test_source_goes_on);
    qtest_add_func("/cx6dx/snapshot/another-device-refuses",
                   test_other_device);
    qtest_add_func("/cx6dx/snapshot/damaged-is-refused", test_damaged);
    return g_test_run();
}

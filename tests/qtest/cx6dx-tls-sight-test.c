/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * QTests of what the monitor shows and changes of cx6dx-tls: faults, queries,
 * traces; and that none of them ever shows a key
 */
#include "qemu/osdep.h"
#include "cx6dx-tls-fixture.h"
#include "qobject/qjson.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"
#include "qobject/qstring.h"

#define NIC0 "/machine/peripheral/nic0"
#define LATE_NS 20000000ll

/* ---- The monitor ---- */

/* What property `fault` says to `spec`: an answer or an error, to be freed */
static QDict *set_fault(Fixture *f, const char *spec)
{
    return qtest_qmp(f->qts, "{'execute': 'qom-set', 'arguments': {'path': "
                     "'" NIC0 "', 'property': 'fault', 'value': %s}}", spec);
}

static void arm(Fixture *f, const char *spec)
{
    QDict *rsp = set_fault(f, spec);

    g_assert_true(qdict_haskey(rsp, "return"));
    qobject_unref(rsp);
}

static char *armed(Fixture *f)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-get', 'arguments': "
                           "{'path': '" NIC0 "', 'property': 'fault'}}");
    char *text = g_strdup(qdict_get_str(rsp, "return"));

    qobject_unref(rsp);
    return text;
}

static void check_fired(Fixture *f, const char *name, uint64_t times)
{
    g_autofree char *text = armed(f);

    g_assert_cmpuint(get_number(f, "faults", name), ==, times);
    g_assert_cmpstr(text, ==, "");
}

/* The device's entry of query-cx6dx-tls; the caller unrefs */
static QDict *query(Fixture *f)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'query-cx6dx-tls', "
                           "'arguments': {'id': 'nic0'}}");
    QList *list = qdict_get_qlist(rsp, "return");
    QDict *entry;

    g_assert_cmpuint(qlist_size(list), ==, 1);
    entry = qobject_to(QDict, qlist_peek(list));
    qobject_ref(entry);
    qobject_unref(rsp);
    return entry;
}

static QDict *first_of(QDict *dict, const char *key)
{
    return qobject_to(QDict, qlist_peek(qdict_get_qlist(dict, key)));
}

/* ---- Faults ---- */

static void rx_start(Fixture *f, Ends *e, const char *props)
{
    fixture_wire(f, props);
    ends_create(f->d, e, true);
    tls_start(f, &e->isq, &e->icq, CX6DX_OPMOD_TIR, e->tirn, make_key(f->d),
              TCP_SN);
}

static void test_fault_at_run_time(void)
{
    uint8_t seen[REC_BYTES];
    Fixture f;
    Ends e;

    rx_start(&f, &e, "");
    arm(&f, "rx-auth-false-bad:skip=1");
    g_assert_cmpuint(rx_part(&f, &e, rec_cipher, 0, 50, seen), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    g_assert_cmpuint(rx_part(&f, &e, rec_cipher, 50, 120, seen), ==,
                     CX6DX_CQE_TLS_ERROR);
    g_assert_cmpmem(seen + 50, 70, rec_cipher + 50, 70);
    g_assert_cmpuint(rx_part(&f, &e, rec_cipher, 120, REC_BYTES, seen), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    check_fired(&f, "rx-auth-false-bad", 1);
    fixture_end(&f);
}

static void test_fault_from_the_start(void)
{
    uint8_t seen[REC_BYTES];
    Fixture f;
    Ends e;

    rx_start(&f, &e, ",fault=rx-lose-state");
    g_assert_cmpuint(rx_part(&f, &e, rec_cipher, 0, REC_BYTES, seen), ==,
                     CX6DX_CQE_TLS_NOT_DECRYPTED);
    g_assert_cmpmem(seen, REC_BYTES, rec_cipher, REC_BYTES);
    check_fired(&f, "rx-lose-state", 1);
    fixture_end(&f);
}

static void test_fault_false_header(void)
{
    uint8_t seen[REC_BYTES];
    QDict *dict, *context;
    Fixture f;
    Ends e;

    rx_start(&f, &e, ",fault=rx-false-header:gap=1000");
    g_assert_cmpuint(rx_part(&f, &e, rec_cipher, 0, REC_BYTES, seen), ==,
                     CX6DX_CQE_TLS_RESYNC);
    dict = query(&f);
    context = first_of(dict, "rx-contexts");
    g_assert_cmpstr(qdict_get_str(context, "state"), ==, "tracking");
    g_assert_cmpuint(qdict_get_int(context, "candidate-seq"), ==, TCP_SN + 1);
    g_assert_cmpuint(qdict_get_int(context, "next-header-seq"), ==,
                     (uint32_t)(TCP_SN + REC_BYTES + 1000));
    qobject_unref(dict);
    fixture_end(&f);
}

static void test_fault_errors(void)
{
    static const char *const bad[] = { "nonsense", "cqe-drop:skip=x", ";" };
    g_autofree char *text = NULL;
    Fixture f;

    fixture_wire(&f, "");
    arm(&f, "cqe-drop:skip=7");
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        QDict *rsp = set_fault(&f, bad[i]);

        g_assert_true(qdict_haskey(rsp, "error"));
        qobject_unref(rsp);
    }
    text = armed(&f);
    g_assert_cmpstr(text, ==, "cqe-drop:skip=7:every=1:count=1:object=0");
    arm(&f, "none");
    check_fired(&f, "cqe-drop", 0);
    fixture_end(&f);
}

static void test_fault_command(void)
{
    uint8_t status;
    uint32_t tisn;
    Fixture f;

    fixture_wire(&f, "");
    qcx6dx_start(f.d);
    tisn = qcx6dx_tis_create(f.d, true);
    arm(&f, "cmd-fail:opcode=0x914:status=0x8:syndrome=0x1234");
    g_assert_cmphex(CX6DX_CMD_DESTROY_TIS, ==, 0x914);
    status = qcx6dx_cmd_number(f.d, CX6DX_CMD_DESTROY_TIS, tisn);
    g_assert_cmphex(status, ==, CX6DX_STATUS_LIM_ERR);
    status = qcx6dx_cmd_number(f.d, CX6DX_CMD_DESTROY_TIS, tisn);
    g_assert_cmphex(status, ==, CX6DX_STATUS_OK);
    check_fired(&f, "cmd-fail", 1);
    fixture_end(&f);
}

/* Entries behind the one that is late wait for it */
static void test_fault_late_cqe(void)
{
    uint8_t cqe[CX6DX_cqe_BYTES], wqe[256];
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, true);
    arm(&f, "cqe-delay:delay=20ms");
    for (unsigned i = 0; i < 3; i++) {
        size_t bytes = qcx6dx_wqe_progress(wqe, CX6DX_OPMOD_TIS, e.tls_tisn,
                                           0);

        qcx6dx_wqe_signal(wqe);
        qcx6dx_sq_post(f.d, &e.sq, wqe, bytes);
    }
    qcx6dx_sq_ring(f.d, &e.sq);
    qcx6dx_settle(f.d);
    g_assert_false(qcx6dx_cq_next(f.d, &e.scq, cqe));
    qtest_clock_step(f.qts, LATE_NS);
    qcx6dx_settle(f.d);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_true(qcx6dx_cq_next(f.d, &e.scq, cqe));
    }
    g_assert_false(qcx6dx_cq_next(f.d, &e.scq, cqe));
    check_fired(&f, "cqe-delay", 1);
    fixture_end(&f);
}

/* Posts a request that asks for a completion on an armed CQ */
static void ask(Fixture *f, Ends *e)
{
    uint8_t wqe[256];
    size_t bytes = qcx6dx_wqe_progress(wqe, CX6DX_OPMOD_TIS, e->tls_tisn, 0);

    qcx6dx_cq_arm(f->d, &e->scq);
    qcx6dx_wqe_signal(wqe);
    qcx6dx_sq_post(f->d, &e->sq, wqe, bytes);
    qcx6dx_sq_ring(f->d, &e->sq);
    qcx6dx_settle(f->d);
}

static void test_fault_lost(void)
{
    uint8_t cqe[CX6DX_cqe_BYTES], eqe[CX6DX_eqe_BYTES];
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, true);
    while (qcx6dx_eq_next(f.d, &e.eq, eqe)) {
        /* the link came up */
    }
    arm(&f, "cqe-drop");
    ask(&f, &e);
    g_assert_false(qcx6dx_cq_next(f.d, &e.scq, cqe));
    g_assert_false(qcx6dx_eq_next(f.d, &e.eq, eqe));
    check_fired(&f, "cqe-drop", 1);

    arm(&f, "eqe-drop");
    ask(&f, &e);
    g_assert_true(qcx6dx_cq_next(f.d, &e.scq, cqe));
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, wqe_counter), ==, 1);
    g_assert_false(qcx6dx_eq_next(f.d, &e.eq, eqe));
    check_fired(&f, "eqe-drop", 1);

    arm(&f, "eqe-delay:delay=20ms");
    ask(&f, &e);
    g_assert_true(qcx6dx_cq_next(f.d, &e.scq, cqe));
    g_assert_false(qcx6dx_eq_next(f.d, &e.eq, eqe));
    qtest_clock_step(f.qts, LATE_NS);
    qcx6dx_settle(f.d);
    g_assert_true(qcx6dx_eq_next(f.d, &e.eq, eqe));
    g_assert_cmphex(CX6DX_GET(eqe, eqe, cqn), ==, e.scq.cqn);
    check_fired(&f, "eqe-delay", 1);

    /* nothing is left of any of them */
    ask(&f, &e);
    g_assert_true(qcx6dx_cq_next(f.d, &e.scq, cqe));
    g_assert_true(qcx6dx_eq_next(f.d, &e.eq, eqe));
    ends_destroy(f.d, &e);
    fixture_end(&f);
}

static void test_fault_get_psv(void)
{
    uint8_t cqe[CX6DX_cqe_BYTES], wqe[256], psv[CX6DX_psv_dump_BYTES];
    const uint8_t *progress = CX6DX_AREA(psv_dump, psv, params);
    uint8_t seen[REC_BYTES];
    uint64_t addr;
    size_t bytes;
    Fixture f;
    Ends e;

    rx_start(&f, &e, ",fault=get-psv-late:delay=20ms");
    addr = qcx6dx_alloc(f.d, sizeof(psv));
    rx_part(&f, &e, rec_cipher, 0, 50, seen);
    for (unsigned i = 0; i < 2; i++) {
        bytes = qcx6dx_wqe_get_psv(f.d, wqe, e.tirn, addr);
        qcx6dx_wqe_signal(wqe);
        qcx6dx_sq_post(f.d, &e.isq, wqe, bytes);
    }
    qcx6dx_sq_ring(f.d, &e.isq);
    qcx6dx_settle(f.d);
    g_assert_false(qcx6dx_cq_next(f.d, &e.icq, cqe));
    qtest_clock_step(f.qts, LATE_NS);
    qcx6dx_cq_wait(f.d, &e.icq, cqe);
    qcx6dx_cq_wait(f.d, &e.icq, cqe);
    check_fired(&f, "get-psv-late", 1);

    arm(&f, "get-psv-not-tracking");
    run_wqe(f.d, &e.isq, &e.icq, wqe,
            qcx6dx_wqe_get_psv(f.d, wqe, e.tirn, addr));
    qtest_memread(f.qts, addr, psv, sizeof(psv));
    g_assert_cmpuint(CX6DX_GET(tls_progress_params, progress,
                               record_tracker_state), ==,
                     CX6DX_PSV_TRACKER_SEARCHING);
    check_fired(&f, "get-psv-not-tracking", 1);

    arm(&f, "get-psv-never");
    bytes = qcx6dx_wqe_get_psv(f.d, wqe, e.tirn, addr);
    qcx6dx_wqe_signal(wqe);
    qcx6dx_sq_post(f.d, &e.isq, wqe, bytes);
    qcx6dx_sq_ring(f.d, &e.isq);
    qcx6dx_settle(f.d);
    g_assert_false(qcx6dx_cq_next(f.d, &e.icq, cqe));
    check_fired(&f, "get-psv-never", 1);
    fixture_end(&f);
}

static void check_run_state(Fixture *f, const char *state)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'query-status'}");

    g_assert_cmpstr(qdict_get_str(qdict_get_qdict(rsp, "return"), "status"),
                    ==, state);
    qobject_unref(rsp);
}

/* The machine stops behind the packet, and frames that come then are kept */
static void test_fault_stop(void)
{
    uint8_t seen[REC_BYTES], frame[BUF_BYTES], cqe[CX6DX_cqe_BYTES];
    QDict *dict;
    size_t bytes;
    Fixture f;
    Ends e;

    rx_start(&f, &e, "");
    arm(&f, "rx-stop:record=4;rx-stop:record=5");
    rx_part(&f, &e, rec_cipher, 0, 3, seen);
    check_run_state(&f, "running");
    g_assert_cmpuint(rx_part(&f, &e, rec_cipher, 3, 50, seen), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    qtest_qmp_eventwait(f.qts, "STOP");
    check_run_state(&f, "debug");
    g_assert_cmpuint(get_number(&f, "faults", "rx-stop"), ==, 1);
    dict = query(&f);
    g_assert_cmpint(qdict_get_int(first_of(dict, "rx-contexts"), "offset"), ==,
                    50);
    qobject_unref(dict);

    qcx6dx_rq_post(f.d, &e.rq, e.rx_buf, BUF_BYTES);
    bytes = make_frame(frame, TCP_SN + 50, rec_cipher + 50, REC_BYTES - 50);
    wire_send(&f, frame, bytes);
    qcx6dx_settle(f.d);
    g_assert_false(qcx6dx_cq_next(f.d, &e.rcq, cqe));
    qobject_unref(qtest_qmp(f.qts, "{'execute': 'cont'}"));
    qcx6dx_cq_wait(f.d, &e.rcq, cqe);
    g_assert_cmpuint(CX6DX_GET(cqe, cqe, tls_offload), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    check_run_state(&f, "running");
    fixture_end(&f);
}

/* Requests behind the one with the record wait as well */
static void test_fault_stop_tx(void)
{
    uint8_t plain[REC_BYTES], frame[BUF_BYTES], wqe[256];
    uint8_t cqe[CX6DX_cqe_BYTES];
    Fixture f;
    Ends e;

    fixture_wire(&f, ",fault=tx-stop:record=5");
    ends_create(f.d, &e, false);
    tls_start(&f, &e.sq, &e.scq, CX6DX_OPMOD_TIS, e.tls_tisn, make_key(f.d),
              TCP_SN);
    make_plain(plain);
    make_frame(frame, TCP_SN, plain, 100);
    qtest_memwrite(f.qts, e.tx_buf, plain, sizeof(plain));
    for (unsigned i = 0; i < 2; i++) {
        size_t bytes;

        make_frame(frame, TCP_SN + 100 * i, plain + 100 * i, 100);
        bytes = qcx6dx_wqe_send(f.d, wqe, e.tls_tisn, frame, HEADERS,
                                e.tx_buf + 100 * i, 100, 0);
        qcx6dx_wqe_signal(wqe);
        qcx6dx_sq_post(f.d, &e.sq, wqe, bytes);
    }
    qcx6dx_sq_ring(f.d, &e.sq);
    qcx6dx_cq_wait(f.d, &e.scq, cqe);
    qtest_qmp_eventwait(f.qts, "STOP");
    qcx6dx_settle(f.d);
    g_assert_false(qcx6dx_cq_next(f.d, &e.scq, cqe));
    g_assert_cmpuint(get_number(&f, "stats", "tx_frames"), ==, 1);
    qobject_unref(qtest_qmp(f.qts, "{'execute': 'cont'}"));
    qcx6dx_cq_wait(f.d, &e.scq, cqe);
    g_assert_cmpuint(get_number(&f, "stats", "tx_frames"), ==, 2);
    check_fired(&f, "tx-stop", 1);
    fixture_end(&f);
}

static void test_fault_table(void)
{
    unsigned named = 0;
    const QListEntry *entry;
    QDict *rsp, *counts;
    Fixture f;

    fixture_wire(&f, ",fault=irq-drop:count=0");
    rsp = qtest_qmp(f.qts, "{'execute': 'query-cx6dx-tls-faults'}");
    counts = get_struct(&f, "nic0", "faults");
    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), entry) {
        QDict *fault = qobject_to(QDict, qlist_entry_obj(entry));
        const char *name = qdict_get_str(fault, "name");

        g_assert_true(qdict_haskey(counts, name));
        g_assert_cmpuint(strlen(qdict_get_str(fault, "path")), >, 0);
        g_assert_cmpint(qdict_get_int(fault, "rules"), ==,
                        !strcmp(name, "irq-drop"));
        named++;
    }
    g_assert_cmpuint(named, ==, qdict_size(counts));
    qobject_unref(counts);
    qobject_unref(rsp);
    fixture_end(&f);
}

/* ---- Queries ---- */

static void test_query(void)
{
    QDict *dict, *context, *rsp;
    uint8_t seen[REC_BYTES];
    char *text;
    Fixture f;
    Ends e;

    rx_start(&f, &e, "");
    rx_part(&f, &e, rec_cipher, 0, 50, seen);
    dict = query(&f);
    g_assert_cmpstr(qdict_get_str(dict, "path"), ==, NIC0);
    g_assert_cmpstr(qdict_get_str(dict, "mac"), ==, "02:00:00:00:00:01");
    g_assert_cmpint(qdict_get_int(dict, "tx-context-count"), ==, 1);
    g_assert_cmpint(qdict_get_int(dict, "rx-context-count"), ==, 1);
    context = first_of(dict, "tx-contexts");
    g_assert_cmpint(qdict_get_int(context, "tisn"), ==, e.tls_tisn);
    g_assert_false(qdict_get_bool(context, "running"));
    g_assert_cmpstr(qdict_get_str(context, "src"), ==, "-");
    context = first_of(dict, "rx-contexts");
    g_assert_cmpint(qdict_get_int(context, "tirn"), ==, e.tirn);
    g_assert_cmpstr(qdict_get_str(context, "src"), ==, "10.9.0.1:12345");
    g_assert_cmpstr(qdict_get_str(context, "dst"), ==, "10.9.0.2:443");
    g_assert_cmpstr(qdict_get_str(context, "state"), ==, "synced");
    g_assert_cmpint(qdict_get_int(context, "record"), ==, REC_SN);
    g_assert_cmpint(qdict_get_int(context, "offset"), ==, 50);
    g_assert_cmpuint(qdict_get_int(context, "expected-seq"), ==, TCP_SN + 50);
    g_assert_cmpuint(qdict_get_int(context, "next-header-seq"), ==,
                     (uint32_t)(TCP_SN + REC_BYTES));
    g_assert_false(qdict_haskey(context, "candidate-seq"));
    qobject_unref(dict);

    rsp = qtest_qmp(f.qts, "{'execute': 'query-cx6dx-tls', 'arguments': "
                    "{'limit': 0}}");
    dict = first_of(rsp, "return");
    g_assert_cmpuint(qlist_size(qdict_get_qlist(dict, "rx-contexts")), ==, 0);
    g_assert_cmpint(qdict_get_int(dict, "rx-context-count"), ==, 1);
    qobject_unref(rsp);
    rsp = qtest_qmp(f.qts, "{'execute': 'query-cx6dx-tls', 'arguments': "
                    "{'id': 'nic9'}}");
    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);

    text = qtest_hmp(f.qts, "info cx6dx-tls");
    g_assert_nonnull(strstr(text, "nic0: dev=0"));
    g_assert_nonnull(strstr(text, "src=10.9.0.1:12345 dst=10.9.0.2:443 synced "
                            "rec=5 off=50"));
    g_free(text);
    fixture_end(&f);
}

/* ---- Secrets ---- */

static void check_secret(const char *text, size_t bytes, const uint8_t *secret,
                         size_t n)
{
    g_autofree char *hex = g_malloc(2 * n + 1);
    g_autofree char *low = g_ascii_strdown(text, bytes);

    for (size_t i = 0; i < n; i++) {
        snprintf(hex + 2 * i, 3, "%02x", secret[i]);
    }
    g_assert_null(g_strstr_len(low, bytes, hex));
    g_assert_null(memmem(text, bytes, secret, n));
}

/* No trace event, log line or answer shows key, salt or plaintext */
static void test_no_secret_is_shown(void)
{
    static const char *const queries[] = {
        "{'execute': 'query-cx6dx-tls'}",
        "{'execute': 'query-cx6dx-tls-faults'}",
    };
    uint8_t key[16], plain[REC_BYTES], seen[REC_BYTES];
    g_autofree char *path = NULL, *props = NULL, *log = NULL;
    GString *shown;
    char *text;
    gsize bytes;
    Fixture f;
    Ends e;
    int fd;

    fd = g_file_open_tmp("cx6dx-log-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    props = g_strdup_printf(" -D %s -d guest_errors,trace:cx6dx_*", path);
    rx_start(&f, &e, props);
    rx_part(&f, &e, rec_cipher, 0, REC_BYTES, seen);
    tls_start(&f, &e.sq, &e.scq, CX6DX_OPMOD_TIS, e.tls_tisn, make_key(f.d),
              TCP_SN);
    shown = g_string_new(NULL);
    for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
        QDict *rsp = qtest_qmp(f.qts, queries[i], NULL);
        GString *json = qobject_to_json(QOBJECT(rsp));

        g_string_append(shown, json->str);
        g_string_free(json, true);
        qobject_unref(rsp);
    }
    text = qtest_hmp(f.qts, "info cx6dx-tls");
    g_string_append(shown, text);
    g_free(text);
    fixture_end(&f);

    g_assert_true(g_file_get_contents(path, &log, &bytes, NULL));
    unlink(path);
    /* something is there to be looked at */
    g_assert_nonnull(strstr(log, "cx6dx_tls_rx_packet t="));
    g_assert_nonnull(strstr(log, "cx6dx_tls_rx_static t="));
    g_assert_nonnull(strstr(log, "cx6dx_tls_tx_static t="));
    g_assert_nonnull(strstr(log, "verdict=decrypted state=synced"));
    g_assert_nonnull(strstr(log, "src=10.9.0.1:12345 dst=10.9.0.2:443"));
    g_string_append_len(shown, log, bytes);
    for (unsigned i = 0; i < sizeof(key); i++) {
        key[i] = i;
    }
    make_plain(plain);
    for (unsigned i = 0; i + 4 <= sizeof(key); i += 4) {
        check_secret(shown->str, shown->len, key + i, 4);
    }
    check_secret(shown->str, shown->len, rec_salt, sizeof(rec_salt));
    check_secret(shown->str, shown->len, plain + REC_HEAD, 8);
    g_string_free(shown, true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cx6dx/fault/at-run-time", test_fault_at_run_time);
    qtest_add_func("/cx6dx/fault/from-the-start", test_fault_from_the_start);
    qtest_add_func("/cx6dx/fault/false-header", test_fault_false_header);
    qtest_add_func("/cx6dx/fault/errors-change-nothing", test_fault_errors);
    qtest_add_func("/cx6dx/fault/command", test_fault_command);
    qtest_add_func("/cx6dx/fault/late-completion", test_fault_late_cqe);
    qtest_add_func("/cx6dx/fault/lost-entries", test_fault_lost);
    qtest_add_func("/cx6dx/fault/get-psv", test_fault_get_psv);
    qtest_add_func("/cx6dx/fault/stop-at-record", test_fault_stop);
    qtest_add_func("/cx6dx/fault/stop-at-record-sent", test_fault_stop_tx);
    qtest_add_func("/cx6dx/fault/table", test_fault_table);
    qtest_add_func("/cx6dx/query/contexts", test_query);
    qtest_add_func("/cx6dx/query/no-secret-is-shown", test_no_secret_is_shown);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of cx6dx-tls: frames in and out, and TLS with a known record
 *
 * The bytes of the record come from an implementation that is not ours.
 */
#include "qemu/osdep.h"
#include "cx6dx-tls-fixture.h"
#include "qemu/bswap.h"

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
        g_assert_cmpuint(frame_tcp_sn(seen), ==, 1 + 120 * i);
        g_assert_cmpmem(seen + HEADERS, part, payload, part);
    }
    g_assert_true(wire_silent(&f));
    ends_destroy(f.d, &e);
    g_assert_cmpuint(sum_objects(&f, "nic0"), ==, 0);
    fixture_end(&f);
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

/* The next frames on the wire are the record, and their sums are right */
static void expect_record(Fixture *f, size_t from)
{
    uint8_t seen[BUF_BYTES];

    while (from < REC_BYTES) {
        size_t part = wire_receive(f, seen) - HEADERS;

        check_frame(seen, HEADERS + part);
        g_assert_cmphex(frame_tcp_sn(seen), ==, (uint32_t)(TCP_SN + from));
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

/* The whole record in one packet at `tcp_sn`; returns the CQE's TLS bits */
static uint8_t rx_whole(Fixture *f, Ends *e, uint32_t tcp_sn,
                        uint8_t out[REC_BYTES])
{
    uint8_t frame[BUF_BYTES], seen[BUF_BYTES], cqe[CX6DX_cqe_BYTES];
    size_t bytes = make_frame(frame, tcp_sn, rec_cipher, REC_BYTES);

    receive_one(f, e, frame, bytes, seen, cqe);
    memcpy(out, seen + HEADERS, REC_BYTES);
    return CX6DX_GET(cqe, cqe, tls_offload);
}

/* What GET_PSV reads back of the context */
static void read_psv(Fixture *f, Ends *e, uint8_t psv[CX6DX_psv_dump_BYTES])
{
    uint8_t wqe[256];

    run_wqe(f->d, &e->isq, &e->icq, wqe,
            qcx6dx_wqe_get_psv(f->d, wqe, e->tirn, e->tx_buf));
    qtest_memread(f->qts, e->tx_buf, psv, CX6DX_psv_dump_BYTES);
    g_assert_cmpuint(CX6DX_GET(psv_dump, psv, tirn), ==, e->tirn);
}

/*
 * A header is lost, the next is a candidate: the packet asks for a resync, the
 * driver reads the context and gives the record's number, and from the record
 * behind it on the device decrypts again.
 */
static void test_tls_rx_resync(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES], wqe[256];
    uint8_t psv[CX6DX_psv_dump_BYTES], seen[REC_BYTES], plain[REC_BYTES];
    const uint8_t *progress = CX6DX_AREA(psv_dump, psv, params);
    uint32_t candidate = TCP_SN + REC_BYTES, dek;
    Fixture f;
    Ends e;

    fixture_wire(&f, "");
    ends_create(f.d, &e, true);
    dek = make_key(f.d);
    tls_start(&f, &e.isq, &e.icq, CX6DX_OPMOD_TIR, e.tirn, dek, TCP_SN);
    g_assert_cmpuint(rx_part(&f, &e, rec_cipher, 0, 3, seen), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    g_assert_cmpuint(rx_whole(&f, &e, candidate, seen), ==,
                     CX6DX_CQE_TLS_RESYNC);
    g_assert_cmpmem(seen, REC_BYTES, rec_cipher, REC_BYTES);

    read_psv(&f, &e, psv);
    g_assert_cmpuint(CX6DX_GET(tls_progress_params, progress,
                               record_tracker_state), ==,
                     CX6DX_PSV_TRACKER_TRACKING);
    g_assert_cmpuint(CX6DX_GET(tls_progress_params, progress, auth_state), ==,
                     CX6DX_PSV_AUTH_NO_OFFLOAD);
    g_assert_cmphex(CX6DX_GET(tls_progress_params, progress,
                              hw_resync_tcp_sn), ==, candidate);

    qcx6dx_tls12_params(params, dek, rec_salt, REC_SN - 1, candidate);
    run_wqe(f.d, &e.isq, &e.icq, wqe,
            qcx6dx_wqe_static(wqe, CX6DX_OPMOD_TIR, e.tirn, params));
    g_assert_cmpuint(rx_whole(&f, &e, candidate + REC_BYTES, seen), ==,
                     CX6DX_CQE_TLS_DECRYPTED);
    make_plain(plain);
    g_assert_cmpmem(seen, REC_BYTES - REC_TAG, plain, REC_BYTES - REC_TAG);
    read_psv(&f, &e, psv);
    g_assert_cmpuint(CX6DX_GET(tls_progress_params, progress, auth_state), ==,
                     CX6DX_PSV_AUTH_OFFLOAD);
    g_assert_cmpuint(get_number(&f, "stats", "tls_rx_resync_requests"), ==, 1);
    g_assert_cmpuint(get_number(&f, "stats", "tls_rx_resync_confirmed"), ==,
                     1);
    fixture_end(&f);
}

void cx6dx_add_data_tests(void)
{
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
    qtest_add_func("/cx6dx/tls/rx/resync", test_tls_rx_resync);
}

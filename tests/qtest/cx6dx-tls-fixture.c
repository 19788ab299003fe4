/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the qtests of cx6dx-tls share: a QEMU with the device and the far end of
 * its wire, a set of queues, TCP frames, one known TLS record
 */
#include "qemu/osdep.h"
#include <poll.h>
#include "cx6dx-tls-fixture.h"
#include "libqos/pci-pc.h"
#include "qemu/bswap.h"
#include "qobject/qnum.h"

enum {
    WIRE_TIMEOUT_MS = 10000,        /* only a failing test waits so long */
};

/* ---- Fixture ---- */

void fixture_boot(Fixture *f, const char *machine, const char *devices)
{
    f->qts = qtest_initf("-M %s -m 512 -nodefaults %s", machine, devices);
    f->bus = qpci_new_pc(f->qts, NULL);
    f->wire = -1;
    f->d = NULL;
}

/* One device `nic0` whose wire ends in the test */
void fixture_wire(Fixture *f, const char *props)
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

void fixture_end(Fixture *f)
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

QDict *get_struct(Fixture *f, const char *id, const char *property)
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

uint64_t get_number(Fixture *f, const char *property, const char *field)
{
    QDict *dict = get_struct(f, "nic0", property);
    uint64_t value = qnum_get_uint(qobject_to(QNum, qdict_get(dict, field)));

    qobject_unref(dict);
    return value;
}

uint64_t sum_objects(Fixture *f, const char *id)
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

void wire_send(Fixture *f, const uint8_t *frame, size_t bytes)
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

size_t wire_receive(Fixture *f, uint8_t frame[BUF_BYTES])
{
    uint32_t length;

    wire_read(f, &length, 4);
    length = be32_to_cpu(length);
    g_assert_cmpuint(length, <=, BUF_BYTES);
    wire_read(f, frame, length);
    return length;
}

bool wire_silent(Fixture *f)
{
    struct pollfd pfd = { .fd = f->wire, .events = POLLIN };

    qcx6dx_settle(f->d);
    return poll(&pfd, 1, 0) == 0;
}

/* ---- A started device with one queue each way ---- */

void ends_create(QCx6dx *d, Ends *e, bool tls_tir)
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

void ends_destroy(QCx6dx *d, Ends *e)
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
void run_wqe(QCx6dx *d, QCx6dxSq *sq, QCx6dxCq *cq, uint8_t *wqe,
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

uint32_t frame_tcp_sn(const uint8_t *frame)
{
    return ldl_be_p(frame + ETH + IP + 4);
}

/* Sum over pseudo header and segment: 0xffff when the checksum is right */
static uint16_t tcp_sum(const uint8_t *frame, size_t bytes)
{
    uint32_t sum = 6 + (bytes - ETH - IP);

    sum = sum16(sum, frame + ETH + 12, 8);
    return fold(sum16(sum, frame + ETH + IP, bytes - ETH - IP));
}

/* IPv4 and TCP; returns the length, checksums are right */
size_t make_frame(uint8_t *frame, uint32_t tcp_sn,
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

void check_frame(const uint8_t *frame, size_t bytes)
{
    g_assert_cmpuint(lduw_be_p(frame + ETH + 2), ==, bytes - ETH);
    g_assert_cmphex(fold(sum16(0, frame + ETH, IP)), ==, 0xffff);
    g_assert_cmphex(tcp_sum(frame, bytes), ==, 0xffff);
}

/* Receives one frame into rx_buf; returns its completion */
void receive_one(Fixture *f, Ends *e, const uint8_t *frame,
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

/* ---- The known record ---- */

/*
 * Record 5 of a TLS 1.2 connection with AES-128-GCM, key 00 01 .. 0f, salt
 * a0..a3, explicit nonce b0..b7, plaintext byte i is 7 * i + 3; encrypted by
 * python3-cryptography.
 */
const uint8_t rec_salt[4] = { 0xa0, 0xa1, 0xa2, 0xa3 };
const uint8_t rec_cipher[REC_BYTES] = {
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
void make_plain(uint8_t rec[REC_BYTES])
{
    memcpy(rec, rec_cipher, REC_HEAD);
    for (unsigned i = 0; i < REC_PLAIN; i++) {
        rec[REC_HEAD + i] = 7 * i + 3;
    }
    memset(rec + REC_HEAD + REC_PLAIN, 0, REC_TAG);
}

uint32_t make_key(QCx6dx *d)
{
    uint8_t key[16];

    for (unsigned i = 0; i < sizeof(key); i++) {
        key[i] = i;
    }
    return qcx6dx_dek_create(d, key, sizeof(key));
}

/* Static and progress parameters; the second asks for a completion */
void tls_start(Fixture *f, QCx6dxSq *sq, QCx6dxCq *cq, uint8_t opmod,
               uint32_t number, uint32_t dek, uint32_t tcp_sn)
{
    uint8_t params[CX6DX_tls_static_params_BYTES], wqe[256];

    qcx6dx_tls12_params(params, dek, rec_salt, REC_SN, 0);
    qcx6dx_sq_post(f->d, sq, wqe,
                   qcx6dx_wqe_static(wqe, opmod, number, params));
    run_wqe(f->d, sq, cq, wqe,
            qcx6dx_wqe_progress(wqe, opmod, number, tcp_sn));
}

uint8_t rx_part(Fixture *f, Ends *e, const uint8_t *rec, size_t from,
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

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A cx6dx-tls with one of everything, for tests that make mistakes on it
 */
#include "qemu/osdep.h"
#include <poll.h>
#include "cx6dx_bad.h"
#include "pci-pc.h"
#include "qobject/qdict.h"
#include "qobject/qnum.h"

enum { SLOT = 4, INLINE_BYTES = 18 };

void qcx6dx_bad_set32(QCx6dxBad *f, uint64_t addr, uint32_t value)
{
    uint8_t bytes[4];

    cx6dx_prm_store(bytes, value);
    qtest_memwrite(f->qts, addr, bytes, sizeof(bytes));
}

void qcx6dx_bad_set64(QCx6dxBad *f, uint64_t addr, uint64_t value)
{
    qcx6dx_bad_set32(f, addr, value >> 32);
    qcx6dx_bad_set32(f, addr + 4, (uint32_t)value);
}

void qcx6dx_bad_ring(QCx6dxBad *f, uint32_t uar, uint32_t sqn)
{
    qcx6dx_writel(f->d, (uint64_t)uar * CX6DX_PAGE_BYTES + CX6DX_UAR_SQ_DB + 4,
                  sqn << CX6DX_LSB_(wqe_ctrl, qpn));
}

/* ---- QCx6dxBad ---- */

void qcx6dx_bad_boot(QCx6dxBad *f)
{
    int fds[2], fd;

    memset(f, 0, sizeof(*f));
    fd = g_file_open_tmp("cx6dx-qtest-XXXXXX", &f->log, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_cmpint(socketpair(PF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    f->qts = qtest_initf("-M q35 -m 512 -nodefaults -d guest_errors -D %s "
                         "-netdev socket,id=n0,fd=%d "
                         "-device cx6dx-tls,id=nic0,addr=%d,netdev=n0",
                         f->log, fds[1], SLOT);
    close(fds[1]);
    f->wire = fds[0];
    f->bus = qpci_new_pc(f->qts, NULL);
    f->d = qcx6dx_new(f->qts, f->bus, SLOT);
}

static void sq_create(QCx6dxBad *f, QCx6dxSq *sq)
{
    qcx6dx_sq_create(f->d, sq, QCX6DX_BAD_LOG_WQEBBS, f->cq.cqn, f->tisn);
}

/* A device with one of everything */
void qcx6dx_bad_start(QCx6dxBad *f)
{
    qcx6dx_bad_boot(f);
    qcx6dx_start(f->d);
    qcx6dx_eq_create(f->d, &f->eq, 6, 1, 0);
    qcx6dx_cq_create(f->d, &f->cq, 8, f->eq.eqn);
    qcx6dx_cq_create(f->d, &f->rcq, 6, f->eq.eqn);
    f->tisn = qcx6dx_tis_create(f->d, false);
    f->tls_tisn = qcx6dx_tis_create(f->d, true);
    sq_create(f, &f->sq);
    sq_create(f, &f->good);
    qcx6dx_rq_create(f->d, &f->rq, 6, f->rcq.cqn);
    f->tirn = qcx6dx_tir_create(f->d, f->rq.rqn, false);
    qcx6dx_steer_all(f->d, f->tirn);
    f->buf = qcx6dx_alloc(f->d, CX6DX_PAGE_BYTES);
}

static QDict *get_struct(QCx6dxBad *f, const char *property, QDict **rsp)
{
    QDict *dict;

    *rsp = qtest_qmp(f->qts, "{'execute': 'qom-get', 'arguments': "
                     "{'path': '/machine/peripheral/nic0', 'property': %s}}",
                     property);
    dict = qdict_get_qdict(*rsp, "return");
    g_assert_nonnull(dict);
    return dict;
}

uint64_t qcx6dx_bad_number(QCx6dxBad *f, const char *property,
                           const char *field)
{
    QDict *rsp;
    QDict *dict = get_struct(f, property, &rsp);
    uint64_t value = qnum_get_uint(qobject_to(QNum, qdict_get(dict, field)));

    qobject_unref(rsp);
    return value;
}

uint64_t qcx6dx_bad_mistakes(QCx6dxBad *f, const char *name)
{
    return qcx6dx_bad_number(f, "guest-errors", name);
}

static uint64_t all_mistakes(QCx6dxBad *f)
{
    uint64_t sum = 0;
    QDict *rsp;
    QDict *dict = get_struct(f, "guest-errors", &rsp);

    for (const QDictEntry *e = qdict_first(dict); e; e = qdict_next(dict, e)) {
        sum += qnum_get_uint(qobject_to(QNum, qdict_entry_value(e)));
    }
    qobject_unref(rsp);
    return sum;
}

static uint64_t logged_lines(QCx6dxBad *f)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    uint64_t n = 0;

    g_assert_true(g_file_get_contents(f->log, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        n += g_str_has_prefix(*line, "cx6dx-tls ");
    }
    return n;
}

void qcx6dx_bad_end(QCx6dxBad *f)
{
    g_assert_cmpuint(all_mistakes(f), >, 0);
    g_assert_cmpuint(logged_lines(f), ==, all_mistakes(f));
    qcx6dx_free(f->d);
    qpci_free_pc(f->bus);
    qtest_quit(f->qts);
    close(f->wire);
    unlink(f->log);
    g_free(f->log);
}

/* ---- What must go on ---- */

size_t qcx6dx_bad_frame(uint8_t frame[QCX6DX_BAD_FRAME_BYTES])
{
    static const uint8_t head[14] = {
        0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x88, 0xb5,
    };

    for (int i = 0; i < QCX6DX_BAD_FRAME_BYTES; i++) {
        frame[i] = i;
    }
    memcpy(frame, head, sizeof(head));
    return QCX6DX_BAD_FRAME_BYTES;
}

size_t qcx6dx_bad_send(QCx6dxBad *f, uint8_t *wqe)
{
    uint8_t frame[QCX6DX_BAD_FRAME_BYTES];

    qcx6dx_bad_frame(frame);
    qtest_memwrite(f->qts, f->buf, frame + INLINE_BYTES,
                   QCX6DX_BAD_FRAME_BYTES - INLINE_BYTES);
    return qcx6dx_wqe_send(f->d, wqe, 0, frame, INLINE_BYTES, f->buf,
                           QCX6DX_BAD_FRAME_BYTES - INLINE_BYTES, 0);
}

void qcx6dx_bad_post(QCx6dxBad *f, QCx6dxSq *sq, uint8_t *wqe,
                     size_t bytes, uint8_t cqe[CX6DX_cqe_BYTES])
{
    qcx6dx_wqe_signal(wqe);
    qcx6dx_sq_post(f->d, sq, wqe, bytes);
    qcx6dx_sq_ring(f->d, sq);
    qcx6dx_cq_wait(f->d, &f->cq, cqe);
}

/* A frame goes out whole through `sq`, and its completion comes */
void qcx6dx_bad_check_sends(QCx6dxBad *f, QCx6dxSq *sq)
{
    uint8_t wqe[CX6DX_WQE_BB_BYTES * 4] = { 0 };
    uint8_t seen[4 + QCX6DX_BAD_FRAME_BYTES], frame[QCX6DX_BAD_FRAME_BYTES];
    struct pollfd pfd = { .fd = f->wire, .events = POLLIN };
    uint8_t cqe[CX6DX_cqe_BYTES];

    qcx6dx_bad_post(f, sq, wqe, qcx6dx_bad_send(f, wqe), cqe);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_REQ);
    g_assert_cmphex(CX6DX_GET(cqe, cqe, sqn), ==, sq->sqn);
    for (size_t done = 0; done < sizeof(seen);) {
        ssize_t n;

        /* only a failing test waits */
        g_assert_cmpint(poll(&pfd, 1, 10000), ==, 1);
        n = read(f->wire, seen + done, sizeof(seen) - done);
        g_assert_cmpint(n, >, 0);
        done += n;
    }
    qcx6dx_bad_frame(frame);
    g_assert_cmpmem(seen + 4, QCX6DX_BAD_FRAME_BYTES, frame,
                    QCX6DX_BAD_FRAME_BYTES);
}

void qcx6dx_bad_check_goes_on(QCx6dxBad *f)
{
    qcx6dx_cmd_ok(f->d, CX6DX_CMD_QUERY_VPORT_STATE, 0);
    qcx6dx_bad_check_sends(f, &f->good);
}

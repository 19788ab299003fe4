/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * qtests of filter-impair: between two socket backends on a hub, without a NIC
 *
 * Frames go in at one socket and come out of the other; the filter is on the first
 * backend.  Virtual time stands still but for qtest_clock_step().  A frame is known
 * to be inside when the filter has counted it.
 */
#include "qemu/osdep.h"
#include "libqtest.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"
#include "qobject/qstring.h"
#include "qemu/sockets.h"

enum {
    FRAME_BYTES = 70,
    HEADER_BYTES = 54,
    US = 1000,
};

typedef struct Wire {
    QTestState *qts;
    int in, out;                /* our ends of the sockets */
    unsigned sent, sent_back;
} Wire;

static void wire_open(Wire *w, const char *more)
{
    int in[2], out[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, in), ==, 0);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, out), ==, 0);
    *w = (Wire) { .in = in[0], .out = out[0] };
    w->qts = qtest_initf("-M none -nodefaults "
                         "-netdev socket,id=in,fd=%d "
                         "-netdev socket,id=out,fd=%d "
                         "-netdev hubport,id=h0,hubid=0,netdev=in "
                         "-netdev hubport,id=h1,hubid=0,netdev=out "
                         "%s", in[1], out[1], more);
    close(in[1]);
    close(out[1]);
}

static void wire_close(Wire *w)
{
    qtest_quit(w->qts);
    close(w->in);
    close(w->out);
}

static QDict *stats_of(Wire *w)
{
    QDict *answer = qtest_qmp(w->qts, "{'execute': 'qom-get', 'arguments': "
                              "{'path': '/objects/f0', 'property': 'stats'}}");
    QDict *stats = qdict_get_qdict(answer, "return");

    g_assert_nonnull(stats);
    qobject_ref(stats);
    qobject_unref(answer);
    return stats;
}

static uint64_t stat_of(Wire *w, const char *dir, const char *name)
{
    QDict *stats = stats_of(w);
    uint64_t value = qdict_get_int(qdict_get_qdict(stats, dir), name);

    qobject_unref(stats);
    return value;
}

/* A TCP segment from 10.0.0.1 whose sequence number tells its name */
static void frame_make(uint8_t *frame, uint32_t name)
{
    static const uint8_t header[HEADER_BYTES] = {
        2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00,
        0x45, 0, 0, FRAME_BYTES - 14, 0, 0, 0, 0, 64, 6, 0, 0,
        10, 0, 0, 1, 10, 0, 0, 2,
        0x9c, 0x40, 0x01, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 1, 0,
    };
    uint32_t seq = cpu_to_be32(name * (FRAME_BYTES - HEADER_BYTES));

    memcpy(frame, header, sizeof(header));
    memcpy(frame + 38, &seq, 4);
    memset(frame + HEADER_BYTES, 'a', FRAME_BYTES - HEADER_BYTES);
}

static void send_frames(int fd, unsigned first, unsigned count)
{
    unsigned name;

    for (name = first; name < first + count; name++) {
        uint8_t buf[4 + FRAME_BYTES] = { [3] = FRAME_BYTES };

        frame_make(buf + 4, name);
        g_assert_cmpint(qemu_send_full(fd, buf, sizeof(buf)), ==,
                        sizeof(buf));
    }
}

/* Frames from the filtered backend; back when the filter has seen them all */
static void send_in(Wire *w, unsigned first, unsigned count)
{
    send_frames(w->in, first, count);
    w->sent += count;
    while (stat_of(w, "tx", "packets") != w->sent) {
        /* the main loop has still to read the socket */
    }
}

static void read_full(int fd, void *buf, size_t len)
{
    while (len) {
        ssize_t n = recv(fd, buf, len, 0);

        g_assert_cmpint(n, >, 0);
        buf = (char *)buf + n;
        len -= n;
    }
}

/* The next frame that came out; its name */
static unsigned receive(int fd)
{
    uint8_t buf[4 + FRAME_BYTES];
    uint32_t len, seq;

    read_full(fd, buf, 4);
    memcpy(&len, buf, 4);
    g_assert_cmpuint(be32_to_cpu(len), ==, FRAME_BYTES);
    read_full(fd, buf, FRAME_BYTES);
    memcpy(&seq, buf + 38, 4);
    return be32_to_cpu(seq) / (FRAME_BYTES - HEADER_BYTES);
}

static void expect(Wire *w, unsigned first, unsigned count)
{
    while (count--) {
        g_assert_cmpuint(receive(w->out), ==, first);
        first++;
    }
}

static void set_number(Wire *w, const char *name, int value)
{
    qtest_qmp_assert_success(w->qts, "{'execute': 'qom-set', 'arguments': "
                             "{'path': '/objects/f0', 'property': %s, "
                             "'value': %d}}", name, value);
}

static char *rules_file(const char *text)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("cx6dx-impair-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return g_steal_pointer(&path);
}

/* ---- tests ---- */

static void test_pass(void)
{
    Wire w;

    wire_open(&w, "-object filter-impair,id=f0,netdev=in");
    send_in(&w, 0, 20);
    expect(&w, 0, 20);
    send_frames(w.out, 100, 1);
    g_assert_cmpuint(receive(w.in), ==, 100);
    g_assert_cmpuint(stat_of(&w, "rx", "packets"), ==, 1);
    g_assert_cmpuint(stat_of(&w, "tx", "bytes"), ==, 20 * FRAME_BYTES);
    wire_close(&w);
}

static void test_delay(void)
{
    Wire w;

    wire_open(&w, "-object filter-impair,id=f0,netdev=in,delay-tx=1000");
    send_in(&w, 0, 2);
    qtest_clock_step(w.qts, 400 * US);
    send_in(&w, 2, 1);
    qtest_clock_step(w.qts, 599 * US);
    g_assert_cmpuint(stat_of(&w, "tx", "queued-packets"), ==, 3);
    qtest_clock_step(w.qts, 1 * US);
    g_assert_cmpuint(stat_of(&w, "tx", "queued-packets"), ==, 1);
    expect(&w, 0, 2);
    /* the other direction is not delayed */
    send_frames(w.out, 50, 1);
    g_assert_cmpuint(receive(w.in), ==, 50);
    qtest_clock_step(w.qts, 400 * US);
    expect(&w, 2, 1);
    g_assert_cmpuint(stat_of(&w, "tx", "delayed"), ==, 3);
    wire_close(&w);
}

/* Saving drops nothing; loading, even of what is not there, everything */
static void test_snapshots(void)
{
    g_autofree char *text = NULL;
    Wire w;

    wire_open(&w, "-object filter-impair,id=f0,netdev=in,delay-tx=1000");
    send_in(&w, 0, 2);
    qtest_qmp_assert_success(w.qts, "{'execute': 'stop'}");
    qtest_qmp_assert_success(w.qts, "{'execute': 'cont'}");
    g_assert_cmpuint(stat_of(&w, "tx", "queued-packets"), ==, 2);
    text = qtest_hmp(w.qts, "loadvm nothing");
    g_assert_nonnull(strstr(text, "rror"));
    g_assert_cmpuint(stat_of(&w, "tx", "queued-packets"), ==, 0);
    qtest_qmp_assert_success(w.qts, "{'execute': 'cont'}");
    send_in(&w, 2, 1);
    qtest_clock_step(w.qts, 2000 * US);
    expect(&w, 2, 1);
    wire_close(&w);
}

static void test_rate(void)
{
    Wire w;

    /* a frame takes 10 us */
    wire_open(&w, "-object filter-impair,id=f0,netdev=in,rate-tx=56000000");
    send_in(&w, 0, 3);
    g_assert_cmpuint(stat_of(&w, "tx", "queued-packets"), ==, 3);
    qtest_clock_step(w.qts, 10 * US);
    g_assert_cmpuint(stat_of(&w, "tx", "queued-packets"), ==, 2);
    qtest_clock_step(w.qts, 20 * US);
    expect(&w, 0, 3);
    wire_close(&w);
}

static void test_reorder(void)
{
    g_autofree char *rules = rules_file("hold 2 if packet=1\n"
                                        "hold 70us if packet=4\n");
    g_autofree char *more = g_strdup_printf(
        "-object filter-impair,id=f0,netdev=in,rules=%s", rules);
    Wire w;

    wire_open(&w, more);
    send_in(&w, 0, 5);
    expect(&w, 1, 2);
    expect(&w, 0, 1);
    expect(&w, 4, 1);
    g_assert_cmpuint(stat_of(&w, "tx", "queued-packets"), ==, 1);
    qtest_clock_step(w.qts, 70 * US);
    expect(&w, 3, 1);
    g_assert_cmpuint(stat_of(&w, "tx", "reordered"), ==, 2);
    wire_close(&w);
    unlink(rules);
}

/* Names of those that came through, of 600 */
static char *lossy_run(const char *settings)
{
    g_autofree char *more = g_strdup_printf(
        "-object filter-impair,id=f0,netdev=in,%s", settings);
    GString *names = g_string_new(NULL);
    unsigned batch, left, received = 0;
    Wire w;

    wire_open(&w, more);
    for (batch = 0; batch < 600; batch += 60) {
        /* a socket does not hold all of them */
        send_in(&w, batch, 60);
        left = batch + 60 - stat_of(&w, "tx", "lost") -
               stat_of(&w, "tx", "lost-in-burst") - received;
        received += left;
        while (left--) {
            g_string_append_printf(names, "%u ", receive(w.out));
        }
    }
    wire_close(&w);
    return g_string_free(names, false);
}

static void test_seed(void)
{
    g_autofree char *a = lossy_run("loss-tx=10,burst-enter-tx=0.5,seed=7");
    g_autofree char *b = lossy_run("loss-tx=10,burst-enter-tx=0.5,seed=7");
    g_autofree char *c = lossy_run("loss-tx=10,burst-enter-tx=0.5,seed=8");
    g_autofree char *other = lossy_run("loss-rx=10");

    g_assert_cmpstr(a, ==, b);
    g_assert_cmpstr(a, !=, c);
    g_assert_cmpuint(strlen(other), ==, 10 * 2 + 90 * 3 + 500 * 4);
    g_assert_cmpuint(strlen(a), <, strlen(other) * 95 / 100);
    g_assert_cmpuint(strlen(a), >, strlen(other) / 2);
}

static void test_run_time(void)
{
    g_autofree char *rules = rules_file("drop if packet=2- count=1\n");
    QDict *answer;
    QList *list;
    Wire w;

    wire_open(&w, "-object filter-impair,id=f0,netdev=in");
    set_number(&w, "loss-tx", 100);
    send_in(&w, 0, 5);
    g_assert_cmpuint(stat_of(&w, "tx", "lost"), ==, 5);
    set_number(&w, "loss-tx", 0);
    qtest_qmp_assert_success(w.qts, "{'execute': 'qom-set', 'arguments': "
                             "{'path': '/objects/f0', 'property': 'rules', "
                             "'value': %s}}", rules);
    send_in(&w, 5, 3);
    expect(&w, 6, 2);
    answer = qtest_qmp(w.qts, "{'execute': 'qom-get', 'arguments': "
                       "{'path': '/objects/f0', 'property': 'rule-stats'}}");
    list = qdict_get_qlist(answer, "return");
    g_assert_cmpuint(qlist_size(list), ==, 1);
    qobject_unref(answer);
    g_assert_cmpuint(stat_of(&w, "tx", "dropped-by-rule"), ==, 1);
    wire_close(&w);
    unlink(rules);
}

/* The text of the error that setting a property gives */
static void expect_error(Wire *w, const char *name, QObject *value,
                         const char *says)
{
    QDict *answer = qtest_qmp(w->qts, "{'execute': 'qom-set', 'arguments': "
                              "{'path': '/objects/f0', 'property': %s, "
                              "'value': %p}}", name, value);
    QDict *error = qdict_get_qdict(answer, "error");

    g_assert_nonnull(error);
    if (!strstr(qdict_get_str(error, "desc"), says)) {
        g_error("%s: %s", name, qdict_get_str(error, "desc"));
    }
    qobject_unref(answer);
}

static void test_errors(void)
{
    g_autofree char *rules = rules_file("# one\n\ndrop if conn=1 recrod=7\n");
    Wire w;

    wire_open(&w, "-object filter-impair,id=f0,netdev=in");
    expect_error(&w, "loss-tx", QOBJECT(qnum_from_double(100.5)),
                 "Property 'filter-impair.loss-tx' is from 0 to 100 %");
    expect_error(&w, "burst-enter-rx", QOBJECT(qnum_from_int(-1)),
                 "from 0 to 100 %");
    expect_error(&w, "delay-rx", QOBJECT(qnum_from_int(4000000000)),
                 "from 0 to 3600000000 us");
    expect_error(&w, "reorder-distance-tx", QOBJECT(qnum_from_int(1001)),
                 "from 0 to 1000 packets");
    expect_error(&w, "rate-tx", QOBJECT(qnum_from_int(-1)), "rate-tx");
    expect_error(&w, "limit-packets", QOBJECT(qnum_from_int(0)),
                 "Property 'filter-impair.limit-packets' is from 1 to 65536");
    expect_error(&w, "limit-bytes", QOBJECT(qnum_from_int(1)),
                 "from 65536 to 268435456");
    expect_error(&w, "rules", QOBJECT(qstring_from_str("/no/such/file")),
                 "/no/such/file");
    expect_error(&w, "rules", QOBJECT(qstring_from_str(rules)),
                 ":3:16: 'recrod' is no condition: dir, from");
    send_in(&w, 0, 1);
    expect(&w, 0, 1);
    wire_close(&w);
    unlink(rules);
}

/* Removed or switched off: what is queued goes out, in order */
static void test_flush(void)
{
    Wire w;

    wire_open(&w, "-object filter-impair,id=f0,netdev=in,delay-tx=9000000");
    send_in(&w, 0, 3);
    g_assert_cmpuint(stat_of(&w, "tx", "queued-packets"), ==, 3);
    qtest_qmp_assert_success(w.qts, "{'execute': 'qom-set', 'arguments': "
                             "{'path': '/objects/f0', 'property': 'status', "
                             "'value': 'off'}}");
    expect(&w, 0, 3);
    send_frames(w.in, 3, 2);
    expect(&w, 3, 2);
    qtest_qmp_assert_success(w.qts, "{'execute': 'qom-set', 'arguments': "
                             "{'path': '/objects/f0', 'property': 'status', "
                             "'value': 'on'}}");
    send_in(&w, 5, 2);
    qtest_qmp_assert_success(w.qts, "{'execute': 'object-del', 'arguments': "
                             "{'id': 'f0'}}");
    expect(&w, 5, 2);
    send_frames(w.in, 7, 1);
    expect(&w, 7, 1);
    wire_close(&w);
}

/* The backend goes, with packets inside; and QEMU ends with some */
static void test_backend_gone(void)
{
    Wire w;

    wire_open(&w, "-object filter-impair,id=f0,netdev=in,delay-tx=9000000");
    send_in(&w, 0, 3);
    qtest_qmp_assert_success(w.qts, "{'execute': 'netdev_del', 'arguments': "
                             "{'id': 'in'}}");
    qtest_clock_step(w.qts, 10000000 * (int64_t)US);
    wire_close(&w);
    wire_open(&w, "-object filter-impair,id=f0,netdev=in,delay-tx=9000000");
    send_in(&w, 0, 3);
    wire_close(&w);
}

static void test_limit(void)
{
    Wire w;

    wire_open(&w, "-object filter-impair,id=f0,netdev=in,delay-tx=10,"
              "limit-packets=4");
    send_in(&w, 0, 10);
    g_assert_cmpuint(stat_of(&w, "tx", "queued-packets"), ==, 4);
    g_assert_cmpuint(stat_of(&w, "tx", "overlimit"), ==, 6);
    qtest_clock_step(w.qts, 10 * US);
    expect(&w, 0, 4);
    g_assert_cmpuint(stat_of(&w, "tx", "queued-bytes"), ==, 0);
    wire_close(&w);
}

/* Bytes of packets in a pcap file */
static unsigned dumped(const char *path)
{
    g_autofree char *data = NULL;
    gsize len = 0;

    g_assert_true(g_file_get_contents(path, &data, &len, NULL));
    return (len - 24) / (16 + FRAME_BYTES);
}

/* A dump in front sees what came, one behind what is left of it */
static void test_stacked(void)
{
    g_autofree char *rules = rules_file("drop if packet=3\n"
                                        "duplicate 2 if packet=5\n");
    g_autofree char *before = rules_file(""), *behind = rules_file("");
    g_autofree char *more = g_strdup_printf(
        "-object filter-dump,id=d0,netdev=in,file=%s "
        "-object filter-impair,id=f0,netdev=in,rules=%s,queue=tx "
        "-object filter-dump,id=d1,netdev=in,file=%s", before, rules, behind);
    Wire w;

    wire_open(&w, more);
    send_in(&w, 0, 10);
    expect(&w, 0, 2);
    expect(&w, 3, 1);
    g_assert_cmpuint(receive(w.out), ==, 4);
    g_assert_cmpuint(receive(w.out), ==, 4);
    expect(&w, 4, 6);
    wire_close(&w);
    g_assert_cmpuint(dumped(before), ==, 10);
    g_assert_cmpuint(dumped(behind), ==, 11);
    unlink(rules);
    unlink(before);
    unlink(behind);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cx6dx-impair/nothing-set-nothing-done", test_pass);
    qtest_add_func("/cx6dx-impair/delay-in-virtual-time", test_delay);
    qtest_add_func("/cx6dx-impair/a-snapshot-empties-the-queue",
                   test_snapshots);
    qtest_add_func("/cx6dx-impair/rate-in-virtual-time", test_rate);
    qtest_add_func("/cx6dx-impair/held-for-packets-and-time", test_reorder);
    qtest_add_func("/cx6dx-impair/same-seed-same-losses", test_seed);
    qtest_add_func("/cx6dx-impair/changed-at-run-time", test_run_time);
    qtest_add_func("/cx6dx-impair/errors-name-limit-or-place", test_errors);
    qtest_add_func("/cx6dx-impair/off-and-removed-flush", test_flush);
    qtest_add_func("/cx6dx-impair/backend-goes-first", test_backend_gone);
    qtest_add_func("/cx6dx-impair/queue-is-bounded", test_limit);
    qtest_add_func("/cx6dx-impair/between-two-dumps", test_stacked);
    return g_test_run();
}

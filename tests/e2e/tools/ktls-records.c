/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sends exactly the TLS records that a script asks for and checks what the
 * other end gets: every byte, and the type of every record.  Both ends are
 * given the same script, so nothing has to be negotiated but the number of a
 * connection.  Position P of a stream is in a cell of 16 bytes that names the
 * cell's number, so a byte that is lost, repeated or moved is noticed.
 *
 * The first record of the client (number 0) is one byte that says "I have my
 * keys"; the script's records follow it when the client sends, and begin with
 * number 0 when the server does.
 *
 * Ends with a line of totals that says `result=ok`, or the error that ended a
 * connection (`result=EBADMSG`); status 1 if that was not what -e expects, or
 * a byte was wrong, 2 for wrong usage or a set-up that failed.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <linux/sockios.h>
#include <unistd.h>

#define TOOL "ktls-records"
#include "ktls-common.h"

#ifndef TLS_TX_ZEROCOPY_RO
#define TLS_TX_ZEROCOPY_RO 3
#endif

#define PATTERN_BYTES   (4u << 20)
#define MAX_OP_BYTES    (1u << 20)
#define MAX_OPS         256
#define DATA            23          /* content type of application data */

/* What to do, in order, TIMES times. */
typedef struct Op {
    char kind;                      /* see usage */
    uint8_t type;
    uint32_t len, times;
    const char *command;
} Op;

/* How it is done; the same for all connections. */
static struct {
    uint32_t key_bits, version, count, workers;
    uint32_t read_bytes, send_buffer, receive_buffer, segment;
    bool down, no_block, zerocopy, peek, splice_in, late_key;
    uint64_t seed;
    int stall_ms;
    const char *expected;
} options = {
    .key_bits = 128, .version = TLS_1_2_VERSION, .count = 1, .workers = 1,
    .read_bytes = 65536, .seed = 1, .stall_ms = 20000, .expected = "ok",
};

static Op ops[MAX_OPS];
static unsigned op_count;
static uint64_t quit_at = UINT64_MAX;   /* so many bytes are received */
static uint8_t *pattern;            /* PATTERN_BYTES, and a piece again */
static int pattern_fd;
static uint64_t sent, received, controls;

static void make_pattern(void)
{
    size_t size = PATTERN_BYTES + MAX_OP_BYTES, at;

    pattern_fd = memfd_create("pattern", 0);
    must(pattern_fd >= 0 && !ftruncate(pattern_fd, size), "memfd");
    pattern = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, pattern_fd,
                   0);
    must(pattern != MAP_FAILED, "mmap");
    for (at = 0; at < size; at += 16) {
        char cell[17];

        snprintf(cell, sizeof(cell), MARK "%08x",
                 (unsigned)(at % PATTERN_BYTES / 16));
        memcpy(pattern + at, cell, 16);
    }
}

/* ---- sending ---- */

static const char *error_name(int error)
{
    return error == ETIMEDOUT ? "stalled" : strerrorname_np(error);
}

/* Waits for @events; false with errno set if nothing comes. */
static bool wait_for(int fd, short events)
{
    struct pollfd want = { .fd = fd, .events = events };

    if (poll(&want, 1, options.stall_ms) > 0) {
        return true;
    }
    errno = ETIMEDOUT;
    return false;
}

static ssize_t send_record(int fd, const Op *op, const uint8_t *from,
                           size_t len)
{
    char control[CMSG_SPACE(1)];
    struct iovec data = { .iov_base = (void *)from, .iov_len = len };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

    if (op->kind == 'c') {
        struct cmsghdr *head;

        message.msg_control = control;
        message.msg_controllen = sizeof(control);
        head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_TLS;
        head->cmsg_type = TLS_SET_RECORD_TYPE;
        head->cmsg_len = CMSG_LEN(1);
        *CMSG_DATA(head) = op->type;
        message.msg_controllen = head->cmsg_len;
    }
    return sendmsg(fd, &message,
                   MSG_NOSIGNAL | (op->kind == 'm' ? MSG_MORE : 0));
}

static ssize_t splice_out(int fd, uint32_t place, size_t len)
{
    static int pipes[2];
    static size_t held;
    off64_t offset = place;
    ssize_t n;

    if (!pipes[1]) {
        must(!pipe(pipes), "pipe");
    }
    if (!held) {
        n = splice(pattern_fd, &offset, pipes[1], NULL, len, 0);
        if (n <= 0) {
            return n;
        }
        held = n;
    }
    n = splice(pipes[0], NULL, fd, NULL, held,
               options.no_block ? SPLICE_F_NONBLOCK : 0);
    held -= n > 0 ? n : 0;
    return n;
}

/* One piece of data, whole: the socket may take it in several bites. */
static bool send_data(int fd, const Op *op)
{
    uint32_t left = op->len;

    do {
        uint32_t place = sent % PATTERN_BYTES;
        ssize_t n;

        if (op->kind == 'f') {
            off_t offset = place;

            n = sendfile(fd, pattern_fd, &offset, left);
        } else if (op->kind == 's') {
            n = splice_out(fd, place, left);
        } else {
            n = send_record(fd, op, pattern + place, left);
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        }
        if (n < 0 && !wait_for(fd, POLLOUT)) {
            return false;
        }
        sent += n > 0 ? n : 0;
        left -= n > 0 ? n : 0;
    } while (left);
    return true;
}

/* All that was sent is acknowledged. */
static bool drain(int fd)
{
    int64_t end = now_ms() + options.stall_ms;
    struct timespec pause = { .tv_nsec = 2000000 };
    struct tcp_info state;
    socklen_t bytes = sizeof(state);
    int left = 1, twice;

    for (twice = 0; twice < 2; ) {
        if (ioctl(fd, SIOCOUTQ, &left)) {
            return false;
        }
        twice = left ? 0 : twice + 1;
        /* takes the socket's lock: work that the last ACK began is done */
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &bytes)) {
            return false;
        }
        if (state.tcpi_state != TCP_ESTABLISHED
            && state.tcpi_state != TCP_CLOSE_WAIT) {
            errno = ECONNRESET;
            return false;
        }
        if (left && now_ms() > end) {
            errno = ETIMEDOUT;
            return false;
        }
        if (left) {
            nanosleep(&pause, NULL);
        }
    }
    return true;
}

static bool reset(int fd)
{
    struct linger now = { .l_onoff = 1 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
    errno = ECONNRESET;
    return false;
}

static bool do_op(int fd, const Op *op)
{
    switch (op->kind) {
    case 'p':
        return drain(fd);
    case 'q':
        return true;
    case 'R':
        return reset(fd);
    case 'a':
        fflush(NULL);
        errno = ECANCELED;
        return !system(op->command);
    default:
        controls += op->kind == 'c';
        return send_data(fd, op) && (op->kind != 'w' || drain(fd));
    }
}

static const char *send_script(int fd)
{
    unsigned i, n;
    char byte;

    for (i = 0; i < op_count; i++) {
        for (n = 0; n < ops[i].times; n++) {
            if (!do_op(fd, &ops[i])) {
                return error_name(errno);
            }
        }
    }
    if (!drain(fd)) {
        return error_name(errno);
    }
    shutdown(fd, SHUT_WR);
    /* until the other end has read everything and closes */
    if (!wait_for(fd, POLLIN | POLLRDHUP) || recv(fd, &byte, 1, 0) < 0) {
        return error_name(errno);
    }
    return "ok";
}

/* ---- receiving ---- */

/* Where the script stands, as the receiver sees it. */
typedef struct Place {
    unsigned op, turn;
    uint32_t offset;
} Place;

static bool is_data(const Op *op)
{
    return !strchr("pqRa", op->kind);
}

/* Moves on to the next byte that is to come; NULL at the end of the script. */
static const Op *expected(Place *place)
{
    while (place->op < op_count) {
        const Op *op = &ops[place->op];

        if (is_data(op) && place->offset < op->len) {
            return op;
        }
        place->offset = 0;
        if (!is_data(op) || ++place->turn == op->times) {
            place->op++;
            place->turn = 0;
        }
    }
    return NULL;
}

/* What was received is what the script says; else an error line and false. */
static bool check_bytes(Place *place, const uint8_t *data, size_t len,
                        uint8_t type)
{
    size_t at = 0;

    while (at < len) {
        const Op *op = expected(place);
        size_t part = op ? op->len - place->offset : 0;
        const uint8_t *right = pattern + received % PATTERN_BYTES;

        part = part < len - at ? part : len - at;
        /* one record may hold the pieces of several sends, never two types */
        if (!op || type != (op->kind == 'c' ? op->type : DATA)
            || memcmp(data + at, right, part)) {
            fprintf(stderr, "ktls-records: wrong at byte %llu, content type "
                    "%u: '%.16s' instead of '%.16s'\n",
                    (unsigned long long)received, type, data + at, right);
            return false;
        }
        controls += op->kind == 'c' && place->offset + part == op->len;
        place->offset += part;
        received += part;
        at += part;
    }
    return true;
}

/* The most that the next read may take. */
static size_t read_size(void)
{
    uint64_t left = quit_at - received;

    return left < options.read_bytes ? left : options.read_bytes;
}

static ssize_t receive(int fd, uint8_t *to, uint8_t *type)
{
    char control[CMSG_SPACE(1)];
    struct iovec data = { .iov_base = to, .iov_len = read_size() };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
                              .msg_control = control,
                              .msg_controllen = sizeof(control) };
    struct cmsghdr *head;
    ssize_t n;

    if (options.peek) {
        recv(fd, to, options.read_bytes, MSG_PEEK);
    }
    n = recvmsg(fd, &message, 0);
    *type = DATA;
    head = n >= 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (head && head->cmsg_level == SOL_TLS
        && head->cmsg_type == TLS_GET_RECORD_TYPE) {
        *type = *CMSG_DATA(head);
    }
    return n;
}

static ssize_t splice_in(int fd, uint8_t *to)
{
    int pipes[2];
    ssize_t n, got = 0;

    must(!pipe(pipes), "pipe");
    n = splice(fd, NULL, pipes[1], NULL, read_size(), 0);
    while (n > got) {
        got += read(pipes[0], to + got, n - got);
    }
    close(pipes[0]);
    close(pipes[1]);
    return n;
}

static const char *receive_script(int fd)
{
    uint8_t *to = malloc(options.read_bytes);
    Place place = { 0 };

    must(to, "memory");
    while (received < quit_at) {
        uint8_t type = DATA;
        ssize_t n;

        if (!wait_for(fd, POLLIN)) {
            return error_name(errno);
        }
        n = options.splice_in ? splice_in(fd, to) : receive(fd, to, &type);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        if (n < 0) {
            return error_name(errno);
        }
        if (!n && type != DATA) {
            continue;           /* an empty record of another type */
        }
        if (!n) {
            return expected(&place) ? "early-end" : "ok";
        }
        if (!check_bytes(&place, to, n, type)) {
            return "wrong-bytes";
        }
    }
    return "ok";
}

/* ---- connections ---- */

static void set_sizes(int fd)
{
    limit_segments(fd, options.segment);
    if (options.send_buffer) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &options.send_buffer, 4);
    }
    if (options.receive_buffer) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, 4);
    }
}

/* The key of what this side sends (TLS_TX) or gets (TLS_RX). */
static void start_key(int fd, int option, bool is_client, uint32_t index)
{
    bool from_client = (option == TLS_TX) == is_client;
    unsigned one = 1;

    must(!set_key(fd, option, options.key_bits, options.version,
                  options.seed + index * 2ull + from_client),
         "kernel TLS key");
    if (option == TLS_TX && options.zerocopy) {
        must(!setsockopt(fd, SOL_TLS, TLS_TX_ZEROCOPY_RO, &one, sizeof(one)),
             "TLS_TX_ZEROCOPY_RO");
    }
}

/* Encrypted bytes wait in the socket before it gets its key. */
static void wait_queued(int fd)
{
    struct timespec pause = { .tv_nsec = 5000000 };
    int queued = 0, turns;

    for (turns = 0; turns < 400 && queued < 4096; turns++) {
        must(!ioctl(fd, SIOCINQ, &queued), "SIOCINQ");
        nanosleep(&pause, NULL);
    }
}

static const char *run_connection(int fd, bool is_client, uint32_t index)
{
    char byte = 'A';

    must(!setsockopt(fd, SOL_TCP, TCP_ULP, "tls", 4), "kernel TLS");
    if (is_client) {
        must(read_clear(fd, &byte, 1), "answer to hello");
        start_key(fd, TLS_RX, true, index);
        start_key(fd, TLS_TX, true, index);
        must(send(fd, &byte, 1, 0) == 1, "first byte");
    } else if (options.late_key) {
        must(send_clear(fd, &byte, 1), "answer to hello");
        wait_queued(fd);
        start_key(fd, TLS_RX, false, index);
        must(read_all(fd, &byte, 1), "first byte");
        start_key(fd, TLS_TX, false, index);
    } else {
        start_key(fd, TLS_RX, false, index);
        must(send_clear(fd, &byte, 1), "answer to hello");
        must(read_all(fd, &byte, 1), "first byte");
        start_key(fd, TLS_TX, false, index);
    }
    if (options.no_block) {
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    return is_client != options.down ? send_script(fd) : receive_script(fd);
}

static void limit_wait(int fd)
{
    struct timeval limit = { .tv_sec = options.stall_ms / 1000 };

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

/* Tells how a connection ended; the status that its process ends with. */
static int finish(const char *role, uint32_t index, const char *result)
{
    /* one write: lines of processes do not mix */
    printf("ktls-records %s: connection=%u result=%s sent=%llu received=%llu "
           "controls=%llu\n", role, index, result, (unsigned long long)sent,
           (unsigned long long)received, (unsigned long long)controls);
    fflush(stdout);
    return strcmp(options.expected, "any") && strcmp(result, options.expected);
}

static int connect_one(const char *host, const char *port, uint32_t index)
{
    struct sockaddr_in6 to = { .sin6_family = AF_INET6,
                               .sin6_port = htons(atoi(port)) };
    char mapped[64];
    const char *result;
    int fd;

    errno = EINVAL;
    snprintf(mapped, sizeof(mapped), "%s%s", strchr(host, ':') ? "" : "::ffff:",
             host);
    must(inet_pton(AF_INET6, mapped, &to.sin6_addr) == 1, host);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    must(fd >= 0, "socket");
    set_sizes(fd);
    limit_wait(fd);
    must(!connect(fd, (void *)&to, sizeof(to)), "connect");
    must(send_clear(fd, &index, sizeof(index)), "hello");
    sent = received = controls = 0;
    result = run_connection(fd, true, index);
    close(fd);
    return finish("client", index, result);
}

static int end_children(void)
{
    int status, worst = 0;

    while (wait(&status) > 0) {
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : 2;

        worst = code > worst ? code : worst;
    }
    return worst;
}

static int run_client(const char *host, const char *port)
{
    uint32_t worker, index;

    for (worker = 0; worker < options.workers; worker++) {
        if (!fork()) {
            int worst = 0;

            for (index = worker; index < options.count;
                 index += options.workers) {
                worst |= connect_one(host, port, index);
            }
            exit(worst);
        }
    }
    return end_children();
}

static int run_server(const char *port)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                    .sin6_port = htons(atoi(port)) };
    int listener = socket(AF_INET6, SOCK_STREAM, 0), one = 1;
    uint32_t i;

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    set_sizes(listener);
    must(!bind(listener, (void *)&address, sizeof(address))
         && !listen(listener, 4096), "listen");
    limit_wait(listener);
    for (i = 0; i < options.count; i++) {
        int fd = accept(listener, NULL, NULL);

        if (fd < 0) {
            perror("ktls-records: accept");
            return 2;
        }
        if (!fork()) {
            uint32_t index;

            limit_wait(fd);
            must(read_clear(fd, &index, sizeof(index)), "hello");
            exit(finish("server", index, run_connection(fd, false, index)));
        }
        close(fd);
    }
    return end_children();
}

/* ---- the command line ---- */

static const char usage[] =
"usage: ktls-records server [options] OP...\n"
"       ktls-records client [options] ADDRESS OP...\n"
"both ends get the same OPs and -k, -v, -d, -n, -S.\n"
"OP, each may end in xTIMES:\n"
"  LEN        send LEN bytes: records of up to 16 KB (0: an empty record)\n"
"  mLEN       the same with MSG_MORE: the record stays open\n"
"  fLEN sLEN  the same with sendfile or splice, out of a file in memory\n"
"  cTYPE:LEN  a record of that content type (21 alert, 22 handshake)\n"
"  wLEN       LEN, then wait until all is acknowledged\n"
"  p          wait until all is acknowledged\n"
"  q          the receiver closes here, whatever may follow\n"
"  R          reset the connection\n"
"  a:COMMAND  run COMMAND in a shell, and wait for it\n"
"options:\n"
"  -k BITS    128 (default) or 256    -v VERSION  1.2 (default) or 1.3\n"
"  -d WAY     up: the client sends (default), or down\n"
"  -n N       connections             -j N  of them at a time (client)\n"
"  -N         do not block            -z    TLS_TX_ZEROCOPY_RO\n"
"  -r BYTES   in one read             -P    peek before each read\n"
"  -i         splice what is received -l    server's key comes late\n"
"  -s BYTES   send buffer             -b BYTES  receive buffer\n"
"  -m BYTES   largest TCP segment     -p PORT   (4433)\n"
"  -e RESULT  what has to come of it: ok (default), EBADMSG, any...\n"
"  -S SEED    of the keys             -T SECONDS  that count as a stall\n";

static void __attribute__((noreturn)) usage_error(const char *what)
{
    fprintf(stderr, "ktls-records: '%s' is not understood\n%s", what, usage);
    exit(2);
}

/* Bytes that the script sends before it comes to its end. */
static uint64_t script_bytes(void)
{
    uint64_t bytes = 0;
    unsigned i;

    for (i = 0; i < op_count; i++) {
        bytes += is_data(&ops[i]) ? (uint64_t)ops[i].len * ops[i].times : 0;
    }
    return bytes;
}

static void parse_op(char *text)
{
    Op *op = &ops[op_count++];
    char *at = text, *times;

    op->times = 1;
    if (op_count > MAX_OPS) {
        usage_error(text);
    }
    if (!strncmp(text, "a:", 2)) {
        op->kind = 'a';
        op->command = text + 2;
        return;
    }
    op->kind = strchr("mfscwpqR", *at) ? *at++ : 'd';
    times = strchr(at, 'x');
    if (times) {
        *times = 0;
        op->times = number(times + 1);
    }
    if (op->kind == 'c') {
        char *colon = strchr(at, ':');

        if (!colon) {
            usage_error(text);
        }
        *colon = 0;
        op->type = number(at);
        at = colon + 1;
    }
    if (is_data(op)) {
        op->len = number(at);
    }
    if (op->kind == 'q' && quit_at == UINT64_MAX) {
        quit_at = script_bytes();
    }
    if (op->len > MAX_OP_BYTES || !op->times) {
        usage_error(text);
    }
}

static void set_option(int option, const char *text)
{
    switch (option) {
    case 'k': options.key_bits = number(text); break;
    case 'v':
        options.version = strcmp(text, "1.3") ? TLS_1_2_VERSION
                                              : TLS_1_3_VERSION;
        break;
    case 'd': options.down = !strcmp(text, "down"); break;
    case 'n': options.count = number(text); break;
    case 'j': options.workers = number(text); break;
    case 'N': options.no_block = true; break;
    case 'z': options.zerocopy = true; break;
    case 'r': options.read_bytes = number(text); break;
    case 'P': options.peek = true; break;
    case 'i': options.splice_in = true; break;
    case 'l': options.late_key = true; break;
    case 's': options.send_buffer = number(text); break;
    case 'b': options.receive_buffer = number(text); break;
    case 'm': options.segment = number(text); break;
    case 'e': options.expected = text; break;
    case 'S': options.seed = number(text); break;
    case 'T': options.stall_ms = number(text) * 1000; break;
    default:
        fputs(usage, stderr);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    const char *port = "4433", *role = argc > 1 ? argv[1] : "", *host = NULL;
    int option;

    if (!strcmp(role, "--help")) {
        fputs(usage, stdout);
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    argv++;
    argc--;
    while ((option = getopt(argc, argv, "+k:v:d:n:j:NzPilr:s:b:m:e:S:T:p:"))
           != -1) {
        if (option == 'p') {
            port = optarg;
        } else {
            set_option(option, optarg);
        }
    }
    argv += optind;
    if (!strcmp(role, "client")) {
        host = *argv ? *argv++ : NULL;
    }
    for (; *argv; argv++) {
        parse_op(*argv);
    }
    if (!op_count || (!host && strcmp(role, "server"))
        || !options.read_bytes || !options.workers
        || (options.key_bits != 128 && options.key_bits != 256)) {
        fputs(usage, stderr);
        return 2;
    }
    make_pattern();
    return host ? run_client(host, port) : run_server(port);
}

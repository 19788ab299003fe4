/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Moves bytes over many TCP connections at once, plain or through kernel TLS,
 * and checks every one of them at the other end.
 *
 * The keys of a connection come from a seed and its number, so no handshake
 * and no TLS library is needed: a short hello in the clear tells the server
 * what is to come, then both sides hand their keys to the kernel.  The byte
 * at position P of a stream is byte (P + shift) modulo a prime of a random
 * window, so a byte that is lost, repeated or moved is noticed, and neither
 * making nor checking data costs more than memcmp().  Each 32 bytes of the
 * window begin with a mark, so plaintext is easily found where none may be.
 *
 * Ends with one line of totals; status 1 if a byte was wrong or missing or a
 * connection stalled, 2 for wrong usage or a set-up that failed.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <getopt.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOOL "ktls-stream"
#include "ktls-common.h"

#define MAGIC           0x63783664u
#define WINDOW          1048573     /* a prime just under 1 MiB */
#define MAX_ACTIONS     8
#define READ_BYTES      (512 * 1024)
#define MAX_WRITE       (1024 * 1024)
#define MAX_CONNS       16384
#define TURN_BYTES      (256 * 1024)
#define FROM_CLIENT     0
#define FROM_SERVER     1

/* What the client wants; sent in the clear, in this machine's byte order. */
typedef struct Plan {
    uint32_t magic;
    uint32_t index;             /* of this connection */
    uint32_t count;             /* of connections in this run */
    uint32_t key_bits;          /* 0: no TLS */
    uint32_t version;           /* TLS_1_2_VERSION or TLS_1_3_VERSION */
    uint32_t directions;        /* bit FROM_CLIENT, bit FROM_SERVER */
    uint32_t max_write;
    uint32_t fixed_write;       /* each write has max_write bytes */
    uint32_t use_sendfile;
    uint32_t check;
    uint32_t aligned;           /* a write ends its segment: MSG_EOR */
    uint64_t bytes;             /* each way and connection; 0: by time */
    uint64_t milliseconds;
    uint64_t seed;
} Plan;

typedef struct Conn {
    int fd;
    Plan plan;
    uint64_t random;            /* state of the write sizes */
    uint64_t sent, received, wrong;
    uint32_t next_write;
    uint32_t events;            /* what epoll watches */
    uint64_t expected;          /* to be received, if bounded */
    bool bounded, sending, receiving;
    bool draining;              /* all sent, not yet all acknowledged */
    int64_t moved_ms;           /* when a byte last moved */
    const char *failure;
} Conn;

static bool is_client;
static uint8_t *window;         /* WINDOW bytes, twice and once more */
static int window_fd = -1;
static uint8_t *inbox;
static int64_t begin_ms, stall_ms = 30000;
static int epoll_fd;
static Conn *conns;
static unsigned conn_count, open_count, draining_count;
static uint64_t total_sent, total_received;
static int64_t first_byte_ms, last_byte_ms;
static struct {
    uint64_t at;                /* bytes moved by all connections */
    const char *command;
    pid_t child;
} actions[MAX_ACTIONS];
static unsigned action_count, action_next;
static int max_segment;         /* 0: what TCP finds */

static void make_window(uint64_t seed)
{
    size_t size = 3 * (size_t)WINDOW, i;

    if (window) {
        return;
    }
    window_fd = memfd_create("window", 0);
    if (window_fd < 0 || ftruncate(window_fd, size)) {
        die("memfd");
    }
    window = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, window_fd,
                  0);
    if (window == MAP_FAILED) {
        die("mmap");
    }
    fill_random(window, WINDOW, seed ^ 0x77696e646f77ull);
    for (i = 0; i + 32 < WINDOW; i += 32) {
        memcpy(window + i, MARK, sizeof(MARK) - 1);
    }
    memcpy(window + WINDOW, window, WINDOW);
    memcpy(window + 2 * (size_t)WINDOW, window, WINDOW);
}

/* Where in the window position @pos of one direction of @conn lies. */
static size_t place_of(const Conn *conn, int from, uint64_t pos)
{
    return (pos + conn->plan.index * 7919ull + from * 524287ull) % WINDOW;
}

/* ---- kernel TLS ---- */

static void start_ulp(Conn *conn)
{
    if (conn->plan.key_bits) {
        must(!setsockopt(conn->fd, SOL_TCP, TCP_ULP, "tls", 4),
             "kernel TLS (module tls)");
    }
}

/* From here on what comes @from that side is encrypted. */
static void start_key(Conn *conn, int from)
{
    if (conn->plan.key_bits) {
        must(!set_key(conn->fd, (from == FROM_CLIENT) == is_client ? TLS_TX
                      : TLS_RX, conn->plan.key_bits, conn->plan.version,
                      conn->plan.seed + conn->plan.index * 2ull + from),
             "kernel TLS key");
    }
}

/* ---- moving bytes ---- */

/* Starts what is to be done once so many bytes have moved. */
static void start_actions(void)
{
    while (action_next < action_count
           && total_sent + total_received >= actions[action_next].at) {
        const char *command = actions[action_next].command;

        actions[action_next].child = fork();
        if (!actions[action_next].child) {
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
            _exit(127);
        }
        action_next++;
    }
}

/* Waits for them; how many failed, or were never started. */
static unsigned end_actions(void)
{
    unsigned i, bad = action_count - action_next;

    for (i = 0; i < action_next; i++) {
        int status = -1;

        waitpid(actions[i].child, &status, 0);
        bad += status != 0;
    }
    if (bad) {
        fprintf(stderr, "ktls-stream: %u actions failed or never began\n",
                bad);
    }
    return bad;
}

static void moved(Conn *conn)
{
    start_actions();
    conn->moved_ms = last_byte_ms = now_ms();
    if (!first_byte_ms) {
        first_byte_ms = conn->moved_ms;
    }
}

static uint64_t left_to_send(const Conn *conn)
{
    if (conn->plan.bytes) {
        return conn->plan.bytes - conn->sent;
    }
    return now_ms() - begin_ms < (int64_t)conn->plan.milliseconds ? MAX_WRITE
                                                                  : 0;
}

/* Send for a while; false once the socket takes no more. */
static bool send_some(Conn *conn)
{
    int from = is_client ? FROM_CLIENT : FROM_SERVER;
    uint32_t done = 0;

    while (done < TURN_BYTES) {
        size_t place = place_of(conn, from, conn->sent);
        uint64_t left = left_to_send(conn);
        ssize_t n;

        if (!left) {
            conn->sending = false;
            conn->draining = true;
            draining_count++;
            break;
        }
        if (!conn->next_write) {
            conn->next_write = conn->plan.fixed_write ? conn->plan.max_write
                : 1 + next_random(&conn->random) % conn->plan.max_write;
        }
        if (conn->next_write < left) {
            left = conn->next_write;
        }
        if (conn->plan.use_sendfile) {
            off_t offset = place;

            n = sendfile(conn->fd, window_fd, &offset, left);
        } else {
            n = send(conn->fd, window + place, left, MSG_NOSIGNAL
                     | (conn->plan.aligned ? MSG_EOR : 0));
        }
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                conn->failure = strerror(errno);
            }
            return false;
        }
        conn->sent += n;
        conn->next_write -= n <= conn->next_write ? n : conn->next_write;
        total_sent += n;
        done += n;
        moved(conn);
    }
    return true;
}

static void check_bytes(Conn *conn, size_t len)
{
    int from = is_client ? FROM_SERVER : FROM_CLIENT;
    size_t place = place_of(conn, from, conn->received);
    size_t i;

    if (!memcmp(inbox, window + place, len)) {
        return;
    }
    for (i = 0; i < len; i++) {
        if (inbox[i] != window[place + i]) {
            if (!conn->wrong++) {
                fprintf(stderr, "ktls-stream: connection %u: byte %llu is "
                        "%02x, not %02x\n", conn->plan.index,
                        (unsigned long long)(conn->received + i), inbox[i],
                        window[place + i]);
            }
        }
    }
    conn->failure = "wrong bytes";
}

static void receive_some(Conn *conn)
{
    uint32_t done = 0;

    while (done < TURN_BYTES && !conn->failure) {
        ssize_t n = recv(conn->fd, inbox, READ_BYTES, 0);

        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                conn->failure = strerror(errno);
            }
            return;
        }
        if (n == 0) {
            conn->receiving = false;
            if (conn->bounded && conn->received != conn->expected) {
                conn->failure = "ended early";
            }
            return;
        }
        if (conn->plan.check) {
            check_bytes(conn, n);
        }
        conn->received += n;
        if (conn->bounded && conn->received > conn->expected) {
            conn->failure = "more bytes than were sent";
        }
        total_received += n;
        done += n;
        moved(conn);
    }
}

static void finish_conn(Conn *conn)
{
    if (conn->failure) {
        fprintf(stderr, "ktls-stream: connection %u: %s (%llu sent, %llu "
                "received)\n", conn->plan.index, conn->failure,
                (unsigned long long)conn->sent,
                (unsigned long long)conn->received);
    }
    draining_count -= conn->draining;
    conn->draining = false;
    /* a child that starts an action may hold the socket open a little longer */
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, conn->fd, NULL);
    close(conn->fd);
    conn->fd = -1;
    open_count--;
}

static void watch(Conn *conn)
{
    struct epoll_event event = { .data.ptr = conn };

    event.events = (conn->sending ? EPOLLOUT : 0)
                   | (conn->receiving ? EPOLLIN : 0);
    if (event.events != conn->events) {
        if (epoll_ctl(epoll_fd, conn->events == ~0u ? EPOLL_CTL_ADD
                      : EPOLL_CTL_MOD, conn->fd, &event)) {
            die("epoll_ctl");
        }
        conn->events = event.events;
    }
}

static void serve_conn(Conn *conn, uint32_t events)
{
    if (conn->receiving && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
        receive_some(conn);
    }
    if (conn->sending && !conn->failure && (events & (EPOLLOUT | EPOLLERR))) {
        send_some(conn);
    }
    if (conn->failure
        || (!conn->sending && !conn->receiving && !conn->draining)) {
        finish_conn(conn);
    } else {
        watch(conn);
    }
}

/*
 * Nothing is left to send.  The acknowledgement that emptied the queue may be
 * at work still, and push out the rest of a record next: reading the socket's
 * state takes its lock and so waits for that, then the queue is looked at again.
 */
static bool is_drained(int fd)
{
    struct tcp_info state;
    socklen_t bytes = sizeof(state);
    int left = 0;

    if (ioctl(fd, SIOCOUTQ, &left) || left) {
        return false;
    }
    return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &bytes)
           && !ioctl(fd, SIOCOUTQ, &left) && !left;
}

/*
 * Ends the sending side of connections whose data is acknowledged.  Not
 * before: on a socket that does not block, the kernel keeps the rest of a
 * record that TCP had no room for, and shutdown() or close() would drop it.
 */
static void end_drained(void)
{
    unsigned i;

    for (i = 0; i < conn_count && draining_count; i++) {
        if (!conns[i].draining || !is_drained(conns[i].fd)) {
            continue;
        }
        conns[i].draining = false;
        draining_count--;
        shutdown(conns[i].fd, SHUT_WR);
        if (!conns[i].receiving) {
            finish_conn(&conns[i]);
        }
    }
}

/* What the kernel knows of a connection that has stalled, for who looks why. */
static void tell_stalled(const Conn *conn)
{
    struct pollfd ready = { .fd = conn->fd, .events = POLLIN | POLLOUT };
    struct tcp_info tcp = { 0 };
    socklen_t bytes = sizeof(tcp);
    int out = -1, unsent = -1, in = -1;

    poll(&ready, 1, 0);
    ioctl(conn->fd, SIOCOUTQ, &out);
    ioctl(conn->fd, SIOCOUTQNSD, &unsent);
    ioctl(conn->fd, SIOCINQ, &in);
    getsockopt(conn->fd, IPPROTO_TCP, TCP_INFO, &tcp, &bytes);
    fprintf(stderr, "ktls-stream: connection %u: %s%s%swaits for %x, is %x; "
            "queues: %d out, %d of them unsent, %d in; TCP: state %u, "
            "congestion %u, %u retransmits, %u probes, backoff %u, rto %u ms, "
            "%u unacked, %u lost; last sent %u, received %u, acknowledged %u "
            "ms ago\n", conn->plan.index, conn->sending ? "sending, " : "",
            conn->receiving ? "receiving, " : "",
            conn->draining ? "draining, " : "", conn->events, ready.revents,
            out, unsent, in, tcp.tcpi_state, tcp.tcpi_ca_state,
            tcp.tcpi_retransmits, tcp.tcpi_probes, tcp.tcpi_backoff,
            tcp.tcpi_rto / 1000, tcp.tcpi_unacked, tcp.tcpi_lost,
            tcp.tcpi_last_data_sent, tcp.tcpi_last_data_recv,
            tcp.tcpi_last_ack_recv);
}

static void find_stalled(void)
{
    int64_t now = now_ms();
    unsigned i;

    for (i = 0; i < conn_count; i++) {
        if (conns[i].fd >= 0 && now - conns[i].moved_ms > stall_ms) {
            conns[i].failure = "stalled";
            tell_stalled(&conns[i]);
            finish_conn(&conns[i]);
        }
    }
}

/* ---- both ends of a connection ---- */

static void begin_conn(Conn *conn)
{
    int mine = is_client ? FROM_CLIENT : FROM_SERVER;
    int flags = fcntl(conn->fd, F_GETFL);

    fcntl(conn->fd, F_SETFL, flags | O_NONBLOCK);
    conn->sending = conn->plan.directions >> mine & 1;
    conn->receiving = true;     /* if only for the end of the stream */
    conn->random = conn->plan.seed ^ (conn->plan.index * 2ull + mine) << 32;
    conn->moved_ms = now_ms();
    conn->events = ~0u;
    /*
     * A side that sends nothing keeps its half open until it has read the end
     * of the other: on a socket that is half closed, the kernel's poll() calls
     * part of a TLS record readable, and waiting turns into spinning.
     */
    conn->expected = conn->plan.directions >> !mine & 1 ? conn->plan.bytes : 0;
    conn->bounded = conn->plan.bytes || !(conn->plan.directions >> !mine & 1);
    watch(conn);
}

/* A peer that dies before all connections stand is noticed too. */
static void limit_wait(int fd)
{
    struct timeval limit = { .tv_sec = stall_ms / 1000 };

    must(!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)),
         "time limit");
}

static bool plan_is_sane(const Plan *plan)
{
    return plan->magic == MAGIC && plan->count && plan->count <= MAX_CONNS
           && plan->index < plan->count && plan->max_write
           && plan->max_write <= MAX_WRITE
           && (plan->key_bits == 0 || plan->key_bits == 128
               || plan->key_bits == 256);
}

/*
 * The hello and its answer are in the clear; the client's first encrypted
 * byte says that it has its keys.  So neither side is ever sent a record
 * before its kernel (and its NIC) knows the key for it.
 */
static void connect_one(Conn *conn, const struct sockaddr_in6 *to)
{
    char byte;

    conn->fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(conn->fd >= 0, "socket");
    limit_wait(conn->fd);
    limit_segments(conn->fd, max_segment);
    must(!connect(conn->fd, (const void *)to, sizeof(*to)), "connect");
    must(send_clear(conn->fd, &conn->plan, sizeof(Plan)), "hello");
    must(read_clear(conn->fd, &byte, 1), "answer to hello");
    start_ulp(conn);
    start_key(conn, FROM_SERVER);
    start_key(conn, FROM_CLIENT);
    must(send(conn->fd, &byte, 1, 0) == 1, "first byte");
}

static void accept_one(Conn *conn, int listener)
{
    char byte = 'A';

    conn->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    must(conn->fd >= 0, "accept");
    must(read_clear(conn->fd, &conn->plan, sizeof(Plan)), "hello");
    errno = EPROTO;
    must(plan_is_sane(&conn->plan), "hello");
    make_window(conn->plan.seed);
    start_ulp(conn);
    start_key(conn, FROM_CLIENT);
    must(send_clear(conn->fd, &byte, 1), "answer to hello");
    must(read_all(conn->fd, &byte, 1), "first byte");
    start_key(conn, FROM_SERVER);
}

static void run_loop(void)
{
    struct epoll_event events[256];

    begin_ms = now_ms();
    while (open_count) {
        int n = epoll_wait(epoll_fd, events, 256, draining_count ? 5 : 1000);
        int i;

        for (i = 0; i < n; i++) {
            serve_conn(events[i].data.ptr, events[i].events);
        }
        end_drained();
        find_stalled();
    }
}

static int summary(void)
{
    unsigned i, failed = 0;
    uint64_t wrong = 0;
    double seconds = (last_byte_ms - first_byte_ms) / 1000.0;
    uint64_t most = total_sent > total_received ? total_sent : total_received;

    for (i = 0; i < conn_count; i++) {
        failed += conns[i].failure != NULL;
        wrong += conns[i].wrong;
    }
    printf("ktls-stream %s: connections=%u failed=%u wrong_bytes=%llu "
           "sent=%llu received=%llu seconds=%.3f MB_per_s=%.2f\n",
           is_client ? "client" : "server", conn_count, failed,
           (unsigned long long)wrong, (unsigned long long)total_sent,
           (unsigned long long)total_received, seconds,
           seconds > 0 ? most / seconds / 1e6 : 0.0);
    fflush(stdout);
    return failed | end_actions() ? 1 : 0;
}

static int run_client(const char *host, const char *port, const Plan *plan)
{
    struct sockaddr_in6 to = { .sin6_family = AF_INET6,
                               .sin6_port = htons(atoi(port)) };
    char mapped[64];
    unsigned i;

    snprintf(mapped, sizeof(mapped), "%s%s", strchr(host, ':') ? "" : "::ffff:",
             host);
    errno = EINVAL;
    must(inet_pton(AF_INET6, mapped, &to.sin6_addr) == 1, host);
    make_window(plan->seed);
    conn_count = open_count = plan->count;
    for (i = 0; i < conn_count; i++) {
        conns[i].plan = *plan;
        conns[i].plan.index = i;
        connect_one(&conns[i], &to);
    }
    for (i = 0; i < conn_count; i++) {
        begin_conn(&conns[i]);
    }
    run_loop();
    return summary();
}

static int run_server(const char *port)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                    .sin6_port = htons(atoi(port)) };
    int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;
    unsigned i;

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(listener, (void *)&address, sizeof(address))
        || listen(listener, 4096)) {
        die("listen");
    }
    limit_wait(listener);       /* what it accepts inherits that */
    limit_segments(listener, max_segment);
    printf("ktls-stream server: listening\n");
    fflush(stdout);
    conn_count = 1;
    for (i = 0; i < conn_count; i++) {
        accept_one(&conns[i], listener);
        conn_count = conns[0].plan.count;
        open_count = conn_count;
    }
    for (i = 0; i < conn_count; i++) {
        begin_conn(&conns[i]);
    }
    run_loop();
    return summary();
}

static const char usage[] =
"usage: ktls-stream server [-p PORT] [-T SECONDS]\n"
"       ktls-stream client ADDRESS [options]\n"
"  -p PORT     (default 4433)\n"
"  -n N        connections at a time (default 1)\n"
"  -k BITS     kernel TLS with AES-GCM-128 or -256; 0: plain TCP (default)\n"
"  -v VERSION  1.2 (default) or 1.3\n"
"  -d WAY      up (client to server, default), down, both\n"
"  -b BYTES    each way and connection (K, M, G)\n"
"  -t SECONDS  instead of -b: send for so long\n"
"  -w BYTES    write sizes are random, up to this (default 64K)\n"
"  -W BYTES    every write has this size\n"
"  -E          what a write sends begins in a segment of its own (MSG_EOR)\n"
"  -f          sendfile instead of send\n"
"  -x          do not check what is received\n"
"  -S SEED     of data, keys and write sizes (default 1)\n"
"  -T SECONDS  a connection that moves nothing for so long has stalled\n"
"              (default 30)\n"
"  -m BYTES    largest TCP segment (either end)\n"
"  -a BYTES:COMMAND  once so many bytes have moved, run this in a shell\n"
"The server serves the connections of one client, then ends.\n";

/* TEXT is BYTES:COMMAND; given in the order of BYTES */
static void add_action(char *text)
{
    char *colon = strchr(text, ':');

    if (!colon || action_count == MAX_ACTIONS) {
        fputs(usage, stderr);
        exit(2);
    }
    *colon = 0;
    actions[action_count].at = number(text);
    actions[action_count++].command = colon + 1;
}

static void set_option(Plan *plan, int option, char *text)
{
    switch (option) {
    case 'n':
        plan->count = number(text);
        break;
    case 'k':
        plan->key_bits = number(text);
        break;
    case 'v':
        plan->version = !strcmp(text, "1.3") ? TLS_1_3_VERSION
                                             : TLS_1_2_VERSION;
        break;
    case 'd':
        plan->directions = !strcmp(text, "both") ? 3
                           : !strcmp(text, "down") ? 2 : 1;
        break;
    case 'b':
        plan->bytes = number(text);
        break;
    case 't':
        plan->milliseconds = strtod(text, NULL) * 1000;
        break;
    case 'w':
    case 'W':
        plan->max_write = number(text);
        plan->fixed_write = option == 'W';
        break;
    case 'f':
        plan->use_sendfile = 1;
        break;
    case 'E':
        plan->aligned = 1;
        break;
    case 'x':
        plan->check = 0;
        break;
    case 'S':
        plan->seed = number(text);
        break;
    case 'T':
        stall_ms = number(text) * 1000;
        break;
    case 'm':
        max_segment = number(text);
        break;
    case 'a':
        add_action(text);
        break;
    default:
        fputs(usage, stderr);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    Plan plan = { .magic = MAGIC, .count = 1, .version = TLS_1_2_VERSION,
                  .directions = 1, .max_write = 64 * 1024, .check = 1,
                  .seed = 1 };
    const char *port = "4433";
    int option;

    if (argc > 1 && !strcmp(argv[1], "--help")) {
        fputs(usage, stdout);
        return 0;
    }
    while ((option = getopt(argc, argv, "p:n:k:v:d:b:t:w:W:EfxS:T:m:a:")) != -1) {
        if (option == 'p') {
            port = optarg;
        } else {
            set_option(&plan, option, optarg);
        }
    }
    signal(SIGPIPE, SIG_IGN);
    if (!plan.bytes && !plan.milliseconds) {
        plan.bytes = 64 << 20;
    }
    inbox = malloc(READ_BYTES);
    conns = calloc(MAX_CONNS, sizeof(*conns));
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    argv += optind;
    if (!inbox || !conns || epoll_fd < 0) {
        die("start");
    }
    if (argv[0] && !strcmp(argv[0], "server") && !argv[1]) {
        return run_server(port);
    }
    if (argv[0] && !strcmp(argv[0], "client") && argv[1] && !argv[2]
        && plan_is_sane(&plan)) {
        is_client = true;
        return run_client(argv[1], port, &plan);
    }
    fputs(usage, stderr);
    return 2;
}

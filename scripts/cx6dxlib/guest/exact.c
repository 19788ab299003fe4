/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The first process of a guest that has to do the same each time.
 *
 * Whatever comes into a guest by itself, comes at another instruction each
 * time.  So here the host acts only while the machine stands still: the guest
 * writes what it has to say into memory that the kernel leaves alone ("the
 * mailbox"), and stops the machine with a write to the port of cx6dx-pause; the
 * host reads, answers in the same place, and lets it go on behind that very
 * instruction.
 *
 *   exact           runs the script `setup`, then command after command
 *   exact step N    asks the host for step N of a scenario, and waits for it
 *
 * CX6DX_MAILBOX in the environment is the address.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SETUP       "/cx6dx/setup"
#define PAUSE_PORT  0x506
#define MAX_ARGS    1024
#define MEGABYTE    (1024 * 1024)
#define TEXT_BYTES  (6 * MEGABYTE)

/* As in cx6dxlib/exact.py */
enum { READY = 1, EXIT, STEP };

typedef struct Mailbox {
    uint32_t what, number;      /* READY or EXIT: a status; STEP: which one */
    uint32_t text_bytes[2];     /* standard output, standard error */
    uint32_t turn;              /* counts what the guest has said */
    uint32_t answered;          /* the last one that the host has answered */
    uint32_t command_bytes;     /* arguments, each ended by a NUL */
    uint32_t reserved;
    char command[MEGABYTE];
    char text[2][TEXT_BYTES];
} Mailbox;

static volatile Mailbox *box;
static int ports;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void open_mailbox(void)
{
    const char *where = getenv("CX6DX_MAILBOX");
    int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);

    ports = open("/dev/port", O_WRONLY | O_CLOEXEC);
    if (!where || fd < 0 || ports < 0) {
        die("/dev/mem, /dev/port");
    }
    box = mmap(NULL, sizeof(*box), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
               strtoull(where, NULL, 0));
    if (box == MAP_FAILED) {
        die("mailbox");
    }
    close(fd);
}

/* Returns when the host has answered */
static void say(uint32_t what, uint32_t number)
{
    uint32_t turn = box->turn + 1;

    box->what = what;
    box->number = number;
    box->turn = turn;
    do {
        if (pwrite(ports, "", 1, PAUSE_PORT) != 1) {
            die("/dev/port");
        }
    } while (box->answered != turn);
}

/* What is in the pipe now goes into the mailbox, or is lost if that is full */
static void take(int fd, unsigned which)
{
    static char data[64 * 1024];
    ssize_t n;

    while ((n = read(fd, data, sizeof(data))) > 0) {
        uint32_t at = box->text_bytes[which];
        size_t room = TEXT_BYTES - at;
        size_t bytes = (size_t)n < room ? (size_t)n : room;

        memcpy((char *)box->text[which] + at, data, bytes);
        box->text_bytes[which] = at + bytes;
    }
}

/* To the end of the command itself; what it leaves behind goes on */
static int run(char **argv)
{
    struct pollfd polls[3];
    int pipes[2][2], status = 0;
    pid_t child;

    for (unsigned i = 0; i < 2; i++) {
        box->text_bytes[i] = 0;
        if (pipe2(pipes[i], O_CLOEXEC)) {
            die("pipe");
        }
        fcntl(pipes[i][0], F_SETFL, O_NONBLOCK);
        fcntl(pipes[i][1], F_SETPIPE_SZ, MEGABYTE);
        polls[i] = (struct pollfd) { .fd = pipes[i][0], .events = POLLIN };
    }
    child = fork();
    if (child == 0) {
        setsid();
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(pipes[0][1], 1);
        dup2(pipes[1][1], 2);
        execvp(argv[0], argv);
        dprintf(2, "%s: %s\n", argv[0], strerror(errno));
        _exit(errno == ENOENT ? 127 : 126);
    }
    polls[2] = (struct pollfd) {
        .fd = syscall(SYS_pidfd_open, child, 0), .events = POLLIN,
    };
    if (child < 0 || polls[2].fd < 0) {
        die("fork");
    }
    while (!polls[2].revents) {
        poll(polls, 3, -1);
        take(pipes[0][0], 0);
        take(pipes[1][0], 1);
    }
    close(polls[2].fd);
    waitpid(child, &status, 0);
    for (unsigned i = 0; i < 2; i++) {
        take(pipes[i][0], i);
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
    while (waitpid(-1, NULL, WNOHANG) > 0) {
        continue;               /* orphans of earlier commands */
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_command(void)
{
    static char args[MEGABYTE + 1];
    char *argv[MAX_ARGS + 1];
    uint32_t len = box->command_bytes;
    size_t n = 0;

    if (len > MEGABYTE) {
        return 126;
    }
    memcpy(args, (char *)box->command, len);
    args[len] = '\0';
    for (char *p = args; p < args + len && n < MAX_ARGS; p += strlen(p) + 1) {
        argv[n++] = p;
    }
    argv[n] = NULL;
    return n ? run(argv) : 126;
}

int main(int argc, char **argv)
{
    char *setup[] = { (char *)SETUP, NULL };

    open_mailbox();
    if (argc == 3 && !strcmp(argv[1], "step")) {
        say(STEP, atoi(argv[2]));
        return 0;
    }
    setenv("PATH", "/cx6dx/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:"
           "/usr/bin:/sbin:/bin", 1);
    setenv("HOME", "/root", 1);
    setenv("LANG", "C.UTF-8", 1);
    say(READY, run(setup));
    for (;;) {
        say(EXIT, run_command());
    }
}

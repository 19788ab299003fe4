/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The first process of a guest, and the host's hand in it.
 *
 * It runs the script `setup`, then the commands that the host sends, and at
 * the end the script `finish`.  Everything that the host must be able to rely
 * on goes through virtio ports and none of it through the console:
 *
 *   cx6dx.ctl  lines in both directions (below)
 *   cx6dx.out  what commands write to their standard output
 *   cx6dx.err  the same for their standard error
 *
 * The guest says                       The host says
 *   hello                                exec ID LENGTH\n and then LENGTH
 *   ready | setup-failed STATUS              bytes: arguments, each ended
 *   exit ID STATUS OUT ERR                   by a NUL
 *   finished STATUS                      signal NUMBER
 *                                        hung
 *                                        finish
 *
 * STATUS is as a shell has it (128 + N for signal N); OUT and ERR count the
 * bytes sent so far on those ports, so the host knows when it has them all.
 * `hung` asks for the stacks of whatever waits, on the console, and ends the
 * command.
 * It knows nothing of NICs or kernels: that is in the scripts.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SETUP       "/cx6dx/setup"
#define FINISH      "/cx6dx/finish"
#define MAX_ARGS    1024
#define MAX_BYTES   (1024 * 1024)

/* A pipe whose read side is copied to a port. */
typedef struct Stream {
    int port;
    int pipe[2];
    uint64_t bytes;
} Stream;

typedef enum Phase {
    PHASE_SETUP,
    PHASE_READY,
    PHASE_RUNNING,
    PHASE_FINISHING,
} Phase;

static int ctl = -1;
static Stream out, err;
static Phase phase;
static pid_t child;
static unsigned long child_id;

static void write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n > 0) {
            data += n;
            len -= n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd p = { .fd = fd, .events = POLLOUT };

            poll(&p, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            return;             /* the host closed this port */
        }
    }
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
    char line[128];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    write_all(ctl, line, n);
}

/* The virtio port called @wanted, or -1. */
static int open_port(const char *wanted, int flags)
{
    DIR *dir = opendir("/sys/class/virtio-ports");
    struct dirent *entry;
    int fd = -1;

    while (dir && fd < 0 && (entry = readdir(dir))) {
        char path[320], name[64] = "";
        FILE *file;

        snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name",
                 entry->d_name);
        file = fopen(path, "r");
        if (!file) {
            continue;
        }
        if (fgets(name, sizeof(name), file)) {
            name[strcspn(name, "\n")] = '\0';
        }
        fclose(file);
        if (!strcmp(name, wanted)) {
            snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
            fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);
        }
    }
    if (dir) {
        closedir(dir);
    }
    return fd;
}

static void die(const char *why)
{
    fprintf(stderr, "cx6dx-agent: %s\n", why);
    sync();
    reboot(RB_POWER_OFF);
    _exit(1);
}

static void stream_open(Stream *stream, const char *port)
{
    stream->port = open_port(port, O_WRONLY);
    if (stream->port < 0 || pipe2(stream->pipe, O_CLOEXEC)) {
        die(port);
    }
    fcntl(stream->pipe[0], F_SETFL, O_NONBLOCK);
    fcntl(stream->pipe[1], F_SETPIPE_SZ, 1024 * 1024);
}

/* Copy what is in the pipe now; true if there was something. */
static bool stream_copy(Stream *stream)
{
    static char data[64 * 1024];
    ssize_t n = read(stream->pipe[0], data, sizeof(data));

    if (n <= 0) {
        return false;
    }
    write_all(stream->port, data, n);
    stream->bytes += n;
    return true;
}

static void streams_drain(void)
{
    while (stream_copy(&out) || stream_copy(&err)) {
        continue;
    }
}

static void spawn(char **argv)
{
    child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDONLY);
        sigset_t none;

        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setsid();
        dup2(null, 0);
        dup2(out.pipe[1], 1);
        dup2(err.pipe[1], 2);
        execvp(argv[0], argv);
        dprintf(2, "%s: %s\n", argv[0], strerror(errno));
        _exit(errno == ENOENT ? 127 : 126);
    }
    if (child < 0) {
        die("fork");
    }
}

static void spawn_script(const char *path)
{
    char *argv[] = { (char *)path, NULL };

    spawn(argv);
}

/* The command of the current phase has ended with @status. */
static void child_ended(int status)
{
    status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                 : WEXITSTATUS(status);
    child = 0;
    streams_drain();
    switch (phase) {
    case PHASE_SETUP:
        if (status) {
            say("setup-failed %d\n", status);
        } else {
            say("ready\n");
        }
        phase = PHASE_READY;
        break;
    case PHASE_RUNNING:
        say("exit %lu %d %llu %llu\n", child_id, status,
            (unsigned long long)out.bytes, (unsigned long long)err.bytes);
        phase = PHASE_READY;
        break;
    case PHASE_FINISHING:
        sync();
        say("finished %d\n", status);
        /* the host ends the machine; this is for when it is gone */
        sleep(30);
        reboot(RB_POWER_OFF);
        break;
    case PHASE_READY:
        break;
    }
}

static void reap(void)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == child) {
            child_ended(status);
        }
    }
}

/* Bytes of the control port; kept until a whole message is there. */
static char inbox[MAX_BYTES + 256];
static size_t inbox_len;

static void run_command(unsigned long id, char *args, size_t len)
{
    char *argv[MAX_ARGS + 1];
    size_t n = 0;
    char *p;

    for (p = args; p < args + len && n < MAX_ARGS; p += strlen(p) + 1) {
        argv[n++] = p;
    }
    argv[n] = NULL;
    child_id = id;
    if (n && phase == PHASE_READY) {
        phase = PHASE_RUNNING;
        spawn(argv);
    } else {
        say("exit %lu 126 %llu %llu\n", id, (unsigned long long)out.bytes,
            (unsigned long long)err.bytes);
    }
}

static void sysrq(const char *key)
{
    int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

    if (fd >= 0) {
        write_all(fd, key, 1);
        close(fd);
    }
}

/* Handle the message that begins the inbox: its length, or 0 if cut short. */
static size_t handle_message(void)
{
    char *end = memchr(inbox, '\n', inbox_len);
    unsigned long id, len, used;
    int number;

    if (!end) {
        return 0;
    }
    *end = '\0';
    used = end + 1 - inbox;
    if (sscanf(inbox, "exec %lu %lu", &id, &len) == 2 && len <= MAX_BYTES) {
        char keep;

        if (inbox_len < used + len) {
            *end = '\n';
            return 0;
        }
        keep = inbox[used + len];
        inbox[used + len] = '\0';
        run_command(id, inbox + used, len);
        inbox[used + len] = keep;
        return used + len;
    }
    if (sscanf(inbox, "signal %d", &number) == 1) {
        if (child > 0) {
            kill(-child, number);
        }
    } else if (!strcmp(inbox, "hung") && child > 0) {
        sysrq("w");
        sysrq("l");
        kill(-child, SIGKILL);
    } else if (!strcmp(inbox, "finish") && phase == PHASE_READY) {
        phase = PHASE_FINISHING;
        spawn_script(FINISH);
    }
    return used;
}

static void read_control(void)
{
    ssize_t n = read(ctl, inbox + inbox_len, MAX_BYTES + 200 - inbox_len);
    size_t used;

    if (n <= 0) {
        return;
    }
    inbox_len += n;
    while ((used = handle_message())) {
        inbox_len -= used;
        memmove(inbox, inbox + used, inbox_len);
    }
}

int main(void)
{
    struct pollfd fds[4];
    sigset_t signals;

    setenv("PATH", "/cx6dx/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin"
           ":/usr/bin:/sbin:/bin", 1);
    setenv("HOME", "/root", 1);
    setenv("LANG", "C.UTF-8", 1);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);

    ctl = open_port("cx6dx.ctl", O_RDWR);
    if (ctl < 0) {
        die("no control port");
    }
    stream_open(&out, "cx6dx.out");
    stream_open(&err, "cx6dx.err");
    say("hello\n");
    spawn_script(SETUP);

    fds[0] = (struct pollfd){ .fd = ctl, .events = POLLIN };
    fds[1] = (struct pollfd){ .fd = out.pipe[0], .events = POLLIN };
    fds[2] = (struct pollfd){ .fd = err.pipe[0], .events = POLLIN };
    fds[3] = (struct pollfd){ .events = POLLIN,
        .fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC) };
    for (;;) {
        struct signalfd_siginfo info;

        if (poll(fds, 4, -1) < 0) {
            continue;
        }
        if (fds[1].revents) {
            stream_copy(&out);
        }
        if (fds[2].revents) {
            stream_copy(&err);
        }
        if (fds[0].revents & POLLIN) {
            read_control();
        } else if (fds[0].revents & POLLHUP) {
            die("the host is gone");
        }
        if (fds[3].revents) {
            while (read(fds[3].fd, &info, sizeof(info)) > 0) {
                continue;
            }
            reap();
        }
    }
}

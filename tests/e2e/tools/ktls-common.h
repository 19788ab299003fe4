/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the two programs that move bytes through kernel TLS share: keys made
 * from a seed, numbers on the command line, and small helpers.  TOOL is the
 * name of the program that includes this.
 */
#ifndef CX6DX_KTLS_COMMON_H
#define CX6DX_KTLS_COMMON_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef SOL_TLS
#define SOL_TLS 282
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif

/* A mark that plaintext carries often, so that it is found where none may be */
#define MARK            "CX6CLEAR"

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void __attribute__((noreturn)) die(const char *what)
{
    fprintf(stderr, TOOL ": %s: %s\n", what, strerror(errno));
    exit(2);
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        die(what);
    }
}

/* Next of a sequence that depends on nothing but *state (splitmix64). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static void fill_random(uint8_t *to, size_t len, uint64_t seed)
{
    size_t i;

    for (i = 0; i < len; i += 8) {
        uint64_t r = next_random(&seed);

        memcpy(to + i, &r, len - i < 8 ? len - i : 8);
    }
}

/*
 * Gives the kernel the key of one direction (@option TLS_TX or TLS_RX), which
 * depends on @seed only.
 */
static int set_key(int fd, int option, uint32_t bits, uint16_t version,
                   uint64_t seed)
{
    union {
        struct tls12_crypto_info_aes_gcm_128 k128;
        struct tls12_crypto_info_aes_gcm_256 k256;
    } info;
    socklen_t len;

    memset(&info, 0, sizeof(info));
    if (bits == 128) {
        len = sizeof(info.k128);
        fill_random(info.k128.iv, sizeof(info.k128.iv), seed ^ 1);
        fill_random(info.k128.key, sizeof(info.k128.key), seed ^ 2);
        fill_random(info.k128.salt, sizeof(info.k128.salt), seed ^ 3);
        info.k128.info.cipher_type = TLS_CIPHER_AES_GCM_128;
    } else {
        len = sizeof(info.k256);
        fill_random(info.k256.iv, sizeof(info.k256.iv), seed ^ 1);
        fill_random(info.k256.key, sizeof(info.k256.key), seed ^ 2);
        fill_random(info.k256.salt, sizeof(info.k256.salt), seed ^ 3);
        info.k256.info.cipher_type = TLS_CIPHER_AES_GCM_256;
    }
    info.k128.info.version = version;
    return setsockopt(fd, SOL_TLS, option, &info, len);
}

static bool read_all(int fd, void *to, size_t len)
{
    return recv(fd, to, len, MSG_WAITALL) == (ssize_t)len;
}

/*
 * What is said in the clear, before there are keys, has the form of a TLS
 * handshake record: who follows the records on the wire finds them all.
 */
static bool send_clear(int fd, const void *from, size_t len)
{
    uint8_t record[5 + 256] = { 22, 3, 3, len >> 8, len };

    memcpy(record + 5, from, len);
    return send(fd, record, 5 + len, MSG_NOSIGNAL) == (ssize_t)(5 + len);
}

static bool read_clear(int fd, void *to, size_t len)
{
    uint8_t header[5];

    return read_all(fd, header, 5) && header[0] == 22
           && header[3] * 256u + header[4] == len && read_all(fd, to, len);
}

/* TCP segments with no more than @bytes of data and options; 0: no limit */
static void limit_segments(int fd, int bytes)
{
    must(!bytes || !setsockopt(fd, SOL_TCP, TCP_MAXSEG, &bytes, sizeof(bytes)),
         "largest segment");
}

static uint64_t number(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);

    switch (*end) {
    case 'G':
        value *= 1024;
        /* fall through */
    case 'M':
        value *= 1024;
        /* fall through */
    case 'K':
        value *= 1024;
        end++;
        break;
    }
    if (end == text || *end) {
        fprintf(stderr, TOOL ": '%s' is not a number\n", text);
        exit(2);
    }
    return value;
}

#endif

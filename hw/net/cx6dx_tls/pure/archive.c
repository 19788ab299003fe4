/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * State written down as a stream of bytes; see archive.h
 */
#include "qemu/osdep.h"
#include "pure/archive.h"

#define MAGIC 0x63783664u           /* "cx6d" */
#define FNV_BASIS 0xcbf29ce484222325ull
#define FNV_PRIME 0x100000001b3ull
#define NAME_BYTES 24

static void wipe(Cx6dxArchive *ar)
{
    volatile uint8_t *p = ar->buf;

    for (size_t i = 0; i < sizeof(ar->buf); i++) {
        p[i] = 0;
    }
    ar->pos = 0;
    ar->filled = 0;
}

/* ---- Chunks ---- */

static void flush(Cx6dxArchive *ar)
{
    if (ar->pos && ar->move(ar->opaque, ar->buf, ar->pos) != ar->pos) {
        cx6dx_ar_check(ar, false, "it can not be written");
    }
    ar->pos = 0;
}

static void fill(Cx6dxArchive *ar)
{
    size_t n = ar->move(ar->opaque, ar->buf, sizeof(ar->buf));

    ar->pos = 0;
    ar->filled = MIN(n, sizeof(ar->buf));
    cx6dx_ar_check(ar, n != 0, "it ends too early");
}

/* Bytes that can be moved now, at least one; 0: something is wrong */
static size_t room(Cx6dxArchive *ar)
{
    if (ar->loading) {
        if (ar->pos == ar->filled && !ar->error) {
            fill(ar);
        }
        return ar->error ? 0 : ar->filled - ar->pos;
    }
    if (ar->pos == sizeof(ar->buf)) {
        flush(ar);
    }
    return ar->error ? 0 : sizeof(ar->buf) - ar->pos;
}

static void add_to_sum(Cx6dxArchive *ar, const uint8_t *p, size_t n)
{
    uint64_t sum = ar->sum;

    while (n--) {
        sum = (sum ^ *p++) * FNV_PRIME;
    }
    ar->sum = sum;
}

void cx6dx_ar_bytes(Cx6dxArchive *ar, void *buf, size_t len)
{
    uint8_t *p = buf;

    ar->total_bytes += len;
    cx6dx_ar_check(ar, ar->total_bytes <= CX6DX_ARCHIVE_MAX_BYTES,
                   "it is too long");
    while (len) {
        size_t n = MIN(len, room(ar));

        if (!n) {
            break;
        }
        if (ar->loading) {
            memcpy(p, ar->buf + ar->pos, n);
        } else {
            memcpy(ar->buf + ar->pos, p, n);
        }
        add_to_sum(ar, p, n);
        ar->pos += n;
        p += n;
        len -= n;
    }
    if (ar->loading && len) {
        memset(p, 0, len);
    }
}

/* ---- Begin and end ---- */

void cx6dx_ar_begin(Cx6dxArchive *ar, bool loading, Cx6dxArchiveMove move,
                    void *opaque)
{
    *ar = (Cx6dxArchive) {
        .loading = loading,
        .section = "head",
        .move = move,
        .opaque = opaque,
        .sum = FNV_BASIS,
    };
    cx6dx_ar_equal(ar, MAGIC, "it is none of this device");
}

bool cx6dx_ar_end(Cx6dxArchive *ar)
{
    uint64_t sum = ar->sum, stored = sum;

    ar->section = ar->error ? ar->section : "end";
    cx6dx_ar(ar, &stored);
    cx6dx_ar_check(ar, stored == sum, "the checksum is wrong");
    if (!ar->loading && !ar->error) {
        flush(ar);
    } else if (ar->loading && !ar->error) {
        cx6dx_ar_check(ar, ar->pos == ar->filled &&
                           !ar->move(ar->opaque, ar->buf, sizeof(ar->buf)),
                       "something follows its end");
    }
    wipe(ar);
    return !ar->error;
}

void cx6dx_ar_section(Cx6dxArchive *ar, const char *name, uint32_t version)
{
    char text[NAME_BYTES] = { 0 }, wanted[NAME_BYTES];

    if (ar->error) {
        return;
    }
    ar->section = name;
    ar->version = version;
    g_strlcpy(text, name, sizeof(text));
    memcpy(wanted, text, sizeof(wanted));
    cx6dx_ar_bytes(ar, text, sizeof(text));
    cx6dx_ar_check(ar, !memcmp(text, wanted, sizeof(text)),
                   "another section was expected");
    cx6dx_ar(ar, &ar->version);
    cx6dx_ar_check(ar, ar->version && ar->version <= version,
                   "the version is not known");
}

/* ---- Numbers ---- */

static uint64_t move_number(Cx6dxArchive *ar, uint64_t value, unsigned bytes)
{
    uint8_t p[8];

    for (unsigned i = 0; i < bytes; i++) {
        p[i] = value >> 8 * (bytes - 1 - i);
    }
    cx6dx_ar_bytes(ar, p, bytes);
    if (!ar->loading) {
        return value;
    }
    value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        value = value << 8 | p[i];
    }
    return ar->error ? 0 : value;
}

void cx6dx_ar_u8(Cx6dxArchive *ar, uint8_t *value)
{
    *value = move_number(ar, *value, 1);
}

void cx6dx_ar_u16(Cx6dxArchive *ar, uint16_t *value)
{
    *value = move_number(ar, *value, 2);
}

void cx6dx_ar_u32(Cx6dxArchive *ar, uint32_t *value)
{
    *value = move_number(ar, *value, 4);
}

void cx6dx_ar_u64(Cx6dxArchive *ar, uint64_t *value)
{
    *value = move_number(ar, *value, 8);
}

void cx6dx_ar_bool(Cx6dxArchive *ar, bool *value)
{
    uint8_t byte = *value;

    cx6dx_ar_u8(ar, &byte);
    cx6dx_ar_check(ar, byte <= 1, "a flag is neither 0 nor 1");
    *value = byte == 1;
}

void cx6dx_ar_count(Cx6dxArchive *ar, uint32_t *n, uint32_t max,
                    const char *what)
{
    cx6dx_ar(ar, n);
    if (!cx6dx_ar_check(ar, *n <= max, what) && ar->loading) {
        *n = 0;
    }
}

void cx6dx_ar_equal(Cx6dxArchive *ar, uint32_t value, const char *what)
{
    uint32_t stored = value;

    cx6dx_ar(ar, &stored);
    cx6dx_ar_check(ar, stored == value, what);
}

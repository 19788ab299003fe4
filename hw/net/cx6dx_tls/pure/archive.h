/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * State written down as a stream of bytes, and read back: both by the same calls
 *
 * Whoever has state writes one function that names each part of it once, and
 * that function saves and loads, so that the two can not differ:
 *
 *     cx6dx_ar(ar, &cq->pi);
 *     cx6dx_ar(ar, &cq->log_entries);
 *     if (!cx6dx_ar_check(ar, cq->log_entries <= MAX, "size of a CQ")) {
 *         return;
 *     }
 *
 * Numbers have the width of their type, most significant byte first, and nothing
 * of the host.  Sections have a name and a version of their own.  The stream
 * ends with a checksum.
 *
 * What is loaded is hostile.  The first thing found wrong is kept in `error`, and
 * from then on nothing is moved: what is loaded reads 0.  Loops over a number
 * from the stream end at an error.  Nothing here allocates memory, and what a
 * caller allocates he bounds himself, by cx6dx_ar_count() for one.
 *
 * A stream holds keys: the buffer is wiped at the end, and so must be every
 * other one that a caller puts it into.
 */
#ifndef CX6DX_PURE_ARCHIVE_H
#define CX6DX_PURE_ARCHIVE_H

#include "qemu/osdep.h"

#define CX6DX_ARCHIVE_CHUNK_BYTES 4096
/*
 * More than the largest state has: 2^17 TLS contexts in the middle of a record
 * of 16 KiB, and page lists and packets of some hundred MiB
 */
#define CX6DX_ARCHIVE_MAX_BYTES (4ull << 30)

/*
 * Saving: takes `len` bytes, and returns that number or 0.  Loading: gives at
 * most `len` bytes and returns how many; 0: there are no more.
 */
typedef size_t (*Cx6dxArchiveMove)(void *opaque, uint8_t *buf, size_t len);

typedef struct Cx6dxArchive {
    bool loading;
    uint32_t version;           /* of the section */
    const char *section;
    const char *error;          /* NULL: all is well */
    /* private */
    Cx6dxArchiveMove move;
    void *opaque;
    uint64_t sum;
    uint64_t total_bytes;
    size_t pos, filled;
    uint8_t buf[CX6DX_ARCHIVE_CHUNK_BYTES];
} Cx6dxArchive;

void cx6dx_ar_begin(Cx6dxArchive *ar, bool loading, Cx6dxArchiveMove move,
                    void *opaque);
/*
 * Writes the rest and the checksum, or reads it and sees that nothing follows.
 * True when all was well from the beginning.
 */
bool cx6dx_ar_end(Cx6dxArchive *ar);

/*
 * A new part; `version` is what is written, and the newest that can be read.
 * ar->version says which one the stream has.
 */
void cx6dx_ar_section(Cx6dxArchive *ar, const char *name, uint32_t version);

void cx6dx_ar_bytes(Cx6dxArchive *ar, void *buf, size_t len);
void cx6dx_ar_u8(Cx6dxArchive *ar, uint8_t *value);
void cx6dx_ar_u16(Cx6dxArchive *ar, uint16_t *value);
void cx6dx_ar_u32(Cx6dxArchive *ar, uint32_t *value);
void cx6dx_ar_u64(Cx6dxArchive *ar, uint64_t *value);
/* 0 or 1; anything else is an error */
void cx6dx_ar_bool(Cx6dxArchive *ar, bool *value);

/* By the type of what `p` points to */
#define cx6dx_ar(ar, p)                                                 \
    _Generic(*(p),                                                      \
             bool: cx6dx_ar_bool,                                       \
             uint8_t: cx6dx_ar_u8,                                      \
             uint16_t: cx6dx_ar_u16,                                    \
             uint32_t: cx6dx_ar_u32,                                    \
             uint64_t: cx6dx_ar_u64)((ar), (p))

/* A number of things that follow, at most `max` */
void cx6dx_ar_count(Cx6dxArchive *ar, uint32_t *n, uint32_t max,
                    const char *what);
/* What must be the same on both sides */
void cx6dx_ar_equal(Cx6dxArchive *ar, uint32_t value, const char *what);

/* False when something was wrong before, or `good` does not hold now */
static inline bool cx6dx_ar_check(Cx6dxArchive *ar, bool good,
                                  const char *what)
{
    if (!good && !ar->error) {
        ar->error = what;
    }
    return !ar->error;
}

static inline bool cx6dx_ar_good(const Cx6dxArchive *ar)
{
    return !ar->error;
}

#endif

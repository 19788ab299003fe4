/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz input as a tape of small decisions
 *
 * A tape that has run out gives zeros, so every input is a whole story.
 */
#ifndef CX6DX_FUZZ_TAPE_H
#define CX6DX_FUZZ_TAPE_H

#include "qemu/osdep.h"

/* What every entry defines; libFuzzer calls it, and so does replay.c */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A finding ends the program, with or without NDEBUG */
#define FUZZ_CHECK(x)                                                   \
    do {                                                                \
        if (!(x)) {                                                     \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #x); \
            abort();                                                    \
        }                                                               \
    } while (0)

typedef struct Tape {
    const uint8_t *p;
    size_t left;
} Tape;

static inline uint8_t tape_u8(Tape *tape)
{
    if (!tape->left) {
        return 0;
    }
    tape->left--;
    return *tape->p++;
}

static inline uint32_t tape_u16(Tape *tape)
{
    uint32_t high = tape_u8(tape);

    return high << 8 | tape_u8(tape);
}

static inline uint32_t tape_u32(Tape *tape)
{
    uint32_t high = tape_u16(tape);

    return high << 16 | tape_u16(tape);
}

/* 0 .. limit - 1; takes two bytes for limits beyond one */
static inline uint32_t tape_below(Tape *tape, uint32_t limit)
{
    if (limit < 2) {
        return 0;
    }
    return (limit > 256 ? tape_u16(tape) : tape_u8(tape)) % limit;
}

/* The next bytes themselves, `max` at most; *len says how many */
static inline const uint8_t *tape_bytes(Tape *tape, size_t max, size_t *len)
{
    const uint8_t *p = tape->p;

    *len = MIN(max, tape->left);
    tape->p += *len;
    tape->left -= *len;
    return p;
}

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Compression of receive completions: many entries become a title and arrays
 * (PRM "Completion Queue Entry Compression")
 *
 * A session collects completions that differ only in length, place, checksum,
 * hash and time.  It takes as many slots of the queue as it has completions,
 * but few of them are written:
 *
 *     basic      slot 0: title, an entry like that of the first completion whose
 *                byte_cnt is the number of completions;
 *                slots 1, 8, 16, 24...: arrays of 8; the first array begins with
 *                the completion of the title
 *     enhanced   slot 0: the first completion, as if nothing were compressed;
 *                slots 1, 8, 15, 22...: arrays of up to 7 and their number
 *
 * What the short form has no room for is the title's for all of them.  The room
 * knows neither the queue nor its owner bits: see Cx6dxCqeSlot.
 */
#ifndef CX6DX_PURE_CQE_COMP_H
#define CX6DX_PURE_CQE_COMP_H

#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/archive.h"

#define CX6DX_CQE_COMP_MAX 64           /* completions of a session */
#define CX6DX_CQE_COMP_SLOTS 10         /* slots written for so many, at most */

typedef struct Cx6dxCqeComp {
    uint8_t format;                     /* CX6DX_MINI_CQE_* */
    bool enhanced;
    uint8_t max;                        /* 1 to CX6DX_CQE_COMP_MAX */
    uint8_t count;
    uint16_t next_counter;              /* wqe_counter that would continue it */
    uint8_t title[CX6DX_cqe_BYTES];     /* the first completion */
    uint8_t mini[CX6DX_CQE_COMP_MAX][CX6DX_mini_cqe_BYTES];
} Cx6dxCqeComp;

/* A slot to be written, counted from the first one of the session */
typedef struct Cx6dxCqeSlot {
    uint8_t offset;
    bool plain_end;     /* the last two bytes are an entry's: fill in the owner */
    uint8_t bytes[CX6DX_cqe_BYTES];
} Cx6dxCqeSlot;

/* False when no session can be like that: unknown format or layout */
bool cx6dx_cqe_comp_init(Cx6dxCqeComp *comp, uint8_t format, uint8_t layout,
                         uint32_t queue_entries);

/*
 * Adds a completion.  False when it does not go with those that are there, or
 * with any: encode and clear first, then try again or write it as it is.
 */
bool cx6dx_cqe_comp_add(Cx6dxCqeComp *comp,
                        const uint8_t cqe[CX6DX_cqe_BYTES]);

/* Slots in ascending order; returns how many.  One completion stays as it is. */
unsigned cx6dx_cqe_comp_encode(const Cx6dxCqeComp *comp,
                               Cx6dxCqeSlot slots[CX6DX_CQE_COMP_SLOTS]);

/* The session as it stands, and its kind; `queue_entries` as for init */
void cx6dx_cqe_comp_archive(Cx6dxCqeComp *comp, uint32_t queue_entries,
                            Cx6dxArchive *ar);

static inline void cx6dx_cqe_comp_clear(Cx6dxCqeComp *comp)
{
    comp->count = 0;
}

#endif

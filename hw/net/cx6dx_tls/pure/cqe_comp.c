/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Compression of receive completions; see cqe_comp.h
 */
#include "qemu/osdep.h"
#include "pure/cqe_comp.h"

enum {
    ARRAY_BASIC = CX6DX_cqe_BYTES / CX6DX_mini_cqe_BYTES,
    /* validity and opcode of the slot take the place of the last one */
    ARRAY_ENHANCED = ARRAY_BASIC - 1,
};

QEMU_BUILD_BUG_ON(CX6DX_CQE_COMP_SLOTS <
                  1 + DIV_ROUND_UP(CX6DX_CQE_COMP_MAX - 1, ARRAY_ENHANCED));
QEMU_BUILD_BUG_ON(CX6DX_CQE_COMP_SLOTS <
                  1 + DIV_ROUND_UP(CX6DX_CQE_COMP_MAX, ARRAY_BASIC));

bool cx6dx_cqe_comp_init(Cx6dxCqeComp *comp, uint8_t format, uint8_t layout,
                         uint32_t queue_entries)
{
    if ((format != CX6DX_MINI_CQE_HASH && format != CX6DX_MINI_CQE_CSUM &&
         format != CX6DX_MINI_CQE_CSUM_STRIDX) ||
        layout > CX6DX_CQE_COMP_ENHANCED) {
        return false;
    }
    comp->format = format;
    comp->enhanced = layout == CX6DX_CQE_COMP_ENHANCED;
    comp->max = MIN(queue_entries, CX6DX_CQE_COMP_MAX);
    comp->count = 0;
    return true;
}

/* Bytes that are alike in all completions of a session */
static bool alike(const Cx6dxCqeComp *comp, const uint8_t *cqe)
{
    uint8_t a[CX6DX_cqe_BYTES], b[CX6DX_cqe_BYTES];
    uint8_t *const both[] = { a, b };

    memcpy(a, comp->title, sizeof(a));
    memcpy(b, cqe, sizeof(b));
    for (unsigned i = 0; i < 2; i++) {
        CX6DX_SET(cqe, both[i], byte_cnt, 0);
        CX6DX_SET(cqe, both[i], check_sum, 0);
        CX6DX_SET(cqe, both[i], rss_hash_result, 0);
        CX6DX_SET(cqe, both[i], timestamp_h, 0);
        CX6DX_SET(cqe, both[i], timestamp_l, 0);
        CX6DX_SET(cqe, both[i], wqe_counter, 0);
        if (comp->format != CX6DX_MINI_CQE_HASH) {
            /* says of what the hash is made, and there is none */
            CX6DX_SET(cqe, both[i], rss_hash_l4, 0);
            CX6DX_SET(cqe, both[i], rss_hash_ip, 0);
        }
    }
    return !memcmp(a, b, sizeof(a));
}

static bool compressible(const uint8_t *cqe)
{
    return CX6DX_GET(cqe, cqe, opcode) == CX6DX_CQE_RESP_SEND &&
           CX6DX_GET(cqe, cqe, tls_offload) == CX6DX_CQE_TLS_NOT_DECRYPTED &&
           !CX6DX_GET(cqe, cqe, lro_num_seg) &&
           !CX6DX_GET(cqe_strides, cqe, filler);
}

bool cx6dx_cqe_comp_add(Cx6dxCqeComp *comp,
                        const uint8_t cqe[CX6DX_cqe_BYTES])
{
    uint16_t counter = CX6DX_GET(cqe, cqe, wqe_counter);
    uint16_t strides = CX6DX_GET(cqe_strides, cqe, strides);
    uint8_t *mini = comp->mini[comp->count];

    if (comp->count >= comp->max || !compressible(cqe)) {
        return false;
    }
    if (!comp->count) {
        memcpy(comp->title, cqe, CX6DX_cqe_BYTES);
    } else if (!alike(comp, cqe) ||
               (comp->format != CX6DX_MINI_CQE_CSUM_STRIDX &&
                counter != comp->next_counter)) {
        return false;
    }
    /* a cyclic queue counts work requests, a striding one strides */
    comp->next_counter = counter + (strides ? strides : 1);
    memset(mini, 0, CX6DX_mini_cqe_BYTES);
    CX6DX_SET(mini_cqe, mini, byte_cnt, CX6DX_GET(cqe, cqe, byte_cnt));
    if (comp->format == CX6DX_MINI_CQE_HASH) {
        CX6DX_SET(mini_cqe, mini, rx_hash_result,
                  CX6DX_GET(cqe, cqe, rss_hash_result));
    } else {
        CX6DX_SET(mini_cqe, mini, checksum, CX6DX_GET(cqe, cqe, check_sum));
        if (comp->format == CX6DX_MINI_CQE_CSUM_STRIDX) {
            CX6DX_SET(mini_cqe, mini, stridx, counter);
        }
    }
    comp->count++;
    return true;
}

/* The array of `n` completions from the one numbered `from` on */
static void fill_array(const Cx6dxCqeComp *comp, unsigned from, unsigned n,
                       Cx6dxCqeSlot *slot)
{
    memset(slot->bytes, 0, sizeof(slot->bytes));
    memcpy(slot->bytes, comp->mini[from], n * CX6DX_mini_cqe_BYTES);
    slot->plain_end = comp->enhanced;
    if (comp->enhanced) {
        CX6DX_SET(cqe, slot->bytes, opcode, n - 1);
        CX6DX_SET(cqe, slot->bytes, format, CX6DX_CQE_FORMAT_COMPRESSED);
    }
}

unsigned cx6dx_cqe_comp_encode(const Cx6dxCqeComp *comp,
                               Cx6dxCqeSlot slots[CX6DX_CQE_COMP_SLOTS])
{
    unsigned room = comp->enhanced ? ARRAY_ENHANCED : ARRAY_BASIC;
    unsigned from = comp->enhanced ? 1 : 0;
    unsigned used = 0;

    if (!comp->count) {
        return 0;
    }
    slots[used].offset = 0;
    slots[used].plain_end = true;
    memcpy(slots[used].bytes, comp->title, CX6DX_cqe_BYTES);
    if (comp->count > 1 && !comp->enhanced) {
        CX6DX_SET(cqe, slots[used].bytes, byte_cnt, comp->count);
        CX6DX_SET(cqe, slots[used].bytes, format,
                  CX6DX_CQE_FORMAT_COMPRESSED);
    }
    used++;
    for (; comp->count > 1 && from < comp->count; from += room) {
        /* in the place of the first of its completions that is not the title */
        slots[used].offset = MAX(from, 1);
        fill_array(comp, from, MIN(comp->count - from, room), &slots[used]);
        used++;
    }
    return used;
}

void cx6dx_cqe_comp_archive(Cx6dxCqeComp *comp, uint32_t queue_entries,
                            Cx6dxArchive *ar)
{
    uint8_t format = comp->format;
    bool enhanced = comp->enhanced;
    uint32_t n = comp->count;

    cx6dx_ar(ar, &format);
    cx6dx_ar(ar, &enhanced);
    if (ar->loading &&
        !cx6dx_ar_check(ar, cx6dx_cqe_comp_init(comp, format, enhanced
                                                ? CX6DX_CQE_COMP_ENHANCED
                                                : CX6DX_CQE_COMP_BASIC,
                                                queue_entries),
                        "no such compression")) {
        return;
    }
    cx6dx_ar_count(ar, &n, comp->max, "a session is too long");
    comp->count = n;
    if (n) {
        cx6dx_ar(ar, &comp->next_counter);
        cx6dx_ar_bytes(ar, comp->title, sizeof(comp->title));
        cx6dx_ar_bytes(ar, comp->mini, n * sizeof(comp->mini[0]));
    }
}

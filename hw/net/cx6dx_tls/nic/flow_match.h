/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Matching of a packet against the entries of one flow group
 *
 * A packet becomes one key: its outer headers in the layout of
 * fte_match_set_lyr_2_4, absent fields 0.  A group has one mask; its entries are
 * found by a hash of the masked key, so that their number does not matter.
 * Knows nothing of commands, tables or actions.
 */
#ifndef CX6DX_NIC_FLOW_MATCH_H
#define CX6DX_NIC_FLOW_MATCH_H

#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/frame.h"

#define CX6DX_FLOW_WORDS (CX6DX_fte_match_set_lyr_2_4_BYTES / 8)

/* The bytes of the layout, in the byte order that they have there */
typedef struct Cx6dxFlowKey {
    uint64_t words[CX6DX_FLOW_WORDS];
} Cx6dxFlowKey;

/* First member of an entry */
typedef struct Cx6dxFlowItem {
    struct Cx6dxFlowItem *next;     /* same bucket, by index */
    uint32_t hash;
    uint32_t index;                 /* in the table; the lowest wins */
    Cx6dxFlowKey value;             /* masked */
} Cx6dxFlowItem;

typedef struct Cx6dxFlowMatcher {
    uint8_t n_words;                /* words of the mask that are not 0 */
    uint8_t word[CX6DX_FLOW_WORDS];
    Cx6dxFlowKey mask;
    Cx6dxFlowItem **buckets;
    uint32_t n_buckets;             /* a power of two, or 0 */
    uint32_t n_items;
} Cx6dxFlowMatcher;

/* False when the mask has bits of fields that packets are not matched on */
bool cx6dx_flow_matcher_init(
    Cx6dxFlowMatcher *matcher,
    const uint8_t mask[CX6DX_fte_match_set_lyr_2_4_BYTES]);
/* The items are the caller's */
void cx6dx_flow_matcher_free(Cx6dxFlowMatcher *matcher);

/* `item->index` is set; its value is taken from `value` and masked */
void cx6dx_flow_matcher_add(
    Cx6dxFlowMatcher *matcher, Cx6dxFlowItem *item,
    const uint8_t value[CX6DX_fte_match_set_lyr_2_4_BYTES]);
void cx6dx_flow_matcher_remove(Cx6dxFlowMatcher *matcher, Cx6dxFlowItem *item);

/* The matching item with the lowest index, or NULL */
Cx6dxFlowItem *cx6dx_flow_matcher_find(const Cx6dxFlowMatcher *matcher,
                                       const Cx6dxFlowKey *key);

/* `buf` is a frame that parsed as `frame` */
void cx6dx_flow_key(const uint8_t *buf, const Cx6dxFrame *frame,
                    Cx6dxFlowKey *key);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Matching of a packet against the entries of one flow group; see flow_match.h
 */
#include "qemu/osdep.h"
#include "nic/flow_match.h"

#define KEY_BYTES CX6DX_fte_match_set_lyr_2_4_BYTES
#define MIN_BUCKETS 4
#define MUL 0x9e3779b97f4a7c15ull

#define OFF(name) CX6DX_OFF_(fte_match_set_lyr_2_4, name)
#define PUT(name, v) ((uint32_t)(v) << CX6DX_LSB_(fte_match_set_lyr_2_4, name))

/* Bits of the layout that packets are matched on */
static void supported_mask(uint8_t bits[KEY_BYTES])
{
    memset(bits, 0xff, KEY_BYTES);
    memset(bits + OFF(ttl_hoplimit), 0, 4);
    CX6DX_SET(fte_match_set_lyr_2_4, bits, ttl_hoplimit, 0xff);
}

bool cx6dx_flow_matcher_init(Cx6dxFlowMatcher *matcher,
                             const uint8_t mask[KEY_BYTES])
{
    uint8_t supported[KEY_BYTES];

    memset(matcher, 0, sizeof(*matcher));
    supported_mask(supported);
    for (size_t i = 0; i < KEY_BYTES; i++) {
        if (mask[i] & ~supported[i]) {
            return false;
        }
    }
    memcpy(matcher->mask.words, mask, KEY_BYTES);
    for (unsigned w = 0; w < CX6DX_FLOW_WORDS; w++) {
        if (matcher->mask.words[w]) {
            matcher->word[matcher->n_words++] = w;
        }
    }
    return true;
}

void cx6dx_flow_matcher_free(Cx6dxFlowMatcher *matcher)
{
    g_free(matcher->buckets);
    matcher->buckets = NULL;
    matcher->n_buckets = 0;
    matcher->n_items = 0;
}

static uint32_t masked_hash(const Cx6dxFlowMatcher *matcher,
                            const Cx6dxFlowKey *key)
{
    uint64_t h = 0;

    for (unsigned i = 0; i < matcher->n_words; i++) {
        unsigned w = matcher->word[i];

        h = (h ^ (key->words[w] & matcher->mask.words[w])) * MUL;
        h ^= h >> 29;
    }
    return (uint32_t)(h >> 16);
}

static bool masked_equal(const Cx6dxFlowMatcher *matcher,
                         const Cx6dxFlowItem *item, const Cx6dxFlowKey *key)
{
    uint64_t differ = 0;

    for (unsigned i = 0; i < matcher->n_words; i++) {
        unsigned w = matcher->word[i];

        differ |= (key->words[w] & matcher->mask.words[w]) ^
                  item->value.words[w];
    }
    return !differ;
}

static void link_item(Cx6dxFlowMatcher *matcher, Cx6dxFlowItem *item)
{
    Cx6dxFlowItem **at =
        &matcher->buckets[item->hash & (matcher->n_buckets - 1)];

    while (*at && (*at)->index < item->index) {
        at = &(*at)->next;
    }
    item->next = *at;
    *at = item;
}

static void set_buckets(Cx6dxFlowMatcher *matcher, uint32_t n)
{
    Cx6dxFlowItem **old = matcher->buckets;
    uint32_t old_n = matcher->n_buckets;

    matcher->buckets = g_new0(Cx6dxFlowItem *, n);
    matcher->n_buckets = n;
    for (uint32_t i = 0; i < old_n; i++) {
        Cx6dxFlowItem *item = old[i];

        while (item) {
            Cx6dxFlowItem *next = item->next;

            link_item(matcher, item);
            item = next;
        }
    }
    g_free(old);
}

void cx6dx_flow_matcher_add(Cx6dxFlowMatcher *matcher, Cx6dxFlowItem *item,
                            const uint8_t value[KEY_BYTES])
{
    memcpy(item->value.words, value, KEY_BYTES);
    for (unsigned w = 0; w < CX6DX_FLOW_WORDS; w++) {
        item->value.words[w] &= matcher->mask.words[w];
    }
    item->hash = masked_hash(matcher, &item->value);
    if (matcher->n_items >= matcher->n_buckets) {
        set_buckets(matcher, MAX(MIN_BUCKETS, matcher->n_buckets * 2));
    }
    link_item(matcher, item);
    matcher->n_items++;
}

void cx6dx_flow_matcher_remove(Cx6dxFlowMatcher *matcher, Cx6dxFlowItem *item)
{
    Cx6dxFlowItem **at =
        &matcher->buckets[item->hash & (matcher->n_buckets - 1)];

    while (*at != item) {
        at = &(*at)->next;
    }
    *at = item->next;
    matcher->n_items--;
    if (matcher->n_buckets > MIN_BUCKETS &&
        matcher->n_items < matcher->n_buckets / 4) {
        set_buckets(matcher, matcher->n_buckets / 2);
    }
}

Cx6dxFlowItem *cx6dx_flow_matcher_find(const Cx6dxFlowMatcher *matcher,
                                       const Cx6dxFlowKey *key)
{
    Cx6dxFlowItem *item;
    uint32_t hash;

    if (!matcher->n_items) {
        return NULL;
    }
    hash = masked_hash(matcher, key);
    item = matcher->buckets[hash & (matcher->n_buckets - 1)];
    while (item && (item->hash != hash || !masked_equal(matcher, item, key))) {
        item = item->next;
    }
    return item;
}

/*
 * Written word by word: this runs for every packet received, and CX6DX_SET
 * would read each word back for each of its fields.
 */
void cx6dx_flow_key(const uint8_t *buf, const Cx6dxFrame *frame,
                    Cx6dxFlowKey *key)
{
    uint8_t *bytes = (uint8_t *)key->words;
    uint32_t tcp_flags = 0;
    uint32_t tci = 0;

    QEMU_BUILD_BUG_ON(OFF(smac_47_16) != 0 || OFF(ethertype) != 4 ||
                      OFF(dmac_47_16) != 8 || OFF(first_vid) != 12);
    memset(bytes, 0, KEY_BYTES);
    memcpy(bytes, buf + 6, 6);
    bytes[6] = frame->ethertype >> 8;
    bytes[7] = frame->ethertype & 0xff;
    memcpy(bytes + 8, buf, 6);
    if (frame->cvlan || frame->svlan) {
        tci = frame->vlan_tci;
    }
    bytes[14] = tci >> 8;
    bytes[15] = tci & 0xff;
    if (frame->tcp) {
        /* the ninth flag (NS) is the low bit of the byte before the others */
        tcp_flags = (buf[frame->l4_off + 12] & 1) << 8 | frame->tcp_flags;
        cx6dx_prm_store(bytes + OFF(tcp_sport),
                        PUT(tcp_sport, frame->sport) |
                        PUT(tcp_dport, frame->dport));
    } else if (frame->udp) {
        cx6dx_prm_store(bytes + OFF(udp_sport),
                        PUT(udp_sport, frame->sport) |
                        PUT(udp_dport, frame->dport));
    }
    cx6dx_prm_store(bytes + OFF(ip_protocol),
                    PUT(ip_protocol, frame->ip_protocol) |
                    PUT(ip_dscp, frame->ip_dscp & 0x3f) |
                    PUT(ip_ecn, frame->ip_ecn & 3) |
                    PUT(cvlan_tag, frame->cvlan) |
                    PUT(svlan_tag, frame->svlan) |
                    PUT(frag, frame->frag) |
                    PUT(ip_version, frame->ip_version & 0xf) |
                    PUT(tcp_flags, tcp_flags));
    if (frame->ip_version) {
        cx6dx_prm_store(bytes + OFF(ttl_hoplimit),
                        PUT(ttl_hoplimit, frame->ttl));
        memcpy(bytes + OFF(src_ipv4_src_ipv6), frame->saddr, 16);
        memcpy(bytes + OFF(dst_ipv4_dst_ipv6), frame->daddr, 16);
    }
}

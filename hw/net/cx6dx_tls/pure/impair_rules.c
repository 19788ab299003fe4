/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules for the impaired wire: which one acts on a packet
 */
#include "qemu/osdep.h"
#include "pure/impair_rules.h"
#include "pure/record.h"

enum {
    ETHERTYPE_ARP = 0x0806,
};

void cx6dx_impair_rules_free(Cx6dxImpairRules *rules)
{
    if (rules) {
        g_free(rules->rules);
        g_free(rules);
    }
}

static bool in_list(const Cx6dxImpairCondition *c, uint64_t value)
{
    unsigned i;

    for (i = 0; i < c->nlist; i++) {
        if (value >= c->list[i].from && value <= c->list[i].to) {
            return true;
        }
    }
    return false;
}

/* Whether a byte of [start, end), counted from `origin`, is in the list */
static bool touches_list(const Cx6dxImpairCondition *c, int64_t start,
                         int64_t end, int64_t origin)
{
    unsigned i;

    start = MAX(start - origin, 0);
    end -= origin;
    for (i = 0; i < c->nlist && end > start; i++) {
        if ((uint64_t)start <= c->list[i].to &&
            (uint64_t)end > c->list[i].from) {
            return true;
        }
    }
    return false;
}

static bool is_proto(const Cx6dxFrame *frame, uint32_t proto)
{
    switch (proto) {
    case CX6DX_IMPAIR_PROTO_TCP:
        return frame->tcp;
    case CX6DX_IMPAIR_PROTO_UDP:
        return frame->udp;
    case CX6DX_IMPAIR_PROTO_ARP:
        return frame->ethertype == ETHERTYPE_ARP;
    case CX6DX_IMPAIR_PROTO_IPV4:
        return frame->ip_version == 4;
    default:
        return frame->ip_version == 6;
    }
}

static bool has_ports(const Cx6dxFrame *frame)
{
    return frame->tcp || frame->udp;
}

/* Conditions that only a TCP segment can meet */
static bool tcp_holds(const Cx6dxImpairCondition *c,
                      const Cx6dxImpairSight *s)
{
    if (!s->frame.tcp) {
        return false;
    }
    switch (c->key) {
    case CX6DX_IMPAIR_KEY_FROM:
        return s->from_client == c->word;
    case CX6DX_IMPAIR_KEY_FLAGS:
        return (s->frame.tcp_flags & (c->word & 0xffff)) ==
               (c->word & 0xffff) && !(s->frame.tcp_flags & c->word >> 16);
    case CX6DX_IMPAIR_KEY_CONN:
        return in_list(c, s->conn);
    case CX6DX_IMPAIR_KEY_PACKET:
        return in_list(c, s->nth);
    case CX6DX_IMPAIR_KEY_SEQ:
        return touches_list(c, s->start, s->end, 0);
    case CX6DX_IMPAIR_KEY_OFFLOAD_SEQ:
        return s->offload &&
               touches_list(c, s->start, s->end, s->offload_start);
    default:
        return in_list(c, s->copy);
    }
}

static bool holds(const Cx6dxImpairCondition *c, const Cx6dxImpairSight *s)
{
    const Cx6dxFrame *frame = &s->frame;

    switch (c->key) {
    case CX6DX_IMPAIR_KEY_DIR:
        return s->rx == c->word;
    case CX6DX_IMPAIR_KEY_PROTO:
        return is_proto(frame, c->word);
    case CX6DX_IMPAIR_KEY_PORT:
        return has_ports(frame) &&
               (in_list(c, frame->sport) || in_list(c, frame->dport));
    case CX6DX_IMPAIR_KEY_SPORT:
        return has_ports(frame) && in_list(c, frame->sport);
    case CX6DX_IMPAIR_KEY_DPORT:
        return has_ports(frame) && in_list(c, frame->dport);
    case CX6DX_IMPAIR_KEY_LEN:
        return in_list(c, frame->payload_bytes);
    default:
        return tcp_holds(c, s);
    }
}

/* ---- Conditions on a record ---- */

/* How much of [from, to) lies in the packet: 0 nothing, 1 a part, 2 all of it */
static unsigned share(const Cx6dxImpairSight *s, int64_t from, int64_t to)
{
    if (from >= s->end || to <= s->start) {
        return 0;
    }
    return from >= s->start && to <= s->end ? 2 : 1;
}

static bool record_has(const Cx6dxImpairRecord *r, const Cx6dxImpairSight *s,
                       uint32_t what)
{
    int64_t head_end = r->start + CX6DX_RECORD_HDR_BYTES;
    int64_t end = r->start + r->bytes;
    unsigned head = share(s, r->start, head_end), tag = 0;

    if (r->bytes && r->has_tag) {
        tag = share(s, end - CX6DX_RECORD_TAG_BYTES, end);
    }
    switch (what) {
    case CX6DX_IMPAIR_HAS_HEADER:
        return head;
    case CX6DX_IMPAIR_HAS_WHOLE_HEADER:
        return head == 2;
    case CX6DX_IMPAIR_HAS_SPLIT_HEADER:
        return head == 1;
    case CX6DX_IMPAIR_HAS_TAG:
        return tag;
    case CX6DX_IMPAIR_HAS_WHOLE_TAG:
        return tag == 2;
    case CX6DX_IMPAIR_HAS_SPLIT_TAG:
        return tag == 1;
    case CX6DX_IMPAIR_HAS_START:
        return share(s, r->start, r->start + 1);
    case CX6DX_IMPAIR_HAS_END:
        return r->bytes && share(s, end - 1, end);
    default:
        return s->start < r->start && s->end > head_end;
    }
}

static bool record_holds(const Cx6dxImpairCondition *c,
                         const Cx6dxImpairRecord *r,
                         const Cx6dxImpairSight *s)
{
    switch (c->key) {
    case CX6DX_IMPAIR_KEY_RECORD:
        return in_list(c, r->number);
    case CX6DX_IMPAIR_KEY_TLS_RECORD:
        return in_list(c, r->tls_number);
    case CX6DX_IMPAIR_KEY_TYPE:
        return in_list(c, r->type);
    default:
        return record_has(r, s, c->word);
    }
}

static bool of_record(const Cx6dxImpairCondition *c)
{
    return c->key >= CX6DX_IMPAIR_KEY_RECORD;
}

/* The first record that meets all conditions on records that are not negated */
static const Cx6dxImpairRecord *find_record(const Cx6dxImpairRule *rule,
                                            const Cx6dxImpairSight *s)
{
    unsigned i, k;

    for (i = 0; i < s->nrecords; i++) {
        bool good = true;

        for (k = 0; good && k < rule->nconditions; k++) {
            const Cx6dxImpairCondition *c = &rule->conditions[k];

            good = !of_record(c) || c->negated ||
                   record_holds(c, &s->records[i], s);
        }
        if (good) {
            return &s->records[i];
        }
    }
    return NULL;
}

static bool any_record(const Cx6dxImpairCondition *c,
                       const Cx6dxImpairSight *s)
{
    unsigned i;

    for (i = 0; i < s->nrecords; i++) {
        if (record_holds(c, &s->records[i], s)) {
            return true;
        }
    }
    return false;
}

/* ---- The rule ---- */

static bool matches(const Cx6dxImpairRule *rule, const Cx6dxImpairSight *s,
                    const Cx6dxImpairRecord **record)
{
    bool wants_record = false;
    unsigned i;

    *record = NULL;
    for (i = 0; i < rule->nconditions; i++) {
        const Cx6dxImpairCondition *c = &rule->conditions[i];

        if (!of_record(c)) {
            if (holds(c, s) == c->negated) {
                return false;
            }
        } else if (!c->negated) {
            wants_record = true;
        } else if (any_record(c, s)) {
            return false;
        }
    }
    if (wants_record) {
        *record = find_record(rule, s);
        return *record;
    }
    return true;
}

/* A rule that matches need not act */
static bool acts(Cx6dxImpairRule *rule, Cx6dxImpairRng *rng)
{
    uint64_t turn = rule->matched++;

    if (rule->count && rule->acted >= rule->count) {
        return false;
    }
    if (turn < rule->skip ||
        (rule->every && (turn - rule->skip) % rule->every)) {
        return false;
    }
    if (rule->chance < 100 && !cx6dx_impair_rng_chance(rng, rule->chance)) {
        return false;
    }
    rule->acted++;
    return true;
}

const Cx6dxImpairRule *
cx6dx_impair_rules_match(Cx6dxImpairRules *rules,
                         const Cx6dxImpairSight *sight, Cx6dxImpairRng *rng,
                         const Cx6dxImpairRecord **record)
{
    unsigned i;

    for (i = 0; i < rules->n; i++) {
        Cx6dxImpairRule *rule = &rules->rules[i];

        if (matches(rule, sight, record) && acts(rule, rng)) {
            return rule;
        }
    }
    *record = NULL;
    return NULL;
}

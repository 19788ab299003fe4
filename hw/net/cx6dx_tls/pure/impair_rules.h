/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules for the impaired wire: what is to befall which packet
 *
 * A file of rules, one a line, '#' begins a comment.  The first rule acts whose
 * conditions all hold and whose count is not used up; a packet for which one has
 * acted is left alone by chance.
 *
 *   rule      = action { "," action } [ "if" condition { condition } ]
 *   action    = "pass" | "drop" | "delay" TIME | "hold" ( NUMBER | TIME )
 *             | "duplicate" [ NUMBER ] | "truncate" [ NUMBER ]
 *             | "corrupt" [ AREA ] [ "at" NUMBER ] [ "wrong-sum" ]
 *             | "set" FIELD NUMBER [ "wrong-sum" ]
 *   condition = [ "!" ] KEY "=" value
 *
 * docs/system/devices/filter-impair.rst explains every word.  Two files:
 * impair_rules.c decides, impair_parse.c reads the text.
 */
#ifndef CX6DX_PURE_IMPAIR_RULES_H
#define CX6DX_PURE_IMPAIR_RULES_H

#include "qemu/osdep.h"
#include "pure/impair_rng.h"
#include "pure/impair_view.h"

enum {
    CX6DX_IMPAIR_MAX_RULES = 512,
    CX6DX_IMPAIR_MAX_ACTIONS = 4,       /* of a rule */
    CX6DX_IMPAIR_MAX_CONDITIONS = 16,   /* of a rule */
    CX6DX_IMPAIR_MAX_LIST = 8,          /* parts of a list */
    CX6DX_IMPAIR_MAX_COPIES = 16,
    CX6DX_IMPAIR_MAX_TEXT = 1 << 20,    /* bytes of a file */
    CX6DX_IMPAIR_MAX_SECONDS = 3600,    /* of a delay */
};

typedef enum Cx6dxImpairDo {
    CX6DX_IMPAIR_PASS,
    CX6DX_IMPAIR_DROP,
    CX6DX_IMPAIR_DELAY,         /* value: ns; those behind it wait as well */
    CX6DX_IMPAIR_HOLD_PACKETS,  /* value: packets that overtake it */
    CX6DX_IMPAIR_HOLD_TIME,     /* value: ns in which others overtake it */
    CX6DX_IMPAIR_DUPLICATE,     /* value: further copies */
    CX6DX_IMPAIR_CORRUPT,       /* value: byte of the area, if given */
    CX6DX_IMPAIR_SET,           /* value: of the field */
    CX6DX_IMPAIR_TRUNCATE,      /* value: bytes left, if given */
} Cx6dxImpairDo;

typedef enum Cx6dxImpairArea {
    CX6DX_IMPAIR_AREA_PAYLOAD,
    CX6DX_IMPAIR_AREA_HEADER,   /* of the TLS record that the rule found */
    CX6DX_IMPAIR_AREA_BODY,
    CX6DX_IMPAIR_AREA_TAG,
} Cx6dxImpairArea;

typedef enum Cx6dxImpairField {
    CX6DX_IMPAIR_IP_TOS,
    CX6DX_IMPAIR_IP_TTL,
    CX6DX_IMPAIR_IP_ID,
    CX6DX_IMPAIR_IP_LENGTH,
    CX6DX_IMPAIR_IP_CHECKSUM,
    CX6DX_IMPAIR_TCP_SEQ,
    CX6DX_IMPAIR_TCP_ACK,
    CX6DX_IMPAIR_TCP_FLAGS,
    CX6DX_IMPAIR_TCP_WINDOW,
    CX6DX_IMPAIR_TCP_URGENT,
    CX6DX_IMPAIR_TCP_CHECKSUM,
    CX6DX_IMPAIR_NFIELDS,
} Cx6dxImpairField;

typedef struct Cx6dxImpairAction {
    Cx6dxImpairDo what;
    uint64_t value;
    bool given;                 /* value was, where it may be left out */
    Cx6dxImpairArea area;
    Cx6dxImpairField field;
    bool wrong_sum;             /* leave the checksums as they were */
} Cx6dxImpairAction;

/* What a condition looks at */
typedef enum Cx6dxImpairKey {
    CX6DX_IMPAIR_KEY_DIR,
    CX6DX_IMPAIR_KEY_FROM,
    CX6DX_IMPAIR_KEY_PROTO,
    CX6DX_IMPAIR_KEY_FLAGS,
    CX6DX_IMPAIR_KEY_CONN,
    CX6DX_IMPAIR_KEY_PORT,
    CX6DX_IMPAIR_KEY_SPORT,
    CX6DX_IMPAIR_KEY_DPORT,
    CX6DX_IMPAIR_KEY_LEN,
    CX6DX_IMPAIR_KEY_PACKET,
    CX6DX_IMPAIR_KEY_SEQ,
    CX6DX_IMPAIR_KEY_OFFLOAD_SEQ,
    CX6DX_IMPAIR_KEY_COPY,
    /* from here on: all bound to one record of the packet */
    CX6DX_IMPAIR_KEY_RECORD,
    CX6DX_IMPAIR_KEY_TLS_RECORD,
    CX6DX_IMPAIR_KEY_TYPE,
    CX6DX_IMPAIR_KEY_HAS,
} Cx6dxImpairKey;

typedef enum Cx6dxImpairHas {
    CX6DX_IMPAIR_HAS_HEADER,
    CX6DX_IMPAIR_HAS_WHOLE_HEADER,
    CX6DX_IMPAIR_HAS_SPLIT_HEADER,
    CX6DX_IMPAIR_HAS_TAG,
    CX6DX_IMPAIR_HAS_WHOLE_TAG,
    CX6DX_IMPAIR_HAS_SPLIT_TAG,
    CX6DX_IMPAIR_HAS_START,
    CX6DX_IMPAIR_HAS_END,
    CX6DX_IMPAIR_HAS_SPANS_HEADER,
} Cx6dxImpairHas;

typedef enum Cx6dxImpairProto {
    CX6DX_IMPAIR_PROTO_TCP,
    CX6DX_IMPAIR_PROTO_UDP,
    CX6DX_IMPAIR_PROTO_ARP,
    CX6DX_IMPAIR_PROTO_IPV4,
    CX6DX_IMPAIR_PROTO_IPV6,
} Cx6dxImpairProto;

typedef struct Cx6dxImpairCondition {
    Cx6dxImpairKey key;
    bool negated;
    uint32_t word;              /* dir, from: 0 or 1; proto, has: enum; flags:
                                   those set, and 16 bits up those clear */
    struct {
        uint64_t from, to;      /* limits included */
    } list[CX6DX_IMPAIR_MAX_LIST];
    unsigned nlist;
} Cx6dxImpairCondition;

typedef struct Cx6dxImpairRule {
    unsigned line;
    Cx6dxImpairAction actions[CX6DX_IMPAIR_MAX_ACTIONS];
    unsigned nactions;
    Cx6dxImpairCondition conditions[CX6DX_IMPAIR_MAX_CONDITIONS];
    unsigned nconditions;
    uint64_t count;             /* acts at most; 0: without end */
    uint64_t skip;              /* matches that it lets go first */
    uint64_t every;             /* acts on the first of so many; 0 as 1 */
    double chance;              /* percent */
    /* what came of it */
    uint64_t matched, acted;
} Cx6dxImpairRule;

typedef struct Cx6dxImpairRules {
    Cx6dxImpairRule *rules;
    unsigned n;
} Cx6dxImpairRules;

typedef struct Cx6dxImpairError {
    unsigned line, column;      /* 1 is the first; bytes */
    char text[200];
} Cx6dxImpairError;

/*
 * The rules that `text` says; it may hold anything.  NULL and a filled `error`
 * when it is not in order.
 */
Cx6dxImpairRules *cx6dx_impair_rules_parse(const char *text, size_t len,
                                           Cx6dxImpairError *error);
void cx6dx_impair_rules_free(Cx6dxImpairRules *rules);

/*
 * The rule that acts on this packet, or NULL; counts it.  *record is the record
 * that its conditions found, or NULL if none of them asks for one.
 */
const Cx6dxImpairRule *
cx6dx_impair_rules_match(Cx6dxImpairRules *rules,
                         const Cx6dxImpairSight *sight, Cx6dxImpairRng *rng,
                         const Cx6dxImpairRecord **record);

#endif

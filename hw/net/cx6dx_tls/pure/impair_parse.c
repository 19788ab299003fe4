/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules for the impaired wire: reading their text
 *
 * The text may be anything, NUL bytes included.  The first mistake ends it, and
 * is told with its place and, where there is one, the list of words that would
 * have been right.
 */
#include "qemu/osdep.h"
#include "pure/impair_rules.h"

#define NS_PER_SECOND 1000000000ull

typedef struct Word {
    const char *p;
    size_t len;
} Word;

typedef struct Parser {
    const char *p, *end;        /* of the line */
    const char *begin;
    unsigned line;
    Cx6dxImpairError *error;
} Parser;

typedef struct Name {
    const char *name;
    uint32_t value;
} Name;

/* Every list of names ends with one that is NULL */
static const Name action_names[] = {
    { "pass", CX6DX_IMPAIR_PASS }, { "drop", CX6DX_IMPAIR_DROP },
    { "delay", CX6DX_IMPAIR_DELAY }, { "hold", CX6DX_IMPAIR_HOLD_PACKETS },
    { "duplicate", CX6DX_IMPAIR_DUPLICATE },
    { "corrupt", CX6DX_IMPAIR_CORRUPT }, { "set", CX6DX_IMPAIR_SET },
    { "truncate", CX6DX_IMPAIR_TRUNCATE }, { NULL, 0 },
};

static const Name area_names[] = {
    { "payload", CX6DX_IMPAIR_AREA_PAYLOAD },
    { "header", CX6DX_IMPAIR_AREA_HEADER },
    { "body", CX6DX_IMPAIR_AREA_BODY },
    { "tag", CX6DX_IMPAIR_AREA_TAG }, { NULL, 0 },
};

static const Name field_names[] = {
    { "ip-tos", CX6DX_IMPAIR_IP_TOS }, { "ip-ttl", CX6DX_IMPAIR_IP_TTL },
    { "ip-id", CX6DX_IMPAIR_IP_ID }, { "ip-length", CX6DX_IMPAIR_IP_LENGTH },
    { "ip-checksum", CX6DX_IMPAIR_IP_CHECKSUM },
    { "tcp-seq", CX6DX_IMPAIR_TCP_SEQ }, { "tcp-ack", CX6DX_IMPAIR_TCP_ACK },
    { "tcp-flags", CX6DX_IMPAIR_TCP_FLAGS },
    { "tcp-window", CX6DX_IMPAIR_TCP_WINDOW },
    { "tcp-urgent", CX6DX_IMPAIR_TCP_URGENT },
    { "tcp-checksum", CX6DX_IMPAIR_TCP_CHECKSUM }, { NULL, 0 },
};

static const uint64_t field_max[CX6DX_IMPAIR_NFIELDS] = {
    0xff, 0xff, 0xffff, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0xff, 0xffff,
    0xffff, 0xffff,
};

static const Name unit_names[] = {
    { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
    { NULL, 0 },
};

/* How often or when a rule acts, rather than on what */
enum { RULE_COUNT = 100, RULE_SKIP, RULE_EVERY, RULE_CHANCE };

static const Name key_names[] = {
    { "dir", CX6DX_IMPAIR_KEY_DIR }, { "from", CX6DX_IMPAIR_KEY_FROM },
    { "proto", CX6DX_IMPAIR_KEY_PROTO }, { "flags", CX6DX_IMPAIR_KEY_FLAGS },
    { "conn", CX6DX_IMPAIR_KEY_CONN }, { "port", CX6DX_IMPAIR_KEY_PORT },
    { "sport", CX6DX_IMPAIR_KEY_SPORT }, { "dport", CX6DX_IMPAIR_KEY_DPORT },
    { "len", CX6DX_IMPAIR_KEY_LEN }, { "packet", CX6DX_IMPAIR_KEY_PACKET },
    { "seq", CX6DX_IMPAIR_KEY_SEQ },
    { "offload-seq", CX6DX_IMPAIR_KEY_OFFLOAD_SEQ },
    { "copy", CX6DX_IMPAIR_KEY_COPY }, { "record", CX6DX_IMPAIR_KEY_RECORD },
    { "tls-record", CX6DX_IMPAIR_KEY_TLS_RECORD },
    { "type", CX6DX_IMPAIR_KEY_TYPE }, { "has", CX6DX_IMPAIR_KEY_HAS },
    { "count", RULE_COUNT }, { "skip", RULE_SKIP }, { "every", RULE_EVERY },
    { "chance", RULE_CHANCE }, { NULL, 0 },
};

static const Name dir_names[] = {
    { "rx", 1 }, { "tx", 0 }, { "from-nic", 1 }, { "to-nic", 0 }, { NULL, 0 },
};

static const Name from_names[] = {
    { "client", 1 }, { "server", 0 }, { NULL, 0 },
};

static const Name proto_names[] = {
    { "tcp", CX6DX_IMPAIR_PROTO_TCP }, { "udp", CX6DX_IMPAIR_PROTO_UDP },
    { "arp", CX6DX_IMPAIR_PROTO_ARP }, { "ipv4", CX6DX_IMPAIR_PROTO_IPV4 },
    { "ipv6", CX6DX_IMPAIR_PROTO_IPV6 }, { NULL, 0 },
};

static const Name flag_names[] = {
    { "fin", 0x01 }, { "syn", 0x02 }, { "rst", 0x04 }, { "psh", 0x08 },
    { "ack", 0x10 }, { "urg", 0x20 }, { "ece", 0x40 }, { "cwr", 0x80 },
    { NULL, 0 },
};

static const Name type_names[] = {
    { "ccs", CX6DX_IMPAIR_TLS_CCS }, { "alert", CX6DX_IMPAIR_TLS_ALERT },
    { "handshake", CX6DX_IMPAIR_TLS_HANDSHAKE },
    { "data", CX6DX_IMPAIR_TLS_DATA }, { NULL, 0 },
};

static const Name has_names[] = {
    { "header", CX6DX_IMPAIR_HAS_HEADER },
    { "whole-header", CX6DX_IMPAIR_HAS_WHOLE_HEADER },
    { "split-header", CX6DX_IMPAIR_HAS_SPLIT_HEADER },
    { "tag", CX6DX_IMPAIR_HAS_TAG },
    { "whole-tag", CX6DX_IMPAIR_HAS_WHOLE_TAG },
    { "split-tag", CX6DX_IMPAIR_HAS_SPLIT_TAG },
    { "start", CX6DX_IMPAIR_HAS_START }, { "end", CX6DX_IMPAIR_HAS_END },
    { "spans-header", CX6DX_IMPAIR_HAS_SPANS_HEADER }, { NULL, 0 },
};

/* ---- Mistakes ---- */

static bool G_GNUC_PRINTF(3, 4)
mistake(Parser *ps, const char *at, const char *format, ...)
{
    va_list args;

    ps->error->line = ps->line;
    ps->error->column = (unsigned)(at - ps->begin) + 1;
    va_start(args, format);
    g_vsnprintf(ps->error->text, sizeof(ps->error->text), format, args);
    va_end(args);
    return false;
}

/* The word as it can be shown; it must be freed */
static char *shown(Word word)
{
    char *text = g_strndup(word.p, MIN(word.len, 40));
    size_t i;

    for (i = 0; i < MIN(word.len, 40); i++) {
        if (!g_ascii_isprint(text[i])) {
            text[i] = '?';
        }
    }
    return text;
}

static bool unknown(Parser *ps, Word word, const char *kind, const Name *names)
{
    g_autofree char *text = shown(word);
    g_autoptr(GString) list = g_string_new(NULL);

    for (; names->name; names++) {
        g_string_append_printf(list, "%s%s", list->len ? ", " : "",
                               names->name);
    }
    if (!word.len) {
        return mistake(ps, word.p, "%s is missing: %s", kind, list->str);
    }
    return mistake(ps, word.p, "'%s' is no %s: %s", text, kind, list->str);
}

/* ---- Words ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(Parser *ps)
{
    while (ps->p < ps->end && is_blank(*ps->p)) {
        ps->p++;
    }
}

/* The next word without taking it; a comma ends it among actions */
static Word peek(Parser *ps, bool comma_ends)
{
    const char *p;

    skip_blanks(ps);
    for (p = ps->p; p < ps->end && !is_blank(*p); p++) {
        if (comma_ends && *p == ',') {
            break;
        }
    }
    return (Word) { ps->p, p - ps->p };
}

static bool is_word(Word word, const char *text)
{
    return word.len == strlen(text) && !memcmp(word.p, text, word.len);
}

static const Name *find_name(Word word, const Name *names)
{
    for (; names->name; names++) {
        if (is_word(word, names->name)) {
            return names;
        }
    }
    return NULL;
}

/* Takes digits, decimal or 0x and hexadecimal, off the front of the word */
static bool take_digits(Word *word, uint64_t *value)
{
    unsigned base = 10;
    Word rest = *word;

    if (rest.len > 2 && rest.p[0] == '0' && rest.p[1] == 'x' &&
        g_ascii_isxdigit(rest.p[2])) {
        base = 16;
        rest = (Word) { rest.p + 2, rest.len - 2 };
    }
    if (!rest.len || !g_ascii_isdigit(rest.p[0])) {
        if (base == 10) {
            return false;
        }
    }
    *value = 0;
    while (rest.len && (base == 16 ? g_ascii_isxdigit(*rest.p)
                                   : g_ascii_isdigit(*rest.p))) {
        unsigned digit = g_ascii_xdigit_value(*rest.p);

        if (*value > ((uint64_t)INT64_MAX - digit) / base) {
            return false;
        }
        *value = *value * base + digit;
        rest.p++;
        rest.len--;
    }
    *word = rest;
    return true;
}

static bool number(Parser *ps, Word word, const char *what, uint64_t min,
                   uint64_t max, uint64_t *value)
{
    g_autofree char *text = shown(word);
    Word rest = word;

    if (!word.len) {
        return mistake(ps, word.p, "%s needs a number", what);
    }
    if (!take_digits(&rest, value) || rest.len) {
        return mistake(ps, word.p, "%s: '%s' is no number", what, text);
    }
    if (*value < min || *value > max) {
        return mistake(ps, word.p, "%s: %s is not within %" PRIu64 " and %"
                       PRIu64, what, text, min, max);
    }
    return true;
}

/* A number with a unit, as nanoseconds */
static bool duration(Parser *ps, Word word, const char *what, uint64_t *ns)
{
    const uint64_t max = CX6DX_IMPAIR_MAX_SECONDS * NS_PER_SECOND;
    g_autofree char *text = shown(word);
    const Name *unit = NULL;
    Word rest = word;

    if (take_digits(&rest, ns)) {
        unit = find_name(rest, unit_names);
    }
    if (!unit) {
        return mistake(ps, word.p, "%s needs a time such as 20ms (ns, us, ms, "
                       "s), not '%s'", what, text);
    }
    if (*ns > max / unit->value) {
        return mistake(ps, word.p, "%s: %s is more than %d s", what, text,
                       CX6DX_IMPAIR_MAX_SECONDS);
    }
    *ns *= unit->value;
    return true;
}

/* ---- Actions ---- */

static void take(Parser *ps, Word word)
{
    ps->p = word.p + word.len;
}

static bool at_action_end(Word word)
{
    return !word.len || is_word(word, "if");
}

static bool parse_corrupt(Parser *ps, Cx6dxImpairAction *action)
{
    Word word = peek(ps, true);
    const Name *area = find_name(word, area_names);

    if (area) {
        action->area = area->value;
        take(ps, word);
        word = peek(ps, true);
    }
    if (is_word(word, "at")) {
        take(ps, word);
        word = peek(ps, true);
        if (!number(ps, word, "at", 0, 65535, &action->value)) {
            return false;
        }
        action->given = true;
        take(ps, word);
    }
    return true;
}

static bool parse_set(Parser *ps, Cx6dxImpairAction *action)
{
    Word word = peek(ps, true);
    const Name *field = find_name(word, field_names);

    if (!field) {
        return unknown(ps, word, "field", field_names);
    }
    action->field = field->value;
    take(ps, word);
    word = peek(ps, true);
    if (!number(ps, word, field->name, 0, field_max[field->value],
                &action->value)) {
        return false;
    }
    take(ps, word);
    return true;
}

/* A number behind the action, which may be left out */
static bool parse_option(Parser *ps, Cx6dxImpairAction *action,
                         const char *what, uint64_t min, uint64_t max)
{
    Word word = peek(ps, true);

    if (at_action_end(word)) {
        return true;
    }
    if (!number(ps, word, what, min, max, &action->value)) {
        return false;
    }
    action->given = true;
    take(ps, word);
    return true;
}

static bool parse_hold(Parser *ps, Cx6dxImpairAction *action)
{
    Word word = peek(ps, true), rest = word;

    if (take_digits(&rest, &action->value) && !rest.len) {
        if (!number(ps, word, "hold", 1, 1000, &action->value)) {
            return false;
        }
    } else {
        if (!duration(ps, word, "hold", &action->value)) {
            return false;
        }
        action->what = CX6DX_IMPAIR_HOLD_TIME;
    }
    take(ps, word);
    return true;
}

static bool parse_arguments(Parser *ps, Cx6dxImpairAction *action)
{
    Word word;

    switch (action->what) {
    case CX6DX_IMPAIR_DELAY:
        word = peek(ps, true);
        if (!duration(ps, word, "delay", &action->value)) {
            return false;
        }
        take(ps, word);
        return true;
    case CX6DX_IMPAIR_HOLD_PACKETS:
        return parse_hold(ps, action);
    case CX6DX_IMPAIR_DUPLICATE:
        action->value = 1;
        return parse_option(ps, action, "duplicate", 1,
                            CX6DX_IMPAIR_MAX_COPIES);
    case CX6DX_IMPAIR_TRUNCATE:
        return parse_option(ps, action, "truncate", 14, 65535);
    case CX6DX_IMPAIR_CORRUPT:
        return parse_corrupt(ps, action);
    case CX6DX_IMPAIR_SET:
        return parse_set(ps, action);
    default:
        return true;
    }
}

static bool parse_action(Parser *ps, Cx6dxImpairRule *rule)
{
    Word word = peek(ps, true), first = word;
    const Name *name = find_name(word, action_names);
    Cx6dxImpairAction *action = &rule->actions[rule->nactions];

    if (!name) {
        return unknown(ps, word, "action", action_names);
    }
    if (rule->nactions == CX6DX_IMPAIR_MAX_ACTIONS) {
        return mistake(ps, word.p, "more than %d actions",
                       CX6DX_IMPAIR_MAX_ACTIONS);
    }
    *action = (Cx6dxImpairAction) { .what = name->value };
    rule->nactions++;
    take(ps, word);
    if (!parse_arguments(ps, action)) {
        return false;
    }
    word = peek(ps, true);
    if (is_word(word, "wrong-sum") && (action->what == CX6DX_IMPAIR_CORRUPT ||
                                       action->what == CX6DX_IMPAIR_SET)) {
        action->wrong_sum = true;
        take(ps, word);
    }
    if (rule->nactions > 1 &&
        (rule->actions[0].what <= CX6DX_IMPAIR_DROP ||
         action->what <= CX6DX_IMPAIR_DROP)) {
        return mistake(ps, first.p, "pass and drop stand alone");
    }
    return true;
}

/* ---- Conditions ---- */

/* Cuts the value at the separator; false behind the last part */
static bool next_part(Word *rest, char separator, Word *part)
{
    const char *cut;

    if (!rest->p) {
        return false;
    }
    cut = memchr(rest->p, separator, rest->len);
    *part = (Word) { rest->p, cut ? (size_t)(cut - rest->p) : rest->len };
    *rest = cut ? (Word) { cut + 1, rest->p + rest->len - cut - 1 }
                : (Word) { NULL, 0 };
    return true;
}

static bool parse_range(Parser *ps, Word part, const char *what,
                        uint64_t *from, uint64_t *to)
{
    const char *dash = part.len ? memchr(part.p, '-', part.len) : NULL;
    Word high;

    if (!dash) {
        if (!number(ps, part, what, 0, INT64_MAX, from)) {
            return false;
        }
        *to = *from;
        return true;
    }
    high = (Word) { dash + 1, part.p + part.len - dash - 1 };
    part.len = dash - part.p;
    *to = INT64_MAX;
    if (!number(ps, part, what, 0, INT64_MAX, from) ||
        (high.len && !number(ps, high, what, 0, INT64_MAX, to))) {
        return false;
    }
    if (*from > *to) {
        return mistake(ps, part.p, "%s: the range ends before it begins", what);
    }
    return true;
}

static bool parse_list(Parser *ps, Word value, const char *what,
                       const Name *names, Cx6dxImpairCondition *c)
{
    Word rest = value, part;

    while (next_part(&rest, ',', &part)) {
        const Name *name = names ? find_name(part, names) : NULL;

        if (c->nlist == CX6DX_IMPAIR_MAX_LIST) {
            return mistake(ps, part.p, "%s: more than %d parts", what,
                           CX6DX_IMPAIR_MAX_LIST);
        }
        if (name) {
            c->list[c->nlist].from = c->list[c->nlist].to = name->value;
        } else if (names && (!part.len || !g_ascii_isdigit(*part.p))) {
            return unknown(ps, part, what, names);
        } else if (!parse_range(ps, part, what, &c->list[c->nlist].from,
                                &c->list[c->nlist].to)) {
            return false;
        }
        c->nlist++;
    }
    return true;
}

static bool parse_flags(Parser *ps, Word value, Cx6dxImpairCondition *c)
{
    Word rest = value, part;

    while (next_part(&rest, '+', &part)) {
        bool clear = part.len && *part.p == '!';
        const Name *name;

        if (clear) {
            part = (Word) { part.p + 1, part.len - 1 };
        }
        name = find_name(part, flag_names);
        if (!name) {
            return unknown(ps, part, "flag", flag_names);
        }
        c->word |= name->value << (clear ? 16 : 0);
    }
    return true;
}

static bool parse_name(Parser *ps, Word value, const char *what,
                       const Name *names, Cx6dxImpairCondition *c)
{
    const Name *name = find_name(value, names);

    if (!name) {
        return unknown(ps, value, what, names);
    }
    c->word = name->value;
    return true;
}

/* The words that say how often a rule acts */
static bool parse_pace(Parser *ps, Word value, const Name *key,
                       Cx6dxImpairRule *rule)
{
    g_autofree char *text = g_strndup(value.p, MIN(value.len, 40));
    char *end;

    switch (key->value) {
    case RULE_COUNT:
        return number(ps, value, key->name, 1, INT64_MAX, &rule->count);
    case RULE_SKIP:
        return number(ps, value, key->name, 0, INT64_MAX, &rule->skip);
    case RULE_EVERY:
        return number(ps, value, key->name, 1, INT64_MAX, &rule->every);
    default:
        rule->chance = g_ascii_strtod(text, &end);
        if (!value.len || end != text + value.len ||
            !g_ascii_isdigit(text[0]) ||
            !(rule->chance >= 0 && rule->chance <= 100)) {
            return mistake(ps, value.p, "chance: a percentage from 0 to 100");
        }
        return true;
    }
}

static bool parse_value(Parser *ps, Word value, const Name *key,
                        Cx6dxImpairCondition *c)
{
    switch (c->key) {
    case CX6DX_IMPAIR_KEY_DIR:
        return parse_name(ps, value, "direction", dir_names, c);
    case CX6DX_IMPAIR_KEY_FROM:
        return parse_name(ps, value, "side", from_names, c);
    case CX6DX_IMPAIR_KEY_PROTO:
        return parse_name(ps, value, "protocol", proto_names, c);
    case CX6DX_IMPAIR_KEY_HAS:
        return parse_name(ps, value, "part of a record", has_names, c);
    case CX6DX_IMPAIR_KEY_FLAGS:
        return parse_flags(ps, value, c);
    case CX6DX_IMPAIR_KEY_TYPE:
        return parse_list(ps, value, "type of record", type_names, c);
    default:
        return parse_list(ps, value, key->name, NULL, c);
    }
}

static bool parse_condition(Parser *ps, Word word, Cx6dxImpairRule *rule)
{
    bool negated = *word.p == '!';
    Word key_word = { word.p + negated, word.len - negated }, value;
    const char *equals = memchr(key_word.p, '=', key_word.len);
    Cx6dxImpairCondition *c;
    const Name *key;

    if (equals) {
        key_word.len = equals - key_word.p;
    }
    key = find_name(key_word, key_names);
    if (!key) {
        return unknown(ps, key_word, "condition", key_names);
    }
    if (!equals) {
        return mistake(ps, key_word.p + key_word.len, "'%s' needs a value: "
                       "%s=...", key->name, key->name);
    }
    value = (Word) { equals + 1, word.p + word.len - equals - 1 };
    if (key->value >= RULE_COUNT) {
        if (negated) {
            return mistake(ps, word.p, "'%s' can not be negated", key->name);
        }
        return parse_pace(ps, value, key, rule);
    }
    if (rule->nconditions == CX6DX_IMPAIR_MAX_CONDITIONS) {
        return mistake(ps, word.p, "more than %d conditions",
                       CX6DX_IMPAIR_MAX_CONDITIONS);
    }
    c = &rule->conditions[rule->nconditions++];
    *c = (Cx6dxImpairCondition) { .key = key->value, .negated = negated };
    return parse_value(ps, value, key, c);
}

/* ---- Lines ---- */

static bool parse_rule(Parser *ps, Cx6dxImpairRule *rule)
{
    Word word;

    for (;;) {
        if (!parse_action(ps, rule)) {
            return false;
        }
        word = peek(ps, true);
        if (ps->p < ps->end && *ps->p == ',') {
            ps->p++;
            continue;
        }
        break;
    }
    if (!word.len) {
        return true;
    }
    if (!is_word(word, "if")) {
        g_autofree char *text = shown(word);

        return mistake(ps, word.p, "'if' or ',' expected, not '%s'", text);
    }
    take(ps, word);
    word = peek(ps, false);
    if (!word.len) {
        return mistake(ps, word.p, "'if' needs a condition");
    }
    for (; word.len; word = peek(ps, false)) {
        if (!parse_condition(ps, word, rule)) {
            return false;
        }
        take(ps, word);
    }
    return true;
}

static bool parse_line(Parser *ps, Cx6dxImpairRules *rules)
{
    const char *comment = ps->p < ps->end
                          ? memchr(ps->p, '#', ps->end - ps->p) : NULL;
    Cx6dxImpairRule rule = { .line = ps->line, .chance = 100 };

    if (comment) {
        ps->end = comment;
    }
    skip_blanks(ps);
    if (ps->p == ps->end) {
        return true;
    }
    if (rules->n == CX6DX_IMPAIR_MAX_RULES) {
        return mistake(ps, ps->p, "more than %d rules",
                       CX6DX_IMPAIR_MAX_RULES);
    }
    if (!parse_rule(ps, &rule)) {
        return false;
    }
    rules->rules = g_renew(Cx6dxImpairRule, rules->rules, rules->n + 1);
    rules->rules[rules->n++] = rule;
    return true;
}

Cx6dxImpairRules *cx6dx_impair_rules_parse(const char *text, size_t len,
                                           Cx6dxImpairError *error)
{
    Cx6dxImpairRules *rules = g_new0(Cx6dxImpairRules, 1);
    const char *end = text + len;
    Parser ps = { .p = text, .begin = text, .line = 1, .error = error };

    memset(error, 0, sizeof(*error));
    if (len > CX6DX_IMPAIR_MAX_TEXT) {
        mistake(&ps, text, "more than %d bytes of rules",
                CX6DX_IMPAIR_MAX_TEXT);
        cx6dx_impair_rules_free(rules);
        return NULL;
    }
    while (ps.p < end) {
        const char *newline = memchr(ps.p, '\n', end - ps.p);

        ps.begin = ps.p;
        ps.end = newline ? newline : end;
        if (!parse_line(&ps, rules)) {
            cx6dx_impair_rules_free(rules);
            return NULL;
        }
        ps.p = newline ? newline + 1 : end;
        ps.line++;
    }
    return rules;
}

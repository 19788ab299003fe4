/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Faults that somebody asked the device to have; see faults.h
 */
#include "qemu/osdep.h"
#include "pure/faults.h"

#define NS_PER_MS 1000000ull
#define MAX_DELAY_NS (3600ull * 1000 * NS_PER_MS)
#define MAX_GAP_BYTES (16 * 1024 * 1024)

#define FAULT_DESC(id, name, keys, occasion, what, path) \
    [CX6DX_FAULT_##id] = { name, keys, occasion, what, path },
static const Cx6dxFaultDesc table[CX6DX_FAULTS] = {
    CX6DX_FAULT_LIST(FAULT_DESC)
};
#undef FAULT_DESC

QEMU_BUILD_BUG_ON(CX6DX_FAULTS > 32);

const Cx6dxFaultDesc *cx6dx_fault_desc(Cx6dxFaultId id)
{
    return (unsigned)id < CX6DX_FAULTS ? &table[id] : NULL;
}

/* ---- Numbers and keys ---- */

static const struct {
    const char *name;
    uint64_t ns;
} units[] = {
    { "ns", 1 }, { "us", 1000 }, { "ms", NS_PER_MS }, { "s", 1000 * NS_PER_MS },
    { "", 1 },
};

static bool read_time(const char *text, uint64_t *ns)
{
    char *end;
    uint64_t number;

    if (!g_ascii_isdigit(*text)) {
        return false;
    }
    number = g_ascii_strtoull(text, &end, 10);
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (!strcmp(end, units[i].name)) {
            *ns = number * units[i].ns;
            return number <= MAX_DELAY_NS / units[i].ns;
        }
    }
    return false;
}

static bool read_number(const char *text, uint32_t least, uint32_t most,
                        uint32_t *value)
{
    uint64_t number;
    char *end;

    if (!g_ascii_isdigit(*text)) {
        return false;
    }
    /* no octal numbers: nobody who writes 010 here means eight */
    number = g_ascii_strtoull(text, &end,
                              text[0] == '0' && text[1] == 'x' ? 16 : 10);
    *value = number;
    return !*end && number >= least && number <= most;
}

/* All but the one that stands for any */
static bool read_record(const char *text, uint64_t *value)
{
    char *end;

    if (!g_ascii_isdigit(*text)) {
        return false;
    }
    errno = 0;
    *value = g_ascii_strtoull(text, &end, 10);
    return !*end && !errno && *value != CX6DX_FAULT_ANY_RECORD;
}

/* Where each key goes: name, what a fault needs to have it, place, limits */
#define FIELD(name, keys, field, least, most) \
    { name, keys, offsetof(Cx6dxFaultRule, field), least, most }
static const struct {
    const char *name;
    uint32_t keys;              /* any of these; 0: every fault has it */
    size_t offset;
    uint32_t least, most;
} fields[] = {
    FIELD("skip", 0, skip, 0, UINT32_MAX),
    FIELD("every", 0, every, 1, UINT32_MAX),
    FIELD("count", 0, count, 0, UINT32_MAX),
    FIELD("object", 0, object, 0, UINT32_MAX),
    FIELD("opcode", CX6DX_FAULT_OPCODE, object, 0, UINT16_MAX),
    FIELD("syndrome", CX6DX_FAULT_STATUS, syndrome, 0, UINT32_MAX),
    FIELD("gap", CX6DX_FAULT_GAP, gap, 1, MAX_GAP_BYTES),
};
#undef FIELD

static char *bad_value(const char *name, const char *key, const char *value)
{
    return g_strdup_printf("fault %s: '%s' is no value for '%s'", name, value,
                           key);
}

/* NULL, or what is wrong */
static char *take_key(Cx6dxFaultRule *rule, const char *key, const char *value)
{
    const Cx6dxFaultDesc *desc = &table[rule->id];
    uint32_t number;

    if (!strcmp(key, "delay") && (desc->keys & CX6DX_FAULT_DELAY)) {
        return read_time(value, &rule->delay_ns)
               ? NULL : bad_value(desc->name, key, value);
    }
    if (!strcmp(key, "record") && (desc->keys & CX6DX_FAULT_RECORD)) {
        return read_record(value, &rule->record)
               ? NULL : bad_value(desc->name, key, value);
    }
    if (!strcmp(key, "status") && (desc->keys & CX6DX_FAULT_STATUS)) {
        if (!read_number(value, 1, UINT8_MAX, &number)) {
            return bad_value(desc->name, key, value);
        }
        rule->status = number;
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        if (!strcmp(key, fields[i].name) &&
            (!fields[i].keys || (fields[i].keys & desc->keys))) {
            if (!read_number(value, fields[i].least, fields[i].most, &number)) {
                return bad_value(desc->name, key, value);
            }
            memcpy((char *)rule + fields[i].offset, &number, sizeof(number));
            return NULL;
        }
    }
    return g_strdup_printf("fault %s has no key '%s'", desc->name, key);
}

/* ---- Rules ---- */

static void note_armed(Cx6dxFaults *faults)
{
    faults->armed = 0;
    for (unsigned i = 0; i < faults->n; i++) {
        faults->armed |= 1u << faults->rules[i].id;
    }
}

static void remove_rule(Cx6dxFaults *faults, unsigned i)
{
    faults->n--;
    memmove(&faults->rules[i], &faults->rules[i + 1],
            (faults->n - i) * sizeof(faults->rules[0]));
    note_armed(faults);
}

static void disarm(Cx6dxFaults *faults, Cx6dxFaultId id)
{
    for (unsigned i = faults->n; i--;) {
        if (faults->rules[i].id == id) {
            remove_rule(faults, i);
        }
    }
}

static bool find(const char *name, Cx6dxFaultId *id)
{
    for (unsigned i = 0; i < CX6DX_FAULTS; i++) {
        if (!strcmp(name, table[i].name)) {
            *id = i;
            return true;
        }
    }
    return false;
}

static char *take_words(Cx6dxFaults *faults, char **words)
{
    Cx6dxFaultRule rule = {
        .every = 1, .count = 1, .record = CX6DX_FAULT_ANY_RECORD,
    };

    if (!find(words[0], &rule.id)) {
        return g_strdup_printf("there is no fault '%s'", words[0]);
    }
    if (words[1] && !words[2] && !strcmp(words[1], "off")) {
        disarm(faults, rule.id);
        return NULL;
    }
    if (table[rule.id].keys & CX6DX_FAULT_DELAY) {
        rule.delay_ns = 10 * NS_PER_MS;
    }
    if (table[rule.id].keys & CX6DX_FAULT_STATUS) {
        rule.status = 0x1;          /* internal error */
    }
    if (table[rule.id].keys & CX6DX_FAULT_GAP) {
        rule.gap = 4096;
    }
    for (char **word = words + 1; *word; word++) {
        char *value = strchr(*word, '=');
        char *error;

        if (!value) {
            return g_strdup_printf("fault %s: '%s' is not KEY=VALUE",
                                   words[0], *word);
        }
        *value++ = '\0';
        error = take_key(&rule, *word, value);
        if (error) {
            return error;
        }
    }
    if (faults->n == CX6DX_FAULT_MAX_RULES) {
        return g_strdup_printf("there are %d rules already",
                               CX6DX_FAULT_MAX_RULES);
    }
    faults->rules[faults->n++] = rule;
    note_armed(faults);
    return NULL;
}

static char *take_rule(Cx6dxFaults *faults, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ":", -1);

    if (!words[0] || !words[0][0]) {
        return g_strdup("a fault has a name");
    }
    if (!strcmp(text, "none")) {
        faults->n = 0;
        note_armed(faults);
        return NULL;
    }
    return take_words(faults, words);
}

char *cx6dx_faults_set(Cx6dxFaults *faults, const char *spec)
{
    g_auto(GStrv) rules = g_strsplit(spec, ";", -1);
    Cx6dxFaults changed = *faults;

    /* an empty text, as cx6dx_faults_str() gives for nothing, changes nothing */
    for (char **rule = rules; *rule; rule++) {
        char *error = take_rule(&changed, g_strstrip(*rule));

        if (error) {
            return error;
        }
    }
    *faults = changed;
    return NULL;
}

char *cx6dx_faults_str(const Cx6dxFaults *faults)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < faults->n; i++) {
        const Cx6dxFaultRule *rule = &faults->rules[i];
        const Cx6dxFaultDesc *desc = &table[rule->id];
        /* as if armed anew: what it has let pass and done is gone */
        uint64_t skip = rule->seen < rule->skip ? rule->skip - rule->seen : 0;

        g_string_append_printf(text, "%s%s:skip=%" PRIu64 ":every=%u:count=%u",
                               i ? ";" : "", desc->name, skip, rule->every,
                               (unsigned)(rule->count
                                          ? rule->count - rule->fired : 0));
        g_string_append_printf(text, desc->keys & CX6DX_FAULT_OPCODE
                               ? ":opcode=0x%x" : ":object=%u", rule->object);
        if (desc->keys & CX6DX_FAULT_DELAY) {
            g_string_append_printf(text, ":delay=%" PRIu64 "ns",
                                   rule->delay_ns);
        }
        if (desc->keys & CX6DX_FAULT_STATUS) {
            g_string_append_printf(text, ":status=0x%x:syndrome=0x%x",
                                   rule->status, rule->syndrome);
        }
        if (desc->keys & CX6DX_FAULT_GAP) {
            g_string_append_printf(text, ":gap=%u", rule->gap);
        }
        if (rule->record != CX6DX_FAULT_ANY_RECORD) {
            g_string_append_printf(text, ":record=%" PRIu64, rule->record);
        }
    }
    return g_string_free(text, FALSE);
}

unsigned cx6dx_faults_rules(const Cx6dxFaults *faults, Cx6dxFaultId id)
{
    unsigned n = 0;

    for (unsigned i = 0; i < faults->n; i++) {
        n += faults->rules[i].id == id;
    }
    return n;
}

/* ---- Occasions ---- */

static bool strikes(Cx6dxFaultRule *rule)
{
    rule->seen++;
    if (rule->seen <= rule->skip ||
        (rule->seen - rule->skip - 1) % rule->every) {
        return false;
    }
    rule->fired++;
    return true;
}

/* An occasion of `rule` */
static bool concerns(const Cx6dxFaultRule *rule, Cx6dxFaultId id,
                     uint32_t object, uint64_t record)
{
    return rule->id == id && (!rule->object || rule->object == object) &&
           (rule->record == CX6DX_FAULT_ANY_RECORD || rule->record == record);
}

bool cx6dx_faults_fire(Cx6dxFaults *faults, Cx6dxFaultId id, uint32_t object,
                       Cx6dxFaultRule *out)
{
    return cx6dx_faults_fire_record(faults, id, object, CX6DX_FAULT_ANY_RECORD,
                                    out);
}

bool cx6dx_faults_fire_record(Cx6dxFaults *faults, Cx6dxFaultId id,
                              uint32_t object, uint64_t record,
                              Cx6dxFaultRule *out)
{
    bool fired = false;
    unsigned i = 0;

    if (!(faults->armed >> id & 1)) {
        return false;
    }
    faults->seen[id]++;
    while (i < faults->n) {
        Cx6dxFaultRule *rule = &faults->rules[i];

        if (!concerns(rule, id, object, record) || !strikes(rule)) {
            i++;
            continue;
        }
        if (!fired) {
            *out = *rule;
            fired = true;
        }
        if (rule->count && rule->fired == rule->count) {
            remove_rule(faults, i);
        } else {
            i++;
        }
    }
    faults->fired[id] += fired;
    return fired;
}

/* ---- Snapshots ---- */

static void rule_archive(Cx6dxFaultRule *rule, Cx6dxArchive *ar)
{
    uint8_t id = rule->id;

    cx6dx_ar(ar, &id);
    cx6dx_ar(ar, &rule->skip);
    cx6dx_ar(ar, &rule->every);
    cx6dx_ar(ar, &rule->count);
    cx6dx_ar(ar, &rule->object);
    cx6dx_ar(ar, &rule->delay_ns);
    cx6dx_ar(ar, &rule->status);
    cx6dx_ar(ar, &rule->syndrome);
    cx6dx_ar(ar, &rule->gap);
    cx6dx_ar(ar, &rule->record);
    cx6dx_ar(ar, &rule->seen);
    cx6dx_ar(ar, &rule->fired);
    cx6dx_ar_check(ar, id < CX6DX_FAULTS && rule->every &&
                       rule->delay_ns <= MAX_DELAY_NS &&
                       rule->gap <= MAX_GAP_BYTES &&
                       (!rule->count || rule->fired < rule->count),
                   "no rule of a fault is like that");
    rule->id = MIN(id, CX6DX_FAULTS - 1);
}

void cx6dx_faults_archive(Cx6dxFaults *faults, Cx6dxArchive *ar)
{
    uint32_t n = faults->n;

    cx6dx_ar_equal(ar, CX6DX_FAULTS, "the table of faults is another one");
    for (unsigned i = 0; i < CX6DX_FAULTS; i++) {
        cx6dx_ar(ar, &faults->seen[i]);
        cx6dx_ar(ar, &faults->fired[i]);
    }
    cx6dx_ar_count(ar, &n, CX6DX_FAULT_MAX_RULES, "too many rules of faults");
    faults->n = n;
    for (unsigned i = 0; i < faults->n && cx6dx_ar_good(ar); i++) {
        rule_archive(&faults->rules[i], ar);
    }
    if (!cx6dx_ar_good(ar) && ar->loading) {
        faults->n = 0;
    }
    note_armed(faults);
}

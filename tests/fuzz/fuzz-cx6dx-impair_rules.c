/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzer of ring 0 room "impair_rules"
 *
 * Input: the text of rules.  A mistake must lie inside the text; rules that were
 * taken are within their limits, and matching them keeps its books.
 */
#include "tape.h"
#include "pure/impair_rules.h"

static void check_error(const uint8_t *data, size_t size,
                        const Cx6dxImpairError *error)
{
    const uint8_t *p = data, *end = data + size, *eol;
    unsigned line;

    FUZZ_CHECK(error->line >= 1 && error->column >= 1 && error->text[0]);
    for (line = 1; line < error->line; line++) {
        p = memchr(p, '\n', end - p);
        FUZZ_CHECK(p);
        p++;
    }
    eol = p < end ? memchr(p, '\n', end - p) : NULL;
    FUZZ_CHECK(error->column <= (size_t)((eol ? eol : end) - p) + 1);
}

static void check_rule(const Cx6dxImpairRule *rule)
{
    unsigned i, k;

    FUZZ_CHECK(rule->nactions >= 1 &&
               rule->nactions <= CX6DX_IMPAIR_MAX_ACTIONS);
    FUZZ_CHECK(rule->nconditions <= CX6DX_IMPAIR_MAX_CONDITIONS);
    FUZZ_CHECK(rule->chance >= 0 && rule->chance <= 100);
    for (i = 0; i < rule->nactions; i++) {
        const Cx6dxImpairAction *a = &rule->actions[i];

        FUZZ_CHECK(a->what != CX6DX_IMPAIR_DUPLICATE ||
                   (a->value >= 1 && a->value <= CX6DX_IMPAIR_MAX_COPIES));
        FUZZ_CHECK(a->what != CX6DX_IMPAIR_DELAY ||
                   a->value <= CX6DX_IMPAIR_MAX_SECONDS * 1000000000ull);
        FUZZ_CHECK(a->field < CX6DX_IMPAIR_NFIELDS);
    }
    for (i = 0; i < rule->nconditions; i++) {
        const Cx6dxImpairCondition *c = &rule->conditions[i];

        FUZZ_CHECK(c->nlist <= CX6DX_IMPAIR_MAX_LIST);
        for (k = 0; k < c->nlist; k++) {
            FUZZ_CHECK(c->list[k].from <= c->list[k].to);
        }
    }
}

static void run_rules(Cx6dxImpairRules *rules)
{
    static const Cx6dxImpairRecord records[] = {
        { .start = -3, .bytes = 40, .tls_number = 1, .type = 22 },
        { .start = 37, .bytes = 60, .tls_number = 2, .number = 1, .type = 23,
          .has_tag = true },
        { .start = 97, .bytes = 0, .tls_number = 3, .number = 2, .type = 23,
          .has_tag = true },
    };
    Cx6dxImpairSight sight = {
        .frame = { .tcp = true, .tcp_flags = 0x10, .ip_version = 6,
                   .payload_bytes = 100 },
        .conn = 1, .nth = 1, .copy = 1, .end = 100, .offload = true,
        .offload_start = 37, .records = records, .nrecords = 3,
    };
    uint64_t acted = 0, seen = 0;
    Cx6dxImpairRng rng;
    unsigned i;

    cx6dx_impair_rng_seed(&rng, 1, 0);
    for (i = 0; i < 40; i++) {
        const Cx6dxImpairRecord *record;
        const Cx6dxImpairRule *rule;

        sight.nth = i;
        sight.frame.tcp = i % 5 != 4;
        sight.start = i;
        rule = cx6dx_impair_rules_match(rules, &sight, &rng, &record);
        FUZZ_CHECK(!record || (record >= records && record < records + 3));
        seen += rule != NULL;
    }
    for (i = 0; i < rules->n; i++) {
        const Cx6dxImpairRule *rule = &rules->rules[i];

        check_rule(rule);
        FUZZ_CHECK(rule->acted <= rule->matched);
        FUZZ_CHECK(!rule->count || rule->acted <= rule->count);
        acted += rule->acted;
    }
    FUZZ_CHECK(acted == seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cx6dxImpairError error;
    Cx6dxImpairRules *rules = cx6dx_impair_rules_parse((const char *)data,
                                                       size, &error);

    if (rules) {
        run_rules(rules);
        cx6dx_impair_rules_free(rules);
    } else if (size <= CX6DX_IMPAIR_MAX_TEXT) {
        check_error(data, size, &error);
    }
    return 0;
}

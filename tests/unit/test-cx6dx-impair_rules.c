/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "impair_rules": its text, and which rule acts
 */
#include "qemu/osdep.h"
#include "pure/impair_rules.h"

/* ---- text ---- */

static Cx6dxImpairRules *parse(const char *text)
{
    Cx6dxImpairError error;
    Cx6dxImpairRules *rules = cx6dx_impair_rules_parse(text, strlen(text),
                                                       &error);

    if (!rules) {
        g_error("%s: %u:%u: %s", text, error.line, error.column, error.text);
    }
    return rules;
}

static void test_actions(void)
{
    Cx6dxImpairRules *rules = parse(
        "# nothing\n"
        "\n"
        "pass\r\n"
        "  drop  # all\n"
        "delay 20ms\n"
        "hold 3\n"
        "hold 500us , duplicate\n"
        "duplicate 4, corrupt tag at 0x0f wrong-sum,set tcp-flags 0x14\n"
        "corrupt\n"
        "truncate\n"
        "truncate 60\n"
        "set ip-ttl 1 wrong-sum if proto=ipv4");
    const Cx6dxImpairRule *r = rules->rules;

    g_assert_cmpuint(rules->n, ==, 10);
    g_assert_cmpuint(r[0].line, ==, 3);
    g_assert_cmpint(r[0].actions[0].what, ==, CX6DX_IMPAIR_PASS);
    g_assert_cmpint(r[1].actions[0].what, ==, CX6DX_IMPAIR_DROP);
    g_assert_cmpint(r[2].actions[0].what, ==, CX6DX_IMPAIR_DELAY);
    g_assert_cmpuint(r[2].actions[0].value, ==, 20000000);
    g_assert_cmpint(r[3].actions[0].what, ==, CX6DX_IMPAIR_HOLD_PACKETS);
    g_assert_cmpuint(r[3].actions[0].value, ==, 3);
    g_assert_cmpuint(r[4].nactions, ==, 2);
    g_assert_cmpint(r[4].actions[0].what, ==, CX6DX_IMPAIR_HOLD_TIME);
    g_assert_cmpuint(r[4].actions[0].value, ==, 500000);
    g_assert_cmpuint(r[4].actions[1].value, ==, 1);
    g_assert_cmpuint(r[5].nactions, ==, 3);
    g_assert_cmpuint(r[5].actions[0].value, ==, 4);
    g_assert_cmpint(r[5].actions[1].area, ==, CX6DX_IMPAIR_AREA_TAG);
    g_assert_true(r[5].actions[1].given && r[5].actions[1].wrong_sum);
    g_assert_cmpuint(r[5].actions[1].value, ==, 15);
    g_assert_cmpint(r[5].actions[2].field, ==, CX6DX_IMPAIR_TCP_FLAGS);
    g_assert_cmpuint(r[5].actions[2].value, ==, 0x14);
    g_assert_false(r[6].actions[0].given);
    g_assert_false(r[7].actions[0].given);
    g_assert_true(r[8].actions[0].given);
    g_assert_true(r[9].actions[0].wrong_sum);
    g_assert_cmpuint(r[9].nconditions, ==, 1);
    cx6dx_impair_rules_free(rules);
}

static void test_conditions(void)
{
    Cx6dxImpairRules *rules = parse(
        "drop if conn=3 dir=from-nic from=client record=7,9-12,20- "
        "has=split-header !type=data,21 flags=syn+!ack+!rst copy=2- count=1 "
        "skip=2 every=3 chance=12.5");
    const Cx6dxImpairRule *r = rules->rules;
    const Cx6dxImpairCondition *c = r->conditions;

    g_assert_cmpuint(r->nconditions, ==, 8);
    g_assert_cmpuint(r->count, ==, 1);
    g_assert_cmpuint(r->skip, ==, 2);
    g_assert_cmpuint(r->every, ==, 3);
    g_assert_cmpfloat(r->chance, ==, 12.5);
    g_assert_cmpint(c[0].key, ==, CX6DX_IMPAIR_KEY_CONN);
    g_assert_cmpuint(c[1].word, ==, 1);
    g_assert_cmpuint(c[3].nlist, ==, 3);
    g_assert_cmpuint(c[3].list[0].from, ==, 7);
    g_assert_cmpuint(c[3].list[0].to, ==, 7);
    g_assert_cmpuint(c[3].list[1].to, ==, 12);
    g_assert_cmpuint(c[3].list[2].to, ==, INT64_MAX);
    g_assert_cmpint(c[4].word, ==, CX6DX_IMPAIR_HAS_SPLIT_HEADER);
    g_assert_true(c[5].negated);
    g_assert_cmpuint(c[5].list[0].from, ==, 23);
    g_assert_cmphex(c[6].word, ==, 0x140002);
    cx6dx_impair_rules_free(rules);
}

static void test_mistakes(void)
{
    static const struct {
        const char *text;
        unsigned line, column;
        const char *says;
    } cases[] = {
        { "drop\n\n  dorp if conn=1", 3, 3, "'dorp' is no action: pass, drop" },
        { "drop conn=1", 1, 6, "'if' or ',' expected, not 'conn=1'" },
        { "drop if", 1, 8, "needs a condition" },
        { "drop if # conn=1", 1, 9, "needs a condition" },
        { "drop if recrod=7", 1, 9, "'recrod' is no condition: dir, from" },
        { "drop if record", 1, 15, "'record' needs a value" },
        { "drop if record=", 1, 16, "record needs a number" },
        { "drop if record=7x", 1, 16, "'7x' is no number" },
        { "drop if record=9-7", 1, 16, "ends before it begins" },
        { "drop if record=1,,2", 1, 18, "record needs a number" },
        { "drop if record=1,2,3,4,5,6,7,8,9", 1, 32, "more than 8 parts" },
        { "drop if conn=99999999999999999999", 1, 14, "is no number" },
        { "drop if has=heder", 1, 13, "'heder' is no part of a record" },
        { "drop if has=", 1, 13, "part of a record is missing" },
        { "drop if type=dta", 1, 14, "'dta' is no type of record: ccs" },
        { "drop if flags=syn+akc", 1, 19, "'akc' is no flag: fin" },
        { "drop if flags=", 1, 15, "flag is missing" },
        { "drop if dir=up", 1, 13, "'up' is no direction: rx, tx" },
        { "drop if from=nic", 1, 14, "'nic' is no side: client, server" },
        { "drop if proto=icmp", 1, 15, "'icmp' is no protocol: tcp" },
        { "drop if chance=101", 1, 16, "from 0 to 100" },
        { "drop if chance=nan", 1, 16, "from 0 to 100" },
        { "drop if count=0", 1, 15, "count: 0 is not within 1 and" },
        { "drop if !count=1", 1, 9, "can not be negated" },
        { "drop if !", 1, 10, "condition is missing" },
        { "delay", 1, 6, "delay needs a time such as 20ms" },
        { "delay 20", 1, 7, "delay needs a time such as 20ms" },
        { "delay 3601s", 1, 7, "3601s is more than 3600 s" },
        { "hold", 1, 5, "hold needs a time" },
        { "hold 0", 1, 6, "hold: 0 is not within 1 and 1000" },
        { "duplicate 17", 1, 11, "17 is not within 1 and 16" },
        { "truncate 13", 1, 10, "13 is not within 14 and 65535" },
        { "corrupt heat", 1, 9, "'if' or ',' expected" },
        { "corrupt at", 1, 11, "at needs a number" },
        { "set", 1, 4, "field is missing: ip-tos" },
        { "set tcp-sqe 1", 1, 5, "'tcp-sqe' is no field" },
        { "set ip-ttl 256", 1, 12, "256 is not within 0 and 255" },
        { "drop, pass", 1, 7, "stand alone" },
        { "drop,", 1, 6, "action is missing" },
        { "hold 1, hold 1, hold 1, hold 1, hold 1", 1, 33, "more than 4" },
        { "\tdrop if\tseq=a", 1, 14, "seq: 'a' is no number" },
        { "drop\x01 if conn=1", 1, 1, "'drop?' is no action" },
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        Cx6dxImpairError error;

        if (cx6dx_impair_rules_parse(cases[i].text, strlen(cases[i].text),
                                     &error)) {
            g_error("taken: %s", cases[i].text);
        }
        if (error.line != cases[i].line || error.column != cases[i].column ||
            !strstr(error.text, cases[i].says)) {
            g_error("%s: %u:%u: %s", cases[i].text, error.line, error.column,
                    error.text);
        }
    }
}

static void test_limits(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Cx6dxImpairError error;
    Cx6dxImpairRules *rules;
    unsigned i;

    for (i = 0; i < CX6DX_IMPAIR_MAX_RULES; i++) {
        g_string_append(text, "drop\n");
    }
    rules = cx6dx_impair_rules_parse(text->str, text->len, &error);
    g_assert_nonnull(rules);
    g_assert_cmpuint(rules->n, ==, CX6DX_IMPAIR_MAX_RULES);
    cx6dx_impair_rules_free(rules);
    g_string_append(text, "drop\n");
    g_assert_null(cx6dx_impair_rules_parse(text->str, text->len, &error));
    g_assert_cmpuint(error.line, ==, CX6DX_IMPAIR_MAX_RULES + 1);

    g_string_set_size(text, CX6DX_IMPAIR_MAX_TEXT + 1);
    memset(text->str, '\n', text->len);
    g_assert_null(cx6dx_impair_rules_parse(text->str, text->len, &error));
    g_assert_nonnull(strstr(error.text, "bytes of rules"));
    rules = cx6dx_impair_rules_parse("", 0, &error);
    g_assert_cmpuint(rules->n, ==, 0);
    cx6dx_impair_rules_free(rules);
    cx6dx_impair_rules_free(NULL);
}

/* ---- which rule acts ---- */

/* Payload [90, 210) of connection 2, over record 4's tag, 5 and 6's header */
static const Cx6dxImpairRecord records[] = {
    { .start = 0, .bytes = 100, .tls_number = 7, .number = 4, .type = 23,
      .has_tag = true },
    { .start = 100, .bytes = 105, .tls_number = 8, .number = 5, .type = 21,
      .has_tag = true },
    { .start = 205, .bytes = 300, .tls_number = 9, .number = 6, .type = 23,
      .has_tag = true },
};

static const Cx6dxImpairSight the_packet = {
    .frame = { .ethertype = 0x800, .ip_version = 4, .tcp = true,
               .tcp_flags = 0x18, .sport = 40000, .dport = 443,
               .payload_bytes = 120 },
    .rx = true, .conn = 2, .from_client = true, .nth = 9, .copy = 2,
    .start = 90, .end = 210, .offload = true, .offload_start = 50,
    .records = records, .nrecords = 3,
};

/* 0: does not act; else 1 + index of the record found, 100 for none */
static unsigned try_rule(const char *text, const Cx6dxImpairSight *sight)
{
    Cx6dxImpairRules *rules = parse(text);
    const Cx6dxImpairRecord *record;
    const Cx6dxImpairRule *rule;
    Cx6dxImpairRng rng;
    unsigned found = 0;

    cx6dx_impair_rng_seed(&rng, 1, 1);
    rule = cx6dx_impair_rules_match(rules, sight, &rng, &record);
    if (rule) {
        found = record ? 1 + record - records : 100;
        g_assert_true(rule == rules->rules);
    } else {
        g_assert_null(record);
    }
    g_assert_cmpuint(rules->rules[0].acted, ==, rule != NULL);
    cx6dx_impair_rules_free(rules);
    return found;
}

static void test_matching(void)
{
    static const struct {
        const char *condition;
        unsigned found;
    } cases[] = {
        { "dir=rx", 100 }, { "dir=from-nic", 100 }, { "dir=to-nic", 0 },
        { "!dir=tx", 100 }, { "from=client", 100 }, { "from=server", 0 },
        { "conn=2", 100 }, { "conn=1,3-", 0 }, { "!conn=1", 100 },
        { "proto=tcp", 100 }, { "proto=ipv4", 100 }, { "proto=ipv6", 0 },
        { "proto=udp", 0 }, { "proto=arp", 0 },
        { "port=443", 100 }, { "sport=443", 0 }, { "dport=400-500", 100 },
        { "sport=40000", 100 }, { "len=120", 100 }, { "len=121-", 0 },
        { "packet=9", 100 }, { "packet=1-8", 0 },
        { "flags=ack", 100 }, { "flags=psh+ack+!syn", 100 },
        { "flags=ack+!psh", 0 }, { "flags=syn", 0 }, { "!flags=syn", 100 },
        { "copy=2", 100 }, { "copy=1", 0 }, { "copy=2-", 100 },
        { "seq=209", 100 }, { "seq=210-", 0 }, { "seq=0-89", 0 },
        { "seq=0-90", 100 }, { "seq=100-101", 100 },
        { "offload-seq=40", 100 }, { "offload-seq=160", 0 },
        { "offload-seq=159", 100 }, { "offload-seq=39", 0 },
        { "record=4", 1 }, { "record=5-", 2 }, { "record=7", 0 },
        { "tls-record=9", 3 }, { "type=alert", 2 }, { "type=handshake", 0 },
        { "!type=alert", 0 }, { "!type=handshake", 100 },
        { "has=header", 2 }, { "has=whole-header", 2 },
        { "has=split-header", 0 }, { "has=tag", 1 }, { "has=whole-tag", 2 },
        { "has=split-tag", 1 }, { "has=start", 2 }, { "has=end", 1 },
        { "has=spans-header", 2 },
        { "record=4 has=header", 0 }, { "record=6 has=header", 3 },
        { "record=6 has=spans-header", 0 }, { "record=6 has=tag", 0 },
        { "type=data has=header", 3 }, { "has=header has=tag", 2 },
        { "record=5 !has=split-tag", 0 }, { "record=5 conn=1", 0 },
    };
    Cx6dxImpairSight cut = the_packet, none = { .frame.ethertype = 0x806 };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *text = g_strdup_printf("drop if %s",
                                                cases[i].condition);
        unsigned found = try_rule(text, &the_packet);

        if (found != cases[i].found) {
            g_error("%s: %u", text, found);
        }
    }
    cut.end = 207;
    g_assert_cmpuint(try_rule("drop if has=split-header", &cut), ==, 3);
    g_assert_cmpuint(try_rule("drop if record=6 has=whole-header", &cut), ==,
                     0);
    g_assert_cmpuint(try_rule("drop", &none), ==, 100);
    g_assert_cmpuint(try_rule("drop if proto=arp", &none), ==, 100);
    for (i = 0; i < 3; i++) {
        static const char *const tcp_only[] = { "copy=0-", "seq=0-",
                                                "port=0-" };
        g_autofree char *text = g_strdup_printf("drop if %s", tcp_only[i]);

        g_assert_cmpuint(try_rule(text, &none), ==, 0);
    }
}

/* Which of 20 matches a rule acts on, as text */
static char *acted_on(const char *text)
{
    Cx6dxImpairRules *rules = parse(text);
    g_autoptr(GString) seen = g_string_new(NULL);
    const Cx6dxImpairRecord *record;
    Cx6dxImpairRng rng;
    unsigned i;

    cx6dx_impair_rng_seed(&rng, 1, 1);
    for (i = 1; i <= 20; i++) {
        const Cx6dxImpairRule *rule =
            cx6dx_impair_rules_match(rules, &the_packet, &rng, &record);

        if (rule) {
            g_string_append_printf(seen, "%u:%u ", i, rule->line);
        }
    }
    g_assert_cmpuint(rules->rules[0].matched, ==, 20);
    cx6dx_impair_rules_free(rules);
    return g_string_free(g_steal_pointer(&seen), false);
}

static void test_pace(void)
{
    g_autofree char *every = acted_on("drop if skip=3 every=5 count=3");
    g_autofree char *chain = acted_on("drop if count=2\ndrop if skip=1 "
                                      "count=1");
    g_autofree char *some = acted_on("drop if chance=25");
    g_autofree char *again = acted_on("drop if chance=25");
    g_autofree char *never = acted_on("drop if chance=0");

    g_assert_cmpstr(every, ==, "4:1 9:1 14:1 ");
    g_assert_cmpstr(chain, ==, "1:1 2:1 4:2 ");
    g_assert_cmpstr(some, ==, again);
    g_assert_cmpuint(strlen(some), >, 4);
    g_assert_cmpuint(strlen(some), <, 60);
    g_assert_cmpstr(never, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/impair_rules/actions", test_actions);
    g_test_add_func("/cx6dx/impair_rules/conditions", test_conditions);
    g_test_add_func("/cx6dx/impair_rules/mistakes-are-told-with-their-place",
                    test_mistakes);
    g_test_add_func("/cx6dx/impair_rules/limits", test_limits);
    g_test_add_func("/cx6dx/impair_rules/matching", test_matching);
    g_test_add_func("/cx6dx/impair_rules/count-skip-every-chance", test_pace);
    return g_test_run();
}

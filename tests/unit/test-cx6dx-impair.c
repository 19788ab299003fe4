/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "impair": packets in, packets out
 */
#include "qemu/osdep.h"
#include "pure/impair.h"
#include "cx6dx-frame-build.h"
#include "cx6dx-oracle.h"

enum { PAYLOAD = 200, FRAMES = 4000, MAX_FRAME = 1600 };

static void set(Cx6dxImpair *im, unsigned rx, const char *name, double value)
{
    const Cx6dxImpairSetting *s = cx6dx_impair_settings;

    while (strcmp(s->name, name)) {
        s++;
    }
    g_assert_true(cx6dx_impair_set(&im->dir[rx].settings, s, value));
    g_assert_cmpfloat(cx6dx_impair_get(&im->dir[rx].settings, s), ==, value);
}

static void rules(Cx6dxImpair *im, const char *text)
{
    Cx6dxImpairError error;
    Cx6dxImpairRules *parsed = cx6dx_impair_rules_parse(text, strlen(text),
                                                        &error);

    if (!parsed) {
        g_error("%s: %u: %s", text, error.column, error.text);
    }
    cx6dx_impair_set_rules(im, parsed);
}

/* Frame `n` of a TCP stream; its IP id is its name */
static size_t frame_make(uint8_t *buf, unsigned n)
{
    FrameSpec spec = {
        .ip_version = 4, .protocol = 6, .tcp_flags = 0x10, .ip_id = n,
        .sport = 1000, .dport = 443, .tcp_sn = 100 + n * PAYLOAD,
        .saddr = { 10, 0, 0, 1 }, .daddr = { 10, 0, 0, 2 },
        .payload_bytes = PAYLOAD, .seed = n,
    };

    return frame_build(&spec, buf).bytes;
}

static unsigned name_of(const uint8_t *frame, size_t len)
{
    return len < 20 ? 0 : frame[18] << 8 | frame[19];
}

/* What came out so far: "name@time " and a sum over all bytes and times */
typedef struct Wire {
    Cx6dxImpair im;
    GString *seen;
    uint64_t digest;
    unsigned count[2];
} Wire;

static void wire_open(Wire *w)
{
    memset(w, 0, sizeof(*w));
    cx6dx_impair_init(&w->im);
    w->seen = g_string_new(NULL);
}

static void wire_close(Wire *w)
{
    cx6dx_impair_finish(&w->im);
    g_string_free(w->seen, true);
}

static void came_out(Wire *w, bool rx, const uint8_t *bytes, size_t len,
                     int64_t now_ns)
{
    size_t i;

    w->count[rx]++;
    g_string_append_printf(w->seen, "%u@%d ", name_of(bytes, len),
                           (int)now_ns);
    for (i = 0; i < len; i++) {
        w->digest = (w->digest ^ bytes[i]) * 1099511628211ull;
    }
    w->digest = (w->digest ^ (uint64_t)now_ns ^ rx) * 1099511628211ull;
}

/* Lets out what is due up to a moment */
static void wire_until(Wire *w, int64_t until_ns)
{
    int64_t now_ns;

    while ((now_ns = cx6dx_impair_next_ns(&w->im)) >= 0 &&
           now_ns <= until_ns) {
        unsigned rx;

        for (rx = 0; rx < 2; rx++) {
            Cx6dxImpairQueued *p;

            while ((p = cx6dx_impair_out(&w->im, rx, now_ns))) {
                came_out(w, rx, p->bytes, p->len, now_ns);
                g_free(p);
            }
        }
    }
}

static unsigned wire_send(Wire *w, bool rx, unsigned n, int64_t now_ns)
{
    uint8_t buf[MAX_FRAME];
    size_t len = frame_make(buf, n);
    Cx6dxImpairReport report;

    if (cx6dx_impair_in(&w->im, rx, now_ns, buf, len, 0, 7, false, &report)) {
        came_out(w, rx, buf, len, now_ns);
    }
    wire_until(w, now_ns);
    return report.fate;
}

/* Frames 0, 1, ... one a microsecond; all comes out */
static void wire_run(Wire *w, bool rx, unsigned frames)
{
    unsigned n;

    for (n = 0; n < frames; n++) {
        wire_until(w, n * 1000 - 1);
        wire_send(w, rx, n, n * 1000);
    }
    wire_until(w, INT64_MAX);
}

static const char *sent_through(Wire *w, const char *text, unsigned frames)
{
    g_string_set_size(w->seen, 0);
    rules(&w->im, text);
    wire_run(w, false, frames);
    return w->seen->str;
}

static void test_untouched(void)
{
    Wire w;

    wire_open(&w);
    wire_run(&w, false, 3);
    wire_run(&w, true, 2);
    g_assert_cmpstr(w.seen->str, ==, "0@0 1@1000 2@2000 0@0 1@1000 ");
    g_assert_cmpuint(w.im.dir[0].stats.packets, ==, 3);
    g_assert_cmpuint(w.im.dir[1].stats.packets, ==, 2);
    g_assert_cmpuint(w.im.dir[0].stats.peak_packets, ==, 0);
    wire_close(&w);
}

static void test_rule_actions(void)
{
    Wire w;

    wire_open(&w);
    g_assert_cmpstr(sent_through(&w, "drop if packet=2", 3), ==,
                    "0@0 2@2000 ");
    g_assert_cmpuint(w.im.dir[0].stats.dropped_by_rule, ==, 1);
    wire_close(&w);
    wire_open(&w);
    g_assert_cmpstr(sent_through(&w, "hold 2 if packet=1", 4), ==,
                    "1@1000 2@2000 0@2000 3@3000 ");
    g_assert_cmpuint(w.im.dir[0].stats.reordered, ==, 1);
    wire_close(&w);
    wire_open(&w);
    g_assert_cmpstr(sent_through(&w, "hold 1500ns if packet=1", 3), ==,
                    "1@1000 0@1500 2@2000 ");
    wire_close(&w);
    wire_open(&w);
    g_assert_cmpstr(sent_through(&w, "delay 1500ns if packet=1", 3), ==,
                    "0@1500 1@1500 2@2000 ");
    g_assert_cmpuint(w.im.dir[0].stats.delayed, ==, 2);
    wire_close(&w);
    wire_open(&w);
    g_assert_cmpstr(sent_through(&w, "duplicate 2,hold 1 if packet=1", 3), ==,
                    "1@1000 0@1000 0@1000 0@1000 2@2000 ");
    g_assert_cmpuint(w.im.dir[0].stats.duplicated, ==, 2);
    wire_close(&w);
    /* with nothing to overtake it, it leaves after reorder-time */
    wire_open(&w);
    set(&w.im, 0, "reorder-time", 50);
    g_assert_cmpstr(sent_through(&w, "hold 9 if packet=2", 2), ==,
                    "0@0 1@51000 ");
    wire_close(&w);
}

/* A rule saves a packet from chance, and chance takes the others */
static void test_rule_before_chance(void)
{
    Wire w;

    wire_open(&w);
    set(&w.im, 0, "loss", 100);
    g_assert_cmpstr(sent_through(&w, "pass if packet=2,4", 5), ==,
                    "1@1000 3@3000 ");
    g_assert_cmpuint(w.im.dir[0].stats.lost, ==, 3);
    g_assert_cmpuint(w.im.dir[0].stats.by_rule, ==, 2);
    wire_close(&w);
}

static void test_directions(void)
{
    Wire w;

    wire_open(&w);
    set(&w.im, 1, "loss", 100);
    wire_run(&w, false, 10);
    wire_run(&w, true, 10);
    g_assert_cmpuint(w.count[0], ==, 10);
    g_assert_cmpuint(w.count[1], ==, 0);
    g_assert_cmpuint(w.im.dir[1].stats.lost, ==, 10);
    g_assert_cmpuint(w.im.dir[0].stats.lost, ==, 0);
    wire_close(&w);
}

static void test_line(void)
{
    Wire w;

    wire_open(&w);
    set(&w.im, 0, "delay", 5);
    set(&w.im, 0, "rate", 254e6);       /* 254 bytes: 8 us */
    wire_run(&w, false, 2);
    g_assert_cmpstr(w.seen->str, ==, "0@13000 1@21000 ");
    wire_close(&w);

    wire_open(&w);
    set(&w.im, 0, "delay", 50);
    set(&w.im, 0, "jitter", 40);
    wire_run(&w, false, 500);
    g_assert_cmpuint(w.count[0], ==, 500);
    g_assert_cmpuint(w.im.dir[0].stats.delayed, ==, 500);
    g_assert_cmpuint(w.im.dir[0].stats.peak_packets, >, 20);
    g_assert_cmpuint(w.im.dir[0].stats.peak_packets, <, 100);
    wire_close(&w);
}

/* Each kind by chance: about as often as it says, counted, nothing else */
static void test_chance(void)
{
    static const char *const kinds[] = {
        "loss", "duplicate", "corrupt", "corrupt-wrong-sum", "corrupt-header",
        "truncate", "reorder",
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(kinds); i++) {
        const Cx6dxImpairStats *stats;
        uint64_t seen, all;
        Wire w;

        wire_open(&w);
        set(&w.im, 0, kinds[i], 10);
        wire_run(&w, false, FRAMES);
        stats = &w.im.dir[0].stats;
        seen = i == 0 ? stats->lost : i == 1 ? stats->duplicated :
               i == 2 ? stats->corrupted : i == 3 ? stats->corrupted_wrong_sum :
               i == 4 ? stats->corrupted_header : i == 5 ? stats->truncated :
               stats->reordered;
        all = stats->lost + stats->duplicated + stats->corrupted +
              stats->corrupted_wrong_sum + stats->corrupted_header +
              stats->truncated + stats->reordered + stats->skipped;
        g_assert_cmpuint(seen, ==, all);
        g_assert_cmpuint(seen, >, FRAMES / 10 * 8 / 10);
        g_assert_cmpuint(seen, <, FRAMES / 10 * 12 / 10);
        g_assert_cmpuint(w.count[0], ==,
                         FRAMES - stats->lost + stats->duplicated);
        wire_close(&w);
    }
}

/* ---- the same again ---- */

static uint64_t digest_of(uint64_t seed, const char *extra)
{
    static const char *const kinds[] = {
        "loss", "burst-enter", "duplicate", "corrupt", "corrupt-wrong-sum",
        "corrupt-header", "truncate", "reorder", "delay", "jitter",
    };
    uint64_t digest;
    unsigned i;
    Wire w;

    wire_open(&w);
    cx6dx_impair_reseed(&w.im, seed);
    for (i = 0; i < ARRAY_SIZE(kinds); i++) {
        set(&w.im, 0, kinds[i], 3);
    }
    rules(&w.im, "corrupt if chance=5\ntruncate if chance=2");
    if (extra) {
        set(&w.im, 1, extra, 50);
    }
    wire_run(&w, false, 2000);
    g_assert_cmpuint(w.im.dir[0].stats.lost_in_burst, >, 0);
    digest = w.digest;
    wire_close(&w);
    return digest;
}

static void test_determinism(void)
{
    uint64_t digest = digest_of(1, NULL);

    g_assert_cmphex(digest, ==, digest_of(1, NULL));
    g_assert_cmphex(digest, !=, digest_of(2, NULL));
    /* what the other direction suffers has no say */
    g_assert_cmphex(digest, ==, digest_of(1, "loss"));
}

/* One more kind of trouble does not choose other packets to be lost */
static void test_independent_streams(void)
{
    g_autofree char *alone = NULL;
    Wire w;

    wire_open(&w);
    set(&w.im, 0, "loss", 10);
    wire_run(&w, false, 500);
    alone = g_strdup(w.seen->str);
    wire_close(&w);
    wire_open(&w);
    set(&w.im, 0, "loss", 10);
    set(&w.im, 0, "corrupt", 50);
    wire_run(&w, false, 500);
    g_assert_cmpstr(w.seen->str, ==, alone);
    g_assert_cmpuint(w.im.dir[0].stats.corrupted, >, 100);
    /* a seed set again begins again */
    cx6dx_impair_reseed(&w.im, 1);
    g_string_set_size(w.seen, 0);
    set(&w.im, 0, "corrupt", 0);
    wire_run(&w, false, 500);
    g_assert_cmpstr(w.seen->str, ==, alone);
    wire_close(&w);
}

/* ---- bounds ---- */

static void test_limits(void)
{
    Wire w;
    unsigned n;

    wire_open(&w);
    w.im.limit_packets = 5;
    set(&w.im, 0, "delay", 1000000);
    for (n = 0; n < 8; n++) {
        g_assert_cmphex(wire_send(&w, false, n, n), ==,
                        n < 5 ? CX6DX_IMPAIR_FATE_DELAYED
                              : CX6DX_IMPAIR_FATE_OVERLIMIT);
    }
    g_assert_cmpuint(w.im.dir[0].stats.overlimit, ==, 3);
    g_assert_cmpuint(w.im.dir[0].stats.peak_packets, ==, 5);
    wire_until(&w, INT64_MAX);
    g_assert_cmpuint(w.count[0], ==, 5);

    /* bytes, and the copies of one packet */
    w.im.limit_packets = 1000;
    w.im.limit_bytes = 254 * 3;
    rules(&w.im, "duplicate 16");
    wire_send(&w, false, 1, 0);
    g_assert_cmpuint(w.im.dir[0].queue.bytes, ==, 254 * 3);
    g_assert_cmpuint(w.im.dir[0].stats.duplicated, ==, 2);
    g_assert_cmpuint(w.im.dir[0].stats.overlimit, ==, 4);
    g_assert_cmpuint(w.im.dir[0].stats.peak_bytes, ==, 254 * 5);
    wire_close(&w);         /* with packets inside */
}

static void test_settings(void)
{
    const Cx6dxImpairSetting *s;
    Cx6dxImpair im;

    cx6dx_impair_init(&im);
    for (s = cx6dx_impair_settings; s->name; s++) {
        Cx6dxImpairSettings *to = &im.dir[0].settings;

        g_assert_cmpfloat(cx6dx_impair_get(to, s), ==, s->begin);
        g_assert_true(cx6dx_impair_set(to, s, s->max));
        g_assert_false(cx6dx_impair_set(to, s, s->max + 1.0));
        g_assert_false(cx6dx_impair_set(to, s, -1));
        g_assert_false(cx6dx_impair_set(to, s, 0.0 / 0.0));
        g_assert_cmpfloat(cx6dx_impair_get(to, s), ==, s->max);
    }
    cx6dx_impair_finish(&im);
}

/* ---- rules that damage ---- */

/* The second of two records, seen through one rule */
static unsigned damage(const char *text, uint8_t *buf, size_t *len)
{
    FrameSpec spec = { .ip_version = 4, .protocol = 6, .tcp_flags = 0x10,
                       .payload_bytes = 200 };
    BuiltFrame built = frame_build(&spec, buf);
    uint8_t *payload = buf + built.payload_off;
    Cx6dxImpairReport report;
    Cx6dxImpairQueued *p;
    uint64_t skipped;
    Cx6dxImpair im;

    g_assert_cmpuint(built.payload_off, ==, 54);
    memset(payload, 0, 200);
    memcpy(payload, (uint8_t[]) { 23, 3, 3, 0, 55 }, 5);
    memcpy(payload + 60, (uint8_t[]) { 21, 3, 3, 0, 95 }, 5);
    memcpy(payload + 160, (uint8_t[]) { 23, 3, 3, 0, 200 }, 5);
    cx6dx_impair_init(&im);
    rules(&im, text);
    g_assert_false(cx6dx_impair_in(&im, true, 0, buf, built.bytes, 0, 0, true,
                                   &report));
    g_assert_cmpuint(report.rule->line, ==, 1);
    p = cx6dx_impair_out(&im, true, 0);
    g_assert_cmpuint(p->len, <=, MAX_FRAME);
    for (*len = 0; *len < p->len; ++*len) {
        buf[*len] ^= p->bytes[*len];
    }
    g_free(p);
    skipped = im.dir[1].stats.skipped;
    cx6dx_impair_finish(&im);
    return skipped;
}

static void test_damage_by_rule(void)
{
    static const struct {
        const char *text;
        unsigned first, last;       /* of the payload; the byte is there */
    } cases[] = {
        { "corrupt at 7", 7, 7 },
        { "corrupt", 0, 199 },
        { "corrupt header at 3", 3, 3 },
        { "corrupt header at 3 if type=alert", 63, 63 },
        { "corrupt header if record=2", 60, 64 },
        { "corrupt body at 0 if record=2", 65, 65 },
        { "corrupt tag at 15 if record=2", 159, 159 },
        { "corrupt tag wrong-sum if record=1", 44, 59 },
        { "corrupt body if record=1", 5, 43 },
    };
    unsigned i, at;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        uint8_t diff[MAX_FRAME];
        unsigned found = 0;
        size_t len;

        g_assert_cmpuint(damage(cases[i].text, diff, &len), ==, 0);
        for (at = 0; at < 200; at++) {
            if (diff[54 + at]) {
                found++;
                g_assert_cmpuint(at, >=, cases[i].first);
                g_assert_cmpuint(at, <=, cases[i].last);
            }
        }
        g_assert_cmpuint(found, ==, 1);
        g_assert_true(strstr(cases[i].text, "wrong-sum") ||
                      diff[50] || diff[51]);
    }
}

static void test_no_place(void)
{
    static const char *const cases[] = {
        "corrupt at 200", "corrupt header at 5", "corrupt tag at 16",
        "corrupt tag if record=3", "corrupt body at 35 if record=3",
        "truncate 254",
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        uint8_t diff[MAX_FRAME];
        unsigned at, found = 0;
        size_t len;

        g_assert_cmpuint(damage(cases[i], diff, &len), ==, 1);
        g_assert_cmpuint(len, ==, 254);
        for (at = 0; at < len; at++) {
            found += diff[at] != 0;
        }
        g_assert_cmpuint(found, ==, 0);
    }
}

static void test_cut_and_set(void)
{
    uint8_t diff[MAX_FRAME];
    size_t len;

    g_assert_cmpuint(damage("truncate 100", diff, &len), ==, 0);
    g_assert_cmpuint(len, ==, 100);
    g_assert_cmpuint(damage("set tcp-window 0x1234, set ip-ttl 1, corrupt "
                            "at 0 wrong-sum", diff, &len), ==, 0);
    g_assert_true((diff[48] || diff[49]) && diff[22] && diff[54]);
}

/* ARP and UDP know only payload; what is no frame goes on as it is */
static void test_others(void)
{
    uint8_t buf[MAX_FRAME] = { [12] = 0x08, [13] = 0x06 };
    FrameSpec udp = { .ip_version = 6, .ext = { 0xff }, .protocol = 17,
                      .payload_bytes = 10 };
    Cx6dxImpairReport report;
    size_t len;
    Wire w;

    wire_open(&w);
    g_assert_true(cx6dx_impair_in(&w.im, false, 0, buf, 9, 12, 0, false,
                                  &report));
    g_assert_true(cx6dx_impair_in(&w.im, false, 0, buf, 0, 0, 0, false,
                                  &report));
    rules(&w.im, "corrupt at 3 if proto=udp\ncorrupt if proto=udp\n"
          "corrupt tag");
    cx6dx_impair_in(&w.im, false, 0, buf, 60, 0, 0, false, &report);
    g_assert_cmpuint(report.fate, ==, 0);
    g_assert_cmpuint(w.im.dir[0].stats.skipped, ==, 1);
    len = frame_build(&udp, buf).bytes;
    cx6dx_impair_in(&w.im, false, 0, buf, len, 0, 0, false, &report);
    g_assert_cmphex(report.fate, ==, CX6DX_IMPAIR_FATE_CORRUPTED);
    rules(&w.im, "corrupt at 10 wrong-sum");
    cx6dx_impair_in(&w.im, false, 0, buf, len, 0, 0, false, &report);
    g_assert_cmpuint(w.im.dir[0].stats.skipped, ==, 2);
    wire_close(&w);
}

static void test_words(void)
{
    char text[120];

    cx6dx_impair_fate_str(0, text, sizeof(text));
    g_assert_cmpstr(text, ==, "none");
    cx6dx_impair_fate_str(CX6DX_IMPAIR_FATE_CORRUPTED |
                          CX6DX_IMPAIR_FATE_HELD, text, sizeof(text));
    g_assert_cmpstr(text, ==, "corrupted+held");
    cx6dx_impair_fate_str(~0u, text, 10);
    g_assert_cmpstr(text, ==, "lost+lost");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/impair/nothing-set-nothing-done", test_untouched);
    g_test_add_func("/cx6dx/impair/rule-actions", test_rule_actions);
    g_test_add_func("/cx6dx/impair/rules-before-chance",
                    test_rule_before_chance);
    g_test_add_func("/cx6dx/impair/directions-are-apart", test_directions);
    g_test_add_func("/cx6dx/impair/delay-jitter-rate", test_line);
    g_test_add_func("/cx6dx/impair/each-chance-is-its-percentage",
                    test_chance);
    g_test_add_func("/cx6dx/impair/same-seed-same-result", test_determinism);
    g_test_add_func("/cx6dx/impair/chances-are-independent",
                    test_independent_streams);
    g_test_add_func("/cx6dx/impair/queue-is-bounded", test_limits);
    g_test_add_func("/cx6dx/impair/settings-have-limits", test_settings);
    g_test_add_func("/cx6dx/impair/damage-where-the-rule-says",
                    test_damage_by_rule);
    g_test_add_func("/cx6dx/impair/no-place-is-counted", test_no_place);
    g_test_add_func("/cx6dx/impair/cut-and-set", test_cut_and_set);
    g_test_add_func("/cx6dx/impair/other-packets", test_others);
    g_test_add_func("/cx6dx/impair/words-for-fates", test_words);
    return g_test_run();
}

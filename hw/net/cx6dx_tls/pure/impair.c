/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The impaired wire: the steps that a packet takes
 */
#include "qemu/osdep.h"
#include "pure/impair.h"
#include "pure/impair_damage.h"
#include "pure/record.h"

/* Streams of numbers of a direction, one for each thing left to chance */
enum {
    BY_LOSS,
    BY_CORRUPT,
    BY_WRONG_SUM,
    BY_HEADER,
    BY_TRUNCATE,
    BY_DUPLICATE,
    BY_REORDER,
    BY_JITTER,
    BY_RULES,
};

#define DEFAULT_PACKETS 4096
#define DEFAULT_BYTES (16 << 20)

/* ---- The lists as tables ---- */

#define ENTRY(percent, member, name, max, begin, unit, help)                 \
    { name, unit, help, offsetof(Cx6dxImpairSettings, member), max, begin,   \
      percent },
#define PERCENT_ENTRY(...) ENTRY(true, __VA_ARGS__)
#define NUMBER_ENTRY(...) ENTRY(false, __VA_ARGS__)

const Cx6dxImpairSetting cx6dx_impair_settings[] = {
    CX6DX_IMPAIR_LIST_SETTINGS(PERCENT_ENTRY, NUMBER_ENTRY)
    { NULL, NULL, NULL, 0, 0, 0, false },
};

#define STAT_ENTRY(member, name, help)                                       \
    { name, help, offsetof(Cx6dxImpairStats, member) },

const Cx6dxImpairStat cx6dx_impair_stats[] = {
    CX6DX_IMPAIR_LIST_STATS(STAT_ENTRY)
    { NULL, NULL, 0 },
};

bool cx6dx_impair_set(Cx6dxImpairSettings *settings,
                      const Cx6dxImpairSetting *setting, double value)
{
    void *member = (char *)settings + setting->offset;

    if (!(value >= 0 && value <= setting->max)) {
        return false;
    }
    if (setting->percent) {
        *(double *)member = value;
    } else {
        *(uint64_t *)member = value;
    }
    return true;
}

double cx6dx_impair_get(const Cx6dxImpairSettings *settings,
                        const Cx6dxImpairSetting *setting)
{
    const void *member = (const char *)settings + setting->offset;

    return setting->percent ? *(const double *)member
                            : (double)*(const uint64_t *)member;
}

void cx6dx_impair_fate_str(unsigned fate, char *text, size_t size)
{
    static const char *const words[] = {
        "lost", "lost-in-burst", "dropped", "overlimit", "corrupted",
        "wrong-sum", "header", "truncated", "duplicated", "held", "delayed",
    };
    unsigned i;

    g_strlcpy(text, fate ? "" : "none", size);
    for (i = 0; i < ARRAY_SIZE(words); i++) {
        if (fate & 1u << i) {
            if (text[0]) {
                g_strlcat(text, "+", size);
            }
            g_strlcat(text, words[i], size);
        }
    }
}

/* ---- Life ---- */

void cx6dx_impair_init(Cx6dxImpair *im)
{
    const Cx6dxImpairSetting *s;

    memset(im, 0, sizeof(*im));
    for (s = cx6dx_impair_settings; s->name; s++) {
        cx6dx_impair_set(&im->dir[0].settings, s, s->begin);
        cx6dx_impair_set(&im->dir[1].settings, s, s->begin);
    }
    im->limit_packets = DEFAULT_PACKETS;
    im->limit_bytes = DEFAULT_BYTES;
    im->view = cx6dx_impair_view_new();
    cx6dx_impair_reseed(im, 1);
}

void cx6dx_impair_finish(Cx6dxImpair *im)
{
    unsigned rx;

    for (rx = 0; rx < 2; rx++) {
        Cx6dxImpairQueued *packet;

        while ((packet = cx6dx_impair_flush(im, rx))) {
            g_free(packet);
        }
    }
    cx6dx_impair_view_free(im->view);
    cx6dx_impair_rules_free(im->rules);
    im->view = NULL;
    im->rules = NULL;
}

void cx6dx_impair_reseed(Cx6dxImpair *im, uint64_t seed)
{
    unsigned rx, i;

    im->seed = seed;
    for (rx = 0; rx < 2; rx++) {
        for (i = 0; i < CX6DX_IMPAIR_NSTREAMS; i++) {
            cx6dx_impair_rng_seed(&im->dir[rx].rng[i], seed, i << 1 | rx);
        }
        im->dir[rx].bad = false;
    }
}

void cx6dx_impair_set_rules(Cx6dxImpair *im, Cx6dxImpairRules *rules)
{
    cx6dx_impair_rules_free(im->rules);
    im->rules = rules;
    cx6dx_impair_view_restart(im->view);
}

/* ---- A packet on its way through the steps ---- */

typedef struct Work {
    Cx6dxImpairDir *dir;
    Cx6dxImpairReport *report;
    const uint8_t *in;          /* as it came */
    Cx6dxImpairBytes bytes;     /* a copy, once it is damaged */
    size_t len, vnet_bytes;
    unsigned copies;            /* further ones */
    bool hold;
    uint32_t overtakers;
    int64_t hold_ns;
    int64_t delay_ns;
} Work;

static Cx6dxImpairBytes *own_bytes(Work *w)
{
    if (!w->bytes.buf) {
        w->bytes = (Cx6dxImpairBytes) {
            .buf = g_memdup2(w->in, w->len),
            .len = w->len,
            .vnet_bytes = w->vnet_bytes,
        };
    }
    return &w->bytes;
}

static bool chance(Work *w, unsigned stream, double percent)
{
    return cx6dx_impair_rng_chance(&w->dir->rng[stream], percent);
}

/* Counts damage that was done, or that found no place */
static void damaged(Work *w, bool done, unsigned fate, uint64_t *counter)
{
    if (done) {
        w->report->fate |= fate;
        ++*counter;
    } else {
        w->dir->stats.skipped++;
    }
}

static void damaged_payload(Work *w, bool done, bool wrong_sum)
{
    Cx6dxImpairStats *stats = &w->dir->stats;

    damaged(w, done, wrong_sum ? CX6DX_IMPAIR_FATE_WRONG_SUM
                               : CX6DX_IMPAIR_FATE_CORRUPTED,
            wrong_sum ? &stats->corrupted_wrong_sum : &stats->corrupted);
}

/* ---- By rule ---- */

/* The record to damage: the rule's, or the first one with a byte of the area */
static bool area_of(const Cx6dxImpairRecord *r, Cx6dxImpairArea area,
                    const Cx6dxImpairSight *s, int64_t *from, int64_t *to)
{
    int64_t body = r->start + CX6DX_RECORD_HDR_BYTES;
    int64_t end = r->start + r->bytes;
    int64_t tag = r->has_tag ? end - CX6DX_RECORD_TAG_BYTES : end;

    if (area == CX6DX_IMPAIR_AREA_HEADER) {
        *from = r->start;
        *to = body;
    } else if (!r->bytes) {
        return false;
    } else {
        *from = area == CX6DX_IMPAIR_AREA_TAG ? tag : body;
        *to = area == CX6DX_IMPAIR_AREA_TAG ? end : tag;
    }
    return *from < *to && *from < s->end && *to > s->start;
}

/* Offset in the stream of the byte to damage; false: it is not in the packet */
static bool pick_byte(Work *w, const Cx6dxImpairAction *action,
                      const Cx6dxImpairRecord *record, int64_t *at)
{
    const Cx6dxImpairSight *s = &w->report->sight;
    int64_t from = s->start, to = s->end;
    unsigned i;

    if (action->area != CX6DX_IMPAIR_AREA_PAYLOAD) {
        bool found = record && area_of(record, action->area, s, &from, &to);

        for (i = 0; !record && !found && i < s->nrecords; i++) {
            found = area_of(&s->records[i], action->area, s, &from, &to);
        }
        if (!found) {
            return false;
        }
    }
    if (action->given) {
        *at = from + (int64_t)action->value;
        return *at < to && *at >= s->start && *at < s->end;
    }
    from = MAX(from, s->start);
    to = MIN(to, s->end);
    *at = from + (int64_t)cx6dx_impair_rng_below(&w->dir->rng[BY_RULES],
                                                 to - from);
    return from < to;
}

static void corrupt_by_rule(Work *w, const Cx6dxImpairAction *action,
                            const Cx6dxImpairRecord *record)
{
    Cx6dxImpairRng *rng = &w->dir->rng[BY_RULES];
    const Cx6dxImpairSight *s = &w->report->sight;
    bool done = false;
    int64_t at;

    if (!s->frame.tcp) {
        if (action->area == CX6DX_IMPAIR_AREA_PAYLOAD) {
            done = !action->given
                   ? cx6dx_impair_damage_payload(own_bytes(w), rng,
                                                 action->wrong_sum)
                   : action->value < s->frame.payload_bytes &&
                     cx6dx_impair_damage_byte(own_bytes(w),
                                              s->frame.payload_off +
                                              action->value, 0xff,
                                              action->wrong_sum);
        }
    } else if (pick_byte(w, action, record, &at)) {
        done = cx6dx_impair_damage_byte(own_bytes(w), s->frame.payload_off +
                                        (size_t)(at - s->start), 0xff,
                                        action->wrong_sum);
    }
    damaged_payload(w, done, action->wrong_sum);
}

static void act(Work *w, const Cx6dxImpairAction *action,
                const Cx6dxImpairRecord *record)
{
    Cx6dxImpairStats *stats = &w->dir->stats;

    switch (action->what) {
    case CX6DX_IMPAIR_PASS:
        break;
    case CX6DX_IMPAIR_DROP:
        w->report->fate |= CX6DX_IMPAIR_FATE_DROPPED;
        stats->dropped_by_rule++;
        break;
    case CX6DX_IMPAIR_DELAY:
        w->delay_ns += action->value;
        break;
    case CX6DX_IMPAIR_HOLD_PACKETS:
        w->hold = true;
        w->overtakers = action->value;
        w->hold_ns = w->dir->settings.reorder_us * 1000;
        break;
    case CX6DX_IMPAIR_HOLD_TIME:
        w->hold = true;
        w->overtakers = 0;
        w->hold_ns = action->value;
        break;
    case CX6DX_IMPAIR_DUPLICATE:
        w->copies += action->value;
        break;
    case CX6DX_IMPAIR_CORRUPT:
        corrupt_by_rule(w, action, record);
        break;
    case CX6DX_IMPAIR_SET:
        damaged(w, cx6dx_impair_damage_field(own_bytes(w), action->field,
                                             action->value,
                                             action->wrong_sum),
                CX6DX_IMPAIR_FATE_HEADER, &stats->corrupted_header);
        break;
    case CX6DX_IMPAIR_TRUNCATE:
        damaged(w, action->given
                   ? cx6dx_impair_damage_cut(own_bytes(w), action->value)
                   : cx6dx_impair_damage_truncate(own_bytes(w),
                                                  &w->dir->rng[BY_RULES]),
                CX6DX_IMPAIR_FATE_TRUNCATED, &stats->truncated);
        break;
    }
}

/* False when no rule acts on the packet */
static bool by_rule(Cx6dxImpair *im, Work *w)
{
    const Cx6dxImpairRecord *record;
    const Cx6dxImpairRule *rule;
    unsigned i;

    if (!im->rules) {
        return false;
    }
    rule = cx6dx_impair_rules_match(im->rules, &w->report->sight,
                                    &w->dir->rng[BY_RULES], &record);
    if (!rule) {
        return false;
    }
    w->report->rule = rule;
    w->dir->stats.by_rule++;
    for (i = 0; i < rule->nactions; i++) {
        act(w, &rule->actions[i], record);
    }
    return true;
}

/* ---- By chance ---- */

static bool lose(Work *w)
{
    const Cx6dxImpairSettings *set = &w->dir->settings;
    Cx6dxImpairBurst burst = {
        .enter = set->burst_enter, .leave = set->burst_leave,
        .good_loss = set->loss, .bad_loss = set->burst_loss,
    };

    switch (cx6dx_impair_rng_lose(&w->dir->rng[BY_LOSS], &w->dir->bad,
                                  &burst)) {
    case CX6DX_IMPAIR_LOSS_GOOD:
        w->report->fate |= CX6DX_IMPAIR_FATE_LOST;
        w->dir->stats.lost++;
        return true;
    case CX6DX_IMPAIR_LOSS_BAD:
        w->report->fate |= CX6DX_IMPAIR_FATE_LOST_IN_BURST;
        w->dir->stats.lost_in_burst++;
        return true;
    default:
        return false;
    }
}

static void by_chance(Work *w)
{
    const Cx6dxImpairSettings *set = &w->dir->settings;
    Cx6dxImpairStats *stats = &w->dir->stats;
    Cx6dxImpairRng *rng = w->dir->rng;

    if (lose(w)) {
        return;
    }
    if (chance(w, BY_CORRUPT, set->corrupt)) {
        damaged_payload(w, cx6dx_impair_damage_payload(
                               own_bytes(w), &rng[BY_CORRUPT], false), false);
    }
    if (chance(w, BY_HEADER, set->corrupt_header)) {
        damaged(w, cx6dx_impair_damage_header(own_bytes(w), &rng[BY_HEADER]),
                CX6DX_IMPAIR_FATE_HEADER, &stats->corrupted_header);
    }
    /* what is left wrong comes last, or it would be made right again */
    if (chance(w, BY_WRONG_SUM, set->corrupt_wrong_sum)) {
        damaged_payload(w, cx6dx_impair_damage_payload(
                               own_bytes(w), &rng[BY_WRONG_SUM], true), true);
    }
    if (chance(w, BY_TRUNCATE, set->truncate)) {
        damaged(w, cx6dx_impair_damage_truncate(own_bytes(w),
                                                &rng[BY_TRUNCATE]),
                CX6DX_IMPAIR_FATE_TRUNCATED, &stats->truncated);
    }
    if (chance(w, BY_DUPLICATE, set->duplicate)) {
        w->copies++;
    }
    if (chance(w, BY_REORDER, set->reorder)) {
        w->hold = true;
        w->overtakers = set->reorder_distance;
        w->hold_ns = set->reorder_us * 1000;
    }
}

/* ---- The line ---- */

static int64_t line_delay_ns(Work *w)
{
    uint64_t jitter_us = w->dir->settings.jitter_us;
    int64_t delay_ns = w->dir->settings.delay_us * 1000;

    if (jitter_us) {
        delay_ns += (int64_t)cx6dx_impair_rng_below(&w->dir->rng[BY_JITTER],
                                                    2000 * jitter_us + 1) -
                    (int64_t)(1000 * jitter_us);
    }
    return MAX(delay_ns, 0);
}

/* Room for one more packet; counts it if there is none */
static bool has_room(const Cx6dxImpair *im, Work *w, size_t len)
{
    const Cx6dxImpairQueue *q = &w->dir->queue;

    if (q->packets < im->limit_packets && q->bytes + len <= im->limit_bytes) {
        return true;
    }
    w->dir->stats.overlimit++;
    return false;
}

static void queue_up(const Cx6dxImpair *im, Work *w, int64_t now_ns,
                     unsigned flags)
{
    const uint8_t *bytes = w->bytes.buf ? w->bytes.buf : w->in;
    size_t len = w->bytes.buf ? w->bytes.len : w->len;
    Cx6dxImpairQueue *q = &w->dir->queue;
    Cx6dxImpairStats *stats = &w->dir->stats;
    unsigned i;

    if (!has_room(im, w, len)) {
        w->report->fate |= CX6DX_IMPAIR_FATE_OVERLIMIT;
        return;
    }
    for (i = 0; i <= w->copies; i++) {
        Cx6dxImpairQueued *packet;

        if (i && !has_room(im, w, len)) {
            break;
        }
        packet = cx6dx_impair_queue_copy(bytes, len, flags);
        if (w->hold) {
            cx6dx_impair_queue_hold(q, packet, now_ns, w->delay_ns,
                                    w->overtakers, now_ns + w->hold_ns);
        } else if (i) {
            cx6dx_impair_queue_append(q, packet, now_ns, w->delay_ns);
        } else {
            cx6dx_impair_queue_send(q, packet, now_ns, w->delay_ns);
            if (packet->at_ns > now_ns) {
                w->report->fate |= CX6DX_IMPAIR_FATE_DELAYED;
                stats->delayed++;
            }
        }
    }
    if (w->hold) {
        w->report->fate |= CX6DX_IMPAIR_FATE_HELD;
        stats->reordered++;
    }
    if (i > 1) {
        w->report->fate |= CX6DX_IMPAIR_FATE_DUPLICATED;
        stats->duplicated += i - 1;
    }
    stats->peak_packets = MAX(stats->peak_packets, q->packets);
    stats->peak_bytes = MAX(stats->peak_bytes, q->bytes);
}

bool cx6dx_impair_in(Cx6dxImpair *im, bool rx, int64_t now_ns,
                     const uint8_t *bytes, size_t len, size_t vnet_bytes,
                     unsigned flags, bool wait, Cx6dxImpairReport *report)
{
    Work w = { .dir = &im->dir[rx], .report = report, .in = bytes,
               .len = len, .vnet_bytes = MIN(vnet_bytes, len) };
    bool passes = false;

    report->fate = 0;
    report->rule = NULL;
    w.dir->stats.packets++;
    w.dir->stats.bytes += len - w.vnet_bytes;
    w.dir->queue.rate_bps = w.dir->settings.rate_bps;
    if (!cx6dx_impair_view_packet(im->view, bytes + w.vnet_bytes,
                                  len - w.vnet_bytes, rx, &report->sight) ||
        !by_rule(im, &w)) {
        by_chance(&w);
    }
    if (!(report->fate & CX6DX_IMPAIR_FATE_GONE)) {
        w.delay_ns += line_delay_ns(&w);
        passes = !report->fate && !w.copies && !w.hold && !wait &&
                 cx6dx_impair_queue_through(&w.dir->queue, now_ns, w.delay_ns,
                                            len);
        if (!passes) {
            queue_up(im, &w, now_ns, flags);
        }
    }
    g_free(w.bytes.buf);
    return passes;
}

Cx6dxImpairQueued *cx6dx_impair_out(Cx6dxImpair *im, bool rx, int64_t now_ns)
{
    return cx6dx_impair_queue_pop(&im->dir[rx].queue, now_ns);
}

Cx6dxImpairQueued *cx6dx_impair_flush(Cx6dxImpair *im, bool rx)
{
    return cx6dx_impair_queue_flush(&im->dir[rx].queue);
}

int64_t cx6dx_impair_next_ns(const Cx6dxImpair *im)
{
    int64_t tx_ns = cx6dx_impair_queue_next_ns(&im->dir[0].queue);
    int64_t rx_ns = cx6dx_impair_queue_next_ns(&im->dir[1].queue);

    return tx_ns < 0 ? rx_ns : rx_ns < 0 ? tx_ns : MIN(tx_ns, rx_ns);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The impaired wire: everything that filter-impair does, without QEMU
 *
 * Packets of two directions go in with the time, and come out, later, changed,
 * twice or never.  The same seed, settings, rules, packets and times give the same
 * packets and times.
 *
 * A packet takes these steps: the first rule that acts on it says what befalls it;
 * without one, chance does: loss, damage, duplication, reordering, each from a
 * stream of numbers of its own.  Then comes the line with delay, jitter and rate,
 * which keeps the order.
 *
 * Direction 0 is "tx", what the backend sends, and 1 is "rx", what it receives: the
 * words of QEMU's netfilters.
 */
#ifndef CX6DX_PURE_IMPAIR_H
#define CX6DX_PURE_IMPAIR_H

#include "qemu/osdep.h"
#include "pure/impair_queue.h"
#include "pure/impair_rng.h"
#include "pure/impair_rules.h"
#include "pure/impair_view.h"

#define CX6DX_IMPAIR_MAX_US (CX6DX_IMPAIR_MAX_SECONDS * 1000000ull)

/*
 * Settings of a direction: member, name, largest value, value at the beginning,
 * unit and what it is.  PERCENT are doubles, NUMBER uint64_t.
 */
#define CX6DX_IMPAIR_LIST_SETTINGS(PERCENT, NUMBER)                          \
    PERCENT(loss, "loss", 100, 0, "%", "packets lost")                       \
    PERCENT(burst_enter, "burst-enter", 100, 0, "%",                         \
            "chance for each packet that a burst of losses begins")          \
    PERCENT(burst_leave, "burst-leave", 100, 25, "%",                        \
            "chance for each packet that the burst ends")                    \
    PERCENT(burst_loss, "burst-loss", 100, 100, "%",                         \
            "packets lost within a burst")                                   \
    PERCENT(duplicate, "duplicate", 100, 0, "%", "packets sent twice")       \
    PERCENT(corrupt, "corrupt", 100, 0, "%",                                 \
            "packets with a payload byte changed, checksums made right")     \
    PERCENT(corrupt_wrong_sum, "corrupt-wrong-sum", 100, 0, "%",             \
            "packets with a payload byte changed, checksums left wrong")     \
    PERCENT(corrupt_header, "corrupt-header", 100, 0, "%",                   \
            "packets with a header field changed, checksums made right")     \
    PERCENT(truncate, "truncate", 100, 0, "%", "packets cut short")          \
    PERCENT(reorder, "reorder", 100, 0, "%", "packets that others overtake") \
    NUMBER(reorder_distance, "reorder-distance", 1000, 3, "packets",         \
           "how many overtake one; 0: by time only")                         \
    NUMBER(reorder_us, "reorder-time", CX6DX_IMPAIR_MAX_US, 10000, "us",     \
           "how long a packet waits for others to overtake it, at most")     \
    NUMBER(delay_us, "delay", CX6DX_IMPAIR_MAX_US, 0, "us",                  \
           "time that every packet takes")                                   \
    NUMBER(jitter_us, "jitter", CX6DX_IMPAIR_MAX_US, 0, "us",                \
           "how much the delay varies, up and down")                         \
    NUMBER(rate_bps, "rate", 1000000000000ull, 0, "bit/s",                   \
           "what the wire carries; 0: no limit")

/* Counters of a direction: member, name, what it counts */
#define CX6DX_IMPAIR_LIST_STATS(X)                                           \
    X(packets, "packets", "packets that came")                               \
    X(bytes, "bytes", "their bytes")                                         \
    X(lost, "lost", "lost by chance, outside of bursts")                     \
    X(lost_in_burst, "lost-in-burst", "lost by chance, in bursts")           \
    X(dropped_by_rule, "dropped-by-rule", "dropped by a rule")               \
    X(overlimit, "overlimit", "dropped because too much was queued")         \
    X(by_rule, "by-rule", "on which a rule acted")                           \
    X(duplicated, "duplicated", "further copies made")                       \
    X(reordered, "reordered", "held back for others to overtake")            \
    X(delayed, "delayed", "that had to wait on the line")                    \
    X(corrupted, "corrupted", "changed payloads with right checksums")       \
    X(corrupted_wrong_sum, "corrupted-wrong-sum",                            \
      "changed payloads with wrong checksums")                               \
    X(corrupted_header, "corrupted-header", "changed header fields")         \
    X(truncated, "truncated", "cut short")                                   \
    X(skipped, "skipped", "damage that a packet had no place for")           \
    X(peak_packets, "peak-packets", "most packets queued at a time")         \
    X(peak_bytes, "peak-bytes", "most bytes queued at a time")

#define CX6DX_IMPAIR_PERCENT_(member, ...) double member;
#define CX6DX_IMPAIR_NUMBER_(member, ...) uint64_t member;
#define CX6DX_IMPAIR_STAT_(member, ...) uint64_t member;

typedef struct Cx6dxImpairSettings {
    CX6DX_IMPAIR_LIST_SETTINGS(CX6DX_IMPAIR_PERCENT_, CX6DX_IMPAIR_NUMBER_)
} Cx6dxImpairSettings;

typedef struct Cx6dxImpairStats {
    CX6DX_IMPAIR_LIST_STATS(CX6DX_IMPAIR_STAT_)
} Cx6dxImpairStats;

/* The lists as tables; the last entry has no name */
typedef struct Cx6dxImpairSetting {
    const char *name;
    const char *unit;
    const char *help;
    size_t offset;              /* in Cx6dxImpairSettings */
    uint64_t max;
    uint64_t begin;             /* value at the beginning */
    bool percent;               /* a double, not a uint64_t */
} Cx6dxImpairSetting;

typedef struct Cx6dxImpairStat {
    const char *name;
    const char *help;
    size_t offset;              /* in Cx6dxImpairStats */
} Cx6dxImpairStat;

extern const Cx6dxImpairSetting cx6dx_impair_settings[];
extern const Cx6dxImpairStat cx6dx_impair_stats[];

/* Whether the value may be set, and does so; NaN may not */
bool cx6dx_impair_set(Cx6dxImpairSettings *settings,
                      const Cx6dxImpairSetting *setting, double value);
double cx6dx_impair_get(const Cx6dxImpairSettings *settings,
                        const Cx6dxImpairSetting *setting);

/* What befell a packet: bits, 0 if nothing did */
enum {
    CX6DX_IMPAIR_FATE_LOST = 1 << 0,
    CX6DX_IMPAIR_FATE_LOST_IN_BURST = 1 << 1,
    CX6DX_IMPAIR_FATE_DROPPED = 1 << 2,
    CX6DX_IMPAIR_FATE_OVERLIMIT = 1 << 3,
    CX6DX_IMPAIR_FATE_CORRUPTED = 1 << 4,
    CX6DX_IMPAIR_FATE_WRONG_SUM = 1 << 5,
    CX6DX_IMPAIR_FATE_HEADER = 1 << 6,
    CX6DX_IMPAIR_FATE_TRUNCATED = 1 << 7,
    CX6DX_IMPAIR_FATE_DUPLICATED = 1 << 8,
    CX6DX_IMPAIR_FATE_HELD = 1 << 9,
    CX6DX_IMPAIR_FATE_DELAYED = 1 << 10,
    CX6DX_IMPAIR_FATE_GONE = 0xf,       /* any of the first four */
};

/* The bits as words with + between; "none" for 0 */
void cx6dx_impair_fate_str(unsigned fate, char *text, size_t size);

typedef struct Cx6dxImpairReport {
    unsigned fate;
    const Cx6dxImpairRule *rule;    /* that acted, or NULL */
    Cx6dxImpairSight sight;
} Cx6dxImpairReport;

enum { CX6DX_IMPAIR_NSTREAMS = 9 };

typedef struct Cx6dxImpairDir {
    Cx6dxImpairSettings settings;
    Cx6dxImpairStats stats;
    Cx6dxImpairQueue queue;
    Cx6dxImpairRng rng[CX6DX_IMPAIR_NSTREAMS];
    bool bad;                       /* in a burst of losses */
} Cx6dxImpairDir;

typedef struct Cx6dxImpair {
    Cx6dxImpairDir dir[2];          /* tx, rx; settings may be changed */
    uint64_t limit_packets;         /* queued in each direction; may be changed */
    uint64_t limit_bytes;
    uint64_t seed;                  /* by cx6dx_impair_reseed() only */
    Cx6dxImpairView *view;
    Cx6dxImpairRules *rules;        /* or NULL */
} Cx6dxImpair;

void cx6dx_impair_init(Cx6dxImpair *im);
/* Packets that are still queued are lost */
void cx6dx_impair_finish(Cx6dxImpair *im);

/* All streams of numbers, and bursts, begin anew */
void cx6dx_impair_reseed(Cx6dxImpair *im, uint64_t seed);

/* Takes over `rules`, NULL for none; connections are numbered from 1 again */
void cx6dx_impair_set_rules(Cx6dxImpair *im, Cx6dxImpairRules *rules);

/*
 * The next packet: a virtio-net header of `vnet_bytes`, then the frame.  `flags`
 * come out again with what is queued.  True: let the packet pass as it is, now.
 * False: it was taken, and what becomes of it comes out of cx6dx_impair_out().
 * With `wait` it is not to pass now, as packets before it are on their way out.
 */
bool cx6dx_impair_in(Cx6dxImpair *im, bool rx, int64_t now_ns,
                     const uint8_t *bytes, size_t len, size_t vnet_bytes,
                     unsigned flags, bool wait, Cx6dxImpairReport *report);

/* The next packet that comes out by now, for g_free(); or NULL */
Cx6dxImpairQueued *cx6dx_impair_out(Cx6dxImpair *im, bool rx, int64_t now_ns);

/* Any packet that is queued, in the order of the line; or NULL */
Cx6dxImpairQueued *cx6dx_impair_flush(Cx6dxImpair *im, bool rx);

/* When cx6dx_impair_out() has something, in either direction; -1: never */
int64_t cx6dx_impair_next_ns(const Cx6dxImpair *im);

#endif

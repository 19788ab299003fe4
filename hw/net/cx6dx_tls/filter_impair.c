/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * filter-impair: a netfilter that breaks the wire on purpose
 *
 * Front of ring 0 room "impair": packets and virtual time in, packets out, and its
 * settings and counters as properties.  Decides nothing about a packet.  Works
 * between any backend and any NIC.
 */
#include "qemu/osdep.h"
#include "net/filter.h"
#include "net/net.h"
#include "pure/impair.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/iov.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qom/object.h"
#include "system/runstate.h"
#include "trace.h"

#define TYPE_FILTER_IMPAIR "filter-impair"
OBJECT_DECLARE_SIMPLE_TYPE(FilterImpair, FILTER_IMPAIR)

enum {
    MAX_PACKETS = 65536,
    MIN_BYTES = 65536,
    MAX_BYTES = 256 << 20,
    /* of a queued packet's flags: above those of QEMU, its virtio-net header */
    VNET_SHIFT = 8,
};

struct FilterImpair {
    NetFilterState parent_obj;

    Cx6dxImpair im;
    QEMUTimer *timer;
    VMChangeStateEntry *run_state;
    int64_t stopped_ns;         /* virtual time of the last stop */
    char *rules_file;
    bool delivering[2];         /* tx, rx */
};

static const char *const dir_names[] = { "tx", "rx" };

/* ---- Packets ---- */

static void deliver(NetFilterState *nf, bool rx, const Cx6dxImpairQueued *p)
{
    NetClientState *sender = rx ? nf->netdev->peer : nf->netdev;
    unsigned flags = p->flags & ((1u << VNET_SHIFT) - 1);
    struct iovec iov = { .iov_base = (void *)p->bytes, .iov_len = p->len };

    /* the NIC may have gone, or changed what is in front of a frame */
    if (!sender || (!(flags & QEMU_NET_PACKET_FLAG_RAW) &&
                    p->flags >> VNET_SHIFT !=
                    (unsigned)qemu_get_vnet_hdr_len(nf->netdev))) {
        return;
    }
    qemu_netfilter_pass_to_next(sender, flags, &iov, 1, nf);
}

/*
 * What is due goes out.  The receiver may send at once, and so come back here:
 * its packets wait for those that are on their way out in the same direction.
 */
static void pump(FilterImpair *s)
{
    int64_t now_ns = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    int64_t next_ns;
    unsigned rx;

    for (rx = 0; rx < 2; rx++) {
        Cx6dxImpairQueued *p;

        if (s->delivering[rx]) {
            continue;
        }
        s->delivering[rx] = true;
        while ((p = cx6dx_impair_out(&s->im, rx, now_ns))) {
            deliver(NETFILTER(s), rx, p);
            g_free(p);
        }
        s->delivering[rx] = false;
    }
    next_ns = cx6dx_impair_next_ns(&s->im);
    if (next_ns < 0) {
        timer_del(s->timer);
    } else {
        timer_mod(s->timer, next_ns);
    }
}

static void timer_fired(void *opaque)
{
    pump(opaque);
}

/* All that is queued goes out now, in the order of the wire */
static void flush(FilterImpair *s)
{
    unsigned rx;

    for (rx = 0; rx < 2; rx++) {
        Cx6dxImpairQueued *p;

        while ((p = cx6dx_impair_flush(&s->im, rx))) {
            deliver(NETFILTER(s), rx, p);
            g_free(p);
        }
    }
    timer_del(s->timer);
}

static void drop_all(FilterImpair *s)
{
    for (unsigned rx = 0; rx < 2; rx++) {
        Cx6dxImpairQueued *p;

        while ((p = cx6dx_impair_flush(&s->im, rx))) {
            g_free(p);
        }
    }
    timer_del(s->timer);
}

/*
 * The filter is no device, and its queue in no snapshot.  When one is loaded, or
 * time goes back because one was, what is queued is of another life: to the
 * guest of this one it would be packets out of nowhere.
 */
static void run_state_changed(void *opaque, bool running, RunState state)
{
    FilterImpair *s = opaque;
    int64_t now_ns = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    if (state == RUN_STATE_RESTORE_VM || (running && now_ns < s->stopped_ns)) {
        drop_all(s);
    }
    s->stopped_ns = running ? 0 : now_ns;
}

static void trace_fate(FilterImpair *s, bool rx, int64_t now_ns,
                       const Cx6dxImpairReport *report)
{
    const Cx6dxImpairSight *sight = &report->sight;
    char flow[24], fate[160];
    size_t end;

    if (!(report->fate || report->rule) ||
        !trace_event_get_state_backends(TRACE_CX6DX_IMPAIR)) {
        return;
    }
    snprintf(flow, sizeof(flow), "%u>%u", sight->frame.sport,
             sight->frame.dport);
    cx6dx_impair_fate_str(report->fate, fate, sizeof(fate));
    end = strlen(fate);
    if (report->rule) {
        snprintf(fate + end, sizeof(fate) - end, ",line%u",
                 report->rule->line);
    }
    trace_cx6dx_impair(now_ns, object_get_canonical_path_component(OBJECT(s)),
                       dir_names[rx], sight->conn, flow, sight->frame.tcp_sn,
                       sight->frame.payload_bytes,
                       sight->nrecords ? sight->records[0].number : 0,
                       sight->copy, fate);
}

static ssize_t receive_iov(NetFilterState *nf, NetClientState *sender,
                           unsigned flags, const struct iovec *iov, int iovcnt,
                           NetPacketSent *sent_cb)
{
    FilterImpair *s = FILTER_IMPAIR(nf);
    int64_t now_ns = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    bool rx = sender != nf->netdev;
    size_t len = iov_size(iov, iovcnt);
    g_autofree uint8_t *copy = NULL;
    const uint8_t *bytes = iov->iov_base;
    Cx6dxImpairReport report;
    unsigned vnet_bytes = 0;
    bool passes;

    if (!len) {
        return 0;
    }
    if (iovcnt > 1) {
        bytes = copy = g_malloc(len);
        iov_to_buf(iov, iovcnt, 0, copy, len);
    }
    if (!(flags & QEMU_NET_PACKET_FLAG_RAW)) {
        vnet_bytes = qemu_get_vnet_hdr_len(nf->netdev);
    }
    passes = cx6dx_impair_in(&s->im, rx, now_ns, bytes, len, vnet_bytes,
                             flags | vnet_bytes << VNET_SHIFT,
                             s->delivering[rx], &report);
    trace_fate(s, rx, now_ns, &report);
    if (passes) {
        return 0;
    }
    pump(s);
    return len;
}

static void setup(NetFilterState *nf, Error **errp)
{
    FilterImpair *s = FILTER_IMPAIR(nf);

    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, timer_fired, s);
    s->run_state = qemu_add_vm_change_state_handler(run_state_changed, s);
}

static void status_changed(NetFilterState *nf, Error **errp)
{
    if (!nf->on) {
        flush(FILTER_IMPAIR(nf));
    }
}

/* ---- Settings ---- */

typedef struct SettingProperty {
    const Cx6dxImpairSetting *setting;
    bool rx;
} SettingProperty;

static void get_setting(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    const SettingProperty *prop = opaque;
    double value = cx6dx_impair_get(
        &FILTER_IMPAIR(obj)->im.dir[prop->rx].settings, prop->setting);
    uint64_t whole = value;

    if (prop->setting->percent) {
        visit_type_number(v, name, &value, errp);
    } else {
        visit_type_uint64(v, name, &whole, errp);
    }
}

static void set_setting(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    const SettingProperty *prop = opaque;
    const Cx6dxImpairSetting *setting = prop->setting;
    uint64_t whole = 0;
    double value;

    if (setting->percent) {
        if (!visit_type_number(v, name, &value, errp)) {
            return;
        }
    } else {
        if (!visit_type_uint64(v, name, &whole, errp)) {
            return;
        }
        value = whole;
    }
    if (!cx6dx_impair_set(&FILTER_IMPAIR(obj)->im.dir[prop->rx].settings,
                          setting, value)) {
        error_setg(errp, "Property '%s.%s' is from 0 to %" PRIu64 " %s",
                   TYPE_FILTER_IMPAIR, name, setting->max, setting->unit);
    }
}

static void get_seed(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    visit_type_uint64(v, name, &FILTER_IMPAIR(obj)->im.seed, errp);
}

static void set_seed(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    uint64_t value;

    if (visit_type_uint64(v, name, &value, errp)) {
        cx6dx_impair_reseed(&FILTER_IMPAIR(obj)->im, value);
    }
}

/* The limits differ in member and range only */
typedef struct LimitProperty {
    const char *name, *help;
    size_t offset;              /* in Cx6dxImpair */
    uint64_t min, max;
} LimitProperty;

static LimitProperty limit_properties[] = {
    { "limit-packets", "packets queued in each direction, at most",
      offsetof(Cx6dxImpair, limit_packets), 1, MAX_PACKETS },
    { "limit-bytes", "bytes queued in each direction, at most",
      offsetof(Cx6dxImpair, limit_bytes), MIN_BYTES, MAX_BYTES },
};

static uint64_t *limit_of(Object *obj, const LimitProperty *limit)
{
    return (uint64_t *)((char *)&FILTER_IMPAIR(obj)->im + limit->offset);
}

static void get_limit(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    visit_type_uint64(v, name, limit_of(obj, opaque), errp);
}

static void set_limit(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    const LimitProperty *limit = opaque;
    uint64_t value;

    if (!visit_type_uint64(v, name, &value, errp)) {
        return;
    }
    if (value < limit->min || value > limit->max) {
        error_setg(errp, "Property '%s.%s' is from %" PRIu64 " to %" PRIu64,
                   TYPE_FILTER_IMPAIR, name, limit->min, limit->max);
        return;
    }
    *limit_of(obj, limit) = value;
}

static char *get_rules(Object *obj, Error **errp)
{
    return g_strdup(FILTER_IMPAIR(obj)->rules_file);
}

static void set_rules(Object *obj, const char *file, Error **errp)
{
    FilterImpair *s = FILTER_IMPAIR(obj);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    Cx6dxImpairRules *rules = NULL;
    Cx6dxImpairError mistake;
    gsize len;

    if (*file) {
        if (!g_file_get_contents(file, &text, &len, &error)) {
            error_setg(errp, "can not read rules: %s", error->message);
            return;
        }
        rules = cx6dx_impair_rules_parse(text, len, &mistake);
        if (!rules) {
            error_setg(errp, "%s:%u:%u: %s", file, mistake.line,
                       mistake.column, mistake.text);
            return;
        }
    }
    cx6dx_impair_set_rules(&s->im, rules);
    g_free(s->rules_file);
    s->rules_file = g_strdup(file);
}

/* ---- What happened ---- */

static bool visit_count(Visitor *v, const char *name, uint64_t value,
                        Error **errp)
{
    return visit_type_uint64(v, name, &value, errp);
}

static bool visit_dir(Visitor *v, const Cx6dxImpairDir *dir, const char *name,
                      Error **errp)
{
    const Cx6dxImpairStat *stat;
    bool good = true;

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return false;
    }
    for (stat = cx6dx_impair_stats; good && stat->name; stat++) {
        good = visit_count(v, stat->name, *(const uint64_t *)
                           ((const char *)&dir->stats + stat->offset), errp);
    }
    good = good && visit_count(v, "queued-packets", dir->queue.packets, errp) &&
           visit_count(v, "queued-bytes", dir->queue.bytes, errp);
    visit_end_struct(v, NULL);
    return good;
}

static void get_stats(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    const Cx6dxImpair *im = &FILTER_IMPAIR(obj)->im;
    const Cx6dxImpairViewStats *seen = cx6dx_impair_view_stats(im->view);

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    if (visit_dir(v, &im->dir[0], dir_names[0], errp) &&
        visit_dir(v, &im->dir[1], dir_names[1], errp) &&
        visit_count(v, "connections", seen->connections, errp) &&
        visit_count(v, "connections-forgotten", seen->connections_forgotten,
                    errp) &&
        visit_count(v, "records", seen->records, errp)) {
        visit_count(v, "records-lost", seen->records_lost, errp);
    }
    visit_end_struct(v, NULL);
}

static void get_rule_stats(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    const Cx6dxImpairRules *rules = FILTER_IMPAIR(obj)->im.rules;
    bool good = true;
    unsigned i;

    if (!visit_start_list(v, name, NULL, 0, errp)) {
        return;
    }
    for (i = 0; good && rules && i < rules->n; i++) {
        const Cx6dxImpairRule *rule = &rules->rules[i];

        good = visit_start_struct(v, NULL, NULL, 0, errp);
        if (good) {
            good = visit_count(v, "line", rule->line, errp) &&
                   visit_count(v, "matched", rule->matched, errp) &&
                   visit_count(v, "acted", rule->acted, errp);
            visit_end_struct(v, NULL);
        }
    }
    visit_end_list(v, NULL);
}

/* ---- The type ---- */

static void add_settings(ObjectClass *oc)
{
    const Cx6dxImpairSetting *s;
    unsigned rx;

    for (s = cx6dx_impair_settings; s->name; s++) {
        for (rx = 0; rx < 2; rx++) {
            SettingProperty *prop = g_new(SettingProperty, 1);
            g_autofree char *name = g_strdup_printf("%s-%s", s->name,
                                                    dir_names[rx]);
            g_autofree char *help = g_strdup_printf(
                "%s, in %s (default: %" PRIu64 ")", s->help, s->unit,
                s->begin);

            /* lives as long as the class, which is for ever */
            *prop = (SettingProperty) { s, rx };
            object_class_property_add(oc, name,
                                      s->percent ? "number" : "uint64",
                                      get_setting, set_setting, NULL, prop);
            object_class_property_set_description(oc, name, help);
        }
    }
}

static void filter_impair_class_init(ObjectClass *oc, void *data)
{
    NetFilterClass *nfc = NETFILTER_CLASS(oc);
    unsigned i;

    nfc->setup = setup;
    nfc->receive_iov = receive_iov;
    nfc->status_changed = status_changed;

    add_settings(oc);
    for (i = 0; i < ARRAY_SIZE(limit_properties); i++) {
        LimitProperty *limit = &limit_properties[i];

        object_class_property_add(oc, limit->name, "uint64", get_limit,
                                  set_limit, NULL, limit);
        object_class_property_set_description(oc, limit->name, limit->help);
    }
    object_class_property_add(oc, "seed", "uint64", get_seed, set_seed, NULL,
                              NULL);
    object_class_property_set_description(oc, "seed",
        "where chance begins; setting it begins again (default: 1)");
    object_class_property_add_str(oc, "rules", get_rules, set_rules);
    object_class_property_set_description(oc, "rules",
        "file of rules; setting it reads the file, and counts connections "
        "and hits from the beginning");
    object_class_property_add(oc, "stats", "FilterImpairStats", get_stats,
                              NULL, NULL, NULL);
    object_class_property_set_description(oc, "stats", "what happened so far");
    object_class_property_add(oc, "rule-stats", "FilterImpairRuleStats",
                              get_rule_stats, NULL, NULL, NULL);
    object_class_property_set_description(oc, "rule-stats",
        "how often each rule matched, and acted");
}

static void filter_impair_init(Object *obj)
{
    FilterImpair *s = FILTER_IMPAIR(obj);

    cx6dx_impair_init(&s->im);
    s->rules_file = g_strdup("");
}

/* The parent, still to come, takes the filter out of its netdev's list */
static void filter_impair_finalize(Object *obj)
{
    FilterImpair *s = FILTER_IMPAIR(obj);

    if (s->timer) {
        flush(s);
        timer_free(s->timer);
        qemu_del_vm_change_state_handler(s->run_state);
    }
    cx6dx_impair_finish(&s->im);
    g_free(s->rules_file);
}

static const TypeInfo filter_impair_info = {
    .name = TYPE_FILTER_IMPAIR,
    .parent = TYPE_NETFILTER,
    .class_init = filter_impair_class_init,
    .instance_init = filter_impair_init,
    .instance_finalize = filter_impair_finalize,
    .instance_size = sizeof(FilterImpair),
};

static void register_types(void)
{
    type_register_static(&filter_impair_info);
}

type_init(register_types);

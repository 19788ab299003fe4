/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers to query-cx6dx-tls, query-cx6dx-tls-faults and info cx6dx-tls; see
 * monitor.h
 *
 * Answers are bounded: contexts come in pages, everything else has a fixed size.
 */
#include "qemu/osdep.h"
#include "monitor.h"
#include "monitor/monitor.h"
#include "nic/guest_err.h"
#include "nic/sight.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cx6dx-tls.h"
#include "qapi/type-helpers.h"

enum {
    DEFAULT_CONTEXTS = 64,
    MOST_CONTEXTS = 4096,
    INFO_CONTEXTS = 256,
};

QEMU_BUILD_BUG_ON((int)CX6DX_TLS_TRACKER_STATE_IDLE !=
                  (int)CX6DX_TRACKER_IDLE ||
                  (int)CX6DX_TLS_TRACKER_STATE_START !=
                  (int)CX6DX_TRACKER_START ||
                  (int)CX6DX_TLS_TRACKER_STATE_SYNCED !=
                  (int)CX6DX_TRACKER_SYNCED ||
                  (int)CX6DX_TLS_TRACKER_STATE_BOUNDARY !=
                  (int)CX6DX_TRACKER_BOUNDARY ||
                  (int)CX6DX_TLS_TRACKER_STATE_SEARCHING !=
                  (int)CX6DX_TRACKER_SEARCHING ||
                  (int)CX6DX_TLS_TRACKER_STATE_TRACKING !=
                  (int)CX6DX_TRACKER_TRACKING);

/* ---- Devices ---- */

static int collect(Object *obj, void *opaque)
{
    Object *dev = object_dynamic_cast(obj, TYPE_CX6DX_TLS);

    if (dev && DEVICE(dev)->realized) {
        g_ptr_array_add(opaque, dev);
    }
    return 0;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
    const Cx6dxDev *x = *(Cx6dxDev *const *)a, *y = *(Cx6dxDev *const *)b;

    return x->params.id < y->params.id ? -1 : x->params.id > y->params.id;
}

/* All, or the one with that id; NULL and an error when there is none */
static GPtrArray *find_devices(const char *id, Error **errp)
{
    GPtrArray *devs = g_ptr_array_new();

    object_child_foreach_recursive(object_get_root(), collect, devs);
    g_ptr_array_sort(devs, by_number);
    if (!id) {
        return devs;
    }
    for (guint i = devs->len; i--;) {
        const char *name = DEVICE(g_ptr_array_index(devs, i))->id;

        if (g_strcmp0(name, id)) {
            g_ptr_array_remove_index(devs, i);
        }
    }
    if (devs->len) {
        return devs;
    }
    g_ptr_array_free(devs, true);
    error_setg(errp, "there is no cx6dx-tls '%s'", id);
    return NULL;
}

/* ---- Numbers ---- */

static Cx6dxTlsNumberList **add_number(Cx6dxTlsNumberList **tail,
                                       const char *name, uint64_t value)
{
    Cx6dxTlsNumber *number = g_new0(Cx6dxTlsNumber, 1);

    number->name = g_strdup(name);
    number->value = value;
    QAPI_LIST_APPEND(tail, number);
    return tail;
}

static void add_numbers(Cx6dxTlsDevice *info, const Cx6dxNic *nic)
{
    static const char *const errors[] = {
#define CX6DX_GUEST_ERR_NAME_(name, what) #name,
        CX6DX_GUEST_ERR_LIST(CX6DX_GUEST_ERR_NAME_)
#undef CX6DX_GUEST_ERR_NAME_
    };
    const Cx6dxStatDesc *desc;
    Cx6dxNicCount counts[CX6DX_NIC_TABLES + 1];
    Cx6dxTlsNumberList **tail = &info->objects;

    cx6dx_nic_counts(nic, counts);
    for (size_t i = 0; counts[i].name; i++) {
        tail = add_number(tail, counts[i].name, counts[i].used);
    }
    tail = &info->counters;
    for (desc = cx6dx_stats_table(); desc->name; desc++) {
        tail = add_number(tail, desc->name,
                          cx6dx_stats_read(&nic->stats, desc));
    }
    tail = &info->guest_errors;
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        if (nic->guest_errs[i]) {
            tail = add_number(tail, errors[i], nic->guest_errs[i]);
        }
    }
}

static void add_model(Cx6dxTlsDevice *info, const Cx6dxTiming *timing)
{
    Cx6dxTlsNumberList **tail = &info->model;
    Cx6dxTimingNumber number;

    for (size_t n = 0; cx6dx_timing_on(timing) &&
                       cx6dx_timing_number(timing, n, &number); n++) {
        tail = add_number(tail, number.name, number.value);
    }
}

/* ---- Contexts ---- */

static void print_ends(const Cx6dxConn *conn, char **src, char **dst)
{
    char text[2][CX6DX_SIGHT_END_BYTES];

    cx6dx_sight_ends(conn, text[0], text[1], sizeof(text[0]));
    *src = g_strdup(text[0]);
    *dst = g_strdup(text[1]);
}

static Cx6dxTlsTxContext *show_tx(const Cx6dxTis *tis)
{
    Cx6dxTlsTxContext *ctx = g_new0(Cx6dxTlsTxContext, 1);
    Cx6dxTlsTxInfo info;

    cx6dx_tls_tx_info(tis->tls, &info);
    ctx->tisn = tis->obj.id;
    print_ends(&tis->conn, &ctx->src, &ctx->dst);
    ctx->running = info.running;
    ctx->record = info.rec_sn;
    ctx->offset = info.record_offset;
    ctx->has_expected_seq = info.synced;
    ctx->expected_seq = info.expected_tcp_sn;
    return ctx;
}

static Cx6dxTlsRxContext *show_rx(const Cx6dxTir *tir)
{
    Cx6dxTlsRxContext *ctx = g_new0(Cx6dxTlsRxContext, 1);
    const Cx6dxTracker *trk = cx6dx_tls_rx_tracker(tir->tls);
    Cx6dxTlsRxInfo info;

    cx6dx_tls_rx_info(tir->tls, &info);
    ctx->tirn = tir->obj.id;
    print_ends(&tir->conn, &ctx->src, &ctx->dst);
    ctx->state = (Cx6dxTlsTrackerState)trk->state;
    ctx->record = info.rec_sn;
    ctx->offset = info.record_offset;
    ctx->expected_seq = trk->expect_tcp_sn;
    ctx->next_header_seq = trk->next_hdr_tcp_sn;
    ctx->has_candidate_seq = trk->state == CX6DX_TRACKER_TRACKING;
    ctx->candidate_seq = trk->candidate_tcp_sn;
    ctx->decrypted = info.records_decrypted;
    ctx->lost = info.records_lost;
    return ctx;
}

static void add_contexts(Cx6dxTlsDevice *info, const Cx6dxNic *nic,
                         uint32_t first, uint32_t limit)
{
    Cx6dxTlsTxContextList **tx_tail = &info->tx_contexts;
    Cx6dxTlsRxContextList **rx_tail = &info->rx_contexts;
    uint32_t n = 0;

    for (uint32_t id = 0; id < nic->tises.size; id++) {
        const Cx6dxTis *tis = (Cx6dxTis *)cx6dx_obj_get(&nic->tises, id);

        if (tis && tis->tls_en) {
            info->tx_context_count++;
            if (id >= first && n < limit) {
                QAPI_LIST_APPEND(tx_tail, show_tx(tis));
                n++;
            }
        }
    }
    n = 0;
    for (uint32_t id = 0; id < nic->tirs.size; id++) {
        const Cx6dxTir *tir = (Cx6dxTir *)cx6dx_obj_get(&nic->tirs, id);

        if (tir && tir->tls_en) {
            info->rx_context_count++;
            if (id >= first && n < limit) {
                QAPI_LIST_APPEND(rx_tail, show_rx(tir));
                n++;
            }
        }
    }
}

/* ---- Commands ---- */

static Cx6dxTlsDevice *show_device(Cx6dxDev *dev, uint32_t first,
                                   uint32_t limit)
{
    Cx6dxTlsDevice *info = g_new0(Cx6dxTlsDevice, 1);
    const uint8_t *mac = dev->params.mac;

    info->id = g_strdup(DEVICE(dev)->id ?: "");
    info->path = object_get_canonical_path(OBJECT(dev));
    info->number = dev->params.id;
    info->mac = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
                                mac[1], mac[2], mac[3], mac[4], mac[5]);
    info->link_up = cx6dx_port_up(&dev->nic);
    info->fault = cx6dx_faults_str(&dev->nic.faults);
    add_numbers(info, &dev->nic);
    add_model(info, &dev->nic.timing);
    add_contexts(info, &dev->nic, first, limit);
    return info;
}

Cx6dxTlsDeviceList *qmp_query_cx6dx_tls(const char *id, bool has_first,
                                        uint32_t first, bool has_limit,
                                        uint32_t limit, Error **errp)
{
    Cx6dxTlsDeviceList *list = NULL, **tail = &list;
    GPtrArray *devs = find_devices(id, errp);

    if (!devs) {
        return NULL;
    }
    limit = has_limit ? MIN(limit, MOST_CONTEXTS) : DEFAULT_CONTEXTS;
    for (guint i = 0; i < devs->len; i++) {
        QAPI_LIST_APPEND(tail, show_device(g_ptr_array_index(devs, i),
                                           has_first ? first : 0, limit));
    }
    g_ptr_array_free(devs, true);
    return list;
}

static strList *show_keys(uint32_t keys)
{
    static const struct {
        uint32_t key;
        const char *name;
    } names[] = {
        { CX6DX_FAULT_DELAY, "delay" },
        { CX6DX_FAULT_OPCODE, "opcode" },
        { CX6DX_FAULT_STATUS, "status" },
        { CX6DX_FAULT_STATUS, "syndrome" },
        { CX6DX_FAULT_GAP, "gap" },
        { CX6DX_FAULT_RECORD, "record" },
    };
    strList *list = NULL, **tail = &list;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (keys & names[i].key) {
            QAPI_LIST_APPEND(tail, g_strdup(names[i].name));
        }
    }
    return list;
}

Cx6dxTlsFaultList *qmp_query_cx6dx_tls_faults(const char *id, Error **errp)
{
    Cx6dxTlsFaultList *list = NULL, **tail = &list;
    GPtrArray *devs = find_devices(id, errp);
    const Cx6dxFaults *faults;

    if (!devs) {
        return NULL;
    }
    if (devs->len != 1) {
        error_setg(errp, "there are %u cx6dx-tls: say which one", devs->len);
        g_ptr_array_free(devs, true);
        return NULL;
    }
    faults = &CX6DX_TLS(g_ptr_array_index(devs, 0))->nic.faults;
    g_ptr_array_free(devs, true);
    for (unsigned i = 0; i < CX6DX_FAULTS; i++) {
        const Cx6dxFaultDesc *desc = cx6dx_fault_desc(i);
        Cx6dxTlsFault *fault = g_new0(Cx6dxTlsFault, 1);

        fault->name = g_strdup(desc->name);
        fault->occasion = g_strdup(desc->occasion);
        fault->what = g_strdup(desc->what);
        fault->path = g_strdup(desc->path);
        fault->keys = show_keys(desc->keys);
        fault->seen = faults->seen[i];
        fault->fired = faults->fired[i];
        fault->rules = cx6dx_faults_rules(faults, i);
        QAPI_LIST_APPEND(tail, fault);
    }
    return list;
}

/* ---- info cx6dx-tls ---- */

static void print_numbers(GString *buf, const char *title,
                          const Cx6dxTlsNumberList *list)
{
    g_string_append_printf(buf, "  %s:", title);
    for (; list; list = list->next) {
        if (list->value->value) {
            g_string_append_printf(buf, " %s=%" PRIu64, list->value->name,
                                   list->value->value);
        }
    }
    g_string_append_c(buf, '\n');
}

static void print_contexts(GString *buf, const Cx6dxTlsDevice *info)
{
    uint32_t left = info->tx_context_count;

    for (const Cx6dxTlsTxContextList *e = info->tx_contexts; e; e = e->next) {
        const Cx6dxTlsTxContext *c = e->value;

        g_string_append_printf(buf, "  tx tisn=%u src=%s dst=%s %s rec=%" PRIu64
                               " off=%u", c->tisn, c->src, c->dst,
                               c->running ? "running" : "stopped", c->record,
                               c->offset);
        if (c->has_expected_seq) {
            g_string_append_printf(buf, " expect=%u", c->expected_seq);
        }
        g_string_append_c(buf, '\n');
        left--;
    }
    for (const Cx6dxTlsRxContextList *e = info->rx_contexts; e; e = e->next) {
        const Cx6dxTlsRxContext *c = e->value;

        g_string_append_printf(buf, "  rx tirn=%u src=%s dst=%s %s rec=%" PRIu64
                               " off=%u expect=%u header=%u", c->tirn, c->src,
                               c->dst, Cx6dxTlsTrackerState_str(c->state),
                               c->record, c->offset, c->expected_seq,
                               c->next_header_seq);
        if (c->has_candidate_seq) {
            g_string_append_printf(buf, " candidate=%u", c->candidate_seq);
        }
        g_string_append_printf(buf, " decrypted=%" PRIu64 " lost=%" PRIu64 "\n",
                               c->decrypted, c->lost);
        left--;
    }
    left += info->rx_context_count;
    if (left) {
        g_string_append_printf(buf, "  and %u contexts more\n", left);
    }
}

HumanReadableText *cx6dx_monitor_info(Error **errp)
{
    g_autoptr(GString) buf = g_string_new("");
    g_autoptr(Cx6dxTlsDeviceList) list =
        qmp_query_cx6dx_tls(NULL, false, 0, true, INFO_CONTEXTS, errp);

    for (const Cx6dxTlsDeviceList *e = list; e; e = e->next) {
        const Cx6dxTlsDevice *info = e->value;

        g_string_append_printf(buf, "%s: dev=%u path=%s mac=%s link=%s\n",
                               info->id[0] ? info->id : "(no id)",
                               info->number, info->path, info->mac,
                               info->link_up ? "up" : "down");
        print_numbers(buf, "objects", info->objects);
        print_numbers(buf, "counters", info->counters);
        print_numbers(buf, "guest errors", info->guest_errors);
        if (info->model) {
            print_numbers(buf, "model", info->model);
        }
        if (info->fault[0]) {
            g_string_append_printf(buf, "  fault: %s\n", info->fault);
        }
        print_contexts(buf, info);
    }
    return human_readable_text_from_str(buf);
}

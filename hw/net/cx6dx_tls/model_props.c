/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The timing model as properties of the device; see model_props.h
 */
#include "qemu/osdep.h"
#include "model_props.h"
#include "nic/tir.h"
#include "nic/tis.h"
#include "qapi/error.h"
#include "qapi/visitor.h"

/* ---- Parameters ---- */

static void get_param(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    uint32_t value = cx6dx_timing_get(&CX6DX_TLS(obj)->params.timing, opaque);

    visit_type_uint32(v, name, &value, errp);
}

/* The running model takes up what has changed */
static void params_changed(Cx6dxDev *dev)
{
    if (DEVICE(dev)->realized) {
        dev->nic.params.timing = dev->params.timing;
        cx6dx_timing_set_params(&dev->nic.timing, &dev->params.timing);
    }
}

static void set_param(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    const Cx6dxTimingParam *param = opaque;
    Cx6dxDev *dev = CX6DX_TLS(obj);
    uint64_t value;

    if (!visit_type_uint64(v, name, &value, errp)) {
        return;
    }
    if (!cx6dx_timing_value_ok(param, value)) {
        g_autofree char *limits = cx6dx_timing_limits(param);

        error_setg(errp, "property '%s' must be %s", param->name, limits);
        return;
    }
    cx6dx_timing_set(&dev->params.timing, param, value);
    dev->timing_given |= 1ull << (param - cx6dx_timing_table());
    params_changed(dev);
}

static char *get_profile(Object *obj, Error **errp)
{
    return g_strdup(cx6dx_timing_profile_str(CX6DX_TLS(obj)->profile));
}

/* On the command line it leaves alone what was given by itself */
static void set_profile(Object *obj, const char *value, Error **errp)
{
    Cx6dxDev *dev = CX6DX_TLS(obj);
    Cx6dxTimingProfile profile = cx6dx_timing_profile_find(value);
    uint64_t keep = DEVICE(dev)->realized ? 0 : dev->timing_given;

    if (profile == CX6DX_TIMING_PROFILES) {
        error_setg(errp, "property 'profile' must be cx6dx-gen4x16, "
                   "cx6dx-gen3x16, nfp-gen3x8 or ideal");
        return;
    }
    dev->profile = profile;
    for (const Cx6dxTimingParam *param = cx6dx_timing_table(); param->name;
         param++, keep >>= 1) {
        if (!(keep & 1)) {
            cx6dx_timing_set(&dev->params.timing, param,
                             param->value[profile]);
        }
    }
    params_changed(dev);
}

void cx6dx_model_props_class(ObjectClass *klass)
{
    for (const Cx6dxTimingParam *param = cx6dx_timing_table(); param->name;
         param++) {
        g_autofree char *limits = cx6dx_timing_limits(param);
        g_autofree char *text =
            g_strdup_printf("%s (timing=on)%s%s: %s (default: %u)",
                            param->what, *param->unit ? ", in " : "",
                            param->unit, limits, param->value[0]);

        object_class_property_add(klass, param->name, "uint32", get_param,
                                  set_param, NULL, (void *)param);
        object_class_property_set_description(klass, param->name, text);
    }
    object_class_property_add_str(klass, "profile", get_profile, set_profile);
    object_class_property_set_description(klass, "profile",
        "values of all parameters of the timing model: cx6dx-gen4x16, "
        "cx6dx-gen3x16, nfp-gen3x8 or ideal (default: cx6dx-gen4x16)");
}

void cx6dx_model_props_init(Cx6dxDev *dev)
{
    cx6dx_timing_default_params(&dev->params.timing);
}

/* ---- Accounts ---- */

/* qom-get PATH model: one flat struct of numbers */
static void get_model(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    const Cx6dxTiming *timing = &CX6DX_TLS(obj)->nic.timing;
    Cx6dxTimingNumber number;

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    for (size_t n = 0; cx6dx_timing_number(timing, n, &number); n++) {
        if (!visit_type_uint64(v, number.name, &number.value, errp)) {
            break;
        }
    }
    visit_end_struct(v, NULL);
}

static bool visit_number(Visitor *v, const char *name, uint64_t value,
                         Error **errp)
{
    return visit_type_uint64(v, name, &value, errp);
}

/* Latencies: how many, their sum, the longest, and counts by power of two */
static bool visit_hist(Visitor *v, const char *name, const Cx6dxTimingHist *hist,
                       Error **errp)
{
    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return false;
    }
    visit_number(v, "count", hist->count, errp);
    visit_number(v, "sum-ns", hist->sum_ns, errp);
    visit_number(v, "max-ns", hist->max_ns, errp);
    for (unsigned i = 0; i < CX6DX_TIMING_BUCKETS; i++) {
        if (hist->bucket[i]) {
            g_autofree char *from = g_strdup_printf("%llu", 1ull << i);

            visit_number(v, from, hist->bucket[i], errp);
        }
    }
    visit_end_struct(v, NULL);
    return true;
}

static void visit_flow(Visitor *v, const char *kind, uint32_t number,
                       const Cx6dxTimingFlow *flow, Error **errp)
{
    g_autofree char *name = g_strdup_printf("%s-%u", kind, number);

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    visit_number(v, "recovery-bytes", flow->recovery_bytes, errp);
    visit_number(v, "cache-misses", flow->cache_misses, errp);
    visit_hist(v, "latency", &flow->latency, errp);
    visit_end_struct(v, NULL);
}

/* qom-get PATH model-connections: by "tis-N" and "tir-N" */
static void get_connections(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    Cx6dxNic *nic = &CX6DX_TLS(obj)->nic;

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    for (uint32_t n = nic->tises.first; n < nic->tises.size; n++) {
        const Cx6dxTis *tis = (Cx6dxTis *)cx6dx_obj_get(&nic->tises, n);

        if (tis && tis->tls_en) {
            visit_flow(v, "tis", n, &tis->flow, errp);
        }
    }
    for (uint32_t n = nic->tirs.first; n < nic->tirs.size; n++) {
        const Cx6dxTir *tir = (Cx6dxTir *)cx6dx_obj_get(&nic->tirs, n);

        if (tir && tir->tls_en) {
            visit_flow(v, "tir", n, &tir->flow, errp);
        }
    }
    visit_end_struct(v, NULL);
}

/* qom-get PATH model-latency: of all frames */
static void get_latency(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    const Cx6dxTiming *timing = &CX6DX_TLS(obj)->nic.timing;

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    visit_hist(v, "doorbell-to-wire", &timing->doorbell_to_wire, errp);
    visit_hist(v, "wire-to-cqe", &timing->wire_to_cqe, errp);
    visit_end_struct(v, NULL);
}

static const struct {
    const char *name;
    const char *what;
    ObjectPropertyAccessor *get;
} accounts[] = {
    { "model", "what the timing model has counted since the last reset",
      get_model },
    { "model-connections", "the same for each TLS context", get_connections },
    { "model-latency", "modelled latencies of frames", get_latency },
};

void cx6dx_model_props_add(Cx6dxDev *dev)
{
    for (size_t i = 0; i < ARRAY_SIZE(accounts); i++) {
        object_property_add(OBJECT(dev), accounts[i].name, "struct",
                            accounts[i].get, NULL, NULL, NULL);
        object_property_set_description(OBJECT(dev), accounts[i].name,
                                        accounts[i].what);
    }
}

void cx6dx_model_props_del(Cx6dxDev *dev)
{
    for (size_t i = 0; i < ARRAY_SIZE(accounts); i++) {
        object_property_del(OBJECT(dev), accounts[i].name);
    }
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The whole NIC, written down and read back; see snapshot.h
 */
#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/defer.h"
#include "nic/dek.h"
#include "nic/eq.h"
#include "nic/flow.h"
#include "nic/res.h"
#include "nic/rq.h"
#include "nic/rxlro.h"
#include "nic/snapshot.h"
#include "nic/sq.h"
#include "nic/tir.h"
#include "nic/tis.h"

/* What a guest was told of the device must be so where it goes on */
static void archive_params(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    Cx6dxNicParams *params = &nic->params;
    uint8_t mac[6];

    cx6dx_ar_section(ar, "params", 1);
    memcpy(mac, params->mac, sizeof(mac));
    cx6dx_ar_bytes(ar, mac, sizeof(mac));
    cx6dx_ar_check(ar, !memcmp(mac, params->mac, sizeof(mac)),
                   "property 'mac' differs");
    cx6dx_ar_equal(ar, params->vectors, "property 'vectors' differs");
    cx6dx_ar_equal(ar, params->tls_tx, "property 'tls-tx' differs");
    cx6dx_ar_equal(ar, params->tls_rx, "property 'tls-rx' differs");
    cx6dx_ar_equal(ar, params->fw_pages, "property 'fw-pages' differs");
    cx6dx_ar_equal(ar, params->uar_pages, "the doorbell pages are others");
    cx6dx_timing_params_archive(&params->timing, ar);
    if (ar->loading && cx6dx_ar_good(ar)) {
        cx6dx_timing_set_params(&nic->timing, &params->timing);
    }
}

/* What is of the device and of none of its objects */
static void archive_device(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    cx6dx_ar_section(ar, "cmd", 1);
    cx6dx_cmd_archive(nic, ar);
    cx6dx_ar_section(ar, "caps", 1);
    cx6dx_caps_archive(nic, ar);
    cx6dx_ar_section(ar, "pages", 1);
    cx6dx_pages_borrowed_archive(nic, ar);
    cx6dx_ar_section(ar, "port", 1);
    cx6dx_port_archive(nic, ar);
    cx6dx_ar_section(ar, "vsc", 1);
    cx6dx_vsc_archive(nic, ar);
    cx6dx_ar_section(ar, "stats", 1);
    cx6dx_stats_archive(&nic->stats, ar);
    cx6dx_ppcnt_archive(nic, ar);
    cx6dx_ar_section(ar, "guest_err", 1);
    cx6dx_ar_equal(ar, CX6DX_GUEST_ERRS, "mistakes are counted otherwise");
    for (unsigned i = 0; i < CX6DX_GUEST_ERRS; i++) {
        cx6dx_ar(ar, &nic->guest_errs[i]);
    }
    cx6dx_ar_section(ar, "timing", 1);
    cx6dx_timing_archive(&nic->timing, ar);
    cx6dx_ar_section(ar, "faults", 1);
    cx6dx_faults_archive(&nic->faults, ar);
    cx6dx_ar(ar, &nic->stop);
}

static void archive_objects(Cx6dxNic *nic, Cx6dxArchive *ar)
{
#define T(field, type, move) \
    cx6dx_obj_table_archive(nic, ar, &nic->field, sizeof(type), move)
    T(uars, Cx6dxObj, NULL);
    T(pds, Cx6dxObj, NULL);
    T(tds, Cx6dxObj, NULL);
    T(deks, Cx6dxDek, cx6dx_dek_archive);
    if (ar->loading && cx6dx_ar_good(ar)) {
        cx6dx_ar_check(ar, cx6dx_dek_ranges_ok(nic),
                       "a range of keys is not whole");
    }
    T(mkeys, Cx6dxMkey, cx6dx_mkey_archive);
    T(eqs, Cx6dxEq, cx6dx_eq_archive);
    T(cqs, Cx6dxCq, cx6dx_cq_archive);
    T(tises, Cx6dxTis, cx6dx_tis_archive);
    T(sqs, Cx6dxSq, cx6dx_sq_archive);
    T(q_counters, Cx6dxQCounter, cx6dx_q_counter_archive);
    T(rqs, Cx6dxRq, cx6dx_rq_archive);
    T(rqts, Cx6dxRqt, cx6dx_rqt_archive);
    T(tirs, Cx6dxTir, cx6dx_tir_archive);
#undef T
    cx6dx_flow_archive(nic, ar);
}

static void archive_waiting(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    Cx6dxRxSteered *waiting = &nic->rx_waiting;
    uint64_t len = waiting->len;

    cx6dx_ar(ar, &nic->rx_wait_since_ns);
    if (!nic->rx_wait_since_ns) {
        return;
    }
    cx6dx_ar(ar, &len);
    waiting->len = len;
    cx6dx_ar_bytes(ar, waiting->head, sizeof(waiting->head));
    cx6dx_ar(ar, &waiting->tirn);
    cx6dx_ar(ar, &waiting->flow_tag);
    cx6dx_ar_check(ar, waiting->flow_tag <= CX6DX_FIELD_MAX(cqe, flow_tag),
                   "a tag is too large");
}

static void archive_work(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    cx6dx_ar_section(ar, "work", 1);
    cx6dx_eq_archive_held(nic, ar);
    cx6dx_cq_archive_lists(nic, ar);
    cx6dx_rxlro_archive(nic, ar);
    cx6dx_sq_archive_work(nic, ar);
    cx6dx_ar(ar, &nic->eq_work);
    archive_waiting(nic, ar);
    cx6dx_ar_section(ar, "defer", 1);
    cx6dx_defer_archive(nic, ar);
}

void cx6dx_snapshot_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    uint64_t deadline_ns = nic->timer_deadline_ns;

    if (ar->loading) {
        cx6dx_nic_reset(nic);
    }
    archive_params(nic, ar);
    archive_device(nic, ar);
    archive_objects(nic, ar);
    archive_work(nic, ar);
    cx6dx_ar(ar, &deadline_ns);
    if (!ar->loading) {
        return;
    }
    if (!cx6dx_ar_good(ar)) {
        nic->stop = false;
        cx6dx_nic_reset(nic);
        return;
    }
    nic->timer_deadline_ns = deadline_ns;
    nic->host.arm_timer(nic->host.opaque, deadline_ns);
}

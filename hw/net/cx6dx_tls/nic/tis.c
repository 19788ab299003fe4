/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transport interface send; see tis.h (PRM "TIS")
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/res.h"
#include "nic/tis.h"
#include "trace.h"

void cx6dx_tis_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    Cx6dxTis *tis = (Cx6dxTis *)obj;

    cx6dx_obj_unref(&nic->tds, tis->tdn);
    if (tis->tls_en) {
        Cx6dxTlsTxInfo info;

        cx6dx_tls_tx_info(tis->tls, &info);
        trace_cx6dx_tls_tx_free(cx6dx_nic_now(nic), nic->params.id, obj->id,
                                info.rec_sn);
        cx6dx_obj_unref(&nic->pds, tis->pdn);
    }
    cx6dx_timing_context_gone(&nic->timing, CX6DX_TIMING_TIS(obj->id));
    cx6dx_tls_tx_free(tis->tls);
    g_free(tis);
}

uint8_t cx6dx_cmd_create_tis(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *tisc = cmd->in + CX6DX_BYTES(create_obj_in);
    bool tls_en = CX6DX_GET(tisc, tisc, tls_en);
    uint32_t tdn = CX6DX_GET(tisc, tisc, transport_domain);
    uint32_t pdn = CX6DX_GET(tisc, tisc, pd);
    Cx6dxTis *tis;
    uint32_t tisn;

    if (tls_en && !nic->params.tls_tx) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (!cx6dx_obj_get(&nic->tds, tdn) ||
        (tls_en && !cx6dx_obj_get(&nic->pds, pdn))) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    tis = g_new0(Cx6dxTis, 1);
    tis->prio = CX6DX_GET(tisc, tisc, prio);
    tis->tdn = tdn;
    tis->tls_en = tls_en;
    tisn = cx6dx_cmd_add_obj(nic, cmd, &nic->tises, &tis->obj);
    if (!tisn) {
        g_free(tis);
        return CX6DX_STATUS_LIM_ERR;
    }
    cx6dx_obj_ref(&nic->tds, tdn);
    if (tls_en) {
        tis->pdn = pdn;
        cx6dx_obj_ref(&nic->pds, pdn);
        tis->tls = cx6dx_tls_tx_new();
        trace_cx6dx_tls_tx_new(cx6dx_nic_now(nic), nic->params.id, tisn);
    }
    CX6DX_SET(cmd_out, cmd->out, number, tisn);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_tis(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return cx6dx_cmd_del_obj(nic, cmd, &nic->tises,
                             CX6DX_GET(cmd_in, cmd->in, number));
}

/* ---- Snapshots ---- */

void cx6dx_tis_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    Cx6dxTis *tis = (Cx6dxTis *)obj;
    bool tls_en = tis->tls_en;

    cx6dx_ar(ar, &tis->prio);
    cx6dx_obj_archive_ref(ar, &nic->tds, &tis->tdn);
    cx6dx_ar(ar, &tls_en);
    if (!cx6dx_ar_check(ar, !tls_en || nic->params.tls_tx,
                        "a TIS has TLS, which is off") || !tls_en) {
        return;
    }
    if (ar->loading) {
        tis->tls = cx6dx_tls_tx_new();
        tis->tls_en = true;
    }
    cx6dx_obj_archive_ref(ar, &nic->pds, &tis->pdn);
    cx6dx_conn_archive(&tis->conn, ar);
    cx6dx_ar(ar, &tis->sent_known);
    cx6dx_ar(ar, &tis->sent_tcp_sn);
    cx6dx_tls_tx_archive(tis->tls, ar);
    cx6dx_timing_flow_archive(&tis->flow, ar);
}

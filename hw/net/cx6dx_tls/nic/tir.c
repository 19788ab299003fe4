/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transport interface receive; see tir.h (PRM "TIR")
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/res.h"
#include "nic/tir.h"
#include "trace.h"

/* mlx5 asks for it in the TIRs of AH and ESP; here the addresses decide there */
#define HASH_IPSEC_SPI (1 << 4)
#define HASH_FIELDS (CX6DX_HASH_SRC_IP | CX6DX_HASH_DST_IP |     \
                     CX6DX_HASH_L4_SPORT | CX6DX_HASH_L4_DPORT | \
                     HASH_IPSEC_SPI)
#define MODIFY_MASK (CX6DX_MODIFY_TIR_PACKET_MERGE | CX6DX_MODIFY_TIR_HASH | \
                     CX6DX_MODIFY_TIR_SELF_LB)

#define LRO_MAX_IP_PAYLOAD \
    (CX6DX_FIELD_MAX(tirc, lro_max_ip_payload_size) * CX6DX_LRO_PAYLOAD_UNIT)

QEMU_BUILD_BUG_ON(CX6DX_AREA_BYTES(tirc, rx_hash_toeplitz_key) !=
                  sizeof(((Cx6dxHashSpec *)0)->key));

void cx6dx_tir_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    Cx6dxTir *tir = (Cx6dxTir *)obj;

    cx6dx_obj_unref(&nic->tds, tir->tdn);
    if (tir->disp_type == CX6DX_TIR_DIRECT) {
        cx6dx_obj_unref(&nic->rqs, tir->rqn);
    } else {
        cx6dx_obj_unref(&nic->rqts, tir->rqtn);
    }
    if (tir->tls) {
        Cx6dxTlsRxInfo info;

        cx6dx_tls_rx_info(tir->tls, &info);
        trace_cx6dx_tls_rx_free(cx6dx_nic_now(nic), nic->params.id, obj->id,
                                info.records_decrypted, info.records_lost);
    }
    cx6dx_timing_context_gone(&nic->timing, CX6DX_TIMING_TIR(obj->id));
    cx6dx_tls_rx_free(tir->tls);
    g_free(tir);
}

/* False when the function or a field is not known */
static bool read_hash(const uint8_t *tirc, Cx6dxHashSpec *spec)
{
    *spec = (Cx6dxHashSpec) {
        .fn = CX6DX_GET(tirc, tirc, rx_hash_fn),
        .selected_fields = CX6DX_GET(tirc, tirc, selected_fields),
        .symmetric = CX6DX_GET(tirc, tirc, rx_hash_symmetric),
    };
    memcpy(spec->key, CX6DX_AREA(tirc, tirc, rx_hash_toeplitz_key),
           sizeof(spec->key));
    if (spec->fn > CX6DX_HASH_TOEPLITZ ||
        (spec->selected_fields & ~HASH_FIELDS)) {
        return false;
    }
    spec->selected_fields &= ~HASH_IPSEC_SPI;
    return true;
}

/* False when something else than LRO is asked for */
static bool read_merge(const uint8_t *tirc, Cx6dxTir *tir)
{
    uint8_t mask = CX6DX_GET(tirc, tirc, packet_merge_mask);

    if (mask & ~(CX6DX_LRO_IPV4 | CX6DX_LRO_IPV6)) {
        return false;
    }
    tir->lro_mask = mask;
    tir->lro_timeout_us = CX6DX_GET(tirc, tirc, lro_timeout_period_usecs);
    tir->lro_max_ip_payload = CX6DX_GET(tirc, tirc, lro_max_ip_payload_size) *
                              CX6DX_LRO_PAYLOAD_UNIT;
    return true;
}

/* What it points at must exist; CX6DX_STATUS_* */
static uint8_t check_targets(Cx6dxNic *nic, Cx6dxCmd *cmd, const Cx6dxTir *tir)
{
    bool target;

    if (tir->disp_type == CX6DX_TIR_DIRECT) {
        target = cx6dx_obj_get(&nic->rqs, tir->rqn);
    } else if (tir->disp_type == CX6DX_TIR_INDIRECT) {
        target = cx6dx_obj_get(&nic->rqts, tir->rqtn);
    } else {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (!target || !cx6dx_obj_get(&nic->tds, tir->tdn)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_create_tir(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *tirc = cmd->in + CX6DX_BYTES(create_obj_in);
    g_autofree Cx6dxTir *tir = g_new0(Cx6dxTir, 1);
    uint8_t status;
    uint32_t tirn;

    tir->disp_type = CX6DX_GET(tirc, tirc, disp_type);
    tir->rqn = CX6DX_GET(tirc, tirc, inline_rqn);
    tir->rqtn = CX6DX_GET(tirc, tirc, indirect_table);
    tir->tdn = CX6DX_GET(tirc, tirc, transport_domain);
    tir->self_lb_block = CX6DX_GET(tirc, tirc, self_lb_block);
    tir->tls_en = CX6DX_GET(tirc, tirc, tls_en);
    if (!read_hash(tirc, &tir->hash) ||
        !read_merge(tirc, tir) ||
        CX6DX_GET(tirc, tirc, tunneled_offload_en) ||
        (tir->tls_en && !nic->params.tls_rx)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    status = check_targets(nic, cmd, tir);
    if (status != CX6DX_STATUS_OK) {
        return status;
    }
    tirn = cx6dx_cmd_add_obj(nic, cmd, &nic->tirs, &tir->obj);
    if (!tirn) {
        return CX6DX_STATUS_LIM_ERR;
    }
    cx6dx_obj_ref(&nic->tds, tir->tdn);
    if (tir->disp_type == CX6DX_TIR_DIRECT) {
        cx6dx_obj_ref(&nic->rqs, tir->rqn);
    } else {
        cx6dx_obj_ref(&nic->rqts, tir->rqtn);
    }
    if (tir->tls_en) {
        tir->tls = cx6dx_tls_rx_new();
        trace_cx6dx_tls_rx_new(cx6dx_nic_now(nic), nic->params.id, tirn);
    }
    g_steal_pointer(&tir);
    CX6DX_SET(cmd_out, cmd->out, number, tirn);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_modify_tir(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *tirc = cmd->in + CX6DX_BYTES(modify_obj_in);
    uint32_t bits = CX6DX_GET(modify_obj_in, cmd->in, modify_bitmask_l);
    Cx6dxTir *tir = (Cx6dxTir *)cx6dx_obj_get(
        &nic->tirs, CX6DX_GET(modify_obj_in, cmd->in, number));
    Cx6dxHashSpec hash;

    if (!tir) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if ((bits & ~MODIFY_MASK) ||
        CX6DX_GET(modify_obj_in, cmd->in, modify_bitmask_h) ||
        ((bits & CX6DX_MODIFY_TIR_HASH) && !read_hash(tirc, &hash)) ||
        ((bits & CX6DX_MODIFY_TIR_PACKET_MERGE) && !read_merge(tirc, tir))) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (bits & CX6DX_MODIFY_TIR_HASH) {
        tir->hash = hash;
    }
    if (bits & CX6DX_MODIFY_TIR_SELF_LB) {
        tir->self_lb_block = CX6DX_GET(tirc, tirc, self_lb_block);
    }
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_tir(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return cx6dx_cmd_del_obj(nic, cmd, &nic->tirs,
                             CX6DX_GET(cmd_in, cmd->in, number));
}

/* ---- Snapshots ---- */

static void archive_hash(Cx6dxHashSpec *spec, Cx6dxArchive *ar)
{
    cx6dx_ar(ar, &spec->fn);
    cx6dx_ar(ar, &spec->selected_fields);
    cx6dx_ar(ar, &spec->symmetric);
    cx6dx_ar_bytes(ar, spec->key, sizeof(spec->key));
    cx6dx_ar_check(ar, spec->fn <= CX6DX_HASH_TOEPLITZ &&
                       !(spec->selected_fields &
                         ~(uint32_t)(HASH_FIELDS & ~HASH_IPSEC_SPI)),
                   "a hash can not be like that");
}

void cx6dx_tir_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    Cx6dxTir *tir = (Cx6dxTir *)obj;

    cx6dx_ar(ar, &tir->disp_type);
    cx6dx_ar_check(ar, tir->disp_type == CX6DX_TIR_DIRECT ||
                       tir->disp_type == CX6DX_TIR_INDIRECT,
                   "a TIR leads nowhere");
    if (tir->disp_type == CX6DX_TIR_DIRECT) {
        cx6dx_obj_archive_ref(ar, &nic->rqs, &tir->rqn);
    } else {
        cx6dx_obj_archive_ref(ar, &nic->rqts, &tir->rqtn);
    }
    cx6dx_obj_archive_ref(ar, &nic->tds, &tir->tdn);
    cx6dx_ar(ar, &tir->self_lb_block);
    archive_hash(&tir->hash, ar);
    cx6dx_ar(ar, &tir->lro_mask);
    cx6dx_ar(ar, &tir->lro_timeout_us);
    cx6dx_ar(ar, &tir->lro_max_ip_payload);
    cx6dx_ar_check(ar, !(tir->lro_mask & ~(CX6DX_LRO_IPV4 | CX6DX_LRO_IPV6)) &&
                       tir->lro_max_ip_payload <= LRO_MAX_IP_PAYLOAD,
                   "a TIR can not merge like that");
    cx6dx_ar(ar, &tir->tls_en);
    if (!cx6dx_ar_check(ar, !tir->tls_en || nic->params.tls_rx,
                        "a TIR has TLS, which is off") || !tir->tls_en) {
        return;
    }
    if (ar->loading) {
        tir->tls = cx6dx_tls_rx_new();
    }
    cx6dx_conn_archive(&tir->conn, ar);
    cx6dx_tls_rx_archive(tir->tls, ar);
    cx6dx_timing_flow_archive(&tir->flow, ar);
}

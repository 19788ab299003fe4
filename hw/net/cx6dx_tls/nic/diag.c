/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How the card is; see diag.h (PRM "Management Registers", "vNIC Environment")
 */
#include "qemu/osdep.h"
#include "nic/diag.h"
#include "nic/nic.h"
#include "nic/rq.h"
#include "nic/sq.h"

#define CELSIUS(degrees) ((degrees) * 8)

enum { CHIP = 0, MODULE = 64, TOO_HOT = 105, COOL_AGAIN = 95, NORMAL = 55 };

/* ---- Registers ---- */

uint8_t cx6dx_diag_mtcap(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out)
{
    if (write) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    CX6DX_SET(mtcap_reg, out, sensor_count, 1);
    CX6DX_SET(mtcap_reg, out, sensor_map_l, 1u << CHIP);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_diag_mtmp(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    /* what is written, whether the maximum is kept, changes nothing */
    switch (CX6DX_GET(mtmp_reg, in, sensor_index)) {
    case CHIP:
        CX6DX_SET(mtmp_reg, out, temperature, CELSIUS(NORMAL));
        CX6DX_SET(mtmp_reg, out, max_temperature, CELSIUS(NORMAL));
        CX6DX_SET(mtmp_reg, out, temp_threshold_hi, CELSIUS(TOO_HOT));
        CX6DX_SET(mtmp_reg, out, temp_threshold_lo, CELSIUS(COOL_AGAIN));
        memcpy(out + CX6DX_OFF_(mtmp_reg, sensor_name_hi), "asic", 4);
        return CX6DX_STATUS_OK;
    case MODULE:
        return CX6DX_STATUS_OK;     /* all 0: a cable without a sensor */
    default:
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
}

uint8_t cx6dx_diag_mlcr(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    if (write) {
        CX6DX_SET(mlcr_reg, out, beacon_duration,
                  CX6DX_GET(mlcr_reg, in, beacon_duration));
    }
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_diag_mpcnt(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out)
{
    if (write || CX6DX_GET(mpcnt_reg, in, clr) ||
        CX6DX_GET(mpcnt_reg, in, grp) != CX6DX_MPCNT_PERFORMANCE) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    return CX6DX_STATUS_OK;         /* all 0: no errors */
}

/* ---- The virtual NIC ---- */

static uint32_t error_queues(const Cx6dxNic *nic)
{
    uint32_t n = 0;

    for (uint32_t id = 0; id < nic->sqs.size; id++) {
        const Cx6dxSq *sq = (const Cx6dxSq *)cx6dx_obj_get(&nic->sqs, id);

        n += sq && sq->state == CX6DX_QUEUE_ERR;
    }
    for (uint32_t id = 0; id < nic->rqs.size; id++) {
        const Cx6dxRq *rq = (const Cx6dxRq *)cx6dx_obj_get(&nic->rqs, id);

        n += rq && rq->state == CX6DX_QUEUE_ERR;
    }
    return n;
}

uint8_t cx6dx_cmd_query_vnic_env(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint64_t *errs = nic->guest_errs;

    if (CX6DX_GET(query_vnic_env_in, cmd->in, other_vport) ||
        CX6DX_GET(query_vnic_env_in, cmd->in, vport_number)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
#define OUT(name, value) CX6DX_SET(query_vnic_env_out, cmd->out, name, value)
    OUT(total_error_queues, error_queues(nic));
    OUT(cq_overrun, (uint32_t)errs[CX6DX_GUEST_ERR_CQ_OVERRUN]);
    OUT(invalid_command, (uint32_t)(errs[CX6DX_GUEST_ERR_CMD_OPCODE] +
                                    errs[CX6DX_GUEST_ERR_CMD_LENGTH] +
                                    errs[CX6DX_GUEST_ERR_CMD_PARAM]));
#undef OUT
    CX6DX_SET64(query_vnic_env_out, cmd->out, nic_receive_steering_discard,
                nic->stats.rx_steering_drops);
    return CX6DX_STATUS_OK;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transport interface receive: where steering ends; hash, RQT, TLS context
 */
#ifndef CX6DX_NIC_TIR_H
#define CX6DX_NIC_TIR_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/obj.h"
#include "pure/frame.h"
#include "pure/timing.h"
#include "pure/tls_rx.h"

typedef struct Cx6dxTir {
    Cx6dxObj obj;
    uint8_t disp_type;          /* CX6DX_TIR_* */
    uint32_t rqn;               /* direct */
    uint32_t rqtn;              /* indirect */
    uint32_t tdn;
    uint8_t self_lb_block;      /* CX6DX_SELF_LB_*: own frames may come in */
    Cx6dxHashSpec hash;
    uint8_t lro_mask;           /* CX6DX_LRO_IPV4, _IPV6: merge those */
    uint16_t lro_timeout_us;
    uint32_t lro_max_ip_payload;
    bool tls_en;
    Cx6dxConn conn;             /* served last; for traces and queries */
    Cx6dxTlsRx *tls;            /* with tls_en, else NULL */
    Cx6dxTimingFlow flow;       /* with tls_en */
} Cx6dxTir;

void cx6dx_tir_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_tir_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);

uint8_t cx6dx_cmd_create_tir(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_modify_tir(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_tir(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

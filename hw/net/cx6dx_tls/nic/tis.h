/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transport interface send: traffic class and TLS context of what is sent
 */
#ifndef CX6DX_NIC_TIS_H
#define CX6DX_NIC_TIS_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/obj.h"
#include "pure/timing.h"
#include "pure/tls_tx.h"

typedef struct Cx6dxTis {
    Cx6dxObj obj;
    uint8_t prio;
    uint32_t tdn;
    uint32_t pdn;               /* with tls_en */
    bool tls_en;
    Cx6dxConn conn;             /* served last; for traces and queries */
    bool sent_known;            /* something of it has left ... */
    uint32_t sent_tcp_sn;       /* ... up to here */
    Cx6dxTlsTx *tls;            /* with tls_en, else NULL */
    Cx6dxTimingFlow flow;       /* with tls_en */
} Cx6dxTis;

void cx6dx_tis_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_tis_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);

uint8_t cx6dx_cmd_create_tis(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_tis(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

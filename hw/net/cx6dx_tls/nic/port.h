/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The port: link, MTU, pause, MAC; its registers and the vport commands
 */
#ifndef CX6DX_NIC_PORT_H
#define CX6DX_NIC_PORT_H

#include "qemu/osdep.h"
#include "nic/cmd.h"

#define CX6DX_LOG_MAX_MAC_LIST 7
#define CX6DX_MAX_UC_LIST (1 << CX6DX_LOG_MAX_MAC_LIST)
#define CX6DX_PORT_MAX_MTU (9978 + CX6DX_HW_MTU_EXTRA)

typedef struct Cx6dxPort {
    uint8_t mac[6];             /* permanent */
    bool backend_up;            /* what is behind the port */
    bool admin_up;              /* PAOS */
    uint16_t mtu;               /* hardware MTU, see CX6DX_HW_MTU_EXTRA */
    uint16_t vport_mtu;
    bool pause_tx, pause_rx;    /* PFCC */
    bool an_disabled;           /* PTYS: the speed is forced, not negotiated */
    uint8_t fec_10g_40g, fec_25g, fec_50g, fec_100g;    /* PPLM: 0 or one kind */
    uint8_t min_inline;
    bool disable_uc_local_lb, disable_mc_local_lb;
    uint16_t uc_entries;        /* addresses of this port, as the driver says */
    uint8_t uc_list[CX6DX_MAX_UC_LIST][6];
    bool promisc_uc, promisc_mc, promisc_all;   /* as the driver last said */
} Cx6dxPort;

void cx6dx_port_reset(Cx6dxNic *nic);
/* The link as the guest knows it; what is behind the port now comes later */
void cx6dx_port_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

/* Both the backend and the driver want it */
bool cx6dx_port_up(const Cx6dxNic *nic);

/* Is `mac` in the port's list of unicast addresses? */
bool cx6dx_port_owns(const Cx6dxNic *nic, const uint8_t mac[6]);

/* The backend's link changed; posts a port event when the result changes */
void cx6dx_port_set_backend(Cx6dxNic *nic, bool up);

/* Handlers for the table of registers in room reg */
uint8_t cx6dx_port_paos(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_port_pmtu(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_port_ptys(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);
uint8_t cx6dx_port_pfcc(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);

uint8_t cx6dx_cmd_query_vport_state(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_nic_vport(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_modify_nic_vport(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_vport_counter(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counters of the physical port, by size and priority, and the register that
 * tells them
 *
 * Lengths here are those on the wire: with FCS, and at least 64 bytes.  What is
 * also in Cx6dxStats is not counted a second time.
 */
#ifndef CX6DX_NIC_PPCNT_H
#define CX6DX_NIC_PPCNT_H

#include "qemu/osdep.h"
#include "nic/cmd.h"

#define CX6DX_PPCNT_SIZES 10
#define CX6DX_PPCNT_PRIOS 8

typedef struct Cx6dxPpcnt {
    uint64_t rx_sizes[CX6DX_PPCNT_SIZES];   /* frames, see RFC 2819 */
    struct {
        uint64_t rx_frames, rx_bytes;
        uint64_t tx_frames, tx_bytes;
    } prio[CX6DX_PPCNT_PRIOS];              /* of the VLAN tag; without one: 0 */
    uint32_t link_downs;
} Cx6dxPpcnt;

void cx6dx_ppcnt_reset(Cx6dxNic *nic);
void cx6dx_ppcnt_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

/* A frame came off the wire, or goes on it; without FCS */
void cx6dx_ppcnt_rx(Cx6dxNic *nic, const uint8_t *buf, size_t len);
void cx6dx_ppcnt_tx(Cx6dxNic *nic, const uint8_t *buf, size_t len);

/* Handler for the table of registers in room port */
uint8_t cx6dx_ppcnt_reg(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out);

#endif

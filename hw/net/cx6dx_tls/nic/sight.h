/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What traces show of TLS contexts: packets, records, states, connections
 *
 * One event says one thing, as words of the form key=value, with the virtual time
 * first; scripts/cx6dx timeline reads them.  Sequence numbers and record numbers
 * are decimal.  No key material, no address of the host.
 *
 * The calls for packets cost a test while nobody listens.
 */
#ifndef CX6DX_NIC_SIGHT_H
#define CX6DX_NIC_SIGHT_H

#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/tir.h"
#include "nic/tis.h"
#include "pure/frame.h"

/* A packet to send, when the context has had it; `data`: its payload */
void cx6dx_sight_tx_packet(Cx6dxNic *nic, Cx6dxTis *tis,
                           const Cx6dxFrame *frame, const uint8_t *data,
                           size_t len, uint32_t mss,
                           const Cx6dxTlsTxInfo *before,
                           Cx6dxTlsTxVerdict verdict);

/* A packet received: what the context was before, what came of it */
typedef struct Cx6dxSightRx {
    bool on;
    Cx6dxTracker tracker;
    Cx6dxTlsRxInfo info;
} Cx6dxSightRx;

void cx6dx_sight_rx_begin(Cx6dxNic *nic, Cx6dxTir *tir,
                          const Cx6dxFrame *frame, Cx6dxSightRx *before);
/* `outcome`: one word; `data`: payload as it came */
void cx6dx_sight_rx_packet(Cx6dxNic *nic, const Cx6dxTir *tir,
                           const Cx6dxFrame *frame, const uint8_t *data,
                           const Cx6dxSightRx *before, const char *outcome);
/* A packet of the connection that may not reach the context */
void cx6dx_sight_rx_unfit(Cx6dxNic *nic, const Cx6dxTir *tir,
                          const Cx6dxFrame *frame, bool csum_ok);

/* The state of a context's tracker, if it is another one than `before` */
void cx6dx_sight_rx_state(Cx6dxNic *nic, const Cx6dxTir *tir,
                          Cx6dxTrackerState before, const char *why);

/* Both ends of a connection, as addr:port; "-" when not known */
void cx6dx_sight_ends(const Cx6dxConn *conn, char *src, char *dst,
                      size_t bytes);
#define CX6DX_SIGHT_END_BYTES 56

#endif

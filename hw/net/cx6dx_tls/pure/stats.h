/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of the device's counters: name, place, meaning
 *
 * One list gives the struct, the names and the descriptions, so that they can
 * not drift apart.  All counters are 64 bits, count up and start at 0 upon reset.
 */
#ifndef CX6DX_PURE_STATS_H
#define CX6DX_PURE_STATS_H

#include "qemu/osdep.h"
#include "pure/archive.h"

#define CX6DX_STATS_LIST(X)                                                    \
    X(tx_frames, "frames sent")                                                \
    X(tx_bytes, "bytes sent, without FCS")                                     \
    X(tx_multicast_frames, "multicast frames sent")                            \
    X(tx_broadcast_frames, "broadcast frames sent")                            \
    X(tx_multicast_bytes, "bytes of multicast frames sent")                    \
    X(tx_broadcast_bytes, "bytes of broadcast frames sent")                    \
    X(tx_lso_wqes, "work requests that were segmented")                        \
    X(tx_lso_udp_wqes, "those of them that were UDP")                          \
    X(tx_dropped, "frames not sent: link down or bad work request")            \
    X(rx_frames, "frames received from the wire")                              \
    X(rx_bytes, "bytes received, without FCS")                                 \
    X(rx_multicast_frames, "multicast frames received")                        \
    X(rx_broadcast_frames, "broadcast frames received")                        \
    X(rx_multicast_bytes, "bytes of multicast frames received")                \
    X(rx_broadcast_bytes, "bytes of broadcast frames received")                \
    X(rx_out_of_buffer, "frames dropped: receive queue empty")                 \
    X(rx_steering_drops, "frames that no steering rule wanted")                \
    X(rx_oversize, "frames longer than MTU or receive work request")           \
    X(rx_no_queue, "frames dropped: queue not ready or object gone")           \
    X(rx_lro_packets, "packets that were merged of several frames")            \
    X(rx_lro_frames, "frames in them")                                         \
    X(cqe_sessions, "sessions of compressed completions")                      \
    X(cqe_compressed, "completions in them")                                   \
    X(tls_tx_packets, "frames with encrypted payload sent")                    \
    X(tls_tx_bytes, "payload bytes encrypted and sent")                        \
    X(tls_tx_records, "records completed by transmit contexts")                \
    X(tls_tx_dump_bytes, "bytes taken by DUMP work requests")                  \
    X(tls_tx_drops, "packets dropped because they could not be encrypted")     \
    X(tls_rx_packets, "packets that reached a receive context")                \
    X(tls_rx_decrypted_packets, "packets delivered decrypted")                 \
    X(tls_rx_decrypted_bytes, "payload bytes delivered decrypted")             \
    X(tls_rx_resync_requests, "packets that asked for a resync")               \
    X(tls_rx_resync_confirmed, "resync answers that were taken")               \
    X(tls_rx_auth_failures, "packets with a record that failed authentication")\
    X(cmds, "commands executed")                                               \
    X(cmds_failed, "commands with a status other than OK")                     \
    X(guest_errors, "mistakes of the guest that were noticed")

typedef struct Cx6dxStats {
#define CX6DX_STATS_FIELD_(name, meaning) uint64_t name;
    CX6DX_STATS_LIST(CX6DX_STATS_FIELD_)
#undef CX6DX_STATS_FIELD_
} Cx6dxStats;

typedef struct Cx6dxStatDesc {
    const char *name;
    const char *meaning;
    size_t offset;
} Cx6dxStatDesc;

/* The table, ended by an entry with a NULL name */
const Cx6dxStatDesc *cx6dx_stats_table(void);

uint64_t cx6dx_stats_read(const Cx6dxStats *stats, const Cx6dxStatDesc *desc);

/* By name, so that a table with other counters can be loaded too */
void cx6dx_stats_archive(Cx6dxStats *stats, Cx6dxArchive *ar);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a packet on the wire carries: connection, direction, place in the stream,
 * TLS records, first transmission or a later copy
 *
 * The view follows every TCP connection that passes, in both directions, and in
 * each direction the TLS records (RFC 5246, 6.2), from the first packet on whose
 * payload begins with a record header.  It needs no keys: headers travel in
 * clear.  Where a header falls into a hole, records are unknown until the hole is
 * closed; what comes meanwhile is kept, so that they are known again then.
 *
 * Offsets count payload bytes of one direction of one connection; 0 is the first
 * one behind the SYN, or, if that was not seen, the first one seen.  A SYN lies at
 * -1 and a FIN behind the last byte, so that their repeats can be told as well.
 *
 * Memory is bounded: connections that were silent longest are forgotten first,
 * then the oldest records and the oldest knowledge about repeats.
 */
#ifndef CX6DX_PURE_IMPAIR_VIEW_H
#define CX6DX_PURE_IMPAIR_VIEW_H

#include "qemu/osdep.h"
#include "pure/frame.h"

#define CX6DX_IMPAIR_MAX_CONNS 1024
#define CX6DX_IMPAIR_MAX_RECORDS 512    /* remembered, of one direction */

enum {
    CX6DX_IMPAIR_TLS_CCS = 20,
    CX6DX_IMPAIR_TLS_ALERT = 21,
    CX6DX_IMPAIR_TLS_HANDSHAKE = 22,
    CX6DX_IMPAIR_TLS_DATA = 23,
};

typedef struct Cx6dxImpairRecord {
    int64_t start;          /* offset of the header */
    uint32_t bytes;         /* header to tag; 0: header not whole yet */
    uint32_t tls_number;    /* in its direction; the first one is 1 */
    uint32_t number;        /* the first application data is 1; 0: before it */
    uint8_t type;
    bool has_tag;           /* it is encrypted */
} Cx6dxImpairRecord;

typedef struct Cx6dxImpairSight {
    Cx6dxFrame frame;
    bool rx;                /* as the caller said */
    /* the rest is valid for frame.tcp only */
    uint32_t conn;          /* 1 is the first one; 0: older than the numbering */
    bool from_client;       /* sent by the side that opened, or was seen first */
    uint32_t nth;           /* packet in this direction of the connection; 1... */
    uint32_t copy;          /* 1: first transmission; by its most seen byte */
    int64_t start, end;     /* offsets of the payload */
    bool offload;           /* an application data record was seen */
    int64_t offload_start;  /* its offset; valid if it was */
    /* records with a byte in the payload, in order; valid until the next call */
    const Cx6dxImpairRecord *records;
    unsigned nrecords;
} Cx6dxImpairSight;

typedef struct Cx6dxImpairViewStats {
    uint64_t connections;   /* ever seen */
    uint64_t connections_forgotten;
    uint64_t records;       /* headers read */
    uint64_t records_lost;  /* streams that ceased to be records */
} Cx6dxImpairViewStats;

typedef struct Cx6dxImpairView Cx6dxImpairView;

Cx6dxImpairView *cx6dx_impair_view_new(void);
void cx6dx_impair_view_free(Cx6dxImpairView *view);

/* The next new connection is number 1; those there are go on as number 0 */
void cx6dx_impair_view_restart(Cx6dxImpairView *view);

/* Looks at the next packet of the wire; false if it is no Ethernet frame */
bool cx6dx_impair_view_packet(Cx6dxImpairView *view, const uint8_t *buf,
                              size_t len, bool rx, Cx6dxImpairSight *sight);

const Cx6dxImpairViewStats *
cx6dx_impair_view_stats(const Cx6dxImpairView *view);

#endif

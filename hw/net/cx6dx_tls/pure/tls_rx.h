/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS receive context: packets of one connection in, plaintext and verdict out
 *
 * A context lives in a TIR with tls_en.  Follows the kernel's
 * Documentation/networking/tls-offload.rst, section "RX": a packet is DECRYPTED
 * only if every TLS byte in it was decrypted and every record that ended in it
 * authenticated; header, explicit nonce and tag keep the bytes of the wire.
 * Otherwise it is delivered as it came.
 */
#ifndef CX6DX_PURE_TLS_RX_H
#define CX6DX_PURE_TLS_RX_H

#include "qemu/osdep.h"
#include "pure/record.h"
#include "pure/tls_params.h"
#include "pure/tracker.h"

typedef struct Cx6dxTlsRx Cx6dxTlsRx;

typedef enum Cx6dxTlsRxVerdict {
    CX6DX_TLS_RX_PASSED,        /* deliver `in`, CQE says not decrypted */
    CX6DX_TLS_RX_DECRYPTED,     /* deliver `out` */
    CX6DX_TLS_RX_RESYNC,        /* deliver `in`; CQE asks for a resync */
    CX6DX_TLS_RX_AUTH_FAILED,   /* deliver `in`; CQE says error */
    CX6DX_TLS_RX_VERDICTS
} Cx6dxTlsRxVerdict;

const char *cx6dx_tls_rx_verdict_str(Cx6dxTlsRxVerdict verdict);

/* What traces and queries show; no key material */
typedef struct Cx6dxTlsRxInfo {
    uint64_t rec_sn;            /* of the record in progress or the next one */
    uint32_t expected_tcp_sn;
    uint32_t record_offset;
    uint32_t candidate_tcp_sn;  /* resync in progress */
    uint64_t records_decrypted;
    uint64_t records_lost;      /* not decrypted by the device */
    uint8_t tracker_state;      /* CX6DX_PSV_TRACKER_* */
    bool offloading;
} Cx6dxTlsRxInfo;

Cx6dxTlsRx *cx6dx_tls_rx_new(void);
void cx6dx_tls_rx_free(Cx6dxTlsRx *ctx);    /* wipes; NULL is allowed */

/*
 * Before progress params: key, IV and first record number.  Later and alone:
 * the answer to a resync request; taken when resync_tcp_sn is the candidate
 * asked for, otherwise only stored.  False when no suite fits.
 */
bool cx6dx_tls_rx_set_static(Cx6dxTlsRx *ctx, const Cx6dxTlsStatic *params);

/* Start over: the record initial_record_number begins at next_record_tcp_sn */
void cx6dx_tls_rx_set_progress(Cx6dxTlsRx *ctx,
                               const Cx6dxTlsProgress *progress);

/* Faults: forget everything; trust nothing any more, and search */
void cx6dx_tls_rx_lose(Cx6dxTlsRx *ctx);
void cx6dx_tls_rx_distrust(Cx6dxTlsRx *ctx);
/* In place of a packet's way through the context; false: there are no params */
bool cx6dx_tls_rx_mislead(Cx6dxTlsRx *ctx, uint32_t tcp_sn, size_t len,
                          uint32_t gap);

/* What GET_PSV reads back */
void cx6dx_tls_rx_get_progress(const Cx6dxTlsRx *ctx, Cx6dxTlsProgress *out);

/*
 * `in`: TCP payload of a packet whose checksums are right; `out` has `len`
 * bytes too and does not overlap `in`; its contents count only for DECRYPTED.
 */
Cx6dxTlsRxVerdict cx6dx_tls_rx_packet(Cx6dxTlsRx *ctx, uint32_t tcp_sn,
                                      const uint8_t *in, uint8_t *out,
                                      size_t len);

/* What became of the last packet, in one word: `verdict` and the tracker's */
const char *cx6dx_tls_rx_outcome(const Cx6dxTlsRx *ctx,
                                 Cx6dxTlsRxVerdict verdict);

/* For traces and queries */
const Cx6dxTracker *cx6dx_tls_rx_tracker(const Cx6dxTlsRx *ctx);
void cx6dx_tls_rx_info(const Cx6dxTlsRx *ctx, Cx6dxTlsRxInfo *info);

/*
 * A context written down, in the middle of a record too.  Holds keys: whoever
 * has one wipes it with cx6dx_aead_wipe().
 */
typedef struct Cx6dxTlsRxSaved {
    Cx6dxRecordKeysSaved stored;
    Cx6dxRecordKeysSaved live;
    Cx6dxTracker tracker;
    uint64_t rec_sn;
    uint64_t unseen_rec_sn;
    uint64_t records_decrypted;
    uint64_t records_lost;
    uint32_t wire_bytes;        /* of the record in progress */
    uint8_t wire[CX6DX_RECORD_MAX_BYTES];
} Cx6dxTlsRxSaved;

void cx6dx_tls_rx_save(const Cx6dxTlsRx *ctx, Cx6dxTlsRxSaved *out);

/*
 * Trusts nothing in `in`.  False when it does not describe a context; `ctx` is
 * then as new.
 */
bool cx6dx_tls_rx_restore(Cx6dxTlsRx *ctx, const Cx6dxTlsRxSaved *in);

/* Both, to and from a stream; ar->error says when it describes no context */
void cx6dx_tls_rx_archive(Cx6dxTlsRx *ctx, Cx6dxArchive *ar);

#endif

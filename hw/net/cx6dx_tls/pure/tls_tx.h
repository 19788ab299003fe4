/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS transmit context: plaintext records in, ciphertext and tags out, in place
 *
 * A context lives in a TIS with tls_en.  Static params give key, IV and record
 * number; progress params restart it at a record boundary.  From then on the
 * bytes of the stream come in order, either as packets (sent) or as the data of
 * DUMP work requests (not sent: they only bring the context to the middle of a
 * record).  The tag replaces the 16 bytes at the end of each record, wherever
 * the borders of packets fall.
 *
 * The expected sequence number is learned from the first packet after progress
 * params.  A later packet that does not begin there is a driver's mistake:
 * OUT_OF_ORDER, state unchanged.  Anything but ENCRYPTED means: do not send.
 */
#ifndef CX6DX_PURE_TLS_TX_H
#define CX6DX_PURE_TLS_TX_H

#include "qemu/osdep.h"
#include "pure/record.h"
#include "pure/tls_params.h"

typedef struct Cx6dxTlsTx Cx6dxTlsTx;

typedef enum Cx6dxTlsTxVerdict {
    CX6DX_TLS_TX_ENCRYPTED,     /* all bytes are as they must be on the wire */
    CX6DX_TLS_TX_NO_PARAMS,     /* static or progress params never came */
    CX6DX_TLS_TX_OUT_OF_ORDER,  /* not the expected sequence number */
    CX6DX_TLS_TX_BAD_HEADER,    /* no record header where one must be */
    CX6DX_TLS_TX_BROKEN,        /* after BAD_HEADER, until progress params */
    CX6DX_TLS_TX_CIPHER_FAILED, /* the provider refused; then as BROKEN */
    CX6DX_TLS_TX_LOST,          /* after cx6dx_tls_tx_lose(), likewise */
    CX6DX_TLS_TX_VERDICTS
} Cx6dxTlsTxVerdict;

const char *cx6dx_tls_tx_verdict_str(Cx6dxTlsTxVerdict verdict);

/* What traces and queries show; no key material */
typedef struct Cx6dxTlsTxInfo {
    uint64_t rec_sn;            /* of the record in progress or the next one */
    uint32_t expected_tcp_sn;   /* valid when `synced` */
    uint32_t record_offset;     /* bytes of that record seen so far */
    uint32_t record_bytes;      /* its size; 0: header not seen yet */
    uint8_t hdr[5];             /* what was seen of the header */
    bool running;               /* parameters have come; not lost */
    bool synced;
} Cx6dxTlsTxInfo;

Cx6dxTlsTx *cx6dx_tls_tx_new(void);
void cx6dx_tls_tx_free(Cx6dxTlsTx *ctx);    /* wipes; NULL is allowed */

/* False when no suite fits or the cipher refuses: the context has no params */
bool cx6dx_tls_tx_set_static(Cx6dxTlsTx *ctx, const Cx6dxTlsStatic *params);

/* Start over at a record boundary with the static params stored */
void cx6dx_tls_tx_set_progress(Cx6dxTlsTx *ctx);

/* A fault: where the stream is, is forgotten */
void cx6dx_tls_tx_lose(Cx6dxTlsTx *ctx);

/*
 * Encrypts `len` > 0 bytes of TCP payload in place.  On any verdict but
 * ENCRYPTED the contents of `data` are undefined and must not be sent.
 */
Cx6dxTlsTxVerdict cx6dx_tls_tx_send(Cx6dxTlsTx *ctx, uint32_t tcp_sn,
                                    uint8_t *data, size_t len);

/* Takes bytes of the current record that are not sent; changes `data` */
Cx6dxTlsTxVerdict cx6dx_tls_tx_dump(Cx6dxTlsTx *ctx, uint8_t *data,
                                    size_t len);

void cx6dx_tls_tx_info(const Cx6dxTlsTx *ctx, Cx6dxTlsTxInfo *info);

/*
 * A context written down, in the middle of a record too.  Holds keys: whoever
 * has one wipes it with cx6dx_aead_wipe().
 */
typedef struct Cx6dxTlsTxSaved {
    Cx6dxRecordKeysSaved stored;
    Cx6dxRecordKeysSaved live;
    uint64_t rec_sn;
    uint32_t expected_tcp_sn;
    bool running;
    bool synced;
    bool broken;
    bool lost;
    uint32_t wire_bytes;        /* of the record in progress */
    uint8_t wire[CX6DX_RECORD_MAX_BYTES];
} Cx6dxTlsTxSaved;

void cx6dx_tls_tx_save(const Cx6dxTlsTx *ctx, Cx6dxTlsTxSaved *out);

/*
 * Trusts nothing in `in`.  False when it does not describe a context; `ctx` is
 * then as new.
 */
bool cx6dx_tls_tx_restore(Cx6dxTlsTx *ctx, const Cx6dxTlsTxSaved *in);

/* Both, to and from a stream; ar->error says when it describes no context */
void cx6dx_tls_tx_archive(Cx6dxTlsTx *ctx, Cx6dxArchive *ar);

#endif

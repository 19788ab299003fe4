/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS records with AES-GCM: header, nonce, additional data (RFC 5246, 5288, 8446)
 *
 * One table of suites says all that differs between TLS 1.2 and 1.3 and between
 * the key sizes; nobody else tests a version.
 */
#ifndef CX6DX_PURE_RECORD_H
#define CX6DX_PURE_RECORD_H

#include "qemu/osdep.h"
#include "pure/aead.h"

#define CX6DX_RECORD_HDR_BYTES 5
#define CX6DX_RECORD_MAX_EXPLICIT_BYTES 8
#define CX6DX_RECORD_TAG_BYTES CX6DX_AEAD_TAG_BYTES
#define CX6DX_RECORD_MAX_AAD_BYTES 13
/* Largest record on the wire that any suite admits, header included */
#define CX6DX_RECORD_MAX_BYTES (5 + 16384 + 256)

typedef struct Cx6dxSuite {
    uint8_t tls_version;        /* CX6DX_TLS_VERSION_* */
    uint8_t key_bytes;
    uint8_t explicit_bytes;     /* nonce bytes that travel in each record */
    uint16_t min_length;        /* of the length field, limits included */
    uint16_t max_length;
} Cx6dxSuite;

typedef struct Cx6dxRecordHdr {
    uint8_t type;
    uint16_t length;            /* bytes behind the header, tag included */
} Cx6dxRecordHdr;

/* NULL when there is no such suite */
const Cx6dxSuite *cx6dx_record_suite(uint8_t tls_version, size_t key_bytes);

/* True when the five bytes can be the header of a record of this suite */
bool cx6dx_record_parse(const Cx6dxSuite *suite,
                        const uint8_t hdr[CX6DX_RECORD_HDR_BYTES],
                        Cx6dxRecordHdr *out);

/* Payload bytes between explicit nonce and tag */
size_t cx6dx_record_payload_bytes(const Cx6dxSuite *suite,
                                  const Cx6dxRecordHdr *hdr);

/*
 * `iv`: 12 bytes of the static params, of which TLS 1.2 uses the first four;
 * `explicit_nonce`: the suite's explicit_bytes as found in the record
 */
void cx6dx_record_nonce(const Cx6dxSuite *suite, const uint8_t iv[12],
                        const uint8_t *explicit_nonce, uint64_t rec_sn,
                        uint8_t nonce[CX6DX_AEAD_NONCE_BYTES]);

/* Returns the number of bytes written to `aad` */
size_t cx6dx_record_aad(const Cx6dxSuite *suite,
                        const uint8_t hdr[CX6DX_RECORD_HDR_BYTES],
                        uint64_t rec_sn,
                        uint8_t aad[CX6DX_RECORD_MAX_AAD_BYTES]);

#endif

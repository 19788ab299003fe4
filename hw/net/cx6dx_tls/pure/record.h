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
#include "pure/archive.h"
#include "pure/tls_params.h"

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
    uint8_t min_type;           /* of the type field, limits included */
    uint8_t max_type;
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

/*
 * Static params as a context keeps them.  All zeros is "none".  The key itself
 * is here only so that a snapshot can carry it.
 */
typedef struct Cx6dxRecordKeys {
    const Cx6dxSuite *suite;
    Cx6dxAead *aead;
    uint64_t initial_record_number;
    uint8_t iv[12];
    uint8_t key[CX6DX_AEAD_MAX_KEY_BYTES];
} Cx6dxRecordKeys;

/* Replaces what `keys` held.  False when no suite fits: `keys` is then none. */
bool cx6dx_record_keys_set(Cx6dxRecordKeys *keys, const Cx6dxTlsStatic *params);
void cx6dx_record_keys_wipe(Cx6dxRecordKeys *keys);
/* Wipes `to` and leaves `from` as none */
void cx6dx_record_keys_move(Cx6dxRecordKeys *to, Cx6dxRecordKeys *from);

/* Static params written down; key_bytes 0 is "none" */
typedef struct Cx6dxRecordKeysSaved {
    uint64_t initial_record_number;
    uint8_t tls_version;
    uint8_t key_bytes;
    uint8_t iv[12];
    uint8_t key[CX6DX_AEAD_MAX_KEY_BYTES];
} Cx6dxRecordKeysSaved;

void cx6dx_record_keys_save(const Cx6dxRecordKeys *keys,
                            Cx6dxRecordKeysSaved *out);
/* False when `in` is neither none nor a suite */
bool cx6dx_record_keys_restore(Cx6dxRecordKeys *keys,
                               const Cx6dxRecordKeysSaved *in);
void cx6dx_record_keys_archive(Cx6dxArchive *ar, Cx6dxRecordKeysSaved *saved);

/*
 * A stream of records in one direction: bytes go in strictly in order, cut
 * anywhere, and come out encrypted or decrypted.  Both contexts drive one.
 *
 * Between calls it keeps the bytes that the record in progress has on the wire,
 * so that the record can be written down and rebuilt: at most one record, and
 * nothing while no record is in progress.
 */
typedef struct Cx6dxRecordStream {
    const Cx6dxRecordKeys *keys;    /* borrowed */
    Cx6dxAeadDir dir;
    uint64_t rec_sn;            /* of the record in progress or the next one */
    uint64_t records_done;      /* since reset: ended, and rightly */
    uint32_t offset;            /* bytes of the record in progress */
    uint32_t record_bytes;      /* its size; valid from the whole header on */
    Cx6dxRecordHdr hdr;         /* likewise */
    uint8_t head[CX6DX_RECORD_HDR_BYTES + CX6DX_RECORD_MAX_EXPLICIT_BYTES];
    uint8_t tag[CX6DX_RECORD_TAG_BYTES];    /* to send, or as received */
    uint8_t *wire;              /* `offset` bytes, or NULL */
    uint32_t wire_bytes;        /* room in `wire` */
} Cx6dxRecordStream;

typedef enum Cx6dxRecordResult {
    CX6DX_RECORD_OK,
    CX6DX_RECORD_BAD_HEADER,    /* only a reset may follow these */
    CX6DX_RECORD_BAD_TAG,
    CX6DX_RECORD_CIPHER_FAILED,
} Cx6dxRecordResult;

/* Record `rec_sn` begins with the next byte.  A zeroed struct may be reset. */
void cx6dx_record_stream_reset(Cx6dxRecordStream *stream,
                               const Cx6dxRecordKeys *keys, Cx6dxAeadDir dir,
                               uint64_t rec_sn);
/* Wipes and frees what the stream owns */
void cx6dx_record_stream_wipe(Cx6dxRecordStream *stream);

/*
 * The next `len` bytes.  ENCRYPT may work in place; for DECRYPT the buffers do
 * not overlap.  On anything but OK the contents of `out` do not count.
 */
Cx6dxRecordResult cx6dx_record_stream_run(Cx6dxRecordStream *stream,
                                          const uint8_t *in, uint8_t *out,
                                          size_t len);

/*
 * After a reset: takes `len` bytes of the wire as the beginning of the record,
 * as if they had been run.  False when they can not be that.
 */
bool cx6dx_record_stream_rebuild(Cx6dxRecordStream *stream,
                                 const uint8_t *wire, size_t len);

#endif

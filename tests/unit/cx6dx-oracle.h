/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The slow and plain model of a TLS stream that the engine is held against
 *
 * It sees the whole stream at once, knows where every record lies, and has an
 * AES-GCM of its own, written straight from FIPS 197 and SP 800-38D: it shares
 * no line with the engine and no cipher provider.
 */
#ifndef CX6DX_ORACLE_H
#define CX6DX_ORACLE_H

#include "qemu/osdep.h"
#include "pure/tls_params.h"

/* ---- a random number generator that is the same everywhere ---- */

typedef struct Cx6dxDice {
    uint64_t state;
} Cx6dxDice;

uint64_t cx6dx_dice_roll(Cx6dxDice *dice);
/* 0 .. limit - 1 */
uint32_t cx6dx_dice_below(Cx6dxDice *dice, uint32_t limit);
/* min .. max; small numbers come up more often than large ones */
uint32_t cx6dx_dice_size(Cx6dxDice *dice, uint32_t min, uint32_t max);
void cx6dx_dice_fill(Cx6dxDice *dice, uint8_t *buf, size_t len);

/* ---- AES-GCM of a whole message ---- */

/* `tag` of the ciphertext is computed in both directions */
void cx6dx_oracle_gcm(const uint8_t *key, size_t key_bytes,
                      const uint8_t nonce[12], const uint8_t *aad,
                      size_t aad_bytes, bool encrypt, const uint8_t *in,
                      uint8_t *out, size_t len, uint8_t tag[16]);

/* ---- a stream ---- */

typedef struct Cx6dxOracleRecord {
    size_t start;           /* offset of the header in the stream */
    size_t bytes;           /* header to tag */
    bool corrupt;           /* its tag does not fit */
} Cx6dxOracleRecord;

typedef struct Cx6dxOracle {
    uint8_t tls_version;
    uint8_t key_bytes;
    uint8_t key[32];
    uint8_t iv[12];
    uint64_t first_rec_sn;
    uint32_t first_tcp_sn;
    size_t len;
    uint8_t *laid_out;      /* as a driver gives it: plaintext, blank tags */
    uint8_t *wire;          /* as it must be on the wire */
    uint8_t *delivered;     /* wire, with payloads decrypted */
    unsigned nrecords;
    Cx6dxOracleRecord *records;
} Cx6dxOracle;

typedef struct Cx6dxOracleSpec {
    uint8_t tls_version;
    uint8_t key_bytes;
    unsigned nrecords;
    uint32_t min_payload, max_payload;
    uint64_t first_rec_sn;
    uint32_t first_tcp_sn;
} Cx6dxOracleSpec;

Cx6dxOracle *cx6dx_oracle_new(const Cx6dxOracleSpec *spec, Cx6dxDice *dice);
void cx6dx_oracle_free(Cx6dxOracle *o);

/* What a driver would write for this stream */
Cx6dxTlsStatic cx6dx_oracle_static(const Cx6dxOracle *o);

/* Index of the record that holds the byte, nrecords if none */
unsigned cx6dx_oracle_record_at(const Cx6dxOracle *o, size_t offset);

/*
 * Changes one wire byte behind the header of a record, so that its tag does not
 * fit, and what must be delivered.
 */
void cx6dx_oracle_corrupt(Cx6dxOracle *o, unsigned record, size_t at);

#endif

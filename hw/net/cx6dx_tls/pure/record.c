/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS records with AES-GCM (RFC 5246 6.2, RFC 5288, RFC 8446 5.2 and 5.3), and
 * a stream of them that can be cut at any byte
 *
 * Layout on the wire: header of 5 bytes, explicit nonce (TLS 1.2: 8 bytes),
 * payload, tag of 16 bytes.  Only payload and tag ever differ between the two
 * sides of a stream.
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/record.h"

#define MAX_PLAINTEXT 16384
#define SALT_BYTES 4
/* both versions write TLS 1.2's number on the wire (RFC 8446, 5.1) */
#define WIRE_VERSION_MAJOR 3
#define WIRE_VERSION_MINOR 3

/*
 * TLS 1.2: every content type, from ChangeCipherSpec (20) to heartbeat (24).
 * TLS 1.3: ciphertext has the outer type application_data (23) and at least the
 * inner type byte, and may be padded.
 */
static const Cx6dxSuite suites[] = {
    { CX6DX_TLS_VERSION_1_2, 16, 8, 20, 24, 24, MAX_PLAINTEXT + 24 },
    { CX6DX_TLS_VERSION_1_2, 32, 8, 20, 24, 24, MAX_PLAINTEXT + 24 },
    { CX6DX_TLS_VERSION_1_3, 16, 0, 23, 23, 17, MAX_PLAINTEXT + 256 },
    { CX6DX_TLS_VERSION_1_3, 32, 0, 23, 23, 17, MAX_PLAINTEXT + 256 },
};

static void put_be64(uint8_t *p, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        p[i] = value >> (56 - 8 * i);
    }
}

const Cx6dxSuite *cx6dx_record_suite(uint8_t tls_version, size_t key_bytes)
{
    for (size_t i = 0; i < ARRAY_SIZE(suites); i++) {
        if (suites[i].tls_version == tls_version &&
            suites[i].key_bytes == key_bytes) {
            return &suites[i];
        }
    }
    return NULL;
}

bool cx6dx_record_parse(const Cx6dxSuite *suite,
                        const uint8_t hdr[CX6DX_RECORD_HDR_BYTES],
                        Cx6dxRecordHdr *out)
{
    out->type = hdr[0];
    out->length = hdr[3] << 8 | hdr[4];
    return hdr[1] == WIRE_VERSION_MAJOR && hdr[2] == WIRE_VERSION_MINOR &&
           out->type >= suite->min_type && out->type <= suite->max_type &&
           out->length >= suite->min_length && out->length <= suite->max_length;
}

size_t cx6dx_record_payload_bytes(const Cx6dxSuite *suite,
                                  const Cx6dxRecordHdr *hdr)
{
    return hdr->length - suite->explicit_bytes - CX6DX_RECORD_TAG_BYTES;
}

void cx6dx_record_nonce(const Cx6dxSuite *suite, const uint8_t iv[12],
                        const uint8_t *explicit_nonce, uint64_t rec_sn,
                        uint8_t nonce[CX6DX_AEAD_NONCE_BYTES])
{
    if (suite->explicit_bytes) {
        memcpy(nonce, iv, SALT_BYTES);
        memcpy(nonce + SALT_BYTES, explicit_nonce, suite->explicit_bytes);
    } else {
        put_be64(nonce + 4, rec_sn);
        memset(nonce, 0, 4);
        for (int i = 0; i < CX6DX_AEAD_NONCE_BYTES; i++) {
            nonce[i] ^= iv[i];
        }
    }
}

size_t cx6dx_record_aad(const Cx6dxSuite *suite,
                        const uint8_t hdr[CX6DX_RECORD_HDR_BYTES],
                        uint64_t rec_sn,
                        uint8_t aad[CX6DX_RECORD_MAX_AAD_BYTES])
{
    uint16_t plain_bytes;

    if (suite->tls_version != CX6DX_TLS_VERSION_1_2) {
        memcpy(aad, hdr, CX6DX_RECORD_HDR_BYTES);
        return CX6DX_RECORD_HDR_BYTES;
    }
    plain_bytes = (hdr[3] << 8 | hdr[4]) - suite->explicit_bytes -
                  CX6DX_RECORD_TAG_BYTES;
    put_be64(aad, rec_sn);
    memcpy(aad + 8, hdr, 3);
    aad[11] = plain_bytes >> 8;
    aad[12] = plain_bytes;
    return CX6DX_RECORD_MAX_AAD_BYTES;
}

bool cx6dx_record_keys_set(Cx6dxRecordKeys *keys, const Cx6dxTlsStatic *params)
{
    const Cx6dxSuite *suite = cx6dx_record_suite(params->tls_version,
                                                 params->key_bytes);

    cx6dx_record_keys_wipe(keys);
    if (!suite) {
        return false;
    }
    keys->aead = cx6dx_aead_new(params->key, params->key_bytes);
    if (!keys->aead) {
        return false;
    }
    keys->suite = suite;
    keys->initial_record_number = params->initial_record_number;
    memcpy(keys->iv, params->iv, sizeof(keys->iv));
    memcpy(keys->key, params->key, params->key_bytes);
    return true;
}

void cx6dx_record_keys_wipe(Cx6dxRecordKeys *keys)
{
    cx6dx_aead_free(keys->aead);
    cx6dx_aead_wipe(keys, sizeof(*keys));
}

void cx6dx_record_keys_move(Cx6dxRecordKeys *to, Cx6dxRecordKeys *from)
{
    cx6dx_aead_free(to->aead);
    *to = *from;
    cx6dx_aead_wipe(from, sizeof(*from));
}

void cx6dx_record_keys_save(const Cx6dxRecordKeys *keys,
                            Cx6dxRecordKeysSaved *out)
{
    memset(out, 0, sizeof(*out));
    if (keys->suite) {
        out->initial_record_number = keys->initial_record_number;
        out->tls_version = keys->suite->tls_version;
        out->key_bytes = keys->suite->key_bytes;
        memcpy(out->iv, keys->iv, sizeof(out->iv));
        memcpy(out->key, keys->key, sizeof(out->key));
    }
}

bool cx6dx_record_keys_restore(Cx6dxRecordKeys *keys,
                               const Cx6dxRecordKeysSaved *in)
{
    Cx6dxTlsStatic params = {
        .tls_version = in->tls_version,
        .initial_record_number = in->initial_record_number,
        .key = in->key,
        .key_bytes = in->key_bytes,
    };

    if (!in->key_bytes) {
        cx6dx_record_keys_wipe(keys);
        return true;
    }
    memcpy(params.iv, in->iv, sizeof(params.iv));
    return cx6dx_record_keys_set(keys, &params);
}

void cx6dx_record_keys_archive(Cx6dxArchive *ar, Cx6dxRecordKeysSaved *saved)
{
    cx6dx_ar(ar, &saved->key_bytes);
    if (!cx6dx_ar_check(ar, saved->key_bytes <= sizeof(saved->key),
                        "a key is too long") || !saved->key_bytes) {
        saved->key_bytes = ar->error ? 0 : saved->key_bytes;
        return;
    }
    cx6dx_ar(ar, &saved->tls_version);
    cx6dx_ar(ar, &saved->initial_record_number);
    cx6dx_ar_bytes(ar, saved->iv, sizeof(saved->iv));
    cx6dx_ar_bytes(ar, saved->key, saved->key_bytes);
}

static uint32_t head_bytes(const Cx6dxRecordStream *s)
{
    return CX6DX_RECORD_HDR_BYTES + s->keys->suite->explicit_bytes;
}

static void drop_wire(Cx6dxRecordStream *s)
{
    g_free(s->wire);
    s->wire = NULL;
    s->wire_bytes = 0;
}

void cx6dx_record_stream_reset(Cx6dxRecordStream *s,
                               const Cx6dxRecordKeys *keys, Cx6dxAeadDir dir,
                               uint64_t rec_sn)
{
    drop_wire(s);
    s->keys = keys;
    s->dir = dir;
    s->rec_sn = rec_sn;
    s->records_done = 0;
    s->offset = 0;
    s->record_bytes = 0;
}

void cx6dx_record_stream_wipe(Cx6dxRecordStream *s)
{
    drop_wire(s);
    cx6dx_aead_wipe(s, sizeof(*s));
}

/* The whole header is there: what does it say? */
static bool take_header(Cx6dxRecordStream *s)
{
    if (!cx6dx_record_parse(s->keys->suite, s->head, &s->hdr)) {
        return false;
    }
    s->record_bytes = CX6DX_RECORD_HDR_BYTES + s->hdr.length;
    return true;
}

/* Header and explicit nonce are there: all that the cipher needs to begin */
static bool start_message(Cx6dxRecordStream *s, const uint8_t *ciphertext,
                          size_t len)
{
    const Cx6dxSuite *suite = s->keys->suite;
    uint8_t nonce[CX6DX_AEAD_NONCE_BYTES], aad[CX6DX_RECORD_MAX_AAD_BYTES];
    size_t aad_bytes;

    cx6dx_record_nonce(suite, s->keys->iv, s->head + CX6DX_RECORD_HDR_BYTES,
                       s->rec_sn, nonce);
    aad_bytes = cx6dx_record_aad(suite, s->head, s->rec_sn, aad);
    if (len) {
        return cx6dx_aead_resume(s->keys->aead, s->dir, nonce, aad, aad_bytes,
                                 ciphertext, len);
    }
    return cx6dx_aead_start(s->keys->aead, s->dir, nonce, aad, aad_bytes);
}

/* Bytes of header and explicit nonce; *taken says how many */
static Cx6dxRecordResult run_head(Cx6dxRecordStream *s, const uint8_t *in,
                                  uint8_t *out, size_t len, size_t *taken)
{
    uint32_t limit = s->offset < CX6DX_RECORD_HDR_BYTES ?
                     CX6DX_RECORD_HDR_BYTES : head_bytes(s);
    size_t n = MIN(len, limit - s->offset);

    memcpy(s->head + s->offset, in, n);
    if (out != in) {
        memcpy(out, in, n);
    }
    s->offset += n;
    *taken = n;
    if (s->offset == CX6DX_RECORD_HDR_BYTES && !take_header(s)) {
        return CX6DX_RECORD_BAD_HEADER;
    }
    if (s->offset == head_bytes(s) && !start_message(s, NULL, 0)) {
        return CX6DX_RECORD_CIPHER_FAILED;
    }
    return CX6DX_RECORD_OK;
}

/* Bytes of the tag: written when sending, compared once all of them are in */
static Cx6dxRecordResult run_tag(Cx6dxRecordStream *s, const uint8_t *in,
                                 uint8_t *out, size_t len, size_t *taken)
{
    uint32_t at = s->offset - (s->record_bytes - CX6DX_RECORD_TAG_BYTES);
    size_t n = MIN(len, CX6DX_RECORD_TAG_BYTES - at);
    uint8_t computed[CX6DX_RECORD_TAG_BYTES];

    *taken = n;
    s->offset += n;
    if (s->dir == CX6DX_AEAD_ENCRYPT) {
        if (at == 0 && !cx6dx_aead_finish(s->keys->aead, s->tag)) {
            return CX6DX_RECORD_CIPHER_FAILED;
        }
        memcpy(out, s->tag + at, n);
        return CX6DX_RECORD_OK;
    }
    memcpy(s->tag + at, in, n);
    memcpy(out, in, n);
    if (s->offset < s->record_bytes) {
        return CX6DX_RECORD_OK;
    }
    if (!cx6dx_aead_finish(s->keys->aead, computed)) {
        return CX6DX_RECORD_CIPHER_FAILED;
    }
    return cx6dx_aead_tag_equal(computed, s->tag) ?
           CX6DX_RECORD_OK : CX6DX_RECORD_BAD_TAG;
}

/* The last `n` bytes of the record in progress, as they are on the wire */
static void keep_wire(Cx6dxRecordStream *s, const uint8_t *wire, size_t n)
{
    uint32_t room = s->offset < CX6DX_RECORD_HDR_BYTES ?
                    CX6DX_RECORD_HDR_BYTES : s->record_bytes;

    if (s->wire_bytes < room) {
        s->wire = g_realloc(s->wire, room);
        s->wire_bytes = room;
    }
    memcpy(s->wire + s->offset - n, wire, n);
}

Cx6dxRecordResult cx6dx_record_stream_run(Cx6dxRecordStream *s,
                                          const uint8_t *in, uint8_t *out,
                                          size_t len)
{
    const uint8_t *wire = s->dir == CX6DX_AEAD_ENCRYPT ? out : in;
    Cx6dxRecordResult result = CX6DX_RECORD_OK;
    size_t begin = 0;           /* first byte of the record in progress */
    size_t pos = 0;

    while (pos < len) {
        size_t left = len - pos, n;
        uint32_t tag_at = s->record_bytes - CX6DX_RECORD_TAG_BYTES;

        if (s->offset < head_bytes(s)) {
            result = run_head(s, in + pos, out + pos, left, &n);
        } else if (s->offset < tag_at) {
            n = MIN(left, tag_at - s->offset);
            if (!cx6dx_aead_update(s->keys->aead, in + pos, out + pos, n)) {
                result = CX6DX_RECORD_CIPHER_FAILED;
            }
            s->offset += n;
        } else {
            result = run_tag(s, in + pos, out + pos, left, &n);
        }
        if (result != CX6DX_RECORD_OK) {
            return result;
        }
        pos += n;
        if (s->offset >= CX6DX_RECORD_HDR_BYTES &&
            s->offset == s->record_bytes) {
            s->rec_sn++;
            s->records_done++;
            s->offset = 0;
            s->record_bytes = 0;
            begin = pos;
        }
    }
    if (s->offset) {
        keep_wire(s, wire + begin, len - begin);
    } else {
        drop_wire(s);
    }
    return CX6DX_RECORD_OK;
}

bool cx6dx_record_stream_rebuild(Cx6dxRecordStream *s, const uint8_t *wire,
                                 size_t len)
{
    uint32_t head = head_bytes(s), tag_at;

    if (!len) {
        return true;
    }
    memcpy(s->head, wire, MIN(len, head));
    if (len >= CX6DX_RECORD_HDR_BYTES &&
        (!take_header(s) || len >= s->record_bytes)) {
        return false;
    }
    s->offset = len;
    if (len >= head) {
        tag_at = s->record_bytes - CX6DX_RECORD_TAG_BYTES;
        if (!start_message(s, wire + head, MIN(len, tag_at) - head)) {
            return false;
        }
        if (len > tag_at) {
            memcpy(s->tag, wire + tag_at, len - tag_at);
            if (s->dir == CX6DX_AEAD_ENCRYPT &&
                !cx6dx_aead_finish(s->keys->aead, s->tag)) {
                return false;
            }
        }
    }
    keep_wire(s, wire, len);
    return true;
}

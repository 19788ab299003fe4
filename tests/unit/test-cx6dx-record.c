/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS records: headers, nonces and additional data by the RFCs' numbers, whole
 * records of RFC 8448, and records made by OpenSSL
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/record.h"

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++) {
        out[i] = g_ascii_xdigit_value(hex[2 * i]) << 4 |
                 g_ascii_xdigit_value(hex[2 * i + 1]);
    }
    return n;
}

/*
 * TLS 1.3: RFC 8448, section 3, "Simple 1-RTT Handshake": the records under the
 * application traffic keys; the server's first one is a session ticket, so its
 * data has number 1.
 *
 * TLS 1.2: made once with OpenSSL 3.0 through Python's cryptography.AESGCM:
 * nonce a0a1a2a3 || e0..e7, additional data as in RFC 5246, 6.2.3.3.
 */
static const struct {
    const char *name;
    uint8_t tls_version;
    const char *key, *iv;
    uint64_t rec_sn;
    const char *plain, *record;
} vectors[] = {
    {
        "rfc8448/client-data", CX6DX_TLS_VERSION_1_3,
        "17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9", 0,
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "202122232425262728292a2b2c2d2e2f303117",
        "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f"
        "2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae6"
        "3aeebb21694915e4"
    }, {
        "rfc8448/client-alert", CX6DX_TLS_VERSION_1_3,
        "17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9", 1,
        "010015",
        "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3"
    }, {
        "rfc8448/server-data", CX6DX_TLS_VERSION_1_3,
        "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984", 1,
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "202122232425262728292a2b2c2d2e2f303117",
        "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36"
        "e30efaf97d90e6dffc602dcb501a59a8fcc49c4bf2e5f0a21c0047c2abf33254"
        "0dd032e167c2955d"
    }, {
        "rfc8448/server-alert", CX6DX_TLS_VERSION_1_3,
        "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984", 2,
        "010015",
        "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9"
    }, {
        "openssl/1.2-128-data", CX6DX_TLS_VERSION_1_2,
        "101112131415161718191a1b1c1d1e1f", "a0a1a2a30000000000000000", 0,
        "54686520717569636b2062726f776e20666f78206a756d7073206f7665722074"
        "6865206c617a7920646f67",
        "1703030043e0e1e2e3e4e5e6e793659eb10c7c0c4d394290973c56488a8f7709"
        "e8a137829e1bc144da59ed9b63ec04ccaf203a0b8beee01d0f53ab5b485f9312"
        "b198c7a61be7cc62"
    }, {
        "openssl/1.2-128-alert", CX6DX_TLS_VERSION_1_2,
        "101112131415161718191a1b1c1d1e1f", "a0a1a2a30000000000000000", 1,
        "0100",
        "150303001ae0e1e2e3e4e5e6e7c60dfeaca7db7e23fbadab2f85fa8c5a1537"
    }, {
        "openssl/1.2-128-empty", CX6DX_TLS_VERSION_1_2,
        "101112131415161718191a1b1c1d1e1f", "a0a1a2a30000000000000000", 2,
        "",
        "1703030018e0e1e2e3e4e5e6e787d5d18d193631ac38e96989183647c8"
    }, {
        "openssl/1.2-256-large-number", CX6DX_TLS_VERSION_1_2,
        "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f",
        "a0a1a2a30000000000000000", 0x123456789abcdef0ull,
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "20",
        "1703030039e0e1e2e3e4e5e6e7e16414c7e4f0e051392ca92b8919b33ceb6c3d"
        "edd3dbfe890349690600c713c4d0755db0d6804594fdd35ff9cd75e4d9bb"
    },
};

typedef struct Sample {
    Cx6dxRecordKeys keys;
    uint64_t rec_sn;
    size_t len, head;
    uint8_t wire[128], laid_out[128], delivered[128];
} Sample;

static void load(size_t i, Sample *s)
{
    uint8_t key[32];
    Cx6dxTlsStatic params = {
        .tls_version = vectors[i].tls_version,
        .key = key,
        .key_bytes = from_hex(vectors[i].key, key),
        .initial_record_number = vectors[i].rec_sn,
    };
    size_t plain;

    memset(s, 0, sizeof(*s));
    g_assert_cmpuint(from_hex(vectors[i].iv, params.iv), ==, 12);
    g_assert_true(cx6dx_record_keys_set(&s->keys, &params));
    s->rec_sn = vectors[i].rec_sn;
    s->len = from_hex(vectors[i].record, s->wire);
    s->head = 5 + s->keys.suite->explicit_bytes;
    memcpy(s->delivered, s->wire, s->len);
    plain = from_hex(vectors[i].plain, s->delivered + s->head);
    g_assert_cmpuint(s->head + plain + 16, ==, s->len);
    memcpy(s->laid_out, s->delivered, s->len - 16);
}

static void run(Sample *s, Cx6dxAeadDir dir, size_t cut)
{
    const uint8_t *in = dir == CX6DX_AEAD_ENCRYPT ? s->laid_out : s->wire;
    const uint8_t *want = dir == CX6DX_AEAD_ENCRYPT ? s->wire : s->delivered;
    Cx6dxRecordStream stream = { 0 };
    uint8_t out[128];

    cx6dx_record_stream_reset(&stream, &s->keys, dir, s->rec_sn);
    g_assert_cmpint(cx6dx_record_stream_run(&stream, in, out, cut), ==,
                    CX6DX_RECORD_OK);
    g_assert_cmpuint(stream.offset, ==, cut == s->len ? 0 : cut);
    g_assert_cmpint(cx6dx_record_stream_run(&stream, in + cut, out + cut,
                                            s->len - cut), ==, CX6DX_RECORD_OK);
    g_assert_cmpmem(out, s->len, want, s->len);
    g_assert_cmpuint(stream.records_done, ==, 1);
    g_assert_cmpuint(stream.rec_sn, ==, s->rec_sn + 1);
    g_assert_null(stream.wire);
    cx6dx_record_stream_wipe(&stream);
}

static void test_vectors(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
        Sample s;

        g_test_message("%s", vectors[i].name);
        load(i, &s);
        for (size_t cut = 0; cut <= s.len; cut++) {
            run(&s, CX6DX_AEAD_ENCRYPT, cut);
            run(&s, CX6DX_AEAD_DECRYPT, cut);
        }
        cx6dx_record_keys_wipe(&s.keys);
    }
}

static void test_bad_tag(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
        Cx6dxRecordStream stream = { 0 };
        uint8_t out[128];
        Sample s;

        load(i, &s);
        for (size_t at = 5; at < s.len; at++) {
            s.wire[at] ^= 0x10;
            cx6dx_record_stream_reset(&stream, &s.keys, CX6DX_AEAD_DECRYPT,
                                      s.rec_sn);
            g_assert_cmpint(cx6dx_record_stream_run(&stream, s.wire, out,
                                                    s.len), ==,
                            CX6DX_RECORD_BAD_TAG);
            s.wire[at] ^= 0x10;
        }
        cx6dx_record_stream_reset(&stream, &s.keys, CX6DX_AEAD_DECRYPT,
                                  s.rec_sn + 1);
        g_assert_cmpint(cx6dx_record_stream_run(&stream, s.wire, out, s.len),
                        ==, CX6DX_RECORD_BAD_TAG);
        cx6dx_record_stream_wipe(&stream);
        cx6dx_record_keys_wipe(&s.keys);
    }
}

/* Memory for the record in progress: its own size at most, none in between */
static void test_wire_memory(void)
{
    Cx6dxRecordStream stream = { 0 };
    uint8_t out[128];
    Sample s;

    load(4, &s);
    cx6dx_record_stream_reset(&stream, &s.keys, CX6DX_AEAD_DECRYPT, s.rec_sn);
    for (size_t at = 0; at < s.len; at++) {
        g_assert_cmpuint(stream.wire_bytes, <=, s.len);
        g_assert_cmpint(stream.wire != NULL, ==, at != 0);
        if (at) {
            g_assert_cmpmem(stream.wire, stream.offset, s.wire, at);
        }
        g_assert_cmpint(cx6dx_record_stream_run(&stream, s.wire + at, out, 1),
                        ==, CX6DX_RECORD_OK);
    }
    g_assert_null(stream.wire);
    /* a record given up half way leaves nothing either */
    g_assert_cmpint(cx6dx_record_stream_run(&stream, s.wire, out, 30), ==,
                    CX6DX_RECORD_OK);
    g_assert_nonnull(stream.wire);
    cx6dx_record_stream_reset(&stream, &s.keys, CX6DX_AEAD_DECRYPT, 0);
    g_assert_null(stream.wire);
    cx6dx_record_stream_wipe(&stream);
    cx6dx_record_keys_wipe(&s.keys);
}

static void test_suites(void)
{
    static const struct {
        uint8_t version, key_bytes, explicit_bytes;
    } known[] = { { 2, 16, 8 }, { 2, 32, 8 }, { 3, 16, 0 }, { 3, 32, 0 } };
    unsigned found = 0;

    for (unsigned version = 0; version < 16; version++) {
        for (size_t key = 0; key <= 64; key++) {
            found += cx6dx_record_suite(version, key) != NULL;
        }
    }
    g_assert_cmpuint(found, ==, ARRAY_SIZE(known));
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        const Cx6dxSuite *suite = cx6dx_record_suite(known[i].version,
                                                     known[i].key_bytes);

        g_assert_nonnull(suite);
        g_assert_cmpuint(suite->explicit_bytes, ==, known[i].explicit_bytes);
    }
}

static bool parses(unsigned version, uint8_t type, uint8_t major, uint8_t minor,
                   unsigned length)
{
    const uint8_t hdr[5] = { type, major, minor, length >> 8, length };
    Cx6dxRecordHdr out;
    const Cx6dxSuite *suite = cx6dx_record_suite(version, 16);
    bool ok = cx6dx_record_parse(suite, hdr, &out);

    if (ok) {
        g_assert_cmpuint(out.type, ==, type);
        g_assert_cmpuint(out.length, ==, length);
        g_assert_cmpuint(cx6dx_record_payload_bytes(suite, &out), ==,
                         length - (version == 2 ? 24 : 16));
    }
    return ok;
}

static void test_parse(void)
{
    for (unsigned type = 0; type < 256; type++) {
        g_assert_cmpint(parses(2, type, 3, 3, 100), ==,
                        type >= 0x14 && type <= 0x18);
        g_assert_cmpint(parses(3, type, 3, 3, 100), ==, type == 0x17);
        g_assert_cmpint(parses(2, 0x17, type, 3, 100), ==, type == 3);
        g_assert_cmpint(parses(2, 0x17, 3, type, 100), ==, type == 3);
    }
    for (unsigned length = 0; length < 65536; length++) {
        g_assert_cmpint(parses(2, 0x17, 3, 3, length), ==,
                        length >= 24 && length <= 16384 + 24);
        g_assert_cmpint(parses(3, 0x17, 3, 3, length), ==,
                        length >= 17 && length <= 16384 + 256);
    }
}

static void test_nonce_and_aad(void)
{
    static const uint8_t iv[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    static const uint8_t ex[8] = { 91, 92, 93, 94, 95, 96, 97, 98 };
    static const uint8_t hdr[5] = { 0x16, 3, 3, 0x01, 0x20 };
    static const uint8_t nonce12[12] = {
        1, 2, 3, 4, 91, 92, 93, 94, 95, 96, 97, 98
    };
    static const uint8_t nonce13[12] = {
        1, 2, 3, 4, 5 ^ 0x11, 6 ^ 0x22, 7 ^ 0x33, 8 ^ 0x44, 9 ^ 0x55, 10 ^ 0x66,
        11 ^ 0x77, 12 ^ 0x88
    };
    static const uint8_t aad12[13] = {
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x16, 3, 3, 0x01, 0x08
    };
    uint64_t rec_sn = 0x1122334455667788ull;
    uint8_t nonce[12], aad[13];
    const Cx6dxSuite *suite = cx6dx_record_suite(2, 32);

    cx6dx_record_nonce(suite, iv, ex, rec_sn, nonce);
    g_assert_cmpmem(nonce, 12, nonce12, 12);
    g_assert_cmpuint(cx6dx_record_aad(suite, hdr, rec_sn, aad), ==, 13);
    g_assert_cmpmem(aad, 13, aad12, 13);
    suite = cx6dx_record_suite(3, 16);
    cx6dx_record_nonce(suite, iv, NULL, rec_sn, nonce);
    g_assert_cmpmem(nonce, 12, nonce13, 12);
    g_assert_cmpuint(cx6dx_record_aad(suite, hdr, rec_sn, aad), ==, 5);
    g_assert_cmpmem(aad, 5, hdr, 5);
}

static void test_keys(void)
{
    Cx6dxRecordKeys a = { 0 }, b = { 0 }, none = { 0 };
    Cx6dxRecordKeysSaved saved;
    uint8_t key[32] = { 5 };
    Cx6dxTlsStatic params = {
        .tls_version = 2, .key = key, .key_bytes = 32,
        .initial_record_number = 9, .iv = { 7 },
    };

    g_assert_true(cx6dx_record_keys_set(&a, &params));
    g_assert_true(cx6dx_record_keys_set(&b, &params));
    cx6dx_record_keys_move(&b, &a);
    g_assert_cmpmem(&a, sizeof(a), &none, sizeof(none));
    g_assert_cmpuint(b.initial_record_number, ==, 9);
    cx6dx_record_keys_save(&b, &saved);
    g_assert_true(cx6dx_record_keys_restore(&a, &saved));
    g_assert_cmpmem(a.key, 32, b.key, 32);
    g_assert_cmpmem(a.iv, 12, b.iv, 12);
    g_assert_cmpuint(a.initial_record_number, ==, 9);
    g_assert_true(a.suite == b.suite);
    saved.tls_version = 1;
    g_assert_false(cx6dx_record_keys_restore(&a, &saved));
    g_assert_cmpmem(&a, sizeof(a), &none, sizeof(none));
    cx6dx_record_keys_save(&a, &saved);
    g_assert_true(cx6dx_record_keys_restore(&b, &saved));
    g_assert_cmpmem(&b, sizeof(b), &none, sizeof(none));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/record/published/every-cut-gives-these-bytes",
                    test_vectors);
    g_test_add_func("/cx6dx/record/tag/any-changed-byte-is-noticed",
                    test_bad_tag);
    g_test_add_func("/cx6dx/record/memory/one-record-at-most-and-none-when-idle",
                    test_wire_memory);
    g_test_add_func("/cx6dx/record/suite/four-and-no-others", test_suites);
    g_test_add_func("/cx6dx/record/header/types-version-and-lengths",
                    test_parse);
    g_test_add_func("/cx6dx/record/nonce-and-aad/as-the-rfcs-say",
                    test_nonce_and_aad);
    g_test_add_func("/cx6dx/record/keys/move-save-and-wipe", test_keys);
    return g_test_run();
}

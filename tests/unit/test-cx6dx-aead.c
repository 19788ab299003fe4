/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * AES-GCM on NIST's vectors, under every cut, and against the oracle's own one
 */
#include "qemu/osdep.h"
#include "pure/aead.h"
#include "cx6dx-broken-gcrypt.h"
#include "cx6dx-gcm-vectors.h"
#include "cx6dx-oracle.h"

#define MAX_BYTES 128

typedef struct Message {
    uint8_t key[32], nonce[12], aad[MAX_BYTES];
    uint8_t plain[MAX_BYTES], cipher[MAX_BYTES], tag[16];
    size_t key_bytes, aad_bytes, len;
} Message;

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++) {
        out[i] = g_ascii_xdigit_value(hex[2 * i]) << 4 |
                 g_ascii_xdigit_value(hex[2 * i + 1]);
    }
    return n;
}

static void load(const struct Cx6dxGcmVector *v, Message *m)
{
    g_assert_cmpuint(strlen(v->plain) / 2, <=, MAX_BYTES);
    g_assert_cmpuint(strlen(v->aad) / 2, <=, MAX_BYTES);
    m->key_bytes = from_hex(v->key, m->key);
    g_assert_cmpuint(from_hex(v->iv, m->nonce), ==, 12);
    m->aad_bytes = from_hex(v->aad, m->aad);
    m->len = from_hex(v->plain, m->plain);
    g_assert_cmpuint(from_hex(v->cipher, m->cipher), ==, m->len);
    g_assert_cmpuint(from_hex(v->tag, m->tag), ==, 16);
}

static const uint8_t *input(const Message *m, Cx6dxAeadDir dir)
{
    return dir == CX6DX_AEAD_ENCRYPT ? m->plain : m->cipher;
}

static const uint8_t *result(const Message *m, Cx6dxAeadDir dir)
{
    return dir == CX6DX_AEAD_ENCRYPT ? m->cipher : m->plain;
}

/* The message in three pieces; every second one in place */
static void run_cut(Cx6dxAead *aead, const Message *m, Cx6dxAeadDir dir,
                    size_t a, size_t b)
{
    uint8_t out[MAX_BYTES], tag[16];
    size_t at[4] = { 0, a, b, m->len };

    g_assert_true(cx6dx_aead_start(aead, dir, m->nonce, m->aad, m->aad_bytes));
    for (int i = 0; i < 3; i++) {
        size_t n = at[i + 1] - at[i];
        const uint8_t *in = input(m, dir) + at[i];

        if (i & 1) {
            memcpy(out + at[i], in, n);
            in = out + at[i];
        }
        g_assert_true(cx6dx_aead_update(aead, in, out + at[i], n));
    }
    g_assert_cmpmem(out, m->len, result(m, dir), m->len);
    g_assert_true(cx6dx_aead_finish(aead, tag));
    g_assert_true(cx6dx_aead_tag_equal(tag, m->tag));
}

static void test_vectors(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cx6dx_gcm_vectors); i++) {
        Message m;
        Cx6dxAead *aead;

        g_test_message("%s", cx6dx_gcm_vectors[i].name);
        load(&cx6dx_gcm_vectors[i], &m);
        aead = cx6dx_aead_new(m.key, m.key_bytes);
        g_assert_nonnull(aead);
        for (size_t a = 0; a <= m.len; a++) {
            for (size_t b = a; b <= m.len; b += 5) {
                run_cut(aead, &m, CX6DX_AEAD_ENCRYPT, a, b);
                run_cut(aead, &m, CX6DX_AEAD_DECRYPT, a, b);
            }
        }
        cx6dx_aead_free(aead);
    }
}

static void run_resume(Cx6dxAead *aead, const Message *m, Cx6dxAeadDir dir,
                       size_t at)
{
    uint8_t out[MAX_BYTES], tag[16];

    g_assert_true(cx6dx_aead_resume(aead, dir, m->nonce, m->aad, m->aad_bytes,
                                    m->cipher, at));
    g_assert_true(cx6dx_aead_update(aead, input(m, dir) + at, out,
                                    m->len - at));
    g_assert_cmpmem(out, m->len - at, result(m, dir) + at, m->len - at);
    g_assert_true(cx6dx_aead_finish(aead, tag));
    g_assert_cmpmem(tag, 16, m->tag, 16);
}

static void test_resume(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cx6dx_gcm_vectors); i++) {
        Message m;
        Cx6dxAead *aead;

        load(&cx6dx_gcm_vectors[i], &m);
        aead = cx6dx_aead_new(m.key, m.key_bytes);
        for (size_t at = 0; at <= m.len; at++) {
            run_resume(aead, &m, CX6DX_AEAD_ENCRYPT, at);
            run_resume(aead, &m, CX6DX_AEAD_DECRYPT, at);
        }
        cx6dx_aead_free(aead);
    }
}

/* The oracle is only worth something if it is right itself */
static void test_oracle_vectors(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cx6dx_gcm_vectors); i++) {
        uint8_t out[MAX_BYTES], tag[16];
        Message m;

        load(&cx6dx_gcm_vectors[i], &m);
        cx6dx_oracle_gcm(m.key, m.key_bytes, m.nonce, m.aad, m.aad_bytes, true,
                         m.plain, out, m.len, tag);
        g_assert_cmpmem(out, m.len, m.cipher, m.len);
        g_assert_cmpmem(tag, 16, m.tag, 16);
        cx6dx_oracle_gcm(m.key, m.key_bytes, m.nonce, m.aad, m.aad_bytes, false,
                         m.cipher, out, m.len, tag);
        g_assert_cmpmem(out, m.len, m.plain, m.len);
        g_assert_cmpmem(tag, 16, m.tag, 16);
    }
}

/* Long messages, random cuts, a resume somewhere, against the oracle */
static void test_long_messages(void)
{
    Cx6dxDice dice = { 0xaead };

    for (int i = 0; i < 120; i++) {
        size_t len = cx6dx_dice_size(&dice, 0, 4000), at = 0;
        size_t key_bytes = i & 1 ? 16 : 32;
        uint8_t key[32], nonce[12], aad[13], want_tag[16], tag[16];
        g_autofree uint8_t *in = g_malloc(len + 1);
        g_autofree uint8_t *want = g_malloc(len + 1);
        g_autofree uint8_t *out = g_malloc(len + 1);
        Cx6dxAeadDir dir = CX6DX_AEAD_ENCRYPT;
        Cx6dxAead *aead;

        cx6dx_dice_fill(&dice, key, sizeof(key));
        cx6dx_dice_fill(&dice, nonce, sizeof(nonce));
        cx6dx_dice_fill(&dice, aad, sizeof(aad));
        cx6dx_dice_fill(&dice, in, len);
        cx6dx_oracle_gcm(key, key_bytes, nonce, aad, 13, true, in, want, len,
                         want_tag);
        aead = cx6dx_aead_new(key, key_bytes);
        g_assert_true(cx6dx_aead_start(aead, dir, nonce, aad, 13));
        while (at < len) {
            size_t n = cx6dx_dice_size(&dice, 1, len - at);

            if (cx6dx_dice_below(&dice, 6) == 0) {
                g_assert_true(cx6dx_aead_resume(aead, dir, nonce, aad, 13, out,
                                                at));
            }
            g_assert_true(cx6dx_aead_update(aead, in + at, out + at, n));
            at += n;
        }
        g_assert_cmpmem(out, len, want, len);
        g_assert_true(cx6dx_aead_finish(aead, tag));
        g_assert_cmpmem(tag, 16, want_tag, 16);
        cx6dx_aead_free(aead);
    }
}

static void test_keys(void)
{
    uint8_t key[64] = { 0 };

    for (size_t n = 0; n <= sizeof(key); n++) {
        Cx6dxAead *aead = cx6dx_aead_new(key, n);

        g_assert_cmpint(aead != NULL, ==, n == 16 || n == 32);
        cx6dx_aead_free(aead);
    }
}

static void test_no_message(void)
{
    uint8_t key[16] = { 0 }, nonce[12] = { 0 }, tag[16], want[16];
    Cx6dxAead *aead = cx6dx_aead_new(key, 16);

    g_assert_true(cx6dx_aead_start(aead, CX6DX_AEAD_ENCRYPT, nonce, NULL, 0));
    g_assert_true(cx6dx_aead_update(aead, NULL, NULL, 0));
    g_assert_true(cx6dx_aead_finish(aead, tag));
    cx6dx_oracle_gcm(key, 16, nonce, key, 0, true, key, want, 0, want);
    g_assert_cmpmem(tag, 16, want, 16);
    /* a finished message takes nothing more */
    g_assert_false(cx6dx_aead_update(aead, key, tag, 16));
    /* and the next one is not disturbed by that */
    g_assert_true(cx6dx_aead_start(aead, CX6DX_AEAD_DECRYPT, nonce, NULL, 0));
    g_assert_true(cx6dx_aead_finish(aead, tag));
    g_assert_cmpmem(tag, 16, want, 16);
    cx6dx_aead_free(aead);
}

static void test_tag_equal(void)
{
    uint8_t a[16], b[16];

    memset(a, 0x33, 16);
    for (int bit = 0; bit < 128; bit++) {
        memcpy(b, a, 16);
        g_assert_true(cx6dx_aead_tag_equal(a, b));
        b[bit / 8] ^= 1 << bit % 8;
        g_assert_false(cx6dx_aead_tag_equal(a, b));
    }
}

static void test_wipe(void)
{
    uint8_t buf[37];

    memset(buf, 0xaa, sizeof(buf));
    cx6dx_aead_wipe(buf + 1, 35);
    g_assert_cmphex(buf[0], ==, 0xaa);
    g_assert_cmphex(buf[36], ==, 0xaa);
    for (int i = 1; i < 36; i++) {
        g_assert_cmphex(buf[i], ==, 0);
    }
    cx6dx_aead_free(NULL);
}

static void test_refusals(void)
{
    uint8_t key[32] = { 1 }, nonce[12] = { 2 }, aad[5] = { 3 }, buf[40], tag[16];
    Cx6dxAead *aead;

    cx6dx_gcrypt_refuse(CX6DX_GCRYPT_OPEN);
    g_assert_null(cx6dx_aead_new(key, 16));
    cx6dx_gcrypt_refuse(CX6DX_GCRYPT_SETKEY);
    g_assert_null(cx6dx_aead_new(key, 32));
    cx6dx_gcrypt_refuse(0);
    aead = cx6dx_aead_new(key, 32);
    memset(buf, 0, sizeof(buf));
    for (int i = 0; i < 2; i++) {
        Cx6dxAeadDir dir = i ? CX6DX_AEAD_ENCRYPT : CX6DX_AEAD_DECRYPT;

        cx6dx_gcrypt_refuse(CX6DX_GCRYPT_SETIV);
        g_assert_false(cx6dx_aead_start(aead, dir, nonce, aad, 5));
        g_assert_false(cx6dx_aead_resume(aead, dir, nonce, aad, 5, buf, 40));
        cx6dx_gcrypt_refuse(CX6DX_GCRYPT_CRYPT);
        g_assert_false(cx6dx_aead_resume(aead, dir, nonce, aad, 5, buf, 40));
        g_assert_true(cx6dx_aead_start(aead, dir, nonce, aad, 5));
        g_assert_false(cx6dx_aead_update(aead, buf, buf, 40));
        cx6dx_gcrypt_refuse(CX6DX_GCRYPT_GETTAG);
        g_assert_true(cx6dx_aead_update(aead, buf, buf, 40));
        g_assert_false(cx6dx_aead_finish(aead, tag));
        cx6dx_gcrypt_refuse(0);
    }
    cx6dx_aead_free(aead);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/aead/nist/every-cut-gives-the-published-bytes",
                    test_vectors);
    g_test_add_func("/cx6dx/aead/nist/goes-on-after-resume-at-every-byte",
                    test_resume);
    g_test_add_func("/cx6dx/aead/nist/oracle-gives-the-published-bytes",
                    test_oracle_vectors);
    g_test_add_func("/cx6dx/aead/long/agrees-with-the-oracle",
                    test_long_messages);
    g_test_add_func("/cx6dx/aead/key/only-16-and-32-bytes", test_keys);
    g_test_add_func("/cx6dx/aead/message/empty-and-finished-ones",
                    test_no_message);
    g_test_add_func("/cx6dx/aead/tag/any-bit-makes-a-difference",
                    test_tag_equal);
    g_test_add_func("/cx6dx/aead/wipe/clears-exactly-the-buffer", test_wipe);
    g_test_add_func("/cx6dx/aead/provider/refusals-are-reported",
                    test_refusals);
    return g_test_run();
}

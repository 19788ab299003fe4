/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * AES-GCM that can stop and go on at any byte (NIST SP 800-38D), by libgcrypt
 *
 * libgcrypt takes pieces of any length, keeps the rest of a key stream block
 * and of a hash block itself, and works in place.  Its GCM state moves over
 * ciphertext alike whether it encrypts or decrypts; resume relies on that, and
 * the unit test resumes at every byte.
 *
 * libgcrypt in FIPS mode refuses to encrypt with a nonce of the caller's: then
 * every transmit context reports that the cipher failed.
 */
#include "qemu/osdep.h"
#include <gcrypt.h>
#include "pure/aead.h"

#define OLDEST_GCRYPT "1.8.0"
#define SCRATCH_BYTES 512

struct Cx6dxAead {
    gcry_cipher_hd_t handle;
    Cx6dxAeadDir dir;
};

/* QEMU starts libgcrypt itself when it uses it; everybody else gets it here */
static bool provider_ready(void)
{
    if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
        if (!gcry_check_version(OLDEST_GCRYPT)) {
            return false;
        }
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
    return true;
}

void cx6dx_aead_wipe(void *buf, size_t len)
{
    /* volatile: a plain store that nobody reads may be left out */
    volatile uint8_t *p = buf;

    while (len--) {
        *p++ = 0;
    }
}

Cx6dxAead *cx6dx_aead_new(const uint8_t *key, size_t key_bytes)
{
    gcry_cipher_hd_t handle;
    Cx6dxAead *aead;
    int algo;

    switch (key_bytes) {
    case 16:
        algo = GCRY_CIPHER_AES128;
        break;
    case 32:
        algo = GCRY_CIPHER_AES256;
        break;
    default:
        return NULL;
    }
    if (!provider_ready() ||
        gcry_cipher_open(&handle, algo, GCRY_CIPHER_MODE_GCM, 0)) {
        return NULL;
    }
    if (gcry_cipher_setkey(handle, key, key_bytes)) {
        gcry_cipher_close(handle);
        return NULL;
    }
    aead = g_new0(Cx6dxAead, 1);
    aead->handle = handle;
    return aead;
}

void cx6dx_aead_free(Cx6dxAead *aead)
{
    if (!aead) {
        return;
    }
    /* close wipes the handle, key schedule included */
    gcry_cipher_close(aead->handle);
    cx6dx_aead_wipe(aead, sizeof(*aead));
    g_free(aead);
}

bool cx6dx_aead_start(Cx6dxAead *aead, Cx6dxAeadDir dir,
                      const uint8_t nonce[CX6DX_AEAD_NONCE_BYTES],
                      const uint8_t *aad, size_t aad_bytes)
{
    aead->dir = dir;
    return !gcry_cipher_reset(aead->handle) &&
           !gcry_cipher_setiv(aead->handle, nonce, CX6DX_AEAD_NONCE_BYTES) &&
           (!aad_bytes ||
            !gcry_cipher_authenticate(aead->handle, aad, aad_bytes));
}

bool cx6dx_aead_resume(Cx6dxAead *aead, Cx6dxAeadDir dir,
                       const uint8_t nonce[CX6DX_AEAD_NONCE_BYTES],
                       const uint8_t *aad, size_t aad_bytes,
                       const uint8_t *ciphertext, size_t len)
{
    uint8_t scratch[SCRATCH_BYTES];
    bool ok;

    ok = cx6dx_aead_start(aead, CX6DX_AEAD_DECRYPT, nonce, aad, aad_bytes);
    while (ok && len) {
        size_t n = MIN(len, sizeof(scratch));

        ok = cx6dx_aead_update(aead, ciphertext, scratch, n);
        ciphertext += n;
        len -= n;
    }
    cx6dx_aead_wipe(scratch, sizeof(scratch));
    aead->dir = dir;
    return ok;
}

bool cx6dx_aead_update(Cx6dxAead *aead, const uint8_t *in, uint8_t *out,
                       size_t len)
{
    /* equal buffers are libgcrypt's "in place", which is written differently */
    const uint8_t *src = in == out ? NULL : in;
    size_t src_len = src ? len : 0;

    if (!len) {
        return true;
    }
    if (aead->dir == CX6DX_AEAD_ENCRYPT) {
        return !gcry_cipher_encrypt(aead->handle, out, len, src, src_len);
    }
    return !gcry_cipher_decrypt(aead->handle, out, len, src, src_len);
}

bool cx6dx_aead_finish(Cx6dxAead *aead, uint8_t tag[CX6DX_AEAD_TAG_BYTES])
{
    return !gcry_cipher_gettag(aead->handle, tag, CX6DX_AEAD_TAG_BYTES);
}

bool cx6dx_aead_tag_equal(const uint8_t *a, const uint8_t *b)
{
    uint8_t diff = 0;

    for (int i = 0; i < CX6DX_AEAD_TAG_BYTES; i++) {
        diff |= a[i] ^ b[i];
    }
    return diff == 0;
}

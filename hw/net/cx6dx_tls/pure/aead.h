/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * AES-GCM that can stop and go on at any byte (NIST SP 800-38D)
 *
 * The only room that knows the cipher provider (libgcrypt).  One object holds
 * one key and at most one message in progress.  Lengths of the pieces do not
 * matter: how a message is cut never changes a byte of it.
 *
 * A message in progress can be written down as (nonce, AAD, ciphertext so far)
 * and rebuilt from these by cx6dx_aead_resume(); nothing else of the provider's
 * state is needed.
 */
#ifndef CX6DX_PURE_AEAD_H
#define CX6DX_PURE_AEAD_H

#include "qemu/osdep.h"

#define CX6DX_AEAD_NONCE_BYTES 12
#define CX6DX_AEAD_TAG_BYTES 16
#define CX6DX_AEAD_MAX_KEY_BYTES 32

typedef struct Cx6dxAead Cx6dxAead;

typedef enum Cx6dxAeadDir {
    CX6DX_AEAD_ENCRYPT,
    CX6DX_AEAD_DECRYPT,
} Cx6dxAeadDir;

/*
 * Takes a copy of the key (16 or 32 bytes).  NULL when the size is another one
 * or the provider refuses.  The caller owns the result.
 */
Cx6dxAead *cx6dx_aead_new(const uint8_t *key, size_t key_bytes);

/* Wipes key and state.  NULL is allowed. */
void cx6dx_aead_free(Cx6dxAead *aead);

/*
 * Begins a message; one that was in progress is forgotten.  False when the
 * provider fails, and then nothing but start or free may follow.
 */
bool cx6dx_aead_start(Cx6dxAead *aead, Cx6dxAeadDir dir,
                      const uint8_t nonce[CX6DX_AEAD_NONCE_BYTES],
                      const uint8_t *aad, size_t aad_bytes);

/* As start, then takes `len` bytes of ciphertext as already handled */
bool cx6dx_aead_resume(Cx6dxAead *aead, Cx6dxAeadDir dir,
                       const uint8_t nonce[CX6DX_AEAD_NONCE_BYTES],
                       const uint8_t *aad, size_t aad_bytes,
                       const uint8_t *ciphertext, size_t len);

/* Next `len` bytes; `in` and `out` are the same buffer or do not overlap */
bool cx6dx_aead_update(Cx6dxAead *aead, const uint8_t *in, uint8_t *out,
                       size_t len);

/* Ends the message and gives its computed tag */
bool cx6dx_aead_finish(Cx6dxAead *aead, uint8_t tag[CX6DX_AEAD_TAG_BYTES]);

/* Compares two tags in a time that does not depend on them */
bool cx6dx_aead_tag_equal(const uint8_t *a, const uint8_t *b);

/* Overwrites a secret; the compiler does not leave it out */
void cx6dx_aead_wipe(void *buf, size_t len);

#endif

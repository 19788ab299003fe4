/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A cipher provider that refuses on demand; see cx6dx-broken-gcrypt.h
 */
#include "qemu/osdep.h"
#include <dlfcn.h>
#include <gcrypt.h>
#include "cx6dx-broken-gcrypt.h"

static unsigned refused;

void cx6dx_gcrypt_refuse(unsigned calls)
{
    refused = calls;
}

/* The true function of libgcrypt, or this one's own failure */
#define FORWARD(call, name, params, args)                               \
    gcry_error_t name params                                            \
    {                                                                   \
        static gcry_error_t (*original) params;                         \
                                                                        \
        if (refused & CX6DX_GCRYPT_ ## call) {                          \
            return gcry_error(GPG_ERR_NOT_OPERATIONAL);                 \
        }                                                               \
        if (!original) {                                                \
            *(void **)&original = dlsym(RTLD_NEXT, #name);              \
        }                                                               \
        return original args;                                           \
    }

FORWARD(OPEN, gcry_cipher_open,
        (gcry_cipher_hd_t *handle, int algo, int mode, unsigned int flags),
        (handle, algo, mode, flags))
FORWARD(SETKEY, gcry_cipher_setkey,
        (gcry_cipher_hd_t handle, const void *key, size_t len),
        (handle, key, len))
FORWARD(SETIV, gcry_cipher_setiv,
        (gcry_cipher_hd_t handle, const void *iv, size_t len),
        (handle, iv, len))
FORWARD(CRYPT, gcry_cipher_encrypt,
        (gcry_cipher_hd_t handle, void *out, size_t out_len, const void *in,
         size_t in_len),
        (handle, out, out_len, in, in_len))
FORWARD(CRYPT, gcry_cipher_decrypt,
        (gcry_cipher_hd_t handle, void *out, size_t out_len, const void *in,
         size_t in_len),
        (handle, out, out_len, in, in_len))
FORWARD(GETTAG, gcry_cipher_gettag,
        (gcry_cipher_hd_t handle, void *tag, size_t len),
        (handle, tag, len))

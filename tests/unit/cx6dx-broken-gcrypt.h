/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A cipher provider that refuses on demand
 *
 * A test that uses this gets wrappers around the libgcrypt functions that aead
 * calls.  They do what libgcrypt does, until told otherwise.
 */
#ifndef CX6DX_BROKEN_GCRYPT_H
#define CX6DX_BROKEN_GCRYPT_H

typedef enum Cx6dxGcryptCall {
    CX6DX_GCRYPT_OPEN = 1 << 0,
    CX6DX_GCRYPT_SETKEY = 1 << 1,
    CX6DX_GCRYPT_SETIV = 1 << 2,
    CX6DX_GCRYPT_CRYPT = 1 << 3,
    CX6DX_GCRYPT_GETTAG = 1 << 4,
} Cx6dxGcryptCall;

/* From now on these calls fail; 0: none */
void cx6dx_gcrypt_refuse(unsigned calls);

#endif

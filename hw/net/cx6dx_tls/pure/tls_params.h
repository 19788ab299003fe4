/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS parameters as plain values, between the work requests and the contexts
 *
 * Decoded from tls_static_params and tls_progress_params (see the PRM header),
 * with the key that the DEK index stands for.
 */
#ifndef CX6DX_PURE_TLS_PARAMS_H
#define CX6DX_PURE_TLS_PARAMS_H

#include "qemu/osdep.h"

typedef struct Cx6dxTlsStatic {
    uint8_t tls_version;            /* CX6DX_TLS_VERSION_* */
    uint64_t initial_record_number;
    uint32_t resync_tcp_sn;         /* RX resync answer; else 0 */
    uint8_t iv[12];                 /* gcm_iv, then implicit_iv */
    const uint8_t *key;             /* borrowed for the call */
    size_t key_bytes;
} Cx6dxTlsStatic;

typedef struct Cx6dxTlsProgress {
    uint32_t next_record_tcp_sn;
    uint32_t hw_resync_tcp_sn;
    uint8_t record_tracker_state;   /* CX6DX_PSV_TRACKER_* */
    uint8_t auth_state;             /* CX6DX_PSV_AUTH_* */
    uint32_t hw_offset_record_number;   /* 24 bits */
} Cx6dxTlsProgress;

#endif

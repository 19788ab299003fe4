/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TCP sequence numbers: 32 bits that wrap (RFC 9293, 3.4)
 *
 * The only place where two of them are compared.  Valid while the numbers lie
 * less than 2^31 bytes apart.
 */
#ifndef CX6DX_PURE_TCP_SN_H
#define CX6DX_PURE_TCP_SN_H

#include "qemu/osdep.h"

/* Bytes from `from` to `to`; negative when `to` lies before `from` */
static inline int32_t cx6dx_tcp_sn_diff(uint32_t to, uint32_t from)
{
    return (int32_t)(to - from);
}

static inline bool cx6dx_tcp_sn_before(uint32_t a, uint32_t b)
{
    return cx6dx_tcp_sn_diff(a, b) < 0;
}

static inline bool cx6dx_tcp_sn_after(uint32_t a, uint32_t b)
{
    return cx6dx_tcp_sn_diff(a, b) > 0;
}

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One receiving connection for tests: a stream of the oracle's and the context
 * that receives it
 */
#ifndef CX6DX_RX_LINK_H
#define CX6DX_RX_LINK_H

#include "qemu/osdep.h"
#include "pure/tls_rx.h"
#include "cx6dx-oracle.h"

typedef struct RxLink {
    Cx6dxOracle *o;
    Cx6dxTlsRx *ctx;
} RxLink;

/* `suite`: 0 and 1 are TLS 1.2, 2 and 3 are TLS 1.3; odd ones AES-256 */
Cx6dxOracle *rx_make_stream(Cx6dxDice *dice, int suite, unsigned nrecords,
                            uint32_t min_payload, uint32_t max_payload);
/* With static and progress params for the beginning of the stream */
Cx6dxTlsRx *rx_make_context(const Cx6dxOracle *o);

RxLink rx_open(uint64_t seed, int suite, unsigned nrecords,
               uint32_t min_payload, uint32_t max_payload);
/* Record 1 lost its header; software was asked about record 2, of eight */
RxLink rx_open_asking(uint64_t seed, int suite);
void rx_close(RxLink *link);

/*
 * Delivers [from, to) of the stream as one packet.  Whatever the verdict, the
 * packet as received stays as it is; when it is DECRYPTED, the result must be
 * the oracle's.
 */
Cx6dxTlsRxVerdict rx_deliver(Cx6dxTlsRx *ctx, const Cx6dxOracle *o,
                             size_t from, size_t to);

#define RX_EXPECT(link, from, to, verdict)                              \
    g_assert_cmpstr(cx6dx_tls_rx_verdict_str(                           \
                        rx_deliver((link)->ctx, (link)->o, from, to)),  \
                    ==,                                                 \
                    cx6dx_tls_rx_verdict_str(CX6DX_TLS_RX_ ## verdict))

/* What GET_PSV reads back */
Cx6dxTlsProgress rx_psv(const RxLink *link);
void rx_expect_psv(const RxLink *link, unsigned tracker, unsigned auth);
void rx_expect_searching(const RxLink *link);
void rx_expect_asking(const RxLink *link, size_t candidate);
void rx_expect_offloading(const RxLink *link);

/* Software says: record `n` begins at `offset` */
void rx_answer(Cx6dxTlsRx *ctx, const Cx6dxOracle *o, size_t offset,
               unsigned n);

#endif

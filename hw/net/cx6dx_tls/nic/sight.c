/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What traces show of TLS contexts; see sight.h
 */
#include "qemu/osdep.h"
#include "nic/fault.h"
#include "nic/sight.h"
#include "pure/tcp_sn.h"
#include "trace.h"

/* ---- Connections ---- */

static void print_end(char *to, size_t bytes, const Cx6dxConn *conn,
                      const uint8_t addr[16], uint16_t port)
{
    if (conn->ip_version == 4) {
        snprintf(to, bytes, "%u.%u.%u.%u:%u", addr[12], addr[13], addr[14],
                 addr[15], port);
    } else if (conn->ip_version == 6) {
        int n = snprintf(to, bytes, "[");

        for (unsigned i = 0; i < 16; i += 2) {
            n += snprintf(to + n, bytes - n, "%s%x", i ? ":" : "",
                          addr[i] << 8 | addr[i + 1]);
        }
        snprintf(to + n, bytes - n, "]:%u", port);
    } else {
        snprintf(to, bytes, "-");
    }
}

void cx6dx_sight_ends(const Cx6dxConn *conn, char *src, char *dst,
                      size_t bytes)
{
    print_end(src, bytes, conn, conn->saddr, conn->sport);
    print_end(dst, bytes, conn, conn->daddr, conn->dport);
}

/* The context serves the connection of `frame` from now on */
static void note_conn(Cx6dxNic *nic, Cx6dxConn *conn, const Cx6dxFrame *frame,
                      const char *dir, uint32_t number)
{
    char src[CX6DX_SIGHT_END_BYTES], dst[CX6DX_SIGHT_END_BYTES];
    Cx6dxConn seen = {
        .ip_version = frame->ip_version,
        .sport = frame->sport,
        .dport = frame->dport,
    };

    memcpy(seen.saddr, frame->saddr, sizeof(seen.saddr));
    memcpy(seen.daddr, frame->daddr, sizeof(seen.daddr));
    if (conn->ip_version == seen.ip_version && conn->sport == seen.sport &&
        conn->dport == seen.dport &&
        !memcmp(conn->saddr, seen.saddr, sizeof(seen.saddr)) &&
        !memcmp(conn->daddr, seen.daddr, sizeof(seen.daddr))) {
        return;
    }
    *conn = seen;
    if (trace_event_get_state_backends(TRACE_CX6DX_TLS_CONN)) {
        cx6dx_sight_ends(conn, src, dst, sizeof(src));
        trace_cx6dx_tls_conn(cx6dx_nic_now(nic), nic->params.id, dir, number,
                             src, dst);
    }
}

/* ---- Records ---- */

/* Where the next header is, and what was seen of it */
typedef struct Walk {
    uint32_t tcp_sn;
    uint64_t rec_sn;
    uint8_t hdr[CX6DX_TRACKER_HDR_BYTES];
    unsigned hdr_bytes;
} Walk;

/* Every record whose header ends in this packet; headers are good */
static void show_records(Cx6dxNic *nic, const char *dir, Cx6dxFaultId stop,
                         uint32_t number, Walk w, uint32_t tcp_sn,
                         const uint8_t *data, size_t len)
{
    for (;;) {
        size_t pos = w.tcp_sn + w.hdr_bytes - tcp_sn;
        uint32_t record_bytes;

        if (pos > len || len - pos < sizeof(w.hdr) - w.hdr_bytes) {
            return;
        }
        memcpy(w.hdr + w.hdr_bytes, data + pos, sizeof(w.hdr) - w.hdr_bytes);
        record_bytes = sizeof(w.hdr) + (w.hdr[3] << 8 | w.hdr[4]);
        trace_cx6dx_tls_record(cx6dx_nic_now(nic), nic->params.id, dir, number,
                               w.rec_sn, w.tcp_sn, record_bytes);
        cx6dx_fault_record(nic, stop, number, w.rec_sn);
        w.tcp_sn += record_bytes;
        w.rec_sn++;
        w.hdr_bytes = 0;
    }
}

/* ---- Sending ---- */

static void show_tx_records(Cx6dxNic *nic, const Cx6dxTis *tis,
                            const Cx6dxTlsTxInfo *before, uint32_t tcp_sn,
                            const uint8_t *data, size_t len)
{
    Walk w = { .tcp_sn = tcp_sn, .rec_sn = before->rec_sn };

    if (before->record_bytes) {
        w.tcp_sn += before->record_bytes - before->record_offset;
        w.rec_sn++;
    } else if (before->record_offset) {
        w.tcp_sn -= before->record_offset;
        w.hdr_bytes = MIN(before->record_offset, sizeof(w.hdr));
        memcpy(w.hdr, before->hdr, w.hdr_bytes);
    }
    show_records(nic, "tx", CX6DX_FAULT_TX_STOP, tis->obj.id, w, tcp_sn, data,
                 len);
}

void cx6dx_sight_tx_packet(Cx6dxNic *nic, Cx6dxTis *tis,
                           const Cx6dxFrame *frame, const uint8_t *data,
                           size_t len, uint32_t mss,
                           const Cx6dxTlsTxInfo *before,
                           Cx6dxTlsTxVerdict verdict)
{
    const char *word = cx6dx_tls_tx_verdict_str(verdict);
    uint32_t end = frame->tcp_sn + len;

    if (!before->synced) {
        uint16_t port = tis->conn.sport;

        note_conn(nic, &tis->conn, frame, "tx", tis->obj.id);
        tis->sent_known = tis->sent_known && port == tis->conn.sport;
    }
    if (verdict == CX6DX_TLS_TX_ENCRYPTED) {
        if (tis->sent_known &&
            cx6dx_tcp_sn_before(frame->tcp_sn, tis->sent_tcp_sn)) {
            word = "reencrypted";
        }
        if (!tis->sent_known || cx6dx_tcp_sn_after(end, tis->sent_tcp_sn)) {
            tis->sent_tcp_sn = end;
        }
        tis->sent_known = true;
    }
    if (!trace_event_get_state_backends(TRACE_CX6DX_TLS_TX_PACKET) &&
        !trace_event_get_state_backends(TRACE_CX6DX_TLS_RECORD) &&
        !cx6dx_faults_armed(&nic->faults, CX6DX_FAULT_TX_STOP)) {
        return;
    }
    trace_cx6dx_tls_tx_packet(cx6dx_nic_now(nic), nic->params.id, tis->obj.id,
                              frame->tcp_sn, len, mss, before->rec_sn,
                              before->record_offset,
                              before->synced ? before->expected_tcp_sn
                                             : frame->tcp_sn, word);
    if (verdict == CX6DX_TLS_TX_ENCRYPTED) {
        show_tx_records(nic, tis, before, frame->tcp_sn, data, len);
    }
}

/* ---- Receiving ---- */

void cx6dx_sight_rx_begin(Cx6dxNic *nic, Cx6dxTir *tir,
                          const Cx6dxFrame *frame, Cx6dxSightRx *before)
{
    const Cx6dxTracker *trk = cx6dx_tls_rx_tracker(tir->tls);

    if (trk->state == CX6DX_TRACKER_START || !tir->conn.ip_version) {
        note_conn(nic, &tir->conn, frame, "rx", tir->obj.id);
    }
    before->on = trace_event_get_state_backends(TRACE_CX6DX_TLS_RX_PACKET) ||
                 trace_event_get_state_backends(TRACE_CX6DX_TLS_RX_STATE) ||
                 trace_event_get_state_backends(TRACE_CX6DX_TLS_RX_RESYNC) ||
                 trace_event_get_state_backends(TRACE_CX6DX_TLS_RECORD) ||
                 cx6dx_faults_armed(&nic->faults, CX6DX_FAULT_RX_STOP);
    if (before->on) {
        before->tracker = *trk;
        cx6dx_tls_rx_info(tir->tls, &before->info);
    }
}

/* It is known where records begin, and which ones */
static bool in_sync(const Cx6dxTracker *trk)
{
    return trk->state == CX6DX_TRACKER_START ||
           trk->state == CX6DX_TRACKER_SYNCED ||
           trk->state == CX6DX_TRACKER_BOUNDARY;
}

void cx6dx_sight_rx_packet(Cx6dxNic *nic, const Cx6dxTir *tir,
                           const Cx6dxFrame *frame, const uint8_t *data,
                           const Cx6dxSightRx *before, const char *outcome)
{
    const Cx6dxTracker *then = &before->tracker;
    const Cx6dxTracker *now = cx6dx_tls_rx_tracker(tir->tls);
    uint64_t now_ns = cx6dx_nic_now(nic);

    trace_cx6dx_tls_rx_packet(now_ns, nic->params.id, tir->obj.id,
                              frame->tcp_sn, frame->payload_bytes,
                              before->info.rec_sn, before->info.record_offset,
                              then->expect_tcp_sn, outcome,
                              cx6dx_tracker_state_str(now->state));
    if (in_sync(then) && in_sync(now) &&
        then->next_hdr_tcp_sn != now->next_hdr_tcp_sn) {
        Walk w = {
            .tcp_sn = then->next_hdr_tcp_sn,
            .rec_sn = then->next_rec_sn,
            .hdr_bytes = then->hdr_bytes,
        };

        memcpy(w.hdr, then->hdr, sizeof(w.hdr));
        show_records(nic, "rx", CX6DX_FAULT_RX_STOP, tir->obj.id, w,
                     frame->tcp_sn, data, frame->payload_bytes);
    }
    cx6dx_sight_rx_state(nic, tir, then->state, "packet");
    if (now->state == CX6DX_TRACKER_TRACKING &&
        (then->state != CX6DX_TRACKER_TRACKING ||
         then->candidate_tcp_sn != now->candidate_tcp_sn)) {
        trace_cx6dx_tls_rx_resync(now_ns, nic->params.id, tir->obj.id,
                                  now->candidate_tcp_sn);
    }
}

void cx6dx_sight_rx_unfit(Cx6dxNic *nic, const Cx6dxTir *tir,
                          const Cx6dxFrame *frame, bool csum_ok)
{
    const Cx6dxTracker *trk = cx6dx_tls_rx_tracker(tir->tls);
    Cx6dxTlsRxInfo info;

    if (!trace_event_get_state_backends(TRACE_CX6DX_TLS_RX_PACKET) ||
        !frame->tcp || !frame->payload_bytes) {
        return;
    }
    cx6dx_tls_rx_info(tir->tls, &info);
    trace_cx6dx_tls_rx_packet(cx6dx_nic_now(nic), nic->params.id, tir->obj.id,
                              frame->tcp_sn, frame->payload_bytes, info.rec_sn,
                              info.record_offset, trk->expect_tcp_sn,
                              csum_ok ? "unfit" : "bad-csum",
                              cx6dx_tracker_state_str(trk->state));
}

void cx6dx_sight_rx_state(Cx6dxNic *nic, const Cx6dxTir *tir,
                          Cx6dxTrackerState before, const char *why)
{
    const Cx6dxTracker *trk = cx6dx_tls_rx_tracker(tir->tls);

    if (trk->state != before) {
        trace_cx6dx_tls_rx_state(cx6dx_nic_now(nic), nic->params.id,
                                 tir->obj.id, trk->expect_tcp_sn,
                                 cx6dx_tracker_state_str(before),
                                 cx6dx_tracker_state_str(trk->state), why);
    }
}

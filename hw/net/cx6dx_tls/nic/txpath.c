/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Send side: gather, encrypt, checksum, segment, put on the wire; see txpath.h
 *
 * A packet is gathered behind the headroom of the scratch buffer and changed in
 * place.  Segments are sent from there too: the header of each is written over
 * the end of the one before, which has left already.
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/fault.h"
#include "nic/port.h"
#include "nic/res.h"
#include "nic/rxpath.h"
#include "nic/sight.h"
#include "nic/tis.h"
#include "nic/txpath.h"
#include "pure/frame.h"
#include "trace.h"

/* What a frame counts against the budget besides its bytes */
#define FRAME_COST_BYTES 256

enum { MACS_BYTES = 12, ETHERTYPE_CVLAN = 0x8100, ETHERTYPE_SVLAN = 0x88a8 };

/* ---- The end: a frame that is as it must be ---- */

static void count_frame(Cx6dxStats *stats, const uint8_t *buf, size_t len)
{
    static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

    stats->tx_frames++;
    stats->tx_bytes += len;
    if (buf[0] & 1) {
        if (!memcmp(buf, broadcast, sizeof(broadcast))) {
            stats->tx_broadcast_frames++;
            stats->tx_broadcast_bytes += len;
        } else {
            stats->tx_multicast_frames++;
            stats->tx_multicast_bytes += len;
        }
    }
}

/* False when the port does not take it */
static bool wire_out(Cx6dxNic *nic, const uint8_t *buf, size_t len,
                     uint64_t when_ns)
{
    if (len < CX6DX_FRAME_ETH_BYTES ||
        len + CX6DX_FRAME_FCS_BYTES > nic->port.mtu) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_SIZE, len);
        nic->stats.tx_dropped++;
        return false;
    }
    if (!cx6dx_port_up(nic)) {
        nic->stats.tx_dropped++;
        return false;
    }
    count_frame(&nic->stats, buf, len);
    if (cx6dx_port_owns(nic, buf)) {
        if (cx6dx_timing_on(&nic->timing)) {
            when_ns = cx6dx_timing_tx_loop(&nic->timing, when_ns, len);
            cx6dx_defer_loop_back(nic, when_ns, buf, len);
        } else {
            cx6dx_rxpath_loop_back(nic, buf, len);
        }
        return true;
    }
    cx6dx_ppcnt_tx(nic, buf, len);
    if (cx6dx_timing_on(&nic->timing)) {
        when_ns = cx6dx_timing_tx_frame(&nic->timing, when_ns, len);
        cx6dx_defer_frame_out(nic, when_ns, buf, len);
    } else {
        nic->host.frame_out(nic->host.opaque, buf, len);
    }
    return true;
}

/* ---- The beginning: bytes of the guest ---- */

static uint8_t mkey_syndrome(Cx6dxNic *nic, Cx6dxMkeyResult result,
                             const Cx6dxWqeSeg *seg)
{
    switch (result) {
    case CX6DX_MKEY_OK:
        return 0;
    case CX6DX_MKEY_PROTECTION:
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_LKEY, seg->lkey);
        return CX6DX_CQE_SYNDROME_LOCAL_PROT;
    default:
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_DMA, seg->addr);
        return CX6DX_CQE_SYNDROME_LOCAL_ACCESS;
    }
}

uint8_t cx6dx_txpath_gather(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                            unsigned first, unsigned n, uint8_t *to,
                            size_t room_bytes, size_t *bytes,
                            uint64_t *when_ns)
{
    const Cx6dxWqeSeg *seg = &wqe->segs[first];
    const Cx6dxTimingUse use = wqe->opcode == CX6DX_WQE_DUMP
        ? CX6DX_TIMING_RECOVERY : CX6DX_TIMING_SEND_DATA;
    uint64_t from_ns = *when_ns, end_ns;
    uint8_t syndrome;

    *bytes = 0;
    for (; n; n--, seg++) {
        if (seg->bytes > room_bytes - *bytes) {
            cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_SIZE, sq->obj.id);
            return CX6DX_CQE_SYNDROME_LOCAL_LENGTH;
        }
        if (seg->inline_data) {
            memcpy(to + *bytes, seg->inline_data, seg->bytes);
        } else {
            syndrome = mkey_syndrome(nic,
                                     cx6dx_mkey_read(nic, seg->lkey, sq->pdn,
                                                     seg->addr, to + *bytes,
                                                     seg->bytes), seg);
            if (syndrome) {
                return syndrome;
            }
            if (cx6dx_timing_on(&nic->timing)) {
                /* all reads are asked for at once */
                end_ns = cx6dx_timing_dma_read(&nic->timing, use, from_ns,
                                               seg->bytes);
                *when_ns = MAX(*when_ns, end_ns);
            }
        }
        *bytes += seg->bytes;
    }
    return 0;
}

/* ---- TLS ---- */

/*
 * Encrypts the payload of a packet for a TIS with TLS.  `payload` to the end of
 * the packet is everything that is not header: nothing of it may leave in clear.
 * False: do not send.
 */
static bool encrypt(Cx6dxNic *nic, Cx6dxTis *tis, const Cx6dxFrame *frame,
                    uint8_t *payload, size_t len, uint32_t mss, bool complete)
{
    Cx6dxTlsTxVerdict verdict = CX6DX_TLS_TX_BAD_HEADER;
    Cx6dxTlsTxInfo before, after;
    Cx6dxFaultRule rule;

    if (frame->tcp && complete && len == 0) {
        return true;
    }
    if (__builtin_expect(nic->faults.armed, 0)) {
        cx6dx_fault_evict(nic, tis->obj.id);
        if (cx6dx_fault(nic, CX6DX_FAULT_TX_LOSE_STATE, tis->obj.id, &rule)) {
            cx6dx_tls_tx_lose(tis->tls);
        }
    }
    cx6dx_tls_tx_info(tis->tls, &before);
    if (frame->tcp && complete) {
        verdict = cx6dx_tls_tx_send(tis->tls, frame->tcp_sn, payload, len);
    }
    cx6dx_sight_tx_packet(nic, tis, frame, payload, len, mss, &before, verdict);
    if (verdict != CX6DX_TLS_TX_ENCRYPTED) {
        if (verdict != CX6DX_TLS_TX_LOST) {
            cx6dx_guest_err(nic, CX6DX_GUEST_ERR_TLS_TX, tis->obj.id);
        }
        nic->stats.tls_tx_drops++;
        return false;
    }
    cx6dx_tls_tx_info(tis->tls, &after);
    nic->stats.tls_tx_records += after.rec_sn - before.rec_sn;
    if (cx6dx_timing_on(&nic->timing)) {
        cx6dx_timing_tx_tls(&nic->timing, CX6DX_TIMING_TIS(tis->obj.id),
                            frame->payload_off, &tis->flow);
    }
    return true;
}

/* Payload of one frame that was encrypted and sent */
static void count_tls(Cx6dxNic *nic, size_t payload_bytes)
{
    nic->stats.tls_tx_packets++;
    nic->stats.tls_tx_bytes += payload_bytes;
}

/* ---- One frame ---- */

/* `buf` has four bytes in front of it; returns the new beginning */
static uint8_t *insert_vlan(uint8_t *buf, const Cx6dxWqe *wqe)
{
    uint16_t type = wqe->svlan ? ETHERTYPE_SVLAN : ETHERTYPE_CVLAN;

    memmove(buf - CX6DX_FRAME_VLAN_BYTES, buf, MACS_BYTES);
    buf -= CX6DX_FRAME_VLAN_BYTES;
    cx6dx_prm_store(buf + MACS_BYTES, (uint32_t)type << 16 | wqe->vlan_tci);
    return buf;
}

/* Takes a frame as gathered through to the wire */
static void send_frame(Cx6dxNic *nic, Cx6dxTis *tis, const Cx6dxWqe *wqe,
                       uint8_t *buf, size_t len, uint64_t when_ns)
{
    bool tls = tis->tls_en;
    Cx6dxFrame frame;
    size_t end;

    if (wqe->vlan_insert && len >= MACS_BYTES) {
        buf = insert_vlan(buf, wqe);
        len += CX6DX_FRAME_VLAN_BYTES;
    }
    if (!tls && !wqe->l3_csum && !wqe->l4_csum) {
        wire_out(nic, buf, len, when_ns);
        return;
    }
    if (!cx6dx_frame_parse(buf, len, &frame)) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_SIZE, len);
        nic->stats.tx_dropped++;
        return;
    }
    end = (size_t)frame.payload_off + frame.payload_bytes;
    if (tls && !encrypt(nic, tis, &frame, buf + frame.payload_off,
                        frame.payload_bytes, 0, end == len)) {
        return;
    }
    if (wqe->l3_csum || wqe->l4_csum) {
        cx6dx_frame_fill_csum(buf, len, &frame, wqe->l3_csum, wqe->l4_csum);
    }
    if (wire_out(nic, buf, len, when_ns) && tls && frame.payload_bytes) {
        count_tls(nic, frame.payload_bytes);
    }
}

static uint8_t send_one(Cx6dxNic *nic, Cx6dxSq *sq, Cx6dxTis *tis,
                        const Cx6dxWqe *wqe, uint64_t *done_ns,
                        size_t *moved_bytes)
{
    uint8_t *buf = nic->tx_buf + CX6DX_TX_HEADROOM;
    size_t hdr_bytes = wqe->inline_hdr_bytes;
    uint8_t syndrome;
    size_t bytes;

    if (hdr_bytes) {
        memcpy(buf, wqe->inline_hdr, hdr_bytes);
    }
    syndrome = cx6dx_txpath_gather(nic, sq, wqe, 0, wqe->nsegs, buf + hdr_bytes,
                                   CX6DX_TX_MAX_PAYLOAD - hdr_bytes, &bytes,
                                   done_ns);
    if (syndrome) {
        return syndrome;
    }
    *moved_bytes += hdr_bytes + bytes;
    send_frame(nic, tis, wqe, buf, hdr_bytes + bytes, *done_ns);
    return 0;
}

/* Each segment is a frame */
static uint8_t send_multi(Cx6dxNic *nic, Cx6dxSq *sq, Cx6dxTis *tis,
                          const Cx6dxWqe *wqe, uint64_t *done_ns,
                          size_t *moved_bytes)
{
    uint8_t *buf = nic->tx_buf + CX6DX_TX_HEADROOM;
    uint8_t syndrome;
    unsigned i;
    size_t bytes;

    for (i = 0; i < wqe->nsegs; i++) {
        syndrome = cx6dx_txpath_gather(nic, sq, wqe, i, 1, buf,
                                       CX6DX_TX_MAX_PAYLOAD, &bytes, done_ns);
        if (syndrome) {
            return syndrome;
        }
        *moved_bytes += bytes + FRAME_COST_BYTES;
        send_frame(nic, tis, wqe, buf, bytes, *done_ns);
    }
    return 0;
}

/* ---- Segmentation ---- */

static void send_segments(Cx6dxNic *nic, Cx6dxSegmenter *seg, uint8_t *payload,
                          bool tls, uint64_t when_ns)
{
    uint8_t *frame = payload - seg->hdr_bytes;
    const uint8_t *data;
    size_t bytes;

    while (cx6dx_segmenter_next(seg, frame, &data, &bytes)) {
        if (wire_out(nic, frame, seg->hdr_bytes + bytes, when_ns) && tls &&
            bytes) {
            count_tls(nic, bytes);
        }
        frame += bytes;
    }
}

static uint8_t send_lso(Cx6dxNic *nic, Cx6dxSq *sq, Cx6dxTis *tis,
                        const Cx6dxWqe *wqe, uint64_t *done_ns,
                        size_t *moved_bytes)
{
    uint8_t *payload = nic->tx_buf + CX6DX_TX_HEADROOM;
    size_t hdr_bytes = wqe->inline_hdr_bytes;
    Cx6dxSegmenter seg;
    uint8_t syndrome;
    size_t bytes;

    if (!hdr_bytes || hdr_bytes > CX6DX_TX_HEADROOM || !wqe->mss) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_MALFORMED, sq->obj.id);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    syndrome = cx6dx_txpath_gather(nic, sq, wqe, 0, wqe->nsegs, payload,
                                   CX6DX_TX_MAX_PAYLOAD, &bytes, done_ns);
    if (syndrome) {
        return syndrome;
    }
    if (bytes > (size_t)wqe->mss * CX6DX_TX_MAX_SEGMENTS) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_SIZE, sq->obj.id);
        return CX6DX_CQE_SYNDROME_LOCAL_LENGTH;
    }
    if (!cx6dx_segmenter_init(&seg, wqe->inline_hdr, hdr_bytes, payload, bytes,
                              wqe->mss)) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_MALFORMED, sq->obj.id);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    *moved_bytes += bytes + DIV_ROUND_UP(bytes, wqe->mss) * FRAME_COST_BYTES;
    nic->stats.tx_lso_wqes++;
    nic->stats.tx_lso_udp_wqes += seg.frame.udp;
    if (tis->tls_en && !encrypt(nic, tis, &seg.frame, payload, bytes, wqe->mss,
                                true)) {
        return 0;
    }
    send_segments(nic, &seg, payload, tis->tls_en, *done_ns);
    return 0;
}

uint8_t cx6dx_txpath_send(Cx6dxNic *nic, Cx6dxSq *sq, const Cx6dxWqe *wqe,
                          uint64_t *done_ns, size_t *moved_bytes)
{
    uint32_t tisn = wqe->tis_tir_num ? wqe->tis_tir_num : sq->tisn;
    Cx6dxTis *tis = (Cx6dxTis *)cx6dx_obj_get(&nic->tises, tisn);

    if (!tis) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_TIS, tisn);
        return CX6DX_CQE_SYNDROME_LOCAL_QP_OP;
    }
    if (cx6dx_timing_on(&nic->timing)) {
        cx6dx_timing_tx_begin(&nic->timing, sq->doorbell_ns, *done_ns,
                              &sq->wire_ps);
    }
    switch (wqe->opcode) {
    case CX6DX_WQE_LSO:
        return send_lso(nic, sq, tis, wqe, done_ns, moved_bytes);
    case CX6DX_WQE_ENHANCED_MPSW:
        return send_multi(nic, sq, tis, wqe, done_ns, moved_bytes);
    default:
        return send_one(nic, sq, tis, wqe, done_ns, moved_bytes);
    }
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Receive side: steer, decrypt, choose a queue, place, complete; see rxpath.h
 *
 * Everything that could still make the frame wait is settled before the TLS
 * context sees it: a context must see each packet once.
 */
#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/fault.h"
#include "nic/flow.h"
#include "nic/nic.h"
#include "nic/port.h"
#include "nic/rq.h"
#include "nic/rxlro.h"
#include "nic/rxpath.h"
#include "nic/rxplace.h"
#include "nic/sight.h"
#include "nic/tir.h"
#include "pure/cqe.h"
#include "pure/frame.h"
#include "trace.h"

enum {
    MACS_BYTES = 12,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
};

/* A frame on its way through the stages */
typedef struct RxPacket {
    const uint8_t *buf;         /* what is delivered */
    size_t len;
    Cx6dxFrame frame;           /* as it came off the wire */
    Cx6dxFrameCsum csum;
    Cx6dxTir *tir;
    Cx6dxRq *rq;
    Cx6dxRqWqe wqe;
    uint32_t hash;
    uint32_t flow_tag;
    uint64_t ready_ns;          /* modelled: when it can be placed, or was */
    uint8_t tls_offload;
    bool vlan_stripped;
    bool in_scratch;            /* `buf` points into nic->rx_buf */
    bool processed;             /* its context has seen it, if it has one */
} RxPacket;

static void count_frame(Cx6dxStats *stats, const uint8_t *buf, size_t len)
{
    static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

    stats->rx_frames++;
    stats->rx_bytes += len;
    if (len && (buf[0] & 1)) {
        if (len >= sizeof(broadcast) &&
            !memcmp(buf, broadcast, sizeof(broadcast))) {
            stats->rx_broadcast_frames++;
            stats->rx_broadcast_bytes += len;
        } else {
            stats->rx_multicast_frames++;
            stats->rx_multicast_bytes += len;
        }
    }
}

/* ---- Steering and choice of a queue ---- */

/* Rules count a frame once, however often it is tried */
static Cx6dxFlowResult steer(Cx6dxNic *nic, const RxPacket *pkt)
{
    const Cx6dxRxSteered *waiting = &nic->rx_waiting;

    if (nic->rx_wait_since_ns && waiting->len == pkt->len &&
        !memcmp(waiting->head, pkt->buf, MIN(pkt->len, sizeof(waiting->head)))) {
        return (Cx6dxFlowResult) { waiting->tirn, waiting->flow_tag };
    }
    return cx6dx_flow_lookup(nic, pkt->buf, pkt->len, &pkt->frame);
}

static void remember(Cx6dxNic *nic, const RxPacket *pkt)
{
    Cx6dxRxSteered *waiting = &nic->rx_waiting;

    waiting->len = pkt->len;
    memcpy(waiting->head, pkt->buf, MIN(pkt->len, sizeof(waiting->head)));
    waiting->tirn = pkt->tir->obj.id;
    waiting->flow_tag = pkt->flow_tag;
}

static Cx6dxRq *choose_rq(Cx6dxNic *nic, RxPacket *pkt)
{
    uint32_t rqn = pkt->tir->rqn;
    Cx6dxRq *rq;

    if (pkt->tir->hash.fn != CX6DX_HASH_NONE &&
        pkt->tir->hash.selected_fields) {
        pkt->hash = cx6dx_frame_hash(&pkt->frame, &pkt->tir->hash);
    }
    if (pkt->tir->disp_type == CX6DX_TIR_INDIRECT) {
        rqn = cx6dx_rqt_lookup(nic, pkt->tir->rqtn, pkt->hash);
    }
    rq = (Cx6dxRq *)cx6dx_obj_get(&nic->rqs, rqn);
    return rq && rq->state == CX6DX_QUEUE_RDY ? rq : NULL;
}

/* True when the frame shall wait; when false it is dropped */
static bool wait_or_drop(Cx6dxNic *nic, Cx6dxRq *rq, bool may_wait)
{
    Cx6dxQCounter *counter;
    uint64_t now_ns;

    if (may_wait && rq->state == CX6DX_QUEUE_RDY && nic->port.pause_tx &&
        !rq->starved) {
        now_ns = cx6dx_nic_now(nic);
        if (!nic->rx_wait_since_ns) {
            nic->rx_wait_since_ns = MAX(now_ns, 1);
            cx6dx_nic_update_timer(nic);
            return true;
        }
        if (now_ns - nic->rx_wait_since_ns < CX6DX_RX_WAIT_NS) {
            return true;
        }
        /* one queue must not hold up the others for longer than that */
        rq->starved = true;
    }
    nic->stats.rx_out_of_buffer++;
    counter = (Cx6dxQCounter *)cx6dx_obj_get(&nic->q_counters, rq->counter_set);
    if (counter) {
        counter->out_of_buffer++;
    }
    trace_cx6dx_rxpath_no_wqe(nic->params.id, rq->obj.id, rq->cc);
    return false;
}

/* ---- TLS ---- */

static void count_verdict(Cx6dxStats *stats, Cx6dxTlsRxVerdict verdict,
                          size_t bytes)
{
    stats->tls_rx_packets++;
    switch (verdict) {
    case CX6DX_TLS_RX_DECRYPTED:
        stats->tls_rx_decrypted_packets++;
        stats->tls_rx_decrypted_bytes += bytes;
        break;
    case CX6DX_TLS_RX_RESYNC:
        stats->tls_rx_resync_requests++;
        break;
    case CX6DX_TLS_RX_AUTH_FAILED:
        stats->tls_rx_auth_failures++;
        break;
    default:
        break;
    }
}

/* Only what certainly is data of the connection reaches the context */
static bool is_tls_data(const RxPacket *pkt)
{
    const Cx6dxFrame *frame = &pkt->frame;

    return frame->tcp && frame->payload_bytes && !frame->frag &&
           pkt->csum.l3_ok && pkt->csum.l4_ok &&
           !(frame->tcp_flags & (TCP_SYN | TCP_RST | TCP_URG));
}

/* A packet on its way through the context while faults are armed */
static Cx6dxTlsRxVerdict faulty_tls(Cx6dxNic *nic, Cx6dxTir *tir,
                                    uint32_t tcp_sn, const uint8_t *in,
                                    uint8_t *out, size_t len)
{
    uint32_t tirn = tir->obj.id;
    Cx6dxTlsRxVerdict verdict;
    Cx6dxFaultRule rule;

    cx6dx_fault_evict(nic, tirn);
    if (cx6dx_fault(nic, CX6DX_FAULT_RX_LOSE_STATE, tirn, &rule)) {
        cx6dx_tls_rx_lose(tir->tls);
    }
    if (cx6dx_fault(nic, CX6DX_FAULT_RX_FORCE_RESYNC, tirn, &rule)) {
        cx6dx_tls_rx_distrust(tir->tls);
    }
    if (cx6dx_fault(nic, CX6DX_FAULT_RX_FALSE_HEADER, tirn, &rule) &&
        cx6dx_tls_rx_mislead(tir->tls, tcp_sn, len, rule.gap)) {
        return CX6DX_TLS_RX_RESYNC;
    }
    /* what the cipher does not reach is delivered as it came */
    memcpy(out, in, len);
    verdict = cx6dx_tls_rx_packet(tir->tls, tcp_sn, in, out, len);
    if (verdict == CX6DX_TLS_RX_DECRYPTED &&
        cx6dx_fault(nic, CX6DX_FAULT_RX_AUTH_FALSE_BAD, tirn, &rule)) {
        return CX6DX_TLS_RX_AUTH_FAILED;
    }
    if (verdict == CX6DX_TLS_RX_AUTH_FAILED &&
        cx6dx_fault(nic, CX6DX_FAULT_RX_AUTH_FALSE_GOOD, tirn, &rule)) {
        return CX6DX_TLS_RX_DECRYPTED;
    }
    return verdict;
}

static void run_tls(Cx6dxNic *nic, RxPacket *pkt)
{
    static const uint8_t offload[CX6DX_TLS_RX_VERDICTS] = {
        [CX6DX_TLS_RX_PASSED] = CX6DX_CQE_TLS_NOT_DECRYPTED,
        [CX6DX_TLS_RX_DECRYPTED] = CX6DX_CQE_TLS_DECRYPTED,
        [CX6DX_TLS_RX_RESYNC] = CX6DX_CQE_TLS_RESYNC,
        [CX6DX_TLS_RX_AUTH_FAILED] = CX6DX_CQE_TLS_ERROR,
    };
    const Cx6dxFrame *frame = &pkt->frame;
    const uint8_t *in = pkt->buf + frame->payload_off;
    size_t end = (size_t)frame->payload_off + frame->payload_bytes;
    Cx6dxTlsRxVerdict verdict;
    Cx6dxSightRx before;

    cx6dx_sight_rx_begin(nic, pkt->tir, frame, &before);
    if (__builtin_expect(nic->faults.armed, 0)) {
        verdict = faulty_tls(nic, pkt->tir, frame->tcp_sn, in,
                             nic->rx_buf + frame->payload_off,
                             frame->payload_bytes);
    } else {
        verdict = cx6dx_tls_rx_packet(pkt->tir->tls, frame->tcp_sn, in,
                                      nic->rx_buf + frame->payload_off,
                                      frame->payload_bytes);
    }
    if (before.on) {
        cx6dx_sight_rx_packet(nic, pkt->tir, frame, in, &before,
                              cx6dx_tls_rx_outcome(pkt->tir->tls, verdict));
    }
    count_verdict(&nic->stats, verdict, frame->payload_bytes);
    pkt->tls_offload = offload[verdict];
    if (verdict == CX6DX_TLS_RX_DECRYPTED) {
        memcpy(nic->rx_buf, pkt->buf, frame->payload_off);
        memcpy(nic->rx_buf + end, pkt->buf + end, pkt->len - end);
        pkt->buf = nic->rx_buf;
        pkt->in_scratch = true;
    }
}

/* ---- Delivery ---- */

static void to_scratch(Cx6dxNic *nic, RxPacket *pkt)
{
    if (!pkt->in_scratch) {
        memcpy(nic->rx_buf, pkt->buf, pkt->len);
        pkt->buf = nic->rx_buf;
        pkt->in_scratch = true;
    }
}

static void strip_vlan(Cx6dxNic *nic, RxPacket *pkt)
{
    to_scratch(nic, pkt);
    memmove(nic->rx_buf + CX6DX_FRAME_VLAN_BYTES, nic->rx_buf, MACS_BYTES);
    pkt->buf += CX6DX_FRAME_VLAN_BYTES;
    pkt->len -= CX6DX_FRAME_VLAN_BYTES;
    pkt->vlan_stripped = true;
}

/* IEEE 802.3, 3.2.9; only for queues that want to see it */
static uint32_t crc32(const uint8_t *buf, size_t len)
{
    uint32_t crc = 0xffffffff;

    while (len--) {
        crc ^= *buf++;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return ~crc;
}

static void append_fcs(Cx6dxNic *nic, RxPacket *pkt)
{
    uint32_t fcs = crc32(pkt->buf, pkt->len);
    uint8_t *to;

    to_scratch(nic, pkt);
    to = nic->rx_buf + (pkt->buf - nic->rx_buf) + pkt->len;
    for (unsigned i = 0; i < CX6DX_FRAME_FCS_BYTES; i++) {
        to[i] = fcs >> (8 * i);
    }
    pkt->len += CX6DX_FRAME_FCS_BYTES;
}

static uint8_t l4_hdr_type(const Cx6dxFrame *frame)
{
    if (frame->udp) {
        return CX6DX_CQE_L4_UDP;
    }
    if (!frame->tcp) {
        return CX6DX_CQE_L4_NONE;
    }
    if (!(frame->tcp_flags & TCP_ACK)) {
        return CX6DX_CQE_L4_TCP_NO_ACK;
    }
    return frame->payload_bytes ? CX6DX_CQE_L4_TCP_ACK_DATA
                                : CX6DX_CQE_L4_TCP_ACK_NO_DATA;
}

/* What the hash in the completion covers; nothing unless it is Toeplitz */
static void describe_hash(const RxPacket *pkt, Cx6dxRxCqe *cqe)
{
    const Cx6dxHashSpec *spec = &pkt->tir->hash;
    const Cx6dxFrame *frame = &pkt->frame;

    if (spec->fn != CX6DX_HASH_TOEPLITZ || !spec->selected_fields ||
        !frame->ip_version) {
        return;
    }
    cqe->rss_hash = pkt->hash;
    cqe->rss_hash_ip = frame->ip_version == 4 ? CX6DX_CQE_RSS_IP_V4
                                              : CX6DX_CQE_RSS_IP_V6;
    if (spec->selected_fields & (CX6DX_HASH_L4_SPORT | CX6DX_HASH_L4_DPORT)) {
        cqe->rss_hash_l4 = frame->tcp ? CX6DX_CQE_RSS_L4_TCP :
                           frame->udp ? CX6DX_CQE_RSS_L4_UDP : 0;
    }
}

/* The completion of the frame, which is where it belongs */
static void describe(Cx6dxNic *nic, const RxPacket *pkt, Cx6dxRxCqe *cqe)
{
    const Cx6dxFrame *frame = &pkt->frame;
    bool striding = pkt->rq->striding;

    *cqe = (Cx6dxRxCqe) {
        .wqe_id = striding ? pkt->wqe.index : 0,
        .wqe_counter = striding ? pkt->wqe.stride : pkt->wqe.index,
        .strides = striding ? cx6dx_rq_strides(pkt->rq, pkt->len) : 0,
        .byte_cnt = pkt->len,
        .check_sum = pkt->csum.ip_sum,
        .l3_ok = pkt->csum.l3_ok,
        .l4_ok = pkt->csum.l4_ok,
        .l4_hdr_type = l4_hdr_type(frame),
        .l3_hdr_type = frame->ip_version == 4 ? CX6DX_CQE_L3_IPV4 :
                       frame->ip_version == 6 ? CX6DX_CQE_L3_IPV6 :
                       CX6DX_CQE_L3_NONE,
        .vlan_stripped = pkt->vlan_stripped,
        .vlan_tci = pkt->vlan_stripped ? frame->vlan_tci : 0,
        .tls_offload = pkt->tls_offload,
        .flow_tag = pkt->flow_tag,
        .timestamp = cx6dx_nic_now(nic),
    };
    describe_hash(pkt, cqe);
}

static bool strips_vlan(const RxPacket *pkt)
{
    return pkt->frame.cvlan && !pkt->rq->vsd;
}

static size_t delivered_bytes(const RxPacket *pkt)
{
    return pkt->len - (strips_vlan(pkt) ? CX6DX_FRAME_VLAN_BYTES : 0) +
           (pkt->rq->scatter_fcs ? CX6DX_FRAME_FCS_BYTES : 0);
}

/* False when the queue has no work request now */
static bool take_wqe(Cx6dxNic *nic, RxPacket *pkt)
{
    while (cx6dx_rq_ready(nic, pkt->rq) &&
           cx6dx_rq_peek(nic, pkt->rq, &pkt->wqe)) {
        if (!pkt->rq->stride || delivered_bytes(pkt) <= pkt->wqe.bytes) {
            return true;
        }
        cx6dx_rxplace_filler(nic, pkt->rq);
    }
    return false;
}

/* What happens to the frame on the way: time, and with TLS its context */
static void process(Cx6dxNic *nic, RxPacket *pkt)
{
    bool tls = pkt->tir->tls_en && is_tls_data(pkt);

    if (tls) {
        run_tls(nic, pkt);
    } else if (pkt->tir->tls_en) {
        cx6dx_sight_rx_unfit(nic, pkt->tir, &pkt->frame,
                             pkt->csum.l3_ok && pkt->csum.l4_ok);
    }
    pkt->processed = true;
    if (!cx6dx_timing_on(&nic->timing)) {
        return;
    }
    pkt->ready_ns = cx6dx_timing_rx_frame(&nic->timing, cx6dx_nic_now(nic));
    if (tls) {
        pkt->ready_ns =
            cx6dx_timing_rx_tls(&nic->timing, pkt->ready_ns,
                                CX6DX_TIMING_TIR(pkt->tir->obj.id),
                                pkt->frame.payload_bytes, &pkt->tir->flow);
    }
}

/* Of a TLS connection only what was decrypted is merged */
static bool begins_session(const RxPacket *pkt)
{
    uint32_t more = strips_vlan(pkt) ? CX6DX_FRAME_VLAN_BYTES : 0;

    return pkt->tir->lro_mask &&
           (!pkt->tir->tls_en || pkt->tls_offload == CX6DX_CQE_TLS_DECRYPTED) &&
           cx6dx_rxlro_begins(pkt->rq, pkt->tir, pkt->wqe.bytes + more, pkt->buf,
                              pkt->len, &pkt->frame, &pkt->csum);
}

/*
 * True when the frame became part of the queue's session.  Else none is open any
 * more: it was closed before this frame.
 */
static bool join_session(Cx6dxNic *nic, RxPacket *pkt)
{
    Cx6dxRq *rq = pkt->rq;

    if (cx6dx_rxlro_follows(rq, pkt->tir, pkt->flow_tag, pkt->buf, pkt->len,
                            &pkt->frame, &pkt->csum) &&
        /* if the verdict differs it must not wait for another work request */
        (!pkt->tir->tls_en || cx6dx_rq_has_next(nic, rq))) {
        process(nic, pkt);
        if (pkt->tls_offload == rq->lro->cqe.tls_offload) {
            cx6dx_rxlro_add(nic, rq, pkt->buf, &pkt->frame, &pkt->csum,
                            pkt->ready_ns);
            return true;
        }
    }
    cx6dx_rxlro_close(nic, rq);
    return false;
}

/* The frame has a queue with a work request: nothing can make it wait now */
static void deliver(Cx6dxNic *nic, RxPacket *pkt)
{
    size_t len = delivered_bytes(pkt);
    Cx6dxRxTimes times;
    Cx6dxRxCqe cqe;
    bool session;

    if (len > pkt->wqe.bytes) {
        nic->stats.rx_oversize++;
        trace_cx6dx_rxpath_oversize(nic->params.id, pkt->rq->obj.id, len);
        return;
    }
    if (!pkt->processed) {
        process(nic, pkt);
    }
    session = begins_session(pkt);
    if (strips_vlan(pkt)) {
        strip_vlan(nic, pkt);
    }
    if (pkt->rq->scatter_fcs) {
        append_fcs(nic, pkt);
    }
    if (!cx6dx_rxplace_write(nic, pkt->rq, &pkt->wqe, 0, pkt->buf, pkt->len,
                             &pkt->ready_ns)) {
        return;
    }
    describe(nic, pkt, &cqe);
    times = (Cx6dxRxTimes) {
        .wire_ns = cqe.timestamp,
        .ready_ns = pkt->ready_ns,
        .flow = pkt->tir->tls_en ? &pkt->tir->flow : NULL,
    };
    if (session) {
        cx6dx_rxlro_hold(nic, pkt->rq, pkt->tir, &pkt->wqe, &cqe, &times);
        return;
    }
    cx6dx_rxplace_consume(pkt->rq, pkt->len);
    cx6dx_rxplace_complete(nic, pkt->rq, &cqe, &times);
}

static Cx6dxRxResult receive(Cx6dxNic *nic, const uint8_t *buf, size_t len,
                             bool own)
{
    Cx6dxFlowResult flow;
    const Cx6dxCq *cq;
    RxPacket pkt;

    memset(&pkt, 0, offsetof(RxPacket, wqe));
    pkt.hash = 0;
    pkt.tls_offload = CX6DX_CQE_TLS_NOT_DECRYPTED;
    pkt.vlan_stripped = false;
    pkt.in_scratch = false;
    pkt.processed = false;
    pkt.ready_ns = 0;
    pkt.buf = buf;
    pkt.len = len;
    if (!cx6dx_port_up(nic) || !cx6dx_frame_parse(buf, len, &pkt.frame)) {
        nic->stats.rx_no_queue++;
        return CX6DX_RX_TAKEN;
    }
    if (len + CX6DX_FRAME_FCS_BYTES > nic->port.mtu) {
        nic->stats.rx_oversize++;
        return CX6DX_RX_TAKEN;
    }
    flow = steer(nic, &pkt);
    if (!flow.tirn) {
        nic->stats.rx_steering_drops++;
        return CX6DX_RX_TAKEN;
    }
    pkt.flow_tag = flow.flow_tag;
    pkt.tir = (Cx6dxTir *)cx6dx_obj_get(&nic->tirs, flow.tirn);
    if (own && pkt.tir &&
        !(pkt.tir->self_lb_block & CX6DX_SELF_LB_UNICAST)) {
        return CX6DX_RX_TAKEN;
    }
    pkt.rq = pkt.tir ? choose_rq(nic, &pkt) : NULL;
    cq = pkt.rq ? (const Cx6dxCq *)cx6dx_obj_get(&nic->cqs, pkt.rq->cqn) : NULL;
    if (!cq || cq->failed) {
        nic->stats.rx_no_queue++;
        return CX6DX_RX_TAKEN;
    }
    cx6dx_frame_verify(buf, len, &pkt.frame, &pkt.csum);
    if (cx6dx_rxlro_is_open(pkt.rq) && join_session(nic, &pkt)) {
        return CX6DX_RX_TAKEN;
    }
    if (!take_wqe(nic, &pkt)) {
        if (!wait_or_drop(nic, pkt.rq, !own)) {
            return CX6DX_RX_TAKEN;
        }
        remember(nic, &pkt);
        return CX6DX_RX_WAIT;
    }
    deliver(nic, &pkt);
    return CX6DX_RX_TAKEN;
}

Cx6dxRxResult cx6dx_rxpath_arrived(Cx6dxNic *nic, const uint8_t *buf,
                                   size_t len)
{
    Cx6dxRxResult result = receive(nic, buf, len, false);

    if (result == CX6DX_RX_TAKEN) {
        nic->rx_wait_since_ns = 0;
        count_frame(&nic->stats, buf, len);
        cx6dx_ppcnt_rx(nic, buf, len);
    }
    return result;
}

void cx6dx_rxpath_loop_back(Cx6dxNic *nic, const uint8_t *buf, size_t len)
{
    receive(nic, buf, len, true);
}

Cx6dxRxResult cx6dx_rxpath_receive(Cx6dxNic *nic, const uint8_t *buf,
                                   size_t len)
{
    uint64_t when_ns;

    if (!cx6dx_timing_on(&nic->timing)) {
        return cx6dx_rxpath_arrived(nic, buf, len);
    }
    if (len > CX6DX_RX_MAX_BYTES || !cx6dx_defer_room(nic)) {
        /* more than the port's own buffer holds */
        nic->stats.rx_out_of_buffer++;
        count_frame(&nic->stats, buf, len);
        cx6dx_ppcnt_rx(nic, buf, len);
        return CX6DX_RX_TAKEN;
    }
    when_ns = cx6dx_timing_wire_rx(&nic->timing, cx6dx_nic_now(nic), len);
    cx6dx_defer_frame_in(nic, when_ns, buf, len);
    return CX6DX_RX_TAKEN;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory and completions of receive queues; see rxplace.h
 */
#include "qemu/osdep.h"
#include "nic/cq.h"
#include "nic/nic.h"
#include "nic/res.h"
#include "nic/rxplace.h"

/* False: the key or the memory is not right */
static bool write_seg(Cx6dxNic *nic, Cx6dxRq *rq, const Cx6dxRqSeg *seg,
                      size_t skip, const uint8_t *buf, size_t len)
{
    uint64_t addr = seg->addr + skip;

    switch (cx6dx_mkey_write(nic, seg->lkey, rq->pdn, addr, buf, len)) {
    case CX6DX_MKEY_PROTECTION:
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_LKEY, seg->lkey);
        cx6dx_rq_fail(nic, rq, CX6DX_CQE_SYNDROME_LOCAL_PROT);
        return false;
    case CX6DX_MKEY_DMA:
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_WQE_DMA, addr);
        cx6dx_rq_fail(nic, rq, CX6DX_CQE_SYNDROME_LOCAL_ACCESS);
        return false;
    default:
        return true;
    }
}

bool cx6dx_rxplace_write(Cx6dxNic *nic, Cx6dxRq *rq, const Cx6dxRqWqe *wqe,
                         size_t at, const uint8_t *buf, size_t len,
                         uint64_t *ready_ns)
{
    const Cx6dxRqSeg *seg = wqe->segs;
    size_t bytes;

    while (at >= seg->bytes && len) {
        at -= seg->bytes;
        seg++;
    }
    for (; len; seg++, at = 0) {
        bytes = MIN(len, seg->bytes - at);
        if (!write_seg(nic, rq, seg, at, buf, bytes)) {
            return false;
        }
        if (cx6dx_timing_on(&nic->timing)) {
            *ready_ns = cx6dx_timing_dma_write(&nic->timing,
                                               CX6DX_TIMING_RECV_DATA,
                                               *ready_ns, bytes);
        }
        buf += bytes;
        len -= bytes;
    }
    return true;
}

void cx6dx_rxplace_consume(Cx6dxRq *rq, size_t len)
{
    if (rq->striding) {
        cx6dx_rq_consume_strides(rq, cx6dx_rq_strides(rq, len));
    } else {
        cx6dx_rq_consume(rq);
    }
}

void cx6dx_rxplace_complete(Cx6dxNic *nic, Cx6dxRq *rq, const Cx6dxRxCqe *cqe,
                            const Cx6dxRxTimes *times)
{
    uint8_t buf[CX6DX_cqe_BYTES];
    uint64_t when_ns;

    cx6dx_cqe_encode_rx(cqe, buf);
    if (!cx6dx_timing_on(&nic->timing)) {
        cx6dx_cq_post(nic, rq->cqn, buf, false);
        return;
    }
    when_ns = cx6dx_timing_rx_done(&nic->timing, times->wire_ns,
                                   times->ready_ns, &rq->done_ns,
                                   CX6DX_cqe_BYTES, times->flow);
    /* also when the latency became shorter meanwhile */
    rq->seen_ns = MAX(when_ns, rq->seen_ns);
    cx6dx_defer_cqe(nic, rq->seen_ns, rq->cqn, buf, false,
                    CX6DX_DEFER_RQ(rq->obj.id));
}

void cx6dx_rxplace_filler(Cx6dxNic *nic, Cx6dxRq *rq)
{
    uint64_t now_ns = cx6dx_nic_now(nic);
    uint32_t left = cx6dx_rq_strides_left(rq);
    Cx6dxRxTimes times = { .wire_ns = now_ns, .ready_ns = now_ns };
    Cx6dxRxCqe cqe = {
        .wqe_id = rq->head,
        .wqe_counter = rq->stride,
        .strides = left,
        .filler = true,
    };

    cx6dx_rq_consume_strides(rq, left);
    cx6dx_rxplace_complete(nic, rq, &cqe, &times);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The PCIe link; see timing_pcie.h
 *
 * Constants are published: TLP overheads, DLLP and SKP rates of the pcie-model
 * program of the SIGCOMM 2018 paper, which takes them from the PCI Express Base
 * Specification (tables of the ACK latency limit and of the guideline for flow
 * control updates).
 */
#include "qemu/osdep.h"
#include "pure/timing_pcie.h"

enum {
    /* framing 2 + sequence 2 + header + LCRC 4, 64-bit addresses */
    MWR_BYTES = 24,
    MRD_BYTES = 24,
    CPLD_BYTES = 20,
    DOORBELL_BYTES = 8,
};

/* A tag that seems in use for 18 minutes is one that was not used for months */
#define LONGEST_WAIT_PS (1ull << 50)

/* ---- Closed form ---- */

/*
 * Bytes of TLPs for each ACK, and as many for each flow control update
 * (published): (MPS + 28) * factor / lanes + 115 symbol times of the receiver.
 * The factor, here in tenths, falls with the payload and grows with the width.
 */
static uint32_t dllp_limit_bytes(const Cx6dxTimingParams *params)
{
    bool small = params->pcie_mps_bytes <= 256;
    uint32_t tenths;

    switch (params->pcie_lanes) {
    case 16:
        tenths = small ? 30 : 20;
        break;
    case 8:
        tenths = small ? 25 : 10;
        break;
    default:
        tenths = small ? 14 : 10;
        break;
    }
    return (params->pcie_mps_bytes + 28) * tenths / 10 / params->pcie_lanes +
           115;
}

/*
 * Of the raw rate, GT/s * 128/130 * lanes, an 8-byte ACK and an 8-byte update in
 * every `limit` bytes and 4 bytes of SKP in 1538 are lost:
 *
 *     8 bits * 130/128 / (GT/s * lanes) / (1 - 16/limit - 4/1538)  ns a byte
 *
 * as a fraction of whole numbers, in ps, with the common factors taken out.
 */
Cx6dxRate cx6dx_timing_pcie_rate(const Cx6dxTimingParams *params)
{
    uint64_t limit = dllp_limit_bytes(params);
    uint64_t gts = 8u << (params->pcie_gen - 3);

    return (Cx6dxRate) {
        .num = 8125 * 769 * limit,
        .den = gts * params->pcie_lanes * (767 * limit - 16 * 769),
    };
}

uint64_t cx6dx_timing_pcie_write_bytes(const Cx6dxTimingParams *params,
                                       uint32_t bytes)
{
    uint64_t tlps = DIV_ROUND_UP((uint64_t)bytes, params->pcie_mps_bytes);

    return bytes + tlps * MWR_BYTES;
}

void cx6dx_timing_pcie_read_bytes(const Cx6dxTimingParams *params,
                                  uint32_t bytes, uint64_t *up_bytes,
                                  uint64_t *down_bytes)
{
    uint32_t piece = params->pcie_rcb_bytes ? params->pcie_rcb_bytes
                                            : params->pcie_mps_bytes;

    *up_bytes = DIV_ROUND_UP((uint64_t)bytes, params->pcie_mrrs_bytes) *
                MRD_BYTES;
    *down_bytes = bytes + DIV_ROUND_UP((uint64_t)bytes, piece) * CPLD_BYTES;
}

/* ---- Operations ---- */

void cx6dx_pcie_set(Cx6dxPcie *pcie, const Cx6dxTimingParams *params)
{
    pcie->rate = cx6dx_timing_pcie_rate(params);
    pcie->engine_rate = cx6dx_rate_ps(params->dma_engine_ps);
    pcie->mps = params->pcie_mps_bytes;
    pcie->mrrs = params->pcie_mrrs_bytes;
    pcie->piece = params->pcie_rcb_bytes ? params->pcie_rcb_bytes
                                         : params->pcie_mps_bytes;
    if (pcie->tags != params->pcie_tags) {
        /* those in flight are taken to be complete */
        pcie->next_tag = 0;
        pcie->oldest_tag = 0;
        pcie->tags_in_use = 0;
        memset(pcie->tag_used, 0, sizeof(pcie->tag_used));
    }
    pcie->tags = params->pcie_tags;
    pcie->read_latency_ps = (uint64_t)params->dma_read_latency_ns * 1000;
    /* what was owed for another rate is below one picosecond */
    pcie->up.rem = 0;
    pcie->down.rem = 0;
    pcie->engine.rem = 0;
}

void cx6dx_pcie_reset(Cx6dxPcie *pcie)
{
    memset(&pcie->up, 0, sizeof(*pcie) - offsetof(Cx6dxPcie, up));
}

/* When the request for the next tag can go */
static uint64_t wait_for_tag(Cx6dxPcie *pcie, uint64_t at_ps)
{
    uint64_t free_ps = pcie->tag_free_ps[pcie->next_tag];

    /* more than LONGEST_WAIT_PS ahead is a time long past */
    if (!pcie->tag_used[pcie->next_tag] || !cx6dx_ps_after(free_ps, at_ps) ||
        free_ps - at_ps > LONGEST_WAIT_PS) {
        return at_ps;
    }
    pcie->tag_stalls++;
    pcie->tag_stall_ps += free_ps - at_ps;
    return free_ps;
}

static uint32_t tag_after(const Cx6dxPcie *pcie, uint32_t tag)
{
    return tag + 1 == pcie->tags ? 0 : tag + 1;
}

/* From `begin_ps` on, when the oldest ones may have been free for long */
static void use_tag(Cx6dxPcie *pcie, uint64_t begin_ps, uint64_t end_ps)
{
    while (pcie->tags_in_use &&
           !cx6dx_ps_after(pcie->tag_free_ps[pcie->oldest_tag], begin_ps)) {
        pcie->oldest_tag = tag_after(pcie, pcie->oldest_tag);
        pcie->tags_in_use--;
    }
    if (pcie->tags_in_use == pcie->tags) {
        /* the time of the oldest is one that cannot be told any more */
        pcie->oldest_tag = tag_after(pcie, pcie->oldest_tag);
        pcie->tags_in_use--;
    }
    pcie->tags_in_use++;
    pcie->most_tags = MAX(pcie->most_tags, pcie->tags_in_use);
    pcie->tag_free_ps[pcie->next_tag] = end_ps;
    pcie->tag_used[pcie->next_tag] = true;
    pcie->next_tag = tag_after(pcie, pcie->next_tag);
}

uint64_t cx6dx_pcie_read(Cx6dxPcie *pcie, uint64_t at_ps, uint32_t bytes)
{
    uint64_t end_ps = at_ps;
    uint64_t off = 0, next, pieces;

    pcie->read_bytes += bytes;
    for (uint64_t pieces_done = 0; off < bytes; off = next) {
        uint64_t from_ps = pcie->tags ? wait_for_tag(pcie, at_ps) : at_ps;
        Cx6dxSpan request, answer;

        next = MIN(off + pcie->mrrs, (uint64_t)bytes);
        pieces = DIV_ROUND_UP(next, pcie->piece);
        request = cx6dx_timeline_take(&pcie->up, from_ps, MRD_BYTES,
                                      pcie->rate);
        from_ps = request.end + pcie->read_latency_ps;
        answer = cx6dx_timeline_take(&pcie->down, from_ps, next - off +
                                     (pieces - pieces_done) * CPLD_BYTES,
                                     pcie->rate);
        pieces_done = pieces;
        if (pcie->engine_rate.num) {
            from_ps = cx6dx_timeline_take(&pcie->engine, from_ps, next - off,
                                          pcie->engine_rate).end;
            answer.end = cx6dx_ps_max(answer.end, from_ps);
        }
        end_ps = cx6dx_ps_max(answer.end, end_ps);
        if (pcie->tags) {
            use_tag(pcie, request.begin, answer.end);
        }
    }
    return end_ps;
}

uint64_t cx6dx_pcie_write(Cx6dxPcie *pcie, uint64_t at_ps, uint32_t bytes)
{
    uint64_t tlps = DIV_ROUND_UP((uint64_t)bytes, pcie->mps);

    pcie->write_bytes += bytes;
    return cx6dx_timeline_take(&pcie->up, at_ps, bytes + tlps * MWR_BYTES,
                               pcie->rate).end;
}

uint64_t cx6dx_pcie_doorbell(Cx6dxPcie *pcie, uint64_t at_ps)
{
    return cx6dx_timeline_take(&pcie->down, at_ps, DOORBELL_BYTES + MWR_BYTES,
                               pcie->rate).end;
}

void cx6dx_pcie_archive(Cx6dxPcie *pcie, Cx6dxArchive *ar)
{
    cx6dx_timeline_archive(&pcie->up, ar);
    cx6dx_timeline_archive(&pcie->down, ar);
    cx6dx_timeline_archive(&pcie->engine, ar);
    cx6dx_ar(ar, &pcie->next_tag);
    cx6dx_ar(ar, &pcie->oldest_tag);
    cx6dx_ar(ar, &pcie->tags_in_use);
    cx6dx_ar_check(ar, pcie->next_tag < MAX(pcie->tags, 1) &&
                       pcie->oldest_tag < MAX(pcie->tags, 1) &&
                       pcie->tags_in_use <= pcie->tags,
                   "there is no such tag");
    for (uint32_t i = 0; i < pcie->tags && cx6dx_ar_good(ar); i++) {
        cx6dx_ar(ar, &pcie->tag_used[i]);
        if (pcie->tag_used[i]) {
            cx6dx_ar(ar, &pcie->tag_free_ps[i]);
        }
    }
    if (!cx6dx_ar_good(ar) && ar->loading) {
        cx6dx_pcie_reset(pcie);
    }
    cx6dx_ar(ar, &pcie->tag_stall_ps);
    cx6dx_ar(ar, &pcie->tag_stalls);
    cx6dx_ar(ar, &pcie->most_tags);
    cx6dx_ar(ar, &pcie->read_bytes);
    cx6dx_ar(ar, &pcie->write_bytes);
}

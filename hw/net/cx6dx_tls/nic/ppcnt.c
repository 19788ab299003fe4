/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counters of the physical port; see ppcnt.h (PRM "Ports Performance Counters")
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/ppcnt.h"
#include "pure/frame.h"

enum { TPID_OFF = 12, TPID_CVLAN = 0x8100, LEAST_BYTES = 64 };

void cx6dx_ppcnt_reset(Cx6dxNic *nic)
{
    nic->ppcnt = (Cx6dxPpcnt) { .link_downs = 0 };
}

/* ---- Counting ---- */

static size_t wire_bytes(size_t len)
{
    return MAX(len + CX6DX_FRAME_FCS_BYTES, (size_t)LEAST_BYTES);
}

static unsigned priority(const uint8_t *buf, size_t len)
{
    if (len < TPID_OFF + CX6DX_FRAME_VLAN_BYTES ||
        (buf[TPID_OFF] << 8 | buf[TPID_OFF + 1]) != TPID_CVLAN) {
        return 0;
    }
    return buf[TPID_OFF + 2] >> 5;
}

void cx6dx_ppcnt_rx(Cx6dxNic *nic, const uint8_t *buf, size_t len)
{
    /* the longest of each class but the last, which takes the rest */
    static const uint16_t longest[CX6DX_PPCNT_SIZES - 1] = {
        64, 127, 255, 511, 1023, 1518, 2047, 4095, 8191,
    };
    unsigned prio = priority(buf, len);
    size_t bytes = wire_bytes(len);
    unsigned i = 0;

    while (i < ARRAY_SIZE(longest) && bytes > longest[i]) {
        i++;
    }
    nic->ppcnt.rx_sizes[i]++;
    nic->ppcnt.prio[prio].rx_frames++;
    nic->ppcnt.prio[prio].rx_bytes += bytes;
}

void cx6dx_ppcnt_tx(Cx6dxNic *nic, const uint8_t *buf, size_t len)
{
    unsigned prio = priority(buf, len);

    nic->ppcnt.prio[prio].tx_frames++;
    nic->ppcnt.prio[prio].tx_bytes += wire_bytes(len);
}

/* ---- The register ---- */

#define CNT(layout, name, value)                                     \
    do {                                                             \
        uint64_t v64_ = (value);                                     \
        CX6DX_SET(layout, set, name##_high, (uint32_t)(v64_ >> 32)); \
        CX6DX_SET(layout, set, name##_low, (uint32_t)v64_);          \
    } while (0)

/* On the port, octets include the FCS */
static uint64_t octets(uint64_t bytes, uint64_t frames)
{
    return bytes + frames * CX6DX_FRAME_FCS_BYTES;
}

static void fill_802_3(const Cx6dxStats *s, uint8_t *set)
{
    CNT(ppcnt_802_3, a_frames_transmitted_ok, s->tx_frames);
    CNT(ppcnt_802_3, a_frames_received_ok, s->rx_frames);
    CNT(ppcnt_802_3, a_octets_transmitted_ok, octets(s->tx_bytes, s->tx_frames));
    CNT(ppcnt_802_3, a_octets_received_ok, octets(s->rx_bytes, s->rx_frames));
    CNT(ppcnt_802_3, a_multicast_frames_xmitted_ok, s->tx_multicast_frames);
    CNT(ppcnt_802_3, a_broadcast_frames_xmitted_ok, s->tx_broadcast_frames);
    CNT(ppcnt_802_3, a_multicast_frames_received_ok, s->rx_multicast_frames);
    CNT(ppcnt_802_3, a_broadcast_frames_received_ok, s->rx_broadcast_frames);
    CNT(ppcnt_802_3, a_frame_too_long_errors, s->rx_oversize);
}

static void fill_2863(const Cx6dxStats *s, uint8_t *set)
{
    CNT(ppcnt_2863, if_in_octets, octets(s->rx_bytes, s->rx_frames));
    CNT(ppcnt_2863, if_in_ucast_pkts, s->rx_frames - s->rx_multicast_frames -
                                      s->rx_broadcast_frames);
    CNT(ppcnt_2863, if_in_errors, s->rx_oversize);
    CNT(ppcnt_2863, if_out_octets, octets(s->tx_bytes, s->tx_frames));
    CNT(ppcnt_2863, if_out_ucast_pkts, s->tx_frames - s->tx_multicast_frames -
                                       s->tx_broadcast_frames);
    CNT(ppcnt_2863, if_out_errors, s->tx_dropped);
    CNT(ppcnt_2863, if_in_multicast_pkts, s->rx_multicast_frames);
    CNT(ppcnt_2863, if_in_broadcast_pkts, s->rx_broadcast_frames);
    CNT(ppcnt_2863, if_out_multicast_pkts, s->tx_multicast_frames);
    CNT(ppcnt_2863, if_out_broadcast_pkts, s->tx_broadcast_frames);
}

static void fill_2819(const Cx6dxNic *nic, uint8_t *set)
{
    const uint64_t *sizes = nic->ppcnt.rx_sizes;
    const Cx6dxStats *s = &nic->stats;

    CNT(ppcnt_2819, ether_stats_octets, octets(s->rx_bytes, s->rx_frames));
    CNT(ppcnt_2819, ether_stats_pkts, s->rx_frames);
    CNT(ppcnt_2819, ether_stats_broadcast_pkts, s->rx_broadcast_frames);
    CNT(ppcnt_2819, ether_stats_multicast_pkts, s->rx_multicast_frames);
    CNT(ppcnt_2819, ether_stats_oversize_pkts, s->rx_oversize);
    CNT(ppcnt_2819, ether_stats_pkts64octets, sizes[0]);
    CNT(ppcnt_2819, ether_stats_pkts65to127octets, sizes[1]);
    CNT(ppcnt_2819, ether_stats_pkts128to255octets, sizes[2]);
    CNT(ppcnt_2819, ether_stats_pkts256to511octets, sizes[3]);
    CNT(ppcnt_2819, ether_stats_pkts512to1023octets, sizes[4]);
    CNT(ppcnt_2819, ether_stats_pkts1024to1518octets, sizes[5]);
    CNT(ppcnt_2819, ether_stats_pkts1519to2047octets, sizes[6]);
    CNT(ppcnt_2819, ether_stats_pkts2048to4095octets, sizes[7]);
    CNT(ppcnt_2819, ether_stats_pkts4096to8191octets, sizes[8]);
    CNT(ppcnt_2819, ether_stats_pkts8192to10239octets, sizes[9]);
}

static void fill_per_prio(const Cx6dxPpcnt *ppcnt, unsigned prio, uint8_t *set)
{
    CNT(ppcnt_per_prio, rx_octets, ppcnt->prio[prio].rx_bytes);
    CNT(ppcnt_per_prio, rx_frames, ppcnt->prio[prio].rx_frames);
    CNT(ppcnt_per_prio, tx_octets, ppcnt->prio[prio].tx_bytes);
    CNT(ppcnt_per_prio, tx_frames, ppcnt->prio[prio].tx_frames);
}

#undef CNT

uint8_t cx6dx_ppcnt_reg(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                        const uint8_t *in, uint8_t *out)
{
    uint8_t *set = CX6DX_AREA(ppcnt_reg, out, counter_set);
    uint32_t prio = CX6DX_GET(ppcnt_reg, in, prio_tc);

    if (write || CX6DX_GET(ppcnt_reg, in, clr)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    switch (CX6DX_GET(ppcnt_reg, in, grp)) {
    case CX6DX_PPCNT_IEEE_802_3:
        fill_802_3(&nic->stats, set);
        return CX6DX_STATUS_OK;
    case CX6DX_PPCNT_RFC_2863:
        fill_2863(&nic->stats, set);
        return CX6DX_STATUS_OK;
    case CX6DX_PPCNT_RFC_2819:
        fill_2819(nic, set);
        return CX6DX_STATUS_OK;
    case CX6DX_PPCNT_PER_PRIORITY:
        if (prio >= CX6DX_PPCNT_PRIOS) {
            return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                                  CX6DX_SYND_FIELD);
        }
        fill_per_prio(&nic->ppcnt, prio, set);
        return CX6DX_STATUS_OK;
    case CX6DX_PPCNT_PHY_LAYER:
        CX6DX_SET(ppcnt_phys, set, link_down_events, nic->ppcnt.link_downs);
        return CX6DX_STATUS_OK;
    case CX6DX_PPCNT_PHY_STATISTICAL:
        return CX6DX_STATUS_OK;     /* all 0: no bit on this wire is wrong */
    case CX6DX_PPCNT_ETH_EXTENDED:
        /*
         * Thresholds of port buffers, which the model does not have.  It reads
         * as 0: drivers ask for it with every statistic and log a refusal.
         */
        return CX6DX_STATUS_OK;
    default:
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_UNKNOWN_REGISTER);
    }
}

void cx6dx_ppcnt_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    Cx6dxPpcnt *c = &nic->ppcnt;

    for (unsigned i = 0; i < CX6DX_PPCNT_SIZES; i++) {
        cx6dx_ar(ar, &c->rx_sizes[i]);
    }
    for (unsigned i = 0; i < CX6DX_PPCNT_PRIOS; i++) {
        cx6dx_ar(ar, &c->prio[i].rx_frames);
        cx6dx_ar(ar, &c->prio[i].rx_bytes);
        cx6dx_ar(ar, &c->prio[i].tx_frames);
        cx6dx_ar(ar, &c->prio[i].tx_bytes);
    }
    cx6dx_ar(ar, &c->link_downs);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The wire: Ethernet, VLAN, IP, TCP and UDP headers, checksums, segmentation,
 * receive-side hash
 *
 * Sees bytes only.  Every length in a frame is checked against the bytes that
 * are there; a header that does not fit is treated as absent.  A fragment has no
 * transport header for us, even if its first bytes are one.
 *
 * Three files: frame.c parses and sums, segmenter.c cuts, rss.c hashes.
 */
#ifndef CX6DX_PURE_FRAME_H
#define CX6DX_PURE_FRAME_H

#include "qemu/osdep.h"

#define CX6DX_FRAME_ETH_BYTES 14
#define CX6DX_FRAME_VLAN_BYTES 4
#define CX6DX_FRAME_FCS_BYTES 4

typedef struct Cx6dxFrame {
    uint16_t ethertype;     /* behind the VLAN tags */
    uint16_t vlan_tci;      /* of the outermost tag */
    bool cvlan;             /* outermost tag is 0x8100 */
    bool svlan;             /* outermost tag is 0x88a8 */
    uint8_t ip_version;     /* 0, 4 or 6 */
    uint8_t ip_protocol;    /* behind IPv6 extension headers; 0 without IP */
    uint8_t ip_dscp;
    uint8_t ip_ecn;
    uint8_t ttl;
    bool frag;              /* fragment of an IP packet, first ones included */
    bool tcp;               /* a complete TCP header is there */
    bool udp;               /* a complete UDP header is there */
    uint8_t tcp_flags;
    uint16_t sport, dport;
    uint32_t tcp_sn;
    uint16_t l3_off;        /* 0: no IP header */
    uint16_t l4_off;        /* 0: no transport header */
    uint32_t payload_off;   /* behind the last header parsed */
    uint32_t payload_bytes; /* by the IP length, not by the frame's */
    uint32_t l3_bytes;      /* whole IP packet as its header says */
    uint8_t saddr[16], daddr[16];   /* IPv4 in the last four bytes, rest 0 */
} Cx6dxFrame;

typedef struct Cx6dxFrameCsum {
    bool l3_ok;             /* IPv6: true when the header is whole */
    bool l4_ok;             /* TCP or UDP with a right checksum, no fragment */
    uint16_t ip_sum;        /* folded sum of the IP packet, not inverted */
} Cx6dxFrameCsum;

/* False when not even an Ethernet header is there */
bool cx6dx_frame_parse(const uint8_t *buf, size_t len, Cx6dxFrame *frame);

/* As parse, but the IP length is what is there, whatever its header says */
bool cx6dx_frame_parse_template(const uint8_t *buf, size_t len,
                                Cx6dxFrame *frame);

/*
 * One's complement sum of big-endian 16-bit words, added to `sum`; plain numbers
 * may be added to it as well.  Of several pieces all but the last have an even
 * length.  Fold to 16 bits at the end.
 */
uint64_t cx6dx_frame_sum(const uint8_t *buf, size_t len, uint64_t sum);
uint16_t cx6dx_frame_fold(uint64_t sum);

/* Sum of the pseudo header in front of `l4_bytes` of TCP or UDP */
uint64_t cx6dx_frame_pseudo_sum(const Cx6dxFrame *frame, uint32_t l4_bytes);

/* Verifies what the receive side reports */
void cx6dx_frame_verify(const uint8_t *buf, size_t len, const Cx6dxFrame *frame,
                        Cx6dxFrameCsum *csum);

/*
 * Writes the IPv4 header checksum and/or the TCP or UDP checksum; `frame` is
 * what parsing these bytes gave.  What there is no header for is left out.
 */
void cx6dx_frame_fill_csum(uint8_t *buf, size_t len, const Cx6dxFrame *frame,
                           bool l3, bool l4);

/*
 * Segmentation (TSO, USO) of a payload behind a header template.  Checksums of
 * every segment are filled.  Needs no memory beyond the caller's.
 */
typedef struct Cx6dxSegmenter {
    const uint8_t *hdr;     /* template: Ethernet .. TCP or UDP */
    uint32_t hdr_bytes;
    const uint8_t *payload;
    uint32_t payload_bytes;
    uint32_t mss;
    uint32_t done_bytes;
    uint32_t index;
    uint16_t l3_sum, l4_sum;    /* of what all segments have in common */
    Cx6dxFrame frame;
} Cx6dxSegmenter;

/*
 * False when mss is 0, the template is not IP with TCP or UDP and nothing behind
 * it, or a segment would be longer than an IP packet can be.  `hdr` and `payload`
 * are borrowed until the last segment.
 */
bool cx6dx_segmenter_init(Cx6dxSegmenter *seg, const uint8_t *hdr,
                          size_t hdr_bytes, const uint8_t *payload,
                          size_t payload_bytes, uint32_t mss);

/*
 * Writes the header of the next segment (hdr_bytes) to `hdr_out` and says which
 * part of the payload follows it.  False after the last one.
 */
bool cx6dx_segmenter_next(Cx6dxSegmenter *seg, uint8_t *hdr_out,
                          const uint8_t **payload, size_t *payload_bytes);

/* Receive-side scaling: which fields go into the hash */
typedef struct Cx6dxHashSpec {
    uint8_t fn;                 /* CX6DX_HASH_NONE, _INVERTED_XOR8, _TOEPLITZ */
    uint32_t selected_fields;   /* CX6DX_HASH_SRC_IP ... */
    bool symmetric;
    uint8_t key[40];
} Cx6dxHashSpec;

uint32_t cx6dx_frame_hash(const Cx6dxFrame *frame, const Cx6dxHashSpec *spec);

#endif

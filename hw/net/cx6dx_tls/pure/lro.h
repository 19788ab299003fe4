/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Large receive offload: which frames of a TCP stream become one packet
 *
 * A session is the packet that grows.  It begins with a frame and takes those
 * that follow on, byte for byte, and differ from it in nothing but what
 * segmentation changes: sequence number, IPv4 identification (which counts up),
 * lengths, checksums, and PSH in the last one.  All carry as many bytes as the
 * first, only the last may carry fewer.  This is what the kernel's GRO demands
 * too, so cutting the packet up again gives the frames that came.
 *
 *     state     frame                            then
 *     none      may begin one                    begun, open
 *     none      any other                        delivered alone
 *     open      follows on                       added, open
 *     open      follows on and is the last       added, closed by the caller
 *     open      any other                        closed first; then as in none
 *
 * The last one: has PSH, is shorter, or fills the packet so that none of full
 * size fits behind it.  A caller may close a session at any time.
 *
 * Frames that neither begin nor join: not TCP over IP, fragments, IP options and
 * extension headers, wrong checksums, no payload, flags other than ACK and PSH,
 * bytes behind the IP packet.  One with PSH or fewer than CX6DX_LRO_MIN_MSS bytes
 * does not begin one.
 */
#ifndef CX6DX_PURE_LRO_H
#define CX6DX_PURE_LRO_H

#include "qemu/osdep.h"
#include "pure/archive.h"
#include "pure/frame.h"

#define CX6DX_LRO_MIN_MSS 536
#define CX6DX_LRO_MAX_SEGS 255
/* Ethernet, two tags, IPv6, TCP with all options */
#define CX6DX_LRO_MAX_HDR_BYTES (14 + 8 + 40 + 60)

typedef struct Cx6dxLro {
    uint32_t segs;              /* frames in the packet; 0: no session */
    uint32_t bytes;             /* of the packet, with headers */
    uint32_t payload_bytes;
    uint32_t max_bytes;
    uint32_t mss;               /* payload of the first frame */
    uint32_t next_tcp_sn;
    uint32_t ack_sn;
    uint16_t window;
    uint16_t next_ip_id;        /* IPv4 */
    uint8_t ip_version;
    uint8_t ttl;
    bool psh;
    uint16_t l3_off, l4_off, hdr_bytes;
    uint64_t payload_sum;       /* one's complement, not folded */
    uint8_t hdr[CX6DX_LRO_MAX_HDR_BYTES];   /* of the first frame */
} Cx6dxLro;

/*
 * `frame` and `csum` are what parsing and verifying `buf` gave.  The packet may
 * have `max_bytes` in all and `max_ip_payload` behind the IP header.  False: this
 * frame does not begin a session, and there is none.
 */
bool cx6dx_lro_begin(Cx6dxLro *lro, const uint8_t *buf, size_t len,
                     const Cx6dxFrame *frame, const Cx6dxFrameCsum *csum,
                     uint32_t max_bytes, uint32_t max_ip_payload);

/* True when the frame follows on in the open session; nothing changes */
bool cx6dx_lro_follows(const Cx6dxLro *lro, const uint8_t *buf, size_t len,
                       const Cx6dxFrame *frame, const Cx6dxFrameCsum *csum);

/* Adds a frame that follows on; true when it was the last one */
bool cx6dx_lro_add(Cx6dxLro *lro, const uint8_t *buf, const Cx6dxFrame *frame,
                   const Cx6dxFrameCsum *csum);

/* An open session */
void cx6dx_lro_archive(Cx6dxLro *lro, Cx6dxArchive *ar);

/* Folded sum of all of the payload, not inverted */
uint16_t cx6dx_lro_payload_sum(const Cx6dxLro *lro);

#endif

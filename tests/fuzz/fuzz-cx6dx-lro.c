/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzer of ring 0 room "lro"
 *
 * Input: the limits of a packet, then a tape of frames of two streams: in order,
 * lost, repeated, with a byte of a header changed, or bytes of any kind.  Oracle:
 * the packets, cut up again, are the frames that came (cx6dx-lro-check.c).
 */
#include "qemu/osdep.h"
#include "cx6dx-frame-build.h"
#include "cx6dx-lro-check.h"
#include "tape.h"

enum {
    STEPS = 300,
    MAX_PAYLOAD = 2000,
    TCP_ACK = 0x10,
};

static FrameSpec first_frame(Tape *tape)
{
    uint8_t kind = tape_u8(tape);

    return (FrameSpec) {
        .ip_version = kind & 1 ? 6 : 4,
        .protocol = 6,
        .ext = { 0xff },
        .tag_type = { kind & 2 ? 0x8100 : 0, kind & 4 ? 0x88a8 : 0 },
        .frag_word = kind & 8 ? 0x4000 : 0,
        .tcp_option_bytes = 4 * (kind >> 4) % 44,
        .tcp_flags = TCP_ACK,
        .tcp_sn = tape_u32(tape),
        .payload_bytes = tape_below(tape, MAX_PAYLOAD),
    };
}

static size_t make(const FrameSpec *spec, uint8_t *buf, Tape *tape, bool change)
{
    BuiltFrame b = frame_build(spec, buf);
    Cx6dxFrame frame;

    if (change) {
        buf[tape_below(tape, b.payload_off)] ^= tape_u8(tape);
    }
    if (cx6dx_frame_parse(buf, b.bytes, &frame)) {
        cx6dx_frame_fill_csum(buf, b.bytes, &frame, true, true);
    }
    return b.bytes;
}

static void one_step(LroWire *wire, FrameSpec *flow, Tape *tape)
{
    uint8_t buf[FRAME_SPEC_MAX_HDR_BYTES + MAX_PAYLOAD];
    uint8_t op = tape_u8(tape);
    FrameSpec spec = flow[op & 1];
    const uint8_t *bytes;
    size_t len;

    switch (op >> 1 & 7) {
    case 0:
        spec.payload_bytes = tape_below(tape, MAX_PAYLOAD);
        break;
    case 1:
        spec.tcp_flags |= tape_u8(tape);
        break;
    case 2:
        spec.tcp_sn -= tape_below(tape, MAX_PAYLOAD);
        break;
    case 3:
        lro_wire_close(wire);
        break;
    case 4:
        bytes = tape_bytes(tape, 100, &len);
        lro_wire_frame(wire, bytes, len);
        break;
    default:
        break;
    }
    len = make(&spec, buf, tape, (op >> 4 & 7) == 1);
    if ((op >> 4 & 7) != 2) {
        lro_wire_frame(wire, buf, len);
    }
    flow[op & 1].tcp_sn += spec.payload_bytes;
    flow[op & 1].ip_id++;
    flow[op & 1].seed++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Tape tape = { data, size };
    FrameSpec flow[2];
    LroWire wire;

    lro_wire_init(&wire, tape_u16(&tape) + 1, 256 * tape_u8(&tape));
    flow[0] = first_frame(&tape);
    flow[1] = first_frame(&tape);
    for (unsigned i = 0; i < STEPS && tape.left; i++) {
        one_step(&wire, flow, &tape);
    }
    lro_wire_close(&wire);
    lro_wire_free(&wire);
    return 0;
}

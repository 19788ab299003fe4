/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "lro"
 *
 * Every packet that a session gives is put right as mlx5 does it, cut up again
 * and compared with the frames that came: cx6dx-lro-check.c.
 */
#include "qemu/osdep.h"
#include "cx6dx-frame-build.h"
#include "cx6dx-lro-check.h"

enum {
    MSS = 1448,
    MAX_BYTES = 65536,
    MAX_IP_PAYLOAD = 255 * 256,
    PSH = 0x08,
    ACK = 0x10,
};

static FrameSpec spec_of(uint8_t ip_version, uint32_t payload_bytes)
{
    return (FrameSpec) {
        .ip_version = ip_version, .protocol = 6, .tcp_option_bytes = 12,
        .ext = { 0xff }, .tcp_flags = ACK, .ip_id = 0xfffe,
        .frag_word = 0x4000, .sport = 443, .dport = 50000,
        .tcp_sn = 0xfffff000, .saddr = { 10, 9, 0, 2 },
        .daddr = { 10, 9, 0, 1 }, .payload_bytes = payload_bytes, .seed = 3,
    };
}

static size_t make(const FrameSpec *spec, uint8_t *buf)
{
    BuiltFrame b = frame_build(spec, buf);
    Cx6dxFrame frame;

    g_assert_true(cx6dx_frame_parse(buf, b.bytes, &frame));
    cx6dx_frame_fill_csum(buf, b.bytes, &frame, true, true);
    return b.bytes;
}

/* What comes next in the stream */
static void step(FrameSpec *spec)
{
    spec->tcp_sn += spec->payload_bytes;
    spec->ip_id++;
    spec->seed++;
}

static void send_next(LroWire *wire, FrameSpec *spec)
{
    uint8_t buf[FRAME_SPEC_MAX_HDR_BYTES + 9000];

    lro_wire_frame(wire, buf, make(spec, buf));
    step(spec);
}

static void test_stream(void)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        FrameSpec spec = spec_of(version, MSS);
        LroWire wire;

        lro_wire_init(&wire, MAX_BYTES, MAX_IP_PAYLOAD);
        for (unsigned i = 0; i < 45; i++) {
            send_next(&wire, &spec);
        }
        /* 45 of them are the most that 255 times 256 bytes hold */
        g_assert_cmpuint(wire.packets, ==, 1);
        g_assert_cmpuint(wire.frames, ==, 45);
        g_assert_cmpuint(wire.alone, ==, 0);
        lro_wire_free(&wire);
    }
}

static void test_ends(void)
{
    FrameSpec spec = spec_of(4, MSS);
    LroWire wire;

    lro_wire_init(&wire, MAX_BYTES, MAX_IP_PAYLOAD);
    send_next(&wire, &spec);
    send_next(&wire, &spec);
    spec.tcp_flags |= PSH;
    send_next(&wire, &spec);
    g_assert_cmpuint(wire.packets, ==, 1);
    /* alone: it would end the session that it begins */
    send_next(&wire, &spec);
    g_assert_cmpuint(wire.alone, ==, 1);
    spec.tcp_flags = ACK;
    send_next(&wire, &spec);
    spec.payload_bytes = 3;
    send_next(&wire, &spec);
    g_assert_cmpuint(wire.packets, ==, 2);
    spec.payload_bytes = CX6DX_LRO_MIN_MSS - 1;
    send_next(&wire, &spec);
    g_assert_cmpuint(wire.alone, ==, 2);
    spec.payload_bytes = CX6DX_LRO_MIN_MSS;
    send_next(&wire, &spec);
    /* one that is longer than the first does not belong to it */
    spec.payload_bytes++;
    send_next(&wire, &spec);
    g_assert_cmpuint(wire.alone, ==, 3);
    send_next(&wire, &spec);
    lro_wire_close(&wire);
    g_assert_cmpuint(wire.packets, ==, 3);
    g_assert_cmpuint(wire.frames, ==, 3 + 2 + 2);
    lro_wire_free(&wire);
}

static void test_bounds(void)
{
    static const struct {
        uint32_t max_bytes, max_ip_payload, frames;
    } cases[] = {
        { 66 + 2 * MSS, MAX_IP_PAYLOAD, 2 },
        { 66 + 3 * MSS - 1, MAX_IP_PAYLOAD, 2 },
        { MAX_BYTES, 32 + 3 * MSS, 3 },
        { MAX_BYTES, 32 + 4 * MSS - 1, 3 },
        { UINT32_MAX, UINT32_MAX, 45 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        FrameSpec spec = spec_of(4, MSS);
        LroWire wire;

        lro_wire_init(&wire, cases[i].max_bytes, cases[i].max_ip_payload);
        while (!wire.packets) {
            send_next(&wire, &spec);
        }
        g_assert_cmpuint(wire.frames, ==, cases[i].frames);
        lro_wire_free(&wire);
    }
}

static void test_no_room_for_two(void)
{
    FrameSpec spec = spec_of(6, MSS);
    LroWire wire;

    lro_wire_init(&wire, 86 + 2 * MSS - 1, MAX_IP_PAYLOAD);
    send_next(&wire, &spec);
    g_assert_cmpuint(wire.alone, ==, 1);
    lro_wire_free(&wire);
}

/* As many as a completion can count */
static void test_255(void)
{
    FrameSpec spec = spec_of(4, CX6DX_LRO_MIN_MSS);
    LroWire wire;

    spec.tcp_option_bytes = 0;
    lro_wire_init(&wire, UINT32_MAX, UINT32_MAX);
    while (!wire.packets) {
        send_next(&wire, &spec);
    }
    g_assert_cmpuint(wire.frames, ==, (65535 - 40 - 14) / CX6DX_LRO_MIN_MSS);
    lro_wire_free(&wire);
}

/* One byte of a header, or one thing about the frame, and it does not follow */
static void test_differences(void)
{
    static const struct {
        uint8_t version;
        unsigned at;
        uint8_t flip;
    } cases[] = {
        { 4, 5, 1 }, { 4, 11, 1 },          /* MACs */
        { 4, 14 + 1, 1 },                   /* ECN */
        { 4, 14 + 5, 1 },                   /* identification */
        { 4, 14 + 6, 0x40 },                /* don't fragment */
        { 4, 14 + 8, 1 },                   /* TTL */
        { 4, 14 + 12, 1 }, { 4, 14 + 19, 1 },
        { 6, 14 + 1, 0x10 },                /* ECN */
        { 6, 14 + 3, 1 },                   /* flow label */
        { 6, 14 + 7, 1 },                   /* hop limit */
        { 6, 14 + 8, 1 }, { 6, 14 + 39, 1 },
        { 4, 34, 1 }, { 4, 37, 1 },         /* ports */
        { 4, 34 + 4, 1 },                   /* sequence number */
        { 4, 34 + 11, 1 },                  /* acknowledgement */
        { 4, 34 + 12, 1 },                  /* reserved bits */
        { 4, 34 + 13, 0x01 }, { 4, 34 + 13, 0x02 }, { 4, 34 + 13, 0x04 },
        { 4, 34 + 13, 0x10 }, { 4, 34 + 13, 0x20 }, { 4, 34 + 13, 0x40 },
        { 4, 34 + 13, 0x80 },
        { 4, 34 + 15, 1 },                  /* window */
        { 4, 34 + 19, 1 },                  /* urgent pointer */
        { 4, 34 + 31, 1 },                  /* options */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        FrameSpec spec = spec_of(cases[i].version, MSS);
        Cx6dxFrame frame;
        uint8_t buf[2048];
        LroWire wire;
        size_t len;

        lro_wire_init(&wire, MAX_BYTES, MAX_IP_PAYLOAD);
        send_next(&wire, &spec);
        len = make(&spec, buf);
        buf[cases[i].at] ^= cases[i].flip;
        g_assert_true(cx6dx_frame_parse(buf, len, &frame));
        cx6dx_frame_fill_csum(buf, len, &frame, true, true);
        lro_wire_frame(&wire, buf, len);
        lro_wire_close(&wire);
        g_test_message("case %u", i);
        g_assert_cmpuint(wire.packets, ==, 0);
        g_assert_cmpuint(wire.alone, ==, 2);
        lro_wire_free(&wire);
    }
}

static void test_unfit(void)
{
    enum { SUM, PADDING, OPTION, EXTENSION, FRAGMENT, TAG, EMPTY, UDP, KINDS };

    for (unsigned kind = 0; kind < KINDS; kind++) {
        FrameSpec spec = spec_of(kind == EXTENSION ? 6 : 4, MSS);
        uint8_t buf[2048] = { 0 };
        LroWire wire;
        size_t len;

        lro_wire_init(&wire, MAX_BYTES, MAX_IP_PAYLOAD);
        send_next(&wire, &spec);
        spec.ip_option_bytes = kind == OPTION ? 4 : 0;
        spec.ext[0] = kind == EXTENSION ? 0 : 0xff;
        spec.ext[1] = 0xff;
        spec.frag_word |= kind == FRAGMENT ? 0x2000 : 0;
        spec.tag_type[0] = kind == TAG ? 0x8100 : 0;
        spec.payload_bytes = kind == EMPTY ? 0 : MSS;
        spec.protocol = kind == UDP ? 17 : 6;
        len = make(&spec, buf);
        buf[len - 1] ^= kind == SUM;
        len += kind == PADDING;
        lro_wire_frame(&wire, buf, len);
        lro_wire_close(&wire);
        g_assert_cmpuint(wire.packets, ==, 0);
        g_assert_cmpuint(wire.alone, ==, 2);
        lro_wire_free(&wire);
    }
}

/* Streams through a wire that loses, repeats and reorders */
static void test_any_order(void)
{
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());
    uint8_t buf[FRAME_SPEC_MAX_HDR_BYTES + 9000];

    for (unsigned round = 0; round < 200; round++) {
        FrameSpec flow[2], held;
        bool holds = false;
        LroWire wire;

        lro_wire_init(&wire, g_rand_int_range(rand, 1000, 70000),
                      256 * g_rand_int_range(rand, 0, 256));
        for (unsigned i = 0; i < 2; i++) {
            flow[i] = spec_of(g_rand_boolean(rand) ? 4 : 6, 1);
            flow[i].payload_bytes = g_rand_int_range(rand, 500, 3000);
            flow[i].tcp_option_bytes = 4 * g_rand_int_range(rand, 0, 11);
            flow[i].tag_type[0] = g_rand_boolean(rand) ? 0x8100 : 0;
            flow[i].sport += i;
        }
        for (unsigned n = 0; n < 100; n++) {
            FrameSpec *spec = &flow[n / 30 % 2];
            FrameSpec one = *spec;

            one.tcp_flags |= g_rand_int_range(rand, 0, 10) ? 0 : PSH;
            if (!g_rand_int_range(rand, 0, 10)) {
                one.payload_bytes = g_rand_int_range(rand, 0, 3000);
            }
            switch (g_rand_int_range(rand, 0, 20)) {
            case 0:             /* lost */
                break;
            case 1:             /* comes later */
                held = one;
                holds = true;
                break;
            case 2:             /* comes twice */
                lro_wire_frame(&wire, buf, make(&one, buf));
                /* fall through */
            default:
                lro_wire_frame(&wire, buf, make(&one, buf));
            }
            if (holds && !g_rand_int_range(rand, 0, 4)) {
                lro_wire_frame(&wire, buf, make(&held, buf));
                holds = false;
            }
            if (!g_rand_int_range(rand, 0, 15)) {
                lro_wire_close(&wire);
            }
            spec->tcp_sn += one.payload_bytes;
            spec->ip_id++;
            spec->seed++;
        }
        lro_wire_close(&wire);
        lro_wire_free(&wire);
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/lro/a-stream-is-one-packet", test_stream);
    g_test_add_func("/cx6dx/lro/what-ends-a-session", test_ends);
    g_test_add_func("/cx6dx/lro/no-more-than-fits", test_bounds);
    g_test_add_func("/cx6dx/lro/no-session-without-room-for-two",
                    test_no_room_for_two);
    g_test_add_func("/cx6dx/lro/small-segments", test_255);
    g_test_add_func("/cx6dx/lro/any-difference-ends-it", test_differences);
    g_test_add_func("/cx6dx/lro/unfit-frames-come-alone", test_unfit);
    g_test_add_func("/cx6dx/lro/any-order-any-loss", test_any_order);
    return g_test_run();
}

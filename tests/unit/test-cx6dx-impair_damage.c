/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "impair_damage"
 *
 * Checksums are judged by the frame builder's slow sum, not by the frame room.
 */
#include "qemu/osdep.h"
#include "pure/impair_damage.h"
#include "cx6dx-frame-build.h"
#include "cx6dx-oracle.h"

enum { MAX_BYTES = 2200, VNET = 12, L3_SUM = 10, TCP_SUM = 16 };

typedef struct Subject {
    uint8_t before[MAX_BYTES], buf[MAX_BYTES];
    Cx6dxImpairBytes bytes;
    BuiltFrame built;
    FrameSpec spec;
} Subject;

static uint16_t load16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static uint8_t *frame_of(Subject *s)
{
    return s->buf + s->bytes.vnet_bytes;
}

static unsigned sum_at(const Subject *s)
{
    return s->built.l4_off + (s->spec.protocol == 6 ? TCP_SUM : 6);
}

/* The transport checksum by the slow sum over the frame as it is */
static uint16_t right_l4_sum(Subject *s)
{
    uint8_t *frame = frame_of(s);
    uint16_t there = load16(frame + sum_at(s)), sum;

    memset(frame + sum_at(s), 0, 2);
    sum = ~frame_naive_l4_sum(frame, &s->spec, &s->built);
    frame[sum_at(s)] = there >> 8;
    frame[sum_at(s) + 1] = there;
    return !sum && s->spec.protocol == 17 ? 0xffff : sum;
}

static bool l4_right(Subject *s)
{
    return right_l4_sum(s) == load16(frame_of(s) + sum_at(s));
}

static bool l3_right(Subject *s)
{
    const uint8_t *ip = frame_of(s) + s->built.l3_off;

    return s->spec.ip_version == 6 ||
           frame_naive_sum(ip, (ip[0] & 15) * 4, 0) == 0xffff;
}

static void subject_make(Subject *s, const FrameSpec *spec, bool vnet)
{
    uint16_t sum;
    uint8_t *frame;

    memset(s, 0, sizeof(*s));
    s->spec = *spec;
    s->bytes.vnet_bytes = vnet ? VNET : 0;
    frame = frame_of(s);
    s->built = frame_build(spec, frame);
    s->bytes.buf = s->buf;
    s->bytes.len = s->bytes.vnet_bytes + s->built.bytes;
    sum = right_l4_sum(s);
    frame[sum_at(s)] = sum >> 8;
    frame[sum_at(s) + 1] = sum;
    if (spec->ip_version == 4) {
        const uint8_t *ip = frame + s->built.l3_off;

        sum = ~frame_naive_sum(ip, (ip[0] & 15) * 4, 0);
        frame[s->built.l3_off + L3_SUM] = sum >> 8;
        frame[s->built.l3_off + L3_SUM + 1] = sum;
    }
    g_assert_true(l3_right(s) && l4_right(s));
    memcpy(s->before, s->buf, sizeof(s->before));
}

static unsigned changed(const Subject *s, size_t from, size_t to)
{
    unsigned n = 0;

    for (; from < to; from++) {
        n += s->before[from] != s->buf[from];
    }
    return n;
}

static const FrameSpec tcp4 = {
    .ip_version = 4, .protocol = 6, .tcp_flags = 0x18, .payload_bytes = 100,
    .sport = 1, .dport = 2, .saddr = { 10, 0, 0, 1 }, .daddr = { 10, 0, 0, 2 },
};
static const FrameSpec tcp6 = {
    .ip_version = 6, .protocol = 6, .tcp_flags = 0x18, .payload_bytes = 100,
    .sport = 1, .dport = 2, .saddr = { 0xfd, 1 }, .daddr = { 0xfd, 2 },
    .ext = { 0xff },
};

/* One payload byte and nothing else, whatever the packet is */
static void test_payload(void)
{
    GRand *rand = g_rand_new_with_seed(1);
    g_autofree Subject *s = g_new(Subject, 1);
    Cx6dxImpairRng rng;
    unsigned i;

    cx6dx_impair_rng_seed(&rng, 1, 0);
    for (i = 0; i < 500; i++) {
        bool wrong = i & 1;
        size_t off;
        FrameSpec spec;

        frame_spec_random(&spec, rand, 1400);
        spec.payload_bytes += !spec.payload_bytes;
        subject_make(s, &spec, false);
        off = s->built.payload_off;
        g_assert_true(cx6dx_impair_damage_payload(&s->bytes, &rng, wrong));
        g_assert_cmpuint(changed(s, off, s->built.bytes), ==, 1);
        g_assert_true(l3_right(s));
        g_assert_true(l4_right(s) == !wrong);
        memcpy(s->buf + sum_at(s), s->before + sum_at(s), 2);
        g_assert_cmpuint(changed(s, 0, off), ==, 0);
    }
    g_rand_free(rand);
}

static void test_fields(void)
{
    static const struct {
        Cx6dxImpairField field;
        unsigned at4, at6;      /* in the frame; 0: not there */
        unsigned bytes;
        uint32_t value;
    } cases[] = {
        { CX6DX_IMPAIR_IP_TTL, 14 + 8, 14 + 7, 1, 3 },
        { CX6DX_IMPAIR_IP_ID, 14 + 4, 0, 2, 0xabcd },
        { CX6DX_IMPAIR_TCP_SEQ, 34 + 4, 54 + 4, 4, 0x12345678 },
        { CX6DX_IMPAIR_TCP_ACK, 34 + 8, 54 + 8, 4, 0x87654321 },
        { CX6DX_IMPAIR_TCP_FLAGS, 34 + 13, 54 + 13, 1, 0x04 },
        { CX6DX_IMPAIR_TCP_WINDOW, 34 + 14, 54 + 14, 2, 0x1111 },
        { CX6DX_IMPAIR_TCP_URGENT, 34 + 18, 54 + 18, 2, 0x2222 },
    };
    g_autofree Subject *s = g_new(Subject, 1);
    unsigned i, v6, wrong;

    for (i = 0; i < ARRAY_SIZE(cases) * 4; i++) {
        unsigned k = i / 4, at, b;
        bool done;

        v6 = i & 1;
        wrong = i >> 1 & 1;
        at = v6 ? cases[k].at6 : cases[k].at4;
        subject_make(s, v6 ? &tcp6 : &tcp4, false);
        done = cx6dx_impair_damage_field(&s->bytes, cases[k].field,
                                         cases[k].value, wrong);
        g_assert_true(done == (at != 0));
        for (b = 0; done && b < cases[k].bytes; b++) {
            g_assert_cmphex(s->buf[at + b], ==, (uint8_t)
                            (cases[k].value >> 8 * (cases[k].bytes - 1 - b)));
        }
        g_assert_true((l3_right(s) && l4_right(s)) ==
                      (!wrong || !done || (v6 && at < 54)));
    }
}

static void test_traffic_class(void)
{
    g_autofree Subject *s = g_new(Subject, 1);

    subject_make(s, &tcp6, false);
    g_assert_true(cx6dx_impair_damage_field(&s->bytes, CX6DX_IMPAIR_IP_TOS,
                                            0xb7, false));
    g_assert_cmphex(load16(s->buf + 14) & 0xfff0, ==, 0x6b70);
    subject_make(s, &tcp4, false);
    g_assert_true(cx6dx_impair_damage_field(&s->bytes, CX6DX_IMPAIR_IP_TOS,
                                            0xb7, false));
    g_assert_cmphex(s->buf[15], ==, 0xb7);
    g_assert_true(l3_right(s) && l4_right(s));
}

static void test_sums_and_length(void)
{
    g_autofree Subject *s = g_new(Subject, 1);

    subject_make(s, &tcp4, false);
    g_assert_true(cx6dx_impair_damage_field(
        &s->bytes, CX6DX_IMPAIR_TCP_CHECKSUM, 0x1234, false));
    g_assert_cmphex(load16(s->buf + sum_at(s)), ==, 0x1234);
    g_assert_true(l3_right(s));
    subject_make(s, &tcp4, false);
    g_assert_true(cx6dx_impair_damage_field(
        &s->bytes, CX6DX_IMPAIR_IP_CHECKSUM, 0x1234, false));
    g_assert_cmphex(load16(s->buf + 14 + L3_SUM), ==, 0x1234);
    g_assert_true(l4_right(s));
    /* shorter by its header, and right as such */
    subject_make(s, &tcp4, false);
    g_assert_true(cx6dx_impair_damage_field(&s->bytes, CX6DX_IMPAIR_IP_LENGTH,
                                            40 + 60, false));
    g_assert_true(l3_right(s));
    s->spec.payload_bytes = 60;
    s->built.bytes -= 40;
    g_assert_true(l4_right(s));
}

static void test_header(void)
{
    g_autofree Subject *s = g_new(Subject, 1);
    Cx6dxImpairRng rng;
    unsigned i;

    cx6dx_impair_rng_seed(&rng, 1, 0);
    for (i = 0; i < 300; i++) {
        subject_make(s, i & 1 ? &tcp6 : &tcp4, false);
        g_assert_true(cx6dx_impair_damage_header(&s->bytes, &rng));
        g_assert_true(l3_right(s) && l4_right(s));
        g_assert_cmpuint(changed(s, 0, s->built.payload_off), >=, 1);
        g_assert_cmpuint(changed(s, 0, s->built.payload_off), <=, 6);
        g_assert_cmpuint(changed(s, s->built.payload_off, s->built.bytes), ==,
                         0);
    }
}

static void test_cuts(void)
{
    g_autofree Subject *s = g_new(Subject, 1);
    Cx6dxImpairRng rng;
    unsigned i;

    cx6dx_impair_rng_seed(&rng, 1, 0);
    subject_make(s, &tcp4, false);
    g_assert_false(cx6dx_impair_damage_cut(&s->bytes, s->built.bytes));
    g_assert_false(cx6dx_impair_damage_cut(&s->bytes, 13));
    g_assert_true(cx6dx_impair_damage_cut(&s->bytes, 60));
    g_assert_cmpuint(s->bytes.len, ==, 60);
    for (i = 0; i < 300; i++) {
        subject_make(s, &tcp6, i & 1);
        g_assert_true(cx6dx_impair_damage_truncate(&s->bytes, &rng));
        g_assert_cmpuint(s->bytes.len - s->bytes.vnet_bytes, >=, 14);
        g_assert_cmpuint(s->bytes.len - s->bytes.vnet_bytes, <,
                         s->built.bytes);
    }
}

/* Checksum still to be made (flags bit 0): it is, before it is made wrong */
static void test_vnet_sum(void)
{
    g_autofree Subject *s = g_new(Subject, 1);
    uint8_t *frame;

    subject_make(s, &tcp4, true);
    frame = frame_of(s);
    s->buf[0] = 1;
    memset(frame + sum_at(s), 0x55, 2);
    g_assert_true(cx6dx_impair_damage_byte(&s->bytes, s->built.payload_off,
                                           0xff, false));
    g_assert_cmphex(s->buf[0], ==, 1);
    g_assert_cmphex(load16(frame + sum_at(s)), ==, 0x5555);

    g_assert_true(cx6dx_impair_damage_byte(&s->bytes, s->built.payload_off,
                                           0xff, true));
    g_assert_cmphex(s->buf[0], ==, 0);
    g_assert_false(l4_right(s));
    frame[s->built.payload_off] ^= 0xff;
    g_assert_true(l4_right(s));

    /* said to be right (bit 1): not any more */
    subject_make(s, &tcp4, true);
    s->buf[0] = 2;
    g_assert_true(cx6dx_impair_damage_byte(&s->bytes, s->built.payload_off,
                                           0xff, true));
    g_assert_cmphex(s->buf[0], ==, 0);
}

static void test_vnet_segments(void)
{
    g_autofree Subject *s = g_new(Subject, 1);
    Cx6dxImpairRng rng;

    cx6dx_impair_rng_seed(&rng, 1, 0);
    subject_make(s, &tcp4, true);
    s->buf[0] = s->before[0] = 1;
    s->buf[1] = s->before[1] = 1;       /* TCP over IPv4, to be cut */
    g_assert_false(cx6dx_impair_damage_payload(&s->bytes, &rng, true));
    g_assert_false(cx6dx_impair_damage_cut(&s->bytes, 60));
    g_assert_false(cx6dx_impair_damage_truncate(&s->bytes, &rng));
    g_assert_false(cx6dx_impair_damage_field(
        &s->bytes, CX6DX_IMPAIR_TCP_CHECKSUM, 1, false));
    g_assert_false(cx6dx_impair_damage_field(
        &s->bytes, CX6DX_IMPAIR_TCP_WINDOW, 1, true));
    g_assert_cmpuint(changed(s, 0, s->bytes.len), ==, 0);
    g_assert_true(cx6dx_impair_damage_field(
        &s->bytes, CX6DX_IMPAIR_TCP_WINDOW, 1, false));
    g_assert_true(cx6dx_impair_damage_payload(&s->bytes, &rng, false));
    g_assert_true(cx6dx_impair_damage_header(&s->bytes, &rng));
}

static void test_no_place(void)
{
    uint8_t buf[64] = { [12] = 0x08, [13] = 0x06 };
    Cx6dxImpairBytes arp = { .buf = buf, .len = 14 };
    Cx6dxImpairRng rng;
    unsigned field;

    cx6dx_impair_rng_seed(&rng, 1, 0);
    g_assert_false(cx6dx_impair_damage_payload(&arp, &rng, false));
    g_assert_false(cx6dx_impair_damage_header(&arp, &rng));
    g_assert_false(cx6dx_impair_damage_truncate(&arp, &rng));
    g_assert_false(cx6dx_impair_damage_byte(&arp, 14, 1, false));
    for (field = 0; field < CX6DX_IMPAIR_NFIELDS; field++) {
        g_assert_false(cx6dx_impair_damage_field(&arp, field, 1, false));
    }
    arp.len = 13;
    g_assert_false(cx6dx_impair_damage_payload(&arp, &rng, false));
    arp.vnet_bytes = 14;
    g_assert_false(cx6dx_impair_damage_cut(&arp, 14));
    arp.len = 60;
    arp.vnet_bytes = 0;
    g_assert_true(cx6dx_impair_damage_payload(&arp, &rng, false));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/impair_damage/payload-and-its-sums", test_payload);
    g_test_add_func("/cx6dx/impair_damage/fields-and-their-sums", test_fields);
    g_test_add_func("/cx6dx/impair_damage/traffic-class", test_traffic_class);
    g_test_add_func("/cx6dx/impair_damage/sums-and-lengths",
                    test_sums_and_length);
    g_test_add_func("/cx6dx/impair_damage/any-header-field", test_header);
    g_test_add_func("/cx6dx/impair_damage/cuts", test_cuts);
    g_test_add_func("/cx6dx/impair_damage/vnet-sum-still-to-be-made",
                    test_vnet_sum);
    g_test_add_func("/cx6dx/impair_damage/vnet-segments-still-to-be-cut",
                    test_vnet_segments);
    g_test_add_func("/cx6dx/impair_damage/no-place-no-change", test_no_place);
    return g_test_run();
}

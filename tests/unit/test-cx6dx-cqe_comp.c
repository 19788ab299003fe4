/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "cqe_comp"
 *
 * The golden dumps were typed from the description of the two layouts.  The
 * property is that a reader which knows nothing of the encoder, written after
 * what drivers do with a title and its arrays, finds every completion again.
 */
#include "qemu/osdep.h"
#include "pure/cqe.h"
#include "pure/cqe_comp.h"

enum {
    MINIS = 8,
    RING = 256,
};

static const struct {
    const char *name;
    uint8_t format, layout;
} kinds[] = {
    { "basic/hash", CX6DX_MINI_CQE_HASH, CX6DX_CQE_COMP_BASIC },
    { "basic/csum", CX6DX_MINI_CQE_CSUM, CX6DX_CQE_COMP_BASIC },
    { "basic/stride", CX6DX_MINI_CQE_CSUM_STRIDX, CX6DX_CQE_COMP_BASIC },
    { "enhanced/hash", CX6DX_MINI_CQE_HASH, CX6DX_CQE_COMP_ENHANCED },
    { "enhanced/csum", CX6DX_MINI_CQE_CSUM, CX6DX_CQE_COMP_ENHANCED },
    { "enhanced/stride", CX6DX_MINI_CQE_CSUM_STRIDX, CX6DX_CQE_COMP_ENHANCED },
};

/* What a driver learns of a packet */
typedef struct Seen {
    uint32_t byte_cnt;
    uint32_t hash;
    uint16_t check_sum;
    uint16_t wqe_counter;
} Seen;

static void make(uint16_t counter, uint32_t byte_cnt, uint16_t csum,
                 uint32_t hash, uint8_t cqe[CX6DX_cqe_BYTES])
{
    Cx6dxRxCqe rx = {
        .wqe_counter = counter, .wqe_id = 0x55, .byte_cnt = byte_cnt & 0xffff,
        .strides = byte_cnt >> 16, .rss_hash = hash,
        .rss_hash_l4 = CX6DX_CQE_RSS_L4_TCP, .rss_hash_ip = CX6DX_CQE_RSS_IP_V4,
        .check_sum = csum, .l3_ok = true, .l4_ok = true,
        .l4_hdr_type = CX6DX_CQE_L4_TCP_ACK_DATA,
        .l3_hdr_type = CX6DX_CQE_L3_IPV4, .flow_tag = 0x42,
        .timestamp = 0x1000 + counter,
    };

    cx6dx_cqe_encode_rx(&rx, cqe);
}

static void start(Cx6dxCqeComp *comp, uint8_t format, uint8_t layout)
{
    g_assert_true(cx6dx_cqe_comp_init(comp, format, layout, RING));
}

/* Three completions as they lie in the queue, byte by byte */
static void test_basic_golden(void)
{
    static const uint8_t title[CX6DX_cqe_BYTES] = {
        [0x02] = 0x00, 0x55,
        [0x0c] = 0xaa, 0x00, 0x00, 0x01,
        [0x10] = 0x44,
        [0x14] = 0x11, 0x11,
        [0x1c] = 0x07, 0x48,
        [0x2c] = 0x00, 0x00, 0x00, 0x03,            /* so many */
        [0x36] = 0x10, 0x07,
        [0x39] = 0x00, 0x00, 0x42,
        [0x3c] = 0x00, 0x07,
        [0x3f] = 0x2c,                              /* format 3 */
    };
    static const uint8_t array[CX6DX_cqe_BYTES] = {
        0x11, 0x11, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3c,
        0x22, 0x22, 0x00, 0x00, 0x00, 0x00, 0x05, 0xea,
        0x33, 0x33, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40,
    };
    Cx6dxCqeSlot slots[CX6DX_CQE_COMP_SLOTS];
    uint8_t cqe[CX6DX_cqe_BYTES];
    Cx6dxCqeComp comp;

    start(&comp, CX6DX_MINI_CQE_CSUM, CX6DX_CQE_COMP_BASIC);
    make(7, 60, 0x1111, 0xaa000001, cqe);
    g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
    make(8, 1514, 0x2222, 0xaa000002, cqe);
    g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
    make(9, 64, 0x3333, 0xaa000003, cqe);
    g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
    memset(slots, 0xff, sizeof(slots));
    g_assert_cmpuint(cx6dx_cqe_comp_encode(&comp, slots), ==, 2);
    g_assert_cmpuint(slots[0].offset, ==, 0);
    g_assert_cmpmem(slots[0].bytes, sizeof(title), title, sizeof(title));
    g_assert_true(slots[0].plain_end);
    g_assert_cmpuint(slots[1].offset, ==, 1);
    g_assert_cmpmem(slots[1].bytes, sizeof(array), array, sizeof(array));
    g_assert_false(slots[1].plain_end);
}

static void test_enhanced_golden(void)
{
    static const uint8_t array[CX6DX_cqe_BYTES] = {
        0x22, 0x22, 0x00, 0x09, 0x00, 0x06, 0x05, 0xea,
        0x33, 0x33, 0x00, 0x0f, 0x00, 0x01, 0x00, 0x40,
        [0x3f] = 0x1c,                              /* 2 - 1, format 3 */
    };
    Cx6dxCqeSlot slots[CX6DX_CQE_COMP_SLOTS];
    uint8_t first[CX6DX_cqe_BYTES], cqe[CX6DX_cqe_BYTES];
    Cx6dxCqeComp comp;

    start(&comp, CX6DX_MINI_CQE_CSUM_STRIDX, CX6DX_CQE_COMP_ENHANCED);
    make(8, 1 << 16 | 60, 0x1111, 1, first);
    g_assert_true(cx6dx_cqe_comp_add(&comp, first));
    make(9, 6 << 16 | 1514, 0x2222, 2, cqe);
    g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
    make(15, 1 << 16 | 64, 0x3333, 3, cqe);
    g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
    g_assert_cmpuint(cx6dx_cqe_comp_encode(&comp, slots), ==, 2);
    /* the title is nothing but the first completion */
    g_assert_cmpmem(slots[0].bytes, sizeof(first), first, sizeof(first));
    g_assert_cmpuint(slots[1].offset, ==, 1);
    g_assert_cmpmem(slots[1].bytes, sizeof(array), array, sizeof(array));
    g_assert_true(slots[1].plain_end);
}

/* ---- Reading, as a driver does ---- */

static void read_mini(const Cx6dxCqeComp *comp, const uint8_t *mini,
                      uint16_t *counter, Seen *seen)
{
    *seen = (Seen) { .byte_cnt = CX6DX_GET(mini_cqe, mini, byte_cnt) };
    if (comp->format == CX6DX_MINI_CQE_HASH) {
        seen->hash = CX6DX_GET(mini_cqe, mini, rx_hash_result);
    } else {
        seen->check_sum = CX6DX_GET(mini_cqe, mini, checksum);
    }
    seen->wqe_counter = comp->format == CX6DX_MINI_CQE_CSUM_STRIDX
        ? CX6DX_GET(mini_cqe, mini, stridx) : *counter;
    *counter += seen->byte_cnt >> 16 ? seen->byte_cnt >> 16 : 1;
}

static unsigned read_basic(const Cx6dxCqeComp *comp,
                           uint8_t ring[RING][CX6DX_cqe_BYTES], Seen *seen)
{
    unsigned n = CX6DX_GET(cqe, ring[0], byte_cnt);
    uint16_t counter = CX6DX_GET(cqe, ring[0], wqe_counter);
    const uint8_t *array = ring[1];

    for (unsigned i = 0; i < n; i++) {
        if (i && i % MINIS == 0) {
            array = ring[i];
        }
        read_mini(comp, array + i % MINIS * CX6DX_mini_cqe_BYTES, &counter,
                  &seen[i]);
    }
    return n;
}

static unsigned read_enhanced(const Cx6dxCqeComp *comp,
                              uint8_t ring[RING][CX6DX_cqe_BYTES],
                              unsigned total, Seen *seen)
{
    uint16_t counter = CX6DX_GET(cqe, ring[0], wqe_counter);
    uint32_t byte_cnt = CX6DX_GET(cqe, ring[0], byte_cnt);
    unsigned at = 1;

    seen[0] = (Seen) {
        byte_cnt, CX6DX_GET(cqe, ring[0], rss_hash_result),
        CX6DX_GET(cqe, ring[0], check_sum), counter,
    };
    counter += byte_cnt >> 16 ? byte_cnt >> 16 : 1;
    while (at < total) {
        const uint8_t *array = ring[at];
        unsigned n = CX6DX_GET(cqe, array, opcode) + 1;

        g_assert_cmpuint(CX6DX_GET(cqe, array, format), ==,
                         CX6DX_CQE_FORMAT_COMPRESSED);
        g_assert_cmpuint(n, <=, MINIS - 1);
        for (unsigned i = 0; i < n; i++) {
            read_mini(comp, array + i * CX6DX_mini_cqe_BYTES, &counter,
                      &seen[at + i]);
        }
        at += n;
    }
    return at;
}

static void check_seen(const Cx6dxCqeComp *comp, const Seen *seen,
                       const Seen *want, bool title)
{
    g_assert_cmphex(seen->byte_cnt, ==, want->byte_cnt);
    g_assert_cmphex(seen->wqe_counter, ==, want->wqe_counter);
    if (comp->format == CX6DX_MINI_CQE_HASH || title) {
        g_assert_cmphex(seen->hash, ==, want->hash);
    }
    if (comp->format != CX6DX_MINI_CQE_HASH || title) {
        g_assert_cmphex(seen->check_sum, ==, want->check_sum);
    }
}

static void one_session(GRand *rand, Cx6dxCqeComp *comp, unsigned count)
{
    static uint8_t ring[RING][CX6DX_cqe_BYTES];
    Seen want[CX6DX_CQE_COMP_MAX], seen[CX6DX_CQE_COMP_MAX] = { 0 };
    bool striding = g_rand_boolean(rand);
    uint16_t counter = g_rand_int(rand);
    Cx6dxCqeSlot slots[CX6DX_CQE_COMP_SLOTS];
    uint8_t cqe[CX6DX_cqe_BYTES];
    unsigned n;

    for (unsigned i = 0; i < count; i++) {
        uint16_t strides = striding ? g_rand_int_range(rand, 1, 40) : 0;

        want[i] = (Seen) { strides << 16 | g_rand_int_range(rand, 60, 9000),
                           g_rand_int(rand), g_rand_int(rand), counter };
        make(counter, want[i].byte_cnt, want[i].check_sum, want[i].hash, cqe);
        g_assert_true(cx6dx_cqe_comp_add(comp, cqe));
        counter += strides ? strides : 1;
    }
    for (unsigned i = 0; i < RING; i++) {
        memset(ring[i], 0xee, sizeof(ring[i]));
    }
    n = cx6dx_cqe_comp_encode(comp, slots);
    g_assert_cmpuint(n, <=, CX6DX_CQE_COMP_SLOTS);
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmpuint(slots[i].offset, <, count);
        g_assert_true(!i || slots[i].offset > slots[i - 1].offset);
        memcpy(ring[slots[i].offset], slots[i].bytes, CX6DX_cqe_BYTES);
    }
    if (count == 1) {
        g_assert_cmpmem(ring[0], sizeof(cqe), cqe, sizeof(cqe));
    } else {
        n = comp->enhanced ? read_enhanced(comp, ring, count, seen)
                           : read_basic(comp, ring, seen);
        g_assert_cmpuint(n, ==, count);
        for (unsigned i = 0; i < count; i++) {
            check_seen(comp, &seen[i], &want[i], comp->enhanced && !i);
        }
    }
    cx6dx_cqe_comp_clear(comp);
}

static void test_round_trip(gconstpointer opaque)
{
    size_t kind = GPOINTER_TO_SIZE(opaque);
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());
    Cx6dxCqeComp comp;

    start(&comp, kinds[kind].format, kinds[kind].layout);
    for (unsigned count = 1; count <= CX6DX_CQE_COMP_MAX; count++) {
        one_session(rand, &comp, count);
    }
    g_rand_free(rand);
}

/* ---- What does not go together ---- */

static void test_refused(void)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t bits;
    } changes[] = {
        { "TLS", 0x00, 0x08 },
        { "another work request", 0x03, 0x01 },
        { "checksum not good", 0x1c, 0x04 },
        { "other headers", 0x1d, 0x10 },
        { "a VLAN tag", 0x1d, 0x01 },
        { "another flow tag", 0x3b, 0x01 },
        { "filler", 0x2c, 0x80 },
        { "an error", 0x3f, 0xc0 },
    };
    uint8_t cqe[CX6DX_cqe_BYTES];
    Cx6dxCqeComp comp;

    start(&comp, CX6DX_MINI_CQE_CSUM_STRIDX, CX6DX_CQE_COMP_ENHANCED);
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        g_test_message("%s", changes[i].what);
        cx6dx_cqe_comp_clear(&comp);
        make(0, 1 << 16 | 60, 0, 0, cqe);
        g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
        make(1, 1 << 16 | 60, 0, 0, cqe);
        cqe[changes[i].at] ^= changes[i].bits;
        g_assert_false(cx6dx_cqe_comp_add(&comp, cqe));
        g_assert_cmpuint(comp.count, ==, 1);
    }
    /* what TLS has to say is in no short form: not even as the title */
    cx6dx_cqe_comp_clear(&comp);
    make(0, 60, 0, 0, cqe);
    CX6DX_SET(cqe, cqe, tls_offload, CX6DX_CQE_TLS_DECRYPTED);
    g_assert_false(cx6dx_cqe_comp_add(&comp, cqe));
}

/* Without the index of the stride a reader counts on: no gap */
static void test_gap(void)
{
    uint8_t cqe[CX6DX_cqe_BYTES];
    Cx6dxCqeComp comp;

    start(&comp, CX6DX_MINI_CQE_CSUM, CX6DX_CQE_COMP_BASIC);
    make(0xffff, 60, 0, 0, cqe);
    g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
    make(0, 60, 0, 0, cqe);
    g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
    make(2, 60, 0, 0, cqe);
    g_assert_false(cx6dx_cqe_comp_add(&comp, cqe));
    make(1, 60, 0, 0, cqe);
    g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
}

static void test_limits(void)
{
    uint8_t cqe[CX6DX_cqe_BYTES];
    Cx6dxCqeComp comp;
    unsigned i;

    g_assert_false(cx6dx_cqe_comp_init(&comp, 2, CX6DX_CQE_COMP_BASIC, RING));
    g_assert_false(cx6dx_cqe_comp_init(&comp, CX6DX_MINI_CQE_CSUM, 2, RING));
    /* no session is longer than the queue */
    g_assert_true(cx6dx_cqe_comp_init(&comp, CX6DX_MINI_CQE_CSUM,
                                      CX6DX_CQE_COMP_BASIC, 4));
    for (i = 0; i < 4; i++) {
        make(i, 60, 0, 0, cqe);
        g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
    }
    make(i, 60, 0, 0, cqe);
    g_assert_false(cx6dx_cqe_comp_add(&comp, cqe));
    start(&comp, CX6DX_MINI_CQE_CSUM, CX6DX_CQE_COMP_BASIC);
    for (i = 0; i < CX6DX_CQE_COMP_MAX; i++) {
        make(i, 60, 0, 0, cqe);
        g_assert_true(cx6dx_cqe_comp_add(&comp, cqe));
    }
    make(i, 60, 0, 0, cqe);
    g_assert_false(cx6dx_cqe_comp_add(&comp, cqe));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/cqe_comp/basic/golden", test_basic_golden);
    g_test_add_func("/cx6dx/cqe_comp/enhanced/golden", test_enhanced_golden);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        g_autofree char *path = g_strdup_printf("/cx6dx/cqe_comp/%s/round-trip",
                                                kinds[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_round_trip);
    }
    g_test_add_func("/cx6dx/cqe_comp/what-differs-is-refused", test_refused);
    g_test_add_func("/cx6dx/cqe_comp/no-gap-without-stride-index", test_gap);
    g_test_add_func("/cx6dx/cqe_comp/limits", test_limits);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the PRM headers
 *
 * The lists are expanded once more, into tables: no two fields of a layout share
 * a bit unless they are named here as a union, and golden dumps made by others
 * are read and written field by field.
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "prm-layouts.h"

typedef struct Item {
    const char *name;
    uint32_t first_bit, bits;   /* bit 0: most significant one of byte 0 */
    bool area;
} Item;

typedef struct LayoutTable {
    const char *name;
    size_t bytes;
    const Item *items;          /* ended by a NULL name */
} LayoutTable;

#define FIELD_ITEM(L, name, off, msb, lsb)                              \
    { #name, (off) * 8 + 31 - (msb), (msb) - (lsb) + 1, false },
#define AREA_ITEM(L, name, off, bytes) { #name, (off) * 8, (bytes) * 8, true },
#define LAYOUT_ITEMS(L)                                                 \
    static const Item items_##L[] = {                                   \
        CX6DX_LIST_##L(FIELD_ITEM, AREA_ITEM, L) { 0 }                  \
    };
#define X(L) LAYOUT_ITEMS(L)
PRM_LAYOUTS(X)
#undef X

static const LayoutTable layouts[] = {
#define X(L) { #L, CX6DX_BYTES(L), items_##L },
    PRM_LAYOUTS(X)
#undef X
};

/* Fields that share bits, and why */
static const struct {
    const char *layout, *a, *b, *why;
} unions[] = {
    { "eqe", "cmd_vector", "cq_err_cqn", "data depend on the type" },
    { "eqe", "cmd_vector", "data", "what the area holds" },
    { "eqe", "cq_err_cqn", "data", "what the area holds" },
    { "eqe", "port_num", "data", "what the area holds" },
    { "eqe", "cq_err_syndrome", "data", "what the area holds" },
    { "eqe", "cqn", "data", "what the area holds" },
    { "cqe", "flow_tag", "sqn", "responder's and requestor's" },
    { "mini_cqe", "rx_hash_result", "checksum", "by mini_cqe_res_format" },
    { "mini_cqe", "rx_hash_result", "stridx", "by mini_cqe_res_format" },
    { "wqe_ctrl", "general_id", "tis_tir_num", "the same, shifted" },
    { "wqe_eth", "inline_hdr_sz", "vlan_insert", "header or tag to insert" },
    { "wqe_eth", "inline_hdr_sz", "svlan", "header or tag to insert" },
    { "wqe_eth", "vlan_tci", "inline_hdr", "header or tag to insert" },
    { "wqe_umr_ctrl", "bsf_octowords", "xlt_offset", "by translation_en" },
    { "fte_match_set_lyr_2_4", "src_ipv4_src_ipv6", "src_ipv4", "by version" },
    { "fte_match_set_lyr_2_4", "dst_ipv4_dst_ipv6", "dst_ipv4", "by version" },
    { "general_obj_in", "obj_offset", "log_obj_range", "query or create" },
};

/* ---- Overlaps ---- */

static int union_of(const char *layout, const Item *a, const Item *b)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(unions); i++) {
        if (g_str_equal(unions[i].layout, layout) &&
            ((g_str_equal(unions[i].a, a->name) &&
              g_str_equal(unions[i].b, b->name)) ||
             (g_str_equal(unions[i].a, b->name) &&
              g_str_equal(unions[i].b, a->name)))) {
            return i;
        }
    }
    return -1;
}

static void test_overlap(void)
{
    bool used[ARRAY_SIZE(unions)] = { false };
    unsigned l, i;

    for (l = 0; l < ARRAY_SIZE(layouts); l++) {
        const Item *a, *b;

        for (a = layouts[l].items; a->name; a++) {
            g_assert_cmpuint(a->first_bit + a->bits, <=, layouts[l].bytes * 8);
            for (b = a + 1; b->name; b++) {
                int known = union_of(layouts[l].name, a, b);

                g_assert_cmpstr(a->name, !=, b->name);
                if (a->first_bit >= b->first_bit + b->bits ||
                    b->first_bit >= a->first_bit + a->bits) {
                    continue;
                }
                if (known < 0) {
                    g_test_message("%s: %s and %s share bits", layouts[l].name,
                                   a->name, b->name);
                    g_test_fail();
                } else {
                    used[known] = true;
                }
            }
        }
    }
    for (i = 0; i < ARRAY_SIZE(unions); i++) {
        if (!used[i]) {
            g_test_message("%s: %s and %s are no union", unions[i].layout,
                           unions[i].a, unions[i].b);
            g_test_fail();
        }
    }
}

/* ---- Golden dumps ---- */

typedef struct GoldenField {
    const char *name;
    uint32_t value;
} GoldenField;

typedef struct Golden {
    const char *layout;
    const char *dump;
    const GoldenField *fields;
} Golden;

#define FIELDS(...) (const GoldenField[]) { __VA_ARGS__, { 0 } }

static const Golden goldens[] = {
#include "prm-golden.h"
#include "prm-golden-ifc.h"
};

static const LayoutTable *find_layout(const char *name)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(layouts); i++) {
        if (g_str_equal(layouts[i].name, name)) {
            return &layouts[i];
        }
    }
    g_error("golden dump of '%s', which is no layout", name);
}

static const Item *find_item(const LayoutTable *layout, const char *name)
{
    const Item *item;

    for (item = layout->items; item->name; item++) {
        if (g_str_equal(item->name, name)) {
            return item;
        }
    }
    g_error("golden dump of '%s.%s', which is no field", layout->name, name);
}

/* "OFFSET:BYTES" or "OFFSET:BYTE*COUNT", all hex, apart by spaces */
static uint8_t *parse_dump(const char *dump, size_t bytes)
{
    g_auto(GStrv) words = g_strsplit(dump, " ", -1);
    uint8_t *out = g_malloc0(bytes);
    char **word, *p;

    for (word = words; *word; word++) {
        size_t at = strtoul(*word, &p, 16);
        size_t count = 1;

        g_assert_cmpint(*p, ==, ':');
        for (p++; g_ascii_isxdigit(*p); p += 2) {
            g_assert_cmpuint(at, <, bytes);
            out[at++] = g_ascii_xdigit_value(p[0]) << 4 |
                        g_ascii_xdigit_value(p[1]);
        }
        if (*p == '*') {
            count = strtoul(p + 1, NULL, 16);
            g_assert_cmpuint(at + count - 1, <=, bytes);
            memset(out + at, out[at - 1], count - 1);
        }
    }
    return out;
}

static void check_area(const uint8_t *area, const Item *item, uint8_t value)
{
    uint32_t i;

    for (i = 0; i < item->bits / 8; i++) {
        g_assert_cmphex(area[i], ==, value);
    }
}

static void test_golden(gconstpointer data)
{
    const Golden *golden = data;
    const LayoutTable *layout = find_layout(golden->layout);
    g_autofree uint8_t *dump = parse_dump(golden->dump, layout->bytes);
    g_autofree uint8_t *written = g_malloc0(layout->bytes);
    const GoldenField *field;

    for (field = golden->fields; field->name; field++) {
        const Item *item = find_item(layout, field->name);
        size_t word = item->first_bit / 32 * 4;
        unsigned lsb = 32 - item->first_bit % 32 - item->bits;

        if (item->area) {
            check_area(dump + item->first_bit / 8, item, field->value);
            memset(written + item->first_bit / 8, field->value, item->bits / 8);
            continue;
        }
        if (cx6dx_prm_get(dump + word, lsb, item->bits) != field->value) {
            g_test_message("%s.%s reads 0x%x, not 0x%x", layout->name,
                           item->name,
                           cx6dx_prm_get(dump + word, lsb, item->bits),
                           field->value);
            g_test_fail();
        }
        cx6dx_prm_set(written + word, lsb, item->bits, field->value);
    }
    g_assert_cmpmem(written, layout->bytes, dump, layout->bytes);
}

/* A field in no dump would be a field that nobody checked */
static void test_all_golden(void)
{
    unsigned l, g;

    for (l = 0; l < ARRAY_SIZE(layouts); l++) {
        const Item *item;

        for (item = layouts[l].items; item->name; item++) {
            const GoldenField *field = NULL;

            for (g = 0; g < ARRAY_SIZE(goldens) && !(field && field->name);
                 g++) {
                if (!g_str_equal(goldens[g].layout, layouts[l].name)) {
                    continue;
                }
                for (field = goldens[g].fields;
                     field->name && !g_str_equal(field->name, item->name);
                     field++) {
                }
            }
            if (!field || !field->name) {
                g_test_message("%s.%s: no golden dump (prm-golden-gen)",
                               layouts[l].name, item->name);
                g_test_fail();
            }
        }
    }
}

/* ---- Accessors ---- */

static void test_accessors(void)
{
    uint8_t buf[CX6DX_mkc_BYTES + 1];
    uint8_t *p = buf + 1;           /* alignment does not matter */

    memset(buf, 0xff, sizeof(buf));
    CX6DX_SET(mkc, p, log_page_size, 0);
    g_assert_cmphex(p[0x3b], ==, 0xc0);
    g_assert_cmphex(p[0x3a], ==, 0xff);
    g_assert_cmpuint(CX6DX_GET(mkc, p, log_page_size), ==, 0);
    g_assert_cmpuint(CX6DX_GET(mkc, p, relaxed_ordering_read), ==, 1);
    CX6DX_SET64(mkc, p, start_addr, 0x0123456789abcdef);
    g_assert_cmphex(CX6DX_GET64(mkc, p, start_addr), ==, 0x0123456789abcdef);
    g_assert_cmphex(CX6DX_GET(mkc, p, start_addr_h), ==, 0x01234567);
    CX6DX_SET(mkc, p, qpn, 0xffffff);
    g_assert_cmpuint(CX6DX_FIELD_MAX(mkc, qpn), ==, 0xffffff);
    g_assert_cmpuint(CX6DX_FIELD_MAX(mkc, len_h), ==, UINT32_MAX);
    g_assert_cmpuint(CX6DX_BYTES(mkc), ==, 0x40);
    g_assert_cmpuint(CX6DX_AREA_BYTES(create_mkey_in, memory_key_mkey_entry),
                     ==, 0x40);
    g_assert_true(CX6DX_AREA(create_mkey_in, p, memory_key_mkey_entry) ==
                  p + 0x10);
}

static void test_set_too_large(void)
{
    uint8_t word[4] = { 0 };

    if (g_test_subprocess()) {
        cx6dx_prm_set(word, 0, 4, 16);
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
}

static void test_command_opcodes(void)
{
    static const struct {
        const char *name;
        uint16_t opcode;
    } cmds[] = {
#define CMD_ROW(name, opcode) { #name, opcode },
        CX6DX_CMD_LIST(CMD_ROW)
#undef CMD_ROW
    };
    unsigned i;

    for (i = 1; i < ARRAY_SIZE(cmds); i++) {
        g_assert_cmphex(cmds[i - 1].opcode, <, cmds[i].opcode);
    }
}

int main(int argc, char **argv)
{
    unsigned i;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/prm/fields-do-not-overlap", test_overlap);
    g_test_add_func("/cx6dx/prm/every-field-has-a-golden-dump",
                    test_all_golden);
    for (i = 0; i < ARRAY_SIZE(goldens); i++) {
        g_autofree char *path = g_strdup_printf("/cx6dx/prm/golden/%s/%u",
                                                goldens[i].layout, i);

        g_test_add_data_func(path, &goldens[i], test_golden);
    }
    g_test_add_func("/cx6dx/prm/accessors", test_accessors);
    g_test_add_func("/cx6dx/prm/set/too-large-value-traps-in-tests",
                    test_set_too_large);
    g_test_add_func("/cx6dx/prm/commands-in-order", test_command_opcodes);
    return g_test_run();
}

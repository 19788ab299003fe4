/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of vital product data, parsed as the PCI specification says
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/vpd.h"

/* The text of field `key` in the read-only part, or NULL */
static char *field(const uint8_t *bytes, size_t n, const char *key)
{
    size_t name = 3 + (bytes[1] | bytes[2] << 8);
    size_t at = name + 3, end = at + (bytes[name + 1] | bytes[name + 2] << 8);

    g_assert_cmphex(bytes[0], ==, 0x82);
    g_assert_cmphex(bytes[name], ==, 0x90);
    g_assert_cmpuint(end + 1, ==, n);
    g_assert_cmphex(bytes[end], ==, 0x78);
    while (at < end) {
        if (!memcmp(bytes + at, key, 2)) {
            return g_strndup((const char *)bytes + at + 3, bytes[at + 2]);
        }
        at += 3 + bytes[at + 2];
    }
    g_assert_cmpuint(at, ==, end);
    return NULL;
}

static void test_fields(void)
{
    static const uint8_t mac[6] = { 2, 0, 0, 9, 0, 0xab };
    uint8_t bytes[CX6DX_VPD_MAX_BYTES];
    g_autofree char *sn = NULL, *part = NULL, *board = NULL, *check = NULL;
    Cx6dxNicParams params;
    Cx6dxFake *fake;
    uint8_t sum = 0;
    size_t n, rv;

    cx6dx_fake_params(&params);
    memcpy(params.mac, mac, sizeof(mac));
    fake = cx6dx_fake_new_with(&params);
    n = cx6dx_vpd_image(&fake->nic, bytes);
    g_assert_cmpuint(n, <, sizeof(bytes));
    part = field(bytes, n, "PN");
    g_assert_cmpstr(part, ==, "CX6DX-TLS");
    sn = field(bytes, n, "SN");
    g_assert_cmpstr(sn, ==, "MD0200000900AB");
    board = field(bytes, n, "V3");
    g_assert_cmpuint(strlen(board), ==, 32);
    check = field(bytes, n, "RV");
    g_assert_nonnull(check);
    g_assert_null(field(bytes, n, "XX"));
    rv = n - 1;                     /* the last byte that is added up */
    for (size_t i = 0; i < rv; i++) {
        sum += bytes[i];
    }
    g_assert_cmphex(sum, ==, 0);
    cx6dx_fake_free(fake);
}

static void test_words(void)
{
    uint8_t bytes[CX6DX_VPD_MAX_BYTES + 4] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_vpd_image(&fake->nic, bytes);
    for (uint32_t at = 0; at < CX6DX_VPD_MAX_BYTES; at++) {
        g_assert_cmphex(cx6dx_vpd_word(&fake->nic, at), ==,
                        bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
                        (uint32_t)bytes[at + 3] << 24);
    }
    g_assert_cmphex(cx6dx_vpd_word(&fake->nic, CX6DX_VPD_MAX_BYTES), ==, 0);
    g_assert_cmphex(cx6dx_vpd_word(&fake->nic, 0x7fff), ==, 0);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/vpd/fields", test_fields);
    g_test_add_func("/cx6dx/vpd/words", test_words);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the table of access registers
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-reg.h"
#include "nic/reg.h"

/* 0x5002 .. 0x5008 without 0x5005, then 0x5023 and 0x507f */
static void test_pcam(void)
{
    uint8_t pcam[CX6DX_pcam_reg_BYTES] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_PCAM, false, pcam,
                                   sizeof(pcam)), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_prm_load(pcam + 0x08), ==, 0x80000000);
    g_assert_cmphex(cx6dx_prm_load(pcam + 0x0c), ==, 0);
    g_assert_cmphex(cx6dx_prm_load(pcam + 0x10), ==, 1 << 3);
    g_assert_cmphex(cx6dx_prm_load(pcam + 0x14), ==, 0x1dc);
    g_assert_cmphex(cx6dx_prm_load(pcam + 0x34), ==, 0x29);
    memset(pcam, 0, sizeof(pcam));
    pcam[1] = pcam[3] = 1;          /* groups that there are not */
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_PCAM, false, pcam,
                                   sizeof(pcam)), ==, CX6DX_STATUS_OK);
    for (size_t i = 4; i < sizeof(pcam); i++) {
        g_assert_cmphex(pcam[i], ==, 0);
    }
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_PCAM, true, pcam,
                                   sizeof(pcam)), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

static void test_names(void)
{
    g_assert_cmpstr(cx6dx_reg_name(CX6DX_REG_PTYS), ==, "PTYS");
    g_assert_cmpstr(cx6dx_reg_name(CX6DX_REG_HOST_ENDIANNESS), ==,
                    "HOST_ENDIANNESS");
    g_assert_cmpstr(cx6dx_reg_name(0x9055), ==, "MTUTC");
    g_assert_cmpstr(cx6dx_reg_name(0x1234), ==, "UNKNOWN");
}

static void test_unknown(void)
{
    uint8_t data[0x40] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    g_assert_cmphex(cx6dx_fake_reg(fake, 0x9055, false, data, sizeof(data)), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_UNKNOWN_REGISTER);
    /* announced, but nothing can be written to flash memory */
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MCDA, true, data,
                                   sizeof(data)), ==, CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_FIELD);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/reg/port-registers-by-mask", test_pcam);
    g_test_add_func("/cx6dx/reg/names", test_names);
    g_test_add_func("/cx6dx/reg/unknown-is-refused", test_unknown);
    return g_test_run();
}

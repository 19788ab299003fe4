/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the cable: its EEPROM byte by byte, lanes, error correction
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-reg.h"
#include "nic/cable.h"

#define MCIA_BYTES CX6DX_mcia_reg_BYTES

/* Reads `size` bytes of the EEPROM at `from`; the register's own status */
static uint8_t read_module(Cx6dxFake *fake, uint8_t module, uint8_t i2c,
                           uint8_t page, uint16_t from, uint16_t size,
                           uint8_t *to)
{
    uint8_t mcia[MCIA_BYTES] = { 0 };

    CX6DX_SET(mcia_reg, mcia, module, module);
    CX6DX_SET(mcia_reg, mcia, i2c_device_address, i2c);
    CX6DX_SET(mcia_reg, mcia, page_number, page);
    CX6DX_SET(mcia_reg, mcia, device_address, from);
    CX6DX_SET(mcia_reg, mcia, size, size);
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MCIA, false, mcia,
                                   sizeof(mcia)), ==, CX6DX_STATUS_OK);
    memcpy(to, CX6DX_AREA(mcia_reg, mcia, dwords), size);
    return CX6DX_GET(mcia_reg, mcia, status);
}

static uint8_t sum(const uint8_t *bytes, unsigned from, unsigned to)
{
    uint8_t total = 0;

    for (unsigned i = from; i < to; i++) {
        total += bytes[i];
    }
    return total;
}

/* At the places that SFF-8636 gives, with both check codes right */
static void test_eeprom(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t bytes[256];

    cx6dx_fake_start(fake);
    for (unsigned from = 0; from < 256; from += 128) {
        g_assert_cmpuint(read_module(fake, 0, 0x50, 0, from, 128, bytes + from),
                         ==, 0);
    }
    g_assert_cmphex(bytes[0], ==, 0x11);            /* QSFP28 */
    g_assert_cmphex(bytes[2] & 4, ==, 4);           /* flat memory */
    g_assert_cmphex(bytes[128], ==, 0x11);
    g_assert_cmphex(bytes[130], ==, 0x23);          /* no separable connector */
    g_assert_cmphex(bytes[147] >> 4, ==, 0xa);      /* copper */
    g_assert_cmpmem(bytes + 148, 16, "QEMU            ", 16);
    g_assert_cmpmem(bytes + 168, 16, "CX6DX-TLS-CABLE ", 16);
    g_assert_cmphex(bytes[192], ==, 0x0b);          /* 100GBASE-CR4 */
    g_assert_cmpmem(bytes + 212, 8, "250101  ", 8);
    g_assert_cmphex(bytes[191], ==, sum(bytes, 128, 191));
    g_assert_cmphex(bytes[223], ==, sum(bytes, 192, 223));
    cx6dx_fake_free(fake);
}

static void test_pieces(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t whole[256], bytes[128];

    cx6dx_fake_start(fake);
    cx6dx_cable_eeprom(&fake->nic, whole);
    for (unsigned from = 0; from < 256; from += 37) {
        unsigned size = MIN(48, 256 - from);

        g_assert_cmpuint(read_module(fake, 0, 0x50, 0, from, size, bytes), ==,
                         0);
        g_assert_cmpmem(bytes, size, whole + from, size);
    }
    /* what is not there has a status of its own, and the command is good */
    g_assert_cmpuint(read_module(fake, 1, 0x50, 0, 0, 1, bytes), !=, 0);
    g_assert_cmpuint(read_module(fake, 0, 0x51, 0, 0, 1, bytes), !=, 0);
    g_assert_cmpuint(read_module(fake, 0, 0x50, 3, 128, 8, bytes), !=, 0);
    cx6dx_fake_free(fake);
}

static void test_refused(void)
{
    static const struct { uint16_t from, size; bool write; } bad[] = {
        { 0, 129, false }, { 255, 2, false }, { 257, 0, false },
        { 0xffff, 0xffff, false }, { 0, 1, true },
    };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        uint8_t mcia[MCIA_BYTES] = { 0 };

        CX6DX_SET(mcia_reg, mcia, i2c_device_address, 0x50);
        CX6DX_SET(mcia_reg, mcia, device_address, bad[i].from);
        CX6DX_SET(mcia_reg, mcia, size, bad[i].size);
        g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_MCIA, bad[i].write, mcia,
                                       sizeof(mcia)), ==,
                        CX6DX_STATUS_BAD_PARAM);
    }
    cx6dx_fake_free(fake);
}

static void test_lanes(void)
{
    static const uint8_t want[20] = {
        0, 1, 0, 4,  0, 0, 0, 0,  1, 1, 0, 0,  2, 2, 0, 0,  3, 3, 0, 0,
    };
    uint8_t pmlp[CX6DX_pmlp_reg_BYTES] = { 0, 1 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_PMLP, false, pmlp,
                                   sizeof(pmlp)), ==, CX6DX_STATUS_OK);
    g_assert_cmpmem(pmlp, sizeof(want), want, sizeof(want));
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_PMLP, true, pmlp,
                                   sizeof(pmlp)), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

/* Word `off` of PPLM after `admin` was written there, if `write` */
static uint32_t pplm_word(Cx6dxFake *fake, bool write, uint32_t admin,
                          uint8_t want_status, uint32_t off)
{
    uint8_t pplm[CX6DX_pplm_reg_BYTES] = { 0, 1 };

    cx6dx_prm_store(pplm + 0x14, admin);
    g_assert_cmphex(cx6dx_fake_reg(fake, CX6DX_REG_PPLM, write, pplm,
                                   sizeof(pplm)), ==, want_status);
    return cx6dx_prm_load(pplm + off);
}

static void test_fec(void)
{
    static const struct { uint32_t mbps, active; } speed[] = {
        { 10000, 1 }, { 25000, 4 }, { 40000, 1 }, { 50000, 4 }, { 100000, 4 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(speed); i++) {
        Cx6dxNicParams params;
        Cx6dxFake *fake;

        cx6dx_fake_params(&params);
        params.timing.link_mbps = speed[i].mbps;
        fake = cx6dx_fake_new_with(&params);
        cx6dx_fake_start(fake);
        cx6dx_port_set_backend(&fake->nic, true);
        g_assert_cmphex(pplm_word(fake, false, 0, 0, 0x10), ==, 0x5773);
        g_assert_cmphex(pplm_word(fake, false, 0, 0, 0x0c), ==,
                        speed[i].active);
        /* no correction at any speed, and it is remembered */
        g_assert_cmphex(pplm_word(fake, true, 0x1111, 0, 0x0c), ==, 1);
        g_assert_cmphex(pplm_word(fake, false, 0, 0, 0x14), ==, 0x1111);
        /* two kinds, and one that the speed has not */
        pplm_word(fake, true, 0x5111, CX6DX_STATUS_BAD_PARAM, 0);
        pplm_word(fake, true, 0x2111, CX6DX_STATUS_BAD_PARAM, 0);
        pplm_word(fake, true, 0x1114, CX6DX_STATUS_BAD_PARAM, 0);
        g_assert_cmphex(pplm_word(fake, false, 0, 0, 0x14), ==, 0x1111);
        /* back to the device's choice */
        g_assert_cmphex(pplm_word(fake, true, 0, 0, 0x0c), ==,
                        speed[i].active);
        cx6dx_port_set_backend(&fake->nic, false);
        g_assert_cmphex(pplm_word(fake, false, 0, 0, 0x0c), ==, 0);
        cx6dx_fake_free(fake);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/cable/eeprom", test_eeprom);
    g_test_add_func("/cx6dx/cable/eeprom-in-pieces", test_pieces);
    g_test_add_func("/cx6dx/cable/eeprom-bounds", test_refused);
    g_test_add_func("/cx6dx/cable/lanes", test_lanes);
    g_test_add_func("/cx6dx/cable/error-correction", test_fec);
    return g_test_run();
}

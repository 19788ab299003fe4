/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The cable in the port's cage; see cable.h (PRM "Ports Registers", SFF-8636)
 */
#include "qemu/osdep.h"
#include "nic/cable.h"
#include "nic/nic.h"

enum { MODULE = 0, I2C_ADDR = 0x50, UPPER = 128 };

/* ---- EEPROM ---- */

/* Bytes of SFF-8636 */
enum {
    SFF_IDENTIFIER = 0, SFF_REVISION = 1, SFF_STATUS = 2,
    SFF_IDENTIFIER_2 = 128, SFF_CONNECTOR = 130, SFF_COMPLIANCE = 131,
    SFF_BIT_RATE = 140, SFF_COPPER_M = 146, SFF_TECHNOLOGY = 147,
    SFF_VENDOR = 148, SFF_PART = 168, SFF_PART_REV = 184, SFF_CC_BASE = 191,
    SFF_LINK_CODES = 192, SFF_SERIAL = 196, SFF_DATE = 212,
    SFF_BIT_RATE_250 = 222, SFF_CC_EXT = 223,
};

enum {
    QSFP28 = 0x11,
    REV_2_7 = 0x07,
    FLAT_MEMORY = 0x04,             /* no page but 0 */
    NO_SEPARABLE_CONNECTOR = 0x23,
    EXTENDED_AND_40GBASE_CR4 = 0x88,
    BIT_RATE_IN_250 = 0xff,
    COPPER_UNEQUALIZED = 0xa0,
    LINK_100GBASE_CR4 = 0x0b,
    RATE_25G = 103,                 /* 25.75 GBd, in 250 MBd */
};

static void put_text(uint8_t *at, size_t bytes, const char *text)
{
    memset(at, ' ', bytes);
    memcpy(at, text, MIN(strlen(text), bytes));
}

/* The low byte of the sum of [from, to) */
static uint8_t check_code(const uint8_t *bytes, unsigned from, unsigned to)
{
    uint8_t sum = 0;

    while (from < to) {
        sum += bytes[from++];
    }
    return sum;
}

void cx6dx_cable_eeprom(const Cx6dxNic *nic,
                        uint8_t bytes[CX6DX_CABLE_EEPROM_BYTES])
{
    const uint8_t *mac = nic->params.mac;
    char serial[16 + 1];

    memset(bytes, 0, CX6DX_CABLE_EEPROM_BYTES);
    bytes[SFF_IDENTIFIER] = bytes[SFF_IDENTIFIER_2] = QSFP28;
    bytes[SFF_REVISION] = REV_2_7;
    bytes[SFF_STATUS] = FLAT_MEMORY;
    bytes[SFF_CONNECTOR] = NO_SEPARABLE_CONNECTOR;
    bytes[SFF_COMPLIANCE] = EXTENDED_AND_40GBASE_CR4;
    bytes[SFF_BIT_RATE] = BIT_RATE_IN_250;
    bytes[SFF_COPPER_M] = 1;
    bytes[SFF_TECHNOLOGY] = COPPER_UNEQUALIZED;
    put_text(&bytes[SFF_VENDOR], 16, "QEMU");
    put_text(&bytes[SFF_PART], 16, "CX6DX-TLS-CABLE");
    put_text(&bytes[SFF_PART_REV], 2, "A1");
    bytes[SFF_CC_BASE] = check_code(bytes, UPPER, SFF_CC_BASE);
    bytes[SFF_LINK_CODES] = LINK_100GBASE_CR4;
    snprintf(serial, sizeof(serial), "MD%02X%02X%02X%02X%02X%02X", mac[0],
             mac[1], mac[2], mac[3], mac[4], mac[5]);
    put_text(&bytes[SFF_SERIAL], 16, serial);
    put_text(&bytes[SFF_DATE], 8, "250101");
    bytes[SFF_BIT_RATE_250] = RATE_25G;
    bytes[SFF_CC_EXT] = check_code(bytes, SFF_LINK_CODES, SFF_CC_EXT);
}

uint8_t cx6dx_cable_mcia(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out)
{
    uint32_t from = CX6DX_GET(mcia_reg, in, device_address);
    uint32_t size = CX6DX_GET(mcia_reg, in, size);
    uint8_t bytes[CX6DX_CABLE_EEPROM_BYTES];

    if (write || size > CX6DX_AREA_BYTES(mcia_reg, dwords) ||
        from > sizeof(bytes) || size > sizeof(bytes) - from) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    memcpy(out, in, CX6DX_OFF_(mcia_reg, dwords));
    CX6DX_SET(mcia_reg, out, status, CX6DX_MCIA_GOOD);
    if (CX6DX_GET(mcia_reg, in, module) != MODULE) {
        CX6DX_SET(mcia_reg, out, status, CX6DX_MCIA_NO_MODULE);
    } else if (CX6DX_GET(mcia_reg, in, i2c_device_address) != I2C_ADDR ||
               CX6DX_GET(mcia_reg, in, page_number)) {
        CX6DX_SET(mcia_reg, out, status, CX6DX_MCIA_I2C_ERROR);
    } else {
        cx6dx_cable_eeprom(nic, bytes);
        memcpy(CX6DX_AREA(mcia_reg, out, dwords), bytes + from, size);
    }
    return CX6DX_STATUS_OK;
}

/* ---- Lanes ---- */

uint8_t cx6dx_cable_pmlp(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out)
{
    QEMU_BUILD_BUG_ON(CX6DX_OFF_(pmlp_reg, lane3_module_mapping) !=
                      CX6DX_OFF_(pmlp_reg, lane0_module_mapping) +
                      3 * CX6DX_lane_2_module_mapping_BYTES);

    if (write) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    CX6DX_SET(pmlp_reg, out, width, CX6DX_CABLE_LANES);
    for (unsigned i = 0; i < CX6DX_CABLE_LANES; i++) {
        uint8_t *lane = CX6DX_AREA(pmlp_reg, out, lane0_module_mapping) +
                        i * CX6DX_lane_2_module_mapping_BYTES;

        CX6DX_SET(lane_2_module_mapping, lane, module, MODULE);
        CX6DX_SET(lane_2_module_mapping, lane, tx_lane, i);
        CX6DX_SET(lane_2_module_mapping, lane, rx_lane, i);
    }
    return CX6DX_STATUS_OK;
}

/* ---- Forward error correction ---- */

enum {
    FEC_10G_40G = CX6DX_FEC_NONE | CX6DX_FEC_FIRECODE,
    FEC_25G = CX6DX_FEC_NONE | CX6DX_FEC_FIRECODE | CX6DX_FEC_RS_528,
    FEC_50G = FEC_25G,
    FEC_100G = CX6DX_FEC_NONE | CX6DX_FEC_RS_528,
};

/* What both ends agree upon when the driver has no wish for this speed */
static uint32_t fec_active(const Cx6dxNic *nic, const uint8_t *pplm)
{
    switch (nic->params.timing.link_mbps) {
    case 10000:
    case 40000:
        return CX6DX_GET(pplm_reg, pplm, fec_override_admin_10g_40g)
            ?: CX6DX_FEC_NONE;
    case 25000:
        return CX6DX_GET(pplm_reg, pplm, fec_override_admin_25g)
            ?: CX6DX_FEC_RS_528;
    case 50000:
        return CX6DX_GET(pplm_reg, pplm, fec_override_admin_50g)
            ?: CX6DX_FEC_RS_528;
    case 100000:
        return CX6DX_GET(pplm_reg, pplm, fec_override_admin_100g)
            ?: CX6DX_FEC_RS_528;
    default:
        return CX6DX_FEC_NONE;
    }
}

/* One kind of those in `caps`, or none: the device's choice */
static bool fec_ok(uint32_t wish, uint32_t caps)
{
    return !(wish & ~caps) && !(wish & (wish - 1));
}

uint8_t cx6dx_cable_pplm(Cx6dxNic *nic, Cx6dxCmd *cmd, bool write,
                         const uint8_t *in, uint8_t *out)
{
    Cx6dxPort *port = &nic->port;

    if (write) {
        uint32_t f10 = CX6DX_GET(pplm_reg, in, fec_override_admin_10g_40g);
        uint32_t f25 = CX6DX_GET(pplm_reg, in, fec_override_admin_25g);
        uint32_t f50 = CX6DX_GET(pplm_reg, in, fec_override_admin_50g);
        uint32_t f100 = CX6DX_GET(pplm_reg, in, fec_override_admin_100g);

        if (!fec_ok(f10, FEC_10G_40G) || !fec_ok(f25, FEC_25G) ||
            !fec_ok(f50, FEC_50G) || !fec_ok(f100, FEC_100G)) {
            return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                                  CX6DX_SYND_FIELD);
        }
        port->fec_10g_40g = f10;
        port->fec_25g = f25;
        port->fec_50g = f50;
        port->fec_100g = f100;
    }
    CX6DX_SET(pplm_reg, out, fec_override_cap_10g_40g, FEC_10G_40G);
    CX6DX_SET(pplm_reg, out, fec_override_cap_25g, FEC_25G);
    CX6DX_SET(pplm_reg, out, fec_override_cap_50g, FEC_50G);
    CX6DX_SET(pplm_reg, out, fec_override_cap_100g, FEC_100G);
    CX6DX_SET(pplm_reg, out, fec_override_admin_10g_40g, port->fec_10g_40g);
    CX6DX_SET(pplm_reg, out, fec_override_admin_25g, port->fec_25g);
    CX6DX_SET(pplm_reg, out, fec_override_admin_50g, port->fec_50g);
    CX6DX_SET(pplm_reg, out, fec_override_admin_100g, port->fec_100g);
    if (cx6dx_port_up(nic)) {
        CX6DX_SET(pplm_reg, out, fec_mode_active, fec_active(nic, out));
    }
    return CX6DX_STATUS_OK;
}

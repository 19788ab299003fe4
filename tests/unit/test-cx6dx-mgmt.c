/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the management registers, as a driver asks for its firmware
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "cx6dx-fake-path.h"

enum { HEAD = 0x10, VERSION_OFF = 0x1c };

static uint8_t reg(Cx6dxFake *fake, uint16_t id, bool write, uint8_t *data,
                   uint32_t in_bytes, uint32_t out_bytes)
{
    uint8_t in[HEAD + 0x100] = { 0 }, out[HEAD + 0x100];
    uint8_t status;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ACCESS_REG);
    CX6DX_SET(access_register_in, in, op_mod,
              write ? CX6DX_REG_WRITE : CX6DX_REG_READ);
    CX6DX_SET(access_register_in, in, register_id, id);
    memcpy(in + HEAD, data, in_bytes);
    status = cx6dx_fake_cmd(fake, in, HEAD + in_bytes, out, HEAD + out_bytes);
    memcpy(data, out + HEAD, out_bytes);
    return status;
}

static void test_mcam(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    for (unsigned group = 0; group < 4; group++) {
        uint8_t mcam[CX6DX_mcam_reg_BYTES] = { 0 };
        uint8_t want[CX6DX_mcam_reg_BYTES] = { [3] = group };

        mcam[3] = group;
        if (group == 0) {
            want[0x08] = 0x80;          /* MCAM */
            want[0x0b] = 0x1f;          /* MQIS, MCDA, MCC, MCQI, MCQS */
            want[0x0d] = 2;             /* MPCNT */
            want[0x12] = 8;             /* MLCR */
            want[0x13] = 1;             /* MGIR */
            want[0x15] = 0x10;          /* MCIA */
            want[0x16] = 6;             /* MTMP, MTCAP */
        }
        want[0x33] = 4;                 /* MCIA of 32 words */
        want[0x37] = 1;                 /* PCIe performance counters */
        g_assert_cmphex(reg(fake, CX6DX_REG_MCAM, false, mcam, sizeof(mcam),
                            sizeof(mcam)), ==, CX6DX_STATUS_OK);
        g_assert_cmpmem(mcam, sizeof(mcam), want, sizeof(want));
    }
    cx6dx_fake_free(fake);
}

static void test_component(void)
{
    uint8_t mcqs[CX6DX_mcqs_reg_BYTES] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    g_assert_cmphex(reg(fake, CX6DX_REG_MCQS, false, mcqs, sizeof(mcqs),
                        sizeof(mcqs)), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_prm_load(mcqs), ==, 0x80000000);
    g_assert_cmphex(cx6dx_prm_load(mcqs + 4), ==, 1);
    g_assert_cmphex(cx6dx_prm_load(mcqs + 8), ==, 0);
    cx6dx_prm_store(mcqs, 1);
    g_assert_cmphex(reg(fake, CX6DX_REG_MCQS, false, mcqs, sizeof(mcqs),
                        sizeof(mcqs)), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

static uint8_t query(Cx6dxFake *fake, uint32_t index, uint32_t type,
                     uint32_t offset, uint32_t data_bytes, uint32_t out_bytes,
                     uint8_t *data)
{
    memset(data, 0, 0x100);
    CX6DX_SET(mcqi_reg, data, component_index, index);
    CX6DX_SET(mcqi_reg, data, info_type, type);
    CX6DX_SET(mcqi_reg, data, offset, offset);
    CX6DX_SET(mcqi_reg, data, data_size, data_bytes);
    return reg(fake, CX6DX_REG_MCQI, false, data, CX6DX_mcqi_reg_BYTES,
               out_bytes);
}

/* The same version as in the initialization segment */
static void test_version(void)
{
    enum { ALL = CX6DX_mcqi_reg_BYTES + CX6DX_mcqi_version_BYTES };
    static const struct {
        uint32_t index, type, offset, data_bytes, out_bytes;
        uint8_t status;
    } cases[] = {
        { 0, 1, 0, 0x7c, ALL, CX6DX_STATUS_OK },
        { 0, 1, 0, 0xffff, ALL, CX6DX_STATUS_OK },
        { 0, 1, 0, 8, CX6DX_mcqi_reg_BYTES + 8, CX6DX_STATUS_OK },
        { 0, 1, 0, 8, CX6DX_mcqi_reg_BYTES + 7, CX6DX_STATUS_BAD_PARAM },
        { 0, 1, 0, 0x7c, ALL - 1, CX6DX_STATUS_BAD_PARAM },
        { 1, 1, 0, 0x7c, ALL, CX6DX_STATUS_BAD_PARAM },
        { 0, 2, 0, 0x7c, ALL, CX6DX_STATUS_BAD_PARAM },
        { 0, 1, 4, 0x7c, ALL, CX6DX_STATUS_BAD_PARAM },
    };
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t data[0x100];

    cx6dx_fake_start(fake);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_assert_cmphex(query(fake, cases[i].index, cases[i].type,
                              cases[i].offset, cases[i].data_bytes,
                              cases[i].out_bytes, data), ==, cases[i].status);
        if (cases[i].status == CX6DX_STATUS_OK) {
            g_assert_cmphex(cx6dx_prm_load(data + VERSION_OFF), ==,
                            cx6dx_cmd_iseg_read(&fake->nic,
                                                CX6DX_ISEG_HEALTH_FW_VER));
        }
    }
    cx6dx_fake_free(fake);
}

/* Its capabilities: that one may ask for them and for the version */
static void test_component_cap(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t data[0x100];

    cx6dx_fake_start(fake);
    g_assert_cmphex(query(fake, 0, 0, 0, 0x7c, 0x18 + 0x14, data), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(CX6DX_GET(mcqi_reg, data, info_size), ==, 0x14);
    g_assert_cmphex(CX6DX_GET(mcqi_reg, data, data_size), ==, 0x14);
    g_assert_cmphex(cx6dx_prm_load(data + 0x18), ==, 3);
    g_assert_cmphex(cx6dx_prm_load(data + 0x1c), ==, 0);
    cx6dx_fake_free(fake);
}

/* The firmware can be looked at, and never written */
static void test_update(void)
{
    uint8_t mcc[CX6DX_mcc_reg_BYTES] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    g_assert_cmphex(reg(fake, CX6DX_REG_MCC, false, mcc, sizeof(mcc),
                        sizeof(mcc)), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(mcc_reg, mcc, control_state), ==, 0);
    CX6DX_SET(mcc_reg, mcc, instruction, 1);
    g_assert_cmphex(reg(fake, CX6DX_REG_MCC, true, mcc, sizeof(mcc),
                        sizeof(mcc)), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

/* Names and values of the timing model, six at a time; without it none */
static void test_model(void)
{
    uint8_t data[CX6DX_model_reg_BYTES] = { 0 };
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxTimingNumber number;
    uint32_t eqn, total = 1, n;

    cx6dx_fake_start(fake);
    g_assert_cmphex(reg(fake, CX6DX_REG_MODEL, false, data, sizeof(data),
                        sizeof(data)), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET(model_reg, data, total), ==, 0);
    g_assert_cmpuint(CX6DX_GET(model_reg, data, count), ==, 0);
    g_assert_cmphex(reg(fake, CX6DX_REG_MODEL, true, data, sizeof(data),
                        sizeof(data)), ==, CX6DX_STATUS_BAD_PARAM);

    cx6dx_fake_free(fake);
    fake = path_new(true, &eqn);
    for (uint32_t first = 0; first < total + 12; first += 5) {
        const uint8_t *entry = CX6DX_AREA(model_reg, data, numbers);

        memset(data, 0, sizeof(data));
        CX6DX_SET(model_reg, data, first, first);
        g_assert_cmphex(reg(fake, CX6DX_REG_MODEL, false, data, sizeof(data),
                            sizeof(data)), ==, CX6DX_STATUS_OK);
        g_assert_cmpuint(CX6DX_GET(model_reg, data, first), ==, first);
        total = CX6DX_GET(model_reg, data, total);
        g_assert_cmpuint(CX6DX_GET(model_reg, data, count), ==,
                         first < total ? MIN(6, total - first) : 0);
        for (n = 0; n < CX6DX_GET(model_reg, data, count); n++) {
            g_assert_true(cx6dx_timing_number(&fake->nic.timing, first + n,
                                              &number));
            /* the driver puts "model_" in front of it */
            g_assert_cmpuint(strlen(number.name), <, 32 - 6);
            g_assert_cmpstr((const char *)entry, ==, number.name);
            g_assert_cmpuint(CX6DX_GET64(model_number, entry, value), ==,
                             number.value);
            entry += CX6DX_BYTES(model_number);
        }
    }
    g_assert_cmpuint(total, >, 60);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/mgmt/registers-that-are-there", test_mcam);
    g_test_add_func("/cx6dx/mgmt/one-component", test_component);
    g_test_add_func("/cx6dx/mgmt/version", test_version);
    g_test_add_func("/cx6dx/mgmt/component-capabilities", test_component_cap);
    g_test_add_func("/cx6dx/mgmt/no-update", test_update);
    g_test_add_func("/cx6dx/mgmt/numbers-of-the-timing-model", test_model);
    return g_test_run();
}

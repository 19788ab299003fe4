/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of data encryption keys: sizes, ranges, and that keys do not stay
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/dek.h"

#define IN_BYTES CX6DX_create_encryption_key_in_BYTES
#define OUT_BYTES (0x10 + CX6DX_encryption_key_obj_BYTES)

static const uint8_t key[32] = {
    0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
    0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf,
    0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7,
    0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
};

/* A 128-bit key lies at 0x60 of the command, a 256-bit one at 0x50 */
static void fill(Cx6dxFake *fake, uint8_t in[IN_BYTES], uint16_t opcode,
                 unsigned key_bytes)
{
    uint8_t *obj = CX6DX_AREA(create_encryption_key_in, in,
                              encryption_key_object);

    memset(in, 0, IN_BYTES);
    CX6DX_SET(cmd_in, in, opcode, opcode);
    CX6DX_SET(general_obj_in, in, obj_type, CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
    CX6DX_SET(encryption_key_obj, obj, key_size, key_bytes == 32);
    CX6DX_SET(encryption_key_obj, obj, key_purpose, CX6DX_KEY_PURPOSE_TLS);
    CX6DX_SET(encryption_key_obj, obj, pd, fake->pdn);
    memcpy(in + (key_bytes == 32 ? 0x50 : 0x60), key, key_bytes);
}

static uint8_t run(Cx6dxFake *fake, const uint8_t in[IN_BYTES], uint32_t *id)
{
    uint8_t out[16];
    uint8_t status = cx6dx_fake_cmd(fake, in, IN_BYTES, out, sizeof(out));

    *id = CX6DX_GET(general_obj_out, out, obj_id);
    return status;
}

static uint8_t destroy(Cx6dxFake *fake, uint32_t id)
{
    uint8_t in[16] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_DESTROY_GENERAL_OBJECT);
    CX6DX_SET(general_obj_in, in, obj_type, CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
    CX6DX_SET(general_obj_in, in, obj_id, id);
    return cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16);
}

static void test_sizes(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[IN_BYTES];

    cx6dx_fake_start(fake);
    for (unsigned bytes = 16; bytes <= 32; bytes += 16) {
        const Cx6dxDek *dek;
        uint32_t id;

        fill(fake, in, CX6DX_CMD_CREATE_GENERAL_OBJECT, bytes);
        g_assert_cmphex(run(fake, in, &id), ==, CX6DX_STATUS_OK);
        dek = cx6dx_dek_get(&fake->nic, id, fake->pdn);
        g_assert_nonnull(dek);
        g_assert_cmpmem(dek->key, dek->key_bytes, key, bytes);
        g_assert_null(cx6dx_dek_get(&fake->nic, id, fake->pdn + 1));
        g_assert_cmphex(destroy(fake, id), ==, CX6DX_STATUS_OK);
        g_assert_null(cx6dx_dek_get(&fake->nic, id, fake->pdn));
        g_assert_cmphex(destroy(fake, id), ==, CX6DX_STATUS_BAD_RES);
    }
    cx6dx_fake_free(fake);
}

static void test_refused(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[IN_BYTES];
    uint8_t *obj = CX6DX_AREA(create_encryption_key_in, in,
                              encryption_key_object);
    uint32_t id;

    cx6dx_fake_start(fake);
#define REFUSED(change, status, synd)                               \
    do {                                                            \
        fill(fake, in, CX6DX_CMD_CREATE_GENERAL_OBJECT, 16);        \
        change;                                                     \
        g_assert_cmphex(run(fake, in, &id), ==, status);            \
        g_assert_cmphex(fake->syndrome, ==, synd);                  \
        g_assert_cmpuint(fake->nic.deks.used, ==, 0);               \
    } while (0)
    REFUSED(CX6DX_SET(encryption_key_obj, obj, key_size, 2),
            CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_KEY_SIZE);
    REFUSED(CX6DX_SET(encryption_key_obj, obj, key_size, 0xf),
            CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_KEY_SIZE);
    REFUSED(CX6DX_SET(encryption_key_obj, obj, key_purpose, 2),
            CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    REFUSED(CX6DX_SET(encryption_key_obj, obj, sw_wrapped, 1),
            CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    REFUSED(CX6DX_SET(general_obj_in, in, obj_type, 0xd),
            CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    REFUSED(CX6DX_SET(general_obj_in, in, log_obj_range,
                      CX6DX_DEK_LOG_BULK + 1),
            CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    REFUSED(CX6DX_SET(encryption_key_obj, obj, pd, 99), CX6DX_STATUS_BAD_RES,
            CX6DX_SYND_NO_SUCH_OBJECT);
#undef REFUSED
    cx6dx_fake_free(fake);
}

static void test_range(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[IN_BYTES], out[OUT_BYTES];
    uint8_t *obj = CX6DX_AREA(create_encryption_key_in, in,
                              encryption_key_object);
    uint32_t base, ignored;

    cx6dx_fake_start(fake);
    fill(fake, in, CX6DX_CMD_CREATE_GENERAL_OBJECT, 16);
    CX6DX_SET(general_obj_in, in, log_obj_range, 7);
    g_assert_cmphex(run(fake, in, &base), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(fake->nic.deks.used, ==, 128);
    /* numbers, but no key yet */
    g_assert_null(cx6dx_dek_get(&fake->nic, base + 9, fake->pdn));

    fill(fake, in, CX6DX_CMD_MODIFY_GENERAL_OBJECT, 32);
    CX6DX_SET(general_obj_in, in, obj_id, base);
    CX6DX_SET(general_obj_in, in, obj_offset, 9);
    g_assert_cmphex(run(fake, in, &ignored), ==, CX6DX_STATUS_BAD_PARAM);
    CX6DX_SET(encryption_key_obj, obj, modify_field_select_l, 1);
    g_assert_cmphex(run(fake, in, &ignored), ==, CX6DX_STATUS_OK);
    g_assert_nonnull(cx6dx_dek_get(&fake->nic, base + 9, fake->pdn));
    g_assert_null(cx6dx_dek_get(&fake->nic, base + 8, fake->pdn));
    CX6DX_SET(general_obj_in, in, obj_offset, 128);
    g_assert_cmphex(run(fake, in, &ignored), ==, CX6DX_STATUS_BAD_RES);
    CX6DX_SET(general_obj_in, in, obj_offset, 0x7fffffff);
    g_assert_cmphex(run(fake, in, &ignored), ==, CX6DX_STATUS_BAD_RES);
    CX6DX_SET(general_obj_in, in, obj_offset, 0);
    CX6DX_SET(general_obj_in, in, obj_id, base + 1);
    g_assert_cmphex(run(fake, in, &ignored), ==, CX6DX_STATUS_BAD_RES);

    /* a query tells everything but the key */
    memset(in, 0, sizeof(in));
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_GENERAL_OBJECT);
    CX6DX_SET(general_obj_in, in, obj_type, CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
    CX6DX_SET(general_obj_in, in, obj_id, base);
    CX6DX_SET(general_obj_in, in, obj_offset, 9);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    obj = out + 16;
    g_assert_cmpuint(CX6DX_GET(encryption_key_obj, obj, key_size), ==,
                     CX6DX_KEY_SIZE_256);
    for (size_t i = 0; i + 4 <= sizeof(out); i++) {
        g_assert_cmpint(memcmp(out + i, key, 4), !=, 0);
    }

    g_assert_cmphex(destroy(fake, base + 1), ==, CX6DX_STATUS_BAD_RES);
    g_assert_cmphex(destroy(fake, base), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(fake->nic.deks.used, ==, 0);
    cx6dx_fake_free(fake);
}

static uint8_t sync_crypto(Cx6dxFake *fake, uint32_t types)
{
    uint8_t in[CX6DX_sync_crypto_in_BYTES] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_SYNC_CRYPTO);
    CX6DX_SET(sync_crypto_in, in, crypto_type, types);
    return cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16);
}

/* A key of a bulk may be replaced, but not before a sync of its purpose */
static void test_sync(void)
{
    static const struct { uint32_t sync; unsigned mistakes; } step[] = {
        { 0, 0 },                   /* the first key needs none */
        { 0, 1 },
        { 1 << 2, 2 },              /* of IPsec: not this key's */
        { 1 << CX6DX_KEY_PURPOSE_TLS, 2 },
        { CX6DX_SYNC_ALL, 2 },
        { 0, 3 },
    };
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[IN_BYTES];
    uint8_t *obj = CX6DX_AREA(create_encryption_key_in, in,
                              encryption_key_object);
    uint32_t base, ignored;

    cx6dx_fake_start(fake);
    fill(fake, in, CX6DX_CMD_CREATE_GENERAL_OBJECT, 16);
    CX6DX_SET(general_obj_in, in, log_obj_range, 2);
    g_assert_cmphex(run(fake, in, &base), ==, CX6DX_STATUS_OK);
    fill(fake, in, CX6DX_CMD_MODIFY_GENERAL_OBJECT, 16);
    CX6DX_SET(general_obj_in, in, obj_id, base);
    CX6DX_SET(general_obj_in, in, obj_offset, 3);
    CX6DX_SET(encryption_key_obj, obj, modify_field_select_l, 1);
    for (size_t i = 0; i < ARRAY_SIZE(step); i++) {
        if (step[i].sync) {
            g_assert_cmphex(sync_crypto(fake, step[i].sync), ==,
                            CX6DX_STATUS_OK);
        }
        in[0x60] = i;
        g_assert_cmphex(run(fake, in, &ignored), ==, CX6DX_STATUS_OK);
        g_assert_cmpuint(cx6dx_dek_get(&fake->nic, base + 3,
                                       fake->pdn)->key[0], ==, i);
        g_assert_cmpuint(fake->nic.guest_errs[CX6DX_GUEST_ERR_DEK_NOT_SYNCED],
                         ==, step[i].mistakes);
    }
    cx6dx_fake_free(fake);
}

static void test_off_without_tls(void)
{
    Cx6dxNicParams params;
    Cx6dxFake *fake;
    uint8_t in[IN_BYTES];
    uint32_t id;

    cx6dx_fake_params(&params);
    params.tls_tx = params.tls_rx = false;
    fake = cx6dx_fake_new_with(&params);
    cx6dx_fake_start(fake);
    fill(fake, in, CX6DX_CMD_CREATE_GENERAL_OBJECT, 16);
    g_assert_cmphex(run(fake, in, &id), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

static void test_limit(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[IN_BYTES];
    uint32_t id;

    cx6dx_fake_start(fake);
    fill(fake, in, CX6DX_CMD_CREATE_GENERAL_OBJECT, 16);
    CX6DX_SET(general_obj_in, in, log_obj_range, CX6DX_DEK_LOG_BULK);
    for (int i = 0; i < 1 << (CX6DX_LOG_MAX_DEK - CX6DX_DEK_LOG_BULK); i++) {
        g_assert_cmphex(run(fake, in, &id), ==, CX6DX_STATUS_OK);
    }
    g_assert_cmphex(run(fake, in, &id), ==, CX6DX_STATUS_LIM_ERR);
    g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_TABLE_FULL);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/dek/sizes", test_sizes);
    g_test_add_func("/cx6dx/dek/refused", test_refused);
    g_test_add_func("/cx6dx/dek/range", test_range);
    g_test_add_func("/cx6dx/dek/bulk-key-replaced-after-sync", test_sync);
    g_test_add_func("/cx6dx/dek/off-without-tls", test_off_without_tls);
    g_test_add_func("/cx6dx/dek/limit", test_limit);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Data encryption keys; see dek.h (PRM "Crypto", general objects)
 */
#include "qemu/osdep.h"
#include "nic/dek.h"
#include "nic/nic.h"
#include "nic/res.h"
#include "pure/aead.h"
#include "trace.h"

#define MODIFY_KEY (1u << 0)        /* modify_field_select */

void cx6dx_dek_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    Cx6dxDek *dek = (Cx6dxDek *)obj;

    cx6dx_obj_unref(&nic->pds, dek->pdn);
    cx6dx_aead_wipe(dek->key, sizeof(dek->key));
    g_free(dek);
}

static Cx6dxDek *dek_find(Cx6dxNic *nic, uint64_t index)
{
    if (index > UINT32_MAX) {
        return NULL;
    }
    return (Cx6dxDek *)cx6dx_obj_get(&nic->deks, index);
}

const Cx6dxDek *cx6dx_dek_get(Cx6dxNic *nic, uint32_t dek_index, uint32_t pdn)
{
    const Cx6dxDek *dek = dek_find(nic, dek_index);

    return dek && dek->key_bytes && dek->pdn == pdn ? dek : NULL;
}

/* Checks size and purpose of the key in `obj`; a syndrome */
static uint32_t check_key(const uint8_t *obj)
{
    uint32_t purpose = CX6DX_GET(encryption_key_obj, obj, key_purpose);

    if (CX6DX_GET(encryption_key_obj, obj, key_size) > CX6DX_KEY_SIZE_256) {
        return CX6DX_SYND_KEY_SIZE;
    }
    /* old drivers leave the purpose at 0 */
    if ((purpose && purpose != CX6DX_KEY_PURPOSE_TLS) ||
        CX6DX_GET(encryption_key_obj, obj, sw_wrapped)) {
        return CX6DX_SYND_FIELD;
    }
    return CX6DX_SYND_NONE;
}

static void take_key(Cx6dxDek *dek, const uint8_t *obj)
{
    const uint8_t *area = CX6DX_AREA(encryption_key_obj, obj, key);
    bool is_256 = CX6DX_GET(encryption_key_obj, obj, key_size) ==
                  CX6DX_KEY_SIZE_256;

    cx6dx_aead_wipe(dek->key, sizeof(dek->key));
    dek->key_bytes = is_256 ? 32 : 16;
    memcpy(dek->key, area + (is_256 ? CX6DX_DEK_KEY_256_OFF
                                    : CX6DX_DEK_KEY_128_OFF),
           dek->key_bytes);
}

/* The object type must be the one that there is, and TLS be on */
static bool type_ok(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return (nic->params.tls_tx || nic->params.tls_rx) &&
           CX6DX_GET(general_obj_in, cmd->in, obj_type) ==
               CX6DX_OBJ_TYPE_ENCRYPTION_KEY;
}

/* All keys of a range, or none; 0 when the table is full */
static uint32_t add_range(Cx6dxNic *nic, uint32_t pdn, uint32_t n)
{
    g_autofree Cx6dxObj **objs = g_new(Cx6dxObj *, n);
    uint32_t base;

    for (uint32_t i = 0; i < n; i++) {
        Cx6dxDek *dek = g_new0(Cx6dxDek, 1);

        dek->pdn = pdn;
        dek->range_entries = n;
        objs[i] = &dek->obj;
    }
    base = cx6dx_obj_add_range(&nic->deks, objs, n);
    for (uint32_t i = 0; i < n; i++) {
        if (base) {
            ((Cx6dxDek *)objs[i])->range_base = base;
            cx6dx_obj_ref(&nic->pds, pdn);
        } else {
            g_free(objs[i]);
        }
    }
    return base;
}

uint8_t cx6dx_cmd_create_general_obj(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *obj = CX6DX_AREA(create_encryption_key_in, cmd->in,
                                    encryption_key_object);
    uint32_t log_range = CX6DX_GET(general_obj_in, cmd->in, log_obj_range);
    uint32_t pdn = CX6DX_GET(encryption_key_obj, obj, pd);
    uint32_t syndrome = check_key(obj);
    uint32_t base;

    if (!type_ok(nic, cmd) || log_range > CX6DX_DEK_LOG_BULK) {
        syndrome = CX6DX_SYND_FIELD;
    }
    if (syndrome) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, syndrome);
    }
    if (!cx6dx_obj_get(&nic->pds, pdn)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    base = add_range(nic, pdn, 1u << log_range);
    if (!base) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_LIM_ERR,
                              CX6DX_SYND_TABLE_FULL);
    }
    if (!log_range) {
        take_key(dek_find(nic, base), obj);
    }
    trace_cx6dx_obj_create(nic->params.id, base, nic->deks.name);
    CX6DX_SET(general_obj_out, cmd->out, obj_id, base);
    return CX6DX_STATUS_OK;
}

/* The key that header and offset of a command name */
static Cx6dxDek *named_dek(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t offset = CX6DX_GET(general_obj_in, cmd->in, obj_offset);
    Cx6dxDek *base = dek_find(nic, CX6DX_GET(general_obj_in, cmd->in, obj_id));

    if (!type_ok(nic, cmd) || !base || base->range_base != base->obj.id ||
        offset >= base->range_entries) {
        cmd->syndrome = CX6DX_SYND_NO_SUCH_OBJECT;
        return NULL;
    }
    return dek_find(nic, (uint64_t)base->obj.id + offset);
}

uint8_t cx6dx_cmd_modify_general_obj(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *obj = CX6DX_AREA(create_encryption_key_in, cmd->in,
                                    encryption_key_object);
    Cx6dxDek *dek = named_dek(nic, cmd);
    uint32_t syndrome = check_key(obj);

    if (!dek) {
        return CX6DX_STATUS_BAD_RES;
    }
    if (CX6DX_GET(encryption_key_obj, obj, modify_field_select_l) !=
            MODIFY_KEY ||
        CX6DX_GET(encryption_key_obj, obj, modify_field_select_h)) {
        syndrome = CX6DX_SYND_FIELD;
    }
    if (syndrome) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, syndrome);
    }
    if (dek->key_bytes && !dek->synced) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_DEK_NOT_SYNCED, dek->obj.id);
    }
    take_key(dek, obj);
    dek->synced = false;
    return CX6DX_STATUS_OK;
}

/* Everything but the key */
uint8_t cx6dx_cmd_query_general_obj(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint8_t *obj = cmd->out + CX6DX_BYTES(general_obj_out);
    const Cx6dxDek *dek = named_dek(nic, cmd);

    if (!dek) {
        return CX6DX_STATUS_BAD_RES;
    }
    CX6DX_SET(general_obj_out, cmd->out, obj_id, dek->obj.id);
    CX6DX_SET(encryption_key_obj, obj, key_size,
              dek->key_bytes == 32 ? CX6DX_KEY_SIZE_256 : CX6DX_KEY_SIZE_128);
    CX6DX_SET(encryption_key_obj, obj, key_purpose, CX6DX_KEY_PURPOSE_TLS);
    CX6DX_SET(encryption_key_obj, obj, pd, dek->pdn);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_general_obj(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t base = CX6DX_GET(general_obj_in, cmd->in, obj_id);
    Cx6dxDek *dek = dek_find(nic, base);
    uint32_t n;

    if (!type_ok(nic, cmd) || !dek || dek->range_base != base) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    n = dek->range_entries;
    for (uint32_t i = 0; i < n; i++) {
        cx6dx_obj_del(nic, &nic->deks, base + i);
    }
    trace_cx6dx_obj_destroy(nic->params.id, base, nic->deks.name);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_sync_crypto(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t types = CX6DX_GET(sync_crypto_in, cmd->in, crypto_type);

    if (!(types & (CX6DX_SYNC_ALL | 1u << CX6DX_KEY_PURPOSE_TLS))) {
        return CX6DX_STATUS_OK;     /* keys of a purpose that there is not */
    }
    for (uint32_t id = 0; id < nic->deks.size; id++) {
        Cx6dxDek *dek = dek_find(nic, id);

        if (dek) {
            dek->synced = true;
        }
    }
    return CX6DX_STATUS_OK;
}

/* ---- Snapshots ---- */

void cx6dx_dek_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    Cx6dxDek *dek = (Cx6dxDek *)obj;

    cx6dx_obj_archive_ref(ar, &nic->pds, &dek->pdn);
    cx6dx_ar(ar, &dek->range_base);
    cx6dx_ar(ar, &dek->range_entries);
    cx6dx_ar(ar, &dek->synced);
    cx6dx_ar(ar, &dek->key_bytes);
    if (cx6dx_ar_check(ar, !dek->key_bytes || dek->key_bytes == 16 ||
                           dek->key_bytes == 32, "a key has no such size")) {
        cx6dx_ar_bytes(ar, dek->key, dek->key_bytes);
    }
}

/* The range that begins with `dek` is all there, and says so everywhere */
static bool range_whole(Cx6dxNic *nic, const Cx6dxDek *dek)
{
    uint32_t base = dek->obj.id, n = dek->range_entries;

    if (dek->range_base != base || !n || (n & (n - 1)) ||
        n > 1u << CX6DX_DEK_LOG_BULK) {
        return false;
    }
    for (uint32_t i = 1; i < n; i++) {
        const Cx6dxDek *other = dek_find(nic, (uint64_t)base + i);

        if (!other || other->range_base != base || other->range_entries != n) {
            return false;
        }
    }
    return true;
}

bool cx6dx_dek_ranges_ok(Cx6dxNic *nic)
{
    uint32_t id = nic->deks.first;

    while (id < nic->deks.size) {
        const Cx6dxDek *dek = dek_find(nic, id);

        if (dek && !range_whole(nic, dek)) {
            return false;
        }
        id += dek ? dek->range_entries : 1;
    }
    return true;
}

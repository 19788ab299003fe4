/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Data encryption keys: general objects of type CX6DX_OBJ_TYPE_ENCRYPTION_KEY
 *
 * Single keys, and bulks of them whose keys are set later, one by one, by
 * MODIFY_GENERAL_OBJECT.  Before a number of a bulk gets another key a driver
 * has to send SYNC_CRYPTO: a card may have the old one in a cache.  The model has
 * no such cache, takes the key, and notes the driver's mistake.
 *
 * Contexts take a copy of the key when static params arrive, so that a DEK may
 * be destroyed while they live.  Keys are wiped on release and never leave.
 */
#ifndef CX6DX_NIC_DEK_H
#define CX6DX_NIC_DEK_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/obj.h"

#define CX6DX_DEK_LOG_BULK 7        /* most keys of one bulk */

typedef struct Cx6dxDek {
    Cx6dxObj obj;
    uint32_t pdn;
    uint32_t range_base;    /* first number of its range */
    uint32_t range_entries;
    uint8_t key_bytes;      /* 0: no key yet; 16 or 32 */
    bool synced;            /* since it got the key; a new one is welcome */
    uint8_t key[32];
} Cx6dxDek;

void cx6dx_dek_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_dek_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);
/* All are loaded: do their ranges belong together? */
bool cx6dx_dek_ranges_ok(Cx6dxNic *nic);

/* NULL when there is no such DEK or it has no key, or another domain's */
const Cx6dxDek *cx6dx_dek_get(Cx6dxNic *nic, uint32_t dek_index, uint32_t pdn);

uint8_t cx6dx_cmd_create_general_obj(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_modify_general_obj(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_general_obj(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_general_obj(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_sync_crypto(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

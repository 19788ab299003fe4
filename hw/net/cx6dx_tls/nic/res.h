/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Small resources: protection and transport domains, doorbell pages, memory
 * keys; and page lists of queues
 *
 * All access to guest memory by key goes through cx6dx_mkey_read/write.
 */
#ifndef CX6DX_NIC_RES_H
#define CX6DX_NIC_RES_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/obj.h"

/* Buffer of a queue in guest memory: a list of pages of equal size */
typedef struct Cx6dxPageList {
    uint64_t *pas;
    uint32_t npages;
    uint8_t log_page_bytes;
} Cx6dxPageList;

typedef struct Cx6dxMkey {
    Cx6dxObj obj;
    uint32_t pdn;
    uint8_t mode;           /* CX6DX_MKEY_MODE_PA or _MTT */
    uint8_t key_7_0;
    bool free;              /* not usable until a UMR */
    bool umr_en;
    bool local_read, local_write;
    bool length64;
    uint64_t start_addr;
    uint64_t len;
    uint8_t log_page_bytes;
    uint64_t *mtt;
    uint32_t mtt_entries;
} Cx6dxMkey;

/*
 * Takes `bytes` of buffer, that is DIV_ROUND_UP(bytes, page) addresses, from the
 * `list_bytes` at `list`.  False when the list is too short, or an address is
 * not aligned to the page; then nothing is held.
 */
bool cx6dx_pages_init(Cx6dxPageList *pages, const uint8_t *list,
                      size_t list_bytes, uint64_t bytes,
                      uint8_t log_page_bytes);
void cx6dx_pages_free(Cx6dxPageList *pages);
/* A list that covers `bytes` of buffer; loading: the same checks as for init */
void cx6dx_pages_archive(Cx6dxPageList *pages, uint64_t bytes,
                         Cx6dxArchive *ar);

/* Bus address of a byte of the buffer; `offset` is inside it */
static inline uint64_t cx6dx_pages_addr(const Cx6dxPageList *pages,
                                        uint64_t offset)
{
    return pages->pas[offset >> pages->log_page_bytes] +
           (offset & ((1ull << pages->log_page_bytes) - 1));
}

typedef enum Cx6dxMkeyResult {
    CX6DX_MKEY_OK,
    CX6DX_MKEY_PROTECTION,  /* no such key, wrong domain, rights or range */
    CX6DX_MKEY_DMA,         /* the key is right but memory is not there */
} Cx6dxMkeyResult;

Cx6dxMkeyResult cx6dx_mkey_read(Cx6dxNic *nic, uint32_t lkey, uint32_t pdn,
                                uint64_t addr, void *buf, size_t len);
Cx6dxMkeyResult cx6dx_mkey_write(Cx6dxNic *nic, uint32_t lkey, uint32_t pdn,
                                 uint64_t addr, const void *buf, size_t len);

/* UMR on an MTT key: entries are 8 bytes big endian; false when out of range */
bool cx6dx_mkey_update(Cx6dxNic *nic, uint32_t lkey, uint32_t first,
                       const uint8_t *entries, uint32_t n);

/* Translation entries of all memory keys together */
#define CX6DX_MAX_MTT_ENTRIES (1u << 22)
#define CX6DX_LOG_MIN_MKEY_PAGE_BYTES 11    /* the smallest frame of AF_XDP */

/*
 * What every create and destroy command ends with: number and syndrome.  add
 * returns 0 when the table is full, and the caller keeps `obj`; del returns the
 * status.
 */
uint32_t cx6dx_cmd_add_obj(Cx6dxNic *nic, Cx6dxCmd *cmd, Cx6dxObjTable *table,
                           Cx6dxObj *obj);
uint8_t cx6dx_cmd_del_obj(Cx6dxNic *nic, Cx6dxCmd *cmd, Cx6dxObjTable *table,
                          uint32_t id);

void cx6dx_mkey_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_mkey_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);
void cx6dx_res_plain_release(Cx6dxNic *nic, Cx6dxObj *obj);

uint8_t cx6dx_cmd_alloc_pd(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_dealloc_pd(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_alloc_td(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_dealloc_td(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_alloc_uar(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_dealloc_uar(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_create_mkey(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_mkey(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_special_contexts(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

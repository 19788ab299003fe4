/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Protection and transport domains, doorbell pages, memory keys, page lists;
 * see res.h (PRM "Memory Resources", "UAR")
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/res.h"
#include "trace.h"

/* Access flags in the low bits of a translation entry */
#define MTT_FLAGS 7ull

static uint64_t load64(const uint8_t *p)
{
    return (uint64_t)cx6dx_prm_load(p) << 32 | cx6dx_prm_load(p + 4);
}

enum { MIN_LOG_PAGE_BYTES = 12, MAX_LOG_PAGE_BYTES = 43 };

bool cx6dx_pages_init(Cx6dxPageList *pages, const uint8_t *list,
                      size_t list_bytes, uint64_t bytes,
                      uint8_t log_page_bytes)
{
    uint64_t page, n;

    memset(pages, 0, sizeof(*pages));
    if (log_page_bytes < MIN_LOG_PAGE_BYTES ||
        log_page_bytes > MAX_LOG_PAGE_BYTES || !bytes) {
        return false;
    }
    page = 1ull << log_page_bytes;
    n = (bytes - 1) / page + 1;
    if (n > list_bytes / 8) {
        return false;
    }
    pages->pas = g_new(uint64_t, n);
    pages->npages = n;
    pages->log_page_bytes = log_page_bytes;
    for (uint64_t i = 0; i < n; i++) {
        pages->pas[i] = load64(list + 8 * i);
        if (pages->pas[i] & (page - 1)) {
            cx6dx_pages_free(pages);
            return false;
        }
    }
    return true;
}

void cx6dx_pages_free(Cx6dxPageList *pages)
{
    g_free(pages->pas);
    memset(pages, 0, sizeof(*pages));
}

void cx6dx_pages_archive(Cx6dxPageList *pages, uint64_t bytes,
                         Cx6dxArchive *ar)
{
    uint8_t log_page_bytes = pages->log_page_bytes;
    uint64_t page;

    cx6dx_ar(ar, &log_page_bytes);
    if (!cx6dx_ar_check(ar, log_page_bytes >= MIN_LOG_PAGE_BYTES &&
                            log_page_bytes <= MAX_LOG_PAGE_BYTES,
                        "the size of a page can not be")) {
        return;
    }
    page = 1ull << log_page_bytes;
    if (ar->loading) {
        pages->log_page_bytes = log_page_bytes;
        pages->npages = (bytes - 1) / page + 1;
        pages->pas = g_new0(uint64_t, pages->npages);
    }
    for (uint32_t i = 0; i < pages->npages && cx6dx_ar_good(ar); i++) {
        cx6dx_ar(ar, &pages->pas[i]);
        cx6dx_ar_check(ar, !(pages->pas[i] & (page - 1)),
                       "a page is not aligned");
    }
}

void cx6dx_res_plain_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    g_free(obj);
}

uint8_t cx6dx_cmd_del_obj(Cx6dxNic *nic, Cx6dxCmd *cmd, Cx6dxObjTable *table,
                          uint32_t id)
{
    uint8_t status = cx6dx_obj_del(nic, table, id);

    if (status == CX6DX_STATUS_OK) {
        trace_cx6dx_obj_destroy(nic->params.id, id, table->name);
    } else {
        cmd->syndrome = status == CX6DX_STATUS_RES_BUSY
                            ? CX6DX_SYND_OBJECT_BUSY
                            : CX6DX_SYND_NO_SUCH_OBJECT;
    }
    return status;
}

uint32_t cx6dx_cmd_add_obj(Cx6dxNic *nic, Cx6dxCmd *cmd, Cx6dxObjTable *table,
                           Cx6dxObj *obj)
{
    uint32_t id = cx6dx_obj_add(table, obj);

    if (id) {
        trace_cx6dx_obj_create(nic->params.id, id, table->name);
    } else {
        cmd->syndrome = CX6DX_SYND_TABLE_FULL;
    }
    return id;
}

/* Objects that are nothing but a number */
static uint8_t alloc_plain(Cx6dxNic *nic, Cx6dxCmd *cmd, Cx6dxObjTable *table)
{
    Cx6dxObj *obj = g_new0(Cx6dxObj, 1);
    uint32_t id = cx6dx_cmd_add_obj(nic, cmd, table, obj);

    if (!id) {
        g_free(obj);
        return CX6DX_STATUS_LIM_ERR;
    }
    CX6DX_SET(cmd_out, cmd->out, number, id);
    return CX6DX_STATUS_OK;
}

static uint8_t dealloc_plain(Cx6dxNic *nic, Cx6dxCmd *cmd, Cx6dxObjTable *table)
{
    return cx6dx_cmd_del_obj(nic, cmd, table,
                             CX6DX_GET(cmd_in, cmd->in, number));
}

uint8_t cx6dx_cmd_alloc_pd(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return alloc_plain(nic, cmd, &nic->pds);
}

uint8_t cx6dx_cmd_dealloc_pd(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return dealloc_plain(nic, cmd, &nic->pds);
}

uint8_t cx6dx_cmd_alloc_td(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return alloc_plain(nic, cmd, &nic->tds);
}

uint8_t cx6dx_cmd_dealloc_td(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return dealloc_plain(nic, cmd, &nic->tds);
}

uint8_t cx6dx_cmd_alloc_uar(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return alloc_plain(nic, cmd, &nic->uars);
}

uint8_t cx6dx_cmd_dealloc_uar(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return dealloc_plain(nic, cmd, &nic->uars);
}

/* ---- Memory keys ---- */

void cx6dx_mkey_release(Cx6dxNic *nic, Cx6dxObj *obj)
{
    Cx6dxMkey *mkey = (Cx6dxMkey *)obj;

    cx6dx_obj_unref(&nic->pds, mkey->pdn);
    nic->mtt_entries -= mkey->mtt_entries;
    g_free(mkey->mtt);
    g_free(mkey);
}

static const Cx6dxMkey *mkey_check(Cx6dxNic *nic, uint32_t lkey, uint32_t pdn,
                                   uint64_t addr, size_t len)
{
    const Cx6dxMkey *mkey =
        (const Cx6dxMkey *)cx6dx_obj_get(&nic->mkeys, lkey >> 8);

    if (!mkey || mkey->key_7_0 != (lkey & 0xff) || mkey->pdn != pdn ||
        mkey->free) {
        return NULL;
    }
    if (mkey->mode == CX6DX_MKEY_MODE_PA && mkey->length64) {
        return mkey;
    }
    if (addr < mkey->start_addr || len > mkey->len ||
        addr - mkey->start_addr > mkey->len - len) {
        return NULL;
    }
    return mkey;
}

/*
 * Where `addr` is on the bus and how many bytes, at most `*chunk`, follow it
 * there.  False when no entry of the table covers it.
 */
static bool mkey_translate(const Cx6dxMkey *mkey, uint64_t addr,
                           uint64_t *bus_addr, size_t *chunk)
{
    uint64_t page = 1ull << mkey->log_page_bytes;
    uint64_t offset = addr - mkey->start_addr;
    uint64_t index = offset >> mkey->log_page_bytes;

    if (index >= mkey->mtt_entries) {
        return false;
    }
    *bus_addr = (mkey->mtt[index] & ~MTT_FLAGS) + (offset & (page - 1));
    *chunk = MIN(*chunk, page - (offset & (page - 1)));
    return true;
}

Cx6dxMkeyResult cx6dx_mkey_read(Cx6dxNic *nic, uint32_t lkey, uint32_t pdn,
                                uint64_t addr, void *buf, size_t len)
{
    const Cx6dxMkey *mkey = mkey_check(nic, lkey, pdn, addr, len);
    uint8_t *to = buf;

    if (!mkey || !mkey->local_read) {
        return CX6DX_MKEY_PROTECTION;
    }
    if (mkey->mode == CX6DX_MKEY_MODE_PA) {
        return cx6dx_nic_dma_read(nic, addr, buf, len) ? CX6DX_MKEY_OK
                                                       : CX6DX_MKEY_DMA;
    }
    while (len) {
        uint64_t bus_addr;
        size_t chunk = len;

        if (!mkey_translate(mkey, addr, &bus_addr, &chunk)) {
            return CX6DX_MKEY_PROTECTION;
        }
        if (!cx6dx_nic_dma_read(nic, bus_addr, to, chunk)) {
            return CX6DX_MKEY_DMA;
        }
        to += chunk;
        addr += chunk;
        len -= chunk;
    }
    return CX6DX_MKEY_OK;
}

Cx6dxMkeyResult cx6dx_mkey_write(Cx6dxNic *nic, uint32_t lkey, uint32_t pdn,
                                 uint64_t addr, const void *buf, size_t len)
{
    const Cx6dxMkey *mkey = mkey_check(nic, lkey, pdn, addr, len);
    const uint8_t *from = buf;

    if (!mkey || !mkey->local_write) {
        return CX6DX_MKEY_PROTECTION;
    }
    if (mkey->mode == CX6DX_MKEY_MODE_PA) {
        return cx6dx_nic_dma_write(nic, addr, buf, len) ? CX6DX_MKEY_OK
                                                        : CX6DX_MKEY_DMA;
    }
    while (len) {
        uint64_t bus_addr;
        size_t chunk = len;

        if (!mkey_translate(mkey, addr, &bus_addr, &chunk)) {
            return CX6DX_MKEY_PROTECTION;
        }
        if (!cx6dx_nic_dma_write(nic, bus_addr, from, chunk)) {
            return CX6DX_MKEY_DMA;
        }
        from += chunk;
        addr += chunk;
        len -= chunk;
    }
    return CX6DX_MKEY_OK;
}

bool cx6dx_mkey_update(Cx6dxNic *nic, uint32_t lkey, uint32_t first,
                       const uint8_t *entries, uint32_t n)
{
    Cx6dxMkey *mkey = (Cx6dxMkey *)cx6dx_obj_get(&nic->mkeys, lkey >> 8);

    if (!mkey || mkey->key_7_0 != (lkey & 0xff) || !mkey->umr_en ||
        mkey->mode != CX6DX_MKEY_MODE_MTT || first > mkey->mtt_entries ||
        n > mkey->mtt_entries - first) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        mkey->mtt[first + i] = load64(entries + 8 * i);
    }
    mkey->free = false;
    return true;
}

/* Reads the translations of a new MTT key; 0 or a syndrome */
static uint32_t mkey_read_mtt(Cx6dxNic *nic, const Cx6dxCmd *cmd,
                              const uint8_t *mkc, Cx6dxMkey *mkey)
{
    uint32_t octwords = CX6DX_GET(mkc, mkc, translations_octword_size);
    uint32_t given = CX6DX_GET(create_mkey_in, cmd->in,
                               translations_octword_actual_size);
    uint32_t given_max = (cmd->in_bytes - CX6DX_BYTES(create_mkey_in)) / 16;

    mkey->log_page_bytes = CX6DX_GET(mkc, mkc, log_page_size);
    if (mkey->log_page_bytes < CX6DX_LOG_MIN_MKEY_PAGE_BYTES ||
        mkey->log_page_bytes > MAX_LOG_PAGE_BYTES ||
        octwords > CX6DX_MAX_MTT_ENTRIES / 2 ||
        octwords * 2 > CX6DX_MAX_MTT_ENTRIES - nic->mtt_entries) {
        return CX6DX_SYND_QUEUE_SIZE;
    }
    if (given > octwords || given > given_max) {
        return CX6DX_SYND_PAGE_LIST;
    }
    mkey->mtt_entries = octwords * 2;
    mkey->mtt = g_new0(uint64_t, mkey->mtt_entries);
    for (uint32_t i = 0; i < given * 2; i++) {
        mkey->mtt[i] = load64(cmd->in + CX6DX_BYTES(create_mkey_in) + 8 * i);
    }
    return CX6DX_SYND_NONE;
}

void cx6dx_mkey_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj)
{
    Cx6dxMkey *mkey = (Cx6dxMkey *)obj;
    uint32_t n = mkey->mtt_entries;
    bool mtt;

    cx6dx_obj_archive_ref(ar, &nic->pds, &mkey->pdn);
    cx6dx_ar(ar, &mkey->mode);
    cx6dx_ar(ar, &mkey->key_7_0);
    cx6dx_ar(ar, &mkey->free);
    cx6dx_ar(ar, &mkey->umr_en);
    cx6dx_ar(ar, &mkey->local_read);
    cx6dx_ar(ar, &mkey->local_write);
    cx6dx_ar(ar, &mkey->length64);
    cx6dx_ar(ar, &mkey->start_addr);
    cx6dx_ar(ar, &mkey->len);
    cx6dx_ar(ar, &mkey->log_page_bytes);
    mtt = mkey->mode == CX6DX_MKEY_MODE_MTT;
    cx6dx_ar_check(ar, mtt || mkey->mode == CX6DX_MKEY_MODE_PA,
                   "no memory key is of that kind");
    cx6dx_ar_check(ar, mtt ? mkey->log_page_bytes >=
                             CX6DX_LOG_MIN_MKEY_PAGE_BYTES &&
                             mkey->log_page_bytes <= MAX_LOG_PAGE_BYTES
                           : !mkey->log_page_bytes,
                   "the size of a page can not be");
    cx6dx_ar_count(ar, &n, mtt ? CX6DX_MAX_MTT_ENTRIES : 0,
                   "too many translations of a memory key");
    if (ar->loading &&
        cx6dx_ar_check(ar, n <= CX6DX_MAX_MTT_ENTRIES - nic->mtt_entries,
                       "too many translations of memory keys")) {
        mkey->mtt = g_new0(uint64_t, n);
        mkey->mtt_entries = n;
        nic->mtt_entries += n;
    }
    for (uint32_t i = 0; i < mkey->mtt_entries && cx6dx_ar_good(ar); i++) {
        cx6dx_ar(ar, &mkey->mtt[i]);
    }
}

uint8_t cx6dx_cmd_create_mkey(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const uint8_t *mkc = CX6DX_AREA(create_mkey_in, cmd->in,
                                    memory_key_mkey_entry);
    g_autofree Cx6dxMkey *mkey = g_new0(Cx6dxMkey, 1);
    uint32_t id;

    mkey->pdn = CX6DX_GET(mkc, mkc, pd);
    mkey->mode = CX6DX_GET(mkc, mkc, access_mode_1_0);
    mkey->key_7_0 = CX6DX_GET(mkc, mkc, mkey_7_0);
    mkey->free = CX6DX_GET(mkc, mkc, free);
    mkey->umr_en = CX6DX_GET(mkc, mkc, umr_en);
    mkey->local_read = CX6DX_GET(mkc, mkc, lr);
    mkey->local_write = CX6DX_GET(mkc, mkc, lw);
    mkey->length64 = CX6DX_GET(mkc, mkc, length64);
    mkey->start_addr = CX6DX_GET64(mkc, mkc, start_addr);
    mkey->len = CX6DX_GET64(mkc, mkc, len);
    if (mkey->mode != CX6DX_MKEY_MODE_PA && mkey->mode != CX6DX_MKEY_MODE_MTT) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (!cx6dx_obj_get(&nic->pds, mkey->pdn)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if (mkey->mode == CX6DX_MKEY_MODE_MTT) {
        uint32_t syndrome = mkey_read_mtt(nic, cmd, mkc, mkey);

        if (syndrome) {
            return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, syndrome);
        }
    }
    id = cx6dx_cmd_add_obj(nic, cmd, &nic->mkeys, &mkey->obj);
    if (!id) {
        g_free(mkey->mtt);
        return CX6DX_STATUS_LIM_ERR;
    }
    cx6dx_obj_ref(&nic->pds, mkey->pdn);
    nic->mtt_entries += mkey->mtt_entries;
    g_steal_pointer(&mkey);
    CX6DX_SET(cmd_out, cmd->out, number, id);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_destroy_mkey(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    return dealloc_plain(nic, cmd, &nic->mkeys);
}

uint8_t cx6dx_cmd_query_special_contexts(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    /* no special key is offered: every number behind the status stays 0 */
    return CX6DX_STATUS_OK;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pages that the firmware borrows; see pages.h
 */
#include "qemu/osdep.h"
#include "nic/eq.h"
#include "nic/nic.h"
#include "nic/pages.h"
#include "trace.h"

#define ENTRY_BYTES 8
/* More than all objects that there can be ask for */
#define MOST_PAGES (1u << 20)

static uint32_t boot_pages(const Cx6dxNic *nic)
{
    return nic->params.fw_pages / 4;
}

void cx6dx_pages_forget(Cx6dxNic *nic)
{
    g_free(nic->pages.addr);
    nic->pages = (Cx6dxPages) { 0 };
}

void cx6dx_pages_boot(Cx6dxNic *nic)
{
    cx6dx_pages_forget(nic);
    nic->pages.asked = boot_pages(nic);
}

void cx6dx_pages_teardown(Cx6dxNic *nic)
{
    nic->pages.asked = 0;
}

bool cx6dx_pages_enough(const Cx6dxNic *nic)
{
    return nic->pages.given >= nic->params.fw_pages;
}

/* As many as the objects of the moment need, in steps */
static uint32_t wanted(const Cx6dxNic *nic)
{
    uint32_t objects = cx6dx_nic_objects(nic) - nic->pages.given;
    uint32_t pages = objects / CX6DX_PAGES_OBJECTS;

    return nic->params.fw_pages + pages / CX6DX_PAGES_STEP * CX6DX_PAGES_STEP;
}

void cx6dx_pages_follow(Cx6dxNic *nic)
{
    Cx6dxPages *pages = &nic->pages;
    uint32_t target;

    if (!nic->params.fw_pages || !nic->cmd.hca_inited) {
        return;
    }
    target = wanted(nic);
    /* a step is not given back before it is needed no more for sure */
    if ((target > pages->asked || target + CX6DX_PAGES_STEP < pages->asked) &&
        cx6dx_eq_post_pages(nic, (int32_t)(target - pages->asked))) {
        trace_cx6dx_pages_ask(nic->params.id, (int32_t)(target - pages->asked),
                              pages->given);
        pages->asked = target;
    }
}

uint8_t cx6dx_cmd_query_pages(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    Cx6dxPages *pages = &nic->pages;
    uint32_t want = 0;

    switch (cmd->op_mod) {
    case CX6DX_QUERY_PAGES_BOOT:
        want = boot_pages(nic);
        break;
    case CX6DX_QUERY_PAGES_INIT:
        want = pages->asked = MAX(pages->asked, nic->params.fw_pages);
        break;
    case CX6DX_QUERY_PAGES_REGULAR:
        want = pages->asked;
        break;
    default:
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    CX6DX_SET(query_pages_out, cmd->out, function_id,
              CX6DX_GET(query_pages_in, cmd->in, function_id));
    if (cmd->op_mod == CX6DX_QUERY_PAGES_REGULAR || want > pages->given) {
        CX6DX_SET(query_pages_out, cmd->out, num_pages, want - pages->given);
    }
    return CX6DX_STATUS_OK;
}

/* Pages are a multiple of 4 KiB */
static bool aligned(uint64_t addr)
{
    return !(addr & (CX6DX_PAGE_BYTES - 1));
}

/* The list grows as it is read: nobody allocates what a stream claims */
void cx6dx_pages_borrowed_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    Cx6dxPages *pages = &nic->pages;
    uint32_t n = pages->given;
    uint64_t addr;

    cx6dx_ar(ar, &pages->asked);
    cx6dx_ar_count(ar, &n, MOST_PAGES, "so many pages cannot be borrowed");
    for (uint32_t i = 0; i < n && cx6dx_ar_good(ar); i++) {
        addr = ar->loading ? 0 : pages->addr[i];
        cx6dx_ar(ar, &addr);
        if (!cx6dx_ar_check(ar, aligned(addr), "no page begins there") ||
            !ar->loading) {
            continue;
        }
        if (!(i & (i + 1))) {
            pages->addr = g_renew(uint64_t, pages->addr, 2 * (i + 1));
        }
        pages->addr[pages->given++] = addr;
    }
}

static uint8_t take_in(Cx6dxNic *nic, Cx6dxCmd *cmd, uint32_t n)
{
    const uint8_t *list = cmd->in + CX6DX_BYTES(manage_pages_in);
    uint32_t room = (cmd->in_bytes - CX6DX_BYTES(manage_pages_in)) / ENTRY_BYTES;
    Cx6dxPages *pages = &nic->pages;

    /* a page that was not asked for would never come back */
    if (n > room || pages->given > pages->asked ||
        n > pages->asked - pages->given) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (list[i * ENTRY_BYTES + 7] || list[i * ENTRY_BYTES + 6] & 0xf) {
            return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                                  CX6DX_SYND_PAGE_LIST);
        }
    }
    pages->addr = g_renew(uint64_t, pages->addr, pages->given + n);
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *entry = list + i * ENTRY_BYTES;

        pages->addr[pages->given++] =
            (uint64_t)cx6dx_prm_load(entry) << 32 | cx6dx_prm_load(entry + 4);
    }
    return CX6DX_STATUS_OK;
}

static uint8_t give_back(Cx6dxNic *nic, Cx6dxCmd *cmd, uint32_t n)
{
    uint8_t *list = cmd->out + CX6DX_BYTES(manage_pages_out);
    uint32_t room = (cmd->out_bytes - CX6DX_BYTES(manage_pages_out)) /
                    ENTRY_BYTES;
    Cx6dxPages *pages = &nic->pages;
    uint32_t spare = pages->given - MIN(pages->given, pages->asked);

    n = MIN(MIN(n, spare), room);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t addr = pages->addr[--pages->given];

        cx6dx_prm_store(list + i * ENTRY_BYTES, addr >> 32);
        cx6dx_prm_store(list + i * ENTRY_BYTES + 4, (uint32_t)addr);
    }
    CX6DX_SET(manage_pages_out, cmd->out, output_num_entries, n);
    return CX6DX_STATUS_OK;
}

uint8_t cx6dx_cmd_manage_pages(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    uint32_t n = CX6DX_GET(manage_pages_in, cmd->in, input_num_entries);

    switch (cmd->op_mod) {
    case CX6DX_PAGES_CANT_GIVE:
        /* the model lives with what it has */
        nic->pages.asked = MIN(nic->pages.asked, nic->pages.given);
        return CX6DX_STATUS_OK;
    case CX6DX_PAGES_GIVE:
        return take_in(nic, cmd, n);
    case CX6DX_PAGES_TAKE:
        return give_back(nic, cmd, n);
    default:
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
}

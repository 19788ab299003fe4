/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of the device's counters
 */
#include "qemu/osdep.h"
#include "pure/stats.h"

const Cx6dxStatDesc *cx6dx_stats_table(void)
{
#define STAT_DESC(name, meaning) { #name, meaning, offsetof(Cx6dxStats, name) },
    static const Cx6dxStatDesc table[] = {
        CX6DX_STATS_LIST(STAT_DESC)
        { NULL, NULL, 0 }
    };
#undef STAT_DESC

    return table;
}

uint64_t cx6dx_stats_read(const Cx6dxStats *stats, const Cx6dxStatDesc *desc)
{
    uint64_t value;

    memcpy(&value, (const char *)stats + desc->offset, sizeof(value));
    return value;
}

enum { NAME_BYTES = 32 };

static uint64_t *by_name(Cx6dxStats *stats, const char *name)
{
    for (const Cx6dxStatDesc *desc = cx6dx_stats_table(); desc->name; desc++) {
        if (!strcmp(desc->name, name)) {
            return (uint64_t *)((char *)stats + desc->offset);
        }
    }
    return NULL;
}

void cx6dx_stats_archive(Cx6dxStats *stats, Cx6dxArchive *ar)
{
    const Cx6dxStatDesc *desc = cx6dx_stats_table();
    uint32_t n = sizeof(*stats) / sizeof(uint64_t);

    cx6dx_ar_count(ar, &n, UINT8_MAX, "too many counters");
    while (n-- && cx6dx_ar_good(ar)) {
        char name[NAME_BYTES + 1] = { 0 };
        uint64_t value = 0, *place;

        if (!ar->loading) {
            g_strlcpy(name, desc->name, sizeof(name));
            value = cx6dx_stats_read(stats, desc++);
        }
        cx6dx_ar_bytes(ar, name, NAME_BYTES);
        cx6dx_ar(ar, &value);
        place = ar->loading ? by_name(stats, name) : NULL;
        if (place) {
            *place = value;
        }
    }
}

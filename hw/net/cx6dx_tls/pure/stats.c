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

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The queries about cx6dx-tls in a QEMU without it: there are none of them
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cx6dx-tls.h"

Cx6dxTlsDeviceList *qmp_query_cx6dx_tls(const char *id, bool has_first,
                                        uint32_t first, bool has_limit,
                                        uint32_t limit, Error **errp)
{
    if (id) {
        error_setg(errp, "there is no cx6dx-tls '%s'", id);
    }
    return NULL;
}

Cx6dxTlsFaultList *qmp_query_cx6dx_tls_faults(const char *id, Error **errp)
{
    error_setg(errp, "there are 0 cx6dx-tls: say which one");
    return NULL;
}

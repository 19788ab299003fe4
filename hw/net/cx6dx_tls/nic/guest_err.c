/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every mistake of a guest that the model can notice; see guest_err.h
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "nic/guest_err.h"
#include "nic/nic.h"
#include "trace.h"

static const char *const what[CX6DX_GUEST_ERRS] = {
#define CX6DX_GUEST_ERR_STR_(name, text) [CX6DX_GUEST_ERR_##name] = text,
    CX6DX_GUEST_ERR_LIST(CX6DX_GUEST_ERR_STR_)
#undef CX6DX_GUEST_ERR_STR_
};

const char *cx6dx_guest_err_str(Cx6dxGuestErr err)
{
    return (unsigned)err < CX6DX_GUEST_ERRS ? what[err] : "?";
}

void cx6dx_guest_err_count(Cx6dxNic *nic, Cx6dxGuestErr err)
{
    nic->stats.guest_errors++;
    if ((unsigned)err < CX6DX_GUEST_ERRS) {
        nic->guest_errs[err]++;
    }
}

void cx6dx_guest_err(Cx6dxNic *nic, Cx6dxGuestErr err, uint64_t number)
{
    cx6dx_guest_err_count(nic, err);
    trace_cx6dx_guest_err(nic->params.id, cx6dx_guest_err_str(err), number);
    qemu_log_mask(LOG_GUEST_ERROR, "cx6dx-tls %u: %s (0x%" PRIx64 ")\n",
                  nic->params.id, cx6dx_guest_err_str(err), number);
}

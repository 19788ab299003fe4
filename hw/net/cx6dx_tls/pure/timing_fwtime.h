/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long the firmware takes for a command
 *
 * One processor: commands are served one after the other.  Published are the
 * times of a connection's four commands only; see timing_params.c.
 */
#ifndef CX6DX_PURE_TIMING_FWTIME_H
#define CX6DX_PURE_TIMING_FWTIME_H

#include "qemu/osdep.h"
#include "pure/timing_params.h"
#include "pure/timing_pipeline.h"

typedef enum Cx6dxFwClass {
    CX6DX_FW_OTHER,
    CX6DX_FW_TIS_CREATE,
    CX6DX_FW_TIS_DESTROY,
    CX6DX_FW_DEK_CREATE,            /* one, or a bulk of them */
    CX6DX_FW_DEK_DESTROY,
    CX6DX_FW_DEK_MODIFY,            /* a key of a bulk gets its value */
    CX6DX_FW_CLASSES
} Cx6dxFwClass;

/* `keys`: of a bulk, else 1 */
uint64_t cx6dx_fwtime_ns(const Cx6dxTimingParams *params, Cx6dxFwClass class,
                         uint32_t keys);

#endif

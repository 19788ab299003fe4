/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parameters of the timing model: one table with unit, limits, source and mark
 *
 * A mark says how far a value may be believed: "published" is printed in the
 * named source, "derived" follows from one by arithmetic, "assumed" means that
 * there is no public figure.  A profile is one value for each parameter.
 */
#ifndef CX6DX_PURE_TIMING_PARAMS_H
#define CX6DX_PURE_TIMING_PARAMS_H

#include "qemu/osdep.h"
#include "pure/archive.h"

typedef struct Cx6dxTimingParams {
    bool enabled;
    uint32_t pcie_gen;
    uint32_t pcie_lanes;
    uint32_t pcie_mps_bytes;
    uint32_t pcie_mrrs_bytes;
    uint32_t pcie_rcb_bytes;        /* host answers reads in such pieces; 0:
                                       in pieces of MPS */
    uint32_t pcie_tags;             /* outstanding reads; 0: no limit */
    uint32_t dma_read_latency_ns;
    uint32_t dma_write_latency_ns;
    uint32_t dma_engine_ps;         /* for each byte read; 0: no limit */
    uint32_t link_mbps;
    uint32_t doorbell_ns;
    uint32_t tx_packet_ps;
    uint32_t tx_latency_ns;
    uint32_t rx_packet_ps;
    uint32_t rx_latency_ns;
    uint32_t crypto_mbps;           /* of each direction; 0: no limit */
    uint32_t crypto_latency_ns;
    uint32_t ctx_cache_bytes;       /* 0: every context fits */
    uint32_t ctx_bytes;
    uint32_t irq_latency_ns;
    uint32_t fw_tis_create_ns;
    uint32_t fw_tis_destroy_ns;
    uint32_t fw_dek_create_ns;
    uint32_t fw_dek_destroy_ns;
    uint32_t fw_dek_modify_ns;
    uint32_t fw_bulk_key_ns;        /* each key of a bulk after the first */
    uint32_t fw_other_ns;
} Cx6dxTimingParams;

typedef enum Cx6dxTimingMark {
    CX6DX_TIMING_PUBLISHED,
    CX6DX_TIMING_DERIVED,
    CX6DX_TIMING_ASSUMED,
} Cx6dxTimingMark;

typedef enum Cx6dxTimingProfile {
    CX6DX_TIMING_CX6DX_GEN4X16,     /* the default */
    CX6DX_TIMING_CX6DX_GEN3X16,
    CX6DX_TIMING_NFP_GEN3X8,        /* the card of the latency figures */
    CX6DX_TIMING_IDEAL,             /* only links take time */
    CX6DX_TIMING_PROFILES
} Cx6dxTimingProfile;

typedef enum Cx6dxTimingRule {
    CX6DX_TIMING_RANGE,
    CX6DX_TIMING_POWER_OF_TWO,
    CX6DX_TIMING_ZERO_OR_POWER,     /* in range, or 0 */
} Cx6dxTimingRule;

typedef struct Cx6dxTimingParam {
    const char *name;               /* of the device property */
    const char *what;
    const char *unit;               /* "" for a plain number */
    size_t offset;                  /* of a uint32_t in the params */
    Cx6dxTimingRule rule;
    uint32_t min, max;
    Cx6dxTimingMark mark;
    const char *source;
    uint32_t value[CX6DX_TIMING_PROFILES];
} Cx6dxTimingParam;

/* Ended by an entry with a NULL name */
const Cx6dxTimingParam *cx6dx_timing_table(void);
const Cx6dxTimingParam *cx6dx_timing_find(const char *name);

uint32_t cx6dx_timing_get(const Cx6dxTimingParams *params,
                          const Cx6dxTimingParam *param);
void cx6dx_timing_set(Cx6dxTimingParams *params, const Cx6dxTimingParam *param,
                      uint32_t value);

bool cx6dx_timing_value_ok(const Cx6dxTimingParam *param, uint64_t value);
/* "a power of two, 1 to 16"; the caller frees */
char *cx6dx_timing_limits(const Cx6dxTimingParam *param);

const char *cx6dx_timing_mark_str(Cx6dxTimingMark mark);
const char *cx6dx_timing_profile_str(Cx6dxTimingProfile profile);
/* CX6DX_TIMING_PROFILES: there is none of that name */
Cx6dxTimingProfile cx6dx_timing_profile_find(const char *name);

/* All but `enabled` */
void cx6dx_timing_use_profile(Cx6dxTimingParams *params,
                              Cx6dxTimingProfile profile);

/* The default profile, not enabled */
void cx6dx_timing_default_params(Cx6dxTimingParams *params);

/* Property name of the first parameter out of its limits, or NULL */
const char *cx6dx_timing_check_params(const Cx6dxTimingParams *params);

/* All of the table, checked; `enabled` must be the same on both sides */
void cx6dx_timing_params_archive(Cx6dxTimingParams *params, Cx6dxArchive *ar);

#endif

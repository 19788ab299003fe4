/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parameters of the timing model; see timing_params.h
 *
 * Sources by short name:
 *   pcie-model  Neugebauer et al., "Understanding PCIe performance for end host
 *               networking", SIGCOMM 2018, with its program and data set
 *   offloads    Pismenny et al., "Autonomous NIC Offloads", ASPLOS 2021
 *   euro-bsd    slides on a TLS video server, EuroBSDCon 2021
 *   manual      the vendor's manual of the card
 *   forum       the vendor's forum
 *   patches     mail of the TIS pool series for mlx5e, July 2022
 */
#include "qemu/osdep.h"
#include "pure/timing_params.h"

#define MIB (1024 * 1024)
#define NS_MAX 1000000
#define FW_NS_MAX 1000000000

/* name, field, what, unit, limits, mark, source, values of the profiles */
#define P(name, field, what, unit, rule, min, max, mark, source, ...)   \
    { name, what, unit, offsetof(Cx6dxTimingParams, field),             \
      CX6DX_TIMING_##rule, min, max, CX6DX_TIMING_##mark, source,       \
      { __VA_ARGS__ } }

static const Cx6dxTimingParam table[] = {
    P("pcie-gen", pcie_gen, "PCIe generation of the link", "", RANGE, 3, 5,
      PUBLISHED, "manual: Gen3/Gen4 x16", 4, 3, 3, 5),
    P("pcie-lanes", pcie_lanes, "PCIe lanes of the link", "", POWER_OF_TWO, 1,
      16, PUBLISHED, "manual: Gen3/Gen4 x16", 16, 16, 8, 16),
    P("pcie-mps", pcie_mps_bytes, "PCIe maximum payload size", "B",
      POWER_OF_TWO, 128, 4096, ASSUMED, "the host chooses; 256 is common", 256,
      256, 256, 512),
    P("pcie-mrrs", pcie_mrrs_bytes, "PCIe maximum read request size", "B",
      POWER_OF_TWO, 128, 4096, ASSUMED, "the host chooses; 512 is common", 512,
      512, 512, 4096),
    P("pcie-rcb", pcie_rcb_bytes, "size of the pieces in which the host "
      "answers PCIe reads; 0: the payload size", "B", ZERO_OR_POWER, 64, 128,
      ASSUMED, "pcie-model counts pieces of MPS", 0, 0, 0, 0),
    P("pcie-tags", pcie_tags, "outstanding PCIe reads; 0: no limit", "",
      RANGE, 0, 1024, PUBLISHED, "euro-bsd: hosts with 32 and 256", 256, 256,
      256, 0),
    P("dma-read-latency", dma_read_latency_ns, "time from a PCIe read to the "
      "begin of its answer", "ns", RANGE, 0, NS_MAX, DERIVED,
      "pcie-model: intercept of DMA reads, another card", 543, 543, 540, 0),
    P("dma-write-latency", dma_write_latency_ns, "time from a PCIe write to "
      "the moment when the host sees it", "ns", RANGE, 0, NS_MAX, DERIVED,
      "pcie-model: write and read less read, 8 bytes", 214, 214, 214, 0),
    P("dma-engine-time", dma_engine_ps, "time of the DMA engine for a byte "
      "read; 0: no limit", "ps", RANGE, 0, 1000000, DERIVED,
      "pcie-model: slope of DMA reads, that card only", 0, 0, 292, 0),
    P("link-speed", link_mbps, "rate of the Ethernet wire", "Mb/s", RANGE,
      1000, 400000, PUBLISHED, "manual: 2 x 100 Gb/s or 1 x 200", 100000,
      100000, 40000, 400000),
    P("doorbell-latency", doorbell_ns, "time from a doorbell's write to the "
      "fetch of the work request", "ns", RANGE, 0, NS_MAX, ASSUMED,
      "no public figure", 250, 250, 250, 0),
    P("tx-packet-time", tx_packet_ps, "checksum and segmentation take this "
      "for each packet", "ps", RANGE, 0, NS_MAX, ASSUMED,
      "as many as can be received", 10000, 10000, 10000, 0),
    P("tx-latency", tx_latency_ns, "length of the send pipeline", "ns", RANGE,
      0, NS_MAX, ASSUMED, "no public figure", 300, 300, 300, 0),
    P("rx-packet-time", rx_packet_ps, "steering and placement take this for "
      "each packet", "ps", RANGE, 0, NS_MAX, DERIVED,
      "forum: near 100 M packets/s", 10000, 10000, 10000, 0),
    P("rx-latency", rx_latency_ns, "length of the receive pipeline", "ns",
      RANGE, 0, NS_MAX, ASSUMED, "no public figure", 300, 300, 300, 0),
    P("crypto-rate", crypto_mbps, "rate of the cipher in each direction; 0: "
      "no limit", "Mb/s", RANGE, 0, 4000000, ASSUMED,
      "euro-bsd: not the limit at 190 Gb/s", 200000, 200000, 200000, 0),
    P("crypto-latency", crypto_latency_ns, "length of the cipher's pipeline",
      "ns", RANGE, 0, NS_MAX, ASSUMED, "no public figure", 100, 100, 100, 0),
    P("ctx-cache-size", ctx_cache_bytes, "memory on the NIC for TLS contexts; "
      "0: all fit", "B", RANGE, 0, 1024 * MIB, PUBLISHED,
      "offloads 6.5: about 4 MiB", 4 * MIB, 4 * MIB, 4 * MIB, 0),
    P("ctx-size", ctx_bytes, "one TLS context", "B", RANGE, 64, 4096,
      PUBLISHED, "offloads 6.5: 208 bytes a flow", 208, 208, 208, 208),
    P("irq-latency", irq_latency_ns, "time from a message on PCIe to the "
      "interrupt in the CPU", "ns", RANGE, 0, NS_MAX, ASSUMED,
      "no public figure", 500, 500, 500, 0),
    P("fw-tis-create", fw_tis_create_ns, "firmware time of CREATE_TIS", "ns",
      RANGE, 0, FW_NS_MAX, DERIVED, "patches: a pair is 1/11.6K - 1/16.5K s",
      12800, 12800, 12800, 0),
    P("fw-tis-destroy", fw_tis_destroy_ns, "firmware time of DESTROY_TIS",
      "ns", RANGE, 0, FW_NS_MAX, DERIVED, "patches: the other half", 12800,
      12800, 12800, 0),
    P("fw-dek-create", fw_dek_create_ns, "firmware time of creating a key",
      "ns", RANGE, 0, FW_NS_MAX, DERIVED, "patches: a pair is 1/16.5K s",
      30300, 30300, 30300, 0),
    P("fw-dek-destroy", fw_dek_destroy_ns, "firmware time of destroying a key",
      "ns", RANGE, 0, FW_NS_MAX, DERIVED, "patches: the other half", 30300,
      30300, 30300, 0),
    P("fw-dek-modify", fw_dek_modify_ns, "firmware time of filling a key of a "
      "pool", "ns", RANGE, 0, FW_NS_MAX, ASSUMED, "as one other command",
      10000, 10000, 10000, 0),
    P("fw-bulk-key", fw_bulk_key_ns, "firmware time of each key of a bulk "
      "after the first", "ns", RANGE, 0, FW_NS_MAX, ASSUMED,
      "no public figure", 500, 500, 500, 0),
    P("fw-other", fw_other_ns, "firmware time of any other command", "ns",
      RANGE, 0, FW_NS_MAX, ASSUMED, "no public figure", 10000, 10000, 10000, 0),
    { NULL }
};

const Cx6dxTimingParam *cx6dx_timing_table(void)
{
    return table;
}

const Cx6dxTimingParam *cx6dx_timing_find(const char *name)
{
    for (const Cx6dxTimingParam *param = table; param->name; param++) {
        if (!strcmp(param->name, name)) {
            return param;
        }
    }
    return NULL;
}

uint32_t cx6dx_timing_get(const Cx6dxTimingParams *params,
                          const Cx6dxTimingParam *param)
{
    uint32_t value;

    memcpy(&value, (const char *)params + param->offset, sizeof(value));
    return value;
}

void cx6dx_timing_set(Cx6dxTimingParams *params, const Cx6dxTimingParam *param,
                      uint32_t value)
{
    memcpy((char *)params + param->offset, &value, sizeof(value));
}

bool cx6dx_timing_value_ok(const Cx6dxTimingParam *param, uint64_t value)
{
    if (param->rule == CX6DX_TIMING_ZERO_OR_POWER && value == 0) {
        return true;
    }
    return value >= param->min && value <= param->max &&
           (param->rule == CX6DX_TIMING_RANGE || !(value & (value - 1)));
}

char *cx6dx_timing_limits(const Cx6dxTimingParam *param)
{
    static const char *const forms[] = {
        [CX6DX_TIMING_RANGE] = "",
        [CX6DX_TIMING_POWER_OF_TWO] = "a power of two, ",
        [CX6DX_TIMING_ZERO_OR_POWER] = "0 or a power of two, ",
    };

    return g_strdup_printf("%s%u to %u", forms[param->rule], param->min,
                           param->max);
}

const char *cx6dx_timing_mark_str(Cx6dxTimingMark mark)
{
    static const char *const names[] = {
        [CX6DX_TIMING_PUBLISHED] = "published",
        [CX6DX_TIMING_DERIVED] = "derived",
        [CX6DX_TIMING_ASSUMED] = "assumed",
    };

    return names[mark];
}

const char *cx6dx_timing_profile_str(Cx6dxTimingProfile profile)
{
    static const char *const names[] = {
        [CX6DX_TIMING_CX6DX_GEN4X16] = "cx6dx-gen4x16",
        [CX6DX_TIMING_CX6DX_GEN3X16] = "cx6dx-gen3x16",
        [CX6DX_TIMING_NFP_GEN3X8] = "nfp-gen3x8",
        [CX6DX_TIMING_IDEAL] = "ideal",
    };

    return names[profile];
}

Cx6dxTimingProfile cx6dx_timing_profile_find(const char *name)
{
    unsigned i;

    for (i = 0; i < CX6DX_TIMING_PROFILES; i++) {
        if (!strcmp(cx6dx_timing_profile_str(i), name)) {
            break;
        }
    }
    return i;
}

void cx6dx_timing_use_profile(Cx6dxTimingParams *params,
                              Cx6dxTimingProfile profile)
{
    for (const Cx6dxTimingParam *param = table; param->name; param++) {
        cx6dx_timing_set(params, param, param->value[profile]);
    }
}

void cx6dx_timing_default_params(Cx6dxTimingParams *params)
{
    params->enabled = false;
    cx6dx_timing_use_profile(params, CX6DX_TIMING_CX6DX_GEN4X16);
}

const char *cx6dx_timing_check_params(const Cx6dxTimingParams *params)
{
    for (const Cx6dxTimingParam *param = table; param->name; param++) {
        if (!cx6dx_timing_value_ok(param, cx6dx_timing_get(params, param))) {
            return param->name;
        }
    }
    return NULL;
}

void cx6dx_timing_params_archive(Cx6dxTimingParams *params, Cx6dxArchive *ar)
{
    Cx6dxTimingParams taken = *params;

    cx6dx_ar_equal(ar, params->enabled, "property 'timing' differs");
    for (const Cx6dxTimingParam *param = table; param->name; param++) {
        uint32_t value = cx6dx_timing_get(params, param);

        cx6dx_ar(ar, &value);
        cx6dx_timing_set(&taken, param, value);
    }
    if (cx6dx_ar_check(ar, !cx6dx_timing_check_params(&taken),
                       "a parameter of the timing model is out of its limits")) {
        *params = taken;
    }
}

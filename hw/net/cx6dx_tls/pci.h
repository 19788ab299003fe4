/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The cx6dx-tls device as QEMU sees it: QOM type, properties, BARs, MSI-X,
 * resets
 *
 * Ring 2, the front.  It owns the modelled NIC (nic/nic.h) and joins it with
 * QEMU; what a register, command or queue means is not known here.
 *
 *     pci        life cycle and configuration space        (this room)
 *     mmio       address to call
 *     host_qemu  the NIC's way out: DMA, interrupts, time, bottom halves
 *     net        frames in and out, link
 *     vmstate    snapshots and migration
 *
 * All of it runs under the big QEMU lock.
 */
#ifndef CX6DX_PCI_H
#define CX6DX_PCI_H

#include "qemu/osdep.h"
#include "hw/pci/pci_device.h"
#include "net/net.h"
#include "system/runstate.h"
#include "nic/nic.h"
#include "qom/object.h"

#define TYPE_CX6DX_TLS "cx6dx-tls"
OBJECT_DECLARE_SIMPLE_TYPE(Cx6dxDev, CX6DX_TLS)

enum {
    CX6DX_BAR_REGS = 0,             /* 64 bits: takes number 1 as well */
    CX6DX_BAR_MSIX = 2,

    CX6DX_BAR_REGS_BYTES = 2 * 1024 * 1024,
    CX6DX_UAR_PAGES = CX6DX_BAR_REGS_BYTES / CX6DX_PAGE_BYTES - CX6DX_UAR_FIRST,

    CX6DX_AER_OFFSET = 0x100,

    CX6DX_MAX_TIMER_SLACK_NS = 1000 * 1000,
};

struct Cx6dxDev {
    PCIDevice parent_obj;

    /* Properties; params is complete after realize */
    NICConf conf;
    Cx6dxNicParams params;
    Cx6dxTimingProfile profile;
    uint64_t timing_given;          /* parameters set by themselves, a bit each */
    uint32_t timer_slack_ns;

    /* Room mmio */
    MemoryRegion bar;               /* container of the two below */
    MemoryRegion iseg_region;
    MemoryRegion uar_region;
    uint32_t cq_db_first[CX6DX_UAR_PAGES];  /* first half of a CQ doorbell */

    uint8_t vsc_offset;             /* in configuration space */
    uint8_t vpd_offset;

    /* Room monitor */
    Cx6dxFaults faults;             /* armed before realize */

    /* Room host_qemu */
    QEMUBH *work_bh;
    QEMUBH *flush_bh;
    QEMUTimer *work_timer;          /* in their place with -icount */
    QEMUTimer *flush_timer;
    QEMUTimer *timer;
    VMChangeStateEntry *run_state;
    bool stop_asked;                /* the machine stops for nic.stop */
    bool running;                   /* the machine: bottom halves may work */
    bool work_pending;              /* kicked; outlives a stop */
    bool flush_pending;
    bool in_nic;                    /* the NIC is working: do not enter */

    /* Room net */
    NICState *net;
    GQueue parked;                  /* GBytes: frames that waited at a stop */
    size_t parked_bytes;

    Cx6dxNic nic;
};

#endif

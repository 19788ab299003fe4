/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the modelled NIC needs of the outside world
 *
 * Ring 1 sees guest memory, interrupts, the wire and time only through these
 * callbacks.  The QEMU front implements them; unit tests supply a fake.  None
 * may call back into the NIC, except that frame_out may end in
 * cx6dx_nic_receive() of another NIC.
 */
#ifndef CX6DX_NIC_HOST_H
#define CX6DX_NIC_HOST_H

#include "qemu/osdep.h"

typedef struct Cx6dxHost {
    void *opaque;

    /* Guest memory by bus address.  False: nothing is there; `buf` undefined. */
    bool (*dma_read)(void *opaque, uint64_t addr, void *buf, size_t len);
    bool (*dma_write)(void *opaque, uint64_t addr, const void *buf,
                      size_t len);

    /* MSI-X vector; one out of range is ignored */
    void (*raise_vector)(void *opaque, uint32_t vector);

    /* A whole Ethernet frame without FCS leaves; never fails (it may be lost) */
    void (*frame_out)(void *opaque, const uint8_t *buf, size_t len);

    /* Virtual time, ns */
    uint64_t (*now_ns)(void *opaque);

    /* Call cx6dx_nic_timer() at `deadline_ns`; UINT64_MAX: not at all */
    void (*arm_timer)(void *opaque, uint64_t deadline_ns);

    /* Call cx6dx_nic_work() soon, not from inside this call */
    void (*kick)(void *opaque);

    /* Frames that cx6dx_nic_receive() told to wait may be tried again */
    void (*rx_ready)(void *opaque);
} Cx6dxHost;

#endif

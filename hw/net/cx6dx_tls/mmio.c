/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * BAR0: the initialization segment and the doorbell (UAR) pages
 *
 *     0x00000  initialization segment, CX6DX_ISEG_BYTES
 *     ...      nothing: reads 0, writes are a guest error
 *     0x10000  doorbell page CX6DX_UAR_FIRST, and so on in pages of 4 KiB
 *
 * PRM "Initialization Segment" and "Doorbells".  Writes are the hot path of a
 * guest: they mark work in the NIC and return.
 */
#include "qemu/osdep.h"
#include "mmio.h"
#include "nic/cq.h"
#include "nic/eq.h"
#include "nic/sq.h"

enum {
    ISEG_REGION_BYTES = CX6DX_UAR_FIRST * CX6DX_PAGE_BYTES,
    /* a page holds two registers of this size, used in turn by BlueFlame */
    BF_HALF_BYTES = 1 << (CX6DX_LOG_BF_REG_BYTES - 1),
};

/* ---- Initialization segment ---- */

static uint32_t iseg_word(Cx6dxDev *dev, hwaddr addr)
{
    return addr < CX6DX_ISEG_BYTES ? cx6dx_cmd_iseg_read(&dev->nic, addr) : 0;
}

/* Aligned, 1 to 8 bytes; the region is big endian, so that values are too */
static uint64_t iseg_read(void *opaque, hwaddr addr, unsigned size)
{
    Cx6dxDev *dev = opaque;
    uint32_t word = iseg_word(dev, addr & ~3ull);

    switch (size) {
    case 8:
        return (uint64_t)word << 32 | iseg_word(dev, addr + 4);
    case 4:
        return word;
    case 2:
        return (uint16_t)(word >> (16 - 8 * (addr & 3)));
    default:
        return (uint8_t)(word >> (24 - 8 * (addr & 3)));
    }
}

static void iseg_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    Cx6dxDev *dev = opaque;

    if (size < 4 || addr + size > CX6DX_ISEG_BYTES) {
        cx6dx_guest_err(&dev->nic, CX6DX_GUEST_ERR_MMIO_OFFSET, addr);
        return;
    }
    if (size == 8) {
        cx6dx_cmd_iseg_write(&dev->nic, addr, value >> 32);
        addr += 4;
    }
    cx6dx_cmd_iseg_write(&dev->nic, addr, (uint32_t)value);
}

static const MemoryRegionOps iseg_ops = {
    .read = iseg_read,
    .write = iseg_write,
    .endianness = DEVICE_BIG_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

/* ---- Doorbell pages ---- */

/* Doorbells can only be written */
static uint64_t uar_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0;
}

/*
 * Doorbells of 8 bytes come as one access or as two of 4, of which the second
 * acts.  An SQ doorbell is the second word of a control segment.  What else a
 * driver writes into the BlueFlame registers is a copy of the work request,
 * which is read from memory anyway.
 */
static void uar_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    Cx6dxDev *dev = opaque;
    uint32_t page = addr / CX6DX_PAGE_BYTES;
    uint32_t uar = CX6DX_UAR_FIRST + page;
    uint32_t offset = addr % CX6DX_PAGE_BYTES;

    if (offset >= CX6DX_UAR_SQ_DB) {
        offset %= BF_HALF_BYTES;
        if ((size == 8 && offset == 0) || (size == 4 && offset == 4)) {
            cx6dx_sq_doorbell(&dev->nic, uar, (uint32_t)value);
        }
    } else if (offset == CX6DX_UAR_EQ_ARM && size == 4) {
        cx6dx_eq_doorbell(&dev->nic, uar, (uint32_t)value, true);
    } else if (offset == CX6DX_UAR_EQ_CI && size == 4) {
        cx6dx_eq_doorbell(&dev->nic, uar, (uint32_t)value, false);
    } else if (offset == CX6DX_UAR_CQ_DB && size == 8) {
        cx6dx_cq_doorbell(&dev->nic, uar, value >> 32, (uint32_t)value);
    } else if (offset == CX6DX_UAR_CQ_DB && size == 4) {
        dev->cq_db_first[page] = (uint32_t)value;
    } else if (offset == CX6DX_UAR_CQ_DB + 4 && size == 4) {
        cx6dx_cq_doorbell(&dev->nic, uar, dev->cq_db_first[page],
                          (uint32_t)value);
    } else {
        cx6dx_guest_err(&dev->nic, CX6DX_GUEST_ERR_MMIO_OFFSET,
                        ISEG_REGION_BYTES + addr);
    }
}

static const MemoryRegionOps uar_ops = {
    .read = uar_read,
    .write = uar_write,
    .endianness = DEVICE_BIG_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

/* ---- The BAR ---- */

void cx6dx_mmio_init(Cx6dxDev *dev)
{
    Object *owner = OBJECT(dev);

    memory_region_init(&dev->bar, owner, "cx6dx-bar0", CX6DX_BAR_REGS_BYTES);
    memory_region_init_io(&dev->iseg_region, owner, &iseg_ops, dev,
                          "cx6dx-iseg", ISEG_REGION_BYTES);
    memory_region_init_io(&dev->uar_region, owner, &uar_ops, dev,
                          "cx6dx-uar", CX6DX_UAR_PAGES * CX6DX_PAGE_BYTES);
    memory_region_add_subregion(&dev->bar, 0, &dev->iseg_region);
    memory_region_add_subregion(&dev->bar, ISEG_REGION_BYTES,
                                &dev->uar_region);
}

/* Subregions hold their owner, which would never be freed */
void cx6dx_mmio_exit(Cx6dxDev *dev)
{
    memory_region_del_subregion(&dev->bar, &dev->uar_region);
    memory_region_del_subregion(&dev->bar, &dev->iseg_region);
}

void cx6dx_mmio_reset(Cx6dxDev *dev)
{
    memset(dev->cq_db_first, 0, sizeof(dev->cq_db_first));
}

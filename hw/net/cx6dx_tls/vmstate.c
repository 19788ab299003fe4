/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshots and migration of the device
 *
 * QEMU's part is described as usual: configuration space, MSI-X, halves of
 * doorbells, what was kicked.  The NIC writes itself down (nic/snapshot.h): its
 * rings know nothing of QEMU, and are saved in unit tests and fuzzers by the
 * same code.  It is one field here, a stream in chunks:
 *
 *     be32 length, 1 to CX6DX_ARCHIVE_CHUNK_BYTES; as many bytes    and so on
 *     be32 0
 *
 * so that nobody allocates what a stream claims.  Keys of TLS connections are
 * in it, as they are in the memory of the guest, which goes with it: who can
 * read a snapshot can read both.
 */
#include "qemu/osdep.h"
#include "hw/pci/msix.h"
#include "migration/qemu-file-types.h"
#include "host_qemu.h"
#include "net.h"
#include "nic/snapshot.h"
#include "pci.h"
#include "qemu/error-report.h"
#include "vmstate.h"

/* ---- Chunks ---- */

static size_t put_chunk(void *opaque, uint8_t *buf, size_t len)
{
    qemu_put_be32(opaque, len);
    qemu_put_buffer(opaque, buf, len);
    return len;
}

typedef struct Chunks {
    QEMUFile *file;
    bool ended;
} Chunks;

static size_t get_chunk(void *opaque, uint8_t *buf, size_t len)
{
    Chunks *chunks = opaque;
    uint32_t n = chunks->ended ? 0 : qemu_get_be32(chunks->file);

    if (!n || n > len || qemu_get_buffer(chunks->file, buf, n) != n) {
        chunks->ended = true;
        return 0;
    }
    return n;
}

/* ---- The NIC ---- */

static void archive(Cx6dxDev *dev, Cx6dxArchive *ar)
{
    cx6dx_snapshot_archive(&dev->nic, ar);
    cx6dx_net_archive(dev, ar);
}

static int put_nic(QEMUFile *f, void *pv, size_t size,
                   const VMStateField *field, JSONWriter *vmdesc)
{
    Cx6dxDev *dev = pv;
    Cx6dxArchive ar;

    cx6dx_ar_begin(&ar, false, put_chunk, f);
    archive(dev, &ar);
    if (!cx6dx_ar_end(&ar)) {
        error_report("cx6dx-tls %s: no snapshot: %s: %s",
                     DEVICE(dev)->id ?: "", ar.section, ar.error);
        return -EIO;
    }
    qemu_put_be32(f, 0);
    return 0;
}

static int get_nic(QEMUFile *f, void *pv, size_t size,
                   const VMStateField *field)
{
    Cx6dxDev *dev = pv;
    Chunks chunks = { .file = f };
    Cx6dxArchive ar;

    cx6dx_net_reset(dev);
    cx6dx_ar_begin(&ar, true, get_chunk, &chunks);
    archive(dev, &ar);
    if (!cx6dx_ar_end(&ar)) {
        cx6dx_nic_reset(&dev->nic);
        cx6dx_net_reset(dev);
        cx6dx_host_stop(dev);
        error_report("cx6dx-tls %s: snapshot refused: %s: %s",
                     DEVICE(dev)->id ?: "", ar.section, ar.error);
        return -EINVAL;
    }
    /* as if they had been set here while the machine ran */
    dev->params.timing = dev->nic.params.timing;
    return 0;
}

static const VMStateInfo nic_info = {
    .name = "cx6dx-tls-nic",
    .get = get_nic,
    .put = put_nic,
};

/* ---- The device ---- */

const VMStateDescription cx6dx_vmstate = {
    .name = TYPE_CX6DX_TLS,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, Cx6dxDev),
        VMSTATE_MSIX(parent_obj, Cx6dxDev),
        VMSTATE_UINT32_ARRAY(cq_db_first, Cx6dxDev, CX6DX_UAR_PAGES),
        {
            /* also arms the timer */
            .name = "nic",
            .info = &nic_info,
            .flags = VMS_SINGLE,
        },
        VMSTATE_BOOL(work_pending, Cx6dxDev),
        VMSTATE_BOOL(flush_pending, Cx6dxDev),
        VMSTATE_TIMER_PTR(work_timer, Cx6dxDev),
        VMSTATE_TIMER_PTR(flush_timer, Cx6dxDev),
        VMSTATE_END_OF_LIST()
    }
};

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The net backend: frames in and out, link
 *
 * A frame that the NIC tells to wait stays in QEMU's queue for this client,
 * which stops the sender, until cx6dx_net_flush().  There is no can_receive:
 * a NIC without a driver takes frames off the wire and drops them, and so old
 * frames never meet a new driver.
 *
 * When the machine is stopped QEMU offers what is in its queues once more and
 * then drops it.  Here such frames are parked: they are part of a snapshot, and
 * are offered when they would have been, and in the same order, had the machine
 * not been stopped.
 */
#include "qemu/osdep.h"
#include "host_qemu.h"
#include "net.h"
#include "nic/port.h"

/* As many as QEMU's own queue takes, and as long as frames can be there */
enum {
    MAX_PARKED = 10000,
    MAX_PARKED_BYTES = 16 * 1024 * 1024,
    MAX_FRAME_BYTES = NET_BUFSIZE,
};

static bool park(Cx6dxDev *dev, const uint8_t *buf, size_t len)
{
    if (len > MAX_FRAME_BYTES || dev->parked.length >= MAX_PARKED ||
        dev->parked_bytes + len > MAX_PARKED_BYTES) {
        return false;
    }
    g_queue_push_tail(&dev->parked, g_bytes_new(buf, len));
    dev->parked_bytes += len;
    return true;
}

void cx6dx_net_reset(Cx6dxDev *dev)
{
    g_queue_clear_full(&dev->parked, (GDestroyNotify)g_bytes_unref);
    dev->parked_bytes = 0;
}

static ssize_t net_receive(NetClientState *nc, const uint8_t *buf, size_t len)
{
    Cx6dxDev *dev = qemu_get_nic_opaque(nc);
    Cx6dxRxResult result;

    if (!runstate_is_running()) {
        if (park(dev, buf, len) && !dev->nic.rx_wait_since_ns) {
            /* nobody else will ask for it */
            cx6dx_host_flush_rx(dev);
        }
        return len;
    }
    if (dev->in_nic) {
        /* its own frame comes back while it works: later */
        cx6dx_host_flush_rx(dev);
        return 0;
    }
    if (!g_queue_is_empty(&dev->parked)) {
        return 0;
    }
    dev->in_nic = true;
    result = cx6dx_nic_receive(&dev->nic, buf, len);
    cx6dx_host_worked(dev);

    return result == CX6DX_RX_WAIT ? 0 : len;
}

static void net_link_status_changed(NetClientState *nc)
{
    cx6dx_net_update_link(qemu_get_nic_opaque(nc));
}

static NetClientInfo net_info = {
    .type = NET_CLIENT_DRIVER_NIC,
    .size = sizeof(NICState),
    .receive = net_receive,
    .link_status_changed = net_link_status_changed,
};

void cx6dx_net_init(Cx6dxDev *dev)
{
    DeviceState *qdev = DEVICE(dev);

    dev->net = qemu_new_nic(&net_info, &dev->conf,
                            object_get_typename(OBJECT(dev)), qdev->id,
                            &qdev->mem_reentrancy_guard, dev);
    qemu_format_nic_info_str(qemu_get_queue(dev->net), dev->conf.macaddr.a);
    cx6dx_net_update_link(dev);
}

void cx6dx_net_exit(Cx6dxDev *dev)
{
    cx6dx_net_reset(dev);
    qemu_del_nic(dev->net);
    dev->net = NULL;
}

void cx6dx_net_send(Cx6dxDev *dev, const uint8_t *buf, size_t len)
{
    qemu_send_packet(qemu_get_queue(dev->net), buf, len);
}

/* False: the first one still waits */
static bool offer_parked(Cx6dxDev *dev)
{
    while (!g_queue_is_empty(&dev->parked)) {
        GBytes *frame = g_queue_peek_head(&dev->parked);
        Cx6dxRxResult result;

        if (!cx6dx_host_enter(dev)) {
            cx6dx_host_flush_rx(dev);
            return false;
        }
        result = cx6dx_nic_receive(&dev->nic, g_bytes_get_data(frame, NULL),
                                   g_bytes_get_size(frame));
        cx6dx_host_leave(dev);
        if (result == CX6DX_RX_WAIT) {
            return false;
        }
        g_queue_pop_head(&dev->parked);
        dev->parked_bytes -= g_bytes_get_size(frame);
        g_bytes_unref(frame);
    }
    return true;
}

void cx6dx_net_flush(Cx6dxDev *dev)
{
    if (offer_parked(dev)) {
        qemu_flush_queued_packets(qemu_get_queue(dev->net));
    }
}

void cx6dx_net_archive(Cx6dxDev *dev, Cx6dxArchive *ar)
{
    g_autofree uint8_t *buf = g_malloc0(MAX_FRAME_BYTES);
    const GList *next = dev->parked.head;
    uint32_t n = dev->parked.length;

    cx6dx_ar_section(ar, "parked", 1);
    cx6dx_ar_count(ar, &n, MAX_PARKED, "too many frames wait");
    while (n-- && cx6dx_ar_good(ar)) {
        uint32_t len = 0;

        if (!ar->loading) {
            len = g_bytes_get_size(next->data);
            memcpy(buf, g_bytes_get_data(next->data, NULL), len);
            next = next->next;
        }
        cx6dx_ar_count(ar, &len, MAX_FRAME_BYTES, "a frame is too long");
        cx6dx_ar_bytes(ar, buf, len);
        if (ar->loading && cx6dx_ar_good(ar)) {
            cx6dx_ar_check(ar, park(dev, buf, len), "too many frames wait");
        }
    }
}

void cx6dx_net_update_link(Cx6dxDev *dev)
{
    cx6dx_port_set_backend(&dev->nic, !qemu_get_queue(dev->net)->link_down);
}

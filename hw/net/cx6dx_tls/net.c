/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The net backend: frames in and out, link
 *
 * A frame that the NIC tells to wait stays in QEMU's queue for this client,
 * which stops the sender, until cx6dx_net_flush().  There is no can_receive:
 * a NIC without a driver takes frames off the wire and drops them, and so old
 * frames never meet a new driver.
 */
#include "qemu/osdep.h"
#include "host_qemu.h"
#include "net.h"
#include "nic/port.h"

static ssize_t net_receive(NetClientState *nc, const uint8_t *buf, size_t len)
{
    Cx6dxDev *dev = qemu_get_nic_opaque(nc);
    Cx6dxRxResult result;

    if (dev->in_nic) {
        /* its own frame comes back while it works: later */
        cx6dx_host_flush_rx(dev);
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
    qemu_del_nic(dev->net);
    dev->net = NULL;
}

void cx6dx_net_send(Cx6dxDev *dev, const uint8_t *buf, size_t len)
{
    qemu_send_packet(qemu_get_queue(dev->net), buf, len);
}

void cx6dx_net_flush(Cx6dxDev *dev)
{
    qemu_flush_queued_packets(qemu_get_queue(dev->net));
}

void cx6dx_net_update_link(Cx6dxDev *dev)
{
    cx6dx_port_set_backend(&dev->nic, !qemu_get_queue(dev->net)->link_down);
}

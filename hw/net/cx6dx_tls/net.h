/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The net backend: frames in and out, link
 */
#ifndef CX6DX_NET_H
#define CX6DX_NET_H

#include "qemu/osdep.h"
#include "pci.h"
#include "pure/archive.h"

/* Joins dev->conf's netdev, if there is one; the NIC is initialized */
void cx6dx_net_init(Cx6dxDev *dev);
void cx6dx_net_exit(Cx6dxDev *dev);

/* A frame without FCS leaves; lost when the link is down or nobody is there */
void cx6dx_net_send(Cx6dxDev *dev, const uint8_t *buf, size_t len);

/* Offers again what was told to wait; not from inside a receive */
void cx6dx_net_flush(Cx6dxDev *dev);

/* Forgets frames that waited when the machine was stopped */
void cx6dx_net_reset(Cx6dxDev *dev);
/* These frames in a snapshot */
void cx6dx_net_archive(Cx6dxDev *dev, Cx6dxArchive *ar);

/* Hands the state of the link to the NIC */
void cx6dx_net_update_link(Cx6dxDev *dev);

#endif

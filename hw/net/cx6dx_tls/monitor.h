/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the monitor shows and changes: property `fault`, and the answers to
 * query-cx6dx-tls, query-cx6dx-tls-faults and info cx6dx-tls
 */
#ifndef CX6DX_MONITOR_H
#define CX6DX_MONITOR_H

#include "qemu/osdep.h"
#include "pci.h"
#include "qapi/qapi-types-common.h"

void cx6dx_monitor_class_init(ObjectClass *klass);

/* Hands the faults armed on the command line to the NIC, which is new */
void cx6dx_monitor_realize(Cx6dxDev *dev);

/* The text of info cx6dx-tls */
HumanReadableText *cx6dx_monitor_info(Error **errp);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the monitor shows and changes; see monitor.h
 */
#include "qemu/osdep.h"
#include "monitor.h"
#include "monitor/monitor.h"
#include "nic/fault.h"
#include "qapi/error.h"
#include "qemu/module.h"

/* ---- Properties ---- */

static char *get_fault(Object *obj, Error **errp)
{
    Cx6dxDev *dev = CX6DX_TLS(obj);

    return cx6dx_faults_str(DEVICE(dev)->realized ? &dev->nic.faults
                                                  : &dev->faults);
}

static void set_fault(Object *obj, const char *value, Error **errp)
{
    Cx6dxDev *dev = CX6DX_TLS(obj);
    g_autofree char *error = DEVICE(dev)->realized
        ? cx6dx_fault_set(&dev->nic, value)
        : cx6dx_faults_set(&dev->faults, value);

    if (error) {
        error_setg(errp, "%s", error);
    }
}

void cx6dx_monitor_class_init(ObjectClass *klass)
{
    object_class_property_add_str(klass, "fault", get_fault, set_fault);
    object_class_property_set_description(klass, "fault",
        "faults to have: NAME[:KEY=VALUE...][;...]; query-cx6dx-tls-faults "
        "lists them");
}

void cx6dx_monitor_realize(Cx6dxDev *dev)
{
    dev->nic.faults = dev->faults;
}

/* The table of info commands has the name; see overlay/hooks */
static void cx6dx_register_info(void)
{
    monitor_register_hmp_info_hrt("cx6dx-tls", cx6dx_monitor_info);
}

type_init(cx6dx_register_info)

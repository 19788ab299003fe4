/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The timing model as properties of the device: parameters, profile, accounts
 *
 * Every parameter of pure/timing_params.h is a property, and may be changed
 * while the machine runs; "profile" sets all of them.  On the command line a
 * parameter wins over the profile, in any order.
 */
#ifndef CX6DX_MODEL_PROPS_H
#define CX6DX_MODEL_PROPS_H

#include "qemu/osdep.h"
#include "pci.h"

/* Adds the parameters to the class */
void cx6dx_model_props_class(ObjectClass *klass);
/* Before any option is set */
void cx6dx_model_props_init(Cx6dxDev *dev);

/* Accounts of a realized device */
void cx6dx_model_props_add(Cx6dxDev *dev);
void cx6dx_model_props_del(Cx6dxDev *dev);

#endif

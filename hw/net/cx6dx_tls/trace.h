/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The trace events of ring 2, under the name that QEMU's files include.
 */
#include "trace/trace-hw_net_cx6dx_tls.h"

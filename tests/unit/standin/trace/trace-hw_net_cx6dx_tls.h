/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Trace events as functions that do nothing, for builds without QEMU
 */
#include "trace-nop.h"

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshots of the NIC on the fake host
 */
#ifndef TESTS_UNIT_CX6DX_FAKE_SNAPSHOT_H
#define TESTS_UNIT_CX6DX_FAKE_SNAPSHOT_H

#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"

/* The snapshot; it must be possible */
GByteArray *cx6dx_fake_save(Cx6dxFake *fake);

/* Loads; NULL, or why it was refused */
const char *cx6dx_fake_load(Cx6dxFake *fake, const uint8_t *data, size_t len);

/*
 * The NIC goes, and a new one goes on from its snapshot.  The new one must give
 * the same snapshot again, and have armed the same timer.
 */
void cx6dx_fake_move(Cx6dxFake *fake);

/* Gives a changed snapshot the checksum that it needs to get further */
void cx6dx_fake_fix_sum(uint8_t *data, size_t len);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The whole NIC, written down and read back
 *
 * Between two calls of the front (a turn of work, a timer, a frame, an access of
 * the guest) the NIC is at rest: commands are executed or still to be, work
 * requests too; what takes modelled time is in room defer.  TLS contexts may be
 * in the middle of a record, a search or a question to software.
 *
 * In the stream is everything, keys too: it is as secret as the guest's memory,
 * which is in the same file.  Not in it: scratch buffers, and what follows from
 * the properties of the device, which must be the same on both sides where a
 * guest can see them.
 *
 * Each room moves its own state; this one knows their order, users behind what
 * they use.  References are not in the stream: they are taken anew.
 */
#ifndef CX6DX_NIC_SNAPSHOT_H
#define CX6DX_NIC_SNAPSHOT_H

#include "qemu/osdep.h"
#include "nic/nic.h"
#include "pure/archive.h"

/*
 * Saving changes nothing.  Loading replaces all of the NIC; nothing in the
 * stream is trusted.  When it is refused (ar->error), the NIC is as after a
 * reset.  Loading touches no guest memory and calls the host for its timer only.
 */
void cx6dx_snapshot_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

#endif

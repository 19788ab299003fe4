/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pages that the firmware borrows from its host (PRM "Page Supply")
 *
 * The model has memory of its own and never looks into a page that it was given.
 * With the parameter fw_pages it asks for that many all the same, as a card does:
 * a part at boot, the rest before INIT_HCA, later some more or less as objects
 * come and go (events, if the driver takes them), and it gives all of them back
 * after TEARDOWN_HCA.  With 0 it says that it never asks.
 */
#ifndef CX6DX_NIC_PAGES_H
#define CX6DX_NIC_PAGES_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "pure/archive.h"

#define CX6DX_PAGES_MAX 16384       /* of fw_pages */
#define CX6DX_PAGES_STEP 32         /* more or less at a time, later */
#define CX6DX_PAGES_OBJECTS 8       /* that fit into a page */

typedef struct Cx6dxPages {
    uint64_t *addr;                 /* those that it has */
    uint32_t given;
    uint32_t asked;                 /* how many it has asked for so far */
} Cx6dxPages;

/* The driver is gone or begins anew: nothing of its memory is ours */
void cx6dx_pages_forget(Cx6dxNic *nic);
/* ENABLE_HCA, and TEARDOWN_HCA */
void cx6dx_pages_boot(Cx6dxNic *nic);
void cx6dx_pages_teardown(Cx6dxNic *nic);
/* Enough for INIT_HCA? */
bool cx6dx_pages_enough(const Cx6dxNic *nic);
/* After a command: asks for more, or offers some back */
void cx6dx_pages_follow(Cx6dxNic *nic);

/* After cx6dx_pages_forget(), when it loads */
void cx6dx_pages_borrowed_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

uint8_t cx6dx_cmd_query_pages(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_manage_pages(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif

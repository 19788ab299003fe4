/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The vendor specific capability; see vsc.h
 */
#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "nic/nic.h"
#include "nic/vsc.h"

void cx6dx_vsc_reset(Cx6dxNic *nic)
{
    nic->vsc = (Cx6dxVsc) { 0 };
}

uint32_t cx6dx_vsc_read(Cx6dxNic *nic, uint32_t offset)
{
    Cx6dxVsc *vsc = &nic->vsc;

    switch (offset) {
    case CX6DX_OFF_(vsc, space):
        /* status and size_valid are 0: there is no such space */
        return vsc->space;
    case CX6DX_OFF_(vsc, counter):
        /* each reader gets another one, and none gets "free" */
        if (!++vsc->ticket) {
            vsc->ticket = 1;
        }
        return vsc->ticket;
    case CX6DX_OFF_(vsc, semaphore):
        return vsc->semaphore;
    case CX6DX_OFF_(vsc, address):
        return vsc->addr;
    default:
        return 0;
    }
}

/* Software wrote flag 0 to read, 1 to write; the flag turns when it is done */
static uint32_t answer(uint32_t addr)
{
    uint8_t word[CX6DX_vsc_BYTES] = { 0 };

    cx6dx_prm_store(word + CX6DX_OFF_(vsc, address), addr);
    CX6DX_SET(vsc, word, flag, !CX6DX_GET(vsc, word, flag));
    CX6DX_SET(vsc, word, syndrome, 1);
    return cx6dx_prm_load(word + CX6DX_OFF_(vsc, address));
}

void cx6dx_vsc_write(Cx6dxNic *nic, uint32_t offset, uint32_t value)
{
    Cx6dxVsc *vsc = &nic->vsc;

    switch (offset) {
    case CX6DX_OFF_(vsc, space):
        vsc->space = value & CX6DX_FIELD_MAX(vsc, space);
        break;
    case CX6DX_OFF_(vsc, semaphore):
        if (!vsc->semaphore || !value) {
            vsc->semaphore = value;
        }
        break;
    case CX6DX_OFF_(vsc, address):
        vsc->addr = answer(value);
        break;
    default:
        break;              /* the rest is read only */
    }
}

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

/* ---- Spaces ---- */

static bool is_icmd(uint32_t space)
{
    return space == CX6DX_VSC_ICMD || space == CX6DX_VSC_ICMD_EXT;
}

static bool is_there(uint32_t space)
{
    return is_icmd(space) || space == CX6DX_VSC_CR ||
           space == CX6DX_VSC_SEMAPHORE;
}

static uint32_t *holder(Cx6dxVsc *vsc, uint32_t addr)
{
    return addr == CX6DX_SEMAPHORE_ICMD ? &vsc->icmd_holder :
           addr == CX6DX_SEMAPHORE_SW_RESET ? &vsc->reset_holder : NULL;
}

static bool space_read(Cx6dxNic *nic, uint32_t addr, uint32_t *value)
{
    const uint32_t *semaphore;

    if (is_icmd(nic->vsc.space)) {
        return cx6dx_icmd_read(nic, addr, value);
    }
    if (nic->vsc.space == CX6DX_VSC_SEMAPHORE) {
        semaphore = holder(&nic->vsc, addr);
        *value = semaphore ? *semaphore : 0;
        return semaphore;
    }
    if (nic->vsc.space == CX6DX_VSC_CR) {
        *value = addr == CX6DX_CR_HW_ID ? CX6DX_HW_ID : 0;
        return addr == CX6DX_CR_HW_ID || addr == CX6DX_CR_CONFIG_NOT_DONE;
    }
    return false;
}

static bool space_write(Cx6dxNic *nic, uint32_t addr, uint32_t value)
{
    uint32_t *semaphore;

    if (is_icmd(nic->vsc.space)) {
        return cx6dx_icmd_write(nic, addr, value);
    }
    if (nic->vsc.space == CX6DX_VSC_SEMAPHORE) {
        semaphore = holder(&nic->vsc, addr);
        /* who finds it taken reads another number than its own */
        if (semaphore && (!*semaphore || !value)) {
            *semaphore = value;
        }
        return semaphore;
    }
    return false;
}

/* ---- The capability ---- */

/* Software wrote flag 0 to read, 1 to write; the flag turns when it is done */
static void move_word(Cx6dxNic *nic, uint32_t value)
{
    uint8_t word[CX6DX_vsc_BYTES] = { 0 };
    Cx6dxVsc *vsc = &nic->vsc;
    uint32_t addr;
    bool good;

    cx6dx_prm_store(word + CX6DX_OFF_(vsc, address), value);
    addr = CX6DX_GET(vsc, word, address);
    if (addr & 3) {
        good = false;
    } else if (CX6DX_GET(vsc, word, flag)) {
        good = space_write(nic, addr, vsc->data);
    } else {
        vsc->data = 0;
        good = space_read(nic, addr, &vsc->data);
    }
    CX6DX_SET(vsc, word, flag, !CX6DX_GET(vsc, word, flag));
    CX6DX_SET(vsc, word, syndrome, !good);
    vsc->addr = cx6dx_prm_load(word + CX6DX_OFF_(vsc, address));
}

static uint32_t control(const Cx6dxVsc *vsc)
{
    uint8_t word[CX6DX_vsc_BYTES] = { 0 };

    CX6DX_SET(vsc, word, space, vsc->space);
    CX6DX_SET(vsc, word, status, is_there(vsc->space));
    return cx6dx_prm_load(word + CX6DX_OFF_(vsc, space));
}

uint32_t cx6dx_vsc_read(Cx6dxNic *nic, uint32_t offset)
{
    Cx6dxVsc *vsc = &nic->vsc;

    switch (offset) {
    case CX6DX_OFF_(vsc, space):
        return control(vsc);
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
    case CX6DX_OFF_(vsc, data):
        return vsc->data;
    default:
        return 0;
    }
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
        move_word(nic, value);
        break;
    case CX6DX_OFF_(vsc, data):
        vsc->data = value;
        break;
    default:
        break;              /* the rest is read only */
    }
}

void cx6dx_vsc_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    Cx6dxVsc *vsc = &nic->vsc;

    cx6dx_ar(ar, &vsc->ticket);
    cx6dx_ar(ar, &vsc->semaphore);
    cx6dx_ar(ar, &vsc->space);
    cx6dx_ar(ar, &vsc->addr);
    cx6dx_ar(ar, &vsc->data);
    cx6dx_ar(ar, &vsc->icmd_holder);
    cx6dx_ar(ar, &vsc->reset_holder);
    cx6dx_ar(ar, &vsc->icmd.ctrl);
    cx6dx_ar(ar, &vsc->icmd.syndrome);
    cx6dx_ar_bytes(ar, vsc->icmd.box, sizeof(vsc->icmd.box));
    cx6dx_ar_check(ar, vsc->space <= CX6DX_FIELD_MAX(vsc, space),
                   "no address space has that number");
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The outside world of the modelled NIC, made of QEMU
 *
 * DMA goes through the bus master address space, so that the bus master bit and
 * an IOMMU hold; it reaches memory only, never registers of a device.  A vector
 * that is masked stays pending in QEMU's MSI-X.
 *
 * While the NIC works, the device's reentrancy guard is engaged, and in_nic
 * keeps frames of its own from coming back in (a netfilter can do that).
 *
 * With -icount a bottom half would run whenever the main loop gets to it, seen
 * from the guest at no particular instruction.  Timers of the virtual clock are
 * served between two given instructions, so there a kick is one that is due.
 *
 * While the machine is stopped nothing is done: a snapshot is being written, or
 * the guest goes on somewhere else.  Virtual time stands still then, but bottom
 * halves would run, so that a kick is only noted until the machine goes on.
 */
#include "qemu/osdep.h"
#include "host_qemu.h"
#include "hw/pci/msix.h"
#include "net.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "system/cpus.h"
#include "system/qtest.h"
#include "system/runstate.h"
#if __has_include("exec/icount.h")
#include "exec/icount.h"        /* since 10.1 */
#else
#include "system/cpu-timers.h"
#endif

/* ---- Guest memory and interrupts ---- */

static bool dma(Cx6dxDev *dev, uint64_t addr, void *buf, size_t len,
                DMADirection dir)
{
    /* .memory: a NIC has no business with other devices' registers */
    MemTxAttrs attrs = { .memory = 1 };

    return pci_dma_rw(PCI_DEVICE(dev), addr, buf, len, dir, attrs) == MEMTX_OK;
}

static bool host_dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
    return dma(opaque, addr, buf, len, DMA_DIRECTION_TO_DEVICE);
}

static bool host_dma_write(void *opaque, uint64_t addr, const void *buf,
                           size_t len)
{
    return dma(opaque, addr, (void *)buf, len, DMA_DIRECTION_FROM_DEVICE);
}

static void host_raise_vector(void *opaque, uint32_t vector)
{
    Cx6dxDev *dev = opaque;

    if (vector < dev->params.vectors) {
        msix_notify(PCI_DEVICE(dev), vector);
    }
}

/* ---- Frames ---- */

static void host_frame_out(void *opaque, const uint8_t *buf, size_t len)
{
    cx6dx_net_send(opaque, buf, len);
}

static void host_rx_ready(void *opaque)
{
    cx6dx_host_flush_rx(opaque);
}

static void flush_rx(void *opaque)
{
    Cx6dxDev *dev = opaque;

    dev->flush_pending = false;
    cx6dx_net_flush(dev);
}

/* ---- Stopping the machine ---- */

void cx6dx_host_worked(Cx6dxDev *dev)
{
    dev->in_nic = false;
    if (!dev->nic.stop || dev->stop_asked) {
        return;
    }
    dev->stop_asked = true;
    if (qemu_in_vcpu_thread()) {
        vm_stop(RUN_STATE_DEBUG);   /* with -icount: at this instruction */
    } else {
        /* not from inside a bottom half: it would wait for itself */
        qemu_system_vmstop_request_prepare();
        qemu_system_vmstop_request(RUN_STATE_DEBUG);
    }
}

/* ---- Time and work ---- */

static uint64_t host_now_ns(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

/*
 * Virtual time that is the host's goes on while the main loop wakes up and takes
 * the lock: longer than most events of the model last.  What is due between two
 * multiples of the slack is done at the second one, never early.
 */
static uint64_t wake_up_ns(const Cx6dxDev *dev, uint64_t deadline_ns)
{
    uint32_t slack_ns = dev->timer_slack_ns;

    if (!slack_ns || !dev->params.timing.enabled || icount_enabled() ||
        qtest_enabled()) {
        return deadline_ns;
    }
    return QEMU_ALIGN_UP(deadline_ns, slack_ns);
}

static void host_arm_timer(void *opaque, uint64_t deadline_ns)
{
    Cx6dxDev *dev = opaque;

    if (deadline_ns > INT64_MAX - CX6DX_MAX_TIMER_SLACK_NS) {
        timer_del(dev->timer);
    } else {
        timer_mod_ns(dev->timer, wake_up_ns(dev, deadline_ns));
    }
}

/* Calls `bh` soon or, with -icount, `timer` at the present time */
static void soon(Cx6dxDev *dev, QEMUBH *bh, QEMUTimer *timer)
{
    if (icount_enabled()) {
        timer_mod_ns(timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    } else if (dev->running) {
        qemu_bh_schedule(bh);
    }
}

static void host_kick(void *opaque)
{
    Cx6dxDev *dev = opaque;

    dev->work_pending = true;
    soon(dev, dev->work_bh, dev->work_timer);
}

void cx6dx_host_flush_rx(Cx6dxDev *dev)
{
    dev->flush_pending = true;
    soon(dev, dev->flush_bh, dev->flush_timer);
}

static void work(void *opaque)
{
    Cx6dxDev *dev = opaque;

    dev->work_pending = false;
    dev->in_nic = true;
    cx6dx_nic_work(&dev->nic);
    cx6dx_host_worked(dev);
}

bool cx6dx_host_enter(Cx6dxDev *dev)
{
    MemReentrancyGuard *guard = &DEVICE(dev)->mem_reentrancy_guard;

    if (dev->in_nic || guard->engaged_in_io) {
        return false;
    }
    guard->engaged_in_io = true;
    dev->in_nic = true;
    return true;
}

void cx6dx_host_leave(Cx6dxDev *dev)
{
    DEVICE(dev)->mem_reentrancy_guard.engaged_in_io = false;
    cx6dx_host_worked(dev);
}

/* In a nested main loop a timer tries again as soon as time passes */
static void again(QEMUTimer *timer)
{
    timer_mod_ns(timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 1);
}

static void work_timer_fired(void *opaque)
{
    Cx6dxDev *dev = opaque;

    if (!cx6dx_host_enter(dev)) {
        again(dev->work_timer);
        return;
    }
    dev->work_pending = false;
    cx6dx_nic_work(&dev->nic);
    cx6dx_host_leave(dev);
}

static void timer_fired(void *opaque)
{
    Cx6dxDev *dev = opaque;

    if (!cx6dx_host_enter(dev)) {
        again(dev->timer);
        return;
    }
    cx6dx_nic_timer(&dev->nic);
    cx6dx_host_leave(dev);
}

/* A timer that is pending already stays where it is in time */
static void run_state_changed(void *opaque, bool running, RunState state)
{
    Cx6dxDev *dev = opaque;

    dev->running = running;
    if (!running) {
        qemu_bh_cancel(dev->work_bh);
        qemu_bh_cancel(dev->flush_bh);
        return;
    }
    if (dev->nic.stop && cx6dx_host_enter(dev)) {
        dev->stop_asked = false;
        cx6dx_nic_resume(&dev->nic);
        cx6dx_host_leave(dev);
    }
    if (dev->work_pending && !timer_pending(dev->work_timer)) {
        soon(dev, dev->work_bh, dev->work_timer);
    }
    if (dev->flush_pending && !timer_pending(dev->flush_timer)) {
        soon(dev, dev->flush_bh, dev->flush_timer);
    }
    /* where a guest was moved to the link may be another */
    cx6dx_net_update_link(dev);
}

/* ---- Life cycle ---- */

Cx6dxHost cx6dx_host_init(Cx6dxDev *dev)
{
    dev->work_bh = qemu_bh_new_guarded(work, dev,
                                       &DEVICE(dev)->mem_reentrancy_guard);
    /* not guarded: the net layer engages the guard itself for each frame */
    dev->flush_bh = qemu_bh_new(flush_rx, dev);
    dev->work_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, work_timer_fired, dev);
    dev->flush_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, flush_rx, dev);
    dev->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, timer_fired, dev);
    dev->running = runstate_is_running();
    dev->run_state = qemu_add_vm_change_state_handler(run_state_changed, dev);

    return (Cx6dxHost) {
        .opaque = dev,
        .dma_read = host_dma_read,
        .dma_write = host_dma_write,
        .raise_vector = host_raise_vector,
        .frame_out = host_frame_out,
        .now_ns = host_now_ns,
        .arm_timer = host_arm_timer,
        .kick = host_kick,
        .rx_ready = host_rx_ready,
    };
}

void cx6dx_host_stop(Cx6dxDev *dev)
{
    timer_del(dev->timer);
    timer_del(dev->flush_timer);
    timer_del(dev->work_timer);
    qemu_bh_cancel(dev->work_bh);
    qemu_bh_cancel(dev->flush_bh);
    dev->work_pending = false;
    dev->flush_pending = false;
}

void cx6dx_host_exit(Cx6dxDev *dev)
{
    qemu_del_vm_change_state_handler(dev->run_state);
    dev->run_state = NULL;
    timer_free(dev->timer);
    timer_free(dev->flush_timer);
    timer_free(dev->work_timer);
    qemu_bh_delete(dev->flush_bh);
    qemu_bh_delete(dev->work_bh);
    dev->timer = NULL;
    dev->flush_timer = NULL;
    dev->work_timer = NULL;
    dev->flush_bh = NULL;
    dev->work_bh = NULL;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * cx6dx-pause: a port by which a guest stops its machine, for runs under -icount
 * that go the same way each time
 *
 * A write to the port stops the machine behind that very instruction (event STOP,
 * state paused); `cont` lets it go on there.  Whatever the monitor is asked for
 * in between happens at the same moment of each run.
 *
 * vm_stop() alone leaves a gap: until the main loop has noticed, a CPU that has
 * stopped already looks idle to it, and then, depending on who is faster, time
 * jumps to the next deadline.  So the CPU stays in this instruction until the
 * machine counts as stopped.  With record and replay it may not, for it holds the
 * lock of the record; there the jump is in the record, if there was one.
 */
#include "qemu/osdep.h"
#include "hw/isa/isa.h"
#include "hw/qdev-properties.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qom/object.h"
#include "system/cpus.h"
#include "system/replay.h"
#include "system/runstate.h"

#define TYPE_CX6DX_PAUSE "cx6dx-pause"
OBJECT_DECLARE_SIMPLE_TYPE(Cx6dxPause, CX6DX_PAUSE)

struct Cx6dxPause {
    ISADevice parent_obj;

    MemoryRegion port;
    uint16_t iobase;
};

static uint64_t pause_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0xff;
}

static void pause_write(void *opaque, hwaddr addr, uint64_t value,
                        unsigned size)
{
    if (!qemu_in_vcpu_thread() || replay_mode != REPLAY_MODE_NONE) {
        vm_stop(RUN_STATE_PAUSED);
        return;
    }
    qemu_system_vmstop_request_prepare();
    qemu_system_vmstop_request(RUN_STATE_PAUSED);
    while (runstate_is_running()) {
        bql_unlock();
        g_usleep(20);
        bql_lock();
    }
}

static const MemoryRegionOps pause_ops = {
    .read = pause_read,
    .write = pause_write,
    .impl = { .min_access_size = 1, .max_access_size = 1 },
};

static void pause_realize(DeviceState *dev, Error **errp)
{
    Cx6dxPause *s = CX6DX_PAUSE(dev);

    memory_region_init_io(&s->port, OBJECT(s), &pause_ops, s,
                          TYPE_CX6DX_PAUSE, 1);
    isa_register_ioport(ISA_DEVICE(dev), &s->port, s->iobase);
}

static const Property pause_properties[] = {
    DEFINE_PROP_UINT16("iobase", Cx6dxPause, iobase, 0x506),
};

#if QEMU_VERSION_MAJOR * 100 + QEMU_VERSION_MINOR >= 1001
static void pause_class_init(ObjectClass *klass, const void *data)
#else
static void pause_class_init(ObjectClass *klass, void *data)
#endif
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "port by which a guest stops its machine";
    dc->realize = pause_realize;
    dc->hotpluggable = false;
    device_class_set_props(dc, pause_properties);
    object_class_property_set_description(klass, "iobase",
                                          "I/O port: one byte");
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo pause_info = {
    .name = TYPE_CX6DX_PAUSE,
    .parent = TYPE_ISA_DEVICE,
    .instance_size = sizeof(Cx6dxPause),
    .class_init = pause_class_init,
};

static void pause_register_types(void)
{
    type_register_static(&pause_info);
}

type_init(pause_register_types)

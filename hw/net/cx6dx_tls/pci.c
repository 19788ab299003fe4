/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The cx6dx-tls device: QOM type, properties, BARs, MSI-X, resets
 *
 * PCI Express endpoint 15b3:101d, so that the drivers for the real card bind to
 * it; the subsystem id tells it from a card.  Configuration space holds power
 * management, PCI Express with function level reset, the vendor's gateway, vital
 * product data, MSI-X and AER.  No interrupt pin and no expansion ROM.
 */
#include "qemu/osdep.h"
#include "hw/pci/msix.h"
#include "hw/pci/pcie.h"
#include "hw/qdev-properties.h"
#include "hw/resettable.h"
#include "host_qemu.h"
#include "mmio.h"
#include "model_props.h"
#include "monitor.h"
#include "net.h"
#include "nic/vpd.h"
#include "pci.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/module.h"
#include "qemu/range.h"
#include "system/system.h"
#include "trace.h"
#include "vmstate.h"

/* What class_init is given has become const in QEMU 10.1 */
#if QEMU_VERSION_MAJOR * 100 + QEMU_VERSION_MINOR >= 1001
typedef const void ClassInitData;
#else
typedef void ClassInitData;
#endif

/* ---- Properties ---- */

static const Property cx6dx_properties[] = {
    DEFINE_NIC_PROPERTIES(Cx6dxDev, conf),
    DEFINE_PROP_UINT32("vectors", Cx6dxDev, params.vectors, CX6DX_MAX_VECTORS),
    DEFINE_PROP_BOOL("tls-tx", Cx6dxDev, params.tls_tx, true),
    DEFINE_PROP_BOOL("tls-rx", Cx6dxDev, params.tls_rx, true),
    DEFINE_PROP_UINT32("fw-pages", Cx6dxDev, params.fw_pages, 0),
    DEFINE_PROP_BOOL("timing", Cx6dxDev, params.timing.enabled, false),
    DEFINE_PROP_UINT32("timer-slack", Cx6dxDev, timer_slack_ns, 20000),
};

/* Our properties but those of the timing model: what, and its limits */
typedef struct PropDoc {
    const char *name;
    const char *what;
    const char *limits;         /* NULL: nothing to check */
} PropDoc;

static const PropDoc prop_docs[] = {
    { "mac", "Ethernet address of the port; default: the next free one" },
    { "netdev",
      "id of the -netdev behind the port; frames vanish without one" },
    { "vectors", "MSI-X vectors, one for each event queue", "2 to 64" },
    { "tls-tx", "offer TLS encryption of what is sent" },
    { "tls-rx", "offer TLS decryption of what is received" },
    { "fw-pages", "pages that the firmware borrows from its host",
      "0 to 16384" },
    { "timing", "let work take modelled time; off: as soon as possible" },
    { "timer-slack",
      "with timing=on and a clock that is the host's (no -icount), do what comes "
      "due within so many ns in one go",
      "0 to 1000000" },
};

static bool check_params(const Cx6dxDev *dev, Error **errp)
{
    const Cx6dxNicParams *params = &dev->params;

    if (params->vectors < 2 || params->vectors > CX6DX_MAX_VECTORS) {
        error_setg(errp, "property 'vectors' must be 2 to %d",
                   CX6DX_MAX_VECTORS);
        return false;
    }
    if (params->fw_pages > CX6DX_PAGES_MAX) {
        error_setg(errp, "property 'fw-pages' must be 0 to %d",
                   CX6DX_PAGES_MAX);
        return false;
    }
    if (dev->timer_slack_ns > CX6DX_MAX_TIMER_SLACK_NS) {
        error_setg(errp, "property 'timer-slack' must be 0 to %d",
                   CX6DX_MAX_TIMER_SLACK_NS);
        return false;
    }
    return true;
}

/* ---- Counters for tests and the curious: qom-get PATH stats ---- */

/* Visits one struct of numbers; `next` gives the n-th, or a NULL name */
typedef const char *(*NextNumber)(const Cx6dxNic *nic, size_t n,
                                  uint64_t *value);

static void visit_numbers(Object *obj, Visitor *v, const char *name,
                          void *opaque, Error **errp)
{
    const Cx6dxNic *nic = &CX6DX_TLS(obj)->nic;
    NextNumber next = *(NextNumber *)opaque;
    const char *field;
    uint64_t value;

    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    for (size_t n = 0; (field = next(nic, n, &value)); n++) {
        if (!visit_type_uint64(v, field, &value, errp)) {
            break;
        }
    }
    visit_end_struct(v, NULL);
}

static const char *next_stat(const Cx6dxNic *nic, size_t n, uint64_t *value)
{
    const Cx6dxStatDesc *desc = cx6dx_stats_table() + n;

    if (desc->name) {
        *value = cx6dx_stats_read(&nic->stats, desc);
    }
    return desc->name;
}

static const char *next_count(const Cx6dxNic *nic, size_t n, uint64_t *value)
{
    Cx6dxNicCount counts[CX6DX_NIC_TABLES + 1];

    cx6dx_nic_counts(nic, counts);
    *value = counts[n].used;
    return counts[n].name;
}

static const char *next_guest_error(const Cx6dxNic *nic, size_t n,
                                    uint64_t *value)
{
    static const char *const names[] = {
#define CX6DX_GUEST_ERR_NAME_(name, what) #name,
        CX6DX_GUEST_ERR_LIST(CX6DX_GUEST_ERR_NAME_)
#undef CX6DX_GUEST_ERR_NAME_
    };

    if (n >= ARRAY_SIZE(names)) {
        return NULL;
    }
    *value = nic->guest_errs[n];
    return names[n];
}

static const char *next_fault(const Cx6dxNic *nic, size_t n, uint64_t *value)
{
    if (n >= CX6DX_FAULTS) {
        return NULL;
    }
    *value = nic->faults.fired[n];
    return cx6dx_fault_desc(n)->name;
}

/* Properties of a realized device, not options of -device */
static const struct {
    const char *name;
    const char *what;
    NextNumber next;
} number_props[] = {
    { "stats", "counters since the last reset", next_stat },
    { "objects", "objects that the guest has, by kind", next_count },
    { "guest-errors", "mistakes of the guest, by kind", next_guest_error },
    { "faults", "how often each fault has struck", next_fault },
};

static void add_numbers(Object *obj)
{
    for (size_t i = 0; i < ARRAY_SIZE(number_props); i++) {
        object_property_add(obj, number_props[i].name, "struct", visit_numbers,
                            NULL, NULL, (void *)&number_props[i].next);
        object_property_set_description(obj, number_props[i].name,
                                        number_props[i].what);
    }
}

static void del_numbers(Object *obj)
{
    for (size_t i = 0; i < ARRAY_SIZE(number_props); i++) {
        object_property_del(obj, number_props[i].name);
    }
}

/* ---- Life cycle ---- */

QEMU_BUILD_BUG_ON(QEMU_PCI_EXP_LNK_8GT != 3 || QEMU_PCI_EXP_LNK_16GT != 4 ||
                  QEMU_PCI_EXP_LNK_32GT != 5 || QEMU_PCI_EXP_LNK_X16 != 16);

static bool init_config_space(Cx6dxDev *dev, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(dev);
    int pos;

    pos = pci_pm_init(pci, 0, errp);
    if (pos < 0) {
        return false;
    }
    pci_set_word(pci->config + pos + PCI_PM_PMC, 3);
    pci_set_word(pci->wmask + pos + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
    pci_set_word(pci->config + pos + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);

    if (pcie_endpoint_cap_init(pci, 0) < 0) {
        error_setg(errp, "no room for the PCI Express capability");
        return false;
    }
    /* both registers count as the properties do: lanes, and generations */
    pcie_cap_fill_link_ep_usp(pci, dev->params.timing.pcie_lanes,
                              dev->params.timing.pcie_gen);
    pcie_cap_deverr_init(pci);
    pcie_cap_flr_init(pci);

    pos = pci_add_capability(pci, PCI_CAP_ID_VNDR, 0, CX6DX_vsc_BYTES, errp);
    if (pos < 0) {
        pcie_cap_exit(pci);
        return false;
    }
    dev->vsc_offset = pos;
    pci_set_byte(pci->config + pos + PCI_CAP_FLAGS, CX6DX_vsc_BYTES);

    pos = pci_add_capability(pci, PCI_CAP_ID_VPD, 0, PCI_CAP_VPD_SIZEOF, errp);
    if (pos < 0) {
        pcie_cap_exit(pci);
        return false;
    }
    dev->vpd_offset = pos;
    pci_set_word(pci->wmask + pos + PCI_VPD_ADDR, 0xffff);
    /* what a guest last read there may differ where it goes on */
    pci_set_long(pci->cmask + pos + PCI_VPD_DATA, 0);

    if (pcie_aer_init(pci, PCI_ERR_VER, CX6DX_AER_OFFSET, PCI_ERR_SIZEOF,
                      errp) < 0) {
        pcie_cap_exit(pci);
        return false;
    }
    return true;
}

static void exit_config_space(Cx6dxDev *dev)
{
    pcie_aer_exit(PCI_DEVICE(dev));
    pcie_cap_exit(PCI_DEVICE(dev));
}

static void cx6dx_realize(PCIDevice *pci, Error **errp)
{
    static uint32_t next_id;
    Cx6dxDev *dev = CX6DX_TLS(pci);
    Cx6dxHost host;

    if (!check_params(dev, errp)) {
        return;
    }
    cx6dx_mmio_init(dev);
    pci_register_bar(pci, CX6DX_BAR_REGS,
                     PCI_BASE_ADDRESS_SPACE_MEMORY |
                     PCI_BASE_ADDRESS_MEM_TYPE_64 |
                     PCI_BASE_ADDRESS_MEM_PREFETCH, &dev->bar);
    if (!init_config_space(dev, errp)) {
        cx6dx_mmio_exit(dev);
        return;
    }
    if (msix_init_exclusive_bar(pci, dev->params.vectors, CX6DX_BAR_MSIX,
                                errp) < 0) {
        exit_config_space(dev);
        cx6dx_mmio_exit(dev);
        return;
    }
    for (uint32_t i = 0; i < dev->params.vectors; i++) {
        msix_vector_use(pci, i);
    }

    qemu_macaddr_default_if_unset(&dev->conf.macaddr);
    memcpy(dev->params.mac, dev->conf.macaddr.a, sizeof(dev->params.mac));
    dev->params.uar_pages = CX6DX_UAR_PAGES;
    dev->params.id = next_id++;

    host = cx6dx_host_init(dev);
    memset(&dev->nic, 0, sizeof(dev->nic));
    cx6dx_nic_init(&dev->nic, &host, &dev->params);
    cx6dx_monitor_realize(dev);
    cx6dx_net_init(dev);
    add_numbers(OBJECT(dev));
    cx6dx_model_props_add(dev);
    trace_cx6dx_pci_realize(dev->params.id, DEVICE(dev)->id ?: "",
                            dev->params.vectors);
}

static void cx6dx_exit(PCIDevice *pci)
{
    Cx6dxDev *dev = CX6DX_TLS(pci);

    trace_cx6dx_pci_exit(dev->params.id);
    cx6dx_model_props_del(dev);
    del_numbers(OBJECT(dev));
    cx6dx_host_stop(dev);
    cx6dx_net_exit(dev);
    cx6dx_nic_free(&dev->nic);
    cx6dx_host_exit(dev);
    msix_unuse_all_vectors(pci);
    msix_uninit_exclusive_bar(pci);
    exit_config_space(dev);
    cx6dx_mmio_exit(dev);
}

/* The word of the vendor capability at `addr`, or -1; its head is plain */
static int vsc_word(const Cx6dxDev *dev, uint32_t addr)
{
    uint32_t word = (addr - dev->vsc_offset) & ~3u;

    return dev->vsc_offset && word >= 4 && word < CX6DX_vsc_BYTES ? (int)word : -1;
}

static uint32_t cx6dx_config_read(PCIDevice *pci, uint32_t addr, int len)
{
    Cx6dxDev *dev = CX6DX_TLS(pci);
    int word = vsc_word(dev, addr);

    if (word < 0) {
        return pci_default_read_config(pci, addr, len);
    }
    return (cx6dx_vsc_read(&dev->nic, word) >> 8 * (addr & 3)) &
           MAKE_64BIT_MASK(0, 8 * len);
}

/* The flag in the address says what is wanted, and turns when it is done */
static void move_vpd(Cx6dxDev *dev)
{
    uint8_t *cap = PCI_DEVICE(dev)->config + dev->vpd_offset;
    uint16_t addr = pci_get_word(cap + PCI_VPD_ADDR);

    if (!(addr & PCI_VPD_ADDR_F)) {
        pci_set_long(cap + PCI_VPD_DATA, cx6dx_vpd_word(&dev->nic, addr));
    }
    pci_set_word(cap + PCI_VPD_ADDR, addr ^ PCI_VPD_ADDR_F);
}

static void cx6dx_config_write(PCIDevice *pci, uint32_t addr, uint32_t val,
                               int len)
{
    Cx6dxDev *dev = CX6DX_TLS(pci);
    int word = vsc_word(dev, addr);

    if (word >= 0 && len == 4) {
        cx6dx_vsc_write(&dev->nic, word, val);
    }
    pci_default_write_config(pci, addr, val, len);
    if (ranges_overlap(addr, len, dev->vpd_offset + PCI_VPD_ADDR + 1, 1)) {
        move_vpd(dev);
    }
    pcie_aer_write_config(pci, addr, val, len);
    pcie_cap_flr_write_config(pci, addr, val, len);
}

/* Everything of the NIC is local state, so it goes in the first phase */
static void cx6dx_reset_enter(Object *obj, ResetType type)
{
    Cx6dxDev *dev = CX6DX_TLS(obj);

    trace_cx6dx_pci_reset(dev->params.id);
    cx6dx_host_stop(dev);
    cx6dx_nic_reset(&dev->nic);
    cx6dx_mmio_reset(dev);
    cx6dx_net_reset(dev);
    /* a reset of the model may have armed what is of no use any more */
    cx6dx_host_stop(dev);
}

/* Interrupts are messages: what is pending goes.  So do waiting frames. */
static void cx6dx_reset_hold(Object *obj, ResetType type)
{
    Cx6dxDev *dev = CX6DX_TLS(obj);

    msix_reset(PCI_DEVICE(dev));
    pcie_cap_deverr_reset(PCI_DEVICE(dev));
    cx6dx_host_flush_rx(dev);
}

static void describe_properties(ObjectClass *klass)
{
    for (size_t i = 0; i < ARRAY_SIZE(prop_docs); i++) {
        const PropDoc *doc = &prop_docs[i];
        g_autofree char *text = doc->limits
            ? g_strdup_printf("%s: %s", doc->what, doc->limits)
            : g_strdup(doc->what);

        object_class_property_set_description(klass, doc->name, text);
    }
}

static void cx6dx_class_init(ObjectClass *klass, ClassInitData *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    pc->realize = cx6dx_realize;
    pc->exit = cx6dx_exit;
    pc->config_read = cx6dx_config_read;
    pc->config_write = cx6dx_config_write;
    pc->vendor_id = CX6DX_PCI_VENDOR_ID;
    pc->device_id = CX6DX_PCI_DEVICE_ID;
    pc->subsystem_vendor_id = CX6DX_PCI_SUBVENDOR_ID;
    pc->subsystem_id = CX6DX_PCI_SUBDEVICE_ID;
    pc->class_id = PCI_CLASS_NETWORK_ETHERNET;
    pc->revision = 0;

    rc->phases.enter = cx6dx_reset_enter;
    rc->phases.hold = cx6dx_reset_hold;

    dc->desc = "ConnectX-6 Dx Ethernet NIC with inline kTLS offload";
    dc->vmsd = &cx6dx_vmstate;
    device_class_set_props(dc, cx6dx_properties);
    set_bit(DEVICE_CATEGORY_NETWORK, dc->categories);
    cx6dx_monitor_class_init(klass);
    describe_properties(klass);
    cx6dx_model_props_class(klass);
}

static void cx6dx_instance_init(Object *obj)
{
    Cx6dxDev *dev = CX6DX_TLS(obj);

    cx6dx_model_props_init(dev);
    device_add_bootindex_property(obj, &dev->conf.bootindex, "bootindex",
                                  "/ethernet-phy@0", DEVICE(obj));
}

static const TypeInfo cx6dx_info = {
    .name = TYPE_CX6DX_TLS,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(Cx6dxDev),
    .instance_init = cx6dx_instance_init,
    .class_init = cx6dx_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_PCIE_DEVICE },
        { }
    },
};

static void cx6dx_register_types(void)
{
    type_register_static(&cx6dx_info);
}

type_init(cx6dx_register_types)

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Command interface: initialization segment, queue entries, mailboxes; see
 * cmd.h (PRM "Initialization Segment", "Command Interface")
 *
 * Guest memory is read once, into private buffers; what the guest changes later
 * has no effect.  A chain of mailboxes is followed as far as the lengths in the
 * queue entry say, never further: drivers leave stale pointers behind the end.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "nic/cmd.h"
#include "nic/cmd_names.h"
#include "nic/cmd_table.h"
#include "nic/eq.h"
#include "nic/fault.h"
#include "nic/nic.h"
#include "nic/pages.h"
#include "nic/rxlro.h"
#include "pure/aead.h"
#include "trace.h"

#define LEAST_BYTES 8       /* opcode and op_mod; status and syndrome */
#define INLINE_BYTES CX6DX_AREA_BYTES(cmd_entry, in)
#define BLOCK_BYTES CX6DX_AREA_BYTES(cmd_mailbox, data)
/* Mailboxes are at least this aligned */
#define MAILBOX_ALIGN_MASK 0x1ffull

/* One command on its way through the device */
typedef struct CmdRun {
    uint32_t slot;
    uint64_t entry_addr;
    uint8_t entry[CX6DX_cmd_entry_BYTES];
    uint8_t token;
    uint8_t *in, *out;
    uint32_t in_bytes, out_bytes;
    uint64_t *out_boxes;        /* addresses of the output's mailboxes */
    uint32_t n_out_boxes;
} CmdRun;

/* ---- Initialization segment ---- */

uint32_t cx6dx_cmd_iseg_read(Cx6dxNic *nic, uint32_t offset)
{
    uint64_t now_ns;

    switch (offset) {
    case CX6DX_ISEG_FW_REV:
        return CX6DX_FW_MINOR << 16 | CX6DX_FW_MAJOR;
    case CX6DX_ISEG_CMDIF_REV_FW_SUB:
        return CX6DX_CMDIF_REV << 16 | CX6DX_FW_SUBMINOR;
    case CX6DX_ISEG_CMDQ_ADDR_H:
        return nic->cmd.addr_h;
    case CX6DX_ISEG_CMDQ_ADDR_L_SZ:
        return (nic->cmd.addr_l & ~0xfffu) |
               (nic->cmd.driver_up ? CX6DX_NIC_INTERFACE_FULL
                                   : CX6DX_NIC_INTERFACE_DISABLED)
               << CX6DX_NIC_INTERFACE_SHIFT |
               CX6DX_CMD_LOG_SLOTS << 4 | CX6DX_CMD_LOG_STRIDE;
    case CX6DX_ISEG_HEALTH_FW_VER:
        return CX6DX_FW_VERSION;
    case CX6DX_ISEG_HEALTH_FW_VER + 4:
        return CX6DX_HW_ID;
    case CX6DX_ISEG_TIMER_H:
        return cx6dx_nic_now(nic) >> 32;
    case CX6DX_ISEG_TIMER_L:
        return (uint32_t)cx6dx_nic_now(nic);
    case CX6DX_ISEG_HEALTH_COUNTER:
        /* in ms, and never 0 */
        now_ns = cx6dx_nic_now(nic);
        return (uint32_t)(now_ns / 1000000) + 1;
    case CX6DX_ISEG_REAL_TIME_H:
        return cx6dx_nic_now(nic) / 1000000000;
    case CX6DX_ISEG_REAL_TIME_L:
        return cx6dx_nic_now(nic) % 1000000000;
    default:
        /* INITIALIZING and the health syndrome are 0: ready and well */
        return 0;
    }
}

/*
 * The command queue's address comes with the mode of the interface.  A driver
 * that finds "disabled" in its place knows that the function was reset.
 */
static void write_addr_l(Cx6dxNic *nic, uint32_t value)
{
    uint32_t mode = value >> CX6DX_NIC_INTERFACE_SHIFT &
                    CX6DX_NIC_INTERFACE_MASK;

    if (mode != CX6DX_NIC_INTERFACE_FULL) {
        /* disable, or reset: nothing of the driver is left either way */
        cx6dx_nic_drop_objects(nic);
        cx6dx_pages_forget(nic);
        memset(&nic->cmd, 0, sizeof(nic->cmd));
        return;
    }
    nic->cmd.addr_l = value & ~0xfffu;
    nic->cmd.driver_up = true;
}

void cx6dx_cmd_iseg_write(Cx6dxNic *nic, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case CX6DX_ISEG_CMDQ_ADDR_H:
        nic->cmd.addr_h = value;
        break;
    case CX6DX_ISEG_CMDQ_ADDR_L_SZ:
        write_addr_l(nic, value);
        break;
    case CX6DX_ISEG_CMD_DBELL:
        nic->cmd.pending |= value;
        if (nic->cmd.pending) {
            cx6dx_nic_kick(nic);
        }
        break;
    case CX6DX_ISEG_INITIALIZING:
        break;                  /* reset acknowledge: nothing to do */
    default:
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_MMIO_OFFSET, offset);
    }
}

/* ---- Mailboxes ---- */

static uint64_t next_box(const uint8_t *box)
{
    return CX6DX_GET64(cmd_mailbox, box, next);
}

/* Is mailbox `k` of the chain at `addr` as it must be?  CX6DX_DELIVERY_* */
static uint8_t read_box(Cx6dxNic *nic, const CmdRun *run, uint64_t addr,
                        uint32_t k, bool input, uint8_t *box)
{
    if (!addr) {
        return input ? CX6DX_DELIVERY_IN_LENGTH : CX6DX_DELIVERY_OUT_LENGTH;
    }
    if (addr & MAILBOX_ALIGN_MASK) {
        return input ? CX6DX_DELIVERY_IN_PTR_ALIGN
                     : CX6DX_DELIVERY_OUT_PTR_ALIGN;
    }
    if (!cx6dx_nic_dma_read(nic, addr, box, CX6DX_cmd_mailbox_BYTES)) {
        return input ? CX6DX_DELIVERY_IN_LENGTH : CX6DX_DELIVERY_OUT_LENGTH;
    }
    if (CX6DX_GET(cmd_mailbox, box, block_num) != k) {
        return CX6DX_DELIVERY_BAD_BLOCK_NUM;
    }
    if (CX6DX_GET(cmd_mailbox, box, token) != run->token) {
        return CX6DX_DELIVERY_TOKEN_ERR;
    }
    return CX6DX_DELIVERY_OK;
}

static uint8_t fetch_input(Cx6dxNic *nic, CmdRun *run)
{
    uint64_t addr = CX6DX_GET64(cmd_entry, run->entry, in_ptr);
    uint32_t done = MIN(run->in_bytes, INLINE_BYTES);
    uint8_t box[CX6DX_cmd_mailbox_BYTES];
    uint8_t delivery = CX6DX_DELIVERY_OK;

    run->in = g_malloc(run->in_bytes);
    memcpy(run->in, CX6DX_AREA(cmd_entry, run->entry, in), done);
    for (uint32_t k = 0; done < run->in_bytes; k++) {
        uint32_t chunk = MIN(run->in_bytes - done, BLOCK_BYTES);

        delivery = read_box(nic, run, addr, k, true, box);
        if (delivery) {
            break;
        }
        memcpy(run->in + done, box, chunk);
        done += chunk;
        addr = next_box(box);
    }
    cx6dx_aead_wipe(box, sizeof(box));
    return delivery;
}

/* Finds the mailboxes for the output before anything is executed */
static uint8_t find_output(Cx6dxNic *nic, CmdRun *run)
{
    uint64_t addr = CX6DX_GET64(cmd_entry, run->entry, out_ptr);
    uint32_t n = DIV_ROUND_UP(run->out_bytes - INLINE_BYTES, BLOCK_BYTES);
    uint8_t box[CX6DX_cmd_mailbox_BYTES];

    if (!n) {
        return CX6DX_DELIVERY_OK;
    }
    run->out_boxes = g_new(uint64_t, n);
    for (uint32_t k = 0; k < n; k++) {
        uint8_t delivery = read_box(nic, run, addr, k, false, box);

        if (delivery) {
            return delivery;
        }
        run->out_boxes[k] = addr;
        run->n_out_boxes = k + 1;
        addr = next_box(box);
    }
    return CX6DX_DELIVERY_OK;
}

static uint8_t fetch(Cx6dxNic *nic, CmdRun *run)
{
    uint8_t delivery;

    run->token = CX6DX_GET(cmd_entry, run->entry, token);
    run->in_bytes = CX6DX_GET(cmd_entry, run->entry, inlen);
    run->out_bytes = CX6DX_GET(cmd_entry, run->entry, outlen);
    if (CX6DX_GET(cmd_entry, run->entry, type) != CX6DX_CMD_TYPE_PCI) {
        return CX6DX_DELIVERY_CMD_DESCR;
    }
    if (run->in_bytes < LEAST_BYTES || run->in_bytes > CX6DX_CMD_MAX_BYTES) {
        return CX6DX_DELIVERY_IN_LENGTH;
    }
    if (run->out_bytes < LEAST_BYTES ||
        run->out_bytes > CX6DX_CMD_MAX_BYTES) {
        return CX6DX_DELIVERY_OUT_LENGTH;
    }
    /* mlx5 asks for 12 bytes of ENABLE_HCA; all 16 are in the entry anyway */
    run->in_bytes = MAX(run->in_bytes, INLINE_BYTES);
    run->out_bytes = MAX(run->out_bytes, INLINE_BYTES);
    delivery = find_output(nic, run);
    return delivery ? delivery : fetch_input(nic, run);
}

static void write_output(Cx6dxNic *nic, CmdRun *run)
{
    uint32_t done = INLINE_BYTES;

    cx6dx_nic_dma_write(nic, run->entry_addr +
                        CX6DX_OFF_(cmd_entry, out), run->out, INLINE_BYTES);
    for (uint32_t k = 0; k < run->n_out_boxes; k++) {
        uint32_t chunk = MIN(run->out_bytes - done, BLOCK_BYTES);

        cx6dx_nic_dma_write(nic, run->out_boxes[k], run->out + done, chunk);
        done += chunk;
    }
}

/* ---- Execution ---- */

static void note_unknown(Cx6dxNic *nic, uint16_t opcode, uint16_t op_mod)
{
    uint8_t *byte = &nic->cmd.unknown_seen[opcode / 8];
    uint8_t bit = 1u << opcode % 8;

    /* each is counted, the first of its kind is told */
    if (*byte & bit) {
        cx6dx_guest_err_count(nic, CX6DX_GUEST_ERR_CMD_OPCODE);
    } else {
        *byte |= bit;
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_CMD_OPCODE, opcode);
        trace_cx6dx_cmd_unknown(nic->params.id, cx6dx_cmd_name(opcode), opcode,
                                op_mod);
        qemu_log_mask(LOG_UNIMP, "cx6dx-tls %u: command %s (0x%x) op_mod 0x%x "
                      "is not implemented\n", nic->params.id,
                      cx6dx_cmd_name(opcode), opcode, op_mod);
    }
}

static uint8_t call_handler(Cx6dxNic *nic, Cx6dxCmd *cmd,
                            const Cx6dxCmdDesc *desc)
{
    uint8_t status;

    if (cmd->in_bytes < desc->min_in_bytes ||
        cmd->out_bytes < desc->min_out_bytes) {
        bool input = cmd->in_bytes < desc->min_in_bytes;

        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_CMD_LENGTH, cmd->opcode);
        return input ? cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_INP_LEN,
                                      CX6DX_SYND_INPUT_LENGTH)
                     : cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_OUTP_LEN,
                                      CX6DX_SYND_OUTPUT_LENGTH);
    }
    if (!cx6dx_cmd_table_allowed(nic, cmd->opcode)) {
        status = cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_SYS_STATE,
                                CX6DX_SYND_HCA_STATE);
    } else {
        status = desc->handler(nic, cmd);
    }
    if (status != CX6DX_STATUS_OK) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_CMD_PARAM, cmd->opcode);
    }
    return status;
}

uint8_t cx6dx_cmd_execute(Cx6dxNic *nic, Cx6dxCmd *cmd)
{
    const Cx6dxCmdDesc *desc;
    Cx6dxFaultRule fault;
    uint8_t status;

    cmd->opcode = CX6DX_GET(cmd_in, cmd->in, opcode);
    cmd->op_mod = CX6DX_GET(cmd_in, cmd->in, op_mod);
    cmd->syndrome = CX6DX_SYND_NONE;
    desc = cx6dx_cmd_table_find(cmd->opcode);
    if (cx6dx_fault(nic, CX6DX_FAULT_CMD_FAIL, cmd->opcode, &fault)) {
        status = cx6dx_cmd_fail(cmd, fault.status, fault.syndrome);
    } else if (desc) {
        status = call_handler(nic, cmd, desc);
    } else {
        note_unknown(nic, cmd->opcode, cmd->op_mod);
        status = cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_OP,
                                CX6DX_SYND_UNKNOWN_OPCODE);
    }
    nic->stats.cmds++;
    if (status != CX6DX_STATUS_OK) {
        nic->stats.cmds_failed++;
        memset(cmd->out, 0, cmd->out_bytes);
    }
    CX6DX_SET(cmd_out, cmd->out, status, status);
    CX6DX_SET(cmd_out, cmd->out, syndrome, cmd->syndrome);
    trace_cx6dx_cmd(nic->params.id, cx6dx_cmd_name(cmd->opcode), cmd->opcode,
                    cmd->op_mod, status, cmd->syndrome);
    return status;
}

static void execute(Cx6dxNic *nic, CmdRun *run)
{
    Cx6dxCmd cmd = {
        .in = run->in,
        .in_bytes = run->in_bytes,
        .out_bytes = run->out_bytes,
    };

    cmd.out = run->out = g_malloc0(run->out_bytes);
    cx6dx_cmd_execute(nic, &cmd);
    write_output(nic, run);
}

static void run_free(CmdRun *run)
{
    uint16_t opcode = run->in ? CX6DX_GET(cmd_in, run->in, opcode) : 0;

    /* these carry keys */
    if (opcode == CX6DX_CMD_CREATE_GENERAL_OBJECT ||
        opcode == CX6DX_CMD_MODIFY_GENERAL_OBJECT) {
        cx6dx_aead_wipe(run->in, run->in_bytes);
    }
    g_free(run->in);
    g_free(run->out);
    g_free(run->out_boxes);
}

static void run_slot(Cx6dxNic *nic, uint32_t slot)
{
    CmdRun run = { .slot = slot };
    bool event_mode = cx6dx_eq_takes_cmd(nic);
    uint8_t delivery, own;

    /* no command finds a packet half done */
    cx6dx_rxlro_close_all(nic);
    run.entry_addr = ((uint64_t)nic->cmd.addr_h << 32 | nic->cmd.addr_l) +
                     ((uint64_t)slot << CX6DX_CMD_LOG_STRIDE);
    if (!cx6dx_nic_dma_read(nic, run.entry_addr, run.entry,
                            sizeof(run.entry))) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_CMDQ_DMA, run.entry_addr);
        return;
    }
    if (!CX6DX_GET(cmd_entry, run.entry, hw_owned)) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_CMDQ_NOT_OWNED, slot);
        return;
    }
    delivery = fetch(nic, &run);
    if (delivery) {
        cx6dx_guest_err(nic, CX6DX_GUEST_ERR_CMD_MAILBOX, slot);
    } else {
        execute(nic, &run);
    }
    run_free(&run);

    /* the ownership bit, last */
    own = delivery << 1;
    cx6dx_nic_dma_write(nic, run.entry_addr + CX6DX_cmd_entry_BYTES - 1, &own,
                        1);
    /*
     * The command that makes or ends the EQ for command events is polled for:
     * the driver has forgotten its slot when an event would come.
     */
    if (event_mode) {
        cx6dx_eq_post_cmd(nic, 1u << slot);
    }
    cx6dx_pages_follow(nic);
}

/* How much work a command is for the firmware */
static Cx6dxFwClass fw_class(const uint8_t *in)
{
    static const struct {
        uint16_t opcode;
        Cx6dxFwClass class;
        bool object;            /* of type encryption key only */
    } classes[] = {
        { CX6DX_CMD_CREATE_TIS, CX6DX_FW_TIS_CREATE, false },
        { CX6DX_CMD_DESTROY_TIS, CX6DX_FW_TIS_DESTROY, false },
        { CX6DX_CMD_CREATE_GENERAL_OBJECT, CX6DX_FW_DEK_CREATE, true },
        { CX6DX_CMD_MODIFY_GENERAL_OBJECT, CX6DX_FW_DEK_MODIFY, true },
        { CX6DX_CMD_DESTROY_GENERAL_OBJECT, CX6DX_FW_DEK_DESTROY, true },
    };
    bool key = CX6DX_GET(general_obj_in, in, obj_type) ==
               CX6DX_OBJ_TYPE_ENCRYPTION_KEY;

    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        if (classes[i].opcode == CX6DX_GET(cmd_in, in, opcode)) {
            return key || !classes[i].object ? classes[i].class
                                             : CX6DX_FW_OTHER;
        }
    }
    return CX6DX_FW_OTHER;
}

/* When the firmware will be done with the command in `slot` */
static uint64_t fw_end(Cx6dxNic *nic, uint32_t slot)
{
    uint64_t addr = ((uint64_t)nic->cmd.addr_h << 32 | nic->cmd.addr_l) +
                    ((uint64_t)slot << CX6DX_CMD_LOG_STRIDE);
    uint8_t in[INLINE_BYTES] = { 0 };
    Cx6dxFwClass class;
    uint32_t keys = 1, log_keys;

    /* what cannot be read fails when its time has come */
    if (!cx6dx_nic_dma_read(nic, addr + CX6DX_OFF_(cmd_entry, in), in,
                            sizeof(in))) {
        memset(in, 0, sizeof(in));
    }
    class = fw_class(in);
    if (class == CX6DX_FW_DEK_CREATE) {
        /* more than there are is refused, and no work */
        log_keys = CX6DX_GET(general_obj_in, in, log_obj_range);
        keys <<= log_keys <= CX6DX_LOG_MAX_DEK ? log_keys : 0;
    }
    return cx6dx_timing_command(&nic->timing, cx6dx_nic_now(nic), class, keys);
}

/* The slot to execute now, of those pending; -1 while the firmware is busy */
static int next_slot(Cx6dxNic *nic)
{
    if (!cx6dx_timing_on(&nic->timing)) {
        return __builtin_ctz(nic->cmd.pending);
    }
    if (!nic->cmd.due_ns) {
        nic->cmd.due_slot = __builtin_ctz(nic->cmd.pending);
        nic->cmd.due_ns = fw_end(nic, nic->cmd.due_slot);
    }
    if (nic->cmd.due_ns > cx6dx_nic_now(nic)) {
        return -1;
    }
    nic->cmd.due_ns = 0;
    return nic->cmd.due_slot;
}

bool cx6dx_cmd_work(Cx6dxNic *nic, unsigned budget)
{
    while (nic->cmd.pending && budget--) {
        int slot = next_slot(nic);

        if (slot < 0) {
            return false;
        }
        nic->cmd.pending &= ~(1u << slot);
        run_slot(nic, slot);
    }
    return nic->cmd.pending != 0;
}

void cx6dx_cmd_archive(Cx6dxNic *nic, Cx6dxArchive *ar)
{
    Cx6dxCmdIf *cmd = &nic->cmd;

    cx6dx_ar(ar, &cmd->addr_h);
    cx6dx_ar(ar, &cmd->addr_l);
    cx6dx_ar(ar, &cmd->driver_up);
    cx6dx_ar(ar, &cmd->pending);
    cx6dx_ar(ar, &cmd->issi);
    cx6dx_ar(ar, &cmd->hca_enabled);
    cx6dx_ar(ar, &cmd->hca_inited);
    cx6dx_ar(ar, &cmd->due_ns);
    cx6dx_ar(ar, &cmd->due_slot);
    cx6dx_ar_check(ar, cmd->due_slot < 1u << CX6DX_CMD_LOG_SLOTS,
                   "no such slot of commands");
    /* a command that is not pending would be due for ever */
    cx6dx_ar_check(ar, !cmd->due_ns || (nic->timing.params.enabled &&
                                        cmd->pending >> cmd->due_slot & 1),
                   "no command is pending in the slot");
    cx6dx_ar_bytes(ar, cmd->unknown_seen, sizeof(cmd->unknown_seen));
}

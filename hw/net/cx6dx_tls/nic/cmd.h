/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Command interface: initialization segment, queue entries, mailboxes, and the
 * table of commands
 *
 * A doorbell marks slots; cx6dx_cmd_work() fetches, executes and completes them
 * in slot order.  Completion is the ownership bit, and an event as soon as an EQ
 * has asked for command events.  Bodies of commands live with their objects.
 */
#ifndef CX6DX_NIC_CMD_H
#define CX6DX_NIC_CMD_H

#include "qemu/osdep.h"
#include "hw/net/cx6dx_tls_prm.h"
#include "pure/archive.h"

typedef struct Cx6dxNic Cx6dxNic;

/* What the model says of its firmware */
#define CX6DX_HW_ID 0x212           /* the chip, ConnectX-6 Dx */
#define CX6DX_PSID "CX6DX_TLS_MODEL"
#define CX6DX_FW_MAJOR 22
#define CX6DX_FW_MINOR 47
#define CX6DX_FW_SUBMINOR 1
#define CX6DX_FW_VERSION \
    (CX6DX_FW_MAJOR << 24 | CX6DX_FW_MINOR << 16 | CX6DX_FW_SUBMINOR)

#define CX6DX_CMD_LOG_SLOTS 5
#define CX6DX_CMD_LOG_STRIDE 6
/* Longest input or output that is accepted, in bytes */
#define CX6DX_CMD_MAX_BYTES (1 << 20)

typedef struct Cx6dxCmdIf {
    uint32_t addr_h, addr_l;    /* as last written */
    bool driver_up;             /* nic_interface: full driver, else disabled */
    uint32_t pending;           /* slots with a doorbell */
    uint32_t issi;
    bool hca_enabled;
    bool hca_inited;
    uint64_t due_ns;            /* modelled: end of the command, 0: none runs */
    uint32_t due_slot;          /* which one */
    uint8_t unknown_seen[8192]; /* a bit for each opcode named in the log */
} Cx6dxCmdIf;

/* A command being executed: input and zeroed output, bounds checked */
typedef struct Cx6dxCmd {
    uint16_t opcode;
    uint16_t op_mod;
    const uint8_t *in;
    uint32_t in_bytes;          /* at least 16 and the table's minimum */
    uint8_t *out;
    uint32_t out_bytes;         /* at least 16 and the table's minimum */
    uint32_t syndrome;          /* CX6DX_SYND_*: why, when the status is not OK */
} Cx6dxCmd;

/* Returns CX6DX_STATUS_*; writes the output behind the first 8 bytes */
typedef uint8_t (*Cx6dxCmdHandler)(Cx6dxNic *nic, Cx6dxCmd *cmd);

typedef struct Cx6dxCmdDesc {
    uint16_t opcode;
    const char *name;
    Cx6dxCmdHandler handler;
    uint32_t min_in_bytes;
    uint32_t min_out_bytes;
} Cx6dxCmdDesc;

/* Why a command was refused; the guest's driver prints the number */
enum {
    CX6DX_SYND_NONE = 0,
    CX6DX_SYND_UNKNOWN_OPCODE = 0x6d0001,
    CX6DX_SYND_INPUT_LENGTH = 0x6d0002,
    CX6DX_SYND_OUTPUT_LENGTH = 0x6d0003,
    CX6DX_SYND_NO_SUCH_OBJECT = 0x6d0004,
    CX6DX_SYND_OBJECT_BUSY = 0x6d0005,
    CX6DX_SYND_TABLE_FULL = 0x6d0006,
    CX6DX_SYND_PAGE_LIST = 0x6d0007,
    CX6DX_SYND_QUEUE_SIZE = 0x6d0008,
    CX6DX_SYND_QUEUE_STATE = 0x6d0009,
    CX6DX_SYND_FIELD = 0x6d000a,
    CX6DX_SYND_KEY_SIZE = 0x6d000b,
    CX6DX_SYND_UNKNOWN_REGISTER = 0x6d000c,
    CX6DX_SYND_UNKNOWN_CAP_GROUP = 0x6d000d,
    CX6DX_SYND_MATCH_CRITERIA = 0x6d000e,
    CX6DX_SYND_HCA_STATE = 0x6d000f,
};

/* Registers of the initialization segment; `offset` < CX6DX_ISEG_BYTES */
uint32_t cx6dx_cmd_iseg_read(Cx6dxNic *nic, uint32_t offset);
void cx6dx_cmd_iseg_write(Cx6dxNic *nic, uint32_t offset, uint32_t value);

/*
 * Executes one command whose `in`, `out` (zeroed) and lengths are set: finds it
 * in the table, checks lengths, writes status and syndrome to the output too.
 */
uint8_t cx6dx_cmd_execute(Cx6dxNic *nic, Cx6dxCmd *cmd);

/* Executes at most `budget` pending commands; true when more are pending */
bool cx6dx_cmd_work(Cx6dxNic *nic, unsigned budget);

/* A command is executed whole, or not yet: there is nothing half received */
void cx6dx_cmd_archive(Cx6dxNic *nic, Cx6dxArchive *ar);

/* Input helper: sets the syndrome and returns the status */
static inline uint8_t cx6dx_cmd_fail(Cx6dxCmd *cmd, uint8_t status,
                                     uint32_t syndrome)
{
    cmd->syndrome = syndrome;
    return status;
}

#endif

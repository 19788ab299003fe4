/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ConnectX-6 Dx programming interface, as far as cx6dx-tls models it
 *
 * The one description of the bytes that cross between guest and device.  The
 * device, the qtests and the guest driver include it; none of them writes a
 * layout, an opcode or a state a second time.  It is freestanding: fixed-width
 * integers in, nothing else.
 *
 * Notation.  All multi-byte fields are big endian.  A field is given by the
 * byte offset of its 32-bit word and the most and least significant bit in
 * that word; an area by byte offset and size.  Fields of 64 bits are a _h/_l
 * pair of words.  Reserved bits are not listed.
 *
 *     #define CX6DX_LIST_<layout>(F, A, L)
 *         F(L, <field>, <byte offset of word>, <msb>, <lsb>)
 *         A(L, <area>, <byte offset>, <bytes>)
 *     CX6DX_LAYOUT(<layout>, <bytes>)
 *
 * Sources: the vendor's Adapters Programmer's Reference Manual ("PRM") and, for
 * what it leaves out, the kernel's include/linux/mlx5/{mlx5_ifc,device,qp,cq}.h.
 */
#ifndef HW_NET_CX6DX_TLS_PRM_H
#define HW_NET_CX6DX_TLS_PRM_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/build_bug.h>
#else
#include <stdint.h>
#endif

/* ---- Mechanism ---- */

#define CX6DX_FIELD_CONSTS_(L, name, off, msb, lsb)                     \
    CX6DX_##L##__##name##__off = (off),                                 \
    CX6DX_##L##__##name##__lsb = (lsb),                                 \
    CX6DX_##L##__##name##__width = (msb) - (lsb) + 1,

#define CX6DX_AREA_CONSTS_(L, name, off, bytes)                         \
    CX6DX_##L##__##name##__off = (off),                                 \
    CX6DX_##L##__##name##__bytes = (bytes),

#define CX6DX_FIELD_CHECK_(L, name, off, msb, lsb)                      \
    _Static_assert(((off) & 3) == 0 && (off) + 4 <= CX6DX_##L##_BYTES &&\
                   (msb) <= 31 && (msb) >= (lsb) && (lsb) >= 0,         \
                   #L "." #name " is not inside its layout");

#define CX6DX_AREA_CHECK_(L, name, off, bytes)                          \
    _Static_assert((bytes) > 0 && (off) + (bytes) <= CX6DX_##L##_BYTES, \
                   #L "." #name " is not inside its layout");

/* Turns a list into constants and checks that all of it is inside `bytes` */
#define CX6DX_LAYOUT(L, bytes)                                          \
    enum {                                                              \
        CX6DX_LIST_##L(CX6DX_FIELD_CONSTS_, CX6DX_AREA_CONSTS_, L)      \
        CX6DX_##L##_BYTES = (bytes)                                     \
    };                                                                  \
    CX6DX_LIST_##L(CX6DX_FIELD_CHECK_, CX6DX_AREA_CHECK_, L)

static inline uint32_t cx6dx_prm_load(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
           (uint32_t)p[2] << 8 | p[3];
}

static inline void cx6dx_prm_store(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static inline uint32_t cx6dx_prm_get(const uint8_t *word, unsigned lsb,
                                     unsigned width)
{
    return cx6dx_prm_load(word) >> lsb & (0xffffffffu >> (32 - width));
}

static inline void cx6dx_prm_set(uint8_t *word, unsigned lsb, unsigned width,
                                 uint32_t value)
{
    uint32_t mask = 0xffffffffu >> (32 - width);

#ifdef CX6DX_PRM_CHECK
    /* unit-test builds: a caller that did not check its value stops here */
    if (value & ~mask) {
        __builtin_trap();
    }
#endif
    cx6dx_prm_store(word, (cx6dx_prm_load(word) & ~(mask << lsb)) |
                          (value & mask) << lsb);
}

#define CX6DX_OFF_(L, name) CX6DX_##L##__##name##__off
#define CX6DX_LSB_(L, name) CX6DX_##L##__##name##__lsb
#define CX6DX_WIDTH_(L, name) CX6DX_##L##__##name##__width

/*
 * Accessors; `p` is a (const) uint8_t pointer to the start of the layout and
 * needs no alignment.  CX6DX_SET masks `v` to the field's width.
 */
#define CX6DX_GET(L, p, name)                                           \
    cx6dx_prm_get((p) + CX6DX_OFF_(L, name), CX6DX_LSB_(L, name),       \
                  CX6DX_WIDTH_(L, name))
#define CX6DX_SET(L, p, name, v)                                        \
    cx6dx_prm_set((p) + CX6DX_OFF_(L, name), CX6DX_LSB_(L, name),       \
                  CX6DX_WIDTH_(L, name), (v))
#define CX6DX_GET64(L, p, name)                                         \
    ((uint64_t)CX6DX_GET(L, p, name##_h) << 32 | CX6DX_GET(L, p, name##_l))
#define CX6DX_SET64(L, p, name, v)                                      \
    do {                                                                \
        uint64_t v64_ = (v);                                            \
        CX6DX_SET(L, p, name##_h, (uint32_t)(v64_ >> 32));              \
        CX6DX_SET(L, p, name##_l, (uint32_t)v64_);                      \
    } while (0)

/* Pointer to an area (keeps the constness of `p`), and its size in bytes */
#define CX6DX_AREA(L, p, name) (&(p)[CX6DX_OFF_(L, name)])
#define CX6DX_AREA_BYTES(L, name) CX6DX_##L##__##name##__bytes

/* Size of a layout, and of the largest value of a field, in bytes and as mask */
#define CX6DX_BYTES(L) CX6DX_##L##_BYTES
#define CX6DX_FIELD_MAX(L, name) (0xffffffffu >> (32 - CX6DX_WIDTH_(L, name)))

/* ---- PCI ---- */

enum {
    CX6DX_PCI_VENDOR_ID = 0x15b3,
    CX6DX_PCI_DEVICE_ID = 0x101d,
    CX6DX_PCI_SUBVENDOR_ID = 0x15b3,
    CX6DX_PCI_SUBDEVICE_ID = 0x6d78,    /* not one of the vendor's boards */
    CX6DX_PAGE_BYTES = 4096,
    CX6DX_UAR_FIRST = 0x10,             /* pages below: initialization segment */
};

/* ---- Initialization segment, BAR0 offset 0 (PRM "Initialization Segment") */

enum {
    CX6DX_ISEG_FW_REV = 0x000,          /* [31:16] minor, [15:0] major */
    CX6DX_ISEG_CMDIF_REV_FW_SUB = 0x004,/* [31:16] cmdif revision */
    CX6DX_ISEG_CMDQ_ADDR_H = 0x010,
    CX6DX_ISEG_CMDQ_ADDR_L_SZ = 0x014,  /* [10:8] nic_interface, [7:4] log
                                           entries, [3:0] log stride */
    CX6DX_ISEG_CMD_DBELL = 0x018,       /* bit n: slot n is ready */
    CX6DX_ISEG_INITIALIZING = 0x1fc,    /* bit 31 */
    CX6DX_ISEG_HEALTH = 0x200,
    CX6DX_ISEG_HEALTH_FW_VER = 0x230,
    CX6DX_ISEG_HEALTH_SYND = 0x23c,     /* [23:16] syndrome, 0 is healthy */
    CX6DX_ISEG_CMD_EXEC_TO = 0xff8,
    CX6DX_ISEG_CMD_Q_INIT_TO = 0xffc,
    CX6DX_ISEG_TIMER_H = 0x1000,
    CX6DX_ISEG_TIMER_L = 0x1004,
    CX6DX_ISEG_HEALTH_COUNTER = 0x1010,
    CX6DX_ISEG_REAL_TIME_H = 0x1040,
    CX6DX_ISEG_REAL_TIME_L = 0x1044,
    CX6DX_ISEG_BYTES = 0x2010,

    CX6DX_NIC_INTERFACE_SHIFT = 8,      /* nic_interface */
    CX6DX_NIC_INTERFACE_MASK = 7,
    CX6DX_NIC_INTERFACE_FULL = 0,
    CX6DX_NIC_INTERFACE_DISABLED = 1,   /* after any reset, until a driver comes */
    CX6DX_NIC_INTERFACE_SW_RESET = 7,

    CX6DX_CMDIF_REV = 5,
    CX6DX_CMD_TYPE_PCI = 7,             /* byte 0 of a command queue entry */
};

/* ---- Doorbell (UAR) page ---- */

enum {
    CX6DX_UAR_CQ_DB = 0x020,            /* 8 bytes: arm word, cqn */
    CX6DX_UAR_EQ_ARM = 0x040,           /* eq_doorbell: consume and arm */
    CX6DX_UAR_EQ_CI = 0x048,            /* eq_doorbell: consume only */
    CX6DX_UAR_SQ_DB = 0x800,            /* 8 bytes: first of the control segment */
    CX6DX_UAR_SQ_DB_END = 0x1000,
    CX6DX_LOG_BF_REG_BYTES = 9,
};

/* ---- Commands ---- */

#define CX6DX_CMD_LIST(X)                       \
    X(QUERY_HCA_CAP,                0x100)      \
    X(QUERY_ADAPTER,                0x101)      \
    X(INIT_HCA,                     0x102)      \
    X(TEARDOWN_HCA,                 0x103)      \
    X(ENABLE_HCA,                   0x104)      \
    X(DISABLE_HCA,                  0x105)      \
    X(QUERY_PAGES,                  0x107)      \
    X(MANAGE_PAGES,                 0x108)      \
    X(SET_HCA_CAP,                  0x109)      \
    X(QUERY_ISSI,                   0x10a)      \
    X(SET_ISSI,                     0x10b)      \
    X(SET_DRIVER_VERSION,           0x10d)      \
    X(CREATE_MKEY,                  0x200)      \
    X(DESTROY_MKEY,                 0x202)      \
    X(QUERY_SPECIAL_CONTEXTS,       0x203)      \
    X(CREATE_EQ,                    0x301)      \
    X(DESTROY_EQ,                   0x302)      \
    X(QUERY_EQ,                     0x303)      \
    X(CREATE_CQ,                    0x400)      \
    X(DESTROY_CQ,                   0x401)      \
    X(QUERY_CQ,                     0x402)      \
    X(MODIFY_CQ,                    0x403)      \
    X(QUERY_VPORT_STATE,            0x750)      \
    X(QUERY_NIC_VPORT_CONTEXT,      0x754)      \
    X(MODIFY_NIC_VPORT_CONTEXT,     0x755)      \
    X(QUERY_VNIC_ENV,               0x76f)      \
    X(QUERY_VPORT_COUNTER,          0x770)      \
    X(ALLOC_Q_COUNTER,              0x771)      \
    X(DEALLOC_Q_COUNTER,            0x772)      \
    X(QUERY_Q_COUNTER,              0x773)      \
    X(ALLOC_PD,                     0x800)      \
    X(DEALLOC_PD,                   0x801)      \
    X(ALLOC_UAR,                    0x802)      \
    X(DEALLOC_UAR,                  0x803)      \
    X(ACCESS_REG,                   0x805)      \
    X(ALLOC_TRANSPORT_DOMAIN,       0x816)      \
    X(DEALLOC_TRANSPORT_DOMAIN,     0x817)      \
    X(CREATE_TIR,                   0x900)      \
    X(MODIFY_TIR,                   0x901)      \
    X(DESTROY_TIR,                  0x902)      \
    X(CREATE_SQ,                    0x904)      \
    X(MODIFY_SQ,                    0x905)      \
    X(DESTROY_SQ,                   0x906)      \
    X(QUERY_SQ,                     0x907)      \
    X(CREATE_RQ,                    0x908)      \
    X(MODIFY_RQ,                    0x909)      \
    X(DESTROY_RQ,                   0x90a)      \
    X(QUERY_RQ,                     0x90b)      \
    X(CREATE_TIS,                   0x912)      \
    X(DESTROY_TIS,                  0x914)      \
    X(CREATE_RQT,                   0x916)      \
    X(MODIFY_RQT,                   0x917)      \
    X(DESTROY_RQT,                  0x918)      \
    X(SET_FLOW_TABLE_ROOT,          0x92f)      \
    X(CREATE_FLOW_TABLE,            0x930)      \
    X(DESTROY_FLOW_TABLE,           0x931)      \
    X(CREATE_FLOW_GROUP,            0x933)      \
    X(DESTROY_FLOW_GROUP,           0x934)      \
    X(SET_FLOW_TABLE_ENTRY,         0x936)      \
    X(DELETE_FLOW_TABLE_ENTRY,      0x938)      \
    X(ALLOC_FLOW_COUNTER,           0x939)      \
    X(DEALLOC_FLOW_COUNTER,         0x93a)      \
    X(QUERY_FLOW_COUNTER,           0x93b)      \
    X(MODIFY_FLOW_TABLE,            0x93c)      \
    X(CREATE_GENERAL_OBJECT,        0xa00)      \
    X(MODIFY_GENERAL_OBJECT,        0xa01)      \
    X(QUERY_GENERAL_OBJECT,         0xa02)      \
    X(DESTROY_GENERAL_OBJECT,       0xa03)      \
    X(SYNC_CRYPTO,                  0xb12)

#define CX6DX_CMD_ENUM_(name, opcode) CX6DX_CMD_##name = (opcode),
enum { CX6DX_CMD_LIST(CX6DX_CMD_ENUM_) };

/* Status of an executed command (cmd_out.status) */
enum {
    CX6DX_STATUS_OK = 0x00,
    CX6DX_STATUS_INTERNAL_ERR = 0x01,
    CX6DX_STATUS_BAD_OP = 0x02,
    CX6DX_STATUS_BAD_PARAM = 0x03,
    CX6DX_STATUS_BAD_SYS_STATE = 0x04,
    CX6DX_STATUS_BAD_RES = 0x05,
    CX6DX_STATUS_RES_BUSY = 0x06,
    CX6DX_STATUS_NOT_READY = 0x07,
    CX6DX_STATUS_LIM_ERR = 0x08,
    CX6DX_STATUS_BAD_RES_STATE = 0x09,
    CX6DX_STATUS_IX_ERR = 0x0a,
    CX6DX_STATUS_NO_RES_ERR = 0x0f,
    CX6DX_STATUS_BAD_QP_STATE = 0x10,
    CX6DX_STATUS_BAD_PKT = 0x30,
    CX6DX_STATUS_BAD_SIZE_OUTS_CQES = 0x40,
    CX6DX_STATUS_BAD_INP_LEN = 0x50,
    CX6DX_STATUS_BAD_OUTP_LEN = 0x51,
};

/* Delivery status of the command itself (cmd_entry.delivery_status) */
enum {
    CX6DX_DELIVERY_OK = 0x0,
    CX6DX_DELIVERY_SIGNATURE_ERR = 0x1,
    CX6DX_DELIVERY_TOKEN_ERR = 0x2,
    CX6DX_DELIVERY_BAD_BLOCK_NUM = 0x3,
    CX6DX_DELIVERY_OUT_PTR_ALIGN = 0x4,
    CX6DX_DELIVERY_IN_PTR_ALIGN = 0x5,
    CX6DX_DELIVERY_FW_ERR = 0x6,
    CX6DX_DELIVERY_IN_LENGTH = 0x7,
    CX6DX_DELIVERY_OUT_LENGTH = 0x8,
    CX6DX_DELIVERY_RES_FLD_NOT_CLR = 0x9,
    CX6DX_DELIVERY_CMD_DESCR = 0x10,
};

enum {
    CX6DX_QUERY_PAGES_BOOT = 1,         /* query_pages_in.op_mod */
    CX6DX_QUERY_PAGES_INIT = 2,
    CX6DX_QUERY_PAGES_REGULAR = 3,
    CX6DX_PAGES_CANT_GIVE = 0,          /* manage_pages_in.op_mod */
    CX6DX_PAGES_GIVE = 1,
    CX6DX_PAGES_TAKE = 2,
    CX6DX_REG_WRITE = 0,                /* access_register_in.op_mod */
    CX6DX_REG_READ = 1,
};

/* Capability groups; op_mod of QUERY_HCA_CAP is group << 1 | mode */
enum {
    CX6DX_CAP_GENERAL = 0x00,
    CX6DX_CAP_ETH_OFFLOADS = 0x01,
    CX6DX_CAP_FLOW_TABLE = 0x07,
    CX6DX_CAP_TLS = 0x11,
    CX6DX_CAP_CRYPTO = 0x1a,
    CX6DX_CAP_GENERAL_2 = 0x20,
    CX6DX_CAP_MODE_MAX = 0,
    CX6DX_CAP_MODE_CURRENT = 1,
    CX6DX_CAP_GROUP_BYTES = 0x1000,
};

enum {
    CX6DX_PORT_TYPE_ETH = 1,
    CX6DX_OBJ_TYPE_ENCRYPTION_KEY = 0xc,
    CX6DX_KEY_SIZE_128 = 0,
    CX6DX_KEY_SIZE_256 = 1,
    CX6DX_KEY_PURPOSE_TLS = 1,
    CX6DX_SYNC_ALL = 1 << 0,            /* sync_crypto_in; or 1 << purpose */
    CX6DX_DEK_KEY_256_OFF = 0x00,       /* in encryption_key_obj.key */
    CX6DX_DEK_KEY_128_OFF = 0x10,
};

/* ---- Access registers ---- */

enum {
    CX6DX_REG_PMLP = 0x5002,
    CX6DX_REG_PMTU = 0x5003,
    CX6DX_REG_PTYS = 0x5004,
    CX6DX_REG_PAOS = 0x5006,
    CX6DX_REG_PFCC = 0x5007,
    CX6DX_REG_PPCNT = 0x5008,
    CX6DX_REG_PPLM = 0x5023,
    CX6DX_REG_PCAM = 0x507f,
    CX6DX_REG_HOST_ENDIANNESS = 0x7004,
    CX6DX_REG_MTCAP = 0x9009,
    CX6DX_REG_MTMP = 0x900a,
    CX6DX_REG_MCIA = 0x9014,
    CX6DX_REG_MGIR = 0x9020,
    CX6DX_REG_MLCR = 0x902b,
    CX6DX_REG_MPCNT = 0x9051,
    CX6DX_REG_MCQS = 0x9060,
    CX6DX_REG_MCQI = 0x9061,
    CX6DX_REG_MCC = 0x9062,
    CX6DX_REG_MCDA = 0x9063,
    CX6DX_REG_MQIS = 0x9064,
    CX6DX_REG_MCAM = 0x907f,
    CX6DX_REG_MODEL = 0xfe00,           /* ours: no card has it */

    CX6DX_REG_PORT_FIRST = 0x5000,      /* bit 0 of the mask in pcam_reg */
    CX6DX_REG_MGMT_FIRST = 0x9000,      /* and of that in mcam_reg */
    CX6DX_PTYS_COPPER = 7,              /* ptys_reg.connector_type */
    CX6DX_FEC_NONE = 1 << 0,            /* pplm_reg */
    CX6DX_FEC_FIRECODE = 1 << 1,
    CX6DX_FEC_RS_528 = 1 << 2,          /* Reed-Solomon (528,514) */
    CX6DX_MCIA_GOOD = 0,                /* mcia_reg.status */
    CX6DX_MCIA_NO_MODULE = 1,
    CX6DX_MCIA_I2C_ERROR = 4,
    CX6DX_MPCNT_PERFORMANCE = 0,        /* mpcnt_reg.grp */
    CX6DX_MCQS_BOOT_IMG = 1,            /* mcqs_reg.identifier */
    CX6DX_MCQI_CAP = 0,                 /* mcqi_reg.info_type */
    CX6DX_MCQI_VERSION = 1,
    CX6DX_MQIS_NAME = 1,                /* mqis_reg.info_type */
    CX6DX_MQIS_DESCRIPTION = 2,

    CX6DX_VSC_ICMD_EXT = 0x1,           /* vsc.space */
    CX6DX_VSC_CR = 0x2,
    CX6DX_VSC_ICMD = 0x3,
    CX6DX_VSC_SEMAPHORE = 0xa,
    CX6DX_CR_CONFIG_NOT_DONE = 0xb5f04, /* bit 31 */
    CX6DX_CR_HW_ID = 0xf0014,           /* [15:0] chip */
    CX6DX_SEMAPHORE_ICMD = 0x0,
    CX6DX_SEMAPHORE_SW_RESET = 0x20,
    CX6DX_ICMD_CTRL = 0x0,
    CX6DX_ICMD_BOX_SIZE = 0x1000,
    CX6DX_ICMD_SYNDROME = 0x1008,
    CX6DX_ICMD_BOX = 0x100000,
    CX6DX_ICMD_ACCESS_REG = 0x9001,     /* icmd_ctrl.opcode */
    CX6DX_ICMD_OK = 0,                  /* icmd_ctrl.status */
    CX6DX_ICMD_BAD_OPCODE = 1,
    CX6DX_ICMD_BAD_PARAM = 4,
    CX6DX_ICMD_TLV_OPERATION = 1,       /* icmd_reg.type */
    CX6DX_ICMD_TLV_REG = 3,             /* icmd_reg.reg_type */
    CX6DX_ICMD_QUERY = 1,               /* icmd_reg.method */
    CX6DX_ICMD_REG_UNKNOWN = 4,         /* icmd_reg.status */
    CX6DX_ICMD_REG_METHOD = 6,
    CX6DX_ICMD_REG_PARAM = 7,
    CX6DX_PTYS_PROTO_ETH = 4,
    CX6DX_PTYS_1000BASE_CX = 0,         /* bit numbers of eth_proto_* */
    CX6DX_PTYS_40GBASE_CR4 = 6,
    CX6DX_PTYS_10GBASE_CR = 12,
    CX6DX_PTYS_25GBASE_CR = 27,
    CX6DX_PTYS_50GBASE_CR2 = 30,
    CX6DX_PTYS_100GBASE_CR4 = 20,
    CX6DX_PTYS_100GBASE_SR4 = 21,
    CX6DX_PORT_UP = 1,                  /* paos_reg.*_status */
    CX6DX_PORT_DOWN = 2,
    CX6DX_VPORT_STATE_DOWN = 0,
    CX6DX_VPORT_STATE_UP = 1,
    CX6DX_PPCNT_IEEE_802_3 = 0x00,
    CX6DX_PPCNT_RFC_2863 = 0x01,
    CX6DX_PPCNT_RFC_2819 = 0x02,
    CX6DX_PPCNT_ETH_EXTENDED = 0x05,
    CX6DX_PPCNT_PER_PRIORITY = 0x10,
    CX6DX_PPCNT_PHY_LAYER = 0x12,
    CX6DX_PPCNT_PHY_STATISTICAL = 0x16,
    CX6DX_HW_MTU_EXTRA = 22,            /* Ethernet header, VLAN tag, FCS */
};

/* ---- Object states and kinds ---- */

enum {
    CX6DX_QUEUE_RST = 0,                /* sqc.state, rqc.state */
    CX6DX_QUEUE_RDY = 1,
    CX6DX_QUEUE_ERR = 3,
    CX6DX_EQ_ARMED = 0x9,               /* eqc.st, cqc.st */
    CX6DX_EQ_FIRED = 0xa,
    CX6DX_WQ_LINKED_LIST = 0,           /* wq.wq_type */
    CX6DX_WQ_CYCLIC = 1,
    CX6DX_WQ_LINKED_LIST_STRIDING = 2,
    CX6DX_WQ_CYCLIC_STRIDING = 3,
    CX6DX_LOG_SEND_WQE_BB = 6,
    CX6DX_MKEY_MODE_PA = 0,             /* mkc.access_mode_1_0 */
    CX6DX_MKEY_MODE_MTT = 1,
    CX6DX_MKEY_MODE_KLM = 2,
    CX6DX_MKEY_MODE_KSM = 3,
    CX6DX_TERMINATE_LKEY = 0x100,       /* ends a receive WQE's segment list */
    CX6DX_TIR_DIRECT = 0,               /* tirc.disp_type */
    CX6DX_TIR_INDIRECT = 1,
    CX6DX_LRO_IPV4 = 1 << 0,            /* tirc.packet_merge_mask */
    CX6DX_LRO_IPV6 = 1 << 1,
    CX6DX_LRO_PAYLOAD_UNIT = 256,       /* of tirc.lro_max_ip_payload_size */
    CX6DX_HASH_NONE = 0,                /* tirc.rx_hash_fn */
    CX6DX_HASH_INVERTED_XOR8 = 1,
    CX6DX_HASH_TOEPLITZ = 2,
    CX6DX_HASH_SRC_IP = 1 << 0,         /* tirc.selected_fields */
    CX6DX_HASH_DST_IP = 1 << 1,
    CX6DX_HASH_L4_SPORT = 1 << 2,
    CX6DX_HASH_L4_DPORT = 1 << 3,
    CX6DX_L3_PROT_IPV4 = 0,
    CX6DX_L3_PROT_IPV6 = 1,
    CX6DX_L4_PROT_TCP = 0,
    CX6DX_L4_PROT_UDP = 1,
    CX6DX_MODIFY_RQ_VSD = 1 << 1,       /* modify_obj_in.modify_bitmask_l */
    CX6DX_MODIFY_RQ_SCATTER_FCS = 1 << 2,
    CX6DX_MODIFY_RQ_COUNTER_SET = 1 << 3,
    CX6DX_MODIFY_RQT_LIST = 1 << 0,
    CX6DX_MODIFY_TIR_PACKET_MERGE = 1 << 0,
    CX6DX_MODIFY_TIR_HASH = 1 << 2,
    CX6DX_MODIFY_TIR_SELF_LB = 1 << 4,
    CX6DX_SELF_LB_UNICAST = 1 << 0,     /* tirc.self_lb_block */
    CX6DX_MODIFY_CQ_PERIOD = 1 << 0,    /* modify_cq_in.field_select */
    CX6DX_MODIFY_CQ_COUNT = 1 << 1,
    CX6DX_MODIFY_CQ_OVERRUN = 1 << 2,
    CX6DX_MODIFY_CQ_PERIOD_MODE = 1 << 4,
    CX6DX_VPORT_LIST_UC = 0,            /* nic_vport_context.allowed_list_type */
    CX6DX_VPORT_LIST_MC = 1,
    CX6DX_VPORT_LIST_VLAN = 2,
};

/* ---- Flow steering ---- */

enum {
    CX6DX_FT_NIC_RX = 0,                /* table_type */
    CX6DX_FT_MISS_DEFAULT = 0,          /* flow_table_context.table_miss_action */
    CX6DX_FT_MISS_TABLE = 1,
    CX6DX_FT_MODIFY_MISS = 1 << 0,      /* modify_field_select */
    CX6DX_FT_ROOT_SET = 0,              /* set_flow_table_root_in.op_mod */
    CX6DX_FT_ROOT_RESET = 1,
    CX6DX_FG_MATCH_OUTER = 1 << 0,      /* match_criteria_enable */
    CX6DX_FTE_CREATE = 0,               /* set_fte_in.op_mod */
    CX6DX_FTE_MODIFY = 1,
    CX6DX_FTE_MODIFY_ACTION = 1 << 0,   /* modify_enable_mask */
    CX6DX_FTE_MODIFY_TAG = 1 << 1,
    CX6DX_FTE_MODIFY_DEST = 1 << 2,
    CX6DX_FTE_MODIFY_COUNTERS = 1 << 3,
    CX6DX_FTE_ALLOW = 0x1,              /* set_fte_in.action */
    CX6DX_FTE_DROP = 0x2,
    CX6DX_FTE_FWD = 0x4,
    CX6DX_FTE_COUNT = 0x8,
    CX6DX_FT_DEST_FLOW_TABLE = 1,       /* dest_format.destination_type */
    CX6DX_FT_DEST_TIR = 2,
    CX6DX_FTE_DEST_LIST_OFF = 0x340,    /* in the SET_FLOW_TABLE_ENTRY input */
    CX6DX_FTE_MATCH_BYTES = 0x200,
};

/* ---- Events, work requests, completions ---- */

enum {
    CX6DX_EVENT_COMP = 0x00,
    CX6DX_EVENT_CQ_ERROR = 0x04,
    CX6DX_EVENT_PORT_CHANGE = 0x09,
    CX6DX_EVENT_CMD = 0x0a,
    CX6DX_EVENT_PAGE_REQUEST = 0x0b,
    CX6DX_EVENT_PORT_DOWN = 1,          /* sub_type of PORT_CHANGE */
    CX6DX_EVENT_PORT_ACTIVE = 4,
    CX6DX_CQ_ERR_OVERRUN = 1,
};

enum {
    CX6DX_WQE_NOP = 0x00,
    CX6DX_WQE_SEND = 0x0a,
    CX6DX_WQE_LSO = 0x0e,
    CX6DX_WQE_SET_PSV = 0x20,
    CX6DX_WQE_GET_PSV = 0x21,
    CX6DX_WQE_DUMP = 0x23,
    CX6DX_WQE_UMR = 0x25,
    CX6DX_WQE_ENHANCED_MPSW = 0x29,

    CX6DX_OPMOD_UMR_MKEY = 0,           /* of UMR */
    CX6DX_OPMOD_TIS = 1,                /* of UMR and the PSV opcodes */
    CX6DX_OPMOD_TIR = 2,

    CX6DX_CE_ERROR_ONLY = 0,            /* wqe_ctrl.completion */
    CX6DX_CE_ALWAYS = 2,
    CX6DX_CE_ALWAYS_EVENT = 3,

    CX6DX_WQE_DS_BYTES = 16,
    CX6DX_WQE_BB_BYTES = 64,
    CX6DX_WQE_ETH_OFF = 0x10,           /* segments inside a work request */
    CX6DX_WQE_INLINE_HDR_OFF = 0x1e,
    CX6DX_WQE_UMR_CTRL_OFF = 0x10,
    CX6DX_WQE_UMR_INLINE_OFF = 0x80,
    CX6DX_WQE_PSV_OFF = 0x10,
    CX6DX_WQE_STATIC_PARAMS_DS = 12,
    CX6DX_WQE_PROGRESS_PARAMS_DS = 2,
    CX6DX_WQE_GET_PSV_DS = 4,
};

enum {
    CX6DX_CQE_REQ = 0x0,
    CX6DX_CQE_RESP_SEND = 0x2,
    CX6DX_CQE_REQ_ERR = 0xd,
    CX6DX_CQE_RESP_ERR = 0xe,
    CX6DX_CQE_INVALID = 0xf,
    CX6DX_CQE_FORMAT_COMPRESSED = 3,    /* cqe.format */
    CX6DX_CQE_ROUND_OFF = 0x3e,         /* enhanced: in place of signature */

    CX6DX_MINI_CQE_HASH = 0,            /* cqc.mini_cqe_res_format */
    CX6DX_MINI_CQE_CSUM = 1,
    CX6DX_MINI_CQE_CSUM_STRIDX = 3,
    CX6DX_CQE_COMP_BASIC = 0,           /* cqc.cqe_compression_layout */
    CX6DX_CQE_COMP_ENHANCED = 1,

    CX6DX_CQE_SYNDROME_LOCAL_LENGTH = 0x01,
    CX6DX_CQE_SYNDROME_LOCAL_QP_OP = 0x02,
    CX6DX_CQE_SYNDROME_LOCAL_PROT = 0x04,
    CX6DX_CQE_SYNDROME_WR_FLUSH = 0x05,
    CX6DX_CQE_SYNDROME_LOCAL_ACCESS = 0x11,

    CX6DX_CQE_L4_NONE = 0,              /* cqe.l4_hdr_type */
    CX6DX_CQE_L4_TCP_NO_ACK = 1,
    CX6DX_CQE_L4_UDP = 2,
    CX6DX_CQE_L4_TCP_ACK_NO_DATA = 3,
    CX6DX_CQE_L4_TCP_ACK_DATA = 4,
    CX6DX_CQE_L3_NONE = 0,              /* cqe.l3_hdr_type */
    CX6DX_CQE_L3_IPV6 = 1,
    CX6DX_CQE_L3_IPV4 = 2,
    CX6DX_CQE_RSS_IP_V4 = 1,            /* cqe.rss_hash_ip */
    CX6DX_CQE_RSS_IP_V6 = 2,
    CX6DX_CQE_RSS_L4_TCP = 1,           /* cqe.rss_hash_l4 */
    CX6DX_CQE_RSS_L4_UDP = 2,

    CX6DX_CQE_TLS_NOT_DECRYPTED = 0,    /* cqe.tls_offload */
    CX6DX_CQE_TLS_DECRYPTED = 1,
    CX6DX_CQE_TLS_RESYNC = 2,
    CX6DX_CQE_TLS_ERROR = 3,
};

/* ---- TLS ---- */

enum {
    CX6DX_TLS_CONST_1 = 1,              /* tls_static_params */
    CX6DX_TLS_CONST_2 = 2,
    CX6DX_TLS_VERSION_1_2 = 2,
    CX6DX_TLS_VERSION_1_3 = 3,
    CX6DX_ENCRYPTION_STANDARD_TLS = 1,

    CX6DX_PSV_TRACKER_START = 0,        /* tls_progress_params */
    CX6DX_PSV_TRACKER_TRACKING = 1,
    CX6DX_PSV_TRACKER_SEARCHING = 2,
    CX6DX_PSV_AUTH_NO_OFFLOAD = 0,
    CX6DX_PSV_AUTH_OFFLOAD = 1,
    CX6DX_PSV_AUTH_AUTHENTICATION = 2,
};

#include "hw/net/cx6dx_tls_prm_cap.h"
#include "hw/net/cx6dx_tls_prm_cmd.h"
#include "hw/net/cx6dx_tls_prm_wqe.h"

#endif

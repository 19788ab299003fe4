/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the command interface: initialization segment, queue entries,
 * mailbox chains, lengths, events
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/cmd_table.h"
#include "nic/eq.h"

static uint64_t errs(Cx6dxFake *fake, Cx6dxGuestErr err)
{
    return fake->nic.guest_errs[err];
}

static uint8_t entry_delivery(Cx6dxFake *fake, uint32_t slot)
{
    return CX6DX_GET(cmd_entry, cx6dx_fake_entry(fake, slot), delivery_status);
}

static bool entry_owned(Cx6dxFake *fake, uint32_t slot)
{
    return CX6DX_GET(cmd_entry, cx6dx_fake_entry(fake, slot), hw_owned);
}

/* QUERY_HCA_CAP needs mailboxes for its output */
static void query_cap(uint8_t in[16])
{
    memset(in, 0, 16);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_HCA_CAP);
    CX6DX_SET(cmd_in, in, op_mod, CX6DX_CAP_GENERAL << 1);
}

/* SET_HCA_CAP needs them for its input */
static void set_cap(uint8_t in[CX6DX_set_hca_cap_in_BYTES])
{
    memset(in, 0, CX6DX_set_hca_cap_in_BYTES);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_SET_HCA_CAP);
}

static void test_iseg(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxNic *nic = &fake->nic;
    uint32_t count;

    g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_CMDIF_REV_FW_SUB) >> 16,
                    ==, 5);
    g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_CMDQ_ADDR_L_SZ) & 0xff,
                    ==, 0x56);
    g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_CMDQ_ADDR_L_SZ) &
                    ~0xfffu, ==, (uint32_t)fake->cmdq_addr);
    g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_INITIALIZING), ==, 0);
    g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_CMD_Q_INIT_TO), ==, 0);
    g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_HEALTH_SYND), ==, 0);
    g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_HEALTH_FW_VER), !=,
                    0xffffffff);
    count = cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_HEALTH_COUNTER);
    fake->now_ns += 2000000000;
    g_assert_cmpuint(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_HEALTH_COUNTER), !=,
                     count);
    cx6dx_cmd_iseg_write(nic, 0x500, 1);
    g_assert_cmpuint(errs(fake, CX6DX_GUEST_ERR_MMIO_OFFSET), ==, 1);
    cx6dx_fake_free(fake);
}

static void test_doorbell_kicks(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[16] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ENABLE_HCA);
    cx6dx_fake_cmd_write(fake, 3, in, 16, 16);
    cx6dx_cmd_iseg_write(&fake->nic, CX6DX_ISEG_CMD_DBELL, 1 << 3);
    g_assert_true(fake->kicked);
    g_assert_true(entry_owned(fake, 3));
    cx6dx_fake_run(fake);
    g_assert_false(entry_owned(fake, 3));
    g_assert_true(fake->nic.cmd.hca_enabled);
    cx6dx_fake_free(fake);
}

static void test_mailboxes(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[CX6DX_set_hca_cap_in_BYTES];
    uint8_t out[CX6DX_query_hca_cap_out_BYTES];
    uint8_t *cap = CX6DX_AREA(set_hca_cap_in, in, capability);

    cx6dx_fake_simple(fake, CX6DX_CMD_ENABLE_HCA, 0);
    set_cap(in);
    CX6DX_SET(cmd_hca_cap, cap, log_max_qp, 7);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, sizeof(in), NULL, 16), ==,
                    CX6DX_STATUS_OK);
    query_cap(in);
    CX6DX_SET(cmd_in, in, op_mod, CX6DX_CAP_MODE_CURRENT);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    cap = CX6DX_AREA(query_hca_cap_out, out, capability);
    g_assert_cmpuint(CX6DX_GET(cmd_hca_cap, cap, log_max_qp), ==, 7);
    g_assert_cmpuint(CX6DX_GET(cmd_hca_cap, cap, port_type), ==, 1);
    cx6dx_fake_free(fake);
}

/* A longer output buffer than needed is filled up with zeros */
static void test_output_padding(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[16] = { 0 };
    uint8_t out[700];

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_ISSI);
    memset(out, 0xff, sizeof(out));
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, out, sizeof(out)), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(CX6DX_GET(query_issi_out, out, supported_issi_dw0), ==, 3);
    for (size_t i = CX6DX_query_issi_out_BYTES; i < sizeof(out); i++) {
        g_assert_cmphex(out[i], ==, 0);
    }
    cx6dx_fake_free(fake);
}

/* ---- Mistakes ---- */

typedef struct Broken {
    const char *name;
    bool input;                     /* which chain is broken */
    void (*break_it)(Cx6dxFake *fake, uint8_t *entry, uint8_t *box);
    uint8_t delivery;
} Broken;

static void break_type(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET(cmd_entry, entry, type, 6);
}

static void break_inlen_short(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET(cmd_entry, entry, inlen, 7);
}

static void break_inlen_long(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET(cmd_entry, entry, inlen, CX6DX_CMD_MAX_BYTES + 1);
}

static void break_outlen_short(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET(cmd_entry, entry, outlen, 0);
}

static void break_outlen_long(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET(cmd_entry, entry, outlen, 0xffffffff);
}

static void break_in_ptr(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET(cmd_entry, entry, in_ptr_l,
              CX6DX_GET(cmd_entry, entry, in_ptr_l) + 8);
}

static void break_out_ptr(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET(cmd_entry, entry, out_ptr_l,
              CX6DX_GET(cmd_entry, entry, out_ptr_l) + 8);
}

static void break_in_nowhere(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET64(cmd_entry, entry, in_ptr, FAKE_NOWHERE);
}

static void break_out_nowhere(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET64(cmd_entry, entry, out_ptr, FAKE_NOWHERE);
}

static void break_short(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET64(cmd_mailbox, box, next, 0);
}

static void break_loop(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    /* the third box points back to the first */
    CX6DX_SET64(cmd_mailbox, box + 2048, next,
                CX6DX_GET64(cmd_mailbox, box, next) - 1024);
}

static void break_block(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET(cmd_mailbox, box + 1024, block_num, 7);
}

static void break_token(Cx6dxFake *fake, uint8_t *entry, uint8_t *box)
{
    CX6DX_SET(cmd_mailbox, box + 1024, token, fake->token ^ 1);
}

static const Broken broken[] = {
    { "type", true, break_type, CX6DX_DELIVERY_CMD_DESCR },
    { "input-too-short", true, break_inlen_short, CX6DX_DELIVERY_IN_LENGTH },
    { "input-too-long", true, break_inlen_long, CX6DX_DELIVERY_IN_LENGTH },
    { "output-too-short", false, break_outlen_short,
      CX6DX_DELIVERY_OUT_LENGTH },
    { "output-too-long", false, break_outlen_long, CX6DX_DELIVERY_OUT_LENGTH },
    { "input-not-aligned", true, break_in_ptr, CX6DX_DELIVERY_IN_PTR_ALIGN },
    { "output-not-aligned", false, break_out_ptr,
      CX6DX_DELIVERY_OUT_PTR_ALIGN },
    { "input-nowhere", true, break_in_nowhere, CX6DX_DELIVERY_IN_LENGTH },
    { "output-nowhere", false, break_out_nowhere, CX6DX_DELIVERY_OUT_LENGTH },
    { "input-chain-short", true, break_short, CX6DX_DELIVERY_IN_LENGTH },
    { "output-chain-short", false, break_short, CX6DX_DELIVERY_OUT_LENGTH },
    { "input-chain-loops", true, break_loop, CX6DX_DELIVERY_BAD_BLOCK_NUM },
    { "output-chain-loops", false, break_loop, CX6DX_DELIVERY_BAD_BLOCK_NUM },
    { "input-block-number", true, break_block, CX6DX_DELIVERY_BAD_BLOCK_NUM },
    { "output-block-number", false, break_block,
      CX6DX_DELIVERY_BAD_BLOCK_NUM },
    { "input-token", true, break_token, CX6DX_DELIVERY_TOKEN_ERR },
    { "output-token", false, break_token, CX6DX_DELIVERY_TOKEN_ERR },
};

static void test_broken(const void *opaque)
{
    const Broken *b = opaque;
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[CX6DX_set_hca_cap_in_BYTES];
    uint64_t before;

    cx6dx_fake_simple(fake, CX6DX_CMD_ENABLE_HCA, 0);
    before = fake->nic.stats.cmds;
    if (b->input) {
        set_cap(in);
        cx6dx_fake_cmd_write(fake, 1, in, sizeof(in), 16);
        b->break_it(fake, cx6dx_fake_entry(fake, 1),
                    cx6dx_fake_ptr(fake, fake->in_box_addr));
    } else {
        query_cap(in);
        cx6dx_fake_cmd_write(fake, 1, in, 16, CX6DX_query_hca_cap_out_BYTES);
        b->break_it(fake, cx6dx_fake_entry(fake, 1),
                    cx6dx_fake_ptr(fake, fake->out_box_addr));
    }
    cx6dx_fake_cmd_ring(fake, 1);
    g_assert_false(entry_owned(fake, 1));
    g_assert_cmphex(entry_delivery(fake, 1), ==, b->delivery);
    g_assert_cmpuint(errs(fake, CX6DX_GUEST_ERR_CMD_MAILBOX), ==, 1);
    /* not executed, and the next command works */
    g_assert_cmpuint(fake->nic.stats.cmds, ==, before);
    query_cap(in);
    g_assert_cmphex(cx6dx_fake_cmd(fake, in, 16, NULL,
                                   CX6DX_query_hca_cap_out_BYTES), ==,
                    CX6DX_STATUS_OK);
    cx6dx_fake_free(fake);
}

static void test_not_owned(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_cmd_ring(fake, 5);
    g_assert_cmpuint(errs(fake, CX6DX_GUEST_ERR_CMDQ_NOT_OWNED), ==, 1);
    g_assert_cmpuint(fake->nic.stats.cmds, ==, 0);
    cx6dx_fake_free(fake);
}

static void test_queue_nowhere(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_cmd_iseg_write(&fake->nic, CX6DX_ISEG_CMDQ_ADDR_H, 0xffffffff);
    cx6dx_fake_cmd_ring(fake, 0);
    g_assert_cmpuint(errs(fake, CX6DX_GUEST_ERR_CMDQ_DMA), ==, 1);
    cx6dx_cmd_iseg_write(&fake->nic, CX6DX_ISEG_CMDQ_ADDR_H,
                         fake->cmdq_addr >> 32);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_ENABLE_HCA, 0), ==,
                    CX6DX_STATUS_OK);
    cx6dx_fake_free(fake);
}

static void test_unknown_opcode(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    g_assert_cmphex(cx6dx_fake_simple(fake, 0x7ff, 0), ==, CX6DX_STATUS_BAD_OP);
    g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_UNKNOWN_OPCODE);
    g_assert_cmphex(cx6dx_fake_simple(fake, 0xffff, 0), ==,
                    CX6DX_STATUS_BAD_OP);
    g_assert_cmpuint(errs(fake, CX6DX_GUEST_ERR_CMD_OPCODE), ==, 2);
    g_assert_cmpuint(fake->nic.stats.cmds_failed, ==, 2);
    cx6dx_fake_free(fake);
}

/* What the card has and the model has not is named in the log, once */
static void test_unknown_logged(void)
{
    if (g_test_subprocess()) {
        Cx6dxFake *fake = cx6dx_fake_new();

        for (int i = 0; i < 3; i++) {
            cx6dx_fake_simple(fake, 0x50b, 0);
            cx6dx_fake_simple(fake, 0x816, 0);      /* known, not now */
        }
        cx6dx_fake_free(fake);
        return;
    }
    g_setenv("CX6DX_TEST_LOG", "1", true);
    g_test_trap_subprocess(NULL, 0, 0);
    g_unsetenv("CX6DX_TEST_LOG");
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("*command QUERY_QP (0x50b) op_mod 0x0 is not "
                              "implemented\n*");
    g_test_trap_assert_stderr_unmatched("*QUERY_QP*QUERY_QP*");
    g_test_trap_assert_stderr_unmatched("*0x50b*0x50b*0x50b*");
}

/* Every command refuses an input or output one byte short of its minimum */
static void test_lengths(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    g_autofree uint8_t *in = g_malloc0(8192);
    const Cx6dxCmdDesc *table;
    uint64_t expected = 0;
    size_t n;

    cx6dx_fake_start(fake);
    table = cx6dx_cmd_table_all(&n);
    for (size_t i = 0; i < n; i++) {
        const Cx6dxCmdDesc *d = &table[i];

        g_assert_true(i == 0 || table[i - 1].opcode < d->opcode);
        g_assert_true(cx6dx_cmd_table_find(d->opcode) == d);
        CX6DX_SET(cmd_in, in, opcode, d->opcode);
        if (d->min_in_bytes > 16) {
            g_assert_cmphex(cx6dx_fake_cmd(fake, in, d->min_in_bytes - 1, NULL,
                                           MAX(d->min_out_bytes, 16)), ==,
                            CX6DX_STATUS_BAD_INP_LEN);
            g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_INPUT_LENGTH);
            expected++;
        }
        if (d->min_out_bytes > 16) {
            g_assert_cmphex(cx6dx_fake_cmd(fake, in, MAX(d->min_in_bytes, 16),
                                           NULL, d->min_out_bytes - 1), ==,
                            CX6DX_STATUS_BAD_OUTP_LEN);
            g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_OUTPUT_LENGTH);
            expected++;
        }
    }
    g_assert_cmpuint(errs(fake, CX6DX_GUEST_ERR_CMD_LENGTH), ==, expected);
    cx6dx_fake_free(fake);
}

static void test_hca_state(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_INIT_HCA, 0), ==,
                    CX6DX_STATUS_BAD_SYS_STATE);
    cx6dx_fake_simple(fake, CX6DX_CMD_ENABLE_HCA, 0);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_ALLOC_PD, 0), ==,
                    CX6DX_STATUS_BAD_SYS_STATE);
    g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_HCA_STATE);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_INIT_HCA, 0), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_INIT_HCA, 0), ==,
                    CX6DX_STATUS_BAD_SYS_STATE);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_ALLOC_PD, 0), ==,
                    CX6DX_STATUS_OK);
    cx6dx_fake_free(fake);
}

/* ---- Events ---- */

static void test_event_mode(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxFakeQueue eq;
    const uint8_t *eqe;

    cx6dx_fake_start(fake);
    eq = cx6dx_fake_eq(fake, 6, 2, 1ull << CX6DX_EVENT_CMD);
    cx6dx_eq_doorbell(&fake->nic, fake->uar, eq.number << 24, true);
    /* the command that made the EQ gives no event */
    g_assert_cmpuint(fake->vectors[2], ==, 0);
    eqe = cx6dx_fake_ptr(fake, eq.buf);
    g_assert_cmpuint(CX6DX_GET(eqe, eqe, owner), ==, 1);

    cx6dx_fake_simple(fake, CX6DX_CMD_ALLOC_PD, 0);
    g_assert_cmpuint(fake->vectors[2], ==, 1);
    g_assert_cmphex(CX6DX_GET(eqe, eqe, type), ==, CX6DX_EVENT_CMD);
    g_assert_cmphex(CX6DX_GET(eqe, eqe, cmd_vector), ==, 1 << 0);
    g_assert_cmpuint(CX6DX_GET(eqe, eqe, owner), ==, 0);

    /* nor does the one that ends it */
    cx6dx_eq_doorbell(&fake->nic, fake->uar, eq.number << 24 | 1, true);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_EQ, eq.number),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(fake->vectors[2], ==, 1);
    cx6dx_fake_free(fake);
}

static void test_budget(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint8_t in[16] = { 0 };

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_ISSI);
    for (uint32_t slot = 0; slot < FAKE_SLOTS; slot++) {
        cx6dx_fake_cmd_write(fake, slot, in, 16, 16);
    }
    fake->nic.cmd.pending = 0xffffffff;
    g_assert_true(cx6dx_cmd_work(&fake->nic, 10));
    for (uint32_t slot = 0; slot < FAKE_SLOTS; slot++) {
        g_assert_true(entry_owned(fake, slot) == (slot >= 10));
    }
    g_assert_false(cx6dx_cmd_work(&fake->nic, 100));
    cx6dx_fake_free(fake);
}

/* A driver sees that the function was reset, and can reset it itself */
static void test_nic_interface(void)
{
    static const uint32_t modes[] = {
        CX6DX_NIC_INTERFACE_DISABLED, CX6DX_NIC_INTERFACE_SW_RESET,
    };

    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        Cx6dxFake *fake = cx6dx_fake_new();
        Cx6dxNic *nic = &fake->nic;

        cx6dx_fake_start(fake);
        g_assert_cmpuint(cx6dx_nic_objects(nic), >, 0);
        g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_CMDQ_ADDR_L_SZ) >>
                        8 & 7, ==, CX6DX_NIC_INTERFACE_FULL);
        cx6dx_cmd_iseg_write(nic, CX6DX_ISEG_CMDQ_ADDR_L_SZ,
                             (uint32_t)fake->cmdq_addr | modes[i] << 8);
        g_assert_cmphex(cx6dx_cmd_iseg_read(nic, CX6DX_ISEG_CMDQ_ADDR_L_SZ),
                        ==, 0x156);
        g_assert_cmpuint(cx6dx_nic_objects(nic), ==, 0);
        g_assert_false(nic->cmd.hca_enabled);
        cx6dx_fake_free(fake);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/cmd/nic-interface", test_nic_interface);
    g_test_add_func("/cx6dx/cmd/iseg/registers", test_iseg);
    g_test_add_func("/cx6dx/cmd/doorbell-only-marks", test_doorbell_kicks);
    g_test_add_func("/cx6dx/cmd/mailboxes", test_mailboxes);
    g_test_add_func("/cx6dx/cmd/output-is-padded", test_output_padding);
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
        g_autofree char *path = g_strdup_printf("/cx6dx/cmd/broken/%s",
                                                broken[i].name);

        g_test_add_data_func(path, &broken[i], test_broken);
    }
    g_test_add_func("/cx6dx/cmd/doorbell-of-foreign-slot", test_not_owned);
    g_test_add_func("/cx6dx/cmd/queue-nowhere", test_queue_nowhere);
    g_test_add_func("/cx6dx/cmd/unknown-opcode", test_unknown_opcode);
    g_test_add_func("/cx6dx/cmd/unknown-opcode-is-named-once",
                    test_unknown_logged);
    g_test_add_func("/cx6dx/cmd/every-length-is-checked", test_lengths);
    g_test_add_func("/cx6dx/cmd/order-of-start", test_hca_state);
    g_test_add_func("/cx6dx/cmd/event-mode", test_event_mode);
    g_test_add_func("/cx6dx/cmd/work-in-turns", test_budget);
    return g_test_run();
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the tools' command interface: what a tool asks, and nonsense
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/icmd.h"

enum { CTRL = 0x0, SIZE = 0x1000, SYNDROME = 0x1008, BOX = 0x100000 };

#define BUSY 1u
#define ACCESS (0x9001u << 16)

static uint32_t get(Cx6dxFake *fake, uint32_t addr)
{
    uint32_t value = 0xdeadbeef;

    g_assert_true(cx6dx_icmd_read(&fake->nic, addr, &value));
    return value;
}

static void put(Cx6dxFake *fake, uint32_t addr, uint32_t value)
{
    g_assert_true(cx6dx_icmd_write(&fake->nic, addr, value));
}

/* Status of the command; the mailbox holds an access to a register */
static uint32_t ask(Cx6dxFake *fake, uint16_t id, uint8_t method,
                    uint32_t words)
{
    uint32_t ctrl;

    put(fake, BOX, 0x08040000);                         /* operation, 4 words */
    put(fake, BOX + 4, (uint32_t)id << 16 | method << 8 | 1);
    put(fake, BOX + 0x10, 0x18000000 | (words + 1) << 16);
    put(fake, CTRL, ACCESS | BUSY);
    ctrl = get(fake, CTRL);
    g_assert_cmphex(ctrl & BUSY, ==, 0);
    return ctrl >> 8 & 0xff;
}

/* Status in the answer's head */
static uint32_t reg_status(Cx6dxFake *fake)
{
    g_assert_cmphex(get(fake, BOX + 4) & 0x8000, ==, 0x8000);
    return get(fake, BOX) >> 8 & 0x7f;
}

static void test_identity(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    const uint8_t *mac = fake->nic.params.mac;
    char psid[17] = { 0 };

    g_assert_cmphex(ask(fake, 0x9020, 1, 0x28), ==, 0);
    g_assert_cmphex(reg_status(fake), ==, 0);
    g_assert_cmphex(get(fake, BOX + 0x14), ==, 0x101d);
    g_assert_cmphex(get(fake, BOX + 0x14 + 0x08), ==, 0x212);
    g_assert_cmphex(get(fake, BOX + 0x14 + 0x10), ==, mac[0] << 8 | mac[1]);
    g_assert_cmphex(get(fake, BOX + 0x14 + 0x14), ==, cx6dx_prm_load(mac + 2));
    g_assert_cmphex(get(fake, BOX + 0x14 + 0x44), ==, 22);
    for (int i = 0; i < 4; i++) {
        cx6dx_prm_store((uint8_t *)psid + 4 * i,
                        get(fake, BOX + 0x14 + 0x30 + 4 * i));
    }
    g_assert_cmpstr(psid, ==, "CX6DX_TLS_MODEL");
    cx6dx_fake_free(fake);
}

/* A text comes in pieces of eight bytes */
static char *text(Cx6dxFake *fake, uint32_t type)
{
    GString *all = g_string_new(NULL);
    uint32_t length;

    do {
        put(fake, BOX + 0x14, type);
        put(fake, BOX + 0x1c, (uint32_t)all->len << 16 | 8);
        g_assert_cmphex(ask(fake, 0x9064, 1, 6), ==, 0);
        g_assert_cmphex(reg_status(fake), ==, 0);
        length = get(fake, BOX + 0x18) & 0xffff;
        for (uint32_t i = 0; i < (get(fake, BOX + 0x1c) & 0xffff); i++) {
            g_string_append_c(all, get(fake, BOX + 0x24 + (i & ~3u)) >>
                              (24 - 8 * (i & 3)) & 0xff);
        }
    } while (all->len < length);
    return g_string_free(all, false);
}

static void test_texts(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    g_autofree char *name = text(fake, 1);
    g_autofree char *with = text(fake, 2);
    g_autofree char *without = NULL;

    g_assert_cmpstr(name, ==, "cx6dx-tls");
    g_assert_nonnull(strstr(with, "ConnectX-6 Dx"));
    g_assert_nonnull(strstr(with, "Crypto enabled"));
    fake->nic.params.tls_tx = false;
    fake->nic.params.tls_rx = false;
    without = text(fake, 2);
    g_assert_nonnull(strstr(without, "No Crypto"));
    /* another text, and a place behind the end */
    put(fake, BOX + 0x14, 3);
    g_assert_cmphex(ask(fake, 0x9064, 1, 6), ==, 0);
    g_assert_cmphex(reg_status(fake), ==, 7);
    put(fake, BOX + 0x14, 1);
    put(fake, BOX + 0x1c, 100u << 16 | 8);
    g_assert_cmphex(ask(fake, 0x9064, 1, 6), ==, 0);
    g_assert_cmphex(reg_status(fake), ==, 7);
    cx6dx_fake_free(fake);
}

static void test_refused(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint32_t value;

    /* a register that is not there; one that would be written */
    g_assert_cmphex(ask(fake, 0x9024, 1, 4), ==, 0);
    g_assert_cmphex(reg_status(fake), ==, 4);
    g_assert_cmphex(get(fake, SYNDROME), !=, 0);
    g_assert_cmphex(ask(fake, 0x5006, 2, 4), ==, 0);
    g_assert_cmphex(reg_status(fake), ==, 6);
    g_assert_true(fake->nic.port.admin_up);
    /* shorter than the register is */
    g_assert_cmphex(ask(fake, 0x9020, 1, 4), ==, 0);
    g_assert_cmphex(reg_status(fake), ==, 7);
    /* lengths that the mailbox can not have */
    g_assert_cmphex(ask(fake, 0x9020, 1, 0), ==, 4);
    g_assert_cmphex(ask(fake, 0x9020, 1, 0x7fe), ==, 4);
    /* another head, another command, a mailbox elsewhere */
    put(fake, BOX, 0);
    put(fake, CTRL, ACCESS | BUSY);
    g_assert_cmphex(get(fake, CTRL) >> 8 & 0xff, ==, 4);
    put(fake, CTRL, 0x9002u << 16 | BUSY);
    g_assert_cmphex(get(fake, CTRL) >> 8 & 0xff, ==, 1);
    put(fake, CTRL, ACCESS | BUSY | 2);
    g_assert_cmphex(get(fake, CTRL) >> 8 & 0xff, ==, 4);
    /* without the bit nothing happens */
    put(fake, CTRL, ACCESS);
    g_assert_cmphex(get(fake, CTRL), ==, ACCESS);
    /* words that are not there */
    g_assert_cmphex(get(fake, SIZE), ==, CX6DX_ICMD_BOX_BYTES);
    g_assert_false(cx6dx_icmd_write(&fake->nic, SIZE, 1));
    g_assert_false(cx6dx_icmd_read(&fake->nic, BOX + CX6DX_ICMD_BOX_BYTES,
                                   &value));
    g_assert_false(cx6dx_icmd_write(&fake->nic, BOX - 4, 1));
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/icmd/identity", test_identity);
    g_test_add_func("/cx6dx/icmd/texts", test_texts);
    g_test_add_func("/cx6dx/icmd/refused", test_refused);
    return g_test_run();
}

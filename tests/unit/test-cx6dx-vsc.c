/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the vendor specific capability: what a tool does with it
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"

enum { CTRL = 0x4, COUNTER = 0x8, SEMAPHORE = 0xc, ADDR = 0x10, DATA = 0x14 };

#define FLAG 0x80000000u
#define SYNDROME 0x40000000u

/* A ticket that is written to a free semaphore takes it; others do not */
static void test_semaphore(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint32_t mine = cx6dx_vsc_read(&fake->nic, COUNTER);
    uint32_t other = cx6dx_vsc_read(&fake->nic, COUNTER);

    g_assert_cmpuint(mine, !=, 0);
    g_assert_cmpuint(mine, !=, other);
    g_assert_cmpuint(cx6dx_vsc_read(&fake->nic, SEMAPHORE), ==, 0);
    cx6dx_vsc_write(&fake->nic, SEMAPHORE, mine);
    cx6dx_vsc_write(&fake->nic, SEMAPHORE, other);
    g_assert_cmpuint(cx6dx_vsc_read(&fake->nic, SEMAPHORE), ==, mine);
    cx6dx_vsc_write(&fake->nic, SEMAPHORE, 0);
    cx6dx_vsc_write(&fake->nic, SEMAPHORE, other);
    g_assert_cmpuint(cx6dx_vsc_read(&fake->nic, SEMAPHORE), ==, other);
    cx6dx_nic_reset(&fake->nic);
    g_assert_cmpuint(cx6dx_vsc_read(&fake->nic, SEMAPHORE), ==, 0);
    cx6dx_fake_free(fake);
}

/* The number after the last one is not the one that means "free" */
static void test_counter_wraps(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    fake->nic.vsc.ticket = UINT32_MAX;
    g_assert_cmpuint(cx6dx_vsc_read(&fake->nic, COUNTER), ==, 1);
    cx6dx_fake_free(fake);
}

/* Any space is taken note of; status 0 says that it is not there */
static void test_spaces(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    for (uint32_t space = 0; space < 0x120; space++) {
        bool there = space == 1 || space == 2 || space == 3 || space == 0xa;

        cx6dx_vsc_write(&fake->nic, CTRL, 0xffff0000 | space);
        g_assert_cmphex(cx6dx_vsc_read(&fake->nic, CTRL), ==,
                        (there ? 0x20000000 : 0) | space);
    }
    cx6dx_fake_free(fake);
}

/* Moves a word; false when there is none */
static bool word(Cx6dxFake *fake, uint32_t space, uint32_t addr, bool write,
                 uint32_t *value)
{
    uint32_t seen;

    cx6dx_vsc_write(&fake->nic, CTRL, space);
    if (write) {
        cx6dx_vsc_write(&fake->nic, DATA, *value);
    }
    cx6dx_vsc_write(&fake->nic, ADDR, (write ? FLAG : 0) | addr);
    seen = cx6dx_vsc_read(&fake->nic, ADDR);
    g_assert_cmphex(seen & FLAG, ==, write ? 0 : FLAG);
    *value = cx6dx_vsc_read(&fake->nic, DATA);
    return !(seen & SYNDROME);
}

static void test_chip(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint32_t value = 0;

    g_assert_true(word(fake, 2, 0xf0014, false, &value));
    g_assert_cmphex(value, ==, 0x212);
    g_assert_true(word(fake, 2, 0xb5f04, false, &value));
    g_assert_cmphex(value >> 31, ==, 0);
    g_assert_false(word(fake, 2, 0xf0014, true, &value));
    g_assert_false(word(fake, 2, 0xf0018, false, &value));
    g_assert_false(word(fake, 2, 0xf0015, false, &value));
    cx6dx_fake_free(fake);
}

/* As in the gateway: the first number stays until 0 is written */
static void test_semaphore_space(void)
{
    static const uint32_t semaphores[] = { 0, 0x20 };
    Cx6dxFake *fake = cx6dx_fake_new();
    uint32_t value;

    for (size_t i = 0; i < G_N_ELEMENTS(semaphores); i++) {
        uint32_t at = semaphores[i];

        value = 77;
        g_assert_true(word(fake, 0xa, at, true, &value));
        value = 78;
        g_assert_true(word(fake, 0xa, at, true, &value));
        g_assert_true(word(fake, 0xa, at, false, &value));
        g_assert_cmpuint(value, ==, 77);
        value = 0;
        g_assert_true(word(fake, 0xa, at, true, &value));
        g_assert_true(word(fake, 0xa, at, false, &value));
        g_assert_cmpuint(value, ==, 0);
    }
    g_assert_false(word(fake, 0xa, 0x10, false, &value));
    g_assert_false(word(fake, 0xa, 0x10, true, &value));
    cx6dx_fake_free(fake);
}

/* The flag turns, so that nobody waits, and the syndrome says why */
static void test_access(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_vsc_write(&fake->nic, ADDR, 0x154);
    g_assert_cmphex(cx6dx_vsc_read(&fake->nic, ADDR), ==,
                    FLAG | SYNDROME | 0x154);
    g_assert_cmphex(cx6dx_vsc_read(&fake->nic, DATA), ==, 0);
    cx6dx_vsc_write(&fake->nic, DATA, 0x12345678);
    cx6dx_vsc_write(&fake->nic, ADDR, FLAG | 0x154);
    g_assert_cmphex(cx6dx_vsc_read(&fake->nic, ADDR), ==, SYNDROME | 0x154);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/vsc/semaphore", test_semaphore);
    g_test_add_func("/cx6dx/vsc/counter-wraps", test_counter_wraps);
    g_test_add_func("/cx6dx/vsc/spaces", test_spaces);
    g_test_add_func("/cx6dx/vsc/access", test_access);
    g_test_add_func("/cx6dx/vsc/chip", test_chip);
    g_test_add_func("/cx6dx/vsc/semaphore-space", test_semaphore_space);
    return g_test_run();
}

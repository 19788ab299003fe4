/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 0 room "faults"
 */
#include "qemu/osdep.h"
#include "pure/faults.h"

static void set(Cx6dxFaults *f, const char *spec)
{
    g_autofree char *error = cx6dx_faults_set(f, spec);

    g_assert_cmpstr(error, ==, NULL);
}

static bool fire(Cx6dxFaults *f, Cx6dxFaultId id, uint32_t object)
{
    Cx6dxFaultRule rule;

    return cx6dx_faults_armed(f, id) &&
           cx6dx_faults_fire(f, id, object, &rule);
}

static void test_table(void)
{
    for (unsigned i = 0; i < CX6DX_FAULTS; i++) {
        const Cx6dxFaultDesc *desc = cx6dx_fault_desc(i);

        g_assert_cmpuint(strlen(desc->name), >, 0);
        g_assert_null(strpbrk(desc->name, ":;= "));
        g_assert_cmpuint(strlen(desc->occasion), >, 0);
        g_assert_cmpuint(strlen(desc->what), >, 0);
        g_assert_cmpuint(strlen(desc->path), >, 0);
        for (unsigned k = 0; k < i; k++) {
            g_assert_cmpstr(desc->name, !=, cx6dx_fault_desc(k)->name);
        }
    }
    g_assert_null(cx6dx_fault_desc(CX6DX_FAULTS));
}

static void test_nothing_armed(void)
{
    Cx6dxFaults f = { 0 };
    Cx6dxFaultRule rule;

    for (unsigned i = 0; i < CX6DX_FAULTS; i++) {
        g_assert_false(cx6dx_faults_armed(&f, i));
        g_assert_false(cx6dx_faults_fire(&f, i, 1, &rule));
        g_assert_cmpuint(f.seen[i], ==, 0);
    }
}

static void test_once(void)
{
    Cx6dxFaults f = { 0 };

    set(&f, "tx-lose-state");
    g_assert_true(fire(&f, CX6DX_FAULT_TX_LOSE_STATE, 9));
    g_assert_false(fire(&f, CX6DX_FAULT_TX_LOSE_STATE, 9));
    g_assert_cmpuint(f.fired[CX6DX_FAULT_TX_LOSE_STATE], ==, 1);
    g_assert_cmpuint(f.armed, ==, 0);
}

/* Occasions 1, 2, ... at which the rule of `spec` fires, as a string of bits */
static void check_pattern(const char *spec, const char *pattern)
{
    Cx6dxFaults f = { 0 };

    set(&f, spec);
    for (; *pattern; pattern++) {
        g_assert_cmpint(fire(&f, CX6DX_FAULT_CQE_DROP, 3), ==,
                        *pattern == '1');
    }
}

static void test_when(void)
{
    check_pattern("cqe-drop:count=2", "11000");
    check_pattern("cqe-drop:skip=2", "00100");
    check_pattern("cqe-drop:skip=1:every=3:count=2", "010010000");
    check_pattern("cqe-drop:count=0", "1111111111");
    check_pattern("cqe-drop:count=0:every=2", "1010101");
    check_pattern("cqe-drop:object=4:count=0", "000");
    check_pattern("cqe-drop:object=3", "10");
    /* two rules see the same occasions */
    check_pattern("cqe-drop:skip=1;cqe-drop:skip=3", "01010");
    check_pattern("cqe-drop;cqe-drop;cqe-drop:skip=1", "1100");
    check_pattern(" cqe-drop ; cqe-drop:off", "00");
    check_pattern("cqe-drop:count=0;none", "00");
    check_pattern("none;cqe-drop", "10");
    check_pattern("irq-drop:count=0;cqe-drop;irq-drop:off", "10");
}

/* Records 1, 2, ... */
static void test_record(void)
{
    Cx6dxFaults f = { 0 };
    Cx6dxFaultRule rule;

    set(&f, "rx-stop:object=7:record=3");
    for (unsigned record = 1; record < 5; record++) {
        g_assert_false(cx6dx_faults_fire_record(&f, CX6DX_FAULT_RX_STOP, 8,
                                                record, &rule));
        g_assert_cmpint(cx6dx_faults_fire_record(&f, CX6DX_FAULT_RX_STOP, 7,
                                                 record, &rule), ==,
                        record == 3);
    }
    /* of any number, from the second on */
    set(&f, "tx-stop:skip=1");
    g_assert_false(cx6dx_faults_fire_record(&f, CX6DX_FAULT_TX_STOP, 1, 0,
                                            &rule));
    g_assert_true(cx6dx_faults_fire_record(&f, CX6DX_FAULT_TX_STOP, 1, 0,
                                           &rule));
}

static void test_values(void)
{
    static const struct {
        const char *spec;
        Cx6dxFaultId id;
        Cx6dxFaultRule want;
    } cases[] = {
        { "get-psv-late", CX6DX_FAULT_GET_PSV_LATE,
          { .delay_ns = 10000000 } },
        { "get-psv-late:delay=7", CX6DX_FAULT_GET_PSV_LATE,
          { .delay_ns = 7 } },
        { "cqe-delay:delay=5ns", CX6DX_FAULT_CQE_DELAY, { .delay_ns = 5 } },
        { "eqe-delay:delay=3us", CX6DX_FAULT_EQE_DELAY, { .delay_ns = 3000 } },
        { "irq-delay:delay=2ms", CX6DX_FAULT_IRQ_DELAY,
          { .delay_ns = 2000000 } },
        { "irq-delay:delay=1s", CX6DX_FAULT_IRQ_DELAY,
          { .delay_ns = 1000000000 } },
        { "rx-false-header", CX6DX_FAULT_RX_FALSE_HEADER, { .gap = 4096 } },
        { "rx-false-header:gap=17", CX6DX_FAULT_RX_FALSE_HEADER,
          { .gap = 17 } },
        { "cmd-fail:opcode=0x912", CX6DX_FAULT_CMD_FAIL,
          { .object = 0x912, .status = 1 } },
        { "cmd-fail:opcode=2322:status=0x5:syndrome=0xabcdef01",
          CX6DX_FAULT_CMD_FAIL,
          { .object = 0x912, .status = 5, .syndrome = 0xabcdef01 } },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const Cx6dxFaultRule *want = &cases[i].want;
        Cx6dxFaults f = { 0 };
        Cx6dxFaultRule rule;

        set(&f, cases[i].spec);
        g_assert_true(cx6dx_faults_fire(&f, cases[i].id, 0x912, &rule));
        g_assert_cmpuint(rule.delay_ns, ==, want->delay_ns);
        g_assert_cmpuint(rule.gap, ==, want->gap);
        g_assert_cmpuint(rule.object, ==, want->object);
        g_assert_cmpuint(rule.status, ==, want->status);
        g_assert_cmpuint(rule.syndrome, ==, want->syndrome);
    }
}

static void test_errors(void)
{
    static const char *const bad[] = {
        "no-such-fault", "cqe-drop;nonsense", ":", ";", "cqe-drop;",
        "cqe-drop:", "cqe-drop:skip", "cqe-drop:skip=", "cqe-drop:skip=x",
        "cqe-drop:skip=-1", "cqe-drop:skip=4294967296", "cqe-drop:every=0",
        "cqe-drop:skip=1x", "cqe-drop:delay=1ms", "cqe-drop:opcode=1",
        "cqe-drop:off=1", "cqe-drop:off:skip=1", "cqe-delay:delay=",
        "cqe-delay:delay=1m", "cqe-delay:delay=-1", "cqe-delay:delay=2h",
        "cqe-delay:delay=99999999s", "cmd-fail:status=0",
        "cmd-fail:status=256", "cmd-fail:opcode=65536", "rx-false-header:gap=0",
        "none:skip=1", "rx-stop:record=", "rx-stop:record=-1",
        "rx-stop:record=18446744073709551615",
        "rx-stop:record=18446744073709551616", "cqe-drop:record=1",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        Cx6dxFaults f = { 0 }, before;
        g_autofree char *error = NULL;

        set(&f, "irq-drop:count=0");
        before = f;
        error = cx6dx_faults_set(&f, bad[i]);
        g_assert_cmpstr(error, !=, NULL);
        /* all or nothing */
        g_assert_cmpmem(&f, sizeof(f), &before, sizeof(before));
    }
}

static void test_full(void)
{
    Cx6dxFaults f = { 0 };
    g_autofree char *error = NULL;

    for (unsigned i = 0; i < CX6DX_FAULT_MAX_RULES; i++) {
        set(&f, "cqe-drop:skip=1");
    }
    error = cx6dx_faults_set(&f, "cqe-drop");
    g_assert_cmpstr(error, !=, NULL);
    g_assert_cmpuint(cx6dx_faults_rules(&f, CX6DX_FAULT_CQE_DROP), ==,
                     CX6DX_FAULT_MAX_RULES);
    set(&f, "none;cqe-drop");
    g_assert_cmpuint(cx6dx_faults_rules(&f, CX6DX_FAULT_CQE_DROP), ==, 1);
    g_assert_cmpuint(cx6dx_faults_rules(&f, CX6DX_FAULT_IRQ_DROP), ==, 0);
}

static void test_text(void)
{
    const char *spec = "cqe-delay:skip=2:every=1:count=3:object=4:delay=1500ns;"
                       "cmd-fail:skip=0:every=2:count=0:opcode=0x912:"
                       "status=0x8:syndrome=0x12;"
                       "rx-false-header:skip=0:every=1:count=1:object=0:gap=99;"
                       "tx-stop:skip=0:every=1:count=1:object=0:record=0";
    Cx6dxFaults f = { 0 }, g = { 0 };
    g_autofree char *nothing = cx6dx_faults_str(&f);
    g_autofree char *one = NULL, *two = NULL, *later = NULL;

    g_assert_cmpstr(nothing, ==, "");
    set(&f, nothing);
    set(&f, spec);
    one = cx6dx_faults_str(&f);
    g_assert_cmpstr(one, ==, spec);
    set(&g, one);
    two = cx6dx_faults_str(&g);
    g_assert_cmpstr(two, ==, spec);
    /* what has happened already is left out */
    set(&g, "none;cqe-delay:skip=2:count=3");
    g_assert_false(fire(&g, CX6DX_FAULT_CQE_DELAY, 1));
    g_assert_false(fire(&g, CX6DX_FAULT_CQE_DELAY, 1));
    g_assert_true(fire(&g, CX6DX_FAULT_CQE_DELAY, 1));
    later = cx6dx_faults_str(&g);
    g_assert_cmpstr(later, ==, "cqe-delay:skip=0:every=1:count=2:object=0:"
                    "delay=10000000ns");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/faults/table", test_table);
    g_test_add_func("/cx6dx/faults/nothing-armed", test_nothing_armed);
    g_test_add_func("/cx6dx/faults/once", test_once);
    g_test_add_func("/cx6dx/faults/when", test_when);
    g_test_add_func("/cx6dx/faults/record", test_record);
    g_test_add_func("/cx6dx/faults/values", test_values);
    g_test_add_func("/cx6dx/faults/errors", test_errors);
    g_test_add_func("/cx6dx/faults/full", test_full);
    g_test_add_func("/cx6dx/faults/text", test_text);
    return g_test_run();
}

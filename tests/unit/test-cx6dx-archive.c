/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Streams of state: what goes in comes out, and what is wrong is noticed
 */
#include "qemu/osdep.h"
#include "pure/archive.h"

enum { LONG_BYTES = 3 * CX6DX_ARCHIVE_CHUNK_BYTES + 17 };

typedef struct Thing {
    bool flag;
    uint8_t a;
    uint16_t b;
    uint32_t c, n;
    uint64_t d;
    uint8_t bytes[LONG_BYTES];
} Thing;

typedef struct Pipe {
    GByteArray *data;
    size_t pos;
    size_t most;            /* given at a time */
    bool full;              /* takes nothing */
} Pipe;

static size_t move_out(void *opaque, uint8_t *buf, size_t len)
{
    Pipe *pipe = opaque;

    if (pipe->full) {
        return 0;
    }
    g_byte_array_append(pipe->data, buf, len);
    return len;
}

static size_t move_in(void *opaque, uint8_t *buf, size_t len)
{
    Pipe *pipe = opaque;
    size_t n = MIN(MIN(len, pipe->most), pipe->data->len - pipe->pos);

    memcpy(buf, pipe->data->data + pipe->pos, n);
    pipe->pos += n;
    return n;
}

static void thing_archive(Thing *thing, Cx6dxArchive *ar)
{
    cx6dx_ar_section(ar, "thing-with-a-long-name-indeed", 3);
    cx6dx_ar(ar, &thing->flag);
    cx6dx_ar(ar, &thing->a);
    cx6dx_ar(ar, &thing->b);
    cx6dx_ar(ar, &thing->c);
    cx6dx_ar(ar, &thing->d);
    cx6dx_ar_section(ar, "bytes", 1);
    cx6dx_ar_count(ar, &thing->n, LONG_BYTES, "too many");
    cx6dx_ar_bytes(ar, thing->bytes, thing->n);
    cx6dx_ar_equal(ar, 77, "not 77");
}

static Thing *new_thing(void)
{
    Thing *thing = g_new0(Thing, 1);

    thing->flag = true;
    thing->a = 0x12;
    thing->b = 0x3456;
    thing->c = 0x789abcde;
    thing->d = 0xf0e1d2c3b4a59687;
    thing->n = LONG_BYTES;
    for (size_t i = 0; i < LONG_BYTES; i++) {
        thing->bytes[i] = i * 7;
    }
    return thing;
}

static GByteArray *saved_thing(void)
{
    Pipe pipe = { .data = g_byte_array_new() };
    g_autofree Thing *thing = new_thing();
    Cx6dxArchive ar;

    cx6dx_ar_begin(&ar, false, move_out, &pipe);
    thing_archive(thing, &ar);
    g_assert_true(cx6dx_ar_end(&ar));
    return pipe.data;
}

/* NULL or the error; the thing is zeroed first */
static const char *load(GByteArray *data, size_t most, Thing *thing)
{
    Pipe pipe = { .data = data, .most = most };
    Cx6dxArchive ar;

    memset(thing, 0, sizeof(*thing));
    cx6dx_ar_begin(&ar, true, move_in, &pipe);
    thing_archive(thing, &ar);
    cx6dx_ar_end(&ar);
    for (size_t i = 0; i < sizeof(ar.buf); i++) {
        g_assert_cmpuint(ar.buf[i], ==, 0);
    }
    return ar.error;
}

static void test_round_trip(void)
{
    static const size_t most[] = { 1, 3, 4095, 4096, 100000 };
    GByteArray *data = saved_thing();
    g_autofree Thing *before = new_thing(), *after = g_new(Thing, 1);

    for (size_t i = 0; i < ARRAY_SIZE(most); i++) {
        g_assert_null(load(data, most[i], after));
        g_assert_cmpmem(before, sizeof(*before), after, sizeof(*after));
    }
    g_byte_array_unref(data);
}

/* The bytes themselves, typed in: other builds must read them */
static void test_golden(void)
{
    static const uint8_t golden[] = {
        'c', 'x', '6', 'd',
        'x', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 2,
        1, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde,
        0x59, 0xb4, 0x48, 0xea, 0x8c, 0x39, 0x3a, 0xb3,
    };
    Pipe pipe = { .data = g_byte_array_new() };
    bool flag = true;
    uint8_t a = 0x12;
    uint16_t b = 0x3456;
    uint32_t c = 0x789abcde;
    Cx6dxArchive ar;

    cx6dx_ar_begin(&ar, false, move_out, &pipe);
    cx6dx_ar_section(&ar, "x", 2);
    cx6dx_ar(&ar, &flag);
    cx6dx_ar(&ar, &a);
    cx6dx_ar(&ar, &b);
    cx6dx_ar(&ar, &c);
    g_assert_true(cx6dx_ar_end(&ar));
    g_assert_cmpmem(pipe.data->data, pipe.data->len, golden, sizeof(golden));
    g_byte_array_unref(pipe.data);
}

static void test_truncated(void)
{
    GByteArray *data = saved_thing();
    g_autofree Thing *thing = g_new(Thing, 1);
    g_autofree Thing *zero = g_new0(Thing, 1);

    while (data->len) {
        g_byte_array_set_size(data, data->len - 1);
        g_assert_cmpstr(load(data, 4096, thing), ==, "it ends too early");
        if (data->len < 4) {
            g_assert_cmpmem(thing, sizeof(*thing), zero, sizeof(*zero));
        }
    }
    g_byte_array_unref(data);
}

static void test_flipped(void)
{
    GByteArray *data = saved_thing();
    g_autofree Thing *thing = g_new(Thing, 1);

    for (size_t i = 0; i < data->len; i++) {
        for (unsigned bit = 0; bit < 8; bit += 1 + (i > 200) * 5) {
            data->data[i] ^= 1 << bit;
            g_assert_nonnull(load(data, 4096, thing));
            data->data[i] ^= 1 << bit;
        }
    }
    g_byte_array_append(data, (const uint8_t *)"", 1);
    g_assert_cmpstr(load(data, 4096, thing), ==, "something follows its end");
    g_byte_array_unref(data);
}

static void test_versions(void)
{
    Pipe pipe = { .data = g_byte_array_new(), .most = 100 };
    Cx6dxArchive ar;

    cx6dx_ar_begin(&ar, false, move_out, &pipe);
    cx6dx_ar_section(&ar, "part", 2);
    g_assert_true(cx6dx_ar_end(&ar));

    /* a reader that knows more */
    cx6dx_ar_begin(&ar, true, move_in, &pipe);
    cx6dx_ar_section(&ar, "part", 4);
    g_assert_cmpuint(ar.version, ==, 2);
    g_assert_true(cx6dx_ar_end(&ar));
    /* one that knows less */
    pipe.pos = 0;
    cx6dx_ar_begin(&ar, true, move_in, &pipe);
    cx6dx_ar_section(&ar, "part", 1);
    g_assert_cmpstr(ar.error, ==, "the version is not known");
    g_assert_false(cx6dx_ar_end(&ar));
    /* and one that looks for something else */
    pipe.pos = 0;
    cx6dx_ar_begin(&ar, true, move_in, &pipe);
    cx6dx_ar_section(&ar, "parts", 2);
    g_assert_cmpstr(ar.error, ==, "another section was expected");
    g_assert_cmpstr(ar.section, ==, "parts");
    g_byte_array_unref(pipe.data);
}

static void test_first_error_stays(void)
{
    Pipe pipe = { .data = g_byte_array_new(), .full = true };
    uint32_t n = 5, v = 7;
    Cx6dxArchive ar;

    cx6dx_ar_begin(&ar, false, move_out, &pipe);
    /* saving does not change what is saved, whatever happens */
    cx6dx_ar_count(&ar, &n, 4, "five");
    cx6dx_ar_check(&ar, false, "another");
    cx6dx_ar(&ar, &v);
    g_assert_cmpuint(n, ==, 5);
    g_assert_cmpuint(v, ==, 7);
    g_assert_false(cx6dx_ar_end(&ar));
    g_assert_cmpstr(ar.error, ==, "five");

    cx6dx_ar_begin(&ar, false, move_out, &pipe);
    cx6dx_ar(&ar, &v);
    g_assert_false(cx6dx_ar_end(&ar));
    g_assert_cmpstr(ar.error, ==, "it can not be written");
    g_byte_array_unref(pipe.data);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/archive/what-goes-in-comes-out", test_round_trip);
    g_test_add_func("/cx6dx/archive/bytes-are-these", test_golden);
    g_test_add_func("/cx6dx/archive/cut-at-any-byte-is-refused",
                    test_truncated);
    g_test_add_func("/cx6dx/archive/any-flipped-bit-is-refused", test_flipped);
    g_test_add_func("/cx6dx/archive/older-versions-are-read", test_versions);
    g_test_add_func("/cx6dx/archive/first-error-stays", test_first_error_stays);
    return g_test_run();
}

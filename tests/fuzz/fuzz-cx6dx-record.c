/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz entry for record: bytes that may be records, in both directions
 *
 * What is encrypted must decrypt again under another cut, and a stream that is
 * written down and rebuilt in between must not differ from one that is not.
 */
#include "tape.h"
#include "pure/record.h"

#define MAX_BYTES 2048

typedef struct Pass {
    uint8_t out[MAX_BYTES];
    size_t done;
    Cx6dxRecordResult result;
} Pass;

static void rebuild(Cx6dxRecordStream *s)
{
    uint32_t len = s->offset;
    g_autofree uint8_t *wire = len ? g_memdup2(s->wire, len) : NULL;
    uint64_t rec_sn = s->rec_sn;

    cx6dx_record_stream_reset(s, s->keys, s->dir, rec_sn);
    FUZZ_CHECK(cx6dx_record_stream_rebuild(s, wire, len));
    FUZZ_CHECK(s->offset == len && s->rec_sn == rec_sn);
}

static void run(Tape *tape, const Cx6dxRecordKeys *keys, Cx6dxAeadDir dir,
                const uint8_t *in, size_t len, Pass *pass)
{
    Cx6dxRecordStream s = { 0 };

    pass->done = 0;
    pass->result = CX6DX_RECORD_OK;
    cx6dx_record_stream_reset(&s, keys, dir, keys->initial_record_number);
    while (pass->done < len && pass->result == CX6DX_RECORD_OK) {
        size_t n = tape->left ? 1 + tape_below(tape, len - pass->done) :
                   len - pass->done;

        pass->result = cx6dx_record_stream_run(&s, in + pass->done,
                                               pass->out + pass->done, n);
        if (pass->result == CX6DX_RECORD_OK) {
            pass->done += n;
            FUZZ_CHECK(!s.offset == !s.wire);
            FUZZ_CHECK(s.wire_bytes <= CX6DX_RECORD_MAX_BYTES);
            if (tape_u8(tape) & 1) {
                rebuild(&s);
            }
        }
    }
    cx6dx_record_stream_wipe(&s);
}

/* Takes anything as the beginning of a record, or refuses it */
static void rebuild_from_noise(const Cx6dxRecordKeys *keys, Cx6dxAeadDir dir,
                               const uint8_t *noise, size_t len)
{
    Cx6dxRecordStream s = { 0 };

    cx6dx_record_stream_reset(&s, keys, dir, 0);
    if (cx6dx_record_stream_rebuild(&s, noise, len)) {
        FUZZ_CHECK(s.offset == len);
        FUZZ_CHECK(len < CX6DX_RECORD_MAX_BYTES);
    }
    cx6dx_record_stream_wipe(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Tape tape = { data, size };
    static const uint8_t key[32] = { 1, 2, 3 };
    uint8_t mode = tape_u8(&tape);
    Cx6dxTlsStatic params = {
        .tls_version = mode & 1 ? 2 : 3,
        .key = key,
        .key_bytes = mode & 2 ? 16 : 32,
        .initial_record_number = tape_u8(&tape),
    };
    size_t len = tape_below(&tape, MAX_BYTES);
    const uint8_t *bytes = tape_bytes(&tape, len, &len);
    Cx6dxRecordKeys keys = { 0 };
    Pass there, back;

    FUZZ_CHECK(cx6dx_record_keys_set(&keys, &params));
    rebuild_from_noise(&keys, CX6DX_AEAD_ENCRYPT, bytes, len);
    rebuild_from_noise(&keys, CX6DX_AEAD_DECRYPT, bytes, len);

    run(&tape, &keys, CX6DX_AEAD_DECRYPT, bytes, len, &there);
    run(&tape, &keys, CX6DX_AEAD_ENCRYPT, bytes, len, &there);
    run(&tape, &keys, CX6DX_AEAD_DECRYPT, there.out, there.done, &back);
    FUZZ_CHECK(back.result == CX6DX_RECORD_OK);
    FUZZ_CHECK(back.done == there.done);
    cx6dx_record_keys_wipe(&keys);
    return 0;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz entry for aead: any message, cut and resumed anywhere, in either
 * direction, against the oracle's AES-GCM
 */
#include "tape.h"
#include "pure/aead.h"
#include "cx6dx-oracle.h"

#define MAX_BYTES 700

typedef struct Message {
    uint8_t key[32], nonce[12], aad[13];
    uint8_t plain[MAX_BYTES], cipher[MAX_BYTES], out[MAX_BYTES], tag[16];
    size_t key_bytes, aad_bytes, len;
} Message;

static void make_message(Tape *tape, Message *m)
{
    Cx6dxDice dice = { tape_u8(tape) };

    m->key_bytes = tape_u8(tape) & 1 ? 16 : 32;
    m->aad_bytes = tape_below(tape, sizeof(m->aad) + 1);
    m->len = tape_below(tape, MAX_BYTES + 1);
    cx6dx_dice_fill(&dice, m->key, sizeof(m->key));
    cx6dx_dice_fill(&dice, m->nonce, sizeof(m->nonce));
    cx6dx_dice_fill(&dice, m->aad, sizeof(m->aad));
    cx6dx_dice_fill(&dice, m->plain, m->len);
    cx6dx_oracle_gcm(m->key, m->key_bytes, m->nonce, m->aad, m->aad_bytes,
                     true, m->plain, m->cipher, m->len, m->tag);
}

static void run_message(Tape *tape, Message *m, Cx6dxAead *aead)
{
    bool encrypt = tape_u8(tape) & 1;
    Cx6dxAeadDir dir = encrypt ? CX6DX_AEAD_ENCRYPT : CX6DX_AEAD_DECRYPT;
    const uint8_t *in = encrypt ? m->plain : m->cipher;
    const uint8_t *want = encrypt ? m->cipher : m->plain;
    uint8_t tag[16];
    size_t at = 0;

    FUZZ_CHECK(cx6dx_aead_start(aead, dir, m->nonce, m->aad, m->aad_bytes));
    while (at < m->len) {
        uint8_t op = tape_u8(tape);
        size_t n = 1 + tape_below(tape, m->len - at);

        switch (op % 4) {
        case 0:     /* somebody wrote the state down and came back */
            FUZZ_CHECK(cx6dx_aead_resume(aead, dir, m->nonce, m->aad,
                                         m->aad_bytes, m->cipher, at));
            break;
        case 1:     /* in place */
            memcpy(m->out + at, in + at, n);
            FUZZ_CHECK(cx6dx_aead_update(aead, m->out + at, m->out + at, n));
            at += n;
            break;
        default:
            FUZZ_CHECK(cx6dx_aead_update(aead, in + at, m->out + at, n));
            at += n;
            break;
        }
        if (!tape->left && at < m->len) {
            n = m->len - at;
            FUZZ_CHECK(cx6dx_aead_update(aead, in + at, m->out + at, n));
            at += n;
        }
    }
    FUZZ_CHECK(!memcmp(m->out, want, m->len));
    FUZZ_CHECK(cx6dx_aead_finish(aead, tag));
    FUZZ_CHECK(cx6dx_aead_tag_equal(tag, m->tag));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Tape tape = { data, size };
    Message m = { 0 };
    Cx6dxAead *aead;

    make_message(&tape, &m);
    aead = cx6dx_aead_new(m.key, m.key_bytes);
    FUZZ_CHECK(aead);
    run_message(&tape, &m, aead);
    run_message(&tape, &m, aead);
    cx6dx_aead_free(aead);
    return 0;
}

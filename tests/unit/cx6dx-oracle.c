/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The slow and plain model of a TLS stream; see cx6dx-oracle.h
 *
 * Nothing here is clever.  AES works on bytes, GHASH bit by bit, and a record is
 * encrypted in one go.
 */
#include "qemu/osdep.h"
#include "cx6dx-oracle.h"

uint64_t cx6dx_dice_roll(Cx6dxDice *dice)
{
    uint64_t z = (dice->state += 0x9e3779b97f4a7c15ull);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

uint32_t cx6dx_dice_below(Cx6dxDice *dice, uint32_t limit)
{
    return limit ? (cx6dx_dice_roll(dice) >> 16) % limit : 0;
}

uint32_t cx6dx_dice_size(Cx6dxDice *dice, uint32_t min, uint32_t max)
{
    uint32_t range = max - min;

    switch (cx6dx_dice_below(dice, 4)) {
    case 0:
        return min + cx6dx_dice_below(dice, MIN(range, 4) + 1);
    case 1:
        return min + cx6dx_dice_below(dice, MIN(range, 40) + 1);
    default:
        return min + cx6dx_dice_below(dice, range + 1);
    }
}

void cx6dx_dice_fill(Cx6dxDice *dice, uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        buf[i] = cx6dx_dice_roll(dice) >> 24;
    }
}

/* ---- AES (FIPS 197) ---- */

static uint8_t times2(uint8_t x)
{
    return x << 1 ^ (x & 0x80 ? 0x1b : 0);
}

static uint8_t times(uint8_t a, uint8_t b)
{
    uint8_t sum = 0;

    for (; b; b >>= 1) {
        if (b & 1) {
            sum ^= a;
        }
        a = times2(a);
    }
    return sum;
}

typedef struct Aes {
    uint8_t sbox[256];
    uint8_t schedule[15][16];
    int rounds;
} Aes;

static void fill_sbox(uint8_t *sbox)
{
    for (int x = 0; x < 256; x++) {
        uint8_t inv = 0, s;

        for (int y = 1; y < 256 && x; y++) {
            if (times(x, y) == 1) {
                inv = y;
                break;
            }
        }
        s = inv;
        for (int i = 1; i < 5; i++) {
            s ^= inv << i | inv >> (8 - i);
        }
        sbox[x] = s ^ 0x63;
    }
}

static void expand_key(Aes *aes, const uint8_t *key, size_t key_bytes)
{
    static uint8_t sbox[256];
    uint8_t *w = aes->schedule[0];
    uint8_t round_constant = 1;
    int nk = key_bytes / 4;

    if (!sbox[0]) {
        fill_sbox(sbox);
    }
    memcpy(aes->sbox, sbox, sizeof(sbox));
    aes->rounds = nk + 6;
    memcpy(w, key, key_bytes);
    for (int i = nk; i < 4 * (aes->rounds + 1); i++) {
        uint8_t t[4];

        memcpy(t, w + 4 * (i - 1), 4);
        if (i % nk == 0) {
            uint8_t first = t[0];

            t[0] = aes->sbox[t[1]] ^ round_constant;
            t[1] = aes->sbox[t[2]];
            t[2] = aes->sbox[t[3]];
            t[3] = aes->sbox[first];
            round_constant = times2(round_constant);
        } else if (nk > 6 && i % nk == 4) {
            for (int k = 0; k < 4; k++) {
                t[k] = aes->sbox[t[k]];
            }
        }
        for (int k = 0; k < 4; k++) {
            w[4 * i + k] = w[4 * (i - nk) + k] ^ t[k];
        }
    }
}

static void aes_block(const Aes *aes, const uint8_t in[16], uint8_t out[16])
{
    uint8_t s[16], t[16];

    for (int i = 0; i < 16; i++) {
        s[i] = in[i] ^ aes->schedule[0][i];
    }
    for (int round = 1; round <= aes->rounds; round++) {
        /* SubBytes and ShiftRows */
        for (int i = 0; i < 16; i++) {
            t[i] = aes->sbox[s[(i + 4 * (i % 4)) % 16]];
        }
        for (int c = 0; c < 16 && round < aes->rounds; c += 4) {
            uint8_t all = t[c] ^ t[c + 1] ^ t[c + 2] ^ t[c + 3];
            uint8_t first = t[c];

            for (int i = 0; i < 4; i++) {
                uint8_t next = i < 3 ? t[c + i + 1] : first;

                t[c + i] ^= all ^ times2(t[c + i] ^ next);
            }
        }
        for (int i = 0; i < 16; i++) {
            s[i] = t[i] ^ aes->schedule[round][i];
        }
    }
    memcpy(out, s, 16);
}

/* ---- GCM (SP 800-38D) ---- */

typedef struct Block {
    uint64_t h, l;
} Block;

static Block load(const uint8_t *p, size_t len)
{
    uint8_t b[16] = { 0 };
    Block v = { 0, 0 };

    memcpy(b, p, MIN(len, 16));
    for (int i = 0; i < 8; i++) {
        v.h = v.h << 8 | b[i];
        v.l = v.l << 8 | b[8 + i];
    }
    return v;
}

static Block multiply(Block x, Block y)
{
    Block z = { 0, 0 };

    for (int i = 0; i < 128; i++) {
        uint64_t bit = i < 64 ? x.h >> (63 - i) : x.l >> (127 - i);
        uint64_t low = y.l & 1;

        if (bit & 1) {
            z.h ^= y.h;
            z.l ^= y.l;
        }
        y.l = y.l >> 1 | y.h << 63;
        y.h = y.h >> 1 ^ (low ? 0xe1ull << 56 : 0);
    }
    return z;
}

static Block ghash(Block acc, Block h, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i += 16) {
        Block v = load(data + i, len - i);

        acc.h ^= v.h;
        acc.l ^= v.l;
        acc = multiply(acc, h);
    }
    return acc;
}

void cx6dx_oracle_gcm(const uint8_t *key, size_t key_bytes,
                      const uint8_t nonce[12], const uint8_t *aad,
                      size_t aad_bytes, bool encrypt, const uint8_t *in,
                      uint8_t *out, size_t len, uint8_t tag[16])
{
    uint8_t counter[16] = { 0 }, pad[16], first[16];
    uint8_t *cipher = g_malloc(len + 1);
    Block h, acc = { 0, 0 };
    Aes aes;

    expand_key(&aes, key, key_bytes);
    aes_block(&aes, counter, pad);
    h = load(pad, 16);
    memcpy(counter, nonce, 12);
    counter[15] = 1;
    aes_block(&aes, counter, first);
    if (len && !encrypt) {
        memcpy(cipher, in, len);
    }
    for (size_t i = 0; i < len; i++) {
        if (i % 16 == 0) {
            uint32_t n = i / 16 + 2;

            counter[15] = n;
            counter[14] = n >> 8;
            counter[13] = n >> 16;
            counter[12] = n >> 24;
            aes_block(&aes, counter, pad);
        }
        out[i] = in[i] ^ pad[i % 16];
    }
    if (len && encrypt) {
        memcpy(cipher, out, len);
    }
    acc = ghash(acc, h, aad, aad_bytes);
    acc = ghash(acc, h, cipher, len);
    acc.h ^= aad_bytes * 8;
    acc.l ^= len * 8;
    acc = multiply(acc, h);
    for (int i = 0; i < 8; i++) {
        tag[i] = acc.h >> (56 - 8 * i) ^ first[i];
        tag[8 + i] = acc.l >> (56 - 8 * i) ^ first[8 + i];
    }
    g_free(cipher);
}

/* ---- streams ---- */

static void put_be(uint8_t *p, uint64_t value, int bytes)
{
    while (bytes--) {
        p[bytes] = value;
        value >>= 8;
    }
}

static bool is_13(const Cx6dxOracle *o)
{
    return o->tls_version == 3;
}

static size_t head_bytes(const Cx6dxOracle *o)
{
    return is_13(o) ? 5 : 13;
}

/* One record through the cipher; `from` and `to` are whole streams */
static void crypt_record(const Cx6dxOracle *o, unsigned n, bool encrypt,
                         const uint8_t *from, uint8_t *to, uint8_t tag[16])
{
    size_t start = o->records[n].start, head = head_bytes(o);
    size_t payload = o->records[n].bytes - head - 16;
    uint8_t nonce[12], aad[13], number[8];
    size_t aad_bytes;

    put_be(number, o->first_rec_sn + n, 8);
    memcpy(nonce, o->iv, 12);
    if (is_13(o)) {
        for (int i = 0; i < 8; i++) {
            nonce[4 + i] ^= number[i];
        }
        memcpy(aad, from + start, 5);
        aad_bytes = 5;
    } else {
        memcpy(nonce + 4, from + start + 5, 8);
        memcpy(aad, number, 8);
        memcpy(aad + 8, from + start, 3);
        put_be(aad + 11, payload, 2);
        aad_bytes = 13;
    }
    cx6dx_oracle_gcm(o->key, o->key_bytes, nonce, aad, aad_bytes, encrypt,
                     from + start + head, to + start + head, payload, tag);
}

static void lay_out_record(Cx6dxOracle *o, unsigned n, Cx6dxDice *dice)
{
    uint8_t *p = o->laid_out + o->records[n].start;
    size_t bytes = o->records[n].bytes;

    cx6dx_dice_fill(dice, p, bytes - 16);
    memset(p + bytes - 16, 0, 16);
    p[0] = is_13(o) || cx6dx_dice_below(dice, 4) ?
           0x17 : 0x14 + cx6dx_dice_below(dice, 5);
    p[1] = 3;
    p[2] = 3;
    put_be(p + 3, bytes - 5, 2);
}

Cx6dxOracle *cx6dx_oracle_new(const Cx6dxOracleSpec *spec, Cx6dxDice *dice)
{
    Cx6dxOracle *o = g_new0(Cx6dxOracle, 1);

    o->tls_version = spec->tls_version;
    o->key_bytes = spec->key_bytes;
    cx6dx_dice_fill(dice, o->key, o->key_bytes);
    cx6dx_dice_fill(dice, o->iv, is_13(o) ? 12 : 4);
    o->first_rec_sn = spec->first_rec_sn;
    o->first_tcp_sn = spec->first_tcp_sn;
    o->nrecords = spec->nrecords;
    o->records = g_new0(Cx6dxOracleRecord, o->nrecords);
    for (unsigned i = 0; i < o->nrecords; i++) {
        uint32_t payload = cx6dx_dice_size(dice, spec->min_payload,
                                           spec->max_payload);

        if (is_13(o)) {
            payload++;
        }
        o->records[i].start = o->len;
        o->records[i].bytes = head_bytes(o) + payload + 16;
        o->len += o->records[i].bytes;
    }
    o->laid_out = g_malloc0(o->len);
    for (unsigned i = 0; i < o->nrecords; i++) {
        lay_out_record(o, i, dice);
    }
    o->wire = g_memdup2(o->laid_out, o->len);
    for (unsigned i = 0; i < o->nrecords; i++) {
        crypt_record(o, i, true, o->laid_out, o->wire,
                     o->wire + o->records[i].start + o->records[i].bytes - 16);
    }
    o->delivered = g_memdup2(o->wire, o->len);
    for (unsigned i = 0; i < o->nrecords; i++) {
        memcpy(o->delivered + o->records[i].start,
               o->laid_out + o->records[i].start, o->records[i].bytes - 16);
    }
    return o;
}

void cx6dx_oracle_free(Cx6dxOracle *o)
{
    if (o) {
        g_free(o->laid_out);
        g_free(o->wire);
        g_free(o->delivered);
        g_free(o->records);
        g_free(o);
    }
}

Cx6dxTlsStatic cx6dx_oracle_static(const Cx6dxOracle *o)
{
    Cx6dxTlsStatic params = {
        .tls_version = o->tls_version,
        .initial_record_number = o->first_rec_sn,
        .key = o->key,
        .key_bytes = o->key_bytes,
    };

    memcpy(params.iv, o->iv, sizeof(params.iv));
    return params;
}

unsigned cx6dx_oracle_record_at(const Cx6dxOracle *o, size_t offset)
{
    unsigned n = 0;

    while (n < o->nrecords &&
           offset >= o->records[n].start + o->records[n].bytes) {
        n++;
    }
    return n;
}

void cx6dx_oracle_corrupt(Cx6dxOracle *o, unsigned record, size_t at)
{
    Cx6dxOracleRecord *rec = &o->records[record];
    size_t place = rec->start + 5 + at % (rec->bytes - 5);
    uint8_t tag[16];

    o->wire[place] ^= 1 + at % 255;
    rec->corrupt = true;
    memcpy(o->delivered + rec->start, o->wire + rec->start, rec->bytes);
    crypt_record(o, record, false, o->wire, o->delivered, tag);
    g_assert(memcmp(tag, o->wire + rec->start + rec->bytes - 16, 16));
}

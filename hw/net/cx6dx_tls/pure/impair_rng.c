/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Chance for the impaired wire: generator and Gilbert-Elliott losses
 *
 * Knows nothing of packets.  Percentages are compared as fractions of 2^53, which
 * a double holds exactly: no rounding differs from machine to machine.
 */
#include "qemu/osdep.h"
#include "pure/impair_rng.h"

#define WARM_UP 64

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

/* splitmix64: spreads a poor seed over the state */
static uint64_t spread(uint64_t *x)
{
    uint64_t z = *x += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

void cx6dx_impair_rng_seed(Cx6dxImpairRng *rng, uint64_t seed, uint32_t stream)
{
    uint64_t a = seed, b = ~(uint64_t)stream;
    unsigned i;

    for (i = 0; i < 4; i++) {
        rng->s[i] = spread(&a) ^ rotate(spread(&b), 17);
    }
    rng->s[0] |= !(rng->s[0] | rng->s[1] | rng->s[2] | rng->s[3]);
    for (i = 0; i < WARM_UP; i++) {
        cx6dx_impair_rng_next(rng);
    }
}

uint64_t cx6dx_impair_rng_next(Cx6dxImpairRng *rng)
{
    uint64_t *s = rng->s;
    uint64_t out = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return out;
}

uint64_t cx6dx_impair_rng_below(Cx6dxImpairRng *rng, uint64_t limit)
{
    uint64_t uneven, x;

    if (!limit) {
        return 0;
    }
    /* the lowest numbers, which would come up once more than the others */
    uneven = (0 - limit) % limit;
    do {
        x = cx6dx_impair_rng_next(rng);
    } while (x < uneven);
    return x % limit;
}

bool cx6dx_impair_rng_chance(Cx6dxImpairRng *rng, double percent)
{
    if (!(percent > 0)) {
        return false;
    }
    return (double)(cx6dx_impair_rng_next(rng) >> 11) <
           percent / 100 * 9007199254740992.0;
}

Cx6dxImpairLoss cx6dx_impair_rng_lose(Cx6dxImpairRng *rng, bool *bad,
                                      const Cx6dxImpairBurst *burst)
{
    if (!(burst->enter > 0)) {
        *bad = false;
    } else if (cx6dx_impair_rng_chance(rng, *bad ? burst->leave
                                                 : burst->enter)) {
        *bad = !*bad;
    }
    if (*bad) {
        return cx6dx_impair_rng_chance(rng, burst->bad_loss)
               ? CX6DX_IMPAIR_LOSS_BAD : CX6DX_IMPAIR_LOSS_NONE;
    }
    return cx6dx_impair_rng_chance(rng, burst->good_loss)
           ? CX6DX_IMPAIR_LOSS_GOOD : CX6DX_IMPAIR_LOSS_NONE;
}

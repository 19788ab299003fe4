/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Chance for the impaired wire: numbers that are the same everywhere, and the
 * two-state loss model of Gilbert and Elliott
 *
 * A generator (xoshiro256**, Blackman and Vigna) is seeded from a number and a
 * stream: each thing that is left to chance draws from a stream of its own, so
 * that switching one on does not change what befalls the others.  Seeds that
 * differ in one bit, small ones too, give unrelated numbers from the first on.
 */
#ifndef CX6DX_PURE_IMPAIR_RNG_H
#define CX6DX_PURE_IMPAIR_RNG_H

#include "qemu/osdep.h"

typedef struct Cx6dxImpairRng {
    uint64_t s[4];
} Cx6dxImpairRng;

void cx6dx_impair_rng_seed(Cx6dxImpairRng *rng, uint64_t seed,
                           uint32_t stream);
uint64_t cx6dx_impair_rng_next(Cx6dxImpairRng *rng);

/* 0 .. limit - 1, each equally often; 0 when limit is 0 */
uint64_t cx6dx_impair_rng_below(Cx6dxImpairRng *rng, uint64_t limit);

/*
 * True in `percent` of the calls.  Draws a number for every percentage but 0 and
 * less, so that the stream moves on alike whatever the percentage is.
 */
bool cx6dx_impair_rng_chance(Cx6dxImpairRng *rng, double percent);

/*
 * Losses in bursts.  Before each packet the state may change: good to bad with
 * `enter` percent, bad to good with `leave`.  A packet is lost with `good_loss`
 * or `bad_loss` percent.  With `enter` 0 the losses are independent.
 */
typedef struct Cx6dxImpairBurst {
    double enter, leave;
    double good_loss, bad_loss;
} Cx6dxImpairBurst;

typedef enum Cx6dxImpairLoss {
    CX6DX_IMPAIR_LOSS_NONE,
    CX6DX_IMPAIR_LOSS_GOOD,     /* lost, in the good state */
    CX6DX_IMPAIR_LOSS_BAD,      /* lost, in the bad state */
} Cx6dxImpairLoss;

/* What befalls the next packet; *bad is the state, false at the beginning */
Cx6dxImpairLoss cx6dx_impair_rng_lose(Cx6dxImpairRng *rng, bool *bad,
                                      const Cx6dxImpairBurst *burst);

#endif

/* Seeded numbers that are the same on every machine: xoshiro256** (Blackman and Vigna, 2018), integers only. */
#ifndef PLANTSIM_RANDOM_H
#define PLANTSIM_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *r, uint64_t seed);
uint64_t random_u64(struct random *r);
/* From 0 to below - 1, each equally likely; below > 0. */
uint64_t random_below(struct random *r, uint64_t below);
/* From least to most, both included. */
uint64_t random_between(struct random *r, uint64_t least, uint64_t most);

#endif

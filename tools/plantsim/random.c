#include "random.h"

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

/* splitmix64, by which the authors advise to fill the state: a seed of 0 must not give a state of zeros. */
static uint64_t next_of_seed(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void random_seed(struct random *r, uint64_t seed)
{
    for (unsigned i = 0; i < 4; i++)
        r->state[i] = next_of_seed(&seed);
}

uint64_t random_u64(struct random *r)
{
    uint64_t *s = r->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t random_below(struct random *r, uint64_t below)
{
    uint64_t reject = -below % below; /* 2^64 mod below: the numbers that would favour the low ones */
    uint64_t value;
    do
        value = random_u64(r);
    while (value < reject);
    return value % below;
}

uint64_t random_between(struct random *r, uint64_t least, uint64_t most)
{
    return least + random_below(r, most - least + 1);
}

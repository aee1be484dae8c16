#include "base/hash.h"

#include <sys/random.h>

uint64_t cd_hash_seed = 0x5851f42d4c957f2du;

void cd_hash_seed_random(void)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed)
        cd_hash_seed = seed;
}

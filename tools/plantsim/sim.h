/* The simulation: a clock that jumps from one event to the next, and all that hangs on it. */
#ifndef PLANTSIM_SIM_H
#define PLANTSIM_SIM_H

#include "output.h"
#include "plant.h"
#include "random.h"
#include "schedule.h"
#include "truth.h"

#include "base/arena.h"

#define US ((uint64_t)1000)
#define MS (1000 * US)
#define SECOND (1000 * MS)

struct sim {
    uint64_t start_ns, end_ns, now_ns;
    uint32_t devices;
    struct random random;
    struct schedule schedule;
    struct plant plant;
    struct truth truth;
    struct output *output;
    struct cd_index arp; /* who knows whom; see wire.c */
    struct {
        uint64_t *items;
        uint32_t count, size;
    } arp_pairs;
    uint64_t frames;        /* written so far */
    struct cd_arena memory; /* what the plants' stories keep */
    struct cd_error error;
};

/* What a plant's story does at its time. */
typedef void story_fn(struct sim *s, void *subject);

/* Calls `run` at time_ns, unless the simulation has ended by then. */
void sim_at(struct sim *s, uint64_t time_ns, story_fn *run, void *subject);
static inline void sim_after(struct sim *s, uint64_t delay_ns, story_fn *run, void *subject)
{
    sim_at(s, s->now_ns + delay_ns, run, subject);
}

/* A time between the two, in nanoseconds, by chance. */
static inline uint64_t sim_between(struct sim *s, uint64_t least_ns, uint64_t most_ns)
{
    return random_between(&s->random, least_ns, most_ns);
}

/* A measured value that drifts slowly around `level`, up to `swing` away; the same for all who ask at one time. */
uint16_t sim_drift(const struct sim *s, uint32_t phase, uint16_t level, uint16_t swing);

void sim_start(struct sim *s, uint64_t seed, uint32_t devices, uint64_t start_ns, uint64_t duration_ns,
               struct output *output);
/* Until nothing is left to do. What has begun before the end is finished. */
int sim_run(struct sim *s, struct cd_error *e);
void sim_free(struct sim *s);

#endif

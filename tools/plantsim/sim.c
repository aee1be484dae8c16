#include "sim.h"

#include "base/memory.h"

struct story {
    story_fn *run;
    void *subject;
};

static void run_story(void *context, void *subject)
{
    struct story *story = subject;
    struct story copy = *story;
    cd_free(story);
    copy.run(context, copy.subject);
}

void sim_at(struct sim *s, uint64_t time_ns, story_fn *run, void *subject)
{
    if (time_ns >= s->end_ns)
        return;
    struct story *story = cd_alloc(1, sizeof *story);
    *story = (struct story){run, subject};
    schedule_add(&s->schedule, time_ns, run_story, s, story);
}

/* Two triangles of different lengths, so that the sum takes long to repeat. */
uint16_t sim_drift(const struct sim *s, uint32_t phase, uint16_t level, uint16_t swing)
{
    uint64_t second = (s->now_ns - s->start_ns) / SECOND + phase;
    int64_t slow = (int64_t)(second % 600), fast = (int64_t)(second * 7 % 47);
    int64_t triangle = (slow < 300 ? slow : 600 - slow) - 150; /* -150 .. 150 */
    int64_t ripple = (fast < 24 ? fast : 47 - fast) - 12;
    int64_t value = level + triangle * swing / 150 + ripple * swing / 200;
    return (uint16_t)(value < 0 ? 0 : value > UINT16_MAX ? UINT16_MAX : value);
}

void sim_start(struct sim *s, uint64_t seed, uint32_t devices, uint64_t start_ns, uint64_t duration_ns,
               struct output *output)
{
    *s = (struct sim){.start_ns = start_ns,
                      .now_ns = start_ns,
                      .end_ns = start_ns + duration_ns,
                      .devices = devices,
                      .output = output};
    random_seed(&s->random, seed);
    plant_start(&s->plant, devices);
    truth_start(&s->truth);
    cd_index_init(&s->arp, 1024);
}

int sim_run(struct sim *s, struct cd_error *e)
{
    struct schedule_entry entry;
    while (schedule_next(&s->schedule, &entry)) {
        s->now_ns = entry.time_ns;
        entry.run(entry.context, entry.subject);
        if (s->error.code) {
            *e = s->error;
            return e->code;
        }
    }
    return CD_OK;
}

void sim_free(struct sim *s)
{
    schedule_free(&s->schedule);
    plant_free(&s->plant);
    truth_free(&s->truth);
    cd_index_free(&s->arp);
    cd_free(s->arp_pairs.items);
    cd_arena_free(&s->memory);
}

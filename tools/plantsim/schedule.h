/* What happens when: a binary heap ordered by time, then by the order of entry, so that a run is the same each time. */
#ifndef PLANTSIM_SCHEDULE_H
#define PLANTSIM_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called when its time has come. */
typedef void task_fn(void *context, void *subject);

struct schedule_entry {
    uint64_t time_ns, sequence;
    task_fn *run;
    void *context, *subject;
};

struct schedule {
    struct schedule_entry *entries;
    size_t count, size;
    uint64_t sequence;
};

void schedule_add(struct schedule *s, uint64_t time_ns, task_fn *run, void *context, void *subject);
/* Takes the earliest entry out; false where there is none. */
bool schedule_next(struct schedule *s, struct schedule_entry *ret_entry);
void schedule_free(struct schedule *s);

#endif

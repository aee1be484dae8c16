#include "schedule.h"

#include "base/memory.h"

static bool before(const struct schedule_entry *a, const struct schedule_entry *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->sequence < b->sequence;
}

void schedule_add(struct schedule *s, uint64_t time_ns, task_fn *run, void *context, void *subject)
{
    if (s->count == s->size) {
        s->size = s->size ? s->size * 2 : 1024;
        s->entries = cd_realloc(s->entries, s->size, sizeof *s->entries);
    }
    struct schedule_entry entry = {time_ns, s->sequence++, run, context, subject};
    size_t at = s->count++;
    while (at > 0 && before(&entry, &s->entries[(at - 1) / 2])) {
        s->entries[at] = s->entries[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    s->entries[at] = entry;
}

bool schedule_next(struct schedule *s, struct schedule_entry *ret_entry)
{
    if (s->count == 0)
        return false;
    *ret_entry = s->entries[0];
    struct schedule_entry last = s->entries[--s->count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < s->count; at = child) {
        if (child + 1 < s->count && before(&s->entries[child + 1], &s->entries[child]))
            child++;
        if (!before(&s->entries[child], &last))
            break;
        s->entries[at] = s->entries[child];
    }
    s->entries[at] = last;
    return true;
}

void schedule_free(struct schedule *s)
{
    cd_free(s->entries);
    *s = (struct schedule){0};
}

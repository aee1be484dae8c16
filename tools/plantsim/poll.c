#include "poll.h"

#include "site.h"

static void meet_silence(struct sim *s, struct poll *p)
{
    if (!p->tcp->open) {
        tcp_open_in_vain(s, p->tcp);
        return;
    }
    if (p->ask_in_vain)
        p->ask_in_vain(s, p->subject);
    else
        tcp_probe_in_vain(s, p->tcp);
    tcp_reset(s, p->tcp, true);
}

static void cycle(struct sim *s, void *subject)
{
    struct poll *p = subject;
    tcp_catch_up(s, p->tcp);
    if (s->now_ns >= p->silent_from_ns && s->now_ns < p->silent_until_ns) {
        meet_silence(s, p);
    } else {
        if (!p->tcp->open) {
            tcp_open(s, p->tcp);
            if (p->begin)
                p->begin(s, p->subject);
        }
        p->round(s, p->subject);
        tcp_rest(s, p->tcp);
    }
    uint64_t next = s->now_ns + p->period_ns, busy_until = p->tcp->now_ns;
    sim_at(s, next > busy_until ? next : busy_until + p->period_ns / 2, cycle, p);
}

void poll_start(struct sim *s, struct poll *p)
{
    sim_at(s, site_start_up(s), cycle, p);
}

void poll_fall_silent(struct sim *s, struct poll *p)
{
    uint64_t duration = s->end_ns - s->start_ns;
    p->silent_from_ns = s->start_ns + duration / 2 + sim_between(s, 0, duration / 8);
    p->silent_until_ns = p->silent_from_ns + 2 * p->period_ns + duration / 16;
}

#include "s7_poll.h"

#include "site.h"

static void begin(struct sim *s, void *subject)
{
    struct s7_poll *p = subject;
    s7_set_up(s, &p->link, p->as);
    if (p->as == S7_AS_PROGRAMMER && !p->identified)
        s7_read_name_plate(s, &p->link);
    p->identified = true;
}

static void read_values(struct sim *s, void *subject)
{
    struct s7_poll *p = subject;
    s7_read_reals(s, &p->link, 10, 0, 8, 420, 35);
    s7_read_reals(s, &p->link, 12, 64, 4, 90, 12);
    if (p->as == S7_AS_PANEL && ++p->rounds % 8 == 0) { /* a panel's TCP makes sure that the other is there */
        tcp_rest(s, &p->link.tcp);
        tcp_wait(&p->link.tcp, p->poll.period_ns / 2);
        tcp_keep_alive(s, &p->link.tcp);
    }
}

struct s7_poll *s7_poll(struct sim *s, struct device *client, struct device *controller, enum s7_as as,
                        uint64_t period_ns)
{
    struct s7_poll *p = site_memory(s, sizeof *p);
    s7_start(s, &p->link, client, controller);
    p->as = as;
    p->poll =
        (struct poll){.tcp = &p->link.tcp, .subject = p, .begin = begin, .round = read_values, .period_ns = period_ns};
    poll_start(s, &p->poll);
    return p;
}

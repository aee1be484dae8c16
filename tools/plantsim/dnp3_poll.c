#include "dnp3_poll.h"

#include "site.h"

static void begin(struct sim *s, void *subject)
{
    struct dnp3_poll *p = subject;
    if (!p->identified) {
        dnp3_read_attributes(s, &p->link);
        dnp3_write_time(s, &p->link);
    }
    p->identified = true;
}

static void read_classes(struct sim *s, void *subject)
{
    struct dnp3_poll *p = subject;
    dnp3_read_classes(s, &p->link);
    if (++p->rounds % 5 == 0) {
        tcp_wait(&p->link.tcp, p->poll.period_ns / 3);
        dnp3_tell_unsolicited(s, &p->link);
    }
}

static void read_in_vain(struct sim *s, void *subject)
{
    struct dnp3_poll *p = subject;
    dnp3_read_in_vain(s, &p->link);
}

struct dnp3_poll *dnp3_poll(struct sim *s, struct device *master, struct device *outstation, uint16_t address,
                            uint64_t period_ns)
{
    struct dnp3_poll *p = site_memory(s, sizeof *p);
    dnp3_start(s, &p->link, master, outstation, address);
    p->poll = (struct poll){.tcp = &p->link.tcp,
                            .subject = p,
                            .begin = begin,
                            .round = read_classes,
                            .ask_in_vain = read_in_vain,
                            .period_ns = period_ns};
    poll_start(s, &p->poll);
    return p;
}

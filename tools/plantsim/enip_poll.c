#include "enip_poll.h"

#include "site.h"

static void begin(struct sim *s, void *subject)
{
    struct enip_poll *p = subject;
    enip_register_session(s, &p->link);
    if (!p->identified) {
        enip_read_identity(s, &p->link, p->link.tcp.ends[1].device, ENIP_THE_DEVICE_ITSELF);
        for (unsigned slot = 0; slot < p->n_modules; slot++)
            enip_read_identity(s, &p->link, p->modules[slot], (int)slot);
    }
    p->identified = true;
}

static void read_values(struct sim *s, void *subject)
{
    struct enip_poll *p = subject;
    if (!p->n_modules) {
        enip_read_parameter(s, &p->link, 1);
        enip_read_parameter(s, &p->link, 3);
        return;
    }
    enip_read_tag(s, &p->link, 0, "Cell.BodyCount", 1);
    enip_read_tag(s, &p->link, 0, "Cell.WeldCurrent", 12);
}

struct enip_poll *enip_poll(struct sim *s, struct device *client, struct device *server, uint64_t period_ns)
{
    struct enip_poll *p = site_memory(s, sizeof *p);
    enip_start(s, &p->link, client, server);
    p->poll =
        (struct poll){.tcp = &p->link.tcp, .subject = p, .begin = begin, .round = read_values, .period_ns = period_ns};
    poll_start(s, &p->poll);
    return p;
}

#include "modbus_poll.h"

#include "site.h"

/* Name plates are read once: of each unit, whose blocks stand together. */
static void begin(struct sim *s, void *subject)
{
    struct modbus_poll *p = subject;
    for (unsigned i = 0; i < p->n_blocks && !p->identified; i++)
        if (p->blocks[i].device->model->order_number && (i == 0 || p->blocks[i].device != p->blocks[i - 1].device))
            modbus_identify(s, &p->link, p->blocks[i].device, p->blocks[i].unit);
    p->identified = true;
}

static void read_blocks(struct sim *s, void *subject)
{
    struct modbus_poll *p = subject;
    p->rounds++;
    for (unsigned i = 0; i < p->n_blocks; i++) {
        bool refused = p->refused && i + 1 == p->n_blocks && p->rounds % p->refused == 0;
        modbus_read(s, &p->link, &p->blocks[i], refused ? MODBUS_ILLEGAL_DATA_ADDRESS : MODBUS_NO_EXCEPTION);
    }
}

static void read_in_vain(struct sim *s, void *subject)
{
    struct modbus_poll *p = subject;
    modbus_read_in_vain(s, &p->link, &p->blocks[0]);
}

struct modbus_poll *modbus_poll(struct sim *s, struct device *client, struct device *server, uint64_t period_ns)
{
    struct modbus_poll *p = site_memory(s, sizeof *p);
    modbus_start(s, &p->link, client, server);
    p->poll = (struct poll){.tcp = &p->link.tcp,
                            .subject = p,
                            .begin = begin,
                            .round = read_blocks,
                            .ask_in_vain = read_in_vain,
                            .period_ns = period_ns};
    poll_start(s, &p->poll);
    return p;
}

void modbus_poll_add(struct modbus_poll *p, const struct modbus_block *block)
{
    if (p->n_blocks < MODBUS_POLL_BLOCKS_MAX)
        p->blocks[p->n_blocks++] = *block;
}

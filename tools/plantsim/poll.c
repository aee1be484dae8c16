#include "poll.h"

#include "site.h"

static void begin(struct sim *s, struct modbus_poll *p)
{
    tcp_open(s, &p->link.tcp);
    if (p->identified)
        return;
    p->identified = true;
    for (unsigned i = 0; i < p->n_blocks; i++) /* each unit once: its blocks stand together */
        if (p->blocks[i].device->model->order_number && (i == 0 || p->blocks[i].device != p->blocks[i - 1].device))
            modbus_identify(s, &p->link, p->blocks[i].device, p->blocks[i].unit);
}

static void read_blocks(struct sim *s, struct modbus_poll *p)
{
    p->rounds++;
    for (unsigned i = 0; i < p->n_blocks; i++) {
        bool refused = p->refused && i + 1 == p->n_blocks && p->rounds % p->refused == 0;
        modbus_read(s, &p->link, &p->blocks[i], refused ? MODBUS_ILLEGAL_DATA_ADDRESS : MODBUS_NO_EXCEPTION);
    }
    tcp_rest(s, &p->link.tcp);
}

static void meet_silence(struct sim *s, struct modbus_poll *p)
{
    if (p->link.tcp.open) {
        modbus_read_in_vain(s, &p->link, &p->blocks[0]);
        tcp_reset(s, &p->link.tcp, true);
    } else {
        tcp_open_in_vain(s, &p->link.tcp);
    }
}

static void round_of(struct sim *s, void *subject)
{
    struct modbus_poll *p = subject;
    tcp_catch_up(s, &p->link.tcp);
    if (is_silent(&p->silence, s->now_ns)) {
        meet_silence(s, p);
    } else {
        if (!p->link.tcp.open)
            begin(s, p);
        read_blocks(s, p);
    }
    uint64_t next = s->now_ns + p->period_ns;
    sim_at(s, next > p->link.tcp.now_ns ? next : p->link.tcp.now_ns + p->period_ns, round_of, p);
}

struct modbus_poll *poll_modbus(struct sim *s, struct device *client, struct device *server, uint64_t period_ns)
{
    struct modbus_poll *p = site_memory(s, sizeof *p);
    modbus_start(s, &p->link, client, server);
    p->period_ns = period_ns;
    sim_at(s, site_start_up(s), round_of, p);
    return p;
}

void poll_modbus_add(struct modbus_poll *p, const struct modbus_block *block)
{
    if (p->n_blocks < POLL_BLOCKS_MAX)
        p->blocks[p->n_blocks++] = *block;
}

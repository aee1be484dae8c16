/* A water utility: a control room, and pumping stations with controllers, remote terminal units, and meters behind gateways.
 *
 *   start-up    the SCADA server connects to each station and reads name plates
 *   normal      levels, flows and pressures are polled, outstations tell of changes by themselves
 *   an operator acknowledges an alarm on a panel and switches a pump; an outstation operates a valve
 *   the engineer stops a controller, loads a block of its program, starts it again
 *   a service technician comes with a laptop, looks at the gateway's page and reads a program out
 *   faults      a controller refuses a block of registers; an outstation falls silent for a while */
#include "catalogue.h"
#include "dnp3_poll.h"
#include "housekeeping.h"
#include "modbus_poll.h"
#include "plants.h"
#include "s7_poll.h"
#include "site.h"
#include "speak_network.h"

enum { NETWORK = 10 << 24 | 20 << 16, CELLS_PER_SCADA = 100, METERS = 6, WORKED_ON_MOST = 8 };

struct water {
    struct site site;
    struct device *scada, *office, *clock, *engineer, *operators, *laptop, *first_gateway;
    struct s7_poll *worked_on[WORKED_ON_MOST]; /* controllers whose program is changed */
    struct s7_poll *panel;                     /* on which an operator acknowledges */
    struct modbus_poll *switched;              /* a controller that an operator writes to */
    struct dnp3_poll *operated;
    unsigned n_worked_on;
};

/* ---- the stations ---- */

static void add_simatic(struct water *w)
{
    struct sim *s = w->site.sim;
    struct device *plc = site_add(&w->site, &simatic_315, "pump", "s7");
    if (!plc)
        return;
    struct s7_poll *p = s7_poll(s, w->scada, plc, S7_AS_PROGRAMMER, site_period(s, SECOND));
    if (w->site.n_cells == 1)
        w->panel = s7_poll(s, w->operators, plc, S7_AS_PANEL, 2 * SECOND);
    if (w->site.n_cells % 50 == 1 && w->n_worked_on < WORKED_ON_MOST)
        w->worked_on[w->n_worked_on++] = p;
}

static void add_modicon(struct water *w, const char *name)
{
    struct sim *s = w->site.sim;
    struct device *plc = site_add(&w->site, &modicon_m340, "pump", name);
    if (!plc)
        return;
    struct modbus_poll *p = modbus_poll(s, w->scada, plc, site_period(s, SECOND));
    modbus_poll_add(p, &(struct modbus_block){plc, 255, MODBUS_READ_HOLDING_REGISTERS, 100, 20, 480, 60});
    modbus_poll_add(p, &(struct modbus_block){plc, 255, MODBUS_READ_COILS, 0, 12, 0, 0});
    modbus_poll_add(p, &(struct modbus_block){plc, 255, MODBUS_READ_INPUT_REGISTERS, 4000, 4, 7, 2});
    if (!w->switched) {
        w->switched = p;
        p->refused = 9;
    } else if (random_below(&s->random, 40) == 0) {
        p->refused = 3;
    } else if (random_below(&s->random, 60) == 0) {
        poll_fall_silent(s, &p->poll);
    }
}

static void add_rtu(struct water *w, const char *name, uint16_t address)
{
    struct sim *s = w->site.sim;
    struct device *rtu = site_add(&w->site, &sel_rtu, "pump", name);
    if (!rtu)
        return;
    struct dnp3_poll *p = dnp3_poll(s, w->scada, rtu, address, site_period(s, 5 * SECOND));
    if (!w->operated)
        w->operated = p;
    else if (w->site.n_cells == 1 || random_below(&s->random, 50) == 0)
        poll_fall_silent(s, &p->poll);
}

/* A gateway with a single unit is none. */
static void add_meters(struct water *w)
{
    struct sim *s = w->site.sim;
    struct device *gateway = site_has_room(&w->site, 3) ? site_add(&w->site, &modbus_gateway, "pump", "gateway") : NULL;
    if (!gateway)
        return;
    if (!w->first_gateway)
        w->first_gateway = gateway;
    struct modbus_poll *p = modbus_poll(s, w->scada, gateway, site_period(s, 2 * SECOND));
    for (uint32_t unit = 1; unit <= METERS && site_has_room(&w->site, 1); unit++) {
        struct device *meter = site_add_unit(&w->site, &power_meter, gateway, "modbus", unit);
        modbus_poll_add(p,
                        &(struct modbus_block){meter, (uint8_t)unit, MODBUS_READ_INPUT_REGISTERS, 3000, 6, 2310, 40});
    }
}

static void add_station(struct water *w)
{
    struct sim *s = w->site.sim;
    if (w->site.n_cells > 1)
        manage(s, w->office, site_add(&w->site, &core_switch, "pump", "switch"), false);
    add_simatic(w);
    add_modicon(w, "plc1");
    add_modicon(w, "plc2");
    add_rtu(w, "rtu1", 4);
    add_rtu(w, "rtu2", 5);
    add_meters(w);
}

/* ---- what people do ---- */

static void switch_pump(struct sim *s, void *subject)
{
    struct water *w = subject;
    struct modbus *m = &w->switched->link;
    if (!m->tcp.open)
        return;
    tcp_catch_up(s, &m->tcp);
    modbus_write_coil(s, m, m->tcp.ends[1].device, 255, 3, true);
    modbus_write_registers(s, m, m->tcp.ends[1].device, 255, 120, 2, 455);
    tcp_rest(s, &m->tcp);
}

static void acknowledge_alarm(struct sim *s, void *subject)
{
    struct water *w = subject;
    struct s7 *c = &w->panel->link;
    if (!c->tcp.open)
        return;
    tcp_catch_up(s, &c->tcp);
    s7_write_bit(s, c, 20, 4, 1, true);
    tcp_rest(s, &c->tcp);
}

static void operate_valve(struct sim *s, void *subject)
{
    struct water *w = subject;
    struct dnp3 *d = &w->operated->link;
    if (!d->tcp.open)
        return;
    tcp_catch_up(s, &d->tcp);
    dnp3_operate(s, d, 1, true);
    tcp_rest(s, &d->tcp);
}

static void change_program(struct sim *s, void *subject)
{
    struct water *w = subject;
    for (unsigned i = 0; i < w->n_worked_on; i++) {
        struct s7 c;
        s7_start(s, &c, w->engineer, w->worked_on[i]->link.tcp.ends[1].device);
        tcp_open(s, &c.tcp);
        s7_set_up(s, &c, S7_AS_PROGRAMMER);
        s7_read_name_plate(s, &c);
        tcp_wait(&c.tcp, 800 * MS);
        s7_stop(s, &c);
        s7_download_block(s, &c, "08", "OB", 1, 620);
        s7_download_block(s, &c, "0C", "FC", 12, 1540);
        s7_restart(s, &c);
        tcp_rest(s, &c.tcp);
        tcp_close(s, &c.tcp);
    }
}

static void serve(struct sim *s, void *subject)
{
    struct water *w = subject;
    uint64_t at_ns = s->now_ns;
    if (w->first_gateway)
        at_ns =
            http_get(s, w->laptop, w->first_gateway, "/index.htm", "MoxaHttp/2.2", "YWRtaW46bW94YQ==", "admin", at_ns);
    if (!w->n_worked_on)
        return;
    struct s7 c;
    s7_start(s, &c, w->laptop, w->worked_on[0]->link.tcp.ends[1].device);
    c.tcp.now_ns = at_ns + SECOND;
    tcp_open(s, &c.tcp);
    s7_set_up(s, &c, S7_AS_PROGRAMMER);
    s7_upload_block(s, &c, "08", "OB", 1, 620);
    s7_upload_block(s, &c, "0C", "FC", 12, 1540);
    tcp_rest(s, &c.tcp);
    tcp_close(s, &c.tcp);
}

/* ---- the control room ---- */

static void add_control_room(struct water *w)
{
    struct sim *s = w->site.sim;
    struct device *bridge = site_add_core(&w->site, &core_switch, "sw-core", 0);
    w->scada = site_add_core(&w->site, &scada_server, "scada", 1);
    w->operators = site_add_core(&w->site, &operator_station, "operator", 1);
    w->engineer = site_add_core(&w->site, &engineering_station, "engineering", 0);
    w->office = site_add_core(&w->site, &office_server, "office", 0);
    w->clock = site_add_core(&w->site, &clock_server, "clock", 0);
    struct device *ups = site_add_core(&w->site, &power_supply, "ups", 0);
    w->laptop = site_add_core(&w->site, &service_laptop, "service-nb07", 0);
    advertise(s, bridge);
    manage(s, w->office, bridge, false);
    manage(s, w->office, ups, true);
    keep_time(s, w->scada, w->clock);
    keep_time(s, w->operators, w->clock);
    keep_time(s, w->office, w->clock);
    sim_at(s, sim_part(s, 30), switch_pump, w);
    sim_at(s, sim_part(s, 35), acknowledge_alarm, w);
    sim_at(s, sim_part(s, 40), operate_valve, w);
    sim_at(s, sim_part(s, 55), change_program, w);
    visit(s, w->laptop, w->office, 70, serve, w);
}

void plant_water(struct sim *s)
{
    struct water *w = site_memory(s, sizeof *w);
    site_start(&w->site, s, NETWORK, &area_router);
    add_control_room(w);
    while (site_next_cell(&w->site)) {
        w->scada = site_next_server(&w->site, &scada_server, "scada", CELLS_PER_SCADA, w->scada);
        add_station(w);
    }
}

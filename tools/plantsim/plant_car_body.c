/* A car-body shop: cells with a controller in a chassis, drives, a weld timer and a conveyor; on the first line, PROFINET devices.
 *
 *   start-up    the line server opens sessions and reads the name plates of controllers, modules and drives
 *   normal      counts and currents are polled
 *   the engineer looks for PROFINET devices and reads what they are, loads a block into the conveyor's controller, starts a module anew
 *   an operator writes a set point
 *   a service technician comes with a laptop, and reads the conveyor's program
 *   faults      a weld timer refuses registers, drives fall silent */
#include "catalogue.h"
#include "enip_poll.h"
#include "housekeeping.h"
#include "modbus_poll.h"
#include "plants.h"
#include "s7_poll.h"
#include "site.h"
#include "speak_network.h"
#include "speak_profinet.h"

enum { NETWORK = 10 << 24 | 140 << 16, CELLS_PER_SERVER = 150, DRIVES = 3, DISTRIBUTED = 3 };

struct shop {
    struct site site;
    struct device *server, *operators, *engineer, *office, *clock, *laptop;
    struct device *distributed[DISTRIBUTED];
    unsigned n_distributed;
    struct enip_poll *written;
    struct device *conveyor;
};

static void add_chassis(struct shop *p)
{
    static const struct model *const modules[] = {&logix_processor, &digital_inputs, &digital_outputs, &analog_inputs};
    struct sim *s = p->site.sim;
    struct device *chassis = site_add(&p->site, &ethernet_bridge, "cell", "chassis");
    if (!chassis)
        return;
    struct enip_poll *poll = enip_poll(s, p->server, chassis, site_period(s, SECOND));
    for (uint32_t slot = 0; slot < sizeof modules / sizeof modules[0] && site_has_room(&p->site, 1); slot++)
        poll->modules[poll->n_modules++] = site_add_unit(&p->site, modules[slot], chassis, "cip", slot);
    if (!p->written && poll->n_modules)
        p->written = poll;
}

static void add_drives(struct shop *p)
{
    static const char *const names[DRIVES] = {"drive1", "drive2", "drive3"};
    struct sim *s = p->site.sim;
    for (unsigned i = 0; i < DRIVES; i++) {
        struct device *drive = site_add(&p->site, &powerflex_drive, "cell", names[i]);
        if (!drive)
            return;
        struct enip_poll *poll = enip_poll(s, p->server, drive, site_period(s, 2 * SECOND));
        if ((p->site.n_cells == 1 && i == 2) || random_below(&s->random, 80) == 0)
            poll_fall_silent(s, &poll->poll);
    }
}

static void add_weld_timer(struct shop *p)
{
    struct sim *s = p->site.sim;
    struct device *timer = site_add(&p->site, &wago_controller, "cell", "weld");
    if (!timer)
        return;
    struct modbus_poll *poll = modbus_poll(s, p->server, timer, site_period(s, 2 * SECOND));
    modbus_poll_add(poll, &(struct modbus_block){timer, 1, MODBUS_READ_INPUT_REGISTERS, 0, 10, 870, 90});
    modbus_poll_add(poll, &(struct modbus_block){timer, 1, MODBUS_READ_DISCRETE_INPUTS, 0, 16, 0, 0});
    poll->refused = p->site.n_cells == 1 ? 11 : 0;
}

static void add_conveyor(struct shop *p)
{
    struct sim *s = p->site.sim;
    struct device *plc = site_add(&p->site, &simatic_315, "cell", "conveyor");
    if (!plc)
        return;
    s7_poll(s, p->server, plc, S7_AS_PROGRAMMER, site_period(s, 2 * SECOND));
    if (p->conveyor)
        return;
    p->conveyor = plc;
    s7_poll(s, p->operators, plc, S7_AS_PANEL, 2 * SECOND);
}

static void add_distributed(struct shop *p)
{
    static const char *const names[DISTRIBUTED] = {"io1", "io2", "io3"};
    for (unsigned i = 0; i < DISTRIBUTED; i++) {
        struct device *io = site_add(&p->site, &distributed_io, "cell", names[i]);
        if (io)
            p->distributed[p->n_distributed++] = io;
    }
}

static void add_cell(struct shop *p)
{
    if (p->site.n_cells > 1)
        manage(p->site.sim, p->office, site_add(&p->site, &core_switch, "cell", "switch"), false);
    add_chassis(p);
    add_drives(p);
    add_weld_timer(p);
    add_conveyor(p);
    if (p->site.n_cells == 1)
        add_distributed(p);
}

/* ---- what people do ---- */

static void write_set_point(struct sim *s, void *subject)
{
    struct shop *p = subject;
    struct enip *c = &p->written->link;
    if (!c->tcp.open)
        return;
    tcp_catch_up(s, &c->tcp);
    enip_write_tag(s, c, 0, "Cell.TargetCurrent", 880);
    tcp_rest(s, &c->tcp);
}

static void look_for_devices(struct sim *s, void *subject)
{
    struct shop *p = subject;
    uint64_t at_ns = profinet_identify_all(s, p->engineer, p->distributed, p->n_distributed);
    for (unsigned i = 0; i < p->n_distributed; i++) {
        struct snmp c = snmp_start(p->engineer, p->distributed[i]);
        at_ns = snmp_read_system(s, &c, at_ns + 40 * MS);
    }
}

static void change_program(struct sim *s, void *subject)
{
    struct shop *p = subject;
    struct s7 c;
    s7_start(s, &c, p->engineer, p->conveyor);
    tcp_open(s, &c.tcp);
    s7_set_up(s, &c, S7_AS_PROGRAMMER);
    s7_stop(s, &c);
    s7_download_block(s, &c, "0C", "FC", 40, 2210);
    s7_restart(s, &c);
    tcp_rest(s, &c.tcp);
    tcp_close(s, &c.tcp);
}

static void start_module_anew(struct sim *s, void *subject)
{
    struct shop *p = subject;
    struct enip c;
    enip_start(s, &c, p->engineer, p->written->link.tcp.ends[1].device);
    tcp_open(s, &c.tcp);
    enip_register_session(s, &c);
    enip_reset(s, &c, 3);
    tcp_rest(s, &c.tcp);
    tcp_close(s, &c.tcp);
}

static void serve(struct sim *s, void *subject)
{
    struct shop *p = subject;
    struct s7 c;
    s7_start(s, &c, p->laptop, p->conveyor);
    tcp_open(s, &c.tcp);
    s7_set_up(s, &c, S7_AS_PROGRAMMER);
    s7_upload_block(s, &c, "0C", "FC", 40, 2210);
    tcp_rest(s, &c.tcp);
    tcp_close(s, &c.tcp);
}

void plant_car_body(struct sim *s)
{
    struct shop *p = site_memory(s, sizeof *p);
    struct site *site = &p->site;
    site_start(site, s, NETWORK, &area_router);
    struct device *bridge = site_add_core(site, &core_switch, "sw-shop", 0);
    p->server = site_add_core(site, &line_server, "line", 1);
    p->operators = site_add_core(site, &operator_station, "operator", 1);
    p->engineer = site_add_core(site, &engineering_station, "engineering", 0);
    p->office = site_add_core(site, &office_server, "office", 0);
    p->clock = site_add_core(site, &clock_server, "clock", 0);
    p->laptop = site_add_core(site, &service_laptop, "service-nb21", 0);
    advertise(s, bridge);
    manage(s, p->office, bridge, false);
    keep_time(s, p->server, p->clock);
    keep_time(s, p->office, p->clock);
    while (site_next_cell(site)) {
        p->server = site_next_server(site, &line_server, "line", CELLS_PER_SERVER, p->server);
        add_cell(p);
    }
    sim_at(s, sim_part(s, 20), look_for_devices, p);
    sim_at(s, sim_part(s, 35), write_set_point, p);
    sim_at(s, sim_part(s, 50), change_program, p);
    sim_at(s, sim_part(s, 60), start_module_anew, p);
    visit(s, p->laptop, p->office, 75, serve, p);
}

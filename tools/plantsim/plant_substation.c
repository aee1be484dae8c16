/* A 110 kV substation, and in larger plants the utility's other substations: a control centre, in each station a remote terminal unit and a
 * protection relay for each bay.
 *
 *   start-up    relays publish GOOSE; the station controller associates with each, the centre interrogates the units
 *   normal      measured values are told and read, relays report positions by themselves
 *   a fault on the line trips a relay: its GOOSE bursts, the unit tells of it
 *   an operator closes the breaker again, by command over the unit and by the station controller
 *   a service technician comes with a laptop and looks at the clock
 *   faults      a unit falls silent for a while */
#include "catalogue.h"
#include "housekeeping.h"
#include "plants.h"
#include "site.h"
#include "speak_goose.h"
#include "speak_network.h"
#include "substation_polls.h"

enum { NETWORK = 10 << 24 | 110 << 16, CELLS_PER_CENTRE = 150, BAYS = 7, VLAN_GOOSE = 10 };

struct substation {
    struct site site;
    struct device *centre, *controller, *clock, *laptop;
    struct iec104_poll *commanded;
    struct mms_poll *operated;
    struct goose *tripping;
};

/* The relay's logical device: bay and function, as system specifications name them. */
static void name_relay(struct device *relay, uint32_t station, uint32_t bay)
{
    struct cd_text name = cd_text_of(relay->name, sizeof relay->name);
    cd_text_str(&name, "S");
    cd_text_u64(&name, station);
    cd_text_str(&name, "E1Q");
    cd_text_u64(&name, bay);
    cd_text_str(&name, "FP1LD0");
}

static void add_relay(struct substation *u, uint32_t bay)
{
    struct sim *s = u->site.sim;
    struct device *relay = site_add(&u->site, &siprotec_7sj, "bay", "relay");
    if (!relay)
        return;
    name_relay(relay, u->site.n_cells, bay);
    struct mms_poll *p = mms_poll(s, u->controller, relay, site_period(s, 2 * SECOND));
    if (!u->operated)
        u->operated = p;
    if (u->site.n_cells > 1) /* the station bus of the others does not reach here */
        return;
    struct goose *g = goose_start(s, relay, (uint16_t)bay, VLAN_GOOSE);
    if (!u->tripping)
        u->tripping = g;
}

static void add_unit(struct substation *u)
{
    struct sim *s = u->site.sim;
    struct device *unit = site_add(&u->site, &remote_terminal_unit, "station", "rtu");
    if (!unit)
        return;
    struct iec104_poll *p =
        iec104_poll(s, u->centre, unit, (uint16_t)(u->site.n_cells % 60000), site_period(s, 2 * SECOND));
    if (!u->commanded)
        u->commanded = p;
    else if (random_below(&s->random, 30) == 0)
        poll_fall_silent(s, &p->poll);
}

static void command_breaker(struct sim *s, void *subject)
{
    struct substation *u = subject;
    struct iec104 *c = &u->commanded->link;
    if (!c->tcp.open)
        return;
    tcp_catch_up(s, &c->tcp);
    iec104_command(s, c, 5001, true);
    iec104_tell_change(s, c, 1, true);
    tcp_rest(s, &c->tcp);
}

static void operate_breaker(struct sim *s, void *subject)
{
    struct substation *u = subject;
    struct mms *c = &u->operated->link;
    if (!c->tcp.open)
        return;
    tcp_catch_up(s, &c->tcp);
    mms_operate(s, c, true);
    mms_report(s, c);
    tcp_rest(s, &c->tcp);
}

static void serve(struct sim *s, void *subject)
{
    struct substation *u = subject;
    http_get(s, u->laptop, u->clock, "/status.htm", "GoAhead-Webs", "dGVjaDpjbG9jaw==", "tech", s->now_ns);
}

static void add_control_centre(struct substation *u)
{
    struct sim *s = u->site.sim;
    struct device *bridge = site_add_core(&u->site, &core_switch, "sw-station", 0);
    u->centre = site_add_core(&u->site, &scada_server, "centre", 1);
    u->controller = site_add_core(&u->site, &scada_server, "controller", 1);
    u->clock = site_add_core(&u->site, &clock_server, "clock", 0);
    struct device *office = site_add_core(&u->site, &office_server, "office", 0);
    struct device *supply = site_add_core(&u->site, &power_supply, "ups", 0);
    u->laptop = site_add_core(&u->site, &office_laptop, "service-nb11", 0);
    advertise(s, bridge);
    manage(s, office, bridge, false);
    manage(s, office, supply, true);
    keep_time(s, u->centre, u->clock);
    keep_time(s, u->controller, u->clock);
    keep_time(s, office, u->clock);
    visit(s, u->laptop, office, 70, serve, u);
}

void plant_substation(struct sim *s)
{
    struct substation *u = site_memory(s, sizeof *u);
    site_start(&u->site, s, NETWORK, &area_router);
    add_control_centre(u);
    while (site_next_cell(&u->site)) {
        u->centre = site_next_server(&u->site, &scada_server, "centre", CELLS_PER_CENTRE, u->centre);
        if (u->site.n_cells > 1) /* the others have no station controller of their own that could be seen here */
            u->controller = u->centre;
        add_unit(u);
        for (uint32_t bay = 1; bay <= BAYS; bay++)
            add_relay(u, bay);
        add_unit(u);
    }
    sim_at(s, sim_part(s, 45), goose_trip, u->tripping);
    sim_at(s, sim_part(s, 50), command_breaker, u);
    sim_at(s, sim_part(s, 60), operate_breaker, u);
}

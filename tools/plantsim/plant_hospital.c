/* A hospital wing with its building management: air handling and room controllers on BACnet, room controllers on trunks behind them,
 * meters behind gateways, printers and power supplies; and monitors at the beds, which send to an integration engine.
 *
 *   start-up    the building server looks for controllers and reads name plates
 *   normal      temperatures and pressures are polled, monitors send what they measure
 *   an operator switches a fan
 *   a service technician comes with a laptop and looks at a controller's page
 *   faults      a meter gateway falls silent for a while */
#include "catalogue.h"
#include "housekeeping.h"
#include "modbus_poll.h"
#include "plants.h"
#include "site.h"
#include "speak_bacnet.h"
#include "speak_hl7.h"
#include "speak_network.h"

enum {
    BEDS = 2,
    NETWORK = 10 << 24 | 60 << 16,
    SEGMENT_BROADCAST = NETWORK | 255,
    CELLS_PER_SERVER = 100,
    ROOMS = 6,
    METERS = 3,
    VENDOR_JOHNSON = 5,
    FIRST_TRUNK = 2001
};

/* A controller with the rooms on its trunk. */
struct floor {
    struct bacnet link;
    struct bacnet_target targets[ROOMS + 1]; /* [0] is the controller */
    unsigned n_targets;
    bool known;
};

struct bed {
    struct poll poll;
    struct hl7 link;
};

struct hospital {
    struct site site;
    struct device *server, *engine, *office, *laptop, *clock;
    struct floor *switched, *announced[4]; /* on the core segment */
    unsigned n_announced;
    uint32_t instances;
};

static void poll_floor(struct sim *s, void *subject)
{
    struct floor *f = subject;
    bacnet_catch_up(s, &f->link);
    for (unsigned i = 0; i < f->n_targets && !f->known; i++)
        bacnet_read_name_plate(s, &f->link, &f->targets[i]);
    f->known = true;
    for (unsigned i = 0; i < f->n_targets; i++)
        bacnet_read_inputs(s, &f->link, &f->targets[i], i ? 2 : 8);
    sim_after(s, site_period(s, 5 * SECOND), poll_floor, f);
}

static struct floor *add_floor(struct hospital *h, const struct model *model, const char *name)
{
    struct sim *s = h->site.sim;
    struct device *controller = site_add(&h->site, model, "floor", name);
    if (!controller)
        return NULL;
    struct floor *f = site_memory(s, sizeof *f);
    bacnet_start(s, &f->link, h->server, controller);
    f->targets[f->n_targets++] = (struct bacnet_target){.device = controller, .instance = 1000 + h->instances++};
    sim_at(s, site_start_up(s), poll_floor, f);
    return f;
}

static void add_rooms(struct hospital *h, struct floor *f)
{
    for (uint8_t room = 1; room <= ROOMS && site_has_room(&h->site, 1); room++) {
        uint16_t network = (uint16_t)(FIRST_TRUNK + (h->site.n_cells - 1) % 60000);
        char slot[12];
        struct cd_text text = cd_text_of(slot, sizeof slot);
        cd_text_u64(&text, network);
        cd_text_char(&text, '.');
        cd_text_hex(&text, room, 2);
        struct device *d = plant_add_below(&h->site.sim->plant, &room_controller, f->targets[0].device, "bacnet", slot);
        struct cd_text name = cd_text_of(d->name, sizeof d->name);
        cd_text_str(&name, "room-");
        cd_text_u64(&name, h->site.n_cells * 100 + room);
        f->targets[f->n_targets++] =
            (struct bacnet_target){.device = d, .instance = 1000 + h->instances++, .network = network, .mac = room};
    }
}

/* A gateway with a single unit is none. */
static void add_meters(struct hospital *h)
{
    struct sim *s = h->site.sim;
    struct device *gateway = site_has_room(&h->site, 3) ? site_add(&h->site, &modbus_gateway, "floor", "meters") : NULL;
    if (!gateway)
        return;
    struct modbus_poll *p = modbus_poll(s, h->server, gateway, site_period(s, 10 * SECOND));
    for (uint32_t unit = 1; unit <= METERS && site_has_room(&h->site, 1); unit++) {
        struct device *meter = site_add_unit(&h->site, &power_meter, gateway, "modbus", unit);
        modbus_poll_add(p,
                        &(struct modbus_block){meter, (uint8_t)unit, MODBUS_READ_INPUT_REGISTERS, 3000, 6, 2310, 40});
    }
    if (h->site.n_cells == 1 || random_below(&s->random, 30) == 0)
        poll_fall_silent(s, &p->poll);
}

static void send_observation(struct sim *s, void *subject)
{
    struct bed *bed = subject;
    hl7_send_observation(s, &bed->link);
}

static void add_beds(struct hospital *h)
{
    static const char *const names[BEDS] = {"bed1", "bed2"};
    struct sim *s = h->site.sim;
    for (unsigned i = 0; i < BEDS; i++) {
        struct device *monitor = site_add(&h->site, &patient_monitor, "floor", names[i]);
        if (!monitor)
            return;
        struct bed *bed = site_memory(s, sizeof *bed);
        hl7_start(s, &bed->link, monitor, h->engine);
        bed->poll = (struct poll){
            .tcp = &bed->link.tcp, .subject = bed, .round = send_observation, .period_ns = site_period(s, 5 * SECOND)};
        poll_start(s, &bed->poll);
    }
}

static void announce_later(struct hospital *h, struct floor *f)
{
    if (f)
        h->announced[h->n_announced++] = f;
}

static void add_cell(struct hospital *h)
{
    add_beds(h);
    struct floor *engine = add_floor(h, &network_engine, "nae");
    if (engine)
        add_rooms(h, engine);
    add_meters(h);
    struct floor *air = add_floor(h, &air_controller, "air");
    if (h->site.n_cells == 1) {
        h->switched = engine;
        announce_later(h, engine);
        announce_later(h, air);
    }
    if (h->site.n_cells > 1) {
        manage(h->site.sim, h->office, site_add(&h->site, &printer, "floor", "printer"), false);
        manage(h->site.sim, h->office, site_add(&h->site, &power_supply, "floor", "ups"), true);
    }
}

static void look_for_controllers(struct sim *s, void *subject)
{
    struct hospital *h = subject;
    bacnet_who_is(s, h->server, SEGMENT_BROADCAST);
}

static void announce_controllers(struct sim *s, void *subject)
{
    struct hospital *h = subject;
    for (unsigned i = 0; i < h->n_announced; i++)
        bacnet_i_am(s, &h->announced[i]->targets[0], SEGMENT_BROADCAST, VENDOR_JOHNSON);
}

static void switch_fan(struct sim *s, void *subject)
{
    struct hospital *h = subject;
    if (!h->switched)
        return;
    bacnet_catch_up(s, &h->switched->link);
    bacnet_switch_output(s, &h->switched->link, &h->switched->targets[0], 2, true);
}

static void serve(struct sim *s, void *subject)
{
    struct hospital *h = subject;
    if (h->switched)
        http_get(s, h->laptop, h->switched->targets[0].device, "/metasys/", "Metasys", "c2VydmljZTpqY2k=", "service",
                 s->now_ns);
}

void plant_hospital(struct sim *s)
{
    struct hospital *h = site_memory(s, sizeof *h);
    struct site *site = &h->site;
    site_start(site, s, NETWORK, &area_router);
    struct device *bridge = site_add_core(site, &core_switch, "sw-wing", 0);
    h->server = site_add_core(site, &building_server, "building", 1);
    h->engine = site_add_core(site, &integration_engine, "engine", 0);
    h->office = site_add_core(site, &office_server, "office", 0);
    h->clock = site_add_core(site, &clock_server, "clock", 0);
    h->laptop = site_add_core(site, &office_laptop, "service-nb03", 0);
    advertise(s, bridge);
    manage(s, h->office, bridge, false);
    manage(s, h->office, site_add_core(site, &printer, "printer", 1), false);
    keep_time(s, h->server, h->clock);
    keep_time(s, h->office, h->clock);
    while (site_next_cell(site)) {
        h->server = site_next_server(site, &building_server, "building", CELLS_PER_SERVER, h->server);
        add_cell(h);
    }
    sim_at(s, s->start_ns + 200 * MS, look_for_controllers, h);
    sim_at(s, s->start_ns + 260 * MS, announce_controllers, h);
    sim_at(s, sim_part(s, 50), switch_fan, h);
    visit(s, h->laptop, h->office, 70, serve, h);
}

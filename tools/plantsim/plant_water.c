/* A water utility: a control room, and pumping stations with controllers, meters and remote terminal units. */
#include "catalogue.h"
#include "plants.h"
#include "poll.h"
#include "site.h"

enum { NETWORK = 10 << 24 | 20 << 16, CELLS_PER_SCADA = 50, METERS = 6 };

struct water {
    struct site site;
    struct device *scada;
};

static void add_controller(struct water *w)
{
    struct sim *s = w->site.sim;
    struct device *plc = site_add(&w->site, &modicon_m340, "pump", "plc");
    if (!plc)
        return;
    struct modbus_poll *p = poll_modbus(s, w->scada, plc, site_period(s, SECOND));
    poll_modbus_add(p, &(struct modbus_block){plc, 255, MODBUS_READ_HOLDING_REGISTERS, 100, 20, 480, 60});
    poll_modbus_add(p, &(struct modbus_block){plc, 255, MODBUS_READ_COILS, 0, 12, 0, 0});
}

static void add_meters(struct water *w)
{
    struct sim *s = w->site.sim;
    if (!site_has_room(&w->site, 3)) /* a gateway with a single unit is none */
        return;
    struct device *gateway = site_add(&w->site, &modbus_gateway, "pump", "gateway");
    struct modbus_poll *p = poll_modbus(s, w->scada, gateway, site_period(s, 2 * SECOND));
    for (uint32_t unit = 1; unit <= METERS && site_has_room(&w->site, 1); unit++) {
        struct device *meter = site_add_unit(&w->site, &power_meter, gateway, "modbus", unit);
        poll_modbus_add(p,
                        &(struct modbus_block){meter, (uint8_t)unit, MODBUS_READ_INPUT_REGISTERS, 3000, 6, 2310, 40});
    }
}

void plant_water(struct sim *s)
{
    struct water *w = site_memory(s, sizeof *w);
    site_start(&w->site, s, NETWORK, &area_router);
    while (site_next_cell(&w->site)) {
        if (w->site.n_cells % CELLS_PER_SCADA == 1)
            w->scada = site_add_core(&w->site, &scada_server, "scada", w->site.n_cells / CELLS_PER_SCADA + 1);
        add_controller(w);
        add_controller(w);
        add_meters(w);
    }
}

/* What all plants have in common: a core segment with the servers, and cells (stations, lines, bays, wards) of some devices each. The first cell is on
 * the core segment, so that a small plant is flat; the others are subnets behind routers.
 *
 *   10.A.0.0/24            core: servers from .10, routers from .200
 *   10.A.1.0/24 ...        one subnet for each cell, 250 to a second number */
#ifndef PLANTSIM_SITE_H
#define PLANTSIM_SITE_H

#include "sim.h"

struct site {
    struct sim *sim;
    uint32_t network;      /* 10.A.0.0 */
    struct device *router; /* of the cells that are being added */
    uint32_t n_routers, n_cells, core_hosts, cell_hosts;
    const struct model *router_model;
};

/* Room for n more devices? */
static inline bool site_has_room(const struct site *site, uint32_t n)
{
    return site->sim->plant.n_devices + n <= site->sim->plant.size;
}

void site_start(struct site *site, struct sim *s, uint32_t network, const struct model *router_model);
/* A server on the core segment, or NULL where the plant or the segment is full. A number above 0 is added to the name. */
struct device *site_add_core(struct site *site, const struct model *model, const char *name, uint32_t number);
/* Each so many cells have a server of their own: a new one where it is due and has room, else the present one. */
struct device *site_next_server(struct site *site, const struct model *model, const char *name, uint32_t cells,
                                struct device *present);
/* Begins a cell, with a router where it needs a new one; false where the plant is full. */
bool site_next_cell(struct site *site);
/* A device of the cell, named after it ("pump-7-plc"); NULL where the plant is full. */
struct device *site_add(struct site *site, const struct model *model, const char *prefix, const char *suffix);
/* A unit below the device, by number; NULL where the plant is full. */
struct device *site_add_unit(struct site *site, const struct model *model, struct device *parent, const char *scheme,
                             uint32_t number);

/* How often a device is asked: larger plants are asked more slowly, as their servers have more to do. */
uint64_t site_period(const struct sim *s, uint64_t small_plant_ns);
/* A time in the start-up phase by chance: devices come up one after the other. */
uint64_t site_start_up(struct sim *s);
/* Zeroed memory that lives as long as the simulation. */
void *site_memory(struct sim *s, size_t n);

#endif

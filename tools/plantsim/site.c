#include "site.h"

#include "base/text.h"

enum {
    CELLS_PER_ROUTER = 250,
    SUBNETS = 250,
    FIRST_HOST = 10,
    FIRST_SERVER = 10, /* on the core segment, up to the hosts of the first cell */
    FIRST_HOST_AT_CORE = 100,
    FIRST_ROUTER = 200
};

void site_start(struct site *site, struct sim *s, uint32_t network, const struct model *router_model)
{
    *site = (struct site){.sim = s, .network = network, .router_model = router_model};
}

static void append_number(struct cd_text *t, uint32_t number)
{
    if (!number)
        return;
    cd_text_char(t, '-');
    cd_text_u64(t, number);
}

struct device *site_add_core(struct site *site, const struct model *model, const char *name, uint32_t number)
{
    char buffer[32];
    struct cd_text text = cd_text_of(buffer, sizeof buffer);
    if (!site_has_room(site, 1) || FIRST_SERVER + site->core_hosts == FIRST_HOST_AT_CORE)
        return NULL;
    cd_text_str(&text, name);
    append_number(&text, number);
    return plant_add(&site->sim->plant, model, site->network + FIRST_SERVER + site->core_hosts++, NULL, buffer);
}

struct device *site_next_server(struct site *site, const struct model *model, const char *name, uint32_t cells,
                                struct device *present)
{
    bool is_due = site->n_cells % cells == 0;
    struct device *next = is_due ? site_add_core(site, model, name, site->n_cells / cells + 1) : NULL;
    return next ? next : present;
}

bool site_next_cell(struct site *site)
{
    bool needs_router = site->n_cells % CELLS_PER_ROUTER == 1;
    if (!site_has_room(site, 1))
        return false;
    if (needs_router && site_has_room(site, 2)) { /* the last device of all does with the router that is there */
        char name[32];
        struct cd_text text = cd_text_of(name, sizeof name);
        cd_text_str(&text, "router");
        append_number(&text, site->n_routers + 1);
        site->router = plant_add(&site->sim->plant, site->router_model,
                                 site->network + FIRST_ROUTER + site->n_routers++, NULL, name);
    }
    site->n_cells++;
    site->cell_hosts = 0;
    return true;
}

struct device *site_add(struct site *site, const struct model *model, const char *prefix, const char *suffix)
{
    char name[32];
    struct cd_text text = cd_text_of(name, sizeof name);
    uint32_t cell = site->n_cells - 1, subnet = site->network;
    if (!site_has_room(site, 1))
        return NULL;
    if (cell > 0)
        subnet += ((cell - 1) / SUBNETS << 16) + (((cell - 1) % SUBNETS + 1) << 8);
    cd_text_str(&text, prefix);
    append_number(&text, site->n_cells);
    cd_text_char(&text, '-');
    cd_text_str(&text, suffix);
    uint32_t host = (cell > 0 ? FIRST_HOST : FIRST_HOST_AT_CORE) + site->cell_hosts++;
    return plant_add(&site->sim->plant, model, subnet + host, cell > 0 ? site->router : NULL, name);
}

struct device *site_add_unit(struct site *site, const struct model *model, struct device *parent, const char *scheme,
                             uint32_t number)
{
    char slot[12];
    struct cd_text text = cd_text_of(slot, sizeof slot);
    if (!site_has_room(site, 1))
        return NULL;
    cd_text_u64(&text, number);
    return plant_add_below(&site->sim->plant, model, parent, scheme, slot);
}

uint64_t site_period(const struct sim *s, uint64_t small_plant_ns)
{
    uint64_t factor = 1 + s->devices / 400;
    return small_plant_ns * (factor < 40 ? factor : 40);
}

uint64_t site_start_up(struct sim *s)
{
    uint64_t phase_ns = (s->end_ns - s->start_ns) / 4, most_ns = s->devices < 100 ? 3 * SECOND : 120 * SECOND;
    return s->start_ns + SECOND / 2 + sim_between(s, 0, phase_ns < most_ns ? phase_ns : most_ns);
}

void *site_memory(struct sim *s, size_t n)
{
    return cd_arena_alloc(&s->memory, n);
}

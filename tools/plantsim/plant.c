#include "plant.h"

#include "base/memory.h"
#include "base/text.h"

enum { FIRST_EPHEMERAL_PORT = 49152 };

void plant_start(struct plant *p, uint32_t size)
{
    *p = (struct plant){.devices = cd_alloc(size, sizeof *p->devices), .size = size};
}

void plant_free(struct plant *p)
{
    cd_free(p->devices);
}

static struct device *add(struct plant *p, const struct model *model)
{
    struct device *d = &p->devices[p->n_devices];
    struct cd_text serial = cd_text_of(d->serial, sizeof d->serial);
    d->model = model;
    d->number = p->n_devices++;
    if (model->serial_prefix) {
        cd_text_str(&serial, model->serial_prefix);
        cd_text_u64(&serial, 100000 + (uint64_t)d->number * 37);
    }
    return d;
}

struct device *plant_add(struct plant *p, const struct model *model, uint32_t ip, struct device *router,
                         const char *name)
{
    struct device *d = add(p, model);
    struct cd_text text = cd_text_of(d->name, sizeof d->name);
    d->ip = ip;
    d->router = router;
    d->mac = (cd_mac)model->oui << 24 | ((0x100000u + p->macs_given++ * 0x11u) & 0xffffffu);
    d->ip_id = (uint16_t)(d->number * 7919u);
    d->last_port = (uint16_t)(FIRST_EPHEMERAL_PORT + d->number % 4096);
    cd_text_str(&text, name);
    return d;
}

struct device *plant_add_below(struct plant *p, const struct model *model, struct device *parent, const char *scheme,
                               const char *slot)
{
    struct device *d = add(p, model);
    struct cd_text text = cd_text_of(d->slot, sizeof d->slot);
    d->parent = parent;
    d->scheme = scheme;
    cd_text_str(&text, slot);
    return d;
}

uint16_t plant_next_port(struct device *d)
{
    d->last_port = d->last_port == UINT16_MAX ? FIRST_EPHEMERAL_PORT : (uint16_t)(d->last_port + 1);
    return d->last_port;
}

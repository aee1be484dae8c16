/* The best value of each attribute, and what was best to believe when. Conflicting facts are all kept; the best is the surest, then the one seen last. A
 * person's correction beats all. */
#include "hub/inventory/resolve.h"

#include "base/memory.h"
#include "hub/inventory/oui.h"
#include "observe/grow.h"
#include "observe/observer.h"

#include <stddef.h>
#include <string.h>

/* Attributes of which a device has one at a time. The others (services, software, users, ...) are lists, and stay facts. */
static bool is_single(uint8_t attribute)
{
    switch ((enum cd_attribute)attribute) {
    case CD_ATTRIBUTE_VENDOR:
    case CD_ATTRIBUTE_MODEL:
    case CD_ATTRIBUTE_ORDER_NUMBER:
    case CD_ATTRIBUTE_FIRMWARE:
    case CD_ATTRIBUTE_HARDWARE:
    case CD_ATTRIBUTE_SERIAL:
    case CD_ATTRIBUTE_NAME:
    case CD_ATTRIBUTE_OS:
    case CD_ATTRIBUTE_ROLE:
    case CD_ATTRIBUTE_LOCATION:
    case CD_ATTRIBUTE_CONTACT:
    case CD_ATTRIBUTE_DESCRIPTION:
    case CD_ATTRIBUTE_DOMAIN:
    case CD_ATTRIBUTE_DEVICE_TYPE:
    case CD_ATTRIBUTE_STATE:
    case CD_ATTRIBUTE_PROGRAM:
    case CD_ATTRIBUTE_INSTANCE: return true;
    default: return false;
    }
}

/* Whether a is to be believed rather than b. */
static bool beats(const struct cd_inventory *inv, const struct fact *a, const struct fact *b)
{
    if (a->confidence != b->confidence)
        return a->confidence > b->confidence;
    if (a->last_ns != b->last_ns)
        return a->last_ns > b->last_ns;
    int order = a->value == b->value ? 0 : strcmp(text_of(inv, a->value), text_of(inv, b->value));
    return order ? order < 0 : strcmp(text_of(inv, a->protocol), text_of(inv, b->protocol)) < 0;
}

static int tie_by_first(const void *context, uint32_t left, uint32_t right)
{
    const struct cd_inventory *inv = context;
    return beats(inv, &inv->facts.items[left], &inv->facts.items[right]) ? -1 : 1;
}

static void hold(struct cd_inventory *inv, const struct held *held, uint32_t first_of_attribute)
{
    while (inv->held.count > first_of_attribute && inv->held.items[inv->held.count - 1].from_ns == held->from_ns)
        inv->held.count--; /* it held for no time at all */
    struct held *last = inv->held.count > first_of_attribute ? &inv->held.items[inv->held.count - 1] : NULL;
    if (last && last->value == held->value) { /* better told, but the same */
        if (held->confidence > last->confidence) {
            last->confidence = held->confidence;
            last->protocol = held->protocol;
        }
        return;
    }
    if (last)
        last->to_ns = held->from_ns;
    CD_GROW(inv->held);
    inv->held.items[inv->held.count++] = *held;
}

/* Facts [from, to) of one asset are of one attribute: in the order of their appearance, each holds until a better one comes. */
static void trace_attribute(struct cd_inventory *inv, uint32_t asset, const uint32_t *facts, uint32_t n,
                            uint32_t attribute)
{
    struct sort_key *keys = cd_alloc(n, sizeof *keys);
    uint32_t first_of_attribute = inv->held.count;
    const struct fact *best = NULL;
    for (uint32_t i = 0; i < n; i++)
        keys[i] = (struct sort_key){.high = inv->facts.items[facts[i]].first_ns, .item = facts[i]};
    cd_sort_keys(keys, n, tie_by_first, inv);
    for (uint32_t i = 0; i < n; i++) {
        const struct fact *f = &inv->facts.items[keys[i].item];
        if (best && !beats(inv, f, best))
            continue;
        best = f;
        struct held held = {.asset = asset,
                            .attribute = attribute,
                            .value = f->value,
                            .protocol = f->protocol,
                            .confidence = f->confidence,
                            .from_ns = f->first_ns,
                            .reason = ""};
        hold(inv, &held, first_of_attribute);
    }
    cd_free(keys);
}

static const char **member_of(struct asset *asset, uint32_t attribute)
{
    switch ((enum cd_attribute)attribute) {
    case CD_ATTRIBUTE_NAME: return &asset->name;
    case CD_ATTRIBUTE_VENDOR: return &asset->vendor;
    case CD_ATTRIBUTE_MODEL: return &asset->model;
    case CD_ATTRIBUTE_ORDER_NUMBER: return &asset->order_number;
    case CD_ATTRIBUTE_FIRMWARE: return &asset->firmware;
    case CD_ATTRIBUTE_HARDWARE: return &asset->hardware;
    case CD_ATTRIBUTE_SERIAL: return &asset->serial;
    case CD_ATTRIBUTE_OS: return &asset->os;
    default: return NULL;
    }
}

/* Order numbers and models that tell their maker. */
static const char *vendor_of_order_number(const char *text)
{
    static const struct {
        const char *prefix, *vendor;
    } known[] = {
        {"6ES", "Siemens AG"},
        {"6GK", "Siemens AG"},
        {"6AV", "Siemens AG"},
        {"6SL", "Siemens AG"},
        {"6EP", "Siemens AG"},
        {"6MD", "Siemens AG"},
        {"7SJ", "Siemens AG"},
        {"1756-", "Rockwell Automation"},
        {"1769-", "Rockwell Automation"},
        {"1766-", "Rockwell Automation"},
        {"1763-", "Rockwell Automation"},
        {"1794-", "Rockwell Automation"},
        {"1734-", "Rockwell Automation"},
        {"2711", "Rockwell Automation"},
        {"5069-", "Rockwell Automation"},
        {"BMX", "Schneider Electric"},
        {"BME", "Schneider Electric"},
        {"TM2", "Schneider Electric"},
        {"140CPU", "Schneider Electric"},
        {"140 CPU", "Schneider Electric"},
        {"TSX", "Schneider Electric"},
        {"750-", "WAGO"},
        {"SEL-", "Schweitzer Engineering Laboratories"},
    };
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(text, known[i].prefix, strlen(known[i].prefix)) == 0)
            return known[i].vendor;
    return "";
}

static void find_oui_vendor(struct cd_inventory *inv, struct asset *asset)
{
    for (uint32_t i = 0; i < asset->n_interfaces && !*asset->oui_vendor; i++) {
        cd_mac mac;
        char name[CD_TEXT_MAX + 1];
        struct cd_text t = cd_text_of(name, sizeof name);
        address_id address = inv->interfaces.items[asset->first_interface + i].mac;
        if (address && cd_ip_get_mac(ip_of(inv, address), &mac) && cd_oui_vendor(mac, &t))
            asset->oui_vendor = cd_resolved_text(inv, t.at);
    }
}

/* Where nothing told the maker: the order number, then the holder of the MAC range. */
static void infer_vendor(struct cd_inventory *inv, uint32_t number)
{
    struct asset *asset = &inv->assets.items[number];
    const char *told_by_number = vendor_of_order_number(*asset->order_number ? asset->order_number : asset->model);
    const char *vendor = *told_by_number ? told_by_number : asset->oui_vendor;
    if (*asset->vendor || !*vendor)
        return;
    asset->vendor = vendor;
    CD_GROW(inv->held);
    inv->held.items[inv->held.count++] = (struct held){
        .asset = number,
        .attribute = CD_ATTRIBUTE_VENDOR,
        .value = cd_inventory_text(inv, vendor, strlen(vendor)),
        .protocol = *told_by_number ? cd_inventory_text(inv, "order-number", 12) : cd_inventory_text(inv, "oui", 3),
        .confidence = *told_by_number ? 60 : 40,
        .from_ns = asset->first_ns,
        .reason = ""};
}

static uint32_t attribute_number(const char *name)
{
    for (uint32_t i = 0; i < CD_ATTRIBUTES; i++)
        if (strcmp(cd_attribute_name((enum cd_attribute)i), name) == 0)
            return i;
    return NONE;
}

/* A person's corrections; those of what classify.c decides are applied there. */
static void correct(struct cd_inventory *inv, uint32_t number)
{
    struct asset *asset = &inv->assets.items[number];
    for (uint32_t i = 0; i < inv->corrections.count; i++) {
        const struct correction *c = &inv->corrections.items[i];
        uint32_t attribute = attribute_number(text_of(inv, c->attribute));
        if (attribute == NONE || strcmp(text_of(inv, c->asset), asset->id) != 0)
            continue;
        const char **member = member_of(asset, attribute);
        if (member)
            *member = text_of(inv, c->value);
    }
}

void cd_resolve_attributes(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    for (uint32_t a = 0; a < inv->assets.count; a++) {
        struct asset *asset = &inv->assets.items[a];
        asset->name = asset->vendor = asset->model = asset->order_number = asset->firmware = asset->hardware =
            asset->serial = asset->os = asset->oui_vendor = "";
        const uint32_t *facts = asset->n_facts ? inv->asset_facts.items + asset->first_fact : NULL;
        for (uint32_t from = 0, to; from < asset->n_facts; from = to) {
            uint8_t attribute = inv->facts.items[facts[from]].attribute;
            for (to = from + 1; to < asset->n_facts && inv->facts.items[facts[to]].attribute == attribute;)
                to++;
            if (!is_single(attribute))
                continue;
            trace_attribute(inv, a, facts + from, to - from, attribute);
            const char **member = member_of(asset, attribute);
            if (member)
                *member = text_of(inv, inv->held.items[inv->held.count - 1].value);
        }
        find_oui_vendor(inv, asset);
        infer_vendor(inv, a);
        if (inv->corrections.count)
            correct(inv, a);
    }
}

/* Which addresses exist. A device exists once it has sent something: packets of a conversation, an ARP claim, or a
 * link-layer announcement. Addresses that are only spoken to, or only spoken about, are no devices. */
#include "hub/inventory/resolve.h"

#include "base/memory.h"
#include "observe/grow.h"
#include "observe/observer.h"

#include <string.h>

/* Addresses that a group of routers shares: VRRP (RFC 9568 7.3) and CARP, HSRP version 1, 2 and for IPv6, GLBP. */
static bool is_virtual_router(cd_mac mac)
{
    static const struct {
        uint64_t prefix;
        unsigned bits;
    } ranges[] = {
        {0x00005e000100, 40}, {0x00005e000200, 40}, {0x00000c07ac00, 40},
        {0x00000c9ff000, 36}, {0x000573a00000, 36}, {0x0007b4000000, 24},
    };
    for (unsigned i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (mac >> (48 - ranges[i].bits) == ranges[i].prefix >> (48 - ranges[i].bits))
            return true;
    return false;
}

static void describe_places(struct work *w)
{
    for (uint32_t i = 0; i < w->inv->addresses.count; i++) {
        struct place *place = &w->places[i];
        const struct cd_ip *ip = ip_of(w->inv, i);
        cd_mac mac;
        place->node = place->told_mac = NONE;
        place->is_mac = cd_ip_get_mac(ip, &mac);
        place->is_device = place->is_mac ? cd_mac_is_device(mac) : i && cd_ip_is_device(ip);
        place->is_virtual = place->is_mac && is_virtual_router(mac);
    }
}

static void has_sent(struct work *w, address_id address, uint64_t first_ns, uint64_t last_ns)
{
    struct place *place = &w->places[address];
    if (!place->is_device)
        return;
    if (!place->sent || first_ns < place->first_ns)
        place->first_ns = first_ns;
    if (!place->sent || last_ns > place->last_ns)
        place->last_ns = last_ns;
    place->sent = true;
}

static bool is_one_of(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

/* What an ADDRESS fact says: packets came from there, a claim in ARP (which is a sign of life of both), or a claim elsewhere. */
static void take_address_fact(struct work *w, const struct fact *f)
{
    static const char *const packets[] = {"ip", "ip-routed", NULL};
    const char *protocol = text_of(w->inv, f->protocol);
    struct cd_ip ip;
    if (!f->mac || !w->places[f->mac].is_device || !cd_ip_parse(text_of(w->inv, f->value), &ip))
        return;
    if (cd_ip_is_unspecified(&ip) && is_one_of(protocol, packets))
        has_sent(w, f->mac, f->first_ns, f->last_ns); /* a device that has no address yet */
    if (!cd_ip_is_device(&ip))
        return;
    bool near = strcmp(protocol, "ip") == 0, sourced = near || is_one_of(protocol, packets),
         arp = strcmp(protocol, "arp") == 0;
    address_id address = cd_inventory_address(w->inv, &ip); /* known already: see the caller */
    if (sourced || arp)
        has_sent(w, address, f->first_ns, f->last_ns);
    if (f->confidence < 50)
        return; /* a claim that its own frame belies */
    if (sourced || arp || strcmp(protocol, "nd") == 0 || strcmp(protocol, "icmpv6") == 0)
        has_sent(w, f->mac, f->first_ns, f->last_ns);
    CD_GROW(w->bindings);
    w->bindings.items[w->bindings.count++] = (struct binding){.mac = f->mac,
                                                              .ip = address,
                                                              .claimed = !sourced,
                                                              .sourced = sourced,
                                                              .near = near,
                                                              .first_ns = f->first_ns,
                                                              .last_ns = f->last_ns,
                                                              .count = f->count};
}

/* Values of ADDRESS and GATEWAY facts get address numbers before the tables by address are made. */
void cd_inventory_number_addresses(struct cd_inventory *inv)
{
    for (uint32_t i = 0; i < inv->facts.count; i++) {
        const struct fact *f = &inv->facts.items[i];
        struct cd_ip ip;
        if ((f->attribute == CD_ATTRIBUTE_ADDRESS || f->attribute == CD_ATTRIBUTE_GATEWAY ||
             f->attribute == CD_ATTRIBUTE_HARDWARE_ADDRESS)) {
            cd_mac mac;
            if (cd_ip_parse(text_of(inv, f->value), &ip)) {
                cd_inventory_address(inv, &ip);
            } else if (cd_mac_parse(text_of(inv, f->value), &mac)) {
                ip = cd_ip_of_mac(mac);
                cd_inventory_address(inv, &ip);
            }
        }
    }
}

/* Facts told over someone else's word say nothing about whether the MAC itself has sent. */
static void take_other_fact(struct work *w, const struct fact *f)
{
    static const char *const relayed[] = {"dhcp", "dhcpv6", "snmp", "nbns", "bacnet", NULL};
    struct cd_ip ip;
    if (f->attribute == CD_ATTRIBUTE_GATEWAY && cd_ip_parse(text_of(w->inv, f->value), &ip))
        w->places[cd_inventory_address(w->inv, &ip)].is_gateway = true;
    if (f->mac && !f->ip && !is_one_of(text_of(w->inv, f->protocol), relayed))
        has_sent(w, f->mac, f->first_ns, f->last_ns);
}

static void speaks(struct work *w, struct spoken *last, address_id address, text_id protocol, bool serves)
{
    struct spoken *l = &last[address];
    if (!protocol || !w->places[address].is_device || (l->protocol == protocol && (serves ? l->serves : l->asks)))
        return;
    if (l->protocol != protocol)
        *l = (struct spoken){.protocol = protocol};
    *(serves ? &l->serves : &l->asks) = true;
    CD_GROW(w->spoken);
    w->spoken.items[w->spoken.count++] =
        (struct spoken){.address = address, .protocol = protocol, .serves = serves, .asks = !serves};
}

/* A BACnet device tells who it is without being asked for anything (ASHRAE 135 16.9.2, 16.9.4): that is an answer, though no request stands before it, and
 * who only does that to all asks nobody. */
static bool is_announcement(const struct cd_inventory *inv, const struct operation *op)
{
    const char *code = text_of(inv, op->code);
    return strcmp(text_of(inv, op->protocol), "bacnet") == 0 &&
           (strcmp(code, "unconfirmed:0") == 0 || strcmp(code, "unconfirmed:1") == 0);
}

static bool asks_by_operations(const struct work *w, const struct conversation *c)
{
    return !w->places[c->server].is_device && strcmp(text_of(w->inv, c->protocol), "bacnet") == 0;
}

static void take_traffic(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    struct spoken *last =
        cd_alloc(inv->addresses.count, sizeof *last); /* what was noted for each address last: most repeat it */
    for (uint32_t i = 0; i < inv->conversations.count; i++) {
        const struct conversation *c = &inv->conversations.items[i];
        if (c->client_packets) {
            has_sent(w, c->client, c->first_ns, c->last_ns);
            if (!asks_by_operations(w, c))
                speaks(w, last, c->client, c->protocol, false);
        }
        if (c->server_packets) {
            has_sent(w, c->server, c->first_ns, c->last_ns);
            speaks(w, last, c->server, c->protocol, true);
        }
    }
    for (uint32_t i = 0; i < inv->operations.count; i++) {
        const struct operation *op = &inv->operations.items[i];
        if (op->requests)
            speaks(w, last, op->client, op->protocol, is_announcement(inv, op));
        if (op->responses)
            speaks(w, last, op->server, op->protocol, true);
    }
    cd_free(last);
}

void cd_resolve_presence(struct work *w)
{
    describe_places(w);
    take_traffic(w);
    for (uint32_t i = 0; i < w->inv->facts.count; i++) {
        const struct fact *f = &w->inv->facts.items[i];
        if (f->attribute == CD_ATTRIBUTE_ADDRESS && !f->nested)
            take_address_fact(w, f);
        else if (!f->nested)
            take_other_fact(w, f);
    }
}

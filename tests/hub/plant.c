#include "plant.h"

#include "base/memory.h"
#include "observe/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define START_NS 1700000000000000000u
enum { BATCHES = 256, TEXTS = 16, SENSORS = 8 };

struct plant {
    struct cd_observer *observer;
    struct {
        uint8_t *bytes;
        size_t len;
    } batches[BATCHES];
    unsigned n_batches;
    uint64_t sequences[SENSORS];
    struct cd_inventory *inventory;
    char *texts[TEXTS];
    unsigned n_texts;
};

struct plant *plant_new(void)
{
    struct plant *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->observer = cd_observer_new(NULL);
    return p;
}

void plant_free(struct plant *p)
{
    for (unsigned i = 0; i < p->n_batches; i++)
        free(p->batches[i].bytes);
    for (unsigned i = 0; i < p->n_texts; i++)
        free(p->texts[i]);
    cd_inventory_free(p->inventory);
    cd_observer_free(p->observer);
    free(p);
}

static uint64_t time_of(unsigned at)
{
    return START_NS + (uint64_t)at * 1000000000;
}

static struct cd_ip address(const char *text)
{
    struct cd_ip ip;
    cd_mac mac;
    if (cd_mac_parse(text, &mac))
        return cd_ip_of_mac(mac);
    if (!cd_ip_parse(text, &ip))
        fail_msg("%s is no address", text);
    return ip;
}

static void address_fact(struct plant *p, unsigned at, const char *mac, const char *ip, const char *protocol,
                         unsigned confidence)
{
    struct cd_subject subject = {.nested = ""};
    assert_true(cd_mac_parse(mac, &subject.mac));
    cd_observe_fact(p->observer, &subject, CD_ATTRIBUTE_ADDRESS, ip, strlen(ip), protocol, confidence, time_of(at));
}

void plant_packets(struct plant *p, unsigned at, const char *mac, const char *ip)
{
    address_fact(p, at, mac, ip, "ip", 50);
}

void plant_routed_packets(struct plant *p, unsigned at, const char *mac, const char *ip)
{
    address_fact(p, at, mac, ip, "ip-routed", 50);
}

void plant_arp(struct plant *p, unsigned at, const char *mac, const char *ip)
{
    address_fact(p, at, mac, ip, "arp", 90);
}

void plant_fact(struct plant *p, unsigned at, const char *subject, const char *nested, enum cd_attribute attribute,
                const char *value, const char *protocol, unsigned confidence)
{
    struct cd_subject s = {.mac = CD_NO_MAC, .nested = nested};
    if (!cd_mac_parse(subject, &s.mac))
        s.ip = address(subject);
    cd_observe_fact(p->observer, &s, attribute, value, strlen(value), protocol, confidence, time_of(at));
}

static struct cd_conversation_entry *conversation(struct plant *p, unsigned at, const char *client, const char *server,
                                                  const char *protocol, uint16_t port)
{
    struct cd_ip c = address(client), s = address(server);
    uint32_t number = cd_observer_conversation(p->observer, &c, &s, CD_TRANSPORT_TCP, port, time_of(at));
    struct cd_conversation_entry *entry = &p->observer->conversations.items[number];
    entry->protocol = protocol;
    entry->confidence = 90;
    entry->client_packets += 3;
    entry->client_bytes += 200;
    entry->flows++;
    entry->last_ns = time_of(at) > entry->last_ns ? time_of(at) : entry->last_ns;
    return entry;
}

void plant_talk(struct plant *p, unsigned at, const char *client, const char *server, const char *protocol,
                uint16_t port)
{
    struct cd_conversation_entry *entry = conversation(p, at, client, server, protocol, port);
    entry->server_packets += 2;
    entry->server_bytes += 150;
}

void plant_ask(struct plant *p, unsigned at, const char *client, const char *server, const char *protocol,
               uint16_t port)
{
    (void)conversation(p, at, client, server, protocol, port);
}

void plant_operation(struct plant *p, unsigned at, const char *client, const char *server, const char *protocol,
                     const char *name, uint32_t code, enum cd_class class, const char *target)
{
    struct cd_ip c = address(client), s = address(server);
    struct cd_operation op = {.name = name, .code = code, .class = class, .target = target};
    cd_pair pair = cd_observe_pair(p->observer, &c, &s);
    uint32_t entry = cd_observe_request(p->observer, pair, protocol, &op, time_of(at), at);
    cd_observe_response(p->observer, entry, NULL, time_of(at));
}

void plant_refusal(struct plant *p, unsigned at, const char *client, const char *server, const char *protocol,
                   const char *name, uint32_t code, const char *error)
{
    struct cd_ip c = address(client), s = address(server);
    struct cd_operation op = {.name = name, .code = code, .class = CD_CLASS_READ, .target = ""};
    cd_pair pair = cd_observe_pair(p->observer, &c, &s);
    uint32_t entry = cd_observe_request(p->observer, pair, protocol, &op, time_of(at), at);
    cd_observe_response(p->observer, entry, error, time_of(at));
}

void plant_event(struct plant *p, unsigned at, uint64_t frame, enum cd_event_kind kind, const char *client,
                 const char *server, const char *detail)
{
    struct cd_ip c = address(client), s = address(server);
    cd_observe_event(p->observer, kind, "modbus", cd_observe_pair(p->observer, &c, &s), detail, time_of(at), frame);
}

static int keep_batch(void *context, const uint8_t *bytes, size_t len)
{
    struct plant *p = context;
    assert_true(p->n_batches < BATCHES && len >= 4);
    uint8_t *copy = malloc(len - 4); /* exact, so that one byte too far is seen */
    assert_non_null(copy);
    memcpy(copy, bytes + 4, len - 4);
    p->batches[p->n_batches].bytes = copy;
    p->batches[p->n_batches++].len = len - 4;
    return 0;
}

void plant_flush(struct plant *p, unsigned sensor)
{
    char id[16];
    snprintf(id, sizeof id, "sensor-%u", sensor);
    struct cd_flush_options options = {.sensor_id = id, .sequence = &p->sequences[sensor]};
    assert_int_equal(cd_observer_flush(p->observer, &options, keep_batch, p), 0);
}

unsigned plant_batches(const struct plant *p)
{
    return p->n_batches;
}

void plant_apply(const struct plant *p, unsigned batch, struct cd_inventory *inventory)
{
    struct cd_error e = {0};
    if (cd_inventory_apply(inventory, p->batches[batch].bytes, p->batches[batch].len, &e))
        fail_msg("%s", e.text);
}

struct cd_inventory *plant_resolve(struct plant *p)
{
    plant_flush(p, 0);
    cd_inventory_free(p->inventory);
    p->inventory = cd_inventory_new("default");
    for (unsigned i = 0; i < p->n_batches; i++)
        plant_apply(p, i, p->inventory);
    cd_inventory_resolve(p->inventory);
    return p->inventory;
}

const struct asset *plant_find(const struct cd_inventory *inv, const char *text)
{
    struct cd_ip ip = address(text);
    for (uint32_t i = 0; i < inv->interfaces.count; i++) {
        const struct interface *interface = &inv->interfaces.items[i];
        if (cd_ip_equal(ip_of(inv, interface->mac), &ip) ||
            (interface->ip && cd_ip_equal(ip_of(inv, interface->ip), &ip)))
            return &inv->assets.items[interface->asset];
    }
    return NULL;
}

const struct asset *plant_asset(const struct cd_inventory *inv, const char *text)
{
    const struct asset *asset = plant_find(inv, text);
    if (!asset)
        fail_msg("no asset has %s", text);
    return asset;
}

const struct asset *plant_nested(const struct cd_inventory *inv, const char *text, const char *nested)
{
    const struct asset *above = plant_asset(inv, text);
    for (uint32_t i = 0; i < inv->assets.count; i++) {
        const struct asset *asset = &inv->assets.items[i];
        if (asset->parent == (uint32_t)(above - inv->assets.items) && strcmp(text_of(inv, asset->nested), nested) == 0)
            return asset;
    }
    fail_msg("%s has nothing at %s", text, nested);
    return NULL;
}

bool plant_same(const struct cd_inventory *inv, const char *a, const char *b)
{
    return plant_asset(inv, a) == plant_asset(inv, b);
}

bool plant_has_ip(const struct cd_inventory *inv, const struct asset *asset, const char *text)
{
    struct cd_ip ip = address(text);
    for (uint32_t i = 0; i < asset->n_interfaces; i++)
        if (cd_ip_equal(ip_of(inv, inv->interfaces.items[asset->first_interface + i].ip), &ip))
            return true;
    return false;
}

const char *plant_json(struct plant *p, const struct cd_inventory *inv)
{
    struct cd_error e = {0};
    int fd = memfd_create("json", MFD_CLOEXEC);
    assert_true(fd >= 0 && p->n_texts < TEXTS);
    if (cd_inventory_write_json(inv, fd, &e))
        fail_msg("%s", e.text);
    off_t len = lseek(fd, 0, SEEK_END);
    char *text = calloc((size_t)len + 1, 1);
    assert_non_null(text);
    assert_int_equal(pread(fd, text, (size_t)len, 0), len);
    close(fd);
    return p->texts[p->n_texts++] = text;
}

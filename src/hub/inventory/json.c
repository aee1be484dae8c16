/* The document of `cordon analyze --json`: docs/analyze.schema.json says what each field means. Everything is sorted by content, so the same
 * observations give the same bytes. One asset, conversation, operation or event a line. */
#include "base/json.h"

#include "base/memory.h"
#include "hub/inventory/classify.h"
#include "hub/inventory/order.h"
#include "hub/inventory/oui.h"
#include "hub/inventory/show.h"
#include "observe/observer.h"

#include <string.h>

enum { DOCUMENT_VERSION = 1 };

/* ---- addresses, whose text is made once where many rows name them ---- */

static void put_address(struct cd_json *j, const struct cd_inventory *inv, address_id address)
{
    char buffer[64];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_char(&t, '"');
    cd_text_address(&t, inv, address);
    cd_text_char(&t, '"');
    cd_json_comma(j);
    cd_json_raw(j, t.at, t.len);
}

static void put_ends(struct cd_json *j, const struct cd_inventory *inv, address_id client, address_id server)
{
    CD_JSON_KEY(j, "client");
    put_address(j, inv, client);
    CD_JSON_KEY(j, "server");
    put_address(j, inv, server);
}

static void put_span(struct cd_json *j, uint64_t first_ns, uint64_t last_ns)
{
    CD_JSON_KEY(j, "first");
    cd_json_time(j, first_ns);
    CD_JSON_KEY(j, "last");
    cd_json_time(j, last_ns);
}

/* ---- captures and trust ---- */

static int compare_strings(const struct cd_inventory *inv, text_id a, text_id b)
{
    return strcmp(text_of(inv, a), text_of(inv, b));
}

static int tie_problems(const void *context, uint32_t a, uint32_t b)
{
    const struct cd_inventory *inv = context;
    return compare_strings(inv, inv->problems.items[a].text, inv->problems.items[b].text);
}

/* Problems of one capture (or, by NONE, of the whole), sorted. */
static void put_problems(struct cd_json *j, const struct cd_inventory *inv, uint32_t number)
{
    uint32_t n = 0;
    struct sort_key *keys = cd_alloc(inv->problems.count, sizeof *keys);
    for (uint32_t i = 0; i < inv->problems.count; i++)
        if (inv->problems.items[i].number == number)
            keys[n++].item = i;
    cd_sort_keys(keys, n, tie_problems, inv);
    for (uint32_t i = 0; i < n; i++)
        cd_json_text(j, text_of(inv, inv->problems.items[keys[i].item].text));
    cd_free(keys);
}

static void put_captures(struct cd_json *j, const struct cd_inventory *inv)
{
    struct sort_key *keys = cd_alloc(inv->captures.count, sizeof *keys);
    for (uint32_t i = 0; i < inv->captures.count; i++)
        keys[i] = (struct sort_key){.high = inv->captures.items[i].number, .item = i};
    cd_sort_keys(keys, inv->captures.count, NULL, NULL);
    CD_JSON_KEY(j, "captures");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < inv->captures.count; i++) {
        const struct capture_record *c = &inv->captures.items[keys[i].item];
        cd_json_line(j);
        cd_json_open(j, '{');
        CD_JSON_KEY(j, "file");
        cd_json_text(j, text_of(inv, c->name));
        CD_JSON_KEY(j, "packets");
        cd_json_u64(j, c->frames);
        CD_JSON_KEY(j, "bytes");
        cd_json_u64(j, c->bytes);
        put_span(j, c->first_ns, c->last_ns);
        CD_JSON_KEY(j, "problems");
        cd_json_open(j, '[');
        put_problems(j, inv, c->number);
        cd_json_close(j, ']');
        cd_json_close(j, '}');
    }
    cd_json_close(j, ']');
    cd_free(keys);
}

static int tie_protocols(const void *context, uint32_t a, uint32_t b)
{
    const struct cd_inventory *inv = context;
    return compare_strings(inv, inv->protocols.items[a].protocol, inv->protocols.items[b].protocol);
}

static int tie_layers(const void *context, uint32_t a, uint32_t b)
{
    const struct cd_inventory *inv = context;
    return compare_strings(inv, inv->layers.items[a].layer, inv->layers.items[b].layer);
}

/* A share with six decimals: enough to show, and the same text everywhere. */
static void put_share(struct cd_json *j, uint64_t part, uint64_t whole)
{
    char digits[16];
    struct cd_text t = cd_text_of(digits, sizeof digits);
    uint64_t millionths = whole ? (uint64_t)((unsigned __int128)part * 1000000 / whole) : 0;
    cd_text_u64(&t, millionths / 1000000);
    cd_text_char(&t, '.');
    for (uint64_t unit = 100000; unit; unit /= 10)
        cd_text_char(&t, (char)('0' + millionths / unit % 10));
    cd_json_comma(j);
    cd_json_raw(j, t.at, t.len);
}

static void put_protocols(struct cd_json *j, const struct cd_inventory *inv)
{
    uint32_t n = inv->protocols.count;
    struct sort_key *keys = cd_alloc(n, sizeof *keys);
    for (uint32_t i = 0; i < n; i++)
        keys[i].item = i;
    cd_sort_keys(keys, n, tie_protocols, inv);
    CD_JSON_KEY(j, "protocols");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < n; i++) {
        const struct protocol_health *p = &inv->protocols.items[keys[i].item];
        cd_json_line(j);
        cd_json_open(j, '{');
        CD_JSON_KEY(j, "protocol");
        cd_json_text(j, text_of(inv, p->protocol));
        CD_JSON_KEY(j, "messages");
        cd_json_u64(j, p->messages);
        CD_JSON_KEY(j, "bytes");
        cd_json_u64(j, p->bytes);
        CD_JSON_KEY(j, "malformed");
        cd_json_u64(j, p->malformed);
        CD_JSON_KEY(j, "not_understood_bytes");
        cd_json_u64(j, p->malformed_bytes);
        CD_JSON_KEY(j, "not_understood_share");
        put_share(j, p->malformed_bytes, p->bytes);
        CD_JSON_KEY(j, "cut");
        cd_json_u64(j, p->cut);
        cd_json_close(j, '}');
    }
    cd_json_close(j, ']');
    cd_free(keys);
}

static void put_layers(struct cd_json *j, const struct cd_inventory *inv)
{
    uint32_t n = inv->layers.count;
    struct sort_key *keys = cd_alloc(n, sizeof *keys);
    for (uint32_t i = 0; i < n; i++)
        keys[i].item = i;
    cd_sort_keys(keys, n, tie_layers, inv);
    CD_JSON_KEY(j, "bad_frames_by_layer");
    cd_json_open(j, '{');
    for (uint32_t i = 0; i < n; i++) {
        cd_json_key(j, text_of(inv, inv->layers.items[keys[i].item].layer));
        cd_json_u64(j, inv->layers.items[keys[i].item].bad_frames);
    }
    cd_json_close(j, '}');
    cd_free(keys);
}

/* Counters of how the work was done rather than of the traffic: they differ with the number of workers. */
enum { COUNTER_ALLOCATIONS = 30, COUNTER_READ_BYTES = 31 };

/* All other counters, by name. */
static void put_counters(struct cd_json *j, const struct cd_inventory *inv)
{
#define PUT(number, name)                                                                                              \
    if (number != COUNTER_ALLOCATIONS && number != COUNTER_READ_BYTES) {                                               \
        CD_JSON_KEY(j, #name);                                                                                         \
        cd_json_u64(j, inv->counters.name);                                                                            \
    }
    CD_HEALTH_COUNTERS(PUT)
#undef PUT
    CD_JSON_KEY(j, "dropped_by_hub");
    cd_json_u64(j, inv->dropped);
}

static void put_limitation(void *context, const char *text)
{
    cd_json_text(context, text);
}

static void put_trust_object(struct cd_json *j, const struct cd_inventory *inv)
{
    cd_json_open(j, '{');
    CD_JSON_KEY(j, "limitations");
    cd_json_open(j, '[');
    cd_inventory_limitations(inv, put_limitation, j);
    put_problems(j, inv, NONE);
    cd_json_close(j, ']');
    put_counters(j, inv);
    put_layers(j, inv);
    put_protocols(j, inv);
    cd_json_close(j, '}');
}

char *cd_inventory_trust_json(const struct cd_inventory *inv, size_t *ret_len)
{
    struct cd_json json;
    cd_json_start_memory(&json);
    put_trust_object(&json, inv);
    return cd_json_take(&json, ret_len);
}

/* ---- assets ---- */

static void put_names(struct cd_json *j, const struct cd_inventory *inv, const struct asset *asset)
{
    text_id last = 0;
    bool best_told = false;
    CD_JSON_KEY(j, "names");
    cd_json_open(j, '[');
    if (*asset->name) {
        cd_json_text(j, asset->name);
        best_told = true;
    }
    for (uint32_t i = 0; i < asset->n_facts; i++) {
        const struct fact *f = &inv->facts.items[inv->asset_facts.items[asset->first_fact + i]];
        if (f->attribute != CD_ATTRIBUTE_NAME || f->value == last ||
            (best_told && strcmp(text_of(inv, f->value), asset->name) == 0))
            continue;
        last = f->value;
        cd_json_text(j, text_of(inv, f->value));
    }
    cd_json_close(j, ']');
}

static int tie_rank(const void *context, uint32_t a, uint32_t b)
{
    const struct cd_inventory *inv = context;
    return cd_ip_compare(ip_of(inv, a), ip_of(inv, b));
}

/* The MACs or the IPs of an asset, each once. */
static void put_addresses(struct cd_json *j, const struct cd_inventory *inv, const struct asset *asset, bool macs)
{
    uint32_t n = 0;
    struct sort_key *keys = cd_alloc(asset->n_interfaces, sizeof *keys);
    for (uint32_t i = 0; i < asset->n_interfaces; i++) {
        const struct interface *interface = &inv->interfaces.items[asset->first_interface + i];
        address_id address = macs ? interface->mac : interface->ip;
        if (address)
            keys[n++].item = address;
    }
    cd_sort_keys(keys, n, tie_rank, inv);
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || keys[i].item != keys[i - 1].item)
            put_address(j, inv, keys[i].item);
    cd_json_close(j, ']');
    cd_free(keys);
}

static void put_fact(struct cd_json *j, const char *attribute, const char *value, const char *protocol,
                     unsigned confidence, uint64_t first_ns, uint64_t last_ns)
{
    cd_json_open(j, '{');
    CD_JSON_KEY(j, "attribute");
    cd_json_text(j, attribute);
    CD_JSON_KEY(j, "value");
    cd_json_text(j, value);
    CD_JSON_KEY(j, "protocol");
    cd_json_text(j, protocol);
    CD_JSON_KEY(j, "confidence");
    cd_json_u64(j, confidence);
    put_span(j, first_ns, last_ns);
    cd_json_close(j, '}');
}

static void put_facts(struct cd_json *j, const struct cd_inventory *inv, const struct asset *asset)
{
    CD_JSON_KEY(j, "facts");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < asset->n_facts;) {
        struct fact f = inv->facts.items[inv->asset_facts.items[asset->first_fact + i]];
        for (i++; i < asset->n_facts; i++) { /* told of several of its addresses: one fact */
            const struct fact *more = &inv->facts.items[inv->asset_facts.items[asset->first_fact + i]];
            if (more->attribute != f.attribute || more->value != f.value || more->protocol != f.protocol)
                break;
            f.confidence = more->confidence > f.confidence ? more->confidence : f.confidence;
            f.first_ns = more->first_ns < f.first_ns ? more->first_ns : f.first_ns;
            f.last_ns = more->last_ns > f.last_ns ? more->last_ns : f.last_ns;
        }
        put_fact(j, cd_attribute_name((enum cd_attribute)f.attribute), text_of(inv, f.value), text_of(inv, f.protocol),
                 f.confidence, f.first_ns, f.last_ns);
    }
    if (*asset->oui_vendor)
        put_fact(j, "vendor", asset->oui_vendor, "oui", 40, asset->first_ns, asset->last_ns);
    cd_json_close(j, ']');
}

static void put_merges(struct cd_json *j, const struct cd_inventory *inv, const struct asset *asset)
{
    CD_JSON_KEY(j, "merged");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < asset->n_merges; i++) {
        cd_json_open(j, '{');
        CD_JSON_KEY(j, "id");
        cd_json_text(j, inv->merges.items[asset->first_merge + i].id);
        CD_JSON_KEY(j, "evidence");
        cd_json_text(j, inv->merges.items[asset->first_merge + i].evidence);
        cd_json_close(j, '}');
    }
    cd_json_close(j, ']');
}

#define PUT_TEXT_OR_NULL(j, key, text)                                                                                 \
    do {                                                                                                               \
        CD_JSON_KEY(j, key);                                                                                           \
        cd_json_text_or_null(j, text);                                                                                 \
    } while (0)

static void put_asset(struct cd_json *j, const struct cd_inventory *inv, const struct asset *asset)
{
    cd_json_open(j, '{');
    CD_JSON_KEY(j, "id");
    cd_json_text(j, asset->id);
    CD_JSON_KEY(j, "kind");
    cd_json_text(j, cd_asset_kind_name(asset->kind));
    CD_JSON_KEY(j, "type");
    cd_json_text(j, asset->type);
    PUT_TEXT_OR_NULL(j, "vendor", asset->vendor);
    PUT_TEXT_OR_NULL(j, "model", asset->model);
    PUT_TEXT_OR_NULL(j, "order_number", asset->order_number);
    PUT_TEXT_OR_NULL(j, "firmware", asset->firmware);
    PUT_TEXT_OR_NULL(j, "hardware", asset->hardware);
    PUT_TEXT_OR_NULL(j, "serial", asset->serial);
    put_names(j, inv, asset);
    CD_JSON_KEY(j, "macs");
    put_addresses(j, inv, asset, true);
    CD_JSON_KEY(j, "ips");
    put_addresses(j, inv, asset, false);
    CD_JSON_KEY(j, "purdue");
    if (*asset->purdue) {
        cd_json_comma(j);
        cd_json_raw(j, asset->purdue, strlen(asset->purdue));
    } else {
        cd_json_null(j);
    }
    CD_JSON_KEY(j, "parent");
    cd_json_text_or_null(j, asset->parent == NONE ? "" : inv->assets.items[asset->parent].id);
    PUT_TEXT_OR_NULL(j, "slot", asset->slot);
    CD_JSON_KEY(j, "protocols");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < asset->n_talks; i++)
        cd_json_text(j, text_of(inv, inv->talks.items[asset->first_talk + i].protocol));
    cd_json_close(j, ']');
    put_facts(j, inv, asset);
    PUT_TEXT_OR_NULL(j, "os", asset->os);
    CD_JSON_KEY(j, "category");
    cd_json_text_or_null(j, asset->category);
    CD_JSON_KEY(j, "role");
    cd_json_text_or_null(j, asset->role);
    CD_JSON_KEY(j, "criticality");
    if (asset->criticality)
        cd_json_u64(j, asset->criticality);
    else
        cd_json_null(j);
    CD_JSON_KEY(j, "reason");
    cd_json_text(j, asset->reason);
    CD_JSON_KEY(j, "router");
    cd_json_text_or_null(j, asset->router == NONE ? "" : inv->assets.items[asset->router].id);
    put_merges(j, inv, asset);
    put_span(j, asset->first_ns, asset->last_ns);
    cd_json_close(j, '}');
}

/* ---- what happened ---- */

static void put_conversations(struct cd_json *j, const struct cd_inventory *inv)
{
    static const char *const transports[] = {"\"eth\"", "\"ip\"", "\"tcp\"", "\"udp\""};
    uint32_t *order = cd_inventory_order_conversations(inv);
    CD_JSON_KEY(j, "conversations");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < inv->conversations.count; i++) {
        const struct conversation *c = &inv->conversations.items[order[i]];
        const char *transport = transports[c->transport & 3];
        cd_json_line(j);
        cd_json_open(j, '{');
        put_ends(j, inv, c->client, c->server);
        CD_JSON_KEY(j, "transport");
        cd_json_comma(j);
        cd_json_raw(j, transport, strlen(transport));
        CD_JSON_KEY(j, "port");
        cd_json_u64(j, c->port);
        CD_JSON_KEY(j, "protocol");
        cd_json_text(j, text_of(inv, c->protocol));
        CD_JSON_KEY(j, "packets");
        cd_json_u64(j, c->client_packets + c->server_packets);
        CD_JSON_KEY(j, "bytes");
        cd_json_u64(j, c->client_bytes + c->server_bytes);
        put_span(j, c->first_ns, c->last_ns);
        cd_json_close(j, '}');
    }
    cd_json_close(j, ']');
    cd_free(order);
}

static void put_operations(struct cd_json *j, const struct cd_inventory *inv)
{
    uint32_t n, *order = cd_inventory_order_operations(inv, UINT32_MAX, &n);
    CD_JSON_KEY(j, "operations");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < n; i++) {
        const struct operation *op = &inv->operations.items[order[i]];
        cd_json_line(j);
        cd_json_open(j, '{');
        put_ends(j, inv, op->client, op->server);
        CD_JSON_KEY(j, "protocol");
        cd_json_text(j, text_of(inv, op->protocol));
        CD_JSON_KEY(j, "operation");
        cd_json_text(j, text_of(inv, op->name));
        CD_JSON_KEY(j, "code");
        cd_json_text(j, text_of(inv, op->code));
        CD_JSON_KEY(j, "class");
        cd_json_text(j, cd_class_name((enum cd_class)op->class));
        CD_JSON_KEY(j, "target");
        cd_json_text(j, text_of(inv, op->target));
        CD_JSON_KEY(j, "requests");
        cd_json_u64(j, op->requests);
        CD_JSON_KEY(j, "responses");
        cd_json_u64(j, op->responses);
        CD_JSON_KEY(j, "errors");
        cd_json_u64(j, op->errors);
        CD_JSON_KEY(j, "last_error");
        cd_json_text_or_null(j, text_of(inv, op->last_error));
        put_span(j, op->first_ns, op->last_ns);
        cd_json_close(j, '}');
    }
    cd_json_close(j, ']');
    cd_free(order);
}

static void put_end_or_null(struct cd_json *j, const struct cd_inventory *inv, address_id address)
{
    if (address)
        put_address(j, inv, address);
    else
        cd_json_null(j);
}

static void put_events(struct cd_json *j, const struct cd_inventory *inv)
{
    uint32_t n, *order = cd_inventory_order_events(inv, UINT32_MAX, &n);
    CD_JSON_KEY(j, "events");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < n; i++) {
        const struct event *event = &inv->events.items[order[i]];
        cd_json_line(j);
        cd_json_open(j, '{');
        CD_JSON_KEY(j, "time");
        cd_json_time(j, event->time_ns);
        CD_JSON_KEY(j, "kind");
        cd_json_text(j, cd_event_kind_name((enum cd_event_kind)event->kind));
        CD_JSON_KEY(j, "protocol");
        cd_json_text(j, text_of(inv, event->protocol));
        CD_JSON_KEY(j, "client");
        put_end_or_null(j, inv, event->client);
        CD_JSON_KEY(j, "server");
        put_end_or_null(j, inv, event->server);
        CD_JSON_KEY(j, "detail");
        cd_json_text(j, text_of(inv, event->detail));
        CD_JSON_KEY(j, "frame");
        cd_json_u64(j, event->frame);
        CD_JSON_KEY(j, "capture");
        cd_json_u64(j, event->source);
        cd_json_close(j, '}');
    }
    cd_json_close(j, ']');
    cd_free(order);
}

int cd_inventory_write_json(const struct cd_inventory *inv, int fd, struct cd_error *e)
{
    struct cd_json json, *j = &json;
    cd_json_start(j, fd);
    cd_json_open(j, '{');
    CD_JSON_KEY(j, "schema");
    cd_json_text(j, "cordon.analyze");
    CD_JSON_KEY(j, "version");
    cd_json_u64(j, DOCUMENT_VERSION);
    put_captures(j, inv);
    CD_JSON_KEY(j, "trust");
    put_trust_object(j, inv);
    CD_JSON_KEY(j, "assets");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < inv->assets.count; i++) {
        cd_json_line(j);
        put_asset(j, inv, &inv->assets.items[i]);
    }
    cd_json_close(j, ']');
    put_conversations(j, inv);
    put_operations(j, inv);
    put_events(j, inv);
    cd_json_close(j, '}');
    cd_json_raw(j, "\n", 1);
    return cd_json_finish(j, "the JSON document", e);
}

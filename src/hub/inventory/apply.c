/* A decoded batch into the model. Texts are numbered by batch; they get the inventory's numbers once per batch. */
#include "hub/inventory/model.h"

#include "base/hash.h"
#include "base/memory.h"
#include "observe/decode.h"
#include "observe/grow.h"
#include "observe/observer.h"
#include "observe/tables.h"

#include <string.h>

struct applying {
    struct cd_inventory *inv;
    text_id *texts; /* by the batch's number */
    uint32_t source;
    bool again; /* this batch has been applied before */
};

/* Notes the batch as applied; true where it has been already. */
static bool was_applied(struct cd_inventory *inv, const struct cd_batch *batch)
{
    struct applied key = {.sensor = cd_inventory_text(inv, batch->sensor_id, strlen(batch->sensor_id)),
                          .sequence = batch->sequence};
    uint64_t hash = cd_hash_u64(key.sensor, key.sequence);
    struct cd_probe probe = cd_index_probe(&inv->applied_index, hash);
    for (uint32_t at; (at = cd_index_next(&inv->applied_index, &probe)) != CD_INDEX_NONE;)
        if (inv->applied.items[at].sensor == key.sensor && inv->applied.items[at].sequence == key.sequence)
            return true;
    CD_GROW(inv->applied);
    inv->applied.items[inv->applied.count] = key;
    cd_index_insert(&inv->applied_index, hash, inv->applied.count++);
    return false;
}

static void begin(void *context, const struct cd_batch *batch)
{
    struct applying *a = context;
    a->again = was_applied(a->inv, batch);
    a->source = batch->source;
    a->texts = cd_alloc((size_t)batch->n_texts + 1, sizeof *a->texts);
}

static void take_text(void *context, uint32_t number, const char *bytes, size_t len)
{
    struct applying *a = context;
    if (!a->again)
        a->texts[number] = cd_inventory_text(a->inv, bytes, len);
}

static void take_fact(void *context, const struct cd_seen_fact *seen)
{
    struct applying *a = context;
    cd_mac mac = seen->mac;
    struct cd_ip ip = seen->ip;
    if (a->again)
        return;
    cd_mac of_ip;
    if (cd_ip_get_mac(&ip, &of_ip)) { /* what speaks below IP gives its MAC as its address */
        mac = mac == CD_NO_MAC ? of_ip : mac;
        ip = (struct cd_ip){0};
    }
    struct cd_ip mac_ip = {0};
    if (mac != CD_NO_MAC)
        mac_ip = cd_ip_of_mac(mac);
    struct fact fact = {.mac = cd_inventory_address(a->inv, &mac_ip),
                        .ip = cd_inventory_address(a->inv, &ip),
                        .nested = a->texts[seen->nested],
                        .value = a->texts[seen->value],
                        .protocol = a->texts[seen->protocol],
                        .attribute = (uint8_t)seen->attribute,
                        .confidence = seen->confidence,
                        .first_ns = seen->first_ns,
                        .last_ns = seen->last_ns,
                        .count = seen->count};
    if ((fact.mac || fact.ip) && fact.value)
        cd_inventory_add_fact(a->inv, &fact);
}

static uint32_t to32(uint64_t value)
{
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static void take_conversation(void *context, const struct cd_seen_conversation *seen)
{
    struct applying *a = context;
    if (a->again)
        return;
    struct conversation c = {.client = cd_inventory_address(a->inv, &seen->client),
                             .server = cd_inventory_address(a->inv, &seen->server),
                             .protocol = a->texts[seen->protocol],
                             .port = seen->port,
                             .transport = (uint8_t)seen->transport,
                             .confidence = seen->confidence,
                             .first_ns = seen->first_ns,
                             .last_ns = seen->last_ns,
                             .client_packets = seen->client_packets,
                             .server_packets = seen->server_packets,
                             .client_bytes = seen->client_bytes,
                             .server_bytes = seen->server_bytes,
                             .gap_bytes = seen->gap_bytes,
                             .flows = to32(seen->flows),
                             .one_sided_flows = to32(seen->one_sided_flows),
                             .retransmissions = to32(seen->retransmissions),
                             .gaps = to32(seen->gaps),
                             .resets = to32(seen->resets),
                             .refused = to32(seen->refused)};
    cd_inventory_add_conversation(a->inv, &c);
}

static text_id code_text(struct applying *a, const struct cd_seen_operation *seen)
{
    char buffer[2 * CD_TEXT_MAX];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    text_id space = a->texts[seen->code_space], text = a->texts[seen->code_text];
    cd_operation_code_text(&t, space ? text_of(a->inv, space) : NULL, text ? text_of(a->inv, text) : NULL, seen->code);
    return cd_inventory_text(a->inv, t.at, t.len);
}

static void take_operation(void *context, const struct cd_seen_operation *seen)
{
    struct applying *a = context;
    if (a->again)
        return;
    struct operation op = {.client = cd_inventory_address(a->inv, &seen->client),
                           .server = cd_inventory_address(a->inv, &seen->server),
                           .protocol = a->texts[seen->protocol],
                           .name = a->texts[seen->name],
                           .code = code_text(a, seen),
                           .target = a->texts[seen->target],
                           .class = (uint8_t)seen->class,
                           .requests = seen->requests,
                           .responses = seen->responses,
                           .errors = seen->errors,
                           .first_ns = seen->first_ns,
                           .last_ns = seen->last_ns,
                           .last_error = a->texts[seen->last_error],
                           .last_error_ns = a->texts[seen->last_error] ? seen->last_ns : 0};
    cd_inventory_add_operation(a->inv, &op);
}

static void take_event(void *context, const struct cd_seen_event *seen)
{
    struct applying *a = context;
    if (a->again)
        return;
    struct event event = {.kind = (uint8_t)seen->kind,
                          .source = a->source,
                          .protocol = a->texts[seen->protocol],
                          .detail = a->texts[seen->detail],
                          .client = cd_inventory_address(a->inv, &seen->client),
                          .server = cd_inventory_address(a->inv, &seen->server),
                          .time_ns = seen->time_ns,
                          .frame = seen->frame};
    cd_inventory_add_event(a->inv, &event);
}

static void take_health(void *context, const struct cd_health *counters)
{
    struct applying *a = context;
    if (!a->again)
        cd_inventory_add_counters(a->inv, counters);
}

static void take_layer(void *context, const struct cd_seen_layer *seen)
{
    struct applying *a = context;
    if (!a->again)
        cd_inventory_add_layer(a->inv, a->texts[seen->layer], seen->bad_frames);
}

static void take_protocol(void *context, const struct cd_seen_protocol *seen)
{
    struct applying *a = context;
    if (a->again)
        return;
    struct protocol_health p = {.protocol = a->texts[seen->protocol],
                                .messages = seen->messages,
                                .bytes = seen->bytes,
                                .malformed = seen->malformed,
                                .malformed_bytes = seen->malformed_bytes,
                                .cut = seen->cut};
    cd_inventory_add_protocol(a->inv, &p);
}

static void take_capture(void *context, const struct cd_seen_capture *seen)
{
    struct applying *a = context;
    if (a->again)
        return;
    struct capture_record c = {.number = seen->number,
                               .name = a->texts[seen->name],
                               .frames = seen->frames,
                               .bytes = seen->bytes,
                               .first_ns = seen->first_ns,
                               .last_ns = seen->last_ns};
    cd_inventory_add_capture(a->inv, &c);
    if (a->texts[seen->problem])
        cd_inventory_add_problem(a->inv, seen->number, text_of(a->inv, a->texts[seen->problem]));
}

int cd_inventory_apply(struct cd_inventory *inv, const uint8_t *batch, size_t len, struct cd_error *e)
{
    struct applying applying = {.inv = inv};
    const struct cd_observation_visitor visitor = {.context = &applying,
                                                   .begin = begin,
                                                   .text = take_text,
                                                   .fact = take_fact,
                                                   .conversation = take_conversation,
                                                   .operation = take_operation,
                                                   .event = take_event,
                                                   .health = take_health,
                                                   .health_layer = take_layer,
                                                   .health_protocol = take_protocol,
                                                   .health_capture = take_capture};
    int result = cd_observation_decode(batch, len, &visitor, e);
    cd_free(applying.texts);
    return result;
}

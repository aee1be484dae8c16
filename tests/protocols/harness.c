#include "harness.h"

#include "base/memory.h"
#include "flow/flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct harness {
    const struct cd_dissector *dissector;
    enum cd_transport transport;
    struct cd_observer *observer;
    struct cd_flow flow;
    struct cd_packet packet;
    uint8_t *waiting[2]; /* stream bytes not yet a whole message, by direction (0: from the client) */
    size_t n_waiting[2];
    uint32_t skip[2];
};

static const cd_mac ends_mac[2] = {0x020000000001, 0x020000000002};

struct harness *harness_new(const struct cd_dissector *dissector, enum cd_transport transport, uint16_t server_port)
{
    static const uint8_t client[4] = {10, 0, 0, 1}, server[4] = {10, 0, 0, 2};
    struct harness *h = calloc(1, sizeof *h);
    uint16_t ip_protocol = dissector->ip_protocols[0];
    const uint16_t *ports = transport == CD_TRANSPORT_TCP   ? dissector->tcp_ports
                            : transport == CD_TRANSPORT_UDP ? dissector->udp_ports
                            : transport == CD_TRANSPORT_IP  ? &ip_protocol
                                                            : dissector->ethertypes;
    h->dissector = dissector;
    h->transport = transport;
    h->observer = cd_observer_new(NULL);
    h->flow.client_port = transport == CD_TRANSPORT_ETH || transport == CD_TRANSPORT_IP ? 0 : 50000;
    h->flow.server_port = server_port ? server_port : ports[0];
    h->flow.pair = h->flow.reverse_pair = CD_PAIR_NONE;
    h->flow.dissector = dissector;
    h->flow.client = transport == CD_TRANSPORT_ETH ? cd_ip_of_mac(ends_mac[0]) : cd_ip_of4(client);
    h->flow.server = transport == CD_TRANSPORT_ETH ? cd_ip_of_mac(ends_mac[1]) : cd_ip_of4(server);
    h->flow.dissector_state = dissector->state_size ? cd_alloc(1, dissector->state_size) : NULL;
    h->packet.time_ns = 1700000000000000000u;
    h->packet.ttl = 255; /* as Neighbour Discovery wants it */
    return h;
}

void harness_free(struct harness *h)
{
    cd_observer_free(h->observer);
    cd_free(h->flow.pendings);
    if (h->flow.dissector_state && h->dissector->end)
        h->dissector->end(h->flow.dissector_state);
    cd_free(h->flow.dissector_state);
    free(h->waiting[0]);
    free(h->waiting[1]);
    free(h);
}

void harness_set_ends(struct harness *h, const char *client, const char *server, uint8_t ttl)
{
    assert_true(cd_ip_parse(client, &h->flow.client));
    assert_true(cd_ip_parse(server, &h->flow.server));
    h->packet.ttl = ttl;
}

static uint32_t dissect_one(struct harness *h, bool from_client, const uint8_t *bytes, size_t len, bool cut)
{
    uint8_t *exact = malloc(len ? len : 1);
    if (len)
        memcpy(exact, bytes, len);
    struct cd_message m = {
        .observer = h->observer,
        .packet = &h->packet,
        .flow = &h->flow,
        .dissector = h->dissector,
        .state = h->flow.dissector_state,
        .client = h->flow.client,
        .server = h->flow.server,
        .client_port = h->flow.client_port,
        .server_port = h->flow.server_port,
        .transport = h->transport,
        .sent_by_client_end = from_client,
        .from_client = from_client,
        .cut = cut,
    };
    struct cd_reader r = cd_reader_of(exact, len);
    h->packet.payload = exact;
    h->packet.payload_len = h->packet.payload_wire_len = (uint32_t)len;
    h->dissector->dissect(&m, &r);
    free(exact);
    return m.skip;
}

static void start_packet(struct harness *h, bool from_client)
{
    struct cd_packet *p = &h->packet;
    p->time_ns += 1000000;
    p->frame++;
    p->transport = h->transport;
    p->src_mac = ends_mac[!from_client];
    p->dst_mac = ends_mac[from_client];
    if (h->transport == CD_TRANSPORT_ETH) {
        p->ethertype = h->flow.server_port;
        return;
    }
    p->has_ip = true;
    p->ethertype = CD_ETHERTYPE_IPV4;
    p->ip_protocol = h->transport == CD_TRANSPORT_TCP   ? 6
                     : h->transport == CD_TRANSPORT_UDP ? 17
                                                        : h->dissector->ip_protocols[0];
    p->src = p->outer_src = from_client ? h->flow.client : h->flow.server;
    p->dst = p->outer_dst = from_client ? h->flow.server : h->flow.client;
    p->src_port = from_client ? h->flow.client_port : h->flow.server_port;
    p->dst_port = from_client ? h->flow.server_port : h->flow.client_port;
}

static void drain(struct harness *h, bool from_client)
{
    size_t d = !from_client, limit = h->dissector->max_message ? h->dissector->max_message : 65536;
    while (h->n_waiting[d]) {
        size_t n = h->skip[d] < h->n_waiting[d] ? h->skip[d] : h->n_waiting[d];
        if (n == 0) {
            uint8_t *exact = malloc(h->n_waiting[d]);
            memcpy(exact, h->waiting[d], h->n_waiting[d]);
            ssize_t message = h->dissector->frame(h->flow.dissector_state, exact, h->n_waiting[d], from_client);
            free(exact);
            if (message == CD_FRAME_MORE && h->n_waiting[d] < limit)
                return;
            if (message < 0 || message == CD_FRAME_MORE) {
                h->n_waiting[d] = 0; /* the flow room would look for the next segment that begins a message */
                return;
            }
            if ((size_t)message > h->n_waiting[d])
                return;
            h->skip[d] = dissect_one(h, from_client, h->waiting[d], (size_t)message, false);
            n = (size_t)message;
        } else {
            h->skip[d] -= (uint32_t)n;
        }
        memmove(h->waiting[d], h->waiting[d] + n, h->n_waiting[d] - n);
        h->n_waiting[d] -= n;
    }
}

void harness_send(struct harness *h, bool from_client, const void *bytes, size_t len)
{
    size_t d = !from_client;
    start_packet(h, from_client);
    if (h->transport != CD_TRANSPORT_TCP || !h->dissector->frame) {
        dissect_one(h, from_client, bytes, len, false);
        return;
    }
    h->waiting[d] = realloc(h->waiting[d], h->n_waiting[d] + len + 1);
    memcpy(h->waiting[d] + h->n_waiting[d], bytes, len);
    h->n_waiting[d] += len;
    drain(h, from_client);
}

void harness_send_cut(struct harness *h, bool from_client, const void *bytes, size_t len)
{
    start_packet(h, from_client);
    dissect_one(h, from_client, bytes, len, true);
}

size_t harness_hex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;
    int high = -1;
    for (; *hex; hex++) {
        int v = *hex >= '0' && *hex <= '9'                 ? *hex - '0'
                : (*hex | 32) >= 'a' && (*hex | 32) <= 'f' ? (*hex | 32) - 'a' + 10
                                                           : -1;
        if (v < 0)
            continue;
        if (high < 0) {
            high = v;
            continue;
        }
        assert_true(n < cap);
        out[n++] = (uint8_t)(high << 4 | v);
        high = -1;
    }
    assert_int_equal(high, -1);
    return n;
}

size_t harness_file(const char *path, uint8_t *out, size_t cap)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s: cannot be opened", path);
    size_t n = fread(out, 1, cap, f);
    bool whole = n < cap;
    fclose(f);
    assert_true(whole);
    return n;
}

size_t harness_file_in(const char *folder, const char *name, uint8_t *out, size_t cap)
{
    char path[1024];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, folder);
    cd_text_str(&t, name);
    return harness_file(path, out, cap);
}

void harness_send_file_in(struct harness *h, bool from_client, const char *folder, const char *name)
{
    enum { LARGEST = 65536 };
    uint8_t *bytes = cd_alloc(LARGEST, 1);
    harness_send(h, from_client, bytes, harness_file_in(folder, name, bytes, LARGEST));
    cd_free(bytes);
}

void harness_send_hex(struct harness *h, bool from_client, const char *hex)
{
    size_t cap = strlen(hex) / 2 + 1;
    uint8_t *bytes = malloc(cap);
    harness_send(h, from_client, bytes, harness_hex(hex, bytes, cap));
    free(bytes);
}

static bool code_matches(const struct cd_operation_entry *e, const char *code)
{
    char buffer[64];
    struct cd_text text = cd_text_of(buffer, sizeof buffer);
    cd_operation_code_text(&text, e->code_space, e->code_text, e->code);
    return !code || strcmp(code, buffer) == 0;
}

struct harness_counts harness_operations(struct harness *h, const char *protocol, const char *code, const char *target)
{
    struct harness_counts c = {0};
    for (uint32_t i = 0; i < h->observer->operations.count; i++) {
        const struct cd_operation_entry *e = &h->observer->operations.items[i];
        if ((protocol && strcmp(protocol, e->protocol)) || !code_matches(e, code) ||
            (target && strcmp(target, e->target)))
            continue;
        c.entries++;
        c.requests += e->requests;
        c.responses += e->responses;
        c.errors += e->errors;
    }
    return c;
}

void harness_expect_operation(struct harness *h, const char *protocol, const char *code, const char *name,
                              enum cd_class class, const char *target, uint64_t requests, uint64_t responses,
                              uint64_t errors)
{
    struct harness_counts c = harness_operations(h, protocol, code, target);
    if (c.entries != 1 || c.requests != requests || c.responses != responses || c.errors != errors) {
        harness_print(h);
        fail_msg("%s %s \"%s\": %llu entries, %llu/%llu/%llu, expected one with %llu/%llu/%llu", protocol, code,
                 target ? target : "*", (unsigned long long)c.entries, (unsigned long long)c.requests,
                 (unsigned long long)c.responses, (unsigned long long)c.errors, (unsigned long long)requests,
                 (unsigned long long)responses, (unsigned long long)errors);
    }
    for (uint32_t i = 0; i < h->observer->operations.count; i++) {
        const struct cd_operation_entry *e = &h->observer->operations.items[i];
        if (strcmp(protocol, e->protocol) || !code_matches(e, code) || (target && strcmp(target, e->target)))
            continue;
        assert_string_equal(e->name, name);
        assert_string_equal(cd_class_name(e->class), cd_class_name(class));
    }
}

const char *harness_fact(struct harness *h, enum cd_attribute attribute, const char *nested)
{
    for (uint32_t i = 0; i < h->observer->facts.count; i++) {
        const struct cd_fact_entry *e = &h->observer->facts.items[i];
        if (e->attribute == attribute && strcmp(e->nested, nested) == 0)
            return e->value;
    }
    return NULL;
}

bool harness_has_fact(struct harness *h, enum cd_attribute attribute, const char *nested, const char *value)
{
    for (uint32_t i = 0; i < h->observer->facts.count; i++) {
        const struct cd_fact_entry *e = &h->observer->facts.items[i];
        if (e->attribute == attribute && strcmp(e->nested, nested) == 0 && strcmp(e->value, value) == 0)
            return true;
    }
    return false;
}

uint64_t harness_events(struct harness *h, enum cd_event_kind kind)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < h->observer->events.count; i++)
        n += h->observer->events.items[i].kind == kind;
    return n;
}

const char *harness_event_detail(struct harness *h, enum cd_event_kind kind)
{
    for (uint32_t i = 0; i < h->observer->events.count; i++)
        if (h->observer->events.items[i].kind == kind)
            return h->observer->events.items[i].detail;
    return NULL;
}

struct cd_observer *harness_observer(struct harness *h)
{
    return h->observer;
}

static void print_ip(const char *label, const struct cd_ip *ip)
{
    char buffer[64];
    struct cd_text text = cd_text_of(buffer, sizeof buffer);
    cd_mac mac;
    if (cd_ip_get_mac(ip, &mac))
        cd_text_mac(&text, mac);
    else
        cd_text_ip(&text, ip);
    printf("%s%s ", label, buffer);
}

void harness_print(struct harness *h)
{
    for (uint32_t i = 0; i < h->observer->operations.count; i++) {
        const struct cd_operation_entry *e = &h->observer->operations.items[i];
        char buffer[64];
        struct cd_text code = cd_text_of(buffer, sizeof buffer);
        cd_operation_code_text(&code, e->code_space, e->code_text, e->code);
        print_ip("operation ", &h->observer->pairs.items[e->pair].client);
        print_ip("-> ", &h->observer->pairs.items[e->pair].server);
        printf("%s %s %s [%s] \"%s\" %llu/%llu/%llu %s\n", e->protocol, buffer, e->name, cd_class_name(e->class),
               e->target, (unsigned long long)e->requests, (unsigned long long)e->responses,
               (unsigned long long)e->errors, e->last_error ? e->last_error : "");
    }
    for (uint32_t i = 0; i < h->observer->facts.count; i++) {
        const struct cd_fact_entry *e = &h->observer->facts.items[i];
        char buffer[64];
        struct cd_text mac = cd_text_of(buffer, sizeof buffer);
        if (e->mac != CD_NO_MAC)
            cd_text_mac(&mac, e->mac);
        print_ip("fact ", &e->ip);
        printf("%s %s %s = \"%s\" (%s, %u)\n", buffer, e->nested, cd_attribute_name(e->attribute), e->value,
               e->protocol, e->confidence);
    }
    for (uint32_t i = 0; i < h->observer->events.count; i++) {
        const struct cd_event_entry *e = &h->observer->events.items[i];
        printf("event %s %s \"%s\"\n", cd_event_kind_name(e->kind), e->protocol, e->detail);
    }
}

void harness_every_prefix(const struct cd_dissector *dissector, enum cd_transport transport, bool from_client,
                          const void *bytes, size_t len, bool datagram_prefix_may_be_valid)
{
    bool stream = transport == CD_TRANSPORT_TCP && dissector->frame;
    for (size_t n = 0; n < len; n++) {
        struct harness *h = harness_new(dissector, transport, 0);
        start_packet(h, from_client);
        if (stream) {
            uint8_t *exact = malloc(n ? n : 1);
            memcpy(exact, bytes, n);
            ssize_t message = n ? dissector->frame(h->flow.dissector_state, exact, n, from_client) : 0;
            free(exact);
            if (message > 0 && (size_t)message <= n && !datagram_prefix_may_be_valid)
                fail_msg("a prefix of %zu of %zu bytes passes for a message of %zd", n, len, message);
        } else {
            dissect_one(h, from_client, bytes, n, false);
            if (!datagram_prefix_may_be_valid && harness_events(h, CD_EVENT_MALFORMED) == 0)
                fail_msg("a prefix of %zu of %zu bytes is taken for a whole message", n, len);
        }
        dissect_one(h, from_client, bytes, n, true); /* cut: read without harm, no finding */
        harness_free(h);
    }
}

void harness_every_prefix_hex(const struct cd_dissector *dissector, enum cd_transport transport, bool from_client,
                              const char *hex, bool datagram_prefix_may_be_valid)
{
    size_t cap = strlen(hex) / 2 + 1;
    uint8_t *bytes = malloc(cap);
    size_t len = harness_hex(hex, bytes, cap);
    harness_every_prefix(dissector, transport, from_client, bytes, len, datagram_prefix_may_be_valid);
    free(bytes);
}

/* The sensor on frames made here: the same result for any number of workers, protocols known by their bytes, nothing allocated in steady
 * traffic, and counters that tell what could not be seen. */
#include "sensor/traffic.h"

#include "base/hash.h"
#include "base/memory.h"
#include "sensor/sensor.h"

#include <stdio.h>

/* ---- results as lines of text: a key and counts, so that those of several workers can be added up ---- */

struct line {
    char key[400];
    uint64_t counts[6];
    uint64_t first_ns, last_ns;
};

struct result {
    struct line *lines;
    size_t n, size;
    uint64_t frames, flows, one_sided, mid_stream, gaps, conflicts, fragments, reassembled, bad;
};

static struct line *add_line(struct result *r, const char *kind)
{
    if (r->n == r->size) {
        r->size = r->size ? r->size * 2 : 256;
        r->lines = realloc(r->lines, r->size * sizeof *r->lines);
    }
    struct line *line = &r->lines[r->n++];
    memset(line, 0, sizeof *line);
    snprintf(line->key, sizeof line->key, "%s", kind);
    return line;
}

static void append(struct line *line, const char *text)
{
    size_t len = strlen(line->key);
    snprintf(line->key + len, sizeof line->key - len, " %s", text);
}

static void append_ip(struct line *line, const struct cd_ip *ip)
{
    char buffer[64];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_ip(&t, ip);
    append(line, buffer);
}

static void append_number(struct line *line, uint64_t number)
{
    char buffer[32];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_u64(&t, number);
    append(line, buffer);
}

static void append_pair(struct line *line, const struct cd_observer *o, cd_pair pair)
{
    append_ip(line, &o->pairs.items[pair].client);
    append_ip(line, &o->pairs.items[pair].server);
}

static void collect(struct result *r, const struct cd_observer *o)
{
    for (uint32_t i = 0; i < o->operations.count; i++) {
        const struct cd_operation_entry *e = &o->operations.items[i];
        struct line *line = add_line(r, "operation");
        append_pair(line, o, e->pair), append(line, e->protocol), append(line, e->name), append_number(line, e->code),
            append(line, e->target);
        line->counts[0] = e->requests, line->counts[1] = e->responses, line->counts[2] = e->errors;
        line->first_ns = e->first_ns, line->last_ns = e->last_ns;
    }
    for (uint32_t i = 0; i < o->conversations.count; i++) {
        const struct cd_conversation_entry *e = &o->conversations.items[i];
        struct line *line = add_line(r, "conversation");
        append_ip(line, &e->client), append_ip(line, &e->server), append_number(line, e->transport),
            append_number(line, e->port);
        append(line, e->protocol);
        line->counts[0] = e->client_packets, line->counts[1] = e->server_packets, line->counts[2] = e->client_bytes;
        line->counts[3] = e->server_bytes, line->counts[4] = e->flows,
        line->counts[5] = e->one_sided_flows + e->gaps + e->retransmissions;
        line->first_ns = e->first_ns, line->last_ns = e->last_ns;
    }
    for (uint32_t i = 0; i < o->facts.count; i++) {
        const struct cd_fact_entry *e = &o->facts.items[i];
        struct line *line = add_line(r, "fact");
        append_number(line, e->mac), append_ip(line, &e->ip), append(line, e->nested),
            append(line, cd_attribute_name(e->attribute));
        append(line, e->value), append(line, e->protocol);
        line->counts[0] = e->count, line->first_ns = e->first_ns, line->last_ns = e->last_ns;
    }
    for (uint32_t i = 0; i < o->events.count; i++) {
        const struct cd_event_entry *e = &o->events.items[i];
        struct line *line = add_line(r, "event");
        append_pair(line, o, e->pair), append(line, cd_event_kind_name(e->kind)), append(line, e->protocol),
            append(line, e->detail);
        append_number(line, e->frame), append_number(line, e->time_ns);
        line->counts[0] = 1;
    }
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->key, ((const struct line *)b)->key);
}

/* Sorts, and adds up lines of the same key, as the hub does. */
static void settle(struct result *r)
{
    size_t n = 0;
    qsort(r->lines, r->n, sizeof *r->lines, by_key);
    for (size_t i = 0; i < r->n; i++) {
        if (n == 0 || strcmp(r->lines[n - 1].key, r->lines[i].key) != 0) {
            r->lines[n++] = r->lines[i];
            continue;
        }
        struct line *into = &r->lines[n - 1];
        for (size_t k = 0; k < 6; k++)
            into->counts[k] += r->lines[i].counts[k];
        into->first_ns = into->first_ns < r->lines[i].first_ns ? into->first_ns : r->lines[i].first_ns;
        into->last_ns = into->last_ns > r->lines[i].last_ns ? into->last_ns : r->lines[i].last_ns;
    }
    r->n = n;
}

static struct result run(const struct traffic *t, uint32_t workers, size_t batch)
{
    struct result r = {0};
    for (uint32_t worker = 0; worker < workers; worker++) {
        struct cd_sensor_options options = {.worker = worker, .workers = workers};
        struct cd_sensor *s = cd_sensor_new(&options);
        for (size_t at = 0; at < t->n; at += batch)
            cd_sensor_take(s, t->frames + at, t->n - at < batch ? t->n - at : batch);
        cd_sensor_finish(s);
        collect(&r, s->observer);
        r.frames += s->health.frames, r.flows += s->health.flows, r.one_sided += s->health.one_sided_flows;
        r.mid_stream += s->health.mid_stream_flows, r.gaps += s->health.gaps,
            r.conflicts += s->health.overlap_conflicts;
        r.fragments += s->health.fragments, r.reassembled += s->health.reassembled_datagrams,
            r.bad += s->health.bad_frames;
        cd_sensor_free(s);
    }
    settle(&r);
    return r;
}

static const struct line *find(const struct result *r, const char *part)
{
    for (size_t i = 0; i < r->n; i++)
        if (strstr(r->lines[i].key, part))
            return &r->lines[i];
    return NULL;
}

static void assert_same(const struct result *a, const struct result *b, const char *what)
{
    for (size_t i = 0; i < a->n || i < b->n; i++) {
        if (i >= a->n || i >= b->n || strcmp(a->lines[i].key, b->lines[i].key) != 0)
            fail_msg("%s: line %zu is\n%s\nand\n%s", what, i, i < a->n ? a->lines[i].key : "(none)",
                     i < b->n ? b->lines[i].key : "(none)");
        for (size_t k = 0; k < 6; k++)
            if (a->lines[i].counts[k] != b->lines[i].counts[k])
                fail_msg("%s: %s: count %zu is %llu and %llu", what, a->lines[i].key, k,
                         (unsigned long long)a->lines[i].counts[k], (unsigned long long)b->lines[i].counts[k]);
        if (a->lines[i].first_ns != b->lines[i].first_ns || a->lines[i].last_ns != b->lines[i].last_ns)
            fail_msg("%s: %s: times differ", what, a->lines[i].key);
    }
    assert_int_equal(a->frames, b->frames);
    assert_int_equal(a->flows, b->flows);
    assert_int_equal(a->one_sided, b->one_sided);
    assert_int_equal(a->mid_stream, b->mid_stream);
    assert_int_equal(a->gaps, b->gaps);
    assert_int_equal(a->conflicts, b->conflicts);
    assert_int_equal(a->fragments, b->fragments);
    assert_int_equal(a->reassembled, b->reassembled);
    assert_int_equal(a->bad, b->bad);
}

/* ---- traffic ---- */

static uint64_t seed;

static uint32_t below(uint32_t n)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % n;
}

static void add_arp(struct traffic *t, struct host a, struct host b)
{
    uint8_t frame[64] = {0};
    uint8_t *at = put_ethernet(frame, a, b, 0x0806);
    at = put16(put32(put32(at, 0x00010800), 0x06040001) - 2, 1); /* Ethernet, IPv4, request */
    at = put32(put_mac(at, a), 0x0a000000u | (uint32_t)a.net << 8 | a.host);
    put32(put_mac(at, (struct host){0, 0}), 0x0a000000u | (uint32_t)b.net << 8 | b.host);
    traffic_add(t, frame, 60, CD_LINK_ETHERNET);
}

static void add_dns(struct traffic *t, struct host a, struct host b, unsigned id)
{
    uint8_t query[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'p', 'l', 'c', 0, 0, 1, 0, 1};
    put16(query, id);
    traffic_udp(t, a, b, 40000 + id % 1000, 53, query, sizeof query);
}

/* The same frame once more with other bytes before its IP header. */
static void add_wrapped(struct traffic *t, const struct cd_frame *f, const uint8_t *header, size_t header_len,
                        size_t strip)
{
    uint8_t frame[4096];
    memcpy(frame, header, header_len);
    memcpy(frame + header_len, f->bytes + strip, f->captured_len - strip);
    traffic_add(t, frame, header_len + f->captured_len - strip, CD_LINK_ETHERNET);
}

/* Cuts the IPv4 datagram of the last frame into two fragments, which replace it. */
static void fragment_last(struct traffic *t)
{
    struct cd_frame f = t->frames[--t->n];
    uint8_t frame[2048];
    uint32_t first = 16, rest = f.captured_len - 34 - first;
    memcpy(frame, f.bytes, 34 + first);
    put16(frame + 16, 20 + first);
    put16(frame + 18, (unsigned)t->n); /* identification */
    put16(frame + 20, 0x2000);
    traffic_add(t, frame, 34 + first, CD_LINK_ETHERNET);
    memcpy(frame + 34, f.bytes + 34 + first, rest);
    put16(frame + 16, 20 + rest);
    put16(frame + 18, (unsigned)(t->n - 1));
    put16(frame + 20, first / 8);
    traffic_add(t, frame, 34 + rest, CD_LINK_ETHERNET);
    free((uint8_t *)f.bytes);
}

enum { CONNECTIONS = 40 };

/* A small plant: polls on many connections, some of them reordered, lost or in tunnels; ARP, DNS, fragments, garbage. */
static void make_plant(struct traffic *t, unsigned steps)
{
    struct connection c[CONNECTIONS];
    seed = 4711;
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        c[i] = (struct connection){.client = {1, (uint8_t)(1 + i % 9)},
                                   .server = {2, (uint8_t)(1 + i % 13)},
                                   .client_port = 50000 + i,
                                   .server_port = i % 5 ? 502 : 10502,
                                   .seq = {below(UINT32_MAX), below(UINT32_MAX)}};
        if (i % 4)
            connection_open(t, &c[i]);
    }
    for (unsigned step = 0; step < steps; step++) {
        struct connection *k = &c[below(CONNECTIONS)];
        uint8_t bytes[64];
        static const uint8_t vlan[] = {0x02, 0, 0, 0, 2, 1, 0x02, 0, 0, 0, 1, 1, 0x81, 0, 0, 7, 0x08, 0};
        uint8_t gre[14 + 20 + 4];
        t->time_ns += below(50) ? below(100000000) : below(20) * 100000000000ull;
        switch (below(14)) {
        case 0: add_arp(t, k->client, k->server); break;
        case 1: add_dns(t, k->client, k->server, step); break;
        case 2:
            add_dns(t, k->client, k->server, step);
            fragment_last(t);
            break;
        case 3: k->seq[0] += 12; break; /* lost */
        case 4:                         /* two segments in the wrong order */
            k->seq[0] += 12;
            connection_send(t, k, true, 0x18, bytes, modbus_request(bytes, step, 100));
            k->seq[0] -= 24;
            connection_send(t, k, true, 0x18, bytes, modbus_request(bytes, step, 200));
            k->seq[0] += 12;
            break;
        case 5: /* again, with other content */
            connection_send(t, k, true, 0x18, bytes, modbus_request(bytes, step, 100));
            k->seq[0] -= 12;
            connection_send(t, k, true, 0x18, bytes, modbus_request(bytes, step, 300));
            break;
        case 6:
            modbus_poll(t, k, step, 100);
            add_wrapped(t, &t->frames[t->n - 2], vlan, sizeof vlan, 14);
            break;
        case 7:
            add_dns(t, (struct host){3, 1}, (struct host){3, 2}, step);
            put16(put16(put_ip4(put_ethernet(gre, k->client, k->server, 0x0800), k->client, k->server, 47,
                                4 + t->frames[t->n - 1].captured_len - 14),
                        0),
                  0x0800);
            add_wrapped(t, &t->frames[t->n - 1], gre, sizeof gre, 14);
            break;
        case 8:
            connection_close(t, k);
            k->seq[0] = below(UINT32_MAX), k->seq[1] = below(UINT32_MAX);
            connection_open(t, k);
            break;
        case 9: connection_send(t, k, true, 0x18, "garbage that is no message at all", 33); break;
        default: modbus_poll(t, k, step, 100 + 10 * below(3)); break;
        }
    }
}

/* ---- tests ---- */

static void test_any_number_of_workers_gives_the_same_result(void **state)
{
    (void)state;
    struct traffic t = {0};
    make_plant(&t, 6000);
    struct result one = run(&t, 1, 256);
    assert_true(one.n > 100 && one.gaps > 0 && one.conflicts > 0 && one.reassembled > 0 && one.mid_stream > 0);
    assert_int_equal(one.frames, t.n);
    for (uint32_t workers = 2; workers <= 5; workers++) {
        struct result more = run(&t, workers, 256);
        assert_same(&one, &more, "workers");
        free(more.lines);
    }
    struct result by_one = run(&t, 1, 1), by_many = run(&t, 3, 1000);
    assert_same(&one, &by_one, "batches of one");
    assert_same(&one, &by_many, "batches of a thousand");
    free(by_one.lines), free(by_many.lines), free(one.lines);
    traffic_free(&t);
}

static void test_the_seed_of_the_hash_changes_nothing(void **state)
{
    (void)state;
    struct traffic t = {0};
    uint64_t before = cd_hash_seed;
    make_plant(&t, 2000);
    struct result a = run(&t, 1, 256);
    cd_hash_seed = 0x123456789abcdef;
    struct result b = run(&t, 2, 256);
    cd_hash_seed = before;
    assert_same(&a, &b, "seed");
    free(a.lines), free(b.lines);
    traffic_free(&t);
}

static void test_both_directions_belong_to_the_same_worker(void **state)
{
    (void)state;
    uint32_t share[4] = {0};
    seed = 99;
    for (int i = 0; i < 20000; i++) {
        static const uint8_t tags[] = {0x81, 0, 0, 5, 0x88, 0xa8, 0, 6};
        uint8_t frame[128], back[128];
        struct host a = {(uint8_t)below(256), (uint8_t)below(256)}, b = {(uint8_t)below(256), (uint8_t)below(256)};
        bool arp = i % 7 == 0, tagged = i % 3 == 0, version6 = i % 5 == 0;
        size_t len = 0, back_len = 0;
        for (int direction = 0; direction < 2; direction++) {
            struct host src = direction ? b : a, dst = direction ? a : b;
            uint8_t *start = direction ? back : frame, *at = put_mac(put_mac(start, dst), src);
            if (tagged)
                memcpy(at, tags, 4), at += 4;
            at = put16(at, arp ? 0x0806 : version6 ? 0x86dd : 0x0800);
            if (version6 && !arp) {
                memset(at, 0, 40);
                at[0] = 0x60, at[8] = at[24] = 0xfd;
                at[22] = src.net, at[23] = src.host, at[38] = dst.net, at[39] = dst.host;
                at += 40;
            } else {
                at = put_ip4(at, src, dst, 17, 0);
            }
            *(direction ? &back_len : &len) = (size_t)(at - start);
        }
        struct cd_frame f = {
            .bytes = frame, .captured_len = (uint32_t)len, .wire_len = (uint32_t)len, .link_type = CD_LINK_ETHERNET};
        struct cd_frame g = {.bytes = back,
                             .captured_len = (uint32_t)back_len,
                             .wire_len = (uint32_t)back_len,
                             .link_type = CD_LINK_ETHERNET};
        assert_int_equal(cd_sensor_shard(&f, 4), cd_sensor_shard(&g, 4));
        assert_true(cd_sensor_shard(&f, 4) < 4);
        share[cd_sensor_shard(&f, 4)]++;
        for (size_t n = 0; n < len; n += 3) { /* cut anywhere: no harm */
            uint8_t *exact = malloc(n ? n : 1);
            memcpy(exact, frame, n);
            struct cd_frame cut = {
                .bytes = exact, .captured_len = (uint32_t)n, .wire_len = (uint32_t)len, .link_type = CD_LINK_ETHERNET};
            assert_true(cd_sensor_shard(&cut, 4) < 4);
            free(exact);
        }
    }
    for (int i = 0; i < 4; i++)
        assert_in_range(share[i], 20000 / 4 - 800, 20000 / 4 + 800);
}

static void test_a_protocol_is_known_by_its_bytes_on_any_port(void **state)
{
    (void)state;
    static const unsigned ports[] = {502, 10502, 80, 20000, 44818};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        struct traffic t = {0};
        struct connection c = {{1, 1}, {2, 1}, 50000, ports[i], {1000, 2000}};
        connection_open(&t, &c);
        for (unsigned n = 1; n <= 10; n++)
            modbus_poll(&t, &c, n, 100);
        connection_close(&t, &c);
        struct result r = run(&t, 1, 256);
        const struct line *operation = find(&r, "operation 10.0.1.1 10.0.2.1 modbus");
        assert_non_null(operation);
        assert_int_equal(operation->counts[0], 10);
        assert_int_equal(operation->counts[1], 10);
        assert_non_null(find(&r, "modbus"));
        free(r.lines);
        traffic_free(&t);
    }
}

static void test_a_well_known_port_alone_claims_nothing(void **state)
{
    (void)state;
    struct traffic t = {0};
    struct connection c = {{1, 1}, {2, 1}, 50000, 502, {1000, 2000}};
    connection_open(&t, &c);
    for (int n = 0; n < 10; n++)
        connection_send(&t, &c, n % 2, 0x18, "no modbus, whatever the port says", 33);
    connection_close(&t, &c);
    struct result r = run(&t, 1, 256);
    assert_null(find(&r, "modbus"));
    assert_null(find(&r, "malformed"));
    assert_non_null(find(&r, "conversation 10.0.1.1 10.0.2.1 2 502"));
    free(r.lines);
    traffic_free(&t);
}

/* Takes all frames with one worker and gives the allocations that this cost; frees the traffic. */
static uint64_t allocations_of(struct traffic *t)
{
    struct cd_sensor_options options = {0};
    struct cd_sensor *s = cd_sensor_new(&options);
    uint64_t before = cd_memory_allocations();
    for (size_t at = 0; at < t->n; at += 256)
        cd_sensor_take(s, t->frames + at, t->n - at < 256 ? t->n - at : 256);
    cd_sensor_finish(s);
    uint64_t allocated = cd_memory_allocations() - before;
    assert_int_equal(s->health.frames, t->n);
    assert_int_equal(s->health.allocations, allocated);
    cd_sensor_free(s);
    traffic_free(t);
    return allocated;
}

static uint64_t allocations_of_polls(unsigned polls)
{
    struct traffic t = {0};
    struct connection c[8];
    for (unsigned i = 0; i < 8; i++) {
        c[i] = (struct connection){{1, (uint8_t)(i + 1)}, {2, (uint8_t)(i + 1)}, 50000, 502, {1000, 2000}};
        connection_open(&t, &c[i]);
    }
    for (unsigned n = 0; n < polls; n++)
        modbus_poll(&t, &c[n % 8], n, 100 + 10 * (n / 8 % 3));
    return allocations_of(&t);
}

static void test_steady_traffic_allocates_nothing(void **state)
{
    (void)state;
    assert_int_equal(allocations_of_polls(500), allocations_of_polls(50000));
}

static void test_a_message_waiting_at_the_end_has_the_time_of_its_flow(void **state)
{
    (void)state;
    struct traffic t = {0};
    struct connection c = {{1, 1}, {2, 1}, 50000, 502, {1000, 2000}},
                      other = {{3, 1}, {4, 1}, 50000, 502, {1000, 2000}};
    uint8_t bytes[64];
    connection_open(&t, &c);
    modbus_poll(&t, &c, 1, 100);
    size_t n = modbus_request(bytes, 2, 100);
    connection_send(&t, &c, true, 0x18, bytes, n - 2); /* the end never comes */
    uint64_t last_ns = t.time_ns;
    connection_open(&t, &other);
    modbus_poll(&t, &other, 1, 100);
    struct result r = run(&t, 1, 256);
    for (size_t i = 0; i < r.n; i++)
        if (strstr(r.lines[i].key, "10.0.1.1"))
            assert_true(r.lines[i].last_ns <= last_ns);
    assert_null(find(&r, "malformed"));
    free(r.lines);
    traffic_free(&t);
}

static void test_frames_within_a_tunnel_are_about_the_inner_hosts(void **state)
{
    (void)state;
    struct traffic t = {0};
    const struct host inner_a = {3, 1}, inner_b = {3, 2}, end_a = {1, 1}, end_b = {2, 1};
    uint8_t frame[256];
    add_arp(&t, inner_a, inner_b);
    struct cd_frame arp = t.frames[0];
    uint8_t *at = put_ethernet(frame, end_a, end_b, 0x0800);
    uint8_t vxlan[128] = {0x08, 0, 0, 0, 0, 0, 100, 0};
    memcpy(vxlan + 8, arp.bytes, 42);
    size_t len = 14 + put_datagram(at, end_a, end_b, 54321, 4789, vxlan, 50);
    traffic_add(&t, frame, len, CD_LINK_ETHERNET);
    t.frames[0] = t.frames[1]; /* the tunnelled one alone */
    t.n = 1;
    struct result r = run(&t, 1, 256);
    assert_non_null(find(&r, "address 10.0.3.1 arp"));
    assert_non_null(find(&r, "address 10.0.1.1 ip")); /* the tunnel's end, by its own MAC */
    char wrong[64];
    snprintf(wrong, sizeof wrong, "fact %llu :: ", (unsigned long long)0x020000000301);
    assert_non_null(find(&r, wrong));
    for (size_t i = 0; i < r.n; i++)
        assert_false(strstr(r.lines[i].key, wrong) && strstr(r.lines[i].key, "10.0.1.1"));
    free(r.lines);
    free((uint8_t *)arp.bytes);
    traffic_free(&t);
}

static void test_counters_tell_what_was_not_understood(void **state)
{
    (void)state;
    struct traffic t = {0};
    struct connection c = {{1, 1}, {2, 1}, 50000, 502, {1000, 2000}};
    connection_open(&t, &c);
    t.frames[2].captured_len = 40; /* within the TCP header */
    traffic_add(&t, (const uint8_t *)"80211", 5, 105);
    struct cd_sensor_options options = {0};
    struct cd_sensor *s = cd_sensor_new(&options);
    cd_sensor_take(s, t.frames, t.n);
    cd_sensor_finish(s);
    assert_int_equal(s->health.frames, 4);
    assert_int_equal(s->health.cut_frames, 1);
    assert_int_equal(s->health.skipped_frames, 1);
    assert_int_equal(s->health.bad_frames, 1);
    assert_int_equal(s->health.n_layers, 1);
    assert_string_equal(s->health.layers[0].layer, "tcp");
    assert_int_equal(s->health.flows, 2); /* the cut one has no ports */
    cd_sensor_settle(s);
    assert_int_equal(s->health.flows, 2); /* told once */
    cd_sensor_free(s);
    traffic_free(&t);
}

static void test_the_cap_of_flows_holds(void **state)
{
    (void)state;
    struct traffic t = {0};
    for (unsigned i = 0; i < 5000; i++)
        traffic_udp(&t, (struct host){(uint8_t)(i >> 8), (uint8_t)i}, (struct host){200, 1}, 40000, 9, "x", 1);
    struct cd_sensor_options options = {.max_flows = 1000};
    struct cd_sensor *s = cd_sensor_new(&options);
    for (size_t at = 0; at < t.n; at += 100)
        cd_sensor_take(s, t.frames + at, 100);
    assert_true(s->flows.active <= 1001);
    cd_sensor_finish(s);
    assert_true(s->health.evicted_flows >= 3900);
    uint64_t packets = 0;
    for (uint32_t i = 0; i < s->observer->conversations.count; i++)
        packets +=
            s->observer->conversations.items[i].client_packets + s->observer->conversations.items[i].server_packets;
    assert_int_equal(packets, 5000); /* none is lost by it */
    cd_sensor_free(s);
    traffic_free(&t);
}

static void add_link(struct traffic *t, struct host src, struct host dst, unsigned ethertype, const uint8_t *payload,
                     size_t n)
{
    uint8_t frame[128];
    uint8_t *at = put_ethernet(frame, src, dst, ethertype);
    memcpy(at, payload, n);
    traffic_add(t, frame, (size_t)(at - frame) + n, CD_LINK_ETHERNET);
}

/* PROFINET: discovery and real-time data between the same two MACs under one Ethertype, whichever comes first. */
static void test_dissectors_that_share_an_ethertype_each_get_their_frames(void **state)
{
    (void)state;
    static const uint8_t get[] = {0xfe, 0xfd, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2, 2, 2};
    static const uint8_t answer[] = {0xfe, 0xfd, 3, 1, 0, 0, 0, 1, 0, 0, 0, 10, 2, 2, 0, 6, 0, 0, 'p', 'l', 'c', '1'};
    uint8_t data[46] = {0x80, 0x00, [44] = 0x35};
    for (int data_first = 0; data_first < 2; data_first++) {
        struct traffic t = {0};
        const struct host a = {1, 1}, b = {2, 1};
        for (unsigned i = 0; i < 60; i++) {
            bool discovery = i % 20 == (data_first ? 10u : 0u);
            if (discovery)
                add_link(&t, a, b, 0x8892, get, sizeof get), add_link(&t, b, a, 0x8892, answer, sizeof answer);
            else
                add_link(&t, i % 2 ? a : b, i % 2 ? b : a, 0x8892, data, sizeof data);
        }
        struct result r = run(&t, 1, 256), more = run(&t, 3, 7);
        assert_same(&r, &more, "workers");
        const struct line *asked = find(&r, "profinet-dcp get 3 name of station");
        assert_non_null(asked);
        assert_int_equal(asked->counts[0], 3); /* asked and answered: the open request outlives the frames between */
        assert_int_equal(asked->counts[1], 3);
        uint64_t cyclic = 0;
        for (size_t i = 0; i < r.n; i++)
            if (strstr(r.lines[i].key, "profinet-io cyclic data 3") ||
                strstr(r.lines[i].key, "profinet-io cyclic data 1"))
                cyclic += r.lines[i].counts[0];
        assert_int_equal(cyclic, 57);
        assert_null(find(&r, "malformed"));
        assert_int_equal(r.flows, 1);
        const struct line *conversation = find(&r, "conversation");
        assert_non_null(strstr(conversation->key, "profinet-io")); /* what most of it is */
        free(r.lines), free(more.lines);
        traffic_free(&t);
    }
}

static void test_a_frame_that_nobody_knows_does_not_end_a_shared_flow(void **state)
{
    (void)state;
    static const uint8_t odd[] = {0xfe}, get[] = {0xfe, 0xfd, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2, 2, 2};
    struct traffic t = {0};
    for (unsigned i = 0; i < 20; i++)
        add_link(&t, (struct host){1, 1}, (struct host){2, 1}, 0x8892, odd, sizeof odd);
    add_link(&t, (struct host){1, 1}, (struct host){2, 1}, 0x8892, get, sizeof get);
    struct result r = run(&t, 1, 256);
    assert_non_null(find(&r, "profinet-dcp get 3"));
    free(r.lines);
    traffic_free(&t);
}

static void add_on_ip(struct traffic *t, struct host src, struct host dst, uint8_t protocol, const uint8_t *payload,
                      size_t n)
{
    uint8_t frame[128];
    uint8_t *at = put_ip4(put_ethernet(frame, src, dst, 0x0800), src, dst, protocol, n);
    memcpy(at, payload, n);
    traffic_add(t, frame, (size_t)(at - frame) + n, CD_LINK_ETHERNET);
}

/* OSPF, IGMP, and what nobody dissects, between the same two addresses. */
static void test_payloads_on_ip_go_to_the_dissector_of_their_protocol(void **state)
{
    (void)state;
    static const uint8_t report[] = {0x16, 0, 0xfa, 4, 239, 1, 2, 3};
    static const uint8_t hello[44] = {2, 1, 0, 44, 172, 16, 0, 2};
    const struct host a = {1, 1}, b = {2, 1};
    struct traffic t = {0};
    for (unsigned i = 0; i < 10; i++) {
        add_on_ip(&t, a, b, 2, report, sizeof report);
        add_on_ip(&t, a, b, 89, hello, sizeof hello);
        add_on_ip(&t, a, b, 200, hello, sizeof hello);
        add_on_ip(&t, a, b, 89, report, sizeof report); /* none of OSPF's, in its flow */
    }
    struct result r = run(&t, 1, 256), more = run(&t, 3, 7);
    assert_same(&r, &more, "workers");
    assert_int_equal(find(&r, "igmp membership report")->counts[0], 10);
    assert_int_equal(find(&r, "ospf hello")->counts[0], 10);
    assert_null(find(&r, "igmp unknown"));
    assert_int_equal(r.flows, 3);
    free(r.lines), free(more.lines);
    traffic_free(&t);
}

/* EtherCAT: a broadcast read goes out with working counter 0 and comes back with 5, from a source with one bit more. */
static void add_ethercat(struct traffic *t, uint8_t first_byte, bool back)
{
    uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, [6] = first_byte, 0x01, 0x05, 1, 2, 3, 0x88, 0xa4};
    static const uint8_t datagram[] = {0x0e, 0x10, 7, 2, 0, 0, 0x30, 0x01, 2, 0, 0, 0, 0, 0, 0, 0};
    memcpy(frame + 14, datagram, sizeof datagram);
    if (back)
        frame[14 + 4] = frame[14 + 14] = 5;
    traffic_add(t, frame, sizeof frame, CD_LINK_ETHERNET);
}

static void test_ethercat_frames_that_come_back_make_no_second_device(void **state)
{
    (void)state;
    for (unsigned begin = 0; begin < 2; begin++) { /* also where the capture begins with one that comes back */
        struct traffic t = {0};
        for (unsigned i = begin; i < 20 + begin; i++)
            add_ethercat(&t, i % 2 ? 0x02 : 0x00, i % 2);
        struct result r = run(&t, 1, 256), more = run(&t, 3, 7);
        assert_same(&r, &more, "workers");
        assert_int_equal(r.flows, 1);
        const struct line *read = find(&r, "ethercat BRD");
        assert_int_equal(read->counts[0], 10);
        assert_int_equal(read->counts[1], 10);
        assert_non_null(find(&r, "::1:501:203")); /* 00:01:05:01:02:03 where addresses are IP */
        assert_null(find(&r, "::201:501:203"));
        free(r.lines), free(more.lines);
        traffic_free(&t);
    }
}

static void test_an_ethercat_master_may_have_a_local_address(void **state)
{
    (void)state;
    struct traffic t = {0};
    for (unsigned i = 0; i < 20; i++)
        add_ethercat(&t, 0x02, i % 2);
    struct result r = run(&t, 1, 256);
    assert_int_equal(r.flows, 1);
    const struct line *read = find(&r, "ethercat BRD");
    assert_int_equal(read->counts[0], 10);
    assert_int_equal(read->counts[1], 10);
    assert_non_null(find(&r, "::201:501:203"));
    assert_null(find(&r, "::1:501:203"));
    free(r.lines);
    traffic_free(&t);
}

/* Real-time data both ways with discovery in between, and a process image with its answers: the busiest traffic there is below IP. */
static uint64_t allocations_of_cycles(unsigned cycles)
{
    static const uint8_t get[] = {0xfe, 0xfd, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2, 2, 2};
    const uint8_t data[46] = {0x80, 0x00, [44] = 0x35};
    struct traffic t = {0};
    for (unsigned i = 0; i < cycles; i++) {
        add_link(&t, (struct host){1, 1}, (struct host){2, 1}, 0x8892, data, sizeof data);
        add_link(&t, (struct host){2, 1}, (struct host){1, 1}, 0x8892, data, sizeof data);
        if (i % 50 == 0)
            add_link(&t, (struct host){1, 1}, (struct host){2, 1}, 0x8892, get, sizeof get);
        add_ethercat(&t, 0x00, false);
        add_ethercat(&t, 0x02, true);
    }
    return allocations_of(&t);
}

static void test_steady_cyclic_data_allocates_nothing(void **state)
{
    (void)state;
    assert_int_equal(allocations_of_cycles(200), allocations_of_cycles(10000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_of_workers_gives_the_same_result),
        cmocka_unit_test(test_the_seed_of_the_hash_changes_nothing),
        cmocka_unit_test(test_both_directions_belong_to_the_same_worker),
        cmocka_unit_test(test_a_protocol_is_known_by_its_bytes_on_any_port),
        cmocka_unit_test(test_a_well_known_port_alone_claims_nothing),
        cmocka_unit_test(test_steady_traffic_allocates_nothing),
        cmocka_unit_test(test_a_message_waiting_at_the_end_has_the_time_of_its_flow),
        cmocka_unit_test(test_frames_within_a_tunnel_are_about_the_inner_hosts),
        cmocka_unit_test(test_counters_tell_what_was_not_understood),
        cmocka_unit_test(test_the_cap_of_flows_holds),
        cmocka_unit_test(test_dissectors_that_share_an_ethertype_each_get_their_frames),
        cmocka_unit_test(test_a_frame_that_nobody_knows_does_not_end_a_shared_flow),
        cmocka_unit_test(test_payloads_on_ip_go_to_the_dissector_of_their_protocol),
        cmocka_unit_test(test_ethercat_frames_that_come_back_make_no_second_device),
        cmocka_unit_test(test_an_ethercat_master_may_have_a_local_address),
        cmocka_unit_test(test_steady_cyclic_data_allocates_nothing),
    };
    return cmocka_run_group_tests_name("sensor", tests, NULL, NULL);
}

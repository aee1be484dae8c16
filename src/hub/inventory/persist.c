/* One source into the store, in one transaction: what was seen is added up by the store itself (an insert that adds to the row that is there), then
 * the site's devices are worked out anew and what differs is written. */
#include "hub/inventory/persist.h"

#include "base/memory.h"
#include "hub/inventory/order.h"
#include "hub/inventory/show.h"
#include "observe/observer.h"

#include <string.h>

/* Columns of one insert, bound in order. */
struct row {
    struct cd_query *query;
    const struct cd_inventory *inv;
    int at;
};

static void bind_i64(struct row *r, int64_t value)
{
    cd_query_i64(r->query, ++r->at, value);
}

static void bind_u64(struct row *r, uint64_t value)
{
    cd_query_u64(r->query, ++r->at, value);
}

static void bind_text(struct row *r, text_id text)
{
    cd_query_text(r->query, ++r->at, text_of(r->inv, text));
}

/* Addresses need a buffer that lives until the row is executed. */
static void bind_address(struct row *r, address_id address, char buffer[64])
{
    struct cd_text t = cd_text_of(buffer, 64);
    cd_text_address(&t, r->inv, address);
    cd_query_text(r->query, ++r->at, t.at);
}

static int execute(struct row *r, struct cd_error *e)
{
    r->at = 0;
    return cd_query_execute(r->query, e);
}

int cd_site_find(struct cd_store *store, const char *name, bool create, int64_t *ret_site, struct cd_error *e)
{
    struct cd_query *q;
    bool row = false;
    int64_t site = 0;
    int r = cd_query_prepare(store, "SELECT id FROM site WHERE tenant_id = 1 AND name = ?1", &q, e);
    if (r)
        return r;
    cd_query_text(q, 1, name);
    if (!(r = cd_query_step(q, &row, e)) && row)
        site = cd_query_get_i64(q, 0);
    cd_query_done(q);
    if (!r && !site && create) {
        int64_t last;
        if ((r = cd_query_run_i64(store, "SELECT MAX(id) FROM site", 0, &last, e)) ||
            (r = cd_query_prepare(store, "INSERT INTO site (id, tenant_id, name) VALUES (?1, 1, ?2)", &q, e)))
            return r;
        site = last + 1;
        cd_query_i64(q, 1, site);
        cd_query_text(q, 2, name);
        r = cd_query_execute(q, e);
        cd_query_done(q);
    }
    if (!r)
        *ret_site = site;
    return r;
}

/* ---- what was seen ---- */

void cd_text_subject(struct cd_text *t, const struct cd_inventory *inv, const struct fact *f)
{
    cd_text_address(t, inv, f->mac);
    if (f->mac && f->ip)
        cd_text_char(t, ',');
    cd_text_address(t, inv, f->ip);
    if (f->nested) {
        cd_text_char(t, '/');
        cd_text_str(t, text_of(inv, f->nested));
    }
}

static const char insert_fact[] =
    "INSERT INTO fact (site_id, subject, attribute, value, protocol, confidence, first_ns, last_ns, count) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (site_id, subject, attribute, value, protocol) DO UPDATE "
    "SET "
    "confidence = CASE WHEN excluded.confidence > fact.confidence THEN excluded.confidence ELSE fact.confidence END, "
    "first_ns = CASE WHEN excluded.first_ns < fact.first_ns THEN excluded.first_ns ELSE fact.first_ns END, "
    "last_ns = CASE WHEN excluded.last_ns > fact.last_ns THEN excluded.last_ns ELSE fact.last_ns END, "
    "count = fact.count + excluded.count";

static int add_facts(const struct cd_inventory *inv, struct cd_store *store, int64_t site, struct cd_error *e)
{
    struct row r = {.inv = inv};
    int result = cd_query_prepare(store, insert_fact, &r.query, e);
    if (result)
        return result;
    for (uint32_t i = 0; i < inv->facts.count && !result; i++) {
        const struct fact *f = &inv->facts.items[i];
        char subject[CD_TEXT_MAX + 128];
        struct cd_text t = cd_text_of(subject, sizeof subject);
        cd_text_subject(&t, inv, f);
        bind_i64(&r, site);
        cd_query_text(r.query, ++r.at, t.at);
        cd_query_text(r.query, ++r.at, cd_attribute_name((enum cd_attribute)f->attribute));
        bind_text(&r, f->value);
        bind_text(&r, f->protocol);
        bind_u64(&r, f->confidence);
        bind_u64(&r, f->first_ns);
        bind_u64(&r, f->last_ns);
        bind_u64(&r, f->count);
        result = execute(&r, e);
    }
    cd_query_done(r.query);
    return result;
}

/* The name of the protocol is chosen as in model.c: the surer one, of two equally sure ones the first in the alphabet. */
static const char insert_conversation[] =
    "INSERT INTO conversation (site_id, client, server, transport, port, protocol, confidence, client_packets, "
    "client_bytes, server_packets, "
    "server_bytes, flows, first_ns, last_ns, one_sided, retransmissions, gaps, gap_bytes, resets, refused) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) "
    "ON CONFLICT (site_id, client, server, transport, port) DO UPDATE SET "
    "protocol = CASE WHEN excluded.protocol = '' THEN conversation.protocol WHEN conversation.protocol = '' "
    "OR excluded.confidence > conversation.confidence OR (excluded.confidence = conversation.confidence AND "
    "excluded.protocol < conversation.protocol) THEN excluded.protocol ELSE conversation.protocol END, "
    "confidence = CASE WHEN excluded.protocol = '' THEN conversation.confidence WHEN conversation.protocol = '' "
    "OR excluded.confidence > conversation.confidence THEN excluded.confidence ELSE conversation.confidence END, "
    "client_packets = conversation.client_packets + excluded.client_packets, "
    "client_bytes = conversation.client_bytes + excluded.client_bytes, "
    "server_packets = conversation.server_packets + excluded.server_packets, "
    "server_bytes = conversation.server_bytes + excluded.server_bytes, flows = conversation.flows + excluded.flows, "
    "first_ns = CASE WHEN excluded.first_ns < conversation.first_ns THEN excluded.first_ns ELSE conversation.first_ns "
    "END, "
    "last_ns = CASE WHEN excluded.last_ns > conversation.last_ns THEN excluded.last_ns ELSE conversation.last_ns END, "
    "one_sided = conversation.one_sided + excluded.one_sided, "
    "retransmissions = conversation.retransmissions + excluded.retransmissions, gaps = conversation.gaps + "
    "excluded.gaps, "
    "gap_bytes = conversation.gap_bytes + excluded.gap_bytes, resets = conversation.resets + excluded.resets, "
    "refused = conversation.refused + excluded.refused";

static void bind_conversation(struct row *r, int64_t site, const struct conversation *c, char client[64],
                              char server[64])
{
    static const char *const transports[] = {"eth", "ip", "tcp", "udp"};
    bind_i64(r, site);
    bind_address(r, c->client, client);
    bind_address(r, c->server, server);
    cd_query_text(r->query, ++r->at, transports[c->transport & 3]);
    bind_u64(r, c->port);
    bind_text(r, c->protocol);
    const uint64_t numbers[] = {c->confidence,      c->client_packets,  c->client_bytes, c->server_packets,
                                c->server_bytes,    c->flows,           c->first_ns,     c->last_ns,
                                c->one_sided_flows, c->retransmissions, c->gaps,         c->gap_bytes,
                                c->resets,          c->refused};
    for (unsigned k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
        bind_u64(r, numbers[k]);
}

static int add_conversations(const struct cd_inventory *inv, struct cd_store *store, int64_t site, struct cd_error *e)
{
    struct row r = {.inv = inv};
    int result = cd_query_prepare(store, insert_conversation, &r.query, e);
    if (result)
        return result;
    uint32_t *order = cd_inventory_order_conversations(inv); /* neighbours in the table: fewer pages are touched */
    for (uint32_t i = 0; i < inv->conversations.count && !result; i++) {
        char client[64], server[64];
        bind_conversation(&r, site, &inv->conversations.items[order[i]], client, server);
        result = execute(&r, e);
    }
    cd_free(order);
    cd_query_done(r.query);
    return result;
}

static const char insert_operation[] =
    "INSERT INTO operation (site_id, client, server, protocol, operation, code, class, target, requests, responses, "
    "errors, first_ns, last_ns, last_error, last_error_ns) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) "
    "ON CONFLICT (site_id, client, server, protocol, code, operation, class, target) DO UPDATE SET "
    "requests = operation.requests + excluded.requests, responses = operation.responses + excluded.responses, "
    "errors = operation.errors + excluded.errors, "
    "first_ns = CASE WHEN excluded.first_ns < operation.first_ns THEN excluded.first_ns ELSE operation.first_ns END, "
    "last_ns = CASE WHEN excluded.last_ns > operation.last_ns THEN excluded.last_ns ELSE operation.last_ns END, "
    "last_error = CASE WHEN excluded.last_error_ns > operation.last_error_ns THEN excluded.last_error "
    "ELSE operation.last_error END, "
    "last_error_ns = CASE WHEN excluded.last_error_ns > operation.last_error_ns THEN excluded.last_error_ns "
    "ELSE operation.last_error_ns END";

static int add_operations(const struct cd_inventory *inv, struct cd_store *store, int64_t site, struct cd_error *e)
{
    struct row r = {.inv = inv};
    int result = cd_query_prepare(store, insert_operation, &r.query, e);
    if (result)
        return result;
    for (uint32_t i = 0; i < inv->operations.count && !result; i++) {
        const struct operation *op = &inv->operations.items[i];
        char client[64], server[64];
        bind_i64(&r, site);
        bind_address(&r, op->client, client);
        bind_address(&r, op->server, server);
        bind_text(&r, op->protocol);
        bind_text(&r, op->name);
        bind_text(&r, op->code);
        cd_query_text(r.query, ++r.at, cd_class_name((enum cd_class)op->class));
        bind_text(&r, op->target);
        bind_u64(&r, op->requests);
        bind_u64(&r, op->responses);
        bind_u64(&r, op->errors);
        bind_u64(&r, op->first_ns);
        bind_u64(&r, op->last_ns);
        bind_text(&r, op->last_error);
        bind_u64(&r, op->last_error_ns);
        result = execute(&r, e);
    }
    cd_query_done(r.query);
    return result;
}

static int add_events(const struct cd_inventory *inv, struct cd_store *store, int64_t site, int64_t source,
                      struct cd_error *e)
{
    struct row r = {.inv = inv};
    int64_t number = 0;
    bool row;
    int result =
        cd_query_prepare(store, "SELECT MAX(number) FROM event WHERE site_id = ?1 AND source_id = ?2", &r.query, e);
    if (result)
        return result;
    cd_query_i64(r.query, 1, site);
    cd_query_i64(r.query, 2, source);
    if (!(result = cd_query_step(r.query, &row, e)) && row)
        number = cd_query_get_i64(r.query, 0);
    cd_query_done(r.query);
    if (result ||
        (result = cd_query_prepare(
             store,
             "INSERT INTO event (site_id, source_id, number, time_ns, kind, protocol, client, server, detail, "
             "frame) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
             &r.query, e)))
        return result;
    uint32_t n, *order = cd_inventory_order_events(inv, UINT32_MAX, &n);
    for (uint32_t i = 0; i < n && !result; i++) {
        const struct event *event = &inv->events.items[order[i]];
        char client[64], server[64];
        bind_i64(&r, site);
        bind_i64(&r, source);
        bind_i64(&r, ++number);
        bind_u64(&r, event->time_ns);
        cd_query_text(r.query, ++r.at, cd_event_kind_name((enum cd_event_kind)event->kind));
        bind_text(&r, event->protocol);
        bind_address(&r, event->client, client);
        bind_address(&r, event->server, server);
        bind_text(&r, event->detail);
        bind_u64(&r, event->frame);
        result = execute(&r, e);
    }
    cd_free(order);
    cd_query_done(r.query);
    return result;
}

/* ---- the source ---- */

static int find_source(struct cd_store *store, int64_t site, const char *digest, int64_t *ret_source,
                       struct cd_error *e)
{
    struct cd_query *q;
    bool row = false;
    int r = cd_query_prepare(store, "SELECT id FROM source WHERE site_id = ?1 AND digest = ?2", &q, e);
    if (r)
        return r;
    cd_query_i64(q, 1, site);
    cd_query_text(q, 2, digest);
    r = cd_query_step(q, &row, e);
    if (!r)
        *ret_source = row ? cd_query_get_i64(q, 0) : 0;
    cd_query_done(q);
    return r;
}

/* Sums over the capture records, as the source's own figures. */
static struct capture_record sum_captures(const struct cd_inventory *inv)
{
    struct capture_record all = {0};
    for (uint32_t i = 0; i < inv->captures.count; i++) {
        const struct capture_record *c = &inv->captures.items[i];
        if (!c->frames)
            continue;
        all.first_ns = !all.frames || c->first_ns < all.first_ns ? c->first_ns : all.first_ns;
        all.last_ns = c->last_ns > all.last_ns ? c->last_ns : all.last_ns;
        all.frames += c->frames;
        all.bytes += c->bytes;
    }
    return all;
}

static const char insert_source[] =
    "INSERT INTO source (site_id, id, digest, name, kind, packets, bytes, first_ns, last_ns, applied_at_ns, trust) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (site_id, id) DO UPDATE SET "
    "packets = source.packets + excluded.packets, bytes = source.bytes + excluded.bytes, "
    "first_ns = CASE WHEN source.packets = 0 OR (excluded.packets > 0 AND excluded.first_ns < source.first_ns) THEN "
    "excluded.first_ns ELSE source.first_ns END, "
    "last_ns = CASE WHEN excluded.last_ns > source.last_ns THEN excluded.last_ns ELSE source.last_ns END, "
    "applied_at_ns = excluded.applied_at_ns, trust = excluded.trust";

static int put_source(const struct cd_inventory *inv, struct cd_store *store, int64_t site,
                      const struct cd_inventory_source *source, int64_t *id, struct cd_error *e)
{
    struct capture_record all = sum_captures(inv);
    struct cd_query *q;
    bool row = false;
    int r = 0;
    if (!*id) {
        if ((r = cd_query_prepare(store, "SELECT MAX(id) FROM source WHERE site_id = ?1", &q, e)))
            return r;
        cd_query_i64(q, 1, site);
        if (!(r = cd_query_step(q, &row, e)))
            *id = row ? cd_query_get_i64(q, 0) + 1 : 1;
        cd_query_done(q);
    }
    if (r || (r = cd_query_prepare(store, insert_source, &q, e)))
        return r;
    size_t trust_len;
    char *trust = cd_inventory_trust_json(inv, &trust_len);
    cd_query_i64(q, 1, site);
    cd_query_i64(q, 2, *id);
    cd_query_text(q, 3, source->digest);
    cd_query_text(q, 4, source->name);
    cd_query_text(q, 5, source->kind);
    cd_query_u64(q, 6, all.frames);
    cd_query_u64(q, 7, all.bytes);
    cd_query_u64(q, 8, all.first_ns);
    cd_query_u64(q, 9, all.last_ns);
    cd_query_u64(q, 10, source->now_ns);
    cd_query_text_len(q, 11, trust, trust_len);
    r = cd_query_execute(q, e);
    cd_query_done(q);
    cd_free(trust);
    return r;
}

/* ---- all of it ---- */

int cd_inventory_refresh(struct cd_store *store, const char *site_name, int64_t site, uint64_t now_ns,
                         struct cd_error *e)
{
    struct cd_inventory *all = cd_inventory_new(site_name);
    int r = cd_inventory_load(all, store, e);
    if (!r) {
        cd_inventory_resolve(all);
        r = cd_inventory_sync(all, store, site, now_ns, e);
    }
    cd_inventory_free(all);
    return r;
}

/* Whether nothing but this source is in the site, so that what it has seen is all there is. */
static int is_only_source(struct cd_store *store, int64_t site, bool *ret_only, struct cd_error *e)
{
    struct cd_query *q;
    bool row = false;
    int r = cd_query_prepare(store, "SELECT COUNT(*) FROM source WHERE site_id = ?1", &q, e);
    if (r)
        return r;
    cd_query_i64(q, 1, site);
    if (!(r = cd_query_step(q, &row, e)))
        *ret_only = row && cd_query_get_i64(q, 0) == 0;
    cd_query_done(q);
    return r;
}

static int write_source(struct cd_inventory *inv, struct cd_store *store, const struct cd_inventory_source *source,
                        bool *ret_known, struct cd_error *e)
{
    int64_t site, id = 0;
    bool only = false;
    int r = cd_site_find(store, inv->site, true, &site, e);
    if (r || (r = find_source(store, site, source->digest, &id, e)))
        return r;
    *ret_known = id != 0 && strcmp(source->kind, "live") != 0;
    if (*ret_known)
        return 0;
    if ((r = is_only_source(store, site, &only, e)) || (r = put_source(inv, store, site, source, &id, e)) ||
        (r = add_facts(inv, store, site, e)) || (r = add_conversations(inv, store, site, e)) ||
        (r = add_operations(inv, store, site, e)) || (r = add_events(inv, store, site, id, e)))
        return r;
    if (!only)
        return cd_inventory_refresh(store, inv->site, site, source->now_ns, e);
    cd_inventory_resolve(inv);
    return cd_inventory_sync(inv, store, site, source->now_ns, e);
}

int cd_inventory_persist(struct cd_inventory *inv, struct cd_store *store, const struct cd_inventory_source *source,
                         bool *ret_known, struct cd_error *e)
{
    bool known = false;
    int r = cd_store_begin(store, e);
    if (r)
        return r;
    r = write_source(inv, store, source, &known, e);
    if (!r && !known)
        r = cd_store_commit(store, e);
    if (r || known)
        cd_store_rollback(store);
    if (!r && ret_known)
        *ret_known = known;
    return r;
}

int cd_inventory_is_known(struct cd_inventory *inv, struct cd_store *store, const char *digest, bool *ret_known,
                          struct cd_error *e)
{
    int64_t site, source = 0;
    int r = cd_site_find(store, inv->site, false, &site, e);
    if (!r && site)
        r = find_source(store, site, digest, &source, e);
    if (!r)
        *ret_known = source != 0;
    return r;
}

/* What the store knows of a site, back into an inventory. */
#include "hub/inventory/persist.h"

#include "observe/decode.h"
#include "observe/grow.h"
#include "observe/observer.h"

#include <string.h>

static text_id read_text(struct cd_inventory *inv, struct cd_query *q, int column)
{
    const char *text = cd_query_get_text(q, column);
    return cd_inventory_text(inv, text, strlen(text));
}

/* A MAC or an IP; 0 for anything else. */
static address_id address_of(struct cd_inventory *inv, const char *text)
{
    struct cd_ip ip;
    cd_mac mac;
    if (cd_mac_parse(text, &mac))
        ip = cd_ip_of_mac(mac);
    else if (!cd_ip_parse(text, &ip))
        return 0;
    return cd_inventory_address(inv, &ip);
}

static uint8_t number_of(const char *name, unsigned n, const char *(*name_of)(unsigned))
{
    for (unsigned i = 0; i < n; i++)
        if (strcmp(name_of(i), name) == 0)
            return (uint8_t)i;
    return UINT8_MAX;
}

static const char *attribute_name(unsigned i)
{
    return cd_attribute_name((enum cd_attribute)i);
}

static const char *class_name(unsigned i)
{
    return cd_class_name((enum cd_class)i);
}

static void split_subject(struct cd_inventory *inv, const char *subject, struct fact *f)
{
    char first[128];
    size_t len = strcspn(subject, "/");
    struct cd_text t = cd_text_of(first, sizeof first);
    cd_text_bytes(&t, subject, len);
    f->nested = subject[len] ? cd_inventory_text(inv, subject + len + 1, strlen(subject + len + 1)) : 0;
    char *comma = strchr(first, ',');
    if (comma) {
        *comma = '\0';
        f->mac = address_of(inv, first);
        f->ip = address_of(inv, comma + 1);
        return;
    }
    cd_mac mac;
    *(cd_mac_parse(first, &mac) ? &f->mac : &f->ip) = address_of(inv, first);
}

static int load_facts(struct cd_inventory *inv, struct cd_store *store, int64_t site, struct cd_error *e)
{
    struct cd_query *q;
    bool row;
    int r = cd_query_prepare(
        store,
        "SELECT subject, attribute, value, protocol, confidence, first_ns, last_ns, count FROM fact WHERE site_id = ?1",
        &q, e);
    if (r)
        return r;
    cd_query_i64(q, 1, site);
    while (!(r = cd_query_step(q, &row, e)) && row) {
        struct fact f = {.attribute = number_of(cd_query_get_text(q, 1), CD_ATTRIBUTES, attribute_name),
                         .value = read_text(inv, q, 2),
                         .protocol = read_text(inv, q, 3),
                         .confidence = (uint8_t)cd_query_get_u64(q, 4),
                         .first_ns = cd_query_get_u64(q, 5),
                         .last_ns = cd_query_get_u64(q, 6),
                         .count = cd_query_get_u64(q, 7)};
        split_subject(inv, cd_query_get_text(q, 0), &f);
        if (f.attribute != UINT8_MAX)
            cd_inventory_add_fact(inv, &f);
    }
    cd_query_done(q);
    return r;
}

static uint8_t transport_of(const char *name)
{
    static const char *const names[] = {
        [CD_TRANSPORT_ETH] = "eth", [CD_TRANSPORT_IP] = "ip", [CD_TRANSPORT_TCP] = "tcp", [CD_TRANSPORT_UDP] = "udp"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return (uint8_t)i;
    return CD_TRANSPORT_IP;
}

static int load_conversations(struct cd_inventory *inv, struct cd_store *store, int64_t site, struct cd_error *e)
{
    struct cd_query *q;
    bool row;
    int r = cd_query_prepare(
        store,
        "SELECT client, server, transport, port, protocol, confidence, client_packets, client_bytes, server_packets, "
        "server_bytes, flows, first_ns, last_ns FROM conversation WHERE site_id = ?1",
        &q, e);
    if (r)
        return r;
    cd_query_i64(q, 1, site);
    while (!(r = cd_query_step(q, &row, e)) && row) {
        struct conversation c = {.client = address_of(inv, cd_query_get_text(q, 0)),
                                 .server = address_of(inv, cd_query_get_text(q, 1)),
                                 .transport = transport_of(cd_query_get_text(q, 2)),
                                 .port = (uint16_t)cd_query_get_u64(q, 3),
                                 .protocol = read_text(inv, q, 4),
                                 .confidence = (uint8_t)cd_query_get_u64(q, 5),
                                 .client_packets = cd_query_get_u64(q, 6),
                                 .client_bytes = cd_query_get_u64(q, 7),
                                 .server_packets = cd_query_get_u64(q, 8),
                                 .server_bytes = cd_query_get_u64(q, 9),
                                 .flows = (uint32_t)cd_query_get_u64(q, 10),
                                 .first_ns = cd_query_get_u64(q, 11),
                                 .last_ns = cd_query_get_u64(q, 12)};
        cd_inventory_add_conversation(inv, &c);
    }
    cd_query_done(q);
    return r;
}

static int load_operations(struct cd_inventory *inv, struct cd_store *store, int64_t site, struct cd_error *e)
{
    struct cd_query *q;
    bool row;
    int r = cd_query_prepare(store,
                             "SELECT client, server, protocol, operation, code, class, target, requests, responses, "
                             "errors, first_ns, last_ns, last_error, last_error_ns "
                             "FROM operation WHERE site_id = ?1",
                             &q, e);
    if (r)
        return r;
    cd_query_i64(q, 1, site);
    while (!(r = cd_query_step(q, &row, e)) && row) {
        uint8_t class = number_of(cd_query_get_text(q, 5), CD_CLASSES, class_name);
        struct operation op = {.client = address_of(inv, cd_query_get_text(q, 0)),
                               .server = address_of(inv, cd_query_get_text(q, 1)),
                               .protocol = read_text(inv, q, 2),
                               .name = read_text(inv, q, 3),
                               .code = read_text(inv, q, 4),
                               .class = class == UINT8_MAX ? CD_CLASS_OTHER : class,
                               .target = read_text(inv, q, 6),
                               .requests = cd_query_get_u64(q, 7),
                               .responses = cd_query_get_u64(q, 8),
                               .errors = cd_query_get_u64(q, 9),
                               .first_ns = cd_query_get_u64(q, 10),
                               .last_ns = cd_query_get_u64(q, 11),
                               .last_error = read_text(inv, q, 12),
                               .last_error_ns = cd_query_get_u64(q, 13)};
        cd_inventory_add_operation(inv, &op);
    }
    cd_query_done(q);
    return r;
}

/* ---- ids, merges undone, corrections ---- */

static int load_ids(struct cd_inventory *inv, struct cd_store *store, int64_t site, struct cd_error *e)
{
    struct cd_query *q;
    bool row;
    int r = cd_query_prepare(
        store, "SELECT id, first_ns FROM asset WHERE site_id = ?1 AND removed_at_ns IS NULL ORDER BY id", &q, e);
    if (r)
        return r;
    cd_query_i64(q, 1, site);
    while (!(r = cd_query_step(q, &row, e)) && row) {
        CD_GROW(inv->known_ids);
        inv->known_ids.items[inv->known_ids.count++] = (struct known_id){read_text(inv, q, 0), cd_query_get_u64(q, 1)};
    }
    cd_query_done(q);
    return r;
}

static int load_kept_apart(struct cd_inventory *inv, struct cd_store *store, int64_t site, struct cd_error *e)
{
    struct cd_query *q;
    bool row;
    int r = cd_query_prepare(
        store,
        "SELECT asset_id, into_id FROM asset_merge WHERE site_id = ?1 AND undone_at_ns IS NOT NULL ORDER BY 1, 2", &q,
        e);
    if (r)
        return r;
    cd_query_i64(q, 1, site);
    while (!(r = cd_query_step(q, &row, e)) && row) {
        CD_GROW(inv->kept_apart);
        inv->kept_apart.items[inv->kept_apart.count++] =
            (struct kept_apart){read_text(inv, q, 0), read_text(inv, q, 1)};
    }
    cd_query_done(q);
    return r;
}

static int load_corrections(struct cd_inventory *inv, struct cd_store *store, int64_t site, struct cd_error *e)
{
    struct cd_query *q;
    bool row;
    int r = cd_query_prepare(
        store,
        "SELECT asset_id, attribute, value, valid_from_ns FROM attribute WHERE site_id = ?1 AND protocol = 'user' AND "
        "valid_to_ns IS NULL ORDER BY 1, 2, 4",
        &q, e);
    if (r)
        return r;
    cd_query_i64(q, 1, site);
    while (!(r = cd_query_step(q, &row, e)) && row) {
        CD_GROW(inv->corrections);
        inv->corrections.items[inv->corrections.count++] = (struct correction){
            read_text(inv, q, 0), read_text(inv, q, 1), read_text(inv, q, 2), cd_query_get_u64(q, 3)};
    }
    cd_query_done(q);
    return r;
}

int cd_inventory_load(struct cd_inventory *inv, struct cd_store *store, struct cd_error *e)
{
    int64_t site;
    int r = cd_site_find(store, inv->site, false, &site, e);
    if (r || !site)
        return r;
    inv->known_ids.count = inv->kept_apart.count = inv->corrections.count = 0;
    if ((r = load_facts(inv, store, site, e)) || (r = load_conversations(inv, store, site, e)) ||
        (r = load_operations(inv, store, site, e)) || (r = load_ids(inv, store, site, e)) ||
        (r = load_kept_apart(inv, store, site, e)))
        return r;
    return load_corrections(inv, store, site, e);
}

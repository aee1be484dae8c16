#include "protocols/cip_manager.h"

#include <string.h>

static bool read_path(struct cd_reader *r, size_t words, struct cd_cip_path *ret)
{
    struct cd_reader bytes = cd_read_sub(r, 2 * words, "connection path");
    if (cd_cip_path_parse(&bytes, ret))
        return true;
    cd_read_fail(r, bytes.bad);
    return false;
}

bool cd_cip_forward_open_parse(struct cd_reader *r, bool large, struct cd_cip_forward_open *ret)
{
    struct cd_cip_forward_open open = {0};
    size_t parameters = large ? 4 : 2;
    cd_read_skip(r, 2, "priority and time-out ticks");
    open.to_target = cd_read_le32(r, "originator to target connection id");
    open.to_originator = cd_read_le32(r, "target to originator connection id");
    open.serial = cd_read_le16(r, "connection serial number");
    open.originator_vendor = cd_read_le16(r, "originator vendor id");
    open.originator_serial = cd_read_le32(r, "originator serial number");
    cd_read_skip(r, 4, "time-out multiplier");
    open.to_target_interval_us = cd_read_le32(r, "originator to target interval");
    cd_read_skip(r, parameters, "originator to target parameters");
    open.to_originator_interval_us = cd_read_le32(r, "target to originator interval");
    cd_read_skip(r, parameters, "target to originator parameters");
    open.transport_class = cd_read_u8(r, "transport class and trigger") & 0x0f;
    size_t words = cd_read_u8(r, "connection path size");
    if (!read_path(r, words, &open.path))
        return false;
    *ret = open;
    return true;
}

static struct cd_cip_connection_name read_name(struct cd_reader *r)
{
    struct cd_cip_connection_name name;
    name.serial = cd_read_le16(r, "connection serial number");
    name.originator_vendor = cd_read_le16(r, "originator vendor id");
    name.originator_serial = cd_read_le32(r, "originator serial number");
    return name;
}

bool cd_cip_forward_close_parse(struct cd_reader *r, struct cd_cip_connection_name *ret_name,
                                struct cd_cip_path *ret_path)
{
    struct cd_cip_path path;
    cd_read_skip(r, 2, "priority and time-out ticks");
    struct cd_cip_connection_name name = read_name(r);
    size_t words = cd_read_u8(r, "connection path size");
    cd_read_skip(r, 1, "reserved");
    if (!read_path(r, words, &path))
        return false;
    *ret_name = name;
    *ret_path = path;
    return true;
}

bool cd_cip_unconnected_send_parse(struct cd_reader *r, struct cd_cip_unconnected_send *ret)
{
    struct cd_cip_unconnected_send send;
    cd_read_skip(r, 2, "priority and time-out ticks");
    size_t size = cd_read_le16(r, "embedded message size");
    send.request = cd_read_sub(r, size, "embedded message");
    if (size & 1)
        cd_read_skip(r, 1, "embedded message pad");
    size_t words = cd_read_u8(r, "route path size");
    cd_read_skip(r, 1, "reserved");
    if (!read_path(r, words, &send.route))
        return false;
    *ret = send;
    return true;
}

static struct cd_cip_connection *find_by_name(struct cd_cip_flow *flow, const struct cd_cip_connection_name *name)
{
    for (unsigned i = 0; i < CD_CIP_CONNECTIONS; i++) {
        struct cd_cip_connection *c = &flow->connections[i];
        if (c->open && c->serial == name->serial && c->originator_vendor == name->originator_vendor &&
            c->originator_serial == name->originator_serial)
            return c;
    }
    return NULL;
}

struct cd_cip_connection *cd_cip_connection_find(struct cd_cip_flow *flow, uint32_t id)
{
    for (unsigned i = 0; i < CD_CIP_CONNECTIONS; i++) {
        struct cd_cip_connection *c = &flow->connections[i];
        if (c->open && c->to_target && (c->to_target == id || c->to_originator == id))
            return c;
    }
    return NULL;
}

void cd_cip_connection_opening(struct cd_cip_flow *flow, const struct cd_cip_forward_open *open, cd_cip_route route)
{
    struct cd_cip_connection_name name = {open->originator_serial, open->serial, open->originator_vendor};
    struct cd_cip_connection *c = find_by_name(flow, &name);
    if (!c)
        c = &flow->connections[flow->next_connection++ % CD_CIP_CONNECTIONS];
    *c = (struct cd_cip_connection){
        .originator_serial = open->originator_serial,
        .originator_vendor = open->originator_vendor,
        .serial = open->serial,
        .route = route,
        .transport_class = open->transport_class,
        .open = true,
    };
}

void cd_cip_connection_opened(struct cd_cip_flow *flow, struct cd_reader *response_data)
{
    uint32_t to_target = cd_read_le32(response_data, "originator to target connection id");
    uint32_t to_originator = cd_read_le32(response_data, "target to originator connection id");
    struct cd_cip_connection_name name = read_name(response_data);
    struct cd_cip_connection *c = cd_read_ok(response_data) ? find_by_name(flow, &name) : NULL;
    if (!c)
        return;
    c->to_target = to_target;
    c->to_originator = to_originator;
}

void cd_cip_connection_closing(struct cd_cip_flow *flow, const struct cd_cip_connection_name *name)
{
    struct cd_cip_connection *c = find_by_name(flow, name);
    if (c)
        c->open = false;
}

/* A packed route: the kind in bits 31..30, then for one or two hops a port (4 bits) and a node (8 bits) each; or the number of a long route. */
enum { ROUTE_HOPS_1 = 1, ROUTE_HOPS_2 = 2, ROUTE_LONG = 3 };

static bool packs(const struct cd_cip_hop *hop)
{
    return !hop->address && hop->port < 16;
}

static cd_cip_route remember_long(struct cd_cip_flow *flow, const struct cd_cip_path *path)
{
    char text[CD_CIP_ROUTE_TEXT];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_cip_route_text(&t, path, "/cip:");
    if (t.cut)
        return CD_CIP_ROUTE_UNKNOWN;
    for (unsigned i = 0; i < flow->n_long_routes; i++)
        if (strcmp(flow->long_routes[i], text) == 0)
            return (uint32_t)ROUTE_LONG << 30 | i;
    if (flow->n_long_routes == CD_CIP_LONG_ROUTES)
        return CD_CIP_ROUTE_UNKNOWN;
    memcpy(flow->long_routes[flow->n_long_routes], text, t.len + 1);
    return (uint32_t)ROUTE_LONG << 30 | flow->n_long_routes++;
}

cd_cip_route cd_cip_route_pack(struct cd_cip_flow *flow, const struct cd_cip_path *path)
{
    struct cd_cip_hop hops[CD_CIP_HOPS_MAX];
    if (path->n_hops == 0)
        return CD_CIP_ROUTE_NONE;
    unsigned n = cd_cip_path_hops(path, hops);
    if (n == 1 && packs(&hops[0]))
        return (uint32_t)ROUTE_HOPS_1 << 30 | (uint32_t)hops[0].port << 8 | hops[0].link;
    if (n == 2 && packs(&hops[0]) && packs(&hops[1]))
        return (uint32_t)ROUTE_HOPS_2 << 30 | (uint32_t)hops[1].port << 20 | (uint32_t)hops[1].link << 12 |
               (uint32_t)hops[0].port << 8 | hops[0].link;
    return remember_long(flow, path);
}

/* Long routes are kept as nested addresses; hops are joined by `between` instead. */
static void write_long(struct cd_text *t, const char *text, const char *between)
{
    static const char joint[] = "/cip:";
    for (const char *next; (next = strstr(text, joint)) != NULL; text = next + sizeof joint - 1) {
        cd_text_bytes(t, text, (size_t)(next - text));
        cd_text_str(t, between);
    }
    cd_text_str(t, text);
}

static void write_route(struct cd_text *t, const struct cd_cip_flow *flow, cd_cip_route route, const char *between)
{
    unsigned kind = route >> 30;
    if (kind == ROUTE_LONG) {
        unsigned i = route & 0xff;
        write_long(t, i < flow->n_long_routes ? flow->long_routes[i] : "?", between);
        return;
    }
    cd_text_u64(t, route >> 8 & 0x0f);
    cd_text_char(t, '.');
    cd_text_u64(t, route & 0xff);
    if (kind == ROUTE_HOPS_1)
        return;
    cd_text_str(t, between);
    cd_text_u64(t, route >> 20 & 0x0f);
    cd_text_char(t, '.');
    cd_text_u64(t, route >> 12 & 0xff);
}

void cd_cip_route_nested(struct cd_text *t, const struct cd_cip_flow *flow, cd_cip_route route)
{
    if (route == CD_CIP_ROUTE_NONE || route == CD_CIP_ROUTE_UNKNOWN)
        return;
    cd_text_str(t, "cip:");
    write_route(t, flow, route, "/cip:");
}

void cd_cip_route_via(struct cd_text *t, const struct cd_cip_flow *flow, cd_cip_route route)
{
    if (route == CD_CIP_ROUTE_NONE || route == CD_CIP_ROUTE_UNKNOWN)
        return;
    cd_text_str(t, t->len ? " via " : "via ");
    write_route(t, flow, route, "/");
}

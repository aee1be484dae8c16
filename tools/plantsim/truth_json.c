/* The truth as JSON: the lists of docs/analyze.schema.json with the fields that a simulation can vouch for. An asset's id is its address,
 * with what it is below it: "10.20.1.30 modbus:3". */
#include "plant.h"
#include "truth.h"

#include "base/json.h"
#include "base/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void append_ip(struct cd_text *t, uint32_t ip)
{
    const uint8_t bytes[] = {(uint8_t)(ip >> 24), (uint8_t)(ip >> 16), (uint8_t)(ip >> 8), (uint8_t)ip};
    struct cd_ip address = cd_ip_of4(bytes);
    cd_text_ip(t, &address);
}

static void append_endpoint(struct cd_text *t, endpoint e)
{
    if (ENDPOINT_IS_MAC(e))
        cd_text_mac(t, e & 0xffffffffffffu);
    else
        append_ip(t, (uint32_t)e);
}

static void write_endpoint(struct cd_json *j, const char *key, endpoint e)
{
    char buffer[64];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    append_endpoint(&t, e);
    cd_json_key(j, key);
    cd_json_text(j, buffer);
}

static void write_text(struct cd_json *j, const char *key, const char *text)
{
    cd_json_key(j, key);
    cd_json_text_or_null(j, text ? text : "");
}

static void write_number(struct cd_json *j, const char *key, uint64_t value)
{
    cd_json_key(j, key);
    cd_json_u64(j, value);
}

static void write_time(struct cd_json *j, const char *key, uint64_t time_ns)
{
    cd_json_key(j, key);
    cd_json_time(j, time_ns);
}

/* ---- assets ---- */

static void append_id(struct cd_text *t, const struct device *d)
{
    if (d->parent) {
        append_id(t, d->parent);
        cd_text_char(t, ' ');
        cd_text_str(t, d->scheme);
        cd_text_char(t, ':');
        cd_text_str(t, d->slot);
    } else if (d->ip) {
        append_ip(t, d->ip);
    } else {
        cd_text_mac(t, d->mac);
    }
}

static void write_id(struct cd_json *j, const char *key, const struct device *d)
{
    char buffer[128];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_json_key(j, key);
    if (!d) {
        cd_json_null(j);
        return;
    }
    append_id(&t, d);
    cd_json_text(j, buffer);
}

/* A list of at most one text. */
static void write_list(struct cd_json *j, const char *key, const char *text)
{
    cd_json_key(j, key);
    cd_json_open(j, '[');
    if (*text)
        cd_json_text(j, text);
    cd_json_close(j, ']');
}

static const char *told(const struct device *d, enum tells what, const char *value)
{
    return d->told & what ? value : NULL;
}

/* Where nothing tells the maker, the holder of the MAC range stands in; a fact says so, since lists of ranges differ. */
static void write_vendor(struct cd_json *j, const struct device *d, bool mac_is_seen)
{
    bool derived = !(d->told & TELLS_VENDOR) && mac_is_seen;
    write_text(j, "vendor", derived ? d->model->mac_holder : told(d, TELLS_VENDOR, d->model->vendor));
    cd_json_key(j, "facts");
    cd_json_open(j, '[');
    if (derived) {
        cd_json_open(j, '{');
        write_text(j, "attribute", "vendor");
        write_text(j, "value", d->model->mac_holder);
        write_text(j, "protocol", "oui");
        cd_json_close(j, '}');
    }
    cd_json_close(j, ']');
}

static void write_asset(struct cd_json *j, const struct device *d)
{
    char buffer[32];
    struct cd_text mac = cd_text_of(buffer, sizeof buffer);
    char ip_buffer[32];
    struct cd_text ip = cd_text_of(ip_buffer, sizeof ip_buffer);
    bool mac_is_seen = !d->parent && !d->router;
    if (mac_is_seen)
        cd_text_mac(&mac, d->mac);
    if (!d->parent && d->ip)
        append_ip(&ip, d->ip);
    cd_json_line(j);
    cd_json_open(j, '{');
    write_id(j, "id", d);
    write_text(j, "kind", !d->parent ? "device" : strcmp(d->scheme, "cip") == 0 ? "module" : "unit");
    write_text(j, "type", d->model->type);
    write_vendor(j, d, mac_is_seen);
    write_text(j, "model", told(d, TELLS_MODEL, d->model->model));
    write_text(j, "order_number", told(d, TELLS_ORDER_NUMBER, d->model->order_number));
    write_text(j, "firmware", told(d, TELLS_FIRMWARE, d->model->firmware));
    write_text(j, "hardware", told(d, TELLS_HARDWARE, d->model->hardware));
    write_text(j, "serial", told(d, TELLS_SERIAL, d->serial));
    write_text(j, "os", told(d, TELLS_OS, d->model->os));
    write_list(j, "names", d->told & TELLS_NAME ? d->name : "");
    write_list(j, "macs", buffer);
    write_list(j, "ips", ip_buffer);
    write_id(j, "parent", d->parent);
    write_text(j, "slot", d->slot);
    write_id(j, "router", d->parent ? NULL : d->router);
    cd_json_close(j, '}');
}

/* ---- conversations, operations, events ---- */

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_conversations(const void *left, const void *right)
{
    const struct conversation *a = left, *b = right;
    int order = compare_u64(a->client, b->client);
    order = order ? order : compare_u64(a->server, b->server);
    order = order ? order : compare_u64(a->transport, b->transport);
    return order ? order : compare_u64(a->port, b->port);
}

static int compare_operations(const void *left, const void *right)
{
    const struct operation *a = left, *b = right;
    int order = compare_u64(a->client, b->client);
    order = order ? order : compare_u64(a->server, b->server);
    order = order ? order : strcmp(a->protocol, b->protocol);
    order = order ? order : strcmp(a->code, b->code);
    return order ? order : strcmp(a->target, b->target);
}

static int compare_events(const void *left, const void *right)
{
    const struct event *a = left, *b = right;
    int order = compare_u64(a->frame, b->frame);
    return order ? order : strcmp(a->detail, b->detail);
}

static void write_conversation(struct cd_json *j, const struct conversation *c)
{
    static const char *const transports[] = {"eth", "ip", "tcp", "udp"};
    cd_json_line(j);
    cd_json_open(j, '{');
    write_endpoint(j, "client", c->client);
    write_endpoint(j, "server", c->server);
    write_text(j, "transport", transports[c->transport]);
    write_number(j, "port", c->port);
    cd_json_key(j, "protocol");
    cd_json_text(j, c->protocol);
    write_number(j, "packets", c->packets);
    write_number(j, "bytes", c->bytes);
    write_time(j, "first", c->first_ns);
    write_time(j, "last", c->last_ns);
    cd_json_close(j, '}');
}

static void write_operation(struct cd_json *j, const struct operation *o)
{
    cd_json_line(j);
    cd_json_open(j, '{');
    write_endpoint(j, "client", o->client);
    write_endpoint(j, "server", o->server);
    write_text(j, "protocol", o->protocol);
    write_text(j, "operation", o->name);
    write_text(j, "code", o->code);
    write_text(j, "class", o->class);
    cd_json_key(j, "target");
    cd_json_text(j, o->target);
    write_number(j, "requests", o->requests);
    write_number(j, "responses", o->responses);
    write_number(j, "errors", o->errors);
    cd_json_key(j, "last_error");
    cd_json_text_or_null(j, o->last_error ? o->last_error : "");
    write_time(j, "first", o->first_ns);
    write_time(j, "last", o->last_ns);
    cd_json_close(j, '}');
}

static void write_event(struct cd_json *j, const struct event *e)
{
    cd_json_line(j);
    cd_json_open(j, '{');
    write_time(j, "time", e->time_ns);
    write_text(j, "kind", e->kind);
    write_text(j, "protocol", e->protocol);
    write_endpoint(j, "client", e->client);
    write_endpoint(j, "server", e->server);
    write_text(j, "detail", e->detail);
    write_number(j, "frame", e->frame);
    write_number(j, "capture", 0);
    cd_json_close(j, '}');
}

/* qsort, for lists that may be empty and then have no place in memory. */
static void sort(void *items, size_t n, size_t size, int (*compare)(const void *, const void *))
{
    if (n)
        qsort(items, n, size, compare);
}

static void write_lists(struct cd_json *j, struct truth *t, const struct plant *plant)
{
    sort(t->conversations, t->n_conversations, sizeof *t->conversations, compare_conversations);
    sort(t->operations, t->n_operations, sizeof *t->operations, compare_operations);
    sort(t->events, t->n_events, sizeof *t->events, compare_events);
    cd_json_key(j, "assets");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < plant->n_devices; i++)
        if (plant->devices[i].sent)
            write_asset(j, &plant->devices[i]);
    cd_json_close(j, ']');
    cd_json_key(j, "conversations");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < t->n_conversations; i++)
        if (t->conversations[i].packets)
            write_conversation(j, &t->conversations[i]);
    cd_json_close(j, ']');
    cd_json_key(j, "operations");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < t->n_operations; i++)
        write_operation(j, &t->operations[i]);
    cd_json_close(j, ']');
    cd_json_key(j, "events");
    cd_json_open(j, '[');
    for (uint32_t i = 0; i < t->n_events; i++)
        write_event(j, &t->events[i]);
    cd_json_close(j, ']');
}

int truth_write(struct truth *t, const struct plant *plant, const char *path, struct cd_error *e)
{
    struct cd_json j;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return cd_error_errno(e, CD_ERROR_ACCESS, "%s can't be written", path);
    cd_json_start(&j, fd);
    cd_json_open(&j, '{');
    write_text(&j, "schema", "plantsim.truth");
    write_number(&j, "version", 1);
    write_lists(&j, t, plant);
    cd_json_close(&j, '}');
    cd_json_raw(&j, "\n", 1);
    int failed = cd_json_finish(&j, path, e);
    close(fd);
    return failed;
}

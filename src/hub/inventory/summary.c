/* The summary for people: how far it can be trusted, the devices, who talks to whom, what was done, what was noticed. */
#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "hub/inventory/classify.h"
#include "hub/inventory/order.h"
#include "hub/inventory/show.h"
#include "observe/observer.h"

#include <string.h>

enum {
    DEVICES_SHOWN = 60,
    CHILDREN_SHOWN = 12,
    PROTOCOLS_SHOWN = 15,
    OPERATIONS_SHOWN = 25,
    EVENTS_SHOWN = 20,
    LIMITS_SHOWN = 8
};

/* Lines are put together here and go out through the JSON writer's buffer. */
struct page {
    struct cd_json out;
    const struct cd_inventory *inv;
    unsigned columns;
    bool colour;
    struct cd_text line;
    char buffer[2048];
    unsigned width; /* columns used so far on this line */
};

static const char bold[] = "\033[1m", red[] = "\033[31m", yellow[] = "\033[33m", dim[] = "\033[2m", plain[] = "\033[0m";

static void colour(struct page *p, const char *sequence)
{
    if (p->colour)
        cd_text_str(&p->line, sequence);
}

static void end_line(struct page *p)
{
    cd_json_raw(&p->out, p->line.at, p->line.len);
    cd_json_raw(&p->out, "\n", 1);
    p->line = cd_text_of(p->buffer, sizeof p->buffer);
    p->width = 0;
}

/* Bytes of `text` that fill at most `columns` characters; *ret_columns: how many. Every character counts as one column. */
static size_t fitting(const char *text, unsigned columns, unsigned *ret_columns)
{
    size_t len = 0;
    unsigned n = 0;
    while (text[len] && n < columns) {
        len++;
        while (((unsigned char)text[len] & 0xc0) == 0x80)
            len++;
        n++;
    }
    *ret_columns = n;
    return len;
}

/* Text cut to what is left of the line. */
static void put(struct page *p, const char *text)
{
    unsigned used, room = p->columns > p->width ? p->columns - p->width : 0;
    size_t len = fitting(text, room, &used);
    if (text[len] && used > 1) { /* the cut shows */
        len = fitting(text, room - 1, &used);
        cd_text_bytes(&p->line, text, len);
        cd_text_str(&p->line, "…");
        p->width += used + 1;
        return;
    }
    cd_text_bytes(&p->line, text, len);
    p->width += used;
}

/* A cell of a table: cut or filled up to `columns`, and a blank after it. */
static void cell(struct page *p, const char *text, unsigned columns)
{
    unsigned used;
    size_t len = fitting(text, columns, &used);
    if (text[len]) {
        len = fitting(text, columns - 1, &used);
        cd_text_bytes(&p->line, text, len);
        cd_text_str(&p->line, "…");
        used++;
    } else {
        cd_text_bytes(&p->line, text, len);
    }
    for (; used <= columns; used++)
        cd_text_char(&p->line, ' ');
    p->width += columns + 1;
}

static void put_number(struct page *p, uint64_t value)
{
    char digits[32];
    struct cd_text t = cd_text_of(digits, sizeof digits);
    cd_text_u64(&t, value);
    put(p, t.at);
}

static void heading(struct page *p, const char *text, uint64_t count)
{
    end_line(p);
    colour(p, bold);
    put(p, text);
    if (count) {
        put(p, " (");
        put_number(p, count);
        put(p, ")");
    }
    colour(p, plain);
    end_line(p);
}

static void and_more(struct page *p, uint64_t more)
{
    if (!more)
        return;
    colour(p, dim);
    put(p, "  … and ");
    put_number(p, more);
    put(p, " more (use --json)");
    colour(p, plain);
    end_line(p);
}

/* ---- trust ---- */

static void put_limitation(void *context, const char *text)
{
    struct page *p = context;
    colour(p, yellow);
    put(p, "  ! ");
    colour(p, plain);
    put(p, text);
    end_line(p);
}

static void put_captures(struct page *p)
{
    const struct cd_inventory *inv = p->inv;
    uint64_t frames = 0, bytes = 0, first_ns = UINT64_MAX, last_ns = 0;
    for (uint32_t i = 0; i < inv->captures.count; i++) {
        const struct capture_record *c = &inv->captures.items[i];
        frames += c->frames, bytes += c->bytes;
        first_ns = c->frames && c->first_ns < first_ns ? c->first_ns : first_ns;
        last_ns = c->last_ns > last_ns ? c->last_ns : last_ns;
    }
    put_number(p, frames);
    put(p, " packets, ");
    put_number(p, bytes);
    put(p, " bytes in ");
    put_number(p, inv->captures.count);
    put(p, inv->captures.count == 1 ? " capture" : " captures");
    if (frames) {
        char span[64];
        struct cd_text t = cd_text_of(span, sizeof span);
        cd_text_time_short(&t, first_ns);
        cd_text_str(&t, " to ");
        cd_text_time_short(&t, last_ns);
        put(p, ", ");
        put(p, span);
        put(p, " UTC");
    }
    end_line(p);
}

static void put_problems(struct page *p)
{
    const struct cd_inventory *inv = p->inv;
    for (uint32_t i = 0; i < inv->problems.count && i < LIMITS_SHOWN; i++) {
        colour(p, red);
        put(p, "  ! ");
        colour(p, plain);
        for (uint32_t k = 0; k < inv->captures.count && inv->captures.count > 1; k++) {
            if (inv->captures.items[k].number == inv->problems.items[i].number) {
                put(p, text_of(inv, inv->captures.items[k].name));
                put(p, ": ");
            }
        }
        put(p, text_of(inv, inv->problems.items[i].text));
        end_line(p);
    }
    and_more(p, inv->problems.count > LIMITS_SHOWN ? inv->problems.count - LIMITS_SHOWN : 0);
}

static void put_trust(struct page *p)
{
    uint64_t bytes = 0, not_understood = 0;
    for (uint32_t i = 0; i < p->inv->protocols.count; i++) {
        bytes += p->inv->protocols.items[i].bytes;
        not_understood += p->inv->protocols.items[i].malformed_bytes;
    }
    put_captures(p);
    put_problems(p);
    cd_inventory_limitations(p->inv, put_limitation, p);
    if (not_understood) {
        char text[128];
        struct cd_text t = cd_text_of(text, sizeof text);
        cd_text_u64(&t, not_understood);
        cd_text_str(&t, " of ");
        cd_text_u64(&t, bytes);
        cd_text_str(&t, " bytes of known protocols were not understood");
        put_limitation(p, t.at);
    }
}

/* ---- devices ---- */

struct widths {
    unsigned address, name, type, vendor, model, firmware;
};

static struct widths column_widths(unsigned columns)
{
    unsigned rest = columns - 18 - 20 - 5;
    return (struct widths){.address = 18,
                           .type = 20,
                           .name = rest * 22 / 100,
                           .vendor = rest * 32 / 100,
                           .model = rest * 31 / 100,
                           .firmware = rest * 15 / 100};
}

static void asset_address(const struct cd_inventory *inv, const struct asset *asset, struct cd_text *t)
{
    if (!asset->n_interfaces)
        return;
    const struct interface *first = &inv->interfaces.items[asset->first_interface];
    uint32_t ips = 0;
    for (uint32_t i = 0; i < asset->n_interfaces; i++)
        ips += inv->interfaces.items[asset->first_interface + i].ip != 0;
    cd_text_address(t, inv, first->ip ? first->ip : first->mac);
    if (ips > 1) {
        cd_text_str(t, " +");
        cd_text_u64(t, ips - 1);
    }
}

static unsigned depth_of(const struct cd_inventory *inv, const struct asset *asset)
{
    unsigned depth = 0;
    for (uint32_t parent = asset->parent; parent != NONE && depth < 8; parent = inv->assets.items[parent].parent)
        depth++;
    return depth;
}

static void put_asset(struct page *p, const struct asset *asset, const struct widths *w)
{
    char address[96];
    struct cd_text t = cd_text_of(address, sizeof address);
    unsigned depth = depth_of(p->inv, asset);
    for (unsigned i = 0; i < depth; i++)
        cd_text_str(&t, "  ");
    if (depth) {
        cd_text_str(&t, asset->kind == KIND_UNIT ? "unit " : "slot ");
        cd_text_str(&t, asset->slot);
        cd_text_char(&t, ' ');
    }
    asset_address(p->inv, asset, &t);
    cell(p, t.at, w->address);
    cell(p, asset->name, w->name);
    cell(p, asset->type, w->type);
    cell(p, asset->vendor, w->vendor);
    cell(p, *asset->model ? asset->model : asset->order_number, w->model);
    put(p, asset->firmware);
    end_line(p);
}

/* A few words on what there is of each type, the most frequent first. */
static void put_types(struct page *p)
{
    struct {
        const char *type;
        uint32_t count;
    } types[64];
    unsigned n = 0;
    for (uint32_t i = 0; i < p->inv->assets.count; i++) {
        unsigned k = 0;
        while (k < n && strcmp(types[k].type, p->inv->assets.items[i].type) != 0)
            k++;
        if (k == n && n < 64) {
            types[n].type = p->inv->assets.items[i].type;
            types[n++].count = 0;
        }
        if (k < n)
            types[k].count++;
    }
    put(p, "  ");
    for (unsigned shown = 0; shown < n && shown < 8; shown++) {
        unsigned best = 0;
        for (unsigned k = 1; k < n; k++)
            if (types[k].count > types[best].count ||
                (types[k].count == types[best].count && strcmp(types[k].type, types[best].type) < 0))
                best = k;
        put(p, shown ? ", " : "");
        put_number(p, types[best].count);
        put(p, " ");
        put(p, types[best].type);
        types[best].count = 0;
    }
    end_line(p);
}

static void put_devices(struct page *p)
{
    const struct cd_inventory *inv = p->inv;
    struct widths w = column_widths(p->columns);
    uint32_t shown = 0, children = 0;
    heading(p, "Devices", inv->assets.count);
    if (!inv->assets.count)
        return;
    put_types(p);
    colour(p, dim);
    cell(p, "ADDRESS", w.address);
    cell(p, "NAME", w.name);
    cell(p, "TYPE", w.type);
    cell(p, "VENDOR", w.vendor);
    cell(p, "MODEL", w.model);
    put(p, "FIRMWARE");
    colour(p, plain);
    end_line(p);
    for (unsigned round = 0; round < 2; round++) { /* what is known to be something first, then the rest */
        bool follow = false;
        for (uint32_t i = 0; i < inv->assets.count && shown < DEVICES_SHOWN; i++) {
            const struct asset *asset = &inv->assets.items[i];
            bool rest = strcmp(asset->type, "unknown") == 0 || strcmp(asset->type, "internet-host") == 0;
            if (asset->parent == NONE) {
                follow = rest == (round == 1);
                children = 0;
            }
            if (!follow || (asset->parent != NONE && ++children > CHILDREN_SHOWN))
                continue;
            put_asset(p, asset, &w);
            shown++;
        }
    }
    and_more(p, inv->assets.count - shown);
}

/* ---- conversations ---- */

struct protocol_sum {
    text_id protocol;
    uint64_t conversations, packets, bytes;
};

static int tie_sums(const void *context, uint32_t a, uint32_t b)
{
    const struct protocol_sum *sums = ((const void *const *)context)[0];
    const struct cd_inventory *inv = ((const void *const *)context)[1];
    return strcmp(text_of(inv, sums[a].protocol), text_of(inv, sums[b].protocol));
}

static void put_conversations(struct page *p)
{
    const struct cd_inventory *inv = p->inv;
    uint32_t n = 0;
    struct protocol_sum *sums = cd_alloc(inv->texts.count, sizeof *sums);
    for (uint32_t i = 0; i < inv->conversations.count; i++) {
        const struct conversation *c = &inv->conversations.items[i];
        sums[c->protocol].protocol = c->protocol;
        sums[c->protocol].conversations++;
        sums[c->protocol].packets += c->client_packets + c->server_packets;
        sums[c->protocol].bytes += c->client_bytes + c->server_bytes;
    }
    struct sort_key *keys = cd_alloc(inv->texts.count, sizeof *keys);
    for (uint32_t i = 0; i < inv->texts.count; i++)
        if (sums[i].conversations)
            keys[n++] = (struct sort_key){.high = UINT64_MAX - sums[i].bytes, .item = i};
    const void *context[] = {sums, inv};
    cd_sort_keys(keys, n, tie_sums, context);
    heading(p, "Conversations by protocol", inv->conversations.count);
    for (uint32_t i = 0; i < n && i < PROTOCOLS_SHOWN; i++) {
        const struct protocol_sum *s = &sums[keys[i].item];
        char text[160];
        struct cd_text t = cd_text_of(text, sizeof text);
        put(p, "  ");
        cell(p, s->protocol ? text_of(inv, s->protocol) : "(not recognised)", 22);
        cd_text_u64(&t, s->conversations);
        cd_text_str(&t, s->conversations == 1 ? " conversation, " : " conversations, ");
        cd_text_u64(&t, s->packets);
        cd_text_str(&t, " packets, ");
        cd_text_u64(&t, s->bytes);
        cd_text_str(&t, " bytes");
        put(p, t.at);
        end_line(p);
    }
    and_more(p, n > PROTOCOLS_SHOWN ? n - PROTOCOLS_SHOWN : 0);
    cd_free(keys);
    cd_free(sums);
}

/* ---- what was done ---- */

/* "10.0.0.5 (ENG-01)": what the address is known as. */
static void address_and_name(const struct cd_inventory *inv, address_id address, struct cd_text *t)
{
    cd_text_address(t, inv, address);
    uint32_t asset = address < inv->n_asset_of ? inv->asset_of[address] : NONE;
    if (asset != NONE && *inv->assets.items[asset].name) {
        cd_text_str(t, " (");
        cd_text_str(t, inv->assets.items[asset].name);
        cd_text_char(t, ')');
    }
}

static void put_operation(struct page *p, const struct operation *op)
{
    char text[1600];
    struct cd_text t = cd_text_of(text, sizeof text);
    put(p, "  ");
    colour(p, red);
    cell(p, cd_class_name((enum cd_class)op->class), 9);
    colour(p, plain);
    address_and_name(p->inv, op->client, &t);
    cd_text_str(&t, " -> ");
    address_and_name(p->inv, op->server, &t);
    cd_text_str(&t, "  ");
    cd_text_str(&t, text_of(p->inv, op->protocol));
    cd_text_char(&t, ' ');
    cd_text_str(&t, text_of(p->inv, op->name));
    if (op->target) {
        cd_text_str(&t, ", ");
        cd_text_str(&t, text_of(p->inv, op->target));
    }
    cd_text_str(&t, " x");
    cd_text_u64(&t, op->requests ? op->requests : op->responses);
    if (op->errors) {
        cd_text_str(&t, ", refused ");
        cd_text_u64(&t, op->errors);
        cd_text_str(&t, op->last_error ? ": " : "");
        cd_text_str(&t, text_of(p->inv, op->last_error));
    }
    put(p, t.at);
    end_line(p);
}

static void put_operations(struct page *p)
{
    const struct cd_inventory *inv = p->inv;
    static const enum cd_class gravest_first[] = {CD_CLASS_FIRMWARE, CD_CLASS_PROGRAM, CD_CLASS_MODE, CD_CLASS_CONTROL,
                                                  CD_CLASS_CONFIGURE};
    uint32_t classes = 0, dangerous, shown = 0;
    for (unsigned k = 0; k < sizeof gravest_first / sizeof gravest_first[0]; k++)
        classes |= 1u << gravest_first[k];
    uint32_t *order = cd_inventory_order_operations(inv, classes, &dangerous);
    heading(p, "Dangerous operations", dangerous);
    if (!dangerous) {
        put(p, "  none: no program, firmware, mode, control or configuration change was seen");
        end_line(p);
    }
    for (unsigned k = 0; k < sizeof gravest_first / sizeof gravest_first[0]; k++)
        for (uint32_t i = 0; i < dangerous && shown < OPERATIONS_SHOWN; i++)
            if (inv->operations.items[order[i]].class == (uint8_t)gravest_first[k]) {
                put_operation(p, &inv->operations.items[order[i]]);
                shown++;
            }
    and_more(p, dangerous - shown);
    cd_free(order);
}

/* ---- what was noticed ---- */

static void put_event(struct page *p, const struct event *event)
{
    char text[900];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_time_short(&t, event->time_ns);
    put(p, "  ");
    cell(p, t.at, 19);
    cell(p, cd_event_kind_name((enum cd_event_kind)event->kind), 22);
    t = cd_text_of(text, sizeof text);
    cd_text_address(&t, p->inv, event->client);
    if (event->server) {
        cd_text_str(&t, " -> ");
        cd_text_address(&t, p->inv, event->server);
    }
    if (t.len)
        cd_text_str(&t, "  ");
    cd_text_str(&t, text_of(p->inv, event->protocol));
    cd_text_char(&t, ' ');
    cd_text_str(&t, text_of(p->inv, event->detail));
    put(p, t.at);
    end_line(p);
}

/* Dangerous operations have their own list; of the others each kind shows a few. */
static void put_events(struct page *p)
{
    const struct cd_inventory *inv = p->inv;
    uint32_t others, shown = 0, of_kind[CD_EVENTS] = {0};
    uint32_t *order = cd_inventory_order_events(inv, ~(1u << CD_EVENT_DANGEROUS_OPERATION), &others);
    heading(p, "Notable events", others);
    if (!others) {
        put(p, "  none");
        end_line(p);
    }
    for (uint32_t i = 0; i < others && shown < EVENTS_SHOWN; i++) {
        const struct event *event = &inv->events.items[order[i]];
        if (of_kind[event->kind]++ >= 5)
            continue;
        put_event(p, event);
        shown++;
    }
    and_more(p, others - shown);
    cd_free(order);
}

int cd_inventory_write_summary(const struct cd_inventory *inv, int fd, const struct cd_summary_options *options,
                               struct cd_error *e)
{
    struct page page = {.inv = inv}, *p = &page;
    unsigned columns = options && options->columns ? options->columns : 100;
    p->columns = columns < 80 ? 80 : columns > 240 ? 240 : columns;
    p->colour = options && options->colour;
    p->line = cd_text_of(p->buffer, sizeof p->buffer);
    cd_json_start(&p->out, fd);
    put_trust(p);
    put_devices(p);
    put_conversations(p);
    put_operations(p);
    put_events(p);
    return cd_json_finish(&p->out, "the summary", e);
}

/* ADS/AMS: recognising and framing, who speaks, and what is asked of whom. */
#include "protocols/ads.h"

#include "base/memory.h"

#include <string.h>

enum {
    TARGET_MAX = 200,
    NESTED_MAX = 32,
    LENGTH_MAX = 1 << 26, /* uploads of symbols are long */
    MESSAGE_MAX = 16384,
    SYMBOLS = 64, /* a power of two */
    NET_ID = 6,
    MACHINE = 4, /* the first bytes of a net id are the machine's, the others number its parts */
};

/* The names behind the handles of a connection; the oldest give way. */
struct symbols {
    struct symbol {
        uint32_t handle;
        bool known;
        char name[CD_ADS_SYMBOL_MAX];
    } items[SYMBOLS];
    uint32_t next;
};

struct state {
    struct symbols *symbols; /* NULL until a handle is asked for */
    struct end {
        uint8_t net_id[NET_ID];
        bool known;
    } ends[2];
    uint8_t behind[NET_ID]; /* the last net id of another machine that answered */
};

/* ---- parsing ---- */

static void read_ams_address(struct cd_reader *r, struct cd_ads_address *ret)
{
    const uint8_t *net_id = cd_read_at(r, NET_ID, "net id");
    if (net_id)
        memcpy(ret->net_id, net_id, NET_ID);
    ret->port = cd_read_le16(r, "port");
}

bool cd_ads_parse(struct cd_reader *r, bool cut, struct cd_ads_message *ret)
{
    struct cd_ads_message a = {0};
    a.router = cd_read_le16(r, "reserved");
    uint32_t length = cd_read_le32(r, "length");
    size_t left = cd_read_left(r);
    if (length != left && !(cut && length > left))
        cd_read_fail(r, "length");
    if (a.router == 0) {
        read_ams_address(r, &a.target);
        read_ams_address(r, &a.source);
        a.command = cd_read_le16(r, "command");
        a.flags = cd_read_le16(r, "state flags");
        length = cd_read_le32(r, "data length");
        a.error = cd_read_le32(r, "error code");
        a.invoke_id = cd_read_le32(r, "invoke id");
        if (cd_read_ok(r) && length != cd_read_left(r) && !(cut && length > cd_read_left(r)))
            cd_read_fail(r, "data length");
    }
    a.data = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

bool cd_ads_parse_access(const struct cd_ads_message *message, struct cd_ads_access *ret)
{
    struct cd_reader r = message->data;
    struct cd_ads_access a = {.group = cd_read_le32(&r, "index group"), .offset = cd_read_le32(&r, "index offset")};
    uint32_t length = cd_read_le32(&r, "length");
    if (message->command == CD_ADS_READ || message->command == CD_ADS_ADD_NOTIFICATION ||
        message->command == CD_ADS_READ_WRITE)
        a.read_length = length;
    if (message->command == CD_ADS_READ_WRITE)
        length = cd_read_le32(&r, "write length");
    if (message->command == CD_ADS_WRITE || message->command == CD_ADS_READ_WRITE)
        a.written = cd_read_sub(&r, length < cd_read_left(&r) ? length : cd_read_left(&r), "written");
    if (!cd_read_ok(&r))
        return false;
    *ret = a;
    return true;
}

/* ---- recognising and framing ---- */

static bool is_router_message(uint16_t type)
{
    return type == CD_ADS_PORT_CLOSE || (type >= CD_ADS_PORT_CONNECT && type <= CD_ADS_GET_NET_ID);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    if (transport == CD_TRANSPORT_UDP)
        return len >= 24 && cd_read_le32(&r, "magic number") == CD_ADS_DISCOVERY_MAGIC ? CD_PROBE_SURE : CD_PROBE_NO;
    uint16_t type = cd_read_le16(&r, "reserved");
    uint32_t length = cd_read_le32(&r, "length");
    if (!cd_read_ok(&r) || length > LENGTH_MAX)
        return CD_PROBE_NO;
    if (type)
        return is_router_message(type) && length + CD_ADS_TCP_HEADER == len && length <= 8 ? CD_PROBE_MAYBE
                                                                                           : CD_PROBE_NO;
    if (length < CD_ADS_HEADER)
        return CD_PROBE_NO;
    if (len < CD_ADS_TCP_HEADER + CD_ADS_HEADER)
        return len == CD_ADS_TCP_HEADER ? CD_PROBE_MAYBE : CD_PROBE_NO;
    cd_read_skip(&r, 16, "addresses");
    uint16_t command = cd_read_le16(&r, "command"), flags = cd_read_le16(&r, "state flags");
    if (cd_read_le32(&r, "data length") != length - CD_ADS_HEADER || command > CD_ADS_READ_WRITE || command == 0)
        return CD_PROBE_NO;
    return flags == CD_ADS_ADS_COMMAND || flags == (CD_ADS_ADS_COMMAND | CD_ADS_RESPONSE) ? CD_PROBE_SURE
                                                                                          : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    uint16_t type = cd_read_le16(&r, "reserved");
    uint32_t length = cd_read_le32(&r, "length");
    if (len >= 2 && type && !is_router_message(type))
        return CD_FRAME_NOT_OURS;
    if (!cd_read_ok(&r))
        return CD_FRAME_MORE;
    if (length > LENGTH_MAX || (type == 0 && length < CD_ADS_HEADER))
        return CD_FRAME_NOT_OURS;
    return (ssize_t)length + CD_ADS_TCP_HEADER;
}

/* ---- who ---- */

static void report_net_id(struct cd_message *m, const struct cd_subject *s, const uint8_t net_id[NET_ID])
{
    char text[NESTED_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_ads_text_net_id(&t, net_id);
    cd_report_fact(m, s, CD_ATTRIBUTE_INSTANCE, text, 90);
}

/* The machine that sent the message: the one at this end of the connection, or one for which it routes. */
static struct cd_subject speaker(struct cd_message *m, const struct cd_ads_message *a, char nested[NESTED_MAX])
{
    struct state *s = m->state;
    struct end *end = &s->ends[m->sent_by_client_end ? 0 : 1];
    struct cd_subject sender = cd_subject_sender(m);
    if (!end->known) {
        end->known = true;
        memcpy(end->net_id, a->source.net_id, NET_ID);
        report_net_id(m, &sender, end->net_id);
    }
    if (memcmp(end->net_id, a->source.net_id, MACHINE) == 0)
        return sender;
    struct cd_text t = cd_text_of(nested, NESTED_MAX);
    cd_text_str(&t, "ams:");
    cd_ads_text_net_id(&t, a->source.net_id);
    struct cd_subject behind = cd_subject_nested(sender, nested);
    if (memcmp(s->behind, a->source.net_id, NET_ID) != 0) {
        memcpy(s->behind, a->source.net_id, NET_ID);
        report_net_id(m, &behind, s->behind);
    }
    return behind;
}

/* Read device info: result 4, version 1, revision 1, build 2, name 16. It is the server on this port that tells its name. */
static void report_info(struct cd_message *m, const struct cd_subject *device, struct cd_reader r)
{
    enum { NAME = 16 };
    char text[64];
    struct cd_text t = cd_text_of(text, sizeof text);
    uint8_t version = cd_read_u8(&r, "version"), revision = cd_read_u8(&r, "revision");
    uint16_t build = cd_read_le16(&r, "build");
    const uint8_t *name = cd_read_at(&r, NAME, "device name");
    if (!name || !name[0])
        return;
    cd_text_device(&t, name, strnlen((const char *)name, NAME));
    cd_text_char(&t, ' ');
    cd_text_u64(&t, version);
    cd_text_char(&t, '.');
    cd_text_u64(&t, revision);
    cd_text_char(&t, '.');
    cd_text_u64(&t, build);
    cd_report_fact(m, device, CD_ATTRIBUTE_SOFTWARE, text, 90);
    cd_report_fact(m, device, CD_ATTRIBUTE_VENDOR, "Beckhoff", 60);
}

static bool is_plc_runtime(uint16_t port)
{
    return (port >= 801 && port <= 899);
}

static void report_state(struct cd_message *m, const struct cd_subject *device, uint16_t port, struct cd_reader r)
{
    char text[48];
    struct cd_text t = cd_text_of(text, sizeof text);
    uint16_t state = cd_read_le16(&r, "ADS state");
    if (!cd_read_ok(&r) || (!is_plc_runtime(port) && port != CD_ADS_PORT_SYSTEM_SERVICE))
        return;
    if (port == CD_ADS_PORT_SYSTEM_SERVICE)
        cd_text_str(&t, "TwinCAT ");
    cd_text_str(&t, cd_ads_state_name(state));
    cd_report_fact(m, device, CD_ATTRIBUTE_STATE, text, is_plc_runtime(port) ? 90 : 80);
}

/* ---- handles ---- */

static uint32_t remember_symbol(struct state *s, struct cd_reader name)
{
    if (!s->symbols)
        s->symbols = cd_alloc(1, sizeof *s->symbols);
    uint32_t slot = s->symbols->next++ & (SYMBOLS - 1);
    struct symbol *symbol = &s->symbols->items[slot];
    struct cd_text t = cd_text_of(symbol->name, sizeof symbol->name);
    const uint8_t *bytes = cd_read_at(&name, name.len, "name");
    symbol->known = false;
    if (bytes)
        cd_text_device(&t, bytes, strnlen((const char *)bytes, name.len));
    return slot;
}

static const char *symbol_of(const struct state *s, const struct cd_ads_access *access)
{
    if (!s->symbols || access->group != CD_ADS_VALUE_BY_HANDLE)
        return NULL;
    for (uint32_t i = 0; i < SYMBOLS; i++) /* bounded, and only for handles */
        if (s->symbols->items[i].known && s->symbols->items[i].handle == access->offset)
            return s->symbols->items[i].name;
    return NULL;
}

/* The handle that a name was given: result 4, length 4, handle 4. */
static void learn_handle(struct state *s, uint64_t note, struct cd_reader r)
{
    cd_read_skip(&r, 4, "length");
    uint32_t handle = cd_read_le32(&r, "handle");
    if (!cd_read_ok(&r) || !s->symbols || note == 0 || note > SYMBOLS)
        return;
    for (uint32_t i = 0; i < SYMBOLS; i++)
        if (s->symbols->items[i].handle == handle)
            s->symbols->items[i].known = false;
    s->symbols->items[note - 1].handle = handle;
    s->symbols->items[note - 1].known = true;
}

/* ---- what ---- */

/* Invoke ids are the asking program's own, so its port belongs to them. */
static uint64_t request_id(const struct cd_ads_message *a, uint16_t asking_port)
{
    return (uint64_t)a->command << 48 | (uint64_t)asking_port << 32 | a->invoke_id;
}

static void report_request(struct cd_message *m, const struct cd_ads_message *a, struct cd_operation op)
{
    char target[TARGET_MAX], nested[NESTED_MAX];
    struct state *s = m->state;
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_ads_access access;
    struct cd_reader r = a->data;
    uint32_t slot = SYMBOLS;
    bool fits = true;
    cd_ads_text_address(&t, &a->target);
    op.target = target;
    (void)speaker(m, a, nested);
    switch (a->command) {
    case CD_ADS_READ:
    case CD_ADS_WRITE:
    case CD_ADS_READ_WRITE:
    case CD_ADS_ADD_NOTIFICATION:
        fits = cd_ads_parse_access(a, &access);
        if (!fits)
            break;
        op.class = cd_ads_class(a->command, a->target.port, &access);
        if (access.group == CD_ADS_HANDLE_BY_NAME && a->command == CD_ADS_READ_WRITE)
            slot = remember_symbol(s, access.written);
        cd_ads_text_access(&t, a->target.port, &access, symbol_of(s, &access));
        break;
    case CD_ADS_WRITE_CONTROL:
        cd_text_str(&t, " to ");
        cd_text_str(&t, cd_ads_state_name(cd_read_le16(&r, "ADS state")));
        cd_read_skip(&r, 6, "device state and length");
        fits = cd_read_ok(&r);
        break;
    default: break;
    }
    cd_report_request(m, &op, request_id(a, a->source.port));
    if (slot < SYMBOLS)
        cd_report_remember(m, request_id(a, a->source.port), slot + 1);
    if (!fits)
        cd_report_malformed(m, "data");
}

static void report_response(struct cd_message *m, const struct cd_ads_message *a, const struct cd_operation *op)
{
    char nested[NESTED_MAX];
    struct cd_reader r = a->data;
    uint64_t id = request_id(a, a->target.port), note = cd_report_recall(m, id);
    uint32_t result = a->error;
    if (!result && a->data.len >= 4)
        result = cd_read_le32(&r, "result");
    cd_report_response(m, op, id, result ? cd_ads_error_name(result) : NULL);
    struct cd_subject device = speaker(m, a, nested);
    if (result)
        return;
    if (is_plc_runtime(a->source.port) && a->command != CD_ADS_READ_DEVICE_INFO)
        cd_report_fact(m, &device, CD_ATTRIBUTE_ROLE, "plc", 80);
    switch (a->command) {
    case CD_ADS_READ_DEVICE_INFO: report_info(m, &device, r); break;
    case CD_ADS_READ_STATE: report_state(m, &device, a->source.port, r); break;
    case CD_ADS_READ_WRITE: learn_handle(m->state, note, r); break;
    default: break;
    }
}

static enum cd_class class_of(uint16_t command)
{
    static const uint8_t classes[] = {
        [CD_ADS_READ_DEVICE_INFO] = CD_CLASS_IDENTIFY,
        [CD_ADS_READ] = CD_CLASS_READ,
        [CD_ADS_WRITE] = CD_CLASS_WRITE,
        [CD_ADS_READ_STATE] = CD_CLASS_DIAGNOSE,
        [CD_ADS_WRITE_CONTROL] = CD_CLASS_MODE,
        [CD_ADS_ADD_NOTIFICATION] = CD_CLASS_READ,
        [CD_ADS_DELETE_NOTIFICATION] = CD_CLASS_SESSION,
        [CD_ADS_NOTIFICATION] = CD_CLASS_READ,
        [CD_ADS_READ_WRITE] = CD_CLASS_READ,
    };
    return command >= 1 && command < sizeof classes ? (enum cd_class)classes[command] : CD_CLASS_OTHER;
}

static void report_notification(struct cd_message *m, const struct cd_ads_message *a, struct cd_operation op)
{
    char target[TARGET_MAX], nested[NESTED_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    cd_ads_text_address(&t, &a->source);
    op.target = target;
    m->from_client = false;
    (void)speaker(m, a, nested);
    cd_report_notice(m, &op);
}

static void report_router_message(struct cd_message *m, uint16_t type)
{
    struct cd_operation op = {.code_space = "router", .code = type, .class = CD_CLASS_SESSION, .target = ""};
    switch (type) {
    case CD_ADS_PORT_CLOSE: op.name = "port close"; break;
    case CD_ADS_PORT_CONNECT: op.name = "port connect"; break;
    case CD_ADS_ROUTER_NOTE: op.name = "router note"; break;
    default: op.name = "get local net id"; break;
    }
    cd_report_notice(m, &op);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ads_message a;
    if (m->transport == CD_TRANSPORT_UDP) {
        cd_ads_dissect_discovery(m, r);
        return;
    }
    if (!cd_ads_parse(r, m->cut || r->len >= MESSAGE_MAX, &a)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (a.router) {
        report_router_message(m, a.router);
        return;
    }
    struct cd_operation op = {
        .name = cd_ads_command_name(a.command), .code = a.command, .class = class_of(a.command), .target = ""};
    m->from_client = !(a.flags & CD_ADS_RESPONSE); /* either machine may ask the other over one connection */
    if (a.command == CD_ADS_NOTIFICATION && m->from_client)
        report_notification(m, &a, op);
    else if (m->from_client)
        report_request(m, &a, op);
    else
        report_response(m, &a, &op);
}

static void end(void *state)
{
    struct state *s = state;
    cd_free(s->symbols);
}

const struct cd_dissector cd_dissector_ads = {
    .name = "ads",
    .tcp_ports = {CD_ADS_TCP_PORT},
    .udp_ports = {CD_ADS_UDP_PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = MESSAGE_MAX,
    .state_size = sizeof(struct state),
    .end = end,
};

#include "protocols/enip.h"

#include "protocols/cip_names.h"

/* Types of common packet format items (2-6.1). */
enum {
    ITEM_NULL = 0x0000,
    ITEM_IDENTITY = 0x000c,
    ITEM_CONNECTED_ADDRESS = 0x00a1,
    ITEM_CONNECTED_DATA = 0x00b1,
    ITEM_UNCONNECTED_DATA = 0x00b2,
    ITEM_SERVICES = 0x0100,
    ITEM_SOCKET_TO_TARGET = 0x8000,
    ITEM_SOCKET_TO_ORIGINATOR = 0x8001,
    ITEM_SEQUENCED_ADDRESS = 0x8002,
    ITEM_UNCONNECTED_UDP = 0x8003,
};

/* The standard knows lists of at most four items; room for private ones. */
enum { ITEMS_MAX = 16 };

bool cd_enip_header_parse(struct cd_reader *r, struct cd_enip_header *ret)
{
    struct cd_enip_header h;
    h.command = cd_read_le16(r, "command");
    h.length = cd_read_le16(r, "length");
    h.session = cd_read_le32(r, "session handle");
    h.status = cd_read_le32(r, "status");
    h.context = cd_read_le64(r, "sender context");
    h.options = cd_read_le32(r, "options");
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

static void take_item(struct cd_enip_items *items, uint16_t type, struct cd_reader item)
{
    switch (type) {
    case ITEM_CONNECTED_ADDRESS:
    case ITEM_SEQUENCED_ADDRESS:
        items->address_type = type;
        items->connection_id = cd_read_le32(&item, "connection id");
        if (type == ITEM_SEQUENCED_ADDRESS)
            items->sequence = cd_read_le32(&item, "encapsulation sequence");
        break;
    case ITEM_CONNECTED_DATA:
    case ITEM_UNCONNECTED_DATA:
    case ITEM_UNCONNECTED_UDP:
        if (!items->has_data) {
            items->data_type = type;
            items->data = item;
            items->has_data = true;
        }
        break;
    default: break; /* socket addresses tell where I/O goes; what goes there is seen for itself */
    }
}

bool cd_enip_items_parse(struct cd_reader *r, struct cd_enip_items *ret)
{
    struct cd_enip_items items = {.count = cd_read_le16(r, "item count")};
    if (items.count > ITEMS_MAX) {
        cd_read_fail(r, "item count");
        return false;
    }
    for (unsigned i = 0; i < items.count; i++) {
        uint16_t type = cd_read_le16(r, "item type");
        size_t len = cd_read_le16(r, "item length");
        struct cd_reader item = cd_read_sub(r, len, "item");
        if (!cd_read_ok(r))
            return false;
        if ((type == ITEM_CONNECTED_ADDRESS && len < 4) || (type == ITEM_SEQUENCED_ADDRESS && len < 8)) {
            cd_read_fail(r, "address item");
            return false;
        }
        take_item(&items, type, item);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = items;
    return true;
}

bool cd_enip_identity_parse(struct cd_reader *r, struct cd_enip_identity *ret)
{
    struct cd_enip_identity identity = {.version = cd_read_le16(r, "encapsulation version")};
    cd_read_skip(r, 2, "address family");
    identity.port = cd_read_be16(r, "port");
    const uint8_t *address = cd_read_at(r, 4, "address");
    cd_read_skip(r, 8, "zero");
    if (!cd_cip_identity_parse(r, &identity.identity))
        return false;
    identity.address = cd_ip_of4(address);
    identity.state = cd_read_left(r) ? cd_read_u8(r, "state") : 0xff;
    *ret = identity;
    return true;
}

static const char *command_name(uint16_t command, enum cd_class *ret_class)
{
    *ret_class = CD_CLASS_SESSION;
    switch (command) {
    case CD_ENIP_NOP: return "nop";
    case CD_ENIP_LIST_SERVICES: *ret_class = CD_CLASS_IDENTIFY; return "list services";
    case CD_ENIP_LIST_IDENTITY: *ret_class = CD_CLASS_IDENTIFY; return "list identity";
    case CD_ENIP_LIST_INTERFACES: *ret_class = CD_CLASS_IDENTIFY; return "list interfaces";
    case CD_ENIP_REGISTER_SESSION: return "register session";
    case CD_ENIP_UNREGISTER_SESSION: return "unregister session";
    case CD_ENIP_SEND_RR_DATA: return "send rr data";
    case CD_ENIP_SEND_UNIT_DATA: return "send unit data";
    case CD_ENIP_INDICATE_STATUS: return "indicate status";
    case CD_ENIP_CANCEL: return "cancel";
    case CD_ENIP_START_DTLS: return "start dtls";
    case 0x01:
    case 0x02:
    case 0x03:
    case 0x05: *ret_class = CD_CLASS_OTHER; return "legacy command";
    default: return NULL;
    }
}

static const char *status_name(uint32_t status)
{
    switch (status) {
    case 0x00: return NULL;
    case 0x01: return "unsupported command";
    case 0x02: return "insufficient memory";
    case 0x03: return "incorrect data";
    case 0x64: return "invalid session handle";
    case 0x65: return "invalid length";
    case 0x69: return "unsupported protocol version";
    case 0x6a: return "encapsulated service not allowed";
    default: return "encapsulation error";
    }
}

/* Which end sent this, where the bytes don't say: the port tells, else who opened the flow. */
static bool sent_by_server_end(const struct cd_message *m)
{
    if ((m->client_port == CD_ENIP_PORT) != (m->server_port == CD_ENIP_PORT))
        return m->sent_by_client_end == (m->client_port == CD_ENIP_PORT);
    return !m->sent_by_client_end;
}

static bool is_reply(const struct cd_message *m, const struct cd_enip_header *h)
{
    switch (h->command) {
    case CD_ENIP_NOP:
    case CD_ENIP_UNREGISTER_SESSION:
    case CD_ENIP_INDICATE_STATUS:
    case CD_ENIP_CANCEL: return false;
    case CD_ENIP_LIST_SERVICES:
    case CD_ENIP_LIST_IDENTITY:
    case CD_ENIP_LIST_INTERFACES: return h->length > 0 || h->status != 0;
    case CD_ENIP_REGISTER_SESSION: return h->session != 0 || h->status != 0;
    default: return h->status != 0 || sent_by_server_end(m);
    }
}

static void report_command(struct cd_message *m, const struct cd_enip_header *h, bool reply)
{
    struct cd_operation op = {.code = h->command, .target = ""};
    op.name = command_name(h->command, &op.class);
    if (!op.name)
        op.name = "unknown command";
    m->from_client = !reply;
    if (reply)
        cd_report_response(m, &op, CD_REPORT_NO_REQUEST, status_name(h->status));
    else
        cd_report_notice(m, &op);
}

static void report_endpoint(struct cd_message *m, const struct cd_subject *subject,
                            const struct cd_enip_identity *identity)
{
    char text[64];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!cd_ip_is_device(&identity->address))
        return;
    cd_text_str(&t, "enip ");
    cd_text_ip(&t, &identity->address);
    cd_text_char(&t, ':');
    cd_text_u64(&t, identity->port);
    cd_report_fact(m, subject, CD_ATTRIBUTE_SERVICE, text, 90);
}

static void list_identity(struct cd_message *m, struct cd_reader *r)
{
    unsigned n = cd_read_le16(r, "item count");
    struct cd_subject subject = cd_subject_sender(m);
    for (unsigned i = 0; i < n && i < ITEMS_MAX && cd_read_ok(r); i++) {
        uint16_t type = cd_read_le16(r, "item type");
        size_t len = cd_read_le16(r, "item length");
        struct cd_reader item = cd_read_sub(r, len, "identity item");
        struct cd_enip_identity identity;
        if (type != ITEM_IDENTITY)
            continue;
        if (!cd_enip_identity_parse(&item, &identity)) {
            cd_read_fail(r, item.bad);
            break;
        }
        cd_cip_report_identity(m, &subject, &identity.identity, cd_cip_state_name(identity.state));
        report_endpoint(m, &subject, &identity);
    }
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}

/* 2-4.6: what the device can be asked for; capability bits 5 and 8 are CIP over TCP and I/O over UDP. */
static void list_services(struct cd_message *m, struct cd_reader *r)
{
    enum { OVER_TCP = 1 << 5, IO_OVER_UDP = 1 << 8, NAME_LEN = 16 };
    unsigned n = cd_read_le16(r, "item count");
    struct cd_subject subject = cd_subject_sender(m);
    for (unsigned i = 0; i < n && i < ITEMS_MAX && cd_read_ok(r); i++) {
        uint16_t type = cd_read_le16(r, "item type");
        size_t len = cd_read_le16(r, "item length");
        struct cd_reader item = cd_read_sub(r, len, "service item");
        char text[80];
        struct cd_text t = cd_text_of(text, sizeof text);
        cd_read_skip(&item, 2, "version");
        uint16_t capability = cd_read_le16(&item, "capability flags");
        size_t name_len = cd_read_left(&item) < NAME_LEN ? cd_read_left(&item) : NAME_LEN;
        const uint8_t *name = cd_read_at(&item, name_len, "service name");
        if (type != ITEM_SERVICES || !name)
            continue;
        cd_text_str(&t, "enip ");
        cd_text_device(&t, name, name_len);
        if (capability & OVER_TCP)
            cd_text_str(&t, ", cip over tcp");
        if (capability & IO_OVER_UDP)
            cd_text_str(&t, ", i/o over udp");
        cd_report_fact(m, &subject, CD_ATTRIBUTE_SERVICE, text, 90);
    }
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}

/* CIP speaks for itself: its name in reports, its state. The direction it finds is kept for the carrier's own report. */
static void dissect_cip(struct cd_message *m, const struct cd_enip_header *h, struct cd_enip_items *items)
{
    const struct cd_dissector *carrier = m->dissector;
    struct cd_cip_context context = {0};
    if (items->data_type == ITEM_CONNECTED_DATA) {
        const struct cd_cip_connection *c = cd_cip_connection_find(m->state, items->connection_id);
        if (c && c->transport_class < 2)
            return; /* I/O */
        context.transaction = cd_read_le16(&items->data, "sequence count");
        context.connection_id = items->connection_id;
    } else {
        context.transaction = h->context ^ h->session;
    }
    if (!cd_read_left(&items->data))
        return; /* a connected message may be a sequence count alone: it keeps the connection alive */
    m->dissector = &cd_dissector_cip;
    cd_cip_dissect(m, &items->data, &context);
    m->dissector = carrier;
}

/* The reply bit of the message inside is the surest sign of the direction: either end may be the originator of a connection. */
static bool cip_is_reply(const struct cd_message *m, const struct cd_enip_header *h, const struct cd_enip_items *items)
{
    int service = cd_read_peek(&items->data, items->data_type == ITEM_CONNECTED_DATA ? 2 : 0);
    return service >= 0 ? (service & 0x80) != 0 : is_reply(m, h);
}

static void send_data(struct cd_message *m, const struct cd_enip_header *h, struct cd_reader *r)
{
    struct cd_enip_items items;
    if (h->status != 0 && !cd_read_left(r)) {
        report_command(m, h, true);
        return;
    }
    cd_read_skip(r, 4, "interface handle");
    cd_read_skip(r, 2, "timeout");
    if (!cd_enip_items_parse(r, &items)) {
        report_command(m, h, is_reply(m, h));
        cd_report_malformed(m, r->bad);
        return;
    }
    report_command(m, h, cip_is_reply(m, h, &items));
    if (items.has_data)
        dissect_cip(m, h, &items);
}

/* Class 0 and 1 connections: one item list, no header. The data is the process's own; only the connection is named. */
static void dissect_io(struct cd_message *m, struct cd_reader *r)
{
    struct cd_enip_items items;
    char target[32];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (!cd_enip_items_parse(r, &items)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    cd_text_str(&t, "connection 0x");
    cd_text_hex(&t, items.connection_id, 8);
    struct cd_operation op = {.name = "implicit i/o", .code_text = "io", .class = CD_CLASS_OTHER, .target = target};
    cd_report_notice(m, &op);
}

/* An item list on its own begins with 2 items and a sequenced or connected address. */
static bool looks_like_io(const uint8_t *b, size_t len)
{
    if (len < 14 || b[0] != 2 || b[1] != 0)
        return false;
    return (b[2] == 0x02 && b[3] == 0x80 && b[4] == 8 && b[5] == 0) ||
           (b[2] == 0xa1 && b[3] == 0 && b[4] == 4 && b[5] == 0);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_enip_header h;
    if (m->transport == CD_TRANSPORT_UDP && cd_read_left(r) && looks_like_io(r->base + r->pos, cd_read_left(r))) {
        dissect_io(m, r);
        return;
    }
    if (!cd_enip_header_parse(r, &h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_reader data = {.bad = NULL};
    if (m->cut && cd_read_left(r) < h.length)
        data = cd_read_rest(r);
    else
        data = cd_read_sub(r, h.length, "length");
    if (!cd_read_ok(&data)) {
        cd_report_malformed(m, data.bad);
        return;
    }
    if (h.command == CD_ENIP_SEND_RR_DATA || h.command == CD_ENIP_SEND_UNIT_DATA) {
        send_data(m, &h, &data);
        return;
    }
    enum cd_class class;
    if (!command_name(h.command, &class)) {
        cd_report_malformed(m, "command");
        return;
    }
    bool reply = is_reply(m, &h);
    report_command(m, &h, reply);
    if (!reply || h.status != 0)
        return;
    if (h.command == CD_ENIP_LIST_IDENTITY)
        list_identity(m, &data);
    else if (h.command == CD_ENIP_LIST_SERVICES)
        list_services(m, &data);
}

/* A header that can be one: a known command, no options (receivers must drop others, 2-3.7), a status of the standard's. */
static bool header_fits(const struct cd_enip_header *h)
{
    enum cd_class class;
    if (!command_name(h->command, &class) || h->options != 0)
        return false;
    if (h->status > 0x6a)
        return false;
    switch (h->command) {
    case CD_ENIP_REGISTER_SESSION: return h->length == 4 || h->status != 0;
    case CD_ENIP_UNREGISTER_SESSION: return h->length == 0;
    case CD_ENIP_SEND_RR_DATA:
    case CD_ENIP_SEND_UNIT_DATA: return h->length >= 8 || h->status != 0;
    default: return true;
    }
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_enip_header h;
    enum cd_class class;
    if (len >= 2 && !command_name((uint16_t)(bytes[0] | bytes[1] << 8), &class))
        return CD_FRAME_NOT_OURS;
    if (!cd_enip_header_parse(&r, &h))
        return CD_FRAME_MORE;
    return header_fits(&h) ? CD_ENIP_HEADER_LEN + h.length : CD_FRAME_NOT_OURS;
}

/* The beginning of the item list of SendRRData and SendUnitData: interface handle 0 is CIP, then a known address item. */
static bool items_fit(struct cd_reader *r)
{
    uint32_t interface = cd_read_le32(r, "interface handle");
    cd_read_skip(r, 2, "timeout");
    uint16_t count = cd_read_le16(r, "item count"), type = cd_read_le16(r, "item type");
    return cd_read_ok(r) && interface == 0 && count >= 2 && count <= ITEMS_MAX &&
           (type == ITEM_NULL || type == ITEM_CONNECTED_ADDRESS || type == ITEM_SEQUENCED_ADDRESS);
}

/* A reply that lists items of this type. The requests are a number and zeros, which proves nothing. */
static bool list_fits(struct cd_reader *r, uint16_t item_type)
{
    uint16_t count = cd_read_le16(r, "item count"), type = cd_read_le16(r, "item type"),
             len = cd_read_le16(r, "length");
    return cd_read_ok(r) && count >= 1 && count <= ITEMS_MAX && type == item_type && len >= 20 &&
           len <= cd_read_left(r);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_enip_header h;
    if (transport == CD_TRANSPORT_UDP && looks_like_io(bytes, len))
        return CD_PROBE_SURE;
    if (!cd_enip_header_parse(&r, &h) || !header_fits(&h))
        return CD_PROBE_NO;
    if (transport == CD_TRANSPORT_UDP && h.length != cd_read_left(&r))
        return CD_PROBE_NO;
    switch (h.command) {
    case CD_ENIP_REGISTER_SESSION:
        return h.length == 4 && cd_read_le16(&r, "version") == 1 && cd_read_le16(&r, "options") == 0 && cd_read_ok(&r)
                   ? CD_PROBE_SURE
                   : CD_PROBE_MAYBE;
    case CD_ENIP_SEND_RR_DATA:
    case CD_ENIP_SEND_UNIT_DATA: return items_fit(&r) ? CD_PROBE_SURE : CD_PROBE_MAYBE;
    case CD_ENIP_LIST_IDENTITY: return list_fits(&r, ITEM_IDENTITY) ? CD_PROBE_SURE : CD_PROBE_MAYBE;
    case CD_ENIP_LIST_SERVICES: return list_fits(&r, ITEM_SERVICES) ? CD_PROBE_SURE : CD_PROBE_MAYBE;
    default: return CD_PROBE_MAYBE;
    }
}

const struct cd_dissector cd_dissector_enip = {
    .name = "enip",
    .tcp_ports = {CD_ENIP_PORT},
    .udp_ports = {CD_ENIP_PORT, CD_ENIP_IO_PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_ENIP_HEADER_LEN + UINT16_MAX,
    .state_size = sizeof(struct cd_cip_flow),
};

#include "protocols/cip.h"

#include "base/hash.h"
#include "protocols/cip_manager.h"
#include "protocols/cip_names.h"
#include "protocols/cip_objects.h"
#include "protocols/cip_services.h"
#include "protocols/pccc.h"

/* One message within its carrier: where it stands and which way it goes. */
struct place {
    uint64_t
        id; /* pairs a response with its request: of the carrier, and of the place within a multiple service packet */
    cd_cip_route route;
    unsigned depth;
};

/* The lowest bit of an id tells a routing request from what it routes. */
enum { ID_ROUTING = 1 };

static uint64_t id_of(uint64_t outer, uint64_t inner)
{
    return cd_hash_u64(outer, inner) & ~(uint64_t)ID_ROUTING;
}

/* What is remembered with an open request. */
struct note {
    uint8_t service;
    uint16_t class_id; /* CD_CIP_NO_CLASS: none, or larger */
    uint8_t attribute; /* 0: none, or larger */
    bool tells;        /* the response names the device: report it */
    cd_cip_route route;
};

static uint64_t pack_note(const struct note *n)
{
    return (uint64_t)n->route << 32 | (uint64_t)n->class_id << 16 | (uint64_t)(n->attribute & 0x7f) << 9 |
           (uint64_t)n->tells << 8 | n->service;
}

static struct note unpack_note(uint64_t bits)
{
    return (struct note){
        .service = (uint8_t)bits,
        .tells = bits >> 8 & 1,
        .attribute = bits >> 9 & 0x7f,
        .class_id = bits ? (uint16_t)(bits >> 16) : CD_CIP_NO_CLASS,
        .route = (uint32_t)(bits >> 32),
    };
}

bool cd_cip_parse(struct cd_reader *r, struct cd_cip_message *ret)
{
    struct cd_cip_message m = {0};
    uint8_t service = cd_read_u8(r, "service");
    m.service = service & 0x7f;
    m.response = service & 0x80;
    if (m.response) {
        cd_read_skip(r, 1, "reserved");
        m.status = cd_read_u8(r, "general status");
        m.extended_words = cd_read_u8(r, "additional status size");
        struct cd_reader extended = cd_read_sub(r, 2u * m.extended_words, "additional status");
        if (m.extended_words)
            m.extended = cd_read_le16(&extended, "additional status");
    } else {
        size_t words = cd_read_u8(r, "request path size");
        struct cd_reader path = cd_read_sub(r, 2 * words, "request path");
        if (!cd_cip_path_parse(&path, &m.path)) {
            cd_read_fail(r, path.bad);
            return false;
        }
    }
    m.data_len = cd_read_left(r);
    m.data = cd_read_at(r, m.data_len, "data");
    if (!cd_read_ok(r))
        return false;
    *ret = m;
    return true;
}

static bool dissect_one(struct cd_message *m, struct cd_reader *r, const struct place *place);

static uint32_t class_of(const struct cd_cip_message *msg)
{
    return msg->path.has_class && !msg->path.has_symbol ? msg->path.class_id : CD_CIP_NO_CLASS;
}

/* " (10 elements)" of tag services; a single element goes without saying. */
static void write_elements(struct cd_text *t, const struct cd_cip_message *msg)
{
    struct cd_reader r = cd_reader_of(msg->data, msg->data_len);
    if (msg->service == CD_CIP_WRITE_TAG || msg->service == CD_CIP_WRITE_TAG_FRAGMENTED) {
        uint16_t type = cd_read_le16(&r, "data type");
        if (type == 0x02a0) /* a structure: its template's handle follows */
            cd_read_skip(&r, 2, "structure handle");
    } else if (msg->service != CD_CIP_READ_TAG && msg->service != CD_CIP_READ_TAG_FRAGMENTED) {
        return;
    }
    uint16_t elements = cd_read_le16(&r, "elements");
    if (!cd_read_ok(&r) || elements < 2)
        return;
    cd_text_str(t, " (");
    cd_text_u64(t, elements);
    cd_text_str(t, " elements)");
}

/* ", attributes 1 2 3" of Get_Attribute_List; Set_Attribute_List has values between, whose sizes only the object knows: its first attribute is named. */
static void write_attribute_list(struct cd_text *t, const struct cd_cip_message *msg)
{
    enum { SHOWN_MAX = 12 };
    struct cd_reader r = cd_reader_of(msg->data, msg->data_len);
    uint16_t n = cd_read_le16(&r, "attribute count"), shown = n;
    if (msg->service == CD_CIP_SET_ATTRIBUTE_LIST && n > 1)
        shown = 1;
    if (shown > SHOWN_MAX)
        shown = SHOWN_MAX;
    for (unsigned i = 0; i < shown && cd_read_left(&r) >= 2; i++) {
        cd_text_str(t, i ? " " : n > 1 ? ", attributes " : ", attribute ");
        cd_text_u64(t, cd_read_le16(&r, "attribute"));
    }
    if (shown && shown < n)
        cd_text_str(t, " ...");
}

static void write_target(struct cd_text *t, struct cd_cip_flow *flow, const struct cd_cip_message *msg,
                         uint32_t class_id, cd_cip_route route)
{
    cd_cip_path_text(t, &msg->path);
    switch (msg->service) {
    case CD_CIP_GET_ATTRIBUTE_LIST:
    case CD_CIP_SET_ATTRIBUTE_LIST: write_attribute_list(t, msg); break;
    case CD_CIP_SET_ATTRIBUTE_SINGLE: {
        struct cd_reader data = cd_reader_of(msg->data, msg->data_len);
        cd_cip_write_setting(t, class_id, msg->path.attribute, &data);
        break;
    }
    default:
        if (class_id == CD_CIP_NO_CLASS || class_id == CD_CIP_SYMBOL)
            write_elements(t, msg);
    }
    cd_cip_route_via(t, flow, route);
}

static void report_request(struct cd_message *m, const struct cd_cip_message *msg, const struct cd_operation *op,
                           uint64_t id, cd_cip_route route)
{
    uint32_t class_id = class_of(msg);
    struct note note = {
        .service = msg->service,
        .class_id = class_id < CD_CIP_NO_CLASS ? (uint16_t)class_id : CD_CIP_NO_CLASS,
        .attribute = msg->path.attribute < 0x80 ? (uint8_t)msg->path.attribute : 0,
        .tells = cd_cip_object_tells(class_id) && msg->path.instance >= 1 && route != CD_CIP_ROUTE_UNKNOWN,
        .route = route,
    };
    if (class_id == CD_CIP_IDENTITY && msg->path.instance != 1)
        note.tells = false; /* further instances are parts of the device */
    cd_report_request(m, op, id);
    cd_report_remember(m, id, pack_note(&note));
}

/* 3-5.5.4: the routed request is counted beside the one that routes it; its response comes back without a wrapping. */
static void unconnected_send(struct cd_message *m, const struct cd_cip_message *msg, const struct place *place)
{
    struct cd_cip_flow *flow = m->state;
    struct cd_reader data = cd_reader_of(msg->data, msg->data_len);
    struct cd_cip_unconnected_send send;
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {
        .name = "unconnected send", .code = msg->service, .class = CD_CLASS_OTHER, .target = target};
    bool ok = cd_cip_unconnected_send_parse(&data, &send);
    if (ok && send.route.n_hops) {
        cd_text_str(&t, "via ");
        cd_cip_route_text(&t, &send.route, "/");
    }
    report_request(m, msg, &op, place->id | ID_ROUTING, place->route);
    if (!ok) {
        cd_report_malformed(m, data.bad);
        return;
    }
    struct place inner = {.id = place->id, .depth = place->depth + 1, .route = cd_cip_route_pack(flow, &send.route)};
    dissect_one(m, &send.request, &inner);
}

static void write_connection(struct cd_text *t, struct cd_cip_flow *flow, const struct cd_cip_forward_open *open,
                             cd_cip_route route)
{
    cd_text_str(t, "class ");
    cd_text_u64(t, open->transport_class);
    cd_text_str(t, open->path.has_target ? " connection to " : " connection");
    cd_cip_path_text(t, &open->path);
    cd_cip_route_via(t, flow, route);
}

static void forward_open(struct cd_message *m, const struct cd_cip_message *msg, struct cd_operation op,
                         const struct place *place)
{
    struct cd_cip_flow *flow = m->state;
    struct cd_reader data = cd_reader_of(msg->data, msg->data_len);
    struct cd_cip_forward_open open;
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    bool ok = cd_cip_forward_open_parse(&data, msg->service == CD_CIP_LARGE_FORWARD_OPEN, &open);
    if (ok) {
        cd_cip_route route = open.path.n_hops ? cd_cip_route_pack(flow, &open.path) : place->route;
        write_connection(&t, flow, &open, route);
        cd_cip_connection_opening(flow, &open, route);
    }
    op.target = target;
    report_request(m, msg, &op, place->id, place->route);
    if (!ok)
        cd_report_malformed(m, data.bad);
}

static void forward_close(struct cd_message *m, const struct cd_cip_message *msg, struct cd_operation op,
                          const struct place *place)
{
    struct cd_cip_flow *flow = m->state;
    struct cd_reader data = cd_reader_of(msg->data, msg->data_len);
    struct cd_cip_connection_name name;
    struct cd_cip_path path;
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    bool ok = cd_cip_forward_close_parse(&data, &name, &path);
    if (ok) {
        cd_text_str(&t, path.has_target ? "connection to " : "connection");
        cd_cip_path_text(&t, &path);
        cd_cip_route_via(&t, flow, path.n_hops ? cd_cip_route_pack(flow, &path) : place->route);
        cd_cip_connection_closing(flow, &name);
    }
    op.target = target;
    report_request(m, msg, &op, place->id, place->route);
    if (!ok)
        cd_report_malformed(m, data.bad);
}

static void execute_pccc(struct cd_message *m, const struct cd_cip_message *msg, struct cd_operation op,
                         const struct place *place)
{
    struct cd_reader data = cd_reader_of(msg->data, msg->data_len);
    struct cd_pccc_message pccc;
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    bool ok = cd_pccc_parse(&data, &pccc);
    op.target = target;
    if (!ok) {
        report_request(m, msg, &op, place->id, place->route);
        cd_report_malformed(m, data.bad);
        return;
    }
    cd_pccc_target(&t, &pccc);
    cd_cip_route_via(&t, m->state, place->route);
    op.class = cd_pccc_class(pccc.command, pccc.function);
    struct note note = {
        .service = msg->service,
        .class_id = CD_CIP_PCCC,
        .tells = pccc.command == 6 && pccc.function == 3 && place->route != CD_CIP_ROUTE_UNKNOWN,
        .route = place->route,
    };
    cd_report_request(m, &op, place->id);
    cd_report_remember(m, place->id, pack_note(&note));
}

/* The services of a multiple service packet, or their responses (2-5): a count, offsets from the count, and at each offset a message. */
static void each_service(struct cd_message *m, const struct cd_cip_message *msg, const struct place *place)
{
    struct cd_reader data = cd_reader_of(msg->data, msg->data_len);
    unsigned n = cd_read_le16(&data, "number of services");
    struct cd_reader offsets = cd_read_sub(&data, 2 * (size_t)n, "service offsets");
    if (!cd_read_ok(&data)) {
        cd_report_malformed(m, "service offsets");
        return;
    }
    size_t first = 2 + 2 * (size_t)n, start = n ? cd_read_le16(&offsets, "service offset") : 0;
    for (unsigned i = 0; i < n; i++) {
        size_t end = i + 1 < n ? cd_read_le16(&offsets, "service offset") : msg->data_len;
        if (start < first || end <= start || end > msg->data_len) {
            cd_report_malformed(m, "service offset");
            return;
        }
        struct cd_reader one = cd_reader_of(msg->data + start, end - start);
        struct place inner = {.id = id_of(place->id, i + 1), .depth = place->depth + 1, .route = place->route};
        dissect_one(m, &one, &inner);
        start = end;
    }
}

/* Several such messages are on their way at a time. */
static void expect_services(struct cd_message *m, const struct cd_cip_message *msg)
{
    struct cd_reader data = cd_reader_of(msg->data, msg->data_len);
    unsigned n = cd_read_le16(&data, "number of services");
    if (cd_read_ok(&data))
        cd_report_expect(m, 4 * n + 32);
}

static void dissect_request(struct cd_message *m, const struct cd_cip_message *msg, const struct place *place)
{
    uint32_t class_id = class_of(msg);
    if (class_id == CD_CIP_CONNECTION_MANAGER && msg->service == CD_CIP_UNCONNECTED_SEND) {
        unconnected_send(m, msg, place);
        return;
    }
    struct cd_cip_service service = cd_cip_service_find(class_id, msg->service);
    struct cd_operation op = {.name = service.name, .code = msg->service, .class = service.class, .target = ""};
    if (class_id == CD_CIP_CONNECTION_MANAGER) {
        switch (msg->service) {
        case CD_CIP_FORWARD_OPEN:
        case CD_CIP_LARGE_FORWARD_OPEN: forward_open(m, msg, op, place); return;
        case CD_CIP_FORWARD_CLOSE: forward_close(m, msg, op, place); return;
        default: break;
        }
    }
    if (class_id == CD_CIP_PCCC && msg->service == CD_CIP_EXECUTE_PCCC) {
        execute_pccc(m, msg, op, place);
        return;
    }
    if (msg->service == CD_CIP_MULTIPLE_SERVICE)
        expect_services(m, msg);
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    write_target(&t, m->state, msg, class_id, place->route);
    op.target = target;
    report_request(m, msg, &op, place->id, place->route);
    if (msg->service == CD_CIP_MULTIPLE_SERVICE)
        each_service(m, msg, place);
}

/* NULL where the response grants. A partial transfer (6) is a granted part. */
static const char *error_of(const struct cd_cip_message *msg, uint32_t class_id)
{
    if (msg->status == 0 || msg->status == 6)
        return NULL;
    const char *name = NULL;
    if (msg->status == 1 && msg->extended_words &&
        (class_id == CD_CIP_CONNECTION_MANAGER || class_id == CD_CIP_NO_CLASS))
        name = cd_cip_connection_status_name(msg->extended);
    return name ? name : cd_cip_status_name(msg->status);
}

static struct cd_subject target_subject(const struct cd_message *m, cd_cip_route route,
                                        char nested[CD_CIP_ROUTE_TEXT + 8])
{
    struct cd_text t = cd_text_of(nested, CD_CIP_ROUTE_TEXT + 8);
    cd_cip_route_nested(&t, m->state, route);
    return cd_subject_nested(cd_subject_sender(m), nested);
}

/* The diagnostic status of an SLC 500 or MicroLogix; some clients poll it many times a second. */
static void report_processor(struct cd_message *m, const struct cd_pccc_message *pccc, const struct note *note)
{
    enum { REPEAT_NS = 1000000000 };
    struct cd_cip_flow *flow = m->state;
    uint32_t hash = (uint32_t)cd_hash_bytes(0, pccc->data, pccc->data_len);
    if (flow->status_time_ns && hash == flow->status_hash && m->packet->time_ns - flow->status_time_ns < REPEAT_NS)
        return;
    struct cd_reader data = cd_reader_of(pccc->data, pccc->data_len);
    struct cd_pccc_status status;
    if (!cd_pccc_status_parse(&data, &status))
        return;
    flow->status_hash = hash;
    flow->status_time_ns = m->packet->time_ns;
    char nested[CD_CIP_ROUTE_TEXT + 8], text[32];
    struct cd_subject subject = target_subject(m, note->route, nested);
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_str(&t, "series ");
    cd_text_char(&t, status.series);
    cd_text_str(&t, " revision ");
    cd_text_char(&t, status.revision);
    cd_report_fact_bytes(m, &subject, CD_ATTRIBUTE_MODEL, status.name, status.name_len, 95);
    cd_report_fact(m, &subject, CD_ATTRIBUTE_HARDWARE, text, 90);
    cd_report_fact(m, &subject, CD_ATTRIBUTE_ROLE, "plc", 90);
    cd_report_fact(m, &subject, CD_ATTRIBUTE_VENDOR, cd_cip_vendor_name(1), 80);
    cd_cip_report_state(m, &subject, status.mode);
}

static void pccc_response(struct cd_message *m, const struct cd_cip_message *msg, const struct cd_operation *op,
                          uint64_t id, const struct note *note)
{
    struct cd_reader data = cd_reader_of(msg->data, msg->data_len);
    struct cd_pccc_message pccc;
    bool ok = cd_pccc_parse(&data, &pccc);
    cd_report_response(m, op, id, ok ? cd_pccc_error(&pccc) : NULL);
    if (!ok)
        cd_report_malformed(m, data.bad);
    else if (note->tells && pccc.status == 0)
        report_processor(m, &pccc, note);
}

static void dissect_response(struct cd_message *m, const struct cd_cip_message *msg, const struct place *place)
{
    struct cd_cip_flow *flow = m->state;
    uint64_t id = place->id;
    struct note note = unpack_note(cd_report_recall(m, id));
    if (note.service != msg->service && msg->service == CD_CIP_UNCONNECTED_SEND) {
        id |= ID_ROUTING; /* the routing itself failed */
        note = unpack_note(cd_report_recall(m, id));
    }
    if (note.service != msg->service) {
        note = (struct note){.class_id = CD_CIP_NO_CLASS};
        id = CD_REPORT_NO_REQUEST; /* an answer to something else, or to what was not seen */
    }
    struct cd_cip_service service = cd_cip_service_find(note.class_id, msg->service);
    struct cd_operation op = {.name = service.name, .code = msg->service, .class = service.class, .target = ""};
    const char *error = error_of(msg, note.class_id);
    struct cd_reader data = cd_reader_of(msg->data, msg->data_len);
    if (note.class_id == CD_CIP_PCCC && msg->service == CD_CIP_EXECUTE_PCCC && !error) {
        pccc_response(m, msg, &op, id, &note);
        return;
    }
    cd_report_response(m, &op, id, error);
    if (msg->service == CD_CIP_MULTIPLE_SERVICE && (msg->status == 0 || msg->status == 0x1e)) {
        each_service(m, msg, place);
    } else if (error) {
        return;
    } else if (note.class_id == CD_CIP_CONNECTION_MANAGER) {
        if (msg->service == CD_CIP_FORWARD_OPEN || msg->service == CD_CIP_LARGE_FORWARD_OPEN)
            cd_cip_connection_opened(flow, &data);
    } else if (note.tells && !m->cut) {
        char nested[CD_CIP_ROUTE_TEXT + 8];
        struct cd_subject subject = target_subject(m, note.route, nested);
        cd_cip_report_object(m, &subject, note.class_id, msg->service, note.attribute, &data);
    }
}

/* Depth: CD_CIP_DEPTH_MAX. */
static bool dissect_one(struct cd_message *m, struct cd_reader *r, const struct place *place)
{
    struct cd_cip_message msg;
    if (place->depth >= CD_CIP_DEPTH_MAX) {
        cd_report_malformed(m, "nested requests");
        return false;
    }
    if (!cd_cip_parse(r, &msg)) {
        cd_report_malformed(m, r->bad);
        return false;
    }
    if (place->depth == 0)
        m->from_client = !msg.response;
    if (msg.response)
        dissect_response(m, &msg, place);
    else
        dissect_request(m, &msg, place);
    return true;
}

bool cd_cip_dissect(struct cd_message *m, struct cd_reader *r, const struct cd_cip_context *context)
{
    struct place place = {.route = CD_CIP_ROUTE_NONE};
    uint32_t key = 0;
    if (context->connection_id) {
        /* The two directions of a connection have ids of their own; its place in the table is the same. */
        struct cd_cip_flow *flow = m->state;
        const struct cd_cip_connection *c = cd_cip_connection_find(flow, context->connection_id);
        place.route = c ? c->route : CD_CIP_ROUTE_UNKNOWN;
        if (c)
            key = 1 + (uint32_t)(c - flow->connections);
        key |= 0x80000000u;
    }
    place.id = id_of(key, context->transaction);
    return dissect_one(m, r, &place);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    const struct cd_cip_context context = {0};
    cd_cip_dissect(m, r, &context);
}

/* Carried by EtherNet/IP, which hands over its messages by cd_cip_dissect: no ports, nothing to recognise by itself. */
const struct cd_dissector cd_dissector_cip = {
    .name = "cip",
    .dissect = dissect,
    .state_size = sizeof(struct cd_cip_flow),
};

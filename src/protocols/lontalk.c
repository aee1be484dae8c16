/* LonTalk over IP: which nodes exchange which network variables, and who manages them. */
#include "protocols/lontalk.h"

#include "base/text.h"

enum { TRANSPORT_ACKNOWLEDGED = 0, TRANSPORT_REPEATED = 1, TRANSPORT_ACKNOWLEDGMENT = 2 };
enum { SESSION_REQUEST = 0, SESSION_RESPONSE = 2 };
enum { CODE_MANAGEMENT = 0x60, CODE_DIAGNOSTIC = 0x50, CODE_VARIABLE = 0x80 };

/* ---- parsing ---- */

bool cd_cnip_parse(struct cd_reader *r, struct cd_cnip_packet *ret)
{
    struct cd_cnip_packet c;
    size_t whole = cd_read_left(r);
    uint16_t length = cd_read_be16(r, "length");
    cd_read_skip(r, 1, "version");
    c.type = cd_read_u8(r, "type");
    size_t extended = 4u * cd_read_u8(r, "extended header");
    cd_read_skip(r, CD_CNIP_HEADER - 5, "header");
    cd_read_skip(r, extended, "extended header");
    if (length > whole || length < CD_CNIP_HEADER + extended)
        cd_read_fail(r, "length");
    c.payload = cd_read_sub(r, length - CD_CNIP_HEADER - extended, "length");
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

static void read_address(struct cd_reader *r, struct cd_lon_packet *l)
{
    enum { FORM_2A = 0x80 };
    l->source_subnet = cd_read_u8(r, "source subnet");
    uint8_t node = cd_read_u8(r, "source node");
    l->source_node = node & 0x7f;
    switch (l->form) {
    case CD_LON_BROADCAST: l->subnet = cd_read_u8(r, "destination subnet"); break;
    case CD_LON_GROUP: l->group = cd_read_u8(r, "destination group"); break;
    case CD_LON_NODE:
        l->subnet = cd_read_u8(r, "destination subnet");
        l->node = cd_read_u8(r, "destination node") & 0x7f;
        if (!(node & FORM_2A)) /* an acknowledgment from a member of a group */
            cd_read_skip(r, 2, "group and member");
        break;
    default:
        l->subnet = cd_read_u8(r, "destination subnet");
        l->has_neuron = true;
        l->neuron = (uint64_t)cd_read_be24(r, "neuron id") << 24;
        l->neuron |= cd_read_be24(r, "neuron id");
        break;
    }
}

bool cd_lon_parse(struct cd_reader *r, struct cd_lon_packet *ret)
{
    static const uint8_t domain_lens[] = {0, 1, 3, 6};
    struct cd_lon_packet l = {0};
    cd_read_skip(r, 1, "link header");
    uint8_t npdu = cd_read_u8(r, "network header");
    l.kind = npdu >> 4 & 3;
    l.form = npdu >> 2 & 3;
    if (npdu >> 6 != 0)
        cd_read_fail(r, "version");
    read_address(r, &l);
    cd_read_skip(r, domain_lens[npdu & 3], "domain");
    if (l.kind != CD_LON_APPLICATION) {
        uint8_t header = cd_read_u8(r, "transport header");
        l.has_header = true;
        l.pdu = header >> 4 & 7;
        l.transaction = header & 15;
    }
    l.data = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = l;
    return true;
}

/* ---- recognising ---- */

static const char *type_name(uint8_t type)
{
    switch (type) { /* CTA-852 table of packet types */
    case CD_CNIP_DATA: return "data packet";
    case 0x03: return "device registration";
    case 0x04: return "channel membership";
    case 0x06: return "send list";
    case 0x07: return "acknowledge";
    case 0x08: return "channel routing";
    case 0x60: return "statistics request";
    case 0x63: return "device configuration request";
    case 0x64: return "channel membership request";
    case 0x66: return "send list request";
    case 0x68: return "channel routing request";
    case 0x70: return "statistics response";
    case 0x71: return "device configuration";
    case 0x7f: return "segment";
    default: return NULL;
    }
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < CD_CNIP_HEADER || (bytes[2] & 0x1f) != 1 || !type_name(bytes[3]))
        return CD_PROBE_NO;
    return (size_t)(bytes[0] << 8 | bytes[1]) <= len && bytes[4] < 64 ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

/* ---- what is told ---- */

static void text_node(struct cd_text *t, uint8_t subnet, uint8_t node)
{
    cd_text_u64(t, subnet);
    cd_text_char(t, '.');
    cd_text_u64(t, node);
}

static void text_destination(struct cd_text *t, const struct cd_lon_packet *l)
{
    switch (l->form) {
    case CD_LON_BROADCAST:
        cd_text_str(t, l->subnet ? "subnet " : "all nodes");
        if (l->subnet)
            cd_text_u64(t, l->subnet);
        break;
    case CD_LON_GROUP:
        cd_text_str(t, "group ");
        cd_text_u64(t, l->group);
        break;
    case CD_LON_NODE:
        cd_text_str(t, "node ");
        text_node(t, l->subnet, l->node);
        break;
    default:
        cd_text_str(t, "neuron ");
        cd_text_hex(t, l->neuron, 12);
        break;
    }
}

struct message {
    const char *name;
    enum cd_class class;
};

/* Network management (14908-1 clause 13), by the low five bits. */
static struct message management(uint8_t code)
{
    static const struct message messages[32] = {
        [0x01] = {"query id", CD_CLASS_IDENTIFY},
        [0x02] = {"respond to query", CD_CLASS_CONFIGURE},
        [0x03] = {"update domain", CD_CLASS_CONFIGURE},
        [0x04] = {"leave domain", CD_CLASS_CONFIGURE},
        [0x05] = {"update key", CD_CLASS_CONFIGURE},
        [0x06] = {"update address", CD_CLASS_CONFIGURE},
        [0x07] = {"query address", CD_CLASS_READ},
        [0x08] = {"query network variable configuration", CD_CLASS_READ},
        [0x09] = {"update group address", CD_CLASS_CONFIGURE},
        [0x0a] = {"query domain", CD_CLASS_READ},
        [0x0b] = {"update network variable configuration", CD_CLASS_CONFIGURE},
        [0x0c] = {"set node mode", CD_CLASS_MODE},
        [0x0d] = {"read memory", CD_CLASS_READ},
        [0x0e] = {"write memory", CD_CLASS_FIRMWARE},
        [0x0f] = {"checksum recalculate", CD_CLASS_CONFIGURE},
        [0x10] = {"install", CD_CLASS_CONFIGURE},
        [0x11] = {"memory refresh", CD_CLASS_DIAGNOSE},
        [0x12] = {"query standard network variable type", CD_CLASS_READ},
        [0x13] = {"network variable fetch", CD_CLASS_READ},
        [0x14] = {"router mode", CD_CLASS_CONFIGURE},
        [0x1e] = {"escape", CD_CLASS_CONFIGURE},
        [0x1f] = {"service pin", CD_CLASS_IDENTIFY},
    };
    struct message m = messages[code & 31];
    return m.name ? m : (struct message){"network management", CD_CLASS_CONFIGURE};
}

static struct message diagnostic(uint8_t code)
{
    switch (code & 15) {
    case 1: return (struct message){"query status", CD_CLASS_DIAGNOSE};
    case 2: return (struct message){"proxy command", CD_CLASS_DIAGNOSE};
    case 3: return (struct message){"clear status", CD_CLASS_DIAGNOSE};
    case 4: return (struct message){"query transceiver status", CD_CLASS_DIAGNOSE};
    default: return (struct message){"network diagnostic", CD_CLASS_DIAGNOSE};
    }
}

/* What the code of a message that is no answer means; variables and their selectors go to the target. */
static struct message read_code(const struct cd_lon_packet *l, uint8_t code, struct cd_text *t)
{
    enum { DIRECTION_OUTPUT = 0x40 };
    struct cd_reader data = l->data;
    if (code & CODE_VARIABLE) {
        uint16_t selector = cd_read_be16(&data, "selector") & 0x3fff;
        if (cd_read_ok(&data)) {
            cd_text_str(t, " variable ");
            cd_text_hex(t, selector, 4);
        }
        bool poll = l->kind == CD_LON_SESSION || (code & DIRECTION_OUTPUT && l->data.len == 2);
        return poll ? (struct message){"network variable poll", CD_CLASS_READ}
                    : (struct message){"network variable update", CD_CLASS_WRITE};
    }
    if (code >= CODE_MANAGEMENT)
        return management(code);
    if (code >= CODE_DIAGNOSTIC)
        return diagnostic(code);
    if (code >= 0x40)
        return (struct message){"foreign frame", CD_CLASS_OTHER};
    return (struct message){"application message", CD_CLASS_OTHER};
}

/* An answer or acknowledgment turns source and destination around. */
static uint64_t id_of(const struct cd_lon_packet *l, bool answer)
{
    uint64_t source = (uint64_t)l->source_subnet << 8 | l->source_node, to = (uint64_t)l->subnet << 8 | l->node;
    return (answer ? to << 16 | source : source << 16 | to) << 4 | l->transaction;
}

static void report_source(struct cd_message *m, const struct cd_lon_packet *l)
{
    char nested[24];
    struct cd_text t = cd_text_of(nested, sizeof nested);
    if (l->source_subnet == 0)
        return;
    cd_text_str(&t, "lon:");
    text_node(&t, l->source_subnet, l->source_node);
    struct cd_subject node = cd_subject_nested(cd_subject_sender(m), nested);
    cd_report_fact_bytes(m, &node, CD_ATTRIBUTE_INSTANCE, nested + 4, t.len - 4, 70);
}

/* The program id and neuron id of a service pin message (14908-1 13.3.3.17). */
static void report_service_pin(struct cd_message *m, struct cd_reader data)
{
    char value[40];
    struct cd_text t = cd_text_of(value, sizeof value);
    struct cd_subject s = cd_subject_sender(m);
    cd_read_skip(&data, 1, "code");
    const uint8_t *neuron = cd_read_at(&data, 6, "neuron id"), *program = cd_read_at(&data, 8, "program id");
    if (!neuron || !program)
        return;
    cd_text_str(&t, "neuron ");
    cd_text_hex_bytes(&t, neuron, 6);
    cd_report_fact(m, &s, CD_ATTRIBUTE_NEIGHBOUR, value, 70);
}

static void report_answer(struct cd_message *m, const struct cd_lon_packet *l)
{
    enum { FAILED_MAX = 0x1f };
    struct cd_operation op = {.code_space = "lon", .code = l->kind, .class = CD_CLASS_OTHER, .target = ""};
    op.name = l->kind == CD_LON_SESSION ? "response" : "acknowledgment";
    struct cd_reader data = l->data;
    int code = cd_read_peek(&data, 0);
    m->from_client = false;
    cd_report_response(m, &op, id_of(l, true),
                       l->kind == CD_LON_SESSION && code >= 0 && code <= FAILED_MAX ? "failed" : NULL);
}

static void report_lon(struct cd_message *m, const struct cd_lon_packet *l)
{
    char target[80];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_reader data = l->data;
    report_source(m, l);
    bool answer = (l->kind == CD_LON_TRANSPORT && l->pdu == TRANSPORT_ACKNOWLEDGMENT) ||
                  (l->kind == CD_LON_SESSION && l->pdu == SESSION_RESPONSE);
    if (answer) {
        report_answer(m, l);
        return;
    }
    m->from_client = true; /* both ends are routers of many nodes: who sent it is the client of what it sent */
    text_destination(&t, l);
    struct cd_operation op = {.code_space = "lon", .code = 0, .class = CD_CLASS_SESSION, .target = target};
    if (l->kind == CD_LON_AUTHENTICATION) {
        op.name = "authentication";
        op.code = CD_LON_AUTHENTICATION;
        cd_report_notice(m, &op);
        return;
    }
    uint8_t code = cd_read_u8(&data, "code");
    if (!cd_read_ok(&data)) {
        op.name = "reminder";
        op.code = l->kind;
        cd_report_notice(m, &op);
        return;
    }
    struct message message = read_code(l, code, &t);
    op.name = message.name;
    op.class = message.class;
    op.code = code & CODE_VARIABLE ? CODE_VARIABLE : code;
    bool answered = (l->kind == CD_LON_TRANSPORT && l->pdu == TRANSPORT_ACKNOWLEDGED) ||
                    (l->kind == CD_LON_SESSION && l->pdu == SESSION_REQUEST);
    if (answered)
        cd_report_request(m, &op, id_of(l, false));
    else
        cd_report_notice(m, &op);
    if (code == 0x7f)
        report_service_pin(m, l->data);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_cnip_packet c;
    struct cd_lon_packet l;
    if (!cd_cnip_parse(r, &c)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    const char *name = type_name(c.type);
    struct cd_operation op = {.name = name ? name : "unknown packet",
                              .code_space = "852",
                              .code = c.type,
                              .class = CD_CLASS_SESSION,
                              .target = ""};
    m->from_client = true;
    if (c.type == CD_CNIP_DATA) {
        struct cd_subject s = cd_subject_sender(m);
        cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "gateway", 50);
        if (cd_lon_parse(&c.payload, &l))
            report_lon(m, &l);
        else
            cd_report_malformed(m, c.payload.bad);
        return;
    }
    if (c.type == 0x71 || c.type == 0x04 || c.type == 0x08)
        op.class = CD_CLASS_CONFIGURE;
    cd_report_notice(m, &op);
}

const struct cd_dissector cd_dissector_lontalk = {
    .name = "lontalk",
    .udp_ports = {1628, 1629},
    .probe = probe,
    .dissect = dissect,
};

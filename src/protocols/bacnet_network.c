/* Messages of the network layer (ASHRAE 135 clause 6.4) and of the BACnet/IP link layer (annex J.2): routers, broadcast distribution, foreign devices. */
#include "protocols/bacnet.h"

enum {
    WHO_IS_ROUTER = 0x00,
    I_AM_ROUTER = 0x01,
    I_COULD_BE_ROUTER = 0x02,
    REJECT = 0x03,
    ROUTER_BUSY = 0x04,
    ROUTER_AVAILABLE = 0x05,
    INITIALIZE_TABLE = 0x06,
    INITIALIZE_TABLE_ACK = 0x07,
    ESTABLISH_CONNECTION = 0x08,
    DISCONNECT = 0x09,
    NETWORK_NUMBER_IS = 0x13,
    NETWORKS_MAX = 64, /* of one message */
    ENTRIES_MAX = 64,
    SHOWN = 4,
    TARGET_MAX = 128,
    BDT_ENTRY = 10,
    FDT_ENTRY = 10,
    CONFIDENCE = 95,
};

/* These layers are protocols of their own in what is counted: their numbers are not those of services. */
static const struct cd_dissector network_layer = {.name = "bacnet-network"}, link_layer = {.name = "bvlc"};

/* Bits above invoke numbers and addresses: link layer requests carry no number, so one is open at a time. */
static const uint64_t bvlc_exchange = (uint64_t)1 << 63;

/* ---- network layer ---- */

static const char *message_name(uint8_t type)
{
    static const char *const names[] = {"who-is-router-to-network",
                                        "i-am-router-to-network",
                                        "i-could-be-router-to-network",
                                        "reject-message-to-network",
                                        "router-busy-to-network",
                                        "router-available-to-network",
                                        "initialize-routing-table",
                                        "initialize-routing-table-ack",
                                        "establish-connection-to-network",
                                        "disconnect-connection-to-network",
                                        "challenge-request",
                                        "security-payload",
                                        "security-response",
                                        "request-key-update",
                                        "update-key-set",
                                        "update-distribution-key",
                                        "request-master-key",
                                        "set-master-key",
                                        "what-is-network-number",
                                        "network-number-is"};
    if (type < sizeof names / sizeof *names)
        return names[type];
    return type < 0x80 ? "reserved network message" : "proprietary network message";
}

static enum cd_class message_class(uint8_t type)
{
    switch (type) {
    case INITIALIZE_TABLE:
    case ESTABLISH_CONNECTION:
    case DISCONNECT: return CD_CLASS_CONFIGURE;
    case WHO_IS_ROUTER:
    case I_AM_ROUTER:
    case I_COULD_BE_ROUTER: return CD_CLASS_IDENTIFY;
    default: return CD_CLASS_DIAGNOSE;
    }
}

static void tell_network(struct cd_message *m, const struct cd_subject *router, uint16_t network)
{
    char value[32];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_str(&t, "BACnet network ");
    cd_text_u64(&t, network);
    cd_report_fact(m, router, CD_ATTRIBUTE_NEIGHBOUR, value, CONFIDENCE);
}

/* Network numbers up to the end; the first ones go into the text. */
static void read_networks(struct cd_message *m, const struct cd_subject *router, struct cd_text *t, struct cd_reader *r)
{
    unsigned n = 0;
    for (; cd_read_left(r) >= 2 && n < NETWORKS_MAX; n++) {
        uint16_t network = cd_read_be16(r, "network");
        if (router)
            tell_network(m, router, network);
        if (n < SHOWN) {
            cd_text_str(t, n ? ", " : "network ");
            cd_text_u64(t, network);
        }
    }
    if (n > SHOWN)
        cd_text_str(t, ", …");
}

/* Ports of a routing table: network, port number, length and bytes of port information. */
static void read_routing_table(struct cd_message *m, const struct cd_subject *router, struct cd_text *t,
                               struct cd_reader *r)
{
    uint8_t ports = cd_read_u8(r, "port count");
    cd_text_u64(t, ports);
    cd_text_str(t, ports == 1 ? " port" : " ports");
    for (unsigned i = 0; i < ports && cd_read_left(r); i++) {
        uint16_t network = cd_read_be16(r, "port network");
        cd_read_skip(r, 1, "port number");
        cd_read_skip(r, cd_read_u8(r, "port information length"), "port information");
        if (router && cd_read_ok(r) && i < NETWORKS_MAX)
            tell_network(m, router, network);
    }
}

static void report_network(struct cd_message *m, const struct cd_bacnet_message *b)
{
    char target[TARGET_MAX], nested[CD_BACNET_NESTED_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_subject sender = cd_bacnet_sender(m, b, nested);
    struct cd_reader r = b->body;
    struct cd_operation op = {.name = message_name(b->message_type),

                              .code = b->message_type,
                              .class = message_class(b->message_type),
                              .target = target};
    switch (b->message_type) {
    case I_AM_ROUTER: cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "bacnet-router", CONFIDENCE); /* fall through */
    case I_COULD_BE_ROUTER:
    case ROUTER_BUSY:
    case ROUTER_AVAILABLE: read_networks(m, b->message_type == I_AM_ROUTER ? &sender : NULL, &t, &r); break;
    case WHO_IS_ROUTER:
    case ESTABLISH_CONNECTION:
    case DISCONNECT: read_networks(m, NULL, &t, &r); break;
    case REJECT:
        cd_read_skip(&r, 1, "reject reason");
        read_networks(m, NULL, &t, &r);
        break;
    case INITIALIZE_TABLE:
        if (cd_read_peek(&r, 0) == 0)
            op.class = CD_CLASS_DIAGNOSE; /* without ports it asks for the table */
        read_routing_table(m, NULL, &t, &r);
        break;
    case INITIALIZE_TABLE_ACK:
        if (cd_read_left(&r))
            read_routing_table(m, &sender, &t, &r);
        break;
    case NETWORK_NUMBER_IS:
        cd_text_str(&t, "network ");
        cd_text_u64(&t, cd_read_be16(&r, "network"));
        break;
    default: break;
    }
    m->from_client = true;
    cd_report_notice(m, &op);
    if (!cd_read_ok(&r))
        cd_report_malformed(m, r.bad);
}

/* ---- link layer ---- */

static const char *bvlc_name(uint8_t function)
{
    switch (function) {
    case CD_BVLC_WRITE_BDT: return "write broadcast distribution table";
    case CD_BVLC_READ_BDT: return "read broadcast distribution table";
    case CD_BVLC_REGISTER_FOREIGN_DEVICE: return "register foreign device";
    case CD_BVLC_READ_FDT: return "read foreign device table";
    case CD_BVLC_DELETE_FDT_ENTRY: return "delete foreign device table entry";
    case CD_BVLC_SECURE: return "secure bvll";
    default: return "unknown bvlc function";
    }
}

static enum cd_class bvlc_class(uint8_t function)
{
    switch (function) {
    case CD_BVLC_WRITE_BDT:
    case CD_BVLC_DELETE_FDT_ENTRY: return CD_CLASS_CONFIGURE;
    case CD_BVLC_REGISTER_FOREIGN_DEVICE: return CD_CLASS_SESSION;
    default: return CD_CLASS_DIAGNOSE;
    }
}

static const char *result_name(uint16_t result)
{
    switch (result) {
    case 0x0000: return NULL;
    case 0x0010: return "write broadcast distribution table refused";
    case 0x0020: return "read broadcast distribution table refused";
    case 0x0030: return "register foreign device refused";
    case 0x0040: return "read foreign device table refused";
    case 0x0050: return "delete foreign device table entry refused";
    case 0x0060: return "distribute broadcast to network refused";
    default: return "refused";
    }
}

/* Which function a refusal belongs to; that of a success is known only by its request. */
static uint8_t function_of_result(uint16_t result)
{
    switch (result) {
    case 0x0010: return CD_BVLC_WRITE_BDT;
    case 0x0020: return CD_BVLC_READ_BDT;
    case 0x0040: return CD_BVLC_READ_FDT;
    case 0x0050: return CD_BVLC_DELETE_FDT_ENTRY;
    default: return CD_BVLC_REGISTER_FOREIGN_DEVICE;
    }
}

static void text_bip_address(struct cd_text *t, struct cd_reader *r)
{
    const uint8_t *address = cd_read_at(r, 4, "B/IP address");
    uint16_t port = cd_read_be16(r, "B/IP port");
    if (!address || !cd_read_ok(r))
        return;
    struct cd_ip ip = cd_ip_of4(address);
    cd_text_ip(t, &ip);
    cd_text_char(t, ':');
    cd_text_u64(t, port);
}

/* Entries of a broadcast distribution table (address, mask) or foreign device table (address, times): told about the sender of an ack. */
static void tell_entries(struct cd_message *m, const char *what, struct cd_reader r)
{
    struct cd_subject sender = cd_subject_sender(m);
    for (int i = 0; i < ENTRIES_MAX && cd_read_left(&r) >= BDT_ENTRY; i++) {
        char value[80];
        struct cd_text t = cd_text_of(value, sizeof value);
        struct cd_reader entry = cd_read_sub(&r, BDT_ENTRY, "table entry");
        cd_text_str(&t, what);
        text_bip_address(&t, &entry);
        cd_report_fact(m, &sender, CD_ATTRIBUTE_NEIGHBOUR, value, CONFIDENCE);
    }
}

static void describe_bvlc(struct cd_text *t, uint8_t function, struct cd_reader r)
{
    if (function == CD_BVLC_REGISTER_FOREIGN_DEVICE) {
        cd_text_str(t, "for ");
        cd_text_u64(t, cd_read_be16(&r, "time to live"));
        cd_text_str(t, " s");
    } else if (function == CD_BVLC_DELETE_FDT_ENTRY) {
        text_bip_address(t, &r);
    } else if (function == CD_BVLC_WRITE_BDT) {
        cd_text_u64(t, r.len / BDT_ENTRY);
        cd_text_str(t, " entries");
        for (int i = 0; i < SHOWN && cd_read_left(&r) >= BDT_ENTRY; i++) {
            struct cd_reader entry = cd_read_sub(&r, BDT_ENTRY, "table entry");
            cd_text_str(t, i ? ", " : ": ");
            text_bip_address(t, &entry);
        }
    }
}

static void report_bvlc_answer(struct cd_message *m, uint8_t function, const char *error)
{
    struct cd_operation op = {.name = bvlc_name(function),

                              .code = function,
                              .class = bvlc_class(function),
                              .target = ""};
    m->from_client = false;
    cd_report_response(m, &op, bvlc_exchange, error);
}

static void report_bvlc(struct cd_message *m, const struct cd_bacnet_message *b)
{
    struct cd_reader r = b->body;
    struct cd_subject sender = cd_subject_sender(m);
    if (b->bvlc_function == CD_BVLC_RESULT) {
        uint16_t result = cd_read_be16(&r, "result");
        report_bvlc_answer(m, function_of_result(result), result_name(result));
        return;
    }
    if (b->bvlc_function == CD_BVLC_READ_BDT_ACK || b->bvlc_function == CD_BVLC_READ_FDT_ACK) {
        bool bdt = b->bvlc_function == CD_BVLC_READ_BDT_ACK;
        cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "bacnet-bbmd", CONFIDENCE);
        tell_entries(m, bdt ? "BACnet BBMD " : "BACnet foreign device ", r);
        report_bvlc_answer(m, bdt ? CD_BVLC_READ_BDT : CD_BVLC_READ_FDT, NULL);
        return;
    }
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = bvlc_name(b->bvlc_function),

                              .code = b->bvlc_function,
                              .class = bvlc_class(b->bvlc_function),
                              .target = target};
    describe_bvlc(&t, b->bvlc_function, r);
    m->from_client = true;
    if (b->bvlc_function == CD_BVLC_SECURE)
        cd_report_notice(m, &op);
    else
        cd_report_request(m, &op, bvlc_exchange);
}

void cd_bacnet_report_network(struct cd_message *m, const struct cd_bacnet_message *b)
{
    const struct cd_dissector *bacnet = m->dissector;
    m->dissector = &network_layer;
    report_network(m, b);
    m->dissector = bacnet; /* which names the conversation */
}

void cd_bacnet_report_bvlc(struct cd_message *m, const struct cd_bacnet_message *b)
{
    const struct cd_dissector *bacnet = m->dissector;
    m->dissector = &link_layer;
    report_bvlc(m, b);
    m->dissector = bacnet;
}

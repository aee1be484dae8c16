#include "speak.h"
#include "speak_network.h"

enum { SERVER_PORT = 67, CLIENT_PORT = 68, REQUEST = 1, REPLY = 2 };
enum { DISCOVER = 1, OFFER = 2, ASK = 3, ACKNOWLEDGE = 5 };
enum { OPTION_MASK = 1, OPTION_HOST = 12, OPTION_ADDRESS = 50, OPTION_LEASE = 51, OPTION_TYPE = 53 };
enum { OPTION_SERVER = 54, OPTION_PARAMETERS = 55, OPTION_CLASS = 60, OPTION_END = 255 };
static const uint32_t everybody = 0xffffffff;

static void put_head(struct octets *o, unsigned op, uint32_t transaction, const struct device *host, uint32_t yours,
                     unsigned type)
{
    put_u8(o, op);
    put_u8(o, 1); /* Ethernet, addresses of six bytes */
    put_u8(o, 6);
    put_u8(o, 0);
    put_be32(o, transaction);
    put_be32(o, 0);
    put_be32(o, 0);
    put_be32(o, yours);
    put_be64(o, 0);
    put_mac(o, host->mac);
    put_field(o, "", 10 + 64 + 128, 0);
    put_be32(o, 0x63825363);
    put_u8(o, OPTION_TYPE);
    put_u8(o, 1);
    put_u8(o, type);
}

static void put_text_option(struct octets *o, unsigned code, const char *text)
{
    put_u8(o, code);
    put_u8(o, (unsigned)strlen(text));
    put_text(o, text);
}

static void put_number_option(struct octets *o, unsigned code, uint32_t value)
{
    put_u8(o, code);
    put_u8(o, 4);
    put_be32(o, value);
}

/* From 0.0.0.0 to everybody. */
static struct sent ask(struct sim *s, struct device *host, const struct device *server, uint32_t transaction,
                       unsigned type, uint64_t time_ns)
{
    static const uint8_t parameters[] = {OPTION_PARAMETERS, 5, 1, 3, 6, 15, 31};
    uint8_t buffer[400];
    struct octets o = OCTETS_OF(buffer);
    struct end from = wire_end(host);
    from.ip = 0;
    struct dialogue d = {
        .client = from, .server = wire_group(everybody), .client_port = CLIENT_PORT, .server_port = SERVER_PORT};
    d.conversation = truth_conversation(&s->truth, 0, everybody, TRANSPORT_UDP, SERVER_PORT);
    truth_name_protocol(&s->truth, d.conversation, "dhcp");
    put_head(&o, REQUEST, transaction, host, 0, type);
    if (type == ASK) {
        put_number_option(&o, OPTION_ADDRESS, host->ip);
        put_number_option(&o, OPTION_SERVER, server->ip);
    }
    put_text_option(&o, OPTION_HOST, host->name);
    if (host->model->os)
        put_text_option(&o, OPTION_CLASS, "MSFT 5.0");
    put_bytes(&o, parameters, sizeof parameters);
    put_u8(&o, OPTION_END);
    struct sent sent = wire_udp(s, &d, true, time_ns, &o);
    struct deed deed = {0,         everybody, "dhcp", type == ASK ? "3" : "1", type == ASK ? "request" : "discover",
                        "session", ""};
    truth_request(&s->truth, &deed, &sent);
    return sent;
}

/* To the address that the host is about to have. */
static void answer(struct sim *s, struct device *host, struct device *server, uint32_t transaction, unsigned type,
                   uint64_t time_ns)
{
    uint8_t buffer[400];
    struct octets o = OCTETS_OF(buffer);
    struct dialogue d = wire_dialogue(s, wire_end(server), SERVER_PORT, wire_end(host), CLIENT_PORT, "dhcp");
    put_head(&o, REPLY, transaction, host, host->ip, type);
    put_number_option(&o, OPTION_SERVER, server->ip);
    put_number_option(&o, OPTION_LEASE, 28800);
    put_number_option(&o, OPTION_MASK, 0xffffff00);
    put_u8(&o, OPTION_END);
    struct sent sent = wire_udp(s, &d, true, time_ns, &o);
    struct deed deed = {host->ip,  server->ip, "dhcp", type == OFFER ? "2" : "5", type == OFFER ? "offer" : "ack",
                        "session", ""};
    truth_request(&s->truth, &deed, &sent);
}

uint64_t dhcp_get_address(struct sim *s, struct device *host, struct device *server, uint64_t time_ns)
{
    uint32_t transaction = (uint32_t)random_u64(&s->random);
    ask(s, host, server, transaction, DISCOVER, time_ns);
    answer(s, host, server, transaction, OFFER, time_ns + 3 * MS);
    ask(s, host, server, transaction, ASK, time_ns + 5 * MS);
    answer(s, host, server, transaction, ACKNOWLEDGE, time_ns + 9 * MS);
    host->told |= TELLS_NAME | (host->model->os ? TELLS_OS : 0);
    return time_ns + 200 * MS;
}

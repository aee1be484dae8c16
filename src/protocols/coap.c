/* CoAP: messages and their options, recognising and framing, requests and their answers. Clause numbers are those of RFC 7252. */
#include "protocols/coap.h"

#include <string.h>

/*   0       1       2        4        4 + TKL
 *  +-------+-------+--------+--------+------------+------+----------
 *  |01 T TKL| code  | id     | token  | options    | 0xff | payload    (3)
 *  +-------+-------+--------+--------+------------+------+----------
 * Over TCP the first byte holds the length of options and payload and TKL, a longer length follows, and there is no id (RFC 8323 3.2). */
enum {
    VERSION = 1,
    HEADER = 4,
    TOKEN_MAX = 8,
    PAYLOAD_MARKER = 0xff,
    OPTIONS_MAX = 128,
    TARGET_MAX = 220,
    TCP_LENGTH_MAX = 8 << 20
};

/* ---- options ---- */

/* A delta or length: the half byte, or where it is 13 or 14 that and what follows it. */
static uint32_t read_extended(struct cd_reader *r, uint8_t nibble, const char *field)
{
    switch (nibble) {
    case 13: return 13u + cd_read_u8(r, field);
    case 14: return 269u + cd_read_be16(r, field);
    case 15: cd_read_fail(r, field); return 0;
    default: return nibble;
    }
}

bool cd_coap_next_option(struct cd_reader *options, uint32_t *number, struct cd_reader *ret_value)
{
    if (cd_read_left(options) == 0)
        return false;
    uint8_t first = cd_read_u8(options, "option");
    uint32_t delta = read_extended(options, first >> 4, "option delta");
    uint32_t length = read_extended(options, first & 0xf, "option length");
    *ret_value = cd_read_sub(options, length, "option");
    *number += delta;
    return cd_read_ok(options) && *number <= UINT16_MAX;
}

uint32_t cd_coap_uint(struct cd_reader value)
{
    uint32_t number = 0;
    for (unsigned i = 0; i < 4 && cd_read_left(&value); i++)
        number = number << 8 | cd_read_u8(&value, "option");
    return number;
}

/* Whether a standard has this option with values of this length (5.10, RFC 7641 2, 7959 2.1, 8613, 9175, 7967). */
static bool is_known_option(uint32_t number, size_t len)
{
    switch (number) {
    case 1: return len <= 8; /* If-Match */
    case CD_COAP_URI_HOST: return len && len <= 255;
    case 4: return len && len <= 8; /* ETag */
    case 5: return len == 0;        /* If-None-Match */
    case CD_COAP_OBSERVE: return len <= 3;
    case 7: return len <= 2; /* Uri-Port */
    case 8:                  /* Location-Path */
    case CD_COAP_URI_PATH:
    case CD_COAP_URI_QUERY:
    case 20:                   /* Location-Query */
    case 9: return len <= 255; /* OSCORE */
    case CD_COAP_CONTENT_FORMAT:
    case 17: return len <= 2; /* Accept */
    case 14:                  /* Max-Age */
    case 28:                  /* Size2 */
    case 60: return len <= 4; /* Size1 */
    case 16: return len == 1; /* Hop-Limit */
    case 19:                  /* Q-Block1 */
    case CD_COAP_BLOCK2:
    case 27:                  /* Block1 */
    case 31: return len <= 3; /* Q-Block2 */
    case CD_COAP_PROXY_URI: return len && len <= 1034;
    case 39: return len && len <= 255; /* Proxy-Scheme */
    case 252: return len && len <= 40; /* Echo */
    case 258: return len <= 1;         /* No-Response */
    case 292: return len <= 8;         /* Request-Tag */
    default: return false;
    }
}

static bool is_printable(struct cd_reader value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.base[i] < 0x20 || value.base[i] == 0x7f)
            return false;
    return true;
}

static void take_option(struct cd_coap_message *c, uint32_t number, struct cd_reader value)
{
    if (c->code < CD_COAP_SIGNALS && !is_known_option(number, value.len))
        c->known_options = false;
    switch (number) {
    case CD_COAP_OBSERVE:
        c->observe = true;
        c->observe_value = cd_coap_uint(value);
        break;
    case CD_COAP_CONTENT_FORMAT: c->format = (uint16_t)cd_coap_uint(value); break;
    case CD_COAP_BLOCK2:
        c->block = cd_coap_uint(value) >> 4;
        c->block_more = cd_coap_uint(value) & 8;
        break;
    case CD_COAP_URI_PATH:
    case CD_COAP_URI_HOST:
        c->has_path |= number == CD_COAP_URI_PATH && value.len;
        c->has_host |= number == CD_COAP_URI_HOST;
        c->known_options &= is_printable(value);
        break;
    default: break;
    }
}

/* Options up to the marker or the end; the payload is the rest, and is not empty behind a marker (3). */
static void read_options(struct cd_reader *r, struct cd_coap_message *c)
{
    struct cd_reader rest = *r, value;
    uint32_t number = 0;
    size_t start = rest.pos;
    for (unsigned n = 0; cd_read_left(&rest) && cd_read_peek(&rest, 0) != PAYLOAD_MARKER; n++) {
        if (n >= OPTIONS_MAX || !cd_coap_next_option(&rest, &number, &value)) {
            cd_read_fail(r, rest.bad ? rest.bad : "options");
            return;
        }
        take_option(c, number, value);
    }
    c->options = cd_read_sub(r, rest.pos - start, "options");
    if (cd_read_left(r) == 0)
        return;
    cd_read_skip(r, 1, "payload marker");
    if (cd_read_left(r) == 0)
        cd_read_fail(r, "payload behind its marker");
    c->payload = cd_read_rest(r);
}

/* ---- messages ---- */

static void read_header(struct cd_reader *r, bool over_tcp, struct cd_coap_message *c)
{
    uint8_t first = cd_read_u8(r, "first byte");
    c->token_len = first & 0xf;
    if (over_tcp) {
        static const uint8_t more[] = {1, 2, 4};
        cd_read_skip(r, first >> 4 < 13 ? 0 : more[(first >> 4) - 13], "length");
        c->type = CD_COAP_NON_CONFIRMABLE;
        c->code = cd_read_u8(r, "code");
    } else {
        if (first >> 6 != VERSION)
            cd_read_fail(r, "version");
        c->type = (enum cd_coap_type)(first >> 4 & 3);
        c->code = cd_read_u8(r, "code");
        c->id = cd_read_be16(r, "message id");
    }
    if (c->token_len > TOKEN_MAX)
        cd_read_fail(r, "token length");
    c->token = cd_read_at(r, c->token_len, "token");
}

bool cd_coap_parse(struct cd_reader *r, bool over_tcp, struct cd_coap_message *ret)
{
    struct cd_coap_message c = {.format = CD_COAP_NO_FORMAT, .known_options = true};
    read_header(r, over_tcp, &c);
    if (c.code == CD_COAP_EMPTY && !over_tcp) {
        if (c.token_len)
            cd_read_fail(r, "token of an empty message");
        cd_read_end(r, "bytes behind an empty message"); /* 4.1 */
    } else if (cd_read_ok(r)) {
        read_options(r, &c);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

/* ---- recognising and framing ---- */

/* Header bytes before the code, and the length of what follows the token. */
static ssize_t tcp_length(const uint8_t *bytes, size_t len)
{
    static const uint32_t base[] = {13, 269, 65805};
    static const uint8_t more[] = {1, 2, 4};
    unsigned nibble = bytes[0] >> 4, token = bytes[0] & 0xf;
    size_t extra = nibble < 13 ? 0 : more[nibble - 13];
    uint64_t length = nibble;
    if (token > TOKEN_MAX)
        return CD_FRAME_NOT_OURS;
    if (len < 1 + extra)
        return CD_FRAME_MORE;
    if (extra) {
        length = 0;
        for (size_t i = 0; i < extra; i++)
            length = length << 8 | bytes[1 + i];
        length += base[nibble - 13];
    }
    if (length > TCP_LENGTH_MAX)
        return CD_FRAME_NOT_OURS;
    if (len > 1 + extra && bytes[1 + extra] && !cd_coap_code_name(bytes[1 + extra]))
        return CD_FRAME_NOT_OURS;
    return (ssize_t)(2 + extra + token + length);
}

/* A connection begins with 7.01 CSM in both directions (RFC 8323 5.3), which has no token and only few options. */
static int probe_tcp(const uint8_t *bytes, size_t len)
{
    enum { CSM = 0xe1 };
    if (len < 2 || (bytes[0] & 0xf) || bytes[0] >> 4 > 12 || bytes[1] != CSM)
        return CD_PROBE_NO;
    size_t length = 2u + (bytes[0] >> 4);
    struct cd_coap_message c;
    struct cd_reader r = cd_reader_of(bytes, length <= len ? length : len);
    if (length > len || !cd_coap_parse(&r, true, &c) || c.payload.len)
        return CD_PROBE_NO;
    unsigned option =
        length > 2 ? bytes[2] >> 4 : 0; /* 2 Max-Message-Size, 4 Block-Wise-Transfer (RFC 8323 5.3.1, 5.3.2) */
    return option == 2 || option == 4 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_TCP)
        return probe_tcp(bytes, len);
    if (transport != CD_TRANSPORT_UDP || len < HEADER || bytes[0] >> 6 != VERSION || (bytes[0] & 0xf) > TOKEN_MAX ||
        bytes[1] >= CD_COAP_SIGNALS || !cd_coap_code_name(bytes[1]))
        return CD_PROBE_NO;
    bool request = cd_coap_is_request(bytes[1]);
    if (request ? bytes[0] & 0x20 : bytes[1] == CD_COAP_EMPTY && len != HEADER)
        return CD_PROBE_NO; /* requests are no acknowledgements and no resets (4.2) */
    struct cd_coap_message c;
    struct cd_reader r = cd_reader_of(bytes, len);
    if (!request || !cd_coap_parse(&r, false, &c)) /* on a port of its own that is a finding */
        return CD_PROBE_MAYBE;
    return c.known_options && c.has_path && c.id ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    return tcp_length(bytes, len);
}

/* ---- requests and answers ---- */

/* A request is known by its token, and who asked (5.3.1): either end may ask. */
static uint64_t request_id(const struct cd_message *m, const struct cd_coap_message *c, bool asks)
{
    uint64_t id = 0;
    for (unsigned i = 0; i < c->token_len; i++)
        id = id << 8 | c->token[i];
    bool asked_by_client_end = asks == m->sent_by_client_end;
    return (id << 5 | id >> 59) ^ (uint64_t)c->token_len << 1 ^ asked_by_client_end;
}

static void report_request(struct cd_message *m, const struct cd_coap_message *c)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    uint64_t id = request_id(m, c, true);
    m->from_client = true;
    struct cd_coap_resource resource = cd_coap_resource_of(c, &t);
    if (c->observe)
        cd_text_str(&t, c->observe_value == 0 ? " observe" : " stop observing");
    if (resource.name) {
        cd_text_str(&t, " ");
        cd_text_str(&t, resource.name);
    }
    const char *name = cd_coap_code_name(c->code);
    struct cd_operation op = {
        .name = name ? name : "unknown method", .code = c->code, .class = resource.class, .target = target};
    cd_report_request(m, &op, id);
    if (resource.meaning)
        cd_report_remember(m, id, resource.meaning);
    if (resource.meaning == CD_COAP_REGISTRATION)
        cd_coap_report_registration(m, c);
    if (!name)
        cd_report_event(m, CD_EVENT_VIOLATION, "unknown method");
}

/* A notification (RFC 7641) leaves its request open. */
static void report_response(struct cd_message *m, const struct cd_coap_message *c)
{
    const char *name = cd_coap_code_name(c->code);
    bool refused = c->code >= 128;
    struct cd_operation op = {
        .name = name ? name : "unknown response", .code = c->code, .class = CD_CLASS_READ, .target = ""};
    uint64_t id = request_id(m, c, false), meaning = cd_report_recall(m, id);
    m->from_client = false;
    if (c->observe && !refused)
        cd_report_response_part(m, &op, id);
    else
        cd_report_response(m, &op, id, refused ? (name ? name : "unknown response code") : NULL);
    if (!refused && meaning)
        cd_coap_report_answer(m, c, (unsigned)meaning);
    if (!name)
        cd_report_event(m, CD_EVENT_VIOLATION, "unknown response code");
}

/* Empty messages (4.1): acknowledgements where the answer comes later, resets, and pings; signals of connections. */
static void report_other(struct cd_message *m, const struct cd_coap_message *c)
{
    static const char *const kinds[] = {"ping", "empty", "acknowledgement", "reset"};
    const char *name = cd_coap_code_name(c->code);
    struct cd_operation op = {.name = name ? name : "unknown signal",
                              .code = c->code,
                              .class = CD_CLASS_SESSION,
                              .target = c->code ? "" : kinds[c->type]};
    cd_report_notice(m, &op);
}

/* What does not fit counts all the same, where its header tells what it is. */
static void report_broken(struct cd_message *m, struct cd_reader whole, const char *field)
{
    struct cd_coap_message c = {0};
    read_header(&whole, m->transport == CD_TRANSPORT_TCP, &c);
    const char *name = cd_coap_code_name(c.code);
    struct cd_operation op = {.name = name, .code = c.code, .class = CD_CLASS_OTHER, .target = ""};
    if (cd_read_ok(&whole) && name) {
        m->from_client = c.code < CD_COAP_RESPONSES;
        if (m->from_client)
            cd_report_notice(m, &op);
        else
            cd_report_response(m, &op, CD_REPORT_NO_REQUEST, c.code >= 128 ? name : NULL);
    }
    cd_report_malformed(m, field);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_coap_message c;
    struct cd_reader whole = *r;
    if (!cd_coap_parse(r, m->transport == CD_TRANSPORT_TCP, &c)) {
        report_broken(m, whole, r->bad);
        return;
    }
    if (cd_coap_is_request(c.code))
        report_request(m, &c);
    else if (c.code >= CD_COAP_RESPONSES && c.code < CD_COAP_SIGNALS)
        report_response(m, &c);
    else
        report_other(m, &c);
}

const struct cd_dissector cd_dissector_coap = {
    .name = "coap",
    .tcp_ports = {5683},
    .udp_ports = {5683},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
};

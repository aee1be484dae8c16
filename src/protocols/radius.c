#include "protocols/radius.h"

#include "base/text.h"
#include "protocols/dissector.h"
#include "protocols/identity.h"
#include "protocols/snmp.h"

#include <string.h>

enum {
    USER_NAME = 1,
    USER_PASSWORD = 2,
    CHAP_PASSWORD = 3,
    NAS_IP_ADDRESS = 4,
    FRAMED_IP_ADDRESS = 8,
    VENDOR_SPECIFIC = 26,
    CALLING_STATION_ID = 31,
    NAS_IDENTIFIER = 32,
    PROXY_STATE = 33,
    ACCT_STATUS_TYPE = 40,
    NAS_PORT_TYPE = 61,
    EAP_MESSAGE = 79,
    NAS_PORT_ID = 87,
    ATTRIBUTE_HEADER = 2,
    EAP_HEADER = 5,
    EAP_MD5 = 4,
    EAP_LEAP = 17,
    VENDOR_MICROSOFT = 311,
    VENDOR_3GPP = 10415,
    VENDOR_WISPR = 14122,
    PORT_ETHERNET = 15,
    PORT_WIRELESS = 19,
    USER_MAX = 64,
};

struct state {
    uint8_t identifier; /* of the last access request */
    char user[USER_MAX];
};

/* ---- parsing ---- */

bool cd_radius_parse(struct cd_reader *r, struct cd_radius_message *ret)
{
    struct cd_radius_message m = {.code = cd_read_u8(r, "code")};
    m.identifier = cd_read_u8(r, "identifier");
    uint16_t length = cd_read_be16(r, "length");
    cd_read_skip(r, 16, "authenticator");
    if (length < CD_RADIUS_HEADER || length > CD_RADIUS_MAX)
        cd_read_fail(r, "length");
    m.attributes = cd_read_sub(r, length >= CD_RADIUS_HEADER ? length - (size_t)CD_RADIUS_HEADER : 0, "length");
    if (!cd_read_ok(r)) /* what is behind the length is padding (RFC 2865 3) */
        return false;
    *ret = m;
    return true;
}

static void parse_vendor_specific(struct cd_reader *value, struct cd_radius_facts *f)
{
    uint32_t vendor = cd_read_be32(value, "vendor");
    int type = cd_read_peek(value, 0);
    if (vendor == VENDOR_MICROSOFT &&
        (type == 1 || type == 11 || type == 25)) /* RFC 2548: response, challenge, response 2 */
        f->has_ms_chap = true;
    if (cd_read_ok(value) && vendor != VENDOR_MICROSOFT && vendor != VENDOR_3GPP && vendor != VENDOR_WISPR)
        f->vendor = vendor;
}

static void parse_attribute(uint8_t type, struct cd_reader *value, struct cd_radius_facts *f)
{
    switch (type) {
    case USER_NAME: f->user = *value; break;
    case USER_PASSWORD: f->has_password = true; break;
    case CHAP_PASSWORD: f->has_chap = true; break;
    case NAS_IP_ADDRESS: f->nas_ip = value->len == 4 ? value->base : NULL; break;
    case FRAMED_IP_ADDRESS: f->framed_ip = value->len == 4 ? value->base : NULL; break;
    case VENDOR_SPECIFIC: parse_vendor_specific(value, f); break;
    case CALLING_STATION_ID: f->calling_station = *value; break;
    case NAS_IDENTIFIER: f->nas_identifier = *value; break;
    case PROXY_STATE: f->has_proxy_state = true; break;
    case ACCT_STATUS_TYPE: f->accounting_status = cd_read_be32(value, "status type"); break;
    case NAS_PORT_TYPE: f->port_type = cd_read_be32(value, "port type"); break;
    case EAP_MESSAGE: /* RFC 3748 4.1: code, identifier, length, type in requests and responses */
        if (value->len >= EAP_HEADER && !f->eap_type && value->base[0] >= 1 && value->base[0] <= 2)
            f->eap_type = value->base[EAP_HEADER - 1];
        break;
    case NAS_PORT_ID: f->nas_port = *value; break;
    default: break;
    }
}

bool cd_radius_parse_attributes(struct cd_reader *attributes, struct cd_radius_facts *ret)
{
    struct cd_radius_facts f = {0};
    while (cd_read_left(attributes)) { /* at most 2038: each takes two bytes of 4096 */
        uint8_t type = cd_read_u8(attributes, "attribute type"), length = cd_read_u8(attributes, "attribute length");
        if (length < ATTRIBUTE_HEADER)
            cd_read_fail(attributes, "attribute length");
        struct cd_reader value =
            cd_read_sub(attributes, length >= ATTRIBUTE_HEADER ? length - (size_t)ATTRIBUTE_HEADER : 0, "attribute");
        if (cd_read_ok(&value))
            parse_attribute(type, &value, &f);
    }
    if (!cd_read_ok(attributes))
        return false;
    *ret = f;
    return true;
}

/* ---- recognising ---- */

static const char *request_name(uint8_t code)
{
    switch (code) {
    case CD_RADIUS_ACCESS_REQUEST: return "access request";
    case CD_RADIUS_ACCOUNTING_REQUEST: return "accounting request";
    case CD_RADIUS_STATUS_SERVER: return "server status";
    case CD_RADIUS_STATUS_CLIENT: return "client status";
    case CD_RADIUS_DISCONNECT_REQUEST: return "disconnect";
    case CD_RADIUS_COA_REQUEST: return "change authorization";
    default: return NULL;
    }
}

/* The request that a response's code belongs to; 0 for other codes. */
static uint8_t request_of(uint8_t code)
{
    switch (code) {
    case CD_RADIUS_ACCESS_ACCEPT:
    case CD_RADIUS_ACCESS_REJECT:
    case CD_RADIUS_ACCESS_CHALLENGE: return CD_RADIUS_ACCESS_REQUEST;
    case CD_RADIUS_ACCOUNTING_RESPONSE: return CD_RADIUS_ACCOUNTING_REQUEST;
    case CD_RADIUS_DISCONNECT_REQUEST + 1:
    case CD_RADIUS_DISCONNECT_REQUEST + 2: return CD_RADIUS_DISCONNECT_REQUEST;
    case CD_RADIUS_COA_REQUEST + 1:
    case CD_RADIUS_COA_REQUEST + 2: return CD_RADIUS_COA_REQUEST;
    default: return request_name(code) ? code : 0;
    }
}

/* On any port where the attributes fill the datagram to its last byte. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < CD_RADIUS_HEADER || len > CD_RADIUS_MAX || !request_of(bytes[0]))
        return CD_PROBE_NO;
    size_t length = (size_t)bytes[2] << 8 | bytes[3], at = CD_RADIUS_HEADER;
    if (length < CD_RADIUS_HEADER || length > CD_RADIUS_MAX)
        return CD_PROBE_NO;
    if (length != len || length == CD_RADIUS_HEADER)
        return CD_PROBE_MAYBE;
    unsigned attributes = 0;
    while (at + ATTRIBUTE_HEADER <= length && bytes[at] && bytes[at + 1] >= ATTRIBUTE_HEADER) {
        at += bytes[at + 1];
        attributes++;
    }
    return at == length && attributes >= 2 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

/* ---- who the ends are ---- */

/* "00-14-22-E9-54-5E", "0014.22e9.545e", "001422E9545E", perhaps with the name of a wireless network behind a colon. */
static cd_mac mac_of(const struct cd_reader *station)
{
    uint8_t mac[6] = {0};
    unsigned digits = 0;
    for (size_t i = 0; i < station->len && digits < 12; i++) {
        uint8_t c = station->base[i], lower = c | 0x20;
        unsigned value = c >= '0' && c <= '9'           ? c - (unsigned)'0'
                         : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10u
                                                        : 16;
        if (value == 16 && c != '-' && c != ':' && c != '.')
            return CD_NO_MAC;
        if (value == 16)
            continue;
        mac[digits / 2] = (uint8_t)(mac[digits / 2] << 4 | value);
        digits++;
    }
    return digits == 12 && cd_mac_is_device(cd_mac_of(mac)) ? cd_mac_of(mac) : CD_NO_MAC;
}

/* Through a proxy the sender is not the access server. */
static bool is_direct(const struct cd_message *m, const struct cd_radius_facts *f)
{
    if (f->has_proxy_state)
        return false;
    if (!f->nas_ip)
        return true;
    struct cd_ip nas = cd_ip_of4(f->nas_ip);
    return cd_ip_equal(&nas, cd_message_sender(m));
}

static void report_access_server(struct cd_message *m, const struct cd_radius_facts *f, cd_mac station)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject nas = cd_subject_client(m);
    if (!is_direct(m, f))
        return;
    if (f->nas_identifier.len)
        cd_report_fact_bytes(m, &nas, CD_ATTRIBUTE_NAME, f->nas_identifier.base, f->nas_identifier.len, 70);
    if (f->port_type == PORT_ETHERNET || f->port_type == PORT_WIRELESS)
        cd_report_fact(m, &nas, CD_ATTRIBUTE_ROLE, f->port_type == PORT_ETHERNET ? "switch" : "access-point", 40);
    const char *vendor = f->vendor ? cd_snmp_enterprise(f->vendor) : NULL;
    if (vendor)
        cd_report_fact(m, &nas, CD_ATTRIBUTE_VENDOR, vendor, 30);
    if (station == CD_NO_MAC)
        return;
    cd_text_mac(&t, station);
    if (f->nas_port.len) {
        cd_text_str(&t, " at ");
        cd_text_device(&t, f->nas_port.base, f->nas_port.len);
    }
    cd_report_fact(m, &nas, CD_ATTRIBUTE_NEIGHBOUR, text, 60);
}

/* The user, or the host where it signs in for itself; a MAC as name is a device without sign-in. */
static void report_user(struct cd_message *m, const struct cd_radius_facts *f, cd_mac station)
{
    struct cd_subject subject = station == CD_NO_MAC ? cd_subject_client(m) : cd_subject_mac(station);
    if (!f->user.len || mac_of(&f->user) != CD_NO_MAC)
        return;
    if (f->user.len > 5 && memcmp(f->user.base, "host/", 5) == 0) {
        if (station != CD_NO_MAC)
            cd_report_fact_bytes(m, &subject, CD_ATTRIBUTE_NAME, f->user.base + 5, f->user.len - 5, 75);
        return;
    }
    cd_report_fact_bytes(m, &subject, CD_ATTRIBUTE_USER, f->user.base, f->user.len, 75);
}

static void report_station(struct cd_message *m, const struct cd_radius_facts *f, cd_mac station)
{
    if (station == CD_NO_MAC || !f->framed_ip || f->framed_ip[0] == 0xff)
        return;
    struct cd_ip ip = cd_ip_of4(f->framed_ip);
    cd_report_address(m, station, &ip, 60);
}

/* ---- messages ---- */

static const char *eap_name(uint8_t type)
{
    switch (type) { /* IANA, EAP method types */
    case 1: return "EAP identity";
    case 3: return "EAP nak";
    case EAP_MD5: return "EAP-MD5";
    case 6: return "EAP-GTC";
    case 13: return "EAP-TLS";
    case EAP_LEAP: return "LEAP";
    case 18: return "EAP-SIM";
    case 21: return "EAP-TTLS";
    case 23: return "EAP-AKA";
    case 25: return "PEAP";
    case 26: return "EAP-MSCHAPv2";
    case 43: return "EAP-FAST";
    case 50: return "EAP-AKA'";
    case 55: return "TEAP";
    default: return "EAP";
    }
}

static const char *status_name(uint32_t status)
{
    switch (status) { /* RFC 2866 5.1 */
    case 1: return "start";
    case 2: return "stop";
    case 3: return "interim update";
    case 7: return "accounting on";
    case 8: return "accounting off";
    default: return "";
    }
}

static const char *method_name(const struct cd_radius_facts *f)
{
    return f->eap_type       ? eap_name(f->eap_type)
           : f->has_password ? "PAP"
           : f->has_chap     ? "CHAP"
           : f->has_ms_chap  ? "MS-CHAP"
                             : "";
}

static void report_weak(struct cd_message *m, const struct cd_radius_facts *f)
{
    const char *weak = f->eap_type == EAP_MD5    ? "EAP-MD5: the server is not authenticated"
                       : f->eap_type == EAP_LEAP ? "LEAP: passwords can be guessed from it"
                       : f->eap_type             ? NULL
                       : f->has_password         ? "PAP: password hidden by MD5 and the shared secret only"
                       : f->has_chap             ? "CHAP: password can be guessed from it"
                       : f->has_ms_chap          ? "MS-CHAP: password can be guessed from it"
                                                 : NULL;
    if (weak)
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, weak);
}

static void take_request(struct cd_message *m, const struct cd_radius_message *p, const struct cd_radius_facts *f)
{
    struct state *s = m->state;
    cd_mac station = mac_of(&f->calling_station);
    struct cd_operation op = {.name = request_name(p->code), .code = p->code, .class = CD_CLASS_SESSION, .target = ""};
    if (p->code == CD_RADIUS_ACCESS_REQUEST)
        op.target = method_name(f);
    else if (p->code == CD_RADIUS_ACCOUNTING_REQUEST)
        op.target = status_name(f->accounting_status);
    else
        op.class = p->code >= CD_RADIUS_DISCONNECT_REQUEST ? CD_CLASS_CONFIGURE : CD_CLASS_DIAGNOSE;
    cd_report_request(m, &op, p->identifier);
    if (p->code >= CD_RADIUS_DISCONNECT_REQUEST) /* from the server to the access server */
        return;
    report_access_server(m, f, station);
    report_user(m, f, station);
    report_station(m, f, station);
    if (p->code != CD_RADIUS_ACCESS_REQUEST)
        return;
    report_weak(m, f);
    struct cd_text t = cd_text_of(s->user, sizeof s->user);
    cd_text_device(&t, f->user.base, f->user.len);
    s->identifier = p->identifier;
}

static void report_rejected(struct cd_message *m, uint8_t identifier)
{
    const struct state *s = m->state;
    char detail[128];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, "RADIUS access rejected");
    if (s->identifier == identifier && *s->user) {
        cd_text_str(&t, ": ");
        cd_text_str(&t, s->user);
    }
    cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, detail);
}

static void take_response(struct cd_message *m, const struct cd_radius_message *p)
{
    uint8_t request = request_of(p->code);
    struct cd_subject server = cd_subject_server(m);
    struct cd_operation op = {.name = request_name(request), .code = request, .class = CD_CLASS_SESSION, .target = ""};
    const char *error = p->code == CD_RADIUS_ACCESS_REJECT ? "rejected"
                        : p->code == CD_RADIUS_DISCONNECT_REQUEST + 2 || p->code == CD_RADIUS_COA_REQUEST + 2
                            ? "not acknowledged"
                            : NULL;
    if (request >= CD_RADIUS_DISCONNECT_REQUEST)
        op.class = CD_CLASS_CONFIGURE;
    else
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "radius-server", 60);
    cd_report_response(m, &op, p->identifier, error);
    if (p->code == CD_RADIUS_ACCESS_REJECT)
        report_rejected(m, p->identifier);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_radius_message p;
    struct cd_radius_facts facts = {0};
    if (!cd_radius_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    uint8_t request = request_of(p.code);
    if (!request) {
        cd_report_event(m, CD_EVENT_VIOLATION, "unknown RADIUS code");
        return;
    }
    bool whole = cd_radius_parse_attributes(&p.attributes, &facts);
    m->from_client = request == p.code;
    if (m->from_client)
        take_request(m, &p, &facts);
    else
        take_response(m, &p);
    if (!whole) /* its header can be trusted all the same */
        cd_report_malformed(m, p.attributes.bad);
}

const struct cd_dissector cd_dissector_radius = {
    .name = "radius",
    .udp_ports = {1812, 1813, 1645, 1646, 3799},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};

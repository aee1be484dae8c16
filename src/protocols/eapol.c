/* EAPOL: who asks to be let into the network, by which method, and how it ended. */
#include "protocols/eapol.h"

#include "base/text.h"
#include "protocols/identity.h"

enum { TYPES = 9, METHOD_MIN_LENGTH = 5 };

/* ---- parsing ---- */

static void read_eap(struct cd_reader *r, struct cd_eapol_packet *p)
{
    p->code = cd_read_u8(r, "EAP code");
    cd_read_skip(r, 1, "EAP identifier");
    uint16_t length = cd_read_be16(r, "EAP length");
    if (p->code < CD_EAP_REQUEST || p->code > CD_EAP_FINISH)
        cd_read_fail(r, "EAP code");
    if (length < 4)
        cd_read_fail(r, "EAP length");
    struct cd_reader data = cd_read_sub(r, length - 4u, "EAP length");
    if (length >= METHOD_MIN_LENGTH && p->code <= CD_EAP_RESPONSE) {
        p->method = cd_read_u8(&data, "EAP type");
        if (p->code == CD_EAP_RESPONSE && p->method == CD_EAP_IDENTITY)
            p->identity = cd_read_rest(&data);
    }
}

bool cd_eapol_parse(struct cd_reader *r, struct cd_eapol_packet *ret)
{
    struct cd_eapol_packet p = {0};
    p.version = cd_read_u8(r, "version");
    p.type = cd_read_u8(r, "type");
    uint16_t length = cd_read_be16(r, "length");
    if (p.version == 0 || p.version > 3)
        cd_read_fail(r, "version");
    if (p.type >= TYPES)
        cd_read_fail(r, "type");
    struct cd_reader body = cd_read_sub(r, length, "length");
    if (cd_read_ok(&body) && p.type == CD_EAPOL_EAP)
        read_eap(&body, &p);
    if (!cd_read_ok(&body))
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

/* ---- what is told ---- */

static const char *method_name(uint8_t method)
{
    switch (method) {
    case CD_EAP_IDENTITY: return "identity";
    case 2: return "notification";
    case CD_EAP_NAK: return "other method wanted";
    case CD_EAP_MD5: return "MD5 challenge";
    case 5: return "one-time password";
    case 6: return "token card";
    case 13: return "TLS";
    case CD_EAP_LEAP: return "LEAP";
    case 18: return "SIM";
    case 21: return "TTLS";
    case 23: return "AKA";
    case 25: return "PEAP";
    case 26: return "MSCHAPv2";
    case 43: return "FAST";
    case 52: return "PWD";
    case 55: return "TEAP";
    case 254: return "expanded type";
    default: return "another method";
    }
}

static void text_eap(struct cd_text *t, const struct cd_eapol_packet *p)
{
    static const char *const codes[] = {"request", "response", "success", "failure", "initiate", "finish"};
    if (p->type != CD_EAPOL_EAP)
        return;
    cd_text_str(t, codes[p->code - 1]);
    if (!p->method)
        return;
    cd_text_char(t, ' ');
    cd_text_str(t, method_name(p->method));
}

/* The supplicant asks to be let in. What the authenticator sends it belongs to the same conversation, unless it goes to the group of all ports. */
static bool from_supplicant(const struct cd_message *m, const struct cd_eapol_packet *p)
{
    if (cd_mac_is_group(m->packet->dst_mac))
        return true;
    if (p->type == CD_EAPOL_EAP)
        return p->code == CD_EAP_RESPONSE;
    return p->type == CD_EAPOL_START || p->type == CD_EAPOL_LOGOFF || m->sent_by_client_end;
}

static void report_eap(struct cd_message *m, const struct cd_eapol_packet *p)
{
    if (p->identity.len && !(p->identity.len >= 9 && p->identity.base[0] == '\0')) {
        struct cd_subject s = cd_subject_sender(m);
        cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_USER, p->identity.base, p->identity.len, 80);
    }
    if (p->code == CD_EAP_REQUEST) {
        struct cd_subject s = cd_subject_sender(m);
        cd_report_fact(m, &s, CD_ATTRIBUTE_SERVICE, "802.1X authenticator", 70);
        if (p->method == CD_EAP_MD5)
            cd_report_event_once(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "EAP-MD5");
        if (p->method == CD_EAP_LEAP)
            cd_report_event_once(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "LEAP");
    }
    if (p->code == CD_EAP_FAILURE)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "EAP failure");
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    static const char *const names[TYPES] = {"EAP",
                                             "start",
                                             "log off",
                                             "key",
                                             "alert",
                                             "key agreement",
                                             "announcement",
                                             "specific announcement",
                                             "announcement request"};
    struct cd_eapol_packet p;
    char target[48];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (!cd_eapol_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = from_supplicant(m, &p);
    text_eap(&t, &p);
    struct cd_operation op = {.name = names[p.type], .code = p.type, .class = CD_CLASS_SESSION, .target = target};
    cd_report_notice(m, &op);
    if (p.type == CD_EAPOL_EAP)
        report_eap(m, &p);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    return transport == CD_TRANSPORT_ETH && len >= 4 && bytes[0] >= 1 && bytes[0] <= 3 && bytes[1] < TYPES
               ? CD_PROBE_SURE
               : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_eapol = {
    .name = "eapol",
    .ethertypes = {0x888e},
    .probe = probe,
    .dissect = dissect,
};

/* HSRP: which routers share which address, and who holds it. */
#include "protocols/hsrp.h"

#include "base/text.h"
#include "protocols/identity.h"

#include <string.h>

enum { V1_LEN = 20, V2_GROUP_LEN = 40, TLVS_MAX = 16, IPV6 = 6 };
enum tlv { TLV_GROUP = 1, TLV_INTERFACE = 2, TLV_TEXT = 3, TLV_DIGEST = 4 };

/* ---- parsing ---- */

static bool any(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; bytes && i < n; i++)
        if (bytes[i])
            return true;
    return false;
}

static void read_1(struct cd_reader *r, struct cd_hsrp_message *h)
{
    h->version = 1;
    cd_read_skip(r, 1, "version");
    h->opcode = cd_read_u8(r, "opcode");
    if (h->opcode > CD_HSRP_ADVERTISE)
        cd_read_fail(r, "opcode");
    if (h->opcode == CD_HSRP_ADVERTISE) { /* of the interface, not of a group */
        cd_read_skip(r, 14, "advertisement");
        return;
    }
    h->state = cd_read_u8(r, "state");
    cd_read_skip(r, 2, "timers");
    h->priority = cd_read_u8(r, "priority");
    h->group = cd_read_u8(r, "group");
    cd_read_skip(r, 1, "reserved");
    h->text = any(cd_read_at(r, 8, "authentication"), 8);
    const uint8_t *address = cd_read_at(r, 4, "virtual address");
    if (address)
        h->address = cd_ip_of4(address);
    if (cd_read_left(r) >= 2 && cd_read_peek(r, 0) == TLV_DIGEST)
        h->digest = true;
}

static void read_group(struct cd_reader *r, struct cd_hsrp_message *h)
{
    cd_read_skip(r, 1, "version");
    h->opcode = cd_read_u8(r, "opcode");
    h->state = cd_read_u8(r, "state");
    uint8_t ip_version = cd_read_u8(r, "IP version");
    h->group = cd_read_be16(r, "group");
    cd_read_skip(r, 6, "identifier");
    h->priority = cd_read_be32(r, "priority");
    cd_read_skip(r, 8, "timers");
    const uint8_t *address = cd_read_at(r, 16, "virtual address");
    if (address)
        h->address = ip_version == IPV6 ? cd_ip_of6(address) : cd_ip_of4(address);
    if (h->opcode > CD_HSRP_RESIGN)
        cd_read_fail(r, "opcode");
}

static void read_2(struct cd_reader *r, struct cd_hsrp_message *h)
{
    h->version = 2;
    h->opcode = CD_HSRP_ADVERTISE;
    for (unsigned i = 0; i < TLVS_MAX && cd_read_left(r); i++) {
        uint8_t type = cd_read_u8(r, "type");
        struct cd_reader value = cd_read_sub(r, cd_read_u8(r, "length"), "length");
        if (type == TLV_GROUP)
            read_group(&value, h);
        h->text |= type == TLV_TEXT;
        h->digest |= type == TLV_DIGEST;
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
    }
}

bool cd_hsrp_parse(struct cd_reader *r, struct cd_hsrp_message *ret)
{
    struct cd_hsrp_message h = {0};
    int first = cd_read_peek(r, 0);
    if (first == 0)
        read_1(r, &h);
    else if (first == TLV_GROUP || first == TLV_INTERFACE)
        read_2(r, &h);
    else
        cd_read_fail(r, "version");
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

/* ---- what is told ---- */

/* Version 1 (RFC 2281 5.1) numbers the states in bits, version 2 one after the other. */
static const char *state_name(const struct cd_hsrp_message *h)
{
    static const char *const names[] = {"disabled", "initial", "learn", "listen", "speak", "standby", "active"};
    static const uint8_t first[] = {0, 1, 2, 4, 8, 16};
    if (h->version == 2)
        return h->state < 7 ? names[h->state] : "unknown";
    for (unsigned i = 0; i < sizeof first; i++)
        if (first[i] == h->state)
            return names[i + 1];
    return "unknown";
}

static void text_group(struct cd_text *t, const struct cd_hsrp_message *h)
{
    cd_text_str(t, "group ");
    cd_text_u64(t, h->group);
    if (cd_ip_is_unspecified(&h->address))
        return;
    cd_text_str(t, " address ");
    cd_text_ip(t, &h->address);
}

static void report_router(struct cd_message *m, const struct cd_hsrp_message *h)
{
    struct cd_subject s = cd_subject_sender(m);
    char value[96];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "router", 80);
    cd_report_fact(m, &s, CD_ATTRIBUTE_VENDOR, "Cisco", 60);
    if (h->opcode == CD_HSRP_ADVERTISE)
        return;
    if (!cd_ip_is_unspecified(&h->address))
        cd_report_fact_ip(m, &s, CD_ATTRIBUTE_GATEWAY, &h->address, 70);
    cd_text_str(&t, "HSRP group ");
    cd_text_u64(&t, h->group);
    cd_text_char(&t, ' ');
    cd_text_str(&t, state_name(h));
    cd_report_fact(m, &s, CD_ATTRIBUTE_STATE, value, 70);
    if (h->text && !h->digest)
        cd_report_event_once(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "HSRP authentication text");
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    static const char *const names[] = {"hello", "coup", "resign", "advertise"};
    struct cd_hsrp_message h;
    char target[96];
    struct cd_text t = cd_text_of(target, sizeof target);
    m->from_client = true; /* all speak to the group */
    if (!cd_hsrp_parse(r, &h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (h.opcode != CD_HSRP_ADVERTISE)
        text_group(&t, &h);
    struct cd_operation op = {.name = names[h.opcode], .code = h.opcode, .class = CD_CLASS_OTHER, .target = target};
    cd_report_notice(m, &op);
    report_router(m, &h);
}

/* Version 1 has no mark of its own: on its port only. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < 6)
        return CD_PROBE_NO;
    if (bytes[0] == TLV_GROUP && bytes[1] == V2_GROUP_LEN && len >= V2_GROUP_LEN + 2)
        return bytes[2] == 2 && bytes[3] <= 2 && (bytes[5] == 4 || bytes[5] == 6) ? CD_PROBE_LIKELY : CD_PROBE_NO;
    if (bytes[0] == TLV_INTERFACE)
        return bytes[1] + 2u <= len ? CD_PROBE_MAYBE : CD_PROBE_NO;
    if (bytes[0] != 0 || bytes[1] > CD_HSRP_ADVERTISE)
        return CD_PROBE_NO;
    return len >= (bytes[1] == CD_HSRP_ADVERTISE ? 16u : (unsigned)V1_LEN) ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_hsrp = {
    .name = "hsrp",
    .udp_ports = {1985, 2029},
    .probe = probe,
    .dissect = dissect,
};

/* VRRP: which routers share which addresses, and who holds them. */
#include "protocols/vrrp.h"

#include "base/text.h"
#include "protocols/identity.h"

enum { CARP_LEN = 36, CARP_AUTHENTICATION = 7, AUTHENTICATION_TEXT = 1, PRIORITY_OWNER = 255, HOP_LIMIT = 255 };

bool cd_vrrp_parse(struct cd_reader *r, bool ipv6, struct cd_vrrp_message *ret)
{
    struct cd_vrrp_message v = {0};
    size_t len = cd_read_left(r);
    uint8_t version_type = cd_read_u8(r, "version and type");
    v.version = version_type >> 4;
    if ((version_type & 15) != 1 || (v.version != 2 && v.version != 3))
        cd_read_fail(r, "version and type");
    v.group = cd_read_u8(r, "virtual router");
    v.priority = cd_read_u8(r, "priority");
    uint8_t n = cd_read_u8(r, "address count");
    v.carp = v.version == 2 && len == CARP_LEN && n == CARP_AUTHENTICATION;
    if (v.carp) {
        cd_read_skip(r, CARP_LEN - 4, "CARP");
        n = 0;
    } else {
        v.authentication = cd_read_u8(r, "authentication type");
        cd_read_skip(r, 3, "interval and checksum");
        if (v.version == 3)
            v.authentication = 0; /* reserved bits and the interval are there */
    }
    for (unsigned i = 0; i < n && cd_read_ok(r); i++) {
        const uint8_t *address = cd_read_at(r, ipv6 ? 16 : 4, "address");
        if (address && i < CD_VRRP_ADDRESSES)
            v.addresses[v.n_addresses++] = ipv6 ? cd_ip_of6(address) : cd_ip_of4(address);
    }
    if (v.version == 2 && !v.carp)
        cd_read_skip(r, 8, "authentication data");
    if (!cd_read_ok(r))
        return false;
    *ret = v;
    return true;
}

static void text_group(struct cd_text *t, const struct cd_vrrp_message *v)
{
    cd_text_str(t, "group ");
    cd_text_u64(t, v->group);
    if (v->n_addresses) {
        cd_text_str(t, " address ");
        cd_text_ip(t, &v->addresses[0]);
    }
    if (v->priority == 0 && !v->carp)
        cd_text_str(t, " given up");
}

static void report_router(struct cd_message *m, const struct cd_vrrp_message *v)
{
    struct cd_subject s = cd_subject_sender(m);
    char value[48];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "router", v->carp ? 50 : 80);
    for (unsigned i = 0; i < v->n_addresses; i++)
        cd_report_fact_ip(m, &s, CD_ATTRIBUTE_GATEWAY, &v->addresses[i], 70);
    cd_text_str(&t, v->carp ? "CARP group " : "VRRP group ");
    cd_text_u64(&t, v->group);
    cd_text_str(&t, !v->carp && v->priority == PRIORITY_OWNER ? " owner" : " master");
    cd_report_fact(m, &s, CD_ATTRIBUTE_STATE, value, 60); /* backups are silent */
    if (v->authentication == AUTHENTICATION_TEXT)
        cd_report_event_once(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "VRRP simple text password");
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_vrrp_message v;
    char target[80];
    struct cd_text t = cd_text_of(target, sizeof target);
    m->from_client = true; /* masters speak to the group */
    if (!cd_vrrp_parse(r, !cd_ip_is_4(&m->client), &v)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    text_group(&t, &v);
    struct cd_operation op = {
        .name = v.carp ? "CARP advertisement" : "advertisement", .code = 1, .class = CD_CLASS_OTHER, .target = target};
    cd_report_notice(m, &op);
    if (m->packet->ttl != HOP_LIMIT) { /* RFC 5798 5.1.1.3: from another network, to be discarded */
        cd_report_event_once(m, CD_EVENT_VIOLATION, "advertisement with a hop limit other than 255");
        return;
    }
    report_router(m, &v);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_IP || len < 8)
        return CD_PROBE_NO;
    return bytes[0] == 0x21 || bytes[0] == 0x31 ? CD_PROBE_SURE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_vrrp = {
    .name = "vrrp",
    .ip_protocols = {112},
    .probe = probe,
    .dissect = dissect,
};

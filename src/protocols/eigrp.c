/* EIGRP: which routers there are, in which autonomous system. */
#include "protocols/eigrp.h"

#include "base/text.h"
#include "protocols/identity.h"

#include <string.h>

enum { HEADER = 20, TLVS_MAX = 512, HELLO = 5, TLV_AUTHENTICATION = 2, TLV_RELEASE = 4, TLV_ROUTES = 0x0100 };

/* RFC 7868 6.5; those that are not named are not in use. */
static const char *const opcode_names[] = {NULL, "update", "request", "query", "reply",     "hello",
                                           NULL, NULL,     NULL,      NULL,    "SIA query", "SIA reply"};

static const char *opcode_name(uint8_t opcode)
{
    return opcode < sizeof opcode_names / sizeof *opcode_names ? opcode_names[opcode] : NULL;
}

static void read_tlv(struct cd_reader *r, struct cd_eigrp_packet *p)
{
    uint16_t type = cd_read_be16(r, "TLV type");
    uint16_t length = cd_read_be16(r, "TLV length");
    if (length < 4)
        cd_read_fail(r, "TLV length");
    struct cd_reader value = cd_read_sub(r, length - 4u, "TLV length");
    p->digest |= type == TLV_AUTHENTICATION;
    p->n_routes += type >= TLV_ROUTES;
    const uint8_t *release = type == TLV_RELEASE ? cd_read_at(&value, 4, "software release") : NULL;
    if (release) {
        memcpy(p->release, release, 4);
        p->has_release = true;
    }
}

bool cd_eigrp_parse(struct cd_reader *r, struct cd_eigrp_packet *ret)
{
    struct cd_eigrp_packet p = {0};
    if (cd_read_u8(r, "version") != 2)
        cd_read_fail(r, "version");
    p.opcode = cd_read_u8(r, "opcode");
    if (!opcode_name(p.opcode))
        cd_read_fail(r, "opcode");
    cd_read_skip(r, 10, "checksum, flags and sequence");
    p.acknowledged = cd_read_be32(r, "acknowledged");
    p.virtual_router = cd_read_be16(r, "virtual router");
    p.autonomous_system = cd_read_be16(r, "autonomous system");
    for (unsigned i = 0; i < TLVS_MAX && cd_read_left(r); i++)
        read_tlv(r, &p);
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

static void text_version(struct cd_text *t, const uint8_t version[2])
{
    cd_text_u64(t, version[0]);
    cd_text_char(t, '.');
    cd_text_u64(t, version[1]);
}

static void report_router(struct cd_message *m, const struct cd_eigrp_packet *p)
{
    struct cd_subject s = cd_subject_sender(m);
    char value[48];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "router", 80);
    cd_report_fact(m, &s, CD_ATTRIBUTE_VENDOR, "Cisco", 40);
    cd_text_str(&t, "EIGRP autonomous system ");
    cd_text_u64(&t, p->autonomous_system);
    cd_report_fact(m, &s, CD_ATTRIBUTE_INSTANCE, value, 70);
    if (!p->has_release)
        return;
    t = cd_text_of(value, sizeof value);
    cd_text_str(&t, "IOS ");
    text_version(&t, p->release);
    cd_report_fact(m, &s, CD_ATTRIBUTE_OS, value, 60);
    t = cd_text_of(value, sizeof value);
    cd_text_str(&t, "EIGRP ");
    text_version(&t, p->release + 2);
    cd_report_fact(m, &s, CD_ATTRIBUTE_SOFTWARE, value, 70);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_eigrp_packet p;
    char target[32];
    struct cd_text t = cd_text_of(target, sizeof target);
    m->from_client = true; /* routers tell each other; nobody serves */
    if (!cd_eigrp_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    cd_text_str(&t, "autonomous system ");
    cd_text_u64(&t, p.autonomous_system);
    struct cd_operation op = {
        .name = opcode_name(p.opcode), .code = p.opcode, .class = CD_CLASS_OTHER, .target = target};
    cd_report_notice(m, &op);
    report_router(m, &p);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    return transport == CD_TRANSPORT_IP && len >= HEADER && bytes[0] == 2 && opcode_name(bytes[1]) ? CD_PROBE_SURE
                                                                                                   : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_eigrp = {
    .name = "eigrp",
    .ip_protocols = {88},
    .probe = probe,
    .dissect = dissect,
};

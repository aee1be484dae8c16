/* OSPF: which routers there are, in which area, and whom they see. */
#include "protocols/ospf.h"

#include "base/text.h"
#include "protocols/identity.h"

enum { HEADER_3 = 16, HEADER_2 = 24, AUTHENTICATION_PASSWORD = 1, TYPES = 5, NEIGHBOURS_READ_MAX = 400 };

static void read_hello(struct cd_reader *r, struct cd_ospf_packet *p)
{
    cd_read_skip(r, 12, "hello");
    p->designated = cd_read_be32(r, "designated router");
    cd_read_skip(r, 4, "backup designated router");
    for (unsigned i = 0; i < NEIGHBOURS_READ_MAX && cd_read_left(r); i++) {
        uint32_t neighbour = cd_read_be32(r, "neighbour");
        if (cd_read_ok(r) && p->n_neighbours < CD_OSPF_NEIGHBOURS)
            p->neighbours[p->n_neighbours++] = neighbour;
    }
}

bool cd_ospf_parse(struct cd_reader *r, struct cd_ospf_packet *ret)
{
    struct cd_ospf_packet p = {0};
    p.version = cd_read_u8(r, "version");
    p.type = cd_read_u8(r, "type");
    uint16_t length = cd_read_be16(r, "length");
    p.router = cd_read_be32(r, "router id");
    p.area = cd_read_be32(r, "area");
    cd_read_skip(r, 2, "checksum");
    size_t header = p.version == 2 ? HEADER_2 : HEADER_3;
    if (p.version == 2) {
        p.authentication = cd_read_be16(r, "authentication type");
        cd_read_skip(r, 8, "authentication");
    } else {
        cd_read_skip(r, 2, "instance");
    }
    if (p.version != 2 && p.version != 3)
        cd_read_fail(r, "version");
    if (p.type == 0 || p.type > TYPES)
        cd_read_fail(r, "type");
    if (length < header)
        cd_read_fail(r, "length");
    struct cd_reader body = cd_read_sub(r, length - header, "length"); /* a cryptographic digest stands behind it */
    if (cd_read_ok(&body) && p.type == CD_OSPF_HELLO)
        read_hello(&body, &p);
    if (!cd_read_ok(&body))
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

/* Router ids and areas are numbers written as addresses are. */
static void text_id(struct cd_text *t, uint32_t id)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        cd_text_u64(t, id >> shift & 0xff);
        if (shift)
            cd_text_char(t, '.');
    }
}

static void report_id(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute, const char *before,
                      uint32_t id, unsigned confidence)
{
    char value[48];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_str(&t, before);
    text_id(&t, id);
    cd_report_fact(m, s, attribute, value, confidence);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    static const char *const names[] = {"hello", "database description", "link state request", "link state update",
                                        "link state acknowledgment"};
    struct cd_ospf_packet p;
    char target[32];
    struct cd_text t = cd_text_of(target, sizeof target);
    m->from_client = true; /* routers tell each other; nobody serves */
    if (!cd_ospf_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    cd_text_str(&t, "area ");
    text_id(&t, p.area);
    struct cd_operation op = {.name = names[p.type - 1], .code = p.type, .class = CD_CLASS_OTHER, .target = target};
    cd_report_notice(m, &op);
    struct cd_subject s = cd_subject_sender(m);
    cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "router", 85);
    report_id(m, &s, CD_ATTRIBUTE_INSTANCE, "OSPF router ", p.router, 80);
    for (unsigned i = 0; i < p.n_neighbours; i++)
        report_id(m, &s, CD_ATTRIBUTE_NEIGHBOUR, "OSPF router ", p.neighbours[i], 70);
    if (p.authentication == AUTHENTICATION_PASSWORD)
        cd_report_event_once(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "OSPF simple password");
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_IP || len < HEADER_3)
        return CD_PROBE_NO;
    return (bytes[0] == 2 || bytes[0] == 3) && bytes[1] >= 1 && bytes[1] <= TYPES ? CD_PROBE_SURE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_ospf = {
    .name = "ospf",
    .ip_protocols = {89},
    .probe = probe,
    .dissect = dissect,
};

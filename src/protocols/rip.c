/* RIP and RIPng: which routers tell their routes, and whether somebody listening could join in. */
#include "protocols/rip.h"

#include "base/text.h"
#include "protocols/identity.h"

enum {
    ENTRY = 20,
    ENTRIES_MAX = 128, /* 25 by the standard (RFC 2453 3.6); RIPng as many as fit */
    PORT = 520,
    PORT_NEXT_GENERATION = 521,
    FAMILY_AUTHENTICATION = 0xffff,
    AUTHENTICATION_DIGEST = 1,
    AUTHENTICATION_PASSWORD = 2,
    INFINITY = 16,
    COMMANDS = 6
};

static void read_entry(struct cd_reader *e, struct cd_rip_message *rip)
{
    uint16_t family = cd_read_be16(e, "family"), tag = cd_read_be16(e, "tag");
    if (family == FAMILY_AUTHENTICATION) {
        rip->password |= tag == AUTHENTICATION_PASSWORD;
        return;
    }
    cd_read_skip(e, 12, "route");
    rip->whole_table |= family == 0 && cd_read_be32(e, "metric") == INFINITY;
    rip->n_routes += family != 0;
}

static void read_prefix(struct cd_reader *e, struct cd_rip_message *rip)
{
    cd_read_skip(e, 18, "prefix");
    if (cd_read_u8(e, "prefix length") > 128)
        cd_read_fail(e, "prefix length");
    rip->n_routes++;
}

static bool is_digest(const struct cd_reader *r)
{
    return cd_read_peek(r, 0) == 0xff && cd_read_peek(r, 1) == 0xff && cd_read_peek(r, 2) == 0 &&
           cd_read_peek(r, 3) == AUTHENTICATION_DIGEST;
}

bool cd_rip_parse(struct cd_reader *r, bool next_generation, struct cd_rip_message *ret)
{
    struct cd_rip_message rip = {0};
    rip.command = cd_read_u8(r, "command");
    rip.version = cd_read_u8(r, "version");
    cd_read_skip(r, 2, "unused");
    if (rip.command == 0 || rip.command > COMMANDS)
        cd_read_fail(r, "command");
    for (unsigned i = 0; i < ENTRIES_MAX && cd_read_left(r); i++) {
        if (is_digest(r)) /* the trailer of keyed digests, which are of many lengths (RFC 4822 2.5) */
            break;
        struct cd_reader entry = cd_read_sub(r, ENTRY, "entry");
        if (next_generation)
            read_prefix(&entry, &rip);
        else
            read_entry(&entry, &rip);
        if (!cd_read_ok(&entry))
            cd_read_fail(r, entry.bad);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = rip;
    return true;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    static const char *const names[] = {"request", "response", "trace on", "trace off", "reserved", "poll"};
    bool next_generation = m->server_port == PORT_NEXT_GENERATION || m->client_port == PORT_NEXT_GENERATION;
    struct cd_rip_message rip;
    m->from_client = true; /* routers tell each other; nobody serves */
    if (!cd_rip_parse(r, next_generation, &rip)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {
        .name = names[rip.command - 1], .code = rip.command, .class = CD_CLASS_OTHER, .target = ""};
    if (rip.command == CD_RIP_REQUEST)
        op.class = CD_CLASS_READ, op.target = rip.whole_table ? "whole table" : "";
    cd_report_notice(m, &op);
    struct cd_subject s = cd_subject_sender(m);
    if (rip.command == CD_RIP_RESPONSE)
        cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "router", 60);
    cd_report_fact(m, &s, CD_ATTRIBUTE_SERVICE, next_generation ? "RIPng" : rip.version == 1 ? "RIP 1" : "RIP 2", 60);
    if (rip.password)
        cd_report_event_once(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "RIP simple password");
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < 4 || bytes[2] || bytes[3])
        return CD_PROBE_NO;
    return bytes[0] >= 1 && bytes[0] <= COMMANDS && (bytes[1] == 1 || bytes[1] == 2) ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_rip = {
    .name = "rip",
    .udp_ports = {PORT, PORT_NEXT_GENERATION},
    .probe = probe,
    .dissect = dissect,
};

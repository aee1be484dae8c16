/* NTP: which hosts give the time, and by whose clock. */
#include "protocols/ntp.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

enum { HEADER_LEN = 48, STRATUM_UNSYNCHRONISED = 16, CONTROL_WRITE_VARIABLES = 3, CONTROL_CONFIGURE = 8 };

bool cd_ntp_parse(struct cd_reader *r, struct cd_ntp_message *ret)
{
    struct cd_ntp_message p = {0};
    uint8_t first = cd_read_u8(r, "mode");
    p.leap = first >> 6;
    p.version = first >> 3 & 7;
    p.mode = first & 7;
    if (p.mode == CD_NTP_CONTROL) { /* RFC 9327 2 */
        uint8_t second = cd_read_u8(r, "operation");
        p.response = second & 0x80;
        p.error = second & 0x40;
        p.request = second & 0x1f;
        p.sequence = cd_read_be16(r, "sequence");
        cd_read_skip(r, 8, "control header");
    } else if (p.mode == CD_NTP_PRIVATE) { /* the first bits are response and more, not the leap indicator */
        p.response = first & 0x80;
        p.sequence = cd_read_u8(r, "sequence") & 0x7f;
        cd_read_skip(r, 1, "implementation");
        p.request = cd_read_u8(r, "request code");
        cd_read_skip(r, 4, "private header");
    } else {
        p.stratum = cd_read_u8(r, "stratum");
        cd_read_skip(r, 10, "poll, precision, root delay and dispersion");
        const uint8_t *id = cd_read_at(r, 4, "reference id");
        cd_read_skip(r, 8, "reference timestamp");
        p.origin = cd_read_be64(r, "origin timestamp");
        cd_read_skip(r, 8, "receive timestamp");
        p.transmit = cd_read_be64(r, "transmit timestamp");
        if (id)
            memcpy(p.reference_id, id, 4);
    }
    if (cd_read_ok(r) && p.version == 0)
        cd_read_fail(r, "version");
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

/* "stratum 1, GPS", "stratum 3, 192.168.1.1": of a primary server the reference id is a name, of an IPv4 secondary its source. */
static void report_clock(struct cd_message *m, const struct cd_ntp_message *p)
{
    if (p->stratum == 0 || p->stratum >= STRATUM_UNSYNCHRONISED)
        return;
    struct cd_subject server = cd_subject_sender(m);
    char value[64];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_str(&t, "stratum ");
    cd_text_u64(&t, p->stratum);
    cd_text_str(&t, ", ");
    if (p->stratum == 1) {
        cd_text_device(&t, p->reference_id, 4);
    } else {
        struct cd_ip ip = cd_ip_of4(p->reference_id);
        cd_text_ip(&t, &ip);
    }
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_CLOCK, value, t.len, 70);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "ntp-server", 70);
}

static const char *control_name(uint8_t request)
{
    static const char *const names[] = {
        [1] = "read status",          [2] = "read variables",           [3] = "write variables",
        [4] = "read clock variables", [5] = "write clock variables",    [6] = "set trap address",
        [7] = "trap response",        [8] = "runtime configuration",    [9] = "export configuration",
        [10] = "remote address list", [11] = "read most recently used", [12] = "request nonce"};
    const char *name = request < sizeof names / sizeof names[0] ? names[request] : NULL;
    return name ? name : "other control";
}

static void report_management(struct cd_message *m, const struct cd_ntp_message *p)
{
    struct cd_operation op = {.name = "private request",
                              .code_space = "private",
                              .code = p->request,
                              .class = CD_CLASS_DIAGNOSE,
                              .target = ""};
    if (p->mode == CD_NTP_CONTROL) {
        bool configures = p->request == CONTROL_WRITE_VARIABLES || p->request == 5 || p->request == CONTROL_CONFIGURE;
        op.name = control_name(p->request);
        op.code_space = "control";
        op.class = configures ? CD_CLASS_CONFIGURE : CD_CLASS_DIAGNOSE;
    }
    uint64_t id = (uint64_t)p->mode << 16 | p->sequence;
    m->from_client = !p->response;
    if (p->response)
        cd_report_response(m, &op, id, p->error ? "error" : NULL);
    else
        cd_report_request(m, &op, id);
}

static void report_time(struct cd_message *m, const struct cd_ntp_message *p)
{
    struct cd_operation op = {.name = "time request", .code = CD_NTP_CLIENT, .class = CD_CLASS_OTHER, .target = ""};
    switch (p->mode) {
    case CD_NTP_CLIENT:
        m->from_client = true;
        cd_report_request(m, &op, p->transmit);
        return;
    case CD_NTP_SERVER:
        m->from_client = false;
        cd_report_response(m, &op, p->origin, p->stratum == 0 ? "kiss of death" : NULL);
        break;
    default:
        op.name = p->mode == CD_NTP_BROADCAST ? "time broadcast" : p->mode ? "symmetric exchange" : "reserved mode";
        op.code = p->mode;
        m->from_client = m->sent_by_client_end;
        cd_report_notice(m, &op);
    }
    if (p->mode)
        report_clock(m, p);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ntp_message p;
    if (!cd_ntp_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (p.mode == CD_NTP_CONTROL || p.mode == CD_NTP_PRIVATE)
        report_management(m, &p);
    else
        report_time(m, &p);
}

/* The header has nothing to know it by but its size and version: enough on the port of its own only. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < 8)
        return CD_PROBE_NO;
    unsigned version = bytes[0] >> 3 & 7, mode = bytes[0] & 7;
    bool fits = version >= 1 && version <= 4 && (mode >= CD_NTP_CONTROL || len >= HEADER_LEN);
    return fits ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_ntp = {
    .name = "ntp",
    .udp_ports = {123},
    .probe = probe,
    .dissect = dissect,
};

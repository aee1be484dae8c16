/* NetBIOS name service: hosts announce their names when they start, and tell all of them with their MAC when asked (node status). */
#include "protocols/nbns.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

enum { FLAG_BROADCAST = 0x0010, GROUP_NAME = 0x8000, ADDRESSES_READ_MAX = 8 };

bool cd_nbns_status_parse(struct cd_reader *r, struct cd_nbns_status *ret)
{
    struct cd_nbns_status s = {.unit = CD_NO_MAC};
    uint8_t n = cd_read_u8(r, "name count");
    for (unsigned i = 0; i < n && cd_read_ok(r); i++) {
        const uint8_t *name = cd_read_at(r, 16, "name");
        uint16_t flags = cd_read_be16(r, "name flags");
        if (!cd_read_ok(r) || s.n == CD_NBNS_STATUS_NAMES_MAX)
            continue;
        cd_netbios_name_of(name, &s.names[s.n].name);
        s.names[s.n++].group = (flags & GROUP_NAME) != 0;
    }
    const uint8_t *unit = cd_read_at(r, 6, "unit id");
    if (!cd_read_ok(r))
        return false;
    if (cd_mac_is_device(cd_mac_of(unit)))
        s.unit = cd_mac_of(unit);
    *ret = s;
    return true;
}

/* What a name says of the host that owns it. */
static void report_name(struct cd_message *m, const struct cd_subject *s, const struct cd_netbios_name *name,
                        bool group, unsigned confidence)
{
    if (!cd_netbios_name_is_plain(name))
        return;
    if (!group && (name->suffix == CD_NETBIOS_WORKSTATION || name->suffix == CD_NETBIOS_SERVER))
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_NAME, name->text, name->len, confidence);
    if (!group && name->suffix == CD_NETBIOS_SERVER)
        cd_report_fact(m, s, CD_ATTRIBUTE_SERVICE, "NetBIOS file server", 60);
    if (group && name->suffix != CD_NETBIOS_DOMAIN_CONTROLLERS && name->suffix != CD_NETBIOS_WORKSTATION &&
        name->suffix != CD_NETBIOS_ELECTIONS)
        return;
    if (group || name->suffix == CD_NETBIOS_DOMAIN_MASTER || name->suffix == CD_NETBIOS_MASTER_BROWSER)
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_DOMAIN, name->text, name->len, confidence - 5);
    if ((group && name->suffix == CD_NETBIOS_DOMAIN_CONTROLLERS) ||
        (!group && name->suffix == CD_NETBIOS_DOMAIN_MASTER))
        cd_report_fact(m, s, CD_ATTRIBUTE_ROLE, "domain-controller", 65);
}

/* An NB record (RFC 1002 4.2.2): pairs of flags and address that own `name`. */
static void report_owners(struct cd_message *m, const struct cd_netbios_name *name, struct cd_reader *data)
{
    for (unsigned i = 0; i < ADDRESSES_READ_MAX && cd_read_left(data) >= 6; i++) {
        bool group = (cd_read_be16(data, "name flags") & GROUP_NAME) != 0;
        struct cd_ip ip = cd_ip_of4(cd_read_at(data, 4, "address"));
        if (cd_ip_equal(&ip, cd_message_sender(m))) {
            struct cd_subject sender = cd_subject_sender(m);
            report_name(m, &sender, name, group, 80);
        } else if (cd_ip_is_device(&ip) && cd_ip_is_private(&ip) && !group) {
            struct cd_subject owner = cd_subject_ip(&ip);
            report_name(m, &owner, name, false, 60);
        }
    }
}

static void report_status(struct cd_message *m, struct cd_reader *data)
{
    struct cd_nbns_status status;
    if (!cd_nbns_status_parse(data, &status)) {
        cd_report_malformed(m, data->bad);
        return;
    }
    struct cd_subject sender = cd_subject_sender(m);
    for (unsigned i = 0; i < status.n; i++)
        report_name(m, &sender, &status.names[i].name, status.names[i].group, 80);
    cd_report_hardware_address(m, &sender, status.unit, 80);
}

static void report_record(struct cd_message *m, const struct cd_reader *message, const struct cd_dns_record *record)
{
    struct cd_reader data = cd_dns_record_data(message, record);
    struct cd_dns_name label;
    struct cd_netbios_name name;
    if (record->type == CD_NBNS_TYPE_STATUS)
        report_status(m, &data);
    else if (record->type == CD_NBNS_TYPE_NB && cd_dns_name_at(message, record->name_at, &label) &&
             cd_netbios_name_decode(&label, &name))
        report_owners(m, &name, &data);
}

static struct cd_operation operation_of(const struct cd_dns_message *d)
{
    struct cd_operation op = {.code = cd_dns_opcode(d), .class = CD_CLASS_SESSION, .target = ""};
    switch (op.code) {
    case CD_NBNS_QUERY:
        op.name = "query";
        op.class = CD_CLASS_IDENTIFY;
        break;
    case CD_NBNS_REGISTRATION: op.name = "registration"; break;
    case CD_NBNS_RELEASE: op.name = "release"; break;
    case CD_NBNS_WAIT: op.name = "wait for acknowledgement"; break;
    case CD_NBNS_REFRESH:
    case CD_NBNS_REFRESH_ALT: op.name = "refresh"; break;
    case CD_NBNS_MULTIHOMED: op.name = "multihomed registration"; break;
    default: op.name = "other opcode"; op.class = CD_CLASS_OTHER;
    }
    return op;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_dns_message d;
    if (!cd_dns_parse(r, &d)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = operation_of(&d);
    m->from_client = !cd_dns_is_response(&d);
    if (!m->from_client)
        cd_report_response(m, &op, d.id, cd_dns_error(&d));
    else if (d.flags & FLAG_BROADCAST)
        cd_report_notice(m, &op);
    else
        cd_report_request(m, &op, d.id);
    size_t records_at = r->pos;
    uint32_t n = cd_dns_records(&d);
    if (!cd_dns_check_records(r, n)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (op.code == CD_NBNS_RELEASE || op.code == CD_NBNS_WAIT || (!m->from_client && cd_dns_error(&d)))
        return; /* these say that a name is not, or not yet, held */
    struct cd_reader records = cd_reader_of(r->base, r->len);
    records.pos = records_at;
    struct cd_dns_record record;
    for (uint32_t i = 0; i < n && i < ADDRESSES_READ_MAX && cd_dns_record_parse(&records, &record); i++)
        report_record(m, r, &record);
}

const struct cd_dissector cd_dissector_nbns = {
    .name = "nbns",
    .udp_ports = {137},
    .dissect = dissect,
};

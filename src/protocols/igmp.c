/* IGMP: who wants to hear which multicast groups, and who asks. */
#include "protocols/igmp.h"

#include "base/text.h"
#include "protocols/identity.h"

enum { RECORDS_MAX = 512, TO_INCLUDE = 3 };

/* ---- parsing ---- */

static void read_group(struct cd_reader *r, struct cd_igmp_message *i)
{
    const uint8_t *group = cd_read_at(r, 4, "group");
    if (!group)
        return;
    if (i->n_groups < CD_IGMP_GROUPS)
        i->groups[i->n_groups] = cd_ip_of4(group);
    i->n_groups++;
}

/* RFC 3376 4.2. */
static void read_records(struct cd_reader *r, struct cd_igmp_message *i)
{
    cd_read_skip(r, 2, "reserved");
    uint16_t n = cd_read_be16(r, "record count");
    if (n > RECORDS_MAX)
        cd_read_fail(r, "record count");
    for (unsigned k = 0; k < n && cd_read_ok(r); k++) {
        uint8_t type = cd_read_u8(r, "record type"), words = cd_read_u8(r, "auxiliary data length");
        uint16_t sources = cd_read_be16(r, "source count");
        if (k == 0)
            i->leaves = type == TO_INCLUDE && sources == 0;
        read_group(r, i);
        cd_read_skip(r, (size_t)sources * 4 + (size_t)words * 4, "sources");
    }
}

bool cd_igmp_parse(struct cd_reader *r, struct cd_igmp_message *ret)
{
    struct cd_igmp_message i = {0};
    i.type = cd_read_u8(r, "type");
    cd_read_skip(r, 3, "header");
    if (i.type == CD_IGMP_REPORT_3)
        read_records(r, &i);
    else
        read_group(r, &i);
    if (!cd_read_ok(r))
        return false;
    *ret = i;
    return true;
}

/* ---- what is told ---- */

static const char *type_name(const struct cd_igmp_message *i)
{
    switch (i->type) {
    case CD_IGMP_QUERY: return "membership query";
    case CD_IGMP_REPORT_1:
    case CD_IGMP_REPORT_2: return "membership report";
    case CD_IGMP_LEAVE: return "leave group";
    case CD_IGMP_REPORT_3: return "membership report";
    case 0x13: return "DVMRP";
    case 0x14: return "PIM 1";
    case 0x30: return "multicast router advertisement";
    case 0x31: return "multicast router solicitation";
    case 0x32: return "multicast router termination";
    default: return "unknown type";
    }
}

static void text_groups(struct cd_text *t, const struct cd_igmp_message *i)
{
    if (i->n_groups == 0 || cd_ip_is_unspecified(&i->groups[0]))
        return;
    cd_text_str(t, i->leaves ? "not group " : "group ");
    for (unsigned k = 0; k < i->n_groups && k < CD_IGMP_GROUPS; k++) {
        if (k)
            cd_text_str(t, ", ");
        cd_text_ip(t, &i->groups[k]);
    }
    if (i->n_groups > CD_IGMP_GROUPS)
        cd_text_str(t, " and others");
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_igmp_message i;
    char target[128];
    struct cd_text t = cd_text_of(target, sizeof target);
    m->from_client = true; /* what is said goes to a group */
    if (!cd_igmp_parse(r, &i)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    text_groups(&t, &i);
    struct cd_operation op = {.name = type_name(&i), .code = i.type, .class = CD_CLASS_OTHER, .target = target};
    cd_report_notice(m, &op);
    if (i.type != CD_IGMP_QUERY ||
        cd_ip_is_unspecified(cd_message_sender(m))) /* switches that only listen ask from 0.0.0.0 */
        return;
    struct cd_subject s = cd_subject_sender(m);
    cd_report_fact(m, &s, CD_ATTRIBUTE_SERVICE, "IGMP querier", 70);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)bytes, (void)from_client;
    return transport == CD_TRANSPORT_IP && len >= 8 ? CD_PROBE_LIKELY : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_igmp = {
    .name = "igmp",
    .ip_protocols = {2},
    .probe = probe,
    .dissect = dissect,
};

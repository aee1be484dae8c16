/* LLMNR: a host answers for its own names only (RFC 4795 2.3), so an answer names its sender. */
#include "protocols/llmnr.h"

#include "protocols/dissector.h"
#include "protocols/dns.h"
#include "protocols/identity.h"

enum { RECORDS_READ_MAX = 32 };

/* An address record or a reverse lookup; the address may be another one of the sender's. */
static void report_answer(struct cd_message *m, const struct cd_reader *message, const struct cd_dns_record *record)
{
    struct cd_ip ip;
    struct cd_dns_name owner, name;
    if (!cd_dns_name_at(message, record->name_at, &owner))
        return;
    if (cd_dns_record_ip(message, record, &ip)) {
        name = owner;
    } else {
        struct cd_reader data = cd_dns_record_data(message, record);
        if (record->type != CD_DNS_PTR || !cd_dns_reverse_ip(&owner, &ip) || !cd_dns_name_parse(&data, &name))
            return;
    }
    struct cd_subject sender = cd_subject_sender(m);
    bool own = cd_ip_equal(&ip, cd_message_sender(m));
    cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_NAME, name.text, name.len, own ? 80 : 70);
    if (!own && cd_ip_is_private(&ip))
        cd_report_address(m, cd_message_sender_mac(m), &ip, 50);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_dns_message d;
    if (!cd_dns_parse(r, &d)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {
        .name = cd_dns_query_name(d.question_type), .code = d.question_type, .class = CD_CLASS_IDENTIFY, .target = ""};
    bool response = cd_dns_is_response(&d);
    m->from_client = !response;
    if (response)
        cd_report_response(m, &op, d.id, cd_dns_error(&d));
    else
        cd_report_notice(m, &op); /* multicast: its answers come in flows of their own */
    if (cd_dns_opcode(&d) != 0) {
        cd_report_event(m, CD_EVENT_VIOLATION, "LLMNR opcode other than 0");
        return;
    }
    size_t records_at = r->pos;
    if (!cd_dns_check_records(r, cd_dns_records(&d))) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_reader records = cd_reader_of(r->base, r->len);
    records.pos = records_at;
    struct cd_dns_record record;
    for (unsigned i = 0; response && i < d.answers && i < RECORDS_READ_MAX && cd_dns_record_parse(&records, &record);
         i++)
        report_answer(m, r, &record);
}

const struct cd_dissector cd_dissector_llmnr = {
    .name = "llmnr",
    .udp_ports = {5355},
    .dissect = dissect,
};

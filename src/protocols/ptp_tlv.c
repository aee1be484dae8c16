/* PTP: what stands in TLVs (IEEE 1588-2019 clauses 14 to 16): management, the negotiation of unicast, and the power profile. */
#include "protocols/ptp.h"

enum tlv_type {
    TLV_MANAGEMENT = 0x0001,
    TLV_MANAGEMENT_ERROR = 0x0002,
    TLV_ORGANIZATION = 0x0003,
    TLV_REQUEST_UNICAST = 0x0004,
    TLV_GRANT_UNICAST = 0x0005,
    TLV_CANCEL_UNICAST = 0x0006,
    TLV_ACKNOWLEDGE_CANCEL = 0x0007,
    TLV_MESSAGE_INTERVAL = 0x800a
};

bool cd_ptp_next_tlv(struct cd_reader *r, uint16_t *ret_type, struct cd_reader *ret_value)
{
    if (cd_read_left(r) == 0)
        return false;
    uint16_t type = cd_read_be16(r, "TLV type"), length = cd_read_be16(r, "TLV length");
    struct cd_reader value = cd_read_sub(r, length, "TLV length");
    if (!cd_read_ok(r))
        return false;
    *ret_type = type;
    *ret_value = value;
    return true;
}

/* ---- power profile (IEEE C37.238): organisation 1c-12-9d, subtype 1 of 2011, 2 of 2017; then the grandmaster's short id ---- */

void cd_ptp_text_announce_tlvs(struct cd_text *t, struct cd_reader *tlvs)
{
    enum { POWER_PROFILE = 0x1c129d };
    uint16_t type;
    struct cd_reader value;
    for (unsigned n = 0; n < CD_PTP_TLVS_MAX && cd_ptp_next_tlv(tlvs, &type, &value); n++) {
        if (type != TLV_ORGANIZATION)
            continue;
        uint32_t organization = cd_read_be24(&value, "organization"), subtype = cd_read_be24(&value, "subtype");
        uint16_t id = cd_read_be16(&value, "grandmaster id");
        if (!cd_read_ok(&value) || organization != POWER_PROFILE || subtype < 1 || subtype > 2)
            continue;
        cd_text_str(t, ", power profile grandmaster ");
        cd_text_u64(t, id);
    }
}

/* ---- descriptions: texts with a length of one byte (5.3.9), of parts between semicolons ---- */

static void report_parts(struct cd_message *m, struct cd_reader *r, const enum cd_attribute *attributes, unsigned n,
                         unsigned confidence)
{
    struct cd_subject sender = cd_subject_sender(m);
    uint8_t length = cd_read_u8(r, "text length");
    struct cd_reader text = cd_read_sub(r, length, "text length");
    for (unsigned part = 0; part < n && cd_read_left(&text); part++) {
        size_t end = 0;
        int c;
        while ((c = cd_read_peek(&text, end)) >= 0 && c != ';')
            end++;
        cd_report_fact_bytes(m, &sender, attributes[part], cd_read_at(&text, end, "text"), end, confidence);
        if (cd_read_left(&text))
            cd_read_skip(&text, 1, "separator");
    }
}

static void report_user_description(struct cd_message *m, struct cd_reader *r)
{
    static const enum cd_attribute user[] = {CD_ATTRIBUTE_NAME, CD_ATTRIBUTE_LOCATION};
    report_parts(m, r, user, 2, 80);
}

/* CLOCK_DESCRIPTION (15.5.3.1.2). Network protocols: 1 IPv4, 2 IPv6, 3 Ethernet. */
static void report_clock_description(struct cd_message *m, struct cd_reader *r)
{
    static const enum cd_attribute product[] = {CD_ATTRIBUTE_VENDOR, CD_ATTRIBUTE_MODEL, CD_ATTRIBUTE_SERIAL};
    static const enum cd_attribute revision[] = {CD_ATTRIBUTE_HARDWARE, CD_ATTRIBUTE_FIRMWARE, CD_ATTRIBUTE_SOFTWARE};
    struct cd_subject sender = cd_subject_sender(m);
    char text[24];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_read_skip(r, 2, "clock type");
    cd_read_skip(r, cd_read_u8(r, "physical layer length"), "physical layer");
    uint16_t address_length = cd_read_be16(r, "physical address length");
    const uint8_t *address = cd_read_at(r, address_length, "physical address");
    cd_read_skip(r, 2, "network protocol");
    cd_read_skip(r, cd_read_be16(r, "protocol address length"), "protocol address");
    cd_read_skip(r, 3 + 1, "manufacturer identity");
    if (!cd_read_ok(r))
        return;
    if (address_length == 6 && cd_mac_is_device(cd_mac_of(address))) {
        cd_text_mac(&t, cd_mac_of(address));
        cd_report_fact(m, &sender, CD_ATTRIBUTE_HARDWARE_ADDRESS, text, 85);
    }
    report_parts(m, r, product, 3, 95);
    report_parts(m, r, revision, 3, 95);
    report_user_description(m, r);
}

/* ---- management (15.4): target 10, hops 2, action, reserved, and one TLV that begins with an id ---- */

enum action { ACTION_GET, ACTION_SET, ACTION_RESPONSE, ACTION_COMMAND, ACTION_ACKNOWLEDGE };
enum { CLOCK_DESCRIPTION = 0x0001, USER_DESCRIPTION = 0x0002, INITIALIZE = 0x0005 };

static enum cd_class management_class(uint8_t action, uint16_t id)
{
    if (action == ACTION_COMMAND)
        return id == INITIALIZE ? CD_CLASS_MODE : CD_CLASS_CONFIGURE;
    if (action == ACTION_SET)
        return CD_CLASS_CONFIGURE;
    return id <= USER_DESCRIPTION ? CD_CLASS_IDENTIFY : CD_CLASS_READ;
}

static void text_management(struct cd_text *t, const struct cd_ptp_header *h, const char *action, uint16_t id)
{
    const char *name = cd_ptp_management_name(id);
    cd_text_str(t, action);
    if (name) {
        cd_text_str(t, name);
    } else {
        cd_text_str(t, "id 0x");
        cd_text_hex(t, id, 4);
    }
    cd_text_char(t, ' ');
    cd_ptp_text_domain(t, h);
}

static void report_management(struct cd_message *m, const struct cd_ptp_header *h, uint8_t action, uint16_t id,
                              const char *error)
{
    static const char *const actions[] = {"get ", "set ", "", "command ", ""};
    char target[CD_PTP_TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = cd_ptp_type_name(CD_PTP_MANAGEMENT),
                              .code = CD_PTP_MANAGEMENT,
                              .class = management_class(action, id),
                              .target = target};
    uint64_t request = (uint64_t)id << 16 | h->sequence;
    text_management(&t, h, action <= ACTION_ACKNOWLEDGE ? actions[action] : "", id);
    m->from_client = action != ACTION_RESPONSE && action != ACTION_ACKNOWLEDGE;
    if (m->from_client)
        cd_report_request(m, &op, request);
    else
        cd_report_response(m, &op, request, error);
}

void cd_ptp_management(struct cd_message *m, struct cd_ptp_header *h)
{
    uint16_t type = 0, id = 0, error = 0;
    struct cd_reader *r = &h->body, value = {0};
    cd_read_skip(r, 10 + 2, "target port identity");
    uint8_t action = cd_read_u8(r, "action") & 0xf;
    cd_read_skip(r, 1, "reserved");
    if (cd_ptp_next_tlv(r, &type, &value)) {
        if (type == TLV_MANAGEMENT_ERROR)
            error = cd_read_be16(&value, "management error");
        id = cd_read_be16(&value, "management id");
    }
    report_management(m, h, action, id, type == TLV_MANAGEMENT_ERROR ? cd_ptp_management_error_name(error) : NULL);
    if (cd_read_ok(r) && action == ACTION_RESPONSE && type == TLV_MANAGEMENT && id == CLOCK_DESCRIPTION)
        report_clock_description(m, &value);
    else if (cd_read_ok(r) && action == ACTION_RESPONSE && type == TLV_MANAGEMENT && id == USER_DESCRIPTION)
        report_user_description(m, &value);
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
    else if (!cd_read_ok(&value))
        cd_report_malformed(m, value.bad);
}

/* ---- signalling (16.1): target 10, then TLVs; the first tells what is wanted ---- */

static const char *signalling_name(uint16_t type)
{
    switch (type) {
    case TLV_REQUEST_UNICAST: return "request unicast ";
    case TLV_GRANT_UNICAST: return "grant unicast ";
    case TLV_CANCEL_UNICAST: return "cancel unicast ";
    case TLV_ACKNOWLEDGE_CANCEL: return "acknowledge cancel of unicast ";
    case TLV_MESSAGE_INTERVAL: return "message interval ";
    default: return "other ";
    }
}

void cd_ptp_signalling(struct cd_message *m, struct cd_ptp_header *h)
{
    char target[CD_PTP_TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = cd_ptp_type_name(CD_PTP_SIGNALLING),
                              .code = CD_PTP_SIGNALLING,
                              .class = CD_CLASS_SESSION,
                              .target = target};
    uint16_t type;
    struct cd_reader value;
    cd_read_skip(&h->body, 10, "target port identity");
    if (cd_ptp_next_tlv(&h->body, &type, &value)) {
        cd_text_str(&t, signalling_name(type));
        if (type >= TLV_REQUEST_UNICAST && type <= TLV_ACKNOWLEDGE_CANCEL && cd_read_left(&value)) {
            cd_text_str(&t, cd_ptp_type_name(cd_read_u8(&value, "message type") >> 4));
            cd_text_char(&t, ' ');
        }
    }
    cd_ptp_text_domain(&t, h);
    m->from_client = true;
    cd_report_notice(m, &op);
    for (unsigned n = 0; n < CD_PTP_TLVS_MAX && cd_ptp_next_tlv(&h->body, &type, &value); n++)
        ; /* the others only have to fit */
    if (!cd_read_ok(&h->body))
        cd_report_malformed(m, h->body.bad);
}

/* DLMS/COSEM: what an APDU tells of operations, devices and sign-ins. */
#include "protocols/dlms.h"

#include <string.h>

enum {
    TARGET_MAX = 160,
    VALUE_MAX = 96,
    PRINTABLE_LOWEST = 0x20,
    PRINTABLE_HIGHEST = 0x7e,
    SERVICE_IDS = 0x1000, /* ids of services without an invoke id: this and the tag */
    ACCESS_IDS = 0x10000000,
    AUTHENTICATION_FAILURE = 13
};

/* Responses are counted at the request's tag. */
static uint8_t request_tag(uint8_t tag)
{
    switch (tag) {
    case CD_DLMS_READ_RESPONSE:
    case CD_DLMS_WRITE_RESPONSE:
    case 44:
    case 45:
    case 76:
    case 77: return tag - 7;
    case CD_DLMS_AARE:
    case CD_DLMS_RLRE:
    case CD_DLMS_ACCESS_RESPONSE: return tag - 1;
    case CD_DLMS_GET_RESPONSE:
    case CD_DLMS_SET_RESPONSE:
    case CD_DLMS_ACTION_RESPONSE:
    case 204:
    case 205:
    case 207:
    case 212:
    case 213:
    case 215: return tag - 4;
    default: return tag;
    }
}

static uint64_t request_id(const struct cd_dlms_apdu *a)
{
    uint8_t tag = request_tag(a->tag);
    if (tag == CD_DLMS_ACCESS)
        return ACCESS_IDS | a->invoke;
    if (tag == CD_DLMS_GET || tag == CD_DLMS_SET || tag == CD_DLMS_ACTION)
        return a->invoke;
    return SERVICE_IDS | tag;
}

/* What objects a value of which tells who the meter is (IEC 62056-6-1; 0.0.96.1.0 is the manufacturing number), kept with the open request. */
enum identity { ID_NONE, ID_LOGICAL_NAME, ID_SERIAL, ID_FIRMWARE, ID_INSTANCE, ID_MODEL };

static enum identity identity_of(const struct cd_dlms_apdu *a)
{
    const uint8_t *o = a->target[0].obis;
    if (a->tag != CD_DLMS_GET || a->choice != 1 || a->target[0].index != 2 || o[5] != 255)
        return ID_NONE;
    if (o[0] == 0 && o[1] == 0 && o[2] == 42 && o[3] == 0 && o[4] == 0)
        return ID_LOGICAL_NAME;
    if (o[0] == 0 && o[1] == 0 && o[2] == 96 && o[3] == 1 && o[4] < 10)
        return o[4] == 0 ? ID_SERIAL : ID_INSTANCE;
    if (o[0] == 1 && o[1] == 0 && o[2] == 0 && o[3] == 2 && o[4] == 0)
        return ID_FIRMWARE;
    if (o[0] == 0 && o[1] == 0 && o[2] == 94 && o[3] == 91 && o[4] == 9)
        return ID_MODEL;
    return ID_NONE;
}

/* A logical device name (IEC 62056-6-2, 4.1.8.2) and a system title begin with the maker's three letters. */
static void report_maker(struct cd_message *m, const struct cd_subject *device, const uint8_t *flag)
{
    const char *maker = cd_dlms_maker(flag);
    if (maker)
        cd_report_fact(m, device, CD_ATTRIBUTE_VENDOR, maker, 85);
}

static void report_title(struct cd_message *m, const struct cd_dlms_apdu *a)
{
    char text[CD_DLMS_TITLE * 2 + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject sender = cd_subject_sender(m);
    bool letters = true;
    for (unsigned i = 0; i < 3; i++)
        letters = letters && a->title[i] >= 'A' && a->title[i] <= 'Z';
    if (letters)
        cd_text_bytes(&t, (const char *)a->title, 3);
    cd_text_hex_bytes(&t, a->title + t.len, CD_DLMS_TITLE - t.len);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_INSTANCE, text, 85);
    if (letters && !m->from_client)
        report_maker(m, &sender, a->title);
}

/* Data of the simple kinds as text (A-XDR: octet string 9, visible string 10, UTF-8 12, numbers); empty where it is another. */
static void text_value(struct cd_text *t, struct cd_reader *r)
{
    uint8_t kind = cd_read_u8(r, "data");
    if (kind == 9 || kind == 10 || kind == 12) {
        uint32_t len = cd_dlms_read_length(r, "data length");
        const uint8_t *value = cd_read_at(r, len, "data");
        len = value ? (uint32_t)strnlen((const char *)value, len) : 0; /* names are filled up */
        bool printable = true;
        for (uint32_t i = 0; value && i < len; i++)
            printable = printable && value[i] >= PRINTABLE_LOWEST && value[i] <= PRINTABLE_HIGHEST;
        if (value && len && printable)
            cd_text_device(t, value, len);
        else if (value)
            cd_text_hex_bytes(t, value, len);
    } else if (kind == 17) {
        cd_text_u64(t, cd_read_u8(r, "data"));
    } else if (kind == 18) {
        cd_text_u64(t, cd_read_be16(r, "data"));
    } else if (kind == 6) {
        cd_text_u64(t, cd_read_be32(r, "data"));
    }
}

static void report_identity(struct cd_message *m, enum identity identity, struct cd_reader r)
{
    char value[VALUE_MAX];
    struct cd_text t = cd_text_of(value, sizeof value);
    struct cd_subject device = cd_subject_sender(m);
    text_value(&t, &r);
    if (!t.len || !cd_read_ok(&r))
        return;
    switch (identity) {
    case ID_LOGICAL_NAME:
        cd_report_fact(m, &device, CD_ATTRIBUTE_NAME, value, 75);
        if (t.len > 3)
            report_maker(m, &device, (const uint8_t *)value);
        break;
    case ID_SERIAL: cd_report_fact(m, &device, CD_ATTRIBUTE_SERIAL, value, 90); break;
    case ID_FIRMWARE: cd_report_fact(m, &device, CD_ATTRIBUTE_FIRMWARE, value, 90); break;
    case ID_MODEL: cd_report_fact(m, &device, CD_ATTRIBUTE_MODEL, value, 70); break;
    default: cd_report_fact(m, &device, CD_ATTRIBUTE_INSTANCE, value, 50); break;
    }
}

static void text_targets(struct cd_text *t, const struct cd_dlms_apdu *a)
{
    bool method = a->tag == CD_DLMS_ACTION || (a->tag == CD_DLMS_ACCESS && a->choice == 3);
    for (unsigned i = 0; i < a->targets && i < CD_DLMS_TARGETS; i++) {
        if (i)
            cd_text_str(t, ", ");
        cd_dlms_text_target(t, &a->target[i], method);
    }
    if (a->targets > CD_DLMS_TARGETS) {
        cd_text_str(t, " and ");
        cd_text_u64(t, a->targets - CD_DLMS_TARGETS);
        cd_text_str(t, " more");
    }
}

/* Who asks, with what names and by what sign-in; findings about the sign-in. The password of low level security goes in the clear, whatever the context. */
static void report_sign_in(struct cd_message *m, const struct cd_dlms_apdu *a, struct cd_text *t)
{
    cd_text_str(t, a->context == 2 || a->context == 4 ? "short names, " : "logical names, ");
    if (a->context > 2)
        cd_text_str(t, "ciphered, ");
    cd_text_str(t, cd_dlms_mechanism_name(a->mechanism));
    if (a->mechanism == 1 && a->has_secret)
        cd_report_event_once(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "DLMS low level password");
    if (a->mechanism == 3 || a->mechanism == 4)
        cd_report_event_once(m, CD_EVENT_WEAK_CRYPTOGRAPHY, cd_dlms_mechanism_name(a->mechanism));
}

static enum cd_class class_of(const struct cd_dlms_apdu *a, enum cd_class otherwise)
{
    enum cd_class worst = otherwise;
    for (unsigned i = 0; i < a->targets && i < CD_DLMS_TARGETS; i++) {
        uint16_t id = a->target[i].class_id;
        bool set = a->tag == CD_DLMS_SET || (a->tag == CD_DLMS_ACCESS && (a->choice == 2 || a->choice == 5));
        bool action = a->tag == CD_DLMS_ACTION || (a->tag == CD_DLMS_ACCESS && a->choice == 3);
        if (a->tag == CD_DLMS_ACCESS && !set && !action)
            return CD_CLASS_READ;
        enum cd_class class = set      ? cd_dlms_set_class(id)
                              : action ? cd_dlms_action_class(id, a->target[i].index)
                                       : otherwise;
        if (class == CD_CLASS_CONTROL || class == CD_CLASS_FIRMWARE)
            return class;
        if (i == 0 || class == CD_CLASS_CONFIGURE)
            worst = class;
    }
    return worst;
}

static void report_request(struct cd_message *m, const struct cd_dlms_link *link, const struct cd_dlms_apdu *a,
                           struct cd_operation op)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_dlms_state *s = m->state;
    if (link->server > 1) {
        cd_text_str(&t, "logical device ");
        cd_text_u64(&t, link->server);
        cd_text_char(&t, ' ');
    }
    if (a->tag == CD_DLMS_AARQ) {
        cd_text_str(&t, "client ");
        cd_text_u64(&t, link->client);
        cd_text_char(&t, ' ');
        report_sign_in(m, a, &t);
    }
    text_targets(&t, a);
    op.target = target;
    op.class = class_of(a, op.class);
    s->open = request_id(a);
    cd_report_request(m, &op, s->open);
    cd_report_remember(m, s->open, identity_of(a));
}

static const char *exception_error(const struct cd_dlms_apdu *a)
{
    if (a->choice == 1)
        return "service not allowed";
    switch (a->result) {
    case 1: return "operation not possible";
    case 2: return "service not supported";
    case 4: return "PDU too long";
    case 5: return "deciphering error";
    case 6: return "invocation counter error";
    default: return "service unknown";
    }
}

static void report_association(struct cd_message *m, const struct cd_dlms_apdu *a)
{
    struct cd_subject meter = cd_subject_server(m);
    cd_report_fact(m, &meter, CD_ATTRIBUTE_ROLE, "meter", 60);
    if (a->result && a->diagnostic == AUTHENTICATION_FAILURE)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "DLMS association");
}

static void report_response(struct cd_message *m, const struct cd_dlms_apdu *a, struct cd_operation op)
{
    struct cd_dlms_state *s = m->state;
    uint64_t id = request_id(a);
    const char *error = cd_dlms_access_error(a->result);
    if (a->tag == CD_DLMS_ACTION_RESPONSE)
        error = cd_dlms_action_error(a->result);
    if (a->tag == CD_DLMS_AARE) {
        error = a->result ? cd_dlms_association_error(a->diagnostic) : NULL;
        report_association(m, a);
    }
    if (a->tag == CD_DLMS_EXCEPTION || a->tag == CD_DLMS_CONFIRMED_ERROR) {
        id = s->open;
        error = a->tag == CD_DLMS_EXCEPTION ? exception_error(a) : "service error";
    }
    enum identity identity = (enum identity)cd_report_recall(m, id);
    cd_report_response(m, &op, id, error);
    if (identity != ID_NONE && a->tag == CD_DLMS_GET_RESPONSE && a->choice == 1 && !error)
        report_identity(m, identity, a->data);
}

static bool is_notice(uint8_t tag)
{
    return tag == CD_DLMS_EVENT || tag == CD_DLMS_DATA_NOTIFICATION || tag == CD_DLMS_INFORMATION_REPORT ||
           tag == CD_DLMS_UNCONFIRMED_WRITE || tag == 54 || tag == 56 || tag == 86 || tag == 88 || tag == 202 ||
           tag == 210;
}

void cd_dlms_report(struct cd_message *m, const struct cd_dlms_link *link, const struct cd_dlms_apdu *a)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_dlms_service service = cd_dlms_service_of(a->tag, a->choice);
    struct cd_operation op = {.name = service.name,
                              .code_space = service.code_space,
                              .code = service.code_space ? a->choice : request_tag(a->tag),
                              .class = service.class,
                              .target = ""};
    enum cd_dlms_side side = cd_dlms_side_of(a->tag);
    if (side != CD_DLMS_EITHER)
        m->from_client = side == CD_DLMS_CLIENT;
    if (a->title)
        report_title(m, a);
    if (is_notice(a->tag)) {
        text_targets(&t, a);
        op.target = target;
        cd_report_notice(m, &op);
    } else if (m->from_client) {
        report_request(m, link, a, op);
    } else {
        report_response(m, a, op);
    }
}

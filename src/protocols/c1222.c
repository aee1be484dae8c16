/* ANSI C12.22: reading, recognising and what messages tell. */
#include "protocols/c1222.h"

#include <string.h>

enum {
    PORT = 1153,
    FIELDS_MAX = 16,
    SERVICES_MAX = 64,
    TARGET_MAX = 96,
    TITLE_MAX = 96,
    TITLE_ARCS_MAX = 32,
    LENGTH_MAX = 16384,
    RESPONSE_LAST = 0x1f, /* below are responses, from 20 on requests */
    MAC_LEN = 4,
    USER_MAX = 10,
    SERVICE_BITS = 8
};

/* ---- parsing ---- */

static uint32_t read_length(struct cd_reader *r, const char *field)
{
    uint8_t first = cd_read_u8(r, field);
    if (first == 0x81)
        return cd_read_u8(r, field);
    if (first == 0x82)
        return cd_read_be16(r, field);
    if (first & 0x80)
        cd_read_fail(r, field);
    return first;
}

static struct cd_reader read_value(struct cd_reader *r, const char *field)
{
    return cd_read_sub(r, read_length(r, field), field);
}

/* A title is absolute (06) or relative to the registered root (0d, or 80). */
static struct cd_reader read_title(struct cd_reader *r)
{
    cd_read_skip(r, 1, "title");
    return read_value(r, "title");
}

static uint32_t read_invocation(struct cd_reader *r)
{
    uint32_t number = 0;
    cd_read_skip(r, 1, "invocation id");
    struct cd_reader value = read_value(r, "invocation id");
    while (cd_read_left(&value))
        number = number << 8 | cd_read_u8(&value, "invocation id");
    return number;
}

/* be 28 81: an external of one octet string. */
static void read_services(struct cd_reader *r, struct cd_c1222_message *a)
{
    cd_read_skip(r, 1, "external");
    struct cd_reader external = read_value(r, "external");
    cd_read_skip(&external, 1, "octet string");
    a->services = read_value(&external, "octet string");
    uint8_t control = cd_read_u8(&a->services, "EPSEM control");
    if (control & 0x10)
        cd_read_skip(&a->services, 4, "device class");
    uint8_t security = control >> 2 & 3;
    a->security = security >= CD_C1222_CIPHERED ? CD_C1222_CIPHERED : (enum cd_c1222_security)security;
    a->has_services = true;
    if (external.bad || a->services.bad)
        cd_read_fail(r, external.bad ? external.bad : a->services.bad);
}

static void read_field(uint8_t field, struct cd_reader *v, struct cd_c1222_message *a)
{
    switch (field) {
    case 0xa2: a->called = read_title(v); break;
    case 0xa4:
        a->invocation = read_invocation(v);
        a->has_called_invocation = true;
        break;
    case 0xa6: a->calling = read_title(v); break;
    case 0xa8:
        if (!a->has_called_invocation)
            a->invocation = read_invocation(v);
        break;
    case 0xbe: read_services(v, a); break;
    default: break;
    }
}

bool cd_c1222_parse(struct cd_reader *r, struct cd_c1222_message *ret)
{
    struct cd_c1222_message a = {0};
    if (cd_read_u8(r, "ACSE tag") != 0x60)
        cd_read_fail(r, "ACSE tag");
    struct cd_reader body = read_value(r, "length");
    for (unsigned i = 0; i < FIELDS_MAX && cd_read_left(&body); i++) {
        uint8_t field = cd_read_u8(&body, "field");
        struct cd_reader value = read_value(&body, "field length");
        read_field(field, &value, &a);
        if (value.bad)
            cd_read_fail(r, value.bad);
    }
    if (body.bad)
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (len < 16 || bytes[0] != 0x60 || bytes[1] > 0x82)
        return CD_PROBE_NO;
    size_t head = bytes[1] < 0x80 ? 2 : bytes[1] - 0x80 + 2u;
    if (bytes[head] != 0xa2 && bytes[head] != 0xa6)
        return CD_PROBE_NO;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_c1222_message a;
    if (!cd_c1222_parse(&r, &a))
        return transport == CD_TRANSPORT_TCP ? CD_PROBE_MAYBE : CD_PROBE_NO;
    if (transport == CD_TRANSPORT_UDP && cd_read_left(&r))
        return CD_PROBE_NO;
    return a.has_services && a.calling.len ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    uint8_t tag = cd_read_u8(&r, "ACSE tag"), first = cd_read_u8(&r, "length");
    if (!cd_read_ok(&r))
        return CD_FRAME_MORE;
    if (tag != 0x60 || first == 0x80 || first > 0x82)
        return CD_FRAME_NOT_OURS;
    r.pos = 1;
    size_t length = read_length(&r, "length");
    if (!cd_read_ok(&r))
        return CD_FRAME_MORE;
    return length > LENGTH_MAX ? CD_FRAME_NOT_OURS : (ssize_t)(r.pos + length);
}

/* ---- reporting ---- */

/* Numbers of seven bits a byte; the first two arcs of an absolute title share a byte, here always 1.3 or 2.16 as 40 * x + y. */
static void report_title(struct cd_message *m, struct cd_reader title)
{
    char text[TITLE_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject sender = cd_subject_sender(m);
    for (unsigned i = 0; i < TITLE_ARCS_MAX && cd_read_left(&title); i++) {
        uint64_t arc = 0;
        uint8_t byte = 0x80;
        for (unsigned n = 0; n < 9 && byte & 0x80 && cd_read_left(&title); n++) {
            byte = cd_read_u8(&title, "title");
            arc = arc << 7 | (byte & 0x7f);
        }
        if (i)
            cd_text_char(&t, '.');
        if (i == 0 && arc >= 40 && arc < 120) {
            cd_text_u64(&t, arc < 80 ? 1 : 2);
            cd_text_char(&t, '.');
            arc -= arc < 80 ? 40 : 80;
        }
        cd_text_u64(&t, arc);
    }
    if (t.len)
        cd_report_fact(m, &sender, CD_ATTRIBUTE_INSTANCE, text, 80);
}

static void text_table(struct cd_text *t, uint16_t table)
{
    const char *name = cd_c1222_table_name(table);
    bool of_maker = table & CD_C1222_MANUFACTURER_TABLES;
    cd_text_str(t, of_maker ? "manufacturer table " : "table ");
    cd_text_u64(t, of_maker ? table & 0x7ffu : table);
    if (name) {
        cd_text_char(t, ' ');
        cd_text_str(t, name);
    }
}

/* A procedure is started by writing table 7: number in 11 bits, 800 of the maker's own, little-endian (C12.19, 9.1.8). */
static void describe_procedure(struct cd_text *t, struct cd_reader data, struct cd_operation *op)
{
    cd_read_skip(&data, 2, "count");
    uint16_t id = cd_read_le16(&data, "procedure");
    if (!cd_read_ok(&data))
        return;
    bool of_maker = id & 0x800;
    const char *name = of_maker ? NULL : cd_c1222_procedure_name(id & 0x7ff, &op->class);
    if (of_maker)
        op->class = CD_CLASS_CONTROL;
    cd_text_str(t, of_maker ? ", manufacturer procedure " : ", procedure ");
    cd_text_u64(t, id & 0x7ffu);
    if (name) {
        cd_text_char(t, ' ');
        cd_text_str(t, name);
    }
}

static void report_user(struct cd_message *m, struct cd_reader r)
{
    struct cd_subject client = cd_subject_client(m);
    cd_read_skip(&r, 2, "user id");
    const uint8_t *user = cd_read_at(&r, USER_MAX, "user");
    if (user)
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, user, strnlen((const char *)user, USER_MAX), 80);
}

static bool reads_or_writes(uint8_t service)
{
    return service >= 0x30 && service <= 0x4f && service != 0x3e;
}

static void report_request(struct cd_message *m, uint8_t service, struct cd_reader r, uint64_t id)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.code = service, .target = target};
    uint16_t table = 0;
    op.name = cd_c1222_service_name(service, &op.class);
    if (reads_or_writes(service)) {
        table = cd_read_be16(&r, "table");
        if (!cd_read_ok(&r))
            cd_report_malformed(m, r.bad);
        else
            text_table(&t, table);
        if (service == 0x40 && table == CD_C1222_TABLE_PROCEDURE)
            describe_procedure(&t, r, &op);
    } else if (service == 0x50) {
        report_user(m, r);
    } else if (service == 0x51) {
        cd_report_event_once(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "C12.22 password");
    }
    cd_report_request(m, &op, id);
    cd_report_remember(m, id, (uint64_t)table << 16 | service);
}

static void report_text(struct cd_message *m, enum cd_attribute attribute, struct cd_reader *r, size_t len)
{
    struct cd_subject meter = cd_subject_server(m);
    const uint8_t *text = cd_read_at(r, len, "text");
    if (text)
        cd_report_fact_bytes(m, &meter, attribute, text, strnlen((const char *)text, len), 95);
}

static void report_revision(struct cd_message *m, enum cd_attribute attribute, struct cd_reader *r)
{
    char text[12];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject meter = cd_subject_server(m);
    cd_text_u64(&t, cd_read_u8(r, "version"));
    cd_text_char(&t, '.');
    cd_text_u64(&t, cd_read_u8(r, "revision"));
    if (cd_read_ok(r))
        cd_report_fact(m, &meter, attribute, text, 95);
}

/* Table 1 (C12.19, 9.1.2): manufacturer 4, model 8, hardware version and revision, firmware version and revision, serial number 16; table 5: identification 20. */
static void report_table(struct cd_message *m, uint16_t table, struct cd_reader r)
{
    struct cd_subject meter = cd_subject_server(m);
    uint16_t count = cd_read_be16(&r, "count");
    if (table == 1 && count >= 16) {
        report_text(m, CD_ATTRIBUTE_VENDOR, &r, 4);
        report_text(m, CD_ATTRIBUTE_MODEL, &r, 8);
        report_revision(m, CD_ATTRIBUTE_HARDWARE, &r);
        report_revision(m, CD_ATTRIBUTE_FIRMWARE, &r);
        if (count >= 32)
            report_text(m, CD_ATTRIBUTE_SERIAL, &r, 16);
    } else if (table == 5 && count >= 20) {
        report_text(m, CD_ATTRIBUTE_NAME, &r, 20);
    }
    cd_report_fact(m, &meter, CD_ATTRIBUTE_ROLE, "meter", 60);
}

static void report_response(struct cd_message *m, uint8_t code, struct cd_reader r, uint64_t id)
{
    uint64_t note = cd_report_recall(m, id);
    struct cd_operation op = {.code = note ? note & 0xff : 0, .target = ""};
    const char *error = cd_c1222_error_name(code);
    op.name = cd_c1222_service_name((uint8_t)note, &op.class);
    if (!note) {
        op.name = "response without a request";
        op.code_text = "response";
    }
    cd_report_response(m, &op, id, error);
    if ((note & 0xff) == 0x51 && error)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "C12.22 security");
    if ((note & 0xff) == 0x30 && !error)
        report_table(m, (uint16_t)(note >> 16), r);
}

static void report_ciphered(struct cd_message *m, const struct cd_c1222_message *a)
{
    struct cd_operation op = {.name = "ciphered", .code_text = "ciphered", .class = CD_CLASS_OTHER, .target = ""};
    m->from_client = !a->has_called_invocation;
    report_title(m, a->calling);
    if (m->from_client)
        cd_report_request(m, &op, (uint64_t)a->invocation << SERVICE_BITS);
    else
        cd_report_response(m, &op, (uint64_t)a->invocation << SERVICE_BITS, NULL);
}

/* Services of one message are answered in their order by one message. */
static void report_services(struct cd_message *m, const struct cd_c1222_message *a)
{
    struct cd_reader r = a->services;
    size_t tail = a->security == CD_C1222_AUTHENTICATED ? MAC_LEN : 0;
    for (unsigned i = 0; i < SERVICES_MAX && cd_read_left(&r) > tail; i++) {
        struct cd_reader service = read_value(&r, "service length");
        uint64_t id = (uint64_t)a->invocation << SERVICE_BITS | i;
        uint8_t code = cd_read_u8(&service, "service");
        if (service.bad) {
            if (r.bad)
                cd_report_malformed(m, r.bad);
            continue; /* a length of zero ends the list */
        }
        m->from_client = code > RESPONSE_LAST;
        if (i == 0)
            report_title(m, a->calling);
        if (m->from_client)
            report_request(m, code, service, id);
        else
            report_response(m, code, service, id);
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_c1222_message a;
    if (!cd_c1222_parse(r, &a)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (!a.has_services)
        return;
    if (a.security == CD_C1222_CIPHERED)
        report_ciphered(m, &a);
    else
        report_services(m, &a);
}

const struct cd_dissector cd_dissector_c1222 = {
    .name = "c1222",
    .tcp_ports = {PORT},
    .udp_ports = {PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = LENGTH_MAX + 4,
};

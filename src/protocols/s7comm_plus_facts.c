/* What S7comm-plus messages tell about the two ends: the session's objects name the client's program and the CPU, an identification record (I&M 0) names the
 * CPU's electronics. */
#include "protocols/s7comm_plus.h"

#include <string.h>

enum {
    CONFIDENCE_PLATE = 100,  /* I&M 0, the electronic name plate */
    CONFIDENCE_SESSION = 90, /* what the CPU says as it opens a session */
    CONFIDENCE_CLIENT = 80,
    IM0_TYPE = 0x0020,
    IM0_LENGTH = 0x0038,
    IM0_SIEMENS = 42,
    ORDER_LEN = 20,
    SERIAL_LEN = 16,
    STATE_STOP = 4,
    STATE_RUN = 8,
};

struct visit {
    struct cd_message *m;
    struct cd_subject client, server;
    bool request;
    enum cd_s7comm_plus_note note;
};

static void report_state(struct visit *v, uint64_t state)
{
    if (state == STATE_RUN || state == STATE_STOP)
        cd_report_fact(v->m, &v->server, CD_ATTRIBUTE_STATE, state == STATE_RUN ? "run" : "stop", CONFIDENCE_SESSION);
}

/* "1;6ES7 214-1AG40-0XB0 ;V4.2" */
static void report_system_string(struct visit *v, struct cd_reader text)
{
    struct cd_reader part[3] = {{0}};
    for (int i = 0; i < 3; i++) {
        const uint8_t *end = cd_read_left(&text) ? memchr(text.base + text.pos, ';', cd_read_left(&text)) : NULL;
        part[i] = cd_read_sub(&text, end ? (size_t)(end - text.base) - text.pos : cd_read_left(&text), "system string");
        if (end)
            cd_read_skip(&text, 1, "separator");
    }
    if (part[1].len < 6 || part[2].len < 2)
        return;
    cd_report_fact_bytes(v->m, &v->server, CD_ATTRIBUTE_ORDER_NUMBER, part[1].base, part[1].len, CONFIDENCE_SESSION);
    cd_report_fact_bytes(v->m, &v->server, CD_ATTRIBUTE_FIRMWARE, part[2].base, part[2].len, CONFIDENCE_SESSION);
    if (memcmp(part[1].base, "6ES7", 4) == 0)
        cd_report_fact(v->m, &v->server, CD_ATTRIBUTE_VENDOR, "Siemens", CONFIDENCE_SESSION);
}

static void text_number(struct cd_text *t, char before, uint8_t number)
{
    if (before)
        cd_text_char(t, before);
    cd_text_u64(t, number);
}

/* I&M 0 (PROFIBUS & PROFINET guideline "Identification & Maintenance Functions"): type, length, version, vendor, order number, serial number, hardware,
 * software. */
static void report_identification(struct visit *v, struct cd_reader r)
{
    char text[24];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (cd_read_be16(&r, "block type") != IM0_TYPE || cd_read_be16(&r, "block length") != IM0_LENGTH)
        return;
    cd_read_skip(&r, 2, "block version");
    uint16_t vendor = cd_read_be16(&r, "vendor");
    const uint8_t *order = cd_read_at(&r, ORDER_LEN, "order number");
    const uint8_t *serial = cd_read_at(&r, SERIAL_LEN, "serial number");
    uint16_t hardware = cd_read_be16(&r, "hardware revision");
    const uint8_t *software = cd_read_at(&r, 4, "software revision");
    if (!cd_read_ok(&r))
        return;
    if (vendor == IM0_SIEMENS)
        cd_report_fact(v->m, &v->server, CD_ATTRIBUTE_VENDOR, "Siemens", CONFIDENCE_PLATE);
    cd_report_fact_bytes(v->m, &v->server, CD_ATTRIBUTE_ORDER_NUMBER, order, ORDER_LEN, CONFIDENCE_PLATE);
    cd_report_fact_bytes(v->m, &v->server, CD_ATTRIBUTE_SERIAL, serial, SERIAL_LEN, CONFIDENCE_PLATE);
    cd_text_u64(&t, hardware);
    cd_report_fact(v->m, &v->server, CD_ATTRIBUTE_HARDWARE, text, CONFIDENCE_PLATE);
    if (software[0] < 'A' || software[0] > 'Z')
        return;
    t = cd_text_of(text, sizeof text);
    text_number(&t, (char)software[0], software[1]);
    text_number(&t, '.', software[2]);
    text_number(&t, '.', software[3]);
    cd_report_fact(v->m, &v->server, CD_ATTRIBUTE_FIRMWARE, text, CONFIDENCE_PLATE);
}

/* TIA Portal puts a process number behind the host's name: "DESKTOP-M5C7L14_874343". Others write more than a name, between colons. */
static void report_host(struct visit *v, struct cd_reader text)
{
    size_t len = text.len, digits = len;
    if (len == 0 || memchr(text.base, ':', len))
        return;
    while (digits && text.base[digits - 1] >= '0' && text.base[digits - 1] <= '9')
        digits--;
    if (digits > 1 && digits < len && text.base[digits - 1] == '_')
        len = digits - 1;
    cd_report_fact_bytes(v->m, &v->client, CD_ATTRIBUTE_NAME, text.base, len, CONFIDENCE_CLIENT);
}

static void visit(void *context, const struct cd_s7comm_plus_value *value)
{
    struct visit *v = context;
    bool text = value->type == CD_S7COMM_PLUS_WSTRING;
    if (v->request) {
        if (!text || value->object_class != CD_S7COMM_PLUS_CLASS_SESSION)
            return;
        if (value->id == CD_S7COMM_PLUS_ID_HOST)
            report_host(v, value->text);
        else if (value->id == CD_S7COMM_PLUS_ID_APPLICATION)
            cd_report_fact_bytes(v->m, &v->client, CD_ATTRIBUTE_SOFTWARE, value->text.base, value->text.len,
                                 CONFIDENCE_CLIENT);
        return;
    }
    if (text && value->structure == CD_S7COMM_PLUS_STRUCT_SESSION_VERSION &&
        value->id == CD_S7COMM_PLUS_ID_SYSTEM_STRING)
        report_system_string(v, value->text);
    else if (value->type == CD_S7COMM_PLUS_BLOB)
        report_identification(v, value->text);
    else if (value->type == CD_S7COMM_PLUS_DINT && value->id == CD_S7COMM_PLUS_ID_STATE &&
             (value->structure == CD_S7COMM_PLUS_STRUCT_STATE || v->note == CD_S7COMM_PLUS_NOTE_STATE))
        report_state(v, value->number);
}

static void walk_objects(struct cd_s7comm_plus_walk *w, struct cd_reader *r)
{
    struct cd_s7comm_plus_object o;
    while (cd_read_left(r) && cd_s7comm_plus_begin_object(r, &o) && cd_s7comm_plus_walk_object(w, r, o.class)) {
    }
}

static void walk_response(struct cd_s7comm_plus_walk *w, const struct cd_s7comm_plus_message *s)
{
    struct cd_reader r = s->body;
    cd_s7comm_plus_vlq64(&r, "return value");
    switch (s->function) {
    case CD_S7COMM_PLUS_CREATE_OBJECT: {
        uint8_t count = cd_read_u8(&r, "object count");
        for (unsigned i = 0; i < count; i++)
            cd_s7comm_plus_vlq32(&r, "object");
        walk_objects(w, &r);
        break;
    }
    case CD_S7COMM_PLUS_EXPLORE:
        cd_read_skip(&r, 4, "object");
        if (cd_read_peek(&r, 0) != 0xa1)
            cd_s7comm_plus_vlq32(&r, "integrity number");
        walk_objects(w, &r);
        break;
    case CD_S7COMM_PLUS_GET_VARIABLE_SUBSTREAMED:
        cd_read_skip(&r, 1, "substreamed");
        cd_s7comm_plus_walk_value(w, &r, CD_S7COMM_PLUS_ID_STATE);
        break;
    case CD_S7COMM_PLUS_GET_MULTI_VARIABLES: cd_s7comm_plus_walk_list(w, &r); break;
    default: break;
    }
}

static void walk_request(struct cd_s7comm_plus_walk *w, const struct cd_s7comm_plus_message *s)
{
    struct cd_reader r = s->body;
    cd_read_skip(&r, 4, "parent");
    if (!cd_s7comm_plus_walk_value(w, &r, 0))
        return;
    cd_read_skip(&r, 4, "create object");
    if (cd_read_peek(&r, 0) != 0xa1)
        cd_s7comm_plus_vlq32(&r, "integrity number");
    walk_objects(w, &r);
}

void cd_s7comm_plus_report_facts(struct cd_message *m, const struct cd_s7comm_plus_message *s,
                                 enum cd_s7comm_plus_note note)
{
    struct visit v = {.m = m,
                      .client = cd_subject_client(m),
                      .server = cd_subject_server(m),
                      .request = s->opcode == CD_S7COMM_PLUS_REQUEST,
                      .note = note};
    struct cd_s7comm_plus_walk w = {.visit = visit, .context = &v, .left = CD_S7COMM_PLUS_VALUES_MAX};
    if (!v.request)
        walk_response(&w, s);
    else if (s->function == CD_S7COMM_PLUS_CREATE_OBJECT)
        walk_request(&w, s);
}

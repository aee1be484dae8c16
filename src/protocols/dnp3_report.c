/* DNP3: what an application fragment tells of the two stations and of what was done. */
#include "protocols/dnp3.h"

#include "base/text.h"

enum { TARGET_MAX = 200 };

/* ---- who ---- */

static void text_address(struct cd_text *t, const char *before, uint16_t address)
{
    cd_text_str(t, before);
    cd_text_u64(t, address);
}

/* The subject of facts about an outstation. One outstation at an IP address is that device; where several share it, each is a device of its own behind a
 * gateway or concentrator. */
static struct cd_subject outstation_subject(const struct cd_message *m, uint16_t address, char nested[16])
{
    const struct cd_dnp3_state *s = m->state;
    struct cd_subject server = cd_subject_server(m);
    if (s->n_outstations < 2)
        return server;
    struct cd_text t = cd_text_of(nested, 16);
    text_address(&t, "dnp3:", address);
    return cd_subject_nested(server, nested);
}

static void report_address(struct cd_message *m, const struct cd_subject *subject, uint16_t address, const char *role)
{
    char number[8];
    struct cd_text t = cd_text_of(number, sizeof number);
    cd_text_u64(&t, address);
    cd_report_fact(m, subject, CD_ATTRIBUTE_INSTANCE, number, 95);
    cd_report_fact(m, subject, CD_ATTRIBUTE_ROLE, role, 55);
}

/* The slot of an outstation that has answered; a new one is told of. Addresses that fall into one slot take it from each other, which only tells a thing twice. */
static struct cd_dnp3_outstation *note_outstation(struct cd_message *m, uint16_t address)
{
    struct cd_dnp3_state *s = m->state;
    struct cd_dnp3_outstation *slot = &s->outstations[address % CD_DNP3_OUTSTATIONS];
    if (slot->known && slot->address == address)
        return slot;
    *slot = (struct cd_dnp3_outstation){.address = address, .known = true};
    char nested[16];
    if (s->n_outstations == 0) {
        s->first_outstation = address;
        s->n_outstations = 1;
    } else if (s->n_outstations == 1 && address != s->first_outstation) {
        s->n_outstations = 2;
        struct cd_subject first = outstation_subject(m, s->first_outstation, nested);
        report_address(m, &first, s->first_outstation, "rtu");
    }
    struct cd_subject subject = outstation_subject(m, address, nested);
    report_address(m, &subject, address, "rtu");
    return slot;
}

static void note_master(struct cd_message *m, uint16_t address)
{
    struct cd_dnp3_state *s = m->state;
    if (s->master_known && s->master == address)
        return;
    s->master = address;
    s->master_known = true;
    struct cd_subject client = cd_subject_client(m);
    report_address(m, &client, address, "scada-server");
}

/* ---- internal indications ---- */

/* Told once when they appear, since every response repeats them. */
static void report_indications(struct cd_message *m, struct cd_dnp3_outstation *outstation, uint16_t indications)
{
    static const struct {
        uint16_t bit;
        const char *detail;
    } faults[] = {
        {CD_DNP3_DEVICE_RESTART, " has restarted"},
        {CD_DNP3_DEVICE_TROUBLE, " reports device trouble"},
        {CD_DNP3_CONFIG_CORRUPT, " reports a corrupt configuration"},
        {CD_DNP3_EVENT_OVERFLOW, " has lost events: buffer overflow"},
    };
    uint16_t appeared = indications & (uint16_t)~outstation->indications;
    outstation->indications = indications;
    if (!appeared)
        return;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (!(appeared & faults[i].bit))
            continue;
        char detail[80];
        struct cd_text t = cd_text_of(detail, sizeof detail);
        text_address(&t, "outstation ", outstation->address);
        cd_text_str(&t, faults[i].detail);
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
    }
    char nested[16];
    struct cd_subject subject = outstation_subject(m, outstation->address, nested);
    if (appeared & CD_DNP3_NEED_TIME)
        cd_report_fact(m, &subject, CD_ATTRIBUTE_CLOCK, "asks for the time", 90);
    if (appeared & CD_DNP3_LOCAL_CONTROL)
        cd_report_fact(m, &subject, CD_ATTRIBUTE_STATE, "local control", 90);
    if (appeared & CD_DNP3_DEVICE_TROUBLE)
        cd_report_fact(m, &subject, CD_ATTRIBUTE_STATE, "device trouble", 90);
}

/* ---- device attributes ---- */

/* Set 0 of group 0 (Annex A.2), those that identify. */
static void report_attribute(struct cd_message *m, const struct cd_subject *s, uint8_t variation,
                             struct cd_reader *object)
{
    enum { VISIBLE_STRING = 1, UNICODE = 8 };
    static const struct {
        uint8_t variation, confidence;
        enum cd_attribute attribute;
    } known[] = {
        {252, 98, CD_ATTRIBUTE_VENDOR},      {250, 98, CD_ATTRIBUTE_MODEL},       {248, 98, CD_ATTRIBUTE_SERIAL},
        {242, 98, CD_ATTRIBUTE_FIRMWARE},    {243, 98, CD_ATTRIBUTE_HARDWARE},    {247, 80, CD_ATTRIBUTE_NAME},
        {245, 80, CD_ATTRIBUTE_LOCATION},    {206, 70, CD_ATTRIBUTE_CONTACT},     {207, 75, CD_ATTRIBUTE_CONTACT},
        {208, 70, CD_ATTRIBUTE_DESCRIPTION}, {246, 60, CD_ATTRIBUTE_DESCRIPTION}, {196, 70, CD_ATTRIBUTE_PROGRAM},
    };
    uint8_t type = cd_read_u8(object, "attribute type");
    uint8_t len = cd_read_u8(object, "attribute length");
    const uint8_t *value = cd_read_at(object, len, "attribute");
    if (!value || (type != VISIBLE_STRING && type != UNICODE))
        return;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].variation == variation)
            cd_report_fact_bytes(m, s, known[i].attribute, value, len, known[i].confidence);
}

void cd_dnp3_report_attributes(struct cd_message *m, const struct cd_subject *outstation,
                               struct cd_dnp3_objects *objects)
{
    struct cd_reader object;
    uint32_t set;
    for (uint64_t n = 0; cd_dnp3_next_object(objects, n, &set, &object); n++)
        if (set == 0) /* other sets are the vendors' own */
            report_attribute(m, outstation, objects->variation, &object);
}

/* ---- what ---- */

/* Pairs a response with its request (4.2.2.4): the sequence number counts in sixteen for each pair of stations. */
static uint64_t request_id(uint16_t master, uint16_t outstation, uint8_t sequence)
{
    return (uint64_t)master << 32 | (uint64_t)outstation << 16 | sequence;
}

static bool is_answered(uint8_t function)
{
    switch (function) {
    case CD_DNP3_CONFIRM:
    case CD_DNP3_DIRECT_OPERATE_NO_RESPONSE:
    case 8:
    case 10:
    case CD_DNP3_FREEZE_AT_TIME_NO_RESPONSE:
    case 33: return false;
    default: return true;
    }
}

static void report_request(struct cd_message *m, const struct cd_dnp3_link *link, const struct cd_dnp3_fragment *f,
                           bool overflow)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    bool broadcast = link->destination >= CD_DNP3_BROADCAST;
    if (broadcast)
        cd_text_str(&t, "all outstations");
    else
        text_address(&t, "outstation ", link->destination);
    struct cd_operation op = {.code = f->function, .target = target};
    op.name = cd_dnp3_function_name(f->function, &op.class);
    const char *bad = NULL;
    cd_dnp3_text_objects(&t, m, f, &op, &bad);
    note_master(m, link->source);
    if (broadcast || !is_answered(f->function)) {
        cd_report_notice(m, &op);
    } else {
        cd_report_request(m, &op, request_id(link->source, link->destination, f->sequence));
    }
    if (bad && !overflow)
        cd_report_malformed(m, bad);
    if (f->function > 33 && f->function < CD_DNP3_RESPONSE)
        cd_report_event(m, CD_EVENT_VIOLATION, "unassigned function");
}

/* Controls are echoed with a status each, the last byte of relay and analog blocks alike. */
static const char *control_error(struct cd_dnp3_objects *o)
{
    struct cd_reader object;
    uint32_t index;
    for (uint64_t n = 0; cd_dnp3_next_object(o, n, &index, &object); n++) {
        const char *error = object.len ? cd_dnp3_control_status(object.base[object.len - 1]) : NULL;
        if (error)
            return error;
    }
    return NULL;
}

/* Status stands in g70v4 behind handle, size, block size and request; in v6 behind handle and block. */
static const char *file_error(struct cd_dnp3_objects *o)
{
    struct cd_reader object;
    uint32_t index;
    if ((o->variation != 4 && o->variation != 6) || !cd_dnp3_next_object(o, 0, &index, &object))
        return NULL;
    cd_read_skip(&object, o->variation == 4 ? 12 : 8, "file status");
    return cd_dnp3_file_status(cd_read_u8(&object, "file status"));
}

/* Walks a response's objects: facts are reported, the first refusal is returned. */
static const char *read_answer(struct cd_message *m, const struct cd_subject *subject, const struct cd_dnp3_fragment *f,
                               const char **ret_bad)
{
    const char *error = cd_dnp3_refusal(f->indications);
    struct cd_reader r = f->objects;
    while (cd_read_left(&r)) {
        struct cd_dnp3_objects o;
        if (!cd_dnp3_next_objects(&r, f->function, &o)) {
            *ret_bad = r.bad;
            break;
        }
        if (o.group == 0)
            cd_dnp3_report_attributes(m, subject, &o);
        else if ((o.group == 12 || o.group == 41) && !error)
            error = control_error(&o);
        else if (o.group == 70 && !error)
            error = file_error(&o);
    }
    return error;
}

/* An answer may take several fragments (4.2.2.1), each with the next sequence number; all count on the request of the first. */
static void report_answer(struct cd_message *m, const struct cd_operation *op, const struct cd_dnp3_fragment *f,
                          uint64_t id, const char *error)
{
    enum { STATIONS = 16 /* the id's bits below are the sequence number */ };
    struct cd_dnp3_state *s = m->state;
    if (f->first)
        s->answered_request = id;
    else if (s->answering && s->answered_request >> STATIONS == id >> STATIONS)
        id = s->answered_request;
    s->answering = !f->final;
    if (f->final || error)
        cd_report_response(m, op, id, error);
    else
        cd_report_response_part(m, op, id);
}

static void report_response(struct cd_message *m, const struct cd_dnp3_link *link, const struct cd_dnp3_fragment *f,
                            bool overflow)
{
    struct cd_dnp3_outstation *outstation = note_outstation(m, link->source);
    char nested[16], target[40];
    struct cd_subject subject = outstation_subject(m, link->source, nested);
    const char *bad = NULL, *error = read_answer(m, &subject, f, &bad);
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.code = f->function, .target = target};
    if (f->function == CD_DNP3_UNSOLICITED) {
        text_address(&t, "outstation ", link->source);
        op.name = cd_dnp3_function_name(f->function, &op.class);
        cd_report_notice(m, &op);
    } else {
        op.name = cd_dnp3_function_name(f->function, &op.class);
        report_answer(m, &op, f, request_id(link->destination, link->source, f->sequence), error);
    }
    report_indications(m, outstation, f->indications);
    if (bad && !overflow)
        cd_report_malformed(m, bad);
    if (f->function > CD_DNP3_AUTHENTICATION_RESPONSE)
        cd_report_event(m, CD_EVENT_VIOLATION, "unassigned function");
}

void cd_dnp3_report(struct cd_message *m, const struct cd_dnp3_link *link, struct cd_reader *r, bool overflow)
{
    struct cd_dnp3_fragment fragment;
    if (!cd_dnp3_parse_fragment(r, &fragment)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    /* Who is master shows in the function, whichever end opened the connection. */
    m->from_client = fragment.function < CD_DNP3_RESPONSE;
    if (m->from_client)
        report_request(m, link, &fragment, overflow);
    else
        report_response(m, link, &fragment, overflow);
}

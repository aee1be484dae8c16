/* HL7 version 2 over MLLP: recognising and framing, and what is told of the messages, the applications and the devices. */
#include "protocols/hl7.h"

#include "base/hash.h"
#include "protocols/dissector.h"
#include "protocols/patient.h"

enum { DEVICES_MAX = 32, NAME_MAX = 64, PROBE_MIN = 9 /* VT MSH|^~\& */ };

enum shown { SHOWN_SENDER, SHOWN_RECEIVER, SHOWN_SERVICE };

struct state {
    uint32_t shown[2][3];          /* hashes of what was told last, by direction: it comes again with each message */
    uint32_t devices[DEVICES_MAX]; /* hashes of the devices told of */
    uint8_t n_devices;
    bool inside[2]; /* the last message's end has not come yet: what comes is passed over */
    bool credential_told;
    uint16_t patient_told;
};

/* One message on its way through its segments. */
struct walk {
    struct cd_message *m;
    bool open;           /* a header was read */
    bool acknowledges;   /* it has an MSA segment */
    unsigned patient;    /* set of enum cd_patient_kind */
    bool has_patient;    /* a segment about a person: results belong to one */
    unsigned results;    /* kinds that count only where there is one */
    uint64_t control_id; /* of what it acknowledges */
    struct cd_hl7_text acknowledgement, reason;
    struct cd_hl7_header header;
};

/* ---- recognising and framing ---- */

static bool begins_block(const uint8_t *bytes, size_t len)
{
    return len >= 4 && bytes[0] == CD_HL7_START &&
           (memcmp(bytes + 1, "MSH", 3) == 0 || memcmp(bytes + 1, "FHS", 3) == 0 || memcmp(bytes + 1, "BHS", 3) == 0);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len == 0 || bytes[0] != CD_HL7_START)
        return CD_PROBE_NO;
    if (len < PROBE_MIN)
        return len < 4 || begins_block(bytes, len) ? CD_PROBE_MAYBE : CD_PROBE_NO;
    if (!begins_block(bytes, len))
        return CD_PROBE_NO;
    /* The separator stands behind the name and again behind at most five encoding characters. */
    size_t look = len - 5 < 6 ? len - 5 : 6;
    return bytes[4] > ' ' && bytes[4] < 0x7f && memchr(bytes + 5, bytes[4], look) ? CD_PROBE_SURE : CD_PROBE_MAYBE;
}

/* Length up to and with FS CR; 0 where that is not there. FS without CR, which some send, ends a block too. */
static size_t find_end(const uint8_t *bytes, size_t len)
{
    const uint8_t *end = memchr(bytes, CD_HL7_END, len);
    if (!end || end + 1 == bytes + len)
        return 0;
    return (size_t)(end - bytes) + (end[1] == CD_HL7_RETURN ? 2 : 1);
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct state *s = state;
    bool begins = begins_block(bytes, len);
    if (s->inside[!from_client] && !begins) {
        size_t end = find_end(bytes, len);
        if (end)
            return (ssize_t)end;
        return bytes[len - 1] == CD_HL7_END ? len > 1 ? (ssize_t)len - 1 : CD_FRAME_MORE : (ssize_t)len;
    }
    if (bytes[0] == '\r' || bytes[0] == '\n')
        return 1;
    if (bytes[0] != CD_HL7_START)
        return CD_FRAME_NOT_OURS;
    size_t end = find_end(bytes, len < CD_HL7_HEAD_MAX ? len : CD_HL7_HEAD_MAX);
    if (end)
        return (ssize_t)end;
    if (len >= CD_HL7_HEAD_MAX)
        return CD_HL7_HEAD_MAX;
    return begins ? (ssize_t)len + 1 : CD_FRAME_MORE; /* where the rest is lost, what is there is worth reading */
}

/* ---- who ---- */

/* Whether this is something else than this direction said last. */
static bool is_new(struct cd_message *m, enum shown which, uint64_t hash)
{
    struct state *s = m->state;
    uint32_t *shown = &s->shown[!m->sent_by_client_end][which];
    uint32_t now = (uint32_t)hash | 1;
    if (*shown == now)
        return false;
    *shown = now;
    return true;
}

static uint64_t hash_of(struct cd_hl7_text a, struct cd_hl7_text b)
{
    return cd_hash_bytes(cd_hash_bytes(1, a.bytes, a.len), b.bytes, b.len);
}

/* A hierarchic designator (2.A.33): its name, else its universal id. */
static void text_designator(struct cd_text *t, struct cd_hl7_text field, const struct cd_hl7_delimiters *d)
{
    struct cd_hl7_text name = cd_hl7_component(field, d, 1);
    if (!cd_hl7_is_filled(name, d))
        name = cd_hl7_component(field, d, 2);
    name.len = name.len < NAME_MAX ? name.len : NAME_MAX;
    cd_hl7_unescape(t, name, d);
}

static void report_application(struct walk *w, enum shown which, struct cd_hl7_text application,
                               struct cd_hl7_text facility, unsigned confidence)
{
    char text[2 * NAME_MAX + 40];
    struct cd_text t = cd_text_of(text, sizeof text);
    const struct cd_hl7_delimiters *d = &w->header.delimiters;
    struct cd_subject subject = which == SHOWN_SENDER ? cd_subject_sender(w->m) : cd_subject_receiver(w->m);
    if (!cd_hl7_is_filled(application, d) || !is_new(w->m, which, hash_of(application, facility)))
        return;
    cd_text_str(&t, "hl7 application ");
    text_designator(&t, application, d);
    if (cd_hl7_is_filled(facility, d)) {
        cd_text_str(&t, " at ");
        text_designator(&t, facility, d);
    }
    cd_report_fact_bytes(w->m, &subject, CD_ATTRIBUTE_SOFTWARE, t.at, t.len, confidence);
}

/* Version (MSH-12) and processing id (table 0103). */
static void report_service(struct walk *w)
{
    char text[64];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_hl7_text version = w->header.version, processing = w->header.processing;
    struct cd_subject sender = cd_subject_sender(w->m);
    if (version.len < 3 || version.len > 8 || version.bytes[0] != '2' ||
        !is_new(w->m, SHOWN_SERVICE, hash_of(version, processing)))
        return;
    cd_text_str(&t, "hl7 ");
    cd_text_bytes(&t, version.bytes, version.len);
    cd_text_str(&t, cd_hl7_is(processing, "P")   ? " production"
                    : cd_hl7_is(processing, "T") ? " training"
                    : cd_hl7_is(processing, "D") ? " debugging"
                                                 : "");
    cd_report_fact_bytes(w->m, &sender, CD_ATTRIBUTE_SERVICE, t.at, t.len, 80);
}

/* SFT (2.14.12): organization, version, product. */
static void report_software(struct walk *w, const struct cd_hl7_segment *s)
{
    char text[4 * NAME_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    const struct cd_hl7_delimiters *d = &w->header.delimiters;
    struct cd_hl7_text product = cd_hl7_field(s, d, 3), version = cd_hl7_field(s, d, 2),
                       maker = cd_hl7_component(cd_hl7_field(s, d, 1), d, 1);
    struct cd_subject sender = cd_subject_sender(w->m);
    if (!cd_hl7_is_filled(product, d))
        return;
    text_designator(&t, product, d);
    if (cd_hl7_is_filled(version, d)) {
        cd_text_char(&t, ' ');
        text_designator(&t, version, d);
    }
    if (cd_hl7_is_filled(maker, d)) {
        cd_text_str(&t, " by ");
        text_designator(&t, maker, d);
    }
    cd_report_fact_bytes(w->m, &sender, CD_ATTRIBUTE_SOFTWARE, t.at, t.len, 85);
}

/* ---- devices behind the sender: OBX-18, PRT-10, EQU-1 ---- */

/* An identifier as it may stand in an address: what has other characters in it is no device's. */
static bool is_identifier(struct cd_hl7_text v)
{
    for (size_t i = 0; i < v.len; i++) {
        char c = v.bytes[i];
        if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' || c == '-' || c == '_'))
            return false;
    }
    return v.len >= 2 && v.len <= NAME_MAX;
}

static bool is_known_device(struct state *s, uint32_t hash)
{
    for (unsigned i = 0; i < s->n_devices; i++)
        if (s->devices[i] == hash)
            return true;
    if (s->n_devices == DEVICES_MAX)
        return true; /* no more of one flow */
    s->devices[s->n_devices++] = hash;
    return false;
}

/* An entity identifier (2.A.28): identifier, name space, universal id. `type`: IEEE 11073 name of its kind, or empty. */
static void report_device(struct walk *w, struct cd_hl7_text field, struct cd_hl7_text type)
{
    char nested[NAME_MAX + 8], model[NAME_MAX + 1];
    const struct cd_hl7_delimiters *d = &w->header.delimiters;
    struct cd_hl7_text id = cd_hl7_component(field, d, 1), space = cd_hl7_component(field, d, 2);
    if (!is_identifier(id))
        id = cd_hl7_component(field, d, 3);
    if (!is_identifier(id) || is_known_device(w->m->state, (uint32_t)hash_of(id, type)))
        return;
    struct cd_text t = cd_text_of(nested, sizeof nested), model_text = cd_text_of(model, sizeof model);
    cd_text_str(&t, "hl7:");
    cd_text_bytes(&t, id.bytes, id.len);
    struct cd_subject device = cd_subject_nested(cd_subject_sender(w->m), nested);
    cd_report_fact_bytes(w->m, &device, CD_ATTRIBUTE_INSTANCE, id.bytes, id.len, 80);
    if (cd_hl7_is_filled(space, d)) {
        cd_hl7_unescape(&model_text, space, d);
        cd_report_fact_bytes(w->m, &device, CD_ATTRIBUTE_MODEL, model, model_text.len, 55);
    }
    if (type.len)
        cd_report_fact_bytes(w->m, &device, CD_ATTRIBUTE_DEVICE_TYPE, type.bytes, type.len, 80);
}

/* OBX (7.4.2); of an IEEE 11073 device as a whole OBX-3 names the kind: MDC_DEV_..._MDS (IHE PCD B.8). */
static void take_observation(struct walk *w, const struct cd_hl7_segment *s)
{
    const struct cd_hl7_delimiters *d = &w->header.delimiters;
    struct cd_hl7_text device = cd_hl7_field(s, d, 18), type = cd_hl7_component(cd_hl7_field(s, d, 3), d, 2);
    if (type.len < 12 || type.len > NAME_MAX || memcmp(type.bytes, "MDC_DEV_", 8) != 0 ||
        memcmp(type.bytes + type.len - 4, "_MDS", 4) != 0 || !is_identifier(type))
        type = (struct cd_hl7_text){0};
    w->results |= CD_PATIENT_RESULTS;
    if (cd_hl7_is_filled(device, d))
        report_device(w, device, type);
}

/* EQU (13.4.1): the instrument and its state (table 0365). */
static void take_equipment(struct walk *w, const struct cd_hl7_segment *s)
{
    const struct cd_hl7_delimiters *d = &w->header.delimiters;
    struct cd_hl7_text state = cd_hl7_component(cd_hl7_field(s, d, 3), d, 1);
    struct cd_subject sender = cd_subject_sender(w->m);
    report_device(w, cd_hl7_field(s, d, 1), (struct cd_hl7_text){0});
    if (state.len == 2 && is_identifier(state))
        cd_report_fact_bytes(w->m, &sender, CD_ATTRIBUTE_STATE, state.bytes, state.len, 70);
}

/* ---- people: only whether a field is filled ---- */

static void take_patient(struct walk *w, const struct cd_hl7_segment *s)
{
    static const struct {
        uint8_t field;
        uint16_t kind;
    } fields[] = {{2, CD_PATIENT_IDENTIFIER},  {3, CD_PATIENT_IDENTIFIER},  {4, CD_PATIENT_IDENTIFIER},
                  {5, CD_PATIENT_NAME},        {7, CD_PATIENT_BIRTH_DATE},  {9, CD_PATIENT_NAME},
                  {11, CD_PATIENT_ADDRESS},    {13, CD_PATIENT_TELEPHONE},  {14, CD_PATIENT_TELEPHONE},
                  {18, CD_PATIENT_IDENTIFIER}, {19, CD_PATIENT_IDENTIFIER}, {20, CD_PATIENT_IDENTIFIER}};
    w->has_patient = true;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (cd_hl7_is_filled(cd_hl7_field(s, &w->header.delimiters, fields[i].field), &w->header.delimiters))
            w->patient |= fields[i].kind;
}

static void take_credential(struct walk *w, const char *detail)
{
    struct state *s = w->m->state;
    if (!s->credential_told)
        cd_report_event_once(w->m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
    s->credential_told = true;
}

/* ---- messages ---- */

static bool is_code(struct cd_hl7_text v)
{
    return v.len == 3 && is_identifier(v);
}

/* The code of a message: type and event of the standard, else as they were sent where they look like codes. The one place that says how HL7 operations are
 * counted. */
static const char *code_of(struct walk *w, const struct cd_hl7_message_type *known)
{
    const struct cd_hl7_header *h = &w->header;
    char code[8];
    struct cd_text t = cd_text_of(code, sizeof code);
    if (known)
        return known->code;
    if (!is_code(h->type))
        return "(other)";
    cd_text_bytes(&t, h->type.bytes, h->type.len);
    if (is_code(h->event)) {
        cd_text_char(&t, '^');
        cd_text_bytes(&t, h->event.bytes, h->event.len);
    }
    return cd_observe_code(w->m->observer, code, t.len);
}

static struct cd_operation operation_of(struct walk *w)
{
    const struct cd_hl7_header *h = &w->header;
    const struct cd_hl7_message_type *known = cd_hl7_message_type(h->type, h->event);
    struct cd_operation op = {.name = "other message", .class = CD_CLASS_OTHER, .target = ""};
    if (cd_hl7_is(h->type, "ACK")) /* whatever event it acknowledges */
        known = cd_hl7_message_kind(h->type);
    op.code_text = code_of(w, known);
    if (!known)
        known = cd_hl7_message_kind(h->type);
    if (known) {
        op.name = known->name;
        op.class = known->class;
    }
    /* IHE PCD-03: an infusion pump is programmed. */
    if (cd_hl7_is(h->type, "RGV") && h->profile.len >= 11 && memcmp(h->profile.bytes, "IHE_PCD_003", 11) == 0) {
        op.name = "infusion order";
        op.class = CD_CLASS_CONTROL;
    }
    return op;
}

static uint64_t id_of(struct cd_hl7_text control_id)
{
    uint64_t id = cd_hash_bytes(2, control_id.bytes, control_id.len);
    return id == CD_REPORT_NO_REQUEST ? 0 : id;
}

static void close_message(struct walk *w)
{
    struct cd_message *m = w->m;
    struct state *s = m->state;
    char target[2 * NAME_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (!w->open)
        return;
    struct cd_operation op = operation_of(w);
    text_designator(&t, w->header.receiving_application, &w->header.delimiters);
    op.target = target;
    m->from_client =
        !w->acknowledges; /* who sends asks, whichever end opened the connection; acknowledgements answer */
    if (w->acknowledges || cd_hl7_is(w->header.type, "ACK"))
        cd_report_notice(m, &op);
    else
        cd_report_request(m, &op, id_of(w->header.control_id));
    const char *error = cd_hl7_refusal(w->acknowledgement, w->reason);
    if (error)
        cd_report_refusal(m, w->control_id, error);
    report_application(w, SHOWN_SENDER, w->header.sending_application, w->header.sending_facility, 80);
    report_application(w, SHOWN_RECEIVER, w->header.receiving_application, w->header.receiving_facility, 50);
    report_service(w);
    if (w->has_patient)
        cd_patient_report(m, w->patient | w->results, &s->patient_told);
    *w = (struct walk){.m = m};
}

static void open_message(struct walk *w, struct cd_reader segment, bool batch)
{
    close_message(w);
    if (!cd_hl7_parse_header(&segment, &w->header)) {
        cd_report_malformed(w->m, segment.bad);
        return;
    }
    w->open = !batch;
    if (batch) {
        report_application(w, SHOWN_SENDER, w->header.sending_application, w->header.sending_facility, 80);
        return;
    }
    struct cd_hl7_segment s = {.fields = {(const char *)segment.base + 4, segment.len - 4}};
    if (cd_hl7_is_filled(cd_hl7_field(&s, &w->header.delimiters, 8 - 1), &w->header.delimiters))
        take_credential(w, "hl7 security field");
}

/* Segment names as numbers, so that a switch tells them apart. */
#define NAME(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

static void take_segment(struct walk *w, const struct cd_hl7_segment *s)
{
    const struct cd_hl7_delimiters *d = &w->header.delimiters;
    switch (NAME((uint8_t)s->name[0], (uint8_t)s->name[1], (uint8_t)s->name[2])) {
    case NAME('M', 'S', 'A'):
        w->acknowledges = true;
        w->acknowledgement = cd_hl7_field(s, d, 1);
        w->control_id = id_of(cd_hl7_field(s, d, 2));
        break;
    case NAME('E', 'R', 'R'): w->reason = cd_hl7_component(cd_hl7_field(s, d, 3), d, 1); break;
    case NAME('P', 'I', 'D'): take_patient(w, s); break;
    case NAME('N', 'K', '1'): w->patient |= CD_PATIENT_RELATIVES, w->has_patient = true; break;
    case NAME('I', 'N', '1'):
    case NAME('G', 'T', '1'): w->patient |= CD_PATIENT_INSURANCE, w->has_patient = true; break;
    case NAME('M', 'R', 'G'): w->patient |= CD_PATIENT_IDENTIFIER, w->has_patient = true; break;
    case NAME('Q', 'R', 'D'):
    case NAME('Q', 'P', 'D'):
        w->patient |= CD_PATIENT_IDENTIFIER, w->has_patient = true;
        break; /* who is asked about */
    case NAME('D', 'G', '1'):
    case NAME('A', 'L', '1'): w->results |= CD_PATIENT_DIAGNOSES; break;
    case NAME('R', 'X', 'E'):
    case NAME('R', 'X', 'O'):
    case NAME('R', 'X', 'G'): w->results |= CD_PATIENT_MEDICATION; break;
    case NAME('O', 'B', 'X'): take_observation(w, s); break;
    case NAME('P', 'R', 'T'): report_device(w, cd_hl7_field(s, d, 10), (struct cd_hl7_text){0}); break;
    case NAME('E', 'Q', 'U'): take_equipment(w, s); break;
    case NAME('S', 'F', 'T'): report_software(w, s); break;
    case NAME('U', 'A', 'C'): take_credential(w, "hl7 user authentication credential"); break;
    default: break;
    }
}

static void dissect_block(struct cd_message *m, struct cd_reader *r)
{
    struct walk w = {.m = m};
    struct cd_hl7_segment segment;
    bool any = false;
    for (unsigned n = 0; n < CD_HL7_SEGMENTS_MAX; n++) {
        struct cd_reader before = *r;
        if (!cd_hl7_next_segment(r, &segment))
            break;
        bool message = memcmp(segment.name, "MSH", 3) == 0,
             batch = memcmp(segment.name, "FHS", 3) == 0 || memcmp(segment.name, "BHS", 3) == 0;
        if (message || batch) {
            size_t len = segment.fields.bytes ? segment.fields.len + 4 : 3;
            cd_read_skip(&before, r->pos - len - before.pos, "segment");
            open_message(&w, cd_read_sub(&before, len, "segment"), batch);
        } else if (w.open) {
            take_segment(&w, &segment);
        } else if (!any) {
            cd_report_malformed(m, "message header");
        }
        any = true;
    }
    close_message(&w);
}

/* MLLP release 2: a block may be one byte that tells whether the last one was taken. */
static bool is_commit(const struct cd_reader *r)
{
    int first = cd_read_peek(r, 0), second = cd_read_peek(r, 1);
    return (first == 0x06 || first == 0x15) && second == CD_HL7_END;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    bool *inside = &s->inside[!m->sent_by_client_end];
    if (r->len == 0)
        return;
    bool ends = memchr(r->base, CD_HL7_END, r->len) != NULL;
    if (cd_read_peek(r, 0) != CD_HL7_START || (*inside && !begins_block(r->base, r->len))) {
        *inside = *inside && !ends;
        return;
    }
    *inside = !ends;
    m->cut |= !ends;
    cd_read_skip(r, 1, "start of block");
    if (!is_commit(r))
        dissect_block(m, r);
}

const struct cd_dissector cd_dissector_hl7 = {
    .name = "hl7",
    .tcp_ports = {2575},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};

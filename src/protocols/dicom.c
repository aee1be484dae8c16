/* DICOM over TCP: recognising and framing, and what is told of associations, commands and equipment. */
#include "protocols/dicom.h"

#include "base/text.h"
#include "flow/flow.h"
#include "protocols/patient.h"

enum {
    WHOLE_MAX = 4096, /* a P-DATA PDU up to this length is one message; longer ones are taken value by value */
    FRONT_MAX = 8192, /* so much of a data set is looked at */
    TARGET_MAX = 120,
    NAME_MAX = 64,
    CONTROL_COMMAND = 1,
    CONTROL_LAST = 2,
    FORWARDER_STORAGES = 24, /* who offers to send so many kinds of images passes on what others made */
    PDU_ID = 1,              /* request ids of PDUs; those of messages are larger */
};

/* What the data set that follows a command is looked at for. */
enum interest { INTEREST_NONE, INTEREST_PATIENT, INTEREST_EQUIPMENT };

struct state {
    uint32_t left[2];    /* of a long P-DATA PDU, by direction: values still to come */
    uint8_t interest[2]; /* enum interest, in the data set to come */
    bool in_command[2];  /* the last value was a command that goes on */
    bool associated;     /* an association was asked for */
    bool forwards;       /* the client offers to send images of too many kinds to have made them */
    bool equipment_told, role_told, violation_told;
    uint16_t patient_told;
    const struct cd_dicom_sop_class *sop_class[2]; /* of the last command with data */
};

/* ---- recognising and framing ---- */

static uint32_t be32(const uint8_t *bytes)
{
    struct cd_reader r = cd_reader_of(bytes, 4);
    return cd_read_be32(&r, "length");
}

static bool is_title(const uint8_t *bytes)
{
    unsigned letters = 0;
    for (unsigned i = 0; i < 16; i++) {
        if (bytes[i] < ' ' && bytes[i] != 0)
            return false;
        if (bytes[i] > 0x7e)
            return false;
        letters += bytes[i] > ' ';
    }
    return letters > 0;
}

/* Version, two titles, and 32 bytes that are zero in requests. */
static int judge_association(const uint8_t *bytes, size_t len)
{
    if (len < 42)
        return CD_PROBE_MAYBE;
    bool sure = bytes[6] == 0 && (bytes[7] & 1) && bytes[8] == 0 && bytes[9] == 0 && is_title(bytes + 10) &&
                is_title(bytes + 26) && (len < 75 || bytes[74] == 0x10);
    return sure ? CD_PROBE_SURE : CD_PROBE_NO;
}

/* A command begins with the length of its group (PS3.7 6.3.1): group 0, element 0, length 4. */
static int judge_data(const uint8_t *bytes, size_t len, uint32_t length)
{
    static const uint8_t group_length[8] = {0, 0, 0, 0, 4, 0, 0, 0};
    if (len < CD_DICOM_HEADER + CD_DICOM_VALUE_HEADER)
        return CD_PROBE_MAYBE;
    uint32_t value = be32(bytes + 6);
    if (value < 2 || length < 4 || value > length - 4 || !(bytes[10] & 1) || bytes[11] > 3)
        return CD_PROBE_NO;
    if (!(bytes[11] & CONTROL_COMMAND) || len < 20)
        return CD_PROBE_MAYBE;
    return memcmp(bytes + 12, group_length, sizeof group_length) == 0 ? CD_PROBE_SURE : CD_PROBE_NO;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < CD_DICOM_HEADER || bytes[0] < CD_DICOM_ASSOCIATE_RQ ||
        bytes[0] > CD_DICOM_ABORT || bytes[1] != 0)
        return CD_PROBE_NO;
    uint32_t length = be32(bytes + 2);
    switch (bytes[0]) {
    case CD_DICOM_ASSOCIATE_RQ:
    case CD_DICOM_ASSOCIATE_AC:
        return length >= 68 && length <= CD_DICOM_ASSOCIATE_MAX ? judge_association(bytes, len) : CD_PROBE_NO;
    case CD_DICOM_P_DATA: return judge_data(bytes, len, length);
    default: return length == 4 && len == 10 ? CD_PROBE_MAYBE : CD_PROBE_NO;
    }
}

/* A value of a long PDU: as much of it as is of interest. A length above 16 MiB is rather the type of the next PDU, after a loss. */
static ssize_t frame_value(const struct state *s, unsigned end, const uint8_t *bytes, size_t len)
{
    if (len < CD_DICOM_VALUE_HEADER)
        return CD_FRAME_MORE;
    uint32_t length = be32(bytes);
    if (s->left[end] < CD_DICOM_VALUE_HEADER || length < 2 || length > s->left[end] - 4)
        return CD_FRAME_NOT_OURS;
    bool wanted = (bytes[5] & CONTROL_COMMAND) || s->interest[end] != INTEREST_NONE;
    uint32_t most = wanted ? FRONT_MAX : CD_DICOM_VALUE_HEADER;
    return 4 + (ssize_t)length < (ssize_t)most ? 4 + (ssize_t)length : (ssize_t)most;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct state *s = state;
    unsigned end = !from_client;
    if (s->left[end] && bytes[0] == 0)
        return frame_value(s, end, bytes, len);
    if (bytes[0] < CD_DICOM_ASSOCIATE_RQ || bytes[0] > CD_DICOM_ABORT || (len > 1 && bytes[1] != 0))
        return CD_FRAME_NOT_OURS;
    if (len < CD_DICOM_HEADER)
        return CD_FRAME_MORE;
    uint32_t length = be32(bytes + 2);
    if (bytes[0] == CD_DICOM_P_DATA)
        return length < CD_DICOM_VALUE_HEADER ? CD_FRAME_NOT_OURS
               : length > WHOLE_MAX           ? CD_DICOM_HEADER
                                              : CD_DICOM_HEADER + (ssize_t)length;
    bool associate = bytes[0] <= CD_DICOM_ASSOCIATE_AC;
    if (associate ? length < 68 || length > CD_DICOM_ASSOCIATE_MAX : length < 4 || length > 256)
        return CD_FRAME_NOT_OURS;
    return CD_DICOM_HEADER + (ssize_t)length;
}

/* ---- who ---- */

/* Who uses a service shows what it is. */
static void report_roles(struct cd_message *m, uint16_t field, const struct cd_dicom_sop_class *class)
{
    struct state *s = m->state;
    struct cd_subject client = cd_subject_client(m), server = cd_subject_server(m);
    if (s->role_told || !class)
        return;
    s->role_told = true;
    switch (class->service) {
    case CD_DICOM_WORKLIST:
    case CD_DICOM_STEP: cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "imaging-modality", 75); break;
    case CD_DICOM_QUERY:
        cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "imaging-workstation", 50);
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "image-archive", 80);
        break;
    case CD_DICOM_PRINT: cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "printer", 60); break;
    case CD_DICOM_STORAGE:
        if (field == 0x0001 && !s->forwards && class->modality) {
            cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "imaging-modality", 60);
            cd_report_fact(m, &client, CD_ATTRIBUTE_DEVICE_TYPE, class->modality, 60);
        }
        break;
    default: s->role_told = false; break;
    }
}

/* Images name the equipment that made them: the sender, where it isn't one that passes on images of all kinds. */
static void report_equipment(struct cd_message *m, const struct cd_dicom_equipment *e)
{
    struct state *s = m->state;
    if (s->equipment_told || s->forwards)
        return;
    s->equipment_told = true;
    cd_dicom_report_equipment(m, e);
}

/* ---- associations ---- */

static struct cd_operation pdu_operation(const char *name, enum cd_dicom_pdu pdu, const char *target)
{
    return (struct cd_operation){
        .name = name, .code_space = "pdu", .code = pdu, .class = CD_CLASS_SESSION, .target = target};
}

static void take_association(struct cd_message *m, struct cd_reader *r, bool request)
{
    struct state *s = m->state;
    char target[NAME_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_dicom_association a;
    if (!cd_dicom_parse_association(r, &a)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = request;
    cd_text_bytes(&t, a.called.bytes, a.called.len);
    struct cd_operation op = pdu_operation("associate", CD_DICOM_ASSOCIATE_RQ, target);
    struct cd_subject sender = cd_subject_sender(m);
    if (request) {
        s->associated = true;
        s->forwards = a.storages > FORWARDER_STORAGES;
        if (s->forwards)
            cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "imaging-workstation", 50);
        cd_report_request(m, &op, PDU_ID);
        cd_dicom_report_identity(m, &a);
    } else {
        op.target = "";
        cd_report_response(m, &op, PDU_ID, a.accepted ? NULL : "no presentation context accepted");
    }
    cd_dicom_report_title(m, &sender,
                          request ? a.calling : a.called); /* an acceptor repeats the name it was called by */
    cd_dicom_report_implementation(m, &sender, &a);
}

/* PS3.8 9.3.4: a reserved byte, result, source, reason. */
static void take_rejection(struct cd_message *m, struct cd_reader *r)
{
    struct cd_operation op = pdu_operation("associate", CD_DICOM_ASSOCIATE_RQ, "");
    cd_read_skip(r, CD_DICOM_HEADER + 2, "header");
    uint8_t source = cd_read_u8(r, "source"), reason = cd_read_u8(r, "reason");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = false;
    cd_report_response(m, &op, PDU_ID, cd_dicom_rejection(source, reason));
    if (source == 1 && (reason == 3 || reason == 7)) /* titles are all that most archives ask for */
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, cd_dicom_rejection(source, reason));
}

static void take_abort(struct cd_message *m, struct cd_reader *r)
{
    cd_read_skip(r, CD_DICOM_HEADER + 2, "header");
    uint8_t source = cd_read_u8(r, "source"), reason = cd_read_u8(r, "reason");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = pdu_operation("abort", CD_DICOM_ABORT, cd_dicom_abort_reason(source, reason));
    cd_report_notice(m, &op);
}

static void take_release(struct cd_message *m, bool request)
{
    struct cd_operation op = pdu_operation("release", CD_DICOM_RELEASE_RQ, "");
    if (request)
        cd_report_request(m, &op, PDU_ID);
    else
        cd_report_response(m, &op, PDU_ID, NULL);
}

/* ---- commands ---- */

static void text_target(struct cd_text *t, const struct cd_dicom_command *c, const struct cd_dicom_sop_class *class)
{
    if (class)
        cd_text_str(t, class->name);
    else if (c->sop_class.len)
        cd_text_str(t, "private class");
    if (c->destination.len) {
        cd_text_str(t, " to ");
        cd_text_device(t, c->destination.bytes, c->destination.len < 16 ? c->destination.len : 16);
    }
}

/* What is worth looking for in the data set that follows. */
static enum interest interest_of(const struct cd_dicom_command *c, const struct cd_dicom_sop_class *class)
{
    enum { STORE = 0x0001, FIND = 0x0020, CREATE = 0x0140 };
    uint16_t request = c->field & 0x7fff;
    if (!c->has_data)
        return INTEREST_NONE;
    if (c->field == STORE)
        return INTEREST_EQUIPMENT;
    bool about_patients = !class || class->service != CD_DICOM_PRINT;
    return (request == FIND || request == CREATE) && about_patients ? INTEREST_PATIENT : INTEREST_NONE;
}

static void take_command(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_dicom_command c;
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (!cd_dicom_parse_command(r, &c)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    unsigned end = !m->sent_by_client_end;
    bool response = c.field & 0x8000;
    const struct cd_dicom_sop_class *class = cd_dicom_sop_class(c.sop_class);
    const struct cd_dicom_command_name *name = cd_dicom_command_name(c.field & 0x7fff);
    text_target(&t, &c, class);
    struct cd_operation op = {.name = name ? name->name : "unknown command",
                              .code = c.field & 0x7fff,
                              .class = name ? name->class : CD_CLASS_OTHER,
                              .target = target};
    m->from_client = !response; /* archives ask too: to report events, and to store what C-GET asked for */
    bool asked_by_client_end = response != m->sent_by_client_end;
    uint64_t id = (uint64_t)asked_by_client_end << 32 | (uint64_t)(response ? c.responds_to : c.message_id) << 8 | 0xff;
    if (!response && op.code == 0x0fff)
        cd_report_notice(m, &op); /* C-CANCEL has no answer of its own */
    else if (!response)
        cd_report_request(m, &op, id);
    else if (c.status >> 8 == 0xff)
        cd_report_response_part(m, &op, id);
    else
        cd_report_response(m, &op, id, cd_dicom_failure(c.status));
    s->interest[end] = (uint8_t)interest_of(&c, class);
    s->sop_class[end] = class;
    report_roles(m, c.field & 0x7fff, class);
}

static void take_data(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    struct cd_dicom_equipment e = {0};
    const struct cd_dicom_sop_class *class = s->sop_class[end];
    bool store = s->interest[end] == INTEREST_EQUIPMENT;
    if (s->interest[end] == INTEREST_NONE)
        return;
    s->interest[end] = INTEREST_NONE; /* only the front of a data set is of interest */
    bool readable = cd_dicom_scan_data(*r, &e);
    unsigned patient = e.patient;
    if (store && (patient || !readable) && class && class->service == CD_DICOM_STORAGE)
        patient |= CD_PATIENT_IMAGES;
    m->from_client = store || m->from_client;
    cd_patient_report(m, patient, &s->patient_told);
    if (store && readable)
        report_equipment(m, &e);
}

/* ---- messages ---- */

/* One presentation data value (PS3.8 9.3.5.1, annex E): what is there of it, of `length` bytes behind its length. */
static void take_value(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    uint8_t context = cd_read_u8(r, "presentation context"), control = cd_read_u8(r, "message control header");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    bool violates = !(context & 1) || control > (CONTROL_COMMAND | CONTROL_LAST);
    if (violates && !s->violation_told) {
        s->violation_told = true;
        cd_report_event(m, CD_EVENT_VIOLATION, "presentation context or control header");
    }
    if (!(control & CONTROL_COMMAND)) {
        take_data(m, r);
        return;
    }
    bool goes_on = s->in_command[end];
    s->in_command[end] = !(control & CONTROL_LAST);
    if (goes_on)
        return;
    m->cut |= s->in_command[end]; /* the rest comes in the next value, and is not waited for */
    take_command(m, r);
}

static void take_values(struct cd_message *m, struct cd_reader *r)
{
    cd_read_skip(r, CD_DICOM_HEADER, "header");
    while (cd_read_left(r)) {
        uint32_t length = cd_read_be32(r, "value length");
        bool cut = m->cut && length > cd_read_left(r);
        struct cd_reader value = cut ? cd_read_rest(r) : cd_read_sub(r, length, "value length");
        if (!cd_read_ok(r)) {
            cd_report_malformed(m, r->bad);
            return;
        }
        take_value(m, &value);
    }
}

/* A value of a long PDU, or its front. */
static void take_front(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    uint32_t length = cd_read_be32(r, "value length"), here = (uint32_t)cd_read_left(r);
    if (!cd_read_ok(r) || s->left[end] < 4 || length > s->left[end] - 4) {
        s->left[end] = 0;
        return;
    }
    s->left[end] -= 4 + length;
    if (!m->cut) /* else the missing bytes are the framing's */
        m->skip = length > here ? length - here : 0;
    m->cut |= length > here;
    take_value(m, r);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    int type = cd_read_peek(r, 0);
    if (s->left[end] && type == 0) {
        take_front(m, r);
        return;
    }
    s->left[end] = 0;
    if (type == CD_DICOM_ASSOCIATE_RQ || type == CD_DICOM_ASSOCIATE_AC) {
        take_association(m, r, type == CD_DICOM_ASSOCIATE_RQ);
        return;
    }
    if (!s->associated && !m->flow->mid_stream && !m->cut && !s->violation_told) {
        s->violation_told = true;
        cd_report_event(m, CD_EVENT_VIOLATION, "pdu before an association");
    }
    switch (type) {
    case CD_DICOM_ASSOCIATE_RJ: take_rejection(m, r); break;
    case CD_DICOM_P_DATA:
        if (r->len == CD_DICOM_HEADER)
            s->left[end] = be32(r->base + 2);
        else
            take_values(m, r);
        break;
    case CD_DICOM_RELEASE_RQ:
    case CD_DICOM_RELEASE_RP: take_release(m, type == CD_DICOM_RELEASE_RQ); break;
    case CD_DICOM_ABORT: take_abort(m, r); break;
    default: cd_report_malformed(m, "pdu type"); break;
    }
}

const struct cd_dissector cd_dissector_dicom = {
    .name = "dicom",
    .tcp_ports = {104, 11112},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_DICOM_ASSOCIATE_MAX / 2,
    .state_size = sizeof(struct state),
};

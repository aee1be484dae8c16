/* IEC 60870-5-104: recognising and framing, the numbering of frames, and what the two stations tell and ask of each other. */
#include "protocols/iec104.h"

#include "base/text.h"

enum { TARGET_MAX = 120, APCI_LENGTH = 6, NUMBERS = 0x7fff /* sequence numbers are modulo 32768 (5.1) */ };
enum { ASKED = 1 /* the note kept with each open request */ };

/* ---- parsing ---- */

static bool is_function(uint8_t function)
{
    switch (function) {
    case CD_IEC104_STARTDT_ACT:
    case CD_IEC104_STARTDT_CON:
    case CD_IEC104_STOPDT_ACT:
    case CD_IEC104_STOPDT_CON:
    case CD_IEC104_TESTFR_ACT:
    case CD_IEC104_TESTFR_CON: return true;
    default: return false;
    }
}

bool cd_iec104_parse(struct cd_reader *r, struct cd_iec104_apci *ret)
{
    struct cd_iec104_apci a = {.format = CD_IEC104_I};
    if (cd_read_u8(r, "start byte") != CD_IEC104_START)
        cd_read_fail(r, "start byte");
    uint8_t length = cd_read_u8(r, "length");
    if (length < CD_IEC104_LENGTH_MIN || length > CD_IEC104_LENGTH_MAX)
        cd_read_fail(r, "length");
    struct cd_reader apdu = cd_read_sub(r, length, "length");
    uint16_t first = cd_read_le16(&apdu, "control field"), second = cd_read_le16(&apdu, "control field");
    a.receive = second >> 1;
    if (!(first & 1)) {
        a.send = first >> 1;
    } else if ((first & 3) == 1) {
        a.format = CD_IEC104_S;
    } else {
        a.format = CD_IEC104_U;
        a.function = (uint8_t)first;
        a.receive = 0;
        if (!is_function(a.function))
            cd_read_fail(&apdu, "unnumbered function");
    }
    a.asdu = cd_read_rest(&apdu);
    if (a.format != CD_IEC104_I && a.asdu.len)
        cd_read_fail(&apdu, "bytes behind the control field");
    if (!cd_read_ok(&apdu))
        cd_read_fail(r, apdu.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

bool cd_iec104_parse_asdu(struct cd_reader *r, struct cd_iec104_asdu *ret)
{
    struct cd_iec104_asdu a = {.type = cd_read_u8(r, "type identification")};
    uint8_t qualifier = cd_read_u8(r, "variable structure qualifier"), cause = cd_read_u8(r, "cause of transmission");
    a.sequence = qualifier & 0x80;
    a.number = qualifier & 0x7f;
    a.cause = cause & 0x3f;
    a.negative = cause & 0x40;
    a.test = cause & 0x80;
    a.originator = cd_read_u8(r, "originator address");
    a.common_address = cd_read_le16(r, "common address");
    a.objects = cd_read_rest(r);
    struct cd_reader first = a.objects;
    if (a.objects.len)
        a.address = cd_read_le24(&first, "information object address");
    if (!cd_read_ok(&first))
        cd_read_fail(r, first.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

bool cd_iec104_objects_fit(const struct cd_iec104_asdu *asdu)
{
    const struct cd_iec104_type *type = cd_iec104_type_of(asdu->type);
    if (!type || type->size == CD_IEC104_ANY_LENGTH)
        return true;
    size_t number = asdu->number;
    size_t len = asdu->sequence && number ? 3 + number * type->size : number * (3u + type->size);
    return asdu->objects.len == len;
}

/* ---- recognising and framing ---- */

/* How surely a frame that could be read is one: by its constant bytes, or by the agreement of type, number and length. */
static int judge(const uint8_t *control, struct cd_iec104_apci *apci)
{
    if (apci->format == CD_IEC104_S)
        return control[1] == 0 && !(control[2] & 1) ? CD_PROBE_SURE : CD_PROBE_NO;
    if (apci->format == CD_IEC104_U)
        return control[1] == 0 && control[2] == 0 && control[3] == 0 ? CD_PROBE_SURE : CD_PROBE_NO;
    struct cd_iec104_asdu asdu;
    if ((control[2] & 1) || !cd_iec104_parse_asdu(&apci->asdu, &asdu))
        return CD_PROBE_NO;
    bool fits = cd_iec104_type_of(asdu.type) && asdu.number && asdu.cause && cd_iec104_objects_fit(&asdu);
    return fits ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < APCI_LENGTH || bytes[0] != CD_IEC104_START)
        return CD_PROBE_NO;
    size_t length = 2u + bytes[1];
    if (length > len) /* a long data frame of which the end is still to come */
        return bytes[1] <= CD_IEC104_LENGTH_MAX && !(bytes[2] & 1) && !(bytes[4] & 1) ? CD_PROBE_MAYBE : CD_PROBE_NO;
    struct cd_reader r = cd_reader_of(bytes, length);
    struct cd_iec104_apci apci;
    int sure = cd_iec104_parse(&r, &apci) ? judge(bytes + 2, &apci) : CD_PROBE_NO;
    bool another_follows = length == len || bytes[length] == CD_IEC104_START;
    return sure > CD_PROBE_MAYBE && !another_follows ? CD_PROBE_MAYBE : sure;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (bytes[0] != CD_IEC104_START)
        return CD_FRAME_NOT_OURS;
    if (len < 2)
        return CD_FRAME_MORE;
    if (bytes[1] < CD_IEC104_LENGTH_MIN || bytes[1] > CD_IEC104_LENGTH_MAX)
        return CD_FRAME_NOT_OURS;
    return 2 + bytes[1];
}

/* ---- the numbering of frames (5.1 to 5.3) ---- */

static void report_numbers(struct cd_message *m, const char *what, uint16_t was, uint16_t is)
{
    char detail[80];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, what);
    cd_text_str(&t, " went back from ");
    cd_text_u64(&t, was);
    cd_text_str(&t, " to ");
    cd_text_u64(&t, is);
    cd_report_event(m, CD_EVENT_VIOLATION, detail);
}

/* Numbers only grow within a connection. One that goes back was sent by somebody who does not know the connection's state; a jump ahead may be what the
 * capture lost, and is no finding. */
static bool is_back(uint16_t expected, uint16_t is)
{
    return ((is - expected) & NUMBERS) > NUMBERS / 2;
}

static void follow_numbers(struct cd_message *m, const struct cd_iec104_apci *a)
{
    struct cd_iec104_state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    if (s->ends[end].known) {
        if (is_back(s->ends[end].receive, a->receive))
            report_numbers(m, "receive sequence number", s->ends[end].receive, a->receive);
        if (a->format == CD_IEC104_I && is_back(s->ends[end].next, a->send))
            report_numbers(m, "send sequence number", (s->ends[end].next - 1) & NUMBERS, a->send);
    }
    if (a->format == CD_IEC104_I)
        s->ends[end].next = (a->send + 1) & NUMBERS;
    else if (!s->ends[end].known)
        return; /* its send number is not known yet */
    s->ends[end].receive = a->receive;
    s->ends[end].known = true;
}

static void report_function(struct cd_message *m, uint8_t function)
{
    struct cd_iec104_state *s = m->state;
    if (function == CD_IEC104_STOPDT_CON)
        s->stopped = true;
    else if (function == CD_IEC104_STARTDT_CON || function == CD_IEC104_STARTDT_ACT)
        s->stopped = false;
    if (function != CD_IEC104_STARTDT_ACT || s->controlling_known)
        return;
    /* Only the controlling station starts the transfer of data (5.3). */
    struct cd_subject sender = cd_subject_sender(m);
    s->controlling_known = true;
    cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "master", 55);
}

/* ---- what is told and asked ---- */

/* A common address is a station or a sector of one (101 7.2.4), so it is a number of the device, not a device below it. */
static void note_station(struct cd_message *m, uint16_t common_address)
{
    struct cd_iec104_state *s = m->state;
    unsigned slot = common_address % CD_IEC104_STATIONS;
    if (s->stations_known >> slot & 1 && s->stations[slot] == common_address)
        return;
    char number[8];
    struct cd_text t = cd_text_of(number, sizeof number);
    struct cd_subject station = cd_subject_server(m);
    if (!s->stations_known)
        cd_report_fact(m, &station, CD_ATTRIBUTE_ROLE, "rtu", 60);
    s->stations[slot] = common_address;
    s->stations_known |= (uint8_t)(1u << slot);
    cd_text_u64(&t, common_address);
    cd_report_fact(m, &station, CD_ATTRIBUTE_INSTANCE, number, 95);
}

static void text_address(struct cd_text *t, const struct cd_iec104_asdu *asdu)
{
    if (asdu->common_address == CD_IEC104_ALL_STATIONS) {
        cd_text_str(t, "all stations");
        return;
    }
    cd_text_str(t, "CA ");
    cd_text_u64(t, asdu->common_address);
}

/* Commands say what to do and whether that is only selected (101 7.2.6.15 to 7.2.6.17, 7.2.6.39). Set-points leave out their value: it
 * changes too often to tell operations apart by. */
static void text_command(struct cd_text *t, const struct cd_iec104_asdu *asdu, struct cd_reader *element)
{
    static const char *const doubles[] = {" not permitted", " off", " on", " not permitted"};
    static const char *const steps[] = {" not permitted", " lower", " higher", " not permitted"};
    enum { SELECT = 0x80 };
    unsigned kind = asdu->type < 58 ? asdu->type - 45u : asdu->type - 58u; /* 0 single … 5 set-point, 6 bitstring */
    uint8_t qualifier = 0;
    if (kind < 3) {
        qualifier = cd_read_u8(element, "command qualifier");
        cd_text_str(t, kind == 0 ? (qualifier & 1 ? " on" : " off") : (kind == 1 ? doubles : steps)[qualifier & 3]);
    } else if (kind < 6) {
        cd_read_skip(element, kind == 5 ? 4 : 2, "set-point");
        qualifier = cd_read_u8(element, "set-point qualifier");
    }
    if (qualifier & SELECT)
        cd_text_str(t, " select");
}

/* 101 7.2.6.22 and 7.2.6.23: of interrogations 20 is the station and 21 to 36 its groups, of counters 5 is all and 1 to 4 are groups. */
static void text_interrogation(struct cd_text *t, uint8_t type, uint8_t qualifier)
{
    static const char *const freezes[] = {"", " freeze", " freeze with reset", " reset"};
    unsigned request = type == 100 ? qualifier : qualifier & 0x3f;
    unsigned all = type == 100 ? 20 : 5, before_groups = type == 100 ? 20 : 0;
    if (request == all) {
        cd_text_str(t, type == 100 ? " station" : " general");
    } else {
        cd_text_str(t, " group ");
        cd_text_u64(t, request > before_groups ? request - before_groups : 0);
    }
    if (type == 101)
        cd_text_str(t, freezes[qualifier >> 6]);
}

/* 101 7.2.6.30: select and call qualifiers; names of files are numbers. */
static void text_file(struct cd_text *t, const struct cd_iec104_asdu *asdu, struct cd_reader *element)
{
    static const char *const calls[] = {"",        " select",         " request",         " deactivate",
                                        " delete", " select section", " request section", " deactivate section"};
    cd_text_str(t, " file ");
    cd_text_u64(t, cd_read_le16(element, "name of file"));
    if (asdu->type != 122)
        return;
    cd_read_skip(element, 1, "name of section");
    cd_text_str(t, calls[cd_read_u8(element, "select and call qualifier") & 7]);
}

/* Commands and what is asked for are told with the object's address; data with the cause alone, as stations have many points. */
static void text_target(struct cd_text *t, const struct cd_iec104_asdu *asdu)
{
    struct cd_reader element = asdu->objects;
    cd_read_skip(&element, 3, "information object address");
    text_address(t, asdu);
    if (cd_iec104_is_command(asdu->type) && asdu->address) {
        cd_text_str(t, " IOA ");
        cd_text_u64(t, asdu->address);
    }
    if (asdu->type >= 45 && asdu->type <= 64)
        text_command(t, asdu, &element);
    else if (asdu->type == 100 || asdu->type == 101)
        text_interrogation(t, asdu->type, cd_read_u8(&element, "qualifier"));
    else if (asdu->type >= 120 && asdu->type <= 125)
        text_file(t, asdu, &element);
    else if (!cd_iec104_is_command(asdu->type) && asdu->type < 80) {
        cd_text_char(t, ' ');
        cd_text_str(t, cd_iec104_cause_name(asdu->cause));
    }
    if (asdu->cause == CD_IEC104_DEACTIVATION)
        cd_text_str(t, " cancel");
    if (asdu->test)
        cd_text_str(t, " (test)");
}

/* What belongs together has type, common address and object address in common; deactivations are confirmed as such. */
static uint64_t request_id(const struct cd_iec104_asdu *asdu)
{
    bool cancels = asdu->cause == CD_IEC104_DEACTIVATION || asdu->cause == CD_IEC104_DEACTIVATION_CONFIRMATION;
    return (uint64_t)cancels << 48 | (uint64_t)asdu->type << 40 | (uint64_t)asdu->common_address << 24 | asdu->address;
}

static const char *refusal(const struct cd_iec104_asdu *asdu)
{
    if (asdu->cause >= CD_IEC104_UNKNOWN_TYPE && asdu->cause <= CD_IEC104_UNKNOWN_ADDRESS)
        return cd_iec104_cause_name(asdu->cause);
    return asdu->negative ? "negative confirmation" : NULL;
}

static bool is_answer(uint8_t cause)
{
    return (cause >= CD_IEC104_UNKNOWN_TYPE && cause <= CD_IEC104_UNKNOWN_ADDRESS) ||
           cause == CD_IEC104_ACTIVATION_CONFIRMATION || cause == CD_IEC104_DEACTIVATION_CONFIRMATION ||
           cause == CD_IEC104_ACTIVATION_TERMINATION;
}

/* Answers to commands: a confirmation, and for what takes its time a termination later (101 6.8): until then the request stays open. What was
 * asked of all stations is answered by each under its own address. */
static void report_answer(struct cd_message *m, const struct cd_operation *op, struct cd_iec104_asdu asdu)
{
    const char *error = refusal(&asdu);
    bool goes_on = !error && asdu.type < 102 && asdu.cause == CD_IEC104_ACTIVATION_CONFIRMATION;
    if (cd_report_recall(m, request_id(&asdu)) != ASKED) {
        uint16_t own = asdu.common_address;
        asdu.common_address = CD_IEC104_ALL_STATIONS;
        if (cd_report_recall(m, request_id(&asdu)) == ASKED)
            goes_on = !error;
        else
            asdu.common_address = own;
    }
    if (goes_on)
        cd_report_response_part(m, op, request_id(&asdu));
    else
        cd_report_response(m, op, request_id(&asdu), error);
}

static void report_asdu(struct cd_message *m, const struct cd_iec104_asdu *asdu)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    const struct cd_iec104_type *type = cd_iec104_type_of(asdu->type);
    struct cd_operation op = {.name = type ? type->name : "reserved type",
                              .code = asdu->type,
                              .class = type ? type->class : CD_CLASS_OTHER,
                              .target = target};
    bool command = cd_iec104_is_command(asdu->type);
    bool asks = asdu->cause == CD_IEC104_ACTIVATION || asdu->cause == CD_IEC104_DEACTIVATION ||
                asdu->cause == CD_IEC104_REQUEST;
    /* Who is controlling station shows in the type and cause, whichever end opened the connection; files go both ways. */
    if (command)
        m->from_client = asks;
    else if (asdu->type < 80)
        m->from_client = false;
    text_target(&t, asdu);
    if (command && asks) {
        cd_report_request(m, &op, request_id(asdu));
        cd_report_remember(m, request_id(asdu), ASKED);
    } else if (command && is_answer(asdu->cause)) {
        report_answer(m, &op, *asdu);
    } else {
        cd_report_notice(m, &op);
    }
    if (!m->from_client && asdu->cause != CD_IEC104_UNKNOWN_STATION)
        note_station(m, asdu->common_address);
    if (!type)
        cd_report_event(m, CD_EVENT_VIOLATION, "reserved type identification");
    if (!cd_iec104_objects_fit(asdu))
        cd_report_malformed(m, "information objects");
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    const struct cd_iec104_state *s = m->state;
    struct cd_iec104_apci apci;
    struct cd_iec104_asdu asdu;
    if (!cd_iec104_parse(r, &apci)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (apci.format == CD_IEC104_U) {
        report_function(m, apci.function);
        return;
    }
    follow_numbers(m, &apci);
    if (apci.format == CD_IEC104_S)
        return;
    if (s->stopped)
        cd_report_event(m, CD_EVENT_VIOLATION, "data after STOPDT was confirmed");
    if (cd_iec104_parse_asdu(&apci.asdu, &asdu))
        report_asdu(m, &asdu);
    else
        cd_report_malformed(m, apci.asdu.bad);
}

const struct cd_dissector cd_dissector_iec104 = {
    .name = "iec104",
    .tcp_ports = {2404},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = 2 + CD_IEC104_LENGTH_MAX,
    .state_size = sizeof(struct cd_iec104_state),
};

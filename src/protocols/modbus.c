/* Modbus: recognising it, framing it, and what a message tells. */
#include "protocols/modbus.h"

#include "base/text.h"
#include "protocols/umas.h"

enum {
    MODBUS_PORT = 502,
    UNIT_LAST = 247, /* the last serial address */
    TARGET_MAX = 128,
    PRINTABLE_MIN = 4, /* a run of text in a server id is a name from this length on */
    MEI_DEVICE_IDENTIFICATION = 14,
};

enum framing { FRAMING_UNKNOWN, FRAMING_TCP, FRAMING_RTU };

struct state {
    uint8_t framing;   /* enum framing; once known it holds for the flow */
    uint8_t several;   /* more than one serial unit has answered: this is a gateway */
    uint8_t units[32]; /* a bit for each unit that has answered */
};

/* ---- recognising and framing ---- */

/* Whether an ADU's quantities and lengths are those of its function: what tells Modbus from other things that begin with zeros. */
static bool plausible(const uint8_t *pdu, size_t len, bool request)
{
    int expected = cd_modbus_pdu_length(request, pdu, len);
    if (expected <= 0 || (size_t)expected != len)
        return false;
    const struct cd_modbus_function *f = cd_modbus_function(pdu[0] & 0x7f);
    if (pdu[0] & 0x80)
        return f->class != CD_CLASS_OTHER && pdu[1] >= 1 && pdu[1] <= 11;
    if (request && f->quantity_max) {
        unsigned quantity = (unsigned)(pdu[3] << 8 | pdu[4]);
        return quantity >= 1 && quantity <= f->quantity_max;
    }
    return true;
}

/* Other protocols of the field have the same CRC at the same place (ROC): only a request is enough on a foreign port, and not one whose quantity or
 * value is a multiple of 256, since an operation code and the length 0 look so. */
static int probe_rtu(const uint8_t *bytes, size_t len, bool request)
{
    int pdu = cd_modbus_pdu_length(request, bytes + 1, len - 1);
    if (pdu <= 0 || (size_t)pdu + 3 != len || bytes[0] > UNIT_LAST)
        return CD_PROBE_NO; /* the length first, since the CRC costs more */
    if (cd_modbus_rtu_length(request, bytes, len) != (int)len)
        return CD_PROBE_NO;
    bool doubtful = len == 8 && bytes[1] <= 6 && bytes[4] && !bytes[5] && !(bytes[1] == 5 && bytes[4] == 0xff);
    return request && !doubtful && plausible(bytes + 1, (size_t)pdu, true) ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)transport;
    if (len < 5)
        return CD_PROBE_NO;
    int rtu = probe_rtu(bytes, len, from_client);
    if (rtu != CD_PROBE_NO)
        return rtu;
    if (len < CD_MODBUS_HEADER + 1 || bytes[2] || bytes[3])
        return CD_PROBE_NO;
    size_t length = (size_t)(bytes[4] << 8 | bytes[5]);
    if (length < 2 || length > CD_MODBUS_LONG_MAX)
        return CD_PROBE_NO;
    if (length <= CD_MODBUS_LENGTH_MAX && len >= length + 6 && plausible(bytes + 7, length - 1, from_client))
        return len == length + 6 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
    return CD_PROBE_MAYBE;
}

static ssize_t frame_tcp(const uint8_t *bytes, size_t len)
{
    if (len >= 4 && (bytes[2] || bytes[3]))
        return CD_FRAME_NOT_OURS;
    if (len < 6)
        return CD_FRAME_MORE;
    size_t length = (size_t)(bytes[4] << 8 | bytes[5]);
    if (length < 2 || length > CD_MODBUS_LONG_MAX)
        return CD_FRAME_NOT_OURS;
    return (ssize_t)length + 6;
}

static ssize_t frame_rtu(const uint8_t *bytes, size_t len, bool from_client)
{
    return cd_modbus_rtu_length(from_client, bytes, len);
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct state *s = state;
    if (s->framing == FRAMING_RTU)
        return frame_rtu(bytes, len, from_client);
    if (s->framing == FRAMING_TCP)
        return frame_tcp(bytes, len);
    /* The first message decides. An RTU request for address 0 looks like a Modbus/TCP header, but not the other way round: the CRC tells. */
    ssize_t rtu = frame_rtu(bytes, len, from_client);
    if (rtu > 0)
        return rtu;
    ssize_t tcp = frame_tcp(bytes, len);
    if (tcp == CD_FRAME_NOT_OURS)
        return rtu;
    return tcp;
}

/* ---- who ---- */

/* The subject of facts about a unit. Units 0 and 255 are the device itself. The rest are devices behind a gateway, or parts of this one;
 * unit 1 is also the usual setting of devices that have no others: where it stays the only one, the inventory takes it for the device. */
static struct cd_subject unit_subject(const struct cd_message *m, uint8_t unit, char nested[16])
{
    struct cd_subject server = cd_subject_server(m);
    if (unit == 0 || unit > UNIT_LAST)
        return server;
    struct cd_text t = cd_text_of(nested, 16);
    cd_text_str(&t, "modbus:");
    cd_text_u64(&t, unit);
    return cd_subject_nested(server, nested);
}

static void report_unit(struct cd_message *m, uint8_t unit)
{
    char nested[16], number[4];
    struct cd_subject subject = unit_subject(m, unit, nested);
    struct cd_text t = cd_text_of(number, sizeof number);
    cd_text_u64(&t, unit);
    cd_report_fact(m, &subject, CD_ATTRIBUTE_INSTANCE, number, 95);
}

/* Serial units that answer, from the second one on: they are told as children of the gateway. */
static void note_unit(struct cd_message *m, uint8_t unit)
{
    struct state *s = m->state;
    uint8_t bit = (uint8_t)(1u << (unit & 7));
    if (unit == 0 || unit > UNIT_LAST || s->units[unit >> 3] & bit)
        return;
    bool first = true;
    for (size_t i = 0; i < sizeof s->units; i++)
        first = first && s->units[i] == 0;
    s->units[unit >> 3] |= bit;
    if (first)
        return;
    if (s->several) {
        report_unit(m, unit);
        return;
    }
    s->several = 1;
    for (unsigned u = 1; u <= UNIT_LAST; u++)
        if (s->units[u >> 3] >> (u & 7) & 1)
            report_unit(m, (uint8_t)u);
    struct cd_subject server = cd_subject_server(m);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "gateway", 60);
}

/* ---- what ---- */

static void text_range(struct cd_text *t, const struct cd_modbus_function *f, uint16_t address, uint16_t quantity)
{
    cd_text_char(t, ' ');
    cd_text_str(t, quantity > 1 ? f->many : f->one);
    cd_text_char(t, ' ');
    cd_text_u64(t, address);
    if (quantity > 1) {
        cd_text_char(t, '-');
        cd_text_u64(t, (uint64_t)address + quantity - 1);
    }
}

static void text_groups(struct cd_text *t, const struct cd_modbus_request *request)
{
    for (unsigned i = 0; i < request->groups; i++) {
        const struct cd_modbus_file_group *g = &request->group[i];
        cd_text_str(t, i ? ", file " : " file ");
        cd_text_u64(t, g->file);
        cd_text_str(t, g->length > 1 ? " records " : " record ");
        cd_text_u64(t, g->record);
        if (g->length > 1) {
            cd_text_char(t, '-');
            cd_text_u64(t, (uint64_t)g->record + g->length - 1);
        }
    }
    if (request->total_groups > request->groups)
        cd_text_str(t, ", ...");
}

static void describe_request(struct cd_text *t, const struct cd_modbus_adu *adu,
                             const struct cd_modbus_request *request, struct cd_operation *op)
{
    const struct cd_modbus_function *f = cd_modbus_function(adu->function);
    switch (adu->function) {
    case 8:
        op->name = cd_modbus_diagnostic_name(request->sub_function, &op->class);
        cd_text_str(t, " sub-function ");
        cd_text_u64(t, request->sub_function);
        break;
    case 5:
        text_range(t, f, request->address, 1);
        cd_text_str(t, request->value == 0xff00 ? " on" : request->value == 0 ? " off" : " undefined value");
        break;
    case 20:
    case 21: text_groups(t, request); break;
    case 23:
        cd_text_str(t, " read");
        text_range(t, f, request->address, request->quantity);
        cd_text_str(t, ", write");
        text_range(t, f, request->write_address, request->write_quantity);
        break;
    case 43:
        if (request->sub_function == MEI_DEVICE_IDENTIFICATION) {
            op->name = "read device identification";
            op->class = CD_CLASS_IDENTIFY;
        } else if (request->sub_function == 13) {
            op->name = "canopen general reference";
            cd_text_str(t, " canopen");
        }
        break;
    default:
        if (f->one)
            text_range(t, f, request->address, request->quantity);
        break;
    }
}

/* Quantities the standard does not allow (6.1 to 6.17): well formed, and often the work of a scanner. */
static void check_quantities(struct cd_message *m, const struct cd_modbus_adu *adu,
                             const struct cd_modbus_request *request)
{
    uint16_t most = cd_modbus_function(adu->function)->quantity_max;
    if (most && (request->quantity == 0 || request->quantity > most))
        cd_report_event(m, CD_EVENT_VIOLATION, "quantity out of range");
    else if (most && (uint32_t)request->address + request->quantity > 0x10000)
        cd_report_event(m, CD_EVENT_VIOLATION, "address range beyond 65535");
}

/* Pairs a response with its request: by the transaction, the unit and the function, since some clients never count their transactions up. A serial
 * line has one request open at a time and no transactions. */
static uint64_t request_id(const struct cd_modbus_adu *adu)
{
    return (uint64_t)adu->rtu << 32 | (uint64_t)adu->transaction << 16 | (uint64_t)adu->unit << 8 | adu->function;
}

static void report_request(struct cd_message *m, const struct cd_modbus_adu *adu)
{
    const struct cd_modbus_function *f = cd_modbus_function(adu->function);
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    cd_text_str(&t, "unit ");
    cd_text_u64(&t, adu->unit);
    struct cd_operation op = {.name = f->name, .code = adu->function, .class = f->class, .target = target};
    struct cd_modbus_request request;
    const char *bad = NULL;
    bool parsed = cd_modbus_parse_request(adu, &request, &bad);
    if (parsed)
        describe_request(&t, adu, &request, &op);
    cd_report_request(m, &op, request_id(adu));
    if (!parsed)
        cd_report_malformed(m, bad);
    else
        check_quantities(m, adu, &request);
}

/* ---- what identifies ---- */

static void report_object(struct cd_message *m, const struct cd_subject *s, uint8_t id, const uint8_t *value,
                          size_t len)
{
    switch (id) {
    case 0: cd_report_fact_bytes(m, s, CD_ATTRIBUTE_VENDOR, value, len, 95); break;
    case 1: /* the product code is all the model there is at the basic conformity level */
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_ORDER_NUMBER, value, len, 95);
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_MODEL, value, len, 80);
        break;
    case 2: cd_report_fact_bytes(m, s, CD_ATTRIBUTE_FIRMWARE, value, len, 95); break;
    case 3: cd_report_fact_bytes(m, s, CD_ATTRIBUTE_DESCRIPTION, value, len, 60); break; /* vendor's URL */
    case 4: cd_report_fact_bytes(m, s, CD_ATTRIBUTE_MODEL, value, len, 95); break;       /* product name */
    case 5: cd_report_fact_bytes(m, s, CD_ATTRIBUTE_MODEL, value, len, 96); break;       /* model name */
    case 6: cd_report_fact_bytes(m, s, CD_ATTRIBUTE_PROGRAM, value, len, 90); break;     /* user application name */
    default: break; /* 7..127 reserved, 128..255 the vendor's own */
    }
}

/* Function 43 / 14 response (6.21): code, conformity, more follows, next object, number of objects, objects. */
static void report_identification(struct cd_message *m, const struct cd_modbus_adu *adu)
{
    char nested[16];
    struct cd_subject subject = unit_subject(m, adu->unit, nested);
    struct cd_reader r = cd_reader_of(adu->data, adu->data_len);
    cd_read_skip(&r, 5, "read device id header");
    uint8_t objects = cd_read_u8(&r, "number of objects");
    for (unsigned i = 0; i < objects && cd_read_ok(&r); i++) {
        uint8_t id = cd_read_u8(&r, "object id");
        uint8_t len = cd_read_u8(&r, "object length");
        const uint8_t *value = cd_read_at(&r, len, "object value");
        if (value)
            report_object(m, &subject, id, value, len);
    }
}

/* Function 17 response (6.13): server id and run indicator have no fixed place, but nearly all send one byte of id, then the indicator, then text. */
static void report_server_id(struct cd_message *m, const struct cd_modbus_adu *adu)
{
    char nested[16];
    struct cd_subject subject = unit_subject(m, adu->unit, nested);
    const uint8_t *bytes = adu->data + 1;
    size_t len = adu->data_len - 1, best = 0, best_len = 0;
    for (size_t i = 0, run = 0; i < len; i++) {
        run = bytes[i] >= 0x20 && bytes[i] < 0x7f ? run + 1 : 0;
        if (run > best_len) {
            best_len = run;
            best = i + 1 - run;
        }
    }
    if (best_len >= PRINTABLE_MIN)
        cd_report_fact_bytes(m, &subject, CD_ATTRIBUTE_MODEL, bytes + best, best_len, 60);
    if (len >= 2 && best != 0 && (bytes[1] == 0xff || bytes[1] == 0))
        cd_report_fact(m, &subject, CD_ATTRIBUTE_STATE, bytes[1] ? "run" : "stop", 80);
}

static void report_answer(struct cd_message *m, const struct cd_modbus_adu *adu)
{
    if (adu->function == 43 && adu->data_len >= 6 && adu->data[0] == MEI_DEVICE_IDENTIFICATION)
        report_identification(m, adu);
    else if (adu->function == 17 && adu->data_len >= 2)
        report_server_id(m, adu);
}

static void report_response(struct cd_message *m, const struct cd_modbus_adu *adu)
{
    const struct cd_modbus_function *f = cd_modbus_function(adu->function);
    const char *error = NULL, *bad = cd_modbus_check_response(adu);
    if (adu->is_exception)
        error = cd_modbus_exception_name(bad ? 0 : adu->data[0]);
    struct cd_operation op = {.name = f->name, .code = adu->function, .class = f->class, .target = ""};
    cd_report_response(m, &op, request_id(adu), error);
    if (bad) {
        cd_report_malformed(m, bad);
        return;
    }
    if (adu->is_exception && (adu->data[0] == 10 || adu->data[0] == 11)) {
        struct cd_subject server = cd_subject_server(m); /* it answers for a unit that does not */
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "gateway", 80);
        return;
    }
    if (adu->is_exception)
        return; /* many devices refuse on behalf of any unit: no sign of one */
    note_unit(m, adu->unit);
    report_answer(m, adu);
}

/* Function 90 carries UMAS, whose operations are counted under their own name beside it. */
static void report_umas(struct cd_message *m, const struct cd_modbus_adu *adu)
{
    char nested[16];
    struct cd_subject unit = unit_subject(m, adu->unit, nested);
    const char *error = NULL;
    if (adu->is_exception && m->from_client)
        return;
    if (adu->is_exception)
        error = cd_modbus_exception_name(adu->data_len ? adu->data[0] : 0);
    cd_umas_report(m, adu, &unit, error);
}

/* RTU is told by its CRC where the flow has not decided yet; datagrams decide each for themselves. */
static bool is_rtu(const struct cd_message *m, const struct cd_reader *r)
{
    const struct state *s = m->state;
    if (s->framing != FRAMING_UNKNOWN)
        return s->framing == FRAMING_RTU;
    return cd_modbus_rtu_length(m->from_client, r->base, r->len) == (int)r->len;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_modbus_adu adu;
    bool rtu = is_rtu(m, r);
    bool parsed = rtu ? cd_modbus_parse_rtu(r, &adu) : m->cut ? cd_modbus_parse_cut(r, &adu) : cd_modbus_parse(r, &adu);
    if (!parsed) {
        cd_report_malformed(m, r->bad);
        return;
    }
    s->framing = rtu ? FRAMING_RTU : FRAMING_TCP;
    if (m->client_port == MODBUS_PORT && m->server_port != MODBUS_PORT)
        m->from_client =
            !m->from_client; /* some scanners connect from the server's port; and the ends of a flow seen late can be confused */
    if (m->from_client)
        report_request(m, &adu);
    else
        report_response(m, &adu);
    if (adu.function == CD_UMAS_MODBUS_FUNCTION)
        report_umas(m, &adu);
    if (m->from_client && adu.is_exception)
        cd_report_event(m, CD_EVENT_VIOLATION, "exception bit in a request");
    if (!rtu && adu.data_len + 2 > CD_MODBUS_LENGTH_MAX && adu.function != 90)
        cd_report_event(m, CD_EVENT_VIOLATION, "longer than 254 bytes");
}

const struct cd_dissector cd_dissector_modbus = {
    .name = "modbus",
    .tcp_ports = {502},
    .udp_ports = {502},
    .probe = probe,
    .probe_by_direction = true,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_MODBUS_LONG_MAX + 6,
    .state_size = sizeof(struct state),
};

#include "protocols/umas.h"

#include "base/text.h"

enum {
    TARGET_MAX = 96,
    KNOWN = 0x100, /* with the function: the note of an open request */
    VARIABLES_SHOWN = 3,
    CONFIDENCE_PLATE = 95,
    CONFIDENCE_NAME = 80,
    PROJECT_NAME_AT =
        38, /* in the answer to "read project info": two signatures of 9 bytes, two dates of 8, the version of 4 */
};

/* ---- parsing ---- */

bool cd_umas_parse(struct cd_reader *r, struct cd_umas_pdu *ret)
{
    struct cd_umas_pdu p = {.session = cd_read_u8(r, "umas session")};
    p.function = cd_read_u8(r, "umas function");
    p.data = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

bool cd_umas_parse_identity(struct cd_reader *r, struct cd_umas_identity *ret)
{
    struct cd_umas_identity id = {0};
    cd_read_skip(r, 2, "range");
    cd_read_skip(r, 4, "identification");
    id.model = cd_read_le16(r, "model");
    id.firmware = cd_read_le16(r, "firmware version");
    id.firmware_patch = cd_read_le16(r, "firmware patch");
    cd_read_skip(r, 2, "internal version");
    id.hardware = cd_read_le16(r, "hardware version");
    cd_read_skip(r, 6, "crash code");
    id.name = cd_read_sub(r, cd_read_u8(r, "name length"), "name");
    if (!cd_read_ok(r))
        return false;
    *ret = id;
    return true;
}

/* ---- names ---- */

/* "Upload" and "download" in the words of Unity Pro's protocol: seen from the PLC. */
struct cd_umas_name cd_umas_function_name(uint8_t function)
{
    switch (function) {
    case CD_UMAS_INIT_COMM: return (struct cd_umas_name){"initialize communication", CD_CLASS_SESSION};
    case CD_UMAS_READ_ID: return (struct cd_umas_name){"read id", CD_CLASS_IDENTIFY};
    case CD_UMAS_READ_PROJECT_INFO: return (struct cd_umas_name){"read project info", CD_CLASS_IDENTIFY};
    case 0x04: return (struct cd_umas_name){"read plc info", CD_CLASS_IDENTIFY};
    case 0x06: return (struct cd_umas_name){"read card info", CD_CLASS_IDENTIFY};
    case 0x0a: return (struct cd_umas_name){"repeat", CD_CLASS_DIAGNOSE};
    case CD_UMAS_TAKE_RESERVATION: return (struct cd_umas_name){"take plc reservation", CD_CLASS_SESSION};
    case 0x11: return (struct cd_umas_name){"release plc reservation", CD_CLASS_SESSION};
    case 0x12: return (struct cd_umas_name){"keep plc reservation", CD_CLASS_SESSION};
    case CD_UMAS_READ_MEMORY_BLOCK: return (struct cd_umas_name){"read memory block", CD_CLASS_READ};
    case CD_UMAS_WRITE_MEMORY_BLOCK: return (struct cd_umas_name){"write memory block", CD_CLASS_WRITE};
    case CD_UMAS_READ_VARIABLES: return (struct cd_umas_name){"read variables", CD_CLASS_READ};
    case CD_UMAS_WRITE_VARIABLES: return (struct cd_umas_name){"write variables", CD_CLASS_WRITE};
    case 0x24: return (struct cd_umas_name){"read coils and registers", CD_CLASS_READ};
    case 0x25: return (struct cd_umas_name){"write coils and registers", CD_CLASS_WRITE};
    case 0x26: return (struct cd_umas_name){"read data dictionary", CD_CLASS_READ};
    case 0x28: return (struct cd_umas_name){"read physical address", CD_CLASS_READ};
    case 0x29:
        return (struct cd_umas_name){"write physical address", CD_CLASS_PROGRAM}; /* M221: the program's memory */
    case 0x30: return (struct cd_umas_name){"initialize upload (to the plc)", CD_CLASS_PROGRAM};
    case 0x31: return (struct cd_umas_name){"upload block (to the plc)", CD_CLASS_PROGRAM};
    case 0x32: return (struct cd_umas_name){"end upload (to the plc)", CD_CLASS_PROGRAM};
    case 0x33: return (struct cd_umas_name){"initialize download (from the plc)", CD_CLASS_PROGRAM};
    case 0x34: return (struct cd_umas_name){"download block (from the plc)", CD_CLASS_PROGRAM};
    case 0x35: return (struct cd_umas_name){"end download (from the plc)", CD_CLASS_PROGRAM};
    case 0x39: return (struct cd_umas_name){"read ethernet master data", CD_CLASS_READ};
    case 0x40: return (struct cd_umas_name){"start plc", CD_CLASS_MODE};
    case 0x41: return (struct cd_umas_name){"stop plc", CD_CLASS_MODE};
    case 0x50: return (struct cd_umas_name){"monitor plc", CD_CLASS_READ};
    case 0x58: return (struct cd_umas_name){"check plc", CD_CLASS_DIAGNOSE};
    case 0x70: return (struct cd_umas_name){"read io object", CD_CLASS_READ};
    case 0x71: return (struct cd_umas_name){"write io object", CD_CLASS_CONTROL};
    case 0x73: return (struct cd_umas_name){"get module status", CD_CLASS_DIAGNOSE};
    default: return (struct cd_umas_name){NULL, CD_CLASS_OTHER};
    }
}

/* ---- requests ---- */

/* Client identification (4), length, name: "USER-714E74F21B". */
static void describe_reservation(struct cd_message *m, struct cd_text *t, struct cd_reader r)
{
    struct cd_subject client = cd_subject_client(m);
    cd_read_skip(&r, 4, "client identification");
    struct cd_reader name = cd_read_sub(&r, cd_read_u8(&r, "client name length"), "client name");
    if (!cd_read_ok(&r) || name.len == 0)
        return;
    cd_text_str(t, " by ");
    cd_text_device(t, name.base, name.len);
    cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_NAME, name.base, name.len, CONFIDENCE_NAME);
}

static void describe_block(struct cd_text *t, struct cd_reader r)
{
    cd_read_skip(&r, 1, "range");
    uint16_t block = cd_read_le16(&r, "block number");
    if (!cd_read_ok(&r))
        return;
    cd_text_str(t, " block "); /* its offset goes on with each request as a whole block is read */
    cd_text_u64(t, block);
}

/* Signature of the project (4), count, and for each variable: size and whether an array, block (2), 1, base (2), offset, [elements (2)], value where
 * written. */
static void describe_variables(struct cd_text *t, struct cd_reader r, bool write)
{
    static const uint8_t sizes[] = {0, 1, 2, 4, 8}; /* by the index in the low half of the first byte */
    cd_read_skip(&r, 4, "project signature");
    uint8_t count = cd_read_u8(&r, "variable count");
    for (unsigned i = 0; i < count && i < VARIABLES_SHOWN; i++) {
        uint8_t kind = cd_read_u8(&r, "variable size"), index = kind & 0x0f;
        uint16_t block = cd_read_le16(&r, "variable block");
        cd_read_skip(&r, 1, "variable");
        uint32_t address = cd_read_le16(&r, "variable base");
        address += cd_read_u8(&r, "variable offset");
        uint32_t elements = kind & 0xf0 ? cd_read_le16(&r, "variable elements") : 1;
        if (!cd_read_ok(&r))
            return;
        cd_text_str(t, i ? ", block " : " block ");
        cd_text_u64(t, block);
        cd_text_str(t, " offset ");
        cd_text_u64(t, address);
        if (write && index >= sizeof sizes)
            return;
        if (write)
            cd_read_skip(&r, (size_t)sizes[index] * elements, "variable value");
    }
    if (count > VARIABLES_SHOWN) {
        cd_text_str(t, " and ");
        cd_text_u64(t, count - (unsigned)VARIABLES_SHOWN);
        cd_text_str(t, " more");
    }
}

/* Beside modbus' own ids of the same flow. */
static uint64_t exchange(const struct cd_modbus_adu *adu)
{
    return (uint64_t)1 << 40 | (uint64_t)adu->rtu << 32 | (uint64_t)adu->transaction << 16 | (uint64_t)adu->unit << 8;
}

static void report_request(struct cd_message *m, const struct cd_modbus_adu *adu, const struct cd_umas_pdu *p)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_umas_name name = cd_umas_function_name(p->function);
    struct cd_operation op = {
        .name = name.name ? name.name : "unknown function", .code = p->function, .class = name.class, .target = target};
    cd_text_str(&t, "unit ");
    cd_text_u64(&t, adu->unit);
    switch (p->function) {
    case CD_UMAS_TAKE_RESERVATION: describe_reservation(m, &t, p->data); break;
    case CD_UMAS_READ_MEMORY_BLOCK:
    case CD_UMAS_WRITE_MEMORY_BLOCK: describe_block(&t, p->data); break;
    case CD_UMAS_READ_VARIABLES:
    case CD_UMAS_WRITE_VARIABLES: describe_variables(&t, p->data, p->function == CD_UMAS_WRITE_VARIABLES); break;
    default: break;
    }
    cd_report_request(m, &op, exchange(adu));
    cd_report_remember(m, exchange(adu), KNOWN | p->function);
}

/* ---- responses ---- */

/* Version numbers are binary-coded decimals: 0x0270 is V2.70. */
static void report_identity(struct cd_message *m, const struct cd_subject *unit, struct cd_reader r)
{
    struct cd_umas_identity id;
    char text[16];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!cd_umas_parse_identity(&r, &id))
        return; /* older PLCs may answer shorter */
    cd_report_fact(m, unit, CD_ATTRIBUTE_VENDOR, "Schneider Electric", CONFIDENCE_PLATE);
    cd_report_fact(m, unit, CD_ATTRIBUTE_ROLE, "plc", CONFIDENCE_PLATE);
    cd_report_fact_bytes(m, unit, CD_ATTRIBUTE_MODEL, id.name.base, id.name.len, CONFIDENCE_PLATE);
    cd_text_char(&t, 'V');
    cd_text_hex(&t, id.firmware >> 8, 1);
    cd_text_char(&t, '.');
    cd_text_hex(&t, id.firmware & 0xff, 2);
    cd_report_fact(m, unit, CD_ATTRIBUTE_FIRMWARE, text, CONFIDENCE_PLATE);
    t = cd_text_of(text, sizeof text);
    cd_text_u64(&t, id.hardware);
    cd_report_fact(m, unit, CD_ATTRIBUTE_HARDWARE, text, CONFIDENCE_NAME);
}

static void report_project(struct cd_message *m, const struct cd_subject *unit, struct cd_reader r)
{
    cd_read_skip(&r, PROJECT_NAME_AT, "project signatures");
    struct cd_reader name = cd_read_sub(&r, cd_read_u8(&r, "project name length"), "project name");
    if (cd_read_ok(&r) && cd_read_left(&r) == 0)
        cd_report_fact_bytes(m, unit, CD_ATTRIBUTE_PROGRAM, name.base, name.len, CONFIDENCE_PLATE);
}

/* Largest message (2), firmware (2), 8 bytes, length, the PLC's name where it was given one. */
static void report_init(struct cd_message *m, const struct cd_subject *unit, struct cd_reader r)
{
    cd_read_skip(&r, 12, "communication parameters");
    struct cd_reader name = cd_read_sub(&r, cd_read_u8(&r, "plc name length"), "plc name");
    if (cd_read_ok(&r))
        cd_report_fact_bytes(m, unit, CD_ATTRIBUTE_NAME, name.base, name.len, CONFIDENCE_NAME);
}

/* Says nothing of its function: that is the request's, where it was seen. */
static void report_response(struct cd_message *m, const struct cd_modbus_adu *adu, const struct cd_subject *unit,
                            const struct cd_umas_pdu *p, const char *error)
{
    static const struct cd_operation unknown = {.name = "response", .class = CD_CLASS_OTHER, .target = ""};
    uint64_t asked = cd_report_recall(m, exchange(adu));
    if (!asked)
        return;
    if (!error && p->function != CD_UMAS_DONE)
        error = p->function == CD_UMAS_REFUSED ? "refused" : "unexpected answer";
    cd_report_response(m, &unknown, exchange(adu), error);
    if (error)
        return;
    switch (asked & 0xff) {
    case CD_UMAS_INIT_COMM: report_init(m, unit, p->data); break;
    case CD_UMAS_READ_ID: report_identity(m, unit, p->data); break;
    case CD_UMAS_READ_PROJECT_INFO: report_project(m, unit, p->data); break;
    default: break;
    }
}

void cd_umas_report(struct cd_message *m, const struct cd_modbus_adu *adu, const struct cd_subject *unit,
                    const char *error)
{
    const struct cd_dissector *carrier = m->dissector;
    struct cd_reader r = cd_reader_of(adu->data, adu->data_len);
    struct cd_umas_pdu p = {0};
    m->dissector = &cd_dissector_umas;
    if (!error && !cd_umas_parse(&r, &p))
        cd_report_malformed(m, r.bad);
    else if (m->from_client)
        report_request(m, adu, &p);
    else
        report_response(m, adu, unit, &p, error);
    m->dissector = carrier; /* the conversation stays modbus */
}

/* Alone, a Modbus/TCP message of function 90; in the sensor modbus reads these and calls cd_umas_report(). */
static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_modbus_adu adu;
    struct cd_subject server = cd_subject_server(m);
    if (!(m->cut ? cd_modbus_parse_cut(r, &adu) : cd_modbus_parse(r, &adu))) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (adu.function == CD_UMAS_MODBUS_FUNCTION)
        cd_umas_report(m, &adu, &server, adu.is_exception && !m->from_client ? "exception" : NULL);
}

const struct cd_dissector cd_dissector_umas = {
    .name = "umas",
    .dissect = dissect,
};

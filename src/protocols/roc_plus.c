/* ROC Plus: messages, logins, and what devices tell of themselves. */
#include "protocols/roc_plus.h"

enum { TARGET_MAX = 96, CRC_POLYNOMIAL = 0xa001, OPERATOR_SHORT = 3, OPERATOR_LONG = 30 };

struct state {
    uint8_t last_opcode; /* of the last request: what an error indicator answers */
    bool told;
};

static uint16_t crc_of(const uint8_t *bytes, size_t len)
{
    uint16_t crc = UINT16_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (uint16_t)(crc >> 1 ^ CRC_POLYNOMIAL) : crc >> 1;
    }
    return crc;
}

bool cd_roc_parse(struct cd_reader *r, struct cd_roc_message *ret)
{
    struct cd_reader whole = *r;
    struct cd_roc_message p = {.to_unit = cd_read_u8(r, "destination unit")};
    p.to_group = cd_read_u8(r, "destination group");
    p.from_unit = cd_read_u8(r, "source unit");
    p.from_group = cd_read_u8(r, "source group");
    p.opcode = cd_read_u8(r, "opcode");
    uint8_t length = cd_read_u8(r, "length");
    p.data = cd_read_sub(r, length, "length");
    uint16_t crc = cd_read_le16(r, "CRC");
    if (!cd_read_ok(r))
        return false;
    const uint8_t *bytes = cd_read_at(&whole, (size_t)CD_ROC_HEADER + length, "length");
    p.bad_crc = bytes && crc_of(bytes, (size_t)CD_ROC_HEADER + length) != crc;
    *ret = p;
    return true;
}

/* ---- who ---- */

/* System configuration: mode 1, port 2, security 1, compatibility 1, opcode revision 1, subtype 1, reserved 11, type 1 (opcode 6). */
static void tell_configuration(struct cd_message *m, struct cd_reader data)
{
    enum { TO_TYPE = 17, RUN = 1, FIRMWARE_UPDATE = 0 };
    struct cd_subject server = cd_subject_server(m);
    uint8_t mode = cd_read_u8(&data, "system mode");
    cd_read_skip(&data, TO_TYPE, "system configuration");
    uint8_t type = cd_read_u8(&data, "type of ROC");
    if (!cd_read_ok(&data)) {
        cd_report_malformed(m, data.bad);
        return;
    }
    const char *name = cd_roc_type_name(type);
    if (name)
        cd_report_fact(m, &server, CD_ATTRIBUTE_MODEL, name, 90);
    cd_report_fact(m, &server, CD_ATTRIBUTE_VENDOR, "Emerson", 80);
    if (mode == RUN || mode == FIRMWARE_UPDATE)
        cd_report_fact(m, &server, CD_ATTRIBUTE_STATE, mode == RUN ? "run" : "firmware update", 85);
}

static void tell_device(struct cd_message *m, const struct cd_roc_message *p)
{
    struct state *s = m->state;
    struct cd_subject server = cd_subject_server(m);
    char number[12];
    struct cd_text t = cd_text_of(number, sizeof number);
    if (s->told)
        return;
    s->told = true;
    cd_text_u64(&t, p->from_unit);
    cd_text_char(&t, '.');
    cd_text_u64(&t, p->from_group);
    cd_report_fact(m, &server, CD_ATTRIBUTE_INSTANCE, number, 80);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "rtu", 80);
}

/* The operator's name, 3 or 30 characters, stands before the password; a logout has it, too. */
static void tell_login(struct cd_message *m, struct cd_reader data)
{
    enum { LOGOUT = 6 };
    struct cd_subject client = cd_subject_client(m);
    size_t len = data.len, name = len >= 2 * OPERATOR_LONG ? OPERATOR_LONG : OPERATOR_SHORT;
    bool session_key = len > OPERATOR_SHORT + 2 + LOGOUT && len < 2 * OPERATOR_LONG;
    const uint8_t *bytes = session_key ? NULL : cd_read_at(&data, name, "operator");
    if (!bytes)
        return;
    while (name && bytes[name - 1] == ' ')
        name--;
    for (size_t i = 0; i < name; i++)
        if (bytes[i] < 0x20 || bytes[i] > 0x7e)
            return;
    cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, bytes, name, 85);
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "ROC Plus login");
}

/* ---- what ---- */

static void report_request(struct cd_message *m, const struct cd_roc_message *p, struct cd_operation op)
{
    struct state *s = m->state;
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    cd_roc_text_target(&t, p);
    op.target = target;
    cd_report_request(m, &op, p->opcode);
    s->last_opcode = p->opcode;
    if (p->opcode == CD_ROC_LOGIN)
        tell_login(m, p->data);
}

static void report_answer(struct cd_message *m, const struct cd_roc_message *p, const struct cd_operation *op)
{
    struct state *s = m->state;
    struct cd_reader data = p->data;
    if (p->opcode == CD_ROC_ERROR) {
        struct cd_operation failed = *op;
        const char *error = cd_roc_error_name(cd_read_u8(&data, "error code"));
        cd_report_response(m, &failed, s->last_opcode, error);
        return;
    }
    if (p->opcode == CD_ROC_SRBX) {
        cd_report_notice(m, op); /* the device speaks of itself */
        return;
    }
    cd_report_response(m, op, p->opcode, NULL);
    if (p->bad_crc)
        return;
    tell_device(m, p);
    if (p->opcode == CD_ROC_SYSTEM_CONFIG && data.len)
        tell_configuration(m, data);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_roc_message p;
    if (!cd_roc_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    const char *name = cd_roc_opcode_name(p.opcode);
    struct cd_operation op = {
        .name = name ? name : "unknown opcode", .code = p.opcode, .class = cd_roc_opcode_class(p.opcode), .target = ""};
    if (p.bad_crc)
        cd_report_event(m, CD_EVENT_VIOLATION, "wrong CRC");
    if (m->from_client)
        report_request(m, &p, op);
    else
        report_answer(m, &p, &op);
}

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_ETH || len < CD_ROC_HEADER + CD_ROC_CRC || !cd_roc_opcode_name(bytes[4]))
        return CD_PROBE_NO;
    size_t length = (size_t)CD_ROC_HEADER + bytes[5];
    if (length + CD_ROC_CRC > len)
        return CD_PROBE_NO;
    return crc_of(bytes, length) == (uint16_t)(bytes[length + 1] << 8 | bytes[length]) ? CD_PROBE_LIKELY : CD_PROBE_NO;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (len < CD_ROC_HEADER)
        return CD_FRAME_MORE;
    return (ssize_t)CD_ROC_HEADER + bytes[5] + CD_ROC_CRC;
}

const struct cd_dissector cd_dissector_roc_plus = {
    .name = "roc-plus",
    .tcp_ports = {CD_ROC_PORT},
    .udp_ports = {CD_ROC_PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = 512,
    .state_size = sizeof(struct state),
};

/* Crimson 3: what registers are read, and what the device answers of itself. */
#include "protocols/crimson_v3.h"

#include "base/text.h"

#include <string.h>

enum {
    READ_MODEL = 0x1a,
    READ_MANUFACTURER = 0x1b,
    MODEL = 0x012a,
    MANUFACTURER = 0x012b,
    TEXT_MAX = 32,
    LENGTH_MIN = 4,
    LENGTH_MAX = 8192
};

bool cd_crimson_parse(struct cd_reader *r, struct cd_crimson_message *ret)
{
    struct cd_crimson_message c;
    uint16_t length = cd_read_be16(r, "length");
    if (length < LENGTH_MIN)
        cd_read_fail(r, "length");
    struct cd_reader body = cd_read_sub(r, length, "length");
    c.reg = cd_read_be16(&body, "register");
    c.operation = cd_read_u8(&body, "operation");
    c.extra = cd_read_u8(&body, "operation");
    c.data = cd_read_rest(&body);
    if (!cd_read_ok(r) || !cd_read_ok(&body))
        return false;
    *ret = c;
    return true;
}

static const char *name_of(uint16_t reg, uint8_t operation)
{
    if (operation == READ_MANUFACTURER && reg == MANUFACTURER)
        return "read manufacturer";
    if (operation == READ_MODEL && reg == MODEL)
        return "read model";
    return "unknown operation";
}

static void report_answer(struct cd_message *m, const struct cd_crimson_message *c)
{
    struct cd_subject server = cd_subject_server(m);
    size_t len = c->data.len ? strnlen((const char *)c->data.base, c->data.len) : 0;
    if (!len)
        return;
    if (c->reg == MANUFACTURER)
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_VENDOR, c->data.base, len, 95);
    else if (c->reg == MODEL)
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_MODEL, c->data.base, len, 95);
    cd_report_fact(m, &server, CD_ATTRIBUTE_SOFTWARE, "Crimson 3", 80);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    char target[TEXT_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_crimson_message c;
    if (!cd_crimson_parse(r, &c)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {
        .name = name_of(c.reg, c.operation), .code = c.operation, .class = CD_CLASS_OTHER, .target = target};
    cd_text_str(&t, "register 0x");
    cd_text_hex(&t, c.reg, 4);
    if (m->from_client) {
        if (c.operation == READ_MODEL || c.operation == READ_MANUFACTURER)
            op.class = CD_CLASS_IDENTIFY;
        cd_report_request(m, &op, c.reg);
        return;
    }
    cd_report_response(m, &op, c.reg, NULL);
    report_answer(m, &c);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    static const uint8_t manufacturer[] = {0, 4, 1, 0x2b, READ_MANUFACTURER, 0},
                         model[] = {0, 4, 1, 0x2a, READ_MODEL, 0};
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < CD_CRIMSON_HEADER)
        return CD_PROBE_NO;
    if (len == sizeof model && (memcmp(bytes, manufacturer, len) == 0 || memcmp(bytes, model, len) == 0))
        return CD_PROBE_LIKELY;
    unsigned length = (unsigned)bytes[0] << 8 | bytes[1];
    return length >= LENGTH_MIN && length + 2 == len && bytes[4] != 0 && bytes[5] == 0 ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (len < 2)
        return CD_FRAME_MORE;
    size_t length = (size_t)bytes[0] << 8 | bytes[1];
    return length >= LENGTH_MIN && length <= LENGTH_MAX ? (ssize_t)length + 2 : CD_FRAME_NOT_OURS;
}

const struct cd_dissector cd_dissector_crimson_v3 = {
    .name = "crimson-v3",
    .tcp_ports = {CD_CRIMSON_PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = LENGTH_MAX + 2,
};

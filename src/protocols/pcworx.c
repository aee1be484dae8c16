/* PC WORX: connecting, and who the controller is. */
#include "protocols/pcworx.h"

#include "base/text.h"

#include <string.h>

enum { RESPONSE = 0x80, REQUEST = 0x01, LENGTH_MAX = 8192, IDENTITY = 0x0295, IDENTITY_ANSWER = 0x8295, TEXT_MAX = 64 };
enum { TYPE = 32, FIRMWARE = 12, DATE = 12, TIME = 12, MODEL = 20 };

bool cd_pcworx_parse(struct cd_reader *r, struct cd_pcworx_message *ret)
{
    struct cd_pcworx_message p = {0};
    uint8_t function = cd_read_u8(r, "function");
    p.response = function & RESPONSE;
    if ((function & ~RESPONSE) != REQUEST)
        cd_read_fail(r, "function");
    p.service = cd_read_u8(r, "service");
    uint16_t length = cd_read_be16(r, "length");
    if (length < CD_PCWORX_HEADER)
        cd_read_fail(r, "length");
    p.sequence = cd_read_be16(r, "sequence number");
    p.data = cd_read_sub(r, cd_read_ok(r) ? (size_t)length - CD_PCWORX_HEADER : 0, "length");
    if (!cd_read_ok(r))
        return false;
    if (!p.response && p.service == CD_PCWORX_ASK) {
        struct cd_reader data = p.data;
        cd_read_skip(&data, 12, "session");
        p.question = cd_read_be16(&data, "question");
    }
    *ret = p;
    return true;
}

bool cd_pcworx_parse_identity(struct cd_reader *r, struct cd_pcworx_identity *ret)
{
    enum { TO_NUMBER = 18, TO_TYPE = 4, TO_FIRMWARE = 4, TO_DATE = 1, TO_MODEL = 49 };
    struct cd_pcworx_identity i;
    cd_read_skip(r, TO_NUMBER, "session");
    if (cd_read_be16(r, "answer") != IDENTITY_ANSWER)
        cd_read_fail(r, "answer");
    cd_read_skip(r, TO_TYPE, "answer");
    i.type = cd_read_at(r, TYPE, "type");
    cd_read_skip(r, TO_FIRMWARE, "type");
    i.firmware = cd_read_at(r, FIRMWARE, "firmware version");
    cd_read_skip(r, TO_DATE, "firmware version");
    i.date = cd_read_at(r, DATE, "firmware date");
    i.time = cd_read_at(r, TIME, "firmware time");
    cd_read_skip(r, TO_MODEL, "hardware");
    i.model = cd_read_at(r, MODEL, "model number");
    if (!cd_read_ok(r))
        return false;
    *ret = i;
    return true;
}

/* ---- reporting ---- */

static void tell(struct cd_message *m, enum cd_attribute attribute, const uint8_t *text, size_t cap,
                 unsigned confidence)
{
    struct cd_subject server = cd_subject_server(m);
    cd_report_fact_bytes(m, &server, attribute, text, strnlen((const char *)text, cap), confidence);
}

static void report_identity(struct cd_message *m, struct cd_reader r)
{
    struct cd_pcworx_identity i;
    struct cd_subject server = cd_subject_server(m);
    char built[TEXT_MAX];
    struct cd_text t = cd_text_of(built, sizeof built);
    if (!cd_pcworx_parse_identity(&r, &i))
        return; /* the answer to another question */
    tell(m, CD_ATTRIBUTE_MODEL, i.type, TYPE, 95);
    tell(m, CD_ATTRIBUTE_FIRMWARE, i.firmware, FIRMWARE, 95);
    tell(m, CD_ATTRIBUTE_ORDER_NUMBER, i.model, MODEL, 95);
    cd_text_str(&t, "firmware of ");
    cd_text_device(&t, i.date, strnlen((const char *)i.date, DATE));
    cd_text_char(&t, ' ');
    cd_text_device(&t, i.time, strnlen((const char *)i.time, TIME));
    cd_report_fact(m, &server, CD_ATTRIBUTE_DESCRIPTION, built, 80);
    cd_report_fact(m, &server, CD_ATTRIBUTE_VENDOR, "Phoenix Contact", 90);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "plc", 90);
}

static const char *service_name(uint8_t service)
{
    switch (service) {
    case CD_PCWORX_CONNECT: return "connect";
    case CD_PCWORX_ASK: return "ask";
    case CD_PCWORX_FETCH: return "fetch answer";
    default: return "unknown service";
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    char target[TEXT_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_pcworx_message p;
    if (!cd_pcworx_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {
        .name = service_name(p.service), .code = p.service, .class = CD_CLASS_OTHER, .target = target};
    if (p.service == CD_PCWORX_CONNECT)
        op.class = CD_CLASS_SESSION;
    else if (p.service == CD_PCWORX_ASK || p.service == CD_PCWORX_FETCH)
        op.class = CD_CLASS_READ;
    m->from_client = !p.response;
    uint64_t id = (uint64_t)p.service << 16 | p.sequence;
    if (p.response) {
        cd_report_response(m, &op, id, NULL);
        if (p.service == CD_PCWORX_FETCH)
            report_identity(m, p.data);
        return;
    }
    if (p.question == IDENTITY) {
        op.class = CD_CLASS_IDENTIFY;
        cd_text_str(&t, "identification");
    } else if (p.question) {
        cd_text_str(&t, "question 0x");
        cd_text_hex(&t, p.question, 4);
    }
    cd_report_request(m, &op, id);
}

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < CD_PCWORX_HEADER || (bytes[0] & 0x7f) != REQUEST || bytes[1] == 0 ||
        bytes[1] > 0x20)
        return CD_PROBE_NO;
    unsigned length = (unsigned)bytes[2] << 8 | bytes[3];
    if (length < CD_PCWORX_HEADER || length > len)
        return CD_PROBE_NO;
    /* The question goes to the interface of this name. */
    return length >= 14 && bytes[1] == CD_PCWORX_CONNECT && len >= 17 && memcmp(bytes + 12, "IBETH", 5) == 0
               ? CD_PROBE_LIKELY
               : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if ((bytes[0] & 0x7f) != REQUEST)
        return CD_FRAME_NOT_OURS;
    if (len < 4)
        return CD_FRAME_MORE;
    size_t length = (size_t)bytes[2] << 8 | bytes[3];
    return length >= CD_PCWORX_HEADER && length <= LENGTH_MAX ? (ssize_t)length : CD_FRAME_NOT_OURS;
}

const struct cd_dissector cd_dissector_pcworx = {
    .name = "pcworx",
    .tcp_ports = {CD_PCWORX_PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = LENGTH_MAX,
};

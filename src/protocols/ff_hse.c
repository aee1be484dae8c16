/* Foundation Fieldbus HSE: which field devices there are, and what is read, written and loaded. */
#include "protocols/ff_hse.h"

#include "base/text.h"

enum {
    OPTION_MESSAGE_NUMBER = 0x80,
    OPTION_INVOKE_ID = 0x40,
    OPTION_TIME_STAMP = 0x20,
    OPTION_EXTENDED_CONTROL = 0x08,
    CONFIRMED = 0x80,
    LENGTH_MAX = 65535,
    LABEL = 32
};
enum sm_service { SM_ANNUNCIATION = 0x10, SM_IDENTIFY = 0x83 };
enum fms_service {
    FMS_REPORT = 0x00,
    FMS_REPORT_LAST = 0x12,
    FMS_REPORT_SUBINDEX = 0x10,
    FMS_REPORT_CHANGE = 0x11,
    FMS_IDENTIFY = 0x81,
    FMS_READ = 0x82,
    FMS_WRITE = 0x83,
    FMS_DOMAIN_FIRST = 0x89,
    FMS_PROGRAM_LAST = 0x97,
    FMS_READ_SUBINDEX = 0xd2,
    FMS_WRITE_SUBINDEX = 0xd3
};

/* ---- parsing ---- */

static size_t trailer_len(uint8_t options)
{
    return (options & OPTION_MESSAGE_NUMBER ? 4u : 0) + (options & OPTION_INVOKE_ID ? 4u : 0) +
           (options & OPTION_TIME_STAMP ? 8u : 0) + (options & OPTION_EXTENDED_CONTROL ? 4u : 0);
}

bool cd_ff_parse(struct cd_reader *r, struct cd_ff_message *ret)
{
    struct cd_ff_message f = {0};
    cd_read_skip(r, 1, "version");
    uint8_t options = cd_read_u8(r, "options");
    uint8_t protocol_type = cd_read_u8(r, "protocol and message type");
    f.protocol = protocol_type >> 2;
    f.type = protocol_type & 3;
    f.service = cd_read_u8(r, "service");
    f.address = cd_read_be32(r, "FDA address");
    uint32_t length = cd_read_be32(r, "length");
    size_t trailer = trailer_len(options);
    if (length < CD_FF_HEADER + trailer || length > LENGTH_MAX)
        cd_read_fail(r, "length");
    if (f.type > CD_FF_ERROR)
        cd_read_fail(r, "message type");
    f.body = cd_read_sub(r, length - CD_FF_HEADER - trailer, "length");
    if (options & OPTION_MESSAGE_NUMBER)
        cd_read_skip(r, 4, "message number");
    f.has_invoke_id = options & OPTION_INVOKE_ID;
    if (f.has_invoke_id)
        f.invoke_id = cd_read_be32(r, "invoke id");
    cd_read_skip(r, (options & OPTION_TIME_STAMP ? 8u : 0) + (options & OPTION_EXTENDED_CONTROL ? 4u : 0), "trailer");
    if (!cd_read_ok(r))
        return false;
    *ret = f;
    return true;
}

bool cd_ff_parse_device(struct cd_reader body, struct cd_ff_device *ret)
{
    enum { BEFORE_ID = 24, BEFORE_VERSION = 12 };
    struct cd_ff_device d;
    cd_read_skip(&body, BEFORE_ID, "state and address");
    d.id = cd_read_sub(&body, LABEL, "device id");
    d.tag = cd_read_sub(&body, LABEL, "PD tag");
    cd_read_skip(&body, BEFORE_VERSION, "repeat time and ports");
    d.version = cd_read_be32(&body, "device version");
    if (!cd_read_ok(&body))
        return false;
    *ret = d;
    return true;
}

/* ---- recognising and framing ---- */

/* Only what all senders write: version 0 or 1, a known service, a length that fits to the byte. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (len < CD_FF_HEADER || bytes[0] > 1 || (bytes[2] & 3) == 3 || bytes[8] || bytes[9])
        return CD_PROBE_NO;
    uint8_t protocol = bytes[2] >> 2;
    size_t length = (size_t)(bytes[10] << 8 | bytes[11]);
    if (protocol < CD_FF_FDA || protocol > CD_FF_LAN || length < CD_FF_HEADER + trailer_len(bytes[1]))
        return CD_PROBE_NO;
    if (transport == CD_TRANSPORT_UDP && length > len)
        return CD_PROBE_NO;
    return CD_PROBE_MAYBE; /* on its ports */
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state, (void)from_client;
    if (len < CD_FF_HEADER)
        return CD_FRAME_MORE;
    size_t length = (size_t)(bytes[10] << 8 | bytes[11]);
    bool ours = bytes[0] <= 1 && !bytes[8] && !bytes[9] && length >= CD_FF_HEADER && (bytes[2] & 3) != 3;
    return ours ? (ssize_t)length : CD_FRAME_NOT_OURS;
}

/* ---- what is told ---- */

static void report_label(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute,
                         const struct cd_reader *label, unsigned confidence)
{
    size_t len = label->len;
    while (len && (label->base[len - 1] == ' ' || label->base[len - 1] == 0))
        len--;
    for (size_t i = 0; i < len; i++)
        if (label->base[i] < ' ' || label->base[i] > '~')
            return; /* visible strings by the standard */
    cd_report_fact_bytes(m, s, attribute, label->base, len, confidence);
}

/* A device id is the maker's number 6, the device type 4 and a serial: "0003511234...". */
static void report_device(struct cd_message *m, const struct cd_ff_message *f)
{
    struct cd_ff_device d;
    struct cd_subject s = cd_subject_sender(m);
    if (!cd_ff_parse_device(f->body, &d))
        return;
    report_label(m, &s, CD_ATTRIBUTE_SERIAL, &d.id, 80);
    report_label(m, &s, CD_ATTRIBUTE_NAME, &d.tag, 80);
}

/* FMS identify: maker, model and revision, of 32 characters each. */
static void report_plate(struct cd_message *m, struct cd_reader body)
{
    struct cd_subject s = cd_subject_sender(m);
    struct cd_reader vendor = cd_read_sub(&body, LABEL, "vendor name");
    struct cd_reader model = cd_read_sub(&body, LABEL, "model name");
    struct cd_reader revision = cd_read_sub(&body, LABEL, "revision");
    if (!cd_read_ok(&body))
        return;
    report_label(m, &s, CD_ATTRIBUTE_VENDOR, &vendor, 90);
    report_label(m, &s, CD_ATTRIBUTE_MODEL, &model, 90);
    report_label(m, &s, CD_ATTRIBUTE_FIRMWARE, &revision, 80);
}

/* "link 4097 node 3 index 301.2"; the link and node where the device is behind this one. */
static void text_target(struct cd_text *t, const struct cd_ff_message *f)
{
    struct cd_reader body = f->body;
    uint8_t s = f->service;
    if (f->protocol != CD_FF_FMS)
        return;
    if (f->address >> 16) {
        cd_text_str(t, "link ");
        cd_text_u64(t, f->address >> 16);
        cd_text_str(t, " node ");
        cd_text_u64(t, f->address >> 8 & 0xff);
    }
    bool report = s == FMS_REPORT || (s >= FMS_REPORT_SUBINDEX && s <= FMS_REPORT_LAST);
    bool access = s == FMS_READ || s == FMS_WRITE || s == FMS_READ_SUBINDEX || s == FMS_WRITE_SUBINDEX;
    if (!report && !access && !(s >= FMS_DOMAIN_FIRST && s <= FMS_PROGRAM_LAST))
        return;
    uint32_t index = cd_read_be32(&body, "index");
    if (!cd_read_ok(&body))
        return;
    cd_text_str(t, t->len ? " index " : "index ");
    cd_text_u64(t, index);
    if (s != FMS_READ_SUBINDEX && s != FMS_WRITE_SUBINDEX && s != FMS_REPORT_SUBINDEX && s != FMS_REPORT_LAST)
        return;
    uint32_t subindex = cd_read_be32(&body, "subindex");
    if (!cd_read_ok(&body))
        return;
    cd_text_char(t, '.');
    cd_text_u64(t, subindex);
}

static void report_operation(struct cd_message *m, const struct cd_ff_message *f)
{
    static const char *const spaces[] = {"unknown", "fda", "sm", "fms", "lan"};
    char target[64];
    struct cd_text t = cd_text_of(target, sizeof target);
    const struct cd_ff_service *service = cd_ff_service_of(f->protocol, f->service);
    struct cd_operation op = {.name = service ? service->name : "unknown service",
                              .code_space = spaces[f->protocol <= CD_FF_LAN ? f->protocol : 0],
                              .code = f->service,
                              .class = service ? (enum cd_class)service->class : CD_CLASS_OTHER,
                              .target = target};
    uint64_t id = (uint64_t)f->invoke_id << 16 | (uint64_t)f->protocol << 8 | f->service;
    struct cd_reader body = f->body;
    m->from_client = f->type == CD_FF_REQUEST;
    if (f->type == CD_FF_REQUEST)
        text_target(&t, f);
    if (f->type == CD_FF_RESPONSE)
        cd_report_response(m, &op, id, NULL);
    else if (f->type == CD_FF_ERROR)
        cd_report_response(m, &op, id, cd_ff_error_name(cd_read_u8(&body, "error class")));
    else if (f->service & CONFIRMED)
        cd_report_request(m, &op, id);
    else
        cd_report_notice(m, &op);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ff_message f;
    if (!cd_ff_parse(r, &f)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    report_operation(m, &f);
    if (f.protocol == CD_FF_SM && ((f.service == SM_ANNUNCIATION && f.type == CD_FF_REQUEST) ||
                                   (f.service == SM_IDENTIFY && f.type == CD_FF_RESPONSE)))
        report_device(m, &f);
    else if (f.protocol == CD_FF_FMS && f.service == FMS_IDENTIFY && f.type == CD_FF_RESPONSE)
        report_plate(m, f.body);
}

const struct cd_dissector cd_dissector_ff_hse = {
    .name = "ff-hse",
    .tcp_ports = {1089, 1090, 1091, 3622},
    .udp_ports = {1089, 1090, 1091, 3622},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
};

/* CODESYS: search of controllers, services over channels, and version 2's identity. */
#include "protocols/codesys.h"

#include <string.h>

enum {
    MAGIC = 0x000117e8,
    V2_MAGIC = 0xbb,
    LENGTH_MAX = 65535,
    IDENTIFICATION = 0xc280,
    BLOCK = 1,
    FIRST_BLOCK = 0x01,
    TEXT_MAX = 128,
    V2_OS = 64,
    V2_FIELD = 32
};

/* ---- parsing ---- */

bool cd_codesys_parse_datagram(struct cd_reader *r, struct cd_codesys_datagram *ret)
{
    enum { FIXED = 6, WORDS = 7 };
    struct cd_codesys_datagram d;
    if (cd_read_u8(r, "magic") != CD_CODESYS_DATAGRAM)
        cd_read_fail(r, "magic");
    size_t header = (size_t)(cd_read_u8(r, "header length") & WORDS) * 2;
    cd_read_skip(r, 1, "options");
    d.service = cd_read_u8(r, "service");
    d.message = cd_read_u8(r, "message");
    uint8_t lengths = cd_read_u8(r, "lengths of addresses");
    if (header < FIXED)
        cd_read_fail(r, "header length");
    size_t end = header + (size_t)(lengths >> 4) * 2 + (size_t)(lengths & 15) * 2;
    end += end & 2; /* filled up to a multiple of 4 */
    cd_read_skip(r, cd_read_ok(r) ? end - FIXED : 0, "addresses");
    d.data = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = d;
    return true;
}

/* A text of n characters and a NUL. */
static struct cd_reader read_utf16(struct cd_reader *r, uint16_t n, const char *field)
{
    struct cd_reader text = cd_read_sub(r, (size_t)n * 2, field);
    cd_read_skip(r, 2, field);
    return text;
}

bool cd_codesys_parse_identity(struct cd_reader *r, struct cd_codesys_identity *ret)
{
    struct cd_codesys_identity i = {0};
    if (cd_read_le16(r, "package type") != IDENTIFICATION)
        cd_read_fail(r, "package type");
    cd_read_skip(r, 2 + 4 + 2 + 1 + 1, "name service header");
    uint16_t parent = cd_read_le16(r, "parent address length");
    uint16_t node = cd_read_le16(r, "node name length"), device = cd_read_le16(r, "device name length");
    uint16_t vendor = cd_read_le16(r, "vendor name length");
    cd_read_skip(r, 8, "target type");
    i.version = cd_read_le32(r, "target version");
    cd_read_skip(r, 4, "flags");
    uint8_t serial = cd_read_u8(r, "serial number length");
    cd_read_skip(r, 2 + 9, "block driver type");
    cd_read_skip(r, parent, "parent address");
    i.node = read_utf16(r, node, "node name");
    i.device = read_utf16(r, device, "device name");
    i.vendor = read_utf16(r, vendor, "vendor name");
    i.serial = cd_read_sub(r, serial, "serial number");
    if (!cd_read_ok(r))
        return false;
    *ret = i;
    return true;
}

bool cd_codesys_parse_call(struct cd_reader *r, struct cd_codesys_call *ret)
{
    enum { RESPONSE = 0x80, PROTOCOL = 0xcd55, PROTOCOL_SECURE = 0x5775 };
    struct cd_codesys_call c;
    uint16_t protocol = cd_read_le16(r, "protocol");
    if (protocol != PROTOCOL && protocol != PROTOCOL_SECURE)
        cd_read_fail(r, "protocol");
    cd_read_skip(r, 2, "header size");
    uint16_t group = cd_read_le16(r, "service group");
    c.response = group & RESPONSE;
    c.group = group & ~RESPONSE;
    c.command = cd_read_le16(r, "command");
    cd_read_skip(r, 12, "session");
    c.tags = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

/* ---- version 3 ---- */

static void tell_utf16(struct cd_message *m, const struct cd_subject *who, enum cd_attribute attribute,
                       const struct cd_reader *text, unsigned confidence)
{
    char built[TEXT_MAX];
    struct cd_text t = cd_text_of(built, sizeof built);
    if (text->len)
        cd_text_utf16le(&t, text->base, text->len);
    cd_report_fact(m, who, attribute, built, confidence);
}

static void tell_identity(struct cd_message *m, struct cd_reader r)
{
    struct cd_codesys_identity i;
    struct cd_subject server = cd_subject_server(m);
    char version[24];
    struct cd_text t = cd_text_of(version, sizeof version);
    if (!cd_codesys_parse_identity(&r, &i)) {
        cd_report_malformed(m, r.bad);
        return;
    }
    tell_utf16(m, &server, CD_ATTRIBUTE_NAME, &i.node, 90);
    tell_utf16(m, &server, CD_ATTRIBUTE_MODEL, &i.device, 95);
    tell_utf16(m, &server, CD_ATTRIBUTE_VENDOR, &i.vendor, 95);
    if (i.serial.len)
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_SERIAL, i.serial.base, i.serial.len, 90);
    for (int shift = 24; shift >= 0; shift -= 8) {
        cd_text_u64(&t, i.version >> shift & 0xff);
        if (shift)
            cd_text_char(&t, '.');
    }
    cd_report_fact(m, &server, CD_ATTRIBUTE_FIRMWARE, version, 90);
    cd_report_fact(m, &server, CD_ATTRIBUTE_SOFTWARE, "CODESYS V3 runtime", 90);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "plc", 85);
}

static void report_search(struct cd_message *m, const struct cd_codesys_datagram *d)
{
    bool names = d->service == CD_CODESYS_NAME_REQUEST || d->service == CD_CODESYS_NAME_RESPONSE;
    bool response = d->service == CD_CODESYS_NAME_RESPONSE || d->service == CD_CODESYS_ADDRESS_RESPONSE;
    struct cd_operation op = {.name = names ? "name service" : "address service",
                              .code_space = "service",
                              .code = names ? CD_CODESYS_NAME_REQUEST : CD_CODESYS_ADDRESS_REQUEST,
                              .class = CD_CLASS_IDENTIFY,
                              .target = ""};
    m->from_client = !response;
    if (!response) {
        cd_report_request(m, &op, (uint64_t)1 << 40 | op.code);
        return;
    }
    cd_report_response(m, &op, (uint64_t)1 << 40 | op.code, NULL);
    if (names)
        tell_identity(m, d->data);
}

/* Numbers of tags: 7 bits a byte, lowest first, bit 7 where more follow. */
static uint32_t read_number(struct cd_reader *r, const char *field)
{
    enum { BYTES_MAX = 4, MORE = 0x80 };
    uint32_t value = 0;
    for (unsigned i = 0; i < BYTES_MAX; i++) {
        uint8_t byte = cd_read_u8(r, field);
        value |= (uint32_t)(byte & ~MORE) << 7 * i;
        if (!(byte & MORE))
            return value;
    }
    cd_read_fail(r, field);
    return 0;
}

/* The content of the first tag with this id; empty where there is none. */
static struct cd_reader find_tag(struct cd_reader tags, uint32_t id)
{
    enum { TAGS_MAX = 32 };
    for (unsigned i = 0; i < TAGS_MAX && cd_read_left(&tags); i++) {
        uint32_t tag = read_number(&tags, "tag");
        struct cd_reader value = cd_read_sub(&tags, read_number(&tags, "tag length"), "tag length");
        if (cd_read_ok(&tags) && tag == id)
            return value;
    }
    return (struct cd_reader){0};
}

/* A login holds the user's name in the clear, whatever is done to the password. */
static void tell_user(struct cd_message *m, struct cd_reader tags)
{
    enum { CREDENTIALS = 0x81, USER_NAME = 0x10 };
    struct cd_subject client = cd_subject_client(m);
    struct cd_reader name = find_tag(find_tag(tags, CREDENTIALS), USER_NAME);
    size_t len = name.len ? strnlen((const char *)name.base, name.len) : 0;
    for (size_t i = 0; i < len; i++)
        if (name.base[i] < 0x20 || name.base[i] == 0x7f)
            return;
    if (len)
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, name.base, len, 85);
}

static void report_call(struct cd_message *m, struct cd_reader *data)
{
    enum { LOGIN = 0x0102, INTERACTIVE_LOGIN = 0x0108 };
    char target[TEXT_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_codesys_call c;
    if (!cd_codesys_parse_call(data, &c)) {
        cd_report_malformed(m, data->bad);
        return;
    }
    struct cd_codesys_name name = cd_codesys_command(c.group, c.command);
    struct cd_operation op = {
        .name = name.name, .code = (uint32_t)c.group << 8 | (c.command & 0xff), .class = name.class, .target = target};
    m->from_client = !c.response;
    if (c.response) {
        cd_report_response(m, &op, op.code, NULL);
        return;
    }
    cd_text_str(&t, cd_codesys_group_name(c.group));
    cd_report_request(m, &op, op.code);
    if (op.code == LOGIN || op.code == INTERACTIVE_LOGIN)
        tell_user(m, c.tags);
}

static const char *channel_name(uint8_t kind)
{
    switch (kind) {
    case 0x02: return "acknowledge";
    case 0x03: return "keep alive";
    case 0xc2: return "get information";
    case 0xc3: return "open channel";
    case 0x83: return "channel opened";
    case 0xc4: return "close channel";
    default: return "unknown channel message";
    }
}

static void report_channel(struct cd_message *m, struct cd_reader data)
{
    enum { BLOCK_HEADER = 18 };
    uint8_t kind = cd_read_u8(&data, "kind"), flags = cd_read_u8(&data, "flags");
    struct cd_operation op = {
        .name = channel_name(kind), .code_space = "channel", .code = kind, .class = CD_CLASS_SESSION, .target = ""};
    if (kind == BLOCK && (flags & FIRST_BLOCK)) {
        cd_read_skip(&data, BLOCK_HEADER, "block header");
        report_call(m, &data);
        return;
    }
    if (!cd_read_ok(&data))
        cd_report_malformed(m, data.bad);
    else if (kind != BLOCK) /* blocks that go on are part of what is counted */
        cd_report_notice(m, &op);
}

static void version_3(struct cd_message *m, struct cd_reader *r)
{
    struct cd_codesys_datagram d;
    if (!cd_codesys_parse_datagram(r, &d)) {
        cd_report_malformed(m, r->bad);
    } else if (d.service == CD_CODESYS_CHANNEL) {
        report_channel(m, d.data);
    } else if (d.service >= CD_CODESYS_ADDRESS_REQUEST && d.service <= CD_CODESYS_NAME_RESPONSE) {
        report_search(m, &d);
    } else {
        struct cd_operation op = {.name = "unknown service",
                                  .code_space = "service",
                                  .code = d.service,
                                  .class = CD_CLASS_OTHER,
                                  .target = ""};
        cd_report_notice(m, &op);
    }
}

/* ---- version 2 ---- */

static void tell_v2(struct cd_message *m, const uint8_t *bytes)
{
    struct cd_subject server = cd_subject_server(m);
    char os[TEXT_MAX];
    struct cd_text t = cd_text_of(os, sizeof os);
    cd_text_device(&t, bytes, strnlen((const char *)bytes, V2_FIELD));
    cd_text_char(&t, ' ');
    cd_text_device(&t, bytes + V2_FIELD, strnlen((const char *)bytes + V2_FIELD, V2_FIELD));
    cd_report_fact(m, &server, CD_ATTRIBUTE_OS, os, 85);
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_MODEL, bytes + 2 * V2_FIELD,
                         strnlen((const char *)bytes + 2 * V2_FIELD, V2_FIELD), 85);
    cd_report_fact(m, &server, CD_ATTRIBUTE_SOFTWARE, "CODESYS V2 runtime", 90);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "plc", 85);
}

static void version_2(struct cd_message *m, struct cd_reader *r)
{
    enum { LOGIN = 1, BEFORE_OS = V2_OS - CD_CODESYS_V2_HEADER };
    struct cd_reader identity = *r;
    uint8_t service = cd_read_u8(r, "service");
    struct cd_operation op = {.name = service == LOGIN ? "login" : "unknown service",
                              .code_space = "v2",
                              .code = service,
                              .class = service == LOGIN ? CD_CLASS_SESSION : CD_CLASS_OTHER,
                              .target = ""};
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (m->from_client) { /* answers are not known to repeat the service; one question is open at a time */
        cd_report_request(m, &op, (uint64_t)2 << 40);
        cd_report_remember(m, (uint64_t)2 << 40, service);
        return;
    }
    uint64_t asked = cd_report_recall(m, (uint64_t)2 << 40);
    cd_report_response(m, &op, (uint64_t)2 << 40, NULL);
    cd_read_skip(&identity, BEFORE_OS, "identity");
    const uint8_t *bytes = cd_read_at(&identity, (size_t)3 * V2_FIELD, "identity");
    if (asked == LOGIN && bytes && bytes[0] >= 0x20 && bytes[0] < 0x7f)
        tell_v2(m, bytes);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    int first = cd_read_peek(r, 0);
    if (first == V2_MAGIC) {
        cd_read_skip(r, CD_CODESYS_V2_HEADER, "header");
        version_2(m, r);
        return;
    }
    if (first == (MAGIC & 0xff))
        cd_read_skip(r, CD_CODESYS_TCP_HEADER, "block driver header");
    version_3(m, r);
}

/* ---- recognising and framing ---- */

/* The length of version 2 is of the controller's own byte order, which the question may not have. */
static ssize_t v2_length(const uint8_t *bytes)
{
    struct cd_reader little = cd_reader_of(bytes + 2, 4), big = little;
    uint32_t length = cd_read_le32(&little, "length"), other = cd_read_be32(&big, "length");
    if (other < length)
        length = other;
    return length && length <= LENGTH_MAX ? (ssize_t)length + CD_CODESYS_V2_HEADER : CD_FRAME_NOT_OURS;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (bytes[0] == V2_MAGIC) {
        if (len > 1 && bytes[1] != V2_MAGIC)
            return CD_FRAME_NOT_OURS;
        return len < CD_CODESYS_V2_HEADER ? CD_FRAME_MORE : v2_length(bytes);
    }
    struct cd_reader r = cd_reader_of(bytes, len < CD_CODESYS_TCP_HEADER ? 0 : CD_CODESYS_TCP_HEADER);
    if (bytes[0] != (MAGIC & 0xff))
        return CD_FRAME_NOT_OURS;
    if (len < CD_CODESYS_TCP_HEADER)
        return CD_FRAME_MORE;
    uint32_t magic = cd_read_le32(&r, "magic"), length = cd_read_le32(&r, "length");
    return magic == MAGIC && length > CD_CODESYS_TCP_HEADER && length <= LENGTH_MAX ? (ssize_t)length
                                                                                    : CD_FRAME_NOT_OURS;
}

static bool is_datagram(const uint8_t *bytes, size_t len)
{
    return len >= 8 && bytes[0] == CD_CODESYS_DATAGRAM && (bytes[1] & 7) >= 3 && (bytes[1] & 7) <= 4 &&
           ((bytes[3] >= CD_CODESYS_ADDRESS_REQUEST && bytes[3] <= CD_CODESYS_NAME_RESPONSE) ||
            bytes[3] == CD_CODESYS_CHANNEL);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    static const uint8_t magic[] = {0xe8, 0x17, 0x01, 0x00}, login[] = {0xbb, 0xbb, 1, 0, 0, 0, 1};
    (void)from_client;
    if (transport == CD_TRANSPORT_UDP)
        return is_datagram(bytes, len) ? CD_PROBE_MAYBE : CD_PROBE_NO;
    if (transport != CD_TRANSPORT_TCP || len < sizeof login)
        return CD_PROBE_NO;
    if (memcmp(bytes, magic, sizeof magic) == 0)
        return len < CD_CODESYS_TCP_HEADER + 8 ||
                       is_datagram(bytes + CD_CODESYS_TCP_HEADER, len - CD_CODESYS_TCP_HEADER)
                   ? CD_PROBE_SURE
                   : CD_PROBE_NO;
    if (bytes[0] != V2_MAGIC || bytes[1] != V2_MAGIC)
        return CD_PROBE_NO;
    return len == sizeof login && memcmp(bytes, login, len) == 0 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

const struct cd_dissector cd_dissector_codesys = {
    .name = "codesys",
    .tcp_ports = {11740, 11741, 11742, 11743, 1200, 2455},
    .udp_ports = {1740, 1741, 1742, 1743},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
};

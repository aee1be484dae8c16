/* Ether-S-Bus: telegrams, and what controllers tell of themselves. */
#include "protocols/sbus.h"

#include <string.h>

enum { TARGET_MAX = 64, READ_FIRMWARE = 32, READ_STATION = 29, READ_STATUS_FIRST = 20, READ_STATUS_LAST = 27 };
enum { SYSTEM_INFORMATION = 171 };

/* ---- parsing ---- */

uint16_t cd_sbus_crc(const uint8_t *bytes, size_t len)
{
    unsigned crc = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned x = (crc >> 8) ^ bytes[i];
        x ^= x >> 4;
        crc = (crc << 8 ^ x << 12 ^ x << 5 ^ x) & 0xffff;
    }
    return (uint16_t)crc;
}

bool cd_sbus_parse(struct cd_reader *r, struct cd_sbus_telegram *ret)
{
    enum { CRC = 2, BEFORE = 9, MAX = 2048 };
    struct cd_sbus_telegram s = {0};
    struct cd_reader whole = *r;
    uint32_t length = cd_read_be32(r, "length");
    if (length < CD_SBUS_LENGTH_MIN || length > MAX)
        cd_read_fail(r, "length");
    cd_read_skip(r, 2, "protocol");
    s.sequence = cd_read_be16(r, "sequence number");
    s.attribute = cd_read_u8(r, "attribute");
    if (s.attribute > CD_SBUS_ACKNOWLEDGE)
        cd_read_fail(r, "attribute");
    struct cd_reader data = cd_read_sub(r, cd_read_ok(r) ? length - BEFORE - CRC : 0, "length");
    uint16_t crc = cd_read_be16(r, "CRC");
    if (s.attribute == CD_SBUS_REQUEST) {
        s.station = cd_read_u8(&data, "station");
        s.command = cd_read_u8(&data, "command");
    } else if (s.attribute == CD_SBUS_ACKNOWLEDGE) {
        s.acknowledge = cd_read_be16(&data, "acknowledgement");
    }
    s.data = cd_read_rest(&data);
    if (cd_read_ok(r) && !cd_read_ok(&data))
        cd_read_fail(r, data.bad);
    if (!cd_read_ok(r))
        return false;
    const uint8_t *bytes = cd_read_at(&whole, length - CRC, "length");
    s.bad_crc = bytes && cd_sbus_crc(bytes, length - CRC) != crc;
    *ret = s;
    return true;
}

/* ---- reporting ---- */

static void tell_state(struct cd_message *m, uint8_t state)
{
    struct cd_subject server = cd_subject_server(m);
    const char *name = state == 'R'   ? "run"
                       : state == 'S' ? "stop"
                       : state == 'H' ? "halt"
                       : state == 'C' ? "conditional run"
                       : state == 'D' ? "disconnected"
                                      : NULL;
    if (name)
        cd_report_fact(m, &server, CD_ATTRIBUTE_STATE, name, 85);
}

/* A type of controller such as "PCD3.M5340", or "D 1C0" of its version: letters and digits alone are believed. */
static bool is_text(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] < 0x20 || bytes[i] > 0x7e)
            return false;
    return len > 0;
}

static void report_answer(struct cd_message *m, const struct cd_sbus_telegram *s, uint8_t command, uint8_t station)
{
    enum { TYPE = 5, VERSION = 4 };
    struct cd_subject server = cd_subject_server(m);
    char number[4];
    struct cd_text t = cd_text_of(number, sizeof number);
    struct cd_reader data = s->data;
    if (command >= READ_STATUS_FIRST && command <= READ_STATUS_LAST && data.len == 1) {
        tell_state(m, cd_read_u8(&data, "status"));
    } else if (command == READ_FIRMWARE && data.len >= TYPE + VERSION) {
        const uint8_t *type = cd_read_at(&data, TYPE, "type"), *version = cd_read_at(&data, VERSION, "version");
        if (is_text(type, TYPE))
            cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_MODEL, type, TYPE, 90);
        size_t version_len = strnlen((const char *)version, VERSION);
        if (is_text(version, version_len))
            cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_FIRMWARE, version, version_len, 90);
        cd_report_fact(m, &server, CD_ATTRIBUTE_VENDOR, "Saia-Burgess Controls", 85);
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "plc", 85);
    } else if (command == READ_STATION && data.len == 1) {
        station = cd_read_u8(&data, "station");
    } else {
        return;
    }
    cd_text_u64(&t, station);
    cd_report_fact(m, &server, CD_ATTRIBUTE_INSTANCE, number, 80);
}

static void report_request(struct cd_message *m, const struct cd_sbus_telegram *s)
{
    enum { TO_ALL = 255 };
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = cd_sbus_command_name(s->command),
                              .code = s->command,
                              .class = cd_sbus_command_class(s->command),
                              .target = target};
    cd_sbus_text_target(&t, s);
    if (s->station == TO_ALL && s->command != READ_STATION) {
        cd_report_notice(m, &op);
        return;
    }
    cd_report_request(m, &op, s->sequence);
    cd_report_remember(m, s->sequence, (uint64_t)1 << 16 | (uint64_t)s->station << 8 | s->command);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_sbus_telegram s;
    if (!cd_sbus_parse(r, &s)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (s.bad_crc)
        cd_report_event(m, CD_EVENT_VIOLATION, "wrong CRC");
    m->from_client = s.attribute == CD_SBUS_REQUEST;
    if (m->from_client) {
        report_request(m, &s);
        return;
    }
    uint64_t note = cd_report_recall(m, s.sequence);
    struct cd_operation op = {.name = s.attribute == CD_SBUS_ACKNOWLEDGE ? "acknowledgement" : "answer",
                              .code_space = "attribute",
                              .code = s.attribute,
                              .class = CD_CLASS_OTHER,
                              .target = ""};
    bool refused = s.attribute == CD_SBUS_ACKNOWLEDGE && s.acknowledge != 0;
    cd_report_response(m, &op, s.sequence, refused ? cd_sbus_nak_name(s.acknowledge) : NULL);
    if (refused && s.acknowledge == 2)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "refused because of the password");
    if (note && s.attribute == CD_SBUS_RESPONSE)
        report_answer(m, &s, (uint8_t)note, (uint8_t)(note >> 8));
}

/* The length is that of the datagram, and version and protocol have few values. The CRC makes it sure. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < CD_SBUS_LENGTH_MIN || bytes[0] || bytes[1] || bytes[4] > 1 ||
        bytes[5] > 1 || bytes[8] > CD_SBUS_ACKNOWLEDGE)
        return CD_PROBE_NO;
    size_t length = (size_t)bytes[2] << 8 | bytes[3];
    if (length < CD_SBUS_LENGTH_MIN || length > len)
        return CD_PROBE_NO;
    return cd_sbus_crc(bytes, length - 2) == (uint16_t)(bytes[length - 2] << 8 | bytes[length - 1]) ? CD_PROBE_LIKELY
                                                                                                    : CD_PROBE_MAYBE;
}

const struct cd_dissector cd_dissector_sbus = {
    .name = "sbus",
    .udp_ports = {CD_SBUS_PORT},
    .probe = probe,
    .dissect = dissect,
};

#include "speak_dnp3.h"

#include "speak.h"

enum {
    DNP3_PORT = 20000,
    FRAGMENT_MAX = 240, /* one link frame is enough for all that is said here */
    FRAME_LEN_MAX = 292,
    BLOCK = 16,
    TARGET_MAX = 96
};
enum { FUNCTION_CONFIRM = 0, FUNCTION_READ = 1, FUNCTION_WRITE = 2, FUNCTION_SELECT = 3, FUNCTION_OPERATE = 4 };
enum { FUNCTION_RESPONSE = 129, FUNCTION_UNSOLICITED = 130 };
enum { FIR_FIN = 0xc0, CON = 0x20, UNS = 0x10 };

void dnp3_start(struct sim *s, struct dnp3 *d, struct device *client, struct device *server, uint16_t outstation)
{
    *d = (struct dnp3){.master = 1, .outstation = outstation};
    tcp_start(s, &d->tcp, client, server, DNP3_PORT);
}

/* 9.2.4.1.5: polynomial 0x3d65, reflected, complemented. */
static void put_crc(struct octets *o, const uint8_t *bytes, size_t n)
{
    uint16_t crc = 0;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa6bc : crc >> 1);
    }
    put_le16(o, (uint16_t)~crc);
}

/* A link frame (9.2.4) with one transport segment (8.2.2) that holds the whole fragment. */
static void put_frame(struct octets *o, struct dnp3 *d, bool from_master, const struct octets *fragment)
{
    uint8_t buffer[FRAGMENT_MAX + 1];
    struct octets data = OCTETS_OF(buffer);
    size_t start = o->len;
    put_u8(&data, 0xc0u | (d->link_sequence[!from_master]++ & 0x3f));
    put_octets(&data, fragment);
    put_be16(o, 0x0564);
    put_u8(o, (unsigned)data.len + 5);
    put_u8(o, from_master ? 0xc4 : 0x44); /* user data without confirmation */
    put_le16(o, from_master ? d->outstation : d->master);
    put_le16(o, from_master ? d->master : d->outstation);
    put_crc(o, o->at + start, 8);
    for (size_t at = 0; at < data.len; at += BLOCK) {
        size_t n = data.len - at < BLOCK ? data.len - at : BLOCK;
        put_bytes(o, data.at + at, n);
        put_crc(o, data.at + at, n);
    }
}

static void begin_target(struct cd_text *t, const struct dnp3 *d)
{
    cd_text_str(t, "outstation ");
    cd_text_u64(t, d->outstation);
}

static void begin_request(struct octets *o, struct dnp3 *d, unsigned function)
{
    put_u8(o, FIR_FIN | (++d->application_sequence & 0x0fu));
    put_u8(o, function);
}

static void begin_response(struct octets *o, const struct dnp3 *d)
{
    put_u8(o, FIR_FIN | (d->application_sequence & 0x0fu));
    put_u8(o, FUNCTION_RESPONSE);
    put_be16(o, 0); /* no internal indications */
}

static void ask(struct sim *s, struct dnp3 *d, const struct deed *deed, const struct octets *request,
                const struct octets *response)
{
    uint8_t asked[FRAME_LEN_MAX], answered[FRAME_LEN_MAX];
    struct octets question = OCTETS_OF(asked), answer = OCTETS_OF(answered);
    put_frame(&question, d, true, request);
    put_frame(&answer, d, false, response);
    speak_ask(s, &d->tcp, deed, &question, &answer, NULL);
}

/* An object of one string attribute: group 0, variation, index 0, visible string. */
static void put_attribute(struct octets *o, unsigned variation, const char *value)
{
    if (!value)
        return;
    put_u8(o, 0);
    put_u8(o, variation);
    put_be32(o, 0x00000001); /* range of one byte, set 0 to 0; type 1 */
    put_u8(o, (unsigned)strlen(value));
    put_text(o, value);
}

void dnp3_read_attributes(struct sim *s, struct dnp3 *d)
{
    struct device *device = d->tcp.ends[1].device;
    const struct model *model = device->model;
    uint8_t asked[16], answered[FRAGMENT_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    begin_target(&target, d);
    cd_text_str(&target, " device attribute g0v254 0");
    struct deed deed = speak_deed(&d->tcp, "dnp3", "1", "read device attributes", "identify", target.at);
    begin_request(&request, d, FUNCTION_READ);
    put_be32(&request, 0x00fe0000);
    put_u8(&request, 0);
    begin_response(&response, d);
    put_attribute(&response, 252, model->vendor);
    put_attribute(&response, 250, model->model);
    put_attribute(&response, 248, device->serial);
    put_attribute(&response, 247, device->name);
    put_attribute(&response, 243, model->hardware);
    put_attribute(&response, 242, model->firmware);
    device->told |= TELLS_VENDOR | TELLS_MODEL | TELLS_SERIAL | TELLS_NAME | TELLS_FIRMWARE | TELLS_HARDWARE;
    ask(s, d, &deed, &request, &response);
}

static struct deed read_deed(const struct dnp3 *d, struct cd_text *target)
{
    begin_target(target, d);
    cd_text_str(target, " class 1, class 2, class 3, class 0");
    return speak_deed(&d->tcp, "dnp3", "1", "read", "read", target->at);
}

static void put_read_classes(struct octets *o, struct dnp3 *d)
{
    static const uint8_t classes[] = {60, 2, 6, 60, 3, 6, 60, 4, 6, 60, 1, 6};
    begin_request(o, d, FUNCTION_READ);
    put_bytes(o, classes, sizeof classes);
}

void dnp3_read_classes(struct sim *s, struct dnp3 *d)
{
    enum { INPUTS = 8, ANALOGS = 6, ONLINE = 0x01 };
    uint8_t asked[32], answered[FRAGMENT_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    struct deed deed = read_deed(d, &target);
    uint32_t phase = d->tcp.ends[1].device->number;
    put_read_classes(&request, d);
    begin_response(&response, d);
    put_be32(&response, 0x01020000); /* binary inputs with flags, 0 to ... */
    put_u8(&response, INPUTS - 1);
    for (unsigned i = 0; i < INPUTS; i++)
        put_u8(&response, ONLINE | ((phase + i) % 3 == 0 ? 0x80u : 0));
    put_be32(&response, 0x1e020000); /* analog inputs, 16 bits with flag */
    put_u8(&response, ANALOGS - 1);
    for (unsigned i = 0; i < ANALOGS; i++) {
        put_u8(&response, ONLINE);
        put_le16(&response, sim_drift(s, phase * 13 + i * 50, (uint16_t)(1200 + i * 310), 90));
    }
    ask(s, d, &deed, &request, &response);
}

void dnp3_read_in_vain(struct sim *s, struct dnp3 *d)
{
    uint8_t asked[32], framed[FRAME_LEN_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), frame = OCTETS_OF(framed);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    struct deed deed = read_deed(d, &target);
    put_read_classes(&request, d);
    put_frame(&frame, d, true, &request);
    speak_ask_in_vain(s, &d->tcp, &deed, &frame);
}

void dnp3_tell_unsolicited(struct sim *s, struct dnp3 *d)
{
    uint8_t told[32], confirmed[8], framed[FRAME_LEN_MAX];
    char buffer[TARGET_MAX];
    struct octets fragment = OCTETS_OF(told), confirm = OCTETS_OF(confirmed), frame = OCTETS_OF(framed);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    unsigned sequence = d->unsolicited_sequence++ & 0x0fu;
    begin_target(&target, d);
    struct deed told_deed = speak_deed(&d->tcp, "dnp3", "130", "unsolicited response", "read", target.at);
    put_u8(&fragment, FIR_FIN | CON | UNS | sequence);
    put_u8(&fragment, FUNCTION_UNSOLICITED);
    put_be16(&fragment, 0);
    put_be32(&fragment, 0x02011701); /* binary input events without time: one, with an index of one byte */
    put_u8(&fragment, 3);
    put_u8(&fragment, 0x81);
    put_frame(&frame, d, false, &fragment);
    struct sent sent = tcp_send(s, &d->tcp, false, &frame);
    truth_request(&s->truth, &told_deed, &sent);
    tcp_wait(&d->tcp, 3 * MS);
    struct deed confirm_deed = speak_deed(&d->tcp, "dnp3", "0", "confirm", "session", target.at);
    put_u8(&confirm, FIR_FIN | UNS | sequence);
    put_u8(&confirm, FUNCTION_CONFIRM);
    frame.len = 0;
    put_frame(&frame, d, true, &confirm);
    sent = tcp_send(s, &d->tcp, true, &frame);
    truth_request(&s->truth, &confirm_deed, &sent);
    tcp_wait(&d->tcp, MS);
}

/* A control relay output block (A.8.1) behind its header: count and index of one byte. */
static void put_relay(struct octets *o, uint8_t point, bool on)
{
    put_be32(o, 0x0c011701);
    put_u8(o, point);
    put_u8(o, on ? 3 : 4);
    put_u8(o, 1);
    put_le32(o, 1000);
    put_le32(o, 1000);
    put_u8(o, 0);
}

void dnp3_operate(struct sim *s, struct dnp3 *d, uint8_t point, bool on)
{
    static const struct {
        unsigned function;
        const char *code, *name;
    } steps[] = {{FUNCTION_SELECT, "3", "select"}, {FUNCTION_OPERATE, "4", "operate"}};
    for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        uint8_t asked[32], answered[32];
        char buffer[TARGET_MAX];
        struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
        struct cd_text target = cd_text_of(buffer, sizeof buffer);
        begin_target(&target, d);
        cd_text_str(&target, " binary output ");
        cd_text_u64(&target, point);
        cd_text_str(&target, on ? " latch on" : " latch off");
        struct deed deed = speak_deed(&d->tcp, "dnp3", steps[i].code, steps[i].name, "control", target.at);
        begin_request(&request, d, steps[i].function);
        put_relay(&request, point, on);
        begin_response(&response, d);
        put_relay(&response, point, on);
        ask(s, d, &deed, &request, &response);
    }
}

void dnp3_write_time(struct sim *s, struct dnp3 *d)
{
    uint8_t asked[16], answered[8];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    uint64_t now_ms = d->tcp.now_ns / MS;
    begin_target(&target, d);
    cd_text_str(&target, " time and date g50v1");
    struct deed deed = speak_deed(&d->tcp, "dnp3", "2", "write time", "configure", target.at);
    begin_request(&request, d, FUNCTION_WRITE);
    put_be32(&request, 0x32010701); /* one, 48 bits */
    put_le32(&request, (uint32_t)now_ms);
    put_le16(&request, (unsigned)(now_ms >> 32) & 0xffff);
    begin_response(&response, d);
    ask(s, d, &deed, &request, &response);
}

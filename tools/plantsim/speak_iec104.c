#include "speak_iec104.h"

#include "speak.h"

enum { IEC104_PORT = 2404, APDU_MAX = 255, TARGET_MAX = 64, WINDOW = 8 };
enum { STARTDT_ACT = 0x07, STARTDT_CON = 0x0b, TESTFR_ACT = 0x43, TESTFR_CON = 0x83 };
enum { SPONTANEOUS = 3, ACTIVATION = 6, CONFIRMATION = 7, TERMINATION = 10, BY_STATION = 20 };
enum { SINGLE_POINT = 1, SCALED_VALUE = 11, SINGLE_COMMAND = 45, INTERROGATION = 100, CLOCK = 103, SELECT = 0x80 };
static const uint64_t think_ns = 4 * MS;

void iec104_start(struct sim *s, struct iec104 *c, struct device *client, struct device *server,
                  uint16_t common_address)
{
    *c = (struct iec104){.common_address = common_address};
    tcp_start(s, &c->tcp, client, server, IEC104_PORT);
}

/* An unnumbered control function (5.1). */
static void send_function(struct sim *s, struct iec104 *c, bool from_client, unsigned function)
{
    uint8_t buffer[6];
    struct octets o = OCTETS_OF(buffer);
    put_be16(&o, 0x6804);
    put_u8(&o, function);
    put_field(&o, "", 3, 0);
    tcp_send(s, &c->tcp, from_client, &o);
    tcp_wait(&c->tcp, think_ns);
    truth_name_protocol(&s->truth, c->tcp.conversation, "iec104");
}

void iec104_start_transfer(struct sim *s, struct iec104 *c)
{
    c->sent[0] = c->sent[1] = c->unconfirmed = 0;
    send_function(s, c, true, STARTDT_ACT);
    send_function(s, c, false, STARTDT_CON);
}

void iec104_test(struct sim *s, struct iec104 *c)
{
    send_function(s, c, true, TESTFR_ACT);
    send_function(s, c, false, TESTFR_CON);
}

/* The controlling station tells how much it has got, by a supervisory frame, when the window is full. */
static void confirm(struct sim *s, struct iec104 *c)
{
    uint8_t buffer[6];
    struct octets o = OCTETS_OF(buffer);
    put_be16(&o, 0x6804);
    put_be16(&o, 0x0100);
    put_le16(&o, c->sent[1] * 2u);
    tcp_send(s, &c->tcp, true, &o);
    tcp_wait(&c->tcp, MS);
    c->unconfirmed = 0;
}

/* An ASDU: type, number of objects (in sequence where there are many), cause, common address, objects. */
static void begin_asdu(struct octets *o, const struct iec104 *c, unsigned type, unsigned count, unsigned cause)
{
    put_u8(o, type);
    put_u8(o, count > 1 ? 0x80u | count : 1);
    put_u8(o, cause);
    put_u8(o, 0); /* originator */
    put_le16(o, c->common_address);
}

static void put_address(struct octets *o, uint32_t address)
{
    put_le16(o, address & 0xffff);
    put_u8(o, address >> 16);
}

static struct sent send_asdu(struct sim *s, struct iec104 *c, bool from_client, const struct octets *asdu)
{
    uint8_t buffer[APDU_MAX];
    struct octets o = OCTETS_OF(buffer);
    unsigned end = !from_client;
    put_u8(&o, 0x68);
    put_u8(&o, (unsigned)asdu->len + 4);
    put_le16(&o, c->sent[end]++ * 2u & 0xffff);
    put_le16(&o, c->sent[1 - end] * 2u & 0xffff);
    put_octets(&o, asdu);
    struct sent sent = tcp_send(s, &c->tcp, from_client, &o);
    tcp_wait(&c->tcp, think_ns);
    c->unconfirmed = from_client ? 0 : (uint16_t)(c->unconfirmed + 1);
    return sent;
}

static void begin_target(struct cd_text *t, const struct iec104 *c)
{
    cd_text_str(t, "CA ");
    cd_text_u64(t, c->common_address);
}

/* Information in monitoring direction, which nobody asked for one by one. */
static void tell(struct sim *s, struct iec104 *c, const char *code, const char *name, const char *cause,
                 const struct octets *asdu)
{
    char buffer[TARGET_MAX];
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    begin_target(&target, c);
    cd_text_str(&target, cause);
    struct deed deed = speak_deed(&c->tcp, "iec104", code, name, "read", target.at);
    struct sent sent = send_asdu(s, c, false, asdu);
    truth_request(&s->truth, &deed, &sent);
    if (c->unconfirmed >= WINDOW)
        confirm(s, c);
}

static void put_points(struct octets *o, const struct iec104 *c, unsigned cause)
{
    enum { POINTS = 16, FIRST = 1 };
    begin_asdu(o, c, SINGLE_POINT, POINTS, cause);
    put_address(o, FIRST);
    for (unsigned i = 0; i < POINTS; i++)
        put_u8(o, (c->common_address + i) % 3 == 0);
}

static void put_values(struct octets *o, const struct sim *s, const struct iec104 *c, unsigned cause)
{
    enum { VALUES = 8, FIRST = 1001 };
    begin_asdu(o, c, SCALED_VALUE, VALUES, cause);
    put_address(o, FIRST);
    for (unsigned i = 0; i < VALUES; i++) {
        put_le16(o, sim_drift(s, c->common_address * 17u + i * 60, (uint16_t)(1100 + 40 * i), 25));
        put_u8(o, 0); /* good quality */
    }
}

/* A command or its echo, one object with an element of some bytes. */
static struct sent exchange(struct sim *s, struct iec104 *c, bool from_client, unsigned type, unsigned cause,
                            uint32_t address, const struct octets *element)
{
    uint8_t buffer[APDU_MAX];
    struct octets asdu = OCTETS_OF(buffer);
    begin_asdu(&asdu, c, type, 1, cause);
    put_address(&asdu, address);
    put_octets(&asdu, element);
    return send_asdu(s, c, from_client, &asdu);
}

void iec104_interrogate(struct sim *s, struct iec104 *c)
{
    uint8_t qualifier[1], buffer[APDU_MAX];
    char text[TARGET_MAX];
    struct octets element = OCTETS_OF(qualifier), asdu = OCTETS_OF(buffer);
    struct cd_text target = cd_text_of(text, sizeof text);
    begin_target(&target, c);
    cd_text_str(&target, " station");
    struct deed deed = speak_deed(&c->tcp, "iec104", "100", "interrogation command", "read", target.at);
    put_u8(&element, BY_STATION);
    struct sent sent = exchange(s, c, true, INTERROGATION, ACTIVATION, 0, &element);
    uint32_t operation = truth_request(&s->truth, &deed, &sent);
    sent = exchange(s, c, false, INTERROGATION, CONFIRMATION, 0, &element);
    truth_response(&s->truth, operation, NULL, &sent);
    put_points(&asdu, c, BY_STATION);
    tell(s, c, "1", "single-point information", " interrogated by station", &asdu);
    asdu.len = 0;
    put_values(&asdu, s, c, BY_STATION);
    tell(s, c, "11", "measured value, scaled", " interrogated by station", &asdu);
    sent = exchange(s, c, false, INTERROGATION, TERMINATION, 0, &element);
    truth_response(&s->truth, operation, NULL, &sent);
}

void iec104_tell_values(struct sim *s, struct iec104 *c)
{
    uint8_t buffer[APDU_MAX];
    struct octets asdu = OCTETS_OF(buffer);
    put_values(&asdu, s, c, SPONTANEOUS);
    tell(s, c, "11", "measured value, scaled", " spontaneous", &asdu);
}

void iec104_tell_change(struct sim *s, struct iec104 *c, uint32_t address, bool on)
{
    uint8_t buffer[APDU_MAX];
    struct octets asdu = OCTETS_OF(buffer);
    begin_asdu(&asdu, c, SINGLE_POINT, 1, SPONTANEOUS);
    put_address(&asdu, address);
    put_u8(&asdu, on);
    tell(s, c, "1", "single-point information", " spontaneous", &asdu);
}

void iec104_command(struct sim *s, struct iec104 *c, uint32_t address, bool on)
{
    for (unsigned execute = 0; execute < 2; execute++) {
        uint8_t qualifier[1];
        char buffer[TARGET_MAX];
        struct octets element = OCTETS_OF(qualifier);
        struct cd_text target = cd_text_of(buffer, sizeof buffer);
        begin_target(&target, c);
        cd_text_str(&target, " IOA ");
        cd_text_u64(&target, address);
        cd_text_str(&target, on ? " on" : " off");
        cd_text_str(&target, execute ? "" : " select");
        struct deed deed = speak_deed(&c->tcp, "iec104", "45", "single command", "control", target.at);
        put_u8(&element, (unsigned)on | (execute ? 0 : SELECT));
        struct sent sent = exchange(s, c, true, SINGLE_COMMAND, ACTIVATION, address, &element);
        uint32_t operation = truth_request(&s->truth, &deed, &sent);
        sent = exchange(s, c, false, SINGLE_COMMAND, CONFIRMATION, address, &element);
        truth_response(&s->truth, operation, NULL, &sent);
        if (!execute)
            continue;
        sent = exchange(s, c, false, SINGLE_COMMAND, TERMINATION, address, &element);
        truth_response(&s->truth, operation, NULL, &sent);
    }
}

/* CP56Time2a (101 7.2.6.18): milliseconds, minute, hour, day, month, year. The day is that of the start. */
void iec104_set_clock(struct sim *s, struct iec104 *c)
{
    uint8_t time[7];
    char buffer[TARGET_MAX];
    struct octets element = OCTETS_OF(time);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    uint64_t second = c->tcp.now_ns / SECOND;
    begin_target(&target, c);
    struct deed deed = speak_deed(&c->tcp, "iec104", "103", "clock synchronization command", "configure", target.at);
    put_le16(&element, (unsigned)(second % 60 * 1000));
    put_u8(&element, (unsigned)(second / 60 % 60));
    put_u8(&element, (unsigned)(second / 3600 % 24));
    put_u8(&element, 5);
    put_u8(&element, 1);
    put_u8(&element, 26);
    struct sent sent = exchange(s, c, true, CLOCK, ACTIVATION, 0, &element);
    uint32_t operation = truth_request(&s->truth, &deed, &sent);
    sent = exchange(s, c, false, CLOCK, CONFIRMATION, 0, &element);
    truth_response(&s->truth, operation, NULL, &sent);
}

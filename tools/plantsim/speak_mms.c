#include "speak_mms.h"

#include "speak.h"
#include "speak_iso.h"

enum { MESSAGE_MAX = 400, TARGET_MAX = 160 };
enum { STRUCTURE = 0xa2, BOOLEAN = 0x83, BIT_STRING = 0x84, INTEGER = 0x85, UNSIGNED = 0x86, FLOAT = 0x87 };
enum { OCTET_STRING = 0x89, VISIBLE_STRING = 0x8a, UTC_TIME = 0x91, NAME = 0x1a };
enum { CONFIRMED_REQUEST = 0xa0, CONFIRMED_RESPONSE = 0xa1, UNCONFIRMED = 0xa3 };

void mms_start(struct sim *s, struct mms *c, struct device *client, struct device *server)
{
    *c = (struct mms){0};
    tcp_start(s, &c->tcp, client, server, ISO_PORT);
}

/* ---- BER with lengths of two bytes, set when the content is there (X.690 8.1.3.5) ---- */

static size_t open_tag(struct octets *o, unsigned tag)
{
    put_u8(o, tag);
    put_u8(o, 0x82);
    put_be16(o, 0);
    return o->len;
}

static void close_tag(struct octets *o, size_t content)
{
    set_be16(o, content - 2, o->len - content);
}

static void put_value(struct octets *o, unsigned tag, const void *value, size_t len)
{
    put_u8(o, tag);
    put_u8(o, (unsigned)len);
    put_bytes(o, value, len);
}

static void put_name(struct octets *o, unsigned tag, const char *text)
{
    put_value(o, tag, text, strlen(text));
}

static void put_invoke_id(struct octets *o, uint32_t id)
{
    const uint8_t bytes[] = {0, (uint8_t)(id >> 8), (uint8_t)id};
    put_value(o, 0x02, bytes, sizeof bytes);
}

/* ---- association ---- */

/* Session connect, presentation with the contexts of ACSE (1) and MMS (3), association, initiate. The selectors and titles are those that
 * engineering tools give by default. */
static const uint8_t associate_request[] = {
    0x0d, 0xb2, 0x05, 0x06, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x14, 0x02, 0x00, 0x02, 0x33, 0x02, 0x00, 0x01,
    0x34, 0x02, 0x00, 0x01, 0xc1, 0x9c, 0x31, 0x81, 0x99, 0xa0, 0x03, 0x80, 0x01, 0x01, 0xa2, 0x81, 0x91, 0x81,
    0x04, 0x00, 0x00, 0x00, 0x01, 0x82, 0x04, 0x00, 0x00, 0x00, 0x01, 0xa4, 0x23, 0x30, 0x0f, 0x02, 0x01, 0x01,
    0x06, 0x04, 0x52, 0x01, 0x00, 0x01, 0x30, 0x04, 0x06, 0x02, 0x51, 0x01, 0x30, 0x10, 0x02, 0x01, 0x03, 0x06,
    0x05, 0x28, 0xca, 0x22, 0x02, 0x01, 0x30, 0x04, 0x06, 0x02, 0x51, 0x01, 0x61, 0x5e, 0x30, 0x5c, 0x02, 0x01,
    0x01, 0xa0, 0x57, 0x60, 0x55, 0xa1, 0x07, 0x06, 0x05, 0x28, 0xca, 0x22, 0x02, 0x03, 0xa2, 0x07, 0x06, 0x05,
    0x29, 0x01, 0x87, 0x67, 0x01, 0xa3, 0x03, 0x02, 0x01, 0x0c, 0xa6, 0x06, 0x06, 0x04, 0x29, 0x01, 0x87, 0x67,
    0xa7, 0x03, 0x02, 0x01, 0x0c, 0xbe, 0x2f, 0x28, 0x2d, 0x02, 0x01, 0x03, 0xa0, 0x28, 0xa8, 0x26, 0x80, 0x03,
    0x00, 0xfd, 0xe8, 0x81, 0x01, 0x05, 0x82, 0x01, 0x05, 0x83, 0x01, 0x0a, 0xa4, 0x16, 0x80, 0x01, 0x01, 0x81,
    0x03, 0x05, 0xf1, 0x00, 0x82, 0x0c, 0x03, 0xee, 0x1c, 0x00, 0x00, 0x04, 0x08, 0x00, 0x00, 0x79, 0xef, 0x18};
static const uint8_t associate_response[] = {
    0x0e, 0x86, 0x05, 0x06, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x14, 0x02, 0x00, 0x02, 0x34, 0x02, 0x00,
    0x01, 0xc1, 0x74, 0x31, 0x72, 0xa0, 0x03, 0x80, 0x01, 0x01, 0xa2, 0x6b, 0x83, 0x04, 0x00, 0x00, 0x00,
    0x01, 0xa5, 0x12, 0x30, 0x07, 0x80, 0x01, 0x00, 0x81, 0x02, 0x51, 0x01, 0x30, 0x07, 0x80, 0x01, 0x00,
    0x81, 0x02, 0x51, 0x01, 0x61, 0x4f, 0x30, 0x4d, 0x02, 0x01, 0x01, 0xa0, 0x48, 0x61, 0x46, 0xa1, 0x07,
    0x06, 0x05, 0x28, 0xca, 0x22, 0x02, 0x03, 0xa2, 0x03, 0x02, 0x01, 0x00, 0xa3, 0x05, 0xa1, 0x03, 0x02,
    0x01, 0x00, 0xbe, 0x2f, 0x28, 0x2d, 0x02, 0x01, 0x03, 0xa0, 0x28, 0xa9, 0x26, 0x80, 0x03, 0x00, 0xfd,
    0xe8, 0x81, 0x01, 0x05, 0x82, 0x01, 0x05, 0x83, 0x01, 0x0a, 0xa4, 0x16, 0x80, 0x01, 0x01, 0x81, 0x03,
    0x05, 0xf1, 0x00, 0x82, 0x0c, 0x03, 0xee, 0x1c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x18};

void mms_associate(struct sim *s, struct mms *c)
{
    static const uint8_t selector[] = {0, 1};
    const struct octets request = {.at = (uint8_t *)associate_request, .len = sizeof associate_request};
    const struct octets response = {.at = (uint8_t *)associate_response, .len = sizeof associate_response};
    uint8_t asked[MESSAGE_MAX], answered[MESSAGE_MAX];
    struct octets question = OCTETS_OF(asked), answer = OCTETS_OF(answered);
    iso_connect(s, &c->tcp, "mms", selector, sizeof selector, selector, sizeof selector, "TSAP 0001");
    struct deed deed = speak_deed(&c->tcp, "mms", "initiate", "initiate", "session", "AP title 1.1.1.999.1 AE 12");
    iso_put_data(&question, &request);
    iso_put_data(&answer, &response);
    speak_ask(s, &c->tcp, &deed, &question, &answer, NULL);
}

/* ---- confirmed services ---- */

/* Two empty session headers, the presentation's data value in context 3, the PDU. */
static void put_data(struct octets *o, const struct octets *pdu)
{
    uint8_t buffer[MESSAGE_MAX];
    struct octets data = OCTETS_OF(buffer);
    put_be32(&data, 0x01000100);
    size_t user = open_tag(&data, 0x61), list = open_tag(&data, 0x30);
    put_be16(&data, 0x0201);
    put_u8(&data, 3);
    size_t single = open_tag(&data, 0xa0);
    put_octets(&data, pdu);
    close_tag(&data, single);
    close_tag(&data, list);
    close_tag(&data, user);
    iso_put_data(o, &data);
}

static void ask(struct sim *s, struct mms *c, const struct deed *deed, const struct octets *service_request,
                const struct octets *service_response)
{
    uint8_t buffers[4][MESSAGE_MAX];
    struct octets request = OCTETS_OF(buffers[0]), response = OCTETS_OF(buffers[1]);
    struct octets question = OCTETS_OF(buffers[2]), answer = OCTETS_OF(buffers[3]);
    c->invoke_id++;
    size_t content = open_tag(&request, CONFIRMED_REQUEST);
    put_invoke_id(&request, c->invoke_id & 0xffff);
    put_octets(&request, service_request);
    close_tag(&request, content);
    content = open_tag(&response, CONFIRMED_RESPONSE);
    put_invoke_id(&response, c->invoke_id & 0xffff);
    put_octets(&response, service_response);
    close_tag(&response, content);
    put_data(&question, &request);
    put_data(&answer, &response);
    speak_ask(s, &c->tcp, deed, &question, &answer, NULL);
}

void mms_identify(struct sim *s, struct mms *c)
{
    struct device *relay = c->tcp.ends[1].device;
    uint8_t asked[4], answered[MESSAGE_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct deed deed = speak_deed(&c->tcp, "mms", "confirmed:2", "identify", "identify", "");
    put_be16(&request, 0x8200);
    size_t content = open_tag(&response, 0xa2);
    put_name(&response, 0x80, relay->model->vendor);
    put_name(&response, 0x81, relay->model->model);
    put_name(&response, 0x82, relay->model->firmware);
    close_tag(&response, content);
    relay->told |= TELLS_VENDOR | TELLS_MODEL | TELLS_FIRMWARE;
    ask(s, c, &deed, &request, &response);
}

/* A list of one variable of the logical device. */
static void put_variable(struct octets *o, const char *domain, const char *item)
{
    size_t list = open_tag(o, 0xa0), entry = open_tag(o, 0x30), name = open_tag(o, 0xa0), specific = open_tag(o, 0xa1);
    put_name(o, NAME, domain);
    put_name(o, NAME, item);
    close_tag(o, specific);
    close_tag(o, name);
    close_tag(o, entry);
    close_tag(o, list);
}

static void describe(struct cd_text *t, const struct mms *c, const char *item)
{
    cd_text_str(t, c->tcp.ends[1].device->name);
    cd_text_char(t, '/');
    cd_text_str(t, item);
}

void mms_read_measurement(struct sim *s, struct mms *c)
{
    static const char item[] = "MMXU1$MX$PhV$phsA$cVal$mag$i";
    uint8_t asked[MESSAGE_MAX], answered[64], value[4];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered), number = OCTETS_OF(value);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    describe(&target, c, item);
    struct deed deed = speak_deed(&c->tcp, "mms", "confirmed:4", "read", "read", target.at);
    size_t read = open_tag(&request, 0xa4), specification = open_tag(&request, 0xa1);
    put_variable(&request, c->tcp.ends[1].device->name, item);
    close_tag(&request, specification);
    close_tag(&request, read);
    put_be32(&number, 110000u + sim_drift(s, c->tcp.ends[1].device->number, 500, 300));
    read = open_tag(&response, 0xa4);
    size_t results = open_tag(&response, 0xa1);
    put_value(&response, INTEGER, number.at, number.len);
    close_tag(&response, results);
    close_tag(&response, read);
    ask(s, c, &deed, &request, &response);
}

/* IEC 61850-8-1 clause 20: value, origin, number, time, test, checks. */
static void put_operate(struct octets *o, const struct mms *c, bool close)
{
    const uint8_t value = close, category = 3, number = 1, test = 0;
    uint8_t time[8];
    struct octets when = OCTETS_OF(time);
    put_be32(&when, (uint32_t)(c->tcp.now_ns / SECOND));
    put_be32(&when, 0x0a);
    size_t oper = open_tag(o, STRUCTURE);
    put_value(o, BOOLEAN, &value, 1);
    size_t origin = open_tag(o, STRUCTURE);
    put_value(o, INTEGER, &category, 1);
    put_value(o, OCTET_STRING, "station", 7);
    close_tag(o, origin);
    put_value(o, UNSIGNED, &number, 1);
    put_value(o, UTC_TIME, when.at, when.len);
    put_value(o, BOOLEAN, &test, 1);
    put_value(o, BIT_STRING, "\x06\x00", 2);
    close_tag(o, oper);
}

void mms_operate(struct sim *s, struct mms *c, bool close)
{
    static const char item[] = "CSWI1$CO$Pos$Oper";
    uint8_t asked[MESSAGE_MAX];
    static const uint8_t granted[] = {0xa5, 2, 0x81, 0};
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = {.at = (uint8_t *)granted, .len = sizeof granted};
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    describe(&target, c, item);
    cd_text_str(&target, close ? " true" : " false");
    struct deed deed = speak_deed(&c->tcp, "mms", "confirmed:5", "write", "control", target.at);
    size_t write = open_tag(&request, 0xa5);
    put_variable(&request, c->tcp.ends[1].device->name, item);
    size_t data = open_tag(&request, 0xa0);
    put_operate(&request, c, close);
    close_tag(&request, data);
    close_tag(&request, write);
    ask(s, c, &deed, &request, &response);
}

/* IEC 61850-8-1 clause 17.2: report id, which fields follow (number, data set), these, what is included, its value. */
static void put_report(struct octets *o, const struct mms *c, const char *id, const char *data_set)
{
    const uint8_t number = (uint8_t)(c->report_number & 0x7f), state[] = {6, 0x80};
    size_t report = open_tag(o, UNCONFIRMED), information = open_tag(o, 0xa0), list = open_tag(o, 0xa1);
    put_name(o, 0x80, "RPT");
    close_tag(o, list);
    size_t results = open_tag(o, 0xa0);
    put_name(o, VISIBLE_STRING, id);
    put_value(o, BIT_STRING, "\x06\x48\x00", 3);
    put_value(o, UNSIGNED, &number, 1);
    put_name(o, VISIBLE_STRING, data_set);
    put_value(o, BIT_STRING, "\x07\x80", 2);
    put_value(o, BIT_STRING, state, sizeof state);
    close_tag(o, results);
    close_tag(o, information);
    close_tag(o, report);
}

void mms_report(struct sim *s, struct mms *c)
{
    uint8_t buffers[2][MESSAGE_MAX];
    char names[3][TARGET_MAX];
    struct octets pdu = OCTETS_OF(buffers[0]), message = OCTETS_OF(buffers[1]);
    struct cd_text id = cd_text_of(names[0], TARGET_MAX), set = cd_text_of(names[1], TARGET_MAX);
    struct cd_text target = cd_text_of(names[2], TARGET_MAX);
    describe(&id, c, "LLN0$BR$brcbPos");
    describe(&set, c, "LLN0$dsPos");
    cd_text_str(&target, "report ");
    cd_text_str(&target, id.at);
    cd_text_str(&target, " data set ");
    cd_text_str(&target, set.at);
    struct deed deed = speak_deed(&c->tcp, "mms", "unconfirmed:0", "information report", "read", target.at);
    c->report_number++;
    put_report(&pdu, c, id.at, set.at);
    put_data(&message, &pdu);
    struct sent sent = tcp_send(s, &c->tcp, false, &message);
    truth_request(&s->truth, &deed, &sent);
    tcp_wait(&c->tcp, 2 * MS);
}

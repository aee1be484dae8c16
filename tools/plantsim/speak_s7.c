#include "speak_s7.h"

#include "speak.h"
#include "speak_iso.h"

enum { PDU_MAX = 480, MESSAGE_MAX = PDU_MAX + 32, TARGET_MAX = 64 };
enum { JOB = 1, ACK_DATA = 3, USERDATA = 7 };
enum { FUNCTION_READ = 4, FUNCTION_WRITE = 5, FUNCTION_SETUP = 0xf0 };

void s7_start(struct sim *s, struct s7 *c, struct device *client, struct device *server)
{
    *c = (struct s7){.reference = (uint16_t)random_u64(&s->random)};
    tcp_start(s, &c->tcp, client, server, ISO_PORT);
}

/* Header, parameters, data. Answers have two bytes of error between. */
static void put_message(struct octets *o, const struct s7 *c, unsigned kind, const struct octets *parameters,
                        const struct octets *data)
{
    uint8_t buffer[MESSAGE_MAX];
    struct octets pdu = OCTETS_OF(buffer);
    put_u8(&pdu, 0x32);
    put_u8(&pdu, kind);
    put_be16(&pdu, 0);
    put_be16(&pdu, c->reference);
    put_be16(&pdu, (unsigned)parameters->len);
    put_be16(&pdu, data ? (unsigned)data->len : 0);
    if (kind == ACK_DATA)
        put_be16(&pdu, 0);
    put_octets(&pdu, parameters);
    if (data)
        put_octets(&pdu, data);
    iso_put_data(o, &pdu);
}

struct part {
    const struct octets *parameters, *data;
};

static void ask(struct sim *s, struct s7 *c, const struct deed *deed, struct part request, struct part response)
{
    uint8_t asked[MESSAGE_MAX], answered[MESSAGE_MAX];
    struct octets question = OCTETS_OF(asked), answer = OCTETS_OF(answered);
    c->reference++;
    put_message(&question, c, JOB, request.parameters, request.data);
    put_message(&answer, c, ACK_DATA, response.parameters, response.data);
    speak_ask(s, &c->tcp, deed, &question, &answer, NULL);
}

void s7_set_up(struct sim *s, struct s7 *c, enum s7_as as)
{
    static const uint8_t sizes[] = {FUNCTION_SETUP, 0, 0, 1, 0, 1, PDU_MAX >> 8, PDU_MAX & 0xff};
    const uint8_t calling[] = {(uint8_t)as, 0}, called[] = {(uint8_t)as, 2}; /* rack 0, slot 2 */
    struct octets parameters = {.at = (uint8_t *)sizes, .len = sizeof sizes, .cap = sizeof sizes};
    iso_connect(s, &c->tcp, "s7comm", calling, 2, called, 2, as == S7_AS_PANEL ? "TSAP 0202" : "TSAP 0102");
    struct deed deed = speak_deed(&c->tcp, "s7comm", "240", "setup communication", "session", "");
    ask(s, c, &deed, (struct part){&parameters, NULL}, (struct part){&parameters, NULL});
}

/* ---- name plate: userdata, function group 4 (CPU), sub-function 1 (read system state list) ---- */

static void put_userdata(struct octets *o, const struct s7 *c, bool response, const struct octets *data)
{
    uint8_t buffer[16], unit[MESSAGE_MAX];
    struct octets parameters = OCTETS_OF(buffer), framed = OCTETS_OF(unit);
    static const uint8_t head[] = {0, 1, 0x12};
    put_bytes(&parameters, head, sizeof head);
    put_u8(&parameters, response ? 8 : 4);
    put_be16(&parameters, response ? 0x1284 : 0x1144); /* method, type and group */
    put_u8(&parameters, 1);
    put_u8(&parameters, response ? 1 : 0); /* sequence */
    if (response)
        put_be32(&parameters, 0); /* the last data unit, no error */
    put_u8(&framed, 0xff);
    put_u8(&framed, 9); /* octets */
    put_be16(&framed, (unsigned)data->len);
    put_octets(&framed, data);
    put_message(o, c, USERDATA, &parameters, &framed);
}

static void read_list(struct sim *s, struct s7 *c, uint16_t list, const char *target, const struct octets *records,
                      size_t record_len)
{
    uint8_t asked[64], answered[MESSAGE_MAX], ids[8], told[MESSAGE_MAX];
    struct octets question = OCTETS_OF(asked), answer = OCTETS_OF(answered);
    struct octets id = OCTETS_OF(ids), data = OCTETS_OF(told);
    struct deed deed = speak_deed(&c->tcp, "s7comm", "userdata:4:1", "read szl", "identify", target);
    deed.code = "userdata:4:1";
    put_be16(&id, list);
    put_be16(&id, 0);
    put_octets(&data, &id);
    put_be16(&data, (unsigned)record_len);
    put_be16(&data, (unsigned)(records->len / record_len));
    put_octets(&data, records);
    c->reference++;
    put_userdata(&question, c, false, &id);
    put_userdata(&answer, c, true, &data);
    speak_ask(s, &c->tcp, &deed, &question, &answer, NULL);
}

/* "V3.2.7" as 'V' and three bytes. */
static void put_release(struct octets *o, const char *firmware)
{
    put_u8(o, 'V');
    for (unsigned i = 0; i < 3; i++) {
        unsigned number = 0;
        firmware++; /* 'V' or '.' */
        for (; *firmware >= '0' && *firmware <= '9'; firmware++)
            number = number * 10 + (unsigned)(*firmware - '0');
        put_u8(o, number);
    }
}

static void put_module_records(struct octets *o, const struct model *model)
{
    enum { MODULE = 1, HARDWARE = 6, FIRMWARE = 7 };
    put_be16(o, MODULE);
    put_field(o, model->order_number, 20, ' ');
    put_be16(o, 0x00c0);
    put_be16(o, (unsigned)(model->hardware[0] - '0'));
    put_be16(o, 1);
    put_be16(o, FIRMWARE);
    put_field(o, "", 20, ' ');
    put_be16(o, 0x00c0);
    put_release(o, model->firmware);
}

static void put_component_record(struct octets *o, unsigned index, const char *text)
{
    put_be16(o, index);
    put_field(o, text, 32, 0);
}

void s7_read_name_plate(struct sim *s, struct s7 *c)
{
    enum {
        SYSTEM_NAME = 1,
        MODULE_NAME = 2,
        COPYRIGHT = 4,
        SERIAL = 5,
        TYPE = 7,
        MODULE_RECORD = 28,
        COMPONENT_RECORD = 34
    };
    struct device *device = c->tcp.ends[1].device;
    uint8_t buffer[MESSAGE_MAX];
    struct octets records = OCTETS_OF(buffer);
    put_module_records(&records, device->model);
    read_list(s, c, 0x0011, "SZL 0x0011 index 0x0000 (module identification)", &records, MODULE_RECORD);
    records.len = 0;
    put_component_record(&records, SYSTEM_NAME, device->name);
    put_component_record(&records, MODULE_NAME, device->name);
    put_component_record(&records, COPYRIGHT, "Original Siemens Equipment");
    put_component_record(&records, SERIAL, device->serial);
    put_component_record(&records, TYPE, device->model->model);
    read_list(s, c, 0x001c, "SZL 0x001c index 0x0000 (component identification)", &records, COMPONENT_RECORD);
    device->told |=
        TELLS_VENDOR | TELLS_ORDER_NUMBER | TELLS_HARDWARE | TELLS_FIRMWARE | TELLS_NAME | TELLS_SERIAL | TELLS_MODEL;
}

/* ---- variables ---- */

/* An address of the kind S7-ANY: type, how many, data block, area and bit address. */
static void put_item(struct octets *o, unsigned type, unsigned count, unsigned db, uint32_t bit_address)
{
    static const uint8_t head[] = {1, 0x12, 0x0a, 0x10};
    enum { AREA_DB = 0x84 };
    put_bytes(o, head, sizeof head);
    put_u8(o, type);
    put_be16(o, count);
    put_be16(o, db);
    put_be32(o, (uint32_t)AREA_DB << 24 | bit_address);
}

static void describe(struct cd_text *t, unsigned db, unsigned byte, unsigned bit, const char *type, unsigned count)
{
    cd_text_str(t, "DB");
    cd_text_u64(t, db);
    cd_text_str(t, ".DBX");
    cd_text_u64(t, byte);
    cd_text_char(t, '.');
    cd_text_u64(t, bit);
    cd_text_char(t, ' ');
    cd_text_str(t, type);
    cd_text_char(t, ' ');
    cd_text_u64(t, count);
}

/* IEEE 754 single precision of a whole number below 2^24, without the machine's own arithmetic. */
static uint32_t real_of(uint32_t value)
{
    unsigned exponent = 150;
    if (!value)
        return 0;
    for (; !(value & 0x800000); value <<= 1)
        exponent--;
    return exponent << 23 | (value & 0x7fffff);
}

void s7_read_reals(struct sim *s, struct s7 *c, uint16_t db, uint16_t byte, uint16_t count, uint16_t level,
                   uint16_t swing)
{
    enum { TYPE_REAL = 8, SIZE_REAL = 7 };
    uint8_t asked[32], answered[8], values[PDU_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered), data = OCTETS_OF(values);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    describe(&target, db, byte, 0, "REAL", count);
    struct deed deed = speak_deed(&c->tcp, "s7comm", "4", "read var", "read", target.at);
    put_u8(&request, FUNCTION_READ);
    put_item(&request, TYPE_REAL, count, db, byte * 8u);
    put_u8(&response, FUNCTION_READ);
    put_u8(&response, 1);
    put_u8(&data, 0xff);
    put_u8(&data, SIZE_REAL);
    put_be16(&data, count * 4u);
    for (unsigned i = 0; i < count; i++)
        put_be32(&data,
                 real_of(sim_drift(s, c->tcp.ends[1].device->number + i * 90, (uint16_t)(level + i * 11), swing)));
    ask(s, c, &deed, (struct part){&request, NULL}, (struct part){&response, &data});
}

void s7_write_bit(struct sim *s, struct s7 *c, uint16_t db, uint16_t byte, uint8_t bit, bool on)
{
    enum { TYPE_BIT = 1, SIZE_BIT = 3 };
    static const uint8_t granted[] = {0xff};
    uint8_t asked[32], answered[8], value[8];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered), data = OCTETS_OF(value);
    struct octets result = {.at = (uint8_t *)granted, .len = 1, .cap = 1};
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    describe(&target, db, byte, bit, "BOOL", 1);
    struct deed deed = speak_deed(&c->tcp, "s7comm", "5", "write var", "write", target.at);
    put_u8(&request, FUNCTION_WRITE);
    put_item(&request, TYPE_BIT, 1, db, byte * 8u + bit);
    put_u8(&data, 0);
    put_u8(&data, SIZE_BIT);
    put_be16(&data, 1);
    put_u8(&data, on);
    put_u8(&response, FUNCTION_WRITE);
    put_u8(&response, 1);
    ask(s, c, &deed, (struct part){&request, &data}, (struct part){&response, &result});
}

/* ---- mode ---- */

void s7_stop(struct sim *s, struct s7 *c)
{
    static const uint8_t job[] = "\x29\0\0\0\0\0\x09P_PROGRAM";
    struct octets request = {.at = (uint8_t *)job, .len = sizeof job - 1, .cap = sizeof job - 1}, response = request;
    struct deed deed = speak_deed(&c->tcp, "s7comm", "41", "plc stop", "mode", "P_PROGRAM");
    response.len = 1;
    ask(s, c, &deed, (struct part){&request, NULL}, (struct part){&response, NULL});
}

void s7_restart(struct sim *s, struct s7 *c)
{
    static const uint8_t job[] = "\x28\0\0\0\0\0\0\xfd\0\0\x09P_PROGRAM";
    struct octets request = {.at = (uint8_t *)job, .len = sizeof job - 1, .cap = sizeof job - 1}, response = request;
    struct deed deed = speak_deed(&c->tcp, "s7comm", "40", "plc control: start", "mode", "P_PROGRAM");
    response.len = 1;
    ask(s, c, &deed, (struct part){&request, NULL}, (struct part){&response, NULL});
}

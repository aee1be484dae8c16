#include "speak_modbus.h"

#include "speak.h"

enum { PDU_MAX = 253, TARGET_MAX = 64, READ_DEVICE_IDENTIFICATION = 43, MEI_DEVICE_IDENTIFICATION = 14 };

void modbus_start(struct sim *s, struct modbus *m, struct device *client, struct device *server)
{
    *m = (struct modbus){.transaction = (uint16_t)random_u64(&s->random)};
    tcp_start(s, &m->tcp, client, server, MODBUS_PORT);
}

/* The header: transaction, protocol 0, length, unit. */
static void put_header(struct octets *o, const struct modbus *m, uint8_t unit, size_t pdu_len)
{
    put_be16(o, m->transaction);
    put_be16(o, 0);
    put_be16(o, (unsigned)pdu_len + 1);
    put_u8(o, unit);
}

static void ask(struct sim *s, struct modbus *m, const struct deed *deed, uint8_t unit, const struct octets *request,
                const struct octets *response, const char *error)
{
    uint8_t asked[PDU_MAX + 7], answered[PDU_MAX + 7];
    struct octets question = OCTETS_OF(asked), answer = OCTETS_OF(answered);
    m->transaction++;
    put_header(&question, m, unit, request->len);
    put_octets(&question, request);
    put_header(&answer, m, unit, response->len);
    put_octets(&answer, response);
    speak_ask(s, &m->tcp, deed, &question, &answer, error);
}

/* "unit 3 holding registers 100-109" */
static void describe(struct cd_text *t, uint8_t unit, const char *what, uint16_t address, uint16_t quantity)
{
    cd_text_str(t, "unit ");
    cd_text_u64(t, unit);
    cd_text_char(t, ' ');
    cd_text_str(t, what);
    cd_text_str(t, quantity > 1 ? "s " : " ");
    cd_text_u64(t, address);
    if (quantity > 1) {
        cd_text_char(t, '-');
        cd_text_u64(t, address + quantity - 1u);
    }
}

static const struct read {
    const char *code, *name, *what;
    bool bits;
} reads[] = {
    [MODBUS_READ_COILS] = {"1", "read coils", "coil", true},
    [MODBUS_READ_DISCRETE_INPUTS] = {"2", "read discrete inputs", "discrete input", true},
    [MODBUS_READ_HOLDING_REGISTERS] = {"3", "read holding registers", "holding register", false},
    [MODBUS_READ_INPUT_REGISTERS] = {"4", "read input registers", "input register", false},
};

static void put_read(struct octets *o, const struct modbus_block *b)
{
    put_u8(o, b->function);
    put_be16(o, b->address);
    put_be16(o, b->quantity);
}

static void put_values(struct octets *o, const struct sim *s, const struct modbus_block *b)
{
    put_u8(o, b->function);
    if (reads[b->function].bits) {
        unsigned bytes = (b->quantity + 7u) / 8;
        put_u8(o, bytes);
        for (unsigned i = 0; i < bytes; i++)
            put_u8(o, (0x5a + b->address + i) &
                          (i + 1 < bytes || b->quantity % 8 == 0 ? 0xff : 0xff >> (8 - b->quantity % 8)));
        return;
    }
    put_u8(o, b->quantity * 2u);
    for (uint16_t i = 0; i < b->quantity; i++)
        put_be16(o, sim_drift(s, (uint32_t)(b->device->number * 31 + i * 7), (uint16_t)(b->level + i), b->swing));
}

static struct deed read_deed(const struct modbus *m, const struct modbus_block *b, struct cd_text *target)
{
    const struct read *r = &reads[b->function];
    describe(target, b->unit, r->what, b->address, b->quantity);
    return speak_deed(&m->tcp, "modbus", r->code, r->name, "read", target->at);
}

/* As the standard has it (Modbus Application Protocol V1.1b3, 7). */
static const char *exception_name(enum modbus_exception exception)
{
    switch (exception) {
    case MODBUS_ILLEGAL_DATA_ADDRESS: return "illegal data address";
    case MODBUS_NO_ANSWER_FROM_TARGET: return "gateway target device failed to respond";
    case MODBUS_NO_EXCEPTION: break;
    }
    return NULL;
}

void modbus_read(struct sim *s, struct modbus *m, const struct modbus_block *b, enum modbus_exception exception)
{
    uint8_t asked[8], answered[PDU_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    struct deed deed = read_deed(m, b, &target);
    put_read(&request, b);
    if (exception) {
        put_u8(&response, b->function | 0x80u);
        put_u8(&response, exception);
    } else {
        put_values(&response, s, b);
        b->device->sent = true;
    }
    ask(s, m, &deed, b->unit, &request, &response, exception_name(exception));
}

void modbus_read_in_vain(struct sim *s, struct modbus *m, const struct modbus_block *b)
{
    uint8_t asked[16];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    struct deed deed = read_deed(m, b, &target);
    m->transaction++;
    put_header(&request, m, b->unit, 5);
    put_read(&request, b);
    speak_ask_in_vain(s, &m->tcp, &deed, &request);
}

void modbus_write_coil(struct sim *s, struct modbus *m, struct device *device, uint8_t unit, uint16_t address, bool on)
{
    uint8_t asked[8];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    describe(&target, unit, "coil", address, 1);
    cd_text_str(&target, on ? " on" : " off");
    struct deed deed = speak_deed(&m->tcp, "modbus", "5", "write single coil", "control", target.at);
    put_u8(&request, 5);
    put_be16(&request, address);
    put_be16(&request, on ? 0xff00 : 0);
    device->sent = true;
    ask(s, m, &deed, unit, &request, &request, NULL); /* the answer is an echo */
}

void modbus_write_registers(struct sim *s, struct modbus *m, struct device *device, uint8_t unit, uint16_t address,
                            uint16_t quantity, uint16_t value)
{
    uint8_t asked[PDU_MAX], answered[8];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    describe(&target, unit, "holding register", address, quantity);
    struct deed deed = speak_deed(&m->tcp, "modbus", "16", "write multiple registers", "write", target.at);
    put_u8(&response, 16);
    put_be16(&response, address);
    put_be16(&response, quantity);
    put_octets(&request, &response);
    put_u8(&request, quantity * 2u);
    for (uint16_t i = 0; i < quantity; i++)
        put_be16(&request, value + i);
    device->sent = true;
    ask(s, m, &deed, unit, &request, &response, NULL);
}

static void put_object(struct octets *o, uint8_t id, const char *value)
{
    put_u8(o, id);
    put_u8(o, (unsigned)strlen(value));
    put_text(o, value);
}

void modbus_identify(struct sim *s, struct modbus *m, struct device *device, uint8_t unit)
{
    const struct model *model = device->model;
    static const uint8_t regular[] = {READ_DEVICE_IDENTIFICATION, MEI_DEVICE_IDENTIFICATION, 2, 0};
    uint8_t asked[8], answered[PDU_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    cd_text_str(&target, "unit ");
    cd_text_u64(&target, unit);
    struct deed deed = speak_deed(&m->tcp, "modbus", "43", "read device identification", "identify", target.at);
    put_bytes(&request, regular, sizeof regular);
    put_bytes(&response, regular, 3);
    put_u8(&response, 0x82); /* conformity: regular, stream and individual access */
    put_be16(&response, 0);  /* nothing follows */
    put_u8(&response, model->model ? 4 : 3);
    put_object(&response, 0, model->vendor);
    put_object(&response, 1, model->order_number);
    put_object(&response, 2, model->firmware);
    if (model->model)
        put_object(&response, 5, model->model);
    device->sent = true;
    device->told |= TELLS_VENDOR | TELLS_ORDER_NUMBER | TELLS_MODEL | TELLS_FIRMWARE;
    ask(s, m, &deed, unit, &request, &response, NULL);
}

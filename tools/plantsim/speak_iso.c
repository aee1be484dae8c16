#include "speak_iso.h"

#include "speak.h"

enum { CONNECT = 0xe0, CONFIRM = 0xd0, DATA = 0xf0, END_OF_TSDU = 0x80, SOURCE_REFERENCE = 0x0001 };
enum { PARAMETER_SIZE = 0xc0, PARAMETER_CALLING = 0xc1, PARAMETER_CALLED = 0xc2, SIZE_1024 = 10 };

static void put_tpkt(struct octets *o, size_t tpdu_len)
{
    put_be16(o, 0x0300);
    put_be16(o, (unsigned)tpdu_len + 4);
}

void iso_put_data(struct octets *o, const struct octets *payload)
{
    put_tpkt(o, payload->len + 3);
    put_u8(o, 2);
    put_u8(o, DATA);
    put_u8(o, END_OF_TSDU);
    put_octets(o, payload);
}

static void put_parameter(struct octets *o, unsigned code, const void *value, size_t len)
{
    put_u8(o, code);
    put_u8(o, (unsigned)len);
    put_bytes(o, value, len);
}

static void put_connect(struct octets *o, unsigned type, unsigned destination, unsigned source,
                        const struct octets *parameters)
{
    put_tpkt(o, parameters->len + 7);
    put_u8(o, (unsigned)parameters->len + 6);
    put_u8(o, type);
    put_be16(o, destination);
    put_be16(o, source);
    put_u8(o, 0); /* class 0 */
    put_octets(o, parameters);
}

void iso_connect(struct sim *s, struct tcp *c, const char *protocol, const void *calling, size_t calling_len,
                 const void *called, size_t called_len, const char *target)
{
    static const uint8_t size = SIZE_1024;
    uint8_t list[64], asked[80], answered[80];
    struct octets parameters = OCTETS_OF(list), request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct deed deed = speak_deed(c, "cotp", "14", "connect", "session", target);
    put_parameter(&parameters, PARAMETER_SIZE, &size, 1);
    put_parameter(&parameters, PARAMETER_CALLING, calling, calling_len);
    put_parameter(&parameters, PARAMETER_CALLED, called, called_len);
    put_connect(&request, CONNECT, 0, SOURCE_REFERENCE, &parameters);
    put_connect(&response, CONFIRM, SOURCE_REFERENCE, 0x4431, &parameters);
    speak_ask(s, c, &deed, &request, &response, NULL);
    truth_name_protocol(&s->truth, c->conversation, protocol); /* what it carries says more than the carrier */
}

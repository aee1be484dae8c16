/* Kerberos messages, from bytes to structs (RFC 4120 5.4 to 5.9). Fields are told by their context tags. */
#include "protocols/ber.h"
#include "protocols/kerberos.h"

enum {
    CONTEXT = 0xa0, /* constructed, context-specific */
    FIELDS_MAX = 16,
    PREAUTHENTICATION_MAX = 32,
    PA_ENC_TIMESTAMP = 2,
    PA_PK_AS_REQ = 16,
    PA_PAC_REQUEST = 128,
    PA_ENCRYPTED_CHALLENGE = 138,
    PASSWORD_CHANGE = 1,
    PASSWORD_SET = 0xff80,
    PASSWORD_HEADER = 6,
};

/* The content of the next element of a sequence of fields, and its number; false at the end or where none fits. */
static bool next_field(struct cd_reader *sequence, unsigned *ret_number, struct cd_reader *ret)
{
    struct cd_ber field;
    if (cd_read_left(sequence) == 0 || !cd_ber_read(sequence, "field", &field))
        return false;
    *ret_number = field.identifier >= CONTEXT && field.identifier < CONTEXT + 31 ? field.identifier - CONTEXT : 255;
    *ret = field.value;
    return true;
}

static struct cd_reader string(struct cd_reader *field)
{
    struct cd_ber element;
    return cd_ber_read(field, "string", &element) ? element.value : (struct cd_reader){.bad = "string"};
}

static struct cd_kerberos_principal principal(struct cd_reader *field)
{
    struct cd_kerberos_principal p = {0};
    struct cd_reader sequence = cd_ber_expect(field, CD_BER_SEQUENCE, "principal"), value;
    unsigned number;
    for (int i = 0; i < 2 && next_field(&sequence, &number, &value); i++)
        if (number == 1)
            p.parts = cd_ber_expect(&value, CD_BER_SEQUENCE, "name");
    if (p.parts.bad)
        p.parts = (struct cd_reader){0};
    return p;
}

/* EncryptedData (5.2.9): only its type. */
static int32_t encryption(struct cd_reader *field)
{
    struct cd_reader sequence = cd_ber_expect(field, CD_BER_SEQUENCE, "encrypted data"), value;
    unsigned number;
    if (!next_field(&sequence, &number, &value) || number != 0)
        return 0;
    return (int32_t)cd_ber_integer(&value, "encryption type");
}

/* Ticket (5.3): [APPLICATION 1] SEQUENCE { version, realm, name, encrypted part }. */
static void parse_ticket(struct cd_reader *field, struct cd_kerberos_message *k)
{
    struct cd_reader ticket = cd_ber_expect(field, 0x61, "ticket");
    struct cd_reader sequence = cd_ber_expect(&ticket, CD_BER_SEQUENCE, "ticket"), value;
    unsigned number;
    for (int i = 0; i < FIELDS_MAX && next_field(&sequence, &number, &value); i++) {
        if (number == 2)
            k->server = principal(&value);
        else if (number == 3)
            k->ticket_encryption = encryption(&value);
    }
}

/* PA-DATA (5.2.7). */
static void parse_preauthentication(struct cd_reader *field, struct cd_kerberos_message *k)
{
    struct cd_reader list = cd_ber_expect(field, CD_BER_SEQUENCE, "preauthentication"), value;
    for (int i = 0; i < PREAUTHENTICATION_MAX && cd_read_left(&list); i++) {
        struct cd_reader data = cd_ber_expect(&list, CD_BER_SEQUENCE, "preauthentication");
        int64_t type = 0;
        unsigned number;
        if (next_field(&data, &number, &value) && number == 1)
            type = cd_ber_integer(&value, "preauthentication type");
        if (type == PA_ENC_TIMESTAMP || type == PA_PK_AS_REQ || type == PA_ENCRYPTED_CHALLENGE)
            k->has_proof = true;
        else if (type == PA_PAC_REQUEST)
            k->asks_pac = true;
    }
}

static void parse_encryption_types(struct cd_reader *field, struct cd_kerberos_message *k)
{
    struct cd_reader list = cd_ber_expect(field, CD_BER_SEQUENCE, "encryption types");
    while (cd_read_left(&list) && k->n_offered < CD_KERBEROS_ENCRYPTION_TYPES_MAX) {
        int32_t type = (int32_t)cd_ber_integer(&list, "encryption type");
        if (cd_read_ok(&list))
            k->offered[k->n_offered++] = type;
    }
}

static void parse_request_body(struct cd_reader *field, struct cd_kerberos_message *k)
{
    struct cd_reader body = cd_ber_expect(field, CD_BER_SEQUENCE, "request body"), value;
    unsigned number;
    for (int i = 0; i < FIELDS_MAX && next_field(&body, &number, &value); i++)
        switch (number) {
        case 1: k->client = principal(&value); break;
        case 2: k->realm = string(&value); break;
        case 3: k->server = principal(&value); break;
        case 8: parse_encryption_types(&value, k); break;
        case 9: k->addresses = cd_ber_expect(&value, CD_BER_SEQUENCE, "addresses"); break;
        default: break;
        }
    if (body.bad)
        cd_read_fail(field, body.bad);
}

static void parse_field(unsigned number, struct cd_reader *value, struct cd_kerberos_message *k)
{
    switch (k->type) {
    case CD_KERBEROS_AS_REQ:
    case CD_KERBEROS_TGS_REQ:
        if (number == 3)
            parse_preauthentication(value, k);
        else if (number == 4)
            parse_request_body(value, k);
        break;
    case CD_KERBEROS_AS_REP:
    case CD_KERBEROS_TGS_REP:
        if (number == 3)
            k->realm = string(value);
        else if (number == 4)
            k->client = principal(value);
        else if (number == 5)
            parse_ticket(value, k);
        else if (number == 6)
            k->reply_encryption = encryption(value);
        break;
    case CD_KERBEROS_AP_REQ:
        if (number == 3)
            parse_ticket(value, k);
        break;
    case CD_KERBEROS_ERROR:
        if (number == 6)
            k->error = (int32_t)cd_ber_integer(value, "error code");
        else if (number == 8)
            k->client = principal(value);
        else if (number == 9)
            k->realm = string(value);
        else if (number == 10)
            k->server = principal(value);
        break;
    default: break;
    }
}

bool cd_kerberos_parse(struct cd_reader *r, struct cd_kerberos_message *ret)
{
    struct cd_kerberos_message k = {0};
    struct cd_ber message;
    int identifier = cd_ber_peek(r);
    if (identifier < 0 || !cd_kerberos_is_message((uint8_t)identifier)) {
        cd_read_fail(r, "message type");
        return false;
    }
    if (!cd_ber_read(r, "message", &message))
        return false;
    k.type = (uint8_t)message.tag;
    struct cd_reader sequence = cd_ber_expect(&message.value, CD_BER_SEQUENCE, "message"), value = {0};
    unsigned number;
    for (int i = 0; i < FIELDS_MAX && next_field(&sequence, &number, &value); i++) {
        parse_field(number, &value, &k);
        if (value.bad)
            cd_read_fail(&sequence, value.bad);
    }
    if (k.realm.bad)
        k.realm = (struct cd_reader){0};
    if (k.addresses.bad)
        k.addresses = (struct cd_reader){0};
    if (sequence.bad) {
        cd_read_fail(r, sequence.bad);
        return false;
    }
    *ret = k;
    return true;
}

bool cd_kerberos_parse_password(struct cd_reader *r, struct cd_kerberos_password *ret)
{
    uint16_t length = cd_read_be16(r, "length"), version = cd_read_be16(r, "version");
    uint16_t message_len = cd_read_be16(r, "length of AP message");
    int first = cd_read_peek(r, 0);
    if (length < PASSWORD_HEADER || (version != PASSWORD_CHANGE && version != PASSWORD_SET))
        cd_read_fail(r, "version");
    if (message_len == 0 ? first != 0x7e : first != 0x6e && first != 0x6f)
        cd_read_fail(r, "AP message");
    cd_read_skip(r, (size_t)(length >= PASSWORD_HEADER ? length - PASSWORD_HEADER : 0), "length");
    if (!cd_read_ok(r))
        return false;
    *ret =
        (struct cd_kerberos_password){.reply = first != 0x6e, .set = version == PASSWORD_SET, .refused = first == 0x7e};
    return true;
}

void cd_text_kerberos_principal(struct cd_text *t, const struct cd_kerberos_principal *p)
{
    struct cd_reader parts = p->parts;
    for (int i = 0; i < CD_KERBEROS_PARTS_MAX && cd_read_left(&parts); i++) {
        struct cd_reader part = string(&parts);
        if (!cd_read_ok(&part))
            return;
        cd_text_str(t, i ? "/" : "");
        cd_text_device(t, part.base, part.len);
    }
}

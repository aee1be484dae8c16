#include "protocols/opcua_types.h"

enum { SHOWN_MAX = 64 /* bytes of a text identifier that are shown */ };

struct cd_opcua_string cd_opcua_read_string(struct cd_reader *r, const char *field)
{
    uint32_t length = cd_read_le32(r, field);
    if (length == UINT32_MAX || length == 0)
        return (struct cd_opcua_string){0};
    const uint8_t *bytes = cd_read_at(r, length, field);
    return bytes ? (struct cd_opcua_string){(const char *)bytes, length} : (struct cd_opcua_string){0};
}

struct cd_opcua_string cd_opcua_read_localized(struct cd_reader *r, const char *field)
{
    enum { LOCALE = 1, TEXT = 2 };
    uint8_t mask = cd_read_u8(r, field);
    if (mask & LOCALE)
        cd_opcua_read_string(r, field);
    return mask & TEXT ? cd_opcua_read_string(r, field) : (struct cd_opcua_string){0};
}

struct cd_opcua_string cd_opcua_read_qualified(struct cd_reader *r, uint16_t *ret_namespace, const char *field)
{
    uint16_t namespace_index = cd_read_le16(r, field);
    if (ret_namespace)
        *ret_namespace = namespace_index;
    return cd_opcua_read_string(r, field);
}

/* ---- identifiers ---- */

enum {
    FORM_TWO_BYTES = 0,
    FORM_FOUR_BYTES = 1,
    FORM_NUMERIC = 2,
    FORM_STRING = 3,
    FORM_GUID = 4,
    FORM_OPAQUE = 5,
    FORM_MASK = 0x3f,
    WITH_SERVER_INDEX = 0x40,
    WITH_NAMESPACE_URI = 0x80,
    GUID_BYTES = 16
};

static struct cd_opcua_node_id read_id(struct cd_reader *r, uint8_t form, const char *field)
{
    struct cd_opcua_node_id id = {.type = CD_OPCUA_NUMERIC};
    switch (form) {
    case FORM_TWO_BYTES: id.number = cd_read_u8(r, field); return id;
    case FORM_FOUR_BYTES:
        id.namespace_index = cd_read_u8(r, field);
        id.number = cd_read_le16(r, field);
        return id;
    case FORM_NUMERIC:
        id.namespace_index = cd_read_le16(r, field);
        id.number = cd_read_le32(r, field);
        return id;
    case FORM_STRING:
    case FORM_OPAQUE:
        id.type = form == FORM_STRING ? CD_OPCUA_STRING : CD_OPCUA_OPAQUE;
        id.namespace_index = cd_read_le16(r, field);
        id.text = cd_opcua_read_string(r, field);
        return id;
    case FORM_GUID:
        id.type = CD_OPCUA_GUID;
        id.namespace_index = cd_read_le16(r, field);
        id.text.bytes = (const char *)cd_read_at(r, GUID_BYTES, field);
        id.text.len = id.text.bytes ? GUID_BYTES : 0;
        return id;
    default: cd_read_fail(r, field); return id;
    }
}

struct cd_opcua_node_id cd_opcua_read_node_id(struct cd_reader *r, const char *field)
{
    return read_id(r, cd_read_u8(r, field), field);
}

struct cd_opcua_node_id cd_opcua_read_expanded(struct cd_reader *r, const char *field)
{
    uint8_t form = cd_read_u8(r, field);
    struct cd_opcua_node_id id = read_id(r, form & FORM_MASK, field);
    if (form & WITH_NAMESPACE_URI)
        cd_opcua_read_string(r, field);
    if (form & WITH_SERVER_INDEX)
        cd_read_skip(r, 4, field);
    return id;
}

static void text_guid(struct cd_text *t, const uint8_t *bytes)
{
    static const uint8_t order[GUID_BYTES] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    for (unsigned i = 0; i < GUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            cd_text_char(t, '-');
        cd_text_hex(t, bytes[order[i]], 2);
    }
}

void cd_opcua_text_node_id(struct cd_text *t, const struct cd_opcua_node_id *id)
{
    size_t shown = id->text.len < SHOWN_MAX ? id->text.len : SHOWN_MAX;
    if (id->namespace_index) {
        cd_text_str(t, "ns=");
        cd_text_u64(t, id->namespace_index);
        cd_text_char(t, ';');
    }
    switch (id->type) {
    case CD_OPCUA_NUMERIC:
        cd_text_str(t, "i=");
        cd_text_u64(t, id->number);
        break;
    case CD_OPCUA_STRING:
        cd_text_str(t, "s=");
        cd_text_device(t, id->text.bytes, shown);
        break;
    case CD_OPCUA_GUID:
        cd_text_str(t, "g=");
        if (id->text.len == GUID_BYTES)
            text_guid(t, (const uint8_t *)id->text.bytes);
        break;
    case CD_OPCUA_OPAQUE:
        cd_text_str(t, "b=");
        cd_text_hex_bytes(t, id->text.bytes, shown < 16 ? shown : 16);
        break;
    }
}

bool cd_opcua_is_standard(const struct cd_opcua_node_id *id, uint32_t number)
{
    return id->type == CD_OPCUA_NUMERIC && id->namespace_index == 0 && id->number == number;
}

bool cd_opcua_string_is(struct cd_opcua_string s, const char *literal)
{
    size_t len = strlen(literal);
    return s.len == len && memcmp(s.bytes, literal, len) == 0;
}

/* ---- arrays and structures ---- */

uint32_t cd_opcua_read_count(struct cd_reader *r, size_t least, const char *field)
{
    uint32_t count = cd_read_le32(r, field);
    if (count == UINT32_MAX || !cd_read_ok(r))
        return 0;
    if (count > cd_read_left(r) / least) {
        cd_read_fail(r, field);
        return 0;
    }
    return count;
}

void cd_opcua_skip_strings(struct cd_reader *r, const char *field)
{
    uint32_t count = cd_opcua_read_count(r, 4, field);
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++)
        cd_opcua_read_string(r, field);
}

struct cd_opcua_extension cd_opcua_read_extension(struct cd_reader *r, const char *field)
{
    enum { NO_BODY = 0, BINARY = 1, XML = 2 };
    struct cd_opcua_extension e = {.type = cd_opcua_read_node_id(r, field)};
    uint8_t encoding = cd_read_u8(r, field);
    if (encoding == NO_BODY)
        return e;
    if (encoding > XML)
        cd_read_fail(r, field);
    uint32_t length = cd_read_le32(r, field);
    if (length == UINT32_MAX)
        return e;
    e.body = cd_read_sub(r, length, field);
    e.binary = encoding == BINARY && cd_read_ok(r);
    return e;
}

void cd_opcua_skip_diagnostic(struct cd_reader *r, unsigned depth, const char *field)
{
    enum { INTEGERS = 0x0f, ADDITIONAL = 0x10, STATUS = 0x20, INNER = 0x40 };
    uint8_t mask = cd_read_u8(r, field);
    for (unsigned bit = 1; bit <= INTEGERS; bit <<= 1)
        if (mask & bit)
            cd_read_skip(r, 4, field);
    if (mask & ADDITIONAL)
        cd_opcua_read_string(r, field);
    if (mask & STATUS)
        cd_read_skip(r, 4, field);
    if (!(mask & INNER))
        return;
    if (depth + 1 >= CD_OPCUA_DEPTH_MAX)
        cd_read_fail(r, field);
    else
        cd_opcua_skip_diagnostic(r, depth + 1, field);
}

/* ---- values ---- */

/* Sizes of the built-in types 1 to 11 and 13 (Boolean to Double, DateTime) and 14, 19 (Guid, StatusCode); 0: not of a fixed size. */
static size_t size_of(uint8_t type)
{
    static const uint8_t sizes[26] = {0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 8, 16, 0, 0, 0, 0, 4};
    return type < sizeof sizes ? sizes[type] : 0;
}

static uint64_t number_of(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size && i < 8; i++)
        number |= (uint64_t)bytes[i] << 8 * i;
    return number;
}

static void read_element(struct cd_reader *r, uint8_t type, struct cd_opcua_value *v, unsigned depth, const char *field)
{
    struct cd_opcua_value inner;
    size_t size = size_of(type);
    if (size) {
        const uint8_t *bytes = cd_read_at(r, size, field);
        v->number = bytes ? number_of(bytes, size) : 0;
        return;
    }
    switch (type) {
    case 12: /* String */
    case 15: /* ByteString */
    case 16: /* XmlElement */ v->text = cd_opcua_read_string(r, field); break;
    case 17: cd_opcua_read_node_id(r, field); break;
    case 18: cd_opcua_read_expanded(r, field); break;
    case 20: v->text = cd_opcua_read_qualified(r, NULL, field); break;
    case 21: v->text = cd_opcua_read_localized(r, field); break;
    case 22: v->extension = cd_opcua_read_extension(r, field); break;
    case 23: cd_opcua_read_data_value(r, &inner, depth + 1, field); break;
    case 24: cd_opcua_read_variant(r, &inner, depth + 1, field); break;
    case 25: cd_opcua_skip_diagnostic(r, depth + 1, field); break;
    default:
        v->text = cd_opcua_read_string(r, field);
        break; /* 26 to 31 are reserved and read as ByteString (5.2.2.16) */
    }
}

static void skip_array(struct cd_reader *r, uint8_t type, bool dimensions, unsigned depth, const char *field)
{
    struct cd_opcua_value passed = {0};
    size_t size = size_of(type);
    uint32_t count = cd_opcua_read_count(r, size ? size : 1, field);
    if (size)
        cd_read_skip(r, count * size, field);
    for (uint32_t i = 0; !size && i < count && cd_read_ok(r); i++)
        read_element(r, type, &passed, depth, field);
    if (dimensions)
        cd_read_skip(r, cd_opcua_read_count(r, 4, field) * (size_t)4, field);
}

void cd_opcua_read_variant(struct cd_reader *r, struct cd_opcua_value *ret, unsigned depth, const char *field)
{
    enum { TYPE = 0x3f, DIMENSIONS = 0x40, ARRAY = 0x80 };
    *ret = (struct cd_opcua_value){0};
    uint8_t mask = cd_read_u8(r, field), type = mask & TYPE;
    if (depth >= CD_OPCUA_DEPTH_MAX || type > 31)
        cd_read_fail(r, field);
    if (type == 0 || !cd_read_ok(r))
        return;
    if (mask & ARRAY) {
        skip_array(r, type, mask & DIMENSIONS, depth, field);
        return;
    }
    ret->type = type;
    read_element(r, type, ret, depth, field);
}

void cd_opcua_read_data_value(struct cd_reader *r, struct cd_opcua_value *ret, unsigned depth, const char *field)
{
    enum { VALUE = 1, STATUS = 2, SOURCE_TIME = 4, SERVER_TIME = 8, SOURCE_PICO = 16, SERVER_PICO = 32 };
    uint8_t mask = cd_read_u8(r, field);
    *ret = (struct cd_opcua_value){0};
    if (mask & VALUE)
        cd_opcua_read_variant(r, ret, depth, field);
    if (mask & STATUS)
        ret->status = cd_read_le32(r, field);
    if (mask & SOURCE_TIME)
        cd_read_skip(r, 8, field);
    if (mask & SOURCE_PICO)
        cd_read_skip(r, 2, field);
    if (mask & SERVER_TIME)
        cd_read_skip(r, 8, field);
    if (mask & SERVER_PICO)
        cd_read_skip(r, 2, field);
}

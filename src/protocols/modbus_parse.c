/* Modbus: bytes to structs, and how long a PDU is by its own account, which frames RTU and lets content be recognised. */
#include "protocols/modbus.h"

enum { MEI_CANOPEN = 13, MEI_DEVICE_IDENTIFICATION = 14, FILE_REFERENCE = 6 };

static bool parse_adu(struct cd_reader *r, bool cut, struct cd_modbus_adu *ret)
{
    struct cd_modbus_adu adu = {.transaction = cd_read_be16(r, "transaction")};
    if (cd_read_be16(r, "protocol identifier") != 0)
        cd_read_fail(r, "protocol identifier");
    uint16_t length = cd_read_be16(r, "length");
    if (length < 2)
        cd_read_fail(r, "length");
    struct cd_reader body = cut ? cd_read_rest(r) : cd_read_sub(r, length, "length");
    adu.unit = cd_read_u8(&body, "unit");
    uint8_t function = cd_read_u8(&body, "function");
    adu.function = function & 0x7f;
    adu.is_exception = function & 0x80;
    adu.data_len = cd_read_left(&body);
    adu.data = cd_read_at(&body, adu.data_len, "data");
    if (!cd_read_ok(&body))
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = adu;
    return true;
}

bool cd_modbus_parse(struct cd_reader *r, struct cd_modbus_adu *ret)
{
    return parse_adu(r, false, ret);
}

bool cd_modbus_parse_cut(struct cd_reader *r, struct cd_modbus_adu *ret)
{
    return parse_adu(r, true, ret);
}

/* Modbus over Serial Line 6.2.2: polynomial 0xA001 reflected, starts with ones. */
static uint16_t crc16(const uint8_t *bytes, size_t len)
{
    uint16_t crc = 0xffff;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
    }
    return crc;
}

bool cd_modbus_parse_rtu(struct cd_reader *r, struct cd_modbus_adu *ret)
{
    struct cd_modbus_adu adu = {.rtu = true};
    size_t len = cd_read_left(r);
    if (len < 4 || len > CD_MODBUS_RTU_MAX)
        cd_read_fail(r, "frame length");
    const uint8_t *bytes = cd_read_at(r, len, "frame");
    if (!bytes)
        return false;
    if (crc16(bytes, len - 2) != (uint16_t)(bytes[len - 1] << 8 | bytes[len - 2])) {
        cd_read_fail(r, "crc");
        return false;
    }
    adu.unit = bytes[0];
    adu.function = bytes[1] & 0x7f;
    adu.is_exception = bytes[1] & 0x80;
    adu.data = bytes + 2;
    adu.data_len = len - 4;
    *ret = adu;
    return true;
}

/* Function 43 / 14 response (6.21): object list. */
static int identification_length(const uint8_t *pdu, size_t len)
{
    if (len < 7)
        return 0;
    size_t at = 7;
    for (unsigned left = pdu[6]; left; left--) {
        if (len < at + 2)
            return 0;
        at += 2u + pdu[at + 1];
    }
    return (int)at;
}

static int request_length(const uint8_t *pdu, size_t len)
{
    switch (pdu[0]) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6: return 5;
    case 7:
    case 11:
    case 12:
    case 17: return 1;
    case 8: return 5; /* sub-function 0 may carry more; see exact_length() */
    case 15:
    case 16: return len < 6 ? 0 : 6 + pdu[5];
    case 20:
    case 21: return len < 2 ? 0 : 2 + pdu[1];
    case 22: return 7;
    case 23: return len < 10 ? 0 : 10 + pdu[9];
    case 24: return 3;
    case 43:
        if (len < 2)
            return 0;
        return pdu[1] == MEI_DEVICE_IDENTIFICATION ? 4 : -1;
    default: return -1;
    }
}

static int response_length(const uint8_t *pdu, size_t len)
{
    if (pdu[0] & 0x80)
        return 2;
    switch (pdu[0]) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 12:
    case 17:
    case 20:
    case 21:
    case 23: return len < 2 ? 0 : 2 + pdu[1];
    case 5:
    case 6:
    case 8:
    case 11:
    case 15:
    case 16: return 5;
    case 7: return 2;
    case 22: return 7;
    case 24: return len < 3 ? 0 : 3 + (pdu[1] << 8 | pdu[2]);
    case 43:
        if (len < 2)
            return 0;
        return pdu[1] == MEI_DEVICE_IDENTIFICATION ? identification_length(pdu, len) : -1;
    default: return -1;
    }
}

int cd_modbus_pdu_length(bool request, const uint8_t *pdu, size_t len)
{
    if (len == 0)
        return 0;
    return request ? request_length(pdu, len) : response_length(pdu, len);
}

int cd_modbus_rtu_length(bool request, const uint8_t *bytes, size_t len)
{
    if (len < 2)
        return 0;
    int pdu = cd_modbus_pdu_length(request, bytes + 1, len - 1);
    if (pdu <= 0)
        return pdu;
    size_t frame = (size_t)pdu + 3;
    if (frame > CD_MODBUS_RTU_MAX)
        return -1;
    if (len < frame)
        return 0;
    uint16_t crc = (uint16_t)(bytes[frame - 1] << 8 | bytes[frame - 2]);
    return crc16(bytes, frame - 2) == crc ? (int)frame : -1;
}

/* Functions 20 and 21 (6.14, 6.15): groups of reference type 6, file, record, length; with data behind it in 21. */
static void parse_groups(struct cd_reader *r, bool with_data, struct cd_modbus_request *request)
{
    uint8_t bytes = cd_read_u8(r, "byte count");
    if (bytes != cd_read_left(r))
        cd_read_fail(r, "byte count");
    while (cd_read_left(r)) {
        if (cd_read_u8(r, "reference type") != FILE_REFERENCE)
            cd_read_fail(r, "reference type");
        struct cd_modbus_file_group group = {.file = cd_read_be16(r, "file number")};
        group.record = cd_read_be16(r, "record number");
        group.length = cd_read_be16(r, "record length");
        if (with_data)
            cd_read_skip(r, 2 * (size_t)group.length, "record data");
        if (request->groups < CD_MODBUS_GROUPS_MAX)
            request->group[request->groups++] = group;
        request->total_groups++;
    }
}

static void parse_multiple(struct cd_reader *r, bool coils, uint16_t quantity)
{
    uint8_t bytes = cd_read_u8(r, "byte count");
    size_t expected = coils ? (quantity + 7u) / 8u : 2u * quantity;
    if (bytes != expected)
        cd_read_fail(r, "byte count");
    cd_read_skip(r, bytes, "values");
}

static void parse_by_function(struct cd_reader *r, uint8_t function, struct cd_modbus_request *request)
{
    switch (function) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 15:
    case 16:
        request->address = cd_read_be16(r, "address");
        request->quantity = cd_read_be16(r, "quantity");
        if (function >= 15)
            parse_multiple(r, function == 15, request->quantity);
        break;
    case 5:
    case 6:
        request->address = cd_read_be16(r, "address");
        request->value = cd_read_be16(r, "value");
        break;
    case 8:
        request->sub_function = cd_read_be16(r, "sub-function");
        cd_read_rest(r);
        break;
    case 20:
    case 21: parse_groups(r, function == 21, request); break;
    case 22:
        request->address = cd_read_be16(r, "address");
        cd_read_skip(r, 4, "masks");
        break;
    case 23:
        request->address = cd_read_be16(r, "read address");
        request->quantity = cd_read_be16(r, "read quantity");
        request->write_address = cd_read_be16(r, "write address");
        request->write_quantity = cd_read_be16(r, "write quantity");
        parse_multiple(r, false, request->write_quantity);
        break;
    case 24: request->address = cd_read_be16(r, "fifo pointer address"); break;
    case 43:
        request->sub_function = cd_read_u8(r, "mei type");
        if (request->sub_function == MEI_DEVICE_IDENTIFICATION)
            cd_read_skip(r, 2, "read device id code");
        else
            cd_read_rest(r);
        break;
    case 7:
    case 11:
    case 12:
    case 17: break;
    default: cd_read_rest(r); break;
    }
}

bool cd_modbus_parse_request(const struct cd_modbus_adu *adu, struct cd_modbus_request *ret, const char **ret_bad)
{
    struct cd_reader r = cd_reader_of(adu->data, adu->data_len);
    struct cd_modbus_request request;
    /* Not the whole struct: the groups are large and mostly unused. */
    request.address = request.quantity = request.write_address = request.write_quantity = request.value =
        request.sub_function = 0;
    request.groups = request.total_groups = 0;
    parse_by_function(&r, adu->function, &request);
    cd_read_end(&r, "trailing bytes");
    if (!cd_read_ok(&r)) {
        *ret_bad = r.bad;
        return false;
    }
    *ret = request;
    return true;
}

const char *cd_modbus_check_response(const struct cd_modbus_adu *adu)
{
    if (adu->is_exception)
        return adu->data_len == 1 ? NULL : "exception code";
    if (adu->function == 8) /* echoes what it was asked, of any length */
        return adu->data_len >= 2 ? NULL : "sub-function";
    int expected = response_length(adu->data - 1, adu->data_len + 1); /* the function stands before the data */
    if (expected < 0 || (size_t)expected == adu->data_len + 1)
        return NULL;
    return expected == 0 || (size_t)expected > adu->data_len + 1 ? "data" : "trailing bytes";
}

/* DLMS/COSEM: reading one APDU (IEC 62056-5-3, clause 8). */
#include "protocols/dlms.h"

#include <string.h>

enum {
    ASSOCIATION_FIELDS_MAX = 32,
    INVOKE_MASK = 0x0f, /* the rest of invoke-id-and-priority is service class and priority */
    LONG_INVOKE_MASK = 0xffffff
};

/* A-XDR and BER write lengths alike: below 128 in one byte, else 0x80 and the number of bytes. */
uint32_t cd_dlms_read_length(struct cd_reader *r, const char *field)
{
    uint8_t first = cd_read_u8(r, field);
    switch (first) {
    case 0x81: return cd_read_u8(r, field);
    case 0x82: return cd_read_be16(r, field);
    case 0x83: return cd_read_be24(r, field);
    default:
        if (first > 0x83 || first == 0x80)
            cd_read_fail(r, field);
        return first;
    }
}

static void read_descriptor(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    struct cd_dlms_target t = {.class_id = cd_read_be16(r, "class id")};
    const uint8_t *obis = cd_read_at(r, sizeof t.obis, "instance id");
    t.index = cd_read_u8(r, "attribute or method id");
    if (!obis)
        return;
    memcpy(t.obis, obis, sizeof t.obis);
    if (a->targets < CD_DLMS_TARGETS)
        a->target[a->targets] = t;
    a->targets++;
}

/* A list of descriptors. One with selective access ends the reading: what selects is data of any form; the number of the others is known. */
static void read_descriptors(struct cd_reader *r, struct cd_dlms_apdu *a, bool has_selection)
{
    uint32_t count = cd_dlms_read_length(r, "number of descriptors");
    if (count > CD_DLMS_LIST_MAX)
        cd_read_fail(r, "number of descriptors");
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        read_descriptor(r, a);
        if (has_selection && cd_read_u8(r, "access selection")) {
            a->targets = count;
            return;
        }
    }
}

static void read_request(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    a->choice = cd_read_u8(r, "choice");
    a->invoke = cd_read_u8(r, "invoke id") & INVOKE_MASK;
    bool get = a->tag == CD_DLMS_GET, set = a->tag == CD_DLMS_SET;
    switch (a->choice) {
    case 1: read_descriptor(r, a); break;
    case 2:
        if (set)
            read_descriptor(r, a);
        else
            cd_read_skip(r, 4, "block number");
        break;
    case 3:
        if (set)
            cd_read_skip(r, 5, "block number");
        else
            read_descriptors(r, a, get);
        break;
    case 4:
        if (set)
            read_descriptors(r, a, true);
        else if (!get)
            read_descriptor(r, a);
        break;
    case 5:
        if (!get)
            read_descriptors(r, a, set);
        break;
    case 6: break;
    default: cd_read_fail(r, "choice"); break;
    }
}

static void read_get_response(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    if (a->choice == 2)
        cd_read_skip(r, 5, "block number");
    if (a->choice == 3 && cd_dlms_read_length(r, "number of results") == 0)
        return;
    if (cd_read_u8(r, "result choice") == 1)
        a->result = cd_read_u8(r, "data access result");
    else if (a->choice == 1)
        a->data = cd_read_rest(r);
}

static void read_response(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    a->choice = cd_read_u8(r, "choice");
    a->invoke = cd_read_u8(r, "invoke id") & INVOKE_MASK;
    if (a->choice < 1 || a->choice > 5)
        cd_read_fail(r, "choice");
    if (a->tag == CD_DLMS_GET_RESPONSE)
        read_get_response(r, a);
    else if (a->choice == 1 || (a->tag == CD_DLMS_SET_RESPONSE && a->choice == 3))
        a->result = cd_read_u8(r, "result");
    else if (a->tag == CD_DLMS_SET_RESPONSE && a->choice >= 4 && cd_dlms_read_length(r, "number of results"))
        a->result = cd_read_u8(r, "result");
}

static void read_event(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    if (cd_read_u8(r, "time"))
        cd_read_skip(r, cd_dlms_read_length(r, "time"), "time");
    read_descriptor(r, a);
}

/* Services with short names: variable name, one with parameters, or the next block. */
static void read_short_names(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    uint32_t count = cd_dlms_read_length(r, "number of variables");
    if (count > CD_DLMS_LIST_MAX)
        cd_read_fail(r, "number of variables");
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        uint8_t kind = cd_read_u8(r, "variable access");
        if (kind == 5)
            break;
        if (kind != 2 && kind != 4)
            cd_read_fail(r, "variable access");
        if (i < CD_DLMS_TARGETS)
            a->target[i] = (struct cd_dlms_target){.is_short = true};
        uint16_t name = cd_read_be16(r, "variable name");
        if (i < CD_DLMS_TARGETS)
            a->target[i].short_name = name;
        a->targets = kind == 4 ? count : i + 1;
        if (kind == 4)
            break;
    }
}

static void read_short_result(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    if (cd_dlms_read_length(r, "number of results") == 0)
        return;
    if (cd_read_u8(r, "result choice") == 1)
        a->result = cd_read_u8(r, "data access result");
}

static void read_access(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    a->invoke = cd_read_be32(r, "long invoke id") & LONG_INVOKE_MASK;
    cd_read_skip(r, cd_dlms_read_length(r, "date and time"), "date and time");
    if (a->tag != CD_DLMS_ACCESS)
        return;
    uint32_t count = cd_dlms_read_length(r, "number of accesses");
    for (uint32_t i = 0; i < count && i < CD_DLMS_TARGETS && cd_read_ok(r); i++) {
        uint8_t kind = cd_read_u8(r, "access request");
        if (kind < 1 || kind > 5)
            cd_read_fail(r, "access request");
        if (i == 0)
            a->choice = kind;
        read_descriptor(r, a);
        if (kind > 3)
            break;
    }
    a->targets = count;
}

/* An object identifier of the DLMS UA, 2.16.756.5.8.<arc>.<n>: the last number, or -1. */
static int read_dlms_oid(struct cd_reader *r, uint8_t arc)
{
    static const uint8_t root[] = {0x60, 0x85, 0x74, 0x05, 0x08};
    const uint8_t *oid = cd_read_at(r, sizeof root + 2, "object identifier");
    if (!oid || memcmp(oid, root, sizeof root) != 0 || oid[5] != arc)
        return -1;
    return oid[6];
}

/* The system title is told in an octet string of eight bytes. */
static void read_title(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    if (cd_read_u8(r, "title") == 4 && cd_dlms_read_length(r, "title") == CD_DLMS_TITLE)
        a->title = cd_read_at(r, CD_DLMS_TITLE, "title");
}

static void read_association_field(uint8_t field, struct cd_reader *v, struct cd_dlms_apdu *a)
{
    bool request = a->tag == CD_DLMS_AARQ;
    switch (field) {
    case 0xa1:
        cd_read_skip(v, 2, "application context name");
        a->context = (uint8_t)(read_dlms_oid(v, 1) & 0xff);
        break;
    case 0xa2:
        if (!request) {
            cd_read_skip(v, 2, "result");
            a->result = cd_read_u8(v, "result");
        }
        break;
    case 0xa3:
        if (!request) {
            cd_read_skip(v, 4, "diagnostic");
            a->diagnostic = cd_read_u8(v, "diagnostic");
        }
        break;
    case 0xa4:
        if (!request)
            read_title(v, a);
        break;
    case 0xa6:
        if (request)
            read_title(v, a);
        break;
    case 0x8b:
        if (request)
            a->mechanism = read_dlms_oid(v, 2);
        break;
    case 0xac: a->has_secret = request; break;
    default: break;
    }
}

/* AARQ and AARE (IEC 62056-5-3, 7.2): BER. A field that reads otherwise than the standard has it is passed over, its length stands. */
static void read_association(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    a->mechanism = CD_DLMS_NO_MECHANISM;
    struct cd_reader body = cd_read_sub(r, cd_dlms_read_length(r, "length"), "length");
    for (unsigned i = 0; i < ASSOCIATION_FIELDS_MAX && cd_read_left(&body); i++) {
        uint8_t field = cd_read_u8(&body, "field");
        struct cd_reader value = cd_read_sub(&body, cd_dlms_read_length(&body, "field length"), "field length");
        read_association_field(field, &value, a);
    }
    if (body.bad)
        cd_read_fail(r, body.bad);
}

/* General ciphering begins with the sender's system title. */
static void read_general(struct cd_reader *r, struct cd_dlms_apdu *a)
{
    uint32_t len = cd_dlms_read_length(r, "system title");
    const uint8_t *title = cd_read_at(r, len, "system title");
    if (len == CD_DLMS_TITLE)
        a->title = title;
    cd_dlms_read_length(r, "ciphered length");
}

bool cd_dlms_parse_apdu(struct cd_reader *r, struct cd_dlms_apdu *ret)
{
    struct cd_dlms_apdu a = {.tag = cd_read_u8(r, "tag")};
    if (cd_read_ok(r) && cd_dlms_side_of(a.tag) == CD_DLMS_NOBODY)
        cd_read_fail(r, "tag");
    switch (a.tag) {
    case CD_DLMS_AARQ:
    case CD_DLMS_AARE: read_association(r, &a); break;
    case CD_DLMS_GET:
    case CD_DLMS_SET:
    case CD_DLMS_ACTION: read_request(r, &a); break;
    case CD_DLMS_GET_RESPONSE:
    case CD_DLMS_SET_RESPONSE:
    case CD_DLMS_ACTION_RESPONSE: read_response(r, &a); break;
    case CD_DLMS_EVENT: read_event(r, &a); break;
    case CD_DLMS_READ:
    case CD_DLMS_WRITE:
    case CD_DLMS_UNCONFIRMED_WRITE: read_short_names(r, &a); break;
    case CD_DLMS_READ_RESPONSE:
    case CD_DLMS_WRITE_RESPONSE: read_short_result(r, &a); break;
    case CD_DLMS_ACCESS:
    case CD_DLMS_ACCESS_RESPONSE:
    case CD_DLMS_DATA_NOTIFICATION: read_access(r, &a); break;
    case CD_DLMS_GENERAL_GLO:
    case CD_DLMS_GENERAL_DED: read_general(r, &a); break;
    case CD_DLMS_EXCEPTION:
        a.choice = cd_read_u8(r, "state error");
        a.result = cd_read_u8(r, "service error");
        break;
    default: break;
    }
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

enum cd_dlms_side cd_dlms_side_of(uint8_t tag)
{
    switch (tag) {
    case 33:
    case 37:
    case 38:
    case 54:
    case 65:
    case 69:
    case 70:
    case 86:
    case CD_DLMS_READ:
    case CD_DLMS_WRITE:
    case CD_DLMS_UNCONFIRMED_WRITE:
    case CD_DLMS_AARQ:
    case CD_DLMS_RLRQ:
    case CD_DLMS_GET:
    case CD_DLMS_SET:
    case CD_DLMS_ACTION:
    case 200:
    case 201:
    case 203:
    case 208:
    case 209:
    case 211:
    case CD_DLMS_ACCESS: return CD_DLMS_CLIENT;
    case 40:
    case 44:
    case 45:
    case 46:
    case 56:
    case 72:
    case 76:
    case 77:
    case 78:
    case 88:
    case CD_DLMS_READ_RESPONSE:
    case CD_DLMS_WRITE_RESPONSE:
    case CD_DLMS_CONFIRMED_ERROR:
    case CD_DLMS_DATA_NOTIFICATION:
    case CD_DLMS_INFORMATION_REPORT:
    case CD_DLMS_AARE:
    case CD_DLMS_RLRE:
    case CD_DLMS_EVENT:
    case CD_DLMS_GET_RESPONSE:
    case CD_DLMS_SET_RESPONSE:
    case CD_DLMS_ACTION_RESPONSE:
    case 202:
    case 204:
    case 205:
    case 207:
    case 210:
    case 212:
    case 213:
    case 215:
    case CD_DLMS_EXCEPTION:
    case CD_DLMS_ACCESS_RESPONSE: return CD_DLMS_SERVER;
    case CD_DLMS_GENERAL_GLO:
    case CD_DLMS_GENERAL_DED:
    case CD_DLMS_GENERAL:
    case CD_DLMS_SIGNING:
    case CD_DLMS_BLOCK_TRANSFER: return CD_DLMS_EITHER;
    default: return CD_DLMS_NOBODY;
    }
}

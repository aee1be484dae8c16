/* Associations, commands and the fronts of data sets. */
#include "protocols/dicom.h"
#include "protocols/patient.h"

#include <string.h>

enum {
    TITLE_LEN = 16,
    ITEM_PRESENTATION_RQ = 0x20,
    ITEM_PRESENTATION_AC = 0x21,
    ITEM_USER = 0x50,
    ITEM_ABSTRACT = 0x30,
    ITEM_IMPLEMENTATION = 0x52,
    ITEM_IMPLEMENTATION_VERSION = 0x55,
    ITEM_IDENTITY = 0x58,
};

/* Text is padded with blanks, identifiers with one NUL (PS3.5 6.2); titles may begin with blanks. */
static struct cd_dicom_text trimmed(const void *bytes, size_t len)
{
    struct cd_dicom_text t = {bytes, bytes ? len : 0};
    while (t.len && (t.bytes[t.len - 1] == ' ' || t.bytes[t.len - 1] == '\0'))
        t.len--;
    while (t.len && t.bytes[0] == ' ') {
        t.bytes++;
        t.len--;
    }
    return t;
}

static struct cd_dicom_text read_text(struct cd_reader *r, size_t len, const char *field)
{
    return trimmed(cd_read_at(r, len, field), len);
}

/* ---- associations (PS3.8 9.3.2, 9.3.3) ---- */

/* Type, a reserved byte, length; the item's bytes in *ret. */
static uint8_t read_item(struct cd_reader *r, struct cd_reader *ret)
{
    uint8_t type = cd_read_u8(r, "item type");
    cd_read_skip(r, 1, "reserved");
    uint16_t length = cd_read_be16(r, "item length");
    *ret = cd_read_sub(r, length, "item length");
    return type;
}

static void read_context(struct cd_reader *r, struct cd_dicom_association *a)
{
    struct cd_reader item;
    cd_read_skip(r, 4, "presentation context");
    for (unsigned n = 0; n < CD_DICOM_ITEMS_MAX && cd_read_left(r); n++) {
        if (read_item(r, &item) != ITEM_ABSTRACT)
            continue;
        struct cd_dicom_text uid = read_text(&item, cd_read_left(&item), "abstract syntax");
        const struct cd_dicom_sop_class *class = cd_dicom_sop_class(uid);
        a->storages += class && class->service == CD_DICOM_STORAGE;
        if (a->contexts == 0)
            a->abstract = uid;
    }
    a->contexts++;
}

/* PS3.7 D.3.3.7: the type, whether an answer is wanted, and two fields. The second, a passcode, is not read. */
static void read_identity(struct cd_reader *r, struct cd_dicom_association *a)
{
    a->identity = cd_read_u8(r, "user identity type");
    cd_read_skip(r, 1, "response requested");
    uint16_t length = cd_read_be16(r, "primary field length");
    struct cd_dicom_text user = read_text(r, length, "primary field");
    uint16_t secondary = cd_read_be16(r, "secondary field length");
    cd_read_skip(r, secondary, "secondary field");
    if (a->identity == 1 || a->identity == 2)
        a->user = user;
}

static void read_user_item(struct cd_reader *r, struct cd_dicom_association *a)
{
    struct cd_reader item;
    uint8_t type = read_item(r, &item);
    size_t len = cd_read_left(&item);
    switch (type) {
    case ITEM_IMPLEMENTATION: a->implementation = read_text(&item, len, "implementation class"); break;
    case ITEM_IMPLEMENTATION_VERSION:
        a->implementation_version = read_text(&item, len, "implementation version");
        break;
    case ITEM_IDENTITY: read_identity(&item, a); break;
    default: break;
    }
    if (!cd_read_ok(&item))
        cd_read_fail(r, item.bad);
}

bool cd_dicom_parse_association(struct cd_reader *r, struct cd_dicom_association *ret)
{
    struct cd_dicom_association a = {0};
    cd_read_skip(r, CD_DICOM_HEADER, "header");
    uint16_t version = cd_read_be16(r, "protocol version");
    if (!(version & 1))
        cd_read_fail(r, "protocol version");
    cd_read_skip(r, 2, "reserved");
    a.called = read_text(r, TITLE_LEN, "called ae title");
    a.calling = read_text(r, TITLE_LEN, "calling ae title");
    cd_read_skip(r, 32, "reserved");
    for (unsigned n = 0; n < CD_DICOM_ITEMS_MAX && cd_read_left(r); n++) {
        struct cd_reader item;
        uint8_t type = read_item(r, &item);
        if (type == ITEM_PRESENTATION_RQ)
            read_context(&item, &a);
        else if (type == ITEM_PRESENTATION_AC)
            a.accepted += cd_read_peek(&item, 2) == 0;
        for (unsigned k = 0; type == ITEM_USER && k < CD_DICOM_ITEMS_MAX && cd_read_left(&item); k++)
            read_user_item(&item, &a);
        if (!cd_read_ok(&item))
            cd_read_fail(r, item.bad);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

/* ---- commands (PS3.7 6.3: implicit value representation, little-endian) ---- */

static void take_element(uint16_t element, struct cd_reader *value, struct cd_dicom_command *c)
{
    enum { NO_DATA = 0x0101 };
    size_t len = cd_read_left(value);
    switch (element) {
    case 0x0002: c->sop_class = read_text(value, len, "affected sop class"); break;
    case 0x0003:
        if (!c->sop_class.len)
            c->sop_class = read_text(value, len, "requested sop class");
        break;
    case 0x0100: c->field = cd_read_le16(value, "command field"); break;
    case 0x0110: c->message_id = cd_read_le16(value, "message id"); break;
    case 0x0120: c->responds_to = cd_read_le16(value, "message id being responded to"); break;
    case 0x0600: c->destination = read_text(value, len, "move destination"); break;
    case 0x0800: c->has_data = cd_read_le16(value, "data set type") != NO_DATA; break;
    case 0x0900: c->status = cd_read_le16(value, "status"); break;
    default: break;
    }
}

bool cd_dicom_parse_command(struct cd_reader *r, struct cd_dicom_command *ret)
{
    struct cd_dicom_command c = {0};
    for (unsigned n = 0; n < CD_DICOM_ELEMENTS_MAX && cd_read_left(r); n++) {
        uint16_t group = cd_read_le16(r, "command group"), element = cd_read_le16(r, "command element");
        uint32_t length = cd_read_le32(r, "command element length");
        struct cd_reader value = cd_read_sub(r, length, "command element length");
        if (cd_read_ok(r) && group != 0)
            cd_read_fail(r, "command group");
        take_element(element, &value, &c);
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
    }
    if (c.field == 0)
        cd_read_fail(r, "command field");
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

/* ---- the fronts of data sets (PS3.5 7.1) ---- */

enum { UNDEFINED_LENGTH = UINT32_MAX, GROUP_ITEM = 0xfffe, DEPTH_MAX = 16 };

struct element {
    uint16_t group, element;
    uint32_t length;
};

static bool is_letter(int c)
{
    return c >= 'A' && c <= 'Z';
}

/* Whether a value representation stands behind the tag: two capital letters, where implicit ones have a length below 64 KiB. */
static bool is_explicit(const struct cd_reader *r)
{
    return is_letter(cd_read_peek(r, 4)) && is_letter(cd_read_peek(r, 5));
}

/* PS3.5 7.1.2: these have two reserved bytes and a length of four. */
static bool has_long_length(int first, int second)
{
    switch (first << 8 | second) {
    case 'O' << 8 | 'B':
    case 'O' << 8 | 'D':
    case 'O' << 8 | 'F':
    case 'O' << 8 | 'L':
    case 'O' << 8 | 'V':
    case 'O' << 8 | 'W':
    case 'S' << 8 | 'Q':
    case 'S' << 8 | 'V':
    case 'U' << 8 | 'C':
    case 'U' << 8 | 'N':
    case 'U' << 8 | 'R':
    case 'U' << 8 | 'T':
    case 'U' << 8 | 'V': return true;
    default: return false;
    }
}

static struct element read_element(struct cd_reader *r, bool explicit_representation)
{
    struct element e = {.group = cd_read_le16(r, "group"), .element = cd_read_le16(r, "element")};
    if (e.group == GROUP_ITEM || !explicit_representation) {
        e.length = cd_read_le32(r, "length");
        return e;
    }
    uint8_t first = cd_read_u8(r, "value representation"), second = cd_read_u8(r, "value representation");
    if (has_long_length(first, second)) {
        cd_read_skip(r, 2, "reserved");
        e.length = cd_read_le32(r, "length");
    } else {
        e.length = cd_read_le16(r, "length");
    }
    return e;
}

/* Passes over what follows a length that is not told: nested items up to the end of the outermost (PS3.5 7.5). */
static void skip_items(struct cd_reader *r, bool explicit_representation)
{
    unsigned depth = 1;
    for (unsigned n = 0; n < CD_DICOM_ELEMENTS_MAX && depth && cd_read_left(r); n++) {
        struct element e = read_element(r, explicit_representation);
        if (e.group == GROUP_ITEM && e.element != 0xe000)
            depth--; /* E00D ends an item, E0DD a sequence */
        else if (e.length == UNDEFINED_LENGTH)
            depth++;
        else
            cd_read_skip(r, e.length, "value");
        if (depth > DEPTH_MAX)
            cd_read_fail(r, "depth of sequences");
    }
}

/* Of the patient's elements only whether they are filled counts: their values are not given. */
static unsigned patient_kind(uint16_t element)
{
    switch (element) {
    case 0x0010: return CD_PATIENT_NAME;
    case 0x0020:
    case 0x1000: return CD_PATIENT_IDENTIFIER;
    case 0x0030: return CD_PATIENT_BIRTH_DATE;
    case 0x1040: return CD_PATIENT_ADDRESS;
    case 0x2154: return CD_PATIENT_TELEPHONE;
    default: return 0;
    }
}

static struct cd_dicom_text *place_of(struct cd_dicom_equipment *e, const struct element *at)
{
    switch ((uint32_t)at->group << 16 | at->element) {
    case 0x00080060: return &e->modality;
    case 0x00080070: return &e->manufacturer;
    case 0x00080080: return &e->institution;
    case 0x00081010: return &e->station;
    case 0x00081090: return &e->model;
    case 0x00181000: return &e->serial;
    case 0x00181020: return &e->software;
    default: return NULL;
    }
}

bool cd_dicom_scan_data(struct cd_reader r, struct cd_dicom_equipment *ret)
{
    enum { GROUP_FIRST = 0x0008, GROUP_PATIENT = 0x0010, GROUP_LAST = 0x0018, VALUE_MAX = 64 };
    struct cd_dicom_equipment found = {0};
    bool explicit_representation = is_explicit(&r), any = false;
    uint32_t last = 0;
    for (unsigned n = 0; n < CD_DICOM_ELEMENTS_MAX && cd_read_left(&r) >= 8; n++) {
        struct element e = read_element(&r, explicit_representation);
        uint32_t tag = (uint32_t)e.group << 16 | e.element;
        if (!cd_read_ok(&r) || e.group > GROUP_LAST)
            break;
        if (e.group < GROUP_FIRST || tag < last)
            return false; /* tags only grow (PS3.5 7.1): these are none */
        last = tag;
        any = true;
        if (e.length == UNDEFINED_LENGTH) {
            skip_items(&r, explicit_representation);
            continue;
        }
        if (e.group == GROUP_PATIENT && e.length)
            found.patient |= patient_kind(e.element);
        struct cd_dicom_text *place = place_of(&found, &e);
        if (place && e.length <= VALUE_MAX)
            *place = read_text(&r, e.length, "value");
        else
            cd_read_skip(&r, e.length, "value");
    }
    if (!any)
        return false;
    *ret = found;
    return true;
}

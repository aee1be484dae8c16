/* S7comm-plus objects, addresses of variables and attributes as text. */
#include "protocols/s7comm_plus_text.h"

enum {
    LIDS_SHOWN = 4,
    FIELDS_MAX = 64, /* of one address; a path into a data block has few */
    DYNAMIC_FIRST = 0x300,
    BLOCK_FIRST = 0x8a000000,
    BLOCK_LAST = 0x8affffff,
    KIND_DB = 0x8a0e,
    KIND_OB = 0x8a32,
    LID_CLASSIC = 3, /* an address by offset and size follows, as in blocks without optimized access */
};

/* Numbers the CPU gives at run time: of sessions, subscriptions, transactions. They change from connection to connection. */
static bool is_dynamic(uint32_t object)
{
    return (object >= DYNAMIC_FIRST && object <= 0xffff) || (object >= 0x01000000 && object <= 0x7fffffff);
}

bool cd_s7comm_plus_is_block(uint32_t object)
{
    return object >= BLOCK_FIRST && object <= BLOCK_LAST;
}

void cd_s7comm_plus_text_object(struct cd_text *t, uint32_t object, uint32_t session)
{
    const char *name = cd_s7comm_plus_object_name(object);
    if (object == session)
        cd_text_str(t, "session");
    else if (name)
        cd_text_str(t, name);
    else if (object >> 16 == KIND_DB || object >> 16 == KIND_OB) {
        cd_text_str(t, object >> 16 == KIND_DB ? "DB" : "OB");
        cd_text_u64(t, object & 0xffff);
    } else if (is_dynamic(object)) {
        cd_text_str(t, "dynamic object");
    } else if (object < DYNAMIC_FIRST) {
        cd_text_str(t, "object ");
        cd_text_u64(t, object);
    } else {
        cd_text_str(t, cd_s7comm_plus_is_block(object) ? "block " : "object ");
        cd_text_hex(t, object, 8);
    }
}

/* ---- addresses of variables ---- */

struct address {
    uint32_t area, sub_area;
    uint32_t lid[LIDS_SHOWN];
    uint32_t lids; /* how many there are, more than are kept perhaps */
};

/* symbol CRC | area | how many fields follow | sub-area | LIDs, all of them VLQ */
static bool read_address(struct cd_reader *r, struct address *ret)
{
    struct address a = {0};
    cd_s7comm_plus_vlq32(r, "symbol crc");
    a.area = cd_s7comm_plus_vlq32(r, "area");
    uint32_t fields = cd_s7comm_plus_vlq32(r, "address fields");
    if (fields == 0 || fields > FIELDS_MAX)
        return false;
    a.sub_area = cd_s7comm_plus_vlq32(r, "sub-area");
    a.lids = fields - 1;
    for (uint32_t i = 0; i < a.lids; i++) {
        uint32_t lid = cd_s7comm_plus_vlq32(r, "lid");
        if (i < LIDS_SHOWN)
            a.lid[i] = lid;
    }
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

/* "DB5.DBX4.7", "M100.0 BYTE 2" */
static void text_classic(struct cd_text *t, const struct address *a)
{
    cd_text_str(t, a->area >> 16 == KIND_DB ? ".DBX" : "");
    cd_text_u64(t, a->lid[1]);
    cd_text_char(t, '.');
    cd_text_u64(t, a->lids > 3 ? a->lid[3] : 0);
    if (a->lids > 3)
        return;
    cd_text_str(t, " BYTE ");
    cd_text_u64(t, a->lid[2]);
}

static void text_address(struct cd_text *t, const struct address *a, uint32_t session)
{
    cd_s7comm_plus_text_object(t, a->area, session);
    bool value = a->sub_area == CD_S7COMM_PLUS_ID_VALUE_ACTUAL || a->sub_area == CD_S7COMM_PLUS_ID_AREA_ACTUAL;
    if (value && a->lids >= 3 && a->lid[0] == LID_CLASSIC) {
        text_classic(t, a);
        return;
    }
    if (!value) {
        cd_text_str(t, a->sub_area == CD_S7COMM_PLUS_ID_VALUE_INITIAL ? " initial" : " attribute ");
        if (a->sub_area != CD_S7COMM_PLUS_ID_VALUE_INITIAL)
            cd_text_u64(t, a->sub_area);
    }
    for (uint32_t i = 0; i < a->lids && i < LIDS_SHOWN; i++) {
        cd_text_str(t, i ? "." : " LID ");
        cd_text_u64(t, a->lid[i]);
    }
    if (a->lids > LIDS_SHOWN)
        cd_text_str(t, "...");
}

void cd_s7comm_plus_text_more(struct cd_text *t, uint32_t count)
{
    if (count <= CD_S7COMM_PLUS_ITEMS_SHOWN)
        return;
    cd_text_str(t, " and ");
    cd_text_u64(t, count - CD_S7COMM_PLUS_ITEMS_SHOWN);
    cd_text_str(t, " more");
}

void cd_s7comm_plus_text_addresses(struct cd_text *t, struct cd_reader *r, uint32_t count, uint32_t session,
                                   bool *ret_output)
{
    struct address a;
    for (uint32_t i = 0; i < count && read_address(r, &a); i++) {
        *ret_output = *ret_output || a.area == CD_S7COMM_PLUS_OBJECT_OUTPUTS;
        if (i >= CD_S7COMM_PLUS_ITEMS_SHOWN)
            continue;
        if (i)
            cd_text_str(t, ", ");
        text_address(t, &a, session);
    }
    cd_s7comm_plus_text_more(t, count);
}

/* ---- attributes of objects ---- */

static const char *attribute_name(uint32_t id)
{
    switch (id) {
    case CD_S7COMM_PLUS_ID_SESSION_RESPONSE:
    case CD_S7COMM_PLUS_ID_LEGITIMATE: return "legitimation";
    case 303: return "challenge";
    case CD_S7COMM_PLUS_ID_SESSION_VERSION: return "version";
    case CD_S7COMM_PLUS_ID_SESSION_KEY:
    case CD_S7COMM_PLUS_ID_SECURITY_KEY: return "key";
    case 1842: return "effective protection level";
    case 1843: return "active protection level";
    case CD_S7COMM_PLUS_ID_SUBSCRIPTION_CREDIT: return "subscription credit";
    case CD_S7COMM_PLUS_ID_STATE_REQUEST: return "operating state request";
    case 2237: return "state";
    case CD_S7COMM_PLUS_ID_STATE: return "operating state";
    case CD_S7COMM_PLUS_ID_SET_CLOCK: return "clock";
    case CD_S7COMM_PLUS_ID_BODY: return "body";
    case CD_S7COMM_PLUS_ID_VALUE_INITIAL: return "initial values";
    case CD_S7COMM_PLUS_ID_VALUE_ACTUAL: return "actual values";
    case CD_S7COMM_PLUS_ID_CODE: return "code";
    default: return NULL;
    }
}

void cd_s7comm_plus_text_attribute(struct cd_text *t, uint32_t id)
{
    const char *name = attribute_name(id);
    if (name) {
        cd_text_str(t, name);
        return;
    }
    cd_text_str(t, "attribute ");
    cd_text_u64(t, id);
}

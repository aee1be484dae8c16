/* How S7 addresses: variables and blocks, as numbers and as an engineer writes them. */
#include "protocols/s7comm.h"

#include <string.h>

enum {
    ITEM_SPECIFICATION = 0x12,
    SYNTAX_ANY = 0x10,
    SYNTAX_NCK = 0x82,
    SYNTAX_NCK_METRIC = 0x83,
    SYNTAX_NCK_INCH = 0x84,
    SYNTAX_DRIVE = 0xa2,
    SYNTAX_DBREAD = 0xb0,
    SYNTAX_1200 = 0xb2,
    AREA_RECORD = 0x01,
    AREA_SYSTEM_INFO = 0x03,
    AREA_SYSTEM_FLAGS = 0x05,
    AREA_ANALOG_IN = 0x06,
    AREA_ANALOG_OUT = 0x07,
    AREA_COUNTER = 0x1c,
    AREA_TIMER = 0x1d,
    AREA_COUNTER_200 = 0x1e,
    AREA_TIMER_200 = 0x1f,
    AREA_PERIPHERAL = 0x80,
    AREA_INPUT = 0x81,
    AREA_OUTPUT = 0x82,
    AREA_FLAG = 0x83,
    AREA_DB = 0x84,
    AREA_INSTANCE_DB = 0x85,
    AREA_LOCAL = 0x86,
    AREA_PREVIOUS_LOCAL = 0x87,
    ITEMS_SHOWN = 3, /* more would make nearly every poll list a target of its own length */
};

static void parse_any(struct cd_reader *r, struct cd_s7comm_item *item)
{
    item->transport_size = cd_read_u8(r, "item type");
    item->count = cd_read_be16(r, "item count");
    item->db = cd_read_be16(r, "item DB");
    item->area = cd_read_u8(r, "item area");
    item->address = cd_read_be24(r, "item address");
}

/* DBREAD (S7-400): a count of areas, then each as length, DB and byte offset; the first one is told. */
static void parse_dbread(struct cd_reader *r, struct cd_s7comm_item *item)
{
    uint8_t areas = cd_read_u8(r, "DBREAD count");
    if (areas == 0)
        return;
    item->transport_size = 2;
    item->area = AREA_DB;
    item->count = cd_read_u8(r, "DBREAD length");
    item->db = cd_read_be16(r, "DBREAD DB");
    item->address = (uint32_t)cd_read_be16(r, "DBREAD address") * 8;
}

/* A symbolic address of a S7-1200: root, DB number, CRC of the symbol, then identifiers of its parts. */
static void parse_1200(struct cd_reader *r, struct cd_s7comm_item *item)
{
    cd_read_skip(r, 1, "symbol reserved");
    uint16_t root = cd_read_be16(r, "symbol root");
    uint16_t within = cd_read_be16(r, "symbol area");
    if (root == 0) /* I, Q or M by its second number; else a data block */
        item->area = within >= 0x50 && within <= 0x52 ? (uint8_t)(AREA_INPUT + (within - 0x50)) : 0;
    else
        item->area = AREA_DB;
    item->db = root == 0 ? 0 : within;
    item->address = cd_read_be32(r, "symbol CRC");
}

static void parse_nck(struct cd_reader *r, struct cd_s7comm_item *item)
{
    item->area = cd_read_u8(r, "NCK area");
    item->db = cd_read_be16(r, "NCK column");
    item->address = cd_read_be16(r, "NCK line");
    item->transport_size = cd_read_u8(r, "NCK module");
    item->count = cd_read_u8(r, "NCK lines");
}

bool cd_s7comm_parse_item(struct cd_reader *r, struct cd_s7comm_item *ret)
{
    struct cd_s7comm_item item = {0};
    if (cd_read_u8(r, "item specification") != ITEM_SPECIFICATION)
        cd_read_fail(r, "item specification");
    struct cd_reader body = cd_read_sub(r, cd_read_u8(r, "item length"), "item length");
    item.syntax = cd_read_u8(&body, "item syntax");
    switch (item.syntax) {
    case SYNTAX_ANY: parse_any(&body, &item); break;
    case SYNTAX_DBREAD: parse_dbread(&body, &item); break;
    case SYNTAX_1200: parse_1200(&body, &item); break;
    case SYNTAX_NCK:
    case SYNTAX_NCK_METRIC:
    case SYNTAX_NCK_INCH: parse_nck(&body, &item); break;
    default: break;
    }
    if (!cd_read_ok(&body)) {
        cd_read_fail(r, body.bad);
        return false;
    }
    *ret = item;
    return true;
}

bool cd_s7comm_item_is_output(const struct cd_s7comm_item *item)
{
    return (item->syntax == SYNTAX_ANY || item->syntax == SYNTAX_1200) &&
           (item->area == AREA_OUTPUT || item->area == AREA_PERIPHERAL || item->area == AREA_ANALOG_OUT);
}

/* ---- text ---- */

static void text_bit_address(struct cd_text *t, uint32_t address)
{
    cd_text_u64(t, address >> 3);
    cd_text_char(t, '.');
    cd_text_u64(t, address & 7);
}

static const char *area_prefix(uint8_t area)
{
    switch (area) {
    case AREA_SYSTEM_INFO: return "SI";
    case AREA_SYSTEM_FLAGS: return "SM";
    case AREA_ANALOG_IN: return "AI";
    case AREA_ANALOG_OUT: return "AQ";
    case AREA_COUNTER:
    case AREA_COUNTER_200: return "C";
    case AREA_TIMER:
    case AREA_TIMER_200: return "T";
    case AREA_PERIPHERAL: return "P";
    case AREA_INPUT: return "I";
    case AREA_OUTPUT: return "Q";
    case AREA_FLAG: return "M";
    case AREA_LOCAL: return "L";
    case AREA_PREVIOUS_LOCAL: return "V";
    default: return NULL;
    }
}

static void text_any(struct cd_text *t, const struct cd_s7comm_item *item)
{
    const char *prefix = area_prefix(item->area);
    if (item->area == AREA_DB || item->area == AREA_INSTANCE_DB) {
        cd_text_str(t, item->area == AREA_DB ? "DB" : "DI");
        cd_text_u64(t, item->db);
        cd_text_str(t, item->area == AREA_DB ? ".DBX" : ".DIX");
        text_bit_address(t, item->address);
    } else if (item->area == AREA_RECORD) {
        cd_text_str(t, "data record ");
        cd_text_u64(t, item->db);
    } else if (!prefix) {
        cd_text_str(t, "area 0x");
        cd_text_hex(t, item->area, 2);
        cd_text_char(t, ' ');
        text_bit_address(t, item->address);
    } else {
        cd_text_str(t, prefix);
        if (*prefix == 'C' || *prefix == 'T')
            cd_text_u64(t, item->address); /* counters and timers are numbered, not addressed in bits */
        else
            text_bit_address(t, item->address);
    }
    cd_text_char(t, ' ');
    cd_text_str(t, cd_s7comm_type_name(item->transport_size));
    cd_text_char(t, ' ');
    cd_text_u64(t, item->count);
}

static void text_nck(struct cd_text *t, const struct cd_s7comm_item *item)
{
    static const char *const areas[8] = {"N", "B", "C", "A", "T", "V", "H", "M"};
    cd_text_str(t, "NCK area ");
    cd_text_str(t, areas[item->area >> 5]);
    cd_text_u64(t, item->area & 0x1f);
    cd_text_str(t, " module ");
    cd_text_u64(t, item->transport_size);
    cd_text_str(t, " column ");
    cd_text_u64(t, item->db);
    cd_text_str(t, " line ");
    cd_text_u64(t, item->address);
}

void cd_s7comm_text_item(struct cd_text *t, const struct cd_s7comm_item *item)
{
    switch (item->syntax) {
    case SYNTAX_ANY:
    case SYNTAX_DBREAD: text_any(t, item); break;
    case SYNTAX_1200:
        cd_text_str(t, "symbol ");
        if (item->area == AREA_DB) {
            cd_text_str(t, "DB");
            cd_text_u64(t, item->db);
            cd_text_char(t, ' ');
        } else if (area_prefix(item->area)) {
            cd_text_str(t, area_prefix(item->area));
            cd_text_char(t, ' ');
        }
        cd_text_str(t, "CRC ");
        cd_text_hex(t, item->address, 8);
        break;
    case SYNTAX_NCK:
    case SYNTAX_NCK_METRIC:
    case SYNTAX_NCK_INCH: text_nck(t, item); break;
    case SYNTAX_DRIVE: cd_text_str(t, "drive parameter"); break;
    default: cd_text_str(t, "item of syntax 0x"); cd_text_hex(t, item->syntax, 2);
    }
}

void cd_s7comm_text_items(struct cd_text *t, struct cd_reader *r, unsigned count, bool *ret_output)
{
    bool output = false;
    for (unsigned i = 0; i < count; i++) {
        struct cd_s7comm_item item;
        size_t from = r->pos;
        if (!cd_s7comm_parse_item(r, &item))
            break;
        output = output || cd_s7comm_item_is_output(&item);
        if (i < ITEMS_SHOWN) {
            if (i)
                cd_text_str(t, ", ");
            cd_s7comm_text_item(t, &item);
        }
        if ((r->pos - from) & 1 && i + 1 < count)
            cd_read_skip(r, 1, "item fill byte"); /* items begin at even offsets */
    }
    if (count > ITEMS_SHOWN) {
        cd_text_str(t, " and ");
        cd_text_u64(t, count - ITEMS_SHOWN);
        cd_text_str(t, " more");
    }
    *ret_output = output;
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void cd_s7comm_text_block(struct cd_text *t, const uint8_t *name, size_t len)
{
    /* file identifier ('_' complete module, '$' module header), type (2 hexadecimal digits), number (5 decimal), file system */
    size_t at = len && (name[0] == '_' || name[0] == '$') ? 1 : 0;
    const char *type = NULL;
    if (len - at == 8 && hex_digit(name[at]) >= 0 && hex_digit(name[at + 1]) >= 0)
        type = cd_s7comm_block_type((uint8_t)(hex_digit(name[at]) << 4 | hex_digit(name[at + 1])));
    uint64_t number = 0;
    for (size_t i = at + 2; type && i < at + 7; i++) {
        if (name[i] < '0' || name[i] > '9')
            type = NULL;
        number = number * 10 + (uint64_t)(name[i] - '0');
    }
    if (!type) {
        cd_text_device(t, name, len);
        return;
    }
    cd_text_str(t, type);
    cd_text_u64(t, number);
    /* P: passive (loaded, not linked), A: active, B: both */
    cd_text_str(t, name[at + 7] == 'P' ? " (passive)" : name[at + 7] == 'A' ? " (active)" : "");
}

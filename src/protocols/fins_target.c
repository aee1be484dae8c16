/* FINS: what a command acts on, written as on the programming console: "DM 100 x10", "CIO 0.05", "disk 1 RECIPE.TXT". */
#include "base/text.h"
#include "protocols/fins.h"

enum { ITEMS_SHOWN = 4, MESSAGES_CLEAR = 0x4000, FAL_READ = 0x8000 };

struct area {
    const char *name; /* NULL: a number */
    bool bits;        /* the item is a bit, not a word */
    uint8_t bank;     /* of EM; else 0 */
    bool has_bank;
};

/* W342 5-2-2. Forced-status variants (0x40 more) read the same memory. */
static struct area area_of(uint8_t code)
{
    if (code >= 0xa0 && code <= 0xaf) /* 0xa0 to 0xaf and 0x60 to 0x68: words of EM banks 0 to 15 and 16 to 24 */
        return (struct area){"EM", false, (uint8_t)(code - 0xa0), true};
    if (code >= 0x20 && code <= 0x2f)
        return (struct area){"EM", true, (uint8_t)(code - 0x20), true};
    if (code >= 0x60 && code <= 0x68)
        return (struct area){"EM", false, (uint8_t)(code - 0x50), true};
    if (code >= 0xe0 && code <= 0xe8)
        return (struct area){"EM", true, (uint8_t)(code - 0xd0), true};
    if (code >= 0x90 && code <= 0x97) /* CV series */
        return (struct area){"EM", false, (uint8_t)(code - 0x90), true};
    switch (code) {
    case 0x00:
    case 0x30:
    case 0x40:
    case 0x70: return (struct area){"CIO", true, 0, false};
    case 0x80:
    case 0xb0:
    case 0xc0:
    case 0xf0: return (struct area){"CIO", false, 0, false};
    case 0x31:
    case 0x71: return (struct area){"W", true, 0, false};
    case 0xb1:
    case 0xf1: return (struct area){"W", false, 0, false};
    case 0x32:
    case 0x72: return (struct area){"H", true, 0, false};
    case 0xb2:
    case 0xf2: return (struct area){"H", false, 0, false};
    case 0x33: return (struct area){"A", true, 0, false};
    case 0xb3: return (struct area){"A", false, 0, false};
    case 0x02: return (struct area){"DM", true, 0, false};
    case 0x82: return (struct area){"DM", false, 0, false};
    case 0x0a: return (struct area){"EM", true, 0, false};
    case 0x98: return (struct area){"EM", false, 0, false};
    case 0xbc: return (struct area){"DR", false, 0, false};
    case 0xdc: return (struct area){"IR", false, 0, false};
    case 0x03: return (struct area){"transition flag", false, 0, false};
    case 0x04: return (struct area){"step flag", false, 0, false};
    case 0x06: return (struct area){"task flag", false, 0, false};
    case 0x46: return (struct area){"task status", false, 0, false};
    case 0x07: return (struct area){"condition flag", true, 0, false};
    default: return (struct area){NULL, false, 0, false};
    }
}

/* Timers and counters share their codes: counters are 0x8000 higher (CS and CJ), 0x0800 on CV. */
static bool text_timer(struct cd_text *t, uint8_t code, uint16_t address)
{
    bool flag = code == 0x09 || code == 0x49 || code == 0x01 || code == 0x41;
    if (!flag && code != 0x89 && code != 0x81)
        return false;
    uint16_t counters = code == 0x01 || code == 0x41 || code == 0x81 ? 0x0800 : 0x8000;
    cd_text_char(t, address & counters ? 'C' : 'T');
    cd_text_u64(t, address & (uint16_t)(counters - 1));
    cd_text_str(t, flag ? " flag" : "");
    return true;
}

/* A memory address: area code 1, word 2, bit 1 (5-2-2). */
static void text_address(struct cd_text *t, struct cd_reader *r)
{
    uint8_t code = cd_read_u8(r, "memory area code");
    uint16_t word = cd_read_be16(r, "memory address");
    uint8_t bit = cd_read_u8(r, "memory address");
    struct area area = area_of(code);
    if (!cd_read_ok(r) || text_timer(t, code, word))
        return;
    if (area.name) {
        cd_text_str(t, area.name);
    } else {
        cd_text_str(t, "area 0x");
        cd_text_hex(t, code, 2);
    }
    if (area.has_bank) {
        cd_text_u64(t, area.bank);
        cd_text_char(t, ':');
    } else {
        cd_text_char(t, ' ');
    }
    cd_text_u64(t, word);
    if (area.bits || bit) {
        cd_text_str(t, bit < 10 ? ".0" : ".");
        cd_text_u64(t, bit);
    }
}

static void text_count(struct cd_text *t, uint16_t count)
{
    if (count == 1)
        return;
    cd_text_str(t, " x");
    cd_text_u64(t, count);
}

static void text_range(struct cd_text *t, struct cd_reader *r)
{
    cd_text_char(t, ' ');
    text_address(t, r);
    text_count(t, cd_read_be16(r, "number of items"));
}

/* 5-3-5: any number of addresses, each of an item. */
static void text_list(struct cd_text *t, struct cd_reader *r)
{
    for (unsigned i = 0; i < ITEMS_SHOWN && cd_read_left(r); i++) {
        cd_text_str(t, i ? ", " : " ");
        text_address(t, r);
    }
    if (cd_read_left(r) % 4)
        cd_read_fail(r, "memory address");
    if (cd_read_left(r))
        cd_text_str(t, ", ...");
}

/* 5-3-6: source, destination, number of items. */
static void text_transfer(struct cd_text *t, struct cd_reader *r)
{
    cd_text_char(t, ' ');
    text_address(t, r);
    cd_text_str(t, " to ");
    text_address(t, r);
    text_count(t, cd_read_be16(r, "number of items"));
}

/* 5-3-24: specification 2 (0 reset, 1 set, 0x8000 and 0x8001 released to either, 0xffff released), address 4, for each bit. */
static void text_forced(struct cd_text *t, struct cd_reader *r)
{
    uint16_t bits = cd_read_be16(r, "number of bits");
    for (unsigned i = 0; i < bits && i < ITEMS_SHOWN && cd_read_ok(r); i++) {
        uint16_t what = cd_read_be16(r, "set or reset");
        cd_text_str(t, i ? ", " : " ");
        text_address(t, r);
        cd_text_str(t, what & 0x8000 ? " release" : what == 1 ? " set" : " reset");
    }
    if (bits > ITEMS_SHOWN) {
        cd_text_str(t, ", ...");
        cd_read_skip(r, (size_t)(bits - ITEMS_SHOWN) * 6, "forced bits");
    }
}

/* 5-2-3. */
static void text_parameter_area(struct cd_text *t, struct cd_reader *r)
{
    uint16_t code = cd_read_be16(r, "parameter area code") & 0x7fff;
    switch (code) {
    case 0x0000: cd_text_str(t, " all parameters"); break;
    case 0x0002: cd_text_str(t, " CPU bus unit settings"); break;
    case 0x0010: cd_text_str(t, " PLC setup"); break;
    case 0x0011: cd_text_str(t, " peripheral device settings"); break;
    case 0x0012: cd_text_str(t, " I/O table"); break;
    case 0x0013: cd_text_str(t, " routing tables"); break;
    default:
        cd_text_str(t, " parameter area 0x");
        cd_text_hex(t, code, 4);
        break;
    }
}

/* The word and length of an upload's blocks are left out: one upload is one operation. */
static void text_program(struct cd_text *t, struct cd_reader *r)
{
    uint16_t number = cd_read_be16(r, "program number");
    if (!cd_read_ok(r))
        return;
    cd_text_str(t, number == 0xffff ? " all programs" : " program ");
    if (number != 0xffff)
        cd_text_u64(t, number);
}

static void text_disk(struct cd_text *t, struct cd_reader *r)
{
    uint16_t disk = cd_read_be16(r, "disk number");
    cd_text_str(t, disk == 0x8000 ? " memory card" : disk == 0x8001 ? " EM file memory" : " disk ");
    if (disk < 0x8000)
        cd_text_u64(t, disk);
}

static void text_file(struct cd_text *t, struct cd_reader *r)
{
    const uint8_t *name = cd_read_at(r, CD_FINS_FILE_NAME, "file name");
    cd_text_char(t, ' ');
    if (name)
        cd_text_device(t, name, CD_FINS_FILE_NAME);
}

/* 5-3-27 and following. */
static void text_file_command(struct cd_text *t, struct cd_reader *r, uint16_t command)
{
    switch (command) {
    case 0x220a: /* parameter, memory address, items, disk, file */
        cd_read_skip(r, 2, "parameter");
        text_range(t, r);
        break;
    case 0x220b: /* parameter, parameter area, words, disk, file */
        cd_read_skip(r, 2, "parameter");
        text_parameter_area(t, r);
        cd_read_skip(r, 4, "words");
        break;
    case 0x220c: /* parameter, program, start, words, disk, file */
        cd_read_skip(r, 2, "parameter");
        text_program(t, r);
        cd_read_skip(r, 8, "words");
        break;
    default: break;
    }
    text_disk(t, r);
    switch (command) {
    case 0x2203: cd_read_skip(r, 2, "parameter"); break;
    case 0x2205: cd_read_skip(r, 2, "number of files"); break;
    case 0x2215: cd_read_skip(r, 2, "parameter"); return;
    case 0x2201:
    case 0x2204:
    case 0x2206: return;
    default: break;
    }
    text_file(t, r);
    if (command == 0x2207)
        text_disk(t, r);
    if (command == 0x2207 || command == 0x2208)
        text_file(t, r);
}

/* 5-3-14: of old CPUs without parameters; then program number and mode. */
static void text_run(struct cd_text *t, struct cd_reader *r)
{
    if (cd_read_left(r) < 3)
        return;
    cd_read_skip(r, 2, "program number");
    uint8_t mode = cd_read_u8(r, "mode");
    cd_text_str(t, mode == 1 ? " debug mode" : mode == 2 ? " monitor mode" : mode == 4 ? " run mode" : " unknown mode");
}

static void text_message(struct cd_reader *r, struct cd_operation *op)
{
    uint16_t what = cd_read_be16(r, "message parameter");
    if (what & FAL_READ)
        op->name = "FAL/FALS read";
    else if (what & MESSAGES_CLEAR)
        op->name = "message clear";
}

bool cd_fins_text_target(struct cd_text *t, const struct cd_fins_frame *frame, struct cd_operation *op)
{
    struct cd_reader r = frame->data;
    const struct cd_fins_command *command = cd_fins_command_of(frame->command);
    if (!command)
        return true;
    if (r.len < command->parameters)
        return false;
    switch (frame->command) {
    case 0x0101:
    case 0x0102:
    case 0x0103:
    case 0x230a: text_range(t, &r); break;
    case 0x0104: text_list(t, &r); break;
    case 0x0105: text_transfer(t, &r); break;
    case 0x0201:
    case 0x0202:
    case 0x0203: text_parameter_area(t, &r); break;
    case 0x0304:
    case 0x0305:
    case 0x0306:
    case 0x0307:
    case 0x0308: text_program(t, &r); break;
    case 0x0401: text_run(t, &r); break;
    case 0x0620: op->name = cd_read_u8(&r, "parameter") ? "cycle time read" : "cycle time initialize"; break;
    case 0x0920: text_message(&r, op); break;
    case 0x2301: text_forced(t, &r); break;
    case 0x220f:
    case 0x2210:
    case 0x2211:
    case 0x2220: break;
    default:
        if (frame->command >> 8 == 0x22)
            text_file_command(t, &r, frame->command);
        break;
    }
    return cd_read_ok(&r);
}

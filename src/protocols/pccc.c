#include "protocols/pccc.h"

#include <string.h>

enum { PCCC_REPLY = 0x40, PCCC_WITH_FUNCTION = 0x0f, PCCC_DIAGNOSE = 0x06, PCCC_CONTROL = 0x07 };

struct row {
    uint8_t number;
    const char *name;
    enum cd_class class;
};

/* 1770-6.5.16, chapter 7: commands that have no function. */
static const struct row commands[] = {
    {0x00, "protected write", CD_CLASS_WRITE},       {0x01, "unprotected read", CD_CLASS_READ},
    {0x02, "protected bit write", CD_CLASS_WRITE},   {0x04, "physical read", CD_CLASS_PROGRAM},
    {0x05, "unprotected bit write", CD_CLASS_WRITE}, {0x08, "unprotected write", CD_CLASS_WRITE},
};

/* Command 06 */
static const struct row diagnose[] = {
    {0x00, "echo", CD_CLASS_DIAGNOSE},
    {0x01, "read diagnostic counters", CD_CLASS_DIAGNOSE},
    {0x02, "set variables", CD_CLASS_CONFIGURE},
    {0x03, "diagnostic status", CD_CLASS_IDENTIFY},
    {0x04, "set timeout", CD_CLASS_CONFIGURE},
    {0x05, "set naks", CD_CLASS_CONFIGURE},
    {0x06, "set enqs", CD_CLASS_CONFIGURE},
    {0x07, "reset diagnostic counters", CD_CLASS_DIAGNOSE},
    {0x08, "read link parameters", CD_CLASS_DIAGNOSE},
    {0x09, "read link parameters", CD_CLASS_DIAGNOSE},
    {0x0a, "set link parameters", CD_CLASS_CONFIGURE},
};

/* Command 07 */
static const struct row control[] = {
    {0x00, "disable outputs", CD_CLASS_CONTROL},
    {0x01, "enable program", CD_CLASS_MODE},
    {0x02, "enable plc scanning", CD_CLASS_MODE},
    {0x03, "enter download mode", CD_CLASS_PROGRAM},
    {0x04, "exit download or upload mode", CD_CLASS_PROGRAM},
    {0x05, "exit download or upload mode", CD_CLASS_PROGRAM},
    {0x06, "enter upload mode", CD_CLASS_PROGRAM},
};

/* Command 0f */
static const struct row functions[] = {
    {0x00, "word range write", CD_CLASS_WRITE},
    {0x01, "word range read", CD_CLASS_READ},
    {0x02, "bit write", CD_CLASS_WRITE},
    {0x03, "file write", CD_CLASS_WRITE},
    {0x04, "file read", CD_CLASS_READ},
    {0x05, "download request", CD_CLASS_PROGRAM},
    {0x06, "upload", CD_CLASS_PROGRAM},
    {0x07, "shutdown", CD_CLASS_MODE},
    {0x08, "physical write", CD_CLASS_PROGRAM},
    {0x09, "physical read", CD_CLASS_PROGRAM},
    {0x0a, "restart request", CD_CLASS_MODE},
    {0x11, "get edit resource", CD_CLASS_PROGRAM},
    {0x12, "return edit resource", CD_CLASS_PROGRAM},
    {0x17, "read bytes physical", CD_CLASS_PROGRAM},
    {0x18, "write bytes physical", CD_CLASS_PROGRAM},
    {0x26, "read-modify-write", CD_CLASS_WRITE},
    {0x29, "read section size", CD_CLASS_READ},
    {0x3a, "set cpu mode", CD_CLASS_MODE},
    {0x41, "disable forces", CD_CLASS_CONTROL},
    {0x50, "download all request", CD_CLASS_PROGRAM},
    {0x52, "download completed", CD_CLASS_PROGRAM},
    {0x53, "upload all request", CD_CLASS_PROGRAM},
    {0x55, "upload completed", CD_CLASS_PROGRAM},
    {0x57, "initialize memory", CD_CLASS_PROGRAM},
    {0x5e, "modify plc-2 compatibility file", CD_CLASS_CONFIGURE},
    {0x67, "typed write", CD_CLASS_WRITE},
    {0x68, "typed read", CD_CLASS_READ},
    {0x79, "read-modify-write", CD_CLASS_WRITE},
    {0x80, "change cpu mode", CD_CLASS_MODE},
    {0x81, "open file", CD_CLASS_FILE},
    {0x82, "close file", CD_CLASS_FILE},
    {0x88, "execute multiple commands", CD_CLASS_PROGRAM},
    {0x8f, "apply port configuration", CD_CLASS_CONFIGURE},
    {0xa1, "protected typed logical read", CD_CLASS_READ},
    {0xa2, "protected typed logical read", CD_CLASS_READ},
    {0xa7, "protected typed file read", CD_CLASS_FILE},
    {0xa9, "protected typed logical write", CD_CLASS_WRITE},
    {0xaa, "protected typed logical write", CD_CLASS_WRITE},
    {0xab, "protected typed logical masked write", CD_CLASS_WRITE},
    {0xaf, "protected typed file write", CD_CLASS_PROGRAM},
};

#define FIND(table, number) find(table, sizeof table / sizeof table[0], number)

static const struct row *find(const struct row *table, size_t n, uint8_t number)
{
    for (size_t i = 0; i < n; i++)
        if (table[i].number == number)
            return &table[i];
    return NULL;
}

static const struct row *find_row(uint8_t command, uint8_t function)
{
    switch (command) {
    case PCCC_WITH_FUNCTION: return FIND(functions, function);
    case PCCC_DIAGNOSE: return FIND(diagnose, function);
    case PCCC_CONTROL: return FIND(control, function);
    default: return FIND(commands, command);
    }
}

bool cd_pccc_parse(struct cd_reader *r, struct cd_pccc_message *ret)
{
    struct cd_pccc_message m = {0};
    uint8_t requester = cd_read_u8(r, "requester id length");
    if (cd_read_ok(r) && requester == 0) {
        cd_read_fail(r, "requester id length");
        return false;
    }
    cd_read_skip(r, requester - 1u, "requester id");
    uint8_t command = cd_read_u8(r, "pccc command");
    m.reply = command & PCCC_REPLY;
    m.command = command & 0x0f;
    m.status = cd_read_u8(r, "pccc status");
    m.transaction = cd_read_le16(r, "pccc transaction");
    m.has_function =
        !m.reply && (m.command == PCCC_WITH_FUNCTION || m.command == PCCC_DIAGNOSE || m.command == PCCC_CONTROL);
    if (m.has_function)
        m.function = cd_read_u8(r, "pccc function");
    if (m.reply && m.status == 0xf0)
        m.extended_status = cd_read_u8(r, "pccc extended status");
    m.data_len = cd_read_left(r);
    m.data = cd_read_at(r, m.data_len, "pccc data");
    if (!cd_read_ok(r))
        return false;
    *ret = m;
    return true;
}

const char *cd_pccc_name(uint8_t command, uint8_t function)
{
    const struct row *row = find_row(command, function);
    return row ? row->name : NULL;
}

enum cd_class cd_pccc_class(uint8_t command, uint8_t function)
{
    const struct row *row = find_row(command, function);
    return row ? row->class : CD_CLASS_OTHER;
}

/* A file, element or sub-element number: one byte, or 0xff and two. */
static uint16_t read_number(struct cd_reader *r, const char *field)
{
    uint8_t first = cd_read_u8(r, field);
    return first == 0xff ? cd_read_le16(r, field) : first;
}

static const char *file_letters(uint8_t type)
{
    switch (type) {
    case 0x82: return "O";
    case 0x83: return "I";
    case 0x84: return "S";
    case 0x85: return "B";
    case 0x86: return "T";
    case 0x87: return "C";
    case 0x88: return "R";
    case 0x89: return "N";
    case 0x8a: return "F";
    case 0x8b: return "O";
    case 0x8c: return "I";
    case 0x8d: return "ST";
    case 0x8e: return "A";
    case 0x8f: return "D";
    case 0x91: return "L";
    case 0x92: return "MG";
    case 0x93: return "PD";
    case 0x94: return "PLS";
    default: return NULL;
    }
}

/* SLC 500 and MicroLogix address: size, file number, file type, element, and with three fields a sub-element. */
static void write_typed_address(struct cd_text *t, struct cd_reader *r, bool three_fields)
{
    cd_read_skip(r, 1, "byte size");
    uint16_t file = read_number(r, "file number");
    uint8_t type = cd_read_u8(r, "file type");
    uint16_t element = read_number(r, "element number");
    uint16_t sub_element = three_fields ? read_number(r, "sub-element number") : 0;
    if (!cd_read_ok(r))
        return;
    const char *letters = file_letters(type);
    cd_text_char(t, ' ');
    if (letters) {
        cd_text_str(t, letters);
    } else {
        cd_text_str(t, "type 0x");
        cd_text_hex(t, type, 2);
        cd_text_str(t, " file ");
    }
    cd_text_u64(t, file);
    cd_text_char(t, ':');
    cd_text_u64(t, element);
    if (sub_element) {
        cd_text_char(t, '.');
        cd_text_u64(t, sub_element);
    }
}

/* PLC-5 system address: text ("$N7:0" after a zero byte), or a mask of levels: area, file, element, sub-element. */
static void write_system_address(struct cd_text *t, struct cd_reader *r)
{
    if (cd_read_peek(r, 0) == 0 && cd_read_peek(r, 1) == '$') {
        cd_read_skip(r, 2, "address");
        size_t n = 0;
        while (cd_read_peek(r, n) > 0)
            n++;
        cd_text_char(t, ' ');
        cd_text_device(t, cd_read_at(r, n, "address"), n);
        return;
    }
    uint8_t mask = cd_read_u8(r, "address levels");
    uint16_t level[4] = {0};
    for (unsigned i = 0; i < 4; i++)
        if (mask & 1u << i)
            level[i] = read_number(r, "address level");
    if (!cd_read_ok(r))
        return;
    cd_text_str(t, " file ");
    cd_text_u64(t, level[1]);
    cd_text_str(t, " element ");
    cd_text_u64(t, level[2]);
    if (mask & 8) {
        cd_text_char(t, '.');
        cd_text_u64(t, level[3]);
    }
}

static const char *slc_mode(uint8_t mode)
{
    switch (mode) {
    case 0x00: return "remote download";
    case 0x01: return "remote program";
    case 0x03: return "remote suspend";
    case 0x06: return "remote run";
    case 0x07: return "remote test continuous";
    case 0x08: return "remote test single scan";
    case 0x09: return "remote test single step";
    case 0x10: return "download";
    case 0x11: return "program";
    case 0x1b: return "suspend";
    case 0x1e: return "run";
    default: return NULL;
    }
}

static void write_mode(struct cd_text *t, uint8_t function, struct cd_reader *r)
{
    static const char *const plc5[] = {"program", "remote test", "remote run", "no change"};
    uint8_t mode = cd_read_u8(r, "mode");
    const char *name = function == 0x3a ? plc5[mode & 3] : slc_mode(mode);
    cd_text_str(t, " to ");
    if (name) {
        cd_text_str(t, name);
    } else {
        cd_text_str(t, "mode 0x");
        cd_text_hex(t, mode, 2);
    }
}

/* Commands without a function begin with a byte address of the PLC-2 kind. */
static void write_plc2_address(struct cd_text *t, struct cd_reader *r)
{
    uint16_t address = cd_read_le16(r, "address");
    if (!cd_read_ok(r))
        return;
    cd_text_str(t, " address ");
    cd_text_u64(t, address);
}

void cd_pccc_target(struct cd_text *t, const struct cd_pccc_message *message)
{
    const char *name = cd_pccc_name(message->command, message->function);
    struct cd_reader r = cd_reader_of(message->data, message->data_len);
    if (name) {
        cd_text_str(t, name);
    } else {
        cd_text_str(t, "pccc command 0x");
        cd_text_hex(t, message->command, 2);
        if (message->has_function) {
            cd_text_str(t, " function 0x");
            cd_text_hex(t, message->function, 2);
        }
        return;
    }
    if (message->command != PCCC_WITH_FUNCTION) {
        if (!message->has_function)
            write_plc2_address(t, &r);
        return;
    }
    switch (message->function) {
    case 0xa1:
    case 0xa9: write_typed_address(t, &r, false); break;
    case 0xa2:
    case 0xaa:
    case 0xab: write_typed_address(t, &r, true); break;
    case 0x00:
    case 0x01:
    case 0x67:
    case 0x68:
        cd_read_skip(&r, 4, "offset and total");
        write_system_address(t, &r);
        break;
    case 0x02:
    case 0x26: write_system_address(t, &r); break;
    case 0x3a:
    case 0x80: write_mode(t, message->function, &r); break;
    default: break;
    }
}

/* Chapter 8: a local error in the low half, a remote one in the high half; 0xf0 points to the extended status. */
const char *cd_pccc_error(const struct cd_pccc_message *reply)
{
    static const char *const remote[16] = {
        [0x1] = "illegal command or format",
        [0x2] = "host has a problem and will not communicate",
        [0x3] = "remote node host is missing",
        [0x4] = "host could not complete function due to hardware fault",
        [0x5] = "addressing problem or memory protect",
        [0x6] = "function not allowed due to command protection",
        [0x7] = "processor is in program mode",
        [0x8] = "compatibility mode file missing",
        [0x9] = "remote node cannot buffer command",
        [0xb] = "remote node problem due to download",
        [0xe] = "no response from remote node",
    };
    if (reply->status == 0)
        return NULL;
    if (reply->status == 0xf0) {
        switch (reply->extended_status) {
        case 0x01: return "field has an illegal value";
        case 0x06: return "address does not point to something usable";
        case 0x07: return "file is wrong size";
        case 0x0b: return "access denied, improper privilege";
        case 0x0c: return "condition cannot be generated";
        case 0x0d: return "condition already exists";
        case 0x0e: return "command cannot be executed";
        case 0x12: return "invalid parameter";
        case 0x1a: return "file owner active";
        case 0x1b: return "program owner active";
        default: return "pccc extended status error";
        }
    }
    const char *name = remote[reply->status >> 4];
    return name ? name : "pccc status error";
}

/* SLC 500 and MicroLogix: 0xee in the second byte; the name is 11 characters, filled with blanks. */
bool cd_pccc_status_parse(struct cd_reader *r, struct cd_pccc_status *ret)
{
    enum { NAME_LEN = 11 };
    struct cd_pccc_status status = {0};
    cd_read_skip(r, 1, "operating status");
    if (cd_read_u8(r, "type extender") != 0xee)
        return false;
    cd_read_skip(r, 2, "interface and processor type");
    uint8_t series = cd_read_u8(r, "series and revision");
    status.series = (char)('A' + (series >> 5));
    status.revision = (char)('A' + (series & 0x1f) % 26);
    status.name = cd_read_at(r, NAME_LEN, "bulletin name");
    cd_read_skip(r, 2, "major error");
    status.mode = slc_mode(cd_read_u8(r, "mode") & 0x1f);
    if (!cd_read_ok(r))
        return false;
    status.name_len = NAME_LEN;
    while (status.name_len && (status.name[status.name_len - 1] == ' ' || status.name[status.name_len - 1] == 0))
        status.name_len--;
    *ret = status;
    return true;
}

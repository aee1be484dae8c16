/* MELSEC: the devices and files a request acts on: "D100 x10", "Y20", "file $MELPRJ$\SYSTEM.PRM". */
#include "protocols/melsec.h"

enum { DEVICES_SHOWN = 3, EXTENDED = 0x0080, IQ_R = 0x0002, BITS = 0x0001 /* subcommand bits */ };

/* What the forms of a device differ in. */
struct device_form {
    bool ascii;
    unsigned number_size, code_size; /* bytes in binary; in ASCII 6 or 8 digits, 2 or 4 characters */
};

static void text_number(struct cd_text *t, uint32_t number, bool hexadecimal)
{
    if (hexadecimal)
        cd_text_hex(t, number, 1);
    else
        cd_text_u64(t, number);
}

static void text_binary_device(struct cd_text *t, struct cd_reader *r, struct device_form form)
{
    uint32_t number = cd_melsec_number(r, false, form.number_size, "device number");
    uint16_t code = (uint16_t)cd_melsec_number(r, false, form.code_size, "device code");
    struct cd_melsec_device device = cd_melsec_device_of(code);
    if (!cd_read_ok(r))
        return;
    if (device.name) {
        cd_text_str(t, device.name);
    } else {
        cd_text_str(t, "device 0x");
        cd_text_hex(t, code, 2);
        cd_text_char(t, ' ');
    }
    text_number(t, number, device.hexadecimal);
}

/* "D*000100", "TN000010": code filled up with asterisks or blanks, number with leading zeros. */
static void text_ascii_device(struct cd_text *t, struct cd_reader *r, struct device_form form)
{
    const uint8_t *code = cd_read_at(r, form.code_size * 2, "device code");
    const uint8_t *digits = cd_read_at(r, form.number_size == 3 ? 6 : 8, "device number");
    unsigned n = form.number_size == 3 ? 6 : 8, skip = 0;
    if (!digits)
        return;
    for (unsigned i = 0; i < form.code_size * 2; i++)
        if (code[i] >= 'A' && code[i] <= 'Z')
            cd_text_char(t, (char)code[i]);
    while (skip + 1 < n && (digits[skip] == '0' || digits[skip] == ' '))
        skip++;
    for (unsigned i = skip; i < n; i++) {
        bool digit = (digits[i] >= '0' && digits[i] <= '9') || (digits[i] >= 'A' && digits[i] <= 'F') ||
                     (digits[i] >= 'a' && digits[i] <= 'f');
        cd_text_char(t, digit ? (char)digits[i] : '?');
    }
}

static void text_device(struct cd_text *t, struct cd_reader *r, struct device_form form)
{
    if (form.ascii)
        text_ascii_device(t, r, form);
    else
        text_binary_device(t, r, form);
}

static void text_count(struct cd_text *t, uint32_t count)
{
    if (count == 1)
        return;
    cd_text_str(t, " x");
    cd_text_u64(t, count);
}

/* 0401, 1401: device, number of points. */
static void text_batch(struct cd_text *t, struct cd_reader *r, struct device_form form)
{
    cd_text_char(t, ' ');
    text_device(t, r, form);
    text_count(t, cd_melsec_number(r, form.ascii, 2, "number of points"));
}

/* 0403, 0801, 1402: word accesses, double word accesses (in bits: one number), then the devices, on writing each with its data. */
static void text_random(struct cd_text *t, struct cd_reader *r, struct device_form form, bool bits, bool write)
{
    uint32_t words = cd_melsec_number(r, form.ascii, 1, "number of accesses"), doubles = 0;
    if (!bits)
        doubles = cd_melsec_number(r, form.ascii, 1, "number of accesses");
    for (uint32_t i = 0; i < words + doubles && i < DEVICES_SHOWN && cd_read_ok(r); i++) {
        size_t data = bits ? form.number_size == 3 ? 1 : 2 : i < words ? 2 : 4;
        cd_text_str(t, i ? ", " : " ");
        text_device(t, r, form);
        if (write)
            cd_read_skip(r, form.ascii ? data * 2 : data, "data");
    }
    if (words + doubles > DEVICES_SHOWN)
        cd_text_str(t, ", ...");
}

/* 0406, 1406: word blocks, bit blocks, then device and number of points of each, on writing with the data. */
static void text_blocks(struct cd_text *t, struct cd_reader *r, struct device_form form, bool write)
{
    uint32_t blocks = cd_melsec_number(r, form.ascii, 1, "number of blocks");
    blocks += cd_melsec_number(r, form.ascii, 1, "number of blocks");
    for (uint32_t i = 0; i < blocks && i < DEVICES_SHOWN && cd_read_ok(r); i++) {
        cd_text_str(t, i ? ", " : " ");
        text_device(t, r, form);
        uint32_t points = cd_melsec_number(r, form.ascii, 2, "number of points");
        text_count(t, points);
        if (write)
            cd_read_skip(r, (size_t)points * (form.ascii ? 4 : 2), "data");
    }
    if (blocks > DEVICES_SHOWN)
        cd_text_str(t, ", ...");
}

/* 1E (SH-080008 7): number 4, code 2 (the letter and a blank), points 1. */
static void text_1e(struct cd_text *t, struct cd_reader *r)
{
    uint32_t number = cd_read_le32(r, "device number");
    uint8_t second = cd_read_u8(r, "device code"), letter = cd_read_u8(r, "device code");
    uint8_t points = cd_read_u8(r, "number of points");
    if (!cd_read_ok(r))
        return;
    bool hexadecimal = letter == 'X' || letter == 'Y' || letter == 'B' || letter == 'W';
    cd_text_char(t, ' ');
    cd_text_char(t, letter >= 'A' && letter <= 'Z' ? (char)letter : '?');
    if (second >= 'A' && second <= 'Z')
        cd_text_char(t, (char)second);
    text_number(t, number, hexadecimal);
    text_count(t, points ? points : 256);
}

bool cd_melsec_text_target(struct cd_text *t, const struct cd_melsec_message *message)
{
    struct cd_reader r = message->data;
    struct device_form form = {.ascii = message->ascii, .number_size = 3, .code_size = 1};
    if (message->form == CD_MELSEC_1E) {
        if (message->command <= 3)
            text_1e(t, &r);
        return cd_read_ok(&r);
    }
    if (message->subcommand & IQ_R) {
        form.number_size = 4;
        form.code_size = 2;
    }
    if (message->subcommand & EXTENDED)
        return true; /* devices of modules and links, of many shapes */
    switch (message->command) {
    case 0x0401:
    case 0x1401: text_batch(t, &r, form); break;
    case 0x0403:
    case 0x0801: text_random(t, &r, form, false, false); break;
    case 0x1402: text_random(t, &r, form, message->subcommand & BITS, true); break;
    case 0x0406: text_blocks(t, &r, form, false); break;
    case 0x1406: text_blocks(t, &r, form, true); break;
    default: break;
    }
    return cd_read_ok(&r);
}

void cd_melsoft_text_file(struct cd_text *t, struct cd_reader data)
{
    enum { SEARCHED = 48, NAME_MAX = 128 };
    /* The fields before the path differ by command; the path is UTF-16 and begins with the drive "$…". */
    for (unsigned i = 0; i < SEARCHED && cd_read_left(&data) >= 4; i++) {
        if (cd_read_peek(&data, 0) == '$' && cd_read_peek(&data, 1) == 0 && cd_read_peek(&data, 2) >= 'A' &&
            cd_read_peek(&data, 3) == 0) {
            size_t len = 0;
            while (len + 2 <= NAME_MAX && len + 2 <= cd_read_left(&data) &&
                   (cd_read_peek(&data, len) > 0 || cd_read_peek(&data, len + 1) > 0))
                len += 2;
            const uint8_t *name = cd_read_at(&data, len, "file name");
            cd_text_str(t, " file ");
            cd_text_utf16le(t, name, len);
            return;
        }
        cd_read_skip(&data, 1, "before the name");
    }
}

/* Mitsubishi MELSEC: MC protocol with frames 1E, 3E and 4E and SLMP, binary and ASCII, after "MELSEC Communication Protocol Reference Manual" (SH-080008) and "SLMP
 * Reference Manual" (SH-080956); and the MELSOFT connection of engineering tools, as far as public analyses and captures tell.
 *
 *     3E request    50 00 | network 1 | station 1 | module I/O 2 | multidrop station 1 | length 2 | timer 2 | command 2 | subcommand 2 | data
 *     3E response   D0 00 | … | length 2 | end code 2 | data
 *     4E            54 00, D4 00 | serial 2 | 00 00 | network 1 | …
 *     1E            command 1 (response: with bit 7) | station 1 (response: end code) | timer 2 | data
 *     MELSOFT       57 or D7 | … 18 | length 2 | type 1 | … | size 1 | block size 1 | block | command 2 (big-endian) | reference 2 | …
 *
 * Binary numbers are little-endian; ASCII frames have the same fields as hexadecimal digits, most significant first. */
#ifndef CD_PROTOCOLS_MELSEC_H
#define CD_PROTOCOLS_MELSEC_H

#include "base/text.h"
#include "protocols/dissector.h"

enum {
    CD_MELSEC_LOCAL_STATION = 0xff,
    CD_MELSEC_OWN_CPU = 0x03ff, /* module I/O number: the CPU that is connected */
    CD_MELSEC_MODEL = 16,
    CD_MELSOFT_HEADER = 21,
    CD_MELSOFT_REQUEST = 0x57,
    CD_MELSOFT_RESPONSE = 0xd7,
    CD_MELSOFT_FIND = 0x5a,
    CD_MELSOFT_FOUND = 0xda,
};

enum cd_melsec_form { CD_MELSEC_1E, CD_MELSEC_3E, CD_MELSEC_4E };

struct cd_melsec_message {
    enum cd_melsec_form form;
    bool ascii, response;
    uint16_t serial; /* 4E */
    uint8_t network, station, multidrop;
    uint16_t module;
    uint16_t command, subcommand; /* requests; 1E also responses */
    uint16_t end_code;            /* responses */
    struct cd_reader data;
};

struct cd_melsoft_message {
    bool response;
    uint16_t status; /* responses */
    uint16_t command, reference;
    struct cd_reader data; /* behind the reference */
};

/* One message of the forms 1E, 3E, 4E. */
bool cd_melsec_parse(struct cd_reader *r, struct cd_melsec_message *ret);
bool cd_melsoft_parse(struct cd_reader *r, struct cd_melsoft_message *ret);
/* The length of the message at the front of a stream, as cd_dissector.frame. */
ssize_t cd_melsec_frame(const uint8_t *bytes, size_t len);
/* Whether a datagram or the front of a stream is a whole message of the forms 3E, 4E with a known command (or of a response). */
bool cd_melsec_is_message(const uint8_t *bytes, size_t len, bool whole);

struct cd_melsec_command {
    const char *name, *bit_name; /* bit_name: where the subcommand asks for bit units; NULL: no difference */
    enum cd_class class;
};
/* name NULL: not in the manuals. */
struct cd_melsec_command cd_melsec_command_of(uint16_t command);
struct cd_melsec_command cd_melsec_1e_command_of(uint8_t command);
struct cd_melsec_command cd_melsoft_command_of(uint16_t command);

struct cd_melsec_device {
    const char *name; /* NULL: not known */
    bool hexadecimal; /* its numbers are */
};
struct cd_melsec_device cd_melsec_device_of(uint16_t code);

/* A literal for every code but 0, which is no error. */
const char *cd_melsec_end_code_name(uint16_t end_code);
bool cd_melsec_is_password_error(uint16_t end_code);

/* A number of `size` bytes: little-endian, or twice as many hexadecimal digits. */
uint32_t cd_melsec_number(struct cd_reader *r, bool ascii, unsigned size, const char *field);
/* What a request acts on, with a blank before it; false where its data does not fit. */
bool cd_melsec_text_target(struct cd_text *t, const struct cd_melsec_message *message);
/* The file a MELSOFT request names, with a blank before it. */
void cd_melsoft_text_file(struct cd_text *t, struct cd_reader data);

/* Reports a MELSOFT message, or one that looks for modules (melsec_melsoft.c). */
void cd_melsoft_dissect(struct cd_message *m, struct cd_reader *r);

#endif

/* DNP3 (IEEE Std 1815-2012) over TCP and UDP: link frames, transport segments, application fragments, object headers.
 *
 *     link frame   05 64 | length 1 | control 1 | destination 2 | source 2 | CRC 2 | blocks of up to 16 bytes, each with its CRC 2     (clause 9)
 *     segment      FIN FIR sequence(6) 1 | up to 249 bytes                                                                          (clause 8)
 *     fragment     FIR FIN CON UNS sequence(4) 1 | function 1 | in responses: internal indications 2 | objects                      (clause 4)
 *     objects      group 1 | variation 1 | qualifier 1 | range | data                                                              (clause 4.2.2.7)
 *
 * Numbers are little-endian. */
#ifndef CD_PROTOCOLS_DNP3_H
#define CD_PROTOCOLS_DNP3_H

#include "protocols/dissector.h"

enum {
    CD_DNP3_HEADER = 10,         /* link header with its CRC */
    CD_DNP3_USER_DATA_MAX = 250, /* in one link frame, without CRCs */
    CD_DNP3_FRAME_MAX = 292,
    CD_DNP3_BROADCAST = 0xfffd, /* this address and those above go to all outstations (9.2.5.4) */
};

enum cd_dnp3_function {
    CD_DNP3_CONFIRM = 0,
    CD_DNP3_READ = 1,
    CD_DNP3_WRITE = 2,
    CD_DNP3_SELECT = 3,
    CD_DNP3_OPERATE = 4,
    CD_DNP3_DIRECT_OPERATE = 5,
    CD_DNP3_DIRECT_OPERATE_NO_RESPONSE = 6,
    CD_DNP3_FREEZE_AT_TIME = 11,
    CD_DNP3_FREEZE_AT_TIME_NO_RESPONSE = 12,
    CD_DNP3_OPEN_FILE = 25,
    CD_DNP3_AUTHENTICATE_FILE = 29,
    CD_DNP3_ABORT_FILE = 30,
    CD_DNP3_RESPONSE = 129,
    CD_DNP3_UNSOLICITED = 130,
    CD_DNP3_AUTHENTICATION_RESPONSE = 131,
};

struct cd_dnp3_link {
    uint8_t function; /* with the primary bit: 0x40 | 4 is unconfirmed user data */
    bool from_master; /* the DIR bit */
    uint16_t destination, source;
    uint8_t user_data; /* bytes written to `data` */
};

/* CRC-16 of IEEE 1815 (clause 9.2.4.3.3) as it stands in the two bytes behind what it covers. */
uint16_t cd_dnp3_crc(const uint8_t *bytes, size_t len);
/* Length of the link frame at `bytes` (at least 3 there), CRCs included; 0 where none begins. */
size_t cd_dnp3_frame_length(const uint8_t *bytes);
/* Reads one link frame from r, every CRC checked, and gathers its user data. */
bool cd_dnp3_parse_link(struct cd_reader *r, struct cd_dnp3_link *ret, uint8_t data[CD_DNP3_USER_DATA_MAX]);

struct cd_dnp3_fragment {
    bool first, final, unsolicited;
    uint8_t sequence, function;
    uint16_t indications;     /* in responses: IIN1 low, IIN2 high */
    struct cd_reader objects; /* borrowed */
};
bool cd_dnp3_parse_fragment(struct cd_reader *r, struct cd_dnp3_fragment *ret);

/* Internal indications (4.3.5). */
enum {
    CD_DNP3_NEED_TIME = 0x0010,
    CD_DNP3_LOCAL_CONTROL = 0x0020,
    CD_DNP3_DEVICE_TROUBLE = 0x0040,
    CD_DNP3_DEVICE_RESTART = 0x0080,
    CD_DNP3_NO_FUNCTION = 0x0100,
    CD_DNP3_OBJECT_UNKNOWN = 0x0200,
    CD_DNP3_PARAMETER_ERROR = 0x0400,
    CD_DNP3_EVENT_OVERFLOW = 0x0800,
    CD_DNP3_ALREADY_EXECUTING = 0x1000,
    CD_DNP3_CONFIG_CORRUPT = 0x2000,
};

/* One object header and the bytes of its objects, prefixes included. */
struct cd_dnp3_objects {
    uint8_t group, variation,
        prefix; /* prefix: the qualifier's object prefix code: 0 none, 1-3 index of 1, 2, 4 bytes, 4-6 size likewise */
    bool all, counted; /* no range: all points; a count instead of start and stop */
    uint32_t start;    /* 0 where counted */
    uint64_t count;
    unsigned bits;   /* of one object's data; 0 where there is none, or each tells its own length */
    bool attributes; /* each object is type, length, value (group 0) */
    bool opaque;     /* a variation of unknown size: `data` is all that is left */
    struct cd_reader data;
};
/* Reads the next header with its data. `function` tells whether objects carry data: those of a read, say, do not. Before the first call
 * r stands at the first header; at the end of the headers cd_read_left(r) is 0. */
bool cd_dnp3_next_objects(struct cd_reader *r, uint8_t function, struct cd_dnp3_objects *ret);

/* The next object of a header: its index (by prefix or by place) and its bytes. n is how many were read before. False at the end or where it does not fit. */
bool cd_dnp3_next_object(struct cd_dnp3_objects *objects, uint64_t n, uint32_t *ret_index,
                         struct cd_reader *ret_object);

/* Bits of one object's data; 0 unknown or without data. */
unsigned cd_dnp3_object_bits(uint8_t group, uint8_t variation);

/* Names as the standard gives them, lower case; never NULL. */
const char *cd_dnp3_function_name(uint8_t function, enum cd_class *ret_class);
const char *cd_dnp3_group_name(uint8_t group);
/* Control status codes (11.7, Table 11-4): NULL for success. */
const char *cd_dnp3_control_status(uint8_t status);
/* File status codes (11.8.2): NULL for success. */
const char *cd_dnp3_file_status(uint8_t status);
/* The refusal a response's indications tell, or NULL. */
const char *cd_dnp3_refusal(uint16_t indications);

/* ---- what a fragment tells (dnp3_report.c); the dissector's state keeps what was said before ---- */

enum { CD_DNP3_OUTSTATIONS = 8, CD_DNP3_FRAGMENT_MAX = 2048 };

/* What is remembered of an outstation of this flow, in a slot by the low bits of its address. */
struct cd_dnp3_outstation {
    uint16_t address, indications;
    bool known;
};

/* A fragment being gathered from segments of one direction. 2048 is what the standard asks devices to take (4.1.1); longer ones are kept to that length. */
struct cd_dnp3_assembly {
    uint16_t source, destination;
    uint16_t len;
    uint8_t next_sequence;
    bool open, overflow;
    uint8_t *
        bytes; /* CD_DNP3_FRAGMENT_MAX of them, had when the first fragment of several segments comes: most flows never see one */
};

struct cd_dnp3_state {
    struct cd_dnp3_assembly assembly[2]; /* by direction, 0: from the flow's client */
    struct cd_dnp3_outstation outstations[CD_DNP3_OUTSTATIONS];
    uint16_t first_outstation, master;
    uint8_t n_outstations; /* 0, 1, or 2 for several */
    bool master_known;
    bool answering;            /* an answer of several fragments is not at its end; */
    uint64_t answered_request; /* they count on this request */
};

/* Reports one application fragment; `overflow`: its end was not kept. */
void cd_dnp3_report(struct cd_message *m, const struct cd_dnp3_link *link, struct cd_reader *r, bool overflow);
/* Facts from the objects of a response: device attributes (group 0). */
void cd_dnp3_report_attributes(struct cd_message *m, const struct cd_subject *outstation,
                               struct cd_dnp3_objects *objects);
/* What is asked for, as text: "class 1, analog input g30v5 0-3". Sets *op to the more exact name and class the objects call for. */
void cd_dnp3_text_objects(struct cd_text *t, struct cd_message *m, const struct cd_dnp3_fragment *fragment,
                          struct cd_operation *op, const char **ret_bad);

#endif

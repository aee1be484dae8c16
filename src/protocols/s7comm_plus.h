/* S7 communication plus: how TIA Portal, panels and OPC servers talk to SIMATIC S7-1200 and S7-1500. No standard is published; what is here was worked
 * out in the open by Thomas Wiens' dissector and driver and by others, and holds against captures. It lies on cotp.
 *
 *     fragment     0x72 | version 1 | length 2 | [version 3: digest length 1, digest] | data | [trailer 0x72 | version | 0 0, after the last fragment]
 *     request      0x31 | 0 0 | function 2 | 0 0 | sequence 2 | session 4 | flags 1 | body
 *     response     0x32 | 0 0 | function 2 | 0 0 | sequence 2 | flags 1 | return value | body      (0x02 instead of 0x32 from old firmware)
 *     notification 0x33 | subscription 4 | body
 *
 * Numbers are big-endian; most of a body's are of variable length, seven bits in a byte, the first ones first (VLQ). Each fragment is one TSDU. */
#ifndef CD_PROTOCOLS_S7COMM_PLUS_H
#define CD_PROTOCOLS_S7COMM_PLUS_H

#include "base/text.h"
#include "protocols/cotp.h"
#include "protocols/dissector.h"

enum { CD_S7COMM_PLUS_MAGIC = 0x72, CD_S7COMM_PLUS_HEADER = 4 };

enum cd_s7comm_plus_version {
    CD_S7COMM_PLUS_V1 = 1,
    CD_S7COMM_PLUS_V2 = 2,
    CD_S7COMM_PLUS_V3 = 3,              /* each fragment carries a digest */
    CD_S7COMM_PLUS_SYSTEM_EVENT = 0xfe, /* acknowledgements and the end of a session; no opcode, no trailer */
    CD_S7COMM_PLUS_KEEP_ALIVE = 0xff,
};

enum cd_s7comm_plus_opcode {
    CD_S7COMM_PLUS_RESPONSE_OLD = 0x02,
    CD_S7COMM_PLUS_REQUEST = 0x31,
    CD_S7COMM_PLUS_RESPONSE = 0x32,
    CD_S7COMM_PLUS_NOTIFICATION = 0x33,
};

enum cd_s7comm_plus_function {
    CD_S7COMM_PLUS_EXPLORE = 0x04bb,
    CD_S7COMM_PLUS_CREATE_OBJECT = 0x04ca,
    CD_S7COMM_PLUS_DELETE_OBJECT = 0x04d4,
    CD_S7COMM_PLUS_SET_VARIABLE = 0x04f2,
    CD_S7COMM_PLUS_GET_VARIABLE = 0x04fc,
    CD_S7COMM_PLUS_ADD_LINK = 0x0506,
    CD_S7COMM_PLUS_REMOVE_LINK = 0x051a,
    CD_S7COMM_PLUS_GET_LINK = 0x0524,
    CD_S7COMM_PLUS_SET_MULTI_VARIABLES = 0x0542,
    CD_S7COMM_PLUS_GET_MULTI_VARIABLES = 0x054c,
    CD_S7COMM_PLUS_BEGIN_SEQUENCE = 0x0556,
    CD_S7COMM_PLUS_END_SEQUENCE = 0x0560,
    CD_S7COMM_PLUS_INVOKE = 0x056b,
    CD_S7COMM_PLUS_SET_VARIABLE_SUBSTREAMED = 0x057c,
    CD_S7COMM_PLUS_GET_VARIABLE_SUBSTREAMED = 0x0586,
    CD_S7COMM_PLUS_GET_VARIABLES_ADDRESS = 0x0590,
    CD_S7COMM_PLUS_ABORT = 0x059a,
    CD_S7COMM_PLUS_INIT_SSL = 0x05b3,
};

/* Object, class and attribute numbers that mean something here. */
enum {
    CD_S7COMM_PLUS_ID_NAME = 233,
    CD_S7COMM_PLUS_ID_SESSION_CONTAINER = 285,
    CD_S7COMM_PLUS_CLASS_SESSION = 287,
    CD_S7COMM_PLUS_ID_NO_SESSION = 288,
    CD_S7COMM_PLUS_ID_APPLICATION = 297,
    CD_S7COMM_PLUS_ID_HOST = 298,
    CD_S7COMM_PLUS_ID_SESSION_RESPONSE = 304, /* answer to a password challenge */
    CD_S7COMM_PLUS_ID_SESSION_VERSION = 306,
    CD_S7COMM_PLUS_STRUCT_SESSION_VERSION = 314,
    CD_S7COMM_PLUS_ID_SYSTEM_STRING = 319, /* "1;6ES7 214-1AG40-0XB0 ;V4.2" */
    CD_S7COMM_PLUS_CLASS_SUBSCRIPTION = 1001,
    CD_S7COMM_PLUS_ID_SUBSCRIPTION_CREDIT = 1053,
    CD_S7COMM_PLUS_ID_SESSION_KEY = 1830,
    CD_S7COMM_PLUS_ID_SECURITY_KEY = 1841,
    CD_S7COMM_PLUS_ID_LEGITIMATE = 1846,
    CD_S7COMM_PLUS_ID_STATE_REQUEST = 2167, /* 1 stop, 2 reset retentive data, 3 run, 4 run redundant */
    CD_S7COMM_PLUS_ID_SET_CLOCK = 2421,
    CD_S7COMM_PLUS_ID_BODY = 2533, /* of a block */
    CD_S7COMM_PLUS_ID_VALUE_INITIAL = 2548,
    CD_S7COMM_PLUS_ID_VALUE_ACTUAL = 2550,
    CD_S7COMM_PLUS_ID_CODE = 2580,
    CD_S7COMM_PLUS_CLASS_ALARM_SUBSCRIPTION = 2662,
    CD_S7COMM_PLUS_STRUCT_STATE = 3481,
    CD_S7COMM_PLUS_ID_STATE = 3486, /* 4 stop, 8 run */
    CD_S7COMM_PLUS_ID_AREA_ACTUAL = 3736,
    CD_S7COMM_PLUS_OBJECT_PROGRAM = 3,
    CD_S7COMM_PLUS_OBJECT_CPU_UNIT = 52,
    CD_S7COMM_PLUS_OBJECT_INPUTS = 80,
    CD_S7COMM_PLUS_OBJECT_OUTPUTS = 81,
    CD_S7COMM_PLUS_OBJECT_MEMORY = 82,
    CD_S7COMM_PLUS_OBJECT_COUNTERS = 83,
    CD_S7COMM_PLUS_OBJECT_TIMERS = 84,
};

/* One fragment. */
struct cd_s7comm_plus_fragment {
    uint8_t version;       /* enum cd_s7comm_plus_version */
    bool last;             /* its message ends with it */
    struct cd_reader data; /* without the digest */
};

/* Reads one fragment with its trailer. False, and r->bad, where it does not fit; *ret is untouched then. With `cut`, the data may end early. */
bool cd_s7comm_plus_parse_fragment(struct cd_reader *r, bool cut, struct cd_s7comm_plus_fragment *ret);

/* The head of a message. */
struct cd_s7comm_plus_message {
    uint8_t opcode;    /* enum cd_s7comm_plus_opcode */
    uint16_t function; /* 0 of a notification */
    uint16_t sequence; /* the response repeats the request's */
    uint32_t session;  /* of a request; of a notification the subscription */
    struct cd_reader body;
};

/* Whether a message begins here; the bytes may as well be those of a fragment that goes on. */
bool cd_s7comm_plus_is_message(const uint8_t *bytes, size_t len);
bool cd_s7comm_plus_parse(struct cd_reader *data, struct cd_s7comm_plus_message *ret);

/* ---- values and objects (s7comm_plus_value.c) ---- */

uint32_t cd_s7comm_plus_vlq32(struct cd_reader *r, const char *field);
uint64_t cd_s7comm_plus_vlq64(struct cd_reader *r, const char *field);

enum cd_s7comm_plus_type {
    CD_S7COMM_PLUS_DINT = 0x08,
    CD_S7COMM_PLUS_BLOB = 0x14,
    CD_S7COMM_PLUS_WSTRING = 0x15,
    CD_S7COMM_PLUS_STRUCT = 0x17,
};

/* A single value with the numbers it stands under. */
struct cd_s7comm_plus_value {
    uint32_t object_class; /* of the object it is an attribute of; 0: none */
    uint32_t structure;    /* of the structure it is a member of; 0: none */
    uint32_t id;           /* of attribute, member or item */
    uint8_t type;
    uint64_t number;       /* of integer types; negative ones as two's complement */
    struct cd_reader text; /* of WSTRING and BLOB */
};

struct cd_s7comm_plus_walk {
    void (*visit)(void *context, const struct cd_s7comm_plus_value *v); /* NULL: only passes over */
    void *context;
    uint32_t object_class, structure;
    unsigned left; /* values still allowed in this message */
    unsigned depth;
};
enum { CD_S7COMM_PLUS_VALUES_MAX = 4096 };

/* Each returns false where it cannot go on: bytes that end early, or a form that is not known. Neither is a fault of the traffic. */
bool cd_s7comm_plus_walk_value(struct cd_s7comm_plus_walk *w, struct cd_reader *r, uint32_t id);
/* id, value … up to an id of 0 */
bool cd_s7comm_plus_walk_list(struct cd_s7comm_plus_walk *w, struct cd_reader *r);

struct cd_s7comm_plus_object {
    uint32_t id, class;
};
/* Start of an object: its number and class. */
bool cd_s7comm_plus_begin_object(struct cd_reader *r, struct cd_s7comm_plus_object *ret);
/* What follows, up to its end, with the objects in it. */
bool cd_s7comm_plus_walk_object(struct cd_s7comm_plus_walk *w, struct cd_reader *r, uint32_t class);

/* ---- what a request is about (s7comm_plus_target.c) ---- */

/* What a response will be read by. */
enum cd_s7comm_plus_note { CD_S7COMM_PLUS_NOTE_KNOWN = 1, CD_S7COMM_PLUS_NOTE_LEGITIMATION, CD_S7COMM_PLUS_NOTE_STATE };

struct cd_s7comm_plus_description {
    struct cd_operation *op;
    struct cd_text *target;
    enum cd_s7comm_plus_note note;
    uint8_t *download; /* of the connection: sequences open in which a program or project is loaded */
};
void cd_s7comm_plus_describe(const struct cd_s7comm_plus_message *s, struct cd_s7comm_plus_description *d);

/* ---- names (s7comm_plus_names.c) ---- */

struct cd_s7comm_plus_name {
    const char *name;
    enum cd_class class;
};
struct cd_s7comm_plus_name cd_s7comm_plus_function_name(uint16_t function);
const char *cd_s7comm_plus_object_name(uint32_t id); /* NULL where it has none */
/* Methods that panels and file services offer; NULL where unknown. */
const char *cd_s7comm_plus_method_name(uint32_t method);
/* Of a response's return value; NULL where it is no error. */
const char *cd_s7comm_plus_error(uint64_t return_value);

/* ---- state of one connection ---- */

enum {
    CD_S7COMM_PLUS_MESSAGE_MAX = 16384
}; /* kept of a message in fragments, to read what it tells; the rest is passed over */

struct cd_s7comm_plus_state {
    struct cd_cotp_ends ends; /* first: filled in by cotp */
    bool roles_told;
    uint8_t download; /* sequences open in which a program or project is loaded */
    struct {
        uint8_t *bytes; /* NULL until the first message in fragments */
        uint32_t len;
        bool open; /* its last fragment has not come */
    } message[2];  /* by direction: 0 from the client */
};

bool cd_s7comm_plus_begins(const uint8_t *bytes, size_t len, bool known);
/* Reports what a message tells about the devices (s7comm_plus_facts.c). */
void cd_s7comm_plus_report_facts(struct cd_message *m, const struct cd_s7comm_plus_message *s,
                                 enum cd_s7comm_plus_note note);

extern const struct cd_dissector cd_dissector_s7comm_plus;

#endif

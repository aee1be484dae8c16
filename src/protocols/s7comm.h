/* S7 communication, the protocol of SIMATIC S7-300, 400 (and 1200, 1500 for older partners), LOGO! and S7-200 CPs. No standard is published; field
 * names follow Siemens' "System Software for S7-300/400, System and Standard Functions" (SZL) and what devices do. It lies on cotp.
 *
 *     0x32 | ROSCTR | 0 0 | PDU reference (2) | parameter length (2) | data length (2) | [error class, error code] | parameters | data
 */
#ifndef CD_PROTOCOLS_S7COMM_H
#define CD_PROTOCOLS_S7COMM_H

#include "base/text.h"
#include "protocols/cotp.h"
#include "protocols/dissector.h"

enum { CD_S7COMM_MAGIC = 0x32, CD_S7COMM_HEADER = 10 };

/* The kind of PDU. */
enum cd_s7comm_rosctr {
    CD_S7COMM_JOB = 1,
    CD_S7COMM_ACK = 2, /* an answer without data */
    CD_S7COMM_ACK_DATA = 3,
    CD_S7COMM_USERDATA = 7, /* its type (request, response, push) stands in the parameters */
};

enum cd_s7comm_function {
    CD_S7COMM_CPU_SERVICES = 0x00,
    CD_S7COMM_READ = 0x04,
    CD_S7COMM_WRITE = 0x05,
    CD_S7COMM_REQUEST_DOWNLOAD = 0x1a,
    CD_S7COMM_DOWNLOAD_BLOCK = 0x1b,
    CD_S7COMM_DOWNLOAD_ENDED = 0x1c,
    CD_S7COMM_START_UPLOAD = 0x1d,
    CD_S7COMM_UPLOAD = 0x1e,
    CD_S7COMM_END_UPLOAD = 0x1f,
    CD_S7COMM_CONTROL = 0x28, /* program invocation service: start, insert, delete, compress … */
    CD_S7COMM_STOP = 0x29,
    CD_S7COMM_SETUP = 0xf0,
};

static inline bool cd_s7comm_is_rosctr(uint8_t rosctr)
{
    return (rosctr >= CD_S7COMM_JOB && rosctr <= CD_S7COMM_ACK_DATA) || rosctr == CD_S7COMM_USERDATA;
}

/* Userdata: a second layer of requests and responses in the parameters of ROSCTR 7. */
struct cd_s7comm_userdata {
    uint8_t type;  /* high half: 4 request, 8 response, 0 push; 7, 11, 3 the same of a numerical control */
    uint8_t group; /* 0 mode transition … 4 CPU functions … 15 NC */
    uint8_t subfunction;
    uint8_t sequence;
    bool extended; /* the next three are there */
    uint8_t unit_reference;
    bool more; /* not the last data unit of this answer */
    uint16_t error;
    uint8_t return_code, transport_size; /* of the data part; 0 where there is none */
    struct cd_reader data;
};

struct cd_s7comm_message {
    enum cd_s7comm_rosctr rosctr;
    uint16_t pdu_reference;
    uint8_t error_class, error_code; /* 0 unless rosctr is ack or ack_data */
    bool has_function;
    uint8_t function; /* enum cd_s7comm_function; first parameter byte of job, ack_data and most acks */
    struct cd_reader parameters, data;  /* parameters: after the function byte */
    struct cd_s7comm_userdata userdata; /* rosctr userdata */
};

/* Reads one PDU. False, and r->bad, where it does not fit; *ret is untouched then. Bytes after the PDU are left in r. With `cut`, parameters and data may end
 * early. */
bool cd_s7comm_parse(struct cd_reader *r, bool cut, struct cd_s7comm_message *ret);

/* One addressed variable of read, write and cyclic services. */
struct cd_s7comm_item {
    uint8_t syntax;         /* 0x10 S7ANY, 0xb0 DBREAD, 0xb2 1200 symbolic, 0x82-0x84 NCK, 0xa2 DriveES */
    uint8_t transport_size; /* S7ANY: 1 BOOL, 2 BYTE … */
    uint8_t area;           /* S7ANY: 0x84 DB …; NCK: area and unit */
    uint16_t count, db;     /* NCK: count is the rows, db the column */
    uint32_t address;       /* S7ANY: in bits; 1200 symbolic: CRC of the symbol */
};

/* Reads one item specification (0x12, length, syntax, …). */
bool cd_s7comm_parse_item(struct cd_reader *r, struct cd_s7comm_item *ret);
/* "DB1.DBX0.0 BYTE 4" */
void cd_s7comm_text_item(struct cd_text *t, const struct cd_s7comm_item *item);
/* Whether writing it operates outputs: the process image of outputs, peripherals, analog outputs. */
bool cd_s7comm_item_is_output(const struct cd_s7comm_item *item);
/* The first items of a list of `count`, read from r, and how many more there are. *ret_output: one of them is an output. */
void cd_s7comm_text_items(struct cd_text *t, struct cd_reader *r, unsigned count, bool *ret_output);
/* A block's file name ("_0A00001P": DB 1, passive file system) as "DB1 (P)". Text of another form is given as it is. */
void cd_s7comm_text_block(struct cd_text *t, const uint8_t *name, size_t len);

/* ---- names (s7comm_names.c) ---- */
struct cd_s7comm_name {
    const char *name;
    enum cd_class class;
};
struct cd_s7comm_name cd_s7comm_function_name(uint8_t function);
struct cd_s7comm_name cd_s7comm_userdata_name(uint8_t group, uint8_t subfunction);
/* "userdata:0" … "userdata:15" */
extern const char *const cd_s7comm_userdata_spaces[16];
struct cd_s7comm_name cd_s7comm_pi_name(const uint8_t *name, size_t len);
const char *cd_s7comm_block_type(uint8_t type);                  /* 0x0a: "DB"; NULL where unknown */
const char *cd_s7comm_szl_name(uint16_t id);                     /* of the partial list; "" where unknown */
const char *cd_s7comm_return_code(uint8_t code);                 /* of an item; NULL for success */
const char *cd_s7comm_header_error(uint8_t class, uint8_t code); /* NULL for none */
const char *cd_s7comm_parameter_error(uint16_t error);           /* of userdata; NULL for none */
const char *cd_s7comm_type_name(uint8_t transport_size);
const char *cd_s7comm_operating_state(uint8_t state); /* of SZL 0424 */

/* ---- state of one connection ---- */

enum { CD_S7COMM_SZL_RECORD_MAX = 96, CD_S7COMM_UPLOADS_MAX = 4, CD_S7COMM_BLOCK_NAME_MAX = 15 };

/* Where the CPU that answers is: by its name or order number. */
enum cd_s7comm_place { CD_S7COMM_PLACE_UNKNOWN, CD_S7COMM_PLACE_INTEGRATED, CD_S7COMM_PLACE_BEHIND };

/* An SZL answer on its way: its records are read as they come, so that an answer of any length needs the room of one record. */
struct cd_s7comm_szl {
    uint16_t id, index, record_len, records_left;
    uint8_t unit_reference; /* of an answer that has more data units to come; 0: none */
    uint8_t part_len;       /* bytes of a record whose rest is in the next data unit */
    uint8_t part[CD_S7COMM_SZL_RECORD_MAX];
};

struct cd_s7comm_state {
    struct cd_cotp_ends ends; /* first: filled in by cotp */
    uint8_t place;            /* enum cd_s7comm_place */
    uint8_t next_upload;
    bool roles_told; /* the roles of the two ends have been reported */
    struct cd_s7comm_szl szl;
    struct {
        uint32_t id;
        uint8_t name_len;
        uint8_t name[CD_S7COMM_BLOCK_NAME_MAX];
    } uploads[CD_S7COMM_UPLOADS_MAX]; /* blocks on their way up or down, by upload id */
};

/* The device that facts of a CPU are about: the address itself, or rack and slot below it where the CPU is behind a communication processor. `nested` is
 * 16 bytes of the caller's for the address. */
struct cd_subject cd_s7comm_cpu_subject(const struct cd_message *m, char nested[16]);

/* The key of an exchange among the open requests of the connection: each end numbers its own, so the way of the request belongs to it. */
uint64_t cd_s7comm_exchange(const struct cd_message *m, const struct cd_s7comm_message *s, bool answer);

/* The same for an answer: CD_REPORT_NO_REQUEST where the open request of that number asked for something else (note), because numbers come again and
 * answers get lost. */
uint64_t cd_s7comm_exchange_of(const struct cd_message *m, const struct cd_s7comm_message *s, uint64_t note);

/* Reports a userdata message (s7comm_userdata.c). */
void cd_s7comm_report_userdata(struct cd_message *m, const struct cd_s7comm_message *s);
/* Reports what the answer to an SZL read tells (s7comm_szl.c). */
void cd_s7comm_report_szl(struct cd_message *m, const struct cd_s7comm_userdata *u);

extern const struct cd_dissector cd_dissector_s7comm;

#endif

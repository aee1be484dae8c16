/* MMS, the manufacturing message specification (ISO 9506-2), over the OSI upper layers or, as some old equipment speaks it, over COTP alone. What IEC 61850-8-1
 * puts on it (references like LD/LN$FC$data, controls, reports, name plates) is understood; ICCP (TASE.2, IEC 60870-6-503) is told apart by its objects
 * and reported under its own name. */
#ifndef CD_PROTOCOLS_MMS_H
#define CD_PROTOCOLS_MMS_H

#include "protocols/cotp.h"
#include "protocols/dissector.h"
#include "protocols/osi_upper.h"

/* MMSpdu (ISO 9506-2 clause 7): the tag numbers. */
enum cd_mms_type {
    CD_MMS_CONFIRMED_REQUEST = 0,
    CD_MMS_CONFIRMED_RESPONSE = 1,
    CD_MMS_CONFIRMED_ERROR = 2,
    CD_MMS_UNCONFIRMED = 3,
    CD_MMS_REJECT = 4,
    CD_MMS_CANCEL_REQUEST = 5,
    CD_MMS_CANCEL_RESPONSE = 6,
    CD_MMS_CANCEL_ERROR = 7,
    CD_MMS_INITIATE_REQUEST = 8,
    CD_MMS_INITIATE_RESPONSE = 9,
    CD_MMS_INITIATE_ERROR = 10,
    CD_MMS_CONCLUDE_REQUEST = 11,
    CD_MMS_CONCLUDE_RESPONSE = 12,
    CD_MMS_CONCLUDE_ERROR = 13
};

/* Confirmed services by tag number, those that are more than a name here. */
enum {
    CD_MMS_STATUS = 0,
    CD_MMS_GET_NAME_LIST = 1,
    CD_MMS_IDENTIFY = 2,
    CD_MMS_READ = 4,
    CD_MMS_WRITE = 5,
    CD_MMS_GET_VARIABLE_ACCESS_ATTRIBUTES = 6,
    CD_MMS_UPLOAD_START = 29,
    CD_MMS_UPLOAD_SEGMENT = 30,
    CD_MMS_UPLOAD_END = 31,
    CD_MMS_FILE_OPEN = 72,
    CD_MMS_FILE_READ = 73,
    CD_MMS_FILE_CLOSE = 74
};

struct cd_mms_pdu {
    enum cd_mms_type type;
    bool has_invoke_id;
    uint32_t invoke_id;
    uint32_t service;      /* tag number of the service, of confirmed and unconfirmed PDUs */
    uint8_t error_class;   /* of errors; of a reject the kind of PDU refused */
    uint8_t error_code;    /* of errors and rejects */
    struct cd_reader body; /* content of the service's element */
};

/* Reads one MMS PDU. Where the message is cut, as much of it as there is. False, and r->bad, where it does not fit. */
bool cd_mms_parse(struct cd_reader *r, bool cut, struct cd_mms_pdu *ret);

/* ObjectName (ISO 9506-2 clause 7.5.2). Views into the message. */
struct cd_mms_object {
    struct cd_reader domain; /* empty: not of a domain */
    struct cd_reader item;
    bool of_association; /* aa-specific: lives as long as the association */
};

/* The object name that begins here, consumed. */
bool cd_mms_parse_object(struct cd_reader *r, struct cd_mms_object *ret);

/* The next variable of a listOfVariable, consumed; an item that names no object (an address, a description) gives an empty name. */
bool cd_mms_parse_variable(struct cd_reader *list, struct cd_mms_object *ret);

/* ---- names (mms_names.c) ---- */

/* Where a service's request names what it is about. */
enum cd_mms_shape {
    CD_MMS_SHAPE_NONE,
    CD_MMS_SHAPE_TEXT,         /* the content is an identifier */
    CD_MMS_SHAPE_NUMBER,       /* the content is the number of an open file or upload */
    CD_MMS_SHAPE_TEXT_FIELD,   /* [0] is an identifier */
    CD_MMS_SHAPE_OBJECT,       /* the content is an object name */
    CD_MMS_SHAPE_OBJECT_FIRST, /* a sequence that begins with an object name */
    CD_MMS_SHAPE_OBJECT_FIELD, /* [0] holds an object name */
    CD_MMS_SHAPE_OBJECTS,      /* [1] is a list of object names */
    CD_MMS_SHAPE_NAME_LIST,    /* class and scope */
    CD_MMS_SHAPE_READ,         /* [1] is a variable access specification */
    CD_MMS_SHAPE_WRITE,        /* a variable access specification, data */
    CD_MMS_SHAPE_FILE,         /* the content is a file name */
    CD_MMS_SHAPE_FILE_FIELD,   /* [0] is a file name */
    CD_MMS_SHAPE_TWO_FILES,    /* [0] and [1] are file names */
    CD_MMS_SHAPE_OBTAIN,       /* [1] and [2] are file names */
};

struct cd_mms_service {
    const char *name;
    enum cd_class class;
    enum cd_mms_shape shape;
};

const struct cd_mms_service *cd_mms_service(uint32_t tag);
const char *cd_mms_unconfirmed_name(uint32_t tag);
const char *cd_mms_error_name(uint8_t error_class, uint8_t error_code);
const char *cd_mms_access_error_name(uint8_t code); /* DataAccessError */
const char *cd_mms_reject_name(uint8_t pdu);
const char *cd_mms_object_class_name(uint8_t code); /* "named variables" */

/* ---- what a request is about (mms_target.c) ---- */

/* "domain/item" */
void cd_mms_text_object(struct cd_text *t, const struct cd_mms_object *object);
/* The target of a confirmed request; raises *class where what is written is a control or a setting. */
void cd_mms_describe(struct cd_text *t, const struct cd_mms_pdu *p, bool iccp, enum cd_class *class);
/* The target of an information report: an IEC 61850 report by its id and data set, else the names. */
void cd_mms_describe_report(struct cd_text *t, struct cd_reader body);
/* A file name: its parts joined. */
void cd_mms_text_file(struct cd_text *t, struct cd_reader name);

/* What the objects named by a request or report tell of the standard on top. */
enum cd_mms_dialect { CD_MMS_DIALECT_UNKNOWN, CD_MMS_DIALECT_IEC61850, CD_MMS_DIALECT_ICCP };
enum cd_mms_dialect cd_mms_dialect_of(const struct cd_mms_pdu *p);
/* Whether the item is one of the objects that IEC 60870-6-503 names (iccp.c). */
bool cd_iccp_is_object(const uint8_t *item, size_t len);

/* ---- state of one association ---- */

enum { CD_MMS_PLATE_LEAVES_MAX = 20, CD_MMS_TRANSFERS_MAX = 4, CD_MMS_TRANSFER_NAME_MAX = 56 };

/* In which order the description data (functional constraint DC) of a logical node gives its name plate, as its type description told. */
struct cd_mms_plate {
    uint8_t n;                               /* leaves of the DC structure; 0: not known */
    uint8_t first, count;                    /* the leaves of the name plate itself */
    uint8_t leaves[CD_MMS_PLATE_LEAVES_MAX]; /* enum of mms_facts.c */
};

struct cd_mms_state {
    struct cd_cotp_ends ends; /* first: filled in by cotp */
    uint8_t dialect;          /* enum cd_mms_dialect */
    uint8_t n_contexts, next_transfer;
    bool protection_told;
    struct cd_osi_context contexts[CD_OSI_CONTEXTS_MAX];
    struct cd_mms_plate plates[2]; /* of LPHD (the device) and LLN0 (a logical device) */
    struct {
        uint32_t id;
        uint8_t name_len;
        char name[CD_MMS_TRANSFER_NAME_MAX];
    } transfers[CD_MMS_TRANSFERS_MAX]; /* open files and uploads, by the number the server gave them */
};

/* ---- facts (mms_facts.c) ---- */

/* What to remember of a request (56 bits) to read its response by. */
uint64_t cd_mms_note(const struct cd_mms_pdu *p);
/* Facts from a response without an error, with the note of its request. */
void cd_mms_report_facts(struct cd_message *m, const struct cd_mms_pdu *p, uint64_t note);

/* Whether a TSDU begins MMS; `known`: the connection has carried it before. For cotp. */
bool cd_mms_begins(const uint8_t *bytes, size_t len, bool known);

extern const struct cd_dissector cd_dissector_mms;

#endif

/* BACnet (ASHRAE 135, ISO 16484-5): building automation. On UDP as BACnet/IP (annex J) and BACnet/IPv6 (annex U), on Ethernet behind an 802.2 header
 * (clause 7), and as MS/TP frames (clause 9) that Cimetrics' bridges put into SNAP frames.
 *
 *     BVLC: 0x81 | function | length (2) | …   NPDU: 1 | control | [DNET DLEN DADR] [SNET SLEN SADR] [hops] | APDU or network message
 */
#ifndef CD_PROTOCOLS_BACNET_H
#define CD_PROTOCOLS_BACNET_H

#include "base/text.h"
#include "protocols/dissector.h"

/* ---- the layers below the application ---- */

enum { CD_BACNET_MAC_MAX = 18 }; /* a BACnet/IPv6 address; MS/TP has 1 byte, Ethernet and BACnet/IP 6 */

struct cd_bacnet_address {
    uint16_t network; /* 0: none; 0xffff: all networks */
    uint8_t len;      /* 0: broadcast on that network */
    uint8_t mac[CD_BACNET_MAC_MAX];
};

enum cd_bacnet_link { CD_BACNET_IP, CD_BACNET_IPV6, CD_BACNET_ETHERNET, CD_BACNET_MSTP };

/* BVLC functions of annex J.2. */
enum cd_bacnet_bvlc {
    CD_BVLC_RESULT = 0,
    CD_BVLC_WRITE_BDT = 1,
    CD_BVLC_READ_BDT = 2,
    CD_BVLC_READ_BDT_ACK = 3,
    CD_BVLC_FORWARDED = 4,
    CD_BVLC_REGISTER_FOREIGN_DEVICE = 5,
    CD_BVLC_READ_FDT = 6,
    CD_BVLC_READ_FDT_ACK = 7,
    CD_BVLC_DELETE_FDT_ENTRY = 8,
    CD_BVLC_DISTRIBUTE = 9,
    CD_BVLC_UNICAST = 10,
    CD_BVLC_BROADCAST = 11,
    CD_BVLC_SECURE = 12,
};

/* PDU types of clause 20.1. */
enum cd_bacnet_pdu {
    CD_BACNET_CONFIRMED = 0,
    CD_BACNET_UNCONFIRMED = 1,
    CD_BACNET_SIMPLE_ACK = 2,
    CD_BACNET_COMPLEX_ACK = 3,
    CD_BACNET_SEGMENT_ACK = 4,
    CD_BACNET_ERROR = 5,
    CD_BACNET_REJECT = 6,
    CD_BACNET_ABORT = 7,
};

struct cd_bacnet_message {
    enum cd_bacnet_link link;
    uint8_t bvlc_function; /* enum cd_bacnet_bvlc; of BACnet/IP */
    bool length_differs;   /* the BVLC length is not the datagram's: cut, or lied about */
    bool has_npdu;
    bool has_origin; /* a forwarded NPDU: who sent it first */
    struct cd_ip origin;
    bool network_message; /* message_type is set and body is its content; else there is an APDU */
    uint8_t message_type;
    struct cd_bacnet_address destination, source; /* network 0 where absent */
    enum cd_bacnet_pdu pdu;
    bool segmented, more, from_server; /* from_server: of abort and segment ack */
    uint8_t invoke_id, sequence, window;
    uint8_t service;       /* also the reason of reject and abort */
    struct cd_reader body; /* of the APDU, the network message, or the BVLC function */
};

/* Reads a datagram (BACnet/IP or /IPv6), or what follows Ethernet's length field (`ethernet`: LLC, or SNAP after its LLC header). With `cut`, an MS/TP length that
 * reaches beyond the end is accepted. False, and r->bad, where it does not fit; *ret is untouched then. */
bool cd_bacnet_parse(struct cd_reader *r, bool ethernet, bool cut, struct cd_bacnet_message *ret);

/* ---- tagged data (clause 20.2.1) ---- */

enum cd_bacnet_tag_kind { CD_BACNET_PRIMITIVE, CD_BACNET_OPENING, CD_BACNET_CLOSING };

struct cd_bacnet_tag {
    enum cd_bacnet_tag_kind kind;
    bool context; /* else an application tag: number is the type of the value */
    uint8_t number;
    uint8_t lvt; /* the length field as it stands: an application boolean keeps its value there */
    struct cd_reader value;
};

struct cd_bacnet_object {
    uint16_t type;     /* 10 bits */
    uint32_t instance; /* 22 bits */
};

enum { CD_BACNET_DEVICE = 8, CD_BACNET_ANY_INSTANCE = 4194303 };

/* A property reference: what most services name. */
struct cd_bacnet_reference {
    struct cd_bacnet_object object;
    uint32_t property;
    bool has_index;
    uint32_t index;
};

/* The next tag with its value; false at the end, or where it does not fit (r->bad). */
bool cd_bacnet_tag(struct cd_reader *r, struct cd_bacnet_tag *ret);
/* The next tag if it is a primitive context tag of this number; else nothing is consumed. */
bool cd_bacnet_context(struct cd_reader *r, uint8_t number, struct cd_bacnet_tag *ret);
/* The next tag if it is the opening (or closing) context tag of this number; else nothing is consumed. */
bool cd_bacnet_opens(struct cd_reader *r, uint8_t number);
bool cd_bacnet_closes(struct cd_reader *r, uint8_t number);
/* After an opening tag: all up to its closing tag as a view, both consumed. */
struct cd_reader cd_bacnet_inside(struct cd_reader *r, uint8_t number);
/* A value of up to four bytes, big-endian; longer ones keep the low 32 bits. */
uint32_t cd_bacnet_unsigned(const struct cd_bacnet_tag *tag);
/* An object identifier in the value. */
struct cd_bacnet_object cd_bacnet_object_of(const struct cd_bacnet_tag *tag);

void cd_bacnet_text_object(struct cd_text *t, struct cd_bacnet_object object);
void cd_bacnet_text_property(struct cd_text *t, uint32_t property);
void cd_bacnet_text_reference(struct cd_text *t, const struct cd_bacnet_reference *reference);
/* "100.0a": network and MAC in hexadecimal. */
void cd_bacnet_text_address(struct cd_text *t, const struct cd_bacnet_address *address);
/* The characters of a character string (20.2.9), in UTF-8. */
void cd_bacnet_text_string(struct cd_text *t, struct cd_reader value);
/* The first values in r, as text. */
void cd_bacnet_text_values(struct cd_text *t, struct cd_reader *r);

/* ---- services ---- */

struct cd_bacnet_service {
    const char *name;
    enum cd_class class;
};

/* Services by number (clause 21); unknown ones are named so. */
struct cd_bacnet_service cd_bacnet_confirmed_service(uint8_t service);
struct cd_bacnet_service cd_bacnet_unconfirmed_service(uint8_t service);
/* What a request is about, as text; may sharpen op->class. Reports credentials. r->bad tells of a field that did not fit. */
void cd_bacnet_describe_confirmed(struct cd_message *m, struct cd_text *t, uint8_t service, struct cd_reader *r,
                                  struct cd_operation *op);
void cd_bacnet_describe_unconfirmed(struct cd_text *t, uint8_t service, struct cd_reader *r);

/* ---- facts (bacnet_facts.c) ---- */

/* Who sent a message: the forwarded origin or the flow's end, and the device behind the router if one is named. `nested` is the caller's room. */
enum { CD_BACNET_NESTED_MAX = 64 };
struct cd_subject cd_bacnet_sender(const struct cd_message *m, const struct cd_bacnet_message *b,
                                   char nested[CD_BACNET_NESTED_MAX]);
/* What an unconfirmed request (I-Am) or a ComplexACK (properties read) tells of its sender. */
void cd_bacnet_report_unconfirmed(struct cd_message *m, const struct cd_bacnet_message *b, struct cd_reader r);
void cd_bacnet_report_ack(struct cd_message *m, const struct cd_bacnet_message *b, struct cd_reader r);

/* ---- the network and link layers' own messages (bacnet_network.c) ---- */
void cd_bacnet_report_network(struct cd_message *m, const struct cd_bacnet_message *b);
void cd_bacnet_report_bvlc(struct cd_message *m, const struct cd_bacnet_message *b);

/* ---- segmented messages (bacnet_segments.c) ---- */

/* Adds a segment; when it is the last one of a message whose segments all came in order, *ret is the whole body (valid until the next call). */
bool cd_bacnet_segment(const struct cd_message *m, const struct cd_bacnet_message *b, uint64_t exchange,
                       struct cd_reader *ret);

/* ---- names (bacnet_names.c, bacnet_vendors.c): NULL where unknown ---- */
const char *cd_bacnet_object_type(uint32_t type);
const char *cd_bacnet_property(uint32_t property);
const char *cd_bacnet_error_code(uint32_t code); /* never NULL */
const char *cd_bacnet_vendor(uint32_t id);

extern const struct cd_dissector cd_dissector_bacnet;

#endif

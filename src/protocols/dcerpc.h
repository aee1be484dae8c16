/* DCE/RPC, the remote procedure calls of Windows and of OPC Classic: connection-oriented (version 5) on TCP and on SMB's named pipes, and connectionless (version 4) on
 * UDP. DCE 1.1: Remote Procedure Call (C706) chapter 12, [MS-RPCE], [MS-DCOM].
 *
 *     header (16): version, type, flags, data representation, length, length of the verifier, call | body | padding, verifier
 *
 * Parameters (stub data) are not read, but for the endpoint mapper's towers. */
#ifndef CD_PROTOCOLS_DCERPC_H
#define CD_PROTOCOLS_DCERPC_H

#include "base/text.h"
#include "protocols/dissector.h"

struct cd_uuid {
    uint32_t low;
    uint16_t middle, high;
    uint8_t node[8];
};
void cd_text_uuid(struct cd_text *t, const struct cd_uuid *uuid);

struct cd_dcerpc_operation {
    const char *name; /* NULL: none is known by this number */
    enum cd_class class;
};

struct cd_dcerpc_interface {
    struct cd_uuid uuid;
    const char *name;
    const char *service; /* what a server with it is said to offer ("OPC DA"), or NULL */
    const struct cd_dcerpc_operation *operations;
    size_t n_operations;
};
/* NULL where it is not known. */
const struct cd_dcerpc_interface *cd_dcerpc_interface_find(const struct cd_uuid *uuid);

/* C706 12.6.4, [MS-RPCE] 2.2.2 */
enum cd_dcerpc_type {
    CD_DCERPC_REQUEST = 0,
    CD_DCERPC_PING = 1, /* from here to 10 and 17 to 19 partly connectionless only */
    CD_DCERPC_RESPONSE = 2,
    CD_DCERPC_FAULT = 3,
    CD_DCERPC_WORKING = 4,
    CD_DCERPC_NOCALL = 5,
    CD_DCERPC_REJECT = 6,
    CD_DCERPC_ACK = 7,
    CD_DCERPC_CANCEL = 8,
    CD_DCERPC_FACK = 9,
    CD_DCERPC_CANCEL_ACK = 10,
    CD_DCERPC_BIND = 11,
    CD_DCERPC_BIND_ACK = 12,
    CD_DCERPC_BIND_NAK = 13,
    CD_DCERPC_ALTER = 14,
    CD_DCERPC_ALTER_RESPONSE = 15,
    CD_DCERPC_AUTH3 = 16,
    CD_DCERPC_SHUTDOWN = 17,
    CD_DCERPC_CO_CANCEL = 18,
    CD_DCERPC_ORPHANED = 19,
};

enum { CD_DCERPC_HEADER = 16, CD_DCERPC_FIRST = 1, CD_DCERPC_LAST = 2, CD_DCERPC_OBJECT = 0x80 };
enum { CD_DCERPC_PRESENTATIONS = 32 }; /* read of a bind; the most seen are some twenty */

struct cd_dcerpc_presentation {
    uint16_t id; /* of a request: the context's number */
    uint16_t result, reason;
    struct cd_uuid uuid;
};

struct cd_dcerpc_message {
    uint8_t type, flags;
    bool little;
    uint16_t length, auth_length;
    uint32_t call;
    uint16_t context, operation;   /* request; response and fault: context */
    uint32_t status;               /* fault; bind nak: its reason */
    uint8_t auth_type, auth_level; /* 0: no verifier, or cut off */
    struct cd_reader stub, verifier;
    uint8_t n_presentations; /* bind, alter: what is offered; their answers: what became of it */
    struct cd_dcerpc_presentation presentations[CD_DCERPC_PRESENTATIONS];
};

/* Whole or not at all; where the message is cut, what there is of stub and verifier. */
bool cd_dcerpc_parse(struct cd_reader *r, bool cut, struct cd_dcerpc_message *ret);
/* The length of the message that begins here; as a framer's result. */
ssize_t cd_dcerpc_length(const uint8_t *bytes, size_t len);

/* The header of a connectionless message (C706 12.5.1), in 80 bytes. */
struct cd_dcerpc_datagram {
    uint8_t type, flags1, flags2;
    bool little;
    struct cd_uuid object, interface, activity;
    uint32_t interface_version, sequence;
    uint16_t operation, body_length, fragment;
    struct cd_reader body;
};
bool cd_dcerpc_parse_datagram(struct cd_reader *r, bool cut, struct cd_dcerpc_datagram *ret);

enum { CD_DCERPC_CONTEXTS = 32 };

struct cd_dcerpc_context {
    const struct cd_dcerpc_interface *interface; /* NULL: the uuid is not known */
    struct cd_uuid uuid;
    uint16_t id;
    bool used;
};

struct cd_dcerpc_state {
    struct cd_dcerpc_context contexts[CD_DCERPC_CONTEXTS];
    uint32_t skip[2];                          /* on a pipe: bytes of a message still to come, by direction */
    uint32_t channel;                          /* tells the calls of several pipes in one flow apart */
    uint16_t offered[CD_DCERPC_PRESENTATIONS]; /* contexts of the last bind, in its order */
    uint8_t n_offered, next_context;
    char user[64]; /* who signs in */
};

/* Bytes that went through a pipe: messages, in whole or in parts. `whole` is their number, of which the end may be missing. */
void cd_dcerpc_carry(struct cd_message *m, struct cd_dcerpc_state *s, struct cd_reader bytes, uint32_t whole);

extern const struct cd_dissector cd_dissector_dcerpc;

#endif

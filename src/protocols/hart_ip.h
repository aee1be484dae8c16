/* HART-IP over TCP and UDP, after the HART Network Management Specification (FCG TS20085), and the HART frames in it, after the Token-Passing Data Link
 * Layer (FCG TS20081), the Universal (TS20127), Common Practice (TS20151) and Wireless commands (TS20155).
 *
 *     HART-IP   version 1 | message type 1 | message id 1 | status 1 | sequence number 2 | byte count 2 (header included) | body
 *     frame     delimiter 1 | address 1 or 5 | expansion 0..3 | command 1 | byte count 1 | data | check byte 1
 *               of responses the data begins with response code 1 and device status 1
 *
 * Numbers are big-endian. */
#ifndef CD_PROTOCOLS_HART_IP_H
#define CD_PROTOCOLS_HART_IP_H

#include "base/text.h"
#include "protocols/dissector.h"

enum { CD_HART_IP_HEADER = 8, CD_HART_LONG_ADDRESS = 5 };

enum cd_hart_ip_type { CD_HART_IP_REQUEST = 0, CD_HART_IP_RESPONSE = 1, CD_HART_IP_PUBLISH = 2, CD_HART_IP_NAK = 15 };

enum cd_hart_ip_id {
    CD_HART_IP_INITIATE = 0,
    CD_HART_IP_CLOSE = 1,
    CD_HART_IP_KEEP_ALIVE = 2,
    CD_HART_IP_TOKEN_PASSING = 3,
    CD_HART_IP_DIRECT = 4,
    CD_HART_IP_AUDIT_LOG = 5,
    CD_HART_IP_IDS
};

struct cd_hart_ip_message {
    uint8_t version, type, id, status;
    uint16_t sequence;
    struct cd_reader body;
};

/* A device's address: long (expanded device type and device id, without the bits of master and burst) or a polling address. */
struct cd_hart_address {
    bool is_long;
    uint8_t bytes[CD_HART_LONG_ADDRESS];
};

struct cd_hart_frame {
    bool response; /* from the device: an acknowledge or a burst */
    bool burst;
    bool check_fits;
    struct cd_hart_address address;
    uint16_t command;            /* extended ones (31) by their own number */
    uint8_t code, device_status; /* of responses */
    struct cd_reader data;       /* behind code and status */
};

bool cd_hart_ip_parse(struct cd_reader *r, struct cd_hart_ip_message *ret);
bool cd_hart_parse_frame(struct cd_reader *r, struct cd_hart_frame *ret);

const char *cd_hart_ip_message_name(uint8_t id);
/* NULL: success, or a warning. */
const char *cd_hart_ip_status_name(uint8_t status);

struct cd_hart_command {
    const char *name;
    enum cd_class class;
};
struct cd_hart_command cd_hart_command_of(uint16_t command);
/* NULL: success, a warning, or an answer that comes later. */
const char *cd_hart_response_code_name(uint8_t code);
/* NULL where the number is not known here. */
const char *cd_hart_manufacturer_name(uint16_t id);
const char *cd_hart_profile_name(uint8_t profile);

enum { CD_HART_NESTED_MAX = 24 };

/* What the sensor keeps of a flow: which address is the device at its end itself. */
struct cd_hart_state {
    uint8_t own[CD_HART_LONG_ADDRESS];
    bool own_known;
    bool malfunction_told;
};

void cd_hart_text_address(struct cd_text *t, const struct cd_hart_address *address);
/* The device that answered: the one at the end of the flow, or one behind it. */
struct cd_subject cd_hart_device(const struct cd_message *m, const struct cd_hart_address *address,
                                 char nested[CD_HART_NESTED_MAX]);
/* Facts in the answer to a command (hart_ip_facts.c). */
void cd_hart_report_answer(struct cd_message *m, const struct cd_hart_frame *frame);

#endif

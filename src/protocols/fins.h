/* Omron FINS over UDP and TCP; clause numbers are of "Communications Commands Reference Manual" (Omron W342), headers of the Ethernet Unit manual (W420).
 *
 *     FINS/TCP   "FINS" | length 4 | command 4 | error 4 | data                                (W420 7-4; length counts from the command on)
 *     FINS       ICF 1 | RSV 1 | GCT 1 | DNA DA1 DA2 | SNA SA1 SA2 | SID 1 | MRC 1 | SRC 1      (3-1)
 *                command: parameters;  response: end code 2 | data
 *
 * Numbers are big-endian. */
#ifndef CD_PROTOCOLS_FINS_H
#define CD_PROTOCOLS_FINS_H

#include "protocols/dissector.h"

enum {
    CD_FINS_HEADER = 10,
    CD_FINS_TCP_HEADER = 16,
    CD_FINS_ICF_GATEWAY = 0x80,     /* bit 7 */
    CD_FINS_ICF_RESPONSE = 0x40,    /* bit 6 */
    CD_FINS_ICF_NO_RESPONSE = 0x01, /* bit 0: no response wanted */
    CD_FINS_FILE_NAME = 12,         /* 8 characters, a point, 3 characters */
};

enum cd_fins_tcp_command {
    CD_FINS_TCP_CLIENT_NODE = 0,
    CD_FINS_TCP_SERVER_NODE = 1,
    CD_FINS_TCP_FRAME = 2,
    CD_FINS_TCP_ERROR = 3,
    CD_FINS_TCP_CONFIRM = 6,
};

struct cd_fins_address {
    uint8_t network, node, unit;
};

struct cd_fins_frame {
    uint8_t icf, gateway_count, service_id;
    struct cd_fins_address destination, source;
    uint16_t command;      /* MRC * 256 + SRC */
    uint16_t end_code;     /* of responses, without its flag bits; else 0 */
    bool reserved;         /* RSV or reserved bits of ICF are set, against 3-1 */
    bool relay_error;      /* of responses: the network that failed is told behind the end code */
    struct cd_reader data; /* parameters, or what follows the end code */
};

struct cd_fins_tcp {
    uint32_t command, error;
    struct cd_reader data;
};

bool cd_fins_parse(struct cd_reader *r, struct cd_fins_frame *ret);
bool cd_fins_parse_tcp(struct cd_reader *r, struct cd_fins_tcp *ret);

struct cd_fins_command {
    uint16_t code;
    uint8_t class;      /* enum cd_class */
    uint8_t parameters; /* bytes a command has at least */
    const char *name;
};

/* NULL where the manual has none. */
const struct cd_fins_command *cd_fins_command_of(uint16_t code);
/* A literal for every code but 0, which is no error. */
const char *cd_fins_end_code_name(uint16_t end_code);
const char *cd_fins_tcp_error_name(uint32_t error);

/* What a command acts on, appended with a blank before it; false where its parameters do not fit. `op` may get a better name and class. */
bool cd_fins_text_target(struct cd_text *t, const struct cd_fins_frame *frame, struct cd_operation *op);

#endif

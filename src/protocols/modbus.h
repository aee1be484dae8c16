/* Modbus: the application protocol (V1.1b3), its messages over TCP (Messaging on TCP/IP Implementation Guide V1.0b) and the serial line's RTU frames as
 * gateways pass them through TCP or UDP unchanged (Modbus over Serial Line V1.02).
 *
 *     Modbus/TCP   transaction 2 | protocol 2 = 0 | length 2 | unit 1 | PDU            length counts unit and PDU
 *     RTU                                           | unit 1 | PDU | CRC 2, low first
 *     PDU          function 1 (0x80: exception) | data */
#ifndef CD_PROTOCOLS_MODBUS_H
#define CD_PROTOCOLS_MODBUS_H

#include "protocols/dissector.h"

enum {
    CD_MODBUS_HEADER = 7,       /* up to and with the unit */
    CD_MODBUS_LENGTH_MAX = 254, /* unit and PDU, V1.1b3 4.1 */
    CD_MODBUS_LONG_MAX = 4096,  /* what is still framed: some vendors send longer PDUs (function 90) */
    CD_MODBUS_RTU_MAX = 256,    /* unit, PDU and CRC */
    CD_MODBUS_GROUPS_MAX = 8,   /* file record groups kept; a PDU of legal size holds up to 35 */
};

/* One ADU. `data` is what stands behind the function code, borrowed from the message. */
struct cd_modbus_adu {
    uint16_t transaction; /* 0 in RTU */
    uint8_t unit;
    uint8_t function; /* without the exception bit */
    bool is_exception;
    bool rtu;
    const uint8_t *data;
    size_t data_len;
};

/* Reads a Modbus/TCP ADU; the PDU must be as long as the length field says. */
bool cd_modbus_parse(struct cd_reader *r, struct cd_modbus_adu *ret);
/* The same of a message whose end was not captured: the header and the function are there, data_len is what is left. */
bool cd_modbus_parse_cut(struct cd_reader *r, struct cd_modbus_adu *ret);
/* Reads an RTU frame, whose CRC must fit. */
bool cd_modbus_parse_rtu(struct cd_reader *r, struct cd_modbus_adu *ret);

/* One group of functions 20 and 21 (6.14, 6.15). */
struct cd_modbus_file_group {
    uint16_t file, record, length;
};

/* What a request asks for; which members are set depends on the function. Addresses are those on the wire, from 0. */
struct cd_modbus_request {
    uint16_t address, quantity;             /* of the read where a function does both */
    uint16_t write_address, write_quantity; /* function 23 */
    uint16_t value;                         /* functions 5 (0xff00 on, 0 off) and 6 */
    uint16_t sub_function;                  /* function 8; the MEI type of function 43 */
    uint8_t groups, total_groups;           /* functions 20, 21: how many are in group[], and in the request */
    struct cd_modbus_file_group group[CD_MODBUS_GROUPS_MAX];
};

/* Reads the data of a request. Functions that are not public (V1.1b3 5.1) are accepted as they are. On failure *ret is untouched and
 * *ret_bad names the field. */
bool cd_modbus_parse_request(const struct cd_modbus_adu *adu, struct cd_modbus_request *ret, const char **ret_bad);

/* Holds the length of a response against what its function prescribes: NULL, or the field that does not fit. */
const char *cd_modbus_check_response(const struct cd_modbus_adu *adu);

/* How long the PDU at `pdu` is by its function and its own counts: > 0 the length, 0 more bytes are needed to tell, -1 the function does not say. */
int cd_modbus_pdu_length(bool request, const uint8_t *pdu, size_t len);
/* Length of the RTU frame at `bytes`, both CRC and length right; 0 more bytes are needed to tell; -1 none begins here. */
int cd_modbus_rtu_length(bool request, const uint8_t *bytes, size_t len);

/* Names as the standard gives them, in lower case; never NULL. */
struct cd_modbus_function {
    const char *name;
    const char *one, *many; /* what is addressed: "coil", "coils"; NULL where nothing is */
    enum cd_class class;
    uint16_t quantity_max; /* 0: no quantity */
};
const struct cd_modbus_function *cd_modbus_function(uint8_t function);
const char *cd_modbus_exception_name(uint8_t code);
/* Function 8 (6.8) and its class. */
const char *cd_modbus_diagnostic_name(uint16_t sub_function, enum cd_class *ret_class);

#endif

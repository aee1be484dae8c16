/* UMAS: how Control Expert (Unity Pro), Machine Expert and panels program Schneider Electric's Modicon PLCs, inside Modbus function 90. No standard is
 * published; what is here was found out in the open (Liras en la red 2017, Kaspersky ICS CERT 2022, Apache PLC4X) and holds against captures.
 *
 *     request    Modbus header | 90 | session 1 | function 1 | data
 *     response   Modbus header | 90 | session 1 | 0xfe done or 0xfd refused | data, by the request's function
 *
 * Numbers are little-endian. */
#ifndef CD_PROTOCOLS_UMAS_H
#define CD_PROTOCOLS_UMAS_H

#include "protocols/dissector.h"
#include "protocols/modbus.h"

enum { CD_UMAS_MODBUS_FUNCTION = 90 };

enum cd_umas_function {
    CD_UMAS_INIT_COMM = 0x01,
    CD_UMAS_READ_ID = 0x02,
    CD_UMAS_READ_PROJECT_INFO = 0x03,
    CD_UMAS_TAKE_RESERVATION = 0x10,
    CD_UMAS_READ_MEMORY_BLOCK = 0x20,
    CD_UMAS_WRITE_MEMORY_BLOCK = 0x21,
    CD_UMAS_READ_VARIABLES = 0x22,
    CD_UMAS_WRITE_VARIABLES = 0x23,
    CD_UMAS_REFUSED = 0xfd,
    CD_UMAS_DONE = 0xfe,
};

/* What stands behind Modbus function 90. */
struct cd_umas_pdu {
    uint8_t session;  /* given with the reservation; 0 without one */
    uint8_t function; /* enum cd_umas_function */
    struct cd_reader data;
};
bool cd_umas_parse(struct cd_reader *r, struct cd_umas_pdu *ret);

/* Answer to "read id": which PLC it is. */
struct cd_umas_identity {
    uint16_t model, firmware, firmware_patch, hardware; /* firmware: 0x0270 is V2.70 */
    struct cd_reader name;                              /* "140 CPU 311 10" */
};
bool cd_umas_parse_identity(struct cd_reader *r, struct cd_umas_identity *ret);

struct cd_umas_name {
    const char *name; /* NULL where unknown */
    enum cd_class class;
};
struct cd_umas_name cd_umas_function_name(uint8_t function);

/* Reports a request or response of Modbus function 90, beside what modbus reports; `unit` is the device facts are about. error: NULL, or the Modbus
 * exception that came instead of an answer. */
void cd_umas_report(struct cd_message *m, const struct cd_modbus_adu *adu, const struct cd_subject *unit,
                    const char *error);

extern const struct cd_dissector cd_dissector_umas;

#endif

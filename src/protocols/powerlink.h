/* Ethernet POWERLINK: cyclic exchange, network management and the object dictionary of its nodes. Clause numbers are of EPSG DS 301
 * (version 1.5); version 1 of the protocol, on an Ethertype of its own, is named by its frames only.
 *
 *     frame   message type 1 | destination node 1 | source node 1 | ...                                      (4.6.1.1; over UDP both nodes are 0)
 *     SoC     reserved 1 | flags 2 | net time 8 | relative time 8                                            (4.6.1.1.2)
 *     PReq    reserved 1 | flags 2 | PDO version 1 | reserved 1 | size 2 | data                              (4.6.1.1.3)
 *     PRes    NMT state 1 | flags 2 | PDO version 1 | reserved 1 | size 2 | data                             (4.6.1.1.4)
 *     SoA     NMT state 1 | flags 2 | requested service 1 | of node 1 | version 1                            (4.6.1.1.5)
 *     ASnd    service 1 | data                                                                               (4.6.1.1.6)
 *
 * Numbers are little-endian. */
#ifndef CD_PROTOCOLS_POWERLINK_H
#define CD_PROTOCOLS_POWERLINK_H

#include "base/text.h"
#include "protocols/dissector.h"

enum { CD_POWERLINK_ETHERTYPE = 0x88ab, CD_POWERLINK_ETHERTYPE_1 = 0x3e3f, CD_POWERLINK_PORT = 3819 };

enum cd_powerlink_type {
    CD_POWERLINK_SOC = 1,
    CD_POWERLINK_PREQ = 3,
    CD_POWERLINK_PRES = 4,
    CD_POWERLINK_SOA = 5,
    CD_POWERLINK_ASND = 6,
    CD_POWERLINK_AMNI = 7,
    CD_POWERLINK_AINV = 13,
};

/* Services of ASnd and what SoA asks for. */
enum cd_powerlink_service {
    CD_POWERLINK_NO_SERVICE = 0,
    CD_POWERLINK_IDENT = 1,
    CD_POWERLINK_STATUS = 2,
    CD_POWERLINK_NMT_REQUEST = 3,
    CD_POWERLINK_NMT_COMMAND = 4,
    CD_POWERLINK_SDO = 5,
};

/* Node numbers (4.5). */
enum { CD_POWERLINK_MANAGING_NODE = 240, CD_POWERLINK_DIAGNOSTIC_NODE = 253, CD_POWERLINK_BROADCAST = 255 };

struct cd_powerlink_frame {
    uint8_t type, destination, source;
    uint8_t state;                 /* of PRes and SoA */
    uint8_t service, service_node; /* of SoA, what is asked of whom; of ASnd, what it holds */
    struct cd_reader data;         /* of ASnd */
};

/* IdentResponse (7.3.3.2.1). Views into the bytes given. */
struct cd_powerlink_ident {
    uint8_t state, version;
    uint32_t device_type, vendor, product, revision, serial;
    uint32_t ip, gateway;
    const uint8_t *host_name; /* 32 bytes */
};

/* The command layer of SDO (6.3.2.4). */
struct cd_powerlink_sdo {
    uint8_t receive, send; /* sequence layer: number in bits 7 to 2, state of the connection in bits 1 and 0 */
    bool command;          /* all that follows is there */
    uint8_t transaction, flags, id;
    bool has_index;
    uint16_t index;
    uint8_t subindex;
    uint32_t abort;
};

enum { CD_POWERLINK_SDO_RESPONSE = 0x80, CD_POWERLINK_SDO_ABORT = 0x40, CD_POWERLINK_SDO_SEGMENT = 0x30 };

struct cd_powerlink_state {
    uint32_t entry[2][8];  /* of cyclic frames by direction and type */
    uint8_t told_state[2]; /* the NMT state told of each end; 0: none */
    bool told_node[2];
};

bool cd_powerlink_parse(struct cd_reader *r, struct cd_powerlink_frame *ret);
bool cd_powerlink_parse_ident(struct cd_reader *r, struct cd_powerlink_ident *ret);
bool cd_powerlink_parse_sdo(struct cd_reader *r, struct cd_powerlink_sdo *ret);

/* Reports one SDO message (powerlink_sdo.c); node: of the one it is for, 0 where it is told by the IP address. */
void cd_powerlink_report_sdo(struct cd_message *m, struct cd_reader *r, uint8_t node);

/* ---- names (powerlink_names.c) ---- */
const char *cd_powerlink_type_name(uint8_t type);
const char *cd_powerlink_type_name_1(uint8_t type); /* of version 1 */
const char *cd_powerlink_service_name(uint8_t service);
const char *cd_powerlink_state_name(uint8_t state); /* NULL where unknown */
const char *cd_powerlink_command_name(uint8_t command);
enum cd_class cd_powerlink_command_class(uint8_t command);
const char *cd_powerlink_sdo_name(uint8_t id);
const char *cd_powerlink_abort_name(uint32_t code);
const char *cd_powerlink_profile_name(uint16_t profile); /* CANopen device profile; NULL where unknown */
const char *cd_powerlink_vendor_name(uint32_t id);       /* NULL where unknown */

#endif

/* KNXnet/IP: KNX building control over IP (EN ISO 22510:2019; KNX Standard 3/8 "EIBnet/IP"), UDP and TCP port 3671 and multicast 224.0.23.12, with the
 * common external message interface (cEMI, KNX Standard 3/6/3) and the application layer (3/3/7) inside.
 *
 *     header   6 | version 0x10 | service 2 | total length 2 | body
 *     tunnel   4 | channel | sequence | status, then cEMI; routing: cEMI alone
 *     cEMI     message code | additional length, additional information | control 2 | source 2 | destination 2 | length | TPCI and APCI 2 | data
 *
 * Numbers are big-endian. Individual addresses read area.line.device, group addresses main/middle/sub. */
#ifndef CD_PROTOCOLS_KNX_H
#define CD_PROTOCOLS_KNX_H

#include "base/text.h"
#include "protocols/dissector.h"

enum { CD_KNX_HEADER = 6, CD_KNX_VERSION = 0x10, CD_KNX_MESSAGE_MAX = 2048 };

enum cd_knx_service {
    CD_KNX_SEARCH_REQUEST = 0x0201,
    CD_KNX_SEARCH_RESPONSE = 0x0202,
    CD_KNX_DESCRIPTION_REQUEST = 0x0203,
    CD_KNX_DESCRIPTION_RESPONSE = 0x0204,
    CD_KNX_CONNECT_REQUEST = 0x0205,
    CD_KNX_CONNECT_RESPONSE = 0x0206,
    CD_KNX_STATE_REQUEST = 0x0207,
    CD_KNX_STATE_RESPONSE = 0x0208,
    CD_KNX_DISCONNECT_REQUEST = 0x0209,
    CD_KNX_DISCONNECT_RESPONSE = 0x020a,
    CD_KNX_SEARCH_REQUEST_EXTENDED = 0x020b,
    CD_KNX_SEARCH_RESPONSE_EXTENDED = 0x020c,
    CD_KNX_CONFIGURATION_REQUEST = 0x0310,
    CD_KNX_CONFIGURATION_ACK = 0x0311,
    CD_KNX_TUNNELLING_REQUEST = 0x0420,
    CD_KNX_TUNNELLING_ACK = 0x0421,
    CD_KNX_FEATURE_GET = 0x0422,
    CD_KNX_FEATURE_RESPONSE = 0x0423,
    CD_KNX_FEATURE_SET = 0x0424,
    CD_KNX_FEATURE_INFO = 0x0425,
    CD_KNX_ROUTING_INDICATION = 0x0530,
    CD_KNX_ROUTING_LOST = 0x0531,
    CD_KNX_ROUTING_BUSY = 0x0532,
    CD_KNX_ROUTING_SYSTEM_BROADCAST = 0x0533,
    CD_KNX_DIAGNOSTIC_REQUEST = 0x0740,
    CD_KNX_DIAGNOSTIC_RESPONSE = 0x0741,
    CD_KNX_REMOTE_CONFIGURATION = 0x0742,
    CD_KNX_REMOTE_RESET = 0x0743,
    CD_KNX_SECURE_WRAPPER = 0x0950,
    CD_KNX_SESSION_REQUEST = 0x0951,
    CD_KNX_SESSION_RESPONSE = 0x0952,
    CD_KNX_SESSION_AUTHENTICATE = 0x0953,
    CD_KNX_SESSION_STATUS = 0x0954,
    CD_KNX_TIMER_NOTIFY = 0x0955,
};

/* cEMI message codes (3/6/3 4.1.3). */
enum cd_knx_cemi_code {
    CD_KNX_L_DATA_REQ = 0x11,
    CD_KNX_L_DATA_IND = 0x29,
    CD_KNX_L_BUSMON_IND = 0x2b,
    CD_KNX_L_DATA_CON = 0x2e,
    CD_KNX_T_DATA_CONNECTED_REQ = 0x41,
    CD_KNX_T_DATA_INDIVIDUAL_REQ = 0x4a,
    CD_KNX_T_DATA_CONNECTED_IND = 0x89,
    CD_KNX_T_DATA_INDIVIDUAL_IND = 0x94,
    CD_KNX_M_RESET_IND = 0xf0,
    CD_KNX_M_RESET_REQ = 0xf1,
    CD_KNX_M_PROP_WRITE_CON = 0xf5,
    CD_KNX_M_PROP_WRITE_REQ = 0xf6,
    CD_KNX_M_PROP_INFO_IND = 0xf7,
    CD_KNX_M_FUNCTION_COMMAND_REQ = 0xf8,
    CD_KNX_M_FUNCTION_READ_REQ = 0xf9,
    CD_KNX_M_FUNCTION_CON = 0xfa,
    CD_KNX_M_PROP_READ_CON = 0xfb,
    CD_KNX_M_PROP_READ_REQ = 0xfc,
};

/* Application services by their code (3/3/7 2). Those of four bits have data in the other six. */
enum cd_knx_apci {
    CD_KNX_GROUP_READ = 0x000,
    CD_KNX_GROUP_RESPONSE = 0x040,
    CD_KNX_GROUP_WRITE = 0x080,
    CD_KNX_MEMORY_READ = 0x200,
    CD_KNX_DESCRIPTOR_RESPONSE = 0x340,
    CD_KNX_RESTART = 0x380,
    CD_KNX_AUTHORIZE_REQUEST = 0x3d1,
    CD_KNX_KEY_WRITE = 0x3d3,
    CD_KNX_PROPERTY_READ = 0x3d5,
    CD_KNX_PROPERTY_RESPONSE = 0x3d6,
    CD_KNX_PROPERTY_WRITE = 0x3d7,
};

/* A KNXnet/IP message. */
struct cd_knx_message {
    uint16_t service; /* enum cd_knx_service */
    struct cd_reader body;
};
bool cd_knx_parse(struct cd_reader *r, bool cut, struct cd_knx_message *ret);

/* What a tunnel carries between a client and the bus, and routers between themselves. */
struct cd_knx_cemi {
    uint8_t code;       /* enum cd_knx_cemi_code */
    bool has_address;   /* an L_Data: the next three are there */
    bool group, failed; /* destination is a group; the confirmation is a negative one */
    uint16_t source, destination;
    bool has_apci;
    uint8_t tpci;          /* the two high bits: 0x80 a control message of the transport layer */
    uint16_t apci;         /* without data bits */
    struct cd_reader data; /* of the application service; of local management: from the interface object on */
};
bool cd_knx_parse_cemi(struct cd_reader *r, struct cd_knx_cemi *ret);

/* "1.1.5", "9/1/82" */
void cd_knx_text_individual(struct cd_text *t, uint16_t address);
void cd_knx_text_group(struct cd_text *t, uint16_t address);

/* ---- names (knx_names.c) ---- */
struct cd_knx_name {
    const char *name; /* NULL where unknown */
    enum cd_class class;
};
struct cd_knx_name cd_knx_service_name(uint16_t service);
/* The request a response belongs to; 0 where it is none. */
uint16_t cd_knx_request_of(uint16_t service);
struct cd_knx_name cd_knx_apci_name(uint16_t apci);
struct cd_knx_name cd_knx_cemi_name(uint8_t code);
const char *cd_knx_status(uint8_t status);    /* NULL for no error */
const char *cd_knx_manufacturer(uint16_t id); /* NULL where unknown */

/* ---- what identifies (knx_facts.c) ---- */

enum { CD_KNX_OBJECT_DEVICE = 0, CD_KNX_OBJECT_IP = 11, CD_KNX_SERIAL_LEN = 6 };

void cd_knx_report_serial(struct cd_message *m, const struct cd_subject *device, const uint8_t *serial);
/* Description blocks: of the device, of what it supports. The reader is consumed. */
void cd_knx_report_description(struct cd_message *m, const struct cd_subject *device, struct cd_reader *r);
/* A property that was read: of an interface object of type `object` (CD_KNX_OBJECT_…). */
void cd_knx_report_property(struct cd_message *m, const struct cd_subject *device, unsigned object, unsigned property,
                            struct cd_reader value);

/* ---- state of one flow ---- */

enum { CD_KNX_SEEN = 64 };

struct cd_knx_state {
    uint8_t ends; /* 0 not known, 1 as the flow has them, 2 the other way round */
    bool gateway_told;
    uint16_t seen[CD_KNX_SEEN]; /* addresses on the bus that were told lately, by their low bits */
};

/* Reports what cEMI carries (knx_cemi.c). `routed`: between routers, not for a client. */
void cd_knx_report_cemi(struct cd_message *m, const struct cd_knx_cemi *c, bool routed);

extern const struct cd_dissector cd_dissector_knx;

#endif

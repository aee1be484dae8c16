/* Beckhoff ADS/AMS over TCP and the route discovery of TwinCAT over UDP, after Beckhoff Information System: "ADS/AMS Specification" (TE1000 / TC3 ADS) and
 * "ADS Return Codes"; discovery after public analyses.
 *
 *     AMS/TCP   reserved 2 (0: AMS) | length 4
 *     AMS       target net id 6, port 2 | source net id 6, port 2 | command 2 | state flags 2 | length 4 | error 4 | invoke id 4 | data
 *     UDP       71146603 | invoke id 4 | service 4 (bit 31: response) | net id 6, port 2 | number of tags 4 | tag 2, length 2, value …
 *
 * Numbers are little-endian. */
#ifndef CD_PROTOCOLS_ADS_H
#define CD_PROTOCOLS_ADS_H

#include "base/text.h"
#include "protocols/dissector.h"

enum {
    CD_ADS_TCP_PORT = 48898,
    CD_ADS_UDP_PORT = 48899,
    CD_ADS_TCP_HEADER = 6,
    CD_ADS_HEADER = 32,
    CD_ADS_RESPONSE = 0x0001, /* state flags */
    CD_ADS_ADS_COMMAND = 0x0004,
    CD_ADS_DISCOVERY_MAGIC = 0x71146603,
    CD_ADS_SYMBOL_MAX = 80, /* longer names of symbols are cut */
};

enum cd_ads_command {
    CD_ADS_READ_DEVICE_INFO = 1,
    CD_ADS_READ = 2,
    CD_ADS_WRITE = 3,
    CD_ADS_READ_STATE = 4,
    CD_ADS_WRITE_CONTROL = 5,
    CD_ADS_ADD_NOTIFICATION = 6,
    CD_ADS_DELETE_NOTIFICATION = 7,
    CD_ADS_NOTIFICATION = 8,
    CD_ADS_READ_WRITE = 9,
};

/* What the fields of AMS/TCP headers say instead of 0: messages between a program and the router of its own machine. */
enum cd_ads_router { CD_ADS_PORT_CLOSE = 1, CD_ADS_PORT_CONNECT = 0x1000, CD_ADS_ROUTER_NOTE, CD_ADS_GET_NET_ID };

enum cd_ads_group {
    CD_ADS_HANDLE_BY_NAME = 0xf003,
    CD_ADS_VALUE_BY_NAME = 0xf004,
    CD_ADS_VALUE_BY_HANDLE = 0xf005,
    CD_ADS_RELEASE_HANDLE = 0xf006,
    CD_ADS_INFO_BY_NAME = 0xf007,
    CD_ADS_INFO_BY_NAME_EX = 0xf009,
    CD_ADS_SUM_READ = 0xf080,
    CD_ADS_SUM_WRITE = 0xf081,
    CD_ADS_SUM_READ_WRITE = 0xf082,
    CD_ADS_SUM_DELETE_NOTIFICATION = 0xf086,
};

enum { CD_ADS_PORT_SYSTEM_SERVICE = 10000 };

struct cd_ads_address {
    uint8_t net_id[6];
    uint16_t port;
};

struct cd_ads_message {
    uint16_t router; /* enum cd_ads_router, or 0: an AMS message, and the rest is set */
    struct cd_ads_address target, source;
    uint16_t command, flags;
    uint32_t error, invoke_id;
    struct cd_reader data;
};

/* Of a request that names what it acts on; `written` are the bytes it brings. */
struct cd_ads_access {
    uint32_t group, offset, read_length;
    struct cd_reader written;
};

struct cd_ads_discovery {
    uint32_t invoke_id, service;
    bool response;
    struct cd_ads_address address;
    uint32_t tags;
    struct cd_reader values;
};

/* `cut`: the end of the message is missing, as many bytes as are there are taken. */
bool cd_ads_parse(struct cd_reader *r, bool cut, struct cd_ads_message *ret);
/* The fields of read, write, read write and add notification requests. */
bool cd_ads_parse_access(const struct cd_ads_message *message, struct cd_ads_access *ret);
bool cd_ads_parse_discovery(struct cd_reader *r, struct cd_ads_discovery *ret);

const char *cd_ads_command_name(uint16_t command);
/* NULL where the port has no fixed use. */
const char *cd_ads_port_name(uint16_t port);
const char *cd_ads_state_name(uint16_t state);
/* A literal for every code but 0, which is no error. */
const char *cd_ads_error_name(uint32_t error);

struct cd_ads_group_info {
    const char *name; /* NULL: not known */
    enum cd_class class;
    bool acts;  /* the class holds for reads too: the access has an effect */
    bool named; /* the bytes written are a name: of a symbol, a file, a registry key */
};
/* Groups of the system service are meant where port is 10000. */
struct cd_ads_group_info cd_ads_group(uint16_t port, uint32_t group);

/* The class of an access of this command. */
enum cd_class cd_ads_class(uint16_t command, uint16_t port, const struct cd_ads_access *access);
void cd_ads_text_net_id(struct cd_text *t, const uint8_t net_id[6]);
void cd_ads_text_address(struct cd_text *t, const struct cd_ads_address *address);
/* What is accessed, with a blank before it. `symbol`: the name behind the handle, or NULL. */
void cd_ads_text_access(struct cd_text *t, uint16_t port, const struct cd_ads_access *access, const char *symbol);

/* Reports one datagram of the discovery (ads_discovery.c). */
void cd_ads_dissect_discovery(struct cd_message *m, struct cd_reader *r);

#endif

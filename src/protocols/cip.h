/* CIP, the Common Industrial Protocol (ODVA CIP Vol. 1, chapters 2 to 5 and appendix C), carried by EtherNet/IP.
 *
 *   cip.c            requests, responses, messages within messages
 *   cip_path.c       what a request is for
 *   cip_services.c   names and classes of services
 *   cip_manager.c    Connection Manager: connections and routed requests
 *   cip_objects.c    what devices say about themselves
 *   pccc.c           the older command set within CIP
 *   cip_names.c cip_vendors.c   numbers and their names
 */
#ifndef CD_PROTOCOLS_CIP_H
#define CD_PROTOCOLS_CIP_H

#include "protocols/cip_path.h"
#include "protocols/dissector.h"

/* Requests within requests: a routed request may hold a multiple service packet; deeper nesting has no use and is refused. */
enum { CD_CIP_DEPTH_MAX = 4 };

/* The message router's request or response (CIP Vol. 1, 2-4). */
struct cd_cip_message {
    uint8_t service; /* without the reply bit */
    bool response;
    uint8_t status;          /* response: general status */
    uint8_t extended_words;  /* response: size of the additional status */
    uint16_t extended;       /* its first word */
    struct cd_cip_path path; /* request */
    const uint8_t *data;     /* borrowed; the service's own data */
    size_t data_len;
};

/* Reads one message up to the end of r; false and *ret untouched where it doesn't fit. */
bool cd_cip_parse(struct cd_reader *r, struct cd_cip_message *ret);

/* The way to a device behind the one that is spoken to, packed into a number that fits a note; CD_CIP_ROUTE_NONE is that device itself. */
typedef uint32_t cd_cip_route;
#define CD_CIP_ROUTE_NONE 0u
#define CD_CIP_ROUTE_UNKNOWN UINT32_MAX

/* An open connection of this flow (CIP Vol. 1, 3-5.5). */
struct cd_cip_connection {
    uint32_t to_target, to_originator; /* network connection ids; 0 until the response has told them */
    uint32_t originator_serial;
    uint16_t originator_vendor, serial;
    cd_cip_route route;
    uint8_t transport_class; /* 0 and 1 carry I/O, 2 and 3 messages */
    bool open;
};

/* Most explicit clients hold one connection, engineering tools about four; the oldest gives way. */
enum { CD_CIP_CONNECTIONS = 8, CD_CIP_LONG_ROUTES = 3, CD_CIP_ROUTE_TEXT = 48 };

/* What is kept of a flow. Zeroed at its start. */
struct cd_cip_flow {
    struct cd_cip_connection connections[CD_CIP_CONNECTIONS];
    char long_routes[CD_CIP_LONG_ROUTES][CD_CIP_ROUTE_TEXT]; /* those that can't be packed; never overwritten */
    uint8_t next_connection, n_long_routes;
    uint32_t status_hash; /* of the last PCCC diagnostic status, which is polled fast by some clients */
    uint64_t status_time_ns;
};

/* Where a message came in: what pairs a response with its request. */
struct cd_cip_context {
    uint64_t transaction;   /* unconnected: of the carrier; connected: the sequence count */
    uint32_t connection_id; /* 0: unconnected */
};

/* Reads and reports one message router message. m->dissector and m->state are set to CIP's by the caller (state: a struct cd_cip_flow). Sets m->from_client by
 * the reply bit. Returns false where the bytes are no such message. */
bool cd_cip_dissect(struct cd_message *m, struct cd_reader *r, const struct cd_cip_context *context);

/* The connection with this id in either direction, or NULL. */
struct cd_cip_connection *cd_cip_connection_find(struct cd_cip_flow *flow, uint32_t id);

extern const struct cd_dissector cd_dissector_cip;

#endif

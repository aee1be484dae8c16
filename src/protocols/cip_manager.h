/* The Connection Manager (CIP Vol. 1, 3-5): opening and closing connections, and requests routed to another node. */
#ifndef CD_PROTOCOLS_CIP_MANAGER_H
#define CD_PROTOCOLS_CIP_MANAGER_H

#include "protocols/cip.h"

/* Forward_Open and Large_Forward_Open (3-5.5.2). */
struct cd_cip_forward_open {
    uint32_t to_target, to_originator; /* network connection ids as the originator proposes them */
    uint32_t originator_serial;
    uint16_t serial, originator_vendor;
    uint32_t to_target_interval_us, to_originator_interval_us; /* requested packet intervals */
    uint8_t transport_class;
    struct cd_cip_path path;
};
bool cd_cip_forward_open_parse(struct cd_reader *r, bool large, struct cd_cip_forward_open *ret);

/* The connection that a Forward_Close, or a response to open or close, speaks of (3-5.5.3). */
struct cd_cip_connection_name {
    uint32_t originator_serial;
    uint16_t serial, originator_vendor;
};
bool cd_cip_forward_close_parse(struct cd_reader *r, struct cd_cip_connection_name *ret_name,
                                struct cd_cip_path *ret_path);

/* Unconnected_Send (3-5.5.4): a request and the way it is to go. */
struct cd_cip_unconnected_send {
    struct cd_reader request;
    struct cd_cip_path route;
};
bool cd_cip_unconnected_send_parse(struct cd_reader *r, struct cd_cip_unconnected_send *ret);

/* Keeping what the above tell. `route` is the way to the target from the node that is spoken to. */
void cd_cip_connection_opening(struct cd_cip_flow *flow, const struct cd_cip_forward_open *open, cd_cip_route route);
void cd_cip_connection_opened(struct cd_cip_flow *flow, struct cd_reader *response_data);
void cd_cip_connection_closing(struct cd_cip_flow *flow, const struct cd_cip_connection_name *name);

/* Routes as numbers. UNKNOWN where the path has a hop that doesn't fit and the table of long ones is full. (A connection that was opened unseen leads somewhere UNKNOWN, too.) */
cd_cip_route cd_cip_route_pack(struct cd_cip_flow *flow, const struct cd_cip_path *path);
/* The nested address of a subject: "cip:1.3", "cip:1.0/cip:2.192.168.1.5"; "" for NONE and UNKNOWN. */
void cd_cip_route_nested(struct cd_text *t, const struct cd_cip_flow *flow, cd_cip_route route);
/* " via 1.3" behind a target; nothing for NONE and UNKNOWN. */
void cd_cip_route_via(struct cd_text *t, const struct cd_cip_flow *flow, cd_cip_route route);

#endif

/* CIP's way of naming what a request is for: a path of segments (CIP Vol. 1, appendix C-1), in its padded form. */
#ifndef CD_PROTOCOLS_CIP_PATH_H
#define CD_PROTOCOLS_CIP_PATH_H

#include "base/reader.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Port segments in front of a path: from chassis to network to chassis. Longer routes than this are no longer built. */
enum { CD_CIP_HOPS_MAX = 6 };

/* One hop: leave by this port, to this node there. A slot is a number; an address on a network may be text. */
struct cd_cip_hop {
    uint16_t port;
    uint8_t link;           /* where address is NULL */
    const uint8_t *address; /* NULL, or the link address as it stands in the path, borrowed */
    uint8_t address_len;
};

/* A path whose every segment fits. The logical values are the last of their kind. */
struct cd_cip_path {
    const uint8_t *bytes; /* borrowed */
    size_t len;
    uint32_t class_id, instance, attribute;
    bool has_class, has_instance, has_attribute;
    bool has_symbol; /* names a tag */
    bool has_target; /* anything besides port segments, keys and network segments */
    uint8_t n_hops;
};

/* Reads all of r as a padded path; false and *ret untouched where a segment is reserved or doesn't fit (r->bad says which). */
bool cd_cip_path_parse(struct cd_reader *r, struct cd_cip_path *ret);

/* What the path names, as an engineer writes it: "tag Motor.Speed[3]", "Identity 1, attribute 5", "Assembly 6, points 2 1". */
void cd_cip_path_text(struct cd_text *t, const struct cd_cip_path *path);

/* The hops of the path in order; how many there are. */
unsigned cd_cip_path_hops(const struct cd_cip_path *path, struct cd_cip_hop hops[CD_CIP_HOPS_MAX]);

/* The route alone as a nested address without its kind: "1.3", "1.0/2.192.168.1.5"; nothing where there are no hops. */
void cd_cip_route_text(struct cd_text *t, const struct cd_cip_path *path, const char *between);

#endif

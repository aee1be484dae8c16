/* RTPS, the wire protocol of DDS (OMG formal/2022-04-01, version 2.5), over UDP.
 *
 *   "RTPS" ("RTPX": encrypted by a vendor) | version 2 | vendor 2 | participant 12 | submessages
 *   submessage: kind 1 | flags 1 (bit 0: little-endian) | length 2, 0 to the end | content
 *   DATA: extra flags 2 | octets to QoS 2 | reader 4 | writer 4 | sequence 8 | [ QoS parameters ] | encapsulation 2 | options 2 | parameters or data
 *   parameter: id 2 | length 2 | value */
#ifndef CD_PROTOCOLS_RTPS_H
#define CD_PROTOCOLS_RTPS_H

#include "protocols/dissector.h"

struct cd_text;

enum { CD_RTPS_HEADER = 20, CD_RTPS_DATA = 0x15, CD_RTPS_DATA_FRAGMENT = 0x16 };

enum cd_rtps_writer { /* entities every participant has (9.3.1.5) */
                      CD_RTPS_WRITER_PUBLICATIONS = 0x000003c2,
                      CD_RTPS_WRITER_SUBSCRIPTIONS = 0x000004c2,
                      CD_RTPS_WRITER_PARTICIPANT = 0x000100c2,
                      CD_RTPS_WRITER_LIVELINESS = 0x000200c2
};

struct cd_rtps_header {
    uint8_t major, minor;
    uint16_t vendor;
};

struct cd_rtps_submessage {
    uint8_t kind, flags;
    struct cd_reader content;
};

struct cd_rtps_data {
    uint32_t reader, writer;
    bool little_endian, parameters; /* the payload is a list of parameters */
    struct cd_reader payload;       /* behind the encapsulation */
};

/* What discovery tells (9.6.3); views, empty where not told. */
struct cd_rtps_discovery {
    struct cd_reader entity, host, topic, type_name, product;
    bool has_domain;
    uint32_t domain;
};

bool cd_rtps_parse_header(struct cd_reader *r, struct cd_rtps_header *ret);
/* False at the end, or where it does not fit. */
bool cd_rtps_next(struct cd_reader *r, struct cd_rtps_submessage *ret);
bool cd_rtps_parse_data(const struct cd_rtps_submessage *s, struct cd_rtps_data *ret);
/* Literals. */
const char *cd_rtps_kind_name(uint8_t kind, uint8_t major);
const char *cd_rtps_writer_name(uint32_t writer); /* NULL: a user's */

/* ---- rtps_discovery.c ---- */

/* Reads what it knows; the list ends where it no longer fits. */
void cd_rtps_read_discovery(const struct cd_rtps_data *data, struct cd_rtps_discovery *ret);
void cd_rtps_report_vendor(struct cd_message *m, uint16_t vendor);
void cd_rtps_report_participant(struct cd_message *m, const struct cd_rtps_discovery *d);
/* What is published or wanted, as the operation's target and as the sender's service. */
void cd_rtps_text_endpoint(struct cd_text *t, const struct cd_rtps_discovery *d);
void cd_rtps_report_endpoint(struct cd_message *m, const struct cd_rtps_discovery *d, bool published);

#endif

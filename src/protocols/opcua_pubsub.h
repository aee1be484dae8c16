/* OPC UA PubSub: data sets sent in UADP network messages, over UDP or directly on Ethernet (OPC 10000-14:2022, 7.2.4 and 7.3). */
#ifndef CD_PROTOCOLS_OPCUA_PUBSUB_H
#define CD_PROTOCOLS_OPCUA_PUBSUB_H

#include "protocols/dissector.h"

enum cd_opcua_network_message { CD_OPCUA_DATA_SET_MESSAGES, CD_OPCUA_DISCOVERY_PROBE, CD_OPCUA_DISCOVERY_ANNOUNCEMENT };

enum { CD_OPCUA_WRITERS_MAX = 8 /* data set writers that are kept of a message; the rest are counted */ };

struct cd_opcua_network_header {
    enum cd_opcua_network_message type;
    bool has_publisher, publisher_is_text, has_group, has_group_id, has_writers, chunk;
    uint64_t publisher;
    struct cd_reader publisher_text;
    uint16_t group; /* WriterGroupId */
    uint8_t n_writers;
    uint16_t writers[CD_OPCUA_WRITERS_MAX];
    bool secured, is_signed, encrypted;
    struct cd_reader payload; /* what follows the headers, with the security footer and signature where there are any */
};

/* The headers of a network message (7.2.4.4.2). *ret is untouched where they do not fit; r->bad then names the field. */
bool cd_opcua_pubsub_parse(struct cd_reader *r, struct cd_opcua_network_header *ret);

#endif

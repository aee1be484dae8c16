/* From a device's message to frames at the capture point, in the order of time, with the truth of each conversation beside. */
#ifndef PLANTSIM_WIRE_H
#define PLANTSIM_WIRE_H

#include "frame.h"
#include "plant.h"
#include "truth.h"

struct sim;

/* A frame that waits for its time. */
struct queued_frame {
    uint32_t first_event; /* of the truth: they get the frame's number; CD_INDEX_NONE */
    uint32_t len;
    uint8_t bytes[];
};

/* A frame that was given to the wire; good until the caller returns to the schedule. */
struct sent {
    uint64_t time_ns;
    struct queued_frame *frame;
};

/* One end: a device, or a group or broadcast address (device NULL). */
struct end {
    struct device *device;
    uint32_t ip;
    cd_mac mac;
};

/* Datagrams between two ends; the client is the one that asks. */
struct dialogue {
    struct end client, server;
    uint16_t client_port, server_port;
    uint32_t conversation;
};

struct end wire_end(struct device *d);
/* A multicast address, with the MAC that follows from it (RFC 1112 6.4), or the broadcast address of a segment. */
struct end wire_group(uint32_t ip);

endpoint wire_endpoint(const struct end *e);

struct dialogue wire_dialogue(struct sim *s, struct end client, uint16_t client_port, struct end server,
                              uint16_t server_port, const char *protocol);

/* Makes sure that the sender knows the receiver's MAC; gives the time at which it can send. */
uint64_t wire_resolve(struct sim *s, uint64_t time_ns, const struct end *from, const struct end *to);
struct sent wire_udp(struct sim *s, const struct dialogue *d, bool from_client, uint64_t time_ns,
                     const struct octets *payload);
/* vlan 0 for none. protocol: its name in the truth. */
struct sent wire_ethernet(struct sim *s, struct device *from, cd_mac to, uint16_t ethertype, uint16_t vlan,
                          const char *protocol, uint64_t time_ns, const struct octets *payload);
struct sent wire_tcp(struct sim *s, const struct end *from, const struct end *to, const struct tcp_header *header,
                     uint32_t conversation, uint64_t time_ns, const void *payload, size_t len);
/* The same frame once more, as a retransmission shows. */
void wire_repeat(struct sim *s, const struct sent *sent, uint32_t conversation, uint64_t time_ns);

#endif

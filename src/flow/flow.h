/* A flow: one 5-tuple while it lives. The table of flows is flow/table.h, the bytes in order flow/stream.h. */
#ifndef CD_FLOW_FLOW_H
#define CD_FLOW_FLOW_H

#include "base/address.h"
#include "decode/packet.h"
#include "observe/observer.h"

#include <stdbool.h>
#include <stdint.h>

struct cd_stream;
struct cd_sharing;
struct cd_dissector;

/* One open request of a flow, waiting for its response. */
struct cd_pending {
    uint64_t id, note;
    uint32_t entry; /* operation entry of the observer */
    bool open;
};

/* Requests open at a time; the oldest gives way. Deeper pipelines than this are not seen in industrial protocols; a response whose request gave way
 * is counted without its target. Messages that hold many requests make room for them first, up to the limit (cd_report_expect). */
enum { CD_PENDING_MIN = 16, CD_PENDING_MAX = 256 };

struct cd_pendings {
    uint32_t size; /* a power of two */
    uint32_t next;
    struct cd_pending items[];
};

struct cd_recent_segment {
    uint32_t seq, hash;
    uint32_t len; /* 0: unused */
};

/* One end of a flow: what it sent. Index 0 of cd_flow.ends is the client. */
struct cd_flow_end {
    cd_mac mac;                         /* the source MAC of its last packet */
    uint64_t bytes;                     /* on the wire, since the last fold */
    uint32_t packets;                   /* since the last fold */
    uint32_t next_seq;                  /* TCP: first sequence number not yet seen in order */
    uint32_t first_seq;                 /* TCP: that of the first byte */
    struct cd_stream *stream;           /* TCP: bytes that wait; NULL while there are none */
    uint32_t skip;                      /* bytes of body still to pass over */
    bool started, fin;                  /* a sequence number is known; FIN was sent */
    bool seen;                          /* has sent a packet */
    bool lost;                          /* bytes are missing: the next segment that begins a message goes on */
    uint8_t probes;                     /* payloads shown to the probes so far */
    struct cd_recent_segment recent[2]; /* of what was delivered: to tell a retransmission with other content */
    uint8_t next_recent;
};

enum cd_flow_state { CD_FLOW_OPEN, CD_FLOW_CLOSED };

/* What every packet touches stands first, together. */
struct cd_flow {
    struct cd_ip client, server; /* below IP: cd_ip_of_mac forms */
    uint64_t tunnel;
    uint16_t client_port, server_port;
    uint8_t transport;        /* enum cd_transport */
    uint8_t state;            /* enum cd_flow_state */
    uint8_t dissector_number; /* the dissector's place in the registry */
    bool claimed;             /* the probes are over */
    bool opaque;              /* payload is no longer looked at */
    uint8_t sharing_place;    /* the dissector's place among those that share its Ethertype */
    bool live;                /* false: a free place of the table */
    uint64_t last_ns;
    const struct cd_dissector *dissector; /* NULL until one has claimed it */
    struct cd_flow_end ends[2];
    void *dissector_state;
    struct cd_sharing *sharing; /* states of other dissectors of the same Ethertype; NULL where one has it alone */
    struct cd_pendings *pendings;
    cd_pair pair, reverse_pair; /* CD_PAIR_NONE until asked for */

    const char *protocol; /* name for people; "" until known */
    void *recognizer;     /* of the naming library, while it is undecided */
    uint64_t first_ns, hash;
    uint32_t conversation;                             /* of the observer; UINT32_MAX until the first fold */
    uint32_t number;                                   /* its place in the table */
    uint32_t retransmissions, gaps, gap_bytes, resets; /* since the last fold */
    uint8_t ip_protocol;
    uint8_t confidence; /* of the protocol */
    bool mid_stream;    /* TCP without its beginning */
    bool counted;       /* its conversation has counted it as a flow */
};

#endif

/* What a perfect observer at the capture point would have seen and understood. It is written down by those who make the traffic, at the
 * moment they make it; no packet is ever read back.
 *
 *   wire.c, tcp.c    conversations: who exchanged how many packets with whom
 *   speak_*.c        operations: what was asked of whom, how it was answered; events; what a device told of itself
 *   truth_json.c     all of it as JSON in the shape of `cordon analyze --json` */
#ifndef PLANTSIM_TRUTH_H
#define PLANTSIM_TRUTH_H

#include "base/arena.h"
#include "base/error.h"
#include "base/index.h"

#include <stdbool.h>
#include <stdint.h>

struct plant;

/* An IPv4 address, or a MAC below IP. */
typedef uint64_t endpoint;
#define ENDPOINT_OF_MAC(mac) ((mac) | (uint64_t)1 << 63)
#define ENDPOINT_IS_MAC(e) ((e) >> 63 != 0)

enum transport { TRANSPORT_ETH, TRANSPORT_IP, TRANSPORT_TCP, TRANSPORT_UDP };

struct conversation {
    endpoint client, server;
    const char *protocol; /* "" until a message of it has passed */
    uint64_t packets, bytes, first_ns, last_ns;
    uint16_t port;
    uint8_t transport; /* enum transport */
};

struct operation {
    endpoint client, server;
    const char *protocol, *code, *name, *class, *target; /* the target is the arena's, the others are literals */
    uint64_t requests, responses, errors, first_ns, last_ns;
    const char *last_error; /* what the last refusal is called, or NULL; a literal */
};

struct event {
    endpoint client, server;
    const char *kind, *protocol, *detail;
    uint64_t time_ns, frame; /* the frame's number is known once it is written */
    uint32_t next;           /* another event of the same frame, or CD_INDEX_NONE */
};

struct truth {
    struct conversation *conversations;
    struct operation *operations;
    struct event *events;
    uint32_t n_conversations, n_operations, n_events;
    uint32_t size_conversations, size_operations, size_events;
    struct cd_index conversation_index, operation_index, event_index;
    uint32_t *event_counts; /* by the number that event_index gives */
    uint32_t n_event_counts, size_event_counts, *event_firsts;
    struct cd_arena texts;
};

/* A frame on its way to the capture (wire.h). */
struct sent;

/* What was done, in the standard's words. */
struct deed {
    endpoint client, server;
    const char *protocol, *code, *name, *class; /* literals */
    const char *target;                         /* copied */
};

void truth_start(struct truth *t);
void truth_free(struct truth *t);

/* The conversation's number, made where it is new. */
uint32_t truth_conversation(struct truth *t, endpoint client, endpoint server, enum transport transport, uint16_t port);
void truth_count_frame(struct truth *t, uint32_t conversation, uint64_t time_ns, size_t bytes);
void truth_name_protocol(struct truth *t, uint32_t conversation, const char *protocol);

/* Counts a request, and gives the operation's number for its response. Dangerous classes are events too. */
uint32_t truth_request(struct truth *t, const struct deed *deed, const struct sent *sent);
/* error: NULL, or the refusal's name. */
void truth_response(struct truth *t, uint32_t operation, const char *error, const struct sent *sent);
/* A response to what was asked of many. */
void truth_lone_response(struct truth *t, const struct deed *deed, const struct sent *sent);
/* Of each kind, protocol and pair the first 64 (4096 of dangerous operations) are listed, as `cordon analyze` promises. */
void truth_event(struct truth *t, const char *kind, const char *protocol, endpoint client, endpoint server,
                 const char *detail, const struct sent *sent);

/* Writes the document. */
int truth_write(struct truth *t, const struct plant *plant, const char *path, struct cd_error *e);

#endif

/* The hub's side of observation.proto. A sensor may be owned by whoever controls the packets, so a batch is checked as a whole
 * before the first visit: sizes, counts, enumerations, times and text numbers are in range, texts are safe to show. */
#ifndef CD_OBSERVE_DECODE_H
#define CD_OBSERVE_DECODE_H

#include "base/address.h"
#include "base/error.h"
#include "decode/packet.h"
#include "observe/health.h"
#include "observe/vocabulary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CD_SCHEMA_VERSION = 1,
    CD_BATCH_BYTES_MAX = 16 << 20,
    CD_BATCH_TEXTS_MAX = 1 << 18,
    CD_BATCH_ENTRIES_MAX = 1 << 19, /* of all kinds together */
};
/* Counters and times above this are refused: they are no honest sensor's, and the store keeps 63 bits. */
#define CD_OBSERVATION_NUMBER_MAX ((uint64_t)1 << 62)

struct cd_batch {
    uint32_t schema_version, source;
    uint64_t sequence;
    char sensor_id[65]; /* safe to show */
    bool final;
    uint32_t n_texts; /* numbers run from 1 to n_texts; 0 is "" */
};

/* Entries as in observe/tables.h, with texts as numbers (valid: <= n_texts). */
struct cd_seen_fact {
    cd_mac mac;
    struct cd_ip ip;
    enum cd_attribute attribute;
    uint32_t nested, value, protocol;
    uint8_t confidence;
    uint64_t first_ns, last_ns, count;
};

struct cd_seen_conversation {
    struct cd_ip client, server;
    enum cd_transport transport;
    uint16_t port;
    uint8_t confidence;
    uint32_t protocol;
    uint64_t first_ns, last_ns;
    uint64_t client_packets, server_packets, client_bytes, server_bytes;
    uint64_t flows, one_sided_flows, retransmissions, gaps, gap_bytes, resets, refused;
};

struct cd_seen_operation {
    struct cd_ip client, server;
    uint32_t protocol, name, code_space, code_text, target, last_error;
    uint32_t code;
    enum cd_class class;
    uint64_t requests, responses, errors, first_ns, last_ns;
};

struct cd_seen_event {
    enum cd_event_kind kind;
    uint32_t protocol, detail;
    struct cd_ip client, server; /* zero where none */
    uint64_t time_ns, frame;
};

struct cd_seen_protocol {
    uint32_t protocol;
    uint64_t messages, bytes, malformed, malformed_bytes, cut;
};

struct cd_seen_layer {
    uint32_t layer;
    uint64_t bad_frames;
};

struct cd_seen_capture {
    uint32_t number, name, problem;
    uint64_t frames, bytes, first_ns, last_ns;
};

/* Called in this order: begin, texts, then the entries in the batch's own order. Pointers die with the call. */
struct cd_observation_visitor {
    void *context;
    void (*begin)(void *context, const struct cd_batch *batch);
    void (*text)(void *context, uint32_t number, const char *bytes,
                 size_t len); /* valid UTF-8, no control characters, at most CD_TEXT_MAX */
    void (*fact)(void *context, const struct cd_seen_fact *fact);
    void (*conversation)(void *context, const struct cd_seen_conversation *conversation);
    void (*operation)(void *context, const struct cd_seen_operation *operation);
    void (*event)(void *context, const struct cd_seen_event *event);
    void (*health)(void *context,
                   const struct cd_health *counters); /* the counters alone; then its records one by one */
    void (*health_layer)(void *context, const struct cd_seen_layer *layer);
    void (*health_protocol)(void *context, const struct cd_seen_protocol *protocol);
    void (*health_capture)(void *context, const struct cd_seen_capture *capture);
};

/* Reads one batch (without its length). CD_ERROR_INPUT, and no visit at all, where anything in it is out of bounds: the text names
 * the message, the field and the offset. Members of the visitor may be NULL. */
int cd_observation_decode(const uint8_t *bytes, size_t len, const struct cd_observation_visitor *visitor,
                          struct cd_error *e);

#endif

/* The observer's tables, for those who drain them: the encoder, the sensor's flush, and tests. Parsers use observer.h alone.
 *
 *   texts          every text once (value, target, detail, nested address)
 *   pairs          client, server                              <- operations, events
 *   operations     pair, protocol, code, target -> counts
 *   facts          subject, attribute, value, protocol -> confidence, first, last
 *   conversations  client, server, transport, port -> counts   (filled by the flow table when a flow is folded)
 *   events         in order of arrival
 *
 * A flush hands out what changed since the last one as deltas and keeps the entries; entries idle since the last flush are let go when a table
 * is more than half full. */
#ifndef CD_OBSERVE_TABLES_H
#define CD_OBSERVE_TABLES_H

#include "base/arena.h"
#include "base/index.h"
#include "decode/packet.h"
#include "observe/observer.h"

struct cd_pair_entry {
    struct cd_ip client, server;
};

struct cd_operation_entry {
    const char *protocol, *name, *code_space, *code_text, *target, *last_error;
    uint64_t first_ns, last_ns;
    uint64_t requests, responses, errors; /* since the last flush */
    uint32_t code;
    cd_pair pair;
    enum cd_class class;
    bool flushed; /* has been handed out before: first_ns is of an earlier delta */
};

struct cd_fact_entry {
    cd_mac mac;
    struct cd_ip ip;
    const char *nested, *value, *protocol;
    uint64_t first_ns, last_ns, count; /* count since the last flush */
    enum cd_attribute attribute;
    uint8_t confidence;
};

struct cd_conversation_entry {
    struct cd_ip client, server;
    enum cd_transport transport;
    uint16_t port;        /* server's port, or the Ethertype, or the IP protocol number */
    uint8_t confidence;   /* of the protocol's name */
    const char *protocol; /* literal or interned; "" where unknown */
    uint64_t first_ns, last_ns;
    uint64_t client_packets, server_packets, client_bytes, server_bytes; /* since the last flush; bytes on the wire */
    uint64_t flows, one_sided_flows, retransmissions, gaps, gap_bytes, resets, refused; /* since the last flush */
    bool flushed;
};

struct cd_event_entry {
    enum cd_event_kind kind;
    const char *protocol, *detail;
    cd_pair pair;
    uint64_t time_ns, frame;
};

struct cd_observer_limits {
    uint32_t pairs, operations, facts, conversations, events; /* most entries held at a time */
    uint32_t targets_per_code; /* of one (pair, protocol, code): further targets count on the target "(others)" */
    size_t text_bytes;
};

struct cd_observer_counters {
    uint64_t dropped_pairs, dropped_operations, dropped_facts, dropped_conversations, dropped_events, dropped_texts;
    uint64_t collapsed_targets;
};

/* What became of one protocol's bytes. */
struct cd_protocol_entry {
    const char *protocol;
    uint64_t messages, bytes, malformed, malformed_bytes, cut; /* since the last flush */
};
enum { CD_PROTOCOL_ENTRIES_MAX = 512, CD_OBSERVER_CODES_MAX = 512 };

struct cd_observer {
    struct cd_observer_limits limits;
    struct cd_observer_counters counters;
    struct cd_arena arena;
    struct cd_index text_index, pair_index, operation_index, fact_index, conversation_index, event_index;
    struct {
        const char **items;
        uint32_t count, size;
    } texts;
    struct {
        struct cd_pair_entry *items;
        uint32_t count, size;
    } pairs;
    struct {
        struct cd_operation_entry *items;
        uint32_t count, size;
    } operations;
    struct {
        struct cd_fact_entry *items;
        uint32_t count, size;
    } facts;
    struct {
        struct cd_conversation_entry *items;
        uint32_t count, size;
    } conversations;
    struct {
        struct cd_event_entry *items;
        uint32_t count, size;
    } events;
    struct {
        uint64_t key;
        uint32_t count;
    } * event_counts; /* how many of one (kind, protocol, pair) so far */
    uint32_t n_event_counts, event_counts_size;
    struct {
        uint64_t key;
        uint32_t count;
    } * target_counts; /* targets of one (pair, protocol, code) so far */
    uint32_t n_target_counts, target_counts_size;
    struct cd_index target_index;
    struct cd_protocol_entry protocols[CD_PROTOCOL_ENTRIES_MAX];
    uint32_t n_protocols;
    const char *codes[CD_OBSERVER_CODES_MAX]; /* of cd_observe_code: rare, so that they are looked through one by one */
    uint32_t n_codes;
};

extern const struct cd_observer_limits cd_observer_default_limits;

/* A new observer with these caps (NULL: the defaults); the caller frees it. */
struct cd_observer *cd_observer_new(const struct cd_observer_limits *limits);
void cd_observer_free(struct cd_observer *o);

/* The one copy of a text in this observer; "" where the text store is full. */
const char *cd_observer_text(struct cd_observer *o, const char *bytes, size_t len);

/* The conversation with this key, made where it is new; UINT32_MAX when the table is full. */
uint32_t cd_observer_conversation(struct cd_observer *o, const struct cd_ip *client, const struct cd_ip *server,
                                  enum cd_transport transport, uint16_t port, uint64_t time_ns);

/* The counters of one protocol by its literal name. */
struct cd_protocol_entry *cd_observer_protocol(struct cd_observer *o, const char *protocol);

/* An operation's code as text: "3", "confirmed:12", "userdata:4:1", "ADT^A01". */
void cd_operation_code_text(struct cd_text *t, const char *code_space, const char *code_text, uint32_t code);

#endif

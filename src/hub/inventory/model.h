/* What an inventory holds. Internal to this room.
 *
 *   seen      texts, addresses, facts, conversations, operations, events, health: only ever added up (model.c).
 *             Addresses and texts stand once; everything else names them by number, 0 is none.
 *   known     from the store: ids in use, merges undone, corrections by people (load.c)
 *   resolved  assets and how they hang together, made anew by cd_inventory_resolve() (resolve.c)
 *
 * Numbers are given in the order of arrival and hashes are seeded, so nothing that is shown may depend on either:
 * whatever is shown is sorted by content first (order.c). */
#ifndef CD_HUB_INVENTORY_MODEL_H
#define CD_HUB_INVENTORY_MODEL_H

#include "base/address.h"
#include "base/arena.h"
#include "base/index.h"
#include "hub/inventory/inventory.h"
#include "observe/health.h"
#include "observe/vocabulary.h"

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t text_id;
typedef uint32_t address_id; /* an IP address, or a MAC in the form of cd_ip_of_mac */

enum { NONE = UINT32_MAX };

/* ---- seen ---- */

struct fact {
    address_id mac, ip;
    text_id nested, value, protocol;
    uint8_t attribute, confidence;
    uint64_t first_ns, last_ns, count;
};

struct conversation {
    address_id client, server;
    text_id protocol;
    uint16_t port;
    uint8_t transport, confidence;
    uint64_t first_ns, last_ns;
    uint64_t client_packets, server_packets, client_bytes, server_bytes, gap_bytes;
    uint32_t flows, one_sided_flows, retransmissions, gaps, resets, refused; /* these stay at UINT32_MAX */
};

struct operation {
    address_id client, server;
    text_id protocol, name, code, target; /* code as it is shown */
    uint8_t class;
    uint64_t requests, responses, errors, first_ns, last_ns;
    text_id last_error;     /* what the last refusal was called; 0: none was */
    uint64_t last_error_ns; /* the end of the batch that told it: the latest wins, in whatever order batches come */
};

struct event {
    uint8_t kind;
    uint32_t source; /* which capture */
    text_id protocol, detail;
    address_id client, server;
    uint64_t time_ns, frame;
};

struct protocol_health {
    text_id protocol;
    uint64_t messages, bytes, malformed, malformed_bytes, cut;
};

struct layer_health {
    text_id layer;
    uint64_t bad_frames;
};

struct capture_record {
    uint32_t number;
    text_id name;
    uint64_t frames, bytes, first_ns, last_ns;
};

struct problem {
    uint32_t number; /* of the capture; NONE: of the whole */
    text_id text;
};

struct applied {
    text_id sensor;
    uint64_t sequence;
};

/* ---- known from the store ---- */

/* The id of an asset that the store has. */
struct known_id {
    text_id id;
    uint64_t first_ns;
};

/* Ids of two devices that a person took apart again. */
struct kept_apart {
    text_id asset, into;
};

struct correction {
    text_id asset, attribute, value;
    uint64_t time_ns;
};

/* ---- resolved ---- */

enum asset_kind { KIND_DEVICE, KIND_MODULE, KIND_UNIT };

/* An address pair of an asset and when it held. mac is 0 where only the IP is known, ip is 0 where only the MAC is. */
struct interface {
    uint32_t asset;
    address_id mac, ip;
    uint64_t first_ns, last_ns;
    bool current; /* false: the IP has gone to another device since */
};

/* Why two devices were taken for one. `id` is the one that was given up. */
struct merge {
    uint32_t asset;
    char id[17], into[17];
    const char *evidence;
};

/* One value of an attribute in time: what was best to believe then. */
struct held {
    uint32_t asset;
    uint32_t attribute;
    text_id value, protocol;
    uint8_t confidence;
    uint64_t from_ns, to_ns; /* to_ns 0: still holds */
    const char *reason;
};

struct asset {
    char id[17];
    enum asset_kind kind;
    uint32_t parent;                        /* an asset, or NONE */
    uint32_t router;                        /* the asset behind which it is known, or NONE */
    text_id nested;                         /* path below the parent; 0 for those with addresses of their own */
    const char *slot;                       /* "" or its place below the parent */
    uint32_t first_interface, n_interfaces; /* in interfaces, sorted */
    uint32_t first_fact, n_facts;           /* in asset_facts, sorted */
    uint32_t first_talk, n_talks;           /* in talks, sorted */
    uint32_t first_merge, n_merges;
    uint64_t first_ns, last_ns;
    bool forwards;        /* a router: others' packets come from its MAC */
    bool virtual_address; /* an address that a group of routers shares, of which none is known */
    /* the best of each attribute; "" where none (attributes.c) */
    const char *name, *vendor, *model, *order_number, *firmware, *hardware, *serial, *os;
    const char *oui_vendor; /* to whom the MAC is assigned; "" unknown */
    /* what it is (classify.c) */
    const char *type, *role, *category, *purdue; /* purdue "" where it has no level */
    unsigned criticality;                        /* 1 (least) to 5; 0 unknown */
    const char *reason;
};

/* A protocol that an address speaks, and as what. */
struct talk {
    uint32_t asset;
    text_id protocol;
    bool serves, asks;
};

#define TABLE(type)                                                                                                    \
    struct {                                                                                                           \
        struct type *items;                                                                                            \
        uint32_t count, size;                                                                                          \
    }

struct cd_inventory {
    char *site;
    struct cd_arena arena; /* texts */

    struct {
        const char **items;
        uint32_t count, size;
    } texts;
    struct {
        struct cd_ip *items;
        uint32_t count, size;
    } addresses;
    TABLE(fact) facts;
    TABLE(conversation) conversations;
    TABLE(operation) operations;
    TABLE(event) events;
    TABLE(protocol_health) protocols;
    TABLE(layer_health) layers;
    TABLE(capture_record) captures;
    TABLE(problem) problems;
    TABLE(applied) applied;
    struct cd_index text_index, address_index, fact_index, conversation_index, operation_index, applied_index;
    struct cd_health counters; /* only the counters */
    uint64_t dropped;          /* entries that did not fit the caps of model.c */

    TABLE(known_id) known_ids;
    TABLE(kept_apart) kept_apart;
    TABLE(correction) corrections;

    struct cd_arena resolved; /* texts of what follows */
    TABLE(asset) assets;      /* in the order in which they are shown */
    TABLE(interface) interfaces;
    TABLE(merge) merges;
    TABLE(held) held;
    TABLE(talk) talks;
    struct {
        uint32_t *items;
        uint32_t count, size;
    } asset_facts;
    uint32_t *asset_of; /* by address: the asset that has it, or NONE; n_asset_of entries */
    uint32_t n_asset_of;
};

/* The number of a text (0 for an empty one), made where it is new. */
text_id cd_inventory_text(struct cd_inventory *inv, const char *bytes, size_t len);
address_id cd_inventory_address(struct cd_inventory *inv, const struct cd_ip *ip);

/* Add one entry up with what is there. */
void cd_inventory_add_fact(struct cd_inventory *inv, const struct fact *fact);
void cd_inventory_add_conversation(struct cd_inventory *inv, const struct conversation *conversation);
void cd_inventory_add_operation(struct cd_inventory *inv, const struct operation *operation);
void cd_inventory_add_event(struct cd_inventory *inv, const struct event *event);
void cd_inventory_add_protocol(struct cd_inventory *inv, const struct protocol_health *protocol);
void cd_inventory_add_layer(struct cd_inventory *inv, text_id layer, uint64_t bad_frames);
void cd_inventory_add_capture(struct cd_inventory *inv, const struct capture_record *capture);
void cd_inventory_add_counters(struct cd_inventory *inv, const struct cd_health *counters);

static inline const char *text_of(const struct cd_inventory *inv, text_id id)
{
    return inv->texts.items[id];
}

static inline const struct cd_ip *ip_of(const struct cd_inventory *inv, address_id id)
{
    return &inv->addresses.items[id];
}

#endif

/* The table of flows: found by 5-tuple in either direction, bounded, the idle ones let go.
 *
 *   packet -> cd_flow_table_find  -> the flow and which end sent the packet
 *   capture time goes on -> cd_flow_table_sweep -> idle and closed flows are finished
 *
 * Memory: flows live in blocks that never move; a freed flow is used again. At the cap the oldest of the next few under the clock hand gives way (counted as
 * evicted). Work per packet does not depend on how many flows there are. */
#ifndef CD_FLOW_TABLE_H
#define CD_FLOW_TABLE_H

#include "base/index.h"
#include "flow/flow.h"

struct cd_observer;

struct cd_flow_counters {
    uint64_t created, evicted, one_sided, active_most;
};

/* Called for a flow that ends, before it is folded into its conversation and freed. */
typedef void cd_flow_end_fn(void *context, struct cd_flow *flow);

struct cd_flow_table {
    struct cd_index index;
    struct cd_flow **blocks;
    uint32_t n_blocks, used, free_head, active, cap, hand, swept;
    struct cd_observer *observer;
    cd_flow_end_fn *on_end;
    void *on_end_context;
    uint64_t known_ports[2][1024]; /* bitmaps of well-known server ports: TCP, UDP */
    struct cd_flow_counters counters;
};

/* An empty table of at most `cap` flows that folds into `observer`. */
void cd_flow_table_init(struct cd_flow_table *table, uint32_t cap, struct cd_observer *observer, cd_flow_end_fn *on_end,
                        void *context);
/* Frees the table without ending its flows (cd_flow_table_finish does that). */
void cd_flow_table_free(struct cd_flow_table *table);

/* Marks a server port, for telling the ends apart where no handshake was seen. */
void cd_flow_table_know_port(struct cd_flow_table *table, enum cd_transport transport, uint16_t port);

/* Where a packet's flow is looked for: the hash of its key, the same for both directions, and a guess at the flow's number. */
struct cd_flow_place {
    uint64_t hash;
    uint32_t hint; /* CD_INDEX_NONE: no guess */
};
struct cd_flow_place cd_flow_place_of(const struct cd_packet *packet);

/* Fetches the flow that is most likely there into the cache, and makes it the hint; cd_index_prefetch of the same hash came a while before. */
void cd_flow_table_prefetch(const struct cd_flow_table *table, struct cd_flow_place *place);

/* The packet's flow, made where it is new: also where the flow of these ports was idle too long, or where a handshake begins another connection on them
 * (the old flow is ended). *ret_end is 0 where the client sent it, 1 for the server. Never NULL. */
struct cd_flow *cd_flow_table_find(struct cd_flow_table *table, const struct cd_packet *packet,
                                   struct cd_flow_place place, unsigned *ret_end);

/* Ends the flow now; it is no longer valid. */
void cd_flow_table_end(struct cd_flow_table *table, struct cd_flow *flow);

/* Ends what has been idle too long at capture time now_ns, among the next 64 flows (256 of a large table): called once for each batch of packets, this costs the same however
 * many flows there are. */
void cd_flow_table_sweep(struct cd_flow_table *table, uint64_t now_ns);

/* Adds every flow's counters since the last fold to its conversation, without ending it. */
void cd_flow_table_fold(struct cd_flow_table *table);

/* Ends all flows, in order of their making. */
void cd_flow_table_finish(struct cd_flow_table *table);

/* A loop over all live flows. */
void cd_flow_table_each(struct cd_flow_table *table, cd_flow_end_fn *visit, void *context);

#endif

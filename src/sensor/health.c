/* The counters that tell how far the result can be trusted: from the rooms' running totals to deltas since the last flush.
 * What the observer dropped is added by the flush itself. */
#include "sensor/sensor.h"

#include "base/memory.h"

void cd_sensor_settle(struct cd_sensor *s)
{
    struct cd_health *h = &s->health;
    const struct cd_flow_counters *f = &s->flows.counters;
    const struct cd_stream_counters *t = &s->streams.counters;
    const struct cd_defrag_counters *d = &s->defrag.counters;
    cd_flow_table_fold(&s->flows);
    h->flows += f->created - s->flows_told.created;
    h->evicted_flows += f->evicted - s->flows_told.evicted;
    h->one_sided_flows += f->one_sided - s->flows_told.one_sided;
    h->gaps += t->gaps - s->streams_told.gaps;
    h->gap_bytes += t->gap_bytes - s->streams_told.gap_bytes;
    h->retransmissions += t->retransmissions - s->streams_told.retransmissions;
    h->overlap_conflicts += t->overlap_conflicts - s->streams_told.overlap_conflicts;
    h->evicted_stream_bytes += t->dropped_bytes - s->streams_told.dropped_bytes;
    h->fragments += d->fragments - s->defrag_told.fragments;
    h->reassembled_datagrams += d->reassembled - s->defrag_told.reassembled;
    h->incomplete_datagrams += d->timed_out + d->evicted + d->refused - s->defrag_told.timed_out -
                               s->defrag_told.evicted - s->defrag_told.refused;
    h->fragment_overlaps += d->overlap_conflicts - s->defrag_told.overlap_conflicts;
    h->allocations += cd_memory_allocations() - s->setup_allocations;
    s->setup_allocations = cd_memory_allocations();
    s->flows_told = *f;
    s->streams_told = *t;
    s->defrag_told = *d;
}

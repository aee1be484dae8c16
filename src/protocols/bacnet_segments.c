/* Segmented messages (ASHRAE 135 clause 5.2.1): the bodies of segments put together until the last one has come.
 *
 * Few are on their way at a time, so a few buffers serve all flows; when all are in use the oldest gives way, and its message is counted but tells nothing. Segments
 * must come in order: after a gap or a repetition the message is given up, too. */
#include "protocols/bacnet.h"

#include <string.h>

enum { SLOTS = 8, SLOT_BYTES = 32768 };

struct slot {
    const struct cd_flow *flow;
    uint64_t exchange; /* with the flow: the key; flow NULL: free */
    uint64_t age;
    uint32_t len;
    uint8_t next_sequence;
    uint8_t bytes[SLOT_BYTES];
};

static _Thread_local struct slot slots[SLOTS];
static _Thread_local uint64_t segments_seen; /* the age of slots */

static struct slot *find(const struct cd_message *m, uint64_t exchange)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (slots[i].flow && slots[i].flow == m->flow && slots[i].exchange == exchange)
            return &slots[i];
    return NULL;
}

static struct slot *take(const struct cd_message *m, uint64_t exchange)
{
    struct slot *oldest = find(m, exchange);
    for (size_t i = 0; i < SLOTS && !oldest; i++)
        if (!slots[i].flow)
            oldest = &slots[i];
    if (!oldest) {
        oldest = &slots[0];
        for (size_t i = 1; i < SLOTS; i++)
            if (slots[i].age < oldest->age)
                oldest = &slots[i];
    }
    oldest->flow = m->flow;
    oldest->exchange = exchange;
    oldest->len = 0;
    oldest->next_sequence = 0;
    return oldest;
}

bool cd_bacnet_segment(const struct cd_message *m, const struct cd_bacnet_message *b, uint64_t exchange,
                       struct cd_reader *ret)
{
    struct slot *slot = find(m, exchange);
    bool wrapped = slot && slot->next_sequence == 0; /* after 256 segments */
    if (b->sequence == 0 && !wrapped)
        slot = take(m, exchange);
    if (!slot)
        return false;
    if (b->sequence != slot->next_sequence) {
        if (b->sequence != (uint8_t)(slot->next_sequence - 1))
            slot->flow = NULL; /* a segment is missing; the last one again is no harm */
        return false;
    }
    if (b->body.len > SLOT_BYTES - slot->len || m->cut) {
        slot->flow = NULL;
        return false;
    }
    memcpy(slot->bytes + slot->len, b->body.base, b->body.len);
    slot->len += (uint32_t)b->body.len;
    slot->next_sequence++;
    slot->age = ++segments_seen;
    if (b->more)
        return false;
    slot->flow = NULL;
    *ret = cd_reader_of(slot->bytes, slot->len);
    return true;
}

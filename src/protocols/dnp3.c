/* DNP3: recognising it, framing it, and gathering fragments from transport segments. */
#include "protocols/dnp3.h"

#include "base/memory.h"

#include <string.h>

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)transport;
    (void)from_client;
    if (len < CD_DNP3_HEADER || cd_dnp3_frame_length(bytes) == 0)
        return CD_PROBE_NO;
    return cd_dnp3_crc(bytes, 8) == (uint16_t)(bytes[9] << 8 | bytes[8]) ? CD_PROBE_SURE : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (bytes[0] != 0x05 || (len >= 2 && bytes[1] != 0x64))
        return CD_FRAME_NOT_OURS;
    if (len < 3)
        return CD_FRAME_MORE;
    size_t length = cd_dnp3_frame_length(bytes);
    return length ? (ssize_t)length : CD_FRAME_NOT_OURS;
}

static void append(struct cd_dnp3_assembly *a, const uint8_t *bytes, size_t len)
{
    size_t room = CD_DNP3_FRAGMENT_MAX - (size_t)a->len;
    if (!a->bytes)
        a->bytes = cd_alloc(1, CD_DNP3_FRAGMENT_MAX);
    if (len > room) {
        len = room;
        a->overflow = true;
    }
    memcpy(a->bytes + a->len, bytes, len);
    a->len = (uint16_t)(a->len + len);
}

/* Clause 8.2: FIR begins a fragment, each further segment must be of the same stations and the next in sequence, FIN ends it. Others are dropped, as a
 * receiver drops them. */
static void take_segment(struct cd_message *m, const struct cd_dnp3_link *link, const uint8_t *data)
{
    enum { FIN = 0x80, FIR = 0x40, SEQUENCE = 0x3f };
    struct cd_dnp3_state *s = m->state;
    struct cd_dnp3_assembly *a = &s->assembly[!m->sent_by_client_end];
    uint8_t header = data[0], sequence = header & SEQUENCE;
    const uint8_t *bytes = data + 1;
    size_t len = link->user_data - 1u;
    if ((header & (FIN | FIR)) == (FIN | FIR)) {
        struct cd_reader whole = cd_reader_of(bytes, len);
        a->open = false;
        cd_dnp3_report(m, link, &whole, false);
        return;
    }
    if (header & FIR) {
        a->open = true;
        a->overflow = false;
        a->len = 0;
        a->source = link->source;
        a->destination = link->destination;
    } else if (!a->open || a->source != link->source || a->destination != link->destination ||
               a->next_sequence != sequence) {
        return;
    }
    a->next_sequence = (sequence + 1) & SEQUENCE;
    append(a, bytes, len);
    if (!(header & FIN))
        return;
    struct cd_reader whole = cd_reader_of(a->bytes, a->len);
    a->open = false;
    if (a->overflow)
        cd_report_event(m, CD_EVENT_VIOLATION, "fragment longer than 2048 bytes");
    cd_dnp3_report(m, link, &whole, a->overflow);
}

/* A stream gives one link frame at a time; a datagram may hold several. */
static void dissect(struct cd_message *m, struct cd_reader *r)
{
    enum { PRIMARY_CONFIRMED = 0x43, PRIMARY_UNCONFIRMED = 0x44 };
    uint8_t data[CD_DNP3_USER_DATA_MAX];
    do {
        struct cd_dnp3_link link;
        if (!cd_dnp3_parse_link(r, &link, data)) {
            cd_report_malformed(m, r->bad);
            return;
        }
        if ((link.function == PRIMARY_CONFIRMED || link.function == PRIMARY_UNCONFIRMED) && link.user_data)
            take_segment(m, &link, data);
    } while (cd_read_left(r));
}

static void end(void *state)
{
    struct cd_dnp3_state *s = state;
    cd_free(s->assembly[0].bytes);
    cd_free(s->assembly[1].bytes);
}

const struct cd_dissector cd_dissector_dnp3 = {
    .name = "dnp3",
    .tcp_ports = {20000},
    .udp_ports = {20000},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_DNP3_FRAME_MAX,
    .state_size = sizeof(struct cd_dnp3_state),
    .end = end,
};

/* PROFINET IO: recognising its frames and datagrams, and cyclic data, which is most of a plant's traffic. */
#include "protocols/profinet_io.h"

#include "base/memory.h"

/* Frame ids (IEC 61158-6-10 4.2.2.3). */
enum {
    FRAME_SYNC_LAST = 0x00ff, /* PTCP: 0x0020, 0x0021, 0x0080, 0x0081 */
    FRAME_RT3_LAST = 0x7fff,  /* RT_CLASS_3; from 0x1000 on older ones */
    FRAME_RT1_LAST = 0xfbff,  /* RT_CLASS_1; from 0xc000 on the older numbering */
    FRAME_ALARM_HIGH = 0xfc01,
    FRAME_ALARM_LOW = 0xfe01,
    FRAME_DCP_FIRST = 0xfefc,
    FRAME_PTCP_FIRST = 0xff00,
    FRAME_PTCP_LAST = 0xff43,
    FRAME_FRAGMENT_FIRST = 0xff80,
    FRAME_FRAGMENT_LAST = 0xff8f
};

/* Data status (4.2.2.5) at the end of a frame, after the cycle counter and before the transfer status. */
enum { STATUS_LENGTH = 4, STATUS_RESERVED = 0x48, STATUS_RUN = 0x10, STATUS_NO_PROBLEM = 0x20, TELL_AGAIN = 4096 };

/* ---- cyclic data ---- */

struct cd_pnio_cycle *cd_pnio_cycle_of(struct cd_message *m, uint16_t frame_id)
{
    struct cd_pnio_state *s = m->state;
    struct cd_pnio_cycle *c = &s->cycles[m->sent_by_client_end][frame_id % CD_PNIO_CYCLES];
    if (c->frame_id != frame_id)
        *c = (struct cd_pnio_cycle){.frame_id = frame_id};
    return c;
}

static void tell_status(struct cd_message *m, struct cd_pnio_cycle *c, uint8_t status)
{
    struct cd_subject sender = cd_subject_mac(m->packet->src_mac);
    bool run = status & STATUS_RUN, problem = !(status & STATUS_NO_PROBLEM);
    if (m->transport != CD_TRANSPORT_ETH)
        sender = cd_subject_sender(m);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_STATE,
                   run       ? problem ? "run, problem" : "run"
                   : problem ? "stop, problem"
                             : "stop",
                   85);
    if (problem && (!c->told || c->told_status & STATUS_NO_PROBLEM))
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, "the station's problem indicator is set");
    c->told_status = status;
    c->told = true;
}

/* The state is told when it changes, and now and then so that its time is kept up. It must have stood in two frames: where a capture has bytes after the frame, its
 * end is noise. */
static void follow_status(struct cd_message *m, struct cd_pnio_cycle *c, const uint8_t *end)
{
    uint8_t status = end[2];
    bool steady = status == c->last_status && c->frames > 0;
    c->last_status = status;
    c->frames++;
    if (__builtin_expect(c->told && status == c->told_status && c->frames % TELL_AGAIN != 0, 1))
        return;
    if (steady && !(status & STATUS_RESERVED) && end[3] == 0)
        tell_status(m, c, status);
}

static void first_frame(struct cd_message *m, struct cd_pnio_cycle *c, struct cd_operation *op)
{
    char target[24];
    struct cd_text t = cd_text_of(target, sizeof target);
    cd_text_str(&t, "frame id 0x");
    cd_text_hex(&t, c->frame_id, 4);
    op->target = target;
    cd_report_cyclic(m, op, &c->entry);
    op->target = "";
}

static void cyclic(struct cd_message *m, struct cd_reader *r, uint16_t frame_id)
{
    struct cd_pnio_cycle *c = cd_pnio_cycle_of(m, frame_id);
    struct cd_operation op = {.name = "cyclic data",
                              .code_space = "rt",
                              .code = frame_id > FRAME_RT3_LAST ? 1 : 3,
                              .class = CD_CLASS_OTHER,
                              .target = ""};
    m->from_client = true; /* stations send without being asked */
    if (__builtin_expect(c->entry == 0, 0))
        first_frame(m, c, &op);
    else
        cd_report_cyclic(m, &op, &c->entry);
    if (m->cut)
        return;
    size_t left = cd_read_left(r);
    cd_read_skip(r, left < STATUS_LENGTH ? 0 : left - STATUS_LENGTH, "data");
    const uint8_t *end = cd_read_at(r, STATUS_LENGTH, "data status");
    if (end)
        follow_status(m, c, end);
    else
        cd_report_malformed(m, r->bad);
}

/* ---- other frames ---- */

static void named(struct cd_message *m, const char *name, uint16_t frame_id)
{
    struct cd_operation op = {
        .name = name, .code_space = "frame", .code = frame_id, .class = CD_CLASS_OTHER, .target = ""};
    m->from_client = true;
    cd_report_cyclic(m, &op, &cd_pnio_cycle_of(m, frame_id)->entry);
}

static void frame(struct cd_message *m, struct cd_reader *r)
{
    uint16_t frame_id = cd_read_be16(r, "frame id");
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
    else if (frame_id > FRAME_SYNC_LAST && frame_id <= FRAME_RT1_LAST)
        cyclic(m, r, frame_id);
    else if (frame_id == FRAME_ALARM_HIGH || frame_id == FRAME_ALARM_LOW)
        cd_pnio_alarm(m, r, frame_id);
    else if (frame_id <= FRAME_SYNC_LAST || (frame_id >= FRAME_PTCP_FIRST && frame_id <= FRAME_PTCP_LAST))
        cd_pnio_ptcp(m, r, frame_id);
    else if (frame_id >= FRAME_FRAGMENT_FIRST && frame_id <= FRAME_FRAGMENT_LAST)
        named(m, "frame fragment", frame_id);
    else
        named(m, "reserved frame id", frame_id);
}

/* ---- recognising ---- */

/* DCP has the frame ids from 0xfefc to 0xfeff of the shared Ethertype; all others are ours. MRP's own begins with its version, 1, which is no frame id. */
static int probe_link(const uint8_t *bytes, size_t len)
{
    if (len < 2)
        return CD_PROBE_NO;
    int frame_id = bytes[0] << 8 | bytes[1];
    return frame_id >= FRAME_DCP_FIRST && frame_id < FRAME_PTCP_FIRST ? CD_PROBE_NO : CD_PROBE_SURE + 1;
}

/* The interface's UUID makes it sure; the endpoint mapper is anybody's and counts on our port alone, as do real-time frames over UDP. */
static int probe_datagram(const uint8_t *bytes, size_t len)
{
    enum { HEADER = 80, LITTLE = 4, INTERFACE = 24, BODY_LENGTH = 74 };
    static const uint8_t big[15] = {0xde, 0xa0, 0, 0, 0x6c, 0x97, 0x11, 0xd1, 0x82, 0x71, 0, 0xa0, 0x24, 0x42, 0xdf};
    static const uint8_t little[15] = {0, 0, 0xa0, 0xde, 0x97, 0x6c, 0xd1, 0x11, 0x82, 0x71, 0, 0xa0, 0x24, 0x42, 0xdf};
    if (len >= 12 && bytes[0] >= 0xc0)
        return CD_PROBE_MAYBE;
    if (len < HEADER || bytes[0] != 4 || (bytes[1] & 0x1f) >= CD_PNIO_RPC_TYPES || (bytes[LITTLE] & 0xe0) ||
        bytes[LITTLE + 2])
        return CD_PROBE_NO;
    const uint8_t *u = bytes + INTERFACE;
    bool reversed = bytes[LITTLE] & 0x10;
    unsigned number = reversed ? u[0] : u[3];
    const uint8_t *want = reversed ? little : big;
    for (unsigned i = 0; i < sizeof big; i++)
        if (i != (reversed ? 0u : 3u) && u[i] != want[i])
            return CD_PROBE_MAYBE;
    return number >= 1 && number <= 4 ? CD_PROBE_SURE : CD_PROBE_MAYBE;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_ETH)
        return probe_link(bytes, len);
    return transport == CD_TRANSPORT_UDP ? probe_datagram(bytes, len) : CD_PROBE_NO;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    if (m->transport == CD_TRANSPORT_UDP && cd_read_peek(r, 0) < 0xc0)
        cd_pnio_rpc_message(m, r);
    else if (m->packet->ethertype == CD_PNIO_ETHERTYPE_MRP)
        cd_pnio_mrp(m, r);
    else
        frame(m, r);
}

static void end(void *state)
{
    struct cd_pnio_state *s = state;
    cd_free(s->fragments[0].bytes);
    cd_free(s->fragments[1].bytes);
}

const struct cd_dissector cd_dissector_profinet_io = {
    .name = "profinet-io",
    .udp_ports = {CD_PNIO_PORT_CM, CD_PNIO_PORT_RT_UNICAST, CD_PNIO_PORT_RT_MULTICAST},
    .ethertypes = {0x8892, CD_PNIO_ETHERTYPE_MRP},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct cd_pnio_state),
    .end = end,
};

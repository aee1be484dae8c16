/* TRDP: which devices of a train exchange which telegrams (comIds), who asks and who answers. */
#include "protocols/trdp.h"

#include "base/hash.h"
#include "base/text.h"

#include <string.h>

enum { VERSION_MAJOR = 1, COMMON_HEADER = 24, CYCLES = 8 };

struct state {
    struct {
        uint32_t com_id, entry;
        bool sent_by_client_end;
    } cycles[CYCLES]; /* process data seen last: its entries are not looked up again */
    uint8_t next;
};

/* ---- parsing ---- */

/* Half a byte at a time: headers are short, and the table is too. */
static uint32_t crc32(const uint8_t *bytes, size_t n)
{
    static const uint32_t halves[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ halves[crc & 15];
        crc = crc >> 4 ^ halves[crc & 15];
    }
    return ~crc;
}

static bool is_process(const uint8_t type[2])
{
    return type[0] == 'P' && type[1] && strchr("dpre", type[1]);
}

static bool is_message(const uint8_t type[2])
{
    return type[0] == 'M' && type[1] && strchr("nrpqce", type[1]);
}

static void read_message_header(struct cd_reader *r, struct cd_trdp_message *t)
{
    t->reply_status = (int32_t)cd_read_be32(r, "reply status");
    const uint8_t *session = cd_read_at(r, 16, "session");
    if (session)
        t->session = cd_hash_bytes(0, session, 16);
    cd_read_skip(r, 4 + 64, "timeout and users");
}

bool cd_trdp_parse(struct cd_reader *r, struct cd_trdp_message *ret)
{
    struct cd_trdp_message t = {0};
    size_t start = r->pos;
    cd_read_skip(r, 4, "sequence");
    if (cd_read_u8(r, "version") != VERSION_MAJOR)
        cd_read_fail(r, "version");
    cd_read_skip(r, 1, "version");
    const uint8_t *type = cd_read_at(r, 2, "type");
    if (type && !is_process(type) && !is_message(type))
        cd_read_fail(r, "type");
    if (type)
        memcpy(t.type, type, 2);
    t.process = t.type[0] == 'P';
    t.com_id = cd_read_be32(r, "comId");
    cd_read_skip(r, 8, "topology counters");
    t.data_length = cd_read_be32(r, "length");
    if (t.data_length > CD_TRDP_DATA_MAX)
        cd_read_fail(r, "length");
    if (t.process) {
        cd_read_skip(r, 4, "reserved");
        t.reply_com_id = cd_read_be32(r, "reply comId");
        cd_read_skip(r, 4, "reply address");
    } else {
        read_message_header(r, &t);
    }
    size_t covered = r->pos - start;
    uint32_t checksum = cd_read_le32(r, "checksum");
    cd_read_skip(r, t.data_length, "data");
    if (!cd_read_ok(r))
        return false;
    t.checksum_fits = crc32(r->base + start, covered) == checksum;
    *ret = t;
    return true;
}

/* ---- recognising and framing ---- */

static bool begins(const uint8_t *bytes, size_t len)
{
    if (len < COMMON_HEADER || bytes[4] != VERSION_MAJOR || (!is_process(bytes + 6) && !is_message(bytes + 6)))
        return false;
    return bytes[20] == 0 && bytes[21] == 0; /* the length's upper half */
}

static size_t header_len(const uint8_t *bytes)
{
    return bytes[6] == 'P' ? CD_TRDP_PROCESS_HEADER : CD_TRDP_MESSAGE_HEADER;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (!begins(bytes, len) || (transport == CD_TRANSPORT_TCP && bytes[6] != 'M') || len < header_len(bytes))
        return CD_PROBE_NO;
    size_t covered = header_len(bytes) - 4;
    struct cd_reader r = cd_reader_of(bytes + covered, 4);
    return crc32(bytes, covered) == cd_read_le32(&r, "checksum") ? CD_PROBE_SURE : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state, (void)from_client;
    if (len < COMMON_HEADER)
        return CD_FRAME_MORE;
    if (!begins(bytes, len) || bytes[6] != 'M')
        return CD_FRAME_NOT_OURS;
    size_t length = (size_t)(bytes[22] << 8 | bytes[23]);
    return (ssize_t)(CD_TRDP_MESSAGE_HEADER +
                     ((length + 3) & ~(size_t)3)); /* data is filled up to four bytes (A.7.2) */
}

/* ---- what is told ---- */

static const char *type_name(const struct cd_trdp_message *t)
{
    switch (t->type[1]) {
    case 'd': return "process data";
    case 'p': return t->process ? "process data reply" : "message reply";
    case 'r': return t->process ? "process data request" : "message request";
    case 'e': return t->process ? "process data error" : "message error";
    case 'n': return "notification";
    case 'q': return "message reply with confirmation";
    default: return "message confirmation";
    }
}

/* A.7.2.4; positive numbers are the application's own. */
static const char *status_name(int32_t status)
{
    static const char *const names[] = {NULL,
                                        "reserved",
                                        "session abort",
                                        "no replier instance",
                                        "no memory at replier",
                                        "no memory at local side",
                                        "no reply",
                                        "not all replies",
                                        "no confirmation",
                                        "wrong topology",
                                        "sending failed"};
    if (status >= 0)
        return NULL;
    return status > -11 ? names[-status] : "unknown error";
}

/* Process data comes every few milliseconds: its entry is kept. */
static void report_cyclic(struct cd_message *m, const struct cd_trdp_message *t, const struct cd_operation *op)
{
    struct state *state = m->state;
    for (unsigned i = 0; i < CYCLES; i++)
        if (state->cycles[i].entry && state->cycles[i].com_id == t->com_id &&
            state->cycles[i].sent_by_client_end == m->sent_by_client_end) {
            cd_report_cyclic(m, op, &state->cycles[i].entry);
            return;
        }
    unsigned at = state->next++ % CYCLES;
    state->cycles[at].com_id = t->com_id;
    state->cycles[at].entry = 0;
    state->cycles[at].sent_by_client_end = m->sent_by_client_end;
    cd_report_cyclic(m, op, &state->cycles[at].entry);
}

/* Who asks is the client; what is sent unasked is its sender's. */
static void report_message(struct cd_message *m, const struct cd_trdp_message *t, const struct cd_operation *op)
{
    uint64_t id = t->process ? t->com_id : t->session;
    bool reply = t->type[1] == 'p' || t->type[1] == 'q' || (t->type[1] == 'e' && !t->process);
    m->from_client = !reply;
    if (t->type[1] == 'd')
        report_cyclic(m, t, op);
    else if (reply)
        cd_report_response(m, op, id, t->type[1] == 'e' ? "error" : status_name(t->reply_status));
    else if (t->type[1] == 'r')
        cd_report_request(m, op, t->process ? t->reply_com_id : id);
    else
        cd_report_notice(m, op);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_trdp_message t;
    char target[24];
    struct cd_text text = cd_text_of(target, sizeof target);
    if (!cd_trdp_parse(r, &t)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (!t.checksum_fits) {
        m->from_client = true;
        cd_report_event_once(m, CD_EVENT_VIOLATION, "header checksum does not fit");
        return;
    }
    cd_text_str(&text, "comId ");
    cd_text_u64(&text, t.com_id);
    struct cd_operation op = {.name = type_name(&t),
                              .code_text = cd_observe_code(m->observer, t.type, 2),
                              .class = t.type[1] == 'r' && t.process ? CD_CLASS_READ : CD_CLASS_OTHER,
                              .target = target};
    report_message(m, &t, &op);
}

const struct cd_dissector cd_dissector_trdp = {
    .name = "trdp",
    .tcp_ports = {17225},
    .udp_ports = {17224, 17225},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_TRDP_MESSAGE_HEADER + CD_TRDP_DATA_MAX + 4,
    .state_size = sizeof(struct state),
};

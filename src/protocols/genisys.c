/* Genisys: polls, indications and controls of railway signalling. */
#include "protocols/genisys.h"

#include "base/text.h"

enum { TARGET_MAX = 64, LISTED = 6, FRAME_MAX = 2 * CD_GENISYS_BODY_MAX, CRC_POLYNOMIAL = 0xa001 };

static uint16_t crc_add(uint16_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++)
        crc = crc & 1 ? (uint16_t)(crc >> 1 ^ CRC_POLYNOMIAL) : crc >> 1;
    return crc;
}

static bool is_header(uint8_t byte)
{
    return (byte >= CD_GENISYS_ACKNOWLEDGE && byte <= CD_GENISYS_CHECKBACK) ||
           (byte >= CD_GENISYS_COMMON_CONTROL && byte <= CD_GENISYS_EXECUTE);
}

/* The body with its escapes taken out, up to the end; the CRC is the last two bytes of it. */
static size_t unescape(struct cd_reader *r, uint8_t body[CD_GENISYS_BODY_MAX])
{
    size_t n = 0;
    for (;;) {
        uint8_t byte = cd_read_u8(r, "end");
        if (byte == CD_GENISYS_END || !cd_read_ok(r))
            return n;
        if (byte == CD_GENISYS_ESCAPE)
            byte |= cd_read_u8(r, "escaped byte") & 0x0f;
        else if (byte > CD_GENISYS_ESCAPE)
            cd_read_fail(r, "byte that should be escaped");
        if (n == CD_GENISYS_BODY_MAX)
            cd_read_fail(r, "length");
        if (!cd_read_ok(r))
            return n;
        body[n++] = byte;
    }
}

bool cd_genisys_parse(struct cd_reader *r, struct cd_genisys_message *ret)
{
    uint8_t body[CD_GENISYS_BODY_MAX] = {0};
    struct cd_genisys_message g = {.header = cd_read_u8(r, "header")};
    if (!is_header(g.header))
        cd_read_fail(r, "header");
    size_t n = unescape(r, body);
    bool secured = g.header != CD_GENISYS_ACKNOWLEDGE && !(g.header == CD_GENISYS_POLL && n < 3);
    if (n < (secured ? 3u : 1u))
        cd_read_fail(r, "station");
    if (!cd_read_ok(r))
        return false;
    g.station = body[0];
    size_t end = secured ? n - 2 : n;
    uint16_t crc = crc_add(UINT16_MAX, g.header);
    for (size_t i = 0; i < end; i++)
        crc = crc_add(crc, body[i]);
    g.bad_crc = secured && crc != (uint16_t)(body[end + 1] << 8 | body[end]);
    for (size_t i = 1; i < end; i++)
        g.pairs[g.pairs_len++] = body[i];
    *ret = g;
    return true;
}

static const char *header_name(uint8_t header)
{
    switch (header) {
    case CD_GENISYS_ACKNOWLEDGE: return "acknowledge client";
    case CD_GENISYS_INDICATION: return "indication data";
    case CD_GENISYS_CHECKBACK: return "control data checkback";
    case CD_GENISYS_COMMON_CONTROL: return "common control data";
    case CD_GENISYS_ACKNOWLEDGE_POLL: return "acknowledge indication and poll";
    case CD_GENISYS_POLL: return "poll";
    case CD_GENISYS_CONTROL: return "control data";
    case CD_GENISYS_RECALL: return "recall";
    case CD_GENISYS_EXECUTE: return "execute controls";
    default: return "unknown header";
    }
}

static bool is_control(uint8_t header)
{
    return header == CD_GENISYS_COMMON_CONTROL || header == CD_GENISYS_CONTROL || header == CD_GENISYS_EXECUTE;
}

static void text_target(struct cd_text *t, const struct cd_genisys_message *g)
{
    cd_text_str(t, "station ");
    cd_text_u64(t, g->station);
    if (!is_control(g->header) || g->pairs_len < 2)
        return;
    cd_text_str(t, " byte ");
    for (size_t i = 0; i + 1 < g->pairs_len && i < (size_t)2 * LISTED; i += 2) {
        if (i)
            cd_text_char(t, ',');
        cd_text_u64(t, g->pairs[i]);
    }
    if (g->pairs_len > (size_t)2 * LISTED)
        cd_text_str(t, ",...");
}

static void tell_station(struct cd_message *m, uint8_t station)
{
    struct cd_subject server = cd_subject_server(m);
    char number[4];
    struct cd_text t = cd_text_of(number, sizeof number);
    uint8_t *told = m->state; /* the station told, and 1 */
    if (told[0] && told[1] == station)
        return;
    told[0] = 1;
    told[1] = station;
    cd_text_u64(&t, station);
    cd_report_fact(m, &server, CD_ATTRIBUTE_INSTANCE, number, 80);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "rtu", 75);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    enum { ALL_STATIONS = 0 };
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_genisys_message g;
    if (!cd_genisys_parse(r, &g)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {.name = header_name(g.header),
                              .code = g.header,
                              .class = is_control(g.header) ? CD_CLASS_CONTROL : CD_CLASS_READ,
                              .target = target};
    text_target(&t, &g);
    if (g.bad_crc)
        cd_report_event(m, CD_EVENT_VIOLATION, "wrong CRC");
    m->from_client = g.header >= CD_GENISYS_COMMON_CONTROL;
    if (!m->from_client) {
        cd_report_response(m, &op, g.station, NULL);
        if (!g.bad_crc)
            tell_station(m, g.station);
    } else if (g.station == ALL_STATIONS) {
        cd_report_notice(m, &op);
    } else {
        cd_report_request(m, &op, g.station);
    }
}

/* A whole message with its CRC is proof; the short ones without are believed on the port. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    struct cd_genisys_message g;
    struct cd_reader r = cd_reader_of(bytes, len);
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < 3 || !is_header(bytes[0]) || !cd_genisys_parse(&r, &g) || g.bad_crc)
        return CD_PROBE_NO;
    return r.pos >= 5 && cd_read_left(&r) == 0 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (!is_header(bytes[0]))
        return CD_FRAME_NOT_OURS;
    for (size_t i = 1; i < len && i < FRAME_MAX; i++)
        if (bytes[i] == CD_GENISYS_END)
            return (ssize_t)i + 1;
    return len < FRAME_MAX ? CD_FRAME_MORE : CD_FRAME_NOT_OURS;
}

const struct cd_dissector cd_dissector_genisys = {
    .name = "genisys",
    .tcp_ports = {CD_GENISYS_PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = FRAME_MAX,
    .state_size = 2,
};

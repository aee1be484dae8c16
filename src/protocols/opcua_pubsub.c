#include "protocols/opcua_pubsub.h"

#include "base/text.h"

/*  bits 0-3 version, 4 publisher id, 5 group header, 6 payload header, 7 more flags
 *  +-------+--------+--------+--------------+--------+----------+----------------+----------------+---------//
 *  | flags | flags1 | flags2 | publisher id | class  | group    | writers        | time, security | data set messages
 *  +-------+--------+--------+--------------+--------+----------+----------------+----------------+---------// */
enum {
    VERSION = 1,
    WITH_PUBLISHER = 0x10,
    WITH_GROUP = 0x20,
    WITH_PAYLOAD_HEADER = 0x40,
    WITH_MORE = 0x80,
    ETHERTYPE = 0xb62c,
    TARGET_MAX = 160,
    NAME_MAX = 64
};

struct state {
    bool told; /* that it is not secured */
};

/* ---- parsing ---- */

enum { /* ExtendedFlags1 */
       PUBLISHER_TYPE = 0x07,
       WITH_CLASS = 0x08,
       WITH_SECURITY = 0x10,
       WITH_TIME = 0x20,
       WITH_PICOSECONDS = 0x40
};

enum { /* ExtendedFlags2 */
       CHUNK = 0x01,
       WITH_PROMOTED = 0x02,
       TYPE_SHIFT = 2,
       TYPE = 0x07,
       RESERVED_2 = 0xe0
};

static void read_publisher(struct cd_reader *r, unsigned type, struct cd_opcua_network_header *h)
{
    h->has_publisher = true;
    switch (type) {
    case 0: h->publisher = cd_read_u8(r, "publisher id"); break;
    case 1: h->publisher = cd_read_le16(r, "publisher id"); break;
    case 2: h->publisher = cd_read_le32(r, "publisher id"); break;
    case 3: h->publisher = cd_read_le64(r, "publisher id"); break;
    case 4:
        h->publisher_is_text = true;
        h->publisher_text = cd_read_sub(r, cd_read_le32(r, "publisher id"), "publisher id");
        break;
    default: cd_read_fail(r, "publisher id type"); break;
    }
}

static void read_group(struct cd_reader *r, struct cd_opcua_network_header *h)
{
    enum { ID = 1, VERSION_TIME = 2, NUMBER = 4, SEQUENCE = 8, RESERVED = 0xf0 };
    uint8_t flags = cd_read_u8(r, "group flags");
    if (flags & RESERVED)
        cd_read_fail(r, "group flags");
    h->has_group = true;
    h->has_group_id = flags & ID;
    if (flags & ID)
        h->group = cd_read_le16(r, "writer group id");
    if (flags & VERSION_TIME)
        cd_read_skip(r, 4, "group version");
    if (flags & NUMBER)
        cd_read_skip(r, 2, "network message number");
    if (flags & SEQUENCE)
        cd_read_skip(r, 2, "sequence number");
}

/* Which data set writers' messages follow (7.2.4.5.2); of a chunk one alone. */
static void read_writers(struct cd_reader *r, struct cd_opcua_network_header *h)
{
    h->has_writers = true;
    h->n_writers = h->chunk ? 1 : cd_read_u8(r, "number of data set messages");
    for (unsigned i = 0; i < h->n_writers && cd_read_ok(r); i++) {
        uint16_t writer = cd_read_le16(r, "data set writer id");
        if (i < CD_OPCUA_WRITERS_MAX)
            h->writers[i] = writer;
    }
}

static void read_security(struct cd_reader *r, struct cd_opcua_network_header *h)
{
    enum { SIGNED = 1, ENCRYPTED = 2, WITH_FOOTER = 4, RESERVED = 0xf0 };
    uint8_t flags = cd_read_u8(r, "security flags");
    if (flags & RESERVED)
        cd_read_fail(r, "security flags");
    h->secured = true;
    h->is_signed = flags & SIGNED;
    h->encrypted = flags & ENCRYPTED;
    cd_read_skip(r, 4, "security token id");
    cd_read_skip(r, cd_read_u8(r, "nonce length"), "nonce");
    if (flags & WITH_FOOTER)
        cd_read_skip(r, 2, "security footer size");
}

bool cd_opcua_pubsub_parse(struct cd_reader *r, struct cd_opcua_network_header *ret)
{
    struct cd_opcua_network_header h = {0};
    uint8_t flags = cd_read_u8(r, "flags");
    uint8_t flags1 = flags & WITH_MORE ? cd_read_u8(r, "extended flags") : 0;
    uint8_t flags2 = flags1 & WITH_MORE ? cd_read_u8(r, "extended flags") : 0;
    unsigned type = flags2 >> TYPE_SHIFT & TYPE;
    if ((flags & 0xf) != VERSION)
        cd_read_fail(r, "version");
    if (flags2 & RESERVED_2 || type > CD_OPCUA_DISCOVERY_ANNOUNCEMENT)
        cd_read_fail(r, "network message type");
    h.type = (enum cd_opcua_network_message)type;
    h.chunk = flags2 & CHUNK;
    if (flags & WITH_PUBLISHER)
        read_publisher(r, flags1 & PUBLISHER_TYPE, &h);
    if (flags1 & WITH_CLASS)
        cd_read_skip(r, 16, "data set class id");
    if (flags & WITH_GROUP)
        read_group(r, &h);
    if (flags & WITH_PAYLOAD_HEADER && h.type == CD_OPCUA_DATA_SET_MESSAGES)
        read_writers(r, &h);
    if (flags1 & WITH_TIME)
        cd_read_skip(r, 8, "timestamp");
    if (flags1 & WITH_PICOSECONDS)
        cd_read_skip(r, 2, "picoseconds");
    if (flags2 & WITH_PROMOTED)
        cd_read_skip(r, cd_read_le16(r, "promoted fields"), "promoted fields");
    if (flags1 & WITH_SECURITY)
        read_security(r, &h);
    h.payload = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

/* ---- recognising ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if ((transport != CD_TRANSPORT_UDP && transport != CD_TRANSPORT_ETH) || len < 4 || (bytes[0] & 0xf) != VERSION ||
        !(bytes[0] & (WITH_PUBLISHER | WITH_GROUP | WITH_PAYLOAD_HEADER)))
        return CD_PROBE_NO;
    struct cd_opcua_network_header h;
    struct cd_reader r = cd_reader_of(bytes, len);
    return cd_opcua_pubsub_parse(&r, &h) && h.payload.len ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

/* ---- reporting ---- */

static void text_publisher(struct cd_text *t, const struct cd_opcua_network_header *h)
{
    if (h->publisher_is_text)
        cd_text_device(t, h->publisher_text.base, h->publisher_text.len < NAME_MAX ? h->publisher_text.len : NAME_MAX);
    else
        cd_text_u64(t, h->publisher);
}

static void text_target(struct cd_text *t, const struct cd_opcua_network_header *h)
{
    if (h->has_publisher) {
        cd_text_str(t, "publisher ");
        text_publisher(t, h);
    }
    if (h->has_group_id) {
        cd_text_str(t, t->len ? " group " : "group ");
        cd_text_u64(t, h->group);
    }
    for (unsigned i = 0; i < h->n_writers && i < CD_OPCUA_WRITERS_MAX; i++) {
        cd_text_str(t, i ? ", " : t->len ? " writers " : "writers ");
        cd_text_u64(t, h->writers[i]);
    }
    if (h->n_writers > CD_OPCUA_WRITERS_MAX)
        cd_text_str(t, " and more");
}

static void report_publisher(struct cd_message *m, const struct cd_opcua_network_header *h)
{
    char text[NAME_MAX + 16];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject sender = cd_subject_sender(m);
    cd_text_str(&t, "publisher ");
    text_publisher(&t, h);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_INSTANCE, text, 80);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    static const struct {
        const char *name;
        enum cd_class class;
    } types[] = {{"data set messages", CD_CLASS_READ},
                 {"discovery probe", CD_CLASS_IDENTIFY},
                 {"discovery announcement", CD_CLASS_IDENTIFY}};
    struct cd_opcua_network_header h;
    struct state *s = m->state;
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (!cd_opcua_pubsub_parse(r, &h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    text_target(&t, &h);
    struct cd_operation op = {
        .name = types[h.type].name, .code = h.type, .class = types[h.type].class, .target = target};
    cd_report_notice(m, &op);
    if (h.has_publisher && h.type != CD_OPCUA_DISCOVERY_PROBE) /* a probe names the publisher that is asked */
        report_publisher(m, &h);
    if (s && !s->told && h.type == CD_OPCUA_DATA_SET_MESSAGES && !h.is_signed && !h.encrypted) {
        s->told = true;
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "data sets are neither signed nor encrypted");
    }
}

const struct cd_dissector cd_dissector_opcua_pubsub = {
    .name = "opcua-pubsub",
    .udp_ports = {4840},
    .ethertypes = {ETHERTYPE},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};

/* Sampled values: who publishes which stream, whether samples are missing, and whether its clock is synchronised. Nothing here is done twice for a stream that
 * goes on as it should: there are thousands of messages a second. */
#include "protocols/sv.h"

#include "base/hash.h"
#include "base/text.h"

enum { TARGET_MAX = 160, DETAIL_MAX = 240, ID_MAX = 129 };

/* A stream that loses samples loses them all the time: of each the first few findings are told. */
enum { TOLD_MAX = 8 };

/* ---- parsing ---- */

bool cd_sv_parse(struct cd_reader *r, struct cd_sv_pdu *ret)
{
    enum { SAV_PDU = 0x60, N_ASDUS = 0x80, ASDUS = 0xa2 };
    struct cd_sv_pdu p = {0};
    size_t start = r->pos;
    struct cd_ber pdu, e;
    bool has_number = false, has_asdus = false;
    if (!cd_iec61850_next(r, "savPdu", &pdu))
        return false;
    if (pdu.identifier != SAV_PDU)
        cd_read_fail(r, "savPdu");
    p.length = r->pos - start;
    while (cd_read_left(&pdu.value) && cd_iec61850_next(&pdu.value, "savPdu", &e)) {
        if (e.identifier == N_ASDUS) {
            p.n_asdus = (uint32_t)cd_ber_integer_value(&e.value, "noASDU");
            has_number = cd_read_ok(&e.value);
        } else if (e.identifier == ASDUS) {
            p.asdus = e.value;
            has_asdus = true;
        }
    }
    if (!cd_read_ok(&pdu.value))
        cd_read_fail(r, pdu.value.bad);
    if (!has_number || !has_asdus)
        cd_read_fail(r, has_number ? "seqASDU" : "noASDU");
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

bool cd_sv_next_asdu(struct cd_reader *asdus, struct cd_sv_asdu *ret)
{
    enum { CONTEXT = 0x80, ASDU = 0x30, ID = 0, SAMPLE_COUNT = 2, REVISION = 3, SYNCHRONISED = 5, SAMPLES = 7 };
    static const char *const names[8] = {[ID] = "svID",
                                         [SAMPLE_COUNT] = "smpCnt",
                                         [REVISION] = "confRev",
                                         [SYNCHRONISED] = "smpSynch",
                                         [SAMPLES] = "samples"};
    struct cd_sv_asdu a = {0};
    struct cd_ber asdu, e;
    unsigned seen = 0;
    if (!cd_iec61850_next(asdus, "ASDU", &asdu))
        return false;
    if (asdu.identifier != ASDU)
        cd_read_fail(asdus, "ASDU");
    while (cd_read_left(&asdu.value) && cd_iec61850_next(&asdu.value, "ASDU", &e)) {
        switch (e.identifier & CONTEXT ? e.tag : SAMPLES + 1) {
        case ID: a.id = e.value; break;
        case SAMPLE_COUNT: a.sample_count = cd_read_be16(&e.value, "smpCnt"); break;
        case REVISION: a.configuration_revision = cd_read_be32(&e.value, "confRev"); break;
        case SYNCHRONISED: a.synchronised = cd_read_u8(&e.value, "smpSynch"); break;
        default: break;
        }
        if (!cd_read_ok(&e.value))
            cd_read_fail(asdus, e.value.bad);
        seen |= e.identifier & CONTEXT && e.tag < 8 ? 1u << e.tag : 0;
    }
    if (!cd_read_ok(&asdu.value))
        cd_read_fail(asdus, asdu.value.bad);
    for (unsigned i = 0; i < 8; i++)
        if (names[i] && !(seen >> i & 1))
            cd_read_fail(asdus, names[i]);
    if (!cd_read_ok(asdus))
        return false;
    *ret = a;
    return true;
}

/* ---- what is told ---- */

static void text_id(struct cd_text *t, const struct cd_reader *id)
{
    cd_text_bytes(t, (const char *)id->base, id->len < ID_MAX ? id->len : ID_MAX);
}

static void report_event(struct cd_message *m, struct cd_sv_stream *s, enum cd_event_kind kind,
                         const struct cd_sv_asdu *asdu, const char *what)
{
    char detail[DETAIL_MAX];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    if (s->told >= TOLD_MAX)
        return;
    s->told++;
    text_id(&t, &asdu->id);
    cd_text_str(&t, ": ");
    cd_text_str(&t, what);
    cd_report_event(m, kind, detail);
}

static void report_change(struct cd_message *m, struct cd_sv_stream *s, const struct cd_sv_asdu *asdu, const char *what,
                          uint32_t was, uint32_t is)
{
    char change[80];
    struct cd_text t = cd_text_of(change, sizeof change);
    cd_text_str(&t, what);
    cd_text_str(&t, " from ");
    cd_text_u64(&t, was);
    cd_text_str(&t, " to ");
    cd_text_u64(&t, is);
    report_event(m, s, CD_EVENT_VIOLATION, asdu, change);
}

static void report_publisher(struct cd_message *m, const struct cd_sv_asdu *asdu)
{
    struct cd_subject sender = cd_subject_sender(m);
    cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_NAME, asdu->id.base, asdu->id.len < ID_MAX ? asdu->id.len : ID_MAX,
                         60);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "merging-unit", 60);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_CLOCK,
                   asdu->synchronised == 0   ? "not synchronised"
                   : asdu->synchronised == 2 ? "synchronised by a global clock"
                                             : "synchronised by a local clock",
                   90);
}

/* The stream of this ASDU, a new one where it is not known: *ret_new. Most messages are of the stream of the last, or of the next in turn. */
static struct cd_sv_stream *find_stream(struct cd_sv_state *s, uint64_t hash, bool *ret_new)
{
    for (unsigned i = 0; i < CD_SV_STREAMS; i++) {
        unsigned at = (s->last + i) % CD_SV_STREAMS;
        if (s->streams[at].used && s->streams[at].hash == hash) {
            s->last = (uint8_t)at;
            *ret_new = false;
            return &s->streams[at];
        }
    }
    s->last = s->next++ % CD_SV_STREAMS;
    s->streams[s->last] = (struct cd_sv_stream){.hash = hash, .used = true};
    *ret_new = true;
    return &s->streams[s->last];
}

/* 0 begins a second. Equal counts are copies (redundant networks, mirrored ports). */
static void follow_samples(struct cd_message *m, struct cd_sv_stream *s, const struct cd_sv_asdu *asdu)
{
    uint16_t was = s->sample_count, is = asdu->sample_count;
    if (is == was + 1 || is == 0 || is == was)
        return;
    report_change(m, s, asdu, is > was || was - is > was / 2 ? "samples are missing, smpCnt" : "smpCnt went back", was,
                  is);
}

static struct cd_sv_stream *follow(struct cd_message *m, uint16_t appid, const struct cd_sv_asdu *asdu)
{
    bool is_new;
    struct cd_sv_stream *s = find_stream(m->state, cd_hash_bytes(appid, asdu->id.base, asdu->id.len), &is_new);
    if (is_new) {
        report_publisher(m, asdu);
    } else {
        follow_samples(m, s, asdu);
        if (asdu->configuration_revision != s->configuration_revision)
            report_change(m, s, asdu, "confRev changed", s->configuration_revision, asdu->configuration_revision);
        if (asdu->synchronised == 0 && s->synchronised != 0)
            report_event(m, s, CD_EVENT_DEVICE_ERROR, asdu, "lost its time synchronisation");
    }
    s->sample_count = asdu->sample_count;
    s->synchronised = asdu->synchronised;
    s->configuration_revision = asdu->configuration_revision;
    return s;
}

/* All ASDUs of a message. The first one's stream stands for the message. */
static void read_asdus(struct cd_message *m, const struct cd_iec61850_header *h, struct cd_sv_pdu *pdu, bool ethernet)
{
    enum { HEADER = 8 };
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = "sampled values", .code = h->appid, .class = CD_CLASS_OTHER, .target = target};
    uint32_t n = 0;
    struct cd_sv_asdu asdu;
    while (cd_read_left(&pdu->asdus) && cd_sv_next_asdu(&pdu->asdus, &asdu)) {
        struct cd_sv_stream *s = follow(m, h->appid, &asdu);
        if (n++)
            continue;
        text_id(&t, &asdu.id);
        if (h->simulated)
            cd_text_str(&t, " (simulation)");
        if (h->simulated && !s->simulated)
            report_event(m, s, CD_EVENT_VIOLATION, &asdu, "simulated samples are published");
        bool too_short = ethernet && h->length < HEADER + pdu->length;
        if (too_short && !s->length_told)
            report_event(m, s, CD_EVENT_VIOLATION, &asdu, "length is less than that of the content");
        s->simulated = h->simulated;
        s->length_told |= too_short;
    }
    cd_report_notice(m, &op);
    if (!cd_read_ok(&pdu->asdus))
        cd_report_malformed(m, pdu->asdus.bad);
    else if (n != pdu->n_asdus)
        cd_report_malformed(m, "noASDU");
}

static void read_apdu(struct cd_message *m, struct cd_iec61850_header *h, bool ethernet)
{
    struct cd_sv_pdu pdu;
    if (cd_sv_parse(&h->apdu, &pdu)) {
        read_asdus(m, h, &pdu, ethernet);
        return;
    }
    struct cd_operation op = {.name = "sampled values", .code = h->appid, .class = CD_CLASS_OTHER, .target = ""};
    cd_report_notice(m, &op); /* the application is known even where the rest does not fit */
    cd_report_malformed(m, h->apdu.bad);
}

/* ---- recognising ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_ETH) /* the Ethertype tells */
        return len >= 9 && bytes[8] == 0x60 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
    if (transport != CD_TRANSPORT_UDP || len < CD_IEC61850_SESSION_MIN)
        return CD_PROBE_NO;
    return bytes[0] == 1 && bytes[1] == 0x40 && bytes[2] == CD_IEC61850_SESSION_SV && bytes[4] == 0x80 ? CD_PROBE_SURE
                                                                                                       : CD_PROBE_NO;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_iec61850_header h;
    m->from_client = true; /* publishers speak, nobody answers */
    if (m->transport != CD_TRANSPORT_UDP) {
        if (cd_iec61850_parse(r, &h))
            read_apdu(m, &h, true);
        else
            cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_reader elements;
    if (!cd_iec61850_parse_session(r, CD_IEC61850_SESSION_SV, &elements)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    while (cd_read_left(&elements)) {
        uint8_t type;
        if (!cd_iec61850_next_element(&elements, &type, &h)) {
            cd_report_malformed(m, elements.bad);
            return;
        }
        if (type == CD_IEC61850_PAYLOAD_SV)
            read_apdu(m, &h, false);
    }
}

const struct cd_dissector cd_dissector_sv = {
    .name = "sv",
    .udp_ports = {102},
    .ethertypes = {0x88ba},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct cd_sv_state),
};

/* GOOSE: who publishes which data set, and whether its numbers go on as they must. */
#include "protocols/goose.h"

#include "base/hash.h"
#include "base/text.h"

enum { TARGET_MAX = 240, DETAIL_MAX = 240, REFERENCE_MAX = 129 /* ObjectReference, 61850-8-1 8.1.3.2 */ };

/* ---- parsing ---- */

enum field {
    BLOCK,
    LIVE,
    DATA_SET,
    ID,
    TIME,
    STATE,
    SEQUENCE,
    SIMULATION,
    REVISION,
    COMMISSIONING,
    ENTRIES,
    DATA,
    FIELDS
};

static const char *const field_names[FIELDS] = {
    "gocbRef", "timeAllowedtoLive", "datSet", "goID", "t", "stNum", "sqNum", "simulation", "confRev",
    "ndsCom",  "numDatSetEntries",  "allData"};

/* Values may grow to structures in structures; only the top is counted. */
static uint32_t count_elements(struct cd_reader *all)
{
    uint32_t n = 0;
    struct cd_ber e;
    while (cd_read_left(all) && cd_iec61850_next(all, "allData", &e))
        n++;
    return n;
}

static uint32_t number(struct cd_reader *value, const char *field)
{
    return (uint32_t)cd_ber_integer_value(value, field);
}

static void read_field(struct cd_goose_pdu *p, enum field field, struct cd_reader *value)
{
    const char *name = field_names[field];
    switch (field) {
    case BLOCK: p->control_block = *value; break;
    case LIVE: p->time_allowed_to_live_ms = number(value, name); break;
    case DATA_SET: p->data_set = *value; break;
    case ID: p->id = *value; break;
    case TIME: cd_read_skip(value, 8, name); break;
    case STATE: p->state_number = number(value, name); break;
    case SEQUENCE: p->sequence_number = number(value, name); break;
    case SIMULATION: p->simulated = cd_read_u8(value, name) != 0; break;
    case REVISION: p->configuration_revision = number(value, name); break;
    case COMMISSIONING: p->needs_commissioning = cd_read_u8(value, name) != 0; break;
    case ENTRIES: p->n_entries = number(value, name); break;
    case DATA: p->n_data = count_elements(value); break;
    case FIELDS: break;
    }
}

bool cd_goose_parse(struct cd_reader *r, struct cd_goose_pdu *ret)
{
    enum {
        GOOSE_PDU = 0x61,
        CONTEXT = 0x80,
        CONSTRUCTED = 0xa0,
        OPTIONAL = 1u << ID | 1u << SIMULATION | 1u << COMMISSIONING
    };
    struct cd_goose_pdu p = {0};
    unsigned seen = OPTIONAL;
    size_t start = r->pos;
    struct cd_reader pdu = cd_ber_expect(r, GOOSE_PDU, "goosePdu");
    p.length = r->pos - start;
    while (cd_read_left(&pdu)) {
        struct cd_ber e;
        if (!cd_iec61850_next(&pdu, "goosePdu", &e))
            break;
        if (e.tag >= FIELDS || e.identifier != (e.tag == DATA ? CONSTRUCTED | DATA : CONTEXT | e.tag))
            continue; /* security (12) and what later editions add */
        read_field(&p, (enum field)e.tag, &e.value);
        if (!cd_read_ok(&e.value))
            cd_read_fail(&pdu, e.value.bad);
        seen |= 1u << e.tag;
    }
    for (unsigned i = 0; i < FIELDS; i++)
        if (!(seen >> i & 1))
            cd_read_fail(&pdu, field_names[i]);
    if (!cd_read_ok(&pdu))
        cd_read_fail(r, pdu.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

/* ---- what is told ---- */

static void text_string(struct cd_text *t, const char *before, const struct cd_reader *string)
{
    if (string->len == 0)
        return;
    cd_text_str(t, before);
    cd_text_bytes(t, (const char *)string->base, string->len < REFERENCE_MAX ? string->len : REFERENCE_MAX);
}

static void report_event(struct cd_message *m, const struct cd_goose_pdu *p, const char *what)
{
    char detail[DETAIL_MAX];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    text_string(&t, "", &p->control_block);
    cd_text_str(&t, ": ");
    cd_text_str(&t, what);
    cd_report_event(m, CD_EVENT_VIOLATION, detail);
}

static void report_change(struct cd_message *m, const struct cd_goose_pdu *p, const char *what, uint64_t was,
                          uint64_t is)
{
    char change[80];
    struct cd_text t = cd_text_of(change, sizeof change);
    cd_text_str(&t, what);
    cd_text_str(&t, " from ");
    cd_text_u64(&t, was);
    cd_text_str(&t, " to ");
    cd_text_u64(&t, is);
    report_event(m, p, change);
}

/* The reference begins with the logical device's name: IED name and instance in one (61850-7-2 22.2). */
static void report_publisher(struct cd_message *m, const struct cd_goose_pdu *p)
{
    struct cd_subject sender = cd_subject_sender(m);
    size_t len = 0;
    while (len < p->control_block.len && p->control_block.base[len] != '/')
        len++;
    if (len < p->control_block.len)
        cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_NAME, p->control_block.base, len, 60);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "protection-relay", 50);
}

/* The block this message is of; NULL where it is not known yet. */
static struct cd_goose_block *find_block(struct cd_goose_state *s, uint64_t hash)
{
    for (unsigned i = 0; i < CD_GOOSE_BLOCKS; i++)
        if (s->blocks[i].used && s->blocks[i].hash == hash)
            return &s->blocks[i];
    return NULL;
}

/* 61850-8-1 18.1.2: stNum grows by one with a change, and sqNum then begins anew; both begin at 1 after a restart. Equal numbers are copies (redundant
 * networks, mirrored ports). */
static void follow_numbers(struct cd_message *m, const struct cd_goose_block *b, const struct cd_goose_pdu *p)
{
    bool state_wraps = b->state_number == UINT32_MAX && p->state_number <= 1;
    bool sequence_wraps = b->sequence_number == UINT32_MAX && p->sequence_number <= 1;
    if (p->state_number < b->state_number && !state_wraps)
        report_change(m, p, "stNum went back", b->state_number, p->state_number);
    else if (p->state_number - b->state_number > 1 && !state_wraps)
        report_change(m, p, "stNum jumped", b->state_number, p->state_number);
    else if (p->state_number == b->state_number && p->sequence_number < b->sequence_number && !sequence_wraps)
        report_change(m, p, "sqNum went back", b->sequence_number, p->sequence_number);
    if (p->configuration_revision != b->configuration_revision)
        report_change(m, p, "confRev changed", b->configuration_revision, p->configuration_revision);
}

/* Receivers take a publisher for lost after the time it allows (18.1.2.5). Captures have delays of their own: what is little longer is no finding. */
static void follow_time(struct cd_message *m, const struct cd_goose_block *b, const struct cd_goose_pdu *p)
{
    enum { SLACK_MS = 100 };
    char silence[80];
    uint64_t now = m->packet->time_ns, allowed_ms = b->time_allowed_to_live_ms;
    uint64_t silent_ms = now > b->last_ns ? (now - b->last_ns) / 1000000 : 0;
    if (allowed_ms == 0 || silent_ms <= 2 * allowed_ms + SLACK_MS)
        return;
    struct cd_text t = cd_text_of(silence, sizeof silence);
    cd_text_str(&t, "silent for ");
    cd_text_u64(&t, silent_ms);
    cd_text_str(&t, " ms, allowed were ");
    cd_text_u64(&t, allowed_ms);
    report_event(m, p, silence);
}

static void follow(struct cd_message *m, const struct cd_iec61850_header *h, const struct cd_goose_pdu *p)
{
    struct cd_goose_state *s = m->state;
    uint64_t hash = cd_hash_bytes(h->appid, p->control_block.base, p->control_block.len);
    struct cd_goose_block *b = find_block(s, hash);
    if (b) {
        follow_numbers(m, b, p);
        follow_time(m, b, p);
    } else {
        b = &s->blocks[s->next++ % CD_GOOSE_BLOCKS];
        *b = (struct cd_goose_block){.hash = hash, .used = true};
        report_publisher(m, p);
    }
    bool simulated = h->simulated || p->simulated;
    if (simulated && !b->simulated)
        report_event(m, p, "simulation or test data is published");
    if (p->needs_commissioning && !b->needs_commissioning)
        report_event(m, p, "needs commissioning");
    bool mismatch = p->n_entries != p->n_data;
    if (mismatch && !b->mismatch_told)
        report_event(m, p, "numDatSetEntries is not the number of values");
    b->mismatch_told |= mismatch;
    b->simulated = simulated;
    b->needs_commissioning = p->needs_commissioning;
    b->state_number = p->state_number;
    b->sequence_number = p->sequence_number;
    b->configuration_revision = p->configuration_revision;
    b->time_allowed_to_live_ms = p->time_allowed_to_live_ms;
    b->last_ns = m->packet->time_ns;
}

static void text_target(struct cd_text *t, const struct cd_iec61850_header *h, const struct cd_goose_pdu *p)
{
    text_string(t, "", &p->control_block);
    text_string(t, " data set ", &p->data_set);
    text_string(t, " id ", &p->id);
    if (h->simulated || p->simulated)
        cd_text_str(t, " (simulation)");
}

static void read_apdu(struct cd_message *m, struct cd_iec61850_header *h, bool ethernet)
{
    enum { MANAGEMENT_PDU = 0x60, HEADER = 8 };
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = "goose", .code = h->appid, .class = CD_CLASS_OTHER, .target = target};
    struct cd_goose_pdu pdu;
    if (cd_read_peek(&h->apdu, 0) == MANAGEMENT_PDU) {
        op.name = "goose management";
        cd_report_notice(m, &op);
        return;
    }
    bool parsed = cd_goose_parse(&h->apdu, &pdu);
    if (parsed)
        text_target(&t, h, &pdu);
    cd_report_notice(m, &op); /* the application is known even where the rest does not fit */
    if (!parsed) {
        cd_report_malformed(m, h->apdu.bad);
        return;
    }
    follow(m, h, &pdu);
    if (ethernet && h->length < HEADER + pdu.length)
        cd_report_event(m, CD_EVENT_VIOLATION, "length is less than that of the content");
}

/* ---- recognising ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_ETH) /* the Ethertype tells */
        return len >= 9 && (bytes[8] == 0x61 || bytes[8] == 0x60) ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
    if (transport != CD_TRANSPORT_UDP || len < CD_IEC61850_SESSION_MIN)
        return CD_PROBE_NO;
    return bytes[0] == 1 && bytes[1] == 0x40 && bytes[2] == CD_IEC61850_SESSION_GOOSE && bytes[4] == 0x80
               ? CD_PROBE_SURE
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
    if (!cd_iec61850_parse_session(r, CD_IEC61850_SESSION_GOOSE, &elements)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    while (cd_read_left(&elements)) {
        uint8_t type;
        if (!cd_iec61850_next_element(&elements, &type, &h)) {
            cd_report_malformed(m, elements.bad);
            return;
        }
        if (type == CD_IEC61850_PAYLOAD_GOOSE)
            read_apdu(m, &h, false);
    }
}

const struct cd_dissector cd_dissector_goose = {
    .name = "goose",
    .udp_ports = {102},
    .ethertypes = {0x88b8},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct cd_goose_state),
};

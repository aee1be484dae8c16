#include "protocols/egd.h"

#include "base/text.h"

enum {
    PORT = 18246,
    TARGET_MAX = 96,
    DATA_MAX = 1400,
    NANOSECONDS = 1000000000,
    ADDRESS_MAX = 16,
    STATUS_MAX = 0xffff
};

/* The exchange a flow last carried: cyclic traffic is counted without a search. */
struct state {
    uint32_t producer, exchange, signature, entry;
};

bool cd_egd_parse(struct cd_reader *r, struct cd_egd_message *ret)
{
    struct cd_egd_message a = {.type = cd_read_u8(r, "type")};
    a.version = cd_read_u8(r, "version");
    if (cd_read_ok(r) && (a.type != CD_EGD_DATA || a.version != CD_EGD_VERSION))
        cd_read_fail(r, a.type != CD_EGD_DATA ? "type" : "version");
    a.request = cd_read_le16(r, "request id");
    a.producer = cd_read_be32(r, "producer id");
    a.exchange = cd_read_le32(r, "exchange id");
    a.seconds = cd_read_le32(r, "time");
    a.nanoseconds = cd_read_le32(r, "time");
    a.status = cd_read_le32(r, "status");
    a.signature = cd_read_le32(r, "signature");
    cd_read_skip(r, 4, "reserved");
    a.data_len = cd_read_left(r);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < CD_EGD_HEADER || len > CD_EGD_HEADER + DATA_MAX ||
        bytes[0] != CD_EGD_DATA || bytes[1] != CD_EGD_VERSION)
        return CD_PROBE_NO;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_egd_message a;
    if (!cd_egd_parse(&r, &a) || a.nanoseconds >= NANOSECONDS || !a.producer || !a.exchange)
        return CD_PROBE_NO;
    bool reserved_is_zero = !bytes[28] && !bytes[29] && !bytes[30] && !bytes[31];
    return reserved_is_zero && a.status <= STATUS_MAX && a.exchange <= 0x3fff ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static void text_producer(struct cd_text *t, uint32_t producer)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        cd_text_u64(t, producer >> shift & 0xff);
        if (shift)
            cd_text_char(t, '.');
    }
}

/* Signature: the version of the exchange's make-up, major and minor; 0 where it is not used. */
static void text_exchange(struct cd_text *t, const struct cd_egd_message *a)
{
    cd_text_str(t, "producer ");
    text_producer(t, a->producer);
    cd_text_str(t, " exchange ");
    cd_text_u64(t, a->exchange);
    if (!a->signature)
        return;
    cd_text_str(t, " signature ");
    cd_text_u64(t, a->signature >> 8 & 0xff);
    cd_text_char(t, '.');
    cd_text_u64(t, a->signature & 0xff);
}

static void report_producer(struct cd_message *m, const struct cd_egd_message *a)
{
    char producer[ADDRESS_MAX];
    struct cd_text t = cd_text_of(producer, sizeof producer);
    struct cd_subject sender = cd_subject_sender(m);
    text_producer(&t, a->producer);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_INSTANCE, producer, 80);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_VENDOR, "GE", 50);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "plc", 60);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {
        .name = "produce exchange", .code = CD_EGD_DATA, .class = CD_CLASS_OTHER, .target = target};
    struct state *s = m->state;
    struct cd_egd_message a;
    if (!cd_egd_parse(r, &a)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (s->entry && s->producer == a.producer && s->exchange == a.exchange && s->signature == a.signature) {
        cd_report_cyclic(m, &op, &s->entry);
        return;
    }
    *s = (struct state){.producer = a.producer, .exchange = a.exchange, .signature = a.signature};
    text_exchange(&t, &a);
    cd_report_cyclic(m, &op, &s->entry);
    report_producer(m, &a);
}

const struct cd_dissector cd_dissector_egd = {
    .name = "egd",
    .udp_ports = {PORT},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};

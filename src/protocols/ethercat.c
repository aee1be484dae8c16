/* EtherCAT: frames and datagrams, each counted once on its way out and once on its way back. */
#include "protocols/ethercat.h"

#include "base/hash.h"

enum { LENGTH_BITS = 0x7ff, MORE = 0x8000, LOCAL_BIT_SHIFT = 41 };

/* ---- parsing ---- */

bool cd_ethercat_next(struct cd_reader *r, struct cd_ethercat_datagram *ret)
{
    struct cd_ethercat_datagram d = {.command = cd_read_u8(r, "command")};
    d.index = cd_read_u8(r, "index");
    d.position = cd_read_le16(r, "slave address");
    d.offset = cd_read_le16(r, "offset address");
    uint16_t length = cd_read_le16(r, "datagram length");
    d.more = length & MORE;
    cd_read_skip(r, 2, "interrupt");
    d.data = cd_read_sub(r, length & LENGTH_BITS, "datagram length");
    d.working_counter = cd_read_le16(r, "working counter");
    if (!cd_read_ok(r))
        return false;
    *ret = d;
    return true;
}

/* ---- which way ---- */

/* Commands that count their address up at each slave. */
static bool counts_up(uint8_t command)
{
    return (command >= CD_ETHERCAT_APRD && command <= CD_ETHERCAT_APRW) ||
           (command >= CD_ETHERCAT_BRD && command <= CD_ETHERCAT_BRW) || command == CD_ETHERCAT_ARMW;
}

static bool is_by_position(uint8_t command)
{
    return (command >= CD_ETHERCAT_APRD && command <= CD_ETHERCAT_APRW) || command == CD_ETHERCAT_ARMW;
}

static bool is_by_station(uint8_t command)
{
    return (command >= CD_ETHERCAT_FPRD && command <= CD_ETHERCAT_FPRW) || command == CD_ETHERCAT_FRMW;
}

/* Whether a frame comes back. The sensor knows by the source MAC. Where the master's own address has the bit of local administration, the frame that went out last
 * comes back with the same first datagram. */
static bool has_returned(const struct cd_message *m, const struct cd_ethercat_datagram *first)
{
    const struct cd_ethercat_state *s = m->state;
    const struct cd_packet *p = m->packet;
    if (p->returned || !m->sent_by_client_end)
        return true;
    if (p->src_mac == CD_NO_MAC || !(p->src_mac >> LOCAL_BIT_SHIFT & 1))
        return false;
    return first->working_counter > 0 || (s->open && s->question.index == first->index &&
                                          s->question.command == first->command && s->question.offset == first->offset);
}

/* Every slave adds one to addresses by position, so that what was sent and what comes back tell how many there are. */
static void follow_way(struct cd_ethercat_state *s, const struct cd_ethercat_datagram *first, bool returned)
{
    if (!returned) {
        s->question = *first;
        s->question.data = (struct cd_reader){0};
        s->open = true;
        return;
    }
    bool same = s->open && s->question.index == first->index && s->question.command == first->command &&
                s->question.offset == first->offset;
    if (same && counts_up(first->command)) {
        s->passed = (uint16_t)(first->position - s->question.position);
        s->has_passed = true;
    } else if (!s->has_passed && first->command == CD_ETHERCAT_BRD && first->position) {
        s->passed = first->position; /* masters send them out with 0 */
        s->has_passed = true;
    }
    s->open = false;
}

/* ---- what a datagram is about ---- */

struct subject {
    bool known;       /* whose it is, is known */
    uint16_t station; /* by station commands, and by position where the address was seen being given */
    bool has_station;
    uint16_t position; /* in the ring, from 0 */
};

static const struct cd_ethercat_slave *slave_at(const struct cd_ethercat_state *s, uint16_t position)
{
    for (unsigned i = 0; i < s->n_slaves; i++)
        if (s->slaves[i].has_position && s->slaves[i].position == position)
            return &s->slaves[i];
    return NULL;
}

static struct subject subject_of(const struct cd_ethercat_state *s, const struct cd_ethercat_datagram *d, bool returned)
{
    struct subject subject = {.known = true};
    if (is_by_station(d->command)) {
        subject.station = d->position;
        subject.has_station = true;
        return subject;
    }
    if (!is_by_position(d->command))
        return subject;
    subject.known = !returned || s->has_passed;
    subject.position = (uint16_t) - (returned ? (uint16_t)(d->position - s->passed) : d->position);
    const struct cd_ethercat_slave *slave = slave_at(s, subject.position);
    if (subject.known && slave) {
        subject.station = slave->station;
        subject.has_station = true;
    }
    return subject;
}

/* ---- operations ---- */

static bool writes(uint8_t command)
{
    return command == CD_ETHERCAT_APWR || command == CD_ETHERCAT_APRW || command == CD_ETHERCAT_FPWR ||
           command == CD_ETHERCAT_FPRW || command == CD_ETHERCAT_BWR || command == CD_ETHERCAT_BRW;
}

static bool covers(const struct cd_ethercat_datagram *d, uint16_t offset)
{
    return d->offset <= offset && offset < d->offset + d->data.len;
}

/* The two bytes at a register that the datagram covers; 0 where it does not cover both. */
static uint16_t value_at(const struct cd_ethercat_datagram *d, uint16_t offset)
{
    struct cd_reader data = d->data;
    cd_read_skip(&data, (size_t)(offset - d->offset), "register");
    return cd_read_le16(&data, "register");
}

enum { SII_READ = 0x0100, SII_WRITE = 0x0200, SII_RELOAD = 0x0400, SII_COMMANDS = 0x0700 };

/* Of writes to registers: what changes the state is mode, the clocks are set all the time, an SII command may only read; all else configures. */
static enum cd_class write_class(const struct cd_ethercat_datagram *d)
{
    if (covers(d, CD_ETHERCAT_AL_CONTROL))
        return CD_CLASS_MODE;
    if (d->offset >= 0x0900 && d->offset < 0x0a00)
        return CD_CLASS_OTHER;
    if (covers(d, CD_ETHERCAT_SII_CONTROL))
        return value_at(d, CD_ETHERCAT_SII_CONTROL) & SII_WRITE ? CD_CLASS_CONFIGURE : CD_CLASS_IDENTIFY;
    if (d->offset >= CD_ETHERCAT_SII_ADDRESS && d->offset < 0x0510)
        return CD_CLASS_IDENTIFY; /* address and data that stand ready for a command */
    return CD_CLASS_CONFIGURE;
}

static enum cd_class class_of(const struct cd_ethercat_datagram *d)
{
    if (d->command == CD_ETHERCAT_NOP || d->command >= CD_ETHERCAT_ARMW)
        return CD_CLASS_OTHER;
    if (cd_ethercat_is_logical(d->command))
        return d->command == CD_ETHERCAT_LRD ? CD_CLASS_READ : CD_CLASS_WRITE;
    if (d->offset >= CD_ETHERCAT_MEMORY)
        return writes(d->command) ? CD_CLASS_WRITE : CD_CLASS_READ;
    if (writes(d->command))
        return write_class(d);
    if (covers(d, CD_ETHERCAT_AL_STATUS) || (d->offset >= 0x0300 && d->offset < 0x0314))
        return CD_CLASS_DIAGNOSE;
    return d->offset >= 0x0500 && d->offset < 0x0510 ? CD_CLASS_IDENTIFY : CD_CLASS_READ;
}

static void text_register(struct cd_text *t, const struct cd_ethercat_datagram *d)
{
    const char *name = cd_ethercat_register_name(d->offset);
    cd_text_str(t, name ? "0x" : "memory 0x");
    cd_text_hex(t, d->offset, 4);
    if (!name)
        return;
    cd_text_char(t, ' ');
    cd_text_str(t, name);
    if (!writes(d->command))
        return;
    if (covers(d, CD_ETHERCAT_AL_CONTROL)) {
        cd_text_char(t, ' ');
        cd_text_str(t, cd_ethercat_state_name((uint8_t)value_at(d, CD_ETHERCAT_AL_CONTROL)));
    } else if (covers(d, CD_ETHERCAT_SII_CONTROL)) {
        uint16_t command = value_at(d, CD_ETHERCAT_SII_CONTROL) & SII_COMMANDS;
        cd_text_str(t, command == SII_READ     ? " read"
                       : command == SII_WRITE  ? " write"
                       : command == SII_RELOAD ? " reload"
                                               : " control");
    }
}

static void text_target(struct cd_text *t, const struct cd_ethercat_datagram *d, const struct subject *subject)
{
    if (d->command == CD_ETHERCAT_NOP || d->command >= CD_ETHERCAT_COMMAND_NUMBERS || !subject->known)
        return;
    if (cd_ethercat_is_logical(d->command)) {
        cd_text_str(t, "logical 0x");
        cd_text_hex(t, (uint32_t)d->offset << 16 | d->position, 8);
        return;
    }
    if (is_by_station(d->command)) {
        cd_text_str(t, "station ");
        cd_text_u64(t, subject->station);
        cd_text_char(t, ' ');
    } else if (is_by_position(d->command)) {
        cd_text_str(t, "position ");
        cd_text_u64(t, subject->position);
        cd_text_char(t, ' ');
    }
    text_register(t, d);
}

/* Everything a target is made of, in one word that is never 0. */
static uint64_t key_of(const struct cd_ethercat_datagram *d, const struct subject *subject, enum cd_class class)
{
    uint64_t who = cd_ethercat_is_logical(d->command) ? d->position
                   : is_by_station(d->command)        ? subject->station
                                                      : subject->position;
    uint64_t what = 0;
    if (writes(d->command) && covers(d, CD_ETHERCAT_SII_CONTROL))
        what = value_at(d, CD_ETHERCAT_SII_CONTROL) & SII_COMMANDS;
    return (uint64_t)1 << 63 | (uint64_t)subject->known << 62 | (uint64_t) class << 56 | what << 40 |
           (uint64_t)d->command << 32 | who << 16 | d->offset;
}

/* What passed by without anybody taking it. Mailboxes are asked for news that are mostly not there. */
static const char *error_of(const struct cd_ethercat_datagram *d)
{
    bool expects = d->command != CD_ETHERCAT_NOP && d->command < CD_ETHERCAT_COMMAND_NUMBERS &&
                   (cd_ethercat_is_logical(d->command) || d->offset < CD_ETHERCAT_MEMORY);
    return expects && d->working_counter == 0 ? "no slave answered" : NULL;
}

/* A process image that fewer slaves take part in than before: some are lost. */
static void follow_counter(struct cd_message *m, struct cd_ethercat_known *k, const struct cd_ethercat_datagram *d)
{
    if (cd_ethercat_is_logical(d->command) && d->working_counter < k->working_counter) {
        char detail[CD_ETHERCAT_TARGET_MAX];
        struct cd_text t = cd_text_of(detail, sizeof detail);
        cd_text_str(&t, "working counter fell from ");
        cd_text_u64(&t, k->working_counter);
        cd_text_str(&t, " to ");
        cd_text_u64(&t, d->working_counter);
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
    }
    k->working_counter = d->working_counter;
}

static bool is_dangerous(enum cd_class class)
{
    return class == CD_CLASS_MODE || class == CD_CLASS_CONFIGURE;
}

static void count_datagram(struct cd_message *m, const struct cd_ethercat_datagram *d, const struct subject *subject,
                           bool returned)
{
    struct cd_ethercat_state *s = m->state;
    char target[CD_ETHERCAT_TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {
        .name = cd_ethercat_command_name(d->command), .code = d->command, .class = class_of(d), .target = target};
    uint64_t key = key_of(d, subject, op.class);
    struct cd_ethercat_known *k = &s->known[cd_hash_u64(0, key) % CD_ETHERCAT_CACHE];
    bool dangerous = is_dangerous(op.class);
    if (k->key != key || dangerous)
        text_target(&t, d, subject);
    if (dangerous) { /* each is announced */
        if (returned)
            cd_report_response(m, &op, CD_REPORT_NO_REQUEST, error_of(d));
        else
            cd_report_notice(m, &op);
        return;
    }
    if (k->key != key)
        *k = (struct cd_ethercat_known){.key = key};
    if (!returned) {
        cd_report_cyclic(m, &op, &k->entry);
        return;
    }
    cd_report_cyclic_response(m, &op, &k->entry, error_of(d));
    follow_counter(m, k, d);
}

/* ---- frames ---- */

static void read_datagrams(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ethercat_state *s = m->state;
    struct cd_ethercat_datagram d = {.more = true};
    bool returned = false;
    for (unsigned n = 0; d.more && n < CD_ETHERCAT_DATAGRAMS; n++) {
        if (!cd_ethercat_next(r, &d)) {
            cd_report_malformed(m, r->bad);
            return;
        }
        if (n == 0) {
            returned = has_returned(m, &d);
            m->from_client = !returned;
            if (returned && m->sent_by_client_end)
                m->from_client = true; /* the flow's client end is the master either way */
            follow_way(s, &d, returned);
        }
        struct subject subject = subject_of(s, &d, returned);
        count_datagram(m, &d, &subject, returned);
        if (subject.known)
            cd_ethercat_learn(m, &d, subject.has_station ? subject.station : subject.position, subject.has_station,
                              returned);
    }
    if (cd_read_left(r))
        cd_report_event(m, CD_EVENT_VIOLATION, "bytes after the last datagram");
}

static void tell_master(struct cd_message *m)
{
    struct cd_ethercat_state *s = m->state;
    struct cd_subject client = cd_subject_client(m);
    if (!s->told)
        cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "controller", 85);
    s->told = true;
}

/* Network variables (ETG.1005): publisher, an AMS net id; number of variables, cycle, and the variables. */
static void read_variables(struct cd_message *m, struct cd_reader *r)
{
    char text[48];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_operation op = {.name = "network variables",
                              .code_space = "type",
                              .code = CD_ETHERCAT_NETWORK_VARIABLES,
                              .class = CD_CLASS_OTHER,
                              .target = text};
    struct cd_subject sender = cd_subject_sender(m);
    const uint8_t *publisher = cd_read_at(r, 6, "publisher");
    cd_read_skip(r, 6, "network variables");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    cd_text_str(&t, "publisher ");
    for (unsigned i = 0; i < 6; i++) {
        if (i)
            cd_text_char(&t, '.');
        cd_text_u64(&t, publisher[i]);
    }
    m->from_client = true;
    cd_report_notice(m, &op);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_INSTANCE, text + sizeof "publisher" /* and its blank */, 85);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    uint16_t header = cd_read_le16(r, "frame header");
    unsigned type = header >> 12, length = header & LENGTH_BITS;
    if (m->cut && length > cd_read_left(r))
        length = (unsigned)cd_read_left(r);
    struct cd_reader content = cd_read_sub(r, length, "frame length");
    struct cd_operation op = {.name = type == CD_ETHERCAT_MAILBOX_GATEWAY ? "mailbox gateway" : "unassigned frame type",
                              .code_space = "type",
                              .code = type,
                              .class = CD_CLASS_OTHER,
                              .target = ""};
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
    } else if (type == CD_ETHERCAT_COMMANDS) {
        read_datagrams(m, &content);
        tell_master(m);
    } else if (type == CD_ETHERCAT_NETWORK_VARIABLES) {
        read_variables(m, &content);
    } else {
        cd_report_notice(m, &op);
    }
}

/* Its Ethertype and its UDP port are its own; by the bytes alone it is never claimed. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (len < 2 || transport == CD_TRANSPORT_TCP)
        return CD_PROBE_NO;
    unsigned type = bytes[1] >> 4, length = (unsigned)(bytes[1] & 7) << 8 | bytes[0];
    if (transport == CD_TRANSPORT_UDP)
        return type == CD_ETHERCAT_COMMANDS && length + 2 <= len ? CD_PROBE_MAYBE : CD_PROBE_NO;
    return type == CD_ETHERCAT_COMMANDS || type == CD_ETHERCAT_NETWORK_VARIABLES ? CD_PROBE_SURE : CD_PROBE_LIKELY;
}

const struct cd_dissector cd_dissector_ethercat = {
    .name = "ethercat",
    .udp_ports = {CD_ETHERCAT_PORT},
    .ethertypes = {0x88a4},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct cd_ethercat_state),
};

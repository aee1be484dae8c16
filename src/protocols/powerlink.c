/* Ethernet POWERLINK: frames, network management, and what nodes tell of themselves. */
#include "protocols/powerlink.h"

#include <string.h>

enum { TEXT_MAX = 64, STATES = 8, MTYP_MASK = 0x7f, HOST_NAME = 32 };

/* ---- parsing ---- */

bool cd_powerlink_parse(struct cd_reader *r, struct cd_powerlink_frame *ret)
{
    struct cd_powerlink_frame f = {.type = cd_read_u8(r, "message type") & MTYP_MASK};
    f.destination = cd_read_u8(r, "destination node");
    f.source = cd_read_u8(r, "source node");
    switch (f.type) {
    case CD_POWERLINK_SOC: cd_read_skip(r, 19, "start of cycle"); break;
    case CD_POWERLINK_PREQ:
    case CD_POWERLINK_PRES: {
        f.state = cd_read_u8(r, "NMT state");
        cd_read_skip(r, 4, "flags");
        uint16_t size = cd_read_le16(r, "size");
        (void)cd_read_sub(r, size, "size");
        break;
    }
    case CD_POWERLINK_SOA:
        f.state = cd_read_u8(r, "NMT state");
        cd_read_skip(r, 2, "flags");
        f.service = cd_read_u8(r, "requested service");
        f.service_node = cd_read_u8(r, "requested node");
        cd_read_skip(r, 1, "version");
        break;
    case CD_POWERLINK_ASND:
        f.service = cd_read_u8(r, "service");
        f.data = cd_read_rest(r);
        break;
    default: break;
    }
    if (!cd_read_ok(r))
        return false;
    *ret = f;
    return true;
}

bool cd_powerlink_parse_ident(struct cd_reader *r, struct cd_powerlink_ident *ret)
{
    struct cd_powerlink_ident i = {0};
    cd_read_skip(r, 2, "flags");
    i.state = cd_read_u8(r, "NMT state");
    cd_read_skip(r, 1, "reserved");
    i.version = cd_read_u8(r, "version");
    cd_read_skip(r, 17, "features");
    i.device_type = cd_read_le32(r, "device type");
    i.vendor = cd_read_le32(r, "vendor id");
    i.product = cd_read_le32(r, "product code");
    i.revision = cd_read_le32(r, "revision number");
    i.serial = cd_read_le32(r, "serial number");
    cd_read_skip(r, 24, "software dates");
    i.ip = cd_read_le32(r, "IP address");
    cd_read_skip(r, 4, "subnet mask");
    i.gateway = cd_read_le32(r, "default gateway");
    i.host_name = cd_read_at(r, HOST_NAME, "host name");
    if (!cd_read_ok(r))
        return false;
    *ret = i;
    return true;
}

/* ---- who ---- */

static struct cd_subject sender_of(const struct cd_message *m)
{
    return m->transport == CD_TRANSPORT_ETH ? cd_subject_mac(m->packet->src_mac) : cd_subject_sender(m);
}

/* The number and role of a node, once for each end of a flow. */
static void tell_node(struct cd_message *m, uint8_t node)
{
    struct cd_powerlink_state *s = m->state;
    char number[4];
    struct cd_text t = cd_text_of(number, sizeof number);
    if (s->told_node[m->sent_by_client_end] || node == 0 || node == CD_POWERLINK_BROADCAST)
        return;
    struct cd_subject sender = sender_of(m);
    s->told_node[m->sent_by_client_end] = true;
    cd_text_u64(&t, node);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_INSTANCE, number, 90);
    if (node == CD_POWERLINK_MANAGING_NODE)
        cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "controller", 90);
    else if (node < CD_POWERLINK_MANAGING_NODE)
        cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "io-device", 60);
}

static void tell_state(struct cd_message *m, uint8_t state)
{
    struct cd_powerlink_state *s = m->state;
    const char *name = cd_powerlink_state_name(state);
    uint8_t *told = &s->told_state[m->sent_by_client_end];
    if (__builtin_expect(*told == state, 1) || !name)
        return;
    struct cd_subject sender = sender_of(m);
    *told = state;
    cd_report_fact(m, &sender, CD_ATTRIBUTE_STATE, name, 90);
}

static void text_ip(struct cd_text *t, uint32_t ip)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        cd_text_u64(t, ip >> shift & 0xff);
        if (shift)
            cd_text_char(t, '.');
    }
}

static bool is_host(uint32_t ip)
{
    unsigned first = ip >> 24;
    return first > 0 && first != 127 && first < 224;
}

static void tell_number(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                        const char *before, uint32_t number, unsigned confidence)
{
    char text[TEXT_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_str(&t, before);
    cd_text_u64(&t, number);
    cd_report_fact(m, subject, attribute, text, confidence);
}

static void tell_type(struct cd_message *m, const struct cd_subject *subject, uint16_t profile)
{
    char text[TEXT_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    const char *name = cd_powerlink_profile_name(profile);
    if (!profile)
        return;
    cd_text_str(&t, "profile ");
    cd_text_u64(&t, profile);
    if (name) {
        cd_text_str(&t, ", ");
        cd_text_str(&t, name);
    }
    cd_report_fact(m, subject, CD_ATTRIBUTE_DEVICE_TYPE, text, 90);
    if (profile == 402)
        cd_report_fact(m, subject, CD_ATTRIBUTE_ROLE, "drive", 75);
    else if (profile == 405 || profile == 302)
        cd_report_fact(m, subject, CD_ATTRIBUTE_ROLE, "plc", 75);
}

static void tell_addresses(struct cd_message *m, const struct cd_subject *subject, const struct cd_powerlink_ident *i)
{
    char text[TEXT_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!is_host(i->ip))
        return;
    text_ip(&t, i->ip);
    if (m->transport == CD_TRANSPORT_ETH)
        cd_report_fact(m, subject, CD_ATTRIBUTE_ADDRESS, text, 90);
    if (!is_host(i->gateway))
        return;
    t = cd_text_of(text, sizeof text);
    text_ip(&t, i->gateway);
    cd_report_fact(m, subject, CD_ATTRIBUTE_GATEWAY, text, 80);
}

static void tell_ident(struct cd_message *m, const struct cd_powerlink_ident *i)
{
    struct cd_subject sender = sender_of(m);
    const char *vendor = cd_powerlink_vendor_name(i->vendor);
    char text[TEXT_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    tell_state(m, i->state);
    if (vendor) {
        cd_report_fact(m, &sender, CD_ATTRIBUTE_VENDOR, vendor, 90);
    } else if (i->vendor) {
        cd_text_str(&t, "CANopen vendor 0x");
        cd_text_hex(&t, i->vendor, 8);
        cd_report_fact(m, &sender, CD_ATTRIBUTE_VENDOR, text, 60);
    }
    if (i->product)
        tell_number(m, &sender, CD_ATTRIBUTE_MODEL, "product code ", i->product, 70);
    if (i->revision) {
        t = cd_text_of(text, sizeof text);
        cd_text_str(&t, "revision ");
        cd_text_u64(&t, i->revision >> 16);
        cd_text_char(&t, '.');
        cd_text_u64(&t, i->revision & 0xffff);
        cd_report_fact(m, &sender, CD_ATTRIBUTE_FIRMWARE, text, 80);
    }
    if (i->serial && i->serial != UINT32_MAX)
        tell_number(m, &sender, CD_ATTRIBUTE_SERIAL, "", i->serial, 95);
    tell_type(m, &sender, (uint16_t)i->device_type);
    tell_addresses(m, &sender, i);
    cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_NAME, i->host_name, strnlen((const char *)i->host_name, HOST_NAME),
                         80);
}

/* ---- what ---- */

static void cyclic(struct cd_message *m, const struct cd_powerlink_frame *f, enum cd_class class)
{
    struct cd_powerlink_state *s = m->state;
    uint32_t *entry = &s->entry[m->sent_by_client_end][f->type & (STATES - 1)];
    char target[TEXT_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {
        .name = cd_powerlink_type_name(f->type), .code = f->type, .class = class, .target = target};
    if (*entry == 0 && (f->type == CD_POWERLINK_PREQ || f->type == CD_POWERLINK_PRES)) {
        cd_text_str(&t, "node ");
        cd_text_u64(&t, f->type == CD_POWERLINK_PREQ ? f->destination : f->source);
    }
    cd_report_cyclic(m, &op, entry);
}

/* The managing node invites one node to send something. */
static void report_invitation(struct cd_message *m, const struct cd_powerlink_frame *f)
{
    char target[TEXT_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = cd_powerlink_type_name(f->type), .code = f->type, .target = target};
    op.class = f->service == CD_POWERLINK_IDENT    ? CD_CLASS_IDENTIFY
               : f->service == CD_POWERLINK_STATUS ? CD_CLASS_DIAGNOSE
                                                   : CD_CLASS_OTHER;
    cd_text_str(&t, cd_powerlink_service_name(f->service));
    cd_text_str(&t, " of node ");
    cd_text_u64(&t, f->service_node);
    cd_report_notice(m, &op);
}

/* NMT command, or the request of one at the managing node (7.3.1.2, 7.3.6.2). */
static void report_command(struct cd_message *m, struct cd_powerlink_frame *f)
{
    bool wish = f->service == CD_POWERLINK_NMT_REQUEST;
    char target[TEXT_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    uint8_t command = cd_read_u8(&f->data, "NMT command");
    uint8_t node = cd_read_u8(&f->data, "NMT command data");
    if (!cd_read_ok(&f->data)) {
        cd_report_malformed(m, f->data.bad);
        return;
    }
    struct cd_operation op = {.name = cd_powerlink_command_name(command),
                              .code_space = wish ? "nmt-request" : "nmt",
                              .code = command,
                              .class = cd_powerlink_command_class(command),
                              .target = target};
    if (!wish)
        node = f->destination;
    if (node == CD_POWERLINK_BROADCAST) {
        cd_text_str(&t, "all nodes");
    } else if (node) {
        cd_text_str(&t, "node ");
        cd_text_u64(&t, node);
    }
    cd_report_notice(m, &op);
}

static void report_asnd(struct cd_message *m, struct cd_powerlink_frame *f)
{
    struct cd_powerlink_ident ident;
    struct cd_operation op = {.name = cd_powerlink_service_name(f->service),
                              .code_space = "asnd",
                              .code = f->service,
                              .class = CD_CLASS_OTHER,
                              .target = ""};
    switch (f->service) {
    case CD_POWERLINK_IDENT:
        op.name = "ident response";
        op.class = CD_CLASS_IDENTIFY;
        cd_report_notice(m, &op);
        if (cd_powerlink_parse_ident(&f->data, &ident))
            tell_ident(m, &ident);
        else
            cd_report_malformed(m, f->data.bad);
        break;
    case CD_POWERLINK_STATUS:
        op.name = "status response";
        op.class = CD_CLASS_DIAGNOSE;
        cd_report_notice(m, &op);
        cd_read_skip(&f->data, 2, "flags");
        uint8_t state = cd_read_u8(&f->data, "NMT state");
        if (cd_read_ok(&f->data))
            tell_state(m, state);
        else
            cd_report_malformed(m, f->data.bad);
        break;
    case CD_POWERLINK_NMT_REQUEST:
    case CD_POWERLINK_NMT_COMMAND: report_command(m, f); break;
    case CD_POWERLINK_SDO:
        cd_powerlink_report_sdo(m, &f->data, m->transport == CD_TRANSPORT_ETH ? f->destination : 0);
        break;
    default: cd_report_notice(m, &op); break;
    }
}

static void report_frame(struct cd_message *m, struct cd_reader *r)
{
    struct cd_powerlink_frame f;
    if (!cd_powerlink_parse(r, &f)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = m->transport != CD_TRANSPORT_ETH ? m->sent_by_client_end
                                                      : true; /* every node sends to a group; only SDO has servers */
    tell_node(m, f.source);
    switch (f.type) {
    case CD_POWERLINK_PRES: tell_state(m, f.state); /* fallthrough */
    case CD_POWERLINK_PREQ:
    case CD_POWERLINK_SOC: cyclic(m, &f, CD_CLASS_OTHER); break;
    case CD_POWERLINK_SOA:
        tell_state(m, f.state);
        if (f.service == CD_POWERLINK_NO_SERVICE)
            cyclic(m, &f, CD_CLASS_OTHER);
        else
            report_invitation(m, &f);
        break;
    case CD_POWERLINK_ASND: report_asnd(m, &f); break;
    default: {
        struct cd_operation op = {
            .name = cd_powerlink_type_name(f.type), .code = f.type, .class = CD_CLASS_OTHER, .target = ""};
        cd_report_notice(m, &op);
        break;
    }
    }
}

/* Version 1: type, destination, source; named, no more. */
static void report_version_1(struct cd_message *m, struct cd_reader *r)
{
    struct cd_powerlink_state *s = m->state;
    uint8_t type = cd_read_u8(r, "service") & MTYP_MASK;
    cd_read_skip(r, 1, "destination node");
    uint8_t source = cd_read_u8(r, "source node");
    struct cd_operation op = {.name = cd_powerlink_type_name_1(type),
                              .code_space = "v1",
                              .code = type,
                              .class = CD_CLASS_OTHER,
                              .target = ""};
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = true;
    tell_node(m, source);
    if (type < STATES)
        cd_report_cyclic(m, &op, &s->entry[m->sent_by_client_end][type]);
    else
        cd_report_notice(m, &op);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    if (m->transport == CD_TRANSPORT_ETH && m->packet->ethertype == CD_POWERLINK_ETHERTYPE_1)
        report_version_1(m, r);
    else
        report_frame(m, r);
}

/* The Ethertypes are its own. Over UDP it is ASnd alone, and the bytes say too little for a foreign port. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_ETH)
        return len >= 3 ? CD_PROBE_SURE : CD_PROBE_NO;
    if (transport != CD_TRANSPORT_UDP || len < 8 || bytes[0] != CD_POWERLINK_ASND)
        return CD_PROBE_NO;
    return bytes[3] >= CD_POWERLINK_IDENT && bytes[3] <= CD_POWERLINK_SDO ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_powerlink = {
    .name = "powerlink",
    .udp_ports = {CD_POWERLINK_PORT},
    .ethertypes = {CD_POWERLINK_ETHERTYPE, CD_POWERLINK_ETHERTYPE_1},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct cd_powerlink_state),
};

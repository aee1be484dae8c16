/* DCE/RPC messages from bytes. */
#include "protocols/dcerpc.h"

static uint16_t read_16(struct cd_reader *r, bool little, const char *field)
{
    return little ? cd_read_le16(r, field) : cd_read_be16(r, field);
}

static uint32_t read_32(struct cd_reader *r, bool little, const char *field)
{
    return little ? cd_read_le32(r, field) : cd_read_be32(r, field);
}

static void read_uuid(struct cd_reader *r, bool little, const char *field, struct cd_uuid *ret)
{
    ret->low = read_32(r, little, field);
    ret->middle = read_16(r, little, field);
    ret->high = read_16(r, little, field);
    for (unsigned i = 0; i < sizeof ret->node; i++)
        ret->node[i] = cd_read_u8(r, field);
}

void cd_text_uuid(struct cd_text *t, const struct cd_uuid *uuid)
{
    cd_text_hex(t, uuid->low, 8);
    cd_text_char(t, '-');
    cd_text_hex(t, uuid->middle, 4);
    cd_text_char(t, '-');
    cd_text_hex(t, uuid->high, 4);
    cd_text_char(t, '-');
    cd_text_hex_bytes(t, uuid->node, 2);
    cd_text_char(t, '-');
    cd_text_hex_bytes(t, uuid->node + 2, 6);
}

/* ---- connection-oriented ---- */

static bool is_type(uint8_t type)
{
    return type == CD_DCERPC_REQUEST || type == CD_DCERPC_RESPONSE || type == CD_DCERPC_FAULT ||
           (type >= CD_DCERPC_BIND && type <= CD_DCERPC_ORPHANED);
}

ssize_t cd_dcerpc_length(const uint8_t *b, size_t len)
{
    enum { MAJOR = 5, MINOR_MOST = 1, LENGTH_AT = 8 };
    if (b[0] != MAJOR || (len > 1 && b[1] > MINOR_MOST) || (len > 2 && !is_type(b[2])) ||
        (len > 4 && b[4] != 0x10 && b[4] != 0) || (len > 5 && b[5] > 3))
        return CD_FRAME_NOT_OURS;
    if (len < CD_DCERPC_HEADER)
        return CD_FRAME_MORE;
    ssize_t length = b[4] ? b[LENGTH_AT] | b[LENGTH_AT + 1] << 8 : b[LENGTH_AT] << 8 | b[LENGTH_AT + 1];
    return length < CD_DCERPC_HEADER ? CD_FRAME_NOT_OURS : length;
}

/* p_cont_list_t (C706 12.6.3.1): of each context the abstract syntax. */
static void read_contexts(struct cd_reader *r, bool little, struct cd_dcerpc_message *p)
{
    enum { SYNTAX = 20 };
    cd_read_skip(r, 2 + 2 + 4, "fragment sizes");
    unsigned n = cd_read_u8(r, "context count");
    cd_read_skip(r, 3, "reserved");
    for (unsigned i = 0; i < n && i < CD_DCERPC_PRESENTATIONS && cd_read_ok(r); i++) {
        struct cd_dcerpc_presentation *c = &p->presentations[i];
        c->id = read_16(r, little, "context id");
        size_t syntaxes = cd_read_u8(r, "transfer syntax count");
        cd_read_skip(r, 1, "reserved");
        read_uuid(r, little, "abstract syntax", &c->uuid);
        cd_read_skip(r, 4, "abstract syntax version");
        cd_read_skip(r, syntaxes * SYNTAX, "transfer syntaxes");
        p->n_presentations = (uint8_t)(i + 1);
    }
}

/* p_result_list_t, behind the secondary address. */
static void read_results(struct cd_reader *r, bool little, struct cd_dcerpc_message *p)
{
    enum { SYNTAX = 20 };
    size_t start = r->pos;
    cd_read_skip(r, 2 + 2 + 4, "fragment sizes");
    cd_read_skip(r, read_16(r, little, "address length"), "secondary address");
    cd_read_skip(r, (4 - (r->pos - start) % 4) % 4, "address padding");
    unsigned n = cd_read_u8(r, "result count");
    cd_read_skip(r, 3, "reserved");
    for (unsigned i = 0; i < n && i < CD_DCERPC_PRESENTATIONS && cd_read_ok(r); i++) {
        p->presentations[i].result = read_16(r, little, "result");
        p->presentations[i].reason = read_16(r, little, "reason");
        cd_read_skip(r, SYNTAX, "transfer syntax");
        p->n_presentations = (uint8_t)(i + 1);
    }
}

static void read_body(struct cd_reader *r, struct cd_dcerpc_message *p)
{
    bool little = p->little;
    switch (p->type) {
    case CD_DCERPC_REQUEST:
        cd_read_skip(r, 4, "allocation hint");
        p->context = read_16(r, little, "context id");
        p->operation = read_16(r, little, "operation");
        if (p->flags & CD_DCERPC_OBJECT)
            cd_read_skip(r, 16, "object");
        break;
    case CD_DCERPC_RESPONSE:
    case CD_DCERPC_FAULT:
        cd_read_skip(r, 4, "allocation hint");
        p->context = read_16(r, little, "context id");
        cd_read_skip(r, 2, "cancel count");
        if (p->type == CD_DCERPC_FAULT)
            p->status = read_32(r, little, "fault status");
        break;
    case CD_DCERPC_BIND:
    case CD_DCERPC_ALTER: read_contexts(r, little, p); break;
    case CD_DCERPC_BIND_ACK:
    case CD_DCERPC_ALTER_RESPONSE: read_results(r, little, p); break;
    case CD_DCERPC_BIND_NAK: p->status = read_16(r, little, "reject reason"); break;
    default: break;
    }
}

/* sec_trailer ([MS-RPCE] 2.2.2.11), at the end of the message. */
static void read_verifier(struct cd_reader *message, struct cd_dcerpc_message *p)
{
    enum { TRAILER = 8 };
    if (p->auth_length == 0 || (size_t)p->auth_length + TRAILER + CD_DCERPC_HEADER > p->length)
        return;
    struct cd_reader r = cd_reader_of(message->base, message->len);
    cd_read_skip(&r, (size_t)p->length - p->auth_length - TRAILER, "verifier");
    if (cd_read_left(&r) <= TRAILER) /* cut off before */
        return;
    p->auth_type = cd_read_u8(&r, "verifier type");
    p->auth_level = cd_read_u8(&r, "verifier level");
    cd_read_skip(&r, TRAILER - 2, "verifier");
    p->verifier = cd_read_rest(&r);
}

bool cd_dcerpc_parse(struct cd_reader *r, bool cut, struct cd_dcerpc_message *ret)
{
    struct cd_dcerpc_message p;
    struct cd_reader message = cd_reader_of(r->base + r->pos, r->len - r->pos);
    p = (struct cd_dcerpc_message){.stub = cd_reader_of(message.base, 0), .verifier = cd_reader_of(message.base, 0)};
    cd_read_skip(r, 2, "version");
    p.type = cd_read_u8(r, "type");
    p.flags = cd_read_u8(r, "flags");
    p.little = cd_read_u8(r, "data representation") == 0x10;
    cd_read_skip(r, 3, "data representation");
    p.length = read_16(r, p.little, "length");
    p.auth_length = read_16(r, p.little, "verifier length");
    p.call = read_32(r, p.little, "call id");
    read_body(r, &p);
    if (!cut && message.len < p.length)
        cd_read_fail(r, "length");
    if (!cd_read_ok(r))
        return false;
    p.stub = cd_read_rest(r);
    read_verifier(&message, &p);
    *ret = p;
    return true;
}

/* ---- connectionless ---- */

bool cd_dcerpc_parse_datagram(struct cd_reader *r, bool cut, struct cd_dcerpc_datagram *ret)
{
    enum { VERSION = 4 };
    struct cd_dcerpc_datagram d = {0};
    if (cd_read_u8(r, "version") != VERSION)
        cd_read_fail(r, "version");
    d.type = cd_read_u8(r, "type");
    d.flags1 = cd_read_u8(r, "flags");
    d.flags2 = cd_read_u8(r, "flags");
    d.little = cd_read_u8(r, "data representation") & 0x10;
    cd_read_skip(r, 2 + 1, "data representation");
    read_uuid(r, d.little, "object", &d.object);
    read_uuid(r, d.little, "interface", &d.interface);
    read_uuid(r, d.little, "activity", &d.activity);
    cd_read_skip(r, 4, "server boot time");
    d.interface_version = read_32(r, d.little, "interface version");
    d.sequence = read_32(r, d.little, "sequence number");
    d.operation = read_16(r, d.little, "operation");
    cd_read_skip(r, 2 + 2, "hints");
    d.body_length = read_16(r, d.little, "body length");
    d.fragment = read_16(r, d.little, "fragment number");
    cd_read_skip(r, 2, "verifier kind");
    size_t left = cd_read_left(r);
    d.body = cd_read_sub(r, cut && d.body_length > left ? left : d.body_length, "body");
    if (!cd_read_ok(r))
        return false;
    *ret = d;
    return true;
}

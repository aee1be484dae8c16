/* PROFINET IO: DCE/RPC without connection (C706 chapter 12.5), as context management uses it. */
#include "protocols/profinet_io.h"

#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

enum { VERSION = 4, FLAG_LAST_FRAGMENT = 0x02, FLAG_FRAGMENT = 0x04, UUID = 16, FRAGMENTS_FIRST = 4096 };

uint16_t cd_pnio_u16(struct cd_reader *r, bool little, const char *field)
{
    return little ? cd_read_le16(r, field) : cd_read_be16(r, field);
}

uint32_t cd_pnio_u32(struct cd_reader *r, bool little, const char *field)
{
    return little ? cd_read_le32(r, field) : cd_read_be32(r, field);
}

/* ---- parsing ---- */

/* A UUID's first three fields are integers, so their bytes are the other way round in little-endian PDUs. */
struct uuid {
    uint32_t low;
    uint16_t mid, high;
    uint8_t rest[8];
};

static void read_uuid(struct cd_reader *r, bool little, struct uuid *ret, const char *field)
{
    ret->low = cd_pnio_u32(r, little, field);
    ret->mid = cd_pnio_u16(r, little, field);
    ret->high = cd_pnio_u16(r, little, field);
    const uint8_t *rest = cd_read_at(r, sizeof ret->rest, field);
    if (rest)
        memcpy(ret->rest, rest, sizeof ret->rest);
    else
        memset(ret->rest, 0, sizeof ret->rest);
}

/* DEA00001-6C97-11D1-8271-00A02442DF7D and its sisters; E1AF8308-5D1F-11C9-91A4-08002B14A0FA. */
static enum cd_pnio_interface interface_of(const struct uuid *u)
{
    static const uint8_t io[8] = {0x82, 0x71, 0x00, 0xa0, 0x24, 0x42, 0xdf, 0x7d};
    static const uint8_t mapper[8] = {0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa};
    if (u->low > 0xdea00000 && u->low <= 0xdea00004 && u->mid == 0x6c97 && u->high == 0x11d1 &&
        memcmp(u->rest, io, sizeof io) == 0)
        return (enum cd_pnio_interface)(u->low - 0xdea00000);
    if (u->low == 0xe1af8308 && u->mid == 0x5d1f && u->high == 0x11c9 && memcmp(u->rest, mapper, sizeof mapper) == 0)
        return CD_PNIO_ENDPOINT_MAPPER;
    return CD_PNIO_OTHER_INTERFACE;
}

/* DEA00000-6C97-11D1-8271-<instance><device><vendor> (IEC 61158-6-10 4.10.3.2). */
static bool is_object(const struct uuid *u, uint16_t *ret_vendor, uint16_t *ret_device)
{
    if (u->low != 0xdea00000 || u->mid != 0x6c97 || u->high != 0x11d1 || u->rest[0] != 0x82 || u->rest[1] != 0x71)
        return false;
    *ret_device = (uint16_t)(u->rest[4] << 8 | u->rest[5]);
    *ret_vendor = (uint16_t)(u->rest[6] << 8 | u->rest[7]);
    return true;
}

bool cd_pnio_rpc_parse(struct cd_reader *r, bool cut, struct cd_pnio_rpc *ret)
{
    struct cd_pnio_rpc p = {0};
    struct uuid object, interface;
    if (cd_read_u8(r, "rpc version") != VERSION)
        cd_read_fail(r, "rpc version");
    uint8_t type = cd_read_u8(r, "packet type") & 0x1f, flags = cd_read_u8(r, "flags");
    if (type >= CD_PNIO_RPC_TYPES)
        cd_read_fail(r, "packet type");
    p.type = (enum cd_pnio_rpc_type)type;
    p.fragment = flags & FLAG_FRAGMENT;
    p.last_fragment = flags & FLAG_LAST_FRAGMENT;
    cd_read_skip(r, 1, "flags");
    p.little = cd_read_u8(r, "data representation") & 0x10;
    cd_read_skip(r, 3, "data representation");
    read_uuid(r, p.little, &object, "object uuid");
    read_uuid(r, p.little, &interface, "interface uuid");
    const uint8_t *activity = cd_read_at(r, UUID, "activity uuid");
    cd_read_skip(r, 8, "server boot time");
    p.sequence = cd_pnio_u32(r, p.little, "sequence number");
    p.opnum = cd_pnio_u16(r, p.little, "operation number");
    cd_read_skip(r, 4, "hints");
    uint32_t length = cd_pnio_u16(r, p.little, "body length");
    p.fragment_number = cd_pnio_u16(r, p.little, "fragment number");
    cd_read_skip(r, 2, "authentication protocol");
    if (cut && cd_read_left(r) < length)
        length = (uint32_t)cd_read_left(r);
    p.body = cd_read_sub(r, length, "body length");
    if (!cd_read_ok(r))
        return false;
    p.call = cd_hash_bytes(p.sequence, activity, UUID) >> 1; /* never CD_REPORT_NO_REQUEST */
    p.interface = interface_of(&interface);
    p.has_object = is_object(&object, &p.vendor, &p.device);
    *ret = p;
    return true;
}

/* ---- fragments ---- */

static bool append(struct cd_pnio_fragments *f, const struct cd_reader *part)
{
    if (part->len > CD_PNIO_FRAGMENTED_MAX - f->len)
        return false;
    if (f->len + part->len > f->size) {
        uint32_t size = f->size ? f->size : FRAGMENTS_FIRST;
        while (size < f->len + part->len)
            size *= 2;
        f->bytes = cd_realloc(f->bytes, size, 1);
        f->size = size;
    }
    if (part->len)
        memcpy(f->bytes + f->len, part->base, part->len);
    f->len += (uint32_t)part->len;
    return true;
}

/* Adds a fragment; true with the last one: *ret_body is then all that came in order, and *ret_whole whether that is the whole. */
static bool add_fragment(struct cd_message *m, const struct cd_pnio_rpc *rpc, struct cd_reader *ret_body,
                         bool *ret_whole)
{
    struct cd_pnio_state *s = m->state;
    struct cd_pnio_fragments *f = &s->fragments[m->sent_by_client_end];
    if (rpc->fragment_number == 0) {
        f->open = true;
        f->call = rpc->call;
        f->len = f->next = 0;
    }
    bool fits = f->open && f->call == rpc->call;
    if (fits && rpc->fragment_number < f->next) /* again */
        return false;
    if (fits && rpc->fragment_number == f->next && append(f, &rpc->body))
        f->next++;
    else
        f->open = false;
    if (!rpc->last_fragment)
        return false;
    *ret_whole = f->open && !m->cut;
    *ret_body = cd_reader_of(f->bytes, f->call == rpc->call ? f->len : 0);
    f->open = false;
    return true;
}

/* ---- the endpoint mapper: which PROFINET objects a station has, and its order number in words ---- */

/* Annotation (IEC 61158-6-10 4.10.3.3): device type 25, blank, order number 20, blank, hardware revision 5, blank, and of the software's revision a
 * prefix and three numbers of three digits. */
static void report_annotation(struct cd_message *m, const uint8_t *text, size_t len)
{
    enum {
        TYPE = 25,
        ORDER = 26,
        ORDER_LENGTH = 20,
        HARDWARE = 47,
        HARDWARE_LENGTH = 5,
        SOFTWARE = 53,
        SOFTWARE_LENGTH = 10
    };
    struct cd_subject server = cd_subject_server(m);
    char version[24];
    struct cd_text t = cd_text_of(version, sizeof version);
    if (len < SOFTWARE + SOFTWARE_LENGTH)
        return;
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_MODEL, text, TYPE, 90);
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_ORDER_NUMBER, text + ORDER, ORDER_LENGTH, 95);
    size_t blank = 0;
    while (blank < HARDWARE_LENGTH - 1 && text[HARDWARE + blank] == ' ')
        blank++;
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_HARDWARE, text + HARDWARE + blank, HARDWARE_LENGTH - blank, 90);
    bool digits = false;
    for (size_t i = 0; i < SOFTWARE_LENGTH; i++) {
        char c = (char)text[SOFTWARE + i];
        if (i > 1 && (i - 1) % 3 == 0)
            cd_text_char(&t, '.');
        if ((i - 1) % 3 == 0)
            digits = false;
        if (c == ' ' || (c == '0' && !digits && (i - 1) % 3 != 2))
            continue;
        digits = true;
        cd_text_char(&t, c);
    }
    cd_report_fact(m, &server, CD_ATTRIBUTE_FIRMWARE, version, 90);
}

/* ept_lookup's answer (C706 appendix O): handle 20, count, then the array's maximum, offset and count, and its entries: object, pointer to the
 * tower, annotation. */
static void report_entries(struct cd_message *m, const struct cd_pnio_rpc *rpc, struct cd_reader *body)
{
    enum { HANDLE = 20, ENTRIES_MAX = 64 };
    struct cd_subject server = cd_subject_server(m);
    cd_read_skip(body, HANDLE, "entry handle");
    uint32_t n = cd_pnio_u32(body, rpc->little, "number of entries");
    if (n)
        cd_read_skip(body, 12, "entries");
    for (uint32_t i = 0; i < n && i < ENTRIES_MAX && cd_read_ok(body); i++) {
        struct uuid object;
        uint16_t vendor, device;
        read_uuid(body, rpc->little, &object, "object uuid");
        cd_read_skip(body, 8, "tower pointer");
        uint32_t length = cd_pnio_u32(body, rpc->little, "annotation length");
        const uint8_t *annotation = cd_read_at(body, length, "annotation");
        if (!annotation)
            break;
        if (length % 4 && i + 1 < n)
            cd_read_skip(body, 4 - length % 4, "annotation padding");
        if (is_object(&object, &vendor, &device))
            cd_pnio_report_identity(m, &server, vendor, device, 95);
        report_annotation(m, annotation, length);
    }
    if (!cd_read_ok(body))
        cd_report_malformed(m, body->bad);
}

static void mapper_message(struct cd_message *m, const struct cd_pnio_rpc *rpc, struct cd_reader *body)
{
    static const char *const names[] = {"insert",         "delete",           "lookup", "map", "lookup handle free",
                                        "inquire object", "management delete"};
    struct cd_operation op = {.name = rpc->opnum < 7 ? names[rpc->opnum] : "unassigned operation",
                              .code_space = "epm",
                              .code = rpc->opnum,
                              .class = CD_CLASS_IDENTIFY,
                              .target = ""};
    if (rpc->type == CD_PNIO_RPC_REQUEST) {
        cd_report_request(m, &op, rpc->call);
        return;
    }
    cd_report_response(m, &op, rpc->call, NULL);
    if (rpc->opnum == 2)
        report_entries(m, rpc, body);
}

/* ---- messages ---- */

/* C706 appendix E, of those that stations send. */
static const char *fault_name(uint32_t status)
{
    switch (status) {
    case 0x1c010002: return "operation number out of range";
    case 0x1c010003: return "unknown interface";
    case 0x1c01000b: return "protocol error";
    case 0x1c010013: return "out of arguments";
    case 0x1c010014: return "server too busy";
    case 0x1c000009: return "unspecified fault";
    case 0x1c00001b: return "remote no memory";
    case 0x1c01000f: return "wrong boot time";
    case 0x1c010001: return "communication error";
    default: return "rpc fault";
    }
}

/* PDUs of the transport itself. Their roles: the client pings, acknowledges and cancels, the server answers that. A fragment acknowledgement goes
 * both ways, so the flow's roles stay. */
static void transport_message(struct cd_message *m, const struct cd_pnio_rpc *rpc)
{
    static const char *const names[CD_PNIO_RPC_TYPES] = {[CD_PNIO_RPC_PING] = "ping",
                                                         [CD_PNIO_RPC_WORKING] = "working",
                                                         [CD_PNIO_RPC_NOCALL] = "no call",
                                                         [CD_PNIO_RPC_ACK] = "acknowledgement",
                                                         [CD_PNIO_RPC_CANCEL] = "cancel",
                                                         [CD_PNIO_RPC_FACK] = "fragment acknowledgement",
                                                         [CD_PNIO_RPC_CANCEL_ACK] = "cancel acknowledgement"};
    struct cd_operation op = {.name = names[rpc->type] ? names[rpc->type] : "rpc",
                              .code_space = "rpc",
                              .code = (uint32_t)rpc->type,
                              .class = CD_CLASS_SESSION,
                              .target = ""};
    if (rpc->type != CD_PNIO_RPC_FACK)
        m->from_client =
            rpc->type == CD_PNIO_RPC_PING || rpc->type == CD_PNIO_RPC_ACK || rpc->type == CD_PNIO_RPC_CANCEL;
    cd_report_notice(m, &op);
}

static void refusal(struct cd_message *m, struct cd_pnio_rpc *rpc)
{
    struct cd_operation op = {.name = rpc->type == CD_PNIO_RPC_REJECT ? "reject" : "fault",
                              .code_space = rpc->interface == CD_PNIO_ENDPOINT_MAPPER ? "epm" : "cm",
                              .code = rpc->opnum,
                              .class = CD_CLASS_SESSION,
                              .target = ""};
    uint32_t status = cd_pnio_u32(&rpc->body, rpc->little, "status");
    m->from_client = false;
    cd_report_response(m, &op, rpc->call, fault_name(status));
    if (!cd_read_ok(&rpc->body))
        cd_report_malformed(m, rpc->body.bad);
}

void cd_pnio_rpc_message(struct cd_message *m, struct cd_reader *r)
{
    struct cd_pnio_rpc rpc;
    if (!cd_pnio_rpc_parse(r, m->cut, &rpc)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (rpc.type == CD_PNIO_RPC_FAULT || rpc.type == CD_PNIO_RPC_REJECT) {
        refusal(m, &rpc);
        return;
    }
    if (rpc.type != CD_PNIO_RPC_REQUEST && rpc.type != CD_PNIO_RPC_RESPONSE) {
        transport_message(m, &rpc);
        return;
    }
    struct cd_reader body = rpc.body;
    bool whole = true, cut = m->cut;
    m->from_client = rpc.type == CD_PNIO_RPC_REQUEST;
    if (rpc.fragment && !add_fragment(m, &rpc, &body, &whole))
        return;
    m->cut |= !whole;
    if (rpc.interface == CD_PNIO_ENDPOINT_MAPPER)
        mapper_message(m, &rpc, &body);
    else
        cd_pnio_cm_message(m, &rpc, &body);
    m->cut = cut;
}

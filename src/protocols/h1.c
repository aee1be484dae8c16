/* Sinec H1: FETCH and WRITE. */
#include "protocols/h1.h"

#include "base/text.h"

enum { TARGET_MAX = 48, DATA_BLOCK = 1, EXTENDED_DATA_BLOCK = 10 };

struct state {
    uint32_t awaited; /* bytes of data of the next answer to a read */
    uint8_t known;    /* a read was seen */
};

bool cd_h1_begins(const uint8_t *bytes, size_t len, bool known)
{
    (void)known;
    return len >= CD_H1_HEADER && bytes[0] == 'S' && bytes[1] == '5' && bytes[2] == CD_H1_HEADER && bytes[3] == 1 &&
           bytes[4] == 3 && bytes[5] >= CD_H1_WRITE && bytes[5] <= CD_H1_DATA;
}

bool cd_h1_parse(struct cd_reader *r, struct cd_h1_message *ret)
{
    struct cd_h1_message h = {0};
    if (cd_read_be16(r, "identifier") != 0x5335 || cd_read_u8(r, "header length") != CD_H1_HEADER)
        cd_read_fail(r, "identifier");
    if (cd_read_be16(r, "opcode block") != 0x0103)
        cd_read_fail(r, "opcode block");
    h.opcode = cd_read_u8(r, "opcode");
    bool request = h.opcode == CD_H1_READ || h.opcode == CD_H1_WRITE;
    if (h.opcode < CD_H1_WRITE || h.opcode > CD_H1_DATA)
        cd_read_fail(r, "opcode");
    if (cd_read_be16(r, "block") != (request ? 0x0308 : 0x0f03))
        cd_read_fail(r, "block");
    if (request) {
        h.area = cd_read_u8(r, "area");
        h.block = cd_read_u8(r, "block number");
        h.address = cd_read_be16(r, "address");
        h.length = cd_read_be16(r, "length");
        cd_read_skip(r, 2, "empty block");
    } else {
        h.error = cd_read_u8(r, "error");
        cd_read_skip(r, 7, "empty block");
    }
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

/* Flags, inputs, outputs and periphery are counted in bytes, all else in words. */
uint32_t cd_h1_data_len(uint8_t area, uint16_t length)
{
    enum { FLAG = 2, INPUT = 3, OUTPUT = 4, PERIPHERY = 5, EXTENDED_PERIPHERY = 17 };
    bool bytes = area == FLAG || area == INPUT || area == OUTPUT || area == PERIPHERY || area == EXTENDED_PERIPHERY;
    return bytes ? length : 2u * length;
}

static const char *area_name(uint8_t area)
{
    switch (area) {
    case 1: return "DB";
    case 2: return "MB";
    case 3: return "EB";
    case 4: return "AB";
    case 5: return "PB";
    case 6: return "ZB";
    case 7: return "TB";
    case 8: return "BS";
    case 9: return "AS";
    case 10: return "DX";
    case 16: return "DE";
    case 17: return "QB";
    default: return "area";
    }
}

static void text_target(struct cd_text *t, const struct cd_h1_message *h)
{
    cd_text_str(t, area_name(h->area));
    cd_text_char(t, ' ');
    if (h->area == DATA_BLOCK || h->area == EXTENDED_DATA_BLOCK) {
        cd_text_u64(t, h->block);
        cd_text_str(t, " DW ");
    }
    cd_text_u64(t, h->address);
    if (h->length > 1) {
        cd_text_char(t, '-');
        cd_text_u64(t, (uint32_t)h->address + h->length - 1);
    }
}

static const char *error_name(uint8_t error)
{
    switch (error) {
    case 1: return "area cannot be read or written";
    case 2: return "block does not exist";
    case 3: return "block is too small";
    default: return "error, reason unknown";
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_h1_message h;
    if (!cd_h1_parse(r, &h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    bool writes = h.opcode == CD_H1_WRITE || h.opcode == CD_H1_WRITTEN;
    struct cd_operation op = {.name = writes ? "write" : "read",
                              .code = writes ? CD_H1_WRITE : CD_H1_READ,
                              .class = writes ? CD_CLASS_WRITE : CD_CLASS_READ,
                              .target = target};
    m->from_client = h.opcode == CD_H1_WRITE || h.opcode == CD_H1_READ;
    if (!m->from_client) {
        cd_report_response(m, &op, op.code, h.error ? error_name(h.error) : NULL);
        return;
    }
    text_target(&t, &h);
    cd_report_request(m, &op, op.code);
    if (!writes && s) {
        struct cd_subject server = cd_subject_server(m);
        s->awaited = cd_h1_data_len(h.area, h.length);
        if (!s->known)
            cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "plc", 70);
        s->known = 1;
    }
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    return transport == CD_TRANSPORT_TCP && cd_h1_begins(bytes, len, false) ? CD_PROBE_SURE : CD_PROBE_NO;
}

/* A message does not tell the length of its data: that of a write is in it, that of an answer in the question. */
static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct state *s = state;
    struct cd_h1_message h;
    struct cd_reader r = cd_reader_of(bytes, len);
    (void)from_client;
    if (bytes[0] != 'S' || (len > 1 && bytes[1] != '5'))
        return CD_FRAME_NOT_OURS;
    if (len < CD_H1_HEADER)
        return CD_FRAME_MORE;
    if (!cd_h1_parse(&r, &h))
        return CD_FRAME_NOT_OURS;
    if (h.opcode == CD_H1_WRITE)
        return (ssize_t)CD_H1_HEADER + cd_h1_data_len(h.area, h.length);
    if (h.opcode == CD_H1_DATA && h.error == 0)
        return s && s->known ? (ssize_t)CD_H1_HEADER + s->awaited : (ssize_t)len;
    return CD_H1_HEADER;
}

const struct cd_dissector cd_dissector_h1 = {
    .name = "h1",
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = 4096,
    .state_size = sizeof(struct state),
};

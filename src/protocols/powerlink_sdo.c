/* Access to the object dictionary of POWERLINK's nodes: SDO in ASnd frames and over UDP (EPSG DS 301, 6.3). */
#include "protocols/powerlink.h"

enum {
    INITIATE = 0x10,
    LAST = 0x30,
    WRITE_BY_INDEX = 1,
    READ_BY_INDEX = 2,
    WRITE_ALL = 3,
    READ_ALL = 4,
    TARGET_MAX = 48
};

/* Objects whose writing is more than a value (7.2.1 and appendix 1). */
enum {
    COMMUNICATION_FIRST = 0x1000,
    COMMUNICATION_LAST = 0x1fff,
    PROGRAM_DATA = 0x1f50,
    PROGRAM_CONTROL = 0x1f51,
    RESET_COMMAND = 0x1f9e,
    REQUEST_COMMAND = 0x1f9f
};

bool cd_powerlink_parse_sdo(struct cd_reader *r, struct cd_powerlink_sdo *ret)
{
    struct cd_powerlink_sdo s = {.receive = cd_read_u8(r, "receive sequence number")};
    s.send = cd_read_u8(r, "send sequence number");
    cd_read_skip(r, 2, "sequence layer");
    if (cd_read_ok(r) && cd_read_left(r) >= 8) {
        cd_read_skip(r, 1, "command layer");
        s.transaction = cd_read_u8(r, "transaction");
        s.flags = cd_read_u8(r, "flags");
        s.id = cd_read_u8(r, "command");
        uint16_t size = cd_read_le16(r, "segment size");
        cd_read_skip(r, 2, "command layer");
        s.command = s.id != 0 || size != 0;
        uint8_t segment = s.flags & CD_POWERLINK_SDO_SEGMENT;
        struct cd_reader data = cd_read_sub(r, size, "segment size");
        if (segment == INITIATE)
            cd_read_skip(&data, 4, "data size");
        bool request = !(s.flags & CD_POWERLINK_SDO_RESPONSE) && !(s.flags & CD_POWERLINK_SDO_ABORT);
        if (s.flags & CD_POWERLINK_SDO_ABORT) {
            s.abort = cd_read_le32(&data, "abort code");
        } else if (request && segment <= INITIATE && s.id >= WRITE_BY_INDEX && s.id <= READ_ALL) {
            s.index = cd_read_le16(&data, "index");
            s.subindex = cd_read_u8(&data, "subindex");
            s.has_index = true;
        }
        if (!cd_read_ok(&data))
            cd_read_fail(r, data.bad);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = s;
    return true;
}

static enum cd_class class_of(const struct cd_powerlink_sdo *s)
{
    switch (s->id) {
    case WRITE_BY_INDEX:
    case WRITE_ALL: break;
    case 0x05:
    case 0x31: return CD_CLASS_WRITE;
    case 0x20:
    case 0x21: return CD_CLASS_FILE;
    case 0x70:
    case 0x71: return CD_CLASS_SESSION;
    default: return CD_CLASS_READ;
    }
    if (!s->has_index)
        return CD_CLASS_WRITE;
    if (s->index == PROGRAM_DATA)
        return CD_CLASS_FIRMWARE;
    if (s->index == PROGRAM_CONTROL)
        return CD_CLASS_PROGRAM;
    if (s->index == RESET_COMMAND || s->index == REQUEST_COMMAND)
        return CD_CLASS_MODE;
    return s->index >= COMMUNICATION_FIRST && s->index <= COMMUNICATION_LAST ? CD_CLASS_CONFIGURE : CD_CLASS_WRITE;
}

static void text_target(struct cd_text *t, const struct cd_powerlink_sdo *s, uint8_t node)
{
    if (node) {
        cd_text_str(t, "node ");
        cd_text_u64(t, node);
        cd_text_char(t, ' ');
    }
    cd_text_str(t, "0x");
    cd_text_hex(t, s->index, 4);
    if (s->id == WRITE_ALL || s->id == READ_ALL)
        return;
    cd_text_char(t, ':');
    cd_text_u64(t, s->subindex);
}

/* Opening, keeping and closing of the connection below (6.3.2.3). */
static void report_sequence(struct cd_message *m, const struct cd_powerlink_sdo *s)
{
    unsigned receive = s->receive & 3, send = s->send & 3;
    struct cd_operation op = {.name = "SDO connection",
                              .code_space = "asnd",
                              .code = CD_POWERLINK_SDO,
                              .class = CD_CLASS_SESSION,
                              .target = send == 1             ? "open"
                                        : send + receive == 0 ? "close"
                                                              : "acknowledge"};
    cd_report_notice(m, &op);
}

static void report_answer(struct cd_message *m, const struct cd_operation *op, const struct cd_powerlink_sdo *s)
{
    uint8_t segment = s->flags & CD_POWERLINK_SDO_SEGMENT;
    const char *error = s->flags & CD_POWERLINK_SDO_ABORT ? cd_powerlink_abort_name(s->abort) : NULL;
    if (!error && segment != 0 && segment != LAST)
        cd_report_response_part(m, op, s->transaction);
    else
        cd_report_response(m, op, s->transaction, error);
}

void cd_powerlink_report_sdo(struct cd_message *m, struct cd_reader *r, uint8_t node)
{
    enum { MULTICAST_SHIFT = 40 };
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_powerlink_sdo s;
    bool to_all = m->transport == CD_TRANSPORT_ETH && (m->packet->dst_mac >> MULTICAST_SHIFT & 1);
    if (!cd_powerlink_parse_sdo(r, &s)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (!s.command) {
        report_sequence(m, &s);
        return;
    }
    struct cd_operation op = {.name = cd_powerlink_sdo_name(s.id),
                              .code_space = "sdo",
                              .code = s.id,
                              .class = class_of(&s),
                              .target = target};
    if (s.flags & CD_POWERLINK_SDO_RESPONSE) {
        m->from_client = to_all; /* a group of nodes asks nothing */
        report_answer(m, &op, &s);
        return;
    }
    m->from_client = true;
    if (s.has_index)
        text_target(&t, &s, node);
    if ((s.flags & CD_POWERLINK_SDO_SEGMENT) > INITIATE || (s.flags & CD_POWERLINK_SDO_ABORT) || to_all)
        cd_report_notice(m, &op);
    else
        cd_report_request(m, &op, s.transaction);
}

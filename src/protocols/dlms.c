/* DLMS/COSEM: the wrapper and HDLC frames, recognising and framing. */
#include "protocols/dlms.h"

enum {
    PORT = 4059,
    WRAPPER = 8,
    WRAPPER_VERSION = 1,
    LENGTH_MAX = 16384, /* an APDU longer than any meter's buffer is no APDU */
    FLAG = 0x7e,
    TYPE = 0xa0, /* frame format type 3 (IEC 62056-46, 6.4.2) */
    TYPE_MASK = 0xf0,
    SEGMENTED = 0x08,
    FRAME_MIN = 7, /* format 2, two addresses, control, FCS */
    ADDRESS_BYTES_MAX = 4,
    POLL_FINAL = 0x10,
    SNRM = 0x83, /* control fields without the P/F bit */
    DISC = 0x43,
    UA = 0x63,
    DM = 0x0f,
    FRMR = 0x87,
    UI = 0x03,
    HDLC_IDS = 0x2000,
};

/* ---- parsing ---- */

struct wrapper {
    uint16_t source, destination;
    struct cd_reader apdu;
};

static bool parse_wrapper(struct cd_reader *r, struct wrapper *ret)
{
    if (cd_read_be16(r, "version") != WRAPPER_VERSION)
        cd_read_fail(r, "version");
    struct wrapper w = {.source = cd_read_be16(r, "source wPort")};
    w.destination = cd_read_be16(r, "destination wPort");
    uint16_t length = cd_read_be16(r, "length");
    w.apdu = cd_read_sub(r, length, "length");
    if (!cd_read_ok(r))
        return false;
    *ret = w;
    return true;
}

struct hdlc {
    bool segmented, has_information;
    uint32_t destination, source;
    uint8_t control;
    struct cd_reader information;
};

/* 6.4.2.2: bytes of seven bits, the last one marked; of four or two bytes the upper half is the logical device. */
static uint32_t read_address(struct cd_reader *r, const char *field)
{
    uint32_t address = 0;
    for (unsigned n = 1; n <= ADDRESS_BYTES_MAX; n++) {
        uint8_t byte = cd_read_u8(r, field);
        address = address << 7 | byte >> 1;
        if (byte & 1)
            return n == 4 ? address >> 14 : n == 2 ? address >> 7 : address;
    }
    cd_read_fail(r, field);
    return 0;
}

static bool parse_hdlc(struct cd_reader *r, struct hdlc *ret)
{
    struct hdlc f = {0};
    if (cd_read_u8(r, "flag") != FLAG)
        cd_read_fail(r, "flag");
    uint16_t format = cd_read_be16(r, "format");
    if ((format >> 8 & TYPE_MASK) != TYPE || (format & 0x7ff) < FRAME_MIN)
        cd_read_fail(r, "format");
    struct cd_reader body = cd_read_sub(r, (size_t)(format & 0x7ff) - 4, "frame length");
    cd_read_skip(r, 2, "FCS");
    if (cd_read_u8(r, "flag") != FLAG)
        cd_read_fail(r, "flag");
    f.segmented = format >> 8 & SEGMENTED;
    f.destination = read_address(&body, "destination address");
    f.source = read_address(&body, "source address");
    f.control = cd_read_u8(&body, "control");
    f.has_information = cd_read_left(&body) > 2;
    if (f.has_information)
        cd_read_skip(&body, 2, "HCS");
    f.information = cd_read_rest(&body);
    if (body.bad)
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = f;
    return true;
}

/* ---- recognising and framing ---- */

/* FCS-16 of ISO/IEC 13239: over a whole frame without flags it leaves this. */
static bool check_fits(const uint8_t *bytes, size_t len)
{
    uint16_t check = 0xffff;
    for (size_t i = 0; i < len; i++) {
        check ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++)
            check = check & 1 ? (uint16_t)(check >> 1 ^ 0x8408) : check >> 1;
    }
    return check == 0xf0b8;
}

static int probe_hdlc(const uint8_t *bytes, size_t len)
{
    size_t length = (size_t)(bytes[1] & 7) << 8 | bytes[2];
    if ((bytes[1] & TYPE_MASK) != TYPE || length < FRAME_MIN || length + 2 > len || bytes[length + 1] != FLAG)
        return CD_PROBE_NO;
    return check_fits(bytes + 1, length) ? CD_PROBE_SURE : CD_PROBE_NO;
}

/* By what the tag leaves no choice in: the context name of an association, the form of a request and an object's group F. */
static int probe_apdu(const uint8_t *apdu, size_t len)
{
    switch (apdu[0]) {
    case CD_DLMS_AARQ:
    case CD_DLMS_AARE:
        for (size_t i = 2; i + 7 <= len && i < 12; i++)
            if (apdu[i] == 0x60 && apdu[i + 1] == 0x85 && apdu[i + 2] == 0x74 && apdu[i + 3] == 0x05 &&
                apdu[i + 4] == 0x08)
                return CD_PROBE_SURE;
        return CD_PROBE_MAYBE;
    case CD_DLMS_GET:
    case CD_DLMS_SET:
    case CD_DLMS_ACTION:
        return len >= 13 && apdu[1] == 1 && apdu[3] == 0 && apdu[10] == 0xff && apdu[11] < 0x40 ? CD_PROBE_LIKELY
                                                                                                : CD_PROBE_MAYBE;
    case CD_DLMS_GENERAL_GLO: return len > 12 && apdu[1] == CD_DLMS_TITLE ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
    default: return CD_PROBE_MAYBE;
    }
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (len > WRAPPER && bytes[0] == FLAG)
        return probe_hdlc(bytes, len);
    if (len < WRAPPER + 2 || bytes[0] || bytes[1] != WRAPPER_VERSION)
        return CD_PROBE_NO;
    size_t length = (size_t)bytes[6] << 8 | bytes[7];
    if (length < 2 || length > LENGTH_MAX || cd_dlms_side_of(bytes[WRAPPER]) == CD_DLMS_NOBODY)
        return CD_PROBE_NO;
    if (length + WRAPPER != len)
        return transport == CD_TRANSPORT_TCP ? CD_PROBE_MAYBE : CD_PROBE_NO;
    return probe_apdu(bytes + WRAPPER, length);
}

static ssize_t frame_hdlc(const uint8_t *bytes, size_t len)
{
    if (len < 3)
        return CD_FRAME_MORE;
    if (bytes[1] == FLAG)
        return 1; /* a flag between frames */
    size_t length = (size_t)(bytes[1] & 7) << 8 | bytes[2];
    if ((bytes[1] & TYPE_MASK) != TYPE || length < FRAME_MIN)
        return CD_FRAME_NOT_OURS;
    if (len > length + 1 && bytes[length + 1] != FLAG)
        return CD_FRAME_NOT_OURS;
    return (ssize_t)length + 2;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (bytes[0] == FLAG)
        return frame_hdlc(bytes, len);
    if (len < WRAPPER)
        return CD_FRAME_MORE;
    size_t length = (size_t)bytes[6] << 8 | bytes[7];
    if (bytes[0] || bytes[1] != WRAPPER_VERSION || length > LENGTH_MAX)
        return CD_FRAME_NOT_OURS;
    return WRAPPER + (ssize_t)length;
}

/* ---- reporting ---- */

static void report_apdu(struct cd_message *m, const struct cd_dlms_link *link, struct cd_reader *r)
{
    struct cd_dlms_apdu a;
    if (cd_dlms_parse_apdu(r, &a))
        cd_dlms_report(m, link, &a);
    else
        cd_report_malformed(m, r->bad);
}

static void dissect_wrapper(struct cd_message *m, struct cd_reader *r)
{
    struct wrapper w;
    if (!parse_wrapper(r, &w)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (!w.apdu.len)
        return;
    bool from_client = cd_dlms_side_of((uint8_t)cd_read_peek(&w.apdu, 0)) == CD_DLMS_CLIENT;
    struct cd_dlms_link link = {.client = from_client ? w.source : w.destination,
                                .server = from_client ? w.destination : w.source};
    report_apdu(m, &link, &w.apdu);
}

/* Setting up and closing the link; supervisory frames only carry it. The client is the one who sends SNRM and DISC. */
static void report_link(struct cd_message *m, const struct hdlc *f)
{
    struct cd_operation op = {.class = CD_CLASS_SESSION, .code_space = "hdlc", .target = ""};
    switch (f->control & ~POLL_FINAL) {
    case SNRM:
        m->from_client = true;
        op.name = "set normal response mode";
        op.code = SNRM;
        cd_report_request(m, &op, HDLC_IDS);
        break;
    case DISC:
        m->from_client = true;
        op.name = "disconnect";
        op.code = DISC;
        cd_report_request(m, &op, HDLC_IDS);
        break;
    case UA:
    case DM:
    case FRMR:
        m->from_client = false;
        op.name = "unnumbered response";
        op.code = UA;
        cd_report_response(m, &op, HDLC_IDS,
                           (f->control & ~POLL_FINAL) == UA   ? NULL
                           : (f->control & ~POLL_FINAL) == DM ? "disconnected mode"
                                                              : "frame rejected");
        break;
    default: break;
    }
}

/* LLC (IEC 62056-46, 5.3): E6 E6 00 of the client, E6 E7 00 of the server. Segments after the first go on with its APDU and are passed over. */
static void dissect_hdlc(struct cd_message *m, struct cd_reader *r)
{
    struct cd_dlms_state *s = m->state;
    struct hdlc f;
    if (!parse_hdlc(r, &f)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    bool *segmented = &s->segmented[m->sent_by_client_end], goes_on = *segmented;
    bool information = !(f.control & 1) || (f.control & ~POLL_FINAL) == UI;
    if (!information) {
        report_link(m, &f);
        return;
    }
    *segmented = f.segmented;
    if (!f.has_information || goes_on)
        return;
    cd_read_skip(&f.information, 1, "LLC");
    m->from_client = cd_read_u8(&f.information, "LLC") == 0xe6;
    cd_read_skip(&f.information, 1, "LLC");
    struct cd_dlms_link link = {.client = m->from_client ? f.source : f.destination,
                                .server = m->from_client ? f.destination : f.source};
    report_apdu(m, &link, &f.information);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    if (cd_read_peek(r, 0) != FLAG)
        dissect_wrapper(m, r);
    else if (cd_read_left(r) > 1)
        dissect_hdlc(m, r);
}

const struct cd_dissector cd_dissector_dlms = {
    .name = "dlms",
    .tcp_ports = {PORT},
    .udp_ports = {PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = LENGTH_MAX + WRAPPER,
    .state_size = sizeof(struct cd_dlms_state),
};

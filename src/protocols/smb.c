/* SMB on its session service: recognising, cutting, and handing each message to the reader of its version. */
#include "protocols/smb.h"

#include "protocols/netbios_name.h"
#include "protocols/smb_pipe.h"

#include <string.h>

enum {
    FRONT = CD_NBSS_HEADER + 4,
    BULK = 256, /* as much of a message is looked at whose rest is a file's content */
    SESSION_PACKET_MOST = 256,
    NAME_LETTERS = 32,
    COMPRESSED_HEADER = 16,
};

static bool is_smb(const uint8_t *b)
{
    return b[0] >= CD_SMB_COMPRESSED && b[1] == 'S' && b[2] == 'M' && b[3] == 'B';
}

/* A session request: two encoded names ([RFC 1002] 4.3.2). */
static bool is_session_request(const uint8_t *b, size_t len)
{
    if (len < CD_NBSS_HEADER + 1 + NAME_LETTERS || b[1] != 0 || b[2] != 0 || b[3] < 68 || b[4] != NAME_LETTERS)
        return false;
    for (size_t i = 0; i < NAME_LETTERS; i++)
        if (b[CD_NBSS_HEADER + 1 + i] < 'A' || b[CD_NBSS_HEADER + 1 + i] > 'P')
            return false;
    return true;
}

static int probe(const uint8_t *b, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < CD_NBSS_HEADER)
        return CD_PROBE_NO;
    if (b[0] == CD_NBSS_MESSAGE)
        return len >= FRONT && is_smb(b + CD_NBSS_HEADER) && (b[1] || b[2] || b[3] >= CD_SMB1_HEADER) ? CD_PROBE_SURE
                                                                                                      : CD_PROBE_NO;
    if (b[0] == CD_NBSS_REQUEST)
        return is_session_request(b, len) ? CD_PROBE_SURE : CD_PROBE_NO;
    bool small = b[1] == 0 && b[2] == 0;
    if ((b[0] == CD_NBSS_POSITIVE || b[0] == CD_NBSS_KEEP_ALIVE) && small && b[3] == 0)
        return CD_PROBE_MAYBE;
    return b[0] == CD_NBSS_NEGATIVE && small && b[3] == 1 ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

/* ---- cutting ---- */

/* What is cut out at once: a session packet, or one SMB2 message of a chain, of which the end is passed over. */
struct piece {
    size_t header;  /* 4, or 0 where the session header was before */
    size_t message; /* bytes of the message */
    size_t take;    /* of which so many are looked at */
    size_t rest;    /* bytes of the session packet behind the message */
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How much of a message is worth a look; 0: more bytes are needed to tell. */
static size_t worth(const struct cd_smb_state *s, const uint8_t *smb, size_t len, size_t message)
{
    bool pipes = s->files && s->files->pipes;
    uint16_t command;
    switch (smb[0]) {
    case CD_SMB_1:
        if (len < 5)
            return 0;
        return !pipes && (smb[4] == 0x2e || smb[4] == 0x2f) ? smaller(message, BULK)
                                                            : smaller(message, CD_SMB_PIECE_MOST);
    case CD_SMB_2:
        if (len < 14)
            return 0;
        command = (uint16_t)(smb[12] | smb[13] << 8);
        return !pipes && (command == CD_SMB2_READ || command == CD_SMB2_WRITE || command == CD_SMB2_QUERY_DIRECTORY)
                   ? smaller(message, BULK)
                   : smaller(message, CD_SMB_PIECE_MOST);
    case CD_SMB_ENCRYPTED: return smaller(message, CD_SMB2_TRANSFORM_HEADER);
    default: return smaller(message, BULK);
    }
}

/* Measures the piece at the front. CD_FRAME_MORE, CD_FRAME_NOT_OURS, or its length. */
static ssize_t measure(const struct cd_smb_state *s, const uint8_t *bytes, size_t len, bool from_client,
                       struct piece *ret)
{
    enum { NEXT_AT = 20 };
    struct piece p = {.rest = s->left[!from_client]};
    if (p.rest == 0 || bytes[0] < CD_SMB_COMPRESSED) { /* a session header */
        if (bytes[0] != CD_NBSS_MESSAGE && (bytes[0] < CD_NBSS_REQUEST || bytes[0] > CD_NBSS_KEEP_ALIVE))
            return CD_FRAME_NOT_OURS;
        if (len < CD_NBSS_HEADER)
            return CD_FRAME_MORE;
        p.header = CD_NBSS_HEADER;
        p.rest = (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
        if (bytes[0] != CD_NBSS_MESSAGE) {
            p.message = p.take = p.rest;
            p.rest = 0;
            *ret = p;
            return p.take > SESSION_PACKET_MOST ? CD_FRAME_NOT_OURS : (ssize_t)(p.header + p.take);
        }
        if (p.rest < CD_SMB1_HEADER)
            return CD_FRAME_NOT_OURS;
    }
    if (len < p.header + 4)
        return CD_FRAME_MORE;
    const uint8_t *smb = bytes + p.header;
    size_t there = len - p.header;
    if (!is_smb(smb))
        return CD_FRAME_NOT_OURS;
    p.message = p.rest;
    if (smb[0] == CD_SMB_2 && p.rest >= CD_SMB2_HEADER) {
        if (there < NEXT_AT + 4)
            return CD_FRAME_MORE;
        struct cd_reader r = cd_reader_of(smb + NEXT_AT, 4);
        size_t next = cd_read_le32(&r, "next command");
        if (next >= CD_SMB2_HEADER && next < p.rest)
            p.message = next;
    }
    p.take = worth(s, smb, there, p.message);
    if (p.take == 0)
        return CD_FRAME_MORE;
    p.rest -= p.message;
    *ret = p;
    return (ssize_t)(p.header + p.take);
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    struct piece p;
    return measure(state, bytes, len, from_client, &p);
}

/* ---- the session service ---- */

static void report_name(struct cd_message *m, const struct cd_subject *subject, const struct cd_netbios_name *name)
{
    bool letter = false; /* users write addresses too, and "*SMBSERVER" stands for any server */
    for (unsigned i = 0; i < name->len; i++)
        letter = letter || (name->text[i] & ~0x20) >= 'A';
    if (letter && name->text[0] != '*' && cd_netbios_name_is_plain(name))
        cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_NAME, name->text, name->len, 70);
}

static bool read_name(struct cd_reader *r, struct cd_netbios_name *ret)
{
    struct cd_dns_name label;
    return cd_dns_name_parse(r, &label) && cd_netbios_name_decode(&label, ret);
}

static const char *negative_name(uint8_t code)
{
    switch (code) { /* RFC 1002 4.3.4 */
    case 0x80: return "not listening on called name";
    case 0x81: return "not listening for calling name";
    case 0x82: return "called name not present";
    case 0x83: return "insufficient resources";
    default: return "unspecified error";
    }
}

static void report_session(struct cd_message *m, uint8_t type, struct cd_reader *r)
{
    struct cd_operation op = {.name = "session request",
                              .code_space = "nbss",
                              .code = CD_NBSS_REQUEST,
                              .class = CD_CLASS_SESSION,
                              .target = ""};
    struct cd_netbios_name called, calling;
    char target[17];
    struct cd_text t = cd_text_of(target, sizeof target);
    m->from_client = type == CD_NBSS_KEEP_ALIVE ? m->from_client : type == CD_NBSS_REQUEST;
    if (type == CD_NBSS_KEEP_ALIVE) {
        op.name = "keep-alive";
        op.code = type;
        cd_report_notice(m, &op);
    } else if (type != CD_NBSS_REQUEST) {
        const char *error = type == CD_NBSS_POSITIVE   ? NULL
                            : type == CD_NBSS_RETARGET ? "retarget"
                                                       : negative_name(cd_read_u8(r, "error code"));
        cd_report_response(m, &op, CD_NBSS_SESSION, error);
        if (!cd_read_ok(r))
            cd_report_malformed(m, r->bad);
    } else if (read_name(r, &called) && read_name(r, &calling)) {
        struct cd_subject client = cd_subject_client(m), server = cd_subject_server(m);
        cd_text_bytes(&t, called.text, called.len);
        op.target = target;
        cd_report_request(m, &op, CD_NBSS_SESSION);
        report_name(m, &server, &called);
        report_name(m, &client, &calling);
    } else {
        cd_report_request(m, &op, CD_NBSS_SESSION);
        cd_report_malformed(m, "name");
    }
}

/* ---- what can't be read ---- */

static void report_sealed(struct cd_message *m, const char *name, const char *code)
{
    struct cd_operation op = {
        .name = name, .code_space = "smb2", .code_text = code, .class = CD_CLASS_OTHER, .target = ""};
    if (m->from_client)
        cd_report_notice(m, &op);
    else
        cd_report_response(m, &op, CD_REPORT_NO_REQUEST, NULL);
}

/* [MS-SMB2] 2.2.42: the header of an unchained message often stands before the compressed part. */
static void dissect_compressed(struct cd_message *m, struct cd_reader *r)
{
    struct cd_reader rest = *r;
    cd_read_skip(&rest, 10, "compression header");
    uint16_t chained = cd_read_le16(&rest, "compression flags");
    uint32_t plain = cd_read_le32(&rest, "compression offset");
    if (!cd_read_ok(&rest) || chained || plain < CD_SMB2_HEADER || cd_read_left(&rest) < CD_SMB2_HEADER) {
        report_sealed(m, "compressed message", "compressed");
        return;
    }
    m->cut = true;
    cd_smb2_dissect(m, &rest);
}

static void dissect_message(struct cd_message *m, struct cd_reader *r)
{
    switch (cd_read_peek(r, 0)) {
    case CD_SMB_1: cd_smb1_dissect(m, r); break;
    case CD_SMB_2: cd_smb2_dissect(m, r); break;
    case CD_SMB_ENCRYPTED: report_sealed(m, "encrypted message", "encrypted"); break;
    default: dissect_compressed(m, r); break;
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_smb_state *s = m->state;
    unsigned way = !m->sent_by_client_end;
    struct piece p;
    ssize_t length = measure(s, r->base, r->len, m->sent_by_client_end, &p);
    if (length <= 0) { /* cut so short that not even its kind is there */
        s->left[way] = 0;
        cd_report_malformed(m, "session header");
        return;
    }
    s->left[way] = (uint32_t)p.rest;
    m->skip = (uint32_t)(p.message - p.take);
    int type = p.header ? cd_read_peek(r, 0) : CD_NBSS_MESSAGE;
    cd_read_skip(r, p.header, "session header");
    if (type != CD_NBSS_MESSAGE) {
        report_session(m, (uint8_t)type, r);
        return;
    }
    if (m->skip)
        m->cut = true;
    struct cd_reader message = cd_reader_of(r->base + r->pos, smaller(cd_read_left(r), p.take));
    dissect_message(m, &message);
}

static void end(void *state)
{
    cd_smb_files_free(state);
}

const struct cd_dissector cd_dissector_smb = {
    .name = "smb",
    .tcp_ports = {445, 139},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_NBSS_HEADER + CD_SMB_PIECE_MOST,
    .state_size = sizeof(struct cd_smb_state),
    .end = end,
};

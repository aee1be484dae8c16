/* SMB1 messages from bytes ([MS-CIFS] 2.2.3, 2.2.4). */
#include "protocols/smb1.h"

#include <string.h>

bool cd_smb1_parse_header(struct cd_reader *r, struct cd_smb1_header *ret)
{
    struct cd_smb1_header h = {0};
    const uint8_t *magic = cd_read_at(r, 4, "protocol");
    if (magic && memcmp(magic, "\xffSMB", 4) != 0)
        cd_read_fail(r, "protocol");
    h.command = cd_read_u8(r, "command");
    h.status = cd_read_le32(r, "status");
    h.flags = cd_read_u8(r, "flags");
    h.flags2 = cd_read_le16(r, "flags 2");
    cd_read_skip(r, 12, "signature");
    h.tree_id = cd_read_le16(r, "tree id");
    h.process_id = cd_read_le16(r, "process id");
    h.user_id = cd_read_le16(r, "user id");
    h.multiplex_id = cd_read_le16(r, "multiplex id");
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

static bool is_chainable(uint8_t command)
{
    return command == CD_SMB1_LOCKING || (command >= CD_SMB1_OPEN_ANDX && command <= CD_SMB1_WRITE_ANDX) ||
           (command >= CD_SMB1_SESSION_SETUP && command <= CD_SMB1_TREE_CONNECT_ANDX) || command == CD_SMB1_NT_CREATE;
}

bool cd_smb1_parse_block(struct cd_reader *r, uint8_t command, bool cut, struct cd_smb1_block *ret)
{
    struct cd_smb1_block b = {.command = command, .next = CD_SMB1_NO_COMMAND};
    enum { EXTENDED_CREATE_SAYS = 42, EXTENDED_CREATE_HAS = 50 };
    size_t words = cd_read_u8(r, "word count");
    if (command == CD_SMB1_NT_CREATE && words == EXTENDED_CREATE_SAYS &&
        cd_read_left(r) >=
            (size_t)EXTENDED_CREATE_HAS * 2 + 2) /* [MS-SMB] 2.2.4.9.2: the extended response miscounts */
        words = EXTENDED_CREATE_HAS;
    b.words = cd_read_sub(r, words * 2, "words");
    size_t bytes = cd_read_le16(r, "byte count"), left = cd_read_left(r);
    b.bytes_at = r->pos;
    bool chance = words == EXTENDED_CREATE_HAS && command == CD_SMB1_NT_CREATE; /* its byte count is not set */
    b.bytes = cd_read_sub(r, (cut || chance) && bytes > left ? left : bytes, "bytes");
    b.empty = words == 0 && bytes == 0;
    if (!cd_read_ok(r))
        return false;
    if (is_chainable(command) && words >= 2) {
        struct cd_reader head = b.words;
        b.next = cd_read_u8(&head, "next command");
        cd_read_skip(&head, 1, "reserved");
        b.next_offset = cd_read_le16(&head, "next offset");
    }
    *ret = b;
    return true;
}

void cd_text_smb1(struct cd_text *t, const struct cd_smb1_text *text)
{
    if (text->wide)
        cd_text_utf16le(t, text->bytes.base, text->bytes.len);
    else
        cd_text_device(t, text->bytes.base, text->bytes.len);
}

struct cd_smb1_text cd_smb1_string(struct cd_smb1_block *b, bool wide)
{
    struct cd_reader *r = &b->bytes;
    struct cd_smb1_text text = {.wide = wide};
    size_t unit = wide ? 2 : 1, len = 0;
    if (wide && (b->bytes_at + r->pos) % 2 && cd_read_left(r))
        cd_read_skip(r, 1, "padding");
    while (len + unit <= cd_read_left(r) && (cd_read_peek(r, len) != 0 || (wide && cd_read_peek(r, len + 1) != 0)))
        len += unit;
    bool ended = len + unit <= cd_read_left(r);
    text.bytes = cd_read_sub(r, len, "text");
    cd_read_skip(r, ended ? unit : cd_read_left(r), "text"); /* the last is often without its end */
    return text;
}

/* ---- sign-in ---- */

static void read_nt_negotiated(struct cd_smb1_block *b, bool wide, struct cd_smb1_negotiated *n)
{
    enum { USER_LEVEL = 1, ENCRYPTED_PASSWORDS = 2, SIGNING = 4, SIGNING_REQUIRED = 8 };
    const uint32_t extended_security = 0x80000000;
    struct cd_reader *r = &b->words;
    uint8_t mode = cd_read_u8(r, "security mode");
    n->user_level = mode & USER_LEVEL;
    n->clear_passwords = !(mode & ENCRYPTED_PASSWORDS);
    n->signing = mode & (SIGNING | SIGNING_REQUIRED);
    n->signing_required = mode & SIGNING_REQUIRED;
    cd_read_skip(r, 2 + 2 + 4 + 4 + 4, "sizes");
    uint32_t capabilities = cd_read_le32(r, "capabilities");
    cd_read_skip(r, 8 + 2, "time");
    uint8_t challenge = cd_read_u8(r, "challenge length");
    if (capabilities & extended_security) {
        if (cd_read_left(&b->bytes) < 16)
            return;
        n->guid = cd_read_at(&b->bytes, 16, "server GUID");
        n->token = cd_read_rest(&b->bytes);
        return;
    }
    if (challenge > cd_read_left(&b->bytes))
        return;
    cd_read_skip(&b->bytes, challenge, "challenge");
    b->bytes_at = b->bytes.pos % 2; /* [MS-CIFS] 2.2.4.52.2: here names are not aligned */
    n->domain = cd_smb1_string(b, wide);
    n->server = cd_smb1_string(b, wide);
}

bool cd_smb1_parse_negotiated(struct cd_smb1_block *b, bool wide, struct cd_smb1_negotiated *ret)
{
    enum { WORDS_CORE = 1, WORDS_LANMAN = 13, WORDS_NT = 17 };
    struct cd_smb1_negotiated n = {.words = (uint8_t)(b->words.len / 2)};
    n.dialect = cd_read_le16(&b->words, "dialect index");
    if (n.words == WORDS_NT)
        read_nt_negotiated(b, wide, &n);
    else if (n.words == WORDS_LANMAN) {
        uint16_t mode = cd_read_le16(&b->words, "security mode");
        n.user_level = mode & 1;
        n.clear_passwords = !(mode & 2);
    } else if (n.words == WORDS_CORE)
        n.clear_passwords = true;
    if (!cd_read_ok(&b->words))
        return false;
    *ret = n;
    return true;
}

static struct cd_reader take(struct cd_smb1_block *b, size_t len)
{
    size_t left = cd_read_left(&b->bytes);
    return cd_read_sub(&b->bytes, len < left ? len : left, "token");
}

static void read_sign_in_request(struct cd_smb1_block *b, bool wide, struct cd_smb1_sign_in *s)
{
    enum { WORDS_LANMAN = 10, WORDS_EXTENDED = 12 };
    size_t words = b->words.len / 2;
    cd_read_skip(&b->words, 4 + 2 + 2 + 2 + 4, "sizes");
    if (words == WORDS_EXTENDED) {
        s->token = take(b, cd_read_le16(&b->words, "token length"));
    } else {
        s->ansi_len = cd_read_le16(&b->words, "password length");
        s->unicode_len = words > WORDS_LANMAN ? cd_read_le16(&b->words, "password length") : 0;
        take(b, (size_t)s->ansi_len + s->unicode_len);
        s->user = cd_smb1_string(b, wide);
        s->domain = cd_smb1_string(b, wide);
    }
    s->os = cd_smb1_string(b, wide);
    s->lan_manager = cd_smb1_string(b, wide);
    if (words == WORDS_EXTENDED)
        s->domain = cd_smb1_string(b, wide);
}

static void read_sign_in_response(struct cd_smb1_block *b, bool wide, struct cd_smb1_sign_in *s)
{
    enum { WORDS_EXTENDED = 4, GUEST = 1 };
    size_t words = b->words.len / 2;
    if (words == 0)
        return;
    cd_read_skip(&b->words, 4, "next command");
    s->guest = cd_read_le16(&b->words, "action") & GUEST;
    if (words >= WORDS_EXTENDED)
        s->token = take(b, cd_read_le16(&b->words, "token length"));
    s->os = cd_smb1_string(b, wide);
    s->lan_manager = cd_smb1_string(b, wide);
    s->domain = cd_smb1_string(b, wide);
}

bool cd_smb1_parse_sign_in(struct cd_smb1_block *b, bool request, bool wide, struct cd_smb1_sign_in *ret)
{
    struct cd_smb1_sign_in s = {0};
    if (request)
        read_sign_in_request(b, wide, &s);
    else
        read_sign_in_response(b, wide, &s);
    if (!cd_read_ok(&b->words))
        return false;
    *ret = s;
    return true;
}

/* ---- transactions and data ---- */

/* Bytes at an offset from the message's start; where it is cut, as many as there are. */
static struct cd_reader pointed(const struct cd_reader *message, size_t offset, size_t len, bool cut)
{
    struct cd_reader all = cd_reader_of(message->base, message->len);
    if (len == 0)
        return cd_reader_of(message->base, 0);
    if (cut && offset + len > all.len) {
        offset = offset < all.len ? offset : all.len;
        len = all.len - offset;
    }
    cd_read_skip(&all, offset, "offset");
    return cd_read_sub(&all, len, "data");
}

/* Count, offset and displacement of parameters and data; those of NT transactions have 32 bits. */
struct parts {
    uint32_t total[2], count[2], offset[2], displacement[2];
};

static uint32_t read_number(struct cd_reader *r, bool nt)
{
    return nt ? cd_read_le32(r, "transaction size") : cd_read_le16(r, "transaction size");
}

static void read_parts(struct cd_reader *w, bool nt, bool request, struct parts *p)
{
    cd_read_skip(w, nt ? 3 : 0, "reserved");
    p->total[0] = read_number(w, nt);
    p->total[1] = read_number(w, nt);
    if (request) {
        read_number(w, nt);
        read_number(w, nt);
        cd_read_skip(w, nt ? 0 : 2 + 2 + 4 + 2, "limits");
    } else
        cd_read_skip(w, nt ? 0 : 2, "reserved");
    for (unsigned i = 0; i < 2; i++) {
        p->count[i] = read_number(w, nt);
        p->offset[i] = read_number(w, nt);
        if (!request)
            p->displacement[i] = read_number(w, nt);
    }
}

bool cd_smb1_parse_transaction(struct cd_smb1_block *b, const struct cd_reader *message, bool request, bool wide,
                               bool cut, struct cd_smb1_transaction *ret)
{
    struct cd_smb1_transaction t = {0};
    struct parts p = {0};
    bool nt = b->command == CD_SMB1_NT_TRANSACT;
    read_parts(&b->words, nt, request, &p);
    uint8_t setup = cd_read_u8(&b->words, "setup count");
    if (nt && request)
        t.function = cd_read_le16(&b->words, "function");
    else {
        cd_read_skip(&b->words, nt ? 0 : 1, "reserved");
        t.function = setup > 0 ? cd_read_le16(&b->words, "setup") : 0;
        t.file = setup > 1 ? cd_read_le16(&b->words, "setup") : 0;
    }
    if (b->command == CD_SMB1_TRANSACTION && request)
        t.name = cd_smb1_string(b, wide);
    t.parameters = pointed(message, p.offset[0], p.count[0], cut);
    t.data = pointed(message, p.offset[1], p.count[1], cut);
    t.data_len = p.count[1];
    t.more = p.displacement[0] + p.count[0] < p.total[0] || p.displacement[1] + p.count[1] < p.total[1];
    if (!cd_read_ok(&b->words) || !cd_read_ok(&t.parameters) || !cd_read_ok(&t.data)) {
        cd_read_fail(&b->words, "transaction parts");
        return false;
    }
    *ret = t;
    return true;
}

bool cd_smb1_parse_data(struct cd_smb1_block *b, const struct cd_reader *message, bool cut, struct cd_reader *ret,
                        uint32_t *ret_len)
{
    struct cd_reader w = cd_reader_of(b->words.base, b->words.len);
    uint32_t len, high;
    uint16_t offset;
    if (b->command == CD_SMB1_WRITE_ANDX) {
        cd_read_skip(&w, 4 + 2 + 4 + 4 + 2 + 2, "write parameters");
        high = cd_read_le16(&w, "data length high");
        len = cd_read_le16(&w, "data length");
        offset = cd_read_le16(&w, "data offset");
    } else {
        cd_read_skip(&w, 4 + 2 + 2 + 2, "read parameters");
        len = cd_read_le16(&w, "data length");
        offset = cd_read_le16(&w, "data offset");
        high = cd_read_le16(&w, "data length high");
    }
    len |= high << 16;
    struct cd_reader data = pointed(message, offset, len, cut);
    if (!cd_read_ok(&w) || !cd_read_ok(&data))
        return false;
    *ret = data;
    *ret_len = len;
    return true;
}

/* SMB2 and SMB3 messages from bytes ([MS-SMB2] 2.2). */
#include "protocols/smb.h"

#include <string.h>

bool cd_smb2_parse_header(struct cd_reader *r, struct cd_smb2_header *ret)
{
    struct cd_smb2_header h = {0};
    const uint8_t *magic = cd_read_at(r, 4, "protocol id");
    if (magic && memcmp(magic, "\xfeSMB", 4) != 0)
        cd_read_fail(r, "protocol id");
    if (cd_read_le16(r, "header size") != CD_SMB2_HEADER)
        cd_read_fail(r, "header size");
    cd_read_skip(r, 2, "credit charge");
    h.status = cd_read_le32(r, "status");
    h.command = cd_read_le16(r, "command");
    cd_read_skip(r, 2, "credits");
    h.flags = cd_read_le32(r, "flags");
    h.next = cd_read_le32(r, "next command");
    h.message_id = cd_read_le64(r, "message id");
    cd_read_skip(r, 4, "process id");
    h.tree_id = cd_read_le32(r, "tree id");
    if (h.flags & CD_SMB2_ASYNC) /* the upper half of the asynchronous id stands here */
        h.tree_id = 0;
    cd_read_skip(r, 8 + 16, "session id and signature");
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

struct parser {
    struct cd_reader r;              /* the body */
    const struct cd_reader *message; /* header and body: offsets count from its start */
    bool cut;
};

/* Bytes that the body points at; where the message is cut, as many as there are. */
static struct cd_reader pointed(struct parser *p, size_t offset, size_t len, const char *field)
{
    struct cd_reader all = cd_reader_of(p->message->base, p->message->len);
    if (len == 0)
        return cd_reader_of(p->message->base, 0);
    if (p->cut && offset + len > all.len)
        len = offset < all.len ? all.len - offset : 0;
    cd_read_skip(&all, p->cut && offset > all.len ? all.len : offset, field);
    struct cd_reader part = cd_read_sub(&all, len, field);
    if (!cd_read_ok(&part))
        cd_read_fail(&p->r, field);
    return part;
}

/* Persistent and volatile half in one number; both are unique in a connection, and all ones stay all ones. */
static uint64_t read_file(struct cd_reader *r)
{
    uint64_t persistent = cd_read_le64(r, "file id"), volatile_half = cd_read_le64(r, "file id");
    if (persistent == UINT64_MAX && volatile_half == UINT64_MAX)
        return CD_SMB2_RELATED_FILE;
    return volatile_half ^ (persistent << 32 | persistent >> 32);
}

/* ---- session ---- */

static void read_negotiate_request(struct parser *p, struct cd_smb2_body *b)
{
    cd_read_skip(&p->r, 2, "dialect count");
    b->security_mode = cd_read_le16(&p->r, "security mode");
    cd_read_skip(&p->r, 2, "reserved");
    b->capabilities = cd_read_le32(&p->r, "capabilities");
    b->guid = cd_read_at(&p->r, 16, "client GUID");
    cd_read_skip(&p->r, 8, "negotiate contexts");
}

/* Of the negotiate contexts of SMB 3.1.1 the cipher ([MS-SMB2] 2.2.3.1). */
static void read_contexts(struct parser *p, size_t offset, unsigned count, struct cd_smb2_body *b)
{
    enum { CONTEXTS_MAX = 16, ENCRYPTION = 2 };
    struct cd_reader r = cd_reader_of(p->message->base, p->message->len);
    cd_read_skip(&r, offset, "negotiate context offset");
    for (unsigned i = 0; i < count && i < CONTEXTS_MAX && cd_read_ok(&r); i++) {
        uint16_t type = cd_read_le16(&r, "context type"), len = cd_read_le16(&r, "context length");
        cd_read_skip(&r, 4, "context reserved");
        struct cd_reader data = cd_read_sub(&r, len, "context");
        if (type == ENCRYPTION && cd_read_le16(&data, "cipher count") > 0)
            b->cipher = cd_read_le16(&data, "cipher");
        if (i + 1 < count)
            cd_read_skip(&r, (8 - r.pos % 8) % 8, "context padding");
    }
    if (!cd_read_ok(&r) && !p->cut)
        cd_read_fail(&p->r, r.bad);
}

static void read_negotiate_response(struct parser *p, struct cd_smb2_body *b)
{
    b->security_mode = cd_read_le16(&p->r, "security mode");
    b->dialect = cd_read_le16(&p->r, "dialect");
    uint16_t contexts = cd_read_le16(&p->r, "context count");
    b->guid = cd_read_at(&p->r, 16, "server GUID");
    b->capabilities = cd_read_le32(&p->r, "capabilities");
    cd_read_skip(&p->r, 12 + 16, "sizes and times");
    uint16_t offset = cd_read_le16(&p->r, "token offset"), len = cd_read_le16(&p->r, "token length");
    uint32_t contexts_at = cd_read_le32(&p->r, "context offset");
    b->data = pointed(p, offset, len, "token");
    if (b->dialect == 0x0311)
        read_contexts(p, contexts_at, contexts, b);
}

static void read_session_request(struct parser *p, struct cd_smb2_body *b)
{
    cd_read_skip(&p->r, 1, "flags");
    b->security_mode = cd_read_u8(&p->r, "security mode");
    b->capabilities = cd_read_le32(&p->r, "capabilities");
    cd_read_skip(&p->r, 4, "channel");
    uint16_t offset = cd_read_le16(&p->r, "token offset"), len = cd_read_le16(&p->r, "token length");
    cd_read_skip(&p->r, 8, "previous session");
    b->data = pointed(p, offset, len, "token");
}

static void read_session_response(struct parser *p, struct cd_smb2_body *b)
{
    b->session_flags = cd_read_le16(&p->r, "session flags");
    uint16_t offset = cd_read_le16(&p->r, "token offset"), len = cd_read_le16(&p->r, "token length");
    b->data = pointed(p, offset, len, "token");
}

static void read_tree_request(struct parser *p, struct cd_smb2_body *b)
{
    cd_read_skip(&p->r, 2, "flags");
    uint16_t offset = cd_read_le16(&p->r, "path offset"), len = cd_read_le16(&p->r, "path length");
    b->name = pointed(p, offset, len, "path");
}

static void read_tree_response(struct parser *p, struct cd_smb2_body *b)
{
    b->share_type = cd_read_u8(&p->r, "share type");
    cd_read_skip(&p->r, 13, "share flags");
}

/* ---- files ---- */

static void read_create_request(struct parser *p, struct cd_smb2_body *b)
{
    cd_read_skip(&p->r, 2 + 4 + 8 + 8, "oplock and impersonation");
    b->access = cd_read_le32(&p->r, "desired access");
    cd_read_skip(&p->r, 8, "attributes and sharing");
    cd_read_skip(&p->r, 4, "disposition");
    b->options = cd_read_le32(&p->r, "create options");
    uint16_t offset = cd_read_le16(&p->r, "name offset"), len = cd_read_le16(&p->r, "name length");
    cd_read_skip(&p->r, 8, "create contexts");
    b->name = pointed(p, offset, len, "name");
}

static void read_create_response(struct parser *p, struct cd_smb2_body *b)
{
    cd_read_skip(&p->r, 2 + 4 + 32 + 16 + 8, "file attributes");
    b->file = read_file(&p->r);
    cd_read_skip(&p->r, 8, "create contexts");
}

/* Commands whose file stands behind so many bytes, and of which nothing else is told. */
static void read_file_behind(struct parser *p, size_t bytes, struct cd_smb2_body *b)
{
    cd_read_skip(&p->r, bytes, "parameters");
    b->file = read_file(&p->r);
}

static void read_read_response(struct parser *p, struct cd_smb2_body *b)
{
    uint8_t offset = cd_read_u8(&p->r, "data offset");
    cd_read_skip(&p->r, 1, "reserved");
    b->data_len = cd_read_le32(&p->r, "data length");
    cd_read_skip(&p->r, 8, "data remaining");
    b->data = pointed(p, offset, b->data_len, "data");
}

static void read_write_request(struct parser *p, struct cd_smb2_body *b)
{
    uint16_t offset = cd_read_le16(&p->r, "data offset");
    b->data_len = cd_read_le32(&p->r, "data length");
    cd_read_skip(&p->r, 8, "file offset");
    b->file = read_file(&p->r);
    uint32_t channel = cd_read_le32(&p->r, "channel");
    if (channel == 0) /* else the data goes another way: RDMA */
        b->data = pointed(p, offset, b->data_len, "data");
}

static void read_ioctl(struct parser *p, bool request, struct cd_smb2_body *b)
{
    cd_read_skip(&p->r, 2, "reserved");
    b->control_code = cd_read_le32(&p->r, "control code");
    b->file = read_file(&p->r);
    uint32_t in_offset = cd_read_le32(&p->r, "input offset"), in = cd_read_le32(&p->r, "input count");
    if (request)
        cd_read_skip(&p->r, 4, "most input");
    uint32_t out_offset = cd_read_le32(&p->r, "output offset"), out = cd_read_le32(&p->r, "output count");
    cd_read_skip(&p->r, request ? 12 : 8, "flags");
    b->data_len = request ? in : out;
    b->data = pointed(p, request ? in_offset : out_offset, b->data_len, "control data");
}

static void read_query_directory(struct parser *p, struct cd_smb2_body *b)
{
    b->info_class = cd_read_u8(&p->r, "information class");
    cd_read_skip(&p->r, 5, "flags");
    b->file = read_file(&p->r);
    uint16_t offset = cd_read_le16(&p->r, "pattern offset"), len = cd_read_le16(&p->r, "pattern length");
    cd_read_skip(&p->r, 4, "output length");
    b->name = pointed(p, offset, len, "pattern");
}

static void read_query_info(struct parser *p, struct cd_smb2_body *b)
{
    b->info_type = cd_read_u8(&p->r, "information type");
    b->info_class = cd_read_u8(&p->r, "information class");
    cd_read_skip(&p->r, 4 + 2 + 2 + 4 + 4 + 4, "lengths");
    b->file = read_file(&p->r);
}

/* [MS-FSCC] 2.4.11, 2.4.37.2 */
static void read_set_info(struct parser *p, struct cd_smb2_body *b)
{
    enum { TYPE_FILE = 1, RENAME = 10, DISPOSITION = 13, DISPOSITION_EX = 64 };
    b->info_type = cd_read_u8(&p->r, "information type");
    b->info_class = cd_read_u8(&p->r, "information class");
    uint32_t len = cd_read_le32(&p->r, "information length");
    uint16_t offset = cd_read_le16(&p->r, "information offset");
    cd_read_skip(&p->r, 2 + 4, "additional information");
    b->file = read_file(&p->r);
    struct cd_reader info = pointed(p, offset, len, "information");
    if (b->info_type != TYPE_FILE)
        return;
    if (b->info_class == RENAME) {
        cd_read_skip(&info, 16, "rename flags");
        b->name = cd_read_sub(&info, cd_read_le32(&info, "new name length"), "new name");
    } else if (b->info_class == DISPOSITION || b->info_class == DISPOSITION_EX)
        b->removes = cd_read_u8(&info, "delete flag") & 1;
    if (!cd_read_ok(&info) && !p->cut)
        cd_read_fail(&p->r, info.bad);
}

static void read_request(struct parser *p, uint16_t command, struct cd_smb2_body *b)
{
    switch (command) {
    case CD_SMB2_NEGOTIATE: read_negotiate_request(p, b); break;
    case CD_SMB2_SESSION_SETUP: read_session_request(p, b); break;
    case CD_SMB2_TREE_CONNECT: read_tree_request(p, b); break;
    case CD_SMB2_CREATE: read_create_request(p, b); break;
    case CD_SMB2_CLOSE:
    case CD_SMB2_FLUSH:
    case CD_SMB2_LOCK:
    case CD_SMB2_CHANGE_NOTIFY: read_file_behind(p, 6, b); break;
    case CD_SMB2_READ: read_file_behind(p, 14, b); break;
    case CD_SMB2_WRITE: read_write_request(p, b); break;
    case CD_SMB2_IOCTL: read_ioctl(p, true, b); break;
    case CD_SMB2_QUERY_DIRECTORY: read_query_directory(p, b); break;
    case CD_SMB2_QUERY_INFO: read_query_info(p, b); break;
    case CD_SMB2_SET_INFO: read_set_info(p, b); break;
    default: break;
    }
}

static void read_response(struct parser *p, uint16_t command, struct cd_smb2_body *b)
{
    switch (command) {
    case CD_SMB2_NEGOTIATE: read_negotiate_response(p, b); break;
    case CD_SMB2_SESSION_SETUP: read_session_response(p, b); break;
    case CD_SMB2_TREE_CONNECT: read_tree_response(p, b); break;
    case CD_SMB2_CREATE: read_create_response(p, b); break;
    case CD_SMB2_READ: read_read_response(p, b); break;
    case CD_SMB2_IOCTL: read_ioctl(p, false, b); break;
    default: break;
    }
}

/* The size that a body says it has, its variable part counted as one byte; 0: several are possible. */
static uint8_t body_size(uint16_t command, bool request)
{
    static const uint8_t sizes[CD_SMB2_COMMANDS][2] = {
        [CD_SMB2_NEGOTIATE] = {36, 65},
        [CD_SMB2_SESSION_SETUP] = {25, 9},
        [CD_SMB2_LOGOFF] = {4, 4},
        [CD_SMB2_TREE_CONNECT] = {9, 16},
        [CD_SMB2_TREE_DISCONNECT] = {4, 4},
        [CD_SMB2_CREATE] = {57, 89},
        [CD_SMB2_CLOSE] = {24, 60},
        [CD_SMB2_FLUSH] = {24, 4},
        [CD_SMB2_READ] = {49, 17},
        [CD_SMB2_WRITE] = {49, 17},
        [CD_SMB2_LOCK] = {48, 4},
        [CD_SMB2_IOCTL] = {57, 49},
        [CD_SMB2_CANCEL] = {4, 4},
        [CD_SMB2_ECHO] = {4, 4},
        [CD_SMB2_QUERY_DIRECTORY] = {33, 9},
        [CD_SMB2_CHANGE_NOTIFY] = {32, 9},
        [CD_SMB2_QUERY_INFO] = {41, 9},
        [CD_SMB2_SET_INFO] = {33, 2},
    };
    return sizes[command][!request];
}

bool cd_smb2_parse_body(struct cd_reader *message, const struct cd_smb2_header *h, bool cut, struct cd_smb2_body *ret)
{
    struct cd_smb2_body b = {0};
    struct parser p = {.r = cd_reader_of(message->base, message->len), .message = message, .cut = cut};
    bool request = !(h->flags & CD_SMB2_RESPONSE);
    cd_read_skip(&p.r, CD_SMB2_HEADER, "header");
    uint16_t size = cd_read_le16(&p.r, "structure size");
    if (h->command >= CD_SMB2_COMMANDS)
        cd_read_fail(&p.r, "command");
    else if (body_size(h->command, request) && size != body_size(h->command, request))
        cd_read_fail(&p.r, "structure size");
    else if (request)
        read_request(&p, h->command, &b);
    else
        read_response(&p, h->command, &b);
    if (!cd_read_ok(&p.r)) {
        cd_read_fail(message, p.r.bad);
        return false;
    }
    *ret = b;
    return true;
}

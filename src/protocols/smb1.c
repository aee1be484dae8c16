/* What SMB1 messages tell. Commands may be chained (AndX); each is an operation of its own. */
#include "protocols/smb1_report.h"

#include "protocols/smb_pipe.h"

enum { CHAIN_MAX = 16, NO_MULTIPLEX_ID = 0xffff /* of what a server sends unasked */ };

static enum cd_class class_of(uint8_t command)
{
    switch (command) {
    case CD_SMB1_READ:
    case CD_SMB1_READ_ANDX:
    case CD_SMB1_QUERY_INFORMATION:
    case CD_SMB1_CHECK_DIRECTORY:
    case CD_SMB1_SEARCH:
    case 0x13: /* lock and read */
    case 0x1a: /* read raw */
    case 0x1b:
    case 0x1c:
    case 0x23: /* query information 2 */
    case 0x34: /* find close */
    case 0x35:
    case 0x80: /* query information disk */
    case 0x82:
    case 0x83:
    case 0x84: return CD_CLASS_READ;
    case CD_SMB1_WRITE:
    case CD_SMB1_WRITE_ANDX:
    case CD_SMB1_SET_INFORMATION:
    case 0x14: /* write and unlock */
    case 0x1d: /* write raw */
    case 0x1e:
    case 0x20:
    case 0x22: /* set information 2 */
    case 0x2c: /* write and close */
    case 0xc1: return CD_CLASS_WRITE;
    case CD_SMB1_TREE_CONNECT:
    case CD_SMB1_TREE_DISCONNECT:
    case CD_SMB1_NEGOTIATE:
    case CD_SMB1_SESSION_SETUP:
    case CD_SMB1_LOGOFF:
    case CD_SMB1_TREE_CONNECT_ANDX:
    case 0x11: /* process exit */
    case 0x2b: /* echo */ return CD_CLASS_SESSION;
    case CD_SMB1_TRANSACTION:
    case CD_SMB1_TRANSACTION_SECONDARY:
    case CD_SMB1_TRANSACTION2:
    case CD_SMB1_TRANSACTION2_SECONDARY:
    case CD_SMB1_NT_TRANSACT:
    case CD_SMB1_NT_TRANSACT_SECONDARY:
    case CD_SMB1_NT_CANCEL: return CD_CLASS_OTHER;
    default: return CD_CLASS_FILE;
    }
}

/* Transactions go by their function: [MS-CIFS] 2.2.6, 2.2.7. */
static enum cd_class class_of_function(uint8_t command, uint16_t function)
{
    if (command == CD_SMB1_TRANSACTION2)
        switch (function) {
        case 1:
        case 2:
        case 3:
        case 5:
        case 7:
        case 0x0b:
        case 0x0c:
        case 0x10: return CD_CLASS_READ;
        case 4:
        case 6:
        case 8: return CD_CLASS_WRITE;
        case 0:
        case 0x0d: return CD_CLASS_FILE;
        default: return CD_CLASS_OTHER;
        }
    if (command == CD_SMB1_NT_TRANSACT)
        switch (function) {
        case 1:
        case 5: return CD_CLASS_FILE;
        case 3: return CD_CLASS_WRITE;
        case 4:
        case 6: return CD_CLASS_READ;
        default: return CD_CLASS_OTHER;
        }
    return CD_CLASS_OTHER;
}

/* ---- files ---- */

static const struct cd_smb_open *open_of(const struct smb1 *x, uint16_t file)
{
    return cd_smb_open_find(x->s, file);
}

static void target_of_file(struct smb1 *x, uint16_t file)
{
    cd_text_smb_open(&x->target, x->s, x->h.tree_id, open_of(x, file));
}

static void target_of_name(struct smb1 *x, const struct cd_smb1_text *name)
{
    char text[CD_SMB_NAME_TEXT];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_smb1(&t, name);
    cd_text_smb_file(&x->target, x->s, x->h.tree_id, text);
}

/* Commands that open a file by its name; the answer gives its number. */
static void open_request(struct smb1 *x)
{
    enum { NT_CREATE_NAME_WORDS = 24, FILE_DELETE_ON_CLOSE = 0x1000 };
    char text[CD_SMB_NAME_TEXT];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_reader words = x->block.words;
    if (x->block.command != CD_SMB1_NT_CREATE && x->block.command != CD_SMB1_OPEN_ANDX)
        cd_read_skip(&x->block.bytes, 1, "buffer format");
    struct cd_smb1_text name = cd_smb1_string(&x->block, x->wide);
    cd_text_smb1(&t, &name);
    cd_text_smb_file(&x->target, x->s, x->h.tree_id, text);
    cd_smb_open_request(x->s, x->id, x->h.tree_id, text);
    if (x->block.command == CD_SMB1_NT_CREATE && words.len >= (size_t)NT_CREATE_NAME_WORDS * 2) {
        cd_read_skip(&words, 39, "create parameters");
        if (cd_read_le32(&words, "create options") & FILE_DELETE_ON_CLOSE)
            x->op.name = "nt create, delete on close";
    }
    if (!cd_read_ok(&x->block.bytes))
        cd_smb1_bad(x, "name");
}

static void open_response(struct smb1 *x, const char *error)
{
    struct cd_reader words = x->block.words;
    cd_read_skip(&words,
                 x->block.command == CD_SMB1_NT_CREATE   ? 5
                 : x->block.command == CD_SMB1_OPEN_ANDX ? 4
                                                         : 0,
                 "open results");
    uint16_t file = cd_read_le16(&words, "file id");
    if (!error && !cd_read_ok(&words))
        cd_smb1_bad(x, "file id");
    cd_smb_open_response(x->s, x->id, file, !error && cd_read_ok(&words));
}

/* One name, or two for a rename, each behind a byte that tells its form ([MS-CIFS] 2.2.4.8). */
static void name_request(struct smb1 *x)
{
    cd_read_skip(&x->block.bytes, 1, "buffer format");
    struct cd_smb1_text name = cd_smb1_string(&x->block, x->wide);
    target_of_name(x, &name);
    if (x->block.command == CD_SMB1_RENAME || x->block.command == CD_SMB1_NT_RENAME) {
        cd_read_skip(&x->block.bytes, 1, "buffer format");
        struct cd_smb1_text new_name = cd_smb1_string(&x->block, x->wide);
        cd_text_str(&x->target, " -> ");
        cd_text_smb1(&x->target, &new_name);
    }
    if (!cd_read_ok(&x->block.bytes))
        cd_smb1_bad(x, "name");
}

/* ---- transactions ---- */

/* Where the path stands in the parameters ([MS-CIFS] 2.2.6); 0: there is none. */
static size_t path_behind(uint16_t function)
{
    switch (function) {
    case 0x01: return 12;
    case 0x05:
    case 0x06: return 6;
    case 0x0d: return 4;
    case 0x10: return 2;
    default: return 0;
    }
}

static void target_of_trans2(struct smb1 *x, struct cd_smb1_transaction *t)
{
    enum { QUERY_FILE = 7, SET_FILE = 8, DISPOSITION = 0x102, DISPOSITION_PASSED_THROUGH = 1013 };
    size_t behind = path_behind(t->function);
    cd_text_str(&x->target, cd_smb1_trans2_name(t->function));
    if (behind && cd_read_left(&t->parameters) > behind) {
        cd_read_skip(&t->parameters, behind, "parameters");
        struct cd_smb1_text path = {.bytes = cd_read_rest(&t->parameters), .wide = x->wide};
        cd_text_str(&x->target, ": ");
        target_of_name(x, &path);
    } else if ((t->function == QUERY_FILE || t->function == SET_FILE) && cd_read_left(&t->parameters) >= 4) {
        uint16_t file = cd_read_le16(&t->parameters, "file id"), level = cd_read_le16(&t->parameters, "level");
        const struct cd_smb_open *open = open_of(x, file);
        bool removes = t->function == SET_FILE && (level == DISPOSITION || level == DISPOSITION_PASSED_THROUGH) &&
                       cd_read_peek(&t->data, 0) == 1;
        if (removes) {
            x->target = cd_text_of(x->target.at, x->target.cap);
            x->op.name = "transaction 2: delete file";
            x->op.class = CD_CLASS_FILE;
            cd_text_smb_open(&x->target, x->s, x->h.tree_id, open);
        } else if (open && t->function == SET_FILE) {
            cd_text_str(&x->target, ": ");
            cd_text_smb_open(&x->target, x->s, x->h.tree_id, open);
        }
    }
    if (t->function == CD_SMB1_TRANS2_SESSION_SETUP) /* [MS-CIFS] 2.2.6.15: reserved, never implemented */
        cd_report_event(x->m, CD_EVENT_VIOLATION,
                        "transaction 2 session setup: reserved, and used to speak to the DoublePulsar implant");
}

static void transaction_request(struct smb1 *x)
{
    struct cd_smb1_transaction t;
    if (!cd_smb1_parse_transaction(&x->block, x->message, true, x->wide, x->m->cut, &t)) {
        cd_smb1_bad(x, x->block.words.bad);
        return;
    }
    x->op.class = class_of_function(x->block.command, t.function);
    if (x->block.command == CD_SMB1_TRANSACTION2)
        target_of_trans2(x, &t);
    else if (x->block.command == CD_SMB1_NT_TRANSACT)
        cd_text_str(&x->target, cd_smb1_nt_transact_name(t.function));
    else {
        const struct cd_smb_open *open = t.function == CD_SMB1_PIPE_TRANSACT ? open_of(x, t.file) : NULL;
        if (t.function == CD_SMB1_PIPE_TRANSACT)
            open = cd_smb_pipe_of(x->s, open, t.file, x->h.tree_id, &t.data);
        if (open) {
            cd_text_smb_open(&x->target, x->s, x->h.tree_id, open);
            x->pipe = cd_smb_pipe_note(x->s, open);
            x->pipe_data = t.data;
            x->pipe_data_len = t.data_len;
        } else
            cd_text_smb1(&x->target, &t.name);
    }
}

/* ---- one command ---- */

static void file_request(struct smb1 *x, unsigned behind, bool with_name)
{
    struct cd_reader words = x->block.words;
    cd_read_skip(&words, behind, "parameters");
    uint16_t file = cd_read_le16(&words, "file id");
    const struct cd_smb_open *open = open_of(x, file);
    if (!cd_read_ok(&words)) {
        cd_smb1_bad(x, "file id");
        return;
    }
    if (with_name)
        target_of_file(x, file);
    else
        cd_text_smb_tree(&x->target, x->s, x->h.tree_id);
    if (x->block.command == CD_SMB1_WRITE_ANDX)
        cd_smb1_parse_data(&x->block, x->message, x->m->cut, &x->pipe_data, &x->pipe_data_len);
    else if (x->block.command != CD_SMB1_READ_ANDX)
        return;
    open = cd_smb_pipe_of(x->s, open, file, x->h.tree_id, &x->pipe_data);
    if (open)
        x->pipe = cd_smb_pipe_note(x->s, open);
}

static void command_request(struct smb1 *x)
{
    switch (x->block.command) {
    case CD_SMB1_SESSION_SETUP: cd_smb1_session_request(x); break;
    case CD_SMB1_TREE_CONNECT:
    case CD_SMB1_TREE_CONNECT_ANDX: cd_smb1_tree_request(x); break;
    case CD_SMB1_TREE_DISCONNECT:
        cd_text_smb_tree(&x->target, x->s, x->h.tree_id);
        cd_smb_tree_close(x->s, x->h.tree_id);
        break;
    case CD_SMB1_OPEN:
    case CD_SMB1_CREATE:
    case CD_SMB1_CREATE_NEW:
    case CD_SMB1_OPEN_ANDX:
    case CD_SMB1_NT_CREATE: open_request(x); break;
    case CD_SMB1_CREATE_DIRECTORY:
    case CD_SMB1_DELETE_DIRECTORY:
    case CD_SMB1_DELETE:
    case CD_SMB1_RENAME:
    case CD_SMB1_NT_RENAME:
    case CD_SMB1_QUERY_INFORMATION:
    case CD_SMB1_SET_INFORMATION:
    case CD_SMB1_CHECK_DIRECTORY:
    case CD_SMB1_CREATE_TEMPORARY:
    case CD_SMB1_SEARCH: name_request(x); break;
    case CD_SMB1_READ_ANDX:
    case CD_SMB1_WRITE_ANDX: file_request(x, 4, true); break;
    case CD_SMB1_LOCKING: file_request(x, 4, false); break;
    case CD_SMB1_READ:
    case CD_SMB1_WRITE: file_request(x, 0, true); break;
    case CD_SMB1_FLUSH:
    case CD_SMB1_CLOSE: file_request(x, 0, false); break;
    case CD_SMB1_TRANSACTION:
    case CD_SMB1_TRANSACTION2:
    case CD_SMB1_NT_TRANSACT: transaction_request(x); break;
    default: break;
    }
}

/* Requests that have no answer of their own. */
static bool is_unanswered(uint8_t command)
{
    return command == CD_SMB1_TRANSACTION_SECONDARY || command == CD_SMB1_TRANSACTION2_SECONDARY ||
           command == CD_SMB1_NT_TRANSACT_SECONDARY || command == CD_SMB1_NT_CANCEL;
}

static void report_request(struct smb1 *x)
{
    command_request(x);
    if (is_unanswered(x->block.command) || !x->m->from_client)
        cd_report_notice(x->m, &x->op);
    else
        cd_report_request(x->m, &x->op, x->id);
    if (x->pipe) {
        cd_report_remember(x->m, x->id, x->pipe);
        if (x->pipe_data.len)
            cd_smb_pipe_carry(x->m, x->pipe, x->pipe_data, x->pipe_data_len);
    }
    if (x->block.command == CD_SMB1_CLOSE && x->block.words.len >= 2) {
        struct cd_reader words = cd_reader_of(x->block.words.base, x->block.words.len);
        cd_smb_open_close(x->s, cd_read_le16(&words, "file id"));
    }
}

/* What went through a pipe comes back in a transaction's or a read's answer. */
static void pipe_response(struct smb1 *x, uint64_t pipe, const struct cd_smb1_transaction *t)
{
    struct cd_reader data;
    uint32_t len;
    if (t)
        cd_smb_pipe_carry(x->m, pipe, t->data, t->data_len);
    else if (x->block.command == CD_SMB1_READ_ANDX && cd_smb1_parse_data(&x->block, x->message, x->m->cut, &data, &len))
        cd_smb_pipe_carry(x->m, pipe, data, len);
}

static void report_response(struct smb1 *x)
{
    const char *error =
        x->h.flags2 & CD_SMB1_NT_STATUS ? cd_nt_status_error(x->h.status) : cd_dos_status_error(x->h.status);
    struct cd_smb1_transaction t = {0};
    uint8_t command = x->block.command;
    uint64_t pipe = cd_report_recall(x->m, x->id);
    bool transaction =
        command == CD_SMB1_TRANSACTION || command == CD_SMB1_TRANSACTION2 || command == CD_SMB1_NT_TRANSACT;
    bool parsed = transaction && !x->block.empty && x->block.words.len &&
                  cd_smb1_parse_transaction(&x->block, x->message, false, x->wide, x->m->cut, &t);
    if (transaction && !error && (t.more || x->block.empty)) { /* empty: more of the request may be sent */
        cd_report_response_part(x->m, &x->op, x->id);
    } else
        cd_report_response(x->m, &x->op, x->id, error);
    switch (command) {
    case CD_SMB1_NEGOTIATE: cd_smb1_negotiated(x); break;
    case CD_SMB1_SESSION_SETUP: cd_smb1_session_response(x, error); break;
    case CD_SMB1_TREE_CONNECT:
    case CD_SMB1_TREE_CONNECT_ANDX: cd_smb1_tree_response(x, error); break;
    case CD_SMB1_OPEN:
    case CD_SMB1_CREATE:
    case CD_SMB1_CREATE_NEW:
    case CD_SMB1_OPEN_ANDX:
    case CD_SMB1_NT_CREATE: open_response(x, error); break;
    default: break;
    }
    if (pipe)
        pipe_response(x, pipe, parsed ? &t : NULL);
}

static void report_command(struct smb1 *x, unsigned place)
{
    char target[CD_TEXT_MAX + 1];
    uint8_t command = x->block.command;
    x->target = cd_text_of(target, sizeof target);
    /* The command too: some clients use a multiplex id again while it is open. */
    x->id = CD_SMB1_REQUEST | (uint64_t)place << 48 | (uint64_t)command << 40 | (uint64_t)x->h.process_id << 16 |
            x->h.multiplex_id;
    x->op = (struct cd_operation){.name = cd_smb1_command_name(command),
                                  .code_space = "smb1",
                                  .code = command,
                                  .class = class_of(command),
                                  .target = target};
    x->pipe = 0;
    x->pipe_data = (struct cd_reader){0};
    if (command != CD_SMB1_NEGOTIATE)
        cd_smb1_in_use(x);
    if (x->h.flags & CD_SMB1_REPLY)
        report_response(x);
    else
        report_request(x);
    x->op.target = NULL;
}

void cd_smb1_dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_reader message = *r;
    struct smb1 x = {.m = m, .s = m->state, .message = &message};
    if (!cd_smb1_parse_header(r, &x.h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    bool unasked =
        !(x.h.flags & CD_SMB1_REPLY) && x.h.command == CD_SMB1_LOCKING && x.h.multiplex_id == NO_MULTIPLEX_ID;
    m->from_client = !(x.h.flags & CD_SMB1_REPLY) && !unasked;
    x.wide = x.h.flags2 & CD_SMB1_UNICODE;
    uint8_t command = x.h.command;
    for (unsigned place = 0; place < CHAIN_MAX && command != CD_SMB1_NO_COMMAND; place++) {
        if (!cd_smb1_parse_block(r, command, m->cut, &x.block)) {
            struct cd_reader nothing = cd_reader_of(message.base, 0);
            x.block = (struct cd_smb1_block){
                .command = command, .next = CD_SMB1_NO_COMMAND, .words = nothing, .bytes = nothing, .empty = true};
            cd_smb1_bad(&x, r->bad);
        }
        size_t here = r->pos, next = x.block.next_offset;
        command = x.block.next;
        report_command(&x, place);
        if (command == CD_SMB1_NO_COMMAND)
            break;
        if (next < here && next <= x.block.bytes_at) { /* chains lead forward */
            cd_smb1_bad(&x, "next offset");
            break;
        }
        *r = cd_reader_of(message.base, message.len);
        cd_read_skip(r, next, "next offset");
    }
    if (x.bad)
        cd_report_malformed(m, x.bad);
}

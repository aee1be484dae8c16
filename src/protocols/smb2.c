/* What SMB2 and SMB3 messages tell: operations with the share or file they are about, and who the ends are. */
#include "protocols/smb.h"

#include "protocols/smb_pipe.h"

enum {
    FILE_DELETE_ON_CLOSE = 0x1000, /* create options ([MS-SMB2] 2.2.13) */
    SIGNING_ENABLED = 1,           /* security mode */
    SIGNING_REQUIRED = 2,
    SESSION_GUEST = 1, /* session flags */
    SESSION_ANONYMOUS = 2,
    CAPABILITY_ENCRYPTION = 0x40,
    STATUS_PENDING = 0x103,
    STATUS_BUFFER_OVERFLOW_LOW = 5, /* of 0x80000005 */
    OPEN_AT_A_TIME = 64,            /* requests, once files are read and written */
};

struct smb2 {
    struct cd_message *m;
    struct cd_smb_state *s;
    struct cd_smb2_header h;
    struct cd_smb2_body body; /* all zero where there is none */
    struct cd_operation op;
    struct cd_text target;
    uint64_t id, file;
};

static enum cd_class class_of(uint16_t command)
{
    switch (command) {
    case CD_SMB2_CREATE:
    case CD_SMB2_CLOSE:
    case CD_SMB2_FLUSH:
    case CD_SMB2_LOCK:
    case CD_SMB2_OPLOCK_BREAK: return CD_CLASS_FILE;
    case CD_SMB2_READ:
    case CD_SMB2_QUERY_DIRECTORY:
    case CD_SMB2_CHANGE_NOTIFY:
    case CD_SMB2_QUERY_INFO: return CD_CLASS_READ;
    case CD_SMB2_WRITE:
    case CD_SMB2_SET_INFO: return CD_CLASS_WRITE;
    case CD_SMB2_IOCTL: return CD_CLASS_OTHER;
    default: return CD_CLASS_SESSION;
    }
}

/* ---- requests ---- */

static const struct cd_smb_open *open_of(const struct smb2 *x)
{
    if (x->file == CD_SMB2_RELATED_FILE && x->s->related_request) {
        const struct cd_smb_open *o = cd_smb_open_of_request(x->s, x->s->related_request);
        return o ? o : cd_smb_open_find(x->s, x->s->related_file);
    }
    return cd_smb_open_find(x->s, x->file);
}

static void target_of_create(struct smb2 *x)
{
    char name[CD_SMB_NAME_TEXT];
    struct cd_text t = cd_text_of(name, sizeof name);
    cd_text_utf16le(&t, x->body.name.base, x->body.name.len);
    cd_text_smb_file(&x->target, x->s, x->h.tree_id, name);
    cd_smb_open_request(x->s, x->id, x->h.tree_id, name);
    x->s->related_request = x->id;
    if (x->body.options & FILE_DELETE_ON_CLOSE)
        x->op.name = "create, delete on close";
}

static void target_of_set_info(struct smb2 *x)
{
    cd_text_smb_open(&x->target, x->s, x->h.tree_id, open_of(x));
    if (x->body.name.len) {
        x->op.name = "rename file";
        x->op.class = CD_CLASS_FILE;
        cd_text_str(&x->target, " -> ");
        cd_text_utf16le(&x->target, x->body.name.base, x->body.name.len);
    } else if (x->body.removes) {
        x->op.name = "delete file";
        x->op.class = CD_CLASS_FILE;
    }
}

static void target_of_ioctl(struct smb2 *x)
{
    const struct cd_smb_open *open = open_of(x);
    const char *name = cd_smb_control_code_name(x->body.control_code);
    if (open && open->pipe) {
        cd_text_smb_open(&x->target, x->s, x->h.tree_id, open);
        return;
    }
    cd_text_str(&x->target, name ? name : "FSCTL 0x");
    if (!name)
        cd_text_hex(&x->target, x->body.control_code, 8);
}

static void target_of_request(struct smb2 *x)
{
    switch (x->h.command) {
    case CD_SMB2_SESSION_SETUP: cd_smb_report_token(x->m, x->body.data, &x->target); break;
    case CD_SMB2_TREE_CONNECT:
        cd_text_utf16le(&x->target, x->body.name.base, x->body.name.len);
        cd_smb_tree_request(x->s, x->id, x->target.at);
        break;
    case CD_SMB2_TREE_DISCONNECT:
        cd_text_smb_tree(&x->target, x->s, x->h.tree_id);
        cd_smb_tree_close(x->s, x->h.tree_id);
        break;
    case CD_SMB2_CREATE: target_of_create(x); break;
    case CD_SMB2_SET_INFO: target_of_set_info(x); break;
    case CD_SMB2_IOCTL: target_of_ioctl(x); break;
    case CD_SMB2_READ:
    case CD_SMB2_WRITE:
    case CD_SMB2_QUERY_DIRECTORY:
    case CD_SMB2_CHANGE_NOTIFY: cd_text_smb_open(&x->target, x->s, x->h.tree_id, open_of(x)); break;
    case CD_SMB2_CLOSE:
    case CD_SMB2_FLUSH:
    case CD_SMB2_LOCK:
    case CD_SMB2_QUERY_INFO: /* of the share only: most files of a share are looked at sometime */
        cd_text_smb_open(&x->target, x->s, x->h.tree_id, NULL);
        break;
    default: break;
    }
}

static void pipe_request(struct smb2 *x)
{
    uint16_t command = x->h.command;
    const struct cd_smb_open *open;
    if (command == CD_SMB2_READ || command == CD_SMB2_WRITE || command == CD_SMB2_IOCTL) {
        open = cd_smb_pipe_of(x->s, open_of(x), x->file, x->h.tree_id, &x->body.data);
        if (!open)
            return;
        if (command != CD_SMB2_WRITE)
            cd_report_remember(x->m, x->id, cd_smb_pipe_note(x->s, open));
        if (command != CD_SMB2_READ)
            cd_smb_pipe_carry(x->m, cd_smb_pipe_note(x->s, open), x->body.data, x->body.data_len);
    }
}

static void report_request(struct smb2 *x)
{
    target_of_request(x);
    if (x->h.command == CD_SMB2_CANCEL) { /* [MS-SMB2] 3.3.5.16: never answered */
        cd_report_notice(x->m, &x->op);
        return;
    }
    cd_report_request(x->m, &x->op, x->id);
    pipe_request(x);
    if (x->h.command == CD_SMB2_CLOSE && x->file != CD_SMB2_RELATED_FILE)
        cd_smb_open_close(x->s, x->file);
}

/* ---- responses ---- */

static void report_negotiated(struct smb2 *x)
{
    static const char *const ciphers[] = {NULL, "AES-128-CCM", "AES-128-GCM", "AES-256-CCM", "AES-256-GCM"};
    const char *dialect = cd_smb2_dialect_name(x->body.dialect), *cipher = NULL;
    bool required = x->body.security_mode & SIGNING_REQUIRED;
    if (x->body.dialect == 0x0311 && x->body.cipher < sizeof ciphers / sizeof *ciphers)
        cipher = ciphers[x->body.cipher];
    else if (x->body.dialect == 0x0300 || x->body.dialect == 0x0302)
        cipher = x->body.capabilities & CAPABILITY_ENCRYPTION ? ciphers[1] : NULL;
    if (dialect)
        cd_smb_report_dialect(x->m, dialect, cipher, x->body.security_mode & (SIGNING_ENABLED | SIGNING_REQUIRED),
                              required);
    cd_smb_report_server_guid(x->m, x->body.guid);
    cd_smb_report_token(x->m, x->body.data, NULL);
}

static void report_signed_in(struct smb2 *x, const char *error)
{
    cd_smb_report_token(x->m, x->body.data, NULL);
    if (x->h.status == 0 || error)
        cd_smb_report_sign_in(x->m, error, x->body.session_flags & SESSION_GUEST,
                              x->body.session_flags & SESSION_ANONYMOUS);
}

/* What the answer changes and tells, after it has been counted. */
static void after_response(struct smb2 *x, const char *error)
{
    switch (x->h.command) {
    case CD_SMB2_NEGOTIATE:
        if (x->body.guid)
            report_negotiated(x);
        break;
    case CD_SMB2_SESSION_SETUP: report_signed_in(x, error); break;
    case CD_SMB2_TREE_CONNECT: {
        const char *path = cd_smb_tree_response(x->s, x->id, x->h.tree_id, !error);
        if (!error) {
            cd_smb_report_share(x->m, path, x->body.share_type);
            cd_report_expect(x->m, OPEN_AT_A_TIME);
        }
        break;
    }
    case CD_SMB2_CREATE:
        if (!error && x->s->related_request == x->id)
            x->s->related_file = x->body.file;
        cd_smb_open_response(x->s, x->id, x->body.file, !error);
        break;
    default: break;
    }
}

static void report_response(struct smb2 *x)
{
    const char *error = cd_nt_status_error(x->h.status);
    uint64_t pipe = 0;
    if (x->h.status == STATUS_PENDING) {
        cd_report_response_part(x->m, &x->op, x->id);
        return;
    }
    if (x->h.command == CD_SMB2_READ || x->h.command == CD_SMB2_IOCTL)
        pipe = cd_report_recall(x->m, x->id);
    cd_report_response(x->m, &x->op, x->id, error);
    after_response(x, error);
    if (pipe)
        cd_smb_pipe_carry(x->m, pipe, x->body.data, x->body.data_len);
}

/* Refusals and interim answers have a body of their own ([MS-SMB2] 2.2.2), that tells nothing. */
static bool has_body(const struct cd_smb2_header *h)
{
    if (!(h->flags & CD_SMB2_RESPONSE))
        return true;
    if (h->status == STATUS_PENDING)
        return false;
    return h->status >> 30 == 0 || h->status == (0x80000000 | STATUS_BUFFER_OVERFLOW_LOW) ||
           (h->command == CD_SMB2_SESSION_SETUP && cd_nt_status_error(h->status) == NULL);
}

void cd_smb2_dissect(struct cd_message *m, struct cd_reader *r)
{
    char target[CD_TEXT_MAX + 1];
    struct smb2 x = {.m = m, .s = m->state, .target = cd_text_of(target, sizeof target)};
    struct cd_reader message = *r;
    if (!cd_smb2_parse_header(r, &x.h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = !(x.h.flags & CD_SMB2_RESPONSE);
    bool whole = !has_body(&x.h) || cd_smb2_parse_body(&message, &x.h, m->cut, &x.body);
    x.file = x.body.file;
    x.id = CD_SMB2_REQUEST | (x.h.message_id & ~CD_SMB_ID_SPACE);
    x.op = (struct cd_operation){.name = cd_smb2_command_name(x.h.command),
                                 .code_space = "smb2",
                                 .code = x.h.command,
                                 .class = class_of(x.h.command),
                                 .target = target};
    if (!(x.h.flags & CD_SMB2_RELATED) && m->from_client && x.h.command != CD_SMB2_CREATE)
        x.s->related_request = 0;
    if (m->from_client)
        report_request(&x);
    else
        report_response(&x);
    if (!whole)
        cd_report_malformed(m, message.bad);
}

/* FTP: commands pair with their replies in order; what is asked for, who signs in, and what the server says it is. File contents go over
 * other connections and are not looked at. */
#include "protocols/ftp.h"

#include "flow/flow.h"
#include "protocols/dissector.h"

#include <string.h>

enum { USER_MAX = 32 };

struct state {
    uint32_t asked, answered;
    char user[USER_MAX];
    bool greeted, inside; /* a reply of several lines is going on */
    bool tls_asked;
};

struct command {
    char verb[5];
    const char *name;
    enum cd_class class;
    bool names_file; /* its argument is worth telling */
};

/* RFC 959, 2228, 2389, 2428, 3659. */
static const struct command commands[] = {
    {"USER", "user name", CD_CLASS_SESSION, false},
    {"PASS", "password", CD_CLASS_SESSION, false},
    {"ACCT", "account", CD_CLASS_SESSION, false},
    {"QUIT", "quit", CD_CLASS_SESSION, false},
    {"REIN", "reinitialize", CD_CLASS_SESSION, false},
    {"AUTH", "authenticate", CD_CLASS_SESSION, false},
    {"PBSZ", "protection buffer", CD_CLASS_SESSION, false},
    {"PROT", "protection", CD_CLASS_SESSION, false},
    {"TYPE", "transfer type", CD_CLASS_SESSION, false},
    {"MODE", "transfer mode", CD_CLASS_SESSION, false},
    {"STRU", "file structure", CD_CLASS_SESSION, false},
    {"PORT", "data port", CD_CLASS_SESSION, false},
    {"PASV", "passive", CD_CLASS_SESSION, false},
    {"EPRT", "extended data port", CD_CLASS_SESSION, false},
    {"EPSV", "extended passive", CD_CLASS_SESSION, false},
    {"NOOP", "no operation", CD_CLASS_SESSION, false},
    {"OPTS", "options", CD_CLASS_SESSION, false},
    {"FEAT", "features", CD_CLASS_IDENTIFY, false},
    {"SYST", "system", CD_CLASS_IDENTIFY, false},
    {"STAT", "status", CD_CLASS_DIAGNOSE, false},
    {"HELP", "help", CD_CLASS_IDENTIFY, false},
    {"SITE", "site command", CD_CLASS_OTHER, true},
    {"RETR", "read file", CD_CLASS_FILE, true},
    {"STOR", "write file", CD_CLASS_FILE, true},
    {"STOU", "write unique file", CD_CLASS_FILE, true},
    {"APPE", "append to file", CD_CLASS_FILE, true},
    {"DELE", "delete file", CD_CLASS_FILE, true},
    {"RNFR", "rename from", CD_CLASS_FILE, true},
    {"RNTO", "rename to", CD_CLASS_FILE, true},
    {"MKD", "make directory", CD_CLASS_FILE, true},
    {"RMD", "remove directory", CD_CLASS_FILE, true},
    {"CWD", "change directory", CD_CLASS_FILE, true},
    {"CDUP", "change to parent", CD_CLASS_FILE, false},
    {"PWD", "print directory", CD_CLASS_FILE, false},
    {"LIST", "list", CD_CLASS_FILE, true},
    {"NLST", "list names", CD_CLASS_FILE, true},
    {"MLSD", "list directory", CD_CLASS_FILE, true},
    {"MLST", "file facts", CD_CLASS_FILE, true},
    {"SIZE", "file size", CD_CLASS_FILE, true},
    {"MDTM", "file time", CD_CLASS_FILE, true},
    {"REST", "restart at", CD_CLASS_FILE, false},
    {"ALLO", "allocate", CD_CLASS_FILE, false},
    {"ABOR", "abort", CD_CLASS_FILE, false},
};
static const struct command unknown = {"", "other command", CD_CLASS_OTHER, false};

static const struct command *find_command(const char *verb)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].verb, verb) == 0)
            return &commands[i];
    return &unknown;
}

/* ---- parsing ---- */

/* The line without its end, consumed. */
static struct cd_reader take_line(struct cd_reader *r)
{
    size_t n = cd_read_left(r);
    while (n && (cd_read_peek(r, n - 1) == '\n' || cd_read_peek(r, n - 1) == '\r'))
        n--;
    return cd_read_sub(r, n, "line");
}

static void set_text(struct cd_ftp_line *line, struct cd_reader *rest)
{
    line->text_len = cd_read_left(rest);
    line->text = (const char *)cd_read_at(rest, line->text_len, "text");
}

bool cd_ftp_parse_command(struct cd_reader *r, struct cd_ftp_line *ret)
{
    struct cd_ftp_line line = {0};
    struct cd_reader rest = take_line(r);
    size_t n = 0;
    for (int c; (c = cd_read_peek(&rest, n)) > ' ' && n < 5; n++) {
        if (c >= 'a' && c <= 'z')
            c -= 'a' - 'A';
        if (c < 'A' || c > 'Z' || n == 4) {
            cd_read_fail(r, "command");
            return false;
        }
        line.verb[n] = (char)c;
    }
    if (n < 3) {
        cd_read_fail(r, "command");
        return false;
    }
    cd_read_skip(&rest, n, "command");
    if (cd_read_peek(&rest, 0) == ' ')
        cd_read_skip(&rest, 1, "blank");
    set_text(&line, &rest);
    *ret = line;
    return true;
}

bool cd_ftp_parse_reply(struct cd_reader *r, struct cd_ftp_line *ret)
{
    struct cd_ftp_line line = {.reply = true};
    struct cd_reader rest = take_line(r);
    for (int i = 0; i < 3; i++) {
        int c = cd_read_u8(&rest, "reply code");
        if (!cd_read_ok(&rest) || c < '0' || c > '9')
            return false;
        line.code = line.code * 10 + (unsigned)(c - '0');
    }
    int separator = cd_read_peek(&rest, 0);
    if (line.code < 100 || line.code > 599 || (separator != -1 && separator != ' ' && separator != '-'))
        return false;
    line.more = separator == '-';
    if (separator != -1)
        cd_read_skip(&rest, 1, "separator");
    set_text(&line, &rest);
    *ret = line;
    return true;
}

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    static const char *const firsts[] = {"USER ", "AUTH TLS", "AUTH SSL", "FEAT\r\n"};
    if (transport != CD_TRANSPORT_TCP || len < 4)
        return CD_PROBE_NO;
    if (from_client) {
        for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++)
            if (len >= strlen(firsts[i]) && memcmp(bytes, firsts[i], strlen(firsts[i])) == 0)
                return CD_PROBE_MAYBE;
        struct cd_reader r = cd_reader_of(bytes, len);
        struct cd_ftp_line line;
        return memchr(bytes, '\n', len) && cd_ftp_parse_command(&r, &line) && find_command(line.verb) != &unknown
                   ? CD_PROBE_MAYBE
                   : CD_PROBE_NO;
    }
    if (memcmp(bytes, "220", 3) != 0 || (bytes[3] != ' ' && bytes[3] != '-'))
        return CD_PROBE_NO;
    /* SMTP greets with the same code: only a greeting that says FTP is told on any port. */
    size_t shown = len < 200 ? len : 200;
    return memmem(bytes, shown, "FTP", 3) && !memmem(bytes, shown, "SMTP", 4) ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    const uint8_t *end = memchr(bytes, '\n', len < CD_FTP_LINE_MAX ? len : CD_FTP_LINE_MAX);
    if (end)
        return end - bytes + 1;
    return len < CD_FTP_LINE_MAX ? CD_FRAME_MORE : CD_FRAME_NOT_OURS;
}

/* ---- reporting ---- */

static bool is_anonymous(const char *user)
{
    return strcmp(user, "anonymous") == 0 || strcmp(user, "ftp") == 0 || !*user;
}

static void report_password(struct cd_message *m, const struct state *s)
{
    char detail[96];
    struct cd_text text = cd_text_of(detail, sizeof detail);
    if (is_anonymous(s->user))
        return;
    cd_text_str(&text, "FTP password of user ");
    cd_text_str(&text, s->user);
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
}

static void report_command(struct cd_message *m, struct state *s, const struct cd_ftp_line *line)
{
    char target[128];
    struct cd_text text = cd_text_of(target, sizeof target);
    const struct command *c = find_command(line->verb);
    if (c->names_file)
        cd_text_bytes(&text, line->text, line->text_len);
    if (strcmp(c->verb, "USER") == 0) {
        struct cd_text user = cd_text_of(s->user, sizeof s->user);
        struct cd_subject client = cd_subject_client(m);
        cd_text_device(&user, line->text, line->text_len);
        if (!is_anonymous(s->user))
            cd_report_fact(m, &client, CD_ATTRIBUTE_USER, s->user, 60);
    }
    if (strcmp(c->verb, "PASS") == 0)
        report_password(m, s);
    s->tls_asked = strcmp(c->verb, "AUTH") == 0;
    struct cd_operation op = {
        .name = c->name, .code_text = c == &unknown ? "other" : c->verb, .class = c->class, .target = target};
    cd_report_request(m, &op, s->asked++);
}

static const char *error_name(unsigned code)
{
    switch (code) {
    case 421: return "service not available";
    case 425: return "no data connection";
    case 426: return "transfer aborted";
    case 450:
    case 550: return "file unavailable";
    case 500:
    case 501:
    case 502:
    case 504: return "command not understood";
    case 503: return "bad sequence";
    case 530: return "not signed in";
    case 552: return "no space";
    case 553: return "file name not allowed";
    default: return "refused";
    }
}

static void report_reply(struct cd_message *m, struct state *s, const struct cd_ftp_line *line)
{
    struct cd_subject server = cd_subject_server(m);
    s->inside = line->more;
    if (line->code == 220 && !s->greeted) {
        s->greeted = true;
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_SOFTWARE, line->text, line->text_len, 60);
    }
    if (line->more || line->code < 200 || s->answered == s->asked)
        return; /* goes on, or answers no command (a greeting, a time-out) */
    if (line->code == 215)
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_OS, line->text, line->text_len, 60);
    if (line->code == 530)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "FTP sign-in refused");
    struct cd_operation op = {.name = "other command", .code_text = "other", .class = CD_CLASS_OTHER, .target = ""};
    cd_report_response(m, &op, s->answered++, line->code >= 400 ? error_name(line->code) : NULL);
    if (s->tls_asked && line->code == 234)
        m->flow->opaque = true; /* TLS from here on */
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_ftp_line line;
    if (m->from_client) {
        if (cd_ftp_parse_command(r, &line))
            report_command(m, s, &line);
        else
            cd_report_malformed(m, r->bad ? r->bad : "command");
    } else if (cd_ftp_parse_reply(r, &line)) {
        report_reply(m, s, &line);
    } else if (!s->inside) {
        cd_report_malformed(m, "reply code");
    }
}

const struct cd_dissector cd_dissector_ftp = {
    .name = "ftp",
    .tcp_ports = {21},
    .probe = probe,
    .probe_by_direction = true,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_FTP_LINE_MAX,
    .state_size = sizeof(struct state),
};

#include "protocols/syslog.h"

#include "base/text.h"

#include <string.h>

enum {
    TIMESTAMP_3164 = 15, /* "Oct  1 22:14:18" */
    APP_MAX = 48,
    HOST_MAX = 255,
    COUNT_DIGITS_MAX = 6,
    CONTROL_ALLOWED = 0x0a,
};

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- parsing ---- */

/* "<165>"; consumed where it is one. */
static bool parse_priority(struct cd_reader *r, uint8_t *ret)
{
    unsigned value = 0, n = 0;
    if (cd_read_peek(r, 0) != '<')
        return false;
    while (n < 3 && is_digit(cd_read_peek(r, 1 + n)))
        value = value * 10 + (unsigned)(cd_read_peek(r, 1 + n++) - '0');
    if (n == 0 || cd_read_peek(r, 1 + n) != '>' || value > CD_SYSLOG_PRIORITY_MAX)
        return false;
    cd_read_skip(r, n + 2, "priority");
    *ret = (uint8_t)value;
    return true;
}

/* The bytes up to the next blank, which is passed over too. */
static struct cd_reader word(struct cd_reader *r)
{
    const uint8_t *start = r->base + r->pos;
    size_t left = cd_read_left(r);
    const uint8_t *blank = left ? memchr(start, ' ', left) : NULL;
    struct cd_reader w = cd_read_sub(r, blank ? (size_t)(blank - start) : left, "word");
    if (blank)
        cd_read_skip(r, 1, "blank");
    return w;
}

static bool is_month(const uint8_t *b)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (size_t i = 0; i < sizeof months - 1; i += 3)
        if (memcmp(b, months + i, 3) == 0)
            return true;
    return false;
}

/* "Oct  1 22:14:18 ", with a year before the time or a colon behind it (Cisco), or an ISO 8601 time; consumed where it is one. */
static bool parse_timestamp(struct cd_reader *r)
{
    const uint8_t *b = r->base + r->pos;
    size_t left = cd_read_left(r), at = TIMESTAMP_3164;
    if (left > 20 && is_digit(b[0]) && b[4] == '-' && b[7] == '-' && b[10] == 'T' && b[13] == ':') {
        word(r);
        return true;
    }
    if (left <= TIMESTAMP_3164 + 6 || !is_month(b) || b[3] != ' ' || !is_digit(b[5]))
        return false;
    if (is_digit(b[7]) && is_digit(b[10]) && b[11] == ' ') /* year */
        at += 5;
    if (b[at - 6] != ':' || b[at - 3] != ':')
        return false;
    while (at < left && b[at] != ' ' && at < TIMESTAMP_3164 + 12) /* parts of a second, colon */
        at++;
    if (at >= left || b[at] != ' ')
        return false;
    cd_read_skip(r, at + 1, "timestamp");
    return true;
}

static bool is_name(const struct cd_reader *w)
{
    bool letter = false;
    for (size_t i = 0; i < w->len; i++) {
        uint8_t c = w->base[i];
        letter = letter || is_letter(c);
        if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return letter && w->len <= HOST_MAX;
}

/* What begins CEF and LEEF is no program. */
static bool is_event_format(const uint8_t *tag, size_t len)
{
    return (len == 3 && memcmp(tag, "CEF", 3) == 0) || (len == 4 && memcmp(tag, "LEEF", 4) == 0);
}

/* "sshd[1234]: " or "su: "; consumed where there is one. */
static struct cd_reader parse_tag(struct cd_reader *r)
{
    size_t n = 0, end;
    int c = cd_read_peek(r, 0);
    struct cd_reader none = cd_reader_of(r->base, 0);
    if (!is_letter(c) && c != '/')
        return none;
    while (n <= APP_MAX &&
           (c = cd_read_peek(r, n), is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '/'))
        n++;
    end = n;
    if (c == '[') {
        for (end++; end < n + 12 && is_digit(cd_read_peek(r, end));)
            end++;
        if (cd_read_peek(r, end++) != ']')
            return none;
    }
    if (n > APP_MAX || cd_read_peek(r, end) != ':' || is_event_format(r->base + r->pos, n))
        return none;
    struct cd_reader app = cd_read_sub(r, n, "tag");
    cd_read_skip(r, end + 1 - n, "tag");
    while (cd_read_peek(r, 0) == ' ')
        cd_read_skip(r, 1, "blank");
    return app;
}

static void parse_5424(struct cd_reader *r, struct cd_syslog_message *s)
{
    cd_read_skip(r, 2, "version");
    s->has_timestamp = true;
    word(r);
    s->host = word(r);
    s->app = word(r);
    word(r); /* process id */
    word(r); /* message id */
    if (!is_name(&s->host))
        s->host.len = 0;
    if (s->app.len > APP_MAX || !is_name(&s->app))
        s->app.len = 0;
}

/* Cisco counts its messages, and may put its name behind the number: "89: R1: *Sep 22 13:48:20.741: %SYS-6-...". */
static void parse_numbered(struct cd_reader *r, struct cd_syslog_message *s)
{
    struct cd_reader ahead = *r;
    struct cd_reader number = word(&ahead);
    if (number.len < 2 || number.base[number.len - 1] != ':' || !is_digit(number.base[0]))
        return;
    *r = ahead;
    struct cd_reader host = word(&ahead);
    if (host.len < 2 || host.base[host.len - 1] != ':')
        return;
    host.len--;
    if (!is_name(&host))
        return;
    s->host = host;
    *r = ahead;
}

static void parse_3164(struct cd_reader *r, struct cd_syslog_message *s)
{
    if (is_digit(cd_read_peek(r, 0)) && !parse_timestamp(r))
        parse_numbered(r, s);
    else if (!is_digit(cd_read_peek(r, 0)))
        s->has_timestamp = parse_timestamp(r);
    if (s->has_timestamp) {
        struct cd_reader ahead = *r;
        struct cd_reader host = word(&ahead);
        if (host.len && is_name(&host)) {
            s->host = host;
            *r = ahead;
        }
    }
    s->app = parse_tag(r);
}

bool cd_syslog_parse(struct cd_reader *r, struct cd_syslog_message *ret)
{
    struct cd_syslog_message s = {.host = cd_reader_of(r->base, 0), .app = cd_reader_of(r->base, 0)};
    if (cd_read_left(r) == 0) {
        cd_read_fail(r, "message");
        return false;
    }
    s.has_priority = parse_priority(r, &s.priority);
    if (s.has_priority && cd_read_peek(r, 0) == '1' && cd_read_peek(r, 1) == ' ')
        parse_5424(r, &s);
    else if (s.has_priority)
        parse_3164(r, &s);
    s.text = cd_read_rest(r);
    if (!cd_read_ok(&s.text))
        return false;
    *ret = s;
    return true;
}

/* ---- recognising and framing ---- */

/* Digits and a blank before a message (RFC 6587 3.4.1): their number, blank included; 0 where there are none, -1 where that can't be told yet. */
static int count_length(const uint8_t *bytes, size_t len, size_t *ret_count)
{
    size_t count = 0, n = 0;
    while (n < len && n < COUNT_DIGITS_MAX && is_digit(bytes[n]))
        count = count * 10 + (size_t)(bytes[n++] - '0');
    if (n && n == len)
        return -1;
    if (n == 0 || bytes[n] != ' ' || count == 0)
        return 0;
    if (n + 1 == len)
        return -1;
    if (bytes[n + 1] != '<')
        return 0;
    *ret_count = count;
    return (int)n + 1;
}

static bool is_text(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len && i < 32; i++)
        if (bytes[i] < 0x20 && bytes[i] != '\t' && bytes[i] != '\r' && bytes[i] != CONTROL_ALLOWED)
            return false;
    return len >= 4;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    size_t count = 0;
    if (transport == CD_TRANSPORT_ETH || len < 4)
        return CD_PROBE_NO;
    if (transport == CD_TRANSPORT_TCP && bytes[0] != '<') {
        int n = count_length(bytes, len, &count);
        if (n <= 0)
            return CD_PROBE_NO;
        bytes += n;
        len -= (size_t)n;
    }
    struct cd_reader r = cd_reader_of(bytes, len);
    uint8_t priority;
    if (!parse_priority(&r, &priority))
        return transport == CD_TRANSPORT_UDP && is_text(bytes, len) ? CD_PROBE_MAYBE : CD_PROBE_NO;
    if (cd_read_peek(&r, 0) == '1' && cd_read_peek(&r, 1) == ' ')
        return is_digit(cd_read_peek(&r, 2)) || cd_read_peek(&r, 2) == '-' ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
    return parse_timestamp(&r) || count ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    size_t count = 0;
    (void)state;
    (void)from_client;
    int n = count_length(bytes, len, &count);
    if (n)
        return n < 0 ? CD_FRAME_MORE : n + (ssize_t)count;
    const uint8_t *end = memchr(bytes, '\n', len);
    if (!end)
        end = memchr(bytes, '\0', len); /* some end with a NUL */
    return end ? end - bytes + 1 : CD_FRAME_MORE;
}

/* ---- reporting ---- */

static const char *severity_name(unsigned severity)
{
    static const char *const names[] = {"emergency", "alert",  "critical",      "error",
                                        "warning",   "notice", "informational", "debug"};
    return names[severity & 7];
}

static const char *facility_name(unsigned facility)
{
    static const char *const names[] = {"kernel", "user",   "mail",   "daemon", "auth",     "syslog",
                                        "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
                                        "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
                                        "local2", "local3", "local4", "local5", "local6",   "local7"};
    return facility < sizeof names / sizeof *names ? names[facility] : "";
}

static void report_sender(struct cd_message *m, const struct cd_syslog_message *s)
{
    struct cd_subject sender = cd_subject_client(m), receiver = cd_subject_server(m);
    cd_report_fact(m, &receiver, CD_ATTRIBUTE_ROLE, "log-server", 50);
    if (s->host.len) /* a relay passes on the names of others */
        cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_NAME, s->host.base, s->host.len, 40);
    if (s->app.len)
        cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_SOFTWARE, s->app.base, s->app.len, 30);
    cd_syslog_report_vendor(m, s);
}

static void report_failed_sign_in(struct cd_message *m, const struct cd_syslog_message *s)
{
    char detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, "failed sign-in told by syslog");
    if (s->host.len) {
        cd_text_str(&t, " of ");
        cd_text_device(&t, s->host.base, s->host.len);
    }
    if (s->app.len) {
        cd_text_str(&t, ", ");
        cd_text_device(&t, s->app.base, s->app.len);
    }
    cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, detail);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_syslog_message s;
    bool stream = m->transport == CD_TRANSPORT_TCP;
    size_t count = 0;
    if (stream && r->len) {
        int n = count_length(r->base, r->len, &count);
        cd_read_skip(r, n > 0 ? (size_t)n : 0, "length");
    }
    if (!cd_syslog_parse(r, &s)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (stream && !s.has_priority) /* a further line of the message before */
        return;
    struct cd_operation op = {
        .name = "message without priority", .code_text = "none", .class = CD_CLASS_OTHER, .target = ""};
    if (s.has_priority) {
        op.name = severity_name(s.priority);
        op.code_text = NULL;
        op.code = s.priority;
        op.class = (s.priority & 7) <= 3 ? CD_CLASS_ALARM : CD_CLASS_OTHER;
        op.target = facility_name(s.priority >> 3);
    }
    m->from_client = true; /* nobody answers */
    cd_report_notice(m, &op);
    report_sender(m, &s);
    if (cd_syslog_is_failed_sign_in(&s.text))
        report_failed_sign_in(m, &s);
}

const struct cd_dissector cd_dissector_syslog = {
    .name = "syslog",
    .tcp_ports = {514, 601},
    .udp_ports = {514},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
};

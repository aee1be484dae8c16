/* Telnet: what the server calls itself, and that somebody signed in in clear. There are no messages, so every stretch of bytes is one; sign-in is followed by the
 * prompts: what ends with "login:" asks for a name, what ends with "password:" for a secret, which is never kept. */
#include "protocols/telnet.h"

#include "flow/flow.h"
#include "protocols/dissector.h"

#include <string.h>
#include <strings.h>

/* RFC 854 */
enum { IAC = 255, DONT = 254, WILL = 251, SB = 250, SE = 240, OPTION_HIGHEST = 50 };

enum { TEXT_MAX = 512, USER_MAX = 32, BANNER_STRETCHES = 8, WATCHED_STRETCHES = 400 };

enum expect { NOTHING, NAME, SECRET };

struct state {
    uint16_t stretches;
    uint8_t expect; /* enum expect: what the client is asked for */
    bool told, named;
    char user[USER_MAX];
    uint8_t user_len;
};

unsigned cd_telnet_text(struct cd_reader *r, struct cd_text *ret_text)
{
    unsigned commands = 0;
    while (cd_read_left(r)) {
        uint8_t byte = cd_read_u8(r, "byte");
        if (byte != IAC) {
            if (byte)
                cd_text_char(ret_text, (char)byte);
            continue;
        }
        uint8_t command = cd_read_u8(r, "command");
        commands++;
        if (command >= WILL && command <= DONT)
            cd_read_skip(r, 1, "option");
        while (command == SB && cd_read_left(r)) /* a subnegotiation ends with IAC SE */
            if (cd_read_u8(r, "subnegotiation") == IAC && cd_read_peek(r, 0) == SE) {
                cd_read_skip(r, 1, "end of subnegotiation");
                break;
            }
    }
    return commands;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    size_t options = 0;
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len == 0)
        return CD_PROBE_NO;
    for (size_t i = 0; i + 3 <= len && bytes[i] == IAC && bytes[i + 1] >= WILL && bytes[i + 1] <= DONT &&
                       bytes[i + 2] <= OPTION_HIGHEST;
         i += 3)
        options++;
    if (options >= 2)
        return CD_PROBE_LIKELY;
    return options == 1 || (bytes[0] >= 9 && bytes[0] < 127) ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)bytes;
    (void)from_client;
    return (ssize_t)len;
}

static bool ends_with(const char *text, size_t len, const char *end)
{
    size_t n = strlen(end);
    return len >= n && strncasecmp(text + len - n, end, n) == 0;
}

static enum expect prompt(const char *text, size_t len)
{
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\r' || text[len - 1] == '\n'))
        len--;
    if (ends_with(text, len, "password:") || ends_with(text, len, "passwd:") || ends_with(text, len, "passcode:"))
        return SECRET;
    if (ends_with(text, len, "login:") || ends_with(text, len, "username:") || ends_with(text, len, "user name:") ||
        ends_with(text, len, "user:"))
        return NAME;
    return NOTHING;
}

/* The first line with at least three letters is what the device calls itself. */
static void report_banner(struct cd_message *m, struct state *s, const char *text, size_t len)
{
    struct cd_subject server = cd_subject_server(m);
    for (size_t from = 0, to; from < len && !s->named; from = to + 1) {
        size_t letters = 0;
        for (to = from; to < len && text[to] != '\n' && text[to] != '\r'; to++)
            letters += (text[to] | 32) >= 'a' && (text[to] | 32) <= 'z';
        if (letters < 3 || prompt(text + from, to - from) != NOTHING)
            continue;
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_DESCRIPTION, text + from, to - from, 30);
        s->named = true;
    }
}

static void from_server(struct cd_message *m, struct state *s, const char *text, size_t len)
{
    enum expect now = prompt(text, len);
    if (s->stretches < BANNER_STRETCHES && s->expect == NOTHING)
        report_banner(m, s, text, len);
    if (now == NAME)
        s->user_len = 0;
    if (now != NOTHING)
        s->expect = (uint8_t)now;
    if (now == NOTHING && s->expect == NOTHING && memmem(text, len, "ogin incorrect", 14))
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "Telnet sign-in refused");
}

static void report_secret(struct cd_message *m, const struct state *s)
{
    char detail[96];
    struct cd_text text = cd_text_of(detail, sizeof detail);
    cd_text_str(&text, "Telnet password");
    if (s->user_len) {
        cd_text_str(&text, " of user ");
        cd_text_device(&text, s->user, s->user_len);
    }
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
}

static void from_client(struct cd_message *m, struct state *s, const char *text, size_t len)
{
    for (size_t i = 0; i < len && s->expect != NOTHING; i++) {
        bool line_end = text[i] == '\r' || text[i] == '\n';
        if (s->expect == NAME && !line_end && s->user_len < USER_MAX)
            s->user[s->user_len++] = text[i];
        if (!line_end)
            continue;
        if (s->expect == SECRET)
            report_secret(m, s);
        s->expect = NOTHING;
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    char buffer[TEXT_MAX];
    struct cd_text text = cd_text_of(buffer, sizeof buffer);
    cd_telnet_text(r, &text);
    if (!s->told) {
        struct cd_operation op = {
            .name = "terminal session", .code_text = "session", .class = CD_CLASS_SESSION, .target = ""};
        cd_report_notice(m, &op);
        s->told = true;
    }
    if (m->from_client)
        from_client(m, s, text.at, text.len);
    else
        from_server(m, s, text.at, text.len);
    memset(buffer, 0, sizeof buffer); /* it may have held a secret */
    if (++s->stretches >= WATCHED_STRETCHES)
        m->flow->opaque = true;
}

const struct cd_dissector cd_dissector_telnet = {
    .name = "telnet",
    .tcp_ports = {23, 2323},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};

/* Niagara Fox: frames, who the two ends are by their hello, who signs in, and what is asked on which channel. */
#include "protocols/fox.h"

#include "base/text.h"

#include <string.h>

enum { VALUE_MAX = 200 };

struct state {
    bool turned;       /* the end that connected is not the client of the protocol */
    bool clear_method; /* the password goes over readable */
};

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < 4 || memcmp(bytes, "fox ", 4) != 0)
        return CD_PROBE_NO;
    if (len < 8)
        return CD_PROBE_MAYBE;
    bool type = bytes[4] && strchr("srneakc", bytes[4]) && bytes[5] == ' ';
    return type && (bytes[6] == '-' || (bytes[6] >= '0' && bytes[6] <= '9')) ? CD_PROBE_SURE : CD_PROBE_NO;
}

/* There is no length: the values are gone over each time more bytes came, which is bounded by CD_FOX_FRAME_MAX. */
static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state, (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_fox_frame f;
    if (len >= 4 ? memcmp(bytes, "fox ", 4) != 0 : memcmp(bytes, "fox ", len) != 0)
        return CD_FRAME_NOT_OURS;
    if (cd_fox_parse(&r, &f))
        return (ssize_t)r.pos;
    if (r.bad == cd_fox_missing_bytes)
        return CD_FRAME_MORE;
    const uint8_t *end = memmem(bytes + r.pos, len - r.pos, ";;\n", 3);
    return end ? end + 3 - bytes : CD_FRAME_MORE; /* one that is not well-formed ends at its end mark */
}

/* ---- who they are ---- */

static bool is(const struct cd_reader *text, const char *literal)
{
    return text->len == strlen(literal) && memcmp(text->base, literal, text->len) == 0;
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Text with its escapes (#20;) undone. */
static void text_value(struct cd_text *t, const struct cd_reader *value)
{
    size_t n = value->len < VALUE_MAX ? value->len : VALUE_MAX;
    for (size_t i = 0; i < n; i++) {
        unsigned code = 0;
        size_t k = i + 1;
        if (value->base[i] == '#')
            for (; k < n && k < i + 5 && hex_digit(value->base[k]) >= 0; k++)
                code = code * 16 + (unsigned)hex_digit(value->base[k]);
        if (code >= 0x20 && code < 0x800 && k < n && value->base[k] == ';') {
            if (code >= 0x80) {
                cd_text_char(t, (char)(0xc0 | code >> 6));
                code = 0x80 | (code & 0x3f);
            }
            cd_text_char(t, (char)code);
            i = k;
        } else {
            cd_text_char(t, (char)value->base[i]);
        }
    }
}

/* What a hello says; values that are not there are empty. */
enum hello {
    HOST_NAME,
    APP_NAME,
    APP_VERSION,
    VM_NAME,
    VM_VERSION,
    OS_NAME,
    OS_VERSION,
    STATION,
    BRAND,
    HOST_ID,
    VM_UUID,
    HELLOS
};

static void read_hello(struct cd_reader body, struct cd_reader values[HELLOS])
{
    static const char *const names[HELLOS] = {"hostName",   "app.name", "app.version", "vm.name",
                                              "vm.version", "os.name",  "os.version",  "station.name",
                                              "brandId",    "hostId",   "vmUuid"};
    struct cd_fox_tuple t;
    while (cd_fox_next(&body, &t))
        for (unsigned i = 0; i < HELLOS; i++)
            if (t.type == 's' && is(&t.name, names[i]))
                values[i] = t.value;
}

static void report_text(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute,
                        const char *before, const struct cd_reader *value, const struct cd_reader *more,
                        unsigned confidence)
{
    char buffer[2 * VALUE_MAX + 32];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    if (value->len == 0)
        return;
    cd_text_str(&t, before);
    text_value(&t, value);
    if (more && more->len) {
        cd_text_char(&t, ' ');
        text_value(&t, more);
    }
    cd_report_fact_bytes(m, s, attribute, t.at, t.len, confidence);
}

/* Host ids of controllers name the platform: "Qnx-NPM6-0000-1490-C30C". */
static void report_model(struct cd_message *m, const struct cd_subject *s, const struct cd_reader *host_id)
{
    static const struct {
        const char *code, *model;
    } models[] = {
        {"NPM2", "JACE-2"}, {"NPM3", "JACE-3E"}, {"NPM6", "JACE-6"}, {"JVLN", "JACE-7"}, {"TITAN", "JACE-8000"}};
    struct cd_reader r = *host_id;
    struct cd_reader platform = cd_fox_read_until(&r, '-', 16, "platform");
    struct cd_reader code = cd_fox_read_until(&r, '-', 16, "code");
    if (!cd_read_ok(&r) || !is(&platform, "Qnx"))
        return;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (is(&code, models[i].code)) {
            cd_report_fact(m, s, CD_ATTRIBUTE_MODEL, models[i].model, 80);
            return;
        }
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_MODEL, code.base, code.len, 50);
}

static void report_vendor(struct cd_message *m, const struct cd_subject *s, const struct cd_reader *brand)
{
    static const struct {
        const char *brand, *vendor;
    } vendors[] = {{"vykon", "Tridium"},       {"tridium", "Tridium"},         {"webs", "Honeywell"},
                   {"Honeywell", "Honeywell"}, {"FacExp", "Johnson Controls"}, {"distech", "Distech Controls"}};
    for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++)
        if (is(brand, vendors[i].brand)) {
            cd_report_fact(m, s, CD_ATTRIBUTE_VENDOR, vendors[i].vendor, 80);
            return;
        }
    report_text(m, s, CD_ATTRIBUTE_VENDOR, "", brand, NULL, 60);
}

static void report_hello(struct cd_message *m, struct cd_reader body)
{
    struct cd_reader v[HELLOS] = {0};
    struct cd_subject s = cd_subject_sender(m);
    char name[VALUE_MAX + 1];
    struct cd_text t = cd_text_of(name, sizeof name);
    struct cd_ip ip;
    read_hello(body, v);
    text_value(&t, &v[HOST_NAME]);
    if (!cd_ip_parse(name, &ip)) /* without a name it gives its address for one */
        report_text(m, &s, CD_ATTRIBUTE_NAME, "", &v[HOST_NAME], NULL, 80);
    report_text(m, &s, CD_ATTRIBUTE_SOFTWARE, "Niagara ", &v[APP_NAME], &v[APP_VERSION], 90);
    report_text(m, &s, CD_ATTRIBUTE_SOFTWARE, "", &v[VM_NAME], &v[VM_VERSION], 90);
    report_text(m, &s, CD_ATTRIBUTE_OS, "", &v[OS_NAME], &v[OS_VERSION], 90);
    report_text(m, &s, CD_ATTRIBUTE_PROGRAM, "", &v[STATION], NULL, 90);
    report_text(m, &s, CD_ATTRIBUTE_INSTANCE, "", &v[VM_UUID], NULL, 60);
    if (is(&v[APP_NAME], "Workbench"))
        cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "engineering-station", 70);
    if (!is(&v[APP_NAME], "Station"))
        return;
    bool controller = is(&v[OS_NAME], "QNX");
    report_text(m, &s, CD_ATTRIBUTE_SERIAL, "", &v[HOST_ID], NULL, 80);
    report_vendor(m, &s, &v[BRAND]);
    report_model(m, &s, &v[HOST_ID]);
    if (controller)
        report_text(m, &s, CD_ATTRIBUTE_FIRMWARE, "", &v[APP_VERSION], NULL, 80);
    cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, controller ? "building-controller" : "building-server", 80);
}

/* ---- signing in ---- */

static void report_user(struct cd_message *m, const struct cd_reader *user)
{
    struct cd_subject client = cd_subject_client(m);
    report_text(m, &client, CD_ATTRIBUTE_USER, "", user, NULL, 80);
}

static void report_method(struct cd_message *m, const struct cd_reader *method)
{
    struct state *state = m->state;
    char detail[VALUE_MAX + 32];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    state->clear_method = is(method, "basic");
    if (!is(method, "digest-md5"))
        return;
    cd_text_str(&t, "signing in by ");
    text_value(&t, method);
    cd_report_event_once(m, CD_EVENT_WEAK_CRYPTOGRAPHY, detail);
}

/* Values of the channel "fox" that tell who signs in and how. Their contents beyond names never leave this function. */
static void report_sign_in(struct cd_message *m, struct cd_reader body)
{
    const struct state *state = m->state;
    struct cd_fox_tuple t;
    bool password = false;
    while (cd_fox_next(&body, &t)) {
        if (is(&t.name, "username"))
            report_user(m, &t.value);
        else if (is(&t.name, "method") && t.type == 's')
            report_method(m, &t.value);
        password |= is(&t.name, "password") || (is(&t.name, "credentials") && state->clear_method);
    }
    if (password)
        cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "password in a Fox sign-in");
}

/* ---- what is done ---- */

struct command {
    const char *channel, *command, *name;
    enum cd_class class;
};

static const struct command commands[] = {
    {"fox", "hello", "hello", CD_CLASS_IDENTIFY},
    {"fox", "kerberos", "kerberos offer", CD_CLASS_SESSION},
    {"fox", "username", "user name", CD_CLASS_SESSION},
    {"fox", "challenge", "challenge", CD_CLASS_SESSION},
    {"fox", "login", "sign-in", CD_CLASS_SESSION},
    {"fox", "authenticate", "sign-in", CD_CLASS_SESSION},
    {"fox", "authMessage1", "sign-in message 1", CD_CLASS_SESSION},
    {"fox", "authMessage2", "sign-in message 2", CD_CLASS_SESSION},
    {"fox", "clientKeyExchangeMethod", "key exchange method", CD_CLASS_SESSION},
    {"fox", "welcome", "welcome", CD_CLASS_SESSION},
    {"fox", "retry", "sign-in retry", CD_CLASS_SESSION},
    {"fox", "rejected", "sign-in refused", CD_CLASS_SESSION},
    {"fox", "busy", "busy", CD_CLASS_SESSION},
    {"fox", "redirect", "redirect", CD_CLASS_SESSION},
    {"fox", "keepalive", "keep-alive", CD_CLASS_SESSION},
    {"fox", "ping", "ping", CD_CLASS_SESSION},
    {"fox", "close", "close", CD_CLASS_SESSION},
    {"circuit", "open", "open circuit", CD_CLASS_SESSION},
    {"circuit", "stream", "circuit data", CD_CLASS_OTHER},
    {"circuit", "close", "close circuit", CD_CLASS_SESSION},
    {"broker", "invoke", "invoke action", CD_CLASS_CONTROL},
    {"broker", "syncTo", "change components", CD_CLASS_CONFIGURE},
    {"broker", "syncFrom", "component changes", CD_CLASS_READ},
    {"sys", NULL, "system request", CD_CLASS_OTHER},
    {"user", NULL, "user request", CD_CLASS_OTHER},
    {"spy", NULL, "spy request", CD_CLASS_DIAGNOSE},
    {"broker", NULL, "component request", CD_CLASS_READ},
    {"data", NULL, "data request", CD_CLASS_READ},
    {"file", NULL, "file request", CD_CLASS_FILE},
};

static const struct command *command_of(const struct cd_fox_frame *f)
{
    static const struct command other = {"", NULL, "request on another channel", CD_CLASS_OTHER};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (is(&f->channel, commands[i].channel) && (!commands[i].command || is(&f->command, commands[i].command)))
            return &commands[i];
    return &other;
}

/* "channel.command", where both are words. */
static const char *code_of(struct cd_message *m, const struct cd_fox_frame *f)
{
    char code[64];
    struct cd_text t = cd_text_of(code, sizeof code);
    cd_text_bytes(&t, (const char *)f->channel.base, f->channel.len);
    cd_text_char(&t, '.');
    cd_text_bytes(&t, (const char *)f->command.base, f->command.len);
    for (size_t i = 0; i < t.len; i++)
        if (code[i] <= ' ' || code[i] >= 0x7f)
            t.cut = true;
    return cd_observe_code(m->observer, code, t.cut ? 0 : t.len);
}

/* A circuit is opened for a command of another channel. */
static void text_circuit(struct cd_text *t, struct cd_reader body)
{
    struct cd_fox_tuple tuple;
    while (cd_fox_next(&body, &tuple)) {
        if (tuple.type != 's' || !(is(&tuple.name, "channel") || is(&tuple.name, "command")))
            continue;
        if (t->len)
            cd_text_char(t, '.');
        cd_text_device(t, tuple.value.base, tuple.value.len < 40 ? tuple.value.len : 40);
    }
}

static void report_frame(struct cd_message *m, const struct cd_fox_frame *f, struct cd_operation *op)
{
    uint64_t client = m->from_client, id = (uint64_t)f->reply << 1;
    bool hello = is(&f->channel, "fox") && is(&f->command, "hello");
    enum { HELLO_ID = INT64_MAX };
    if (hello && m->from_client)
        cd_report_request(m, op, HELLO_ID);
    else if (hello)
        cd_report_response(m, op, HELLO_ID, NULL);
    else if (f->type == 's')
        cd_report_request(m, op, id | client);
    else if (f->type == 'r' || f->type == 'n' || f->type == 'e')
        cd_report_response(m, op, id | !client, f->type == 'e' ? "error" : NULL);
    else
        cd_report_notice(m, op);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *state = m->state;
    struct cd_fox_frame f;
    char target[96];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (!cd_fox_parse(r, &f)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    const struct command *command = command_of(&f);
    bool fox = is(&f.channel, "fox"), hello = fox && is(&f.command, "hello");
    if (hello && (f.sequence == 0 || f.sequence == 1)) /* the client's numbers begin with 1, the server's with 0 */
        state->turned = (f.sequence == 1) != m->sent_by_client_end;
    m->from_client = m->sent_by_client_end != state->turned;
    if (is(&f.channel, "circuit") && is(&f.command, "open"))
        text_circuit(&t, f.body);
    struct cd_operation op = {
        .name = command->name, .code_text = code_of(m, &f), .class = command->class, .target = target};
    report_frame(m, &f, &op);
    if (hello)
        report_hello(m, f.body);
    else if (fox)
        report_sign_in(m, f.body);
    if (fox && is(&f.command, "rejected"))
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "sign-in refused");
}

const struct cd_dissector cd_dissector_fox = {
    .name = "niagara-fox",
    .tcp_ports = {1911},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_FOX_FRAME_MAX,
    .state_size = sizeof(struct state),
};

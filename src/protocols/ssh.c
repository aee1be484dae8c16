/* SSH: first a line of text from each end, then packets { length, padding length, payload, padding }, of which only KEXINIT tells anything. Once both ends
 * have sent theirs the flow is opaque. */
#include "protocols/ssh.h"

#include "flow/flow.h"
#include "protocols/dissector.h"

#include <string.h>

enum {
    MESSAGE_KEXINIT = 20,
    MESSAGE_NEWKEYS = 21,
    PACKET_HEADER = 5,
    COOKIE = 16,
    PACKETS_BEFORE_KEXINIT = 4,
    WEAK_MAX = 24
};

struct state {
    bool identified[2]; /* by direction: 0 from the client */
    bool done[2];       /* KEXINIT seen, or not to be expected */
    uint8_t packets[2];
};

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < 4 || memcmp(bytes, "SSH-", 4) != 0)
        return CD_PROBE_NO;
    if (len < 8)
        return CD_PROBE_MAYBE;
    return (bytes[4] == '1' || bytes[4] == '2') && bytes[5] == '.' ? CD_PROBE_SURE : CD_PROBE_NO;
}

static ssize_t frame_line(const uint8_t *bytes, size_t len)
{
    const uint8_t *end = memchr(bytes, '\n', len < CD_SSH_LINE_MAX ? len : CD_SSH_LINE_MAX);
    if (end)
        return end - bytes + 1;
    return len < CD_SSH_LINE_MAX ? CD_FRAME_MORE : CD_FRAME_NOT_OURS;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct state *s = state;
    if (!s->identified[!from_client])
        return frame_line(bytes, len);
    if (len < 4)
        return CD_FRAME_MORE;
    uint32_t length = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    if (length < 8 || length > CD_SSH_PACKET_MAX)
        return CD_FRAME_NOT_OURS;
    return (ssize_t)length + 4;
}

/* ---- parsing ---- */

bool cd_ssh_parse_identification(struct cd_reader *r, struct cd_ssh_identification *ret)
{
    struct cd_ssh_identification id = {0};
    size_t len = cd_read_left(r);
    const uint8_t *line = cd_read_at(r, len, "identification");
    while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        len--;
    const uint8_t *dash = len > 4 && memcmp(line, "SSH-", 4) == 0 ? memchr(line + 4, '-', len - 4) : NULL;
    if (!dash) {
        cd_read_fail(r, "identification");
        return false;
    }
    id.version = line + 4;
    id.version_len = (size_t)(dash - id.version);
    id.software = dash + 1;
    id.software_len = len - (size_t)(id.software - line);
    const uint8_t *blank = memchr(id.software, ' ', id.software_len);
    if (blank) {
        id.comment = blank + 1;
        id.comment_len = len - (size_t)(id.comment - line);
        id.software_len = (size_t)(blank - id.software);
    }
    *ret = id;
    return true;
}

bool cd_ssh_parse_kexinit(struct cd_reader *r, struct cd_ssh_kexinit *ret)
{
    struct cd_ssh_kexinit kex;
    if (cd_read_u8(r, "message") != MESSAGE_KEXINIT)
        cd_read_fail(r, "message");
    cd_read_skip(r, COOKIE, "cookie");
    for (unsigned i = 0; i < CD_SSH_LISTS; i++)
        kex.lists[i] = cd_read_sub(r, cd_read_be32(r, "list length"), "list");
    if (!cd_read_ok(r))
        return false;
    *ret = kex;
    return true;
}

const char *cd_ssh_weak_algorithm(const uint8_t *name, size_t len)
{
    /* RFC 9142 (key exchange with SHA-1 and small groups), RFC 8758 (RC4), RFC 8270; ciphers of 64-bit blocks; MACs of MD5 or cut to 96 bits */
    static const char *const weak[] = {
        "diffie-hellman-group1-sha1",
        "diffie-hellman-group-exchange-sha1",
        "rsa1024-sha1",
        "ssh-dss",
        "arcfour",
        "arcfour128",
        "arcfour256",
        "3des-cbc",
        "blowfish-cbc",
        "cast128-cbc",
        "des-cbc",
        "idea-cbc",
        "none",
        "hmac-md5",
        "hmac-md5-96",
        "hmac-sha1-96",
        "hmac-md5-etm@openssh.com",
        "hmac-md5-96-etm@openssh.com",
        "hmac-sha1-96-etm@openssh.com",
    };
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
        if (strlen(weak[i]) == len && memcmp(weak[i], name, len) == 0)
            return weak[i];
    return NULL;
}

/* ---- reporting ---- */

/* Words in an identification, and the system that writes them. */
static const struct {
    const char *word, *os, *vendor;
} signs[] = {
    {"Ubuntu", "Ubuntu Linux", NULL},
    {"Raspbian", "Raspbian Linux", NULL},
    {"Debian", "Debian Linux", NULL},
    {"FreeBSD", "FreeBSD", NULL},
    {"NetBSD", "NetBSD", NULL},
    {"for_Windows", "Windows", NULL},
    {"Cisco-", "Cisco IOS", "Cisco"},
    {"CISCO_", "Cisco", "Cisco"},
    {"ROSSSH", "MikroTik RouterOS", "MikroTik"},
    {"HUAWEI-", "Huawei VRP", "Huawei"},
    {"Comware", "Comware", NULL},
    {"NetScreen", "ScreenOS", "Juniper"},
    {"Sun_SSH", "Solaris", NULL},
    {"RomSShell", "", NULL},
    {"mpSSH", "", "HP"},
};

static void report_signs(struct cd_message *m, const struct cd_subject *subject, const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!memmem(text, len, signs[i].word, strlen(signs[i].word)))
            continue;
        cd_report_fact(m, subject, CD_ATTRIBUTE_OS, signs[i].os, 60);
        if (signs[i].vendor)
            cd_report_fact(m, subject, CD_ATTRIBUTE_VENDOR, signs[i].vendor, 60);
        return;
    }
}

static void take_identification(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_ssh_identification id;
    unsigned end = !m->sent_by_client_end;
    if (r->len < 4 || memcmp(r->base, "SSH-", 4) != 0) /* servers may send other lines first (RFC 4253 4.2) */
        return;
    s->identified[end] = true;
    if (!cd_ssh_parse_identification(r, &id)) {
        cd_report_malformed(m, r->bad);
        m->flow->opaque = true;
        return;
    }
    struct cd_subject sender = cd_subject_sender(m);
    size_t len = id.software_len + (id.comment ? id.comment_len + 1 : 0);
    cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_SOFTWARE, id.software, len, 75);
    report_signs(m, &sender, id.software, len);
    if (id.version_len && id.version[0] == '1' && !(id.version_len == 4 && memcmp(id.version, "1.99", 4) == 0)) {
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, m->from_client ? "client speaks SSH 1" : "server speaks SSH 1");
        m->flow->opaque = true; /* other packets */
    }
}

/* Weak names found so far: pointers to the literals of the table. */
struct weak {
    const char *names[WEAK_MAX];
    unsigned n;
};

static void collect_weak(struct weak *weak, const struct cd_reader *list)
{
    const uint8_t *at = list->base, *end = at + list->len, *comma;
    do {
        comma = memchr(at, ',', (size_t)(end - at));
        const char *name = cd_ssh_weak_algorithm(at, (size_t)((comma ? comma : end) - at));
        bool known = false;
        for (unsigned i = 0; i < weak->n; i++)
            known = known || weak->names[i] == name;
        if (name && !known && weak->n < WEAK_MAX)
            weak->names[weak->n++] = name;
        at = comma ? comma + 1 : end;
    } while (comma);
}

static void take_kexinit(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ssh_kexinit kex;
    struct weak weak = {.n = 0};
    char detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    if (!cd_ssh_parse_kexinit(r, &kex)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    for (unsigned i = 0; i < CD_SSH_LISTS; i++)
        collect_weak(&weak, &kex.lists[i]);
    if (weak.n == 0)
        return;
    cd_text_str(&t, m->from_client ? "client offers" : "server offers");
    for (unsigned i = 0; i < weak.n; i++) {
        cd_text_str(&t, i ? ", " : " ");
        cd_text_str(&t, weak.names[i]);
    }
    cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, detail);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    if (!s->identified[end]) {
        take_identification(m, r);
        return;
    }
    cd_read_skip(r, 4, "packet length");
    uint8_t padding = cd_read_u8(r, "padding length");
    int message = cd_read_peek(r, 0);
    if (message == MESSAGE_NEWKEYS) { /* encrypted from here on */
        m->flow->opaque = true;
    } else if (message == MESSAGE_KEXINIT) {
        s->done[end] = true;
        take_kexinit(m, r);
    } else if (padding < 4 ||
               ++s->packets[end] >= PACKETS_BEFORE_KEXINIT) { /* encrypted already: its beginning was lost */
        s->done[end] = true;
    }
    if (s->done[end] && (s->done[!end] || !m->flow->ends[!end].seen))
        m->flow->opaque = true;
}

const struct cd_dissector cd_dissector_ssh = {
    .name = "ssh",
    .tcp_ports = {22, 2222},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_SSH_PACKET_MAX + 4,
    .state_size = sizeof(struct state),
};

/* NetBIOS datagrams: every one names its sender; the browser announcements every host broadcasts tell its system and what it offers.
 *
 *   | type 1 | flags 1 | id 2 | source ip 4 | source port 2 | length 2 | offset 2 | from | to | SMB transaction ... | */
#include "protocols/nbdgm.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

#include <strings.h>

enum {
    SMB_TRANSACTION = 0x25,
    SMB_HEADER_LEN = 32,
    TRANSACTION_WORDS_MIN = 14,
    SERVER_UNIX = 0x00000800 /* Samba, whatever version it says */
};

static bool read_name(struct cd_reader *r, struct cd_netbios_name *ret)
{
    struct cd_dns_name label;
    return cd_dns_name_parse(r, &label) && cd_netbios_name_decode(&label, ret);
}

/* The data of a mailslot write to \MAILSLOT\BROWSE; a reader of no bytes for anything else. [MS-CIFS] 2.2.4.33.1 */
static struct cd_reader browser_data(struct cd_reader *r)
{
    static const char mailslot[] = "\\MAILSLOT\\BROWSE";
    struct cd_reader none = cd_reader_of(r->base, 0), smb = cd_read_rest(r);
    const uint8_t *magic = cd_read_at(&smb, 4, "SMB");
    if (!magic || memcmp(magic, "\xffSMB", 4) != 0 || cd_read_u8(&smb, "SMB command") != SMB_TRANSACTION)
        return none;
    cd_read_skip(&smb, SMB_HEADER_LEN - 5, "SMB header");
    uint8_t words = cd_read_u8(&smb, "word count");
    struct cd_reader parameters = cd_read_sub(&smb, (size_t)words * 2, "words");
    cd_read_skip(&parameters, 22, "transaction sizes");
    uint16_t data_len = cd_read_le16(&parameters, "data count");
    uint16_t data_at = cd_read_le16(&parameters, "data offset");
    cd_read_skip(&smb, 2, "byte count");
    const uint8_t *name = cd_read_at(&smb, sizeof mailslot, "transaction name");
    if (words < TRANSACTION_WORDS_MIN || !name || strncasecmp((const char *)name, mailslot, sizeof mailslot) != 0)
        return none;
    struct cd_reader data = cd_reader_of(smb.base, smb.len);
    cd_read_skip(&data, data_at, "data offset");
    return cd_read_sub(&data, data_len, "data");
}

/* [MS-BRWS] 2.2.1, 2.2.6, 2.2.10: the three announcements share their form. */
static void parse_announcement(struct cd_reader *r, struct cd_nbdgm_message *ret)
{
    cd_read_skip(r, 1 + 4, "update count and periodicity");
    const uint8_t *server = cd_read_at(r, 16, "server name");
    ret->os_major = cd_read_u8(r, "OS major version");
    ret->os_minor = cd_read_u8(r, "OS minor version");
    ret->server_type = cd_read_le32(r, "server type");
    cd_read_skip(r, 4, "browser version and signature");
    ret->comment_len = cd_read_left(r);
    ret->comment = cd_read_at(r, ret->comment_len, "comment");
    if (!cd_read_ok(r))
        return;
    const uint8_t *end = ret->comment_len ? memchr(ret->comment, 0, ret->comment_len) : NULL;
    if (end)
        ret->comment_len = (size_t)(end - ret->comment);
    uint8_t name[16] = {0}; /* all 16 bytes are name here; 15 are ever used */
    memcpy(name, server, 15);
    const uint8_t *nul = memchr(name, 0, 15);
    if (nul)
        memset(name + (nul - name), 0, (size_t)(name + 15 - nul));
    cd_netbios_name_of(name, &ret->server);
    ret->announcement = true;
}

static void parse_browser(struct cd_reader *data, struct cd_nbdgm_message *ret)
{
    ret->command = cd_read_u8(data, "browser command");
    if (ret->command == CD_BROWSER_HOST_ANNOUNCEMENT || ret->command == CD_BROWSER_DOMAIN_ANNOUNCEMENT ||
        ret->command == CD_BROWSER_LOCAL_MASTER_ANNOUNCEMENT)
        parse_announcement(data, ret);
    ret->browser = cd_read_ok(data);
}

bool cd_nbdgm_parse(struct cd_reader *r, struct cd_nbdgm_message *ret)
{
    struct cd_nbdgm_message p = {0};
    p.type = cd_read_u8(r, "message type");
    p.flags = cd_read_u8(r, "flags");
    cd_read_skip(r, 2, "datagram id");
    const uint8_t *ip = cd_read_at(r, 4, "source address");
    cd_read_skip(r, 2, "source port");
    if (ip)
        p.source = cd_ip_of4(ip);
    if (p.type >= CD_NBDGM_DIRECT_UNIQUE && p.type <= CD_NBDGM_BROADCAST) {
        cd_read_skip(r, 2, "datagram length");
        uint16_t offset = cd_read_be16(r, "packet offset");
        if (!read_name(r, &p.from) || !read_name(r, &p.to))
            cd_read_fail(r, "name");
        p.has_names = true;
        if (offset == 0 && cd_read_ok(r)) {
            struct cd_reader data = browser_data(r);
            if (cd_read_left(&data) > 0)
                parse_browser(&data, &p);
        }
    }
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

static const char *type_name(uint8_t type)
{
    static const char *const names[] = {"direct unique datagram", "direct group datagram", "broadcast datagram",
                                        "datagram error",         "datagram query",        "positive query response",
                                        "negative query response"};
    unsigned i = type - 0x10u;
    return i < sizeof names / sizeof names[0] ? names[i] : "other datagram";
}

static const char *command_name(uint8_t command)
{
    static const char *const names[] = {
        [CD_BROWSER_HOST_ANNOUNCEMENT] = "host announcement",
        [CD_BROWSER_ANNOUNCEMENT_REQUEST] = "announcement request",
        [CD_BROWSER_ELECTION] = "browser election",
        [CD_BROWSER_BACKUP_LIST_REQUEST] = "backup list request",
        [CD_BROWSER_BACKUP_LIST_RESPONSE] = "backup list response",
        [CD_BROWSER_BECOME_BACKUP] = "become backup browser",
        [CD_BROWSER_DOMAIN_ANNOUNCEMENT] = "domain announcement",
        [CD_BROWSER_MASTER_ANNOUNCEMENT] = "master announcement",
        [CD_BROWSER_RESET_STATE] = "reset browser state",
        [CD_BROWSER_LOCAL_MASTER_ANNOUNCEMENT] = "local master announcement",
    };
    const char *name = command < sizeof names / sizeof names[0] ? names[command] : NULL;
    return name ? name : "other browser message";
}

/* Versions that Windows announces ([MS-BRWS] 2.2.1; desktop and server share them). */
static void report_os(struct cd_message *m, const struct cd_subject *s, const struct cd_nbdgm_message *p)
{
    static const struct {
        uint8_t major, minor;
        const char *name;
    } systems[] = {
        {4, 0, " (95, 98 or NT 4.0)"},
        {5, 0, " (2000)"},
        {5, 1, " (XP)"},
        {5, 2, " (Server 2003)"},
        {6, 0, " (Vista, Server 2008)"},
        {6, 1, " (7, Server 2008 R2)"},
        {6, 2, " (8, Server 2012)"},
        {6, 3, " (8.1, Server 2012 R2)"},
        {10, 0, " (10, 11, Server 2016 or later)"},
    };
    if (p->os_major == 0 || p->server_type & SERVER_UNIX)
        return;
    char value[64];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_str(&t, "Windows ");
    cd_text_u64(&t, p->os_major);
    cd_text_char(&t, '.');
    cd_text_u64(&t, p->os_minor);
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++)
        if (systems[i].major == p->os_major && systems[i].minor == p->os_minor)
            cd_text_str(&t, systems[i].name);
    cd_report_fact(m, s, CD_ATTRIBUTE_OS, value, 60);
}

/* Of the server type bits those that tell what the host is for. */
static void report_server_type(struct cd_message *m, const struct cd_subject *s, uint32_t type)
{
    static const struct {
        uint32_t bit;
        const char *role;
    } roles[] = {
        {0x00000008 | 0x00000010, "domain-controller"},
        {0x00000004, "database-server"},
        {0x00000200, "print-server"},
        {0x02000000, "terminal-server"},
        {0x00008000, "server"},
        {0x00001000, "workstation"},
    };
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (type & roles[i].bit)
            cd_report_fact(m, s, CD_ATTRIBUTE_ROLE, roles[i].role, 60);
    if (type & SERVER_UNIX)
        cd_report_fact(m, s, CD_ATTRIBUTE_OS, "Unix (Samba)", 60);
}

static void report_announcement(struct cd_message *m, const struct cd_subject *s, const struct cd_nbdgm_message *p)
{
    if (!cd_netbios_name_is_plain(&p->server))
        return;
    if (p->command ==
        CD_BROWSER_DOMAIN_ANNOUNCEMENT) { /* sent by the local master; other domains than its own may be told */
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_NAME, p->comment, p->comment_len, 75);
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_DOMAIN, p->server.text, p->server.len, 70);
        return;
    }
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_NAME, p->server.text, p->server.len, 80);
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_DESCRIPTION, p->comment, p->comment_len, 70);
    report_os(m, s, p);
    report_server_type(m, s, p->server_type);
    if (cd_netbios_name_is_plain(&p->to) &&
        (p->to.suffix == CD_NETBIOS_MASTER_BROWSER || p->to.suffix == CD_NETBIOS_ELECTIONS))
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_DOMAIN, p->to.text, p->to.len, 75);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_nbdgm_message p;
    if (!cd_nbdgm_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {.name = type_name(p.type), .code = p.type, .class = CD_CLASS_OTHER, .target = ""};
    if (p.browser)
        op = (struct cd_operation){.name = command_name(p.command),
                                   .code_space = "browser",
                                   .code = p.command,
                                   .class = CD_CLASS_IDENTIFY,
                                   .target = ""};
    m->from_client = m->sent_by_client_end;
    cd_report_notice(m, &op);
    if (!p.has_names)
        return;
    /* A datagram that a name server forwards keeps its first source. */
    bool own = cd_ip_equal(&p.source, cd_message_sender(m));
    if (!own && !cd_ip_is_device(&p.source))
        return;
    struct cd_subject s = own ? cd_subject_sender(m) : cd_subject_ip(&p.source);
    if (cd_netbios_name_is_plain(&p.from) && p.from.suffix != CD_NETBIOS_DOMAIN_MASTER &&
        p.from.suffix != CD_NETBIOS_MASTER_BROWSER)
        cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_NAME, p.from.text, p.from.len, own ? 75 : 60);
    if (p.announcement)
        report_announcement(m, &s, &p);
}

const struct cd_dissector cd_dissector_nbdgm = {
    .name = "nbdgm",
    .udp_ports = {138},
    .dissect = dissect,
};

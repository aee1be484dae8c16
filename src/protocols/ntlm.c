#include "protocols/ntlm.h"

#include <string.h>

enum {
    FLAG_UNICODE = 1,
    FLAG_OEM_DOMAIN = 0x1000,
    FLAG_OEM_WORKSTATION = 0x2000,
    FLAG_VERSION = 0x02000000,
    PAIRS_MAX = 32, /* [MS-NLMP] 2.2.2.1 knows eleven */
};

/* Length, allocated length and offset from the message's start ([MS-NLMP] 2.2.1): a name that lies outside is no name. */
static struct cd_ntlm_name read_field(struct cd_reader *r, size_t start, bool wide)
{
    uint16_t len = cd_read_le16(r, "ntlm field length");
    cd_read_skip(r, 2, "ntlm field room");
    uint32_t offset = cd_read_le32(r, "ntlm field offset");
    struct cd_ntlm_name name = {.wide = wide};
    struct cd_reader all = cd_reader_of(r->base + start, r->len - start);
    cd_read_skip(&all, offset, "ntlm field");
    name.bytes = cd_read_at(&all, len, "ntlm field");
    name.len = name.bytes ? len : 0;
    return name;
}

static void read_version(struct cd_reader *r, struct cd_ntlm *n)
{
    n->os_major = cd_read_u8(r, "ntlm version");
    n->os_minor = cd_read_u8(r, "ntlm version");
    n->os_build = cd_read_le16(r, "ntlm version");
    cd_read_skip(r, 4, "ntlm version");
}

static void read_negotiate(struct cd_reader *r, size_t start, struct cd_ntlm *n)
{
    uint32_t flags = cd_read_le32(r, "ntlm flags");
    if (cd_read_left(r) < 16)
        return; /* the oldest form has no more */
    struct cd_ntlm_name domain = read_field(r, start, false), workstation = read_field(r, start, false);
    if (flags & FLAG_OEM_DOMAIN)
        n->domain = domain;
    if (flags & FLAG_OEM_WORKSTATION)
        n->workstation = workstation;
    if (flags & FLAG_VERSION && cd_read_left(r) >= 8)
        read_version(r, n);
}

/* AV_PAIRs ([MS-NLMP] 2.2.2.1), always in Unicode. */
static void read_pairs(const struct cd_ntlm_name *info, struct cd_ntlm *n)
{
    struct cd_reader r = cd_reader_of(info->bytes, info->len);
    for (unsigned i = 0; i < PAIRS_MAX && cd_read_left(&r) >= 4; i++) {
        uint16_t id = cd_read_le16(&r, "av id"), len = cd_read_le16(&r, "av length");
        struct cd_ntlm_name name = {.bytes = cd_read_at(&r, len, "av value"), .len = len, .wide = true};
        if (!name.bytes || id == 0)
            return;
        switch (id) {
        case 1: n->computer = name; break;
        case 2: n->computer_domain = name; break;
        case 3: n->dns_computer = name; break;
        case 4: n->dns_domain = name; break;
        default: break;
        }
    }
}

static void read_challenge(struct cd_reader *r, size_t start, struct cd_ntlm *n)
{
    size_t at = r->pos;
    struct cd_reader flags_at = cd_reader_of(r->base, r->len);
    cd_read_skip(&flags_at, at + 8, "ntlm flags");
    uint32_t flags = cd_read_le32(&flags_at, "ntlm flags");
    n->target = read_field(r, start, flags & FLAG_UNICODE);
    cd_read_skip(r, 4 + 8, "ntlm challenge");
    if (cd_read_left(r) < 16)
        return;
    cd_read_skip(r, 8, "ntlm reserved");
    struct cd_ntlm_name info = read_field(r, start, true);
    if (flags & FLAG_VERSION && cd_read_left(r) >= 8)
        read_version(r, n);
    if (info.bytes)
        read_pairs(&info, n);
}

static void read_authenticate(struct cd_reader *r, size_t start, struct cd_ntlm *n)
{
    struct cd_reader flags_at = cd_reader_of(r->base, r->len);
    cd_read_skip(&flags_at, start + 60, "ntlm flags");
    uint32_t flags = cd_read_left(&flags_at) >= 4 ? cd_read_le32(&flags_at, "ntlm flags") : 0;
    bool wide = flags & FLAG_UNICODE;
    cd_read_skip(r, 8, "ntlm responses"); /* what proves the password */
    n->nt_response_len = cd_read_le16(r, "ntlm responses");
    cd_read_skip(r, 6, "ntlm responses");
    n->domain = read_field(r, start, wide);
    n->user = read_field(r, start, wide);
    n->workstation = read_field(r, start, wide);
    if (flags & FLAG_VERSION && cd_read_left(r) >= 20) {
        cd_read_skip(r, 12, "ntlm session key");
        read_version(r, n);
    }
}

bool cd_ntlm_parse(struct cd_reader *r, struct cd_ntlm *ret)
{
    struct cd_ntlm n = {0};
    size_t start = r->pos;
    const uint8_t *magic = cd_read_at(r, 8, "ntlm signature");
    if (magic && memcmp(magic, "NTLMSSP", 8) != 0)
        cd_read_fail(r, "ntlm signature");
    n.type = cd_read_le32(r, "ntlm type");
    switch (n.type) {
    case CD_NTLM_NEGOTIATE: read_negotiate(r, start, &n); break;
    case CD_NTLM_CHALLENGE: read_challenge(r, start, &n); break;
    case CD_NTLM_AUTHENTICATE: read_authenticate(r, start, &n); break;
    default: cd_read_fail(r, "ntlm type");
    }
    if (!cd_read_ok(r))
        return false;
    *ret = n;
    return true;
}

void cd_text_ntlm_name(struct cd_text *t, const struct cd_ntlm_name *name)
{
    if (name->wide)
        cd_text_utf16le(t, name->bytes, name->len);
    else
        cd_text_device(t, name->bytes, name->len);
}

void cd_text_windows_version(struct cd_text *t, unsigned major, unsigned minor, unsigned build)
{
    static const struct {
        uint16_t build;
        const char *name;
    } known[] = {
        {2195, "2000"},
        {2600, "XP"},
        {3790, "XP x64 / Server 2003"},
        {6000, "Vista"},
        {6001, "Vista SP1 / Server 2008"},
        {6002, "Vista SP2 / Server 2008 SP2"},
        {6003, "Server 2008 SP2"},
        {7600, "7 / Server 2008 R2"},
        {7601, "7 SP1 / Server 2008 R2 SP1"},
        {9200, "8 / Server 2012"},
        {9600, "8.1 / Server 2012 R2"},
        {10240, "10 1507"},
        {10586, "10 1511"},
        {14393, "10 1607 / Server 2016"},
        {15063, "10 1703"},
        {16299, "10 1709"},
        {17134, "10 1803"},
        {17763, "10 1809 / Server 2019"},
        {18362, "10 1903"},
        {18363, "10 1909"},
        {19041, "10 2004"},
        {19042, "10 20H2"},
        {19043, "10 21H1"},
        {19044, "10 21H2"},
        {19045, "10 22H2"},
        {20348, "Server 2022"},
        {22000, "11 21H2"},
        {22621, "11 22H2"},
        {22631, "11 23H2"},
        {26100, "11 24H2 / Server 2025"},
    };
    if (build == 0 || major < 5 || major > 10) /* Samba and others send 6.1 build 0 */
        return;
    cd_text_str(t, "Windows");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].build != build)
            continue;
        cd_text_char(t, ' ');
        cd_text_str(t, known[i].name);
    }
    cd_text_str(t, " (");
    cd_text_u64(t, major);
    cd_text_char(t, '.');
    cd_text_u64(t, minor);
    cd_text_char(t, '.');
    cd_text_u64(t, build);
    cd_text_char(t, ')');
}

static void report_name(struct cd_message *m, enum cd_attribute attribute, const struct cd_ntlm_name *name,
                        unsigned confidence)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject sender = cd_subject_sender(m);
    if (!name->bytes || name->len == 0)
        return;
    cd_text_ntlm_name(&t, name);
    cd_report_fact(m, &sender, attribute, text, confidence);
}

static void report_user(struct cd_message *m, const struct cd_ntlm *n)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject sender = cd_subject_sender(m);
    if (n->user.len == 0 || n->user.bytes[0] == 0) /* anonymous */
        return;
    if (n->domain.len) {
        cd_text_ntlm_name(&t, &n->domain);
        cd_text_char(&t, '\\');
    }
    cd_text_ntlm_name(&t, &n->user);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_USER, text, 80);
}

static bool same_name(const struct cd_ntlm_name *a, const struct cd_ntlm_name *b)
{
    return a->len == b->len && a->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static void report(struct cd_message *m, const struct cd_ntlm *n)
{
    char os[80];
    struct cd_text t = cd_text_of(os, sizeof os);
    struct cd_subject sender = cd_subject_sender(m);
    if (n->type == CD_NTLM_CHALLENGE) {
        report_name(m, CD_ATTRIBUTE_NAME, &n->computer, 80);
        report_name(m, CD_ATTRIBUTE_NAME, &n->dns_computer, 80);
        if (!same_name(&n->computer_domain, &n->computer)) /* its own name: member of none */
            report_name(m, CD_ATTRIBUTE_DOMAIN, &n->computer_domain, 80);
        if (!same_name(&n->dns_domain, &n->dns_computer))
            report_name(m, CD_ATTRIBUTE_DOMAIN, &n->dns_domain, 80);
    } else {
        report_name(m, CD_ATTRIBUTE_NAME, &n->workstation, 70);
        if (n->type == CD_NTLM_AUTHENTICATE)
            report_user(m, n);
    }
    cd_text_windows_version(&t, n->os_major, n->os_minor, n->os_build);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_OS, os, 85);
}

enum cd_ntlm_type cd_ntlm_report(struct cd_message *m, const uint8_t *bytes, size_t len, struct cd_ntlm *ret)
{
    const uint8_t *found = len >= 12 ? memmem(bytes, len, "NTLMSSP", 8) : NULL;
    struct cd_ntlm n;
    if (!found)
        return CD_NTLM_NONE;
    struct cd_reader r = cd_reader_of(found, len - (size_t)(found - bytes));
    if (!cd_ntlm_parse(&r, &n))
        return CD_NTLM_NONE;
    report(m, &n);
    if (ret)
        *ret = n;
    return n.type;
}

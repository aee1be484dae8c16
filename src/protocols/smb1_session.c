/* What negotiation, sign-in and tree connect of SMB1 tell of both ends. */
#include "protocols/smb1_report.h"

#include <string.h>
#include <strings.h>

static void fact(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                 const struct cd_smb1_text *text, unsigned confidence)
{
    char value[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(value, sizeof value);
    if (text->bytes.len == 0)
        return;
    cd_text_smb1(&t, text);
    cd_report_fact(m, subject, attribute, value, confidence);
}

/* Windows tells versions where people know names. Of two ways to name a system (NTLMSSP tells one too) the one that says more is believed; a client may
 * write what it likes, and attack tools like Windows 2000. */
static void report_os(struct cd_message *m, const struct cd_subject *subject, const struct cd_smb1_text *os, bool samba)
{
    enum { PLAIN = 88, SAID = 60, NOT_WINDOWS = 90 };
    static const struct {
        const char *told, *name;
        unsigned confidence;
    } known[] = {
        {"Windows 4.0", "Windows NT 4.0", SAID},
        {"Windows NT 1381", "Windows NT 4.0", SAID},
        {"Windows 5.0", "Windows 2000", SAID},
        {"Windows 2000 2195", "Windows 2000", SAID},
        {"Windows 5.1", "Windows XP", SAID},
        {"Windows 2002", "Windows XP", PLAIN},
        {"Windows .NET", "Windows Server 2003", PLAIN},
        {"Windows", "Windows", PLAIN},
    };
    char told[96], value[160];
    struct cd_text t = cd_text_of(told, sizeof told), v = cd_text_of(value, sizeof value);
    unsigned confidence = NOT_WINDOWS;
    if (os->bytes.len == 0)
        return;
    cd_text_smb1(&t, os);
    if (samba && strncmp(told, "Windows", 7) == 0) { /* so that clients take it for one */
        cd_report_fact(m, subject, CD_ATTRIBUTE_OS, "Unix (Samba)", NOT_WINDOWS);
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known && v.len == 0; i++) {
        size_t len = strlen(known[i].told);
        if (strncmp(told, known[i].told, len) != 0)
            continue;
        cd_text_str(&v, known[i].name);
        cd_text_str(&v, told + len);
        confidence = known[i].confidence;
    }
    cd_report_fact(m, subject, CD_ATTRIBUTE_OS, v.len ? value : told, confidence);
}

/* Systems and LAN managers as both ends name them. */
static void report_systems(struct cd_message *m, const struct cd_smb1_sign_in *s)
{
    struct cd_subject sender = cd_subject_sender(m);
    char manager[96];
    struct cd_text t = cd_text_of(manager, sizeof manager);
    cd_text_smb1(&t, &s->lan_manager);
    report_os(m, &sender, &s->os, strncmp(manager, "Samba", 5) == 0);
    if (t.len && strncmp(manager, "Windows", 7) != 0 && !strstr(manager, "LAN M")) /* "Samba 3.0.2a", "jCIFS" */
        cd_report_fact(m, &sender, CD_ATTRIBUTE_SOFTWARE, manager, 75);
}

static void text_account(struct cd_text *t, const struct cd_smb1_sign_in *s)
{
    if (cd_read_peek(&s->user.bytes, 0) <= 0)
        return;
    if (s->domain.bytes.len) {
        cd_text_smb1(t, &s->domain);
        cd_text_char(t, '\\');
    }
    cd_text_smb1(t, &s->user);
}

/* A sign-in without NTLMSSP: the account stands in the message, beside the password or its proofs. */
static void report_account(struct smb1 *x, const struct cd_smb1_sign_in *s)
{
    enum { PROOF_LEN = 24 };
    struct cd_subject client = cd_subject_client(x->m);
    char account[sizeof x->s->user];
    struct cd_text t = cd_text_of(account, sizeof account);
    text_account(&t, s);
    memcpy(x->s->user, account, sizeof account);
    x->s->signing_in = true;
    cd_text_str(&x->target, account);
    if (t.len == 0)
        return;
    cd_report_fact(x->m, &client, CD_ATTRIBUTE_USER, account, 80);
    if (x->s->clear_passwords && (s->ansi_len > 1 || s->unicode_len > 2))
        cd_report_event(x->m, CD_EVENT_CLEARTEXT_CREDENTIAL, account);
    else if (s->unicode_len == PROOF_LEN || (s->unicode_len == 0 && s->ansi_len == PROOF_LEN))
        cd_report_event(x->m, CD_EVENT_WEAK_CRYPTOGRAPHY,
                        s->unicode_len ? "sign-in by NTLM of version 1" : "sign-in by LAN Manager's password hash");
}

void cd_smb1_session_request(struct smb1 *x)
{
    struct cd_smb1_sign_in s;
    if (!cd_smb1_parse_sign_in(&x->block, true, x->wide, &s)) {
        cd_smb1_bad(x, x->block.words.bad);
        return;
    }
    if (s.token.len)
        cd_smb_report_token(x->m, s.token, &x->target);
    else
        report_account(x, &s);
    report_systems(x->m, &s);
}

void cd_smb1_session_response(struct smb1 *x, const char *error)
{
    struct cd_smb1_sign_in s;
    struct cd_subject server = cd_subject_server(x->m);
    bool more = x->h.flags2 & CD_SMB1_NT_STATUS && x->h.status != 0 && !error; /* NTLMSSP goes on */
    if (!x->block.empty && !cd_smb1_parse_sign_in(&x->block, false, x->wide, &s)) {
        cd_smb1_bad(x, x->block.words.bad);
        return;
    }
    if (!x->block.empty) {
        cd_smb_report_token(x->m, s.token, NULL);
        report_systems(x->m, &s);
        fact(x->m, &server, CD_ATTRIBUTE_DOMAIN, &s.domain, 70);
    }
    if (!more)
        cd_smb_report_sign_in(x->m, error, !x->block.empty && s.guest, x->s->signing_in && *x->s->user == '\0');
}

/* ---- negotiation ---- */

static void tell_smb1(struct smb1 *x, const char *how)
{
    if (x->s->told_smb1)
        return;
    x->s->told_smb1 = true;
    cd_report_event(x->m, CD_EVENT_WEAK_CRYPTOGRAPHY, how);
}

void cd_smb1_in_use(struct smb1 *x)
{
    tell_smb1(x, "SMB1 in use");
}

void cd_smb1_negotiated(struct smb1 *x)
{
    struct cd_smb1_negotiated n;
    struct cd_subject server = cd_subject_server(x->m);
    if (!cd_smb1_parse_negotiated(&x->block, x->wide, &n)) {
        cd_smb1_bad(x, x->block.words.bad);
        return;
    }
    if (n.dialect == 0xffff)
        return;
    x->s->clear_passwords = n.clear_passwords;
    x->s->share_passwords = !n.user_level;
    const char *dialect = n.words == 17 ? "SMB1 (NT LM 0.12)" : n.words == 13 ? "SMB1 (LAN Manager)" : "SMB1 (core)";
    tell_smb1(x, "SMB1 in use: chosen by the server");
    cd_smb_report_dialect(x->m, dialect, NULL, n.signing, n.signing_required);
    if (n.clear_passwords)
        cd_report_event(x->m, CD_EVENT_WEAK_CRYPTOGRAPHY, "server asks for passwords in the clear");
    cd_smb_report_server_guid(x->m, n.guid);
    cd_smb_report_token(x->m, n.token, NULL);
    fact(x->m, &server, CD_ATTRIBUTE_DOMAIN, &n.domain, 75);
    fact(x->m, &server, CD_ATTRIBUTE_NAME, &n.server, 80);
}

/* ---- shares ---- */

void cd_smb1_tree_request(struct smb1 *x)
{
    size_t password;
    if (x->block.command == CD_SMB1_TREE_CONNECT) {
        cd_read_skip(&x->block.bytes, 1, "buffer format");
        struct cd_smb1_text path = cd_smb1_string(&x->block, x->wide);
        cd_read_skip(&x->block.bytes, 1, "buffer format");
        password = cd_smb1_string(&x->block, x->wide).bytes.len;
        cd_text_smb1(&x->target, &path);
    } else {
        cd_read_skip(&x->block.words, 6, "flags");
        password = cd_read_le16(&x->block.words, "password length");
        cd_read_skip(&x->block.bytes, password, "password");
        struct cd_smb1_text path = cd_smb1_string(&x->block, x->wide);
        cd_text_smb1(&x->target, &path);
    }
    if (!cd_read_ok(&x->block.bytes) || !cd_read_ok(&x->block.words)) {
        cd_smb1_bad(x, x->block.bytes.bad ? x->block.bytes.bad : x->block.words.bad);
        return;
    }
    if (x->s->share_passwords && x->s->clear_passwords && password > 1)
        cd_report_event(x->m, CD_EVENT_CLEARTEXT_CREDENTIAL, x->target.at);
    cd_smb_tree_request(x->s, x->id, x->target.at);
}

void cd_smb1_tree_response(struct smb1 *x, const char *error)
{
    uint16_t tree = x->h.tree_id;
    unsigned type = 0;
    if (x->block.command == CD_SMB1_TREE_CONNECT && !x->block.empty) {
        cd_read_skip(&x->block.words, 2, "most bytes");
        tree = cd_read_le16(&x->block.words, "tree id");
    } else if (!x->block.empty) {
        struct cd_smb1_text service = cd_smb1_string(&x->block, false);
        if (service.bytes.len == 2 && memcmp(service.bytes.base, "A:", 2) == 0)
            type = 1;
        else if (service.bytes.len == 5 && strncasecmp((const char *)service.bytes.base, "LPT1:", 5) == 0)
            type = 3;
    }
    const char *path = cd_smb_tree_response(x->s, x->id, tree, !error);
    if (!error)
        cd_smb_report_share(x->m, path, type);
}

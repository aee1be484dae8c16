/* Who signs in to whom over SMB, and how strongly. */
#include "protocols/smb.h"

#include "protocols/spnego.h"

#include <string.h>
#include <strings.h>

void cd_smb_report_token(struct cd_message *m, struct cd_reader token, struct cd_text *target)
{
    struct cd_smb_state *s = m->state;
    char name[sizeof s->user];
    struct cd_text user = cd_text_of(name, sizeof name);
    if (token.len == 0)
        return;
    enum cd_ntlm_type type = cd_spnego_report(m, token.base, token.len, &user);
    if (!m->from_client)
        return;
    if (target)
        cd_text_str(target, name);
    if (user.len || type == CD_NTLM_AUTHENTICATE) {
        memcpy(s->user, name, sizeof name);
        s->signing_in = true;
    }
}

void cd_smb_report_sign_in(struct cd_message *m, const char *error, bool guest, bool anonymous)
{
    const struct cd_smb_state *s = m->state;
    char detail[160];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    if (error) {
        cd_text_str(&t, *s->user ? s->user : "(no user named)");
        cd_text_str(&t, ": ");
        cd_text_str(&t, error);
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, detail);
    } else if (guest || anonymous) { /* [MS-SMB2] 3.2.5.3.1: such sessions have no key */
        cd_text_str(&t, guest ? "signed in as guest" : "signed in anonymously");
        if (*s->user) {
            cd_text_str(&t, " (as ");
            cd_text_str(&t, s->user);
            cd_text_char(&t, ')');
        }
        cd_text_str(&t, ": neither signed nor encrypted");
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, detail);
    }
}

/* The last part of "\\server\share". */
static const char *share_of(const char *path)
{
    const char *last = strrchr(path, '\\');
    return last ? last + 1 : path;
}

void cd_smb_report_share(struct cd_message *m, const char *path, unsigned type)
{
    enum { DISK = 1, PRINTER = 3 };
    const char *share = share_of(path);
    struct cd_subject server = cd_subject_server(m);
    size_t len = strlen(share);
    if (strcasecmp(share, "SYSVOL") == 0 ||
        strcasecmp(share, "NETLOGON") == 0) /* what a domain controller shares, and Samba as one */
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "domain-controller", 70);
    else if (type == PRINTER || strcasecmp(share, "PRINT$") == 0)
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "print-server", 50);
    else if (type == DISK && len && share[len - 1] != '$') /* C$ and ADMIN$ are on every Windows */
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "file-server", 50);
}

void cd_smb_report_dialect(struct cd_message *m, const char *dialect, const char *encryption, bool signing,
                           bool required)
{
    struct cd_smb_state *s = m->state;
    struct cd_subject server = cd_subject_server(m);
    char text[96];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_str(&t, dialect);
    cd_text_str(&t, required ? ", signing required" : signing ? ", signing not required" : ", no signing");
    if (encryption) {
        cd_text_str(&t, ", can encrypt with ");
        cd_text_str(&t, encryption);
    }
    cd_report_fact(m, &server, CD_ATTRIBUTE_SERVICE, text, 90);
    if (!signing && !s->told_signing) {
        s->told_signing = true;
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "signing disabled: messages can be changed on their way");
    }
}

/* Samba writes its NetBIOS name where Windows has a random number. */
static bool is_name(const uint8_t *guid, size_t *ret_len)
{
    size_t len = 0;
    while (len < 16 && ((guid[len] >= 'a' && guid[len] <= 'z') || (guid[len] >= 'A' && guid[len] <= 'Z') ||
                        (guid[len] >= '0' && guid[len] <= '9') || guid[len] == '-' || guid[len] == '_'))
        len++;
    for (size_t i = len; i < 16; i++)
        if (guid[i] != 0)
            return false;
    *ret_len = len;
    return len >= 3;
}

void cd_smb_report_server_guid(struct cd_message *m, const uint8_t *guid)
{
    struct cd_subject server = cd_subject_server(m);
    size_t len;
    if (guid && is_name(guid, &len)) {
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_NAME, guid, len, 70);
        cd_report_fact(m, &server, CD_ATTRIBUTE_SOFTWARE, "Samba", 70);
    }
}

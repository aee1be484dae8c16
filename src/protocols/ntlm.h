/* NTLMSSP ([MS-NLMP] 2.2.1): the sign-in inside SMB, HTTP, DCE/RPC, LDAP and others. It names both machines and the user; what proves the
 * password is never read. */
#ifndef CD_PROTOCOLS_NTLM_H
#define CD_PROTOCOLS_NTLM_H

#include "protocols/dissector.h"

enum cd_ntlm_type { CD_NTLM_NONE = 0, CD_NTLM_NEGOTIATE = 1, CD_NTLM_CHALLENGE = 2, CD_NTLM_AUTHENTICATE = 3 };

/* A name in the message, borrowed: UTF-16LE where wide. */
struct cd_ntlm_name {
    const uint8_t *bytes;
    uint16_t len;
    bool wide;
};

struct cd_ntlm {
    enum cd_ntlm_type type;
    struct cd_ntlm_name domain, user, workstation; /* AUTHENTICATE; domain and workstation also NEGOTIATE */
    struct cd_ntlm_name target, computer, computer_domain, dns_computer, dns_domain; /* CHALLENGE */
    uint16_t nt_response_len; /* AUTHENTICATE: 24 in version 1, longer in version 2; the response itself is not read */
    uint8_t os_major, os_minor;
    uint16_t os_build; /* all 0: no version */
};

/* One message, from "NTLMSSP" on. */
bool cd_ntlm_parse(struct cd_reader *r, struct cd_ntlm *ret);

/* Looks for a message within these bytes (bare, or in SPNEGO), and reports what it tells: name, domain and OS of the sender, and the user. Returns the
 * message's type; ret (may be NULL) is filled where there is one. */
enum cd_ntlm_type cd_ntlm_report(struct cd_message *m, const uint8_t *bytes, size_t len, struct cd_ntlm *ret);

void cd_text_ntlm_name(struct cd_text *t, const struct cd_ntlm_name *name);
/* "Windows 10 1809 / Server 2019 (10.0.17763)"; nothing where the version is not one of Windows. */
void cd_text_windows_version(struct cd_text *t, unsigned major, unsigned minor, unsigned build);

#endif

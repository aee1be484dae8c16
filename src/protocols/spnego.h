/* Sign-in tokens as SMB, DCE/RPC, LDAP and others carry them: NTLMSSP bare or within SPNEGO (RFC 4178, [MS-SPNG]), Kerberos tickets (RFC 4120, RFC 4121). What
 * proves a password, and what is encrypted, is never read. */
#ifndef CD_PROTOCOLS_SPNEGO_H
#define CD_PROTOCOLS_SPNEGO_H

#include "base/text.h"
#include "protocols/dissector.h"
#include "protocols/ntlm.h"

/* The clear part of a ticket (RFC 4120 5.3, 5.5.1). Views die with the bytes. */
struct cd_kerberos_ticket {
    struct cd_reader realm;
    struct cd_reader service, host; /* of the server's principal: "cifs", "server.example" */
    int64_t encryption;             /* RFC 3961 8; 0: not read */
};

/* Looks for an AP-REQ in the mechanism's token within these bytes, whose end may be missing. */
bool cd_kerberos_find_ticket(const uint8_t *bytes, size_t len, struct cd_kerberos_ticket *ret);

/* Reports what a token tells of both ends, and the account that signs in, into `user` (may be NULL): "DOMAIN\name", or "Kerberos", whose
 * accounts are not told; nothing where none is named. Returns the NTLM message's type, if it is one. */
enum cd_ntlm_type cd_spnego_report(struct cd_message *m, const uint8_t *bytes, size_t len, struct cd_text *user);

#endif

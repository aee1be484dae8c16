#include "protocols/spnego.h"

#include "protocols/ber.h"

#include <string.h>

enum {
    AP_REQ = 0x6e,  /* [APPLICATION 14] */
    TICKET = 0x61,  /* [APPLICATION 1] */
    CONTEXT = 0xa0, /* [n] EXPLICIT */
    GENERAL_STRING = 0x1b,
    NTLM_V1_RESPONSE = 24,      /* [MS-NLMP] 2.2.2.6 */
    ENCRYPTION_DES_CBC_CRC = 1, /* RFC 3961, RFC 4757, RFC 6649 */
    ENCRYPTION_DES_CBC_MD5 = 3,
    ENCRYPTION_RC4 = 23,
    FIELDS_MAX = 8,
};

/* The content of field [n] of a sequence, those before it passed over; the message's end may be missing. */
static struct cd_reader field(struct cd_reader *sequence, unsigned n)
{
    struct cd_ber e = {0};
    for (unsigned i = 0; i < FIELDS_MAX && cd_ber_read_part(sequence, true, "kerberos field", &e); i++)
        if (e.identifier == (CONTEXT | n))
            return e.value;
    cd_read_fail(sequence, "kerberos field");
    return (struct cd_reader){.bad = "kerberos field"};
}

static struct cd_reader expect(struct cd_reader *r, uint8_t identifier)
{
    struct cd_ber e;
    if (cd_ber_read_part(r, true, "kerberos", &e) && e.identifier == identifier)
        return e.value;
    return (struct cd_reader){.bad = "kerberos"};
}

static void read_principal(struct cd_reader principal, struct cd_kerberos_ticket *t)
{
    struct cd_reader sequence = expect(&principal, CD_BER_SEQUENCE);
    struct cd_reader names = field(&sequence, 1);
    names = expect(&names, CD_BER_SEQUENCE);
    t->service = expect(&names, GENERAL_STRING);
    t->host = expect(&names, GENERAL_STRING);
}

/* Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0], realm [1], sname [2], enc-part [3] } */
static bool read_ticket(struct cd_reader *r, struct cd_kerberos_ticket *ret)
{
    struct cd_kerberos_ticket t = {0};
    struct cd_reader ticket = expect(r, TICKET);
    struct cd_reader sequence = expect(&ticket, CD_BER_SEQUENCE);
    struct cd_reader realm = field(&sequence, 1);
    t.realm = expect(&realm, GENERAL_STRING);
    read_principal(field(&sequence, 2), &t);
    struct cd_reader encrypted = field(&sequence, 3);
    encrypted = expect(&encrypted, CD_BER_SEQUENCE);
    struct cd_reader type = field(&encrypted, 0);
    t.encryption = cd_ber_integer(&type, "etype");
    if (!cd_read_ok(&t.realm) || !cd_read_ok(&t.service))
        return false;
    if (!cd_read_ok(&type))
        t.encryption = 0;
    *ret = t;
    return true;
}

bool cd_kerberos_find_ticket(const uint8_t *bytes, size_t len, struct cd_kerberos_ticket *ret)
{
    /* RFC 4121 4.1: the mechanism's identifier (1.2.840.113554.1.2.2), then the token's kind. [MS-SPNG] knows a second identifier, for which the token still bears this. */
    static const uint8_t mechanism[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01, 0x00};
    const uint8_t *found = len >= sizeof mechanism ? memmem(bytes, len, mechanism, sizeof mechanism) : NULL;
    struct cd_reader r = cd_reader_of(bytes, len);
    if (found)
        cd_read_skip(&r, (size_t)(found - bytes) + sizeof mechanism, "kerberos token");
    else if (len < 2 || bytes[0] != AP_REQ) /* DCE style: without the frame */
        return false;
    struct cd_reader request = expect(&r, AP_REQ);
    struct cd_reader sequence = expect(&request, CD_BER_SEQUENCE);
    struct cd_reader ticket = field(&sequence, 3);
    return cd_read_ok(&ticket) && read_ticket(&ticket, ret);
}

static void report_ticket(struct cd_message *m, const struct cd_kerberos_ticket *t)
{
    struct cd_subject receiver = cd_subject_receiver(m);
    cd_report_fact_bytes(m, &receiver, CD_ATTRIBUTE_DOMAIN, t->realm.base, t->realm.len, 75);
    if (cd_read_ok(&t->host) && t->host.len && (t->host.base[0] < '0' || t->host.base[0] > '9'))
        cd_report_fact_bytes(m, &receiver, CD_ATTRIBUTE_NAME, t->host.base, t->host.len, 60);
    if (t->encryption == ENCRYPTION_RC4)
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "Kerberos ticket encrypted with RC4");
    else if (t->encryption >= ENCRYPTION_DES_CBC_CRC && t->encryption <= ENCRYPTION_DES_CBC_MD5)
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "Kerberos ticket encrypted with DES");
}

static void text_user(struct cd_text *t, const struct cd_ntlm *n)
{
    if (n->user.len == 0 || n->user.bytes[0] == 0)
        return;
    if (n->domain.len) {
        cd_text_ntlm_name(t, &n->domain);
        cd_text_char(t, '\\');
    }
    cd_text_ntlm_name(t, &n->user);
}

enum cd_ntlm_type cd_spnego_report(struct cd_message *m, const uint8_t *bytes, size_t len, struct cd_text *user)
{
    struct cd_ntlm ntlm = {0};
    struct cd_kerberos_ticket ticket;
    enum cd_ntlm_type type = cd_ntlm_report(m, bytes, len, &ntlm);
    if (type == CD_NTLM_AUTHENTICATE) {
        if (user)
            text_user(user, &ntlm);
        if (ntlm.nt_response_len == NTLM_V1_RESPONSE && ntlm.user.len)
            cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "sign-in by NTLM of version 1");
    } else if (type == CD_NTLM_NONE && cd_kerberos_find_ticket(bytes, len, &ticket)) {
        report_ticket(m, &ticket);
        if (user)
            cd_text_str(user, "Kerberos");
    }
    return type;
}

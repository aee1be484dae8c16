/* LDAP version 3 (RFC 4511) and its connectionless form over UDP, CLDAP, by which Windows finds domain controllers ([MS-ADTS] 6.3).
 *
 *     LDAPMessage ::= SEQUENCE { messageID INTEGER, protocolOp [APPLICATION n] ..., controls [0] OPTIONAL }
 *
 * After a bind by SASL with integrity or encryption, each message is in a GSS token behind a length of four bytes (RFC 4422 3.7). */
#ifndef CD_PROTOCOLS_LDAP_H
#define CD_PROTOCOLS_LDAP_H

#include "base/text.h"
#include "protocols/ber.h"
#include "protocols/dissector.h"

/* Numbers of protocolOp. */
enum {
    CD_LDAP_BIND = 0,
    CD_LDAP_BIND_RESPONSE = 1,
    CD_LDAP_UNBIND = 2,
    CD_LDAP_SEARCH = 3,
    CD_LDAP_SEARCH_ENTRY = 4,
    CD_LDAP_SEARCH_DONE = 5,
    CD_LDAP_MODIFY = 6,
    CD_LDAP_MODIFY_RESPONSE = 7,
    CD_LDAP_ADD = 8,
    CD_LDAP_ADD_RESPONSE = 9,
    CD_LDAP_DELETE = 10,
    CD_LDAP_DELETE_RESPONSE = 11,
    CD_LDAP_MODIFY_DN = 12,
    CD_LDAP_MODIFY_DN_RESPONSE = 13,
    CD_LDAP_COMPARE = 14,
    CD_LDAP_COMPARE_RESPONSE = 15,
    CD_LDAP_ABANDON = 16,
    CD_LDAP_SEARCH_REFERENCE = 19,
    CD_LDAP_EXTENDED = 23,
    CD_LDAP_EXTENDED_RESPONSE = 24,
    CD_LDAP_INTERMEDIATE = 25,
};

enum {
    CD_LDAP_SUCCESS = 0,
    CD_LDAP_COMPARE_FALSE = 5,
    CD_LDAP_COMPARE_TRUE = 6,
    CD_LDAP_REFERRAL = 10,
    CD_LDAP_SASL_BIND_IN_PROGRESS = 14,
    CD_LDAP_INVALID_CREDENTIALS = 49,
};

struct cd_ldap_message {
    uint32_t id;
    uint8_t operation;
    struct cd_reader body; /* the content of protocolOp */
};

enum cd_ldap_authentication { CD_LDAP_SIMPLE, CD_LDAP_SASL, CD_LDAP_SICILY };

struct cd_ldap_bind {
    struct cd_reader name;
    enum cd_ldap_authentication authentication;
    struct cd_reader mechanism;   /* of SASL */
    struct cd_reader credentials; /* a secret where simple */
};

struct cd_ldap_result {
    int32_t code;
    struct cd_reader credentials; /* serverSaslCreds; base NULL without */
};

struct cd_ldap_search {
    struct cd_reader base;
    uint8_t scope; /* 0 base object, 1 single level, 2 subtree */
    struct cd_ber filter;
};

/* One message, its end may be missing where `cut`. */
bool cd_ldap_parse(struct cd_reader *r, bool cut, struct cd_ldap_message *ret);
/* Bodies. */
bool cd_ldap_parse_bind(struct cd_reader *body, struct cd_ldap_bind *ret);
bool cd_ldap_parse_result(struct cd_reader *body, struct cd_ldap_result *ret);
bool cd_ldap_parse_search(struct cd_reader *body, struct cd_ldap_search *ret);
/* The next of a search entry's attributes: its name, and the content of its SET of values. */
bool cd_ldap_next_attribute(struct cd_reader *attributes, struct cd_reader *ret_name, struct cd_reader *ret_values);

const char *cd_ldap_result_name(int32_t code);
/* The name of an extended operation by its object identifier, as a literal; NULL where it is not known. */
const char *cd_ldap_extended_name(const struct cd_reader *oid);

/* What an entry tells of the server that sent it (ldap_facts.c): the root DSE, or a domain controller's answer to a ping. */
void cd_ldap_report_entry(struct cd_message *m, struct cd_reader *body);
/* What the filter of a ping tells of the client. */
void cd_ldap_report_ping(struct cd_message *m, const struct cd_ber *filter);

#endif

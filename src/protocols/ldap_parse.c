/* LDAP messages, from bytes to structs (RFC 4511 4), and the names of their numbers. */
#include "protocols/ldap.h"

#include <string.h>

enum {
    APPLICATION = 0x40,
    CLASS_MASK = 0xc0,
    ENUMERATED = 0x0a,
    SIMPLE = 0x80, /* AuthenticationChoice */
    SASL = 0xa3,
    SICILY_FIRST = 0x89, /* [MS-ADTS] 5.1.1.1.3 */
    SICILY_LAST = 0x8b,
    SERVER_SASL_CREDENTIALS = 0x87,
};

bool cd_ldap_parse(struct cd_reader *r, bool cut, struct cd_ldap_message *ret)
{
    struct cd_ber message, operation;
    if (!cd_ber_read_part(r, cut, "message", &message))
        return false;
    if (message.identifier != CD_BER_SEQUENCE)
        cd_read_fail(r, "message");
    int64_t id = cd_ber_integer(&message.value, "message id");
    if (!cd_ber_read_part(&message.value, cut, "operation", &operation) || id < 0 || id > INT32_MAX ||
        (operation.identifier & CLASS_MASK) != APPLICATION) {
        cd_read_fail(r, message.value.bad ? message.value.bad : "operation");
        return false;
    }
    if (!cd_read_ok(r))
        return false;
    *ret = (struct cd_ldap_message){.id = (uint32_t)id, .operation = (uint8_t)operation.tag, .body = operation.value};
    return true;
}

bool cd_ldap_parse_bind(struct cd_reader *body, struct cd_ldap_bind *ret)
{
    struct cd_ldap_bind b = {0};
    struct cd_ber authentication, credentials;
    cd_ber_integer(body, "version");
    b.name = cd_ber_expect(body, CD_BER_OCTET_STRING, "name");
    if (!cd_ber_read(body, "authentication", &authentication))
        return false;
    b.credentials = authentication.value;
    if (authentication.identifier == SASL) {
        b.authentication = CD_LDAP_SASL;
        b.mechanism = cd_ber_expect(&authentication.value, CD_BER_OCTET_STRING, "mechanism");
        b.credentials = (struct cd_reader){0};
        if (cd_read_left(&authentication.value) && cd_ber_read(&authentication.value, "credentials", &credentials))
            b.credentials = credentials.value;
        if (authentication.value.bad)
            cd_read_fail(body, authentication.value.bad);
    } else if (authentication.identifier >= SICILY_FIRST && authentication.identifier <= SICILY_LAST) {
        b.authentication = CD_LDAP_SICILY;
    } else if (authentication.identifier != SIMPLE) {
        cd_read_fail(body, "authentication");
    }
    if (!cd_read_ok(body))
        return false;
    *ret = b;
    return true;
}

bool cd_ldap_parse_result(struct cd_reader *body, struct cd_ldap_result *ret)
{
    struct cd_ldap_result result = {0};
    struct cd_ber element;
    struct cd_reader code = cd_ber_expect(body, ENUMERATED, "result code");
    result.code = (int32_t)cd_ber_integer_value(&code, "result code");
    cd_ber_expect(body, CD_BER_OCTET_STRING, "matched DN");
    cd_ber_read(body, "diagnostic message",
                &element); /* a string; Windows 2000 leaves its kind open in answers to Sicily */
    for (int i = 0; i < 4 && cd_read_left(body) && cd_ber_read(body, "result", &element); i++)
        if (element.identifier == SERVER_SASL_CREDENTIALS)
            result.credentials = element.value;
    if (!cd_read_ok(body) || !cd_read_ok(&code)) {
        cd_read_fail(body, "result code");
        return false;
    }
    *ret = result;
    return true;
}

bool cd_ldap_parse_search(struct cd_reader *body, struct cd_ldap_search *ret)
{
    struct cd_ldap_search s = {0};
    s.base = cd_ber_expect(body, CD_BER_OCTET_STRING, "base object");
    struct cd_reader scope = cd_ber_expect(body, ENUMERATED, "scope");
    s.scope = (uint8_t)cd_ber_integer_value(&scope, "scope");
    cd_ber_expect(body, ENUMERATED, "dereference");
    cd_ber_integer(body, "size limit");
    cd_ber_integer(body, "time limit");
    cd_ber_expect(body, CD_BER_BOOLEAN, "types only");
    cd_ber_read(body, "filter", &s.filter);
    if (!cd_read_ok(body))
        return false;
    *ret = s;
    return true;
}

bool cd_ldap_next_attribute(struct cd_reader *attributes, struct cd_reader *ret_name, struct cd_reader *ret_values)
{
    if (cd_read_left(attributes) == 0)
        return false;
    struct cd_reader attribute = cd_ber_expect(attributes, CD_BER_SEQUENCE, "attribute");
    struct cd_reader name = cd_ber_expect(&attribute, CD_BER_OCTET_STRING, "attribute name");
    struct cd_reader values = cd_ber_expect(&attribute, CD_BER_SET, "attribute values");
    if (!cd_read_ok(&attribute))
        return false;
    *ret_name = name;
    *ret_values = values;
    return true;
}

const char *cd_ldap_result_name(int32_t code)
{
    switch (code) { /* RFC 4511 A.1, RFC 3909, RFC 4528, RFC 4370 */
    case 0: return "success";
    case 1: return "operationsError";
    case 2: return "protocolError";
    case 3: return "timeLimitExceeded";
    case 4: return "sizeLimitExceeded";
    case 5: return "compareFalse";
    case 6: return "compareTrue";
    case 7: return "authMethodNotSupported";
    case 8: return "strongerAuthRequired";
    case 10: return "referral";
    case 11: return "adminLimitExceeded";
    case 12: return "unavailableCriticalExtension";
    case 13: return "confidentialityRequired";
    case 14: return "saslBindInProgress";
    case 16: return "noSuchAttribute";
    case 17: return "undefinedAttributeType";
    case 18: return "inappropriateMatching";
    case 19: return "constraintViolation";
    case 20: return "attributeOrValueExists";
    case 21: return "invalidAttributeSyntax";
    case 32: return "noSuchObject";
    case 33: return "aliasProblem";
    case 34: return "invalidDNSyntax";
    case 36: return "aliasDereferencingProblem";
    case 48: return "inappropriateAuthentication";
    case 49: return "invalidCredentials";
    case 50: return "insufficientAccessRights";
    case 51: return "busy";
    case 52: return "unavailable";
    case 53: return "unwillingToPerform";
    case 54: return "loopDetect";
    case 64: return "namingViolation";
    case 65: return "objectClassViolation";
    case 66: return "notAllowedOnNonLeaf";
    case 67: return "notAllowedOnRDN";
    case 68: return "entryAlreadyExists";
    case 69: return "objectClassModsProhibited";
    case 71: return "affectsMultipleDSAs";
    case 80: return "other";
    case 118: return "canceled";
    case 119: return "noSuchOperation";
    case 120: return "tooLate";
    case 121: return "cannotCancel";
    case 122: return "assertionFailed";
    case 123: return "authorizationDenied";
    default: return "error";
    }
}

const char *cd_ldap_extended_name(const struct cd_reader *oid)
{
    static const struct {
        const char *oid, *name;
    } known[] = {
        {"1.3.6.1.4.1.1466.20037", "StartTLS"},
        {"1.3.6.1.4.1.4203.1.11.1", "modify password"},
        {"1.3.6.1.4.1.4203.1.11.3", "who am I"},
        {"1.3.6.1.1.8", "cancel"},
        {"1.3.6.1.1.21.1", "start transaction"},
        {"1.3.6.1.1.21.3", "end transaction"},
        {"1.2.840.113556.1.4.1781", "fast bind"},
        {"1.2.840.113556.1.4.2212", "batch request"},
        {"1.3.6.1.4.1.1466.101.119.1", "refresh dynamic entry"},
        {"1.3.6.1.4.1.1466.20036", "notice of disconnection"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].oid) == oid->len && memcmp(known[i].oid, oid->base, oid->len) == 0)
            return known[i].name;
    return NULL;
}

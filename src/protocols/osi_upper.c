/* Session, presentation and association control. Every layer gives views into the bytes of the one below. */
#include "protocols/osi_upper.h"

#include <string.h>

enum {
    LONG_LENGTH = 0xff,       /* X.225 8.2.5: the length follows in two octets */
    SPDU_USER_DATA = 0xc1,    /* parameter group of up to 512 octets */
    SPDU_EXTENDED_DATA = 0xc2 /* of more */
};

/* ---- session ---- */

static size_t session_length(struct cd_reader *r, const char *field)
{
    uint8_t length = cd_read_u8(r, field);
    return length == LONG_LENGTH ? cd_read_be16(r, field) : length;
}

static struct cd_reader session_part(struct cd_reader *r, bool cut, const char *field)
{
    size_t length = session_length(r, field), left = cd_read_left(r);
    return cd_read_sub(r, cut && length > left ? left : length, field);
}

/* Parameters and parameter groups stand side by side (X.225 8.2.3); only the user data is wanted. */
static struct cd_reader find_user_data(struct cd_reader parameters, bool cut, const char **ret_bad)
{
    struct cd_reader found = {0};
    while (cd_read_left(&parameters)) {
        uint8_t code = cd_read_u8(&parameters, "session parameter");
        struct cd_reader value = session_part(&parameters, cut, "session parameter length");
        if (cd_read_ok(&value) && (code == SPDU_USER_DATA || code == SPDU_EXTENDED_DATA))
            found = value;
    }
    if (!cut)
        *ret_bad = parameters.bad;
    return found;
}

static bool is_setting_up(uint8_t type)
{
    return type == CD_OSI_FINISH || type == CD_OSI_DISCONNECT || type == CD_OSI_REFUSE || type == CD_OSI_CONNECT ||
           type == CD_OSI_ACCEPT || type == CD_OSI_ABORT || type == CD_OSI_ABORT_ACCEPT;
}

bool cd_osi_parse_session(struct cd_reader *r, bool cut, struct cd_osi_spdu *ret)
{
    uint8_t type = cd_read_u8(r, "session PDU");
    struct cd_osi_spdu s = {.type = type};
    struct cd_reader parameters = session_part(r, cut, "session length");
    if (type == CD_OSI_DATA) { /* give tokens; the data transfer PDU has the same number and follows (X.225 8.3.11) */
        if (cd_read_u8(r, "data transfer PDU") != CD_OSI_DATA)
            cd_read_fail(r, "data transfer PDU");
        (void)session_part(r, cut, "data transfer length");
        s.user_data = cd_read_rest(r);
    } else if (is_setting_up(type)) {
        const char *bad = NULL;
        s.user_data = find_user_data(parameters, cut, &bad);
        if (bad)
            cd_read_fail(r, bad);
    } else {
        cd_read_fail(r, "session PDU");
    }
    if (!cd_read_ok(r))
        return false;
    *ret = s;
    return true;
}

/* ---- presentation ---- */

static enum cd_osi_syntax syntax_of(const struct cd_reader *oid)
{
    static const uint8_t acse[] = {0x52, 0x01, 0x00, 0x01}; /* 2.2.1.0.1 */
    static const uint8_t mms[] = {0x28, 0xca, 0x22, 0x02};  /* 1.0.9506.2 */
    if (oid->len == sizeof acse && memcmp(oid->base, acse, sizeof acse) == 0)
        return CD_OSI_SYNTAX_ACSE;
    if (oid->len >= sizeof mms && memcmp(oid->base, mms, sizeof mms) == 0)
        return CD_OSI_SYNTAX_MMS;
    return CD_OSI_SYNTAX_OTHER;
}

/* Context definition list (X.226 8.2): SEQUENCE OF { identifier, abstract syntax, transfer syntaxes }. */
static void parse_contexts(struct cd_reader *list, struct cd_osi_presentation *p)
{
    while (cd_read_left(list)) {
        struct cd_reader item = cd_ber_expect(list, CD_BER_SEQUENCE, "presentation context");
        int64_t id = cd_ber_integer(&item, "presentation context identifier");
        struct cd_reader syntax = cd_ber_expect(&item, CD_BER_OID, "abstract syntax");
        if (!cd_read_ok(&item)) {
            cd_read_fail(list, item.bad);
            return;
        }
        if (p->n_contexts < CD_OSI_CONTEXTS_MAX && id > 0 && id <= UINT16_MAX)
            p->contexts[p->n_contexts++] =
                (struct cd_osi_context){.id = (uint16_t)id, .syntax = (uint8_t)syntax_of(&syntax)};
    }
}

/* Fully encoded data (X.226 8.4.2): SEQUENCE OF { transfer syntax OPTIONAL, context, [0] PDU | [1] octets }. */
static void parse_user_data(struct cd_reader *list, bool cut, struct cd_osi_presentation *p)
{
    while (cd_read_left(list)) {
        struct cd_ber item, e;
        if (!cd_ber_read_part(list, cut, "data value", &item))
            return;
        struct cd_reader v = item.value;
        if (cd_ber_peek(&v) == CD_BER_OID)
            (void)cd_ber_expect(&v, CD_BER_OID, "transfer syntax");
        int64_t id = cd_ber_integer(&v, "presentation context identifier");
        if (item.identifier != CD_BER_SEQUENCE || !cd_ber_read_part(&v, cut, "data value", &e)) {
            cd_read_fail(list, v.bad ? v.bad : "data value");
            return;
        }
        if (p->n_pdvs < CD_OSI_PDVS_MAX && (e.tag == 0 || e.tag == 1))
            p->pdvs[p->n_pdvs++] = (struct cd_osi_pdv){.context = (uint16_t)id, .data = e.value};
    }
}

/* The parameters of a connect or accept in normal mode: [4] is the context list, [APPLICATION 1] the user data. */
static void parse_normal_mode(struct cd_reader *r, bool cut, struct cd_osi_presentation *p)
{
    struct cd_ber e;
    while (cd_read_left(r) && cd_ber_read_part(r, cut, "presentation parameter", &e)) {
        if (e.identifier == 0xa4)
            parse_contexts(&e.value, p);
        else if (e.identifier == 0x61)
            parse_user_data(&e.value, cut, p);
        if (!cd_read_ok(&e.value))
            cd_read_fail(r, e.value.bad);
    }
}

bool cd_osi_parse_presentation(struct cd_reader *r, bool cut, struct cd_osi_presentation *ret)
{
    struct cd_osi_presentation p = {0};
    struct cd_ber top, e;
    if (!cd_ber_read_part(r, cut, "presentation PDU", &top))
        return false;
    struct cd_reader v = top.value;
    if (top.identifier == 0x61) {
        parse_user_data(&v, cut, &p);
    } else if (top.identifier == CD_BER_SET) { /* CP, CPA: mode selector and, in normal mode, [2] */
        while (cd_read_left(&v) && cd_ber_read_part(&v, cut, "presentation parameter", &e))
            if (e.identifier == 0xa2) {
                parse_normal_mode(&e.value, cut, &p);
                if (!cd_read_ok(&e.value))
                    cd_read_fail(&v, e.value.bad);
            }
    } /* the rest are refusals and aborts: nothing to read in them */
    if (!cd_read_ok(&v)) {
        cd_read_fail(r, v.bad);
        return false;
    }
    *ret = p;
    return true;
}

/* ---- association control ---- */

/* A title is an object identifier or a name; qualifiers are integers in practice (X.227 9.1). */
static void parse_title(struct cd_reader v, struct cd_acse_end *end)
{
    struct cd_ber e;
    if (cd_ber_read(&v, "AP title", &e) && e.identifier == CD_BER_OID)
        end->title = e.value;
}

static void parse_qualifier(struct cd_reader v, struct cd_acse_end *end)
{
    if (cd_ber_peek(&v) != CD_BER_INTEGER)
        return;
    int64_t number = cd_ber_integer(&v, "AE qualifier");
    if (cd_read_ok(&v) && number >= 0)
        end->qualifier = number;
}

/* User information: SEQUENCE OF EXTERNAL { OID OPTIONAL, context OPTIONAL, [0] PDU | [1] octets }; the first is the application's. */
static void parse_information(struct cd_reader *list, bool cut, struct cd_acse *a)
{
    struct cd_ber external, e;
    if (!cd_read_left(list) || !cd_ber_read_part(list, cut, "user information", &external))
        return;
    struct cd_reader v = external.value;
    while (cd_read_left(&v) && cd_ber_read_part(&v, cut, "user information", &e)) {
        if (e.identifier == CD_BER_INTEGER)
            a->context = (uint16_t)cd_ber_integer_value(&e.value, "user information context");
        else if (e.identifier == 0xa0 || e.identifier == 0x81)
            a->information = e.value;
    }
    if (!cd_read_ok(&v))
        cd_read_fail(list, v.bad);
}

static void parse_field(const struct cd_ber *e, bool cut, struct cd_acse *a, struct cd_reader *r)
{
    struct cd_reader v = e->value;
    bool request = a->type == CD_ACSE_ASSOCIATE_REQUEST, response = a->type == CD_ACSE_ASSOCIATE_RESPONSE;
    switch (e->identifier) {
    case 0xa2:
        if (request)
            parse_title(v, &a->called);
        else if (response)
            a->result = cd_ber_integer(&v, "result");
        break;
    case 0xa3:
        if (request)
            parse_qualifier(v, &a->called);
        break;
    case 0xa4: /* a response tells who responds: the called end */
        if (response)
            parse_title(v, &a->called);
        break;
    case 0xa5:
        if (response)
            parse_qualifier(v, &a->called);
        break;
    case 0xa6:
        if (request)
            parse_title(v, &a->calling);
        break;
    case 0xa7:
        if (request)
            parse_qualifier(v, &a->calling);
        break;
    case 0xac: a->password = request && cd_ber_peek(&v) == 0x80; break;
    case 0xbe: parse_information(&v, cut, a); break;
    default: break;
    }
    if (!cd_read_ok(&v))
        cd_read_fail(r, v.bad);
}

bool cd_acse_parse(struct cd_reader *r, bool cut, struct cd_acse *ret)
{
    struct cd_acse a = {.result = -1, .calling.qualifier = -1, .called.qualifier = -1};
    struct cd_ber top, e;
    if (!cd_ber_read_part(r, cut, "ACSE PDU", &top))
        return false;
    if (top.identifier < CD_ACSE_ASSOCIATE_REQUEST || top.identifier > CD_ACSE_ABORT) {
        cd_read_fail(r, "ACSE PDU");
        return false;
    }
    a.type = (enum cd_acse_type)top.identifier;
    struct cd_reader v = top.value;
    while (cd_read_left(&v) && cd_ber_read_part(&v, cut, "ACSE field", &e))
        parse_field(&e, cut, &a, &v);
    if (!cd_read_ok(&v)) {
        cd_read_fail(r, v.bad);
        return false;
    }
    *ret = a;
    return true;
}

/* SIP (RFC 3261): telephones, intercoms, PBXs and proxies set up calls. Over UDP, TCP (18.3) and, unread, TLS; clear on 5060. */
#ifndef CD_PROTOCOLS_SIP_H
#define CD_PROTOCOLS_SIP_H

#include "protocols/text_head.h"

enum cd_sip_field {
    CD_SIP_VIA,
    CD_SIP_FROM,
    CD_SIP_TO,
    CD_SIP_CONTACT,
    CD_SIP_CALL_ID,
    CD_SIP_CSEQ,
    CD_SIP_USER_AGENT,
    CD_SIP_SERVER,
    CD_SIP_AUTHORIZATION,
    CD_SIP_PROXY_AUTHORIZATION,
    CD_SIP_CONTENT_TYPE,
    CD_SIP_CONTENT_LENGTH,
    CD_SIP_EVENT,
    CD_SIP_FIELDS
};

struct cd_sip_message {
    struct cd_text_head head; /* fields by enum cd_sip_field */
    struct cd_http_value cseq_method;
    uint32_t cseq;
    bool has_cseq;
    struct cd_http_value body;
};

/* The parts of "Reception" <sip:200:secret@pbx.example:5060;transport=udp>;tag=1 that are of interest (20.10, 19.1.1); the password is none. */
struct cd_sip_address {
    struct cd_http_value display, user, host;
};

/* One datagram, or one message of a stream, whole. `open`: it may end within its head. *ret is untouched where it is none. */
bool cd_sip_parse(struct cd_reader *r, bool open, struct cd_sip_message *ret);
struct cd_sip_address cd_sip_address(const struct cd_http_value *v);

/* ---- sip_names.c ---- */

/* Method, its name and class; the last for what is none of the known. `event`: the Event field of a NOTIFY. */
struct cd_operation cd_sip_operation(const struct cd_http_value *method, const struct cd_http_value *event);
/* The refusal that a status stands for; NULL below 400. */
const char *cd_sip_error(unsigned status);

/* ---- sip_agents.c ---- */

/* What a User-Agent or Server field tells: software, and where it is of a form known, maker, model, firmware and role. */
void cd_sip_report_agent(struct cd_message *m, const struct cd_subject *subject, const struct cd_http_value *agent,
                         unsigned confidence);

#endif

/* Syslog in both forms, over UDP and TCP:
 *
 *     RFC 5424    <PRI>1 TIMESTAMP HOST APP PROCID MSGID STRUCTURED-DATA MESSAGE
 *     RFC 3164    <PRI>Mmm dd hh:mm:ss HOST TAG[pid]: MESSAGE          in practice with other timestamps, or without host or tag
 *
 * Over TCP (RFC 6587) a message ends with a newline, or goes behind its length in decimal and a blank. PRI is facility * 8 + severity. */
#ifndef CD_PROTOCOLS_SYSLOG_H
#define CD_PROTOCOLS_SYSLOG_H

#include "base/reader.h"
#include "protocols/dissector.h"

enum { CD_SYSLOG_PRIORITY_MAX = 191, CD_SYSLOG_LOOKED_AT = 512 /* of a text: makers' marks stand in front */ };

struct cd_syslog_message {
    bool has_priority;
    uint8_t priority;
    bool has_timestamp;         /* in one of the forms that the standards have */
    struct cd_reader host, app; /* of no bytes where they are not told */
    struct cd_reader text;
};

/* Any bytes are a message without priority (RFC 3164 4.3.3); false only where there are none. */
bool cd_syslog_parse(struct cd_reader *r, struct cd_syslog_message *ret);

/* The maker and device that the form of a text tells (syslog_vendors.c). */
void cd_syslog_report_vendor(struct cd_message *m, const struct cd_syslog_message *s);
/* Whether the text tells of a failed sign-in. */
bool cd_syslog_is_failed_sign_in(const struct cd_reader *text);

#endif

/* RTSP 1.0 (RFC 2326) and 2.0 (RFC 7826): clients have cameras and video servers set up, play and stop streams. */
#ifndef CD_PROTOCOLS_RTSP_H
#define CD_PROTOCOLS_RTSP_H

#include "protocols/text_head.h"

enum cd_rtsp_field {
    CD_RTSP_CSEQ,
    CD_RTSP_SERVER,
    CD_RTSP_USER_AGENT,
    CD_RTSP_AUTHORIZATION,
    CD_RTSP_CHALLENGE,
    CD_RTSP_CONTENT_TYPE,
    CD_RTSP_CONTENT_LENGTH,
    CD_RTSP_PUBLIC,
    CD_RTSP_FIELDS
};

struct cd_rtsp_message {
    struct cd_text_head head; /* fields by enum cd_rtsp_field */
    uint32_t cseq;
    bool has_cseq;
    struct cd_http_value user; /* of rtsp://user:password@host; the password is none */
    bool has_password;
    struct cd_http_value path; /* of the target, without query */
    struct cd_http_value body;
};

/* One message of a stream, whole, or where it is `open` from its beginning. *ret is untouched where it is none. */
bool cd_rtsp_parse(struct cd_reader *r, bool open, struct cd_rtsp_message *ret);

/* ---- rtsp_names.c ---- */

struct cd_operation cd_rtsp_operation(const struct cd_http_value *method);
/* The refusal that a status stands for; NULL below 400. */
const char *cd_rtsp_error(unsigned status);
/* What a Server field, a realm or a tool tells of a server: vendor and role, where it is of a form known. */
void cd_rtsp_report_maker(struct cd_message *m, const struct cd_subject *server, const struct cd_http_value *text);
/* The same of the path it serves: makers have their own. */
void cd_rtsp_report_path(struct cd_message *m, const struct cd_subject *server, const struct cd_http_value *path);

#endif

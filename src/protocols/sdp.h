/* SDP, the session descriptions that SIP and RTSP carry (RFC 8866): who made them, and which media are offered where. */
#ifndef CD_PROTOCOLS_SDP_H
#define CD_PROTOCOLS_SDP_H

#include "protocols/http.h"

enum { CD_SDP_MEDIA_MAX = 8, CD_SDP_LINES_MAX = 512 };

struct cd_sdp_media {
    struct cd_http_value type;     /* "audio" */
    struct cd_http_value protocol; /* "RTP/AVP" */
    struct cd_http_value codec;    /* of its first format, by rtmap or by RFC 3551's table; empty where unknown */
    struct cd_http_value address;  /* of the media or else of the session; empty where none is given */
    uint32_t port;                 /* 0: refused, or told by SETUP */
    uint32_t format;               /* its first; UINT32_MAX where that is no number */
};

/* All borrowed. */
struct cd_sdp {
    struct cd_http_value session; /* s= */
    struct cd_http_value tool;    /* a=tool: */
    struct cd_sdp_media media[CD_SDP_MEDIA_MAX];
    unsigned n_media; /* those kept */
};

/* Lines that are no SDP are passed over; false (and *ret untouched) where it does not begin as one or has too many lines. */
bool cd_sdp_parse(const char *bytes, size_t len, struct cd_sdp *ret);

/* Tells of the media as services of who sent this: "rtp audio PCMU at 192.0.2.1". Ports that change with every call are left out; those of multicast
 * groups are part of the configuration and stand behind the address. */
void cd_sdp_report(struct cd_message *m, const struct cd_sdp *sdp);

#endif

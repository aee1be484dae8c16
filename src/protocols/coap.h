/* CoAP, the web of small devices: RFC 7252 over UDP and RFC 8323 over TCP, with observing (RFC 7641), block-wise transfer (RFC 7959), FETCH and PATCH
 * (RFC 8132), resource lists (RFC 6690), and what OMA Lightweight M2M 1.2 says by it. */
#ifndef CD_PROTOCOLS_COAP_H
#define CD_PROTOCOLS_COAP_H

#include "protocols/dissector.h"

#include "base/text.h"

enum cd_coap_type { CD_COAP_CONFIRMABLE, CD_COAP_NON_CONFIRMABLE, CD_COAP_ACKNOWLEDGEMENT, CD_COAP_RESET };

enum { /* codes are class.detail: three and five bits (3) */
       CD_COAP_EMPTY = 0,
       CD_COAP_GET = 1,
       CD_COAP_POST = 2,
       CD_COAP_PUT = 3,
       CD_COAP_DELETE = 4,
       CD_COAP_FETCH = 5,
       CD_COAP_PATCH = 6,
       CD_COAP_IPATCH = 7,
       CD_COAP_RESPONSES = 64, /* 2.00 and above are responses … */
       CD_COAP_SIGNALS = 224   /* … but 7.xx, which is between the ends of a TCP connection (RFC 8323 5) */
};

enum { /* option numbers (12.2 and the RFCs named above) */
       CD_COAP_URI_HOST = 3,
       CD_COAP_OBSERVE = 6,
       CD_COAP_URI_PATH = 11,
       CD_COAP_CONTENT_FORMAT = 12,
       CD_COAP_URI_QUERY = 15,
       CD_COAP_BLOCK2 = 23,
       CD_COAP_PROXY_URI = 35
};

enum { CD_COAP_FORMAT_LINKS = 40, CD_COAP_FORMAT_TEXT = 0, CD_COAP_FORMAT_TLV = 11542, CD_COAP_NO_FORMAT = UINT16_MAX };

struct cd_coap_message {
    enum cd_coap_type type; /* over TCP: non-confirmable */
    uint8_t code;
    uint16_t id; /* of the message; 0 over TCP */
    const uint8_t *token;
    uint8_t token_len;
    bool observe; /* the option is there … */
    uint32_t observe_value;
    uint16_t format; /* content format, or CD_COAP_NO_FORMAT */
    uint32_t block;  /* number of the block of a response (Block2) */
    bool block_more; /* another follows it */
    bool has_path, has_host,
        known_options; /* known_options: all of them have a number and length that a standard gives */
    struct cd_reader options, payload;
};

/* One message. *ret is untouched where it does not fit; r->bad then names the field. */
bool cd_coap_parse(struct cd_reader *r, bool over_tcp, struct cd_coap_message *ret);
/* The next option (3.1) of the rest; *number is 0 before the first. False at the end and where it does not fit. */
bool cd_coap_next_option(struct cd_reader *options, uint32_t *number, struct cd_reader *ret_value);
/* The number of an option of format uint (3.2). */
uint32_t cd_coap_uint(struct cd_reader value);

static inline bool cd_coap_is_request(uint8_t code)
{
    return code >= CD_COAP_GET && code < 32;
}

/* "GET", "2.05 Content" …; NULL where no standard has it. */
const char *cd_coap_code_name(uint8_t code);

/* ---- what paths mean (coap_resources.c) ---- */

enum { CD_COAP_PATH_MAX = 160 };

enum cd_coap_meaning { /* also the note kept with open requests; those above TEXT are a resource of the LwM2M device object */
                       CD_COAP_PLAIN,
                       CD_COAP_RESOURCE_LIST,
                       CD_COAP_REGISTRATION,
                       CD_COAP_DEVICE_OBJECT,
                       CD_COAP_DEVICE_RESOURCE = 16
};

struct cd_coap_resource {
    enum cd_class class;
    unsigned meaning; /* enum cd_coap_meaning */
    const char *name; /* what a LwM2M operation is called: "Register", or NULL */
};

/* Writes the path, and what a request of this code on it does. */
struct cd_coap_resource cd_coap_resource_of(const struct cd_coap_message *c, struct cd_text *path);
/* A LwM2M client's registration: who it is. */
void cd_coap_report_registration(struct cd_message *m, const struct cd_coap_message *c);
/* The answer to a request of this meaning. */
void cd_coap_report_answer(struct cd_message *m, const struct cd_coap_message *c, unsigned meaning);

#endif

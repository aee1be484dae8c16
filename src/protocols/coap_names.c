/* Methods and response codes of CoAP (RFC 7252 12.1, RFC 7959 6, RFC 8132 6, RFC 8323 11.1, RFC 8516). */
#include "protocols/coap.h"

enum { CODE_BITS = 5 };

static const char *error_name(unsigned class, unsigned detail)
{
    switch (class << CODE_BITS | detail) {
    case 4 << CODE_BITS | 0: return "4.00 Bad Request";
    case 4 << CODE_BITS | 1: return "4.01 Unauthorized";
    case 4 << CODE_BITS | 2: return "4.02 Bad Option";
    case 4 << CODE_BITS | 3: return "4.03 Forbidden";
    case 4 << CODE_BITS | 4: return "4.04 Not Found";
    case 4 << CODE_BITS | 5: return "4.05 Method Not Allowed";
    case 4 << CODE_BITS | 6: return "4.06 Not Acceptable";
    case 4 << CODE_BITS | 8: return "4.08 Request Entity Incomplete";
    case 4 << CODE_BITS | 9: return "4.09 Conflict";
    case 4 << CODE_BITS | 12: return "4.12 Precondition Failed";
    case 4 << CODE_BITS | 13: return "4.13 Request Entity Too Large";
    case 4 << CODE_BITS | 15: return "4.15 Unsupported Content-Format";
    case 4 << CODE_BITS | 22: return "4.22 Unprocessable Entity";
    case 4 << CODE_BITS | 29: return "4.29 Too Many Requests";
    case 5 << CODE_BITS | 0: return "5.00 Internal Server Error";
    case 5 << CODE_BITS | 1: return "5.01 Not Implemented";
    case 5 << CODE_BITS | 2: return "5.02 Bad Gateway";
    case 5 << CODE_BITS | 3: return "5.03 Service Unavailable";
    case 5 << CODE_BITS | 4: return "5.04 Gateway Timeout";
    case 5 << CODE_BITS | 5: return "5.05 Proxying Not Supported";
    case 5 << CODE_BITS | 8: return "5.08 Hop Limit Reached";
    default: return NULL;
    }
}

const char *cd_coap_code_name(uint8_t code)
{
    static const char *const methods[] = {"empty message", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"};
    static const char *const done[] = {NULL,         "2.01 Created", "2.02 Deleted",
                                       "2.03 Valid", "2.04 Changed", "2.05 Content"};
    static const char *const signals[] = {NULL, "7.01 CSM", "7.02 Ping", "7.03 Pong", "7.04 Release", "7.05 Abort"};
    unsigned class = code >> CODE_BITS, detail = code & 31;
    switch (class) {
    case 0: return detail < sizeof methods / sizeof methods[0] ? methods[detail] : NULL;
    case 2: return detail == 31 ? "2.31 Continue" : detail < sizeof done / sizeof done[0] ? done[detail] : NULL;
    case 7: return detail < sizeof signals / sizeof signals[0] ? signals[detail] : NULL;
    default: return error_name(class, detail);
    }
}

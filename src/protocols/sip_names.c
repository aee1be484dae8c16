/* Methods (RFC 3261 7.1 and the RFCs named) and status codes (21) of SIP. */
#include "protocols/sip.h"

static const struct {
    const char *method, *name;
    enum cd_class class;
} methods[] = {
    {"REGISTER", "register", CD_CLASS_SESSION}, {"INVITE", "invite", CD_CLASS_SESSION},
    {"ACK", "ack", CD_CLASS_SESSION},           {"BYE", "bye", CD_CLASS_SESSION},
    {"CANCEL", "cancel", CD_CLASS_SESSION},     {"OPTIONS", "options", CD_CLASS_IDENTIFY},
    {"SUBSCRIBE", "subscribe", CD_CLASS_OTHER},                                   /* RFC 6665 */
    {"NOTIFY", "notify", CD_CLASS_OTHER},       {"INFO", "info", CD_CLASS_OTHER}, /* RFC 6086 */
    {"MESSAGE", "message", CD_CLASS_OTHER},                                       /* RFC 3428 */
    {"UPDATE", "update", CD_CLASS_SESSION},                                       /* RFC 3311 */
    {"PRACK", "prack", CD_CLASS_SESSION},                                         /* RFC 3262 */
    {"REFER", "refer", CD_CLASS_SESSION},                                         /* RFC 3515 */
    {"PUBLISH", "publish", CD_CLASS_OTHER},                                       /* RFC 3903 */
};

/* Events by which makers have their telephones restart or fetch their configuration anew; none is registered. */
static bool is_restart(const struct cd_http_value *event)
{
    static const char *const events[] = {"check-sync", "check-cfg", "resync", "reboot", "restart"};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (cd_http_starts(event, events[i]))
            return true;
    return false;
}

struct cd_operation cd_sip_operation(const struct cd_http_value *method, const struct cd_http_value *event)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (!cd_http_is(method, methods[i].method))
            continue;
        struct cd_operation op = {
            .name = methods[i].name, .code_text = methods[i].method, .class = methods[i].class, .target = ""};
        if (cd_http_is(method, "NOTIFY") && is_restart(event))
            op.name = "notify restart", op.class = CD_CLASS_MODE;
        return op;
    }
    return (struct cd_operation){.name = "other method", .code_text = "(other)", .class = CD_CLASS_OTHER, .target = ""};
}

const char *cd_sip_error(unsigned status)
{
    switch (status) {
    case 400: return "400 bad request";
    case 401: return "401 unauthorized";
    case 402: return "402 payment required";
    case 403: return "403 forbidden";
    case 404: return "404 not found";
    case 405: return "405 method not allowed";
    case 406: return "406 not acceptable";
    case 407: return "407 proxy authentication required";
    case 408: return "408 request timeout";
    case 410: return "410 gone";
    case 412: return "412 conditional request failed";
    case 413: return "413 request entity too large";
    case 414: return "414 request-URI too long";
    case 415: return "415 unsupported media type";
    case 416: return "416 unsupported URI scheme";
    case 420: return "420 bad extension";
    case 421: return "421 extension required";
    case 422: return "422 session interval too small";
    case 423: return "423 interval too brief";
    case 480: return "480 temporarily unavailable";
    case 481: return "481 call or transaction does not exist";
    case 482: return "482 loop detected";
    case 483: return "483 too many hops";
    case 484: return "484 address incomplete";
    case 485: return "485 ambiguous";
    case 486: return "486 busy here";
    case 487: return "487 request terminated";
    case 488: return "488 not acceptable here";
    case 489: return "489 bad event";
    case 491: return "491 request pending";
    case 493: return "493 undecipherable";
    case 494: return "494 security agreement required";
    case 500: return "500 server internal error";
    case 501: return "501 not implemented";
    case 502: return "502 bad gateway";
    case 503: return "503 service unavailable";
    case 504: return "504 server time-out";
    case 505: return "505 version not supported";
    case 513: return "513 message too large";
    case 580: return "580 precondition failure";
    case 600: return "600 busy everywhere";
    case 603: return "603 decline";
    case 604: return "604 does not exist anywhere";
    case 606: return "606 not acceptable";
    case 607: return "607 unwanted";
    case 608: return "608 rejected";
    default:
        return status >= 600   ? "6xx global failure"
               : status >= 500 ? "5xx server failure"
               : status >= 400 ? "4xx request failure"
                               : NULL;
    }
}

/* Methods (RFC 2326 10, RFC 7826 13) and status codes (RFC 2326 11, RFC 7826 17) of RTSP, and what makers of its servers are known by. */
#include "protocols/rtsp.h"

#include <string.h>

static const struct {
    const char *method, *name;
    enum cd_class class;
} methods[] = {
    {"OPTIONS", "options", CD_CLASS_IDENTIFY},
    {"DESCRIBE", "describe", CD_CLASS_READ},
    {"SETUP", "setup", CD_CLASS_SESSION},
    {"PLAY", "play", CD_CLASS_READ},
    {"GET_PARAMETER", "get parameter", CD_CLASS_READ},
    {"TEARDOWN", "teardown", CD_CLASS_SESSION},
    {"PAUSE", "pause", CD_CLASS_SESSION},
    {"SET_PARAMETER", "set parameter", CD_CLASS_WRITE},
    {"ANNOUNCE", "announce", CD_CLASS_WRITE},
    {"RECORD", "record", CD_CLASS_WRITE},
    {"REDIRECT", "redirect", CD_CLASS_SESSION},
    {"PLAY_NOTIFY", "play notify", CD_CLASS_OTHER},
};

struct cd_operation cd_rtsp_operation(const struct cd_http_value *method)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (cd_http_is(method, methods[i].method))
            return (struct cd_operation){
                .name = methods[i].name, .code_text = methods[i].method, .class = methods[i].class, .target = ""};
    return (struct cd_operation){.name = "other method", .code_text = "(other)", .class = CD_CLASS_OTHER, .target = ""};
}

const char *cd_rtsp_error(unsigned status)
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
    case 412: return "412 precondition failed";
    case 413: return "413 request message body too large";
    case 414: return "414 request-URI too long";
    case 415: return "415 unsupported media type";
    case 451: return "451 parameter not understood";
    case 452: return "452 conference not found";
    case 453: return "453 not enough bandwidth";
    case 454: return "454 session not found";
    case 455: return "455 method not valid in this state";
    case 456: return "456 header field not valid for resource";
    case 457: return "457 invalid range";
    case 458: return "458 parameter is read-only";
    case 459: return "459 aggregate operation not allowed";
    case 460: return "460 only aggregate operation allowed";
    case 461: return "461 unsupported transport";
    case 462: return "462 destination unreachable";
    case 463: return "463 destination prohibited";
    case 464: return "464 data transport not ready yet";
    case 465: return "465 notification reason unknown";
    case 466: return "466 key management error";
    case 470: return "470 connection authorization required";
    case 471: return "471 connection credentials not accepted";
    case 472: return "472 failure to establish secure connection";
    case 500: return "500 internal server error";
    case 501: return "501 not implemented";
    case 502: return "502 bad gateway";
    case 503: return "503 service unavailable";
    case 504: return "504 gateway timeout";
    case 505: return "505 RTSP version not supported";
    case 551: return "551 option not supported";
    case 553: return "553 proxy unavailable";
    default: return status >= 500 ? "5xx server error" : status >= 400 ? "4xx client error" : NULL;
    }
}

struct maker {
    const char *sign, *vendor, *role;
};

/* The first that the text holds. */
static void report_sign(struct cd_message *m, const struct cd_subject *server, const struct cd_http_value *text,
                        const struct maker *makers, size_t n, unsigned confidence)
{
    for (size_t i = 0; i < n; i++) {
        if (!text->len || !memmem(text->bytes, text->len, makers[i].sign, strlen(makers[i].sign)))
            continue;
        cd_report_fact(m, server, CD_ATTRIBUTE_VENDOR, makers[i].vendor, confidence);
        cd_report_fact(m, server, CD_ATTRIBUTE_ROLE, makers[i].role, confidence);
        return;
    }
}

/* Only texts that no other maker's server gives: "Rtsp Server/2.0" and LIVE555 are in products of many. */
void cd_rtsp_report_maker(struct cd_message *m, const struct cd_subject *server, const struct cd_http_value *text)
{
    static const struct maker makers[] = {
        {"IP Camera", "", "camera"},
        {"IPCamera", "", "camera"},
        {"IP_Camera", "", "camera"},
        {"Network Camera", "", "camera"},
        {"Hipcam", "", "camera"},
        {"Dahua", "Dahua", "camera"},
        {"HIKVISION", "Hikvision", "camera"},
        {"Hikvision", "Hikvision", "camera"},
        {"AXIS_", "Axis Communications", "camera"},
        {"AXIS ", "Axis Communications", "camera"},
        {"UBNT Streaming Server", "Ubiquiti", "camera"},
        {"TP-LINK Streaming Media", "TP-Link", "camera"},
        {"TP-Link Streaming Media", "TP-Link", "camera"},
        {"Vivotek", "Vivotek", "camera"},
        {"VIVOTEK", "Vivotek", "camera"},
        {"Bosch", "Bosch", "camera"},
        {"iPolis", "Hanwha", "camera"},
        {"Mobotix", "Mobotix", "camera"},
        {"WMServer/", "Microsoft", "media-server"},
        {"Helix", "RealNetworks", "media-server"},
        {"RealServer", "RealNetworks", "media-server"},
        {"QTSS", "Apple", "media-server"},
        {"DSS/", "Apple", "media-server"},
        {"Wowza", "Wowza", "media-server"},
        {"VLC/", "", "media-server"},
        {"Vlc/", "", "media-server"},
        {"NVR", "", "video-recorder"},
        {"DVR", "", "video-recorder"},
    };
    report_sign(m, server, text, makers, sizeof makers / sizeof *makers, 60);
}

void cd_rtsp_report_path(struct cd_message *m, const struct cd_subject *server, const struct cd_http_value *path)
{
    static const struct maker makers[] = {
        {"/Streaming/Channels/", "Hikvision", "camera"},
        {"/ISAPI/Streaming", "Hikvision", "camera"},
        {"/cam/realmonitor", "Dahua", "camera"},
        {"/axis-media/", "Axis Communications", "camera"},
        {"/h264Preview_", "Reolink", "camera"},
        {"/h265Preview_", "Reolink", "camera"},
        {"/onvif", "", "camera"},
        {"/ONVIF", "", "camera"},
        {"/rtsp_tunnel", "Bosch", "camera"},
        {"/MediaInput/h26", "Panasonic", "camera"},
    };
    report_sign(m, server, path, makers, sizeof makers / sizeof *makers, 50);
}

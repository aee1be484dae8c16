#include "protocols/soap.h"

#include "protocols/text_head.h"
#include "protocols/xml.h"

#include <string.h>

/* An element, the one it stands in, and what it tells. */
static const struct {
    const char *element, *parent;
    enum cd_attribute attribute;
    unsigned confidence;
} elements[] = {
    {"Manufacturer", "GetDeviceInformationResponse", CD_ATTRIBUTE_VENDOR, 90},
    {"Model", "GetDeviceInformationResponse", CD_ATTRIBUTE_MODEL, 90},
    {"FirmwareVersion", "GetDeviceInformationResponse", CD_ATTRIBUTE_FIRMWARE, 95},
    {"SerialNumber", "GetDeviceInformationResponse", CD_ATTRIBUTE_SERIAL, 95},
    {"HardwareId", "GetDeviceInformationResponse", CD_ATTRIBUTE_HARDWARE, 90},
    {"FriendlyName", "ThisDevice", CD_ATTRIBUTE_NAME, 60},
    {"FirmwareVersion", "ThisDevice", CD_ATTRIBUTE_FIRMWARE, 85},
    {"SerialNumber", "ThisDevice", CD_ATTRIBUTE_SERIAL, 85},
    {"Manufacturer", "ThisModel", CD_ATTRIBUTE_VENDOR, 85},
    {"ModelName", "ThisModel", CD_ATTRIBUTE_MODEL, 85},
    {"ModelNumber", "ThisModel", CD_ATTRIBUTE_ORDER_NUMBER, 80},
    {"friendlyName", "device", CD_ATTRIBUTE_NAME, 85},
    {"manufacturer", "device", CD_ATTRIBUTE_VENDOR, 85},
    {"modelName", "device", CD_ATTRIBUTE_MODEL, 85},
    {"modelNumber", "device", CD_ATTRIBUTE_ORDER_NUMBER, 85},
    {"modelDescription", "device", CD_ATTRIBUTE_DESCRIPTION, 85},
    {"serialNumber", "device", CD_ATTRIBUTE_SERIAL, 85},
};

/* <pub:Computer>NAME/Workgroup:GROUP</pub:Computer>, or /Domain:, of Windows and those that speak as it. */
static void report_computer(struct cd_message *m, const struct cd_http_value *v)
{
    struct cd_subject server = cd_subject_server(m);
    const char *slash = memchr(v->bytes, '/', v->len), *end = v->bytes + v->len;
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_NAME, v->bytes, slash ? (size_t)(slash - v->bytes) : v->len, 80);
    const char *colon = slash ? memchr(slash, ':', (size_t)(end - slash)) : NULL;
    if (colon)
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_DOMAIN, colon + 1, (size_t)(end - colon) - 1, 70);
}

static void report_text(struct cd_message *m, const struct cd_xml *x, const struct cd_xml_token *t)
{
    char value[CD_TEXT_MAX + 1];
    struct cd_text text = cd_text_of(value, sizeof value);
    struct cd_subject server = cd_subject_server(m);
    if (cd_xml_is_in(x, 0, "Computer") && cd_xml_is_below(x, "Envelope"))
        report_computer(m, &t->text);
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        if (!cd_xml_is_in(x, 0, elements[i].element) || !cd_xml_is_in(x, 1, elements[i].parent))
            continue;
        cd_text_xml(&text, t);
        cd_report_fact_bytes(m, &server, elements[i].attribute, value, text.len, elements[i].confidence);
        return;
    }
}

static bool is_description(const char *bytes, size_t len)
{
    static const char sign[] = "urn:schemas-upnp-org:device";
    return memmem(bytes, len, sign, sizeof sign - 1) != NULL;
}

void cd_soap_report_response(struct cd_message *m, const char *bytes, size_t len)
{
    struct cd_xml x = cd_xml_of(bytes, len);
    struct cd_xml_token t;
    while (cd_xml_next(&x, &t)) {
        if (t.kind == CD_XML_OPEN && x.depth == 1 && !cd_http_is(&t.name, "Envelope") &&
            !(cd_http_is(&t.name, "root") && is_description(bytes, len)))
            return;
        if (t.kind == CD_XML_TEXT && !(cd_xml_is_in(&x, 1, "device") && x.depth != 3)) /* embedded devices are parts */
            report_text(m, &x, &t);
    }
}

/* UsernameToken Profile 1.1, 3: a password without a type is in clear too. */
static bool is_in_clear(const struct cd_xml_token *password)
{
    static const char digest[] = "#PasswordDigest";
    struct cd_http_value type = cd_xml_attribute(password, "Type");
    return !(type.len && memmem(type.bytes, type.len, digest, sizeof digest - 1));
}

void cd_soap_report_request(struct cd_message *m, const char *bytes, size_t len)
{
    struct cd_xml x = cd_xml_of(bytes, len);
    struct cd_xml_token t;
    char user[96] = "";
    struct cd_text name = cd_text_of(user, sizeof user);
    bool clear = false;
    while (cd_xml_next(&x, &t)) {
        if (t.kind == CD_XML_OPEN &&
            (x.depth == 1 ? !cd_http_is(&t.name, "Envelope") : x.depth == 2 && cd_http_is(&t.name, "Body")))
            break;
        if (!cd_xml_is_in(&x, 1, "UsernameToken"))
            continue;
        if (t.kind == CD_XML_TEXT && cd_xml_is_in(&x, 0, "Username") && name.len == 0)
            cd_text_xml(&name, &t);
        if (t.kind == CD_XML_OPEN && cd_http_is(&t.name, "Password"))
            clear = is_in_clear(&t);
    }
    struct cd_subject client = cd_subject_client(m);
    if (clear)
        cd_text_report_credential(m, "ws-security", user, name.len);
    else
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, user, name.len, 60);
}

#include "protocols/upnp.h"

#include <string.h>

enum { NAME_MAX_BYTES = 48 };

/* Letters, digits and what vendors join them by: nothing else is a name of an action or a service (2.5). */
static struct cd_http_value take_name(const char *at, const char *end)
{
    const char *start = at;
    while (at < end && ((*at >= '0' && *at <= '9') || ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z') || *at == '_' ||
                        *at == '-' || *at == '.'))
        at++;
    return (struct cd_http_value){start, (size_t)(at - start)};
}

bool cd_upnp_parse(const struct cd_http_value *v, struct cd_upnp_action *ret)
{
    static const char sign[] = ":service:";
    if (v->len < 16)
        return false;
    const char *at = v->bytes + (v->bytes[0] == '"'), *end = v->bytes + v->len;
    const char *service = memcmp(at, "urn:", 4) == 0 ? memmem(at, (size_t)(end - at), sign, sizeof sign - 1) : NULL;
    const char *hash = service ? memchr(service, '#', (size_t)(end - service)) : NULL;
    if (!hash)
        return false;
    struct cd_upnp_action p = {take_name(service + sizeof sign - 1, hash), take_name(hash + 1, end)};
    if (p.service.len == 0 || p.service.len > NAME_MAX_BYTES || p.action.len == 0 || p.action.len > NAME_MAX_BYTES)
        return false;
    *ret = p;
    return true;
}

/* By the beginning of the action, the more special first; of media players nothing is dangerous. */
static enum cd_class class_of(const struct cd_upnp_action *a)
{
    static const struct {
        const char *beginning;
        enum cd_class class;
    } rules[] = {
        {"Get", CD_CLASS_READ},
        {"Browse", CD_CLASS_READ},
        {"Search", CD_CLASS_READ},
        {"List", CD_CLASS_READ},
        {"SetTarget", CD_CLASS_CONTROL},
        {"SetBinaryState", CD_CLASS_CONTROL},
        {"SetLoadLevelTarget", CD_CLASS_CONTROL},
        {"SetDeviceStatus", CD_CLASS_CONTROL},
        {"SetModeTarget", CD_CLASS_CONTROL},
        {"SetFanSpeed", CD_CLASS_CONTROL},
        {"Reboot", CD_CLASS_MODE},
        {"FactoryReset", CD_CLASS_MODE},
        {"ResetToFactory", CD_CLASS_MODE},
        {"ForceTermination", CD_CLASS_MODE},
        {"UpdateFirmware", CD_CLASS_FIRMWARE},
        {"AddPortMapping", CD_CLASS_CONFIGURE},
        {"AddAnyPortMapping", CD_CLASS_CONFIGURE},
        {"DeletePortMapping", CD_CLASS_CONFIGURE},
        {"AddPinhole", CD_CLASS_CONFIGURE},
        {"UpdatePinhole", CD_CLASS_CONFIGURE},
        {"DeletePinhole", CD_CLASS_CONFIGURE},
        {"SetConnectionType", CD_CLASS_CONFIGURE},
        {"SetDNSServer", CD_CLASS_CONFIGURE},
        {"SetSecurityKeys", CD_CLASS_CONFIGURE},
        {"SetSSID", CD_CLASS_CONFIGURE},
        {"SetDefaultConnectionService", CD_CLASS_CONFIGURE},
        {"Set", CD_CLASS_WRITE},
        {"Create", CD_CLASS_WRITE},
        {"Destroy", CD_CLASS_WRITE},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (cd_http_starts(&a->action, rules[i].beginning))
            return rules[i].class;
    return CD_CLASS_OTHER;
}

bool cd_upnp_report_request(struct cd_message *m, const struct cd_http_value *soap_action, uint64_t id)
{
    struct cd_upnp_action a;
    char target[NAME_MAX_BYTES + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    const struct cd_dissector *carrier = m->dissector;
    if (!soap_action->bytes || !cd_upnp_parse(soap_action, &a))
        return false;
    const char *action = cd_observe_code(m->observer, a.action.bytes, a.action.len);
    cd_text_bytes(&t, a.service.bytes, a.service.len);
    struct cd_operation op = {.name = action, .code_text = action, .class = class_of(&a), .target = target};
    m->dissector = &cd_dissector_upnp;
    cd_report_request(m, &op, id);
    m->dissector = carrier;
    return true;
}

/* Carried by http, which frames and pairs: bytes of its own are those of a head. */
static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_http_head head;
    if (!cd_http_parse(r, m->cut, &head))
        cd_report_malformed(m, r->bad);
    else if (!head.response)
        (void)cd_upnp_report_request(m, &head.headers[CD_HTTP_SOAP_ACTION], 0);
}

const struct cd_dissector cd_dissector_upnp = {
    .name = "upnp",
    .dissect = dissect,
};

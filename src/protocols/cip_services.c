#include "protocols/cip_services.h"

#include <stddef.h>

struct row {
    uint8_t service;
    struct cd_cip_service is;
};

/* Common services (CIP Vol. 1, appendix A), by number. WRITE stands for a change whose class depends on the object (change_class). */
static const struct cd_cip_service common[] = {
    [0x01] = {"get attributes all", CD_CLASS_READ},
    [0x02] = {"set attributes all", CD_CLASS_WRITE},
    [0x03] = {"get attribute list", CD_CLASS_READ},
    [0x04] = {"set attribute list", CD_CLASS_WRITE},
    [0x05] = {"reset", CD_CLASS_MODE},
    [0x06] = {"start", CD_CLASS_MODE},
    [0x07] = {"stop", CD_CLASS_MODE},
    [0x08] = {"create", CD_CLASS_WRITE},
    [0x09] = {"delete", CD_CLASS_WRITE},
    [0x0a] = {"multiple service packet", CD_CLASS_OTHER},
    [0x0d] = {"apply attributes", CD_CLASS_CONFIGURE},
    [0x0e] = {"get attribute single", CD_CLASS_READ},
    [0x10] = {"set attribute single", CD_CLASS_WRITE},
    [0x11] = {"find next object instance", CD_CLASS_READ},
    [0x14] = {"error response", CD_CLASS_OTHER},
    [0x15] = {"restore", CD_CLASS_CONFIGURE},
    [0x16] = {"save", CD_CLASS_CONFIGURE},
    [0x17] = {"no operation", CD_CLASS_DIAGNOSE},
    [0x18] = {"get member", CD_CLASS_READ},
    [0x19] = {"set member", CD_CLASS_WRITE},
    [0x1a] = {"insert member", CD_CLASS_WRITE},
    [0x1b] = {"remove member", CD_CLASS_WRITE},
    [0x1c] = {"group sync", CD_CLASS_OTHER},
    [0x1d] = {"get connection point member list", CD_CLASS_READ},
};

/* Rockwell's data access services (Logix 5000 Controllers Data Access, 1756-PM020) on tags; and what an answer most likely is whose request wasn't seen. */
static const struct row tags[] = {
    {0x4b, {"execute pccc", CD_CLASS_OTHER}},
    {0x4c, {"read tag", CD_CLASS_READ}},
    {0x4d, {"write tag", CD_CLASS_WRITE}},
    {0x4e, {"read modify write tag", CD_CLASS_WRITE}},
    {0x52, {"read tag fragmented", CD_CLASS_READ}},
    {0x53, {"write tag fragmented", CD_CLASS_WRITE}},
    {0x54, {"forward open", CD_CLASS_SESSION}},
    {0x55, {"get instance attribute list", CD_CLASS_READ}},
    {0x5b, {"large forward open", CD_CLASS_SESSION}},
};

/* CIP Vol. 1, 3-5.5 */
static const struct row connection_manager[] = {
    {0x4e, {"forward close", CD_CLASS_SESSION}},       {0x52, {"unconnected send", CD_CLASS_OTHER}},
    {0x54, {"forward open", CD_CLASS_SESSION}},        {0x56, {"get connection data", CD_CLASS_READ}},
    {0x57, {"search connection data", CD_CLASS_READ}}, {0x59, {"extended forward open", CD_CLASS_SESSION}},
    {0x5a, {"get connection owner", CD_CLASS_READ}},   {0x5b, {"large forward open", CD_CLASS_SESSION}},
};

/* CIP Vol. 1, 5A-42 */
static const struct row file_object[] = {
    {0x4b, {"initiate upload", CD_CLASS_FILE}},
    {0x4c, {"initiate download", CD_CLASS_FILE}},
    {0x4d, {"initiate partial read", CD_CLASS_FILE}},
    {0x4e, {"initiate partial write", CD_CLASS_FILE}},
    {0x4f, {"upload transfer", CD_CLASS_FILE}},
    {0x50, {"download transfer", CD_CLASS_FILE}},
    {0x51, {"clear file", CD_CLASS_FILE}},
};

/* The object by which Rockwell's flash tools load firmware. */
static const struct row storage[] = {
    {0x4b, {"firmware update start", CD_CLASS_FIRMWARE}},
    {0x4c, {"firmware read", CD_CLASS_FIRMWARE}},
    {0x4d, {"firmware transfer", CD_CLASS_FIRMWARE}},
    {0x51, {"firmware update prepare", CD_CLASS_FIRMWARE}},
};

/* The objects a Logix program is made of, as its programming tool loads and reads them. */
static const struct row program_parts[] = {
    {0x4b, {"get instance list", CD_CLASS_READ}},
    {0x4c, {"read", CD_CLASS_READ}},
    {0x4d, {"write", CD_CLASS_WRITE}},
    {0x4e, {"read modify write tag", CD_CLASS_WRITE}},
    {0x4f, {"upload program part", CD_CLASS_PROGRAM}},
    {0x50, {"download program part", CD_CLASS_PROGRAM}},
    {0x52, {"read tag fragmented", CD_CLASS_READ}},
    {0x53, {"write tag fragmented", CD_CLASS_WRITE}},
    {0x55, {"get instance attribute list", CD_CLASS_READ}},
};

static const struct row symbols[] = {
    {0x4b, {"get instance list", CD_CLASS_READ}},
    {0x4c, {"read tag", CD_CLASS_READ}},
    {0x4d, {"write tag", CD_CLASS_WRITE}},
    {0x4e, {"read modify write tag", CD_CLASS_WRITE}},
    {0x52, {"read tag fragmented", CD_CLASS_READ}},
    {0x53, {"write tag fragmented", CD_CLASS_WRITE}},
    {0x55, {"get instance attribute list", CD_CLASS_READ}},
};

static const struct row templates[] = {
    {0x4b, {"get instance list", CD_CLASS_READ}},
    {0x4c, {"read template", CD_CLASS_READ}},
    {0x55, {"get instance attribute list", CD_CLASS_READ}},
};

/* Lists of tags that operator stations have the controller gather, and read as one. */
static const struct row tag_lists[] = {
    {0x4b, {"get instance list", CD_CLASS_READ}},
    {0x4c, {"read tag list", CD_CLASS_READ}},
    {0x4e, {"add tag to list", CD_CLASS_SESSION}},
};

/* CIP Vol. 2, 5-4 and 5-5 */
static const struct row network[] = {
    {0x4c, {"get and clear", CD_CLASS_DIAGNOSE}},
};

#define ROWS(table) table, sizeof table / sizeof table[0]

static const struct cd_cip_service *find(const struct row *rows, size_t n, uint8_t service)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].service == service)
            return &rows[i].is;
    return NULL;
}

static const struct cd_cip_service *find_own(uint32_t class_id, uint8_t service)
{
    switch (class_id) {
    case CD_CIP_NO_CLASS:
    case CD_CIP_PCCC: return find(ROWS(tags), service);
    case CD_CIP_CONNECTION_MANAGER: return find(ROWS(connection_manager), service);
    case CD_CIP_FILE: return find(ROWS(file_object), service);
    case CD_CIP_NONVOLATILE_STORAGE: return find(ROWS(storage), service);
    case CD_CIP_SYMBOL: return find(ROWS(symbols), service);
    case CD_CIP_TEMPLATE: return find(ROWS(templates), service);
    case 0x72:
    case CD_CIP_TAG_LIST: return find(ROWS(tag_lists), service);
    case CD_CIP_TCPIP_INTERFACE:
    case CD_CIP_ETHERNET_LINK: return find(ROWS(network), service);
    case CD_CIP_PROGRAM_NAME:
    case CD_CIP_PROGRAM:
    case 0x69:
    case 0x6a:
    case 0x6d:
    case 0x6e:
    case 0x6f:
    case 0x70: return find(ROWS(program_parts), service);
    default: return NULL;
    }
}

/* The class of a change to an object of this class. */
static enum cd_class change_class(uint32_t class_id)
{
    switch (class_id) {
    case CD_CIP_NO_CLASS:
    case CD_CIP_ASSEMBLY:
    case 0x07: /* Register */
    case 0x68 + 0x0a: /* Tag Data */ return CD_CLASS_WRITE;
    case 0x09: /* output points and groups, drives, valves: what moves something */
    case 0x0b:
    case 0x1e:
    case 0x1f:
    case 0x21:
    case 0x22:
    case 0x24:
    case 0x25:
    case 0x26:
    case 0x28:
    case 0x29:
    case 0x2a:
    case 0x2d:
    case 0x32:
    case 0x33:
    case 0x39:
    case 0x3b:
    case 0x3c:
    case 0x3f:
    case 0x42:
    case 0x102: return CD_CLASS_CONTROL;
    case CD_CIP_PROGRAM_NAME:
    case CD_CIP_PROGRAM:
    case 0x69:
    case 0x6a:
    case CD_CIP_SYMBOL:
    case CD_CIP_TEMPLATE:
    case 0x6d:
    case 0x6e:
    case 0x6f:
    case 0x70: return CD_CLASS_PROGRAM;
    case CD_CIP_NONVOLATILE_STORAGE: return CD_CLASS_FIRMWARE;
    case CD_CIP_CONNECTION:
    case CD_CIP_CONNECTION_MANAGER:
    case CD_CIP_TAG_LIST: return CD_CLASS_SESSION;
    case CD_CIP_FILE: return CD_CLASS_FILE;
    default: return CD_CLASS_CONFIGURE;
    }
}

/* A reset stops a device only where the object is the device or its processor. */
static enum cd_class reset_class(uint32_t class_id)
{
    switch (class_id) {
    case CD_CIP_NO_CLASS:
    case CD_CIP_IDENTITY:
    case 0x29: /* Control Supervisor: fault reset */
    case 0x30: /* S-Device Supervisor */
    case 0x39: /* Safety Supervisor */
    case CD_CIP_PROGRAM_NAME:
    case CD_CIP_CONTROLLER: return CD_CLASS_MODE;
    default: return change_class(class_id);
    }
}

struct cd_cip_service cd_cip_service_find(uint32_t class_id, uint8_t service)
{
    if (service < sizeof common / sizeof common[0] && common[service].name) {
        struct cd_cip_service found = common[service];
        if (found.class == CD_CLASS_WRITE)
            found.class = change_class(class_id);
        else if (service == 0x05)
            found.class = reset_class(class_id);
        else if (found.class == CD_CLASS_READ && class_id == CD_CIP_IDENTITY)
            found.class = CD_CLASS_IDENTIFY;
        return found;
    }
    const struct cd_cip_service *own = find_own(class_id, service);
    if (own)
        return *own;
    if (class_id == CD_CIP_NONVOLATILE_STORAGE)
        return (struct cd_cip_service){"firmware service", CD_CLASS_FIRMWARE};
    return (struct cd_cip_service){service < 0x32 ? "reserved service" : "object-specific service", CD_CLASS_OTHER};
}

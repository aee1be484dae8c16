/* Numbers of OPC UA and their names (OPC 10000-6 annex A, OPC 10000-7). */
#include "protocols/opcua.h"

/* In the order of the ids. */
static const struct cd_opcua_service services[] = {
    {410, 413, "TestStack", CD_CLASS_DIAGNOSE},
    {416, 419, "TestStackEx", CD_CLASS_DIAGNOSE},
    {CD_OPCUA_FIND_SERVERS, 425, "FindServers", CD_CLASS_IDENTIFY},
    {CD_OPCUA_GET_ENDPOINTS, 431, "GetEndpoints", CD_CLASS_IDENTIFY},
    {CD_OPCUA_REGISTER_SERVER, 440, "RegisterServer", CD_CLASS_IDENTIFY},
    {CD_OPCUA_OPEN_SECURE_CHANNEL, 449, "OpenSecureChannel", CD_CLASS_SESSION},
    {CD_OPCUA_CLOSE_SECURE_CHANNEL, 455, "CloseSecureChannel", CD_CLASS_SESSION},
    {CD_OPCUA_CREATE_SESSION, 464, "CreateSession", CD_CLASS_SESSION},
    {CD_OPCUA_ACTIVATE_SESSION, 470, "ActivateSession", CD_CLASS_SESSION},
    {473, 476, "CloseSession", CD_CLASS_SESSION},
    {479, 482, "Cancel", CD_CLASS_SESSION},
    {CD_OPCUA_ADD_NODES, 491, "AddNodes", CD_CLASS_CONFIGURE},
    {CD_OPCUA_ADD_REFERENCES, 497, "AddReferences", CD_CLASS_CONFIGURE},
    {CD_OPCUA_DELETE_NODES, 503, "DeleteNodes", CD_CLASS_CONFIGURE},
    {CD_OPCUA_DELETE_REFERENCES, 509, "DeleteReferences", CD_CLASS_CONFIGURE},
    {CD_OPCUA_BROWSE, 530, "Browse", CD_CLASS_READ},
    {533, 536, "BrowseNext", CD_CLASS_READ},
    {CD_OPCUA_TRANSLATE, 557, "TranslateBrowsePathsToNodeIds", CD_CLASS_READ},
    {CD_OPCUA_REGISTER_NODES, 563, "RegisterNodes", CD_CLASS_READ},
    {CD_OPCUA_UNREGISTER_NODES, 569, "UnregisterNodes", CD_CLASS_READ},
    {615, 618, "QueryFirst", CD_CLASS_READ},
    {621, 624, "QueryNext", CD_CLASS_READ},
    {CD_OPCUA_READ, 634, "Read", CD_CLASS_READ},
    {CD_OPCUA_HISTORY_READ, 667, "HistoryRead", CD_CLASS_READ},
    {CD_OPCUA_WRITE, 676, "Write", CD_CLASS_WRITE},
    {CD_OPCUA_HISTORY_UPDATE, 703, "HistoryUpdate", CD_CLASS_WRITE},
    {CD_OPCUA_CALL, 715, "Call", CD_CLASS_CONTROL},
    {CD_OPCUA_CREATE_MONITORED_ITEMS, 754, "CreateMonitoredItems", CD_CLASS_READ},
    {763, 766, "ModifyMonitoredItems", CD_CLASS_READ},
    {769, 772, "SetMonitoringMode", CD_CLASS_READ},
    {775, 778, "SetTriggering", CD_CLASS_READ},
    {781, 784, "DeleteMonitoredItems", CD_CLASS_READ},
    {787, 790, "CreateSubscription", CD_CLASS_READ},
    {793, 796, "ModifySubscription", CD_CLASS_READ},
    {CD_OPCUA_SET_PUBLISHING_MODE, 802, "SetPublishingMode", CD_CLASS_READ},
    {826, 829, "Publish", CD_CLASS_READ},
    {832, 835, "Republish", CD_CLASS_READ},
    {841, 844, "TransferSubscriptions", CD_CLASS_READ},
    {847, 850, "DeleteSubscriptions", CD_CLASS_READ},
    {12208, 12209, "FindServersOnNetwork", CD_CLASS_IDENTIFY},
    {CD_OPCUA_REGISTER_SERVER_2, 12212, "RegisterServer2", CD_CLASS_IDENTIFY},
};

const struct cd_opcua_service *cd_opcua_service_of(uint32_t id)
{
    size_t low = 0, high = sizeof services / sizeof services[0];
    while (low < high) { /* ids of requests and of their responses do not overlap with the next pair's */
        size_t middle = (low + high) / 2;
        const struct cd_opcua_service *s = &services[middle];
        if (id == s->request || id == s->response)
            return s;
        if (id > s->response)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *cd_opcua_attribute_name(uint32_t attribute)
{
    static const char *const names[] = {"",
                                        "NodeId",
                                        "NodeClass",
                                        "BrowseName",
                                        "DisplayName",
                                        "Description",
                                        "WriteMask",
                                        "UserWriteMask",
                                        "IsAbstract",
                                        "Symmetric",
                                        "InverseName",
                                        "ContainsNoLoops",
                                        "EventNotifier",
                                        "Value",
                                        "DataType",
                                        "ValueRank",
                                        "ArrayDimensions",
                                        "AccessLevel",
                                        "UserAccessLevel",
                                        "MinimumSamplingInterval",
                                        "Historizing",
                                        "Executable",
                                        "UserExecutable",
                                        "DataTypeDefinition",
                                        "RolePermissions",
                                        "UserRolePermissions",
                                        "AccessRestrictions",
                                        "AccessLevelEx"};
    return attribute && attribute < sizeof names / sizeof names[0] ? names[attribute] : "unknown attribute";
}

const char *cd_opcua_node_name(uint32_t number)
{
    switch (number) {
    case 84: return "Root";
    case 85: return "Objects";
    case 86: return "Types";
    case 87: return "Views";
    case 2253: return "Server";
    case 2254: return "ServerArray";
    case 2255: return "NamespaceArray";
    case 2256: return "ServerStatus";
    case 2257: return "StartTime";
    case 2258: return "CurrentTime";
    case 2259: return "State";
    case 2260: return "BuildInfo";
    case 2261: return "ProductName";
    case 2262: return "ProductUri";
    case 2263: return "ManufacturerName";
    case 2264: return "SoftwareVersion";
    case 2265: return "BuildNumber";
    case 2266: return "BuildDate";
    case 2267: return "ServiceLevel";
    case 2268: return "ServerCapabilities";
    case 2274: return "ServerDiagnostics";
    case 2426: return "Start";
    case 2427: return "Suspend";
    case 2428: return "Resume";
    case 2429: return "Halt";
    case 2430: return "Reset";
    case 2947: return "Unshelve";
    case 2948: return "OneShotShelve";
    case 2949: return "TimedShelve";
    case 2992: return "SecondsTillShutdown";
    case 2993: return "ShutdownReason";
    case 3875: return "ConditionRefresh";
    case 9027: return "Enable";
    case 9028: return "Disable";
    case 9029: return "AddComment";
    case 9111: return "Acknowledge";
    case 9113: return "Confirm";
    case 11492: return "GetMonitoredItems";
    case 11580: return "Open";
    case 11583: return "Close";
    case 11585: return "Read";
    case 11588: return "Write";
    case 11590: return "GetPosition";
    case 11593: return "SetPosition";
    case 12543: return "OpenWithMasks";
    case 12546: return "CloseAndUpdate";
    case 12548: return "AddCertificate";
    case 12550: return "RemoveCertificate";
    case 12616:
    case 13737: return "UpdateCertificate";
    case 12637: return "ServerConfiguration";
    case 12731:
    case 12737: return "CreateSigningRequest";
    case 12734:
    case 12740: return "ApplyChanges";
    case 12749: return "SetSubscriptionDurable";
    case 12775:
    case 12777: return "GetRejectedList";
    case 12873: return "ResendData";
    case 12886: return "RequestServerStateChange";
    case 12912: return "ConditionRefresh2";
    case 25699: return "ResetToServerDefaults";
    default: return NULL;
    }
}

enum cd_class cd_opcua_method_class(const struct cd_opcua_node_id *method)
{
    if (method->type != CD_OPCUA_NUMERIC || method->namespace_index)
        return CD_CLASS_CONTROL; /* a method of the plant's or the maker's own */
    switch (method->number) {
    case 2426:
    case 2427:
    case 2428:
    case 2429:
    case 2430:
    case 12886:
    case 25699: return CD_CLASS_MODE;
    case 2947:
    case 2948:
    case 2949:
    case 9027:
    case 9028:
    case 9029:
    case 9111:
    case 9113: return CD_CLASS_ALARM;
    case 3875:
    case 11492:
    case 12749:
    case 12873:
    case 12912:
    case 12731:
    case 12737:
    case 12775:
    case 12777: return CD_CLASS_READ;
    case 11580:
    case 11583:
    case 11585:
    case 11588:
    case 11590:
    case 11593:
    case 12543: return CD_CLASS_FILE;
    case 12546:
    case 12548:
    case 12550:
    case 12616:
    case 12734:
    case 12740:
    case 13737: return CD_CLASS_CONFIGURE;
    default: return CD_CLASS_OTHER;
    }
}

static const struct {
    const char *name;
    uint8_t signature;
} policies[] = {
    [CD_OPCUA_POLICY_UNKNOWN] = {"", 0},
    [CD_OPCUA_POLICY_NONE] = {"None", 0},
    [CD_OPCUA_POLICY_BASIC128RSA15] = {"Basic128Rsa15", 20},
    [CD_OPCUA_POLICY_BASIC256] = {"Basic256", 20},
    [CD_OPCUA_POLICY_BASIC256SHA256] = {"Basic256Sha256", 32},
    [CD_OPCUA_POLICY_AES128] = {"Aes128_Sha256_RsaOaep", 32},
    [CD_OPCUA_POLICY_AES256] = {"Aes256_Sha256_RsaPss", 32},
    [CD_OPCUA_POLICY_NIST_P256] = {"ECC_nistP256", 32},
    [CD_OPCUA_POLICY_NIST_P384] = {"ECC_nistP384", 48},
    [CD_OPCUA_POLICY_BRAINPOOL_P256] = {"ECC_brainpoolP256r1", 32},
    [CD_OPCUA_POLICY_BRAINPOOL_P384] = {"ECC_brainpoolP384r1", 48},
    [CD_OPCUA_POLICY_CURVE25519] = {"ECC_curve25519", 16},
    [CD_OPCUA_POLICY_CURVE448] = {"ECC_curve448", 16},
    [CD_OPCUA_POLICY_OTHER] = {"another policy", 0},
};

enum cd_opcua_policy cd_opcua_policy_of(struct cd_opcua_string uri)
{
    const char *hash = uri.bytes ? memchr(uri.bytes, '#', uri.len) : NULL;
    if (!hash)
        return CD_OPCUA_POLICY_OTHER;
    struct cd_opcua_string name = {hash + 1, uri.len - (size_t)(hash + 1 - uri.bytes)};
    for (unsigned p = CD_OPCUA_POLICY_NONE; p < CD_OPCUA_POLICY_OTHER; p++)
        if (cd_opcua_string_is(name, policies[p].name))
            return (enum cd_opcua_policy)p;
    return CD_OPCUA_POLICY_OTHER;
}

const char *cd_opcua_policy_name(enum cd_opcua_policy policy)
{
    return policies[policy].name;
}

size_t cd_opcua_signature_length(enum cd_opcua_policy policy)
{
    return policies[policy].signature;
}

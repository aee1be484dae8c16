/* Names and classes of KNXnet/IP services, application services, cEMI messages, and manufacturers. */
#include "protocols/knx.h"

struct cd_knx_name cd_knx_service_name(uint16_t service)
{
    switch (service) {
    case CD_KNX_SEARCH_REQUEST: return (struct cd_knx_name){"search", CD_CLASS_IDENTIFY};
    case CD_KNX_SEARCH_REQUEST_EXTENDED: return (struct cd_knx_name){"search extended", CD_CLASS_IDENTIFY};
    case CD_KNX_DESCRIPTION_REQUEST: return (struct cd_knx_name){"description", CD_CLASS_IDENTIFY};
    case CD_KNX_CONNECT_REQUEST: return (struct cd_knx_name){"connect", CD_CLASS_SESSION};
    case CD_KNX_STATE_REQUEST: return (struct cd_knx_name){"connection state", CD_CLASS_SESSION};
    case CD_KNX_DISCONNECT_REQUEST: return (struct cd_knx_name){"disconnect", CD_CLASS_SESSION};
    case CD_KNX_CONFIGURATION_REQUEST: return (struct cd_knx_name){"device configuration", CD_CLASS_OTHER};
    case CD_KNX_TUNNELLING_REQUEST: return (struct cd_knx_name){"tunnelling", CD_CLASS_OTHER};
    case CD_KNX_FEATURE_GET: return (struct cd_knx_name){"tunnelling feature get", CD_CLASS_READ};
    case CD_KNX_FEATURE_SET: return (struct cd_knx_name){"tunnelling feature set", CD_CLASS_SESSION};
    case CD_KNX_FEATURE_INFO: return (struct cd_knx_name){"tunnelling feature info", CD_CLASS_OTHER};
    case CD_KNX_ROUTING_INDICATION: return (struct cd_knx_name){"routing indication", CD_CLASS_OTHER};
    case CD_KNX_ROUTING_LOST: return (struct cd_knx_name){"routing lost message", CD_CLASS_ALARM};
    case CD_KNX_ROUTING_BUSY: return (struct cd_knx_name){"routing busy", CD_CLASS_ALARM};
    case CD_KNX_ROUTING_SYSTEM_BROADCAST: return (struct cd_knx_name){"routing system broadcast", CD_CLASS_OTHER};
    case CD_KNX_DIAGNOSTIC_REQUEST: return (struct cd_knx_name){"remote diagnostic", CD_CLASS_DIAGNOSE};
    case CD_KNX_REMOTE_CONFIGURATION: return (struct cd_knx_name){"remote basic configuration", CD_CLASS_CONFIGURE};
    case CD_KNX_REMOTE_RESET: return (struct cd_knx_name){"remote reset", CD_CLASS_MODE};
    case CD_KNX_SECURE_WRAPPER: return (struct cd_knx_name){"secure wrapper", CD_CLASS_OTHER};
    case CD_KNX_SESSION_REQUEST: return (struct cd_knx_name){"secure session", CD_CLASS_SESSION};
    case CD_KNX_SESSION_AUTHENTICATE: return (struct cd_knx_name){"secure session authenticate", CD_CLASS_SESSION};
    case CD_KNX_SESSION_STATUS: return (struct cd_knx_name){"secure session status", CD_CLASS_SESSION};
    case CD_KNX_TIMER_NOTIFY: return (struct cd_knx_name){"timer notify", CD_CLASS_OTHER};
    default: return (struct cd_knx_name){NULL, CD_CLASS_OTHER};
    }
}

uint16_t cd_knx_request_of(uint16_t service)
{
    switch (service) {
    case CD_KNX_SEARCH_RESPONSE:
    case CD_KNX_DESCRIPTION_RESPONSE:
    case CD_KNX_CONNECT_RESPONSE:
    case CD_KNX_STATE_RESPONSE:
    case CD_KNX_DISCONNECT_RESPONSE:
    case CD_KNX_SEARCH_RESPONSE_EXTENDED:
    case CD_KNX_CONFIGURATION_ACK:
    case CD_KNX_TUNNELLING_ACK:
    case CD_KNX_FEATURE_RESPONSE: /* also to "set", which has the same numbers */
    case CD_KNX_DIAGNOSTIC_RESPONSE:
    case CD_KNX_SESSION_RESPONSE: return (uint16_t)(service - 1);
    default: return 0;
    }
}

/* clang-format off */
static const struct {
    uint16_t apci;
    struct cd_knx_name name;
} apci_names[] = {
    {0x000, {"group value read", CD_CLASS_READ}},
    {0x040, {"group value response", CD_CLASS_READ}},
    {0x080, {"group value write", CD_CLASS_WRITE}},
    {0x0c0, {"individual address write", CD_CLASS_CONFIGURE}},
    {0x100, {"individual address read", CD_CLASS_IDENTIFY}},
    {0x140, {"individual address response", CD_CLASS_IDENTIFY}},
    {0x180, {"adc read", CD_CLASS_READ}},
    {0x1c0, {"adc response", CD_CLASS_READ}},
    {0x1c8, {"system network parameter read", CD_CLASS_READ}},
    {0x1c9, {"system network parameter response", CD_CLASS_READ}},
    {0x1ca, {"system network parameter write", CD_CLASS_CONFIGURE}},
    {0x1cc, {"property extended value read", CD_CLASS_READ}},
    {0x1cd, {"property extended value response", CD_CLASS_READ}},
    {0x1ce, {"property extended value write confirmed", CD_CLASS_CONFIGURE}},
    {0x1cf, {"property extended value write response", CD_CLASS_OTHER}},
    {0x1d0, {"property extended value write unconfirmed", CD_CLASS_CONFIGURE}},
    {0x1d2, {"property extended description read", CD_CLASS_READ}},
    {0x1d3, {"property extended description response", CD_CLASS_READ}},
    {0x1d4, {"function property extended command", CD_CLASS_CONFIGURE}},
    {0x1d5, {"function property extended state read", CD_CLASS_READ}},
    {0x1d6, {"function property extended state response", CD_CLASS_READ}},
    {0x1fb, {"memory extended write", CD_CLASS_CONFIGURE}},
    {0x1fc, {"memory extended write response", CD_CLASS_OTHER}},
    {0x1fd, {"memory extended read", CD_CLASS_READ}},
    {0x1fe, {"memory extended read response", CD_CLASS_READ}},
    {0x200, {"memory read", CD_CLASS_READ}},
    {0x240, {"memory response", CD_CLASS_READ}},
    {0x280, {"memory write", CD_CLASS_CONFIGURE}},
    {0x2c0, {"user memory read", CD_CLASS_READ}},
    {0x2c1, {"user memory response", CD_CLASS_READ}},
    {0x2c2, {"user memory write", CD_CLASS_CONFIGURE}},
    {0x2c4, {"user memory bit write", CD_CLASS_CONFIGURE}},
    {0x2c5, {"user manufacturer info read", CD_CLASS_IDENTIFY}},
    {0x2c6, {"user manufacturer info response", CD_CLASS_IDENTIFY}},
    {0x2c7, {"function property command", CD_CLASS_CONFIGURE}},
    {0x2c8, {"function property state read", CD_CLASS_READ}},
    {0x2c9, {"function property state response", CD_CLASS_READ}},
    {0x300, {"device descriptor read", CD_CLASS_IDENTIFY}},
    {0x340, {"device descriptor response", CD_CLASS_IDENTIFY}},
    {0x380, {"restart", CD_CLASS_MODE}},
    {0x381, {"master reset", CD_CLASS_MODE}},
    {0x3a1, {"restart response", CD_CLASS_OTHER}},
    {0x3c0, {"open routing table", CD_CLASS_CONFIGURE}},
    {0x3c1, {"routing table read", CD_CLASS_READ}},
    {0x3c2, {"routing table response", CD_CLASS_READ}},
    {0x3c3, {"routing table write", CD_CLASS_CONFIGURE}},
    {0x3c8, {"router memory read", CD_CLASS_READ}},
    {0x3c9, {"router memory response", CD_CLASS_READ}},
    {0x3ca, {"router memory write", CD_CLASS_CONFIGURE}},
    {0x3cd, {"router status read", CD_CLASS_READ}},
    {0x3ce, {"router status response", CD_CLASS_READ}},
    {0x3cf, {"router status write", CD_CLASS_CONFIGURE}},
    {0x3d0, {"memory bit write", CD_CLASS_CONFIGURE}},
    {0x3d1, {"authorize request", CD_CLASS_SESSION}},
    {0x3d2, {"authorize response", CD_CLASS_SESSION}},
    {0x3d3, {"key write", CD_CLASS_CONFIGURE}},
    {0x3d4, {"key response", CD_CLASS_OTHER}},
    {0x3d5, {"property value read", CD_CLASS_READ}},
    {0x3d6, {"property value response", CD_CLASS_READ}},
    {0x3d7, {"property value write", CD_CLASS_CONFIGURE}},
    {0x3d8, {"property description read", CD_CLASS_READ}},
    {0x3d9, {"property description response", CD_CLASS_READ}},
    {0x3da, {"network parameter read", CD_CLASS_READ}},
    {0x3db, {"network parameter response", CD_CLASS_READ}},
    {0x3dc, {"individual address serial number read", CD_CLASS_IDENTIFY}},
    {0x3dd, {"individual address serial number response", CD_CLASS_IDENTIFY}},
    {0x3de, {"individual address serial number write", CD_CLASS_CONFIGURE}},
    {0x3e0, {"domain address write", CD_CLASS_CONFIGURE}},
    {0x3e1, {"domain address read", CD_CLASS_READ}},
    {0x3e2, {"domain address response", CD_CLASS_READ}},
    {0x3e3, {"domain address selective read", CD_CLASS_READ}},
    {0x3e4, {"network parameter write", CD_CLASS_CONFIGURE}},
    {0x3e5, {"link read", CD_CLASS_READ}},
    {0x3e6, {"link response", CD_CLASS_READ}},
    {0x3e7, {"link write", CD_CLASS_CONFIGURE}},
    {0x3e8, {"group property value read", CD_CLASS_READ}},
    {0x3e9, {"group property value response", CD_CLASS_READ}},
    {0x3ea, {"group property value write", CD_CLASS_CONFIGURE}},
    {0x3eb, {"group property value info", CD_CLASS_READ}},
    {0x3ec, {"domain address serial number read", CD_CLASS_READ}},
    {0x3ed, {"domain address serial number response", CD_CLASS_READ}},
    {0x3ee, {"domain address serial number write", CD_CLASS_CONFIGURE}},
    {0x3f0, {"file stream info report", CD_CLASS_FILE}},
    {0x3f1, {"data secure", CD_CLASS_OTHER}},
};
/* clang-format on */

struct cd_knx_name cd_knx_apci_name(uint16_t apci)
{
    size_t low = 0, high = sizeof apci_names / sizeof *apci_names;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (apci_names[middle].apci == apci)
            return apci_names[middle].name;
        if (apci_names[middle].apci < apci)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct cd_knx_name){NULL, CD_CLASS_OTHER};
}

struct cd_knx_name cd_knx_cemi_name(uint8_t code)
{
    switch (code) {
    case CD_KNX_L_BUSMON_IND: return (struct cd_knx_name){"bus monitor indication", CD_CLASS_DIAGNOSE};
    case CD_KNX_M_RESET_REQ: return (struct cd_knx_name){"reset", CD_CLASS_MODE};
    case CD_KNX_M_RESET_IND: return (struct cd_knx_name){"reset indication", CD_CLASS_OTHER};
    case CD_KNX_M_PROP_WRITE_REQ: return (struct cd_knx_name){"property write", CD_CLASS_CONFIGURE};
    case CD_KNX_M_PROP_READ_REQ: return (struct cd_knx_name){"property read", CD_CLASS_READ};
    case CD_KNX_M_PROP_INFO_IND: return (struct cd_knx_name){"property info", CD_CLASS_OTHER};
    case CD_KNX_M_FUNCTION_COMMAND_REQ: return (struct cd_knx_name){"function property command", CD_CLASS_CONFIGURE};
    case CD_KNX_M_FUNCTION_READ_REQ: return (struct cd_knx_name){"function property state read", CD_CLASS_READ};
    default: return (struct cd_knx_name){NULL, CD_CLASS_OTHER};
    }
}

/* 3/8/1 to 3/8/4: status codes of responses and acknowledgements. */
const char *cd_knx_status(uint8_t status)
{
    switch (status) {
    case 0x00: return NULL;
    case 0x01: return "host protocol type";
    case 0x02: return "version not supported";
    case 0x04: return "sequence number";
    case 0x21: return "connection id";
    case 0x22: return "connection type";
    case 0x23: return "connection option";
    case 0x24: return "no more connections";
    case 0x25: return "no more unique connections";
    case 0x26: return "data connection";
    case 0x27: return "knx connection";
    case 0x28: return "authorisation";
    case 0x29: return "tunnelling layer";
    case 0x2d: return "no tunnelling address";
    case 0x2e: return "connection in use";
    default: return "error";
    }
}

/* clang-format off */
static const char *const manufacturers[] = {
    [1] = "Siemens", [2] = "ABB", [4] = "Albrecht Jung", [5] = "Bticino", [6] = "Berker", [7] = "Busch-Jaeger Elektro", [8] = "GIRA Giersiepen",
    [9] = "Hager Electro", [10] = "INSTA ELEKTRO", [11] = "LEGRAND", [12] = "Merten", [14] = "ABB SpA SACE", [22] = "Siedle & Söhne", [24] = "Eberle",
    [25] = "GEWISS", [27] = "Albert Ackermann", [28] = "Schupa", [29] = "ABB Schweiz", [30] = "Feller", [32] = "DEHN & SÖHNE", [33] = "CRABTREE",
    [36] = "Paul Hochköpper", [37] = "Altenburger Electronic", [41] = "Grässlin", [42] = "Simon", [44] = "VIMAR", [45] = "Moeller Gebäudeautomation",
    [46] = "Eltako", [49] = "Bosch-Siemens Haushaltsgeräte", [52] = "RITTO", [53] = "Power Controls", [55] = "ZUMTOBEL", [57] = "Phoenix Contact",
    [61] = "WAGO Kontakttechnik", [66] = "Wieland Electric", [67] = "Hermann Kleinhuis", [69] = "Stiebel Eltron", [71] = "Tehalit", [72] = "Theben",
    [73] = "Wilhelm Rutenbeck", [75] = "Winkhaus", [76] = "Robert Bosch", [78] = "Somfy", [80] = "Woertz", [81] = "Viessmann Werke",
    [82] = "Theodor HEIMEIER", [83] = "Joh. Vaillant", [85] = "AMP Deutschland", [89] = "Bosch Thermotechnik", [92] = "DORMA", [93] = "WindowMaster",
    [97] = "Dätwyler", [98] = "Electrak", [99] = "Techem", [100] = "Schneider Electric Industries", [106] = "EIBMARKT", [107] = "WAREMA electronic",
    [108] = "Eelectron", [109] = "Belden", [110] = "Becker-Antriebe", [112] = "AGFEO", [113] = "Zennio", [114] = "TAPKO Technologies", [115] = "HDL",
    [116] = "Uponor", [117] = "se Lightmanagement", [118] = "Arcus-eds", [119] = "Intesis", [124] = "ise", [128] = "ESYLUX", [129] = "BASALTE",
    [130] = "Vestamatic", [131] = "MDT technologies", [134] = "Sitek", [137] = "AMX", [138] = "ELDAT", [139] = "VIKO", [141] = "Crestron",
    [142] = "STEINEL professional", [151] = "Delta Dore", [153] = "Cisco", [154] = "Dinuy", [156] = "Rademacher", [158] = "Ingenium", [159] = "ElabNET",
    [161] = "Hunter Douglas", [165] = "MBS", [166] = "Enertex Bayern", [168] = "Sinapsi", [175] = "Lutron", [176] = "AIRZONE", [179] = "Philips Controls",
    [180] = "VELUX", [181] = "LOYTEC", [186] = "RENSON", [191] = "Algodue Elettronica", [192] = "Newron System", [194] = "Vantage",
    [197] = "Weinzierl Engineering", [198] = "Möhlenhoff", [200] = "B.E.G.", [201] = "Elsner Elektronik", [205] = "Gustav Hensel", [208] = "SCHÜCO",
    [209] = "EMU", [218] = "Luxmate Controls", [219] = "Danfoss", [225] = "Lingg & Janke", [227] = "Sauter", [228] = "SIMU", [232] = "Theben HTS",
    [237] = "Oventrop", [238] = "Griesser", [239] = "IPAS", [240] = "elero", [246] = "Tridonic", [249] = "Schneider Electric (MG)",
    [250] = "KNX Association", [252] = "Hugo Müller", [253] = "Siemens HVAC", [260] = "ABUS Security-Center", [274] = "Helios Ventilatoren",
    [281] = "ARBONIA", [282] = "KERMI", [285] = "COMMAX", [286] = "EAE",
};
/* clang-format on */

const char *cd_knx_manufacturer(uint16_t id)
{
    return id < sizeof manufacturers / sizeof *manufacturers ? manufacturers[id] : NULL;
}

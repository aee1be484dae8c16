/* What each device is, by rules that a person can read: every rule that fits adds its weight to one type, the heaviest type wins, and the
 * reason names the rules that spoke for it. */
#include "hub/inventory/classify.h"

#include "base/hash.h"
#include "base/memory.h"
#include "hub/inventory/resolve.h"
#include "observe/grow.h"
#include "observe/observer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct cd_asset_type types[] = {
    {"unknown", "", "", 0},
    /* control */
    {"plc", "ot", "1", 4},
    {"safety-controller", "ot", "1", 5},
    {"rtu", "ot", "1", 4},
    {"protection-relay", "ot", "1", 5},
    {"drive", "ot", "1", 3},
    {"robot", "ot", "1", 4},
    {"io-device", "ot", "0", 3},
    {"meter", "ot", "0", 2},
    {"sensor", "ot", "0", 2},
    {"gateway", "ot", "1", 3},
    {"hmi", "ot", "2", 3},
    {"scada-server", "ot", "2", 4},
    {"engineering-station", "ot", "3", 4},
    {"historian", "ot", "3", 3},
    /* buildings */
    {"building-controller", "bms", "1", 3},
    {"building-server", "bms", "2", 3},
    {"ups", "bms", "1", 3},
    /* network */
    {"switch", "network", "", 3},
    {"router", "network", "", 4},
    {"firewall", "network", "", 4},
    {"access-point", "network", "", 3},
    {"virtual-address", "network", "", 0},
    /* medicine */
    {"medical-imaging", "iomt", "1", 4},
    {"medical-device", "iomt", "1", 5},
    {"medical-server", "iomt", "3", 4},
    /* the rest */
    {"server", "it", "4", 3},
    {"workstation", "it", "4", 2},
    {"mobile", "it", "4", 1},
    {"printer", "it", "4", 1},
    {"phone", "it", "4", 1},
    {"camera", "iot", "", 2},
    {"media-device", "iot", "", 1},
    {"internet-host", "it", "5", 0},
    {"module", "ot", "1", 3},
    {"unit", "ot", "1", 3},
};
enum { TYPES = sizeof types / sizeof types[0] };

/* What a rule looks at. */
enum trait {
    ROLE,    /* a role the device told or showed; the weight is the fact's confidence, if less */
    SERVES,  /* answers this protocol */
    ASKS,    /* asks others by this protocol */
    VENDOR,  /* its maker's name holds this */
    MODEL,   /* its model, order number, device type, description, software or vendor class holds this */
    OS,      /* its operating system holds this */
    ISSUES,  /* sends operations of this class */
    PEERS,   /* asks at least so many controllers */
    FEEDS,   /* exchanges cyclic data with several devices */
    FORWARDS /* passes on packets of others */
};

struct rule {
    enum trait trait;
    const char *value;
    const char *type;
    unsigned weight;
};

static const struct rule rules[] = {
    {ROLE, "plc", "plc", 90},
    {ROLE, "io-controller", "plc", 70},
    {ROLE, "controller", "plc", 70},
    {ROLE, "rtu", "rtu", 90},
    {ROLE, "outstation", "rtu", 60},
    {ROLE, "safety", "safety-controller", 90},
    {ROLE, "io-device", "io-device", 80},
    {ROLE, "io-multidevice", "io-device", 80},
    {ROLE, "io-supervisor", "engineering-station", 70},
    {ROLE, "drive", "drive", 90},
    {ROLE, "robot", "robot", 90},
    {ROLE, "protection-relay", "protection-relay", 90},
    {ROLE, "relay", "protection-relay", 70},
    {ROLE, "meter", "meter", 90},
    {ROLE, "sensor", "sensor", 80},
    {ROLE, "gateway", "gateway", 70},
    {ROLE, "hmi", "hmi", 80},
    {ROLE, "scada-server", "scada-server", 90},
    {ROLE, "master", "scada-server", 60},
    {ROLE, "engineering-station", "engineering-station", 80},
    {ROLE, "historian", "historian", 90},
    {ROLE, "building-controller", "building-controller", 90},
    {ROLE, "building-server", "building-server", 90},
    {ROLE, "ups", "ups", 95},
    {ROLE, "switch", "switch", 80},
    {ROLE, "bridge", "switch", 70},
    {ROLE, "router", "router", 80},
    {ROLE, "firewall", "firewall", 90},
    {ROLE, "access-point", "access-point", 90},
    {ROLE, "imaging-modality", "medical-imaging", 90},
    {ROLE, "image-archive", "medical-server", 85},
    {ROLE, "imaging-workstation", "workstation", 60},
    {ROLE, "server", "server", 60},
    {ROLE, "domain-controller", "server", 90},
    {ROLE, "mqtt-broker", "server", 60},
    {ROLE, "file-server", "server", 40},
    {ROLE, "print-server", "server", 40},
    {ROLE, "database-server", "server", 50},
    {ROLE, "terminal-server", "server", 50},
    {ROLE, "dhcp-server", "server", 25},
    {ROLE, "dns-server", "server", 30},
    {ROLE, "ntp-server", "server", 20},
    {ROLE, "time-server", "server", 20},
    {ROLE, "kdc", "server", 60},
    {ROLE, "directory-server", "server", 50},
    {ROLE, "radius-server", "server", 50},
    {ROLE, "log-server", "server", 40},
    {ROLE, "workstation", "workstation", 50},
    {ROLE, "printer", "printer", 95},
    {ROLE, "phone", "phone", 90},
    {ROLE, "phone-adapter", "phone", 85},
    {ROLE, "voice-gateway", "phone", 70},
    {ROLE, "intercom", "phone", 80},
    {ROLE, "pbx", "server", 75},
    {ROLE, "sip-proxy", "server", 70},
    {ROLE, "camera", "camera", 95},
    {ROLE, "video-recorder", "camera", 60},
    {ROLE, "speaker", "media-device", 80},
    {ROLE, "media-server", "media-device", 60},
    {ROLE, "media-device", "media-device", 70},
    {ROLE, "mobile", "mobile", 80},
    {ROLE, "station", "workstation", 30},
    {ROLE, "repeater", "switch", 50},

    {SERVES, "s7comm", "plc", 60},
    {SERVES, "s7comm-plus", "plc", 60},
    {SERVES, "modbus", "plc", 40},
    {SERVES, "cip", "plc", 35},
    {SERVES, "enip", "plc", 15},
    {SERVES, "umas", "plc", 60},
    {SERVES, "fins", "plc", 60},
    {SERVES, "melsec", "plc", 60},
    {SERVES, "tristation", "safety-controller", 80},
    {SERVES, "pccc", "plc", 60},
    {SERVES, "ads", "plc", 55},
    {SERVES, "codesys", "plc", 60},
    {SERVES, "ge-srtp", "plc", 60},
    {SERVES, "dnp3", "rtu", 50},
    {SERVES, "iec104", "rtu", 50},
    {SERVES, "mms", "protection-relay", 40},
    {ASKS, "goose", "protection-relay", 60},
    {ASKS, "sv", "protection-relay", 40},
    {SERVES, "c37118", "protection-relay", 40},
    {SERVES, "hart-ip", "gateway", 40},
    {SERVES, "opcua", "scada-server", 25},
    {SERVES, "bacnet", "building-controller", 70},
    {SERVES, "knx", "building-controller", 50},
    {SERVES, "niagara-fox", "building-controller", 40}, /* a supervisor tells that it is one */
    {SERVES, "profinet-dcp", "io-device", 15},
    {SERVES, "dicom", "medical-server", 50},
    {ASKS, "dicom", "medical-imaging", 45},
    {SERVES, "hl7", "medical-server", 45},
    {SERVES, "fhir", "medical-server", 45},
    {ASKS, "hl7", "medical-device", 30},
    {SERVES, "rtsp", "camera", 35},
    {SERVES, "ipp", "printer", 45},
    {SERVES, "jetdirect", "printer", 45},
    {SERVES, "sip", "server", 15},
    {ASKS, "sip", "phone", 30},

    {ASKS, "s7comm", "hmi", 35},
    {ASKS, "s7comm-plus", "hmi", 35},
    {ASKS, "modbus", "hmi", 35},
    {ASKS, "cip", "hmi", 30},
    {ASKS, "enip", "hmi", 15},
    {ASKS, "dnp3", "scada-server", 45},
    {ASKS, "iec104", "scada-server", 45},
    {ASKS, "mms", "scada-server", 35},
    {ASKS, "opcua", "hmi", 25},
    {ASKS, "bacnet", "building-server", 65}, /* more than many controllers and commands make a SCADA server */
    {ASKS, "fins", "hmi", 35},
    {ASKS, "ads", "hmi", 30},
    {ASKS, "melsec", "hmi", 35},
    {ASKS, "profinet-dcp", "engineering-station", 15},
    {PEERS, "8", "scada-server", 45},
    {FEEDS, "", "plc", 50},
    {ISSUES, "program", "engineering-station", 120}, /* whatever else shows that it is a computer with Windows */
    {ISSUES, "firmware", "engineering-station", 120},
    {ISSUES, "mode", "engineering-station", 30},
    {ISSUES, "control", "scada-server", 15},

    {FORWARDS, "", "router", 75},

    {MODEL, "6ES7", "plc", 30},
    {MODEL, "S7-300", "plc", 50},
    {MODEL, "S7-400", "plc", 50},
    {MODEL, "S7-1200", "plc", 50},
    {MODEL, "S7-1500", "plc", 50},
    {MODEL, "ET 200", "io-device", 60},
    {MODEL, "ET200", "io-device", 60},
    {MODEL, "Logix", "plc", 50},
    {MODEL, "MicroLogix", "plc", 50},
    {MODEL, "Modicon", "plc", 50},
    {MODEL, "Programmable Logic Controller", "plc", 50},
    {MODEL, "Safety", "safety-controller", 45},
    {MODEL, "Triconex", "safety-controller", 80},
    {MODEL, "PanelView", "hmi", 80},
    {MODEL, "Human-Machine", "hmi", 80},
    {MODEL, "SIMATIC HMI", "hmi", 80},
    {MODEL, "WinCC", "hmi", 60},
    {MODEL, "Communications Adapter", "io-device", 45},
    {MODEL, "AC Drive", "drive", 80},
    {MODEL, "PowerFlex", "drive", 80},
    {MODEL, "SINAMICS", "drive", 80},
    {MODEL, "SIPROTEC", "protection-relay", 80},
    {MODEL, "SEL-", "protection-relay", 60},
    {MODEL, "SCALANCE X", "switch", 90},
    {MODEL, "SCALANCE S", "firewall", 90},
    {MODEL, "SCALANCE W", "access-point", 90},
    {MODEL, "Stratix", "switch", 80},
    {MODEL, "Catalyst", "switch", 80},
    {MODEL, "Managed Switch", "switch", 80},
    {MODEL, "EtherSwitch", "switch", 60},
    {MODEL, "Router", "router", 40},
    {MODEL, "Firewall", "firewall", 60},
    {MODEL, "FortiGate", "firewall", 90},
    {MODEL, "PAN-OS", "firewall", 90},
    {MODEL, "Access Point", "access-point", 60},
    {MODEL, "JetDirect", "printer", 80},
    {MODEL, "LaserJet", "printer", 90},
    {MODEL, "Printer", "printer", 60},
    {MODEL, "IP Camera", "camera", 90},
    {MODEL, "Network Camera", "camera", 90},
    {MODEL, "NPort", "gateway", 80},
    {MODEL, "Anybus", "gateway", 50},
    {MODEL, "Smart-UPS", "ups", 90},
    {MODEL, "TIA Portal", "engineering-station", 80},
    {MODEL, "STEP 7", "engineering-station", 80},
    {MODEL, "RSLinx", "engineering-station", 60},
    {MODEL, "Studio 5000", "engineering-station", 80},
    {MODEL, "iPhone", "mobile", 80},
    {MODEL, "iPad", "mobile", 80},
    {MODEL, "MSFT 5.0", "workstation", 25},
    {MODEL, "android-dhcp", "mobile", 60},
    {MODEL, "Roku", "media-device", 80},
    {MODEL, "Chromecast", "media-device", 80},

    {VENDOR, "Rockwell", "plc",
     15}, /* "Rockwell Automation/Allen-Bradley" in CIP: a maker's name alone must not decide */
    {VENDOR, "Phoenix Contact", "plc", 10},
    {VENDOR, "WAGO", "plc", 20},
    {VENDOR, "Beckhoff", "plc", 20},
    {VENDOR, "OMRON", "plc", 20},
    {VENDOR, "Mitsubishi Electric", "plc", 15},
    {VENDOR, "B&R", "plc", 20},
    {VENDOR, "Schweitzer", "protection-relay", 30},
    {VENDOR, "Hirschmann", "switch", 35},
    {VENDOR, "RuggedCom", "switch", 35},
    {VENDOR, "Moxa", "gateway", 20},
    {VENDOR, "Lantronix", "gateway", 25},
    {VENDOR, "HMS Industrial", "gateway", 25},
    {VENDOR, "Digi International", "gateway", 20},
    {VENDOR, "Cisco Systems", "switch", 15},
    {VENDOR, "Juniper", "router", 15},
    {VENDOR, "Fortinet", "firewall", 35},
    {VENDOR, "Palo Alto", "firewall", 35},
    {VENDOR, "Ubiquiti", "access-point", 25},
    {VENDOR, "Aruba", "access-point", 15},
    {VENDOR, "Axis Communications", "camera", 45},
    {VENDOR, "Hikvision", "camera", 45},
    {VENDOR, "Dahua", "camera", 45},
    {VENDOR, "American Power Conversion", "ups", 45},
    {VENDOR, "Brother Industries", "printer", 40},
    {VENDOR, "Kyocera", "printer", 30},
    {VENDOR, "Lexmark", "printer", 40},
    {VENDOR, "Tridium", "building-controller", 40},
    {VENDOR, "Johnson Controls", "building-controller", 35},
    {VENDOR, "Automated Logic", "building-controller", 40},
    {VENDOR, "Trane", "building-controller", 35},
    {VENDOR, "Delta Controls", "building-controller", 40},
    {VENDOR, "Distech", "building-controller", 40},
    {VENDOR, "VMware", "server", 12},
    {VENDOR, "Dell", "workstation", 10},
    {VENDOR, "Hewlett Packard", "workstation", 8},
    {VENDOR, "Intel Corporate", "workstation", 10},
    {VENDOR, "LENOVO", "workstation", 12},
    {VENDOR, "Apple", "workstation", 10},
    {VENDOR, "Polycom", "phone", 40},
    {VENDOR, "Yealink", "phone", 40},
    {VENDOR, "Sonos", "media-device", 45},
    {VENDOR, "GE Medical", "medical-device", 45},
    {VENDOR, "Draeger", "medical-device", 35},
    {VENDOR, "B. Braun", "medical-device", 45},
    {VENDOR, "Baxter", "medical-device", 35},
    {VENDOR, "Philips Medical", "medical-device", 45},

    {OS, "Windows Server", "server", 45},
    {OS, "Windows", "workstation", 30},
    {OS, "Android", "mobile", 40},
    {OS, "iOS", "mobile", 20},
    {OS, "macOS", "workstation", 40},
    {OS, "VxWorks", "plc", 15},
    {OS, "Linux", "server", 8},
    {SERVES, "smb", "server", 18},
    {SERVES, "http", "server", 10},
    {SERVES, "ssh", "server", 12},
    {SERVES, "tls", "server", 10},
    {SERVES, "dns", "server", 20},
    {SERVES, "ftp", "server", 10},
    {SERVES, "rdp", "workstation", 15},
    {ASKS, "http", "workstation", 8},
    {ASKS, "tls", "workstation", 10},
    {ASKS, "smb", "workstation", 15},
    {ASKS, "llmnr", "workstation", 10},
    {ASKS, "nbns", "workstation", 8},
    {ASKS, "mdns", "workstation", 4},
    {ASKS, "lldp", "switch", 8},
    {ASKS, "stp", "switch", 35},
    {ASKS, "cdp", "switch", 15},
};
enum {
    RULES = sizeof rules / sizeof rules[0],
    SCORE_LEAST = 20,
    REASONS_MOST = 4,
    TELLING_MOST = 64,
    PEERS_MANY = 8,
    FED_MANY = 3, /* a device serves two controllers where they are redundant */
    ALIKE_KEPT = 4096
};

/* Protocols by which plants and buildings are run. */
static const char *const control_protocols[] = {
    "modbus",       "s7comm",      "s7comm-plus", "enip",       "cip",  "dnp3",   "iec104",
    "profinet-dcp", "profinet-io", "goose",       "sv",         "mms",  "opcua",  "fins",
    "ads",          "hart-ip",     "ethercat",    "pccc",       "umas", "melsec", "codesys",
    "c37118",       "bacnet",      "knx",         "tristation", NULL};

static bool is_control(const char *protocol)
{
    for (const char *const *p = control_protocols; *p; p++)
        if (strcmp(*p, protocol) == 0)
            return true;
    return false;
}

const struct cd_asset_type *cd_asset_type_find(const char *name)
{
    for (unsigned i = 0; i < TYPES; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return &types[0];
}

/* What operations tell of each asset. */
struct deeds {
    uint32_t issued; /* bits by class */
    uint32_t peers;  /* devices it sent control operations to */
    uint32_t fed;    /* devices it sends process data to, unasked: operations of class other */
};

static void count_peers(const struct cd_inventory *inv, struct deeds *deeds, bool cyclic)
{
    uint32_t n = 0;
    text_id last = 0; /* operations of one protocol come close together */
    bool last_is_control = false;
    struct sort_key *keys = cd_alloc(inv->operations.count, sizeof *keys);
    for (uint32_t i = 0; i < inv->operations.count; i++) {
        const struct operation *op = &inv->operations.items[i];
        uint32_t client = inv->asset_of[op->client], server = inv->asset_of[op->server];
        if (op->protocol != last) {
            last = op->protocol;
            last_is_control = is_control(text_of(inv, last));
        }
        if (client != NONE && server != NONE && op->requests && (op->class == CD_CLASS_OTHER) == cyclic &&
            last_is_control)
            keys[n++] = (struct sort_key){.high = client, .low = server};
    }
    cd_sort_keys(keys, n, NULL, NULL);
    for (uint32_t i = 0; i < n; i++) {
        bool fresh = i == 0 || keys[i].high != keys[i - 1].high || keys[i].low != keys[i - 1].low;
        *(cyclic ? &deeds[keys[i].high].fed : &deeds[keys[i].high].peers) += fresh;
    }
    cd_free(keys);
}

static struct deeds *collect_deeds(const struct cd_inventory *inv)
{
    struct deeds *deeds = cd_alloc(inv->assets.count, sizeof *deeds);
    for (uint32_t i = 0; i < inv->operations.count; i++) {
        const struct operation *op = &inv->operations.items[i];
        uint32_t client = inv->asset_of[op->client];
        if (client != NONE && op->requests)
            deeds[client].issued |= 1u << op->class;
    }
    count_peers(inv, deeds, false);
    count_peers(inv, deeds, true);
    return deeds;
}

/* One asset while it is judged. */
struct judging {
    const struct cd_inventory *inv;
    const struct asset *asset;
    const struct deeds *deeds;
    const struct fact *telling[TELLING_MOST]; /* its facts that rules look at */
    unsigned n_telling;
    unsigned scores[TYPES];
    const struct rule *fitting[RULES];
    unsigned n_fitting;
};

/* Whether `text` holds `word`, in capital letters or small. strcasestr() prepares a search anew for each of its calls; here texts are short and rules many. */
static bool holds(const char *text, const char *word)
{
    int first = tolower((unsigned char)*word);
    size_t len = strlen(word);
    for (; *text; text++)
        if (tolower((unsigned char)*text) == first && strncasecmp(text, word, len) == 0)
            return true;
    return false;
}

static bool speaks(const struct judging *j, const char *protocol, bool serves)
{
    for (uint32_t i = 0; i < j->asset->n_talks; i++) {
        const struct talk *talk = &j->inv->talks.items[j->asset->first_talk + i];
        const char *spoken = text_of(j->inv, talk->protocol);
        if ((serves ? talk->serves : talk->asks) && *spoken == *protocol && strcmp(spoken, protocol) == 0)
            return true;
    }
    return false;
}

static bool describes(uint8_t attribute)
{
    return attribute == CD_ATTRIBUTE_MODEL || attribute == CD_ATTRIBUTE_ORDER_NUMBER ||
           attribute == CD_ATTRIBUTE_DEVICE_TYPE || attribute == CD_ATTRIBUTE_DESCRIPTION ||
           attribute == CD_ATTRIBUTE_SOFTWARE || attribute == CD_ATTRIBUTE_VENDOR_CLASS;
}

/* The weight with which a rule fits, or 0. */
static unsigned fits(const struct judging *j, const struct rule *rule)
{
    const struct asset *asset = j->asset;
    switch (rule->trait) {
    case SERVES: return speaks(j, rule->value, true) ? rule->weight : 0;
    case ASKS: return speaks(j, rule->value, false) ? rule->weight : 0;
    case VENDOR: return holds(asset->vendor, rule->value) ? rule->weight : 0;
    case OS: return holds(asset->os, rule->value) ? rule->weight : 0;
    case FORWARDS: return asset->forwards ? rule->weight : 0;
    case PEERS: return j->deeds->peers >= PEERS_MANY ? rule->weight : 0;
    case FEEDS: return j->deeds->fed >= FED_MANY ? rule->weight : 0;
    case ISSUES:
        for (unsigned class = 0; class < CD_CLASSES; class ++)
            if ((j->deeds->issued >> class & 1) && strcmp(cd_class_name((enum cd_class) class), rule->value) == 0)
                return rule->weight;
        return 0;
    case ROLE:
    case MODEL: break;
    }
    unsigned best = 0;
    for (unsigned i = 0; i < j->n_telling; i++) {
        const struct fact *f = j->telling[i];
        const char *value = text_of(j->inv, f->value);
        bool fit = rule->trait == ROLE ? f->attribute == CD_ATTRIBUTE_ROLE && strcmp(value, rule->value) == 0
                                       : describes(f->attribute) && holds(value, rule->value);
        unsigned weight = rule->trait == ROLE && f->confidence < rule->weight ? f->confidence : rule->weight;
        if (fit && weight > best)
            best = weight;
    }
    return best;
}

static void describe_rule(struct cd_text *t, const struct rule *rule, const struct judging *j)
{
    static const char *const phrases[] = {[ROLE] = "tells or shows the role ",
                                          [SERVES] = "answers ",
                                          [ASKS] = "asks by ",
                                          [VENDOR] = "is made by ",
                                          [MODEL] = "describes itself as ",
                                          [OS] = "runs ",
                                          [ISSUES] = "sends operations of class ",
                                          [PEERS] = "asks many controllers: ",
                                          [FEEDS] = "exchanges cyclic data with devices: ",
                                          [FORWARDS] = "passes on packets of others"};
    cd_text_str(t, phrases[rule->trait]);
    if (rule->trait == PEERS || rule->trait == FEEDS)
        cd_text_u64(t, rule->trait == PEERS ? j->deeds->peers : j->deeds->fed);
    else
        cd_text_str(t, rule->trait == VENDOR ? j->asset->vendor : rule->value);
}

static unsigned type_number(const char *name)
{
    return (unsigned)(cd_asset_type_find(name) - types);
}

static void collect_telling(struct judging *j)
{
    for (uint32_t i = 0; i < j->asset->n_facts && j->n_telling < TELLING_MOST; i++) {
        const struct fact *f = &j->inv->facts.items[j->inv->asset_facts.items[j->asset->first_fact + i]];
        if (f->attribute == CD_ATTRIBUTE_ROLE || describes(f->attribute))
            j->telling[j->n_telling++] = f;
    }
}

/* The heaviest type, and the reason. */
static unsigned judge(struct judging *j, struct cd_text *reason)
{
    unsigned best = 0, told = 0;
    collect_telling(j);
    for (unsigned i = 0; i < RULES; i++) {
        unsigned weight = fits(j, &rules[i]);
        if (!weight)
            continue;
        j->fitting[j->n_fitting++] = &rules[i];
        j->scores[type_number(rules[i].type)] += weight;
    }
    for (unsigned i = 1; i < TYPES; i++)
        if (j->scores[i] >= SCORE_LEAST && j->scores[i] > j->scores[best])
            best = i;
    for (unsigned i = 0; i < j->n_fitting && best; i++) {
        if (type_number(j->fitting[i]->type) != best || told == REASONS_MOST)
            continue;
        if (told++)
            cd_text_str(reason, "; ");
        describe_rule(reason, j->fitting[i], j);
    }
    return best;
}

/* A type that nothing but the kind of asset tells. */
static unsigned fall_back(const struct cd_inventory *inv, const struct asset *asset, struct cd_text *reason)
{
    const struct cd_ip *ip = asset->n_interfaces ? ip_of(inv, inv->interfaces.items[asset->first_interface].ip) : NULL;
    bool only_ip = asset->n_interfaces == 1 && !inv->interfaces.items[asset->first_interface].mac;
    if (asset->virtual_address) {
        cd_text_str(reason, "is claimed by the MAC of a group of routers");
        return type_number("virtual-address");
    }
    if (asset->kind != KIND_DEVICE) {
        cd_text_str(reason, asset->kind == KIND_MODULE ? "is a part of its parent" : "answers through its parent");
        return type_number(asset->kind == KIND_MODULE ? "module" : "unit");
    }
    if (only_ip && ip && !cd_ip_is_private(ip)) {
        cd_text_str(reason, "has a public address and is known by that only");
        return type_number("internet-host");
    }
    cd_text_str(reason, "nothing told its type");
    return 0;
}

static bool speaks_control(const struct judging *j)
{
    for (uint32_t i = 0; i < j->asset->n_talks; i++)
        if (is_control(text_of(j->inv, j->inv->talks.items[j->asset->first_talk + i].protocol)))
            return true;
    return false;
}

/* A person's correction of what is decided here, or NULL. */
static const char *corrected(const struct cd_inventory *inv, const struct asset *asset, const char *attribute)
{
    for (uint32_t i = 0; i < inv->corrections.count; i++) {
        const struct correction *c = &inv->corrections.items[i];
        if (strcmp(text_of(inv, c->attribute), attribute) == 0 && strcmp(text_of(inv, c->asset), asset->id) == 0)
            return text_of(inv, c->value);
    }
    return NULL;
}

/* Every host speaks these; they are nobody's role. */
static bool is_plumbing(const char *protocol)
{
    static const char *const plumbing[] = {"arp",   "icmp", "icmpv6", "igmp", "stp",   "lldp",  "cdp",
                                           "llmnr", "mdns", "ssdp",   "nbns", "nbdgm", "eapol", "lacp"};
    for (unsigned i = 0; i < sizeof plumbing / sizeof plumbing[0]; i++)
        if (strcmp(plumbing[i], protocol) == 0)
            return true;
    return false;
}

/* What it does, in words: the role it told, else its main protocol. */
static const char *role_of(struct cd_inventory *inv, const struct asset *asset)
{
    char buffer[300];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    const struct fact *best = NULL;
    for (uint32_t i = 0; i < asset->n_facts; i++) {
        const struct fact *f = &inv->facts.items[inv->asset_facts.items[asset->first_fact + i]];
        if (f->attribute == CD_ATTRIBUTE_ROLE && (!best || f->confidence > best->confidence))
            best = f;
    }
    if (best)
        return text_of(inv, best->value);
    for (unsigned round = 0; round < 2; round++) { /* control protocols first */
        for (uint32_t i = 0; i < asset->n_talks; i++) {
            const struct talk *talk = &inv->talks.items[asset->first_talk + i];
            const char *protocol = text_of(inv, talk->protocol);
            if (is_control(protocol) != (round == 0) || (round && (!talk->serves || is_plumbing(protocol))))
                continue;
            cd_text_str(&t, protocol);
            cd_text_str(&t, talk->serves ? " server" : " client");
            return cd_resolved_text(inv, t.at);
        }
    }
    return "";
}

static void classify(struct cd_inventory *inv, uint32_t number, const struct deeds *deeds)
{
    struct asset *asset = &inv->assets.items[number];
    struct judging j = {.inv = inv, .asset = asset, .deeds = deeds};
    char buffer[400];
    struct cd_text reason = cd_text_of(buffer, sizeof buffer);
    unsigned best = asset->virtual_address ? 0 : judge(&j, &reason);
    if (!best)
        best = fall_back(inv, asset, &reason);
    const char *type = corrected(inv, asset, "type");
    if (type) {
        reason = cd_text_of(buffer, sizeof buffer);
        cd_text_str(&reason, "a person said so");
        best = type_number(type);
    }
    const struct cd_asset_type *t = &types[best];
    asset->type = type ? type : t->name;
    asset->category = t->category;
    asset->purdue = t->purdue;
    asset->criticality = t->criticality;
    bool plain_computer =
        strcmp(t->category, "it") == 0 && asset->kind == KIND_DEVICE && strcmp(t->name, "internet-host") != 0;
    if ((best == 0 || plain_computer) && speaks_control(&j)) { /* an ordinary computer that takes part in control */
        asset->category = "ot";
        asset->purdue = best ? "3" : "";
        asset->criticality = 3;
        cd_text_str(&reason, "; takes part in control traffic");
    }
    asset->role = role_of(inv, asset);
    asset->reason = cd_resolved_text(inv, reason.at);
    const char *said;
    asset->role = (said = corrected(inv, asset, "role")) ? said : asset->role;
    asset->category = (said = corrected(inv, asset, "category")) ? said : asset->category;
    asset->purdue = (said = corrected(inv, asset, "purdue")) ? said : asset->purdue;
    if ((said = corrected(inv, asset, "criticality")) && said[0] >= '0' && said[0] <= '5' && !said[1])
        asset->criticality = (unsigned)(said[0] - '0');
}

/* Assets of which nothing is known but what they speak: of a million of them most are alike, so the judgement of one serves for the
 * others. */
static bool is_plain(const struct cd_inventory *inv, const struct asset *asset, const struct deeds *deeds)
{
    return !inv->corrections.count && !asset->n_facts && asset->kind == KIND_DEVICE && asset->n_interfaces == 1 &&
           !*asset->vendor && !*asset->os && deeds->peers < PEERS_MANY && deeds->fed < FED_MANY;
}

static bool is_public(const struct cd_inventory *inv, const struct asset *asset)
{
    return !cd_ip_is_private(ip_of(inv, inv->interfaces.items[asset->first_interface].ip));
}

static uint64_t hash_likeness(const struct cd_inventory *inv, const struct asset *asset, const struct deeds *deeds)
{
    uint64_t h = cd_hash_u64(deeds->issued, (uint64_t)is_public(inv, asset) << 2 | (uint64_t)asset->forwards << 1 |
                                                asset->virtual_address);
    for (uint32_t i = 0; i < asset->n_talks; i++) {
        const struct talk *talk = &inv->talks.items[asset->first_talk + i];
        h = cd_hash_u64(h, (uint64_t)talk->protocol << 2 | (uint64_t)talk->serves << 1 | talk->asks);
    }
    return h;
}

static bool are_alike(const struct cd_inventory *inv, const struct asset *a, const struct asset *b)
{
    if (a->n_talks != b->n_talks || a->forwards != b->forwards || a->virtual_address != b->virtual_address ||
        is_public(inv, a) != is_public(inv, b) ||
        !inv->interfaces.items[a->first_interface].mac != !inv->interfaces.items[b->first_interface].mac)
        return false;
    for (uint32_t i = 0; i < a->n_talks; i++) {
        const struct talk *x = &inv->talks.items[a->first_talk + i], *y = &inv->talks.items[b->first_talk + i];
        if (x->protocol != y->protocol || x->serves != y->serves || x->asks != y->asks)
            return false;
    }
    return true;
}

static void copy_judgement(struct asset *asset, const struct asset *from)
{
    asset->type = from->type, asset->role = from->role, asset->category = from->category;
    asset->purdue = from->purdue, asset->criticality = from->criticality, asset->reason = from->reason;
}

void cd_resolve_classes(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    struct deeds *deeds = collect_deeds(inv);
    uint32_t *alike = cd_alloc(ALIKE_KEPT, sizeof *alike); /* an asset's number + 1 */
    for (uint32_t i = 0; i < inv->assets.count; i++) {
        struct asset *asset = &inv->assets.items[i];
        if (!is_plain(inv, asset, &deeds[i])) {
            classify(inv, i, &deeds[i]);
            continue;
        }
        uint32_t *known = &alike[hash_likeness(inv, asset, &deeds[i]) % ALIKE_KEPT];
        if (*known && are_alike(inv, asset, &inv->assets.items[*known - 1]) &&
            deeds[i].issued == deeds[*known - 1].issued) {
            copy_judgement(asset, &inv->assets.items[*known - 1]);
            continue;
        }
        classify(inv, i, &deeds[i]);
        *known = i + 1;
    }
    cd_free(alike);
    cd_free(deeds);
}

/* PROFINET DCP: names of vendors, suboptions and errors. */
#include "protocols/profinet_dcp.h"

/* Vendor ids assigned by PROFIBUS & PROFINET International, of makers whose devices are common; sorted. */
static const struct {
    uint16_t id;
    const char *name;
} vendors[] = {
    {0x001a, "ABB"},
    {0x002a, "Siemens"},
    {0x005d, "Pepperl+Fuchs"},
    {0x0080, "Danfoss"},
    {0x0083, "SMC"},
    {0x00b0, "Phoenix Contact"},
    {0x0101, "SICK"},
    {0x0105, "Kollmorgen"},
    {0x0106, "Lenze"},
    {0x010a, "SEW-EURODRIVE"},
    {0x010c, "HMS Industrial Networks"},
    {0x011d, "WAGO"},
    {0x011e, "Hilscher"},
    {0x011f, "Bosch Rexroth"},
    {0x0120, "Beckhoff"},
    {0x0122, "Tucker"},
    {0x012f, "Murrelektronik"},
    {0x0134, "Weidmueller"},
    {0x0135, "Euchner"},
    {0x0136, "ifm electronic"},
    {0x0137, "Cognex"},
    {0x013d, "Turck"},
    {0x014d, "Festo"},
    {0x0152, "Leuze electronic"},
    {0x0153, "TR-Electronic"},
    {0x015b, "SensoPart"},
    {0x015d, "esd electronics"},
    {0x0173, "KEBA"},
    {0x0174, "ABB"},
    {0x0180, "ATI Industrial Automation"},
    {0x019b, "KUKA"},
    {0x019c, "Datalogic"},
    {0x01b0, "Fronius"},
    {0x01b7, "FANUC"},
    {0x01be, "PRIMES"},
    {0x01c0, "Vitronic"},
    {0x01fd, "Keyence"},
    {0x0200, "JVL"},
    {0x0293, "Janitza"},
    {0x02b3, "Vahle"},
    {0x0361, "Universal Robots"},
    {0x0377, "B&R Industrial Automation"},
    {0x0378, "Balluff"},
    {0x0379, "AMK"},
    {0x03b0, "ABB Robotics"},
    {0x092f, "Pilz"},
    {0x1015, "SICK"},
    {0x10a0, "SEW-EURODRIVE"},
    {0x1240, "Deutschmann"},
};

const char *cd_dcp_vendor_name(uint16_t vendor_id)
{
    size_t low = 0, high = sizeof vendors / sizeof *vendors;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (vendors[middle].id == vendor_id)
            return vendors[middle].name;
        if (vendors[middle].id < vendor_id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *cd_dcp_suboption_name(uint8_t option, uint8_t suboption)
{
    static const char *const ip[] = {"ip", "mac address", "ip parameter", "ip suite"};
    static const char *const device[] = {"device",        "type of station",  "name of station", "device id",
                                         "device role",   "device options",   "alias name",      "device instance",
                                         "oem device id", "standard gateway", "rsi properties"};
    static const char *const control[] = {"control",  "start transaction", "end transaction", "signal",
                                          "response", "factory reset",     "reset to factory"};
    switch (option) {
    case CD_DCP_IP: return suboption < sizeof ip / sizeof *ip ? ip[suboption] : "ip";
    case CD_DCP_DEVICE: return suboption < sizeof device / sizeof *device ? device[suboption] : "device";
    case CD_DCP_DHCP: return "dhcp";
    case CD_DCP_CONTROL: return suboption < sizeof control / sizeof *control ? control[suboption] : "control";
    case CD_DCP_INITIATIVE: return "device initiative";
    case CD_DCP_ALL: return "all";
    default: return option >= 0x80 ? "vendor's option" : "option";
    }
}

const char *cd_dcp_error_name(uint8_t error)
{
    static const char *const names[] = {NULL,
                                        "option not supported",
                                        "suboption not supported",
                                        "suboption not set",
                                        "resource error",
                                        "set not possible by local reasons",
                                        "in operation, set not possible"};
    return error < sizeof names / sizeof *names ? names[error] : "unknown error";
}

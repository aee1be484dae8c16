#include "catalogue.h"

enum {
    OUI_DELL = 0x001422,
    OUI_HIRSCHMANN = 0x008063,
    OUI_CISCO = 0x00000c,
    OUI_MOXA = 0x0090e8,
    OUI_SCHNEIDER = 0x000054,
    OUI_ENDRUN = 0x000efe
};

const struct model scada_server = {.type = "scada-server", .mac_holder = "Dell Inc.", .oui = OUI_DELL, .ttl = 128};
const struct model engineering_station = {
    .type = "engineering-station", .mac_holder = "Dell Inc.", .oui = OUI_DELL, .ttl = 128};
const struct model area_router = {.type = "router", .mac_holder = "Cisco Systems, Inc", .oui = OUI_CISCO, .ttl = 255};
const struct model core_switch = {
    .type = "switch", .mac_holder = "Hirschmann Automation and Control GmbH", .oui = OUI_HIRSCHMANN, .ttl = 64};
const struct model clock_server = {
    .type = "server", .mac_holder = "EndRun Technologies LLC", .oui = OUI_ENDRUN, .ttl = 64};
const struct model modicon_m340 = {.type = "plc",
                                   .vendor = "Schneider Electric",
                                   .model = "Modicon M340",
                                   .order_number = "BMX P34 2020",
                                   .firmware = "v3.30",
                                   .mac_holder = "Schneider Electric",
                                   .oui = OUI_SCHNEIDER,
                                   .ttl = 64};
const struct model power_meter = {.type = "unit",
                                  .vendor = "Schneider Electric",
                                  .model = "PM5560",
                                  .order_number = "METSEPM5560",
                                  .firmware = "2.7.4"};
const struct model modbus_gateway = {
    .type = "gateway", .mac_holder = "MOXA TECHNOLOGIES CORP., LTD.", .oui = OUI_MOXA, .ttl = 64};

#include "catalogue.h"

enum {
    OUI_APC = 0x00c0b7,
    OUI_CISCO = 0x00000c,
    OUI_DELL = 0x001422,
    OUI_ENDRUN = 0x000efe,
    OUI_HIRSCHMANN = 0x008063,
    OUI_JOHNSON = 0x00108d,
    OUI_MOXA = 0x0090e8,
    OUI_ROCKWELL = 0x001d9c,
    OUI_SCHNEIDER = 0x000054,
    OUI_SCHWEITZER = 0x0030a7,
    OUI_SIEMENS = 0x000e8c
};
static const char dell[] = "Dell Inc.";

const struct model scada_server = {.type = "scada-server", .mac_holder = dell, .oui = OUI_DELL, .ttl = 128};
const struct model operator_station = {.type = "hmi", .mac_holder = dell, .oui = OUI_DELL, .ttl = 128};
const struct model engineering_station = {
    .type = "engineering-station", .mac_holder = dell, .oui = OUI_DELL, .ttl = 128};
const struct model office_server = {.type = "server", .mac_holder = dell, .oui = OUI_DELL, .ttl = 64};
const struct model service_laptop = {
    .type = "engineering-station", .os = "Windows", .mac_holder = dell, .oui = 0x14b31f, .ttl = 128};
const struct model office_laptop = {
    .type = "workstation", .os = "Windows", .mac_holder = dell, .oui = 0x14b31f, .ttl = 128};

const struct model area_router = {.type = "router", .mac_holder = "Cisco Systems, Inc", .oui = OUI_CISCO, .ttl = 255};
const struct model core_switch = {.type = "switch",
                                  .vendor = "Hirschmann",
                                  .model = "RSPE35",
                                  .firmware = "HiOS-2S-09.0.00",
                                  .description = "Hirschmann RSPE35 SW: HiOS-2S-09.0.00",
                                  .description_tells = TELLS_VENDOR | TELLS_MODEL | TELLS_FIRMWARE,
                                  .mac_holder = "Hirschmann Automation and Control GmbH",
                                  .oui = OUI_HIRSCHMANN,
                                  .ttl = 64};
const struct model clock_server = {
    .type = "server", .mac_holder = "EndRun Technologies LLC", .oui = OUI_ENDRUN, .ttl = 64};
const struct model power_supply = {.type = "ups",
                                   .vendor = "APC",
                                   .model = "Smart-UPS 3000 RM",
                                   .firmware = "UPS 15.5",
                                   .description = "Linux 3.2.0 on a network card of a power supply",
                                   .description_tells = TELLS_OS,
                                   .os = "Linux 3.2.0",
                                   .mac_holder = "AMERICAN POWER CONVERSION CORP",
                                   .oui = OUI_APC,
                                   .ttl = 64};

const struct model simatic_315 = {.type = "plc",
                                  .vendor = "Siemens",
                                  .model = "CPU 315-2 PN/DP",
                                  .order_number = "6ES7 315-2EH14-0AB0",
                                  .firmware = "V3.2.7",
                                  .hardware = "3",
                                  .serial_prefix = "S C-X5J",
                                  .mac_holder = "Siemens AG",
                                  .oui = OUI_SIEMENS,
                                  .ttl = 30};
const struct model modicon_m340 = {.type = "plc",
                                   .vendor = "Schneider Electric",
                                   .model = "Modicon M340",
                                   .order_number = "BMX P34 2020",
                                   .firmware = "v3.30",
                                   .mac_holder = "Schneider Electric",
                                   .oui = OUI_SCHNEIDER,
                                   .ttl = 64};
const struct model sel_rtu = {.type = "rtu",
                              .vendor = "Schweitzer Engineering Laboratories",
                              .model = "SEL-2440 RTU",
                              .firmware = "R112",
                              .hardware = "A",
                              .serial_prefix = "3",
                              .mac_holder = "SCHWEITZER ENGINEERING",
                              .oui = OUI_SCHWEITZER,
                              .ttl = 64};
const struct model modbus_gateway = {
    .type = "gateway", .mac_holder = "MOXA TECHNOLOGIES CORP., LTD.", .oui = OUI_MOXA, .ttl = 64};
const struct model power_meter = {.type = "unit",
                                  .vendor = "Schneider Electric",
                                  .model = "PM5560",
                                  .order_number = "METSEPM5560",
                                  .firmware = "2.7.4"};

const struct model siprotec_7sj = {.type = "protection-relay",
                                   .vendor = "SIEMENS",
                                   .model = "SIPROTEC 7SJ82",
                                   .firmware = "V08.30",
                                   .mac_holder = "Siemens AG Energy Management Division",
                                   .oui = 0xb4b15a,
                                   .ttl = 64};
const struct model remote_terminal_unit = {
    .type = "rtu", .mac_holder = "ABB Power Systems Power Generation", .oui = 0xb89be4, .ttl = 64};

static const char johnson[] = "Johnson Controls, Inc.";

const struct model building_server = {.type = "building-server", .mac_holder = dell, .oui = OUI_DELL, .ttl = 128};
const struct model network_engine = {.type = "building-controller",
                                     .vendor = johnson,
                                     .model = "MS-NAE5510-1",
                                     .firmware = "10.1.0",
                                     .serial_prefix = "NAE",
                                     .mac_holder = johnson,
                                     .oui = OUI_JOHNSON,
                                     .ttl = 128};
const struct model air_controller = {.type = "building-controller",
                                     .vendor = johnson,
                                     .model = "MS-FAC3613-0",
                                     .firmware = "6.3.0.1062",
                                     .serial_prefix = "FAC",
                                     .mac_holder = johnson,
                                     .oui = OUI_JOHNSON,
                                     .ttl = 64};
const struct model room_controller = {.type = "building-controller",
                                      .vendor = johnson,
                                      .model = "MS-VMA1832-0",
                                      .firmware = "6.3.0.1062",
                                      .serial_prefix = "VMA"};
const struct model printer = {.type = "printer",
                              .vendor = "HP",
                              .firmware = "JSI23900012",
                              .description =
                                  "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD149,EEPROM JSI23900012",
                              .description_tells = TELLS_VENDOR | TELLS_FIRMWARE,
                              .mac_holder = "Hewlett Packard",
                              .oui = 0x001f29,
                              .ttl = 64};

static const char rockwell[] = "Rockwell Automation/Allen-Bradley";

const struct model line_server = {.type = "hmi", .mac_holder = dell, .oui = OUI_DELL, .ttl = 128};
const struct model ethernet_bridge = {.type = "plc",
                                      .vendor = rockwell,
                                      .model = "1756-EN2T/D",
                                      .order_number = "1756-EN2T",
                                      .firmware = "11.2",
                                      .hardware = "series D",
                                      .cip_type = 0x0c,
                                      .mac_holder = "Rockwell Automation",
                                      .oui = OUI_ROCKWELL,
                                      .ttl = 64};
const struct model logix_processor = {.type = "plc",
                                      .vendor = rockwell,
                                      .model = "1756-L83E/B",
                                      .order_number = "1756-L83E",
                                      .firmware = "32.11",
                                      .hardware = "series B",
                                      .cip_type = 0x0e};
const struct model digital_inputs = {.type = "io-device",
                                     .vendor = rockwell,
                                     .model = "1756-IB16/A DCIN",
                                     .order_number = "1756-IB16",
                                     .firmware = "3.4",
                                     .hardware = "series A",
                                     .cip_type = 0x07};
const struct model digital_outputs = {.type = "io-device",
                                      .vendor = rockwell,
                                      .model = "1756-OB16E/A DCOUT",
                                      .order_number = "1756-OB16E",
                                      .firmware = "3.2",
                                      .hardware = "series A",
                                      .cip_type = 0x07};
const struct model analog_inputs = {.type = "module",
                                    .vendor = rockwell,
                                    .model = "1756-IF8/A",
                                    .order_number = "1756-IF8",
                                    .firmware = "1.5",
                                    .hardware = "series A",
                                    .cip_type = 0x0a};
const struct model powerflex_drive = {.type = "drive",
                                      .vendor = rockwell,
                                      .model = "PowerFlex 525 2P 400V",
                                      .firmware = "5.1",
                                      .cip_type = 0x02,
                                      .mac_holder = "Rockwell Automation",
                                      .oui = OUI_ROCKWELL,
                                      .ttl = 64};
const struct model wago_controller = {.type = "plc",
                                      .vendor = "WAGO",
                                      .model = "WAGO 750-881 PFC ETHERNET",
                                      .order_number = "750-881",
                                      .firmware = "01.09.14",
                                      .mac_holder = "WAGO Kontakttechnik GmbH",
                                      .oui = 0x0030de,
                                      .ttl = 64};
const struct model distributed_io = {
    .type = "io-device",
    .vendor = "Siemens",
    .model = "ET200SP",
    .order_number = "6ES7 155-6AU01-0BN0",
    .firmware = "V4.2.0",
    .hardware = "1",
    .description = "Siemens, SIMATIC S7, ET200SP, 6ES7 155-6AU01-0BN0, HW: 1, FW: Version V4.2.0",
    .description_tells = TELLS_VENDOR | TELLS_MODEL | TELLS_ORDER_NUMBER | TELLS_FIRMWARE | TELLS_HARDWARE,
    .mac_holder = "Siemens AG",
    .oui = 0xac6417,
    .ttl = 64};

const struct model patient_monitor = {
    .type = "medical-device", .mac_holder = "Draeger Medical Systems, Inc.", .oui = 0x0030e6, .ttl = 64};
const struct model integration_engine = {.type = "medical-server", .mac_holder = dell, .oui = OUI_DELL, .ttl = 64};

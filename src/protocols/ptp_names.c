/* PTP: names of the standard (IEEE 1588-2019 tables 36, 6, 5, 59 and 109). */
#include "protocols/ptp.h"

const char *cd_ptp_type_name(uint8_t type)
{
    switch (type) {
    case CD_PTP_SYNC: return "sync";
    case CD_PTP_DELAY_REQUEST: return "delay request";
    case CD_PTP_PEER_DELAY_REQUEST: return "peer delay request";
    case CD_PTP_PEER_DELAY_RESPONSE: return "peer delay response";
    case CD_PTP_FOLLOW_UP: return "follow up";
    case CD_PTP_DELAY_RESPONSE: return "delay response";
    case CD_PTP_PEER_DELAY_FOLLOW_UP: return "peer delay response follow up";
    case CD_PTP_ANNOUNCE: return "announce";
    case CD_PTP_SIGNALLING: return "signalling";
    case CD_PTP_MANAGEMENT: return "management";
    default: return "reserved message type";
    }
}

const char *cd_ptp_accuracy_name(uint8_t accuracy)
{
    static const char *const names[] = {"25 ns", "100 ns", "250 ns", "1 us", "2.5 us", "10 us",
                                        "25 us", "100 us", "250 us", "1 ms", "2.5 ms", "10 ms",
                                        "25 ms", "100 ms", "250 ms", "1 s",  "10 s",   "more than 10 s"};
    enum { FIRST = 0x20 };
    if (accuracy >= 0x17 && accuracy < FIRST)
        return "better than 25 ns";
    return accuracy >= FIRST && accuracy < FIRST + sizeof names / sizeof *names ? names[accuracy - FIRST] : "unknown";
}

const char *cd_ptp_source_name(uint8_t time_source)
{
    switch (time_source) {
    case 0x10: return "atomic clock";
    case 0x20: return "GNSS";
    case 0x30: return "terrestrial radio";
    case 0x39: return "serial time code";
    case 0x40: return "PTP";
    case 0x50: return "NTP";
    case 0x60: return "set by hand";
    case 0x90: return "other";
    case 0xa0: return "internal oscillator";
    default: return "unknown";
    }
}

/* Of clocks, and of ports and data sets from 0x2000 on. */
const char *cd_ptp_management_name(uint16_t id)
{
    static const char *const of_nodes[] = {
        "NULL_PTP_MANAGEMENT",        "CLOCK_DESCRIPTION", "USER_DESCRIPTION", "SAVE_IN_NON_VOLATILE_STORAGE",
        "RESET_NON_VOLATILE_STORAGE", "INITIALIZE",        "FAULT_LOG",        "FAULT_LOG_RESET"};
    static const char *const of_clocks[] = {"DEFAULT_DATA_SET",
                                            "CURRENT_DATA_SET",
                                            "PARENT_DATA_SET",
                                            "TIME_PROPERTIES_DATA_SET",
                                            "PORT_DATA_SET",
                                            "PRIORITY1",
                                            "PRIORITY2",
                                            "DOMAIN",
                                            "SLAVE_ONLY",
                                            "LOG_ANNOUNCE_INTERVAL",
                                            "ANNOUNCE_RECEIPT_TIMEOUT",
                                            "LOG_SYNC_INTERVAL",
                                            "VERSION_NUMBER",
                                            "ENABLE_PORT",
                                            "DISABLE_PORT",
                                            "TIME",
                                            "CLOCK_ACCURACY",
                                            "UTC_PROPERTIES",
                                            "TRACEABILITY_PROPERTIES",
                                            "TIMESCALE_PROPERTIES",
                                            "UNICAST_NEGOTIATION_ENABLE",
                                            "PATH_TRACE_LIST",
                                            "PATH_TRACE_ENABLE",
                                            "GRANDMASTER_CLUSTER_TABLE",
                                            "UNICAST_MASTER_TABLE",
                                            "UNICAST_MASTER_MAX_TABLE_SIZE",
                                            "ACCEPTABLE_MASTER_TABLE",
                                            "ACCEPTABLE_MASTER_TABLE_ENABLED",
                                            "ACCEPTABLE_MASTER_MAX_TABLE_SIZE",
                                            "ALTERNATE_MASTER",
                                            "ALTERNATE_TIME_OFFSET_ENABLE",
                                            "ALTERNATE_TIME_OFFSET_NAME",
                                            "ALTERNATE_TIME_OFFSET_MAX_KEY",
                                            "ALTERNATE_TIME_OFFSET_PROPERTIES"};
    enum { CLOCKS = 0x2000 };
    if (id < sizeof of_nodes / sizeof *of_nodes)
        return of_nodes[id];
    if (id >= CLOCKS && id < CLOCKS + sizeof of_clocks / sizeof *of_clocks)
        return of_clocks[id - CLOCKS];
    switch (id) {
    case 0x4000: return "TRANSPARENT_CLOCK_DEFAULT_DATA_SET";
    case 0x4001: return "TRANSPARENT_CLOCK_PORT_DATA_SET";
    case 0x4002: return "PRIMARY_DOMAIN";
    case 0x6000: return "DELAY_MECHANISM";
    case 0x6001: return "LOG_MIN_PDELAY_REQ_INTERVAL";
    default: return NULL;
    }
}

const char *cd_ptp_management_error_name(uint16_t error)
{
    switch (error) {
    case 1: return "response too big";
    case 2: return "no such id";
    case 3: return "wrong length";
    case 4: return "wrong value";
    case 5: return "not settable";
    case 6: return "not supported";
    default: return "general error";
    }
}

/* PROFINET IO: names of the standard (IEC 61158-6-10 clause 5). */
#include "protocols/profinet_io.h"

/* Subslots from 0x8000 on are those of interfaces and ports, which engineering tools write in hexadecimal. */
void cd_pnio_text_place(struct cd_text *t, uint32_t api, uint16_t slot, uint16_t subslot)
{
    if (api) {
        cd_text_str(t, "api 0x");
        cd_text_hex(t, api, 4);
        cd_text_char(t, ' ');
    }
    cd_text_str(t, "slot ");
    cd_text_u64(t, slot);
    cd_text_str(t, " subslot ");
    if (subslot >= 0x8000) {
        cd_text_str(t, "0x");
        cd_text_hex(t, subslot, 4);
    } else {
        cd_text_u64(t, subslot);
    }
}

/* 0x8000 to 0xafff are of a subslot. */
static const char *subslot_index_name(uint16_t index)
{
    switch (index) {
    case 0x8000: return "expected identification";
    case 0x8001: return "real identification";
    case 0x800a: return "diagnosis in channel coding";
    case 0x800b: return "diagnosis in all codings";
    case 0x800c: return "diagnosis, maintenance, qualified and status";
    case 0x8010: return "maintenance required in channel coding";
    case 0x8011: return "maintenance demanded in channel coding";
    case 0x8012: return "maintenance required in all codings";
    case 0x8013: return "maintenance demanded in all codings";
    case 0x801e: return "substitute values";
    case 0x8020: return "PDIRSubframeData";
    case 0x8027: return "PDPortDataRealExtended";
    case 0x8028: return "RecordInputDataObjectElement";
    case 0x8029: return "RecordOutputDataObjectElement";
    case 0x802a: return "PDPortDataReal";
    case 0x802b: return "PDPortDataCheck";
    case 0x802c: return "PDIRData";
    case 0x802d: return "PDSyncData";
    case 0x802f: return "PDPortDataAdjust";
    case 0x8030: return "isochronous mode";
    case 0x8031: return "PDTimeData";
    case 0x8050: return "PDInterfaceMrpDataReal";
    case 0x8051: return "PDInterfaceMrpDataCheck";
    case 0x8052: return "PDInterfaceMrpDataAdjust";
    case 0x8053: return "PDPortMrpDataAdjust";
    case 0x8054: return "PDPortMrpDataReal";
    case 0x8060: return "PDPortFODataReal";
    case 0x8061: return "PDPortFODataCheck";
    case 0x8062: return "PDPortFODataAdjust";
    case 0x8070: return "PDNCDataCheck";
    case 0x8071: return "PDInterfaceAdjust";
    case 0x8072: return "PDPortStatistic";
    case 0x8080: return "PDInterfaceDataReal";
    case 0x8090: return "PDInterfaceFSUDataAdjust";
    case 0xaff0: return "I&M0";
    case 0xaff1: return "I&M1";
    case 0xaff2: return "I&M2";
    case 0xaff3: return "I&M3";
    case 0xaff4: return "I&M4";
    case 0xaff5: return "I&M5";
    default: return index >= 0xaff6 && index <= 0xafff ? "I&M" : NULL;
    }
}

/* 0xc000 on: of a slot, 0xe000: of a relation, 0xf000: of an API, 0xf800: of the device. */
static const char *wide_index_name(uint16_t index)
{
    switch (index) {
    case 0xe002: return "module differences";
    case 0xe030: return "isochronous mode";
    case 0xe040: return "multiple write";
    case 0xe050: return "ARFSUDataAdjust";
    case 0xf000: return "real identification of an API";
    case 0xf020: return "ARData of an API";
    case 0xf80c: return "diagnosis of the device";
    case 0xf820: return "ARData";
    case 0xf821: return "APIData";
    case 0xf830: return "log";
    case 0xf831: return "PDevData";
    case 0xf840: return "I&M0 filter";
    case 0xf841: return "PDRealData";
    case 0xf842: return "PDExpectedData";
    case 0xf850: return "auto configuration";
    case 0xf860: return "GSD upload";
    case 0xf880: return "asset management";
    case 0xfbff: return "trigger of connection monitoring";
    default: break;
    }
    uint16_t low = index & 0xfff;
    return index < 0xf800 && (low <= 1 || (low >= 0x00a && low <= 0x013)) ? subslot_index_name((uint16_t)(0x8000 | low))
                                                                          : NULL;
}

const char *cd_pnio_index_name(uint16_t index)
{
    if (index < 0x8000)
        return NULL;
    return index < 0xb000 ? subslot_index_name(index) : index < 0xc000 ? NULL : wide_index_name(index);
}

const char *cd_pnio_control_name(uint16_t command)
{
    switch (command) {
    case 0x0001: return "parameter end";
    case 0x0002: return "application ready";
    case 0x0004: return "release";
    case 0x0008: return "done";
    case 0x0010: return "ready for companion";
    case 0x0020: return "ready for rt class 3";
    case 0x0040: return "parameter begin";
    default: return "other command";
    }
}

const char *cd_pnio_ar_name(uint16_t ar_type)
{
    switch (ar_type) {
    case 0x0001: return "io controller";
    case 0x0006: return "io supervisor";
    case 0x0010: return "io controller rt class 3";
    case 0x0020: return "redundant io controller";
    default: return "other relation";
    }
}

const char *cd_pnio_alarm_name(uint16_t alarm_type)
{
    static const char *const names[] = {"alarm",
                                        "diagnosis alarm",
                                        "process alarm",
                                        "pull alarm",
                                        "plug alarm",
                                        "status alarm",
                                        "update alarm",
                                        "media redundancy alarm",
                                        "controlled by supervisor",
                                        "released",
                                        "plug wrong submodule alarm",
                                        "return of submodule alarm",
                                        "diagnosis disappears alarm",
                                        "multicast communication mismatch alarm",
                                        "port data change alarm",
                                        "sync data changed alarm",
                                        "isochronous mode problem alarm",
                                        "network component problem alarm",
                                        "time data changed alarm",
                                        "dynamic frame packing problem alarm",
                                        "mrpd problem alarm",
                                        "multiple interface mismatch alarm"};
    if (alarm_type == 0x1e)
        return "upload and retrieval alarm";
    if (alarm_type == 0x1f)
        return "pull module alarm";
    if (alarm_type >= 0x20 && alarm_type < 0x80)
        return "manufacturer specific alarm";
    return alarm_type < sizeof names / sizeof *names ? names[alarm_type] : names[0];
}

const char *cd_pnio_channel_error_name(uint16_t error)
{
    static const char *const names[] = {NULL,
                                        "short circuit",
                                        "undervoltage",
                                        "overvoltage",
                                        "overload",
                                        "overtemperature",
                                        "line break",
                                        "upper limit exceeded",
                                        "lower limit exceeded",
                                        "error",
                                        "simulation active"};
    switch (error) {
    case 0x000f: return "parameter missing";
    case 0x0010: return "parameterization fault";
    case 0x0011: return "power supply fault";
    case 0x0012: return "fuse blown";
    case 0x0013: return "communication fault";
    case 0x0014: return "ground fault";
    case 0x0015: return "reference point lost";
    case 0x0016: return "process event lost";
    case 0x0017: return "threshold";
    case 0x0018: return "output disabled";
    case 0x0019: return "safety event";
    case 0x001a: return "external fault";
    case 0x001f: return "temporary fault";
    case 0x0040: return "mismatch of safety destination address";
    case 0x0041: return "safety destination address not valid";
    case 0x0042: return "safety source address not valid";
    case 0x0043: return "safety watchdog time is 0 ms";
    case 0x004b: return "safety parameter inconsistent";
    case 0x8000: return "data transmission impossible";
    case 0x8001: return "remote mismatch";
    case 0x8002: return "media redundancy mismatch";
    case 0x8003: return "sync mismatch";
    case 0x8004: return "isochronous mode mismatch";
    case 0x8005: return "multicast CR mismatch";
    case 0x8007: return "fiber optic mismatch";
    case 0x8008: return "network component function mismatch";
    case 0x8009: return "time mismatch";
    default: return error < sizeof names / sizeof *names ? names[error] : NULL;
    }
}

/* ErrorDecode 0x80, access to records (5.2.6.4.3): the class in the high digit, its code in the low one. */
static const char *access_error_name(uint8_t code)
{
    switch (code) {
    case 0xa0: return "read error";
    case 0xa1: return "write error";
    case 0xa2: return "module failure";
    case 0xa7: return "busy";
    case 0xa8: return "version conflict";
    case 0xa9: return "feature not supported";
    case 0xb0: return "invalid index";
    case 0xb1: return "write length error";
    case 0xb2: return "invalid slot or subslot";
    case 0xb3: return "type conflict";
    case 0xb4: return "invalid area or API";
    case 0xb5: return "state conflict";
    case 0xb6: return "access denied";
    case 0xb7: return "invalid range";
    case 0xb8: return "invalid parameter";
    case 0xb9: return "invalid type";
    case 0xba: return "backup";
    case 0xc0: return "read constrain conflict";
    case 0xc1: return "write constrain conflict";
    case 0xc2: return "resource busy";
    case 0xc3: return "resource unavailable";
    default: return "access error";
    }
}

/* ErrorDecode 0x81: which block or which protocol machine refuses (5.2.6.4.4). */
static const char *protocol_error_name(uint8_t code)
{
    switch (code) {
    case 1: return "faulty ARBlockReq";
    case 2: return "faulty IOCRBlockReq";
    case 3: return "faulty ExpectedSubmoduleBlockReq";
    case 4: return "faulty AlarmCRBlockReq";
    case 5: return "faulty PrmServerBlockReq";
    case 6: return "faulty MCRBlockReq";
    case 7: return "faulty ARRPCBlockReq";
    case 8: return "faulty record";
    case 9: return "faulty IRInfoBlock";
    case 10: return "faulty SRInfoBlock";
    case 11: return "faulty ARFSUBlock";
    case 12: return "faulty ARVendorBlockReq";
    case 13: return "faulty RSInfoBlock";
    case 20:
    case 21: return "faulty control of parameters";
    case 22:
    case 23: return "faulty application ready";
    case 24:
    case 25:
    case 26:
    case 27:
    case 28: return "faulty control block";
    case 40: return "faulty release";
    case 50: return "faulty response to ARBlockReq";
    case 60: return "refused by alarm acknowledgement";
    case 61: return "refused by CMDEV";
    case 62: return "refused by CMCTL";
    case 63: return "refused by CTLDINA";
    case 64: return "refused by CMRPC";
    case 65: return "refused by ALPMI";
    case 66: return "refused by ALPMR";
    case 67: return "refused by LMPM";
    case 68: return "refused by MAC";
    case 69: return "refused by RPC";
    case 70: return "refused by APMR";
    case 71: return "refused by APMS";
    case 72: return "refused by CPM";
    case 73: return "refused by PPM";
    case 253: return "relation aborted";
    case 255: return "user specific error";
    default: return "protocol error";
    }
}

/* ErrorCode2 of an RTA abort: why the relation ended (5.2.6.4.6). */
static const char *abort_name(uint8_t code)
{
    switch (code) {
    case 1: return "relation aborted: sequence error";
    case 2: return "relation aborted: instance closed";
    case 3: return "relation aborted: out of memory";
    case 4: return "relation aborted: adding of provider or consumer failed";
    case 5: return "relation aborted: consumer watchdog expired";
    case 6: return "relation aborted: initiator timeout";
    case 7: return "relation aborted: protocol timeout";
    case 8: return "relation aborted: alarm transport failed";
    case 9: return "relation aborted: alarm could not be sent";
    case 10: return "relation aborted: alarm acknowledgement could not be sent";
    case 11: return "relation aborted: alarm data too long";
    case 12: return "relation aborted: alarm indication failed";
    case 13: return "relation aborted: remote procedure call failed";
    case 14: return "relation aborted: wrong answer";
    case 15: return "relation aborted: released";
    case 16: return "relation aborted: control failed";
    case 17: return "relation aborted: control wrong";
    case 18: return "relation aborted: control could not be sent";
    case 19: return "relation aborted: reset by the user";
    case 20: return "relation aborted: parameter end missing";
    case 21: return "relation aborted: AR removed";
    case 22: return "relation aborted: link down";
    case 23: return "relation aborted: address not resolved or changed";
    case 24: return "relation aborted: multicast sender failed";
    case 25: return "relation aborted: station name or address set by DCP";
    case 26: return "relation aborted: reset by DCP";
    case 27: return "relation aborted: parameters faulty";
    default: return "relation aborted";
    }
}

const char *cd_pnio_status_name(uint32_t status)
{
    uint8_t code = (uint8_t)(status >> 24), decode = (uint8_t)(status >> 16), code1 = (uint8_t)(status >> 8);
    if (status == 0)
        return NULL;
    if (decode == 0x80)
        return access_error_name(code1);
    if (decode == 0x81)
        return code == 0xcf && code1 == 253 ? abort_name((uint8_t)status) : protocol_error_name(code1);
    return decode == 0x82 ? "manufacturer specific error" : "error";
}

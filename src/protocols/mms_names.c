/* Names of ISO 9506-2: services, classes of objects, errors. */
#include "protocols/mms.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ConfirmedServiceRequest by tag number (clause 7.3). Operations of event conditions and journals that alter what is recorded or alarmed count as
 * configuration; lists of variables (data sets) are made by every client and do not. */
static const struct cd_mms_service services[] = {
    [0] = {"status", CD_CLASS_DIAGNOSE, CD_MMS_SHAPE_NONE},
    [1] = {"get name list", CD_CLASS_READ, CD_MMS_SHAPE_NAME_LIST},
    [2] = {"identify", CD_CLASS_IDENTIFY, CD_MMS_SHAPE_NONE},
    [3] = {"rename", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_NONE},
    [4] = {"read", CD_CLASS_READ, CD_MMS_SHAPE_READ},
    [5] = {"write", CD_CLASS_WRITE, CD_MMS_SHAPE_WRITE},
    [6] = {"get variable access attributes", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT_FIELD},
    [7] = {"define named variable", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIRST},
    [8] = {"define scattered access", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIRST},
    [9] = {"get scattered access attributes", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [10] = {"delete variable access", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECTS},
    [11] = {"define named variable list", CD_CLASS_WRITE, CD_MMS_SHAPE_OBJECT_FIRST},
    [12] = {"get named variable list attributes", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [13] = {"delete named variable list", CD_CLASS_WRITE, CD_MMS_SHAPE_OBJECTS},
    [14] = {"define named type", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIRST},
    [15] = {"get named type attributes", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [16] = {"delete named type", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECTS},
    [17] = {"input", CD_CLASS_OTHER, CD_MMS_SHAPE_TEXT_FIELD},
    [18] = {"output", CD_CLASS_OTHER, CD_MMS_SHAPE_TEXT_FIELD},
    [19] = {"take control", CD_CLASS_SESSION, CD_MMS_SHAPE_OBJECT_FIELD},
    [20] = {"relinquish control", CD_CLASS_SESSION, CD_MMS_SHAPE_OBJECT_FIELD},
    [21] = {"define semaphore", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIELD},
    [22] = {"delete semaphore", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT},
    [23] = {"report semaphore status", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [24] = {"report pool semaphore status", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT_FIELD},
    [25] = {"report semaphore entry status", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT_FIELD},
    [26] = {"initiate download sequence", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT_FIELD},
    [27] = {"download segment", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT},
    [28] = {"terminate download sequence", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT_FIELD},
    [29] = {"initiate upload sequence", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT},
    [30] = {"upload segment", CD_CLASS_PROGRAM, CD_MMS_SHAPE_NUMBER},
    [31] = {"terminate upload sequence", CD_CLASS_PROGRAM, CD_MMS_SHAPE_NUMBER},
    [32] = {"request domain download", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT_FIELD},
    [33] = {"request domain upload", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT_FIELD},
    [34] = {"load domain content", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT_FIELD},
    [35] = {"store domain content", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT_FIELD},
    [36] = {"delete domain", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT},
    [37] = {"get domain attributes", CD_CLASS_READ, CD_MMS_SHAPE_TEXT},
    [38] = {"create program invocation", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT_FIELD},
    [39] = {"delete program invocation", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT},
    [40] = {"start", CD_CLASS_MODE, CD_MMS_SHAPE_TEXT_FIELD},
    [41] = {"stop", CD_CLASS_MODE, CD_MMS_SHAPE_TEXT_FIELD},
    [42] = {"resume", CD_CLASS_MODE, CD_MMS_SHAPE_TEXT_FIELD},
    [43] = {"reset", CD_CLASS_MODE, CD_MMS_SHAPE_TEXT_FIELD},
    [44] = {"kill", CD_CLASS_MODE, CD_MMS_SHAPE_TEXT_FIELD},
    [45] = {"get program invocation attributes", CD_CLASS_READ, CD_MMS_SHAPE_TEXT},
    [46] = {"obtain file", CD_CLASS_FILE, CD_MMS_SHAPE_OBTAIN},
    [47] = {"define event condition", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIELD},
    [48] = {"delete event condition", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_NONE},
    [49] = {"get event condition attributes", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [50] = {"report event condition status", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [51] = {"alter event condition monitoring", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIELD},
    [52] = {"trigger event", CD_CLASS_CONTROL, CD_MMS_SHAPE_OBJECT_FIELD},
    [53] = {"define event action", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIELD},
    [54] = {"delete event action", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_NONE},
    [55] = {"get event action attributes", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [56] = {"report event action status", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [57] = {"define event enrollment", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIELD},
    [58] = {"delete event enrollment", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_NONE},
    [59] = {"alter event enrollment", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIELD},
    [60] = {"report event enrollment status", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [61] = {"get event enrollment attributes", CD_CLASS_READ, CD_MMS_SHAPE_NONE},
    [62] = {"acknowledge event notification", CD_CLASS_ALARM, CD_MMS_SHAPE_OBJECT_FIELD},
    [63] = {"get alarm summary", CD_CLASS_ALARM, CD_MMS_SHAPE_NONE},
    [64] = {"get alarm enrollment summary", CD_CLASS_ALARM, CD_MMS_SHAPE_NONE},
    [65] = {"read journal", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT_FIELD},
    [66] = {"write journal", CD_CLASS_WRITE, CD_MMS_SHAPE_OBJECT_FIELD},
    [67] = {"initialize journal", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIELD},
    [68] = {"report journal status", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [69] = {"create journal", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIELD},
    [70] = {"delete journal", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_OBJECT_FIELD},
    [71] = {"get capability list", CD_CLASS_IDENTIFY, CD_MMS_SHAPE_NONE},
    [72] = {"file open", CD_CLASS_FILE, CD_MMS_SHAPE_FILE_FIELD},
    [73] = {"file read", CD_CLASS_FILE, CD_MMS_SHAPE_NUMBER},
    [74] = {"file close", CD_CLASS_FILE, CD_MMS_SHAPE_NUMBER},
    [75] = {"file rename", CD_CLASS_FILE, CD_MMS_SHAPE_TWO_FILES},
    [76] = {"file delete", CD_CLASS_FILE, CD_MMS_SHAPE_FILE},
    [77] = {"file directory", CD_CLASS_FILE, CD_MMS_SHAPE_FILE_FIELD},
    [78] = {"additional service", CD_CLASS_OTHER, CD_MMS_SHAPE_NONE},
    [80] = {"get data exchange attributes", CD_CLASS_READ, CD_MMS_SHAPE_OBJECT},
    [81] = {"exchange data", CD_CLASS_WRITE, CD_MMS_SHAPE_OBJECT_FIELD},
    [82] = {"define access control list", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_TEXT_FIELD},
    [83] = {"get access control list attributes", CD_CLASS_READ, CD_MMS_SHAPE_NONE},
    [84] = {"report access controlled objects", CD_CLASS_READ, CD_MMS_SHAPE_TEXT_FIELD},
    [85] = {"delete access control list", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_TEXT},
    [86] = {"change access control", CD_CLASS_CONFIGURE, CD_MMS_SHAPE_NONE},
    [87] = {"reconfigure program invocation", CD_CLASS_PROGRAM, CD_MMS_SHAPE_TEXT_FIELD},
};

const struct cd_mms_service *cd_mms_service(uint32_t tag)
{
    static const struct cd_mms_service unknown = {"unknown service", CD_CLASS_OTHER, CD_MMS_SHAPE_NONE};
    return tag < COUNT(services) && services[tag].name ? &services[tag] : &unknown;
}

const char *cd_mms_unconfirmed_name(uint32_t tag)
{
    static const char *const names[] = {"information report", "unsolicited status", "event notification"};
    return tag < COUNT(names) ? names[tag] : "unknown unconfirmed service";
}

const char *cd_mms_object_class_name(uint8_t code)
{
    static const char *const names[] = {"named variables", "scattered accesses",  "named variable lists",
                                        "named types",     "semaphores",          "event conditions",
                                        "event actions",   "event enrollments",   "journals",
                                        "domains",         "program invocations", "operator stations",
                                        "data exchanges",  "access control lists"};
    return code < COUNT(names) ? names[code] : "objects";
}

/* ---- errors ---- */

/* DataAccessError (clause 7.4.2). */
const char *cd_mms_access_error_name(uint8_t code)
{
    static const char *const names[] = {
        "object invalidated",        "hardware fault",      "temporarily unavailable",
        "object access denied",      "object undefined",    "invalid address",
        "type unsupported",          "type inconsistent",   "object attribute inconsistent",
        "object access unsupported", "object non-existent", "object value invalid"};
    return code < COUNT(names) ? names[code] : "data access error";
}

enum { ERROR_CLASSES = 13, ERROR_CODES = 10 };

/* ServiceError (clause 7.4.1): by class, by code; code 0 is "other" in every class. */
static const char *const errors[ERROR_CLASSES][ERROR_CODES] = {
    {"VMD state", "VMD state conflict", "VMD operational problem", "domain transfer problem",
     "state machine id invalid"},
    {"application reference", "application unreachable", "connection lost", "application reference invalid",
     "context unsupported"},
    {"definition", "object undefined", "invalid address", "type unsupported", "type inconsistent", "object exists",
     "object attribute inconsistent"},
    {"resource", "memory unavailable", "processor resource unavailable", "mass storage unavailable",
     "capability unavailable", "capability unknown"},
    {"service", "primitives out of sequence", "object state conflict", "PDU size", "continuation invalid",
     "object constraint conflict"},
    {"service preempted", "timeout", "deadlock", "cancelled"},
    {"time resolution", "unsupportable time resolution"},
    {"access", "object access unsupported", "object non-existent", "object access denied", "object invalidated"},
    {"initiate", "version incompatible", "maximum segment insufficient",
     "maximum services outstanding calling insufficient", "maximum services outstanding called insufficient",
     "service CBB insufficient", "parameter CBB insufficient", "nesting level insufficient"},
    {"conclude", "further communication required"},
    {"cancel", "invoke id unknown", "cancel not possible"},
    {"file", "filename ambiguous", "file busy", "filename syntax error", "content type invalid", "position invalid",
     "file access denied", "file non-existent", "duplicate filename", "insufficient space in filestore"},
    {"other"},
};

const char *cd_mms_error_name(uint8_t error_class, uint8_t error_code)
{
    if (error_class >= ERROR_CLASSES)
        return "error";
    const char *name = error_code < ERROR_CODES ? errors[error_class][error_code] : NULL;
    return name ? name : errors[error_class][0];
}

/* RejectPDU: the kind of PDU that was refused (clause 7.1.4). */
const char *cd_mms_reject_name(uint8_t pdu)
{
    static const char *const names[] = {"rejected",
                                        "request rejected",
                                        "response rejected",
                                        "error rejected",
                                        "unconfirmed PDU rejected",
                                        "PDU rejected",
                                        "cancel request rejected",
                                        "cancel response rejected",
                                        "cancel error rejected",
                                        "conclude request rejected",
                                        "conclude response rejected",
                                        "conclude error rejected"};
    return pdu < COUNT(names) ? names[pdu] : names[0];
}

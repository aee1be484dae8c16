/* Message types and trigger events (HL7 2.8.2 tables 0076 and 0003), acknowledgement codes (0008) and message errors (0357).
 *
 * Classes: what asks for data, hands out what was asked for or what was measured is read; what changes records at the receiver is write; commands to laboratory
 * automation are control and its test settings configure (chapter 13); alerts are alarm; acknowledgements belong to the session. */
#include "protocols/hl7.h"

#include <string.h>

/* Sorted: a type alone stands before its events. */
/* clang-format off */
static const struct cd_hl7_message_type message_types[] = {
    {"ACK", "acknowledgement", CD_CLASS_SESSION},
    {"ADR^A19", "patient query response", CD_CLASS_READ},
    {"ADT", "patient administration", CD_CLASS_WRITE},
    {"ADT^A01", "admit patient", CD_CLASS_WRITE},
    {"ADT^A02", "transfer patient", CD_CLASS_WRITE},
    {"ADT^A03", "discharge patient", CD_CLASS_WRITE},
    {"ADT^A04", "register patient", CD_CLASS_WRITE},
    {"ADT^A05", "pre-admit patient", CD_CLASS_WRITE},
    {"ADT^A06", "change outpatient to inpatient", CD_CLASS_WRITE},
    {"ADT^A07", "change inpatient to outpatient", CD_CLASS_WRITE},
    {"ADT^A08", "update patient information", CD_CLASS_WRITE},
    {"ADT^A09", "patient departing", CD_CLASS_WRITE},
    {"ADT^A10", "patient arriving", CD_CLASS_WRITE},
    {"ADT^A11", "cancel admit", CD_CLASS_WRITE},
    {"ADT^A12", "cancel transfer", CD_CLASS_WRITE},
    {"ADT^A13", "cancel discharge", CD_CLASS_WRITE},
    {"ADT^A14", "pending admit", CD_CLASS_WRITE},
    {"ADT^A15", "pending transfer", CD_CLASS_WRITE},
    {"ADT^A16", "pending discharge", CD_CLASS_WRITE},
    {"ADT^A17", "swap patients", CD_CLASS_WRITE},
    {"ADT^A18", "merge patient information", CD_CLASS_WRITE},
    {"ADT^A20", "bed status update", CD_CLASS_WRITE},
    {"ADT^A21", "leave of absence", CD_CLASS_WRITE},
    {"ADT^A22", "return from leave of absence", CD_CLASS_WRITE},
    {"ADT^A23", "delete patient record", CD_CLASS_WRITE},
    {"ADT^A24", "link patient information", CD_CLASS_WRITE},
    {"ADT^A25", "cancel pending discharge", CD_CLASS_WRITE},
    {"ADT^A26", "cancel pending transfer", CD_CLASS_WRITE},
    {"ADT^A27", "cancel pending admit", CD_CLASS_WRITE},
    {"ADT^A28", "add person information", CD_CLASS_WRITE},
    {"ADT^A29", "delete person information", CD_CLASS_WRITE},
    {"ADT^A30", "merge person information", CD_CLASS_WRITE},
    {"ADT^A31", "update person information", CD_CLASS_WRITE},
    {"ADT^A32", "cancel patient arriving", CD_CLASS_WRITE},
    {"ADT^A33", "cancel patient departing", CD_CLASS_WRITE},
    {"ADT^A34", "merge patient id", CD_CLASS_WRITE},
    {"ADT^A35", "merge account number", CD_CLASS_WRITE},
    {"ADT^A36", "merge patient id and account", CD_CLASS_WRITE},
    {"ADT^A37", "unlink patient information", CD_CLASS_WRITE},
    {"ADT^A38", "cancel pre-admit", CD_CLASS_WRITE},
    {"ADT^A39", "merge person", CD_CLASS_WRITE},
    {"ADT^A40", "merge patient", CD_CLASS_WRITE},
    {"ADT^A41", "merge account", CD_CLASS_WRITE},
    {"ADT^A42", "merge visit", CD_CLASS_WRITE},
    {"ADT^A43", "move patient information", CD_CLASS_WRITE},
    {"ADT^A44", "move account information", CD_CLASS_WRITE},
    {"ADT^A45", "move visit information", CD_CLASS_WRITE},
    {"ADT^A46", "change patient id", CD_CLASS_WRITE},
    {"ADT^A47", "change patient identifier list", CD_CLASS_WRITE},
    {"ADT^A48", "change alternate patient id", CD_CLASS_WRITE},
    {"ADT^A49", "change account number", CD_CLASS_WRITE},
    {"ADT^A50", "change visit number", CD_CLASS_WRITE},
    {"ADT^A51", "change alternate visit id", CD_CLASS_WRITE},
    {"ADT^A52", "cancel leave of absence", CD_CLASS_WRITE},
    {"ADT^A53", "cancel return from leave", CD_CLASS_WRITE},
    {"ADT^A54", "change attending doctor", CD_CLASS_WRITE},
    {"ADT^A55", "cancel change of attending doctor", CD_CLASS_WRITE},
    {"ADT^A60", "update allergy information", CD_CLASS_WRITE},
    {"ADT^A61", "change consulting doctor", CD_CLASS_WRITE},
    {"ADT^A62", "cancel change of consulting doctor", CD_CLASS_WRITE},
    {"BAR", "billing account", CD_CLASS_WRITE},
    {"BAR^P01", "add patient account", CD_CLASS_WRITE},
    {"BAR^P02", "purge patient account", CD_CLASS_WRITE},
    {"BAR^P05", "update account", CD_CLASS_WRITE},
    {"BAR^P06", "end account", CD_CLASS_WRITE},
    {"BAR^P10", "ambulatory payment classification", CD_CLASS_WRITE},
    {"BAR^P12", "update diagnoses and procedures", CD_CLASS_WRITE},
    {"BPS^O29", "blood product dispense status", CD_CLASS_WRITE},
    {"BRP^O30", "blood product dispense acknowledgement", CD_CLASS_SESSION},
    {"BRT^O32", "blood product transfusion acknowledgement", CD_CLASS_SESSION},
    {"BTS^O31", "blood product transfusion", CD_CLASS_WRITE},
    {"CCM^I21", "collaborative care message", CD_CLASS_WRITE},
    {"CRM^C01", "register patient on trial", CD_CLASS_WRITE},
    {"CSU^C09", "clinical study data", CD_CLASS_WRITE},
    {"DFT", "financial transaction", CD_CLASS_WRITE},
    {"DFT^P03", "post financial transaction", CD_CLASS_WRITE},
    {"DFT^P11", "post financial transaction, expanded", CD_CLASS_WRITE},
    {"DOC^T12", "document response", CD_CLASS_READ},
    {"DSR^Q01", "display query response", CD_CLASS_READ},
    {"DSR^Q03", "deferred display response", CD_CLASS_READ},
    {"EAC^U07", "automated equipment command", CD_CLASS_CONTROL},
    {"EAN^U09", "automated equipment notification", CD_CLASS_ALARM},
    {"EAR^U08", "automated equipment response", CD_CLASS_SESSION},
    {"EHC^E01", "submit health care invoice", CD_CLASS_WRITE},
    {"ESR^U02", "equipment status request", CD_CLASS_READ},
    {"ESU^U01", "equipment status update", CD_CLASS_DIAGNOSE},
    {"INR^U06", "inventory request", CD_CLASS_READ},
    {"INR^U14", "inventory request", CD_CLASS_READ},
    {"INU^U05", "inventory update", CD_CLASS_READ},
    {"LSR^U13", "equipment log request", CD_CLASS_READ},
    {"LSU^U12", "equipment log update", CD_CLASS_DIAGNOSE},
    {"MDM", "medical document", CD_CLASS_WRITE},
    {"MDM^T01", "document status notification", CD_CLASS_WRITE},
    {"MDM^T02", "new document with content", CD_CLASS_WRITE},
    {"MDM^T03", "document status change", CD_CLASS_WRITE},
    {"MDM^T04", "document status change with content", CD_CLASS_WRITE},
    {"MDM^T05", "document addendum", CD_CLASS_WRITE},
    {"MDM^T06", "document addendum with content", CD_CLASS_WRITE},
    {"MDM^T07", "document edit", CD_CLASS_WRITE},
    {"MDM^T08", "document edit with content", CD_CLASS_WRITE},
    {"MDM^T09", "document replacement", CD_CLASS_WRITE},
    {"MDM^T10", "document replacement with content", CD_CLASS_WRITE},
    {"MDM^T11", "document cancel", CD_CLASS_WRITE},
    {"MFK", "master file acknowledgement", CD_CLASS_SESSION},
    {"MFN", "master file", CD_CLASS_WRITE},
    {"MFN^M01", "master file", CD_CLASS_WRITE},
    {"MFN^M02", "staff master file", CD_CLASS_WRITE},
    {"MFN^M03", "test and observation master file", CD_CLASS_WRITE},
    {"MFN^M04", "charge master file", CD_CLASS_WRITE},
    {"MFN^M05", "location master file", CD_CLASS_WRITE},
    {"MFN^M06", "clinical study master file", CD_CLASS_WRITE},
    {"MFN^M08", "numeric observation master file", CD_CLASS_WRITE},
    {"MFN^M09", "categorical observation master file", CD_CLASS_WRITE},
    {"MFN^M10", "test battery master file", CD_CLASS_WRITE},
    {"MFN^M11", "calculated observation master file", CD_CLASS_WRITE},
    {"MFN^M12", "additional observation master file", CD_CLASS_WRITE},
    {"MFN^M13", "master file", CD_CLASS_WRITE},
    {"MFN^M14", "site defined master file", CD_CLASS_WRITE},
    {"MFN^M15", "inventory item master file", CD_CLASS_WRITE},
    {"MFQ^M01", "master file query", CD_CLASS_READ},
    {"MFR^M01", "master file response", CD_CLASS_READ},
    {"NMD^N02", "application management data", CD_CLASS_DIAGNOSE},
    {"NMQ^N01", "application management query", CD_CLASS_DIAGNOSE},
    {"NMR^N01", "application management response", CD_CLASS_DIAGNOSE},
    {"OMB^O27", "blood product order", CD_CLASS_WRITE},
    {"OMD^O03", "diet order", CD_CLASS_WRITE},
    {"OMG^O19", "general clinical order", CD_CLASS_WRITE},
    {"OMI^O23", "imaging order", CD_CLASS_WRITE},
    {"OML^O21", "laboratory order", CD_CLASS_WRITE},
    {"OML^O33", "laboratory order by specimen", CD_CLASS_WRITE},
    {"OML^O35", "laboratory order by container", CD_CLASS_WRITE},
    {"OML^O39", "specimen shipment laboratory order", CD_CLASS_WRITE},
    {"OMN^O07", "non-stock requisition", CD_CLASS_WRITE},
    {"OMP^O09", "pharmacy order", CD_CLASS_WRITE},
    {"OMS^O05", "stock requisition", CD_CLASS_WRITE},
    {"OPL^O37", "population laboratory order", CD_CLASS_WRITE},
    {"ORA^R33", "observation acknowledgement", CD_CLASS_SESSION},
    {"ORA^R41", "alert acknowledgement", CD_CLASS_SESSION},
    {"ORB^O28", "blood product order acknowledgement", CD_CLASS_SESSION},
    {"ORD^O04", "diet order acknowledgement", CD_CLASS_SESSION},
    {"ORF^R04", "observation query response", CD_CLASS_READ},
    {"ORG^O20", "general clinical order response", CD_CLASS_SESSION},
    {"ORI^O24", "imaging order response", CD_CLASS_SESSION},
    {"ORL^O22", "laboratory order response", CD_CLASS_SESSION},
    {"ORL^O34", "laboratory order response by specimen", CD_CLASS_SESSION},
    {"ORL^O36", "laboratory order response by container", CD_CLASS_SESSION},
    {"ORM^O01", "order", CD_CLASS_WRITE},
    {"ORN^O08", "non-stock requisition acknowledgement", CD_CLASS_SESSION},
    {"ORP^O10", "pharmacy order acknowledgement", CD_CLASS_SESSION},
    {"ORR^O02", "order response", CD_CLASS_SESSION},
    {"ORS^O06", "stock requisition acknowledgement", CD_CLASS_SESSION},
    {"ORU", "observation result", CD_CLASS_READ},
    {"ORU^R01", "observation result", CD_CLASS_READ},
    {"ORU^R30", "point-of-care observation without order", CD_CLASS_READ},
    {"ORU^R31", "point-of-care observation, find order", CD_CLASS_READ},
    {"ORU^R32", "point-of-care observation with order", CD_CLASS_READ},
    {"ORU^R40", "alert observation", CD_CLASS_ALARM},
    {"ORU^R42", "device event observation", CD_CLASS_READ},
    {"OSQ^Q06", "order status query", CD_CLASS_READ},
    {"OSR^Q06", "order status response", CD_CLASS_READ},
    {"OUL", "laboratory result", CD_CLASS_READ},
    {"OUL^R21", "laboratory result", CD_CLASS_READ},
    {"OUL^R22", "specimen result", CD_CLASS_READ},
    {"OUL^R23", "specimen container result", CD_CLASS_READ},
    {"OUL^R24", "order result", CD_CLASS_READ},
    {"PEX^P07", "product experience report", CD_CLASS_ALARM},
    {"PEX^P08", "product experience report update", CD_CLASS_ALARM},
    {"PGL^PC6", "patient goals", CD_CLASS_WRITE},
    {"PMU", "personnel management", CD_CLASS_WRITE},
    {"PMU^B01", "add personnel record", CD_CLASS_WRITE},
    {"PMU^B02", "update personnel record", CD_CLASS_WRITE},
    {"PMU^B03", "delete personnel record", CD_CLASS_WRITE},
    {"PPG^PCG", "patient pathway, goal oriented", CD_CLASS_WRITE},
    {"PPP^PCB", "patient pathway, problem oriented", CD_CLASS_WRITE},
    {"PPR^PC1", "patient problem", CD_CLASS_WRITE},
    {"QBP", "query by parameter", CD_CLASS_READ},
    {"QBP^Q11", "query by parameter", CD_CLASS_READ},
    {"QBP^Q13", "tabular query", CD_CLASS_READ},
    {"QBP^Q15", "display query", CD_CLASS_READ},
    {"QBP^Q21", "get person demographics", CD_CLASS_READ},
    {"QBP^Q22", "find patients", CD_CLASS_READ},
    {"QBP^Q23", "get corresponding identifiers", CD_CLASS_READ},
    {"QBP^Q24", "allocate identifiers", CD_CLASS_READ},
    {"QBP^Q25", "personnel information query", CD_CLASS_READ},
    {"QBP^Q31", "dispense history query", CD_CLASS_READ},
    {"QBP^ZV1", "find patient and visit", CD_CLASS_READ},
    {"QCK^Q02", "deferred query acknowledgement", CD_CLASS_SESSION},
    {"QCN^J01", "cancel query", CD_CLASS_SESSION},
    {"QRY", "query", CD_CLASS_READ},
    {"QRY^A19", "patient query", CD_CLASS_READ},
    {"QRY^Q01", "display query", CD_CLASS_READ},
    {"QRY^Q02", "deferred display query", CD_CLASS_READ},
    {"QRY^R02", "observation query", CD_CLASS_READ},
    {"QRY^T12", "document query", CD_CLASS_READ},
    {"QSB^Q16", "create subscription", CD_CLASS_SESSION},
    {"QSX^J02", "cancel subscription", CD_CLASS_SESSION},
    {"QVR^Q17", "query for previous events", CD_CLASS_READ},
    {"RAR^RAR", "administration information", CD_CLASS_READ},
    {"RAS^O17", "pharmacy administration", CD_CLASS_WRITE},
    {"RCI^I05", "patient clinical information", CD_CLASS_READ},
    {"RDE^O11", "pharmacy encoded order", CD_CLASS_WRITE},
    {"RDE^O25", "pharmacy refill request", CD_CLASS_WRITE},
    {"RDR^RDR", "dispense information", CD_CLASS_READ},
    {"RDS^O13", "pharmacy dispense", CD_CLASS_WRITE},
    {"REF^I12", "patient referral", CD_CLASS_WRITE},
    {"REF^I13", "modify patient referral", CD_CLASS_WRITE},
    {"REF^I14", "cancel patient referral", CD_CLASS_WRITE},
    {"RGV^O15", "pharmacy give", CD_CLASS_WRITE},
    {"ROR^ROR", "pharmacy prescription order response", CD_CLASS_READ},
    {"RPI^I01", "insurance information", CD_CLASS_READ},
    {"RPL^I02", "patient list", CD_CLASS_READ},
    {"RQA^I08", "request for authorization", CD_CLASS_WRITE},
    {"RQI^I01", "request for insurance information", CD_CLASS_READ},
    {"RQP^I04", "request for patient demographics", CD_CLASS_READ},
    {"RRA^O18", "administration acknowledgement", CD_CLASS_SESSION},
    {"RRD^O14", "dispense acknowledgement", CD_CLASS_SESSION},
    {"RRE^O12", "encoded order acknowledgement", CD_CLASS_SESSION},
    {"RRG^O16", "give acknowledgement", CD_CLASS_SESSION},
    {"RRI^I12", "referral response", CD_CLASS_SESSION},
    {"RSP", "query response", CD_CLASS_READ},
    {"RSP^K11", "query response", CD_CLASS_READ},
    {"RSP^K21", "person demographics response", CD_CLASS_READ},
    {"RSP^K22", "find patients response", CD_CLASS_READ},
    {"RSP^K23", "corresponding identifiers response", CD_CLASS_READ},
    {"RSP^K24", "allocate identifiers response", CD_CLASS_READ},
    {"RSP^K25", "personnel information response", CD_CLASS_READ},
    {"RSP^K31", "dispense history response", CD_CLASS_READ},
    {"RTB^K13", "tabular query response", CD_CLASS_READ},
    {"SIU", "appointment", CD_CLASS_WRITE},
    {"SIU^S12", "new appointment", CD_CLASS_WRITE},
    {"SIU^S13", "appointment rescheduled", CD_CLASS_WRITE},
    {"SIU^S14", "appointment modified", CD_CLASS_WRITE},
    {"SIU^S15", "appointment cancelled", CD_CLASS_WRITE},
    {"SIU^S16", "appointment discontinued", CD_CLASS_WRITE},
    {"SIU^S17", "appointment deleted", CD_CLASS_WRITE},
    {"SIU^S18", "resource added to appointment", CD_CLASS_WRITE},
    {"SIU^S19", "resource modified", CD_CLASS_WRITE},
    {"SIU^S20", "resource cancelled", CD_CLASS_WRITE},
    {"SIU^S21", "resource discontinued", CD_CLASS_WRITE},
    {"SIU^S22", "resource deleted", CD_CLASS_WRITE},
    {"SIU^S23", "schedule slots blocked", CD_CLASS_WRITE},
    {"SIU^S24", "schedule slots opened", CD_CLASS_WRITE},
    {"SIU^S26", "patient did not show up", CD_CLASS_WRITE},
    {"SQM^S25", "schedule query", CD_CLASS_READ},
    {"SQR^S25", "schedule query response", CD_CLASS_READ},
    {"SRM", "appointment request", CD_CLASS_WRITE},
    {"SRM^S01", "appointment request", CD_CLASS_WRITE},
    {"SRR", "schedule request response", CD_CLASS_SESSION},
    {"SSR^U04", "specimen status request", CD_CLASS_READ},
    {"SSU^U03", "specimen status update", CD_CLASS_READ},
    {"SUR^P09", "summary product experience report", CD_CLASS_ALARM},
    {"TBR^R09", "tabular data response", CD_CLASS_READ},
    {"TCR^U11", "test code settings request", CD_CLASS_READ},
    {"TCU^U10", "test code settings update", CD_CLASS_CONFIGURE},
    {"UDM^Q05", "unsolicited display update", CD_CLASS_READ},
    {"VQQ^Q07", "virtual table query", CD_CLASS_READ},
    {"VXQ^V01", "vaccination query", CD_CLASS_READ},
    {"VXR^V03", "vaccination response", CD_CLASS_READ},
    {"VXU^V04", "vaccination update", CD_CLASS_WRITE},
    {"VXX^V02", "vaccination candidates", CD_CLASS_READ},
};
/* clang-format on */
enum { MESSAGE_TYPES = sizeof message_types / sizeof *message_types };

/* Type and event as one number, in the order of the table; 0 where they are not of three letters. */
static uint64_t key_of(const char *type, size_t type_len, const char *event, size_t event_len)
{
    uint64_t key = 0;
    if (type_len != 3 || (event_len != 3 && event_len != 0))
        return 0;
    for (size_t i = 0; i < 3; i++)
        key = key << 8 | (uint8_t)type[i];
    for (size_t i = 0; i < 3; i++)
        key = key << 8 | (event_len ? (uint8_t)event[i] : 0);
    return key;
}

/* The first entry that does not stand before this key; MESSAGE_TYPES where all do. */
static size_t lower_bound(uint64_t key)
{
    size_t low = 0, high = MESSAGE_TYPES;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const char *code = message_types[middle].code;
        if (key_of(code, 3, code + 4, code[3] ? 3 : 0) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct cd_hl7_message_type *cd_hl7_message_type(struct cd_hl7_text type, struct cd_hl7_text event)
{
    uint64_t key = key_of(type.bytes, type.len, event.bytes, event.len);
    const struct cd_hl7_message_type *found = cd_hl7_message_kind(type);
    if (!found || event.len == 0)
        return found && found->code[3] == '\0' ? found : NULL;
    size_t at = lower_bound(key);
    if (at == MESSAGE_TYPES || memcmp(message_types[at].code, type.bytes, 3) != 0)
        return NULL;
    found = &message_types[at];
    return event.len == 3 && found->code[3] && memcmp(found->code + 4, event.bytes, 3) == 0 ? found : NULL;
}

const struct cd_hl7_message_type *cd_hl7_message_kind(struct cd_hl7_text type)
{
    uint64_t key = key_of(type.bytes, type.len, "", 0);
    size_t at = key ? lower_bound(key) : MESSAGE_TYPES;
    return at < MESSAGE_TYPES && memcmp(message_types[at].code, type.bytes, 3) == 0 ? &message_types[at] : NULL;
}

static const struct {
    const char *code, *error;
} reasons[] = {
    {"100", "segment sequence error"},
    {"101", "required field missing"},
    {"102", "data type error"},
    {"103", "table value not found"},
    {"104", "value too long"},
    {"198", "non-conformant cardinality"},
    {"199", "other message error"},
    {"200", "unsupported message type"},
    {"201", "unsupported event code"},
    {"202", "unsupported processing id"},
    {"203", "unsupported version"},
    {"204", "unknown key identifier"},
    {"205", "duplicate key identifier"},
    {"206", "application record locked"},
    {"207", "application internal error"},
};

const char *cd_hl7_refusal(struct cd_hl7_text acknowledgement, struct cd_hl7_text reason)
{
    const char *error = cd_hl7_is(acknowledgement, "AE")   ? "application error"
                        : cd_hl7_is(acknowledgement, "AR") ? "application reject"
                        : cd_hl7_is(acknowledgement, "CE") ? "commit error"
                        : cd_hl7_is(acknowledgement, "CR") ? "commit reject"
                                                           : NULL;
    for (size_t i = 0; error && reason.len == 3 && i < sizeof reasons / sizeof *reasons; i++)
        if (cd_hl7_is(reason, reasons[i].code))
            return reasons[i].error;
    return error;
}

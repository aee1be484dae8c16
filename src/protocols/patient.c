#include "protocols/patient.h"

#include "base/text.h"

void cd_patient_report(struct cd_message *m, unsigned kinds, uint16_t *told)
{
    static const char *const names[CD_PATIENT_KINDS] = {
        "identifier", "name",      "birth date", "address",    "telephone", "relatives",
        "insurance",  "diagnoses", "results",    "medication", "images",    "records",
    };
    char detail[200];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    unsigned fresh = kinds & ~(unsigned)*told;
    if (!fresh)
        return;
    *told = (uint16_t)(*told | kinds);
    cd_text_str(&t, "patient data in clear: ");
    const char *between = "";
    bool any = false;
    for (unsigned i = 0; i < CD_PATIENT_KINDS; i++) {
        if (!(fresh >> i & 1) || !cd_report_is_first(m, CD_EVENT_CLEARTEXT_PATIENT_DATA, names[i]))
            continue;
        any = true;
        cd_text_str(&t, between);
        cd_text_str(&t, names[i]);
        between = ", ";
    }
    if (any)
        cd_report_event(m, CD_EVENT_CLEARTEXT_PATIENT_DATA, detail);
}

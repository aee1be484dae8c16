/* Patient data in clear: what the dissectors of hospital protocols say about it.
 *
 * Only kinds come out, "name" or "birth date", never a value, no part of one and no number of one: docs/decisions/0007 tells why there is no token either. */
#ifndef CD_PROTOCOLS_PATIENT_H
#define CD_PROTOCOLS_PATIENT_H

#include "protocols/dissector.h"

enum cd_patient_kind {
    CD_PATIENT_IDENTIFIER = 1 << 0,
    CD_PATIENT_NAME = 1 << 1,
    CD_PATIENT_BIRTH_DATE = 1 << 2,
    CD_PATIENT_ADDRESS = 1 << 3,
    CD_PATIENT_TELEPHONE = 1 << 4,
    CD_PATIENT_RELATIVES = 1 << 5,
    CD_PATIENT_INSURANCE = 1 << 6,
    CD_PATIENT_DIAGNOSES = 1 << 7,
    CD_PATIENT_RESULTS = 1 << 8,
    CD_PATIENT_MEDICATION = 1 << 9,
    CD_PATIENT_IMAGES = 1 << 10,
    CD_PATIENT_RECORDS = 1 << 11,
    CD_PATIENT_KINDS = 12
};

/* Tells that these kinds (a set) were seen in clear, each once for two devices. *told is the flow's memory, so that a steady flow asks for nothing. */
void cd_patient_report(struct cd_message *m, unsigned kinds, uint16_t *told);

#endif

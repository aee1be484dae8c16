/* HL7 FHIR over HTTP: records of patients, results and orders as resources at URLs. After FHIR R5 (and R4, R4B, STU3, DSTU2), "RESTful API"
 * (http.html), which calls what is done an interaction.
 *
 *     GET  [base]/Patient/4711                read
 *     GET  [base]/Observation?patient=4711    search
 *     POST [base]/Patient/$export             operation
 *
 * The http dissector reads the head and asks here whose it is. Of a URL only the type of the resource and the interaction come out: what stands behind them
 * identifies patients. */
#ifndef CD_PROTOCOLS_FHIR_H
#define CD_PROTOCOLS_FHIR_H

#include "protocols/http.h"

enum cd_fhir_interaction {
    CD_FHIR_READ,
    CD_FHIR_VERSION_READ,
    CD_FHIR_SEARCH,
    CD_FHIR_HISTORY,
    CD_FHIR_CREATE,
    CD_FHIR_UPDATE,
    CD_FHIR_PATCH,
    CD_FHIR_DELETE,
    CD_FHIR_OPERATION,
    CD_FHIR_CAPABILITIES,
    CD_FHIR_BATCH,
    CD_FHIR_OTHER,
};

struct cd_fhir_request {
    enum cd_fhir_interaction interaction;
    const char *type;      /* literal: "Patient"; "" where the interaction is with the whole system */
    const char *operation; /* literal: "$export"; "" where there is none or it is none of the well-known ones */
    unsigned patient;      /* set of enum cd_patient_kind that it speaks of */
};

/* Whether a request is one of FHIR, by its media types, or by a path that says fhir and a resource type. *ret is untouched where it is none. */
bool cd_fhir_parse(const struct cd_http_head *h, struct cd_fhir_request *ret);
/* Whether a media type, or a list of them, holds one of FHIR's. */
bool cd_fhir_is_media_type(const struct cd_http_value *v);

/* Reports the request as the http dissector's own would be: under this id, in fhir's name. *told: the flow's memory of patient data. */
void cd_fhir_report_request(struct cd_message *m, const struct cd_fhir_request *request, uint64_t id, uint16_t *told);
/* Reports the service that a response in one of FHIR's media types shows. */
void cd_fhir_report_server(struct cd_message *m, const struct cd_http_value *content_type);

/* ---- fhir_names.c ---- */

struct cd_fhir_type {
    const char *name;
    uint16_t patient; /* set of enum cd_patient_kind that a resource of this type holds; 0: not about patients */
};
/* NULL where it is none. */
const struct cd_fhir_type *cd_fhir_type(const char *bytes, size_t len);
/* A well-known operation, with its $; else "". */
const char *cd_fhir_operation(const char *bytes, size_t len);

#endif

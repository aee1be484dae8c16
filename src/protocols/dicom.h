/* DICOM over TCP: how scanners, archives and workstations exchange images and lists of patients. After DICOM PS3.8 (upper layer: associations, PDUs),
 * PS3.7 (commands), PS3.5 (encoding of data sets), PS3.4 and PS3.6 (services, unique identifiers), 2023.
 *
 *     PDU:  type | 0 | length (4, big-endian) | ...
 *           a P-DATA PDU holds values: length (4) | context (1) | control (1) | a piece of a command or of a data set
 *     command:  elements (group, element, length: 2, 2, 4 bytes, little-endian) of group 0000
 *
 * Commands are read whole. Of data sets the front is looked at for what made the images: values of group 0010, the patient, are passed over unread. */
#ifndef CD_PROTOCOLS_DICOM_H
#define CD_PROTOCOLS_DICOM_H

#include "base/reader.h"
#include "protocols/dissector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* PS3.8 9.3 */
enum cd_dicom_pdu {
    CD_DICOM_ASSOCIATE_RQ = 1,
    CD_DICOM_ASSOCIATE_AC,
    CD_DICOM_ASSOCIATE_RJ,
    CD_DICOM_P_DATA,
    CD_DICOM_RELEASE_RQ,
    CD_DICOM_RELEASE_RP,
    CD_DICOM_ABORT,
};

enum {
    CD_DICOM_HEADER = 6,
    CD_DICOM_VALUE_HEADER = 6,       /* length, context, control */
    CD_DICOM_ASSOCIATE_MAX = 262144, /* longer requests are none */
    CD_DICOM_ITEMS_MAX = 512,        /* of an association, and sub-items of one item */
    CD_DICOM_ELEMENTS_MAX = 4096,    /* of a command or the front of a data set */
};

/* Text in a message, borrowed, without its padding; len 0 where it is missing. */
struct cd_dicom_text {
    const char *bytes;
    size_t len;
};

/* A-ASSOCIATE-RQ and -AC (PS3.8 9.3.2, 9.3.3). */
struct cd_dicom_association {
    struct cd_dicom_text called, calling; /* titles of the application entities */
    struct cd_dicom_text implementation, implementation_version;
    struct cd_dicom_text user;     /* of a user identity of type 1 or 2 (PS3.7 D.3.3.7) */
    uint8_t identity;              /* its type; 0: none */
    unsigned contexts, storages;   /* presentation contexts, and how many of them are of storage classes */
    unsigned accepted;             /* of -AC */
    struct cd_dicom_text abstract; /* the first context's */
};

/* A command (PS3.7 9.3, 10.3, E.1): of elements that are missing the value is 0. */
struct cd_dicom_command {
    uint16_t field; /* 0000,0100; bit 15: a response */
    uint16_t message_id, responds_to;
    uint16_t status;
    bool has_data;
    struct cd_dicom_text sop_class;   /* affected, else requested */
    struct cd_dicom_text destination; /* of C-MOVE */
};

/* What the front of a data set tells of the equipment, and which data about a patient is in it: enum cd_patient_kind. */
struct cd_dicom_equipment {
    struct cd_dicom_text manufacturer, model, station, serial, software, modality, institution;
    unsigned patient;
};

bool cd_dicom_parse_association(struct cd_reader *r, struct cd_dicom_association *ret);
bool cd_dicom_parse_command(struct cd_reader *r, struct cd_dicom_command *ret);
/* Reads as far as there is anything of interest; false where it is no data set in little-endian order. */
bool cd_dicom_scan_data(struct cd_reader r, struct cd_dicom_equipment *ret);

/* ---- dicom_facts.c ---- */

/* The name of an application entity, and the program it is. */
void cd_dicom_report_title(struct cd_message *m, const struct cd_subject *subject, struct cd_dicom_text title);
void cd_dicom_report_implementation(struct cd_message *m, const struct cd_subject *subject,
                                    const struct cd_dicom_association *a);
/* A user signing in: the name, and whether a secret went over the wire in clear. */
void cd_dicom_report_identity(struct cd_message *m, const struct cd_dicom_association *a);
/* The equipment that made the sender's images, as facts about the sender. */
void cd_dicom_report_equipment(struct cd_message *m, const struct cd_dicom_equipment *e);

/* ---- dicom_names.c ---- */

enum cd_dicom_service {
    CD_DICOM_STORAGE,
    CD_DICOM_QUERY, /* find, move, get */
    CD_DICOM_WORKLIST,
    CD_DICOM_STEP, /* performed procedure steps: a modality tells what it did */
    CD_DICOM_PRINT,
    CD_DICOM_OTHER,
};

struct cd_dicom_sop_class {
    const char *uid; /* without the standard's root 1.2.840.10008. */
    const char *name;
    const char *modality; /* what makes such objects; NULL where it tells nothing */
    enum cd_dicom_service service;
};

/* NULL where it is not the standard's. */
const struct cd_dicom_sop_class *cd_dicom_sop_class(struct cd_dicom_text uid);

struct cd_dicom_command_name {
    const char *name;
    enum cd_class class;
};
/* Of a request's command field; NULL where it is none. */
const struct cd_dicom_command_name *cd_dicom_command_name(uint16_t field);

/* Of a status that is a failure (PS3.7 annex C, PS3.4), a literal; else NULL. */
const char *cd_dicom_failure(uint16_t status);
/* Why an association was refused or aborted (PS3.8 9.3.4, 9.3.8). */
const char *cd_dicom_rejection(uint8_t source, uint8_t reason);
const char *cd_dicom_abort_reason(uint8_t source, uint8_t reason);

struct cd_dicom_maker {
    const char *root;   /* of implementation class UIDs */
    const char *vendor; /* NULL where it is a library that many use */
    const char *software;
};
/* NULL where the root is not known. */
const struct cd_dicom_maker *cd_dicom_maker(struct cd_dicom_text implementation);

#endif

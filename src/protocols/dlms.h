/* DLMS/COSEM: how utilities read and set meters. The application layer is IEC 62056-5-3 (and -6-1, -6-2 for objects); it comes over TCP or UDP
 * in the wrapper of IEC 62056-47, or in HDLC frames (IEC 62056-46) where a serial line was put on TCP.
 *
 *     wrapper   version 2 (= 1) | source wPort 2 | destination wPort 2 | length 2 | APDU               big-endian
 *     HDLC      7E | format 2 (type A, S, length 11) | destination 1/2/4 | source 1 | control 1 | HCS 2 | LLC 3 | APDU | FCS 2 | 7E
 */
#ifndef CD_PROTOCOLS_DLMS_H
#define CD_PROTOCOLS_DLMS_H

#include "base/text.h"
#include "protocols/dissector.h"

/* APDU tags (IEC 62056-5-3, 8.3 "XDLMS-APDU"; 60 to 63 of ACSE). */
enum {
    CD_DLMS_READ = 5,
    CD_DLMS_WRITE = 6,
    CD_DLMS_READ_RESPONSE = 12,
    CD_DLMS_WRITE_RESPONSE = 13,
    CD_DLMS_CONFIRMED_ERROR = 14,
    CD_DLMS_DATA_NOTIFICATION = 15,
    CD_DLMS_UNCONFIRMED_WRITE = 22,
    CD_DLMS_INFORMATION_REPORT = 24,
    CD_DLMS_AARQ = 0x60,
    CD_DLMS_AARE = 0x61,
    CD_DLMS_RLRQ = 0x62,
    CD_DLMS_RLRE = 0x63,
    CD_DLMS_GET = 192,
    CD_DLMS_SET = 193,
    CD_DLMS_EVENT = 194,
    CD_DLMS_ACTION = 195,
    CD_DLMS_GET_RESPONSE = 196,
    CD_DLMS_SET_RESPONSE = 197,
    CD_DLMS_ACTION_RESPONSE = 199,
    CD_DLMS_EXCEPTION = 216,
    CD_DLMS_ACCESS = 217,
    CD_DLMS_ACCESS_RESPONSE = 218,
    CD_DLMS_GENERAL_GLO = 219,
    CD_DLMS_GENERAL_DED = 220,
    CD_DLMS_GENERAL = 221,
    CD_DLMS_SIGNING = 223,
    CD_DLMS_BLOCK_TRANSFER = 224,
};

enum {
    CD_DLMS_TARGETS = 2,      /* descriptors of a list that are told one by one */
    CD_DLMS_LIST_MAX = 255,   /* descriptors in a list that are read */
    CD_DLMS_OK = 0,           /* data-access-result, action-result */
    CD_DLMS_TITLE = 8,        /* bytes of a system title (9.2.3.4.1) */
    CD_DLMS_NO_MECHANISM = -1 /* an association without authentication */
};

/* An attribute or method of an object by its logical name (Cosem-Attribute-Descriptor), or a short name. */
struct cd_dlms_target {
    bool is_short;
    uint16_t short_name;
    uint16_t class_id;
    uint8_t obis[6];
    uint8_t index; /* attribute or method */
};

struct cd_dlms_apdu {
    uint8_t tag,
        choice;      /* choice: the alternative of get, set, action: 1 normal, 2 next or first block, 3 with list … */
    uint32_t invoke; /* invoke-id-and-priority without the priority; 0 where the service has none */
    unsigned targets; /* how many the message names */
    struct cd_dlms_target target[CD_DLMS_TARGETS];
    int result;            /* of responses: data-access-result, action-result, association result */
    int diagnostic;        /* AARE: result-source-diagnostic */
    uint8_t context;       /* AARQ, AARE: 1 logical names, 2 short names, 3 and 4 the same ciphered */
    int mechanism;         /* AARQ: authentication mechanism or CD_DLMS_NO_MECHANISM */
    bool has_secret;       /* AARQ: an authentication value is in it */
    const uint8_t *title;  /* a system title told, CD_DLMS_TITLE bytes, or NULL */
    struct cd_reader data; /* get response normal: the value */
};

/* Reads one APDU; further parts of a block and values of lists are not looked into. *ret is untouched where it does not fit. */
bool cd_dlms_parse_apdu(struct cd_reader *r, struct cd_dlms_apdu *ret);

/* A length as A-XDR and BER write it. */
uint32_t cd_dlms_read_length(struct cd_reader *r, const char *field);

/* Whose message this is, as far as the tag tells: of the client, of the server, or CD_DLMS_EITHER. */
enum cd_dlms_side { CD_DLMS_NOBODY, CD_DLMS_CLIENT, CD_DLMS_SERVER, CD_DLMS_EITHER };
enum cd_dlms_side cd_dlms_side_of(uint8_t tag);

/* ---- dlms_report.c ---- */

/* The link below: who talks with whom within the device. */
struct cd_dlms_link {
    uint32_t client, server; /* wPort or HDLC upper address */
};

struct cd_dlms_state {
    bool segmented[2]; /* by direction: HDLC frames to come go on with the same APDU */
    uint64_t open;     /* id of the request an exception would answer */
};

void cd_dlms_report(struct cd_message *m, const struct cd_dlms_link *link, const struct cd_dlms_apdu *a);

/* ---- dlms_names.c ---- */

struct cd_dlms_service {
    const char *name, *code_space; /* code_space NULL: the code is the tag, else the choice */
    enum cd_class class;
};
/* The service of a request, notice or its response: both give the same. */
struct cd_dlms_service cd_dlms_service_of(uint8_t tag, uint8_t choice);
enum cd_class cd_dlms_set_class(uint16_t class_id);
enum cd_class cd_dlms_action_class(uint16_t class_id, uint8_t method);
const char *cd_dlms_access_error(int result);
const char *cd_dlms_action_error(int result);
const char *cd_dlms_association_error(int diagnostic);
const char *cd_dlms_mechanism_name(int mechanism);
/* What a common object is, or NULL. */
const char *cd_dlms_object_name(const uint8_t obis[6]);
/* The maker by the three letters of the DLMS UA's list of FLAG identifiers, or NULL. */
const char *cd_dlms_maker(const uint8_t flag[3]);
void cd_dlms_text_target(struct cd_text *t, const struct cd_dlms_target *target, bool method);

#endif

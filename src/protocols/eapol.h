/* EAPOL (IEEE 802.1X-2020 clause 11) and the EAP (RFC 3748) in it, Ethertype 888e.
 *
 *   version 1 | type 1 | length 2 | 0 = EAP: code 1, identifier 1, length 2, type 1, data */
#ifndef CD_PROTOCOLS_EAPOL_H
#define CD_PROTOCOLS_EAPOL_H

#include "protocols/dissector.h"

enum cd_eapol_type { CD_EAPOL_EAP, CD_EAPOL_START, CD_EAPOL_LOGOFF, CD_EAPOL_KEY, CD_EAPOL_ALERT, CD_EAPOL_MKA };
enum cd_eap_code {
    CD_EAP_REQUEST = 1,
    CD_EAP_RESPONSE,
    CD_EAP_SUCCESS,
    CD_EAP_FAILURE,
    CD_EAP_INITIATE,
    CD_EAP_FINISH
};
enum cd_eap_type { CD_EAP_IDENTITY = 1, CD_EAP_NAK = 3, CD_EAP_MD5 = 4, CD_EAP_LEAP = 17 };

struct cd_eapol_packet {
    uint8_t version, type;
    uint8_t code, method;      /* of EAP; the method is 0 where there is none */
    struct cd_reader identity; /* of a response to the request for it */
};

bool cd_eapol_parse(struct cd_reader *r, struct cd_eapol_packet *ret);

#endif

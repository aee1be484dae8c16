/* ANSI C12.22: the tables of C12.19 in North American meters over TCP and UDP 1153. An ACSE message names who calls whom by application titles and carries EPSEM
 * services, in the clear, with a message authentication code, or ciphered.
 *
 *     60 length | a2 called title | a4 called invocation | a6 calling title | a8 calling invocation | ac authentication | be length 28 length 81 length EPSEM
 *     EPSEM     control: recovery 40, proxy 20, device class 10, security 0c, response control 03 | device class 4 (with 10) | (length, service)* */
#ifndef CD_PROTOCOLS_C1222_H
#define CD_PROTOCOLS_C1222_H

#include "base/text.h"
#include "protocols/dissector.h"

enum { CD_C1222_TABLE_PROCEDURE = 7, CD_C1222_MANUFACTURER_TABLES = 0x800 };

enum cd_c1222_security { CD_C1222_CLEAR, CD_C1222_AUTHENTICATED, CD_C1222_CIPHERED };

struct cd_c1222_message {
    struct cd_reader called, calling; /* application titles: OIDs as encoded */
    bool has_called_invocation;
    uint32_t invocation; /* the request's: of responses the called one */
    enum cd_c1222_security security;
    bool has_services;
    struct cd_reader services;
};

/* Reads one ACSE message up to its services. *ret is untouched where it does not fit. */
bool cd_c1222_parse(struct cd_reader *r, struct cd_c1222_message *ret);

/* ---- c1222_names.c ---- */
const char *cd_c1222_service_name(uint8_t service, enum cd_class *ret_class);
const char *cd_c1222_error_name(uint8_t response);
const char *cd_c1222_table_name(uint16_t table);
const char *cd_c1222_procedure_name(uint16_t procedure, enum cd_class *ret_class);

#endif

/* PCCC, the command set of PLC-2, PLC-3, PLC-5, SLC 500 and MicroLogix (DF1 Protocol and Command Set, 1770-6.5.16), here within CIP's
 * Execute PCCC service (class 0x67, service 0x4b). */
#ifndef CD_PROTOCOLS_PCCC_H
#define CD_PROTOCOLS_PCCC_H

#include "base/reader.h"
#include "base/text.h"
#include "protocols/dissector.h"

struct cd_pccc_message {
    uint8_t command;  /* without the reply bit */
    uint8_t function; /* where has_function */
    uint8_t status;   /* of a reply; 0xf0: extended_status says more */
    uint8_t extended_status;
    uint16_t transaction;
    bool reply, has_function;
    const uint8_t *data; /* borrowed: the parameters, or a reply's data */
    size_t data_len;
};

/* Reads the requester id (CIP's wrapping) and the command after it. */
bool cd_pccc_parse(struct cd_reader *r, struct cd_pccc_message *ret);

/* Name and class of a command and its function, and where it acts: "protected typed logical read N7:0". */
const char *cd_pccc_name(uint8_t command, uint8_t function);
enum cd_class cd_pccc_class(uint8_t command, uint8_t function);
void cd_pccc_target(struct cd_text *t, const struct cd_pccc_message *message);

/* NULL where a reply is no refusal, or a literal. */
const char *cd_pccc_error(const struct cd_pccc_message *reply);

/* What the reply to a diagnostic status request (command 06, function 03) tells of the processor. */
struct cd_pccc_status {
    const uint8_t *name; /* its catalogue name, not terminated; NULL: an unknown form */
    size_t name_len;
    char series, revision; /* letters */
    const char *mode;      /* literal, or NULL */
};
bool cd_pccc_status_parse(struct cd_reader *r, struct cd_pccc_status *ret);

#endif

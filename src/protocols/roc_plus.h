/* ROC Plus: Emerson's flow computers and remote units (ROC800, FloBoss, DL8000) over TCP and UDP 4000, after "ROC Plus Protocol Specification Manual"
 * (Emerson D301180X012).
 *
 *     destination unit 1, group 1 | source unit 1, group 1 | opcode 1 | length 1 | data | CRC 2 (little-endian, CRC-16 from 0xffff) */
#ifndef CD_PROTOCOLS_ROC_PLUS_H
#define CD_PROTOCOLS_ROC_PLUS_H

#include "base/text.h"
#include "protocols/dissector.h"

enum { CD_ROC_PORT = 4000, CD_ROC_HEADER = 6, CD_ROC_CRC = 2 };

enum cd_roc_opcode {
    CD_ROC_SYSTEM_CONFIG = 6,
    CD_ROC_LOGIN = 17,
    CD_ROC_SET_POINT = 166,
    CD_ROC_READ_POINT = 167,
    CD_ROC_READ_PARAMETERS = 180,
    CD_ROC_WRITE_PARAMETERS = 181,
    CD_ROC_FILE = 203,
    CD_ROC_SRBX = 224,
    CD_ROC_ERROR = 255,
};

struct cd_roc_message {
    uint8_t to_unit, to_group, from_unit, from_group, opcode;
    bool bad_crc;
    struct cd_reader data;
};

bool cd_roc_parse(struct cd_reader *r, struct cd_roc_message *ret);

/* ---- names (roc_plus_names.c) ---- */
const char *cd_roc_opcode_name(uint8_t opcode); /* NULL where unknown */
enum cd_class cd_roc_opcode_class(uint8_t opcode);
const char *cd_roc_type_name(uint8_t type); /* NULL where unknown */
const char *cd_roc_error_name(uint8_t error);
/* What a request is about, as the vendor's tool writes it: "TLP 1,2,3". */
void cd_roc_text_target(struct cd_text *t, const struct cd_roc_message *p);

#endif

/* ATG: the serial interface of automatic tank gauges (Veeder-Root TLS-250, TLS-350 and alike) put on TCP 10001 (Veeder-Root 576013-635, Serial Interface Manual).
 *
 *     command   01 | security code, 6 digits (where one is set) | I, i (inquire) or S, s (set) | function 3 | device 2 (00: all) | data, of sets
 *     answer    01 | the command repeated | date | station header | report, all as lines | 03; or 9999FF1B: not understood
 *
 * Capitals ask for text, small letters for the computer's format. */
#ifndef CD_PROTOCOLS_ATG_H
#define CD_PROTOCOLS_ATG_H

#include "protocols/dissector.h"

struct cd_atg_command {
    bool has_security_code, set, computer_format;
    uint16_t function;
    uint8_t device;
};

/* Reads a command, from SOH to the device; an answer repeats it without a security code. *ret is untouched where it does not fit. */
bool cd_atg_parse(struct cd_reader *r, struct cd_atg_command *ret);

#endif

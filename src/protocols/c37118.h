/* IEEE C37.118.2: phasor measurement units stream phasors, frequency and states to concentrators, over TCP and UDP.
 *
 *     frame     AA | type and version 1 | frame size 2 | stream id 2 | seconds 4 | fraction of second 4 | data | CRC 2          (6.2)
 *     command   command 2                                                                                                    (6.6)
 *     data      for each unit: STAT 2 | values as configured                                                                 (6.3)
 *     configuration 1, 2   time base 4 | number of units 2 | units | data rate 2                                             (6.4)
 *        unit   station name 16 | id 2 | format 2 | numbers of phasors, analogs, digital words 2 each | names 16 each |
 *               conversion 4 each | nominal frequency 2 | change count 2
 *     configuration 3      continuation 2 | time base 4 | number of units 2 | units, with names of their own length | data rate 2   (6.5)
 *
 * Numbers are big-endian. */
#ifndef CD_PROTOCOLS_C37118_H
#define CD_PROTOCOLS_C37118_H

#include "protocols/dissector.h"

enum {
    CD_C37118_SYNC = 0xaa,
    CD_C37118_SHORTEST = 16, /* header and CRC */
    CD_C37118_NAME = 16,
};

enum cd_c37118_type {
    CD_C37118_DATA = 0,
    CD_C37118_HEADER = 1,
    CD_C37118_CONFIGURATION_1 = 2,
    CD_C37118_CONFIGURATION_2 = 3,
    CD_C37118_COMMAND = 4,
    CD_C37118_CONFIGURATION_3 = 5,
};

struct cd_c37118_frame {
    uint8_t type, version;
    uint16_t id;           /* of the stream */
    struct cd_reader data; /* without header and CRC */
};

/* CRC-CCITT as 6.2 has it: x^16 + x^12 + x^5 + 1, begun with all ones. */
uint16_t cd_c37118_crc(const uint8_t *bytes, size_t len);
/* Reads one frame, its CRC checked. False, and r->bad, where it does not fit; *ret is untouched then. */
bool cd_c37118_parse(struct cd_reader *r, struct cd_c37118_frame *ret);

struct cd_c37118_unit {
    uint16_t id;
    uint16_t n_phasors, n_analogs, n_digitals; /* n_digitals: words of 16 states */
    bool short_names;         /* configuration 3: each name begins with its length; else 16 bytes each */
    struct cd_reader station; /* name, padded with blanks in configuration 1 and 2 */
    struct cd_reader names;   /* of phasors, analogs and digital states, in this order */
};
/* The number of units of a configuration of this type: r then stands at the first. Of configurations in several frames only the first is read. */
bool cd_c37118_parse_configuration(struct cd_reader *r, uint8_t type, uint16_t *ret_units);
/* Reads the next unit, consumed. */
bool cd_c37118_next_unit(struct cd_reader *r, uint8_t type, struct cd_c37118_unit *ret);
/* The next name of a unit. False at the end. */
bool cd_c37118_next_name(struct cd_c37118_unit *unit, struct cd_reader *ret);

/* Streams of a flow whose state is remembered, in slots by the low bits of their id. */
enum { CD_C37118_STREAMS = 4 };

struct cd_c37118_state {
    struct {
        uint16_t id, status;
        bool known;
    } streams[CD_C37118_STREAMS];
};

#endif

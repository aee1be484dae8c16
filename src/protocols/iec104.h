/* IEC 60870-5-104: telecontrol over TCP; clause numbers are of IEC 60870-5-104:2006 or, marked 101, of IEC 60870-5-101:2003.
 *
 *     APCI   68 | length 1 | control field 4                                                              (clause 5)
 *            I: N(S) 15 bits, 0 | N(R) 15 bits, 0      S: 01 00 | N(R)      U: one of six functions | 00 00 00
 *     ASDU   type 1 | SQ and number 1 | T, P/N, cause 1 | originator 1 | common address 2 | objects          (clause 7, 101 7.2)
 *     object address 3 | elements of the type                                                             (with SQ: one address, then elements)
 *
 * Numbers are little-endian. */
#ifndef CD_PROTOCOLS_IEC104_H
#define CD_PROTOCOLS_IEC104_H

#include "protocols/dissector.h"

enum {
    CD_IEC104_START = 0x68,
    CD_IEC104_LENGTH_MIN = 4,   /* the control field alone */
    CD_IEC104_LENGTH_MAX = 253, /* 5.1 */
    CD_IEC104_ANY_LENGTH = 255, /* cd_iec104_type.size of types whose objects tell their own length */
};

enum { CD_IEC104_ALL_STATIONS = 0xffff /* 101 7.2.4 */ };

enum cd_iec104_format { CD_IEC104_I, CD_IEC104_S, CD_IEC104_U };

/* The function bits of U frames (5.1, figure 8). */
enum cd_iec104_function {
    CD_IEC104_STARTDT_ACT = 0x07,
    CD_IEC104_STARTDT_CON = 0x0b,
    CD_IEC104_STOPDT_ACT = 0x13,
    CD_IEC104_STOPDT_CON = 0x23,
    CD_IEC104_TESTFR_ACT = 0x43,
    CD_IEC104_TESTFR_CON = 0x83,
};

struct cd_iec104_apci {
    enum cd_iec104_format format;
    uint8_t function;       /* U: the control field's first byte; 0 else */
    uint16_t send, receive; /* N(S) of I, N(R) of I and S; 15 bits */
    struct cd_reader asdu;  /* I: what follows; empty else */
};

/* Reads one frame. False, and r->bad, where it does not fit or the control field is none; *ret is untouched then. */
bool cd_iec104_parse(struct cd_reader *r, struct cd_iec104_apci *ret);

/* Causes of transmission (101 7.2.3) that decide how a message is read. */
enum {
    CD_IEC104_REQUEST = 5,
    CD_IEC104_ACTIVATION = 6,
    CD_IEC104_ACTIVATION_CONFIRMATION = 7,
    CD_IEC104_DEACTIVATION = 8,
    CD_IEC104_DEACTIVATION_CONFIRMATION = 9,
    CD_IEC104_ACTIVATION_TERMINATION = 10,
    CD_IEC104_UNKNOWN_TYPE = 44,
    CD_IEC104_UNKNOWN_STATION = 46,
    CD_IEC104_UNKNOWN_ADDRESS = 47,
};

struct cd_iec104_asdu {
    uint8_t type, number, cause, originator;
    bool sequence;       /* SQ: one address and `number` elements in a row */
    bool negative, test; /* P/N and T */
    uint16_t common_address;
    uint32_t address;         /* of the first object; 0 where there is none */
    struct cd_reader objects; /* from the first object's address on */
};
/* Reads the data unit identifier and the first object's address. Objects are not checked: see cd_iec104_objects_fit(). */
bool cd_iec104_parse_asdu(struct cd_reader *r, struct cd_iec104_asdu *ret);
/* Whether the objects take exactly the bytes there are. Types without a known size fit always. */
bool cd_iec104_objects_fit(const struct cd_iec104_asdu *asdu);

struct cd_iec104_type {
    const char *name; /* as 101 table 8 ff. call it, lower case */
    enum cd_class class;
    uint8_t size; /* of one object without its address */
};
/* NULL for the numbers 104 does not use. */
const struct cd_iec104_type *cd_iec104_type_of(uint8_t type);
/* Lower case; "reserved cause" for numbers without one. Never NULL. */
const char *cd_iec104_cause_name(uint8_t cause);
/* Whether the type goes from the controlling to the controlled station: commands, parameters, system. */
static inline bool cd_iec104_is_command(uint8_t type)
{
    return (type >= 45 && type <= 69) || (type >= 100 && type <= 119);
}

/* Common addresses of a connection whose facts have been told, in slots by their low bits. */
enum { CD_IEC104_STATIONS = 8 };

struct cd_iec104_state {
    struct {
        uint16_t next;    /* N(S) expected from this end */
        uint16_t receive; /* its last N(R) */
        bool known;
    } ends[2];    /* by direction, 0: from the flow's client */
    bool stopped; /* STOPDT was confirmed: no data until the next STARTDT */
    bool controlling_known;
    uint16_t stations[CD_IEC104_STATIONS];
    uint8_t stations_known; /* a bit for each slot */
};

#endif

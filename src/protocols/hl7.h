/* HL7 version 2.x in the Minimal Lower Layer Protocol: how hospital systems tell each other of patients, orders and results, and how monitors, pumps and
 * analysers hand over what they measured. After HL7 2.8.2 chapters 2 (control), 7 (observations), 13 (laboratory automation); HL7 Transport
 * Specification: MLLP, release 1 and 2; IHE Patient Care Device technical framework, volume 2.
 *
 *     <VT> MSH|^~\&|LAB|HOSPITAL|EHR|HOSPITAL|20240101||ORU^R01|42|P|2.5 <CR> PID|... <CR> OBX|... <CR> <FS> <CR>
 *
 * What is read is the header, acknowledgements, and what tells of devices and programs; of segments about people only whether their fields are filled. */
#ifndef CD_PROTOCOLS_HL7_H
#define CD_PROTOCOLS_HL7_H

#include "base/reader.h"
#include "base/text.h"
#include "observe/vocabulary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CD_HL7_START = 0x0b,
    CD_HL7_END = 0x1c,
    CD_HL7_RETURN = 0x0d,
    CD_HL7_HEAD_MAX = 32768,    /* so much of a message is looked at; the rest is passed over */
    CD_HL7_SEGMENTS_MAX = 1024, /* of one block */
};

/* Part of a message, borrowed; len 0 where it is missing or empty. */
struct cd_hl7_text {
    const char *bytes;
    size_t len;
};

/* The message's own delimiters: MSH-1 and MSH-2 (2.8.2 2.5.4). A missing one is 0. */
struct cd_hl7_delimiters {
    char field, component, repetition, escape, subcomponent;
};

/* MSH, or a file's or batch's header, which has the first fields in common (2.14.9, 2.10.3). */
struct cd_hl7_header {
    struct cd_hl7_delimiters delimiters;
    struct cd_hl7_text sending_application, sending_facility, receiving_application,
        receiving_facility;         /* MSH-3 to 6 */
    struct cd_hl7_text type, event; /* MSH-9.1, 9.2 */
    struct cd_hl7_text control_id;  /* MSH-10 */
    struct cd_hl7_text processing;  /* MSH-11.1: P, T or D */
    struct cd_hl7_text version;     /* MSH-12.1 */
    struct cd_hl7_text profile;     /* MSH-21.1 */
};

/* The fields of one segment, one after the other. */
struct cd_hl7_segment {
    char name[4];
    struct cd_hl7_text fields; /* what follows name and separator */
};

/* Takes the next segment off r. False at the end; segments that are empty lines are passed over. */
bool cd_hl7_next_segment(struct cd_reader *r, struct cd_hl7_segment *ret);
/* Reads the header out of a segment named MSH, FHS or BHS, wholly or not at all; r, over that segment, names what did not fit. */
bool cd_hl7_parse_header(struct cd_reader *r, struct cd_hl7_header *ret);
/* Field n of a segment, from 1; empty where there is none. Of a header segment field 2 stands first, as the separator itself is field 1. */
struct cd_hl7_text cd_hl7_field(const struct cd_hl7_segment *segment, const struct cd_hl7_delimiters *d, unsigned n);
/* The first repetition of a field, and component n of it, from 1. */
struct cd_hl7_text cd_hl7_component(struct cd_hl7_text field, const struct cd_hl7_delimiters *d, unsigned n);
/* Whether a field holds anything: "" (two quotes) deletes a value and is none. */
bool cd_hl7_is_filled(struct cd_hl7_text field, const struct cd_hl7_delimiters *d);
/* Appends a value with its escape sequences undone (2.7); formatting ones give a blank. */
void cd_hl7_unescape(struct cd_text *t, struct cd_hl7_text value, const struct cd_hl7_delimiters *d);

static inline bool cd_hl7_is(struct cd_hl7_text v, const char *text)
{
    return v.len == strlen(text) && memcmp(v.bytes, text, v.len) == 0;
}

/* ---- hl7_names.c ---- */

struct cd_hl7_message_type {
    char code[8]; /* "ADT^A01" */
    const char *name;
    enum cd_class class;
};
/* By message type and trigger event, where they are the standard's; else NULL. */
const struct cd_hl7_message_type *cd_hl7_message_type(struct cd_hl7_text type, struct cd_hl7_text event);
/* By message type alone, for events that are not the standard's: the type itself, or the first of its events. NULL where the type is unknown. */
const struct cd_hl7_message_type *cd_hl7_message_kind(struct cd_hl7_text type);
/* MSA-1 (table 0008) where it refuses, and the reason by ERR (table 0357), as one literal; NULL where it accepts. */
const char *cd_hl7_refusal(struct cd_hl7_text acknowledgement, struct cd_hl7_text reason);

#endif

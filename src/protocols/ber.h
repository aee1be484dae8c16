/* BER (ITU-T X.690) in bounds: definite lengths, tags to 28 bits, object identifiers to CD_BER_OID_MAX numbers of 32 bits. */
#ifndef CD_PROTOCOLS_BER_H
#define CD_PROTOCOLS_BER_H

#include "base/reader.h"
#include "base/text.h"

/* Identifier octets of universal types as they stand in messages. */
enum {
    CD_BER_BOOLEAN = 0x01,
    CD_BER_INTEGER = 0x02,
    CD_BER_BIT_STRING = 0x03,
    CD_BER_OCTET_STRING = 0x04,
    CD_BER_NULL = 0x05,
    CD_BER_OID = 0x06,
    CD_BER_SEQUENCE = 0x30,
    CD_BER_SET = 0x31
};

enum { CD_BER_OID_MAX = 128 /* RFC 2578 3.5 */ };

struct cd_ber {
    uint8_t identifier;     /* first identifier octet: class, constructed bit, tag below 31 */
    uint32_t tag;           /* tag number, also of tags in several octets */
    struct cd_reader value; /* never sees past the element */
};

struct cd_ber_oid {
    uint32_t n;
    uint32_t ids[CD_BER_OID_MAX];
};

/* The next element, consumed. False, and r bad with `field`, where it does not fit or its length is indefinite. */
bool cd_ber_read(struct cd_reader *r, const char *field, struct cd_ber *ret);
/* The same of a message that may be cut: of an element whose end is missing, as much as there is. */
bool cd_ber_read_part(struct cd_reader *r, bool cut, const char *field, struct cd_ber *ret);
/* The identifier octet of the next element, or -1 at the end. */
static inline int cd_ber_peek(const struct cd_reader *r)
{
    return cd_read_peek(r, 0);
}
/* The content of the next element, which must have this identifier octet; else r and the content are bad. */
struct cd_reader cd_ber_expect(struct cd_reader *r, uint8_t identifier, const char *field);
/* An INTEGER element of at most 8 octets. */
int64_t cd_ber_integer(struct cd_reader *r, const char *field);
/* The same from an element's content. */
int64_t cd_ber_integer_value(struct cd_reader *value, const char *field);
/* The content of an OBJECT IDENTIFIER. */
bool cd_ber_oid_value(struct cd_reader *value, struct cd_ber_oid *ret);

/* "1.3.6.1.2.1" */
void cd_text_oid(struct cd_text *t, const struct cd_ber_oid *oid);
/* Whether the oid begins with these n numbers. */
bool cd_ber_oid_starts(const struct cd_ber_oid *oid, const uint32_t *ids, uint32_t n);

#endif

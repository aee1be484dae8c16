/* The message format of DNS (RFC 1035 4.1), shared by mDNS, LLMNR and NetBIOS name service.
 *
 * Readers given to these functions must be based at the message's first byte, because compressed names point back into it. */
#ifndef CD_PROTOCOLS_DNS_MESSAGE_H
#define CD_PROTOCOLS_DNS_MESSAGE_H

#include "base/address.h"
#include "base/reader.h"

enum {
    CD_DNS_NAME_MAX = 255,    /* bytes of a name on the wire (RFC 1035 2.3.4) */
    CD_DNS_POINTERS_MAX = 128 /* a name of 255 bytes has at most 127 labels */
};

enum cd_dns_type {
    CD_DNS_A = 1,
    CD_DNS_CNAME = 5,
    CD_DNS_PTR = 12,
    CD_DNS_TXT = 16,
    CD_DNS_AAAA = 28,
    CD_DNS_SRV = 33,
    CD_DNS_OPT = 41,
    CD_DNS_IXFR = 251,
    CD_DNS_AXFR = 252
};

enum { CD_DNS_FLAG_RESPONSE = 0x8000, CD_DNS_FLAG_TRUNCATED = 0x0200 };

/* Labels joined by dots, as they stand (a label may hold any byte, dots too). */
struct cd_dns_name {
    char text[CD_DNS_NAME_MAX + 1];
    uint8_t len;       /* of text */
    uint8_t first_len; /* of the first label */
    uint8_t labels;
};

struct cd_dns_message {
    uint16_t id, flags;
    uint16_t questions, answers, authorities, additionals;
    uint16_t question_type, question_class; /* of the first question; 0 without one */
    size_t question_name_at;                /* position of its name */
    size_t records_at;                      /* position of the first record */
};

struct cd_dns_record {
    size_t name_at, data_at; /* positions in the message */
    uint16_t type, class;    /* class with mDNS's cache-flush bit */
    uint32_t ttl_s;
    uint16_t data_len;
};

/* Header and questions; the reader is left at the first record. */
bool cd_dns_parse(struct cd_reader *r, struct cd_dns_message *ret);

/* The next record; the reader is left behind it. Names are passed over, not followed. */
bool cd_dns_record_parse(struct cd_reader *r, struct cd_dns_record *ret);

/* Passes over all `n` records; false (reader bad) where one does not fit. */
bool cd_dns_check_records(struct cd_reader *r, uint32_t n);

/* A view of a record's data in which names can be followed. */
struct cd_reader cd_dns_record_data(const struct cd_reader *message, const struct cd_dns_record *record);

/* Reads a name, following pointers (RFC 1035 4.1.4) that go backwards only. */
bool cd_dns_name_parse(struct cd_reader *r, struct cd_dns_name *ret);
/* The name at a position of the message. */
bool cd_dns_name_at(const struct cd_reader *message, size_t at, struct cd_dns_name *ret);
void cd_dns_name_skip(struct cd_reader *r);

/* The address in an A or AAAA record; false for other records or lengths. */
bool cd_dns_record_ip(const struct cd_reader *message, const struct cd_dns_record *record, struct cd_ip *ret_ip);

static inline unsigned cd_dns_opcode(const struct cd_dns_message *d)
{
    return d->flags >> 11 & 15;
}

static inline bool cd_dns_is_response(const struct cd_dns_message *d)
{
    return (d->flags & CD_DNS_FLAG_RESPONSE) != 0;
}

static inline uint32_t cd_dns_records(const struct cd_dns_message *d)
{
    return (uint32_t)d->answers + d->authorities + d->additionals;
}

/* The reason a response refuses by (RCODE), or NULL for success. */
const char *cd_dns_error(const struct cd_dns_message *d);
/* "query A": what a query for this type is called; "query" where the type has no common name. */
const char *cd_dns_query_name(uint16_t type);

/* ASCII letters compare without regard to case (RFC 4343). */
bool cd_dns_name_ends(const struct cd_dns_name *name, const char *suffix);
bool cd_dns_name_equal(const struct cd_dns_name *a, const struct cd_dns_name *b);

#endif

#include "protocols/x509.h"

#include "protocols/ber.h"

#include <string.h>

enum {
    TAG_UTC_TIME = 0x17,
    TAG_GENERALIZED_TIME = 0x18,
    TAG_BMP_STRING = 0x1e,
    TAG_VERSION = 0xa0,
    TAG_EXTENSIONS = 0xa3,
    ATTRIBUTES_MAX = 64, /* of one name, and extensions of one certificate: real ones have a dozen at most */
    ALTERNATIVES_MAX = 4096,
    GENERAL_NAME_DNS = 2,
    GENERAL_NAME_IP = 7,
};

/* An object identifier as its content octets stand in a certificate, and what it is called. */
struct oid {
    uint8_t len;
    uint8_t bytes[10];
    bool weak;
    uint16_t bits; /* of a curve */
    const char *name;
};

static const struct oid signatures[] = {
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x02}, true, 0, "RSA MD2"},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04}, true, 0, "RSA MD5"},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05}, true, 0, "RSA SHA-1"},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a}, false, 0, "RSA-PSS"},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b}, false, 0, "RSA SHA-256"},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c}, false, 0, "RSA SHA-384"},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d}, false, 0, "RSA SHA-512"},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0e}, false, 0, "RSA SHA-224"},
    {5, {0x2b, 0x0e, 0x03, 0x02, 0x1d}, true, 0, "RSA SHA-1"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03}, true, 0, "DSA SHA-1"},
    {9, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x02}, false, 0, "DSA SHA-256"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01}, true, 0, "ECDSA SHA-1"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01}, false, 0, "ECDSA SHA-224"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02}, false, 0, "ECDSA SHA-256"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03}, false, 0, "ECDSA SHA-384"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04}, false, 0, "ECDSA SHA-512"},
    {3, {0x2b, 0x65, 0x70}, false, 0, "Ed25519"},
    {3, {0x2b, 0x65, 0x71}, false, 0, "Ed448"},
};

static const struct oid keys[] = {
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01}, false, 0, "RSA"},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a}, false, 0, "RSA"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01}, false, 0, "DSA"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01}, false, 0, "EC"},
    {3, {0x2b, 0x65, 0x70}, false, 256, "Ed25519"},
    {3, {0x2b, 0x65, 0x71}, false, 456, "Ed448"},
};

static const struct oid curves[] = {
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01}, false, 192, "P-192"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, false, 256, "P-256"},
    {5, {0x2b, 0x81, 0x04, 0x00, 0x21}, false, 224, "P-224"},
    {5, {0x2b, 0x81, 0x04, 0x00, 0x22}, false, 384, "P-384"},
    {5, {0x2b, 0x81, 0x04, 0x00, 0x23}, false, 521, "P-521"},
    {5, {0x2b, 0x81, 0x04, 0x00, 0x08}, false, 160, "secp160r1"},
    {5, {0x2b, 0x81, 0x04, 0x00, 0x0a}, false, 256, "secp256k1"},
    {9, {0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07}, false, 256, "brainpoolP256r1"},
    {9, {0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b}, false, 384, "brainpoolP384r1"},
    {9, {0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0d}, false, 512, "brainpoolP512r1"},
};

static const struct oid *find_oid(const struct oid *table, size_t n, const struct cd_reader *oid)
{
    for (size_t i = 0; i < n; i++)
        if (oid->len == table[i].len && memcmp(oid->base, table[i].bytes, oid->len) == 0)
            return &table[i];
    return NULL;
}

#define FIND_OID(table, oid) find_oid(table, sizeof table / sizeof *table, oid)

/* AlgorithmIdentifier (4.1.1.2): the object identifier, and its parameters unread in ret_parameters. */
static struct cd_reader read_algorithm(struct cd_reader *r, const char *field, struct cd_reader *ret_parameters)
{
    struct cd_reader algorithm = cd_ber_expect(r, CD_BER_SEQUENCE, field);
    struct cd_reader oid = cd_ber_expect(&algorithm, CD_BER_OID, field);
    if (!cd_read_ok(&oid))
        cd_read_fail(r, field);
    *ret_parameters = algorithm;
    return oid;
}

/* AttributeTypeAndValue: only the types of id-at (2.5.4) that are kept. */
static void read_attribute(struct cd_reader *r, struct cd_x509_name *name)
{
    struct cd_reader pair = cd_ber_expect(r, CD_BER_SEQUENCE, "name attribute");
    struct cd_reader oid = cd_ber_expect(&pair, CD_BER_OID, "name attribute type");
    struct cd_ber value;
    if (!cd_ber_read(&pair, "name attribute value", &value)) {
        cd_read_fail(r, "name attribute");
        return;
    }
    if (oid.len != 3 || oid.base[0] != 0x55 || oid.base[1] != 0x04)
        return;
    struct cd_x509_value v = {
        .bytes = value.value.base, .len = value.value.len, .wide = value.identifier == TAG_BMP_STRING};
    switch (oid.base[2]) {
    case 3: name->common_name = v; break;
    case 5: name->serial_number = v; break;
    case 10: name->organization = v; break;
    case 11: name->unit = v; break;
    default: break;
    }
}

static void read_name(struct cd_reader *r, const char *field, struct cd_x509_name *ret)
{
    struct cd_reader name = cd_ber_expect(r, CD_BER_SEQUENCE, field);
    for (unsigned i = 0; i < ATTRIBUTES_MAX && cd_read_left(&name); i++) {
        struct cd_reader set = cd_ber_expect(&name, CD_BER_SET, field);
        for (unsigned j = 0; j < ATTRIBUTES_MAX && cd_read_left(&set); j++)
            read_attribute(&set, ret);
        if (!cd_read_ok(&set))
            cd_read_fail(&name, field);
    }
    if (!cd_read_ok(&name))
        cd_read_fail(r, field);
}

static int read_two_digits(struct cd_reader *r)
{
    unsigned tens = cd_read_u8(r, "time") - '0', ones = cd_read_u8(r, "time") - '0';
    if (tens > 9 || ones > 9)
        cd_read_fail(r, "time");
    return (int)(tens * 10 + ones);
}

/* Days from 1970 to a date of the Gregorian calendar: years counted from March, so that the leap day is the last of its year. */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Time (4.1.2.5): UTCTime with two digits of the year or GeneralizedTime with four, in UTC. Seconds may be missing in old ones. */
static int64_t read_time(struct cd_reader *r)
{
    struct cd_ber e;
    if (!cd_ber_read(r, "validity", &e))
        return 0;
    int64_t year = read_two_digits(&e.value);
    if (e.identifier == TAG_GENERALIZED_TIME)
        year = year * 100 + read_two_digits(&e.value);
    else if (e.identifier == TAG_UTC_TIME)
        year += year < 50 ? 2000 : 1900;
    else
        cd_read_fail(r, "validity");
    int month = read_two_digits(&e.value), day = read_two_digits(&e.value);
    int hour = read_two_digits(&e.value), minute = read_two_digits(&e.value);
    int next = cd_read_peek(&e.value, 0);
    int second = next >= '0' && next <= '9' ? read_two_digits(&e.value) : 0;
    if (!cd_read_ok(&e.value) || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 60 ||
        second > 60)
        cd_read_fail(r, "validity");
    return ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

static uint32_t bits_of_integer(struct cd_reader *value)
{
    while (cd_read_peek(value, 0) == 0)
        cd_read_skip(value, 1, "integer");
    size_t left = cd_read_left(value);
    if (left == 0)
        return 0;
    uint32_t bits = (uint32_t)left * 8;
    for (unsigned first = (unsigned)cd_read_peek(value, 0); !(first & 0x80); first <<= 1)
        bits--;
    return bits;
}

/* SubjectPublicKeyInfo (4.1.2.7, RFC 3279 2.3). A key that is not understood does not make the certificate bad. */
static void read_key(struct cd_reader *r, struct cd_x509 *c)
{
    struct cd_reader parameters, info = cd_ber_expect(r, CD_BER_SEQUENCE, "public key");
    struct cd_reader oid = read_algorithm(&info, "public key algorithm", &parameters);
    struct cd_reader bits = cd_ber_expect(&info, CD_BER_BIT_STRING, "public key bits");
    if (!cd_read_ok(&bits)) {
        cd_read_fail(r, "public key");
        return;
    }
    const struct oid *key = FIND_OID(keys, &oid);
    if (!key)
        return;
    c->key = key->name;
    c->key_bits = key->bits;
    if (strcmp(key->name, "RSA") == 0) {
        cd_read_skip(&bits, 1, "unused bits");
        struct cd_reader rsa = cd_ber_expect(&bits, CD_BER_SEQUENCE, "rsa key");
        struct cd_reader modulus = cd_ber_expect(&rsa, CD_BER_INTEGER, "rsa modulus");
        c->key_bits = bits_of_integer(&modulus);
    } else if (strcmp(key->name, "DSA") == 0) {
        struct cd_reader dsa = cd_ber_expect(&parameters, CD_BER_SEQUENCE, "dsa parameters");
        struct cd_reader prime = cd_ber_expect(&dsa, CD_BER_INTEGER, "dsa prime");
        c->key_bits = bits_of_integer(&prime);
    } else if (strcmp(key->name, "EC") == 0) {
        struct cd_reader curve = cd_ber_expect(&parameters, CD_BER_OID, "curve");
        const struct oid *known = FIND_OID(curves, &curve);
        c->key_bits = known ? known->bits : 0;
    }
}

/* SubjectAltName (4.2.1.6). */
static void read_alternatives(struct cd_reader *value, struct cd_x509 *c)
{
    struct cd_reader names = cd_ber_expect(value, CD_BER_SEQUENCE, "alternative names");
    struct cd_ber e;
    for (unsigned i = 0; i < ALTERNATIVES_MAX && cd_read_left(&names) && cd_ber_read(&names, "alternative name", &e);
         i++) {
        if (e.tag != GENERAL_NAME_DNS && e.tag != GENERAL_NAME_IP)
            continue;
        if (c->n_names < CD_X509_NAMES_MAX)
            c->names[c->n_names++] = (struct cd_x509_alternative){.kind = (uint8_t)e.tag,
                                                                  .value = {.bytes = e.value.base, .len = e.value.len}};
        c->total_names++;
    }
}

static void read_extensions(struct cd_reader *r, struct cd_x509 *c)
{
    struct cd_reader extensions = cd_ber_expect(r, CD_BER_SEQUENCE, "extensions");
    for (unsigned i = 0; i < ATTRIBUTES_MAX && cd_read_left(&extensions); i++) {
        struct cd_reader extension = cd_ber_expect(&extensions, CD_BER_SEQUENCE, "extension");
        struct cd_reader oid = cd_ber_expect(&extension, CD_BER_OID, "extension id");
        if (cd_ber_peek(&extension) == CD_BER_BOOLEAN) /* critical */
            cd_ber_expect(&extension, CD_BER_BOOLEAN, "critical");
        struct cd_reader value = cd_ber_expect(&extension, CD_BER_OCTET_STRING, "extension value");
        if (cd_read_ok(&value) && oid.len == 3 && memcmp(oid.base, "\x55\x1d\x11", 3) == 0)
            read_alternatives(&value, c);
    }
}

static void read_to_be_signed(struct cd_reader *r, struct cd_x509 *c)
{
    struct cd_reader parameters;
    if (cd_ber_peek(r) == TAG_VERSION)
        cd_ber_expect(r, TAG_VERSION, "version");
    cd_ber_expect(r, CD_BER_INTEGER, "serial number");
    struct cd_reader oid = read_algorithm(r, "signature algorithm", &parameters);
    const struct oid *signature = cd_read_ok(&oid) ? FIND_OID(signatures, &oid) : NULL;
    if (signature) {
        c->signature = signature->name;
        c->weak_hash = signature->weak;
    }
    size_t issuer = r->pos;
    read_name(r, "issuer", &c->issuer);
    size_t issuer_len = r->pos - issuer;
    struct cd_reader validity = cd_ber_expect(r, CD_BER_SEQUENCE, "validity");
    c->not_before = read_time(&validity);
    c->not_after = read_time(&validity);
    if (!cd_read_ok(&validity))
        cd_read_fail(r, "validity");
    size_t subject = r->pos;
    read_name(r, "subject", &c->subject);
    c->self_issued =
        cd_read_ok(r) && r->pos - subject == issuer_len && memcmp(r->base + subject, r->base + issuer, issuer_len) == 0;
    read_key(r, c);
    struct cd_ber e;
    while (cd_read_left(r) && cd_ber_read(r, "extensions", &e))
        if (e.identifier == TAG_EXTENSIONS)
            read_extensions(&e.value, c);
}

bool cd_x509_parse(struct cd_reader *r, struct cd_x509 *ret)
{
    struct cd_x509 c = {.key = "unknown", .signature = "unknown"};
    struct cd_reader certificate = cd_ber_expect(r, CD_BER_SEQUENCE, "certificate");
    struct cd_reader signed_part = cd_ber_expect(&certificate, CD_BER_SEQUENCE, "tbs certificate");
    read_to_be_signed(&signed_part, &c);
    if (!cd_read_ok(&signed_part))
        cd_read_fail(r, signed_part.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

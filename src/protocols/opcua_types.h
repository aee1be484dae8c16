/* The built-in types of OPC UA in their binary encoding (OPC 10000-6 5.2): little-endian, strings and arrays with a length before them that is -1
 * where there is none. Readers take what they need and pass over the rest; nested ones count their depth. */
#ifndef CD_PROTOCOLS_OPCUA_TYPES_H
#define CD_PROTOCOLS_OPCUA_TYPES_H

#include "base/reader.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CD_OPCUA_DEPTH_MAX = 10 /* of Variants in Variants and DiagnosticInfos in DiagnosticInfos (5.1.5: at most 100) */
};

/* A String, ByteString or XmlElement (5.2.2.4); bytes NULL where it is null. */
struct cd_opcua_string {
    const char *bytes;
    size_t len;
};

enum cd_opcua_id_type { CD_OPCUA_NUMERIC, CD_OPCUA_STRING, CD_OPCUA_GUID, CD_OPCUA_OPAQUE };

/* NodeId (5.2.2.9). */
struct cd_opcua_node_id {
    enum cd_opcua_id_type type;
    uint16_t namespace_index;
    uint32_t number;             /* numeric */
    struct cd_opcua_string text; /* the bytes of the other kinds */
};

/* ExtensionObject (5.2.2.15): a body with the id of its encoding. */
struct cd_opcua_extension {
    struct cd_opcua_node_id type;
    bool binary; /* the body is binary; else there is none, or it is XML */
    struct cd_reader body;
};

enum {
    CD_OPCUA_TYPE_BOOLEAN = 1,
    CD_OPCUA_TYPE_INT32 = 6,
    CD_OPCUA_TYPE_UINT32 = 7,
    CD_OPCUA_TYPE_STRING = 12,
    CD_OPCUA_TYPE_EXTENSION = 22
};

/* What of a Variant (5.2.2.16) can be shown: a scalar string, number or structure. Everything else is passed over. */
struct cd_opcua_value {
    uint8_t type; /* a scalar's built-in type; 0 for null, arrays and what is passed over */
    uint64_t number;
    struct cd_opcua_string text;         /* String, LocalizedText */
    struct cd_opcua_extension extension; /* ExtensionObject */
    uint32_t status;                     /* of the DataValue around it */
};

struct cd_opcua_string cd_opcua_read_string(struct cd_reader *r, const char *field);
/* The text of a LocalizedText (5.2.2.14). */
struct cd_opcua_string cd_opcua_read_localized(struct cd_reader *r, const char *field);
/* The name of a QualifiedName (5.2.2.13), and its namespace. */
struct cd_opcua_string cd_opcua_read_qualified(struct cd_reader *r, uint16_t *ret_namespace, const char *field);
struct cd_opcua_node_id cd_opcua_read_node_id(struct cd_reader *r, const char *field);
struct cd_opcua_node_id cd_opcua_read_expanded(struct cd_reader *r, const char *field);
struct cd_opcua_extension cd_opcua_read_extension(struct cd_reader *r, const char *field);
void cd_opcua_read_variant(struct cd_reader *r, struct cd_opcua_value *ret, unsigned depth, const char *field);
void cd_opcua_read_data_value(struct cd_reader *r, struct cd_opcua_value *ret, unsigned depth, const char *field);
void cd_opcua_skip_diagnostic(struct cd_reader *r, unsigned depth, const char *field);
/* The number of elements of an array that follows, each of at least `least` (> 0) bytes; 0 where the array is null. A number for which there is no
 * room is bad, so that loops over elements are bounded by the bytes of the message. */
uint32_t cd_opcua_read_count(struct cd_reader *r, size_t least, const char *field);
void cd_opcua_skip_strings(struct cd_reader *r, const char *field);

/* As people write it: "ns=2;s=Pump1.Speed", "i=2258" (6 5.3.1.10). Text is made safe to show. */
void cd_opcua_text_node_id(struct cd_text *t, const struct cd_opcua_node_id *id);
/* A numeric id of namespace 0. */
bool cd_opcua_is_standard(const struct cd_opcua_node_id *id, uint32_t number);
bool cd_opcua_string_is(struct cd_opcua_string s, const char *literal);

#endif

/* SNMP v1 (RFC 1157), v2c (RFC 1901, 3416) and v3 (RFC 3412, 3414). */
#ifndef CD_PROTOCOLS_SNMP_H
#define CD_PROTOCOLS_SNMP_H

#include "protocols/ber.h"
#include "protocols/dissector.h"

enum cd_snmp_pdu {
    CD_SNMP_GET = 0,
    CD_SNMP_GETNEXT = 1,
    CD_SNMP_RESPONSE = 2,
    CD_SNMP_SET = 3,
    CD_SNMP_TRAP_V1 = 4,
    CD_SNMP_GETBULK = 5,
    CD_SNMP_INFORM = 6,
    CD_SNMP_TRAP = 7,
    CD_SNMP_REPORT = 8
};

enum { CD_SNMP_V1 = 0, CD_SNMP_V2C = 1, CD_SNMP_V3 = 3 };
enum { CD_SNMP_AUTHENTICATED = 1, CD_SNMP_ENCRYPTED = 2 }; /* msgFlags (RFC 3412 6.4) */

struct cd_snmp_text {
    const uint8_t *at; /* borrowed */
    size_t len;
};

struct cd_snmp_message {
    uint8_t version;
    uint32_t message_id;                 /* v3 */
    uint8_t flags;                       /* v3 */
    struct cd_snmp_text engine_id, user; /* v3, user-based security */
    bool encrypted;                      /* nothing below can be read */
    uint8_t pdu;                         /* enum cd_snmp_pdu */
    uint32_t request_id;
    int64_t error_status;
    struct cd_snmp_text trap_enterprise; /* v1 trap: content of the object identifier */
    uint8_t trap_generic;
    struct cd_reader bindings; /* the variable bindings, checked; read them with cd_snmp_binding_parse */
};

struct cd_snmp_binding {
    struct cd_ber_oid oid;
    struct cd_ber value;
};

/* The community is passed over and never kept. */
bool cd_snmp_parse(struct cd_reader *r, struct cd_snmp_message *ret);
/* The next binding; false at the end. */
bool cd_snmp_binding_parse(struct cd_reader *bindings, struct cd_snmp_binding *ret);

/* A maker by IANA enterprise number, or NULL. */
const char *cd_snmp_enterprise(uint32_t number);

/* What a dissector of a flow remembers: entPhysicalClass comes before the name plate in a walk. */
struct cd_snmp_state {
    uint32_t chassis;    /* entPhysicalIndex of the chassis; 0 until told */
    bool told_community; /* one finding a flow */
    bool told_engine;
};

/* What the bindings of a device's own message tell of it (snmp_facts.c). */
void cd_snmp_report_bindings(struct cd_message *m, const struct cd_subject *device, const struct cd_snmp_message *p);
/* Maker and MAC in an engine id (RFC 3411 5, SnmpEngineID). */
void cd_snmp_report_engine(struct cd_message *m, const struct cd_subject *device, const struct cd_snmp_text *engine_id);
/* Writes what an object identifier belongs to: "system", "entityMIB", "Siemens objects". */
void cd_snmp_append_group(struct cd_text *t, const struct cd_ber_oid *oid);

#endif

/* OPC UA, the connection protocol over TCP with UA Secure Conversation and the binary encoding (OPC 10000-6:2022, clauses 5.2, 6.7 and 7.1), and the services
 * of OPC 10000-4: how automation devices of all makers give out their data. */
#ifndef CD_PROTOCOLS_OPCUA_H
#define CD_PROTOCOLS_OPCUA_H

#include "observe/vocabulary.h"
#include "protocols/dissector.h"
#include "protocols/opcua_types.h"

/* ---- chunks (6 6.7.2, 7.1.2) ---- */

enum cd_opcua_message_type {
    CD_OPCUA_HELLO,
    CD_OPCUA_ACKNOWLEDGE,
    CD_OPCUA_ERROR,
    CD_OPCUA_REVERSE_HELLO,
    CD_OPCUA_OPEN,
    CD_OPCUA_MESSAGE,
    CD_OPCUA_CLOSE
};

struct cd_opcua_chunk {
    enum cd_opcua_message_type type;
    char last;        /* 'F' the last chunk of its message, 'C' more follow, 'A' the message is given up */
    uint32_t channel; /* of OPN, MSG and CLO */
    uint32_t token;   /* of MSG and CLO: by which keys it is secured */
    struct cd_opcua_string policy, certificate, thumbprint; /* of OPN */
    struct cd_reader body;                                  /* what follows: sequence header and body, secured or not */
};

enum { CD_OPCUA_HEADER = 8 };

/* One chunk. *ret is untouched where it does not fit; r->bad then names the field. */
bool cd_opcua_parse(struct cd_reader *r, struct cd_opcua_chunk *ret);

/* ---- names (opcua_names.c, opcua_status.c) ---- */

struct cd_opcua_service {
    uint16_t request, response; /* ids of the binary encodings */
    const char *name;
    enum cd_class class;
};

enum {
    CD_OPCUA_SERVICE_FAULT = 397,
    CD_OPCUA_FIND_SERVERS = 422,
    CD_OPCUA_GET_ENDPOINTS = 428,
    CD_OPCUA_REGISTER_SERVER = 437,
    CD_OPCUA_OPEN_SECURE_CHANNEL = 446,
    CD_OPCUA_CLOSE_SECURE_CHANNEL = 452,
    CD_OPCUA_CREATE_SESSION = 461,
    CD_OPCUA_ACTIVATE_SESSION = 467,
    CD_OPCUA_ADD_NODES = 488,
    CD_OPCUA_ADD_REFERENCES = 494,
    CD_OPCUA_DELETE_NODES = 500,
    CD_OPCUA_DELETE_REFERENCES = 506,
    CD_OPCUA_BROWSE = 527,
    CD_OPCUA_TRANSLATE = 554,
    CD_OPCUA_REGISTER_NODES = 560,
    CD_OPCUA_UNREGISTER_NODES = 566,
    CD_OPCUA_READ = 631,
    CD_OPCUA_HISTORY_READ = 664,
    CD_OPCUA_WRITE = 673,
    CD_OPCUA_HISTORY_UPDATE = 700,
    CD_OPCUA_CALL = 712,
    CD_OPCUA_CREATE_MONITORED_ITEMS = 751,
    CD_OPCUA_SET_PUBLISHING_MODE = 799,
    CD_OPCUA_REGISTER_SERVER_2 = 12211
};

/* The service of this request's or response's id; NULL where there is none. */
const struct cd_opcua_service *cd_opcua_service_of(uint32_t id);
const char *cd_opcua_attribute_name(uint32_t attribute);
/* Name of a node of namespace 0 that is met often, or NULL. */
const char *cd_opcua_node_name(uint32_t number);
/* What calling this method does. */
enum cd_class cd_opcua_method_class(const struct cd_opcua_node_id *method);

static inline bool cd_opcua_is_bad(uint32_t status)
{
    return status >> 31;
}

/* The name of a bad StatusCode; NULL of one that is good or uncertain. */
const char *cd_opcua_status_error(uint32_t status);

enum cd_opcua_policy {
    CD_OPCUA_POLICY_UNKNOWN,
    CD_OPCUA_POLICY_NONE,
    CD_OPCUA_POLICY_BASIC128RSA15,
    CD_OPCUA_POLICY_BASIC256,
    CD_OPCUA_POLICY_BASIC256SHA256,
    CD_OPCUA_POLICY_AES128,
    CD_OPCUA_POLICY_AES256,
    CD_OPCUA_POLICY_NIST_P256,
    CD_OPCUA_POLICY_NIST_P384,
    CD_OPCUA_POLICY_BRAINPOOL_P256,
    CD_OPCUA_POLICY_BRAINPOOL_P384,
    CD_OPCUA_POLICY_CURVE25519,
    CD_OPCUA_POLICY_CURVE448,
    CD_OPCUA_POLICY_OTHER
};

enum cd_opcua_policy cd_opcua_policy_of(struct cd_opcua_string uri);
const char *cd_opcua_policy_name(enum cd_opcua_policy policy);
/* Bytes of a symmetric signature (OPC 10000-7). */
size_t cd_opcua_signature_length(enum cd_opcua_policy policy);

/* ---- state of a connection, and the parts of the dissector ---- */

struct cd_opcua_partial {
    uint8_t *bytes; /* bodies of the chunks so far */
    uint32_t len, size;
    uint32_t request;
    bool open, incomplete; /* incomplete: not all could be kept */
};

struct cd_opcua_state {
    uint8_t policy; /* enum cd_opcua_policy of the secure channel */
    bool reversed;  /* the server opened the connection (ReverseHello, 6 7.1.3) */
    bool told_unsecured;
    uint16_t told_policies, told_offers;
    uint32_t next_sequence[2];          /* of the client end and of the server end */
    struct cd_opcua_partial partial[2]; /* of the client end and of the server end */
};

/* A request or response of which the header is still to come; `request` is its RequestId (6.7.2.4). */
void cd_opcua_report_request(struct cd_message *m, const struct cd_opcua_service *service, struct cd_reader *r,
                             uint32_t request);
/* service NULL: a ServiceFault. */
void cd_opcua_report_response(struct cd_message *m, const struct cd_opcua_service *service, struct cd_reader *r,
                              uint32_t request);
/* Refusals that are about who somebody is also make an event. */
void cd_opcua_report_refusal(struct cd_message *m, const char *service, uint32_t status);
void cd_opcua_report_weak_policy(struct cd_message *m, const char *what, enum cd_opcua_policy policy);

/* ---- facts (opcua_facts.c) ---- */

/* ApplicationDescription (4 7.2), about `subject`. */
void cd_opcua_report_application(struct cd_message *m, const struct cd_subject *subject, struct cd_reader *r,
                                 unsigned confidence);
void cd_opcua_report_certificate(struct cd_message *m, const struct cd_subject *subject,
                                 struct cd_opcua_string certificate, const char *whose);
/* An array of EndpointDescriptions (4 7.14). */
void cd_opcua_report_endpoints(struct cd_message *m, struct cd_reader *r);
/* The host of an endpoint URL as a name of the server's. */
void cd_opcua_report_url(struct cd_message *m, struct cd_opcua_string url, unsigned confidence);

/* What is read of the Server object and tells who it is (5 6.3): four bits for each of the first nodes of a Read. */
enum { CD_OPCUA_NOTED_NODES = 16, CD_OPCUA_NOTE_BITS = 4 };
unsigned cd_opcua_note_of(const struct cd_opcua_node_id *id, uint32_t attribute);
void cd_opcua_report_value(struct cd_message *m, unsigned note, const struct cd_opcua_value *value);

#endif

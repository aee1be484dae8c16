/* A flow of one dissector without a network: bytes in, observations out. Stream bytes are framed as the flow room frames them. */
#ifndef TESTS_PROTOCOLS_HARNESS_H
#define TESTS_PROTOCOLS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "observe/tables.h"
#include "protocols/dissector.h"

struct harness; /* client 10.0.0.1 (02:00:00:00:00:01), server 10.0.0.2 (02:00:00:00:00:02) */

/* server_port 0: the dissector's first well-known port (or Ethertype, or IP protocol). */
struct harness *harness_new(const struct cd_dissector *dissector, enum cd_transport transport, uint16_t server_port);
void harness_free(struct harness *h);
/* Other addresses of the two ends (text), and the hop limit of the packets to come. */
void harness_set_ends(struct harness *h, const char *client, const char *server, uint8_t ttl);

/* One datagram or link-layer payload, or the next bytes of a stream in one direction (a TCP segment). Each call is one packet; time goes on by 1 ms. The bytes are given
 * in an exact-size heap copy, so that one byte too far is seen by the sanitizer. */
void harness_send(struct harness *h, bool from_client, const void *bytes, size_t len);
/* The same from text: hexadecimal digits, blanks ignored. */
void harness_send_hex(struct harness *h, bool from_client, const char *hex);
/* The same, as if the snap length had cut the end: m->cut is set. */
void harness_send_cut(struct harness *h, bool from_client, const void *bytes, size_t len);
size_t harness_hex(const char *hex, uint8_t *out, size_t cap);
/* The bytes of a file (CD_TEST_DIR "/seeds/req-x.bin"); the test fails where it is not there or too long. */
size_t harness_file(const char *path, uint8_t *out, size_t cap);

/* The same two with the file named by its folder (ending in '/') and its name. */
size_t harness_file_in(const char *folder, const char *name, uint8_t *out, size_t cap);
void harness_send_file_in(struct harness *h, bool from_client, const char *folder, const char *name);
#ifdef CD_TEST_DIR
/* A seed of the test's own protocol, by the name of its file: read, or sent as one datagram or segment. */
static inline size_t harness_seed(const char *name, uint8_t *out, size_t cap)
{
    return harness_file_in(CD_TEST_DIR "/seeds/", name, out, cap);
}
static inline void harness_send_seed(struct harness *h, bool from_client, const char *name)
{
    harness_send_file_in(h, from_client, CD_TEST_DIR "/seeds/", name);
}
#endif

/* Counts of the operations with this protocol, code text and target (NULL: any; sums over all that match). */
struct harness_counts {
    uint64_t entries, requests, responses, errors;
};
struct harness_counts harness_operations(struct harness *h, const char *protocol, const char *code, const char *target);
/* Asserts that there is exactly one entry of this code and target with these counts, and its name and class. */
void harness_expect_operation(struct harness *h, const char *protocol, const char *code, const char *name,
                              enum cd_class class, const char *target, uint64_t requests, uint64_t responses,
                              uint64_t errors);
/* The value of the first fact with this attribute about this nested address ("" the device itself), or NULL. */
const char *harness_fact(struct harness *h, enum cd_attribute attribute, const char *nested);
bool harness_has_fact(struct harness *h, enum cd_attribute attribute, const char *nested, const char *value);
uint64_t harness_events(struct harness *h, enum cd_event_kind kind);
const char *harness_event_detail(struct harness *h, enum cd_event_kind kind); /* the first's, or NULL */
struct cd_observer *harness_observer(struct harness *h);
/* Prints all operations, facts and events: for looking while a test is written. */
void harness_print(struct harness *h);

/* Every proper prefix of a valid message: a stream's framer asks for more or names a length beyond it; a datagram is refused as malformed or, cut, read without harm; nothing crashes. A fresh flow
 * each. Set `datagram_prefix_may_be_valid` for formats whose prefixes can be whole messages (line-based, TLV). */
void harness_every_prefix(const struct cd_dissector *dissector, enum cd_transport transport, bool from_client,
                          const void *bytes, size_t len, bool datagram_prefix_may_be_valid);
void harness_every_prefix_hex(const struct cd_dissector *dissector, enum cd_transport transport, bool from_client,
                              const char *hex, bool datagram_prefix_may_be_valid);

#endif

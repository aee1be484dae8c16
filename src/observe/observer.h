/* Where the sensor's parsers put what they learned; it aggregates, so that steady traffic costs a few observations a minute.
 *
 * Everything here is bounded: at the cap of a table new entries are dropped and counted (cd_observer_counters), never the old ones.
 * Texts given in are copied; names (protocol, operation, error, code space) must be string literals or live as long as the observer. */
#ifndef CD_OBSERVE_OBSERVER_H
#define CD_OBSERVE_OBSERVER_H

#include "base/address.h"
#include "observe/vocabulary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who a fact is about: a MAC or an IP address (the one the protocol speaks through) and, below it, a nested address. An Ethernet address can also stand
 * in an IP field: see cd_ip_of_mac(). */
struct cd_subject {
    cd_mac mac;      /* CD_NO_MAC, or the MAC the fact is about */
    struct cd_ip ip; /* all zero, or the IP address the fact is about */
    const char *
        nested; /* "" or kind:address segments joined by '/': "modbus:5" (unit), "cip:1.3" (port.slot), "bacnet:100.0a" (network.MAC in hex),
                             "s7:0.2" (rack.slot), "dnp3:4" (link address) */
};

enum { CD_TEXT_MAX = 255 }; /* longer values and details are cut */

/* What was done: the standard's number and, where it helps, on what. */
struct cd_operation {
    const char *name;       /* literal: "read holding registers" */
    const char *code_space; /* literal or NULL: "confirmed", "userdata:4" */
    const char *code_text;  /* NULL, or a code that is no number ("ADT^A01"): a literal, or from cd_observe_code */
    uint32_t code;
    enum cd_class class;
    const char *target; /* "" or text as a person of the field writes it: "unit 1 holding registers 0-9"; copied */
};

struct cd_observer;

/* A client and a server that operations are between; interned, small numbers. CD_PAIR_NONE when the table is full. */
typedef uint32_t cd_pair;
#define CD_PAIR_NONE UINT32_MAX
cd_pair cd_observe_pair(struct cd_observer *o, const struct cd_ip *client, const struct cd_ip *server);

/* Counts one request (or a message without an answer) and gives the number of the aggregated entry for cd_observe_response, or UINT32_MAX where
 * the table is full. Classes program, firmware, mode, control, configure also give an event at once. */
uint32_t cd_observe_request(struct cd_observer *o, cd_pair pair, const char *protocol, const struct cd_operation *op,
                            uint64_t time_ns, uint64_t frame);
/* Counts one more request on an entry of this protocol, without looking it up; false where it is none. */
bool cd_observe_again(struct cd_observer *o, uint32_t entry, const char *protocol, uint64_t time_ns);
/* Counts one response on an entry. `error`: NULL, or a literal that names the refusal. */
void cd_observe_response(struct cd_observer *o, uint32_t entry, const char *error, uint64_t time_ns);
/* Counts a refusal on an entry without counting a response: for answers that are counted as operations of their own. */
void cd_observe_error(struct cd_observer *o, uint32_t entry, const char *error, uint64_t time_ns);
/* A code text that came over the wire, as a text that lives as long as the observer: the same bytes give the same pointer. The caller has
 * seen to it that it is a code and nothing else. At most 512 different ones are kept; then, and where it is empty or longer than 63 bytes, it is "(other)". */
const char *cd_observe_code(struct cd_observer *o, const char *bytes, size_t len);
/* Counts one response whose request was not seen. */
uint32_t cd_observe_lone_response(struct cd_observer *o, cd_pair pair, const char *protocol,
                                  const struct cd_operation *op, const char *error, uint64_t time_ns);

/* A device said or showed something about itself. `value` need not be NUL-terminated and may hold anything; it is made safe to show. An empty one
 * is ignored. confidence 1..100: 100 the device's own electronic name plate, 80 a configured name, 50 inferred from behaviour. */
void cd_observe_fact(struct cd_observer *o, const struct cd_subject *subject, enum cd_attribute attribute,
                     const void *value, size_t value_len, const char *protocol, unsigned confidence, uint64_t time_ns);

/* A thing noticed at parse level. detail is made safe to show. Of each (kind, protocol, pair) the first 64 (4096 of dangerous
 * operations) are kept one by one; then only counted. */
void cd_observe_event(struct cd_observer *o, enum cd_event_kind kind, const char *protocol, cd_pair pair,
                      const char *detail, uint64_t time_ns, uint64_t frame);
/* Whether nothing like this was noticed of the pair before: true once for each (kind, protocol, pair, what). For findings that hold as long as two
 * devices talk, and are told once. */
bool cd_observe_is_first(struct cd_observer *o, enum cd_event_kind kind, const char *protocol, cd_pair pair,
                         const char *what);

/* A MAC as it stands in IP fields of pairs and conversations below IP, and back (false where ip is no such form). */
struct cd_ip cd_ip_of_mac(cd_mac mac);
bool cd_ip_get_mac(const struct cd_ip *ip, cd_mac *ret_mac);

#endif

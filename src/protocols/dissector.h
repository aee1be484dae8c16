/* What a protocol is to the sensor: how to recognise it, how to cut a stream into its messages, and how to read one message.
 *
 * A dissector is one file pair, one line in protocols.def and one test folder. In its file, parsing (bytes -> struct, pure, whole or not at all) stays
 * apart from reporting (struct -> observations), because the access gate uses the same parser as its filter:
 *
 *     bool cd_x_parse(struct cd_reader *r, struct cd_x_message *ret);        // no side effects, *ret untouched on failure
 *     static void dissect(struct cd_message *m, struct cd_reader *r);         // parse, then cd_report_...
 */
#ifndef CD_PROTOCOLS_DISSECTOR_H
#define CD_PROTOCOLS_DISSECTOR_H

#include "base/reader.h"
#include "decode/packet.h"
#include "observe/observer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cd_flow;
struct cd_dissector;

/* One message on its way through a dissector. */
struct cd_message {
    struct cd_observer *observer;
    const struct cd_packet *packet; /* the packet that completed the message: time, frame number, addresses */
    struct cd_flow *flow;           /* opaque to dissectors; NULL in unit tests of pure link-layer protocols */
    const struct cd_dissector
        *dissector; /* whose name stands in reports; a carrier sets it before it calls a carried protocol */
    void *state; /* state_size bytes of this dissector for this flow, zeroed at its start; NULL where state_size is 0 */
    struct cd_ip client, server; /* addresses of the flow's two ends (MACs in cd_ip_of_mac form below IP) */
    uint16_t client_port, server_port;
    enum cd_transport transport;
    bool sent_by_client_end; /* which end of the flow sent it; set by the sensor, never changed */
    bool
        from_client; /* the way this message went; starts as sent_by_client_end. A dissector that knows better from the bytes may change it before it reports */
    bool
        cut; /* the end of the message is missing (snap length, lost segment): report what can be trusted, malformed is no finding */
    uint32_t
        skip; /* out: so many bytes after this message, in this direction, are body without interest: they are not framed */
};

/* Results of a framer besides the length of the message at the front (which may be larger than len: more is awaited). */
enum { CD_FRAME_MORE = 0, CD_FRAME_NOT_OURS = -1 };

/* Confidence of a probe: how surely do these first bytes belong to the protocol? */
enum {
    CD_PROBE_NO = 0,
    CD_PROBE_MAYBE = 30 /* enough on a port of its own */,
    CD_PROBE_LIKELY = 70 /* enough on any port */,
    CD_PROBE_SURE = 95
};

enum { CD_DISSECTOR_PORTS = 12, CD_DISSECTOR_IP_PROTOCOLS = 4 };

struct cd_dissector {
    const char *name;                       /* as in the output: "modbus" */
    uint16_t tcp_ports[CD_DISSECTOR_PORTS]; /* well-known server ports, 0-terminated */
    uint16_t udp_ports[CD_DISSECTOR_PORTS];
    uint16_t ethertypes[CD_DISSECTOR_PORTS]; /* for protocols directly on Ethernet; also CD_ETHERTYPE_LLC / _SNAP */
    uint8_t ip_protocols
        [CD_DISSECTOR_IP_PROTOCOLS]; /* for protocols directly on IP, 0-terminated; each has one dissector */

    /* Looks at the first bytes of a payload (a datagram, or a stream's start in one direction). Where dissectors share an Ethertype, theirs are asked for every frame, and must tell
     * their own exactly. NULL: recognised by port or carrier only. Must be cheap and exact:
     * it also runs on foreign ports. `transport` is TCP, UDP, ETH or IP. */
    int (*probe)(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client);
    bool
        probe_by_direction; /* the probe's answer depends on from_client: where the ends may be confused, it is asked for both */

    /* Streams only: length of the message that begins at `bytes` (header included), CD_FRAME_MORE where that can't be told yet, or CD_FRAME_NOT_OURS where no message can begin
     * here. NULL for datagram protocols. */
    ssize_t (*frame)(const void *state, const uint8_t *bytes, size_t len, bool from_client);

    /* Reads one message: a datagram, a link-layer payload, or what `frame` cut out of a stream. */
    void (*dissect)(struct cd_message *m, struct cd_reader *r);

    uint32_t max_message; /* longer messages are given cut to this length and the rest is skipped; 0 means 64 KiB */
    uint32_t state_size;  /* bytes of state per flow; keep it small */

    /* Frees what the state owns, when the flow ends; the state itself is freed by the caller. NULL where it owns nothing. */
    void (*end)(void *state);
};

/* ---- what dissectors report with (report.c) ---- */

/* The two ends as fact subjects, in the roles of this message: where a dissector has changed from_client, client and server are swapped for all reports.
 * Facts about the MAC itself take cd_subject_mac. */
struct cd_subject cd_subject_client(const struct cd_message *m);
struct cd_subject cd_subject_server(const struct cd_message *m);
struct cd_subject cd_subject_sender(const struct cd_message *m); /* by from_client */
struct cd_subject cd_subject_receiver(const struct cd_message *m);
struct cd_subject cd_subject_mac(cd_mac mac);
struct cd_subject cd_subject_ip(const struct cd_ip *ip);
/* The same with a nested address below (text borrowed, NUL-terminated; must live until the report call returns). */
struct cd_subject cd_subject_nested(struct cd_subject of, const char *nested);

/* A request: counted, and remembered in the flow under `id` (the protocol's transaction number, unique among those open in this flow; both directions share the space) so that its
 * response counts on the same entry, with the same target. */
void cd_report_request(struct cd_message *m, const struct cd_operation *op, uint64_t id);
/* A response: counted on the remembered request's entry; where that was not seen, on an entry made from `op` (target "" usually). error: NULL or a literal. Returns whether the
 * request was known. */
bool cd_report_response(struct cd_message *m, const struct cd_operation *op, uint64_t id, const char *error);
/* A part of a response that goes on in further messages: counted like a response, and the request stays open. */
bool cd_report_response_part(struct cd_message *m, const struct cd_operation *op, uint64_t id);
/* A refusal in an answer that is counted as an operation of its own (HL7's acknowledgements have a message type): counts an error on the remembered request's
 * entry and no response. Returns whether the request was known. */
bool cd_report_refusal(struct cd_message *m, uint64_t id, const char *error);
/* The id of a response whose request isn't remembered (it has no target, so both find the same entry): no search is made. */
#define CD_REPORT_NO_REQUEST UINT64_MAX
/* About n requests will be open at a time (many in one message): without it, 16 are remembered. */
void cd_report_expect(struct cd_message *m, unsigned n);
/* A message that has no answer by its nature (unconfirmed, cyclic): counted as a request, nothing is remembered. */
void cd_report_notice(struct cd_message *m, const struct cd_operation *op);
/* The same for traffic of which every microsecond counts: *entry, 0 at first and kept in the dissector's state by whoever calls, names the operation's entry, so that nothing is looked up
 * from the second message on. One *entry belongs to one operation and one way; not for the dangerous classes, which are announced one by one. */
void cd_report_cyclic(struct cd_message *m, const struct cd_operation *op, uint32_t *entry);
/* A response that belongs to the operation of *entry, as above. */
void cd_report_cyclic_response(struct cd_message *m, const struct cd_operation *op, uint32_t *entry, const char *error);
/* A 64-bit note of the dissector's own kept with an open request (what was asked), to read its response by: set right after cd_report_request; got before cd_report_response.
 * 0 where unknown. */
void cd_report_remember(struct cd_message *m, uint64_t id, uint64_t note);
uint64_t cd_report_recall(const struct cd_message *m, uint64_t id);

/* A fact about `subject`; text variants for NUL-terminated strings. */
void cd_report_fact(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                    const char *value, unsigned confidence);
void cd_report_fact_bytes(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                          const void *value, size_t len, unsigned confidence);
void cd_report_event(struct cd_message *m, enum cd_event_kind kind, const char *detail);
/* The same for what holds as long as two devices talk: told once for the pair and this detail. */
void cd_report_event_once(struct cd_message *m, enum cd_event_kind kind, const char *detail);
/* Whether this was not yet noticed of the pair: true once for each kind of event and text. */
bool cd_report_is_first(struct cd_message *m, enum cd_event_kind kind, const char *what);
/* Bad traffic: field did not fit. No event where the message is cut. Counts the message's bytes as not understood. */
void cd_report_malformed(struct cd_message *m, const char *field);

/* ---- the registry (registry.c), made from protocols.def ---- */
#define CD_PROTOCOL(id) extern const struct cd_dissector cd_dissector_##id;
#include "protocols/protocols.def"
#undef CD_PROTOCOL

/* All dissectors, NULL-terminated, in the order of protocols.def. */
extern const struct cd_dissector *const cd_dissectors[];
/* By name, or NULL. */
const struct cd_dissector *cd_dissector_find(const char *name);

#endif

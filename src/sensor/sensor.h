/* The sensor: frames in, observations out. One instance is one worker; it holds no descriptor and calls nothing outside.
 *
 *   pipeline.c   the way of a packet, in one function    (start here)
 *   shard.c      which worker a frame belongs to
 *   claim.c      which protocol a flow speaks
 *   messages.c   from packets and stream bytes to dissectors
 *   link.c       which dissector a payload without ports goes to: by its Ethertype or IP protocol
 *   ring.c       frames that come back to their sender, changed on the way (EtherCAT)
 *   naming.c     names for ordinary IT applications that no dissector claims
 *   health.c     the counters that tell how far the result can be trusted */
#ifndef CD_SENSOR_SENSOR_H
#define CD_SENSOR_SENSOR_H

#include "capture/capture.h"
#include "flow/defrag.h"
#include "flow/stream.h"
#include "flow/table.h"
#include "observe/health.h"
#include "observe/tables.h"
#include "protocols/dissector.h"

struct cd_naming;

struct cd_sensor_options {
    uint32_t worker, workers; /* this worker takes its share of the frames; workers 0 or 1: all */
    uint32_t max_flows;       /* 0: 1 000 000, shared by the workers */
    size_t max_waiting_bytes; /* of TCP reassembly; 0: 64 MiB */
    bool name_applications;   /* name other IT traffic (libndpi); costs about 20 ms at the start */
};

enum {
    CD_SENSOR_DISSECTORS_MAX = 255,
    CD_SENSOR_TRANSPORTS = CD_TRANSPORT_UDP + 1,
    CD_SENSOR_ETHERTYPES_MAX = 255,
    CD_SENSOR_SHARING_MAX = 12,
    CD_SENSOR_MASTERS_MAX = 64
};

/* Dissectors that are asked about an unknown flow, by their numbers. */
struct cd_sensor_probes {
    uint32_t n;
    uint8_t items[CD_SENSOR_DISSECTORS_MAX];
};

/* The dissectors of one Ethertype, by their numbers. */
struct cd_ethertype_users {
    uint8_t n, dissectors[CD_SENSOR_SHARING_MAX];
};

struct cd_sensor {
    struct cd_sensor_options options;
    struct cd_observer *observer;
    struct cd_flow_table flows;
    struct cd_streams streams;
    struct cd_stream_sink sink;
    struct cd_defrag defrag;
    struct cd_health health;        /* since the last flush */
    struct cd_naming *naming;       /* NULL: not asked for, or not to be had */
    const struct cd_packet *packet; /* the one being worked on */
    const struct cd_frame *frame;   /* and the frame it came in */
    uint16_t link_type;             /* the last one asked about */
    bool link_asked, link_decoded;
    uint8_t by_port[2][65536];   /* TCP, UDP: number of the dissector + 1, 0 none */
    uint8_t by_ethertype[65536]; /* number of its list in `ethertypes` + 1, 0 none */
    uint8_t by_ip_protocol[256]; /* number of the dissector + 1, 0 none */
    struct cd_ethertype_users ethertypes[CD_SENSOR_ETHERTYPES_MAX];
    uint32_t n_ethertypes;
    cd_mac masters[CD_SENSOR_MASTERS_MAX]; /* senders of EtherCAT frames */
    uint32_t n_masters;
    struct cd_protocol_entry *entries[CD_SENSOR_DISSECTORS_MAX];
    uint32_t n_dissectors;
    struct cd_sensor_probes probes[CD_SENSOR_TRANSPORTS];
    uint64_t setup_allocations;
    struct cd_flow_counters flows_told; /* what earlier flushes have told */
    struct cd_stream_counters streams_told;
    struct cd_defrag_counters defrag_told;
};

/* A sensor ready to take frames; everything that needs the system (memory, tables of the naming library) is had here, before confinement. The caller frees it. */
struct cd_sensor *cd_sensor_new(const struct cd_sensor_options *options);
void cd_sensor_free(struct cd_sensor *sensor);

/* Takes a batch of frames of one source, in order. Their bytes are not needed afterwards. */
void cd_sensor_take(struct cd_sensor *sensor, const struct cd_frame *frames, size_t n);

/* Brings the observer's tables and `health` up to date for a flush: counters of flows still open are folded in. */
void cd_sensor_settle(struct cd_sensor *sensor);
/* The end of the traffic: all flows are ended; cd_sensor_settle follows by itself. */
void cd_sensor_finish(struct cd_sensor *sensor);

/* ---- between the files of this room ---- */

/* Traffic is dealt into a fixed number of buckets by its outer addresses, and the buckets to the workers: so a limit that is kept for each bucket takes effect alike for any number of
 * workers. */
enum { CD_SENSOR_BUCKETS = 64 };
uint32_t cd_sensor_bucket(const struct cd_frame *frame);
/* Which of `workers` (at most CD_SENSOR_BUCKETS) a frame belongs to: all frames of two addresses go to the same one. */
uint32_t cd_sensor_shard(const struct cd_frame *frame, uint32_t workers);

void cd_sensor_setup_claims(struct cd_sensor *s);
/* Looks at the first bytes of an unclaimed flow's payload and gives the flow a dissector where one knows them; at last gives up. */
void cd_sensor_claim(struct cd_sensor *s, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len);

void cd_sensor_setup_messages(struct cd_sensor *s);
/* A UDP payload. */
void cd_sensor_datagram(struct cd_sensor *s, struct cd_flow *flow, unsigned end);
/* The current packet's whole payload as one message to the flow's dissector. */
void cd_sensor_packet_message(struct cd_sensor *s, struct cd_flow *flow, unsigned end);

enum { CD_ETHERTYPE_ETHERCAT = 0x88a4, CD_PORT_ETHERCAT = 34980 };
/* Gives an EtherCAT frame that comes back from the slaves the MAC of the master that sent it. */
void cd_sensor_settle_source(struct cd_sensor *s, struct cd_packet *p);

void cd_sensor_setup_link(struct cd_sensor *s);
/* A payload directly on the link layer. Where dissectors share its Ethertype, their probes are asked for every frame. */
void cd_sensor_link_payload(struct cd_sensor *s, struct cd_flow *flow, unsigned end);
/* A payload directly on IP: its protocol names the dissector. */
void cd_sensor_ip_payload(struct cd_sensor *s, struct cd_flow *flow, unsigned end);
/* Frees the states of a flow's dissectors but the current one's. */
void cd_sensor_end_sharing(struct cd_sensor *s, struct cd_flow *flow);

struct cd_naming *cd_naming_new(void);
void cd_naming_free(struct cd_naming *naming);
/* Shows the current packet of an unclaimed flow to the naming library; sets flow->protocol once it knows. */
void cd_naming_packet(struct cd_naming *naming, struct cd_flow *flow, const struct cd_packet *packet,
                      const struct cd_frame *frame);
void cd_naming_flow_end(struct cd_naming *naming, struct cd_flow *flow);

#endif

/* PROFINET IO (IEC 61158-5-10 and -6-10): real-time data, alarms and clock synchronisation on Ethertype 0x8892, media redundancy (MRP, IEC 62439-2) on
 * 0x88e3, and the context management over DCE/RPC by UDP, port 34964.
 *
 *   profinet_io.c          recognising; frames of real-time data
 *   profinet_io_alarm.c    alarms and their acknowledgements
 *   profinet_io_ring.c     PTCP and MRP
 *   profinet_io_rpc.c      DCE/RPC without connection (C706): header, fragments, endpoint mapper
 *   profinet_io_cm.c       connect, control, read, write, release
 *   profinet_io_records.c  what connect blocks and records tell of devices
 *   profinet_io_names.c    names of the standard
 *
 * Frames are big-endian; the RPC header is in the byte order that it names, the blocks in it are always big-endian. */
#ifndef CD_PROTOCOLS_PROFINET_IO_H
#define CD_PROTOCOLS_PROFINET_IO_H

#include "base/text.h"
#include "protocols/dissector.h"

enum {
    CD_PNIO_ETHERTYPE_MRP = 0x88e3,
    CD_PNIO_PORT_RT_UNICAST = 34962,
    CD_PNIO_PORT_RT_MULTICAST = 34963,
    CD_PNIO_PORT_CM = 34964,
    CD_PNIO_CYCLES = 8, /* frame ids remembered for each way of a flow */
    CD_PNIO_TARGET_MAX = 160,
    CD_PNIO_FRAGMENTED_MAX = 65536, /* bytes of one fragmented call */
    CD_PNIO_ENTRIES_MAX = 1024      /* modules, submodules, blocks of one message that are looked at */
};

/* What is remembered of one frame id, so that the next frame of it costs little. */
struct cd_pnio_cycle {
    uint16_t frame_id;
    uint8_t last_status, told_status; /* data status, or the ring's state */
    bool told;
    uint32_t entry, frames;
};

/* The fragments of one call, in order; out of order is not what stations send. */
struct cd_pnio_fragments {
    uint8_t *bytes;
    uint32_t len, size;
    uint32_t next;
    bool open;
    uint64_t call;
};

struct cd_pnio_state {
    struct cd_pnio_cycle cycles[2][CD_PNIO_CYCLES]; /* by the end that sends */
    struct cd_pnio_fragments fragments[2];
    uint64_t told_clock; /* hash of the clock's description as last told */
};

/* ---- DCE/RPC (C706 chapter 12, connectionless PDUs) ---- */

enum cd_pnio_rpc_type {
    CD_PNIO_RPC_REQUEST,
    CD_PNIO_RPC_PING,
    CD_PNIO_RPC_RESPONSE,
    CD_PNIO_RPC_FAULT,
    CD_PNIO_RPC_WORKING,
    CD_PNIO_RPC_NOCALL,
    CD_PNIO_RPC_REJECT,
    CD_PNIO_RPC_ACK,
    CD_PNIO_RPC_CANCEL,
    CD_PNIO_RPC_FACK,
    CD_PNIO_RPC_CANCEL_ACK,
    CD_PNIO_RPC_TYPES
};

enum cd_pnio_interface {
    CD_PNIO_OTHER_INTERFACE,
    CD_PNIO_DEVICE,
    CD_PNIO_CONTROLLER,
    CD_PNIO_SUPERVISOR,
    CD_PNIO_PARAMETER_SERVER,
    CD_PNIO_ENDPOINT_MAPPER
};

struct cd_pnio_rpc {
    enum cd_pnio_rpc_type type;
    enum cd_pnio_interface interface;
    bool little, fragment, last_fragment;
    uint64_t call; /* activity and sequence number in one: the same in a request and its response */
    uint32_t sequence;
    uint16_t opnum, fragment_number;
    bool has_object; /* the object UUID is one of PROFINET's: it names instance, device and vendor */
    uint16_t device, vendor;
    struct cd_reader body;
};
/* `cut`: the body may be shorter than its length says. */
bool cd_pnio_rpc_parse(struct cd_reader *r, bool cut, struct cd_pnio_rpc *ret);
/* Integers of the RPC layer. */
uint16_t cd_pnio_u16(struct cd_reader *r, bool little, const char *field);
uint32_t cd_pnio_u32(struct cd_reader *r, bool little, const char *field);
void cd_pnio_rpc_message(struct cd_message *m, struct cd_reader *r);

/* ---- context management ---- */

enum cd_pnio_opnum {
    CD_PNIO_CONNECT,
    CD_PNIO_RELEASE,
    CD_PNIO_READ,
    CD_PNIO_WRITE,
    CD_PNIO_CONTROL,
    CD_PNIO_READ_IMPLICIT
};

/* Block header (IEC 61158-6-10 5.2.1): type, length of what follows, version; the content is `data`. */
struct cd_pnio_block {
    uint16_t type;
    uint8_t version_high, version_low;
    struct cd_reader data;
};
bool cd_pnio_next_block(struct cd_reader *r, struct cd_pnio_block *ret);

/* The common part of read and write headers (5.2.16): which record. */
struct cd_pnio_record {
    uint32_t api, length;
    uint16_t slot, subslot, index;
};
bool cd_pnio_parse_record(struct cd_reader *r, struct cd_pnio_record *ret);

/* The body of a request or response, after fragments were put together. */
void cd_pnio_cm_message(struct cd_message *m, const struct cd_pnio_rpc *rpc, struct cd_reader *body);

/* ---- what is told of devices (profinet_io_records.c) ---- */

/* Vendor and device id, as in the object UUIDs. */
void cd_pnio_report_identity(struct cd_message *m, const struct cd_subject *s, uint16_t vendor, uint16_t device,
                             unsigned confidence);
void cd_pnio_report_connect_block(struct cd_message *m, struct cd_pnio_block *block);
/* The blocks of a record that was read. */
void cd_pnio_report_record(struct cd_message *m, const struct cd_pnio_record *record, struct cd_reader *blocks);

/* ---- frames ---- */

void cd_pnio_alarm(struct cd_message *m, struct cd_reader *r, uint16_t frame_id);
void cd_pnio_ptcp(struct cd_message *m, struct cd_reader *r, uint16_t frame_id);
void cd_pnio_mrp(struct cd_message *m, struct cd_reader *r);
/* The place of a frame id in the state, anew where it was another's. */
struct cd_pnio_cycle *cd_pnio_cycle_of(struct cd_message *m, uint16_t frame_id);

/* ---- names; never NULL where not said ---- */

void cd_pnio_text_place(struct cd_text *t, uint32_t api, uint16_t slot, uint16_t subslot);
const char *cd_pnio_index_name(uint16_t index); /* NULL where it has none */
const char *cd_pnio_control_name(uint16_t command);
const char *cd_pnio_ar_name(uint16_t ar_type);
const char *cd_pnio_alarm_name(uint16_t alarm_type);
const char *cd_pnio_channel_error_name(uint16_t error); /* NULL where it has none */
/* PNIOStatus (5.2.6) as one literal; NULL for success. */
const char *cd_pnio_status_name(uint32_t status);

#endif

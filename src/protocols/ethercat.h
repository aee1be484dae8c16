/* EtherCAT (IEC 61158-4-12 and -6-12, ETG.1000): on Ethertype 0x88a4, or in UDP on port 34980.
 *
 *     length 11 bits, reserved 1, type 4 | datagrams
 *     datagram: command 1 | index 1 | address 4 | length 11 bits, flags, more | interrupt 2 | data | working counter 2
 *
 * One frame passes all slaves, each reads and writes in it as it passes, and the last sends it back: the master's question and its answer are the same frame. The first
 * slave marks it by the bit of locally administered addresses in the source MAC. Slaves have no MAC: they are parts of the network behind their master, named by their
 * station address. Numbers are little-endian.
 *
 *   ethercat.c          frames, datagrams, and what they are counted as
 *   ethercat_slaves.c   what is learned of slaves: identity from the SII and from CoE, state
 *   ethercat_mailbox.c  mailboxes: CoE, FoE, SoE and others
 *   ethercat_names.c    names of commands, registers, states and errors */
#ifndef CD_PROTOCOLS_ETHERCAT_H
#define CD_PROTOCOLS_ETHERCAT_H

#include "base/text.h"
#include "protocols/dissector.h"

enum {
    CD_ETHERCAT_PORT = 34980,
    CD_ETHERCAT_CACHE = 128,     /* operations that are counted without being looked up */
    CD_ETHERCAT_SLAVES = 256,    /* slaves of which something is remembered; those beyond are counted all the same */
    CD_ETHERCAT_DATAGRAMS = 200, /* in a frame: 2047 bytes hold no more */
    CD_ETHERCAT_TARGET_MAX = 120
};

enum cd_ethercat_type { CD_ETHERCAT_COMMANDS = 1, CD_ETHERCAT_NETWORK_VARIABLES = 4, CD_ETHERCAT_MAILBOX_GATEWAY = 5 };

enum cd_ethercat_command {
    CD_ETHERCAT_NOP,
    CD_ETHERCAT_APRD,
    CD_ETHERCAT_APWR,
    CD_ETHERCAT_APRW,
    CD_ETHERCAT_FPRD,
    CD_ETHERCAT_FPWR,
    CD_ETHERCAT_FPRW,
    CD_ETHERCAT_BRD,
    CD_ETHERCAT_BWR,
    CD_ETHERCAT_BRW,
    CD_ETHERCAT_LRD,
    CD_ETHERCAT_LWR,
    CD_ETHERCAT_LRW,
    CD_ETHERCAT_ARMW,
    CD_ETHERCAT_FRMW,
    CD_ETHERCAT_COMMAND_NUMBERS
};

/* Registers of the slave controller (ETG.1000.4 section 6). */
enum {
    CD_ETHERCAT_STATION_ADDRESS = 0x0010,
    CD_ETHERCAT_AL_CONTROL = 0x0120,
    CD_ETHERCAT_AL_STATUS = 0x0130,
    CD_ETHERCAT_AL_STATUS_CODE = 0x0134,
    CD_ETHERCAT_SII_CONTROL = 0x0502,
    CD_ETHERCAT_SII_ADDRESS = 0x0504,
    CD_ETHERCAT_SII_DATA = 0x0508,
    CD_ETHERCAT_MEMORY = 0x1000 /* from here on: process data and mailboxes */
};

struct cd_ethercat_datagram {
    uint8_t command, index;
    uint16_t position; /* slave's position, station address, or number of slaves passed, by command */
    uint16_t offset;   /* register */
    uint16_t working_counter;
    bool more;
    struct cd_reader data;
};
bool cd_ethercat_next(struct cd_reader *r, struct cd_ethercat_datagram *ret);

static inline bool cd_ethercat_is_logical(uint8_t command)
{
    return command >= CD_ETHERCAT_LRD && command <= CD_ETHERCAT_LRW;
}

/* A slave, as far as this capture named it. */
struct cd_ethercat_slave {
    uint16_t station;  /* configured address */
    uint16_t position; /* in the ring, where the address was seen being given */
    bool has_position;
    uint8_t al_status;    /* as last told */
    uint16_t status_code; /* of the error last told */
    uint32_t sii_address; /* word that is being read */
    uint16_t coe_index;   /* object whose upload is awaited, 0 none */
    uint8_t coe_subindex;
};

struct cd_ethercat_known {
    uint64_t key; /* 0: free */
    uint32_t entry;
    uint16_t working_counter;
};

struct cd_ethercat_state {
    struct cd_ethercat_known known[CD_ETHERCAT_CACHE];
    struct cd_ethercat_slave slaves[CD_ETHERCAT_SLAVES];
    uint16_t n_slaves, last_slave; /* the one asked for last: the next is mostly the one after it */
    uint16_t passed;               /* slaves a frame passes on its way, from the addresses that they count up */
    bool has_passed;
    bool told;                            /* the master's role */
    bool open;                            /* the last frame has not come back yet */
    struct cd_ethercat_datagram question; /* first datagram of the last frame that went out (its data is gone) */
};

/* The slave with this station address, made where it is new; NULL where there is no room. */
struct cd_ethercat_slave *cd_ethercat_slave_of(struct cd_ethercat_state *s, uint16_t station);
/* Its subject: nested below the master. `nested` must live as long as the subject. */
struct cd_subject cd_ethercat_subject(const struct cd_message *m, uint16_t station, char nested[32]);
/* Learns from one datagram for one slave: what was written on the way out, what was read on the way back. `who` is its station address, or its position where that is not
 * known. */
void cd_ethercat_learn(struct cd_message *m, const struct cd_ethercat_datagram *d, uint16_t who, bool has_station,
                       bool returned);
/* Identity of a slave: numbers 1 to 4 are vendor, product code, revision, serial number, as in object 0x1018. */
void cd_ethercat_report_identity(struct cd_message *m, uint16_t station, unsigned number, uint32_t value,
                                 unsigned confidence);

/* Reads a mailbox where the bytes are one. */
void cd_ethercat_mailbox(struct cd_message *m, struct cd_reader data, struct cd_ethercat_slave *slave);

/* ---- names; never NULL where not said ---- */

const char *cd_ethercat_command_name(uint8_t command);
/* NULL for the memory above the registers. */
const char *cd_ethercat_register_name(uint16_t offset);
const char *cd_ethercat_state_name(uint8_t al);          /* low four bits */
const char *cd_ethercat_status_code_name(uint16_t code); /* NULL where it has none */
const char *cd_ethercat_abort_name(uint32_t code);       /* of an SDO */
const char *cd_ethercat_vendor_name(uint32_t vendor);    /* NULL where unknown */

#endif

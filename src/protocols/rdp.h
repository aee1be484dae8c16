/* Remote Desktop Protocol ([MS-RDPBCGR]): T.125 (MCS) on X.224 class 0 on TPKT, later also fast-path packets beside TPKTs, or TLS.
 *
 *     TPKT (4) | LI | CR 0xe0, CC 0xd0 (reference 2, reference 2, class) | cookie | negotiation        connection (2.2.1.1, 2.2.1.2)
 *     TPKT (4) | 02 f0 80 | MCS PDU                                                                    all that follows, in clear only
 *                                                                                                      under standard RDP security
 *     action and flags | length (1 or 2) | ...                                                         fast-path (2.2.8.1.2, 2.2.9.1.2)
 *
 * S7 and MMS lie on the same TPKT and X.224; they show themselves by their transport selectors, RDP by its cookie and negotiation. */
#ifndef CD_PROTOCOLS_RDP_H
#define CD_PROTOCOLS_RDP_H

#include "protocols/dissector.h"
#include "protocols/tls_carried.h"

enum {
    CD_RDP_CHANNELS_MAX = 31, /* [MS-RDPBCGR] 2.2.1.3.4 */
    CD_RDP_CHANNEL_NAME = 8,
    CD_RDP_CLIENT_NAME = 32,
};

/* RDP_NEG_REQ, RDP_NEG_RSP, RDP_NEG_FAILURE (2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2) */
enum { CD_RDP_NEGOTIATION_REQUEST = 1, CD_RDP_NEGOTIATION_RESPONSE = 2, CD_RDP_NEGOTIATION_FAILURE = 3 };
/* Security protocols, as bits where they are offered; 0 is standard RDP security. */
enum {
    CD_RDP_TLS = 1,
    CD_RDP_CREDSSP = 2,
    CD_RDP_RDSTLS = 4,
    CD_RDP_CREDSSP_EARLY = 8,
    CD_RDP_AAD = 16,
};

enum { CD_RDP_MCS_TAG = 0x7f, CD_RDP_MCS_CONNECT_INITIAL = 101, CD_RDP_MCS_CONNECT_RESPONSE = 102 };

/* DomainMCSPDU of T.125 by its choice, the six high bits of the first byte. */
enum {
    CD_RDP_MCS_ERECT_DOMAIN = 1,
    CD_RDP_MCS_DISCONNECT = 8,
    CD_RDP_MCS_ATTACH_USER = 10,
    CD_RDP_MCS_ATTACH_USER_CONFIRM = 11,
    CD_RDP_MCS_JOIN = 14,
    CD_RDP_MCS_JOIN_CONFIRM = 15,
    CD_RDP_MCS_SEND_DATA = 25,
    CD_RDP_MCS_SEND_DATA_INDICATION = 26,
};

/* A connection request or confirm. */
struct cd_rdp_connect {
    struct cd_reader cookie; /* the value of "Cookie: mstshash=", base NULL where there is none */
    bool has_cookie;         /* that, or a routing token */
    uint8_t negotiation;     /* 0: none */
    uint32_t value;          /* protocols offered, protocol chosen, or failure code */
};

/* The client's data blocks (2.2.1.3). */
struct cd_rdp_client_data {
    bool has_core, has_security;
    uint16_t width, height;
    uint32_t keyboard_layout, build;
    const uint8_t *name; /* CD_RDP_CLIENT_NAME bytes, UTF-16LE, NUL-terminated */
    uint32_t encryption_methods;
    uint32_t n_channels;
    const uint8_t *channels; /* CD_RDP_CHANNEL_NAME bytes of name and 4 of options each */
};

/* The server's data blocks (2.2.1.4). */
struct cd_rdp_server_data {
    bool has_security;
    uint32_t encryption_method, encryption_level;
    struct cd_reader certificate; /* 2.2.1.4.3.1 */
    uint16_t io_channel;
    uint32_t n_channels;
    struct cd_reader channels; /* two bytes each */
};

/* TS_INFO_PACKET (2.2.1.11.1.1), where it is sent without encryption. */
struct cd_rdp_info {
    bool unicode;
    struct cd_reader domain, user;
    uint16_t password_len;
};

/* The variable part of an X.224 connection request or confirm. */
bool cd_rdp_parse_connect(struct cd_reader *r, struct cd_rdp_connect *ret);
/* MCS connect initial and connect response, from their tag on; *ret_result is the response's result (T.125 Result, 0: successful). */
bool cd_rdp_parse_connect_initial(struct cd_reader *r, struct cd_rdp_client_data *ret);
bool cd_rdp_parse_connect_response(struct cd_reader *r, uint8_t *ret_result, struct cd_rdp_server_data *ret);
/* The client info packet behind its security header. */
bool cd_rdp_parse_info(struct cd_reader *r, struct cd_rdp_info *ret);

/* Of one connection. */
struct cd_rdp_state {
    struct cd_tls_carried tls;
    bool begun; /* a TPKT was seen: fast-path packets may follow */
    uint16_t io_channel;
    uint8_t n_channels;
    uint16_t channels[CD_RDP_CHANNELS_MAX];                   /* numbers, by the server */
    char names[CD_RDP_CHANNELS_MAX][CD_RDP_CHANNEL_NAME + 1]; /* by the client, in the same order */
};

/* Ids of open requests: the kind above the number. */
enum { CD_RDP_ID_CONNECT = 1, CD_RDP_ID_JOIN, CD_RDP_ID_ATTACH, CD_RDP_ID_INITIAL };
static inline uint64_t cd_rdp_id(uint64_t kind, uint32_t number)
{
    return kind << 48 | number;
}

/* Reads and reports what is in a data TPDU (rdp_mcs.c); m->state is a struct cd_rdp_state. */
void cd_rdp_take_data(struct cd_message *m, struct cd_reader *r);

#endif

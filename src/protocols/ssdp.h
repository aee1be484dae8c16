/* SSDP (UPnP Device Architecture 1.1, clause 1): HTTP-like announcements on UDP 1900. */
#ifndef CD_PROTOCOLS_SSDP_H
#define CD_PROTOCOLS_SSDP_H

#include "base/reader.h"

enum { CD_SSDP_HEADERS_MAX = 64 /* announcements have about ten; more are a fault */ };

struct cd_ssdp_text {
    const char *at; /* borrowed, not terminated */
    size_t len;     /* 0 where absent */
};

enum cd_ssdp_kind { CD_SSDP_SEARCH, CD_SSDP_NOTIFY, CD_SSDP_RESPONSE };

struct cd_ssdp_message {
    enum cd_ssdp_kind kind;
    unsigned status;              /* of a response */
    struct cd_ssdp_text target;   /* ST, or NT of a notification */
    struct cd_ssdp_text sub_type; /* NTS: ssdp:alive, ssdp:byebye, ssdp:update */
    struct cd_ssdp_text server, user_agent, location, usn;
};

bool cd_ssdp_parse(struct cd_reader *r, struct cd_ssdp_message *ret);

#endif

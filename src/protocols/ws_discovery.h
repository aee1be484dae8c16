/* WS-Discovery (OASIS WS-Discovery 1.1, and the draft of April 2005 that devices speak): SOAP over UDP 3702, by which cameras (ONVIF), printers and
 * computers (DPWS) announce themselves and are looked for. */
#ifndef CD_PROTOCOLS_WS_DISCOVERY_H
#define CD_PROTOCOLS_WS_DISCOVERY_H

#include "protocols/xml.h"

enum { CD_WS_DEVICES_MAX = 8 };

enum cd_ws_kind { CD_WS_HELLO, CD_WS_BYE, CD_WS_PROBE, CD_WS_PROBE_MATCHES, CD_WS_RESOLVE, CD_WS_RESOLVE_MATCHES };

/* What one device says of itself: texts as they stand, lists divided by blanks. */
struct cd_ws_device {
    struct cd_http_value endpoint; /* "urn:uuid:..." */
    struct cd_http_value types;    /* "dn:NetworkVideoTransmitter" */
    struct cd_http_value scopes;   /* "onvif://www.onvif.org/hardware/D1-553" */
    struct cd_http_value addresses;
};

struct cd_ws_message {
    enum cd_ws_kind kind;
    struct cd_http_value id, relates_to;
    struct cd_ws_device devices[CD_WS_DEVICES_MAX]; /* one in all but the matches; in Probe the types looked for */
    unsigned n_devices;
};

/* One datagram; false (and *ret untouched) where it is none, *ret_bad then says why. */
bool cd_ws_discovery_parse(const char *bytes, size_t len, struct cd_ws_message *ret, const char **ret_bad);

/* Tells what a device says of itself by types and scopes. */
void cd_ws_report_types(struct cd_message *m, const struct cd_subject *s, const struct cd_http_value *types);
void cd_ws_report_scopes(struct cd_message *m, const struct cd_subject *s, const struct cd_http_value *scopes);

#endif

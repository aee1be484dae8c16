/* UPnP control (Device Architecture 2.0, 3): actions on services of routers, switches and players, as SOAP over HTTP. The http dissector reads the
 * head and asks here whose it is:
 *
 *     SOAPACTION: "urn:schemas-upnp-org:service:WANIPConnection:1#AddPortMapping" */
#ifndef CD_PROTOCOLS_UPNP_H
#define CD_PROTOCOLS_UPNP_H

#include "protocols/http.h"

struct cd_upnp_action {
    struct cd_http_value service; /* "WANIPConnection" */
    struct cd_http_value action;  /* "AddPortMapping" */
};

/* The value of SOAPACTION; false (and *ret untouched) where it is none of UPnP's. */
bool cd_upnp_parse(const struct cd_http_value *soap_action, struct cd_upnp_action *ret);
/* Reports the request as the http dissector's own would be: under this id, in upnp's name; false where it is none. */
bool cd_upnp_report_request(struct cd_message *m, const struct cd_http_value *soap_action, uint64_t id);

#endif

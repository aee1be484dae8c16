/* Bodies of HTTP in XML by which devices name themselves: SOAP messages of ONVIF (Device Management, GetDeviceInformation) and DPWS (metadata), and
 * device descriptions of UPnP (Device Architecture 2.0, 2.3). The http dissector takes them with the head, at most 16 KiB, and asks here. */
#ifndef CD_PROTOCOLS_SOAP_H
#define CD_PROTOCOLS_SOAP_H

#include "protocols/dissector.h"

/* A request: who signs in (WS-Security UsernameToken Profile 1.1), and whether in clear. */
void cd_soap_report_request(struct cd_message *m, const char *bytes, size_t len);
/* A response: facts about the server. What stands before the end of a body that is cut counts. */
void cd_soap_report_response(struct cd_message *m, const char *bytes, size_t len);

#endif

/* What keeps a network going: time (NTP, RFC 5905), management (SNMP v2c, RFC 3416), neighbours (LLDP, IEEE 802.1AB), addresses (DHCP,
 * RFC 2131), and pages of devices (HTTP/1.1, RFC 9112). Each begins at time_ns and gives the time at which it has ended. */
#ifndef PLANTSIM_SPEAK_NETWORK_H
#define PLANTSIM_SPEAK_NETWORK_H

#include "sim.h"

/* A host asks a primary server with a satellite clock. */
uint64_t ntp_ask(struct sim *s, struct device *client, struct device *server, uint64_t time_ns);

/* A management station's socket to a device. */
struct snmp {
    struct device *client, *server;
    uint16_t port;
    uint64_t last_ns;
};
struct snmp snmp_start(struct device *client, struct device *server);
/* The system group: description and name; of a power supply its own name plate. */
uint64_t snmp_read_system(struct sim *s, struct snmp *c, uint64_t time_ns);
uint64_t snmp_read_ups(struct sim *s, struct snmp *c, uint64_t time_ns);
/* Counters of the interfaces, as a management station reads them again and again. */
uint64_t snmp_read_interfaces(struct sim *s, struct snmp *c, uint64_t time_ns);

/* A switch advertises itself on the mirrored port. */
void lldp_advertise(struct sim *s, struct device *bridge, uint64_t time_ns);

/* A host that has come gets its address: discover, offer, request, acknowledge. */
uint64_t dhcp_get_address(struct sim *s, struct device *host, struct device *server, uint64_t time_ns);

/* A page with a simple sign-in. The server tells its program. */
uint64_t http_get(struct sim *s, struct device *client, struct device *server, const char *page, const char *program,
                  const char *user_and_password_base64, const char *user, uint64_t time_ns);

#endif

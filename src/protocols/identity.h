/* What the dissectors of addresses and names (ARP, ND, DHCP, DNS, LLDP, SNMP, ...) share. */
#ifndef CD_PROTOCOLS_IDENTITY_H
#define CD_PROTOCOLS_IDENTITY_H

#include "protocols/dissector.h"

/* The IP address (or MAC in its IP form) that sent, or was sent, the message. */
const struct cd_ip *cd_message_sender(const struct cd_message *m);
const struct cd_ip *cd_message_receiver(const struct cd_message *m);

/* The MAC that a message came from, by its frame (the inner one of a tunnel); CD_NO_MAC where there is none. */
cd_mac cd_message_sender_mac(const struct cd_message *m);

/* `mac` says it uses `ip`; nothing where either can't be one device's. */
void cd_report_address(struct cd_message *m, cd_mac mac, const struct cd_ip *ip, unsigned confidence);
/* `subject` says this MAC is its own. */
void cd_report_hardware_address(struct cd_message *m, const struct cd_subject *subject, cd_mac mac,
                                unsigned confidence);
/* A fact whose value is an IP address (GATEWAY, say). */
void cd_report_fact_ip(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                       const struct cd_ip *ip, unsigned confidence);
/* A fact whose value is a number. */
void cd_report_fact_u64(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                        uint64_t value, unsigned confidence);

/* Addresses that a group of routers shares (VRRP, HSRP, GLBP): in frames beside the sender's own. */
bool cd_mac_is_virtual_router(cd_mac mac);

/* A system description (SNMP sysDescr, LLDP, CDP): reported in one line as DESCRIPTION and, where it has one of the forms
 * makers are known to use, taken apart into vendor, model, order number, firmware, hardware revision and OS. */
void cd_report_system_description(struct cd_message *m, const struct cd_subject *subject, const uint8_t *text,
                                  size_t len, unsigned confidence);

#endif

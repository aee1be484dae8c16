/* The closed vocabularies of observations: operation classes, attributes, event kinds. Append only: numbers go over the wire
 * (observation.proto) and into stores. */
#ifndef CD_OBSERVE_VOCABULARY_H
#define CD_OBSERVE_VOCABULARY_H

enum cd_class {
    CD_CLASS_READ,
    CD_CLASS_WRITE,
    CD_CLASS_CONTROL, /* acts on the process: operate an output, force a point */
    CD_CLASS_PROGRAM, /* changes or reads out a controller's program */
    CD_CLASS_FIRMWARE,
    CD_CLASS_MODE,      /* run, stop, reset, restart */
    CD_CLASS_CONFIGURE, /* names, addresses, clocks, communication settings */
    CD_CLASS_DIAGNOSE,
    CD_CLASS_IDENTIFY,
    CD_CLASS_SESSION,
    CD_CLASS_ALARM,
    CD_CLASS_FILE,
    CD_CLASS_OTHER,
    CD_CLASSES
};

enum cd_attribute {
    CD_ATTRIBUTE_ADDRESS, /* subject: a MAC; value: an IP address it uses (protocol ip) or claims (arp, nd, dhcp, …) */
    CD_ATTRIBUTE_VLAN,    /* a VLAN it was seen in */
    CD_ATTRIBUTE_VENDOR,
    CD_ATTRIBUTE_MODEL, /* product name or type */
    CD_ATTRIBUTE_ORDER_NUMBER,
    CD_ATTRIBUTE_FIRMWARE,
    CD_ATTRIBUTE_HARDWARE, /* hardware revision */
    CD_ATTRIBUTE_SERIAL,
    CD_ATTRIBUTE_NAME, /* host or station name */
    CD_ATTRIBUTE_OS,
    CD_ATTRIBUTE_ROLE, /* "plc", "io-device", "switch", "router", "hmi", "dns-server", … */
    CD_ATTRIBUTE_LOCATION,
    CD_ATTRIBUTE_CONTACT,
    CD_ATTRIBUTE_DESCRIPTION,  /* free text the device gives of itself: sysDescr, BACnet description */
    CD_ATTRIBUTE_DOMAIN,       /* Windows or DNS domain */
    CD_ATTRIBUTE_SOFTWARE,     /* a program it runs: Server or User-Agent header, SSH banner, FTP greeting */
    CD_ATTRIBUTE_DEVICE_TYPE,  /* the protocol's own type: CIP device type, LLDP capabilities */
    CD_ATTRIBUTE_SERVICE,      /* a service it announces: mDNS, SSDP */
    CD_ATTRIBUTE_STATE,        /* run, stop, fault … */
    CD_ATTRIBUTE_PROGRAM,      /* the name of its project or program */
    CD_ATTRIBUTE_MODULE,       /* a module it says it holds: "slot 3: 1756-EN2T" */
    CD_ATTRIBUTE_PORT,         /* its port as neighbours are told: LLDP, CDP */
    CD_ATTRIBUTE_NEIGHBOUR,    /* another device's identity it reports (a routed BACnet network, an ARP cache entry) */
    CD_ATTRIBUTE_GATEWAY,      /* a router it was told to use, or that it is one */
    CD_ATTRIBUTE_VENDOR_CLASS, /* DHCP option 60 / 16 */
    CD_ATTRIBUTE_DHCP_FINGERPRINT, /* DHCP option 55 / 6 as numbers */
    CD_ATTRIBUTE_TLS_JA4,          /* client fingerprint */
    CD_ATTRIBUTE_TLS_VERSION,
    CD_ATTRIBUTE_CERTIFICATE, /* subject; issuer; names; not before; not after; key; signature: one line */
    CD_ATTRIBUTE_USER,        /* an account used from or on it (never a secret) */
    CD_ATTRIBUTE_INSTANCE,    /* BACnet device instance, DNP3 address, PROFINET device id: the protocol's own number */
    CD_ATTRIBUTE_CLOCK,       /* time source or time error */
    CD_ATTRIBUTE_HARDWARE_ADDRESS, /* a MAC the device says it has, told in a payload */
    CD_ATTRIBUTES
};

enum cd_event_kind {
    CD_EVENT_DANGEROUS_OPERATION, /* one program, firmware, mode, control or configure operation */
    CD_EVENT_MALFORMED,           /* a PDU whose field did not fit: detail names it */
    CD_EVENT_VIOLATION, /* well-formed but against the protocol: wrong state, wrong length, unknown function */
    CD_EVENT_CLEARTEXT_CREDENTIAL,
    CD_EVENT_CLEARTEXT_PATIENT_DATA,
    CD_EVENT_WEAK_CRYPTOGRAPHY, /* old TLS, weak cipher, key, or signature; expired certificate */
    CD_EVENT_DUPLICATE_IP,
    CD_EVENT_ARP_ANOMALY,
    CD_EVENT_SCAN,
    CD_EVENT_TCP_OVERLAP, /* the same sequence numbers with other content */
    CD_EVENT_PROTOCOL_ON_OTHER_PORT,
    CD_EVENT_AUTHENTICATION_FAILED,
    CD_EVENT_DEVICE_ERROR, /* a device reports a fault of its own */
    CD_EVENT_IP_FRAGMENT_OVERLAP,
    CD_EVENTS
};

/* The names used in the API, the store and on screen. */
const char *cd_class_name(enum cd_class class);
const char *cd_attribute_name(enum cd_attribute attribute);
const char *cd_event_kind_name(enum cd_event_kind kind);

#endif

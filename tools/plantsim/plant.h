/* The devices of a plant and how they hang together. The capture point is a mirror of the core switch: a device on the core segment is
 * seen by its own MAC, one behind a router by the router's, with the time to live counted down. */
#ifndef PLANTSIM_PLANT_H
#define PLANTSIM_PLANT_H

#include "base/address.h"

#include <stdbool.h>
#include <stdint.h>

/* What a device may tell of itself. */
enum tells {
    TELLS_VENDOR = 1 << 0,
    TELLS_MODEL = 1 << 1,
    TELLS_ORDER_NUMBER = 1 << 2,
    TELLS_FIRMWARE = 1 << 3,
    TELLS_HARDWARE = 1 << 4,
    TELLS_SERIAL = 1 << 5,
    TELLS_NAME = 1 << 6,
    TELLS_OS = 1 << 7
};

/* A product, as its name plate and its answers give it; NULL where it has no such thing. */
struct model {
    const char *type; /* in the words of the inventory: plc, rtu, switch, ... */
    const char *vendor, *model, *order_number, *firmware, *hardware;
    const char *description;    /* of itself, by SNMP and LLDP */
    uint16_t description_tells; /* enum tells: what can be read out of that */
    uint16_t cip_type;          /* device type of the CIP profile */
    const char *serial_prefix;  /* of its serial number */
    const char *os;
    const char *mac_holder; /* who holds the range of its MACs, as IEEE lists it */
    uint32_t oui;
    uint8_t ttl; /* with which it sends */
};

struct device {
    const struct model *model;
    struct device *router; /* the router behind which it is; NULL on the core segment */
    struct device *parent; /* of units and modules: what they are reached through */
    const char *scheme;    /* of those: how they are addressed below the parent: "modbus", "cip" */
    char slot[12];         /* and the address there */
    char name[32], serial[24];
    cd_mac mac;
    uint32_t ip;
    uint32_t number; /* in the plant, from 0 */
    uint16_t told;   /* enum tells: what it has told so far */
    bool sent;       /* it has sent something: it exists for an observer */
    uint16_t ip_id, last_port;
};

struct plant {
    struct device *devices;
    uint32_t n_devices, size;
    uint32_t macs_given;
};

void plant_start(struct plant *p, uint32_t size);
void plant_free(struct plant *p);

/* A new device at this address; router NULL on the core segment. The plant must not be full. */
struct device *plant_add(struct plant *p, const struct model *model, uint32_t ip, struct device *router,
                         const char *name);
/* A new unit or module of the parent. */
struct device *plant_add_below(struct plant *p, const struct model *model, struct device *parent, const char *scheme,
                               const char *slot);
/* A client port that the device has not used lately. */
uint16_t plant_next_port(struct device *d);

#endif

/* The working state of one cd_inventory_resolve(). Internal to the files named in resolve.c. */
#ifndef CD_HUB_INVENTORY_RESOLVE_H
#define CD_HUB_INVENTORY_RESOLVE_H

#include "hub/inventory/model.h"
#include "hub/inventory/order.h"
#include "hub/inventory/show.h"

/* What is known of one address by itself. */
struct place {
    bool is_mac, is_device; /* is_device: its form allows it to be one device's (no group, loopback, ...) */
    bool is_virtual;        /* the MAC of a group of routers */
    bool sent;              /* it has sent something, or claimed the address: it exists */
    address_id told_mac;    /* the MAC that the device at this IP tells as its own, or NONE */
    bool contested;         /* more than one node has, or had, this IP */
    bool is_gateway;        /* others were told to use this IP as their router */
    uint64_t first_ns, last_ns;
    uint32_t node; /* the node that has it now, or NONE */
};

/* An IP address seen with a MAC. */
struct binding {
    address_id mac, ip;
    bool claimed; /* ARP, ND, DHCP: the MAC says that the IP is its own */
    bool sourced; /* packets of the IP came from the MAC */
    bool near;    /* and their time to live says that no router had passed them on */
    bool own;     /* what became of it: the MAC's own address, or only passing through */
    uint64_t first_ns, last_ns, count;
};

/* One candidate for an asset: a MAC, or an IP known without one, or something nested below. Nodes found to be one device are joined: the
 * one that `up` leads to stands for all. */
struct node {
    uint32_t up;
    address_id anchor; /* 0 for nested ones */
    uint32_t parent;   /* of nested ones: a node; NONE otherwise */
    text_id nested;
    uint64_t first_ns, last_ns;
    uint32_t router; /* the node behind which its IP is known, or NONE */
    bool forwards, virtual_address;
    char id[17]; /* made of the anchor alone, so it never changes */
};

struct node_interface {
    uint32_t node;
    address_id mac, ip;
    uint64_t first_ns, last_ns;
    bool current;
};

/* A protocol spoken by an address, before addresses have become assets. */
struct spoken {
    address_id address;
    text_id protocol;
    bool serves, asks;
};

struct join {
    uint32_t given_up, into; /* nodes as they were */
    const char *evidence;
};

struct work {
    struct cd_inventory *inv;
    uint32_t *rank; /* by address: its place among all */
    address_id *by_rank;
    struct place *places;    /* by address */
    TABLE(binding) bindings; /* sorted by MAC, then IP */
    TABLE(node) nodes;
    TABLE(node_interface) interfaces;
    TABLE(spoken) spoken;
    TABLE(join) joins;
    uint32_t *node_of_fact; /* by fact: whose it is, or NONE */
    uint32_t *asset_of_node;
};

/* presence.c: gives every address that stands in a fact's value its number, before anything is laid out by address; then: which addresses exist, and what they speak. */
void cd_inventory_number_addresses(struct cd_inventory *inv);
void cd_resolve_presence(struct work *w);
/* bindings.c: whose IP addresses are whose: nodes and their interfaces. */
void cd_resolve_bindings(struct work *w);
/* subjects.c: which node each fact is about; makes nodes for what is nested. */
void cd_resolve_subjects(struct work *w);
/* merge.c: one device behind several addresses. */
void cd_resolve_merges(struct work *w);
/* assets.c: nodes become assets, sorted, with interfaces, facts, protocols and merges. */
void cd_resolve_assets(struct work *w);
/* attributes.c: the best of each attribute, and what held when. */
void cd_resolve_attributes(struct work *w);
/* classify.c: type, role, category, Purdue level, criticality, with the reason. */
void cd_resolve_classes(struct work *w);

/* The node that stands for this one. */
uint32_t cd_node_find(const struct work *w, uint32_t node);
uint32_t cd_node_add(struct work *w, const struct node *node);
/* The one that was seen first; of two seen at once, the one whose address comes first. */
bool cd_node_is_earlier(const struct work *w, uint32_t a, uint32_t b);
/* 16 hexadecimal digits of a hash over site and path. */
void cd_asset_id(const char *site, const char *anchor, const char *nested, char ret_id[17]);
/* A text that lives as long as what was resolved. */
const char *cd_resolved_text(struct cd_inventory *inv, const char *text);

#endif

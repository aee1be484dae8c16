/* A plant on paper: what sensors would tell, in a line each, for tests of the inventory. */
#ifndef TESTS_HUB_PLANT_H
#define TESTS_HUB_PLANT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/inventory/inventory.h"
#include "hub/inventory/model.h"
#include "observe/tables.h"

struct plant;

struct plant *plant_new(void);
void plant_free(struct plant *p);

/* Times are seconds after the plant's start. Addresses are texts, a MAC or an IP. */
void plant_packets(struct plant *p, unsigned at, const char *mac,
                   const char *ip); /* fresh packets of ip came from mac */
void plant_routed_packets(struct plant *p, unsigned at, const char *mac,
                          const char *ip); /* and such that a router had passed on */
void plant_arp(struct plant *p, unsigned at, const char *mac, const char *ip); /* mac claims ip by ARP */
void plant_fact(struct plant *p, unsigned at, const char *subject, const char *nested, enum cd_attribute attribute,
                const char *value, const char *protocol, unsigned confidence);
void plant_talk(struct plant *p, unsigned at, const char *client, const char *server, const char *protocol,
                uint16_t port);
void plant_ask(struct plant *p, unsigned at, const char *client, const char *server, const char *protocol,
               uint16_t port); /* without an answer */
void plant_operation(struct plant *p, unsigned at, const char *client, const char *server, const char *protocol,
                     const char *name, uint32_t code, enum cd_class class, const char *target);
/* The same, refused with this error (a literal). */
void plant_refusal(struct plant *p, unsigned at, const char *client, const char *server, const char *protocol,
                   const char *name, uint32_t code, const char *error);
void plant_event(struct plant *p, unsigned at, uint64_t frame, enum cd_event_kind kind, const char *client,
                 const char *server, const char *detail);

/* Everything told since the last call, as batches of the sensor's (sensor 0, 1, ...); the plant keeps them. */
void plant_flush(struct plant *p, unsigned sensor);
unsigned plant_batches(const struct plant *p);
/* Applies one batch; the inventory is the caller's. */
void plant_apply(const struct plant *p, unsigned batch, struct cd_inventory *inventory);
/* Flushes, applies all to a new inventory and resolves it; the plant frees it. */
struct cd_inventory *plant_resolve(struct plant *p);

/* The asset that has this address, or the one nested below it; fails where there is none. */
const struct asset *plant_asset(const struct cd_inventory *inv, const char *address);
const struct asset *plant_nested(const struct cd_inventory *inv, const char *address, const char *nested);
/* NULL where none has it. */
const struct asset *plant_find(const struct cd_inventory *inv, const char *address);
/* Whether the two addresses are of one device. */
bool plant_same(const struct cd_inventory *inv, const char *a, const char *b);
bool plant_has_ip(const struct cd_inventory *inv, const struct asset *asset, const char *ip);
/* The document as text; freed by the plant at its end. */
const char *plant_json(struct plant *p, const struct cd_inventory *inv);

#endif

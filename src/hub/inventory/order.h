/* Sorting by content: nothing that is shown depends on the order of arrival or on a hash. */
#ifndef CD_HUB_INVENTORY_ORDER_H
#define CD_HUB_INVENTORY_ORDER_H

#include "hub/inventory/model.h"

struct sort_key {
    uint64_t high, low;
    uint32_t item;
};

/* Decides between items of equal keys, as strcmp does. */
typedef int sort_tie(const void *context, uint32_t a, uint32_t b);

/* Sorts by (high, low), then by `tie` (NULL where keys are unique). Linear in n for large n: bytes in which all keys agree cost nothing. */
void cd_sort_keys(struct sort_key *keys, uint32_t n, sort_tie *tie, const void *context);

/* Where each address stands among all: IPv4, then IPv6 and MACs. The caller frees it. */
uint32_t *cd_inventory_rank_addresses(const struct cd_inventory *inv);

/* Numbers in the order in which they are shown; the caller frees them. */
uint32_t *cd_inventory_order_conversations(const struct cd_inventory *inv);
/* Operations of some classes (bit 1 << class each). *ret_n: how many there are. */
uint32_t *cd_inventory_order_operations(const struct cd_inventory *inv, uint32_t classes, uint32_t *ret_n);
/* Events of some kinds (bit 1 << kind each). Of each (kind, protocol, client, server) no more than a sensor keeps, the first ones: so it makes no difference how many
 * workers shared the work. *ret_n: how many are left. */
uint32_t *cd_inventory_order_events(const struct cd_inventory *inv, uint32_t kinds, uint32_t *ret_n);

/* Compares texts so that 2 comes before 10. */
int cd_compare_natural(const char *a, const char *b);

#endif

/* Who a MAC address range is assigned to: MA-L (24 bits), MA-M (28), MA-S and IAB (36), the longest prefix wins. */
#ifndef CD_HUB_INVENTORY_OUI_H
#define CD_HUB_INVENTORY_OUI_H

#include "base/address.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends the holder's name; false where there is none (locally administered, private, not assigned, or no list). The lists of the ieee-data package are
 * read at the first call. */
bool cd_oui_vendor(cd_mac mac, struct cd_text *ret_name);
/* Assignments known; 0 where neither the package nor another file was found. */
uint32_t cd_oui_count(void);

#endif

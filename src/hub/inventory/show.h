/* What the JSON document and the summary share. */
#ifndef CD_HUB_INVENTORY_SHOW_H
#define CD_HUB_INVENTORY_SHOW_H

#include "base/text.h"
#include "hub/inventory/model.h"

/* An address as text; nothing for none. */
void cd_text_address(struct cd_text *t, const struct cd_inventory *inv, address_id address);
/* "device", "module", "unit". */
const char *cd_asset_kind_name(enum asset_kind kind);
/* Calls `tell` with each sentence that limits how far the result can be trusted, the gravest first. */
void cd_inventory_limitations(const struct cd_inventory *inv, void (*tell)(void *context, const char *text),
                              void *context);
/* The "trust" object of the document; the caller frees it. */
char *cd_inventory_trust_json(const struct cd_inventory *inv, size_t *ret_len);

#endif

/* What a device is. The rules are the table in classify.c. */
#ifndef CD_HUB_INVENTORY_CLASSIFY_H
#define CD_HUB_INVENTORY_CLASSIFY_H

/* Category, usual Purdue level and criticality of a type of device. */
struct cd_asset_type {
    const char *name, *category,
        *purdue;          /* category ot, it, bms, iot, iomt, network; purdue "" where it has no level */
    unsigned criticality; /* 1 to 5; 0 unknown */
};

/* The type of this name, or that of "unknown". */
const struct cd_asset_type *cd_asset_type_find(const char *name);

#endif

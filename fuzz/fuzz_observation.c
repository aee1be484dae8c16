/* What the hub takes from a sensor that may be owned: any bytes as a batch, into an inventory, resolved and written out. */
#include "hub/inventory/inventory.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int sink = -1;
    struct cd_error e;
    if (sink < 0)
        sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct cd_inventory *inventory = cd_inventory_new("default");
    if (cd_inventory_apply(inventory, data, size, &e) == 0) {
        cd_inventory_resolve(inventory);
        (void)cd_inventory_write_json(inventory, sink, &e);
        (void)cd_inventory_write_summary(inventory, sink, NULL, &e);
    }
    cd_inventory_free(inventory);
    return 0;
}

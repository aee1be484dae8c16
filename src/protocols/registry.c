/* The registry: protocols.def turned into an array. */
#include "protocols/dissector.h"

#include <string.h>

const struct cd_dissector *const cd_dissectors[] = {
#define CD_PROTOCOL(id) &cd_dissector_##id,
#include "protocols/protocols.def"
#undef CD_PROTOCOL
    NULL,
};

const struct cd_dissector *cd_dissector_find(const char *name)
{
    for (size_t i = 0; cd_dissectors[i]; i++)
        if (strcmp(cd_dissectors[i]->name, name) == 0)
            return cd_dissectors[i];
    return NULL;
}

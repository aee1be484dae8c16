#include "observe/health.h"

#include <string.h>

void cd_health_count_layer(struct cd_health *health, const char *layer)
{
    uint32_t i = 0;
    while (i < health->n_layers && strcmp(health->layers[i].layer, layer) != 0)
        i++;
    if (i == CD_HEALTH_LAYERS_MAX)
        i--;
    if (i == health->n_layers)
        health->layers[health->n_layers++] = (struct cd_health_layer){.layer = layer};
    health->layers[i].bad_frames++;
}

void cd_health_clear(struct cd_health *health)
{
    *health = (struct cd_health){0};
}

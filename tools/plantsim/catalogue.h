/* Products that the plants are made of. Facts of their name plates, as the devices of these makers tell them. */
#ifndef PLANTSIM_CATALOGUE_H
#define PLANTSIM_CATALOGUE_H

#include "plant.h"

extern const struct model scada_server, engineering_station, area_router, core_switch, clock_server, modicon_m340,
    power_meter, modbus_gateway;

#endif

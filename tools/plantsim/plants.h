/* The plants that can be played. A plant fills sim->plant up to sim->devices and sets its stories going. */
#ifndef PLANTSIM_PLANTS_H
#define PLANTSIM_PLANTS_H

#include "sim.h"

void plant_water(struct sim *s);
void plant_car_body(struct sim *s);
void plant_substation(struct sim *s);
void plant_hospital(struct sim *s);

#endif

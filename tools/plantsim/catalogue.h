/* Products that the plants are made of. Facts of their name plates, as the devices of these makers tell them. */
#ifndef PLANTSIM_CATALOGUE_H
#define PLANTSIM_CATALOGUE_H

#include "plant.h"

/* computers */
extern const struct model scada_server, operator_station, engineering_station, office_server, service_laptop,
    office_laptop;
/* the network */
extern const struct model area_router, core_switch, clock_server, power_supply;
/* control */
extern const struct model simatic_315, modicon_m340, sel_rtu, modbus_gateway, power_meter;
/* electricity */
extern const struct model siprotec_7sj, remote_terminal_unit;
/* buildings */
extern const struct model building_server, network_engine, air_controller, room_controller, printer;
/* car bodies */
extern const struct model line_server, ethernet_bridge, logix_processor, digital_inputs, digital_outputs, analog_inputs,
    powerflex_drive, wago_controller, distributed_io;
/* medicine */
extern const struct model patient_monitor, integration_engine;

#endif

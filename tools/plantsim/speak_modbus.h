/* Modbus/TCP (Modbus Messaging on TCP/IP V1.0b, Application Protocol V1.1b3). */
#ifndef PLANTSIM_SPEAK_MODBUS_H
#define PLANTSIM_SPEAK_MODBUS_H

#include "sim.h"
#include "tcp.h"

enum { MODBUS_PORT = 502 };
enum modbus_function {
    MODBUS_READ_COILS = 1,
    MODBUS_READ_DISCRETE_INPUTS = 2,
    MODBUS_READ_HOLDING_REGISTERS = 3,
    MODBUS_READ_INPUT_REGISTERS = 4
};
enum modbus_exception { MODBUS_NO_EXCEPTION = 0, MODBUS_ILLEGAL_DATA_ADDRESS = 2, MODBUS_NO_ANSWER_FROM_TARGET = 11 };

/* A connection from a client to a device or gateway. */
struct modbus {
    struct tcp tcp;
    uint16_t transaction;
};

/* One unit and a block of what it holds. */
struct modbus_block {
    struct device *device; /* which answers: the server itself, or a unit of it */
    uint8_t unit;
    enum modbus_function function;
    uint16_t address, quantity;
    uint16_t level, swing; /* of the values */
};

void modbus_start(struct sim *s, struct modbus *m, struct device *client, struct device *server);
void modbus_read(struct sim *s, struct modbus *m, const struct modbus_block *block, enum modbus_exception exception);
void modbus_read_in_vain(struct sim *s, struct modbus *m, const struct modbus_block *block);
void modbus_write_coil(struct sim *s, struct modbus *m, struct device *device, uint8_t unit, uint16_t address, bool on);
void modbus_write_registers(struct sim *s, struct modbus *m, struct device *device, uint8_t unit, uint16_t address,
                            uint16_t quantity, uint16_t value);
/* Asks the unit for its name plate (function 43 / 14): vendor, order number, firmware, and the model where it has one. */
void modbus_identify(struct sim *s, struct modbus *m, struct device *device, uint8_t unit);

#endif

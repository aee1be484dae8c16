/* The S7 protocol of SIMATIC S7-300 and S7-400. There is no public standard; the fields are those that its free implementations agree on. */
#ifndef PLANTSIM_SPEAK_S7_H
#define PLANTSIM_SPEAK_S7_H

#include "sim.h"
#include "tcp.h"

struct s7 {
    struct tcp tcp;
    uint16_t reference;
};

enum s7_as { S7_AS_PROGRAMMER = 1, S7_AS_PANEL = 2 };

void s7_start(struct sim *s, struct s7 *c, struct device *client, struct device *server);
/* After tcp_open: transport connection and negotiated sizes. */
void s7_set_up(struct sim *s, struct s7 *c, enum s7_as as);
/* The system state lists that hold the name plate: order number, hardware and firmware; name, type and serial number. */
void s7_read_name_plate(struct sim *s, struct s7 *c);
/* So many 32-bit floating-point values from the byte on. */
void s7_read_reals(struct sim *s, struct s7 *c, uint16_t db, uint16_t byte, uint16_t count, uint16_t level,
                   uint16_t swing);
/* A bit of a data block. */
void s7_write_bit(struct sim *s, struct s7 *c, uint16_t db, uint16_t byte, uint8_t bit, bool on);
void s7_stop(struct sim *s, struct s7 *c);
void s7_restart(struct sim *s, struct s7 *c);
/* A block of the program: to the controller (and put to work there), or from it. */
void s7_download_block(struct sim *s, struct s7 *c, const char *type_digits, const char *type, unsigned number,
                       size_t bytes);
void s7_upload_block(struct sim *s, struct s7 *c, const char *type_digits, const char *type, unsigned number,
                     size_t bytes);

#endif

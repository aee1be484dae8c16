/* Where frames go: a capture file, an interface, both, or nowhere. */
#ifndef PLANTSIM_OUTPUT_H
#define PLANTSIM_OUTPUT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct output {
    FILE *file; /* NULL: none */
    const char *path;
    bool is_pcapng;
    int socket;        /* -1: none */
    uint32_t speed;    /* simulated seconds that pass in a real one, in thousandths */
    uint64_t begin_ns; /* of the simulated time; 0 until the first frame */
    uint64_t real_begin_ns;
};

/* A file of Ethernet frames, times in microseconds: pcapng where its name ends so, else pcap. */
int output_open_file(struct output *o, const char *path, struct cd_error *e);
/* Sends on the interface too, at `speed` thousandths of the simulated pace. Needs the right to open packet sockets. */
int output_open_interface(struct output *o, const char *interface, uint32_t speed, struct cd_error *e);
/* Errors are set in e and returned. */
int output_frame(struct output *o, uint64_t time_ns, const uint8_t *bytes, size_t len, struct cd_error *e);
int output_close(struct output *o, struct cd_error *e);

#endif
